"""Who says what of whom, who denies it, which figures are disputed, what money is at stake."""

# ruff: noqa: S608 - the SQL is made of fixed pieces; every value is bound

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from whowhom.analyse.filters import ALL, Filter
from whowhom.analyse.query import chosen, fetch, limited, once
from whowhom.merge.schema import FIGURES, Unit

if TYPE_CHECKING:
    import pyarrow as pa

    from whowhom.analyse.query import Source

EXAMPLES = 3
"""Event ids that a row of a table brings along, so that a reader can look."""


def claims(
    source: Source,
    filter_: Filter | None = None,
    *,
    unit: Unit = "incidents",
    limit: int | None = None,
) -> pa.Table:
    """Who says what of whom: acts that texts report on somebody's word.

    The speaker is the innermost of the chain of who says so, the target whoever is said to have
    acted. What a document says in its own voice is not in it, nor what somebody without a
    country says or does. An act counts once for each speaker, target and type; with the unit
    ``incidents``, once an incident.

    Returns:
        ``speaker``, ``target`` (keys), ``event_type``, ``quad``, ``count``, ``own`` (the
        speaker speaks of itself), ``score`` (mean), ``name`` (the speaker's most frequent),
        ``examples`` (at most three event ids, the surest first); from the most.
    """
    # Here a unit may count once for each speaker: that two sides say different things of one
    # incident is what the table is for.
    where, values = (filter_ or Filter()).where()
    same = {"reports": "event_id", "independent": "incident || ' ' || story"}.get(unit, "incident")
    chosen(Filter(), unit, [])  # an unknown unit is an error here as elsewhere
    return fetch(
        source,
        f"""
        with said as (
            select speakers[-1] as speaker, speaker_names[-1] as name, {once("actors")} as targets,
                event_type, quad, score, event_id, confidence, {same} as unit
            from reports r where {where} and len(speakers) > 0 and speakers[-1] <> ''),
        one as materialized (
            select * from (select * exclude (targets), unnest(targets) as target from said)
            where target <> ''),
        top as (
            select speaker, target, event_type, any_value(quad) as quad,
                count(distinct unit) as count, speaker = target as own, avg(score) as score
            from one group by speaker, target, event_type
            order by count desc, speaker, target, event_type{limited(limit)}),
        -- names and examples only of what is shown
        more as (
            select speaker, target, event_type, mode(name order by name) as name,
                list(event_id order by confidence desc, event_id)[1:{EXAMPLES}] as examples
            from one semi join top using (speaker, target, event_type)
            group by speaker, target, event_type)
        select top.*, name, examples from top join more using (speaker, target, event_type)
        order by count desc, speaker, target, event_type
        """,
        values,
    )


def denials(source: Source, filter_: Filter | None = None, *, limit: int | None = None) -> pa.Table:
    """Who is denied by whom.

    A denial is an act that somebody says did not happen (status ``negated`` on a speaker's
    word). Whoever says of the same incident that it did (any other status but ``hypothetical``)
    is denied: the innermost speaker, or the outlet where the document itself says so. The
    filter's ``statuses`` are not used.

    Returns:
        ``denier`` (key), ``denier_name``, ``claimant`` (key; null where an outlet or nobody
        claims it), ``claimant_name`` (of the speaker, else the outlet; null where nobody in the
        store says that it happened), ``target`` (key of who is said to have acted; null where
        it has no country), ``event_type``, ``incidents`` (count), ``denied`` and ``claimed``
        (at most three event ids each); from the most.
    """
    where, values = (filter_ or Filter()).replace(statuses=(ALL,)).where()
    # Either side is first made one row an incident, and then joined: a denial that many deny of
    # what many claim would otherwise multiply. list() and not list(distinct ...): each of the many
    # small groups would have a hash table of its own.
    return fetch(
        source,
        f"""
        with denial as materialized (
            select incident, event_id, event_type, speakers[-1] as denier,
                speaker_names[-1] as name,
                case when len(actors) = 0 then [''] else {once("actors")} end as targets
            from reports r where {where} and r.status = 'negated' and speakers[-1] <> ''),
        no as (
            select incident, denier, event_type, target, min(name) as name,
                list_sort(list(event_id))[1:{EXAMPLES}] as denied
            from (select * exclude (targets), nullif(unnest(targets), '') as target from denial)
            group by incident, denier, event_type, target),
        yes as (
            select incident, nullif(speakers[-1], '') as claimant,
                coalesce(speaker_names[-1], outlet) as claimant_name,
                list_sort(list(event_id))[1:{EXAMPLES}] as claimed
            from reports r where {where} and r.status not in ('negated', 'hypothetical')
                and r.incident in (select incident from denial)
            group by incident, claimant, claimant_name)
        select denier, mode(name order by name) as denier_name, claimant, claimant_name, target,
            event_type, count(*) as incidents,
            list_sort(flatten(list(denied)))[1:{EXAMPLES}] as denied,
            list_sort(flatten(list(coalesce(claimed, []))))[1:{EXAMPLES}] as claimed
        from no left join yes using (incident)
        group by denier, claimant, claimant_name, target, event_type
        order by incidents desc, denier, claimant_name, target, event_type{limited(limit)}
        """,
        [*values, *values],
    )


def figures(
    source: Source,
    filter_: Filter | None = None,
    *,
    disputed: bool = True,
    limit: int | None = None,
) -> pa.Table:
    """Figures of incidents and who claims them.

    A figure of an incident is disputed where two claims of it cannot both be right: one's least
    is more than another's most. The same claim of the same claimant in several reports is one
    row.

    Args:
        source: a merged store, or a connection with its views.
        filter_: the incidents that have a matching report; all their claims are shown.
        disputed: only figures that are.
        limit: at most so many incidents, those in which the claims lie furthest apart.

    Returns:
        ``incident``, ``kind`` (killed, injured, arrested, crowd), ``low``, ``high`` (null is
        open), ``claimant`` (name), ``claimant_key`` ("" for an outlet), ``outlets`` (that have
        the claim), ``reports`` (count), ``first`` (day of publication), ``events`` (ids), and of
        the incident ``event_type``, ``day``, ``place``, ``actors``, ``recipients``, ``text``;
        ``disputed``; ``least`` and ``most``: the span of all numbers claimed. Ordered by
        incident (widest span first), kind, then from the lowest claim.
    """
    where, values = (filter_ or Filter()).where()
    several = " or ".join(f"{kind}_low is not null or {kind}_high is not null" for kind in FIGURES)
    only = "and i.disputed" if disputed else ""
    return fetch(
        source,
        f"""
        with wanted as (
            select * from incidents i
            where len(i.figures) > 0 and ({several}) {only}
                and i.incident in (select r.incident from reports r where {where})),
        claim as (select incident, unnest(figures, recursive := true) from
            (select incident, figures from wanted)),
        told as (
            select incident, kind, low, high, claimant, claimant_key,
                list_sort(list(distinct outlet) filter (where outlet is not null)) as outlets,
                count(distinct event_id) as reports, min(published) as "first",
                list_sort(list(distinct event_id)) as events
            from claim group by incident, kind, low, high, claimant, claimant_key),
        spans as (
            select incident, kind, max(coalesce(low, 0)) > min(coalesce(high, 'inf'::double))
                as disputed,
                min(coalesce(low, high)) as least, max(coalesce(high, low)) as most
            from told group by incident, kind),
        kept as (
            select *, max(most - least) over (partition by incident) as width
            from spans where disputed or {not disputed}),
        few as (select *, dense_rank() over (order by width desc, incident) as place_at from kept)
        select t.incident, t.kind, t.low, t.high, t.claimant, t.claimant_key, t.outlets, t.reports,
            t."first", t.events, w.event_type, w.shown as day, w.place, w.actors, w.recipients,
            w.text, f.disputed, f.least, f.most
        from few f join told t using (incident, kind) join wanted w using (incident)
        {"where f.place_at <= ?" if limit is not None else ""}
        order by f.place_at, t.kind, coalesce(t.low, t.high), coalesce(t.high, t.low), t.claimant,
            t.claimant_key
        """,
        values if limit is None else [*values, limit],
    )


def money(
    source: Source,
    filter_: Filter | None = None,
    *,
    unit: Unit = "incidents",
    limit: int | None = None,
) -> pa.Table:
    """Money by what became of it: promised, given, asked for, refused.

    The stage follows from type and status of the event (``data/analyse/money.toml``: a promise
    of aid is AGREE, aid that will come is AID with status future), so the filter's ``statuses``
    are not used. Of several sums of one currency in one report the largest counts: the others
    are mostly parts of it. Of an incident that several reports tell, ``amount`` adds up what
    the best report has, ``low`` and ``high`` the least and the most that any of them has.

    Returns:
        ``stage``, ``giver``, ``receiver`` (keys, several joined by " + ": each sum is in one
        row; null where no side has a country), ``currency`` (null where the text does not tell),
        ``per`` (null for a sum; else year, month, ...), ``count``, ``amount``, ``low``,
        ``high``, ``examples`` (at most three event ids); largest first.
        Whoever asks is the receiver of what is asked for; whoever withholds is the giver.
    """
    filter_ = (filter_ or Filter()).replace(statuses=(ALL,))
    stage, bound = _stage()
    base, values = chosen(
        filter_, unit, ["event_id", "incident", "story"], also=("len(r.money) > 0", ())
    )
    same = {"reports": "event_id", "independent": "incident, story"}.get(unit, "incident")
    where, again = filter_.where()
    return fetch(
        source,
        f"""
        with best as (select event_id from ({base})),
        sums as (
            select event_id, incident, story, currency, per, max(amount) as amount from (
                select event_id, incident, story, unnest(money, recursive := true)
                from reports r where {where} and len(money) > 0)
            group by event_id, incident, story, currency, per),
        spread as (
            select *, min(amount) over same as low, max(amount) over same as high
            from sums window same as (partition by {same}, currency, per)),
        parties as (
            select event_id, {stage} as stage, event_type,
                list_aggregate(list_sort(list_filter(list_distinct(actors), lambda k: k <> '')),
                    'string_agg', ' + ') as actor,
                list_aggregate(list_sort(list_filter(list_distinct(recipients), lambda k: k <> '')),
                    'string_agg', ' + ') as recipient
            from reports semi join best using (event_id))
        select stage,
            nullif(case when stage = 'asked' then recipient else actor end, '') as giver,
            nullif(case when stage = 'asked' then actor else recipient end, '') as receiver,
            currency, per, count(*) as count, sum(amount) as amount, sum(low) as low,
            sum(high) as high, list_sort(list(event_id))[1:{EXAMPLES}] as examples
        from spread join parties using (event_id)
        group by stage, giver, receiver, currency, per
        order by amount desc, stage, giver, receiver, currency, per{limited(limit)}
        """,
        [*values, *again, *bound],
    )


@lru_cache(maxsize=1)
def _stage() -> tuple[str, tuple[Any, ...]]:
    """SQL for the stage of a sum, and its values."""
    data = files("whowhom.data").joinpath("analyse", "money.toml").read_text(encoding="utf-8")
    cases, bound = [], []
    for row in tomllib.loads(data)["stage"]:
        types, statuses = row["types"], row["statuses"]
        cases.append(
            f"when event_type in ({', '.join('?' * len(types))}) "
            f"and status in ({', '.join('?' * len(statuses))}) then ?"
        )
        bound += [*types, *statuses, row["name"]]
    return f"case {' '.join(cases)} else 'other' end", tuple(bound)
