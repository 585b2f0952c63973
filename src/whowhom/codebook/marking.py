"""A sentence with its event marked as the examples of a codebook are: [actor], {recipient}."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ..model import Document, Event, Part

Role = Literal["plain", "trigger", "actor", "recipient"]
SIGNS: dict[Role, tuple[str, str]] = {
    "plain": ("", ""),
    "trigger": ("*", "*"),
    "actor": ("[", "]"),
    "recipient": ("{", "}"),
}
"""What is put before and after a part; those of the parties are the notation of the examples."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a sentence and what it is in the event."""

    role: Role
    text: str


def pieces(document: Document, event: Event) -> list[Piece]:
    """The sentence of an event in pieces. Parties in other sentences are not in it."""
    evidence = event.evidence
    spans: list[tuple[Role, int, int]] = [("trigger", evidence.trigger.start, evidence.trigger.end)]
    for role, parties in (("actor", event.actors), ("recipient", event.recipients)):
        spans += [(role, p.start, p.end) for p in parties if p.part == evidence.part]  # type: ignore[misc]
    return _cut(_source(document, evidence.part), evidence.start, evidence.end, spans)


def around(document: Document, part: Part, start: int, end: int, width: int = 80) -> list[Piece]:
    """Words with what stands around them, some ``width`` characters either side."""
    text = _source(document, part)
    low = max(0, start - width)
    high = min(len(text), end + width)
    while low > 0 and low < start and not text[low - 1].isspace():
        low += 1
    while high < len(text) and high > end and not text[high].isspace():
        high -= 1
    return _cut(text, low, high, [("trigger", start, end)])


def plain(found: Iterable[Piece]) -> str:
    """The pieces as one line, with their signs."""
    return "".join(SIGNS[p.role][0] + p.text + SIGNS[p.role][1] for p in found)


def _source(document: Document, part: Part) -> str:
    return (document.title or "") if part == "title" else document.text


def _cut(text: str, low: int, high: int, spans: Iterable[tuple[Role, int, int]]) -> list[Piece]:
    out: list[Piece] = []
    at = low
    for role, start, end in sorted(spans, key=lambda s: (s[1], -s[2])):
        if start < at or end > high:  # inside another one: the outer is marked
            continue
        if start > at:
            out.append(Piece("plain", _one_line(text[at:start])))
        out.append(Piece(role, _one_line(text[start:end])))
        at = end
    if at < high:
        out.append(Piece("plain", _one_line(text[at:high])))
    return out


def _one_line(text: str) -> str:
    """Blanks folded, but kept at both ends."""
    inner = " ".join(text.split())
    if not inner:
        return " " if text else ""
    return " " * text[0].isspace() + inner + " " * text[-1].isspace()
