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
