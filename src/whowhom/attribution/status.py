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

import datetime as dt
import re
from dataclasses import dataclass, field

from whowhom.attribution.quotes import Quoted
from whowhom.attribution.language import Modality, modality, reporting
from whowhom.attribution.tree import Tree
from whowhom.model import Parsed, Statement, Status, When

SPEECH_ACTS = frozenset({"REQUEST", "THREATEN", "AGREE", "REJECT", "ACCUSE", "SUPPORT"})
# Types that are often done by not allowing something.
RESTRAINTS = frozenset({"COERCE", "SANCTION"})
_VERBAL = ("VERB", "AUX")
_YEAR = re.compile(r"(1[5-9]\d\d|20\d\d)\Z")
_DECADE = re.compile(r"(1[5-9]|20)\d0s\Z")
_CLAUSES = frozenset({"ccomp", "xcomp", "advcl", "acl", "relcl", "pcomp", "conj", "parataxis",
                      "csubj", "csubjpass", "ROOT", "dep"})  # fmt: skip


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
    past = _past(tree, parsed, token, when, historical_days, reported=reported)
    if past is not None:
        return "historical", [*found.reasons, past]
    return "actual", found.reasons


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
    ) -> None:
        self.tree = tree
        self.words: Modality = modality()
        self.covering = covering
        self.token = token
        self.event_type = event_type
        self.own_words = own_words if event_type in SPEECH_ACTS | RESTRAINTS else frozenset()
        self.inside = inside  # the trigger stands in quotation marks
        self.found = Operators()
        # words that are the speech act rather than tell of one: "it would be wrong"
        self.performs = (
            event_type in SPEECH_ACTS
            and bool(covering)
            and tree.lemma[token] not in reporting().verbs
            and tree.lemma[token] not in reporting().nouns
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
            performed = speech_act and subject is not None and tree.pos[subject] == "PRON"
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
            elif dep in ("nsubj", "nsubjpass", "dobj", "attr", "expl") and c != self.token:
                if dep in ("nsubj", "nsubjpass", "dobj") and self._none(c) and not speech_act:
                    found.add("negated", f"negation:{lower}")
            elif dep == "mark" and lower in words.words("conditionals", "marks"):
                if not any(tree.lower[x] in ("as", "even") for x in tree.kids(v, "advmod")):
                    found.add("open", f"condition:{lower}")
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
        return any(
            tree.lower[c] in words.words("negation", "determiners")
            for c in tree.kids(n, "det", "neg", "preconj")
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
            if _kind(statement) in ("speech", "commitment"):
                return True
        return False

    # -------------------------------------------------------------- the climb
    def _climb_verb(self, v: int) -> int | None:
        """The word that a verb's clause is embedded under, or None at a border."""
        tree, found = self.tree, self.found
        dep, head = tree.dep[v], tree.head[v]
        if head == v:
            return None
        if dep in ("ccomp", "relcl", "acl", "advcl", "csubj") and (
            tree.lemma[head] == "time" or any(tree.lemma[k] == "time" for k in tree.kids(head, "attr"))
        ):  # fmt: skip
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
            if to and not marks:
                if any(self._foremost(k) for k in tree.kids(head, "attr", "acomp")):
                    return None
                # "is due to", "was able to": the adjective stands as the clause's head
                if tree.pos[head] == "ADJ" or tree.lemma[head] in self.words.verbs:
                    return self._under_verb(v, head, to=True)
                above = _Walk(
                    tree, self.covering, head, self.event_type, frozenset(), self.inside
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
        node = n
        for _ in range(4):
            if tree.lower[node] in ("first", "last", "only", "one"):
                return True
            if any(tree.lower[c] in ("first", "last", "only") for c in tree.kids(node, "amod")):
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
        if tree.kid(v, "nsubj", "nsubjpass", "expl") is not None:
            if tree.dep[head] in ("ROOT", "parataxis"):
                return None
            return self._climb_from(head)
        own = any(tree.dep[c] in ("aux", "auxpass") for c in tree.children[v])
        cc = {tree.lower[c] for c in tree.kids(head, "cc")}
        same = tree.tag[v] == tree.tag[head] or tree.tag[head] == "VB"
        nor = next((c for c in tree.kids(head, "cc") if tree.lower[c] == "nor" and c < v), None)
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
        if lemma == "be" and (to or self._is_to(head)):
            subject = tree.kid(head, "nsubj")
            if (
                subject is not None
                and tree.pos[subject] == "NOUN"
                and (words.nouns.get(tree.lemma[subject]) in ("future", "hypothetical"))
            ):
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
            if tree.tag[head] in ("VBD", "VBN"):
                return head
            found.add("hypothetical", "under:have to")
            return head
        if finite_clause:
            return self._under_statement(v, head)
        passive = tree.kid(head, "auxpass", "nsubjpass") is not None
        kind = words.verbs.get(lemma)
        # "was told to", "was said to": by reporting verbs the act is said to be a fact
        if passive and to and lemma in reporting().raised and lemma not in (
            "expect", "suppose", "suspect", "accuse"
        ):  # fmt: skip
            if any(tree.lemma[a] == "have" for a in tree.kids(v, "aux")):
                return None
        if kind in ("negated", "future", "hypothetical"):
            found.add(kind, f"under:{lemma}")
        return head

    def _is_to(self, v: int) -> bool:
        return any(self.tree.lower[a] == "to" for a in self.tree.kids(v, "aux"))

    def _under_statement(self, v: int, head: int) -> int | None:
        """A finite clause under a verb: being said, thought or known changes nothing."""
        tree, found = self.tree, self.found
        lemma = tree.lemma[head]
        reporter = reporting().verbs.get(lemma)
        kinds = reporter.kinds if reporter is not None else frozenset()
        if "denial" in kinds:
            if self._negation(head) is None:
                found.add("negated", f"denied:{lemma}")
            else:
                found.add("hypothetical", f"under:{lemma}")
            return None
        if lemma in self.words.words("verbs", "wishes"):
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
        if lower == "of" and tree.lower[head] in ("instead", "out"):
            found.add("negated", f"negation:{tree.lower[head]}")
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
        if infinitive and lemma not in words.adjectives:
            found.add("hypothetical", f"under:{lemma}")
        return None

    # ------------------------------------------------------------------ nouns
    def _modifiers(self, n: int) -> None:
        """What stands before a noun: "no", "planned", "alleged"."""
        tree, words, found = self.tree, self.words, self.found
        if self._none(n) and self.event_type != "REJECT":
            found.add("negated", f"negation:{self._first_none(n)}")
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
        if head == n:
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
        if dep in ("appos",):
            return None
        return None

    def _shared(self, n: int) -> None:
        """ "No attacks or raids", "alleged attacks and raids"."""
        tree = self.tree
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
        if tree.dep[n] != "dobj" and (
            raised := next((c for c in tree.kids(v, "xcomp") if self._is_to(c)), None)
        ):
            # "talks are expected to begin", "talks were to begin"
            self._under_verb(raised, v, to=True)
            return v
        if subject and not light:
            return None
        kind = words.verbs.get(lemma)
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
            if tree.lemma[head] in words.words("nouns", "of_noun") and lower in (
                "of", "for", "on", "about", "against", "over", "to",
            ):  # fmt: skip
                if lower in ("of", "for", "about") or self._indefinite(n):
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
            kind = words.verbs.get(lemma)
            if lower in ("for", "against", "about", "on", "of", "with", "to", "from", "into") and (
                kind in ("negated", "future", "hypothetical")
                and lemma not in words.words("verbs", "factive")
            ):
                wished = lower == "for" or lemma in words.words("verbs", "wished_objects")
                if self._alleged(head) or not (wished or self._indefinite(n)):
                    return None
                found.add(kind, f"under:{lemma}")
                return head
            if lower in ("in", "to", "with", "into") and (
                lemma in words.words("verbs", "light") and self._indefinite(n)
            ):
                return head
        return None


# -------------------------------------------------------------- history
def _past(
    tree: Tree, parsed: Parsed, token: int, when: When | None, days: int, *, reported: bool
) -> str | None:
    """The words or the date by which an event lies further back than the limit."""
    published = parsed.document.published
    if when is not None and published is not None and when.date_from == "text":
        latest = when.end_date or when.date
        if latest is not None:
            return f"date:{latest}" if (published - latest).days > days else None
    words = modality()
    for c in tree.kids(token, "amod"):
        if tree.lower[c] in words.words("adjectives", "historical"):
            return f"adjective:{tree.lower[c]}"
    top = token
    for ancestor in (token, *tree.ancestors(token)):
        top = ancestor
        if tree.pos[ancestor] in _VERBAL and tree.dep[ancestor] in _CLAUSES:
            break
    dated, found = _dates(tree, published, days, top)
    if found is not None or dated:
        return found
    # a clause in the past without a date of its own shares that of its main clause
    if tree.tag[top] in ("VBD", "VBN", "VBG") and tree.dep[top] in (
        "conj",
        "advcl",
        "acl",
        "relcl",
    ):
        _, found = _dates(tree, published, days, tree.head[top])
        if found is not None and tree.dep[top] != "relcl":
            return found
    return _told_before(tree, published, days, token, top) if not reported else None


def _told_before(
    tree: Tree, published: dt.date | None, days: int, token: int, top: int
) -> str | None:
    """A plain past tense that goes on from a sentence about the distant past.

    "In 1961 they cut ties. The embassy closed.": the sentence before must be in the same
    paragraph, and its main clause must carry the date.
    """
    number = tree.sentence[token]
    if number == 0 or tree.tag[top] != "VBD" or tree.dep[top] not in ("ROOT", "conj"):
        return None
    low, high = tree.bounds[number]
    before = tree.bounds[number - 1]
    recent = modality().words("past", "recent")
    if any(tree.pos[i] == "SPACE" and "\n" in tree.doc[i].text for i in range(*before)) or any(
        tree.lower[i] in recent or tree.pos[i] == "NUM" for i in range(low, high)
    ):
        return None
    main = next((i for i in range(*before) if tree.dep[i] == "ROOT"), None)
    if main is None or tree.tag[main] not in ("VBD", "VBN"):
        return None
    _, found = _dates(tree, published, days, main)
    return f"context:{found}" if found is not None else None


def _dates(tree: Tree, published: dt.date | None, days: int, top: int) -> tuple[bool, str | None]:
    """Whether the clause of a verb has a date, and the word by which it is long past."""
    words = modality()
    past = words.tables["past"]
    dated = False
    for i in range(tree.left[top], tree.right[top] + 1):
        lower = tree.lower[i]
        month = words.months.get(lower.rstrip("."))
        if _YEAR.match(lower):
            if not _dates_clause(tree, i, top):
                continue
            dated = True
            if published is None or (published - _month_end(tree, i, int(lower))).days > days:
                return True, f"date:{lower}"
        elif _DECADE.match(lower):
            if _dates_clause(tree, i, top):
                dated = True
                if published is None or int(lower[:4]) + 9 < published.year:
                    return True, f"date:{lower}"
        elif lower == "ago":
            if _long(tree, i) and _dates_clause(tree, i, top):
                return True, "date:ago"
        elif lower in past["adverbs"]:
            if (
                tree.dep[i] == "advmod"
                and tree.head[i] == top
                and tree.tag[top] in ("VBD", "VBN", "VBG")
            ):
                return True, f"past:{lower}"
        elif lower in past["durations"]:
            if tree.tag[top] == "VBD" and tree.lower[tree.head[i]] in past["spans"]:
                return True, f"past:{lower}"
        elif (
            lower in past["units"]
            and i > 1
            and (tree.lower[i - 1] == "last" and tree.lower[i - 2] != "the")
        ):
            dated = True
            if published is not None and published.timetuple().tm_yday > days:
                return True, f"date:last {lower}"
        elif month is not None and published is not None and tree.pos[i] == "PROPN":
            if _dates_clause(tree, i, top):
                dated = True
                if _named_month(tree, i, published, days):
                    return True, f"date:{lower}"
    return dated, None


def _dates_clause(tree: Tree, i: int, top: int) -> bool:
    """Whether a date stands with the event, not with another clause below it."""
    for ancestor in tree.ancestors(i):
        if ancestor == top:
            return True
        if tree.pos[ancestor] in _VERBAL and tree.dep[ancestor] in ("relcl", "acl", "advcl",
                                                                    "ccomp", "conj"):  # fmt: skip
            return False
    return False


def _month_end(tree: Tree, year: int, value: int) -> dt.date:
    """Last day of the month that stands before a year, or of the year."""
    order = modality().months
    for i in range(max(0, year - 3), year):
        month = order.get(tree.lower[i].rstrip("."))
        if month is not None:
            following = dt.date(value + month // 12, month % 12 + 1, 1)
            return following - dt.timedelta(days=1)
    return dt.date(value, 12, 31)


def _named_month(tree: Tree, i: int, published: dt.date, days: int) -> bool:
    """ "In March": whether the last one before publication is further back than the limit."""
    month = modality().months[tree.lower[i].rstrip(".")]
    if any(_YEAR.match(tree.lower[k]) for k in range(i + 1, min(i + 4, len(tree)))):
        return False  # the year decides
    year = published.year if month <= published.month else published.year - 1
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return (published - following).days >= days


def _long(tree: Tree, ago: int) -> bool:
    """Whether "... ago" is more than a season: years, or four and more months."""
    words = modality()
    low = max(0, ago - 4)
    for i in range(low, ago):
        if tree.lemma[i] in words.words("past", "units"):
            return True
        if tree.lemma[i] == "month":
            return any(tree.lower[k] in words.words("past", "many") for k in range(low, i))
    return False


def _kind(statement: Statement) -> str:
    reporter = reporting().verbs.get(statement.cue_lemma) or reporting().nouns.get(
        statement.cue_lemma
    )
    return reporter.kind if reporter is not None else "speech"
