"""``whowhom demo``: the example corpus, coded and shown. The quick start."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from whowhom.cli import options
from whowhom.cli.terminal import REPORT, WEB, console, list_troubles, missing, plural
from whowhom.model import Range

if TYPE_CHECKING:
    from rich.console import Console

    from whowhom.engine.outcome import Report
    from whowhom.model import Event

ROWS = 10
"""Events that the demo shows: about a screen."""


@click.command()
@click.option(
    "--store",
    type=options.FilePath(path_type=Path, file_okay=False),
    default=Path("whowhom-demo"),
    show_default=True,
    metavar="FOLDER",
    help="Where to keep what was coded, and the report of it.",
)
@click.option(
    "--serve/--no-serve",
    default=None,
    help="Open the explorer at the end. Default: on a terminal, where it is installed.",
)
def demo(store: Path, serve: bool | None) -> int:
    """Code the example corpus that comes with whowhom, merge it into incidents, and show what
    came out: here, as a report, and in the explorer."""
    from whowhom.cli.code import Outputs, coder_spec, run_coder
    from whowhom.cli.merge import merge_store
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
        recode=True,
        keep_text=True,
    )
    account = merge_store(store)
    tell(report, outputs.events, store, account, console())
    written = _report(store) if outputs.events else None
    _next(store, written, console())
    list_troubles(report, store)
    if serve is None:
        serve = sys.stdout.isatty() and not missing(*WEB)
    if serve:
        from whowhom.cli.serve import serve as explorer

        click.echo()
        explorer.main(
            [str(store), "--port", "0", "--open"], prog_name="whowhom serve", standalone_mode=False
        )
    return 1 if report.unread else 0


def _report(store: Path) -> Path | None:
    """Write the report of the demo beside its store; None where the extra is not installed."""
    if missing(*REPORT):
        return None
    from whowhom.merge import ensure
    from whowhom.show.report import gather, write
    from whowhom.store import open_store
    from whowhom.store.export import whole_file

    path = store.parent / f"{store.name}.html"
    with open_store(store) as opened, whole_file(path, force=True) as file:
        file.write(write(gather(ensure(opened)), "html"))
    return path


def _next(store: Path, report: Path | None, screen: Console) -> None:
    """What to do now."""
    screen.print("\nWhat next", style="bold")
    sentence = "Kenyan police said rebels had attacked Garissa on Monday."
    steps = []
    if report is not None:
        steps.append((str(report), "the report: open it in a browser"))
        steps.append((f"whowhom serve {store} --open", "the explorer: every number's sentences"))
    else:
        steps.append(("pip install 'whowhom[web]'", "for the report and the explorer"))
    steps += [
        (f"whowhom export {store} -o events.csv", "open it in a spreadsheet"),
        (f'whowhom explain "{sentence}"', "see why a sentence is coded as it is"),
        ("whowhom code article.txt --date 2015-10-23", "code a text of your own"),
    ]
    for step, what in steps:
        screen.print(f"  {step}", soft_wrap=True)
        screen.print(f"      {what}", style="dim")


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


def tell(
    report: Report, events: Sequence[Event], store: Path, account: str, screen: Console
) -> None:
    """The story of a coded corpus: counts, pairs, a table, disputed figures."""
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
    screen.print(account)
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
    disputes = disputed(store)
    if disputes:
        screen.print("\nFigures that differ", style="bold")
        for line in disputes[:3]:
            screen.print(f"  {line}")


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


def disputed(store: Path) -> list[str]:
    """Figures of one incident that reports put differently, with who says what."""
    from whowhom.show.safe import visible
    from whowhom.show.table import figure
    from whowhom.store import open_store

    query = (
        "select event_type, place, shown, figures from incidents where disputed "
        "order by independent desc, incident"
    )
    lines = []
    with open_store(store) as opened:
        for kind, place, day, claims in opened.sql(query).fetchall():
            said: dict[tuple[str, str], str] = {}
            for claim in claims:
                low, high = claim["low"], claim["high"]
                value = low if low == high else Range(low, high)
                said.setdefault((claim["kind"], visible(claim["claimant"])), figure(value))
            for name in dict.fromkeys(what for what, _ in said):
                mine = {who: number for (what, who), number in said.items() if what == name}
                if len(set(mine.values())) > 1:
                    listed = "; ".join(f"{who}: {number}" for who, number in mine.items())
                    where = f" in {visible(place)}" if place else ""
                    lines.append(f"{kind}{where}, {day}: {name}, {listed}")
    return lines
