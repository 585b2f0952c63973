"""Lines and cells of a foreign file, one row at a time; a row that cannot be read is named.

The files are UTF-8 here (see :data:`whowhom.formats.base.Reader`).
"""

from __future__ import annotations

import csv
import difflib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from whowhom.errors import InputError
from whowhom.formats.base import BadRow, Origin

MOST_BYTES = 16_000_000
"""Bytes of one row: a longer one is an open quotation mark or no table at all."""
SHOWN = 80
"""Characters of a bad row that its message shows."""


@dataclass(frozen=True, slots=True)
class Cells:
    """A row of a table: cells by the name of their column, those that are missing as ""."""

    line: int
    values: Mapping[str, str]
    content: bytes

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "").strip()


def lines(file: IO[bytes]) -> Iterator[tuple[int, str] | BadRow]:
    """Lines that are not blank, with their numbers; one that is too long is a bad row."""
    number = 0
    while raw := file.readline(MOST_BYTES):
        number += 1
        if len(raw) == MOST_BYTES and not raw.endswith(b"\n"):
            while (more := file.readline(MOST_BYTES)) and not more.endswith(b"\n"):
                pass
            yield BadRow(number, "too_large", f"the line has more than {MOST_BYTES:,} bytes")
            continue
        text = raw.decode("utf-8", "replace").rstrip("\r\n")
        if text.strip():
            yield number, text


def table(
    file: IO[bytes],
    origin: Origin,
    delimiter: str,
    *,
    columns: Sequence[str] | None = None,
    needed: Sequence[str] = (),
    aliases: Mapping[str, str] | None = None,
    quoted: bool = False,
) -> Iterator[Cells | BadRow]:
    """The rows of a table.

    Args:
        columns: their names, for files without a header; None reads the header.
        needed: columns that a header must have.
        aliases: other names of columns, in small letters, with the names that ``Cells`` has.
        quoted: cells may be quoted, and then hold line ends (CSV); else a line is a row.

    Raises:
        InputError: the file is empty, or its header lacks a needed column.
    """
    rows = _quoted(file, delimiter) if quoted else _plain(file, delimiter)
    if columns is None:
        head = next(rows, None)
        if head is None:
            raise InputError("the file is empty", where=origin.file, reason="empty")
        if isinstance(head, BadRow):
            raise InputError(head.detail, where=f"{origin.file}, line 1", reason=head.reason)
        columns = header(head[1], origin, needed, aliases)
    width = len(columns)
    for row in rows:
        if isinstance(row, BadRow):
            yield row
            continue
        line, cells = row
        if len(cells) < width or (len(cells) > width and any(map(str.strip, cells[width:]))):
            yield BadRow(
                line, "bad_row",
                f"{len(cells)} cells, the header has {width}: {shown(delimiter.join(cells))}",
            )  # fmt: skip
            continue
        yield Cells(line, dict(zip(columns, cells, strict=False)), content(cells))


def header(
    cells: Sequence[str], origin: Origin, needed: Sequence[str], aliases: Mapping[str, str] | None
) -> list[str]:
    """The names of a header's columns, other spellings brought into the known ones.

    Raises:
        InputError: a needed column is not among them; the error names the nearest.
    """
    known = {name.lower(): name for name in needed} | dict(aliases or {})
    names = [known.get(cell.strip().lower(), cell.strip()) for cell in cells]
    for name in needed:
        if name not in names:
            near = difflib.get_close_matches(name, names, 1, 0.6)
            raise InputError(
                f"the header has no column {name!r}"
                + (f"; did it mean {near[0]!r}?" if near else ""),
                where=origin.file,
                do=f"It begins: {shown(' | '.join(cells))}. Is this a file of another format?",
                reason="bad_header",
            )
    return names


def content(cells: Sequence[str]) -> bytes:
    """What a row is compared by."""
    return "\x1f".join(cells).encode("utf-8", "replace")


def objects(file: IO[bytes]) -> Iterator[tuple[int, dict[str, Any], bytes] | BadRow]:
    """The objects of a JSON Lines file, or of one JSON array: line, object, content.

    A content is the object in one form, whatever its blanks.
    """
    rows = lines(file)
    first = next(rows, None)
    if first is None:
        return
    if not isinstance(first, BadRow) and first[1].lstrip("\ufeff \t").startswith("["):
        yield from _array(first, rows)
        return
    for found in itertools.chain([first], rows):
        if isinstance(found, BadRow):
            yield found
            continue
        line, text = found
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            yield BadRow(line, "bad_json", f"no JSON ({error}): {shown(text)}")
            continue
        yield _object(line, value)


def _object(line: int, value: Any) -> tuple[int, dict[str, Any], bytes] | BadRow:
    if not isinstance(value, dict):
        return BadRow(line, "bad_json", f"no JSON object: {shown(json.dumps(value))}")
    return line, value, json.dumps(value, ensure_ascii=True, sort_keys=True).encode()


def _array(
    first: tuple[int, str], rows: Iterator[tuple[int, str] | BadRow]
) -> Iterator[tuple[int, dict[str, Any], bytes] | BadRow]:
    """The objects of a JSON array, read piece by piece: only the one at hand is in memory."""
    decoder = json.JSONDecoder()
    line, text = first
    text = text.lstrip("\ufeff \t")[1:]
    size = len(text)  # what reading the text again must have added to be worth trying
    while True:
        begin = text.lstrip(" \t\r\n,")
        line += text.count("\n", 0, len(text) - len(begin))
        text = begin
        if text.startswith("]"):
            return
        try:
            value, end = decoder.raw_decode(text)
        except RecursionError:
            yield BadRow(line, "bad_json", "it is nested too deeply; the rest was not read")
            return
        except ValueError as error:
            more = _more(rows, max(size, 4096))
            if isinstance(more, BadRow) or not more or len(text) > MOST_BYTES:
                what = more.detail if isinstance(more, BadRow) else str(error)
                yield BadRow(
                    line, "bad_json", f"no JSON ({what}): {shown(text)}; the rest was not read"
                )
                return
            line = more[0] if not text else line
            text += "\n" + more[1]
            size = len(text)
            continue
        yield _object(line, value)
        line += text.count("\n", 0, end)
        text = text[end:]


def _more(rows: Iterator[tuple[int, str] | BadRow], size: int) -> tuple[int, str] | BadRow | None:
    """Lines of at least so many characters together, with the number of the first."""
    parts: list[str] = []
    number = held = 0
    for found in rows:
        if isinstance(found, BadRow):
            return found
        number = number or found[0]
        parts.append(found[1])
        held += len(found[1])
        if held >= size:
            break
    return (number, "\n".join(parts)) if parts else None


def shown(text: str) -> str:
    """The start of a row, for a message."""
    flat = " ".join(text.split())
    return flat if len(flat) <= SHOWN else flat[: SHOWN - 1] + "…"


def _plain(file: IO[bytes], delimiter: str) -> Iterator[tuple[int, list[str]] | BadRow]:
    for found in lines(file):
        if isinstance(found, BadRow):
            yield found
        else:
            cells = found[1].split(delimiter)
            yield found[0], [_unquoted(c) for c in cells] if '"' in found[1] else cells


def _unquoted(cell: str) -> str:
    """A cell without the quotation marks that some programs put round all of it."""
    if len(cell) >= 2 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"')
    return cell


def _quoted(file: IO[bytes], delimiter: str) -> Iterator[tuple[int, list[str]] | BadRow]:
    feed = _Feed(file)
    csv.field_size_limit(MOST_BYTES)
    while True:
        # strict: else a quotation that closes in the middle of a later row swallows rows unseen
        reader = csv.reader(feed, delimiter=delimiter, strict=True)
        first, problem = feed.begin(), ""
        row: list[str] = []
        try:
            row = next(reader)
        except StopIteration:
            if not feed.row:
                return
        except csv.Error as error:
            problem = f"the row cannot be read ({error})"
        if feed.overflow:
            problem = "a quotation mark is opened and not closed"
        if problem or (feed.ended and not row):
            yield BadRow(
                first + 1,
                "bad_row",
                f"{problem or 'a quotation mark is opened and never closed'}: "
                f"{shown(feed.row[0] if feed.row else '')}",
            )
            feed.give_back()
        elif any(cell.strip() for cell in row):
            yield first + 1, row


class Again:
    """A file whose first line was read, as one that begins with it."""

    def __init__(self, first: bytes, file: IO[bytes]) -> None:
        self._first, self._file = first, file

    def readline(self, size: int = -1) -> bytes:
        first, self._first = self._first, b""
        return first or self._file.readline(size)


class _Feed:
    """Lines for a CSV reader, with those of the current row kept: after a broken row, reading
    goes on with the line after its first."""

    MOST_LINES = 1000
    """Lines of one cell: more are an open quotation mark."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._again: list[str] = []  # last first
        self._number = 0
        self.row: list[str] = []
        self.ended = self.overflow = False

    def begin(self) -> int:
        """Start a row; gives the number of lines before it."""
        self.row, self.ended, self.overflow = [], False, False
        return self._number

    def give_back(self) -> None:
        self._again.extend(reversed(self.row[1:]))
        self._number -= max(0, len(self.row) - 1)

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if len(self.row) >= self.MOST_LINES:
            self.overflow = True
            raise StopIteration
        if self._again:
            text = self._again.pop()
        else:
            raw = self._file.readline(MOST_BYTES)
            if not raw:
                self.ended = True
                raise StopIteration
            text = raw.decode("utf-8", "replace")
        self._number += 1
        self.row.append(text)
        return text
