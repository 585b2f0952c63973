"""From coded documents to rows of the store."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from whowhom.engine.outcome import Outcome
from whowhom.merge.copies import fingerprint
from whowhom.model import Event, Evidence, Rejection
from whowhom.store.folder import Writer
from whowhom.store.schema import SEQUENCE_STEP, StoredDocument, Table, row_of


class StoreSink:
    """Writes each batch as one segment.

    ``evidence_characters``: what is kept of a sentence (see settings); whole sentences, and
    the documents' text, with ``keep_text``.
    """

    def __init__(
        self, writer: Writer, fingerprint: str, *, keep_text: bool, evidence_characters: int
    ) -> None:
        self._writer = writer
        self._fingerprint = fingerprint
        self._keep_text = keep_text
        self._limit = evidence_characters

    def write(self, batch: Sequence[Outcome]) -> None:
        """Commit a batch; it is durable when this returns.

        Raises:
            StoreError: the disk is full or cannot be written; nothing of the batch was added.
        """
        rows: dict[Table, list[dict[str, Any]]] = {
            "events": [],
            "rejections": [],
            "documents": [],
            "ledger": [],
        }
        for position, outcome in enumerate(batch):
            sequence = self._writer.number * SEQUENCE_STEP + position
            rows["ledger"].append(
                {**row_of(outcome.row, sequence), "fingerprint": self._fingerprint}
            )
            coded = outcome.coded
            if coded is None:
                continue
            document = coded.document
            stored = StoredDocument(
                id=document.id,
                title=document.title,
                outlet=document.outlet,
                url=document.url,
                published=document.published,
                genre=document.genre,
                sha256=document.sha256,
                text=document.text if self._keep_text else None,
                shingles=fingerprint(document.text),
                coverage=coded.coverage,
            )
            rows["documents"].append(row_of(stored, sequence))
            limit = None if self._keep_text else self._limit
            rows["events"] += [row_of(shorten(e, limit), sequence) for e in coded.events]
            rows["rejections"] += [row_of(_cut(r, limit), sequence) for r in coded.rejections]
        self._writer.add(rows)


def shorten(event: Event, limit: int | None) -> Event:
    """The event with its evidence sentence cut to ``limit`` characters round the trigger."""
    evidence = event.evidence
    if limit is None or len(evidence.sentence_text) <= limit:
        return event
    return dataclasses.replace(
        event,
        evidence=dataclasses.replace(evidence, sentence_text=_window(evidence, limit)),
    )


def _window(evidence: Evidence, limit: int) -> str:
    text, trigger = evidence.sentence_text, evidence.trigger
    expected = max(0, trigger.start - evidence.start)
    # blanks cleaned in the reading can have moved the trigger a little: take the nearest
    places = [i for i in range(len(text)) if text.startswith(trigger.text, i)] or [expected]
    at = min(places, key=lambda i: abs(i - expected))
    room = limit - 2  # an ellipsis at either end
    start = min(max(0, at + len(trigger.text) // 2 - room // 2), len(text) - room)
    end = start + room
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")


def _cut(rejection: Rejection, limit: int | None) -> Rejection:
    if limit is None or len(rejection.text) <= limit:
        return rejection
    return dataclasses.replace(rejection, text=rejection.text[: limit - 1] + "…")
