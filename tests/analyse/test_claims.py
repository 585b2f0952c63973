"""Claims, denials, disputed figures and money of stores that were counted by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analyse.conftest import connect, day, incident, report
from tests.analyse.test_counts import rows
from whowhom.analyse import Filter, claims, denials, figures, money

Row = dict[str, Any]


def said(name: str, of: str, speakers: list[str], **fields: Any) -> Row:
    fields.setdefault("actors", ["USA"])
    return report(name, of, fields.pop("kind", "ASSAULT"), 1, speakers=speakers, **fields)


def test_claims() -> None:
    data = [
        said("a", "i1", ["CUB"], confidence=0.7),
        said("b", "i1", ["CUB"], confidence=0.8),  # the same incident: one
        said("c", "i2", ["USA", "CUB"]),  # the innermost says so
        said("d", "i2", ["USA"]),  # of itself
        said("e", "i3", []),  # the document's own voice
        said("f", "i4", [""]),  # somebody
        said("g", "i5", ["CUB"], actors=["", "GBR", "GBR"], kind="AID"),
        said("h", "i6", ["CUB"], status="negated"),
    ]
    with connect(data) as c:
        table = claims(c)
        assert rows(table, "speaker", "target", "event_type", "count", "own") == [
            ("CUB", "USA", "ASSAULT", 2, False),
            ("CUB", "GBR", "AID", 1, False),
            ("USA", "USA", "ASSAULT", 1, True),
        ]
        assert rows(table, "examples")[0] == ["c", "b", "a"]
        assert rows(table, "quad")[1] == "material cooperation"
        assert rows(claims(c, unit="reports"), "count") == [3, 1, 1]
        assert rows(claims(c, Filter(statuses=("negated",))), "count") == [1]


def test_denials() -> None:
    data = [
        said("a", "i1", ["USA"], status="negated", speaker_names=["White House"]),
        said("b", "i1", ["CUB"], speaker_names=["Castro"]),
        said("c", "i1", [], outlet="Tribune"),
        said("d", "i1", ["RUS"], status="hypothetical"),  # claims nothing
        said("e", "i2", ["USA"], status="negated", speaker_names=["Rusk"]),
        said("f", "i3", [], status="negated"),  # nobody denies it: the paper says so
    ]
    with connect(data) as c:
        table = denials(c)
    names = ("denier", "claimant", "claimant_name", "target", "event_type", "denied", "claimed")
    assert rows(table, *names) == [
        ("USA", "CUB", "Castro", "USA", "ASSAULT", ["a"], ["b"]),
        ("USA", None, "Tribune", "USA", "ASSAULT", ["a"], ["c"]),
        ("USA", None, None, "USA", "ASSAULT", ["e"], []),
    ]
    assert rows(table, "incidents") == [1, 1, 1]


def claim(kind: str, low: int | None, high: int | None, who: str, event: str, **more: Any) -> Row:
    row = {"kind": kind, "low": low, "high": high, "claimant": who, "claimant_key": ""}
    return row | {"outlet": "Wire", "event_id": event, "published": day(2)} | more


def test_disputed_figures() -> None:
    told = incident(
        "i1",
        text="Shells fell on the port.",
        place="Havana",
        shown=day(1),
        disputed=True,
        killed_low=12,
        killed_high=40,
        figures=[
            claim("killed", 12, 12, "the ministry", "a", claimant_key="CUB"),
            claim("killed", 40, None, "residents", "b", published=day(3)),
            claim("killed", 40, None, "residents", "c", outlet="Courier"),
            claim("injured", 10, 20, "Wire", "a"),
            claim("injured", 15, None, "residents", "b"),
        ],
    )
    agreed = incident("i2", killed_low=3, figures=[claim("killed", 3, 3, "Wire", "d")])
    data = [report(name, "i1", "ASSAULT", 1) for name in "abc"] + [report("d", "i2", "ASSAULT", 1)]
    with connect(data, [told, agreed]) as c:
        table = figures(c)
        names = ("kind", "low", "high", "claimant", "reports", "outlets", "least", "most")
        # the injured agree: 15 to 20 can be right for both
        assert rows(table, *names) == [
            ("killed", 12, 12, "the ministry", 1, ["Wire"], 12, 40),
            ("killed", 40, None, "residents", 2, ["Courier", "Wire"], 12, 40),
        ]
        second = table.to_pylist()[1]
        assert (second["first"], second["events"], second["place"]) == (
            day(2),
            ["b", "c"],
            "Havana",
        )
        everything = figures(c, disputed=False)
        assert rows(everything, "incident", "kind", "disputed") == [
            ("i1", "injured", False),
            ("i1", "injured", False),
            ("i1", "killed", True),
            ("i1", "killed", True),
            ("i2", "killed", False),
        ]
        assert figures(c, Filter(types=("AID",))).num_rows == 0
        assert figures(c, disputed=False, limit=1)["incident"].unique().to_pylist() == ["i1"]


def paid(name: str, of: str, kind: str, *sums: tuple[float, str | None], **fields: Any) -> Row:
    amounts = [{"amount": amount, "currency": code, "per": None} for amount, code in sums]
    fields = {"actors": ["USA"], "recipients": ["KEN"]} | fields
    return report(name, of, kind, 1, money=amounts, **fields)


def test_money() -> None:
    data = [
        paid("a", "i1", "AGREE", (100.0, "USD"), (40.0, "USD"), confidence=0.9),  # 40 is part of it
        paid(
            "b", "i1", "AGREE", (120.0, "USD"), confidence=0.8
        ),  # the same promise, told otherwise
        paid("c", "i2", "AID", (5.0, "USD")),
        paid("d", "i3", "AID", (7.0, "EUR"), actors=["GBR", "USA", "GBR"]),
        paid("e", "i4", "AID", (9.0, "USD"), status="future"),
        paid("f", "i5", "REQUEST", (50.0, None), actors=["KEN"], recipients=["", "USA"]),
        paid("g", "i6", "AID", (1.0, "USD"), actors=[""], status="negated"),
        paid("h", "i7", "ASSAULT", (2.0, "USD")),
        report("i", "i8", "AID", 1),
    ]
    with connect(data) as c:
        table = money(c)
        assert rows(table, "stage", "giver", "receiver", "currency", "count", "amount") == [
            ("promised", "USA", "KEN", "USD", 2, 109.0),
            ("asked", "USA", "KEN", None, 1, 50.0),
            ("given", "GBR + USA", "KEN", "EUR", 1, 7.0),
            ("given", "USA", "KEN", "USD", 1, 5.0),
            ("other", "USA", "KEN", "USD", 1, 2.0),
            ("refused", None, "KEN", "USD", 1, 1.0),
        ]
        promised = table.to_pylist()[0]
        assert (promised["low"], promised["high"], promised["examples"]) == (109, 129, ["a", "e"])
        assert rows(money(c, unit="reports"), "amount")[0] == pytest.approx(229.0)
        assert money(c, Filter(recipients=("SOM",))).num_rows == 0
