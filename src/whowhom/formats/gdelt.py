"""GDELT: Events 2.0 (61 columns) and Mentions (16); the Events of 1.0 (57 and 58) are read too.

Files have no header and are separated by tabs. ``Geo_CountryCode`` is FIPS 10-4, the country
codes of actors are CAMEO's.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any
from urllib.parse import urlsplit

from whowhom.formats import cameo, imported
from whowhom.formats.base import BadRow, Format, Origin, Record, Row
from whowhom.formats.dyads import (
    ALWAYS_LOST,
    Dyad,
    DyadWriter,
    Pair,
    RowProblem,
    bare,
    cell,
    coded,
    compact,
    day,
    decimal,
    marked,
)
from whowhom.formats.rows import content, lines, shown


def _actor_columns(side: str) -> tuple[str, ...]:
    parts = (
        "Code", "Name", "CountryCode", "KnownGroupCode", "EthnicCode", "Religion1Code",
        "Religion2Code", "Type1Code", "Type2Code", "Type3Code",
    )  # fmt: skip
    return tuple(side + part for part in parts)


def _geo_columns(side: str) -> tuple[str, ...]:
    parts = (
        "Type", "FullName", "CountryCode", "ADM1Code", "ADM2Code", "Lat", "Long", "FeatureID",
    )  # fmt: skip
    return tuple(f"{side}Geo_{part}" for part in parts)


EVENTS = (
    "GLOBALEVENTID", "SQLDATE", "MonthYear", "Year", "FractionDate",
    *_actor_columns("Actor1"), *_actor_columns("Actor2"),
    "IsRootEvent", "EventCode", "EventBaseCode", "EventRootCode", "QuadClass", "GoldsteinScale",
    "NumMentions", "NumSources", "NumArticles", "AvgTone",
    *_geo_columns("Actor1"), *_geo_columns("Actor2"), *_geo_columns("Action"),
    "DATEADDED", "SOURCEURL",
)  # fmt: skip
_FIRST = tuple(name for name in EVENTS if not name.endswith("ADM2Code"))
LAYOUTS: Mapping[int, tuple[str, ...]] = {61: EVENTS, 58: _FIRST, 57: _FIRST[:-1]}
"""Columns by their number: 2.0, the daily files of 1.0, and its back file (no SOURCEURL)."""
MENTIONS_COLUMNS = (
    "GLOBALEVENTID", "EventTimeDate", "MentionTimeDate", "MentionType", "MentionSourceName",
    "MentionIdentifier", "SentenceID", "Actor1CharOffset", "Actor2CharOffset", "ActionCharOffset",
    "InRawText", "Confidence", "MentionDocLen", "MentionDocTone", "MentionDocTranslationInfo",
    "Extras",
)  # fmt: skip

COUNTRY, US_STATE, US_CITY, WORLD_CITY, WORLD_STATE = 1, 2, 3, 4, 5
"""What a place is: GDELT's Geo_Type."""
WEB, CITATION = 1, 2
"""Where a mention is found: GDELT's MentionType."""


# ----------------------------------------------------------------------- writing
class Writer(DyadWriter):
    """Events 2.0. A row is a report, or the report that tells an incident best.

    ``coverage`` has the reports, outlets and documents of incidents, by id; the rows of incidents
    that it does not have count themselves.
    """

    family = "gdelt"
    ids = re.compile(r"(\d+)", re.ASCII)
    names = "name"
    holds = frozenset(("place", "url"))

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self.coverage: Mapping[str, tuple[int, int, int]] = {}

    def lost(self, record: Record, code: cameo.Code, pairs: Sequence[Pair]) -> Iterator[str]:
        yield from super().lost(record, code, pairs)
        if record["place"] is not None and _kind(record["place"]) == 0:
            yield "place that was not found on the map (GDELT has no type for it)"

    def cells(self, dyad: Dyad) -> Sequence[str]:
        record, date, code = dyad.record, dyad.day, dyad.code
        nowhere = ("0", *[""] * 7)
        return (
            dyad.number,
            compact(date),
            compact(date)[:6],
            compact(date)[:4],
            # the share of the year as GDELT's codebook counts it
            f"{date.year + (date.month * 30 + date.day) / 365:.4f}",
            *_actor(dyad.source),
            *_actor(dyad.target),
            # GDELT calls an event root that stands in the first sentences of its report
            _root(record["evidence"]),
            code.code,
            code.base,
            code.root,
            str(code.quad),
            decimal(code.score),
            *(str(n) for n in self.coverage.get(record["incident"] or "", (1, 1, 1))),
            "",
            *nowhere,
            *nowhere,
            *_geo(record["place"]),
            _stamp(record, date),
            cell(record["document"]["url"]),
        )


def _root(evidence: Mapping[str, Any]) -> str:
    if not evidence["sentence_text"] and not evidence["sentence"]:
        return ""  # imported: which sentence it was is not known
    return str(int(evidence["sentence"] <= 1))


def _stamp(record: Mapping[str, Any], date: dt.date) -> str:
    published = record["document"]["published"] or date.isoformat()
    return str(published).replace("-", "") + "000000"


def _actor(party: Mapping[str, Any] | None) -> tuple[str, ...]:
    if party is None:
        return ("",) * 10
    place, group, roles = cameo.actor_parts(party)
    body = cameo.tables()["organisations"].get(party["country"] or "")
    types = ([body["role"]] if body else []) + cameo.chunks(roles)
    # GDELT has religion in columns of its own, not among the types
    religion = "REL" if "REL" in types else ""
    types = [kind for kind in types if kind != "REL"][:3]
    return (
        cell(place + roles),
        cell(party["name"] or party["text"]),
        "" if body else cell(place),
        group,
        "",
        religion,
        "",
        *types,
        *[""] * (3 - len(types)),
    )


def _kind(place: Mapping[str, Any]) -> int:
    """GDELT's type of a place, 0 for one that was not found: that is no place in GDELT."""
    american = place["country"] == "USA"
    point = US_CITY if american else WORLD_CITY  # GDELT's towns and landmarks
    return {
        "city": point,
        "province": US_STATE if american else WORLD_STATE,
        "country": COUNTRY,
    }.get(place["resolution"] or "", 0 if place["lat"] is None else point)


def _geo(place: Mapping[str, Any] | None) -> tuple[str, ...]:
    kind = 0 if place is None else _kind(place)
    if place is None or kind == 0:
        return ("0", *[""] * 7)
    fips = cameo.fips(place["country"])
    country = cameo.country_name(place["country"]) or place["country"]
    name = place["name"] or place["text"]
    parts = [name, place["admin1"] if kind in (US_CITY, WORLD_CITY) else None, country]
    full = ", ".join(dict.fromkeys(part for part in parts if part))
    return (
        str(kind),
        cell(full),
        fips,
        _division(kind, fips, place),
        "",
        decimal(place["lat"]),
        decimal(place["lon"]),
        fips if kind == COUNTRY else "",
    )


def _division(kind: int, fips: str, place: Mapping[str, Any]) -> str:
    """GDELT's code of a first-level division; outside the United States we do not know them."""
    if kind == COUNTRY:
        return fips
    if kind not in (US_STATE, US_CITY):
        return ""
    state = place["admin1"] or (place["name"] if kind == US_STATE else None)
    code = cameo.us_state(state)
    return fips + code if code else ""


class MentionsWriter(DyadWriter):
    """Mentions: where each event of the Events file is reported; the ids are those of that file."""

    family = "gdelt"
    ids = re.compile(r"(\d+)", re.ASCII)
    holds = frozenset(("outlet", "url", "confidence and runner-up"))

    def cells(self, dyad: Dyad) -> Sequence[str]:
        record, document = dyad.record, dyad.record["document"]
        url, outlet = document["url"], document["outlet"]
        stamp = _stamp(record, dyad.day)
        confidence = record["why"]["confidence"]
        return (
            dyad.number,
            stamp,
            stamp,
            str(WEB if url else CITATION),
            cell(outlet or _host(url or "")),
            cell(url or document["title"] or document["id"]),
            str(record["evidence"]["sentence"]),
            _offset(dyad.source),
            _offset(dyad.target),
            _offset({"part": record["evidence"]["part"], **record["evidence"]["trigger"]}),
            "1",
            # GDELT's is a share in steps of ten percent
            "" if confidence is None else str(round(confidence * 10) * 10),
            "",
            "",
            "",
            "",
        )


def _offset(words: Mapping[str, Any] | None) -> str:
    """Where words stand in the article's text; -1 for those of the title, and for none."""
    if words is None or words["part"] != "text" or words["start"] == words["end"]:
        return "-1"
    return str(words["start"])


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


# ----------------------------------------------------------------------- reading
def read(file: IO[bytes], origin: Origin) -> Iterator[Row | BadRow]:
    """Events of a GDELT file, of 2.0 or 1.0: told by the number of the columns of each row.

    An event is known by its GLOBALEVENTID. Statements (01) and appeals (02) are bad rows with the
    reason ``statement``.
    """
    for found in lines(file):
        if isinstance(found, BadRow):
            yield found
            continue
        line, text = found
        cells = text.split("\t")
        names = LAYOUTS.get(len(cells))
        if names is None:
            yield BadRow(
                line,
                "bad_row",
                f"{len(cells)} cells; GDELT's events have 61, 58 or 57: {shown(text)}",
            )
            continue
        if line == 1 and cells[0].upper() == "GLOBALEVENTID":
            continue  # some programs put a header there
        row = dict(zip(names, (value.strip() for value in cells), strict=True))
        try:
            notes: list[str] = []
            yield Row(line, _record(row, origin, notes), content(cells), tuple(notes))
        except RowProblem as problem:
            yield BadRow(line, problem.reason, problem.detail)
        except ValueError as error:
            yield BadRow(line, "bad_value", str(error))


def known_by(first: str) -> bool:
    """Whether a file with this first line is one of GDELT's events."""
    cells = first.split("\t")
    return len(cells) in LAYOUTS and (cells[0].isdigit() or cells[0].upper() == "GLOBALEVENTID")


def _record(row: Mapping[str, str], origin: Origin, notes: list[str]) -> dict[str, Any]:
    code = coded(row["EventCode"], notes, root=row["EventRootCode"])
    number = row["GLOBALEVENTID"]
    if not (number.isascii() and number.isdigit()):
        raise RowProblem("bad_value", f"GLOBALEVENTID {number!r} is no number")
    actors = _party(row, "Actor1", origin, notes)
    recipients = _party(row, "Actor2", origin, notes)
    if not actors and not recipients:
        raise RowProblem("no_actor", "neither Actor1 nor Actor2 is given")
    source = bare(row.get("SOURCEURL", ""))
    # files of 1.0 have citations such as "BBC Monitoring" here
    is_url = "://" in source
    return marked(
        imported.record(
            source=origin.source,
            key=number,
            event_type=code.event_type or "",
            mode=code.mode,
            contexts=code.contexts,
            actors=actors,
            recipients=recipients,
            date=day(row["SQLDATE"], "SQLDATE"),
            place=_place(row, notes),
            outlet=_host(source) if is_url else source,
            url=source if is_url else None,
            published=day(row["DATEADDED"][:8], "DATEADDED") if row["DATEADDED"] else None,
            codebook="CAMEO",
        ),
        code,
    )


def _party(
    row: Mapping[str, str], side: str, origin: Origin, notes: list[str]
) -> list[dict[str, Any]]:
    code, name = row[f"{side}Code"], bare(row[f"{side}Name"])
    if not code and not name:
        return []
    says = cameo.read_actor(code)
    given = row[f"{side}CountryCode"]
    country = cameo.of_country(given)
    if given and country is None:
        notes.append(f"{side}CountryCode {given!r} is an area or unknown; the country is empty")
    types = [row[f"{side}Type{n}Code"] for n in (1, 2, 3)]
    sectors = [cameo.sector_of(kind) for kind in types]
    if row[f"{side}Religion1Code"]:
        sectors.append("REL")
    known = list(dict.fromkeys(sector for sector in (*sectors, *says.sectors) if sector))
    return [
        imported.party(
            name or code,
            source=origin.source,
            name=name or None,
            country=country or cameo.of_body_name(name) or says.country,
            sector=known[0] if known else None,
            other_sectors=known[1:],
        )
    ]


_RESOLUTIONS: Mapping[int, Any] = {
    COUNTRY: "country",
    US_STATE: "province",
    WORLD_STATE: "province",
    US_CITY: "city",
    WORLD_CITY: "city",
}


def _place(row: Mapping[str, str], notes: list[str]) -> dict[str, Any] | None:
    kind = imported.whole("ActionGeo_Type", row["ActionGeo_Type"]) or 0
    full = bare(row["ActionGeo_FullName"])
    parts = re.split(r",\s+", full) if full else []
    resolution = _RESOLUTIONS.get(kind)
    admin1 = None
    if resolution == "city" and len(parts) > 2:
        admin1 = ", ".join(parts[1:-1])
    elif resolution == "province" and parts:
        admin1 = parts[0]
    fips = row["ActionGeo_CountryCode"]
    country = cameo.of_fips(fips)
    if fips and country is None:
        notes.append(f"ActionGeo_CountryCode {fips!r} is no country of FIPS 10-4; left empty")
    return imported.place(
        full,
        name=parts[0] if parts else None,
        country=country,
        admin1=admin1,
        lat=row["ActionGeo_Lat"],
        lon=row["ActionGeo_Long"],
        resolution=resolution,
    )


_LOST = (
    *ALWAYS_LOST,
    "the figures, the sentence and the trigger",
    "modes that CAMEO has no code for, and most contexts",
)
FORMAT = Format(
    name="gdelt",
    title="GDELT 2.0 Events, 61 columns",
    writer=Writer,
    reader=read,
    columns=EVENTS,
    cannot_hold=(
        *_LOST,
        "outlet, title and confidence",
        "GeoNames ids; the places of actors, ADM2Code, and outside the United States ADM1Code stay "
        "empty",
        "merged incidents but by their numbers: with --incidents NumMentions, NumSources and "
        "NumArticles are the reports, outlets and documents of the incident, else 1",
    ),
    not_read=(
        "the places of actors",
        "ethnic and known group codes other than UNO and EEC",
        "NumMentions, NumSources, NumArticles, AvgTone",
        "GoldsteinScale (the record has PLOVER's score)",
        "IsRootEvent, ADM1Code, ADM2Code, FeatureID",
    ),
    header=False,
    known_by=known_by,
)
MENTIONS = Format(
    name="gdelt-mentions",
    title="GDELT 2.0 Mentions, 16 columns",
    writer=MentionsWriter,
    columns=MENTIONS_COLUMNS,
    cannot_hold=(*_LOST, "the parties, the code and the place: these are in the Events file"),
    header=False,
)
