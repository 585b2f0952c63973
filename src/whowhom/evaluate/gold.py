"""Gold: documents with the events that people found in them, one JSON object a line.

The format is described in ``docs/gold.md``. Offsets are counts of Unicode characters, end
exclusive, into ``text``, or into ``title`` where ``part`` is ``"title"``. A field that an event
does not have was not annotated and is not scored; a field that is null or empty was looked for,
and the text gives nothing.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import difflib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from whowhom.errors import InputError
from whowhom.model import Document, Genre, Part, Status, Voice

if TYPE_CHECKING:
    from whowhom.codebook.schema import Codebook

FIELDS = ("mode", "status", "voice", "actors", "recipients", "speaker", "date", "place")
"""What is scored of an event beside its type, where it was annotated."""

_DOCUMENT = (
    *("id", "text", "title", "outlet", "url", "published", "genre", "coder", "events", "meta"),
)
_EVENT = (*("id", "event_type", "also_ok", "trigger", "sentence", *FIELDS, "core", "note", "meta"),)
_SPAN = ("text", "start", "end", "part")
_PARTY = (*_SPAN, "country", "sector", "name")
_TYPE = re.compile(r"[A-Z][A-Z0-9_-]{0,39}")
_COUNTRY = re.compile(r"[A-Z][A-Z0-9]{2,3}")
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a document: a trigger, a party, a speaker or a place, and what they stand for.

    ``start`` is None where the words stand nowhere in the document, or nobody said where.
    """

    text: str
    start: int | None = None
    end: int | None = None
    part: Part = "text"
    country: str | None = None
    sector: str | None = None
    name: str | None = None

    def overlaps(self, other: Span) -> bool:
        """Whether both share at least one character of the same part."""
        if self.start is None or self.end is None or other.start is None or other.end is None:
            return False
        return self.part == other.part and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class AnnotatedEvent:
    """An event as somebody, or a program, marked it."""

    id: str
    event_type: str
    trigger: Span
    also_ok: tuple[str, ...] = ()
    """Other types that a fair coder could choose."""
    sentence: Span | None = None
    mode: str | None = None
    status: str | None = None
    voice: str | None = None
    actors: tuple[Span, ...] = ()
    recipients: tuple[Span, ...] = ()
    speaker: Span | None = None
    date: str | None = None  # YYYY, YYYY-MM or YYYY-MM-DD
    place: Span | None = None
    core: bool = True
    """False: may be found or left; it counts for no recall of core events."""
    note: str = ""
    quad: str | None = None
    confidence: float | None = None
    said: frozenset[str] = frozenset(FIELDS)
    """Fields of :data:`FIELDS` that were annotated."""
    meta: Mapping[str, Any] = field(default_factory=dict)

    def countries(self, side: str) -> frozenset[str]:
        """Country codes of ``actors`` or ``recipients``."""
        return frozenset(p.country for p in getattr(self, side) if p.country)

    def sectors(self, side: str) -> frozenset[str]:
        """Sector codes of ``actors`` or ``recipients``."""
        return frozenset(p.sector for p in getattr(self, side) if p.sector)


@dataclass(frozen=True, slots=True)
class AnnotatedDocument:
    """A document and the events marked in it. ``text`` is None where it was not kept."""

    id: str
    text: str | None
    title: str | None = None
    outlet: str | None = None
    url: str | None = None
    published: dt.date | None = None
    genre: Genre = "report"
    events: tuple[AnnotatedEvent, ...] = ()
    coder: str | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    def part(self, part: Part) -> str | None:
        return self.title if part == "title" else self.text

    def document(self) -> Document:
        """What a coder gets: no events."""
        return Document(
            self.id, self.text or "", self.title, self.outlet, self.url, self.published, self.genre
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a gold file: the line (1 is the first), the field, and what to do."""

    line: int
    field: str
    what: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.field}: {self.what}" if self.field else (
            f"line {self.line}: {self.what}"
        )  # fmt: skip


def read_gold(path: Path, *, book: Codebook | None = None) -> list[AnnotatedDocument]:
    """The documents of a gold file.

    Args:
        path: a JSON Lines file, UTF-8.
        book: a codebook whose types and modes the events must have; None accepts any.

    Raises:
        InputError: the file cannot be read, or something in it is wrong; the error names the
            first problems by line and field.
    """
    documents, problems = check_gold(path, book=book)
    if problems:
        shown = "; ".join(str(p) for p in problems[:3])
        more = f"; and {len(problems) - 3:,} more" if len(problems) > 3 else ""
        raise InputError(
            f"{shown}{more}",
            where=str(path),
            do=f"whowhom gold check {path} lists all; docs/gold.md has the format.",
            reason="bad_gold",
        )
    return documents


def check_gold(
    path: Path, *, book: Codebook | None = None
) -> tuple[list[AnnotatedDocument], list[Problem]]:
    """The documents that are right, and every problem of the others.

    Raises:
        InputError: the file cannot be read at all.
    """
    documents: list[AnnotatedDocument] = []
    problems: list[Problem] = []
    lines: dict[str, int] = {}
    for number, line in _lines(path):
        try:
            data = json.loads(line)
        except (ValueError, RecursionError) as error:
            problems.append(Problem(number, "", f"no JSON: {error}"))
            continue
        checker = _Checker(number, book)
        document = checker.document(data)
        problems.extend(checker.problems)
        if document is None:
            continue
        if document.id in lines:
            what = f"{document.id!r} stands in line {lines[document.id]} already"
            problems.append(Problem(number, "id", what))
        elif not checker.problems:
            documents.append(document)
        lines.setdefault(document.id, number)
    if not lines and not problems:
        problems.append(Problem(1, "", "the file holds no document"))
    return documents, problems


def from_dict(data: object) -> AnnotatedDocument:
    """A document from what :func:`to_dict` gives.

    Raises:
        InputError: something in it is wrong.
    """
    checker = _Checker(1, None)
    document = checker.document(data)
    if checker.problems or document is None:
        problem = checker.problems[0]
        raise InputError(f"{problem.field}: {problem.what}", reason="bad_gold")
    return document


def to_dict(document: AnnotatedDocument) -> dict[str, Any]:
    """A document as plain JSON values; what was not annotated is left out."""
    found: dict[str, Any] = {"id": document.id, "title": document.title, "text": document.text}
    for name in ("outlet", "url", "coder"):
        if getattr(document, name) is not None:
            found[name] = getattr(document, name)
    found["published"] = document.published.isoformat() if document.published else None
    if document.genre != "report":
        found["genre"] = document.genre
    found["events"] = [event_dict(event) for event in document.events]
    if document.meta:
        found["meta"] = dict(document.meta)
    return found


def event_dict(event: AnnotatedEvent) -> dict[str, Any]:
    """An event as plain JSON values; what was not annotated is left out."""
    found: dict[str, Any] = {
        "id": event.id,
        "event_type": event.event_type,
        "trigger": _span_dict(event.trigger, party=False),
    }
    if event.also_ok:
        found["also_ok"] = list(event.also_ok)
    if event.sentence is not None:
        found["sentence"] = _span_dict(event.sentence, party=False)
    for name in FIELDS:
        if name not in event.said:
            continue
        value = getattr(event, name)
        if isinstance(value, tuple):
            found[name] = [_span_dict(item, party=True) for item in value]
        else:
            found[name] = _span_dict(value, party=True) if isinstance(value, Span) else value
    if not event.core:
        found["core"] = False
    if event.note:
        found["note"] = event.note
    if event.meta:
        found["meta"] = dict(event.meta)
    return found


def write_gold(documents: Iterable[AnnotatedDocument]) -> Iterator[bytes]:
    """Lines of a gold file."""
    for document in documents:
        text = json.dumps(to_dict(document), ensure_ascii=False)
        yield text.encode("utf-8", "replace") + b"\n"


def _span_dict(span: Span, *, party: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"text": span.text, "start": span.start, "end": span.end}
    if span.part != "text":
        found["part"] = span.part
    if party:
        for name in ("country", "sector", "name"):
            if getattr(span, name) is not None:
                found[name] = getattr(span, name)
    return found


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                if number == 1 and raw.startswith(b"PAR1"):
                    raise InputError(
                        "it is a Parquet file, and gold is JSON Lines",
                        where=str(path),
                        do="Events in Parquet can be measured, not be the gold: --predictions.",
                    )
                if raw.strip():
                    try:
                        yield number, raw.decode("utf-8-sig" if number == 1 else "utf-8")
                    except UnicodeDecodeError as error:
                        raise InputError(
                            f"byte {error.start + 1} of the line is not UTF-8",
                            where=f"{path}, line {number}",
                            do="Save the file as UTF-8.",
                        ) from error
    except OSError as error:
        raise InputError(
            f"it cannot be read ({error.strerror})", where=str(path), do="Name a gold file."
        ) from error


class _Checker:
    """Reads one line and keeps what is wrong in it."""

    def __init__(self, line: int, book: Codebook | None) -> None:
        self.line, self.book = line, book
        self.problems: list[Problem] = []

    def wrong(self, where: str, what: str) -> None:
        self.problems.append(Problem(self.line, where, what))

    def document(self, data: object) -> AnnotatedDocument | None:
        if not isinstance(data, Mapping):
            self.wrong("", f"it is {_kind(data)}; a document is an object")
            return None
        if "verdict" in data and "event_id" in data:
            self.wrong(
                "",
                "it is a mark on a store's event, no annotated document. whowhom audit STORE "
                "--report counts marks",
            )
            return None
        self.known(data, _DOCUMENT, "")
        id_ = self.string(data, "id", "", needed=True)
        text = self.string(data, "text", "", needed=True, empty=True)
        title = self.string(data, "title", "")
        events = data.get("events")
        if not isinstance(events, list):
            said = "missing" if events is None else f"it is {_kind(events)}"
            self.wrong("events", f"{said}; give a list, empty where the text has no event")
            events = []
        published = self.day(data.get("published"))
        genre = self.one_of(data.get("genre"), get_args(Genre), "genre")
        if id_ is None or text is None:
            return None
        texts: dict[Part, str | None] = {"text": text, "title": title}
        found = [self.event(item, f"events[{n}]", n, texts) for n, item in enumerate(events)]
        kept = [event for event in found if event is not None]
        seen: set[str] = set()
        for n, event in enumerate(kept):
            if event.id in seen:
                self.wrong(f"events[{n}].id", f"{event.id!r} stands twice in this document")
            seen.add(event.id)
        return AnnotatedDocument(
            id_,
            text,
            title,
            self.string(data, "outlet", ""),
            self.string(data, "url", ""),
            published,
            genre or "report",  # type: ignore[arg-type] # checked
            tuple(kept),
            self.string(data, "coder", ""),
            self.meta(data, ""),
        )

    def event(
        self, data: object, at: str, number: int, texts: Mapping[Part, str | None]
    ) -> AnnotatedEvent | None:
        if not isinstance(data, Mapping):
            self.wrong(at, f"it is {_kind(data)}; an event is an object")
            return None
        before = len(self.problems)
        self.known(data, _EVENT, at)
        type_ = self.type(data.get("event_type"), f"{at}.event_type", needed=True)
        also = data.get("also_ok", [])
        if not isinstance(also, list):
            self.wrong(f"{at}.also_ok", f"it is {_kind(also)}; give a list of types")
            also = []
        others = [self.type(item, f"{at}.also_ok[{n}]") for n, item in enumerate(also)]
        trigger = self.span(data.get("trigger"), f"{at}.trigger", texts, party=False, placed=True)
        if data.get("trigger") is None:
            self.wrong(f"{at}.trigger", "missing; give the words that carry the event")
        sentence = self.span(
            data.get("sentence"), f"{at}.sentence", texts, party=False, placed=True
        )
        core = data.get("core", True)
        if not isinstance(core, bool):
            self.wrong(f"{at}.core", f"it is {_kind(core)}; write true or false")
        date = data.get("date")
        if date is not None and not (isinstance(date, str) and _is_date(date)):
            self.wrong(f"{at}.date", f"{date!r} is no date; write 2014-03-02, 2014-03 or 2014")
            date = None
        mode = self.string(data, "mode", at)
        self.mode(type_, mode, f"{at}.mode")
        id_ = data.get("id", str(number + 1))
        if isinstance(id_, int) and not isinstance(id_, bool):
            id_ = str(id_)
        if not isinstance(id_, str) or not id_:
            self.wrong(f"{at}.id", f"it is {_kind(id_)}; give a string")
            id_ = str(number + 1)
        found = {
            "status": self.one_of(data.get("status"), get_args(Status), f"{at}.status"),
            "voice": self.one_of(data.get("voice"), get_args(Voice), f"{at}.voice"),
        }
        sides = {side: self.parties(data, side, at, texts) for side in ("actors", "recipients")}
        speaker = self.span(data.get("speaker"), f"{at}.speaker", texts, party=True)
        place = self.span(data.get("place"), f"{at}.place", texts, party=True)
        note, meta = self.string(data, "note", at) or "", self.meta(data, at)
        if len(self.problems) > before or type_ is None or trigger is None:
            return None
        return AnnotatedEvent(
            id_,
            type_,
            trigger,
            tuple(item for item in others if item is not None),
            sentence,
            mode,
            found["status"],
            found["voice"],
            sides["actors"],
            sides["recipients"],
            speaker,
            date,
            place,
            core,
            note,
            said=frozenset(name for name in FIELDS if name in data),
            meta=meta,
        )

    def parties(
        self, data: Mapping[str, Any], side: str, at: str, texts: Mapping[Part, str | None]
    ) -> tuple[Span, ...]:
        value = data.get(side, [])
        if not isinstance(value, list):
            self.wrong(f"{at}.{side}", f"it is {_kind(value)}; give a list, empty for nobody")
            return ()
        found = [
            self.span(item, f"{at}.{side}[{n}]", texts, party=True, needed=True)
            for n, item in enumerate(value)
        ]
        return tuple(item for item in found if item is not None)

    def span(
        self,
        data: object,
        at: str,
        texts: Mapping[Part, str | None],
        *,
        party: bool,
        placed: bool = False,
        needed: bool = False,
    ) -> Span | None:
        """Words and where they stand. ``placed``: they must stand somewhere."""
        if data is None and not needed:
            return None
        if not isinstance(data, Mapping):
            self.wrong(at, f"it is {_kind(data)}; give an object with text, start and end")
            return None
        self.known(data, _PARTY if party else _SPAN, at)
        part = data.get("part", "text")
        if part not in get_args(Part):
            self.wrong(f"{at}.part", f"{part!r} is no part; write text or title")
            return None
        start: Any = data.get("start")
        end: Any = data.get("end")
        said = data.get("text")
        if said is not None and not isinstance(said, str):
            self.wrong(f"{at}.text", f"it is {_kind(said)}; give a string")
            return None
        holder = texts[part]
        if start is None and end is None:
            if placed:
                self.wrong(f"{at}.start", "missing; give the offset of the first character")
                return None
            start = end = None
        elif not all(isinstance(x, int) and not isinstance(x, bool) for x in (start, end)):
            self.wrong(f"{at}.start", "start and end must both be whole numbers")
            return None
        elif holder is None:
            self.wrong(f"{at}.part", "this document has no title")
            return None
        elif not 0 <= start < end <= len(holder):
            self.wrong(
                f"{at}.start",
                f"{start} to {end} lies outside the {part} ({len(holder)} characters)",
            )
            return None
        elif said is not None and holder[start:end] != said:
            self.wrong(f"{at}.text", _misplaced(holder, said, start, end, part))
            return None
        if said is None and start is not None and holder is not None:
            said = holder[start:end]
        if not said:
            self.wrong(f"{at}.text", "missing; give the words, or start and end")
            return None
        country = self.string(data, "country", at) if party else None
        if country is not None and not _COUNTRY.fullmatch(country):
            self.wrong(
                f"{at}.country",
                f"{country!r} is no code; write three capital letters (KEN, UNO, IGO), or null",
            )
        sector = self.string(data, "sector", at) if party else None
        if sector is not None:
            from whowhom.model import SECTORS

            if sector not in SECTORS:
                self.wrong(f"{at}.sector", _not_known(sector, SECTORS))
        name = self.string(data, "name", at) if party else None
        return Span(said, start, end, part, country, sector, name)

    def string(
        self,
        data: Mapping[str, Any],
        name: str,
        at: str,
        *,
        needed: bool = False,
        empty: bool = False,
    ) -> str | None:
        value = data.get(name)
        where = f"{at}.{name}" if at else name
        if value is None:
            if needed:
                self.wrong(where, "missing")
            return None
        if not isinstance(value, str):
            self.wrong(where, f"it is {_kind(value)}; give a string")
            return None
        if not value and needed and not empty:
            self.wrong(where, "it is empty")
        return value if value or empty else None

    def meta(self, data: Mapping[str, Any], at: str) -> Mapping[str, Any]:
        value = data.get("meta", {})
        if isinstance(value, Mapping):
            return dict(value)
        self.wrong(f"{at}.meta" if at else "meta", f"it is {_kind(value)}; give an object")
        return {}

    def day(self, value: object) -> dt.date | None:
        if value is None:
            return None
        if isinstance(value, str):
            with contextlib.suppress(ValueError):
                return dt.date.fromisoformat(value[:10])
        self.wrong("published", f"{value!r} is no day; write 2014-03-02")
        return None

    def type(self, value: object, at: str, *, needed: bool = False) -> str | None:
        if value is None and not needed:
            return None
        if not isinstance(value, str) or not value:
            self.wrong(at, "missing" if value is None else f"it is {_kind(value)}; give a string")
            return None
        if not _TYPE.fullmatch(value):
            self.wrong(at, f"{value!r} is no type; types are capitals, digits, - and _")
            return None
        if self.book is not None and value not in self.book.types:
            from whowhom.codebook.loading import SHIPPED

            own = "" if self.book.name != SHIPPED else " (types of your own: --codebook FOLDER)"
            self.wrong(at, _not_known(value, self.book.types, "type") + own)
            return None
        return value

    def mode(self, type_: str | None, mode: str | None, at: str) -> None:
        if self.book is None or type_ is None or mode is None:
            return
        modes = self.book.types[type_].modes
        if mode not in modes:
            self.wrong(at, f"{type_} has no mode {mode!r}: {', '.join(modes) or 'it has none'}")

    def one_of(self, value: object, options: Sequence[str], at: str) -> str | None:
        if value is None or value in options:
            return value  # type: ignore[return-value] # an option is a string
        self.wrong(at, _not_known(value, options))
        return None

    def known(self, data: Mapping[str, Any], names: Collection[str], at: str) -> None:
        for name in data:
            if name not in names:
                where = f"{at}.{name}" if at else str(name)
                self.wrong(where, _not_known(name, names, "field") + " (or put it under meta)")


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}
    if value is None:
        return "null"
    return names.get(type(value), "a number")


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        dt.date.fromisoformat((text + "-01-01")[:10])
    except ValueError:
        return False
    return True


def _not_known(value: object, options: Collection[str], what: str = "value") -> str:
    near = difflib.get_close_matches(str(value), [str(o) for o in options], 1, 0.6)
    if near:
        return f"{value!r} is not known. Did you mean {near[0]}?"
    listed = sorted(map(str, options))
    shown = ", ".join(listed[:20]) + (", ..." if len(listed) > 20 else "")
    return f"{value!r} is no {what} here; there are {shown}"


def _misplaced(holder: str, said: str, start: int, end: int, part: str) -> str:
    there = holder[start:end]
    near = holder.find(said, max(0, start - 200))
    hint = f"; it stands at {near}" if near >= 0 else f"; it is nowhere in the {part}"
    return f"{said[:60]!r}, but the {part} has {there[:60]!r} at {start}{hint}"
