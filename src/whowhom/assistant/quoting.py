"""Text of articles as data: cleaned of what a reader cannot see, cut, and marked as a quotation.

An article can hold words that are meant for an assistant ("ignore what you were told"). They
cannot be told from news by looking at them, so nothing is filtered by meaning. What is done:
characters that hide text are taken out, lengths are bounded, and all that comes from an article
stands under the one name ``from_article``, of which the assistant is told that it is never an
instruction.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

FROM_ARTICLE = "from_article"
"""The name under which all words of articles stand."""

# Cc and Cf: controls, bidirectional marks, zero-width signs and the tag characters that spell
# unseen text; Cs, Co, Cn: halves of pairs, private and unassigned characters
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))
_SELECTORS = frozenset((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
"""Variation selectors: marks that nobody sees, by which any bytes can be spelled."""


def clean(text: str, most: int) -> str:
    """Text on one line without characters that cannot be seen, at most ``most`` long."""
    seen = "".join(
        char if char.isprintable() else " " if char.isspace() else ""
        for char in text
        if char.isspace()
        or (unicodedata.category(char) not in _HIDDEN and ord(char) not in _SELECTORS)
    )
    line = " ".join(seen.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def cleaned(value: Any, most: int) -> Any:
    """The same value with every string in it clean: nothing that an article wrote gets out raw,
    whichever field it reached."""
    if isinstance(value, str):
        return clean(value, most)
    if isinstance(value, dict):
        return {clean(str(key), most): cleaned(item, most) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(item, most) for item in value]
    return value


def names(values: Iterable[str | None], most: int) -> list[str]:
    """Names without doubles and blanks, in their order, at most so many."""
    found = dict.fromkeys(value for value in values if value)
    return list(found)[:most]
