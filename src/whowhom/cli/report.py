"""``whowhom report``: what a store holds as one file that opens anywhere."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from whowhom.cli import options
from whowhom.cli.terminal import REPORT, need, say

_FORMATS = ("html", "md", "pdf")
_ENDINGS = {".html": "html", ".htm": "html", ".md": "md", ".markdown": "md", ".pdf": "pdf"}


@click.command()
@click.argument("store", type=options.FilePath(path_type=Path), metavar="STORE")
@click.option(
    "-o",
    "--output",
    type=options.FilePath(path_type=Path, dir_okay=False, allow_dash=True),
    required=True,
    metavar="FILE",
    help="The file to write: .html, .md or .pdf; - is standard output.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="Default: what the ending of the file says. pdf needs Chromium, Chrome or Edge.",
)
@click.option("--title", metavar="TEXT", help="The heading. Default: the parties and the days.")
@click.option(
    "--unit",
    type=click.Choice(["incidents", "independent", "reports"]),
    default="incidents",
    show_default=True,
    help="What numbers count: incidents, reports less copies, or all reports.",
)
@click.option("--since", metavar="DAY", help="From this day on (year-month-day).")
@click.option("--until", metavar="DAY", help="To this day.")
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Only events of this type.")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    metavar="STATUS",
    help="actual (the default), historical, future, hypothetical, negated, or all.",
)
@click.option("--outlet", "outlets", multiple=True, metavar="NAME", help="Only this outlet.")
@click.option("--place", "places", multiple=True, metavar="CODE", help="Only in this country.")
@click.option(
    "--party",
    "parties",
    multiple=True,
    metavar="KEY",
    help='Only with this party on either side: KEN, "KEN REB", or "KEN *" for all of a country.',
)
@click.option("--speaker", "speakers", multiple=True, metavar="KEY", help="Only on its word.")
@click.option(
    "--confidence", type=float, metavar="SHARE", help="Only events at least so sure, 0 to 1."
)
@click.option("--words", metavar="TEXT", help="Only sentences with these words.")
@options.force
@click.option("-q", "--quiet", is_flag=True, help="No message when it is done.")
def report(
    store: Path,
    output: Path,
    form: str | None,
    title: str | None,
    unit: str,
    since: str | None,
    until: str | None,
    types: tuple[str, ...],
    statuses: tuple[str, ...],
    outlets: tuple[str, ...],
    places: tuple[str, ...],
    parties: tuple[str, ...],
    speakers: tuple[str, ...],
    confidence: float | None,
    words: str | None,
    force: bool,
    quiet: bool,
) -> int:
    """Write a report of STORE: one file with its pictures, numbers, and the sentences under
    every number. It needs no network, now or when it is opened.

    The store is merged first where it is not. Options that may be given several times are
    joined by "or", different ones by "and".
    """
    chosen = form or _form_of(output)
    need("report", "a report", *REPORT)
    asked: list[tuple[str, str]] = [
        *(("type", value) for value in types),
        *(("status", value) for value in statuses),
        *(("outlet", value) for value in outlets),
        *(("place", value) for value in places),
        *(("party", value) for value in parties),
        *(("speaker", value) for value in speakers),
    ]
    single = {"since": since, "until": until, "words": words}
    asked += [(name, value) for name, value in single.items() if value is not None]
    if confidence is not None:
        asked.append(("confidence", str(confidence)))

    from whowhom.analyse.filters import Filter
    from whowhom.merge import ensure
    from whowhom.show.report import gather, write
    from whowhom.store import open_store
    from whowhom.store.export import whole_file

    filter_ = Filter.from_query(asked)

    def made() -> bytes:
        content = gather(ensure(open_store(store)), filter_, unit=unit, title=title)  # type: ignore[arg-type]
        return write(content, chosen)  # type: ignore[arg-type]

    if str(output) == "-":
        sys.stdout.buffer.write(made())
        sys.stdout.buffer.flush()
        return 0
    with whole_file(output, force=force) as file:  # complains before the work is done
        size = file.write(made())
    if not quiet:
        say(f"Report written to {output} ({size / 1e6:.1f} MB). Open it in a browser or viewer.")
    return 0


def _form_of(output: Path) -> str:
    """The format that a file's ending names.

    Raises:
        UsageError: it names none.
    """
    from whowhom.errors import UsageError

    found = _ENDINGS.get(output.suffix.lower())
    if found is None:
        raise UsageError(
            "which format?"
            if str(output) == "-"
            else f"the ending {output.suffix or '(none)'} names no format of a report",
            where="" if str(output) == "-" else str(output),
            do="End the file's name in .html, .md or .pdf, or add --format.",
        )
    return found
