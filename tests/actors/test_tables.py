# ruff: noqa: SIM905  (code tables read better as words in a row)
"""The actor tables: their form, facts that must hold, and how much they cover."""

from __future__ import annotations

import calendar
import csv
import datetime as dt
import itertools
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import whowhom

DATA = Path(whowhom.__file__).parent / "data" / "actors"
GROUPS = {"UNO", "EUR", "IGO", "NGO", "IMG", "ISM", "MNC"}
SECTORS = set(
    "GOV LEG JUD MIL COP SPY OPP PTY REB PRM CRM CVL BUS JRN EDU MED LAB REL SOC AGR REF "
    "ELI".split()
)
KINDS = set(
    "igo bloc armed_group party ngo company agency military police intelligence legislature court "
    "ministry media movement church union".split()
)
HEADERS = {
    "countries.csv": "country name aliases demonyms capital capital_aliases start end",
    "people.csv": "name aliases surname country sector office start end wikidata source",
    "organisations.csv": "name aliases country sector other_sectors members kind start end "
    "wikidata source",
}
TABLES = sorted(HEADERS)


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))


@cache
def codes() -> frozenset[str]:
    return frozenset(r["country"] for r in table("countries.csv"))


def first_day(text: str) -> dt.date:
    year, month, day = [*(int(p) for p in text.split("-")), 1, 1][:3]
    return dt.date(year, month, day)


def last_day(text: str) -> dt.date:
    parts = [int(p) for p in text.split("-")]
    year = parts[0]
    month = parts[1] if len(parts) > 1 else 12
    day = parts[2] if len(parts) > 2 else calendar.monthrange(year, month)[1]
    return dt.date(year, month, day)


@dataclass(frozen=True)
class Fault:
    line: int
    what: str
    row: str


def faults(name: str, check: object) -> list[Fault]:
    assert callable(check)
    found = []
    for line, row in enumerate(table(name), 2):
        what = check(row)
        if what:
            found.append(Fault(line, what, row["name"]))
    return found


# ------------------------------------------------------------------------------------ form
@pytest.mark.parametrize("name", TABLES)
def test_header_is_as_agreed(name: str) -> None:
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        assert next(csv.reader(stream)) == HEADERS[name].split()


@pytest.mark.parametrize("name", TABLES)
def test_every_row_is_whole(name: str) -> None:
    width = len(HEADERS[name].split())
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        short = [n for n, row in enumerate(csv.reader(stream), 1) if len(row) != width]
    assert not short


@pytest.mark.parametrize("name", TABLES)
def test_no_stray_blanks_or_empty_parts(name: str) -> None:
    def check(row: dict[str, str]) -> str:
        for field, cell in row.items():
            parts = cell.split("|") if cell else []
            if any(p != p.strip() or not p or "  " in p for p in parts):
                return f"{field}: {cell!r}"
            if not cell.isprintable():
                return f"{field}: hidden characters"
        return "" if row["name"] else "no name"

    assert not faults(name, check)


@pytest.mark.parametrize("name", TABLES)
def test_dates_parse_and_are_in_order(name: str) -> None:
    def check(row: dict[str, str]) -> str:
        for field in ("start", "end"):
            if row[field] and not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", row[field]):
                return f"{field}: {row[field]}"
        if row["start"] and row["end"] and first_day(row["start"]) > last_day(row["end"]):
            return "ends before it starts"
        for field in ("start", "end"):
            if row[field]:
                first_day(row[field])
        return ""

    assert not faults(name, check)


@pytest.mark.parametrize("name", TABLES)
def test_no_row_stands_twice(name: str) -> None:
    keys = Counter(
        tuple(
            row.get(f, "") for f in ("country", "name", "office", "sector", "kind", "start", "end")
        )
        for row in table(name)
    )
    assert not [k for k, n in keys.items() if n > 1]


@pytest.mark.parametrize("name", TABLES)
def test_aliases_do_not_repeat(name: str) -> None:
    def check(row: dict[str, str]) -> str:
        aliases = [a for a in row["aliases"].split("|") if a]
        if len(aliases) != len(set(aliases)) or row["name"] in aliases:
            return row["aliases"]
        return ""

    assert not faults(name, check)


def test_country_codes_are_codes() -> None:
    assert not [c for c in codes() if not re.fullmatch(r"[A-Z]{3}", c)]
    assert {"KOS", "PSE", "HKG", "TWN", "ESH", "VAT"} <= codes()
    assert not codes() & GROUPS


@pytest.mark.parametrize("name", ["people.csv", "organisations.csv"])
def test_rows_use_known_countries_and_sectors(name: str) -> None:
    def check(row: dict[str, str]) -> str:
        if row["country"] not in codes() | GROUPS:
            return f"country {row['country']!r}"
        sectors = [row["sector"], *row.get("other_sectors", "").split("|")]
        if any(s and s not in SECTORS for s in sectors):
            return f"sectors {sectors}"
        if row["wikidata"] and not re.fullmatch(r"Q\d+", row["wikidata"]):
            return f"wikidata {row['wikidata']}"
        return "" if row["source"] else "no source"

    assert not faults(name, check)


def test_people_have_a_surname_and_a_sector() -> None:
    assert not faults("people.csv", lambda r: "" if r["surname"] and r["sector"] else "missing")


def test_former_holders_are_no_rows() -> None:
    assert "ELI" not in {r["sector"] for r in table("people.csv")}


def test_organisations_have_kinds_and_members_have_codes() -> None:
    def check(row: dict[str, str]) -> str:
        if row["kind"] not in KINDS:
            return f"kind {row['kind']!r}"
        strangers = set(row["members"].split("|")) - codes() - {""}
        return f"members {strangers}" if strangers else ""

    assert not faults("organisations.csv", check)


def test_terms_of_one_person_in_one_office_do_not_overlap() -> None:
    terms: dict[tuple[str, str, str], list[tuple[dt.date, dt.date]]] = {}
    for row in table("people.csv"):
        if row["source"] != "editors" or not row["start"]:
            continue
        end = last_day(row["end"]) if row["end"] else dt.date.max
        terms.setdefault((row["country"], row["name"], row["office"]), []).append(
            (first_day(row["start"]), end)
        )
    bad = []
    for key, spans in terms.items():
        spans.sort()
        bad += [key for a, b in itertools.pairwise(spans) if a[1] > b[0]]
    assert not bad


# ----------------------------------------------------------------------------------- facts
@cache
def by_office() -> dict[tuple[str, str], list[dict[str, str]]]:
    rows: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in table("people.csv"):
        if row["start"]:
            rows.setdefault((row["country"], row["office"]), []).append(row)
    return rows


def in_office(row: dict[str, str], when: dt.date) -> bool:
    end = last_day(row["end"]) if row["end"] else dt.date.max
    return first_day(row["start"]) <= when <= end


def holders(country: str, office: str, day: str) -> set[str]:
    """Surnames of those who hold the office that day, by rows with a known start."""
    when = dt.date.fromisoformat(day)
    rows = by_office().get((country, office), [])
    return {r["surname"] for r in rows if in_office(r, when)}


@pytest.mark.parametrize(
    ("country", "office", "day", "surname"),
    [
        ("USA", "secretary of state", "2015-10-23", "Kerry"),
        ("USA", "chairman of the joint chiefs of staff", "2015-10-23", "Dunford"),
        ("USA", "defense secretary", "2015-10-23", "Carter"),
        ("USA", "president", "1962-10-22", "Kennedy"),
        ("USA", "secretary of state", "1962-10-22", "Rusk"),
        ("USA", "defense secretary", "1962-10-22", "McNamara"),
        ("USA", "ambassador to the United Nations", "1962-10-25", "Stevenson"),
        ("USA", "chairman of the joint chiefs of staff", "1962-10-25", "Taylor"),
        ("USA", "vice president", "1999-05-01", "Gore"),
        ("USA", "president", "2026-06-01", "Trump"),
        ("USA", "speaker of the House", "1997-02-02", "Gingrich"),
        ("RUS", "premier", "1962-10-25", "Khrushchev"),
        ("RUS", "foreign minister", "1962-10-25", "Gromyko"),
        ("RUS", "defence minister", "1962-10-25", "Malinovsky"),
        ("RUS", "ambassador to the United States", "1962-10-23", "Dobrynin"),
        ("RUS", "ambassador to the United Nations", "1962-10-25", "Zorin"),
        ("RUS", "president", "2022-02-24", "Putin"),
        ("RUS", "prime minister", "2010-01-01", "Putin"),
        ("CUB", "prime minister", "1962-10-25", "Castro"),
        ("CUB", "president", "1962-10-25", "Dorticós"),
        ("CUB", "foreign minister", "1962-10-25", "Roa"),
        ("UNO", "UN secretary-general", "1962-10-25", "Thant"),
        ("UNO", "UN secretary-general", "2015-10-23", "Ban"),
        ("GBR", "prime minister", "1962-10-25", "Macmillan"),
        ("GBR", "prime minister", "1985-06-01", "Thatcher"),
        ("GBR", "prime minister", "2026-08-01", "Burnham"),
        ("FRA", "president", "1962-10-25", "de Gaulle"),
        ("FRA", "president", "2019-01-01", "Macron"),
        ("DEU", "chancellor", "1962-10-25", "Adenauer"),
        ("DEU", "chancellor", "2015-10-23", "Merkel"),
        ("JOR", "king", "2015-10-24", "Abdullah"),
        ("JOR", "king", "1975-01-01", "Hussein"),
        ("PSE", "president", "2015-10-24", "Abbas"),
        ("ISR", "prime minister", "2015-10-22", "Netanyahu"),
        ("ISR", "prime minister", "1993-09-13", "Rabin"),
        ("SYR", "president", "2015-10-21", "Assad"),
        ("SYR", "president", "2025-06-01", "Sharaa"),
        ("CAN", "prime minister", "2016-03-10", "Trudeau"),
        ("CAN", "prime minister", "1995-03-10", "Chrétien"),
        ("CHN", "president", "2016-03-10", "Xi"),
        ("JPN", "prime minister", "2003-05-05", "Koizumi"),
        ("IND", "prime minister", "1984-06-05", "Gandhi"),
        ("IND", "prime minister", "2020-06-15", "Modi"),
        ("PAK", "prime minister", "1989-06-15", "Bhutto"),
        ("AFG", "president", "2012-06-15", "Karzai"),
        ("IRN", "president", "2000-06-15", "Khatami"),
        ("IRN", "supreme leader", "1985-06-15", "Khomeini"),
        ("IRQ", "president", "1990-08-02", "Saddam"),
        ("TUR", "president", "2020-01-01", "Erdoğan"),
        ("SAU", "king", "2018-10-02", "Salman"),
        ("SAU", "foreign minister", "2015-10-23", "Jubeir"),
        ("EGY", "president", "1978-09-17", "Sadat"),
        ("EGY", "president", "2012-12-01", "Morsi"),
        ("LBY", "leader", "1986-04-15", "Gaddafi"),
        ("YEM", "president", "1995-01-01", "Saleh"),
        ("UKR", "president", "2022-02-24", "Zelensky"),
        ("BLR", "president", "2021-05-23", "Lukashenko"),
        ("POL", "president", "1993-01-01", "Wałęsa"),
        ("HUN", "prime minister", "2015-01-01", "Orbán"),
        ("ITA", "prime minister", "2005-01-01", "Berlusconi"),
        ("ESP", "prime minister", "2004-06-01", "Zapatero"),
        ("BRA", "president", "2005-01-01", "Lula"),
        ("ARG", "president", "1982-05-01", "Galtieri"),
        ("CHL", "president", "1980-05-01", "Pinochet"),
        ("VEN", "president", "2005-05-01", "Chávez"),
        ("COL", "president", "2005-05-01", "Uribe"),
        ("MEX", "president", "2020-05-01", "López Obrador"),
        ("ZAF", "president", "1995-05-01", "Mandela"),
        ("NGA", "president", "2014-05-01", "Jonathan"),
        ("KEN", "president", "2008-01-15", "Kibaki"),
        ("ETH", "prime minister", "2020-11-15", "Abiy"),
        ("SDN", "president", "2004-01-15", "Bashir"),
        ("ZWE", "president", "2008-01-15", "Mugabe"),
        ("COD", "president", "1990-01-15", "Mobutu"),
        ("IDN", "president", "1998-01-15", "Suharto"),
        ("PHL", "president", "2017-01-15", "Duterte"),
        ("KOR", "president", "2000-06-15", "Kim"),
        ("PRK", "supreme leader", "2018-06-12", "Kim"),
        ("AUS", "prime minister", "2001-11-10", "Howard"),
        ("NZL", "prime minister", "2019-03-15", "Ardern"),
        ("IGO", "NATO secretary general", "2020-03-15", "Stoltenberg"),
        ("EUR", "president of the European Commission", "2010-03-15", "Barroso"),
        ("VAT", "pope", "1985-03-15", "John Paul"),
    ],
)
def test_who_held_an_office(country: str, office: str, day: str, surname: str) -> None:
    assert surname in holders(country, office, day)


@pytest.mark.parametrize(
    ("country", "office", "day"),
    [
        ("USA", "president", "2015-10-23"),
        ("USA", "secretary of state", "2015-10-23"),
        ("RUS", "president", "2015-10-23"),
        ("DEU", "chancellor", "2015-10-23"),
        ("GBR", "prime minister", "2015-10-23"),
        ("ISR", "prime minister", "2015-10-23"),
        ("IND", "prime minister", "1984-06-05"),
        ("JPN", "prime minister", "2003-05-05"),
        ("ZAF", "president", "2012-05-05"),
        ("BRA", "president", "2020-05-05"),
    ],
)
def test_one_person_at_a_time(country: str, office: str, day: str) -> None:
    assert len(holders(country, office, day)) == 1


def organisations(name: str) -> list[dict[str, str]]:
    return [r for r in table("organisations.csv") if name in (r["name"], *r["aliases"].split("|"))]


@pytest.mark.parametrize(
    ("name", "country", "sector"),
    [
        ("Pentagon", "USA", "GOV"),
        ("Kremlin", "RUS", "GOV"),
        ("IDF", "ISR", "MIL"),
        ("FBI", "USA", "COP"),
        ("CIA", "USA", "SPY"),
        ("Hamas", "PSE", "REB"),
        ("Hezbollah", "LBN", "REB"),
        ("ISIS", "IMG", "REB"),
        ("al-Qaida", "IMG", "REB"),
        ("Knesset", "ISR", "LEG"),
        ("African National Congress", "ZAF", "PTY"),
        ("Reuters", "GBR", "JRN"),
        ("Scotland Yard", "GBR", "COP"),
        ("UN", "UNO", ""),
        ("Amnesty International", "NGO", "CVL"),
        ("AFL-CIO", "USA", "LAB"),
        ("Gazprom", "RUS", "BUS"),
        ("Yellow Vests", "FRA", "SOC"),
    ],
)
def test_what_an_organisation_is(name: str, country: str, sector: str) -> None:
    assert (country, sector) in {(r["country"], r["sector"]) for r in organisations(name)}


def test_the_taliban_are_rebels_then_rulers() -> None:
    def sectors(day: str) -> set[str]:
        when = dt.date.fromisoformat(day)
        return {
            r["sector"]
            for r in organisations("Taliban")
            if first_day(r["start"]) <= when <= (last_day(r["end"]) if r["end"] else dt.date.max)
        }

    assert sectors("1999-01-01") == {"GOV"}
    assert sectors("2010-01-01") == {"REB"}
    assert sectors("2023-01-01") == {"GOV"}


def test_blocs_have_members() -> None:
    assert len(organisations("NATO")[0]["members"].split("|")) == 32
    assert len(organisations("G7")[0]["members"].split("|")) == 7
    assert "SAU" in organisations("Gulf states")[0]["members"]
    lengths = sorted(len(r["members"].split("|")) for r in organisations("EU"))
    assert lengths == [27, 28]


def names_of(code: str) -> set[str]:
    rows = [r for r in table("countries.csv") if r["country"] == code]
    return {n for r in rows for n in (r["name"], *r["aliases"].split("|"))}


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("USA", "U.S."), ("GBR", "Britain"), ("COD", "DR Congo"), ("CIV", "Côte d'Ivoire"),
        ("RUS", "Soviet Union"), ("CZE", "Czechoslovakia"), ("COD", "Zaire"), ("MMR", "Burma"),
        ("PSE", "Gaza"), ("USA", "Puerto Rico"), ("DNK", "Greenland"), ("TUR", "Türkiye"),
        ("GEO", "Abkhazia"), ("MDA", "Transnistria"), ("SWZ", "Swaziland"), ("LKA", "Ceylon"),
    ],
)  # fmt: skip
def test_names_of_countries(code: str, name: str) -> None:
    assert name in names_of(code)


def test_a_name_belongs_to_one_country() -> None:
    owners: dict[str, set[str]] = {}
    for row in table("countries.csv"):
        for name in (row["name"], *row["aliases"].split("|")):
            owners.setdefault(name, set()).add(row["country"])
    owners.pop("", None)
    assert not {n: c for n, c in owners.items() if len(c) > 1}


# -------------------------------------------------------------------------------- coverage
def test_coverage_of_the_tables() -> None:
    assert len(table("countries.csv")) >= 300
    assert len(codes()) >= 199
    people = table("people.csv")
    assert sum(bool(r["start"] or r["end"]) for r in people) >= 12_000
    assert sum(r["source"] == "editors" for r in people) >= 2_400
    assert sum(bool(r["wikidata"]) for r in people) >= 400
    assert len({r["country"] for r in people} & codes()) >= 190
    kinds = Counter(r["kind"] for r in table("organisations.csv"))
    assert sum(kinds.values()) >= 2_300
    floors = {"igo": 140, "bloc": 70, "armed_group": 340, "party": 390, "ngo": 130, "media": 230,
              "company": 240, "union": 70, "church": 45, "movement": 60, "military": 120,
              "police": 65, "legislature": 95, "court": 40, "intelligence": 60, "ministry": 40,
              "agency": 100}  # fmt: skip
    assert {k: n for k, n in floors.items() if kinds[k] < n} == {}


def test_most_states_have_a_head_today_and_in_2000() -> None:
    """Some head or prime minister in office: a floor that may only rise."""
    heads = {
        "president", "prime minister", "premier", "king", "queen", "emperor", "emir", "sultan",
        "prince", "chancellor", "supreme leader", "leader", "", "grand duke", "head of state",
    }  # fmt: skip
    for day, floor in (("2000-06-15", 192), ("2020-06-15", 190), ("2026-08-15", 190)):
        when = dt.date.fromisoformat(day)
        covered = {
            r["country"]
            for r in table("people.csv")
            if r["office"] in heads
            and r["start"]
            and first_day(r["start"]) <= when <= (last_day(r["end"]) if r["end"] else dt.date.max)
        }
        assert len(covered & codes()) >= floor, (day, sorted(codes() - covered))
