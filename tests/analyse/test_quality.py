"""Coverage and quality of a store that was counted by hand."""

from __future__ import annotations

import dataclasses
from typing import Any

from tests.analyse.conftest import connect, day, report
from whowhom.analyse import coverage, label, quality
from whowhom.model import Coverage

Row = dict[str, Any]


def document(name: str, outlet: str | None, number: int, **counts: int) -> Row:
    parts = dict.fromkeys((field.name for field in dataclasses.fields(Coverage)), 0)
    return {
        "sequence": number,
        "id": name,
        "outlet": outlet,
        "published": day(number),
        "genre": "report",
        "sha256": "",
        "coverage": parts | counts,
    }


def ledger(number: int, status: str, reason: str | None = None) -> Row:
    return {
        "sequence": number,
        "document_id": f"d{number}",
        "status": status,
        "reason": reason,
        "events": 0,
        "rejections": 0,
        "file": "f",
        "locator": "",
        "notes": [],
    }


DOCUMENTS = [
    document("d1", "Wire", 1, characters=100, characters_read=90, parties=4, parties_resolved=3),
    document("d2", "Wire", 2, characters=100, characters_read=100, events=2, events_dated=1),
    document("d3", None, 3, characters=50, characters_read=50, events=1, events_placed=1),
]
STORIES = [{"document_id": f"d{n}", "story": "d1", "copy": n == 2} for n in (1, 2, 3)]


def test_coverage() -> None:
    with connect([], [], STORIES, documents=DOCUMENTS) as c:
        wire, nobody, whole = coverage(c).to_pylist()
    assert (wire["outlet"], wire["documents"], wire["with_events"], wire["copies"]) == (
        "Wire",
        2,
        1,
        1,
    )
    assert (wire["first"], wire["last"], wire["characters_read"]) == (day(1), day(2), 190)
    assert (nobody["outlet"], nobody["whole"], nobody["documents"]) == (None, False, 1)
    assert (whole["whole"], whole["documents"], whole["characters"]) == (True, 3, 250)


def test_quality() -> None:
    reports = [
        report("a", "i1", "AID", 1, confidence=1.0, speakers=["USA"]),
        report("b", "i1", "AID", 1, confidence=0.8, date_from="published"),
        report("c", "i2", "AID", 1, confidence=0.79, date_from=None, day=None, status="future"),
        # as of an imported data set: it has a day, and the file does not say from what
        report("d", "i2", "AID", 1, confidence=None, date_from=None),
    ]
    states = [ledger(1, "coded"), ledger(2, "coded"), ledger(3, "skipped", "empty")]
    rejected = [
        {"sequence": 1, "document_id": "d1", "reason": "no_party"},
        {"sequence": 1, "document_id": "d1", "reason": "no_party"},
        {"sequence": 1, "document_id": "d1", "reason": "covered"},
    ]
    with connect(
        reports,
        [],
        STORIES,
        documents=DOCUMENTS,
        ledger=states,
        rejections=rejected,
        runs=[{"version": "0.1", "codebook": "plover 2.0", "model": None}],
    ) as c:
        rows = quality(c).to_pylist()
    found = {(row["measure"], row["value"]): (row["count"], row["total"]) for row in rows}
    assert found == {
        ("documents", "coded"): (2, 3),
        ("documents", "skipped"): (1, 3),
        ("not_coded", "empty"): (1, 3),
        ("text_read", ""): (240, 250),
        ("sentences_read", ""): (0, 0),
        ("parties_resolved", ""): (3, 4),
        ("events_dated", ""): (1, 4),
        ("events_placed", ""): (1, 3),
        ("date_from", "text"): (1, 4),
        ("date_from", "published"): (1, 4),
        ("date_from", "source"): (1, 4),
        ("date_from", "none"): (1, 4),
        ("status", "actual"): (3, 4),
        ("status", "future"): (1, 4),
        ("voice", "reported"): (4, 4),
        ("genre", "report"): (4, 4),
        ("attributed", ""): (1, 4),
        ("copies", ""): (1, 3),
        ("confidence", "0.7"): (1, 3),
        ("confidence", "0.8"): (1, 3),
        ("confidence", "0.9"): (1, 3),  # 1.0 is in the last tenth
        ("rejections", "no_party"): (2, 3),
        ("rejections", "covered"): (1, 3),
        ("coder", "0.1"): (1, 1),
        ("codebook", "plover 2.0"): (1, 1),
        ("model", "none"): (1, 1),
        ("merged", ""): (2, 4),
        ("disputed", ""): (0, 2),
        ("denied", ""): (0, 2),
    }
    shares = {row["measure"]: row["share"] for row in rows}
    assert shares["parties_resolved"] == 0.75
    assert shares["sentences_read"] is None


def test_an_empty_store_has_a_quality() -> None:
    with connect([]) as c:
        assert {row["count"] for row in quality(c).to_pylist()} == {0}
        assert coverage(c)["documents"].to_pylist() == [0]


def test_labels() -> None:
    assert label("KEN REB") == "Kenya, rebels"
    assert label("RUS") == "Russia"
    assert label("XYZ QQQ") == "XYZ, QQQ"
