"""The record as one row of plain cells, for spreadsheets; and cells that are safe in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from whowhom.show.safe import visible

if TYPE_CHECKING:
    import pyarrow as pa

Record = Mapping[str, Any]
Cell = str | int | float | bool | None

JOIN = "; "
"""Between the values of a list. Lists of one side are parallel: the second code is the second
actor's, and a value that is not known leaves its place empty."""


def _each(side: str, field: str) -> Callable[[Record], Cell]:
    def values(record: Record) -> Cell:
        found = [party[field] or "" for party in record[side]]
        return JOIN.join(found) if any(found) else None

    return values


def _of(outer: str, field: str) -> Callable[[Record], Cell]:
    def value(record: Record) -> Cell:
        holder = record[outer]
        found: Cell = None if holder is None else holder[field]
        return found

    return value


def _top(field: str) -> Callable[[Record], Cell]:
    def value(record: Record) -> Cell:
        found: Cell = record[field]
        return found

    return value


def _speaker(field: str) -> Callable[[Record], Cell]:
    def values(record: Record) -> Cell:
        found = [(link["speaker"] or {}).get(field) or "" for link in record["attribution"]]
        return JOIN.join(found) if any(found) else None

    return values


def _figure(field: str, end: str) -> Callable[[Record], Cell]:
    def value(record: Record) -> Cell:
        figure = record["magnitudes"][field]
        found: Cell = figure[end] if isinstance(figure, Mapping) else figure
        return found

    return value


def _money(record: Record) -> Cell:
    return (
        JOIN.join(
            " ".join(
                str(part)
                for part in (
                    f"{money['amount']:g}" if money["amount"] < 1e6 else f"{money['amount']:.0f}",
                    money["currency"],
                    f"per {money['per']}" if money["per"] else None,
                )
                if part
            )
            for money in record["magnitudes"]["money"]
        )
        or None
    )


def _list(field: str) -> Callable[[Record], Cell]:
    return lambda record: JOIN.join(record[field]) or None


_SIDE = ("text", "name", "country", "sector", "office", "wikidata")
_PLACE = ("name", "country", "admin1", "lat", "lon", "geonameid", "resolution")
_FIGURES = ("killed", "injured", "arrested", "crowd")

COLUMNS: Mapping[str, Callable[[Record], Cell]] = {
    "id": _top("id"),
    "date": _top("date"),
    "end_date": _top("end_date"),
    "date_granularity": _top("date_granularity"),
    "date_from": _top("date_from"),
    "event_type": _top("event_type"),
    "mode": _top("mode"),
    "contexts": _list("contexts"),
    "quad": _top("quad"),
    "score": _top("score"),
    "status": _top("status"),
    "voice": _top("voice"),
    **{f"actor_{field}": _each("actors", field) for field in _SIDE},
    **{f"recipient_{field}": _each("recipients", field) for field in _SIDE},
    "speaker_text": _speaker("text"),
    "speaker_name": _speaker("name"),
    "speaker_country": _speaker("country"),
    "speaker_sector": _speaker("sector"),
    "cue": lambda record: JOIN.join(link["cue"] for link in record["attribution"]) or None,
    "quoted": lambda record: (
        any(link["quoted"] for link in record["attribution"]) if record["attribution"] else None
    ),
    "place_text": _of("place", "text"),
    **{f"place_{field}": _of("place", field) for field in _PLACE},
    # low and high are the same where the text gives one number; empty is open or not given
    **{f"{field}_{end}": _figure(field, end) for field in _FIGURES for end in ("low", "high")},
    "money": _money,
    "sentence": _of("evidence", "sentence_text"),
    "trigger": lambda record: record["evidence"]["trigger"]["text"],
    "sentence_part": _of("evidence", "part"),
    "sentence_start": _of("evidence", "start"),
    "sentence_end": _of("evidence", "end"),
    "rule": _of("why", "rule"),
    "model": _of("why", "model"),
    "confidence": _of("why", "confidence"),
    "incident": _top("incident"),
    "document_id": _of("document", "id"),
    "title": _of("document", "title"),
    "outlet": _of("document", "outlet"),
    "url": _of("document", "url"),
    "published": _of("document", "published"),
    "genre": _of("document", "genre"),
    "coder_version": _of("coder", "version"),
    "codebook": _of("coder", "codebook"),
}
"""The columns of CSV, TSV and ``to_pandas()``, in order, with what fills them."""


_DAYS = frozenset(("date", "end_date", "published"))
_WHOLE = frozenset(
    (
        *("place_geonameid", "sentence_start", "sentence_end"),
        *(f"{field}_{end}" for field in _FIGURES for end in ("low", "high")),
    )
)
_NUMBERS = frozenset(("score", "place_lat", "place_lon", "confidence"))


def flat_schema() -> pa.Schema:
    """The Arrow types of :data:`COLUMNS`: days, whole numbers, numbers, one truth, else text."""
    import pyarrow as pa

    kinds = {
        **dict.fromkeys(_DAYS, pa.date32()),
        **dict.fromkeys(_WHOLE, pa.int64()),
        **dict.fromkeys(_NUMBERS, pa.float64()),
        "quoted": pa.bool_(),
    }
    return pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS])


def flat(record: Record) -> dict[str, Cell]:
    """An event's record (as ``to_dict`` gives it) as one row."""
    return {name: value(record) for name, value in COLUMNS.items()}


# A cell that starts so is run as a formula by Excel, LibreOffice or Sheets (OWASP ASVS 1.2.10);
# the full-width forms are turned into the plain ones by some of them on opening.
_FORMULA = re.compile(r"^\s*[=+\-@|%\t\r\n＝＋－＠]")
_NUMERIC = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


def formula(text: str) -> bool:
    """Whether a spreadsheet would run a cell with this text."""
    return bool(_FORMULA.match(text)) and not _NUMERIC.fullmatch(text)


def safe_cell(value: Cell, *, raw: bool = False) -> str:
    """A cell as text. Unless ``raw``, what a spreadsheet would run gets a ``'`` in front,
    and control characters are written out."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else repr(value)
    if raw:
        return text
    if formula(text):
        text = "'" + text
    return visible(text)
