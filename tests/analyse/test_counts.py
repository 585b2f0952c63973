"""Counts, pairs, parties and series of a store that was counted by hand."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tests.analyse.conftest import connect, day, report
from whowhom.analyse import Filter, actors, counts, matrix, pairs, places, series
from whowhom.errors import StoreError, UsageError


def rows(table: pa.Table, *names: str) -> list[Any]:
    """The rows as tuples of some columns; of one column, its values."""
    columns = [table[name].to_pylist() for name in names]
    return columns[0] if len(names) == 1 else list(zip(*columns, strict=True))


def test_an_incident_counts_once_whatever_its_reports_say(small: duckdb.DuckDBPyConnection) -> None:
    by_type = {
        unit: dict(rows(counts(small, unit=unit), "event_type", "count"))
        for unit in ("reports", "independent", "incidents")
    }
    # i1: two ASSAULTs of one text and an ACCUSE; the original is surer than the accusation
    assert by_type["reports"] == {"ASSAULT": 3, "ACCUSE": 2, "CONSULT": 1, "AID": 1, "MOBILIZE": 1}
    assert by_type["independent"] == by_type["reports"] | {"ASSAULT": 2}
    assert by_type["incidents"] == by_type["independent"] | {"ACCUSE": 1}
    # asked for accusations, i1 is one
    accused = counts(small, Filter(types=("ACCUSE",)))
    assert rows(accused, "event_type", "count", "score") == [("ACCUSE", 2, -2.0)]


def test_an_original_stands_for_its_incident_before_a_surer_copy(
    small: duckdb.DuckDBPyConnection,
) -> None:
    told = counts(small, Filter(types=("ASSAULT",)), of=("outlet",))
    assert rows(told, "outlet", "count") == [("Wire", 2)]
    copied = counts(small, Filter(outlets=("Courier",), types=("ASSAULT",)), of=("outlet",))
    assert rows(copied, "outlet", "count") == [("Courier", 1)]


def test_by_period(small: duckdb.DuckDBPyConnection) -> None:
    weekly = counts(small, by="week", of=())
    # nulls (no day at all) stand last
    assert rows(weekly, "period", "count") == [(day(1), 2), (day(8), 2), (day(15), 1), (None, 1)]
    assert weekly["score"].to_pylist() == [-4.5, -1.5, -7.0, -2.0]
    yearly = counts(small, Filter(statuses=("all",)), by="year", of=("status",))
    assert rows(yearly, "period", "status", "count")[0] == (day(1).replace(month=1), "actual", 5)


def test_sides_count_once_a_party_and_never_what_has_no_country(
    small: duckdb.DuckDBPyConnection,
) -> None:
    by_actor = counts(small, of=("actor",))
    assert rows(by_actor, "actor", "count") == [("RUS", 3), ("USA", 3), ("GBR", 1)]
    by_country = counts(small, of=("recipient_country",))
    # i3 is done to two parties of Cuba, and counts once for Cuba
    assert rows(by_country, "recipient_country", "count") == [("CUB", 3), ("RUS", 2)]
    both = counts(small, of=("actor", "recipient"))
    assert ("USA", "CUB CVL", 1) in rows(both, "actor", "recipient", "count")
    assert sum(both["count"].to_pylist()) == 1 + 4 + 1 + 1  # i1, i3 (2 by 2), i5, i6


def test_pairs(small: duckdb.DuckDBPyConnection) -> None:
    table = pairs(small)
    assert rows(table, "actor", "recipient", "count", "mutual", "score") == [
        ("USA", "RUS", 2, 1, -0.5),  # talks +1, accusation -2
        ("GBR", "CUB", 1, 0, 7.0),
        ("GBR", "CUB CVL", 1, 0, 7.0),
        ("RUS", "CUB", 1, 0, -10.0),
        ("RUS", "USA", 1, 1, 1.0),
        ("USA", "CUB", 1, 0, 7.0),
        ("USA", "CUB CVL", 1, 0, 7.0),
    ]
    first = table.to_pylist()[0]
    assert (first["cooperation"], first["conflict"]) == (1, 1)
    assert (first["first"], first["last"]) == (day(2), day(2))
    assert ("RUS", "RUS") in rows(pairs(small, loops=True), "actor", "recipient")
    assert pairs(small, limit=1).num_rows == 1
    assert rows(counts(small, of=("pair",)), "actor", "recipient", "count") == rows(
        table, "actor", "recipient", "count"
    )


def test_actors(small: duckdb.DuckDBPyConnection) -> None:
    table = actors(small)
    assert rows(table, "actor", "count", "acts", "receives") == [
        ("RUS", 4, 3, 2),  # i1, i2, i6 (on itself: one incident), i5
        ("USA", 3, 3, 0),
        ("CUB", 2, 0, 2),
        ("CUB CVL", 2, 0, 2),
        ("GBR", 1, 1, 0),
    ]
    russia = table.to_pylist()[0]
    assert russia["score"] == pytest.approx((-10 + 1 - 7) / 3)
    assert russia["received"] == pytest.approx((-2 - 7) / 2)
    assert table["score"].to_pylist()[2] is None


def test_actors_have_their_most_frequent_name() -> None:
    data = [
        report("a", "a", "AID", 1, actors=["USA"], actor_names=["United States"]),
        report("b", "b", "AID", 1, recipients=["USA"], recipient_names=["Kennedy"]),
        report("c", "c", "AID", 1, recipients=["USA"], recipient_names=["Kennedy"]),
    ]
    with connect(data) as c:
        assert rows(actors(c), "actor", "name") == [("USA", "Kennedy")]


def test_matrix_has_every_cell(small: duckdb.DuckDBPyConnection) -> None:
    table = matrix(small, top=3)
    names = ["RUS", "USA", "CUB"]  # weights 5 (2 with itself counted once), 5, 3
    assert table.num_rows == 9
    assert sorted(set(table["actor"].to_pylist())) == sorted(names)
    cells = {(row["actor"], row["recipient"]): row for row in table.to_pylist()}
    assert cells["USA", "CUB"]["count"] == 1
    assert cells["RUS", "RUS"]["count"] == 1
    assert (cells["CUB", "USA"]["count"], cells["CUB", "USA"]["score"]) == (0, None)
    with pytest.raises(UsageError):
        matrix(small, top=0)


def test_places() -> None:
    data = [
        report("a", "a", "AID", 1, place="Havana", place_country="CUB", lat=23.1, lon=-82.4),
        report("b", "b", "ASSAULT", 1, place="Havana", place_country="CUB", lat=23.1, lon=-82.4),
        report("c", "c", "ASSAULT", 1, place="Nowhere"),
        report("d", "d", "ASSAULT", 1),
    ]
    with connect(data) as c:
        assert rows(places(c), "place", "country", "lat", "count", "score", "conflict") == [
            ("Havana", "CUB", 23.1, 2, -1.5, 1),
            ("Nowhere", None, None, 1, -10.0, 1),
        ]
        assert rows(counts(c, of=("country",)), "country", "count") == [("CUB", 2), (None, 2)]


def test_series_has_no_gaps(small: duckdb.DuckDBPyConnection) -> None:
    table = series(small, "USA", "CUB", Filter(since=day(2), until=day(12)), by="day")
    assert rows(table, "period") == [day(n) for n in range(2, 13)]
    assert rows(table, "count") == [0] * 7 + [1] + [0] * 3
    assert rows(table, "score")[7] == 7.0
    assert rows(table, "score")[0] is None
    assert rows(table, "total") == [0.0] * 7 + [7.0] + [0.0] * 3
    assert sum(rows(table, "material_cooperation")) == 1
    weekly = series(small, "RUS", "USA", by="week")
    # i2 (talks) has a day; i5 has none and is in no period
    assert rows(weekly, "period", "end", "count") == [(day(1), day(7), 1)]
    assert series(small, "USA", "KEN").num_rows == 0


def test_series_either_way_or_one(small: duckdb.DuckDBPyConnection) -> None:
    def total(a: str, b: str, **options: Any) -> int:
        return sum(rows(series(small, a, b, by="month", **options), "count"))

    assert total("CUB", "RUS") == total("RUS", "CUB") == 1
    assert total("CUB", "RUS", unit="reports") == 3
    assert total("CUB", "RUS", directed=True) == 0
    assert total("USA", "RUS", directed=True) == total("RUS", "USA", directed=True) == 1
    assert total("RUS", "RUS") == 1
    assert total("USA *", "CUB *") == 1
    with pytest.raises(UsageError, match="is a name, not a code"):
        series(small, "Cuba", "USA")


def test_what_is_unknown_is_said(small: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(UsageError, match="unit: 'stories' is not known"):
        counts(small, unit="stories")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="by: 'decade' is no period"):
        counts(small, by="decade")
    with pytest.raises(UsageError, match="of: 'kind' is not known"):
        counts(small, of=("kind",))
    with pytest.raises(UsageError, match="limit"):
        pairs(small, limit=-1)
    with pytest.raises(StoreError, match="whowhom merge"):
        counts(duckdb.connect())
