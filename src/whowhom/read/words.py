"""The data of this stage, loaded once: field names, suffixes, magic bytes, months."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whowhom.errors import DataError

DATA = Path(__file__).resolve().parent.parent / "data"


@dataclass(frozen=True, slots=True)
class Inputs:
    """``data/inputs.toml``, typed."""

    fields: Mapping[str, tuple[str, ...]]  # role -> names, best first
    kinds: Mapping[str, str]  # suffix -> kind
    packed: frozenset[str]  # suffixes of packed files
    binary: tuple[tuple[bytes, str, bool], ...]  # first bytes, what that is, may begin a text
    warc: Mapping[str, tuple[str, ...]]
    html: Mapping[str, tuple[str, ...]]
    english: frozenset[str]  # function words
    englishes: tuple[str, ...]  # codes of languages that are read
    months: Mapping[str, int]


def load(name: str) -> dict[str, Any]:
    """A TOML file below ``whowhom/data``.

    Raises:
        DataError: the file is missing or is not TOML.
    """
    try:
        return tomllib.loads((DATA / name).read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DataError(
            f"cannot be read ({error})", where=f"data/{name}", do="Install whowhom again"
        ) from error


def _lists(table: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(values) for key, values in table.items()}


@functools.cache
def inputs() -> Inputs:
    """The tables by which inputs are recognised."""
    data = load("inputs.toml")
    suffixes = _lists(data["suffixes"])
    return Inputs(
        fields=_lists(data["fields"]),
        kinds={s: kind for kind, names in suffixes.items() if kind != "packed" for s in names},
        packed=frozenset(suffixes["packed"]),
        binary=tuple(
            (bytes.fromhex(row["starts"]), row["name"], row.get("word", False))
            for row in data["binary"]
        ),
        warc=_lists(data["warc"]),
        html=_lists(data["html"]),
        english=frozenset(data["language"]["english"]),
        englishes=tuple(data["language"]["englishes"]),
        months={name: int(number) for number, names in data["months"].items() for name in names},
    )
