"""relations: the type of act between two given actors of a sentence."""

from __future__ import annotations

import dataclasses
import math
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whowhom.actors import ActorResolver
from whowhom.codebook import Codebook, load
from whowhom.events import EventFinder
from whowhom.learned import Scores, WordReader
from whowhom.model import Candidate, Document, Parsed, Parties, Party, Rejection
from whowhom.parse import Parser

if TYPE_CHECKING:
    from whowhom.parse.tokens import Token

Spans = list[tuple[int, int]]
# weights of the frames beside the model, fitted by training/relations.py on held-out lines
SETTINGS = tomllib.loads(Path(__file__).with_name("relations.toml").read_text(encoding="utf-8"))
BONUS: Mapping[str, float] = SETTINGS["bonus"]
SIGNING = frozenset(SETTINGS["cameo"]["signing"])
ARMED = frozenset(SETTINGS["cameo"]["armed"])
Choice = tuple[str, str, int]  # type, how much of the pair its frame covers, trigger's token or -1


def predict(records: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """One type a record, from frames and model; the two actors are taken as given."""
    parser, resolver, codebook, reader = Parser(), ActorResolver(), load(), WordReader()
    finder = EventFinder(codebook)
    for record in records:
        parsed = parser.parse(Document(str(record["id"]), record["text"]))
        source, target = _spans(record.get("source")), _spans(record.get("target"))
        parties = with_given(parsed, resolver.resolve(parsed), [*source, *target])
        candidates, rejections = finder.find(parsed, parties)
        scores = reader.read(parsed)
        frames = by_frames(parsed, candidates, rejections, source, target)
        learned = by_model(parsed, parties, scores, codebook, source, target)
        chosen = chosen_as_cameo(parsed, parties, frames, scores, codebook)
        yield {"id": record["id"], "root": joined(chosen, learned, BONUS)}


def joined(
    frames: Choice,
    learned: Mapping[str, float],
    weights: Mapping[str, float],
) -> str:
    """The type with the most evidence: the model's share, and a bonus for the frames' choice by
    how much of the pair the frame covers."""
    total = sum(learned.values()) + 1e-6
    scores = defaultdict(float, {name: value / total for name, value in learned.items()})
    name, how, _ = frames
    if name:
        scores[name] += weights[how]
    return max(sorted(scores), key=lambda name: scores[name]) if scores else "ACCUSE"


def _spans(side: Any) -> Spans:
    if not side or side.get("implicit"):
        return []
    return [(int(s[0]), int(s[1])) for s in side.get("spans") or [(side["start"], side["end"])]]


def with_given(parsed: Parsed, parties: Parties, spans: Spans) -> Parties:
    """The parties with every given actor among them."""
    by_token = dict(parties.by_token)
    for root in roots(parsed, spans):
        if root.i not in by_token:
            span = parsed.doc[root.left_edge.i : root.i + 1]
            by_token[root.i] = Party(span.text, span.start_char, span.end_char, resolved_by="given")
    return dataclasses.replace(parties, by_token=by_token)


def roots(parsed: Parsed, spans: Spans) -> list[Token]:
    """The head of every given span."""
    found = []
    for start, end in spans:
        low, high = _reading(parsed, start), _reading(parsed, end - 1) + 1
        span = parsed.doc.char_span(low, high, alignment_mode="expand")
        if span is not None:
            found.append(span.root)
    return found


def _reading(parsed: Parsed, offset: int) -> int:
    offsets = parsed.reading.offsets
    return next((i for i, source in enumerate(offsets) if source >= offset), len(offsets) - 1)


def by_frames(
    parsed: Parsed,
    candidates: list[Candidate],
    rejections: list[Rejection],
    source: Spans,
    target: Spans,
) -> Choice:
    """The type of the candidate that joins the two best, else what a frame nearly said; with how
    much of the pair it covers ("both", "one", "neither", "near")."""

    def over(parties: Iterable[Party], spans: Spans) -> bool:
        for party in parties:
            low, high = parsed.reading.to_source(party.start, party.end)
            if any(low < end and start < high for start, end in spans):
                return True
        return False

    def sides(c: Candidate) -> tuple[bool, bool]:
        every = (*c.actors, *c.recipients)
        return over(every, source), over(every, target)

    first = min((s for s, _ in source), default=0)
    ranked = sorted(
        candidates,
        key=lambda c: (
            -2 * over(c.actors, source) - 2 * over(c.recipients, target) - sum(sides(c)),
            abs(c.trigger.start - first),
        ),
    )
    if ranked:
        how = ("neither", "one", "both")[sum(sides(ranked[0]))]
        return ranked[0].event_type, how, ranked[0].token
    near = sorted((r for r in rejections if r.event_type), key=lambda r: abs(r.start - first))
    near.sort(key=lambda r: r.reason == "excluded")
    return (near[0].event_type or "" if near else ""), "near", -1


def chosen_as_cameo(
    parsed: Parsed, parties: Parties, choice: Choice, scores: Scores, codebook: Codebook
) -> Choice:
    """The frames' choice as the public set would have it."""
    kind, how, at = choice
    if not kind or at < 0:
        return choice
    shares = as_cameo(parsed.doc[at], {kind: 1.0}, scores, codebook, parties)
    return max(sorted(shares), key=lambda name: shares[name]), how, at


def by_model(
    parsed: Parsed,
    parties: Parties,
    scores: Scores,
    codebook: Codebook,
    source: Spans,
    target: Spans,
) -> dict[str, float]:
    """For each type, the best word that carries it between the two: its chance times the chances
    that the given ones act and are acted on.

    The public set follows CAMEO where PLOVER's manual differs: see :func:`as_cameo`.
    """
    givers, takers = roots(parsed, source), roots(parsed, target)
    best: dict[str, float] = defaultdict(float)
    for i in scores.carriers():
        kinds = scores.kinds(i)
        if kinds is None or kinds["NONE"] > 0.97:
            continue
        token = parsed.doc[i]
        gives = max((r[1] for r in scores.roles(token, givers)), default=0.5)
        takes = max((max(r[2], 0.7 * r[1]) for r in scores.roles(token, takers)), default=0.5)
        fit = gives * takes + 0.02 * (gives + takes) + 0.001
        for name, chance in as_cameo(token, kinds, scores, codebook, parties).items():
            best[name] = max(best[name], chance * fit)
    return best


def as_cameo(
    token: Token,
    kinds: Mapping[str, float],
    scores: Scores,
    codebook: Codebook,
    parties: Parties,
) -> dict[str, float]:
    """A word's chances of each type, as the public set would have it, which follows CAMEO where
    PLOVER's manual differs: what is only intended is AGREE (CAMEO 03), also a withdrawal; an
    agreement that is reached or signed is SUPPORT (057); verdicts are ACCUSE (116); what somebody
    will not do is REJECT (12); what soldiers or fighters take is ASSAULT (192)."""
    status = scores.statuses(token.i) or {}
    out: dict[str, float] = defaultdict(float)
    refuses = any(c.lower_ in ("will", "would", "wo", "'ll") for c in token.children)
    verbs = {t.lemma_.lower() for t in (token, token.head)}
    signed = bool(verbs & SIGNING)
    subjects = (parties.at(c) for c in token.children if c.dep_ in ("nsubj", "agent"))
    fighters = any(party is not None and party.sector in ARMED for party in subjects)
    for kind, chance in kinds.items():
        name = kind
        if name == "NONE":
            continue
        later = status.get("future", 0.0) if name in {*codebook.planned, "CONCEDE"} else 0.0
        never = status.get("negated", 0.0) if refuses and name in codebook.refused else 0.0
        out["AGREE"] += chance * later
        out["REJECT"] += chance * never
        rest = chance * max(0.0, 1 - later - never)
        mode = scores.mode(token.i, name) or (None, 0.0)
        if (name, mode[0]) == ("SANCTION", "convict"):
            name = "ACCUSE"
        elif (name, mode[0]) == ("COERCE", "seize") and fighters:
            name = "ASSAULT"
        elif name == "AGREE" and signed:
            name = "SUPPORT"
        out[name] += rest
    # what two shares of one type add up to is never more than certain
    return {name: min(1.0, value) for name, value in out.items() if not math.isnan(value)}
