"""The commands, as a person or a script sees them."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow.parquet as pq
import pytest

from whowhom.cli import main
from whowhom.errors import WhowhomError

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {
    **os.environ,
    "WHOWHOM_CODER": "tests.engine.stub:StubCoder",
    "PYTHONPATH": str(ROOT),
    "PYTHONUTF8": "1",
    "COLUMNS": "80",
}


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def whowhom(*arguments: object, stdin: str = "", **environment: str) -> Done:
    """Run the command line in this process, with its streams as pipes have them."""
    given = io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8")
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="\n") for _ in "ab")
    with (
        mock.patch.dict(os.environ, {**ENVIRONMENT, **environment}),
        mock.patch.multiple(sys, stdin=given, stdout=out, stderr=err),
    ):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as stop:
            status = stop.code
        except WhowhomError:
            traceback.print_exc(file=err)
            status = 1
        err.flush()
    assert isinstance(status, int)
    return Done(status, *(s.buffer.getvalue().decode() for s in (out, err)))  # type: ignore[attr-defined]


def line(number: int, **fields: Any) -> str:
    text = f"Kenya met Uganda. Togo shelled Benin. This is item number {number}. perhaps not"
    record = {"id": f"d{number}", "title": f"Report {number}", "date": "1990-01-01", "text": text}
    return json.dumps({**record, "source": "The Daily Example", **fields}) + "\n"


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("news") / "news.jsonl"
    path.write_text("".join(line(n) for n in range(4)))
    return path


@pytest.fixture(scope="module")
def store(news: Path) -> Path:
    folder = news.parent / "store"
    assert whowhom("code", news, "--store", folder).returncode == 0
    return folder


# ------------------------------------------------------------------------- code
def test_json_lines_into_a_pipe(news: Path) -> None:
    done = whowhom("code", news)
    assert done.returncode == 0
    events = [json.loads(row) for row in done.stdout.splitlines()]
    assert [event["document"]["id"] for event in events] == [
        f"d{n}" for n in range(4) for _ in "ab"
    ]
    assert done.stderr == "4 documents read: 4 documents with 8 events.\n"
    assert whowhom("code", news, "--quiet").stderr == ""


def test_standard_input_and_defaults() -> None:
    text = "Kenya met Uganda. It was a long meeting about the price of tea, they wrote."
    for arguments in (("-",), ()):
        done = whowhom("code", *arguments, "--date", "2001-02-03", "--outlet", "Tea", stdin=text)
        document = json.loads(done.stdout)["document"]
        assert (document["published"], document["outlet"]) == ("2001-02-03", "Tea")


@pytest.mark.parametrize("columns", ["80", "140"])
def test_a_table_for_people(news: Path, columns: str) -> None:
    done = whowhom("code", news, "--format", "table", COLUMNS=columns)
    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= int(columns)
    for word in ("1990-01-01", "CONSULT", "visit", "Kenya (KEN)", "actual", "Togo said", "Lira"):
        assert word in done.stdout
    assert "\x1b" not in done.stdout


def test_a_terminal_gets_a_table(news: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "whowhom.cli", "code", str(news), "--quiet"],
        stdout=theirs,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env=ENVIRONMENT,
    )
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    process.communicate()
    assert process.returncode == 0
    assert "who → whom" in shown.decode()


def test_a_long_table_says_that_there_is_more(tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    path.write_text("".join(line(n) for n in range(105)))
    done = whowhom("code", path, "--format", "table")
    assert "... and 10 events more" in done.stderr


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "tsv", "parquet"])
def test_files_by_their_ending(news: Path, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"events.{suffix}"
    done = whowhom("code", news, "-o", path)
    assert done.returncode == 0
    assert done.stdout == ""
    assert f"Written to {path}" in done.stderr
    if suffix == "parquet":
        assert pq.read_table(path).num_rows == 8
    elif suffix == "jsonl":
        assert len(path.read_text().splitlines()) == 8
    else:
        content = io.StringIO(path.read_text())
        rows = list(csv.reader(content, delimiter="," if suffix == "csv" else "\t"))
        assert len(rows) == 9
        assert {len(row) for row in rows} == {len(rows[0])}
    assert whowhom("code", news, "-o", path).returncode == 2
    assert whowhom("code", news, "-o", path, "--force", "-q").returncode == 0


def test_rejections_in_a_file(news: Path, tmp_path: Path) -> None:
    path = tmp_path / "rejections.jsonl"
    assert whowhom("code", news, "--rejections", path).returncode == 0
    rows = [json.loads(row) for row in path.read_text().splitlines()]
    assert [row["reason"] for row in rows] == ["no_party"] * 4


def test_what_was_skipped_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text(line(1) + "{bad\n" + line(2, text="__raise__ " * 20) + line(3))
    done = whowhom("code", path, "--store", tmp_path / "store")
    assert done.returncode == 1
    assert "4 documents read: 2 documents with 4 events, 1 skipped" in done.stderr
    assert f"{path}, line 2: bad_json" in done.stderr
    assert "coding_failed: ValueError: the stub was told to" in done.stderr
    again = whowhom("code", path, "--store", tmp_path / "store", "--resume")
    assert again.returncode == 1
    assert "4 done before" in again.stderr
    assert f"{path}, line 2: bad_json" in again.stderr
    rows = [json.loads(r) for r in whowhom("ledger", tmp_path / "store").stdout.splitlines()]
    assert [row["status"] for row in rows] == ["coded", "skipped", "poisoned", "coded"]
    only = whowhom("ledger", tmp_path / "store", "--status", "skipped").stdout
    assert json.loads(only)["reason"] == "bad_json"


def test_many_skipped_are_listed_in_part(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text("{bad\n" * 30)
    done = whowhom("code", path)
    assert "and 10 more" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["code", "nothing.txt"], "nothing.txt: there is no such file"),
        (["code", "--resume", "x"], "need a --store"),
        (["code", "x", "--date", "tomorrow"], "is no day; write it as 2015-10-23"),
        (["code", "x", "--min-confidence", "7"], "--min-confidence"),
        (["code", "{news}", "-o", "events.xml"], "stands for no format"),
        (["code", "{news}", "-o", "nowhere/events.csv"], "there is no such folder"),
        (["code", "{news}", "-o", ".", "--format", "csv"], "this is a folder"),
        (["code", "{news}", "-o", "x.csv", "--format", "table"], "a table goes to the terminal"),
        (["export", "{store}", "-o", "-"], "or a --format for standard output"),
        (["export", "{store}", "-o", "events.xml"], "stands for no format"),
        (["codebook", "show", "NOTHING"], "has no type NOTHING"),
        (["nonsense"], "No such command"),
    ],
)
def test_wrong_use(news: Path, store: Path, arguments: list[str], message: str) -> None:
    done = whowhom(*(a.format(news=news, store=store) for a in arguments))
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_locked_store_is_75(news: Path, store: Path) -> None:
    from whowhom.store import open_store

    with open_store(store).writer():
        done = whowhom("code", news, "--store", store)
    assert done.returncode == 75
    assert f"process {os.getpid()} on" in done.stderr


def test_another_coder_says_what_to_do(news: Path, store: Path) -> None:
    done = whowhom("code", news, "--store", store, "--min-confidence", "0.5")
    assert done.returncode == 1
    assert "Add --recode" in done.stderr


def test_a_closed_pipe_is_quiet(news: Path, tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    path.write_text("".join(line(n) for n in range(800)))
    command = f"{sys.executable} -m whowhom.cli code {path} -q | head -1"
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, env=ENVIRONMENT, check=False
    )
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


def test_errors_of_our_own_making_show_no_traceback(news: Path) -> None:
    broken = {"WHOWHOM_CODER": "tests.engine.test_local:MissingData"}
    done = whowhom("code", news, **broken)
    assert done.returncode == 1
    assert done.stderr == "whowhom: the parser is missing. pip install it\n"
    assert "Traceback" in whowhom("code", news, WHOWHOM_DEBUG="1", **broken).stderr
    odd = whowhom("explain", "x", WHOWHOM_CODER="tests.engine.test_local:BrokenCoder")
    assert odd.returncode == 1
    assert odd.stderr.startswith("whowhom: an error in whowhom: ValueError: no such model.")


# ----------------------------------------------------------------- export, ledger
def test_exports(store: Path, tmp_path: Path) -> None:
    for name in ("events.csv", "events.tsv", "events.jsonl", "events.parquet"):
        done = whowhom("export", store, "-o", tmp_path / name)
        assert done.returncode == 0
        assert done.stderr == f"8 events written to {tmp_path / name}.\n"
    assert whowhom("export", store, "-o", tmp_path / "events.csv").returncode == 2
    assert whowhom("export", store, "-o", tmp_path / "events.csv", "--force", "-q").stderr == ""
    lines = (tmp_path / "events.jsonl").read_text()
    assert whowhom("export", store, "--format", "jsonl", "-o", "-").stdout == lines
    table = pq.read_table(tmp_path / "events.parquet")
    assert table["id"].to_pylist() == [json.loads(row)["id"] for row in lines.splitlines()]


def test_parquet_through_a_pipe(store: Path) -> None:
    command = f"{sys.executable} -m whowhom.cli export {store} --format parquet -q | cat"
    done = subprocess.run(["bash", "-c", command], capture_output=True, env=ENVIRONMENT, check=True)
    assert pq.read_table(io.BytesIO(done.stdout)).num_rows == 8
    with mock.patch.object(io, "TextIOWrapper", Terminal):
        assert whowhom("export", store, "--format", "parquet").returncode == 2


def test_plover_with_a_report_of_losses(store: Path, tmp_path: Path) -> None:
    path = tmp_path / "plover.jsonl"
    done = whowhom("export", store, "--format", "plover", "-o", path)
    assert "attribution (who says so): 4" in done.stderr
    assert "upper or lower end of a figure: 8" in done.stderr
    first = json.loads(path.read_text().splitlines()[0])
    assert first["event"] == ["CONSULT"]
    assert first["actor"][0]["code"] == "KEN"
    assert first["size"] == {"dead": 0, "injured": 2}


def test_a_damaged_store_is_exported_in_part_and_says_so(news: Path, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    whowhom("code", news, "--store", folder)
    file = next((folder / "segments").glob("*/events.parquet"))
    file.write_bytes(file.read_bytes()[:-9])
    done = whowhom("export", folder, "--format", "csv", "-o", "-")
    assert done.returncode == 1
    assert "is damaged and was left out: events.parquet has" in done.stderr
    assert len(list(csv.reader(io.StringIO(done.stdout)))) == 1
    assert whowhom("ledger", folder).returncode == 1
    checked = whowhom("doctor", "--store", folder)
    assert "1 damaged segment:" in checked.stdout


# ------------------------------------------------------------------------ others
def test_help_is_quick_and_light() -> None:
    code = (
        "import sys, whowhom.cli\n"
        "heavy = {'spacy', 'duckdb', 'pyarrow', 'rich', 'numpy', 'lxml'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_version_and_help() -> None:
    assert whowhom("-V").stdout.startswith("whowhom 0.")
    assert "whowhom demo" in whowhom("--help").stdout
    assert whowhom().returncode == 2


def test_doctor_says_what_is_wrong(store: Path) -> None:
    done = whowhom("doctor", "--store", store)
    assert done.returncode == 1  # the stub does not code the golden article
    assert "BAD  golden article: not found: ACCUSE TUR, ASSAULT KEN" in done.stdout
    assert "ok   query engine: reads stores and nothing else" in done.stdout
    assert f"ok   store {store}: 1 segment," in done.stdout.replace("\n", " ")


def test_demo(tmp_path: Path) -> None:
    corpus = tmp_path / "documents.jsonl"
    toll = "Chad shelled Lira. Niger shelled Lira."  # the stub counts one dead more each time
    corpus.write_text(
        "".join(line(n) for n in range(3)) + line(3, text=f"{toll} {toll} It was a long night.")
    )
    store = tmp_path / "store"
    with mock.patch("whowhom.cli.demo.example_corpus", return_value=corpus):
        done = whowhom("demo", "--store", store, COLUMNS="100")
    assert done.returncode == 0
    for words in (
        "4 articles written for this project, dated 1990-01-01 to 1990-01-01, from 1 outlet",
        "reports are of",
        "What is told",
        "KEN → UGA",
        "on somebody's word",
        "of the events",
        "Figures that differ",
        "ASSAULT in Lira, 1990-01-01: killed,",
        f"whowhom serve {store}",
        f"whowhom export {store}",
    ):
        assert words in done.stdout
    assert "whowhom report" in (tmp_path / "store.html").read_text()
    assert whowhom("ledger", store).stdout.count("\n") == 4
    corpus.write_text(line(1, text="Nothing at all happened in the whole of this long day."))
    with (
        mock.patch("whowhom.cli.demo.example_corpus", return_value=corpus),
        mock.patch("whowhom.cli.demo.missing", return_value=["altair"]),
    ):
        empty = whowhom("demo", "--store", tmp_path / "other")
    assert "0 events" in empty.stdout
    assert "pip install 'whowhom[web]'" in empty.stdout
    assert not (tmp_path / "other.html").exists()


def test_the_corpus_of_the_demo() -> None:
    from whowhom.cli import demo

    assert demo.example_corpus().name == "documents.jsonl"
    with (
        mock.patch.object(demo, "files", return_value="/nowhere"),
        mock.patch.object(demo, "__file__", "/a/b/c/d/e.py"),
        pytest.raises(WhowhomError, match="the example corpus is missing"),
    ):
        demo.example_corpus()


def test_explain() -> None:
    done = whowhom("explain", "Kenya met Uganda.", "--date", "2001-02-03", "--outlet", "Tea")
    assert done.returncode == 0
    assert "CONSULT" in done.stdout
    assert "\x1b" not in done.stdout


def test_codebook_show() -> None:
    listed = whowhom("codebook", "show").stdout
    assert "ASSAULT" in listed
    assert "material conflict" in listed
    one = whowhom("codebook", "show", "assault").stdout
    assert "ASSAULT (material conflict, score -9)" in one
    assert "aerial" in one
    assert "ASSAULT." in one


def test_codebook_check(monkeypatch: pytest.MonkeyPatch) -> None:
    from whowhom.codebook import check as module
    from whowhom.codebook.check import CodebookReport, Problem

    problem = Problem("aid.toml", "AID.give", "no match", "[Peru] gave.", "nothing found")
    for problems, status in (((), 0), ((problem,), 1)):
        report = CodebookReport("plover 2.0", 1, 0, 2, 4, problems)
        monkeypatch.setattr(module, "check", lambda *_, report=report, **__: report)
        done = whowhom("codebook", "check")
        assert done.returncode == status
        assert "plover 2.0: 1 type, 0 modes, 2 frames, 4 examples run" in done.stdout
        assert ("AID.give: no match" in done.stdout) == bool(problems)


def test_interrupted(news: Path, tmp_path: Path) -> None:
    from whowhom.engine import keep
    from whowhom.engine import run as running
    from whowhom.engine.outcome import Report

    def stop(*_: object, **__: object) -> Report:
        raise running.Interrupted(Report())

    with mock.patch.object(running, "run", stop), mock.patch.object(keep, "run", stop):
        plain = whowhom("code", news)
        kept = whowhom("code", news, "--store", tmp_path / "store")
    assert plain.returncode == kept.returncode == 130
    assert "Interrupted after 0 documents; no file was left." in plain.stderr
    assert "and --resume" in kept.stderr


def test_progress_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    from whowhom.cli import terminal
    from whowhom.engine.outcome import Report

    report = Report(read=3, done=1, events=4, seconds=2.0)
    report.states["coded"] = 2
    report.reasons["empty"] = 1
    with mock.patch.object(terminal, "LINE_EVERY", 0.0):
        for quiet in (True, False):
            with terminal.ProgressLine(quiet=quiet) as progress:
                progress.note("loading")
                progress(report)
    shown = capsys.readouterr().err
    assert shown == "1 done before, 2 documents, 4 events, 1.0 documents/s, 1 skipped\n"


def test_progress_on_a_terminal() -> None:
    from whowhom.cli import terminal
    from whowhom.engine.outcome import Report

    screen = io.StringIO()
    screen.isatty = lambda: True  # type: ignore[method-assign]
    with (
        mock.patch.object(sys, "stderr", screen),
        mock.patch.object(terminal, "SHOW_AFTER", 0.0),
        terminal.ProgressLine() as progress,
    ):
        progress.note("loading the coder")
        progress(Report(read=1))
    assert "0 documents, 0 events" in screen.getvalue()


def test_doctor_finds_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    import duckdb

    from whowhom.cli import doctor
    from whowhom.store import Store

    monkeypatch.setattr(doctor, "PACKAGES", ("no-such-package",))
    monkeypatch.setattr(doctor, "GOLDEN_EVENTS", set())
    monkeypatch.setattr(Store, "connect", lambda self: duckdb.connect())
    shown = whowhom("doctor").stdout
    assert "BAD  no-such-package: not installed" in shown
    assert "ok   golden article: 0 of 0 events found" in shown
    assert "BAD  query engine" in shown
    assert "ok   terminal: utf-8" in shown


def test_a_listing_that_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    from whowhom import store

    monkeypatch.setattr(store, "open_store", mock.Mock(side_effect=KeyboardInterrupt))
    assert whowhom("ledger", "somewhere").returncode == 130


def test_no_input_on_a_terminal() -> None:
    with mock.patch.object(io, "TextIOWrapper", Terminal):
        done = whowhom("code")
    assert done.returncode == 2
    assert "Try: whowhom demo" in done.stderr


def test_unexpected_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    from whowhom import store

    for error, words in ((MemoryError(), "memory is full"), (KeyError("x"), "an error in whowhom")):
        monkeypatch.setattr(store, "open_store", mock.Mock(side_effect=error))
        done = whowhom("ledger", "somewhere")
        assert done.returncode == 1
        assert words in done.stderr
