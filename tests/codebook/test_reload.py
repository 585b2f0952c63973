"""Who edits a codebook while a program runs gets what the files now say."""

from __future__ import annotations

from pathlib import Path

from whowhom.codebook import load


def test_an_edited_codebook_is_read_again(tmp_path: Path) -> None:
    header = tmp_path / "codebook.toml"
    header.write_text('name = "mine"\nversion = "1"\nextends = "plover"\n')
    first = load(tmp_path)
    assert load(tmp_path) is first
    header.write_text('name = "mine"\nversion = "22"\nextends = "plover"\n')
    assert load(tmp_path).version == "22"
