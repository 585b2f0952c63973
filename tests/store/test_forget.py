"""What is forgotten is in no file of the store, and nothing else goes."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.store.test_store import code, document, documents, event_ids, ledger
from whowhom.cli.app import cli
from whowhom.errors import StoreError, StoreLocked, UsageError
from whowhom.merge import merge
from whowhom.model import Document, Skipped, Source
from whowhom.store import open_store
from whowhom.store.compact import compact
from whowhom.store.forget import ByName, BySource, forget, survey
from whowhom.store.lock import Lock
from whowhom.store.runs import read_runs

NAME = "Amina Sesay"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


def command(*arguments: object) -> int:
    return cli.main([str(a) for a in arguments], standalone_mode=False)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def hits(folder: Path, words: str) -> list[str]:
    """Files of a store with these words: in their names, their bytes, or their columns."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        raw = path.read_bytes()
        texts = [str(path.relative_to(folder)), raw.decode("utf-8", "replace")]
        if path.suffix == ".parquet":
            with pq.ParquetFile(path) as file:
                texts += [text for row in file.read().to_pylist() for text in strings(row)]
                texts.append(str(file.metadata.to_dict()))
        if any(words.casefold() in text.casefold() for text in texts):
            found.append(str(path.relative_to(folder)))
    for _, run in read_runs(folder):
        if any(words.casefold() in text.casefold() for text in strings(run)):
            found.append("runs")
    return found


def named(folder: Path) -> list[Document | Skipped]:
    """A store in which the person stands in every field that may hold it."""
    items: list[Document | Skipped] = [
        document(1),
        document(2, f"{NAME} met Uganda. Togo shelled Benin. perhaps {NAME} did"),
        document(3, "Kenya met Uganda.", title=f"{NAME} at large"),
        document(4, url="https://news.example/2020/amina-sesay-arrested"),
        dataclasses.replace(document(5), id="https://news.example/amina%20sesay"),
        Skipped(Source(f"/texts/{NAME}.pdf"), "not_text", "it is no text"),
        Skipped(Source("/texts/other.pdf"), "not_text", f"the page of {NAME} is no text"),
        document(8, "Chad sued AMINA  SÉSAY. Aminata Sesayo met Mali."),
        document(9, outlet="Herald"),
    ]
    code(folder, [document(2, f"{NAME} sued Mali. An older version")])
    code(folder, items)
    return items


def test_a_person_is_gone_from_every_file(folder: Path) -> None:
    items = named(folder)
    store = open_store(folder)
    merge(store)
    records = {r["id"]: r for r in store.records("events")}
    said = ByName(NAME).says
    keep = [i for i, r in records.items() if not any(map(said, strings(r)))]
    assert 0 < len(keep) < len(records)
    for event in records:
        store.mark(event, "right", note="")
    store.mark(keep[0], "wrong", note=f"this is {NAME}", marker="second")
    run = folder / "runs" / "000001.json"
    run.write_text(json.dumps({"inputs": [f"/texts/{NAME}.txt", "other"], "status": "done"}))
    (folder / "watch").mkdir()
    feed = {"url": "https://a.example", "seen": {}, "waiting": {
        "w1": {"link": "https://b.example/1", "title": f"{NAME}!"},
        "w2": {"link": "https://b.example/2", "title": "another"}}}  # fmt: skip
    (folder / "watch" / "feed-1.json").write_text(json.dumps(feed))
    host = {"origin": "https://c.example", "text": f"# by {NAME}"}
    (folder / "watch" / "host-1.json").write_text(json.dumps(host))
    aside = folder / "set-aside" / "00000009-0123456789abcdef"
    shutil.copytree(store.segments[0].path, aside)
    assert len(hits(folder, NAME)) >= 8  # the search finds what there is

    counted = survey(open_store(folder), ByName(NAME), lambda row: None)
    done = forget(open_store(folder), ByName(NAME))
    assert (counted.events, counted.documents) == (done.events, done.documents)
    assert hits(folder, NAME) == []
    assert hits(folder, "sesay-") == hits(folder, "SÉSAY") == []
    assert hits(folder, "Sesayo") != []  # another name
    assert event_ids(folder) == keep
    assert {m.event_id for m in open_store(folder).marks()} <= set(keep)
    assert done.set_aside == 1
    assert json.loads((folder / "watch" / "feed-1.json").read_text())["waiting"].keys() == {"w2"}
    assert not (folder / "watch" / "host-1.json").exists()
    assert dict(open_store(folder).runs())[1]["inputs"] == ["(forgotten)", "other"]

    # the account adds up: a row for everything that was read, with what is left of it
    rows = list(open_store(folder).records("ledger"))
    assert len(rows) == len(items)
    assert sum(row["events"] for row in rows) == len(keep)
    assert sum(row["rejections"] for row in rows) == sum(
        1 for _ in open_store(folder).records("rejections")
    )
    assert {row["status"] for row in rows if row["events"] == 0} <= {"no_events", "skipped"}
    assert [row["reason"] for row in rows].count("forgotten") == 2
    report = code(folder, items, resume=True)
    assert (report.done, report.read) == (len(items), len(items))
    assert hits(folder, NAME) == []
    assert forget(open_store(folder), ByName(NAME)).nothing


@pytest.mark.parametrize("compacted", [False, True])
def test_a_document_leaves_a_hash(folder: Path, compacted: bool) -> None:
    code(folder, [document(2, "Chad sued Niger. An older version"), document(2)])
    code(folder, [*documents(7), document(2), document(2)])
    if compacted:
        compact(open_store(folder))
    before = len(ledger(folder))
    others = [r["id"] for r in open_store(folder).records("events") if r["document"]["id"] != "d2"]
    rows = list(open_store(folder).records("ledger"))
    mine = sum(1 for row in rows if row["document_id"] == "d2")
    assert mine > 1
    assert command("forget", folder, "--document", "d2", "-q") == 0
    assert event_ids(folder) == others
    assert "d2" not in {i for i, _ in ledger(folder)}
    assert len(ledger(folder)) == before
    # neither going on nor coding everything brings it back
    for resume in (True, False):
        report = code(folder, documents(7), resume=resume)
        assert report.read == 7
        assert report.unread == 0
        assert "d2" not in {i for i, _ in ledger(folder)}
    assert len(ledger(folder)) == before
    assert command("forget", folder, "--document", "d2", "--lift", "-q") == 0
    assert code(folder, documents(7), resume=True).states["coded"] == 1
    assert dict(ledger(folder))["d2"] == "coded"
    assert command("forget", folder, "--document", "d2", "--lift") == 0


def test_what_was_hidden_does_not_come_back(folder: Path) -> None:
    code(folder, [Skipped(Source("f.jsonl", "line 1"), "bad_json", "it is no JSON")])
    code(folder, [document(1, "Chad sued Niger. Old"), document(2)])
    code(folder, [document(1)])
    command("forget", folder, "--document", "d1", "-q")
    rows = list(open_store(folder).records("ledger"))
    assert sorted(row["reason"] or "" for row in rows) == ["", "forgotten"]


@pytest.mark.parametrize(
    ("value", "gone"),
    [
        ("herald", {"a", "b"}),
        ("https://one.example/news", {"b", "c"}),
        ("one.example", {"b", "c", "d", "e"}),
        ("https://one.example/news/2", {"c"}),
        ("example", set()),
        ("f.jsonl", {"a", "b", "c", "d", "f"}),
    ],
)
def test_a_source(folder: Path, value: str, gone: set[str]) -> None:
    def one(name: str, url: str | None, outlet: str | None, file: str = "f.jsonl") -> Document:
        return Document(name, f"Kenya met Uganda. {name}", url=url, outlet=outlet,
                        source=Source(file, name))  # fmt: skip

    items: list[Document | Skipped] = [
        one("a", None, "Herald"),
        one("b", "https://one.example/news", "HERALD"),
        one("c", "https://one.example/news/2?x=1", "Other Herald"),
        one("d", "https://www.one.example/newsroom", None),
        one("e", None, None, "https://one.example/feed.xml"),
        one("f", "https://none.example/one.example", None),
    ]
    code(folder, items)
    forget(open_store(folder), BySource(value))
    assert {i for i, _ in ledger(folder) if "forgotten" not in i} == set("abcdef") - gone
    assert len(ledger(folder)) == 6
    assert {r["document"]["id"] for r in open_store(folder).records("events")} == set(
        "abcdef"
    ) - gone
    assert code(folder, items, resume=True).done == 6


def test_names_are_found_as_texts_write_them() -> None:
    says = ByName("José al-Amin").says
    for text in ("José al-Amin", "JOSE AL AMIN's", "(Jose\u0301  al–Amin)", "a/jose_al-amin/b",
                 "jose%20al%20amin", "José\nal-Amin"):  # fmt: skip
        assert says(text), text
    for text in ("José Alamin", "al-Amin", "San José al-Aminata", "Amin al José", ""):
        assert not says(text), text
    assert ByName("李小龙").says("演员李小龙".replace("演员", "演员 "))
    with pytest.raises(UsageError, match="is no name"):
        ByName("-.")


def test_names_deep_in_sliced_columns() -> None:
    rows = [
        [{"t": "x"}, {"t": NAME}],
        [],
        None,
        [{"t": None}],
        [{"t": f"by {NAME}."}],
        [{"t": "y"}],
    ]
    table = pa.table({"c": pa.array(rows, pa.list_(pa.struct([("t", pa.string())])))})
    for start in range(6):
        found = ByName(NAME).words(table.slice(start))
        assert found is not None
        assert found.tolist() == [True, False, False, False, True, False][start:]
    joined = pa.concat_tables([table.slice(0, 2), table.slice(2), table])
    assert ByName(NAME).words(joined).tolist() == 2 * [True, False, False, False, True, False]  # type: ignore[union-attr]


def test_the_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named(folder)
    merge(open_store(folder))
    before = {p: p.read_bytes() for p in folder.rglob("*.parquet")}
    assert command("forget", folder, "--person", NAME, "--dry-run") == 0
    shown = capsys.readouterr()
    assert shown.out.count("event: ") >= 4
    assert "Would go: " in shown.err
    assert {p: p.read_bytes() for p in folder.rglob("*.parquet")} == before
    (folder / "notes.txt").write_text(f"ask {NAME}")
    assert command("forget", folder, "--person", NAME) == 1
    said = capsys.readouterr().err
    assert "Forgotten: 2 documents" in said
    assert "notes.txt names it and is no file of whowhom's" in said
    assert open_store(folder).merged  # merged again
    assert hits(folder, NAME) == ["notes.txt"]
    for wrong in ([], ["--person", "a b", "--source", "c"], ["--source", "c", "--lift"]):
        with pytest.raises(UsageError):
            command("forget", folder, *wrong)


def test_a_running_watch_is_not_disturbed(folder: Path) -> None:
    code(folder, documents(2))
    (folder / "watch").mkdir()
    with Lock(folder / "watch" / "lock"), pytest.raises(StoreLocked):
        command("forget", folder, "--document", "d1")
    assert len(event_ids(folder)) == 4


def test_an_open_reader_does_not_hold_it_back(folder: Path) -> None:
    named(folder)
    with open_store(folder) as reader:
        forget(open_store(folder), ByName(NAME))
        assert hits(folder, NAME) == []
        with contextlib.suppress(StoreError):
            assert not any(NAME in text for r in reader.records("events") for text in strings(r))
