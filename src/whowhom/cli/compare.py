"""``whowhom compare``: how two outlets tell the same incidents; where two stores agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from whowhom.cli import options
from whowhom.cli.terminal import console, plural, say

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from whowhom.analyse import Filter

ROWS = 12
"""Incidents that the terminal shows; a file has all of them."""
WORDS = 12
"""Words that the terminal shows for each outlet."""
FEWEST = 10
"""Incidents on the terminal of those that only one outlet tells."""


@click.command()
@click.argument(
    "stores", type=options.FilePath(path_type=Path), nargs=-1, metavar="STORE [STORE_B]"
)
@click.option(
    "--outlets",
    "names",
    nargs=2,
    metavar="A B",
    help="With one store: the two outlets, as they are written in it.",
)
@click.option(
    "--by",
    type=click.Choice(["auto", "document", "day"]),
    default="auto",
    show_default=True,
    help="With two stores: pair events by their words in shared documents, or by countries and "
    "day; auto takes documents where half of them are shared.",
)
@click.option(
    "--window",
    type=click.IntRange(0, 366),
    metavar="DAYS",
    help="With --by day: how many days apart one event may be dated (1).",
)
@click.option(
    "--unit",
    type=click.Choice(["reports", "incidents"]),
    default="reports",
    show_default=True,
    help="With two stores: what counts, each report or each incident once.",
)
@click.option("--since", metavar="DATE", help="Only from this day on (year-month-day).")
@click.option("--until", metavar="DATE", help="Only up to this day.")
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Only this type; repeatable.")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    metavar="STATUS",
    help="Only this status; repeatable. Default: actual and, between outlets, negated; all is "
    "every one.",
)
@click.option(
    "-o",
    "--output",
    type=options.FilePath(path_type=Path),
    metavar="FILE.csv",
    help="Write the incidents that either outlet tells, or the events of either store, all of "
    "them, to a CSV file.",
)
@click.option(
    "--json",
    "json_",
    type=options.FilePath(path_type=Path),
    metavar="FILE",
    help="With two stores: write every figure.",
)
@options.force
def compare(
    stores: tuple[Path, ...],
    names: tuple[str, str] | None,
    by: str,
    window: int | None,
    unit: str,
    since: str | None,
    until: str | None,
    types: tuple[str, ...],
    statuses: tuple[str, ...],
    output: Path | None,
    json_: Path | None,
    force: bool,
) -> int:
    """Compare how the outlets A and B tell what STORE holds, or where two stores agree.

    STORE --outlets A B: for the incidents that both tell, whom each names as actor and recipient
    or leaves out, active or passive, the words of the act, who is quoted, the figures, the
    status. Then what only one of them tells, and the words that set them apart.

    STORE STORE_B: which events both have, which only one, by type; whether they say the same of
    two countries on one day; how their daily and weekly counts go together; examples.
    """
    from whowhom.analyse import Filter
    from whowhom.errors import UsageError

    if len(stores) not in (1, 2) or (len(stores) == 1) != bool(names):
        raise UsageError(
            "compare takes one store and two outlets, or two stores",
            do="whowhom compare STORE --outlets A B, or whowhom compare STORE_A STORE_B",
        )
    query = [("since", since), ("until", until)]
    query += [("type", name) for name in types]
    default = ("actual", "negated") if names else ("actual",)
    query += [("status", name) for name in statuses or default]
    filter_ = Filter.from_query([(name, value) for name, value in query if value is not None])
    if not names:
        from whowhom.cli.stores import compare_stores

        return compare_stores(
            stores[0],
            stores[1],
            filter_,
            by=None if by == "auto" else by,
            window=window,
            unit=unit,
            output=output,
            json_=json_,
            force=force,
        )
    return _outlets(stores[0], names, filter_, output, force=force)


def _outlets(
    store: Path,
    names: tuple[str, str],
    filter_: Filter,
    output: Path | None,
    *,
    force: bool,
) -> int:
    from whowhom.analyse import only as told_by_one
    from whowhom.analyse import outlets as told_by_both
    from whowhom.analyse import words as apart
    from whowhom.merge import ensure
    from whowhom.store import open_store

    a, b = names
    with ensure(open_store(store)) as opened:
        both = told_by_both(opened, a, b, filter_)
        single = told_by_one(opened, a, b, filter_)
        marked = apart(opened, a, b, filter_, limit=WORDS)
        if output is not None:
            count = _write(output, both, single, force=force)
            say(f"{plural(count, 'row')} written to {output}.")
        else:
            _show(console(), a, b, both, single, marked)
    return 0


COLUMNS = (
    "told_by",
    "incident",
    "day",
    "event_type",
    "outlet",
    "reports",
    "statuses",
    "actors",
    "recipients",
    "actor_left_out",
    "recipient_left_out",
    "forms",
    "triggers",
    "speakers",
    "figures",
    "score",
    "event",
    "text",
)
"""Of the CSV file: a row for every outlet of an incident; lists are joined by " | "."""


def _write(path: Path, both: pa.Table, single: pa.Table, *, force: bool) -> int:
    import csv
    import io

    from whowhom.store.export import whole_file
    from whowhom.store.flat import safe_cell

    rows = [{"told_by": "both", **row} for row in both.to_pylist()]
    rows += [{"told_by": "one", **row} for row in single.to_pylist()]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([safe_cell(_cell(row.get(name)), raw=False) for name in COLUMNS])
    with whole_file(path, force=force) as file:
        file.write(buffer.getvalue().encode("utf-8", "replace"))
    return len(rows)


def _cell(value: object) -> str | int | float | None:
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " | ".join(str(item) for item in value)
    return str(value)


def _show(
    screen: Console, a: str, b: str, both: pa.Table, single: pa.Table, marked: pa.Table
) -> None:
    from whowhom.show.safe import visible

    rows = both.to_pylist()
    incidents = [(rows[i], rows[i + 1]) for i in range(0, len(rows), 2)]
    alone = single.to_pylist()
    only_a = [row for row in alone if row["outlet"] == a]
    only_b = [row for row in alone if row["outlet"] == b]
    a, b = visible(a), visible(b)
    screen.print(
        f"{plural(len(incidents), 'incident')} told by both {a} and {b}; "
        f"{len(only_a):,} only by {a}, {len(only_b):,} only by {b}."
    )
    for sentence in _findings(a, b, incidents):
        screen.print(sentence)
    if incidents:
        screen.print()
        screen.print(_side_by_side(a, b, incidents[:ROWS]))
        if len(incidents) > ROWS:
            screen.print(f"and {len(incidents) - ROWS:,} more: write all of them with -o FILE.csv")
    for name, found in ((a, only_a), (b, only_b)):
        if found:
            screen.print()
            screen.print(_told_alone(name, found))
    for name, other in ((a, b), (b, a)):
        mine = [
            f"{visible(row['word'])} ({row['count']:,}:{row['other']:,})"
            for row in marked.to_pylist()
            if visible(row["outlet"]) == name
        ]
        if mine:
            screen.print()
            screen.print(f"Words of {name} (uses here : in {other}): {', '.join(mine)}")


def _findings(a: str, b: str, incidents: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[str]:
    found = []
    for name, side in ((a, 0), (b, 1)):
        hidden = sum(pair[side]["actor_left_out"] for pair in incidents)
        passive = sum("passive" in pair[side]["forms"] for pair in incidents)
        if incidents:
            found.append(
                f"{name}: passive in {passive:,} of {len(incidents):,}; names no actor in "
                f"{hidden:,} in which the other does."
            )
    apart = sum(x["statuses"] != y["statuses"] for x, y in incidents)
    figures = sum(bool(x["figures"] and y["figures"]) for x, y in incidents)
    differ = sum(bool(x["figures"] and y["figures"]) and x["figures"] != y["figures"]
                 for x, y in incidents)  # fmt: skip
    if apart:
        found.append(f"They differ on whether it happened in {apart:,}.")
    if figures:
        found.append(f"Figures differ in {differ:,} of the {figures:,} in which both have some.")
    return found


def _side_by_side(a: str, b: str, incidents: Iterable[tuple[Mapping[str, Any], ...]]) -> Table:
    from rich.table import Table
    from rich.text import Text

    from whowhom.show.safe import visible

    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 1, 0))
    table.add_column("when, what", width=12, overflow="fold")
    table.add_column(a, overflow="fold")
    table.add_column(b, overflow="fold")
    for pair in incidents:
        what = Text(f"{pair[0]['day'] or 'no day'}\n").append(
            visible(pair[0]["event_type"]), style="bold"
        )
        table.add_row(what, *(_telling(row) for row in pair))
    return table


def _telling(row: Mapping[str, Any]) -> Text:
    from rich.text import Text

    from whowhom.analyse import label
    from whowhom.show.safe import visible

    def side(name: str) -> str:
        return ", ".join(visible(label(key)) for key in row[name]) or "nobody named"

    cell = Text()
    left = row["actor_left_out"]
    cell.append(side("actors"), style="magenta" if left else "")
    cell.append(f" → {side('recipients')}\n")
    words = ", ".join(f"“{visible(word)}”" for word in row["triggers"])
    cell.append(f"{'/'.join(row['forms'])}: {words}")
    if row["statuses"] != ["actual"]:
        cell.append(f"; {', '.join(row['statuses'])}", style="magenta")
    if row["figures"]:
        cell.append(f"; {', '.join(row['figures'])}")
    if row["speakers"]:
        cell.append(f"\nsays {', '.join(visible(name) for name in row['speakers'])}", style="cyan")
    cell.append(f"\n{visible(row['text'])}", style="dim")
    return cell


def _told_alone(name: str, rows: list[dict[str, Any]]) -> Table:
    from rich.table import Table

    from whowhom.analyse import label
    from whowhom.show.safe import visible

    table = Table(
        title=f"Only {name}: {len(rows):,}, first what most others tell",
        title_justify="left",
        box=None,
        pad_edge=False,
        header_style="dim",
    )
    for column in ("when", "what", "who → whom", "outlets", "sentence"):
        table.add_column(column, overflow="fold")
    for row in rows[:FEWEST]:
        sides = (", ".join(label(key) for key in row[side]) for side in ("actors", "recipients"))
        table.add_row(
            str(row["day"] or "–"),
            visible(row["event_type"]),
            visible(" → ".join(side or "–" for side in sides)),
            str(row["told"] or 1),
            visible(row["text"]),
        )
    return table
