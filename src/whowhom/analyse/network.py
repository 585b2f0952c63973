"""The signed network of parties: who is with whom, who against whom, and does it hold together."""

# ruff: noqa: S608 - the SQL is made of fixed pieces; every value is bound

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from whowhom.analyse.counts import CONFLICT, COOPERATION, sides
from whowhom.analyse.filters import Filter
from whowhom.analyse.names import label
from whowhom.analyse.query import chosen, fetch, once
from whowhom.errors import DataError, UsageError
from whowhom.merge.schema import Unit

if TYPE_CHECKING:
    from whowhom.analyse.query import Source

NODES = pa.schema(
    [
        ("key", pa.string()),
        ("label", pa.string()),
        ("weight", pa.int64()),
        ("degree", pa.int64()),
        ("community", pa.int64()),
        ("triads", pa.int64()),
        ("balanced", pa.int64()),
        ("balance", pa.float64()),
    ]
)
EDGES = pa.schema(
    [
        ("a", pa.string()),
        ("b", pa.string()),
        ("weight", pa.int64()),
        ("score", pa.float64()),
        ("sign", pa.int64()),
        ("cooperation", pa.int64()),
        ("conflict", pa.int64()),
    ]
)
SEED = 1
"""Of the search for communities: the same network gives the same communities."""


def network(
    source: Source,
    filter_: Filter | None = None,
    *,
    unit: Unit = "incidents",
    least: int = 1,
    most: int | None = 150,
) -> tuple[pa.Table, pa.Table]:
    """The parties and what passes between them, as an undirected network with signs.

    An edge has a sign: that of the mean PLOVER score of all that passes between the two. A
    triad (three parties, each two of them joined) is balanced where the product of its signs is
    positive: friends of friends, or enemies of enemies (Cartwright and Harary 1956,
    "Structural balance", Psychological Review 63). Edges whose mean is 0 have no sign and make
    no triad. Communities are found by Louvain's method (Blondel and others 2008) on the
    cooperative acts alone, weighted by their number, always with the same seed; they say who
    works with whom in these texts, and no more.

    Args:
        source: a merged store, or a connection with its views.
        filter_: what counts; None is what happened.
        unit: as in :func:`~whowhom.analyse.counts`.
        least: an edge needs at least so many units.
        most: the parties with the most edges' weight that are kept; None keeps all.

    Returns:
        Two tables. Nodes: ``key``, ``label``, ``weight`` (sum over its edges), ``degree``,
        ``community`` (1 is the largest; null where it cooperates with nobody), ``triads``,
        ``balanced`` (numbers), ``balance`` (share; null without triads); from the most.
        Edges: ``a``, ``b`` (keys, in alphabetical order), ``weight`` (units), ``score`` (mean),
        ``sign`` (1, 0, -1; null where no type has a score), ``cooperation``, ``conflict`` (counts).
        The metadata of the edges' schema have ``triads``, ``balanced`` and ``balance`` of the
        whole network.

    Raises:
        UsageError: ``least`` or ``most`` is less than one.
        DataError: networkx is not installed.
    """
    for name, value in (("least", least), ("most", most)):
        if value is not None and value < 1:
            raise UsageError(f"{name}: {value} leaves nothing", do="Ask for at least one.")
    edges = _edges(source, filter_ or Filter(), unit, least)
    weights: dict[str, int] = defaultdict(int)
    for edge in edges:
        weights[edge["a"]] += edge["weight"]
        weights[edge["b"]] += edge["weight"]
    names = sorted(weights, key=lambda key: (-weights[key], key))[:most]
    kept = set(names)
    edges = [edge for edge in edges if edge["a"] in kept and edge["b"] in kept]
    weights.clear()
    degree: dict[str, int] = defaultdict(int)
    at = {name: i for i, name in enumerate(names)}
    signs = np.zeros((len(names), len(names)))
    for edge in edges:
        for end in (edge["a"], edge["b"]):
            weights[end] += edge["weight"]
            degree[end] += 1
        i, j = at[edge["a"]], at[edge["b"]]
        signs[i, j] = signs[j, i] = edge["sign"] or 0
    # Closed walks of length three from a node go round each of its triads twice: their number
    # is 2 (balanced + unbalanced), the sum of their signs 2 (balanced - unbalanced).
    joined = np.abs(signs)
    walks = np.einsum("ij,ji->i", joined @ joined, joined)
    signed = np.einsum("ij,ji->i", signs @ signs, signs)
    triads, balanced = np.rint(walks / 2).astype(int), np.rint((walks + signed) / 4).astype(int)
    community = _communities(edges)
    nodes = [
        {
            "key": name,
            "label": label(name),
            "weight": weights[name],
            "degree": degree[name],
            "community": community.get(name),
            "triads": int(triads[i]),
            "balanced": int(balanced[i]),
            "balance": int(balanced[i]) / int(triads[i]) if triads[i] else None,
        }
        for i, name in enumerate(names)
    ]
    nodes.sort(key=lambda node: (-weights[str(node["key"])], str(node["key"])))
    whole, even = int(triads.sum()) // 3, int(balanced.sum()) // 3
    summary = {
        "triads": str(whole),
        "balanced": str(even),
        "balance": str(even / whole) if whole else "",
    }
    return (
        pa.Table.from_pylist(nodes, schema=NODES),
        pa.Table.from_pylist(edges, schema=EDGES.with_metadata(summary)),
    )


def _edges(source: Source, filter_: Filter, unit: Unit, least: int) -> list[dict[str, Any]]:
    """Pairs in either direction as one edge; a unit counts once on an edge."""
    base, values = chosen(
        filter_,
        unit,
        [f"{once('actors')} as actor", f"{once('recipients')} as recipient", "score", "quad"],
    )
    base = f"select row_number() over () as n, * from ({base})"
    rows: list[dict[str, Any]] = fetch(
        source,
        f"""
        with joined as (
            select n, least(actor, recipient) as a, greatest(actor, recipient) as b,
                any_value(score) as score, any_value(quad) as quad
            from ({sides(base)}) group by all),
        edges as (
            select a, b, count(*) as weight, avg(score) as score,
                count(*) filter (where {COOPERATION}) as cooperation,
                count(*) filter (where {CONFLICT}) as conflict
            from joined group by a, b)
        select a, b, weight, score, sign(score)::bigint as sign, cooperation, conflict
        from edges where weight >= ? order by weight desc, a, b
        """,
        [*values, least],
    ).to_pylist()
    return rows


def _communities(edges: list[dict[str, Any]]) -> dict[str, int]:
    try:
        import networkx as nx  # type: ignore[import-untyped]
    except ImportError as error:
        raise DataError(
            "the network's communities need networkx", do="Install it: pip install networkx"
        ) from error
    graph = nx.Graph()
    # in one order, so that the seed gives the same result
    for edge in sorted(edges, key=lambda e: (e["a"], e["b"])):
        if edge["cooperation"]:
            graph.add_edge(edge["a"], edge["b"], weight=edge["cooperation"])
    if not graph:
        return {}
    found = nx.community.louvain_communities(graph, weight="weight", seed=SEED)
    groups = [sorted(group) for group in found]
    groups.sort(key=lambda group: (-len(group), group))
    return {name: number for number, group in enumerate(groups, 1) for name in group}
