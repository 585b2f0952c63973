"""Documents or sentences drawn from a store, with its events, for people to correct."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from whowhom.errors import UsageError
from whowhom.evaluate.codings import from_store
from whowhom.evaluate.gold import AnnotatedDocument, AnnotatedEvent, Span
from whowhom.settings import EVALUATION

Unit = Literal["document", "sentence"]


def draw(
    store: Path,
    sample: int | None = None,
    *,
    unit: Unit = "document",
    seed: int = EVALUATION.seed,
    blank: bool = False,
    lost: Callable[[str], None] = lambda _: None,
) -> list[AnnotatedDocument]:
    """Tasks drawn at random, the same for the same store and seed, in the order of reading.

    Args:
        store: its folder. Whole documents need their texts (``whowhom code --keep-text``).
        sample: how many; None takes all.
        unit: ``document``: whole texts, those without events among them, so that recall can be
            measured; ``sentence``: the evidence sentences, which a store always has. Sentences
            without an event are not among them: they show what is wrong, not what was missed.
        seed: of the draw.
        blank: without the events, for coders who must not see what the program found.
        lost: called with a sentence for what cannot be shown.

    Raises:
        UsageError: the store has no texts, or nothing to draw from.
    """
    coding = from_store(store)
    documents = list(coding.documents.values())
    if unit == "document":
        pool = [document for document in documents if document.text]
        if documents and not pool:
            raise UsageError(
                "this store keeps no texts",
                where=str(store),
                do="Code with --keep-text, or draw sentences: --unit sentence.",
            )
        if len(pool) < len(documents):
            lost(f"{len(documents) - len(pool):,} documents without a text were left aside")
    else:
        pool = [task for document in documents for task in _sentences(document, lost)]
    if not pool:
        raise UsageError("there is nothing to draw from", where=str(store))
    if sample is not None and sample < len(pool):
        chosen = sorted(random.Random(seed).sample(range(len(pool)), sample))  # noqa: S311 - a draw, no secret
        pool = [pool[i] for i in chosen]
    return [_clean(document, blank, lost) for document in pool]


def _clean(
    document: AnnotatedDocument, blank: bool, lost: Callable[[str], None]
) -> AnnotatedDocument:
    """With those events and spans whose words stand where they say."""
    kept: list[AnnotatedEvent] = []
    for event in () if blank else document.events:
        if not _stands(event.trigger, document):
            lost(f"{document.id}: the event {event.id} has no place in the text")
            continue
        kept.append(
            dataclasses.replace(
                event,
                sentence=None,
                actors=tuple(_placed(p, document) for p in event.actors),
                recipients=tuple(_placed(p, document) for p in event.recipients),
                speaker=_placed(event.speaker, document) if event.speaker else None,
                place=_placed(event.place, document) if event.place else None,
                meta={k: v for k, v in event.meta.items() if v},
            )
        )
    return dataclasses.replace(document, events=tuple(kept), meta={})


def _stands(span: Span, document: AnnotatedDocument) -> bool:
    holder = document.part(span.part)
    if holder is None or span.start is None or span.end is None:
        return False
    return span.end > span.start and holder[span.start : span.end] == span.text


def _placed(span: Span, document: AnnotatedDocument) -> Span:
    """The span; without a place where its words do not stand there."""
    if _stands(span, document):
        return span
    return dataclasses.replace(span, start=None, end=None, part="text")


def _sentences(
    document: AnnotatedDocument, lost: Callable[[str], None]
) -> Sequence[AnnotatedDocument]:
    """A document of its own for each evidence sentence, with the events in it."""
    groups: dict[tuple[str, int, str], list[AnnotatedEvent]] = {}
    for event in document.events:
        sentence = event.sentence
        if sentence is None or sentence.start is None:
            lost(f"{document.id}: the event {event.id} has no sentence")
            continue
        groups.setdefault((sentence.part, sentence.start, sentence.text), []).append(event)
    tasks = []
    for (part, start, text), events in sorted(groups.items()):
        moved = [_moved(event, part, start, text) for event in events]
        where = f"{part} {start}" if part == "title" else str(start)
        tasks.append(
            dataclasses.replace(
                document,
                id=f"{document.id} at {where}",
                title=None,
                text=text,
                events=tuple(moved),
            )
        )
    return tasks


def _moved(event: AnnotatedEvent, part: str, by: int, text: str) -> AnnotatedEvent:
    """The event with offsets into its sentence."""

    def move(span: Span) -> Span:
        if span.start is None or span.end is None:
            return span
        start, end = span.start - by, span.end - by
        if span.part == part and start >= 0 and text[start:end] == span.text:
            return dataclasses.replace(span, start=start, end=end, part="text")
        # blanks of the sentence were joined, or its end was cut: the words may stand elsewhere
        at = text.find(span.text) if span.part == part else -1
        if at < 0 or text.count(span.text) > 1:
            return dataclasses.replace(span, start=None, end=None, part="text")
        return dataclasses.replace(span, start=at, end=at + len(span.text), part="text")

    sides: Mapping[str, tuple[Span, ...]] = {
        side: tuple(move(p) for p in getattr(event, side)) for side in ("actors", "recipients")
    }
    return dataclasses.replace(
        event,
        trigger=move(event.trigger),
        actors=sides["actors"],
        recipients=sides["recipients"],
        speaker=move(event.speaker) if event.speaker else None,
        place=move(event.place) if event.place else None,
    )
