"""Counts and scores: by type, pair, party, outlet and period."""

# ruff: noqa: S608 - the SQL is made of fixed pieces; every value is bound

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from whowhom.analyse.filters import Filter, party, side
from whowhom.analyse.query import chosen, either, fetch, limited, once, period
from whowhom.errors import UsageError
from whowhom.merge.schema import Unit

if TYPE_CHECKING:
    import pyarrow as pa

    from whowhom.analyse.query import Source

CONFLICT = "quad in ('verbal conflict', 'material conflict')"
COOPERATION = "quad in ('verbal cooperation', 'material cooperation')"

# what counts may be broken down by: the column of reports, and the columns that come out
_PLAIN: Mapping[str, str] = {
    "type": "event_type",
    "mode": "mode",
    "quad": "quad",
    "status": "status",
    "voice": "voice",
    "genre": "genre",
    "outlet": "outlet",
    "country": "place_country",
}
_LISTS: Mapping[str, str] = {
    "actor": "actors",
    "recipient": "recipients",
    "actor_country": "actor_countries",
    "recipient_country": "recipient_countries",
    "context": "contexts",
}
DIMENSIONS: tuple[str, ...] = (*_PLAIN, *_LISTS, "pair", "speaker")
"""What :func:`counts` can break down by."""


def counts(
    source: Source,
    filter_: Filter | None = None,
    *,
    unit: Unit = "incidents",
    by: str | None = None,
    of: Sequence[str] = ("type",),
) -> pa.Table:
    """How many, and their mean PLOVER score, broken down.

    Args:
        source: a merged store, or a connection with its views.
        filter_: what counts; None is what happened.
        unit: ``reports`` (events as reported), ``independent`` (copies of one text once) or
            ``incidents``; an incident counts once, as the best of its matching reports has it.
        by: ``day``, ``week`` (from Monday), ``month`` or ``year``; None for no time.
        of: names of :data:`DIMENSIONS`, any number of them. What has several actors (recipients,
            contexts) counts once for each; parties without a country do not appear, and
            ``pair`` is every actor with every recipient, as in :func:`pairs`.

    Returns:
        ``period`` (first day; null where nothing tells; only with ``by``), a column for each of
        ``of`` (``type`` gives ``event_type``, ``pair`` ``actor`` and ``recipient``; ``country``
        is that of the place, ``speaker`` the innermost, null for the document's own voice),
        ``count``, ``score`` (mean; null where no type has one).
        Ordered by period, then from the most.

    Raises:
        UsageError: an unknown unit, period or dimension.
    """
    filter_ = filter_ or Filter()
    of = (of,) if isinstance(of, str) else tuple(of)
    for name in of:
        if name not in DIMENSIONS:
            raise UsageError(f"of: {name!r} is not known", do=f"Use {either(DIMENSIONS)}.")
    if "pair" in of and {"actor", "recipient"} & set(of):
        raise UsageError("of: pair gives actor and recipient already", do="Name it alone.")
    inner = ["score"]
    outer: list[str] = []
    if by is not None:
        inner.append(f"{period(by)} as period")
        outer.append("period")
    unnested: list[str] = []
    for name in of:
        if name in _PLAIN:
            inner.append(f"{_PLAIN[name]} as {_column(name)}")
        elif name in _LISTS:
            inner.append(f"{once(_LISTS[name])} as {name}")
            unnested.append(name)
        elif name == "speaker":
            inner.append("speakers[-1] as speaker")
        else:
            inner += [f"{once('actors')} as actor", f"{once('recipients')} as recipient"]
            unnested += ["actor", "recipient"]
        outer += ["actor", "recipient"] if name == "pair" else [_column(name)]
    base, values = chosen(filter_, unit, inner)
    # one list at a time: unnest of two in one select would walk them in step
    for name in unnested:
        if name == "recipient" and "pair" in of:
            base = sides(base)
            continue
        if name == "actor" and "pair" in of:
            continue
        base = f"select * from (select * replace (unnest({name}) as {name}) from ({base}))"
        base += f" where {name} <> ''"
    columns = ", ".join(outer)
    groups = f" group by {columns}" if outer else ""
    order = ", ".join(
        [*(["period"] if by else []), "count desc", *(c for c in outer if c != "period")]
    )
    return fetch(
        source,
        f"select {columns + ', ' if outer else ''}count(*) as count, avg(score) as score "
        f"from ({base}){groups} order by {order}",
        values,
    )


def sides(base: str, *, loops: bool = False) -> str:
    """SQL that turns lists ``actor`` and ``recipient`` into a row for every pair.

    Where an event has actors and no recipients (talks: all sides are actors), each two of them
    are a pair in both directions, marked ``mutual``; a party is no pair with itself unless
    ``loops``.
    """
    mutual = "len(recipient) = 0 and len(actor) > 1"
    apart = "" if loops else " and actor <> recipient"
    return (
        f"select * from (select * replace (unnest(recipient) as recipient) from "
        f"(select * replace (unnest(actor) as actor, "
        f"case when {mutual} then actor else recipient end as recipient), "
        f"{mutual} as mutual from ({base})) where actor <> '') "
        f"where recipient <> ''{apart} and not (mutual and actor = recipient)"
    )


def _column(name: str) -> str:
    return "event_type" if name == "type" else name


def places(
    source: Source,
    filter_: Filter | None = None,
    *,
    unit: Unit = "incidents",
    limit: int | None = None,
) -> pa.Table:
    """Where it happened.

    Returns:
        ``place`` (name), ``country`` (code, null where not known), ``lat``, ``lon`` (degrees;
        null where the place was found and not resolved), ``count``, ``score`` (mean PLOVER
        score), ``cooperation``, ``conflict`` (counts by quad class); from the most. What has no
        place is not in it: see ``events_placed`` of :func:`~whowhom.analyse.quality`.
    """
    base, values = chosen(
        filter_ or Filter(),
        unit,
        ["place", "place_country as country", "lat", "lon", "score", "quad"],
        also=("r.place is not null", ()),
    )
    return fetch(
        source,
        "select place, country, lat, lon, count(*) as count, avg(score) as score, "
        f"count(*) filter (where {COOPERATION}) as cooperation, "
        f"count(*) filter (where {CONFLICT}) as conflict "
        f"from ({base}) group by place, country, lat, lon "
        f"order by count desc, place, country, lat, lon{limited(limit)}",
        values,
    )


def pairs(
    source: Source,
    filter_: Filter | None = None,
    *,
    unit: Unit = "incidents",
    limit: int | None = None,
    loops: bool = False,
) -> pa.Table:
    """Who did something to whom, and how often: directed pairs of parties.

    Every actor of an event makes a pair with every recipient. Where there is no recipient and
    more than one actor (talks, joint statements), each two of them are a pair in both
    directions; ``mutual`` says how many of ``count`` are of that kind. Acts of a party towards
    itself are left out unless ``loops``.

    Returns:
        ``actor``, ``recipient`` (keys), ``count``, ``mutual``, ``score`` (mean PLOVER score),
        ``cooperation`` and ``conflict`` (counts by quad class), ``first`` and ``last`` (days);
        from the most; at most ``limit`` rows.
    """
    base, values = chosen(
        filter_ or Filter(),
        unit,
        [
            f"{once('actors')} as actor",
            f"{once('recipients')} as recipient",
            "score",
            "quad",
            "shown",
        ],
    )
    return fetch(
        source,
        "select actor, recipient, count(*) as count, count(*) filter (where mutual) as mutual, "
        f"avg(score) as score, count(*) filter (where {COOPERATION}) as cooperation, "
        f"count(*) filter (where {CONFLICT}) as conflict, "
        'min(shown) as "first", max(shown) as "last" '
        f"from ({sides(base, loops=loops)}) group by actor, recipient "
        f"order by count desc, actor, recipient{limited(limit)}",
        values,
    )


def actors(
    source: Source,
    filter_: Filter | None = None,
    *,
    unit: Unit = "incidents",
    limit: int | None = None,
) -> pa.Table:
    """The parties, by how often they act and are acted upon.

    Returns:
        ``actor`` (key), ``count`` (units in which it is on either side, each once), ``acts``,
        ``receives``, ``score`` (mean PLOVER score of what it does), ``received`` (mean score of
        what is done to it), ``first`` and ``last`` (days), ``name`` (the most frequent name
        that texts give its mentions); from the most; at most ``limit`` rows.
    """
    base, values = chosen(
        filter_ or Filter(),
        unit,
        ["actors", "recipients", "actor_names", "recipient_names", "score", "shown"],
    )
    # A party that is on both sides, or twice on one, is still one unit: `new` marks its first
    # mention of all. Names are only counted for the parties that are shown.
    return fetch(
        source,
        f"""
        with base as materialized ({base}),
        mentions as (
            select true as acts, unnest({once("actors")}) as actor, true as new, score, shown
            from base
            union all
            select false, actor, not list_contains(actors, actor), score, shown from (
                select unnest({once("recipients")}) as actor, actors, score, shown from base)),
        top as (
            select actor, count(*) filter (where new) as count,
                count(*) filter (where acts) as acts,
                count(*) filter (where not acts) as receives,
                avg(score) filter (where acts) as score,
                avg(score) filter (where not acts) as received,
                min(shown) as "first", max(shown) as "last"
            from mentions where actor <> '' group by actor
            order by count desc, actor{limited(limit)}),
        called as (
            select actor, name, count(*) as times from (
                select unnest(actors) as actor, unnest(actor_names) as name from base
                union all
                select unnest(recipients), unnest(recipient_names) from base)
            semi join top using (actor) group by actor, name),
        names as (
            select actor, name from called
            qualify row_number() over (partition by actor order by times desc, name) = 1)
        select top.*, name from top join names using (actor) order by count desc, actor
        """,
        values,
    )


def matrix(
    source: Source,
    filter_: Filter | None = None,
    *,
    unit: Unit = "incidents",
    top: int = 12,
) -> pa.Table:
    """The ``top`` parties against each other: every cell, also the empty ones.

    Returns:
        ``actor``, ``recipient`` (keys), ``row``, ``column`` (their ranks, from 1), ``count`` (0
        where nothing is between them), ``score`` (mean; null there), ``cooperation``,
        ``conflict``. The diagonal is what a party does to itself. ``top`` times ``top`` rows.

    Raises:
        UsageError: ``top`` is less than one.
    """
    if top < 1:
        raise UsageError(f"top: {top} parties are no matrix", do="Ask for at least one.")
    base, values = chosen(
        filter_ or Filter(),
        unit,
        [f"{once('actors')} as actor", f"{once('recipients')} as recipient", "score", "quad"],
    )
    return fetch(
        source,
        f"""
        with cells as (
            select actor, recipient, count(*) as count, avg(score) as score,
                count(*) filter (where {COOPERATION}) as cooperation,
                count(*) filter (where {CONFLICT}) as conflict
            from ({sides(base, loops=True)}) group by actor, recipient),
        weights as (
            select party, sum(count) as weight from (
                select actor as party, count from cells
                union all
                select recipient, count from cells where recipient <> actor)
            group by party),
        ranked as (
            select party, row_number() over (order by weight desc, party) as rank
            from weights qualify rank <= ?)
        select a.party as actor, b.party as recipient, a.rank as "row", b.rank as "column",
            coalesce(c.count, 0) as count, c.score as score,
            coalesce(c.cooperation, 0) as cooperation, coalesce(c.conflict, 0) as conflict
        from ranked a cross join ranked b
        left join cells c on c.actor = a.party and c.recipient = b.party
        order by a.rank, b.rank
        """,
        [*values, top],
    )


def between(a: str, b: str, *, directed: bool = False) -> tuple[str, list[Any]]:
    """A condition over ``reports`` (as ``r``): it is between two parties.

    ``a`` acts on ``b`` or, unless ``directed``, ``b`` on ``a``; or neither is the other's
    recipient and both are actors of an event without recipients (talks).
    """
    a, b = party(a), party(b)
    a_acts, a_values = side("actors", [a])
    b_takes, b_values = side("recipients", [b])
    b_acts, _ = side("actors", [b])
    a_takes, _ = side("recipients", [a])
    if a == b:
        return f"({a_acts} and {b_takes})", [*a_values, *b_values]
    parts = [f"({a_acts} and {b_takes})", f"(len(r.recipients) = 0 and {a_acts} and {b_acts})"]
    values = [*a_values, *b_values, *a_values, *b_values]
    if not directed:
        parts.append(f"({b_acts} and {a_takes})")
        values += [*b_values, *a_values]
    return "(" + " or ".join(parts) + ")", values


def series(
    source: Source,
    a: str,
    b: str,
    filter_: Filter | None = None,
    *,
    by: str = "week",
    unit: Unit = "incidents",
    directed: bool = False,
) -> pa.Table:
    """The course of what passes between two parties, without gaps.

    Args:
        source: a merged store, or a connection with its views.
        a: a key (``USA``, ``KEN REB``, ``KEN *``).
        b: the other; the same as ``a`` gives what the party does to itself.
        filter_: what counts; None is what happened.
        by: ``day``, ``week``, ``month`` or ``year``.
        unit: as in :func:`counts`.
        directed: only what ``a`` does to ``b``, and talks between the two.

    Returns:
        ``period`` (first day), ``end`` (last day), ``count``, ``score`` (mean PLOVER score, null
        where there is nothing), ``total`` (sum of the scores, 0 where there is nothing),
        ``verbal_cooperation``, ``material_cooperation``, ``verbal_conflict``,
        ``material_conflict`` (counts). From the first period with anything, or ``since``, to
        the last, or ``until``; what has no day is not in it. No rows where there is nothing.
    """
    filter_ = filter_ or Filter()
    condition, more = between(a, b, directed=directed)
    base, values = chosen(
        filter_, unit, [f"{period(by)} as period", "score", "quad"], also=(condition, more)
    )
    quads = ", ".join(
        f"count(c.quad) filter (where c.quad = '{quad}') as {quad.replace(' ', '_')}"
        for quad in (
            "verbal cooperation",
            "material cooperation",
            "verbal conflict",
            "material conflict",
        )
    )
    start, stop = period(by, "coalesce(?::date, min(period))"), "coalesce(?::date, max(period))"
    return fetch(
        source,
        f"""
        with hits as ({base}),
        span as (select {start} as first, {period(by, stop)} as last from hits
            where period is not null having count(*) > 0),
        periods as (select unnest(generate_series(first, last, interval '1 {by}'))::date as period
            from span)
        select p.period as period, (p.period + interval '1 {by}' - interval '1 day')::date as "end",
            count(c.quad) as count, avg(c.score) as score, coalesce(sum(c.score), 0.0) as total,
            {quads}
        from periods p left join hits c on c.period = p.period
        group by p.period order by p.period
        """,
        [*values, _date(filter_.since), _date(filter_.until)],
    )


def _date(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
