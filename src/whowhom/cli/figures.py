"""Figures with their intervals, as cells of a table and in files."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

    from whowhom.evaluate.bootstrap import Figure


def figure(value: Figure | None) -> str:
    """``0.742 [.696 .791]``; a dash where it is not defined."""
    if value is None or math.isnan(value.value):
        return "–"
    if math.isnan(value.low):
        return f"{value.value:.3f}"
    return f"{value.value:.3f} [{_short(value.low)} {_short(value.high)}]"


def _short(value: float) -> str:
    return f"{value:.3f}".replace("0.", ".", 1) if abs(value) < 0.9995 else f"{value:.2f}"


def number(value: float | None) -> str:
    """Three digits; a dash where there is none."""
    return "–" if value is None or math.isnan(value) else f"{value:.3f}"


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A plain table: words left, figures right."""
    from rich.table import Table

    from whowhom.show.safe import visible

    drawn = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        header_style="dim",
        padding=(0, 2, 0, 0),
    )
    for n, name in enumerate(columns):
        drawn.add_column(name, justify="left" if n == 0 else "right", overflow="fold")
    for row in rows:
        drawn.add_row(*(visible(cell) for cell in row))
    return drawn


def write_json(path: Path, data: Mapping[str, Any], *, force: bool) -> None:
    """Figures as JSON, whole or not at all."""
    from whowhom.store.export import whole_file

    with whole_file(path, force=force) as file:
        file.write(json.dumps(data, ensure_ascii=False, indent=1).encode("utf-8", "replace"))
        file.write(b"\n")


def write_csv(
    path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, force: bool
) -> int:
    """Rows as a CSV file that a spreadsheet opens safely; gives how many."""
    from whowhom.store.export import whole_file
    from whowhom.store.flat import safe_cell

    count = 0
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(columns)
    with whole_file(path, force=force) as file:
        for row in rows:
            writer.writerow([safe_cell(_cell(row.get(name)), raw=False) for name in columns])
            count += 1
            file.write(buffer.getvalue().encode("utf-8", "replace"))
            buffer.seek(0)
            buffer.truncate()
        file.write(buffer.getvalue().encode("utf-8", "replace"))
    return count


def _cell(value: object) -> str | int | float | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Iterable):
        return "; ".join(str(item) for item in value)
    return str(value)
