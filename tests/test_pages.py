"""What docs/python.md and docs/r.md show is run: the Python as it is, the SQL of the R lines."""

from __future__ import annotations

import datetime as dt
import importlib.util
import io
import re
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

import whowhom
from tests.assistant.conftest import folder as made_store
from whowhom.api import default_coder
from whowhom.cli import main
from whowhom.read import documents_from, read_text
from whowhom.show.explain import draw

DOCS = Path(__file__).resolve().parents[1] / "docs"


@pytest.fixture(scope="module")
def crisis(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of that name, which a stub has coded."""
    made: Path = made_store.__wrapped__(tmp_path_factory)
    made.rename(made.parent / "crisis")
    return made.parent


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (DOCS / page).read_text(), re.M | re.S)


def test_the_python_page(crisis: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(crisis)
    shown = blocks("python.md", "python")
    assert len(shown) >= 7
    names: dict[str, object] = {}
    for number, block in enumerate(shown, 1):
        exec(compile(block, f"python.md, block {number}", "exec"), names)  # noqa: S102
    assert [e.event_type for e in names["events"]] == ["ACCUSE", "ASSAULT"]  # type: ignore[attr-defined]
    assert names["table"].shape[0] == names["nested"].height == 2  # type: ignore[attr-defined]
    assert names["graph"].number_of_edges() > 0  # type: ignore[attr-defined]
    assert names["picture"][1:4] == b"PNG"  # type: ignore[index]
    assert [e.event_type for e in names["doc"]._.whowhom_events] == ["COERCE"]  # type: ignore[attr-defined]
    found = [(place.text, place.country) for place in names["places"]]  # type: ignore[attr-defined]
    assert found == [("Garissa", "KEN"), ("Paris", "USA"), ("Texas", "USA")]
    names["store"].close()  # type: ignore[attr-defined]


def test_the_readme_shows_what_explain_prints() -> None:
    shown = re.search(r'whowhom explain "(.+?)" --date (\S+)\n((?:    .*\n|\n)+?)\n    whowhom ',
                      (DOCS.parent / "README.md").read_text())  # fmt: skip
    assert shown
    out = io.StringIO()
    document = read_text(shown[1], published=dt.date.fromisoformat(shown[2]))
    coded = default_coder().code(document)
    draw(coded, Console(file=out, width=100, markup=False, emoji=False, highlight=False))
    printed = [line.rstrip() for line in out.getvalue().strip("\n").split("\n")]
    assert [line.removeprefix("    ") for line in shown[3].rstrip("\n").split("\n")] == printed


def test_the_why_page(crisis: Path, tmp_path: Path) -> None:
    page = (DOCS / "why.md").read_text()
    queries = re.findall(r'`store\.sql\("(.+?)"\)`', page)
    assert len(queries) == 2
    with whowhom.open(crisis / "crisis") as store:
        for query in queries:
            assert store.sql(query).fetchall(), query
    # an article as Event Registry's API gives it
    named = re.search(r"Event Registry .*? read as they are \((.+?)\)", page)
    assert named
    assert re.findall(r"`(\w+)`", named[1]) == ["title", "body", "date", "url", "source"]
    article = {
        "uri": "7001", "lang": "eng", "isDuplicate": False, "date": "2015-10-23",
        "time": "08:00:00", "url": "https://paper.example/1", "title": "Kenya accuses Somalia",
        "body": "Kenya accused Somalia of shelling a post.", "sentiment": -0.2,
        "source": {"uri": "paper.example", "title": "The Paper"},
    }  # fmt: skip
    (document,) = documents_from([article])
    assert isinstance(document, whowhom.Document)
    assert (document.text, document.title) == (article["body"], article["title"])
    assert (document.outlet, document.url) == ("The Paper", article["url"])
    assert document.published == dt.date(2015, 10, 23)
    # own lines for training: read beside the project's, other types refused
    spec = importlib.util.spec_from_file_location("marked", DOCS.parent / "training" / "build.py")
    assert spec
    assert spec.loader
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    lines = tmp_path / "sentences"
    lines.mkdir()
    (lines / "mine.txt").write_text(
        "ASSAULT actual | [A] *hit* {B}.\nFISHROW actual | [A] *hit* {C}."
    )
    fine, refused = (made for _, made in build.read(tmp_path))
    assert fine["events"][0]["type"] == "ASSAULT"
    assert refused == "no type FISHROW"


def test_the_sql_of_the_r_page(crisis: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(crisis)
    page = (DOCS / "r.md").read_text()
    exports = re.findall(r"^    whowhom (export .+)$", page, re.M)
    assert len(exports) == 3
    for command in exports:
        with pytest.raises(SystemExit) as ended:
            main([*command.split(), "--quiet"])
        assert ended.value.code == 0
    found = {}
    for block in blocks("r.md", "r"):
        for name, query in re.findall(r'(\w+) <- dbGetQuery\(con, r"\((.*?)\)"\)', block, re.S):
            found[name] = duckdb.sql(query)
    assert set(found) == {"events", "panel", "claims", "told", "years"}
    with whowhom.open("crisis") as store:
        assert len(found["events"]) == store.to_arrow("events").num_rows == 9
        assert len(found["told"]) == store.to_arrow("incidents").num_rows
    kinds = dict(zip(found["events"].columns, found["events"].types, strict=True))
    assert str(kinds["date"]) == str(kinds["published"]) == "DATE"
    assert str(kinds["score"]) == "DOUBLE"
    assert ("TOG", "BEN") in {(row[1], row[2]) for row in found["panel"].fetchall()}
    assert {row[0] for row in found["claims"].fetchall()} <= {"TOG", "KEN", "GAB", "IGN", "BEN"}
    assert found["years"].fetchall() == [(1999, "actual", 9)]
    duckdb.default_connection().close()
