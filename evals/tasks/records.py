"""records: whole events from a text, with country codes and sectors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from whowhom import Coder, Document
from whowhom.model import Event, Party

# PLOVER 0.8, in which the gold is written, knows bodies of states by one code
BODIES = {"UNO": "IGO", "EUR": "IGO"}


def predict(records: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The acts that a text tells, as PLOVER's gold records write them."""
    coder = Coder()
    for record in records:
        date = record.get("date")
        published = dt.date.fromisoformat(date[:10]) if date else None
        coded = coder.code(Document(str(record["id"]), record["text"], published=published))
        yield {"id": record["id"], "events": [written(event) for event in told(coded.events)]}


def told(events: Sequence[Event]) -> list[Event]:
    """The gold has the act of a sentence, not what is demanded, threatened or denied inside it:
    that is left out where another event stands."""
    acts = [e for e in events if e.status not in ("hypothetical", "negated")]
    return acts or list(events)


def written(event: Event) -> dict[str, Any]:
    """An event in the gold's form, which parts the sides of a meeting where the sentence does:
    who met, and with whom."""
    actors, recipients = list(event.actors), list(event.recipients)
    if event.event_type == "CONSULT" and not recipients:
        at = event.evidence.trigger.start
        before, after = ([p for p in actors if (p.start < at) is side] for side in (True, False))
        if before and after:
            actors, recipients = before, after
    return {
        "event": event.event_type,
        "source": _parties(actors),
        "target": _parties(recipients),
        "context": list(event.contexts),
        "mode": event.mode,
    }


def _parties(parties: Iterable[Party]) -> list[dict[str, str | None]]:
    return [
        {"code": BODIES.get(p.country or "", p.country or ""), "sector": p.sector} for p in parties
    ]
