"""``whowhom audit``: keys on a terminal, lines in a pipe, and going on where one stopped."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.audit.test_sample import news
from tests.cli.test_commands import ENVIRONMENT, whowhom
from whowhom.store import open_store


@pytest.fixture
def store(tmp_path: Path) -> Path:
    done = whowhom("code", news(tmp_path / "n.jsonl", 6), "--store", tmp_path / "s",
                   "--workers", 1, "--no-merge")  # fmt: skip
    assert done.returncode == 0, done.stderr
    return tmp_path / "s"


def verdicts(store: Path) -> list[str]:
    return [m.verdict for m in open_store(store).marks()]


def test_an_audit_goes_on_where_it_stopped(store: Path) -> None:
    first = whowhom("audit", store, "--size", 9, stdin="right\nw\nquit\n")
    assert first.returncode == 0, first.stderr
    assert "Drew 9 of 27 reports" in first.stderr
    assert "2 of 9 judged, 7 left" in first.stdout
    again = whowhom("audit", store, stdin="r\n\nr\n")
    assert "3 of 9 ─" in again.stdout
    assert "4 of 9 judged, 5 left" in again.stdout
    assert verdicts(store) == ["right", "wrong", "right", "right"]
    events = [m.event_id for m in open_store(store).marks()]
    assert len(set(events)) == 4
    whowhom("audit", store, stdin="r\n" * 5)
    done = whowhom("audit", store, stdin="w\n")
    assert "has judged all" in done.stderr
    assert len(verdicts(store)) == 9


def test_nothing_sways_the_judgement_unless_asked(store: Path) -> None:
    plain = whowhom("audit", store, "--size", 3, stdin="q\n").stdout
    shown = plain.split("1 of 3")[1].split("judged")[0]
    assert "trigger" not in shown
    assert "confidence" not in shown
    assert "STUB." not in shown
    assert "who" in shown
    asked = whowhom("audit", store, "--show-confidence", stdin="q\n").stdout
    assert "confidence 0.90" in asked


def test_back_judges_again_and_skip_leaves_for_later(store: Path) -> None:
    whowhom("audit", store, "--size", 5, stdin="r\nb\nw\ns\nr\nq\n")
    assert verdicts(store) == ["wrong", "right"]
    done = whowhom("audit", store, "--report", "--json")
    found = json.loads(done.stdout)
    assert (found["judged"], found["left"]) == (2, 3)


def test_a_mend_takes_its_fields_from_the_next_lines(store: Path) -> None:
    whowhom("audit", store, "--size", 2, stdin="m\nCOERCE\n\nKEN REB\n-\n\nnot talks\nq\n")
    (mark,) = open_store(store).marks()
    assert mark.verdict == "mend"
    assert mark.mend == {"event_type": "COERCE", "actors": ["KEN REB"], "recipients": []}
    assert mark.note == "not talks"


@pytest.mark.parametrize(
    "answers", ["r\nperhaps\n", "r\nm\nHELP\n\n\n\n\n\n", "r\nm\n\n\n\n\n\n\n"]
)
def test_a_wrong_answer_names_its_line_and_loses_nothing(store: Path, answers: str) -> None:
    done = whowhom("audit", store, "--size", 5, stdin=answers)
    assert done.returncode == 2
    assert "standard input, line" in done.stderr
    assert verdicts(store) == ["right"]


def test_another_sample_must_be_asked_for(store: Path) -> None:
    assert whowhom("audit", store, "--report").returncode == 2
    whowhom("audit", store, "--size", 4, stdin="r\n")
    for other in (["--by", "status"], ["--seed", 5], ["--of", "incidents"], ["--size", 3]):
        refused = whowhom("audit", store, *other, stdin="")
        assert refused.returncode == 2, other
        assert "--new" in refused.stderr
    larger = whowhom("audit", store, "--size", 12, stdin="")
    assert "1 of 12 judged" in larger.stdout
    other = whowhom("audit", store, "--new", "--of", "incidents", "--by", "nothing", "--seed", 5,
                    "--size", 3, stdin="r\n")  # fmt: skip
    assert other.returncode == 0, other.stderr
    assert re.search(r"of 3 judged, \d left; drawn on [-\d]+ from \d+ incidents", other.stdout)


def test_two_markers_and_the_report(store: Path) -> None:
    whowhom("audit", store, "--size", 6, "--marker", "ann", stdin="r\nr\nw\nr\nr\nr\n")
    whowhom("audit", store, "--marker", "bob", stdin="r\nw\nw\nr\n")
    found = json.loads(whowhom("audit", store, "--json").stdout)
    assert found["markers"] == {"ann": 6, "bob": 4}
    (two,) = found["agreement"]
    assert (two["markers"], two["events"], two["agreed"]) == (["ann", "bob"], 4, 0.75)
    assert two["kappa"] == pytest.approx(0.5)
    assert "events" not in found["sample"]["strata"][0]
    words = whowhom("audit", store, "--report").stdout
    assert "they agree on 75%" in words
    assert "by type" in words


def test_a_source_that_is_forgotten_is_in_no_sample(store: Path) -> None:
    whowhom("audit", store, "--size", 15, "--by", "outlet", stdin="r\n")
    (sample,) = (store / "audits").glob("*.json")
    assert "Outlet 1" in sample.read_text()
    done = whowhom("forget", store, "--source", "Outlet 1", "--no-merge")
    assert done.returncode == 0, done.stderr
    assert "Outlet 1" not in sample.read_text()
    assert whowhom("audit", store, "--report").returncode == 0


def test_single_keys_on_a_terminal(store: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "whowhom", "audit", str(store), "--size", "3"],
        stdin=theirs, stdout=theirs, stderr=theirs, env={**ENVIRONMENT, "TERM": "dumb"},
    )  # fmt: skip
    os.close(theirs)
    try:
        for key in ("x", "w", "r", "q"):
            seen = ""
            while "[q]uit" not in seen:
                seen += read(ours)
            # a key that comes before the terminal gives single keys would be thrown away
            while termios.tcgetattr(ours)[3] & termios.ICANON:
                time.sleep(0.01)
            os.write(ours, key.encode())
        with contextlib.suppress(OSError):  # Linux ends a terminal so
            while read(ours):
                pass
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert verdicts(store) == ["wrong", "right"]


def read(terminal: int) -> str:
    ready, _, _ = select.select([terminal], [], [], 60)
    assert ready, "nothing came for a minute"
    return os.read(terminal, 4096).decode(errors="replace")
