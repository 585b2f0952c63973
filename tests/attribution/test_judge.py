"""The chain of who says so, and the voice."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from whowhom.attribution import find_statements, judge
from whowhom.model import Judgement, Parsed, Parties, Party

from .test_status import judged

Make = Callable[..., Parsed]


def chain(result: Judgement) -> list[tuple[str | None, str]]:
    return [
        (link.speaker.text if link.speaker is not None else None, link.cue)
        for link in result.attribution
    ]


CHAINS = [
    ([], "Gunmen [killed] two guards."),
    ([("Tunis", "said")], "Tunis said gunmen [killed] two guards."),
    ([("Tunis", "said")], "Gunmen [killed] two guards, Tunis said."),
    ([("Tunis", "according to")], "Gunmen [killed] two guards, according to Tunis."),
    ([("Tunis", "denied")], "Tunis denied that soldiers [killed] two guards."),
    ([("Tunis", "accused")], "Tunis accused soldiers of [killing] two guards."),
    ([(None, "allegedly")], "Gunmen allegedly [killed] two guards."),
    ([(None, "is believed")], "It is believed that gunmen [killed] two guards."),
    ([("Tunis", "said"), ("Tripoli", "admitted")],
     "Tunis said Tripoli admitted that gunmen [killed] two guards."),
    ([], "Tunis did not say that gunmen [killed] two guards."),
    ([], "Tunis praised the [raid]."),
    ([], "Tunis condemned the [raid] by gunmen."),
    ([("Tunis", "reported")], "Tunis reported a [raid] by gunmen."),
    ([], "Gunmen were expected to [kill] the guards."),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "sentence"), CHAINS)
def test_chain(parsed: Make, expected: list[tuple[str | None, str]], sentence: str) -> None:
    assert chain(judged(parsed, sentence)) == expected


ACTS = [
    ("ACCUSE", [], "Tunis [condemned] the raid."),
    ("ACCUSE", [("The envoy", "said")], "The envoy said Tunis [condemned] the raid."),
    ("ACCUSE", [], "The envoy said he [condemned] the raid."),
    ("REQUEST", [], 'The envoy said the law "should be [changed]".'),
    ("ACCUSE", [], "The raid was [shameful], the envoy said."),
    ("REQUEST", [("The envoy", "said")], "The envoy said Tunis [demanded] a vote."),
]  # fmt: skip


@pytest.mark.parametrize(("event_type", "expected", "sentence"), ACTS)
def test_a_speech_act_is_not_its_own_source(
    parsed: Make, event_type: str, expected: list[tuple[str | None, str]], sentence: str
) -> None:
    assert chain(judged(parsed, sentence, event_type=event_type)) == expected


def test_actors_of_a_speech_act_are_no_sources(parsed: Make) -> None:
    sentence = "The envoy said Tunis [demanded] a vote."
    doc = parsed(sentence.replace("[", "").replace("]", ""))
    statement = find_statements(doc, Parties())[0]
    assert statement.speaker is not None
    actor = dataclasses.replace(statement.speaker)
    assert judged(parsed, sentence, event_type="REQUEST", actors=(actor,)).attribution == ()
    other = Party("Tunis", 15, 20, country="TUN")
    kept = judged(parsed, sentence, event_type="REQUEST", actors=(other,))
    assert chain(kept) == [("The envoy", "said")]
    fact = judged(parsed, sentence, event_type="ASSAULT", actors=(actor,))
    assert chain(fact) == [("The envoy", "said")]


def test_a_link_has_the_place_of_its_cue(parsed: Make) -> None:
    result = judged(parsed, 'The envoy said: "Gunmen [killed] two guards."')
    link = result.attribution[0]
    assert (link.start, link.end, link.quoted) == (10, 14, True)


VOICES = [
    ("report", "reported", "Tunis closed the [border]."),
    ("report", "reported", "The law must be [approved] by the council."),
    ("report", "reported", "The brutal regime [killed] two guards."),
    ("report", "advocacy", "We must [close] the border."),
    ("report", "opinion", "Sadly, we saw how this shameful regime [killed] two guards."),
    ("opinion", "opinion", "The regime has [closed] the border."),
    ("opinion", "opinion", "This shameful regime [closed] the border on Monday."),
    ("opinion", "reported", "On Monday Tunis [closed] the border."),
    ("opinion", "advocacy", "Tunis must [close] the border."),
    ("opinion", "advocacy", "It is time to [close] the border."),
    ("opinion", "advocacy", "It is high time that Tunis [closed] the border."),
    ("opinion", "advocacy", "The border has to be [closed]."),
    ("opinion", "advocacy", "[Close] the border."),
    ("opinion", "reported", "The envoy said Tunis must [close] the border."),
    ("opinion", "reported", "The envoy [said] that Tunis must close the border."),
    ("opinion", "opinion", "Why did Tunis [close] the border?"),
    ("opinion", "opinion", "It was the worst [blunder] of the year."),
    ("live", "reported", "Tunis [closed] the border."),
]  # fmt: skip


@pytest.mark.parametrize(("genre", "voice", "sentence"), VOICES)
def test_voice(parsed: Make, genre: str, voice: str, sentence: str) -> None:
    def make(text: str, **more: object) -> Parsed:
        doc = parsed(text)
        return dataclasses.replace(
            doc, document=dataclasses.replace(doc.document, genre=genre)  # type: ignore[arg-type]
        )  # fmt: skip

    result = judged(make, sentence)
    assert result.voice == voice, result.reasons
    if voice == "advocacy":
        assert result.status != "actual", result.reasons


@pytest.mark.parametrize(
    "text",
    ["", "?", "!", "said", "No.", "not", "If", '"', "without", "in 1999", "to", "Will?", "ago",
     "once", "He", "last year", "nor", "the first to", ":", "May", "instead of", "must have"],
)  # fmt: skip
def test_no_token_makes_it_fail(parsed: Make, text: str) -> None:
    doc = parsed(text, date="2001-02-03")
    statements = find_statements(doc, Parties())
    for token in doc.doc:
        for event_type in ("ASSAULT", "REJECT", "AGREE"):
            result = judge(doc, Parties(), statements, token.i, event_type=event_type)
            assert result.status in {"actual", "historical", "future", "hypothetical", "negated"}


def test_every_token_of_a_long_sentence(parsed: Make) -> None:
    text = "The envoy said that " + "he knew that " * 60 + "the border was closed."
    doc = parsed(text)
    statements = find_statements(doc, Parties())
    last = next(t.i for t in doc.doc if t.text == "closed")
    assert judge(doc, Parties(), statements, last, event_type="COERCE").attribution
