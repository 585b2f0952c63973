"""Labels of other PLOVERs as those of PLOVER 2.0, with what was changed.

The tables are ``data/crosswalk/labels.csv`` and ``contexts.csv``: PLOVER of 18 types, the manual's
own spellings, and the modes of NGEC and POLECAT.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from whowhom.codebook.loading import load


class Term(NamedTuple):
    """A type and mode of PLOVER 2.0; ``note`` says what was changed, "" where nothing was."""

    event_type: str
    mode: str | None
    note: str


def term(event_type: str, mode: str | None) -> Term:
    """What a label of another PLOVER is in PLOVER 2.0; one that is not known stays.

    Raises:
        ValueError: the label has no PLOVER type.
    """
    kind, kept = event_type.strip().upper(), (mode or "").strip() or None
    if kept is not None:
        plain = kept.replace("_", "-").replace(" ", "-")
        kept = _spellings().get(plain.casefold(), kept)
    found = _labels().get((kind, kept or "")) or _labels().get((kind, ""))
    if found is None:
        spelled = (mode or "").strip()
        return Term(
            kind, kept, f"mode {spelled} is read as {kept}" if kept != spelled and kept else ""
        )
    to, to_mode, why = found
    if not to:
        raise ValueError(f"event type {event_type!r} has no PLOVER type ({why})")
    direct = (kind, kept or "") in _labels()
    made = to_mode or None if direct or kept is None else kept
    was = " ".join(part for part in (kind, kept) if part)
    now = " ".join(part for part in (to, made) if part)
    return Term(to, made, f"{was} is read as {now}" if was != now else "")


def contexts(names: Iterable[str]) -> list[str]:
    """Contexts in PLOVER's spelling: ``pro-democracy`` is ``pro_democracy``."""
    found = []
    for name in names:
        plain = name.strip().lower().replace("-", "_").replace(" ", "_")
        if plain:
            found.append(_contexts().get(plain, plain))
    return list(dict.fromkeys(found))


@lru_cache(maxsize=1)
def _spellings() -> Mapping[str, str]:
    """Modes in small letters -> as PLOVER, or the data set that has them, spells them."""
    known = [mode for kind in load().types.values() for mode in kind.modes]
    return {mode.casefold(): mode for _, mode in _labels() if mode} | {m: m for m in known}


@lru_cache(maxsize=1)
def _labels() -> Mapping[tuple[str, str], tuple[str, str, str]]:
    return {
        (row["event_type"], row["mode"]): (row["to_type"], row["to_mode"], row["why"])
        for row in _rows("labels.csv")
    }


@lru_cache(maxsize=1)
def _contexts() -> Mapping[str, str]:
    return {row["context"]: row["to"] for row in _rows("contexts.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("whowhom.data") / "crosswalk" / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
