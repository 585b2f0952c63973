"""When and where an event happened: which date and which place of the text are its own."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..model import Parsed, Place, Status, TimeExpression, Toponym, When

if TYPE_CHECKING:
    from ..parse.tokens import Token

__all__ = ["at_home", "elsewhere", "when", "where"]

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
    at: frozenset[str]
    sites: frozenset[str]
    same_place: frozenset[str]
    elsewhere: frozenset[str]
    spot: frozenset[str]
    verbal: frozenset[str]
    onto: frozenset[str]
    onto_nouns: frozenset[str]
    onto_by: frozenset[str]
    at_home: frozenset[str]
    outposts: frozenset[str]
    legal: frozenset[str]
    definite: frozenset[str]
    topic: frozenset[str]
    whom: frozenset[str]
    at_home_types: frozenset[str]
    acts: dict[str, str]  # "bombing" -> "bomb"
    happenings: dict[str, str]  # "bomb" -> "harm"


@lru_cache(maxsize=1)
def words() -> Words:
    raw = resources.files("whowhom.data").joinpath("language", "situate.toml")
    data: dict[str, Any] = tomllib.loads(raw.read_text(encoding="utf-8"))
    lists = set(Words.__dataclass_fields__) - {"acts", "happenings"}
    return Words(
        **{name: frozenset(data[name]) for name in lists},
        acts={word: kind for kind, listed in data["acts"].items() for word in listed},
        happenings={
            kind: name for name, listed in data["same_happening"].items() for kind in listed
        },
    )


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
    found = _by_tense(parsed, trigger, dates, hint)
    story = _story(parsed, dates) if found.date is not None else None
    if story is None or story.first == found.date:
        return found
    # the report tells in the past tense of the day that it begins with
    return When(story.first, None, story.text, "day", "tense")


STORY_DAYS = 7
"""A day this far back, named at the beginning of a report, is the day that it is about."""
BEGINNING = 4  # sentences


def _story(parsed: Parsed, dates: Sequence[TimeExpression]) -> TimeExpression | None:
    """The first day that the beginning of a report names, where it is one of the last seven."""
    published = parsed.document.published
    title = parsed.reading.title_end
    beginning = list(islice((s for s in parsed.sentences if s.start >= title), BEGINNING))
    if published is None or not beginning:
        return None
    for e in dates:
        if e.end > beginning[-1].end:
            break
        if e.first is None or e.granularity != "day" or e.type not in {"DATE", "TIME"}:
            continue
        if e.start < beginning[0].start or e.first != e.last:
            continue
        head = _head_of(parsed, e)
        verb = None if head is None else _verb_of(head)
        # "police said that rebels had attacked on Monday": the story is of the day of the saying
        if verb is not None and _pluperfect(verb):
            return None
        return e if 0 <= (published - e.first).days <= STORY_DAYS else None
    return None


def _by_tense(
    parsed: Parsed, trigger: Token, dates: Sequence[TimeExpression], hint: Status | None
) -> When:
    """The day of publication, for what is told in the past or present tense."""
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
    # "shook hands, smiling", "before leaving": as the verb that it hangs on
    steps = 0
    while verb.tag_ == "VBG" and verb.dep_ in {"advcl", "pcomp"} and not auxiliaries and steps < 5:
        above = _verb_of(verb.head)
        if above is None or above.i == verb.i:
            break
        verb, steps = above, steps + 1
        auxiliaries = {c.lower_ for c in verb.children if c.dep_ in {"aux", "auxpass"}}
        if auxiliaries & lists.into_past:
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


MOST = 40
"""Words for an act that are looked at elsewhere in a text, so that work stays linear in it."""
BY_SIZE = ("day", "week", "month", "year")


def elsewhere(
    parsed: Parsed,
    dates: Sequence[TimeExpression],
    token_index: int,
    past: bool,
    historical_days: int,
) -> When | None:
    """The date that another sentence gives the act whose trigger is ``doc[token_index]``.

    Only where the text dates that kind of act once: several dates are several acts. What is older
    than ``historical_days`` counts for background (``past``), and else only for a noun that takes
    it up ("their kidnapping") or a word that describes ("the girls abducted by ...").
    """
    published, lists = parsed.document.published, words()
    trigger = parsed.doc[token_index]
    kind = lists.acts.get(trigger.lemma_.lower())
    if kind is None or published is None:
        return None
    here = parsed.sentence_of(token_index)
    if any(t.lower_ in lists.stale for t in parsed.doc[here.first : here.last]):
        return None
    taken_up = trigger.pos_ == "NOUN" and any(
        c.lower_ in lists.definite or c.dep_ == "poss" for c in trigger.children
    )
    old = past or taken_up or trigger.dep_ in {"acl", "relcl"}
    said = _by_sentence(parsed, dates)
    same: list[When] = []
    alike: list[When] = []
    looked = 0
    for first, expressions in said.items():
        if first == here.first:
            continue
        for token in parsed.doc[first : parsed.sentence_of(first).last]:
            other = lists.acts.get(token.lemma_.lower())
            if other is None or looked == MOST:
                continue
            if other != kind and lists.happenings.get(other, "") != lists.happenings.get(kind):
                continue
            looked += 1
            found = _own_date(parsed, expressions, token)
            if found is None or found.date is None or found.date > published:
                continue
            recent = (published - found.date).days <= historical_days
            if not recent if past else recent or old:
                (same if other == kind else alike).append(found)
    told = same or alike
    if not told:
        return None
    # "in April 2014" and "on 14 April 2014" are one
    finest = min(told, key=lambda w: BY_SIZE.index(w.date_granularity or "year"))
    if not all(_covers(w, finest) for w in told):
        return None
    # a later date in its own sentence is that of the saying; an earlier one is another story's
    older = any(e.last is not None and e.last < finest.date for e in said.get(here.first, ()))  # type: ignore[operator]
    return None if older else finest


BY_SENTENCE = "whowhom.dates"  # in the parse: its dates by their sentences


def _by_sentence(
    parsed: Parsed, dates: Sequence[TimeExpression]
) -> dict[int, list[TimeExpression]]:
    """Dates by the first token of the sentence that they stand in."""
    known = parsed.doc.user_data.get(BY_SENTENCE)
    if known is not None and known[0] is dates:
        found: dict[int, list[TimeExpression]] = known[1]
        return found
    said: dict[int, list[TimeExpression]] = {}
    for e in dates:
        if e.first is not None and e.granularity in DATED and e.type in {"DATE", "TIME"}:
            span = parsed.doc.char_span(e.start, e.end, alignment_mode="expand")
            if span is not None and len(span):
                said.setdefault(parsed.sentence_of(span.start).first, []).append(e)
    parsed.doc.user_data[BY_SENTENCE] = (dates, said)
    return said


def _covers(wide: When, narrow: When) -> bool:
    """Whether the day of one may be that of the other."""
    if wide.date is None or narrow.date is None:
        return False
    return wide.date <= narrow.date <= (wide.end_date or wide.date)


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
BACK = 5  # sentences back in which the place of the same incident is looked for
FARTHEST = 600  # characters from the place to what goes on at it: an incident's own paragraphs
OBJECTS = {"dobj", "nsubjpass"}
PARTS_OF_NAMES = {"compound", "appos", "conj", "nmod", "poss", "amod"}


def where(
    parsed: Parsed,
    toponyms: Sequence[Toponym],
    token_index: int,
    exclude: Iterable[tuple[int, int]],
) -> Place | None:
    """The place of the event whose trigger is ``doc[token_index]``, or None where unclear.

    A place stands under the trigger or in its clause after a preposition of place, or is what the
    act is done to ("bombed Gori"). A party's own name is no place, unless a preposition says so:
    "Iraq invaded" tells who, "in Iraq" tells where. Where the clause has none, the dateline, the
    headline, a court or police at home, and the sentences before within the same incident say it.
    """
    trigger = parsed.doc[token_index]
    taken = tuple(exclude)
    return (
        _said(parsed, toponyms, trigger, taken)
        or _taken_up(parsed, toponyms, trigger)
        or _as_before(parsed, toponyms, trigger)
        or _same_incident(parsed, toponyms, trigger)
    )


def at_home(
    parsed: Parsed,
    toponyms: Sequence[Toponym],
    token_index: int,
    event_type: str,
    countries: Iterable[str | None],
) -> Place | None:
    """The country of all parties of an act for which :func:`where` has no place.

    Only for types that are done on a country's soil, and where it is the country that the document
    names most. The words are those of the country nearest to the act, in its sentence or before.
    """
    known = {c for c in countries if c is not None}
    if len(known) != 1 or event_type not in words().at_home_types:
        return None
    (country,) = known
    named = Counter(t.country for t in toponyms if t.country is not None)
    if named[country] < max(named.values(), default=1):
        return None
    trigger = parsed.doc[token_index]
    if _else(parsed, trigger):
        return None
    end = parsed.sentence_of(token_index).end
    nations = [
        t for t in toponyms if t.country == country and t.resolution == "country" and t.start < end
    ]
    return _place(nations[-1]) if nations else None


def _said(
    parsed: Parsed,
    toponyms: Sequence[Toponym],
    trigger: Token,
    taken: tuple[tuple[int, int], ...],
) -> Place | None:
    """The place that a trigger's own sentence or its dateline says."""
    sentence = parsed.sentence_of(trigger.i)
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
        or _at_home(parsed, toponyms, trigger)
        or _of_the_party(parsed, toponyms, trigger)
    )


def _as_before(parsed: Parsed, toponyms: Sequence[Toponym], trigger: Token) -> Place | None:
    """The place of the same act where a sentence shortly before told of it with its place."""
    if not (_spot(trigger) or trigger.lemma_.lower() in words().legal) or _else(parsed, trigger):
        return None
    sentence = parsed.sentence_of(trigger.i)
    found: list[Place] = []
    for s in parsed.sentences:
        if not sentence.number - BACK <= s.number < sentence.number:
            continue
        for token in parsed.doc[s.first : s.last]:
            if token.lemma_ == trigger.lemma_ and token.pos_ == trigger.pos_:
                place = _said(parsed, toponyms, token, ())
                if place is not None:
                    found.append(place)
    return found[-1] if len({p.country for p in found}) == 1 else None


_DATELINE = re.compile(r"(?:, [^()–—]{1,20})?\s?(?:\([^)]{1,20}\)\s?)?[-–—]{1,3}(?:\s|\Z)")
_TOPIC = re.compile(r"(?:\s\w{1,12})?:\s")


def _dateline(
    parsed: Parsed, toponyms: Sequence[Toponym], trigger: Token, chain: dict[int, int]
) -> Place | None:
    """The place of "BAGHDAD (Reuters) - ..." for an event in the main clause of that sentence."""
    reading, sentence = parsed.reading, parsed.sentence_of(trigger.i)
    # what the main clause only reports need not have happened where it is reported
    if sentence.start < reading.title_end or (max(chain.values()) > 0 and not _spot(trigger)):
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
    """The one place that a headline names after a preposition, or before its colon."""
    title_end = parsed.reading.title_end
    if trigger.idx >= title_end:
        return None
    inside = [t for t in toponyms if t.end <= title_end]
    named = [t for t in inside if _word_before(parsed, t) in words().locative]
    if len(named) == 1:
        return _place(named[0])
    if inside and inside[0].start == 0 and _TOPIC.match(parsed.reading.text, inside[0].end):
        return _place(inside[0])
    return None


def _parties_of(trigger: Token) -> list[Token]:
    """The heads of who and what takes part: subject, object, agent, and those beside them."""
    verb = _verb_of(trigger)
    if verb is None:
        return []
    heads = [c for c in verb.children if c.dep_ in {"nsubj", "nsubjpass", "dobj"}]
    heads += [g for c in verb.children if c.dep_ == "agent" for g in c.children]
    if verb.tag_ == "VBN" and verb.dep_ in {"acl", "relcl"}:
        heads.append(verb.head)  # headlines leave out "was": "Leeds councillor's brother arrested"
    return heads + [c for h in heads for c in h.children if c.dep_ == "conj"]


def _at_home(parsed: Parsed, toponyms: Sequence[Toponym], trigger: Token) -> Place | None:
    """The country or town of a court, a police or a parliament that acts."""
    lists = words()
    verb = _verb_of(trigger)
    if verb is None or verb.lemma_.lower() in lists.verbal | lists.reporting:
        return None
    sentence = parsed.sentence_of(trigger.i)
    own: set[int] = set()
    for party in _parties_of(trigger):
        if party.lemma_.lower() not in lists.at_home:
            continue
        for child in party.children:
            if child.dep_ in {"amod", "compound", "nmod", "poss"}:
                own |= {child.i, *(c.i for c in child.children if c.dep_ == "conj")}
    if not own:
        return None
    found = []
    for t in toponyms:
        if sentence.start <= t.start < sentence.end:
            head = _root_of(parsed, t)
            if head is not None and head.i in own and t.country is not None:
                found.append(t)
    return _place(found[0]) if len({t.country for t in found}) == 1 else None


def _of_the_party(parsed: Parsed, toponyms: Sequence[Toponym], trigger: Token) -> Place | None:
    """Where the one lives or governs whom the law takes: "Leeds man jailed"."""
    if trigger.lemma_.lower() not in words().legal:
        return None
    heads = {h.i for h in _parties_of(trigger)}
    sentence = parsed.sentence_of(trigger.i)
    found = []
    for t in toponyms:
        node = _root_of(parsed, t)
        if node is None or not sentence.start <= t.start < sentence.end:
            continue
        if t.resolution not in {"city", "province"}:
            continue
        steps = 0
        while (
            node.i not in heads
            and steps < 5
            and (node.dep_ in PARTS_OF_NAMES or (node.dep_ in {"pobj", "prep"} and _of(node)))
        ):
            node, steps = node.head, steps + 1
        if node.i in heads and steps:
            found.append(t)
    return _place(found[0]) if len({t.country for t in found}) == 1 else None


def _of(node: Token) -> bool:
    """Whether a preposition, or that of its object, is "of"."""
    return (node if node.dep_ == "prep" else node.head).lower_ == "of"


def _taken_up(parsed: Parsed, toponyms: Sequence[Toponym], trigger: Token) -> Place | None:
    """Where "the attack" happened that the headline or the first two sentences placed."""
    nouns = [trigger, *(c for c in trigger.children if c.dep_ in {"nsubj", "nsubjpass"})]
    if not any(
        n.lemma_.lower() in words().taken_up
        and any(c.lower_ in words().definite for c in n.children)
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
        and _word_before(parsed, t) in words().at
    ]
    return _place(found[0]) if len({t.country for t in found}) == 1 else None


def _spot(trigger: Token) -> bool:
    """Whether an act is done at one spot, as far as its own word tells."""
    if trigger.lemma_.lower() not in words().spot:
        return False
    # "attacks worshippers": what is done always is done nowhere
    if trigger.tag_ in {"VBZ", "VBP"} and trigger.dep_ in {"relcl", "ccomp", "advcl"}:
        return False
    return not any(c.lower_ in words().into_past for c in trigger.children if c.dep_ == "aux")


def _here(trigger: Token) -> bool:
    """Whether the clause says that it goes on at a place already named: "outside the church"."""
    lists = words()
    verb = _verb_of(trigger)
    for child in (*trigger.children, *(verb.children if verb is not None else ())):
        if child.lower_ in {"there", "here"} and child.dep_ == "advmod":
            return True
        if child.dep_ != "prep" or child.lower_ not in lists.locative:
            continue
        for noun in child.children:
            # "in the south of the country"
            inner = [g for c in noun.children if c.lower_ == "of" for g in c.children]
            for named in (noun, *inner):
                definite = any(c.lower_ in lists.definite for c in named.children)
                if named.dep_ == "pobj" and definite and named.lemma_.lower() in lists.same_place:
                    return True
    return False


def _else(parsed: Parsed, trigger: Token) -> bool:
    """Whether the sentence says that it speaks of another place or an older time."""
    lists = words()
    sentence = parsed.sentence_of(trigger.i)
    return any(
        t.lower_ in lists.elsewhere or t.lower_ in lists.stale or _is_past_year(parsed, t)
        for t in parsed.doc[sentence.first : sentence.last]
    )


def _same_incident(parsed: Parsed, toponyms: Sequence[Toponym], trigger: Token) -> Place | None:
    """The place of the sentences before, for an act at a spot that goes on where they were.

    The sentence must name no other place, and what the text placed shortly before must lie in one
    country. A headline goes on in the lead.
    """
    if not (_spot(trigger) or _here(trigger)):
        return None
    sentence = parsed.sentence_of(trigger.i)
    if _else(parsed, trigger):
        return None
    if trigger.idx < parsed.reading.title_end:
        first, last = sentence.number + 1, sentence.number + 1
    else:
        first, last = sentence.number - BACK, sentence.number
    near = [s for s in parsed.sentences if first <= s.number <= last]
    found: list[Toponym] = []
    for t in toponyms:
        if not any(s.start <= t.start < s.end for s in near) or t.country is None:
            continue
        if abs(sentence.start - t.start) > FARTHEST:
            continue
        if _located(parsed, t):
            found.append(t)
    if not found or len({t.country for t in found}) > 1:
        return None
    mine = {t.country for t in toponyms if sentence.start <= t.start < sentence.end and t.literal}
    origins = {
        t.country
        for t in toponyms
        if sentence.start <= t.start < sentence.end and _word_before(parsed, t) in words().origin
    }
    if mine - origins - {found[0].country, None}:
        return None
    # the finest of the nearest sentence
    nearest = max(found, key=lambda t: (_number_of(parsed, t), _fineness(t), -t.start))
    return _place(nearest)


def _number_of(parsed: Parsed, t: Toponym) -> int:
    """The number of the sentence that holds a place."""
    span = parsed.doc.char_span(t.start, t.end, alignment_mode="expand")
    return parsed.sentence_of(span.start).number if span is not None and len(span) else -1


def _is_past_year(parsed: Parsed, token: Token) -> bool:
    if len(token.text) != 4 or not token.text.isdigit():
        return False
    published = parsed.document.published
    return published is None or int(token.text) < published.year


def _located(parsed: Parsed, t: Toponym) -> bool:
    """Whether a place name says where something is: "in Karak", not "from Canada" nor "Egypt"."""
    head = _root_of(parsed, t)
    if head is None:
        return False
    lists = words()
    site = _site_above(head, t)
    if site is None:
        return False
    if site.dep_ == "pobj":
        return site.head.lower_ in lists.at
    if site.dep_ == "dobj":
        return site.head.lemma_.lower() in lists.onto
    return False


def _root_of(parsed: Parsed, t: Toponym) -> Token | None:
    span = parsed.doc.char_span(t.start, t.end, alignment_mode="expand")
    return span.root if span is not None and len(span) else None


def _site_above(head: Token, t: Toponym) -> Token | None:
    """The noun phrase that a name is, or whose place it says: "the town of X", "X's mosque".

    None where the name belongs to something that is no place: "the Cuban press".
    """
    lists = words()
    node, steps = head, 0
    while node.dep_ in PARTS_OF_NAMES and steps < 8:
        above = node.head
        if node.dep_ in {"poss", "amod"} or (not t.literal and node.dep_ != "conj"):
            lemma = above.lemma_.lower()
            if lemma not in lists.sites | lists.not_places:
                return None
            if lemma in lists.outposts and t.resolution == "country":
                return None
        node, steps = above, steps + 1
    if (
        node.dep_ == "pobj"
        and node.head.lower_ == "of"
        and node.head.head.lemma_.lower() in lists.not_places | lists.sites
    ):
        node = node.head.head
    return node


def _place_rank(
    parsed: Parsed,
    t: Toponym,
    trigger: Token,
    chain: dict[int, int],
    taken: tuple[tuple[int, int], ...],
) -> float | None:
    """How near a place is to a trigger, 0 is nearest; None where it is not the event's place."""
    lists = words()
    head = _root_of(parsed, t)
    if head is None:
        return None
    node = _site_above(head, t)
    if node is None:
        return None
    preposition = node.head if node.dep_ == "pobj" else None
    held = any(a <= t.start and t.end <= b for a, b in taken)
    # what the act is done to is a place: "bombed Gori", "the siege of Gori"
    if node.dep_ in OBJECTS and node.head.i == trigger.i and trigger.lemma_.lower() in lists.onto:
        return 1.2
    if (
        preposition is not None
        and preposition.head.i == trigger.i
        and preposition.lower_ in lists.onto_by
        and trigger.lemma_.lower() in lists.onto_nouns
    ):
        return 1.2
    if preposition is not None and preposition.lower_ in lists.locative:
        anchor = preposition.head
        named = anchor.pos_ in {"NOUN", "PROPN"} and anchor.i != trigger.i
        if named and preposition.lower_ in lists.origin:
            return None  # "a tourist from Canada", "the ambassador to Iran"
        if held and preposition.lower_ in lists.whom:
            return None  # "called on Iran"
        if not t.literal and node.i == head.i:
            return None  # "to every Czech"
        if _told_of(preposition, trigger):
            return None
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


def _told_of(preposition: Token, trigger: Token) -> bool:
    """Whether a place belongs to what an act of words is about, or to who somebody is.

    "condemned the attack in Cairo", "accused of a plot in Bavaria", "the mufti, the highest
    official in Egypt, ...".
    """
    verbal = trigger.lemma_.lower() in words().verbal
    node, steps = preposition.head, 0
    while node.i != trigger.i and node.head.i != node.i and steps < 20:
        if node.dep_ == "appos" or (node.dep_ == "prep" and node.lower_ in words().topic):
            return True
        if verbal and node.dep_ in {"dobj", "pobj", "pcomp", "xcomp", "ccomp"}:
            return True
        node, steps = node.head, steps + 1
    return False


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
