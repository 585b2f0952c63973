"""Dates and times as TIMEX3: the task ``temporal`` of the scorer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from whowhom.model import Document
from whowhom.parse import Parser
from whowhom.time_place.dates import find_dates


def predict(records: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The time expressions of every record; reads id, text and dct."""
    parser = Parser()
    for record in records:
        published = dt.date.fromisoformat(record["dct"][:10]) if record.get("dct") else None
        document = Document(str(record["id"]), record["text"], published=published)
        parsed = parser.parse(document)
        timexes = []
        for e in find_dates(parsed):
            start, end = parsed.reading.to_source(e.start, e.end)
            timexes.append(
                {
                    "start": start,
                    "end": end,
                    "text": document.text[start:end],
                    "type": e.type,
                    "value": e.value,
                }
            )
        yield {"id": record["id"], "timexes": timexes}
