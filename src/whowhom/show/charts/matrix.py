"""Who acts towards whom: a table of actors with the tone as ground and the count as figure."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import altair as alt
import pyarrow as pa

from whowhom.show.charts.theme import LIGHT, Chart, finish, inline, layered, number, records, signed
from whowhom.show.charts.words import party_in_sentence, party_words, two_lines, unit_words

STEP = 34
MOST = 9
"""Actors a side: what a phone has columns for."""

# tone by mean PLOVER score (-10 to 10): name, upper end, ground
TONES: tuple[tuple[str, float, str], ...] = (
    ("harsh", -4, LIGHT.clash_tint),
    ("cool", -0.5, LIGHT.clash_pale),
    ("mixed", 0.5, LIGHT.even),
    ("friendly", 3, LIGHT.coop_pale),
    ("warm", 11, LIGHT.coop_tint),
)


def matrix(table: pa.Table, *, unit: str = "incidents", most: int = MOST) -> Chart:
    """Acts by who does them (rows) and to whom (columns), the busiest parties first.

    Args:
        table: what :func:`whowhom.analyse.matrix` gives: ``actor``, ``recipient`` (keys),
            ``count``, ``score`` (mean); ``link`` where a cell leads on.
        most: parties a side.
    """
    rows = [r for r in records(table) if r["actor"] and r["recipient"] and r["count"]]
    weight: dict[str, int] = defaultdict(int)
    for row in rows:
        weight[row["actor"]] += row["count"]
        weight[row["recipient"]] += row["count"]
    order = sorted(weight, key=lambda key: (-weight[key], key))[:most]
    place = {key: i for i, key in enumerate(order)}
    cells: list[dict[str, Any]] = []
    for row in rows:
        if row["actor"] in place and row["recipient"] in place:
            name, ground = tone(row["score"])
            cells.append(
                {
                    **row,
                    "x": place[row["recipient"]],
                    "y": place[row["actor"]],
                    "ground": ground,
                    "label": f"{row['count']:,}",
                    "tip": (
                        f"{party_words(row['actor'])} towards {party_words(row['recipient'])}: "
                        f"{row['count']:,} {unit_words(unit, row['count'])}, tone {name}"
                        + (f" ({signed(row['score'])})" if row["score"] is not None else "")
                    ),
                }
            )
    names = [
        {"place": i, "name": name, "up": -7 if "\n" in name else 0}
        for key, i in place.items()
        for name in [two_lines(party_words(key))]
    ]
    title = _finding(cells, unit)
    subtitle = (
        f"Who acts (rows) towards whom (columns). Figure: {unit_words(unit)}; ground: mean tone, "
        "from harsh (orange) over mixed (grey) to warm (blue). Talks stand in both directions."
    )
    description = f"Table. {title}. " + "; ".join(
        c["tip"] for c in sorted(cells, key=lambda c: -c["count"])[:12]
    )
    size = max(1, len(order))
    domain = list(range(size))
    x = alt.X("x:O", axis=None, scale=alt.Scale(domain=domain, paddingInner=0.06))
    y = alt.Y("y:O", axis=None, scale=alt.Scale(domain=domain, paddingInner=0.06))
    link = {"href": alt.Href("link:N")} if any("link" in c for c in cells) else {}
    grid = alt.Chart(inline([{"x": i, "y": j} for i in domain for j in domain if order])).mark_rect(
        color=LIGHT.even, opacity=0.35
    )
    ground = (
        alt.Chart(inline(cells))
        .mark_rect(cornerRadius=2)
        .encode(
            x=x, y=y, color=alt.Color("ground:N", scale=None), tooltip=alt.Tooltip("tip:N"), **link
        )
    )
    figures = (
        alt.Chart(inline(cells))
        .mark_text(fontWeight=600)
        .encode(x=x, y=y, text="label:N", tooltip=alt.Tooltip("tip:N"), **link)
    )
    named = alt.Chart(inline(names))
    heads = named.mark_text(
        align="left", baseline="middle", angle=270, lineBreak="\n", dy={"expr": "datum.up"}
    ).encode(
        x=alt.X("place:O", axis=None, scale=alt.Scale(domain=domain)),
        y=alt.value(-6),
        text="name:N",
    )
    sides = named.mark_text(
        align="right", baseline="middle", lineBreak="\n", dy={"expr": "datum.up"}
    ).encode(x=alt.value(-8), y=alt.Y("place:O", axis=None), text="name:N")
    return finish(
        layered(grid.encode(x=x, y=y), ground, figures, heads, sides),
        title=title,
        subtitle=subtitle,
        description=description,
        height=size * STEP,
    )


def tone(score: float | None) -> tuple[str, str]:
    """The name and the ground of a mean score; without one it is mixed."""
    if score is None:
        score = 0.0
    for name, end, ground in TONES:
        if score <= end:
            return name, ground
    return TONES[-1][0], TONES[-1][2]


def _finding(cells: list[dict[str, Any]], unit: str) -> str:
    between = [c for c in cells if c["actor"] != c["recipient"]]
    if not between:
        return "No act between two parties was found"
    busiest = max(between, key=lambda c: c["count"])
    title = (
        f"{party_in_sentence(busiest['actor'])} acts most towards "
        f"{party_in_sentence(busiest['recipient'])}: "
        f"{number(busiest['count'], *_nouns(unit))}"
    )
    back = next(
        (
            c
            for c in between
            if (c["actor"], c["recipient"]) == (busiest["recipient"], busiest["actor"])
        ),
        None,
    )
    return title + (f", and {back['count']:,} come back" if back else ", and none comes back")


def _nouns(unit: str) -> tuple[str, str]:
    return unit_words(unit, 1), unit_words(unit, 2)
