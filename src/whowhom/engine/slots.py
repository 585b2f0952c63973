"""An item on its way through an engine: how often it was tried, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from whowhom.engine.outcome import Outcome
from whowhom.engine.worker import Trouble
from whowhom.model import Coded, Document, LedgerRow, LedgerStatus
from whowhom.store.index import Decision
from whowhom.store.pack import Packed

TRIES = 2
"""Times that a document is tried: once in its turn, once more alone."""


@dataclass(slots=True, eq=False)
class Slot:
    """A decision in the order of reading; ``outcome`` is set when it is done."""

    decision: Decision
    outcome: Outcome | None = None
    tries: int = 0
    parcel: bytes = b""  # the document, packed for sending

    @property
    def document(self) -> Document:
        document = self.decision.document
        assert document is not None  # noqa: S101 - a decision to code has one
        return document

    def take(self, answer: object) -> None:
        """Put an answer in, unless the document is to be tried again."""
        self.tries += 1
        document = self.document
        if isinstance(answer, Coded):
            counts = len(answer.events), len(answer.rejections)
            self.outcome = Outcome(_done(document, *counts), coded=answer)
        elif isinstance(answer, Packed):
            self.outcome = Outcome(_done(document, answer.events, answer.rejections), packed=answer)
        elif isinstance(answer, Trouble) and answer.reason is not None:
            self.outcome = Outcome(_row(document, "skipped", answer.reason, answer.detail))
        elif self.tries >= TRIES:
            detail = (
                answer.detail if isinstance(answer, Trouble) else f"gave {type(answer).__name__}"
            )
            self.outcome = Outcome(
                _row(document, "poisoned", "coding_failed", f"{detail}; tried {self.tries} times")
            )


def recorded(decision: Decision) -> Outcome:
    """The outcome of a decision to record."""
    assert decision.row is not None  # noqa: S101 - a decision to record has one
    return Outcome(decision.row)


def _done(document: Document, events: int, rejections: int) -> LedgerRow:
    return _row(document, "coded" if events else "no_events", None, None, events, rejections)


def _row(
    document: Document,
    status: LedgerStatus,
    reason: str | None,
    detail: str | None,
    events: int = 0,
    rejections: int = 0,
) -> LedgerRow:
    return LedgerRow(
        document_id=document.id,
        status=status,
        file=document.source.file,
        locator=document.source.locator,
        reason=reason,
        detail=detail,
        sha256=document.sha256,
        events=events,
        rejections=rejections,
        notes=document.source.notes,
    )
