"""Cells and columns: nothing that a spreadsheet would run, nothing that a terminal would obey."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.stub import StubCoder
from whowhom.formats.plover_writer import Plover, plover
from whowhom.model import Document, Event, Magnitudes, Money, Range
from whowhom.show.safe import visible
from whowhom.store.export import Separated
from whowhom.store.flat import COLUMNS, flat, safe_cell


def event(**changes: Any) -> Event:
    coded = StubCoder().code(Document("d", "Kenya met Uganda. Togo shelled Benin."))
    return dataclasses.replace(coded.events[0], **changes)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "%x", "|x",
     "＝1", "＋1", "－1", "＠x"],
)  # fmt: skip
def test_a_formula_is_neutralised(text: str) -> None:
    assert safe_cell(text).startswith("'")
    assert safe_cell(text, raw=True) == text


@pytest.mark.parametrize("value", ["-5", "+3.2", "-1e9", -5, -2.5, "plain", "a=b", "1-2"])
def test_numbers_and_plain_text_are_left(value: str | int | float) -> None:
    assert safe_cell(value) == str(value)


def test_other_cells() -> None:
    assert [safe_cell(v) for v in (None, True, False, 0, 0.1)] == ["", "true", "false", "0", "0.1"]


def test_control_characters_are_written_out() -> None:
    assert visible("a\x1b[31mb\x9bc\u202ed\ufeff") == "a\\x1b[31mb\\x9bc\\u202ed\\ufeff"
    assert visible("two\nlines\tand\r\nmore\u2028") == "two lines and  more "
    assert visible("Côte d’Ivoire 中国 👩‍🌾 می‌خواهم") == "Côte d’Ivoire 中国 👩‍🌾 می‌خواهم"


@given(st.text(max_size=40))
def test_no_cell_can_be_run_or_obeyed(text: str) -> None:
    cell = safe_cell(text)
    assert cell == "" or cell[0] not in "=+@\t\r\n＝＋－＠" or text.lstrip("+-").isascii()
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in cell)
    assert visible(cell) == cell


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=3))
def test_raw_cells_come_back_from_csv(texts: list[str]) -> None:
    file = io.BytesIO()
    writer = Separated(file, ",", raw=True)
    writer.write([event(date_text=text).to_dict() | {"mode": text} for text in texts])
    writer.finish()
    rows = list(csv.DictReader(io.StringIO(file.getvalue().decode(), newline="")))
    assert [row["mode"] for row in rows] == texts


def test_the_flat_row() -> None:
    row = flat(event().to_dict())
    assert list(row) == list(COLUMNS)
    assert row["actor_country"] == "KEN"
    assert (row["injured_low"], row["injured_high"]) == (2, None)
    assert (row["killed_low"], row["killed_high"]) == (0, 0)
    assert row["place_country"] == "UGA"
    assert row["quoted"] is None


def test_lists_of_a_side_stay_parallel() -> None:
    party = event().actors[0]
    nameless = dataclasses.replace(party, text="the rebels", country=None, name=None)
    row = flat(event(actors=(nameless, party), recipients=()).to_dict())
    assert row["actor_text"] == "the rebels; Kenya"
    assert row["actor_country"] == "; KEN"
    assert row["actor_office"] is None
    assert row["recipient_text"] is None


def test_money_in_a_cell() -> None:
    money = (Money(2_500_000.0, "USD"), Money(300.5, None, "month"))
    row = flat(event(magnitudes=Magnitudes(money=money), place=None).to_dict())
    assert row["money"] == "2500000 USD; 300.5 per month"
    assert row["place_name"] is None


def test_speakers_in_cells() -> None:
    second = StubCoder().code(Document("d", "Kenya met Uganda. Togo shelled Benin.")).events[1]
    silent = dataclasses.replace(second.attribution[0], speaker=None, cue="reportedly", quoted=True)
    row = flat(dataclasses.replace(second, attribution=(second.attribution[0], silent)).to_dict())
    assert row["speaker_name"] == "Togo; "
    assert row["cue"] == "said; reportedly"
    assert row["quoted"] is True


# ----------------------------------------------------------------------- PLOVER
def test_plover_terms() -> None:
    record = plover(event(status="negated", date=None, place=None).to_dict())
    assert record["date"] == ""
    assert record["mode"] == ["visit", "negation"]
    assert "event_loc" not in record
    assert record["quad_code"] == 1
    assert record["text_info"]["sequence"] == 1


def test_plover_counts_what_it_loses() -> None:
    file = io.BytesIO()
    writer = Plover(file)
    lossy = event(
        voice="opinion",
        date_text="in spring",
        date_granularity="month",
        incident="inc-1",
        magnitudes=Magnitudes(Range(None, 3), None, None, 500, (Money(1.0, "EUR"),)),
    )
    writer.write([lossy.to_dict(), event().to_dict()])
    writer.finish()
    first = json.loads(file.getvalue().splitlines()[0])
    assert first["size"] == {"dead": 3}
    for name in ("voice", "date_text", "date_granularity", "crowd", "money", "incident"):
        assert writer.losses[name] == 1
    assert writer.losses["date (PLOVER requires one; left empty)"] == 2
    assert writer.losses["upper or lower end of a figure"] == 2
