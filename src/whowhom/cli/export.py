"""``whowhom export`` and ``whowhom ledger``: what a store holds, in other forms."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from whowhom.cli.damage import list_damage
from whowhom.cli.terminal import plural, say

_FORMATS = ["csv", "tsv", "parquet", "jsonl", "plover"]


@click.command()
@click.argument("store", type=click.Path(path_type=Path), metavar="STORE")
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="Default: what the ending of the file says. plover is PLOVER 2.0 JSON, one event a line.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, allow_dash=True),
    default=Path("-"),
    metavar="FILE",
    help="The file to write; - or nothing is standard output.",
)
@click.option("--force", is_flag=True, help="Replace a file that exists.")
@click.option("--raw-cells", is_flag=True, help="CSV, TSV: leave cells that look like formulas.")
@click.option("-q", "--quiet", is_flag=True, help="No summary.")
def export(
    store: Path, form: str | None, output: Path, force: bool, raw_cells: bool, quiet: bool
) -> int:
    """Write the events of STORE to a file, in the order in which their documents were read.

    The file appears when it is whole. What the format cannot hold is listed on standard error.
    """
    from whowhom.errors import UsageError
    from whowhom.store import open_store
    from whowhom.store.export import format_of, record_writer, whole_file

    opened = open_store(store)
    to_stdout = str(output) == "-"
    if to_stdout and form is None:
        raise UsageError("name a file with -o, or a --format for standard output")
    if to_stdout and form == "parquet" and sys.stdout.isatty():
        raise UsageError("Parquet is nothing to read on a terminal", do="Name a file with -o.")
    chosen = format_of(output) if form is None else form
    count = 0

    def counted() -> object:
        nonlocal count
        for record in opened.records("events"):
            count += 1
            yield record

    if to_stdout:
        writer = record_writer(sys.stdout.buffer, chosen, raw_cells=raw_cells)  # type: ignore[arg-type]
        writer.write(counted())  # type: ignore[arg-type]
        writer.finish()
        sys.stdout.buffer.flush()
    else:
        with whole_file(output, force=force) as file:
            writer = record_writer(file, chosen, raw_cells=raw_cells)  # type: ignore[arg-type]
            writer.write(counted())  # type: ignore[arg-type]
            writer.finish()
    if not quiet:
        say(f"{plural(count, 'event')} written" + ("." if to_stdout else f" to {output}."))
    if writer.losses:
        say(f"What the format {chosen} has no place for, and how many events have it:")
        for name, number in sorted(writer.losses.items(), key=lambda pair: -pair[1]):
            say(f"  {name}: {number:,}")
    return list_damage(opened.troubles)


@click.command()
@click.argument("store", type=click.Path(path_type=Path), metavar="STORE")
@click.option(
    "--status",
    type=click.Choice(["coded", "no_events", "duplicate", "skipped", "poisoned"]),
    help="Only documents in this state.",
)
def ledger(store: Path, status: str | None) -> int:
    """What became of every document that was read into STORE, one JSON object a line.

    status is coded, no_events, duplicate (of the document named in detail), skipped (not
    readable) or poisoned (coding it failed twice); reason and detail say why.
    """
    from whowhom.store import open_store
    from whowhom.store.export import json_line

    opened = open_store(store)
    for row in opened.records("ledger"):
        if status is None or row["status"] == status:
            sys.stdout.buffer.write(json_line(row))
    sys.stdout.buffer.flush()
    return list_damage(opened.troubles)
