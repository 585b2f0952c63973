"""The report: its words, its numbers, its sentences; safe to open, and asking for nothing."""

# ruff: noqa: E402 - what an extra brings may be missing, and is asked for first

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import duckdb
import pyarrow as pa
import pytest

for needed in ("altair", "vl_convert", "jinja2", "networkx", "ruptures"):
    pytest.importorskip(needed)

from whowhom.analyse.filters import Filter
from whowhom.merge.schema import INCIDENTS, REPORTS, STORIES
from whowhom.show.report import Content, gather, write
from whowhom.show.report.evidence import act_words, web_address
from whowhom.show.report.write import escaped, page, pdf
from whowhom.store.schema import SCHEMAS

EVIL = '<script>alert(1)</script> "quoted" & [link](javascript:alert(1))'


def report(
    event_id: str, incident: str, event_type: str, number: int, **more: Any
) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(REPORTS.names)
    day = dt.date(1962, 10, number)
    row |= {
        "event_id": event_id, "sequence": 1, "incident": incident, "story": event_id, "copy": False,
        "document_id": f"d-{event_id}", "title": "A title", "outlet": "Wire", "genre": "report",
        "url": "https://wire.example/1", "published": day, "day": day, "shown": day,
        "date_from": "text", "event_type": event_type, "quad": "verbal conflict", "score": -2.0,
        "contexts": [], "status": "actual", "voice": "reported", "cues": [], "quoted": False,
        "money": [], "sentence": 1, "text": "Moscow accused Washington.", "trigger": "accused",
        "trigger_at": 7, "confidence": 0.9, "rule": "r",
    }  # fmt: skip
    row |= more
    for side in ("actors", "recipients", "speakers"):
        row[side] = row[side] or []
        row[f"{side[:-1]}_names"] = row[f"{side[:-1]}_names"] or [k or "men" for k in row[side]]
        if side != "speakers":
            row[f"{side[:-1]}_countries"] = [key[:3] for key in row[side]]
    return row


def incident(name: str, lead: dict[str, Any], **more: Any) -> dict[str, Any]:
    row = {column: lead.get(column) for column in INCIDENTS.names}
    row |= {
        "incident": name, "reports": 1, "independent": 1, "outlets": ["Wire"], "standings": [],
        "figures": [], "disputed": False, "denied": False, "lead": lead["event_id"],
    }  # fmt: skip
    return row | more


@pytest.fixture
def source() -> Iterator[duckdb.DuckDBPyConnection]:
    usa = {"actors": ["RUS"], "recipients": ["USA"]}
    rows = [
        report("e1", "i1", "ACCUSE", 22, **usa),
        report("e2", "i1", "ACCUSE", 22, **usa, outlet="Courier", text="Russia accused America."),
        report("e3", "i2", "ACCUSE", 23, actors=["USA"], recipients=["RUS"], text=EVIL, trigger="x",
               trigger_at=-1, title=EVIL, outlet="Wire <b>", url="javascript:alert(1)",
               speakers=["USA"], speaker_names=[EVIL], cues=["said"]),
        report("e4", "i3", "PROTEST", 23, actors=["RUS CVL"], recipients=["USA"], crowd_low=500,
               crowd_high=500, place="Moscow", place_country="RUS", lat=55.75, lon=37.62,
               quad="material conflict", text="About 500 marched.", trigger="marched"),
        report("e5", "i3", "PROTEST", 23, actors=["RUS CVL"], recipients=["USA"], crowd_low=5000,
               crowd_high=5000, outlet="Courier", quad="material conflict",
               place="Moscow", place_country="RUS", lat=55.75, lon=37.62,
               text="Some 5,000 marched.", trigger="marched"),
        report("e6", "i1", "ACCUSE", 24, **usa, status="negated", speakers=["RUS"],
               speaker_names=["Andrei Gromyko"], cues=["denied"], text="He denied the charge."),
    ]  # fmt: skip
    claim = {"kind": "crowd", "claimant_key": "", "published": rows[3]["published"]}
    figures = [
        claim | {"low": 500, "high": 500, "claimant": "Wire", "outlet": "Wire", "event_id": "e4"},
        claim | {"low": 5000, "high": 5000, "claimant": "Courier", "outlet": "Courier",
                 "event_id": "e5"},
    ]  # fmt: skip
    whole = [
        incident("i1", rows[0], reports=3, independent=3, denied=True),
        incident("i2", rows[2]),
        incident("i3", rows[3], reports=2, disputed=True, figures=figures, crowd_low=500,
                 crowd_high=5000),
    ]  # fmt: skip
    stories = [{name: row[name] for name in STORIES.names} for row in rows]
    documents = pa.Table.from_pylist(
        [
            {"sequence": n, "id": row["document_id"], "title": row["title"], "url": row["url"],
             "outlet": row["outlet"], "published": row["published"], "genre": "report",
             "sha256": "0", "text": None,
             "coverage": {"characters": 100, "characters_read": 90, "sentences": 4,
                          "sentences_read": 4, "parties": 4, "parties_resolved": 3, "events": 1,
                          "events_dated": 0, "events_placed": 0}}
            for n, row in enumerate(rows)
        ]
    )  # fmt: skip
    connection = duckdb.connect()
    tables = {
        "reports": pa.Table.from_pylist(rows, REPORTS),
        "incidents": pa.Table.from_pylist(whole, INCIDENTS),
        "stories": pa.Table.from_pylist(stories, STORIES),
        "documents": documents,
        "ledger": SCHEMAS["ledger"].empty_table(),
        "rejections": SCHEMAS["rejections"].empty_table(),
    }
    for name, table in tables.items():
        connection.register(f"arrow_{name}", table)
        connection.execute(f"create table {name} as from arrow_{name}")
    connection.execute("create table manifest (key varchar, value varchar)")
    connection.execute("insert into manifest values ('coder.codebook', 'plover 2.0')")
    connection.execute("create table runs (number bigint, version varchar, codebook varchar, "
                       "model varchar)")  # fmt: skip
    connection.execute("create table marks (event_id varchar, verdict varchar)")
    yield connection
    connection.close()


@pytest.fixture
def content(source: duckdb.DuckDBPyConnection) -> Content:
    return gather(source, today=dt.date(2026, 1, 2))


def section(content: Content, name: str) -> Any:
    return next(s for s in content.sections if s.identity == name)


def test_the_heading_and_the_summary_come_from_the_data(content: Content) -> None:
    assert content.title == "The Soviet Union and the United States"
    assert content.when == "22 to 24 October 1962"
    assert content.facts[2:] == (("5", "reports of events"), ("3", "incidents, merged from them"))
    brief = " ".join(sentence for sentence, _ in content.brief)
    assert "Most passes between the Soviet Union and the United States: 2 incidents" in brief
    assert "How many came in Moscow? Wire says 500, Courier 5,000" in brief
    targets = {s.identity for s in content.sections}
    assert {target for _, target in content.brief} <= targets


def test_every_number_has_its_sentences(content: Content) -> None:
    pair = section(content, "parties").items[0]
    assert pair.figure == "2 incidents"
    assert {s.event_id for s in pair.sentences} == {"e1", "e2", "e3"}
    first = pair.sentences[0]
    assert first.before + first.trigger + first.after == first.text
    dispute = section(content, "figures").items[0]
    assert (dispute.figure, dispute.note) == ("500 to 5,000", "2 claimants")
    assert {s.event_id for s in dispute.sentences} == {"e4", "e5"}
    assert section(content, "places").items[0].head == "Moscow, Soviet Union"


def test_what_was_denied_counts_nowhere_else(content: Content) -> None:
    denials = section(content, "denials").items
    assert any("e6" in {s.event_id for s in item.sentences} for item in denials)
    for one in content.sections:
        if one.identity != "denials":
            assert all(s.event_id != "e6" for item in one.items for s in item.sentences)


def test_the_filter_holds_and_is_said(source: duckdb.DuckDBPyConnection) -> None:
    content = gather(source, Filter(outlets=("Courier",)))
    assert content.facts[2][0] == "2"
    assert "outlet: Courier" in content.asked
    sources = {s.source for one in content.sections for i in one.items for s in i.sentences}
    assert sources == {"Courier"}


def test_nothing_found_is_a_report_too(source: duckdb.DuckDBPyConnection) -> None:
    content = gather(source, Filter(types=("AID",)))
    assert b"No act between two named parties" in write(content, "html")
    assert write(content, "md")


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            if name == "id":
                self.ids.append(value or "")
            if tag == "a" and name in ("href", "xlink:href"):
                self.links.append(value or "")
            if name in ("src", "srcset", "data", "action") or (tag == "link" and name == "href"):
                self.loads.append(value or "")


def test_the_page_loads_nothing_and_its_links_lead_somewhere(content: Content) -> None:
    text = page(content)
    parsed = Page(text)
    assert parsed.loads == []
    assert "link" not in parsed.tags
    for link in parsed.links:
        if link.startswith("#"):
            assert link[1:] in parsed.ids, link
        else:
            assert link == "https://wire.example/1"
    assert len(set(parsed.ids)) == len(parsed.ids)
    marks = set(re.findall(r'"link":"#([^"]+)"', text))
    assert marks
    assert marks <= set(parsed.ids)


def test_the_policy_forbids_requests_and_eval_and_allows_our_two_scripts(content: Content) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page(content))
    assert policy
    import html

    rules = html.unescape(policy[1])
    assert "default-src 'none'" in rules
    assert "unsafe-eval" not in rules
    assert re.search(r"script-src 'sha256-\S+' 'sha256-\S+';", rules)
    assert "connect-src" not in rules


def test_text_from_outside_stays_text(content: Content) -> None:
    text = page(content)
    assert "<script>alert" not in text
    assert "javascript:alert" not in "".join(Page(text).links)
    assert "&lt;script&gt;alert(1)" in text
    markdown = write(content, "md").decode()
    assert "<script>" not in markdown
    assert not re.search(r"(?<!\\)\]\(", markdown)


def test_web_addresses_only() -> None:
    assert web_address("https://a.example/x") == "https://a.example/x"
    for bad in ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//x", "", None):
        assert web_address(bad) is None
    assert web_address("http://[") is None


def test_markdown_is_escaped() -> None:
    assert escaped("*a* _b_ <c> [d](e)\n# f") == r"\*a\* \_b\_ \<c\> \[d\](e) \# f"


@pytest.mark.parametrize(
    ("actors", "recipients", "words"),
    [
        (["USA"], ["CUB"], "the United States accuses or criticises Cuba"),
        (["USA", "RUS"], ["CUB"], "the United States and Russia accuse or criticise Cuba"),
        (["USA", "CUB"], [], "the United States accuses or criticises Cuba"),
        (["USA"], [], "the United States: accusation, criticism"),
        ([], [], "not told who: accusation, criticism"),
    ],
)
def test_acts_in_words(actors: list[str], recipients: list[str], words: str) -> None:
    row = {
        "event_type": "ACCUSE",
        "actors": actors,
        "actor_names": actors,
        "recipients": recipients,
        "recipient_names": recipients,
    }
    assert act_words(row) == words


def test_pdf_says_what_to_do_without_a_browser(
    content: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    from whowhom.errors import UsageError

    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(UsageError, match="Write HTML"):
        pdf(content)


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium is installed")
def test_in_a_browser_a_chart_leads_to_its_sentences_without_a_request(
    content: Content, tmp_path: Any
) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    target = tmp_path / "report.html"
    target.write_bytes(write(content, "html"))
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        asked: list[str] = []
        said: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.goto(target.as_uri())
        tab.wait_for_selector("#chart-world .ww-vega svg")
        pin = tab.locator("#chart-world svg .mark-symbol path").first
        pin.scroll_into_view_if_needed()
        box = pin.bounding_box()
        assert box
        tab.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        tab.wait_for_function("document.querySelector('#place-1').open")
        assert tab.locator("#place-1 .sentence").first.is_visible()
        tab.set_viewport_size({"width": 390, "height": 800})
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
        browser.close()
    assert asked == [target.as_uri()]
    assert said == []
