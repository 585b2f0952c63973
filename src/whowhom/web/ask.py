"""What a page is asked for: a filter, and what only pages have, as a URL holds it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from whowhom.analyse import Filter, label
from whowhom.analyse.counts import between
from whowhom.analyse.filters import ALL, QUERY_NAMES, party
from whowhom.errors import UsageError
from whowhom.show.charts.words import status_words, type_noun

PAGE = 50
"""Reports on a page of the search."""
MOST_PAGES = 200
"""Pages that can be leafed through; who wants more wants the export or another filter."""

SORTS: Mapping[str, tuple[str, str]] = {
    "newest": ("newest first", "shown desc nulls last, event_id"),
    "oldest": ("oldest first", "shown nulls last, event_id"),
    "surest": ("surest first", "confidence desc, event_id"),
    "doubtful": ("most doubtful first", "confidence, event_id"),
}
UNITS: Mapping[str, str] = {
    "incidents": "incidents",
    "independent": "independent reports",
    "reports": "reports",
}
EXTRAS = ("between", "at", "incident", "unit", "sort", "page", "marked")
"""Names in a URL that are not the filter's."""
NAMES: tuple[str, ...] = (*QUERY_NAMES, *EXTRAS)


@dataclass(frozen=True, slots=True)
class Ask:
    """A filter, and what only pages have.

    ``between``: two parties, either way. ``at``: a place by its name. ``incident``: an id.
    """

    filter: Filter = field(default_factory=Filter)
    between: tuple[str, str] | None = None
    at: str = ""
    incident: str = ""
    unit: str = "incidents"
    sort: str = "newest"
    page: int = 1

    @classmethod
    def from_query(
        cls,
        pairs: Iterable[tuple[str, str]],
        *,
        types: Collection[str] | None = None,
        others: Collection[str] = (),
    ) -> Ask:
        """The inverse of :meth:`to_query`.

        Raises:
            UsageError: an unknown name, or a value that cannot be right.
        """
        given = [(name, value) for name, value in pairs if name not in others]
        extras: dict[str, str] = {}
        for name, value in given:
            if name in EXTRAS and value.strip():
                if name in extras and extras[name] != value.strip():
                    raise UsageError(f"{name} is given twice", do="Give one.")
                extras[name] = value.strip()
        made = Filter.from_query(given, types=types, others=(*EXTRAS, "token"))
        pair = None
        if "between" in extras:
            ends = extras["between"].split("~")
            if len(ends) != 2:
                raise UsageError(
                    f"between: {extras['between']!r} is no pair", do="Write it as USA~CUB."
                )
            pair = (party(ends[0]), party(ends[1]))
        return cls(
            made,
            pair,
            _short("at", extras.get("at", "")),
            _short("incident", extras.get("incident", "")),
            _one_of("unit", extras.get("unit", "incidents"), UNITS),
            _one_of("sort", extras.get("sort", "newest"), SORTS),
            _page(extras.get("page", "1")),
        )

    def to_query(self) -> list[tuple[str, str]]:
        pairs = self.filter.to_query()
        if self.between:
            pairs.append(("between", "~".join(self.between)))
        pairs += [(n, v) for n, v in (("at", self.at), ("incident", self.incident)) if v]
        if self.unit != "incidents":
            pairs.append(("unit", self.unit))
        if self.sort != "newest":
            pairs.append(("sort", self.sort))
        if self.page != 1:
            pairs.append(("page", str(self.page)))
        return pairs

    def replace(self, **fields: Any) -> Ask:
        """With some fields changed, of the filter or of this; back on the first page."""
        own = {f.name for f in dataclasses.fields(self)}
        mine = {k: v for k, v in fields.items() if k in own}
        theirs = {k: v for k, v in fields.items() if k not in own}
        mine.setdefault("page", 1)
        if theirs:
            mine["filter"] = mine.get("filter", self.filter).replace(**theirs)
        return dataclasses.replace(self, **mine)

    def url(self, path: str = "/search") -> str:
        query = urlencode(self.to_query())
        return f"{path}?{query}" if query else path

    def also(self) -> tuple[str, list[Any]]:
        """The condition over ``reports`` (as ``r``) of what the filter does not hold."""
        parts, values = ["true"], []
        if self.between:
            condition, more = between(*self.between)
            parts.append(condition)
            values += more
        if self.at:
            parts.append("r.place = ?")
            values.append(self.at)
        if self.incident:
            parts.append("r.incident = ?")
            values.append(self.incident)
        return " and ".join(parts), values

    def where(self) -> tuple[str, list[Any]]:
        """The whole condition over ``reports`` (as ``r``)."""
        condition, values = self.filter.where()
        more, others = self.also()
        return f"{condition} and {more}", [*values, *others]


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter as a reader sees it, and where the page without it is."""

    name: str
    value: str
    without: str


_CHIPS: Mapping[str, str] = {
    "types": "type",
    "quads": "kind",
    "voices": "voice",
    "outlets": "outlet",
    "places": "country of place",
    "actors": "actor",
    "recipients": "recipient",
    "parties": "party",
    "speakers": "says",
    "genres": "genre",
}
_WORDS: Mapping[str, Any] = {
    "types": type_noun,
    "places": label,
    "actors": label,
    "recipients": label,
    "parties": label,
    "speakers": label,
}


def chips(ask: Ask, path: str) -> list[Chip]:
    """The filters that are set, one chip a value."""
    found = []

    def add(name: str, value: str, **without: Any) -> None:
        found.append(Chip(name, value, ask.replace(**without).url(path)))

    f = ask.filter
    if f.words:
        add("words", f.words, words="")
    if f.since:
        add("since", f.since.isoformat(), since=None)
    if f.until:
        add("until", f.until.isoformat(), until=None)
    if ask.between:
        a, b = ask.between
        add("between", f"{label(a)} and {label(b)}", between=None)
    for name_, name in _CHIPS.items():
        values = getattr(f, name_)
        for value in values:
            rest = tuple(v for v in values if v != value)
            add(name, _WORDS.get(name_, str)(value), **{name_: rest})
    if ask.at:
        add("place", ask.at, at="")
    if ask.incident:
        add("incident", ask.incident, incident="")
    if f.statuses != ("actual",):
        if f.statuses == (ALL,):
            add("status", "whatever the status", statuses=("actual",))
        else:
            for value in f.statuses:
                rest = tuple(v for v in f.statuses if v != value) or ("actual",)
                add("status", status_words(value), statuses=rest)
    if f.min_confidence:
        add("confidence", f"at least {f.min_confidence:g}", min_confidence=0.0)
    if not f.copies:
        add("copies", "left out", copies=True)
    if ask.unit != "incidents":
        add("counted", UNITS[ask.unit], unit="incidents")
    return found


def actor_url(key: str, ask: Ask | None = None) -> str:
    return _with(f"/actor/{quote(key, safe='')}", ask)


def pair_url(a: str, b: str, ask: Ask | None = None) -> str:
    return _with(f"/pair/{quote(a, safe='')}/{quote(b, safe='')}", ask)


def incident_url(incident: str) -> str:
    return f"/incident/{quote(incident, safe='')}"


def document_url(document: str, event: str = "") -> str:
    path = f"/document/{quote(document, safe='')}"
    if any(step in (".", "..") for step in document.replace("\\", "/").split("/")):
        path = f"/document?{urlencode({'id': document})}"  # browsers walk such paths up
    return f"{path}#{anchor(event)}" if event else path


def anchor(event: str) -> str:
    """The ``id`` on a page of an event: letters that no selector trips over."""
    return "e-" + "".join(c if c.isalnum() and c.isascii() else f"_{ord(c):x}" for c in event)


def _with(path: str, ask: Ask | None) -> str:
    return path if ask is None else ask.url(path)


def _one_of(name: str, value: str, options: Mapping[str, Any]) -> str:
    if value not in options:
        raise UsageError(f"{name}: {value!r} is not known", do=f"Use one of: {', '.join(options)}.")
    return value


def _short(name: str, value: str) -> str:
    if len(value) > 300:
        raise UsageError(f"{name}: a value of {len(value)} characters", do="Give at most 300.")
    return value


def _page(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value[:9]) <= MOST_PAGES:
        raise UsageError(
            f"page: {value!r} is no page",
            do=f"Write a number from 1 to {MOST_PAGES}; filter to see what lies beyond.",
        )
    return int(value)
