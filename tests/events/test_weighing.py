"""Frames and model together: vetoes, proposals, confidence."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from whowhom.actors import ActorResolver
from whowhom.codebook import load
from whowhom.events import EventFinder, fits
from whowhom.events.weighing import confidence, decision
from whowhom.model import Document, Parsed, Parties
from whowhom.parse import Parser

NONE = dict.fromkeys(load().types, 0.0) | {"NONE": 1.0}


class Fake:
    """Scores that a test makes up: chances by word, everything else is no event."""

    def __init__(self, parsed: Parsed, kinds: dict[str, dict[str, float]], roles: dict[str, int]):
        self.parsed, self.by_word, self.by_mention = parsed, kinds, roles
        self.types = tuple(NONE)

    def likely(self, first: int, last: int, chance: float) -> list[int]:
        return [i for i in range(first, last) if 1 - self.kinds(i)["NONE"] >= chance]

    def kinds(self, token: int) -> dict[str, float]:
        given = self.by_word.get(self.parsed.doc[token].text, {})
        rest = 1.0 - sum(given.values())
        return {**NONE, "NONE": rest, **given}

    def statuses(self, token: int) -> dict[str, float] | None:
        return None

    def voices(self, token: int) -> dict[str, float] | None:
        return None

    def mode(self, token: int, event_type: str) -> tuple[str | None, float] | None:
        return None

    def roles(self, trigger: Any, mentions: Sequence[Any]) -> list[tuple[float, ...]]:
        out = []
        for mention in mentions:
            row = [0.0] * 4
            row[self.by_mention.get(mention.text, 0)] = 1.0
            out.append(tuple(row))
        return out


@pytest.fixture(scope="module")
def tools() -> tuple[Parser, ActorResolver, EventFinder]:
    return Parser(), ActorResolver(), EventFinder(load())


def parsed_with_parties(tools: Any, text: str) -> tuple[Parsed, Parties]:
    parsed = tools[0].parse(Document("d", text))
    return parsed, tools[1].resolve(parsed)


def test_without_scores_the_frames_decide(tools: Any) -> None:
    parsed, parties = parsed_with_parties(tools, "Turkey condemned Israel.")
    (found,), _ = tools[2].find(parsed, parties)
    assert (found.event_type, found.why.rule is not None) == ("ACCUSE", True)


def test_the_model_vetoes_and_the_log_says_so(tools: Any) -> None:
    text = "Turkey attacked Israel."
    parsed, parties = parsed_with_parties(tools, text)
    agreeing = Fake(parsed, {"attacked": {"ASSAULT": 0.99}}, {})
    found, _ = tools[2].find(parsed, parties, (), agreeing)
    assert [c.event_type for c in found] == ["ASSAULT"]
    sure = found[0].why.confidence
    silent, rejected = tools[2].find(parsed, parties, (), Fake(parsed, {}, {}))
    assert not silent or silent[0].why.confidence < sure
    if not silent:
        assert "model_veto" in [r.reason for r in rejected]


def test_the_model_proposes_where_no_frame_stands(tools: Any) -> None:
    text = "Turkey frobnicated Israel."
    parsed, parties = parsed_with_parties(tools, text)
    scores = Fake(parsed, {"frobnicated": {"SANCTION": 0.99}}, {"Turkey": 1, "Israel": 2})
    (found,), _ = tools[2].find(parsed, parties, (), scores)
    assert found.event_type == "SANCTION"
    assert [p.country for p in found.actors] == ["TUR"]
    assert [p.country for p in found.recipients] == ["ISR"]
    assert found.why.rule is None
    assert found.why.model == "model.SANCTION"
    assert found.why.confidence >= decision().model_from


def test_a_function_word_is_no_event_of_its_own(tools: Any) -> None:
    parsed, parties = parsed_with_parties(tools, "Turkey will send food to Syria.")
    scores = Fake(
        parsed, {"will": {"AGREE": 0.99}, "send": {"AID": 0.99}}, {"Turkey": 1, "Syria": 2}
    )
    found, _ = tools[2].find(parsed, parties, (), scores)
    assert [c.trigger.text for c in found if c.event_type == "AGREE"] == []


def test_all_sides_of_a_meeting_are_actors(tools: Any) -> None:
    text = "Turkey glorped with Israel."
    parsed, parties = parsed_with_parties(tools, text)
    scores = Fake(parsed, {"glorped": {"CONSULT": 0.99}}, {"Turkey": 1, "Israel": 2})
    (found,), _ = tools[2].find(parsed, parties, (), scores)
    assert [p.country for p in found.actors] == ["TUR", "ISR"]
    assert found.recipients == ()


def test_confidence_rises_with_the_evidence() -> None:
    weights = {"bias": 0.0, "type": 1.0, "none": -0.5}
    low = confidence(weights, {"type": -5.0, "none": -0.01})
    high = confidence(weights, {"type": -0.01, "none": -5.0})
    assert 0 <= low < high <= 1
    assert confidence(weights, {"type": 1e9}) == 1.0


def test_a_type_that_the_model_does_not_know_is_left_to_its_frame(
    tools: Any, tmp_path: Path
) -> None:
    (tmp_path / "codebook.toml").write_text('extends = "plover"\n')
    (tmp_path / "raid.toml").write_text(
        'type = "RAID"\nquad = "material conflict"\ndefinition = "A raid."\n[[frame]]\n'
        'id = "x"\nverb = ["attack"]\nneeds = "both"\nconfidence = 0.9\n'
        'match = ["[Turkey] attacked {Israel}."]\nreject = ["The dog attacked."]\n'
    )
    parsed, parties = parsed_with_parties(tools, "Turkey attacked Israel.")
    silent = Fake(parsed, {}, {})
    (found,), rejected = EventFinder(load(tmp_path)).find(parsed, parties, (), silent)
    assert (found.event_type, found.why.rule, found.why.confidence) == ("RAID", "RAID.x", 0.9)
    assert "model_veto" not in [r.reason for r in rejected]


def test_a_codebook_of_other_types_is_coded_by_frames_alone() -> None:
    codebook = load()
    assert fits(codebook, [*codebook.types, "NONE"])
    own = dataclasses.replace(codebook, types={"STRIKE": codebook.types["PROTEST"]})
    assert not fits(own, [*codebook.types, "NONE"])
    over = dataclasses.replace(codebook, types={**codebook.types, **own.types})
    assert fits(over, [*codebook.types, "NONE"])
