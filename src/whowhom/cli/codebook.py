"""``whowhom codebook``: look into a codebook, and run its examples."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from whowhom.cli import options
from whowhom.cli.recode import diff, try_
from whowhom.cli.terminal import ProgressLine, console, plural, say
from whowhom.show.safe import visible

_FOLDER = options.FilePath(path_type=Path, exists=True)
_LISTED = 20  # warnings of one kind that a screen takes


@click.group()
def codebook() -> None:
    """Look into a codebook, start one of your own, check it, and try it on text."""


codebook.add_command(try_)
codebook.add_command(diff)


@codebook.command(short_help="Run every example of a codebook.")
@click.argument("folder", type=_FOLDER, required=False)
@click.option("--type", "only", multiple=True, metavar="TYPE", help="Only this type; repeatable.")
@click.option(
    "--all", "everything", is_flag=True, help="Of an overlay: all of PLOVER's examples, too."
)
@click.option("--strict", is_flag=True, help="Exit status 1 for warnings, too.")
@click.option("-v", "--verbose", is_flag=True, help=f"List all warnings, not {_LISTED} a kind.")
@options.no_progress
def check(
    folder: Path | None,
    only: tuple[str, ...],
    everything: bool,
    strict: bool,
    verbose: bool,
    quiet: bool,
) -> int:
    """Run every example of the codebook in FOLDER (default: the shipped one).

    Each frame must fire on its match sentences, with the actors and recipients in brackets,
    and on none of its reject sentences. Errors give exit status 1. Warnings name frames that
    fire on no example, frames of two types that hold on one word, and examples of PLOVER that an
    overlay takes over: look at them, they may be meant.
    """
    from whowhom.codebook.check import KINDS
    from whowhom.codebook.check import check as run_check

    with ProgressLine(quiet=quiet) as line:
        line.note("loading the coder")
        report = run_check(
            folder,
            only,
            lambda done, total: line.step(f"{done:,} of {plural(total, 'frame')} checked"),
            everything=everything,
        )
    screen = console()
    for problem in report.problems:
        screen.print(visible(str(problem)), style="red", soft_wrap=True)
    for error in (f for f in report.findings if f.error):
        screen.print(visible(str(error)), style="red", soft_wrap=True)
    for kind in KINDS:
        found = [f for f in report.findings if f.kind == kind and not f.error]
        for warning in found if verbose else found[:_LISTED]:
            screen.print(visible(f"warning: {warning}"), style="yellow", soft_wrap=True)
        if len(found) > _LISTED and not verbose:
            more = f"warning: {kind}: {len(found) - _LISTED} more (--verbose lists them)"
            screen.print(more, style="yellow")
    own = f" ({report.own:,} of its own)" if 0 < report.own < report.frames else ""
    run = f"{plural(report.examples, 'example')} run"
    if report.inherited:
        run += f", {report.inherited:,} of them PLOVER's with words of yours"
    screen.print(
        f"{report.label}: {plural(report.types, 'type')}, {plural(report.modes, 'mode')}, "
        f"{plural(report.frames, 'frame')}{own}, {run}, "
        f"{plural(report.errors, 'problem')}, {plural(report.warnings, 'warning')}.",
        soft_wrap=True,
    )
    return 1 if not report.ok or (strict and report.warnings) else 0


@codebook.command(short_help="Start a codebook of your own.")
@click.argument("folder", type=options.FilePath(path_type=Path, file_okay=False))
@click.option(
    "--from",
    "base",
    type=click.Choice(["plover", "nothing"]),
    default="plover",
    show_default=True,
    help="Lay it over PLOVER, whose types stay, or start from nothing.",
)
def new(folder: Path, base: Literal["plover", "nothing"]) -> int:
    """Start a codebook in FOLDER: one type to change, and comments that teach.

    What it writes passes whowhom codebook check as it is. The two schema files are for editors.
    """
    from whowhom.codebook.starting import start

    screen = console()
    for file in start(folder, base):
        screen.print(visible(str(file)), soft_wrap=True)
    say(f"Open {folder / 'outage.toml'}, then: whowhom codebook check {folder}")
    return 0


@codebook.command(short_help="Print the JSON Schema of a codebook's files.")
@click.option(
    "--file",
    "part",
    type=click.Choice(["type", "codebook"]),
    default="type",
    show_default=True,
    help="Of a type's file, or of codebook.toml.",
)
def schema(part: Literal["type", "codebook"]) -> int:
    """Print the JSON Schema of a codebook's file, for an editor that completes and checks."""
    from whowhom.codebook.editor import json_text

    click.echo(json_text(part), nl=False)
    return 0


@codebook.command(short_help="Show the types and modes of a codebook.")
@click.argument("type_", metavar="[TYPE]", required=False)
@click.option("--folder", type=_FOLDER, help="A codebook of your own instead of the shipped one.")
@click.option(
    "--markdown", is_flag=True, help="All of it as one page of Markdown: every frame and example."
)
def show(type_: str | None, folder: Path | None, markdown: bool) -> int:
    """Show the types of a codebook, or one TYPE with its definition, modes and frames."""
    if markdown:
        from whowhom.codebook.page import markdown as page

        click.echo(page(folder), nl=False)
        return 0
    from rich.table import Table

    from whowhom.codebook import load
    from whowhom.errors import UsageError

    book = load(folder)
    screen = console()
    if type_ is None:
        table = Table(box=None, pad_edge=False, header_style="dim", title_justify="left")
        for name in ("type", "score", "quad", "modes"):
            table.add_column(name, justify="right" if name == "score" else "left")
        for kind in book.types.values():
            table.add_row(kind.name, _score(kind.score), kind.quad, ", ".join(kind.modes) or "–")
        screen.print(table)
        screen.print(f"\n{book.label}. More: whowhom codebook show TYPE", style="dim")
        return 0
    found = book.types.get(type_.upper())
    if found is None:
        raise UsageError(f"the codebook has no type {type_}", do=f"It has {', '.join(book.types)}.")
    screen.print(f"{found.name} ({found.quad}, score {_score(found.score)})", style="bold")
    screen.print(found.definition.strip())
    for note in found.notes:
        screen.print(f"  Note: {note}", style="dim")
    if found.modes:
        screen.print("\nmodes", style="bold")
        table = Table(box=None, pad_edge=False, show_header=False)
        for mode in found.modes.values():
            table.add_row(f"  {mode.name}", _score(mode.score), mode.definition)
        screen.print(table)
    screen.print(f"\n{plural(len(found.frames), 'frame')}", style="bold")
    for frame in found.frames:
        example = frame.match[0] if frame.match else ""
        screen.print(f"  {frame.id}: {example}", soft_wrap=False)
    return 0


def _score(score: float | None) -> str:
    return "–" if score is None else f"{score:g}"
