"""From a fetched page to a document, with the feed's date, title and text where it has none."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

from whowhom.errors import InputError
from whowhom.model import Document, Skipped, Source
from whowhom.read.decode import declared, decode
from whowhom.read.html import from_page
from whowhom.read.record import Context, Defaults, Record, build
from whowhom.read.words import inputs
from whowhom.settings import Settings, WatchSettings
from whowhom.watch.feeds import Entry, words
from whowhom.watch.fetch import Answer
from whowhom.watch.state import Waiting

ACCEPT = "text/html, application/xhtml+xml, text/plain;q=0.5"
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)


def from_answer(
    answer: Answer,
    article: str,
    row: Waiting,
    source: Source,
    outlet: str | None,
    settings: Settings,
    limits: WatchSettings,
    entry: Entry | None,
) -> Document | Skipped:
    """The article's document, or why its page gives none.

    Args:
        article: its id.
        source: the feed and the link, for the ledger.
        outlet: who publishes it where the page does not say.
        entry: what the feed has of it, where it was read in this poll.
    """
    media = answer.media
    if media and media not in (*inputs().warc["html"], *inputs().warc["text"]):
        return Skipped(source, "not_html", f"its type is {media[:60]!r}", article)
    body = answer.body
    if not body.strip():
        return Skipped(source, "empty", "the page is empty", article)
    found = _CHARSET.search(answer.headers.get("content-type", ""))
    try:
        decoded = decode(body, found[1] if found else declared(body))
    except InputError as error:
        return Skipped(source, error.reason, error.what, article)
    context = Context(_defaults(row, entry, outlet), settings)
    if media in inputs().warc["text"]:
        item = build(
            Record(decoded.text, url=answer.address.url),
            dataclasses.replace(source, encoding=decoded.encoding),
            context,
        )
    else:
        item = from_page(decoded, source, context, answer.address.url)
    if isinstance(item, Skipped):
        return dataclasses.replace(item, document_id=article)
    if is_wall(item.text, decoded.text, limits):
        return Skipped(source, "paywall", "the page shows only the beginning of it", article)
    return _named(item, article, row)


def from_feed(
    entry: Entry, article: str, row: Waiting, source: Source, outlet: str | None, why: str
) -> Document | None:
    """The document of the feed's own text, None where that is not the whole article."""
    own = entry.own
    if own is None or not entry.full:
        return None
    notes = (*own.source.notes, f"text_of_feed: {why}")
    own = dataclasses.replace(
        own,
        outlet=own.outlet or outlet,
        source=dataclasses.replace(source, encoding=own.source.encoding, notes=notes),
    )
    return _named(own, article, row)


def is_wall(text: str, page: str, settings: WatchSettings) -> bool:
    """Whether a page shows only the beginning of an article: little text, and words of a wall.

    ``text``: the words that were found; ``page``: all of its HTML.
    """
    if len(text) >= settings.wall_characters:
        return False
    if re.search(r"\"isAccessibleForFree\"\s*:\s*\"?false", page, re.IGNORECASE):
        return True
    low = " ".join(text.split()).lower()
    return any(word in low for word in words().wall)


def _defaults(row: Waiting, entry: Entry | None, outlet: str | None) -> Defaults:
    published = None
    if row.published:
        published = dt.date.fromisoformat(row.published)
    genre = entry.own.genre if entry is not None and entry.own is not None else None
    return Defaults(published, outlet, genre if genre != "report" else None)


def _named(document: Document, article: str, row: Waiting) -> Document:
    return dataclasses.replace(document, id=article, title=document.title or row.title)
