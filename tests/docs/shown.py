"""The commands that the documentation shows: where they stand, and whether they can be meant so."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from whowhom.cli import cli

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "examples" / "README.md",
)

_IN_WORDS = re.compile(r"`(whowhom [^`]+)`")
# what a page writes for "and so on"
_AND_SO_ON = {"...", "…", "[...]"}


@dataclass(frozen=True)
class Shown:
    """A command as a page shows it."""

    page: Path
    line: int
    text: str
    words: tuple[str, ...]
    block: bool  # in a block of its own, so meant to be typed as it stands

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}: {self.text}"


def shown() -> list[Shown]:
    """All commands of all pages, in order."""
    return [command for page in PAGES for command in _page(page)]


def _page(page: Path) -> Iterator[Shown]:
    fence: str | None = None
    pending = ""
    for number, line in enumerate(page.read_text(encoding="utf-8").split("\n"), start=1):
        if line.lstrip().startswith("```"):
            fence = None if fence is not None else line.strip().removeprefix("```")
            continue
        shell = fence in {"", "sh", "bash", "console", "shell", "text"}
        if shell or (fence is None and line.startswith("    ")):
            line = pending + line.strip()
            pending = ""
            if line.endswith("\\"):
                pending = line[:-1]
                continue
            for part in re.split(r" && | ; ", line):
                yield from _command(page, number, part)
        elif fence is None and not line.startswith("#"):
            for text in _IN_WORDS.findall(line):
                words = _split(text)[1:]
                if words:
                    yield Shown(page, number, text, words, block=False)


def _command(page: Path, number: int, part: str) -> Iterator[Shown]:
    words = _split(part)
    # in front of a command: a prompt, a schedule, settings, what is piped into it
    for place, word in enumerate(words):
        if word.rpartition("/")[2] == "whowhom" and place + 1 < len(words):
            if re.match(r"[-a-z]", words[place + 1]):
                yield Shown(page, number, part.strip(), _end(words[place + 1 :]), block=True)
            return
        before = re.fullmatch(r"\$|time|\||[*/\d]+|[A-Z_]+=.*", word)
        if not before and "|" not in words and words[:2] != ("docker", "run"):
            return


def _end(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words up to where the output goes somewhere else."""
    for place, word in enumerate(words):
        if re.match(r"\||[12]?>|<|;", word):
            return words[:place]
    return words


def _split(text: str) -> tuple[str, ...]:
    """The words of a line; what stands behind three blanks or a # explains."""
    kept, quote = len(text), ""
    for place, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif text.startswith("   ", place) and text[:place].strip():
            kept = place
            break
    try:
        return tuple(shlex.split(text[:kept], comments=True))
    except ValueError:  # a quotation mark that is an apostrophe: no command
        return ()


def parsed(command: Shown) -> str | None:
    """What is wrong with a command: its name, an option, a value, a missing word; None if nothing.

    Only read, not run: files need not be there.
    """
    words = [w for w in command.words if w not in _AND_SO_ON]
    optional = [w for w in words if w.startswith("[")]
    words = [w.strip("[]") if w in optional else w for w in words]
    group: click.Command = cli
    path = "whowhom"
    while isinstance(group, click.Group):
        if not words or words[0] in {"-V", "--version", "-h", "--help", "COMMAND"}:
            return None
        below = group.commands.get(words[0])
        if below is None:
            return f"{path} has no command {words[0]}"
        group, path, words = below, f"{path} {words[0]}", words[1:]
    if {"--help", "-h"} & set(words):
        return None
    context = click.Context(group, info_name=path, resilient_parsing=not command.block)
    try:
        options, _, _ = group.make_parser(context).parse_args(list(words))
    except click.UsageError as error:
        if not command.block and "requires an argument" in error.format_message():
            return None  # a sentence may name an option without its value
        return f"{path}: {error.format_message()}"
    for parameter in group.params:
        value = options.get(parameter.name or "")
        if isinstance(parameter.type, click.Choice) and isinstance(value, str | list | tuple):
            for one in value if isinstance(value, list | tuple) else (value,):
                if not re.fullmatch(r"[A-Z|]+", str(one)):
                    try:
                        parameter.type.convert(one, parameter, context)
                    except click.UsageError as error:
                        return f"{path}: {error.format_message()}"
        # what was not given is None, or a mark of newer clicks
        words_given = isinstance(value, str | int | float | list | tuple) and bool(value)
        if (
            command.block
            and parameter.required
            and not words_given
            and "..." not in command.words
            and "…" not in command.words
        ):
            return f"{path}: {parameter.human_readable_name} is missing"
    return None
