"""``whowhom export`` and ``whowhom ledger``: what a store holds, in other forms."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from whowhom.cli import options
from whowhom.cli.code import Day
from whowhom.cli.damage import list_damage
from whowhom.cli.terminal import ProgressLine, plural, say
from whowhom.formats.registry import FORMATS
from whowhom.model import SECTORS, STATUSES

if TYPE_CHECKING:
    from whowhom.formats.base import RecordWriter
    from whowhom.store.folder import Store


@click.command()
@click.argument("store", type=options.FilePath(path_type=Path), metavar="STORE")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    metavar="NAME",
    help="Default: what the ending of the file says. whowhom formats lists them.",
)
@options.output_or_stdout
@click.option("--since", type=Day(), metavar="DATE", help="Only events from this day on.")
@click.option("--until", type=Day(), metavar="DATE", help="Only events up to this day.")
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Only this type of event.")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(STATUSES),
    help="Only this status; default: every one.",
)
@click.option(
    "--country",
    "countries",
    multiple=True,
    metavar="CODE",
    help="Only events in which a party of this country takes part (KEN).",
)
@click.option(
    "--incidents", is_flag=True, help="One report an incident: the one that tells it best."
)
@click.option(
    "--loss-report",
    type=options.FilePath(path_type=Path),
    metavar="FILE",
    help="Write what the format cannot hold to a file as well (JSON).",
)
@options.force
@options.raw_cells
@click.option("-q", "--quiet", is_flag=True, help="No summary, and no list of what is lost.")
def export(
    store: Path,
    form: str | None,
    output: Path,
    since: dt.date | None,
    until: dt.date | None,
    types: tuple[str, ...],
    statuses: tuple[str, ...],
    countries: tuple[str, ...],
    incidents: bool,
    loss_report: Path | None,
    force: bool,
    raw_cells: bool,
    quiet: bool,
) -> int:
    """Write the events of STORE to a file, in the order in which their documents were read.

    The file appears when it is whole. What the format cannot hold is listed on standard error.
    """
    from whowhom.errors import UsageError
    from whowhom.store import open_store
    from whowhom.store.export import may_write, whole_file

    opened = open_store(store)
    to_stdout = str(output) == "-"
    if to_stdout and form is None:
        raise UsageError("name a file with -o, or a --format for standard output")
    if to_stdout and form == "parquet" and sys.stdout.isatty():
        raise UsageError("Parquet is nothing to read on a terminal", do="Name a file with -o.")
    chosen = _by_ending(output) if form is None else form
    if loss_report is not None:
        may_write(loss_report, force=force)
    types = tuple(_type(name, opened) for name in types)
    countries = tuple(_country(name) for name in countries)
    asked = _filter(since, until, types, statuses, countries)
    wanted = _wanted(opened, asked, incidents=incidents, quiet=quiet)
    count = 0

    with ProgressLine(quiet=quiet) as progress:

        def counted() -> Iterator[Mapping[str, Any]]:
            nonlocal count
            for record in opened.records("events"):
                if wanted is None or record["id"] in wanted:
                    count += 1
                    yield record
                    if count % 1000 == 0:
                        progress.step(f"{count:,} events")

        if to_stdout:
            writer = _writer(sys.stdout.buffer, chosen, raw_cells=raw_cells)
            _cover(writer, opened, incidents=incidents)
            writer.write(counted())
            writer.finish()
            sys.stdout.buffer.flush()
        else:
            with whole_file(output, force=force) as file:
                writer = _writer(file, chosen, raw_cells=raw_cells)
                _cover(writer, opened, incidents=incidents)
                writer.write(counted())
                writer.finish()
    left_out: Mapping[str, int] = getattr(writer, "left_out", {})
    written = count - sum(left_out.values())
    if not quiet:
        rows = getattr(writer, "rows", written)  # formats of pairs write one event as several rows
        many = "" if rows == written else f" as {plural(rows, 'row')}"
        say(f"{plural(written, 'event')} written{many}{'.' if to_stdout else f' to {output}.'}")
    if left_out and not quiet:
        say(f"{plural(count - written, 'event')} left out, for {chosen} has no place for them:")
        _list(left_out)
    if writer.losses and not quiet:
        say(f"What the format {chosen} has no place for, and how many events have it:")
        _list(writer.losses)
    if loss_report is not None:
        from whowhom.formats.registry import get

        account = {
            "format": chosen,
            "events": count,
            "written": written,
            "left_out": _ranked(left_out),
            "lost": _ranked(writer.losses),
            "cannot_hold": list(get(chosen).cannot_hold),
        }
        with whole_file(loss_report, force=force) as file:
            file.write(json.dumps(account, indent=1, ensure_ascii=False).encode() + b"\n")
    return list_damage(opened.troubles)


def _list(counts: Mapping[str, int]) -> None:
    for name, number in _ranked(counts).items():
        say(f"  {name}: {number:,}")


def _ranked(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _by_ending(output: Path) -> str:
    from whowhom.store.export import format_of

    return "graphml" if output.suffix.lower() == ".graphml" else format_of(output)


def _writer(file: Any, form: str, *, raw_cells: bool) -> RecordWriter:
    if form in ("csv", "tsv"):
        from whowhom.store.export import record_writer

        return record_writer(file, form, raw_cells=raw_cells)  # type: ignore[arg-type] # is one
    from whowhom.formats.registry import get

    return get(form).writer(file)


def _cover(writer: RecordWriter, store: Store, *, incidents: bool) -> None:
    """Tell a writer that has a place for it how much was written about each incident."""
    if incidents and hasattr(writer, "coverage"):
        found = store.sql(
            "select incident, count(*), count(distinct outlet), count(distinct document_id) "
            "from reports group by incident"
        )
        writer.coverage = {row[0]: tuple(row[1:]) for row in found.fetchall()}


def _type(name: str, store: Store) -> str:
    """A type of PLOVER's, or of the events of a store: those of its own codebook.

    Raises:
        UsageError: it is none.
    """
    from whowhom.analyse.filters import nearest, shipped_types

    kind = name.strip().upper()
    if kind in shipped_types():
        return kind
    held = {row[0] for row in store.sql("select distinct event_type from events").fetchall()}
    if kind in held:
        return kind
    raise nearest("--type", name, {*held, *shipped_types()})


def _country(name: str) -> str:
    """The code of a country, or a key that begins with one (``KEN REB``).

    Raises:
        UsageError: there is no such code; a name is answered with its code.
    """
    from whowhom.analyse.names import code_of
    from whowhom.errors import UsageError
    from whowhom.formats.checking import codes

    key = " ".join(name.split())
    code, _, sector = key.upper().partition(" ")
    if code in codes() and (sector in ("", "*") or sector in SECTORS):
        return key.upper()
    found = code_of(key)
    raise UsageError(
        f"--country: {name!r} is {'a name, not a code' if found else 'no code of a country'}",
        do=f"Write {found}." if found else "Write a code of three letters, such as KEN.",
    )


def _filter(
    since: dt.date | None,
    until: dt.date | None,
    types: tuple[str, ...],
    statuses: tuple[str, ...],
    countries: tuple[str, ...],
) -> Any:
    """The filter that was asked for, None where everything was."""
    if not (since or until or types or statuses or countries):
        return None
    from whowhom.analyse.filters import ALL, Filter

    keys = (c if " " in c else f"{c} *" for c in countries)
    return Filter(
        since=since,
        until=until,
        types=types,
        statuses=statuses or (ALL,),
        parties=tuple(keys),
    )


def _wanted(store: Store, asked: Any, *, incidents: bool, quiet: bool) -> set[str] | None:
    """The ids of the events to write, None where all are."""
    if asked is None and not incidents:
        return None
    from whowhom.merge import ensure

    with ProgressLine(quiet=quiet) as progress:
        ensure(store, tell=progress.step)
    condition, values = ("true", []) if asked is None else asked.where()
    if incidents:
        # the lead of an incident, or where the filter leaves it out, the best of what is left
        query = (
            "select first(r.event_id order by r.event_id = i.lead desc, r.copy, "  # noqa: S608
            "r.confidence desc nulls last, r.event_id) from reports r "
            f"join incidents i on r.incident = i.incident where {condition} group by r.incident"
        )
    else:
        query = f"select r.event_id from reports r where {condition}"  # noqa: S608
    result = store.sql(query, values)
    found: set[str] = set()
    while rows := result.fetchmany(10_000):
        found.update(row[0] for row in rows)
    return found


@click.command()
@click.argument("store", type=options.FilePath(path_type=Path), metavar="STORE")
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
