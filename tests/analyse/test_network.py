"""The signed network: signs, balance, communities."""

from __future__ import annotations

import itertools
import random

import duckdb
import networkx as nx
import pytest

from tests.analyse.conftest import connect, report
from whowhom.analyse import network
from whowhom.errors import UsageError


def _net(*edges: str) -> duckdb.DuckDBPyConnection:
    """``AAA+BBB`` is an act of aid, ``AAA-BBB`` an assault."""
    data = []
    for number, edge in enumerate(edges):
        kind = "AID" if "+" in edge else "ASSAULT"
        a, b = edge.replace("-", "+").split("+")
        data.append(report(f"e{number}", f"i{number}", kind, 1, actors=[a], recipients=[b]))
    return connect(data)


def test_edges(small: duckdb.DuckDBPyConnection) -> None:
    nodes, edges = network(small)
    assert [(e["a"], e["b"], e["weight"], e["score"], e["sign"]) for e in edges.to_pylist()] == [
        ("RUS", "USA", 2, -0.5, -1),  # the talks once, although either side is their actor
        ("CUB", "GBR", 1, 7.0, 1),
        ("CUB", "RUS", 1, -10.0, -1),
        ("CUB", "USA", 1, 7.0, 1),
        ("CUB CVL", "GBR", 1, 7.0, 1),
        ("CUB CVL", "USA", 1, 7.0, 1),
    ]
    weights = {n["key"]: (n["weight"], n["degree"]) for n in nodes.to_pylist()}
    assert weights == {
        "USA": (4, 3),
        "RUS": (3, 2),
        "CUB": (3, 3),
        "GBR": (2, 2),
        "CUB CVL": (2, 2),
    }
    # the one triad: USA with CUB, both against RUS
    assert edges.schema.metadata[b"balance"] == b"1.0"
    assert {n["key"] for n in nodes.to_pylist() if n["triads"]} == {"USA", "RUS", "CUB"}


def test_balance_is_the_share_of_triads_with_a_positive_product() -> None:
    # AAA, BBB, CCC are friends; BBB, CCC, DDD: friends of whom one is the other's friend's enemy
    with _net("AAA+BBB", "BBB+CCC", "AAA+CCC", "BBB+DDD", "CCC-DDD") as c:
        nodes, edges = network(c)
    shares = {n["key"]: (n["triads"], n["balanced"], n["balance"]) for n in nodes.to_pylist()}
    assert shares == {
        "AAA": (1, 1, 1.0),
        "BBB": (2, 1, 0.5),
        "CCC": (2, 1, 0.5),
        "DDD": (1, 0, 0.0),
    }
    assert edges.schema.metadata[b"triads"] == b"2"
    assert edges.schema.metadata[b"balanced"] == b"1"


def test_triads_are_those_that_counting_finds() -> None:
    random.seed(4)
    names = [a + b + "X" for a, b in itertools.product("ABCD", "ABC")]
    joined = random.sample(list(itertools.combinations(names, 2)), 40)
    with _net(*("+-"[n % 3 == 0].join(pair) for n, pair in enumerate(joined))) as c:
        nodes, edges = network(c)
    sign = {frozenset((e["a"], e["b"])): e["sign"] for e in edges.to_pylist()}
    found = dict.fromkeys(names, (0, 0))
    for triad in itertools.combinations(names, 3):
        sides = [sign.get(frozenset(pair), 0) for pair in itertools.combinations(triad, 2)]
        product = sides[0] * sides[1] * sides[2]
        for name in triad if product else ():
            found[name] = (found[name][0] + 1, found[name][1] + (product > 0))
    assert {n["key"]: (n["triads"], n["balanced"]) for n in nodes.to_pylist()} == {
        name: pair for name, pair in found.items() if any(name in edge for edge in sign)
    }
    graph = nx.Graph([tuple(edge) for edge in sign])
    assert int(edges.schema.metadata[b"triads"]) == sum(nx.triangles(graph).values()) // 3


def test_communities_are_of_those_who_cooperate() -> None:
    east = ["AAA+BBB", "BBB+CCC", "AAA+CCC", "AAA+DDD"]
    west = ["XXA+XXB", "XXB+XXC", "XXA+XXC"]
    with _net(*east, *west, "AAA-XXA", "BBB-XXB", "ZZZ-AAA") as c:
        nodes, _ = network(c)
    found = {n["key"]: n["community"] for n in nodes.to_pylist()}
    assert {found[k] for k in ("AAA", "BBB", "CCC", "DDD")} == {1}
    assert {found[k] for k in ("XXA", "XXB", "XXC")} == {2}
    assert found["ZZZ"] is None


def test_least_and_most(small: duckdb.DuckDBPyConnection) -> None:
    _, edges = network(small, least=2)
    assert edges.num_rows == 1
    nodes, edges = network(small, most=2)
    assert sorted(nodes["key"].to_pylist()) == ["RUS", "USA"] or nodes.num_rows == 2
    assert edges.num_rows == 1
    with pytest.raises(UsageError):
        network(small, most=0)


def test_an_empty_network() -> None:
    with connect([]) as c:
        nodes, edges = network(c)
    assert (nodes.num_rows, edges.num_rows) == (0, 0)
    assert edges.schema.metadata[b"balance"] == b""
