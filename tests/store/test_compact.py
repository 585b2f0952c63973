"""Compacting changes the number of files and nothing else, and disturbs no reader."""

from __future__ import annotations

import dataclasses
import io
import random
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.store.test_store import code, document, documents, event_ids
from whowhom.cli.app import cli
from whowhom.errors import StoreError
from whowhom.formats.registry import get
from whowhom.merge import merge
from whowhom.model import Document, Skipped, Source
from whowhom.settings import STORE
from whowhom.store import Store, open_store
from whowhom.store.compact import compact
from whowhom.store.runs import LOOSE_NAME, pack_runs
from whowhom.store.schema import SCHEMAS, TABLES, Table
from whowhom.store.segment import SegmentBuilder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


def content(folder: Path) -> dict[str, list[dict[str, Any]]]:
    store = open_store(folder)
    assert store.troubles == ()
    return {t: list(store.records(t)) for t in TABLES}


def exported(folder: Path) -> dict[str, bytes]:
    made = {}
    for form in ("jsonl", "csv", "plover"):
        file = io.BytesIO()
        writer = get(form).writer(file)
        writer.write(open_store(folder).records("events"))
        writer.finish()
        made[form] = file.getvalue()
    return made


def mixed(folder: Path) -> None:
    """A store with what hides what: replaced, moved, unreadable and repeated documents."""
    bad = Skipped(Source("f.jsonl", "line 2"), "bad_json", "it is no JSON")
    code(folder, [document(1), bad, document(3), document(3)])
    code(folder, documents(8))
    moved = dataclasses.replace(document(2, "Chad sued Niger."), source=Source("g.jsonl", "line 9"))
    code(folder, [document(4, "Chad sued Niger. It is new"), document(11, "__refuse__")])
    code(folder, [moved, document(5)])
    code(folder, [document(2)])


def test_compacting_changes_nothing_but_the_number_of_files(folder: Path) -> None:
    mixed(folder)
    merge(open_store(folder))
    before, bytes_before = content(folder), exported(folder)
    numbers = [s.number for s in open_store(folder).segments]
    store = open_store(folder)
    done = compact(store)
    assert (done.segments_before, done.segments) == (len(numbers), 1)
    assert done.dropped > 0
    assert not done.waiting
    assert content(folder) == before
    assert exported(folder) == bytes_before
    assert store.merged  # the incidents stand
    assert store.segments[0].first == numbers[0]
    assert store.segments[0].number == numbers[-1]
    assert len(list((folder / "segments").iterdir())) == 1
    ids = event_ids(folder)
    assert [record["id"] for record in store.fetch(ids)] == ids
    again = compact(open_store(folder))
    assert (again.segments_before, again.segments, again.dropped) == (1, 1, 0)
    assert again.size == done.size


def test_coding_goes_on_after_compacting(folder: Path) -> None:
    mixed(folder)
    last = open_store(folder).segments[-1].number
    compact(open_store(folder))
    assert code(folder, [document(1), document(2), document(20)], resume=True).done == 2
    store = open_store(folder)
    assert store.segments[-1].number == last + 1
    code(folder, [document(1, "Chad sued Niger. Again new")])
    before = content(folder)
    compact(open_store(folder))
    assert content(folder) == before


@pytest.mark.parametrize("seed", range(3))
def test_any_history_gives_the_same_with_and_without_compacting(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a history, no secret
    plain, tidy = tmp_path / "plain", tmp_path / "tidy"
    for _ in range(5):
        items: list[Document | Skipped] = []
        for _ in range(chance.randrange(1, 6)):
            place = Source(chance.choice("fg"), f"line {chance.randrange(4)}")
            if chance.random() < 0.25:
                items.append(Skipped(place, "bad_json", "it is no JSON"))
            else:
                text = chance.choice(["", "Chad sued Niger."])
                items.append(document(chance.randrange(5), text or None, source=place))
        for folder in (plain, tidy):
            code(folder, items)
        compact(open_store(tidy), target_bytes=chance.choice([1, 30_000, 10**9]))
        assert content(tidy) == content(plain)


def test_large_segments_are_left_alone(folder: Path) -> None:
    code(folder, documents(12))
    size = open_store(folder).segments[0].size
    paths = {s.path for s in open_store(folder).segments}
    assert compact(open_store(folder), target_bytes=size).segments == 4
    assert {s.path for s in open_store(folder).segments} == paths
    before = content(folder)
    half = compact(open_store(folder), target_bytes=3 * size)
    assert half.segments < 4
    assert content(folder) == before


def test_a_killed_compaction_is_seen_once(folder: Path) -> None:
    """Both old and new are on the disk: what a kill between renaming and deleting leaves."""
    mixed(folder)
    before = content(folder)
    old = folder.with_name("old")
    shutil.copytree(folder / "segments", old)
    compact(open_store(folder))
    for path in old.iterdir():
        shutil.copytree(path, folder / "segments" / path.name, dirs_exist_ok=True)
    torn = sorted((folder / "segments").iterdir())[0]
    (torn / "events.parquet").unlink()  # one that was replaced may be in any state
    assert content(folder) == before
    assert len(open_store(folder).segments) == 1
    with open_store(folder).writer():
        pass
    assert len(list((folder / "segments").iterdir())) == 1
    assert content(folder) == before


def test_a_reader_keeps_what_it_has_open(folder: Path) -> None:
    mixed(folder)
    merge(open_store(folder))
    before = content(folder)
    with open_store(folder) as reader:
        count = reader.sql("select count(*) from events").fetchone()
        assert compact(open_store(folder)).waiting
        merge(open_store(folder), again=True)
        merge(open_store(folder), again=True)
        merge(open_store(folder), again=True)
        assert reader.sql("select count(*) from events").fetchone() == count
        assert reader.sql("select count(*) from incidents").fetchone() != (0,)
        assert list(reader.records("ledger")) == before["ledger"]
        assert len(reader.fetch(event_ids(folder))) == len(before["events"])
        assert content(folder) == before  # who comes now reads the new segment only
    del reader
    with open_store(folder).writer():
        pass
    assert len(list((folder / "segments").iterdir())) == 1
    merge(open_store(folder), again=True)
    assert len(list((folder / "merges").iterdir())) == 2


def test_segments_that_are_gone_are_a_clear_error(folder: Path) -> None:
    mixed(folder)
    store = open_store(folder)
    store._lease.close()  # as on a file system without locks
    compact(open_store(folder))
    with pytest.raises(StoreError, match="rewritten since it was opened"):
        list(store.records("events"))
    with pytest.raises(StoreError, match="rewritten since it was opened"):
        store.sql("select count(*) from events").fetchone()
    store.refresh()
    assert sum(1 for _ in store.records("events")) == len(event_ids(folder))


def test_the_explorer_stays_open(folder: Path) -> None:
    testclient = pytest.importorskip("starlette.testclient")
    from whowhom.web.app import create_app

    mixed(folder)
    store = open_store(folder)
    merge(store)
    event = event_ids(folder)[0]
    client = testclient.TestClient(create_app(store), base_url="http://127.0.0.1:8150")
    assert client.get("/").status_code == 200
    compact(open_store(folder))
    code(folder, documents(15))
    for _ in range(3):
        merge(open_store(folder), again=True)
    for page in (
        "/",
        "/search?words=met",
        f"/event/{event}",
        f"/api/v1/events/{event}",
        "/document/d1",
    ):
        assert client.get(page).status_code == 200, page


def test_damage_is_found_on_the_way(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whowhom.store.folder.CHECKED_SEGMENTS", 0)
    code(folder, documents(7))
    before = content(folder)
    second = open_store(folder).segments[1].file("events")
    raw = bytearray(second.read_bytes())
    raw[len(raw) // 3] ^= 1
    second.write_bytes(bytes(raw))
    assert open_store(folder).troubles == ()  # sizes are right
    done = compact(open_store(folder))
    assert [t.documents for t in done.troubles] == [("d4", "d5", "d6")]
    assert len(event_ids(folder)) == 8
    assert code(folder, documents(7), resume=True).states["coded"] == 3
    assert sorted(event_ids(folder)) == sorted(e["id"] for e in before["events"])


def test_runs_are_packed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(9):
        code(folder, documents(1), resume=True)
    monkeypatch.setattr("whowhom.store.runs.STORE", dataclasses.replace(STORE, loose_runs=2))
    before = open_store(folder).runs()
    pack_runs(folder)
    assert open_store(folder).runs() == before
    assert len(list((folder / "runs").glob(LOOSE_NAME))) == 2
    code(folder, documents(1), resume=True)
    pack_runs(folder)
    assert [number for number, _ in open_store(folder).runs()] == list(range(1, 11))
    fewer = dataclasses.replace(STORE, loose_runs=1, most_runs=4)
    monkeypatch.setattr("whowhom.store.runs.STORE", fewer)
    pack_runs(folder)
    assert [number for number, _ in open_store(folder).runs()] == [6, 7, 8, 9, 10]
    with open_store(folder) as store:
        assert store.sql("select max(number), count(*) from runs").fetchone() == (10, 5)


def test_segments_of_an_older_version_get_the_columns_of_today(folder: Path) -> None:
    code(folder, documents(3))
    rows = {
        table: pq.ParquetFile(open_store(folder).segments[0].file(table)).read() for table in TABLES
    }
    schema = SCHEMAS["documents"]
    at = schema.get_field_index("coverage")
    older = pa.struct(list(schema.field(at).type)[:-1])
    documents_then = rows["documents"].set_column(
        at, pa.field("coverage", older), pa.array([{"characters": 3}] * 3, older)
    )
    builder = _LooseBuilder(folder / "segments")
    for table in TABLES:
        then = rows[table] if table != "documents" else documents_then.drop_columns(["text"])
        builder.add(table, then)
    old = open_store(folder).segments[0].path
    builder.commit(1, replaces=[old.name])
    code(folder, documents(6), resume=True)
    before = content(folder)
    assert before["documents"][0]["coverage"]["characters"] == 3
    assert before["documents"][0]["coverage"][schema.field(at).type[-1].name] is None
    compact(open_store(folder))
    assert content(folder) == before
    with open_store(folder) as store:
        assert store.sql("select count(coverage.characters) from documents").fetchone() == (6,)


class _LooseBuilder(SegmentBuilder):
    """Takes whatever columns it is given, as an older version would have."""

    def add(self, table: Table, rows: pa.Table) -> None:
        self._tables[table]._schema = rows.schema
        super().add(table, rows)


def test_the_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mixed(folder)
    assert cli.main(["compact", str(folder), "--target-mb", "1"], standalone_mode=False) == 0
    said = capsys.readouterr().err
    assert "became 1 of" in said
    assert "rows dropped" in said


def test_a_store_is_a_snapshot_for_the_writer_too(folder: Path) -> None:
    code(folder, documents(3))
    store = Store(folder.resolve())
    code(folder, documents(6))
    with store.writer():
        assert len(store.segments) == 3
