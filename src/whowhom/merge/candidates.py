"""Which pairs of events are compared at all (blocking).

Two events meet where they share a key: the group of their statuses, a day (or the next one), and
either a pair of countries, a country, a place or a name. Everything in a key is of the event
itself, so a further document adds pairs and takes none away, but for blocks over the limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from whowhom.merge.features import NO_DAY, NONE, Features
from whowhom.merge.settings import settings

BATCH = 500_000
"""Pairs that are compared at once: some hundred megabytes of arrays."""
ROWS = 150_000
"""Rows of an event and a day that are blocked at once; a block lies within one day."""
SPAN = 7
"""Days of a period that get keys of their own; a longer period has those of its first days."""
_MIX = np.uint64(0x9E3779B97F4A7C15)
Keyed = tuple[Any, Any, Any, Any]


def pairs(features: Features) -> Iterator[tuple[Any, Any]]:
    """Batches of pairs of event numbers, left below right; a pair may come more than once."""
    if not len(features):
        return
    limit = settings().block_size
    waiting: list[tuple[Any, Any]] = []
    size = 0
    for keyed in _keyed(features):
        if features.apart.any():
            keyed = _without(features.apart, keyed)
        for left, right in _within(*keyed, limit):
            waiting.append((left, right))
            size += len(left)
            if size >= BATCH:
                yield _joined(waiting)
                waiting, size = [], 0
    if waiting:
        yield _joined(waiting)


def _without(apart: Any, keyed: Keyed) -> Keyed:
    """The rows of events that may meet others. A row of a foreign data set may not: it is an event
    by the rules of that set, and mostly has no sentence to compare."""
    keep = ~apart[keyed[0]]
    return keyed[0][keep], keyed[1][keep], keyed[2][keep], keyed[3][keep]


def _joined(waiting: list[tuple[Any, Any]]) -> tuple[Any, Any]:
    left = np.concatenate([pair[0] for pair in waiting])
    right = np.concatenate([pair[1] for pair in waiting])
    both = np.unique(left.astype(np.int64) << 32 | right)
    return both >> 32, both & 0xFFFFFFFF


def _mixed(*parts: Any) -> Any:
    """One 64-bit key of several columns."""
    key = np.zeros(len(parts[0]), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for part in parts:
            key = (key ^ np.asarray(part).astype(np.int64).astype(np.uint64)) * _MIX
            key ^= key >> np.uint64(29)
    return key


def _days(features: Features) -> tuple[Any, Any, Any]:
    """``(event, day, guest)`` rows by day: each event on its days and, as a guest, on the one
    after; those without a day on the days before and of their publication."""
    dated = features.first != NO_DAY
    known = dated | (features.published != NO_DAY)
    begin = np.where(dated, features.first, features.published - 1)[known]
    length = np.where(dated, np.minimum(features.last - features.first, SPAN), 1)[known]
    index = np.nonzero(known)[0].astype(np.int64)
    times = length + 2
    rows = np.repeat(index, times)
    ends = np.cumsum(times)
    offset = np.arange(len(rows)) - np.repeat(ends - times, times)
    guest = np.zeros(len(rows), dtype=bool)
    guest[ends - 1] = True
    days = np.repeat(begin, times) + offset
    order = np.lexsort((rows, days))
    return rows[order], days[order], guest[order]


def _keyed(features: Features) -> Iterator[Keyed]:
    """``(event, coarse, fine, guest)``: what events may meet others by, a stretch of days at a
    time. Blocks of the coarse key are used where they are small, those of the fine key (none: 0)
    where they are not."""
    whole = np.arange(len(features), dtype=np.int64)
    home = np.zeros(len(features), dtype=bool)
    document = _mixed(features.group, features.document, np.full(len(features), 4))
    yield whole, document, _mixed(document, features.trigger), home
    copies = _mixed(features.story, features.sentence, features.type, np.full(len(features), 5))
    yield whole, copies, copies, home
    rows, days, guest = _days(features)
    start = 0
    while start < len(rows):
        end = min(start + ROWS, len(rows))
        end = int(np.searchsorted(days, days[end - 1], side="right"))
        yield _of_days(features, rows[start:end], days[start:end], guest[start:end])
        start = end


def _of_days(features: Features, rows: Any, days: Any, guest: Any) -> Keyed:
    group = features.group[rows]
    place = features.place[rows]
    parties = np.concatenate(
        [
            features.countries[0][rows],
            features.countries[1][rows],
            features.place_country[rows, None],
        ],
        axis=1,
    )
    sides = _set(parties)
    out: list[Keyed] = []
    for column in range(parties.shape[1]):
        country = parties[:, column]
        # each country once, though it stand on both sides
        earlier = (parties[:, :column] == country[:, None]).any(axis=1)
        use = (country != NONE) & ~earlier
        coarse = _mixed(group[use], days[use], country[use], np.full(int(use.sum()), 1))
        by_place = np.where(place[use] == NONE, 0, _mixed(coarse, place[use]))
        out.append((rows[use], coarse, by_place, guest[use]))
        by_sides = _mixed(coarse, sides[use], np.full(int(use.sum()), 2))
        out.append((rows[use], coarse, by_sides, guest[use]))
    for names in features.names:
        for column in range(names.shape[1]):
            name = names[rows, column]
            use = name != NONE
            key = _mixed(group[use], days[use], name[use], np.full(int(use.sum()), 3))
            out.append((rows[use], key, key, guest[use]))
    return (
        np.concatenate([key[0] for key in out]),
        np.concatenate([key[1] for key in out]),
        np.concatenate([key[2] for key in out]),
        np.concatenate([key[3] for key in out]),
    )


def _set(parties: Any) -> Any:
    """A number for the set of countries of an event."""
    present = np.sort(parties, axis=1)
    twice = np.concatenate(
        [np.zeros((len(present), 1), dtype=bool), present[:, 1:] == present[:, :-1]], axis=1
    )
    present = np.where(twice, NONE, present)
    return _mixed(*np.sort(present, axis=1).T)


def _within(
    events: Any, coarse: Any, fine: Any, guest: Any, limit: int
) -> Iterator[tuple[Any, Any]]:
    order = np.lexsort((events, coarse))
    events, coarse, fine, guest = events[order], coarse[order], fine[order], guest[order]
    for start, end in _runs(coarse):
        members, at = np.unique(events[start:end], return_index=True)
        if len(members) <= limit:
            yield from _all(members, guest[start:end][at])
            continue
        inner = np.argsort(fine[start:end], kind="stable") + start
        for low, high in _runs(fine[inner]):
            if fine[inner[low]] == 0:
                continue
            close, at = np.unique(events[inner[low:high]], return_index=True)
            if len(close) <= limit:
                yield from _all(close, guest[inner[low:high]][at])
            else:  # a block that stays too large: each with those next to it
                for gap in range(1, min(limit // 20, len(close))):
                    yield close[:-gap], close[gap:]


def _runs(keys: Any) -> Iterator[tuple[int, int]]:
    """Stretches of equal keys that hold two or more."""
    if not len(keys):
        return
    edges = np.nonzero(np.concatenate([[True], keys[1:] != keys[:-1], [True]]))[0]
    long = np.nonzero(np.diff(edges) >= 2)[0]
    for n in long.tolist():
        yield int(edges[n]), int(edges[n + 1])


def _all(members: Any, guest: Any) -> Iterator[tuple[Any, Any]]:
    """All pairs but those of two guests: they met the day before."""
    if len(members) >= 2:
        left, right = _triangle(len(members))
        if guest.any():
            use = ~(guest[left] & guest[right])
            left, right = left[use], right[use]
        if len(left):
            yield members[left], members[right]


@lru_cache(maxsize=512)
def _triangle(count: int) -> tuple[Any, Any]:
    return np.triu_indices(count, 1)
