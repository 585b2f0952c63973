"""The documentation site is built without a warning, and loads nothing from other hosts."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def make() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_make", ROOT / "docs" / "make.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built")
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "make.py"), "--out", str(out)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return out / "site"


def test_the_site_is_whole(site: Path, make: ModuleType) -> None:
    # make.py has followed every link; here: that it had something to follow
    assert make.check(site) > 500
    for page in (ROOT / "docs").glob("*.md"):
        assert (site / f"{page.stem}.html").stat().st_size > 5_000, page


def test_every_command_has_its_help(site: Path) -> None:
    from whowhom.cli.app import COMMANDS

    text = (site / "commands-help.html").read_text()
    for name in COMMANDS:
        assert f"Usage: whowhom {name}" in text


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ('<a href="nowhere.html">x</a>', "is not there"),
        ('<a href="index.html#no-such-heading">x</a>', "no such heading"),
        ('<script src="https://cdn.example/x.js"></script>', "another host"),
        ('<link rel="stylesheet" href="//fonts.example/x.css">', "another host"),
    ],
)
def test_harm_is_found(harm: str, said: str, site: Path, make: ModuleType, tmp_path: Path) -> None:
    broken = tmp_path / "site"
    shutil.copytree(site, broken)
    page = broken / "record.html"
    page.write_text(page.read_text().replace("</article>", f"{harm}</article>"))
    with pytest.raises(make.BrokenError, match=said):
        make.check(broken)


def test_links_out_of_the_docs_become_words(make: ModuleType) -> None:
    names = {"docs/a.md": "a.md", "training/MODEL_CARD.md": "model-card.md"}
    for text, expected in [
        ("[card](../training/MODEL_CARD.md#x)", "[card](model-card.md#x)"),
        ("[`settings.py`](../src/whowhom/settings.py)", "`src/whowhom/settings.py`"),
        ("[limits](../src/whowhom/settings.py)", "limits (`src/whowhom/settings.py`)"),
        ("[web](https://x.example/y) [here](#z)", "[web](https://x.example/y) [here](#z)"),
        ("[the\ncard](../training/MODEL_CARD.md)\n\nx", "[the\ncard](model-card.md)\n\nx"),
        ("    [code](nowhere)", "    [code](nowhere)"),
    ]:
        assert make.relink(text, "docs/a.md", names) == expected
    with pytest.raises(make.BrokenError, match="leads nowhere"):
        make.relink("[x](no-such-page.md)", "docs/a.md", names)


def test_lists_and_tables_get_their_blank_line(make: ModuleType) -> None:
    assert make.tidy("words:\n- one\n  more\n- two") == "words:\n\n- one\n    more\n- two"
    assert make.tidy("words\n| a |\n|---|\n| b |") == "words\n\n| a |\n|---|\n| b |"
    assert make.tidy("```\nx\n- y\n```") == "```\nx\n- y\n```"
    assert make.tidy("1. one\n\n       code\n2. two") == "1. one\n\n        code\n\n2. two"
    assert make.tidy("# Head\n- one") == "# Head\n- one"
    assert "<code>a&#124;b</code>" in make.tidy("| `a\\|b` | c |")
