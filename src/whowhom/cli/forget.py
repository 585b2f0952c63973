"""``whowhom forget``: documents, a source or a person out of a store."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from whowhom.cli import options
from whowhom.cli.terminal import plural, say
from whowhom.errors import UsageError

if TYPE_CHECKING:
    from whowhom.store.forget import Forgotten, Going, Target


@click.command(short_help="Take a document, a source or a person out of a store.")
@click.argument("store", type=options.FilePath(path_type=Path, file_okay=False), metavar="STORE")
@click.option("--document", "documents", multiple=True, metavar="ID", help="This document.")
@click.option(
    "--source",
    metavar="URL|HOST|OUTLET|FILE",
    help="All documents of an outlet, of an address and below it, of a host, or of a file.",
)
@click.option("--person", metavar="NAME", help="Every event that names this person.")
@click.option("--dry-run", is_flag=True, help="Only list what would go, on standard output.")
@click.option("--lift", is_flag=True, help="With --document: let it be coded again.")
@click.option("--no-merge", is_flag=True, help="Do not merge again at the end.")
@options.quiet
def forget(
    store: Path,
    documents: tuple[str, ...],
    source: str | None,
    person: str | None,
    dry_run: bool,
    lift: bool,
    no_merge: bool,
    quiet: bool,
) -> int:
    """Take something out of STORE for good, so that no file in its folder holds it.

    A document leaves a hash of its id, so that it is not coded again. Copies of the store, and what
    was exported from it before, are out of reach.
    """
    from whowhom.store import forget as work
    from whowhom.store import open_store

    if sum(map(bool, (documents, source, person))) != 1:
        raise UsageError("name one of --document, --source and --person")
    if lift and (not documents or dry_run):
        raise UsageError("--lift goes with --document, and without --dry-run")
    with open_store(store) as opened:
        if lift:
            count = work.lift(opened, documents)
            if not quiet:
                say(f"{plural(count, 'document')} can be coded again.")
            return 0
        target: Target
        if documents:
            target = work.ById(frozenset(documents))
        elif source is not None:
            target = work.BySource(source)
        else:
            target = work.ByName(person or "")
        if dry_run:
            found = work.survey(opened, target, _list)
            if not quiet:
                say("Would go: " + _account(found))
            return 0
        found = work.forget(opened, target)
    if found.had_merge and found.segments and not no_merge:
        from whowhom.cli.merge import merge_store

        merge_store(store, quiet=quiet)
    if not quiet:
        say(("Forgotten: " + _account(found)) if not found.nothing else "Nothing of it is here.")
        if found.set_aside:
            say(
                f"{plural(found.set_aside, 'damaged segment')} had been set aside, cannot be "
                "searched, and went whole."
            )
        say("Copies of the store, exports and reports made before, and open explorers are not.")
    for name in found.foreign:
        say(f"{store / name} names it and is no file of whowhom's: see to it yourself.")
    return 1 if found.foreign else 0


def _list(row: Going) -> None:
    from whowhom.show.safe import visible

    sys.stdout.write(visible(f"{row.kind}: {row.id}: {row.text}") + "\n")


def _account(found: Forgotten) -> str:
    parts = [
        (found.documents, "document"),
        (found.events, "event"),
        (found.rejections, "rejection"),
        (found.texts, "title or text of documents that stay"),
        (found.marks, "mark"),
        (found.runs, "account of a run"),
        (found.watched, "file of a watch"),
    ]
    named = [plural(number, noun) for number, noun in parts[:3]]
    named += [f"{number:,} × {noun}" for number, noun in parts[3:] if number]
    return ", ".join(named) + "."
