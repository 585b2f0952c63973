"""docs/formats.md says what the registry says."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.test_commands import whowhom
from whowhom.cli.app import COMMANDS
from whowhom.formats.losses import CHECKS
from whowhom.formats.registry import FORMATS, every, get, markdown

PAGE = Path(__file__).resolve().parents[2] / "docs" / "formats.md"


def test_the_table_is_that_of_the_registry() -> None:
    assert markdown() in PAGE.read_text(), (
        "put the table anew: python -c 'from whowhom.formats.registry import markdown; "
        "print(markdown())'"
    )


def test_the_commands_of_the_page_are_there() -> None:
    text = PAGE.read_text()
    for name in re.findall(r"^    whowhom (\w+)", text, re.M):
        assert name in COMMANDS, name
    for name in re.findall(r"--format (\w+)|whowhom formats ([a-z]+)", text):
        assert "".join(name) in FORMATS


def test_every_format_is_whole() -> None:
    for form in every():
        assert get(form.name) is form
        assert len(set(form.columns)) == len(form.columns)
        assert form.title


def test_the_list_of_formats() -> None:
    done = whowhom("formats")
    assert [row.split()[0] for row in done.stdout.splitlines()[1 : 1 + len(FORMATS)]] == list(
        FORMATS
    )
    done = whowhom("formats", "acled")
    assert "31 columns" in done.stdout
    assert "money" in done.stdout
    assert "money" in CHECKS
