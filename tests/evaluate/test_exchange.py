"""Gold to annotation tools and back: nothing is lost, or what is lost is named."""

from __future__ import annotations

import dataclasses
import io
import json
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import cassis
import pytest
from hypothesis import HealthCheck, given, settings

from tests.evaluate.examples import ANNA, BEN, documents
from whowhom.codebook import load
from whowhom.errors import InputError, UsageError
from whowhom.evaluate.exchange import FORMATS, SUFFIX, guess, read, setup, write
from whowhom.evaluate.exchange.page import LINKS, to_page
from whowhom.evaluate.gold import AnnotatedDocument, read_gold, write_gold

TOOLS = FORMATS[1:]


def there(tmp_path: Path, documents: list[AnnotatedDocument], form: str) -> Path:
    file = tmp_path / f"tasks{SUFFIX[form]}"
    file.write_bytes(write(documents, form))
    return file


@pytest.mark.parametrize("form", FORMATS)
def test_there_and_back(tmp_path: Path, form: str) -> None:
    gold = read_gold(ANNA)
    file = there(tmp_path, gold, form)
    assert guess(file) == form
    found = read(file, form)
    assert found.lost == []
    assert found.documents == gold
    assert write(gold, form) == file.read_bytes()


@pytest.mark.parametrize("form", TOOLS)
@given(found=documents())
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_there_and_back_whatever_it_is(
    tmp_path: Path, form: str, found: list[AnnotatedDocument]
) -> None:
    # links have no order in a tool: parties of one side are compared as a set
    back = read(there(tmp_path, found, form), form)
    assert back.lost == []
    assert [_sorted(d) for d in back.documents] == [_sorted(d) for d in found]


def _sorted(document: AnnotatedDocument) -> AnnotatedDocument:
    def sides(event: Any) -> Any:
        return dataclasses.replace(
            event,
            actors=tuple(sorted(set(event.actors), key=str)),
            recipients=tuple(sorted(set(event.recipients), key=str)),
        )

    return dataclasses.replace(document, events=tuple(map(sides, document.events)))


def test_label_studio_tasks_fit_their_interface() -> None:
    tasks = json.loads(write(read_gold(ANNA), "label-studio"))
    config = ElementTree.fromstring(setup("label-studio", load()))  # noqa: S314 - our own
    names = {
        tag.get("name"): tag
        for tag in config.iter()
        if tag.tag in ("Labels", "Choices", "TextArea")
    }
    labels = {tag.get("value") for tag in config.iter("Label")}
    relations = {tag.get("value") for tag in config.iter("Relation")}
    assert relations == set(LINKS)
    seen = 0
    for task in tasks:
        for item in task["predictions"][0]["result"]:
            seen += 1
            if item["type"] == "relation":
                assert set(item["labels"]) <= relations
                continue
            value = item["value"]
            covered = task["data"]["text"][value["start"] : value["end"]]
            assert covered == value["text"] or item["type"] == "textarea"
            tag = names[item["from_name"]]
            assert tag.get("toName") == item["to_name"] == "text"
            if item["type"] == "labels":
                assert set(value["labels"]) <= labels
            elif item["type"] == "choices":
                assert tag.tag == "Choices"
                assert set(value["choices"]) <= {c.get("value") for c in tag.iter("Choice")}
            else:
                assert tag.tag == "TextArea"
    assert seen > 100


def exported() -> list[dict[str, Any]]:
    """Tasks as Label Studio exports them: the prediction accepted as an annotation."""
    tasks: list[dict[str, Any]] = json.loads(write(read_gold(ANNA), "label-studio"))
    for number, task in enumerate(tasks, 1):
        task["id"] = number
        result = task.pop("predictions")[0]["result"]
        task["annotations"] = [{"id": number, "was_cancelled": False, "result": result}]
        task["predictions"] = []
    return tasks


def save(tmp_path: Path, tasks: object) -> Path:
    file = tmp_path / "export.json"
    file.write_text(json.dumps(tasks))
    return file


def test_corrections_in_label_studio_come_back(tmp_path: Path) -> None:
    tasks = exported()
    result = tasks[0]["annotations"][0]["result"]
    for item in result:
        if item.get("id") == "e3" and item["type"] == "labels":
            item["value"]["labels"] = ["ACCUSE"]
        if item.get("id") == "e3" and item["from_name"] == "status":
            item["value"]["choices"] = ["historical"]
    result[:] = [i for i in result if i.get("id") != "e1" and i.get("from_id") != "e1"]
    text = tasks[0]["data"]["text"]
    at = text.index("foreign trawlers")
    place = {"start": at, "end": at + 16, "text": "foreign trawlers"}
    result += [
        {"id": "new", "from_name": "label", "to_name": "text", "type": "labels",
         "value": {**place, "labels": ["PARTY"]}},
        {"type": "relation", "from_id": "new", "to_id": "e3", "direction": "left",
         "labels": ["recipient"]},
    ]  # fmt: skip
    found = read(save(tmp_path, tasks), "label-studio")
    before, after = read_gold(ANNA)[0], found.documents[0]
    assert [e.id for e in after.events] == ["2", "3"]
    changed = after.events[1]
    assert (changed.event_type, changed.status) == ("ACCUSE", "historical")
    assert [p.text for p in changed.recipients] == ["foreign trawlers"]
    assert changed.actors == before.events[2].actors
    assert found.documents[1:] == read_gold(ANNA)[1:]


def test_utf16_offsets_of_an_older_label_studio(tmp_path: Path) -> None:
    tasks = exported()
    for task in tasks:
        text = task["data"]["text"]
        for item in task["annotations"][0]["result"]:
            for end in ("start", "end"):
                if "value" in item:
                    before = text[: item["value"][end]]
                    item["value"][end] = len(before.encode("utf-16-le")) // 2
    assert "🕊" in tasks[3]["data"]["text"]
    assert read(save(tmp_path, tasks), "label-studio").documents == read_gold(ANNA)


def test_what_says_nothing_to_gold_is_named(tmp_path: Path) -> None:
    tasks = exported()
    result = tasks[1]["annotations"][0]["result"]
    result += [
        {"id": "x", "from_name": "label", "type": "labels",
         "value": {"start": 5000, "end": 5001, "labels": ["PARTY"]}},
        {"id": "y", "from_name": "label", "type": "labels",
         "value": {"start": 0, "end": 6, "labels": ["PARTY"]}},
        {"type": "relation", "from_id": "e1", "to_id": "zz", "labels": ["actor"]},
        {"type": "relation", "from_id": "e1", "to_id": "e2", "labels": ["causes"]},
        {"id": "z", "type": "rating", "value": {"rating": 3}},
        {"id": "p1", "from_name": "country", "type": "textarea", "value": {"text": ["Ghana"]}},
    ]  # fmt: skip
    found = read(save(tmp_path, tasks), "label-studio")
    told = "\n".join(found.lost)
    for words in ("lies outside", "'Police' (PARTY) is linked to no event", "no span at one end",
                  "'causes'", "'rating'", "'Ghana' is no code"):  # fmt: skip
        assert words in told, told
    assert len(found.documents[1].events) == 3
    assert found.documents[1].events[0].actors[0].sector == "COP"


def test_doccano_values_go_along_and_what_moved_is_named(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in write(read_gold(ANNA), "doccano").splitlines()]
    for number, row in enumerate(rows, 100):  # ids of its own, as doccano gives them
        row["id"] = number
        new = {e["id"]: 1000 * number + e["id"] for e in row["entities"]}
        for entity in row["entities"]:
            entity["id"] = new[entity["id"]]
        for relation in row["relations"]:
            relation |= {k: new[relation[k]] for k in ("from_id", "to_id")}
    rows[0]["entities"][0]["end_offset"] += 4
    file = tmp_path / "all.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    found = read(file, "doccano")
    assert found.documents[1:] == read_gold(ANNA)[1:]
    assert found.documents[0].events[-1].trigger.text == "sign fis"
    assert any("'sign' (SUPPORT) was changed or is gone" in line for line in found.lost)


def test_inception_files_are_cas(tmp_path: Path) -> None:
    gold = read_gold(ANNA)
    with zipfile.ZipFile(there(tmp_path, gold, "inception")) as archive:
        cas = cassis.load_cas_from_json(archive.read("coast-4.json").decode())
    (asked,) = [e for e in cas.select("webanno.custom.Event") if e.event_type == "REQUEST"]
    assert asked.get_covered_text() == "asked"
    roles = [(a.role, a.target.get_covered_text()) for a in asked.arguments.elements]
    assert roles == [("actor", "Benin"), ("recipient", "the African Union")]
    system = cassis.load_typesystem(setup("inception", load()))
    assert system.contains_type("webanno.custom.EventArgumentsLink")


def test_an_inception_project_with_two_people(tmp_path: Path) -> None:
    """Exported projects have a folder a document and a zip a person; XMI needs its types; our own
    annotation is lost, since no layer is told to keep it."""
    gold = read_gold(ANNA)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as project:
        for person, path in (("anna", ANNA), ("ben", BEN)):
            with zipfile.ZipFile(io.BytesIO(write(read_gold(path), "inception"))) as archive:
                for name in archive.namelist():
                    if name.endswith("System.xml"):
                        continue
                    cas = cassis.load_cas_from_json(archive.read(name).decode())
                    for rest in list(cas.select("webanno.custom.Whowhom")):
                        cas.remove(rest)
                    inner = io.BytesIO()
                    with zipfile.ZipFile(inner, "w") as one:
                        one.writestr(f"{person}.xmi", cas.to_xmi())
                        one.writestr("TypeSystem.xml", cas.typesystem.to_xml())
                    project.writestr(f"annotation/{name}/{person}.zip", inner.getvalue())
    file = tmp_path / "project.zip"
    file.write_bytes(buffer.getvalue())
    with pytest.raises(InputError, match="--coder"):
        read(file, "inception")
    found = read(file, "inception", originals=gold, coder="anna")
    assert found.documents == gold
    # without the original, title and text are one
    alone = read(file, "inception", coder="ben").documents[1]
    assert alone.id == "coast-2"
    assert alone.text == to_page(gold[1]).text
    with pytest.raises(InputError, match="no CAS of carl"):
        read(file, "inception", coder="carl")


@pytest.mark.parametrize(
    ("form", "data", "words"),
    [
        ("label-studio", b"[{}]", "item 1: no task"),
        ("label-studio", b"{", "no JSON"),
        ("doccano", b'{"text": "x", "label": []}', "no text with entities"),
        ("doccano", b"\xff", "not UTF-8"),
        ("inception", b"{}", "no CAS"),
        ("inception", b"PK\x03\x04", "no zip file"),
        ("inception", b"<!DOCTYPE x><x/>", "DOCTYPE"),
        ("inception", b"<xmi/>", "TypeSystem.xml is missing"),
    ],
)
def test_files_that_are_something_else(tmp_path: Path, form: str, data: bytes, words: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(data)
    with pytest.raises(InputError, match=words):
        read(file, form)


def test_formats_that_are_not_there(tmp_path: Path) -> None:
    for call in (lambda: write([], "brat"), lambda: read(ANNA, "brat"),
                 lambda: setup("brat", load())):  # fmt: skip
        with pytest.raises(UsageError, match="brat"):
            call()
    file = tmp_path / "x"
    file.write_bytes(b"hello")
    with pytest.raises(UsageError, match="--from"):
        guess(file)
    assert b"".join(write_gold(read_gold(ANNA))) == write(read_gold(ANNA), "whowhom")
