"""Two stores side by side, and tasks drawn from one."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.stub import StubCoder
from whowhom.analyse import Filter
from whowhom.errors import UsageError
from whowhom.evaluate.codings import read_coding
from whowhom.evaluate.scores import score
from whowhom.evaluate.stores import Row, _by_day, compare, examples, pearson, texts
from whowhom.evaluate.tasks import draw
from whowhom.merge import merge
from whowhom.model import Coverage, Document, Event, LedgerRow, plain
from whowhom.settings import EVALUATION
from whowhom.store import Header, Store, create_store, open_store
from whowhom.store.schema import SCHEMA_VERSION, TABLES, StoredDocument, row_of

FAST = dataclasses.replace(EVALUATION, resamples=20)
DAY = dt.date(2014, 3, 1)


class Verbs(StubCoder):
    """The stub, which takes one verb for another's type."""

    def __init__(self, change: dict[str, dict[str, Any]] | None = None) -> None:
        super().__init__()
        self._change = change or {}

    def code(self, document: Document) -> Any:
        coded = super().code(document)
        events = tuple(
            dataclasses.replace(e, **self._change.get(e.evidence.trigger.text, {}))
            for e in coded.events
        )
        return dataclasses.replace(coded, events=events)


def build(
    folder: Path, found: list[Document], coder: StubCoder, *, text: bool = True, bare: bool = False
) -> Store:
    """A store of what a coder finds; ``bare``: without words, as imported events are."""
    rows: dict[Any, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for n, document in enumerate(found):
        at = 1_000_000 + n
        events: list[Event] = list(coder.code(document).events)
        for event in events:
            record = row_of(event, at)
            if bare:
                record["evidence"] |= {"sentence_text": "", "start": 0, "end": 0}
                record["evidence"]["trigger"] = {"text": "", "start": 0, "end": 0}
            rows["events"].append(record)
        kept = StoredDocument(
            document.id, None, None, None, document.published, "report", document.sha256,
            document.text if text else None, (), Coverage(),
        )  # fmt: skip
        rows["documents"].append(row_of(kept, at))
        ledger = LedgerRow(document.id, "coded", "x", "", None, None, None, len(events), 0)
        rows["ledger"].append({**row_of(ledger, at), "fingerprint": "x"})
    store = create_store(folder, Header(SCHEMA_VERSION, "test", "x"))
    with store.writer() as writer:
        writer.add(rows)
    return open_store(folder)


def reports(prefix: str = "d", shift: int = 0) -> list[Document]:
    """A month of reports: Kenya shells Uganda more and more, Mali and Togo meet on Sundays."""
    found = []
    for n in range(28):
        said = ["Kenya shelled Uganda."] * (n // 7 + 1)
        if n % 7 == 0:
            said.append("Mali met Togo.")
        if n % 5 == 0:
            said.append("Chad sued Niger.")
        day = DAY + dt.timedelta(days=n + shift)
        found.append(Document(f"{prefix}{n}", " ".join(said), published=day))
    return found


def close(*stores: Store) -> None:
    for store in stores:
        store.close()


def test_a_store_agrees_with_itself(tmp_path: Path) -> None:
    with build(tmp_path / "a", reports(), StubCoder()) as a:
        for by in ("document", "day"):
            found = compare(a, a, by=by, settings=FAST)  # type: ignore[arg-type]
            assert found.by == by
            assert {m.kind for m in found.met} == {"both"}
            assert all(row["both"] == sum(row.values()) for row in found.types.values())
            assert found.dyad_days[0] == found.dyad_days[1] == found.dyad_days[2]
            assert all(f.alpha.value == 1 for f in found.given_day)
            ken = next(s for s in found.series if s.dyad == ("KEN", "UGA"))
            assert ken.daily == pytest.approx(1)


def test_by_words_in_shared_documents(tmp_path: Path) -> None:
    other = Verbs({"sued": {"event_type": "REJECT"}, "met": {"status": "negated"}})
    a = build(tmp_path / "a", reports(), StubCoder())
    b = build(tmp_path / "b", reports(), other)
    found = compare(a, b, settings=FAST)
    assert found.by == "document"
    assert found.documents == (28, 28, 28)
    assert found.types["ACCUSE"] == {
        "both": 0, "other type in B": 6, "other type in A": 0, "only A": 0, "only B": 0
    }  # fmt: skip
    assert found.types["CONSULT"]["only A"] == 4  # in B they did not happen
    assert found.types["ASSAULT"]["both"] == 70
    assert found.confusion["ACCUSE", "REJECT"] == 6
    every = compare(a, b, Filter(statuses=("all",)), settings=FAST)
    assert every.types["CONSULT"]["both"] == 4
    drawn = examples(found, "only A", 2)
    assert len(drawn) == 2
    assert {texts(a, [m.a.event])[m.a.event] for m in drawn if m.a} == {"Mali met Togo."}
    assert found.to_dict()["matched_by"] == "document"
    close(a, b)


def test_by_day_where_there_are_no_words(tmp_path: Path) -> None:
    a = build(tmp_path / "a", reports(), StubCoder())
    b = build(tmp_path / "b", reports("x", shift=1), StubCoder(), bare=True)
    found = compare(a, b, window=1, settings=FAST)
    assert found.by == "day"
    assert found.types["CONSULT"] == {
        "both": 4, "other type in B": 0, "other type in A": 0, "only A": 0, "only B": 0
    }  # fmt: skip
    strict = compare(a, b, window=0, settings=FAST)
    assert strict.types["CONSULT"]["both"] == 0
    assert strict.types["CONSULT"]["only A"] == 4
    assert texts(b, [m.b.event for m in found.met if m.b])  # empty words, no error
    with pytest.raises(UsageError, match="no document is in both"):
        compare(a, b, by="document")
    close(a, b)


def test_incidents_count_once(tmp_path: Path) -> None:
    a = build(tmp_path / "a", reports(), StubCoder())
    merge(a)
    a.refresh()
    once = compare(a, a, by="day", unit="incidents", settings=FAST)
    assert once.events[0] < compare(a, a, by="day", settings=FAST).events[0]
    assert {m.kind for m in once.met} == {"both"}
    close(a)


days = st.lists(st.integers(0, 12), max_size=8)


@given(days, days, st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_pairs_by_day_lose_and_double_nothing(
    left: list[int], right: list[int], window: int
) -> None:
    sides = [
        [
            Row(f"{name}{n}", "d", DAY + dt.timedelta(days=at), "ASSAULT", "q", ("KEN", "UGA"))
            for n, at in enumerate(found)
        ]
        for name, found in (("a", left), ("b", right))
    ]
    met = _by_day(sides, window)
    assert Counter(m.a.event for m in met if m.a) == Counter(r.event for r in sides[0])
    assert Counter(m.b.event for m in met if m.b) == Counter(r.event for r in sides[1])
    for m in met:
        if m.a is not None and m.b is not None:
            assert m.a.day is not None
            assert m.b.day is not None
            assert abs((m.a.day - m.b.day).days) <= window
    # whoever is left has nobody left within reach
    alone = [[m.a.day for m in met if m.kind == "only A" and m.a],
             [m.b.day for m in met if m.kind == "only B" and m.b]]  # fmt: skip
    assert all(abs((x - y).days) > window for x in alone[0] for y in alone[1] if x and y)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=6, max_size=30))
@settings(max_examples=40, deadline=None)
def test_pearson_is_that_of_numpy(counts: list[tuple[int, int]]) -> None:
    x, y = (np.array(side) for side in zip(*counts, strict=True))
    sparse = [{n: int(v) for n, v in enumerate(side) if v} for side in (x, y)]
    found = pearson(sparse[0], sparse[1], len(counts))
    if x.std() == 0 or y.std() == 0:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-9)


# ------------------------------------------------------------------ tasks
def test_documents_drawn_from_a_store(tmp_path: Path) -> None:
    found = [*reports(), Document("empty", "Nothing happened today.", published=DAY)]
    build(tmp_path / "a", found, StubCoder()).close()
    every = draw(tmp_path / "a")
    assert [d.id for d in every] == [d.id for d in found]
    assert every[-1].events == ()
    coding = read_coding(tmp_path / "a")
    assert score(every, coding, settings=FAST).events["f1"].value == 1
    part = read_coding(tmp_path / "a", {"d0", "d3", "not there"})
    assert part.documents == {i: coding.documents[i] for i in ("d0", "d3")}
    some = draw(tmp_path / "a", 5)
    assert len(some) == 5
    assert some == draw(tmp_path / "a", 5)
    assert some != draw(tmp_path / "a", 5, seed=9)
    assert all(not d.events and d.text for d in draw(tmp_path / "a", 5, blank=True))


def test_sentences_drawn_from_a_store_without_texts(tmp_path: Path) -> None:
    build(tmp_path / "a", reports()[:7], StubCoder(), text=False).close()
    with pytest.raises(UsageError, match="--keep-text"):
        draw(tmp_path / "a")
    tasks = draw(tmp_path / "a", unit="sentence")
    assert {d.text for d in tasks} == {
        "Kenya shelled Uganda.", "Mali met Togo.", "Chad sued Niger."
    }  # fmt: skip
    for task in tasks:
        for event in task.events:
            words = event.trigger, *event.actors, *event.recipients
            assert all(task.text and task.text[w.start : w.end] == w.text for w in words)
            assert plain(event.trigger)
