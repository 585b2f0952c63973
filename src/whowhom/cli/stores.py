"""``whowhom compare STORE_A STORE_B``: where two stores agree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whowhom.cli.terminal import console, plural, say

if TYPE_CHECKING:
    from rich.console import Console

    from whowhom.analyse import Filter
    from whowhom.evaluate.stores import Comparison, Kind, Met
    from whowhom.store import Store

SERIES = 12
"""Dyads that the terminal shows; --json has all."""
EXAMPLES = 3
"""Events that the terminal shows of each kind of disagreement; a CSV file has all."""
CONFUSED = 12
"""Pairs of types that the terminal shows."""
COLUMNS = (
    *("kind", "actor", "recipient", "day_a", "day_b", "type_a", "type_b", "document_a"),
    *("document_b", "event_a", "event_b", "text_a", "text_b"),
)
"""Of the CSV file: a row an event, or a pair of them; with several dyads a row each."""


def compare_stores(
    a: Path,
    b: Path,
    filter_: Filter,
    *,
    by: str | None,
    window: int | None,
    unit: str,
    output: Path | None,
    json_: Path | None,
    force: bool,
) -> int:
    """Compare two stores, show it, and write what was asked for."""
    from whowhom.cli.damage import list_damage
    from whowhom.cli.figures import write_csv, write_json
    from whowhom.evaluate.stores import compare
    from whowhom.merge import ensure
    from whowhom.settings import EVALUATION
    from whowhom.store import open_store
    from whowhom.store.export import may_write

    for file in (output, json_):
        if file is not None:
            may_write(file, force=force)
    with open_store(a) as first, open_store(b) as second:
        opened = (first, second)
        if unit == "incidents":
            opened = (ensure(first), ensure(second))
        days = EVALUATION.window_days if window is None else window
        found = compare(*opened, filter_, by=by, window=days, unit=unit)  # type: ignore[arg-type] # Choices
        if output is not None:
            count = write_csv(output, COLUMNS, _rows(found, opened), force=force)
            say(f"{plural(count, 'row')} written to {output}.")
        if json_ is not None:
            write_json(json_, {"store_a": str(a), "store_b": str(b)} | found.to_dict(), force=force)
            say(f"Every figure is in {json_}.")
        show(console(), str(a), str(b), found, opened)
        return max(list_damage(store.troubles) for store in opened)


def show(screen: Console, a: str, b: str, found: Comparison, opened: tuple[Store, Store]) -> None:
    """All tables of a comparison."""
    from whowhom.cli.figures import figure, number, table
    from whowhom.show.safe import visible

    screen.print(
        f"A is {visible(a)}: {plural(found.events[0], 'event')}. "
        f"B is {visible(b)}: {plural(found.events[1], 'event')}."
    )
    if found.documents is not None:
        screen.print(
            f"{plural(found.documents[2], 'document')} in both, of {found.documents[0]:,} and "
            f"{found.documents[1]:,}: events of these are paired where their words overlap."
        )
    else:
        screen.print(
            "Events between two countries are paired if they are at most "
            f"{plural(found.window, 'day')} apart; several countries on a side are several."
        )
        for name, lacking in (("country on one side", found.without_dyad),
                              ("day", found.without_day)):  # fmt: skip
            if any(lacking):
                screen.print(
                    f"Left aside, without a {name}: {lacking[0]:,} of A, {lacking[1]:,} of B.",
                    style="dim",
                )
    rows = []
    for name, row in found.types.items():
        of_a = row["both"] + row["other type in B"] + row["only A"]
        of_b = row["both"] + row["other type in A"] + row["only B"]
        shares = [row["both"] / n if n else float("nan") for n in (of_a, of_b)]
        rows.append((name, *(f"{n:,}" for n in row.values()), *map(number, shares)))
    screen.print()
    columns = ("", "both", "other in B", "other in A", "only A", "only B", "of A", "of B")
    screen.print(table("By type: events, and the shares that both have", columns, rows))
    other = sorted(
        ((n, x, y) for (x, y), n in found.confusion.items() if x != y),
        key=lambda c: (-c[0], c[1], c[2]),
    )
    if other:
        screen.print()
        cells = [(x, y, f"{n:,}") for n, x, y in other[:CONFUSED]]
        screen.print(table("One event, two types", ("A", "B", "events"), cells))
        if len(other) > CONFUSED:
            screen.print(f"and {len(other) - CONFUSED:,} more pairs of types: --json has all")
    in_a, in_b, both = found.dyad_days
    screen.print()
    screen.print(
        f"Days with something between two countries: {in_a:,} in A, {in_b:,} in B, {both:,} in "
        "both" + (". On those:" if both else ".")
    )
    if both:
        screen.print(
            table(
                "",
                ("", "days", "same", "alpha", "kappa"),
                [
                    (f.name, f"{f.units:,}", number(f.same), figure(f.alpha),
                     figure(f.pairs[0].kappa))
                    for f in found.given_day
                ],
            )
        )  # fmt: skip
    if found.span is not None and found.series:
        screen.print()
        screen.print(
            table(
                f"Counts by day and by week, {found.span[0]} to {found.span[1]}: Pearson's r",
                ("", "A", "B", "daily", "weekly", "weekly, material conflict"),
                [
                    (" – ".join(s.dyad), f"{s.a:,}", f"{s.b:,}", number(s.daily),
                     number(s.weekly), number(s.weekly_conflict))
                    for s in found.series[:SERIES]
                ],
            )
        )  # fmt: skip
        if len(found.series) > SERIES:
            screen.print(f"and {len(found.series) - SERIES:,} more pairs of countries: --json")
    _examples(screen, found, opened)


def _examples(screen: Console, found: Comparison, opened: tuple[Store, Store]) -> None:
    from whowhom.evaluate.stores import examples, texts
    from whowhom.show.safe import visible

    kinds: tuple[Kind, ...] = ("other type", "only A", "only B")
    drawn = {kind: examples(found, kind, EXAMPLES) for kind in kinds}
    said = _texts(opened, [m for some in drawn.values() for m in some], texts)
    for kind, some in drawn.items():
        if not some:
            continue
        screen.print()
        screen.print(f"For example, {kind}", style="bold")
        for m in some:
            for side, row in zip("AB", (m.a, m.b), strict=True):
                if row is not None:
                    who = " – ".join(row.dyad) if row.dyad else "no pair"
                    screen.print(
                        f"  {side}  {row.day or 'no day'}  {row.event_type}  {who}", soft_wrap=True
                    )
                    if said[side].get(row.event):
                        screen.print(f"     {visible(said[side][row.event])}", style="dim")


def _texts(opened: tuple[Store, Store], met: list[Met], texts: Any) -> dict[str, dict[str, str]]:
    return {
        "A": texts(opened[0], (m.a.event for m in met if m.a is not None)),
        "B": texts(opened[1], (m.b.event for m in met if m.b is not None)),
    }


def _rows(found: Comparison, opened: tuple[Store, Store]) -> Iterator[dict[str, Any]]:
    from whowhom.evaluate.stores import texts

    step = 10_000  # events whose sentences are in memory at a time
    for start in range(0, len(found.met), step):
        part = list(found.met[start : start + step])
        said = _texts(opened, part, texts)
        for m in part:
            either = m.a or m.b
            dyad = either.dyad if either is not None and either.dyad else (None, None)
            row: dict[str, Any] = {"kind": m.kind, "actor": dyad[0], "recipient": dyad[1]}
            for side, event in (("a", m.a), ("b", m.b)):
                if event is not None:
                    row |= {
                        f"day_{side}": event.day.isoformat() if event.day else None,
                        f"type_{side}": event.event_type,
                        f"document_{side}": event.document,
                        f"event_{side}": event.event,
                        f"text_{side}": said[side.upper()].get(event.event),
                    }
            yield row
