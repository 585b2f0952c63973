"""CAMEO and PLOVER, both ways: event codes, actor codes, countries.

CAMEO codes are strings and keep their zeros. The tables are data (``data/crosswalk``) and have a
version; ``docs/formats.md`` says where they come from and what does not come back. The labels of
other PLOVERs are in :mod:`whowhom.formats.terms`.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Literal

from whowhom.errors import DataError
from whowhom.formats.base import Record

Reason = Literal["statement", "unknown_code", "bad_value", "bad_row", "no_actor"]
"""Why a row of CAMEO's formats is not read: a closed list, explained in ``crosswalk.toml``."""

MARK = "cameo "
"""How ``why.rule`` of an imported event begins; the code follows."""


SEEN = 65_536
"""Cells that are remembered with what they say: files name the same actors again and again."""


@dataclass(frozen=True, slots=True)
class Code:
    """A CAMEO code, with its Goldstein score (-10 to 10) and the PLOVER type that it stands for.

    ``event_type`` is None for statements and appeals, ``goldstein`` None where CAMEO's table of
    scores lacks the code.
    """

    code: str
    title: str
    goldstein: float | None
    event_type: str | None
    mode: str | None
    contexts: tuple[str, ...]

    @property
    def root(self) -> str:
        return self.code[:2]

    @property
    def base(self) -> str:
        """The code of three digits that it belongs to."""
        return self.code[:3]

    @property
    def quad(self) -> int:
        """GDELT's class: 1 verbal cooperation, 2 material, 3 verbal conflict, 4 material."""
        return _classes("quad")[self.root]

    @property
    def penta(self) -> int:
        """Phoenix's class: 0 neutral, 1 verbal cooperation, ..., 4 material conflict."""
        return _classes("penta")[self.root]

    @property
    def score(self) -> float | None:
        """The Goldstein score, of the code above where the table lacks this one."""
        found = self.goldstein
        if found is None and len(self.code) > 2:
            above = codes().get(self.code[:-1])
            found = None if above is None else above.score
        return found


@dataclass(frozen=True, slots=True)
class Actor:
    """What a CAMEO actor code says: a country (or UNO, IGO, ...), sectors, and chunks of three
    letters that are neither."""

    country: str | None
    sectors: tuple[str, ...]
    others: tuple[str, ...]


# ------------------------------------------------------------------- the tables
@cache
def tables() -> Mapping[str, Any]:
    """``crosswalk.toml``: settings of the crosswalk."""
    return tomllib.loads(_text("crosswalk.toml"))


def version() -> str:
    """The version of the crosswalk."""
    return str(tables()["version"])


def _text(name: str) -> str:
    try:
        return (resources.files("whowhom.data") / "crosswalk" / name).read_text("utf-8")
    except FileNotFoundError as error:
        raise DataError(
            "a table is missing", where=f"data/crosswalk/{name}", do="Reinstall."
        ) from error


def _rows(name: str) -> Iterable[dict[str, str]]:
    return csv.DictReader(_text(name).splitlines())


@cache
def codes() -> Mapping[str, Code]:
    """Every CAMEO code: two, three and four digits."""
    return {
        row["code"]: Code(
            row["code"],
            row["title"],
            float(row["goldstein"]) if row["goldstein"] else None,
            row["event_type"] or None,
            row["mode"] or None,
            tuple(context for context in row["contexts"].split(";") if context),
        )
        for row in _rows("cameo.csv")
    }


@cache
def _classes(name: Literal["quad", "penta"]) -> Mapping[str, int]:
    return {root: int(value) for value, roots in tables()[name].items() for root in roots}


@cache
def _by_title() -> Mapping[str, Code]:
    # a root and its general code have one name: the general code is the one that data use
    return {code.title.casefold(): code for code in codes().values()}


@cache
def _choices() -> Mapping[tuple[str, str | None], Mapping[str, str]]:
    """(type, mode) -> context -> code; the context "" is for all others."""
    found: dict[tuple[str, str | None], dict[str, str]] = {}
    for row in _rows("plover.csv"):
        pair = (row["event_type"], row["mode"] or None)
        found.setdefault(pair, {})[row["context"]] = row["code"]
    return found


# ------------------------------------------------------------------ event codes
@lru_cache(SEEN)
def find(text: str, *, title: str = "", root: str = "") -> Code | None:
    """The code of a cell, or None.

    A spreadsheet that took the codes for numbers has lost their zeros: ``40`` was ``040``, and
    ``10`` was ``010`` or the root ``10``. The name of the code or its root in the same row decides.
    """
    text = text.strip().removesuffix(".0")
    whole, padded = codes().get(text), codes().get("0" + text)
    named = _by_title().get(title.strip().casefold())
    if whole is not None and padded is not None:
        roots = {root.strip().removesuffix(".0").zfill(2)} if root.strip() else set()
        return padded if named is padded or padded.root in roots else whole
    return whole or padded or (named if not text else None)


def code_of(
    event_type: str, mode: str | None, contexts: Sequence[str] = (), status: str = "actual"
) -> Code | None:
    """The CAMEO code of a PLOVER type and mode, the closest that one of the contexts allows.

    None where the type is no PLOVER type. A mode that PLOVER does not have for the type is passed
    over. What is planned gets the code of the intent.
    """
    if status == "future":
        intent = tables()["status"]["intents"].get(event_type, "plover")
        if intent != "plover":
            return codes()[intent]
    found = _choices().get((event_type, mode)) or _choices().get((event_type, None))
    if found is None:
        return None
    for context in contexts:
        if context in found:
            return codes()[found[context]]
    return codes()[found[""]]


def choose(record: Record) -> tuple[Code | None, str]:
    """The code that a record is written with; or None, and why it is left out.

    A record that was read from CAMEO and still says what its code says keeps the code.
    """
    status, event_type = record["status"], record["event_type"]
    rule = tables()["status"][status]
    if rule == "leave out":
        return None, f"status {status}: the format lists what happened"
    if rule == "write if dated" and record["date"] is None:
        return None, f"status {status}, without a date of its own"
    if rule == "write if intent" and event_type not in tables()["status"]["intents"]:
        return None, f"status {status}: planned, and no intent that CAMEO has a code for"
    kept = original(record)
    if kept is not None:
        return kept, ""
    code = (status == "future" and _planned(record)) or code_of(
        event_type, record["mode"], record["contexts"], status
    )
    return code, "" if code else "a type of a codebook of one's own"


def _planned(record: Record) -> Code | None:
    """The code of a plan by the frame that found it: AGREE by a frame of CONSULT is 036."""
    found = tables()["status"]["planned"].get((record["why"]["rule"] or "").partition(".")[0])
    if found is None:
        return None
    context = next((name for name in record["contexts"] if name in found), "")
    return codes()[found[context]]


def original(record: Record) -> Code | None:
    """The CAMEO code that an imported record was read from, if it still says the same."""
    rule = record["why"]["rule"] or ""
    code = codes().get(rule.removeprefix(MARK)) if rule.startswith(MARK) else None
    if code is None or record["status"] != "actual":
        return None
    says = (code.event_type, code.mode)
    return code if says == (record["event_type"], record["mode"]) else None


# ------------------------------------------------------------ actors, countries
def territories() -> Iterable[str]:
    """The codes of the table of countries: ISO 3166 alpha-3, areas that belong to a country too."""
    return (row["country"] for row in _rows("countries.csv"))


@cache
def _countries(column: Literal["fips", "icews", "cameo"]) -> Mapping[str, str]:
    """ISO 3166 alpha-3 -> the code or name of another list."""
    return {row["country"]: row[column] for row in _rows("countries.csv") if row[column]}


@cache
def _isos(column: Literal["fips", "icews", "cameo"]) -> Mapping[str, str]:
    found = {name.casefold(): iso for iso, name in _countries(column).items()}
    if column == "cameo":
        found |= {iso.casefold(): iso for iso in _countries("cameo")}
        found |= {name.casefold(): iso for iso, name in _countries("cameo").items()}
        found |= {former.casefold(): former for former in tables()["countries"]["former"]}
    also = tables()["countries"][f"{column}_also"]
    return found | {name.casefold(): iso for name, iso in also.items()}


def fips(country: str | None) -> str:
    """FIPS 10-4 of a country in ISO 3166 alpha-3; "" where there is none."""
    return _countries("fips").get(country or "", "")


def of_fips(code: str) -> str | None:
    """ISO 3166 alpha-3 of a FIPS 10-4 code."""
    return _isos("fips").get(code.strip().casefold())


@cache
def _states() -> Mapping[str, str]:
    return {row["name"].casefold(): row["code"] for row in _rows("us_states.csv")}


def us_state(name: str | None) -> str:
    """The postal code of a state of the United States, "" for all else."""
    return _states().get((name or "").casefold(), "")


def country_name(country: str | None) -> str:
    """ICEWS's name of a country in ISO 3166 alpha-3; "" where there is none."""
    return _countries("icews").get(country or "", "")


def of_country_name(name: str) -> str | None:
    """ISO 3166 alpha-3 of a country by ICEWS's name, or by a name of our own table."""
    key = name.strip().casefold()
    return _isos("icews").get(key) or _own_names().get(key)


@cache
def _own_names() -> Mapping[str, str]:
    table = (resources.files("whowhom.data") / "actors" / "countries.csv").read_text("utf-8")
    found: dict[str, str] = {}
    for row in csv.DictReader(table.splitlines()):
        # the state of today before those of the past with its name
        for name in (row["name"], *row["aliases"].split("|")):
            if name and not row["end"]:
                found.setdefault(name.casefold(), row["country"])
    return found


@cache
def _roles() -> Mapping[str, str]:
    return {row["code"]: row["sector"] for row in _rows("roles.csv")}


@cache
def _sectors(column: Literal["cameo", "icews"]) -> Mapping[str, str]:
    return {row["sector"]: row[column] for row in _rows("sectors.csv") if row[column]}


def role_of(sector: str | None) -> str:
    """The CAMEO role of a PLOVER sector, "" where it has none. JRN (media) is CAMEO's MED, and
    MED (medical) its HLH."""
    return _sectors("cameo").get(sector or "", "")


def sector_of(role: str) -> str | None:
    """The PLOVER sector of a CAMEO role. CAMEO's MED is media: JRN."""
    return _roles().get(role)


def icews_sectors(sector: str | None) -> str:
    """ICEWS's sector list of a PLOVER sector."""
    return _sectors("icews").get(sector or "", "").replace(";", ",")


@cache
def _icews() -> Mapping[str, tuple[str, int, str]]:
    return {
        row["name"].casefold(): (row["sector"], int(row["rank"]), row["parent"].casefold())
        for row in _rows("icews.csv")
    }


@lru_cache(SEEN)
def of_icews_sectors(cell: str) -> Actor:
    """What a sector list of ICEWS says, the most telling sector first.

    The order of the list does not matter, for it varies. A sector that holds others (Government,
    Social, Dissident) counts where none of those is in the list.
    """
    names = sorted({name.strip() for name in cell.split(",")} - {""})
    known = {name.casefold(): _icews()[name.casefold()] for name in names
             if name.casefold() in _icews()}  # fmt: skip
    holders = {parent for _, _, parent in known.values()}
    ranked = sorted(
        (rank, sector) for name, (sector, rank, _) in known.items() if name not in holders
    )
    bodies = tables()["icews_organisations"]
    country = next((code for name, code in bodies.items() if name in names), None)
    unknown = tuple(name for name in names if name.casefold() not in known)
    return Actor(country, tuple(dict.fromkeys(sector for _, sector in ranked)), unknown)


def chunks(code: str) -> list[str]:
    """A CAMEO actor code in its parts of three letters."""
    code = code.strip()
    return [code[i : i + 3] for i in range(0, len(code), 3)]


def of_country(code: str) -> str | None:
    """ISO 3166 alpha-3 of a country code of CAMEO; None for areas such as EUR (Europe)."""
    if code in tables()["countries"]["areas"]:
        return None
    return _isos("cameo").get(code.casefold())


@lru_cache(SEEN)
def read_actor(code: str) -> Actor:
    """What an actor code such as ``USAGOVMIL`` or ``IGOUNO`` says."""
    country: str | None = None
    sectors: list[str] = []
    others: list[str] = []
    settings = tables()
    for place, chunk in enumerate(chunks(code)):
        group = settings["groups_read"].get(chunk)
        body = settings["organisations_read"].get(chunk)
        if place == 0 and of_country(chunk):
            country = of_country(chunk)
        elif group and (country is None or country == "IGO"):
            country = group
        elif body and country is None:
            country = body
        elif chunk in _roles():
            sectors.append(_roles()[chunk])
        else:
            others.append(chunk)
    return Actor(country, tuple(dict.fromkeys(sectors)), tuple(others))


def actor_parts(party: Record) -> tuple[str, str, str]:
    """Country or body, known group and roles of a party, as CAMEO spells them.

    The first is the code of CAMEO's country list, or such a code as ``IGOUNO``; roles are parts of
    three letters in a row, the party's own sector first. All are "" where nothing is known.
    """
    body = tables()["organisations"].get(party["country"] or "")
    if body:
        place, group = body["code"], body["group"]
    else:
        place, group = _countries("cameo").get(party["country"] or "", party["country"] or ""), ""
    roles = [role_of(sector) for sector in (party["sector"], *party["other_sectors"])]
    return place, group, "".join(dict.fromkeys(role for role in roles if role))


def write_actor(party: Record) -> str:
    """The CAMEO actor code of a party, "" where neither country nor sector is known."""
    place, _, roles = actor_parts(party)
    return place + roles


def of_body_name(name: str) -> str | None:
    """UNO, EUR, IGO, ... for a body that the actor tables know by name: ``UN Security Council``."""
    return _bodies().get(name.strip().casefold())


@cache
def _bodies() -> Mapping[str, str]:
    table = (resources.files("whowhom.data") / "actors" / "organisations.csv").read_text("utf-8")
    codes_ = set(tables()["organisations"])
    found: dict[str, str] = {}
    for row in csv.DictReader(table.splitlines()):
        if row["country"] in codes_:
            for name in (row["name"], *row["aliases"].split("|")):
                # initials stand for several things: only names of several words, or the first name
                if name and (" " in name or name == row["name"]):
                    found.setdefault(name.casefold(), row["country"])
    return found
