"""Lists of feeds, and what a feed names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.watch.sites import item, rss
from whowhom.errors import InputError, UsageError
from whowhom.read.record import Context
from whowhom.settings import WATCH
from whowhom.watch import Gate
from whowhom.watch.feeds import Feed, article_id, feed_list, is_full, read_feed_bytes

LONG = "Rebels shelled the town of Lira on Monday, officials said in the capital. " * 20


def read(data: bytes) -> Feed:
    base = "https://paper.example/feeds/world.xml"
    return read_feed_bytes(data, base, base, Context(), WATCH)


# --------------------------------------------------------------------------- lists
def test_a_list_has_an_address_a_line(tmp_path: Path) -> None:
    path = tmp_path / "feeds.txt"
    path.write_text(
        "\ufeff# ours\nhttps://a.example/rss   # the first\n\n  HTTPS://A.example/rss\n"
        "http://b.example/?x=1#top\n"
    )
    found = feed_list([str(path), "https://c.example", "http://b.example/?x=1"], Gate.of())
    assert found == ["https://a.example/rss", "http://b.example/?x=1", "https://c.example/"]


def test_opml(tmp_path: Path) -> None:
    path = tmp_path / "feeds.opml"
    path.write_text(
        "<?xml version='1.0' encoding='utf-8'?><opml version='2.0'><head/><body>"
        "<outline text='World'><outline type='rss' xmlUrl='https://a.example/rss'/>"
        "<outline xmlurl=' https://b.example/ '/></outline><outline text='none'/></body></opml>"
    )
    assert feed_list([str(path)], Gate.of()) == ["https://a.example/rss", "https://b.example/"]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("", "names no feed"),
        ("# nothing\n", "names no feed"),
        ("a.example/rss", "line 1"),
        ("https://a.example/\nfile:///etc/passwd", "line 2"),
        ("https://u:p@a.example/", "user name"),
        ("https://a.example:8080/", "--allow-port 8080"),
        ("<rss version='2.0'><channel/></rss>", "<rss>"),
        ("<opml><body><outline", "no XML"),
        ("<!DOCTYPE o [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><opml>&x;</opml>", "entities"),
        ("<opml><body><outline xmlUrl='file:///etc/passwd'/></body></opml>", "line 1"),
        ("\0\1\2\3\4\5\6\7" * 10, "binary"),
    ],
)
def test_lists_that_are_wrong_say_where(tmp_path: Path, content: str, word: str) -> None:
    path = tmp_path / "feeds"
    path.write_text(content)
    with pytest.raises(UsageError, match=word.replace("<", "<")):
        feed_list([str(path)], Gate.of())


@pytest.mark.parametrize("given", ["missing.txt", "file:///etc/passwd", "feed://a.example/", "/"])
def test_arguments_that_are_no_feeds(given: str) -> None:
    with pytest.raises(UsageError):
        feed_list([given], Gate.of())


# --------------------------------------------------------------------------- items
@pytest.mark.parametrize(
    ("link", "article"),
    [
        (
            "HTTPS://Paper.example/A?utm_source=rss&id=3&fbclid=x#top",
            "https://paper.example/A?id=3",
        ),
        ("https://paper.example?utm_medium=rss", "https://paper.example/"),
        ("https://paper.example/a?cid=5&ref=x", "https://paper.example/a?cid=5&ref=x"),
        ("https://paper.example/a?", "https://paper.example/a"),
        ("urn:uuid:1", "urn:uuid:1"),
    ],
)
def test_ids_leave_out_where_a_reader_came_from(link: str, article: str) -> None:
    assert article_id(link) == article


def test_items_have_resolved_links_dates_and_titles_each_article_once() -> None:
    feed = read(
        rss(
            item("/a?utm_source=x", "One &amp; two", day="Tue, 10 Jun 2014 12:00:00 GMT")
            + item("/a", "One again")
            + item("other", "Three", content=LONG)
            + "<item><guid isPermaLink='false'>g-1</guid><description>No link.</description></item>"
            + "<item/>"
        )
    )
    first, third, fourth = feed.entries
    assert (first.id, first.link) == (
        "https://paper.example/a",
        "https://paper.example/a?utm_source=x",
    )
    assert (first.title, first.published, first.full) == ("One & two", "2014-06-10", False)
    assert (third.link, third.published, third.full) == (
        "https://paper.example/feeds/other", None, True,
    )  # fmt: skip
    assert (fourth.id, fourth.link) == ("g-1", "")


@pytest.mark.parametrize(
    ("text", "full"),
    [
        (LONG, True),
        (LONG[:900], False),
        (LONG + "And then ...", False),
        (LONG + "And then […]", False),
        (LONG + "\nContinue reading", False),
        (LONG + "\nRead more »", False),
        (LONG + "\nThe post Lira appeared first on The Paper.", True),
        (LONG + "It […]\nThe post Lira appeared first on The Paper.", False),
    ],
)
def test_which_texts_can_be_whole_articles(text: str, full: bool) -> None:
    assert is_full(text, WATCH) is full


@pytest.mark.parametrize(
    ("head", "seconds"),
    [
        ("", 0),
        ("<ttl>90</ttl>", 5_400),
        ("<ttl>-1</ttl>", 0),
        ("<ttl>soon</ttl>", 0),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", 3_600),
        (
            "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
            21_600,
        ),
        (
            "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>",
            3_600,
        ),
        ("<sy:updatePeriod>never</sy:updatePeriod>", 0),
    ],
)
def test_how_long_a_feed_asks_to_be_left_alone(head: str, seconds: float) -> None:
    assert read(rss(item("/a"), head=head)).every == seconds


def test_broken_xml_gives_what_came_before() -> None:
    feed = read(rss(item("/a") + item("/b"))[:-60] + b"<item><title>cut & o")
    assert [e.link for e in feed.entries][:1] == ["https://paper.example/a"]
    assert feed.notes


def test_an_empty_feed_is_a_feed() -> None:
    assert read(rss("")).entries == ()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"<html><body>Moved</body></html>", "not_a_feed"),
        (b"<!DOCTYPE rss [<!ENTITY a 'x'>]>" + rss(item("/a")), "entities"),
        (b"<rss><channel>" + b"<a>" * 5_000, "too_deep"),
    ],
)
def test_what_is_no_feed(data: bytes, why: str) -> None:
    with pytest.raises(InputError) as error:
        read(data)
    assert error.value.reason == why
