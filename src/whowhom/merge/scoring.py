"""How likely two reports are of one incident: a logistic rule over what they share.

A model of record linkage after Fellegi & Sunter (1969), with one weight a feature, so that a
decision can be read (:func:`reasons`). The weights do not depend on the corpus: a further
document changes no other pair.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from whowhom.merge.features import NO_DAY, NONE, Features
from whowhom.merge.settings import MergeSettings, settings

NEAR_KM = 12.0
"""Two places nearer than this are told as one: a suburb and its city."""

NAMES = (
    "type_related", "mode_same", "mode_other",
    "day_same", "day_near", "day_other", "day_apart", "day_unknown",
    "actor_name", "actor_country", "actor_other", "actor_sector_other",
    "recipient_name", "recipient_country", "recipient_other", "recipient_sector_other",
    "place_same", "place_near", "place_far", "place_country_other",
    "words", "names_shared", "names_other", "trigger_same", "figure_same", "figure_other",
    "same_document", "headline", "not_happened", "said", "frame_same", "swapped",
)  # fmt: skip
"""The features, in the order of the columns of :func:`compare`."""


_DAY_SAME, _ACTOR = NAMES.index("day_same"), NAMES.index("actor_name")


def allowed(features: Features, left: Any, right: Any) -> Any:
    """Which pairs can be one incident at all: by their types and the group of their statuses."""
    table = _related(tuple(features.types), settings())
    return table[features.type[left], features.type[right]] & (
        features.group[left] == features.group[right]
    )


@lru_cache(maxsize=4)
def _related(types: tuple[str, ...], chosen: MergeSettings) -> Any:
    return np.array([[chosen.related_types(a, b) for b in types] for a in types], dtype=bool)


@lru_cache(maxsize=4)
def _saying(types: tuple[str, ...], chosen: MergeSettings) -> Any:
    return np.array([name in chosen.saying for name in types], dtype=bool)


@lru_cache(maxsize=4)
def _mutual(types: tuple[str, ...], chosen: MergeSettings) -> Any:
    return np.array([name in chosen.mutual for name in types], dtype=bool)


def compare(features: Features, left: Any, right: Any) -> Any:
    """The features of pairs: float32, a row a pair, columns as in :data:`NAMES`."""
    f = features
    columns: list[Any] = []
    columns.append(f.type[left] != f.type[right])
    both = (f.mode[left] != NONE) & (f.mode[right] != NONE)
    same = f.mode[left] == f.mode[right]
    columns += [both & same, both & ~same]

    known = (f.first[left] != NO_DAY) & (f.first[right] != NO_DAY)
    first = np.where(known, f.first[left].astype(np.int64), 0)
    other = np.where(known, f.first[right].astype(np.int64), 0)
    last = np.where(known, f.last[left].astype(np.int64), 0)
    until = np.where(known, f.last[right].astype(np.int64), 0)
    gap = np.maximum(np.maximum(first, other) - np.minimum(last, until), 0)
    columns += [known & (gap == 0), known & (gap == 1), known & (gap > 1)]
    # the texts themselves name two different days
    exact = f.said[left] & f.said[right] & ~f.loose[left] & ~f.loose[right]
    columns += [known & exact & (gap > 0), ~known]

    # a mutual act has no first side: all parties of both are compared
    mutual = _mutual(tuple(f.types), settings())
    whole = mutual[f.type[left]] & mutual[f.type[right]]
    for side in (0, 1):
        columns += _parties(f, left, right, side, whole)

    place = (f.place[left] != NONE) & (f.place[right] != NONE)
    named = place & (f.place[left] == f.place[right])
    distance = _kilometres(f.lat[left], f.lon[left], f.lat[right], f.lon[right])
    country = (f.place_country[left] != NONE) & (f.place_country[right] != NONE)
    abroad = country & (f.place_country[left] != f.place_country[right])
    near = place & ~named & (distance <= NEAR_KM)
    far = place & ~named & ~abroad & (distance > NEAR_KM)
    columns += [named, near, far, abroad & ~named]

    shared = np.bitwise_count(f.words[left] & f.words[right]).sum(axis=1)
    least = np.minimum(f.count[left], f.count[right])
    most = np.maximum(f.count[left], f.count[right])
    # between overlap and Jaccard: a long sentence may hold a short one, and is not the same
    columns.append(shared / np.maximum(np.sqrt(np.maximum(least, 1) * np.maximum(most, 1)), 3))
    named_alike = np.bitwise_count(f.naming[left] & f.naming[right]).sum(axis=1)
    fewest = np.minimum(f.named[left], f.named[right])
    columns.append(named_alike / np.maximum(fewest, 1))
    columns.append((fewest >= 2) & (named_alike == 0))
    columns.append(f.trigger[left] == f.trigger[right])
    figures = (f.figures[left] != NONE) & (f.figures[right] != NONE)
    equal = figures & (f.figures[left] == f.figures[right])
    columns += [equal.any(axis=1), figures.any(axis=1) & ~equal.any(axis=1)]
    together = f.document[left] == f.document[right]
    columns += [together, together & (f.headline[left] ^ f.headline[right])]
    columns.append(f.group[left] != 0)
    # of what is said there is more in a day than of what is done: words must tell it apart
    said = _saying(tuple(f.types), settings())
    columns.append(said[f.type[left]] & said[f.type[right]])
    alike = f.type[left] == f.type[right]
    columns.append(alike & columns[_DAY_SAME] & (columns[_ACTOR] | columns[_ACTOR + 1]) & ~far)
    columns.append(_swapped(f, left, right) & ~whole)
    return np.column_stack([np.asarray(column, dtype=np.float32) for column in columns])


def _parties(f: Features, left: Any, right: Any, side: int, whole: Any) -> list[Any]:
    def values(kind: tuple[Any, Any], rows: Any) -> Any:
        mine = kind[side][rows]
        other = np.where(whole[:, None], kind[1 - side][rows], NONE)
        return np.concatenate([mine, other], axis=1)

    def meet(a: Any, b: Any) -> Any:
        return ((a[:, :, None] == b[:, None, :]) & (a[:, :, None] != NONE)).any(axis=(1, 2))

    names = meet(values(f.names, left), values(f.names, right))
    a, b = values(f.countries, left), values(f.countries, right)
    country = meet(a, b)
    known = (a != NONE).any(axis=1) & (b != NONE).any(axis=1)
    sa, sb = values(f.sectors, left), values(f.sectors, right)
    sectors = (sa != NONE).any(axis=1) & (sb != NONE).any(axis=1)
    other_sector = country & ~names & sectors & ~meet(sa, sb)
    return [names, country & ~names, known & ~country & ~names, other_sector]


def _swapped(f: Features, left: Any, right: Any) -> Any:
    """Whether each one's actors are the other's recipients, and not its own side: a reprisal."""

    def meet(a: Any, b: Any) -> Any:
        return ((a[:, :, None] == b[:, None, :]) & (a[:, :, None] != NONE)).any(axis=(1, 2))

    actors, recipients = f.countries
    a1, a2, r1, r2 = actors[left], actors[right], recipients[left], recipients[right]
    crossed = meet(a1, r2) & meet(r1, a2)
    return crossed & ~meet(a1, a2) & ~meet(r1, r2)


def _kilometres(lat1: Any, lon1: Any, lat2: Any, lon2: Any) -> Any:
    """Great-circle distance; NaN where a place is not known."""
    lat1, lon1, lat2, lon2 = (np.radians(v) for v in (lat1, lon1, lat2, lon2))
    half = (
        np.sin((lat2 - lat1) / 2) ** 2
        + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    )
    return 12742 * np.arcsin(np.sqrt(np.clip(half, 0, 1)))


def likelihood(features: Features, left: Any, right: Any) -> Any:
    """How likely each pair is of one incident, 0 to 1; copies of one sentence are at 1."""
    chosen = settings()
    weights = np.array([chosen.weights[name] for name in NAMES], dtype=np.float32)
    score = np.zeros(len(left), dtype=np.float32)
    use = np.nonzero(allowed(features, left, right))[0]
    left, right = left[use], right[use]
    total = compare(features, left, right) @ weights + np.float32(chosen.weights["bias"])
    copied = (
        (features.story[left] == features.story[right])
        & (features.document[left] != features.document[right])
        & (features.sentence[left] == features.sentence[right])
        & (features.trigger[left] == features.trigger[right])
    )
    score[use] = np.where(copied, np.float32(1), 1 / (1 + np.exp(-total)))
    return score


def reasons(features: Features, left: int, right: int) -> list[tuple[str, float]]:
    """What speaks for and against a pair, by weight: feature and weight times value."""
    values = compare(features, np.array([left]), np.array([right]))[0]
    weights = settings().weights
    parts = [(name, float(v) * weights[name]) for name, v in zip(NAMES, values, strict=True) if v]
    return sorted(parts, key=lambda part: -abs(part[1]))
