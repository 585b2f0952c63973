"""``whowhom compact``: many small segments into few."""

from __future__ import annotations

from pathlib import Path

import click

from whowhom.cli import options
from whowhom.cli.damage import list_damage
from whowhom.cli.terminal import ProgressLine, plural, say
from whowhom.settings import STORE


@click.command(short_help="Many small segments into few.")
@click.argument("store", type=options.FilePath(path_type=Path, file_okay=False), metavar="STORE")
@click.option(
    "--target-mb",
    type=click.IntRange(1, 100_000),
    default=STORE.segment_megabytes,
    show_default=True,
    metavar="N",
    help="Megabytes that a segment is to have.",
)
@options.quiet
def compact(store: Path, target_mb: int, quiet: bool) -> int:
    """Write the many small segments of STORE into few large ones, and drop what was replaced.

    Events, their order and their incidents stay as they are. Every byte is checked on the way. It
    can be killed at any moment, and run while others read; not while another process writes.
    """
    from whowhom.store import open_store
    from whowhom.store.compact import compact as run

    with ProgressLine(quiet=quiet) as progress, open_store(store) as opened:
        done = run(opened, target_bytes=target_mb * 1_000_000, tell=progress.step)
    if not quiet:
        say(
            f"{plural(done.segments_before, 'segment')} of {done.size_before / 1e6:,.1f} MB became "
            f"{done.segments:,} of {done.size / 1e6:,.1f} MB"
            + (f"; {done.dropped:,} replaced or repeated rows dropped." if done.dropped else ".")
        )
        if done.waiting:
            say(
                "Somebody reads the store, so the old segments are still on the disk: "
                "the next command that writes here takes them away."
            )
    return list_damage(done.troubles)
