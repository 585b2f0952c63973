"""When what passes between two parties changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pyarrow as pa

from whowhom.analyse.counts import series
from whowhom.analyse.filters import Filter
from whowhom.analyse.query import either, fetch
from whowhom.errors import DataError, UsageError
from whowhom.merge.schema import Unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from whowhom.analyse.query import Source

Signal = Literal["count", "conflict", "cooperation", "score"]

LEAST_PERIODS: Mapping[str, int] = {"day": 3, "week": 3, "month": 3, "year": 2}
"""The shortest stretch between two changes. Fewer than three days, weeks or months are a spike,
not a new course; of years there are seldom enough to ask for three."""

PENALTY = 3.0
"""What a change must explain, in variances times the logarithm of the number of periods. A change
adds a place and a level, so Schwarz's criterion would take 2; a third makes up for counts that
scatter more than independent events would. Measured on noise: tests/analyse/test_changes.py."""

SCHEMA = pa.schema(
    [
        ("period", pa.date32()),
        ("since", pa.date32()),
        ("until", pa.date32()),
        ("before", pa.float64()),
        ("after", pa.float64()),
        ("score_before", pa.float64()),
        ("score_after", pa.float64()),
        ("periods_before", pa.int64()),
        ("periods_after", pa.int64()),
    ]
)


def changes(
    source: Source,
    a: str,
    b: str,
    by: str = "week",
    filter_: Filter | None = None,
    *,
    of: Signal = "count",
    unit: Unit = "incidents",
    directed: bool = False,
    penalty: float = PENALTY,
    least: int | None = None,
) -> pa.Table:
    """The periods at which a pair's series takes a new level.

    The series of :func:`~whowhom.analyse.series` is cut into stretches of one level each so that
    the squares of what is left, plus a penalty a cut, are least: PELT (Killick, Fearnhead and
    Eckley 2012, JASA 107), which finds the best cut of all, as the library ruptures has it
    (Truong, Oudre and Vayatis 2020). Counts are first brought to one variance (Anscombe 1948:
    2 sqrt(n + 3/8)). The variance of the noise is taken from the differences of neighbours, by
    their median, so that the changes themselves do not raise it; for counts it is at least 1,
    which is what independent events have.

    The series runs from the first to the last day on which anything in the store was published,
    unless the filter says otherwise: before and after, nothing was looked at, and what is told of
    earlier days is no course.

    A change says that the level differs, not why, and depends on what the corpus covers: a new
    outlet in it raises every count.

    Args:
        source: a merged store, or a connection with its views.
        a: one party (key).
        b: the other.
        by: ``day``, ``week``, ``month`` or ``year``.
        filter_: what counts; None is what happened.
        of: ``count`` of units, ``conflict`` or ``cooperation`` (counts of those quad classes),
            or ``score`` (sum of PLOVER scores a period).
        unit: as in :func:`~whowhom.analyse.counts`.
        directed: only what ``a`` does to ``b``, and talks.
        penalty: in variances times log(periods); more gives fewer changes.
        least: shortest stretch, in periods; None is 3 (2 for years).

    Returns:
        ``period`` (first day of the new level), ``since`` and ``until`` (first day of the stretch
        before, last day of the one after), ``before`` and ``after`` (means a period of what
        was asked for), ``score_before`` and ``score_after`` (mean PLOVER score of a unit; null
        where there is none), ``periods_before``, ``periods_after``. No rows where nothing
        changed, or where there are too few periods to say.

    Raises:
        UsageError: an unknown signal or period, or a penalty or length that cannot be.
        DataError: ruptures is not installed.
    """
    if of not in get_args(Signal):
        raise UsageError(f"of: {of!r} is not known", do=f"Use {either(get_args(Signal))}.")
    if not penalty > 0:
        raise UsageError(f"penalty: {penalty!r} is no penalty", do="Give a number above 0.")
    if least is not None and least < 1:
        raise UsageError(f"least: {least} periods", do="Ask for at least one.")
    filter_ = _covered(source, filter_ or Filter())
    table = series(source, a, b, filter_, by=by, unit=unit, directed=directed)
    shortest = LEAST_PERIODS[by] if least is None else least
    values = _signal(table, of)
    if len(values) < 2 * shortest:
        return SCHEMA.empty_table()
    cuts = _cuts(values, counts=of != "score", penalty=penalty, least=shortest)
    starts, ends = table["period"].to_pylist(), table["end"].to_pylist()
    count = table["count"].to_numpy().astype(float)
    total = table["total"].to_numpy()
    edges = [0, *cuts, len(values)]
    rows: list[dict[str, Any]] = []
    for first, cut, last in zip(edges, edges[1:], edges[2:], strict=False):
        rows.append(
            {
                "period": starts[cut],
                "since": starts[first],
                "until": ends[last - 1],
                "before": float(values[first:cut].mean()),
                "after": float(values[cut:last].mean()),
                "score_before": _mean(total[first:cut], count[first:cut]),
                "score_after": _mean(total[cut:last], count[cut:last]),
                "periods_before": cut - first,
                "periods_after": last - cut,
            }
        )
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _covered(source: Source, filter_: Filter) -> Filter:
    """The filter with the days that the store covers where it names none."""
    days = fetch(source, 'select min(published) as "first", max(published) as "last" from reports')
    (row,) = days.to_pylist()
    since = filter_.since or _before(row["first"], filter_.until)
    return filter_.replace(since=since, until=filter_.until or _after(row["last"], since))


def _before(day: dt.date | None, until: dt.date | None) -> dt.date | None:
    return None if day is None or (until is not None and day > until) else day


def _after(day: dt.date | None, since: dt.date | None) -> dt.date | None:
    return None if day is None or (since is not None and day < since) else day


def _signal(table: pa.Table, of: Signal) -> NDArray[np.float64]:
    columns = {
        "count": ("count",),
        "score": ("total",),
        "conflict": ("verbal_conflict", "material_conflict"),
        "cooperation": ("verbal_cooperation", "material_cooperation"),
    }[of]
    parts = [table[name].to_numpy().astype(np.float64) for name in columns]
    total: NDArray[np.float64] = np.sum(parts, axis=0, dtype=np.float64)
    return total


def _cuts(values: NDArray[np.float64], *, counts: bool, penalty: float, least: int) -> list[int]:
    """Where new levels begin: indices into ``values``, in order."""
    try:
        import ruptures  # type: ignore[import-untyped]
    except ImportError as error:
        raise DataError(
            "change points need ruptures", do="Install it: pip install ruptures"
        ) from error
    if np.ptp(values) == 0:
        return []
    signal = 2 * np.sqrt(values + 3 / 8) if counts else values
    variance = _variance(signal)
    if counts:
        variance = max(variance, 1.0)
    # the linear kernel's cost is the sum of squares; ruptures runs PELT for it in C
    search = ruptures.KernelCPD(kernel="linear", min_size=least).fit(signal.reshape(-1, 1))
    found = search.predict(pen=penalty * variance * float(np.log(len(values))))
    return [int(cut) for cut in found[:-1]]


def _variance(signal: NDArray[np.float64]) -> float:
    """Of the noise, from the differences of neighbours (their variance is twice the noise's):
    by the median where most of them differ, else by the mean square."""
    steps = np.diff(signal)
    middle = float(np.median(np.abs(steps))) / 0.6745  # of a normal distribution: one sigma
    if middle == 0:
        middle = float(np.sqrt(np.mean(steps**2)))
    return middle**2 / 2


def _mean(total: NDArray[np.float64], count: NDArray[np.float64]) -> float | None:
    return float(total.sum() / count.sum()) if count.sum() else None
