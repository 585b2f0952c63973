# ruff: noqa: E501 (hostile strings)
"""No control or direction-changing character of a document reaches the terminal, whatever prints it."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from tests.engine.stub import StubCoder
from whowhom.model import Coded
from whowhom.read import read_text
from whowhom.show import explain, table
from whowhom.show.safe import masked, visible

ROOT = Path(__file__).resolve().parents[2]
# colours are ours; they are switched off here, so that every escape is a document's
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
EVIL = "\x1b[31m\x1b]0;owned\x07\x9b2J\u202eKenya\u202c\u2066\x08"
BIDI = "\u202eKenya\u202c"


@settings(deadline=None, max_examples=200)
@given(st.text())
def test_visible_leaves_nothing_that_acts(text: str) -> None:
    shown = visible(text)
    assert not FORBIDDEN.search(shown)
    assert "\n" not in shown
    shown.encode("utf-8")


def test_visible_writes_them_out() -> None:
    assert visible("a\x1b[31mb\u202ec\td\ud800") == "a\\x1b[31mb\\u202ec d\\ud800"
    assert visible("Müller said “no” in 北京") == "Müller said “no” in 北京"


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder whose names, fields and texts all try it, and a store made of it."""
    folder = tmp_path_factory.mktemp("evil")
    inputs = folder / "in"
    inputs.mkdir()
    rows = [
        {"id": f"a{EVIL}", "title": f"t{EVIL}", "outlet": f"o{EVIL}", "date": f"d{EVIL}",
         "url": f"https://x.example/{BIDI}", "text": f"{BIDI} met Ug\u202eanda. perhaps {BIDI}."},
        {"id": f"b{EVIL}", "text": ["no", EVIL]},
        {"id": f"c{EVIL}", "text": f"__raise__ {EVIL}"},
    ]  # fmt: skip
    (inputs / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (inputs / "b\x1b[31m\u202e.jsonl").write_text("{" + EVIL)
    (inputs / "c.csv").write_text(f"{EVIL},x{EVIL}\n1,2\n")
    (inputs / "d.xml").write_text(f"<a>{EVIL}</a>")
    (inputs / "e.parquet").write_bytes(b"PAR1\x15\x0e\x0f\x1b[31m" * 9)
    return inputs, folder / "store"


def whowhom(*arguments: str | Path) -> tuple[str, str]:
    environment = os.environ | {
        "WHOWHOM_CODER": "tests.engine.stub:StubCoder",
        "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
        "NO_COLOR": "1",
        "COLUMNS": "120",
    }
    done = subprocess.run(
        [sys.executable, "-m", "whowhom", *map(str, arguments)],
        capture_output=True,
        env=environment,
        check=False,
    )
    assert done.returncode in (0, 1, 2), done.stderr
    assert b"Traceback" not in done.stderr
    # \r\n ends the rows of CSV
    return done.stdout.decode().replace("\r\n", "\n"), done.stderr.decode()


def test_commands(evil: tuple[Path, Path]) -> None:
    inputs, store = evil
    for step in (
        ["code", inputs, "--format", "table"],
        ["code", inputs, "--store", store, "--no-merge"],
        ["code", inputs / "b\x1b[31m\u202e.jsonl"],
        ["code", f"no{EVIL}".replace("\x08", "")],
        ["export", f"no{EVIL}", "--format", "csv"],
    ):
        out, errors = whowhom(*step)
        assert not FORBIDDEN.search(out), (step, out)
        assert not FORBIDDEN.search(errors), (step, errors)


def test_errors_of_a_run_are_still_readable(evil: tuple[Path, Path]) -> None:
    _, errors = whowhom("code", evil[0], "--format", "csv")
    assert "bad_json" in errors
    assert "\\x1b[31m" in errors  # the file's name, written out


def coded() -> Coded:
    document = read_text(
        f"{BIDI} met Ug\u202eanda. perhaps {EVIL}.", title=EVIL, outlet=EVIL, published="2015-10-22"
    )
    found = StubCoder().code(document)
    assert found.events
    return found


@pytest.mark.parametrize("width", [60, 160])
def test_table(width: int) -> None:
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None, markup=False, emoji=False)
    table.draw(coded().events, console)
    assert not FORBIDDEN.search(out.getvalue()), repr(out.getvalue())


@pytest.mark.parametrize("width", [60, 160])
def test_explanation(width: int) -> None:
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None, markup=False, emoji=False)
    explain.draw(coded(), console)
    assert not FORBIDDEN.search(out.getvalue()), repr(out.getvalue())


def test_masked_keeps_the_length() -> None:
    assert masked("a\x1b\u202e\tb") == "a\ufffd\ufffd b"
