"""Tables of plain cells: writing them, and the lists within their cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import IO

from whowhom.formats.base import Record
from whowhom.formats.losses import Losses, unhappened
from whowhom.store.flat import Cell, formula

Cells = Mapping[str, Cell]
Fill = Callable[[Record], Cells | str]
"""From a record to the cells of a row by their columns, or the reason why there is none."""

JOIN = "; "


class TableWriter:
    """A header and a row an event; cells are safe for spreadsheets, as those of CSV are.

    Args:
        also: what else is lost of an event, in words.
        none: what stands for nothing.
        lost: names of :data:`whowhom.formats.losses.CHECKS`.
        quoted: CSV with quotation marks; else tabs and line ends in cells become blanks.
    """

    def __init__(
        self,
        file: IO[bytes],
        columns: Sequence[str],
        fill: Fill,
        *,
        lost: Sequence[str],
        also: Callable[[Record], Iterable[str]] = lambda record: (),
        delimiter: str = "\t",
        none: str = "",
        quoted: bool = False,
    ) -> None:
        self._file, self._columns, self._fill = file, columns, fill
        self._none, self._delimiter, self._quoted = none, delimiter, quoted
        self._losses = Losses(lost)
        self._also = also
        self._file.write(self._line(columns))

    @property
    def losses(self) -> Mapping[str, int]:
        return self._losses.counts

    @property
    def left_out(self) -> Mapping[str, int]:
        """Events that were not written, by the reason."""
        return self._losses.left_out

    def write(self, records: Iterable[Record]) -> None:
        for record in records:
            cells = unhappened(record) or self._fill(record)
            if isinstance(cells, str):
                self._losses.left_out[cells] += 1
                continue
            self._losses.count(record)
            self._losses.counts.update(self._also(record))
            self._file.write(self._line([self._cell(cells.get(name)) for name in self._columns]))

    def finish(self) -> None:
        pass

    def _cell(self, value: Cell) -> str:
        if value is None or value == "":
            return self._none
        if isinstance(value, bool):
            return "true" if value else "false"
        text = value if isinstance(value, str) else repr(value)
        if not self._quoted:
            text = " ".join(text.split())
        return "'" + text if formula(text) else text

    def _line(self, cells: Sequence[str]) -> bytes:
        if not self._quoted:
            return (self._delimiter.join(cells) + "\n").encode("utf-8", "replace")
        buffer = io.StringIO(newline="")
        csv.writer(buffer, delimiter=self._delimiter, lineterminator="\n").writerow(cells)
        return buffer.getvalue().encode("utf-8", "replace")


def bare(cell: str) -> str:
    """A cell without the mark that keeps spreadsheets from running it."""
    return cell[1:] if cell.startswith("'") and formula(cell[1:]) else cell


def known(cell: str, none: Sequence[str] = ("None",)) -> str:
    """A cell, "" where it stands for nothing."""
    text = bare(cell.strip())
    return "" if text in none else text


def parts(cell: str, none: Sequence[str] = ("None",), mark: str = JOIN) -> list[str]:
    """The values of a cell; those that stand for nothing are ""."""
    text = bare(cell.strip())
    if text == "" or text in none:
        return []
    return [known(part, none) for part in text.split(mark.strip())]


def aligned(
    lists: Mapping[str, Sequence[str]], count: int
) -> tuple[Iterator[dict[str, str]], tuple[str, ...]]:
    """Parallel lists as one dict a value, and what did not line up.

    A list of another length cannot be put beside the values and is left out, with a note.
    """
    notes = tuple(
        f"{name} has {len(values)} values for {count} parties and was left out"
        for name, values in lists.items()
        if values and len(values) != count
    )
    fitting = {name: values for name, values in lists.items() if len(values) == count}
    return (
        ({name: values[at] for name, values in fitting.items()} for at in range(count)),
        notes,
    )


def joined(values: Iterable[object], none: str = "") -> str:
    """The values of a list as one cell, "" where none is known; a mark within one is taken out."""
    found = [
        none if value in (None, "") else str(value).replace(JOIN.strip(), ",") for value in values
    ]
    return JOIN.join(found) if any(value != none for value in found) else ""
