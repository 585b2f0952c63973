"""ICEWS: 20 columns, one row a pair of actors, CAMEO codes, countries and sectors by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from whowhom.formats import cameo, dyads, imported
from whowhom.formats.base import BadRow, Format, Origin, Record, Row
from whowhom.formats.dyads import (
    ALWAYS_LOST,
    Dyad,
    DyadWriter,
    Pair,
    RowProblem,
    bare,
    coded,
    country,
    day,
    decimal,
    hashed,
    known,
    marked,
)
from whowhom.formats.rows import Cells, table

COLUMNS = (
    "Event ID", "Event Date", "Source Name", "Source Sectors", "Source Country", "Event Text",
    "CAMEO Code", "Intensity", "Target Name", "Target Sectors", "Target Country", "Story ID",
    "Sentence Number", "Publisher", "City", "District", "Province", "Country", "Latitude",
    "Longitude",
)  # fmt: skip
NEEDED = ("Event ID", "Event Date", "Source Name", "CAMEO Code", "Target Name")


class Writer(DyadWriter):
    columns = COLUMNS
    family = "icews"
    ids = re.compile(rf"(\d+){dyads.DATED}", re.ASCII)
    names = "name"
    holds = frozenset(("place", "outlet"))

    def sector_back(self, sector: str) -> str | None:
        found = cameo.of_icews_sectors(cameo.icews_sectors(sector)).sectors
        return found[0] if found else None

    def lost(self, record: Record, code: cameo.Code, pairs: Sequence[Pair]) -> Iterator[str]:
        yield from super().lost(record, code, pairs)
        if any(_body_lost(party) for party in (*record["actors"], *record["recipients"])):
            yield "the organisation of a party (its people are read back as those of any)"

    def cells(self, dyad: Dyad) -> Sequence[str]:
        record, place = dyad.record, dyad.record["place"]
        city = province = state = lat = lon = ""
        if place is not None:
            if place["resolution"] == "city":
                city = cell(place["name"] or place["text"])
            province = cell(place["admin1"])
            if place["resolution"] == "province" and not province:
                province = cell(place["name"] or place["text"])
            state = cameo.country_name(place["country"]) or cell(place["country"])
            lat, lon = decimal(place["lat"]), decimal(place["lon"])
        return (
            dyad.number,
            dyad.day.isoformat(),
            *_side(dyad.source),
            dyad.code.title,
            dyad.code.code,
            decimal(dyad.code.score),
            *_side(dyad.target),
            cell(record["document"]["id"]),
            str(record["evidence"]["sentence"]),
            cell(record["document"]["outlet"]),
            city,
            "",
            province,
            state,
            lat,
            lon,
        )


def cell(value: object) -> str:
    """A cell; one in quotation marks is quoted, for readers take such marks off."""
    text = dyads.cell(value)
    quoted = len(text) > 1 and text[0] == text[-1] == '"'
    return '"' + text.replace('"', '""') + '"' if quoted else text


def _body_lost(party: Mapping[str, Any]) -> bool:
    """Whether a party's organisation, such as the UN of its people, is read back as another.

    ICEWS says the kind of an organisation, and which one only by the name of the actor.
    """
    if party["country"] not in cameo.tables()["organisations"]:
        return False
    name, sectors, _ = _side(party)
    back = cameo.of_body_name(name) or cameo.of_icews_sectors(sectors).country
    return bool(back != party["country"])


def _side(party: Any) -> tuple[str, str, str]:
    """Name, sectors and country of a party."""
    if party is None:
        return "", "", ""
    body = cameo.tables()["organisations"].get(party["country"] or "")
    lists = [body["icews"] if body else ""]
    lists += [cameo.icews_sectors(s) for s in (party["sector"], *party["other_sectors"])]
    names = [name for found in lists for name in found.split(",") if name]
    state = "" if body else cameo.country_name(party["country"]) or cell(party["country"])
    return cell(party["name"] or party["text"]), ",".join(dict.fromkeys(names)), state


def read(file: IO[bytes], origin: Origin) -> Iterator[Row | BadRow]:
    """Events of an ICEWS file. An event is known by its id and its date together: the ids alone
    are not unique. Statements (01) and appeals (02) are bad rows with the reason ``statement``."""
    aliases = {name.lower(): name for name in COLUMNS}
    for row in table(file, origin, "\t", needed=NEEDED, aliases=aliases):
        if isinstance(row, BadRow):
            yield row
            continue
        try:
            notes: list[str] = []
            yield Row(row.line, _record(row, origin, notes), row.content, tuple(notes))
        except RowProblem as problem:
            yield BadRow(row.line, problem.reason, problem.detail)
        except ValueError as error:
            yield BadRow(row.line, "bad_value", str(error))


def _record(row: Cells, origin: Origin, notes: list[str]) -> dict[str, Any]:
    code = coded(known(row["CAMEO Code"]), notes, title=known(row["Event Text"]))
    when = day(row["Event Date"], "Event Date")
    actors = _parties(row, "Source", origin, notes)
    recipients = _parties(row, "Target", origin, notes)
    if not actors and not recipients:
        raise RowProblem("no_actor", "neither Source Name nor Target Name is given")
    state = known(row["Country"])
    city, province = bare(known(row["City"])), bare(known(row["Province"]))
    district = bare(known(row["District"]))
    found = imported.place(
        city or district or province or state,
        name=city or district or province or state,
        country=country(state, notes, "Country"),
        admin1=province,
        lat=known(row["Latitude"]),
        lon=known(row["Longitude"]),
        resolution="city" if city else "province" if district or province
        else "country" if state else None,
    )  # fmt: skip
    number = known(row["Event ID"])
    return marked(
        imported.record(
            source=origin.source,
            key=f"{number}:{when.isoformat()}" if number else hashed(row.content),
            event_type=code.event_type or "",
            mode=code.mode,
            contexts=code.contexts,
            actors=actors,
            recipients=recipients,
            date=when,
            place=found,
            outlet=bare(known(row["Publisher"])),
            sentence_number=imported.whole("Sentence Number", known(row["Sentence Number"])) or 0,
            codebook="CAMEO",
        ),
        code,
    )


def _parties(row: Cells, side: str, origin: Origin, notes: list[str]) -> list[dict[str, Any]]:
    name = bare(known(row[f"{side} Name"]))
    if not name or name in cameo.tables()["icews"]["nobody"]:
        return []
    says = cameo.of_icews_sectors(known(row[f"{side} Sectors"]))
    state = known(row[f"{side} Country"])
    body = cameo.of_body_name(name) or says.country
    return [
        imported.party(
            name,
            source=origin.source,
            name=name,
            country=country(state, notes, f"{side} Country") if state else body,
            sector=says.sectors[0] if says.sectors else None,
            other_sectors=says.sectors[1:],
        )
    ]


FORMAT = Format(
    name="icews",
    title="ICEWS, 20 columns",
    writer=Writer,
    reader=read,
    columns=COLUMNS,
    cannot_hold=(
        *ALWAYS_LOST,
        "the figures, the sentence and the trigger",
        "modes that CAMEO has no code for, and most contexts",
        "URL, title and publication date",
    ),
    not_read=("Story ID", "Intensity (a Goldstein score; the record has PLOVER's)"),
)
