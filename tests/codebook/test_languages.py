"""Codebooks in another language: prepositions, frames of their own alone, the shipped one."""

from __future__ import annotations

from pathlib import Path

import pytest

from whowhom.codebook import load
from whowhom.errors import CodebookError
from whowhom.languages import language

HEAD = 'name = "x"\nextends = "plover"\nlanguage = "{}"\n'
TYPE = """type = "ASSAULT"
[[frame]]
id = "atacar"
verb = ["atacar"]
recipient = ["object", "contra"]
prep = { con = ["*"] }
match = ["[El ejército] atacó a {los rebeldes}."]
reject = ["El virus ataca."]
"""


def write(folder: Path, code: str) -> Path:
    (folder / "codebook.toml").write_text(HEAD.format(code), encoding="utf-8")
    (folder / "assault.toml").write_text(TYPE, encoding="utf-8")
    return folder


def test_prepositions_are_written_in_the_language(tmp_path: Path) -> None:
    frame = load(write(tmp_path, "es")).frames[0]
    assert frame.recipient == ("object", "against")
    assert list(frame.prep) == ["with"]


def test_the_english_frames_are_left_out_and_the_types_stay(tmp_path: Path) -> None:
    book = load(write(tmp_path, "es"))
    assert book.language == "es"
    assert [f.id for f in book.frames] == ["ASSAULT.atacar"]
    assert len(book.types) == 16
    assert book.types["ASSAULT"].modes["aerial"].score == -9.5
    assert load().language == "en"


def test_a_language_without_data_is_named(tmp_path: Path) -> None:
    with pytest.raises(CodebookError, match="xx"):
        load(write(tmp_path, "xx"))


def test_the_spanish_codebook_has_frames_for_every_type() -> None:
    book = load(language("es").folder / "codebook")
    assert len(book.frames) >= 160
    assert all(len(kind.frames) >= 5 for kind in book.types.values())
    assert all(f.match and f.reject for f in book.frames)
