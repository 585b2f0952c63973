"""Quotation marks: which stretches of a text stand between them."""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

_PARAGRAPH = re.compile(r"[^\n]+")
# '' and `` are how some wires write the double mark
_MARK = re.compile(r"''|``|[\"“”„«»‹›‘’‚'′″＂]")
_OPENERS = {"“": "”", "„": "“”", "«": "»", "‹": "›", "‘": "’", "‚": "‘’", "``": "''"}
# A straight mark is often closed by a curly one, and the other way round.
_CLOSERS = {'"': '"”', "“": '”"', "''": "''\""}
_SINGLE = "'‘’‚"
# A single-marked quote longer than this is an apostrophe's mistake.
_SINGLE_LIMIT = 400
# Characters that an unclosed quotation in the middle of a paragraph must run on for.
_UNCLOSED_LEAST = 20
# and that it runs on for at most: of 10,625 closed quotations in news 99 in 100 are under 372.
_UNCLOSED_MOST = 400


@dataclass(frozen=True, slots=True)
class Quote:
    """A quoted stretch with its marks; ``closed`` is false where it runs on."""

    start: int
    end: int
    mark: str
    closed: bool = True


def find_quotes(text: str) -> tuple[Quote, ...]:
    """Quotations in text order, outer ones before those inside them.

    A paragraph that opens a quotation and does not close it is quoted to its end,
    as newspapers print a quotation of several paragraphs.
    """
    found: list[Quote] = []
    for paragraph in _PARAGRAPH.finditer(text):
        if _MARK.search(paragraph.group()):
            found.extend(_in_paragraph(text, paragraph.start(), paragraph.end()))
    return tuple(sorted(found, key=lambda q: (q.start, -q.end)))


def _in_paragraph(text: str, start: int, end: int) -> Iterator[Quote]:
    marks = list(_MARK.finditer(text, start, end))
    opened: list[tuple[int, str]] = []  # offset and mark
    for place, match in enumerate(marks):
        mark, at, after = match.group(), match.start(), match.end()
        before = text[at - 1] if at > start else " "
        follows = text[after] if after < end else " "
        inside = before.isalnum() and follows.isalnum()
        if inside:  # an apostrophe, or a stray mark
            continue
        closes = _closing(mark, before, follows, opened)
        if closes is not None:
            yield Quote(opened[closes][0], after, opened[closes][1])
            del opened[closes:]
            continue
        if _opens(mark, before, follows) and (
            mark not in _SINGLE or _closes_later(text, after, marks[place + 1 :], end)
        ):
            if opened and opened[-1][1] == mark and mark not in _SINGLE:
                # the same mark opens again: the next paragraph of one quotation, in a text that
                # has lost its line breaks
                yield Quote(opened[-1][0], at, mark, closed=False)
                opened.pop()
            opened.append((at, mark))
    for at, mark in opened[:1]:
        # an unclosed mark right before the end is more often an error than a quotation
        if mark not in _SINGLE and (not text[start:at].strip() or end - at > _UNCLOSED_LEAST):
            yield Quote(at, _runs_to(text, at, end), mark, closed=False)


def _runs_to(text: str, start: int, end: int) -> int:
    """Where a quotation that nothing closes is taken to end: with its paragraph, or with the last
    whole sentence of what a paragraph may hold."""
    if end - start <= _UNCLOSED_MOST:
        return end
    stop = max(text.rfind(mark, start, start + _UNCLOSED_MOST) for mark in (". ", "! ", "? "))
    return stop + 1 if stop > start else start + _UNCLOSED_MOST


def _opens(mark: str, before: str, follows: str) -> bool:
    if mark in _OPENERS:
        return not follows.isspace() or mark == "``"
    if mark in "»›”’":
        return False
    return (not before.isalnum()) and not follows.isspace()


def _closing(mark: str, before: str, follows: str, opened: list[tuple[int, str]]) -> int | None:
    """Index in ``opened`` of the quotation that this mark closes, or None."""
    if before.isspace() and not follows.isspace() and mark not in "”’»›":
        return None
    for index in range(len(opened) - 1, -1, -1):
        opener = opened[index][1]
        if mark in _CLOSERS.get(opener, _OPENERS.get(opener, opener)):
            if mark in _SINGLE and (follows.isalnum() or before.isspace()):
                return None
            return index
    return None


def _closes_later(text: str, after: int, marks: list[re.Match[str]], end: int) -> bool:
    for match in marks:
        if match.start() - after > _SINGLE_LIMIT:
            return False
        if match.group() not in _SINGLE:
            continue
        before = text[match.start() - 1]
        follows = text[match.end()] if match.end() < end else " "
        if not follows.isalnum() and not before.isspace():
            return True
    return False


class Quoted:
    """Quotations of a text with quick look-up by place."""

    def __init__(self, text: str) -> None:
        outer: list[Quote] = []
        for quote in find_quotes(text):
            if not outer or quote.start >= outer[-1].end:
                outer.append(quote)
        self.outer = tuple(outer)
        self._starts = [quote.start for quote in outer]

    @staticmethod
    @functools.lru_cache(maxsize=4)
    def of(text: str) -> Quoted:
        """The quotations of a text; those of the last few texts are kept."""
        return Quoted(text)

    def at(self, offset: int) -> Quote | None:
        """The outermost quotation that covers a character."""
        index = bisect.bisect_right(self._starts, offset) - 1
        if index >= 0 and self.outer[index].end > offset:
            return self.outer[index]
        return None

    def before(self, offset: int) -> Quote | None:
        """The last outermost quotation that ends at or before a place."""
        index = bisect.bisect_right(self._starts, offset) - 1
        while index >= 0:
            if self.outer[index].end <= offset:
                return self.outer[index]
            index -= 1
        return None

    def between(self, start: int, end: int) -> tuple[Quote, ...]:
        """Outermost quotations that begin in a span."""
        low = bisect.bisect_left(self._starts, start)
        return self.outer[low : bisect.bisect_left(self._starts, end)]
