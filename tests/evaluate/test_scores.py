"""Scores: what is perfect has 1, what is wrong is counted where it is wrong."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from tests.engine.stub import StubCoder
from tests.evaluate.examples import ANNA, BEN, documents
from whowhom.errors import InputError, UsageError
from whowhom.evaluate.bootstrap import Figure, Tally, figures, ratio
from whowhom.evaluate.codings import Coding, from_coder, read_coding
from whowhom.evaluate.gold import AnnotatedDocument, AnnotatedEvent, Span, read_gold
from whowhom.evaluate.matching import pair, sentences
from whowhom.evaluate.scores import NOTHING, Scores, score
from whowhom.settings import EVALUATION

FAST = dataclasses.replace(EVALUATION, resamples=50)
NONE = dataclasses.replace(EVALUATION, resamples=0)


def coding(found: list[AnnotatedDocument], **change: Any) -> Coding:
    return Coding("x", {d.id: d for d in found}, **change)


def all_figures(scores: Scores) -> list[float]:
    found = list(scores.events.values())
    found += [row[k] for row in scores.types.values() for k in ("precision", "recall", "f1")]
    found += [f for row in scores.fields for f in (row.share, row.f1) if f is not None]
    return [f.value for f in found if not math.isnan(f.value)]


@given(documents())
@settings(max_examples=12, deadline=None)
def test_gold_against_itself_is_perfect(gold: list[AnnotatedDocument]) -> None:
    # what says the same twice counts once in a coding: here each event is different
    once = [_once(d) for d in gold]
    for rule in ("sentence", "trigger", "document"):
        scores = score(once, coding(once), rule=rule, settings=NONE)  # type: ignore[arg-type]
        assert set(all_figures(scores)) <= {1.0}
        assert not scores.misses
        assert scores.misplaced == 0


def _once(document: AnnotatedDocument) -> AnnotatedDocument:
    seen = {(e.trigger.part, e.trigger.start, e.event_type): e for e in document.events}
    return dataclasses.replace(document, events=tuple(seen.values()))


@given(documents(), documents())
@settings(max_examples=12, deadline=None)
def test_counts_add_up(gold: list[AnnotatedDocument], other: list[AnnotatedDocument]) -> None:
    scores = score(gold, coding(other), settings=NONE)
    assert sum(n for (g, _), n in scores.confusion.items() if g != NOTHING) == scores.gold
    assert sum(n for (_, f), n in scores.confusion.items() if f != NOTHING) == scores.found
    assert all(0 <= value <= 1 for value in all_figures(scores))
    for row in scores.types.values():
        assert row["right"] <= row["found"]
        assert row["right"] <= row["gold"]
    missed = sum(m.gold is not None for m in scores.misses)
    right = scores.gold - missed
    if scores.found:
        assert scores.events["precision"].value == pytest.approx(right / scores.found)
    if scores.gold:
        assert scores.events["recall"].value == pytest.approx(right / scores.gold)


TEXT = "Kenya shelled Uganda on Monday. Mali met Togo."


def event(type_: str, words: str, **change: Any) -> AnnotatedEvent:
    at = TEXT.index(words)
    made = AnnotatedEvent(f"{type_} {words}", type_, Span(words, at, at + len(words)))
    return dataclasses.replace(made, **change)


def party(country: str | None, sector: str | None = None) -> Span:
    return Span("x", country=country, sector=sector)


def doc(*events: AnnotatedEvent, id_: str = "a") -> AnnotatedDocument:
    return AnnotatedDocument(id_, TEXT, events=events)


def one(gold: AnnotatedDocument, found: AnnotatedDocument, **change: Any) -> Scores:
    return score([gold], coding([found]), **change)


def test_the_rules() -> None:
    gold = doc(event("ASSAULT", "shelled"))
    for words, rules in (("Uganda", {"sentence", "document"}), ("met", {"document"}),
                         ("shelled Uganda", {"sentence", "trigger", "document"})):  # fmt: skip
        for rule in ("sentence", "trigger", "document"):
            scores = one(gold, doc(event("ASSAULT", words)), rule=rule)
            assert scores.events["f1"].value == (rule in rules), (words, rule)
    assert one(gold, doc(event("COERCE", "shelled"))).confusion == {("ASSAULT", "COERCE"): 1}
    # the sentence that gold gives is the one that counts
    wide = Span(TEXT, 0, len(TEXT))
    gold = doc(event("ASSAULT", "shelled", sentence=wide))
    assert one(gold, doc(event("ASSAULT", "met"))).events["f1"].value == 1


def test_quad_classes() -> None:
    gold = doc(event("ASSAULT", "shelled"), event("CONSULT", "met"))
    for type_, quad, half in (("COERCE", 1, 1), ("THREATEN", 0.5, 1), ("AID", 0.5, 0.5)):
        scores = one(gold, doc(event(type_, "shelled"), event("CONSULT", "met")))
        assert scores.events["f1"].value == 0.5
        assert scores.events["quad f1"].value == quad
        assert scores.events["half f1"].value == half


def test_other_types_that_are_allowed_are_right() -> None:
    gold = doc(event("AGREE", "met", also_ok=("CONSULT",)))
    scores = one(gold, doc(event("CONSULT", "met")))
    assert scores.events["f1"].value == 1
    assert scores.events["first choice"].value == 0
    # it counts as the type that it is right for, in every table
    assert [scores.types["AGREE"][k].value for k in ("precision", "recall", "f1")] == [1, 1, 1]
    assert list(scores.types) == ["AGREE"]
    assert scores.confusion == {("AGREE", "AGREE"): 1}
    assert scores.allowed == {("AGREE", "CONSULT"): 1}
    assert scores.events["macro f1"].value == scores.events["document macro f1"].value == 1
    assert not scores.misses
    # a second one that gold has nothing for is a false alarm of its own type
    scores = one(gold, doc(event("CONSULT", "met"), event("CONSULT", "Togo")))
    assert scores.types["AGREE"]["f1"].value == 1
    assert scores.types["CONSULT"]["precision"].value == 0
    assert scores.confusion[NOTHING, "CONSULT"] == 1


def test_what_is_not_core_may_be_left() -> None:
    gold = doc(event("ASSAULT", "shelled"), event("CONSULT", "met", core=False))
    scores = one(gold, doc(event("ASSAULT", "shelled")))
    assert scores.events["recall"].value == 0.5
    assert scores.events["core recall"].value == scores.events["core f1"].value == 1
    scores = one(gold, doc(event("ASSAULT", "shelled"), event("CONSULT", "met")))
    assert scores.events["precision"].value == 1


def test_fields() -> None:
    gold = event(
        "ASSAULT",
        "shelled",
        actors=(party("KEN", "MIL"),),
        recipients=(party("UGA"), party("RWA")),
        status="actual",
        mode="aerial",
        date="2014-03",
        place=Span("x", country="UGA"),
        speaker=Span("the minister"),
    )
    found = dataclasses.replace(
        gold,
        recipients=(party("UGA"),),
        status="future",
        mode=None,
        date="2014-03-02",
        place=None,
        speaker=Span("The Minister of Defence"),
    )
    rows = {row.name: row for row in one(doc(gold), doc(found)).fields}
    assert rows["actor country"].share.value == rows["actor sector"].share.value == 1
    recipient = rows["recipient country"]
    assert recipient.precision is not None
    assert recipient.recall is not None
    assert (recipient.share.value, recipient.precision.value, recipient.recall.value) == (0, 1, 0.5)
    for name, right in (("status", 0), ("mode", 0), ("date, where gold has one", 1),
                        ("place country, where gold has one", 0), ("attributed or not", 1),
                        ("attributed to whom", 1)):  # fmt: skip
        assert rows[name].share.value == right, name
    assert "status, where not actual" not in rows
    # what gold did not look for is not scored
    unsaid = dataclasses.replace(gold, said=frozenset({"mode"}))
    names = {row.name for row in one(doc(unsaid), doc(found)).fields}
    assert names == {"mode", "mode, where gold has one"}
    assert math.isnan(one(doc(unsaid), doc(found)).events["whole f1"].value)


def test_sides_of_a_meeting_have_no_order() -> None:
    gold = doc(event("CONSULT", "met", actors=(party("MLI"),), recipients=(party("TGO"),)))
    found = doc(event("CONSULT", "met", actors=(party("TGO"), party("MLI"))))
    assert one(gold, found).events["whole f1"].value == 1
    gold, found = (
        doc(dataclasses.replace(d.events[0], event_type="ASSAULT")) for d in (gold, found)
    )
    assert one(gold, found).events["whole f1"].value == 0


def test_what_is_said_twice_counts_once_and_what_is_elsewhere_is_told() -> None:
    twice = event("ASSAULT", "shelled"), event("ASSAULT", "shelled", id="2")
    scores = one(doc(twice[0]), doc(*twice))
    assert (scores.found, scores.repeats) == (1, 1)
    off = dataclasses.replace(twice[0], trigger=Span("shelled", 7, 14))
    assert one(doc(twice[0]), doc(off)).misplaced == 1


def test_absent_documents_count_as_found_empty() -> None:
    gold = [doc(event("ASSAULT", "shelled")), doc(event("CONSULT", "met"), id_="b")]
    scores = score(gold, coding(gold[:1]))
    assert scores.absent == ("b",)
    assert scores.events["recall"].value == 0.5
    assert score(gold, coding(gold[:1], complete=False)).absent == ()


def test_intervals() -> None:
    gold = read_gold(ANNA)
    other = read_coding(BEN)
    scores = score(gold, other, settings=FAST)
    f1 = scores.events["f1"]
    assert 0 <= f1.low < f1.value < f1.high <= 1
    assert score(gold, other, settings=FAST).to_dict() == scores.to_dict()
    none = score(gold, other, settings=dataclasses.replace(FAST, resamples=0)).events["f1"]
    assert math.isnan(none.low)
    assert none.value == f1.value
    few = score(gold[:3], other, settings=FAST).events["f1"]
    assert math.isnan(few.low)
    json.dumps(scores.to_dict(), allow_nan=False)


def test_an_interval_covers_what_it_should() -> None:
    """Of 200 samples of a coin that is right in 0.7, about 95% of the intervals hold 0.7."""
    import numpy as np

    random = np.random.default_rng(5)
    settings_ = dataclasses.replace(EVALUATION, resamples=200)
    held = 0
    for _ in range(200):
        tally = Tally(60)
        for document in range(60):
            tally.add("right", document, random.binomial(5, 0.7))
            tally.add("of", document, 5)
        found: Figure = figures(tally, 60, {"x": ratio("right", "of")}, settings_)["x"]
        held += found.low <= 0.7 <= found.high
    assert 178 <= held <= 199


def test_pairs_are_the_nearest() -> None:
    text = "Kenya shelled Uganda and shelled Rwanda."
    known = sentences(AnnotatedDocument("a", text))
    at = [6, 25]
    gold = [AnnotatedEvent(str(n), "ASSAULT", Span("shelled", n, n + 7)) for n in at]
    assert pair(gold, gold[::-1], known) == [(0, 1), (1, 0)]


def test_coding_with_a_coder() -> None:
    text = "Kenya shelled Uganda. Mali met Togo."
    gold = [AnnotatedDocument("a", text), AnnotatedDocument("b", "__refuse__")]
    found, failed = from_coder(gold, StubCoder())
    assert [e.event_type for e in found.documents["a"].events] == ["ASSAULT", "CONSULT"]
    assert found.documents["a"].events[0].trigger == Span("shelled", 6, 13)
    assert [id_ for id_, _ in failed] == ["b"]


def test_a_coding_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no store"):
        read_coding(tmp_path)
    with pytest.raises(UsageError, match="cannot be read"):
        read_coding(tmp_path / "nothing.jsonl")
    file = tmp_path / "events.jsonl"
    file.write_text('{"id": "1", "evidence": {}}\n')
    with pytest.raises(InputError, match="line 1: no event record"):
        read_coding(file)
