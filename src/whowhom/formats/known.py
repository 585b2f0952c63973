"""What an import knows of the rows that a store holds: on the disk, whatever their number.

A table in a temporary SQLite file takes some 60 bytes a row and keeps a few megabytes of them in
memory; a million rows of a set in Python would take a hundred and more.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from typing import Literal, NamedTuple

STORED = 0
"""In the place of a file's number: the row was in the store before this import."""

Origin = Literal["coded", "imported", "older"]
"""Of what the store holds: coded from text, imported, or imported by an older reader."""
_ORIGINS: tuple[Origin, ...] = ("coded", "imported", "older")


class Seen(NamedTuple):
    """A document that is known: the hash of its content, of its file, the number of the file of
    this import that had it last (:data:`STORED` for none), and who made it."""

    content: bytes
    file: bytes
    run: int
    origin: Origin


def digest(*parts: str | bytes) -> bytes:
    """Sixteen bytes: of twenty million rows two are taken for one with a chance of 10^-24."""
    made = hashlib.blake2b(digest_size=16)
    for part in parts:
        made.update(part.encode("utf-8", "replace") if isinstance(part, str) else part)
        made.update(b"\0")
    return made.digest()


class Known:
    """Documents by id, and single marks (of duplicates, of rows that could not be read)."""

    def __init__(self) -> None:
        # an empty name is a temporary file, which SQLite deletes
        self._base = sqlite3.connect("", isolation_level=None)
        self._base.execute("pragma journal_mode = off")
        self._base.execute("pragma synchronous = off")
        self._base.execute("pragma cache_size = -65536")  # KiB
        self._base.execute(
            "create table seen (key blob primary key, content blob, file blob, run int, "
            "origin int) without rowid"
        )
        self._base.execute("begin")

    def load(self, rows: Iterable[tuple[bytes, bytes, bytes, Origin]]) -> None:
        """Take in what the store holds: key, content, file, origin."""
        self._base.executemany(
            "insert or replace into seen values (?, ?, ?, 0, ?)",
            ((key, content, file, _ORIGINS.index(o)) for key, content, file, o in rows),
        )

    def get(self, key: bytes) -> Seen | None:
        row = self._base.execute(
            "select content, file, run, origin from seen where key = ?", (key,)
        ).fetchone()
        return None if row is None else Seen(row[0], row[1], row[2], _ORIGINS[row[3]])

    def put(self, key: bytes, content: bytes, file: bytes, run: int) -> None:
        self._base.execute(
            "insert or replace into seen values (?, ?, ?, ?, ?)",
            (key, content, file, run, _ORIGINS.index("imported")),
        )

    def mark(self, key: bytes) -> bool:
        """Mark a key; gives whether it was marked before."""
        made = self._base.execute(
            "insert or ignore into seen values (?, x'', x'', 0, 1)", (key,)
        ).rowcount
        return not made

    def close(self) -> None:
        self._base.close()
