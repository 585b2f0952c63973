"""Change points: found where there are some, and not where there are none."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import ruptures

from tests.analyse.conftest import connect, report
from whowhom.analyse import changes
from whowhom.analyse.changes import PENALTY, _cuts
from whowhom.errors import UsageError

START = dt.date(1990, 1, 1)


def _daily(counts: list[int], kind: str = "ASSAULT") -> list[dict[str, object]]:
    return [
        report(f"{n}-{k}", f"{n}-{k}", kind, 1, actors=["USA"], recipients=["CUB"])
        | dict.fromkeys(("shown", "published"), START + dt.timedelta(n))
        for n, count in enumerate(counts)
        for k in range(count)
    ]


def test_a_step_is_found_where_it_is() -> None:
    counts = [1, 2, 1, 1, 2, 1, 1, 2, 1, 1, 9, 8, 9, 10, 9, 8, 9, 9, 10, 9]
    with connect(_daily(counts)) as c:
        table = changes(c, "USA", "CUB", "day")
        assert changes(c, "USA", "CUB", "day", of="cooperation").num_rows == 0
        assert changes(c, "USA", "KEN", "day").num_rows == 0
        assert changes(c, "USA", "CUB", "month").num_rows == 0  # one month is no course
    (row,) = table.to_pylist()
    assert row["period"] == dt.date(1990, 1, 11)
    assert (row["since"], row["until"]) == (dt.date(1990, 1, 1), dt.date(1990, 1, 20))
    assert (row["before"], row["after"]) == (1.3, 9.0)
    assert (row["score_before"], row["score_after"]) == (-10.0, -10.0)
    assert (row["periods_before"], row["periods_after"]) == (10, 10)


def test_the_score_can_change_where_the_count_does_not() -> None:
    data = _daily([2] * 10, "AID") + [
        row | {"event_id": f"x{row['event_id']}", "incident": f"x{row['incident']}"}
        for row in _daily([0] * 10 + [2] * 10)
    ]
    with connect(data) as c:
        assert changes(c, "USA", "CUB", "day").num_rows == 0
        (row,) = changes(c, "USA", "CUB", "day", of="score").to_pylist()
    assert row["period"] == dt.date(1990, 1, 11)
    assert (row["before"], row["after"]) == (14.0, -20.0)


def test_the_days_that_the_store_covers_count() -> None:
    """Nothing for ten days, then much: the ten days are in, for the store has others' acts then."""
    elsewhere = [
        row | {"event_id": f"x{row['event_id']}", "actors": ["KEN"]} for row in _daily([1] * 30)
    ]
    told_later = [row | {"shown": START - dt.timedelta(100)} for row in _daily([0] * 29 + [1])]
    with connect([*_daily([0] * 10 + [9] * 10), *elsewhere, *told_later]) as c:
        first, second = changes(c, "USA", "CUB", "day").to_pylist()
    assert (first["period"], first["since"]) == (dt.date(1990, 1, 11), START)
    assert (second["period"], second["until"]) == (dt.date(1990, 1, 21), dt.date(1990, 1, 30))
    assert (first["before"], first["after"], second["after"]) == (0.0, 9.0, 0.0)


def test_noise_has_few_changes() -> None:
    """Series of independent counts of one level: the penalty keeps false alarms rare."""
    random = np.random.default_rng(1)
    false = 0
    for mean in (0.3, 1, 3, 10):
        for _ in range(50):
            values = random.poisson(mean, 100).astype(float)
            false += bool(_cuts(values, counts=True, penalty=PENALTY, least=3))
    assert false <= 200 * 0.05


def test_the_fast_search_finds_what_pelt_finds() -> None:
    random = np.random.default_rng(2)
    values = np.concatenate([random.normal(m, 1, 25) for m in (0, 4, 1, 1, 6)])
    fast = ruptures.KernelCPD(kernel="linear", min_size=3).fit(values.reshape(-1, 1))
    plain = ruptures.Pelt(model="l2", min_size=3, jump=1).fit(values.reshape(-1, 1))
    assert fast.predict(pen=14) == plain.predict(pen=14)


def test_wrong_use() -> None:
    with connect([]) as c:
        with pytest.raises(UsageError, match="of: 'mood'"):
            changes(c, "USA", "CUB", of="mood")  # type: ignore[arg-type]
        with pytest.raises(UsageError, match="penalty"):
            changes(c, "USA", "CUB", penalty=0)
        with pytest.raises(UsageError, match="by: 'hour'"):
            changes(c, "USA", "CUB", "hour")
