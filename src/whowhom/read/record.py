"""From the parts that a reader found to a :class:`Document`, or to a reason why not."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from whowhom.model import Document, Genre, Skipped, Source
from whowhom.read.dates import parse_date
from whowhom.read.decode import clean, one_line
from whowhom.read.genre import genre_of
from whowhom.read.language import other_language
from whowhom.read.words import inputs
from whowhom.settings import DEFAULT, Settings

_SEPARATORS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Defaults:
    """What to take where a document does not say: date, outlet and genre."""

    published: dt.date | None = None
    outlet: str | None = None
    genre: Genre | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What every reader is given: the user's defaults and the limits."""

    defaults: Defaults = Defaults()
    settings: Settings = DEFAULT


@dataclass(frozen=True, slots=True)
class Record:
    """A document's parts as they stood in the file, unchecked."""

    text: object
    title: object = None
    published: object = None
    outlet: object = None
    url: object = None
    id: object = None
    genre: object = None


Item = Document | Skipped


def field_key(name: object) -> str:
    """A field's name as it is compared: lower case, words joined by ``_``."""
    return _SEPARATORS.sub("_", str(name).casefold()).strip("_")


def _given(value: object) -> bool:
    """False for null, NaN and blank strings."""
    if value is None or (isinstance(value, float) and value != value):
        return False
    return not (isinstance(value, str) and not value.strip())


def roles(names: list[str]) -> dict[str, list[int]]:
    """For each role the columns that may fill it, best first."""
    keys = [field_key(name) for name in names]
    exact = {name.strip().casefold(): i for i, name in reversed(list(enumerate(names)))}
    places = {key: i for i, key in reversed(list(enumerate(keys)))}
    return {
        role: [
            place
            for known in candidates
            if (place := exact.get(known, places.get(known))) is not None
        ]
        for role, candidates in inputs().fields.items()
        if role != "collection"
    }


def from_mapping(row: Mapping[Any, Any]) -> Record:
    """The record in a JSON object or another mapping; unknown fields are ignored."""
    names = [str(name) for name in row]
    values = list(row.values())
    found = {
        role: next((values[i] for i in places if _given(values[i])), None)
        for role, places in roles(names).items()
    }
    if isinstance(outlet := found["outlet"], Mapping):  # {"source": {"name": ...}}
        found["outlet"] = outlet.get("name") or outlet.get("title")
    return Record(**found)


def _text(value: object) -> str | None:
    """A number or string as one line of text, None for anything else."""
    if isinstance(value, bool) or not _given(value):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int | float | str):
        return one_line(str(value)) or None
    return None


def _title(value: object, notes: list[str], limit: int) -> str | None:
    if isinstance(value, str) and len(value) > limit and len(one_line(value, limit + 1)) > limit:
        notes.append(f"title_too_long: {len(value)} characters, the first {limit} are kept")
        return one_line(value, limit) or None
    return _text(value)


def _genre_words(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (one_line(value),)
    if isinstance(value, list | tuple):
        return tuple(one_line(v) for v in value[:20] if isinstance(v, str))
    return ()


def hash_id(title: str | None, text: str) -> str:
    """The id of a document that has none: the same words give the same id."""
    return "sha256:" + Document("", text, title).sha256[:16]


def build(record: Record, source: Source, context: Context) -> Item:
    """The document, or why it is none.

    ``id``: the given one, else the address, else a hash of title and text. The genre is
    the given one, else the user's default, else what address, title and words show.
    """
    settings, defaults = context.settings, context.defaults
    notes = list(source.notes)
    url = _url(record.url, notes)
    given = _identity(record.id, notes, settings.max_id_characters) or url
    if not isinstance(record.text, str):
        missing = record.text is None
        return Skipped(
            source,
            "bad_record",
            "there is no text" if missing else f"the text is no string but {kind(record.text)}",
            given,
        )
    if len(record.text) > settings.max_file_bytes:
        return Skipped(
            source,
            "too_large",
            f"the text has {len(record.text)} characters; the limit is {settings.max_file_bytes}",
            given,
        )
    text = clean(record.text)
    if not text.strip():
        return Skipped(source, "empty", "the text is empty", given)
    title = _title(record.title, notes, settings.max_title_characters)
    if foreign := other_language(title, text, settings):
        return Skipped(replace(source, notes=tuple(notes)), "other_language", foreign, given)
    if len(text) > settings.max_document_characters:
        notes.append(
            f"text_too_long: {len(text)} characters, "
            f"the first {settings.max_document_characters} are coded"
        )
    published, note = parse_date(record.published, settings.max_date_characters)
    if note:
        notes.append(note)
    genre = genre_of(_genre_words(record.genre), url, title, text, defaults.genre)
    return Document(
        id=given or hash_id(title, text),
        text=text,
        title=title,
        outlet=_text(record.outlet) or defaults.outlet,
        url=url,
        published=published or defaults.published,
        genre=genre,
        source=replace(source, notes=tuple(map(one_line, notes))),
    )


def by_place(skipped: Skipped) -> Skipped:
    """Known by its place alone; the id that it claims becomes a note.

    A store keeps the newest row of each id: a broken row with the id of a document that was
    read would take that document's events away.
    """
    if skipped.document_id is None:
        return skipped
    notes = (*skipped.source.notes, f"id: {skipped.document_id}")
    return replace(skipped, source=replace(skipped.source, notes=notes), document_id=None)


def kind(value: object) -> str:
    """What a value of JSON is, in words."""
    kinds = {
        type(None): "null",
        str: "a string",
        bool: "true or false",
        int: "a number",
        float: "a number",
        Decimal: "a number",
        list: "a list",
        dict: "an object",
    }
    return kinds.get(type(value), type(value).__name__)


def _url(value: object, notes: list[str]) -> str | None:
    """A web address; other schemes (``javascript:``) are not passed on."""
    url = _text(value)
    if url is None:
        return None
    if re.match(r"https?://\S+$", url, re.IGNORECASE):
        return url
    notes.append(f"address_ignored: {url[:60]!r}")
    return None


def _identity(value: object, notes: list[str], limit: int) -> str | None:
    if isinstance(value, Decimal):
        value = str(value)
    if isinstance(value, str) and len(value) > limit:
        notes.append(f"id_too_long: {len(value)} characters")
        return "sha256:" + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return _text(value)
