"""A coded document as rows of the store, made where the document was coded.

Making rows takes ten times as long as writing them, so workers do it, and the one process that
commits only joins and writes. What passes between processes is Arrow's own format, which costs
nothing to read.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from whowhom.engine.outcome import Packing
from whowhom.merge.copies import fingerprint
from whowhom.model import Coded, Coverage, Event, Evidence, Rejection
from whowhom.store.schema import SCHEMAS, StoredDocument, Table, row_of, to_table

PackedTable = Literal["events", "rejections", "documents"]
PACKED: tuple[PackedTable, ...] = ("events", "rejections", "documents")

_SEQUENCE = SCHEMAS["events"].field("sequence")
# the process that commits numbers the rows
_SCHEMAS = {t: SCHEMAS[t].remove(SCHEMAS[t].get_field_index("sequence")) for t in PACKED}
# made of columns: from rows pyarrow would first load pandas (see prepare)
_EMPTY = {
    t: pa.RecordBatch.from_arrays([pa.nulls(0, f.type) for f in _SCHEMAS[t]], schema=_SCHEMAS[t])
    for t in PACKED
}


class _NoPandas:
    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def prepare() -> None:
    """Load what the first rows need, but for pandas, for a process that does nothing but code.

    pyarrow asks once for pandas, where that is installed, before it makes an array of Python
    objects: 0.6 seconds of processor and 50 MB for what no row needs.
    """
    sys.meta_path.insert(0, _NoPandas)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(_NoPandas)


@dataclass(frozen=True, slots=True)
class Packed:
    """The rows of one document, without their ``sequence``; cheap to send to another process."""

    coverage: Coverage
    rows: Mapping[PackedTable, pa.RecordBatch]

    @property
    def events(self) -> int:
        return int(self.rows["events"].num_rows)

    @property
    def rejections(self) -> int:
        return int(self.rows["rejections"].num_rows)

    def __reduce__(self) -> tuple[object, ...]:
        return (_received, (self.coverage, *(self.rows[t].serialize() for t in PACKED)))


def _received(coverage: Coverage, *buffers: pa.Buffer) -> Packed:
    rows = {
        t: pa.ipc.read_record_batch(b, _SCHEMAS[t]) for t, b in zip(PACKED, buffers, strict=True)
    }
    return Packed(coverage, rows)


def pack(coded: Coded, packing: Packing) -> Packed:
    """The rows of a coded document."""
    document = coded.document
    stored = StoredDocument(
        id=document.id,
        title=document.title,
        outlet=document.outlet,
        url=document.url,
        published=document.published,
        genre=document.genre,
        sha256=document.sha256,
        text=document.text if packing.keep_text else None,
        shingles=fingerprint(document.text),
        coverage=coded.coverage,
    )
    limit = None if packing.keep_text else packing.evidence_characters
    rows: dict[PackedTable, list[dict[str, Any]]] = {
        "events": [row_of(shorten(event, limit), 0) for event in coded.events],
        "rejections": [row_of(_cut(rejection, limit), 0) for rejection in coded.rejections],
        "documents": [row_of(stored, 0)],
    }
    return Packed(
        coded.coverage,
        {t: _one(to_table(rows[t], _SCHEMAS[t])) if rows[t] else _EMPTY[t] for t in PACKED},
    )


def _one(table: pa.Table) -> pa.RecordBatch:
    whole = table.combine_chunks().to_batches()
    return whole[0] if whole else pa.RecordBatch.from_pylist([], schema=table.schema)


def join(parts: Sequence[Packed]) -> Packed:
    """Several documents as one, to be sent together; :func:`split` takes it apart. The coverage is
    that of the first."""
    return Packed(
        parts[0].coverage,
        {t: _one(pa.Table.from_batches([p.rows[t] for p in parts], _SCHEMAS[t])) for t in PACKED},
    )


def split(
    joined: Packed, sizes: Sequence[tuple[int, int]], covers: Sequence[Coverage]
) -> list[Packed]:
    """The documents of :func:`join`; ``sizes`` are the numbers of their events and rejections."""
    parts, events, rejections = [], 0, 0
    for number, ((more_events, more_rejections), coverage) in enumerate(
        zip(sizes, covers, strict=True)
    ):
        rows: dict[PackedTable, pa.RecordBatch] = {
            "events": joined.rows["events"].slice(events, more_events),
            "rejections": joined.rows["rejections"].slice(rejections, more_rejections),
            "documents": joined.rows["documents"].slice(number, 1),
        }
        parts.append(Packed(coverage, rows))
        events, rejections = events + more_events, rejections + more_rejections
    return parts


def tables(parts: Sequence[tuple[int, Packed]]) -> dict[Table, pa.Table]:
    """The tables of a segment from documents with their sequence numbers."""
    made: dict[Table, pa.Table] = {}
    for name in PACKED:
        batches = [packed.rows[name] for _, packed in parts]
        sequence = np.repeat(
            np.array([number for number, _ in parts], dtype=np.int64),
            np.array([batch.num_rows for batch in batches], dtype=np.int64),
        )
        # in one piece: the same rows give the same bytes however they came, and are written faster
        whole = pa.Table.from_batches(batches, _SCHEMAS[name]).combine_chunks()
        made[name] = whole.add_column(0, _SEQUENCE, pa.array(sequence))
    return made


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
