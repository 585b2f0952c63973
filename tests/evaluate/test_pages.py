"""What docs/evaluation.md and docs/gold.md show runs, and their figures are those of the tool."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.engine.stub import StubCoder
from tests.evaluate.examples import ANNA, BEN, FOLDER
from tests.evaluate.test_stores import build, reports
from whowhom.cli.app import cli
from whowhom.evaluate.agreement import agree
from whowhom.evaluate.codings import read_coding
from whowhom.evaluate.gold import from_dict

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WHOWHOM_CODER", "tests.engine.stub:StubCoder")
    monkeypatch.chdir(tmp_path)
    shutil.copytree(FOLDER, tmp_path / "examples" / "gold")
    for name in ("mine", "theirs", "crisis"):
        build(tmp_path / name, reports(), StubCoder()).close()
    return tmp_path


@pytest.mark.parametrize(("page", "count"), [("evaluation.md", 7), ("gold.md", 7)])
def test_the_commands(folder: Path, page: str, count: int) -> None:
    text = (DOCS / page).read_text()
    shown = re.findall(r"^    whowhom (.+)$", text, re.M)
    ran = 0
    for command in shown:
        if " articles/ " in command or "open.jsonl" in command:
            continue  # the reader's own files; tests/cli has the command
        result = CliRunner().invoke(
            cli, shlex.split(command), standalone_mode=False, catch_exceptions=False
        )
        assert result.return_value == 0, command
        ran += 1
    assert ran == count
    assert json.loads((folder / "agreement.json").read_text()) if page == "evaluation.md" else True


def test_the_python(folder: Path) -> None:
    (block,) = re.findall(
        r"^```python\n(.*?)^```", (DOCS / "evaluation.md").read_text(), re.M | re.S
    )
    exec(compile(block, "evaluation.md", "exec"), {})  # noqa: S102 - our own page


def test_the_figures() -> None:
    result = agree([read_coding(ANNA), read_coding(BEN)])
    (found,) = result.found
    alpha = next(row.alpha.value for row in result.fields if row.name == "type")
    said = f"F1 is {found.f1.value:.3f}, and {found.typed_f1.value:.3f} where the type"
    page = (DOCS / "evaluation.md").read_text()
    assert said in page
    assert f"alpha of the type is {alpha:.3f}" in page


def test_the_record_shown_is_gold() -> None:
    (block,) = re.findall(r"^```json\n(.*?)^```", (DOCS / "gold.md").read_text(), re.M | re.S)
    document = from_dict(json.loads(block))
    (event,) = document.events
    assert event.place is not None
    assert event.speaker is None
    assert "voice" not in event.said
