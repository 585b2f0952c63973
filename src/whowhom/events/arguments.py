"""Who does what to whom in a parse: the deep roles of a verb, noun or adjective.

Works on spaCy's English dependency labels (CLEAR style). Passives, control,
relative clauses, participles, coordination and support verbs are undone, so that
a frame can speak of ``subject`` and ``object`` and mean who acts and who is acted on.
All walks are loops with a bound: no depth of nesting can exhaust the stack.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, wraps
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from ..parse.tokens import Token

TITLE_END = "title_end"  # key of ``Doc.user_data``: index after the title's last token
SUBJECT = ("nsubj", "csubj")
PASSIVE_SUBJECT = ("nsubjpass", "csubjpass")
_STEPS = 12  # control and coordination chains longer than this are parser accidents


@dataclass(frozen=True, slots=True)
class Syntax:
    """Word classes of the walker (``data/language/syntax.toml``)."""

    object_control: frozenset[str]
    object_of_gerund: frozenset[str]
    agent_preposition: frozenset[str]
    partitive: frozenset[str]
    relative: frozenset[str]
    pronouns: frozenset[str]
    partner_preposition: frozenset[str]


@lru_cache(maxsize=1)
def syntax() -> Syntax:
    """The shipped word classes."""
    file = resources.files("whowhom.data").joinpath("language", "syntax.toml")
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    return Syntax(**{name: frozenset(data[name]) for name in Syntax.__dataclass_fields__})


def lemma(token: Token) -> str:
    return token.lemma_.lower()


def names(token: Token) -> tuple[str, ...]:
    """The forms under which a word may stand in a list: lemma, form, and what the form's
    ending suggests where the lemmatizer may be wrong ("conferred" -> "confer")."""
    if token.forms is not None:
        return token.forms
    return _names(token.lower_, lemma(token))


def is_in(token: Token, words: frozenset[str]) -> bool:
    """Whether a word, in one of its forms, is in a list."""
    return any(name in words for name in names(token))


def written(token: Token) -> str:
    """A word as its text has it, in small letters: another language's own word, not its gloss."""
    return token.lower_ if token.forms is None else token.text.lower()


# one syllable, one vowel letter, one consonant letter that would be doubled
_SHORT = re.compile(r"[^aeiou]*[aeiou][bcdfgklmnprstvz]")


@lru_cache(maxsize=20_000)
def _names(lower: str, lemma: str) -> tuple[str, ...]:
    found = [lemma, lower]
    for ending in ("ed", "ing"):
        stem = lower[: -len(ending)]
        if lower.endswith(ending) and lemma == stem and _SHORT.fullmatch(stem):
            # "raped" is no form of "rap", which would be "rapped": the lemmatizer lost an e
            return (stem + "e", lower)
        if lower.endswith(ending) and len(lower) > len(ending) + 2:
            stem = lower[: -len(ending)]
            found.extend((stem, stem + "e"))
            if stem[-1] == stem[-2]:
                found.append(stem[:-1])
    return tuple(dict.fromkeys(found))


def is_passive(verb: Token) -> bool:
    """Whether a verb form is passive, by itself or with the auxiliary of a verb before it."""
    labels = {child.dep_ for child in verb.children}
    if labels & {"nsubjpass", "auxpass", "csubjpass"}:
        return True
    if labels & {"aux", "dobj", "ccomp", "xcomp"}:
        return False
    if "nsubj" in labels:
        # headlines tell what is done in the present tense: "mayor jailed" is a passive
        in_title = verb.i < verb.doc.user_data.get(TITLE_END, 0)
        return in_title and verb.tag_ in ("VBN", "VBD") and not labels & {"prt", "acomp", "attr"}
    if verb.dep_ == "conj" and verb.tag_ == "VBN" and verb.head.pos_ in ("VERB", "AUX"):
        return is_passive(verb.head) if verb.head.dep_ != "conj" else _head_passive(verb.head)
    return (
        verb.tag_ == "VBN"
        and verb.dep_ in ("acl", "advcl", "relcl", "ROOT", "ccomp", "amod")
        and (
            verb.dep_ in ("acl", "amod")
            or not any(c.dep_ in ("dobj", "aux") for c in verb.children)
        )
    )


def _head_passive(verb: Token) -> bool:
    for _ in range(_STEPS):
        if any(c.dep_ in ("nsubjpass", "auxpass") for c in verb.children):
            return True
        if verb.dep_ != "conj":
            return False
        verb = verb.head
    return False


def conjuncts(token: Token) -> list[Token]:
    """A token and what is coordinated with it, from left to right."""
    out, queue = [token], [token]
    while queue:
        for child in queue.pop(0).children:
            if (child.dep_ == "conj" or _is_listed(child)) and child not in out:
                out.append(child)
                queue.append(child)
    return out


def _is_listed(token: Token) -> bool:
    """Whether an apposition is really a list's second name ("the US, Russia, and Spain met")."""
    if token.dep_ != "appos" or token.pos_ != "PROPN":
        return False
    return any(c.dep_ == "cc" for c in token.children) and token.head.pos_ == "PROPN"


def prepositional(token: Token, names: Iterable[str]) -> Iterator[Token]:
    """Objects of prepositions that hang on a token; names may be nested ("out of")."""
    wanted = [name.split() for name in names]
    for child in token.children:
        if child.dep_ not in ("prep", "agent", "dative", "prt", "advmod", "mark"):
            continue
        for name in wanted:
            if child.lower_ != name[0]:
                continue
            at: Token | None = child
            for word in name[1:]:
                at = next((c for c in at.children if c.lower_ == word), None) if at else None
            if at is not None:
                kinds = (
                    ("pobj", "pcomp", "amod", "acomp") if name[-1] == "as" else ("pobj", "pcomp")
                )
                yield from (c for c in at.children if c.dep_ in kinds)


# what hangs on a verb and may carry a preposition that belongs to the verb's act
_CARRIES = ("dobj", "nsubjpass", "attr", "acomp", "prt", "oprd", "advmod", "xcomp")


def _down(preposition: Token, name: str) -> list[Token]:
    """Objects of a preposition below another one: "in a statement to the court", "walked out of
    talks with the government"."""
    at = preposition
    for _ in range(3 if name in syntax().partner_preposition else 1):
        found = list(prepositional(at, (name,)))
        if found:
            return found
        below = next((c for c in at.children if c.dep_ in ("pobj", "prep")), None)
        if below is None:
            break
        at = below
    return list(prepositional(at, (name,)))


Role = TypeVar("Role", bound=Callable[..., Any])


def remembered(method: Role) -> Role:
    """A role of a word, walked for once: every frame on the word asks for it."""
    name = method.__name__

    @wraps(method)
    def known(self: Any, *args: Any) -> Any:
        key = (name, *args)
        if key not in self.memo:
            self.memo[key] = method(self, *args)
        return self.memo[key]

    return cast(Role, known)


class Verb:
    """The deep roles of a verb. The lists that it gives are not to be changed."""

    def __init__(self, token: Token, support: frozenset[str]) -> None:
        self.token, self.support = token, support
        self.passive = is_passive(token)
        self.memo: dict[Any, Any] = {}

    @remembered
    def subjects(self) -> list[Token]:
        """Who acts; empty where the clause does not tell."""
        if self.passive:
            return [
                *prepositional(self.token, syntax().agent_preposition),
                *self._shared_agents(),
            ]
        return surface_subjects(self.token, self.support)

    def _shared_agents(self) -> list[Token]:
        """The by-phrase after a later conjunct holds for the earlier ones too."""
        for other in conjuncts(self.token)[1:]:
            if other.pos_ == "VERB" and not any(
                c.dep_ in (*SUBJECT, *PASSIVE_SUBJECT) for c in other.children
            ):
                found = list(prepositional(other, syntax().agent_preposition))
                if found:
                    return found
        return []

    @remembered
    def objects(self) -> list[Token]:
        """Who or what is acted on."""
        if self.passive:
            # "was granted asylum": what was granted is still the object
            kept = [c for c in self.token.children if c.dep_ == "dobj"]
            return kept or surface_subjects(self.token, self.support)
        token = self.token
        found = [c for c in token.children if c.dep_ == "dobj"]
        if found:
            return found
        if token.dep_ == "relcl" and not any(
            c.dep_ == "pobj" for c in token.subtree if c.lower_ in syntax().relative
        ):
            subjects = [c for c in token.children if c.dep_ in SUBJECT]
            if subjects and all(c.lower_ not in syntax().relative for c in subjects):
                return [token.head]  # "the men that police arrested"
        if token.dep_ == "amod" and token.tag_ == "VBN":
            return [token.head]
        for other in conjuncts(token)[1:]:  # "attacked and burned the village"
            if other.pos_ == "VERB" and not any(
                c.dep_ in (*SUBJECT, *PASSIVE_SUBJECT) for c in other.children
            ):
                found = [c for c in other.children if c.dep_ == "dobj"]
                if found and not any(c.dep_ in ("prep", "ccomp", "xcomp") for c in token.children):
                    return found
                break
        # "urged Iran to stop", "holds Iran responsible": Iran may be the clause's subject
        clause = next((c for c in token.children if c.dep_ in ("ccomp", "xcomp", "oprd")), None)
        if clause is not None and (is_infinitive(clause) or is_small(clause)):
            found = [c for c in clause.children if c.dep_ in (*SUBJECT, *PASSIVE_SUBJECT)]
            if found:
                return found
        # "the decision angered Turkey": a bare name that the parser calls an adverbial
        return [
            c
            for c in token.children
            if c.dep_ == "npadvmod"
            and c.i > token.i
            and c.pos_ == "PROPN"
            and c.ent_type_ not in ("DATE", "TIME")
        ]

    @remembered
    def indirect(self) -> list[Token]:
        if self.passive and any(c.dep_ == "dobj" for c in self.token.children):
            return surface_subjects(self.token, self.support)
        found = [c for c in self.token.children if c.dep_ == "dative" and c.pos_ != "ADP"]
        return found or list(prepositional(self.token, ("to",)))

    @remembered
    def preposition(self, name: str) -> list[Token]:
        """Objects of a preposition on the verb, its particle or its direct object."""
        found = list(prepositional(self.token, (name,)))
        if not found and name == "to":
            # "took Myanmar to court": the parser may read "to court" as an infinitive
            found = [c for c in self.token.children if c.dep_ == "xcomp" and is_infinitive(c)]
        for child in self.token.children:
            if found:
                break
            if child.dep_ in _CARRIES:
                found.extend(prepositional(child, (name,)))
            elif child.dep_ == "prep" and child.lower_ != name:
                found.extend(_down(child, name))
        return found

    @remembered
    def clause(self) -> Token | None:
        """The verb of the clause that this verb governs."""
        token = self.token
        for wanted in (("xcomp", "ccomp"), ("advcl",), ("prep", "dative", "agent")):
            for child in token.children:
                if child.dep_ not in wanted or (child.i < token.i and wanted != ("xcomp", "ccomp")):
                    continue
                if child.dep_ in ("prep", "dative", "agent"):
                    inner = next((c for c in child.children if c.dep_ == "pcomp"), None)
                    if inner is not None:
                        return inner
                    continue
                if child.dep_ == "advcl" and not is_infinitive(child):
                    continue
                return child
        for child in token.children:  # "made a promise to leave", "issued an order to fire"
            if child.dep_ in ("dobj", "attr", "nsubjpass", "acomp"):
                inner = noun_clause(child)
                if inner is not None:
                    return inner
        return None


class Noun:
    """The deep roles of a noun that names an act ("the attack on", "talks between")."""

    def __init__(self, token: Token, support: frozenset[str]) -> None:
        self.token, self.support = token, support
        self.carrier = support_verb(token, support)
        self.memo: dict[Any, Any] = {}

    def chain(self) -> list[Token]:
        """The noun and the partitive nouns that it hangs under ("a series of attacks")."""
        out, token = [self.token], self.token
        for _ in range(_STEPS):
            if (
                token.dep_ == "pobj"
                and token.head.lower_ == "of"
                and is_in(token.head.head, syntax().partitive)
            ):
                token = token.head.head
                out.append(token)
            elif token.dep_ == "conj" and token.head.pos_ == "NOUN":
                token = token.head
                out.append(token)
            else:
                break
        return out

    @remembered
    def subjects(self) -> list[Token]:
        chain = self.chain()
        by = syntax().agent_preposition
        found = list(prepositional(self.token, by))
        if not found:  # "the arrest of a student leader by police": by may hang on the leader
            for inner in prepositional(self.token, ("of",)):
                found.extend(prepositional(inner, by))
        if found:
            return found
        for noun in chain:
            found = [c for c in noun.children if c.dep_ == "poss"]
            if found and noun.forms is not None and self.carrier is not None:
                break  # "presentó su renuncia": whose "su" is, is not told; who presents it, is
            if found:
                return found
        found = [
            c
            for c in self.token.children
            if c.dep_ in ("amod", "compound", "nmod", "nummod")
            and (c.i < self.token.i or (c.dep_ == "amod" and c.forms is not None))
        ]
        for child in list(found):  # "US-led", "Saudi-led coalition strikes"
            found.extend(
                c for c in child.children if c.dep_ in ("npadvmod", "compound", "amod", "nmod")
            )
        if not any(c.dep_ in ("cop", "aux") for c in self.token.children):
            # "US airstrikes on", "government moves to": tagger or parser takes the noun for a verb
            found.extend(c for c in self.token.children if c.dep_ == "nsubj")
        named = [c for c in found if c.pos_ in ("PROPN", "ADJ", "NOUN")]
        carrier = self.carrier
        if carrier is not None:
            return [*named, *Verb(carrier, self.support).subjects()]
        if self.token.dep_ == "attr":  # "Washington is a critic of"
            return [*[c for c in self.token.head.children if c.dep_ == "nsubj"], *named]
        return named

    @remembered
    def objects(self) -> list[Token]:
        found = list(prepositional(self.token, ("of",)))
        if found:
            return found
        if any(True for _ in prepositional(self.token, syntax().agent_preposition)):
            return [c for c in self.token.children if c.dep_ == "poss"]
        return []

    @remembered
    def preposition(self, name: str) -> list[Token]:
        for noun in self.chain():
            found = list(prepositional(noun, (name,)))
            if found:
                return found
        for child in self.token.children:  # "talks in Geneva with Iran"
            if child.dep_ == "prep":
                for inner in child.children:
                    if inner.dep_ == "pobj":
                        found = list(prepositional(inner, (name,)))
                        if found:
                            return found
        if self.carrier is not None:
            return list(prepositional(self.carrier, (name,)))
        return []

    @remembered
    def clause(self) -> Token | None:
        return noun_clause(self.token)


class Adjective:
    """The roles of a predicative adjective ("was critical of")."""

    def __init__(self, token: Token, support: frozenset[str]) -> None:
        self.token, self.support = token, support
        self.memo: dict[Any, Any] = {}

    @remembered
    def subjects(self) -> list[Token]:
        token = self.token
        for _ in range(_STEPS):
            if token.dep_ == "conj":
                token = token.head
                continue
            break
        if token.dep_ in ("acomp", "attr", "oprd", "ccomp", "xcomp") or token.pos_ == "VERB":
            own = [c for c in token.children if c.dep_ in SUBJECT]
            return own or surface_subjects(token.head, self.support)
        if token.dep_ in ("acl", "relcl", "appos", "amod"):
            return (
                [token.head]
                if token.dep_ != "amod" or any(c.dep_ == "prep" for c in token.children)
                else []
            )
        return [c for c in token.children if c.dep_ in (*SUBJECT, *PASSIVE_SUBJECT)]

    @remembered
    def objects(self) -> list[Token]:
        return list(prepositional(self.token, ("of",)))

    @remembered
    def preposition(self, name: str) -> list[Token]:
        found = list(prepositional(self.token, (name,)))
        for child in self.token.children:  # "open to talks with Iran"
            if not found and child.dep_ == "prep":
                for inner in child.children:
                    if inner.dep_ in ("pobj", "pcomp"):
                        found.extend(prepositional(inner, (name,)))
        return found or list(prepositional(self.token.head, (name,)))

    @remembered
    def clause(self) -> Token | None:
        for child in self.token.children:
            if child.dep_ in ("xcomp", "ccomp"):
                return child
        for child in self.token.children:
            if child.dep_ == "prep":
                for inner in child.children:
                    if inner.dep_ == "pcomp":
                        return inner
        return None


def is_small(clause: Token) -> bool:
    """A clause without a finite verb ("holds Iran responsible", "saw troops fleeing")."""
    if any(c.dep_ in ("aux", "mark", "cop") for c in clause.children):
        return False
    return clause.pos_ in ("ADJ", "NOUN", "PROPN") or clause.tag_ in ("VBN", "VBG", "VB")


def is_infinitive(verb: Token) -> bool:
    return any(c.dep_ == "aux" and c.lower_ == "to" for c in verb.children)


def noun_clause(noun: Token) -> Token | None:
    """The verb of the clause that a noun governs ("a promise to leave", "demands that")."""
    for child in noun.children:
        if child.dep_ in ("acl", "ccomp", "xcomp", "relcl") and (
            is_infinitive(child)
            or any(c.dep_ == "mark" and c.lower_ == "that" for c in child.children)
        ):
            return child
        if child.dep_ == "prep":
            for inner in child.children:
                if inner.dep_ == "pcomp":
                    return inner
    return None


def support_verb(noun: Token, support: frozenset[str]) -> Token | None:
    """The verb that lends a noun its subject: "launched an attack", "talks were held"."""
    token = noun
    for _ in range(_STEPS):
        head = token.head
        if token.dep_ in ("dobj", "nsubjpass") and head.pos_ in ("VERB", "AUX"):
            return head if _matches_support(head, support) else None
        if token.dep_ == "pobj" and head.dep_ == "prep":
            governor = head.head
            if head.lower_ == "of" and is_in(governor, syntax().partitive):
                token = governor
                continue
            # "went on strike", "came under attack", "was in talks with", "engaged in talks"
            if head.lower_ in ("on", "in", "into") and governor.pos_ in ("VERB", "AUX"):
                return (
                    governor
                    if head.lower_ != "in"
                    or lemma(governor) in ("be", "engage", "participate", "take", "hold", "join")
                    else None
                )
            return None
        if token.dep_ == "conj":
            token = head
            continue
        if token.dep_ in ("dobj",) and head.dep_ == "relcl":
            return head
        return None
    return None


def _matches_support(verb: Token, support: frozenset[str]) -> bool:
    if is_in(verb, support):
        return True
    return any(
        f"{name} {c.lower_}" in support
        for c in verb.children
        if c.dep_ in ("prt", "advmod", "prep")
        for name in names(verb)
    )


def surface_subjects(verb: Token, support: frozenset[str]) -> list[Token]:
    """The subject of a verb form: its own, or the one that it shares or is controlled by."""
    token = verb
    for _ in range(_STEPS):
        wanted = (*SUBJECT, *PASSIVE_SUBJECT)
        own = [c for c in token.children if c.dep_ in wanted]
        if own:
            return own
        head = token.head
        if token.dep_ == "conj" and head.pos_ in ("VERB", "AUX"):
            token = head
            continue
        if token.dep_ in (
            "xcomp",
            "ccomp",
            "advcl",
            "pcomp",
            "acl",
            "relcl",
            "dep",
            "parataxis",
            "acomp",
            "auxpass",
            "aux",
            "oprd",
        ):
            if token.dep_ in ("acl", "relcl"):
                if token.dep_ == "relcl" or token.tag_ in ("VBG", "VBN"):
                    return [head]  # "troops shelling the town", "villages shelled by"
                return Noun(head, support).subjects()  # "the decision to attack"
            if token.dep_ == "pcomp":
                governor = head.head
                if governor.pos_ in ("VERB", "AUX"):
                    if is_in(governor, syntax().object_of_gerund):
                        found = Verb(governor, support).objects()
                        if found:
                            return found
                    if is_passive(governor) and not is_in(governor, syntax().object_of_gerund):
                        return surface_subjects(governor, support)
                    token = governor
                    continue
                if governor.pos_ in ("NOUN", "PROPN"):
                    return Noun(governor, support).subjects()
                return []
            if token.dep_ in ("xcomp", "advcl") and is_passive(head) and is_infinitive(token):
                # "was hailed by the government's moves to invite Iran": whose moves they are
                before = token.doc[max(0, token.left_edge.i - 1)]
                if before.pos_ == "NOUN" and before.dep_ == "pobj" and before.head.dep_ == "agent":
                    return Noun(before, support).subjects()
            if token.dep_ == "xcomp" and is_in(head, syntax().object_control):
                objects = [c for c in head.children if c.dep_ in ("dobj", "dative")]
                if objects:
                    return objects
                if is_passive(head):
                    return surface_subjects(head, support)
            if token.dep_ == "ccomp" and not is_infinitive(token) and token.tag_ != "VBG":
                return []  # a finite clause without a subject: the parser lost it
            if token.dep_ == "advcl" and token.tag_ not in ("VBG", "VBN", "VB"):
                return []
            if head.pos_ in ("VERB", "AUX"):
                token = head
                continue
            if head.pos_ == "ADJ":  # "is ready to talk"
                return Adjective(head, support).subjects()
            if head.pos_ in ("NOUN", "PROPN"):
                return Noun(head, support).subjects()
        return []
    return []
