"""Pronouns: who they stand for, and when they stand for nobody."""

from __future__ import annotations

import pytest

from .conftest import Ask


@pytest.mark.parametrize(
    ("text", "word", "country"),
    [
        ("Angela Merkel flew to Accra. She met traders.", "She", "DEU"),
        ("Vladimir Putin spoke. He blamed the banks.", "He", "RUS"),
        ("Polish miners marched. They demanded pay.", "They", "POL"),
        ("Zambia closed the border after it lost the vote.", "it", "ZMB"),
        ("Soldiers from Chad, who had mutinied, fled.", "who", "TCD"),
        ("Iran, which denies it, withdrew.", "which", "IRN"),
        ("Mongolia sent its envoy home.", "its", "MNG"),
    ],
)
def test_antecedent(ask: Ask, text: str, word: str, country: str) -> None:
    party = ask(text, word)
    assert party is not None
    assert party.country == country
    assert party.resolved_by == "coreference"
    assert party.text == word


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Ghana voted. It is clear that rain will come.", "It"),
        ("Ghana voted. It seems that rain will come.", "It"),
        ("Ghana said that it was expected that rain would come.", "it"),
        ("Ghana said that rain would come.", "that"),
    ],
)
def test_expletive(ask: Ask, text: str, word: str) -> None:
    assert ask(text, word) is None


def test_gender_decides(ask: Ask) -> None:
    text = "Angela Merkel met Vladimir Putin. He left early."
    party = ask(text, "He", "2015-05-05")
    assert party is not None
    assert party.country == "RUS"


def test_object_is_not_its_own_subject(ask: Ask) -> None:
    text = "Vladimir Putin arrived. Francois Hollande greeted him."
    party = ask(text, "him", "2015-05-05")
    assert party is not None
    assert party.country == "RUS"


def test_first_person_waits_for_its_speaker(ask: Ask) -> None:
    party = ask('"We will not pay," the Chilean minister said.', "We")
    assert party is not None
    assert (party.resolved_by, party.country) == ("first_person", None)


def test_nobody_to_stand_for(ask: Ask) -> None:
    party = ask("He left early.", "He")
    assert party is not None
    assert (party.resolved_by, party.country, party.sector) == ("unresolved", None, None)
    assert ask("They left early.", "They") is None


def test_owner_gives_the_country(ask: Ask) -> None:
    party = ask("Vladimir Putin spoke. His government denied it.", "government", "2015-05-05")
    assert party is not None
    assert party.country == "RUS"
