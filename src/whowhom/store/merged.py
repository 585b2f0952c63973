"""The outcome of merging, beside the segments: ``merges/<number>-<hash>/``.

Three Parquet files and ``merge.json``, which holds their sizes, what they were made of and with
what. Written like a segment: under a temporary name, synced, renamed. The newest whole one
counts; the one before stays, and those that a reader has open.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whowhom.store.readers import Lease
from whowhom.store.segment import TEMPORARY, drop, file_hash, sync_file, sync_folder, write_error

if TYPE_CHECKING:
    from whowhom.store.segment import Segment

TABLES = ("reports", "incidents", "stories")
SUMMARY = "merge.json"
KEPT = 2
"""Merges that stay on the disk though nobody reads them."""
CHECKED_BYTES = 256_000_000
"""A file of a merge up to this size has its hash checked on opening, a larger one its size."""
_NAME = re.compile(r"\d{6,}-[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge on the disk. ``made_of`` and ``made_with`` say whether it is up to date."""

    path: Path
    number: int
    made_of: str
    made_with: str
    rows: Mapping[str, int]
    counts: Mapping[str, Any]
    lease: Lease | None = field(default=None, compare=False, repr=False)  # while it is read

    def file(self, table: str) -> Path:
        return self.path / f"{table}.parquet"


def made_of(segments: Iterable[Segment]) -> str:
    """What a merge of these segments is made of: the sum of the hashes of their names, which hold
    the hashes of their content. A sum, for a segment that compacting made stands for the sum of
    those that it replaced, and so a merge outlives compacting."""
    return f"{sum(segment.made_of for segment in segments) % 2**128:032x}"


def newest(folder: Path, version: int) -> Merge | None:
    """The newest whole merge of a store; None where there is none of this version."""
    for path in sorted(folder.glob("*-*"), reverse=True):
        if _NAME.fullmatch(path.name):
            merge = _read(path, version)
            if merge is not None:
                return merge
    return None


def _read(path: Path, version: int) -> Merge | None:
    lease = Lease(path / SUMMARY)  # before reading: a merge that is read is not taken away
    try:
        raw = (path / SUMMARY).read_bytes()
        number, _, digest = path.name.partition("-")
        if hashlib.sha256(raw).hexdigest()[:16] != digest:
            return None
        data = json.loads(raw)
        if data["version"] != version:
            return None
        for table in TABLES:
            file, entry = path / f"{table}.parquet", data["tables"][table]
            if file.stat().st_size != entry["bytes"]:
                return None
            if entry["bytes"] <= CHECKED_BYTES and file_hash(file) != entry["sha256"]:
                return None
        rows = {table: int(data["tables"][table]["rows"]) for table in TABLES}
        return Merge(
            path, int(number), data["made_of"], data["made_with"], rows, data.get("counts", {}),
            lease,
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError):
        return None  # a torn merge costs nothing but making it again


def write_merge(
    folder: Path,
    fill: Callable[[Path], Mapping[str, int]],
    *,
    version: int,
    made_of: str,
    made_with: str,
    counts: Callable[[], Mapping[str, Any]] = dict,
) -> Merge:
    """Add a merge; ``fill`` writes its Parquet files into a folder and gives their rows.

    To be called under the store's lock: what another merge left unfinished is cleared away.

    Raises:
        StoreError: the disk is full or cannot be written; the merge before stands.
    """
    temporary = folder / f"{TEMPORARY}{os.getpid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        before = sorted(p for p in folder.glob("*-*") if _NAME.fullmatch(p.name))
        number = 1 + max((int(p.name.partition("-")[0]) for p in before), default=0)
        for debris in folder.glob(TEMPORARY + "*"):  # of a merge that was killed
            shutil.rmtree(debris, ignore_errors=True)
        temporary.mkdir(mode=0o700)
        rows = fill(temporary)
        tables: dict[str, Any] = {}
        for table in TABLES:
            file = temporary / f"{table}.parquet"
            sync_file(file)
            tables[table] = {
                "rows": rows[table], "bytes": file.stat().st_size, "sha256": file_hash(file)
            }  # fmt: skip
        raw = json.dumps(
            {
                "version": version, "made_of": made_of, "made_with": made_with,
                "tables": tables, "counts": dict(counts()),
            },
            indent=1,
        ).encode()  # fmt: skip
        (temporary / SUMMARY).write_bytes(raw)
        sync_file(temporary / SUMMARY)
        sync_folder(temporary)
        final = folder / f"{number:06d}-{hashlib.sha256(raw).hexdigest()[:16]}"
        temporary.rename(final)
        sync_folder(folder)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise write_error(error, folder, do="Make room, then run whowhom merge again.") from error
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    _tidy(before[: -(KEPT - 1) or None])
    lease = Lease(final / SUMMARY)
    return Merge(final, number, made_of, made_with, rows, dict(counts()), lease)


def tidy(folder: Path) -> None:
    """Take away merges that nobody reads, but the newest ones. To be called under the lock."""
    _tidy(sorted(p for p in folder.glob("*-*") if _NAME.fullmatch(p.name))[:-KEPT])


def _tidy(old: Iterable[Path]) -> None:
    for path in old:
        with contextlib.suppress(OSError):
            if Lease(path / SUMMARY).alone():
                drop(path)
