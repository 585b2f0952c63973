"""The scripts of ``whowhom completion`` load in their shells and complete what they should."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import CompletionItem, ShellComplete

from whowhom.cli import cli, main
from whowhom.cli.completion import VARIABLE
from whowhom.settings import STORE_FILE


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["completion", shell])
    assert ended.value.code == 0
    return capsys.readouterr().out


def offered(monkeypatch: pytest.MonkeyPatch, *words: str) -> list[CompletionItem[str]]:
    monkeypatch.setenv(VARIABLE, "bash_complete")
    *before, incomplete = words
    return ShellComplete(cli, {}, "whowhom", VARIABLE).get_completions(before, incomplete)


def values(items: list[CompletionItem[str]]) -> list[str]:
    return [item.value for item in items]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_that_its_shell_reads(
    shell: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = script(shell, capsys)
    assert VARIABLE in text
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    file = tmp_path / "script"
    file.write_text(text)
    subprocess.run([shell, "-n", str(file)], check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "completion").write_text(script("bash", capsys))
    whowhom = tmp_path / "bin" / "whowhom"
    whowhom.parent.mkdir()
    whowhom.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m whowhom "$@"\n')
    whowhom.chmod(0o755)
    (tmp_path / "crisis").mkdir()
    (tmp_path / "crisis" / STORE_FILE).write_text("{}")
    (tmp_path / "creations").mkdir()
    ask = """
        . ./completion
        complete -p whowhom
        COMP_WORDS=(whowhom rep); COMP_CWORD=1; COMPREPLY=()
        _whowhom_completion whowhom; echo "${COMPREPLY[@]}"
        COMP_WORDS=(whowhom report cr); COMP_CWORD=2; COMPREPLY=()
        _whowhom_completion whowhom; echo "${COMPREPLY[@]}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", ask],
        cwd=tmp_path, capture_output=True, text=True, check=True,
        env={**os.environ, "PATH": f"{whowhom.parent}{os.pathsep}{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "complete -o nosort -F _whowhom_completion whowhom",
        "report",
        "crisis",
    ]


def test_commands_come_with_their_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    items = offered(monkeypatch, "co")
    assert {"code", "compare", "compact", "codebook", "completion"} <= set(values(items))
    assert all(item.help for item in items)
    assert "--version" in values(offered(monkeypatch, "--v"))
    assert values(offered(monkeypatch, "export", "--fo")) == ["--format", "--force"]
    assert "csv" in values(offered(monkeypatch, "export", "--format", "cs"))


def test_stores_and_types(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("data/one", "data/other", "data/plain"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("data/one", "data/other"):
        (tmp_path / name / STORE_FILE).touch()
    monkeypatch.chdir(tmp_path)
    assert values(offered(monkeypatch, "ledger", "data/o")) == ["data/one", "data/other"]
    assert values(offered(monkeypatch, "code", "--store", "data/on")) == ["data/one"]
    nowhere = offered(monkeypatch, "ledger", "data/p")
    assert [(item.value, item.type) for item in nowhere] == [("data/p", "dir")]
    assert [item.type for item in offered(monkeypatch, "ledger", "gone/")] == ["dir"]
    assert values(offered(monkeypatch, "report", "x", "--type", "as")) == ["ASSAULT"]
    assert values(offered(monkeypatch, "codebook", "show", "CO")) == [
        "COERCE", "CONCEDE", "CONSULT", "COOPERATE",
    ]  # fmt: skip
