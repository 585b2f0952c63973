"""Feeds: RSS and Atom. An item's content (or summary) is a document.

feedparser is given bytes in a buffer, never a string: a string it would open as a file
or as an address. A document type with entities is refused before any parser sees it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from whowhom.errors import InputError
from whowhom.model import Skipped, Source
from whowhom.read.decode import declared, decode
from whowhom.read.html import plain_text
from whowhom.read.record import Context, Item, Record, build
from whowhom.read.unpack import read_up_to
from whowhom.settings import Settings

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_CDATA = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)", re.DOTALL)
_TAG = re.compile(r"<(/?)[A-Za-z][^<>]*?(/?)>")
_OPEN = re.compile(r"""[A-Za-z](?:[^<>"']|"[^"<]*"|'[^'<]*')*+""")
_GIVEN = re.compile(r"""=\s*["']?""")
_END = re.compile(r"</(?:rss|feed|rdf:rdf|channel)\s*>\s*(?:<!--.*?-->\s*)?\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A feed as feedparser has it. ``whole``: it has an end, or is well-formed."""

    parsed: Any
    encoding: str
    notes: tuple[str, ...]
    whole: bool


def read_feed(stream: BinaryIO, file: str, context: Context) -> Iterator[Item]:
    """A document or a reason for each item.

    Raises:
        InputError: ``entities``, ``too_deep``, ``not_a_feed``, ``empty``, ``too_large``.
    """
    feed = parse_feed(read_up_to(stream, context.settings.max_file_bytes), file, context)
    yield from feed_items(feed, file, context)
    if feed.whole and not feed.parsed.entries:
        raise InputError("the feed has no items", where=file, reason="empty")


def parse_feed(data: bytes, file: str, context: Context) -> Parsed:
    """The bytes of a feed, parsed; ``file`` names them in errors.

    Raises:
        InputError: as :func:`read_feed`; a feed without items is one.
    """
    import feedparser  # takes 0.1 s to import: only who reads feeds pays

    if not data.strip():
        raise InputError("the file is empty", where=file, reason="empty")
    decoded = decode(data, declared(data))
    text = _DECLARATION.sub("", decoded.text, count=1)
    _check(text, file, context.settings)
    try:
        feed = feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            # its sanitiser takes long with deep elements, and nothing of the markup is kept
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:  # it promises never to raise; that is not relied on
        raise InputError(
            f"the feed cannot be read ({type(error).__name__})", where=file, reason="damaged"
        ) from error
    if not feed.get("version") and not feed.entries:
        raise InputError(
            "this is not a feed", where=file, reason="not_a_feed", do="Give RSS or Atom"
        )
    notes = decoded.notes
    if feed.get("bozo"):
        notes = (*notes, f"feed_not_well_formed: {str(feed.get('bozo_exception'))[:120]}")
    whole = not feed.get("bozo") or bool(_END.search(text[-2000:]))
    return Parsed(feed, decoded.encoding, notes, whole)


def feed_items(feed: Parsed, file: str, context: Context) -> Iterator[Item]:
    """A document or a reason for each entry, in their order, and one more where it is cut off."""
    outlet = feed.parsed.feed.get("title")
    for number, entry in enumerate(feed.parsed.entries, 1):
        source = Source(file, f"item {number}", feed.encoding, feed.notes)
        try:
            yield _item(entry, outlet, source, context)
        except InputError as error:
            yield Skipped(source, error.reason, error.what)
    if not feed.whole:
        yield Skipped(
            Source(file, f"after item {len(feed.parsed.entries)}", feed.encoding),
            "cut",
            "the feed has no end: the file is cut off, its last item may be incomplete",
        )


def _check(text: str, file: str, settings: Settings) -> None:
    if "<!ENTITY" in text.upper():
        raise InputError(
            "its document type declares entities, which can grow without bound",
            where=file,
            reason="entities",
            do="Take the declaration out if you trust it",
        )
    if (marks := text.count("<")) > settings.max_feed_marks:
        raise InputError(
            f"it has {marks} signs '<', the limit is {settings.max_feed_marks}",
            where=file,
            reason="too_large",
        )
    limit = settings.max_feed_depth
    depth = deepest = 0
    for found in _TAG.finditer(_CDATA.sub("", text)):
        if found[1]:
            depth -= 1
        elif not found[2]:
            depth += 1
            deepest = max(deepest, depth)
    most = max(map(_attributes, text.split("<")), default=0)
    if most > settings.max_element_attributes:
        raise InputError(
            f"an element has {most} attributes, the limit is {settings.max_element_attributes}",
            where=file,
            reason="too_large",
        )
    if deepest > limit:
        raise InputError(
            f"its elements are nested {deepest} deep, the limit is {limit}",
            where=file,
            reason="too_deep",
        )


def _attributes(piece: str) -> int:
    """Attributes of the tag with which a piece between two ``<`` begins."""
    if piece.count("=") < 100:  # nearly all
        return 0
    found = _OPEN.match(piece)
    return len(_GIVEN.findall(found[0])) if found else 0


def _item(entry: Any, outlet: object, source: Source, context: Context) -> Item:
    contents = [c.get("value") for c in entry.get("content") or () if c.get("value")]
    body = plain_text(max(contents, key=len) if contents else entry.get("summary") or "")
    title = plain_text(entry.get("title") or "") or None
    notes = source.notes
    if not body.strip() and title:
        body, title = title, None
        notes = (*notes, "headline_only: the item has no text but its title")
    link = entry.get("link")
    name = outlet if isinstance(outlet, str) else None
    given = entry.get("source")
    if given and given.get("title"):  # an aggregator names the outlet that it took the item from
        name = given.get("title")
    return build(
        Record(
            text=body,
            title=title,
            published=entry.get("published") or entry.get("updated") or entry.get("created"),
            outlet=plain_text(name) if name else None,
            url=link,
            id=entry.get("id"),
            genre=[tag.get("term") for tag in entry.get("tags") or () if tag.get("term")],
        ),
        Source(source.file, source.locator, source.encoding, notes),
        context,
    )
