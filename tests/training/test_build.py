"""The training sentences: every line has the form that the README describes."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build", ROOT / "training" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MODES = {"ASSAULT": {"aerial"}, "REJECT": set()}


def test_a_line_becomes_a_record_with_spans(build: ModuleType) -> None:
    line = "ASSAULT/aerial actual | [Jets] *bombed* {a camp}, <residents> said."
    made = build.record(line, MODES)
    text = made["text"]
    assert text == "Jets bombed a camp, residents said."
    assert [text[a:b] for a, b in made["actors"]] == ["Jets"]
    assert [text[a:b] for a, b in made["recipients"]] == ["a camp"]
    assert [text[a:b] for a, b in made["speaker"]] == ["residents"]
    assert text[slice(*made["trigger"])] == "bombed"
    assert (made["mode"], made["status"], made["voice"]) == ("aerial", "actual", "reported")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("ASSAULT actual [Jets] *bombed*", "expected"),
        ("WAR actual | [Jets] *bombed*", "no type"),
        ("ASSAULT/naval actual | [Jets] *bombed*", "no mode"),
        ("ASSAULT maybe | [Jets] *bombed*", "status"),
        ("NONE actual | [Jets] *bombed*", "status"),
        ("ASSAULT actual | [Jets] bombed", "0 triggers"),
        ("ASSAULT actual | Jets *bombed*", "neither"),
        ("ASSAULT actual | [Jets *bombed*", "closed"),
        ("ASSAULT actual | Jets} *bombed*", "closes nothing"),
    ],
)
def test_a_wrong_line_is_named(build: ModuleType, line: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        build.record(line, MODES)


def test_the_sentences_are_right_and_different(build: ModuleType) -> None:
    read = list(build.read(ROOT / "training" / "sentences"))
    wrong = [f"{where}: {made}" for where, made in read if isinstance(made, str)]
    # build.py names every wrong line and leaves it out; a hundredth is a slip, more is a bad file
    assert len(wrong) <= len(read) // 100, wrong
    assert len(read) > 1000
    assert {made["split"] for _, made in read if not isinstance(made, str)} == {"train", "dev"}
