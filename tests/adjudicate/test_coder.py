"""The adjudicator at work in the coder: what it may change, and that failing it changes nothing."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.adjudicate.server import Answer, Fake, serving
from tests.cli.test_commands import line, whowhom
from whowhom import Coder, Document
from whowhom.adjudicate import Adjudicator, Spec
from whowhom.cite.facts import gather
from whowhom.model import Coded, plain
from whowhom.settings import ADJUDICATOR
from whowhom.store import open_store

TEXT = (
    "Kenya condemned Somalia on Monday. Togo's president said that the meeting with Ghana had "
    "been useful. Trucks carried militiamen of Chad to the border with Sudan. Niger did not vote "
    "for the plan. They shouted at the ambassador of Mali and threw ink at the walls. Some ships "
    "of Benin stopped or turned back. Ugandan officials called the offer of Rwanda a dagger in "
    "the back."
)
DOCUMENT = Document("d1", TEXT, published=dt.date(1998, 3, 4))


@pytest.fixture(scope="module")
def coder() -> Coder:
    return Coder()


@pytest.fixture
def fake() -> Iterator[Fake]:
    with serving() as server:
        yield server


def coded(coder: Coder, fake: Fake, folder: Path, answer: Answer, **settings: Any) -> Coded:
    fake.answer = answer
    with_one = copy.copy(coder)
    spec = Spec(fake.url, "test-7b", folder, replace(ADJUDICATOR, **settings))
    with_one.adjudicator = Adjudicator(spec)
    return with_one.code(DOCUMENT)


def shown(result: Coded) -> list[object]:
    """The events without the name of the coder, which tells that there was an adjudicator."""
    return [{**e.to_dict(), "coder": None} for e in result.events]


def first(question: dict[str, Any], _: Any) -> str:
    return '{"choice": "1"}'


def test_it_is_asked_where_the_coder_is_in_doubt_alone(
    coder: Coder, fake: Fake, tmp_path: Path
) -> None:
    plainly = coder.code(DOCUMENT)
    assert any(e.event_type == "ACCUSE" for e in plainly.events)
    found = coded(coder, fake, tmp_path, first)
    assert fake.asked
    sure = {(e.evidence.sentence, e.evidence.trigger.text) for e in plainly.events}
    sentences = {s for s, _ in sure}
    for question in fake.questions:
        assert question["sentence"] in TEXT
        number = 1 + TEXT[: TEXT.index(question["sentence"])].count(". ")
        assert (number, question["words"]) not in sure, sentences
        types = [o["type"] for o in question["options"] if "type" in o]
        assert len(set(types)) <= ADJUDICATOR.types
        assert {"sentence", "words", "actors", "recipients", "options"} == question.keys()
    assert len(found.events) > len(plainly.events)


def test_a_vote_stands_in_the_event_and_adds_no_words(
    coder: Coder, fake: Fake, tmp_path: Path
) -> None:
    found = coded(coder, fake, tmp_path, first)
    voted = [e for e in found.events if (e.why.model or "").startswith("llm:")]
    assert voted
    asked = {q["words"]: q for q in fake.questions}
    for event in voted:
        question = asked[event.evidence.trigger.text]
        assert event.event_type in {o.get("type") for o in question["options"]} | {
            "AGREE", "CONCEDE", "REJECT",  # what is planned or refused is another type
        }  # fmt: skip
        given = [*question["actors"], *question["recipients"]]
        assert all(p.text in given for p in (*event.actors, *event.recipients))
        assert event.why.model is not None
        assert event.why.model.startswith("llm:test-7b#")
        assert event.why.sure < 0.45
        assert event.coder.model is not None
        assert event.coder.model.endswith(" + llm test-7b")
    again = coded(coder, fake, tmp_path, lambda question, handler: '{"choice": "none"}')
    assert plain(again.events) == plain(found.events)  # the votes in the store hold


def test_a_veto_is_a_rejection_with_its_reason(coder: Coder, fake: Fake, tmp_path: Path) -> None:
    plainly = coder.code(DOCUMENT)
    found = coded(coder, fake, tmp_path, lambda question, handler: '{"choice": "none"}')
    assert shown(found) == shown(plainly)
    vetoed = [r for r in found.rejections if "sees none" in r.detail]
    assert len(vetoed) == len(fake.asked)
    assert all(r.reason == "model_veto" and "llm:test-7b#" in r.detail for r in vetoed)


@pytest.mark.parametrize("words", ["ASSAULT", '{"choice": "99"}', "x" * 100_000])
def test_every_failure_leaves_the_coders_own_decision(
    coder: Coder, fake: Fake, tmp_path: Path, words: str
) -> None:
    found = coded(coder, fake, tmp_path, lambda question, handler: words, give_up_after=2)
    assert shown(found) == shown(coder.code(DOCUMENT))
    failed = [r.detail for r in found.rejections if "gave no vote" in r.detail]
    assert len(fake.asked) == 2
    assert len(failed) > 2
    assert sum("given_up" in detail for detail in failed) == len(failed) - 2


def test_without_a_budget_nothing_is_sent(coder: Coder, fake: Fake, tmp_path: Path) -> None:
    found = coded(coder, fake, tmp_path, first, calls=0)
    assert fake.asked == []
    assert shown(found) == shown(coder.code(DOCUMENT))


def test_another_model_is_another_coder(coder: Coder, tmp_path: Path) -> None:
    with_one = copy.copy(coder)
    with_one.adjudicator = Adjudicator(Spec("http://127.0.0.1:1/v1", "m", tmp_path))
    assert with_one.fingerprint != coder.fingerprint
    assert coder.info.model is not None
    assert with_one.info.model == f"{coder.info.model} + llm m"


# --------------------------------------------------------------- the command line
def test_a_run_says_and_keeps_what_became_of_the_questions(tmp_path: Path) -> None:
    news = tmp_path / "n.jsonl"
    news.write_text(line(1))
    settings = tmp_path / "a.toml"
    settings.write_text('url = "http://127.0.0.1:1/v1"\nmodel = "test-7b"\ncalls = 3\n')
    done = whowhom("code", news, "--store", tmp_path / "s", "--adjudicator", settings,
                   "--workers", 1)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Adjudicator test-7b: 0 chosen" in done.stderr
    ((_, run),) = open_store(tmp_path / "s").runs()
    assert run["adjudicator"]["model"] == "test-7b"
    assert run["adjudicator"]["settings"]["calls"] == 3
    assert run["adjudicator"]["votes"] == {}
    assert "key" not in json.dumps(run["adjudicator"])
    assert gather(open_store(tmp_path / "s")).documents == 1


@pytest.mark.parametrize(
    "options",
    [
        ["--adjudicator", "http://127.0.0.1:1/v1", "--adjudicator-model", "m"],
        ["--store", "S", "--adjudicator", "http://127.0.0.1:1/v1"],
        ["--store", "S", "--adjudicator-model", "m"],
        ["--store", "S", "--adjudicator", "http://10.1.1.1/v1", "--adjudicator-model", "m"],
        ["--store", "S", "--adjudicator", "no-such-file.toml"],
    ],
)
def test_wrong_use_is_said_before_anything_is_read(options: list[str], tmp_path: Path) -> None:
    news = tmp_path / "n.jsonl"
    news.write_text(line(1))
    given = [str(tmp_path / "s") if o == "S" else o for o in options]
    done = whowhom("code", news, *given)
    assert done.returncode == 2
    assert "adjudicator" in done.stderr
    assert not (tmp_path / "s").exists()
