"""The ways out of a store in its own form: CSV, TSV, JSON Lines, Parquet; whole files or none."""

from __future__ import annotations

import contextlib
import csv
import errno
import glob
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Literal

from whowhom.errors import UsageError
from whowhom.formats.base import Record, RecordWriter
from whowhom.store.flat import COLUMNS, flat, safe_cell
from whowhom.store.segment import TEMPORARY, sync_folder, write_error

Format = Literal["jsonl", "csv", "tsv", "parquet"]
SUFFIXES: Mapping[str, Format] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
}


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


def record_writer(file: IO[bytes], form: Format, *, raw_cells: bool = False) -> RecordWriter:
    """The writer of a format onto an open binary file."""
    if form == "csv":
        return Separated(file, ",", raw=raw_cells)
    if form == "tsv":
        return Separated(file, "\t", raw=raw_cells)
    if form == "parquet":
        return Parquet(file)
    return JsonLines(file)


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
