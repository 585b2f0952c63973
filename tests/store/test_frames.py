"""A store and its events as Arrow, pandas, polars, DuckDB and NetworkX objects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import whowhom
from tests.engine.stub import StubCoder
from tests.store.test_store import code
from whowhom.merge import ensure
from whowhom.merge.schema import MERGED
from whowhom.model import Document
from whowhom.store import Events, Store
from whowhom.store.flat import COLUMNS
from whowhom.store.frames import NAMES
from whowhom.store.schema import EVENT_SCHEMA, records

TEXTS = (
    "Kenya met Uganda. Togo shelled Benin. perhaps Chad sued Niger.",
    "Togo shelled Benin. Kenya met Uganda. Benin shelled Togo.",
    "Nothing at all.",
)


def document(number: int, text: str) -> Document:
    return Document(
        f"d{number}", text, outlet="The Example", published=dt.date(1999, 3, 1 + number)
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("frames") / "store"
    code(folder, [document(n, text) for n, text in enumerate(TEXTS)])
    with whowhom.open(folder) as opened:
        yield ensure(opened)


@pytest.mark.parametrize("name", NAMES)
def test_every_table_is_the_same_everywhere(store: Store, name: str) -> None:
    arrow = store.to_arrow(name)
    assert arrow.num_rows > 0
    assert arrow.num_rows == store.sql(f"select count(*) from {name}").fetchone()[0]
    nested = store.to_pandas(name, flat=False)
    polars = store.to_polars(name)
    relation = store.to_duckdb(name)
    assert list(nested.columns) == polars.columns == arrow.column_names
    assert set(arrow.column_names) <= set(relation.columns)
    assert len(nested) == polars.height == len(relation.fetchall()) == arrow.num_rows
    assert polars.to_arrow().num_rows == arrow.num_rows


def test_types_are_right(store: Store) -> None:
    events = store.to_pandas("events", flat=False)
    assert str(events["date"].dtype).startswith("datetime64")
    assert isinstance(events["actors"][0], list)
    assert events["actors"][0][0]["country"] == "KEN"
    assert events["document"][0]["published"] == dt.date(1999, 3, 1)
    polars = store.to_polars("incidents")
    assert polars.schema["day"] == pl.Date
    assert polars.schema["outlets"] == pl.List(pl.String)
    incidents = store.to_pandas("incidents")
    assert incidents["reports"].dtype == incidents["killed_low"].dtype == pd.Int64Dtype()
    assert incidents["disputed"].dtype == pd.BooleanDtype()
    assert incidents["outlets"][0] == ["The Example"]


def test_flat_events_have_the_columns_of_the_export(store: Store) -> None:
    flat = store.to_pandas("events")
    assert list(flat.columns) == list(COLUMNS) == store.to_polars(flat=True).columns
    assert flat["killed_low"].dtype == pd.Int64Dtype()
    assert flat["quoted"].dtype == pd.BooleanDtype()
    assert flat["confidence"].dtype == "float64"
    assert str(flat["published"].dtype).startswith("datetime64")
    assert list(flat["actor_country"])[:2] == ["KEN", "TOG"]
    pd.testing.assert_frame_equal(store.events().to_pandas(), flat)
    empty = Events().to_pandas()
    assert list(empty.dtypes) == list(flat.dtypes)


def test_a_store_gives_what_its_events_give(store: Store) -> None:
    assert store.to_arrow("events") == store.events().to_arrow()
    assert Events.from_dicts(records(store.to_arrow(), EVENT_SCHEMA)) == store.events()
    assert store.to_arrow("incidents").schema == MERGED["incidents"]


def test_relations_go_on_from_there(store: Store) -> None:
    found = store.to_duckdb("events").aggregate("event_type, count(*) as n").order("n desc, 1")
    assert found.fetchall() == [("ASSAULT", 3), ("CONSULT", 2), ("ACCUSE", 1)]
    loose = store.events().to_duckdb().filter("event_type = 'CONSULT'")
    assert loose.project("document.id").fetchall() == [("d0",), ("d1",)]


def test_a_table_that_there_is_not_is_named(store: Store) -> None:
    with pytest.raises(whowhom.UsageError, match='Did you mean "incidents"'):
        store.to_pandas("incident")
    with pytest.raises(whowhom.UsageError, match="incidents has no flat form"):
        store.to_polars("incidents", flat=True)


def test_what_needs_merging_says_so(tmp_path: Path) -> None:
    code(tmp_path / "s", [document(0, TEXTS[0])])
    with whowhom.open(tmp_path / "s") as opened:
        for ask in (opened.to_arrow, opened.to_pandas, opened.to_polars, opened.to_duckdb):
            with pytest.raises(whowhom.StoreError, match="whowhom merge"):
                ask("incidents")
        assert opened.to_arrow("events").num_rows == 3


def test_an_empty_store_has_all_tables(tmp_path: Path) -> None:
    code(tmp_path / "s", [])
    with whowhom.open(tmp_path / "s") as opened:
        assert opened.to_pandas("events").shape == (0, len(COLUMNS))
        assert opened.to_polars("rejections").height == 0
        assert isinstance(opened.to_arrow("documents"), pa.Table)


def test_events_as_a_graph() -> None:
    coded = StubCoder().code(document(0, "Kenya met Uganda. Togo shelled Benin. Togo sued Benin."))
    graph = Events(coded.events).to_networkx()
    assert isinstance(graph, nx.MultiDiGraph)
    assert graph.number_of_edges("TOG", "BEN") == 2
    assert not graph.has_edge("BEN", "TOG")
    assert graph.nodes["TOG"] == {"label": "Togo", "country": "TOG", "sector": None}
    data = graph.get_edge_data("KEN", "UGA")[coded.events[0].id]
    assert data["date"] == dt.date(1999, 3, 1)
    assert data["sentence"] == "Kenya met Uganda."


def test_the_network_as_a_graph(store: Store, tmp_path: Path) -> None:
    nodes, edges = store.network()
    graph = store.to_networkx()
    assert set(graph) == set(nodes["key"].to_pylist())
    assert graph.number_of_edges() == edges.num_rows
    assert graph["BEN"]["TOG"]["sign"] == -1
    assert "community" not in graph.nodes["BEN"]
    directed = store.to_networkx(directed=True)
    assert directed["TOG"]["BEN"]["weight"] >= 1
    assert directed.has_edge("BEN", "TOG")
    assert directed["TOG"]["BEN"]["first"] == "1999-03-01"
    for name, made in (("a.graphml", graph), ("b.graphml", directed)):
        nx.write_graphml(made, tmp_path / name)
        assert set(nx.read_graphml(tmp_path / name)) == set(made)
    with pytest.raises(whowhom.UsageError, match="least"):
        store.to_networkx(directed=True, least=0)
