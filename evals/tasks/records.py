"""records: whole events from a text, with country codes and sectors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from whowhom import Coder, Document
from whowhom.model import Party


def predict(records: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """All events that happened or are said to have, as PLOVER's gold records write them."""
    coder = Coder()
    for record in records:
        date = record.get("date")
        published = dt.date.fromisoformat(date[:10]) if date else None
        coded = coder.code(Document(str(record["id"]), record["text"], published=published))
        events = [
            {
                "event": event.event_type,
                "source": _parties(event.actors),
                "target": _parties(event.recipients),
                "context": list(event.contexts),
                "mode": event.mode,
            }
            for event in coded.events
        ]
        yield {"id": record["id"], "events": events}


def _parties(parties: Iterable[Party]) -> list[dict[str, str | None]]:
    return [{"code": p.country or "", "sector": p.sector} for p in parties]
