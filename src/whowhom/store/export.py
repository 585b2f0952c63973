"""The ways out of a store in its own form: CSV, TSV, JSON Lines, Parquet; whole files or none."""

from __future__ import annotations

import contextlib
import csv
import errno
import glob
import io
import json
import os
import re
import stat
import sys
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
_NOT_WHOLE = "What was written to it is not whole."
_OWN_STREAM = re.compile(r"/(?:dev|proc/(?:self|thread-self|(?P<pid>\d+)))/fd/(?P<number>\d+)")
MOST_LINKS = 40
"""Links that lead to each other before it is a circle; the number of Linux."""


def may_write(path: Path, *, force: bool) -> None:
    """Complain of a file that is in the way; for before the work, as :func:`whole_file` does it.

    A device, a pipe and a stream of this process (``-``, ``/dev/stdout``) are never in the way:
    nothing in them is lost.

    Raises:
        UsageError: it is a folder, or the file exists and ``force`` is off.
        StoreError: nothing can be said of it: its name is too long, its folder is closed to us.
    """
    try:
        exists, folder = path.exists(), path.is_dir()
    except OSError as error:
        raise write_error(error, path, do="Name another file.") from error
    if folder:
        raise UsageError("this is a folder", where=str(path), do="Name a file.")
    if force or is_stream(path):
        return
    if exists:
        raise UsageError("the file exists", where=str(path), do="Add --force to replace it.")
    if path.is_symlink():
        target = os.path.realpath(path)
        raise UsageError(
            f"it is a link to {target}, where nothing is",
            where=str(path),
            do="Name that file, or add --force to write it.",
        )


def is_stream(path: Path) -> bool:
    """Whether what is written there goes on at once: ``-``, a device, a pipe, our own streams."""
    if _own_stream(path) is not None:
        return True
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _own_stream(path: Path) -> int | None:
    """The number of the open file of this process that a path stands for.

    It may be a regular file to which the shell leads our output: opened by its name again, it
    would be written from its start on.
    """
    if str(path) == "-":
        return 1
    place = os.path.abspath(path)  # noqa: PTH100 - resolve() goes on to the file behind the stream
    for _ in range(MOST_LINKS):
        found = _OWN_STREAM.fullmatch(place)
        if found is not None:
            own = found["pid"] is None or int(found["pid"]) == os.getpid()
            return int(found["number"]) if own else None
        try:
            place = os.path.normpath(Path(place).parent / os.readlink(place))  # noqa: PTH115
        except OSError:
            return None
    return None


@contextlib.contextmanager
def whole_file(path: Path, *, force: bool = False) -> Iterator[IO[bytes]]:
    """A binary file that appears under its name when all is written, and not at all otherwise.

    A link is written through: the file that it leads to is replaced. A device, a pipe and a stream
    of this process (``-``, ``/dev/stdout``) are written to directly.

    Raises:
        UsageError: the file exists and ``force`` is off, or its folder does not exist.
        StoreError: the disk is full or cannot be written.
    """
    may_write(path, force=force)
    if is_stream(path):
        with _stream(path) as file:
            yield file
        return
    target = _target(path)
    if not target.parent.is_dir():
        raise UsageError("there is no such folder", where=str(target.parent))
    _clear(target)
    temporary = target.with_name(f"{TEMPORARY}{os.getpid()}-{target.name}")
    try:
        opened = temporary.open("xb")
    except OSError as error:
        raise write_error(error, path, do="Name another file.") from error
    try:
        try:
            with opened as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
            sync_folder(target.parent)
        except OSError as error:
            if error.errno not in _DISK:
                raise
            raise write_error(error, path, do=_NOTHING_LEFT) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _target(path: Path) -> Path:
    """The path, or what the link there leads to."""
    if not path.is_symlink():
        return path
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise UsageError("the link leads in a circle", where=str(path), do="Name a file.")
    return target


@contextlib.contextmanager
def _stream(path: Path) -> Iterator[IO[bytes]]:
    own = _own_stream(path)
    if own == 1 and hasattr(sys.stdout, "buffer"):
        sys.stdout.flush()  # what was said before comes before
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        file = path.open("wb") if own is None else os.fdopen(os.dup(own), "wb")
    except OSError as error:
        raise write_error(error, path, do="Name a file.") from error
    try:
        with file:
            yield file
    except OSError as error:
        if error.errno not in _DISK and error.errno not in (errno.EBADF, errno.EINVAL):
            raise
        raise write_error(error, path, do=_NOT_WHOLE) from error


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
