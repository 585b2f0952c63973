"""Dates and places under Spanish names."""

from __future__ import annotations

import datetime as dt

import pytest

from whowhom.languages import language
from whowhom.model import Document, Parsed
from whowhom.parse.reading import make_reading
from whowhom.parse.tokens import Doc
from whowhom.time_place import Gazetteer
from whowhom.time_place.spoken import SpokenDates, SpokenMoney, spoken_gazetteer

DCT = dt.date(2015, 6, 17)  # a Wednesday


def values(text: str, published: dt.date | None = DCT) -> list[tuple[str, str]]:
    document = Document("x", text, published=published)
    reading = make_reading(document)
    parsed = Parsed(document, reading, Doc(reading.text, []), (), ())
    return [(e.text, e.value) for e in SpokenDates(language("es")).find(parsed)]


@pytest.mark.parametrize(
    ("text", "words", "value"),
    [
        ("Ocurrió el 3 de mayo de 2014 en Homs.", "el 3 de mayo de 2014", "2014-05-03"),
        ("Ocurrió el 3 de mayo.", "el 3 de mayo", "2015-05-03"),
        ("Ocurrió el 3 de noviembre.", "el 3 de noviembre", "2014-11-03"),
        ("Ocurrió el primero de enero de 2010.", "el primero de enero de 2010", "2010-01-01"),
        ("Dimitió el lunes.", "el lunes", "2015-06-15"),
        ("Dimitió el pasado viernes.", "el pasado viernes", "2015-06-12"),
        ("Dimitirá el próximo viernes.", "el próximo viernes", "2015-06-19"),
        ("Dimitió ayer.", "ayer", "2015-06-16"),
        ("Dimitió anoche.", "anoche", "2015-06-16"),
        ("Dimitirá mañana.", "mañana", "2015-06-18"),
        ("Dimitió hace tres días.", "hace tres días", "2015-06-14"),
        ("Dimitió hace dos semanas.", "hace dos semanas", "2015-W23"),
        ("Dimitió la semana pasada.", "la semana pasada", "2015-W24"),
        ("Dimitió el mes pasado.", "el mes pasado", "2015-05"),
        ("Dimitió el año pasado.", "el año pasado", "2014"),
        ("Cayó en marzo de 2011.", "en marzo de 2011", "2011-03"),
        ("Cayó en marzo.", "en marzo", "2015-03"),
        ("Cayó en diciembre.", "en diciembre", "2014-12"),
        ("Cayó en 1989.", "en 1989", "1989"),
        ("Cayó el 25/04/2011.", "25/04/2011", "2011-04-25"),
        ("Cayó el 2011-04-25.", "2011-04-25", "2011-04-25"),
    ],
)
def test_a_date(text: str, words: str, value: str) -> None:
    assert (words, value) in values(text)


@pytest.mark.parametrize(
    "text",
    [
        "Trabaja por la mañana.",
        "Murieron 2000 personas.",
        "Ocurrió el 31 de junio.",
        "Marchó con mayor fuerza.",
        "Pagó 1989 dólares.",
        "",
    ],
)
def test_no_date(text: str) -> None:
    assert values(text) == []


def test_without_a_day_of_publication_only_whole_dates_are_known() -> None:
    assert values("Dimitió el lunes, el 3 de mayo, ayer.", None) == []
    assert values("Dimitió el 3 de mayo de 2014.", None) == [("el 3 de mayo de 2014", "2014-05-03")]


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load()


@pytest.mark.parametrize(
    ("name", "country"),
    [("Alepo", "SYR"), ("Londres", "GBR"), ("Alemania", "DEU"), ("La Habana", "CUB")],
)
def test_a_place_under_its_spanish_name(gazetteer: Gazetteer, name: str, country: str) -> None:
    found = spoken_gazetteer(gazetteer, language("es")).lookup(name)
    assert max(found, key=lambda e: (e.kind == "country", e.population)).country == country


def test_every_place_of_the_table_is_one(gazetteer: Gazetteer) -> None:
    spoken = spoken_gazetteer(gazetteer, language("es"))
    lines = (language("es").folder / "places.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert [line for line in lines if not spoken.lookup(line.split(",")[0])] == []


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("Donó tres millones de dólares a Haití.", 3e6, "USD"),
        ("Prestó dos mil millones de euros.", 2e9, "EUR"),
        ("Pagó 1.500 dólares.", 1500, "USD"),
        ("Pagó 2,5 millones de libras.", 2.5e6, "GBP"),
        ("Pagó US$ 40 millones.", 4e7, "USD"),
        ("Pagó 300 mil pesos.", 3e5, None),
    ],
)
def test_a_sum(text: str, amount: float, currency: str | None) -> None:
    (found,) = SpokenMoney(language("es")).find(text, 0, len(text))
    assert (found.amount, found.currency) == (amount, currency)
    assert text[found.start : found.end] == found.text


@pytest.mark.parametrize(
    "text", ["Tres millones de personas.", "El dólar subió.", "1.500 soldados"]
)
def test_no_sum(text: str) -> None:
    assert list(SpokenMoney(language("es")).find(text, 0, len(text))) == []
