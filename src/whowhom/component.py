"""The coder as a component of a spaCy pipeline: ``nlp.add_pipe("whowhom")``.

>>> import spacy
>>> nlp = spacy.blank("en")
>>> coder = nlp.add_pipe("whowhom")
>>> doc = nlp("Kenya accused Somalia on Monday of shelling a border post.")
>>> [(event.event_type, event.status) for event in doc._.whowhom_events]
[('ACCUSE', 'actual'), ('ASSAULT', 'actual')]
>>> [(span.text, span.label_) for span in doc.spans["whowhom"]][:2]
[('Kenya', 'ACTOR'), ('accused', 'ACCUSE')]
"""

from __future__ import annotations

import copy
import dataclasses
import json
import tempfile
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from whowhom.errors import InputError, UsageError
from whowhom.model import Coded, Document, Event, Rejection, Skipped, build
from whowhom.settings import DEFAULT

if TYPE_CHECKING:
    from whowhom.parse import Parser
    from whowhom.pipeline import Coder

NAME = "whowhom"
GROUP = "whowhom"
"""The name of the group of spans in ``doc.spans``."""
Parse = Literal["own", "doc"]
_FILES = "files.json"


@Language.factory(
    NAME,
    default_config={"codebook": None, "actors": None, "min_confidence": 0.0, "parse": "own"},
    assigns=["doc._.whowhom_events", "doc._.whowhom_rejections", "doc.spans"],
)
def make(
    nlp: Language,
    name: str,
    codebook: str | None,
    actors: str | None,
    min_confidence: float,
    parse: Parse,
) -> Component:
    """What ``nlp.add_pipe("whowhom", config={...})`` makes.

    Args:
        codebook: folder of a codebook of your own; None is PLOVER.
        actors: file or folder of actor tables laid over the shipped ones.
        min_confidence: events below it (0 to 1) become rejections.
        parse: ``own`` parses the text once more with whowhom's own pipeline: the events are
            those of ``whowhom.code``, whatever the pipeline is. ``doc`` takes over tags, trees,
            lemmas and names of the document: no second parse, and the events depend on yours.

    Raises:
        UsageError: the pipeline is of another language than English, or a value is wrong.
    """
    if nlp.lang != "en":
        raise UsageError(
            f"the pipeline is of the language {nlp.lang!r}", where=name, do="Use an English one."
        )
    if not 0 <= min_confidence <= 1:
        raise UsageError(f"min_confidence: {min_confidence}", where=name, do="Write 0 to 1.")
    return Component(codebook, actors, min_confidence, parse)


class Component:
    """Codes documents. The coder is loaded when the first one comes.

    What it sets: ``doc._.whowhom_events`` (a tuple of :class:`~whowhom.Event`, offsets into
    ``doc.text``), ``doc._.whowhom_rejections``, ``doc._.whowhom_skipped`` (why nothing was
    coded, else None), ``doc._.whowhom_parse`` (``own`` or ``doc``), and ``doc.spans["whowhom"]``:
    for every event its trigger, labelled by type, and its parties, labelled ``ACTOR``,
    ``RECIPIENT`` and ``SPEAKER``, each with the event's id as ``span.id_``. Spans cover whole
    words. ``span._.whowhom_events`` are the events whose trigger lies in a span.

    What it reads beside the text: ``doc._.whowhom_source``, or the context of
    ``nlp.pipe(..., as_tuples=True)`` where that is a mapping, with ``date``, ``outlet``,
    ``title``, ``id``, ``url`` as whowhom reads them from a record; others are passed over.
    """

    def __init__(
        self,
        codebook: str | None = None,
        actors: str | None = None,
        min_confidence: float = 0.0,
        parse: Parse = "own",
    ) -> None:
        self._codebook = Path(codebook) if codebook is not None else None
        self._actors = Path(actors) if actors is not None else None
        self.min_confidence, self.parse = min_confidence, parse
        self._kept: tempfile.TemporaryDirectory[str] | None = None

    @cached_property
    def coder(self) -> Coder:
        """The coder, loaded at the first use.

        Raises:
            CodebookError, DataError: as :class:`whowhom.Coder`.
        """
        from whowhom.api import default_coder
        from whowhom.pipeline import Coder

        plain = self._codebook is None and self._actors is None and not self.min_confidence
        if plain and self.parse == "own":
            return default_coder()  # the one that whowhom.code has
        # an alien parse has no vectors that the first look knows: it is read whole
        settings = dataclasses.replace(DEFAULT, read_all=self.parse == "doc")
        return Coder(
            codebook=self._codebook,
            actors=self._actors,
            min_confidence=self.min_confidence,
            settings=settings,
        )

    def __call__(self, doc: Doc) -> Doc:
        """Code a document.

        Raises:
            UsageError: its tags, trees, lemmas or names are to be taken over and are not there.
            InputError: its date cannot be read.
        """
        item = _document(doc)
        if isinstance(item, Skipped):
            doc._.whowhom_skipped = f"{item.reason}: {item.detail}"
            _set(doc, (), ())
            return doc
        doc._.whowhom_skipped = None
        coded = self._code(item, doc)
        _set(doc, coded.events, coded.rejections)
        return doc

    def _code(self, document: Document, doc: Doc) -> Coded:
        doc._.whowhom_parse = "own"
        if self.parse == "own":
            return self.coder.code(document)
        from whowhom.parse.given import GivenParser, missing

        absent = missing(doc)
        if absent:
            raise UsageError(
                f'the document has no {", ".join(absent)}, which parse="doc" takes over',
                where=NAME,
                do="Add whowhom behind tagger, parser, attribute_ruler, lemmatizer and ner, "
                'or use parse="own".',
            )
        coder = copy.copy(self.coder)
        given = GivenParser(cast("Parser", self.coder.parser), doc)
        coder.parser = given
        coded = coder.code(document)
        doc._.whowhom_parse = "doc" if given.taken else "own"
        return coded

    # ------------------------------------------------------------------ keeping it
    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Keep codebook and actor tables of one's own with the pipeline."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _FILES).write_text(json.dumps(self._files(), ensure_ascii=False), "utf-8")

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> Component:
        """The inverse of :meth:`to_disk`."""
        self._take(json.loads((Path(path) / _FILES).read_text("utf-8")))
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        return json.dumps(self._files(), ensure_ascii=False).encode()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> Component:
        self._take(json.loads(data))
        return self

    def __getstate__(self) -> dict[str, Any]:
        """For processes of ``nlp.pipe(..., n_process=2)``: each loads a coder of its own."""
        return {
            "files": self._files(),
            "min_confidence": self.min_confidence,
            "parse": self.parse,
        }

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__init__(None, None, state["min_confidence"], state["parse"])  # type: ignore[misc]
        self._take(state["files"])

    def _files(self) -> dict[str, dict[str, str]]:
        """What is not shipped: text of files by their names in the folder."""
        return {
            "codebook": _texts(self._codebook),
            "actors": _texts(self._actors),
        }

    def _take(self, files: Mapping[str, Mapping[str, str]]) -> None:
        self.__dict__.pop("coder", None)
        self._kept = tempfile.TemporaryDirectory(prefix="whowhom-") if any(files.values()) else None
        folders: dict[str, Path | None] = {"codebook": None, "actors": None}
        for name in folders:
            texts = files.get(name)
            if not texts or self._kept is None:
                continue
            folders[name] = root = Path(self._kept.name) / name
            for inner, text in texts.items():
                place = (root / inner).resolve()
                if not place.is_relative_to(root.resolve()):
                    raise InputError(
                        f"{inner!r} leads out of its folder", where=_FILES, do="Do not load it."
                    )
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text, "utf-8")
        self._codebook, self._actors = folders["codebook"], folders["actors"]


def _texts(place: Path | None) -> dict[str, str]:
    if place is None:
        return {}
    if place.is_file():
        return {place.name: place.read_text("utf-8")}
    return {
        path.relative_to(place).as_posix(): path.read_text("utf-8")
        for path in sorted(place.rglob("*"))
        if path.suffix in (".toml", ".csv")
    }


def _document(doc: Doc) -> Document | Skipped:
    """A spaCy document as one of ours; its text stays as it is, so that offsets hold."""
    from whowhom.read import documents_from

    context = getattr(doc, "_context", None)
    source: Any = doc._.whowhom_source
    if source is None and isinstance(context, Mapping):
        source = context
    fields = {str(key): value for key, value in (source or {}).items() if key != "text"}
    item = next(iter(documents_from({**fields, "text": doc.text})))
    return item if isinstance(item, Skipped) else dataclasses.replace(item, text=doc.text)


# ------------------------------------------------------------------ what is set
def _set(doc: Doc, events: Iterable[Event], rejections: Iterable[Rejection]) -> None:
    """Keep events as plain records, which a document can be written with, and mark their spans."""
    kept = list(events)
    doc._.whowhom_records = [event.to_dict() for event in kept]
    doc._.whowhom_rejected = [rejection.to_dict() for rejection in rejections]
    spans = [span for event in kept for span in _spans(doc, event)]
    doc.spans[GROUP] = SpanGroup(doc, name=GROUP, spans=spans)


def _spans(doc: Doc, event: Event) -> list[Span]:
    trigger = event.evidence.trigger
    marked = [(trigger.start, trigger.end, event.evidence.part, event.event_type)]
    marked += [(p.start, p.end, p.part, "ACTOR") for p in event.actors]
    marked += [(p.start, p.end, p.part, "RECIPIENT") for p in event.recipients]
    speakers = [link.speaker for link in event.attribution if link.speaker is not None]
    marked += [(p.start, p.end, p.part, "SPEAKER") for p in speakers]
    found = []
    for start, end, part, label in sorted(marked):
        if part != "text":
            continue  # in the title, which is no part of the document
        span = doc.char_span(start, end, label=label, span_id=event.id, alignment_mode="expand")
        if span is not None:
            found.append(span)
    return found


def _events(doc: Doc) -> tuple[Event, ...]:
    return tuple(Event.from_dict(record) for record in doc._.whowhom_records or ())


def _rejections(doc: Doc) -> tuple[Rejection, ...]:
    return tuple(build(Rejection, record) for record in doc._.whowhom_rejected or ())


def _events_in(span: Span) -> tuple[Event, ...]:
    start, end = span.start_char, span.end_char
    return tuple(
        event
        for event in _events(span.doc)
        if event.evidence.part == "text"
        and start <= event.evidence.trigger.start
        and event.evidence.trigger.end <= end
    )


for _extension in ("whowhom_source", "whowhom_records", "whowhom_rejected", "whowhom_skipped"):
    Doc.set_extension(_extension, default=None, force=True)
Doc.set_extension("whowhom_parse", default=None, force=True)
Doc.set_extension("whowhom_events", getter=_events, force=True)
Doc.set_extension("whowhom_rejections", getter=_rejections, force=True)
Span.set_extension("whowhom_events", getter=_events_in, force=True)
