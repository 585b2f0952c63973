"""Segments: the unit that is in the store or is not.

A segment is a folder ``segments/<number>-<hash>`` with one Parquet file a table and
``segment.json``, which holds their sizes and hashes; ``<hash>`` is the hash of that file.
It is written under a temporary name, every file and the folder synced, and then renamed:
a reader sees all of it or nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from whowhom.errors import StoreError
from whowhom.store.schema import SCHEMA_VERSION, SCHEMAS, TABLES, Table, to_table

TEMPORARY = ".tmp-"

Rows: TypeAlias = Sequence[Mapping[str, Any]] | pa.Table
"""Rows of a table: plain, or as an Arrow table with the table's schema."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment on the disk. ``rows`` counts the rows of each table."""

    path: Path
    number: int
    rows: Mapping[Table, int]

    def file(self, table: Table) -> Path:
        return self.path / f"{table}.parquet"


class Damaged(Exception):  # noqa: N818 - caught next door, never shown as an error
    """A segment that is not as it was written; ``str()`` says how."""


def write_segment(folder: Path, number: int, rows: Mapping[Table, Rows]) -> Segment:
    """Add a segment to ``folder``; it is durable when this returns.

    The same rows under the same number give the same bytes.

    Raises:
        StoreError: the disk is full or cannot be written; nothing was added.
    """
    temporary = folder / f"{TEMPORARY}{os.getpid()}-{number}"
    try:
        temporary.mkdir(mode=0o700)
        files: dict[str, Any] = {}
        for name in TABLES:
            given = rows.get(name, ())
            made = given if isinstance(given, pa.Table) else to_table(given, SCHEMAS[name])
            content = _parquet(made)
            _write(temporary / f"{name}.parquet", content)
            files[name] = {
                "rows": len(rows.get(name, ())),
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
        summary = json.dumps({"schema": SCHEMA_VERSION, "number": number, "tables": files})
        _write(temporary / "segment.json", summary.encode())
        sync_folder(temporary)
        final = folder / f"{number:08d}-{hashlib.sha256(summary.encode()).hexdigest()[:16]}"
        temporary.rename(final)
        sync_folder(folder)
    except OSError as error:
        with contextlib.suppress(OSError):
            shutil.rmtree(temporary)
        raise write_error(error, folder) from error
    return Segment(final, number, {name: len(rows.get(name, ())) for name in TABLES})


SAFE = "What was committed is safe. Make room or mend the disk, then run again with --resume."


def write_error(error: OSError, where: Path, *, do: str = SAFE) -> StoreError:
    """A disk that cannot be written, as an error that says what to do."""
    why = (error.strerror or str(error)).lower()
    return StoreError(f"cannot write: {why}", where=str(where), do=do)


def read_segment(path: Path, *, thorough: bool) -> Segment:
    """A segment, checked: its name, its files' sizes, and where ``thorough`` their hashes.

    Raises:
        Damaged: it is not as it was written.
        StoreError: a newer whowhom wrote it.
    """
    try:
        raw = (path / "segment.json").read_bytes()
        number, _, digest = path.name.partition("-")
        if hashlib.sha256(raw).hexdigest()[:16] != digest:
            raise Damaged("segment.json is not as it was written")
        summary = json.loads(raw)
        if summary["schema"] > SCHEMA_VERSION:
            raise newer(path, summary["schema"])
        for table in TABLES:
            entry, file = summary["tables"][table], path / f"{table}.parquet"
            if file.stat().st_size != entry["bytes"]:
                raise Damaged(f"{file.name} has {file.stat().st_size} of {entry['bytes']} bytes")
            if thorough and hashlib.sha256(file.read_bytes()).hexdigest() != entry["sha256"]:
                raise Damaged(f"{file.name} is not as it was written")
        return Segment(path, int(number), {t: summary["tables"][t]["rows"] for t in TABLES})
    except OSError as error:
        raise Damaged((error.strerror or str(error)).lower()) from error
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged("segment.json cannot be read") from error


def newer(path: Path, version: object) -> StoreError:
    return StoreError(
        f"a newer whowhom wrote this store (schema {version}, this one reads {SCHEMA_VERSION})",
        where=str(path),
        do="Update with: pip install --upgrade whowhom",
    )


def _parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd", compression_level=3)
    return buffer.getvalue()


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
