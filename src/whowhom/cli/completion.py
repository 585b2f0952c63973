"""``whowhom completion``: the Tab key, in bash, zsh and fish."""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem, get_completion_class

from whowhom.settings import STORE_FILE

VARIABLE = "_WHOWHOM_COMPLETE"
"""What the scripts set when they ask; click's own name for it."""


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print the script that lets SHELL complete commands, options, stores and event types.

    \b
    bash:  whowhom completion bash > ~/.whowhom-completion.bash
           echo '. ~/.whowhom-completion.bash' >> ~/.bashrc
    zsh:   whowhom completion zsh > ~/.whowhom-completion.zsh
           echo '. ~/.whowhom-completion.zsh' >> ~/.zshrc     (after compinit)
    fish:  whowhom completion fish > ~/.config/fish/completions/whowhom.fish
    """
    from whowhom.cli.app import cli

    made = get_completion_class(shell)
    if made is None:  # pragma: no cover - click has had all three since 8.0
        raise click.ClickException(f"click has no completion for {shell}")
    click.echo(made(cli, {}, "whowhom", VARIABLE).source(), nl=False)
    return 0


def guided(command: click.Command) -> click.Command:
    """The command; where a shell asks for completions, one like it that completes stores and
    event types too. Nothing else gets slower by it."""
    if VARIABLE not in os.environ:
        return command
    made = copy.copy(command)
    made.params = [copy.copy(parameter) for parameter in command.params]
    for parameter in made.params:
        if parameter.name == "store" or parameter.metavar == "STORE":
            parameter.type = _Stores()
        elif "--type" in parameter.opts or parameter.name == "type_":
            parameter.type = _Types()
    if isinstance(made, click.Group):
        made.commands = {name: guided(inner) for name, inner in made.commands.items()}
    return made


class _Stores(click.ParamType[str]):
    """Stores of the folder that is being typed; where there is none, its folders."""

    name = "store"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[Any]]:
        typed, name = os.path.split(incomplete)
        try:
            entries = sorted(os.scandir(Path(typed or ".").expanduser()), key=lambda e: e.name)
            folders = [e.name for e in entries if e.name.startswith(name) and e.is_dir()]
        except OSError:
            folders = []
        stores = [
            folder
            for folder in folders
            if (Path(typed or ".").expanduser() / folder / STORE_FILE).is_file()
        ]
        if stores:
            return [CompletionItem(os.path.join(typed, folder)) for folder in stores]  # noqa: PTH118 - keeps the typed form
        return [CompletionItem(incomplete, type="dir")]


class _Types(click.ParamType[str]):
    """Event types of the shipped codebook, from the first lines of its files."""

    name = "type"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem[Any]]:
        from importlib.resources import files

        found = []
        for file in files("whowhom.data").joinpath("codebooks", "plover").iterdir():
            if file.name.endswith(".toml"):
                with file.open(encoding="utf-8") as lines:
                    key, _, value = next(iter(lines), "").partition("=")
                if key.strip() == "type":
                    found.append(value.strip().strip('"'))
        return [CompletionItem(n) for n in sorted(found) if n.startswith(incomplete.upper())]
