"""From text to record: what an analyst relies on, field by field."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whowhom.model import Document, Event
from whowhom.parse import find_model, known_vectors
from whowhom.pipeline import Coder


@pytest.fixture(scope="module")
def coder() -> Coder:
    return Coder()


@pytest.fixture(scope="module")
def code(coder):
    def run(text: str, date: str = "2011-05-20", **fields):
        return coder.code(
            Document("doc", text, published=dt.date.fromisoformat(date) if date else None, **fields)
        )

    return run


def only(coded, event_type: str) -> Event:
    found = [e for e in coded.events if e.event_type == event_type]
    assert len(found) == 1, [(e.event_type, e.evidence.trigger.text) for e in coded.events]
    return found[0]


def test_every_offset_opens_the_words(code) -> None:
    text = (
        "Sudan's\u200b  army\n   shelled a village in Darfur on Monday, killing 12 civilians,\n"
        "   the United Nations said.\n\nKhartoum denied the attack."
    )
    coded = code(text, title="Army shells village, UN says")
    assert coded.events
    for event in coded.events:
        source = coded.document.title if event.evidence.part == "title" else text
        spans = [event.evidence.trigger, *event.actors, *event.recipients]
        spans += [link.speaker for link in event.attribution if link.speaker]
        for span in spans:
            at = (
                coded.document.title
                if getattr(span, "part", event.evidence.part) == "title"
                else text
            )
            words = " ".join(at[span.start : span.end].replace("\u200b", "").split())
            assert words == span.text
        assert event.evidence.trigger.text in " ".join(source.replace("\u200b", "").split())


def test_the_record_survives_json(code) -> None:
    coded = code(
        "Kenya accused Somalia on Monday of shelling a border post and killing 3 soldiers."
    )
    for event in coded.events:
        line = event.to_json()
        assert "\n" not in line
        assert Event.from_dict(json.loads(line)) == event


def test_the_same_input_gives_the_same_bytes(code, coder) -> None:
    text = "France and Germany condemned the coup in Mali. Troops arrested the president."
    first = [e.to_json() for e in code(text).events]
    assert first == [e.to_json() for e in code(text).events]
    assert first == [
        e.to_json()
        for e in Coder().code(Document("doc", text, published=dt.date(2011, 5, 20))).events
    ]
    assert len({json.loads(line)["id"] for line in first}) == len(first)
    assert coder.fingerprint == Coder().fingerprint
    assert coder.fingerprint != Coder(min_confidence=0.5).fingerprint


def test_what_was_said_planned_denied_and_done_stay_apart(code) -> None:
    did = only(code("Turkish troops attacked Kurdish rebels."), "ASSAULT")
    said = only(code("Iraq said that Turkish troops attacked Kurdish rebels."), "ASSAULT")
    may = only(code("Turkish troops may attack Kurdish rebels."), "ASSAULT")
    will = only(code("Turkish troops will attack Kurdish rebels next week."), "ASSAULT")
    did_not = only(code("Turkish troops did not attack Kurdish rebels."), "ASSAULT")
    then = only(code("Turkish troops attacked Kurdish rebels in 1997."), "ASSAULT")
    assert [e.status for e in (did, said, may, will, did_not, then)] == [
        "actual",
        "actual",
        "hypothetical",
        "future",
        "negated",
        "historical",
    ]
    assert did.attribution == ()
    assert [link.speaker.country for link in said.attribution] == ["IRQ"]


def test_a_plot_of_private_persons_is_hypothetical_and_a_plan_of_an_army_future(code) -> None:
    plot = only(code("Two brothers planned to murder a judge in Palermo."), "ASSAULT")
    plan = only(code("The Ethiopian army plans to attack rebels in Tigray."), "ASSAULT")
    assert (plot.status, plan.status) == ("hypothetical", "future")


def test_planned_aid_is_an_agreement_and_planned_retreat_a_concession(code) -> None:
    aid = code("Japan will give food aid to Nepal next month.")
    assert "AID" not in {e.event_type for e in aid.events}
    assert only(aid, "AGREE").status == "future"
    retreat = code("Russia will withdraw its troops from Georgia next month.")
    assert "RETREAT" not in {e.event_type for e in retreat.events}
    assert only(retreat, "CONCEDE").status == "future"


def test_we_in_somebodys_mouth_is_that_somebody(code) -> None:
    coded = code('"We condemn the attack on Benghazi," French President Nicolas Sarkozy said.')
    event = only(coded, "ACCUSE")
    assert event.actors[0].country == "FRA"
    assert event.actors[0].text == "We"
    assert event.actors[0].resolved_by == "speaker"


def test_the_author_of_an_editorial_is_not_a_reporter(code) -> None:
    coded = code(
        "The government must release the prisoners. It is high time that Europe acted.",
        genre="opinion",
    )
    assert coded.events
    assert all(e.voice != "reported" for e in coded.events)
    assert all(e.status != "actual" for e in coded.events if e.event_type in ("RETREAT", "CONCEDE"))


def test_unsure_events_become_rejections(code) -> None:
    text = "Police in Lagos arrested three students. Unions criticised the minister."
    everything = code(text)
    strict = Coder(min_confidence=1.01).code(everything.document)
    assert strict.events == ()
    assert {r.reason for r in strict.rejections} >= {"low_confidence"}


def test_coverage_counts(code) -> None:
    coded = code("Police in Lagos arrested three students on Monday. It rained.")
    assert coded.coverage.sentences == coded.coverage.sentences_read == 2
    assert coded.coverage.events == len(coded.events) == 1
    assert coded.coverage.events_dated == 1
    assert coded.coverage.parties_resolved <= coded.coverage.parties


CALM = (
    "The hotel has forty rooms and a garden. Breakfast is served until ten. "
    "Rebels attacked a convoy near Goma on Monday. The roses were in bloom."
)


def test_what_cannot_hold_an_event_is_set_aside_and_counted(code) -> None:
    coded = code(CALM)
    assert coded.coverage.sentences == coded.coverage.sentences_read == 4
    assert coded.coverage.sentences_aside == 3
    assert [e.event_type for e in coded.events] == ["ASSAULT"]
    assert [e.evidence.sentence for e in coded.events] == [3]


def test_everything_can_be_read_on_request(coder) -> None:
    thorough = Coder(settings=dataclasses.replace(coder.settings, read_all=True))
    coded = thorough.code(Document("d", CALM))
    assert coded.coverage.sentences_aside == 0
    assert [e.event_type for e in coded.events] == ["ASSAULT"]
    assert thorough.fingerprint != coder.fingerprint


def test_another_pipeline_is_read_whole(coder) -> None:
    """The first look knows the vectors of the shipped pipeline alone."""
    name, folder = find_model()
    assert known_vectors(), name
    other = Coder(pipeline=str(folder))
    assert other.code(Document("d", CALM)).coverage.sentences_aside == 0


def test_a_sentence_over_the_limit_is_named(coder) -> None:
    small = Coder(settings=dataclasses.replace(coder.settings, max_sentence_characters=50))
    text = "Police arrested " + "and ".join(["a man "] * 40) + ".\n\nRebels killed a judge."
    coded = small.code(Document("d", text))
    assert "sentence_too_long" in {r.reason for r in coded.rejections}
    assert any(e.event_type == "ASSAULT" for e in coded.events)


def test_nothing_without_a_date_is_dated(code) -> None:
    coded = code("Police arrested three students on Tuesday.", date="")
    assert [e.date for e in coded.events] == [None]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_no_text_crashes_it(text: str) -> None:
    coder = _shared()
    coded = coder.code(Document("d", text, title=text[:20] or None))
    assert coded.coverage.events == len(coded.events)


WORDS = [
    "Iran",
    "Iraq",
    "the",
    "president",
    "police",
    "rebels",
    "attacked",
    "said",
    "that",
    "condemned",
    "not",
    "will",
    "would",
    "if",
    "killed",
    "talks",
    "with",
    "sanctions",
    "on",
    "by",
    "and",
    ",",
    ".",
    '"',
    "'",
    "(",
    ")",
    "who",
    "which",
    "to",
    "of",
    "in",
    "Monday",
    "12",
    "$5",
    "million",
    "he",
    "they",
    "it",
]


@settings(max_examples=120, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_no_word_salad_crashes_it(words: list[str]) -> None:
    coded = _shared().code(Document("d", " ".join(words), published=dt.date(2001, 2, 3)))
    for event in coded.events:
        Event.from_dict(json.loads(event.to_json()))


_CODER: list[Coder] = []


def _shared() -> Coder:
    if not _CODER:
        _CODER.append(Coder())
    return _CODER[0]
