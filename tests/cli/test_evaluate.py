"""``evaluate``, ``agree``, ``gold`` and ``compare`` of two stores: from files to tables."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.engine.stub import StubCoder
from tests.evaluate.examples import ANNA, BEN
from tests.evaluate.test_stores import Verbs, build, reports
from whowhom.cli.app import cli
from whowhom.errors import InputError, UsageError


def run(*arguments: object, catch: bool = False) -> Result:
    return CliRunner().invoke(
        cli, list(map(str, arguments)), catch_exceptions=catch, standalone_mode=False
    )


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


TEXT = "Kenya shelled Uganda. Mali met Togo. Chad sued Niger."


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    """Six documents; the stub finds three events in each, of which gold has two, and one more."""
    lines = []
    for n in range(6):
        events: list[dict[str, Any]] = [
            {"event_type": t, "trigger": {"text": w, "start": TEXT.index(w),
                                          "end": TEXT.index(w) + len(w)}, "status": "actual"}
            for t, w in (("ASSAULT", "shelled"), ("CONSULT", "met"), ("REJECT", "sued"),
                         ("AID", "Togo"))
        ]  # fmt: skip
        lines.append(json.dumps({"id": f"d{n}", "text": TEXT, "events": events}))
    file = tmp_path / "gold.jsonl"
    file.write_text("\n".join(lines))
    return file


@pytest.fixture(autouse=True)
def stub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHOWHOM_CODER", "tests.engine.stub:StubCoder")


def test_evaluate_codes_the_texts(gold: Path, tmp_path: Path) -> None:
    out = {name: tmp_path / f"{name}" for name in ("all.json", "misses.csv", "confusion.csv")}
    done = run("evaluate", gold, "--json", out["all.json"], "--misses", out["misses.csv"],
               "--confusion", out["confusion.csv"], "--resamples", "50")  # fmt: skip
    assert done.return_value == 0
    assert "6 documents, 24 gold events (24 core), 18 found" in done.stdout
    assert "95% intervals, 50 draws of documents, seed 1" in done.stdout
    data = json.loads(out["all.json"].read_text())
    assert data["events"]["precision"]["value"] == pytest.approx(2 / 3, abs=1e-6)
    assert data["events"]["recall"]["value"] == 0.5
    assert data["fields"]["status"]["right"]["value"] == 1
    missed = rows(out["misses.csv"])
    assert {(m["kind"], m["gold_type"], m["found_type"]) for m in missed} == {
        ("other type", "REJECT", "ACCUSE"), ("missed", "AID", "")
    }  # fmt: skip
    assert missed[0]["sentence"] == "Mali met Togo."
    assert missed[1]["found_trigger"] == "sued"
    confusion = {row["gold"]: row for row in rows(out["confusion.csv"])}
    assert confusion["REJECT"]["ACCUSE"] == "6"
    assert confusion["AID"]["(none)"] == "6"
    with pytest.raises(UsageError, match="--force"):
        run("evaluate", gold, "--json", out["all.json"])


def test_only_some_events_count(gold: Path, tmp_path: Path) -> None:
    text = gold.read_text().replace('"actual"', '"future"', 6)  # those of the first document, ...
    gold.write_text(text)
    file = tmp_path / "all.json"
    run("evaluate", gold, "--status", "actual", "--resamples", "0", "--json", file)
    data = json.loads(file.read_text())
    assert (data["gold_events"], data["found_events"]) == (18, 18)  # ... and two of the second
    assert data["statuses"] == ["actual"]
    run("evaluate", gold, "--min-confidence", "0.95", "--json", file, "--force")
    assert json.loads(file.read_text())["found_events"] == 0


def test_evaluate_tells_what_could_not_be_coded(tmp_path: Path) -> None:
    file = tmp_path / "gold.jsonl"
    file.write_text(json.dumps({"id": "a", "text": "__refuse__", "events": []}))
    done = run("evaluate", file)
    assert done.return_value == 1
    assert "a: not coded, counts as found empty" in done.stderr


def test_evaluate_given_predictions(tmp_path: Path) -> None:
    assert "1.000" in run("evaluate", ANNA, "--predictions", ANNA).stdout
    found = reports()
    build(tmp_path / "store", found, StubCoder()).close()
    tasks = tmp_path / "tasks.jsonl"
    assert run("gold", "from", tmp_path / "store", "-o", tasks).return_value == 0
    done = run("evaluate", tasks, "--predictions", tmp_path / "store")
    assert "all events               1.000 [1.00 1.00]" in done.stdout
    # the same documents under other texts: the words do not stand where they should
    moved = tmp_path / "moved.jsonl"
    empty = [json.loads(line) | {"events": []} for line in tasks.read_text().splitlines()]
    moved.write_text("\n".join(json.dumps(d | {"text": f"  {d['text']}"}) for d in empty))
    told = run("evaluate", moved, "--predictions", tmp_path / "store").stderr
    assert "do not stand at their offsets" in told
    moved.write_text("{}")
    with pytest.raises(InputError, match="line 1"):
        run("evaluate", moved)


def test_predictions_of_other_documents_are_an_error(tmp_path: Path) -> None:
    build(tmp_path / "store", reports(), StubCoder()).close()
    for path in (tmp_path / "store", tmp_path / "events.jsonl", tmp_path / "events.parquet"):
        if path.suffix:
            run("export", tmp_path / "store", "-o", path)
        with pytest.raises(InputError) as caught:
            run("evaluate", ANNA, "--predictions", path)
        assert "it has no document of" in str(caught.value)
        assert "'coast-1'" in str(caught.value)
        assert "ids there: '" in str(caught.value)
    # a run that found nothing at all has no events, and that can be measured
    (tmp_path / "none.jsonl").write_text("")
    with pytest.raises(InputError, match="no document"):
        run("evaluate", ANNA, "--predictions", tmp_path / "none.jsonl")


def test_events_in_parquet_are_measured(tmp_path: Path) -> None:
    build(tmp_path / "store", reports(), StubCoder()).close()
    run("gold", "from", tmp_path / "store", "-o", tmp_path / "gold.jsonl")
    run("export", tmp_path / "store", "-o", tmp_path / "events.parquet")
    one, two = (
        run("evaluate", tmp_path / "gold.jsonl", "--predictions", tmp_path / name).stdout
        for name in ("store", "events.parquet")
    )
    assert one == two
    assert "all events               1.000 [1.00 1.00]" in two
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    with pytest.raises(InputError, match="does not hold event records"):
        run("evaluate", tmp_path / "gold.jsonl", "--predictions", tmp_path / "other.parquet")
    with pytest.raises(InputError, match="it is a Parquet file, and gold is JSON Lines"):
        run("evaluate", tmp_path / "events.parquet")


def test_gold_with_types_of_ones_own_names_the_option(tmp_path: Path) -> None:
    file = tmp_path / "gold.jsonl"
    event = {"event_type": "FISHROW", "trigger": {"text": "met", "start": 5, "end": 8}}
    file.write_text(json.dumps({"id": "a", "text": "Mali met Togo.", "events": [event]}))
    for command in (("evaluate", file), ("gold", "check", file)):
        done = run(*command, catch=True)
        told = done.stdout + str(done.exception)
        assert "'FISHROW' is no type here" in " ".join(told.split())
        assert "--codebook FOLDER" in " ".join(told.split())


def test_what_a_dash_means_and_what_gold_allows(tmp_path: Path) -> None:
    gold, found = tmp_path / "gold.jsonl", tmp_path / "found.jsonl"
    for file, kind in ((gold, "AGREE"), (found, "COOPERATE")):
        event = {"event_type": kind, "trigger": {"text": "met", "start": 5, "end": 8}}
        more = {"also_ok": ["COOPERATE"]} if file is gold else {}
        line = {"id": "a", "text": "Mali met Togo.", "events": [event | more]}
        file.write_text(json.dumps(line))
    shown = " ".join(run("evaluate", gold, "--predictions", found).stdout.split())
    assert "AGREE 1 1 1.000 1.000 1.000" in shown
    assert "AGREE found as COOPERATE 1" in shown
    assert "Types taken for others" not in shown
    assert '"type, both countries" is not measured: nothing is said of actors' in shown


def test_agree(tmp_path: Path) -> None:
    file = tmp_path / "agree.json"
    done = run("agree", ANNA, BEN, "--json", file)
    assert done.return_value == 0
    assert "6 documents, coders: anna.jsonl, ben.jsonl." in done.stdout
    assert "type, or no event" in done.stdout
    data = json.loads(file.read_text())
    assert data["events"][0]["both"] == 13
    assert {f["name"] for f in data["fields"]} >= {"type", "type in sentence", "status"}
    three = run("agree", ANNA, BEN, ANNA, "--resamples", "0").stdout
    assert "Each pair" in three
    assert "anna.jsonl (1), ben.jsonl" in three
    labels = tmp_path / "a.csv"
    labels.write_text("id,label\n1,y\n2,n\n")
    assert "label      2       2  1.000  1.000  1.000" in run("agree", labels, labels).stdout
    with pytest.raises(UsageError, match="two codings"):
        run("agree", ANNA)
    with pytest.raises(UsageError, match="cannot be compared"):
        run("agree", ANNA, labels)


def test_gold_there_and_back(tmp_path: Path) -> None:
    tasks, back = tmp_path / "tasks.json", tmp_path / "back.jsonl"
    assert run("gold", "convert", ANNA, "--to", "label-studio", "-o", tasks).return_value == 0
    done = run("gold", "convert", tasks, "--to", "whowhom", "-o", back)
    assert done.stderr == f"6 documents with 16 events in {back}.\n"
    assert [json.loads(x) for x in back.read_text().splitlines()] == [
        json.loads(x) for x in ANNA.read_text().splitlines()
    ]
    checked = run("gold", "check", back)
    assert checked.return_value == 0
    assert "6 documents right, 16 events, 0 problems." in checked.stdout
    back.write_text(back.read_text().replace('"AGREE"', '"AGREES"', 1))
    checked = run("gold", "check", back)
    assert checked.return_value == 1
    assert "line 3: events[0].event_type: 'AGREES' is not known" in checked.stdout


def test_a_zip_of_inception_needs_no_ending(tmp_path: Path) -> None:
    file, back = tmp_path / "tasks.inception", tmp_path / "back.jsonl"
    run("gold", "convert", ANNA, "--to", "inception", "-o", file)
    assert run("gold", "convert", file, "--to", "whowhom", "-o", back).return_value == 0
    assert len(back.read_text(encoding="utf-8").splitlines()) == 6


def test_gold_from_a_store_and_the_tools(tmp_path: Path) -> None:
    build(tmp_path / "store", reports(), StubCoder()).close()
    done = run("gold", "from", tmp_path / "store", "--sample", "3", "--to", "doccano")
    assert len(done.stdout.splitlines()) == 3
    assert "shelled" in done.stdout
    for tool, words in (("label-studio", "<View>"), ("doccano", "span_labels"),
                        ("inception", "typeSystemDescription")):  # fmt: skip
        assert words in run("gold", "setup", tool).stdout
    tasks = tmp_path / "tasks.json"
    run("gold", "convert", ANNA, "--to", "label-studio", "-o", tasks)
    tasks.write_text(tasks.read_text().replace('"GHA"', '"Ghana"'))
    done = run("gold", "convert", tasks, "--to", "whowhom", "-o", tmp_path / "back.jsonl")
    assert done.return_value == 1
    assert "could not be kept" in done.stderr
    assert "'Ghana' is no code" in done.stderr


def test_compare_two_stores(tmp_path: Path) -> None:
    build(tmp_path / "a", reports(), StubCoder()).close()
    build(tmp_path / "b", reports(), Verbs({"sued": {"event_type": "REJECT"}})).close()
    file, data = tmp_path / "events.csv", tmp_path / "all.json"
    done = run("compare", tmp_path / "a", tmp_path / "b", "-o", file, "--json", data)
    assert done.return_value == 0
    assert "28 documents in both, of 28 and 28" in done.stdout
    assert "For example, other type" in done.stdout
    assert "Chad sued Niger." in done.stdout
    written = rows(file)
    assert len(written) == 80
    assert {(r["type_a"], r["type_b"]) for r in written if r["kind"] == "other type"} == {
        ("ACCUSE", "REJECT")
    }
    assert written[0]["text_a"] == "Kenya shelled Uganda."
    assert json.loads(data.read_text())["types"]["ASSAULT"]["both"] == 70
    by_day = run("compare", tmp_path / "a", tmp_path / "b", "--by", "day", "--type", "ASSAULT")
    assert "at most 1 day apart" in by_day.stdout
    assert "KEN – UGA" in by_day.stdout
    assert "ACCUSE" not in by_day.stdout
    empty = run("compare", tmp_path / "a", tmp_path / "b", "--since", "2020-01-01")
    assert "0 in both." in empty.stdout
    for wrong in (("a",), ("a", "b", "--outlets", "x", "y"), ()):
        paths = [tmp_path / w if w in "ab" else w for w in wrong]
        with pytest.raises(UsageError, match="one store and two outlets"):
            run("compare", *paths)
