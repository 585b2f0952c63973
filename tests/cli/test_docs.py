"""Every command and option is in docs/commands.md, and nothing else is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from whowhom.cli import cli

PAGE = Path(__file__).resolve().parents[2] / "docs" / "commands.md"


def commands(
    group: click.Group = cli, prefix: str = "whowhom"
) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


ALL = dict(commands())


def section(name: str) -> str:
    found = re.search(rf"^## `{name}\b.*?(?=^## |\Z)", PAGE.read_text(), re.M | re.S)
    assert found, f"docs/commands.md has no section ## `{name}`"
    return found[0]


@pytest.mark.parametrize("name", ALL)
def test_a_command_is_documented(name: str) -> None:
    text = section(name)
    for parameter in ALL[name].params:
        if isinstance(parameter, click.Option):
            for option in parameter.opts:
                assert f"`{option}" in text, f"{name}: {option} is not in docs/commands.md"
            assert parameter.help, f"{name}: {parameter.name} has no help"


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_documented_that_is_not_there(name: str) -> None:
    known = {"--help", "-h"}
    for p in ALL[name].params:
        known |= {*p.opts, *p.secondary_opts}
    for row in re.findall(r"^\| (`-.*?) \|", section(name), re.M):
        for option in re.findall(r"`(-[-\w]+)", row):
            assert option in known, f"docs/commands.md: {name} has no {option}"


def test_no_section_is_left_over() -> None:
    for name in re.findall(r"^## `(whowhom [\w ]+)", PAGE.read_text(), re.M):
        assert any(name.strip().startswith(known) for known in ALL), name
