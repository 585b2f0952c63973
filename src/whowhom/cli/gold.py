"""``whowhom gold``: check gold, take it to annotation tools and back, draw tasks from a store."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from whowhom.cli import options
from whowhom.cli.terminal import LISTED, console, plural, say

if TYPE_CHECKING:
    from whowhom.evaluate.gold import AnnotatedDocument

_FORMATS = ["whowhom", "label-studio", "doccano", "inception"]
_BOOK = options.own_codebook
_OUTPUT = options.output_or_stdout
_FORCE = options.force


@click.group()
def gold() -> None:
    """Check gold, take it to annotation tools and back, and draw tasks from a store."""


@gold.command(short_help="Say what is wrong in a gold file, line by line.")
@click.argument("file", type=options.FilePath(path_type=Path), metavar="FILE")
@_BOOK
def check(file: Path, codebook: Path | None) -> int:
    """Check the gold in FILE: every field, every offset, every type and mode.

    Exit status 1 where something is wrong; each problem is named by line and field.
    """
    from collections import Counter

    from whowhom.codebook import load
    from whowhom.evaluate.gold import check_gold
    from whowhom.show.safe import visible

    documents, problems = check_gold(file, book=load(codebook))
    screen = console()
    for problem in problems:
        screen.print(visible(str(problem)), style="red", soft_wrap=True)
    events = [event for document in documents for event in document.events]
    types = Counter(event.event_type for event in events)
    screen.print(
        f"{plural(len(documents), 'document')} right, {plural(len(events), 'event')}, "
        f"{plural(len(problems), 'problem')}."
    )
    if types:
        screen.print(", ".join(f"{name} {count:,}" for name, count in types.most_common()))
    return 1 if problems else 0


@gold.command(short_help="From one annotation tool's format to another's.")
@click.argument("file", type=options.FilePath(path_type=Path, exists=True), metavar="FILE")
@click.option(
    "--from",
    "form",
    type=click.Choice(_FORMATS),
    help="What FILE is. Default: what it looks like.",
)
@click.option("--to", type=click.Choice(_FORMATS), required=True, help="What to write.")
@click.option(
    "--original",
    type=options.FilePath(path_type=Path, exists=True),
    metavar="GOLD",
    help="The gold that was given to the tool: for what the tool has lost of it.",
)
@click.option(
    "--coder",
    metavar="NAME",
    help="INCEpTION: whose annotations, where there are several people's.",
)
@_OUTPUT
@_FORCE
def convert(
    file: Path,
    form: str | None,
    to: str,
    original: Path | None,
    coder: str | None,
    output: Path,
    force: bool,
) -> int:
    """Convert FILE between gold and the formats of Label Studio, doccano and INCEpTION.

    What cannot be kept is listed on standard error; then the exit status is 1.
    """
    from whowhom.evaluate.exchange import guess, read, write
    from whowhom.evaluate.gold import read_gold

    originals = read_gold(original) if original is not None else []
    found = read(file, form or guess(file), originals=originals, coder=coder)
    _save(output, write(found.documents, to), found.documents, to, force=force)
    return _tell(found.lost)


@gold.command("from", short_help="Draw tasks from a store for people to correct.")
@click.argument("store", type=options.FilePath(path_type=Path), metavar="STORE")
@click.option(
    "--sample", type=click.IntRange(1), metavar="N", help="How many to draw; default: all."
)
@click.option(
    "--unit",
    type=click.Choice(["document", "sentence"]),
    default="document",
    show_default=True,
    help="Whole documents, whose texts the store must have kept, or the sentences with events.",
)
@click.option(
    "--to", type=click.Choice(_FORMATS), default="whowhom", show_default=True, help="What to write."
)
@click.option("--blank", is_flag=True, help="Without the events that the store has.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the draw.")
@_OUTPUT
@_FORCE
def from_store(
    store: Path,
    sample: int | None,
    unit: str,
    to: str,
    blank: bool,
    seed: int,
    output: Path,
    force: bool,
) -> int:
    """Draw documents or sentences of STORE at random, with their events marked.

    Who corrects marks finds fewer mistakes than who codes alone: for figures to publish, let at
    least a part be coded with --blank.
    """
    from whowhom.evaluate.exchange import write
    from whowhom.evaluate.tasks import draw

    lost: list[str] = []
    tasks = draw(store, sample, unit=unit, seed=seed, blank=blank, lost=lost.append)  # type: ignore[arg-type] # a Choice
    _save(output, write(tasks, to), tasks, to, force=force)
    return _tell(lost)


@gold.command(short_help="What an annotation tool must know first: labels or layers.")
@click.argument("tool", type=click.Choice(_FORMATS[1:]), metavar="TOOL")
@_BOOK
@_OUTPUT
@_FORCE
def setup(tool: str, codebook: Path | None, output: Path, force: bool) -> int:
    """Write what TOOL (label-studio, doccano, inception) must know before it can import tasks.

    Label Studio: the labelling interface; doccano: the labels; INCEpTION: the layers.
    """
    from whowhom.codebook import load
    from whowhom.evaluate.exchange import setup as make

    _write(output, make(tool, load(codebook)).encode(), force=force)
    return 0


def _save(
    output: Path, data: bytes, documents: Sequence[AnnotatedDocument], to: str, *, force: bool
) -> None:
    from whowhom.errors import UsageError

    if to == "inception" and str(output) == "-" and sys.stdout.isatty():
        raise UsageError("a zip file is nothing to read on a terminal", do="Name a file with -o.")
    _write(output, data, force=force)
    if str(output) != "-":
        events = sum(len(document.events) for document in documents)
        say(f"{plural(len(documents), 'document')} with {plural(events, 'event')} in {output}.")


def _write(output: Path, data: bytes, *, force: bool) -> None:
    from whowhom.store.export import whole_file

    if str(output) == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    with whole_file(output, force=force) as file:
        file.write(data)


def _tell(lost: Sequence[str]) -> int:
    """Name what was not kept; gives the exit status."""
    if lost:
        say(f"{plural(len(lost), 'thing')} could not be kept:")
        for line in lost[:LISTED]:
            say(f"  {line}")
        if len(lost) > LISTED:
            say(f"  and {len(lost) - LISTED:,} more")
    return 1 if lost else 0
