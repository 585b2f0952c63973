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
        """What the format has no place for: how many of the events have it, by what it is."""
        ...


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be read: its line (1 is the first of the file), why, and its start."""

    line: int
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from: what a reader may put into a record."""

    file: str
    """The name of the file, for messages."""
    source: str
    """What the rows' documents and coder are named after: ``polecat``, ``icews``, ..."""


Reader = Callable[[IO[bytes], Origin], Iterator[Record | BadRow]]
"""From an open binary file to records, one at a time: memory does not grow with the file."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format by name. ``columns`` are in order; empty where it has none."""

    name: str
    title: str
    writer: Callable[[IO[bytes]], RecordWriter]
    reader: Reader | None = None
    columns: Sequence[str] = ()
    cannot_hold: Sequence[str] = field(default=())
    """What is always lost, in words, for the documentation."""
