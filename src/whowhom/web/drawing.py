"""An event over its sentence: which words are what, as pieces that a template can mark."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ROLES: Mapping[str, str] = {
    "actor": "who",
    "trigger": "did",
    "recipient": "whom",
    "speaker": "says",
    "cue": "how said",
    "date": "when",
    "place": "where",
}
"""Roles of words, the most telling first: where two want the same word, the first has it."""
_ORDER = list(ROLES)


@dataclass(frozen=True, slots=True)
class Span:
    """Words with a role; offsets into the text that is drawn."""

    role: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, with its roles: none, one, or the outer and the inner."""

    text: str
    roles: tuple[str, ...] = ()
    label: str = ""  # shown over its first piece


def spans_of(event: Mapping[str, Any], text: str, shift: int) -> list[Span]:
    """The spans of an event (a record as ``Store.fetch`` gives it) in a text.

    Offsets of the record count in the document's own text; blanks may be folded in an evidence
    sentence, so the words are looked for near where they should be. What lies outside of the
    text (a speaker two sentences before) is left out.
    """
    part = event["evidence"]["part"]
    wanted: list[tuple[str, int, int, str]] = []
    trigger = event["evidence"]["trigger"]
    wanted.append(("trigger", trigger["start"], trigger["end"], trigger["text"]))
    for role, side in (("actor", "actors"), ("recipient", "recipients")):
        for p in event[side]:
            if p["part"] == part:
                wanted.append((role, p["start"], p["end"], p["text"]))
    for link in event["attribution"]:
        speaker = link["speaker"]
        if speaker and speaker["part"] == part:
            wanted.append(("speaker", speaker["start"], speaker["end"], speaker["text"]))
        wanted.append(("cue", link["start"], link["end"], link["cue"]))
    place = event["place"]
    if place and place["part"] == part:
        wanted.append(("place", place["start"], place["end"], place["text"]))
    found = []
    for role, start, end, words in wanted:
        at = locate(text, start - shift, words, end - start)
        if at is not None:
            found.append(Span(role, *at))
    if event["date_text"]:
        # the record has the words of the date, not where they stand
        at = nearest(text, event["date_text"], next((s.start for s in found), 0))
        if at is not None:
            found.append(Span("date", *at))
    return found


def locate(text: str, start: int, words: str, length: int) -> tuple[int, int] | None:
    """Where words stand: at their offset, else nearby, else nowhere."""
    if words:
        if start >= 0 and text.startswith(words, start):
            return start, start + len(words)
        folded = " ".join(words.split())
        at = nearest(text, folded, max(start, 0))
        # a name stands in a text many times: far from its offset it is another mention
        if at is not None and abs(at[0] - start) <= 40 + len(text) // 20:
            return at
        return None
    return (start, start + length) if 0 <= start < start + length <= len(text) else None


def nearest(text: str, words: str, around: int) -> tuple[int, int] | None:
    """The occurrence of words that is nearest to an offset."""
    best, at = None, text.find(words) if words else -1
    while at >= 0:
        if best is None or abs(at - around) < abs(best - around):
            best = at
        at = text.find(words, at + 1)
    return None if best is None else (best, best + len(words))


def pieces(text: str, spans: Iterable[Span]) -> list[Piece]:
    """A text cut at the borders of its spans; nothing of it is lost or doubled."""
    kept = sorted(
        {s for s in spans if 0 <= s.start < s.end <= len(text)},
        key=lambda s: (s.start, -s.end, _ORDER.index(s.role)),
    )
    borders = sorted({0, len(text), *(s.start for s in kept), *(s.end for s in kept)})
    cut: list[tuple[int, int, tuple[str, ...], list[str]]] = []
    seen: set[Span] = set()
    for start, end in itertools.pairwise(borders):
        here = [s for s in kept if s.start <= start and end <= s.end]
        roles = tuple(dict.fromkeys(s.role for s in here))
        fresh = list(dict.fromkeys(ROLES[s.role] for s in here if s not in seen))
        seen.update(here)
        cut.append((start, end, roles, fresh))
    made: list[Piece] = []
    room = len(text) + 20
    for start, end, roles, fresh in reversed(cut):
        # letters of a label are about three quarters as wide as those of the sentence
        while len(fresh) > 1 and len(" · ".join(fresh)) * 0.75 > room - start:
            fresh.pop()
        made.append(Piece(text[start:end], roles, " · ".join(fresh)))
        if fresh:
            room = start
    return made[::-1]


def sentence(event: Mapping[str, Any]) -> list[Piece]:
    """The evidence sentence of an event, in pieces."""
    text = event["evidence"]["sentence_text"]
    return pieces(text, spans_of(event, text, event["evidence"]["start"]))


def by_sentence(events: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """The events of a document, grouped by their sentence, in the order of the text."""
    groups: dict[tuple[int, int], list[Mapping[str, Any]]] = {}
    for event in events:
        part = 0 if event["evidence"]["part"] == "title" else 1
        groups.setdefault((part, event["evidence"]["start"]), []).append(event)
    return [groups[key] for key in sorted(groups)]
