"""``whowhom evaluate``: a coding against gold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from whowhom.cli import options
from whowhom.cli.terminal import LISTED, console, plural, say
from whowhom.model import STATUSES

if TYPE_CHECKING:
    from rich.console import Console

    from whowhom.evaluate.codings import Coding
    from whowhom.evaluate.gold import AnnotatedDocument, AnnotatedEvent
    from whowhom.evaluate.scores import Scores
    from whowhom.settings import EvaluationSettings

MISSES = (
    *("kind", "document", "gold_type", "found_type", "core", "gold_trigger", "found_trigger"),
    *("part", "start", "sentence", "actors", "recipients", "rule", "confidence"),
)
"""Columns of the file of misses."""


@click.command()
@click.argument("gold", type=options.FilePath(path_type=Path), metavar="GOLD")
@click.option(
    "--predictions",
    type=options.FilePath(path_type=Path, exists=True),
    metavar="PATH",
    help="Measure what this holds, instead of coding the texts now: a store, events as JSON Lines, "
    "or a gold file of another coder.",
)
@options.own_codebook
@click.option(
    "--match",
    "rule",
    type=click.Choice(["sentence", "trigger", "document"]),
    default="sentence",
    show_default=True,
    help="What makes two events of one type the same: the found trigger is in the sentence of the "
    "gold one; their words overlap; or they are in one document.",
)
@click.option(
    "--status",
    "statuses",
    type=click.Choice(STATUSES),
    multiple=True,
    help="Only events with this status, of the gold and of what was found; repeatable.",
)
@click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    default=0.0,
    metavar="X",
    help="Only found events that are at least so sure.",
)
@options.resamples
@options.seed_of_draws
@options.figures_as_json
@click.option(
    "--misses",
    type=options.FilePath(path_type=Path),
    metavar="FILE.csv",
    help="Write each missed event and false alarm with its sentence.",
)
@click.option(
    "--confusion",
    type=options.FilePath(path_type=Path),
    metavar="FILE.csv",
    help="Write the confusion matrix: a row a type of the gold, a column a type that was found.",
)
@options.force_all
@options.no_progress
def evaluate(
    gold: Path,
    predictions: Path | None,
    codebook: Path | None,
    rule: str,
    statuses: tuple[str, ...],
    min_confidence: float,
    resamples: int | None,
    seed: int | None,
    json_: Path | None,
    misses: Path | None,
    confusion: Path | None,
    force: bool,
    quiet: bool,
) -> int:
    """Measure coded events against GOLD, a file of annotated documents.

    Precision, recall and F1 of events and by type, how right the fields of the events are that
    both sides have, and which types are taken for which; with 95% intervals by bootstrap over
    documents. Without --predictions the texts of GOLD are coded now.
    """
    from whowhom.codebook import load
    from whowhom.evaluate.codings import Coding, check_common, only, read_coding
    from whowhom.evaluate.gold import read_gold
    from whowhom.evaluate.scores import score

    for file in (json_, misses, confusion):
        _may_write(file, force=force)
    # events of another program may follow another codebook: then any type will do
    book = load(codebook) if predictions is None or codebook is not None else None
    documents = read_gold(gold, book=book)
    failed: list[tuple[str, str]] = []
    if predictions is None:
        coding, failed = _code(documents, codebook, quiet=quiet)
    else:
        coding = read_coding(predictions, {document.id for document in documents})
        if documents and not any(document.id in coding.documents for document in documents):
            check_common(predictions, coding, documents, gold)
    documents = only(documents, statuses)
    kept = only(coding.documents.values(), statuses, min_confidence)
    coding = Coding(coding.name, {d.id: d for d in kept}, coding.complete)
    scores = score(
        documents,
        coding,
        rule=rule,  # type: ignore[arg-type] # a Choice
        quads=None if book is None else {name: kind.quad for name, kind in book.types.items()},
        settings=bootstrap(resamples, seed),
    )
    # files first: whoever reads the tables through a pipe may stop reading
    if json_ is not None:
        write = {
            "gold": str(gold),
            "predictions": str(predictions or "whowhom code"),
            "statuses": list(statuses),
            "min_confidence": min_confidence,
        }
        from whowhom.cli.figures import write_json

        write_json(json_, write | scores.to_dict(), force=force)
        say(f"Every figure is in {json_}.")
    if misses is not None:
        from whowhom.cli.figures import write_csv

        count = write_csv(misses, MISSES, _misses(scores), force=force)
        say(f"{plural(count, 'row')} written to {misses}.")
    if confusion is not None:
        from whowhom.cli.figures import write_csv

        names = sorted({name for cell in scores.confusion for name in cell})
        rows = ({"gold": g} | {f: scores.confusion.get((g, f), 0) for f in names} for g in names)
        write_csv(confusion, ("gold", *names), rows, force=force)
        say(f"The confusion matrix is in {confusion}.")
    show(console(), scores)
    _tell(scores, coding, failed)
    return 1 if failed else 0


def bootstrap(resamples: int | None, seed: int | None) -> Any:
    """The settings of intervals, with what the command line says."""
    import dataclasses

    from whowhom.settings import EVALUATION

    said = {"resamples": resamples, "seed": seed}
    return dataclasses.replace(EVALUATION, **{k: v for k, v in said.items() if v is not None})


def intervals(settings: EvaluationSettings, documents: int) -> bool:
    """Whether there are intervals to explain."""
    return settings.resamples > 0 and documents >= settings.fewest_documents


def _may_write(path: Path | None, *, force: bool) -> None:
    """Complain before the work, not after it."""
    from whowhom.store.export import may_write

    if path is not None:
        may_write(path, force=force)


def _code(
    documents: list[AnnotatedDocument], codebook: Path | None, *, quiet: bool
) -> tuple[Coding, list[tuple[str, str]]]:
    from whowhom.cli.code import coder_spec
    from whowhom.cli.terminal import ProgressLine
    from whowhom.evaluate.codings import from_coder

    with ProgressLine(quiet=quiet) as progress:
        progress.note("loading the coder")
        coder = coder_spec(codebook).make()
        return from_coder(
            documents,
            coder,
            lambda done, id_: progress.step(f"{done:,} of {len(documents):,} documents, now {id_}"),
        )


def _tell(scores: Scores, coding: Coding, failed: list[tuple[str, str]]) -> None:
    """What a reader of the figures has to know."""
    for id_, why in failed[:LISTED]:
        say(f"  {id_}: not coded, counts as found empty: {why}")
    if len(failed) > LISTED:
        say(f"  and {len(failed) - LISTED:,} more")
    if scores.absent:
        named = ", ".join(scores.absent[:5]) + (", ..." if len(scores.absent) > 5 else "")
        say(
            f"{plural(len(scores.absent), 'document')} of the gold are not in {coding.name} and "
            f"count as found empty: {named}"
        )
    if scores.misplaced:
        say(
            f"{plural(scores.misplaced, 'event')} of {coding.name} name words that do not stand "
            "at their offsets in the gold's text: was the same text coded?"
        )
    if scores.repeats:
        say(
            f"{plural(scores.repeats, 'event')} left out: another of the document has the same "
            "trigger, type and country codes."
        )


def show(screen: Console, scores: Scores) -> None:
    """All tables of an evaluation."""
    from whowhom.cli.figures import figure, number, table

    rules = {
        "sentence": "the type is right and the found trigger lies in the gold event's sentence",
        "trigger": "the type is right and the words of both triggers overlap",
        "document": "the type is right and the document is the same",
    }
    screen.print(
        f"{plural(scores.documents, 'document')}, {plural(scores.gold, 'gold event')} "
        f"({scores.core:,} core), {scores.found:,} found. An event is right if "
        f"{rules[scores.rule]}."
    )
    if intervals(scores.settings, scores.documents):
        screen.print(
            f"In brackets: {scores.settings.level:.0%} intervals, {scores.settings.resamples:,} "
            f"draws of documents, seed {scores.settings.seed}.",
            style="dim",
        )
    events = scores.events
    rows = [
        ("all events", *(figure(events[k]) for k in ("precision", "recall", "f1"))),
    ]
    if scores.core != scores.gold:
        core = figure(events["core recall"]), figure(events["core f1"])
        rows.append(("core events", figure(events["precision"]), *core))
    rows.append(("macro, by type", "", "", figure(events["macro f1"])))
    rows.append(("macro, type in document", "", "", figure(events["document macro f1"])))
    rows.append(("quad class, any type", "", "", figure(events["quad f1"])))
    rows.append(("conflict or cooperation", "", "", figure(events["half f1"])))
    rows.append(("type, both countries", "", "", figure(events["whole f1"])))
    screen.print()
    screen.print(table("Events", ("", "precision", "recall", "F1"), rows))
    if scores.without_sides:
        screen.print(
            '"type, both countries" is not measured: nothing is said of actors or of recipients in '
            f"{plural(scores.without_sides, 'event')} of the gold (an empty list says that there "
            "is nobody).",
            style="dim",
        )
    screen.print()
    screen.print(
        table(
            "By type",
            ("", "gold", "found", "precision", "recall", "F1"),
            [
                (
                    name,
                    f"{row['gold']:,}",
                    f"{row['found']:,}",
                    number(row["precision"].value),
                    number(row["recall"].value),
                    figure(row["f1"]),
                )
                for name, row in scores.types.items()
            ],
        )
    )
    if scores.allowed:
        named = ", ".join(
            f"{g} found as {f} {n:,}"
            for (g, f), n in sorted(scores.allowed.items(), key=lambda c: (-c[1], c[0]))
        )
        screen.print(f"Counted as right, since gold allows it: {named}.", style="dim")
    if scores.fields:
        screen.print()
        screen.print(
            table(
                f"Fields of the {plural(_paired(scores), 'event')} that both have",
                ("", "of", "right", "F1 of codes"),
                [
                    (f.name, f"{f.of:,}", figure(f.share), figure(f.f1) if f.f1 else "")
                    for f in scores.fields
                ],
            )
        )
    wrong = _confused(scores)
    if wrong:
        screen.print()
        shown = wrong[:LISTED]
        screen.print(table("Types taken for others", ("gold", "found", "events"), shown))
        if len(wrong) > LISTED:
            screen.print(f"and {len(wrong) - LISTED:,} more: --confusion FILE.csv has all")


def _paired(scores: Scores) -> int:
    from whowhom.evaluate.scores import NOTHING

    paired = sum(n for (g, f), n in scores.confusion.items() if NOTHING not in (g, f))
    return paired - sum(m.kind == "other type" for m in scores.misses)


def _confused(scores: Scores) -> list[tuple[str, str, str]]:
    """Off the diagonal of the confusion matrix, the most frequent first."""
    cells = [(n, g, f) for (g, f), n in scores.confusion.items() if g != f]
    return [(g, f, f"{n:,}") for n, g, f in sorted(cells, key=lambda c: (-c[0], c[1], c[2]))]


def _misses(scores: Scores) -> Iterator[dict[str, Any]]:
    for miss in scores.misses:
        event = miss.gold or miss.found
        if event is None:
            continue
        yield {
            "kind": miss.kind,
            "document": miss.document,
            "gold_type": miss.gold.event_type if miss.gold else None,
            "found_type": miss.found.event_type if miss.found else None,
            "core": miss.gold.core if miss.gold else None,
            "gold_trigger": miss.gold.trigger.text if miss.gold else None,
            "found_trigger": miss.found.trigger.text if miss.found else None,
            "part": event.trigger.part,
            "start": event.trigger.start,
            "sentence": miss.sentence,
            "actors": _sides(event, "actors"),
            "recipients": _sides(event, "recipients"),
            "rule": miss.found.meta.get("rule") if miss.found else None,
            "confidence": miss.found.confidence if miss.found else None,
        }


def _sides(event: AnnotatedEvent, side: str) -> list[str]:
    parties = getattr(event, side)
    return [f"{p.text} ({p.country or '–'}/{p.sector or '–'})" for p in parties]
