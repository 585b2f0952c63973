"""``whowhom merge``: what it says, and what it leaves in the store."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from unittest import mock

import pytest

from tests.cli.test_commands import line, whowhom
from whowhom.store import open_store


@pytest.fixture
def store(tmp_path: Path) -> Path:
    source = tmp_path / "news.jsonl"
    source.write_text("".join(line(n) for n in range(3)))
    done = whowhom("code", source, "--store", tmp_path / "store", "--no-merge")
    assert "incident" not in done.stderr
    return tmp_path / "store"


def test_merging_says_what_it_did(store: Path) -> None:
    assert not open_store(store).merged
    done = whowhom("merge", store)
    assert done.returncode == 0
    assert "6 reports are of 2 incidents; 3 documents, none a copy of another." in done.stderr
    assert open_store(store).merged
    assert "Nothing has changed since the last merge." in whowhom("merge", store).stderr
    assert "Nothing has changed" not in whowhom("merge", store, "--again").stderr
    assert whowhom("merge", store, "--quiet").stderr == ""


def test_coding_merges_at_its_end(store: Path, tmp_path: Path) -> None:
    source = tmp_path / "more.jsonl"
    source.write_text(line(7))
    assert "8 reports are of 2 incidents" in whowhom("code", source, "--store", store).stderr


def test_long_work_says_how_far_it_is(store: Path) -> None:
    with mock.patch("whowhom.cli.terminal.LINE_EVERY", 0.0):
        assert "reports read" in whowhom("merge", store).stderr


def test_a_killed_merge_costs_nothing(store: Path) -> None:
    query = "select * from incidents order by incident"
    whowhom("merge", store)
    before = open_store(store).sql(query).fetchall()
    for tenths in (6, 9, 12, 15):
        done = subprocess.Popen([sys.executable, "-m", "whowhom", "merge", str(store), "--again"])
        time.sleep(tenths / 10)
        done.kill()
        done.wait()
        assert open_store(store).sql(query).fetchall() == before
    assert whowhom("merge", store, "--again").returncode == 0
    assert open_store(store).sql(query).fetchall() == before
    assert not list((store / "merges").glob(".tmp-*"))


def test_what_is_no_store_is_an_error(tmp_path: Path) -> None:
    done = whowhom("merge", tmp_path)
    assert done.returncode == 1
    assert "is no store" in done.stderr
