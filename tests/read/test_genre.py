# ruff: noqa: E501 (a case a line reads as a table)
from __future__ import annotations

import re

import pytest

from whowhom.read.genre import cues, genre_of, is_opinion, scores

# written for this test
COLUMN = """
It is high time that the governments of the Baltic shore stopped pretending. For ten years our ministers
have met in one grand hotel after another, and for ten years the sea has grown poorer. Of course they
promise studies. Of course they promise another round of talks. The truth is that nobody at the table wants
to tell the trawler fleets what everyone knows: the catch must be halved, and it must be halved now.
Who will say so? Not the commissioners, whose shameful silence has become a habit. Not the parties, which
cannot afford to lose a single harbour town. We believe that there is only one way to save what is left,
and that is to close the spawning grounds and pay the crews to stay ashore. Surely that is no radical idea.
It is absurd to call it one. Our grandchildren should not have to read about cod in museums. Let us stop
this farce, and let us do it before the next reckless quota is signed. Must we wait for the nets to come up
empty? We need courage, not another communiqué, and the people of these shores must demand it from leaders
who have shown only cynical delay.
"""
WIRE = """
TALLINN - Ministers from six Baltic countries agreed on Tuesday to cut cod quotas by a tenth, officials said.
The agreement, reached after two days of talks, was announced by the Estonian agriculture minister, who told
reporters that the cuts would begin in January. "It is high time that we acted, and we must not lose another
year. We believe this is the only way forward," he said. Crews in two ports said they would protest. According
to a spokesman for the fishing union, some 400 boats could be affected. "This is shameful and absurd. Our
leaders must resign," the spokesman said. The commission said in a statement that it would review the figures
in spring. Denmark and Sweden had asked for deeper cuts, two diplomats said. Poland's delegate declined to
comment. Researchers reported last month that the stock had fallen for the fourth year, and said that the
closing of spawning grounds was needed. The ministers will meet again in Riga in March, the organisers said.
Finland's government said it would pay the crews a part of their losses, and Latvia said that it was
considering the same. Shares of two processing companies fell by three percent in Copenhagen.
"""


def test_words_tell_a_column_from_a_report() -> None:
    assert is_opinion(COLUMN)
    assert not is_opinion(WIRE)
    assert scores(COLUMN)[0] > scores(WIRE)[0] + 10


def test_quoted_judgement_is_not_the_author_s() -> None:
    quoted = '"' + " ".join(COLUMN.split()) + '"\n'
    assert not is_opinion(WIRE + quoted.replace(". ", '." she said. "'))


def test_a_short_text_is_not_judged_by_its_words() -> None:
    assert not is_opinion(" ".join(COLUMN.split()[:80]))


@pytest.mark.parametrize(
    ("fields", "url", "title", "genre"),
    [
        (("Opinion",), None, None, "opinion"),
        (("World / Opinion",), None, None, "opinion"),
        (("Op-Ed",), None, None, "opinion"),
        (("live",), None, None, "live"),
        (("Obituary",), None, None, "other"),
        (("report",), "https://a.example/opinion/x", "Opinion: x", "report"),
        (("World",), None, None, "report"),
        ((), "https://a.example/commentisfree/2011/may/01/fish", None, "opinion"),
        ((), "https://a.example/news/live/fish", None, "live"),
        ((), "https://a.example/world/opinion", None, "report"),
        ((), "https://a.example/world/public-opinion-shifts", None, "report"),
        ((), "https://[broken", None, "report"),
        ((), None, "Opinion: the sea is not ours", "opinion"),
        ((), None, "The sea is not ours | Editorial", "opinion"),
        ((), None, "Quota talks: live updates", "live"),
        ((), None, "Public opinion shifts on quotas", "report"),
        ((), None, "Singer live in Tallinn", "report"),
        ((), None, "Editorial staff strike at paper", "report"),
    ],
)
def test_field_address_and_title(
    fields: tuple[str, ...], url: str | None, title: str | None, genre: str
) -> None:
    assert genre_of(fields, url, title, WIRE, None) == genre


def test_the_user_s_default_comes_after_the_field_and_before_the_cues() -> None:
    assert genre_of(("live",), None, None, COLUMN, "report") == "live"
    assert genre_of((), "https://a.example/opinion/x", None, COLUMN, "report") == "report"


def test_cues_are_matched_in_lower_case() -> None:
    for cue in (*cues().opinion, *cues().report):
        assert not re.search(r"(?<!\\)[A-Z]", cue.pattern.pattern), cue.name
