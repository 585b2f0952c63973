"""Run every example of a codebook: each frame must fire where it says so, and only there; and say
which frames never fire, get into each other's way, or contradict each other."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..languages import ENGLISH, language
from ..model import Candidate, Document, Parsed, Parties, Party
from .loading import load, own_frames
from .schema import Codebook, Frame, Phrase, nearest, words_of

if TYPE_CHECKING:
    from ..events.matching import Match
    from ..parse import Parser
    from ..parse.foreign import ForeignParser

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


Kind = Literal["never fires", "overlap", "contradiction", "takes over", "no such type"]
KINDS: tuple[Kind, ...] = (
    "contradiction", "no such type", "never fires", "takes over", "overlap"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a frame that its own examples do not tell.

    ``contradiction``: a rule or a sentence says two things at once. ``no such type``: it asks for
    the event of a type that there is not. ``never fires``: on no example. ``takes over``: an
    example of the shipped codebook comes out otherwise. ``overlap``: frames of two types hold on
    one word, of which one wins.
    """

    kind: Kind
    file: str
    frame: str
    detail: str
    error: bool = False  # else it is a warning: it may be meant

    def __str__(self) -> str:
        return f"{Path(self.file).name}: {self.frame}: {self.kind}: {self.detail}"


@dataclass(frozen=True, slots=True)
class CodebookReport:
    """The outcome of a check: how much there is, and what is wrong with it.

    ``examples``: how many were run; of a codebook that lies over the shipped one, its own and
    ``inherited`` ones, of shipped frames that hold a trigger of its own.
    """

    label: str
    types: int
    modes: int
    frames: int
    examples: int
    problems: tuple[Problem, ...] = ()
    frames_by_type: dict[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    own: int = 0  # frames that the shipped codebook does not have
    inherited: int = 0  # examples of shipped frames that were run

    @property
    def errors(self) -> int:
        return len(self.problems) + sum(f.error for f in self.findings)

    @property
    def warnings(self) -> int:
        return sum(not f.error for f in self.findings)

    @property
    def ok(self) -> bool:
        return not self.errors


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


def check_frame(
    frame: Frame,
    find: Find,
    match: Sequence[str] | None = None,
    reject: Sequence[str] | None = None,
) -> Iterable[Problem]:
    """The examples of one frame that do not come out; all of them where none are named."""

    def problem(
        kind: Literal["no match", "matched", "actor", "recipient", "brackets"],
        text: str,
        detail: str,
    ) -> Problem:
        return Problem(frame.file, frame.id, kind, text, detail)

    for sentence in frame.match if match is None else match:
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
    for sentence in frame.reject if reject is None else reject:
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


@dataclass(frozen=True, slots=True)
class Rivalry:
    """Frames of two types that hold on one word, and which one wins, and why."""

    winner: Frame
    loser: Frame
    trigger: str
    sentence: str
    reason: str


class Finder:
    """A function from a sentence to its candidates, with everything loaded once; it remembers
    which frames held and fired, and which got into each other's way."""

    def __init__(self, codebook: Codebook) -> None:
        from ..actors import ActorResolver
        from ..events import EventFinder
        from ..parse import Parser
        from ..parse.foreign import ForeignParser

        self._parser: Parser | ForeignParser
        if codebook.language == ENGLISH:
            self._parser, self._resolver = Parser(), ActorResolver(overlay=codebook.actors)
        else:
            spoken = language(codebook.language)
            self._parser = ForeignParser(spoken.code)
            self._resolver = ActorResolver(language=spoken.folder / "actors")
        self._events = EventFinder(codebook)
        self.fired: set[str] = set()
        self.beaten: dict[str, Frame] = {}  # frames that held and lost, by id, to which
        self.rivalries: dict[tuple[str, str], Rivalry] = {}

    def __call__(self, sentence: str) -> tuple[Parsed, Parties, list[Candidate]]:
        from ..attribution import find_statements

        parsed = self._parser.parse(Document("example", sentence))
        parties = self._resolver.resolve(parsed)
        statements = find_statements(parsed, parties)

        def note(i: int, ranked: Sequence[Match]) -> None:
            first = ranked[0].frame
            for other in ranked[1:]:
                self.beaten.setdefault(other.frame.id, first)
                pair = (first.id, other.frame.id)
                if other.frame.event_type != first.event_type and pair not in self.rivalries:
                    self.rivalries[pair] = Rivalry(
                        first, other.frame, parsed.doc[i].text, sentence, _reason(ranked[0], other)
                    )

        candidates = self._events.find(parsed, parties, statements, rivals=note)[0]
        self.fired.update(c.why.rule for c in candidates if c.why.rule)
        return parsed, parties, candidates


def finder(codebook: Codebook) -> Finder:
    """A function from a sentence to its candidates, with everything loaded once."""
    return Finder(codebook)


def _reason(winner: Match, loser: Match) -> str:
    """Why one frame goes before another, in the order of :func:`~whowhom.events.matching.rank`."""
    from ..events.matching import rank

    first, second = rank(winner), rank(loser)
    one, two = winner.frame, loser.frame
    if first[0] != second[0]:
        return "what is laid over the shipped codebook goes first"
    if first[1] != second[1]:
        if one.specificity != two.specificity:
            return f"{one.specificity} conditions to {two.specificity}"
        if len(winner.words) != len(loser.words):
            return f"{len(winner.words)} words to {len(loser.words)}"
        return f'needs = "{one.needs}" to "{two.needs}"'
    if first[2] != second[2]:
        return f"confidence {winner.confidence:g} to {loser.confidence:g}"
    if first[3] != second[3]:
        return "it found more sides"
    return "all else is equal, and it stands first"


# ------------------------------------------------------------ beyond the examples
def contradictions(codebook: Codebook, own: frozenset[str]) -> Iterator[Finding]:
    """Rules and sentences that say two things at once: errors where both are one's own."""
    seen: dict[tuple[object, ...], Frame] = {}
    for frame in codebook.frames:
        for trigger in _triggers(frame):
            key = (trigger, _pattern(frame))
            other = seen.setdefault(key, frame)
            if other is frame or _coded_as(other) == _coded_as(frame):
                continue
            both = frame.id in own and other.id in own
            if not both and frame.id not in own and other.id not in own:
                continue  # settled where they were made
            word = " ".join((trigger[1].head, *trigger[1].rest))
            yield Finding(
                "contradiction",
                frame.file,
                frame.id,
                f'the same word ("{word}") and the same conditions as {other.id}, '
                f"but {_coded_as(frame)} here and {_coded_as(other)} there",
                both,
            )
            break
    examples: dict[str, list[Frame]] = defaultdict(list)
    for frame in codebook.frames:
        for sentence in frame.match:
            examples[_plain(sentence)].append(frame)
    for frame in codebook.frames:
        for sentence in frame.reject:
            for other in examples.get(_plain(sentence), ()):
                if other.event_type != frame.event_type or own.isdisjoint((frame.id, other.id)):
                    continue  # of another type: it shows where one type ends
                same = "its own" if other is frame else f"{other.id}'s"
                yield Finding(
                    "contradiction",
                    frame.file,
                    frame.id,
                    f"a reject sentence is also {same} match: {_plain(sentence)}",
                    other is frame or _coded_as(other) == _coded_as(frame),
                )


def _coded_as(frame: Frame) -> str:
    return f"{frame.event_type} {frame.mode}" if frame.mode else frame.event_type


def _triggers(frame: Frame) -> Iterator[tuple[str, Phrase]]:
    yield from (("verb", phrase) for phrase in frame.verbs)
    yield from (("noun", phrase) for phrase in frame.nouns)
    yield from (("adjective", phrase) for phrase in frame.adjectives)


def _pattern(frame: Frame) -> tuple[object, ...]:
    """Everything that decides where a frame holds, beside its trigger."""
    tables = (frame.prep, frame.not_prep, frame.mode_by_object)
    return (
        *(frame.actor, frame.recipient, frame.needs, frame.clause, frame.reciprocal),
        *(frame.object, frame.not_object, frame.subject, frame.not_subject),
        *(frame.clause_verb, frame.not_clause_verb, frame.clause_type, frame.near, frame.not_near),
        *(frame.actor_sector, frame.not_actor_sector),
        *(frame.recipient_sector, frame.not_recipient_sector),
        *(tuple(sorted((k, tuple(sorted(v))) for k, v in table.items())) for table in tables),
        tuple(sorted(frame.mode_by_clause.items())),
    )


def _plain(sentence: str) -> str:
    return " ".join(_MARK.sub("", sentence).split())


def _unknown_types(frames: Iterable[Frame], codebook: Codebook) -> Iterator[Finding]:
    for frame in frames:
        for name in sorted({*frame.clause_type, *frame.mode_by_clause} - set(codebook.types)):
            detail = (
                f'it asks for an event of the type "{name}", which this codebook has not. '
                + nearest(name, codebook.types)
            )
            yield Finding("no such type", frame.file, frame.id, detail)


def _silent(frames: Iterable[Frame], find: Finder) -> Iterator[Finding]:
    """Frames that fired on no example."""
    for frame in frames:
        if frame.id in find.fired:
            continue
        by = find.beaten.get(frame.id)
        detail = "on no example that was run"
        if by is not None:
            detail += f"; where it holds, {by.id} wins"
        yield Finding("never fires", frame.file, frame.id, detail)


def _overlaps(rivalries: Iterable[Rivalry], own: frozenset[str]) -> Iterator[Finding]:
    for r in rivalries:
        mine, other = (r.winner, r.loser) if r.winner.id in own else (r.loser, r.winner)
        if mine.id not in own:
            continue
        outcome = "it wins over" if mine is r.winner else "it loses to"
        yield Finding(
            "overlap",
            mine.file,
            mine.id,
            f'on "{r.trigger}" {outcome} {other.id} ({r.reason}): {_plain(r.sentence)}',
        )


def _inherited(codebook: Codebook, own: Sequence[Frame]) -> Iterator[tuple[Frame, list[str]]]:
    """The match sentences of shipped frames in which a frame of one's own may hold: a word in them
    begins as its trigger does, and others as the words that it asks for. Verbs that change their
    stem ("stole") are missed; ``everything`` runs them all."""
    from ..events.matching import asked

    mine = {frame.id for frame in own}
    wanted = [
        (
            {phrase.head[:_STEM] for _, phrase in _triggers(frame)},
            [{word[:_STEM] for word in words} for words in asked(codebook, frame)],
        )
        for frame in own
    ]
    for frame in codebook.frames:
        if frame.id in mine:
            continue
        chosen = []
        for sentence in frame.match:
            words = words_of(_plain(sentence))
            stems = {word[:_STEM] for word in words}
            if any(
                not stems.isdisjoint(triggers) and not any(stems.isdisjoint(a) for a in others)
                for triggers, others in wanted
            ):
                chosen.append(sentence)
        if chosen:
            yield frame, chosen


_STEM = 4  # letters that the forms of a word share


def check(
    folder: str | Path | None = None,
    only: Iterable[str] = (),
    progress: Callable[[int, int], None] | None = None,
    *,
    everything: bool = False,
) -> CodebookReport:
    """Load a codebook and run its examples (or those of some types).

    Of a codebook that lies over the shipped one, the examples of its own frames are run, and of
    shipped frames those that hold a trigger of its own.

    Args:
        only: types, or ids of frames.
        progress: is told how many frames are done, of how many.
        everything: run all examples of the shipped frames, too.

    Raises:
        CodebookError: the codebook cannot be loaded at all.
    """
    codebook = load(folder)
    chosen = {name.upper() for name in only}
    asked = frozenset(only)
    own = own_frames(codebook)
    lies_over = any(frame.layer for frame in own)
    mine = own if own else codebook.frames
    names = frozenset(frame.id for frame in mine)
    frames = [
        f
        for f in (codebook.frames if everything or chosen or not lies_over else own)
        if not chosen or f.event_type in chosen or f.id in asked
    ]
    others = list(_inherited(codebook, own)) if lies_over and not (everything or chosen) else []
    find = finder(codebook)
    problems: list[Problem] = []
    findings: list[Finding] = []
    total = len(frames) + len(others)
    for number, frame in enumerate(frames, 1):
        found = list(check_frame(frame, find))
        if frame.id in names:
            problems.extend(found)
        else:
            findings.extend(_taken(frame, found))
        if progress is not None:
            progress(number, total)
    for number, (frame, sentences) in enumerate(others, len(frames) + 1):
        findings.extend(_taken(frame, check_frame(frame, find, match=sentences, reject=())))
        if progress is not None:
            progress(number, total)
    run = [frame for frame in frames if frame.id in names]
    findings.extend(contradictions(codebook, names))
    findings.extend(_unknown_types(run, codebook))
    findings.extend(_silent(run, find))
    findings.extend(_overlaps(find.rivalries.values(), names))
    findings.sort(key=lambda f: (not f.error, KINDS.index(f.kind)))
    counts: dict[str, int] = {}
    for frame in codebook.frames:
        counts[frame.event_type] = counts.get(frame.event_type, 0) + 1
    inherited = sum(len(sentences) for _, sentences in others)
    return CodebookReport(
        codebook.label,
        len(codebook.types),
        sum(len(t.modes) for t in codebook.types.values()),
        len(codebook.frames),
        sum(len(f.match) + len(f.reject) for f in frames) + inherited,
        tuple(problems),
        counts,
        tuple(findings),
        len(own),
        inherited,
    )


def _taken(frame: Frame, problems: Iterable[Problem]) -> Iterator[Finding]:
    """What became of examples of a shipped frame under a codebook that lies over it."""
    for problem in problems:
        detail = f"{problem.kind}: {_plain(problem.sentence)} ({problem.detail})"
        yield Finding("takes over", problem.file, frame.id, detail)


if __name__ == "__main__":
    report = check(None, sys.argv[1:])
    for found in report.problems:
        sys.stdout.write(f"{found}\n")
    sys.stdout.write(
        f"{report.frames} frames, {report.examples} examples run, {len(report.problems)} problems\n"
    )
    raise SystemExit(0 if report.ok else 1)
