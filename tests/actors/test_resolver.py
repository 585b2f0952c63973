"""Who a mention is: states, leaders, titles, roles, organisations, groups."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from whowhom.actors import ActorResolver
from whowhom.model import Parsed

from .conftest import Ask


# ------------------------------------------------------------------- states
@pytest.mark.parametrize(
    ("text", "word", "country", "sector"),
    [
        ("Kenya recalled its envoy from Tanzania.", "Kenya", "KEN", "GOV"),
        ("The ceasefire held in Yemen on Tuesday.", "Yemen", "YEM", None),
        ("The US rejected the offer.", "US", "USA", "GOV"),
        ("Moscow said that the talks had failed.", "Moscow", "RUS", "GOV"),
        ("Fighting broke out near Khartoum.", "Khartoum", "SDN", None),
        ("Washington's promise angered farmers.", "Washington", "USA", "GOV"),
        ("The Iranians walked out of the hall.", "Iranians", "IRN", "CVL"),
        ("Several Palestinians were wounded.", "Palestinians", "PSE", "CVL"),
        ("An Egyptian airstrike hit the town.", "Egyptian", "EGY", "GOV"),
        ("The shelling of Mariupol went on.", "Mariupol", "UKR", "CVL"),
        ("Sri Lanka and Nepal signed the pact.", "Nepal", "NPL", "GOV"),
        ("Troops marched through Basra, Iraq, at dawn.", "Iraq", "IRQ", None),
    ],
)
def test_state(ask: Ask, text: str, word: str, country: str, sector: str | None) -> None:
    party = ask(text, word)
    assert party is not None
    assert (party.country, party.sector) == (country, sector)


def test_pronoun_us_is_not_the_country(ask: Ask) -> None:
    party = ask("They told us to leave.", "us")
    assert party is None or party.country is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Jordan Pickering opened the shop at nine.", "Jordan"),
        ("Chad Mulligan baked the bread.", "Chad"),
        ("The roast turkey was served cold.", "turkey"),
        ("It is a sunny day.", "day"),
        ("The report was late.", "report"),
        ("A cat slept on the roof.", "cat"),
    ],
)
def test_no_party(ask: Ask, text: str, word: str) -> None:
    party = ask(text, word)
    assert party is None or party.country is None


def test_georgia_of_the_united_states(ask: Ask) -> None:
    text = "Republican voters in Georgia and Alabama stayed at home. Atlanta was quiet."
    party = ask(text, "Georgia")
    assert party is not None
    assert party.country == "USA"
    party = ask("Georgia accused Russia of crossing the border near Tbilisi.", "Georgia")
    assert party is not None
    assert party.country == "GEO"


def test_a_team_is_no_government(ask: Ask) -> None:
    party = ask("Brazil scored a late goal and won the match.", "Brazil")
    assert party is not None
    assert (party.country, party.sector) == ("BRA", None)


@pytest.mark.parametrize("text", ["Hurricane {} hit the coast.", "Sailors of USS {} sang."])
def test_storms_and_ships(ask: Ask, text: str) -> None:
    assert ask(text.format("Florida"), "Florida") is None
    assert ask(text.format("Fenwick"), "Fenwick") is None


def test_adjective_on_a_thing_is_a_state_and_the_thing_is_nobody(ask: Ask) -> None:
    text = "Shops sold French wine."
    adjective = ask(text, "French")
    assert adjective is not None
    assert adjective.country == "FRA"
    assert ask(text, "wine") is None


# ------------------------------------------------------------------- people
@pytest.mark.parametrize(
    ("text", "word", "date", "country", "sector"),
    [
        ("Kerry flew to Amman.", "Kerry", "2015-03-02", "USA", "GOV"),
        ("Secretary of State Kerry flew to Amman.", "Kerry", "2015-03-02", "USA", "GOV"),
        ("Vladimir Putin signed the decree.", "Putin", "2016-05-04", "RUS", "GOV"),
        ("Mr Putin signed the decree.", "Putin", "2016-05-04", "RUS", "GOV"),
        ("Angela Merkel spoke.", "Merkel", "2012-05-04", "DEU", "GOV"),
        ("Angela Merkel spoke.", "Merkel", "2023-05-04", "DEU", "ELI"),
        ("Nelson Mandela spoke.", "Mandela", "1996-05-04", "ZAF", "GOV"),
    ],
)
def test_office_on_the_day(
    ask: Ask, text: str, word: str, date: str, country: str, sector: str
) -> None:
    party = ask(text, word, date)
    assert party is not None
    assert (party.country, party.sector) == (country, sector)


def test_former_holder_keeps_the_old_sector_as_another(ask: Ask) -> None:
    party = ask("Angela Merkel spoke.", "Merkel", "2023-05-04")
    assert party is not None
    assert party.other_sectors == ("GOV",)
    assert party.office is not None
    assert party.office.startswith("former")


def test_unknown_minister_has_country_and_sector_of_the_title(ask: Ask) -> None:
    text = "Kenyan Defence Minister Wambui Otherfield met reporters."
    party = ask(text, "Otherfield")
    assert party is not None
    assert (party.name, party.country, party.sector) == ("Wambui Otherfield", "KEN", "GOV")
    assert party.text == "Kenyan Defence Minister Wambui Otherfield"
    adjective = ask(text, "Kenyan")
    assert adjective is not None
    assert adjective.country == "KEN"


def test_title_in_apposition(ask: Ask) -> None:
    party = ask("Tomas Belhaven, the Chilean finance minister, resigned.", "Belhaven")
    assert party is not None
    assert (party.country, party.sector) == ("CHL", "GOV")


def test_role_with_a_name_in_apposition_bears_the_name(ask: Ask) -> None:
    party = ask("The interior minister, Osric Tandeka, resigned in Lusaka, Zambia.", "minister")
    assert party is not None
    assert party.name == "Osric Tandeka"


def test_surname_is_bound_by_the_full_name(ask: Ask) -> None:
    text = "Judge Ottilie Brankovic freed the men. Lawyers praised Brankovic."
    party = ask(text, "Brankovic", nth=1)
    assert party is not None
    assert (party.name, party.sector) == ("Ottilie Brankovic", "JUD")


def test_former_title(ask: Ask) -> None:
    party = ask("Former Peruvian president Ruy Castellmar was arrested.", "Castellmar")
    assert party is not None
    assert (party.country, party.sector) == ("PER", "ELI")


def test_elect_is_in_office(ask: Ask) -> None:
    party = ask("Ghanaian President-elect Kwabena Orsini thanked voters.", "Orsini")
    assert party is not None
    assert (party.country, party.sector) == ("GHA", "GOV")


def test_president_elect_is_found_by_the_table(ask: Ask) -> None:
    text = "Donald Trump won in Ohio, US officials said. The US president-elect thanked voters."
    party = ask(text, "elect", "2016-11-20")
    assert party is not None
    assert (party.name, party.country, party.sector) == ("Donald Trump", "USA", "GOV")
    named = ask(text, "Trump", "2016-11-20")
    assert named is not None
    assert named.sector == "GOV"


@pytest.mark.parametrize(
    ("text", "word", "sector"),
    [
        ("Senator Ada Fenwick voted against it.", "Fenwick", "LEG"),
        ("Judge Ada Fenwick ruled on Monday.", "Fenwick", "JUD"),
        ("Gen. Ada Fenwick inspected the post.", "Fenwick", "MIL"),
        ("Bishop Ada Fenwick prayed.", "Fenwick", "REL"),
    ],
)
def test_title_gives_the_sector(ask: Ask, text: str, word: str, sector: str) -> None:
    party = ask(text, word)
    assert party is not None
    assert party.sector == sector


def test_unknown_person_is_no_guess(ask: Ask) -> None:
    party = ask("Lucy Hartwell walked home with Peter Ostrander.", "Hartwell")
    assert party is not None
    assert (party.country, party.sector) == (None, None)


def test_said_of_a_person(ask: Ask) -> None:
    party = ask("Ada Fenwick was a Polish judge.", "Fenwick")
    assert party is not None
    assert (party.country, party.sector) == ("POL", "JUD")


# -------------------------------------------------------------------- roles
@pytest.mark.parametrize(
    ("text", "word", "country", "sector"),
    [
        ("Iraqi soldiers fired.", "soldiers", "IRQ", "MIL"),
        ("Police in Ecuador fired tear gas.", "Police", "ECU", "COP"),
        ("The Nigerian parliament met.", "parliament", "NGA", "LEG"),
        ("Kenya's Supreme Court ruled.", "Court", "KEN", "JUD"),
        ("Brazilian farmers blocked the road.", "farmers", "BRA", "AGR"),
        ("Gunmen seized the Somali ship.", "Gunmen", None, "UAF"),
        ("A spokesman for the rebels in Colombia denied it.", "spokesman", "COL", "REB"),
        ("Dozens of Thai students marched.", "Dozens", "THA", "EDU"),
        ("Refugees from Eritrea waited.", "Refugees", "ERI", "REF"),
        ("A woman visiting from Norway was hurt.", "woman", "NOR", "CVL"),
        ("Russia's ambassador to Poland left.", "ambassador", "RUS", "GOV"),
        ("A rebel commander in Nepal surrendered.", "commander", "NPL", "REB"),
        ("The Turkish opposition leader spoke.", "leader", "TUR", "OPP"),
        ("A Danish trade union called a strike.", "union", "DNK", "LAB"),
    ],
)
def test_role(ask: Ask, text: str, word: str, country: str | None, sector: str) -> None:
    party = ask(text, word)
    assert party is not None
    assert party.sector == sector
    if country is not None:
        assert party.country == country


def test_two_nations_before_one_role(ask: Ask) -> None:
    text = "French and Spanish police arrested five men."
    police, french = ask(text, "police"), ask(text, "French")
    assert police is not None
    assert french is not None
    assert (police.country, police.sector, set(police.members)) == ("ESP", "COP", {"FRA", "ESP"})
    assert (french.country, french.sector) == ("FRA", "COP")


def test_hyphenated_nationality_is_the_first(ask: Ask) -> None:
    party = ask("A German-Iraqi boy was held.", "boy")
    assert party is not None
    assert party.country == "DEU"


def test_local_role_takes_the_country_that_the_document_is_about(ask: Ask) -> None:
    text = (
        "Protests spread across Peru on Sunday. In Lima crowds gathered before noon. "
        "Police fired tear gas."
    )
    party = ask(text, "Police", title="Peru votes")
    assert party is not None
    assert (party.country, party.resolved_by) == ("PER", "context")


def test_no_context_where_countries_are_many(ask: Ask) -> None:
    text = "France, Ghana, Peru, Japan and Iran met. Police stood by."
    party = ask(text, "Police")
    assert party is not None
    assert party.country is None


def test_holder_of_an_office_is_named(ask: Ask) -> None:
    party = ask("The Russian president signed the decree.", "president", "2015-03-04")
    assert party is not None
    assert party.name == "Vladimir Putin"
    assert (party.country, party.resolved_by) == ("RUS", "role")


def test_no_holder_for_one_of_many(ask: Ask) -> None:
    party = ask("A Russian president could sign the decree.", "president", "2015-03-04")
    assert party is not None
    assert party.name is None


def test_president_of_a_league_is_no_head_of_state(ask: Ask) -> None:
    party = ask("The president of the Chadian Human Rights League spoke.", "president")
    assert party is not None
    assert (party.country, party.sector, party.name) == ("TCD", "SOC", None)


def test_bloc_has_members(ask: Ask) -> None:
    party = ask("The Baltic states closed their ports.", "states")
    assert party is not None
    assert set(party.members) == {"EST", "LVA", "LTU"}
    assert party.country in (None, "IGO")


def test_population_group(ask: Ask) -> None:
    party = ask("Thousands of Rohingya fled.", "Rohingya")
    assert party is not None
    assert party.country == "MMR"
    party = ask("Iraqi Shiites marched to the shrine.", "Shiites")
    assert party is not None
    assert (party.country, party.sector) == ("IRQ", "REL")


def test_number_of_people(ask: Ask) -> None:
    party = ask("The blast in Quetta killed 25 on Friday.", "25")
    assert party is not None
    assert party.sector == "CVL"
    assert ask("Shares rose 25 on Friday.", "25") is None


def test_party_of_another_country(ask: Ask) -> None:
    party = ask("The Chilean Socialist Party split.", "Party")
    assert party is not None
    assert (party.country, party.sector) == ("CHL", "PTY")


# -------------------------------------------------------------- point back
def test_country_points_back(ask: Ask) -> None:
    party = ask("Zambia expelled the envoy. The country gave no reason.", "country")
    assert party is not None
    assert party.country == "ZMB"


def test_two_leaders(ask: Ask) -> None:
    text = "Angela Merkel met Vladimir Putin in Sochi. The two leaders discussed trade."
    party = ask(text, "leaders", "2015-05-05")
    assert party is not None
    assert set(party.members) == {"DEU", "RUS"}


def test_both_sides(ask: Ask) -> None:
    party = ask("India and Pakistan held talks. Both sides agreed to meet again.", "sides")
    assert party is not None
    assert set(party.members) == {"IND", "PAK"}


def test_same_noun_again(ask: Ask) -> None:
    text = "A Danish boy was held in Rome. The boy denied it."
    party = ask(text, "boy", nth=1)
    assert party is not None
    assert party.country == "DNK"


# --------------------------------------------------------------- the whole
def test_offsets_hold_the_words(parsed: Callable[..., Parsed], resolver: ActorResolver) -> None:
    parse = parsed(
        "US Secretary of State Kerry told the Iraqi government in Baghdad that it must pay. "
        "Members of the security forces, who were armed, stood by.",
        "2015-10-23",
        "Kerry visits Iraq",
    )
    parties = resolver.resolve(parse)
    assert len(parties.by_token) > 6
    for token, party in parties.by_token.items():
        assert parse.reading.text[party.start : party.end] == party.text
        assert party.start < party.end
        assert parse.doc[token].i == token
    assert {party.part for party in parties} == {"title", "text"}


def test_same_input_same_parties(parsed: Callable[..., Parsed], resolver: ActorResolver) -> None:
    text = "The two Sudanese generals met Egyptian envoys in Cairo; they agreed on a truce."
    first = resolver.resolve(parsed(text, "2019-01-01"))
    second = resolver.resolve(parsed(text, "2019-01-01"))
    assert dict(first.by_token) == dict(second.by_token)


def test_without_a_date_the_present_holder(ask: Ask) -> None:
    party = ask("Tony Blair spoke.", "Blair", None)
    assert party is not None
    assert (party.country, party.sector) == ("GBR", "ELI")
