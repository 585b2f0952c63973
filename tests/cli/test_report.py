"""``whowhom report``: from a store to a file, and what it says when it cannot."""

# ruff: noqa: E402 - what an extra brings may be missing, and is asked for first

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

for needed in ("altair", "vl_convert", "jinja2", "networkx", "ruptures"):
    pytest.importorskip(needed)

from whowhom.cli.report import report
from whowhom.errors import UsageError

TEXTS = (
    "Kenya accused Somalia of an attack on Monday.",
    "Somalia rejected the accusation of Kenya on Tuesday.",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from whowhom.cli import cli

    folder = tmp_path_factory.mktemp("report")
    lines = [
        {"id": f"d{n}", "text": text, "published": "2015-10-20", "outlet": "Wire"}
        for n, text in enumerate(TEXTS)
    ]
    (folder / "in.jsonl").write_text("\n".join(map(json.dumps, lines)))
    arguments = ["code", str(folder / "in.jsonl"), "--store", str(folder / "store"), "-q"]
    done = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    return folder / "store"


def run(*arguments: object) -> str:
    done = CliRunner().invoke(report, [str(a) for a in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_html_is_whole_and_says_so(store: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    assert "Report written to" in run(store, "-o", target)
    text = target.read_text()
    assert text.rstrip().endswith("</html>")
    assert "Kenya and Somalia" in text
    assert "accused" in text


def test_markdown_by_ending_and_by_format(store: Path, tmp_path: Path) -> None:
    run(store, "-o", tmp_path / "report.md", "-q", "--title", "Two *neighbours*")
    assert (tmp_path / "report.md").read_text().startswith(r"# Two \*neighbours\*")
    assert "## In brief" in run(store, "-o", "-", "--format", "md")


def test_a_file_is_not_replaced_unasked(store: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.md"
    target.write_text("mine")
    with pytest.raises(UsageError, match="--force"):
        run(store, "-o", target)
    assert target.read_text() == "mine"
    run(store, "-o", target, "--force")
    assert "Kenya" in target.read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-o", "report.docx"], r"\.docx names no format"),
        (["-o", "-"], "which format"),
        (["-o", "r.md", "--type", "ACUSE"], "ACCUSE"),
        (["-o", "r.md", "--since", "yesterday"], "year-month-day"),
        (["-o", "r.md", "--status", "negatd"], "negated"),
    ],
)
def test_wrong_use_is_answered(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=said):
        run(store, *options)
    assert not list(tmp_path.iterdir())


def test_filters_reach_the_numbers(store: Path) -> None:
    text = run(store, "-o", "-", "--format", "md", "--type", "ACCUSE", "--party", "KEN")
    assert "type: ACCUSE" in text
    assert "rejected" not in text
