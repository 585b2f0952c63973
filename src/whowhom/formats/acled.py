"""ACLED: 31 columns, CSV; the types of ``data/formats/acled.toml``, both ways.

ACLED lists violence and demonstrations. What of PLOVER has no ACLED type is left out on writing,
and counted. In ACLED's battles the order of the two actors says nothing; the reader keeps it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from importlib.resources import files
from typing import IO, Any, cast

import tomli

from whowhom.analyse.names import code_of, countries
from whowhom.formats import cameo, checking
from whowhom.formats.base import BadRow, Format, Origin, Record, Row
from whowhom.formats.imported import first_key, party, place, record, whole
from whowhom.formats.rows import Again, Cells, table
from whowhom.formats.tables import TableWriter, joined, known, parts
from whowhom.model import Granularity, Resolution
from whowhom.store.flat import Cell

COLUMNS = (
    "event_id_cnty", "event_date", "year", "time_precision", "disorder_type", "event_type",
    "sub_event_type", "actor1", "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2",
    "interaction", "civilian_targeting", "iso", "region", "country", "admin1", "admin2", "admin3",
    "location", "latitude", "longitude", "geo_precision", "source", "source_scale", "notes",
    "fatalities", "tags", "timestamp",
)  # fmt: skip
_NEEDED = ("event_id_cnty", "event_date", "event_type", "sub_event_type", "actor1")
LOST = (
    "status", "end date", "words of the date", "who says so", "voice", "mode", "contexts",
    "score", "members of blocs", "other sectors", "offices", "Wikidata ids",
    "names as the text has them", "injured, arrested, crowd", "upper end of a figure", "money",
    "GeoNames id", "trigger", "confidence and runner-up", "rule or model", "incident", "title",
    "url", "genre",
)  # fmt: skip
MARK = "acled "
"""How ``why.rule`` of an imported event begins; its event type, sub-event type and the two types of
actors follow, with :data:`_BETWEEN` between them."""
_BETWEEN = " / "
_NOTHING = ("NA", "None", "NULL")
_DAYS = ("%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%d-%m-%Y", "%d/%m/%Y", "%d-%B-%Y", "%d-%b-%y")
_WITHIN = re.compile(r"\(([^()]*)\)\s*$")
_YEARS = re.compile(r"\s*\(\d{4}\s*-[^()]*\)")
_CROWD = re.compile(r"crowd size=(?:about |at least )?(\d[\d,]*)(?=$|;)")


@lru_cache(maxsize=1)
def mapping() -> dict[str, Any]:
    """The tables of ``data/formats/acled.toml``."""
    return tomli.loads((files("whowhom.data") / "formats" / "acled.toml").read_text("utf-8"))


# --------------------------------------------------------------------------- writing
def row(record: Record) -> Mapping[str, Cell] | str:
    """The cells of an event, or why it has none."""
    kind = _type_of(record)
    if kind is None:
        mode = f" {record['mode']}" if record["mode"] else ""
        return f"{record['event_type']}{mode} has no ACLED type"
    if record["date"] is None:
        return "it has no date, which ACLED must have"
    event, sub = kind
    where = record["place"] or {}
    inter = _inters(record, event)
    actors, recipients = _names(record, "actors"), _names(record, "recipients")
    civilian = record["event_type"] == "ASSAULT" and inter[1] == "Civilians"
    place_names, state = countries(), where.get("country") or ""
    return {
        "event_id_cnty": first_key(record, "acled") or record["id"],
        "event_date": record["date"],
        "year": int(record["date"][:4]),
        "time_precision": mapping()["time_precision"].get(record["date_granularity"] or "day"),
        "disorder_type": mapping()["disorder"][event],
        "event_type": event,
        "sub_event_type": sub,
        "actor1": actors[0] if actors else None,
        "assoc_actor_1": joined(actors[1:]),
        "inter1": inter[0],
        "actor2": recipients[0] if recipients else None,
        "assoc_actor_2": joined(recipients[1:]),
        "inter2": inter[1],
        "interaction": "-".join(part for part in inter if part)
        + ("" if inter[0] and inter[1] else " only"),
        "civilian_targeting": "Civilian targeting" if civilian else None,
        "country": place_names.get(state) or cameo.country_name(state) or state,
        "admin1": where.get("admin1"),
        "location": where.get("name") or where.get("text"),
        "latitude": where.get("lat"),
        "longitude": where.get("lon"),
        "geo_precision": mapping()["geo_precision"].get(where.get("resolution") or ""),
        "source": record["document"]["outlet"],
        "notes": record["evidence"]["sentence_text"],
        "fatalities": _least(record["magnitudes"]["killed"]),
    }


def lost(record: Record) -> Iterator[str]:
    """What the row of an event does not say, or says so that it is read back as something else."""
    was = original(record)
    if was is None and (record["why"]["rule"] or record["why"]["model"]):
        yield "rule or model"
    kind = _type_of(record)
    if kind is None:
        return
    back = _read_types().get((kind[0].lower(), kind[1].lower()), ("", None))
    if back[0] != record["event_type"]:
        yield f"event type (read back as {back[0] or 'none'})"
    elif back[1] != record["mode"]:
        yield "mode"
    sides = zip(("actors", "recipients"), _inters(record, kind[0]), strict=True)
    pairs = [
        (one, _party(name, inter if at == 0 else "", "acled", []))
        for side, inter in sides
        for at, (one, name) in enumerate(zip(record[side], _names(record, side), strict=True))
    ]
    for field, words in (("country", "countries"), ("sector", "sectors")):
        if any(one[field] != back[field] for one, back in pairs):
            yield f"{words} of parties (read back as others)"


def original(record: Record) -> Sequence[str] | None:
    """Event type, sub-event type and both types of actors that an imported event was read from.

    None where it was not read from ACLED, or was changed since.
    """
    rule = str(record["why"]["rule"] or "")
    said = rule.removeprefix(MARK).split(_BETWEEN) if rule.startswith(MARK) else []
    if len(said) != 4:
        return None
    found = _read_types().get((said[0].lower(), said[1].lower()))
    return said if found == (record["event_type"], record["mode"]) else None


def _inters(record: Record, event: str) -> list[str]:
    """The types of both actors."""
    was = original(record)
    if was is not None:
        return list(was[2:])
    inter = [_inter(side) for side in (record["actors"], record["recipients"])]
    protests = {"Protests": "Protesters", "Riots": "Rioters"}
    return [protests.get(event, inter[0]), inter[1]]


def _type_of(record: Record) -> tuple[str, str] | None:
    was = original(record)
    if was is not None:
        return was[0], was[1]
    mode = record["mode"] or ""
    armed = mapping()["armed"]
    on = "civilian"
    if any(_sector(one) in armed and _sector(one) is not None for one in record["recipients"]):
        on = "armed"
    for one in mapping()["write"]:
        if one["type"] != record["event_type"] or mode not in one["modes"]:
            continue
        if "on" not in one or (record["recipients"] and one["on"] == on):
            return one["event"], one["sub"]
    return None


def _sector(one: Mapping[str, Any]) -> str | None:
    """The sector of a party, "" for a state as such, None where neither is known."""
    if one["sector"]:
        return str(one["sector"])
    return "" if one["country"] else None


def _inter(side: Sequence[Mapping[str, Any]]) -> str:
    if not side:
        return ""
    sector = _sector(side[0])
    for name, sectors in mapping()["write_inter"].items():
        if sector in sectors:
            return str(name)
    return "External/Other forces" if sector is None else "Civilians"


def _named(one: Mapping[str, Any]) -> str:
    """A party as ACLED calls it: ``Military Forces of Kenya``, ``Civilians (Kenya)``."""
    country = countries().get(one["country"] or "", one["country"])
    if one["name"] and one["name"] != country:
        within = country is None or re.search(rf"\b{re.escape(country)}\b", one["name"])
        within = within or _country(one["name"]) == one["country"]
        return one["name"] if within else f"{one['name']} ({country})"
    if country is None:
        return str(one["text"])
    for begins, sector in mapping()["forces"].items():
        if sector == one["sector"] or (sector == "GOV" and one["sector"] is None):
            return f"{begins} {country}"
    kind = _inter([one])
    return f"{kind} ({country})" if kind == "Civilians" else f"{one['text']} ({country})"


def _names(record: Record, side: str) -> list[str]:
    """What the parties of a side are called: as they were read, where that was of ACLED."""
    if original(record) is not None:
        return [one["name"] or one["text"] for one in record[side]]
    return [_named(one) for one in record[side]]


def _least(figure: Any) -> int | None:
    if isinstance(figure, Mapping):
        found: int | None = figure["low"] if figure["low"] is not None else figure["high"]
        return found
    return cast(int | None, figure)


# --------------------------------------------------------------------------- reading
def read(file: IO[bytes], origin: Origin) -> Iterator[Row | BadRow]:
    """The events of an ACLED export, with commas or semicolons, of 2017 to 2026.

    Raises:
        InputError: the header is of another format.
    """
    first = file.readline()
    delimiter = ";" if first.count(b";") > first.count(b",") else ","
    again = cast(IO[bytes], Again(first, file))
    for cells in table(again, origin, delimiter, needed=_NEEDED, quoted=True):
        if isinstance(cells, BadRow):
            yield cells
            continue
        kind = cells["event_type"], cells["sub_event_type"]
        found = _read_types().get((kind[0].lower(), kind[1].lower()))
        if found is None or not found[0]:
            known_kind = found is not None
            what = " / ".join(kind)
            yield BadRow(
                cells.line,
                "no_type" if known_kind else "unknown_type",
                f"{what} has no PLOVER type" if known_kind else f"{what} is no type of ACLED's",
            )
            continue
        try:
            yield _read(cells, found[0], found[1], origin.source)
        except ValueError as error:
            yield BadRow(cells.line, "bad_value", str(error))


@lru_cache(maxsize=1)
def _spelled() -> Mapping[tuple[str, str], tuple[str, str]]:
    """Types in small letters -> as ACLED spells them."""
    return {
        (one["event"].lower(), sub.lower()): (one["event"], sub)
        for one in mapping()["read"]
        for sub in one["sub"]
    }


@lru_cache(maxsize=1)
def _read_types() -> Mapping[tuple[str, str], tuple[str, str | None]]:
    return {
        (one["event"].lower(), sub.lower()): (one.get("type", ""), one.get("mode"))
        for one in mapping()["read"]
        for sub in one["sub"]
    }


def _read(cells: Cells, kind: str, mode: str | None, source: str) -> Row:
    def cell(name: str) -> str:
        return known(cells[name], _NOTHING)

    levels: Mapping[str, Granularity] = {"1": "day", "2": "week", "3": "month"}
    resolutions: Mapping[str, Resolution] = {"1": "city", "2": "province", "3": "country"}
    notes: list[str] = []
    inter = [_inter_name(cell(name), name, notes) for name in ("inter1", "inter2")]
    event, sub = _spelled()[cells["event_type"].lower(), cells["sub_event_type"].lower()]
    crowd = _CROWD.search(cell("tags"))
    place_country = checking.country(cell("country"), notes, "country of the place")
    day = _day(cell("event_date"))
    checking.day(str(day), None, notes)
    made = record(
        source=source,
        key=cell("event_id_cnty") or hashlib.sha256(cells.content).hexdigest()[:20],
        event_type=kind,
        mode=mode,
        actors=_parties(cells, "1", inter[0], source, notes),
        recipients=_parties(cells, "2", inter[1], source, notes),
        date=day,
        date_granularity=levels.get(cell("time_precision")),
        place=place(
            cell("location"),
            name=cell("location"),
            country=place_country,
            admin1=cell("admin1"),
            lat=cell("latitude"),
            lon=cell("longitude"),
            resolution=resolutions.get(cell("geo_precision")),
        ),
        killed=whole("fatalities", cell("fatalities")),
        crowd=int(crowd[1].replace(",", "")) if crowd else None,
        outlet=cell("source"),
        sentence=cell("notes"),
        codebook="ACLED",
        rule=MARK + _BETWEEN.join((event, sub, *inter)),
    )
    return Row(cells.line, made, cells.content, tuple(notes))


def _day(text: str) -> dt.date | str:
    for form in _DAYS:
        try:
            return dt.datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return text


def _inter_name(text: str, field: str, notes: list[str]) -> str:
    """A type of actor in words, whether the row has words or a number; 0 is nobody."""
    if text in ("", "0"):
        return ""
    for one in mapping()["inter"]:
        if text.lower() in (one["code"], one["name"].lower()):
            return str(one["name"])
    notes.append(f"{field} {text[:60]!r} is no type of actor of ACLED's and was left out")
    return ""


def _parties(
    cells: Cells, number: str, inter: str, source: str, notes: list[str]
) -> list[dict[str, Any]]:
    main = known(cells[f"actor{number}"], _NOTHING)
    if not main:
        return []
    made = [_party(main, inter, source, notes)]
    others = parts(cells[f"assoc_actor_{number}"], _NOTHING)
    return made + [_party(name, "", source, notes) for name in others if name]


def _party(name: str, inter: str, source: str, notes: list[str]) -> dict[str, Any]:
    sector = next((one.get("sector") for one in mapping()["inter"] if inter == one["name"]), None)
    begins = next((its for its in mapping()["forces"].items() if name.startswith(its[0])), None)
    country = _country(name)
    if begins is not None:
        sector = begins[1]
    elif inter == mapping()["inter"][0]["name"]:
        words = mapping()["force_words"].items()
        sector = next((its for word, its in words if re.search(rf"\b{word}", name, re.I)), None)
        if sector is None and country is None:
            notes.append(f"{name!r} are {inter}: which ones is not known, and the sector is empty")
    within = _WITHIN.search(_YEARS.sub("", name))
    if country is None and (within or begins is not None):
        notes.append(f"the country of {name!r} is not known and was left out")
    return party(name, source=source, name=name, country=country, sector=sector)


def _country(name: str) -> str | None:
    """The country that an actor's name has: in brackets at its end, after an "of", or alone.

    What follows years belongs to a unit: ``Police Forces of Kenya (2022-) Rapid Deployment Unit``.
    """
    within = _WITHIN.search(_YEARS.sub("", name))
    found = _code(within[1]) if within else None
    words = _YEARS.split(name, maxsplit=1)[0].split(" (")[0]
    tail = words
    while found is None:
        found = _code(tail)
        _, mark, tail = tail.partition(" of ")
        if not mark:
            break
    return found


def _code(name: str) -> str | None:
    """The code of a country as ACLED writes it: ``the United States``, ``Burma/Myanmar``."""
    bare = name.strip().removeprefix("the ").removeprefix("The ")
    found = (code_of(one) or cameo.of_country_name(one) for one in (bare, *bare.split("/")))
    return next((code for code in found if code), None)


FORMAT = Format(
    "acled", "ACLED, 31 columns, CSV",
    partial(
        TableWriter, columns=COLUMNS, fill=row, delimiter=",", quoted=True, also=lost,
        # these two are lost of some events only
        lost=[name for name in LOST if name not in ("mode", "rule or model")],
    ),
    read, columns=COLUMNS,
    cannot_hold=(*LOST, "types other than violence, demonstrations, arrests, ceasefires",
        "sectors finer than ACLED's eight kinds of actors", "language"),
    not_read=(
        "disorder_type, interaction, civilian_targeting (they follow from the type and actors)",
        "iso, region, admin2, admin3", "source_scale, timestamp", "tags other than crowd size",
    ),
)  # fmt: skip
