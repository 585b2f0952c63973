"""The sequence of events and its ways out; the columns of the store."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import sys
import typing
from typing import Any
from unittest import mock

import pyarrow as pa
import pytest

from tests.engine.stub import StubCoder
from whowhom.model import Document, Event, LedgerRow, Magnitudes, Money, Party, Range, Rejection
from whowhom.store import Events
from whowhom.store.schema import (
    EVENT_SCHEMA,
    SCHEMAS,
    TABLES,
    StoredDocument,
    arrow_type,
    records,
    to_table,
)


@pytest.fixture
def events() -> Events:
    coded = StubCoder().code(
        Document(
            "d",
            "Kenya met Uganda. Togo shelled Benin. Chad sued Niger.",
            title="Title",
            published=dt.date(1999, 12, 31),
        )
    )
    return Events(coded.events, coded.rejections)


def test_a_sequence(events: Events) -> None:
    assert len(events) == 3
    assert events[0].event_type == "CONSULT"
    assert isinstance(events[1:], Events)
    assert [event.event_type for event in events[1:]] == ["ASSAULT", "ACCUSE"]
    assert events[-1] in events
    assert events == Events(list(events))
    assert hash(events) == hash(Events(list(events)))
    assert events != list(events)
    assert repr(events) == "<Events: 3 (1 CONSULT, 1 ASSAULT, 1 ACCUSE, ...)>"
    assert repr(Events()) == "<Events: 0>"


def test_there_and_back(events: Events) -> None:
    assert Events.from_dicts(events.to_dicts()) == events
    lines = events.to_json_lines().splitlines()
    assert Events.from_dicts(json.loads(line) for line in lines) == events
    assert Events.from_dicts(records(events.to_arrow(), EVENT_SCHEMA)) == events


def test_data_frames(events: Events) -> None:
    frame = events.to_pandas()
    assert list(frame["actor_country"]) == ["KEN", "TOG", "CHA"]
    assert str(frame["date"].dtype).startswith("datetime64")
    assert events.to_polars()["event_type"].to_list() == ["CONSULT", "ASSAULT", "ACCUSE"]
    assert Events().to_pandas().shape[0] == Events().to_polars().shape[0] == 0
    assert "date" in Events().to_pandas().columns


@pytest.mark.parametrize("name", ["pandas", "polars"])
def test_a_missing_extra_says_how_to_get_it(events: Events, name: str) -> None:
    with (
        mock.patch.dict(sys.modules, {name: None}),
        pytest.raises(ImportError, match=rf"pip install 'whowhom\[{name}\]'"),
    ):
        getattr(events, f"to_{name}")()


def test_a_summary(events: Events) -> None:
    summary = events.summary()
    assert summary.pairs[("KEN", "UGA")] == 1
    assert summary.attributed == 1
    assert str(summary).startswith("3 events in 1 documents, 1 of them on somebody's word")
    assert "pairs:  -" in str(Events().summary())


def test_who_acts_on_itself_is_no_pair(events: Events) -> None:
    itself = dataclasses.replace(events[0], recipients=events[0].actors)
    assert not Events([itself]).summary().pairs


# ---------------------------------------------------------------------- columns
@pytest.mark.parametrize(
    ("table", "cls"),
    [
        ("events", Event),
        ("rejections", Rejection),
        ("ledger", LedgerRow),
        ("documents", StoredDocument),
    ],
)
def test_every_field_has_a_column(table: str, cls: Any) -> None:
    def check(cls: Any, names: list[str], where: str) -> None:
        fields = [f.name for f in dataclasses.fields(cls)]
        assert [n for n in names if n in fields] == fields, where

    schema = SCHEMAS[typing.cast(Any, table)]
    check(cls, [n for n in schema.names if n not in ("sequence", "fingerprint")], table)
    if cls is Event:
        check(Party, [f.name for f in schema.field("actors").type.value_type], "Party")
        check(Magnitudes, [f.name for f in schema.field("magnitudes").type], "Magnitudes")
    assert set(SCHEMAS) == set(TABLES)


def test_a_type_that_no_record_may_have() -> None:
    with pytest.raises(TypeError, match="no column type"):
        arrow_type(bytes)


def test_figures_keep_what_they_are(events: Events) -> None:
    figures = [
        Magnitudes(3, Range(1, None), Range(None, 5), Range(2, 9)),
        Magnitudes(0, None, Range(None, None)),
        Magnitudes(money=(Money(1.5, None),)),
    ]
    given = Events(dataclasses.replace(events[0], magnitudes=m) for m in figures)
    assert Events.from_dicts(records(given.to_arrow(), EVENT_SCHEMA)) == given


def test_halves_of_surrogate_pairs_become_question_marks() -> None:
    schema = pa.schema([("a", pa.string()), ("b", pa.list_(pa.struct([("c", pa.string())])))])
    table = to_table([{"a": "\ud800x", "b": [{"c": "y\udfff"}]}, {"a": "ok", "b": None}], schema)
    assert table.to_pylist() == [{"a": "?x", "b": [{"c": "y?"}]}, {"a": "ok", "b": None}]
