"""The training text: every line has the form that the README describes."""

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
    record = build.sentence(line, MODES)
    text = record["text"]
    (made,) = record["events"]
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
        build.sentence(line, MODES)


PASSAGE = """= 2019-03-07 report
T Rebels kill 12
E kill | ASSAULT actual | Rebels > 12
S Police said rebels hit rebels, and vowed revenge.
E hit | ASSAULT actual | rebels > rebels#2 | Police
S The town is small.
"""


def test_a_passage_becomes_complete_sentences(build: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    file.write_text(PASSAGE, encoding="utf-8")
    title, lead, last = (made for _, made in build.passages(file, MODES))
    assert title["title"]
    assert all(made["complete"] and made["date"] == "2019-03-07" for made in (title, lead, last))
    (hit,) = lead["events"]
    assert [lead["text"][a:b] for a, b in hit["recipients"]] == ["rebels"]
    assert hit["recipients"][0][0] > hit["actors"][0][0]
    assert last["events"] == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("E bombed | ASSAULT actual | Rebels > ", "does not stand"),
        ("E kill | WAR actual | Rebels > ", "no type"),
        ("E kill | ASSAULT actual | Rebels", "parties"),
        ("E kill", "expected"),
        ("kill", "no kind"),
    ],
)
def test_a_wrong_line_of_a_passage_is_named(
    build: ModuleType, tmp_path: Path, line: str, says: str
) -> None:
    file = tmp_path / "x.txt"
    file.write_text(f"= 2019-03-07 report\nT Rebels kill 12\n{line}\n", encoding="utf-8")
    found = [made for _, made in build.passages(file, MODES) if isinstance(made, str)]
    assert len(found) == 1
    assert says in found[0]


def test_the_training_text_is_right_and_different(build: ModuleType) -> None:
    read = list(build.read())
    assert [f"{where}: {made}" for where, made in read if isinstance(made, str)] == []
    records = [made for _, made in read if not isinstance(made, str)]
    assert len(records) >= 8000
    assert {made["split"] for made in records} == {"train", "dev"}
    kinds = {event["type"] for made in records for event in made["events"]}
    assert kinds == {"NONE", *build.load().types}
