"""Harder phrases: whose a role is, what points back, which person is meant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from whowhom.actors import ActorResolver
from whowhom.model import Parsed, Party

from .conftest import Ask

HEADS = "name,aliases,surname,country,sector,office,start,end,wikidata,source\n"


@pytest.fixture(scope="module")
def own(
    tmp_path_factory: pytest.TempPathFactory, parsed: Callable[..., Parsed]
) -> Callable[..., Party | None]:
    """As ``ask``, over people and organisations made up for these tests."""
    folder: Path = tmp_path_factory.mktemp("overlay")
    (folder / "people.csv").write_text(
        HEADS
        + "Orla Vantongeren,,Vantongeren,BEL,GOV,prime minister,2001,2005,,t\n"
        + "Orla Vantongeren,,Vantongeren,IGO,GOV,peace envoy,2006,2009,,t\n"
        + "Orla Vantongeren,,Vantongeren,BEL,PTY,presidential candidate,2010,2011,,t\n"
        + "Ruben Quillfeather,,Quillfeather,CHL,GOV,president,2001,,,t\n"
        + "Sabine Quillfeather,,Quillfeather,AUT,GOV,president,2001,,,t\n"
        + "Dario Mezzaluna,,Mezzaluna,ITA,PTY,presidential candidate,2001,2003-02,,t\n"
        + "Dario Mezzaluna,,Mezzaluna,ITA,GOV,president,2003-02,,,t\n"
        + "Tadeusz Brzeczek,T. B. Brzeczek,Brzeczek,POL,GOV,chief justice,1990,1999,,t\n"
        + "Nils Oderwald,,Oderwald,DNK,REL,bishop,1990,,,t\n"
        + "Pius Montrose,,Montrose,VAT,GOV,head of state,1990,,,t\n"
        + "Hamo Kestrel,,Kestrel,MLT,GOV,minister of fisheries,2001,2020,,t\n"
        + "Ines Lobo,,Lobo,PRT,GOV,president,2001-01,2002-06,,t\n"
        + "Rui Farias,,Farias,PRT,GOV,president,2002-06,,,t\n",
        encoding="utf-8",
    )
    (folder / "organisations.csv").write_text(
        "name,aliases,country,sector,other_sectors,members,kind,start,end,wikidata,source\n"
        "Lantern Party,Lanterns,AUT,PTY,,,party,,,,t\n"
        "LNTP,,AUT,PTY,,,party,,,,t\n"
        "Marsh Front,,CHL,REB,,,armed_group,1990,1999,,t\n"
        "Marsh Front,,CHL,GOV,,,government,2000,,,t\n"
        "Harbour League,,PER,SOC,,,ngo,,,,t\n"
        "Harbour League,,GHA,SOC,,,ngo,,,,t\n"
        "Quorum Bank,,DEU,BUS,,,company,,,,t\n",
        encoding="utf-8",
    )
    resolver = ActorResolver(overlay=folder)

    def answer(text: str, word: str, date: str | None = "2003-06-01", nth: int = 0) -> Party | None:
        parse = parsed(text, date)
        tokens = [token for token in parse.doc if token.text == word]
        return resolver.resolve(parse).at(tokens[nth])

    return answer


# ---------------------------------------------------------------- of tables
@pytest.mark.parametrize(
    ("date", "country", "sector"),
    [
        ("2003-06-01", "BEL", "GOV"),
        ("2007-06-01", "IGO", "GOV"),
        ("2010-06-01", "BEL", "PTY"),
        ("2020-06-01", "BEL", "ELI"),  # of a state, before an envoy's post
        ("1999-06-01", "BEL", None),  # not yet known for anything
        (None, "BEL", "ELI"),
    ],
)
def test_life_of_a_politician(
    own: Callable[..., Party | None], date: str | None, country: str, sector: str | None
) -> None:
    party = own("Orla Vantongeren spoke in the hall.", "Vantongeren", date)
    assert party is not None
    assert (party.country, party.sector) == (country, sector)


def test_shared_surname_is_left_open(own: Callable[..., Party | None]) -> None:
    party = own("Quillfeather spoke in the hall.", "Quillfeather")
    assert party is None or party.country is None


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Sabine Quillfeather came. Quillfeather spoke.", "AUT"),
        ("Chile voted on Sunday. Quillfeather spoke.", "CHL"),
        ("Austrian President Quillfeather spoke.", "AUT"),
    ],
)
def test_shared_surname_is_settled(
    own: Callable[..., Party | None], text: str, country: str
) -> None:
    party = own(text, "Quillfeather", nth=text.count("Quillfeather") - 1)
    assert party is not None
    assert party.country == country


def test_first_name_of_another(own: Callable[..., Party | None]) -> None:
    party = own("Maurice Mezzaluna sang in the choir.", "Mezzaluna")
    assert party is None or party.country is None


def test_spelling_and_initials(own: Callable[..., Party | None]) -> None:
    for text in ("Tadeus Brzeczek ruled.", "T. Brzeczek ruled."):
        party = own(text, "Brzeczek", "1995-01-01")
        assert party is not None
        assert party.name == "Tadeusz Brzeczek"


def test_minor_minister_needs_his_country(own: Callable[..., Party | None]) -> None:
    party = own("Kestrel won the race.", "Kestrel")
    assert party is None or party.country is None
    party = own("Malta fined the fleet. Kestrel signed the order.", "Kestrel")
    assert party is not None
    assert party.country == "MLT"


def test_elect_by_title_and_by_role(own: Callable[..., Party | None]) -> None:
    text = "Italian President-elect Dario Mezzaluna waved. Mezzaluna left."
    party = own(text, "Mezzaluna", "2003-01-10", nth=1)
    assert party is not None
    assert (party.sector, party.other_sectors) == ("GOV", ("PTY",))
    text = "Dario Mezzaluna waved in Rome. The Italian president-elect left."
    party = own(text, "elect", "2003-01-10")
    assert party is not None
    assert party.name == "Dario Mezzaluna"


def test_title_of_religion_goes_first(own: Callable[..., Party | None]) -> None:
    party = own("Pope Pius Montrose prayed.", "Montrose")
    assert party is not None
    assert (party.sector, party.other_sectors) == ("REL", ("GOV",))


def test_stale_title_is_former(own: Callable[..., Party | None]) -> None:
    party = own("Prime Minister Orla Vantongeren wrote a book.", "Vantongeren", "2020-01-01")
    assert party is not None
    assert party.sector == "ELI"


def test_change_of_office_within_a_month(own: Callable[..., Party | None]) -> None:
    text = "The Portuguese president met Rui Farias and Ines Lobo."
    party = own(text, "president", "2002-06-15")
    assert party is not None
    assert party.name == "Rui Farias"


@pytest.mark.parametrize(
    ("date", "sector"), [("1995-01-01", "REB"), ("2003-01-01", "GOV"), (None, "GOV")]
)
def test_organisation_on_the_day(
    own: Callable[..., Party | None], date: str | None, sector: str
) -> None:
    party = own("The Marsh Front shelled the port.", "Front", date)
    assert party is not None
    assert party.sector == sector


def test_organisation_of_two_countries(own: Callable[..., Party | None]) -> None:
    party = own("The Harbour League marched.", "League")
    assert party is not None
    assert (party.country, party.sector) == (None, "SOC")
    party = own("The Harbour League marched in Ghana.", "League")
    assert party is not None
    assert party.country == "GHA"


def test_party_name_of_a_country_never_named(own: Callable[..., Party | None]) -> None:
    text = "Peru votes today. In Peru the Lanterns lead. {} Peruvian voters queued."
    party = own(text.format("The Lanterns hope."), "Lanterns")
    assert party is not None
    assert (party.country, party.sector) == ("PER", "PTY")
    assert own(text.format("The LNTP tax rose."), "LNTP") is None


def test_two_offices_at_once(ask: Ask) -> None:
    party = ask("Benjamin Netanyahu spoke.", "Netanyahu", "2015-10-23")
    assert party is not None
    assert party.office == "prime minister"


def test_country_inside_the_name_of_an_organisation(ask: Ask) -> None:
    text = "The Israeli military fired."
    inner, whole = ask(text, "Israeli"), ask(text, "military")
    assert inner is not None
    assert whole is not None
    assert (inner.country, inner.text) == ("ISR", "Israeli")
    assert (whole.country, whole.sector) == ("ISR", "MIL")


def test_who_works_for_it(own: Callable[..., Party | None]) -> None:
    party = own("Ada Fenwick, president of Quorum Bank, resigned.", "Fenwick")
    assert party is not None
    assert (party.country, party.sector) == ("DEU", "BUS")
    party = own("Lantern Party leader Ada Fenwick resigned.", "Fenwick")
    assert party is not None
    assert (party.country, party.sector) == ("AUT", "PTY")


def test_group_points_back(own: Callable[..., Party | None]) -> None:
    party = own("The Marsh Front shelled the port. The group denied it.", "group", "1995-01-01")
    assert party is not None
    assert party.name == "Marsh Front"


# ------------------------------------------------------------- of the shipped
@pytest.mark.parametrize(
    ("text", "word", "country", "sector"),
    [
        ("Norwegian union president Ada Fenwick spoke.", "Fenwick", "NOR", "LAB"),
        ("Ada Fenwick's chief of staff, a lawyer, resigned.", "chief", None, "GOV"),
        ("The chairman of the company's board resigned.", "chairman", None, "BUS"),
        ("The defendant, Ada Fenwick, a Polish nurse, wept.", "Fenwick", "POL", "MED"),
        ("Security officials in Mali met.", "officials", "MLI", "COP"),
        ("The Ghanaian army chief of staff spoke.", "chief", "GHA", "MIL"),
        ("Clinton's campaign in the US paused.", "campaign", "USA", "PTY"),
        ("Ministers of defence from Chad met.", "Ministers", "TCD", "GOV"),
        ("Several of the largest trade unions in Denmark struck.", "unions", "DNK", "LAB"),
    ],
)
def test_whose(ask: Ask, text: str, word: str, country: str | None, sector: str) -> None:
    party = ask(text, word, "2016-09-01")
    assert party is not None
    assert party.sector == sector
    if country is not None:
        assert party.country == country


def test_institution_with_a_name_of_its_own(ask: Ask) -> None:
    text = "Peru, Peru and Peru again. The World Lantern Congress opened."
    party = ask(text, "Congress")
    assert party is not None
    assert (party.name, party.country) == ("World Lantern Congress", None)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("The campaign was long.", "campaign"),
        ("The house was cold.", "house"),
        ("She is an elderly cousin.", "elderly"),
    ],
)
def test_words_that_are_no_party(ask: Ask, text: str, word: str) -> None:
    assert ask(text, word) is None


def test_only_two_of_a_kind_are_both(ask: Ask) -> None:
    party = ask("Both sides agreed.", "sides")
    assert party is None or not party.members
    party = ask("Iran made an offer. Both sides agreed.", "sides")
    assert party is None or not party.members


def test_person_points_back(ask: Ask) -> None:
    text = "Ada Fenwick, a Polish prosecutor, spoke. Later the prosecutor left."
    party = ask(text, "prosecutor", nth=1)
    assert party is not None
    assert party.country == "POL"


def test_defendant_says_what_somebody_is(ask: Ask) -> None:
    text = "Ada Fenwick was silent. The defendant wept. A court in Oslo freed Fenwick."
    party = ask(text, "Fenwick", nth=1)
    assert party is not None
    assert party.sector == "CRM"


def test_country_of_the_whole_document_points_back(ask: Ask) -> None:
    text = "Zambia voted. Zambia paid Malawi. Zambian miners cheered. The country is calm."
    party = ask(text, "country")
    assert party is not None
    assert party.country == "ZMB"


def test_party_before_a_relative_of_its_members(ask: Ask) -> None:
    party = ask("Iranian soldiers, most of whom were young, fled.", "whom")
    assert party is None or party.country == "IRN"


def test_name_in_capitals(ask: Ask) -> None:
    party = ask("UN SECURITY COUNCIL MEETS ON YEMEN", "YEMEN")
    assert party is not None
    assert party.country == "YEM"


def test_suffix_and_middle_word_of_a_name(ask: Ask) -> None:
    text = "Senator Otho Fenwick Jr. spoke. Fenwick left."
    party = ask(text, "Fenwick", nth=1)
    assert party is not None
    assert party.sector == "LEG"
