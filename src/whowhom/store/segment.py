"""Segments: the unit that is in the store or is not.

A segment is a folder ``segments/<number>-<hash>`` with one Parquet file a table and
``segment.json``, which holds their sizes and hashes; ``<hash>`` is the hash of that file.
It is written under a temporary name, every file and the folder synced, and then renamed:
a reader sees all of it or nothing.

A segment that was rewritten (by compacting or forgetting) stands for the numbers ``first`` to
``number`` and names the segments that it replaces. Who sees both leaves the old ones out, so
there is no moment at which a row is there twice or not at all.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from whowhom.errors import StoreError
from whowhom.store.schema import SCHEMA_VERSION, SCHEMAS, TABLES, Table, to_table

TEMPORARY = ".tmp-"
SUMMARY = "segment.json"
GROUP_ROWS = 20_000
GROUP_BYTES = 32_000_000
"""Rows, and bytes in memory, of a row group: what writing and reading hold at once."""
PIECES = 100
"""Tables that may wait to be written: a table of one row and a hundred columns takes 100 KB."""

Rows: TypeAlias = Sequence[Mapping[str, Any]] | pa.Table
"""Rows of a table: plain, or as an Arrow table with the table's schema."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment on the disk. ``rows`` counts the rows of each table, ``size`` is in bytes.

    It holds the rows with the numbers ``first`` to ``number``. ``made_of`` is what a merge of it
    is made of (:func:`whowhom.store.merged.made_of`): compacting leaves it as it was.
    """

    path: Path
    number: int
    rows: Mapping[Table, int]
    first: int
    size: int
    made_of: int
    replaces: tuple[str, ...] = ()

    def file(self, table: Table) -> Path:
        return self.path / f"{table}.parquet"


class Damaged(Exception):  # noqa: N818 - caught next door, never shown as an error
    """A segment that is not as it was written; ``str()`` says how."""


class SegmentBuilder:
    """A segment in the making, of any size: rows go to the disk a row group at a time.

    It is in the store after :meth:`commit`, and not at all otherwise. The same rows, added in the
    same way under the same number, give the same bytes.
    """

    def __init__(self, folder: Path) -> None:
        """
        Raises:
            StoreError: the disk is full or cannot be written.
        """
        self._folder = folder
        self._path = folder / f"{TEMPORARY}{os.getpid()}-segment"
        self._tables: dict[Table, _TableFile] = {}
        with self._failing():
            self._path.mkdir(mode=0o700)
            for name in TABLES:
                self._tables[name] = _TableFile(self._path / f"{name}.parquet", SCHEMAS[name])

    def add(self, table: Table, rows: pa.Table) -> None:
        """Add rows to a table.

        Raises:
            StoreError: the disk is full or cannot be written; nothing is left behind.
        """
        with self._failing():
            self._tables[table].add(rows)

    @property
    def size(self) -> int:
        """Bytes on the disk so far."""
        return sum(file.size for file in self._tables.values())

    def commit(
        self,
        number: int,
        *,
        first: int | None = None,
        replaces: Sequence[str] = (),
        made_of: int | None = None,
    ) -> Segment:
        """Put it into the store under a number; it is durable when this returns.

        Args:
            first: the lowest number that it stands for, where it replaces others.
            replaces: the names of those.
            made_of: of what a merge of it is made, where its rows are those of others.

        Raises:
            StoreError: the disk is full or cannot be written; nothing was added.
        """
        with self._failing():
            files = {name: file.finish() for name, file in self._tables.items()}
            data: dict[str, Any] = {"schema": SCHEMA_VERSION, "number": number, "tables": files}
            if replaces:
                data |= {"first": number if first is None else first, "replaces": list(replaces)}
            if made_of is not None:
                data["made_of"] = f"{made_of:032x}"
            raw = json.dumps(data).encode()
            _write(self._path / SUMMARY, raw)
            sync_folder(self._path)
            final = self._folder / f"{number:08d}-{hashlib.sha256(raw).hexdigest()[:16]}"
            self._path.rename(final)
            sync_folder(self._folder)
        return _segment(final, data)

    def discard(self) -> None:
        """Leave nothing behind."""
        for file in self._tables.values():
            file.close()
        shutil.rmtree(self._path, ignore_errors=True)

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.discard()
            raise write_error(error, self._folder) from error
        except BaseException:
            self.discard()
            raise


class _TableFile:
    """One Parquet file in the making, with its size and hash."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(handle, "wb")
        self._hash = hashlib.sha256()
        self._schema = schema
        self._waiting: list[pa.Table] = []
        self._rows = self._bytes = 0  # of what waits
        self.rows = self.size = 0
        self._writer: pq.ParquetWriter | None = None
        self._given_up = False

    def add(self, rows: pa.Table) -> None:
        if not rows.num_rows:
            return
        self.rows += rows.num_rows
        self._waiting.append(rows)
        self._rows += rows.num_rows
        self._bytes += rows.nbytes
        if self._rows >= GROUP_ROWS or self._bytes >= GROUP_BYTES:
            self._flush()
        elif len(self._waiting) >= PIECES:
            self._waiting = [pa.concat_tables(self._waiting).combine_chunks()]

    def _flush(self) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(
                pa.PythonFile(self, "w"), self._schema, compression="zstd", compression_level=3,
                write_page_checksum=True,
            )  # fmt: skip
        if self._waiting:
            group = pa.concat_tables(self._waiting).combine_chunks()
            self._writer.write_table(group, row_group_size=GROUP_ROWS)
            self._waiting, self._rows, self._bytes = [], 0, 0

    def finish(self) -> dict[str, Any]:
        """Its entry in the summary; the file is durable."""
        self._flush()
        assert self._writer is not None  # noqa: S101 - _flush made it
        self._writer.close()
        self._writer = None  # it holds this file, by way of C++, where no collector looks
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return {"rows": self.rows, "bytes": self.size, "sha256": self._hash.hexdigest()}

    # what pyarrow asks of a file
    def write(self, content: bytes) -> int:
        view = memoryview(content)
        if self._given_up:  # pyarrow's writer, which is let go of, wants to write its footer
            return view.nbytes
        self._hash.update(view)
        self.size += view.nbytes
        self._file.write(view)
        return view.nbytes

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        self._file.flush()

    @property
    def closed(self) -> bool:
        return self._file.closed

    def close(self) -> None:
        self._given_up = True
        self._writer = None
        with contextlib.suppress(OSError):
            self._file.close()


def write_segment(folder: Path, number: int, rows: Mapping[Table, Rows]) -> Segment:
    """Add a segment to ``folder``; it is durable when this returns.

    The same rows under the same number give the same bytes.

    Raises:
        StoreError: the disk is full or cannot be written; nothing was added.
    """
    tables = {
        name: given if isinstance(given, pa.Table) else to_table(given, SCHEMAS[name])
        for name in TABLES
        for given in (rows.get(name, ()),)
    }
    builder = SegmentBuilder(folder)
    for name, table in tables.items():
        builder.add(name, table)
    return builder.commit(number)


SAFE = "What was committed is safe. Make room or mend the disk, then run again with --resume."
_OF_THE_PATH = {
    getattr(errno, name)
    for name in ("ENOTDIR", "EISDIR", "EEXIST", "ELOOP", "ENAMETOOLONG", "EINVAL")
    if hasattr(errno, name)
}
"""What is wrong with a path, and not with the disk."""


def write_error(error: OSError, where: Path, *, do: str = SAFE) -> StoreError:
    """A disk that cannot be written, as an error that says what to do.

    ``do``: what helps where the disk is full, broken or closed to us; a path that cannot be has
    advice of its own.
    """
    if error.errno in _OF_THE_PATH:
        do = "Name another path: this one cannot be made here."
    why = (error.strerror or str(error)).lower()
    return StoreError(f"cannot write: {why}", where=str(where), do=do)


def read_segment(path: Path, *, thorough: bool) -> Segment:
    """A segment, checked: its name, its files' sizes, and where ``thorough`` their hashes.

    Raises:
        Damaged: it is not as it was written.
        StoreError: a newer whowhom wrote it.
    """
    try:
        raw = (path / SUMMARY).read_bytes()
        _, _, digest = path.name.partition("-")
        if hashlib.sha256(raw).hexdigest()[:16] != digest:
            raise Damaged(f"{SUMMARY} is not as it was written")
        summary = json.loads(raw)
        if summary["schema"] > SCHEMA_VERSION:
            raise newer(path, summary["schema"])
        for table in TABLES:
            entry, file = summary["tables"][table], path / f"{table}.parquet"
            size = file.stat().st_size
            if size != entry["bytes"]:
                raise Damaged(f"{file.name} has {size} of {entry['bytes']} bytes")
            if thorough and file_hash(file) != entry["sha256"]:
                raise Damaged(f"{file.name} is not as it was written")
        return _segment(path, summary)
    except OSError as error:
        raise Damaged((error.strerror or str(error)).lower()) from error
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(f"{SUMMARY} cannot be read") from error


def _segment(path: Path, summary: Mapping[str, Any]) -> Segment:
    number = int(path.name.partition("-")[0])
    own = summary.get("made_of")
    if own is None:
        own = hashlib.sha256(path.name.encode()).hexdigest()[:32]
    tables = summary["tables"]
    return Segment(
        path,
        number,
        {table: int(tables[table]["rows"]) for table in TABLES},
        first=int(summary.get("first", number)),
        size=sum(int(tables[table]["bytes"]) for table in TABLES),
        made_of=int(own, 16),
        replaces=tuple(summary.get("replaces", ())),
    )


def file_hash(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def row_groups(segment: Segment, table: Table) -> Iterator[pa.Table]:
    """The rows of a table of a segment, a row group at a time.

    Raises:
        StoreError: the file cannot be read, or is not as it was written.
    """
    if not segment.rows[table]:
        return
    path = segment.file(table)
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            for group in range(file.num_row_groups):
                yield _fitted(file.read_row_group(group, use_threads=False), SCHEMAS[table])
    except FileNotFoundError as error:
        raise stale(path.parents[2]) from error
    except (OSError, ValueError) as error:
        raise StoreError(
            f"segment {segment.path.name} is damaged ({error})",
            where=str(path.parents[2]),
            do="whowhom compact STORE sets aside what is damaged; then code again with --resume.",
        ) from error


def _fitted(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Rows with the columns of today: those of an older whowhom lack what came since, also within
    their structs, and have nulls there."""
    if rows.schema.equals(schema):
        return rows
    joined = pa.concat_tables([schema.empty_table(), rows], promote_options="permissive")
    return joined.select(schema.names).cast(schema)


def stale(store: Path) -> StoreError:
    """For a reader whose segments are gone."""
    return StoreError(
        "segments were rewritten since it was opened",
        where=str(store),
        do="Open it again: what is there now is whole.",
    )


def drop(path: Path) -> None:
    """Take a segment or merge away: renamed first, so that nobody meets a part of it.

    Raises:
        OSError: it cannot be renamed, or not all of it be removed.
    """
    aside = path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")
    path.rename(aside)
    shutil.rmtree(aside)


def newer(path: Path, version: object) -> StoreError:
    return StoreError(
        f"a newer whowhom wrote this store (schema {version}, this one reads {SCHEMA_VERSION})",
        where=str(path),
        do="Update with: pip install --upgrade whowhom",
    )


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a small file: the old or the new content, never a part.

    Raises:
        StoreError: the disk cannot be written.
    """
    temporary = path.with_name(f"{TEMPORARY}{os.getpid()}-{path.name}")
    try:
        temporary.unlink(missing_ok=True)
        _write(temporary, content)
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise write_error(error, path) from error


def sync_file(path: Path) -> None:
    """Make the content of a file that another program wrote durable."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(path: Path) -> None:
    """Make renames in a folder durable. Windows has no such call and needs none."""
    if os.name != "nt":
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
