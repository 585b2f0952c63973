"""Text in stretches that no sentence crosses, found before anything is parsed.

A stretch ends where a sentence surely ends: at a paragraph's end, and at a full stop, question or
exclamation mark that no abbreviation explains, before a capital. What is in doubt stays together;
the parser divides it. So each stretch can be parsed, or left out, by itself.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources

_END = re.compile(
    r"(?P<word>[^\s.!?]*)(?P<mark>[.!?]+)(?P<close>[\"”’')\]]*) +(?=[\"“‘'(\[]*[A-Z0-9])"
)


@lru_cache(maxsize=1)
def abbreviations() -> frozenset[str]:
    """Words after which a full stop is no sure end (``data/language/split.toml``)."""
    file = resources.files("whowhom.data").joinpath("language", "split.toml")
    return frozenset(tomllib.loads(file.read_text(encoding="utf-8"))["abbreviations"])


def stretches(
    text: str, starts: Iterable[int], abbreviated: frozenset[str] | None = None
) -> list[tuple[int, int]]:
    """Offsets of the stretches of a text, without the blanks between them.

    ``starts`` are offsets at which a stretch has to start; ``abbreviated`` are the abbreviations
    of another language than English.
    """
    known = abbreviations() if abbreviated is None else abbreviated
    cuts = {0, len(text), *starts}
    for found in _END.finditer(text):
        if _is_end(found, known):
            cuts.add(found.end())
    ordered = sorted(cuts)
    out = []
    for start, end in itertools.pairwise(ordered):
        piece = text[start:end]
        inner = piece.strip()
        if inner:
            first = start + len(piece) - len(piece.lstrip())
            out.append((first, first + len(inner)))
    return out


def _is_end(found: re.Match[str], known: frozenset[str]) -> bool:
    word, mark = found["word"].strip("\"“”‘’'()[]"), found["mark"]
    if mark != ".":
        return "." not in mark or (len(mark) > 1 and mark.strip(".") != "")
    if not word:  # "U.S. ", ". ": the letters before are behind another stop
        return bool(found["close"])
    last = re.split(r"[-–—/]", word)[-1]
    if len(last) == 1 and last.isalpha():
        return False
    return last.lower() not in known
