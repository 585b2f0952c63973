#!/usr/bin/env python3
# ruff: noqa: E501 (markup a line)
"""What reading an archive of news pages costs, side by side in one run.

    python benchmarks/reading.py [--pages 300] [--archive FILE]

Makes an archive in the layout of CC-NEWS (a warcinfo record, then request and response, each a gzip
member) of pages that this project wrote: articles of the example corpus in six page designs with
menus, scripts, teasers, comments and consent banners, 30 to 150 KB each. Reads it with
``whowhom.read``; with whowhom's framing of records alone; with FastWARC and warcio (where they are
installed), which only frame records; and gives the same pages to trafilatura, in its usual and in its
fast mode. The order is turned round in every round. Since the article of each page is known, it also
prints how much of the articles each way returns, and how much that is no article.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import html
import json
import random
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import trafilatura

import whowhom.read.warc as warc
from whowhom.cli.demo import example_corpus
from whowhom.model import Document, Skipped, Source
from whowhom.read import read

ROUNDS = 3
SECTIONS = ("World", "Politics", "Business", "Opinion", "Sport", "Culture", "Weather", "Science")
FURNITURE = (
    "Sign up for our morning letter", "Read more", "Most read this week", "Share this story",
    "We use cookies to remember your settings", "Subscribe for one month", "Follow us", "Contact the desk",
    "Terms of use", "All rights reserved", "Back to top", "Photo of the day", "Watch again", "Listen to this page",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    url: str
    words: list[str]  # of the article
    body: bytes


def paragraphs() -> list[str]:
    found = [d.text for d in read([example_corpus()]) if isinstance(d, Document)]
    return [p for text in found for p in text.split("\n\n") if len(p.split()) > 8]


def make_pages(count: int, seed: int) -> list[Page]:
    chance = random.Random(seed)  # noqa: S311
    source = paragraphs()
    return [_page(number, chance, source) for number in range(count)]


def _page(number: int, chance: random.Random, source: list[str]) -> Page:
    story = chance.sample(source, chance.randint(5, 14))
    title = " ".join(story[0].split()[:9]).strip(",.")
    day = f"2024-0{chance.randint(1, 9)}-{chance.randint(10, 28)}"
    url = f"https://paper{number % 6}.example/{day.replace('-', '/')}/story-{number}"
    inside = DESIGNS[number % len(DESIGNS)](story, title, day, chance)
    linked = {"@type": "NewsArticle", "headline": title, "datePublished": f"{day}T08:00:00Z"}
    head = (
        f"<meta charset=utf-8><title>{html.escape(title)} | Paper {number % 6}</title>"
        f"<link rel=canonical href='{url}'><meta property='og:title' content='{html.escape(title, quote=True)}'>"
        f"<meta property='og:site_name' content='Paper {number % 6}'>"
        f"<script type='application/ld+json'>{json.dumps(linked)}</script>"
        f"<style>{_css(chance)}</style><script>{_script(chance)}</script>"
    )
    text = f"<!doctype html><html lang=en><head>{head}</head><body>{inside}</body></html>"
    words = [word for paragraph in story for word in _words(paragraph)]
    return Page(url, words, text.encode())


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _css(chance: random.Random) -> str:
    return "".join(
        f".c{chance.randint(0, 9999)}{{margin:{chance.randint(0, 40)}px;color:#{chance.randint(0, 0xFFFFFF):06x}}}"
        for _ in range(chance.randint(100, 500))
    )


def _script(chance: random.Random) -> str:
    values = {f"k{i}": chance.randint(0, 10**9) for i in range(chance.randint(300, 3000))}
    return f"window.__state={json.dumps(values)};for(var i=0;i<9;i++){{load('/a'+i)}}"


def _menu(chance: random.Random) -> str:
    entries = "".join(
        f"<li class=m{i}><a href='/{s.lower()}/{i}' data-track='{i}-{s}'><span>{s} {i}</span></a></li>"
        for i in range(chance.randint(3, 8))
        for s in SECTIONS
    )
    return f"<header><nav><ul>{entries}</ul></nav></header>"


def _teasers(chance: random.Random) -> str:
    cards = "".join(
        f"<div class='card'><a href='/story-{chance.randint(0, 9999)}'><img src='/p{i}.jpg' alt=''>"
        f"<h3>{chance.choice(FURNITURE)} {i}</h3></a><span class=tag>{chance.choice(SECTIONS)}</span></div>"
        for i in range(chance.randint(10, 60))
    )
    return f"<aside class='related'>{cards}</aside>"


def _foot(chance: random.Random) -> str:
    lines = "".join(
        f"<li><a href='/x{i}'>{chance.choice(FURNITURE)}</a></li>"
        for i in range(chance.randint(15, 50))
    )
    return f"<footer><ul>{lines}</ul><p>{FURNITURE[9]}</p></footer>"


def _p(story: list[str], mark: str = "p", close: str = "</p>") -> list[str]:
    return [f"<{mark}>{html.escape(paragraph)}{close}" for paragraph in story]


def _modern(story: list[str], title: str, day: str, chance: random.Random) -> str:
    body = _p(story)
    body.insert(2, f"<figure><img src=a.jpg><figcaption>{FURNITURE[11]}</figcaption></figure>")
    body.insert(4, f"<div class='newsletter-signup'><p>{FURNITURE[0]}</p></div>")
    return (
        f"{_menu(chance)}<main><article><h1>{html.escape(title)}</h1><time datetime='{day}'>{day}</time>"
        f"{''.join(body)}</article>{_teasers(chance)}</main>{_foot(chance)}"
    )


def _blog(story: list[str], title: str, day: str, chance: random.Random) -> str:
    comments = "".join(
        f"<li class=comment><p>{chance.choice(FURNITURE)}, reader {i}.</p></li>" for i in range(20)
    )
    return (
        f"{_menu(chance)}<div id=content><div class='post'><h1 class=entry-title>{html.escape(title)}</h1>"
        f"<div class='entry-content'>{''.join(_p(story))}<div class=sharedaddy>{FURNITURE[3]}</div></div></div>"
        f"<div id=comments><ol>{comments}</ol></div></div><div id=sidebar>{_teasers(chance)}</div>{_foot(chance)}"
    )


def _old(story: list[str], title: str, day: str, chance: random.Random) -> str:
    return (
        f"<table width=100%><tr><td colspan=3>{_menu(chance)}</td></tr><tr><td width=150>{_teasers(chance)}</td>"
        f"<td><font size=5><b>{html.escape(title)}</b></font><br>{'<br><br>'.join(map(html.escape, story))}</td>"
        f"<td>{_teasers(chance)}</td></tr></table>{_foot(chance)}"
    )


def _divs(story: list[str], title: str, day: str, chance: random.Random) -> str:
    inner = "".join(f"<div class='css-{chance.randint(0, 9999)}'>{p}</div>" for p in _p(story))
    deep = f"{'<div class=w>' * 14}{inner}{'</div>' * 14}"
    return (
        f"<div id=root>{_menu(chance)}<div class=consent><p>{FURNITURE[4]}</p><button>OK</button></div>"
        f"<h1>{html.escape(title)}</h1><section class=story-body>{deep}</section>{_teasers(chance)}</div>{_foot(chance)}"
    )


def _live(story: list[str], title: str, day: str, chance: random.Random) -> str:
    posts = "".join(
        f"<div class=post><time>{9 + i}:00</time><p>{html.escape(p)}</p></div>"
        for i, p in enumerate(story)
    )
    return (
        f"{_menu(chance)}<article class=live><h1>{html.escape(title)}</h1>{posts}</article>"
        f"{_teasers(chance)}{_foot(chance)}"
    )


def _unclosed(story: list[str], title: str, day: str, chance: random.Random) -> str:
    body = "".join(_p(story, close=""))
    return f"{_menu(chance)}<h2>{html.escape(title)}</h2><div class=text>{body}{_teasers(chance)}{_foot(chance)}"


DESIGNS = (_modern, _blog, _old, _divs, _live, _unclosed)


def write_archive(path: Path, pages: list[Page]) -> None:
    """A gzip member a record: warcinfo, then a request and a response for each page."""
    with path.open("wb") as out:
        out.write(_record("warcinfo", "", "application/warc-fields", b"software: whowhom\r\n"))
        for page in pages:
            asked = f"GET {page.url} HTTP/1.1\r\nUser-Agent: none\r\n\r\n".encode()
            answer = (
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=UTF-8\r\nServer: none\r\n"
                b"X-Crawler-Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(page.body)
            )
            out.write(_record("request", page.url, "application/http; msgtype=request", asked))
            media = "application/http; msgtype=response"
            out.write(_record("response", page.url, media, answer + page.body))


def _record(kind: str, url: str, media: str, body: bytes) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: 2024-10-01T00:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:{hashlib.sha256((url + kind).encode()).hexdigest()[:32]}>\r\n"
        f"{f'WARC-Target-URI: {url}{chr(13)}{chr(10)}' if url else ''}"
        f"Content-Type: {media}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + body + b"\r\n\r\n", 6)


# ------------------------------------------------------------------------- ways
def whole(path: Path) -> list[str]:
    return [d.text for d in read([path]) if isinstance(d, Document)]


def framed(path: Path) -> list[str]:
    """The same with nothing done to a page."""
    kept = warc.from_page
    warc.from_page = lambda *_: Skipped(Source(""), "", "")  # type: ignore[assignment]
    try:
        return [""] * sum(1 for _ in read([path]))
    finally:
        warc.from_page = kept


def by_fastwarc(path: Path) -> list[str]:
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    with path.open("rb") as stream:
        found = ArchiveIterator(stream, record_types=WarcRecordType.response)
        return ["" for record in found if record.reader.read()]


def by_warcio(path: Path) -> list[str]:
    from warcio.archiveiterator import ArchiveIterator

    with path.open("rb") as stream:
        return [
            ""
            for record in ArchiveIterator(stream)
            if record.rec_type == "response" and record.content_stream().read()
        ]


def extractor(pages: list[Page], **options: bool) -> Callable[[Path], list[str]]:
    def work(_: Path) -> list[str]:
        return [
            trafilatura.extract(page.body.decode(), include_comments=False, **options) or ""
            for page in pages
        ]

    return work


def installed(name: str) -> bool:
    from importlib.util import find_spec

    return find_spec(name) is not None


def kept(pages: list[Page], texts: list[str]) -> Iterator[tuple[int, int, int]]:
    """For each page: words of the article, those of them returned, words returned at all."""
    for page, text in zip(pages, texts, strict=True):
        wanted, got = Counter(page.words), Counter(_words(text))
        yield wanted.total(), (wanted & got).total(), got.total()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--pages", type=int, default=300)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--archive", type=Path, help="keep the archive here")
    o = options.parse_args()
    pages = make_pages(o.pages, o.seed)
    size = sum(len(page.body) for page in pages)
    with tempfile.TemporaryDirectory() as folder:
        path = o.archive or Path(folder) / "CC-NEWS-20241001000000-00001.warc.gz"
        write_archive(path, pages)
        ways: list[tuple[str, Callable[[Path], list[str]]]] = [
            ("whowhom.read", whole),
            ("whowhom, records alone", framed),
            *([("FastWARC, records alone", by_fastwarc)] if installed("fastwarc") else []),
            *([("warcio, records alone", by_warcio)] if installed("warcio") else []),
            ("trafilatura alone", extractor(pages)),
            ("trafilatura, fast", extractor(pages, fast=True)),
        ]
        taken: dict[str, list[float]] = {name: [] for name, _ in ways}
        texts: dict[str, list[str]] = {}
        for name, work in ways:
            texts[name] = work(path)  # and what is loaded at first use is loaded
        for turn in range(ROUNDS):
            for name, work in ways[turn:] + ways[:turn]:
                begun = time.process_time()
                work(path)
                taken[name].append(time.process_time() - begun)
        print(
            f"{len(pages)} pages of {size / len(pages) / 1000:.0f} KB, archive of "
            f"{path.stat().st_size / 1e6:.1f} MB, {ROUNDS} rounds, CPU time of one process"
        )
        base = statistics.median(taken["whowhom.read"])
        for name, times in taken.items():
            middle = statistics.median(times)
            line = (
                f"{name:24} {len(pages) / middle:9.1f} pages/s {size / middle / 1e6:8.1f} MB/s "
                f"{base / middle:7.2f} times whowhom.read"
            )
            if len(texts[name]) == len(pages) and any(texts[name]):
                sums = [sum(column) for column in zip(*kept(pages, texts[name]), strict=True)]
                line += f"   article {sums[1] / sums[0]:.3f}, of it article {sums[1] / sums[2]:.3f}"
            print(line)


if __name__ == "__main__":
    main()
