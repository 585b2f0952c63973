"""The store: what is committed is there once, whatever happens."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import os
import resource
import stat
from pathlib import Path

import duckdb
import pytest

from tests.engine.stub import StubCoder
from whowhom.engine.keep import keep
from whowhom.engine.local import Inline
from whowhom.engine.outcome import Report
from whowhom.engine.worker import Ready
from whowhom.errors import StoreError, StoreLocked
from whowhom.model import Document, Skipped, Source
from whowhom.settings import DEFAULT
from whowhom.store import Header, Store, create_store, is_store, open_store

BATCHES = dataclasses.replace(DEFAULT, batch_documents=3)
Item = Document | Skipped


def document(number: int, text: str | None = None, **fields: object) -> Document:
    text = text or f"Kenya met Uganda. Togo shelled Benin. Number {number}. perhaps not"
    fields.setdefault("source", Source("f.jsonl", f"line {number}"))
    return Document(f"d{number}", text, published=dt.date(1990, 1, 1), **fields)  # type: ignore[arg-type]


def documents(count: int) -> list[Item]:
    return [document(n) for n in range(1, count + 1)]


def code(folder: Path, items: list[Item], minimum: float | None = None, **options: bool) -> Report:
    coder = StubCoder(minimum)
    ready = Ready(coder.info, coder.fingerprint)
    return keep(iter(items), Inline(coder), ready, folder, settings=BATCHES, **options)  # type: ignore[arg-type]


def ledger(folder: Path) -> list[tuple[str, str]]:
    rows = open_store(folder).records("ledger")
    return [(row["document_id"], row["status"]) for row in rows]


def event_ids(folder: Path) -> list[str]:
    return [event["id"] for event in open_store(folder).records("events")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


# -------------------------------------------------------------------- writing
def test_a_run_is_kept_in_batches(folder: Path) -> None:
    report = code(folder, documents(7))
    store = open_store(folder)
    assert report.read == 7
    assert [segment.rows["ledger"] for segment in store.segments] == [3, 3, 1]
    assert len(event_ids(folder)) == len(set(event_ids(folder))) == 14
    assert [row["id"] for row in store.records("documents")] == [f"d{n}" for n in range(1, 8)]
    assert sum(1 for _ in store.records("rejections")) == 7
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_events_come_back_as_they_went_in(folder: Path) -> None:
    code(folder, documents(2))
    expected = [e for d in documents(2) for e in StubCoder().code(d).events]  # type: ignore[arg-type]
    assert list(open_store(folder).events()) == expected


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    contents = []
    for name in ("a", "b"):
        code(tmp_path / name, documents(7))
        files = sorted((tmp_path / name / "segments").glob("*/*"))
        contents.append([(f.parent.name, f.name, f.read_bytes()) for f in files])
    assert contents[0] == contents[1]


def test_coding_again_replaces_and_does_not_double(folder: Path) -> None:
    code(folder, documents(5))
    before = event_ids(folder)
    report = code(folder, documents(5))
    assert report.states["coded"] == 5
    assert event_ids(folder) == before
    assert len(ledger(folder)) == 5


def test_a_changed_document_replaces_the_old_one(folder: Path) -> None:
    code(folder, documents(2))
    code(folder, [document(1, "Chad sued Niger. It is new")])
    events = {(e["document"]["id"], e["event_type"]) for e in open_store(folder).records("events")}
    assert events == {("d1", "ACCUSE"), ("d2", "CONSULT"), ("d2", "ASSAULT")}


def test_resume_leaves_out_what_is_done(folder: Path) -> None:
    code(folder, documents(4))
    report = code(folder, documents(7), resume=True)
    assert (report.done, report.states["coded"]) == (4, 3)
    assert len(ledger(folder)) == 7
    again = code(folder, documents(7), resume=True)
    assert (again.done, again.read) == (7, 7)
    assert len(open_store(folder).segments) == 3


def test_resume_reports_again_what_could_not_be_read(folder: Path) -> None:
    items: list[Item] = [
        Skipped(Source("f.jsonl", "line 9"), "bad_json", "it is no JSON"),
        document(1, "__refuse__"),
        document(2, "__raise__"),
    ]
    first = code(folder, items)
    second = code(folder, items, resume=True)
    assert first.unread == second.unread == 3
    assert second.done == 3
    assert len(ledger(folder)) == 3


def test_another_coder_is_refused_unless_recode(folder: Path) -> None:
    code(folder, documents(2))
    with pytest.raises(StoreError, match="--recode"):
        code(folder, documents(2), 0.5, resume=True)
    with pytest.raises(StoreError, match="no --keep-text"):
        code(folder, documents(2), keep_text=True)
    report = code(folder, documents(2), 0.5, recode=True, resume=True)
    assert report.states["coded"] == 2
    assert code(folder, documents(2), 0.5, resume=True).done == 2


def test_text_is_kept_only_on_request(tmp_path: Path) -> None:
    code(tmp_path / "a", documents(1))
    code(tmp_path / "b", documents(1), keep_text=True)
    texts = [next(open_store(tmp_path / n).records("documents"))["text"] for n in ("a", "b")]
    assert texts[0] is None
    assert texts[1].startswith("Kenya met Uganda.")


def test_long_sentences_are_cut_round_the_trigger(tmp_path: Path) -> None:
    text = "x" * 400 + " met " + "y" * 400 + "."
    for name, keep_text in (("a", False), ("b", True)):
        code(tmp_path / name, [document(1, text)], keep_text=keep_text)
    cut, whole = (
        next(open_store(tmp_path / n).records("events"))["evidence"]["sentence_text"] for n in "ab"
    )
    assert whole == text
    assert len(cut) == DEFAULT.evidence_characters
    assert " met " in cut
    assert cut[0] == cut[-1] == "…"


def test_long_rejections_are_cut(folder: Path) -> None:
    code(folder, [document(1, "perhaps " + "z" * 500)])
    row = next(open_store(folder).records("rejections"))
    assert len(row["text"]) == DEFAULT.evidence_characters


def test_half_a_surrogate_pair_does_not_stop_a_run(folder: Path) -> None:
    code(folder, [document(1, title="bad \ud800 title")])
    assert next(open_store(folder).records("documents"))["title"] == "bad ? title"


# ------------------------------------------------------------------- duplicates
def test_the_same_text_under_another_id_is_a_report_of_its_own(folder: Path) -> None:
    twin = dataclasses.replace(document(1), id="twin", source=Source("g.jsonl", "line 1"))
    code(folder, [document(1), twin])
    assert ledger(folder) == [("d1", "coded"), ("twin", "coded")]
    code(folder, [twin])
    assert ledger(folder) == [("d1", "coded"), ("twin", "coded")]
    assert code(folder, [document(1), twin], resume=True).done == 2
    assert len(event_ids(folder)) == 4


def test_a_file_named_twice_keeps_its_events(folder: Path) -> None:
    report = code(folder, [document(1), document(1)])
    assert (report.states["coded"], report.states["duplicate"]) == (1, 1)
    assert len(event_ids(folder)) == 2
    assert sorted(ledger(folder)) == [("d1", "coded"), ("d1", "duplicate")]
    assert code(folder, [document(1), document(1)], resume=True).done == 2


def test_two_texts_under_one_id_are_both_kept(folder: Path) -> None:
    clash = dataclasses.replace(
        document(1, "Chad sued Niger. Another text"), source=Source("g.jsonl", "line 1")
    )
    code(folder, [document(1)])
    code(folder, [clash])
    rows = list(open_store(folder).records("ledger"))
    assert [row["document_id"] for row in rows] == ["d1", f"d1~{clash.sha256[:12]}"]
    assert rows[1]["notes"] == ["the id d1 belongs to another text"]
    assert len(event_ids(folder)) == 3
    assert code(folder, [clash, document(1)], resume=True).done == 2


def test_two_texts_under_one_id_in_one_file_stay_two(folder: Path) -> None:
    both: list[Item] = [document(1), document(1, "Chad sued Niger. Another text")]
    for _ in range(3):
        code(folder, both)
        assert len(ledger(folder)) == 2
        assert len(event_ids(folder)) == 3


def test_something_unreadable_holds_until_its_place_is_read(folder: Path) -> None:
    code(folder, [Skipped(Source("f.jsonl", "line 1"), "bad_json", "it is no JSON")])
    assert ledger(folder) == [("", "skipped")]
    code(folder, documents(1))
    assert ledger(folder) == [("d1", "coded")]


# ---------------------------------------------------------------------- reading
def test_what_was_said_of_a_file_goes_when_it_is_mended(folder: Path) -> None:
    """A whole file, or its rest, that could not be read: until something of it is read anew."""
    cut = Skipped(Source("f.jsonl", "after item 2"), "cut", "the rest was not read")
    empty = Skipped(Source("e.csv"), "no_text_column", "no column is known to hold the text")
    code(folder, [*documents(2), cut, empty])
    whole = [("d1", "coded"), ("d2", "coded"), ("", "skipped"), ("", "skipped")]
    assert ledger(folder) == whole
    assert code(folder, [*documents(2), cut, empty], resume=True).done == 4
    assert ledger(folder) == whole
    # another document of the file is new, and its end is still missing
    changed = document(2, "Chad met Niger. A new text")
    code(folder, [document(1), changed, cut, empty], resume=True)
    assert sorted(ledger(folder)) == sorted(whole)
    row = document(7, source=Source("e.csv", "row 1"))
    code(folder, [document(1), changed, document(3), row], resume=True)
    assert sorted(ledger(folder)) == [(f"d{n}", "coded") for n in (1, 2, 3, 7)]


def test_a_file_named_twice_that_cannot_be_read_keeps_both_rows(folder: Path) -> None:
    empty = Skipped(Source("e.csv"), "empty", "the file is empty")
    code(folder, [empty, empty])
    assert ledger(folder) == [("", "skipped"), ("", "skipped")]


def test_views_hold_what_holds(folder: Path) -> None:
    code(folder, documents(4))
    code(folder, documents(2))
    with open_store(folder) as store:
        counts = {
            view: store.sql(f"select count(*) from {view}").fetchone()[0]  # type: ignore[index]
            for view in ("events", "rejections", "documents", "ledger", "runs")
        }
        assert counts == {"events": 8, "rejections": 4, "documents": 4, "ledger": 4, "runs": 2}
        manifest = dict(store.sql("from manifest").fetchall())
        assert manifest["counts.coded"] == "2"
        found = store.sql(
            "select actors[1].country from events where document.id = ? order by 1", ["d1"]
        ).fetchall()
        assert found == [("KEN",), ("TOG",)]


def test_an_empty_store_has_all_views(folder: Path) -> None:
    create_store(folder, Header(2, "whowhom", "f"))
    with open_store(folder) as store:
        for view in ("events", "rejections", "documents", "ledger", "runs", "manifest"):
            assert store.sql(f"select count(*) from {view}").fetchone() == (0,)
    assert list(open_store(folder).events()) == []


@pytest.mark.parametrize(
    "query",
    [
        "from read_text('/etc/hostname')",
        "from glob('/*')",
        "copy (select 1) to '{tmp}/out.csv'",
        "attach '{tmp}/other.db'",
        "set enable_external_access = true",
        "set threads = 1",
        "install httpfs",
        "load httpfs",
        "from read_parquet('{tmp}/foreign.parquet')",
        "from secret_variable",
    ],
)
def test_a_connection_reaches_the_store_and_nothing_else(
    folder: Path, tmp_path: Path, query: str
) -> None:
    secret_variable = [1]  # noqa: F841 - DuckDB would look it up, if it were let
    code(folder, documents(1))
    duckdb.sql("select 1 as one").write_parquet(str(tmp_path / "foreign.parquet"))
    with open_store(folder) as store, pytest.raises(duckdb.Error):
        store.sql(query.format(tmp=tmp_path))


def test_a_reader_keeps_its_snapshot(folder: Path) -> None:
    code(folder, documents(2))
    with open_store(folder) as store:
        code(folder, documents(5))
        assert store.sql("select count(*) from documents").fetchone() == (2,)


def test_odd_folder_names(tmp_path: Path) -> None:
    folder = tmp_path / "it's [a] *store*?"
    code(folder, documents(2))
    assert len(event_ids(folder)) == 4


# ----------------------------------------------------------------------- errors
def test_what_is_no_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store here"):
        open_store(tmp_path / "nothing")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    with pytest.raises(StoreError, match="this folder is no store"):
        open_store(tmp_path / "full")
    with pytest.raises(StoreError, match="not empty"):
        create_store(tmp_path / "full", Header(2, "whowhom", ""))
    assert not is_store(tmp_path / "full")
    for content in ("{", "[]", '{"format": "another"}', '{"format": "whowhom store"}'):
        (tmp_path / "full" / "whowhom.json").write_text(content)
        with pytest.raises(StoreError, match=r"whowhom\.json cannot be read"):
            open_store(tmp_path / "full")


def test_a_newer_store_is_refused(folder: Path) -> None:
    code(folder, documents(1))
    header = folder / "whowhom.json"
    data = json.loads(header.read_text())
    del data["check"]
    header.write_text(json.dumps({**data, "schema": 99}))
    with pytest.raises(StoreError, match="newer whowhom"):
        open_store(folder)


def test_a_newer_segment_is_refused(folder: Path) -> None:
    code(folder, documents(1))
    segment = next((folder / "segments").iterdir())
    summary = json.loads((segment / "segment.json").read_text())
    raw = json.dumps({**summary, "schema": 99}).encode()
    (segment / "segment.json").write_bytes(raw)
    segment.rename(segment.with_name(f"00000001-{hashlib.sha256(raw).hexdigest()[:16]}"))
    with pytest.raises(StoreError, match="newer whowhom"):
        open_store(folder)


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))


@pytest.mark.parametrize("harm", [_cut, _flip, Path.unlink], ids=["cut", "flipped", "gone"])
@pytest.mark.parametrize("name", ["events.parquet", "ledger.parquet", "segment.json"])
def test_a_damaged_segment_is_set_aside_and_coded_anew(folder: Path, harm, name: str) -> None:  # type: ignore[no-untyped-def]
    code(folder, documents(7))
    before = event_ids(folder)
    second = sorted((folder / "segments").iterdir())[1]
    harm(second / name)
    store = open_store(folder)
    assert [trouble.segment for trouble in store.troubles] == [second.name]
    assert len(store.verify()) == 1
    assert len(event_ids(folder)) == 8
    report = code(folder, documents(7), resume=True)
    assert (report.done, report.states["coded"]) == (4, 3)
    assert sorted(event_ids(folder)) == sorted(before)
    assert (folder / "set-aside" / second.name).is_dir()
    assert open_store(folder).troubles == ()
    # the number of the one set aside is not used again
    assert [s.number for s in open_store(folder).segments] == [1, 3, 4]


def test_the_debris_of_a_crash_is_cleared_by_the_next_writer(folder: Path) -> None:
    code(folder, documents(1))
    debris = folder / "segments" / ".tmp-1-2"
    debris.mkdir()
    (debris / "events.parquet").write_bytes(b"half")
    (folder / ".tmp-1-whowhom.json").write_bytes(b"half")
    assert len(event_ids(folder)) == 2
    code(folder, documents(2), resume=True)
    assert not debris.exists()
    assert not (folder / ".tmp-1-whowhom.json").exists()
    assert len(event_ids(folder)) == 4


def test_one_writer_at_a_time(folder: Path) -> None:
    code(folder, documents(1))
    with open_store(folder).writer():
        with pytest.raises(StoreLocked, match=f"process {os.getpid()} on"):
            code(folder, documents(1))
        assert len(event_ids(folder)) == 2  # readers go on
    assert code(folder, documents(2)).read == 2


def test_a_lock_file_that_says_nothing(folder: Path) -> None:
    code(folder, documents(1))
    with open_store(folder).writer():
        (folder / "lock").write_text("?")
        with pytest.raises(StoreLocked, match="another process is writing to this store"):
            code(folder, documents(1))


def test_a_full_disk_is_a_clean_error_and_costs_nothing(folder: Path) -> None:
    code(folder, documents(3))
    before = event_ids(folder)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, limits[1]))
    try:
        with pytest.raises(StoreError, match="cannot write"):
            code(folder, documents(9), resume=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert event_ids(folder) == before
    assert [p.name for p in (folder / "segments").iterdir()] == [
        open_store(folder).segments[0].path.name
    ]
    code(folder, documents(9), resume=True)
    assert len(event_ids(folder)) == 18


def test_an_unwritable_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot write"):
        create_store(tmp_path / "file" / "store", Header(2, "whowhom", ""))


def test_a_broken_note_about_a_run_does_no_harm(folder: Path) -> None:
    code(folder, documents(1))
    (folder / "runs" / "000002.json").write_text("{")
    (folder / "runs" / "note.json").write_text("{}")
    assert [number for number, _ in open_store(folder).runs()] == [1]


def test_a_store_without_segments_folder(folder: Path) -> None:
    create_store(folder, Header(2, "whowhom", "stub-None"))
    (folder / "segments").rmdir()
    assert open_store(folder).segments == ()
    assert code(folder, documents(1)).read == 1


def test_a_store_can_be_opened_after_a_killed_creation(folder: Path) -> None:
    (folder / "segments").mkdir(parents=True)
    (folder / ".tmp-7-whowhom.json").write_text("{")
    assert code(folder, documents(1)).read == 1


def test_store_is_a_public_name(folder: Path) -> None:
    import whowhom

    code(folder, documents(1))
    store = whowhom.open(folder)
    assert isinstance(store, Store)
