"""Dates and times of a text, as TimeML's TIMEX3 writes them, against the publication date.

The conventions are those of TempEval-3 (UzZaman and others, 2013): the four types, ISO values,
``X`` for what is not told. Patterns are built from ``data/language/time.toml`` and run only near
words of time, each over bounded repetitions, so that the work is linear in the text.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
import tomllib
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from ..model import Granularity, Parsed, TimeExpression

if TYPE_CHECKING:
    from ..parse.tokens import Doc, Token

__all__ = ["easter", "find_dates"]

Tense = Literal["past", "future"] | None
Type = Literal["DATE", "TIME", "DURATION", "SET"]
BEFORE, AFTER = 45, 45  # characters around a word of time in which its expression may lie
DAY = dt.timedelta(days=1)
LEAD = 4  # sentences
WRITTEN = "whowhom.written"  # in the parse: the day that a text takes for its own
FULL_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The lists of ``data/language/time.toml`` and the patterns made of them."""

    months: dict[str, int]
    weekdays: dict[str, int]
    units: dict[str, str]
    numbers: dict[str, int]
    vague: frozenset[str]
    ordinals: dict[str, int]
    parts: dict[str, str]
    seasons: dict[str, str]
    decades: dict[str, int]
    references: dict[str, str]
    sets: dict[str, str]
    fixed: dict[str, str]
    easter: dict[str, int]
    nth: dict[str, tuple[int, int, int]]
    ambiguous_months: frozenset[str]
    leads: frozenset[str]
    future_auxiliaries: frozenset[str]
    future_verbs: frozenset[str]
    counted_from: re.Pattern[str]  # more of the sentence after "two days after"
    credit: re.Pattern[str]  # what stands under a picture ends in who took it
    cues: frozenset[str]  # single words near which patterns are tried
    patterns: tuple[tuple[re.Pattern[str], str], ...]


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(w) for w in sorted(set(words), key=lambda w: (-len(w), w)))


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    raw = resources.files("whowhom.data").joinpath("language", "time.toml")
    d: dict[str, Any] = tomllib.loads(raw.read_text(encoding="utf-8"))
    references = {w: ref for ref, listed in d["references"].items() for w in listed}
    fixed, movable = d["holidays"]["fixed"], d["holidays"]["easter"]
    nth = {name: (m, w, n) for name, (m, w, n) in d["holidays"]["nth"].items()}
    short = set(d["short"]["weekdays"])

    month = f"(?P<month>{_any(d['months'])})\\.?"
    weekday = _any(w for w in d["weekdays"] if w not in short)
    led = f"(?:(?P<wd>{_any(d['weekdays'])})\\.?,?\\s)?"
    year = r"(?P<year>1[5-9]\d\d|20\d\d)"
    monthday = r"(?P<day>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
    unit = _any(d["units"])
    plural = f"(?P<unit>{unit}|centurie)s?"
    small = _any(d["numbers"])
    tens = _any(w for w, n in d["numbers"].items() if 20 <= n <= 90)
    number = (
        rf"(?P<n>\d{{1,4}}(?:\.\d)?|(?:{tens})[- ](?:{small})|(?:{small})(?: hundred)?|half an?|"
        rf"a couple of|a (?:half-)?dozen|a few|several|(?:some|many|few|recent))"
    )
    part = _any(d["parts"])
    season = _any(d["seasons"])
    mod = r"(?:(?P<mod>early|mid|late|the end of|the beginning of|the start of|the middle of)[- ])?"
    holiday = _any([*fixed, *movable, *nth]).replace("'", "['’]")
    credit = _any(d["after"]["credit"])
    clock = r"\d{1,2}(?:[:.]\d\d)?\s?[ap]\.?m\b\.?"
    sources = [
        (r"(?P<iso>\d{4}-\d\d-\d\d)", "iso"),
        (r"(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>\d{4}|\d\d)", "slashes"),
        (rf"{led}(?:the\s)?{monthday}\s(?:of\s)?{month}(?:,?\s{year})?(?!\d)", "date"),
        (rf"{led}{month}\s{monthday}(?:,?\s{year})?(?!\d|:\d)", "date"),
        (rf"(?:every|each)\s(?:(?P<n>\d{{1,3}}|{small}|other|few)\s)?"
         rf"(?P<unit>{unit}|{weekday}|{part}|{season}|{_any(m for m in d['months'] if len(m) > 3)})"
         r"s?(?!\w)", "every"),
        (rf"(?P<holiday>{holiday})(?:,?\s{year})?(?!\w)", "holiday"),
        (rf"{mod}{month},?\s(?:of\s)?{year}", "month"),
        (rf"{mod}{month}(?:,|\sof)?\s(?P<of>last|this|next|the same)\syear(?!\w)", "month"),
        (rf"(?P<rel>last|next|this|previous|this past|this coming)\s{month}(?!\w)", "month"),
        (rf"{mod}{month}(?!\w)", "month"),
        (rf"(?P<rel>last|next|this|the following|the previous|this past|this coming)?\s?(?P<wd>"
         rf"{weekday})(?P<set>s)?(?:\s(?P<part>{part}))?", "weekday"),
        (rf"(?P<word>today|yesterday|tomorrow|tonight)(?:\s(?P<part>{part}))?", "near"),
        (rf"(?P<rel>last|this|earlier this|later this|the previous|the next|the following)\s"
         rf"(?P<part>{part})", "part"),
        (r"(?P<rel>this|last|next|the|over the)?\s?(?P<weekend>weekend)", "weekend"),
        (rf"(?:(?P<mod>the end of|the beginning of|the start of|the middle of|early|earlier|later|"
         rf"late)\s)?(?:the\s)?(?P<rel>last|this|next|the same|that|this same)\s"
         rf"(?:(?P<fiscal>fiscal|calendar|financial|academic)\s)?"
         rf"(?P<unit>{unit})(?!\w|-)", "relative"),
        (rf"(?P<rel>the (?:next|following|previous|preceding|same)"
         rf"|the (?:day|night|week|month|year) (?:before|after))"
         rf"(?:\s(?P<unit>{unit}))?(?!\w)", "anchored"),
        (rf"(?:the\s)?(?:(?P<rel>past|last|next|previous|coming|preceding|first|final)\s){number}\s"
         rf"{plural}(?!\w)", "span"),
        (rf"(?:the\s)(?P<rel>past|coming|previous)\s(?P<unit>{unit})(?!\w)", "span"),
        (rf"(?:(?P<mod>about|around|nearly|almost|more than|less than|at least|over|roughly|some)"
         rf"\s)?{number}[-\s]{plural}\s"
         rf"(?P<dir>ago|earlier|later|before|after|from now|hence|afterwards)"
         rf"(?!\s(?:than|the))", "ago"),
        (rf"(?:once|twice|(?:{small}|\d{{1,2}}) times)\s(?:an?|per|each|every)\s(?P<unit>{unit})",
         "every"),
        (rf"{number}[-\s]{plural}(?P<old>[-\s]old)?(?!\w)", "duration"),
        (r"(?P<unit>minute|hour|day|week|month|year|decade)s(?!\w)", "plural"),
        (r"(?:the\s)?(?:(?P<mod>early|mid|late)[-\s])?"
         r"(?P<decade>(?:1[5-9]|20)\d0|['’]?\d0)s(?!\w)", "decade"),
        (rf"(?:the\s)?(?:(?P<mod>early|mid|late)[-\s])?"
         rf"(?P<word>{_any(d['decade_words'])})(?!\w)", "decade"),
        (r"(?P<c>\d{1,2})(?:st|nd|rd|th)[-\s]century", "century"),
        (rf"(?:the\s)?(?:(?P<q>{_any(d['ordinals'])})[-\s](?:fiscal\s)?quarter|q(?P<q2>[1-4]))"
         rf"(?:\s(?:of\s)?{year})?", "quarter"),
        (rf"(?:(?P<rel>last|this|next|the|early|late|mid)[-\s])?(?P<season>{season})(?:\s(?:of\s)?{year})?"
         rf"(?!\w)", "season"),
        (rf"(?P<clock>{clock})(?:\s(?P<wd>{weekday}))?", "clock"),
        (r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?!\d|:)", "clock24"),
        (r"(?P<word>midnight|noon|midday)", "noon"),
        (rf"{mod}{year}(?:\s?[-–/]\s?(?P<to>\d{{4}}|\d\d)(?!\d))?", "year"),
        (rf"(?P<ref>{_any(references)})", "reference"),
        (rf"(?P<set>{_any(d['sets'])})", "adjective"),
    ]  # fmt: skip
    cues = {
        *d["months"], *d["weekdays"], *(w + "s" for w in d["weekdays"]), *d["units"],
        *(w + "s" for w in d["units"]), "centuries", *d["parts"], *d["seasons"],
        *d["decade_words"], *(w.split()[-1] for w in references), *d["sets"],
        *(w for name in (*fixed, *movable, *nth) for w in name.split()),
        "today", "yesterday", "tomorrow", "tonight", "weekend", "midnight", "pm", "am", "past",
        "future", "ago",
    }  # fmt: skip
    return Vocabulary(
        months=d["months"],
        weekdays=d["weekdays"],
        units=d["units"],
        numbers=d["numbers"],
        vague=frozenset(d["vague"]["words"]),
        ordinals=d["ordinals"],
        parts=d["parts"],
        seasons=d["seasons"],
        decades=d["decade_words"],
        references=references,
        sets=d["sets"],
        fixed=fixed,
        easter=movable,
        nth=nth,
        ambiguous_months=frozenset(d["short"]["ambiguous_months"]),
        leads=frozenset(d["short"]["leads"]),
        future_auxiliaries=frozenset(d["future"]["auxiliaries"]),
        future_verbs=frozenset(d["future"]["verbs"]),
        counted_from=re.compile(rf"\s(?!(?:{_any(d['after']['apart'])})\b)[\w\"'‘“]"),
        credit=re.compile(
            rf"[^\n]{{0,200}}?(?:\([^()\n]{{0,60}}(?:/|\b(?:{credit}))[^()\n]{{0,40}}\)"
            rf"|\b(?:{credit})(?:\s(?:{credit})|:))",
            re.IGNORECASE,
        ),
        cues=frozenset(cues),
        patterns=tuple(
            (re.compile(rf"(?<![\w/.,$£€-])(?:{source})(?!\w)", re.IGNORECASE), kind)
            if kind not in {"year", "decade"}
            else (re.compile(rf"(?<![\w$£€])(?:{source})(?!\w)", re.IGNORECASE), kind)
            for source, kind in sources
        ),
    )


def easter(year: int) -> dt.date:
    """Easter Sunday of the Western churches (Meeus, Jones and Butcher's rule)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return dt.date(year, month, day + 1)


def written(parsed: Parsed) -> dt.date | None:
    """The day that a text takes for its own: that of publication, or the one after.

    Where the lead tells in the past tense of the weekday that comes after the day of publication,
    that day was taken from a clock elsewhere: of such leads in a sample of 583 articles all spoke
    of the day after, and none of six days before.
    """
    known = parsed.doc.user_data
    if WRITTEN not in known:
        known[WRITTEN] = _Finder(parsed).written()
    day: dt.date | None = known[WRITTEN]
    return day


def find_dates(parsed: Parsed) -> tuple[TimeExpression, ...]:
    """The dates, times, durations and sets of a document, in the order of the text."""
    return _Finder(parsed).find()


@dataclass(frozen=True, slots=True)
class _Value:
    type: Type
    value: str
    first: dt.date | None = None
    last: dt.date | None = None
    granularity: Granularity | None = None
    mod: str | None = None


class _Finder:
    """One pass over one document."""

    def __init__(self, parsed: Parsed) -> None:
        self.parsed = parsed
        self.doc: Doc = parsed.doc
        self.text = parsed.reading.text
        self.v = vocabulary()
        self.dct = parsed.document.published
        host = (parsed.document.outlet or "").lower()
        # 3/4/2011 is the 3rd of April outside the United States
        self.day_first = host.endswith((".uk", ".ie", ".au", ".nz", ".in", ".za", ".fr", ".de"))
        self.starts: list[int] | None = None  # of tokens, made when first asked for
        self.found: list[tuple[int, int, str, re.Match[str]]] = []
        self.anchor: dt.date | None = None
        self.tenses: dict[int, Tense] = {}

    def written(self) -> dt.date | None:
        """See :func:`written`; finds the words of all expressions on its way."""
        for low, high in self._windows():
            self._scan(low, high)
        self.found.sort(key=lambda f: f[0])
        if self.dct is None:
            return None
        title = self.parsed.reading.title_end
        lead = [s for s in self.parsed.sentences if s.start >= title][:LEAD]
        for start, end, kind, match in self.found:
            if not lead or end > lead[-1].end:
                break
            if start < title or kind not in {"weekday", "near"}:
                continue
            if kind == "near" or match.group("rel") or match.group("set"):
                break
            number = self.v.weekdays[match.group("wd").lower()]
            after = (number - self.dct.isoweekday()) % 7 == 1
            return self.dct + DAY if after and self._tense(start) == "past" else self.dct
        return self.dct

    def find(self) -> tuple[TimeExpression, ...]:
        self.dct = self.doc.user_data[WRITTEN] = self.written()
        result: list[TimeExpression] = []
        for start, end, kind, match in self.found:
            handler: Callable[[re.Match[str], int], _Value | None] = getattr(self, "_" + kind)
            try:
                value = handler(match, start)
            except (ValueError, OverflowError):  # 31 June, the year 10000: no date
                value = None
            if value is None:
                continue
            if kind == "year" and match.group("to"):
                result.extend(self._years(match))
                continue
            if value.type in {"DATE", "TIME"} and value.granularity == "day":
                self.anchor = value.first or self.anchor
            end = self._trim(start, end)
            result.append(
                TimeExpression(
                    start,
                    end,
                    self.text[start:end],
                    value.type,
                    value.value,
                    value.first,
                    value.last,
                    value.granularity,
                    value.mod,
                )
            )
        result.extend(self._range_starts(result))
        result.sort(key=lambda e: e.start)
        return tuple(result)

    # ------------------------------------------------------------- scanning
    def _windows(self) -> list[tuple[int, int]]:
        windows: list[tuple[int, int]] = []
        cues, size = self.v.cues, len(self.text)
        for match in _WORD.finditer(self.text):
            word = match.group()
            if not word[0].isdigit() and word.lower() not in cues:
                continue
            a, b = max(0, match.start() - BEFORE), min(size, match.end() + AFTER)
            if windows and a <= windows[-1][1]:
                windows[-1] = (windows[-1][0], b)
            else:
                windows.append((a, b))
        return windows

    def _scan(self, low: int, high: int) -> None:
        # a mask and not a list of spans: a text full of dates must not cost its square
        taken = bytearray(high - low)
        for pattern, kind in self.v.patterns:
            for match in pattern.finditer(self.text, low, high):
                start, end = match.span()
                while start < end and self.text[start] == " ":
                    start += 1
                if taken.find(1, start - low, end - low) >= 0:
                    continue
                if self._accept(kind, match, start, end):
                    taken[start - low : end - low] = b"\1" * (end - start)
                    self.found.append((start, end, kind, match))

    def _accept(self, kind: str, match: re.Match[str], start: int, end: int) -> bool:
        """Whether a match is a time here, and not the same letters in another sense."""
        text = self.text
        before = text[max(0, start - 14) : start].rstrip().rpartition(" ")[2].lower()
        after = text[end : end + 14].lstrip(" ").partition(" ")[0].lower()
        groups = match.groupdict()
        if kind in {"month", "date", "weekday"}:
            name = groups.get("month") or groups.get("wd") or ""
            if name and not name[0].isupper():
                return False
        if kind == "month":
            name = groups["month"].lower()
            bare = not any(groups.get(g) for g in ("year", "mod", "rel", "of"))
            if bare and name in self.v.ambiguous_months:
                token = self._token(match.start("month"))
                if (
                    len(name) <= 4
                    and name not in {"may", "july", "june"}
                    and before not in self.v.leads
                ):
                    return False
                return before in self.v.leads and (token is None or token.pos_ == "PROPN")
            return True
        if kind == "year":
            return self._is_year(groups, start, before, after)
        if kind == "decade":
            token = self._token(start)
            digits = groups.get("decade") or ""
            if digits and len(digits) < 3:
                return before not in {"his", "her", "their", "my", "its", "in"} or digits[0] in "'’"
            return groups.get("word") is None or text[start : start + 4].lower() == "the "
        if kind in {"duration", "span", "plural"}:
            if groups.get("old"):
                return False
            if text[end : end + 10].lower() == " and older" or before in {"age", "aged", "ages"}:
                return False
            if after.startswith("old") or after in {"younger", "older"}:
                return False
            unit, n = groups["unit"].lower(), (groups.get("n") or "").lower()
            if kind == "plural":
                return before in {"for", "in", "within", "after", "over"} or after in {
                    "ago",
                    "later",
                    "before",
                    "after",
                    "earlier",
                }
            if unit == "second" and not match.group().lower().endswith("seconds"):
                return False
            if unit == "quarter" or (unit == "day" and n in {"one", "some"}):
                return unit != "quarter" and n != "some"
            if n in {"a", "an"} and unit != "decade":
                # "20 times a day", "5 dollars an hour": a rate, no time
                token = self._token(start)
                if token is not None and token.dep_ == "det" and token.head.dep_ == "npadvmod":
                    return after in {"before", "after", "earlier", "later"}
            return n not in {"some", "many"} or not match.group().lower().endswith(unit)
        if kind == "relative":
            if groups["unit"].lower() == "second":
                return False
            return not (
                groups["rel"].lower() == "that"
                and groups["unit"].lower() not in {"day", "week", "month", "year"}
            )
        if kind == "anchored":
            rel = groups["rel"].lower()
            return bool(groups.get("unit")) != rel.endswith(("before", "after"))
        if kind == "season":
            name = groups["season"].lower()
            if name in {"fall", "spring"}:
                return bool(
                    groups.get("year")
                    or (groups.get("rel") or "").lower() in {"last", "this", "next"}
                    or (before == "in" and (groups.get("rel") or "").lower() == "the")
                )
            return after not in {"olympics", "games", "camp", "olympic"} or bool(groups.get("year"))
        if kind == "holiday":
            return (
                match.group()[0].isupper()
                and after[:1] in {"", ".", ",", ";", "a", "i", "o", "w", "f", "b"}
            ) or bool(groups.get("year"))
        if kind == "clock24":
            return before in {
                "at",
                "by",
                "until",
                "from",
                "to",
                "around",
                "about",
                "since",
                "after",
                "before",
            }
        if kind == "reference":
            ref = groups["ref"].lower()
            if ref == "the past":
                return after[:1] in {"", ".", ",", ";", "a", "w", "i"} and after not in {
                    "week",
                    "year",
                }
            if ref == "now":
                return after not in {"that", "defunct", "-defunct"}
            return True
        if kind == "quarter" and not groups.get("q2"):
            token = self._token(start)
            return after not in {"of", "century"} or bool(groups.get("year")) or token is None
        if kind == "weekend":
            return (groups.get("rel") or "").lower() != "" or before in {"on", "over", "at"}
        if kind == "part":
            return True
        return True

    def _is_year(self, groups: dict[str, str | None], start: int, before: str, after: str) -> bool:
        if groups.get("mod"):
            return True
        token = self._token(start)
        if before in {"$", "£", "€", "no.", "route", "highway", "room", "flight", "about"}:
            return False
        if groups.get("to") or before in self.v.leads or before.endswith("("):
            pass
        elif token is not None and token.ent_type_ not in {"DATE", "EVENT"}:
            return (
                before.rstrip("'s").endswith(("cup", "olympics", "election"))
                or token.dep_ == "npadvmod"
            )
        if token is not None and token.ent_type_ in {"MONEY", "QUANTITY", "PERCENT"}:
            return False
        if token is not None and token.dep_ == "nummod" and token.head.i > token.i:
            # "2000 people" is a count, "2013 budget" is a year
            return not (token.head.tag_ in {"NNS", "NNPS"} and token.ent_type_ != "DATE")
        return after not in {"people", "soldiers", "troops", "miles", "km", "meters", "feet"}

    def _token(self, char: int) -> Token | None:
        if self.starts is None:
            self.starts = [t.idx for t in self.doc]
        if not self.starts:
            return None
        return self.doc[max(0, bisect_right(self.starts, char) - 1)]

    def _trim(self, start: int, end: int) -> int:
        while end > start and self.text[end - 1] in " ,":
            end -= 1
        if self.text[start:end].endswith("."):
            word = self.text[start : end - 1].rpartition(" ")[2].lower()
            if word == "may" or (word in self.v.months and len(word) > 3 and word != "sept"):
                end -= 1
        # the full stop of the sentence is not the one of "Feb."
        if self.text[end - 1] == "." and self.text[start:end].lower().rstrip(".") in self.v.months:
            follows = self.text[end : end + 1]
            if follows in {"", "\n"} or len(self.text[start:end]) > 5:
                end -= 1
        return end

    # ---------------------------------------------------------------- tense
    def _tense(self, char: int) -> Tense:
        """Past or future, as the verb says that governs the words at an offset."""
        token = self._token(char)
        if token is None:
            return None
        verb, steps = token, 0
        while verb.pos_ not in {"VERB", "AUX"} and verb.head.i != verb.i and steps < 40:
            verb, steps = verb.head, steps + 1
        if verb.pos_ not in {"VERB", "AUX"}:
            return None
        if verb.i not in self.tenses:
            tense = _tense_of(verb, self.v)
            if tense is None and self.v.credit.match(self.text, char):
                tense = "past"  # a picture shows what was
            self.tenses[verb.i] = tense
        return self.tenses[verb.i]

    # ------------------------------------------------------------- handlers
    def _iso(self, m: re.Match[str], start: int) -> _Value:
        return _day(dt.date.fromisoformat(m.group("iso")))

    def _slashes(self, m: re.Match[str], start: int) -> _Value:
        a, b, y = int(m.group("a")), int(m.group("b")), int(m.group("y"))
        if y < 100:
            y += 2000 if y <= 68 else 1900  # POSIX's pivot for years of two digits
        day_first = a > 12 or (self.day_first and b <= 12)
        return _day(dt.date(y, b, a) if day_first else dt.date(y, a, b))

    def _date(self, m: re.Match[str], start: int) -> _Value:
        month, day = self.v.months[m.group("month").lower()], int(m.group("day"))
        if m.group("year"):
            return _day(dt.date(int(m.group("year")), month, day))
        if self.dct is None:
            dt.date(2000, month, day)
            return _Value("DATE", f"XXXX-{month:02d}-{day:02d}", granularity="day")
        return _day(self._nearest(month, day, self._tense(start)))

    def _nearest(self, month: int, day: int, tense: Tense) -> dt.date:
        """The day of that month next to publication, on the side that the tense tells."""
        dct = self.dct or dt.date.max
        options = []
        for year in range(dct.year - 4, dct.year + 5):
            if 1 <= year <= 9999 and day <= calendar.monthrange(year, month)[1]:
                options.append(dt.date(year, month, day))
        if not options:
            raise ValueError("no such day")
        past = [d for d in options if d <= dct]
        later = [d for d in options if d >= dct]
        if tense == "future" and later:
            return later[0]
        if tense == "past" and past:
            return past[-1]
        return min(options, key=lambda d: (abs((d - dct).days), d))

    def _month(self, m: re.Match[str], start: int) -> _Value:
        month = self.v.months[m.group("month").lower()]
        groups = m.groupdict()
        mod = _mod(groups.get("mod"))
        if groups.get("year"):
            return replace(_month(int(groups["year"] or 0), month), mod=mod)
        if self.dct is None:
            return _Value("DATE", f"XXXX-{month:02d}", granularity="month", mod=mod)
        later = _LATER_MONTH.match(self.text, m.end(), min(len(self.text), m.end() + 30))
        if later is not None and later.group("month").lower() in self.v.months:
            # "between June and August 2012"
            return replace(_month(int(later.group("year")), month), mod=mod)
        rel, of = (groups.get("rel") or "").lower(), (groups.get("of") or "").lower()
        year = self.dct.year
        if of:
            base = (self.anchor or self.dct) if of == "the same" else self.dct
            year = base.year + {"last": -1, "next": 1}.get(of, 0)
        elif rel in {"last", "previous", "this past"}:
            year -= month >= self.dct.month
        elif rel in {"next", "this coming"}:
            year += month <= self.dct.month
        elif rel != "this":
            tense = self._tense(start)
            if tense == "future":
                year += month < self.dct.month
            elif tense == "past" or (month - self.dct.month) % 12 > 6:
                year -= month > self.dct.month
            else:
                year += month < self.dct.month
        return replace(_month(year, month), mod=mod)

    def _weekday(self, m: re.Match[str], start: int) -> _Value:
        number = self.v.weekdays[m.group("wd").lower()]
        part = self.v.parts.get((m.group("part") or "").lower())
        if m.group("set"):
            return _Value("SET", f"XXXX-WXX-{number}")
        if self.dct is None:
            value = f"XXXX-WXX-{number}" + (f"T{part}" if part else "")
            return _Value("TIME" if part else "DATE", value, granularity="day")
        rel = (m.group("rel") or "").lower()
        back = (self.dct.isoweekday() - number) % 7
        ahead = (number - self.dct.isoweekday()) % 7
        if rel in {"last", "the previous", "this past"}:
            # of yesterday nobody says "last Thursday"
            back += 7 * (back == 0 or (back == 1 and rel == "last"))
            day = self.dct - DAY * back
        elif rel in {"next", "this coming"}:
            day = self.dct + DAY * (ahead or 7)
        elif rel == "the following":
            base = self.anchor or self.dct
            day = base + DAY * (((number - base.isoweekday()) % 7) or 7)
        elif rel == "this":
            day = self.dct + DAY * ahead
        else:
            day = (
                self.dct + DAY * ahead if self._tense(start) == "future" else self.dct - DAY * back
            )
        return _part(day, part) if part else _day(day)

    def _near(self, m: re.Match[str], start: int) -> _Value:
        word = m.group("word").lower()
        part = self.v.parts.get((m.group("part") or "").lower())
        part = "NI" if word == "tonight" else part
        if self.dct is None:
            return _Value(
                "DATE", "PRESENT_REF" if word == "today" else "XXXX-XX-XX", granularity="day"
            )
        day = self.dct + DAY * {"yesterday": -1, "tomorrow": 1}.get(word, 0)
        return _part(day, part) if part else _day(day)

    def _part(self, m: re.Match[str], start: int) -> _Value:
        part, rel = self.v.parts[m.group("part").lower()], m.group("rel").lower()
        base = self.anchor if rel.startswith("the") else self.dct
        if base is None:
            return _Value("TIME", f"XXXX-XX-XXT{part}", granularity="day")
        if rel == "last" or rel == "the previous":
            base -= DAY
        elif rel in {"the next", "the following"}:
            base += DAY
        return _part(base, part)

    def _weekend(self, m: re.Match[str], start: int) -> _Value:
        rel = (m.group("rel") or "").lower()
        if self.dct is None:
            return _Value("DATE", "XXXX-WXX-WE", granularity="day")
        saturday = self.dct - DAY * (self.dct.isoweekday() - 6)
        if rel == "next":
            saturday += 7 * DAY
        elif rel == "last" or (
            rel != "this" and self._tense(start) != "future" and self.dct.isoweekday() < 6
        ):
            saturday -= 7 * DAY
        year, week, _ = saturday.isocalendar()
        return _Value("DATE", f"{year}-W{week:02d}-WE", saturday, saturday + DAY, "day")

    def _relative(self, m: re.Match[str], start: int) -> _Value | None:
        rel, unit = m.group("rel").lower(), self.v.units[m.group("unit").lower()]
        mod = _mod(m.group("mod"))
        shift = {"last": -1, "next": 1}.get(rel, 0)
        base = self.dct
        if rel in {"that", "the same", "this same"}:
            base = self.anchor or (self.dct if rel != "that" else None)
        if base is None:
            return _Value(
                "DATE", "XXXX" if unit == "Y" else "XXXX-XX" if unit == "M" else "XXXX-XX-XX"
            )
        value = _shift(base, unit, shift)
        if m.group("fiscal") and value is not None:
            return replace(value, mod="APPROX")
        return replace(value, mod=mod) if value is not None and mod else value

    def _anchored(self, m: re.Match[str], start: int) -> _Value | None:
        words = m.group("rel").lower().split()
        unit = (m.group("unit") or words[1]).lower()
        unit = "day" if unit == "night" else unit
        after = words[1] in {"next", "following"} or words[-1] == "after"
        shift = 0 if words[1] == "same" else 1 if after else -1
        base = self.anchor or (None if unit == "day" else self.dct)
        code = self.v.units[unit]
        if code == "E":
            return _Value("DURATION", "P1DE")
        if base is None:
            return _Value("DATE", "XXXX-XX-XX", granularity="day") if code == "D" else None
        return _shift(base, code, shift)

    def _span(self, m: re.Match[str], start: int) -> _Value | None:
        groups = m.groupdict()
        code = self._unit(groups["unit"] or "")
        n, rel = groups.get("n"), (groups["rel"] or "").lower()
        if n is None:
            if code in {"D", "W", "M", "Y", "Q"} and self.dct is not None:
                shift = 1 if rel in {"next", "coming"} else -1
                if rel == "past" or code == "D":
                    return _Value("DURATION", _period(1, code))
                return _shift(self.dct, code, shift)
            return _Value("DURATION", _period(1, code))
        amount = self._number(n)
        value = _Value("DURATION", _period(amount, code))
        if amount is None or self.dct is None or rel not in {"past", "last", "next", "coming"}:
            return value
        days = _days(amount, code)
        if days is None:
            return value
        ahead = rel in {"next", "coming"}
        first = self.dct if ahead else self.dct - DAY * days
        return replace(value, first=first, last=self.dct + DAY * days if ahead else self.dct)

    def _ago(self, m: re.Match[str], start: int) -> _Value | None:
        amount, code = self._number(m.group("n")), self._unit(m.group("unit"))
        direction = m.group("dir").lower()
        if direction in {"before", "after"} and self.v.counted_from.match(self.text, m.end()):
            # "two days after the vote": counted from that, not from publication
            return _Value("DURATION", _period(amount, code))
        past = direction in {"ago", "earlier", "before"}
        if amount is None:
            return _Value("DATE", "PAST_REF" if past else "FUTURE_REF")
        base = self.dct if direction in {"ago", "from now", "hence"} else self.anchor or self.dct
        if base is None:
            return _Value("DATE", "PAST_REF" if past else "FUTURE_REF")
        value = _shift(base, code, -amount if past else amount)
        mod = {"about": "APPROX", "around": "APPROX", "roughly": "APPROX", "some": "APPROX",
               "nearly": "LESS_THAN", "almost": "LESS_THAN", "less than": "LESS_THAN",
               "more than": "MORE_THAN", "over": "MORE_THAN", "at least": "EQUAL_OR_MORE",
               }.get((m.group("mod") or "").lower())  # fmt: skip
        return replace(value, mod=mod) if value is not None and mod else value

    def _every(self, m: re.Match[str], start: int) -> _Value:
        unit = m.group("unit").lower()
        n = (m.groupdict().get("n") or "1").lower()
        if unit in self.v.weekdays:
            return _Value("SET", f"XXXX-WXX-{self.v.weekdays[unit]}")
        if unit in self.v.parts:
            return _Value("SET", f"XXXX-XX-XXT{self.v.parts[unit]}")
        if unit in self.v.seasons:
            return _Value("SET", f"XXXX-{self.v.seasons[unit]}")
        if unit in self.v.months:
            return _Value("SET", f"XXXX-{self.v.months[unit]:02d}")
        amount = 2 if n == "other" else self._number(n)
        return _Value("SET", _period(amount, self.v.units[unit]))

    def _duration(self, m: re.Match[str], start: int) -> _Value:
        return _Value("DURATION", _period(self._number(m.group("n")), self._unit(m.group("unit"))))

    def _plural(self, m: re.Match[str], start: int) -> _Value:
        return _Value("DURATION", _period(None, self._unit(m.group("unit"))))

    def _decade(self, m: re.Match[str], start: int) -> _Value:
        groups = m.groupdict()
        if groups.get("word"):
            tens = 190 + self.v.decades[(groups["word"] or "").lower()]
        else:
            digits = (groups["decade"] or "").lstrip("'’")
            tens = int(digits) // 10
            if len(digits) == 2:
                tens += 190 if tens >= 2 else 200
        first, last = dt.date(tens * 10, 1, 1), dt.date(tens * 10 + 9, 12, 31)
        return _Value("DATE", str(tens), first, last, "year", _mod(groups.get("mod")))

    def _century(self, m: re.Match[str], start: int) -> _Value | None:
        number = int(m.group("c")) - 1
        if not 1 <= number <= 30:
            return None
        first = dt.date(max(1, number * 100 + 1), 1, 1)
        return _Value("DATE", f"{number:02d}", first, dt.date((number + 1) * 100, 12, 31), "year")

    def _quarter(self, m: re.Match[str], start: int) -> _Value:
        number = int(m.group("q2") or self.v.ordinals[(m.group("q") or "").lower()])
        if m.group("year"):
            year = int(m.group("year"))
        elif self.dct is None:
            return _Value("DATE", f"XXXX-Q{number}")
        else:
            now = (self.dct.month - 1) // 3 + 1
            year = self.dct.year - (number > now and self._tense(start) != "future")
        return _quarter(year, number)

    def _season(self, m: re.Match[str], start: int) -> _Value:
        code, rel = self.v.seasons[m.group("season").lower()], (m.group("rel") or "").lower()
        if m.group("year"):
            return _season(int(m.group("year")), code)
        if self.dct is None:
            return _Value("DATE", f"XXXX-{code}")
        year, month = self.dct.year, {"SP": 3, "SU": 6, "FA": 9, "WI": 12}[code]
        if rel == "last":
            year -= month + 2 >= self.dct.month
        elif rel == "next":
            year += month <= self.dct.month
        elif rel != "this" and month > self.dct.month and self._tense(start) == "past":
            year -= 1
        if code == "WI" and self.dct.month <= 2 and rel == "this":
            year -= 1
        return _season(year, code)

    def _holiday(self, m: re.Match[str], start: int) -> _Value | None:
        name = m.group("holiday").lower().replace("’", "'")
        if m.group("year"):
            return _day(self._holiday_in(name, int(m.group("year"))))
        if self.dct is None:
            return _Value("DATE", f"XXXX-{self.v.fixed.get(name, 'XX-XX')}", granularity="day")
        years = [y for y in range(self.dct.year - 1, self.dct.year + 2) if 1583 <= y <= 9999]
        days = [self._holiday_in(name, y) for y in years]
        past = [d for d in days if d <= self.dct]
        later = [d for d in days if d >= self.dct]
        tense, before = self._tense(start), self.text[max(0, start - 5) : start].lower()
        dct = self.dct
        if not days:
            return None
        if before == "last " and past:
            return _day(past[-1])
        if (tense == "future" or before == "next ") and later:
            return _day(later[0])
        return _day(min(days, key=lambda d: abs((d - dct).days)))

    def _holiday_in(self, name: str, year: int) -> dt.date:
        if name in self.v.fixed:
            return dt.date.fromisoformat(f"{year:04d}-{self.v.fixed[name]}")
        if name in self.v.easter:
            return easter(year) + DAY * self.v.easter[name]
        month, weekday, which = self.v.nth[name]
        days = [
            d
            for d in range(1, calendar.monthrange(year, month)[1] + 1)
            if dt.date(year, month, d).isoweekday() == weekday
        ]
        return dt.date(year, month, days[which if which < 0 else which - 1])

    def _clock(self, m: re.Match[str], start: int) -> _Value | None:
        text = (
            m.group("clock").lower().replace(".", ":", 1)
            if "." in m.group("clock")[:4]
            else m.group("clock").lower()
        )
        digits = re.match(r"(\d{1,2})(?:[:.](\d\d))?", text)
        if digits is None or not 1 <= int(digits[1]) <= 12:
            return None
        hour = int(digits[1]) % 12 + (12 if "p" in text else 0)
        return self._at(hour, int(digits[2] or 0), start)

    def _clock24(self, m: re.Match[str], start: int) -> _Value:
        return self._at(int(m.group("hour")), int(m.group("minute")), start)

    def _noon(self, m: re.Match[str], start: int) -> _Value:
        return self._at(0 if m.group("word").lower() == "midnight" else 12, 0, start)

    def _at(self, hour: int, minute: int, start: int) -> _Value:
        day = self.anchor or self.dct
        stamp = f"T{hour:02d}:{minute:02d}"
        if day is None:
            return _Value("TIME", "XXXX-XX-XX" + stamp, granularity="day")
        return _Value("TIME", day.isoformat() + stamp, day, day, "day")

    def _year(self, m: re.Match[str], start: int) -> _Value:
        return replace(_year(int(m.group("year"))), mod=_mod(m.group("mod")))

    def _years(self, m: re.Match[str]) -> list[TimeExpression]:
        """Both ends of "2009-2010" and "1957-58"."""
        pairs = []
        first, to = m.group("year"), m.group("to")
        for group, number in (("year", first), ("to", to if len(to) == 4 else first[:2] + to)):
            v = _year(int(number))
            a, b = m.span(group)
            pairs.append(
                TimeExpression(a, b, self.text[a:b], "DATE", v.value, v.first, v.last, "year")
            )
        return pairs

    def _reference(self, m: re.Match[str], start: int) -> _Value:
        return _Value("DATE", self.v.references[m.group("ref").lower()])

    def _adjective(self, m: re.Match[str], start: int) -> _Value:
        return _Value("SET", self.v.sets[m.group("set").lower()])

    def _range_starts(self, found: list[TimeExpression]) -> list[TimeExpression]:
        """The first day of "3 to 5 May" and "May 3-5", read off the date beside it."""
        extra = []
        mask = bytearray(len(self.text))
        for e in found:
            mask[e.start : e.end] = b"\1" * (e.end - e.start)
        for e in found:
            if e.type != "DATE" or e.granularity != "day" or e.first is None:
                continue
            before = _BEFORE_RANGE.search(self.text, max(0, e.start - 14), e.start)
            after = _AFTER_RANGE.match(self.text, e.end, min(len(self.text), e.end + 8))
            for m in (before, after):
                if m is None or mask.find(1, m.start("d"), m.end("d")) >= 0:
                    continue
                day = int(m.group("d"))
                right = day < e.first.day if m is before else day > e.first.day
                if not right or day > calendar.monthrange(e.first.year, e.first.month)[1]:
                    continue
                other = e.first.replace(day=day)
                a, b = m.span("d")
                mask[a:b] = b"\1" * (b - a)
                extra.append(
                    TimeExpression(
                        a, b, self.text[a:b], "DATE", other.isoformat(), other, other, "day"
                    )
                )
        return extra

    # -------------------------------------------------------------- numbers
    def _number(self, word: str | None) -> int | None:
        if word is None:
            return None
        low = word.lower().strip()
        if low[0].isdigit():
            return int(float(low))
        if low == "a couple of":
            return 2
        if low.startswith("half"):
            return 1
        if "dozen" in low:
            return 6 if "half" in low else 12
        total, known = 0, False
        for piece in re.split(r"[-\s]", low):
            n = self.v.numbers.get(piece)
            if n is None:
                continue
            total, known = (total * n if n == 100 and total else total + n), True
        if low.startswith("a few") or low in self.v.vague or not known:
            return None
        return total

    def _unit(self, word: str) -> str:
        low = word.lower()
        return self.v.units["century" if low == "centurie" else low]


_BEFORE_RANGE = re.compile(
    r"(?<!\d)(?P<d>[12]?\d|3[01])(?:st|nd|rd|th)?\s?(?:to|and|-|–|through)\s?\Z"
)
_AFTER_RANGE = re.compile(
    r"\s?(?:to|-|–|and)\s?(?P<d>[12]?\d|3[01])(?:st|nd|rd|th)?(?![\d.,:%]?\d|\s?%)"
)


_LATER_MONTH = re.compile(
    r"\s?(?:to|and|-|–|through|until)\s?(?P<month>[A-Z][a-z]{2,9})\.?\s(?P<year>[12]\d{3})(?!\d)"
)


# Words, and the figures that make a time by themselves: years, clocks, dates with slashes.
_WORD = re.compile(
    r"[^\W\d_]+|(?:1[5-9]|20)\d\d|\d{1,2}[:/.]\d\d?|\d0s|q[1-4]|\d{1,2}(?:th|st|nd|rd)"
)


def _tense_of(verb: Token, v: Vocabulary) -> Tense:
    """The tense of a verb: its auxiliaries, and the verbs that it hangs on."""
    steps = 0
    while steps < 12:
        auxiliaries = {t.lower_ for t in verb.children if t.dep_ in {"aux", "auxpass"}}
        if auxiliaries & v.future_auxiliaries:
            return "future"
        if verb.lemma_ == "be" and any(
            t.dep_ == "xcomp" and t.tag_ == "VB" and any(c.lower_ == "to" for c in t.children)
            for t in verb.children
        ):
            return "future"  # "talks were to go on"
        if "to" in auxiliaries:
            if verb.head.i != verb.i and verb.dep_ in {"xcomp", "ccomp", "acl", "relcl", "advcl"}:
                governor = verb.head
                if governor.lemma_.lower() in {"be", *v.future_verbs} or governor.pos_ in {
                    "NOUN",
                    "ADJ",
                }:
                    return "future"
                verb, steps = governor, steps + 1
                continue
            return "future"
        if verb.tag_ == "VBD" or verb.lower_ in {"was", "were", "had", "did"}:
            return "past"
        if auxiliaries & {"was", "were", "had", "did", "has", "have", "would"}:
            return "past"
        if verb.lemma_.lower() in v.future_verbs and verb.tag_ in {"VBN", "VBZ", "VBP", "JJ"}:
            return "future"
        if verb.tag_ == "VBG" and auxiliaries & {"is", "are", "am", "'s", "'re"}:
            return "future"
        if verb.tag_ in {"VBG", "VBN", "VB"} and verb.head.i != verb.i:
            verb, steps = verb.head, steps + 1
            while verb.pos_ not in {"VERB", "AUX"} and verb.head.i != verb.i and steps < 12:
                verb, steps = verb.head, steps + 1
            continue
        return None
    return None


# ------------------------------------------------------------------- values
def _day(day: dt.date) -> _Value:
    return _Value("DATE", day.isoformat(), day, day, "day")


def _part(day: dt.date, part: str | None) -> _Value:
    return _Value("TIME", f"{day.isoformat()}T{part}", day, day, "day")


def _month(year: int, month: int) -> _Value:
    last = calendar.monthrange(year, month)[1]
    return _Value(
        "DATE",
        f"{year:04d}-{month:02d}",
        dt.date(year, month, 1),
        dt.date(year, month, last),
        "month",
    )


def _year(year: int) -> _Value:
    return _Value("DATE", f"{year:04d}", dt.date(year, 1, 1), dt.date(year, 12, 31), "year")


def _quarter(year: int, number: int) -> _Value:
    first, last = _month(year, 3 * number - 2).first, _month(year, 3 * number).last
    return _Value("DATE", f"{year:04d}-Q{number}", first, last, "month")


def _season(year: int, code: str) -> _Value:
    month = {"SP": 3, "SU": 6, "FA": 9, "WI": 12}[code]
    end_year, end_month = (year + 1, 2) if code == "WI" else (year, month + 2)
    first, last = _month(year, month).first, _month(end_year, end_month).last
    return _Value("DATE", f"{year:04d}-{code}", first, last, "month")


def _shift(base: dt.date, code: str, n: int) -> _Value | None:
    """The day, week, month, quarter, year or decade ``n`` of them from a day."""
    if code in {"TS", "TM", "TH"}:
        return _day(base)
    if code == "D":
        return _day(base + DAY * n)
    if code in {"W", "F"}:
        day = base + DAY * 7 * n * (2 if code == "F" else 1)
        year, week, weekday = day.isocalendar()
        monday = day - DAY * (weekday - 1)
        return _Value("DATE", f"{year:04d}-W{week:02d}", monday, monday + DAY * 6, "week")
    if code == "M":
        months = base.year * 12 + base.month - 1 + n
        return _month(months // 12, months % 12 + 1)
    if code == "Q":
        quarters = base.year * 4 + (base.month - 1) // 3 + n
        return _quarter(quarters // 4, quarters % 4 + 1)
    if code == "Y":
        return _year(base.year + n)
    if code == "E":
        if (n and abs(n) > 1) or n == -1:
            return _year(base.year + 10 * n)
        return _Value("DURATION", "P10Y") if n else _Value("DATE", str(base.year // 10))
    return _Value("DATE", f"{base.year // 100 + n:02d}")


def _period(n: int | None, code: str) -> str:
    """A TIMEX duration: ``P4W``, ``PT5M``; X where the number is not told."""
    amount = "X" if n is None else str(n)
    if code == "E":
        return f"P{n * 10}Y" if n is not None else "PXE"
    if code == "C":
        return f"P{n * 100}Y" if n is not None else "PXC"
    if code == "F":
        return f"P{n * 2}W" if n is not None else "PXW"
    if code.startswith("T"):
        return f"PT{amount}{code[1]}"
    return f"P{amount}{code}"


def _days(n: int, code: str) -> int | None:
    size = {"D": 1, "W": 7, "F": 14, "M": 30, "Q": 91, "Y": 365, "E": 3652}.get(code)
    return None if size is None or n > 5000 else n * size


def _mod(word: str | None) -> str | None:
    if not word:
        return None
    low = word.lower()
    if low in {"early", "the beginning of", "the start of"}:
        return "START"
    if low in {"mid", "the middle of"}:
        return "MID"
    return "END" if low in {"late", "the end of"} else None
