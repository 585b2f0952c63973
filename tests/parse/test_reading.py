"""The reading: cleaned text whose every character knows where it came from."""

from __future__ import annotations

import dataclasses
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whowhom.model import Document
from whowhom.parse.reading import forced_starts, make_reading
from whowhom.settings import DEFAULT


def reading(text: str, title: str | None = None):
    return make_reading(Document("d", text, title=title))


def test_title_and_body_are_joined_and_told_apart() -> None:
    made = reading("Troops left the town.", title="Army withdraws")
    assert made.text == "Army withdraws\n\nTroops left the town."
    assert made.part(0) == "title"
    assert made.part(made.body_start) == "text"
    at = made.text.index("town")
    start, end = made.to_source(at, at + 4)
    assert "Troops left the town."[start:end] == "town"


def test_a_title_that_the_text_repeats_is_read_once() -> None:
    made = reading("Army withdraws\n\nTroops left.", title="Army Withdraws")
    assert made.title_end == 0
    assert made.text.count("withdraws") == 1


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Rus\u200bsia at\u00adtacked", "Russia attacked"),
        ("the \u202eIran\u202c deal", "the Iran deal"),
        ("Cote d\u2019Ivoire\u00a0said", "Cote d\u2019Ivoire said"),
        ("Bogota\u0301 met", "Bogotá met"),
        ("a\x07b", "ab"),
    ],
)
def test_hidden_characters_are_left_out(source: str, expected: str) -> None:
    assert reading(source).text == expected


def test_hard_wrapped_lines_are_one_sentence_and_blank_lines_end_a_paragraph() -> None:
    made = reading("Police detained\n            four men.\n\nA second paragraph")
    assert made.text == "Police detained four men.\n\nA second paragraph"


def test_a_short_line_without_a_stop_is_a_heading() -> None:
    text = "Calm returns\nThe army left the streets of the capital on Sunday after unrest.\n"
    assert "Calm returns\n\nThe army" in reading(text).text


def test_long_runs_are_cut() -> None:
    made = reading("Word " + "(" * 50_000 + " end " + "x" * 5_000 + " stop")
    assert len(made.text) < 100
    assert made.text.endswith("stop")
    mixed = reading("A " + "([{" * 4_000 + " B")
    assert len(mixed.text) < 60


def test_text_over_the_limit_is_not_read() -> None:
    settings = dataclasses.replace(DEFAULT, max_document_characters=10)
    made = make_reading(Document("d", "abc def ghi jkl"), settings)
    assert made.text == "abc def gh"


def test_empty_documents_have_an_empty_reading() -> None:
    assert reading("").text == ""
    assert reading("", title="Only a title").text.startswith("Only a title")
    assert reading("\u200b \n").text.strip() == ""


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("KARAK, Jordan (Reuters) - Gunmen fired.", "Gunmen"),
        ("MOSCOW, Oct 22 (AP) - Officials met.", "Officials"),
        ("NAIROBI — Police said", "Police"),
    ],
)
def test_a_sentence_starts_after_the_dateline(text: str, first: str) -> None:
    made = reading(text)
    assert text.index(first) in forced_starts(made)


def test_no_dateline_is_seen_where_there_is_none() -> None:
    assert forced_starts(reading("Iran (and others) signed - twice.")) == set()


@given(st.text(max_size=300), st.text(max_size=40))
def test_offsets_lead_back_to_the_source(text: str, title: str) -> None:
    made = make_reading(Document("d", text, title=title or None))
    assert len(made.offsets) == len(made.text) + 1
    for i in range(made.body_start, len(made.text)):
        char = made.text[i]
        if char.isalnum() and char.isascii():
            start, end = made.to_source(i, i + 1)
            assert text[start:end].startswith(char) or not text[start].isascii()


def test_cleaning_is_quick_on_hostile_text() -> None:
    begun = time.perf_counter()
    for hostile in ("a," * 90_000, "'" * 190_000, "a'" * 90_000, " \n" * 90_000, "x-" * 90_000):
        reading(hostile + "!")
    # not a timing test: quadratic behaviour would take minutes
    assert time.perf_counter() - begun < 60
