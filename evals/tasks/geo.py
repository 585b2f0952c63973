"""Place names and their coordinates: the task ``geo`` of the scorer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from whowhom.model import Document
from whowhom.parse import Parser
from whowhom.time_place.places import PlaceFinder


def predict(records: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Places of every record, found by the tool itself; reads id, date, outlet, url and text."""
    parser, finder = Parser(), PlaceFinder()
    for record in records:
        document = Document(
            str(record["id"]),
            record["text"],
            outlet=record.get("outlet"),
            url=record.get("url"),
            published=_date(record.get("date")),
        )
        parsed = parser.parse(document)
        toponyms = []
        for t in finder.find(parsed):
            start, end = parsed.reading.to_source(t.start, t.end)
            toponyms.append(
                {
                    "start": start,
                    "end": end,
                    "text": document.text[start:end],
                    "lat": t.lat,
                    "lon": t.lon,
                    "geonameid": t.geonameid,
                    "literal": t.literal,
                }
            )
        yield {"id": record["id"], "toponyms": toponyms}


def _date(value: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
