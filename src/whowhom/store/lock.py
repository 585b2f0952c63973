"""One writer at a time: an operating-system lock, gone with its holder however that ends."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import socket
import sys
from pathlib import Path
from types import TracebackType
from typing import IO

from whowhom.errors import StoreLocked
from whowhom.store.segment import write_error


class Lock:
    """Held from entering to leaving. The file names the holder: pid, host, since when.

    Raises:
        StoreLocked: on entering, where another process holds it.
        StoreError: on entering, where the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def __enter__(self) -> Lock:
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise write_error(error, self._path) from error
        file = os.fdopen(handle, "r+", encoding="utf-8")
        try:
            _take(file)
        except OSError:
            holder = _holder(file)
            file.close()
            raise StoreLocked(
                f"another process is writing to this store{holder}",
                where=str(self._path.parent),
                do="Wait until it has finished, or write to another store.",
            ) from None
        self._file = file
        since = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        # who holds it is a help for people; the lock holds even where this cannot be written
        with contextlib.suppress(OSError):
            file.truncate(0)
            json.dump({"pid": os.getpid(), "host": socket.gethostname(), "since": since}, file)
            file.flush()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None


def _holder(file: IO[str]) -> str:
    try:
        file.seek(0)
        data = json.load(file)
        return f" (process {data['pid']} on {data['host']}, since {data['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


if sys.platform == "win32":  # pragma: no cover

    def _take(file: IO[str]) -> None:
        import msvcrt

        file.seek(1 << 20)  # beyond the text, so that others can read who holds it
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)

else:

    def _take(file: IO[str]) -> None:
        import fcntl

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
