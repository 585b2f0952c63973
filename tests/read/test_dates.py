# ruff: noqa: E501 (a case a line reads as a table)
from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whowhom.read.dates import parse_date

DAY = dt.date(1994, 8, 7)


@pytest.mark.parametrize(
    "written",
    [
        "1994-08-07",
        "1994-8-7",
        "1994/08/07",
        "1994-08-07T23:30:00+02:00",
        "1994-08-07 06:12",
        "19940807",
        19940807,
        19940807.0,
        "19940807T101112Z",
        "19940807101112",
        "7 August 1994",
        "7 Aug 1994",
        "7th of August, 1994",
        "Sunday, August 7, 1994",
        "Aug. 7, 1994, 5:04 pm",
        "07-Aug-1994",
        "Sun, 07 Aug 1994 10:11:12 +0100",
        "Sun, 07 Aug 94 10:11:12 GMT",
        "7.8.1994",
        776253600,
        776253600000,
        "776253600",
        776253600000000,
        dt.date(1994, 8, 7),
        dt.datetime(1994, 8, 7, 23, 59, tzinfo=dt.UTC),
        "Published 7 August 1994 at 10:00",
    ],
)
def test_forms_that_are_read(written: object) -> None:
    assert parse_date(written) == (DAY, None)


@pytest.mark.parametrize("missing", [None, "", "   ", math.nan])
def test_missing_is_neither_date_nor_note(missing: object) -> None:
    assert parse_date(missing) == (None, None)


@pytest.mark.parametrize(
    "written",
    ["soon", "03/04/2011", "May 1986", "1986", "30 February 2011", "2011-13-01", True, 5.5, [1], "x" * 500, 12, 1e300,
     math.inf],
)  # fmt: skip
def test_unreadable_is_never_a_guess(written: object) -> None:
    date, note = parse_date(written)
    assert date is None
    assert note is not None
    assert note.startswith("date_unreadable: ")
    assert len(note) < 160


@pytest.mark.parametrize(
    "written", ["9999-12-31", "31/12/9999", "99991231", "4 July 1599", dt.date(9999, 12, 31)]
)
def test_a_day_of_a_year_that_is_not_read_is_said_to_be_one(written: object) -> None:
    assert "(the year is not one of 1600 to 2200)" in (parse_date(written)[1] or "")
    assert "(no such day)" in (parse_date("2011-02-30")[1] or "")


def test_day_and_month_are_told_apart_only_where_the_day_shows_it() -> None:
    assert parse_date("25/04/2011")[0] == dt.date(2011, 4, 25)
    assert parse_date("04/25/2011")[0] == dt.date(2011, 4, 25)
    assert parse_date("5/5/2011")[0] == dt.date(2011, 5, 5)
    assert "cannot be told apart" in (parse_date("04/05/2011")[1] or "")


def test_two_digit_years_only_with_a_time() -> None:
    assert parse_date("07 Aug 03 10:11")[0] == dt.date(2003, 8, 7)
    assert parse_date("07 Aug 03")[0] is None


def test_future_is_kept_and_noted() -> None:
    later = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=400)
    assert parse_date(later.isoformat()) == (later, f"date_in_future: {later.isoformat()}")


@settings(deadline=None)
@given(st.one_of(st.text(max_size=150), st.floats(), st.integers(), st.dates()))
def test_never_fails(value: object) -> None:
    date, note = parse_date(value)
    assert date is None or isinstance(date, dt.date)
    assert note is None or "\n" not in note


@settings(deadline=None)
@given(st.dates(min_value=dt.date(1700, 1, 1), max_value=dt.date(2020, 1, 1)))
def test_iso_and_rfc_round_trip(day: dt.date) -> None:
    assert parse_date(day.isoformat())[0] == day
    assert parse_date(f"{day.day} {day:%B} {day.year}")[0] == day
