"""Read: files, folders, feeds, archives, tables and texts become documents.

::

    for item in read(["news.jsonl", "archive/"]):
        item  # a Document, or a Skipped that says what was not read and why

Bytes are decoded once, here; nothing is fetched from a network; no date is guessed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

from whowhom.errors import UsageError
from whowhom.model import Document, Genre, Skipped, Source
from whowhom.read.dates import parse_date
from whowhom.read.decode import clean, one_line
from whowhom.read.files import Unit, expand, read_unit, units
from whowhom.read.genre import genre_of
from whowhom.read.record import (
    Context,
    Defaults,
    Record,
    build,
    by_place,
    from_mapping,
    hash_id,
    roles,
)
from whowhom.read.remote import Remote
from whowhom.settings import DEFAULT, Settings

__all__ = ["Defaults", "documents_from", "parse_date", "read", "read_text"]


def read(
    inputs: Sequence[str | Path],
    defaults: Defaults = Defaults(),  # noqa: B008 (frozen)
    settings: Settings = DEFAULT,
    stdin: BinaryIO | None = None,
) -> Iterator[Document | Skipped]:
    """The documents of files, folders, patterns and standard input (``-``), in that order.

    What cannot be read comes as :class:`Skipped`, in its place, and the rest goes on.

    Raises:
        InputError: a path does not exist, or a pattern fits nothing; at once, before
            anything is read.
    """
    context = Context(defaults, settings)
    found = plan(inputs)
    return (item for unit in found for item in read_unit(unit, stdin, context))


def plan(inputs: Sequence[str | Path]) -> Iterator[Unit]:
    """The single files that :func:`read` reads.

    Raises:
        InputError: as there, at once.
    """
    if isinstance(inputs, str | Path):
        inputs = [inputs]
    paths: list[tuple[str, Path | Remote | None]] = []
    for given in inputs:
        if str(given) == "-":
            paths.append(("-", None))
        else:
            paths.extend((str(given), path) for path in expand(str(given)))
    return units(paths)


def read_text(
    text: str,
    *,
    title: str | None = None,
    published: dt.date | str | None = None,
    outlet: str | None = None,
    id: str | None = None,
    genre: Genre | None = None,
) -> Document:
    """The document of a string.

    Raises:
        UsageError: the date cannot be read.
    """
    date, note = parse_date(published)
    if date is None and published is not None and note:
        raise UsageError(note, where="published", do="Give a date as YYYY-MM-DD")
    text, title = clean(text), one_line(title) if title else None
    return Document(
        id=id or hash_id(title, text),
        text=text,
        title=title,
        outlet=outlet,
        published=date,
        genre=genre_of((), None, title, text, genre),
        source=Source("", notes=(note,) if note else ()),
    )


def documents_from(obj: object, defaults: Defaults = Defaults()) -> Iterator[Document | Skipped]:  # noqa: B008
    """The documents of what a Python program holds.

    A string is a text; a :class:`Path` is read; a mapping has the fields of a record; a
    pandas or polars frame or an Arrow table has a document a row; anything iterable
    may mix these.

    Raises:
        UsageError: it is none of these, or a frame has no text column.
    """
    context = Context(defaults)
    if isinstance(obj, Path):
        return read([obj], defaults)
    if isinstance(obj, str | Document | Skipped | Mapping):
        return iter([_one(obj, Source(""), context)])
    rows = _frame_rows(obj)
    if rows is None:
        if isinstance(obj, bytes | bytearray) or not isinstance(obj, Iterable):
            raise UsageError(
                f"{type(obj).__name__} is no text and holds none",
                do="Give a string, a mapping with 'text', a list of these or a data frame",
            )
        rows = obj
    return _many(rows, context)


def _many(rows: Iterable[object], context: Context) -> Iterator[Document | Skipped]:
    for number, row in enumerate(rows, 1):
        if isinstance(row, Path):
            yield from read([row], context.defaults, context.settings)
        else:
            yield _one(row, Source("", f"item {number}"), context)


def _one(obj: object, source: Source, context: Context) -> Document | Skipped:
    if isinstance(obj, Document | Skipped):
        return obj
    if isinstance(obj, Mapping):
        return _by_place(build(from_mapping(obj), source, context))
    if isinstance(obj, str):
        return _by_place(build(Record(obj), source, context))
    return Skipped(source, "bad_record", f"it is {type(obj).__name__}, no text and no mapping")


def _by_place(item: Document | Skipped) -> Document | Skipped:
    return by_place(item) if isinstance(item, Skipped) else item


def _frame_rows(obj: object) -> Iterable[object] | None:
    """The rows of a polars frame, an Arrow table or a pandas frame as mappings, else None."""
    frame = cast(Any, obj)
    names = getattr(obj, "column_names", None)  # Arrow
    if names is None:
        names = getattr(obj, "columns", None)
    if names is None or callable(names):
        return None
    names = [str(name) for name in names]
    if not roles(names)["text"]:
        raise UsageError(
            "no column is known to hold the text", where=", ".join(names[:20]), do="Name one 'text'"
        )
    if hasattr(obj, "iter_rows"):
        return cast(Iterable[object], frame.iter_rows(named=True))
    if hasattr(obj, "to_batches"):
        return (row for batch in frame.to_batches(64) for row in batch.to_pylist())
    if hasattr(obj, "itertuples"):
        return (
            dict(zip(names, row, strict=True)) for row in frame.itertuples(index=False, name=None)
        )
    return None
