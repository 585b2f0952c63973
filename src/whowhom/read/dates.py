"""Publication dates as they are written in files: read where they are clear, else refused.

A date is never completed from today, from a file's time stamp or from a reading
order that the text does not show: 03/04/2011 stays unread.
"""

from __future__ import annotations

import datetime as dt
import functools
import re

from whowhom.read.words import inputs
from whowhom.settings import DEFAULT

FIRST_YEAR, LAST_YEAR = 1600, 2200
"""Newspapers begin in the 17th century; beyond 2200 it is a wrong number."""

_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?![\d])")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T ]?\d{4,6}(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?!\d)")
_EPOCH = re.compile(r"-?\d{9,19}(?:\.\d{1,9})?")


@functools.cache
def _named() -> tuple[re.Pattern[str], re.Pattern[str]]:
    month = "(" + "|".join(sorted(inputs().months, key=len, reverse=True)) + r")\b\.?"
    day = r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?"
    year = r"(\d{4}|\d{2}(?=\s+\d{1,2}:))(?!\d)"  # RFC 822 has two digits before the time
    return (
        re.compile(rf"{day}[\s\-/]*(?:of\s+)?\b{month}[\s,\-/]*{year}", re.IGNORECASE),
        re.compile(rf"\b{month}[\s\-/]*{day}[\s,\-/]+{year}", re.IGNORECASE),
    )


def _day(year: int, month: int, day: int) -> tuple[dt.date | None, str]:
    """The day, or why there is none."""
    try:
        date = dt.date(year, month, day)
    except ValueError:
        return None, "no such day"
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None, f"the year is not one of {FIRST_YEAR} to {LAST_YEAR}"
    return date, ""


def _epoch(number: float) -> dt.date | None:
    """A day in UTC from seconds, milli-, micro- or nanoseconds since 1970."""
    for factor in (1, 10**3, 10**6, 10**9):
        seconds = number / factor
        # 1973 to 2128: below, the number is too small to be told from a count
        if 1e8 <= seconds < 5e9:
            return dt.datetime.fromtimestamp(seconds, dt.UTC).date()
    return None


def _from_string(text: str, limit: int) -> tuple[dt.date | None, str]:
    text = text.strip()
    if len(text) > limit:
        return None, "too long"
    if found := _ISO.match(text):
        return _day(int(found[1]), int(found[3]), int(found[4]))
    if found := _COMPACT.fullmatch(text):
        date, why = _day(int(found[1]), int(found[2]), int(found[3]))
        if date is not None or (why != "no such day" and not _EPOCH.fullmatch(text)):
            return date, why
    if _EPOCH.fullmatch(text):
        return _epoch(float(text)), "a number that is no time"
    first, second = _named()
    months = inputs().months
    if found := first.search(text):
        day, month, year = found[1], found[2], found[3]
    elif found := second.search(text):
        month, day, year = found[1], found[2], found[3]
    elif found := _NUMBERS.search(text):
        return _numbers(int(found[1]), int(found[3]), int(found[4]), found[2])
    else:
        return None, "no known form"
    full = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 50 else 1900)
    return _day(full, months[month.lower()], int(day))


def _numbers(first: int, second: int, year: int, separator: str) -> tuple[dt.date | None, str]:
    if separator == "." or first > 12 or first == second:  # dots are day-first everywhere
        return _day(year, second, first)
    if second > 12:
        return _day(year, first, second)
    return None, "day and month cannot be told apart"


def parse_date(
    value: object, limit: int = DEFAULT.max_date_characters
) -> tuple[dt.date | None, str | None]:
    """A publication date and a note for the ledger, each None where there is none.

    A time of day is dropped: the day is that of the writer's own time zone; numbers
    (seconds since 1970) are in UTC. The note begins with ``date_unreadable`` or
    ``date_in_future``; a future date is kept.
    """
    date: dt.date | None = None
    why = ""
    if value is None or value == "" or value != value:  # NaN and NaT are not themselves
        return None, None
    if isinstance(value, dt.date):  # or a time, which is one
        date, why = _day(value.year, value.month, value.day)
    elif isinstance(value, bool):
        why = "not a date"
    elif isinstance(value, int | float):
        text = repr(int(value)) if value == value // 1 and abs(value) < 1e20 else repr(value)
        date, why = _from_string(text, limit)
    elif isinstance(value, str):
        if not value.strip():
            return None, None
        date, why = _from_string(value, limit)
    else:
        why = "not a date"
    if date is None:
        shown = " ".join(str(value)[:60].split())
        return None, f"date_unreadable: {shown!r} ({why})"
    if date > dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1):
        return date, f"date_in_future: {date.isoformat()}"
    return date, None
