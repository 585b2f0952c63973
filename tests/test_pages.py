"""What docs/python.md and docs/r.md show is run: the Python as it is, the SQL of the R lines."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

import whowhom
from tests.assistant.conftest import folder as made_store
from whowhom.cli import main

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
    names["store"].close()  # type: ignore[attr-defined]


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
