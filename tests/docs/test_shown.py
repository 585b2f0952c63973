"""Every command that a page shows can be given like that; what needs little is also run."""

from __future__ import annotations

import gzip
import itertools
import json
import re
import shutil
import tomllib
from pathlib import Path

import click
import pytest

from whowhom.cli import cli

from .shown import PAGES, ROOT, Shown, parsed, shown

COMMANDS = shown()
EXTRAS = set(
    tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
)
RUN = {"code", "merge", "export", "ledger", "compact", "compare", "cite", "completion", "formats"}
"""Commands that are run here, with the stand-in coder; the others are read only, as they need the
network, a terminal, a browser or the real model, and have tests of their own."""
ELSEWHERE = {
    "tutorial.md": "tests/test_tutorial.py",
    "evaluation.md": "tests/evaluate/test_pages.py",
    "gold.md": "tests/evaluate/test_pages.py",
}
"""Pages whose commands a test of their own runs, in the order of the page."""
NOT_HERE = re.compile(r"://|\.\./shared|--codebook|--actors|--adjudicator|\.\.\.|--engine ray")
"""What is not on every machine, or needs the real model."""


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_it_can_be_meant(command: Shown) -> None:
    assert parsed(command) is None, str(command)


@pytest.mark.parametrize("page", ELSEWHERE)
def test_a_page_is_run_elsewhere(page: str) -> None:
    assert page.removesuffix(".md") in (ROOT / ELSEWHERE[page]).read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_an_install_can_be_typed_today(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    # nothing is on PyPI yet: a clone is installed, and its extras are those of pyproject.toml
    assert not re.findall(r"pip install (?:-\S+ )*['\"]?whowhom\b", text)
    for names in re.findall(r"pip install (?:-e )?'\.\[(\w[^\]]*)\]'", text):
        assert set(names.split(",")) <= EXTRAS, f"{page.name}: no extra {names}"


def test_commands_are_found() -> None:
    assert len(COMMANDS) > 60
    assert {c.page.name for c in COMMANDS} >= {"README.md", "tutorial.md", "commands.md"}
    assert sum(c.block for c in COMMANDS) > 30


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("export crisis --formt csv", "No such option"),
        ("export crisis --format cvs", "cvs"),
        ("exprot crisis", "no command exprot"),
        ("ledger", "is missing"),
        ("codebook chek", "no command chek"),
        ("export crisis --format", "requires an argument"),
    ],
)
def test_slips_are_found(words: str, said: str) -> None:
    command = Shown(Path("x.md"), 1, words, tuple(words.split()), block=True)
    assert said in (parsed(command) or "")


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the names that the pages use: texts, and stores with incidents."""
    folder = tmp_path_factory.mktemp("shown")
    texts = ["Kenya shelled Somalia.", "Kenya met Sudan. Sudan sued Kenya.", "Nothing at all."]
    outlets = ["Atlantic Wire", "Arbat Courier", "A", "B"]
    lines = [
        {"id": f"{n}", "text": text, "outlet": outlet, "published": "1962-10-23"}
        for n, (text, outlet) in enumerate(itertools.product(texts, outlets))
    ]
    (folder / "ARTICLES.jsonl").write_text("\n".join(map(json.dumps, lines)))
    shutil.copy(folder / "ARTICLES.jsonl", folder / "articles.jsonl")
    (folder / "article.txt").write_text(texts[0])
    (folder / "pdfs").mkdir()
    (folder / "pdfs" / "one.txt").write_text(texts[1])
    (folder / "CC-NEWS-20151022.warc.gz").write_bytes(gzip.compress(archive(texts[0])))
    (folder / "articles").mkdir()
    for n, text in enumerate(texts):
        (folder / "articles" / f"{n}.txt").write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("WHOWHOM_CODER", "tests.engine.stub:StubCoder")
        call("code", "ARTICLES.jsonl", "--store", "crisis", "--keep-text", "--workers", "1")
    for name in ("STORE", "S", "news"):
        shutil.copytree(folder / "crisis", folder / name)
    return folder


def archive(text: str) -> bytes:
    """A web archive with one page."""
    page = f"<html><body><article><p>{text}</p></article></body></html>".encode()
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://paper.example/a\r\n"
        "WARC-Date: 2015-10-22T12:00:00Z\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
    )
    return head.encode() + answer + b"\r\n\r\n"


def call(*words: str) -> None:
    status = cli.main(list(words), prog_name="whowhom", standalone_mode=False)
    assert status in {0, None}, f"{words}: exit status {status}"


BY_PAGE = {
    name: [c for c in commands if c.block and c.words[0] in RUN and not NOT_HERE.search(c.text)]
    for name, commands in (
        (name, list(found))
        for name, found in itertools.groupby(COMMANDS, key=lambda c: c.page.name)
        if name not in ELSEWHERE
    )
}


@pytest.mark.parametrize("page", [page for page, commands in BY_PAGE.items() if commands])
def test_it_runs(
    page: str,
    ready: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "work"
    shutil.copytree(ready, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("WHOWHOM_CODER", "tests.engine.stub:StubCoder")
    for command in BY_PAGE[page]:
        words = list(command.words)
        if words[0] == "code" and "--workers" not in words:
            words += ["--workers", "1"]
        if words[0] == "code" and "--store" in words:
            words.append("--recode")
        try:
            call(*words)
        except (click.ClickException, Exception) as error:
            raise AssertionError(f"{command}: {error}") from error
        for name, after in itertools.pairwise([*words, ""]):
            if name in {"-o", "--output"}:
                assert (folder / after).stat().st_size > 0, str(command)
                (folder / after).unlink()  # a page may show one name twice
    capsys.readouterr()
