"""Figures that are functions of sums over documents, with intervals by bootstrap.

Documents are drawn again with replacement, as many as there are, since the events of one document
are not independent of each other (a cluster bootstrap: Davison and Hinkley 1997, section 3.8).
Interval ends are percentiles of the figure over the draws.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from whowhom.settings import EVALUATION, EvaluationSettings

Array = npt.NDArray[np.float64]
Sums = Mapping[str, Any]
"""Sums by name; each an array whose first axis is the draws."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, and the interval that it lies in; nan where it is not defined."""

    value: float
    low: float = math.nan
    high: float = math.nan

    def to_dict(self) -> dict[str, float | None]:
        return {n: _none(getattr(self, n)) for n in ("value", "low", "high")}


class Tally:
    """Counts by document, under names. ``add`` may give one number or an array."""

    def __init__(self, documents: int) -> None:
        self._documents = documents
        self._counts: dict[str, Array] = {}

    def add(self, name: str, document: int, amount: float | Array = 1.0) -> None:
        value = np.asarray(amount, dtype=float)
        if name not in self._counts:
            self._counts[name] = np.zeros((self._documents, *value.shape))
        self._counts[name][document] += value

    def total(self, name: str) -> Any:
        """The sum over all documents: a number, or an array; 0 where nothing was added."""
        return self._counts[name].sum(axis=0) if name in self._counts else 0.0

    def sums(self, weights: Array) -> Sums:
        """Sums with each document counted as often as ``weights`` (draws x documents) says."""
        return {
            name: np.tensordot(weights, counts, axes=(1, 0))
            for name, counts in self._counts.items()
        }


def figures(
    tally: Tally,
    documents: int,
    formulas: Mapping[str, Callable[[Sums], Any]],
    settings: EvaluationSettings = EVALUATION,
) -> dict[str, Figure]:
    """Each formula over all documents, with its interval.

    Args:
        tally: the counts.
        documents: how many documents there are.
        formulas: by name, a function from sums to one figure a draw; nan where not defined.
        settings: draws, seed and level. With no draws, or fewer documents than
            ``fewest_documents``, there are no intervals.
    """
    whole = tally.sums(np.ones((1, documents)))
    found = {name: Figure(_first(formula(whole))) for name, formula in formulas.items()}
    if settings.resamples < 1 or documents < settings.fewest_documents:
        return found
    draws = drawn(documents, settings)
    tail = 100 * (1 - settings.level) / 2
    resampled = tally.sums(draws)
    for name, formula in formulas.items():
        values = np.broadcast_to(np.asarray(formula(resampled), dtype=float), len(draws))
        values = values[~np.isnan(values)]
        if len(values) and not math.isnan(found[name].value):
            low, high = np.percentile(values, [tail, 100 - tail])
            found[name] = Figure(found[name].value, float(low), float(high))
    return found


def drawn(documents: int, settings: EvaluationSettings) -> Array:
    """How often each document is drawn: draws x documents, always the same for a seed."""
    random = np.random.default_rng(settings.seed)
    share = np.full(documents, 1 / documents)
    return random.multinomial(documents, share, settings.resamples).astype(float)


def ratio(right: str, of: str) -> Callable[[Sums], Any]:
    """A formula: one sum over another; nan where there is nothing to count."""

    def formula(sums: Sums) -> Any:
        return divided(sums.get(right, 0.0), sums.get(of, 0.0))

    return formula


def f1(right: str, found: str, wanted: str) -> Callable[[Sums], Any]:
    """A formula: the harmonic mean of right/found and right/wanted."""

    def formula(sums: Sums) -> Any:
        both = sums.get(found, 0.0) + np.asarray(sums.get(wanted, 0.0))
        return divided(2 * np.asarray(sums.get(right, 0.0)), both)

    return formula


def divided(a: Any, b: Any) -> Any:
    """a / b, nan where b is 0."""
    a, b = np.broadcast_arrays(np.asarray(a, dtype=float), np.asarray(b, dtype=float))
    return np.divide(a, b, out=np.full(a.shape, np.nan), where=b != 0)


def harmonic(a: Any, b: Any) -> Any:
    """The harmonic mean, 0 where both are 0, nan where one is nan."""
    total = np.asarray(a) + np.asarray(b)
    return np.where(total == 0, 0.0, divided(2 * np.asarray(a) * np.asarray(b), total))


def mean_of_known(values: Sequence[Any]) -> Any:
    """The mean over those that are defined; nan where none is."""
    if not values:
        return np.nan
    table = np.stack(np.broadcast_arrays(*[np.asarray(v, dtype=float) for v in values]))
    known = ~np.isnan(table)
    return divided(np.where(known, table, 0.0).sum(axis=0), known.sum(axis=0))


def _first(value: Any) -> float:
    return float(np.ravel(np.asarray(value, dtype=float))[0])


def _none(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)
