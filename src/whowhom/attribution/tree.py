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
    left: list[int]
    right: list[int]
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

    def subtree(self, i: int) -> list[int]:
        """Indices of a token's subtree, sorted."""
        found, stack = [], [i]
        while stack:
            node = stack.pop()
            found.append(node)
            stack.extend(self.children[node])
        return sorted(found)


@functools.lru_cache(maxsize=4)  # a document's stages follow each other: few are in work
def tree_of(doc: Doc) -> Tree:
    """The lists of one document."""
    strings = doc.vocab.strings
    names: dict[int, str] = {}

    def text(key: int) -> str:
        found = names.get(key)
        if found is None:
            found = names[key] = strings[key] if key else ""
        return found

    n = len(doc)
    rows = doc.to_array([HEAD, DEP, LEMMA, LOWER, POS, TAG, IDX, LENGTH, SENT_START])
    heads = rows[:, 0].astype("int64").tolist()
    dep, lemma, lower, pos, tag = (list(map(text, rows[:, k].tolist())) for k in range(1, 6))
    start = rows[:, 6].tolist()
    length = rows[:, 7].tolist()
    starts = rows[:, 8].astype("int64").tolist()
    aliases = reporting().aliases
    lemma = [
        aliases.get(word.lower(), word.lower()) if pos[i] in ("VERB", "AUX") else word.lower()
        for i, word in enumerate(lemma)
    ]
    head = [i + heads[i] if 0 <= i + heads[i] < n else i for i in range(n)]
    children: list[list[int]] = [[] for _ in range(n)]
    for i, h in enumerate(head):
        if h != i:
            children[h].append(i)
    left, right = list(range(n)), list(range(n))
    for i in range(n):
        # only edges climb: a token inside a subtree changes nothing above it
        node, steps = i, 0
        while head[node] != node and steps < n:
            node, steps = head[node], steps + 1
            if left[node] <= i <= right[node]:
                break
            left[node], right[node] = min(left[node], i), max(right[node], i)
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
        children, left, right, sentence, bounds,
    )  # fmt: skip
