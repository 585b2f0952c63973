"""The learned model: what ships is whole, and its figures are chances that do not depend on what
else is read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from whowhom.errors import DataError
from whowhom.learned import WordReader, reader, weights_hash
from whowhom.model import Document, Parsed
from whowhom.parse import Parser

TEXT = (
    "Rebels attacked Garissa on Monday, Kenyan police said. "
    "The town lies 360 kilometres from Nairobi."
)


@pytest.fixture(scope="module")
def model() -> WordReader:
    return WordReader()


def parse(text: str) -> Parsed:
    return Parser().parse(Document("d", text))


def index(parsed: Parsed, word: str) -> int:
    return next(t.i for t in parsed.doc if t.text == word)


def test_a_word_carries_its_type(model: WordReader) -> None:
    parsed = parse(TEXT)
    scores = model.read(parsed)
    attacked = scores.kinds(index(parsed, "attacked"))
    lies = scores.kinds(index(parsed, "lies"))
    assert attacked is not None
    assert lies is not None
    assert sum(attacked.values()) == pytest.approx(1, abs=1e-4)
    assert max(attacked, key=attacked.__getitem__) == "ASSAULT"
    assert max(lies, key=lies.__getitem__) == "NONE"


def test_who_acts_and_who_is_acted_on(model: WordReader) -> None:
    parsed = parse(TEXT)
    scores = model.read(parsed)
    doc = parsed.doc
    heads = [doc[index(parsed, w)] for w in ("Rebels", "Garissa", "police")]
    rebels, garissa, police = scores.roles(doc[index(parsed, "attacked")], heads)
    assert rebels.index(max(rebels)) == 1
    assert garissa.index(max(garissa)) == 2
    assert police.index(max(police)) not in (1, 2)


def test_the_same_text_gives_the_same_figures(model: WordReader) -> None:
    parsed = parse(TEXT)
    first, second = model.read(parsed), model.read(parse(TEXT))
    assert [first.kinds(i) for i in first.carriers()] == [
        second.kinds(i) for i in second.carriers()
    ]


def test_a_sentence_that_is_not_read_has_no_figures(model: WordReader) -> None:
    parsed = parse(TEXT)
    scores = model.read(parsed, [1])
    assert scores.kinds(index(parsed, "attacked")) is None
    assert scores.statuses(index(parsed, "attacked")) is None
    assert scores.kinds(index(parsed, "lies")) is not None


def test_words_are_read_before_the_parse_as_after_it(model: WordReader) -> None:
    parser = Parser()
    skim = parser.skim(Document("d", TEXT))
    states = model.states((s.first, s.words) for s in skim.stretches)
    before = states.scores(parser.finish(skim))
    after = model.read(parse(TEXT))
    assert before.carriers() == after.carriers()
    for i in before.carriers():
        assert before.kinds(i) == pytest.approx(after.kinds(i), abs=1e-5)


def test_likely_words_are_those_whose_chance_is_great(model: WordReader) -> None:
    parsed = parse(TEXT)
    scores = model.read(parsed)
    likely = scores.likely(0, len(parsed.doc), 0.5)
    assert index(parsed, "attacked") in likely
    for i in scores.carriers():
        kinds = scores.kinds(i)
        assert kinds is not None
        assert (i in likely) == (1 - kinds["NONE"] >= 0.5)


def test_an_endless_sentence_is_read_up_to_the_limit(model: WordReader) -> None:
    states = model.states([(5, ["word"] * 1000)])
    assert min(states.index) == 5
    assert len(states.index) == model.labels.max_pieces - 1  # the opening mark takes a place


def test_the_first_look_lets_the_calm_go_and_keeps_the_act(model: WordReader) -> None:
    text = "The garden was full of roses in May. Rebels attacked a convoy near Goma on Monday."
    calm, act = Parser().skim(Document("d", text)).stretches
    assert not model.first.passes(calm.vectors, calm.tags)
    assert model.first.passes(act.vectors, act.tags)
    assert not model.first.passes(act.vectors[:0], [])


def test_the_first_look_marks_names(model: WordReader) -> None:
    text = "President John Evans met Maria Lopez in Nairobi on Monday."
    (stretch,) = Parser().skim(Document("d", text)).stretches
    (marks,) = model.first.names([stretch])
    named = {w: m for w, m in zip(stretch.words, marks, strict=True) if m[0] != "O"}
    assert named["Maria"] == ("B", "PERSON")
    assert named["Lopez"] == ("I", "PERSON")
    assert named["Nairobi"][1] == "GPE"
    assert "met" not in named
    assert model.first.names([]) == []


@pytest.mark.parametrize("text", ["", "x", "((((", "\u200b", "word " * 3000])
def test_no_text_makes_it_fail(model: WordReader, text: str) -> None:
    model.read(parse(text))


def test_a_damaged_model_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(reader.folder(), tmp_path / "model")
    (tmp_path / "model" / "heads.npz").write_bytes(b"not the heads")
    monkeypatch.setattr(reader, "folder", lambda: tmp_path / "model")
    weights_hash.cache_clear()
    try:
        with pytest.raises(DataError, match=r"heads\.npz"):
            weights_hash()
        (tmp_path / "model" / "model.toml").unlink()
        with pytest.raises(DataError, match="missing"):
            weights_hash()
    finally:
        weights_hash.cache_clear()
