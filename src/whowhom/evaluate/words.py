"""What evaluation knows of types (``data/evaluate.toml``)."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources


@lru_cache(maxsize=1)
def reciprocal() -> frozenset[str]:
    """Types whose sides do the same to each other."""
    file = resources.files("whowhom.data").joinpath("evaluate.toml")
    return frozenset(tomllib.loads(file.read_text(encoding="utf-8"))["reciprocal"])


@lru_cache(maxsize=1)
def colours() -> dict[str, str]:
    """Colours of types in annotation tools by class; ``other`` is of what is no event."""
    file = resources.files("whowhom.data").joinpath("evaluate.toml")
    return dict(tomllib.loads(file.read_text(encoding="utf-8"))["colours"])


@lru_cache(maxsize=1)
def shipped_quads() -> dict[str, str]:
    """The quad class of each type of the shipped codebook."""
    from whowhom.codebook import load

    return {name: kind.quad for name, kind in load().types.items()}
