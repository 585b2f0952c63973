"""Task "actors": who an actor phrase is, as country and sectors.

Reads the input fields ``query``, ``context``, ``known_country`` and ``date`` only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from whowhom.actors import ActorResolver
from whowhom.model import Document, Party
from whowhom.parse import Parser

NOW = dt.date(2022, 6, 1)
"""What a null date means in this task's records: they were written in 2022 (its README)."""
CODES = {"KOS": "XKX", "IMG": "", "NGO": "", "MNC": "", "ISM": ""}
"""PLOVER's codes as this task writes them: Kosovo by the user-assigned ISO code, and no
country where an organisation is international but no body of states."""


def predict(records: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """One answer a record: ``id``, ``country``, ``code_1``, ``code_2``, ``wiki``."""
    parser, resolver = Parser(), ActorResolver()
    for record in records:
        yield answer(record, parser, resolver)


def answer(record: Mapping[str, Any], parser: Parser, resolver: ActorResolver) -> dict[str, Any]:
    query = str(record["query"])
    text = query
    if record.get("context"):
        text = f"{query}\n\n{record['context']}."
    date = dt.date.fromisoformat(record["date"]) if record.get("date") else NOW
    parsed = parser.parse(Document("query", text, published=date))
    parties = resolver.resolve(parsed)
    party = main_party(list(parties.by_token.items()), parsed.doc, len(query))
    if party is None:
        return {"id": record["id"], "country": "", "code_1": "", "code_2": "", "wiki": ""}
    country = party.country or record.get("known_country") or ""
    sector = party.sector or ""
    if not sector and party.resolved_by == "unresolved":
        sector = "UNK"
    known = party.wikidata is not None or party.resolved_by in (
        "name",
        "surname",
        "title",
        "lexicon",
    )
    others = [other for other in party.other_sectors if other != sector]
    return {
        "id": record["id"],
        "country": CODES.get(country, country),
        "code_1": sector,
        "code_2": others[0] if others else "",
        "wiki": (party.name or "") if known else "",
    }


def main_party(parties: list[tuple[int, Party]], doc: Any, end: int) -> Party | None:
    """The party that the phrase as a whole names: its root's, else the widest one."""
    inside = [(token, party) for token, party in parties if party.start < end]
    if not inside:
        return None
    for token, party in inside:
        if doc[token].head.i == token:
            return party
    return max(inside, key=lambda pair: (pair[1].end - pair[1].start, -pair[0]))[1]
