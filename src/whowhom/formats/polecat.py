"""POLECAT: 40 tab-separated columns, as the yearly ``ngecEvents.DV.*.txt`` files have them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import IO, Any

from whowhom.formats import checking
from whowhom.formats.base import BadRow, Format, Origin, Record, Row
from whowhom.formats.coding import language, of_own_codebook, tables, without_language
from whowhom.formats.imported import first_key, number, party, place, record
from whowhom.formats.rows import Cells, table
from whowhom.formats.tables import TableWriter, aligned, joined, known, parts
from whowhom.formats.terms import term
from whowhom.model import Resolution
from whowhom.store.flat import Cell

COLUMNS = (
    "Event ID", "Event Date", "Event Type", "Event Mode", "Intensity", "Quad Code", "Contexts",
    "Actor Name", "Actor Country", "Actor COW", "Primary Actor Sector", "Actor Sectors",
    "Actor Title", "Actor Name Raw", "Wikipedia Actor ID",
    "Recipient Name", "Recipient Country", "Recipient COW", "Primary Recipient Sector",
    "Recipient Sectors", "Recipient Title", "Recipient Name Raw", "Wikipedia Recipient ID",
    "Placename", "City", "District", "Province", "Country", "Latitude", "Longitude",
    "GeoNames ID", "Raw Placename", "Feature Type", "Source", "Publication Date",
    "Story People", "Story Organizations", "Story Locations", "Language", "Version",
)  # fmt: skip
_NEEDED = ("Event ID", "Event Date", "Event Type", "Actor Name", "Recipient Name")
_ALIASES = {"event intensity": "Intensity", "headline": "Headline", "id": "Event ID"}
_NONE = "None"
_WIKIDATA = re.compile(r"Q[1-9]\d*")
LOST = (
    "status", "end date", "words of the date", "granularity of the date", "who says so", "voice",
    "members of blocs", "killed, injured, arrested, crowd", "money", "evidence sentence",
    "trigger", "confidence and runner-up", "rule or model", "incident", "title", "url", "genre",
)  # fmt: skip


def row(record: Record) -> Mapping[str, Cell]:
    """The cells of an event; several values stand in one cell, in the order of the names."""
    where = record["place"] or {}
    document = record["document"]
    return {
        "Event ID": first_key(record, "polecat") or record["id"],
        "Event Date": record["date"],
        "Event Type": record["event_type"],
        "Event Mode": record["mode"],
        "Intensity": record["score"],
        "Quad Code": record["quad"].upper(),
        "Contexts": joined(record["contexts"]),
        **_side("Actor", record["actors"]),
        **_side("Recipient", record["recipients"]),
        "Placename": where.get("name"),
        "City": where.get("name") if where.get("resolution") == "city" else None,
        "Province": where.get("admin1"),
        "Country": where.get("country"),
        "Latitude": where.get("lat"),
        "Longitude": where.get("lon"),
        "GeoNames ID": where.get("geonameid"),
        "Raw Placename": where.get("text"),
        "Source": document["outlet"],
        "Publication Date": document["published"],
        "Language": tables()["languages"].get(language(record) or ""),
        "Version": record["coder"]["version"],
    }


def _lost(record: Record) -> Iterator[str]:
    yield from of_own_codebook(record)
    yield from without_language(record)


def _side(side: str, parties: list[Mapping[str, Any]]) -> dict[str, Cell]:
    def each(field: str) -> str:
        return joined((one[field] for one in parties), _NONE)

    sectors = [", ".join(s for s in (one["sector"], *one["other_sectors"]) if s) for one in parties]
    return {
        f"{side} Name": joined((one["name"] or one["text"] for one in parties), _NONE),
        f"{side} Country": each("country"),
        f"Primary {side} Sector": each("sector"),
        f"{side} Sectors": joined(sectors, _NONE),
        f"{side} Title": each("office"),
        f"{side} Name Raw": each("text"),
        f"Wikipedia {side} ID": each("wikidata"),
    }


def read(file: IO[bytes], origin: Origin) -> Iterator[Row | BadRow]:
    """The events of a POLECAT file, with ``Event Intensity`` or ``Intensity``, ``Headline`` or not.

    Raises:
        InputError: the header is of another format.
    """
    for cells in table(file, origin, "\t", needed=_NEEDED, aliases=_ALIASES):
        if isinstance(cells, BadRow):
            yield cells
            continue
        try:
            yield _read(cells, origin.source)
        except ValueError as error:
            yield BadRow(cells.line, "bad_value", str(error))


def _read(cells: Cells, source: str) -> Row:
    def cell(name: str) -> str:
        return known(cells[name])

    notes: list[str] = []
    label = term(cell("Event Type"), cell("Event Mode"))
    if label.note:
        notes.append(label.note)
    checking.mode(label.event_type, label.mode, notes)
    published = cell("Publication Date")[:10]
    checking.day(cell("Event Date"), published, notes)
    made = record(
        source=source,
        key=cell("Event ID") or hashlib.sha256(cells.content).hexdigest()[:20],
        event_type=label.event_type,
        mode=label.mode,
        contexts=checking.contexts(parts(cells["Contexts"]), notes),
        score=checking.score(
            number("Intensity", cell("Intensity")),
            label.event_type,
            label.mode,
            notes,
            "Intensity",
        ),
        actors=_parties(cells, "Actor", source, notes),
        recipients=_parties(cells, "Recipient", source, notes),
        date=cell("Event Date"),
        place=_place(cells, notes),
        title=cell("Headline"),
        outlet=cell("Source"),
        published=published,
        version=cell("Version"),
    )
    return Row(cells.line, made, cells.content, tuple(notes))


def _parties(cells: Cells, side: str, source: str, notes: list[str]) -> list[dict[str, Any]]:
    lists = {
        "name": parts(cells[f"{side} Name"]),
        "text": parts(cells[f"{side} Name Raw"]),
        "country": parts(cells[f"{side} Country"]),
        "sector": parts(cells[f"Primary {side} Sector"]),
        "sectors": parts(cells[f"{side} Sectors"]),
        "office": parts(cells[f"{side} Title"]),
        "wikidata": parts(cells[f"Wikipedia {side} ID"]),
    }
    count = len(lists["name"]) or len(lists["text"]) or max(map(len, lists.values()))
    if count == 1:  # a title, or the sectors of one party, may hold the mark between values
        for name in ("text", "office"):
            lists[name] = ["; ".join(part for part in lists[name] if part)]
        lists["sectors"] = [", ".join(part for part in lists["sectors"] if part)]
    values, odd = aligned({f"{side} {name}": found for name, found in lists.items()}, count)
    notes += odd
    made = []
    for value in values:
        one = {name.removeprefix(f"{side} "): text for name, text in value.items()}
        wikidata = one.get("wikidata", "")
        if not any(one.values()):
            continue
        sector = checking.sector(one.get("sector"), notes)
        made.append(
            party(
                one.get("text"),
                source=source,
                name=one.get("name"),
                country=checking.country(one.get("country", ""), notes),
                sector=sector,
                other_sectors=checking.sectors(
                    one.get("sectors", "").split(","), notes, but=sector
                ),
                office=one.get("office"),
                wikidata=wikidata if _WIKIDATA.fullmatch(wikidata) else None,
            )
        )
    return made


def _place(cells: Cells, notes: list[str]) -> dict[str, Any] | None:
    def cell(name: str) -> str:
        return known(cells[name])

    country = cell("Country")
    level: Resolution | None = None
    if cell("City"):
        level = "city"
    elif cell("Province"):
        level = "province"
    elif country:
        level = "country"
    return place(
        cell("Raw Placename"),
        name=cell("Placename") or cell("City"),
        country=checking.country(country, notes, "country of the place"),
        admin1=cell("Province"),
        lat=cell("Latitude"),
        lon=cell("Longitude"),
        geonameid=cell("GeoNames ID"),
        resolution=level,
    )


FORMAT = Format(
    "polecat", "POLECAT, 40 columns, tab-separated",
    partial(TableWriter, columns=COLUMNS, fill=row, lost=LOST, also=_lost, none=_NONE),
    read, columns=COLUMNS, cannot_hold=LOST,
    not_read=(
        "Actor COW, Recipient COW", "Quad Code (it follows from the type)",
        "Wikipedia ids that are no Wikidata ids", "District, Feature Type",
        "Story People, Story Organizations, Story Locations", "Language",
    ),
)  # fmt: skip
