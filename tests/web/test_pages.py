"""What the pages say, and where their numbers lead."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from html import unescape
from urllib.parse import quote

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from tests.web.conftest import BASE
from whowhom.analyse import Filter
from whowhom.errors import UsageError
from whowhom.store import Store
from whowhom.web import pages
from whowhom.web.app import create_app
from whowhom.web.ask import Ask, chips
from whowhom.web.charts import CHARTS, clean
from whowhom.web.parts import Parts
from whowhom.web.security import Guard
from whowhom.web.shelf import Shelf, TooSlow


def words(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def links(text: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'href="([^"]+)"', text)]


# ------------------------------------------------------------------------------ addresses
def test_what_is_asked_goes_through_an_address() -> None:
    ask = Ask(
        Filter(since=dt.date(1998, 1, 1), outlets=("Coast Herald",), statuses=("all",)),
        between=("KEN", "SOM REB"), at="Mogadishu", incident="i1", unit="reports",
        sort="doubtful", page=3,
    )  # fmt: skip
    assert Ask.from_query(ask.to_query()) == ask
    assert Ask.from_query([]).url() == "/search"


@pytest.mark.parametrize(
    ("name", "value"),
    [("page", "0"), ("page", "x"), ("page", "201"), ("unit", "apples"), ("sort", "best"),
     ("between", "KEN"), ("between", "kenya~SOM"), ("at", "x" * 400)],
)  # fmt: skip
def test_bad_extras_are_refused(name: str, value: str) -> None:
    with pytest.raises(UsageError):
        Ask.from_query([(name, value)])


def test_each_filter_has_a_chip_that_takes_it_away() -> None:
    ask = Ask(Filter(types=("AID", "ASSAULT"), words="food", min_confidence=0.5), at="Lome")
    made = {chip.value: chip.without for chip in chips(ask, "/search")}
    assert len(made) == 5
    assert "AID" not in made["Aid"]
    assert "ASSAULT" in made["Aid"]
    assert "words" not in made["food"]


# ---------------------------------------------------------------------------------- pages
def test_the_overview_counts_and_leads_on(client: TestClient) -> None:
    text = client.get("/").text
    assert "incidents told as happening in 6 reports from 4 documents of 3 outlets" in words(text)
    for link in {x for x in links(text) if x.startswith("/") and not x.startswith("/static")}:
        assert client.get(link).status_code == 200, link


def test_a_number_of_a_pair_is_the_number_of_its_sentences(client: TestClient) -> None:
    text = client.get("/pair/KEN/SOM").text
    found = re.search(r'href="([^"]*between=[^"]*)">(\d+) report', text)
    assert found
    there = client.get(unescape(found[1])).text
    assert f"{found[2]} report" in words(there)
    assert there.count('<article class="event"') == int(found[2])


def test_an_incident_stands_side_by_side(client: TestClient, incident: str) -> None:
    text = words(client.get(f"/incident/{incident}").text)
    for part in ("Coast Herald", "Lake Courier", "12", "40", "Killed", "disputed", "attacks"):
        assert part in text


def test_what_is_no_copy_is_not_called_one(client: TestClient, incident: str) -> None:
    for path in (f"/incident/{incident}", "/search?status=all", "/document/d1"):
        text = client.get(path).text
        assert "(copy)" not in text
        assert "copy of an earlier text" not in text


def test_a_document_draws_its_events(client: TestClient) -> None:
    text = client.get("/document/d1").text
    assert '<mark class="actor"><small>who</small>Kenya</mark>' in text
    assert '<mark class="trigger"><small>did</small>attacked</mark>' in text
    assert "<small>whom</small>Somalia" in text
    assert "ASSAULT.made-by-hand" in text
    assert "confidence 0.90" in text
    assert "no actor on either side could be named" in text
    assert "It rained." in text


def test_a_denial_shows_who_says_so(client: TestClient) -> None:
    text = words(client.get("/document/d3").text)
    assert "negated" in text
    assert "according to “Kenya” KEN GOV said" in text


def test_search_leaves_out_what_did_not_happen_unless_asked(client: TestClient) -> None:
    assert "d3" not in client.get("/search?type=ASSAULT").text
    assert "/document/d3" in client.get("/search?type=ASSAULT&status=all").text
    assert "No report matches" in client.get("/search?words=zeppelin").text


def test_what_is_not_there_is_404(client: TestClient) -> None:
    for path in ("/incident/none", "/document/none", "/actor/ZZZ", "/nothing", "/chart/none",
                 "/event/none", "/search?page=7", "/actor/kenya", "/pair/a/b", "/pair/ZZZ/AAA",
                 "/pair/KEN/ZZZ", "/pair/ZZZ/KEN"):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "<h1>" in answer.text


def test_what_cannot_be_asked_is_400_and_says_why(client: TestClient) -> None:
    answer = client.get("/search?type=ASAULT")
    assert answer.status_code == 400
    assert "ASSAULT" in answer.text
    assert client.get("/chart/course?width=7").status_code == 400


def test_other_methods(client: TestClient) -> None:
    head = client.head("/search")
    assert head.status_code == 200
    assert head.content == b""
    assert client.post("/search", headers={"origin": BASE}).status_code == 405
    assert client.put("/", headers={"origin": BASE}).status_code == 405
    assert client.get("/mark").status_code == 405


def test_an_event_leads_to_its_document(client: TestClient) -> None:
    answer = client.get("/event/ev-d1-1", follow_redirects=False)
    assert answer.headers["location"].startswith("/document/d1#e-")


def test_compare_tells_both(client: TestClient) -> None:
    text = words(client.get("/compare?a=Coast+Herald&b=Lake+Courier").text)
    assert "killed 12 people" in text
    assert "killed 40 people" in text
    assert client.get("/compare?a=Coast+Herald&b=Nobody").status_code == 400


# --------------------------------------------------------------------------------- pieces
def test_a_page_without_time_leaves_links_to_its_pieces(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = words(TestClient(create_app(store, seconds=30), base_url=BASE).get("/").text)

    def hurried(request: Request, ask: Ask, **own: str) -> Parts:
        return Parts(request.app.state.shelf, pages.environment(), ask, own, budget=-1)

    monkeypatch.setattr(pages, "_parts", hurried)
    client = TestClient(create_app(store, seconds=30), base_url=BASE)
    for path in ("/", "/actor/KEN", "/pair/KEN/SOM", "/compare?a=Coast+Herald&b=Lake+Courier"):
        text = client.get(path).text
        left = [unescape(x) for x in re.findall(r'data-part="([^"]+)"', text)]
        assert left, path
        for piece in left:
            answer = client.get(piece, headers={"x-part": "1"})
            assert answer.status_code == 200, piece
            assert "<html" not in answer.text
            if path == "/":
                assert words(answer.text) in whole, piece
    # what has been made is in the page the next time
    assert "data-part" not in client.get("/").text


@pytest.mark.parametrize(
    ("path", "status"),
    [("/part/none", 404), ("/part/does", 400), ("/part/does?key=kenya", 404),
     ("/part/sides?a=KEN", 400), ("/part/told?a=x&b=y", 400), ("/part/pairs", 200)],
)  # fmt: skip
def test_pieces_asked_for_wrongly(client: TestClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


# ---------------------------------------------------------------------------------- marks
def test_marks_are_kept_shown_and_change_nothing(own: tuple[Store, TestClient]) -> None:
    store, client = own
    guard: Guard = client.app  # type: ignore[assignment]
    before = store.fetch(["ev-d1-1"])
    form = {
        "event": "ev-d1-1", "verdict": "mend", "token": guard.access.form_token,
        "event_type": "ACCUSE", "status": "future", "actors": "KEN REB, UGA", "recipients": "-",
        "note": "<b>see</b>", "back": "/document/d1",
    }  # fmt: skip
    answer = client.post("/mark", data=form, headers={"origin": BASE})
    assert "You marked this" in answer.text
    assert "&lt;b&gt;see&lt;/b&gt;" in answer.text
    (mark,) = store.marks()
    assert mark.mend == {
        "event_type": "ACCUSE", "status": "future", "actors": ["KEN REB", "UGA"], "recipients": [],
    }  # fmt: skip
    assert store.fetch(["ev-d1-1"]) == before
    client.post("/mark", data={**form, "verdict": "wrong"}, headers={"origin": BASE})
    assert "1 mark" in words(client.get("/marks").text)
    (line,) = client.get("/marks.jsonl").text.splitlines()
    assert json.loads(line)["verdict"] == "wrong"


@pytest.mark.parametrize(
    "change",
    [{"verdict": "perhaps"}, {"event": "none"}, {"event_type": "NOPE"}, {"status": "never"},
     {"actors": "Kenya"}, {"note": "x" * 3000}],
)  # fmt: skip
def test_a_bad_mark_is_not_kept(own: tuple[Store, TestClient], change: dict[str, str]) -> None:
    store, client = own
    guard: Guard = client.app  # type: ignore[assignment]
    form = {"event": "ev-d1-1", "verdict": "mend", "token": guard.access.form_token, **change}
    assert client.post("/mark", data=form, headers={"origin": BASE}).status_code in (400, 404)
    assert store.marks() == []


# --------------------------------------------------------------------------------- charts
@pytest.mark.parametrize("name", sorted(CHARTS))
def test_every_picture_is_drawn_with_links_that_lead_somewhere(
    client: TestClient, name: str, incident: str
) -> None:
    query = "between=KEN~SOM" if name == "pair" else "status=all"
    text = client.get(f"/chart/{name}?{query}&width=360").text
    assert "<svg" in text
    assert "style=" not in text
    assert "whowhom.invalid" not in text
    found = {link for link in links(text) if link.startswith("/")}
    assert found or name == "claims", text[:300]
    for link in list(found)[:4]:
        assert client.get(link).status_code == 200, link


def test_only_shapes_and_our_links_are_let_through() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'viewBox="0 0 9 9" onload="x()"><script>x()</script><style>*{}</style>'
        '<a xlink:href="javascript:x()"><rect width="1" onclick="x()" style="fill:red"/></a>'
        '<a xlink:href="http://whowhom.invalid/search?q=&quot;&gt;"><path d="M0 0" '
        'aria-label="tip: a &lt;b&gt;"/></a>'
        '<image href="http://x"/><foreignObject><p>x</p></foreignObject>'
        '<text fill="url(http://x)">&lt;script&gt;</text></svg>'
    )
    made = clean(svg, 'a "b" <c>')
    for bad in ("javascript", "onload", "onclick", "<script", "style", "<image", "foreign", "url("):
        assert bad not in made
    assert 'href="/search?q=&quot;&gt;"' in made
    assert "&lt;script&gt;" in made


# --------------------------------------------------------------------------------- limits
def test_a_query_that_takes_too_long_is_stopped(store: Store) -> None:
    shelf = Shelf(store, seconds=0.2)
    start = time.monotonic()
    with pytest.raises(TooSlow):
        shelf.ask("select count(*) from range(1000000000) a, range(1000) b where a.range % 7 = 3")
    assert time.monotonic() - start < 60  # of hours


def test_too_slow_is_503_with_a_page(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    client = TestClient(create_app(store), base_url=BASE)

    def slow(*_: object) -> None:
        raise TooSlow

    monkeypatch.setattr("whowhom.web.reading.totals", slow)
    page, data = client.get("/search"), client.get("/api/v1/totals")
    assert (page.status_code, data.status_code) == (503, 503)
    assert "shorter time" in page.text
    assert data.headers["content-type"] == "application/problem+json"
    assert page.headers["retry-after"]


def test_results_are_remembered(store: Store) -> None:
    shelf = Shelf(store)
    made = []
    for _ in range(3):
        shelf.remember("x", lambda: made.append(1))
    assert len(made) == 1


def test_ids_with_slashes_have_pages(client: TestClient) -> None:
    assert client.get("/document/" + quote("a/b", safe="")).status_code == 404


def test_one_old_report_does_not_press_the_course_into_a_corner() -> None:
    from types import SimpleNamespace
    from unittest import mock

    from whowhom.analyse import Filter
    from whowhom.web import reading
    from whowhom.web.ask import Ask

    old, first, last = dt.date(1911, 1, 1), dt.date(1998, 3, 1), dt.date(1998, 5, 1)
    whole = {"reports": 300, "first": old, "last": last}
    near = {"reports": 297, "first": first, "last": last}
    shelf = SimpleNamespace(ask=lambda sql, values: [{"first": first, "last": last}])
    with mock.patch.object(reading, "totals", side_effect=[whole, near]):
        ask, note = reading.core(shelf, Ask(Filter()))  # type: ignore[arg-type]
    assert (ask.filter.since, ask.filter.until) == (first, last)
    assert note == "3 reports before or after left off."
    few = {"reports": 3, "first": old, "last": last}
    with mock.patch.object(reading, "totals", return_value=few):
        assert reading.core(shelf, Ask(Filter())) == (Ask(Filter()), "")  # type: ignore[arg-type]
