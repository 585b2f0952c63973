"""What ``whowhom cite`` says is what the store and the package say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.test_commands import line, whowhom
from whowhom.cite import gather, write
from whowhom.cite.facts import shipped
from whowhom.formats.registry import every
from whowhom.store import Header, create_store, open_store
from whowhom.store.schema import SCHEMA_VERSION

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cite")
    news = folder / "n.jsonl"
    lines = [line(n, source="Outlet A" if n else "R&D_50% {Times}") for n in range(4)]
    lines.append(line(5, text="Nothing of note.", date="1990-02-03"))
    lines.append('{"id": "torn", ')
    news.write_text("".join(lines) + "\n")
    done = whowhom("code", news, "--store", folder / "the_store", "--workers", 1,
                   "--min-confidence", 0.5)  # fmt: skip
    assert done.returncode == 1, done.stderr
    return folder / "the_store"


def test_the_paragraph_says_what_the_store_holds(store: Path) -> None:
    done = whowhom("cite", store)
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "We read 6 documents." in said
    assert (
        "with events 4, without events 1, skipped 1. Reasons for leaving out: bad_json 1." in said
    )
    assert "between 1 January 1990 and 3 February 1990" in said
    assert "3 outlets: Outlet A (3), R&D_50% {Times} (1) and The Daily Example (1)." in said
    assert "whowhom 0.0-stub, the codebook stub 1, without a learned model" in said
    assert "settings: min_confidence = 0.5" in said
    assert "8 events in the types ASSAULT (4) and CONSULT (4)" in said
    assert re.search(r"Merging joined the 8 reports into \d+ incidents", said)
    assert "No sample of these events has been audited." in said
    assert "those figures do not speak for it" in said
    assert "Open Event Data Alliance" in said


def test_an_audit_is_cited_with_its_interval(store: Path) -> None:
    assert whowhom("audit", store, "--size", 8, stdin="r\nr\nr\nw\n").returncode == 0
    said = " ".join(whowhom("cite", store).stdout.split())
    found = json.loads(whowhom("audit", store, "--json").stdout)["right"]
    interval = f"{found['share']:.2f} ({found['low']:.2f} to {found['high']:.2f})"
    assert f"4 were judged by 1 person: {interval} of all are right as a whole" in said


@pytest.mark.parametrize("form", ["text", "md", "bibtex", "cff", "apa"])
def test_every_format_names_software_data_and_ontology(store: Path, form: str) -> None:
    said = whowhom("cite", store, "--format", form).stdout
    assert said.endswith("\n")
    flat = " ".join(said.replace("\\", "").split())
    for words in ("0.0-stub", "stub 1", "the_store", "PLOVER", gather(open_store(store)).content):
        assert words in flat, (form, words)


def test_cff_is_yaml_of_the_right_shape(store: Path) -> None:
    yaml = pytest.importorskip("yaml")
    data = yaml.safe_load(write(gather(open_store(store)), "cff"))
    assert data["cff-version"] == "1.2.0"
    assert data["type"] == "dataset"
    assert "R&D_50% {Times} (1)" in data["abstract"]
    assert [r["type"] for r in data["references"]] == ["software", "manual", "database"]
    assert str(data["references"][0]["version"]) == "0.0-stub"


def test_signs_of_tex_and_markdown_stay_signs(store: Path) -> None:
    facts = gather(open_store(store))
    assert r"the\_store" in write(facts, "bibtex")
    assert r"the\_store" in write(facts, "md")
    assert write(facts, "bibtex").count("{") == write(facts, "bibtex").count("}")


def test_imported_events_are_not_said_to_be_coded_here(store: Path, tmp_path: Path) -> None:
    file = tmp_path / "events.txt"
    assert whowhom("export", store, "--format", "polecat", "-o", file).returncode == 0
    done = whowhom("import", file, "--format", "polecat", "--store", tmp_path / "s")
    assert done.returncode in (0, 1), done.stderr
    said = " ".join(whowhom("cite", tmp_path / "s").stdout.split())
    assert "They were not coded here, but imported by whowhom" in said
    assert "from files in the format polecat (cite POLECAT, below)" in said
    assert "imported from polecat) [Data set]" in said
    assert "codebook imported from" not in said
    assert "Halterman, A., Bagozzi, B. E." in said
    assert "ICEWS Coded" not in said  # only what was imported is cited
    facts = gather(open_store(tmp_path / "s"))
    assert "@misc{polecat,\n  author = {Halterman, Andrew and " in write(facts, "bibtex")
    assert '      - family-names: "Halterman"\n        given-names: "Andrew"' in write(facts, "cff")
    assert "The package states" not in said
    assert "offline" not in said
    shown = whowhom("audit", tmp_path / "s", "--size", 3, stdin="r\n").stdout
    assert "The store has no sentence of it. Its source:" in shown
    assert "(not known)" in shown


def test_every_foreign_format_that_is_read_has_a_source() -> None:
    cited = {name for row in shipped()["source"] for name in row["formats"]}
    # PLOVER's JSON is nobody's data set
    assert cited == {f.name for f in every() if f.reader is not None and not f.own} - {"plover"}


def test_an_empty_store_can_be_cited(tmp_path: Path) -> None:
    empty = create_store(tmp_path / "s", Header(SCHEMA_VERSION, "test", "f"))
    said = write(gather(empty))
    assert "We read 0 documents." in said
    assert "Nothing has been coded yet." in said


def test_the_figures_are_those_of_the_docs() -> None:
    """Each figure stands in docs/accuracy.md; one that changes there must change here."""
    page = (ROOT / "docs" / "accuracy.md").read_text()
    known = shipped()["accuracy"]
    assert known["where"] == "docs/accuracy.md"
    opened, further, unread = known["set"]
    rows = {row.split("|")[1].strip(" *"): row.split("|")[2:4] for row in page.splitlines()
            if row.startswith("| ")}  # fmt: skip
    cells = [cell.strip(" *") for cell in rows["precision / recall of core events"]]
    assert cells == [f"{s['precision']} / {s['recall']}" for s in (opened, further)]
    assert [c.strip(" *") for c in rows["F1"]] == [opened["f1"], further["f1"]]
    assert f"F1 **{unread['f1']}**" in page
    parts = {row["name"]: row["value"] for row in known["part"]}
    actor, recipient = rows["actor / recipient country"][1].split("/")
    day, place = rows["day / place country"][1].split("/")
    status = rows["status / status where it is not `actual`"][1].split("/")[0]
    assert {k: v.strip(" *") for k, v in (
        ("country of the actor", actor), ("country of the recipient", recipient), ("day", day),
        ("country of the place", place), ("status", status),
    )} == parts  # fmt: skip


def test_software_and_ontology_are_those_of_citation_cff() -> None:
    text = (ROOT / "CITATION.cff").read_text()
    for part in ("software", "plover"):
        data = shipped()[part]
        assert f'title: "{data["title"]}"' in text
        assert all(f'name: "{a}"' in text for a in data["authors"])
    assert f"license: {shipped()['software']['license']}" in text
