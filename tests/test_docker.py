"""The Dockerfile's lines, as far as they can be checked where no Docker runs."""

from __future__ import annotations

import fnmatch
import re
import shlex
from pathlib import Path

from whowhom.cli import cli

ROOT = Path(__file__).resolve().parents[1]
LINES = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text()).splitlines()


def lines(word: str) -> list[str]:
    return [line.removeprefix(word).strip() for line in LINES if line.startswith(word + " ")]


def ignored(path: str) -> bool:
    """Whether .dockerignore leaves a path of the first level out: the last line that fits holds."""
    out = False
    for rule in (ROOT / ".dockerignore").read_text().splitlines():
        if rule.startswith("#") or not rule:
            continue
        if fnmatch.fnmatch(path, rule.removeprefix("!")):
            out = not rule.startswith("!")
    return out


def test_what_is_copied_is_there_and_let_through() -> None:
    copied = [w for line in lines("COPY") if "--from" not in line for w in shlex.split(line)[:-1]]
    assert {"src", "pyproject.toml"} <= set(copied)
    for path in copied:
        assert (ROOT / path).exists(), path
        assert not ignored(path), path
    for path in ("scratch", "training", ".git", ".venv", "whowhom-demo"):
        assert ignored(path), path


def test_what_the_build_needs_is_copied() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    copied = " ".join(lines("COPY"))
    for name in (project["readme"], *project["license-files"]):
        assert name.split("/")[0] in copied, name
    (extras,) = [line.partition("=")[2] for line in lines("ARG")]
    assert set(extras.split(",")) <= set(project["optional-dependencies"])
    (base,) = {line.split()[0] for line in lines("FROM")}
    version = base.partition(":")[2].removesuffix("-slim")
    assert f"Programming Language :: Python :: {version}" in project["classifiers"]


def test_it_runs_without_rights_and_checks_itself() -> None:
    (user,) = lines("USER")
    assert user.split(":")[0] not in ("0", "root")
    assert LINES.index(f"USER {user}") < LINES.index(f"ENTRYPOINT {lines('ENTRYPOINT')[0]}")
    (check,) = lines("HEALTHCHECK")
    words = re.findall(r'"(.*?)"', check)
    assert words[0] == "whowhom"
    assert words[1] in cli.commands
