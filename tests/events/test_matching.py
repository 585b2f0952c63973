"""Roles and frames: who does what to whom, whatever the construction."""

from __future__ import annotations

import pytest

from whowhom.actors import ActorResolver
from whowhom.codebook import load
from whowhom.events import EventFinder


@pytest.fixture(scope="module")
def find(parsed):
    resolver, finder = ActorResolver(), EventFinder(load())

    def run(text: str):
        made = parsed(text, "2012-05-10")
        return finder.find(made, resolver.resolve(made))

    return run


@pytest.fixture(scope="module")
def parsed(parser):
    import datetime as dt

    from whowhom.model import Document

    return lambda text, date: parser.parse(
        Document("t", text, published=dt.date.fromisoformat(date))
    )


def one(found, event_type: str):
    candidates = [c for c in found[0] if c.event_type == event_type]
    assert len(candidates) == 1, (
        [(c.event_type, c.trigger.text, c.why.rule) for c in found[0]],
        [(r.text, r.reason, r.rule) for r in found[1]],
    )
    return candidates[0]


def texts(parties) -> list[str]:
    return [p.text for p in parties]


@pytest.mark.parametrize(
    ("sentence", "event_type", "actor", "recipient"),
    [
        ("Ethiopian troops attacked Eritrean positions.", "ASSAULT", "Ethiopian", "Eritrean"),
        (
            "Eritrean positions were attacked by Ethiopian troops.",
            "ASSAULT",
            "Ethiopian",
            "Eritrean",
        ),
        ("Ethiopia launched an attack on Eritrea.", "ASSAULT", "Ethiopia", "Eritrea"),
        ("An attack on Eritrea was launched by Ethiopia.", "ASSAULT", "Ethiopia", "Eritrea"),
        ("Ethiopia's attack on Eritrea went on.", "ASSAULT", "Ethiopia", "Eritrea"),
        ("The Ethiopian attack on Eritrea went on.", "ASSAULT", "Ethiopian", "Eritrea"),
        ("Ethiopian troops who attacked Eritrea withdrew.", "ASSAULT", "troops", "Eritrea"),
        ("Ethiopian troops began to attack Eritrea.", "ASSAULT", "Ethiopian", "Eritrea"),
        (
            "Ethiopian troops crossed the border and attacked Eritrea.",
            "ASSAULT",
            "Ethiopian",
            "Eritrea",
        ),
        ("Troops sent by Ethiopia to attack Eritrea rested.", "ASSAULT", "Troops", "Eritrea"),
        ("Kenya accused Somalia of attacking Uganda.", "ASSAULT", "Somalia", "Uganda"),
        ("Somalia was accused of attacking Uganda.", "ASSAULT", "Somalia", "Uganda"),
        ("Rebels in Chad abducted three nurses.", "ASSAULT", "Rebels", "nurses"),
    ],
)
def test_roles_survive_the_construction(find, sentence, event_type, actor, recipient) -> None:
    candidate = one(find(sentence), event_type)
    assert any(actor in t for t in texts(candidate.actors)), texts(candidate.actors)
    assert any(recipient in t for t in texts(candidate.recipients)), texts(candidate.recipients)


def test_compound_parties_are_lists(find) -> None:
    candidate = one(find("France, Spain and Portugal condemned Libya and Syria."), "ACCUSE")
    assert texts(candidate.actors) == ["France", "Spain", "Portugal"]
    assert texts(candidate.recipients) == ["Libya", "Syria"]


def test_all_sides_of_a_consultation_are_actors(find) -> None:
    candidate = one(find("Egypt held talks with Sudan in Cairo."), "CONSULT")
    assert set(texts(candidate.actors)) == {"Egypt", "Sudan"}
    assert candidate.recipients == ()


def test_an_act_on_a_thing_is_on_its_owner(find) -> None:
    candidate = one(find("Japan condemned North Korea's missile test."), "ACCUSE")
    assert any("North Korea" in t for t in texts(candidate.recipients))


def test_one_act_in_two_words_is_one_event(find) -> None:
    found = find("Gunmen attacked the village, killing nine civilians.")
    candidate = one(found, "ASSAULT")
    assert any("Gunmen" in t for t in texts(candidate.actors))
    assert any(r.reason == "covered" for r in found[1])


def test_the_agentless_passive_has_no_actor(find) -> None:
    candidate = one(find("Twelve soldiers were killed on Sunday."), "ASSAULT")
    assert candidate.actors == ()
    assert candidate.recipients


def test_what_is_not_coded_has_a_reason(find) -> None:
    candidates, rejections = find("The storm attacked the coast.")
    assert not [c for c in candidates if c.event_type == "ASSAULT"]
    assert rejections
    assert all(r.rule and r.reason for r in rejections)


def test_the_runner_up_is_of_another_type(find) -> None:
    for sentence in (
        "Ethiopian troops attacked Eritrean positions.",
        "The president vowed to sign the treaty with Chile.",
    ):
        for candidate in find(sentence)[0]:
            other = candidate.why.runner_up
            assert other is None or not other.startswith(candidate.event_type + ".")


@pytest.mark.parametrize(
    "odd",
    [
        "",
        ".",
        "attack",
        "Attack! Attack! Attack!",
        "by by by",
        "of the of the of",
        "attack on attack on attack on attack on attack",
        "who whom which that",
        "to to attack to be attacked to have been attacking",
        "Iran and Iraq and Iran and Iraq and Iran and " * 30,
        "said that he said that she said that it said that " * 20,
        "The man who the man who the man who the man attacked attacked attacked attacked.",
    ],
)
def test_odd_sentences_do_no_harm(find, odd: str) -> None:
    candidates, rejections = find(odd)
    assert isinstance(candidates, list)
    assert isinstance(rejections, list)
