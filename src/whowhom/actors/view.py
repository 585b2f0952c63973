"""A parse as flat lists: what the stage asks of every token, taken out once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .tables import WORD, fold

if TYPE_CHECKING:
    from ..model import Parsed

MODIFIERS = frozenset(
    (
        "det", "amod", "compound", "nummod", "nmod", "poss", "predet", "quantmod", "case", "neg",
        "advmod", "npadvmod",
    )
)  # fmt: skip
"""Dependencies of the words before a noun that belong to its phrase."""
NESTED = frozenset(("amod", "compound", "nmod", "poss", "nummod", "det", "advmod", "npadvmod"))
LINKED = frozenset(("conj", "prep", "pobj"))
"""Dependencies inside a modifier ("French and Spanish", "the bank of Ghana's")."""
BREAKS = frozenset("()[]{}:;/|")
"""Punctuation that no name phrase runs across."""
GAP = re.compile(r"[\s.'’\-‐‑&]*$")
"""What may stand between two words of one name."""


@dataclass(frozen=True, slots=True)
class Word:
    """A run of letters and digits: tables are looked up by these, not by tokens."""

    folded: str
    start: int
    end: int
    token: int


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens first to last (exclusive) and the words that they are made of."""

    first: int
    last: int
    first_word: int
    last_word: int


class View:
    """Flat lists over the tokens of a parse (index = token index) and over its words."""

    __slots__ = (
        "children", "dep", "ends", "ent", "ent_first", "ent_last", "ents", "head", "idx", "lemma",
        "lower", "parsed", "pos", "postposed",
        "sent", "spaced", "tag", "text", "texts", "word_at", "words",
    )  # fmt: skip

    def __init__(self, parsed: Parsed) -> None:
        tokens = parsed.doc.tokens
        self.parsed = parsed
        self.text = parsed.reading.text
        self.texts = [t.text for t in tokens]
        # a language that puts adjectives after their nouns ("ejército israelí")
        self.postposed = bool(tokens) and tokens[0].forms is not None
        self.lower = [t.lower_ for t in tokens]
        self.lemma = [t.lemma_.lower() for t in tokens]
        self.idx = [t.idx for t in tokens]
        self.ends = [i + len(t) for i, t in zip(self.idx, self.texts, strict=True)]
        self.pos, self.dep = [t.pos_ for t in tokens], [t.dep_ for t in tokens]
        self.head = [t.head.i for t in tokens]
        self.ent, self.tag = [t.ent_type_ for t in tokens], [t.tag_ for t in tokens]
        size = len(tokens)
        self.ent_first = list(range(size))
        self.ent_last = [i + 1 for i in range(size)]
        self.ents = [(e.start, e.end, e.label_) for e in parsed.doc.ents]
        for first, last, _ in self.ents:
            for i in range(first, last):
                self.ent_first[i], self.ent_last[i] = first, last
        self.children: list[list[int]] = [[] for _ in range(size)]
        for i, head in enumerate(self.head):
            if head != i:
                self.children[head].append(i)
        self.sent = [-1] * size
        for number, sentence in enumerate(parsed.sentences):
            for i in range(sentence.first, min(sentence.last, size)):
                self.sent[i] = number
        self.words = self._words()
        self.word_at: dict[int, int] = {}
        for number, word in enumerate(self.words):
            self.word_at.setdefault(word.token, number)

    def _words(self) -> list[Word]:
        words: list[Word] = []
        token, size = 0, len(self.texts)
        ascii_text = self.text.isascii()
        for match in WORD.finditer(self.text):
            start, end = match.span()
            while token < size and self.ends[token] <= start:
                token += 1
            if token == size:
                break
            word = match.group()
            words.append(Word(word.casefold() if ascii_text else fold(word), start, end, token))
        return words

    def joined(self, first: int, last: int) -> bool:
        """Whether words first to last (exclusive) stand in one piece, in one sentence."""
        words = self.words
        if self.sent[words[first].token] != self.sent[words[last - 1].token]:
            return False
        return all(
            GAP.match(self.text, words[i].end, words[i + 1].start) is not None
            for i in range(first, last - 1)
        )

    def span_head(self, first: int, last: int) -> int:
        """The token of a stretch that governs the rest of it: the last if several do."""
        for i in range(last - 1, first - 1, -1):
            if not first <= self.head[i] < last or self.head[i] == i:
                if self.pos[i] in ("PART", "PUNCT", "ADP", "SPACE") and last - first > 1:
                    continue
                return i
        return last - 1

    def left_edge(self, token: int) -> int:
        """The first token of a noun's phrase: its determiner, adjectives, possessor."""
        edge, stack, seen = token, [token], 0
        while stack and seen < 200:  # a wrong parse can make a phrase of a whole listing
            current = stack.pop()
            seen += 1
            for child in self.children[current]:
                if child < current and (
                    self.dep[child] in MODIFIERS
                    or (current != token and self.dep[child] in ("conj", "cc", "punct", "prep"))
                ):
                    edge = min(edge, child)
                    stack.append(child)
                elif (
                    child > current
                    and current != token
                    and child < token
                    and self.dep[child] in ("conj", "prep", "pobj", "amod")
                ):
                    stack.append(child)
        for position in range(token - 1, edge - 1, -1):
            if self.texts[position] in BREAKS:  # a photo's credit, a heading: another phrase
                return position + 1
        return edge

    def modifiers(self, token: int) -> list[int]:
        """The words before a noun inside its phrase, nested ones too, nearest first."""
        found: list[int] = []
        stack = [token]
        while stack and len(found) < 60:
            current = stack.pop()
            for child in self.children[current]:
                dep = self.dep[child]
                before = child < token or (self.postposed and dep == "amod" and current == token)
                if before and (dep in NESTED or (dep in LINKED and current != token)):
                    found.append(child)
                    stack.append(child)
        if self.postposed:  # nearest first, on either side
            found.extend(self._after_complement(token))
            return sorted(found, key=lambda child: abs(child - token))
        return sorted(found, reverse=True)

    def _after_complement(self, token: int) -> list[int]:
        """Adjectives that the parser hangs under a noun's bare complement: "ministro de Defensa
        israelí" is Israel's minister."""
        return [
            adjective
            for preposition in self.children[token]
            if self.dep[preposition] == "prep" and self.lower[preposition] == "of"
            for noun in self.children[preposition]
            if self.dep[noun] == "pobj"
            and not any(self.dep[c] == "det" for c in self.children[noun])
            for adjective in self.children[noun]
            if self.dep[adjective] == "amod" and adjective > noun
        ]

    def case_objects(self, token: int, prepositions: frozenset[str]) -> list[int]:
        """The objects of the prepositions that hang on a noun, in order."""
        found = []
        for child in self.children[token]:
            if child > token and self.dep[child] == "prep" and self.lower[child] in prepositions:
                found.extend(self._objects(child))
        return found

    def _objects(self, preposition: int) -> list[int]:
        found = []
        for child in self.children[preposition]:
            if self.dep[child] in ("pobj", "pcomp"):
                found.append(child)
            elif self.dep[child] == "prep":  # "from across the country"
                found.extend(g for g in self.children[child] if self.dep[g] == "pobj")
        return found

    def determiner(self, token: int) -> str:
        """The determiner or possessive of a noun, lower case; empty where it has none."""
        for child in self.children[token]:
            if child < token and self.dep[child] in ("det", "predet"):
                return self.lower[child]
        for child in self.children[token]:
            if child < token and self.dep[child] == "poss" and self.pos[child] == "PRON":
                return self.lower[child]
        return ""
