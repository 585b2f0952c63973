"""Torn files, full disks, a clock that jumps, a folder that cannot be written: a few of each.

``evals/harm.py`` does the first two thousands of times.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib.util
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.store.test_forget import command
from tests.store.test_store import code, document, documents, event_ids
from whowhom.errors import StoreError
from whowhom.merge import ensure
from whowhom.store import marks, open_store
from whowhom.store.compact import compact
from whowhom.store.export import _runs, whole_file

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def harm() -> ModuleType:
    spec = importlib.util.spec_from_file_location("harm", ROOT / "evals" / "harm.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_torn_files(harm: ModuleType, tmp_path: Path) -> None:
    outcomes = harm.torn(20, random.Random(7), tmp_path)  # noqa: S311 - where to harm
    assert sum(outcomes.values()) == 20
    assert outcomes["a segment is left out, its documents named"] > 3


def test_full_disks(harm: ModuleType, tmp_path: Path) -> None:
    outcomes = harm.full(4, random.Random(7), tmp_path)  # noqa: S311 - how full
    assert sum(n for what, n in outcomes.items() if what.endswith("refused")) >= 1


def test_a_header_that_is_damaged_is_mended(folder: Path) -> None:
    code(folder, documents(2))
    header = folder / "whowhom.json"
    whole = header.read_bytes()
    header.write_bytes(whole.replace(b"stub-None", b"stub-Nope"))  # JSON all the same
    assert open_store(folder).header.fingerprint == "stub-None"
    assert code(folder, documents(2), resume=True).done == 2
    assert header.read_bytes() == whole
    header.write_bytes(b"{")
    (folder / "header-copy.json").write_bytes(b"{")
    with pytest.raises(StoreError, match=r"whowhom\.json cannot be read"):
        open_store(folder)


def test_debris_of_a_killed_export_is_cleared(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    dead, alive = tmp_path / f".tmp-{gone.pid}-e.csv", tmp_path / f".tmp-{os.getppid()}-e.csv"
    other = tmp_path / f".tmp-{gone.pid}-f.csv"
    for path in (dead, alive, other):
        path.write_text("half")
    with whole_file(tmp_path / "e.csv") as file:
        file.write(b"whole")
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([alive.name, other.name, "e.csv"])
    assert _runs(1)
    assert not _runs(gone.pid)


class Clock:
    """The module ``datetime`` with another time."""

    def __init__(self, years: int) -> None:
        self._shift = dt.timedelta(days=365 * years)

    def __getattr__(self, name: str) -> object:
        return getattr(dt, name)

    @property
    def datetime(self) -> type[dt.datetime]:
        shift = self._shift

        class Shifted(dt.datetime):
            @classmethod
            def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
                return dt.datetime.now(tz) + shift

        return Shifted


def test_a_clock_that_jumps_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = []
    for name, years in (("steady", [0, 0, 0]), ("jumping", [0, -1, 2])):
        folder = tmp_path / name
        for number, jump in enumerate(years):
            monkeypatch.setattr("whowhom.engine.keep.dt", Clock(jump))
            monkeypatch.setattr("whowhom.store.marks.dt", Clock(jump))
            code(folder, [document(1, f"Chad sued Niger. Version {number}"), document(5 + number)])
            mine = [r for r in open_store(folder).records("events") if r["document"]["id"] == "d1"]
            open_store(folder).mark(
                mine[0]["id"], ["right", "wrong", "right"][number], note=str(number)
            )
            stamp = time.time() + 365 * 86400 * jump
            for path in folder.rglob("*"):
                os.utime(path, (stamp, stamp))
        compact(open_store(folder))
        store = open_store(folder)
        records = list(store.records("events"))
        assert [mark.note for mark in store.marks()] == ["2"]  # the last, not the latest by date
        assert [run["status"] for _, run in store.runs()] == ["done"] * 3
        contents.append((records, [p.name for p in sorted((folder / "segments").iterdir())]))
    assert contents[0] == contents[1]


def test_names_of_marks_that_are_none_of_ours(folder: Path) -> None:
    code(folder, documents(1))
    event = event_ids(folder)[0]
    store = open_store(folder)
    store.mark(event, "wrong")
    (folder / "marks" / "99991231T235959999999-zz.json").write_text("{}")
    (folder / "marks" / "z.json").write_text("{")
    store.mark(event, "right")
    assert [mark.verdict for mark in marks.read_marks(folder)] == ["right"]


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder that nobody can write to; root, who may write everywhere, mounts it so."""
    if os.getuid() == 0:
        mounts = [["mount", "--bind", folder, folder], ["mount", "-o", "remount,ro,bind", folder]]
        for command in mounts:
            if subprocess.run(command, capture_output=True, check=False).returncode:
                pytest.skip("root can mount nothing here, and may write everywhere")
        try:
            yield
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)  # stores keep it busy
        return
    folders = [folder, *(p for p in folder.rglob("*") if p.is_dir())]
    for path in folders:
        path.chmod(0o555)
    try:
        yield
    finally:
        for path in folders:
            path.chmod(0o755)


def test_a_folder_that_cannot_be_written_can_be_read(
    folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    code(folder, documents(3))
    with read_only(folder):
        store = open_store(folder)
        assert sum(1 for _ in store.records("events")) == 6
        assert store.sql("select count(*) from events").fetchone() == (6,)
        command("export", folder, "--format", "csv", "-q")
        assert capfdbinary.readouterr().out.count(b"\n") == 7
        assert ensure(store).merged  # aside
        for wrong in (["merge"], ["compact"], ["forget", "--document", "d1"]):
            with pytest.raises(StoreError, match="cannot write") as told:
                command(wrong[0], folder, *wrong[1:])
            assert str(folder) in str(told.value)
    assert len(event_ids(folder)) == 6


def test_what_cannot_be_merged_in_place_is_merged_aside(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code(folder, documents(3))
    store = open_store(folder)
    said: list[str] = []
    with open_store(folder).writer():  # stands for whatever keeps it from writing
        ensure(store, tell=said.append)
    assert store.merged
    assert "aside" in said[0]
    assert not (folder / "merges").exists()
    assert json.loads(json.dumps([e["incident"] for e in store.records("events")]))[0]
