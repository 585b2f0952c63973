"""Whose somebody is where the phrase itself does not say: places, the document, employers."""

from __future__ import annotations

import pytest

from .conftest import Ask


# ------------------------------------------------ the place where a deed was done
@pytest.mark.parametrize(
    ("text", "word", "country"),
    [
        ("A suicide bomber killed six policemen at a checkpoint in Mosul.", "bomber", "IRQ"),
        ("Militants attacked the American consulate in Benghazi.", "Militants", "LBY"),
        ("Police arrested Pavel Lind, a Russian singer, in Minsk.", "Police", "BLR"),
        ("Residents laid wreaths in the streets of Nice.", "Residents", "FRA"),
        ("Belgian doctors treated 90 children in Burundi.", "children", "BDI"),
    ],
)
def test_a_bare_role_is_of_the_place_of_its_deed(
    ask: Ask, text: str, word: str, country: str
) -> None:
    party = ask(text, word)
    assert party is not None
    assert party.country == country


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Peasants demanded the withdrawal of troops in Iraq and Norway.", "Peasants"),
        ("State television of Myanmar accused foreign broadcasters.", "broadcasters"),
        ("The Czech president threatened to deport migrants.", "migrants"),
    ],
)
def test_a_name_nearby_is_not_always_whose_they_are(ask: Ask, text: str, word: str) -> None:
    party = ask(text, word)
    assert party is None or party.country is None


# ------------------------------------------------------------- what a report is about
KENYA = (
    "Kenyan police searched a house in Nairobi on Monday. The raid was the third in Kenya this "
    "week. Wendo Tamsin was led away in handcuffs. Tamsin denied the charges. The rebels fled."
)


@pytest.mark.parametrize(("word", "nth"), [("Tamsin", 0), ("Tamsin", 1), ("rebels", 0)])
def test_a_stranger_is_of_the_country_of_the_report(ask: Ask, word: str, nth: int) -> None:
    party = ask(KENYA, word, nth=nth)
    assert party is not None
    assert party.country == "KEN"


def test_a_dateline_decides_where_two_countries_weigh_the_same(ask: Ask) -> None:
    text = (
        "OTTAWA – Germany and Canada weigh a pact. Germany wants a vote. Parliament may delay it."
    )
    party = ask(text, "Parliament")
    assert party is not None
    assert party.country == "CAN"


def test_a_leader_of_a_branch_is_of_the_country_of_the_report(ask: Ask) -> None:
    text = "The US Senate met in Washington. US markets fell. He wrote to congressional leaders."
    party = ask(text, "leaders")
    assert party is not None
    assert (party.country, party.sector) == ("USA", "LEG")


def test_whose_aide_somebody_is_goes_before_what_the_report_is_about(ask: Ask) -> None:
    text = (
        "North Korea fired a missile. North Korea called it a test. "
        "Peter Tarly, Obama's national security adviser, condemned North Korea."
    )
    party = ask(text, "Tarly")
    assert party is not None
    assert party.country == "USA"


def test_there_is_one_pope(ask: Ask) -> None:
    party = ask("The pope appealed to the warring sides in Bosnia.", "pope")
    assert party is not None
    assert party.country == "VAT"


def test_a_person_of_two_nations_is_one_party(ask: Ask) -> None:
    party = ask("A German-Iraqi boy planted a bomb.", "boy")
    assert party is not None
    assert (party.country, party.members) == ("DEU", ())


# ---------------------------------------------------------------------- names
@pytest.mark.parametrize(
    ("text", "word", "date", "name"),
    [
        ("Trump praised Orban.", "Trump", "2022-03-02", "Donald Trump"),
        ("Merkel criticised Scholz.", "Merkel", "2023-03-02", "Angela Merkel"),
        ("Mr Obama met Mr Chavez.", "Obama", "2009-04-17", "Barack Obama"),
        ("Khrushchev accused Kennedy of piracy.", "Kennedy", "1962-10-26", "John F. Kennedy"),
    ],
)
def test_a_surname_alone_is_the_foremost_holder(
    ask: Ask, text: str, word: str, date: str, name: str
) -> None:
    party = ask(text, word, date)
    assert party is not None
    assert party.name == name


def test_a_picture_credit_is_no_first_name(ask: Ask) -> None:
    text = "GETTY Trump met voters. Mr Trump thanked them."
    for nth in (0, 1):
        party = ask(text, "Trump", "2018-06-01", nth=nth)
        assert party is not None
        assert party.name == "Donald Trump"


@pytest.mark.parametrize(
    ("text", "word", "country"),
    [
        ("The EU chided Hungary, and Brussels fined the firm.", "Brussels", "EUR"),
        ("Belgium said that Brussels had fined the firm.", "Brussels", "BEL"),
        ("Volkswagen refused to comment.", "Volkswagen", "DEU"),
        ("Unilever refused to comment.", "Unilever", "MNC"),
        ("Zambia freed 30 Congolese soldiers.", "soldiers", "COD"),
        (
            "Brazzaville freed 30 Congolese soldiers of the Republic of the Congo.",
            "soldiers",
            "COG",
        ),
    ],
)
def test_names_of_several_meanings(ask: Ask, text: str, word: str, country: str) -> None:
    party = ask(text, word)
    assert party is not None
    assert party.country == country


@pytest.mark.parametrize(
    ("text", "word", "date", "country", "sector"),
    [
        ("Margarita Robles visited the base.", "Robles", "2020-05-01", "ESP", "GOV"),
        ("Margus Tsahkna visited the base.", "Tsahkna", "2024-05-01", "EST", "GOV"),
        ("Carsten Breuer visited the base.", "Breuer", "2024-05-01", "DEU", "MIL"),
        ("Yogi Adityanath opened a road.", "Adityanath", "2021-05-01", "IND", "GOV"),
        ("Roberta Metsola opened the debate.", "Metsola", "2023-05-01", "EUR", "LEG"),
        ("Julian Assange filed an appeal.", "Assange", "2019-05-01", "AUS", "JRN"),
        ("Verizon cut off the line.", "Verizon", "2019-05-01", "USA", "BUS"),
        ("Yale suspended the course.", "Yale", "2019-05-01", "USA", "EDU"),
    ],
)
def test_widened_tables(
    ask: Ask, text: str, word: str, date: str, country: str, sector: str
) -> None:
    party = ask(text, word, date)
    assert party is not None
    assert (party.country, party.sector) == (country, sector)
