"""What is asked for: a filter over reports, as a value that a URL can hold.

Fields of one kind are joined by "or", fields of different kinds by "and". Every value reaches
DuckDB bound; the SQL that :meth:`Filter.where` gives is made of fixed pieces only.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from whowhom.errors import UsageError
from whowhom.model import Genre, Quad, Status, Voice

ALL = "all"
"""As the only status: whatever the status."""

MOST_VALUES = 100
"""Values that one field may have: more than a person ticks, few enough for a URL."""
MOST_CHARACTERS = 200
"""Characters of one value; a longer one is no name of anything."""

_DEFAULT_STATUSES = ("actual",)
_KEY = re.compile(r"[A-Z][A-Z0-9]{1,3}(?: (?:\*|[A-Z][A-Z0-9]{1,3}))?")
_COUNTRY = re.compile(r"[A-Z][A-Z0-9]{1,3}")
_TYPE = re.compile(r"[A-Z][A-Z0-9_-]{0,39}")
_PHRASE = re.compile(r'"([^"]+)"|(\S+)')

_CLOSED: dict[str, tuple[str, ...]] = {
    "quads": get_args(Quad),
    "statuses": (*get_args(Status), ALL),
    "voices": get_args(Voice),
    "genres": get_args(Genre),
}
_LISTS = (
    "types",
    "quads",
    "statuses",
    "voices",
    "outlets",
    "places",
    "actors",
    "recipients",
    "parties",
    "speakers",
    "genres",
)
# how a field is called in a URL
_QUERY = {
    "since": "since",
    "until": "until",
    "types": "type",
    "quads": "quad",
    "statuses": "status",
    "voices": "voice",
    "outlets": "outlet",
    "places": "place",
    "actors": "actor",
    "recipients": "recipient",
    "parties": "party",
    "speakers": "speaker",
    "genres": "genre",
    "min_confidence": "confidence",
    "words": "words",
    "copies": "copies",
}
_FIELD = {name: field for field, name in _QUERY.items()}
QUERY_NAMES: tuple[str, ...] = tuple(_FIELD)
"""The names that :meth:`Filter.to_query` uses."""
_YES, _NO = ("yes", "true", "1"), ("no", "false", "0")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which reports count. An empty tuple (None for a day) leaves the field open.

    Dates are over ``shown``: the day of the event, else of publication; both ends are included.
    Only what happened (status ``actual``) counts unless other statuses are named;
    ``statuses=("all",)`` takes every one.

    A party is a key as the tables have it: ``KEN`` is the state (its government, its army, the
    country as such), ``KEN REB`` its rebels; ``KEN *`` is every party of the country. ``actors``
    and ``recipients`` match their side, ``parties`` either, ``speakers`` anybody in the chain of
    who says so. ``places`` are countries of the place of the event.

    ``words``: all of them must be in the evidence sentence, whatever their case; words between
    double quotation marks are one phrase. ``copies=False`` leaves out documents that copy the
    text of an earlier one.

    Values are brought into one order and case, so that equal filters compare and hash as equal.

    Raises:
        UsageError: a value that cannot be right; the error names the field, the value and the
            nearest right one.
    """

    since: dt.date | None = None
    until: dt.date | None = None
    types: tuple[str, ...] = ()
    quads: tuple[str, ...] = ()
    statuses: tuple[str, ...] = _DEFAULT_STATUSES
    voices: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    min_confidence: float = 0.0
    words: str = ""
    copies: bool = True

    def __post_init__(self) -> None:
        for field in ("since", "until"):
            object.__setattr__(self, field, _day(field, getattr(self, field)))
        if self.since and self.until and self.since > self.until:
            raise UsageError(
                f"since ({self.since}) is after until ({self.until})", do="Swap the two days."
            )
        for field in _LISTS:
            object.__setattr__(self, field, _values(field, getattr(self, field)))
        if not self.statuses or ALL in self.statuses:
            object.__setattr__(self, "statuses", (ALL,))
        object.__setattr__(self, "min_confidence", _share(self.min_confidence))
        words = " ".join(str(self.words).split())
        if len(words) > MOST_CHARACTERS:
            raise UsageError(
                f"words has {len(words)} characters", do=f"Ask for at most {MOST_CHARACTERS}."
            )
        object.__setattr__(self, "words", words)
        if not isinstance(self.copies, bool):
            raise nearest("copies", self.copies, ("True", "False"))

    # -------------------------------------------------------------------- to SQL
    def where(self, alias: str = "r") -> tuple[str, list[Any]]:
        """A condition over the table ``reports`` under the name ``alias``, and its values.

        Returns:
            SQL with a ``?`` for every value, ``true`` where the filter is open, and the values
            in the order of the question marks.

        Raises:
            UsageError: ``alias`` is no plain name.
        """
        if not re.fullmatch(r"[A-Za-z_]\w*", alias):
            raise UsageError(f"{alias!r} is no name for a table", do='Use "r".')
        parts: list[str] = []
        bound: list[Any] = []

        def ask(condition: str, *values: Any) -> None:
            parts.append(condition.replace("r.", f"{alias}."))
            bound.extend(values)

        if self.since:
            ask("r.shown >= ?::date", self.since)
        if self.until:
            ask("r.shown <= ?::date", self.until)
        for column, values in (
            ("event_type", self.types),
            ("quad", self.quads),
            ("status", () if self.statuses == (ALL,) else self.statuses),
            ("voice", self.voices),
            ("outlet", self.outlets),
            ("place_country", self.places),
            ("genre", self.genres),
        ):
            if values:
                ask(f"r.{column} in ({', '.join('?' * len(values))})", *values)
        for columns, keys in (
            (("actors",), self.actors),
            (("recipients",), self.recipients),
            (("actors", "recipients"), self.parties),
            (("speakers",), self.speakers),
        ):
            if keys:
                sides = [side(column, keys) for column in columns]
                ask(
                    "(" + " or ".join(condition for condition, _ in sides) + ")",
                    *(value for _, values in sides for value in values),
                )
        if self.min_confidence > 0:
            ask("r.confidence >= ?", self.min_confidence)
        for phrase in phrases(self.words):
            ask("contains(lower(r.text), lower(?))", phrase)
        if not self.copies:
            ask("not r.copy")
        return " and ".join(parts) or "true", bound

    # -------------------------------------------------------------------- to a URL
    def to_query(self) -> list[tuple[str, str]]:
        """The filter as names and values of a URL's query; what is left open is not in it."""
        pairs: list[tuple[str, str]] = []
        for field, name in _QUERY.items():
            value = getattr(self, field)
            if value == _DEFAULTS[field]:
                continue
            if isinstance(value, tuple):
                pairs += [(name, item) for item in value]
            elif isinstance(value, bool):
                pairs.append((name, _YES[0] if value else _NO[0]))
            elif isinstance(value, float):
                pairs.append((name, repr(value)))
            else:
                pairs.append((name, str(value)))
        return pairs

    @classmethod
    def from_query(
        cls,
        pairs: Iterable[tuple[str, str]],
        *,
        types: Collection[str] | None = None,
        others: Collection[str] = (),
    ) -> Filter:
        """The filter that a URL's query asks for: the inverse of :meth:`to_query`.

        Args:
            pairs: names and values, decoded. Empty values are left out, as a form sends them.
            types: the event types that there are; None is those of the shipped codebook.
            others: names that belong to somebody else (``page``, ``unit``) and are passed over.

        Raises:
            UsageError: an unknown name, or a value that cannot be right.
        """
        found: dict[str, list[str]] = {}
        for name, value in pairs:
            if name in others:
                continue
            if name not in _FIELD:
                raise nearest("the query", name, QUERY_NAMES)
            if value.strip():
                found.setdefault(_FIELD[name], []).append(value.strip())
        fields: dict[str, Any] = {}
        for field, values in found.items():
            if field in _LISTS:
                fields[field] = tuple(values)
                continue
            if len(set(values)) > 1:
                raise UsageError(f"{_QUERY[field]} is given {len(values)} times", do="Give one.")
            fields[field] = _flag(values[0]) if field == "copies" else values[0]
        made = cls(**fields)
        if made.types:
            known = shipped_types() if types is None else types
            for kind in made.types:
                if kind not in known:
                    raise nearest("type", kind, known)
        return made

    def replace(self, **fields: Any) -> Filter:
        """The same filter with some fields changed: ``f.replace(outlets=("Arbat Courier",))``."""
        unknown = [name for name in fields if name not in _QUERY]
        if unknown:
            raise nearest("the filter", unknown[0], tuple(_QUERY))
        return dataclasses.replace(self, **fields)


_DEFAULTS: dict[str, Any] = {f.name: f.default for f in dataclasses.fields(Filter)}


def side(column: str, keys: Sequence[str], alias: str = "r") -> tuple[str, list[Any]]:
    """A condition that a list of keys holds one of ``keys``, and its values.

    ``column`` is ``actors``, ``recipients`` or ``speakers``; ``KEN *`` is any key of Kenya.
    """
    exact = [key for key in keys if not key.endswith(" *")]
    whole = [key[:-2] for key in keys if key.endswith(" *")]
    conditions, bound = [], []
    for key in exact:
        conditions.append(f"list_contains({alias}.{column}, ?)")
        bound.append(key)
    for country in whole:
        # "KEN" and "KEN REB", and not what only starts alike
        conditions.append(
            f"len(list_filter({alias}.{column}, lambda k: split_part(k, ' ', 1) = ?)) > 0"
        )
        bound.append(country)
    return "(" + " or ".join(conditions) + ")" if len(conditions) > 1 else conditions[0], bound


def phrases(words: str) -> list[str]:
    """The words and quoted phrases of a search."""
    return [quoted or word.strip('"') for quoted, word in _PHRASE.findall(words) if quoted or word]


def shipped_types() -> tuple[str, ...]:
    """The event types of the codebook that comes with the package."""
    from whowhom.codebook.loading import load

    return tuple(sorted(load().types))


def party(value: str, *, field: str = "party") -> str:
    """A party's key as a user may write it (``ken reb``), in the tables' spelling.

    Raises:
        UsageError: it cannot be a key; a country's name is answered with its code.
    """
    return _checked(field, value)


# ------------------------------------------------------------------------ checks
def _values(field: str, value: Any) -> tuple[str, ...]:
    given = (value,) if isinstance(value, str) else tuple(value)
    if len(given) > MOST_VALUES:
        raise UsageError(
            f"{_QUERY[field]} has {len(given)} values", do=f"Give at most {MOST_VALUES}."
        )
    return tuple(sorted({_checked(_QUERY[field], item) for item in given}))


def _checked(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{name}: {value!r} is no name", do="Leave the field out to have all.")
    text = " ".join(value.split())
    if len(text) > MOST_CHARACTERS:
        raise UsageError(
            f"{name}: a value of {len(text)} characters", do=f"Give at most {MOST_CHARACTERS}."
        )
    field = _FIELD.get(name, name)
    if field in _CLOSED:
        if text.lower() not in _CLOSED[field]:
            raise nearest(name, text, _CLOSED[field])
        return text.lower()
    if field == "types":
        if not _TYPE.fullmatch(text.upper()):
            raise nearest(name, text, shipped_types())
        return text.upper()
    if field == "places":
        return _code(name, text, _COUNTRY)
    if field in ("actors", "recipients", "parties", "speakers"):
        return _code(name, text, _KEY)
    return value.strip()


def _code(name: str, text: str, pattern: re.Pattern[str]) -> str:
    from whowhom.analyse.names import code_of

    found = code_of(text)
    if found is not None and text.upper() != found:
        raise UsageError(f"{name}: {text!r} is a name, not a code", do=f'Write "{found}".')
    if pattern.fullmatch(text.upper()):
        return text.upper()
    example = '"KEN"' if pattern is _COUNTRY else '"KEN", "KEN REB" or "KEN *"'
    raise UsageError(f"{name}: {text!r} is no code", do=f"Write a code such as {example}.")


def _day(field: str, value: Any) -> dt.date | None:
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise UsageError(
            f"{field}: {value!r} is no day", do="Write it as year-month-day: 1962-10-22."
        ) from None


def _share(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number <= 1:
        raise UsageError(
            f"confidence: {value!r} is no share", do="Write a number from 0 to 1, such as 0.8."
        )
    return number


def _flag(value: str) -> bool:
    if value.lower() in _YES:
        return True
    if value.lower() in _NO:
        return False
    raise nearest("copies", value, (_YES[0], _NO[0]))


def nearest(name: str, value: object, right: Iterable[str]) -> UsageError:
    """The error for a value that is not among the right ones; it names the nearest of them."""
    options = sorted(right)
    folded = {option.lower(): option for option in options}
    near = difflib.get_close_matches(str(value).lower(), folded, 1, 0.5)
    do = f'Did you mean "{folded[near[0]]}"?' if near else f"Use one of: {', '.join(options)}."
    return UsageError(f"{name}: {value!r} is not known", do=do)
