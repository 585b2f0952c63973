"""``whowhom merge``: reports into incidents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from whowhom.cli import options
from whowhom.cli.terminal import ProgressLine, plural, say

if TYPE_CHECKING:
    from whowhom.merge import Merged


@click.command()
@click.argument("store", type=options.FilePath(path_type=Path, file_okay=False))
@click.option("--again", is_flag=True, help="Merge anew though nothing has changed.")
@options.quiet
def merge(store: Path, again: bool, quiet: bool) -> int:
    """Merge the reports in STORE into incidents.

    Reports of one real-world incident, in whatever document, become one incident that keeps its
    reports, its outlets, and its figures with those who claim them. Copies of one text are found
    and count once. The same store gives the same incidents, whatever the order of reading.
    """
    line = merge_store(store, again=again, quiet=quiet)
    if not quiet:
        say(line)
    return 0


def merge_store(store: Path, *, again: bool = False, quiet: bool = False) -> str:
    """Merge a store with progress; gives the account in a line."""
    from whowhom.merge import merge as run
    from whowhom.store import open_store

    with ProgressLine(quiet=quiet) as progress:
        result = run(open_store(store), again=again, tell=progress.step)
    return account(result)


def account(result: Merged) -> str:
    copies = result.documents - result.stories
    line = (
        f"{plural(result.reports, 'report')} {'is' if result.reports == 1 else 'are'} of "
        f"{plural(result.incidents, 'incident')}; {plural(result.documents, 'document')}"
    )
    line += f", {copies:,} of them copies of another." if copies else ", none a copy of another."
    return line if result.fresh else line + " Nothing has changed since the last merge."
