"""What codes are called in charts and reports: types, statuses, figures, units, parties."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Any]:
    path = files("whowhom.data") / "charts" / "words.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _plain(code: str) -> str:
    return code.replace("_", " ").lower()


def type_noun(code: str) -> str:
    """``Accusation, criticism``; a type of a user's codebook keeps its code."""
    known: Mapping[str, str] = _words()["types"].get(code, {})
    return known.get("noun", _plain(code).capitalize())


def type_does(code: str, actors: int = 1) -> str:
    """``accuses or criticises``: the type between its actors and a recipient."""
    known: Mapping[str, str] = _words()["types"].get(code, {})
    return known.get("does" if actors == 1 else "do", f"({_plain(code)})")


def type_many(code: str) -> str:
    """``accusations``: the type in a list of kinds."""
    known: Mapping[str, str] = _words()["types"].get(code, {})
    return known.get("many", _plain(code))


def status_words(status: str) -> str:
    found: str = _words()["statuses"].get(status, _plain(status))
    return found


def figure_words(kind: str) -> str:
    found: str = _words()["figures"].get(kind, _plain(kind).capitalize())
    return found


def figure_question(kind: str) -> str:
    """``How many were killed``: the head of a figure that is disputed."""
    found: str = _words()["questions"].get(kind, f"How many {_plain(kind)}")
    return found


def tenths_words(share: float) -> str:
    """``seven``: a share of one in tenths, rounded."""
    found: str = _words()["tenths"]["names"][math.floor(share * 10 + 0.5)]
    return found


def unit_words(unit: str, count: int = 2) -> str:
    """``incident`` for one, ``incidents`` else."""
    one, many = _words()["units"].get(unit, (unit, unit))
    return str(one if count == 1 else many)


def ledger_words(status: str) -> str:
    found: str = _words()["ledger"].get(status, _plain(status))
    return found


def date_words(known_from: str) -> str:
    """``the imported data set``: what an event's day is known from."""
    found: str = _words()["dates"].get(known_from, _plain(known_from))
    return found


def rejection_words(reason: str) -> str:
    found: str = _words()["rejections"].get(reason, _plain(reason))
    return found


def status_short(status: str) -> str:
    """``denied``: a status in a list."""
    found: str = _words()["short"].get(status, _plain(status))
    return found


def party_words(key: str) -> str:
    """A party as a label: ``KEN REB`` is ``Kenya (rebels)``."""
    from whowhom.analyse.names import label

    name, _, sector = label(key).partition(", ")
    return f"{name} ({sector})" if sector else name


def in_sentence(name: str) -> str:
    """A name as it stands within a sentence: ``the United States``."""
    bare = name.partition(" (")[0]
    return f"the {name}" if bare in _words()["articles"]["the"] else name


def party_in_sentence(key: str) -> str:
    """A party within a sentence: ``the United States``, ``Kenya (rebels)``."""
    return in_sentence(party_words(key))


def two_lines(name: str) -> str:
    """A party's label with its sector on a line of its own."""
    bare, _, rest = name.partition(" (")
    return f"{bare}\n{rest.removesuffix(')')}" if rest else bare
