"""A foreign row as a complete record: what it does not say stays empty, and is never guessed.

What a record must have and the formats do not give:

- ``status`` is ``actual``: these formats list what is reported to have happened. Formats that mark
  plans or denials (PLOVER's auxiliary modes) say otherwise.
- ``voice`` is ``reported``, ``attribution`` empty (no speaker is known), ``genre`` ``other``.
- ``evidence`` has an empty sentence and trigger unless the row carries words; offsets are 0, for
  there is no text to count in.
- ``why`` is empty, ``confidence`` null: nobody said how sure they were. Filters by confidence leave
  such events out, and means pass over them.
- ``coder.version`` is ``imported from <source>``, with the version that the row names;
  ``coder.codebook`` is the ontology of the source.
- ``quad`` and, where no score is passed, ``score`` are PLOVER's of (type, mode).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, get_args

from whowhom.codebook.loading import load
from whowhom.model import STATUSES, DateFrom, Genre, Granularity, Quad, Resolution, Status, Voice

IMPORTED = "imported from "
"""How ``coder.version`` of an imported event begins."""

OWN_TYPES: ContextVar[Mapping[str, Quad]] = ContextVar("own_types", default=MappingProxyType({}))
"""Types beside PLOVER's that may be read, with their quads: those of the events that the store
has, for they come from its own codebook."""

_COUNTRY = re.compile(r"[A-Z]{3}")
_WIKIDATA = re.compile(r"Q[1-9]\d*")
_FIGURES = ("killed", "injured", "arrested", "crowd")
_VOICES: tuple[Voice, ...] = get_args(Voice)
_GENRES: tuple[Genre, ...] = get_args(Genre)
_GRANULARITIES: tuple[Granularity, ...] = get_args(Granularity)
_RESOLUTIONS: tuple[Resolution, ...] = get_args(Resolution)


def record(
    *,
    source: str,
    key: str,
    event_type: str,
    mode: str | None = None,
    contexts: Sequence[str] = (),
    score: float | None = None,
    actors: Sequence[Mapping[str, Any]] = (),
    recipients: Sequence[Mapping[str, Any]] = (),
    status: Status = "actual",
    voice: Voice = "reported",
    date: dt.date | str | None = None,
    end_date: dt.date | str | None = None,
    date_text: str | None = None,
    date_granularity: Granularity | None = None,
    place: Mapping[str, Any] | None = None,
    killed: int | Mapping[str, int | None] | None = None,
    injured: int | Mapping[str, int | None] | None = None,
    arrested: int | Mapping[str, int | None] | None = None,
    crowd: int | Mapping[str, int | None] | None = None,
    title: str | None = None,
    outlet: str | None = None,
    url: str | None = None,
    published: dt.date | str | None = None,
    genre: Genre = "other",
    sentence: str = "",
    trigger: str = "",
    sentence_number: int = 0,
    codebook: str = "PLOVER",
    version: str = "",
    rule: str | None = None,
    date_from: DateFrom | None = None,
) -> dict[str, Any]:
    """A complete record, as ``Event.to_dict`` gives it, from what a foreign row says.

    Args:
        source: the name of the format: ``polecat``, ``icews``.
        key: what the row is known by in its source; with ``source`` it is the document's id.
        event_type: of the shipped PLOVER codebook, or one of :data:`OWN_TYPES`.
        mode: as the row has it: data sets have modes that the manual lacks, and these stay.
        score: on PLOVER's scale; None takes the codebook's of (type, mode).
        actors, recipients: made by :func:`party`.
        place: made by :func:`place`.
        date, end_date, published: a day, or ISO text; "" is none.
        killed, injured, arrested, crowd: a number, or ``low`` and ``high``.
        sentence, trigger: words that the row carries; "" where it has none.
        sentence_number: of the sentence in its story, where the row says.
        codebook: the ontology that the source coded by.
        version: of the source's coder, where the row says.
        rule: the code that the row has in another ontology, for the way back.
        date_from: what the date rests on, where the row says.

    Raises:
        ValueError: a value that cannot be right; the message names the field and the value.
    """
    mode = mode or None
    kind = load().types.get(event_type)
    if kind is not None:
        quad, usual = kind.quad, kind.score_of(mode)
    elif event_type in OWN_TYPES.get():
        quad, usual = OWN_TYPES.get()[event_type], None
    else:
        raise ValueError(
            f"event type {event_type!r} is none of PLOVER's, and the store has no event of it"
        )
    day, last = _day("date", date), _day("end date", end_date)
    if day is not None and date_granularity is None:
        date_granularity = "day"
    figures = dict(zip(_FIGURES, (killed, injured, arrested, crowd), strict=True))
    document = f"{source}:{key}"
    return {
        "id": event_id(document),
        "document": {
            "id": document,
            "title": title or None,
            "outlet": outlet or None,
            "url": url or None,
            "published": _day("publication date", published),
            "genre": _one_of("genre", genre, _GENRES),
        },
        "event_type": event_type,
        "mode": mode,
        "contexts": list(contexts),
        "quad": quad,
        "score": usual if score is None else number("score", score),
        "actors": [dict(actor) for actor in actors],
        "recipients": [dict(recipient) for recipient in recipients],
        "status": _one_of("status", status, STATUSES),
        "attribution": [],
        "voice": _one_of("voice", voice, _VOICES),
        "date": day,
        "end_date": last,
        "date_text": date_text or None,
        "date_granularity": (
            None
            if date_granularity is None
            else _one_of("granularity", date_granularity, _GRANULARITIES)
        ),
        "date_from": None if day is None else date_from,
        "place": None if place is None else dict(place),
        "magnitudes": {
            **{name: _figure(name, value) for name, value in figures.items()},
            "money": [],
        },
        "evidence": {
            "sentence_text": sentence,
            "start": 0,
            "end": len(sentence),
            "trigger": {"text": trigger, "start": 0, "end": len(trigger)},
            "sentence": sentence_number,
            "part": "text",
        },
        "why": {"rule": rule, "model": None, "confidence": None, "runner_up": None},
        "incident": None,
        "coder": {
            "version": f"{IMPORTED}{source}" + (f" {version}" if version else ""),
            "codebook": codebook,
            "model": None,
        },
    }


def party(
    text: str | None,
    *,
    source: str,
    name: str | None = None,
    country: str | None = None,
    sector: str | None = None,
    other_sectors: Sequence[str] = (),
    office: str | None = None,
    wikidata: str | None = None,
) -> dict[str, Any]:
    """A party of :func:`record`; ``text`` falls back on the name, the sector and the country.

    Raises:
        ValueError: ``country`` or ``wikidata`` is no code.
    """
    if country and not _COUNTRY.fullmatch(country):
        raise ValueError(f"country {country!r} is no code of three capital letters")
    if wikidata and not _WIKIDATA.fullmatch(wikidata):
        raise ValueError(f"Wikidata id {wikidata!r} is none")
    words = text or name or " ".join(part for part in (country, sector) if part)
    return {
        "text": words,
        "start": 0,
        "end": 0,
        "name": name or None,
        "country": country or None,
        "members": [],
        "sector": sector or None,
        "other_sectors": [other for other in other_sectors if other],
        "office": office or None,
        "wikidata": wikidata or None,
        "resolved_by": source,
        "part": "text",
    }


def place(
    text: str | None,
    *,
    name: str | None = None,
    country: str | None = None,
    admin1: str | None = None,
    lat: float | str | None = None,
    lon: float | str | None = None,
    geonameid: int | str | None = None,
    resolution: Resolution | None = None,
) -> dict[str, Any] | None:
    """A place of :func:`record`; None where the row names none.

    Args:
        lat, lon: degrees, WGS 84; "" is none.

    Raises:
        ValueError: a coordinate, an id or a country that cannot be right.
    """
    if country and not _COUNTRY.fullmatch(country):
        raise ValueError(f"country of the place {country!r} is no code of three capital letters")
    latitude, longitude = number("latitude", lat), number("longitude", lon)
    if latitude is not None and not -90 <= latitude <= 90:
        raise ValueError(f"latitude {lat!r} is not within 90 degrees")
    if longitude is not None and not -180 <= longitude <= 180:
        raise ValueError(f"longitude {lon!r} is not within 180 degrees")
    identity = whole("GeoNames id", geonameid)
    if not (text or name or country or admin1) and latitude is None:
        return None
    return {
        "text": text or name or admin1 or country or "",
        "start": 0,
        "end": 0,
        "name": name or None,
        "country": country or None,
        "admin1": admin1 or None,
        "lat": latitude,
        "lon": longitude,
        "geonameid": identity,
        "resolution": None
        if resolution is None
        else _one_of("resolution", resolution, _RESOLUTIONS),
        "part": "text",
    }


def first_key(record: Mapping[str, Any], form: str) -> str | None:
    """What a row of this format was known by where it was read, so that it can be joined with its
    file; None where the record comes from elsewhere, or another row has the key as well.

    ``imported from <source>`` says where it comes from: a ``--source`` of another name is another
    source, whose ids are its own.
    """
    if f"{record['coder']['version']} ".startswith(f"{IMPORTED}{form} "):
        key = str(record["document"]["id"]).removeprefix(f"{form}:")
        return None if "~" in key else key
    return None


def event_id(document: str) -> str:
    """The id of the one event of an imported document: the same on every machine."""
    return (
        "ev-" + hashlib.sha256(f"imported\0{document}".encode("utf-8", "replace")).hexdigest()[:20]
    )


def number(field: str, value: float | str | None) -> float | None:
    """A number as a cell has it; "" is none.

    Raises:
        ValueError: it is no finite number.
    """
    if value is None or value == "":
        return None
    try:
        made = float(value)
    except ValueError:
        made = math.nan
    if not math.isfinite(made):
        raise ValueError(f"{field} {value!r} is no number")
    return made


def whole(field: str, value: float | str | None) -> int | None:
    """A whole number as a cell has it (``12`` or ``12.0``); "" is none.

    Raises:
        ValueError: it is none.
    """
    made = number(field, value)
    if made is None:
        return None
    if not made.is_integer() or abs(made) >= 2**53:
        raise ValueError(f"{field} {value!r} is no whole number")
    return int(made)


def _day(field: str, value: dt.date | str | None) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    try:
        return dt.date.fromisoformat(value).isoformat()
    except ValueError:
        raise ValueError(f"{field} {value!r} is no day") from None


def _figure(field: str, value: int | Mapping[str, int | None] | None) -> Any:
    ends = value.values() if isinstance(value, Mapping) else (value,)
    if any(end is not None and end < 0 for end in ends):
        raise ValueError(f"{field} {value!r} is below zero")
    return dict(value) if isinstance(value, Mapping) else value


def _one_of(field: str, value: str, right: Sequence[str]) -> str:
    if value not in right:
        raise ValueError(f"{field} {value!r} is none of {', '.join(right)}")
    return value
