"""A short run of ``evals/fuzz.py`` with a fixed seed; docs/reliability.md has the long one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals import fuzz


def test_a_hundred_and_fifty_broken_inputs() -> None:
    result = fuzz.run(154, seed=20, share=0.0)
    assert result.inputs == dict.fromkeys(fuzz.KINDS, 22)
    assert result.failures == []
    assert result.documents > 100  # what is not broken is still read
    assert len(result.reasons) >= 5


def test_the_whole_command_accounts_for_every_input(tmp_path: Path) -> None:
    files = []
    for number in range(21):
        made = fuzz.make(21, number)
        files.append(tmp_path / made.name)
        files[-1].write_bytes(made.data)
    assert fuzz.whole(files, fuzz.Limits(), twice=False) is None


def test_inputs_are_the_same_for_a_seed_and_others_for_another() -> None:
    assert fuzz.make(1, 5) == fuzz.make(1, 5)
    assert fuzz.make(1, 5) != fuzz.make(2, 5)


@pytest.mark.parametrize(
    ("text", "status", "found"),
    [
        ("", 0, None),
        ("whowhom: no such file", 1, None),
        ("Traceback (most recent call last)", 1, "crash"),
        ("", -11, "crash"),
        ("", 124, "hang"),
        ("a \x1b[31m title", 0, "controls"),
        ("a \u202e title", 0, "controls"),
    ],
)
def test_what_it_counts_as_a_failure(text: str, status: int, found: str | None) -> None:
    problem = fuzz._judge("code", status, b"", text)
    assert (problem[0] if problem else None) == found


def test_it_sees_what_the_reader_does_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    good: dict[str, object] = {
        "documents": 1, "reasons": {}, "seconds": 0.1, "megabytes": 90,
        "failed": "", "lost": "", "bad": "",
    }  # fmt: skip
    reader = fuzz.Reader(fuzz.Limits())
    for changed, kind in [
        ({}, None),
        ({"documents": 0}, "unaccounted"),
        ({"lost": "an item says that it is of another file"}, "unaccounted"),
        ({"failed": "Traceback"}, "crash"),
        ({"seconds": 99.0}, "hang"),
        ({"megabytes": 9000}, "memory"),
        ({"bad": "'\\x1b'"}, "controls"),
    ]:
        answer = json.loads(json.dumps(good | changed))
        monkeypatch.setattr(reader, "ask", lambda _, told=answer: told)
        result = fuzz.Result()
        fuzz.read_one(reader, path, result)
        assert [failure[0] for failure in result.failures] == ([kind] if kind else [])
    monkeypatch.setattr(reader, "ask", lambda _: "hang")
    result = fuzz.Result()
    fuzz.read_one(reader, path, result)
    assert result.failures[0][0] == "hang"
