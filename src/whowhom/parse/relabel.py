"""Trees of Universal Dependencies in the shape of the English trees that the stages walk.

The stages know ClearNLP's relations and English function words. A tree of another language is
turned into that shape: prepositions govern their nouns, a name's last word governs it, a title
stands under the name, the copula over its predicate, passives are marked. What English writes as a
word of its own and the other language as an ending ("will", "would", "to") stands in the tree as a
word without letters, at the place of its verb, so that no offset moves. Words of the closed classes
answer by the English word whose lists they share (``data/CODE/words.csv``); all others by their
own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..languages import Language
from .tokens import Token

if TYPE_CHECKING:
    from spacy.tokens import Doc as SpacyDoc

_OF_THE_PHRASE = frozenset(
    ("det", "case", "cc", "punct", "mark", "cop", "appos", "conj", "nmod", "acl", "amod", "flat",
     "advmod", "nummod", "aux", "nsubj")
)  # fmt: skip
_OF_THE_CLAUSE = frozenset(
    ("nsubj", "csubj", "advmod", "aux", "mark", "punct", "cc", "conj", "advcl", "parataxis",
     "expl:pass", "obl")
)  # fmt: skip
_FINITE_TAGS = {"Past": "VBD", "Imp": "VBD", "Pres": "", "Fut": "VB"}


@dataclass(eq=False, slots=True)
class _Node:
    """A word on its way from one shape to the other."""

    text: str
    idx: int
    own: str  # its own form, lower case
    own_lemma: str
    pos: str
    dep: str
    morph: dict[str, str]
    ent: str = ""
    iob: str = ""
    start: bool = False
    lower: str = ""
    lemma: str = ""
    tag: str = ""
    head: _Node | None = None
    children: list[_Node] = field(default_factory=list)
    written: bool = True

    def hang(self, head: _Node | None, dep: str) -> None:
        if self.head is not None:
            self.head.children.remove(self)
        self.head, self.dep = head, dep
        if head is not None:
            head.children.append(self)

    def kids(self, *deps: str) -> list[_Node]:
        return [c for c in self.children if c.dep in deps]

    def form(self) -> str:
        return self.morph.get("VerbForm", "")


def relabelled(doc: SpacyDoc, spoken: Language, start: int, first: int) -> list[Token]:
    """The words of a parsed stretch as tokens of an English tree.

    Args:
        doc: the stretch, parsed by the language's own pipeline.
        start: offset of the stretch in the reading.
        first: index that its first token has in the document.
    """
    return _Relabelling(doc, spoken, start).tokens(first)


class _Relabelling:
    def __init__(self, doc: SpacyDoc, spoken: Language, start: int) -> None:
        self.spoken = spoken
        self.lemmatize: Any = None
        self.nodes = [self._node(token, start) for token in doc]
        for node, token in zip(self.nodes, doc, strict=True):
            if token.head.i != token.i:
                node.hang(self.nodes[token.head.i], node.dep)

    def _node(self, token: Any, start: int) -> _Node:
        morph = {k: v for k, v in token.morph.to_dict().items() if isinstance(v, str)}
        node = _Node(
            token.text,
            start + token.idx,
            token.lower_,
            token.lemma_.lower().split(" ")[0],
            token.pos_,
            token.dep_,
            morph,
            self.spoken.entities.get(token.ent_type_, ""),
            token.ent_iob_ if token.ent_type_ else "",
            bool(token.is_sent_start),
        )
        if not node.ent:
            node.iob = ""
        self._mend(node)
        return node

    def _mend(self, node: _Node) -> None:
        """Lemmas and tenses that the pipeline misses, by the endings of ``language.toml``."""
        forms = self.spoken.verb_forms
        if node.pos == "ADJ" and node.form() == "Part":
            for ending in forms["participle"]:
                ending.apply(node.own, node)
            return
        if node.pos not in ("VERB", "AUX"):
            return
        doubtful = node.own_lemma not in self.spoken.lists["right_lemmas"]
        if doubtful and any(e.apply(node.own_lemma, node) for e in forms["wrong_lemma"]):
            return
        itself = node.own_lemma == node.own and node.form() != "Inf"
        if itself and any(e.apply(node.own, node) for e in forms["unknown"]):
            return
        if node.form() in ("Inf", "Part"):
            return
        plain = node.own_lemma.endswith(self.spoken.infinitives)
        if node.morph.get("Tense") == "Fut" or node.morph.get("Mood") == "Cnd":
            if not plain:
                any(e.apply(node.own, node) for e in forms["future"])
        elif not node.morph.get("Tense"):
            any(e.apply(node.own, node) for e in forms["future"])

    # ----------------------------------------------------------------- shapes
    def tokens(self, first: int) -> list[Token]:
        self._participles()
        self._names()
        self._titles()
        self._conjunctions()
        self._copulas()
        self._passives()
        self._glosses()
        self._prepositions()
        self._clauses()
        self._relations()
        self._verbs()
        return self._made(first)

    def _participles(self) -> None:
        """ "manifestantes detenidos por la policía", "fue asesinado": a participle with a phrase
        of its own, or under a passive's auxiliary, is a verb."""
        passive = self.spoken.lists["passive"]
        for node in self.nodes:
            if node.pos != "ADJ" or node.form() != "Part":
                continue
            be = [c for c in node.kids("cop", "aux") if c.own_lemma in passive]
            if be:
                for c in be:
                    c.dep = "aux"
                node.pos = "VERB"
            elif node.dep in ("amod", "acl") and node.kids("obl", "obj", "advcl"):
                node.pos, node.dep = "VERB", "acl"

    def _names(self) -> None:
        """The last word of a name governs it."""
        for node in list(self.nodes):
            parts = []
            for part in node.kids("flat"):
                if part.pos == "ADJ":
                    part.dep = "amod"
                elif part.kids("case"):  # "Consejo de Seguridad"
                    part.dep = "nmod"
                else:
                    parts.append(part)
            if not parts or node.pos not in ("PROPN", "NOUN"):
                continue
            last = max(parts, key=self.nodes.index)
            if self.nodes.index(last) < self.nodes.index(node):
                continue
            self._raise(last, node, "compound")
            for part in parts:
                if part is not last:
                    part.hang(last, "compound")

    def _raise(self, new: _Node, old: _Node, dep: str) -> None:
        """Put one word in the place of another, which then hangs under it."""
        head, place = old.head, old.dep
        new.hang(head, place)
        for child in list(old.children):
            if child is not new and child.dep in _OF_THE_PHRASE:
                child.hang(new, child.dep)
        old.hang(new, dep)
        if head is None:
            new.dep = "ROOT"

    def _titles(self) -> None:
        """ "el presidente Juan Manuel Santos": the name governs, the title is under it."""
        place = {id(n): i for i, n in enumerate(self.nodes)}
        for node in list(self.nodes):
            if node.pos not in ("NOUN", "PROPN"):
                continue
            for name in node.kids("appos", "flat", "compound"):
                if name.pos != "PROPN" or name.ent != "PERSON":
                    continue
                edge = min(place[id(n)] for n in _below(name) if n.pos != "PUNCT")
                between = self.nodes[place[id(node)] + 1 : edge]
                if edge <= place[id(node)] or any(n.pos == "PUNCT" for n in between):
                    continue
                kept = [c for c in node.children if c.dep in ("amod", "nmod")]
                self._raise(name, node, "compound")
                for child in kept:
                    child.hang(node, child.dep)
                break

    def _conjunctions(self) -> None:
        for node in self.nodes:
            if node.dep == "cc" and node.head is not None and node.head.dep == "conj":
                node.hang(node.head.head, "cc")

    def _copulas(self) -> None:
        """ "es presidente", "está dispuesto": the copula governs its predicate."""
        for node in list(self.nodes):
            copulas = node.kids("cop")
            if not copulas or node.pos == "VERB":
                continue
            be = copulas[0]
            head, dep = node.head, node.dep
            be.hang(head, dep if head is not None else "ROOT")
            for child in list(node.children):
                near = child.dep == "advmod" and child.own_lemma != "no"
                if child is not be and child.dep in _OF_THE_CLAUSE and not near:
                    child.hang(be, child.dep)
            node.hang(be, "acomp" if node.pos == "ADJ" else "attr")
            be.pos = "AUX"

    def _passives(self) -> None:
        lists = self.spoken.lists
        for node in self.nodes:
            if node.pos not in ("VERB", "AUX"):
                continue
            marked = [
                c
                for c in node.kids("aux", "cop")
                if c.own_lemma in lists["passive"] and node.form() == "Part"
            ]
            for c in marked:
                c.dep = "auxpass"
            if marked or node.kids("expl:pass"):
                for c in node.kids("nsubj"):
                    c.dep = "nsubjpass"
                for c in node.kids("csubj"):
                    c.dep = "csubjpass"

    def _glosses(self) -> None:
        """The English word whose lists a word shares."""
        for node in self.nodes:
            node.lower, node.lemma = node.own, node.own_lemma
            fixed = node.kids("fixed")
            forms = [node.own_lemma, node.own]
            if fixed:
                phrase = " ".join([node.own, *(c.own for c in fixed)]).replace(" del", " de")
                forms.insert(0, phrase.replace(" al", " a"))
            if node.pos in ("SCONJ", "CCONJ", "PRON", "DET", "NUM"):
                forms.reverse()
            pos = "ADP" if node.dep == "case" else node.pos
            found = self.spoken.gloss(pos, *forms)
            if found is None and pos == "AUX":
                found = self.spoken.gloss("VERB", *forms)
            if found is None:
                if node.pos == "NUM":
                    node.tag = "CD"
                    node.lower = _number(node.own)
                continue
            node.lower = node.lemma = found.english
            node.tag = found.tag
            if found.dep:
                node.dep = found.dep
            if node.dep == "poss":
                node.pos = "PRON"
            if found.tag in ("NN", "") and node.pos == "NOUN":
                node.tag = "NNS" if node.morph.get("Number") == "Plur" else "NN"
            if found.tag == "CD":
                node.pos = "NUM"

    def _prepositions(self) -> None:
        """A preposition governs its noun; one before a person acted on stands under the noun."""
        lists = self.spoken.lists
        for node in list(self.nodes):
            cases = [c for c in node.children if c.dep == "case" or self._is_as(c, node)]
            cases.sort(key=self.nodes.index)
            if not cases or node.pos in ("VERB", "AUX") or node.head is None:
                continue
            case, head = cases[0], node.head
            if (
                case.own in lists["personal"]
                and not case.kids("fixed")
                and node.dep in ("obj", "obl", "iobj")
                and head.pos == "VERB"
                and head.own_lemma not in lists["motion"]
                and not head.kids("auxpass")
                and not self._has_object(head, node)
            ):
                node.dep = "dobj"
                continue
            if node.dep in ("conj", "appos", "ROOT", "nsubj", "nsubjpass", "attr", "acomp"):
                continue
            agent = (
                case.lower == "by"
                and head.pos == "VERB"
                and head.form() == "Part"
                and not any(c.lemma == "have" for c in head.kids("aux"))
            )
            for child in list(node.children):  # "en plena", "casi en": the first words of a phrase
                if child.dep == "case" and child is not case:
                    child.dep = "dep"
            case.hang(head, "agent" if agent else "prep")
            node.hang(case, "pobj")
            case.pos = "ADP"
            following = self.nodes.index(case) + 1
            if case.lower == "according" and following < len(self.nodes):
                # English says it in two words
                self._unwritten(case, "to", "IN", "ADP", at=self.nodes[following], dep="prep")

    @staticmethod
    def _is_as(mark: _Node, noun: _Node) -> bool:
        """ "lo reconoció como presidente": what the pipeline calls a mark is a preposition."""
        return mark.dep == "mark" and mark.lower == "as" and noun.pos not in ("VERB", "AUX")

    def _has_object(self, verb: _Node, other: _Node) -> bool:
        """Whether a verb has an object beside a word: then what stands with "a" is whom it goes
        to ("impuso sanciones a Rusia")."""
        return any(
            c is not other
            and c.own not in self.spoken.lists["reflexive"]
            and (c.dep == "dobj" or not c.kids("case"))
            for c in verb.kids("obj", "dobj", "ccomp")
            if c.dep != "ccomp"
        )

    def _clauses(self) -> None:
        """Infinitives after prepositions, and clauses with relative pronouns."""
        lists = self.spoken.lists
        for node in list(self.nodes):
            if node.pos not in ("VERB", "AUX") or node.head is None:
                continue
            marks = [c for c in node.kids("mark", "case") if c.pos == "ADP" or c.tag == "IN"]
            if node.form() == "Inf" and marks:
                mark = marks[0]
                if mark.own in lists["to_infinitive"]:
                    mark.lower = mark.lemma = "to"
                    mark.dep, mark.tag, mark.pos = "aux", "TO", "PART"
                    if node.dep in ("advcl", "ccomp", "obl", "xcomp"):
                        node.dep = "advcl" if mark.own == "para" else "xcomp"
                    elif node.dep in ("nmod", "amod"):
                        node.dep = "acl"
                elif mark.lower in ("that", "if"):
                    pass
                else:
                    mark.hang(node.head, "prep")
                    mark.pos = "ADP"
                    node.hang(mark, "pcomp")
                    node.morph["VerbForm"] = "Ger"
            elif node.dep == "acl" and self._relative(node):
                node.dep = "relcl"

    def _relative(self, node: _Node) -> bool:
        lists = self.spoken.lists
        for child in node.children:
            for word in (child, *child.children):
                if word.own in lists["relative"] and word.dep not in ("mark",):
                    word.tag = "WP" if word.lower == "who" else "WDT"
                    word.pos = "PRON"
                    return True
        # the pipeline often calls the relative pronoun a mark
        subjects = node.kids("nsubj", "nsubjpass")
        for child in node.kids("mark"):
            if child.own in lists["relative"] and node.form() != "Inf" and not subjects:
                child.dep = "nsubjpass" if node.kids("auxpass") else "nsubj"
                child.tag, child.pos = "WDT", "PRON"
                return True
        return False

    def _relations(self) -> None:
        reflexive = self.spoken.lists["reflexive"]
        for node in self.nodes:
            node.dep = self.spoken.relations.get(node.dep, node.dep)
            turned = node.own == "se" or node.morph.get("Reflex") == "Yes"
            if turned and node.own in reflexive and node.dep in ("dobj", "dative"):
                node.dep = "expl"
            if node.dep == "xcomp" and node.pos in ("NOUN", "ADJ", "PROPN"):
                node.dep = "oprd"
            if node.dep == "nmod" and node.pos == "ADJ":
                node.dep = "amod"
            if node.head is None:
                node.dep = "ROOT"

    def _verbs(self) -> None:
        """Tags of verbs, and the words that English writes before them."""
        lists = self.spoken.lists
        for node in list(self.nodes):
            if node.pos not in ("VERB", "AUX") or node.tag == "MD":
                if not node.tag:
                    node.tag = self._tag(node)
                continue
            form, tense, mood = node.form(), node.morph.get("Tense", ""), node.morph.get("Mood", "")
            auxiliary = node.dep in ("aux", "auxpass")
            if auxiliary and node.own_lemma in lists["perfect"]:
                self._perfect(node, tense, mood)
                continue
            if form == "Inf":
                node.tag = "VB"
                helped = [c for c in node.kids("aux") if c.tag in ("MD", "TO")]
                if not helped and not auxiliary:
                    self._unwritten(node, "to", "TO", "PART")
            elif form == "Ger":
                node.tag = "VBG"
            elif form == "Part":
                node.tag = "VBN"
            elif mood == "Cnd":
                node.tag = "VB"
                if not auxiliary:
                    self._unwritten(node, "would", "MD", "AUX")
                elif node.head is not None:
                    self._unwritten(node.head, "would", "MD", "AUX", at=node)
            elif tense == "Fut":
                node.tag = "VB"
                self._unwritten(node.head if auxiliary and node.head else node, "will", "MD", "AUX",
                                at=node)  # fmt: skip
            elif mood == "Imp":
                node.tag = "VB"
            else:
                plural = node.morph.get("Number") == "Plur" or node.morph.get("Person") != "3"
                node.tag = _FINITE_TAGS.get(tense, "VBD") or ("VBP" if plural else "VBZ")

    def _perfect(self, node: _Node, tense: str, mood: str) -> None:
        """ "ha matado" is a perfect; "habría matado" is what is rumoured, unless a condition
        stands beside it (press Spanish: "condicional de rumor")."""
        node.pos, node.lemma = "AUX", "have"
        if mood == "Cnd" and not self._conditioned(node):
            node.lower = node.lemma = "reportedly"
            node.pos, node.tag, node.dep = "ADV", "RB", "advmod"
            return
        if mood == "Cnd" and node.head is not None:
            self._unwritten(node.head, "would", "MD", "AUX", at=node)
        if tense == "Fut" and node.head is not None:
            self._unwritten(node.head, "will", "MD", "AUX", at=node)
        node.lower = "had" if tense == "Imp" else "have"
        node.tag = "VBD" if tense == "Imp" else "VB" if mood == "Cnd" else "VBP"

    def _conditioned(self, node: _Node) -> bool:
        condition = self.spoken.lists["condition"]
        return any(n.own in condition for n in self.nodes)

    def _unwritten(
        self,
        head: _Node,
        word: str,
        tag: str,
        pos: str,
        at: _Node | None = None,
        dep: str = "aux",
    ) -> None:
        """A word without letters before ``at``, under ``head``."""
        place = at if at is not None else head
        at_idx = place.idx if dep == "aux" else head.idx + len(head.text)
        made = _Node("", at_idx, word, word, pos, dep, {}, lower=word, lemma=word, tag=tag)
        made.written = False
        made.start, place.start = place.start, False
        made.head = head
        head.children.append(made)
        self.nodes.insert(self.nodes.index(place), made)

    def _tag(self, node: _Node) -> str:
        plural = node.morph.get("Number") == "Plur"
        simple = {"ADP": "IN", "ADV": "RB", "DET": "DT", "CCONJ": "CC", "SCONJ": "IN",
                  "ADJ": "JJ", "NUM": "CD", "PRON": "PRP", "PART": "RP"}  # fmt: skip
        if node.pos == "NOUN":
            return "NNS" if plural else "NN"
        if node.pos == "PROPN":
            return "NNP"
        return simple.get(node.pos, node.own[:1] if node.pos == "PUNCT" else "XX")

    # ------------------------------------------------------------------- made
    def _made(self, first: int) -> list[Token]:
        made = [Token() for _ in self.nodes]
        place = {id(node): token for node, token in zip(self.nodes, made, strict=True)}
        _without_cycles(self.nodes)
        for i, (node, token) in enumerate(zip(self.nodes, made, strict=True)):
            token.i, token.idx, token.text = first + i, node.idx, node.text
            token.lower_, token.lemma_ = node.lower, node.lemma
            token.pos_, token.tag_, token.dep_ = node.pos, node.tag, node.dep
            token.ent_type_, token.ent_iob_ = node.ent, node.iob
            token.is_sent_start = node.start
            token.parsed, token._edges, token.children = True, None, []
            token.forms = tuple(dict.fromkeys((node.own_lemma, node.own, node.lemma, node.lower)))
            token.head = place[id(node.head)] if node.head is not None else token
        for token in made:
            if token.head is not token:
                token.head.children.append(token)
        if made:
            made[0].is_sent_start = True
        return made


def _without_cycles(nodes: Sequence[_Node]) -> None:
    """Every word reaches a root; one that does not becomes one (no turn should make a ring)."""
    for node in nodes:
        at, steps = node, 0
        while at.head is not None:
            at, steps = at.head, steps + 1
            if steps > len(nodes):
                node.hang(None, "ROOT")
                break


def _below(node: _Node) -> list[_Node]:
    found = [node]
    for at in found:  # grows while it is walked
        found.extend(at.children)
    return found


def _number(word: str) -> str:
    """A figure as English writes it: "2.800" is 2,800 and "2,5" is 2.5."""
    if re.fullmatch(r"\d{1,3}(\.\d{3})+(,\d+)?", word):
        return word.replace(".", "").replace(",", ".")
    if re.fullmatch(r"\d+,\d+", word):
        return word.replace(",", ".")
    return word
