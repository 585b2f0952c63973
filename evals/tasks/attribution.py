"""Attribution: sources, cues and contents of the statements in a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from whowhom.attribution import find_statements
from whowhom.attribution.quotes import Quoted
from whowhom.model import Parties, Reading, Statement


def predict(records: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """One answer a record, in the form that ``score.py attribution`` reads.

    Reads the fields id, title, date, outlet and text only; offsets count into text.
    """
    parse = _parser()
    for record in records:
        parsed = parse(str(record["id"]), str(record.get("text") or ""))
        reading = parsed.reading
        quoted = Quoted.of(reading.text)
        statements = find_statements(parsed, Parties())
        yield {
            "id": record["id"],
            "attributions": [
                {
                    "source": _spans(reading, statement.source),
                    "cue": _spans(reading, statement.cue),
                    "content": _spans(reading, statement.content),
                }
                for statement in statements
                if not _inside(quoted, statement) and not _nested(statement, statements)
            ],
        }


def _inside(quoted: Quoted, statement: Statement) -> bool:
    """Whether a statement is part of a quotation: the sets mark the outer speaker only."""
    return quoted.at(statement.cue[0][0]) is not None


def _nested(statement: Statement, others: Iterable[Statement]) -> bool:
    """Whether a statement is part of what another one reports: the sets mark the outer one.

    Of two that stand in each other ("X, Y said, Z thought") the larger is the outer one.
    """
    return any(
        _holds(other, statement)
        and not (_holds(statement, other) and _size(other) <= _size(statement))
        for other in others
        if other is not statement
    )


def _holds(outer: Statement, inner: Statement) -> bool:
    return any(low <= inner.cue[0][0] < high for low, high in outer.content)


def _size(statement: Statement) -> int:
    return sum(high - low for low, high in statement.content)


def _spans(reading: Reading, spans: tuple[tuple[int, int], ...]) -> list[list[int]]:
    return [list(reading.to_source(start, end)) for start, end in spans]


def _parser() -> Any:
    from whowhom.model import Document
    from whowhom.parse import Parser

    parser = Parser()
    return lambda name, text: parser.parse(Document(id=name, text=text))
