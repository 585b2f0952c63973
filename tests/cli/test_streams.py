"""Standard streams that are closed or full, and outputs that are no regular files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.cli.test_commands import ENVIRONMENT, line, whowhom
from whowhom.cli import options
from whowhom.cli.app import cli

FULL = Path("/dev/full")
pytestmark = pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")


def shell(command: str, folder: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """A line of bash, in which ``W`` is the command line."""
    return subprocess.run(
        ["bash", "-c", command.replace("W ", f"{sys.executable} -m whowhom.cli ")],
        cwd=folder,
        env={**ENVIRONMENT, **given},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("streams")
    (made / "news.jsonl").write_text("".join(line(n) for n in range(3)))
    done = whowhom("code", made / "news.jsonl", "--store", made / "S", "-q")
    assert (done.returncode, done.stderr) == (0, "")
    return made


# ----------------------------------------------------------------- closed streams
def test_closed_standard_error_stops_nothing(folder: Path) -> None:
    assert shell("W export S -o closed.jsonl 2>&-", folder).returncode == 0
    written = (folder / "closed.jsonl").read_text()
    assert [json.loads(row)["event_type"] for row in written.splitlines()][:2] == [
        "CONSULT",
        "ASSAULT",
    ]
    assert "written" not in written  # the summary did not take the file for standard error


def test_all_three_closed(folder: Path) -> None:
    done = shell("W code news.jsonl --store all3 <&- >&- 2>&-", folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert whowhom("ledger", folder / "all3").stdout.count("\n") == 3


def test_closed_standard_output(folder: Path) -> None:
    done = shell("W code news.jsonl -o plain.jsonl >&-", folder)
    assert done.returncode == 0
    assert done.stderr.startswith("3 documents read:")
    assert (folder / "plain.jsonl").read_text().count("\n") == 6
    done = shell("W completion bash >&-", folder)
    assert (done.returncode, done.stderr) == (0, "")


# ------------------------------------------------------------------- full streams
@pytest.mark.parametrize("command", ["W ledger S", "W completion bash", "W --help"])
def test_full_standard_output_is_said(folder: Path, command: str) -> None:
    done = shell(f"{command} >/dev/full", folder)
    assert done.returncode == 1
    assert done.stderr.startswith(
        "whowhom: standard output: cannot write: no space left on device. "
    )
    assert done.stderr.count("\n") == 1


def test_full_standard_output_of_an_unbuffered_python(folder: Path) -> None:
    done = shell("W completion bash >/dev/full", folder, PYTHONUNBUFFERED="1")
    assert done.returncode == 1
    assert "standard output: cannot write: no space left" in done.stderr


def test_full_standard_output_is_not_laid_to_another_file(folder: Path) -> None:
    done = shell("W code news.jsonl --rejections r.jsonl >/dev/full", folder)
    assert done.returncode == 1
    assert "standard output: cannot write" in done.stderr
    assert "r.jsonl" not in done.stderr
    assert not (folder / "r.jsonl").exists()


def test_full_standard_error_stops_nothing(folder: Path) -> None:
    assert shell("W nonsense 2>/dev/full", folder).returncode == 2
    done = shell("W formats 2>/dev/full", folder)
    assert done.returncode == 0
    assert "polecat" in done.stdout


@pytest.mark.parametrize(("name", "flags"), [("stdout", "-E"), ("stdout", "-u"), ("stderr", "-E")])
def test_a_pipe_that_does_not_wait_is_waited_for(name: str, flags: str) -> None:
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)  # as a program that shares the terminal may leave it
    code = (
        "import sys; from whowhom.cli import streams; streams.prepare(); "
        f"print('x' * 999_999, file=sys.{name})"
    )
    with subprocess.Popen([sys.executable, flags, "-c", code], **{name: theirs}) as process:
        os.close(theirs)
        with os.fdopen(ours, "rb") as pipe:
            assert len(pipe.read()) == 1_000_000
    assert process.returncode == 0


# ------------------------------------------------------- outputs that are no files
def test_outputs_into_the_pipeline(folder: Path) -> None:
    events = whowhom("export", folder / "S", "--format", "csv").stdout
    export = "W export S --format csv -o /dev/stdout --loss-report /dev/zero -q"
    done = shell(f"(echo first; {export}; echo last) > to; cat to", folder)
    assert done.stdout == f"first\n{events}last\n"
    assert done.stderr == ""


def test_a_device_and_a_pipe_without_force(folder: Path) -> None:
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    done = shell("cat pipe > got & W export S --format csv -o pipe -q; wait; wc -l < got", folder)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "7", "")
    assert pipe.is_fifo()
    for command in ("code {}/news.jsonl -o /dev/zero", "export {}/S --format jsonl -o /dev/zero"):
        done_ = whowhom(*command.format(folder, folder).split(), "--force")
        assert done_.returncode == 0
    assert Path("/dev/zero").is_char_device()
    done_ = whowhom("export", folder / "S", "--format", "csv", "-o", FULL)
    assert done_.returncode == 1
    assert f"{FULL}: cannot write: no space left on device" in done_.stderr


def test_code_to_a_dash(folder: Path) -> None:
    plain = whowhom("code", folder / "news.jsonl").stdout
    assert plain.count("\n") == 6
    done = whowhom("code", folder / "news.jsonl", "-o", "-")
    assert done.stdout == plain
    assert "Written" not in done.stderr
    kept = whowhom("code", folder / "news.jsonl", "-o", "-", "--store", folder / "dash")
    assert kept.stdout == plain
    both = whowhom("code", folder / "news.jsonl", "--rejections", "-", "-q").stdout
    assert sorted(plain.splitlines()) == sorted(
        row for row in both.splitlines() if '"evidence"' in row
    )
    assert sum("no_party" in row for row in both.splitlines()) == 3
    assert not Path("-").exists()


# ------------------------------------------------------------------------ paths
def test_a_path_that_cannot_be(folder: Path) -> None:
    news = folder / "news.jsonl"
    done = whowhom("code", news, "--store", news / "a" / "b")
    assert done.returncode == 1
    assert "cannot write: not a directory. Name another path" in done.stderr
    assert "safe" not in done.stderr
    for arguments in (("ledger", "x" * 300), ("code", news, "--store", "x" * 300)):
        done = whowhom(*arguments)
        assert done.returncode == 1
        assert "file name too long" in done.stderr
        assert "report it" not in done.stderr
    done = whowhom("export", folder / "S", "-o", folder / f"{'x' * 250}.csv")
    assert "file name too long. Name another path" in done.stderr


@pytest.mark.parametrize(
    "arguments", [["code", "x", "--store", ""], ["code", ""], ["export", ""], ["forget", "", "x"]]
)
def test_an_empty_path_is_not_this_folder(arguments: list[str]) -> None:
    done = whowhom(*arguments)
    assert done.returncode == 2
    assert "is empty" in done.stderr


def test_every_path_of_every_command_refuses_an_empty_one() -> None:
    def all_of(command: click.Command) -> Iterator[click.Parameter]:
        yield from command.params
        if isinstance(command, click.Group):
            for inner in command.commands.values():
                yield from all_of(inner)

    paths = [p.type for p in all_of(cli) if isinstance(p.type, click.Path)]
    assert len(paths) > 30
    assert {type(kind) for kind in paths if not isinstance(kind, options.FilePath)} == set()


# ---------------------------------------------------------------------- summaries
def test_a_summary_names_the_store_that_it_is_of(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text("{bad\n" * 30)
    store = tmp_path / "my store"
    assert "and 10 more; code into a --store" in whowhom("code", tmp_path / "bad.jsonl").stderr
    done = whowhom("code", tmp_path / "bad.jsonl", "--store", store)
    assert f"and 10 more; whowhom ledger '{store}' lists all of them." in done.stderr
    assert f"whowhom export '{store}' --format csv" in done.stderr
    assert whowhom("ledger", store).stdout.count("\n") == 30


def test_one_report_is_of_one_incident(tmp_path: Path) -> None:
    text = "Kenya met Uganda. It was a long meeting about the price of tea, they wrote."
    done = whowhom("code", "-", "--store", tmp_path / "store", "--date", "2001-02-03", stdin=text)
    assert "1 report is of 1 incident; 1 document" in done.stderr
