"""A coding: what one coder, a person or a program, found in which documents."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from whowhom.engine.outcome import CoderLike
from whowhom.errors import InputError, UsageError, WhowhomError
from whowhom.evaluate.gold import AnnotatedDocument, AnnotatedEvent, Span, read_gold

if TYPE_CHECKING:
    from whowhom.store import Store


@dataclass(frozen=True, slots=True)
class Coding:
    """Documents by id, with their events.

    ``complete``: a document that is not among them was not coded. False: only documents with
    events are known, and any other may have been coded and found empty.
    """

    name: str
    documents: Mapping[str, AnnotatedDocument]
    complete: bool = True

    def of(self, id_: str) -> AnnotatedDocument | None:
        """A document; an empty one where it may have been coded and found empty."""
        found = self.documents.get(id_)
        if found is None and not self.complete:
            return AnnotatedDocument(id_, None)
        return found


def read_coding(path: Path, ids: Collection[str] | None = None) -> Coding:
    """The coding that a path holds: a store, events as ``whowhom code`` writes them (JSON Lines or
    Parquet), or a gold file.

    Args:
        path: the store's folder, or the file.
        ids: documents that are wanted, where not all are: a large store is not read whole.

    Raises:
        InputError: the file is none of these, or something in it is wrong.
        StoreError: the store cannot be read.
    """
    from whowhom.store import is_store

    if path.is_dir():
        if is_store(path):
            return from_store(path, ids)
        raise InputError(
            "this folder is no store",
            where=str(path),
            do="Name a store, a gold file, or events as JSON Lines.",
        )
    if _is_parquet(path) or _holds_events(path):
        return from_events(path)
    return Coding(path.name, {d.id: d for d in read_gold(path)})


def check_common(
    path: Path, coding: Coding, gold: Collection[AnnotatedDocument], named: Path
) -> None:
    """Complain of a coding that has none of gold's documents, though it has others.

    Args:
        path: of the coding.
        coding: what was read of it.
        gold: its documents, at least one.
        named: the file of gold.

    Raises:
        InputError: so it is; the message has ids of both.
    """
    from whowhom.store import is_store, open_store

    if any(document.id in coding.documents for document in gold):
        return
    theirs = sorted(coding.documents)[:_SHOWN]
    if path.is_dir() and is_store(path):  # only gold's documents were read of it
        with open_store(path) as store:
            rows = store.sql(f"select id from documents order by id limit {_SHOWN}").fetchall()  # noqa: S608
        theirs = [str(id_) for (id_,) in rows]
    if not theirs and not coding.complete:
        return  # a file without events: everything was found empty
    ours = [document.id for document in gold][:_SHOWN]
    has = f"ids there: {_named(theirs)}" if theirs else "it has no document"
    raise InputError(
        f"it has no document of {named} (ids in the gold: {_named(ours)}; {has})",
        where=str(path),
        do="Documents are known by their ids: code the texts of the gold with the same ids, or "
        "leave out --predictions to code them now.",
        reason="no_common_document",
    )


_SHOWN = 3  # ids that a message names: enough to see how they differ


def _named(ids: Iterable[str]) -> str:
    return ", ".join(repr(id_[:60]) for id_ in ids)


def from_store(path: Path, ids: Collection[str] | None = None) -> Coding:
    """The coding of a store: every document that was coded, with its text where it was kept;
    only those of ``ids`` where it is given."""
    from whowhom.store import open_store

    with open_store(path) as store:
        events: dict[str, list[AnnotatedEvent]] = {}
        for record in _rows(store, "events", "document.id", ids):
            events.setdefault(record["document"]["id"], []).append(event_of(record))
        documents = {
            row["id"]: AnnotatedDocument(
                row["id"],
                row["text"],
                row["title"],
                row["outlet"],
                row["url"],
                dt.date.fromisoformat(row["published"]) if row["published"] else None,
                row["genre"],
                tuple(sorted(events.get(row["id"], ()), key=_in_text)),
                meta={"sha256": row["sha256"]},
            )
            for row in _rows(store, "documents", "id", ids)
        }
    return Coding(path.name, documents)


def _in_text(event: AnnotatedEvent) -> tuple[Any, ...]:
    """The order of the text, the title first; a query gives none within a document."""
    at = event.trigger
    return at.part == "text", -1 if at.start is None else at.start, event.event_type, event.id


def _rows(
    store: Store, table: Literal["events", "documents"], key: str, ids: Collection[str] | None
) -> Iterator[dict[str, Any]]:
    """The rows of a table, or those of some documents."""
    if ids is None:
        yield from store.records(table)
        return
    from whowhom.store.schema import EVENT_SCHEMA, SCHEMAS, records

    query = f"from {table} where {key} in (select unnest(?::varchar[])) order by sequence"
    found = store.sql(query, [sorted(ids)]).to_arrow_table()
    yield from records(found, EVENT_SCHEMA if table == "events" else SCHEMAS[table])


def from_events(path: Path) -> Coding:
    """The coding of a file of events: one JSON record a line, or the Parquet of ``whowhom code``
    and ``whowhom export``.

    Raises:
        InputError: a line is no event, or the Parquet file has other columns.
    """
    documents: dict[str, AnnotatedDocument] = {}
    events: dict[str, list[AnnotatedEvent]] = {}
    for where, record in _parquet(path) if _is_parquet(path) else _json_lines(path):
        try:
            event = event_of(record)
            document = record["document"]
            id_ = document["id"]
            _check_types(event, id_)
            published = document.get("published")
            day = dt.date.fromisoformat(published) if published else None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _no_event(where, error) from error
        documents.setdefault(
            id_,
            AnnotatedDocument(
                id_, None, document.get("title"), document.get("outlet"), published=day
            ),
        )
        events.setdefault(id_, []).append(event)
    return Coding(
        path.name,
        {i: dataclasses.replace(d, events=tuple(events[i])) for i, d in documents.items()},
        complete=False,
    )


def _no_event(where: str, error: Exception) -> InputError:
    return InputError(
        f"no event record ({type(error).__name__}: {error})",
        where=where,
        do="Write events with: whowhom code ... -o events.jsonl",
    )


def _json_lines(path: Path) -> Iterator[tuple[str, Any]]:
    """Each record of a file of JSON Lines, with its place."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                where = f"{path}, line {number}"
                try:
                    yield where, json.loads(line)
                except ValueError as error:
                    raise _no_event(where, error) from error


def _is_parquet(path: Path) -> bool:
    with contextlib.suppress(OSError), path.open("rb") as file:
        return file.read(4) == b"PAR1"
    return False


def _parquet(path: Path) -> Iterator[tuple[str, Any]]:
    """Each record of a Parquet file with the columns of the event record, with its place."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from whowhom.store.schema import EVENT_SCHEMA, records

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches():
                table = pa.Table.from_batches([batch]).select(EVENT_SCHEMA.names)
                for record in records(table.cast(EVENT_SCHEMA), EVENT_SCHEMA):
                    number += 1
                    yield f"{path}, row {number}", record
    except (pa.ArrowException, KeyError, OSError) as error:
        raise InputError(
            f"this Parquet file does not hold event records ({error})",
            where=str(path),
            do="Give what whowhom code -o events.parquet writes, or events as JSON Lines: "
            "whowhom export STORE -o events.jsonl",
        ) from error


def from_coder(
    documents: Iterable[AnnotatedDocument],
    coder: CoderLike,
    progress: Callable[[int, str], None] = lambda done, id_: None,
) -> tuple[Coding, list[tuple[str, str]]]:
    """What a coder finds in the texts of some documents, and what it could not code, and why.

    Only what a coder is meant to see is given to it: text, title, outlet, url, day, genre.
    """
    found: dict[str, AnnotatedDocument] = {}
    failed: list[tuple[str, str]] = []
    for done, document in enumerate(documents):
        progress(done, document.id)
        bare = dataclasses.replace(document, events=(), coder=None, meta={})
        try:
            coded = coder.code(document.document())
        except WhowhomError as error:
            failed.append((document.id, str(error)))
            found[document.id] = bare
            continue
        events = tuple(event_of(event.to_dict()) for event in coded.events)
        found[document.id] = dataclasses.replace(bare, events=events)
    return Coding("whowhom", found), failed


def event_of(record: Mapping[str, Any]) -> AnnotatedEvent:
    """An event record (as ``Event.to_dict`` gives it) as an annotated event.

    Raises:
        KeyError: a field is missing.
    """
    evidence = record["evidence"]
    part = evidence.get("part", "text")
    trigger = evidence["trigger"]
    placed = bool(trigger["text"])  # imported events have no words
    sentence = None
    if evidence["sentence_text"]:
        sentence = Span(evidence["sentence_text"], evidence["start"], evidence["end"], part)
    speakers = [link["speaker"] for link in record["attribution"] if link["speaker"]]
    place = record["place"]
    return AnnotatedEvent(
        record["id"],
        record["event_type"],
        Span(
            trigger["text"],
            trigger["start"] if placed else None,
            trigger["end"] if placed else None,
            part,
        ),
        sentence=sentence,
        mode=record["mode"],
        status=record["status"],
        voice=record["voice"],
        actors=tuple(_party(p) for p in record["actors"]),
        recipients=tuple(_party(p) for p in record["recipients"]),
        speaker=_party(speakers[-1]) if speakers else None,
        date=_cut(record["date"], record["date_granularity"]),
        place=None
        if place is None
        else Span(
            place["text"],
            place["start"],
            place["end"],
            place.get("part", "text"),
            place["country"],
            None,
            place["name"],
        ),
        quad=record["quad"],
        confidence=record["why"]["confidence"],
        meta={"rule": record["why"]["rule"] or record["why"]["model"] or ""},
    )


def _check_types(event: AnnotatedEvent, document: object) -> None:
    """Complain of values that cannot be compared.

    Raises:
        TypeError: a name is no string, or an offset no number.
    """
    spans = [event.trigger, event.sentence, event.speaker, event.place]
    spans += [*event.actors, *event.recipients]
    words: list[object] = [document, event.id, event.event_type, event.trigger.text]
    others = [event.mode, event.status, event.voice, event.quad]
    for span in spans:
        if span is None:
            continue
        others += [span.text, span.part, span.country, span.sector, span.name]
        if not all(isinstance(x, int | None) for x in (span.start, span.end)):
            raise TypeError(f"an offset is {span.start!r}")
    for word in words + [other for other in others if other is not None]:
        if not isinstance(word, str):
            raise TypeError(f"{word!r} is no string")


def _party(party: Mapping[str, Any]) -> Span:
    return Span(
        party["text"],
        party["start"],
        party["end"],
        party.get("part", "text"),
        party["country"],
        party["sector"],
        party["name"],
    )


def _cut(date: str | None, granularity: str | None) -> str | None:
    """A date no finer than it is known: a month's first day stands for the month."""
    if date is None:
        return None
    return date[: {"year": 4, "month": 7}.get(granularity or "day", 10)]


def only(
    documents: Iterable[AnnotatedDocument],
    statuses: Collection[str] = (),
    confidence: float = 0.0,
) -> list[AnnotatedDocument]:
    """Documents with those of their events that count.

    Args:
        documents: of a coding, or of gold.
        statuses: of events that count; none is all. An event without a status counts.
        confidence: the least that counts; an event without one counts.
    """

    def counts(event: AnnotatedEvent) -> bool:
        if statuses and event.status is not None and event.status not in statuses:
            return False
        return event.confidence is None or event.confidence >= confidence

    return [
        dataclasses.replace(document, events=tuple(filter(counts, document.events)))
        for document in documents
    ]


def without_repeats(events: Iterable[AnnotatedEvent]) -> Iterator[AnnotatedEvent]:
    """Events, each once: two with the same trigger, type and country codes are one."""
    seen = set()
    for event in events:
        trigger = event.trigger
        key = (
            trigger.part,
            trigger.start,
            trigger.text,
            event.event_type,
            event.countries("actors"),
            event.countries("recipients"),
        )
        if trigger.start is None or key not in seen:
            seen.add(key)
            yield event


def _holds_events(path: Path) -> bool:
    """Whether a file's first record is an event, not an annotated document."""
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                if line.strip():
                    first = json.loads(line)
                    return isinstance(first, dict) and "evidence" in first
    except OSError as error:
        raise UsageError(
            f"it cannot be read ({error.strerror})",
            where=str(path),
            do="Name a store, a gold file, or events as JSON Lines.",
        ) from error
    except (ValueError, RecursionError):
        return False  # the reader of gold says what is wrong, and where
    return False
