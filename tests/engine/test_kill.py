"""Runs that are killed: after going on, nothing is lost and nothing is doubled."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.engine.killed import COUNT
from tests.store.test_store import code, documents
from whowhom.store import is_store, open_store

ROOT = Path(__file__).resolve().parents[2]


def start(folder: Path, workers: int = 1) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.engine.killed", str(folder), str(workers)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(folder: Path, workers: int = 1) -> None:
    process = start(folder, workers)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert out.endswith(f"read {COUNT}\n")


def content(folder: Path) -> dict[str, list[dict[str, Any]]]:
    store = open_store(folder)
    assert store.troubles == ()
    return {t: list(store.records(t)) for t in ("events", "rejections", "documents", "ledger")}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("undisturbed") / "store"
    finish(folder)
    found = content(folder)
    assert len(found["ledger"]) == COUNT
    return found


@pytest.fixture(scope="module")
def kill() -> ModuleType:
    spec = importlib.util.spec_from_file_location("kill", ROOT / "evals" / "kill.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["kill"] = module  # its dataclasses look there
    spec.loader.exec_module(module)
    return module


def test_killed_wherever_it_is(kill: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """A few of the kills that ``evals/kill.py --kills 1000`` does."""
    # a new process a kill costs more than all the others; tests/merge has a killed merge
    phases = [phase for phase in kill.PHASES if phase not in ("start", "merge")]
    status = kill.main(["--kills", "8", "--seed", "2", "--phases", ",".join(phases)])
    said = capsys.readouterr().out
    assert status == 0, said
    assert "8 kills" in said
    assert "0 promises broken" in said
    for phase in phases:
        assert re.search(rf"^{phase} +[1-9]", said, re.MULTILINE), said


def test_the_kill_test_notices(kill: ModuleType, tmp_path: Path) -> None:
    """A store that had lost, doubled or made up something would not pass."""
    store = tmp_path / "store"
    code(store, documents(6))
    test = object.__new__(kill.Test)
    test.store, test.victims = store, SimpleNamespace(acks=tmp_path / "acks")
    test.coded = kill.content(store)
    test._committed()
    test.victims.acks.write_text('["d1"]\n["d2", "never"]\n')
    with pytest.raises(kill.Lost, match=r"lost: ..never"):
        test._committed()
    test.victims.acks.unlink()
    test.coded["events"].pop()
    with pytest.raises(kill.Lost, match="events are invented"):
        test._committed()
    segment = open_store(store).segments[0].path
    shutil.rmtree(segment)
    test.victims.acks.write_text('["d1"]\n')
    with pytest.raises(kill.Lost, match=r"lost: ..d1"):
        test._committed()


def test_any_number_of_workers_gives_the_same_bytes(tmp_path: Path) -> None:
    contents = []
    for workers in (1, 2):
        finish(tmp_path / str(workers), workers)
        files = sorted((tmp_path / str(workers) / "segments").glob("*/*"))
        contents.append([(f.parent.name, f.name, f.read_bytes()) for f in files])
    assert contents[0] == contents[1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_politely_keeps_what_was_coded(tmp_path: Path, number: signal.Signals) -> None:
    folder = tmp_path / "store"
    process = start(folder)
    assert process.stdout is not None
    process.stdout.readline()
    while not (is_store(folder) and open_store(folder).segments):
        time.sleep(0.02)
    os.kill(process.pid, number)
    process.communicate(timeout=30)
    assert process.returncode == 130
    store = open_store(folder)
    assert store.runs()[-1][1]["status"] == "interrupted"
    kept = sum(1 for _ in store.records("ledger"))
    assert 0 < kept < COUNT
    assert store.runs()[-1][1]["counts"]["events"] == sum(1 for _ in store.records("events"))


def test_killed_workers_cost_nothing(
    tmp_path: Path, undisturbed: dict[str, list[dict[str, Any]]]
) -> None:
    folder = tmp_path / "store"
    process = start(folder, workers=2)
    assert process.stdout is not None
    process.stdout.readline()
    killed = 0
    for _ in range(2):
        time.sleep(0.6)  # longer than a new worker takes: no document is hit twice
        for child in _children(process.pid)[:1]:
            os.kill(child, signal.SIGKILL)
            killed += 1
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert killed
    assert content(folder) == undisturbed


def test_workers_end_with_a_killed_parent(tmp_path: Path) -> None:
    process = start(tmp_path / "store", workers=2)
    assert process.stdout is not None
    process.stdout.readline()
    children = _children(process.pid)
    process.kill()
    process.communicate()
    assert children
    for _ in range(100):
        if not any(Path(f"/proc/{child}").exists() for child in children):
            return
        time.sleep(0.1)
    pytest.fail("workers outlive their parent")


def _children(pid: int) -> list[int]:
    """The worker processes of a run; multiprocessing's own helper is none."""
    found = []
    for name in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        if b"spawn_main" in Path(f"/proc/{name}/cmdline").read_bytes():
            found.append(int(name))
    return found
