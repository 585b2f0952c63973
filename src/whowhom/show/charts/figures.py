"""Figures that are disputed: what each claimant says, on one line."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import altair as alt
import pyarrow as pa

from whowhom.show.charts.theme import (
    LIGHT,
    Chart,
    capital,
    day_words,
    finish,
    haloed,
    inline,
    layered,
    records,
    short,
)
from whowhom.show.charts.words import figure_question, figure_words, in_sentence

STEP = 24
MOST = 8
"""Figures that are drawn; the table beneath has all."""
NAME = 60
"""Characters of the heading of a figure."""


def figures(table: pa.Table, *, most: int = MOST) -> Chart:
    """Every claim of a disputed figure as a point on a scale of ratios, with its claimant.

    Args:
        table: a row a claim, as :func:`whowhom.analyse.figures` gives them: ``incident``,
            ``kind`` (killed, injured, arrested, crowd), ``low``, ``high``, ``claimant``,
            ``place``, ``day``; ``link`` where a claim leads on.
        most: figures that are drawn, those that are furthest apart first.
    """
    groups = _groups(records(table))[:most]
    marks: list[dict[str, Any]] = []
    heads: list[dict[str, Any]] = []
    row = 0
    for (_, kind), claims in groups:
        first = claims[0]
        head = f"{figure_words(kind)}, {first.get('place') or 'place not told'}"
        day = first.get("day")
        heads.append({"row": row, "head": f"{short(head, NAME)}, {day_words(day)}"})
        row += 1
        values = [v for c in claims for v in (c["low"], c["high"]) if v is not None]
        for claim in claims:
            low = claim["low"] if claim["low"] is not None else claim["high"]
            high = claim["high"] if claim["high"] is not None else claim["low"]
            marks.append(
                {
                    "row": row,
                    "low": max(low, 0.7),
                    "high": max(high, 0.7),
                    "label": f"{_words(claim)}, {short(claim['claimant'], 30)}",
                    "tip": f"{head}: {_words(claim)}, says {claim['claimant']}",
                    "from": max(min(values), 0.7),
                    "to": max(max(values), 0.7),
                    **({"link": claim["link"]} if claim.get("link") else {}),
                }
            )
            row += 1
    title = _finding(groups)
    subtitle = "Each point is a claim, with its claimant; on the scale, a step is a factor."
    description = f"Range plot. {title}. " + "; ".join(m["tip"] for m in marks)
    least = min((m["from"] for m in marks), default=1)
    greatest = max((m["to"] for m in marks), default=10)
    # room on both sides for the words beside a point
    lower, upper = least / 1.6, greatest * 1.6
    middle = math.sqrt(lower * upper)
    for mark in marks:
        mark["at"] = mark["high"]
        mark["left"] = math.sqrt(mark["low"] * mark["high"]) > middle
        if mark["left"]:
            mark["at"] = mark["low"]
    x = alt.X(
        "low:Q",
        title=None,
        axis=alt.Axis(
            orient="bottom", values=_ticks(lower, upper), format=",d", grid=True, labelFlush=True
        ),
        scale=alt.Scale(type="log", domain=[lower, upper], nice=False),
    )
    y = alt.Y("row:O", axis=None, scale=alt.Scale(domain=list(range(max(row, 1))), padding=0))
    link = {"href": alt.Href("link:N")} if any("link" in m for m in marks) else {}
    base = alt.Chart(inline(marks)).encode(y=y)
    spans = base.mark_rule(color=LIGHT.line, strokeWidth=1).encode(x=alt.X("from:Q"), x2="to:Q")
    ranges = base.mark_rule(color=LIGHT.ink, strokeWidth=4, strokeCap="round").encode(
        x=x, x2="high:Q", tooltip=alt.Tooltip("tip:N"), **link
    )
    dots = base.mark_circle(color=LIGHT.ink, size=70, opacity=1).encode(
        x=alt.X("at:Q"), tooltip=alt.Tooltip("tip:N"), **link
    )
    layers: list[alt.Chart] = [spans, ranges, dots]
    for left in (False, True):
        some = [m for m in marks if m["left"] is left]
        if some:
            layers += haloed(
                alt.Chart(inline(some)),
                align="right" if left else "left", baseline="middle", dx=-8 if left else 8,
                x=alt.X("at:Q"), y=y, text="label:N", **link,
            )  # fmt: skip
    layers += haloed(
        alt.Chart(inline(heads)),
        align="left", baseline="middle", fontWeight=600,
        x=alt.value(0), y=y, text="head:N",
    )  # fmt: skip
    return finish(
        layered(*layers),
        title=title,
        subtitle=subtitle,
        description=description,
        height=max(row, 1) * STEP,
    )


def _groups(rows: list[dict[str, Any]]) -> list[tuple[tuple[str, str], list[dict[str, Any]]]]:
    """The claims by incident and kind, each claimant's figure once, the widest dispute first."""
    found: dict[tuple[str, str], dict[tuple[Any, ...], dict[str, Any]]] = defaultdict(dict)
    for row in rows:
        if row["low"] is None and row["high"] is None:
            continue
        key = (row["claimant"], row["low"], row["high"])
        found[row["incident"], row["kind"]].setdefault(key, row)
    groups = [
        (key, sorted(claims.values(), key=lambda c: (_least(c), _greatest(c), c["claimant"])))
        for key, claims in found.items()
        if len({(c["low"], c["high"]) for c in claims.values()}) > 1
    ]
    # what different claimants say comes before what one says in two ways
    return sorted(
        groups,
        key=lambda item: (len({c["claimant"] for c in item[1]}) == 1, -_ratio(item[1]), item[0]),
    )


def _least(claim: dict[str, Any]) -> int:
    return int(claim["low"] if claim["low"] is not None else claim["high"])


def _greatest(claim: dict[str, Any]) -> int:
    return int(claim["high"] if claim["high"] is not None else claim["low"])


def _ratio(claims: list[dict[str, Any]]) -> float:
    return max(map(_greatest, claims)) / max(1, min(map(_least, claims)))


def _words(claim: dict[str, Any]) -> str:
    low, high = claim["low"], claim["high"]
    if low is None:
        return f"at most {high:,}"
    if high is None:
        return f"at least {low:,}"
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _ticks(lower: float, upper: float) -> list[int]:
    powers = range(math.ceil(math.log10(lower)), math.floor(math.log10(upper)) + 1)
    ticks = [10**p for p in powers if p >= 0]
    if len(ticks) < 3:
        steps = (n * 10**p for p in range(10) for n in (1, 2, 5))
        ticks = [step for step in steps if lower <= step <= upper]
    return ticks


def _finding(groups: list[tuple[tuple[str, str], list[dict[str, Any]]]]) -> str:
    if not groups:
        return "No figure is disputed"
    (_, kind), claims = groups[0]
    low, high = claims[0], max(claims, key=_greatest)
    place = claims[0].get("place")
    head = figure_question(kind)
    asked = f"{head}{f' in {in_sentence(place)}' if place else ''}?"
    if low["claimant"] == high["claimant"]:
        said = f"{low['claimant']} says both {_words(low)} and {_words(high)}"
    else:
        said = f"{low['claimant']} says {_words(low)}, {high['claimant']} {_words(high)}"
    return f"{capital(asked)} {capital(in_sentence(said))}"
