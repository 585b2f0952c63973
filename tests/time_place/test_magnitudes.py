"""Figures and sums of an event's own clause."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from whowhom.model import Document, Magnitudes, Parsed, Range
from whowhom.parse import Parser
from whowhom.time_place.magnitudes import find_money, magnitudes, number

Parse = Callable[..., Parsed]


def of(p: Parsed, trigger: str, event_type: str) -> Magnitudes:
    index = next(t.i for t in p.doc if t.text == trigger)
    return magnitudes(p, index, event_type)


@pytest.mark.parametrize(
    ("text", "trigger", "field", "expected"),
    [
        ("Gunmen killed 12 people in the market.", "killed", "killed", 12),
        ("Twelve villagers were killed by gunmen.", "killed", "killed", 12),
        ("Four members of the guard and a woman were killed.", "killed", "killed", 5),
        ("Gunmen killed a policeman.", "killed", "killed", 1),
        ("The army killed at least 25 rebels.", "killed", "killed", Range(25, None)),
        ("The army killed up to 40 rebels.", "killed", "killed", Range(None, 40)),
        ("The army killed dozens of civilians.", "killed", "killed", Range(24, None)),
        ("Between 5 and 10 soldiers died in the clash.", "died", "killed", Range(5, 10)),
        ("A suicide attack left 130 people dead.", "attack", "killed", 130),
        ("The bombing caused the death of 12 people.", "bombing", "killed", 12),
        ("A guard was shot dead in the yard.", "shot", "killed", 1),
        ("The army killed more than 20 rebels.", "killed", "killed", Range(21, None)),
        ("The army killed 5 to 10 rebels.", "killed", "killed", Range(5, 10)),
        ("The army killed several rebels.", "killed", "killed", Range(3, None)),
        ("The army killed tens of thousands of people.", "killed", "killed", Range(20000, None)),
        ("The army killed two hundred and six rebels.", "killed", "killed", 206),
        ("The army killed 20 rebels or more.", "killed", "killed", 20),
        ("The killing of a journalist caused anger.", "killing", "killed", 1),
        ("People fled; 12 were dead.", "dead", "killed", 12),
        ("The raid killed children.", "killed", "killed", None),
        ("The death toll rose to 45.", "toll", "killed", 45),
        ("Militants attacked a checkpoint, killing three soldiers.", "attacked", "killed", 3),
        ("Gunmen killed 12 people and wounded 30.", "wounded", "injured", 30),
        (
            "A blast left 130 people dead and hundreds wounded.",
            "blast",
            "injured",
            Range(200, None),
        ),
    ],
)
def test_casualties(parsed: Parse, text: str, trigger: str, field: str, expected: object) -> None:
    assert getattr(of(parsed(text), trigger, "ASSAULT"), field) == expected


def test_arrests_and_crowds(parsed: Parse) -> None:
    assert of(parsed("Police arrested two dozen protesters."), "arrested", "COERCE").arrested == 24
    assert of(parsed("A crowd of 5,000 gathered at noon."), "gathered", "PROTEST").crowd == 5000
    crowd = of(parsed("Thousands of workers marched."), "marched", "PROTEST").crowd
    assert crowd == Range(2000, None)


def test_a_figure_belongs_to_its_clause(parsed: Parse) -> None:
    p = parsed("Rebels killed a policeman and the army arrested 15 suspects.")
    assert of(p, "killed", "COERCE").killed == 1
    assert of(p, "killed", "COERCE").arrested is None
    assert of(p, "arrested", "COERCE").arrested == 15
    assert of(p, "arrested", "COERCE").killed is None


def test_things_that_are_no_people(parsed: Parse) -> None:
    assert of(parsed("The frost killed 300 trees."), "killed", "ASSAULT").killed is None
    assert of(parsed("He was killed at 45."), "killed", "CONSULT").killed is None


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("12", 12), ("1,200", 1200), ("twelve", 12), ("two hundred and six", 206),
        ("3.5 million", 3.5e6),
        ("two dozen", 24), ("a hundred", 100), ("thirty-five", 35), ("5k", 5000), ("cats", None),
        ("", None), ("12th", None),
    ],
)  # fmt: skip
def test_number(words: str, value: float | None) -> None:
    assert number(words) == value


@pytest.mark.parametrize(
    ("text", "amount", "currency", "per"),
    [
        ("It gave $3.1bn.", 3.1e9, "USD", None),
        ("It gave 3.1 billion dollars.", 3.1e9, "USD", None),
        ("It gave €50m.", 5e7, "EUR", None),
        ("It gave 500 million yuan.", 5e8, "CNY", None),
        ("It gave Rs 20 crore.", 2e8, "INR", None),
        ("It gave £2 million a year.", 2e6, "GBP", "year"),
        ("It gave A$1,250,000.", 1.25e6, "AUD", None),
        ("It gave USD 40,000 annually.", 40000, "USD", "year"),
        ("It gave a million euros.", 1e6, "EUR", None),
        ("It gave 300 Egyptian pounds.", 300, "EGP", None),
    ],
)
def test_money(parsed: Parse, text: str, amount: float, currency: str, per: str | None) -> None:
    (m,) = find_money(parsed(text), 0, len(text))
    assert (m.amount, m.currency, m.per) == (amount, currency, per)
    assert text[m.start : m.end] == m.text


def test_dollars_are_the_outlets(parser: Parser) -> None:
    p = parser.parse(Document("x", "Ottawa gave $5 million.", outlet="www.paper.ca"))
    assert of(p, "gave", "AID").money[0].currency == "CAD"


def test_several_sums(parsed: Parse) -> None:
    p = parsed("Japan gave $3 million and 2 million euros, and Chad spent $9.")
    sums = of(p, "gave", "AID").money
    assert [m.amount for m in sums][:2] == [3e6, 2e6]


@pytest.mark.parametrize(
    "text",
    [
        "killed",
        "killed killed killed",
        "12 12 12 killed 12",
        "$ $ $ killed",
        "killed $1,1,1,1,1 and 999999999999999999 people",
    ],
)
def test_nothing_crashes(parsed: Parse, text: str) -> None:
    for event_type in ("ASSAULT", "COERCE", "PROTEST", "AID", "NONE"):
        of(parsed(text), "killed", event_type)
