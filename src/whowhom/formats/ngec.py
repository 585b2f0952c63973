"""NGEC's flat table (``events_to_table`` of NGEC-2025): CSV, one event a row.

The values of a cell are joined by ``; ``; a code is a country with a sector, ``KEN COP``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import IO, Any, get_args

from whowhom.formats import checking
from whowhom.formats.base import BadRow, Format, Origin, Record, Row
from whowhom.formats.coding import of_own_codebook, tables
from whowhom.formats.imported import first_key, party, place, record
from whowhom.formats.rows import Cells, table
from whowhom.formats.tables import TableWriter, aligned, joined, known, parts
from whowhom.formats.terms import term
from whowhom.model import SECTORS, DateFrom, Granularity
from whowhom.store.flat import Cell

COLUMNS = (
    "id", "story_id", "pub_date", "event_type", "event_mode", "anchor_quote", "date_text", "date",
    "date_granularity", "date_type", "location_text", "killed_text", "injured_text",
    "location_name", "location_country", "location_admin1", "lat", "lon", "geonameid",
    "actor_text", "actor_code", "actor_wiki", "recipient_text", "recipient_code",
    "recipient_wiki",
)  # fmt: skip
LOST = (
    "status", "end date", "who says so", "voice", "contexts", "score", "members of blocs",
    "other sectors", "offices", "Wikidata ids", "arrested, crowd", "money", "trigger",
    "confidence and runner-up", "rule or model", "incident", "title", "outlet", "url", "genre",
)  # fmt: skip
_NOTHING = ("None", "nan", "NaN", "")
_CODE = re.compile(r"([A-Z]{3})?\s*([A-Z]{3})?")
_DATE_FROM: tuple[DateFrom, ...] = get_args(DateFrom)
_GRANULARITIES: tuple[Granularity, ...] = get_args(Granularity)


def row(record: Record) -> Mapping[str, Cell]:
    """The cells of an event."""
    where = record["place"] or {}
    return {
        "id": first_key(record, "ngec") or record["id"],
        "story_id": record["document"]["id"],
        "pub_date": record["document"]["published"],
        "event_type": record["event_type"],
        "event_mode": record["mode"],
        "anchor_quote": record["evidence"]["sentence_text"],
        "date_text": record["date_text"],
        "date": record["date"],
        "date_granularity": record["date_granularity"],
        "date_type": _date_type(record),
        "location_text": where.get("text"),
        "killed_text": _figure(record["magnitudes"]["killed"]),
        "injured_text": _figure(record["magnitudes"]["injured"]),
        "location_name": where.get("name"),
        "location_country": where.get("country"),
        "location_admin1": where.get("admin1"),
        "lat": where.get("lat"),
        "lon": where.get("lon"),
        "geonameid": where.get("geonameid"),
        **_side("actor", record["actors"]),
        **_side("recipient", record["recipients"]),
    }


def _date_type(record: Record) -> str | None:
    """NGEC's word for how sure a date is; none where an import did not say what it rests on."""
    if record["date"] is None or record["date_from"] == "published":
        return "unresolved"
    if record["date_from"] == "tense" and record["date_text"] is None:
        return "unresolved"  # it happened lately, so the day of the report was taken
    if record["end_date"] not in (None, record["date"]):
        return "range"
    if record["date_granularity"] not in (None, "day") or record["date_from"] == "tense":
        return "approximate"
    return None if record["date_from"] is None else "exact"


def _figure(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, Mapping):
        low, high = value["low"], value["high"]
        if low is None or high is None:
            return f"at least {low}" if high is None else f"up to {high}"
        return f"{low} to {high}"
    return str(value)


def _side(side: str, parties: Sequence[Mapping[str, Any]]) -> dict[str, Cell]:
    codes = [" ".join(c for c in (one["country"], one["sector"]) if c) for one in parties]
    return {
        f"{side}_text": joined(one["text"] for one in parties),
        f"{side}_code": joined(codes),
        f"{side}_wiki": joined(one["name"] for one in parties),
    }


def read(file: IO[bytes], origin: Origin) -> Iterator[Row | BadRow]:
    """The events of a flat table of NGEC.

    Raises:
        InputError: the header is of another format.
    """
    needed = ("id", "event_type", "actor_text", "actor_code", "recipient_text", "date")
    for cells in table(file, origin, ",", needed=needed, quoted=True):
        if isinstance(cells, BadRow):
            yield cells
            continue
        try:
            yield _read(cells, origin.source)
        except ValueError as error:
            yield BadRow(cells.line, "bad_value", str(error))


def _read(cells: Cells, source: str) -> Row:
    def cell(name: str) -> str:
        return known(cells[name], _NOTHING)

    notes: list[str] = []
    label = term(cell("event_type"), cell("event_mode"))
    if label.note:
        notes.append(label.note)
    level = cell("date_granularity").lower()
    if level and level not in _GRANULARITIES:
        notes.append(f"the granularity {level!r} is not known and was left out")
    checking.mode(label.event_type, label.mode, notes)
    published = cell("pub_date")[:10]
    checking.day(cell("date")[:10], published, notes)
    made = record(
        source=source,
        key=cell("id") or hashlib.sha256(cells.content).hexdigest()[:20],
        event_type=label.event_type,
        mode=label.mode,
        actors=_parties(cells, "actor", source, notes),
        recipients=_parties(cells, "recipient", source, notes),
        date=cell("date")[:10],
        date_text=cell("date_text"),
        date_granularity=next((g for g in _GRANULARITIES if g == level), None),
        date_from=_date_from(cell("date_type"), level, notes),
        place=place(
            cell("location_text"),
            name=cell("location_name"),
            country=checking.country(cell("location_country"), notes, "country of the place"),
            admin1=cell("location_admin1"),
            lat=cell("lat"),
            lon=cell("lon"),
            geonameid=cell("geonameid"),
        ),
        killed=_number("killed_text", cell("killed_text"), notes),
        injured=_number("injured_text", cell("injured_text"), notes),
        title=None,
        url=None,
        published=published,
        sentence=cell("anchor_quote"),
    )
    return Row(cells.line, made, cells.content, tuple(notes))


def _date_from(text: str, level: str, notes: list[str]) -> DateFrom | None:
    """What a date rests on, by NGEC's word for how sure it is."""
    kind = text.lower()
    if kind and kind not in tables()["date_types"]:
        notes.append(f"date_type {text[:60]!r} is none of NGEC's and was left out")
    if kind == "range":
        notes.append("the date is a range: the table has its first day only")
    if kind == "approximate" and level == "day":
        # of the text or not, nobody says
        notes.append("the day is approximate: the record has no place for that")
        return None
    found = tables()["date_types"].get(kind)
    return next((one for one in _DATE_FROM if one == found), None)


_WHOLE = re.compile(r"\d[\d,]*")
_RANGE = re.compile(r"(\d+) to (\d+)")
_LEAST = re.compile(r"at least (\d[\d,]*)")
_MOST = re.compile(r"up to (\d[\d,]*)")


def _number(name: str, text: str, notes: list[str]) -> int | dict[str, int | None] | None:
    """A figure that is written in digits; other words are not read, and a note says so."""

    def whole(digits: str) -> int:
        return int(digits.replace(",", ""))

    if not text:
        return None
    if _WHOLE.fullmatch(text):
        return whole(text)
    if found := _RANGE.fullmatch(text):
        return {"low": whole(found[1]), "high": whole(found[2])}
    if found := _LEAST.fullmatch(text):
        return {"low": whole(found[1]), "high": None}
    if found := _MOST.fullmatch(text):
        return {"low": None, "high": whole(found[1])}
    notes.append(f"{name} {text[:60]!r} is no figure and was left out")
    return None


def _parties(cells: Cells, side: str, source: str, notes: list[str]) -> list[dict[str, Any]]:
    lists = {
        f"{side}_text": parts(cells[f"{side}_text"], _NOTHING),
        f"{side}_code": parts(cells[f"{side}_code"], _NOTHING),
        f"{side}_wiki": parts(cells[f"{side}_wiki"], _NOTHING),
    }
    count = max(map(len, lists.values()))
    values, odd = aligned(lists, count)
    notes += odd
    made = []
    for value in values:
        code = value.get(f"{side}_code", "")
        found = _CODE.fullmatch(code)
        if code and found is None:
            notes.append(f"{side}_code {code!r} is no code and was left out")
        if not any(value.values()):
            continue
        country, sector = (found[1], found[2]) if found else (None, None)
        if sector is None and country in SECTORS:  # no code of a country is one of a sector
            country, sector = None, country
        made.append(
            party(
                value.get(f"{side}_text"),
                source=source,
                name=value.get(f"{side}_wiki"),
                country=checking.country(country or "", notes),
                sector=checking.sector(sector, notes),
            )
        )
    return made


FORMAT = Format(
    "ngec", "NGEC's flat table, CSV",
    partial(TableWriter, columns=COLUMNS, fill=row, lost=LOST, also=of_own_codebook, delimiter=",",
        quoted=True),
    read, columns=COLUMNS, cannot_hold=LOST,
    not_read=("story_id", "figures in words"),
)  # fmt: skip
