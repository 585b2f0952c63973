"""The evaluation gold is well formed and covers what it promises to cover."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from whowhom.model import SECTORS, STATUSES

FOLDER = Path(__file__).resolve().parents[2] / "evals" / "gold"
FILES = {
    "types": 150,
    "status": 80,
    "attribution": 60,
    "parties": 70,
    "when_where": 60,
    "negatives": 90,
    "articles": 12,
}
"""File and its least number of records."""
RECORD = {"id", "text", "date", "title", "events"}
EVENT = {"type", "actors", "recipients", "status"}
OPTIONAL = {"mode", "speaker", "date", "place"}
BODIES = {"UNO", "EUR", "IGO", "NGO", "ISM", "IMG", "MNC", "KOS"}
MODES: dict[str, set[str]] = {
    "AGREE": set(),
    "CONSULT": {"visit", "third-party", "multilateral", "phone"},
    "SUPPORT": set(),
    "CONCEDE": set(),
    "COOPERATE": set(),
    "AID": set(),
    "RETREAT": {"withdraw", "release", "disarm", "ceasefire", "access", "resign"},
    "REQUEST": {"assist", "change", "yield", "meet"},
    "ACCUSE": {"disapprove", "investigate", "allege"},
    "REJECT": {"assist", "change", "yield", "meet"},
    "THREATEN": {"restrict", "arrest", "relations", "expel", "territory", "violence"},
    "PROTEST": {"demo", "riot", "strike", "hunger", "boycott", "obstruct", "vandalize"},
    "SANCTION": {"convict", "expel", "withdraw", "discontinue"},
    "MOBILIZE": {"troops", "weapons", "police", "militia"},
    "COERCE": {
        *("seize", "restrict", "arrest", "deport", "withhold", "cyber"),
        *("censor", "curfew", "misinformation", "martial-law"),
    },
    "ASSAULT": {
        *("abduct", "beat", "torture", "sexual", "targeted", "destroy", "primitive", "firearms"),
        *("explosives", "suicide-attack", "aerial", "drone", "heavy-weapons", "crowd-control"),
        "unconventional",
    },
}
"""The 16 types of PLOVER 2.0 and their 67 modes."""


def read(name: str) -> list[dict[str, Any]]:
    lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def all_records() -> list[dict[str, Any]]:
    return [record for name in FILES for record in read(name)]


def all_events() -> list[dict[str, Any]]:
    return [event for record in all_records() for event in record["events"]]


@pytest.fixture(scope="module")
def countries() -> set[str]:
    table = Path(__file__).resolve().parents[2] / "src/whowhom/data/actors/countries.csv"
    rows = table.read_text(encoding="utf-8").splitlines()[1:]
    return {row.split(",")[0] for row in rows} | BODIES


def test_no_other_files() -> None:
    assert {path.stem for path in FOLDER.glob("*.jsonl")} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_files_hold_enough(name: str) -> None:
    assert len(read(name)) >= FILES[name]


def test_whole_is_large_enough() -> None:
    assert len(all_records()) >= 420
    assert len(all_events()) >= 550


def test_ids_and_texts_are_unique() -> None:
    records = all_records()
    assert len({record["id"] for record in records}) == len(records)
    texts = Counter((record["text"].casefold(), record["title"]) for record in records)
    assert [text for text, count in texts.items() if count > 1] == []


@pytest.mark.parametrize("name", FILES)
def test_schema(name: str, countries: set[str]) -> None:
    for record in read(name):
        assert set(record) == RECORD, record["id"]
        assert record["text"].strip() == record["text"] != ""
        day = dt.date.fromisoformat(record["date"])
        assert 1960 <= day.year <= 2026, record["id"]
        for event in record["events"]:
            check(record, event, countries)


def check(record: dict[str, Any], event: dict[str, Any], countries: set[str]) -> None:
    assert EVENT <= set(event) <= EVENT | OPTIONAL, record["id"]
    assert event["type"] in MODES, record["id"]
    assert event["status"] in STATUSES, record["id"]
    assert event.get("mode") in MODES[event["type"]] | {None}, record["id"]
    for party in (*event["actors"], *event["recipients"]):
        country, sector = party.split("/")
        assert party != "/", record["id"]
        assert country in countries | {""}, (record["id"], party)
        assert sector in SECTORS | {""}, (record["id"], party)
    if event["type"] == "CONSULT" and event.get("mode") not in ("visit", None):
        assert event["recipients"] == [], record["id"]
    speaker = event.get("speaker")
    if speaker is not None:
        place = f"{record['title'] or ''} {record['text']}".casefold()
        assert speaker.casefold() in place, (record["id"], speaker)
    if event.get("date") is not None:
        dt.date.fromisoformat(event["date"])
    if event.get("place") is not None:
        assert event["place"] in countries, record["id"]


def test_planned_cooperation_is_coded_as_the_promise() -> None:
    turned = {"CONSULT", "SUPPORT", "COOPERATE", "AID", "RETREAT"}
    wrong = [e for e in all_events() if e["status"] == "future" and e["type"] in turned]
    assert wrong == []


def test_negatives_have_no_event() -> None:
    assert all(record["events"] == [] for record in read("negatives"))
    for name in set(FILES) - {"negatives"}:
        assert all(record["events"] for record in read(name)), name


def test_every_type_and_mode_is_asked() -> None:
    events = [event for record in read("types") for event in record["events"]]
    assert all("mode" in event for event in events)
    counts = Counter(event["type"] for event in events)
    assert [t for t in MODES if counts[t] < 14] == []
    pairs = {(event["type"], event["mode"]) for event in events}
    wanted = {(t, mode) for t, modes in MODES.items() for mode in modes}
    assert len(wanted) == 67
    assert wanted - pairs == set()


def test_every_status_is_asked() -> None:
    counts = Counter(event["status"] for record in read("status") for event in record["events"])
    assert [status for status in STATUSES if counts[status] < 10] == []


def test_attribution_asks_for_speakers_and_for_none() -> None:
    events = [event for record in read("attribution") for event in record["events"]]
    named = [event["speaker"] for event in events if "speaker" in event]
    assert len(events) - len(named) <= 5  # hedges without a name: neither is asked
    assert sum(speaker is not None for speaker in named) >= 40
    assert named.count(None) >= 10


def test_when_where_asks_for_dates_and_places() -> None:
    events = [event for record in read("when_where") for event in record["events"]]
    assert sum(event.get("date") is not None for event in events) >= 35
    assert sum(event.get("place") is not None for event in events) >= 45


@pytest.mark.parametrize("record", read("articles"), ids=lambda record: record["id"])
def test_articles_are_short_articles(record: dict[str, Any]) -> None:
    assert record["title"]
    assert 5 <= record["text"].count(". ") + 1 <= 8
