"""``whowhom codebook try`` and ``diff``: frames at work on text before they are adopted."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from whowhom.cli import options
from whowhom.cli.code import Day, LocalPath
from whowhom.cli.terminal import LISTED, ProgressLine, console, plural, say
from whowhom.show.safe import visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from whowhom.codebook.corpus import Account, Corpus
    from whowhom.codebook.difference import Change, Difference
    from whowhom.codebook.marking import Piece
    from whowhom.codebook.trial import Hit, Trial

Item = TypeVar("Item")
Command = Callable[..., Any]

SHIPPED = "plover"
"""The word for the codebook of the package, where a folder is asked for."""
_TOP = 6  # lines of a count that a screen takes
_STYLES = {"plain": "", "trigger": "bold yellow", "actor": "bold cyan", "recipient": "bold magenta"}


class BookFolder(click.ParamType[Path | None]):
    """The folder of a codebook, or the word plover; None stands for the shipped one."""

    name = "folder"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path | None:
        path = Path(value)
        if not path.exists() and str(value).lower() == SHIPPED:
            return None
        if not path.is_dir():
            self.fail(f"{str(value)!r} is no folder; give a codebook's, or {SHIPPED}", param, ctx)
        return path


def _corpus_options(command: Command) -> Command:
    for option in (
        options.no_progress,
        options.force,
        click.option(
            "--seed",
            type=click.IntRange(0),
            default=0,
            show_default=True,
            help="Another number draws another sample.",
        ),
        click.option(
            "--sample",
            type=click.IntRange(0),
            default=8,
            show_default=True,
            metavar="N",
            help="Sentences of each kind that are shown.",
        ),
        click.option(
            "--limit",
            type=click.IntRange(1),
            metavar="N",
            help="Stop after so many documents.",
        ),
        options.outlet_of_documents,
        click.option(
            "--date",
            type=Day(),
            metavar="YYYY-MM-DD",
            help="Day of publication of documents that do not say.",
        ),
    ):
        command = option(command)
    return command


@click.command("try", short_help="Show frames at work on text, and what coded it before.")
@click.argument("folder", type=BookFolder())
@click.argument(
    "inputs", type=options.InputName(), metavar="INPUT_OR_STORE...", nargs=-1, required=True
)
@click.option(
    "--frame",
    "frames",
    multiple=True,
    metavar="NAME",
    help="A frame by its id, with or without its type; may be given several times.",
)
@click.option(
    "--type",
    "types",
    multiple=True,
    metavar="TYPE",
    help="All frames of a type; may be given several times.",
)
@click.option(
    "-o",
    "--output",
    type=LocalPath(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write all hits to a CSV file.",
)
@_corpus_options
def try_(
    folder: Path | None,
    inputs: tuple[str, ...],
    frames: tuple[str, ...],
    types: tuple[str, ...],
    output: Path | None,
    date: dt.date | None,
    outlet: str | None,
    limit: int | None,
    sample: int,
    seed: int,
    force: bool,
    quiet: bool,
) -> int:
    """Show frames of the codebook in FOLDER at work on text before you adopt them.

    INPUT_OR_STORE is a file, a folder or a pattern of them, or a store that was coded with
    --keep-text. Shown are counts, what coded the same words without these frames, and a sample
    of sentences, marked as in the examples of a codebook: [actor], {recipient}, *trigger*.
    """
    from whowhom.codebook import load
    from whowhom.codebook.trial import chosen, try_frames

    chosen(load(folder), frames, types)  # what is wrong is said before anything is read
    _writable(output, force)
    corpus = _corpus(inputs, date, outlet, limit)
    with ProgressLine(quiet=quiet) as line:
        line.note("loading the coder")

        def progress(trial: Trial, corpus: Corpus) -> None:
            done = plural(corpus.account.coded, "document")
            line.step(f"{done}, {plural(len(trial.fired), 'event')} by these frames")

        trial = try_frames(folder, corpus, frames, types, progress)
    screen = console()
    _show_trial(trial, corpus.account, screen, sample, seed)
    if output is not None:
        _write_trial(trial, output, force=force)
        say(f"All {plural(len(trial.hits), 'hit')} written to {output}.")
    return _told(corpus.account)


@click.command(short_help="Show which events one codebook gives and another does not.")
@click.argument("before", metavar="FOLDER_A", type=BookFolder())
@click.argument("after", metavar="FOLDER_B", type=BookFolder())
@click.argument(
    "inputs", type=options.InputName(), metavar="INPUT_OR_STORE...", nargs=-1, required=True
)
@click.option(
    "-o",
    "--output",
    type=LocalPath(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write every change to a file, as JSON Lines.",
)
@_corpus_options
def diff(
    before: Path | None,
    after: Path | None,
    inputs: tuple[str, ...],
    output: Path | None,
    date: dt.date | None,
    outlet: str | None,
    limit: int | None,
    sample: int,
    seed: int,
    force: bool,
    quiet: bool,
) -> int:
    """Code text with two codebooks: which events FOLDER_B adds to those of FOLDER_A, removes,
    and alters, field by field.

    A folder may be the word plover, for the codebook of the package. INPUT_OR_STORE is a file, a
    folder or a pattern of them, or a store that was coded with --keep-text.
    """
    from whowhom.codebook.difference import compare

    _writable(output, force)
    corpus = _corpus(inputs, date, outlet, limit)
    with ProgressLine(quiet=quiet) as line:
        line.note("loading the coder")

        def progress(found: Difference, corpus: Corpus) -> None:
            done = plural(corpus.account.coded, "document")
            line.step(f"{done}, {plural(len(found.changes), 'change')}")

        found = compare(before, after, corpus, progress)
    _show_difference(found, corpus.account, console(), sample, seed)
    if output is not None:
        from whowhom.store.export import json_line, whole_file

        with whole_file(output, force=force) as file:
            for change in found.changes:
                file.write(json_line(change.to_dict()))
        say(f"{plural(len(found.changes), 'change')} written to {output}.")
    return _told(corpus.account)


def _corpus(
    inputs: Sequence[str], date: dt.date | None, outlet: str | None, limit: int | None
) -> Corpus:
    from whowhom.codebook.corpus import Corpus

    return Corpus(inputs, published=date, outlet=outlet, limit=limit)


def _writable(output: Path | None, force: bool) -> None:
    """Say at once, not after an hour of coding, that a file is in the way."""
    from whowhom.store.export import may_write

    if output is not None:
        may_write(output, force=force)


def _told(account: Account) -> int:
    """List what was skipped; the exit status."""
    if not account.skipped:
        return 0
    say(f"{plural(len(account.skipped), 'document')} could not be read or coded:")
    for item in account.skipped[:LISTED]:
        where = ", ".join(part for part in (item.source.file, item.source.locator) if part)
        say(f"  {where or item.document_id}: {item.reason}: {item.detail}")
    if len(account.skipped) > LISTED:
        rest = Counter(item.reason for item in account.skipped[LISTED:])
        say("  and " + ", ".join(f"{n:,} more: {reason}" for reason, n in rest.items()))
    return 1


def _drawn(items: Sequence[Item], count: int, seed: int) -> list[Item]:
    """A sample in the order of the items."""
    places = range(len(items))
    if len(items) > count:
        places = sorted(random.Random(seed).sample(places, count))  # type: ignore[assignment] # noqa: S311
    return [items[n] for n in places]


def _counted(counts: Counter[str]) -> str:
    """The most frequent of some names, and how many more there are."""
    top = counts.most_common(_TOP)
    shown = ", ".join(f"{name} {count:,}" for name, count in top)
    rest = sum(counts.values()) - sum(count for _, count in top)
    return f"{shown}, {rest:,} more" if rest else shown


def _marked(pieces: Iterable[Piece]) -> Text:
    from rich.text import Text

    from whowhom.codebook.marking import SIGNS

    out = Text()
    for piece in pieces:
        before, after = SIGNS[piece.role]
        out.append(visible(before + piece.text + after), style=_STYLES[piece.role])
    return out


# ------------------------------------------------------------------------ try
def _show_trial(trial: Trial, account: Account, screen: Console, sample: int, seed: int) -> None:
    from rich.padding import Padding

    from whowhom.codebook.difference import kind_of

    events = [hit.event for hit in trial.fired if hit.event is not None]
    names = trial.rules[0] if len(trial.rules) == 1 else plural(len(trial.rules), "frame")
    screen.print(
        f"{names}: {plural(len(events), 'event')} in {plural(account.coded, 'document')} "
        f"({plural(trial.sentences, 'sentence')}; {trial.events:,} events of the whole codebook).",
        style="bold",
        soft_wrap=True,
    )
    if account.copies:
        screen.print(f"Copies of a document that were left out: {account.copies:,}.")
    if events:
        counts: dict[str, Counter[str]] = {
            "coded as": Counter(map(kind_of, events)),
            "status": Counter(event.status for event in events),
            "before": trial.before,
        }
        if len(trial.rules) > 1:
            counts["frame"] = Counter(event.why.rule or "" for event in events)
        for label, found in counts.items():
            screen.print(f"{label:>11}: {visible(_counted(found))}", soft_wrap=True)
        fired = {event.why.rule for event in events}
        silent = [rule for rule in trial.rules if rule not in fired]
        if silent:
            more = f" and {len(silent) - LISTED:,} more" if len(silent) > LISTED else ""
            screen.print(f"{'silent here':>11}: {', '.join(silent[:LISTED])}{more}", soft_wrap=True)
    if trial.missed:
        reasons = Counter(hit.outcome.replace("_", " ") for hit in trial.missed)
        screen.print(f"{'not taken':>11}: {_counted(reasons)}", soft_wrap=True)
    for title, hits in (("Events", trial.fired), ("Not taken", trial.missed)):
        drawn = _drawn(hits, sample, seed)
        if not drawn:
            continue
        more = f" ({len(drawn)} of {len(hits):,}, drawn with --seed {seed})"
        screen.print()
        screen.print(title + (more if len(drawn) < len(hits) else ""), style="bold")
        for hit in drawn:
            screen.print(Padding(_marked(hit.pieces), (0, 0, 0, 2), expand=False))
            screen.print(Padding(visible(_line(hit)), (0, 0, 0, 4), expand=False), style="dim")
    if not trial.hits:
        screen.print("They held on no word of this text.")


def _line(hit: Hit) -> str:
    """What a hit is, in a line."""
    from whowhom.codebook.difference import kind_of
    from whowhom.codebook.trial import described

    day = hit.document.published
    where = f"{hit.document.id} · {day}" if day is not None else hit.document.id
    if hit.rejection is not None:
        detail = f" ({hit.rejection.detail})" if hit.rejection.detail else ""
        return f"{hit.outcome.replace('_', ' ')}{detail} · {hit.rule} · {where}"
    event = hit.event
    assert event is not None  # noqa: S101 - it is one or the other
    before = ", ".join(map(described, hit.before)) or "nothing"
    return f"{kind_of(event)} · {event.status} · {hit.rule} · before: {before} · {where}"


_COLUMNS = (
    *("outcome", "frame", "event_type", "mode", "status", "confidence", "actors", "recipients"),
    *("trigger", "sentence", "before", "detail", "document", "outlet", "published", "part"),
    *("start", "end"),
)


def _write_trial(trial: Trial, output: Path, *, force: bool) -> None:
    from whowhom.store.export import whole_file
    from whowhom.store.flat import safe_cell

    buffer = io.StringIO(newline="")
    table = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    table.writerow(_COLUMNS)
    for hit in trial.hits:
        table.writerow([safe_cell(cell) for cell in _row(hit)])
    with whole_file(output, force=force) as file:
        file.write(buffer.getvalue().encode("utf-8", "replace"))


def _row(hit: Hit) -> tuple[Any, ...]:
    from whowhom.codebook.marking import plain
    from whowhom.codebook.trial import described

    event, rejection, document = hit.event, hit.rejection, hit.document
    day = str(document.published) if document.published else None
    if event is not None:
        trigger = event.evidence.trigger
        what: tuple[Any, ...] = (
            *(event.event_type, event.mode, event.status, event.why.confidence),
            "; ".join(p.text for p in event.actors),
            "; ".join(p.text for p in event.recipients),
            trigger.text,
        )
        place: tuple[Any, ...] = (event.evidence.part, trigger.start, trigger.end)
    else:
        assert rejection is not None  # noqa: S101 - it is one or the other
        what = (rejection.event_type, *[None] * 5, rejection.text)
        place = (rejection.part, rejection.start, rejection.end)
    return (
        *(hit.outcome, hit.rule, *what, plain(hit.pieces)),
        "; ".join(map(described, hit.before)),
        rejection.detail if rejection is not None else None,
        *(document.id, document.outlet, day, *place),
    )


# ----------------------------------------------------------------------- diff
def _show_difference(
    found: Difference, account: Account, screen: Console, sample: int, seed: int
) -> None:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from whowhom.codebook.difference import KINDS

    screen.print(f"A  {found.before}\nB  {found.after}", style="dim", soft_wrap=True)
    counts = {kind: len(found.of(kind)) for kind in KINDS}
    screen.print(
        f"{plural(account.coded, 'document')}: {sum(found.types_before.values()):,} events by A, "
        f"{sum(found.types_after.values()):,} by B; {found.same:,} the same, "
        + ", ".join(f"{counts[kind]:,} {kind}" for kind in KINDS)
        + ".",
        style="bold",
        soft_wrap=True,
    )
    if found.before == found.after:
        screen.print("The two are the same codebook.")
    if account.copies:
        screen.print(f"Copies of a document that were left out: {account.copies:,}.")
    if not found.changes:
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("type", "A", "B", *KINDS):
        table.add_column(name, justify="left" if name == "type" else "right")
    for kind, *numbers in found.by_type():
        if any(numbers[2:]):
            table.add_row(visible(kind), *(f"{n:,}" if n else "" for n in numbers))
    screen.print(table)
    moves = found.moves()
    if moves:
        named = Counter({f"{a} → {b}": n for (a, b), n in moves.items()})
        screen.print(f"recoded: {visible(_counted(named))}", soft_wrap=True)
    if counts["altered"]:
        fields = visible(_counted(found.altered_fields()))
        screen.print(f"altered fields: {fields}", soft_wrap=True)
    for kind in KINDS:
        changes = found.of(kind)
        drawn = _drawn(changes, sample, seed)
        if not drawn:
            continue
        more = f" ({len(drawn)} of {len(changes):,}, drawn with --seed {seed})"
        screen.print()
        screen.print(kind.capitalize() + (more if len(drawn) < len(changes) else ""), style="bold")
        for change in drawn:
            screen.print(Padding(Text(visible(change.sentence)), (0, 0, 0, 2), expand=False))
            for line in _lines(change):
                screen.print(Padding(Text(visible(line), style="dim"), (0, 0, 0, 4), expand=False))


def _lines(change: Change) -> list[str]:
    from whowhom.codebook.trial import described

    if change.kind == "altered":
        lines = [f"{name}: {_value(a)} → {_value(b)}" for name, (a, b) in change.fields.items()]
        return [*lines, change.document]
    other = "A" if change.kind == "added" else "B"
    return [f"{described(change.event)} · in {other}: {change.reason} · {change.document}"]


def _value(value: Any) -> str:
    if value is None or value in ([], {}):
        return "–"
    if isinstance(value, list):
        return ", ".join(map(_value, value))
    if isinstance(value, dict):
        known = {k: v for k, v in value.items() if v not in (None, [])}
        return ", ".join(f"{k} {_value(v)}" for k, v in known.items()) or "–"
    return str(value)
