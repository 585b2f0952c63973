"""The gazetteer: a compact table of places, looked up by folded name."""

from __future__ import annotations

import csv
import hashlib
import io
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np

from ..errors import DataError

KINDS = (
    "country", "admin1", "county", "city", "region", "continent", "water", "river", "island",
    "mountain",
)  # fmt: skip
_ARRAYS = {
    "kind", "country", "admin", "lat", "lon", "population", "geonameid", "names", "keys",
    "counts", "postings", "countries", "admins",
    "capitals",
}  # fmt: skip
_DROPPED = str.maketrans("", "", "'’‘`ʻʼ.")
_BLANKS = str.maketrans("-–", "  ")


@lru_cache(maxsize=20_000)
def fold(name: str) -> str:
    """The key of a name: no case, marks, apostrophes or full stops; hyphens are blanks."""
    if not name.isascii():
        name = unicodedata.normalize("NFKD", name)
        name = "".join(c for c in name if not unicodedata.combining(c))
    return " ".join(name.casefold().translate(_BLANKS).translate(_DROPPED).split())


@dataclass(frozen=True, slots=True)
class Entry:
    """One place of the table."""

    row: int
    kind: str  # one of KINDS
    name: str
    iso2: str  # "" where it lies in no one country
    country: str | None  # ISO 3166 alpha-3
    code: str  # GeoNames code of the first-level division, "JO.09"; "" where none
    admin1: str | None  # its name, where known
    lat: float
    lon: float
    population: int
    geonameid: int | None
    weak: bool  # found by an alternate name of a city
    capital: bool = False  # of its country


class Gazetteer:
    """Places by name. Loading takes some tens of milliseconds and about 15 MB."""

    def __init__(self, arrays: dict[str, Any], demonyms: dict[str, str]) -> None:
        self._a = arrays
        self._keys = arrays["keys"].tobytes()
        self._key_start = _starts(arrays["keys"])
        self._names = arrays["names"].tobytes()
        self._name_start = _starts(arrays["names"])
        self._first = np.concatenate(([0], np.cumsum(arrays["counts"], dtype=np.int64)))
        self._countries = [("", None), *_pairs(arrays["countries"])]
        self._admins = [("", None), *_pairs(arrays["admins"])]
        self._capitals = frozenset(arrays["capitals"].tolist())
        self._memo: dict[str, tuple[Entry, ...]] = {}
        self.demonyms = demonyms  # folded demonym -> ISO 3166 alpha-2, or the name of an area
        self.country_rows = {
            self._countries[int(arrays["country"][row])][0]: int(row)
            for row in np.flatnonzero(arrays["kind"] == 0)
        }
        self.state_rows = {
            self._admins[int(arrays["admin"][row])][0]: int(row)
            for row in np.flatnonzero(arrays["kind"] == 1)[::-1]
        }

    @classmethod
    def load(cls) -> Gazetteer:
        """The gazetteer that comes with the package.

        Raises:
            DataError: the table is missing or is not the one that was shipped.
        """
        folder = resources.files("whowhom.data").joinpath("places")
        try:
            packed = folder.joinpath("places.npz").read_bytes()
            expected = folder.joinpath("places.sha256").read_text(encoding="ascii").split()[0]
            table = folder.joinpath("demonyms.csv").read_text(encoding="utf-8")
        except (OSError, IndexError, UnicodeDecodeError) as error:
            raise DataError(
                f"the gazetteer cannot be read ({error})",
                where="whowhom/data/places",
                do="Install whowhom again.",
            ) from error
        return cls.from_bytes(packed, expected, table)

    @classmethod
    def from_bytes(cls, packed: bytes, expected: str, demonym_table: str) -> Gazetteer:
        """A gazetteer from the packed table, whose SHA-256 must be ``expected``."""
        found = hashlib.sha256(packed).hexdigest()
        if found != expected:
            raise DataError(
                f"the gazetteer is not the one that was shipped (SHA-256 {found[:12]}..., "
                f"not {expected[:12]}...)",
                where="whowhom/data/places/places.npz",
                do="Install whowhom again.",
            )
        with np.load(io.BytesIO(packed), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        missing = sorted(_ARRAYS - set(arrays))
        if missing:
            raise DataError(
                f"the gazetteer lacks {', '.join(missing)}",
                where="whowhom/data/places/places.npz",
                do="Make it again with training/build_places.py.",
            )
        demonyms = {
            fold(word.replace("_", " ")): row["country"]
            for row in csv.DictReader(io.StringIO(demonym_table))
            for word in row["demonyms"].split()
        }
        return cls(arrays, demonyms)

    def __len__(self) -> int:
        return len(self._a["kind"])

    def home_of(self, demonym: str) -> Entry | None:
        """The country or area whose people or things a demonym names."""
        home = self.demonyms.get(fold(demonym))
        if home is None:
            return None
        row = self.country_rows.get(home)
        if row is not None:
            return self.entry(row)
        areas = [e for e in self.lookup(home) if e.kind != "city"]
        return min(areas, key=lambda e: KINDS.index(e.kind), default=None)

    def lookup(self, name: str) -> tuple[Entry, ...]:
        """The places of that name, in any spelling of case and marks."""
        key = fold(name)
        known = self._memo.get(key)
        if known is None:
            known = self._search(key)
            if len(self._memo) > 50_000:  # a bound on memory for long runs
                self._memo.clear()
            self._memo[key] = known
        return known

    def _search(self, key: str) -> tuple[Entry, ...]:
        wanted = key.encode("utf-8", "surrogatepass")
        starts, keys = self._key_start, self._keys
        low, high = 0, len(starts) - 2
        while low <= high:
            middle = (low + high) // 2
            found = keys[starts[middle] : starts[middle + 1] - 1]
            if found == wanted:
                span = self._a["postings"][self._first[middle] : self._first[middle + 1]]
                return tuple(self.entry(int(p) >> 1, bool(int(p) & 1)) for p in span)
            if found < wanted:
                low = middle + 1
            else:
                high = middle - 1
        return ()

    def entry(self, row: int, weak: bool = False) -> Entry:
        """A place by its row."""
        a = self._a
        iso2, country = self._countries[int(a["country"][row])]
        code, admin1 = self._admins[int(a["admin"][row])]
        start, end = self._name_start[row], self._name_start[row + 1] - 1
        return Entry(
            row=row,
            kind=KINDS[int(a["kind"][row])],
            name=self._names[start:end].decode("utf-8"),
            iso2=iso2,
            country=country or None,
            code=code,
            admin1=admin1 or None,
            lat=int(a["lat"][row]) / 10_000,
            lon=int(a["lon"][row]) / 10_000,
            population=int(a["population"][row]),
            geonameid=int(a["geonameid"][row]) or None,
            weak=weak,
            capital=row in self._capitals,
        )


def _starts(blob: Any) -> Any:
    """Offsets of the lines of a blob, and one past its end plus one."""
    breaks = np.flatnonzero(blob == 10) + 1
    return [0, *breaks.tolist(), len(blob) + 1]


def _pairs(blob: Any) -> list[tuple[str, str]]:
    pairs = []
    for line in blob.tobytes().decode("utf-8").split("\n"):
        left, _, right = line.partition("\t")
        pairs.append((left, right))
    return pairs
