"""What docs/tutorial.md shows runs, on the corpus that it names."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[1] / "docs" / "tutorial.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tutorial")
    run(made, "whowhom demo --store crisis --no-serve")
    return made


def run(folder: Path, command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(command)],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}: {done.stderr[-2000:]}"
    return done.stdout


def test_the_commands(folder: Path) -> None:
    shown = re.findall(r"^    \.venv/bin/(whowhom .+)$", PAGE.read_text(), re.M)
    assert len(shown) >= 5
    for command in shown:
        if "articles/" not in command and " demo " not in f"{command} ":
            run(folder, command)
    assert (folder / "report.html").stat().st_size > 100_000


def test_the_python(folder: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.M | re.S)
    checks = (
        "assert len(analyse.pairs(store, limit=5)) == 5\nassert len(analyse.figures(store)) > 0\n"
    )
    script = folder / "shown.py"
    script.write_text("\n".join([*blocks, checks]))
    subprocess.run([sys.executable, str(script)], cwd=folder, check=True)
