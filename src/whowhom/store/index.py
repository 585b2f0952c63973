"""What a store, and the run at hand, already know: which documents are new, seen or changed."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from whowhom.model import Document, LedgerRow, LedgerStatus, Skipped

FORGOTTEN = "forgotten"
"""Reason of the ledger's row of a document that a user had taken out."""


class Known(NamedTuple):
    """A ledger row that holds, as :class:`Index` needs it; a plain tuple, for there are many."""

    document_id: str
    status: LedgerStatus
    file: str
    locator: str
    reason: str | None
    detail: str | None
    sha256: str | None
    fingerprint: str | None

    def row(self) -> LedgerRow:
        return LedgerRow(*self[:7], events=0, rejections=0)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with an item that was read.

    ``code``: code ``document``. ``record``: write ``row``. ``done``: a run before this one did
    it, and its row is in the ledger; ``row`` is given where it was skipped or poisoned. ``wait``:
    nothing has been read yet.
    """

    action: Literal["code", "record", "done", "wait"]
    document: Document | None = None
    row: LedgerRow | None = None


WAIT = Decision("wait")


@dataclass(slots=True)
class Index:
    """Decides about each item in the order of reading. The rules, for a document:

    1. its id was read before in this run with the same title and text: a duplicate. The same
       text under another id (a syndicated copy) is a report of its own: merging collapses it;
    2. its id was used in this run, or in the store by another file, for another text: it gets
       the id ``<id>~<hash>``, so that neither text is lost (a note in the ledger says so);
    3. otherwise it is coded, and replaces what the store holds under its id.

    With ``resume``, what has a row of the same fingerprint in the ledger is done. What was
    forgotten (:mod:`whowhom.store.forget`) is done in any case.
    """

    fingerprint: str = ""
    resume: bool = False
    _held: set[tuple[str, str]] = field(default_factory=set)  # (sha256, document id), in the store
    _stored: dict[str, tuple[str, str]] = field(default_factory=dict)  # id -> (sha256, file)
    _done: dict[tuple[str, ...], LedgerRow | None] = field(default_factory=dict)
    _run_texts: dict[tuple[str, str], str] = field(default_factory=dict)  # (id, sha256) -> id kept
    _run_ids: dict[str, str] = field(default_factory=dict)  # id -> sha256, this run
    _run_items: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _forgotten: set[str] = field(default_factory=set)  # tombstones
    _anew: set[str] = field(default_factory=set)  # files of which this run has a new row

    def load(self, rows: Iterable[Known]) -> None:
        """Take in the rows of the store's ledger that hold."""
        key: tuple[str, ...]
        for known in rows:
            sha = known.sha256 or ""
            if known.reason == FORGOTTEN:
                self._forgotten.add(known.document_id)
                continue
            current = self.resume and known.fingerprint == self.fingerprint
            if known.status == "duplicate":
                if current:
                    key = ("duplicate", known.document_id, known.file, known.locator, sha)
                    self._done[key] = None
            elif sha:
                if known.status != "skipped":
                    self._held.add((sha, known.document_id))
                self._stored[known.document_id] = (sha, known.file)
                if current:
                    bad = known.status in ("skipped", "poisoned")
                    self._done["document", known.document_id, sha] = known.row() if bad else None
            elif current:
                key = ("skipped", known.file, known.locator, known.reason or "")
                self._done[key] = known.row()

    def decide(self, item: Document | Skipped) -> Decision:
        decision = self._skipped(item) if isinstance(item, Skipped) else self._read(item)
        if decision.action != "done":
            self._anew.add(item.source.file)
        return decision

    def _read(self, item: Document) -> Decision:
        document, sha = item, item.sha256
        if self._is_forgotten(item.id):
            return Decision("done")
        first = self._run_texts.get((item.id, sha))
        if first is not None:
            return self._duplicate(document, sha, first)
        notes = document.source.notes
        if self._clashes(document, sha):
            notes = (*notes, f"the id {document.id} belongs to another text")
            document = dataclasses.replace(
                document,
                id=_renamed(document.id, sha),
                source=dataclasses.replace(document.source, notes=notes),
            )
            if self._is_forgotten(document.id):
                return Decision("done")
        self._run_texts[item.id, sha] = document.id
        self._run_ids[document.id] = sha
        self._place(document.id, document.source.file, document.source.locator)
        done = ("document", document.id, sha)
        if done in self._done:
            return Decision("done", row=self._done[done])
        return Decision("code", document=document)

    def _clashes(self, document: Document, sha: str) -> bool:
        if document.id in self._run_ids:
            return True
        stored = self._stored.get(document.id)
        if stored is None or stored[0] == sha:
            return False
        return stored[1] != document.source.file or (sha, _renamed(document.id, sha)) in self._held

    def _duplicate(self, document: Document, sha: str, first: str) -> Decision:
        source = document.source
        locator = self._place(document.id, source.file, source.locator)
        if ("duplicate", document.id, source.file, locator, sha) in self._done:
            return Decision("done")
        row = LedgerRow(
            document_id=document.id,
            status="duplicate",
            file=source.file,
            locator=locator,
            reason="same_text",
            detail=f"the title and text of document {first}",
            sha256=sha,
            events=0,
            rejections=0,
            notes=source.notes,
        )
        return Decision("record", row=row)

    def _is_forgotten(self, document_id: str) -> bool:
        return bool(self._forgotten) and tombstone(document_id) in self._forgotten

    def _skipped(self, item: Skipped) -> Decision:
        if self._is_forgotten(item.document_id or f"{item.source.file}\0{item.source.locator}"):
            return Decision("done")
        locator = self._place(item.document_id or "", item.source.file, item.source.locator)
        done = ("skipped", item.source.file, locator, item.reason)
        # what is said of the rest of a file goes with its newest row
        anew = item.source.file in self._anew and of_the_rest(item.source.locator)
        if done in self._done and not anew:
            return Decision("done", row=self._done[done])
        return Decision("record", row=skipped_row(item, locator))

    def _place(self, document_id: str, file: str, locator: str) -> str:
        """The locator, made unique in the run: a file named twice is read twice."""
        key = (document_id, file, locator)
        count = self._run_items[key] = self._run_items.get(key, 0) + 1
        return locator if count == 1 else f"{locator} (reading {count})".lstrip()


def of_the_rest(locator: str) -> bool:
    """Whether a row is of a whole file, or of what follows some item of it. Such a row holds until
    the ledger has a newer one of that file."""
    return not locator or locator.startswith("after ")


def skipped_row(item: Skipped, locator: str) -> LedgerRow:
    return LedgerRow(
        document_id=item.document_id or "",
        status=item.status,
        file=item.source.file,
        locator=locator,
        reason=item.reason,
        detail=item.detail,
        sha256=None,
        events=0,
        rejections=0,
        notes=item.source.notes,
    )


def tombstone(name: str) -> str:
    """What stands in the ledger for a document that was forgotten: a hash of its id, or of the
    place of something that had none."""
    return (
        "forgotten-"
        + hashlib.sha256(f"whowhom forgets {name}".encode("utf-8", "replace")).hexdigest()[:32]
    )


def _renamed(document_id: str, sha: str) -> str:
    return f"{document_id}~{sha[:12]}"
