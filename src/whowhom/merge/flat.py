"""The SQL that makes flat rows of nested events."""

from __future__ import annotations

from whowhom.formats.imported import IMPORTED
from whowhom.merge.schema import FIGURES
from whowhom.merge.settings import settings


def _sql_list(values: frozenset[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in sorted(values))


def _key(party: str) -> str:
    """The key of a party: its country, with the sector where it does not act for the state."""
    state = _sql_list(settings().state_sectors)
    return (
        f"case when {party}.country is null then '' "
        f"when {party}.sector is null or {party}.sector in ({state}) then {party}.country "
        f"else {party}.country || ' ' || {party}.sector end"
    )


def _each(column: str, what: str) -> str:
    return f"coalesce(list_transform({column}, lambda p: {what}), [])"


_NAME = "coalesce(p.name, p.text)"
_COUNTRY = "coalesce(p.country, '')"
_FIGURES = ", ".join(
    f"magnitudes.{kind}.{end} as {kind}_{end}" for kind in FIGURES for end in ("low", "high")
)
_SPOKEN = "list_filter(attribution, lambda a: a.speaker is not null)"


def _of_a_spot(column: str) -> str:
    # a country has a middle, but what happened in it is no distance from one of its towns
    return f"case when place.resolution = 'country' then null else {column} end"


FEATURES = f"""
    select id as event_id, document.id as document_id, document.published as published,
        event_type, mode, status, date as day, end_date as end_day,
        date_granularity as granularity, date_from,
        {_each("actors", _COUNTRY)} as actor_countries,
        {_each("actors", "p.sector")} as actor_sectors,
        {_each("actors", "p.name")} as actor_names,
        {_each("recipients", _COUNTRY)} as recipient_countries,
        {_each("recipients", "p.sector")} as recipient_sectors,
        {_each("recipients", "p.name")} as recipient_names,
        {_of_a_spot("coalesce(place.name, place.text)")} as place,
        place.country as place_country,
        {_of_a_spot("place.lat")} as lat, {_of_a_spot("place.lon")} as lon, {_FIGURES},
        evidence.sentence as sentence, evidence.sentence_text as text,
        evidence.trigger.text as trigger, starts_with(coder.version, '{IMPORTED}') as apart
    from events order by sequence, event_id
"""
"""What merging compares, in the order of reading."""

REPORTS = f"""
    select id as event_id, sequence, document.id as document_id, document.title as title,
        document.outlet as outlet, document.url as url, document.genre as genre,
        document.published as published, date as day, end_date as end_day, date_from,
        coalesce(date, document.published) as shown, event_type, mode, quad, score, contexts,
        status, voice,
        {_each("actors", _key("p"))} as actors, {_each("actors", _COUNTRY)} as actor_countries,
        {_each("actors", _NAME)} as actor_names,
        {_each("recipients", _key("p"))} as recipients,
        {_each("recipients", _COUNTRY)} as recipient_countries,
        {_each("recipients", _NAME)} as recipient_names,
        {_each(_SPOKEN, _key("p.speaker"))} as speakers,
        {_each(_SPOKEN, "coalesce(p.speaker.name, p.speaker.text)")} as speaker_names,
        {_each("attribution", "p.cue")} as cues,
        coalesce(list_bool_or(list_transform(attribution, lambda p: p.quoted)), false) as quoted,
        coalesce(place.name, place.text) as place, place.country as place_country,
        place.lat as lat, place.lon as lon, {_FIGURES},
        coalesce(list_transform(magnitudes.money, lambda m: {{
            'amount': m.amount, 'currency': m.currency, 'per': m.per}}), []) as money,
        evidence.sentence as sentence, evidence.sentence_text as text,
        evidence.trigger.text as trigger,
        instr(evidence.sentence_text, evidence.trigger.text) - 1 as first_at,
        evidence.trigger.start - evidence.start as trigger_at,
        why.confidence as confidence, why.rule as rule, why.model as model
    from events order by sequence, event_id
"""
"""The rows of ``reports`` but for what merging adds, in the same order as :data:`FEATURES`."""
