"""From likely pairs to groups, each an incident.

Pairs above the threshold are joined; a group that came together over a chain is parted again by
average linkage. What becomes of a group depends on its own members and on nothing else, so the
order of documents does not matter, and a further document changes only the groups it joins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from whowhom.merge.candidates import pairs
from whowhom.merge.features import Features
from whowhom.merge.scoring import likelihood
from whowhom.merge.settings import settings
from whowhom.merge.union import Union

CHUNK = 200_000
STEPS = (0.7, 0.85, 0.95, 0.99)
"""Likelihoods asked for in turn of the pairs of a group that is too large to part otherwise."""


def group(
    features: Features, tell: Callable[[int], None] = lambda compared: None
) -> tuple[list[int], int]:
    """For each event the number of its group's first event, and how many pairs were compared."""
    chosen = settings()
    union = Union(len(features))
    compared = 0
    kept: list[tuple[Any, Any, Any]] = []
    for left, right in pairs(features):
        for start in range(0, len(left), CHUNK):
            a, b = left[start : start + CHUNK], right[start : start + CHUNK]
            score = likelihood(features, a, b)
            good = score >= chosen.threshold
            a, b = a[good].astype(np.int32), b[good].astype(np.int32)
            kept.append((a, b, score[good]))
            for x, y in zip(a.tolist(), b.tolist(), strict=True):
                union.join(x, y)
        compared += len(left)
        tell(compared)
    out = list(range(len(features)))
    loose = []
    for events in _members(union, range(len(features))):
        if _distinct(features, events) > chosen.group_size:
            loose.append(events)
            continue
        for part in parted(features, events):
            for event in part:
                out[event] = part[0]
    for events in _tightened(features, loose, kept):
        for part in parted(features, events):
            for event in part:
                out[event] = part[0]
    return out, compared


def _members(union: Union, events: Iterable[int]) -> list[list[int]]:
    members: dict[int, list[int]] = defaultdict(list)
    for event in events:
        members[union.find(event)].append(event)
    return list(members.values())


def _distinct(features: Features, events: list[int]) -> int:
    """How many of a group's reports are not the same sentence in copies of one text."""
    if len(events) <= settings().group_size:
        return len(events)
    keys = np.stack([features.story[events], features.sentence[events], features.trigger[events]])
    return int(np.unique(keys, axis=1).shape[1])


def _tightened(
    features: Features, loose: list[list[int]], kept: list[tuple[Any, Any, Any]]
) -> Iterator[list[int]]:
    """Groups too large for average linkage, parted by asking more of a pair, step by step."""
    if not loose:
        return
    left = np.concatenate([part[0] for part in kept])
    right = np.concatenate([part[1] for part in kept])
    score = np.concatenate([part[2] for part in kept])
    inside = np.full(len(features), -1, dtype=np.int32)
    for number, events in enumerate(loose):
        inside[events] = number
    use = inside[left] >= 0
    left, right, score = left[use], right[use], score[use]
    groups = loose
    for limit in STEPS:
        union = Union(len(features))
        good = score >= limit
        for x, y in zip(left[good].tolist(), right[good].tolist(), strict=True):
            union.join(x, y)
        again: list[list[int]] = []
        for events in groups:
            for part in _members(union, events):
                if limit == STEPS[-1] or _distinct(features, part) <= settings().group_size:
                    yield part
                else:
                    again.append(part)
        groups = again


def parted(features: Features, events: list[int]) -> list[list[int]]:
    """A group parted by average linkage at the threshold; small and huge groups as they are."""
    if len(events) <= 2:
        return [events]
    # what is told in the same words, by copies, is one for this purpose
    nodes: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for event in events:
        key = (
            int(features.story[event]), int(features.sentence[event]),
            int(features.trigger[event]),
        )  # fmt: skip
        nodes[key].append(event)
    # in an order of the members' own, not of their reading
    bundles = sorted(nodes.values(), key=lambda bundle: min(features.ids[e] for e in bundle))
    count = len(bundles)
    if count <= 2 or count > 4 * settings().group_size:
        return [events]
    heads = np.array([min(bundle, key=lambda e: features.ids[e]) for bundle in bundles])
    left, right = np.triu_indices(count, 1)
    score = np.zeros((count, count), dtype=np.float64)
    score[left, right] = likelihood(features, heads[left], heads[right])
    score += score.T
    return [sorted(event for n in part for event in bundles[n]) for part in linked(score)]


def linked(score: Any) -> list[list[int]]:
    """Average linkage (UPGMA, Sokal & Michener 1958): the likeliest two parts are joined as long
    as the mean likelihood between their members is at least the threshold."""
    threshold = settings().threshold
    parts = [[n] for n in range(len(score))]
    sizes = np.ones(len(parts))
    score = score.copy()
    np.fill_diagonal(score, -1.0)
    alive = np.ones(len(parts), dtype=bool)
    while alive.sum() > 1:
        best = int(np.argmax(score))
        a, b = divmod(best, len(parts))
        if score[a, b] < threshold:
            break
        a, b = min(a, b), max(a, b)
        mean = (score[a] * sizes[a] + score[b] * sizes[b]) / (sizes[a] + sizes[b])
        score[a], score[:, a] = mean, mean
        score[a, a] = -1.0
        score[b], score[:, b] = -1.0, -1.0
        for n in np.nonzero(~alive)[0]:
            score[a, n] = score[n, a] = -1.0
        sizes[a] += sizes[b]
        alive[b] = False
        parts[a] = parts[a] + parts[b]
    return [part for part, lives in zip(parts, alive.tolist(), strict=True) if lives]
