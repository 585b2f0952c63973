"""The manifests of the runs: a small file a run, the older ones packed into one.

No event depends on them. A watch has a run a poll, so compacting packs all but the newest, and
of those that are packed the oldest go.
"""

from __future__ import annotations

import contextlib
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from whowhom.settings import STORE
from whowhom.store.segment import write_atomically

PACKED = "packed.jsonl.gz"
LOOSE_NAME = "*.json"

Manifest = dict[str, Any]


def read_runs(store: Path) -> list[tuple[int, Manifest]]:
    """The manifests of the runs that wrote into a store, with their numbers, oldest first."""
    found: dict[int, Manifest] = {}
    # a note about a run that cannot be read is left out; no event depends on it
    with contextlib.suppress(OSError, ValueError, EOFError):
        for line in gzip.decompress((store / "runs" / PACKED).read_bytes()).splitlines():
            row = json.loads(line)
            found[int(row["number"])] = row["run"]
    for path in _loose(store):
        with contextlib.suppress(OSError, ValueError):
            data = json.loads(path.read_bytes())
            if isinstance(data, dict):
                found[int(path.stem)] = data
    return sorted(found.items())


def last_run(store: Path) -> int:
    """The number of the newest run; 0 without one."""
    loose = _loose(store)
    if loose:
        return int(loose[-1].stem)
    return max((number for number, _ in read_runs(store)), default=0)


def pack_runs(store: Path) -> None:
    """Pack all but the newest runs. To be called under the store's lock.

    Raises:
        StoreError: the disk cannot be written; the runs are as they were.
    """
    old = _loose(store)[: -STORE.loose_runs]
    if old:
        keep = {int(path.stem) for path in _loose(store)[-STORE.loose_runs :]}
        _write(store, [(n, run) for n, run in read_runs(store) if n not in keep])
        for path in old:  # who sees a run in both places takes it once
            with contextlib.suppress(OSError):
                path.unlink()


def edit_runs(store: Path, edit: Callable[[Manifest], Manifest]) -> int:
    """Change manifests; gives how many were. To be called under the store's lock.

    Raises:
        StoreError: the disk cannot be written.
    """
    loose = {int(path.stem): path for path in _loose(store)}
    changed, packed, touched = 0, [], False
    for number, run in read_runs(store):
        new = edit(run)
        changed += new != run
        if number not in loose:
            packed.append((number, new))
            touched = touched or new != run
        elif new != run:
            write_atomically(loose[number], json.dumps(new, indent=1).encode() + b"\n")
    if touched:
        _write(store, packed)
    return changed


def _write(store: Path, runs: list[tuple[int, Manifest]]) -> None:
    lines = [
        json.dumps({"number": n, "run": run}).encode() + b"\n"
        for n, run in runs[-STORE.most_runs :]
    ]
    write_atomically(store / "runs" / PACKED, gzip.compress(b"".join(lines), mtime=0))


def _loose(store: Path) -> list[Path]:
    """The runs that have a file of their own, oldest first."""
    paths = [path for path in (store / "runs").glob(LOOSE_NAME) if path.stem.isdigit()]
    return sorted(paths, key=lambda path: int(path.stem))
