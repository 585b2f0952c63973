"""Gold: what is right is read and written back, what is wrong is named by line and field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from tests.evaluate.examples import ANNA, BEN, documents
from whowhom.codebook import load
from whowhom.errors import InputError
from whowhom.evaluate.gold import (
    AnnotatedDocument,
    check_gold,
    from_dict,
    read_gold,
    to_dict,
    write_gold,
)


def test_the_examples_are_right() -> None:
    for path in (ANNA, BEN):
        assert len(read_gold(path, book=load())) == 6


def test_what_was_not_annotated_stays_apart_from_what_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "gold.jsonl"
    trigger = {"text": "met", "start": 2, "end": 5}
    bare = {"event_type": "CONSULT", "trigger": trigger}
    looked = {**bare, "mode": None, "actors": []}
    file.write_text(json.dumps({"id": "a", "text": "A met B.", "events": [bare, looked]}))
    (document,) = read_gold(file)
    assert [event.said for event in document.events] == [frozenset(), {"mode", "actors"}]
    again = to_dict(document)["events"]
    assert "mode" not in again[0]
    assert again[1]["mode"] is None
    assert again[1]["actors"] == []


@given(documents())
@settings(max_examples=12, deadline=None)
def test_written_and_read_again(found: list[AnnotatedDocument]) -> None:
    for line, document in zip(write_gold(found), found, strict=True):
        assert from_dict(json.loads(line)) == document


def _event(**change: Any) -> dict[str, Any]:
    base = {"event_type": "CONSULT", "trigger": {"text": "met", "start": 2, "end": 5}}
    return {**base, **change}


@pytest.mark.parametrize(
    ("event", "field", "words"),
    [
        (_event(event_type="CONSULTS"), "event_type", "Did you mean CONSULT"),
        (_event(event_type=None), "event_type", "missing"),
        (_event(trigger=None), "trigger", "missing"),
        (_event(trigger={"text": "met", "start": 3, "end": 6}), "trigger.text", "stands at 2"),
        (_event(trigger={"text": "mat", "start": 2, "end": 5}), "trigger.text", "nowhere"),
        (_event(trigger={"start": 2, "end": 50}), "trigger.start", "outside the text"),
        (_event(trigger={"text": "met"}), "trigger.start", "missing"),
        (_event(trigger={"start": 2, "end": 5, "part": "title"}), "trigger.part", "no title"),
        (_event(mode="visiting"), "mode", "CONSULT has no mode"),
        (_event(status="planned"), "status", "there are actual"),
        (_event(actors="A"), "actors", "give a list"),
        (_event(actors=[{"text": "A", "country": "Kenya"}]), "actors[0].country", "KEN"),
        (_event(actors=[{"text": "A", "sector": "ML"}]), "actors[0].sector", "Did you mean MIL"),
        (_event(date="March 2014"), "date", "2014-03-02"),
        (_event(date="2014-02-31"), "date", "2014-03-02"),
        (_event(core="yes"), "core", "true or false"),
        (_event(recipient=[]), "recipient", "Did you mean recipients"),
    ],
)
def test_what_is_wrong_is_named(
    tmp_path: Path, event: dict[str, Any], field: str, words: str
) -> None:
    file = tmp_path / "gold.jsonl"
    good = {"id": "a", "text": "A met B.", "events": []}
    bad = {"id": "b", "text": "A met B.", "events": [event]}
    file.write_text(f"{json.dumps(good)}\n\n{json.dumps(bad)}\n")
    documents, problems = check_gold(file, book=load())
    assert [d.id for d in documents] == ["a"]
    (problem,) = problems
    assert problem.line == 3
    assert problem.field == f"events[0].{field}"
    assert words in problem.what
    with pytest.raises(InputError, match="line 3: events"):
        read_gold(file, book=load())


def test_marks_are_no_gold(tmp_path: Path) -> None:
    file = tmp_path / "marks.jsonl"
    file.write_text('{"event_id": "x", "verdict": "right", "note": ""}\n')
    with pytest.raises(InputError, match="audit STORE --report counts marks"):
        read_gold(file)


def test_lines_that_are_no_documents(tmp_path: Path) -> None:
    file = tmp_path / "gold.jsonl"
    one = json.dumps({"id": "a", "text": "x", "events": []})
    file.write_text("\n".join([one, one, "{", "[]", '{"id": "b", "events": []}', '{"id": "c", '
                               '"text": "x", "titel": "", "events": []}']))  # fmt: skip
    documents, problems = check_gold(file)
    assert [d.id for d in documents] == ["a"]
    told = [str(p) for p in problems]
    assert told[0] == "line 2: id: 'a' stands in line 1 already"
    assert told[1].startswith("line 3: no JSON")
    assert told[2] == "line 4: it is a list; a document is an object"
    assert told[3] == "line 5: text: missing"
    assert told[4].startswith("line 6: titel: 'titel' is not known. Did you mean title?")
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8"):
        check_gold(file)
    file.write_bytes(b"")
    with pytest.raises(InputError, match="holds no document"):
        read_gold(file)
    with pytest.raises(InputError, match="cannot be read"):
        read_gold(tmp_path / "nothing")
