# ruff: noqa: E501 (a case a line reads as a table)
from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.read.helpers import SECOND, SENTENCE, sort_out, write


def rss(items: str, head: str = "") -> str:
    return f"<?xml version='1.0' encoding='utf-8'?>{head}<rss version='2.0'><channel><title>Paper</title>{items}</channel></rss>"


def test_items(tmp_path: Path) -> None:
    items = (
        "<item><title>One &amp; two</title><guid>g1</guid><link>https://paper.example/1</link>"
        f"<pubDate>Tue, 06 Jul 2010 12:00:00 +0000</pubDate><description>&lt;p&gt;{SENTENCE}&lt;/p&gt;</description></item>"
        f"<item><title>{SECOND}</title></item>"
        "<item><category>Opinion</category><description><![CDATA[<p>Short.</p>]]></description></item><item/>"
    )
    documents, skipped = sort_out(write(tmp_path, "a.xml", rss(items)))
    first, second, third = documents
    assert (first.id, first.url, first.outlet, first.title) == (
        "g1",
        "https://paper.example/1",
        "Paper",
        "One & two",
    )
    assert first.text == SENTENCE
    assert first.published == dt.date(2010, 7, 6)
    assert first.source.locator == "item 1"
    assert (second.text, second.title) == (SECOND, None)
    assert second.source.notes[-1].startswith("headline_only")
    assert third.genre == "opinion"
    assert [s.source.locator for s in skipped] == ["item 4"]


def test_atom_takes_the_fullest_content_and_the_first_outlet(tmp_path: Path) -> None:
    atom = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>All news</title><entry><id>i</id><title>T</title>"
        "<updated>2010-07-06T00:00:00Z</updated><source><title>Local Post</title></source>"
        f"<summary>Short.</summary><content type='html'>{SENTENCE}</content></entry></feed>"
    )
    document = sort_out(write(tmp_path, "a", atom))[0][0]
    assert (document.text, document.outlet, document.published) == (
        SENTENCE,
        "Local Post",
        dt.date(2010, 7, 6),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_in_any_charset(tmp_path: Path, encoding: str) -> None:
    head = "<!DOCTYPE rss [<!ENTITY a 'x'><!ENTITY b '&a;&a;'>]>"
    text = rss("<item><title>&b;</title></item>", head).replace("utf-8", encoding)
    documents, skipped = sort_out(write(tmp_path, "a.xml", text.encode(encoding)))
    assert not documents
    assert [s.reason for s in skipped] == ["entities"]


def test_an_external_entity_is_never_opened(tmp_path: Path) -> None:
    secret = write(tmp_path, "secret.md", "PASSPHRASE")
    head = f"<!DOCTYPE rss [<!ENTITY a SYSTEM 'file://{secret}'>]>"
    documents, skipped = sort_out(
        write(tmp_path, "a.rss", rss("<item><title>&a;</title></item>", head))
    )
    assert [s.reason for s in skipped] == ["entities"]
    assert "PASSPHRASE" not in repr((documents, skipped))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "<html><head><title>503</title></head><body>Service unavailable</body></html>",
            "not_a_feed",
        ),
        ("https://paper.example/feed", "not_a_feed"),
        ("<rss version='2.0'><channel>" + "<a>" * 3000, "too_deep"),
        ("<rss version='2.0'><channel><title>x</title></channel></rss>", "empty"),
        ("  ", "empty"),
    ],
)
def test_no_feed(tmp_path: Path, text: str, reason: str) -> None:
    documents, skipped = sort_out(write(tmp_path, "a.xml", text))
    assert not documents
    assert [s.reason for s in skipped] == [reason]


def test_a_cut_feed_says_so(tmp_path: Path) -> None:
    whole = rss(f"<item><title>a</title><description>{SENTENCE}</description></item>" * 3)
    documents, skipped = sort_out(write(tmp_path, "a.xml", whole[: int(len(whole) * 0.8)]))
    assert documents
    assert documents[0].text == SENTENCE
    assert [s.reason for s in skipped] == ["cut"]


def test_a_feed_that_is_not_well_formed_is_read_and_noted(tmp_path: Path) -> None:
    documents, skipped = sort_out(
        write(
            tmp_path,
            "a.xml",
            rss(f"<item><title>Fish & chips</title><description>{SENTENCE}</description></item>"),
        )
    )
    assert not skipped
    assert documents[0].source.notes[0].startswith("feed_not_well_formed")


def test_attributes_and_marks_have_limits(tmp_path: Path) -> None:
    """feedparser takes time with the square of an element's attributes."""
    given = " ".join(f"a{i}='>'" for i in range(100_000))
    body = f"<rss version='2.0'><channel><title>x</title><item {given}><title>y</title></item>"
    found = sort_out(write(tmp_path, "a.xml", body))[1]
    assert [s.reason for s in found] == ["too_large"]
    assert [s.reason for s in sort_out(write(tmp_path, "b.xml", "<rss>" + "<" * 300_000))[1]] == [
        "too_large"
    ]


def test_an_item_of_deep_elements_keeps_its_words(tmp_path: Path) -> None:
    deep = "&lt;div&gt;" * 20_000 + SENTENCE
    body = f"<rss version='2.0'><channel><title>x</title><item><title>y</title><description>{deep}</description></item></channel></rss>"  # fmt: skip
    documents, _ = sort_out(write(tmp_path, "a.xml", body))
    assert [d.text for d in documents] == [SENTENCE]
