"""The parse as plain lists: walking spaCy's tokens costs ten times as much."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from spacy.attrs import (  # type: ignore[import-not-found]  # compiled, without stubs
    DEP,
    HEAD,
    IDX,
    LEMMA,
    LENGTH,
    LOWER,
    POS,
    SENT_START,
    TAG,
)
from spacy.tokens import Doc

from whowhom.attribution.language import reporting


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
    strings = doc.vocab.strings
    n = len(doc)
    rows = doc.to_array([HEAD, DEP, LEMMA, LOWER, POS, TAG, IDX, LENGTH, SENT_START])
    columns = rows.T.tolist()
    names = {key: strings[key] if key else "" for key in set().union(*columns[1:6])}
    dep, lemma, lower, pos, tag = ([names[key] for key in column] for column in columns[1:6])
    start, length = columns[6], columns[7]
    starts = columns[8]
    offsets = rows[:, 0].astype("int64").tolist()  # stored unsigned, and mostly negative
    aliases = reporting().aliases
    lemma = [word.lower() for word in lemma]
    for i, word in enumerate(lemma):
        if word in aliases and pos[i] in ("VERB", "AUX"):
            lemma[i] = aliases[word]
    head = [i + offset if 0 <= i + offset < n else i for i, offset in enumerate(offsets)]
    children: list[list[int]] = [[] for _ in range(n)]
    for i, h in enumerate(head):
        if h != i:
            children[h].append(i)
    sentence, bounds = [], []
    for i in range(n):
        if i == 0 or starts[i] == 1:
            bounds.append((i, i + 1))
        else:
            bounds[-1] = (bounds[-1][0], i + 1)
        sentence.append(len(bounds) - 1)
    return Tree(
        doc, head, dep, lemma, lower, pos, tag, start,
        [s + k for s, k in zip(start, length, strict=True)],
        children, Edges(doc, first=True), Edges(doc, first=False), sentence, bounds,
    )  # fmt: skip
