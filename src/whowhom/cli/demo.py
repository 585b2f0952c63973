"""``whowhom demo``: the example corpus, coded and shown. The quick start."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from whowhom.cli.terminal import console, list_troubles, plural

if TYPE_CHECKING:
    from rich.console import Console

    from whowhom.engine.outcome import Report
    from whowhom.model import Event

ROWS = 10
"""Events that the demo shows: about a screen."""


@click.command(short_help="Code the example corpus and show it: the quick start.")
@click.option(
    "--store",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Keep what was coded, to try export and the rest on it.",
)
def demo(store: Path | None) -> int:
    """Code the example corpus that comes with whowhom, and show what came out."""
    from whowhom.cli.code import Outputs, coder_spec, run_coder
    from whowhom.read import Defaults, read
    from whowhom.settings import DEFAULT

    corpus = example_corpus()
    outputs = Outputs(keep_events=True)
    report = run_coder(
        read([str(corpus)], Defaults(), DEFAULT, None),
        coder_spec(),
        workers=1,
        store=store,
        outputs=outputs,
    )
    tell(report, outputs.events, store, console())
    list_troubles(report)
    return 1 if report.unread else 0


def example_corpus() -> Path:
    """The corpus: in the package, or in the checkout that is installed as editable.

    Raises:
        DataError: it is in neither.
    """
    from whowhom.errors import DataError

    inside = Path(str(files("whowhom"))) / "data" / "examples" / "documents.jsonl"
    checkout = Path(__file__).resolve().parents[3] / "examples" / "corpus" / "documents.jsonl"
    for path in (inside, checkout):
        if path.is_file():
            return path
    raise DataError(
        "the example corpus is missing",
        where=str(inside),
        do="Install the package anew: pip install --force-reinstall whowhom",
    )


def tell(report: Report, events: Sequence[Event], store: Path | None, screen: Console) -> None:
    """The story of a coded corpus: counts, pairs, a table, disputed figures, what next."""
    from whowhom.show.table import draw
    from whowhom.store.events import Summary

    summary = Summary(events)
    outlets = {event.document.outlet for event in events} - {None}
    days = sorted(event.document.published for event in events if event.document.published)
    screen.print(
        f"{plural(report.read, 'article')} written for this project, "
        + (f"dated {days[0]} to {days[-1]}, " if days else "")
        + f"from {plural(len(outlets), 'outlet')}: {plural(len(events), 'event')}."
    )
    if not events:
        return
    screen.print()
    _bars("What is told", summary.types.most_common(16), screen)
    screen.print()
    _bars("Did it happen?", summary.statuses.most_common(), screen)
    screen.print(
        f"{summary.attributed:,} of {len(events):,} are on somebody's word, not the article's own."
    )
    screen.print()
    _bars("Between whom", [(f"{a} → {b}", n) for (a, b), n in summary.pairs.most_common(6)], screen)
    screen.print()
    chosen = varied(events, ROWS)
    draw(chosen, screen, title=f"{len(chosen)} of the events")
    disputes = disputed(events)
    if disputes:
        screen.print("\nFigures that differ", style="bold")
        for line in disputes[:3]:
            screen.print(f"  {line}")
    screen.print("\nWhat next", style="bold")
    sentence = "Kenyan police said rebels had attacked Garissa on Monday."
    here = store if store is not None else "FOLDER"
    steps = []
    if store is None:
        steps.append(("whowhom demo --store FOLDER", "keep all of this"))
    steps += [
        (f"whowhom export {here} -o events.csv", "open it in a spreadsheet"),
        (f'whowhom explain "{sentence}"', "see why a sentence is coded as it is"),
        ("whowhom code article.txt --date 2015-10-23", "code a text of your own"),
    ]
    for step, what in steps:
        screen.print(f"  {step}", soft_wrap=True)
        screen.print(f"      {what}", style="dim")


def _bars(title: str, counts: Sequence[tuple[str, int]], screen: Console) -> None:
    """Counts as bars, as wide as the terminal lets them be."""
    if not counts:
        return
    screen.print(title, style="bold")
    label = max(len(name) for name, _ in counts)
    most = max(count for _, count in counts)
    room = max(8, min(40, screen.width - label - 10))
    for name, count in counts:
        bar = "█" * max(1, round(room * count / most))
        screen.print(f"  {name:<{label}} {count:>4} {bar}", overflow="crop", no_wrap=True)


def varied(events: Sequence[Event], most: int) -> list[Event]:
    """A choice that shows the breadth: each status, type and speaker before any repeats."""
    seen: set[tuple[str, ...]] = set()
    chosen: list[Event] = []
    for key in (
        lambda e: ("status", e.status, str(bool(e.attribution))),
        lambda e: ("type", e.event_type),
        lambda e: ("id", e.id),
    ):
        for event in events:
            if len(chosen) >= most:
                break
            if event in chosen or not event.actors or key(event) in seen:
                continue
            seen.add(key(event))
            chosen.append(event)
    order = {event.id: position for position, event in enumerate(events)}
    return sorted(chosen, key=lambda event: order[event.id])


def disputed(events: Sequence[Event]) -> list[str]:
    """Deaths that reports of one place and day put differently, with who says what."""
    from whowhom.show.safe import visible
    from whowhom.show.table import figure

    claims: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
    for event in events:
        if event.place is None or event.date is None or event.magnitudes.killed is None:
            continue
        place = event.place.name or event.place.text
        speaker = event.attribution[-1].speaker if event.attribution else None
        who = (speaker.name or speaker.text) if speaker else (event.document.outlet or "the text")
        key = (event.event_type, place, event.date.isoformat())
        claims[key].setdefault(visible(who), figure(event.magnitudes.killed))
    lines = []
    for (kind, place, day), said in claims.items():
        if len(set(said.values())) > 1:
            listed = "; ".join(f"{who}: {number}" for who, number in said.items())
            lines.append(f"{kind} in {visible(place)}, {day}: killed, {listed}")
    return lines
