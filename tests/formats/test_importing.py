"""Files into a store: everything is accounted for, nothing twice, whatever happens on the way."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_commands import whowhom
from tests.formats.records import party, record
from whowhom.analyse import counts
from whowhom.engine.run import Interrupted
from whowhom.formats.importing import Imported, import_files
from whowhom.formats.opening import Utf8
from whowhom.formats.polecat import COLUMNS
from whowhom.formats.registry import get
from whowhom.merge import ensure
from whowhom.settings import IMPORT
from whowhom.store.folder import open_store


def line(key: str, **cells: str) -> str:
    known = {
        "Event ID": key, "Event Date": "2023-05-06", "Event Type": "ASSAULT",
        "Event Mode": "aerial", "Intensity": "-9.5", "Actor Name": "Kenya", "Actor Country": "KEN",
        "Recipient Name": "Somalia", "Recipient Country": "SOM", "Source": "Daily",
        **cells,
    }  # fmt: skip
    return "\t".join(known.get(column, "None") for column in COLUMNS) + "\n"


HEAD = "\t".join(COLUMNS) + "\n"
TEN = HEAD + "".join(line(f"P{n}") for n in range(10))


def take(path: Path, store: Path, form: str = "polecat", **options: Any) -> Imported:
    return import_files([path], lambda _: get(form), store, **options)


def ids(store: Path) -> list[str]:
    return [event["document"]["id"] for event in open_store(store).records("events")]


def states(store: Path) -> Counter[str]:
    return Counter(row["status"] for row in open_store(store).records("ledger"))


def segments(store: Path) -> list[str]:
    return sorted(path.name for path in (store / "segments").iterdir())


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "events.txt"
    path.write_text(TEN)
    return path


def test_bad_rows_are_named_and_kept(tmp_path: Path, store: Path) -> None:
    path = tmp_path / "mixed.txt"
    path.write_text(
        HEAD + line("P1") + "P2\tshort\n" + line("P3", **{"Event Date": "yesterday"})
        + line("P4", **{"Event Type": "DANCE"}) + line("P5", Latitude="91") + "\n" + line("P6")
    )  # fmt: skip
    done = whowhom("import", path, "--store", store, "--no-merge")
    assert done.returncode == 1
    assert "6 rows read" in done.stderr
    assert "4 of 6 rows could not be read" in done.stderr
    assert "line 3: bad_row: 2 cells, the header has 40: P2 short" in done.stderr
    assert "line 4: bad_value: date 'yesterday' is no day" in done.stderr
    rows = {
        row["locator"]: (row["status"], row["reason"])
        for row in open_store(store).records("ledger")
    }
    assert rows == {
        "line 2": ("coded", None), "line 3": ("skipped", "bad_row"),
        "line 4": ("skipped", "bad_value"), "line 5": ("skipped", "bad_value"),
        "line 6": ("skipped", "bad_value"), "line 8": ("coded", None),
    }  # fmt: skip
    before = segments(store)
    assert whowhom("import", path, "--store", store, "--no-merge").returncode == 1
    assert segments(store) == before


def test_again_changes_nothing(file: Path, store: Path, tmp_path: Path) -> None:
    first = take(file, store)
    assert (first.rows, first.added) == (10, 10)
    before, events = segments(store), list(open_store(store).records("events"))
    again = take(file, store)
    assert (again.rows, again.added, again.before) == (10, 0, 10)
    other = tmp_path / "copy.txt.gz"
    other.write_bytes(gzip.compress(file.read_bytes()))
    moved = take(other, store)
    assert (moved.added, moved.before) == (0, 10)
    assert segments(store) == before
    assert list(open_store(store).records("events")) == events


def test_twice_in_a_file_and_ids_that_clash(tmp_path: Path, store: Path) -> None:
    path = tmp_path / "twice.txt"
    path.write_text(HEAD + line("P1") + line("P1") + line("P1", **{"Event Mode": "drone"}))
    report = take(path, store)
    assert (report.added, report.duplicates, report.renamed) == (2, 1, 1)
    assert states(store) == {"coded": 2, "duplicate": 1}
    one, other = sorted(ids(store))
    assert (one, other[: len("polecat:P1~")]) == ("polecat:P1", "polecat:P1~")
    assert len({event["id"] for event in open_store(store).records("events")}) == 2
    before = segments(store)
    assert take(path, store).before == 2
    assert segments(store) == before
    # the next issue of the data set, under another name
    later = tmp_path / "later.txt"
    later.write_text(HEAD + line("P1", **{"Event Mode": "firearms"}))
    assert take(later, store).renamed == 1
    assert len(ids(store)) == 3
    assert take(later, store).before == 1


def test_a_corrected_file_replaces_its_rows(file: Path, store: Path, tmp_path: Path) -> None:
    take(file, store)
    file.write_text(TEN.replace("\tPLACE", "").replace("-9.5", "-9.0"))
    report = take(file, store)
    assert (report.replaced, report.added) == (10, 0)
    assert {e["score"] for e in open_store(store).records("events")} == {-9.0}
    other = tmp_path / "other.txt"
    other.write_text(TEN.replace("-9.5", "-8.5"))
    assert take(other, store, replace=True).replaced == 10
    assert {e["score"] for e in open_store(store).records("events")} == {-8.5}


def test_interrupted_and_resumed(file: Path, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whowhom.formats.importing.IMPORT", _Small())

    def stop(report: Imported) -> None:
        if report.rows == 7:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted):
        take(file, store, progress=stop)
    held = ids(store)
    assert 0 < len(held) <= 7
    report = take(file, store)
    assert (report.before, report.added) == (len(held), 10 - len(held))
    assert sorted(ids(store)) == [f"polecat:P{n}" for n in range(10)]
    assert states(store) == {"coded": 10}
    runs = [run["status"] for _, run in open_store(store).runs()]
    assert runs == ["interrupted", "done"]


class _Small:
    segment_rows, segment_seconds, listed_rows = 2, 1000.0, IMPORT.listed_rows


def test_a_killed_import_goes_on(file: Path, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill leaves what was committed; here the third commit never comes."""
    monkeypatch.setattr("whowhom.formats.importing.IMPORT", _Small())
    commits = 0

    def dies(report: Imported) -> None:
        nonlocal commits
        commits += 1
        if commits == 6:
            raise MemoryError

    with pytest.raises(MemoryError):
        take(file, store, progress=dies)
    held = len(ids(store))
    assert held == 4
    assert take(file, store).added == 10 - held
    assert len(set(ids(store))) == 10


def test_a_cut_file_says_so(file: Path, store: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    titles = [{"Actor Title": f"{n * 7919 % 10007}"} for n in range(600)]
    long = HEAD + "".join(line(f"P{n}", **title) for n, title in enumerate(titles))
    path.write_bytes(gzip.compress(long.encode())[:-1500])
    done = whowhom("import", path, "--store", store, "--no-merge")
    assert done.returncode == 1
    assert "1 file could not be read to the end" in done.stderr
    assert "cut: the packed file is cut off; the rest was not read" in done.stderr
    count = len(ids(store))
    assert 50 < count < 600
    path.write_bytes(gzip.compress(long.encode()))
    assert take(path, store).added == 600 - count


def test_archives_and_encodings(store: Path, tmp_path: Path) -> None:
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", (HEAD + line("P1", Source="Le Journal d'été")).encode("latin-1"))
        archive.writestr("b/b.txt", HEAD + line("P2", Source="Été"))
    done = whowhom("import", path, "--store", store, "--no-merge")
    assert done.returncode == 0, done.stderr
    assert "1 lines are no UTF-8 (the first is line 2) and were read as ISO-8859-1" in done.stderr
    outlets = {e["document"]["outlet"] for e in open_store(store).records("events")}
    assert outlets == {"Le Journal d'été", "Été"}
    locators = {row["locator"] for row in open_store(store).records("ledger")}
    assert locators == {"a.txt, line 2", "b/b.txt, line 2"}


def test_what_is_no_file_of_rows(store: Path, tmp_path: Path) -> None:
    for name, content, said in (
        ("empty", b"", "the file is empty"),
        ("words", b"It was a bright cold day.\n", "its first line is like no format"),
        ("half.zip", b"PK\x03\x04 and no more", "the archive cannot be read"),
        ("half.gz", b"\x1f\x8b\x08", "its first line is like no format"),
    ):
        (tmp_path / name).write_bytes(content)
        done = whowhom("import", tmp_path / name, "--store", store)
        assert done.returncode == 1, name
        assert said in done.stderr, name
    header = tmp_path / "header"
    header.write_text("Event ID\tEvent Dat\n1\t2\n")
    done = whowhom("import", header, "--store", store, "--format", "polecat")
    assert done.returncode == 1
    assert "no column 'Event Date'; did it mean 'Event Dat'?" in done.stderr
    assert whowhom("import", tmp_path / "none", "--store", store).returncode == 2
    assert whowhom("import", header, "--store", store, "--format", "edges").returncode == 2


def test_beside_coded_text(file: Path, tmp_path: Path) -> None:
    """A store that an import made takes text, and the commands work on both."""
    store, news = tmp_path / "both", tmp_path / "news.jsonl"
    assert whowhom("import", file, "--store", store).returncode == 0
    text = {"id": "d1", "date": "2023-05-06", "source": "Weekly", "text": "Kenya met Uganda."}
    news.write_text(json.dumps({**text, "text": text["text"] + " It was raining on that day."}))
    assert whowhom("code", news, "--store", store).returncode == 0
    assert whowhom("code", news, "--store", store, "--resume").returncode == 0
    opened = ensure(open_store(store))
    # ten rows of one day, type and pair stay ten: none is merged with another
    assert counts(opened, unit="incidents")["count"].to_pylist() == [10, 1]
    assert opened.sql("select count(*) from incidents").fetchone() == (11,)
    assert opened.sql("select count(*) from reports where confidence is null").fetchone() == (10,)
    assert whowhom("compact", store).returncode == 0
    assert take(file, store).before == 10
    done = whowhom("export", store, "--format", "csv", "--type", "ASSAULT", "--country", "KEN")
    assert len(done.stdout.splitlines()) == 11
    assert whowhom("forget", store, "--source", "Daily").returncode == 0
    report = take(file, store)
    assert (report.forgotten, report.added) == (10, 0)
    assert ids(store) == ["d1"]


def test_the_report_and_the_explorer_show_what_was_imported(file: Path, store: Path) -> None:
    client = pytest.importorskip("starlette.testclient")
    from whowhom.analyse import Filter
    from whowhom.show.report.evidence import NO_SENTENCE, sentences
    from whowhom.web.app import create_app

    take(file, store)
    opened = ensure(open_store(store))
    shown, more = sentences(opened, Filter())
    assert (len(shown), more) == (10, 0)  # ten events without a sentence are not one sentence
    assert {(one.text, one.confidence) for one in shown} == {(NO_SENTENCE, None)}
    event = next(opened.records("events"))
    base = "http://127.0.0.1:8150"
    browser = client.TestClient(create_app(opened), base_url=base)
    for path in ("/search", f"/incident/{event['incident']}"):
        page = browser.get(path)
        assert page.status_code == 200, path
        assert "imported" in page.text, path


def test_own_events_go_home(file: Path, store: Path, tmp_path: Path) -> None:
    """What was exported from a store adds nothing to it, and makes the same store elsewhere."""
    take(file, store)
    out, other = tmp_path / "out.jsonl", tmp_path / "other"
    assert whowhom("export", store, "-o", out).returncode == 0
    assert take(out, store, "jsonl").added == 0
    assert take(out, other, "jsonl").added == 10
    assert list(open_store(other).records("events")) == list(open_store(store).records("events"))
    table = tmp_path / "out.parquet"
    assert whowhom("export", other, "-o", table).returncode == 0
    assert take(table, other, "parquet").before == 10


def test_standard_input(tmp_path: Path) -> None:
    done = whowhom("import", "-", "--store", tmp_path / "s", "--no-merge", stdin=TEN)
    assert done.returncode == 0, done.stderr
    assert len(ids(tmp_path / "s")) == 10


def test_export_by_incident_and_filter(tmp_path: Path, store: Path) -> None:
    path = tmp_path / "events.jsonl"
    made = [
        record("ASSAULT", key="1", recipients=[party("x", "UGA")]),
        record("CONSULT", "visit", key="2", date="2021-01-01"),
    ]
    for one in made:
        one["coder"]["version"] = "0.0-test"
    path.write_text("".join(json.dumps(one) + "\n" for one in made))
    assert whowhom("import", path, "--store", store).returncode == 0, path.read_text()

    def dates(*options: str) -> list[str]:
        done = whowhom("export", store, "--format", "jsonl", *options)
        assert done.returncode == 0, done.stderr
        return [json.loads(row)["date"] for row in done.stdout.splitlines()]

    assert dates() == ["2020-03-05", "2021-01-01"]
    assert dates("--since", "2021-01-01") == ["2021-01-01"]
    assert dates("--until", "2020-12-31", "--type", "CONSULT") == []
    assert dates("--country", "UGA") == ["2020-03-05"]
    assert dates("--incidents") == ["2020-03-05", "2021-01-01"]
    losses = tmp_path / "losses.json"
    done = whowhom(
        "export", store, "--format", "acled", "-o", tmp_path / "a.csv", "--loss-report", losses
    )
    assert done.returncode == 0
    account = json.loads(losses.read_text())
    assert (account["events"], account["written"]) == (2, 1)
    assert account["left_out"] == {"CONSULT visit has no ACLED type": 1}
    assert "evidence sentence" not in account["lost"]


def test_export_knows_what_it_is_asked_for(tmp_path: Path, store: Path) -> None:
    path = tmp_path / "events.jsonl"
    own = {**record("COERCE"), "event_type": "FISHROW"}
    path.write_text(json.dumps(own) + "\n")
    take(path, store, "jsonl")

    def export(*options: str) -> tuple[int, int, str]:
        done = whowhom("export", store, "--format", "polecat", *options)
        return done.returncode, max(0, len(done.stdout.splitlines()) - 1), done.stderr

    assert export("--type", "fishrow", "-q") == (0, 1, "")
    assert export("--country", "ken *", "-q") == (0, 1, "")
    assert "FISHROW is a type of your codebook" in export()[2]
    for options, said in (
        (("--type", "FISHRW"), 'Did you mean "FISHROW"?'),
        (("--country", "XX"), "is no code of a country"),
        (("--country", "Kenya"), "Write KEN."),
    ):
        status, rows, error = export(*options)
        assert (status, rows) == (2, 0)
        assert said in error


def test_types_of_the_stores_codebook_are_read_back(tmp_path: Path, store: Path) -> None:
    path, table = tmp_path / "events.jsonl", tmp_path / "events.txt"
    own = {**record("COERCE"), "event_type": "FISHROW"}
    path.write_text(json.dumps(own) + "\n")
    take(path, store, "jsonl")
    assert whowhom("export", store, "--format", "polecat", "-o", table).returncode == 0
    assert take(table, tmp_path / "other").bad == 1
    done = take(table, store)
    assert (done.added, done.bad, done.changed) == (1, 0, 1)
    back = [event["event_type"] for event in open_store(store).records("events")]
    assert back == ["FISHROW", "FISHROW"]


def test_the_network_is_the_same_from_every_exit(tmp_path: Path, store: Path) -> None:
    pytest.importorskip("networkx")
    path = tmp_path / "events.jsonl"
    talks = [party("a", "KEN"), party("b", "UGA", "MIL")]
    made = [
        record("ASSAULT", key="1"),
        record("ASSAULT", key="2"),
        record("CONSULT", key="3", actors=talks, recipients=[]),
        record("COERCE", "arrest", key="4", recipients=[party("judges", "KEN", "JUD")]),
        record("AID", key="5", recipients=[party("her")]),
    ]
    path.write_text("".join(json.dumps(one) + "\n" for one in made))
    assert whowhom("import", path, "--store", store).returncode == 0
    done = whowhom("export", store, "--format", "edges", "-q")
    listed = {
        (row["source"], row["target"]): (int(row["weight"]), int(row["mutual"]))
        for row in csv.DictReader(io.StringIO(done.stdout))
    }
    graph = open_store(store).to_networkx(directed=True, unit="reports")
    assert listed == {(a, b): (d["weight"], d["mutual"]) for a, b, d in graph.edges(data=True)}
    assert listed == {("KEN", "SOM REB"): (2, 0), ("KEN", "UGA"): (1, 1), ("UGA", "KEN"): (1, 1)}


def test_no_store_is_made_of_nothing(tmp_path: Path, file: Path) -> None:
    odd, store, there = tmp_path / "odd.txt", tmp_path / "new", tmp_path / "there"
    odd.write_text("hello\n")
    there.mkdir()
    for folder in (store, there):
        done = whowhom("import", odd, "--store", folder)
        assert done.returncode == 1
        assert "no store was made" in done.stderr
    assert not store.exists()
    assert list(there.iterdir()) == []
    take(file, store)
    before = ids(store)
    assert whowhom("import", odd, "--store", store).returncode == 1
    assert ids(store) == before


def test_lines_in_any_encoding() -> None:
    stream = io.BufferedReader(io.BytesIO("é\n".encode() + b"\xe9\n" + b"plain\n"))  # type: ignore[arg-type]
    utf8 = Utf8(stream)
    assert io.BufferedReader(utf8).read().decode() == "é\né\nplain\n"
    assert (utf8.latin, utf8.first_latin) == (1, 2)
