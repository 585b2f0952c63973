"""PLOVER JSON of the manual 2.0, written; :mod:`whowhom.formats.plover` reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import IO, Any

from whowhom.codebook.loading import load
from whowhom.formats.base import Record
from whowhom.formats.coding import language, of_own_codebook, without_language
from whowhom.formats.imported import first_key
from whowhom.store.export import json_line

_QUADS = {
    "verbal cooperation": 1,
    "material cooperation": 2,
    "verbal conflict": 3,
    "material conflict": 4,
}
# PLOVER 2.0, section of auxiliary modes; `actual` is where none is written
_AUXILIARY = {
    "historical": "historical",
    "future": "future",
    "hypothetical": "hypothetical",
    "negated": "negation",
}
_SIZES = (("dead", "killed"), ("injured", "injured"), ("arrested", "arrested"))
# PLOVER's location.resolution: 5 below the city ... 1 country
_RESOLUTIONS = {"city": 4, "province": 2, "country": 1}


class Plover:
    """PLOVER JSON of the manual 2.0, chapter 5, one event a line.

    What PLOVER has no field for is counted in ``losses``.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.losses: Counter[str] = Counter()

    def write(self, records: Iterable[Record]) -> None:
        for record in records:
            self._count(record)
            self._file.write(json_line(plover(record)))

    def finish(self) -> None:
        pass

    def _count(self, record: Record) -> None:
        parties = [*record["actors"], *record["recipients"]]
        lost = {
            "date (PLOVER requires one; left empty)": record["date"] is None,
            "actor (PLOVER requires one; an empty list)": not record["actors"],
            f"recipient (PLOVER requires one of {record['event_type']}; an empty list)": (
                not record["recipients"] and _needs_recipient(record["event_type"])
            ),
            "attribution (who says so)": bool(record["attribution"]),
            "voice": record["voice"] != "reported",
            "date_granularity": record["date_granularity"] not in (None, "day"),
            "date_text": record["date_text"] is not None,
            "members of blocs": any(p["members"] for p in parties),
            "other_sectors": any(p["other_sectors"] for p in parties),
            "upper or lower end of a figure": any(
                isinstance(record["magnitudes"][f], Mapping)
                for f in ("killed", "injured", "arrested")
            ),
            "crowd": record["magnitudes"]["crowd"] is not None,
            "money": bool(record["magnitudes"]["money"]),
            "confidence and runner_up": True,
            "rule": record["why"]["rule"] is not None,
            "incident": record["incident"] is not None,
        }
        self.losses.update(name for name, is_lost in lost.items() if is_lost)
        self.losses.update((*of_own_codebook(record), *without_language(record)))


def _needs_recipient(event_type: str) -> bool:
    kind = load().types.get(event_type)
    return kind is not None and kind.recipient_required


def plover(record: Record) -> dict[str, Any]:
    """An event's record in PLOVER 2.0's terms; fields that are not known are left out."""
    evidence, document, figures = record["evidence"], record["document"], record["magnitudes"]
    modes = [record["mode"], _AUXILIARY.get(record["status"])]
    event = {
        "id": first_key(record, "plover") or record["id"],
        "date": record["date"] or "",
        "enddate": record["end_date"],
        "actor": [_entity(party) for party in record["actors"]],
        "recipient": [_entity(party) for party in record["recipients"]],
        "event": [record["event_type"]],
        "event_loc": _location(record["place"]),
        "event_text": evidence["trigger"]["text"],
        "quad_code": _QUADS.get(record["quad"]),
        "event_scale": record["score"],
        "mode": [mode for mode in modes if mode],
        "context": record["contexts"],
        "size": {
            name: _least(figures[field])
            for name, field in _SIZES
            if _least(figures[field]) is not None
        },
        "text": evidence["sentence_text"],
        "text_info": {
            "sequence": evidence["sentence"],
            "start": evidence["start"],
            "end": evidence["end"],
        },
        "cite_info": _known(
            {
                "citation": document["id"],
                "url": document["url"],
                "title": document["title"],
                "language": language(record),
                "publication": document["outlet"],
                "codebook": record["coder"]["codebook"],
                "version": record["coder"]["version"],
            }
        ),
        "coder": f"whowhom {record['coder']['version']}",
    }
    # required fields stand there even where nothing is known
    needed = ("actor", "recipient") if _needs_recipient(record["event_type"]) else ("actor",)
    return {name: event[name] for name in event if name in needed or _is_known(event[name])}


def _entity(party: Record) -> dict[str, Any]:
    return _known(
        {
            "code": party["country"],
            "sector": party["sector"],
            "entity_text": party["text"],
            "identifier_id": party["wikidata"],
            "identifier_text": party["name"],
            "office": party["office"],
        }
    )


def _location(place: Record | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return _known(
        {
            "extracted_place": place["text"],
            "resolved_place": place["name"],
            "geonameid": place["geonameid"],
            "lat": place["lat"],
            "lon": place["lon"],
            "city": place["name"] if place["resolution"] == "city" else None,
            "province": place["admin1"],
            "country_code": place["country"],
            "resolution": _RESOLUTIONS.get(place["resolution"] or ""),
        }
    )


def _least(figure: Any) -> int | None:
    if isinstance(figure, Mapping):
        figure = figure["low"] if figure["low"] is not None else figure["high"]
    value: int | None = figure
    return value


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if _is_known(value)}


def _is_known(value: Any) -> bool:
    return value not in (None, [], {})
