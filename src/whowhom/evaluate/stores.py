"""Where two stores agree: two coders of one corpus, or two data sets of one time.

Events of documents that both have are paired by their words. Data without words (imported) are
compared by dyad and day: an event between two countries is in both where the other has one of the
same dyad and type at most so many days apart, each once.
"""

# ruff: noqa: S608 - the SQL is made of fixed pieces; every value is bound

from __future__ import annotations

import datetime as dt
import itertools
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from whowhom.errors import UsageError
from whowhom.evaluate.agreement import FieldAgreement, field_agreement, plain_figures
from whowhom.evaluate.gold import AnnotatedEvent, Span
from whowhom.evaluate.matching import pair
from whowhom.evaluate.words import reciprocal
from whowhom.settings import EVALUATION, EvaluationSettings

if TYPE_CHECKING:
    from whowhom.analyse import Filter
    from whowhom.store import Store

By = Literal["document", "day"]
Kind = Literal["both", "other type", "only A", "only B"]
Dyad = tuple[str, str]
Unit = Literal["reports", "incidents"]
_COLUMNS = ("event_id", "document_id", "shown", "event_type", "quad")


@dataclass(frozen=True, slots=True)
class Row:
    """An event of a store, as far as a comparison needs it: one for each dyad that it has."""

    event: str
    document: str
    day: dt.date | None
    event_type: str
    quad: str
    dyad: Dyad | None


@dataclass(frozen=True, slots=True)
class Met:
    """An event of one store or of both."""

    kind: Kind
    a: Row | None
    b: Row | None


@dataclass(frozen=True, slots=True)
class Series:
    """How a dyad's counts by period go together in both."""

    dyad: Dyad
    a: int
    b: int
    daily: float  # Pearson's r over days; nan where one of them never changes
    weekly: float
    weekly_conflict: float  # of material conflict alone


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that two stores agree in, or do not."""

    by: By
    window: int
    events: tuple[int, int]
    without_dyad: tuple[int, int]
    without_day: tuple[int, int]
    documents: tuple[int, int, int] | None  # in A, in B, in both; where matched by document
    span: tuple[dt.date, dt.date] | None
    met: Sequence[Met] = field(repr=False)
    types: Mapping[str, Mapping[str, int]]
    confusion: Mapping[tuple[str, str], int]
    dyad_days: tuple[int, int, int]  # with events in A, in B, in both
    given_day: tuple[FieldAgreement, ...]
    series: Sequence[Series]

    def to_dict(self) -> dict[str, Any]:
        """All figures as plain JSON values; null where a figure is not defined."""
        return {
            "matched_by": self.by,
            "window_days": self.window,
            "events": dict(zip("AB", self.events, strict=True)),
            "without_dyad": dict(zip("AB", self.without_dyad, strict=True)),
            "without_day": dict(zip("AB", self.without_day, strict=True)),
            "documents": None
            if self.documents is None
            else dict(zip(("A", "B", "both"), self.documents, strict=True)),
            "first_day": self.span[0].isoformat() if self.span else None,
            "last_day": self.span[1].isoformat() if self.span else None,
            "types": {name: dict(row) for name, row in self.types.items()},
            "confusion": [
                {"A": a, "B": b, "count": n} for (a, b), n in sorted(self.confusion.items())
            ],
            "dyad_days": dict(zip(("A", "B", "both"), self.dyad_days, strict=True)),
            "given_dyad_day": [plain_figures(f) for f in self.given_day],
            "series": [
                {
                    "actor": s.dyad[0],
                    "recipient": s.dyad[1],
                    "A": s.a,
                    "B": s.b,
                    "daily_r": _known(s.daily),
                    "weekly_r": _known(s.weekly),
                    "weekly_conflict_r": _known(s.weekly_conflict),
                }
                for s in self.series
            ],
        }


def compare(
    a: Store,
    b: Store,
    filter_: Filter | None = None,
    *,
    by: By | None = None,
    window: int = EVALUATION.window_days,
    unit: Unit = "reports",
    settings: EvaluationSettings = EVALUATION,
) -> Comparison:
    """Compare the events of two stores.

    A dyad is an ordered pair of country codes, one of the actors and one of the recipients; of
    types whose sides do the same to each other (``data/evaluate.toml``) it has no order, and
    where they have no recipient, it is of two actors. An event with several has a row for each.

    Args:
        a: a store.
        b: another.
        filter_: which events count; None is those that happened.
        by: ``document`` pairs events by their words in documents with the same id, ``day`` by
            dyad and day; None takes ``document`` where half the documents of the smaller store
            are in the other and both have words, else ``day``.
        window: days that the two may be apart, with ``day``.
        unit: ``incidents`` counts what was merged into one incident once; stores that are not
            merged have to be (:func:`whowhom.merge.ensure`).
        settings: draws, seed and level; the bootstrap is over dyads.

    Raises:
        UsageError: ``by`` is document, and no document is in both.
    """
    from whowhom.analyse import Filter

    chosen = filter_ or Filter()
    rows = [_rows(store, chosen, unit) for store in (a, b)]
    documents = None
    if by != "day":
        shared = _shared(a, b)
        if by == "document" and not shared[2]:
            raise UsageError(
                "no document is in both stores",
                do="Documents are known by their ids. Use --by day.",
            )
        enough = shared[2] > 0 and 2 * shared[2] >= min(shared[:2])
        if by == "document" or (enough and _worded(a) and _worded(b)):
            documents = shared
    met = _by_day(rows, window) if documents is None else _by_words(rows, (a, b))
    types = _type_rows(met)
    confusion = Counter(
        (m.a.event_type, m.b.event_type) for m in met if m.a is not None and m.b is not None
    )
    days, given = _given_day(rows, settings)
    return Comparison(
        "day" if documents is None else "document",
        window,
        (len({r.event for r in rows[0]}), len({r.event for r in rows[1]})),
        (_without(rows[0], "dyad"), _without(rows[1], "dyad")),
        (_without(rows[0], "day"), _without(rows[1], "day")),
        documents,
        _span(rows),
        met,
        types,
        confusion,
        days,
        given,
        _series(rows),
    )


def texts(store: Store, events: Iterable[str]) -> dict[str, str]:
    """The evidence sentences of some events; empty where they have none."""
    wanted = sorted(set(events))
    found = store.sql(
        "select id, evidence.sentence_text from events where id in (select unnest(?::varchar[]))",
        [wanted],
    ).fetchall()
    return {id_: text or "" for id_, text in found}


def examples(found: Comparison, kind: Kind, count: int, seed: int = EVALUATION.seed) -> list[Met]:
    """Some events of a kind, drawn at random, by day."""
    pool = [m for m in found.met if m.kind == kind]
    chosen = random.Random(seed).sample(pool, min(count, len(pool)))  # noqa: S311 - no secret
    return sorted(chosen, key=lambda m: (m.a or m.b).day or dt.date.min)  # type: ignore[union-attr] # one is there


# ------------------------------------------------------------------ rows
def _rows(store: Store, filter_: Filter, unit: Unit) -> list[Row]:
    columns = (*_COLUMNS, "actor_countries", "recipient_countries")
    if unit == "incidents":
        from whowhom.analyse.query import chosen

        query, values = chosen(filter_, unit, [f"r.{name}" for name in columns])
    else:
        from whowhom.merge.flat import REPORTS

        where, values = filter_.where()
        query = f"with told as ({REPORTS}) select {', '.join(columns)} from told r where {where}"
    rows = []
    seen: set[tuple[Any, ...]] = set()
    for event, document, day, type_, quad, actors, recipients in store.sql(
        query, values
    ).fetchall():
        dyads: list[Dyad | None] = [*_dyads(type_, actors, recipients)]
        for dyad in dyads or [None]:
            if (event, dyad) not in seen:
                seen.add((event, dyad))
                rows.append(Row(event, document, day, type_, quad, dyad))
    return rows


def _dyads(type_: str, actors: Sequence[str], recipients: Sequence[str]) -> list[Dyad]:
    left, right = ([c for c in side if c] for side in (actors, recipients))
    both_ways = type_ in reciprocal()
    if both_ways and not recipients:
        pairs: Iterable[Dyad] = itertools.combinations(left, 2)
    else:
        pairs = itertools.product(left, right)
    return [(min(p), max(p)) if both_ways else p for p in pairs]


def _without(rows: Sequence[Row], name: str) -> int:
    return len({r.event for r in rows if getattr(r, name) is None})


def _span(rows: Sequence[Sequence[Row]]) -> tuple[dt.date, dt.date] | None:
    """The days that both stores cover: only there can they agree."""
    ends = []
    for side in rows:
        days = [r.day for r in side if r.day is not None]
        if not days:
            return None
        ends.append((min(days), max(days)))
    first, last = max(e[0] for e in ends), min(e[1] for e in ends)
    return (first, last) if first <= last else None


def _ids(store: Store) -> set[str]:
    return {id_ for (id_,) in store.sql("select id from documents").fetchall()}


def _shared(a: Store, b: Store) -> tuple[int, int, int]:
    ids = [_ids(store) for store in (a, b)]
    return len(ids[0]), len(ids[1]), len(ids[0] & ids[1])


# ------------------------------------------------------------------ pairs
def _worded(store: Store) -> bool:
    """Whether a store has events with the words that carry them; imported ones have none."""
    query = "select 1 from events where evidence.trigger.text <> '' limit 1"
    return store.sql(query).fetchone() is not None


def _triggers(store: Store, events: Mapping[str, Row]) -> dict[str, list[AnnotatedEvent]]:
    """Events by document, as far as pairing by words needs them."""
    found: dict[str, list[AnnotatedEvent]] = defaultdict(list)
    countries = "list_transform(coalesce({}, []), p -> p.country)"
    query = (
        "select id, event_type, evidence.trigger.text, evidence.trigger.start, "
        f"evidence.trigger.end, evidence.part, {countries.format('actors')}, "
        f"{countries.format('recipients')} from events order by sequence, id"
    )
    for id_, type_, words, start, end, part, *sides in store.sql(query).fetchall():
        if id_ in events and words:
            actors, recipients = (
                tuple(Span("", country=code) for code in side if code) for side in sides
            )
            found[events[id_].document].append(
                AnnotatedEvent(
                    id_, type_, Span(words, start, end, part), actors=actors, recipients=recipients
                )
            )
    return found


def _by_words(rows: Sequence[Sequence[Row]], stores: Sequence[Store]) -> list[Met]:
    """Events of the documents of both, paired by overlapping triggers, the same type first."""
    first = [{r.event: r for r in reversed(side)} for side in rows]
    held = [_triggers(store, own) for store, own in zip(stores, first, strict=True)]
    in_both = set.intersection(*(_ids(store) for store in stores))
    met: list[Met] = []
    for document in sorted(in_both & (held[0].keys() | held[1].keys())):
        left, right = held[0].get(document, []), held[1].get(document, [])
        pairs = pair(left, right, rule="trigger", typed=True)
        ends = {i for i, _ in pairs}, {j for _, j in pairs}
        loose = [
            [n for n in range(len(side)) if n not in end]
            for side, end in zip((left, right), ends, strict=True)
        ]
        others = pair(
            [left[n] for n in loose[0]], [right[n] for n in loose[1]], rule="trigger", typed=False
        )
        pairs += [(loose[0][i], loose[1][j]) for i, j in others]
        for i, j in pairs:
            x, y = first[0][left[i].id], first[1][right[j].id]
            met.append(Met("both" if x.event_type == y.event_type else "other type", x, y))
        alone = {i for i, _ in pairs}, {j for _, j in pairs}
        met += [
            Met("only A", first[0][e.id], None) for n, e in enumerate(left) if n not in alone[0]
        ]
        met += [
            Met("only B", None, first[1][e.id]) for n, e in enumerate(right) if n not in alone[1]
        ]
    return met


def _by_day(rows: Sequence[Sequence[Row]], window: int) -> list[Met]:
    """Rows with a dyad and a day, paired within the window, the same type first."""
    met: list[Met] = []
    loose: list[list[Row]] = [[], []]
    for left, right in _grouped(rows, lambda r: (r.dyad, r.event_type)):
        pairs, a, b = _nearest(left, right, window)
        met += [Met("both", x, y) for x, y in pairs]
        loose[0] += a
        loose[1] += b
    for left, right in _grouped(loose, lambda r: r.dyad):
        pairs, a, b = _nearest(left, right, window)
        met += [Met("other type", x, y) for x, y in pairs]
        met += [Met("only A", x, None) for x in a]
        met += [Met("only B", None, y) for y in b]
    return met


def _grouped(rows: Sequence[Iterable[Row]], key: Any) -> Iterator[tuple[list[Row], list[Row]]]:
    groups: dict[Any, tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for side, found in enumerate(rows):
        for row in found:
            if row.dyad is not None and row.day is not None:
                groups[key(row)][side].append(row)
    for _, (left, right) in sorted(groups.items(), key=lambda item: str(item[0])):
        yield (
            sorted(left, key=lambda r: (r.day, r.event)),
            sorted(right, key=lambda r: (r.day, r.event)),
        )


def _nearest(
    left: Sequence[Row], right: Sequence[Row], window: int
) -> tuple[list[tuple[Row, Row]], list[Row], list[Row]]:
    """Pairs at most ``window`` days apart, those of one day first; of the rest as many as can be,
    which taking the earliest that fits gives."""
    pairs: list[tuple[Row, Row]] = []
    loose = (list(left), list(right))
    for apart in dict.fromkeys((0, window)):
        rest: tuple[list[Row], list[Row]] = ([], [])
        i = j = 0
        while i < len(loose[0]) and j < len(loose[1]):
            x, y = loose[0][i], loose[1][j]
            gap = (y.day - x.day).days  # type: ignore[operator] # grouped rows have a day
            if abs(gap) <= apart:
                pairs.append((x, y))
                i, j = i + 1, j + 1
            elif gap > 0:
                rest[0].append(x)
                i += 1
            else:
                rest[1].append(y)
                j += 1
        rest[0].extend(loose[0][i:])
        rest[1].extend(loose[1][j:])
        loose = rest
    return pairs, loose[0], loose[1]


def _type_rows(met: Sequence[Met]) -> dict[str, dict[str, int]]:
    """By type: in both; taken for another by B, by A; only in A; only in B."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for m in met:
        if m.kind == "both" and m.a is not None:
            found[m.a.event_type]["both"] += 1
        elif m.kind == "other type" and m.a is not None and m.b is not None:
            found[m.a.event_type]["other type in B"] += 1
            found[m.b.event_type]["other type in A"] += 1
        elif m.a is not None:
            found[m.a.event_type]["only A"] += 1
        elif m.b is not None:
            found[m.b.event_type]["only B"] += 1
    names = ("both", "other type in B", "other type in A", "only A", "only B")
    return {t: {name: found[t][name] for name in names} for t in sorted(found)}


# ------------------------------------------------------------------ dyads and days
def _given_day(
    rows: Sequence[Sequence[Row]], settings: EvaluationSettings
) -> tuple[tuple[int, int, int], tuple[FieldAgreement, ...]]:
    """On the days on which both have something between two countries: is it the same?"""
    cells: list[dict[tuple[Dyad, dt.date], list[Row]]] = [defaultdict(list), defaultdict(list)]
    for side, found in enumerate(rows):
        for row in found:
            if row.dyad is not None and row.day is not None:
                pair_ = (min(row.dyad), max(row.dyad))  # types differ in having an order
                cells[side][pair_, row.day].append(row)
    shared = sorted(cells[0].keys() & cells[1].keys())
    number = {dyad: n for n, dyad in enumerate(sorted({dyad for dyad, _ in shared}))}
    fields = []
    for name in ("event_type", "quad"):
        units = [
            (number[cell[0]], [_most(getattr(r, name) for r in side[cell]) for side in cells])
            for cell in shared
        ]
        label = "most frequent type" if name == "event_type" else "most frequent quad class"
        fields.append(field_agreement(label, units, max(len(number), 1), ("A", "B"), settings))
    return (len(cells[0]), len(cells[1]), len(shared)), tuple(fields)


def _most(values: Iterable[str]) -> str:
    count = Counter(values)
    return min(count, key=lambda v: (-count[v], v))


def _series(rows: Sequence[Sequence[Row]]) -> list[Series]:
    """Of every dyad with events in both, over the days that both stores cover; the most first."""
    span = _span(rows)
    if span is None:
        return []
    first, last = span
    days = (last - first).days + 1
    # weeks from Monday on, as the analyses have them
    monday = first - dt.timedelta(days=first.weekday())
    weeks = (last - monday).days // 7 + 1
    daily: list[dict[Dyad, Counter[int]]] = [defaultdict(Counter), defaultdict(Counter)]
    weekly: list[dict[Dyad, Counter[int]]] = [defaultdict(Counter), defaultdict(Counter)]
    clash: list[dict[Dyad, Counter[int]]] = [defaultdict(Counter), defaultdict(Counter)]
    for side, found in enumerate(rows):
        for row in found:
            if row.dyad is None or row.day is None or not first <= row.day <= last:
                continue
            dyad = (min(row.dyad), max(row.dyad))
            daily[side][dyad][(row.day - first).days] += 1
            week = (row.day - monday).days // 7
            weekly[side][dyad][week] += 1
            if row.quad == "material conflict":
                clash[side][dyad][week] += 1
    made = [
        Series(
            dyad,
            daily[0][dyad].total(),
            daily[1][dyad].total(),
            pearson(daily[0][dyad], daily[1][dyad], days),
            pearson(weekly[0][dyad], weekly[1][dyad], weeks),
            pearson(clash[0][dyad], clash[1][dyad], weeks),
        )
        for dyad in daily[0].keys() & daily[1].keys()
    ]
    return sorted(made, key=lambda s: (-min(s.a, s.b), s.dyad))


def pearson(x: Mapping[int, int], y: Mapping[int, int], periods: int) -> float:
    """Pearson's r of two series of counts; periods that are not in them are 0. nan where one of
    them never changes, or where there are fewer periods than the settings ask for."""
    if periods < EVALUATION.fewest_periods:
        return math.nan
    sum_x, sum_y = sum(x.values()), sum(y.values())
    both = sum(n * y[at] for at, n in x.items() if at in y)
    square_x, square_y = (sum(n * n for n in s.values()) for s in (x, y))
    spread = (periods * square_x - sum_x**2) * (periods * square_y - sum_y**2)
    return math.nan if spread <= 0 else (periods * both - sum_x * sum_y) / math.sqrt(spread)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)
