"""Dates, sums and places of another language than English, from its data.

Fewer kinds of dates than :mod:`.dates` knows, by the same conventions: days, months, years,
weekdays, "yesterday", "three weeks ago", "last month". No durations, sets, times of day, seasons
or holidays.
"""

from __future__ import annotations

import calendar
import csv
import datetime as dt
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import DataError
from ..model import Money, Parsed, TimeExpression
from .gazetteer import Entry, Gazetteer, fold

if TYPE_CHECKING:
    from ..languages import Language
    from ..model import Granularity

_DAY = dt.timedelta(days=1)
_Span = tuple[str, dt.date | None, dt.date | None, "Granularity"]


class SpokenDates:
    """The date finder of one language."""

    def __init__(self, spoken: Language) -> None:
        where = spoken.folder / "time.toml"
        try:
            data: dict[str, Any] = tomllib.loads(where.read_text("utf-8"))
            self.months: Mapping[str, int] = data["months"]
            self.weekdays: Mapping[str, int] = data["weekdays"]
            self.numbers: Mapping[str, int] = data["numbers"]
            self.units: Mapping[str, str] = data["units"]
            self.near: Mapping[str, int] = data["near"]
            self.shifts: Mapping[str, int] = data["shifts"]
            self.not_near: Mapping[str, list[str]] = data["not_near"]
            lists = {
                name: _any(data[name])
                for name in ("months", "weekdays", "numbers", "units", "near")
            }
            self.patterns = [
                (
                    re.compile(rf"(?<![\w/.-])(?:{p['source'].format(**lists)})(?!\w)", re.I),
                    p["kind"],
                )
                for p in data["pattern"]
            ]
        except (OSError, KeyError, tomllib.TOMLDecodeError, re.error) as error:
            raise DataError(
                f"the dates cannot be read ({error!r})",
                where=str(where),
                do="Install whowhom again.",
            ) from error

    def find(self, parsed: Parsed) -> tuple[TimeExpression, ...]:
        """The dates of a document, in the order of the text."""
        text, taken = parsed.reading.text, bytearray(len(parsed.reading.text))
        found: list[TimeExpression] = []
        for pattern, kind in self.patterns:
            for m in pattern.finditer(text):
                start, end = m.span()
                if taken.find(1, start, end) >= 0:
                    continue
                if kind == "date":  # what is no day ("31 de junio") is no month either
                    taken[start:end] = b"\1" * (end - start)
                try:
                    span = self._value(kind, m, parsed)
                except (ValueError, OverflowError):  # the 31st of June, the year 10000
                    span = None
                if span is None:
                    continue
                taken[start:end] = b"\1" * (end - start)
                value, first, last, granularity = span
                found.append(
                    TimeExpression(start, end, m.group(), "DATE", value, first, last, granularity)
                )
        return tuple(sorted(found, key=lambda e: e.start))

    def _value(self, kind: str, m: re.Match[str], parsed: Parsed) -> _Span | None:
        today, groups = parsed.document.published, m.groupdict()
        if kind == "iso":
            return _day(dt.date.fromisoformat(m["iso"]))
        if kind == "slashes":
            return _day(dt.date(int(m["year"]), int(m["m"]), int(m["day"])))
        if kind == "date":
            day, month = int(groups.get("day") or 1), self.months[m["month"].lower()]
            if m["year"]:
                return _day(dt.date(int(m["year"]), month, day))
            return _day(self._nearest(month, day, today, m, parsed)) if today else None
        if kind == "month":
            return self._month(m, today)
        if kind == "year":
            year = int(m["year"])
            return str(year), dt.date(year, 1, 1), dt.date(year, 12, 31), "year"
        if today is None:
            return None
        if kind == "near":
            return self._near(m, today)
        if kind == "weekday":
            return _day(self._weekday(m, today, parsed))
        if kind in ("ago", "hence"):
            n = int(m["n"]) if m["n"].isdigit() else self.numbers[m["n"].lower()]
            return _shifted(today, self.units[m["unit"].lower()], -n if kind == "ago" else n)
        word = " ".join((groups.get("before") or groups.get("after") or "").lower().split())
        return _shifted(today, self.units[m["unit"].lower()], self.shifts[word])

    def _nearest(
        self, month: int, day: int, today: dt.date, m: re.Match[str], parsed: Parsed
    ) -> dt.date:
        """A day without a year: the last one, or the next one under a future."""
        here = dt.date(today.year, month, day)
        if self._is_future(m, parsed):
            return here if here >= today else dt.date(today.year + 1, month, day)
        return here if here <= today + 7 * _DAY else dt.date(today.year - 1, month, day)

    def _month(self, m: re.Match[str], today: dt.date | None) -> _Span | None:
        month = self.months[m["month"].lower()]
        if m["year"]:
            year = int(m["year"])
        elif today is None:
            return None
        else:
            year = today.year if month <= today.month else today.year - 1
            if (m["before"] or m["after"] or "").lower() == "próximo" and month <= today.month:
                year = today.year + 1
        last = calendar.monthrange(year, month)[1]
        return f"{year}-{month:02}", dt.date(year, month, 1), dt.date(year, month, last), "month"

    def _near(self, m: re.Match[str], today: dt.date) -> _Span | None:
        word = m["near"].lower()
        before = m.string[max(0, m.start() - 10) : m.start()].lower().split()
        if before and before[-1] in self.not_near.get(word, ()):
            return None
        return _day(today + self.near[word] * _DAY)

    def _weekday(self, m: re.Match[str], today: dt.date, parsed: Parsed) -> dt.date:
        number = self.weekdays[m["wd"].lower()]
        word = " ".join((m["before"] or m["after"] or "").lower().split())
        shift = self.shifts.get(word, 0)
        back = (today.weekday() - number) % 7
        if shift > 0 or (not shift and self._is_future(m, parsed)):
            return today + ((number - today.weekday() - 1) % 7 + 1) * _DAY
        return today - (back or (7 if shift < 0 else 0)) * _DAY

    @staticmethod
    def _is_future(m: re.Match[str], parsed: Parsed) -> bool:
        span = parsed.doc.char_span(m.start(), m.end(), alignment_mode="expand")
        if span is None:
            return False
        for token in span.root.ancestors:
            if token.pos_ == "VERB":
                return any(c.dep_ == "aux" and c.lower_ == "will" for c in token.children)
        return False


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(w) for w in sorted(set(words), key=lambda w: (-len(w), w)))


def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w/.-])(?:{source})(?!\w)", re.IGNORECASE)


def _day(day: dt.date) -> _Span:
    return day.isoformat(), day, day, "day"


def _shifted(today: dt.date, unit: str, n: int) -> _Span:
    if unit == "day":
        return _day(today + n * _DAY)
    if unit == "week":
        first = today + (7 * n - today.weekday()) * _DAY
        year, week, _ = first.isocalendar()
        return f"{year}-W{week:02}", first, first + 6 * _DAY, "week"
    if unit == "month":
        year, month = divmod(today.year * 12 + today.month - 1 + n, 12)
        last = calendar.monthrange(year, month + 1)[1]
        first = dt.date(year, month + 1, 1)
        return f"{year}-{month + 1:02}", first, dt.date(year, month + 1, last), "month"
    year = today.year + n
    return str(year), dt.date(year, 1, 1), dt.date(year, 12, 31), "year"


class SpokenMoney:
    """The finder of sums of money of one language (``money.toml``)."""

    def __init__(self, spoken: Language) -> None:
        where = spoken.folder / "money.toml"
        try:
            data: dict[str, Any] = tomllib.loads(where.read_text("utf-8"))
            self.currencies: Mapping[str, str | None] = {
                **dict.fromkeys(data["unknown"]["list"]),
                **data["words"],
            }
            self.signs: Mapping[str, str] = data["signs"]
            self.scales: Mapping[str, float] = data["scales"]
            self.numbers: Mapping[str, float] = data["numbers"]
        except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
            raise DataError(
                f"the currencies cannot be read ({error!r})",
                where=str(where),
                do="Install whowhom again.",
            ) from error
        number = rf"(?P<n>\d{{1,3}}(?:\.\d{{3}})+(?:,\d+)?|\d+(?:,\d+)?|{_any(self.numbers)})"
        scale = rf"(?:\s(?P<scale>{_any(self.scales)}))?"
        # a number in words is a sum only with what it counts; figures may stand after a sign
        self.pattern = re.compile(
            rf"(?<![\w.,])(?:{number}{scale}(?:\sde)?\s(?P<word>{_any(self.currencies)})"
            rf"|(?P<sign>{_any(self.signs)})\s?{number.replace('<n>', '<m>')}"
            rf"{scale.replace('<scale>', '<scale2>')})(?!\w)",
            re.IGNORECASE,
        )

    def find(self, text: str, start: int, end: int) -> Iterator[Money]:
        """The sums between two offsets, in the order of the text."""
        for m in self.pattern.finditer(text, start, end):
            raw = (m["n"] or m["m"]).lower()
            known = self.numbers.get(raw)
            amount = known if known is not None else float(raw.replace(".", "").replace(",", "."))
            scale = (m["scale"] or m["scale2"] or "").lower()
            amount *= self.scales.get(scale, 1)
            code = self.currencies[m["word"].lower()] if m["word"] else self.signs[m["sign"]]
            yield Money(round(amount, 2), code, None, m.group(), m.start(), m.end())


class _SpokenGazetteer(Gazetteer):
    """The gazetteer under the names of another language."""

    spoken: Mapping[str, str]

    def lookup(self, name: str) -> tuple[Entry, ...]:
        return super().lookup(self.spoken.get(fold(name), name))


def spoken_gazetteer(gazetteer: Gazetteer, spoken: Language) -> Gazetteer:
    """The same gazetteer, which also knows a language's names for countries, capitals and cities
    (``actors/countries.csv``, ``places.csv``) and its demonyms."""
    made = _SpokenGazetteer.__new__(_SpokenGazetteer)
    made.__dict__.update(gazetteer.__dict__)
    names: dict[str, str] = {}
    demonyms = dict(gazetteer.demonyms)
    with (spoken.folder / "actors" / "countries.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            for alias in row["aliases"].split("|"):
                names[fold(alias)] = row["name"]
            for demonym in filter(None, row["demonyms"].split("|")):
                demonyms[fold(demonym)] = row["name"]
    with (spoken.folder / "places.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            names[fold(row["name"])] = row["english"]
    made.spoken, made.demonyms, made._memo = names, demonyms, {}
    return made
