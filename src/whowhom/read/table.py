"""CSV and TSV: a document a row, streamed; a broken row is named and the next one is read.

A quotation mark that is never closed makes a CSV reader swallow every row up to the next
one. Such a row is reported, and reading goes on with the line after its first.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from whowhom.errors import InputError
from whowhom.model import Skipped, Source
from whowhom.read.decode import decode
from whowhom.read.lines import lines
from whowhom.read.record import Context, Item, Record, build, roles

DELIMITERS = ",\t;|"
_SPREADSHEET = re.compile(r"sep=.?", re.IGNORECASE)  # a first line for spreadsheets


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    encoding: str
    notes: tuple[str, ...]


class _Overflow(Exception):  # noqa: N818 (a signal between the two readers, never seen outside)
    """One row is larger than the limit."""


class _Feed:
    """Decoded lines for :func:`csv.reader`, with those of the current row kept for recovery."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._lines = lines(stream, limit)
        self._again: deque[_Line] = deque()
        self._limit = limit
        self.row: list[_Line] = []
        self._held = 0
        self.ended = False

    def begin(self) -> None:
        self.row, self._held = [], 0

    def give_back(self) -> None:
        """All lines of the current row but its first will be read again."""
        self._again.extendleft(reversed(self.row[1:]))
        self.begin()
        self.ended = False

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if self._again:
            line = self._again.popleft()
        else:
            raw = next(self._lines, b"")
            if raw is None:
                raise _Overflow
            if not raw:
                self.ended = True
                raise StopIteration
            try:
                decoded = decode(raw, guess=False)
                line = _Line(decoded.text, decoded.encoding, decoded.notes)
            except InputError:
                line = _Line("\ufffd", "utf-8", ("binary data in the line",))
        self.row.append(line)
        self._held += len(line.text)
        if self._held > self._limit:
            raise _Overflow
        return line.text

    def source(self, file: str, number: int) -> Source:
        """Where the current row stands, and how its bytes were read."""
        odd = next((line for line in self.row if line.encoding != "utf-8"), None)
        notes = tuple(dict.fromkeys(note for line in self.row for note in line.notes))
        return Source(file, f"row {number}", odd.encoding if odd else "utf-8", notes)


def delimiter_of(header: str, preferred: str) -> str | None:
    """The delimiter with which a header names a text column, None where none does."""
    best: tuple[int, str] | None = None
    for mark in preferred + DELIMITERS.replace(preferred, ""):
        names = _loosely(header, mark)
        found = roles(names)
        known = sum(bool(places) for places in found.values())
        if found["text"] and (best is None or known > best[0]):
            best = (known, mark)
    return best[1] if best else None


def read_table(stream: BinaryIO, file: str, context: Context) -> Iterator[Item]:
    """A document or a reason for each row that is not blank; the header is row 1.

    Raises:
        InputError: ``empty`` or ``no_text_column``.
    """
    limit = context.settings.max_file_bytes
    csv.field_size_limit(limit)  # the default of 131,072 is shorter than a long article
    feed = _Feed(stream, limit)
    try:
        header = next(feed, "")
    except _Overflow:
        header = ""
    while header and (not header.strip() or _SPREADSHEET.fullmatch(header.strip())):
        header = next(feed, "")
    if not header:
        raise InputError("the file is empty", where=file, reason="empty")
    delimiter = delimiter_of(header, "\t" if file.lower().endswith((".tsv", ".tab")) else ",")
    if delimiter is None:
        shown = " ".join(header.split())[:120]
        raise InputError(
            f"no column is known to hold the text (the header reads {shown!r})",
            where=file,
            reason="no_text_column",
            do="Name a column 'text'",
        )
    names = _loosely(header, delimiter)
    check_columns(len(names), file, context)
    yield from _rows(feed, names, delimiter, file, context)


def check_columns(count: int, file: str, context: Context) -> None:
    """Raises:
    InputError: ``too_large``, where a table has more columns than the limit."""
    limit = context.settings.max_columns
    if count > limit:
        raise InputError(
            f"the table has {count} columns, the limit is {limit}", where=file, reason="too_large"
        )


def _rows(
    feed: _Feed, names: list[str], delimiter: str, file: str, context: Context
) -> Iterator[Item]:
    columns = roles(names)
    # strict: else a quotation that closes in the middle of a later row swallows rows unseen
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    number, recoveries, limit = 1, 0, context.settings.max_broken_rows
    while True:
        feed.begin()
        problem = ""
        row: list[str] = []
        try:
            row = next(reader)
        except StopIteration:
            return
        except _Overflow:
            problem = f"the row has more than {context.settings.max_file_bytes} bytes"
        except csv.Error as error:
            if len(feed.row) == 1 and not feed.ended:  # 1,"a" b: odd, and clear enough
                row = _loosely(feed.row[0].text, delimiter)
            problem = "" if row else f"the row cannot be read ({error})"
            reader = csv.reader(feed, delimiter=delimiter, strict=True)
        number += 1
        if not problem and not any(cell.strip() for cell in row):
            continue
        source = feed.source(file, number)
        if feed.ended:  # the reader asked for more: a quotation is open
            problem = "a quotation mark is opened and never closed"
        problem = problem or _misfit(row, names)
        if not problem:
            yield _document(row, columns, source, context)
            continue
        reason = "too_large" if "more than" in problem else "bad_record"
        yield Skipped(source, reason, problem)
        if len(feed.row) > 1:
            recoveries += 1
            if recoveries > limit:
                yield Skipped(
                    Source(file, f"after row {number}"),
                    "damaged",
                    f"more than {limit} rows are broken; the rest was not read",
                )
                return
            feed.give_back()
        reader = csv.reader(feed, delimiter=delimiter, strict=True)


def _loosely(line: str, delimiter: str) -> list[str]:
    """The cells of one line as a forgiving reader has them, none where it fails too."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _misfit(row: list[str], names: list[str]) -> str:
    """What is wrong with a row, "" where nothing is."""
    if len(row) < len(names):
        return f"the row has {len(row)} cells, the header has {len(names)}"
    if len(row) > len(names) and any(cell.strip() for cell in row[len(names) :]):
        return f"the row has {len(row)} cells, the header has {len(names)}"
    return ""


def _document(
    row: list[str], columns: dict[str, list[int]], source: Source, context: Context
) -> Item:
    found = {
        role: next((row[i] for i in places if row[i].strip()), None)
        for role, places in columns.items()
    }
    return build(Record(**found), source, context)
