"""An audit on the terminal: an event to be judged, and what the judgements say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from whowhom.model import Event
from whowhom.settings import AUDIT
from whowhom.show.explain import fields, over_sentence
from whowhom.show.safe import visible

if TYPE_CHECKING:
    from whowhom.audit import Figure, Report

_TITLES = {
    "type": "by type",
    "status": "by status",
    "outlet": "by outlet",
    "confidence": "by the coder's confidence",
}


def question(record: Mapping[str, Any], width: int, *, confidence: bool = False) -> Group:
    """An event over its sentence, without what the coder thinks of it unless asked."""
    event = Event.from_dict(record)
    document = event.document
    source = ", ".join(
        part
        for part in (
            document.outlet,
            document.published.isoformat() if document.published else None,
            f"“{document.title}”" if document.title else None,
        )
        if part
    )
    head = Text(f"  {visible(source) or visible(document.id)}", style="dim")
    if event.evidence.sentence_text.strip():
        shown = over_sentence(event, width)
    else:  # imported: most formats hold codes alone
        place = visible(document.url or document.id)
        shown = Group(Text(f"  The store has no sentence of it. Its source: {place}"))
    return Group(head, shown, fields(event, why=confidence))


def draw(report: Report, console: Console) -> None:
    """The report: how far the audit is, what share is right, by what."""
    sample = report.sample
    unit = "incidents" if sample.of == "incidents" else "events"
    by = " and ".join(sample.by) or "nothing: one stratum"
    console.print(
        f"{report.judged:,} of {report.drawn:,} judged, {report.left:,} left; drawn on "
        f"{sample.made[:10]} from {sample.population:,} {unit}, by {by}, seed {sample.seed}."
    )
    verdicts = ", ".join(f"{number:,} {verdict}" for verdict, number in report.verdicts.items())
    markers = ", ".join(f"{visible(name)} {count:,}" for name, count in report.markers.items())
    console.print(f"Marks: {verdicts}" + (f" (by {markers})." if markers else "."))
    if report.gone:
        console.print(f"{report.gone:,} of the drawn are no longer in the store, and are left out.")
    if report.now != sample.population:
        console.print(
            f"The store now has {report.now:,} {unit}; the figures speak for the "
            f"{sample.population:,} of then. --new draws from it as it is."
        )
    if not report.judged:
        console.print("Nothing is judged yet.")
        return
    console.print()
    console.print(Text("Right, as a whole: ") + _share(report.right))
    console.print(Text("Type right:        ") + _share(report.type_right))
    if report.covered < 1:
        console.print(
            f"This speaks for {report.covered:.0%} of the {unit}: of the rest none is judged yet."
        )
    for name, figures in report.by.items():
        console.print()
        console.print(_table(_TITLES[name], figures, sized=name in sample.by, unit=unit))
    for two in report.agreement:
        kappa = "not defined" if two.kappa is None else f"{two.kappa:.2f}"
        console.print(
            f"\n{visible(two.markers[0])} and {visible(two.markers[1])} judged {two.events:,} "
            f"of the same: they agree on {two.agreed:.0%}, Cohen's kappa {kappa}."
        )


def share_words(figure: Figure) -> str:
    """ "0.81 (0.74 to 0.86)"."""
    if figure.share is None:
        return "-"
    return f"{figure.share:.2f} ({figure.low:.2f} to {figure.high:.2f})"


def _share(figure: Figure) -> Text:
    return Text(share_words(figure), style="bold")


def _table(title: str, figures: tuple[Figure, ...], *, sized: bool, unit: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column(title)
    if sized:
        table.add_column(unit, justify="right")
    table.add_column("judged", justify="right")
    table.add_column("right", justify="right")
    table.add_column(f"{AUDIT.level:.0%}")
    for f in figures:
        size = [f"{f.events:,}" if f.events is not None else ""] if sized else []
        interval = "" if f.share is None else f"{f.low:.2f} to {f.high:.2f}"
        table.add_row(
            visible(f.name), *size, f"{f.judged:,}",
            "-" if f.share is None else f"{f.share:.2f}", interval,
        )  # fmt: skip
    return table
