"""The formats by name; a format's module is loaded when the format is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from whowhom.errors import UsageError
from whowhom.formats.base import Format

FORMATS: dict[str, str] = {
    "jsonl": "own:JSONL",
    "csv": "own:CSV",
    "tsv": "own:TSV",
    "parquet": "own:PARQUET",
    "plover": "plover:FORMAT",
    "polecat": "polecat:FORMAT",
    "ngec": "ngec:FORMAT",
    "icews": "icews:FORMAT",
    "gdelt": "gdelt:FORMAT",
    "gdelt-mentions": "gdelt:MENTIONS",
    "phoenix": "phoenix:FORMAT",
    "petrarch": "petrarch:FORMAT",
    "acled": "acled:FORMAT",
    "graphml": "network:GRAPHML",
    "edges": "network:EDGES",
}
"""Every format: where it is in ``whowhom.formats``, ``module:attribute``."""


def get(name: str) -> Format:
    """The format of a name.

    Raises:
        UsageError: there is none; the error names the nearest.
    """
    place = FORMATS.get(name)
    if place is None:
        from whowhom.analyse.filters import nearest

        raise nearest("format", name, FORMATS)
    module, _, attribute = place.partition(":")
    found = getattr(importlib.import_module(f"whowhom.formats.{module}"), attribute)
    if not isinstance(found, Format):
        raise UsageError(f"{place} is no format")
    return found


def every() -> list[Format]:
    """All formats, in the order in which they are listed."""
    return [get(name) for name in FORMATS]


def guess(first_line: str, *, parquet: bool = False) -> Format | None:
    """The format of a file by its first line; None where it is like none, or like several.

    A header is like a format where it has most of the columns, and more of them than any other's.
    """
    if parquet:
        return get("parquet")
    found: list[tuple[float, Format]] = []
    for form in every():
        if form.reader is None or form.binary:
            continue
        if form.known_by is not None and form.known_by(first_line):
            found.append((1.0, form))
        elif form.header and form.columns:
            share = max(_alike(first_line, mark, form.columns) for mark in form.delimiter or "\t,;")
            if share >= ALIKE:
                found.append((share, form))
    found.sort(key=lambda pair: -pair[0])
    if not found or (len(found) > 1 and found[0][0] == found[1][0]):
        return None
    return found[0][1]


ALIKE = 0.6
"""Share of a format's columns that a header must have: old exports lack some, and no two formats
share so many."""


def _alike(line: str, mark: str, columns: Sequence[str]) -> float:
    names = {name.strip(" \"'\ufeff").lower() for name in line.split(mark)}
    if len(names) < 2:
        return 0.0
    return sum(name.lower() in names for name in columns) / len(columns)


def markdown() -> str:
    """The table of formats for the documentation: what each is, and what it cannot hold."""
    lines = ["| format | what it is | columns | import | cannot hold | import leaves out |"]
    lines.append("|---|---|---|---|---|---|")
    for form in every():
        cells = (
            f"`{form.name}`", form.title, str(len(form.columns) or ""),
            "yes" if form.reader else "no", "; ".join(form.cannot_hold), "; ".join(form.not_read),
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
