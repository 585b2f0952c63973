"""Two codebooks over the same text: which events a change adds, removes and alters."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ..model import Coded, Document, Event, Rejection
from ..pipeline import Coder
from ..settings import DEFAULT
from .corpus import Corpus
from .loading import load
from .marking import pieces, plain

Kind = Literal["added", "removed", "altered"]
KINDS: tuple[Kind, ...] = ("added", "removed", "altered")

_COMPARED = (
    *("event_type", "mode", "status", "contexts", "quad", "score", "voice"),
    *("date", "end_date", "date_from", "magnitudes"),
)
"""Fields that are compared as they stand; parties, places and speakers by what names them."""


@dataclass(frozen=True, slots=True)
class Change:
    """An event that one codebook gives and the other does not, or gives otherwise.

    ``fields``: of an altered event, field to what it was and is. ``reason``: of one that was
    added or removed, what the other codebook made of its words.
    """

    kind: Kind
    document: str
    sentence: str
    before: Event | None
    after: Event | None
    fields: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    reason: str = ""

    @property
    def event(self) -> Event:
        """The event of the second codebook, or the first's where it is gone."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 - a change has one of them
        return found

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it: the whole records beside what differs."""
        return {
            "change": self.kind,
            "document": self.document,
            "sentence": self.sentence,
            "fields": {name: list(values) for name, values in self.fields.items()},
            "reason": self.reason or None,
            "before": self.before.to_dict() if self.before is not None else None,
            "after": self.after.to_dict() if self.after is not None else None,
        }


@dataclass(slots=True)
class Difference:
    """All changes between two codebooks on a corpus."""

    before: str  # labels of the codebooks
    after: str
    changes: list[Change] = field(default_factory=list)
    same: int = 0
    types_before: Counter[str] = field(default_factory=Counter)
    types_after: Counter[str] = field(default_factory=Counter)

    def of(self, kind: Kind) -> list[Change]:
        return [change for change in self.changes if change.kind == kind]

    def by_type(self) -> list[tuple[str, int, int, int, int, int]]:
        """Rows: type, events before and after, added, removed, altered (by the later type)."""
        counts = {
            kind: Counter(change.event.event_type for change in self.of(kind)) for kind in KINDS
        }
        names = sorted({*self.types_before, *self.types_after})
        return [
            (n, self.types_before[n], self.types_after[n], *(counts[kind][n] for kind in KINDS))  # type: ignore[misc]
            for n in names
        ]

    def altered_fields(self) -> Counter[str]:
        return Counter(name for change in self.of("altered") for name in change.fields)

    def moves(self) -> Counter[tuple[str, str]]:
        """Events whose type or mode is another: from which to which."""
        return Counter(
            (kind_of(c.before), kind_of(c.after))
            for c in self.of("altered")
            if c.before is not None
            and c.after is not None
            and kind_of(c.before) != kind_of(c.after)
        )


def kind_of(event: Event) -> str:
    """Type and mode: "COERCE withhold"."""
    return f"{event.event_type} {event.mode}" if event.mode else event.event_type


def compare(
    before: str | Path | None,
    after: str | Path | None,
    corpus: Corpus,
    progress: Callable[[Difference, Corpus], None] = lambda difference, corpus: None,
) -> Difference:
    """Code a corpus with two codebooks (None is the shipped one) and compare.

    Both read every sentence, so that what differs is the codebooks' doing alone.

    Raises:
        CodebookError: one of them cannot be loaded.
    """
    first, second = load(before), load(after)
    coder = Coder(codebook=before, settings=dataclasses.replace(DEFAULT, read_all=True))
    other = coder.with_codebook(second)
    found = Difference(first.label, second.label)
    for document in corpus:
        try:
            old, new = coder.code(document), other.code(document)
        except Exception as error:
            corpus.failed(document, error)
            continue
        found.types_before.update(event.event_type for event in old.events)
        found.types_after.update(event.event_type for event in new.events)
        pairs = paired(old.events, new.events)
        for one, two in pairs:
            change = _change(document, one, two, old, new)
            if change is None:
                found.same += 1
            else:
                found.changes.append(change)
        progress(found, corpus)
    return found


def paired(
    old: Sequence[Event], new: Sequence[Event]
) -> Iterator[tuple[Event | None, Event | None]]:
    """Events that code the same words: the very same ones, then those on the same trigger, then
    on overlapping ones. Each is in one pair; what has no other half stands alone."""
    left = dict(enumerate(new))
    found: dict[int, Event] = {}
    tests: tuple[Callable[[Event, Event], bool], ...] = (
        lambda a, b: a.id == b.id,
        lambda a, b: _span(a) == _span(b) and a.event_type == b.event_type,
        lambda a, b: _span(a) == _span(b),
        _touch,
    )
    for test in tests:
        for n, event in enumerate(old):
            if n in found:
                continue
            hit = next((k for k, candidate in left.items() if test(event, candidate)), None)
            if hit is not None:
                found[n] = left.pop(hit)
    for n, event in enumerate(old):
        yield event, found.get(n)
    for event in left.values():
        yield None, event


def _span(event: Event) -> tuple[str, int, int]:
    trigger = event.evidence.trigger
    return event.evidence.part, trigger.start, trigger.end


def _touch(one: Event, other: Event) -> bool:
    (part, start, end), (part_2, start_2, end_2) = _span(one), _span(other)
    return part == part_2 and start < end_2 and start_2 < end


def _change(
    document: Document, one: Event | None, two: Event | None, old: Coded, new: Coded
) -> Change | None:
    event = two or one
    assert event is not None  # noqa: S101 - of a pair one is there
    sentence = plain(pieces(document, event))
    if one is None:
        reason = _became(event, old)
        return Change("added", document.id, sentence, None, two, reason=reason)
    if two is None:
        return Change("removed", document.id, sentence, one, None, reason=_became(one, new))
    a, b = _view(one), _view(two)
    fields = {name: (a[name], b[name]) for name in a if a[name] != b[name]}
    if not fields:
        return None
    return Change("altered", document.id, sentence, one, two, fields)


def _view(event: Event) -> dict[str, Any]:
    """What is compared of an event: what an analyst would count by, and what decided."""
    record = event.to_dict()
    view = {name: record[name] for name in _COMPARED}
    trigger = record["evidence"]["trigger"]
    view["trigger"] = trigger["text"]
    for side in ("actors", "recipients"):
        view[side] = [_named(party) for party in record[side]]
    view["attribution"] = [
        [_named(link["speaker"]) if link["speaker"] else None, link["cue"]]
        for link in record["attribution"]
    ]
    place = record["place"]
    view["place"] = place and (place["name"] or place["text"])
    view["by"] = record["why"]["rule"] or record["why"]["model"]
    view["confidence"] = record["why"]["confidence"]
    return view


def _named(party: Mapping[str, Any]) -> str:
    codes = " ".join(filter(None, (party["country"], party["sector"])))
    return f"{party['text']} ({codes})" if codes else str(party["text"])


def _became(event: Event, other: Coded) -> str:
    """What another coding made of an event's words."""
    part, start, end = _span(event)
    near = [r for r in other.rejections if r.part == part and r.start < end and start < r.end]
    if near:
        return "; ".join(dict.fromkeys(map(_told, near)))
    beside = [
        f"{kind_of(e)} ({e.why.rule or e.why.model}) on '{e.evidence.trigger.text}'"
        for e in other.events
        if (e.evidence.part, e.evidence.sentence) == (part, event.evidence.sentence)
    ]
    if beside:
        return "the sentence has " + ", ".join(beside)
    return "no candidate on these words"


def _told(rejection: Rejection) -> str:
    rule = f" by {rejection.rule}" if rejection.rule else ""
    detail = f" ({rejection.detail})" if rejection.detail else ""
    return f"{rejection.reason.replace('_', ' ')}{rule}{detail}"
