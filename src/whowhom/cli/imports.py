"""``whowhom import`` and ``whowhom formats``: data of other formats, into a store."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from whowhom.cli import options
from whowhom.cli.code import LocalPath
from whowhom.cli.terminal import INTERRUPTED, ProgressLine, plural, say
from whowhom.formats.base import OUTSIDE
from whowhom.formats.registry import FORMATS

if TYPE_CHECKING:
    from whowhom.formats.base import Format
    from whowhom.formats.importing import Imported
    from whowhom.formats.opening import Opened


@click.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--store",
    type=LocalPath(path_type=Path, file_okay=False),
    metavar="FOLDER",
    required=True,
    help="The store that takes the events; made where there is none.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    metavar="NAME",
    help="Default: what the first line of a file looks like. whowhom formats lists them.",
)
@click.option(
    "--source",
    metavar="NAME",
    help="What the events are said to come from, and their ids begin with. Default: the format.",
)
@click.option(
    "--replace",
    is_flag=True,
    help="Rows whose id the store has from another file take its place. Default: both are kept.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on after an interruption. An import does so in any case: rows that are in the store "
    "are passed over.",
)
@click.option("--no-merge", is_flag=True, help="Do not bring incidents up to date at the end.")
@options.quiet
def import_(
    files: tuple[str, ...],
    store: Path,
    form: str | None,
    source: str | None,
    replace: bool,
    resume: bool,
    no_merge: bool,
    quiet: bool,
) -> int:
    """Take events of another format into a store, beside those coded there.

    FILE is a file of rows, plain, gzipped, or in a zip archive; - is standard input. Importing a
    file again changes nothing.
    """
    from whowhom.engine.run import Interrupted
    from whowhom.errors import UsageError
    from whowhom.formats.importing import import_files
    from whowhom.formats.registry import get

    fixed = None if form is None else get(form)
    if fixed is not None and fixed.reader is None:
        raise UsageError(f"{form} can be written, not read", do="whowhom formats says which can.")
    if source is not None and not source.replace("-", "").replace("_", "").isalnum():
        raise UsageError(f"--source {source!r} is no plain name", do="Write letters and digits.")
    for name in files:
        if name != "-" and not Path(name).exists():
            raise UsageError("there is no such file", where=name)
        if Path(name).is_dir():
            raise UsageError("this is a folder", where=name, do=f"Name its files: {name}/*")
    del resume  # rows are known by what is in them, so every import goes on
    try:
        with ProgressLine(quiet=quiet) as progress:
            report = import_files(
                [Path(name) for name in files],
                lambda file: fixed or _guessed(file),
                store,
                source=source,
                replace=replace,
                stdin=sys.stdin.buffer,
                # a line for every row would take longer than the row
                progress=lambda report: (
                    None if report.rows % 50 else progress.step(_progress(report))
                ),
            )
    except Interrupted as stop:
        done = plural(stop.report.rows, "row")  # type: ignore[attr-defined] # an account of rows
        say(f"Interrupted after {done}; what was read is safe in {store}.")
        say("Go on with the same command.")
        raise click.exceptions.Exit(INTERRUPTED) from None
    incidents = None
    if not no_merge and report.added + report.replaced:
        from whowhom.cli.merge import merge_store

        incidents = merge_store(store, quiet=quiet)
    if not quiet:
        _summary(report, store)
        if incidents is not None:
            say(incidents)
    for note in report.notes:
        say(note)
    _list_bad(report)
    return 1 if report.bad or report.files else 0


def _guessed(file: Opened) -> Format:
    """The format of a file by its first line.

    Raises:
        InputError: it is like none.
    """
    from whowhom.errors import InputError
    from whowhom.formats.registry import guess
    from whowhom.formats.rows import shown

    found = guess(file.first_line, parquet=file.is_parquet)
    if found is None:
        raise InputError(
            f"its first line is like no format: {shown(file.first_line) or '(nothing)'}",
            where=file.name,
            do="Name one with --format; whowhom formats lists them.",
            reason="unknown_format",
        )
    return found


def _progress(report: Imported) -> str:
    speed = report.rows / report.seconds if report.seconds > 0 else 0.0
    parts = [f"{report.rows:,} rows", f"{speed:,.0f} rows/s"]
    if report.before:
        parts.insert(1, f"{report.before:,} there before")
    if report.bad:
        parts.append(f"{report.bad:,} could not be read")
    if report.share is not None:
        parts.append(f"{report.share:.0%}")
    return ", ".join(parts)


def _summary(report: Imported, store: Path) -> None:
    parts = [f"{report.added:,} events added"]
    for count, words in (
        (report.replaced, "replaced"),
        (report.before, "in the store before"),
        (report.duplicates, "twice in a file"),
        (report.forgotten, "that were forgotten, and stay so"),
        (report.outside, "of no event (PLOVER has no type for them; whowhom ledger lists them)"),
        (report.bad, "that could not be read"),
    ):
        if count:
            parts.append(f"{count:,} {words}")
    if report.rows or (store / "segments").is_dir():
        say(f"{plural(report.rows, 'row')} read into {store}: {', '.join(parts)}.")
    else:
        say(f"Nothing was read, and no store was made in {store}.")
    if report.renamed:
        say(
            f"{plural(report.renamed, 'row')} had an id that stands for something else: both are "
            "kept, with a note in the ledger. --replace takes the later one."
        )
    if report.left:
        say(
            f"Of {plural(report.left, 'row')} the store has the document with other events, which "
            "were left. --replace takes those of the file, unless they were coded here."
        )
    if report.changed:
        say(
            f"{plural(report.changed, 'event')} with a note on what reading changed or left out: "
            f"whowhom ledger {store}"
        )


def _list_bad(report: Imported) -> None:
    parts = []
    if report.bad:
        parts.append(f"{report.bad:,} of {plural(report.rows, 'row')}")
    if report.files:
        parts.append(plural(report.files, "file"))
    if not parts:
        return
    say(f"{' and '.join(parts)} could not be read{' to the end' if report.files else ''}:")
    for row in report.troubles:
        where = ", ".join(part for part in (row.file, row.locator) if part)
        say(f"  {where}: {row.reason}: {row.detail}")
    more = report.bad + report.files - len(report.troubles)
    if more > 0:
        known = [(name, n) for name, n in report.reasons.most_common() if name not in OUTSIDE]
        reasons = ", ".join(f"{name} {n:,}" for name, n in known)
        say(f"  and {more:,} more ({reasons}); whowhom ledger lists all of them.")


@click.command()
@click.argument("name", type=click.Choice(list(FORMATS)), metavar="[NAME]", required=False)
def formats(name: str | None) -> None:
    """List the formats that whowhom writes and reads; of NAME, what it can't hold."""
    from rich.table import Table

    from whowhom.cli.terminal import console
    from whowhom.formats.registry import every, get

    screen = console()
    if name is None:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("format", "", "columns", "export", "import"):
            table.add_column(heading, justify="right" if heading == "columns" else "left")
        for form in every():
            table.add_row(
                form.name, form.title, str(len(form.columns) or ""), "yes",
                "yes" if form.reader else "",
            )  # fmt: skip
        screen.print(table)
        screen.print("\nwhowhom formats NAME says what a format cannot hold.")
        return
    form = get(name)
    screen.print(f"{form.name}: {form.title}")
    for heading, items in (
        ("Columns, in order:", [", ".join(form.columns)] if form.columns else []),
        ("What it cannot hold:", list(form.cannot_hold)),
        ("What import leaves out, for the record has no place for it:", list(form.not_read)),
    ):
        if items:
            screen.print(f"\n{heading}", style="bold")
            for item in items:
                screen.print(f"  {item}")
    if form.reader is None:
        screen.print("\nIt can be written, not read.")
