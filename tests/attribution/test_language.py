"""The word lists: read, checked, and wrong ones named."""

from __future__ import annotations

import pytest

from whowhom.attribution import language
from whowhom.errors import DataError


def test_enough_reporting_verbs() -> None:
    words = language.reporting()
    assert len(words.verbs) >= 250
    assert words.verbs["say"].kind == "speech"
    assert words.verbs["say"].attributes
    assert words.verbs["deny"].kind == "denial"
    assert not words.verbs["condemn"].attributes
    assert words.nouns["claim"].kind == "speech"


def test_a_verb_in_two_groups_has_the_complements_of_both() -> None:
    promise = language.reporting().verbs["promise"]
    assert {"clause", "infinitive"} <= promise.complements
    assert {"speech", "commitment"} <= promise.kinds


def test_embedding_words_have_one_class() -> None:
    words = language.modality()
    assert words.verbs["fail"] == "negated"
    assert words.verbs["plan"] == "future"
    assert words.verbs["want"] == "hypothetical"
    assert words.verbs["manage"] == "actual"
    assert words.months["may"] == words.months["may"] == 5
    assert words.months["sept"] if "sept" in words.months else words.months["sep"] == 9


def test_voice_words_take_no_side() -> None:
    words = language.voice_words()
    assert "must" in words.duty_modals
    assert not any(word[0].isupper() for word in words.opinion_words)


def test_missing_list_is_named() -> None:
    with pytest.raises(DataError, match=r"no-such\.toml"):
        language.load_table("no-such.toml")


def test_broken_toml_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(text: str) -> dict[str, object]:
        raise language.tomllib.TOMLDecodeError("line 1")

    monkeypatch.setattr(language.tomllib, "loads", broken)
    with pytest.raises(DataError, match=r"voice\.toml: not TOML"):
        language.load_table("voice.toml")


@pytest.mark.parametrize("data", [{}, {"a": {}}, {"a": {"b": "c"}}, {"a": {"b": [1]}}])
def test_a_list_that_is_none_is_named(data: dict[str, object]) -> None:
    with pytest.raises(DataError, match=r"\[a\] b must be a list of words"):
        language.words_of(data, "x.toml", "a", "b")


@pytest.mark.parametrize(
    ("group", "message"),
    [
        ({"class": "speech", "attributes": True}, "no field 'lemmas'"),
        (
            {"class": "s", "attributes": True, "lemmas": ["say"], "complements": ["claus"]},
            "unknown complement 'claus'",
        ),
    ],
)
def test_a_wrong_group_is_named(group: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        language.read_reporters({"verbs": [group]}, "verbs")
