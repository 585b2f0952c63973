"""What the pages on the example codebooks show runs, and says what they say."""

from __future__ import annotations

import csv
import json
import re
import shlex
from pathlib import Path

import pytest

from whowhom.cli import cli
from whowhom.codebook import load, own_frames

pytestmark = pytest.mark.usefixtures("_loaded_once")
ROOT = Path(__file__).resolve().parents[2]


def shown(page: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(r"^    whowhom (.+)$", text, re.M)


def run(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    status = cli.main(shlex.split(command), prog_name="whowhom", standalone_mode=False)
    out, err = capsys.readouterr()
    assert not status, f"{command}: {err[-2000:]}{out[-2000:]}"
    return out


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own in which the examples lie."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_page_on_cyber_attacks(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started, checked, tried, compared = (run(c, capsys) for c in shown("codebook-cyber.md"))
    assert "outage.toml" in started
    assert "75 examples run" in checked
    assert "0 problems" in checked
    assert "before: ACCUSE" in tried
    assert "→ CYBER" in compared
    told = (desk / "changes.jsonl").read_text(encoding="utf-8")
    changes = [json.loads(line) for line in told.splitlines()]
    assert {c["change"] for c in changes} >= {"added", "altered"}
    # an event that is gone has a word on what became of it
    assert all(c["reason"] for c in changes if c["change"] == "removed")
    events = [c["after"] for c in changes if c["after"] is not None]
    right = {(e["document"]["id"], e["event_type"]) for e in events}
    assert {("c01", "CYBER"), ("c03", "CYBERBLAME"), ("c06", "CYBER")} <= right


def test_the_page_on_land_conflict(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, checked, tried = (run(command, capsys) for command in shown("codebook-land.md"))
    assert "104 examples run, 0 problems, 0 warnings" in checked
    assert "(2 of" in tried
    with (desk / "hits.csv").open(encoding="utf-8", newline="") as file:
        hits = {row["document"]: row for row in csv.DictReader(file) if row["outcome"] == "event"}
    assert (hits["l01"]["event_type"], hits["l01"]["mode"]) == ("EVICT", "force")
    # smallholders are known by the codebook's own table
    assert hits["l15"]["recipients"] == "smallholders"
    assert hits["l15"]["sentence"].startswith("[Soldiers] *chased* {smallholders} off their plots")


@pytest.mark.parametrize("name", ["cyber", "land"])
def test_the_pages_count_as_the_files_do(name: str) -> None:
    page = (ROOT / "docs" / f"codebook-{name}.md").read_text(encoding="utf-8")
    codebook = load(ROOT / "examples" / "codebooks" / name)
    frames = own_frames(codebook)
    assert f"{len(frames)} frames" in page
    assert f"with {sum(len(f.match) + len(f.reject) for f in frames)} sentences" in page
    roles = ROOT / "examples" / "codebooks" / name / "actors" / "roles.csv"
    if roles.exists():
        assert f"has {len(roles.read_text().splitlines()) - 1} rows" in page
