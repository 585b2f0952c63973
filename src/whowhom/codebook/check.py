"""Run every example of a codebook: each frame must fire where it says so, and only there."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..model import Candidate, Document, Parsed, Parties, Party
from .loading import load
from .schema import Codebook, Frame

_MARK = re.compile(r"[\[\]{}]")


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence of a frame without its brackets, with the spans that were bracketed."""

    text: str
    actors: tuple[tuple[int, int], ...]
    recipients: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """An example that does not come out as its frame says."""

    file: str
    frame: str
    kind: Literal["no match", "matched", "actor", "recipient", "brackets"]
    sentence: str
    detail: str

    def __str__(self) -> str:
        return (
            f"{Path(self.file).name}: {self.frame}: {self.kind}: {self.sentence}  ({self.detail})"
        )


@dataclass(frozen=True, slots=True)
class CodebookReport:
    """The outcome of a check: how much there is, and what is wrong with it."""

    label: str
    types: int
    modes: int
    frames: int
    examples: int
    problems: tuple[Problem, ...] = ()
    frames_by_type: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.problems


def example(sentence: str) -> Example:
    """The sentence without brackets: ``[actor]`` and ``{recipient}`` become spans.

    Raises:
        ValueError: brackets do not close.
    """
    out: list[str] = []
    spans: dict[str, list[tuple[int, int]]] = {"[": [], "{": []}
    opened: list[tuple[str, int]] = []
    closes = {"]": "[", "}": "{"}
    at = 0
    for char in sentence:
        if char in "[{":
            opened.append((char, at))
        elif char in "]}":
            if not opened or opened[-1][0] != closes[char]:
                raise ValueError(f'"{char}" closes nothing')
            kind, start = opened.pop()
            spans[kind].append((start, at))
        else:
            out.append(char)
            at += 1
    if opened:
        raise ValueError(f'"{opened[-1][0]}" is not closed')
    return Example("".join(out), tuple(spans["["]), tuple(spans["{"]))


Find = Callable[[str], tuple[Parsed, Parties, list[Candidate]]]


def check_frame(frame: Frame, find: Find) -> Iterable[Problem]:
    """The examples of one frame that do not come out."""

    def problem(
        kind: Literal["no match", "matched", "actor", "recipient", "brackets"],
        text: str,
        detail: str,
    ) -> Problem:
        return Problem(frame.file, frame.id, kind, text, detail)

    for sentence in frame.match:
        try:
            wanted = example(sentence)
        except ValueError as error:
            yield problem("brackets", sentence, str(error))
            continue
        _, parties, candidates = find(wanted.text)
        mine = [c for c in candidates if c.why.rule == frame.id]
        if not mine:
            mine = [c for c in candidates if c.event_type == frame.event_type]
            if not mine or not _overlap_any(mine, wanted):
                others = ", ".join(f"{c.why.rule} on '{c.trigger.text}'" for c in candidates)
                yield problem(
                    "no match", sentence, f"instead: {others}" if others else "nothing found"
                )
                continue
        sides = [(c, *_sides(c)) for c in mine]
        missing_actor = [
            s for s in wanted.actors if not any(_names_it(a, s, parties) for _, a, _ in sides)
        ]
        missing_recipient = [
            s for s in wanted.recipients if not any(_names_it(r, s, parties) for _, _, r in sides)
        ]
        found = mine[0]
        if missing_actor:
            yield problem("actor", sentence, "found " + _names(found.actors))
        if missing_recipient:
            yield problem("recipient", sentence, "found " + _names(found.recipients))
    for sentence in frame.reject:
        _, _, candidates = find(_MARK.sub("", sentence))
        mine = [c for c in candidates if c.why.rule == frame.id]
        if mine:
            yield problem("matched", sentence, f"on '{mine[0].trigger.text}'")


def _sides(candidate: Candidate) -> tuple[tuple[Party, ...], tuple[Party, ...]]:
    if candidate.event_type == "CONSULT" and candidate.mode != "visit":
        return candidate.actors, candidate.actors  # all sides are actors
    return candidate.actors, candidate.recipients


def _overlap_any(candidates: list[Candidate], wanted: Example) -> bool:
    """Whether another frame of the same type gives the same parties: as good."""
    spans = [*wanted.actors, *wanted.recipients]
    return not spans or any(
        all(_covers((*c.actors, *c.recipients), span) for span in spans) for c in candidates
    )


def _covers(parties: Iterable[Party], span: tuple[int, int]) -> bool:
    return any(p.start < span[1] and span[0] < p.end for p in parties)


def _names_it(found: Iterable[Party], span: tuple[int, int], parties: Parties) -> bool:
    """Whether one of these is the bracketed party, by its place or as the same one elsewhere
    ("Moscow repeated its accusations": "its" is Moscow)."""
    found = list(found)
    if _covers(found, span):
        return True
    meant = {(p.name, p.country) for p in parties if p.start < span[1] and span[0] < p.end}
    return any(p.country is not None and (p.name, p.country) in meant for p in found)


def _names(parties: tuple[Party, ...]) -> str:
    return ", ".join(f'"{p.text}"' for p in parties) or "nobody"


def finder(codebook: Codebook) -> Find:
    """A function from a sentence to its candidates, with everything loaded once."""
    from ..actors import ActorResolver
    from ..attribution import find_statements
    from ..events import EventFinder
    from ..parse import Parser

    parser, resolver, events = Parser(), ActorResolver(), EventFinder(codebook)

    def find(sentence: str) -> tuple[Parsed, Parties, list[Candidate]]:
        parsed = parser.parse(Document("example", sentence))
        parties = resolver.resolve(parsed)
        statements = find_statements(parsed, parties)
        return parsed, parties, events.find(parsed, parties, statements)[0]

    return find


def check(
    folder: str | Path | None = None,
    only: Iterable[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> CodebookReport:
    """Load a codebook and run all its examples (or those of some types).

    Raises:
        CodebookError: the codebook cannot be loaded at all.
    """
    codebook = load(folder)
    chosen = {name.upper() for name in only}
    frames = [f for f in codebook.frames if not chosen or f.event_type in chosen or f.id in only]
    find = finder(codebook)
    problems: list[Problem] = []
    for number, frame in enumerate(frames, 1):
        problems.extend(check_frame(frame, find))
        if progress is not None:
            progress(number, len(frames))
    counts: dict[str, int] = {}
    for frame in codebook.frames:
        counts[frame.event_type] = counts.get(frame.event_type, 0) + 1
    return CodebookReport(
        codebook.label,
        len(codebook.types),
        sum(len(t.modes) for t in codebook.types.values()),
        len(codebook.frames),
        sum(len(f.match) + len(f.reject) for f in frames),
        tuple(problems),
        counts,
    )


if __name__ == "__main__":
    report = check(None, sys.argv[1:])
    for found in report.problems:
        sys.stdout.write(f"{found}\n")
    sys.stdout.write(
        f"{report.frames} frames, {report.examples} examples run, {len(report.problems)} problems\n"
    )
    raise SystemExit(0 if report.ok else 1)
