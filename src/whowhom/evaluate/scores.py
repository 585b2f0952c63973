"""A coding against gold: precision, recall and F1 of events, and how right their fields are."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from whowhom.evaluate.bootstrap import (
    Figure,
    Sums,
    Tally,
    divided,
    f1,
    figures,
    harmonic,
    mean_of_known,
    ratio,
)
from whowhom.evaluate.codings import Coding, without_repeats
from whowhom.evaluate.gold import AnnotatedDocument, AnnotatedEvent, Span
from whowhom.evaluate.matching import Rule, pair, sentence_of, sentences
from whowhom.evaluate.words import reciprocal, shipped_quads
from whowhom.settings import EVALUATION, EvaluationSettings

NOTHING = "(none)"
"""In the confusion matrix: no event of the other coding stands there."""


@dataclass(frozen=True, slots=True)
class Miss:
    """An event that only one side has, or that both have with different types."""

    kind: Literal["missed", "false alarm", "other type"]
    document: str
    gold: AnnotatedEvent | None
    found: AnnotatedEvent | None
    sentence: str

    @property
    def start(self) -> tuple[bool, int]:
        trigger = (self.gold or self.found).trigger  # type: ignore[union-attr] # one is there
        return trigger.part == "text", -1 if trigger.start is None else trigger.start


@dataclass(frozen=True, slots=True)
class Field:
    """How often a field is right among the events that both sides have."""

    name: str
    of: int
    share: Figure
    precision: Figure | None = None  # of single codes, where the field is a set of them
    recall: Figure | None = None
    f1: Figure | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """Every figure of one coding against gold."""

    documents: int
    gold: int
    core: int
    found: int
    repeats: int  # events of the coding that said what another of the document had said
    misplaced: int  # events of the coding whose words do not stand where it says
    absent: tuple[str, ...]  # documents of the gold that the coding does not have
    rule: Rule
    events: Mapping[str, Figure]
    types: Mapping[str, Mapping[str, Any]]
    fields: Sequence[Field]
    confusion: Mapping[tuple[str, str], int]
    allowed: Mapping[tuple[str, str], int]  # right events: gold's type, another that it allows
    without_sides: int  # events of the gold that do not say who stands on both sides
    misses: Sequence[Miss] = field(repr=False, default=())
    settings: EvaluationSettings = EVALUATION

    def to_dict(self) -> dict[str, Any]:
        """All figures as plain JSON values; null where a figure is not defined."""
        return {
            "documents": self.documents,
            "gold_events": self.gold,
            "core_events": self.core,
            "found_events": self.found,
            "repeats": self.repeats,
            "misplaced": self.misplaced,
            "absent_documents": list(self.absent),
            "rule": self.rule,
            "bootstrap": dataclasses.asdict(self.settings)
            | {"unit": "document", "interval": "percentile"},
            "events": {name: figure.to_dict() for name, figure in self.events.items()},
            "types": {
                name: {k: v.to_dict() if isinstance(v, Figure) else v for k, v in row.items()}
                for name, row in self.types.items()
            },
            "fields": {
                f.name: {"of": f.of, "right": f.share.to_dict()}
                | {
                    k: getattr(f, k).to_dict()
                    for k in ("precision", "recall", "f1")
                    if getattr(f, k) is not None
                }
                for f in self.fields
            },
            "confusion": [
                {"gold": g, "found": f, "count": n} for (g, f), n in sorted(self.confusion.items())
            ],
            "allowed": [
                {"gold": g, "found": f, "count": n} for (g, f), n in sorted(self.allowed.items())
            ],
            "gold_without_sides": self.without_sides,
        }


def score(
    gold: Sequence[AnnotatedDocument],
    coding: Coding,
    *,
    rule: Rule = "sentence",
    quads: Mapping[str, str] | None = None,
    settings: EvaluationSettings = EVALUATION,
) -> Scores:
    """Measure a coding against gold.

    An event is right if :func:`~whowhom.evaluate.matching.pair` gives it a gold event: of its
    type, or of one that has its type in ``also_ok``. Such an event counts as one of gold's type
    wherever types are counted: in the row of that type and on the diagonal of the confusion.
    ``allowed`` says how many there are. Precision is over all events of the coding,
    each said once; recall over all gold events, and over those that are ``core``. A gold document
    that the coding lacks counts as coded and found empty.

    Args:
        gold: annotated documents.
        coding: what is measured; documents that gold does not have are left aside.
        rule: what makes two events one (see :func:`~whowhom.evaluate.matching.pair`).
        quads: the quad class of each type; None is that of the shipped codebook.
        settings: draws, seed and level of the bootstrap over documents.
    """
    tally = Tally(len(gold))
    confusion: Counter[tuple[str, str]] = Counter()
    allowed: Counter[tuple[str, str]] = Counter()
    misses: list[Miss] = []
    repeats = misplaced = 0
    quads = shipped_quads() if quads is None else quads
    absent = []
    for at, document in enumerate(gold):
        other = coding.of(document.id)
        if other is None:
            absent.append(document.id)
        said = other.events if other is not None else ()
        events = list(without_repeats(said))
        repeats += len(said) - len(events)
        misplaced += sum(not _stands(event.trigger, document) for event in events)
        known = sentences(document)
        pairs = pair(document.events, events, known, rule=rule)
        _count_events(tally, at, document.events, events, pairs)
        for i, j in pairs:
            wanted, said_type = document.events[i].event_type, events[j].event_type
            confusion[wanted, wanted] += 1
            if wanted != said_type:
                allowed[wanted, said_type] += 1
            _count_fields(tally, at, document.events[i], events[j])
        others = _leftover(document, events, pairs, known, rule, confusion, misses)
        _count_quads(
            tally, at, [*((document.events[i], events[j]) for i, j in pairs), *others], quads
        )
    count = len(gold)
    types = sorted(
        {e.event_type for d in gold for e in d.events} | {f for _, f in confusion if f != NOTHING}
    )
    return Scores(
        count,
        int(tally.total("gold")),
        int(tally.total("core")),
        int(tally.total("found")),
        repeats,
        misplaced,
        tuple(absent),
        rule,
        _event_figures(tally, count, types, settings),
        _type_rows(tally, count, types, settings),
        _field_rows(tally, count, settings),
        confusion,
        allowed,
        int(tally.total("without sides")),
        misses,
        settings,
    )


def _stands(span: Span, document: AnnotatedDocument) -> bool:
    holder = document.part(span.part)
    if span.start is None:
        return True
    return holder is not None and holder[span.start : span.end] == span.text


# ------------------------------------------------------------------ events, types
def _count_events(
    tally: Tally,
    at: int,
    gold: Sequence[AnnotatedEvent],
    found: Sequence[AnnotatedEvent],
    pairs: Sequence[tuple[int, int]],
) -> None:
    paired = {i for i, _ in pairs}
    tally.add("gold", at, len(gold))
    tally.add("found", at, len(found))
    tally.add("right", at, len(pairs))
    tally.add("core", at, sum(g.core for g in gold))
    tally.add("right core", at, sum(g.core for i, g in enumerate(gold) if i in paired))
    for event in gold:
        tally.add(f"gold {event.event_type}", at)
        if not {"actors", "recipients"} <= event.said:
            tally.add("without sides", at)
    # an allowed type is right, so it counts as the type that it is right for: counted as its own
    # it would lower the F1 of gold's type, which nobody found, and of its own, which gold has not
    stands_for = {j: gold[i].event_type for i, j in pairs}
    types = [stands_for.get(j, event.event_type) for j, event in enumerate(found)]
    for name in types:
        tally.add(f"found {name}", at)
    for i, j in pairs:
        tally.add(f"right {gold[i].event_type}", at)
        tally.add("first choice", at, gold[i].event_type == found[j].event_type)
        if _sides_right(gold[i], found[j]):
            tally.add("whole", at)
    wanted = {g.event_type for g in gold}
    seen: set[str] = set()
    for name in types:
        others = {g.event_type for g in gold if name in g.also_ok}
        seen |= {name} if name in wanted or not others else others
    for name in wanted:
        tally.add(f"documents with {name}", at)
    for name in seen:
        tally.add(f"documents said {name}", at)
        tally.add(f"documents right {name}", at, name in wanted)


def _count_quads(
    tally: Tally,
    at: int,
    pairs: Sequence[tuple[AnnotatedEvent, AnnotatedEvent]],
    quads: Mapping[str, str],
) -> None:
    """Whether events of one place have the same quad class, and the same half of them, whatever
    their types."""
    for gold, found in pairs:
        allowed = {quads.get(name, name) for name in (gold.event_type, *gold.also_ok)}
        said = quads.get(found.event_type, found.event_type)
        tally.add("quad right", at, said in allowed)
        tally.add("half right", at, said.split()[-1] in {quad.split()[-1] for quad in allowed})


def _sides_right(gold: AnnotatedEvent, found: AnnotatedEvent) -> bool:
    found = _turned(gold, found)
    return all(gold.countries(s) == found.countries(s) for s in ("actors", "recipients"))


def _turned(gold: AnnotatedEvent, found: AnnotatedEvent) -> AnnotatedEvent:
    """The found event with gold's sides, where the type does to both sides the same and all the
    countries of both are the same."""
    if gold.event_type not in reciprocal():
        return found
    union = [e.countries("actors") | e.countries("recipients") for e in (gold, found)]
    if union[0] != union[1]:
        return found
    return dataclasses.replace(found, actors=gold.actors, recipients=gold.recipients)


def _event_figures(
    tally: Tally, count: int, types: Sequence[str], settings: EvaluationSettings
) -> dict[str, Figure]:
    whole = f1("whole", "found", "gold")
    formulas: dict[str, Callable[[Sums], Any]] = {
        "precision": ratio("right", "found"),
        "recall": ratio("right", "gold"),
        "f1": f1("right", "found", "gold"),
        "core recall": ratio("right core", "core"),
        "core f1": lambda s: harmonic(
            divided(s["right"], s["found"]), divided(s["right core"], s["core"])
        ),
        "macro f1": lambda s: mean_of_known([_type_f1(s, name, "") for name in types]),
        "document macro f1": lambda s: mean_of_known(
            [_type_f1(s, name, "documents ") for name in types]
        ),
        "quad f1": f1("quad right", "found", "gold"),
        "half f1": f1("half right", "found", "gold"),
        "first choice": ratio("first choice", "right"),
        # not defined where gold does not say who stands on each side
        "whole f1": ratio("none", "none") if tally.total("without sides") else whole,
    }
    return figures(tally, count, formulas, settings)


def _type_f1(sums: Sums, name: str, unit: str) -> Any:
    """F1 of a type; nan where gold has none of it."""
    gold, found = (f"{unit}with", f"{unit}said") if unit else ("gold", "found")
    recall = divided(sums.get(f"{unit}right {name}", 0.0), sums.get(f"{gold} {name}", 0.0))
    said = sums.get(f"{found} {name}", 0.0)
    precision = divided(sums.get(f"{unit}right {name}", 0.0), said)
    return harmonic(_zero(precision), recall)


def _zero(value: Any) -> Any:
    """0 for a precision that nothing was said for: its F1 is 0, since recall is."""
    import numpy as np

    return np.nan_to_num(value, nan=0.0)


def _type_rows(
    tally: Tally, count: int, types: Sequence[str], settings: EvaluationSettings
) -> dict[str, dict[str, Any]]:
    formulas: dict[str, Callable[[Sums], Any]] = {}
    for name in types:
        formulas[f"precision {name}"] = ratio(f"right {name}", f"found {name}")
        formulas[f"recall {name}"] = ratio(f"right {name}", f"gold {name}")
        formulas[f"f1 {name}"] = lambda s, name=name: _type_f1(s, name, "")  # type: ignore[misc]
    made = figures(tally, count, formulas, settings)
    for name in types:
        if tally.total(f"documents with {name}") < settings.fewest_documents:
            for k in ("precision", "recall", "f1"):
                made[f"{k} {name}"] = Figure(made[f"{k} {name}"].value)
    return {
        name: {
            "gold": int(tally.total(f"gold {name}")),
            "found": int(tally.total(f"found {name}")),
            "right": int(tally.total(f"right {name}")),
            **{k: made[f"{k} {name}"] for k in ("precision", "recall", "f1")},
        }
        for name in types
    }


# ------------------------------------------------------------------ fields
_SETS = (
    ("actor country", "actors", AnnotatedEvent.countries),
    ("recipient country", "recipients", AnnotatedEvent.countries),
    ("actor sector", "actors", AnnotatedEvent.sectors),
    ("recipient sector", "recipients", AnnotatedEvent.sectors),
)
_SHARES = (
    "mode",
    "mode, where gold has one",
    "status",
    "status, where not actual",
    "voice",
    "attributed or not",
    "attributed to whom",
    "date, where gold has one",
    "no date, where gold has none",
    "place country, where gold has one",
    "no place, where gold has none",
)


def _count_fields(tally: Tally, at: int, gold: AnnotatedEvent, found: AnnotatedEvent) -> None:
    def share(name: str, right: bool) -> None:
        tally.add(f"of {name}", at)
        tally.add(f"right {name}", at, right)

    turned = _turned(gold, found)
    for name, side, codes in _SETS:
        if side in gold.said:
            want, got = codes(gold, side), codes(turned, side)
            tally.add(f"codes right {name}", at, len(want & got))
            tally.add(f"codes found {name}", at, len(got))
            tally.add(f"codes gold {name}", at, len(want))
            share(name, want == got)
    if "mode" in gold.said:
        share("mode", gold.mode == found.mode)
        if gold.mode is not None:
            share("mode, where gold has one", gold.mode == found.mode)
    if "status" in gold.said:
        share("status", gold.status == found.status)
        if gold.status != "actual":
            share("status, where not actual", gold.status == found.status)
    if "voice" in gold.said:
        share("voice", gold.voice == found.voice)
    if "speaker" in gold.said:
        share("attributed or not", (gold.speaker is None) == (found.speaker is None))
        if gold.speaker is not None:
            share("attributed to whom", _same_words(gold.speaker, found.speaker))
    if "date" in gold.said:
        if gold.date is not None:
            share("date, where gold has one", (found.date or "").startswith(gold.date))
        else:
            share("no date, where gold has none", found.date is None)
    if "place" in gold.said:
        if gold.place is None:
            share("no place, where gold has none", found.place is None)
        elif gold.place.country is not None:
            right = found.place is not None and found.place.country == gold.place.country
            share("place country, where gold has one", right)


def _same_words(gold: Span, found: Span | None) -> bool:
    if found is None:
        return False
    if gold.overlaps(found):
        return True
    names = {x.casefold() for x in (gold.text, gold.name) if x}
    said = {x.casefold() for x in (found.text, found.name) if x}
    return any(a in b or b in a for a in names for b in said)


def _field_rows(tally: Tally, count: int, settings: EvaluationSettings) -> list[Field]:
    formulas: dict[str, Callable[[Sums], Any]] = {}
    sets = {name for name, *_ in _SETS}
    for name in (*(name for name, *_ in _SETS), *_SHARES):
        formulas[name] = ratio(f"right {name}", f"of {name}")
    for name in sets:
        formulas[f"{name} p"] = ratio(f"codes right {name}", f"codes found {name}")
        formulas[f"{name} r"] = ratio(f"codes right {name}", f"codes gold {name}")
        formulas[f"{name} f"] = f1(
            f"codes right {name}", f"codes found {name}", f"codes gold {name}"
        )
    made = figures(tally, count, formulas, settings)
    rows = []
    for name in (*(name for name, *_ in _SETS), *_SHARES):
        of = int(tally.total(f"of {name}"))
        if of == 0:
            continue
        if name in sets:
            p, r, f = (made[f"{name} {k}"] for k in "prf")
            rows.append(Field(name, of, made[name], p, r, f))
        else:
            rows.append(Field(name, of, made[name]))
    return rows


# ------------------------------------------------------------------ misses
def _leftover(
    document: AnnotatedDocument,
    found: Sequence[AnnotatedEvent],
    pairs: Sequence[tuple[int, int]],
    known: Sequence[Span],
    rule: Rule,
    confusion: Counter[tuple[str, str]],
    misses: list[Miss],
) -> list[tuple[AnnotatedEvent, AnnotatedEvent]]:
    """What is not paired: of one place with another type, which are returned, or on one side."""
    left, right = {i for i, _ in pairs}, {j for _, j in pairs}
    gold_left = [g for i, g in enumerate(document.events) if i not in left]
    found_left = [f for j, f in enumerate(found) if j not in right]
    # two acts of one sentence are not one act with two types: here words must overlap
    near: Rule = "document" if rule == "document" else "trigger"
    other = pair(gold_left, found_left, known, rule=near, typed=False)
    here: list[Miss] = []

    def miss(g: AnnotatedEvent | None, f: AnnotatedEvent | None) -> None:
        event = g or f
        if event is None:
            return
        kind: Literal["missed", "false alarm", "other type"] = "other type"
        if g is None or f is None:
            kind = "missed" if f is None else "false alarm"
        confusion[g.event_type if g else NOTHING, f.event_type if f else NOTHING] += 1
        where = sentence_of(event, known)
        here.append(Miss(kind, document.id, g, f, where.text if where else ""))

    for i, j in other:
        miss(gold_left[i], found_left[j])
    for i, g in enumerate(gold_left):
        if i not in {a for a, _ in other}:
            miss(g, None)
    for j, f in enumerate(found_left):
        if j not in {b for _, b in other}:
            miss(None, f)
    misses.extend(sorted(here, key=lambda m: m.start))
    return [(gold_left[i], found_left[j]) for i, j in other]
