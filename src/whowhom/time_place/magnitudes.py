"""How many and how much: killed, injured, arrested, crowds and money of one event.

A figure belongs to an event where it stands in the event's own clause: as subject or object of
its verb, under its noun, or in a result clause ("leaving 130 dead"). Figures of other clauses of
the sentence belong to the events of those clauses.
"""

from __future__ import annotations

import re
import tomllib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from ..model import Magnitudes, Money, Parsed, Range

if TYPE_CHECKING:
    from ..parse.tokens import Doc, Token

__all__ = ["find_money", "magnitudes"]

Figure = int | Range
SUBJECTS = {"nsubj", "nsubjpass"}
OBJECTS = {"dobj", "obj", "attr", "oprd"}
# A clause of its own: what hangs there is not the event's.
BORDERS = {"ccomp", "relcl", "parataxis", "csubj", "acl"}
RESULT = {"leave", "kill", "injure", "wound", "hurt", "include", "bring", "claim", "cause", "see"}
LARGEST = 10**12  # a larger count of people is a misreading


@dataclass(frozen=True, slots=True)
class Kind:
    """The words of one kind of figure: "killed", "injured", "arrested", "crowd"."""

    verbs: frozenset[str]
    by_itself: frozenset[str]
    nouns: frozenset[str]
    states: frozenset[str]
    toll: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lists:
    """``data/language/numbers.toml`` and ``money.toml``."""

    cardinals: dict[str, int]
    scales: dict[str, int]
    suffixes: dict[str, int]
    vague: dict[str, int]
    tens: dict[str, int]  # "tens of", "hundreds of"
    least: tuple[str, ...]
    most: tuple[str, ...]
    people: frozenset[str]
    kinds: dict[str, Kind]
    types: dict[str, tuple[str, ...]]
    signs: dict[str, str]
    local: dict[str, dict[str, str]]
    currency_words: dict[str, str]
    per_adverbs: dict[str, str]
    before: re.Pattern[str]  # sign and figure
    after: re.Pattern[str]  # figure and word


@lru_cache(maxsize=1)
def lists() -> Lists:
    folder = resources.files("whowhom.data").joinpath("language")
    n: dict[str, Any] = tomllib.loads(folder.joinpath("numbers.toml").read_text(encoding="utf-8"))
    m: dict[str, Any] = tomllib.loads(folder.joinpath("money.toml").read_text(encoding="utf-8"))

    def any_of(words: Any) -> str:
        return "|".join(re.escape(w) for w in sorted(words, key=lambda w: (-len(w), w)))

    scales, suffixes = any_of(n["scales"]), any_of(n["suffixes"])
    cardinal = any_of(n["cardinals"])
    digits = r"\d{1,3}(?:,\d{2,3}){1,6}(?:\.\d{1,3})?|\d{1,15}(?:\.\d{1,6})?"
    scale = (
        rf"(?:\s?-?(?P<scale>(?:{scales})(?:\s(?:million|billion|thousand|crore))?)s?(?!\w)"
        rf"|(?P<suffix>{suffixes})(?!\w))?"
    )
    units, adverbs = any_of(m["per"]["units"]), any_of(m["per"]["adverbs"])
    per = (
        rf"(?:\s(?:an?|per|each|every)\s(?P<per>{units})(?!\w)|\s(?P<adverb>{adverbs})(?!\w)"
        r"|(?:-|\s)a-(?P<per2>year|month|week|day)(?!\w))?"
    )
    nouns = any_of(m["words"])
    return Lists(
        cardinals=n["cardinals"],
        scales=n["scales"],
        suffixes=n["suffixes"],
        vague=n["vague"],
        tens=n["multiples"],
        least=tuple(n["bounds"]["least"]),
        most=tuple(n["bounds"]["most"]),
        people=frozenset(w.lower() for w in n["people"]["nouns"]),
        kinds={
            kind: Kind(*(frozenset(n[kind][f]) for f in Kind.__dataclass_fields__))
            for kind in ("killed", "injured", "arrested", "crowd")
        },
        types={t: tuple(kinds) for t, kinds in n["types"].items()},
        signs=m["signs"],
        local=m["local"],
        currency_words={w.lower(): code for w, code in m["words"].items()},
        per_adverbs=m["per"]["adverbs"],
        before=re.compile(
            rf"(?<![\w$])(?P<sign>{any_of(m['signs'])}|{any_of(m['codes']['list'])})\s?"
            rf"(?P<number>{digits}){scale}(?:[-\s](?P<noun>{nouns})s?(?!\w))?{per}"
        ),
        after=re.compile(
            rf"(?<![\w$£€¥.,])(?P<number>{digits}"
            rf"|(?:(?i:{cardinal}|an?|half an?))(?=[\s-](?:(?i:{scales}))(?!\w)))"
            rf"{scale}[\s-](?P<noun>(?i:{nouns})(?:e?s)?|{any_of(m['codes']['list'])})(?!\w){per}"
        ),
    )


# ------------------------------------------------------------------- people
def magnitudes(parsed: Parsed, token_index: int, event_type: str) -> Magnitudes:
    """The figures of the event whose trigger is ``doc[token_index]``."""
    doc = parsed.doc
    trigger = doc[token_index]
    clause = _clause(trigger)
    money = tuple(m for m, head in _money_of(parsed, trigger) if head in clause)
    found: dict[str, Figure | None] = {}
    for kind in lists().types.get(event_type, ()):
        found[kind] = _figure(trigger, kind, clause)
    return Magnitudes(
        killed=found.get("killed"),
        injured=found.get("injured"),
        arrested=found.get("arrested"),
        crowd=found.get("crowd"),
        money=money,
    )


def _clause(trigger: Token) -> frozenset[int]:
    """Tokens of the trigger's own clause: its verb, what hangs on it, up to other clauses."""
    root = trigger
    steps = 0
    # a noun's clause is that of the verb that it is an argument of
    while root.pos_ not in {"VERB", "AUX"} and root.head.i != root.i and steps < 30:
        if root.dep_ in BORDERS:
            break
        root, steps = root.head, steps + 1
    inside: set[int] = set()
    queue = deque([root])
    while queue:
        token = queue.popleft()
        if token.i in inside:
            continue
        inside.add(token.i)
        for child in token.children:
            if (
                child.dep_ in BORDERS
                and not (child.dep_ in {"acl", "ccomp"} and child.tag_ in {"VBN", "VBG"})
                and child.i != trigger.i
            ):
                continue
            other_verb = child.dep_ == "conj" and child.pos_ in {"VERB", "AUX"}
            if other_verb and child.i != trigger.i and not _shares(child, root):
                continue
            if child.dep_ == "advcl" and not _result(child):
                continue
            queue.append(child)
    return frozenset(inside)


def _shares(child: Token, root: Token) -> bool:
    """Whether a second verb has no subject of its own: "killed 12 and wounded 30"."""
    own = any(c.dep_ in SUBJECTS for c in child.children)
    casualties = lists().kinds["killed"].verbs | lists().kinds["injured"].verbs
    if root.lemma_ == "leave" and child.tag_ == "VBN":
        return True  # "left 130 dead and hundreds wounded"
    return not own and child.lemma_ in casualties and root.lemma_ in casualties


def _result(verb: Token) -> bool:
    """ "..., killing 12", "leaving 130 dead": the outcome of the verb above."""
    return verb.tag_ == "VBG" and verb.lemma_ in RESULT


def _figure(trigger: Token, kind: str, clause: frozenset[int]) -> Figure | None:
    """The figure of one kind, or None: the first construction that gives one decides."""
    words = lists().kinds[kind]
    doc = trigger.doc
    order = [trigger, *(doc[i] for i in sorted(clause) if i != trigger.i)]
    for token in order:
        for phrase, loose in _counted(token, words, kind):
            figure = _count(phrase, loose=loose)
            if figure is not None:
                return figure
    return None


def _counted(token: Token, words: Kind, kind: str) -> Iterator[tuple[Token, bool]]:
    """Phrases that a token says were killed, arrested, ...; and whether a bare number will do."""
    lemma = token.lemma_.lower()
    if token.pos_ in {"VERB", "AUX"}:
        passive = any(c.dep_ in {"nsubjpass", "auxpass"} for c in token.children)
        if lemma in words.verbs:
            if kind != "crowd" and (passive or (token.tag_ == "VBN" and token.dep_ == "conj")):
                subject = _subject(token)
                if subject is not None:
                    yield subject, True
            elif token.tag_ == "VBN" and token.dep_ in {"acl", "relcl"}:
                yield token.head, True
            for child in token.children:
                if child.dep_ in OBJECTS and not passive:
                    yield child, True
            # headlines: "Blast kills at least 25", parsed with the number under another label
        if lemma in words.by_itself:
            for child in token.children:
                if child.dep_ in SUBJECTS:
                    yield child, True
        for state in token.children:
            if (
                state.lower_ in words.states
                and state.i > token.i
                and state.dep_ in {"oprd", "acomp", "advmod", "xcomp", "ccomp", "prt"}
            ):
                # "shot dead", "left 130 people dead"
                target = _subject(state) if state.dep_ in {"ccomp", "xcomp"} else None
                if target is None:
                    target = next(
                        (c for c in token.children if c.dep_ == "dobj" and c.i < state.i), None
                    )
                if target is None and passive:
                    target = _subject(token)
                if target is not None:
                    yield target, True
    elif lemma in words.nouns or token.lower_ in words.toll:
        for child in token.children:
            if child.dep_ == "prep" and child.lower_ in {"of", "to", "by"}:
                for obj in child.children:
                    if obj.dep_ == "pobj":
                        yield obj, kind == "crowd"
            if child.dep_ == "poss":
                yield child, False
        if token.lower_ in words.toll and token.dep_ in SUBJECTS:
            # "the toll rose to 45"
            for child in token.head.children:
                if child.dep_ == "prep" and child.lower_ in {"to", "at"}:
                    yield from ((c, True) for c in child.children if c.dep_ == "pobj")
        if kind == "crowd" and lemma == "crowd":
            return
        if kind != "crowd" and any(c.dep_ in {"nummod", "amod", "det"} for c in token.children):
            number = _number_under(token)
            if number is not None:
                yield token, True
    if token.lower_ in words.states and token.dep_ == "acl":
        yield token.head, True  # "hundreds wounded"
    elif token.lower_ in words.states and token.pos_ in {"ADJ", "NOUN", "VERB"}:
        # "12 dead", "with 30 wounded"
        if any(c.dep_ == "nummod" for c in token.children):
            yield token, True
        elif token.dep_ in {"acomp", "amod", "oprd"}:
            for child in token.head.children:
                if child.dep_ in SUBJECTS and token.dep_ == "acomp":
                    yield child, True
            if token.dep_ == "amod" and token.head.pos_ in {"NOUN", "NUM"}:
                yield token.head, True
            if token.head.pos_ == "NUM":
                yield token.head, True


def _subject(verb: Token) -> Token | None:
    """The subject, or that of the verb it is coordinated with."""
    steps = 0
    while steps < 6:
        for child in verb.children:
            if child.dep_ in SUBJECTS:
                return child
        if verb.dep_ == "conj":
            verb, steps = verb.head, steps + 1
            continue
        if verb.dep_ in {"relcl"}:
            return verb.head
        return None
    return None


def _count(phrase: Token, *, loose: bool) -> Figure | None:
    """How many people a noun phrase is, its coordinates added; None where it does not count."""
    low, high, any_person = 0, 0, False
    open_top = open_bottom = False
    members = _coordinated(phrase)
    for n, member in enumerate(members):
        figure = _one(member, loose=loose and n == 0 and len(members) == 1)
        if figure is None:
            if n == 0:
                return None
            continue
        any_person = True
        if isinstance(figure, Range):
            open_top |= figure.high is None
            open_bottom |= figure.low is None
            low += figure.low or 0
            high += figure.high or figure.low or 0
        else:
            low += figure
            high += figure
    if not any_person or high > LARGEST:
        return None
    if open_top or open_bottom or low != high:
        return Range(None if open_bottom else low, None if open_top else high)
    return low


def _coordinated(phrase: Token) -> list[Token]:
    found: list[Token] = []
    queue = deque([phrase])
    while queue and len(found) < 12:
        token = queue.popleft()
        found.append(token)
        queue.extend(
            c for c in token.children if c.dep_ == "conj" and c.pos_ in {"NOUN", "PROPN", "NUM"}
        )
    return found


def _one(head: Token, *, loose: bool) -> Figure | None:
    """How many one noun is: its numeral, its vague word, or 1 for one person."""
    table = lists()
    lemma = head.lemma_.lower()
    person = lemma in table.people or head.ent_type_ in {"PERSON", "NORP"}
    number = _number_under(head)
    if number is not None:
        if not person and not loose and head.pos_ != "NUM":
            return None
        if (
            head.pos_ in {"NOUN", "PROPN"}
            and not person
            and lemma not in {"death", "arrest", "injury"}
        ):
            return None
        return number
    vague = _vague(head)
    if vague is not None:
        return vague
    if not person:
        return None
    if head.tag_ in {"NN", "NNP"} and head.pos_ != "PRON":
        if lemma in {"people", "staff", "personnel", "crew", "family", "troop", "police"}:
            return None
        return 1
    return None


def _number_under(head: Token) -> Figure | None:
    """The numeral of a noun (or the numeral itself), with its bounds."""
    numeral = head if head.like_num or head.pos_ == "NUM" else None
    if numeral is None:
        numeral = next(
            (c for c in head.children if c.dep_ == "nummod" and (c.like_num or c.pos_ == "NUM")),
            None,
        )
    if numeral is None:
        return None
    # a figure that is an age, a sum or a share is not a count
    if numeral.ent_type_ in {"MONEY", "PERCENT"}:
        return None
    if numeral.ent_type_ in {"DATE", "TIME"} and numeral.head.lemma_.lower() not in lists().people:
        return None
    return _bounded(numeral)


def _bounded(numeral: Token) -> Figure | None:
    doc = numeral.doc
    first = last = numeral.i
    while first > 0 and numeral.i - first < 6:
        # "two hundred and six"
        joined = doc[first - 1].lower_ == "and" and first > 1 and _scale(doc[first - 2])
        if not joined and not _part_of_number(doc[first - 1]):
            break
        first -= 1
    while last + 1 < len(doc) and last - numeral.i < 6:
        following = doc[last + 1]
        joined = following.lower_ == "and" and last + 2 < len(doc) and _scale(doc[last])
        if not _part_of_number(following) and not (joined and _part_of_number(doc[last + 2])):
            break
        last += 1
    value = number(" ".join(t.lower_ for t in doc[first : last + 1]))
    if value is None or value != int(value) or value > LARGEST:
        return None
    amount = int(value)
    # "between 5 and 10", "5 to 10", "5-10"
    if first >= 2 and doc[first - 1].lower_ in {"and", "to", "-", "–", "or"}:
        other = number(doc[first - 2].lower_)
        if other is not None and other < amount and other == int(other):
            between = first >= 3 and doc[first - 3].lower_ in {"between", "from"}
            if between or doc[first - 1].lower_ != "and":
                return Range(int(other), amount)
    if last + 2 < len(doc) and doc[last + 1].lower_ in {"to", "-", "–", "or", "and"}:
        other = number(doc[last + 2].lower_)
        between = first >= 1 and doc[first - 1].lower_ in {"between", "from"}
        if other is not None and other > amount and (between or doc[last + 1].lower_ != "and"):
            return Range(amount, int(other))
    before = " ".join(t.lower_ for t in doc[max(0, first - 4) : first])
    table = lists()
    if any(before.endswith(b) for b in table.least):
        return Range(amount + ("more than" in before[-9:] or before.endswith("over")), None)
    if any(before.endswith(b) for b in table.most):
        return Range(None, amount)
    after = " ".join(t.lower_ for t in doc[last + 1 : last + 3])
    if after.startswith("or more"):
        return Range(amount, None)
    return amount


def _scale(token: Token) -> bool:
    return token.lower_ in lists().scales


def _part_of_number(token: Token) -> bool:
    table = lists()
    low = token.lower_
    return (
        low in table.cardinals
        or low in table.scales
        or (low[0].isdigit() and number(low) is not None)
    )


def _vague(head: Token) -> Range | None:
    """ "Dozens of people", "hundreds", "several villagers"."""
    table = lists()
    if head.lower_ in table.vague and head.lower_ not in {"few", "several"}:
        low = table.vague[head.lower_]
        if head.i >= 2 and head.nbor(-1).lower_ == "of" and head.nbor(-2).lower_ in table.tens:
            # "tens of thousands", where the parser makes "thousands" the head
            return Range(table.tens[head.nbor(-2).lower_] * low // 2, None)
        follow = next((c for c in head.children if c.dep_ == "prep" and c.lower_ == "of"), None)
        inner = next((c for c in follow.children if c.dep_ == "pobj"), None) if follow else None
        if inner is not None and inner.lower_ in table.vague:
            low = table.tens.get(head.lower_, 2) * (table.vague[inner.lower_] // 2)
        elif inner is not None and inner.lemma_.lower() not in table.people and not inner.ent_type_:
            return None
        return Range(low, None)
    if head.lower_ == "tens":
        inner = next(
            (g for c in head.children for g in c.children if g.lower_ in table.vague), None
        )
        return Range(10 * table.vague[inner.lower_], None) if inner is not None else None
    if head.lemma_.lower() not in table.people:
        return None
    for child in head.children:
        low_word = child.lower_
        if child.dep_ in {"amod", "det", "quantmod", "nummod"} and low_word in table.vague:
            return Range(table.vague[low_word], None)
        if low_word == "dozen" and child.dep_ in {"nummod", "amod", "quantmod"}:
            return Range(12, 12)
    return None


def number(words: str) -> float | None:
    """The number that words and digits say: "two hundred and six", "1,200", "3.5 million"."""
    table = lists()
    total, current, seen = 0.0, 0.0, False
    for word in words.replace("-", " ").split()[:12]:
        plain = word.replace(",", "")
        if plain[:1].isdigit():
            match = _DIGITS.fullmatch(plain)
            if match is None or (match[2] and match[2] not in table.suffixes):
                return None
            current += float(match[1]) * table.suffixes.get(match[2] or "", 1)
        elif word in table.cardinals:
            current += table.cardinals[word]
        elif word in table.scales:
            scale = table.scales[word]
            if scale >= 1000:
                total, current = total + (current or 1.0) * scale, 0.0
            else:
                current = (current or 1.0) * scale
        elif word in {"a", "an"} and not seen:
            current = 1.0
        elif word != "and":
            return None
        seen = True
    return total + current if seen else None


_DIGITS = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)([a-z]{1,3})?")


# -------------------------------------------------------------------- money
MONEY = "money"
"""Key of ``Doc.user_data``: what finds the sums of a text in another language than English."""


def find_money(parsed: Parsed, start: int, end: int) -> tuple[Money, ...]:
    """The sums of money between two offsets, in the order of the text."""
    spoken = parsed.doc.user_data.get(MONEY)
    if spoken is not None:
        return tuple(spoken(parsed.reading.text, start, end))
    table, text = lists(), parsed.reading.text
    found: list[Money] = []
    host = (parsed.document.outlet or "").lower()
    for pattern in (table.before, table.after):
        for m in pattern.finditer(text, start, end):
            if any(m.start() < f.end and f.start < m.end() for f in found):
                continue
            amount = _amount(m)
            if amount is None:
                continue
            noun = (m.groupdict().get("noun") or "").strip()
            sign = m.groupdict().get("sign")
            currency = _currency(sign, noun, host)
            per = (
                m.group("per") or m.group("per2") or table.per_adverbs.get(m.group("adverb") or "")
            )
            found.append(Money(amount, currency, per, m.group(), m.start(), m.end()))
    return tuple(sorted(found, key=lambda f: f.start))


def _amount(m: re.Match[str]) -> float | None:
    table = lists()
    raw = m.group("number").lower()
    if raw[0].isdigit():
        amount = float(raw.replace(",", ""))
    elif raw in {"a", "an"}:
        amount = 1.0
    elif raw.startswith("half"):
        amount = 0.5
    else:
        amount = float(table.cardinals[raw])
    for word in (m.group("scale") or "").lower().split():
        amount *= table.scales[word]
    amount *= table.suffixes.get(m.group("suffix") or "", 1)
    return round(amount, 2)


def _currency(sign: str | None, noun: str, host: str) -> str | None:
    table = lists()
    low = noun.lower()
    if noun.isupper() and len(noun) == 3:
        return "CNY" if noun == "RMB" else noun
    for form in (low, low.removesuffix("s"), low.removesuffix("es")):
        if form in table.currency_words and form != "dollar":
            return table.currency_words[form]
    if sign is None and low.removesuffix("s") != "dollar":
        return None
    sign = sign or "$"
    if sign not in table.signs:
        return "CNY" if sign == "RMB" else sign
    ending = host.rpartition(".")[2]
    local = table.local.get(sign, {})
    if ending in local:
        return local[ending]
    return table.signs[sign]


def _money_of(parsed: Parsed, trigger: Token) -> Iterator[tuple[Money, int]]:
    """The sums of the trigger's sentence, each with the token that it starts at."""
    sentence = parsed.sentence_of(trigger.i)
    doc: Doc = parsed.doc
    for money in find_money(parsed, sentence.start, sentence.end):
        for token in doc[sentence.first : sentence.last]:
            if token.idx + len(token) > money.start:
                yield replace(money), token.i
                break
