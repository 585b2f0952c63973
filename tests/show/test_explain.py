"""The drawing of events over their sentences."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io

import pytest
from rich.console import Console

from whowhom.model import Document
from whowhom.pipeline import Coder
from whowhom.settings import DEFAULT
from whowhom.show.explain import draw


@pytest.fixture(scope="module")
def coder() -> Coder:
    return Coder(settings=dataclasses.replace(DEFAULT, read_all=True))  # as the command has it


def drawn(coder: Coder, text: str, width: int = 80, **fields) -> str:
    out = io.StringIO()
    document = Document("d", text, published=dt.date(2008, 8, 20), **fields)
    draw(coder.code(document), Console(file=out, width=width, highlight=False))
    return out.getvalue()


def test_the_parts_stand_under_their_words(coder) -> None:
    text = "Rebels killed 12 soldiers in Chad on Monday, the government said."
    lines = drawn(coder, text).splitlines()
    sentence = next(i for i, line in enumerate(lines) if "Rebels killed" in line)
    labels = lines[sentence + 2]
    assert labels.index("who") == lines[sentence].index("Rebels")
    assert labels.index("did") == lines[sentence].index("killed")
    shown = "\n".join(lines)
    for expected in ("ASSAULT", "actual", "2008-08-18", "according to", "12", "confidence"):
        assert expected in shown, expected


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(coder, width: int) -> None:
    text = (
        "Georgia accused Russia on Monday of bombing the town of Gori and demanded that the "
        "Security Council condemn the attack, which the Russian foreign ministry denied."
    )
    for line in drawn(coder, text, width).splitlines():
        assert len(line.rstrip()) <= width


def test_what_was_not_coded_is_listed_with_its_reason(coder) -> None:
    shown = drawn(coder, "The storm attacked the coast.")
    assert "No event was coded." in shown
    assert "Looked at and not coded" in shown
    assert "attacked" in shown


def test_hidden_characters_and_folded_blanks_do_not_shift_the_marks(coder) -> None:
    shown = drawn(coder, "Rebels\u200b   killed\n   12 soldiers in Chad.")
    assert "\u200b" not in shown
    line = next(line for line in shown.splitlines() if "killed" in line)
    labels = shown.splitlines()[shown.splitlines().index(line) + 2]
    assert labels.index("did") == line.index("killed")
