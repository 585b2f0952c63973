"""What the formats of PLOVER say alike of a record: its language, and types that PLOVER lacks."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import tomli

from whowhom.codebook.loading import load, shipped_folder
from whowhom.formats.base import Record
from whowhom.languages import DATA, ENGLISH


@lru_cache(maxsize=1)
def tables() -> Mapping[str, Mapping[str, str]]:
    """``data/formats/plover.toml``."""
    return tomllib.loads((files("whowhom.data") / "formats" / "plover.toml").read_text("utf-8"))


def language(record: Record) -> str | None:
    """The language that an event was coded in, ISO 639-1: that of the codebook of the package.

    A store does not keep the language of a document. What was imported, or coded by a codebook of
    one's own, has none here.
    """
    return _languages().get(str(record["coder"]["codebook"]).partition(" ")[0])


@lru_cache(maxsize=1)
def _languages() -> Mapping[str, str]:
    """Names of the codebooks of the package -> their language."""
    found = {}
    for folder in (shipped_folder(), *DATA.glob("*/codebook")):
        path = folder / "codebook.toml"
        if path.is_file():
            header: dict[str, Any] = tomli.loads(path.read_text("utf-8"))
            found[str(header["name"])] = str(header.get("language", ENGLISH))
    return found


def without_language(record: Record) -> Iterator[str]:
    """The words for a language that is not known, for the list of what is lost."""
    if language(record) is None:
        yield "language (the store does not keep it of what was imported or coded by own codebooks)"


def of_own_codebook(record: Record) -> Iterator[str]:
    """The words for a type that PLOVER lacks, for the list of what is lost."""
    if record["event_type"] not in load().types:
        yield (
            f"that {record['event_type']} is a type of your codebook (PLOVER lacks it; it is "
            "written, and programs that know PLOVER's types cannot read it)"
        )
