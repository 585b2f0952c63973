"""Whether an act happened: negated, hypothetical, future, historical or actual.

The walk goes from the trigger to the root of its sentence and collects the
operators that the act stands under. Precedence, from the strongest:

1. what the construction itself imposes (``hint``) yields only to negation;
2. a condition, a question, an order, "may", "must" and the like, wherever they stand:
   hypothetical ("if they do not leave" does not tell that they stayed);
3. an odd number of negations: negated ("did not leave", "will not leave", "failed to
   leave"; "did not fail to leave" is actual);
4. any other irreal operator ("would", "threatened to", "possible"): hypothetical;
5. an intention, a promise, a schedule: future;
6. a date that lies further back than the limit: historical;
7. else actual.

That somebody merely says so changes nothing: that is what the attribution is for.
A denial negates what is denied, and its chain shows who denies.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field

from whowhom.attribution.history import long_past
from whowhom.attribution.language import Modality, modality, reporting
from whowhom.attribution.quotes import Quoted
from whowhom.attribution.tree import Tree
from whowhom.model import Parsed, Statement, Status, When

SPEECH_ACTS = frozenset({"REQUEST", "THREATEN", "AGREE", "REJECT", "ACCUSE", "SUPPORT"})
# Of these the words are the act with nobody quoted: "it will not accept the vote".
_REFUSALS = frozenset({"REJECT", "THREATEN"})
# Types that are often done by not allowing something.
RESTRAINTS = frozenset({"COERCE", "SANCTION"})
_VERBAL = ("VERB", "AUX")
# Clauses and phrases climbed from one trigger: no sentence is so deep, a broken parse can be.
_STEPS = 60
_PAST_TAGS = frozenset({"VBD", "VBN", "VBG"})


@dataclass(slots=True)
class Operators:
    """What an act stands under, with the words as reasons."""

    negations: int = 0
    hypothetical: bool = False  # irreal, but a negation beside it decides
    open: bool = False  # irreal whatever is negated
    future: bool = False
    reasons: list[str] = field(default_factory=list)

    def add(self, kind: str, reason: str) -> None:
        if kind == "negated":
            self.negations += 1
        elif kind == "hypothetical":
            self.hypothetical = True
            # "urged them not to leave": the negation is part of what is wished for
            self.open = self.open or (self.negations > 0 and reason.startswith("under:"))
        elif kind == "open":
            self.open = True
        elif kind == "future":
            self.future = True
        self.reasons.append(reason)


def status_of(
    tree: Tree,
    parsed: Parsed,
    covering: tuple[Statement, ...],
    token: int,
    *,
    event_type: str,
    hint: Status | None,
    when: When | None,
    historical_days: int,
    words: frozenset[int] = frozenset(),
) -> tuple[Status, list[str]]:
    """Status of the act that a token carries, and the words that decided it.

    ``covering`` are the statements whose content holds the token, outermost first.
    ``words`` are the tokens that make the event what it is: operators among them count
    as part of a speech act ("would not accept" as a rejection).
    """
    inside = Quoted.of(parsed.reading.text).at(tree.start[token]) is not None
    found = _Walk(tree, covering, token, event_type, words, inside).operators()
    negated = found.negations % 2 == 1
    if hint is not None:
        if negated and not found.open:
            return "negated", found.reasons
        return hint, ["construction", *found.reasons]
    if found.open:
        return "hypothetical", found.reasons
    if negated:
        return "negated", found.reasons
    if found.hypothetical:
        return "hypothetical", found.reasons
    if found.future:
        return "future", found.reasons
    reported = any(_kind(s) in ("speech", "document", "thought") for s in covering)
    past = long_past(tree, parsed, token, when, historical_days, reported=reported)
    if past is not None:
        return "historical", [*found.reasons, past]
    return "actual", found.reasons


def is_irreal(tree: Tree, token: int) -> bool:
    """Whether a verb stands under a negation, a condition, a wish or a possibility."""
    found = _Walk(tree, (), token, "", frozenset(), False).operators()
    return found.open or found.hypothetical or found.negations % 2 == 1


class _Walk:
    """From the trigger upwards, operator by operator."""

    def __init__(
        self,
        tree: Tree,
        covering: tuple[Statement, ...],
        token: int,
        event_type: str,
        own_words: frozenset[int],
        inside: bool,
        nested: bool = False,
    ) -> None:
        self.tree = tree
        self.words: Modality = modality()
        self.covering = covering
        self.token = token
        self.event_type = event_type
        self.own_words = own_words if event_type in SPEECH_ACTS | RESTRAINTS else frozenset()
        self.inside = inside  # the trigger stands in quotation marks
        self.nested = nested  # a look from below: it does not look further itself
        self.steps = 0
        self.found = Operators()
        # words that are the speech act rather than tell of one: "it would be wrong"
        lemma = tree.lemma[token]
        verb = reporting().verbs.get(lemma)
        if event_type in _REFUSALS:
            # "will not accept" refuses, "will not reject" does not
            plain = verb is None or verb.kind == "thought"
            self.performs = plain and self.words.verbs.get(lemma) != "negated"
        else:
            self.performs = (
                event_type in SPEECH_ACTS
                and bool(covering)
                and (verb is None or (verb.kind == "judgement" and "quote" not in verb.complements))
                and (lemma not in reporting().nouns or tree.pos[token] in ("VERB", "AUX"))
            )

    def operators(self) -> Operators:
        tree = self.tree
        node = self.token
        verbal = tree.pos[node] in _VERBAL and tree.dep[node] != "amod"
        if not verbal:
            self._modifiers(node)
            own = tree.dep[node] in ("attr", "acomp", "ROOT")
            if (
                self.event_type not in SPEECH_ACTS
                and self.words.nouns.get(tree.lemma[node]) == "future"
                and any(self._is_to(c) for c in tree.kids(node, "acl"))
            ):
                self.found.add("future", f"under:{tree.lemma[node]}")
        else:
            own = True  # still in the trigger's own clause
            self._plans(node)
        for _ in range(len(tree)):
            if tree.pos[node] in _VERBAL and tree.dep[node] not in ("amod", "compound"):
                self._clause(node, own=own)
                following = self._climb_verb(node)
                own = own and following is not None and tree.dep[node] == "xcomp"
            else:
                following = self._climb_noun(node)
            if following is None:
                break
            node = following
        return self.found

    # ------------------------------------------------------------- own clause
    def _clause(self, v: int, *, own: bool) -> None:
        """Auxiliaries, negation and adverbs of one verb."""
        tree, words, found = self.tree, self.words, self.found
        speech_act = own and self.performs
        modal: str | None = None
        perfect = any(tree.lemma[a] == "have" for a in tree.kids(v, "aux"))
        for a in tree.kids(v, "aux"):
            lower = tree.lower[a]
            if a in self.own_words:
                continue
            if tree.tag[a] != "MD" and lower not in words.words("modals", "future"):
                continue
            if lower in words.words("modals", "future"):
                modal = "future"
            elif lower in words.words("modals", "future_in_past"):
                modal = "future" if self._reported_past(v) and not perfect else "hypothetical"
                if lower == "'d" and perfect:
                    modal = None
            elif lower in words.words("modals", "hypothetical"):
                modal = "hypothetical"
            subject = tree.kid(v, "nsubj")
            performed = speech_act and (
                self.event_type in _REFUSALS
                or (subject is not None and tree.pos[subject] == "PRON")
            )
            if modal is not None and not performed:
                found.add(modal, f"modal:{lower}")
            if lower in words.words("modals", "open_when_negated") and not performed:
                found.open = True
        negation = self._negation(v)
        if negation is not None and not speech_act:
            found.add("negated", f"negation:{negation}")
        for c in tree.children[v]:
            dep, lower = tree.dep[c], tree.lower[c]
            if dep == "advmod":
                if lower in words.words("adverbs", "hypothetical"):
                    found.add("hypothetical", f"adverb:{lower}")
                elif lower in words.words("adverbs", "almost") and c == v - 1:
                    found.add("negated", f"adverb:{lower}")
            elif dep in ("nsubj", "nsubjpass", "dobj"):
                if c != self.token and not speech_act and self._none(c):
                    found.add("negated", f"negation:{lower}")
            elif dep == "mark" and lower in words.words("conditionals", "marks"):
                found.add("open", f"condition:{lower}")
        subject = tree.kid(v, "nsubj", "nsubjpass")
        if tree.dep[v] in ("advcl", "ccomp", "conj", "parataxis") and subject is not None:
            for a in tree.kids(v, "aux"):
                if a < subject and tree.lower[a] in words.words("conditionals", "inverted"):
                    found.add("open", f"condition:{tree.lower[a]}")
        self._mood(v)

    def _negation(self, v: int) -> str | None:
        """The word that negates a verb, but not "not only" and its like."""
        tree, words = self.tree, self.words
        for c in tree.children[v]:
            lower = tree.lower[c]
            if c in self.own_words or (tree.dep[c] == "cc" and c > v):
                continue
            if tree.dep[c] == "neg" or (
                tree.dep[c] in ("advmod", "preconj", "cc")
                and lower in (words.words("adverbs", "negated") | {"neither", "nor"})
            ):
                following = c + 1
                cancelled = words.words("negation", "cancelled_by")
                if following < len(tree) and tree.lower[following] in cancelled:
                    continue
                return lower
            # "no longer"
            if tree.dep[c] == "advmod" and lower == "longer" and tree.lower[c - 1] == "no":
                return "no longer"
        return None

    def _plans(self, v: int) -> None:
        """A trigger that is itself the plan: "plans to close"."""
        tree = self.tree
        if self.event_type in SPEECH_ACTS or self.words.verbs.get(tree.lemma[v]) != "future":
            return
        reporter = reporting().verbs.get(tree.lemma[v])
        if reporter is not None and "commitment" in reporter.kinds:
            return
        if any(self._is_to(c) for c in tree.kids(v, "xcomp")):
            self.found.add("future", f"under:{tree.lemma[v]}")

    def _none(self, n: int) -> bool:
        """Whether a noun phrase is about nobody or nothing."""
        tree, words = self.tree, self.words
        if any(c in self.own_words for c in tree.kids(n, "det")):
            return False
        if tree.lower[n] in words.words("negation", "pronouns"):
            return True
        if any(
            tree.lower[c] in words.words("negation", "determiners")
            for c in tree.kids(n, "det", "neg", "preconj")
        ):
            return True
        # "not one soldier", "not a single soldier", but "not only soldiers"
        return any(
            tree.lower[c] == "not"
            and tree.lower[c + 1] not in words.words("negation", "cancelled_by")
            for k in (n, *tree.kids(n, "det", "nummod", "predet"))
            for c in tree.kids(k, "neg", "preconj", "advmod")
            if c + 1 < len(tree)
        )

    def _mood(self, v: int) -> None:
        """Orders and questions."""
        tree, found = self.tree, self.found
        low, high = tree.bounds[tree.sentence[v]]
        if tree.dep[v] != "ROOT":
            return
        tag = tree.tag[v]
        subject = tree.kid(v, "nsubj", "nsubjpass", "expl", "csubj")
        auxiliaries = list(tree.kids(v, "aux", "auxpass"))
        if any(tree.lower[a] == "to" for a in auxiliaries):
            if subject is not None:  # headlines: "Ministers to meet"
                found.add("future", "headline:to")
            else:
                found.add("hypothetical", "infinitive:to")
        elif tag == "VB" and subject is None and not auxiliaries:
            found.add("open", "imperative")
        last = high - 1
        while last > low and (tree.pos[last] in ("SPACE",) or tree.lower[last] in "\"'”’»)"):
            last -= 1
        if tree.lower[last] == "?" and not any(
            tree.lower[k] in self.words.words("questions", "presupposing")
            for k in range(low, min(low + 3, high))
        ):
            found.add("open", "question")

    def _reported_past(self, v: int) -> bool:
        """Whether a clause is what somebody said in the past, without a condition."""
        tree = self.tree
        if any(tree.lower[m] in ("if", "unless") for c in tree.kids(v, "advcl")
               for m in tree.kids(c, "mark")):  # fmt: skip
            return False
        if self.inside:
            return False
        for statement in self.covering:
            cue = bisect.bisect_left(tree.start, statement.cue[-1][0])
            while cue < len(tree) and tree.start[cue] < statement.cue[-1][1]:
                if _kind(statement) in ("speech", "commitment") and tree.tag[cue] in _PAST_TAGS:
                    return True
                cue += 1
        return False

    def _step(self) -> bool:
        self.steps += 1
        return self.steps <= _STEPS

    # -------------------------------------------------------------- the climb
    def _climb_verb(self, v: int) -> int | None:
        """The word that a verb's clause is embedded under, or None at a border."""
        tree, found = self.tree, self.found
        dep, head = tree.dep[v], tree.head[v]
        if head == v or not self._step():
            return None
        if dep in ("ccomp", "relcl", "acl", "advcl", "csubj") and (
            any(
                tree.lemma[k] in self.words.words("nouns", "high_time")
                for k in (head, *tree.kids(head, "attr"))
            )
        ):
            marked = any(tree.lower[m] in ("that", "for") for m in tree.kids(v, "mark", "advmod"))
            if marked or self._is_to(v):
                found.add("open", "under:time")  # "it is high time that they left"
                return None
        to = any(tree.lower[a] == "to" for a in tree.kids(v, "aux"))
        if dep == "conj":
            return self._conjunct(v, head)
        if dep in ("xcomp", "ccomp", "csubj", "csubjpass"):
            if tree.pos[head] == "ADJ":
                return self._under_adjective(head)
            return self._under_verb(v, head, to=to)
        if dep == "pcomp":
            return self._under_preposition(v, head)
        if dep == "acl":
            if to:
                if self._foremost(head):
                    return None
                return self._under_noun(head, infinitive=True)
            mark = [tree.lower[m] for m in tree.kids(v, "mark")]
            if "that" in mark:
                return self._under_noun(head, infinitive=False)
            return None
        if dep == "relcl":
            if to and not self._foremost(head):
                return self._under_noun(head, infinitive=True)
            return None
        if dep == "advcl":
            marks = [tree.lower[m] for m in tree.kids(v, "mark")]
            if to and marks == ["for"] and tree.pos[head] in ("NOUN", "PROPN"):
                return self._under_noun(head, infinitive=True)  # "calls for him to leave"
            if to and marks == ["for"] and tree.lemma[head] in self.words.verbs:
                return self._under_verb(v, head, to=True)  # "waited for him to leave"
            if to and not marks:
                if any(self._foremost(k) for k in tree.kids(head, "attr", "acomp")):
                    return None
                # "is due to", "was able to": the adjective stands as the clause's head
                if tree.pos[head] == "ADJ" or tree.lemma[head] in self.words.verbs:
                    return self._under_verb(v, head, to=True)
                if self.nested:
                    found.add("hypothetical", "purpose:to")
                    return None
                above = _Walk(
                    tree,
                    self.covering,
                    head,
                    self.event_type,
                    frozenset(),
                    self.inside,
                    nested=True,
                ).operators()
                future = above.future and not (above.hypothetical or above.open or above.negations)
                found.add("future" if future else "hypothetical", "purpose:to")
                return None
            if tree.tag[v] == "VBG" and not marks:
                self._inherit(head)
            return None
        if tree.tag[v] == "VB" and tree.pos[head] in _VERBAL:
            return self._under_verb(v, head, to=True)  # an infinitive that the parser mislaid
        return None

    def _foremost(self, n: int) -> bool:
        """ "The first to ratify" did ratify."""
        tree = self.tree
        foremost = self.words.words("adjectives", "foremost")
        node = n
        for _ in range(4):
            if tree.lower[node] in foremost:
                return True
            if any(tree.lower[c] in foremost for c in tree.kids(node, "amod")):
                return tree.lemma[n] not in self.words.nouns
            if tree.dep[node] != "pobj":
                return False
            node = tree.head[tree.head[node]]
        return False

    def _conjunct(self, v: int, head: int) -> int | None:
        """A second verb shares the auxiliaries of the first unless it has a subject."""
        tree = self.tree
        if tree.pos[head] not in _VERBAL:
            return None
        nor = next((c for c in tree.kids(head, "cc") if tree.lower[c] == "nor" and c < v), None)
        if tree.kid(v, "nsubj", "nsubjpass", "expl") is not None:
            if nor is not None and nor not in self.own_words:
                self.found.add("negated", "negation:nor")
            if tree.dep[head] in ("ROOT", "parataxis"):
                return None
            return self._climb_from(head)
        own = any(tree.dep[c] in ("aux", "auxpass") for c in tree.children[v])
        cc = {tree.lower[c] for c in tree.kids(head, "cc")}
        same = tree.tag[v] == tree.tag[head] or tree.tag[head] == "VB"
        if nor is not None and nor not in self.own_words and tree.tag[head] != "VB":
            self.found.add("negated", "negation:nor")
        if own and not (tree.tag[v] == "VBN" and self._bare(v)):
            return self._climb_from(head)
        if same and "but" not in cc:
            for a in tree.kids(head, "aux"):
                lower = tree.lower[a]
                if lower in self.words.words("modals", "future"):
                    self.found.add("future", f"modal:{lower}")
                elif lower in self.words.words("modals", "hypothetical"):
                    in_past = lower in self.words.words("modals", "future_in_past")
                    kind = "future" if in_past and self._reported_past(head) else "hypothetical"
                    self.found.add(kind, f"modal:{lower}")
            negation = self._negation(head)
            if negation is not None and tree.tag[head] == "VB" and tree.tag[v] == "VB":
                self.found.add("negated", f"negation:{negation}")
        if tree.tag[v] == "VB" and tree.tag[head] != "VB" and not own:
            # "plotted to seize a ship and kill its crew": the infinitive before it governs
            for i in range(v - 1, head, -1):
                if tree.tag[i] == "VB" and tree.within(i, head):
                    return self._climb_from(i)
            return None
        return self._climb_from(head)

    def _bare(self, v: int) -> bool:
        return not any(self.tree.tag[a] == "MD" for a in self.tree.kids(v, "aux"))

    def _climb_from(self, head: int) -> int | None:
        """On from a verb of which the own clause has been read."""
        tree = self.tree
        for m in tree.kids(head, "mark"):
            if tree.lower[m] in self.words.words("conditionals", "marks"):
                self.found.add("open", f"condition:{tree.lower[m]}")
        return self._climb_verb(head)

    def _inherit(self, head: int) -> None:
        """A participle clause is as irreal as its main clause."""
        tree = self.tree
        for a in tree.kids(head, "aux"):
            lower = tree.lower[a]
            if lower in self.words.words("modals", "future"):
                self.found.add("future", f"modal:{lower}")
            elif lower in self.words.words("modals", "hypothetical"):
                self.found.add("hypothetical", f"modal:{lower}")
        for m in tree.kids(head, "mark"):
            if tree.lower[m] in self.words.words("conditionals", "marks"):
                self.found.add("open", f"condition:{tree.lower[m]}")

    def _under_verb(self, v: int, head: int, *, to: bool) -> int | None:
        tree, found, words = self.tree, self.found, self.words
        lemma = tree.lemma[head]
        dep = tree.dep[v]
        progressive = tree.tag[head] == "VBG"
        phrasal = self._phrasal(head)
        modal = any(tree.tag[a] == "MD" for a in tree.kids(v, "aux"))
        finite_clause = dep == "ccomp" and not to and (modal or tree.tag[v] not in ("VB", "VBG"))
        if lemma == "be" and to and tree.lemma[v] in words.words("verbs", "be_to_idioms"):
            return head
        if lemma == "be" and to and (how := tree.kid(head, "acomp")) is not None:
            if self._foremost(how):
                return head
            found.add(words.adjectives.get(tree.lemma[how], "hypothetical"),
                      f"under:{tree.lemma[how]}")  # fmt: skip
            return head
        if lemma == "be" and any(self._foremost(k) for k in tree.kids(head, "attr")):
            return head
        if lemma == "be" and (to or self._is_to(head)):
            subject = tree.kid(head, "nsubj")
            if tree.kid(head, "csubj") is not None:
                found.add("hypothetical", "infinitive:to")  # "to leave is to lose"
            elif subject is not None and tree.lemma[subject] in words.words("nouns", "purpose"):
                found.add("hypothetical", f"under:{tree.lemma[subject]}")
            else:
                found.add("future", "under:be to")
            return head
        if (
            lemma in words.words("verbs", "future_progressive")
            and to
            and (progressive or tree.lower[head] in ("gon",))
        ):
            found.add("future", "under:going to")
            return head
        if lemma in words.words("modals", "actual_in_past") and to:
            if any(tree.lower[c] == "yet" for c in tree.kids(head, "advmod")):
                found.add("negated", "under:have yet to")
                return head
            if tree.tag[head] in ("VBD", "VBN"):
                return head
            found.add("hypothetical", "under:have to")
            return head
        if finite_clause:
            return self._under_statement(v, head)
        passive = tree.kid(head, "auxpass", "nsubjpass") is not None
        kind = words.verbs.get(phrasal, words.verbs.get(lemma))
        if kind == "negated" and to and lemma not in words.words("verbs", "negated_infinitive"):
            kind = "hypothetical"  # a purpose: "blocked the road to demand fuel"
        # "is said to have left": a fact on somebody's word
        perfect = any(tree.lemma[a] == "have" for a in tree.kids(v, "aux"))
        if passive and to and perfect and kind is None and lemma in reporting().hearsay_passive:
            return None
        if kind in ("negated", "future", "hypothetical"):
            found.add(kind, f"under:{lemma}")
        return head

    def _phrasal(self, v: int) -> str:
        """A verb's lemma with its particle: "rule_out"."""
        particle = self.tree.kid(v, "prt")
        lemma = self.tree.lemma[v]
        return lemma if particle is None else f"{lemma}_{self.tree.lower[particle]}"

    def _is_to(self, v: int) -> bool:
        return any(self.tree.lower[a] == "to" for a in self.tree.kids(v, "aux"))

    def _under_statement(self, v: int, head: int) -> int | None:
        """A finite clause under a verb: being said, thought or known changes nothing."""
        tree, found, words = self.tree, self.found, self.words
        lemma = tree.lemma[head]
        reporter = reporting().verbs.get(lemma)
        kinds = reporter.kinds if reporter is not None else frozenset()
        if "denial" in kinds:
            if self._negation(head) is None:
                found.add("negated", f"denied:{lemma}")
            elif not any(tree.tag[a] == "MD" for a in tree.kids(head, "aux")):
                found.add("hypothetical", f"under:{lemma}")
            return None
        if lemma == "be":
            how = next((tree.lemma[a] for a in tree.kids(head, "acomp")), "")
            negated = self._negation(head) is not None
            if how in words.words("adjectives", "verdict_true") and negated:
                found.add("negated", f"negation:not {how}")
            elif how in words.words("adjectives", "verdict_false") and not negated:
                found.add("negated", f"negation:{how}")
            return None
        if lemma in words.words("verbs", "wishes"):
            doubted = "thought" in kinds and lemma in words.words("verbs", "doubts")
            nobody = any(self._none(k) for k in tree.kids(head, "nsubj"))
            if doubted and (nobody or self._negation(head) is not None):
                return None  # "nobody doubts that they left"
            found.add("hypothetical", f"under:{lemma}")
            return None
        if "command" in kinds and reporter is not None and reporter.kind == "command":
            found.add("open", f"under:{lemma}")
            return None
        if tree.tag[v] == "VB" and not any(True for _ in tree.kids(v, "aux")):
            found.add("open", f"under:{lemma}")  # "demanded that he leave"
            return None
        if lemma == "make" or lemma == "see":
            return head
        return None

    def _under_adjective(self, a: int) -> int | None:
        tree, found = self.tree, self.found
        kind = self.words.adjectives.get(tree.lemma[a])
        if kind in ("negated", "future", "hypothetical"):
            found.add(kind, f"under:{tree.lemma[a]}")
        head = tree.head[a]
        return head if head != a and tree.pos[head] in _VERBAL else None

    def _under_preposition(self, v: int, prep: int) -> int | None:
        tree, found, words = self.tree, self.found, self.words
        lower, head = tree.lower[prep], tree.head[prep]
        if lower in words.words("prepositions", "negated"):
            found.add("negated", f"negation:{lower}")
            return None
        if lower == "by" and tree.pos[head] in _VERBAL:
            return head
        turned = words.words("prepositions", "negated_of")
        for word in (head, *tree.children[prep]) if lower == "of" else ():
            if tree.lower[word] in turned:
                found.add("negated", f"negation:{tree.lower[word]}")
                return None
        if head == prep:
            return None
        if tree.pos[head] in _VERBAL:
            kind = words.verbs.get(tree.lemma[head])
            if kind in ("negated", "future", "hypothetical"):
                if self._alleged(head):
                    return None
                if kind == "hypothetical" and lower in ("after", "before", "by", "while", "in",
                                                        "since", "upon", "when"):  # fmt: skip
                    return None
                found.add(kind, f"under:{tree.lemma[head]}")
                return head
            return None
        if tree.pos[head] in ("NOUN", "PROPN"):
            return self._under_noun(head, infinitive=False)
        if tree.pos[head] == "ADJ":
            return self._under_adjective(head)
        return None

    def _alleged(self, v: int) -> bool:
        """ "X accused Y of doing": a claim, and the chain says whose it is."""
        tree = self.tree
        reporter = reporting().verbs.get(tree.lemma[v])
        return (
            reporter is not None
            and reporter.kind == "accusation"
            and tree.lemma[v] != "suspect"
            and (tree.kid(v, "nsubj") is not None or tree.dep[v] in ("advcl", "xcomp", "conj"))
            and tree.kid(v, "auxpass", "nsubjpass") is None
        )

    def _under_noun(self, n: int, *, infinitive: bool) -> int | None:
        tree, found, words = self.tree, self.found, self.words
        lemma = tree.lemma[n]
        kind = words.nouns.get(lemma)
        if kind is not None:
            found.add(kind, f"under:{lemma}")
            if self._none(n):
                found.add("negated", "negation:no")
            return None
        if infinitive and tree.dep[n] == "ROOT" and tree.kid(n, "det") is None:
            found.add("future", "headline:to")  # "Troops to leave valley"
            return None
        if infinitive and lemma not in words.adjectives:
            found.add("hypothetical", f"under:{lemma}")
        return None

    # ------------------------------------------------------------------ nouns
    def _modifiers(self, n: int) -> None:
        """What stands before a noun: "no", "planned", "alleged"."""
        tree, words, found = self.tree, self.words, self.found
        if self._none(n) and self.event_type != "REJECT":
            found.add("negated", f"negation:{self._first_none(n)}")
        for c in tree.kids(n, "det"):
            if tree.lower[c] in words.words("negation", "open_determiners"):
                found.add("hypothetical", f"determiner:{tree.lower[c]}")
        for c in tree.kids(n, "amod", "compound", "nmod", "advmod"):
            lower, lemma = tree.lower[c], tree.lemma[c]
            for key in ("negated", "future", "hypothetical"):
                if lower in words.words("adjectives", key):
                    found.add(key, f"adjective:{lower}")
                    break
            else:
                if lemma in words.words("nouns", "compound_hypothetical"):
                    found.add("hypothetical", f"compound:{lemma}")

    def _first_none(self, n: int) -> str:
        tree = self.tree
        for c in tree.kids(n, "det", "neg", "preconj"):
            if tree.lower[c] in self.words.words("negation", "determiners"):
                return tree.lower[c]
        return tree.lower[n]

    def _climb_noun(self, n: int) -> int | None:
        """What a noun's event stands under: "will hold talks", "threat of war"."""
        tree, found, words = self.tree, self.found, self.words
        dep, head = tree.dep[n], tree.head[n]
        if head == n or not self._step():
            return None
        if dep in ("acomp", "attr", "oprd") and tree.pos[head] in _VERBAL:
            return head
        if dep == "conj":
            if tree.pos[head] in ("NOUN", "PROPN", "ADJ"):
                self._shared(head)
                return self._climb_noun(head)
            return None
        if dep in ("amod", "compound", "nmod", "poss"):
            if tree.lemma[head] in words.words("nouns", "compound_hypothetical"):
                found.add("hypothetical", f"compound:{tree.lemma[head]}")
                return None
            if dep in ("amod", "compound") and tree.pos[head] in ("NOUN", "PROPN"):
                self._modifiers(head)
                return self._climb_noun(head)
            return None
        if dep == "pobj":
            return self._noun_under_preposition(n, head)
        if dep in ("dobj", "nsubj", "nsubjpass", "dative"):
            return self._noun_under_verb(n, head)
        return None

    def _shared(self, n: int) -> None:
        """ "No attacks or raids"."""
        if self._none(n):
            self.found.add("negated", "negation:no")

    def _indefinite(self, n: int) -> bool:
        tree = self.tree
        for c in tree.children[n]:
            if tree.dep[c] == "poss":
                return False
            if tree.dep[c] == "det" and tree.lower[c] in ("the", "this", "that", "these", "those"):
                return False
        return True

    def _noun_under_verb(self, n: int, v: int) -> int | None:
        tree, words = self.tree, self.words
        if tree.pos[v] not in _VERBAL:
            return None
        lemma = tree.lemma[v]
        light = lemma in words.words("verbs", "light")
        subject = tree.dep[n] == "nsubj"
        raising = tree.dep[n] == "nsubjpass" or lemma in words.words("verbs", "raising")
        if raising and (raised := next((c for c in tree.kids(v, "xcomp") if self._is_to(c)), None)):
            # "talks are expected to begin", "talks were to begin"
            self._under_verb(raised, v, to=True)
            return v
        if subject and not light:
            return None
        phrasal = self._phrasal(v)
        kind = words.verbs.get(phrasal, words.verbs.get(lemma))
        if phrasal in words.words("verbs", "negated") and phrasal != lemma:
            self.found.add("negated", f"under:{phrasal}")
            return v
        factive = lemma in words.words("verbs", "factive")
        if (
            kind == "negated"
            and self.event_type in SPEECH_ACTS
            and tree.lemma[n] in reporting().nouns
        ):
            return None  # "denied the claims": they were made
        if (
            not factive
            and not subject
            and kind in ("negated", "future", "hypothetical")
            and (not light)
        ):
            indefinite = self._indefinite(n)
            if indefinite or kind == "negated" or lemma in words.words("verbs", "wished_objects"):
                self.found.add(kind, f"under:{lemma}")
                return v
            return None
        if light:
            return v
        if self._indefinite(n) and not factive and kind in (None, "actual"):
            self._inherit(v)
        return None

    def _noun_under_preposition(self, n: int, prep: int) -> int | None:
        tree, found, words = self.tree, self.found, self.words
        lower, head = tree.lower[prep], tree.head[prep]
        if lower in words.words("prepositions", "negated") and self._indefinite(n):
            found.add("negated", f"negation:{lower}")
            return None
        if head == prep:
            return None
        if tree.pos[head] in ("NOUN", "PROPN"):
            bound = lower in ("of", "for", "about") or (
                lower in ("on", "against", "over", "to") and self._indefinite(n)
            )
            if bound and tree.lemma[head] in words.words("nouns", "of_noun"):
                kind = words.nouns.get(tree.lemma[head], "hypothetical")
                found.add(kind, f"under:{tree.lemma[head]}")
                return None
            if (
                lower == "for"
                and self._indefinite(n)
                and (tree.lemma[head] not in words.words("nouns", "for_fact"))
            ):
                found.add("hypothetical", f"under:{tree.lemma[head]}")
                return None
            if lower == "of":
                # "a series of attacks", "the use of force"
                self._modifiers(head)
                return self._climb_noun(head)
            return None
        if tree.pos[head] in _VERBAL:
            lemma = tree.lemma[head]
            over = words.verbs.get(lemma)
            if lower in ("for", "against", "about", "on", "of", "with", "to", "from", "into") and (
                over in ("negated", "future", "hypothetical")
                and lemma not in words.words("verbs", "factive")
            ):
                wished = lower == "for" or lemma in words.words("verbs", "wished_objects")
                if self._alleged(head) or not (wished or self._indefinite(n)):
                    return None
                found.add(over, f"under:{lemma}")
                return head
            thing = tree.kid(head, "dobj")
            if (
                lower == "for"
                and thing is not None
                and tree.right[thing] == prep - 1
                and self._indefinite(n)
                and lemma not in words.words("verbs", "for_fact")
            ):
                # "held talks for a truce": the phrase belongs to the object before it
                found.add("hypothetical", f"under:{tree.lemma[thing]}")
                return None
            if lower in ("in", "to", "with", "into") and (
                lemma in words.words("verbs", "light") and self._indefinite(n)
            ):
                return head
        return None


def _kind(statement: Statement) -> str:
    reporter = reporting().verbs.get(statement.cue_lemma) or reporting().nouns.get(
        statement.cue_lemma
    )
    return reporter.kind if reporter is not None else "speech"
