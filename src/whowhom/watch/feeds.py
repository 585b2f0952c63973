"""Feeds: the list of them, and what each names. Bytes are parsed by :mod:`whowhom.read.feed`."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from whowhom.errors import InputError, UsageError
from whowhom.model import Document
from whowhom.read.dates import parse_date
from whowhom.read.decode import declared, decode
from whowhom.read.feed import feed_items, parse_feed
from whowhom.read.html import plain_text
from whowhom.read.record import Context, hash_id
from whowhom.read.words import load
from whowhom.settings import WatchSettings
from whowhom.watch.address import Gate, NotFetched

PERIODS = {"hourly": 3600.0, "daily": 86_400.0, "weekly": 604_800.0, "monthly": 2_592_000.0}
"""Of the syndication module, as seconds; yearly is over every bound."""
_WEB = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Words:
    """``data/watch.toml``, typed; everything in lower case."""

    tracking: frozenset[str]
    tracking_starts: tuple[str, ...]
    cut: tuple[str, ...]
    tail: tuple[str, ...]
    wall: tuple[str, ...]


@functools.cache
def words() -> Words:
    data = load("watch.toml")
    names = data["tracking"]["names"]
    return Words(
        tracking=frozenset(n for n in names if not n.endswith("*")),
        tracking_starts=tuple(n[:-1] for n in names if n.endswith("*")),
        cut=tuple(data["feed"]["cut"]),
        tail=tuple(data["feed"]["tail"]),
        wall=tuple(data["wall"]["words"]),
    )


# ------------------------------------------------------------------- the list of feeds
def feed_list(given: Sequence[str], gate: Gate) -> list[str]:
    """The addresses of feeds that some arguments name, each once, in their order. An argument
    is an address, or a file: one address a line (``#`` begins a comment), or OPML.

    Raises:
        UsageError: an address may not be fetched, or a file cannot be read or holds none.
    """
    found: dict[str, None] = {}
    for argument in given:
        if _WEB.match(argument):
            rows = [("FEED", argument)]
        elif re.match(r"[a-z][a-z0-9+.-]*://", argument, re.IGNORECASE):
            raise UsageError(
                "only http: and https: are fetched", where=argument, do="whowhom code reads files."
            )
        else:
            rows = list(_from_file(Path(argument), gate.settings.max_list_bytes))
        for where, url in rows:
            try:
                found[gate.address(url.partition("#")[0]).url] = None
            except NotFetched as error:
                raise UsageError(f"{error.what} ({error.where})", where=where) from error
    return list(found)


def _from_file(path: Path, limit: int) -> Iterator[tuple[str, str]]:
    """Place and address of each feed in a file."""
    name = str(path)
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"cannot be read: {why.lower()}", where=name, do="FEED is an address or a file."
        ) from error
    if len(data) > limit:
        raise UsageError(f"it has more than {limit:,} bytes", where=name)
    try:
        text = decode(data, declared(data)).text
    except InputError as error:
        raise UsageError(error.what, where=name) from error
    rows = list(_opml(text, name) if text.lstrip("\ufeff \t\r\n").startswith("<") else _lines(text))
    if not rows:
        raise UsageError("it names no feed", where=name, do="Write one address a line.")
    for place, url in rows:
        if not _WEB.match(url):
            raise UsageError(
                f"{url[:80]!r} is no web address", where=f"{name}, {place}", do="Write https://..."
            )
        yield f"{name}, {place}", url


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        bare = re.split(r"(?:^|\s)#", line.strip("\ufeff"), maxsplit=1)[0].strip()
        if bare:
            yield f"line {number}", bare


def _opml(text: str, name: str) -> Iterator[tuple[str, str]]:
    if "<!ENTITY" in text.upper():
        raise UsageError("its document type declares entities", where=name)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text).encode(), parser)
    except etree.XMLSyntaxError as error:
        raise UsageError(f"it is no XML ({error.msg})", where=name) from error
    if not isinstance(root.tag, str) or root.tag.lower() != "opml":
        raise UsageError(
            f"it is no list of feeds but <{str(root.tag)[:40]}>",
            where=name,
            do="Give OPML, a text file, or the feed's address; whowhom code reads a feed's file.",
        )
    for node in root.iter("outline"):
        for key, value in node.attrib.items():
            if key.lower() == "xmlurl" and value.strip():
                yield f"line {node.sourceline}", value.strip()


# ------------------------------------------------------------------------ what it names
@dataclass(frozen=True, slots=True)
class Entry:
    """An item of a feed. ``id`` is what its article is known by: the address without what only
    tells where a reader came from. ``own``: the document that the feed's own text makes, None
    where it has no text."""

    id: str
    link: str
    title: str | None
    published: str | None  # ISO day
    own: Document | None
    full: bool


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as it was read. ``every``: seconds that it asks to be left alone for."""

    title: str
    every: float
    entries: tuple[Entry, ...]
    notes: tuple[str, ...]


def read_feed_bytes(
    data: bytes, url: str, base: str, context: Context, settings: WatchSettings
) -> Feed:
    """What the bytes of a feed name, each article once.

    Args:
        url: the feed's name in the ledger.
        base: the address that it came from, for relative links.

    Raises:
        InputError: they are no feed, or one that is not read (entities, depth, size).
    """
    parsed = parse_feed(data, url, context)
    found: dict[str, Entry] = {}
    raw = parsed.parsed
    for entry, item in zip(raw.entries, feed_items(parsed, url, context), strict=False):
        document = item if isinstance(item, Document) else None
        made = _entry(entry, document, base, settings)
        if made is not None:
            found.setdefault(made.id, made)
    head = raw.feed
    return Feed(
        title=plain_text(str(head.get("title") or ""))[:200].strip(),
        every=_every(head),
        entries=tuple(found.values()),
        notes=parsed.notes,
    )


def _entry(
    entry: Any, document: Document | None, base: str, settings: WatchSettings
) -> Entry | None:
    link = str(entry.get("feedburner_origlink") or entry.get("link") or "").strip()
    if link:
        with contextlib.suppress(ValueError):
            link = urljoin(base, link)
        link = link.partition("#")[0]
    title = plain_text(str(entry.get("title") or "")).strip() or None
    guid = str(entry.get("id") or "").strip()
    if not link and not guid and document is None:
        return None  # an empty item names nothing
    published = parse_date(entry.get("published") or entry.get("updated"))[0]
    if document is not None and any("headline_only" in note for note in document.source.notes):
        document = None
    own = document.text if document is not None else ""
    name = article_id(link) if link else guid or hash_id(title, own)
    day = published.isoformat() if published else None
    return Entry(name[:2000], link[:2000], title, day, document, is_full(own, settings))


def article_id(link: str) -> str:
    """An article's address as its id: without fragment and without tracking parameters."""
    bare, _, _ = link.partition("#")
    head, mark, query = bare.partition("?")
    scheme, colon, rest = head.partition("://")
    if colon:
        host, slash, path = rest.partition("/")
        head = f"{scheme.lower()}://{host.lower()}{slash or '/'}{path}"
    if not mark:
        return head
    known = words()
    kept = [
        part
        for part in query.split("&")
        if (name := part.partition("=")[0].lower()) not in known.tracking
        and not name.startswith(known.tracking_starts)
    ]
    return head + ("?" + "&".join(kept) if any(kept) else "")


def is_full(text: str, settings: WatchSettings) -> bool:
    """Whether a feed's text can be the whole article: long, and not cut off."""
    if len(text) < settings.full_text_characters:
        return False
    known = words()
    end = " ".join(text[-300:].split()).lower()
    for tail in known.tail:  # "The post X appeared first on Y." stands after the text's own end
        at = end.rfind("the post ", 0, end.rfind(tail) + 1) if tail in end else -1
        if at >= 0:
            end = end[:at].rstrip()
    return not (end.endswith(known.cut) or end.rstrip(" .").endswith(known.cut))


def _every(head: Mapping[str, Any]) -> float:
    """Seconds between two looks that a feed asks for, 0 where it does not ask."""
    wishes = [0.0]
    ttl = str(head.get("ttl") or "").strip()
    if ttl.isascii() and ttl.isdigit() and len(ttl) < 8:
        wishes.append(int(ttl) * 60.0)
    period = PERIODS.get(str(head.get("sy_updateperiod") or "").strip().lower())
    if period:
        times = str(head.get("sy_updatefrequency") or "1").strip()
        number = int(times) if times.isascii() and times.isdigit() and len(times) < 6 else 1
        wishes.append(period / max(1, number))
    return max(wishes)
