"""The example corpus and the scripts of examples/ do what they say."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

from whowhom.cli import main

ROOT = Path(__file__).resolve().parents[1]
CORPUS = Path(str(resources.files("whowhom.data"))) / "examples"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples") / "crisis"
    with pytest.raises(SystemExit) as ended:
        main(["code", str(CORPUS / "documents.jsonl"), "--store", str(folder), "--quiet"])
    assert ended.value.code == 0
    return folder


def records(name: str) -> list[dict[str, object]]:
    lines = (CORPUS / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_the_corpus_is_dated_told_by_several_and_has_its_truth() -> None:
    documents, truth = records("documents.jsonl"), records("truth.jsonl")
    assert [d["id"] for d in documents] == [t["document"] for t in truth]
    assert sum(d["genre"] == "report" for d in documents) >= 60
    assert sum(d["genre"] == "opinion" for d in documents) >= 3
    assert len({d["outlet"] for d in documents}) >= 3
    assert all("1962-10-16" <= str(d["published"]) <= "1962-10-31" for d in documents)


def test_pairs_counts_the_two_powers(store: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "pairs.py"), str(store)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert len(lines) == 10
    assert any(line.startswith("USA -> RUS") for line in lines)
    assert any(line.startswith("RUS -> USA") for line in lines)


def test_the_editorials_state_no_fact_of_their_own(store: Path) -> None:
    import whowhom

    with whowhom.open(store) as opened:
        rows = opened.sql(
            "SELECT voice, count(*) FROM events WHERE document.genre = 'opinion' GROUP BY voice"
        ).fetchall()
    voices = dict(rows)
    assert voices
    assert voices.get("reported", 0) <= sum(voices.values()) / 2
