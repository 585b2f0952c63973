"""``whowhom agree``: how well two or more coders agree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from whowhom.cli import options
from whowhom.cli.terminal import console, plural, say

if TYPE_CHECKING:
    from rich.console import Console

    from whowhom.evaluate.agreement import Agreement, FieldAgreement


@click.command()
@click.argument(
    "codings", type=options.FilePath(path_type=Path, exists=True), nargs=-1, metavar="A B [C...]"
)
@click.option(
    "--match",
    "rule",
    type=click.Choice(["sentence", "trigger"]),
    default="trigger",
    show_default=True,
    help="What makes two events one, whatever their types: the words of their triggers overlap, "
    "or they are in one sentence.",
)
@options.resamples
@options.seed_of_draws
@options.figures_as_json
@options.force
def agree(
    codings: tuple[Path, ...],
    rule: str,
    resamples: int | None,
    seed: int | None,
    json_: Path | None,
    force: bool,
) -> int:
    """How well the codings A and B, and more, agree: Krippendorff's alpha, Cohen's kappa, F1.

    Each is a gold file, a store, events as JSON Lines, or a CSV file with the columns id and label
    (or more columns, one a field). All must be of one kind: events, or tables.
    """
    from whowhom.cli.evaluate import bootstrap
    from whowhom.errors import UsageError
    from whowhom.evaluate.agreement import agree as agree_events
    from whowhom.evaluate.agreement import agree_labels, read_labels
    from whowhom.evaluate.codings import read_coding

    if len(codings) < 2:
        raise UsageError("agreement needs two codings or more", do="whowhom agree A B")
    tables = [path.suffix.lower() == ".csv" for path in codings]
    settings = bootstrap(resamples, seed)
    if all(tables):
        found = agree_labels([read_labels(path) for path in codings], settings)
    elif any(tables):
        raise UsageError("tables of labels and codings of events cannot be compared")
    else:
        found = agree_events(
            [read_coding(path) for path in codings],
            rule=rule,  # type: ignore[arg-type] # a Choice
            settings=settings,
        )
    # files first: whoever reads the tables through a pipe may stop reading
    if json_ is not None:
        from whowhom.cli.figures import write_json

        write_json(json_, found.to_dict(), force=force)
        say(f"Every figure is in {json_}.")
    show(console(), found)
    for name, count in found.left_out.items():
        say(f"{plural(count, 'unit' if all(tables) else 'document')} of {name} left out: "
            "no other coder has it")  # fmt: skip
    for note in found.notes:
        say(f"{note}.")
    return 0


def show(screen: Console, found: Agreement) -> None:
    """All tables of an agreement."""
    from whowhom.cli.evaluate import intervals
    from whowhom.cli.figures import figure, number, table

    screen.print(f"{plural(found.documents, 'document')}, coders: {', '.join(found.coders)}.")
    if intervals(found.settings, found.documents):
        screen.print(
            f"In brackets: {found.settings.level:.0%} intervals, {found.settings.resamples:,} "
            f"draws of documents, seed {found.settings.seed}.",
            style="dim",
        )
    for row in found.found:
        a, b = row.first, row.second
        screen.print()
        screen.print(
            table(
                f"Events of {a} (A) and {b} (B)",
                ("", "events", "found by the other"),
                [
                    ("A", f"{row.events[0]:,}", figure(row.first_in_second)),
                    ("B", f"{row.events[1]:,}", figure(row.second_in_first)),
                    ("both", f"{row.both:,}", ""),
                    ("F1", "", figure(row.f1)),
                    ("F1, and the type", "", figure(row.typed_f1)),
                ],
            )
        )
    screen.print()
    mean = len(found.coders) > 2
    columns = ("", "units", "values", "same", "alpha", "kappa, mean" if mean else "kappa")
    screen.print(table("By field", columns, [_row(row) for row in found.fields]))
    if found.types:
        screen.print()
        rows = [_row(row) for row in found.types]
        screen.print(table("Each type: is it in the sentence", columns, rows))
    if mean:
        screen.print()
        screen.print(
            table(
                "Each pair",
                ("", "field", "units", "same", "kappa"),
                [
                    (f"{p.first}, {p.second}", row.name, f"{p.units:,}", number(p.same.value),
                     figure(p.kappa))
                    for row in found.fields[:3]
                    for p in row.pairs
                ],
            )
        )  # fmt: skip


def _row(row: FieldAgreement) -> tuple[str, ...]:
    from whowhom.cli.figures import figure, number

    return (
        row.name,
        f"{row.units:,}",
        f"{row.values:,}",
        number(row.same),
        figure(row.alpha),
        number(row.kappa),
    )
