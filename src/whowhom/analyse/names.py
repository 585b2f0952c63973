"""What a party's key is called: ``KEN REB`` is "Kenya, rebels"."""

from __future__ import annotations

import csv
import datetime as dt
import tomllib
from collections import Counter
from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whowhom.store import Store

_DATA = files("whowhom.data")


@lru_cache(maxsize=1)
def sectors() -> Mapping[str, str]:
    """PLOVER's sectors and what they are called."""
    return dict(_words()["sectors"])


ERA: ContextVar[dt.date | None] = ContextVar("era", default=None)
"""The day whose names are used: a corpus of 1962 has the Soviet Union, not Russia."""


def use_era_of(store: Store) -> None:
    """Call states what they were called when the last document of a store was published."""
    row = store.sql("select max(published) from documents").fetchone()
    ERA.set(row[0] if row else None)


def countries() -> Mapping[str, str]:
    """Codes of countries, and of bodies that stand in their place, and what they are called.

    Where a code has had several states, the name is that of the era (:data:`ERA`), else the
    first of the table: the present one.
    """
    return _countries(ERA.get())


@lru_cache(maxsize=8)
def _countries(day: dt.date | None) -> Mapping[str, str]:
    found: dict[str, str] = dict(_words()["bodies"])
    if day is not None:
        gone = [
            row
            for row in _rows()
            if row["end"] and (row["start"] or "") <= day.isoformat() < row["end"]
        ]
        several = Counter(row["country"] for row in gone)  # two Germanies: neither name will do
        found |= {row["country"]: row["name"] for row in gone if several[row["country"]] == 1}
    for row in _rows():
        found.setdefault(row["country"], row["name"])
    return found


def label(key: str) -> str:
    """A key in words; what is not known stays a code.

    >>> label("KEN"), label("KEN REB"), label("KEN *"), label("")
    ('Kenya', 'Kenya, rebels', 'Kenya, all parties', 'not resolved')
    """
    if not key:
        return "not resolved"
    country, _, sector = key.partition(" ")
    name = countries().get(country, country)
    if not sector:
        return name
    return f"{name}, {'all parties' if sector == '*' else sectors().get(sector, sector)}"


def code_of(name: str) -> str | None:
    """The code of a country or body that is called so, None where nothing is.

    >>> code_of("kenya"), code_of("USSR"), code_of("nowhere")
    ('KEN', 'RUS', None)
    """
    folded = " ".join(name.split()).casefold()
    return _codes().get(folded)


@lru_cache(maxsize=1)
def _codes() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for row in _rows():
        for name in (row["name"], *row["aliases"].split("|")):
            if name:
                found.setdefault(name.casefold(), row["country"])
    for code, name in _words()["bodies"].items():
        found.setdefault(name.casefold(), code)
    # a code is no name of another: "RS" is an alias, "SRB" is a code
    for code in countries():
        found.pop(code.casefold(), None)
    return found


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((_DATA / "analyse" / "names.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _rows() -> tuple[Mapping[str, str], ...]:
    text = (_DATA / "actors" / "countries.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
