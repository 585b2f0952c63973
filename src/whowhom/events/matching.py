"""Frames over the dependency tree: the words that carry events, with who and whom.

Every word that is some frame's trigger ends as a candidate or as a rejection
with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from ..codebook import Codebook, Frame, Phrase
from ..model import (
    Candidate,
    Decides,
    Parsed,
    Parties,
    Party,
    Rejection,
    RejectionReason,
    Sentence,
    Statement,
    Status,
    Trigger,
    Why,
    WordScores,
)
from ..settings import DEFAULT, Settings
from .arguments import (
    TITLE_END,
    Adjective,
    Noun,
    Verb,
    conjuncts,
    is_in,
    is_infinitive,
    lemma,
    names,
    prepositional,
    support_verb,
    syntax,
    written,
)
from .weighing import Weigher

if TYPE_CHECKING:
    from ..parse.tokens import Token

Walker: TypeAlias = Verb | Noun | Adjective
Kind = Literal["verb", "noun", "adjective"]

_MADE: Mapping[Kind, type[Verb] | type[Noun] | type[Adjective]] = {
    "verb": Verb,
    "noun": Noun,
    "adjective": Adjective,
}
_NEAR = 10  # tokens either side in which a word still tells what kind of talk this is
_RELATED_DEPTH = 3  # "killed the Taliban's shadow governor of Helmand": three steps to the party
_RELATED_STEPS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    # dependency labels, and the prepositions where the label is prep: nearest kin first
    (("poss",), ()),
    (("amod", "compound", "nmod", "npadvmod"), ()),
    (("appos",), ()),
    (("prep",), ("of", "among", "between", "by")),
    (("prep",), ("in", "from", "within", "against", "near", "at")),
)


@dataclass(frozen=True, slots=True)
class Match:
    """A frame on a word: the parties that it found and what it used."""

    frame: Frame
    actors: tuple[Party, ...]
    recipients: tuple[Party, ...]
    mode: str | None
    words: tuple[int, ...]
    confidence: float


Rivals = Callable[[int, Sequence[Match]], None]
"""Is told of a word, by its index, and of the frames that hold on it, the one that wins first."""


def rank(match: Match) -> tuple[int, float, float, int, int]:
    """What decides between frames on one word, the least first: what is laid over the shipped
    codebook, then conditions, words and sides that were asked for, then confidence, sides that
    were found, and the order of the codebook."""
    frame = match.frame
    weight = (
        -frame.specificity
        - 0.5 * len(match.words)
        - 0.6 * (frame.needs == "both")
        + 1.0 * (frame.needs == "none")
    )
    sides = bool(match.actors) + bool(match.recipients)
    return -frame.layer, weight, -match.confidence, -sides, frame.order


@dataclass(frozen=True, slots=True)
class Failure:
    """A frame whose trigger stands here but that does not hold, and why."""

    frame: Frame
    reason: RejectionReason
    detail: str
    # a word that the frame asks for is not there: no candidate at all ("gave a party" is not
    # a failed "gave aid"), so nothing that the log of rejections should hold
    absent: bool = False


class EventFinder:
    """Finds the candidates of a parse by the frames of a codebook."""

    def __init__(self, codebook: Codebook, settings: Settings = DEFAULT) -> None:
        self.codebook, self.settings = codebook, settings

    def find(
        self,
        parsed: Parsed,
        parties: Parties,
        statements: tuple[Statement, ...] = (),
        scores: WordScores | None = None,
        rivals: Rivals | None = None,
        decides: Decides | None = None,
    ) -> tuple[list[Candidate], list[Rejection]]:
        """Candidates in text order, and what was looked at and not taken.

        ``statements`` tell who speaks: a frame may ask for the speaker as its actor. ``scores``
        are a model's: they weigh what the frames found and add what these do not see; without
        them the frames decide alone. ``rivals`` is told of every word that frames hold on, with
        what each found there, the one that wins first. ``decides`` is asked about what almost
        stands after weighing.
        """
        weigher = None
        if scores is not None:
            weigher = Weigher(self.codebook, parsed, parties, scores, decides)
        candidates: list[Candidate] = []
        rejections: list[Rejection] = []
        parsed.doc.user_data[TITLE_END] = max(
            (s.last for s in parsed.sentences if s.number == 0), default=0
        )
        for position, sentence in enumerate(parsed.sentences):
            if position in parsed.aside:
                continue
            found, failed = _SentenceMatcher(
                self.codebook, parsed, parties, statements, position, sentence, weigher
            ).run(rivals)
            limit = self.settings.max_events_per_sentence
            for late in found[limit:]:
                failed.append(_rejection(parsed, late, "too_many_events", f"the limit is {limit}"))
            candidates.extend(found[:limit])
            rejections.extend(failed)
        return candidates, rejections


def _rejection(
    parsed: Parsed, candidate: Candidate, reason: RejectionReason, detail: str = ""
) -> Rejection:
    return Rejection(
        parsed.document.id,
        parsed.sentences[candidate.sentence].number,
        candidate.trigger.start,
        candidate.trigger.end,
        candidate.trigger.text,
        reason,
        candidate.why.rule,
        candidate.event_type,
        detail,
    )


class _SentenceMatcher:
    def __init__(
        self,
        codebook: Codebook,
        parsed: Parsed,
        parties: Parties,
        statements: tuple[Statement, ...],
        position: int,
        sentence: Sentence,
        weigher: Weigher | None = None,
    ) -> None:
        self.weigher = weigher
        self.codebook, self.parsed, self.parties = codebook, parsed, parties
        self.statements = statements
        self.position, self.sentence = position, sentence
        self.tokens = [parsed.doc[i] for i in range(sentence.first, sentence.last)]
        self._lemmas: frozenset[str] | None = None
        self._text = ""
        self._walkers: dict[tuple[int, Kind], Walker] = {}
        self._cued: tuple[str, ...] | None = None
        self.matches: dict[int, list[Match]] = {}
        self.failures: dict[int, list[Failure]] = {}

    # ------------------------------------------------------------- the sentence
    def run(self, rivals: Rivals | None = None) -> tuple[list[Candidate], list[Rejection]]:
        second_pass: list[tuple[Token, Kind, Frame, tuple[int, ...]]] = []
        for token in self.tokens:
            for kind, frame, words in self._triggers(token):
                if frame.clause_type or frame.mode_by_clause:
                    second_pass.append((token, kind, frame, words))
                else:
                    self._try(token, kind, frame, words)
        for token, kind, frame, words in second_pass:
            self._try(token, kind, frame, words)
        best: dict[int, Candidate] = {}
        layers: dict[int, int] = {}
        for i, matches in sorted(self.matches.items()):
            ranked = sorted(matches, key=rank)
            best[i] = self._best(i, ranked)
            layers[i] = ranked[0].frame.layer
            if rivals is not None:
                rivals(i, ranked)
        vetoed = self._weigh(best, layers, self.weigher) if self.weigher is not None else []
        kept, covered = _without_covered(best, self.parsed, layers)
        rejections = [_rejection(self.parsed, c, "covered", why) for c, why in covered]
        rejections.extend(vetoed)
        for i, failures in sorted(self.failures.items()):
            if i not in best:
                rejections.append(self._failed(i, failures))
        rejections.sort(key=lambda r: r.start)
        return kept, rejections

    def _weigh(
        self, best: dict[int, Candidate], layers: Mapping[int, int], weigher: Weigher
    ) -> list[Rejection]:
        """Let the model weigh the frames' candidates and add its own; what does not stand is
        taken out, as rejections."""
        taken = {i for c in best.values() for i in (c.token, *c.words)}
        for i, layer in layers.items():
            verb = support_verb(self.parsed.doc[i], self.codebook.support_verbs) if layer else None
            if verb is not None:  # "imposed a shutdown" is one act, of the shutdown's type
                taken.add(verb.i)
        own = weigher.proposals(self.position, taken, lambda: self._contexts(()))
        vetoed: list[Rejection] = []
        for candidate in (*best.values(), *own):
            weighed = weigher.weighed(candidate)
            if weigher.stands(weighed):
                best[candidate.token] = weighed
                continue
            best.pop(candidate.token, None)
            doubted = weigher.doubted(weighed)
            if doubted is not None and doubted[0] is not None:
                best[candidate.token] = doubted[0]
            elif candidate.why.rule or doubted is not None:
                sure = f"{weighed.why.confidence:.2f} with the model's view"
                if doubted is not None:
                    sure = f"{sure}; {doubted[1]}"
                vetoed.append(_rejection(self.parsed, weighed, "model_veto", sure))
        return vetoed

    def _triggers(self, token: Token) -> Iterator[tuple[Kind, Frame, tuple[int, ...]]]:
        pos = token.pos_
        forms = names(token)
        if pos in ("VERB", "AUX") or (pos == "ADJ" and token.tag_ in ("VBN", "VBD", "VBG")):
            yield from self._phrases(token, forms, self.codebook.by_verb, "verb")
        if (
            pos in ("NOUN", "PROPN")
            or token.tag_ == "VBZ"
            or (token.tag_ == "VBG" and token.dep_ in ("nsubj", "dobj", "pobj", "nsubjpass"))
        ) and not self._names_actor(token):
            yield from self._phrases(token, forms, self.codebook.by_noun, "noun")
        if (
            pos in ("ADJ", "ADV")
            or token.dep_ == "acomp"
            or (token.tag_ == "VBN" and token.dep_ in ("acomp", "ROOT", "ccomp"))
        ):
            yield from self._phrases(token, forms, self.codebook.by_adjective, "adjective")

    def _names_actor(self, token: Token) -> bool:
        """Whether a noun is an actor, or says what kind of actor ("opposition leader", "armed
        forces", "protest leaders"): then it names no act."""
        if self.parties.at(token) is not None and token.dep_ not in ("compound", "attr", "appos"):
            # "the opposition" is an actor; "its opposition to the plan", "leads a mission" are acts
            if support_verb(token, self.codebook.support_verbs) is not None:
                return False
            return not any(
                c.dep_ == "prep" and c.lower_ in ("to", "against", "on") for c in token.children
            )
        return token.dep_ in ("compound", "nmod") and (
            (party := self.parties.at(token.head)) is not None
            and party.sector is not None
            and party.start <= token.idx < party.end
        )

    def _phrases(
        self,
        token: Token,
        forms: tuple[str, ...],
        index: Mapping[str, tuple[tuple[Phrase, Frame], ...]],
        kind: Kind,
    ) -> Iterator[tuple[Kind, Frame, tuple[int, ...]]]:
        seen: set[str] = set()
        for name in forms:
            for phrase, frame in index.get(name, ()):
                if frame.id in seen:
                    continue
                words = (
                    _verb_rest(token, phrase.rest)
                    if kind == "verb"
                    else _words_before(token, phrase.rest)
                )
                if words is not None:
                    seen.add(frame.id)
                    yield kind, frame, (token.i, *words)

    # ---------------------------------------------------------------- one frame
    def _try(self, token: Token, kind: Kind, frame: Frame, words: tuple[int, ...]) -> None:
        if not self._possible(frame):
            return
        result = self._apply(token, kind, frame, words)
        if isinstance(result, Match):
            self.matches.setdefault(token.i, []).append(result)
        elif result is not None and not result.absent:
            self.failures.setdefault(token.i, []).append(result)

    def _possible(self, frame: Frame) -> bool:
        """Whether the words that a frame asks for stand in the sentence at all: most frames end
        here, and cheaply."""
        forms = self._forms_here()
        return all(not words.isdisjoint(forms) for words in asked(self.codebook, frame))

    def _walker(self, token: Token, kind: Kind) -> Walker:
        key = (token.i, kind)
        walker = self._walkers.get(key)
        if walker is None:
            walker = self._walkers[key] = _MADE[kind](token, self.codebook.support_verbs)
        return walker

    def _apply(
        self, token: Token, kind: Kind, frame: Frame, words: tuple[int, ...]
    ) -> Match | Failure | None:
        walker = self._walker(token, kind)
        used = set(words)
        objects = walker.objects()
        problem = self._conditions(walker, frame, objects, used)
        if problem is not None:
            return problem
        clause = walker.clause() if frame.clause_type or frame.mode_by_clause else None
        actors = self._fill(walker, frame.actor, "actor", objects)
        recipients = self._recipients(walker, frame, objects, actors)
        confidence = frame.confidence
        if not _sectors_fit(frame, actors, recipients):
            return Failure(frame, "excluded", "sector")
        missing = self._missing(frame, token, actors, recipients)
        if missing is not None:
            return missing
        mode = self._mode(frame, token, clause, objects)
        return Match(frame, actors, recipients, mode, tuple(sorted(used)), confidence)

    def _recipients(
        self, walker: Walker, frame: Frame, objects: list[Token], actors: tuple[Party, ...]
    ) -> tuple[Party, ...]:
        """The recipients: others than the actors, and no mere place where none can be one."""
        places = frame.event_type in self.codebook.place_recipients
        taken = {p.start for p in actors}
        # "Chad closed its border": the one that "its" stands for is the actor itself
        same = {(p.name, p.country) for p in actors if p.name is not None}

        def fits(party: Party) -> bool:
            return (
                party.start not in taken
                and (places or party.resolved_by != "place")
                and not (
                    party.text.lower() in syntax().pronouns and (party.name, party.country) in same
                )
            )

        return self._fill(walker, frame.recipient, "recipient", objects, fits)

    def _missing(
        self, frame: Frame, token: Token, actors: tuple[Party, ...], recipients: tuple[Party, ...]
    ) -> Failure | None:
        kind = self.codebook.types[frame.event_type]
        reciprocal = frame.reciprocal and (len(actors) > 1 or any(_is_plural(p) for p in actors))
        if kind.recipient_required and not recipients and not reciprocal:
            return Failure(frame, "missing_recipient", f"{kind.name} needs a recipient")
        if frame.needs in ("both", "recipient") and not recipients and not reciprocal:
            return Failure(frame, "missing_recipient", "the frame needs a recipient")
        if frame.needs in ("both", "actor") and not actors:
            return Failure(frame, "missing_actor", "the frame needs an actor")
        if frame.needs == "either" and not actors and not recipients:
            return Failure(frame, "no_party", "neither side is an actor")
        return None

    def _conditions(
        self, walker: Walker, frame: Frame, objects: list[Token], used: set[int]
    ) -> Failure | None:
        """None where every condition holds; what each used is added to ``used``."""

        def heads(tokens: Iterable[Token]) -> list[Token]:
            return [c for t in tokens for c in conjuncts(t)]

        if frame.object or frame.not_object:
            filled = heads(objects)
            if frame.object:
                hits = [t for t in filled if _is_one_of(t, frame.object)]
                if not hits:
                    return Failure(frame, "excluded", "object", absent=True)
                used.update(t.i for t in hits)
            if any(_is_one_of(t, frame.not_object) for t in filled):
                return Failure(frame, "excluded", "not_object")
        if frame.subject or frame.not_subject:
            filled = heads(walker.subjects())
            if frame.subject and not any(_is_one_of(t, frame.subject) for t in filled):
                return Failure(frame, "excluded", "subject", absent=True)
            if any(_is_one_of(t, frame.not_subject) for t in filled):
                return Failure(frame, "excluded", "not_subject")
        if frame.prep and not self._has_prep(walker, frame, used):
            return Failure(frame, "excluded", "prep " + " or ".join(frame.prep), absent=True)
        for name, unwanted in frame.not_prep.items():
            filled = heads(walker.preposition(name))
            if any("*" in unwanted or _is_one_of(t, unwanted) for t in filled):
                return Failure(frame, "excluded", f"not_prep {name}")
        problem = self._clause_conditions(walker, frame, used)
        if problem is not None:
            return problem
        if frame.near and not self._sentence_has(frame.near):
            return Failure(frame, "excluded", "near", absent=True)
        if frame.not_near and self._near_has(walker.token, frame.not_near):
            return Failure(frame, "excluded", "not_near")
        return None

    def _has_prep(self, walker: Walker, frame: Frame, used: set[int]) -> bool:
        """Whether one of the frame's prepositions is there with an object that it asks for."""
        for name, wanted in frame.prep.items():
            filled = [c for t in walker.preposition(name) for c in conjuncts(t)]
            if filled and "*" in wanted:
                return True
            hits = [t for t in filled if _is_one_of(t, wanted)]
            if hits:
                used.update(t.i for t in hits)
                return True
        return False

    def _clause_conditions(self, walker: Walker, frame: Frame, used: set[int]) -> Failure | None:
        if not (frame.clause or frame.clause_verb or frame.clause_type or frame.not_clause_verb):
            return None
        clause = walker.clause()
        if clause is None:
            if frame.clause or frame.clause_verb:
                return Failure(frame, "excluded", "clause", absent=True)
        elif frame.clause and not _clause_is(clause, frame.clause):
            return Failure(frame, "excluded", "clause", absent=True)
        if frame.clause_verb and (clause is None or not _is_one_of(clause, frame.clause_verb)):
            return Failure(frame, "excluded", "clause_verb", absent=True)
        if clause is not None and _is_one_of(clause, frame.not_clause_verb):
            return Failure(frame, "excluded", "not_clause_verb")
        if frame.clause_type:
            types = self._types_in(clause) or self._types_at(walker.objects())
            if not types & frame.clause_type:
                return Failure(frame, "excluded", "clause_type", absent=True)
        return None

    def _types_in(self, clause: Token | None) -> set[str]:
        """Types of the events that the first pass found on a clause's verb or its object."""
        if clause is None:
            return set()
        near = [
            clause,
            *[
                c
                for c in clause.children
                if c.dep_ in ("dobj", "xcomp", "conj", "nsubjpass", "attr")
            ],
        ]
        for child in list(near):
            near.extend(t for t in prepositional(child, ("in", "of", "to", "on")))
        return self._types_at(near)

    def _types_at(self, tokens: Iterable[Token]) -> set[str]:
        return {m.frame.event_type for t in tokens for m in self.matches.get(t.i, ())} | {
            f.frame.event_type
            for t in tokens
            for f in self.failures.get(t.i, ())
            if f.reason != "excluded"
        }

    # ------------------------------------------------------------------- roles
    def _fill(
        self,
        walker: Walker,
        paths: tuple[str, ...],
        side: str,
        objects: list[Token],
        fits: Callable[[Party], bool] = lambda party: True,
    ) -> tuple[Party, ...]:
        """The parties of the first path that gives any that fit."""
        for path in paths:
            if path == "speaker":
                speaker = self._speaker(walker.token)
                if speaker is not None and fits(speaker):
                    return (speaker,)
                continue
            for tokens in self._path(walker, path, objects):
                parties = tuple(p for p in self._parties(tokens, side) if fits(p))
                if parties:
                    return parties
        return ()

    def _speaker(self, token: Token) -> Party | None:
        """Who says the words around a token: the source of the innermost statement over it."""
        around = [
            (end - start, statement.speaker)
            for statement in self.statements
            for start, end in statement.content
            if start <= token.idx < end and statement.speaker is not None
        ]
        return min(around, key=lambda entry: entry[0])[1] if around else None

    def _path(self, walker: Walker, path: str, objects: list[Token]) -> Iterator[list[Token]]:
        """The phrases at the end of a role path, the likeliest group first."""
        if path == "subject":
            yield walker.subjects()
        elif path == "object":
            yield objects
        elif path == "indirect":
            yield walker.indirect() if isinstance(walker, Verb) else walker.preposition("to")
        elif path.startswith("clause"):
            clause = walker.clause()
            if clause is not None:
                yield from self._clause_path(Verb(clause, self.codebook.support_verbs), path)
        else:
            yield walker.preposition(path)

    def _clause_path(self, inner: Verb, path: str) -> Iterator[list[Token]]:
        if path == "clause.subject":
            yield inner.subjects()
            return
        objects = inner.objects()
        yield objects
        if path == "clause.object":
            return
        # "to lift sanctions on Burundi", "to send tanks to Ukraine"
        below = [t for thing in objects for t in prepositional(thing, ("of",))]
        for holder in (inner.token, *objects, *below):
            for child in holder.children:
                if child.dep_ in ("prep", "dative", "agent"):
                    yield [c for c in child.children if c.dep_ == "pobj"]
        yield [c for c in inner.token.children if c.dep_ in ("nsubj", "nsubjpass")]

    def _parties(self, tokens: Iterable[Token], side: str) -> tuple[Party, ...]:
        """The parties that these phrases name, coordination expanded, each once."""
        out: list[Party] = []
        for token in tokens:
            for part in conjuncts(token):
                party = self.parties.at(part)
                if part.tag_ in ("WP", "WDT"):
                    # "troops who attacked": the words that name them are before the pronoun
                    party = self._antecedent(part) or party
                if party is not None:
                    out.extend(self._shared_head(part, party))
                    out.append(party)
                else:
                    out.extend(self._related(part, side))
        seen: set[tuple[int, int]] = set()
        unique: list[Party] = []
        for party in out:
            if (party.start, party.end) not in seen:
                seen.add((party.start, party.end))
                unique.append(party)
        return tuple(unique)

    def _shared_head(self, token: Token, party: Party) -> Iterator[Party]:
        """The other nation of "French and Spanish police": it has the head's sector, not its
        country."""
        for i in range(token.left_edge.i, token.i):
            inner = self.parties.by_token.get(i)
            if (
                inner is not None
                and inner.sector is not None
                and inner.sector == party.sector
                and inner.country not in (None, party.country)
                and party.start <= inner.start < party.end
            ):
                yield inner

    def _antecedent(self, pronoun: Token) -> Party | None:
        verb = pronoun.head
        for _ in range(_RELATED_DEPTH):
            if verb.dep_ == "relcl":
                return self.parties.at(verb.head)
            verb = verb.head
        return None

    def _related(self, token: Token, side: str) -> list[Party]:
        """The party that a thing belongs to: "Iran's missile test", "a post of the Syrian army"."""
        steps = _RELATED_STEPS if side == "recipient" else _RELATED_STEPS[:4]
        level = [token]
        for _ in range(_RELATED_DEPTH):
            following: list[Token] = []
            for labels, prepositions in steps:
                found: list[Party] = []
                for at in level:
                    for child in at.children:
                        if child.dep_ not in labels:
                            continue
                        if prepositions:
                            inner = (
                                [c for c in child.children if c.dep_ == "pobj"]
                                if child.lower_ in prepositions
                                else []
                            )
                        else:
                            inner = [child]
                        for t in inner:
                            for part in conjuncts(t):
                                party = self.parties.at(part)
                                if party is not None:
                                    found.append(party)
                                else:
                                    following.append(part)
                if found:
                    # "a Chinese coast guard ship": the guard, not China beside it
                    return [p for p in found if not any(_within(p, q) for q in found)]
            level = following
        return []

    # -------------------------------------------------------------------- mode
    def _mode(
        self, frame: Frame, token: Token, clause: Token | None, objects: list[Token]
    ) -> str | None:
        for mode, wanted in frame.mode_by_object.items():
            if any(_is_one_of(c, wanted) for t in objects for c in conjuncts(t)):
                return mode
        if frame.mode_by_clause:
            types = self._types_in(clause) or self._types_at(objects)
            for kind, mode in frame.mode_by_clause.items():
                if kind in types:
                    return mode
        if frame.mode is not None:
            return frame.mode
        modes = self.codebook.types[frame.event_type].modes
        cued = [m for m in modes.values() if m.cues]
        if not cued:
            return None
        words = _clause_words(token)
        for mode_entry in cued:
            if _has_phrase(words, mode_entry.cues):
                return mode_entry.name
        return None

    # ------------------------------------------------------------------ choice
    def _best(self, i: int, ranked: list[Match]) -> Candidate:
        first = ranked[0]
        other = next((m for m in ranked[1:] if m.frame.event_type != first.frame.event_type), None)
        token = self.parsed.doc[i]
        start, end = _trigger_span(token, first.words, self.parsed)
        actors, recipients = first.actors, first.recipients
        if first.frame.event_type == "CONSULT" and first.mode != "visit":
            # PLOVER: all sides of a consultation are actors, unless one visits the other
            actors = (*actors, *(p for p in recipients if p not in actors))
            recipients = ()
        return Candidate(
            token=i,
            trigger=Trigger(self.parsed.reading.text[start:end], start, end),
            sentence=self.position,
            event_type=first.frame.event_type,
            mode=first.mode,
            contexts=self._contexts(first.frame.contexts),
            actors=actors,
            recipients=recipients,
            why=Why(
                rule=first.frame.id,
                confidence=first.confidence,
                runner_up=other.frame.id if other else None,
            ),
            status=cast("Status | None", first.frame.status),
            words=first.words,
        )

    def _contexts(self, implied: Iterable[str]) -> tuple[str, ...]:
        """The contexts that the frame implies, then those that words of the sentence tell."""
        if self._cued is None:
            cues = self.codebook.context_cues
            self._cued = tuple(name for name, words in cues.items() if self._sentence_has(words))
        return tuple(dict.fromkeys((*implied, *self._cued)))

    def _failed(self, i: int, failures: list[Failure]) -> Rejection:
        """One rejection a word: the frame that came furthest."""
        order = {"missing_recipient": 0, "missing_actor": 0, "no_party": 1, "excluded": 2}
        failure = min(failures, key=lambda f: (order.get(f.reason, 3), f.frame.order))
        token = self.parsed.doc[i]
        return Rejection(
            self.parsed.document.id,
            self.sentence.number,
            token.idx,
            token.idx + len(token),
            token.text,
            failure.reason,
            failure.frame.id,
            failure.frame.event_type,
            failure.detail,
        )

    def _sentence_has(self, phrases: frozenset[str]) -> bool:
        forms = self._forms_here()
        words, longer = _divided(phrases)
        return not words.isdisjoint(forms) or any(p in self._text for p in longer)

    def _forms_here(self) -> frozenset[str]:
        """Every form under which a word of the sentence may stand in a list."""
        if self._lemmas is None:
            self._lemmas = frozenset(_forms(self.tokens))
            self._text = " " + " ".join(map(written, self.tokens)) + " "
        return self._lemmas

    def _near_has(self, token: Token, phrases: frozenset[str]) -> bool:
        """Whether one of the phrases stands close to a word; what reports the clause does not
        count ("the radio reported that rebels freed" is no release of a report)."""
        low = max(self.sentence.first, token.i - _NEAR)
        high = min(self.sentence.last, token.i + _NEAR + 1)
        reporting = {a.i for a in token.ancestors if a.pos_ == "VERB" and token.dep_ == "ccomp"}
        window = [token.doc[i] for i in range(low, high) if i not in reporting]
        words = frozenset(_forms(window))
        text = " " + " ".join(map(written, window)) + " "
        single, longer = _divided(phrases)
        return not single.isdisjoint(words) or any(p in text for p in longer)


# ------------------------------------------------------------------- helpers
_ASKED: dict[tuple[str, str], tuple[frozenset[str], ...]] = {}


def asked(codebook: Codebook, frame: Frame) -> tuple[frozenset[str], ...]:
    """Sets of words of each of which a sentence must have one for a frame to hold in it."""
    key = (codebook.sha256, frame.id)
    found = _ASKED.get(key)
    if found is None:
        lists = [frame.object, frame.subject, frame.clause_verb, frame.near]
        if frame.prep:
            lists.append(frozenset(name.split()[0] for name in frame.prep))
        # of a phrase its last word: heads are compared with the words before them
        found = _ASKED[key] = tuple(
            frozenset(phrase.split()[-1] for phrase in words)
            for words in lists
            if words and "*" not in words
        )
    return found


@lru_cache(maxsize=4_096)
def _divided(phrases: frozenset[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """The single words of a list, and its longer phrases between blanks."""
    return (
        frozenset(p for p in phrases if " " not in p),
        tuple(f" {p} " for p in sorted(phrases) if " " in p),
    )


def _sectors_fit(frame: Frame, actors: tuple[Party, ...], recipients: tuple[Party, ...]) -> bool:
    """Whether the parties are of the kinds that a frame asks for (troops attack with more
    than words)."""
    for parties, wanted, unwanted in (
        (actors, frame.actor_sector, frame.not_actor_sector),
        (recipients, frame.recipient_sector, frame.not_recipient_sector),
    ):
        sectors = {p.sector for p in parties if p.sector}
        if wanted and not sectors & wanted:
            return False
        if sectors & unwanted:
            return False
    return True


def _forms(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        yield from names(token)


def _is_word(token: Token, word: str) -> bool:
    """Whether a token is a word of a phrase, by its form or its lemma."""
    if token.forms is not None:
        return word in token.forms
    return token.lower_ == word or lemma(token) == word


def _verb_rest(token: Token, rest: tuple[str, ...]) -> tuple[int, ...] | None:
    """Indices of the words that a verb phrase needs beside its head, None where one is missing."""
    found: list[int] = []
    near = [token]
    for word in rest:
        hit = None
        for at in near:
            for child in at.children:
                if child.i > token.i and _is_word(child, word):
                    hit = child
                    break
            if hit is not None:
                break
        if hit is None:
            # the parser may hang a particle elsewhere: take it where it directly follows
            follow = token.i + 1 + len(found)
            if follow < len(token.doc) and written(token.doc[follow]) == word:
                hit = token.doc[follow]
        if hit is None:
            return None
        found.append(hit.i)
        near = [hit, token]
    return tuple(found)


def _words_before(token: Token, rest: tuple[str, ...]) -> tuple[int, ...] | None:
    """Indices of the words that must stand right before the head."""
    found: list[int] = []
    for back, word in enumerate(reversed(rest), 1):
        i = token.i - back
        if i < 0:
            return None
        before = token.doc[i]
        if not _is_word(before, word):
            return None
        found.append(i)
    return tuple(reversed(found))


def _is_one_of(token: Token, wanted: frozenset[str]) -> bool:
    """Whether the head of a phrase, with or without the words before it, is one of these."""
    if not wanted:
        return False
    if is_in(token, wanted):
        return True
    # "dozens of rockets" is rockets
    counts = is_in(token, syntax().partitive) or token.pos_ == "NUM"
    if counts and any(_is_one_of_plain(t, wanted) for t in prepositional(token, ("of",))):
        return True
    doc, i = token.doc, token.i
    before = ""
    for back in range(1, 4):  # "cease-fire deal": up to three tokens before the head
        if i - back < 0:
            break
        word = doc[i - back]
        before = f"{written(word)} {before}".strip()
        if any(f"{before} {name}" in wanted for name in names(token)):
            return True
    return False


def _is_one_of_plain(token: Token, wanted: frozenset[str]) -> bool:
    return is_in(token, wanted)


def _clause_is(verb: Token, kind: str) -> bool:
    if kind == "any":
        return True
    infinitive = is_infinitive(verb)
    if kind == "infinitive":
        return infinitive
    if kind == "gerund":
        return verb.tag_ == "VBG" and not any(c.dep_ == "aux" for c in verb.children)
    return (verb.dep_ == "ccomp" and not infinitive) or any(
        c.dep_ == "mark" and c.lower_ == "that" for c in verb.children
    )


def _within(inner: Party, outer: Party) -> bool:
    """Whether a party's words are a part of another's."""
    size = outer.end - outer.start > inner.end - inner.start
    return size and outer.start <= inner.start and inner.end <= outer.end


def _is_plural(party: Party) -> bool:
    return party.text.lower().endswith(
        ("s", "people", "men", "women", "children", "police", "both", "they", "them")
    )


def _clause_words(token: Token) -> list[str]:
    """Lower-case words and lemmas of the clause around a trigger."""
    head = token
    for _ in range(6):
        if head.pos_ in ("VERB", "AUX") or head.dep_ == "ROOT":
            break
        head = head.head
    out: list[str] = []
    for t in head.subtree:
        if t.dep_ in ("ccomp", "advcl", "conj") and t.pos_ == "VERB" and t is not head:
            continue
        out.append(written(t))
        if t.forms is not None:
            out.append("|" + t.forms[0])
        elif lemma(t) != t.lower_:
            out.append("|" + lemma(t))
    return out


def _has_phrase(words: list[str], phrases: frozenset[str]) -> bool:
    plain = [w for w in words if not w.startswith("|")]
    lemmas = {w[1:] for w in words if w.startswith("|")} | set(plain)
    text = " " + " ".join(plain) + " "
    singular = " " + " ".join(w.rstrip("s") for w in plain) + " "
    return any(
        (p in lemmas) if " " not in p else (f" {p} " in text or f" {p} " in singular)
        for p in phrases
    )


def _trigger_span(token: Token, words: tuple[int, ...], parsed: Parsed) -> tuple[int, int]:
    """The trigger: its head and the words of the frame that touch it, at most eight tokens."""
    low = high = token.i
    for i in sorted(words):
        if i > high and i - high <= 3 and i - low <= 8:
            high = i
    for i in sorted(words, reverse=True):
        if i < low and low - i <= 1:
            low = i
    first, last = parsed.doc[low], parsed.doc[high]
    return first.idx, last.idx + len(last)


def _without_covered(
    best: dict[int, Candidate], parsed: Parsed, layers: Mapping[int, int]
) -> tuple[list[Candidate], list[tuple[Candidate, str]]]:
    """Drop candidates whose words another one already codes, and join what is one act.

    ``layers``: of the frames of the candidates; what is laid over goes before the rest.
    """
    kept: dict[int, Candidate] = dict(best)
    covered: list[tuple[Candidate, str]] = []

    def drop(i: int, by: Candidate) -> None:
        why = by.why.rule or by.why.model
        covered.append((kept.pop(i), f"coded by {why} at {by.trigger.start}"))

    for i, candidate in sorted(best.items()):
        if i not in kept:
            continue
        for j in candidate.words:
            if j != i and j in kept and j in best and i in kept:
                if layers.get(j, 0) > layers.get(i, 0):
                    drop(i, best[j])
                    break
                # the verb used the noun as its condition: the verb's frame says more
                kept[i] = _with_parties(kept[i], best[j])
                drop(j, candidate)
    for i, candidate in sorted(kept.items()):
        governor = _nested(parsed.doc[i])
        if governor is None or governor.i not in kept or i not in kept:
            continue
        outer = kept[governor.i]
        if outer.event_type != candidate.event_type:
            continue
        if candidate.event_type in _VERBAL:
            kept[governor.i] = _with_parties(outer, candidate)
            drop(i, outer)
        else:
            kept[i] = _with_parties(candidate, outer)
            drop(governor.i, candidate)
    for i, candidate in sorted(kept.items()):
        # "ruled out talks", "invited them to talks": a bare noun in what is asked or refused
        if i in kept and not candidate.actors and not candidate.recipients:
            for above in parsed.doc[i].ancestors:
                outer_act = kept.get(above.i)
                if outer_act is not None and outer_act.event_type in _ABOUT:
                    drop(i, outer_act)
                    break
    into: dict[int, int] = {}  # what a dropped candidate went into
    for i, candidate in sorted(kept.items()):
        for link in _same_act(parsed.doc[i]):
            other = link
            for _ in range(len(best)):
                other = into.get(other, other)
            if other == i or other not in kept:
                continue
            if kept[other].event_type == candidate.event_type:
                kept[other] = _with_parties(kept[other], candidate)
                drop(i, kept[other])
                into[i] = other
                break
    return [kept[i] for i in sorted(kept)], covered


def _with_parties(candidate: Candidate, other: Candidate) -> Candidate:
    """A candidate that takes over the parties and the mode that it lacks."""
    if candidate.event_type != other.event_type:
        return candidate
    return replace(
        candidate,
        actors=candidate.actors or tuple(p for p in other.actors if p not in candidate.recipients),
        recipients=candidate.recipients
        or tuple(p for p in other.recipients if p not in candidate.actors),
        mode=candidate.mode or other.mode,
    )


# in these the outer act is the event ("urged X to demand"); in the others the inner one is
# ("tried to bomb"): the outer word only says how the act stands
_VERBAL = frozenset(
    ("AGREE", "CONSULT", "SUPPORT", "CONCEDE", "REQUEST", "ACCUSE", "REJECT", "THREATEN")
)


_ABOUT = frozenset(("AGREE", "REQUEST", "REJECT", "THREATEN"))


def _same_act(token: Token) -> Iterator[int]:
    """Indices of the words that this one only continues where they code the same type: "in an
    attack that killed", "attacked the town, killing four", "was shot and killed in a raid"."""
    head = token.head
    links: list[Token] = []
    verbal = token.pos_ in ("VERB", "AUX")
    if token.dep_ == "advcl" and token.tag_ == "VBG":
        links.append(head)
        links.extend(c for c in head.children if c.dep_ in ("dobj", "nsubj"))
    if token.dep_ in ("relcl", "acl", "compound", "amod", "nmod"):
        links.append(head)
    if token.dep_ in ("advcl", "xcomp", "ccomp", "oprd") and token.tag_ == "VBN":
        # "clashes left 20 people injured"
        links.extend(c for c in head.children if c.dep_ == "nsubj")
    if token.pos_ == "ADJ" and token.dep_ in ("acomp", "oprd", "advcl", "xcomp", "advmod"):
        links.append(head)  # "shot dead"
    own = any(c.dep_ in ("nsubj", "nsubjpass", "dobj") for c in token.children)
    if token.dep_ == "conj" and head.pos_ == "VERB" and not own:
        links.append(head)
    if verbal:
        links.extend(c for c in token.children if c.dep_ == "nsubj" and c.pos_ == "NOUN")
    elif token.dep_ in ("nsubjpass", "dobj"):  # "talks are being discussed"
        links.append(head)
    elif token.dep_ == "pobj" and head.lower_ in ("in", "by", "during", "with", "from"):
        # "killed in an airstrike", "killed over decades of violence"
        links.append(head.head)
    elif token.dep_ == "pobj" and head.lower_ == "of" and head.head.dep_ == "pobj":
        links.append(head.head.head.head)
    elif token.dep_ == "pobj" and head.lower_ in ("of", "against", "on"):
        links.append(head.head)  # "a campaign of bombings", "an attempt of murder"
    for link in links:
        yield link.i
        yield from (inner.i for inner in prepositional(link, ("of",)))


def _nested(token: Token) -> Token | None:
    """The word that governs a clause's verb: "plotted" of "plotted to kill"."""
    if token.dep_ in ("xcomp", "ccomp", "acl"):
        return token.head
    if token.dep_ == "pcomp":
        return token.head.head
    return None
