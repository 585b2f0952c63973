"""From coded documents to segments of the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from whowhom.engine.outcome import Outcome, Packing
from whowhom.store.folder import Writer
from whowhom.store.pack import Packed, pack, tables
from whowhom.store.schema import SEQUENCE_STEP, row_of


class StoreSink:
    """Writes each batch as one segment. ``keep_text``, ``evidence_characters``: see
    :class:`~whowhom.engine.outcome.Packing`."""

    def __init__(
        self, writer: Writer, fingerprint: str, *, keep_text: bool, evidence_characters: int
    ) -> None:
        self._writer = writer
        self._fingerprint = fingerprint
        self._packing = Packing(keep_text, evidence_characters)

    def write(self, batch: Sequence[Outcome]) -> None:
        """Commit a batch; it is durable when this returns.

        Raises:
            StoreError: the disk is full or cannot be written; nothing of the batch was added.
        """
        ledger: list[dict[str, Any]] = []
        parts: list[tuple[int, Packed]] = []
        for position, outcome in enumerate(batch):
            sequence = self._writer.number * SEQUENCE_STEP + position
            ledger.append({**row_of(outcome.row, sequence), "fingerprint": self._fingerprint})
            if outcome.packed is not None:
                parts.append((sequence, outcome.packed))
            elif outcome.coded is not None:
                parts.append((sequence, pack(outcome.coded, self._packing)))
        self._writer.add({**tables(parts), "ledger": ledger})
