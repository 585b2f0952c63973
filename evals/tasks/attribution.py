"""Attribution: sources, cues and contents of the statements in a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from whowhom.attribution import find_statements
from whowhom.model import Parties, Reading


def predict(records: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """One answer a record, in the form that ``score.py attribution`` reads.

    Reads the fields id, title, date, outlet and text only; offsets count into text.
    """
    parse = _parser()
    for record in records:
        parsed = parse(str(record["id"]), str(record.get("text") or ""))
        reading = parsed.reading
        yield {
            "id": record["id"],
            "attributions": [
                {
                    "source": _spans(reading, statement.source),
                    "cue": _spans(reading, statement.cue),
                    "content": _spans(reading, statement.content),
                }
                for statement in find_statements(parsed, Parties())
            ],
        }


def _spans(reading: Reading, spans: tuple[tuple[int, int], ...]) -> list[list[int]]:
    return [list(reading.to_source(start, end)) for start, end in spans]


def _parser() -> Any:
    from whowhom.model import Document
    from whowhom.parse import Parser

    parser = Parser()
    return lambda name, text: parser.parse(Document(id=name, text=text))
