"""The course of a pair over time: cooperation up, conflict down, breaks marked."""

from __future__ import annotations

import datetime as dt

import altair as alt
import pyarrow as pa

from whowhom.show.charts.theme import (
    LIGHT,
    QUAD_COLOURS,
    QUADS,
    Chart,
    Rows,
    day_words,
    finish,
    haloed,
    inline,
    layered,
    rate,
    records,
)
from whowhom.show.charts.words import unit_words

_STACK = (
    ("verbal cooperation", 1),
    ("material cooperation", 1),
    ("verbal conflict", -1),
    ("material conflict", -1),
)


def timeline(
    series: pa.Table,
    changes: pa.Table | None = None,
    *,
    between: str = "",
    by: str = "day",
    unit: str = "incidents",
    note: str = "",
) -> Chart:
    """Incidents a period as bars, cooperation upwards and conflict downwards.

    Args:
        series: what :func:`whowhom.analyse.series` gives: ``period`` (first day), and a column
            of counts for each quad (``verbal_conflict``, ...); empty periods as zeros. A
            column ``link`` makes the bars lead on.
        changes: what :func:`whowhom.analyse.changes` gives: ``period`` (first day of a new level),
            ``before`` and ``after`` (means a period).
        between: whose course it is, for the title: ``United States and Cuba``.
        by: the period: day, week, month or year.
        note: a sentence for the subtitle, such as what is left off.
    """
    source = records(series)
    breaks = records(changes)
    wide = _wide(source)
    title, summary = _finding(source, breaks, between, by)
    subtitle = f"{unit_words(unit).capitalize()} a {by}. Light: words, dark: deeds." + (
        f" Dashed: from here another level (mean a {by})." if breaks else ""
    )
    subtitle += f" {note}" if note else ""
    description = f"Bars over time. {title}. {summary}"
    most = max((max(row["up"], row["down"]) for row in source), default=1) or 1
    top = max((row["up"] for row in source), default=1)
    low = max((row["down"] for row in source), default=1)
    x = alt.X(
        "period:T",
        title=None,
        axis=alt.Axis(
            format=_format(source, by),
            labelOverlap="greedy",
            labelSeparation=10,
            labelFlush=True,
            grid=False,
            tickCount=6,
        ),
        scale=alt.Scale(type="utc", nice=False),
    )
    least = most * 0.2 if most > _LEAST else _LEAST
    y = alt.Y(
        "low:Q",
        title=None,
        axis=alt.Axis(format="d", labelExpr="abs(datum.value)", tickCount=5, tickMinStep=1),
        scale=alt.Scale(
            domain=[-max(low, least) * 1.15, max(top, least) * (1.6 if breaks else 1.25)]
        ),
    )
    base = alt.Chart(inline(wide))
    link = {"href": alt.Href("link:N")} if any("link" in row for row in wide) else {}
    bars = base.mark_rect(stroke=LIGHT.paper, strokeWidth=0.5).encode(
        x=x,
        x2="until:T",
        y=y,
        y2="high:Q",
        color=alt.Color(
            "quad:N",
            legend=None,
            scale=alt.Scale(domain=list(QUADS), range=[QUAD_COLOURS[q] for q in QUADS]),
        ),
        tooltip=alt.Tooltip("tip:N"),
        **link,
    )
    zero = alt.Chart(inline([{"zero": 0}])).mark_rule(color=LIGHT.ink, strokeWidth=1)
    span = alt.Chart(inline(_span(source))).mark_point(opacity=0, size=0).encode(x=x)
    layers: list[alt.Chart] = [span, bars, zero.encode(y=alt.Y("zero:Q"))]
    sides = alt.Chart(inline([{}]))
    layers += haloed(
        sides, align="left", baseline="top", dx=4, fontWeight=600,
        x=alt.value(0), y=alt.value(2), text=alt.value("▲ cooperation"),
        color=alt.value(LIGHT.coop_deed),
    )  # fmt: skip
    layers += haloed(
        sides, align="left", baseline="bottom", dx=4, fontWeight=600,
        x=alt.value(0), y=alt.value(HEIGHT - 2), text=alt.value("▼ conflict"),
        color=alt.value(LIGHT.clash_deed),
    )  # fmt: skip
    if breaks:
        layers += _breaks(breaks, source)
    return finish(
        layered(*layers), title=title, subtitle=subtitle, description=description, height=HEIGHT
    )


HEIGHT = 230
"""Pixels."""
_LEAST = 3
"""What each side of the axis reaches to, at least: one event is no tower."""


def _breaks(breaks: Rows, source: Rows) -> list[alt.Chart]:
    """Dashed lines where the tone changes, each with the day and which way it turns."""
    first, last = _day(source[0]["period"]), _day(source[-1]["period"])
    middle = first + (last - first) / 2
    for place, row in enumerate(breaks):
        day = _day(row["period"])
        row["label"] = f"{day.day} {day:%b}: {_turn(row)}"
        row["late"] = day > middle
        row["height"] = 20 + 15 * (place % 3)  # neighbours on different lines
    base = alt.Chart(inline(breaks))
    at = alt.X("period:T")
    layers = [
        base.mark_rule(strokeDash=[3, 3], color=LIGHT.ink, strokeWidth=1.2).encode(
            x=at, y=alt.value(16), y2=alt.value(HEIGHT)
        )
    ]
    for late in (False, True):
        rows = [row for row in breaks if row["late"] is late]
        if rows:
            layers += haloed(
                alt.Chart(inline(rows)),
                align="right" if late else "left", baseline="top", dx=-5 if late else 5,
                x=at, y=alt.Y("height:Q", scale=None), text="label:N",
            )  # fmt: skip
    return layers


def _turn(row: dict[str, object]) -> str:
    """``4.2, before 0.5``: the means after and before."""
    return f"{rate(float(str(row['after'])))}, before {rate(float(str(row['before'])))}"


def _wide(source: Rows) -> Rows:
    """A rectangle a period and quad, stacked outwards from zero: words first, deeds outside."""
    rows: Rows = []
    for row in source:
        at = {1: 0, -1: 0}
        start = _day(row["period"])
        row["up"], row["down"] = 0, 0
        for quad, sign in _STACK:
            count = int(row[quad.replace(" ", "_")] or 0)
            row["up" if sign > 0 else "down"] += count
            if not count:
                continue
            rows.append(
                {
                    "period": row["period"],
                    "until": row.get("until") or _next(start, source).isoformat(),
                    "quad": quad,
                    "low": at[sign],
                    "high": at[sign] + sign * count,
                    "tip": f"{day_words(start)}: {count:,} of {quad}",
                    **({"link": row["link"]} if row.get("link") else {}),
                }
            )
            at[sign] += sign * count
    return rows


def _next(day: dt.date, source: Rows) -> dt.date:
    """The first day after a period: the next row's, else as long as the row before."""
    days = [_day(row["period"]) for row in source]
    place = days.index(day)
    if place + 1 < len(days):
        return days[place + 1]
    return day + (day - days[place - 1] if place else dt.timedelta(days=1))


def _finding(source: Rows, breaks: Rows, between: str, by: str) -> tuple[str, str]:
    who = f"{between}: " if between else ""
    up = sum(row["up"] for row in source)
    down = sum(row["down"] for row in source)
    if not up + down:
        return f"{who}no event is told", ""
    busiest = max(source, key=lambda row: row["up"] + row["down"])
    start = _day(busiest["period"])
    when = {
        "day": f"on {start.day} {start:%B}",
        "week": f"in the week of {start.day} {start:%B}",
        "month": f"in {start:%B} {start.year}",
        "year": f"in {start.year}",
    }[by]
    if down >= 1.2 * up:
        balance = "more conflict than cooperation" if up else "conflict throughout"
    elif up >= 1.2 * down:
        balance = "more cooperation than conflict" if down else "cooperation throughout"
    else:
        balance = "conflict and cooperation in balance"
    turn = ""
    if breaks:
        last = max(breaks, key=lambda row: abs(row["after"] - row["before"]))
        day = _day(last["period"])
        more = "more" if last["after"] > last["before"] else "less"
        turn = f"; from {day.day} {day:%B} much {more} passes between them"
    title = f"{who}{balance}, most {when}{turn}"
    summary = (
        f"{up} of cooperation and {down} of conflict; "
        f"most {when}: {busiest['up']} of cooperation, {busiest['down']} of conflict."
    )
    return title[:1].upper() + title[1:], summary


def _day(value: object) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value)[:10])


def _span(source: Rows) -> Rows:
    """The first day, and the end of the last period: what the axis covers, events or not."""
    if not source:
        return []
    last = _day(source[-1]["period"])
    return [{"period": source[0]["period"]}, {"period": _next(last, source).isoformat()}]


def _format(source: Rows, by: str) -> str:
    """Days within a year need no year, months and years no day."""
    if by == "year":
        return "%Y"
    days = (_day(source[-1]["period"]) - _day(source[0]["period"])).days if source else 0
    return "%-d %b" if days < 300 else "%b %Y"
