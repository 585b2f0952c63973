"""What holds for every statement and every judgement, whatever the text."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from whowhom.attribution import find_statements, judge
from whowhom.model import Parsed, Parties

Make = Callable[..., Parsed]

STORY = """Envoy Adjei: No deal before the vote

LIMA - The government of Peru said on Monday it would send two ships to the lake, where
fishermen have been fighting with the navy since May. "We'd warned them," Admiral Rojas told
reporters. "They'd better leave now."

The fishermen, who deny having fired first, accuse the navy of sinking three boats. Their leader,
quoted by a local radio station as saying that nobody had been hurt, is reported to be in hiding.

According to a statement by the ministry, the boats had been used to smuggle fuel; a judge, asked
whether that was proven, refused to comment. "If they have proof," he said, "let them show it.
Why wait?"

In the opinion of the bishop, the raid was a mistake. He called it "a sad day", urged both sides
to talk, and demanded that the prisoners be freed. The idea of a boycott, the talk of war and the
plan to close the lake worry traders, several of whom plan to leave or have already left.

"To close the lake is to starve us," said Rosa Quispe, a trader.

"I was the first to protest in 1998, and I would do it again."

Officials are sure that calm will return. It seems the navy is ready to withdraw; it appears
unlikely to do so before June, though, and critics fear that fighting could flare up. Last year
the navy nearly sank a ferry. Neither the mayor nor the governor has visited the town, nor has
either of them apologised for having failed to prevent the raid.

Allegedly, the admiral had wanted the raid to be filmed, so as to be able to prove, should anyone
ask, that no shot was fired. There is no evidence for it, and there are calls for him to resign,
an alleged spy was arrested, and "outside agitators" are blamed for the unrest.

The two countries' talks, which were to begin in 2001, never did. To have begun them, the envoy
wrote in a letter, would have been to admit defeat. "A defeat," he went on to say, "that we can't
afford - not now, not ever."
"""
TYPES = ("ASSAULT", "REJECT", "THREATEN", "AGREE", "ACCUSE", "COERCE", "CONSULT")


@pytest.fixture(params=["report", "opinion", "live", "other"])
def story(parsed: Make, request: pytest.FixtureRequest) -> Parsed:
    doc = parsed(STORY, date="2002-09-10")
    return dataclasses.replace(doc, document=dataclasses.replace(doc.document, genre=request.param))


def test_statements_hold_together(story: Parsed) -> None:
    text = story.reading.text
    statements = find_statements(story, Parties())
    assert len(statements) > 20
    for statement in statements:
        assert statement.content
        assert statement.cue
        taken: set[int] = set()
        for low, high in statement.cue + statement.source:
            assert text[low:high].strip() == text[low:high]
            taken.update(range(low, high))
        for low, high in statement.content:
            assert 0 <= low < high <= len(text)
            assert not taken.intersection(range(low, high)), text[low:high]
        assert list(statement.content) == sorted(statement.content)
        for low, high in statement.tokens:
            assert low < high
        if statement.speaker is not None:
            speaker = statement.speaker
            assert text[speaker.start : speaker.end] == speaker.text
        if not statement.source:
            assert statement.speaker is None
    assert statements == find_statements(story, Parties())


def test_judgements_hold_together(story: Parsed) -> None:
    text = story.reading.text
    statements = find_statements(story, Parties())
    opinion = story.document.genre == "opinion"
    for token in story.doc:
        for event_type in TYPES:
            result = judge(story, Parties(), statements, token.i, event_type=event_type)
            if result.status != "actual":
                assert result.reasons
            if result.attribution:
                assert result.voice == "reported"
            if not opinion:
                assert "genre:opinion" not in result.reasons
            for link in result.attribution:
                assert link.cue.split()[0] in text[link.start : link.end]
                assert not link.start <= token.idx < link.end


KNOWN = [
    ("fighting with", "actual", ["The government of Peru"]),
    ("send two", "future", ["The government of Peru"]),
    ("sinking", "actual", ["The fishermen, who deny having fired first,"]),
    ("visited", "negated", []),
    ("sank", "negated", []),
    ("starve", "hypothetical", ["Rosa Quispe, a trader"]),
    ("resign", "hypothetical", []),
    ("protest in", "historical", ["Rosa Quispe, a trader"]),
    ("withdraw;", "future", []),
    ("flare", "hypothetical", ["critics"]),
]


@pytest.mark.parametrize(("words", "status", "speakers"), KNOWN)
def test_known_acts(parsed: Make, words: str, status: str, speakers: list[str]) -> None:
    doc = parsed(STORY, date="2002-09-10")
    offset = doc.reading.text.index(words)
    token = next(t.i for t in doc.doc if t.idx == offset)
    result = judge(doc, Parties(), find_statements(doc, Parties()), token, event_type="ASSAULT")
    assert result.status == status, result
    named = [link.speaker.text for link in result.attribution if link.speaker is not None]
    assert [name.rstrip(",") for name in named] == [name.rstrip(",") for name in speakers]
