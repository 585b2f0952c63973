"""A parse as plain objects: tokens, spans and the document that holds them.

spaCy's own tokens look their strings up at every question, which made up half of the time of a
document; these are filled once. They answer by the same names, so that what is written for spaCy
reads them too. Indices are those of the whole document.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, overload


class Token:
    """A word or mark with its place in the tree. Compared by identity."""

    __slots__ = (
        "_edges", "children", "dep_", "doc", "ent_iob_", "ent_type_", "forms", "head", "i", "idx",
        "is_sent_start", "lemma_", "lower_", "parsed", "pos_", "tag_", "text",
    )  # fmt: skip

    text: str
    lower_: str
    lemma_: str
    pos_: str
    tag_: str
    dep_: str
    ent_type_: str
    ent_iob_: str
    i: int
    idx: int
    is_sent_start: bool
    parsed: bool  # whether it has its place in a tree; else it hangs on nothing
    # in another language than English: its own lemma and form, by which frames know it
    forms: tuple[str, ...] | None
    head: Token
    children: list[Token]
    doc: Doc
    _edges: tuple[int, int] | None

    def __len__(self) -> int:
        return len(self.text)

    def __repr__(self) -> str:
        return self.text

    @property
    def is_alpha(self) -> bool:
        return self.text.isalpha()

    @property
    def is_space(self) -> bool:
        return self.text.isspace()

    @property
    def is_stop(self) -> bool:
        """Whether it is one of English's function words, as spaCy lists them."""
        from spacy.lang.en.stop_words import STOP_WORDS

        return self.lower_ in STOP_WORDS

    @property
    def is_punct(self) -> bool:
        return all(unicodedata.category(char)[0] == "P" for char in self.text)

    @property
    def like_num(self) -> bool:
        """Whether it looks like a number ("12", "1,000", "three", "4/5")."""
        from spacy.lang.en.lex_attrs import like_num

        return bool(like_num(self.text))  # type: ignore[no-untyped-call]

    @property
    def ancestors(self) -> Iterator[Token]:
        """Heads from the nearest to the root."""
        at = self
        for _ in range(len(self.doc)):
            if at.head is at:
                return
            at = at.head
            yield at

    @property
    def subtree(self) -> Iterator[Token]:
        """The token and all below it, in text order."""
        found = [self]
        for token in found:  # grows while it is walked
            found.extend(token.children)
        return iter(sorted(found, key=_place))

    @property
    def left_edge(self) -> Token:
        return self.doc[self._span()[0]]

    @property
    def right_edge(self) -> Token:
        return self.doc[self._span()[1]]

    def _span(self) -> tuple[int, int]:
        if self._edges is None:
            places = [token.i for token in self.subtree]
            self._edges = (places[0], places[-1])
        return self._edges

    def nbor(self, steps: int = 1) -> Token:
        """The token so many places on.

        Raises:
            IndexError: there is none.
        """
        at = self.i + steps
        if at < 0:
            raise IndexError(at)
        return self.doc[at]


def _place(token: Token) -> int:
    return token.i


class Span:
    """Tokens ``start`` to ``end`` (exclusive)."""

    __slots__ = ("doc", "end", "label_", "start")

    def __init__(self, doc: Doc, start: int, end: int, label: str = "") -> None:
        self.doc, self.start, self.end, self.label_ = doc, start, end, label

    def __iter__(self) -> Iterator[Token]:
        return iter(self.doc.tokens[self.start : self.end])

    def __len__(self) -> int:
        return self.end - self.start

    def __getitem__(self, at: int) -> Token:
        return self.doc.tokens[self.start : self.end][at]

    def __repr__(self) -> str:
        return self.text

    @property
    def start_char(self) -> int:
        return self.doc[self.start].idx

    @property
    def end_char(self) -> int:
        last = self.doc[self.end - 1]
        return last.idx + len(last.text)

    @property
    def text(self) -> str:
        if self.start == self.end:
            return ""
        return self.doc.text[self.start_char : self.end_char]

    @property
    def root(self) -> Token:
        """The token that governs the others: a sentence's root, else the one nearest to it among
        those whose head is outside, the first of several; a mark only where there is no word."""
        tokens = self.doc.tokens[self.start : self.end]
        for token in tokens:
            if token.head is token:
                return token
        best, least = tokens[0], len(self.doc) + 1
        for token in tokens:
            if self.start <= token.head.i < self.end:
                continue
            bare = not token.children and (token.is_punct or token.is_space)
            steps = len(self.doc) - 1 if bare else sum(1 for _ in token.ancestors)
            if steps < least:
                best, least = token, steps
        return best


class Doc:
    """The tokens of a document. ``text`` is the reading that their offsets count in."""

    __slots__ = ("_ents", "_starts", "text", "tokens", "user_data")

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text, self.tokens = text, tokens
        self.user_data: dict[str, Any] = {}
        self._ents: tuple[Span, ...] | None = None
        self._starts: dict[int, int] | None = None
        for token in tokens:
            token.doc = self

    def __len__(self) -> int:
        return len(self.tokens)

    def __iter__(self) -> Iterator[Token]:
        return iter(self.tokens)

    @overload
    def __getitem__(self, at: int) -> Token: ...
    @overload
    def __getitem__(self, at: slice) -> Span: ...
    def __getitem__(self, at: int | slice) -> Token | Span:
        if isinstance(at, slice):
            start, end, _ = at.indices(len(self.tokens))
            return Span(self, start, max(start, end))
        return self.tokens[at]

    @property
    def ents(self) -> tuple[Span, ...]:
        """The names that were found, in text order."""
        if self._ents is None:
            found: list[Span] = []
            for token in self.tokens:
                if token.ent_iob_ == "B":
                    found.append(Span(self, token.i, token.i + 1, token.ent_type_))
                elif token.ent_iob_ == "I" and found and found[-1].end == token.i:
                    found[-1].end += 1
            self._ents = tuple(found)
        return self._ents

    def char_span(self, start: int, end: int, *, alignment_mode: str = "strict") -> Span | None:
        """The tokens of a stretch of characters; with ``expand`` those that it touches."""
        touched = self._between(start, end)
        if not touched:
            return None
        span = Span(self, touched[0].i, touched[-1].i + 1)
        if alignment_mode != "expand" and (span.start_char != start or span.end_char != end):
            return None
        return span

    def _between(self, start: int, end: int) -> Sequence[Token]:
        low, high = 0, len(self.tokens)
        while low < high:  # the first token that ends after the start
            middle = (low + high) // 2
            token = self.tokens[middle]
            if token.idx + len(token.text) <= start:
                low = middle + 1
            else:
                high = middle
        last = low
        while last < len(self.tokens) and self.tokens[last].idx < end:
            last += 1
        return self.tokens[low:last]
