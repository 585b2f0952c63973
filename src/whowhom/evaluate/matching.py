"""Which event of one coding is which event of another.

Pairs are one to one and taken greedily, the best first: overlapping triggers before others, the
same type before another that is allowed, then by country codes that agree, then by the distance
of the triggers. A coding against itself pairs every event with itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Literal, get_args

from whowhom.evaluate.gold import AnnotatedDocument, AnnotatedEvent, Span
from whowhom.model import Part
from whowhom.parse.split import stretches

Rule = Literal["sentence", "trigger", "document"]
RULES: tuple[Rule, ...] = get_args(Rule)


def sentences(document: AnnotatedDocument) -> list[Span]:
    """The sentences of title and text: where a sentence surely ends, and at every line's end.

    The same for every coding of a text, and without a model; what is in doubt stays together.
    """
    found = []
    for part in get_args(Part):
        holder = document.part(part)
        if not holder:
            continue
        lines = [at + 1 for at, sign in enumerate(holder) if sign == "\n"]
        found += [Span(holder[s:e], s, e, part) for s, e in stretches(holder, lines)]
    return found


def sentence_of(event: AnnotatedEvent, known: Sequence[Span]) -> Span | None:
    """The sentence of an event: that of a list which holds its trigger, else its own."""
    at = event.trigger
    if at.start is not None:
        for sentence in known:
            if _within(at, sentence):
                return sentence
    return event.sentence


def pair(
    gold: Sequence[AnnotatedEvent],
    found: Sequence[AnnotatedEvent],
    known: Sequence[Span] = (),
    *,
    rule: Rule = "sentence",
    typed: bool = True,
) -> list[tuple[int, int]]:
    """Pairs of positions in ``gold`` and ``found``, each at most once.

    Args:
        gold: events of one document.
        found: events of the same document by another coder.
        known: the sentences of the document (:func:`sentences`).
        rule: ``trigger``: the words of both triggers overlap; ``sentence``: the found trigger
            starts in the sentence of the gold one (its own ``sentence`` where it has one);
            ``document``: anywhere.
        typed: the found type must be the gold type or one of its ``also_ok``.
    """
    where = [event.sentence or sentence_of(event, known) for event in gold]
    scored = []
    for (i, g), (j, f) in itertools.product(enumerate(gold), enumerate(found)):
        if typed and f.event_type != g.event_type and f.event_type not in g.also_ok:
            continue
        overlap = g.trigger.overlaps(f.trigger)
        if not overlap:
            if rule == "trigger":
                continue
            if rule == "sentence" and not _within(f.trigger, where[i]):
                continue
        agree = sum(len(g.countries(s) & f.countries(s)) for s in ("actors", "recipients"))
        distance = _distance(g.trigger, f.trigger)
        scored.append((not overlap, f.event_type != g.event_type, -agree, distance, i, j))
    left, right, pairs = set(), set(), []
    for *_, i, j in sorted(scored):
        if i not in left and j not in right:
            left.add(i)
            right.add(j)
            pairs.append((i, j))
    return pairs


def _within(at: Span, sentence: Span | None) -> bool:
    if sentence is None or at.start is None or sentence.start is None or sentence.end is None:
        return False
    return at.part == sentence.part and sentence.start <= at.start < sentence.end


def _distance(a: Span, b: Span) -> int:
    if a.start is None or b.start is None or a.part != b.part:
        return 1_000_000_000
    return abs(a.start - b.start)
