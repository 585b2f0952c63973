"""Which pairs of events are compared at all (blocking).

Two events meet where they share a key: the group of their statuses, a day (or the next one), and
either a pair of countries, a country, a place or a name. Everything in a key is of the event
itself, so a further document adds pairs and takes none away, but for blocks over the limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from whowhom.merge.features import NO_DAY, NONE, Features
from whowhom.merge.settings import settings

BATCH = 500_000
"""Pairs that are compared at once: some hundred megabytes of arrays."""
SPAN = 7
"""Days of a period that get keys of their own; a longer period has those of its first days."""
_MIX = np.uint64(0x9E3779B97F4A7C15)


def _mixed(*parts: Any) -> Any:
    """One 64-bit key of several columns."""
    key = np.zeros(len(parts[0]), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for part in parts:
            key = (key ^ np.asarray(part).astype(np.int64).astype(np.uint64)) * _MIX
            key ^= key >> np.uint64(29)
    return key


def _day_rows(features: Features) -> tuple[Any, Any]:
    """(event, day) rows: each event on its days and the one after; those without a day on the
    days just before their publication."""
    dated = features.first != NO_DAY
    known = dated | (features.published != NO_DAY)
    begin = np.where(dated, features.first, features.published - 1)[known]
    length = np.where(dated, np.minimum(features.last - features.first, SPAN), 1)[known]
    index = np.nonzero(known)[0].astype(np.int64)
    times = length + 2  # the day after the last too: neighbours share it
    rows = np.repeat(index, times)
    offset = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times)
    return rows, np.repeat(begin, times) + offset


def keys(features: Features) -> tuple[Any, Any, Any]:
    """``(event, coarse, fine)``: what each event may meet others by. Blocks of the coarse key
    are used where they are small, those of the fine key (none: 0) where they are not."""
    rows, days = _day_rows(features)
    group = features.group[rows]
    parties = np.concatenate(
        [features.countries[0], features.countries[1], features.place_country[:, None]], axis=1
    )
    out: list[tuple[Any, Any, Any]] = []
    place = features.place[rows]
    sides = _least(parties)
    for column in range(parties.shape[1]):
        country = parties[rows, column]
        # each country once, though it stand on both sides
        earlier = (parties[rows, :column] == country[:, None]).any(axis=1)
        use = (country != NONE) & ~earlier
        coarse = _mixed(group[use], days[use], country[use], np.full(use.sum(), 1))
        by_place = _mixed(coarse, place[use])
        out.append((rows[use], coarse, np.where(place[use] == NONE, 0, by_place)))
        out.append((rows[use], coarse, _mixed(coarse, sides[rows][use], np.full(use.sum(), 2))))
    for names in features.names:
        for column in range(names.shape[1]):
            name = names[rows, column]
            use = name != NONE
            key = _mixed(group[use], days[use], name[use], np.full(use.sum(), 3))
            out.append((rows[use], key, key))
    whole = np.arange(len(features), dtype=np.int64)
    document = _mixed(features.group, features.document, np.full(len(features), 4))
    out.append((whole, document, _mixed(document, features.trigger)))
    copies = _mixed(features.story, features.sentence, features.type, np.full(len(features), 5))
    out.append((whole, copies, copies))
    return (
        np.concatenate([row for row, _, _ in out]),
        np.concatenate([coarse for _, coarse, _ in out]),
        np.concatenate([fine for _, _, fine in out]),
    )


def _least(parties: Any) -> Any:
    """A number for the set of countries of an event."""
    present = np.sort(parties, axis=1)
    twice = np.concatenate(
        [np.zeros((len(present), 1), dtype=bool), present[:, 1:] == present[:, :-1]], axis=1
    )
    present = np.where(twice, NONE, present)
    return _mixed(*np.sort(present, axis=1).T)


def pairs(features: Features) -> Iterator[tuple[Any, Any]]:
    """Batches of pairs of event numbers, left below right; a pair may come more than once."""
    if not len(features):
        return
    limit = settings().block_size
    events, coarse, fine = keys(features)
    waiting: list[tuple[Any, Any]] = []
    size = 0
    for left, right in _within(events, coarse, fine, limit):
        waiting.append((left, right))
        size += len(left)
        if size >= BATCH:
            yield _joined(waiting)
            waiting, size = [], 0
    if waiting:
        yield _joined(waiting)


def _joined(waiting: list[tuple[Any, Any]]) -> tuple[Any, Any]:
    left = np.concatenate([pair[0] for pair in waiting])
    right = np.concatenate([pair[1] for pair in waiting])
    both = np.unique(left.astype(np.int64) << 32 | right)
    return both >> 32, both & 0xFFFFFFFF


def _within(events: Any, coarse: Any, fine: Any, limit: int) -> Iterator[tuple[Any, Any]]:
    order = np.lexsort((events, coarse))
    events, coarse, fine = events[order], coarse[order], fine[order]
    for start, end in _runs(coarse):
        members = np.unique(events[start:end])
        if len(members) <= limit:
            yield from _all(members)
            continue
        inner = np.argsort(fine[start:end], kind="stable") + start
        for low, high in _runs(fine[inner]):
            if fine[inner[low]] == 0:
                continue
            close = np.unique(events[inner[low:high]])
            if len(close) <= limit:
                yield from _all(close)
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


def _all(members: Any) -> Iterator[tuple[Any, Any]]:
    if len(members) >= 2:
        left, right = np.triu_indices(len(members), 1)
        yield members[left], members[right]
