"""Copies of one text: fingerprints of documents, and stories.

A fingerprint is a MinHash (Broder 1997) of the text's word shingles. It is stored beside the
document when it is coded, so it must give the same numbers for years: hence our own forty lines
and CRC-32, not a library whose hashing may change.
"""

from __future__ import annotations

import datetime as dt
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from whowhom.merge.settings import settings
from whowhom.merge.union import Union

_WORD = re.compile(r"\w+")
_PRIME = (1 << 31) - 1
LEAST_WORDS = 12
"""Words that a text must have to be compared: shorter ones are too easily alike."""


@lru_cache(maxsize=1)
def _multipliers(count: int) -> tuple[Any, Any]:
    rng = np.random.RandomState(1962)
    a = rng.randint(1, _PRIME, size=count).astype(np.uint64)
    b = rng.randint(0, _PRIME, size=count).astype(np.uint64)
    return a, b


def fingerprint(text: str) -> tuple[int, ...]:
    """The MinHash of a text: 64 numbers below 2**31; empty for a text of few words."""
    copies = settings().copies
    words = _WORD.findall(text.casefold())
    if len(words) < LEAST_WORDS:
        return ()
    shingles = {
        zlib.crc32(" ".join(words[i : i + copies.words]).encode("utf-8", "surrogatepass")) % _PRIME
        for i in range(len(words) - copies.words + 1)
    }
    a, b = _multipliers(copies.hashes)
    values = np.fromiter(shingles, dtype=np.uint64, count=len(shingles))
    least = np.full(copies.hashes, _PRIME, dtype=np.uint64)
    for start in range(0, len(values), 4096):  # a long text would fill the memory at once
        hashed = (np.outer(values[start : start + 4096], a) + b) % _PRIME
        least = np.minimum(least, hashed.min(axis=0))
    return tuple(int(value) for value in least)


@dataclass(frozen=True, slots=True)
class Text:
    """What is compared of a document. ``fingerprint``: as :func:`fingerprint` gives it."""

    document_id: str
    published: dt.date | None
    fingerprint: Any  # a sequence or array of int32; empty or None where there is none


def stories(texts: Iterable[Text]) -> dict[str, str]:
    """For each document the id of the first text that it is a copy of, or its own.

    First is by day of publication, then by id: the order of reading does not matter. Texts are
    copies where their fingerprints agree in the share asked for and they were published within
    the days asked for; copies of copies are copies.
    """
    copies = settings().copies
    known = sorted(texts, key=lambda t: (t.published or dt.date.max, t.document_id))
    union = Union(len(known))
    usable = [
        n
        for n, text in enumerate(known)
        if text.fingerprint is not None and len(text.fingerprint) == copies.hashes
    ]
    prints = np.zeros((len(usable), copies.hashes), dtype=np.int32)
    for row, n in enumerate(usable):
        prints[row] = known[n].fingerprint
    for a, b in _candidates(prints, copies.bands):
        alike = (prints[a] == prints[b]).mean(axis=1) >= copies.share
        for left, right in zip(a[alike].tolist(), b[alike].tolist(), strict=True):
            x, y = usable[left], usable[right]
            if _near(known[x], known[y], copies.days):
                union.join(x, y)
    # a root is the smallest number, and the numbers run by day of publication
    return {text.document_id: known[union.find(n)].document_id for n, text in enumerate(known)}


def _candidates(prints: Any, bands: int) -> Iterator[tuple[Any, Any]]:
    """Pairs of rows that agree in all numbers of a band (locality-sensitive hashing): each with
    the twenty before it in its bucket, so that thousands of copies are a chain and no square."""
    rows = prints.shape[1] // bands
    for band in range(bands):
        part = np.ascontiguousarray(prints[:, band * rows : (band + 1) * rows])
        keys = part.view([("", part.dtype)] * rows).ravel()
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        for gap in range(1, CHAIN + 1):
            same = np.nonzero(keys[gap:] == keys[:-gap])[0]
            if not len(same):
                break
            for start in range(0, len(same), 100_000):
                at = same[start : start + 100_000]
                yield order[at], order[at + gap]


CHAIN = 20


def _near(left: Text, right: Text, days: int) -> bool:
    if left.published is None or right.published is None:
        return True
    return abs((left.published - right.published).days) <= days
