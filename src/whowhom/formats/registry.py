"""The formats by name; a format's module is loaded when the format is asked for."""

from __future__ import annotations

import importlib

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
