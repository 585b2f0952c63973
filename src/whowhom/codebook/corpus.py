"""Text to try a codebook on: files, or a store that kept the documents' text."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import InputError, UsageError
from ..model import Document, Skipped, Source
from ..read import Defaults, read
from ..store import open_store
from ..store.folder import is_store


@dataclass(slots=True)
class Account:
    """What became of the documents that were read: every one is coded, a copy, or skipped."""

    coded: int = 0
    copies: int = 0
    skipped: list[Skipped] = field(default_factory=list)

    @property
    def reasons(self) -> Counter[str]:
        return Counter(item.reason for item in self.skipped)


class Corpus:
    """The documents of some inputs, each once.

    Args:
        inputs: files, folders and patterns, or stores that were coded with ``--keep-text``.
        limit: documents after which it ends; None is all.

    Raises:
        UsageError: at once: there is no such input, or a store has kept no text.
    """

    def __init__(
        self,
        inputs: Sequence[str | Path],
        *,
        published: dt.date | None = None,
        outlet: str | None = None,
        limit: int | None = None,
    ) -> None:
        defaults = Defaults(published=published, outlet=outlet)
        parts: list[Iterator[Document | Skipped]] = []
        for given in inputs:
            if "://" not in str(given) and is_store(given):
                parts.append(_kept(given))
                continue
            try:
                parts.append(read([given], defaults))
            except InputError as error:
                raise UsageError(error.what, where=error.where, do=error.do) from error
        self._items = itertools.chain.from_iterable(parts)
        self._limit = limit
        self.account = Account()

    def __iter__(self) -> Iterator[Document]:
        seen: set[str] = set()
        for item in self._items:
            if self._limit is not None and self.account.coded >= self._limit:
                return
            if isinstance(item, Skipped):
                self.account.skipped.append(item)
            elif item.sha256 in seen:
                self.account.copies += 1
            else:
                seen.add(item.sha256)
                self.account.coded += 1
                yield item

    def failed(self, document: Document, error: Exception) -> None:
        """Note that a document could not be coded."""
        self.account.coded -= 1
        reason = getattr(error, "reason", "coder_error")
        self.account.skipped.append(
            Skipped(document.source, reason, f"{type(error).__name__}: {error}", document.id)
        )


def _kept(folder: str | Path) -> Iterator[Document | Skipped]:
    """The documents of a store."""
    store = open_store(folder)
    if not store.header.keep_text:
        store.close()
        raise UsageError(
            "this store has kept no text, and a codebook is tried on text",
            where=str(folder),
            do="Name the files that it was made of, or code them again: "
            "whowhom code FILES --store NEW --keep-text",
        )

    def documents() -> Iterator[Document | Skipped]:
        with store:
            for row in store.records("documents"):
                source = Source(str(folder), row["id"])
                if row["text"] is None:  # coded before --keep-text was given
                    yield Skipped(source, "no_text", "the store has not its text", row["id"])
                    continue
                day = row["published"]
                yield Document(
                    id=row["id"],
                    text=row["text"],
                    title=row["title"],
                    outlet=row["outlet"],
                    url=row["url"],
                    published=dt.date.fromisoformat(day) if day else None,
                    genre=row["genre"],
                    source=source,
                )

    return documents()
