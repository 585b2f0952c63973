"""What merging compares of an event, as arrays: a million events take some hundred megabytes."""

from __future__ import annotations

import datetime as dt
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from whowhom.merge.schema import FIGURES
from whowhom.merge.settings import MergeSettings, settings

PARTIES = 4
"""Parties of a side that are compared; more are rare, and the first ones are the weightiest."""
WORD_BITS = 256
"""Bits of the mask that holds a sentence's words: of fifteen, one in twenty meets by chance."""
NAMING_BITS = 128
NONE = -1
NO_DAY = np.iinfo(np.int32).min

_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\d")
_SHORT = 3


def code(text: str | None) -> int:
    """A text as a number below 2**31 that is the same everywhere; -1 for none."""
    if not text:
        return NONE
    return zlib.crc32(text.casefold().encode("utf-8", "surrogatepass")) & 0x7FFFFFFF


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """A rough stem: plural, past and -ing endings off. Not a word, only a key."""
    for ending in settings().endings:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORT:
            return word[: -len(ending)]
    return word


def words_of(text: str, stop: frozenset[str]) -> set[str]:
    """Stems of the words that carry content; figures are compared by themselves."""
    return {
        stem(word)
        for word in _WORD.findall(text.casefold())
        if len(word) >= _SHORT and word not in stop and not _DIGITS.search(word)
    }


_CAPITAL = re.compile(r"(?<![\w.])[A-Z][^\W_]{2,}")


def naming_words(text: str, common: frozenset[str]) -> set[str]:
    """Words with a capital, in small letters, without those that name no one thing: the first
    of the sentence, days, months, countries and their people."""
    first = _WORD.search(text)
    begin = first.start() if first else 0
    return {
        word
        for match in _CAPITAL.finditer(text)
        if match.start() != begin and (word := match.group().casefold()) not in common
    }


@lru_cache(maxsize=100_000)
def _crc(word: str) -> int:
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def mask(words: Iterable[str], bits: int = WORD_BITS) -> list[int]:
    """64-bit numbers, ``bits`` in all, with a bit for each word."""
    found = 0
    for word in words:
        found |= 1 << (_crc(word) % bits)
    return [(found >> shift) & 0xFFFFFFFFFFFFFFFF for shift in range(0, bits, 64)]


@dataclass(slots=True)
class Features:
    """Arrays of one row an event; ``parties`` are int32 of ``PARTIES`` columns, -1 for none."""

    ids: list[str]
    document: Any  # int32, a number a document
    story: Any  # int32
    type: Any  # int16, index into ``types``
    types: list[str]
    mode: Any  # int32
    group: Any  # int8, of statuses that go together
    first: Any  # int32, days since 1970; NO_DAY where not known
    last: Any
    said: Any  # bool: the text gives the day
    published: Any  # int32
    loose: Any  # bool: told as over a week or more
    countries: tuple[Any, Any]  # of actors, of recipients
    sectors: tuple[Any, Any]
    names: tuple[Any, Any]
    place: Any  # int32, of its name
    place_country: Any
    lat: Any  # float32, NaN where not known
    lon: Any
    words: Any  # uint64, 4 columns
    count: Any  # int16, words in the mask
    trigger: Any  # int32
    figures: Any  # int32, 4 columns: killed, injured, arrested, crowd; -1 for none
    naming: Any  # uint64, 2 columns: words with a capital that name neither state nor day
    named: Any  # int16, how many of them
    sentence: Any  # int32, of the whole sentence: copies have the same
    headline: Any  # bool
    apart: Any  # bool: imported, and an incident of its own

    def __len__(self) -> int:
        return len(self.ids)


class Collector:
    """Takes events row by row and gives :class:`Features`."""

    def __init__(
        self,
        stop: frozenset[str],
        common: frozenset[str],
        chosen: MergeSettings | None = None,
    ) -> None:
        self._stop = stop
        self._common = common
        self._settings = chosen or settings()
        self._types: dict[str, int] = {}
        self._documents: dict[str, int] = {}
        self._stories: dict[str, int] = {}
        self._ids: list[str] = []
        self._ints: list[tuple[int, ...]] = []
        self._parties: list[tuple[int, ...]] = []
        self._floats: list[tuple[float, float]] = []
        self._masks: list[list[int]] = []
        self._blocks: list[tuple[Any, ...]] = []

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, row: Mapping[str, Any], story: str) -> None:
        """One event: the columns of ``flat.FEATURES``."""
        words = words_of(row["text"], self._stop)
        naming = naming_words(row["text"], self._common)
        first = _days(row["day"])
        last = _days(row["end_day"])
        self._ids.append(row["event_id"])
        self._ints.append(
            (
                self._documents.setdefault(row["document_id"], len(self._documents)),
                self._stories.setdefault(story, len(self._stories)),
                self._types.setdefault(row["event_type"], len(self._types)),
                code(row["mode"]),
                self._settings.status_group.get(row["status"], 0),
                first,
                last if last != NO_DAY else first,
                row["date_from"] == "text",
                _days(row["published"]),
                row["granularity"] not in (None, "day"),
                code(row["place"]),
                code(row["place_country"]),
                len(words),
                code(stem((row["trigger"] or "").casefold().split(" ")[0])),
                *(_figure(row[kind + "_low"], row[kind + "_high"]) for kind in FIGURES),
                code(row["text"]),
                row["sentence"] == 0,
                len(naming),
                bool(row.get("apart")),
            )
        )
        self._parties.append(
            (
                *_padded(row["actor_countries"]), *_padded(row["actor_sectors"]),
                *_padded(row["actor_names"]), *_padded(row["recipient_countries"]),
                *_padded(row["recipient_sectors"]), *_padded(row["recipient_names"]),
            )
        )  # fmt: skip
        nan = float("nan")
        lat, lon = row["lat"], row["lon"]
        self._floats.append((nan if lat is None else lat, nan if lon is None else lon))
        self._masks.append(mask(words) + mask(naming, NAMING_BITS))
        if len(self._ints) >= 50_000:
            self._pack()

    def _pack(self) -> None:
        """Lists of Python numbers weigh ten times what arrays do."""
        if self._ints:
            self._blocks.append(
                (
                    np.array(self._ints, dtype=np.int32),
                    np.array(self._parties, dtype=np.int32),
                    np.array(self._floats, dtype=np.float32),
                    np.array(self._masks, dtype=np.uint64),
                )
            )
        self._ints, self._parties, self._floats, self._masks = [], [], [], []

    def features(self) -> Features:
        self._pack()
        if not self._blocks:
            self._blocks.append(
                (
                    np.zeros((0, 22), dtype=np.int32),
                    np.zeros((0, 6 * PARTIES), dtype=np.int32),
                    np.zeros((0, 2), dtype=np.float32),
                    np.zeros((0, 6), dtype=np.uint64),
                )
            )
        ints = np.concatenate([block[0] for block in self._blocks])
        parties = np.concatenate([block[1] for block in self._blocks])
        floats = np.concatenate([block[2] for block in self._blocks])
        masks = np.concatenate([block[3] for block in self._blocks])
        self._blocks = []
        side = [parties[:, n * PARTIES : (n + 1) * PARTIES] for n in range(6)]
        return Features(
            ids=self._ids, document=ints[:, 0], story=ints[:, 1],
            type=ints[:, 2].astype(np.int16), types=list(self._types), mode=ints[:, 3],
            group=ints[:, 4].astype(np.int8), first=ints[:, 5], last=ints[:, 6],
            said=ints[:, 7].astype(bool), published=ints[:, 8], loose=ints[:, 9].astype(bool),
            countries=(side[0], side[3]), sectors=(side[1], side[4]), names=(side[2], side[5]),
            place=ints[:, 10], place_country=ints[:, 11], lat=floats[:, 0], lon=floats[:, 1],
            words=masks[:, :4], naming=masks[:, 4:], named=ints[:, 20].astype(np.int16),
            count=ints[:, 12].astype(np.int16), trigger=ints[:, 13],
            figures=ints[:, 14:18], sentence=ints[:, 18], headline=ints[:, 19].astype(bool),
            apart=ints[:, 21].astype(bool),
        )  # fmt: skip


def _days(day: dt.date | None) -> int:
    return NO_DAY if day is None else day.toordinal() - 719163


def _figure(low: int | None, high: int | None) -> int:
    value = high if low is None else low
    return NONE if value is None else min(value, 2**31 - 1)


def _padded(values: Sequence[str | None] | None) -> list[int]:
    codes = [code(value) for value in (values or ())[:PARTIES]]
    return codes + [NONE] * (PARTIES - len(codes))
