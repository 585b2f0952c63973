"""``whowhom codebook``: look into a codebook, and run its examples."""

from __future__ import annotations

from pathlib import Path

import click

from whowhom.cli.terminal import console, plural
from whowhom.show.safe import visible

_FOLDER = click.Path(path_type=Path, exists=True)


@click.group()
def codebook() -> None:
    """Look into a codebook, and check one of your own."""


@codebook.command(short_help="Run every example of a codebook.")
@click.argument("folder", type=_FOLDER, required=False)
@click.option("--type", "only", multiple=True, metavar="TYPE", help="Only this type; repeatable.")
def check(folder: Path | None, only: tuple[str, ...]) -> int:
    """Run every example of the codebook in FOLDER (default: the shipped one).

    Each frame must fire on its match sentences, with the actors and recipients in brackets,
    and on none of its reject sentences. Exit status 1 where one does not.
    """
    from whowhom.codebook.check import check as run_check

    report = run_check(folder, only)
    screen = console()
    for problem in report.problems:
        screen.print(visible(str(problem)), style="red", soft_wrap=True)
    screen.print(
        f"{report.label}: {plural(report.types, 'type')}, {plural(report.modes, 'mode')}, "
        f"{plural(report.frames, 'frame')}, {plural(report.examples, 'example')} run, "
        f"{plural(len(report.problems), 'problem')}."
    )
    return 0 if report.ok else 1


@codebook.command(short_help="Show the types and modes of a codebook.")
@click.argument("type_", metavar="[TYPE]", required=False)
@click.option("--folder", type=_FOLDER, help="A codebook of your own instead of the shipped one.")
def show(type_: str | None, folder: Path | None) -> int:
    """Show the types of a codebook, or one TYPE with its definition, modes and frames."""
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
