"""whowhom's own record as JSON Lines, Parquet, CSV and TSV, out of a store and back into one.

JSON Lines and Parquet hold all of it. CSV and TSV hold one row of plain cells an event
(:mod:`whowhom.store.flat`); what they have no column for comes back empty.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from whowhom.errors import InputError
from whowhom.formats.base import BadRow, Format, Origin, Reader, RecordWriter, Row
from whowhom.formats.imported import number, whole
from whowhom.formats.rows import objects, table
from whowhom.store.export import JsonLines, Parquet, Separated, json_line
from whowhom.store.flat import COLUMNS, JOIN, formula
from whowhom.store.schema import EVENT_SCHEMA, records

GROUP = 500
"""Rows of a Parquet file that are Python's at once."""
_NEEDED = frozenset(
    (
        "id",
        "document",
        "document.id",
        "event_type",
        "contexts",
        "quad",
        "actors",
        "recipients",
        "status",
        "attribution",
        "voice",
        "magnitudes",
        "magnitudes.money",
        "evidence",
        "evidence.sentence_text",
        "evidence.start",
        "evidence.end",
        "evidence.trigger",
        "evidence.trigger.text",
        "evidence.trigger.start",
        "evidence.trigger.end",
        "evidence.sentence",
        "why",
        "coder",
        "coder.version",
        "coder.codebook",
        "actors.text",
        "recipients.text",
    )
)
"""Fields that a record cannot be without."""


def misfit(value: Any, kind: pa.DataType, path: str = "") -> str | None:
    """What is wrong with a value of the record, None where nothing is: ``place.lat: 'north' is no
    number``."""
    if value is None:
        return f"{path}: it must not be null" if path in _NEEDED else None
    if pa.types.is_struct(kind):
        names = [f.name for f in kind]
        if names == ["low", "high"] and isinstance(value, int) and not isinstance(value, bool):
            return misfit(value, pa.int64(), path)
        if not isinstance(value, Mapping):
            return f"{path or 'the record'}: {_short(value)} is no object"
        for name in value:
            if name not in names:
                return f"{_joined(path, str(name))}: there is no such field"
        for f in kind:
            inner = _joined(path, f.name)
            if f.name not in value:
                return f"{inner}: the field is missing"
            if wrong := misfit(value[f.name], f.type, inner):
                return wrong
        return None
    if pa.types.is_list(kind):
        if not isinstance(value, list):
            return f"{path}: {_short(value)} is no list"
        for item in value:
            if item is None:
                return f"{path}: null is in the list"
            if wrong := misfit(item, kind.value_type, path):
                return wrong
        return None
    return _misfit_plain(value, kind, path)


def _misfit_plain(value: Any, kind: pa.DataType, path: str) -> str | None:
    if pa.types.is_string(kind):
        right = isinstance(value, str) and (value != "" or path not in ("id", "document.id"))
        return None if right else f"{path}: {_short(value)} is no text"
    if pa.types.is_boolean(kind):
        return None if isinstance(value, bool) else f"{path}: {_short(value)} is not true or false"
    if pa.types.is_date(kind):
        good = isinstance(value, str) and _is_day(value)
        return None if good else f"{path}: {_short(value)} is no day (2015-10-23)"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"{path}: {_short(value)} is no number"
    if pa.types.is_integer(kind):
        good = isinstance(value, int) and abs(value) < 2**63
        return None if good else f"{path}: {_short(value)} is no whole number"
    return None if math.isfinite(value) else f"{path}: {_short(value)} is no number"


def _is_day(text: str) -> bool:
    import datetime as dt

    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


_RECORD = pa.struct(list(EVENT_SCHEMA))


def _checked(line: int, record: Mapping[str, Any]) -> Row | BadRow:
    wrong = misfit(record, _RECORD)
    if wrong is None:
        return Row(line, record, json_line({f.name: record[f.name] for f in EVENT_SCHEMA}))
    known = "no such field" in wrong or "is missing" in wrong
    return BadRow(line, "bad_record" if known else "bad_value", wrong)


def read_json_lines(file: IO[bytes], origin: Origin) -> Iterator[Row | BadRow]:
    """The records of a JSON Lines file."""
    for found in objects(file):
        yield found if isinstance(found, BadRow) else _checked(found[0], found[1])


def read_parquet(file: IO[bytes], origin: Origin) -> Iterator[Row | BadRow]:
    """The records of a Parquet file; a line is a row.

    Raises:
        InputError: it is no Parquet file, or its columns are others.
    """
    try:
        source = pq.ParquetFile(pa.PythonFile(file, "r"))
        missing = [name for name in EVENT_SCHEMA.names if name not in source.schema_arrow.names]
        if missing:
            raise InputError(
                f"it lacks the columns {', '.join(missing[:5])}",
                where=origin.file,
                do="Is it an export of whowhom? whowhom code reads tables of articles.",
                reason="bad_header",
            )
        line = 0
        for batch in source.iter_batches(GROUP, columns=EVENT_SCHEMA.names):
            try:
                fitted = pa.Table.from_batches([batch]).select(EVENT_SCHEMA.names)
                fitted = fitted.cast(EVENT_SCHEMA)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
                raise InputError(
                    f"its columns are of other types: {str(error)[:200]}",
                    where=origin.file,
                    reason="bad_header",
                ) from error
            for record in records(fitted, EVENT_SCHEMA):
                line += 1
                yield _checked(line, record)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(
            f"it is no whole Parquet file: {str(error)[:200]}", where=origin.file, reason="damaged"
        ) from error


# ------------------------------------------------------------------------- CSV and TSV
_PARTY = ("text", "name", "country", "sector", "office", "wikidata")
_SPEAKER = ("text", "name", "country", "sector")
_SUM = re.compile(r"(\S+)(?: ([A-Z]{3}))?(?: per (.+))?")


def read_separated(file: IO[bytes], origin: Origin, *, delimiter: str) -> Iterator[Row | BadRow]:
    """The records of a CSV or TSV file that whowhom wrote; what it has no column for is empty.

    Raises:
        InputError: the header is another.
    """
    for row in table(file, origin, delimiter, needed=tuple(COLUMNS), quoted=True):
        if isinstance(row, BadRow):
            yield row
            continue
        try:
            record = _record({name: _bare(row.values[name]) for name in COLUMNS})
        except ValueError as error:
            yield BadRow(row.line, "bad_value", str(error))
            continue
        checked = _checked(row.line, record)
        yield Row(row.line, record, row.content) if isinstance(checked, Row) else checked


def _bare(cell: str) -> str:
    """A cell without the mark that keeps spreadsheets from running it."""
    return cell[1:] if cell.startswith("'") and formula(cell[1:]) else cell


def _record(cells: Mapping[str, str]) -> dict[str, Any]:
    def text(name: str) -> str | None:
        return cells[name] or None

    def figure(name: str) -> Any:
        low, high = (whole(name, cells[f"{name}_{end}"]) for end in ("low", "high"))
        return low if low == high else {"low": low, "high": high}

    def offset(name: str) -> int:
        return whole(name, cells[name]) or 0

    sentence, trigger = cells["sentence"], cells["trigger"]
    start = offset("sentence_start")
    at = start + max(0, sentence.find(trigger))
    placed = text("place_text") is not None or any(
        text(f"place_{f}") for f in ("name", "country", "lat")
    )
    return {
        "id": cells["id"],
        "document": {
            "id": cells["document_id"],
            **{name: text(name) for name in ("title", "outlet", "url", "published", "genre")},
        },
        "event_type": cells["event_type"],
        "mode": text("mode"),
        "contexts": cells["contexts"].split(JOIN) if cells["contexts"] else [],
        "quad": text("quad"),
        "score": number("score", cells["score"]),
        "actors": _parties(cells, "actor"),
        "recipients": _parties(cells, "recipient"),
        "status": text("status"),
        "attribution": _attribution(cells),
        "voice": text("voice"),
        "date": text("date"),
        "end_date": text("end_date"),
        "date_text": None,
        "date_granularity": text("date_granularity"),
        "date_from": text("date_from"),
        "place": {
            "text": cells["place_text"],
            "start": 0,
            "end": 0,
            **{name: text(f"place_{name}") for name in ("name", "country", "admin1")},
            **{name: number(name, cells[f"place_{name}"]) for name in ("lat", "lon")},
            "geonameid": whole("place_geonameid", cells["place_geonameid"]),
            "resolution": text("place_resolution"),
            "part": "text",
        }
        if placed
        else None,
        "magnitudes": {
            **{name: figure(name) for name in ("killed", "injured", "arrested", "crowd")},
            "money": _money(cells["money"]),
        },
        "evidence": {
            "sentence_text": sentence,
            "start": start,
            "end": offset("sentence_end"),
            "trigger": {"text": trigger, "start": at, "end": at + len(trigger)},
            "sentence": 0,
            "part": text("sentence_part"),
        },
        "why": {
            "rule": text("rule"),
            "model": text("model"),
            "confidence": number("confidence", cells["confidence"]),
            "runner_up": None,
        },
        "incident": text("incident"),
        "coder": {"version": cells["coder_version"], "codebook": cells["codebook"], "model": None},
    }


def _lists(cells: Mapping[str, str], names: Sequence[str]) -> list[list[str | None]]:
    """Parallel lists of a row: one for each column, all of the same length.

    Raises:
        ValueError: they are not: a value holds the mark that stands between values.
    """
    parts = {name: cells[name].split(JOIN) if cells[name] else [] for name in names}
    most = max(len(found) for found in parts.values())
    for name, found in parts.items():
        if found and len(found) != most:
            raise ValueError(
                f"{name} has {len(found)} values and another column of that side {most}"
            )
    return [[value or None for value in found] or [None] * most for found in parts.values()]


def _parties(cells: Mapping[str, str], side: str) -> list[dict[str, Any]]:
    lists = _lists(cells, [f"{side}_{name}" for name in _PARTY])
    return [_party(dict(zip(_PARTY, values, strict=True))) for values in zip(*lists, strict=True)]


def _party(known: Mapping[str, str | None]) -> dict[str, Any]:
    return {
        "text": known["text"] or "",
        "start": 0,
        "end": 0,
        "name": known["name"],
        "country": known["country"],
        "members": [],
        "sector": known["sector"],
        "other_sectors": [],
        "office": known.get("office"),
        "wikidata": known.get("wikidata"),
        "resolved_by": "table",
        "part": "text",
    }


def _attribution(cells: Mapping[str, str]) -> list[dict[str, Any]]:
    if not cells["quoted"]:  # it is written wherever somebody is quoted or cited
        return []
    lists = _lists(cells, [f"speaker_{name}" for name in _SPEAKER])
    speakers = [dict(zip(_SPEAKER, v, strict=True)) for v in zip(*lists, strict=True)]
    cues = cells["cue"].split(JOIN)
    if speakers and len(speakers) != len(cues):
        raise ValueError(f"cue has {len(cues)} values and speaker_text {len(speakers)}")
    return [
        {
            "speaker": _party(speakers[at]) if speakers and any(speakers[at].values()) else None,
            "cue": cue,
            "quoted": cells["quoted"] == "true",
            "start": 0,
            "end": 0,
        }
        for at, cue in enumerate(cues)
    ]


def _money(cell: str) -> list[dict[str, Any]]:
    found = []
    for part in cell.split(JOIN) if cell else []:
        matched = _SUM.fullmatch(part)
        if matched is None:
            raise ValueError(f"money {part!r} is no amount with a currency")
        found.append(
            {
                "amount": number("money", matched[1]),
                "currency": matched[2],
                "per": matched[3],
                "text": "",
                "start": 0,
                "end": 0,
            }
        )
    return found


_TABLE_LOST = (
    "offsets of parties, places, cues and figures",
    "members of blocs, other sectors",
    "which link of a chain of speakers is quoted",
    "words of a date or of a sum, the number of the sentence",
    "the runner-up, the coder's model",
)


def _separated(delimiter: str) -> tuple[Callable[[IO[bytes]], RecordWriter], Reader]:
    return partial(Separated, delimiter=delimiter), partial(read_separated, delimiter=delimiter)


_CSV, _TSV = _separated(","), _separated("\t")
JSONL = Format(
    "jsonl", "whowhom's record, one a line", JsonLines, read_json_lines,
    suffixes=(".jsonl", ".ndjson", ".json"), header=False, own=True,
    known_by=lambda head: head.startswith("{") and '"event_type"' in head and '"evidence"' in head,
)  # fmt: skip
PARQUET = Format(
    "parquet", "whowhom's record, nested columns", Parquet, read_parquet,
    columns=tuple(EVENT_SCHEMA.names), suffixes=(".parquet",), header=False, binary=True, own=True,
)  # fmt: skip
CSV = Format(
    "csv", "one row of plain cells an event", _CSV[0], _CSV[1], columns=tuple(COLUMNS),
    cannot_hold=_TABLE_LOST, suffixes=(".csv",), delimiter=",", own=True,
)  # fmt: skip
TSV = Format(
    "tsv", "the same, tab-separated", _TSV[0], _TSV[1], columns=tuple(COLUMNS),
    cannot_hold=_TABLE_LOST, suffixes=(".tsv", ".tab"), delimiter="\t", own=True,
)  # fmt: skip
