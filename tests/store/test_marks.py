"""A user's marks: small files, the newest of which holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from whowhom.errors import UsageError
from whowhom.store import Header, Store, create_store, open_store
from whowhom.store.schema import SCHEMA_VERSION


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return create_store(tmp_path / "store", Header(SCHEMA_VERSION, "test", "f"))


def test_the_newest_mark_of_each_marker_holds(store: Store) -> None:
    store.mark("e1", "right")
    store.mark("e2", "wrong", note="a film")
    store.mark("e1", "mend", mend={"event_type": "COERCE"})
    store.mark("e1", "right", marker="second")
    found = [(m.event_id, m.verdict, m.marker) for m in store.marks()]
    assert found == [("e2", "wrong", "user"), ("e1", "mend", "user"), ("e1", "right", "second")]
    rows = open_store(store.path).sql("select event_id, note, mend from marks").fetchall()
    assert ("e2", "a film", None) in rows
    assert ("e1", "", '{"event_type": "COERCE"}') in rows


def test_marking_needs_no_lock(store: Store) -> None:
    with open_store(store.path).writer():
        store.mark("e1", "right")
    assert len(store.marks()) == 1


@pytest.mark.parametrize(
    ("event", "verdict", "note"),
    [
        ("e1", "perhaps", ""),
        ("../../x", "right", ""),
        ("e1", "right", "x" * 3000),
        ("", "right", ""),
    ],
)
def test_what_is_no_mark_is_refused(store: Store, event: str, verdict: str, note: str) -> None:
    with pytest.raises(UsageError):
        store.mark(event, verdict, note=note)
    assert store.marks() == []


def test_a_torn_file_is_no_mark(store: Store) -> None:
    store.mark("e1", "right")
    (store.path / "marks" / "20200101T000000000000-aa.json").write_text('{"event_id": "e')
    (store.path / "marks" / "20200101T000000000000-bb.json").write_text(
        '{"event_id": "e", "at": 1}'
    )
    assert [m.event_id for m in store.marks()] == ["e1"]
