"""Codes, scores and days of a foreign row, checked: what is none of PLOVER's gets a note.

A code that is not known is not put into a field of codes. What is odd but can be right stays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache

import tomli

from whowhom.analyse.names import code_of, countries
from whowhom.codebook.loading import load, shipped_folder
from whowhom.formats import cameo
from whowhom.formats.imported import OWN_TYPES
from whowhom.formats.terms import contexts as spelled
from whowhom.model import SECTORS
from whowhom.settings import IMPORT


def country(text: str, notes: list[str], field: str = "country") -> str | None:
    """The code of a country or body, written as a code or a name; else None and a note."""
    if not text:
        return None
    if text in codes():
        return text
    found = code_of(text) or cameo.of_country_name(text)
    if found is None and text.upper() in codes():
        found = text.upper()
    if found is None:
        notes.append(f"the {field} {text[:60]!r} is not known and was left out")
    return found


@lru_cache(maxsize=1)
def codes() -> frozenset[str]:
    """Codes of countries, of bodies in their place, and of areas that belong to a country (PRI)."""
    return frozenset((*countries(), *cameo.territories()))


def sector(text: str | None, notes: list[str], field: str = "sector") -> str | None:
    """A sector of PLOVER's, else None and a note."""
    if not text:
        return None
    if text.upper() in SECTORS:
        return text.upper()
    notes.append(f"the {field} {text[:60]!r} is none of PLOVER's and was left out")
    return None


def sectors(names: Iterable[str], notes: list[str], but: str | None = None) -> list[str]:
    """Sectors of PLOVER's, each once, without ``but``."""
    found = (sector(name.strip(), notes) for name in names)
    return [one for one in dict.fromkeys(found) if one and one != but]


def contexts(names: Iterable[str], notes: list[str]) -> list[str]:
    """Contexts in PLOVER's spelling; those that PLOVER lacks are left out, with a note."""
    found = spelled(names)
    odd = [name for name in found if name not in _contexts()]
    if odd:
        notes.append(f"contexts that are none of PLOVER's were left out: {', '.join(odd)[:120]}")
    return [name for name in found if name in _contexts()]


@lru_cache(maxsize=1)
def _contexts() -> frozenset[str]:
    header = tomli.loads((shipped_folder() / "codebook.toml").read_text("utf-8"))
    return frozenset(header["contexts"])


def mode(event_type: str, name: str | None, notes: list[str]) -> None:
    """Note a mode that is none of the type's; it stays, for data sets have modes of their own.

    So does a type that PLOVER lacks and the store has.
    """
    kind = load().types.get(event_type)
    if kind is None and event_type in OWN_TYPES.get():
        notes.append(f"event type {event_type} is none of PLOVER's; the store has it, and it stays")
    if kind is not None and name and name not in kind.modes:
        notes.append(f"mode {name[:60]!r} is none of PLOVER's for {event_type}; it stays")


def score(
    value: float | None, event_type: str, mode: str | None, notes: list[str], field: str
) -> float | None:
    """A score on PLOVER's scale, -10 to 10.

    Outside it is left out, and the codebook's stands in its place; one whose sign is the other of
    the codebook's stays. Both get a note.
    """
    if value is None:
        return None
    if abs(value) > IMPORT.most_score:
        notes.append(
            f"{field} {value:g} is outside of PLOVER's scale and was left out; the score is that "
            "of the type"
        )
        return None
    kind = load().types.get(event_type)
    usual = None if kind is None else kind.score_of(mode)
    if usual is not None and value * usual < 0:
        notes.append(
            f"{field} {value:g} has another sign than {event_type} has ({usual:g}); it stays"
        )
    return value


def day(text: str | None, published: str | None, notes: list[str]) -> None:
    """Note a day that lies after its report, or where the report has none, after today."""
    try:
        when = dt.date.fromisoformat(text or "")
        last = dt.date.fromisoformat(published) if published else dt.date.today()  # noqa: DTZ011
    except ValueError:
        return  # who makes the record says so
    if when - last > dt.timedelta(days=IMPORT.days_ahead):
        than = f"its publication ({published})" if published else "today"
        notes.append(f"the date {when} is later than {than}; it stays")
