"""PLOVER JSON: the manual 2.0, its chapter 4, and the names of the older gold standard records.

One event a line, or one JSON array. What a line does not say stays empty; PLOVER's auxiliary modes
(``historical``, ``future``, ``hypothetical``, ``negation``) become the status.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import IO, Any

from whowhom.formats import checking
from whowhom.formats.base import BadRow, Format, Origin, Row
from whowhom.formats.imported import number, party, place, record, whole
from whowhom.formats.plover_writer import Plover
from whowhom.formats.rows import objects
from whowhom.formats.terms import term
from whowhom.model import Resolution, Status

_STATUS: Mapping[str, Status] = {
    "historical": "historical",
    "future": "future",
    "hypothetical": "hypothetical",
    "negation": "negated",
    "negated": "negated",
}
# PLOVER's location.resolution: 5 below the city, 4 city, 2 province, 1 country; 3 is a district
_RESOLUTIONS: Mapping[int, Resolution] = {5: "city", 4: "city", 2: "province", 1: "country"}


def read(file: IO[bytes], origin: Origin) -> Iterator[Row | BadRow]:
    """The events of a PLOVER JSON file; a record of several types gives one event for each."""
    for found in objects(file):
        if isinstance(found, BadRow):
            yield found
            continue
        line, value, content = found
        try:
            yield from _events(line, value, content, origin)
        except ValueError as error:
            yield BadRow(line, "bad_value", str(error))


def _events(line: int, value: Mapping[str, Any], content: bytes, origin: Origin) -> Iterator[Row]:
    kinds = _texts("event", _get(value, "event", "event_type"))
    if not kinds:
        raise ValueError("no field event: the record says no type of event")
    key = _text("id", _get(value, "id")) or hashlib.sha256(content).hexdigest()[:20]
    for at, kind in enumerate(kinds):
        made, notes = _event(value, kind, key if at == 0 else f"{key}#{at + 1}", origin)
        yield Row(line, made, content, notes)


def _event(
    value: Mapping[str, Any], kind: str, key: str, origin: Origin
) -> tuple[dict[str, Any], tuple[str, ...]]:
    source = origin.source
    notes: list[str] = []
    modes = _texts("mode", _get(value, "mode"))
    statuses = [_STATUS[mode.lower()] for mode in modes if mode.lower() in _STATUS]
    plain = [mode for mode in modes if mode.lower() not in _STATUS]
    if len(statuses) > 1:
        notes.append(f"of the auxiliary modes {', '.join(statuses)} the first is kept")
    if len(plain) > 1:
        notes.append(f"of the modes {', '.join(plain)} the first is kept")
    known = term(kind, plain[0] if plain else None)
    if known.note:
        notes.append(known.note)
    checking.mode(known.event_type, known.mode, notes)
    cite = _object("cite_info", _get(value, "cite_info", "citeInfo"))
    info = _object("text_info", _get(value, "text_info", "textInfo"))
    size = _object("size", _get(value, "size"))

    def figure(name: str) -> int | None:
        found = size.get(name, value.get(name))
        return None if found in (None, "") else whole(name, found)

    scale = number("event_scale", _get(value, "event_scale", "eventScale"))
    day = _text("date", _get(value, "date"))
    checking.day(day, None, notes)
    made = record(
        source=source,
        key=key,
        event_type=known.event_type,
        mode=known.mode,
        contexts=checking.contexts(_texts("context", _get(value, "context"), split=True), notes),
        score=checking.score(scale, known.event_type, known.mode, notes, "event_scale"),
        actors=_entities("actor", _get(value, "actor", "source"), source, notes),
        recipients=_entities("recipient", _get(value, "recipient", "target"), source, notes),
        status=statuses[0] if statuses else "actual",
        date=day,
        end_date=_text("enddate", _get(value, "enddate", "endDate")),
        place=_location(_object("event_loc", _get(value, "event_loc", "eventLoc")), notes),
        killed=figure("dead"),
        injured=figure("injured"),
        arrested=figure("arrested"),
        title=_text("title", cite.get("title")),
        outlet=_text("publication", cite.get("publication", value.get("publication"))),
        url=_text("url", cite.get("url", value.get("url"))),
        sentence=_text("text", _get(value, "text")) or "",
        trigger=_text("event_text", _get(value, "event_text", "eventText")) or "",
        sentence_number=_sequence(info.get("sequence")),
        codebook=_text("codebook", cite.get("codebook")) or "PLOVER",
        version=_text("coder", _get(value, "coder")) or "",
    )
    return made, tuple(notes)


def _sequence(value: Any) -> int:
    return 0 if value in (None, "") else (whole("text_info.sequence", value) or 0)


def _entities(field: str, value: Any, source: str, notes: list[str]) -> list[dict[str, Any]]:
    if value is None:
        return []
    items = value if isinstance(value, list) else [value]
    made = []
    for item in items:
        if not isinstance(item, Mapping):
            raise ValueError(f"{field} holds {item!r}, which is no object")
        country = _text("code", _get(item, "code", "country_code")) or ""
        sector = _text("sector", _get(item, "sector", "sector_code"))
        if set(country) <= {"-"}:
            country = ""
        if len(country) > 3 and country[:3].isalpha():  # USAGOV, as CAMEO joins them
            country, sector = country[:3], sector or country[3:6]
        country = country or _text("country_name", item.get("country_name")) or ""
        wikidata = _text("identifier_id", _get(item, "identifier_id", "wikidata_id")) or ""
        words = _text("entity_text", _get(item, "entity_text", "raw_text", "actorText"))
        name = _text("identifier_text", _get(item, "identifier_text", "entity_name"))
        if not (words or name or country or sector):
            continue
        known = checking.sector(sector, notes)
        others = _texts("other_sector_codes", item.get("other_sector_codes"))
        made.append(
            party(
                words,
                source=source,
                name=name,
                country=checking.country(country, notes),
                sector=known,
                other_sectors=checking.sectors(others, notes, but=known),
                office=_text("office", item.get("office")),
                wikidata=wikidata,
            )
        )
    return made


def _location(value: Mapping[str, Any], notes: list[str]) -> dict[str, Any] | None:
    level = value.get("resolution")
    code = whole("resolution", level) if level not in (None, "") else None
    state = _text("country_code", value.get("country_code"))
    state = state or _text("country", value.get("country")) or ""
    country = checking.country(state, notes, "country of the place")
    return place(
        _text("extracted_place", value.get("extracted_place")),
        name=_text("resolved_place", value.get("resolved_place"))
        or _text("city", value.get("city")),
        country=country,
        admin1=_text("province", value.get("province")),
        lat=value.get("lat"),
        lon=value.get("lon"),
        geonameid=value.get("geonameid"),
        resolution=None if code is None else _RESOLUTIONS.get(code),
    )


def _get(value: Mapping[str, Any], *names: str) -> Any:
    return next((value[name] for name in names if value.get(name) is not None), None)


def _object(field: str, value: Any) -> Mapping[str, Any]:
    if value is None or value == "" or value == []:
        return {}
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, Mapping):
        raise ValueError(f"{field} {value!r} is no object")
    return value


def _text(field: str, value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, list) and len(value) == 1:
        return _text(field, value[0])
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{field} {value!r} is no text")
    return str(value).strip() or None


def _texts(field: str, value: Any, *, split: bool = False) -> list[str]:
    if value is None:
        return []
    items = value if isinstance(value, list) else [value]
    found = [text for item in items if (text := _text(field, item))]
    if split:
        found = [part.strip() for text in found for part in text.split(",") if part.strip()]
    return found


FORMAT = Format(
    "plover", "PLOVER 2.0 JSON, one event a line", Plover, read,
    cannot_hold=(
        "who says so", "voice", "granularity and words of the date", "members of blocs",
        "other sectors", "upper end of a figure", "crowd, money", "confidence, runner-up, rule",
        "incident",
    ),
    not_read=(
        "time, endtime", "religion, ethnicity, gender, age of an entity", "link", "comment",
        "coded_date", "district, feature class and code of a place", "modes but the first",
        "cite_info.language",
    ),
    header=False,
    known_by=lambda head: head.startswith(("{", "[")) and '"event"' in head,
)  # fmt: skip
