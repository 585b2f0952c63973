"""How two outlets tell the same things: who is named, in what voice, in which words."""

# ruff: noqa: S608 - the SQL is made of fixed pieces; every value is bound

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from whowhom.analyse.filters import Filter, nearest
from whowhom.analyse.query import fetch, limited
from whowhom.errors import UsageError
from whowhom.merge.schema import FIGURES

if TYPE_CHECKING:
    import pyarrow as pa

    from whowhom.analyse.query import Source

_COLUMNS = (
    "incident, outlet, event_id, document_id, sentence, event_type, status, shown, score, actors, "
    'recipients, speaker_names, place, text, "trigger", trigger_at, confidence, '
    + ", ".join(f"{kind}_low, {kind}_high" for kind in FIGURES)
)
_WORD = "[\\p{L}][\\p{L}''’-]+"  # as SQL has it: its quotation mark is doubled
REACH = 60
"""Characters before a trigger that the test of its form looks at: some ten words."""
PRIOR = 1000.0
"""Words that the prior of :func:`words` weighs: a word must outweigh what it has in 1,000 words
of both outlets together. Monroe and others use a prior of the order of a document's length."""


def outlets(
    source: Source,
    a: str,
    b: str,
    filter_: Filter | None = None,
    *,
    limit: int | None = None,
) -> pa.Table:
    """The incidents that both outlets tell, and how each of them puts it.

    The form of a trigger follows from its sentence by a simple test: ``passive`` where a
    participle stands after a form of "be" (at most three light words between: "was not
    immediately released") or before "by"; ``noun`` where a determiner, a possessive or certain
    prepositions stand before it, with at most one more word between; ``unknown`` where the
    sentence was cut before it; else ``active``. The words are in ``data/analyse/wording.toml``.

    Args:
        source: a merged store, or a connection with its views.
        a: an outlet, as it is written in the store.
        b: another.
        filter_: what counts; its ``outlets`` are not used. None is what happened and, so that a
            denial can stand against a claim, what did not (statuses ``actual``, ``negated``).
        limit: at most so many incidents.

    Returns:
        ``incident``, ``day``, ``event_type``, ``outlet``, ``reports``, ``statuses``, ``actors``,
        ``recipients`` (keys that the outlet names), ``actor_left_out`` (the other outlet names
        an actor with a country, this one none), ``recipient_left_out``, ``forms``, ``triggers``
        (lower case), ``speakers`` (names of those it quotes for it, innermost), ``figures``
        (words: "killed 12-40"), ``score``, ``event`` (id of its surest report), ``text`` (that
        report's sentence). Two rows an incident, ``a`` first; the most told incidents first.

    Raises:
        UsageError: an outlet that the store does not have, or twice the same.
    """
    a, b = _known(source, a, b)
    base, values = _told(a, b, filter_)
    spans = ", ".join(
        f"case when min({kind}_low) is not null or max({kind}_high) is not null "
        f"then '{kind} ' || {_span(kind)} end"
        for kind in FIGURES
    )
    return fetch(
        source,
        f"""
        with told as ({base}),
        shared as (
            select incident, count(*) as reports, min(shown) as shown
            from told group by incident having min(outlet) <> max(outlet)
            order by count(*) desc, incident {limited(limit)}),
        types as (
            select incident, mode(event_type order by event_type) as event_type
            from told semi join shared using (incident) group by incident),
        each as (
            select incident, outlet, count(*) as reports,
                list_sort(list(distinct status)) as statuses,
                {_gathered("actors")} as actors, {_gathered("recipients")} as recipients,
                list_sort(list(distinct form)) as forms,
                list_sort(list(distinct lower("trigger"))) as triggers,
                coalesce(list_sort(list(distinct speaker_names[-1])
                    filter (where len(speaker_names) > 0)), []) as speakers,
                list_filter([{spans}], lambda f: f is not null) as figures,
                avg(score) as score,
                {_best("event_id")} as event, {_best("text")} as text
            from (select r.*, {_form()} as form from told r semi join shared using (incident))
            group by incident, outlet)
        select e.incident, t.shown as day, y.event_type, e.outlet, e.reports, e.statuses, e.actors,
            e.recipients, len(e.actors) = 0 and len(o.actors) > 0 as actor_left_out,
            len(e.recipients) = 0 and len(o.recipients) > 0 as recipient_left_out,
            e.forms, e.triggers, e.speakers, e.figures, e.score, e.event, e.text
        from shared t join types y using (incident) join each e using (incident)
        join each o on o.incident = e.incident and o.outlet <> e.outlet
        order by t.reports desc, t.shown, e.incident, e.outlet <> ?
        """,
        [*values, a],
    )


def only(
    source: Source,
    a: str,
    b: str,
    filter_: Filter | None = None,
    *,
    limit: int | None = None,
) -> pa.Table:
    """The incidents that one of two outlets tells and the other does not.

    An incident that neither tells is in no row. That an outlet does not have an incident says
    as much about what of it is in the store as about the outlet.

    Returns:
        ``outlet`` (that tells it), ``incident``, ``day``, ``event_type``, ``actors``,
        ``recipients``, ``place``, ``reports`` (of this outlet), ``told`` (outlets in the store
        that have it), ``event``, ``text`` (of its surest report); by outlet (``a`` first), then
        what most others have first; at most ``limit`` an outlet.

    Raises:
        UsageError: as for :func:`outlets`.
    """
    a, b = _known(source, a, b)
    base, values = _told(a, b, filter_)
    cut = "" if limit is None else "where place_at <= ?"
    return fetch(
        source,
        f"""
        with told as ({base}),
        single as (
            select incident, any_value(outlet) as outlet, count(*) as reports, min(shown) as day
            from told group by incident having min(outlet) = max(outlet)),
        ranked as (
            select s.*, len(i.outlets) as told, row_number() over (partition by s.outlet
                order by len(i.outlets) desc, s.day, s.incident) as place_at
            from single s left join incidents i using (incident)),
        few as (select * from ranked {cut}),
        details as (
            select incident, {_best("event_type")} as event_type,
                {_gathered("actors")} as actors, {_gathered("recipients")} as recipients,
                {_best("place")} as place, {_best("event_id")} as event,
                {_best("text")} as text
            from told semi join few using (incident) group by incident)
        select outlet, incident, day, event_type, actors, recipients, place, reports, told, event,
            text
        from few join details using (incident) order by outlet <> ?, place_at
        """,
        [*values, *([] if limit is None else [limit]), a],
    )


def words(
    source: Source,
    a: str,
    b: str,
    filter_: Filter | None = None,
    *,
    limit: int = 20,
    least: int = 3,
) -> pa.Table:
    """The words that set two outlets apart, in the sentences that carry events.

    Log-odds ratio with an informative Dirichlet prior (Monroe, Colaresi and Quinn 2008,
    "Fightin' Words", Political Analysis 16), divided by its standard deviation; the prior is
    how often both outlets together use a word, so that words that everybody uses, such as
    "the", fall away without a list of them. A sentence counts once, however many events it has.

    Returns:
        ``word`` (lower case), ``outlet`` (that uses it more), ``count``, ``other`` (uses by
        either side), ``z`` (over 1.96: less than one chance in twenty that it is chance, for a
        word looked at alone); ``limit`` rows for each outlet at most, ``a`` first.

    Raises:
        UsageError: as for :func:`outlets`.
    """
    a, b = _known(source, a, b)
    base, values = _told(a, b, filter_, copies=False)
    return fetch(
        source,
        f"""
        with told as ({base}),
        sentences as (
            select outlet, any_value(text) as text from told
            group by outlet, document_id, sentence),
        used as (
            select outlet, unnest(regexp_extract_all(lower(text), '{_WORD}')) as word
            from sentences),
        counted as (
            select word, count(*) filter (where outlet = ?) as a,
                count(*) filter (where outlet <> ?) as b from used group by word),
        sums as (select sum(a) as na, sum(b) as nb from counted),
        weighed as (
            select word, a, b, {PRIOR} * (a + b) / (na + nb) as w, na, nb from counted, sums
            where na > 0 and nb > 0),
        scored as (
            select word, a, b,
                (ln((a + w) / (na + {PRIOR} - a - w)) - ln((b + w) / (nb + {PRIOR} - b - w)))
                / sqrt(1 / (a + w) + 1 / (b + w)) as d
            from weighed where a + b >= ?)
        select word, case when d > 0 then ? else ? end as outlet,
            case when d > 0 then a else b end as count,
            case when d > 0 then b else a end as other, abs(d) as z
        from scored where d <> 0
        qualify row_number() over (partition by d > 0 order by abs(d) desc, word) <= ?
        order by d < 0, z desc, word
        """,
        [*values, a, a, least, a, b, limit],
    )


def _told(
    a: str, b: str, filter_: Filter | None, *, copies: bool | None = None
) -> tuple[str, Sequence[Any]]:
    """SQL of the matching reports of two outlets."""
    filter_ = Filter(statuses=("actual", "negated")) if filter_ is None else filter_
    filter_ = filter_.replace(outlets=(a, b))
    if copies is not None:
        filter_ = filter_.replace(copies=copies)
    where, values = filter_.where()
    return f"select {_COLUMNS} from reports r where {where}", values


def _known(source: Source, a: str, b: str) -> tuple[str, str]:
    if a == b:
        raise UsageError(f"twice the same outlet: {a!r}", do="Name two.")
    rows = fetch(source, "select distinct outlet from reports where outlet is not null")
    names = rows["outlet"].to_pylist()
    for name in (a, b):
        if name not in names:
            raise nearest("outlet", name, names)
    return a, b


def _best(column: str) -> str:
    """SQL for a column of the surest report; imported ones, whose confidence is null, come last."""
    return f"arg_max({column}, coalesce(confidence, 0))"


def _gathered(column: str) -> str:
    """SQL for the keys of a side in all rows of a group, each once, in order."""
    return (
        f"coalesce(list_sort(list_filter(list_distinct(flatten(list({column}))), "
        "lambda k: k <> '')), [])"
    )


def _span(kind: str) -> str:
    low = f"min(coalesce({kind}_low, {kind}_high))"
    high = f"max(coalesce({kind}_high, {kind}_low))"
    return f"case when {low} = {high} then {low}::varchar else {low} || '-' || {high} end"


@lru_cache(maxsize=1)
def _form() -> str:
    """SQL for the form of a report's trigger; see :func:`outlets`."""
    data = files("whowhom.data").joinpath("analyse", "wording.toml").read_text(encoding="utf-8")
    lists = {name: "|".join(map(re.escape, found)) for name, found in tomllib.loads(data).items()}
    text, trigger = "lower(r.text)", 'lower(r."trigger")'
    before = (
        f"substr({text}, greatest(1, r.trigger_at - {REACH - 1}), least(r.trigger_at, {REACH}))"
    )
    after = f'substr({text}, r.trigger_at + 1 + length(r."trigger"), 8)'
    light = rf"((?:{lists['light']}|\w+ly)\s+){{0,3}}"
    be = rf"\b(?:{lists['passive']})(?:n['’]t)?\s+{light}"
    noun = rf"(?:\b(?:{lists['before_nouns']})|\w['’]s?)\s+(?:[\w-]+\s+)?$"
    participle = _matches(trigger, rf"^(?:{lists['participles']}|\w+ed)\b")
    verb = _matches(trigger, rf"^(?:{lists['pasts']}|\w+ed)\b")
    whole = _matches(trigger, rf"^{be[2:]}(?:{lists['participles']}|\w+ed)\b")
    return (
        "case when r.trigger_at < 0 then 'unknown' "
        f"when {whole} then 'passive' "
        f"when {participle} and ({_matches(before, be + '$')} or {_matches(after, '^ +by ')}) "
        "then 'passive' "
        f"when not {verb} and {_matches(before, noun)} then 'noun' "
        "else 'active' end"
    )


def _matches(value: str, pattern: str) -> str:
    doubled = pattern.replace("'", "''")
    return f"regexp_matches({value}, '{doubled}')"
