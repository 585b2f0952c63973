"""Which date and which place belong to an event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from whowhom.model import Parsed, Place, Status, When
from whowhom.time_place import PlaceFinder, at_home, elsewhere, find_dates, when, where

Parse = Callable[..., Parsed]
DCT = "2015-06-17"


@pytest.fixture(scope="module")
def finder() -> PlaceFinder:
    return PlaceFinder()


def token(p: Parsed, word: str) -> int:
    return next(t.i for t in p.doc if t.text == word)


def dated(p: Parsed, word: str, hint: Status | None = None) -> When:
    return when(p, find_dates(p), token(p, word), hint)


def placed(p: Parsed, finder: PlaceFinder, word: str, *names: str) -> Place | None:
    spans = tuple((p.reading.text.find(n), p.reading.text.find(n) + len(n)) for n in names)
    return where(p, finder.find(p), token(p, word), spans)


@pytest.mark.parametrize(
    ("text", "word", "day"),
    [
        ("Gunmen attacked the village on Sunday.", "attacked", "2015-06-14"),
        (
            "Gunmen attacked the village on Sunday, police said on Tuesday.",
            "attacked",
            "2015-06-14",
        ),
        ("Gunmen killed 12 people and wounded 30 on Tuesday.", "killed", "2015-06-16"),
        ("Iraq invaded Kuwait in August 1990.", "invaded", "1990-08-01"),
        ("Ministers will meet next Monday.", "meet", "2015-06-22"),
    ],
)
def test_date_of_the_text(parsed: Parse, text: str, word: str, day: str) -> None:
    found = dated(parsed(text, DCT), word)
    assert found.date == dt.date.fromisoformat(day)
    assert found.date_from == "text"
    assert found.date_text


def test_the_date_of_saying_is_not_the_date_of_what_is_said(parsed: Parse) -> None:
    p = parsed(
        "The president said on Wednesday that troops had attacked the village in April.", DCT
    )
    found = dated(p, "attacked")
    assert (found.date, found.end_date) == (dt.date(2015, 4, 1), dt.date(2015, 4, 30))
    assert found.date_granularity == "month"
    p = parsed("The president said on Wednesday that troops had attacked the village.", DCT)
    assert dated(p, "attacked").date is None


def test_ranges(parsed: Parse) -> None:
    found = dated(parsed("The army shelled the port from 3 to 5 May.", DCT), "shelled")
    assert (found.date, found.end_date) == (dt.date(2015, 5, 3), dt.date(2015, 5, 5))
    found = dated(parsed("Students protested between June and August 2012.", DCT), "protested")
    assert found.end_date == dt.date(2012, 8, 31)


def test_undated_reports_are_dated_by_publication_and_say_so(parsed: Parse) -> None:
    found = dated(parsed("Gunmen attacked the village.", DCT), "attacked")
    assert (found.date, found.date_from) == (dt.date(2015, 6, 17), "published")
    assert dated(parsed("Gunmen attacked the village.", None), "attacked") == When()


@pytest.mark.parametrize(
    "text",
    [
        "Gunmen had attacked the village.",
        "Gunmen would have attacked the village.",
        "Gunmen attacked the village decades ago.",
    ],
)
def test_background_is_not_dated(parsed: Parse, text: str) -> None:
    assert dated(parsed(text, DCT), "attacked").date is None


def test_hints_of_status(parsed: Parse) -> None:
    p = parsed("Gunmen attacked the village.", DCT)
    for hint in ("future", "hypothetical", "historical"):
        assert dated(p, "attacked", hint) == When()


def test_headlines(parsed: Parse) -> None:
    p = parsed("The blast was heard far away.", DCT, "Rebels attack army base")
    found = dated(p, "attack")
    assert (found.date, found.date_from) == (dt.date(2015, 6, 17), "tense")


@pytest.mark.parametrize(
    ("text", "word", "name"),
    [
        ("Gunmen attacked a school in Maiduguri.", "attacked", "Maiduguri"),
        ("Gunmen attacked a school in Karak, Jordan.", "attacked", "Karak"),
        ("Thousands marched through Dhaka.", "marched", "Dhaka"),
        ("Gunmen killed 12 people and wounded 30 in Basra.", "killed", "Basra"),
        ("BAGHDAD (AFP) - Gunmen attacked a school.", "attacked", "BAGHDAD"),
    ],
)
def test_place(parsed: Parse, finder: PlaceFinder, text: str, word: str, name: str) -> None:
    place = placed(parsed(text, DCT), finder, word)
    assert place is not None
    assert place.text == name


def test_a_party_is_no_place(parsed: Parse, finder: PlaceFinder) -> None:
    p = parsed("Iraq invaded the emirate.", DCT)
    assert placed(p, finder, "invaded", "Iraq") is None
    p = parsed("France sent a tourist from Canada home.", DCT)
    assert placed(p, finder, "sent", "France") is None
    p = parsed("Protesters in Cairo burned tyres.", DCT)
    place = placed(p, finder, "burned", "Protesters in Cairo")
    assert place is not None
    assert place.country == "EGY"


def test_the_attack_is_where_the_lead_put_it(parsed: Parse, finder: PlaceFinder) -> None:
    text = "A bomb exploded in Quetta on Monday. The attack killed nine people."
    place = placed(parsed(text, DCT), finder, "killed")
    assert place is not None
    assert place.country == "PAK"


def test_headline_place(parsed: Parse, finder: PlaceFinder) -> None:
    p = parsed("Nothing more was known.", DCT, "Blast kills 25 in Lahore")
    place = placed(p, finder, "kills")
    assert place is not None
    assert place.country == "PAK"


@pytest.mark.parametrize(
    "text", ["attacked", "in in in attacked on on", "Monday attacked Paris May 3"]
)
def test_nothing_crashes(parsed: Parse, finder: PlaceFinder, text: str) -> None:
    p = parsed(text, DCT)
    for i in range(len(p.doc)):
        when(p, find_dates(p), i, None)
        where(p, finder.find(p), i, ())


# ------------------------------------------------------------ dates of other sentences
@pytest.mark.parametrize(
    ("text", "word", "day"),
    [
        # the noun takes up what the verb told, or another word for the same happening
        ("Gunmen shot two judges on Sunday. The shooting shocked all.", "shooting", "2015-06-14"),
        ("A bomb exploded in Lira on Sunday. The attack killed nine.", "attack", "2015-06-14"),
        ("Police arrested six men on Sunday. Their detention is legal.", "detention", "2015-06-14"),
        # two of them: nobody knows which
        ("Gunmen shot a judge on Sunday. Gunmen shot a clerk on Monday. The shooting shocked all.",
         "shooting", None),
        # another act
        ("Ministers met on Sunday. The shooting shocked the town.", "shooting", None),
        # long ago counts only for what is taken up
        ("Rebels kidnapped the girls in April 2012. Their kidnapping shocked the world.",
         "kidnapping", "2012-04-01"),
        ("Rebels kidnapped the girls in April 2012. Rebels kidnap travellers.", "kidnap", None),
        # its own sentence speaks of an older time
        ("Gunmen shot two judges on Sunday. A shooting in 2009 shocked all.", "shooting", None),
        ("Gunmen shot two judges on Sunday. There was a shooting years ago.", "shooting", None),
    ],
)  # fmt: skip
def test_an_act_has_the_date_that_another_sentence_gives_it(
    parsed: Parse, text: str, word: str, day: str | None
) -> None:
    p = parsed(text, DCT)
    found = elsewhere(p, find_dates(p), token(p, word), False, 92)
    assert (None if found is None else str(found.date)) == day
    if found is not None:
        assert found.date_from == "text"
        assert found.date_text
        assert found.date_text in text


def test_what_a_report_tells_is_of_the_day_that_it_begins_with(parsed: Parse) -> None:
    text = "Ministers met in Oslo on Monday. They discussed grain. The guards arrested a man."
    found = dated(parsed(text, DCT), "arrested")
    assert found == When(dt.date(2015, 6, 15), None, "Monday", "day", "tense")
    text = "Police said rebels had met on Monday. They fled. The guards arrested a man."
    assert dated(parsed(text, DCT), "arrested").date_from == "published"
    text = "Ministers met in Oslo in March. They discussed grain. The guards arrested a man."
    assert dated(parsed(text, DCT), "arrested").date_from == "published"


def test_a_participle_is_of_the_day_of_its_verb(parsed: Parse) -> None:
    p = parsed("Soldiers stormed the camp, arresting nine men.", DCT)
    assert dated(p, "arresting").date == dt.date(2015, 6, 17)
    p = parsed("Soldiers had stormed the camp, arresting nine men.", DCT)
    assert dated(p, "arresting").date is None


# --------------------------------------------------------- places of the parties
@pytest.mark.parametrize(
    ("text", "word", "kind", "countries", "place"),
    [
        ("Kenya is tense. Police arrested nine Kenyan students.", "arrested", "COERCE",
         ["KEN", None], "Kenyan"),
        # two countries: nobody knows on whose soil
        ("Kenya is tense. Police arrested nine Kenyan students.", "arrested", "COERCE",
         ["KEN", "UGA"], None),
        # the report is of another country
        ("Uganda is tense. Uganda and its army are angry. Gunmen shot a Kenyan.", "shot", "ASSAULT",
         ["KEN"], None),
        # an act that is done anywhere
        ("Kenya is tense. A Kenyan accused the press.", "accused", "ACCUSE", ["KEN"], None),
        ("Kenya is tense. A Kenyan was arrested abroad.", "arrested", "COERCE", ["KEN"], None),
    ],
)  # fmt: skip
def test_acts_on_the_soil_of_all_parties(
    parsed: Parse,
    finder: PlaceFinder,
    text: str,
    word: str,
    kind: str,
    countries: list[str | None],
    place: str | None,
) -> None:
    p = parsed(text, DCT)
    found = at_home(p, finder.find(p), token(p, word), kind, countries)
    assert (None if found is None else found.text) == place
    if found is not None:
        assert found.country == "KEN"
        assert text[found.start : found.end] == found.text
