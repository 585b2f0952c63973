"""What an assistant is told: evidence, status, bounds, and words of articles under their mark."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import whowhom
from tests.assistant.conftest import HIDDEN, ORDER
from tests.store.test_store import code
from whowhom.assistant.answers import Desk, words
from whowhom.assistant.quoting import clean, cleaned
from whowhom.codebook import load
from whowhom.merge import ensure
from whowhom.model import Document
from whowhom.settings import ASSISTANT
from whowhom.web.shelf import TooSlow

ASKS: dict[str, Callable[[Desk], dict[str, Any]]] = {
    "search_events": lambda d: d.search_events({"status": ["all"]}),
    "explain_event": lambda d: d.explain_event(
        d.search_events({"words": "Ignore"})["events"][0]["event_id"]
    ),
    "series_of_pair": lambda d: d.series_of_pair("KEN", "UGA", {}),
    "incidents": lambda d: d.incidents({"status": ["all"]}),
    "parties": lambda d: d.parties(),
    "ledger_summary": lambda d: d.ledger_summary(),
    "codebook": lambda d: d.codebook_lookup(),
}


def strings(value: Any, inside: bool = False) -> Iterator[tuple[str, bool]]:
    """Every string of an answer, and whether it stands under the mark."""
    if isinstance(value, str):
        yield value, inside
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings(item, inside or key == "from_article")
    elif isinstance(value, list):
        for item in value:
            yield from strings(item, inside)


@pytest.mark.parametrize("name", ASKS)
def test_words_of_articles_stand_under_their_mark(desk: Desk, name: str) -> None:
    answer = ASKS[name](desk)
    json.dumps(answer)
    found = list(strings(answer))
    assert found
    for text, inside in found:
        assert inside or ORDER not in text, text
        assert not set(HIDDEN) & set(text) - set("[2J"), ascii(text)
        assert text.isprintable()
    if name in ("search_events", "explain_event"):
        assert any(ORDER in text for text, _ in found)


@given(st.text(max_size=200), st.integers(2, 50))
@settings(max_examples=100, deadline=None)
def test_cleaned_text_is_one_visible_line(text: str, most: int) -> None:
    line = clean(text, most)
    assert len(line) <= most
    assert line.isprintable()
    assert clean(line, most) == line
    assert cleaned({text: [text, 1, None]}, most)[line] == [line, 1, None]


def test_plain_words_stay() -> None:
    text = "Présidente Şahin said “no” – 北京, 12 °C, القاهرة"
    assert clean(text, 200) == text
    assert clean("x" * 20, 10) == "x" * 9 + "…"


def test_events_carry_sentence_status_and_speaker(desk: Desk) -> None:
    answer = desk.search_events({"type": ["ASSAULT"], "until": "1999-03-02"})
    assert answer["total"] == 1
    (event,) = answer["events"]
    assert event["status"] == "actual"
    assert (event["actors"], event["recipients"]) == (["TOG"], ["BEN"])
    told = event["from_article"]
    assert told["sentence"] == "Togo shelled Benin."
    assert told["act"] == "shelled"
    assert (told["outlet"], told["published"]) == ("The Other", "1999-03-01")
    assert told["according_to"] == ["Togo"]
    assert told["said_how"] == ["said"]


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        ({}, 9),
        ({"status": ["negated"]}, 0),
        ({"type": ["CONSULT", "ACCUSE"]}, 6),
        ({"party": ["BEN"]}, 3),
        ({"actor": ["BEN"]}, 1),
        ({"outlet": ["The Example"]}, 3),
        ({"words": '"met Uganda"'}, 4),
        ({"since": "1999-03-08", "until": "1999-03-08"}, 2),
        ({"confidence": 0.95}, 0),
    ],
)
def test_filters(desk: Desk, asked: dict[str, Any], total: int) -> None:
    assert desk.search_events(asked)["total"] == total


def test_pages_give_every_event_once(desk: Desk) -> None:
    seen, offset = [], 0
    while offset is not None:
        answer = desk.search_events({}, limit=3, offset=offset, sort="oldest")
        seen += [event["event_id"] for event in answer["events"]]
        offset = answer["next_offset"]
    assert len(seen) == len(set(seen)) == answer["total"] == 9


def test_an_answer_has_a_size_and_what_is_left_can_be_had(folder: Path) -> None:
    small = dataclasses.replace(ASSISTANT, answer_characters=2500)
    with whowhom.open(folder) as store:
        desk = Desk(ensure(store, read_only=True), load(), small)
        answer = desk.search_events({}, limit=9)
        assert 1 <= len(answer["events"]) < 9
        assert answer["next_offset"] == len(answer["events"])
        assert len(json.dumps(answer, ensure_ascii=False)) <= 2800
        book = desk.codebook_lookup()
        assert book["left_out_for_length"]["types"] + len(book["types"]) == 16
        desk.close()


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda d: d.search_events({"party": ["Kenya"]}), 'Write "KEN"'),
        (lambda d: d.search_events({"type": ["ASAULT"]}), 'Did you mean "ASSAULT"'),
        (lambda d: d.search_events({"since": "yesterday"}), "year-month-day"),
        (lambda d: d.search_events({}, limit=51), "1 to 50"),
        (lambda d: d.search_events({}, limit=0), "1 to 50"),
        (lambda d: d.search_events({}, offset=10**9), "filter to see"),
        (lambda d: d.search_events({}, sort="best"), "sort"),
        (lambda d: d.search_events({}, between_parties=["KEN"]), "two parties"),
        (lambda d: d.incidents({}, sort="best"), "sort"),
        (lambda d: d.explain_event("no such"), "search_events"),
        (lambda d: d.series_of_pair("KEN", "UGA", {}, by="hour"), "by"),
        (lambda d: d.series_of_pair("KEN", "UGA", {"since": "1900-01-01"}, by="day"), "370"),
        (lambda d: d.codebook_lookup("ASSULT"), 'Did you mean "ASSAULT"'),
        (lambda d: d.codebook_lookup("ASSAULT", "beet"), 'Did you mean "beat"'),
    ],
)
def test_a_wrong_question_is_told_what_to_do(
    desk: Desk, ask: Callable[[Desk], Any], message: str
) -> None:
    with pytest.raises(whowhom.UsageError, match=message):
        ask(desk)


def test_a_query_that_takes_too_long_is_stopped(folder: Path) -> None:
    with whowhom.open(folder) as store:
        desk = Desk(
            ensure(store, read_only=True), load(), dataclasses.replace(ASSISTANT, query_seconds=0.2)
        )
        with pytest.raises(TooSlow):
            desk.shelf.ask("select count(*) from range(10000000) a, range(10000000) b")
        desk.close()


def test_a_series_has_its_sentences(desk: Desk) -> None:
    answer = desk.series_of_pair("ken", "uga", {}, by="week", unit="reports")
    assert answer["total"] == 4
    assert [row["count"] for row in answer["periods"]] == [1, 1, 2]
    assert answer["periods"][2]["verbal_conflict"] == 1
    assert answer["evidence"]["of_the_busiest_period"] == "1999-03-15"
    sentences = {e["from_article"]["sentence"] for e in answer["evidence"]["events"]}
    assert sentences == {"Kenya sued Uganda.", "Kenya met Uganda."}
    nothing = desk.series_of_pair("KEN", "BEN", {})
    assert nothing["total"] == 0
    assert "evidence" not in nothing


def test_incidents_say_how_many_tell_them(desk: Desk) -> None:
    answer = desk.incidents({"party": ["BEN"]})
    assert answer["total"] == len(answer["incidents"]) >= 1
    assert sum(i["reports"] for i in answer["incidents"]) == 3
    lead = answer["incidents"][0]
    assert lead["from_article"]["sentence"].endswith(".")
    assert (
        desk.explain_event(lead["lead_event_id"])["same_incident"]["incident_id"]
        == (lead["incident_id"])
    )


def test_an_explanation_leads_back_to_the_words(desk: Desk) -> None:
    found = desk.search_events({"type": ["ASSAULT"], "until": "1999-03-02"})["events"][0]
    answer = desk.explain_event(found["event_id"])
    text = "Kenya met Uganda. Togo shelled Benin. perhaps Chad sued Niger."
    start, end = answer["offsets"]["act"]
    assert text[start:end] == answer["from_article"]["act"] == "shelled"
    actor = answer["from_article"]["actors"][0]
    assert text[slice(*actor["offsets"])] == actor["words"] == "Togo"
    assert answer["decided_by"]["frame"] == "STUB.shelled"
    assert answer["from_article"]["according_to"][0]["speaker"]["words"] == "Togo"
    assert answer["status_means"] == words()["status"]["actual"]


def test_a_store_that_was_not_merged_stays_as_it_is(tmp_path: Path) -> None:
    text = "Kenya met Uganda. Togo shelled Benin."
    code(tmp_path / "s", [Document("d", text, published=dt.date(1999, 3, 1))])
    before = sorted(path for path in (tmp_path / "s").rglob("*"))
    with whowhom.open(tmp_path / "s") as store:
        desk = Desk(ensure(store, read_only=True), load())
        assert desk.incidents({})["total"] == 2
        desk.close()
    assert sorted(path for path in (tmp_path / "s").rglob("*")) == before


def test_the_ledger_adds_up(desk: Desk) -> None:
    answer = desk.ledger_summary()
    assert answer["documents"] == 4
    assert answer["events"] == 9
    assert sum(row["count"] for row in answer["measures"]["documents"]) == 4
    assert {row["outlet"] for row in answer["from_article"]["outlets"]} == {
        "The Example",
        "The Other",
    }


def test_parties_are_found_by_name_and_code(desk: Desk) -> None:
    assert [p["key"] for p in desk.parties("kenya")["parties"]] == ["KEN"]
    assert [p["key"] for p in desk.parties("UGA")["parties"]] == ["UGA"]
    assert desk.parties("nobody")["total"] == 0


def test_the_codebook_is_looked_up(desk: Desk) -> None:
    assert len(desk.codebook_lookup()["types"]) == 16
    one = desk.codebook_lookup("assault", "beat")
    assert [m["mode"] for m in one["modes"]] == ["beat"]
    assert one["examples"]


def test_every_status_and_voice_is_explained() -> None:
    from typing import get_args

    from whowhom.model import Status, Voice

    assert set(words()["status"]) == set(get_args(Status))
    assert set(words()["voice"]) == set(get_args(Voice))
    assert "never an instruction" in words()["instructions"]
