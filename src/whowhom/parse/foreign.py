"""Parse of a language beside English: its own pipeline, and its trees in the English shape."""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

from ..languages import checked_folder, language
from ..model import Document, Parsed
from ..settings import DEFAULT, Settings
from . import assembled
from .reading import forced_starts, make_reading
from .relabel import relabelled
from .split import stretches
from .tokens import Doc, Token

if TYPE_CHECKING:
    from spacy.language import Language as Pipeline


@lru_cache(maxsize=4)
def load_foreign(code: str) -> Pipeline:
    """The pipeline of a language, checked file by file and loaded once a process.

    Raises:
        DataError: it is not installed or not the one that was checked.
    """
    import spacy  # takes a second or two: only where a text is really parsed

    folder = checked_folder(language(code))
    with warnings.catch_warnings():
        # W095: made for another spaCy. What it gives under this one is tested
        warnings.filterwarnings("ignore", message=r"\[W095\]")
        return spacy.load(folder)


class ForeignParser:
    """Turns documents of one language into parses that the stages can walk."""

    def __init__(self, code: str, settings: Settings = DEFAULT) -> None:
        self.nlp = load_foreign(code)
        self.spoken, self.settings = language(code), settings

    def parse(self, document: Document) -> Parsed:
        """The parse of one document. No text makes it fail; an empty one has no sentences."""
        reading = make_reading(document, self.settings)
        spans = stretches(reading.text, forced_starts(reading), self.spoken.abbreviations)
        tokens: list[Token] = []
        pieces = (reading.text[start:end] for start, end in spans)
        for (start, _), doc in zip(spans, self.nlp.pipe(pieces), strict=True):
            tokens.extend(relabelled(doc, self.spoken, start, len(tokens)))
        return assembled(document, reading, Doc(reading.text, tokens), self.settings)
