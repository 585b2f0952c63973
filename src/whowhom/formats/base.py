"""What every format gives: a writer, a reader or none, and what it has no place for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Protocol

Record = Mapping[str, Any]
"""An event as ``Event.to_dict`` gives it."""


class RecordWriter(Protocol):
    """Takes events' records and writes them to a binary file."""

    def write(self, records: Iterable[Record]) -> None: ...
    def finish(self) -> None: ...
    @property
    def losses(self) -> Mapping[str, int]:
        """What the format has no place for: how many of the events have it, by what it is.

        A writer that leaves events out has ``left_out``, too: how many, by the reason.
        """
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was read: its line (1 is the first of the file), the event, and what stood there.

    ``record`` is made by :func:`whowhom.formats.imported.record`; its ``document.id`` is the row's
    identity. ``content`` is the row as bytes, whatever their form: equal rows have equal content,
    and a row whose content changed is another version of it. ``notes``: what reading changed or
    left out, for the ledger.
    """

    line: int
    record: Record
    content: bytes
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be read: its line (1 is the first of the file), why, and its start.

    ``reason`` is a short code for the ledger (``bad_row``, ``bad_value``, ``unknown_type``), and
    ``detail`` a sentence: which field, what stands there, what is wrong.
    """

    line: int
    reason: str
    detail: str


OUTSIDE = frozenset(("statement", "no_type"))
"""Reasons of rows that are whole and hold nothing that PLOVER has a type for: no fault of the file.
CAMEO 01 and 02 are such rows, and ICEWS and GDELT have many of them."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from: what a reader may put into a record."""

    file: str
    """The name of the file, for messages."""
    source: str
    """What the rows' documents and coder are named after: ``polecat``, ``icews``, ..."""


Reader = Callable[[IO[bytes], Origin], Iterator[Row | BadRow]]
"""From an open binary file to rows, one at a time: memory does not grow with the file.

The file is UTF-8: whoever opens it unpacks it and brings lines in other encodings into this one.
Formats with ``binary`` get the bytes of the file as they are, and can seek.
"""


@dataclass(frozen=True, slots=True)
class Format:
    """A format by name. ``columns`` are in order; empty where it has none."""

    name: str
    title: str
    writer: Callable[[IO[bytes]], RecordWriter]
    reader: Reader | None = None
    columns: Sequence[str] = ()
    cannot_hold: Sequence[str] = field(default=())
    """What is always lost on writing, in words, for the documentation."""
    not_read: Sequence[str] = field(default=())
    """Columns or fields that reading leaves out, for the record has no place for them."""
    suffixes: Sequence[str] = ()
    """Endings that stand for the format where none is named."""
    delimiter: str = ""
    """What stands between cells, where a header alone does not tell the format from others."""
    header: bool = True
    """Whether a file of it begins with the names of its columns, by which it is known."""
    known_by: Callable[[str], bool] | None = None
    """Whether a file with this first line is one of the format, where it has no header."""
    binary: bool = False
    """The reader wants the file as it is, and seeks in it: Parquet."""
    own: bool = False
    """A form of whowhom's own record: documents and events keep their ids."""
