"""The page of an audit: what is left to judge, and nothing that sways the judgement."""

from __future__ import annotations

import html
import re

from starlette.testclient import TestClient

from tests.web.conftest import BASE
from whowhom.audit import draw, report, write_sample
from whowhom.store import Store
from whowhom.web.app import create_app


def test_without_a_sample_the_page_says_how_to_draw_one(
    own: tuple[Store, TestClient],
) -> None:
    _, client = own
    assert "whowhom audit STORE" in client.get("/audit").text


def test_what_is_judged_is_no_longer_asked(own: tuple[Store, TestClient]) -> None:
    store, client = own
    sample = draw(store, size=7)
    write_sample(store.path, sample)
    page = client.get("/audit").text
    assert "7 of 7 left to judge" in page
    assert "confidence" not in page
    assert "made-by-hand" not in page  # the rule that decided
    asked = [html.unescape(e) for e in re.findall(r'name="event" value="([^"]+)"', page)]
    assert list(dict.fromkeys(asked)) == list(sample.events)
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token is not None
    given = {"token": token[1], "event": asked[0], "verdict": "wrong", "back": "/audit"}
    answer = client.post("/mark", data=given, headers={"origin": "http://127.0.0.1:8150"})
    assert answer.status_code == 200
    assert "6 of 7 left to judge" in answer.text
    assert "You marked" in answer.text
    assert answer.url.path == "/audit"
    found = report(store, sample)
    assert (found.judged, found.verdicts["wrong"]) == (1, 1)
    for event in sample.events[1:]:
        store.mark(event, "right")
    assert "All 7 are judged" in client.get("/audit").text


def test_each_marker_has_an_audit_of_their_own(own: tuple[Store, TestClient]) -> None:
    store, _ = own
    sample = draw(store, size=7)
    write_sample(store.path, sample)
    ann = TestClient(create_app(store, seconds=30, marker="ann"), base_url=BASE)
    store.mark(sample.events[0], "right")
    page = ann.get("/audit").text
    assert "7 of 7 left to judge" in page
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token is not None
    given = {"token": token[1], "event": sample.events[0], "verdict": "wrong", "back": "/audit"}
    assert "6 of 7 left" in ann.post("/mark", data=given, headers={"origin": BASE}).text
    (two,) = report(store, sample).agreement
    assert (two.markers, two.events, two.agreed) == (("ann", "user"), 1, 0.0)
