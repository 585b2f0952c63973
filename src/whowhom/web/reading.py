"""The explorer's own questions to a store; the rest it asks :mod:`whowhom.analyse`.

Only the flat tables are read, and only the columns that a page shows.
"""

# ruff: noqa: S608 - SQL is put together from fixed pieces; every value is bound
from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from whowhom.web.ask import PAGE, SORTS, Ask

if TYPE_CHECKING:
    from whowhom.web.shelf import Shelf

_CARD = (
    "i.incident, i.event_type, i.mode, i.quad, i.score, i.status, i.day, i.end_day, i.shown, "
    "i.actors, i.recipients, i.actor_names, i.recipient_names, i.place, i.place_country, "
    "i.reports, i.independent, i.outlets, i.killed_low, i.killed_high, i.injured_low, "
    "i.injured_high, i.arrested_low, i.arrested_high, i.crowd_low, i.crowd_high, i.disputed, "
    "i.denied, i.lead, i.text"
)


def totals(shelf: Shelf, ask: Ask) -> dict[str, Any]:
    """How many reports, independent reports, incidents, documents, outlets; first and last day."""

    def compute() -> dict[str, Any]:
        where, values = ask.where()
        return shelf.ask(
            "select count(*) as reports, count(distinct incident) as incidents, "
            "count(distinct document_id) as documents, count(distinct outlet) as outlets, "
            'min(shown) as "first", max(shown) as "last" '
            f"from reports r where {where}",
            values,
        )[0]

    key = ("totals", tuple(ask.replace(page=1, sort="newest", unit="incidents").to_query()))
    return shelf.remember(key, compute)


MANY = 100
"""Reports from which one in a hundred may be left off at either end of a course."""


def core(shelf: Shelf, ask: Ask) -> tuple[Ask, str]:
    """The days that hold nearly all of it, and a sentence on what is left off: one event of long
    ago that somebody mentions must not press a crisis into a corner of its picture."""
    total = totals(shelf, ask)
    if ask.filter.since or ask.filter.until or total["reports"] < MANY:
        return ask, ""
    where, values = ask.where()
    row = shelf.ask(
        "select quantile_disc(shown, 0.01) as first, quantile_disc(shown, 0.99) as last "
        f"from reports r where {where}",
        values,
    )[0]
    if (row["first"], row["last"]) == (total["first"], total["last"]) or row["first"] is None:
        return ask, ""
    near = ask.replace(since=row["first"], until=row["last"])
    left = total["reports"] - totals(shelf, near)["reports"]
    return near, f"{left:,} {'report' if left == 1 else 'reports'} before or after left off."


def found(shelf: Shelf, ask: Ask) -> list[str]:
    """The ids of the events on the page asked for."""
    where, values = ask.where()
    order = SORTS[ask.sort][1]
    rows = shelf.ask(
        f"select event_id from reports r where {where} order by {order} limit ? offset ?",
        [*values, PAGE, PAGE * (ask.page - 1)],
    )
    return [row["event_id"] for row in rows]


def incidents_of(shelf: Shelf, events: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Of some events: incident, how many tell it, title and outlet."""
    if not events:
        return {}
    marks = ", ".join("?" * len(events))
    rows = shelf.ask(
        "select r.event_id, r.incident, r.copy, r.shown, i.reports, len(i.outlets) as outlets, "
        f"i.disputed, i.denied from (select event_id, incident, copy, shown from reports "
        f"where event_id in ({marks})) r left join incidents i using (incident)",
        list(events),
    )
    return {row["event_id"]: row for row in rows}


def newest(shelf: Shelf, ask: Ask, limit: int) -> list[dict[str, Any]]:
    """The newest incidents that have a matching report."""
    return _incidents(shelf, ask, "i.shown desc nulls last, i.reports desc, i.incident", limit)


def course(shelf: Shelf, ask: Ask, by: str, each: int = 3, periods: int = 60) -> list[Any]:
    """The course of events: of each period, the incidents that most texts tell.

    Returns:
        Pairs of the period's first day and its incidents, oldest first; the last ``periods``.
    """

    def compute() -> list[Any]:
        where, values = ask.where()
        # ranked over few columns; the rest is read of the chosen only
        rows = shelf.ask(
            f"select period, incident, rank from ("
            f"select date_trunc('{by}', i.shown)::date as period, i.incident, "
            f"row_number() over (partition by date_trunc('{by}', i.shown) "
            "order by i.independent desc, abs(coalesce(i.score, 0)) desc, i.incident) as rank "
            "from incidents i where i.shown is not null and i.incident in "
            f"(select incident from reports r where {where})) "
            "where rank <= ? order by period desc, rank limit ?",
            [*values, each, each * periods],
        )
        whole = _cards(shelf, [r["incident"] for r in rows])
        groups = [
            (day, [whole[r["incident"]] for r in group])
            for day, group in itertools.groupby(rows, key=lambda r: r["period"])
        ]
        return groups[:periods][::-1]

    return shelf.remember(("course", by, each, periods, tuple(ask.to_query())), compute)


def _incidents(shelf: Shelf, ask: Ask, order: str, limit: int) -> list[dict[str, Any]]:
    def compute() -> list[dict[str, Any]]:
        where, values = ask.where()
        rows = shelf.ask(
            "select i.incident from incidents i where i.incident in "
            f"(select incident from reports r where {where}) order by {order} limit ?",
            [*values, limit],
        )
        whole = _cards(shelf, [r["incident"] for r in rows])
        return [whole[r["incident"]] for r in rows]

    return shelf.remember(("incidents", order, limit, tuple(ask.to_query())), compute)


def _cards(shelf: Shelf, incidents: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What a card shows of some incidents."""
    if not incidents:
        return {}
    marks = ", ".join("?" * len(incidents))
    rows = shelf.ask(
        f"select {_CARD} from incidents i where i.incident in ({marks})", list(incidents)
    )
    return {row["incident"]: row for row in rows}


def incident(shelf: Shelf, identity: str) -> dict[str, Any] | None:
    """One incident, all its columns."""
    rows = shelf.ask("select * from incidents where incident = ?", [identity])
    return rows[0] if rows else None


def reports_of(shelf: Shelf, identity: str, limit: int) -> list[dict[str, Any]]:
    """The reports of an incident by outlet: originals first, the surest first."""
    return shelf.ask(
        "select event_id, document_id, title, outlet, published, status, voice, copy, confidence, "
        "event_type, speakers, speaker_names, cues from reports where incident = ? "
        "order by outlet nulls last, copy, confidence desc, event_id limit ?",
        [identity, limit],
    )


def document(shelf: Shelf, identity: str) -> dict[str, Any] | None:
    """What the store keeps of a document, with the story that it belongs to."""
    rows = shelf.ask(
        "select d.*, s.story, s.copy from (select * from documents where id = ?) d "
        "left join stories s on s.document_id = d.id",
        [identity],
    )
    return rows[0] if rows else None


def events_of(shelf: Shelf, document_id: str, limit: int) -> list[str]:
    rows = shelf.ask(
        "select event_id from reports where document_id = ? "
        "order by sentence, trigger_at, event_id limit ?",
        [document_id, limit],
    )
    return [row["event_id"] for row in rows]


def rejections_of(shelf: Shelf, document_id: str, limit: int) -> list[dict[str, Any]]:
    return shelf.ask(
        'select sentence, start, "end", text, reason, rule, event_type, detail, part '
        "from rejections where document_id = ? order by sentence, start limit ?",
        [document_id, limit],
    )


def copies_of(shelf: Shelf, story: str, but: str, limit: int = 50) -> list[dict[str, Any]]:
    """The other documents with the same text."""
    return shelf.ask(
        "select document_id, title, outlet, published, copy from stories "
        "where story = ? and document_id <> ? order by copy, published, document_id limit ?",
        [story, but, limit],
    )


def places(shelf: Shelf, ask: Ask, limit: int = 300) -> Any:
    """Places for the map: ``place``, ``country``, ``lat``, ``lon``, ``count``, ``score``."""
    from whowhom.analyse.query import chosen, fetch

    base, values = chosen(
        ask.filter,
        ask.unit,  # type: ignore[arg-type]
        ["place", "place_country as country", "lat", "lon", "score"],
        also=ask.also(),
    )
    with shelf.cursor() as cursor:
        return fetch(
            cursor,
            "select place, country, mode(lat) as lat, mode(lon) as lon, count(*) as count, "
            f"avg(score) as score from ({base}) where country is not null or lat is not null "
            "group by place, country order by count desc, place limit ?",
            [*values, limit],
        )


def series(shelf: Shelf, ask: Ask, by: str) -> Any:
    """The course in counts: a row a period, as :func:`whowhom.analyse.series` has it for a pair."""
    from whowhom.analyse.query import chosen, fetch, period

    base, values = chosen(
        ask.filter,
        ask.unit,  # type: ignore[arg-type]
        [f"{period(by)} as period", "score", "quad"],
        also=ask.also(),
    )
    quads = ", ".join(
        f"count(c.quad) filter (where c.quad = '{q}') as {q.replace(' ', '_')}"
        for q in (
            "verbal cooperation",
            "material cooperation",
            "verbal conflict",
            "material conflict",
        )
    )
    with shelf.cursor() as cursor:
        return fetch(
            cursor,
            f"""
            with hits as ({base}),
            span as (select min(period) as first, max(period) as last from hits
                where period is not null having count(*) > 0),
            periods as (select unnest(generate_series(first, last, interval '1 {by}'))::date
                as period from span)
            select p.period as period,
                (p.period + interval '1 {by}' - interval '1 day')::date as "end",
                count(c.quad) as count, avg(c.score) as score, {quads}
            from periods p left join hits c on c.period = p.period
            group by p.period order by p.period
            """,
            values,
        )


def period_for(first: dt.date | None, last: dt.date | None) -> str:
    """The period that gives a course of readable length."""
    days = (last - first).days if first and last else 0
    return "day" if days <= 62 else "week" if days <= 400 else "month" if days <= 4000 else "year"


def figure(row: Mapping[str, Any], kind: str) -> str:
    """A figure of an incident in words: ``12 to 40``, ``at least 5``, ``""`` for none."""
    return span_words(row[f"{kind}_low"], row[f"{kind}_high"])


def span_words(low: int | None, high: int | None) -> str:
    if low is None and high is None:
        return ""
    if low is None:
        return f"up to {high:,}"
    if high is None:
        return f"at least {low:,}"
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
