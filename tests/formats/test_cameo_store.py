"""Files of CAMEO's formats through a store: imported by the command, looked at, written again."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.formats.records import record
from tests.formats.test_dyads import ICEWS, PETRARCH, PHOENIX, gdelt_row, icews_row, lines_of, write
from whowhom.cli.app import main
from whowhom.formats import gdelt
from whowhom.store import open_store


class Done(NamedTuple):
    exit_code: int
    output: str


class Run:
    """The command in this process, with its exit status and what it says."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *arguments: str | Path) -> Done:
        with pytest.raises(SystemExit) as done:
            main([str(argument) for argument in arguments])
        return Done(int(done.value.code or 0), self._capture.readouterr().err)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


def rows_of(path: Path) -> list[str]:
    return path.read_text().splitlines()


def test_a_statement_is_no_fault_of_the_file(run: Run, tmp_path: Path) -> None:
    path, store = tmp_path / "events.tab", tmp_path / "s"
    statement = icews_row(**{"CAMEO Code": "010", "Event Text": "Make statement"})
    path.write_text("\n".join([ICEWS, icews_row(), statement]) + "\n")
    done = run("import", path, "--store", store, "--no-merge")
    assert done.exit_code == 0, done.output
    assert "1 of no event" in done.output
    ledger = list(open_store(store).records("ledger"))
    assert [row["reason"] for row in ledger if row["status"] == "skipped"] == ["statement"]
    path.write_text("\n".join([ICEWS, icews_row(**{"CAMEO Code": "999"})]) + "\n")
    done = run("import", path, "--store", store, "--no-merge")
    assert done.exit_code == 1
    assert "unknown_code" in done.output


@pytest.mark.parametrize("packing", ["plain", "gzip", "zip", "latin-1"])
def test_files_as_they_come(run: Run, tmp_path: Path, packing: str) -> None:
    store = tmp_path / "s"
    text = f"{ICEWS}\n{icews_row(**{'Source Name': 'José', 'City': 'NA'})}\n"
    path = tmp_path / "events.tab"
    data = text.encode("iso-8859-1" if packing == "latin-1" else "utf-8")
    if packing == "gzip":
        path.write_bytes(gzip.compress(data))
    elif packing == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("events.2018.tab", data)
    else:
        path.write_bytes(data)
    done = run("import", path, "--store", store, "--no-merge")
    assert done.exit_code == 0, done.output
    [event] = open_store(store).records("events")
    assert event["actors"][0]["name"] == "José"
    assert event["coder"]["version"] == "imported from icews"


def test_all_four_are_known_by_their_first_line_and_written_again(run: Run, tmp_path: Path) -> None:
    files = {
        "icews": f"{ICEWS}\n{icews_row()}\n",
        "gdelt": gdelt_row() + "\n",
        "phoenix": PHOENIX + "\n",
        "petrarch": PETRARCH + "\tLantern\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    store = tmp_path / "s"
    done = run("import", *(tmp_path / name for name in files), "--store", store, "--no-merge")
    assert done.exit_code == 0, done.output
    versions = {event["coder"]["version"] for event in open_store(store).records("events")}
    assert versions == {f"imported from {name}" for name in files}
    for name in (*files, "gdelt-mentions"):
        out = tmp_path / f"out.{name}"
        done = run("export", store, "--format", name, "-o", out)
        assert done.exit_code == 0, done.output
        assert len(rows_of(out)) == 4 + (name == "icews")


def test_gdelt_counts_the_reports_of_an_incident() -> None:
    given = record()
    given["incident"] = "in-1"
    text, writer = write(gdelt.FORMAT, given)
    places = [gdelt.EVENTS.index(f"Num{name}") for name in ("Mentions", "Sources", "Articles")]
    assert [lines_of(gdelt.FORMAT, text)[0][i] for i in places] == ["1", "1", "1"]
    writer.coverage = {"in-1": (7, 3, 5)}
    cells = list(writer.cells(_dyad(given)))
    assert [cells[i] for i in places] == ["7", "3", "5"]


def _dyad(given: dict[str, object]) -> gdelt.Dyad:
    import datetime as dt

    from whowhom.formats import cameo

    return gdelt.Dyad(given, cameo.codes()["190"], None, None, dt.date(2020, 3, 5), "1")


def test_incidents_of_a_store_are_counted_in_gdelt(run: Run, tmp_path: Path) -> None:
    store, out = tmp_path / "s", tmp_path / "out.csv"
    # one act by the same two on the same day in the same place, in two reports
    (tmp_path / "a.csv").write_text(
        f"{gdelt_row()}\n"
        + gdelt_row(GLOBALEVENTID="5", SOURCEURL="http://beacon.example/9")
        + "\n"
    )
    assert run("import", tmp_path / "a.csv", "--store", store).exit_code == 0
    done = run("export", store, "--format", "gdelt", "--incidents", "-o", out)
    assert done.exit_code == 0, done.output
    numbers = [row.split("\t")[31:34] for row in rows_of(out)]
    merged = open_store(store).sql("select reports from incidents").fetchall()
    assert sorted(int(row[0]) for row in numbers) == sorted(row[0] for row in merged)
