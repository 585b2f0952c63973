"""``whowhom compare``: from a store on the disk to a table and a CSV file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from benchmarks.generate import generate
from click.testing import CliRunner

from whowhom.cli.compare import COLUMNS, compare
from whowhom.errors import StoreError, UsageError
from whowhom.merge import merge
from whowhom.store import open_store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compare") / "store"
    generate(folder, 600, seed=3)
    merge(open_store(folder))
    return folder


def run(*arguments: object) -> str:
    result = CliRunner().invoke(compare, list(map(str, arguments)), catch_exceptions=False)
    return result.output


def test_on_a_terminal(store: Path) -> None:
    told = run(store, "--outlets", "Outlet 01", "Outlet 02")
    assert "told by both Outlet 01 and Outlet 02" in told
    assert "only by Outlet 01" in told
    assert "Outlet 01: passive in 0 of" in told
    assert "Words of Outlet 02" in told
    assert "→" in told


def test_to_a_file(store: Path, tmp_path: Path) -> None:
    file = tmp_path / "both.csv"
    assert "written to" in run(store, "--outlets", "Outlet 01", "Outlet 02", "-o", file)
    with file.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert tuple(rows[0]) == COLUMNS
    both = [row for row in rows if row["told_by"] == "both"]
    assert [row["outlet"] for row in both[:2]] == ["Outlet 01", "Outlet 02"]
    assert both[0]["incident"] == both[1]["incident"]
    assert {row["outlet"] for row in rows} == {"Outlet 01", "Outlet 02"}
    with open_store(store) as opened_store:
        count = opened_store.sql(
            "select count(distinct incident) from reports where outlet in "
            "('Outlet 01', 'Outlet 02') and status in ('actual', 'negated')"
        ).fetchone()
    assert count is not None
    assert len({row["incident"] for row in rows}) == count[0]
    with pytest.raises(UsageError, match="--force"):
        run(store, "--outlets", "Outlet 01", "Outlet 02", "-o", file)
    run(store, "--outlets", "Outlet 01", "Outlet 02", "-o", file, "--force")


def test_filters(store: Path) -> None:
    told = run(store, "--outlets", "Outlet 01", "Outlet 02", "--until", "1999-01-01")
    assert told.startswith("0 incidents told by both")
    with pytest.raises(UsageError, match="Did you mean"):
        run(store, "--outlets", "Outlet 01", "Outlet 02", "--type", "ASSUALT")


def test_wrong_use(store: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="outlet: 'Outlet 0l' is not known"):
        run(store, "--outlets", "Outlet 0l", "Outlet 02")
    with pytest.raises(StoreError, match="no store"):
        run(tmp_path / "nothing", "--outlets", "a", "b")


def test_a_store_that_was_not_merged_is_merged(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    generate(folder, 100, seed=3)
    assert "told by both" in run(folder, "--outlets", "Outlet 01", "Outlet 02")
