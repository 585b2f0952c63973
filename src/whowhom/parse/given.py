"""A parse that somebody else made: a spaCy document's words, tags, trees and names, taken over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from ..model import Document, Reading
from . import Parser, Skim
from .annotate import Stretch
from .reading import forced_starts, make_reading
from .tokens import Doc, Token

if TYPE_CHECKING:
    from spacy.tokens import Doc as SpacyDoc
    from spacy.tokens import Token as SpacyToken

NEEDED = ("TAG", "POS", "LEMMA", "DEP", "ENT_IOB")
"""What a document must have to be taken over, as spaCy calls it."""


def missing(doc: SpacyDoc) -> list[str]:
    """What a document lacks to be taken over; an empty one lacks nothing."""
    return [name for name in NEEDED if len(doc) and not doc.has_annotation(name)]


class GivenParser(Parser):
    """A parser for one document, which is parsed already.

    A document with a title, or whose text cleaning changes so that its words are no longer found
    (letters with combining marks, runs that are cut), is parsed anew by ``parser``;
    :attr:`taken` tells which it was.
    """

    def __init__(self, parser: Parser, doc: SpacyDoc) -> None:
        self.nlp, self.settings = parser.nlp, parser.settings
        self._parser, self._given = parser, doc
        self._annotator: Any = parser._annotator
        self.taken = False

    def skim(self, document: Document) -> Skim:
        """The words that are given, sentence by sentence."""
        reading = make_reading(document, self.settings)
        tokens = None if reading.body_start else _tokens(self._given, reading)
        if tokens is None:
            return self._parser.skim(document)
        self.taken = True
        self._annotator = _Ready(Doc(reading.text, tokens))
        starts = [token.i for token in tokens if token.is_sent_start]
        found = []
        for first, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
            words = tokens[first:end]
            last = words[-1].idx + len(words[-1].text)
            found.append(
                Stretch(
                    words[0].idx,
                    last,
                    first,
                    [w.text for w in words],
                    [w.tag_ for w in words],
                    self._given,
                )
            )
        return Skim(document, reading, tuple(found))


class _Ready:
    """In an annotator's place: there is nothing left to do."""

    def __init__(self, doc: Doc) -> None:
        self._doc = doc

    def finish(
        self,
        text: str,
        stretches: Sequence[Stretch],
        kept: Collection[int] | None,
        names: Sequence[Sequence[tuple[str, str]]] | None,
    ) -> Doc:
        return self._doc


def _tokens(doc: SpacyDoc, reading: Reading) -> list[Token] | None:
    """The words of a document with their places in the reading, None where one is not there.

    Blanks are left out: they hang on words, and nothing hangs on them.
    """
    places = {source: at for at, source in reversed(list(enumerate(reading.offsets)))}
    starts = set(forced_starts(reading))
    made: dict[int, Token] = {}
    for word in doc:
        if word.is_space:
            continue
        at = places.get(word.idx)
        if at is None or not reading.text.startswith(word.text, at):
            return None
        made[word.i] = _token(word, at, len(made))
    begun, sentence = False, 0
    sentences: dict[int, int] = {}
    for word in doc:
        begun = begun or bool(word.is_sent_start)
        token = made.get(word.i)
        if token is None:
            continue
        token.is_sent_start = begun or token.i == 0 or token.idx in starts
        sentence += token.is_sent_start
        sentences[word.i] = sentence
        begun = False
    for word in doc:
        token = made.get(word.i)
        if token is None:
            continue
        # where a paragraph ends a sentence that the given tree goes on with, it is cut
        joined = sentences.get(word.head.i) == sentences[word.i]
        token.head = made[word.head.i] if joined else token
        if token.head is not token:
            token.head.children.append(token)
    return list(made.values())


def _token(word: SpacyToken, at: int, number: int) -> Token:
    token = Token()
    token.i, token.idx = number, at
    token.text, token.lower_, token.tag_ = word.text, word.lower_, word.tag_
    token.pos_, token.lemma_, token.dep_ = word.pos_, word.lemma_, word.dep_
    token.ent_type_, token.ent_iob_ = word.ent_type_, word.ent_iob_
    token.children = []
    token.parsed = True
    token._edges = token.forms = None
    return token
