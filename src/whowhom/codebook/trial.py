"""A frame at work on text before it is adopted: where it fires, and what coded that before."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import UsageError
from ..model import Coded, Document, Event, Rejection
from ..pipeline import Coder
from ..settings import DEFAULT
from .corpus import Corpus
from .loading import load, without_frames
from .marking import Piece, around, pieces
from .schema import Codebook, nearest


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where a frame on trial fired, or was looked at and not taken.

    ``before``: the events that the codebook without the frames has on these words, or has in this
    sentence and would lose.
    """

    document: Document
    pieces: tuple[Piece, ...]
    event: Event | None
    rejection: Rejection | None
    before: tuple[Event, ...] = ()

    @property
    def rule(self) -> str:
        rule = self.event.why.rule if self.event is not None else None
        return rule or (self.rejection.rule if self.rejection is not None else None) or ""

    @property
    def outcome(self) -> str:
        """``event``, or the reason of the rejection."""
        return self.rejection.reason if self.rejection is not None else "event"


@dataclass(slots=True)
class Trial:
    """All hits of some frames on a corpus."""

    rules: tuple[str, ...]
    hits: list[Hit] = field(default_factory=list)
    sentences: int = 0
    events: int = 0  # of all frames of the codebook and of the model

    @property
    def fired(self) -> list[Hit]:
        return [hit for hit in self.hits if hit.event is not None]

    @property
    def missed(self) -> list[Hit]:
        return [hit for hit in self.hits if hit.event is None]

    @property
    def before(self) -> Counter[str]:
        """How many of the events were coded before, by what; "nothing" where they were not."""
        return Counter(
            name
            for hit in self.fired
            for name in (map(described, hit.before) if hit.before else ["nothing"])
        )


def described(event: Event) -> str:
    """What an event is and by what: "COERCE withhold (COERCE.withhold)"."""
    kind = f"{event.event_type} {event.mode}" if event.mode else event.event_type
    return f"{kind} ({event.why.rule or event.why.model})"


def chosen(codebook: Codebook, frames: Iterable[str], types: Iterable[str]) -> tuple[str, ...]:
    """The ids of the frames that are meant: by id, with or without the type, and by type.

    Raises:
        UsageError: there is no such frame or type, or none was named.
    """
    out: dict[str, None] = {}
    ids = {frame.id for frame in codebook.frames}
    for name in frames:
        full = [i for i in ids if i == name or i.partition(".")[2] == name]
        if not full:
            short = "." not in name
            known = {i.partition(".")[2] if short else i for i in ids}
            raise UsageError(f'there is no frame "{name}"', do=nearest(name, known))
        if len(full) > 1:
            raise UsageError(
                f'several types have a frame "{name}"', do=f"Say which: {', '.join(sorted(full))}."
            )
        out[full[0]] = None
    for name in types:
        kind = codebook.types.get(name.upper())
        if kind is None:
            raise UsageError(f'there is no type "{name}"', do=nearest(name.upper(), codebook.types))
        out |= dict.fromkeys(frame.id for frame in kind.frames)
    if not out:
        raise UsageError("say which frames to try", do="--frame NAME, or --type TYPE.")
    return tuple(out)


def try_frames(
    folder: str | Path | None,
    corpus: Corpus,
    frames: Iterable[str] = (),
    types: Iterable[str] = (),
    progress: Callable[[Trial, Corpus], None] = lambda trial, corpus: None,
) -> Trial:
    """Code a corpus with a codebook, and where some of its frames fire, without them, too.

    Every sentence is read, as it is with any codebook that has frames of its own.

    Raises:
        CodebookError: the codebook cannot be loaded.
        UsageError: there is no such frame or type.
    """
    codebook = load(folder)
    rules = chosen(codebook, frames, types)
    coder = Coder(codebook=folder, settings=dataclasses.replace(DEFAULT, read_all=True))
    without = coder.with_codebook(without_frames(codebook, rules))
    trial = Trial(rules)
    wanted = frozenset(rules)
    for document in corpus:
        try:
            coded = coder.code(document)
            hits = list(_hits(document, coded, without, wanted))
        except Exception as error:
            corpus.failed(document, error)
            continue
        trial.hits += hits
        trial.sentences += coded.coverage.sentences_read
        trial.events += len(coded.events)
        progress(trial, corpus)
    return trial


def _hits(
    document: Document, coded: Coded, without: Coder, wanted: frozenset[str]
) -> Iterator[Hit]:
    fired = [event for event in coded.events if event.why.rule in wanted]
    missed = [
        r
        for r in coded.rejections
        if r.rule in wanted and not any(_same_place(e, r.part, r.start, r.end) for e in fired)
    ]
    before = without.code(document).events if fired else ()
    earlier = _taken(fired, before, {event.id for event in coded.events})
    for n, event in enumerate(fired):
        yield Hit(document, tuple(pieces(document, event)), event, None, tuple(earlier[n]))
    for rejection in missed:
        shown = tuple(around(document, rejection.part, rejection.start, rejection.end))
        yield Hit(document, shown, None, rejection)


def _taken(
    fired: Sequence[Event], before: Sequence[Event], kept: Collection[str]
) -> list[list[Event]]:
    """For each event of the frames, those that stood there before: on its words, or in its
    sentence and gone now. Each stands with one event, so that none is counted twice."""
    found: list[list[Event]] = [[] for _ in fired]
    for one in before:
        at = one.evidence.trigger
        places = [
            n
            for n, event in enumerate(fired)
            if _same_place(event, one.evidence.part, at.start, at.end)
        ]
        if not places and one.id not in kept:
            places = [n for n, event in enumerate(fired) if _same_sentence(one, event)]
        if places:
            # one that has none yet, else the nearest
            distances = {n: abs(fired[n].evidence.trigger.start - at.start) for n in places}
            found[min(places, key=lambda n: (len(found[n]), distances[n]))].append(one)
    return found


def _same_place(event: Event, part: str, start: int, end: int) -> bool:
    trigger = event.evidence.trigger
    return event.evidence.part == part and trigger.start < end and start < trigger.end


def _same_sentence(one: Event, other: Event) -> bool:
    a, b = one.evidence, other.evidence
    return (a.part, a.sentence) == (b.part, b.sentence)
