"""The table: what a person sees on a narrow and on a wide terminal."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from typing import Any

import pytest
from rich.console import Console

from tests.engine.stub import StubCoder
from whowhom.model import Document, Event, Magnitudes, Range
from whowhom.show.table import draw, figure, figures


def event(**changes: Any) -> Event:
    document = Document(
        "d", "Kenya met Uganda.", outlet="The Example", published=dt.date(1994, 5, 2)
    )
    return dataclasses.replace(StubCoder().code(document).events[0], **changes)


def shown(*events: Event, width: int = 80) -> str:
    out = io.StringIO()
    draw(events, Console(file=out, width=width, markup=False, emoji=False, highlight=False))
    text = out.getvalue()
    assert max(map(len, text.splitlines())) <= width
    return text


@pytest.mark.parametrize("width", [60, 80, 110, 160])
def test_every_field_is_there(width: int) -> None:
    text = " ".join(shown(event(), width=width).split())
    for word in ("1994-05-02", "CONSULT", "visit", "Kenya", "(KEN)", "Uganda", "The", "Lira"):
        assert word in text


@pytest.mark.parametrize(
    ("granularity", "expected"),
    [("day", "1994-05-02"), ("week", "week of"), ("month", "1994-05 "), ("year", "1994 ")],
)
def test_a_date_is_shown_as_exactly_as_it_is_known(granularity: str, expected: str) -> None:
    assert expected in shown(event(date_granularity=granularity), width=120)


def test_what_is_not_known_is_a_dash() -> None:
    bare = event(date=None, place=None, actors=(), mode=None)
    for width in (80, 120):
        text = shown(bare, width=width)
        assert "–" in text
        assert "1994" not in text


def test_status_voice_and_speaker() -> None:
    second = StubCoder().code(Document("d", "Kenya met Uganda. Togo shelled Benin.")).events[1]
    link = second.attribution[0]
    nobody = dataclasses.replace(link, speaker=None, cue="reportedly")
    according = dataclasses.replace(link, cue="According to")
    assert "according to Togo" in shown(event(attribution=(according,)), width=140)
    text = shown(
        dataclasses.replace(second, status="future", voice="opinion", attribution=(link, nobody)),
        width=140,
    )
    for word in ("future, opinion", "Togo said", "somebody", "reportedly"):
        assert word in text
    assert "the text" in shown(event(document=dataclasses.replace(event().document, outlet=None)))


def test_text_from_outside_cannot_move_the_cursor_or_style() -> None:
    party = dataclasses.replace(event().actors[0], name="[red]Evil\x1b[2J\u202e")
    text = shown(event(actors=(party,)), width=140)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[red]Evil" in text


def test_figures_in_words() -> None:
    assert figure(1200) == "1,200"
    assert figure(Range(12, 15)) == "12 to 15"
    assert figure(Range(12, None)) == "at least 12"
    assert figure(Range(None, 15)) == "at most 15"
    assert figure(Range(None, None)) == "an unknown number"
    assert figures(Magnitudes(3, Range(5, None), None, 10_000)) == (
        "3 killed, at least 5 injured, a crowd of 10,000"
    )
    assert figures(Magnitudes()) == ""


@pytest.mark.parametrize("width", [60, 80, 100, 110, 130, 200])
def test_nothing_is_cut_off(width: int) -> None:
    base = event()
    party = dataclasses.replace(base.actors[0], name="The Movement for Whole Words in Narrow Rooms")
    said = StubCoder().code(Document("d", "Kenya met Uganda. Togo shelled Benin.")).events[1]
    link = dataclasses.replace(said.attribution[0], speaker=party, cue="acknowledged")
    long = event(
        event_type="ASSAULT",
        mode="unconventional",
        actors=(party, party),
        recipients=(party,),
        attribution=(link, link),
        date_granularity="week",
        status="hypothetical",
        voice="advocacy",
    )
    text = shown(long, base, width=width)
    for word in ("Whole", "Narrow", "Rooms", "1994-05-02", "ASSAULT", "unconventional"):
        assert word in text
    assert text.count("Movement") == 5
    assert text.count("acknowledged") == 2
    assert "hypothetical" in text
