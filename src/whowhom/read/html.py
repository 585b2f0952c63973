"""HTML: the article's words, and what the page says about itself.

One linear pass with libxml2's event parser measures the page and collects its
metadata and its plain words. trafilatura, the best open extractor (F 0.92), then finds the
article, but only in pages small enough: it takes time with the square of attributes
and paragraphs (100,000 attributes took 57 s), and from 255 nested elements on
libxml2's tree loses text without a word. Other pages give their plain words.
"""

from __future__ import annotations

import functools
import json
import logging
import re
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from lxml import etree

from whowhom.errors import InputError
from whowhom.model import Skipped, Source
from whowhom.read.decode import Decoded, declared, decode, one_line
from whowhom.read.record import Context, Item, Record, build
from whowhom.read.unpack import read_up_to
from whowhom.read.words import inputs
from whowhom.settings import DEFAULT, Settings

FEED = 65_536

_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_BLANKS = re.compile(r"[ \t\xa0]+")
_PATH_DATE = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?:/|-|$)")
_TITLE_TAIL = re.compile(r"\s+[|–—·»-]\s+[^|–—·»]{2,40}$")


@dataclass(slots=True)
class Page:
    """What the pass over a page collects."""

    meta: dict[str, str] = field(default_factory=dict)
    title: str = ""
    headings: list[str] = field(default_factory=list)
    canonical: str = ""
    times: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)  # JSON-LD
    text: str = ""  # the plain words, a line a block
    depth: int = 0
    elements: int = 0
    attributes: int = 0
    most_attributes: int = 0
    broken: bool = False  # the parser stopped before the end
    too_deep: bool = False  # ... since the elements are nested too deeply for it


@functools.cache
def _kinds() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    table = inputs().html
    return frozenset(table["silent"]), frozenset(table["inline"]), frozenset(table["void"])


class _Collector:
    """The target of libxml2's events: no tree is built, depth costs nothing."""

    def __init__(self) -> None:
        self.page = Page()
        self._open: list[str] = []
        self._silent = 0
        self._silent_names, self._inline, self._void = _kinds()
        self._parts: list[str] = []
        self._capture: list[str] | None = None  # text of title, h1 or JSON-LD

    def start(self, tag: str, attributes: Any) -> None:
        page = self.page
        page.elements += 1
        page.attributes += len(attributes)
        page.most_attributes = max(page.most_attributes, len(attributes))
        self._open.append(tag)
        page.depth = max(page.depth, len(self._open))
        if tag in self._silent_names:
            self._silent += 1
        if tag not in self._inline:
            self._parts.append("\n")
        if tag == "meta":
            name = (
                attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
            )
            if name and attributes.get("content"):
                page.meta.setdefault(name.strip().lower(), attributes["content"])
        elif tag == "link" and "canonical" in (attributes.get("rel") or "").lower():
            page.canonical = page.canonical or (attributes.get("href") or "")
        elif tag == "time" and attributes.get("datetime"):
            page.times.append(attributes["datetime"])
        elif tag in ("title", "h1") or (
            tag == "script" and "ld+json" in (attributes.get("type") or "").lower()
        ):
            self._capture = []

    def data(self, text: str) -> None:
        if self._capture is not None:
            self._capture.append(text)
        if not self._silent:
            self._parts.append(text)

    def end(self, tag: str) -> None:
        if self._open:
            self._open.pop()
        if tag in self._silent_names:
            self._silent -= 1
        if tag not in self._inline:
            self._parts.append("\n")
        if tag in ("title", "h1", "script") and self._capture is not None:
            words, self._capture = "".join(self._capture), None
            if tag == "h1":
                self.page.headings.append(one_line(words))
            elif tag == "script":
                self.page.linked.append(words)
            else:
                self.page.title = self.page.title or one_line(words)

    def comment(self, text: str) -> None:
        pass

    def close(self) -> Page:
        lines = (" ".join(line.split()) for line in "".join(self._parts).split("\n"))
        self.page.text = "\n".join(line for line in lines if line)
        return self.page


def scan(text: str) -> Page:
    """One linear pass over a page: its measures, its metadata, its plain words."""
    collector = _Collector()
    parser = etree.HTMLParser(target=collector, huge_tree=True, no_network=True)
    body = _XML_DECLARATION.sub("", text, count=1).replace("\0", " ")
    try:
        for start in range(0, len(body), FEED):
            parser.feed(body[start : start + FEED])
        page: Page = parser.close()
    except (etree.LxmlError, ValueError, AssertionError):
        page = collector.close()
        page.broken = bool(body.strip())
    # libxml2 stops at 2,048 levels, keeps what it had and tells only the log
    levels = etree.ErrorLevels
    if any(
        entry.level == levels.FATAL and "depth" in entry.message.lower()
        for entry in parser.error_log
    ):
        page.broken = page.too_deep = True
    return page


def plain_text(markup: str) -> str:
    """The words of a piece of HTML, a line a block; text without markup stays as it is.

    Raises:
        InputError: ``too_deep``, where words would be lost.
    """
    if "<" not in markup and "&" not in markup:
        return markup
    page = scan(markup)
    if page.too_deep:
        raise InputError("its elements are nested too deeply to be read", reason="too_deep")
    return page.text


def _harmless(page: Page, text: str, settings: Settings) -> bool:
    return (
        page.depth <= settings.max_html_depth
        and page.elements <= settings.max_html_elements
        and page.attributes <= settings.max_html_attributes
        and page.most_attributes <= settings.max_element_attributes
        and len(text) <= settings.max_html_characters
    )


def _article(text: str) -> str | None:
    """The article's words as trafilatura finds them, None where it finds none."""
    import trafilatura  # takes 0.3 s to import: only who reads HTML pays

    # else its warnings about odd pages go to standard error; who sets up logging still has them
    logger = logging.getLogger("trafilatura")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    try:
        found = trafilatura.extract(
            _XML_DECLARATION.sub("", text, count=1).replace("\0", " "),
            output_format="txt",
            include_comments=False,
            include_tables=True,
            include_formatting=False,
            include_links=False,
            with_metadata=False,
            deduplicate=False,
        )
    except Exception:  # whatever it raises on the wild web, the plain words remain
        return None
    return found if isinstance(found, str) and found.strip() else None


def extract(text: str, notes: list[str], settings: Settings = DEFAULT) -> tuple[str, Page]:
    """A page's article (or plain words) and what was collected about the page.

    Raises:
        InputError: ``no_text`` or ``too_deep``.
    """
    page = scan(text)
    if page.broken:
        raise InputError(
            "its elements are nested too deeply to be read", reason="too_deep", do="Give its text"
        )
    article = None
    if _harmless(page, text, settings):
        article = _article(text)
        if article is None:
            notes.append("no_article_found: the page's plain text was taken")
    else:
        notes.append(
            f"page_too_complex: {page.depth} levels, {page.elements} elements, "
            f"{page.attributes} attributes; the page's plain text was taken"
        )
    words = article or page.text
    if not words.strip():
        raise InputError(
            "the page holds no text", reason="no_text", do="Check that it is an article"
        )
    return words, page


def _linked(page: Page, notes: list[str], settings: Settings) -> dict[str, Any]:
    """The article's object in the page's JSON-LD, empty where there is none."""
    limit = settings.max_linked_data_characters
    for block in page.linked[:20]:
        if len(block) > limit:
            notes.append(f"linked_data_too_long: {len(block)} characters, the limit is {limit}")
            continue
        try:
            data = json.loads(block, strict=False)
        except (ValueError, RecursionError):
            continue
        queue: list[Any] = [data]
        for _ in range(200):  # a page's graph has some dozens of nodes
            if not queue:
                break
            node = queue.pop(0)
            if isinstance(node, list):
                queue.extend(node)
            elif isinstance(node, dict):
                if "datePublished" in node or "headline" in node:
                    return node
                queue.extend(v for k, v in node.items() if k in ("@graph", "mainEntity"))
    return {}


def _first(page: Page, role: str) -> str | None:
    return next((page.meta[name] for name in inputs().html[role] if page.meta.get(name)), None)


def _name(value: object) -> object:
    if isinstance(value, list) and value:
        value = value[0]
    return value.get("name") if isinstance(value, dict) else value


def record(
    text: str, page: Page, url: str | None, notes: list[str], settings: Settings = DEFAULT
) -> Record:
    """The record of a page: the article with the page's own title, date, outlet and address."""
    linked = _linked(page, notes, settings)
    headline = linked.get("headline")
    title = _first(page, "title") or (headline if isinstance(headline, str) else None)
    if not title and len(page.headings) == 1:
        title = page.headings[0]
    title = title or _TITLE_TAIL.sub("", page.title) or None
    address = url or next(
        (u for u in (page.canonical, _first(page, "url")) if u and u.lower().startswith("http")),
        None,
    )
    published = linked.get("datePublished") or _first(page, "published")
    if not published and len(set(page.times)) == 1:  # several: which is the article's?
        published = page.times[0]
    if not published and address and (found := _PATH_DATE.search(address)):
        published = "-".join(found.groups())
        notes.append("date_from_address")
    return Record(
        text=text,
        title=title,
        published=published,
        outlet=_name(linked.get("publisher")) or _first(page, "outlet"),
        url=address,
        genre=_first(page, "genre") or linked.get("articleSection"),
    )


def from_page(decoded: Decoded, source: Source, context: Context, url: str | None = None) -> Item:
    """A document from a decoded page, or why there is none."""
    notes = list(source.notes) + list(decoded.notes)
    try:
        words, page = extract(decoded.text, notes, context.settings)
        made = record(words, page, url, notes, context.settings)
    except InputError as error:
        where = Source(source.file, source.locator, decoded.encoding, tuple(notes))
        return Skipped(where, error.reason, str(error), url)
    where = Source(source.file, source.locator, decoded.encoding, tuple(notes))
    return build(made, where, context)


def read_html(stream: BinaryIO, file: str, context: Context) -> Item:
    """The document of an HTML file.

    Raises:
        InputError: ``too_large``, ``empty`` or ``not_text``.
    """
    data = read_up_to(stream, context.settings.max_file_bytes)
    if not data.strip():
        raise InputError("the file is empty", where=file, reason="empty")
    return from_page(decode(data, declared(data)), Source(file), context)
