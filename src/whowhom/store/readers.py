"""Readers that are at work: what they have open is not taken away.

A reader holds a shared lock of the operating system on a file, for as long as it lives and
however it ends; who wants to delete asks whether it is alone. Windows has no shared locks of
this kind: there, a reader of something that was deleted gets a clear error.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path


class Lease:
    """A shared lock on a file, held until :meth:`close` or until nobody has this object.

    Where the file does not exist or cannot be opened there is nothing to hold, and no error.
    """

    def __init__(self, path: Path) -> None:
        self._handle: int | None = None
        if sys.platform != "win32":
            with contextlib.suppress(OSError):
                self._handle = os.open(path, os.O_RDONLY)
                _lock(self._handle, shared=True, wait=True)

    @property
    def held(self) -> bool:
        return self._handle is not None

    def alone(self) -> bool:
        """Whether nobody else holds one on this file just now."""
        if self._handle is None:
            return True
        try:
            _lock(self._handle, shared=False, wait=False)
        except OSError:
            return False
        finally:  # a failed change has lost the shared lock, too
            _lock(self._handle, shared=True, wait=True)
        return True

    def close(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            with contextlib.suppress(OSError):
                os.close(handle)

    def __del__(self) -> None:
        self.close()


if sys.platform == "win32":  # pragma: no cover

    def _lock(handle: int, *, shared: bool, wait: bool) -> None:
        raise OSError("no such lock")

else:

    def _lock(handle: int, *, shared: bool, wait: bool) -> None:
        import fcntl

        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        fcntl.flock(handle, kind if wait else kind | fcntl.LOCK_NB)
