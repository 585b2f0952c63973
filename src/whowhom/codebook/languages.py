"""Codebooks in another language than English: ``language = "es"`` in ``codebook.toml``.

Their frames are written in that language, prepositions included; these answer in the tree by their
English names, so the role paths are turned into those when the codebook is loaded. Types, modes and
scores come from the codebook that it extends, whose own frames never fire on the other language.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import CodebookError, UsageError
from ..languages import ENGLISH, Language, language
from .schema import ROLES, EventType


def spoken_in(header: Mapping[str, Any], path: Path) -> Language | None:
    """The language of a codebook, None for English.

    Raises:
        CodebookError: there are no data for it.
    """
    code = header.get("language", ENGLISH)
    if code == ENGLISH:
        return None
    try:
        return language(str(code))
    except UsageError as error:
        raise CodebookError(
            error.what, where=f"{path / 'codebook.toml'}: language", do=error.do
        ) from error


def with_english_paths(data: Mapping[str, Any], spoken: Language) -> dict[str, Any]:
    """A type's file with the prepositions of its frames under their English names."""

    def path(name: str) -> str:
        if name in ROLES:
            return name
        found = spoken.gloss("ADP", name)
        return found.english if found is not None else name

    def table(value: Any) -> Any:
        return {path(k): v for k, v in value.items()} if isinstance(value, Mapping) else value

    def frame(entry: Any) -> Any:
        if not isinstance(entry, Mapping):
            return entry
        turned = dict(entry)
        for side in ("actor", "recipient"):
            if isinstance(entry.get(side), list):
                turned[side] = [path(n) if isinstance(n, str) else n for n in entry[side]]
        for name in ("prep", "not_prep"):
            if name in entry:
                turned[name] = table(entry[name])
        return turned

    frames = data.get("frame")
    return {**data, "frame": [frame(f) for f in frames]} if isinstance(frames, list) else {**data}


def frames_of_its_own(kind: EventType) -> EventType:
    """A type with the frames of the codebook itself alone, not of the one that it extends."""
    return dataclasses.replace(kind, frames=tuple(f for f in kind.frames if f.layer))
