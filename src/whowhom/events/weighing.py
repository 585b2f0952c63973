"""Frames and the learned model together: how sure a candidate is, and what only the model sees.

A frame's candidate keeps its roles and its reason; the model says how likely its word carries
that type, and both give one calibrated confidence. Where no frame stands, a word that the model
is sure of becomes a candidate of its own, with parties by the model's roles.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from ..codebook import Codebook
from ..model import (
    Candidate,
    Decides,
    Option,
    Parsed,
    Parties,
    Party,
    Question,
    Sentence,
    Trigger,
    Why,
    WordScores,
)

if TYPE_CHECKING:
    from ..parse.tokens import Token

MODEL = "model"  # what stands in ``why.model`` of a candidate that no frame gave
_FLOOR = 1e-4  # probabilities are kept this far from 0 and 1 before a logarithm
_NO_CHANCE = 0.9  # a word that carries nothing with this chance is not looked at
# function words and particles belong to the word that they go with ("broke off", "is to send")
_CARRIERS = frozenset({"VERB", "NOUN", "ADJ", "PROPN"})
_PART = 0.5  # a mention takes a part where that is likelier than not


@dataclass(frozen=True, slots=True)
class Decision:
    """Weights of the two logistic rules, and the confidence from which a candidate stands.

    Fitted by ``training/calibrate.py`` on the project's held-out passages.
    """

    frame: Mapping[str, float]
    model: Mapping[str, float]
    frame_from: float
    model_from: float
    parse_from: float  # chance of an act from which a stretch of text is parsed
    status_from: float  # from which the model's status stands before the rules' "actual"


@lru_cache(maxsize=1)
def decision() -> Decision:
    """The shipped decision (``data/model/decision.toml``)."""
    file = resources.files("whowhom.data").joinpath("model", "decision.toml")
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    limits = data["from"]
    return Decision(
        data["frame"],
        data["model"],
        limits["frame"],
        limits["model"],
        limits["parse"],
        limits["status"],
    )


def fits(codebook: Codebook, types: Iterable[str]) -> bool:
    """Whether a codebook has every type that the model knows: it was trained on PLOVER's, and may
    propose any of them. What a codebook has beyond them is for its frames alone."""
    return set(codebook.types) >= {name for name in types if name != "NONE"}


class Weigher:
    """Weighs the candidates of one document."""

    def __init__(
        self,
        codebook: Codebook,
        parsed: Parsed,
        parties: Parties,
        scores: WordScores,
        decides: Decides | None = None,
    ) -> None:
        """``decides`` is asked about candidates that almost stand; without one they fall."""
        self.codebook, self.parsed, self.parties, self.scores = codebook, parsed, parties, scores
        self.rules = decision()
        self.decides = decides
        self._known = frozenset(scores.types)

    # ------------------------------------------------------------- confidence
    def weighed(self, candidate: Candidate) -> Candidate:
        """The candidate with what only the model sees and a calibrated confidence; as it is where
        its type is not the model's."""
        if not self._knows(candidate):
            return candidate
        candidate = self._filled(candidate)
        sure = confidence(
            self.rules.frame if candidate.why.rule else self.rules.model,
            self.features(candidate),
        )
        return replace(candidate, why=replace(candidate.why, confidence=sure))

    def stands(self, candidate: Candidate) -> bool:
        """Whether a weighed candidate is sure enough to be an event."""
        if not self._knows(candidate):
            return True
        return candidate.why.sure >= self._limit(candidate)

    def _limit(self, candidate: Candidate) -> float:
        return self.rules.frame_from if candidate.why.rule else self.rules.model_from

    # ------------------------------------------------------------------ in doubt
    def doubted(self, candidate: Candidate) -> tuple[Candidate | None, str] | None:
        """What an adjudicator says of a weighed candidate that does not stand: the candidate with
        the kind of act that it chose, None where it chose none or did not answer; and why. None
        where the coder is sure, or there is nobody to ask."""
        if self.decides is None:
            return None
        if candidate.why.sure < self.decides.ask_from * self._limit(candidate):
            return None
        question = self._question(candidate, self.decides.types)
        vote = self.decides.decide(question)
        if vote.failure is not None:
            return None, f"{vote.by} gave no vote: {vote.failure}"
        if vote.option is None:
            return None, f"{vote.by} sees none"
        option = question.options[vote.option]
        return self._chosen(candidate, option, vote.by), ""

    def _question(self, candidate: Candidate, most: int) -> Question:
        kinds = self._best(candidate)
        ranked = sorted((k for k in kinds if k in self.codebook.types), key=lambda k: -kinds[k])
        types = list(dict.fromkeys((candidate.event_type, *ranked)))[:most]
        options = [
            option
            for name in types
            for option in (
                Option(name, None, self.codebook.types[name].definition),
                *(
                    Option(name, mode.name, mode.definition)
                    for mode in self.codebook.types[name].modes.values()
                ),
            )
        ]
        return Question(
            self.parsed.sentences[candidate.sentence].text,
            candidate.trigger.text,
            tuple(p.text for p in candidate.actors),
            tuple(p.text for p in candidate.recipients),
            tuple(options),
        )

    def _chosen(self, candidate: Candidate, option: Option, by: str) -> Candidate:
        """The candidate as the act that was chosen; its words and parties stay what they are."""
        actors, recipients = candidate.actors, candidate.recipients
        if option.event_type == "CONSULT" and option.mode != "visit":
            actors, recipients = (*actors, *recipients), ()
        elif option.event_type not in self.codebook.place_recipients:
            recipients = tuple(p for p in recipients if p.resolved_by != "place")
        why = replace(
            candidate.why, model=by, runner_up=candidate.why.model or candidate.why.runner_up
        )
        return replace(
            candidate,
            event_type=option.event_type,
            mode=option.mode,
            actors=actors,
            recipients=recipients,
            why=why,
        )

    def _knows(self, candidate: Candidate) -> bool:
        return candidate.event_type in self._known

    def features(self, candidate: Candidate) -> dict[str, float]:
        """What the logistic rules weigh, by name."""
        kinds = self._best(candidate)
        token = self.parsed.doc[candidate.token]
        out = {
            "type": math.log(max(self._chance(candidate, kinds), _FLOOR)),
            "none": math.log(max(kinds["NONE"], _FLOOR)),
            "actor": float(bool(candidate.actors)),
            "recipient": float(bool(candidate.recipients)),
            "noun": float(token.pos_ in ("NOUN", "PROPN")),
        }
        if candidate.why.rule:
            sure = min(max(candidate.why.sure, 0.05), 0.99)
            out["frame"] = math.log(sure / (1 - sure))
        return out

    def _best(self, candidate: Candidate) -> dict[str, float]:
        """What the model says of the candidate's words, at the one that fits its type best."""
        found = [self.scores.kinds(i) for i in (candidate.token, *candidate.words)]
        known = [kinds for kinds in found if kinds is not None]
        if not known:
            return {"NONE": 0.5, candidate.event_type: 0.25}
        return max(known, key=lambda kinds: self._chance(candidate, kinds))

    def _chance(self, candidate: Candidate, kinds: Mapping[str, float]) -> float:
        """The chance of a candidate's type. A frame codes the act, the model what a planned or
        refused act is coded as in the end, so that these count for it too."""
        kind = candidate.event_type
        names = {kind}
        if candidate.why.rule:
            names |= {
                t for t in (self.codebook.planned.get(kind), self.codebook.refused.get(kind)) if t
            }
        return sum(kinds.get(name, 0.0) for name in names)

    def _filled(self, candidate: Candidate) -> Candidate:
        """A frame's candidate with the mode and the sides that the frame left open."""
        if not candidate.why.rule:  # the model's own: it has what the model says
            return candidate
        mode = candidate.mode or self._mode(candidate.token, candidate.event_type)
        own = (*candidate.actors, *candidate.recipients)
        if candidate.actors and candidate.recipients:
            return replace(candidate, mode=mode)
        sentence = self.parsed.sentences[candidate.sentence]
        actors, recipients = self.sides(candidate.token, candidate.event_type, sentence)
        actors = tuple(p for p in actors if not _overlaps(p, own))
        recipients = tuple(p for p in recipients if not _overlaps(p, own))
        if candidate.event_type == "CONSULT" and mode != "visit":
            # all sides of a meeting are actors; one that has two is whole
            others = (*actors, *recipients) if len(candidate.actors) < 2 else ()
            return replace(candidate, mode=mode, actors=(*candidate.actors, *others))
        return replace(
            candidate,
            mode=mode,
            actors=candidate.actors or actors,
            recipients=candidate.recipients or recipients,
        )

    def _may_stand(self, token: Token, kind: str, kinds: Mapping[str, float]) -> bool:
        """Whether a word's own candidate could stand with the best of parties: to look for them
        costs more than all else. Where somebody is asked about what almost stands, that too."""
        features = {
            "type": math.log(max(kinds[kind], _FLOOR)),
            "none": math.log(max(kinds["NONE"], _FLOOR)),
            "noun": float(token.pos_ in ("NOUN", "PROPN")),
            **{side: float(self.rules.model.get(side, 0.0) > 0) for side in ("actor", "recipient")},
        }
        share = 1.0 if self.decides is None else self.decides.ask_from
        return confidence(self.rules.model, features) >= share * self.rules.model_from

    def _mode(self, token: int, event_type: str) -> str | None:
        found = self.scores.mode(token, event_type)
        if found is None or found[1] < _PART or found[0] is None:
            return None
        return found[0] if found[0] in self.codebook.types[event_type].modes else None

    # -------------------------------------------------------------- proposals
    def proposals(
        self, position: int, taken: set[int], contexts: Callable[[], tuple[str, ...]]
    ) -> list[Candidate]:
        """Candidates on words that no frame took, by the model alone."""
        sentence = self.parsed.sentences[position]
        out: list[Candidate] = []
        for i in self.scores.likely(sentence.first, sentence.last, 1 - _NO_CHANCE):
            token = self.parsed.doc[i]
            if i in taken or token.pos_ not in _CARRIERS or token.dep_ in ("aux", "auxpass"):
                continue
            kinds = self.scores.kinds(i)
            if kinds is None:
                continue
            ranked = sorted((k for k in kinds if k != "NONE"), key=lambda k: -kinds[k])
            kind, second = ranked[0], ranked[1]
            if kinds[kind] < 1 - _NO_CHANCE:
                continue
            if not self._may_stand(token, kind, kinds):
                continue
            mode = self._mode(i, kind)
            actors, recipients = self.sides(i, kind, sentence)
            if kind == "CONSULT" and mode != "visit":
                actors, recipients = (*actors, *recipients), ()
            out.append(
                Candidate(
                    token=i,
                    trigger=Trigger(token.text, token.idx, token.idx + len(token)),
                    sentence=position,
                    event_type=kind,
                    mode=mode,
                    contexts=contexts(),
                    actors=actors,
                    recipients=recipients,
                    why=Why(model=f"{MODEL}.{kind}", runner_up=f"{MODEL}.{second}"),
                    words=(i,),
                )
            )
        return out

    def sides(
        self, trigger: int, event_type: str, sentence: Sentence
    ) -> tuple[tuple[Party, ...], tuple[Party, ...]]:
        """Actors and recipients of a word's act among the parties of its sentence."""
        doc = self.parsed.doc
        heads = [
            doc[i]
            for i in range(sentence.first, sentence.last)
            if i != trigger and i in self.parties.by_token
        ]
        if not heads:
            return (), ()
        places = event_type in self.codebook.place_recipients
        sides: tuple[list[Party], list[Party]] = [], []
        for head, chances in zip(heads, self.scores.roles(doc[trigger], heads), strict=True):
            party = self.parties.by_token[head.i]
            for side in (0, 1):
                if chances[side + 1] < _PART:
                    continue
                if side == 1 and party.resolved_by == "place" and not places:
                    continue
                sides[side].append(party)
        whole = [p for side in sides for p in side]
        actors, recipients = (
            tuple(
                p
                for p in side
                if not any(
                    q is not p
                    and q.start <= p.start
                    and p.end <= q.end
                    and (q.end - q.start) > (p.end - p.start)
                    for q in whole
                )
            )
            for side in sides
        )
        return actors, recipients


def _overlaps(party: Party, others: Iterable[Party]) -> bool:
    return any(party.start < other.end and other.start < party.end for other in others)


def confidence(weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    """The logistic rule: a chance between 0 and 1, with two decimals (eight-bit arithmetic may
    differ beyond them from one processor to another)."""
    z = weights["bias"] + sum(weights.get(name, 0.0) * x for name, x in features.items())
    return round(1 / (1 + math.exp(-max(-30.0, min(30.0, z)))), 2)
