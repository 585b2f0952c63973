"""Votes that were given, and the account of a run: small files in a folder of the store.

A vote's name is the hash of its question (model, instruction, sentence, list), so that the same
question is never asked twice and gives the same event again. No text lies there. Many worker
processes write at once: a vote is renamed into place, and lines of an account are appended whole.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections import Counter
from pathlib import Path

from whowhom.errors import StoreError
from whowhom.store.segment import write_atomically

FOLDER = "adjudicated"


class Votes:
    """The votes in a folder, which is made when the first is kept."""

    def __init__(self, folder: Path, run: str) -> None:
        self._folder = folder
        self._tally = folder / f"{run}.tally"
        self._claims = folder / f"{run}.claims"

    def find(self, key: str) -> str | None:
        """The choice that was made for a question; None where it was not asked."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            data = json.loads(self._file(key).read_bytes())
            if data["question"] == key and isinstance(data["choice"], str):
                return str(data["choice"])
        return None

    def keep(self, key: str, model: str, choice: str) -> None:
        """Keep a vote; it is durable when this returns.

        Raises:
            StoreError: the disk cannot be written.
        """
        path = self._file(key)
        data = {"question": key, "model": model, "choice": choice}
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError("a vote cannot be kept", where=str(path)) from error
        write_atomically(path, json.dumps(data, ensure_ascii=False).encode() + b"\n")

    def claim(self, most: int) -> bool:
        """Whether one more call is within the budget of the run, over all its processes."""
        if most <= 0:
            return False
        return self._append(self._claims, b".") <= most

    def note(self, what: str) -> None:
        """Count what became of a question."""
        self._append(self._tally, what.encode() + b"\n")

    def tally(self) -> Counter[str]:
        """What became of the questions of the run."""
        try:
            return Counter(self._tally.read_text(encoding="utf-8").split())
        except OSError:
            return Counter()

    def close(self) -> None:
        """Take the account of the run away; the votes stay."""
        for path in (self._tally, self._claims):
            with contextlib.suppress(OSError):
                path.unlink()

    def _append(self, path: Path, what: bytes) -> int:
        """Append, whole, whoever else does; gives the length of the file up to there."""
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreError("the votes cannot be counted", where=str(path)) from error
        try:
            os.write(handle, what)
            return os.lseek(handle, 0, os.SEEK_CUR)
        except OSError as error:
            raise StoreError("the votes cannot be counted", where=str(path)) from error
        finally:
            os.close(handle)

    def _file(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.json"
