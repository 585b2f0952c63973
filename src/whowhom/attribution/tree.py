"""The parse as plain lists, one a property."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from whowhom.attribution.language import reporting
from whowhom.parse.tokens import Doc


class Edges:
    """First or last token of a subtree: asked for few tokens, so not computed for all."""

    __slots__ = ("doc", "first")

    def __init__(self, doc: Doc, *, first: bool) -> None:
        self.doc, self.first = doc, first

    def __getitem__(self, i: int) -> int:
        token = self.doc[i]
        return int(token.left_edge.i if self.first else token.right_edge.i)


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """A document's tokens: one list a property, all of the same length.

    ``head`` holds absolute indices (a root is its own head), ``children`` are in
    text order, ``left`` and ``right`` are the first and last token of the subtree,
    ``sentence`` numbers the sentences, ``bounds`` gives each one's token span.
    """

    doc: Doc
    head: list[int]
    dep: list[str]
    lemma: list[str]
    lower: list[str]
    pos: list[str]
    tag: list[str]
    start: list[int]
    end: list[int]
    children: list[list[int]]
    left: Edges
    right: Edges
    sentence: list[int]
    bounds: list[tuple[int, int]]

    def __len__(self) -> int:
        return len(self.head)

    def kids(self, i: int, *deps: str) -> Iterator[int]:
        """Children of a token, those with one of these relations only."""
        for child in self.children[i]:
            if not deps or self.dep[child] in deps:
                yield child

    def kid(self, i: int, *deps: str) -> int | None:
        """The first child with one of these relations."""
        return next(self.kids(i, *deps), None)

    def ancestors(self, i: int) -> Iterator[int]:
        """Heads from the nearest to the root; ends on a damaged tree too."""
        for _ in range(len(self.head)):
            if self.head[i] == i:
                return
            i = self.head[i]
            yield i

    def within(self, i: int, top: int) -> bool:
        """Whether ``i`` is ``top`` or stands in its subtree."""
        return i == top or any(a == top for a in self.ancestors(i))


@functools.lru_cache(maxsize=4)  # a document's stages follow each other: few are in work
def tree_of(doc: Doc) -> Tree:
    """The lists of one document."""
    tokens = doc.tokens
    n = len(tokens)
    dep, lemma = [t.dep_ for t in tokens], [t.lemma_.lower() for t in tokens]
    lower, pos, tag = [t.lower_ for t in tokens], [t.pos_ for t in tokens], [t.tag_ for t in tokens]
    start = [t.idx for t in tokens]
    aliases = reporting().aliases
    for i, word in enumerate(lemma):
        if word in aliases and pos[i] in ("VERB", "AUX"):
            lemma[i] = aliases[word]
    head = [t.head.i for t in tokens]
    children = [[c.i for c in t.children] for t in tokens]
    sentence, bounds = [], []
    for i in range(n):
        if i == 0 or tokens[i].is_sent_start:
            bounds.append((i, i + 1))
        else:
            bounds[-1] = (bounds[-1][0], i + 1)
        sentence.append(len(bounds) - 1)
    return Tree(
        doc, head, dep, lemma, lower, pos, tag, start,
        [t.idx + len(t.text) for t in tokens],
        children, Edges(doc, first=True), Edges(doc, first=False), sentence, bounds,
    )  # fmt: skip
