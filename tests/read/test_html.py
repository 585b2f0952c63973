# ruff: noqa: E501 (a case a line reads as a table)
from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from tests.read.helpers import SECOND, SENTENCE, page, sort_out, write
from whowhom.read.html import plain_text, scan

ARTICLE = f"<article><h1>Quotas anger fishermen</h1><p>{SENTENCE}</p><p>{SECOND}</p></article>"


def one(tmp_path: Path, markup: str | bytes, name: str = "a.html"):
    documents, skipped = sort_out(write(tmp_path, name, markup))
    assert not skipped
    return documents[0]


def test_article_and_what_the_page_says_of_itself(tmp_path: Path) -> None:
    head = (
        "<title>Quotas anger fishermen | The Example</title>"
        '<meta property="og:site_name" content="The Example">'
        '<meta property="article:published_time" content="2011-03-04T08:00:00Z">'
        '<meta property="article:section" content="World">'
        '<link rel="canonical" href="https://paper.example/quotas">'
    )
    document = one(
        tmp_path, page("<nav>Home Sport</nav>" + ARTICLE + "<footer>About</footer>", head)
    )
    assert SENTENCE in document.text
    assert SECOND in document.text
    assert "Sport" not in document.text
    assert document.title == "Quotas anger fishermen"
    assert document.outlet == "The Example"
    assert document.url == document.id == "https://paper.example/quotas"
    assert document.published == dt.date(2011, 3, 4)


def test_linked_data(tmp_path: Path) -> None:
    data = {"@graph": [{"x": 1}, {"headline": "H", "datePublished": "2012-05-06", "publisher": {"name": "P"},
            "articleSection": "Opinion"}]}  # fmt: skip
    head = f'<script type="application/ld+json">{json.dumps(data)}</script><script type="application/ld+json">{{</script>'
    document = one(tmp_path, page(ARTICLE, head))
    assert (document.title, document.outlet, document.genre) == ("H", "P", "opinion")
    assert document.published == dt.date(2012, 5, 6)


def test_dates_of_last_resort(tmp_path: Path) -> None:
    dated = one(tmp_path, page(ARTICLE + '<time datetime="2013-01-02">x</time>'))
    assert dated.published == dt.date(2013, 1, 2)
    several = '<time datetime="2013-01-02">x</time><time datetime="2013-01-03">y</time>'
    assert one(tmp_path, page(ARTICLE + several)).published is None
    link = '<link rel="canonical" href="https://paper.example/2014/02/03/quotas">'
    by_address = one(tmp_path, page(ARTICLE, link))
    assert by_address.published == dt.date(2014, 2, 3)
    assert "date_from_address" in by_address.source.notes


def test_title_from_heading_or_title(tmp_path: Path) -> None:
    assert one(tmp_path, page(ARTICLE, "<title>x</title>")).title == "Quotas anger fishermen"
    two = page(f"<h1>A</h1><h1>B</h1><p>{SENTENCE}", "<title>Talks begin - Paper</title>")
    assert one(tmp_path, two).title == "Talks begin"


def test_no_tag_closed(tmp_path: Path) -> None:
    text = one(tmp_path, f"<html><body><p>{SENTENCE}<p><b>{SECOND}<table><tr><td>End of talks").text
    assert SENTENCE in text
    assert SECOND in text
    assert "End of talks" in text


@pytest.mark.parametrize("depth", [150, 255, 1000, 20_000])
def test_depth_loses_nothing(tmp_path: Path, depth: int) -> None:
    markup = page("<div>" * depth + f"<p>{SENTENCE}</p>" + "</div>" * depth + f"<p>{SECOND}</p>")
    document = one(tmp_path, markup)
    assert SENTENCE in document.text
    assert SECOND in document.text
    assert any(n.startswith("page_too_complex") for n in document.source.notes) == (depth > 190)


def test_attributes_without_number(tmp_path: Path) -> None:
    many = " ".join(f"a{i}=1" for i in range(60_000))
    document = one(tmp_path, page(f"<p {many}>{SENTENCE}</p>"))
    assert document.text == SENTENCE
    assert "page_too_complex" in document.source.notes[0]


def test_charset_declared_in_the_page(tmp_path: Path) -> None:
    markup = "<html><head><meta charset=windows-1250></head><body><p>Premiér přijel do Plzně.</p></body></html>"
    document = one(tmp_path, markup.encode("cp1250"))
    assert "přijel do Plzně" in document.text
    assert document.source.encoding == "cp1250"


def test_xhtml_with_declaration(tmp_path: Path) -> None:
    markup = f"<?xml version='1.0' encoding='utf-8'?><html xmlns='http://www.w3.org/1999/xhtml'><body><p>{SENTENCE}</p></body></html>"
    assert SENTENCE in one(tmp_path, markup, "a.xhtml").text


@pytest.mark.parametrize("markup", [page("<script>x()</script>"), page(""), "<!--" * 5000])
def test_no_text(tmp_path: Path, markup: str) -> None:
    documents, skipped = sort_out(write(tmp_path, "a.html", markup))
    assert not documents
    assert [s.reason for s in skipped] == ["no_text"]


def test_html_under_another_name(tmp_path: Path) -> None:
    document = one(tmp_path, page(f"<p>{SENTENCE}</p><script>bad()</script>"), "a.txt")
    assert "<p>" not in document.text
    assert "bad()" not in document.text


def test_trafilatura_failing_leaves_the_plain_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import trafilatura

    def broken(*_: object, **__: object) -> str:
        raise RuntimeError("made up")

    monkeypatch.setattr(trafilatura, "extract", broken)
    document = one(tmp_path, page(ARTICLE))
    assert SENTENCE in document.text
    assert "no_article_found" in document.source.notes[0]


def test_scan_counts() -> None:
    found = scan("<html><body><p a=1 b=2>x<p>y</body></html>")
    assert (found.attributes, found.most_attributes, found.depth) == (2, 2, 3)
    assert found.text == "x\ny"


def test_plain_text_of_a_piece() -> None:
    assert plain_text("no markup") == "no markup"
    assert plain_text("<p>A &amp; B</p><br>C <b>d</b>e") == "A & B\nC de"
