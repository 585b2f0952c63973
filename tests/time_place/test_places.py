"""Place names: the gazetteer, recognition, resolution."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from whowhom.errors import DataError
from whowhom.model import Document, Parsed, Toponym
from whowhom.parse import Parser
from whowhom.time_place.gazetteer import Gazetteer, fold
from whowhom.time_place.places import PlaceFinder, distance, words

Parse = Callable[..., Parsed]


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load()


@pytest.fixture(scope="module")
def finder(gazetteer: Gazetteer) -> PlaceFinder:
    return PlaceFinder(gazetteer)


def one(found: tuple[Toponym, ...], text: str) -> Toponym:
    return next(t for t in found if t.text == text)


def test_fold() -> None:
    assert fold("São Paulo") == "sao paulo"
    assert fold("Sana'a") == fold("Sanaa") == "sanaa"
    assert fold("Deir ez-Zor") == "deir ez zor"
    assert fold("U.S.") == "us"


@pytest.mark.parametrize(
    ("name", "country", "kind"),
    [
        ("Iraq", "IRQ", "country"),
        ("U.S.", "USA", "country"),
        ("Britain", "GBR", "country"),
        ("Burma", "MMR", "country"),
        ("Texas", "USA", "admin1"),
        ("Helmand", "AFG", "admin1"),
        ("Chechnya", "RUS", "admin1"),
        ("Xinjiang", "CHN", "admin1"),
        ("West Bank", "PSE", "admin1"),
        ("Donbas", "UKR", "region"),
        ("Kobani", "SYR", "city"),
        ("Kiev", "UKR", "city"),
        ("Cook County", "USA", "county"),
    ],
)
def test_lookup(gazetteer: Gazetteer, name: str, country: str, kind: str) -> None:
    assert (country, kind) in {(e.country, e.kind) for e in gazetteer.lookup(name)}


def test_lookup_of_nothing(gazetteer: Gazetteer) -> None:
    assert gazetteer.lookup("Qwertyuiopville") == ()
    assert gazetteer.lookup("") == ()
    assert gazetteer.lookup("zzzzzzz") == ()
    assert gazetteer.lookup("\ud800") == ()


def test_size_and_coordinates(gazetteer: Gazetteer) -> None:
    assert len(gazetteer) > 100_000
    for row in range(0, len(gazetteer), 5_000):
        e = gazetteer.entry(row)
        assert -90 <= e.lat <= 90
        assert -180 <= e.lon <= 180
        assert e.name


def test_demonyms_have_homes(gazetteer: Gazetteer) -> None:
    for word in gazetteer.demonyms:
        assert gazetteer.home_of(word) is not None, word
    assert gazetteer.home_of("nonesuchian") is None


def test_damage_is_told() -> None:
    with pytest.raises(DataError, match="not the one that was shipped"):
        Gazetteer.from_bytes(b"junk", "0" * 64, "country,demonyms\n")


def test_missing_data_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path

    from whowhom.time_place import gazetteer as module

    monkeypatch.setattr(module.resources, "files", lambda _: Path("/nonexistent"))
    with pytest.raises(DataError, match="cannot be read"):
        Gazetteer.load()


def test_offsets_and_order(parsed: Parse, finder: PlaceFinder) -> None:
    p = parsed("Rebels left Goma for Bukavu, while talks went on in Kampala, Uganda.")
    found = finder.find(p)
    assert [t.text for t in found] == ["Goma", "Bukavu", "Kampala", "Uganda"]
    assert all(p.reading.text[t.start : t.end] == t.text for t in found)


@pytest.mark.parametrize(
    ("text", "name", "country", "admin1"),
    [
        ("The tower in Paris was lit.", "Paris", "FRA", "Ile-de-France"),
        ("A fire broke out in Paris, Texas, on Monday.", "Paris", "USA", "Texas"),
        ("Gunmen attacked a castle in Karak, Jordan.", "Karak", "JOR", None),
        ("The mayor of Dayton, OH, resigned.", "Dayton", "USA", "Ohio"),
        ("Soldiers shelled Basra.", "Basra", "IRQ", None),
        ("Police in London, Ontario, arrested a man.", "London", "CAN", "Ontario"),
        ("The US imposed sanctions.", "US", "USA", None),
        ("Fighting went on in the Donbas.", "Donbas", "UKR", None),
        ("A ship sank in the Red Sea.", "Red Sea", None, None),
    ],
)
def test_resolution(
    parsed: Parse,
    finder: PlaceFinder,
    text: str,
    name: str,
    country: str | None,
    admin1: str | None,
) -> None:
    t = one(finder.find(parsed(text)), name)
    assert t.country == country
    if admin1 is not None:
        assert t.admin1 == admin1
    assert t.lat is not None


def test_the_us_is_never_canada(parsed: Parse, finder: PlaceFinder) -> None:
    text = "Ottawa, Toronto and Montreal are in Canada. The US and Canada signed a treaty."
    assert one(finder.find(parsed(text)), "US").country == "USA"


def test_one_sense_a_document(parsed: Parse, finder: PlaceFinder) -> None:
    text = "Floods hit Athens, Georgia, on Monday. Schools in Athens were closed."
    countries = {t.country for t in finder.find(parsed(text)) if t.text == "Athens"}
    assert countries == {"USA"}


def test_outlet_speaks_for_its_country(parser: Parser, finder: PlaceFinder) -> None:
    text = "Firemen were called to a house in Newcastle."
    uk = finder.find(parser.parse(Document("a", text, outlet="example-news.co.uk")))
    au = finder.find(parser.parse(Document("b", text, url="https://www.example.com.au/x")))
    assert one(uk, "Newcastle").country == "GBR"
    assert one(au, "Newcastle").country == "AUS"
    odd = finder.find(parser.parse(Document("c", text, url="http://[", outlet="The Paper")))
    assert one(odd, "Newcastle").country is not None


def test_a_town_in_the_outlets_name(parser: Parser, finder: PlaceFinder) -> None:
    text = "The council of Springfield met the police of Springfield."
    found = finder.find(parser.parse(Document("a", text, outlet="www.chicagotribune.com")))
    assert one(found, "Springfield").admin1 == "Illinois"


def test_a_county_lies_amid_the_towns_named(parsed: Parse, finder: PlaceFinder) -> None:
    found = finder.find(parsed("Floods hit Alexandria, Louisiana. Rapides Parish opened shelters."))
    parish = one(found, "Rapides Parish")
    town = one(found, "Alexandria")
    assert parish.admin1 == "Louisiana"
    assert distance(parish.lat or 0, parish.lon or 0, town.lat or 0, town.lon or 0) < 50


def test_people_and_organisations_are_no_places(parsed: Parse, finder: PlaceFinder) -> None:
    found = finder.find(parsed("Jack London wrote it. The University of Michigan hired him."))
    assert "London" not in {t.text for t in found}
    assert all(not t.literal for t in found if t.text == "Michigan")


def test_literal(parsed: Parse, finder: PlaceFinder) -> None:
    found = finder.find(parsed("Iran accused Israeli officials in Vienna."))
    assert not one(found, "Iran").literal
    assert not one(found, "Israeli").literal
    assert one(found, "Israeli").country == "ISR"
    assert one(found, "Vienna").literal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Paris",
        "THE THE THE",
        "Of Of, Of (Of)",
        "A B C D E F G H I J, K",
        "St. St. St.",
        "Paris, , ,",
    ],
)
def test_nothing_crashes(parsed: Parse, finder: PlaceFinder, text: str) -> None:
    spans = [(t.start, t.end) for t in finder.find(parsed(text))]
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


def test_distance() -> None:
    assert distance(0, 0, 0, 0) == 0
    assert 330 < distance(48.8566, 2.3522, 51.5074, -0.1278) < 350


@pytest.mark.parametrize(
    ("text", "name", "place"),
    [
        ("Crowds gathered outside the White House on Monday.", "White House", "Washington"),
        ("He was received in the Kremlin by generals.", "Kremlin", "Moscow"),
        ("Police cleared a camp near Taksim Square.", "Taksim Square", "Istanbul"),
        ("A man was shot in White House, Tennessee, police said.", "White House", "White House"),
    ],
)
def test_seats_of_power_lie_in_their_towns(
    parsed: Parse, finder: PlaceFinder, text: str, name: str, place: str
) -> None:
    found = one(finder.find(parsed(text)), name)
    assert found.name == place
    assert found.literal


def test_a_seat_that_acts_or_describes_is_no_place_of_an_act(
    parsed: Parse, finder: PlaceFinder
) -> None:
    found = finder.find(parsed("White House officials met Kremlin envoys in Oslo."))
    assert [t.text for t in found if t.literal] == ["Oslo"]


def test_every_seat_has_its_town(finder: PlaceFinder) -> None:
    assert [name for name in words().seats if finder._seat(name) is None] == []
