"""When and where an event happened: which date and which place of the text are its own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from ..model import Parsed, Place, Status, TimeExpression, Toponym, When

if TYPE_CHECKING:
    from spacy.tokens import Token

__all__ = ["when", "where"]

CLAUSES = {"ROOT", "ccomp", "advcl", "relcl", "parataxis", "acl", "csubj", "csubjpass", "pcomp"}
DATED = {"day", "week", "month", "year"}


@dataclass(frozen=True, slots=True)
class Words:
    """``data/language/situate.toml``."""

    reporting: frozenset[str]
    since: frozenset[str]
    into_past: frozenset[str]
    locative: frozenset[str]
    stale: frozenset[str]
    not_places: frozenset[str]
    same_time: frozenset[str]
    taken_up: frozenset[str]
    origin: frozenset[str]


@lru_cache(maxsize=1)
def words() -> Words:
    raw = resources.files("whowhom.data").joinpath("language", "situate.toml")
    data: dict[str, Any] = tomllib.loads(raw.read_text(encoding="utf-8"))
    return Words(**{name: frozenset(data[name]) for name in Words.__dataclass_fields__})


# --------------------------------------------------------------------- when
def when(
    parsed: Parsed,
    dates: Sequence[TimeExpression],
    token_index: int,
    status_hint: Status | None,
) -> When:
    """The date of the event whose trigger is ``doc[token_index]``.

    A date that the text gives comes from the trigger's own clause, then from the clauses around it
    up to a reporting verb, whose date is that of the saying. Without one, a report in the past or
    present tense is dated by its publication, and ``date_from`` says so; background, plans and
    conditions are not dated.
    """
    doc = parsed.doc
    trigger = doc[token_index]
    sentence = parsed.sentence_of(token_index)
    usable = [
        e
        for e in dates
        if sentence.start <= e.start < sentence.end
        and e.type in {"DATE", "TIME"}
        and e.granularity in DATED
        and e.first is not None
        and not e.text.lower().startswith("the last")  # a stretch up to now, no date
    ]
    if usable:
        found = _own_date(parsed, usable, trigger)
        if found is not None:
            return found
    return _undated(parsed, trigger, dates, status_hint)


def _own_date(parsed: Parsed, usable: list[TimeExpression], trigger: Token) -> When | None:
    heads = {e: _head_of(parsed, e) for e in usable}
    lists = words()
    best: tuple[float, int, TimeExpression] | None = None
    chain = _chain(trigger)
    for e, token in heads.items():
        if token is None:
            continue
        rank = _attachment(token, trigger, chain)
        if rank is None:
            continue
        key = (rank, abs(token.i - trigger.i), e)
        if best is None or key[:2] < best[:2]:
            best = key
    if best is None:
        return None
    chosen = best[2]
    token = heads[chosen]
    preposition = _preposition(token)
    first, last = chosen.first, chosen.last
    end_date = None
    if chosen.granularity != "day" and last != first:
        end_date = last
    # "from 3 to 5 May", "between June and August"
    for other in usable:
        if other is chosen or other.first is None or first is None:
            continue
        a, b = sorted((chosen, other), key=lambda x: x.start)
        between = parsed.reading.text[a.end : b.start].strip().lower()
        if between in {"to", "until", "and", "-", "–", "through"} and a.first < b.first:  # type: ignore[operator]
            lead = parsed.reading.text[max(0, a.start - 9) : a.start].strip().lower()
            if between == "and" and not lead.endswith("between"):
                continue
            return When(
                a.first,
                b.last,
                parsed.reading.text[a.start : b.end],
                a.granularity,
                "text",
            )
    if preposition in lists.since and trigger.tag_ != "VBD":
        end_date = None
    if chosen.type == "DATE" and chosen.granularity == "day" and first != last:
        end_date = last
    return When(first, end_date, chosen.text, chosen.granularity, "text")


def _head_of(parsed: Parsed, e: TimeExpression) -> Token | None:
    """The topmost token of a time expression."""
    span = parsed.doc.char_span(e.start, e.end, alignment_mode="expand")
    return span.root if span is not None and len(span) else None


def _preposition(token: Token | None) -> str:
    return token.head.lower_ if token is not None and token.dep_ == "pobj" else ""


def _chain(trigger: Token) -> dict[int, int]:
    """Tokens from the trigger up to the root, with the number of clauses crossed."""
    chain: dict[int, int] = {}
    token, crossed, steps = trigger, 0, 0
    while steps < 60:
        chain[token.i] = crossed
        if token.head.i == token.i:
            break
        if token.dep_ in CLAUSES or (token.dep_ == "conj" and token.pos_ == "VERB"):
            crossed += 1
        token, steps = token.head, steps + 1
    return chain


def _attachment(token: Token, trigger: Token, chain: dict[int, int]) -> float | None:
    """How near in the tree a date hangs to a trigger; None where it is another clause's.

    0: under the trigger itself; 1: in its clause; 2 and more: in the clauses around it.
    """
    lists = words()
    node, steps, penalty = token, 0, 0.0
    while node.i not in chain:
        if node.head.i == node.i or steps > 60:
            return None
        # what hangs in a clause of its own below the trigger's is that clause's, unless the
        # clause only goes on with it: "killed 12 and wounded 30 in ...", "killed when ... in ..."
        if node.dep_ in {"conj", "advcl", "ccomp", "acl"} and node.pos_ in {"VERB", "AUX", "ADJ"}:
            if not _goes_on(node, chain):
                return None
            penalty += 1.5
        elif node.dep_ in {"ccomp", "relcl", "advcl", "parataxis"}:
            return None
        elif node.dep_ == "conj":
            penalty += 0.5
        node, steps = node.head, steps + 1
    crossed = chain[node.i]
    if node.i == trigger.i:
        return 0.0 + penalty
    if crossed and node.lemma_.lower() in lists.reporting and node.pos_ == "VERB":
        return None
    if crossed == 0:
        return 1.0 + penalty
    # what hangs in a relative clause does not take the date of the main clause
    below = _clause_under(trigger)
    if below is not None and below.dep_ in {"relcl", "acl"} and crossed >= 1:
        return None
    if crossed > 1:
        return None
    if below is not None and below.dep_ in {"ccomp", "advcl"} and _pluperfect(below):
        return None
    if below is not None and below.dep_ == "xcomp":
        return 2.0 + penalty
    return 2.0 + penalty if below is None or below.dep_ in {"conj", "advcl", "ccomp"} else None


def _goes_on(node: Token, chain: dict[int, int]) -> bool:
    """Whether a clause below shares what the one above does, time and place with it."""
    if node.head.i not in chain and node.head.pos_ in {"VERB", "AUX"} and node.dep_ != "conj":
        return False
    own_subject = any(c.dep_ in {"nsubj", "nsubjpass"} for c in node.children)
    if node.dep_ == "conj":
        # "killed 12 and wounded 30": one subject, and the same kind of act
        return not own_subject and node.tag_ == node.head.tag_
    if node.dep_ == "advcl":
        return any(c.lower_ in words().same_time for c in node.children) or node.tag_ == "VBG"
    if node.dep_ == "acl":
        return node.tag_ == "VBN" and node.head.dep_ in {"conj", "dobj"}
    return not own_subject and node.tag_ not in {"VBD", "VBZ", "VBP"}


def _clause_under(trigger: Token) -> Token | None:
    """The head of the clause that holds the trigger."""
    token, steps = trigger, 0
    while steps < 40:
        if token.dep_ in CLAUSES or (token.dep_ == "conj" and token.pos_ == "VERB"):
            return token
        if token.head.i == token.i:
            return None
        token, steps = token.head, steps + 1
    return None


def _pluperfect(verb: Token) -> bool:
    return any(c.lower_ in {"had", "'d"} and c.dep_ == "aux" for c in verb.children)


def _undated(
    parsed: Parsed, trigger: Token, dates: Sequence[TimeExpression], hint: Status | None
) -> When:
    """The date of an event for which the text gives none."""
    published = parsed.document.published
    if published is None or hint in {"future", "hypothetical", "historical"}:
        return When()
    sentence = parsed.sentence_of(trigger.i)
    title = sentence.start < parsed.reading.title_end
    verb = _verb_of(trigger)
    if title and (verb is None or verb.tag_ in {"VB", "NN"}):
        # headlines drop their verbs, and the parser takes their verbs for nouns
        return When(published, None, None, "day", "tense")
    if verb is None:
        return When()
    lists = words()
    # "were killed and 30 injured": the second takes the auxiliary of the first
    while verb.tag_ == "VBN" and verb.dep_ == "conj" and verb.head.pos_ == "VERB":
        if any(c.dep_ in {"aux", "auxpass"} for c in verb.children):
            break
        verb = verb.head
    auxiliaries = {c.lower_ for c in verb.children if c.dep_ in {"aux", "auxpass"}}
    if auxiliaries & lists.into_past or any(c.lower_ in lists.stale for c in verb.children):
        return When()
    if any(t.lower_ in lists.stale for t in parsed.doc[sentence.first : sentence.last]):
        return When()
    if verb.dep_ in {"relcl", "acl", "advcl", "xcomp"} or trigger.dep_ in {"relcl", "acl"}:
        return When()
    if title and verb.tag_ in {"VBZ", "VBP"}:
        return When(published, None, None, "day", "tense")
    older = any(
        sentence.start <= e.start < sentence.end and e.last is not None and e.last < published
        for e in dates
    )
    if older:
        return When()
    if verb.tag_ in {"VBD", "VBZ", "VBP"} or auxiliaries & {
        "has", "have", "is", "are", "was", "were", "'s", "'ve", "'re",
    }:  # fmt: skip
        return When(published, None, None, "day", "published")
    return When(published, None, None, "day", "tense") if title and verb.tag_ == "VBN" else When()


def _verb_of(trigger: Token) -> Token | None:
    token, steps = trigger, 0
    while steps < 20:
        if token.pos_ in {"VERB", "AUX"}:
            return token
        if token.head.i == token.i:
            return None
        token, steps = token.head, steps + 1
    return None


# -------------------------------------------------------------------- where
def where(
    parsed: Parsed,
    toponyms: Sequence[Toponym],
    token_index: int,
    exclude: Iterable[tuple[int, int]],
) -> Place | None:
    """The place of the event whose trigger is ``doc[token_index]``, or None where unclear.

    A place stands under the trigger or in its clause after a preposition of place; else the
    dateline of a lead sentence says it. A party's own name is no place, unless a preposition says
    so: "Iraq invaded" tells who, "in Iraq" tells where.
    """
    trigger = parsed.doc[token_index]
    sentence = parsed.sentence_of(token_index)
    taken = tuple(exclude)
    chain = _chain(trigger)
    ranked: list[tuple[float, int, int, Toponym]] = []
    for t in toponyms:
        if not sentence.start <= t.start < sentence.end:
            continue
        rank = _place_rank(parsed, t, trigger, chain, taken)
        if rank is not None:
            ranked.append((rank, -_fineness(t), abs(t.start - trigger.idx), t))
    if ranked:
        ranked.sort(key=lambda r: r[:3])
        return _place(_finest(parsed, ranked[0][3], toponyms))
    return (
        _in_title(parsed, toponyms, trigger)
        or _dateline(parsed, toponyms, trigger, chain)
        or _taken_up(parsed, toponyms, trigger)
    )


_DATELINE = re.compile(r"(?:, [^()–—]{1,20})?\s?(?:\([^)]{1,20}\)\s?)?[-–—]{1,3}(?:\s|\Z)")


def _dateline(
    parsed: Parsed, toponyms: Sequence[Toponym], trigger: Token, chain: dict[int, int]
) -> Place | None:
    """The place of "BAGHDAD (Reuters) - ..." for an event in the main clause of that sentence."""
    reading, sentence = parsed.reading, parsed.sentence_of(trigger.i)
    # what the main clause only reports need not have happened where it is reported
    if sentence.start < reading.title_end or max(chain.values()) > 0:
        return None
    lead = next((s for s in parsed.sentences if s.start >= reading.title_end), sentence)
    # the parser may take the dateline for a sentence of its own
    fragment = sentence.number == lead.number + 1 and lead.end - lead.start < 60
    if sentence.number != lead.number and not fragment:
        return None
    for t in toponyms:
        if lead.start <= t.start <= lead.start + 2:
            found = _DATELINE.match(reading.text, t.end, min(len(reading.text), t.end + 50))
            if found is not None and (not fragment or lead.end <= found.end() + 1):
                return _place(t)
    return None


def _word_before(parsed: Parsed, t: Toponym) -> str:
    text = parsed.reading.text[max(0, t.start - 20) : t.start]
    return text.rstrip().rpartition(" ")[2].lower()


def _in_title(parsed: Parsed, toponyms: Sequence[Toponym], trigger: Token) -> Place | None:
    """The one place that a headline names after a preposition, however it was parsed."""
    if trigger.idx >= parsed.reading.title_end:
        return None
    named = [
        t
        for t in toponyms
        if t.end <= parsed.reading.title_end and _word_before(parsed, t) in words().locative
    ]
    return _place(named[0]) if len(named) == 1 else None


def _taken_up(parsed: Parsed, toponyms: Sequence[Toponym], trigger: Token) -> Place | None:
    """Where "the attack" happened that the headline or the first two sentences placed."""
    nouns = [trigger, *(c for c in trigger.children if c.dep_ in {"nsubj", "nsubjpass"})]
    if not any(
        n.lemma_.lower() in words().taken_up
        and any(c.lower_ in {"the", "this", "that"} for c in n.children)
        for n in nouns
    ):
        return None
    lead = [s for s in parsed.sentences if s.number <= 2]
    here = parsed.sentence_of(trigger.i)
    found = [
        t
        for t in toponyms
        if t.literal
        and t.resolution in {"city", "province"}
        and t.start < here.start
        and any(s.start <= t.start < s.end for s in lead)
        and _word_before(parsed, t) in {"in", "at", "near", "outside"}
    ]
    return _place(found[0]) if len({t.country for t in found}) == 1 else None


def _place_rank(
    parsed: Parsed,
    t: Toponym,
    trigger: Token,
    chain: dict[int, int],
    taken: tuple[tuple[int, int], ...],
) -> float | None:
    lists = words()
    span = parsed.doc.char_span(t.start, t.end, alignment_mode="expand")
    if span is None or not len(span):
        return None
    head = span.root
    # "the town of Karak", "Karak province", "Paris, Texas": the preposition is further up
    node, steps = head, 0
    while node.dep_ in {"compound", "appos", "conj", "nmod", "poss", "amod"} and steps < 8:
        node, steps = node.head, steps + 1
    if (
        node.dep_ == "pobj"
        and node.head.lower_ == "of"
        and node.head.head.lemma_ in lists.not_places
    ):
        node = node.head.head
    preposition = node.head if node.dep_ == "pobj" else None
    locative = preposition is not None and preposition.lower_ in lists.locative
    held = any(a <= t.start and t.end <= b for a, b in taken)
    if not t.literal and node.i != head.i:
        return None  # "in the Cuban press"
    if locative and preposition is not None:
        anchor = preposition.head
        named = anchor.pos_ in {"NOUN", "PROPN"} and anchor.i != trigger.i
        if named and preposition.lower_ in lists.origin:
            return None  # "a tourist from Canada", "the ambassador to Iran"
        rank = _attachment(preposition, trigger, chain)
        if rank is None:
            return None
        if named and held:
            # "protesters in Cairo": said of the party, and yet where it happens
            rank += 0.5
        return rank
    if held or not t.literal:
        return None
    # "the Karak attack", "visited Karak"
    if head.i in {c.i for c in trigger.children} and head.dep_ in {"compound", "nmod", "dobj"}:
        return 1.5
    return None


def _fineness(t: Toponym) -> int:
    return {"city": 3, "province": 2, "country": 1}.get(t.resolution or "", 0)


def _finest(parsed: Parsed, t: Toponym, toponyms: Sequence[Toponym]) -> Toponym:
    """ "Jordan" in "Karak, Jordan" gives way to "Karak"."""
    for other in toponyms:
        if other.end < t.start <= other.end + 3 and _fineness(other) > _fineness(t):
            between = parsed.reading.text[other.end : t.start]
            if between.strip() == "," and other.country == t.country:
                return other
    return t


def _place(t: Toponym) -> Place:
    return Place(
        t.text, t.start, t.end, t.name, t.country, t.admin1, t.lat, t.lon, t.geonameid, t.resolution
    )
