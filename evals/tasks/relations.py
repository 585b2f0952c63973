"""relations: the type of act between two given actors of a sentence."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from whowhom.actors import ActorResolver
from whowhom.codebook import load
from whowhom.events import EventFinder
from whowhom.model import Candidate, Document, Parsed, Parties, Party, Rejection
from whowhom.parse import Parser

Spans = list[tuple[int, int]]


def predict(records: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """One type a record, from the frames alone; the two actors are taken as given."""
    parser, resolver, codebook = Parser(), ActorResolver(), load()
    finder = EventFinder(codebook)
    for record in records:
        parsed = parser.parse(Document(str(record["id"]), record["text"]))
        source, target = _spans(record.get("source")), _spans(record.get("target"))
        parties = with_given(parsed, resolver.resolve(parsed), [*source, *target])
        candidates, rejections = finder.find(parsed, parties)
        yield {"id": record["id"], "root": choose(parsed, candidates, rejections, source, target)}


def _spans(side: Any) -> Spans:
    if not side or side.get("implicit"):
        return []
    return [(int(s[0]), int(s[1])) for s in side.get("spans") or [(side["start"], side["end"])]]


def with_given(parsed: Parsed, parties: Parties, spans: Spans) -> Parties:
    """The parties with every given actor among them."""
    by_token = dict(parties.by_token)
    for start, end in spans:
        low, high = _reading(parsed, start), _reading(parsed, end - 1) + 1
        span = parsed.doc.char_span(low, high, alignment_mode="expand")
        if span is None or span.root.i in by_token:
            continue
        by_token[span.root.i] = Party(
            span.text, span.start_char, span.end_char, resolved_by="given"
        )
    return dataclasses.replace(parties, by_token=by_token)


def _reading(parsed: Parsed, offset: int) -> int:
    offsets = parsed.reading.offsets
    return next((i for i, source in enumerate(offsets) if source >= offset), len(offsets) - 1)


def choose(
    parsed: Parsed,
    candidates: list[Candidate],
    rejections: list[Rejection],
    source: Spans,
    target: Spans,
) -> str:
    """The type of the candidate that joins the two best; else what a frame nearly said."""

    def over(parties: Iterable[Party], spans: Spans) -> bool:
        for party in parties:
            low, high = parsed.reading.to_source(party.start, party.end)
            if any(low < end and start < high for start, end in spans):
                return True
        return False

    first = min((s for s, _ in source), default=0)
    ranked = sorted(
        candidates,
        key=lambda c: (
            -2 * over(c.actors, source)
            - 2 * over(c.recipients, target)
            - over((*c.actors, *c.recipients), source)
            - over((*c.actors, *c.recipients), target),
            abs(c.trigger.start - first),
        ),
    )
    if ranked:
        return ranked[0].event_type
    near = sorted((r for r in rejections if r.event_type), key=lambda r: abs(r.start - first))
    near.sort(key=lambda r: r.reason == "excluded")
    return near[0].event_type or "ACCUSE" if near else "ACCUSE"
