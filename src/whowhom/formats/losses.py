"""What of a record other formats have no place for: named once, counted the same way everywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from whowhom.formats.base import Record

_FIGURES = ("killed", "injured", "arrested", "crowd")


def _parties(record: Record) -> list[Mapping[str, Any]]:
    return [*record["actors"], *record["recipients"]]


def _any_party(field: str) -> Callable[[Record], bool]:
    return lambda record: any(party[field] for party in _parties(record))


def _figure(*fields: str) -> Callable[[Record], bool]:
    return lambda record: any(record["magnitudes"][f] is not None for f in fields)


CHECKS: Mapping[str, Callable[[Record], bool]] = {
    "date": lambda r: r["date"] is not None,
    "end date": lambda r: r["end_date"] is not None,
    "words of the date": lambda r: r["date_text"] is not None,
    "granularity of the date": lambda r: r["date_granularity"] not in (None, "day"),
    "status": lambda r: r["status"] != "actual",
    "who says so": lambda r: bool(r["attribution"]),
    "voice": lambda r: r["voice"] != "reported",
    "mode": lambda r: r["mode"] is not None,
    "contexts": lambda r: bool(r["contexts"]),
    "score": lambda r: r["score"] is not None,
    "actors but the first": lambda r: len(r["actors"]) > 1,
    "recipients but the first": lambda r: len(r["recipients"]) > 1,
    "members of blocs": _any_party("members"),
    "other sectors": _any_party("other_sectors"),
    "offices": _any_party("office"),
    "Wikidata ids": _any_party("wikidata"),
    "names as the text has them": lambda r: any(
        p["name"] not in (None, p["text"]) for p in _parties(r)
    ),
    "injured, arrested, crowd": _figure("injured", "arrested", "crowd"),
    "arrested, crowd": _figure("arrested", "crowd"),
    "killed, injured, arrested, crowd": _figure(*_FIGURES),
    "crowd": _figure("crowd"),
    "upper end of a figure": lambda r: any(
        isinstance(r["magnitudes"][f], Mapping) for f in _FIGURES
    ),
    "money": lambda r: bool(r["magnitudes"]["money"]),
    "place": lambda r: r["place"] is not None,
    "GeoNames id": lambda r: bool(r["place"] and r["place"]["geonameid"]),
    "evidence sentence": lambda r: bool(r["evidence"]["sentence_text"]),
    "trigger": lambda r: bool(r["evidence"]["trigger"]["text"]),
    "confidence and runner-up": lambda r: r["why"]["confidence"] is not None,
    "rule or model": lambda r: bool(r["why"]["rule"] or r["why"]["model"]),
    "incident": lambda r: r["incident"] is not None,
    "title": lambda r: r["document"]["title"] is not None,
    "outlet": lambda r: r["document"]["outlet"] is not None,
    "url": lambda r: r["document"]["url"] is not None,
    "genre": lambda r: r["document"]["genre"] not in (None, "other"),
}
"""What may be lost, by the words that name it: whether an event has it."""


class Losses:
    """Counts what events have of the things that a format cannot hold."""

    def __init__(self, names: Sequence[str]) -> None:
        self._checks = [(name, CHECKS[name]) for name in names]
        self.counts: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        """Events that were not written, by the reason."""

    def count(self, record: Record) -> None:
        self.counts.update(name for name, check in self._checks if check(record))


def unhappened(record: Record) -> str | None:
    """Why an event must not stand in a list of what happened; None where it may.

    Formats without a status would show a plan, a threat or a denial as a fact.
    """
    status = record["status"]
    if status in ("actual", "historical"):
        return None
    return f"status {status}: the format lists what happened"
