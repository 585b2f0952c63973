"""The ways out of a store: CSV, TSV, JSON Lines, Parquet, PLOVER JSON; whole files or none."""

from __future__ import annotations

import contextlib
import csv
import errno
import glob
import io
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Literal, Protocol

from whowhom.errors import UsageError
from whowhom.store.flat import COLUMNS, flat, safe_cell
from whowhom.store.segment import TEMPORARY, sync_folder, write_error

Format = Literal["jsonl", "csv", "tsv", "parquet", "plover"]
Record = Mapping[str, Any]
FORMATS: tuple[Format, ...] = ("jsonl", "csv", "tsv", "parquet", "plover")
SUFFIXES: Mapping[str, Format] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
}


class RecordWriter(Protocol):
    """Takes events' records (as ``to_dict`` gives them) and writes them to a binary file."""

    def write(self, records: Iterable[Record]) -> None: ...
    def finish(self) -> None: ...
    @property
    def losses(self) -> Mapping[str, int]:
        """What the format has no place for: events that have it, by field."""
        ...


class JsonLines:
    """The record as it is, one a line."""

    losses: Mapping[str, int] = {}

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, records: Iterable[Record]) -> None:
        for record in records:
            self._file.write(json_line(record))

    def finish(self) -> None:
        pass


def json_line(record: Record) -> bytes:
    """A record as a line of JSON: the bytes of ``Event.to_json``, ended."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace") + b"\n"


class Separated:
    """CSV or TSV with a header, every cell quoted, safe for spreadsheets unless ``raw``."""

    losses: Mapping[str, int] = {}

    def __init__(self, file: IO[bytes], delimiter: str, *, raw: bool = False) -> None:
        self._file, self._raw = file, raw
        self._buffer = io.StringIO(newline="")
        self._csv = csv.writer(
            self._buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n"
        )
        self._csv.writerow(COLUMNS)

    def write(self, records: Iterable[Record]) -> None:
        for record in records:
            self._csv.writerow([safe_cell(cell, raw=self._raw) for cell in flat(record).values()])
        self._flush()

    def finish(self) -> None:
        self._flush()

    def _flush(self) -> None:
        self._file.write(self._buffer.getvalue().encode("utf-8", "replace"))
        self._buffer.seek(0)
        self._buffer.truncate()


class Parquet:
    """The fields of the record, nested ones as structs and lists."""

    losses: Mapping[str, int] = {}
    GROUP = 10_000  # rows a row group: some megabytes in memory

    def __init__(self, file: IO[bytes]) -> None:
        import pyarrow.parquet as pq

        from whowhom.store.schema import EVENT_SCHEMA

        self._schema = EVENT_SCHEMA
        self._rows: list[Record] = []
        self._writer = pq.ParquetWriter(file, EVENT_SCHEMA, compression="zstd")

    def write(self, records: Iterable[Record]) -> None:
        for record in records:
            self._rows.append(record)
            if len(self._rows) >= self.GROUP:
                self._flush()

    def finish(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        from whowhom.store.schema import to_table

        if self._rows:
            self._writer.write_table(to_table(self._rows, self._schema))
            self._rows = []


_QUADS = {
    "verbal cooperation": 1,
    "material cooperation": 2,
    "verbal conflict": 3,
    "material conflict": 4,
}
# PLOVER 2.0, section of auxiliary modes; `actual` is where none is written
_AUXILIARY = {
    "historical": "historical",
    "future": "future",
    "hypothetical": "hypothetical",
    "negated": "negation",
}
_SIZES = (("dead", "killed"), ("injured", "injured"), ("arrested", "arrested"))
# PLOVER's location.resolution: 5 below the city ... 1 country
_RESOLUTIONS = {"city": 4, "province": 2, "country": 1}


class Plover:
    """PLOVER JSON of the manual 2.0, chapter 5, one event a line.

    What PLOVER has no field for is counted in ``losses``.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.losses: Counter[str] = Counter()

    def write(self, records: Iterable[Record]) -> None:
        for record in records:
            self._count(record)
            self._file.write(json_line(plover(record)))

    def finish(self) -> None:
        pass

    def _count(self, record: Record) -> None:
        parties = [*record["actors"], *record["recipients"]]
        lost = {
            "date (PLOVER requires one; left empty)": record["date"] is None,
            "attribution (who says so)": bool(record["attribution"]),
            "voice": record["voice"] != "reported",
            "date_granularity": record["date_granularity"] not in (None, "day"),
            "date_text": record["date_text"] is not None,
            "members of blocs": any(p["members"] for p in parties),
            "other_sectors": any(p["other_sectors"] for p in parties),
            "upper or lower end of a figure": any(
                isinstance(record["magnitudes"][f], Mapping)
                for f in ("killed", "injured", "arrested")
            ),
            "crowd": record["magnitudes"]["crowd"] is not None,
            "money": bool(record["magnitudes"]["money"]),
            "confidence and runner_up": True,
            "rule": record["why"]["rule"] is not None,
            "incident": record["incident"] is not None,
        }
        self.losses.update(name for name, is_lost in lost.items() if is_lost)


def plover(record: Record) -> dict[str, Any]:
    """An event's record in PLOVER 2.0's terms; fields that are not known are left out."""
    evidence, document, figures = record["evidence"], record["document"], record["magnitudes"]
    modes = [record["mode"], _AUXILIARY.get(record["status"])]
    event = {
        "id": record["id"],
        "date": record["date"] or "",
        "enddate": record["end_date"],
        "actor": [_entity(party) for party in record["actors"]],
        "recipient": [_entity(party) for party in record["recipients"]],
        "event": [record["event_type"]],
        "event_loc": _location(record["place"]),
        "event_text": evidence["trigger"]["text"],
        "quad_code": _QUADS.get(record["quad"]),
        "event_scale": record["score"],
        "mode": [mode for mode in modes if mode],
        "context": record["contexts"],
        "size": {
            name: _least(figures[field])
            for name, field in _SIZES
            if _least(figures[field]) is not None
        },
        "text": evidence["sentence_text"],
        "text_info": {
            "sequence": evidence["sentence"],
            "start": evidence["start"],
            "end": evidence["end"],
        },
        "cite_info": _known(
            {
                "citation": document["id"],
                "url": document["url"],
                "title": document["title"],
                "language": "en",
                "publication": document["outlet"],
                "codebook": record["coder"]["codebook"],
                "version": record["coder"]["version"],
            }
        ),
        "coder": f"whowhom {record['coder']['version']}",
    }
    return _known(event)


def _entity(party: Record) -> dict[str, Any]:
    return _known(
        {
            "code": party["country"],
            "sector": party["sector"],
            "entity_text": party["text"],
            "identifier_id": party["wikidata"],
            "identifier_text": party["name"],
            "office": party["office"],
        }
    )


def _location(place: Record | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return _known(
        {
            "extracted_place": place["text"],
            "resolved_place": place["name"],
            "geonameid": place["geonameid"],
            "lat": place["lat"],
            "lon": place["lon"],
            "city": place["name"] if place["resolution"] == "city" else None,
            "province": place["admin1"],
            "country_code": place["country"],
            "resolution": _RESOLUTIONS.get(place["resolution"] or ""),
        }
    )


def _least(figure: Any) -> int | None:
    if isinstance(figure, Mapping):
        figure = figure["low"] if figure["low"] is not None else figure["high"]
    value: int | None = figure
    return value


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, [], {})}


def record_writer(file: IO[bytes], form: Format, *, raw_cells: bool = False) -> RecordWriter:
    """The writer of a format onto an open binary file."""
    if form == "csv":
        return Separated(file, ",", raw=raw_cells)
    if form == "tsv":
        return Separated(file, "\t", raw=raw_cells)
    if form == "parquet":
        return Parquet(file)
    return Plover(file) if form == "plover" else JsonLines(file)


def format_of(path: Path) -> Format:
    """The format that a file's ending stands for.

    Raises:
        UsageError: it stands for none.
    """
    form = SUFFIXES.get(path.suffix.lower())
    if form is None:
        raise UsageError(
            f"the ending {path.suffix or '(none)'} stands for no format",
            where=str(path),
            do=f"Use one of {', '.join(SUFFIXES)}, or say --format.",
        )
    return form


_DISK = {
    getattr(errno, name)
    for name in ("ENOSPC", "EFBIG", "EDQUOT", "EROFS", "EACCES", "EPERM", "EIO")
    if hasattr(errno, name)
}
_NOTHING_LEFT = "Make room or name another folder; no part of the file was left."


@contextlib.contextmanager
def whole_file(path: Path, *, force: bool = False) -> Iterator[IO[bytes]]:
    """A binary file that appears under its name when all is written, and not at all otherwise.

    Raises:
        UsageError: the file exists and ``force`` is off, or its folder does not exist.
        StoreError: the disk is full or cannot be written.
    """
    if path.is_dir():
        raise UsageError("this is a folder", where=str(path), do="Name a file.")
    if path.exists() and not force:
        raise UsageError("the file exists", where=str(path), do="Add --force to replace it.")
    if not path.parent.is_dir():
        raise UsageError("there is no such folder", where=str(path.parent))
    _clear(path)
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")
    try:
        try:
            with temporary.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            sync_folder(path.parent)
        except OSError as error:
            if error.errno not in _DISK:
                raise
            raise write_error(error, path, do=_NOTHING_LEFT) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _clear(path: Path) -> None:
    """Take away what writing this file left behind where it was killed."""
    for debris in path.parent.glob(f"{TEMPORARY}*-{glob.escape(path.name)}"):
        pid = debris.name.removeprefix(TEMPORARY).partition("-")[0]
        if pid.isdigit() and not _runs(int(pid)):
            with contextlib.suppress(OSError):
                debris.unlink()


def _runs(pid: int) -> bool:
    if os.name == "nt" or pid == os.getpid():  # on Windows, asking ends the process
        return pid != os.getpid()
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # another user's
    return True
