"""Bars: what is told, and how it stands."""

from __future__ import annotations

import altair as alt
import pyarrow as pa

from whowhom.show.charts.theme import (
    LIGHT,
    QUAD_COLOURS,
    Chart,
    finish,
    inline,
    layered,
    listed,
    records,
)
from whowhom.show.charts.words import status_short, status_words, type_noun, unit_words

STEP = 30
"""Pixels from bar to bar: a bar of 14 and its label of 12 above it."""


def types(table: pa.Table, *, unit: str = "incidents") -> Chart:
    """How often each type of event is told, a bar a type, the most frequent first.

    Args:
        table: columns ``event_type``, ``quad``, ``count``, and ``link`` where a bar leads on.
    """
    rows = sorted(records(table), key=lambda r: (-r["count"], r["event_type"]))
    for row in rows:
        row["name"] = type_noun(row["event_type"])
        row["colour"] = QUAD_COLOURS.get(row["quad"], LIGHT.grey)
    total = sum(row["count"] for row in rows) or 1
    conflict = sum(r["count"] for r in rows if r["quad"].endswith("conflict"))
    words = sum(r["count"] for r in rows if r["quad"].startswith("verbal"))
    title = (
        f"{_share(conflict, total)} of what is told is conflict, "
        f"and {_share(words, total, low=True)} is words rather than deeds"
        if rows
        else "No event was found"
    )
    subtitle = (
        f"{unit_words(unit).capitalize()} by type of event. "
        "Blue: cooperation, orange: conflict. Light: words, dark: deeds."
    )
    description = f"Bar chart. {title}. " + "; ".join(f"{r['name']}: {r['count']}" for r in rows)
    return _bars(rows, title, subtitle, description)


def statuses(table: pa.Table, *, unit: str = "incidents") -> Chart:
    """How what is told stands: as having happened, as planned, as possible, as denied.

    Args:
        table: columns ``status``, ``count``, and ``link`` where a bar leads on.
    """
    rows = sorted(records(table), key=lambda r: (r["status"] != "actual", -r["count"]))
    for row in rows:
        row["name"] = status_words(row["status"]).capitalize()
        row["colour"] = LIGHT.ink if row["status"] == "actual" else LIGHT.grey
    total = sum(row["count"] for row in rows) or 1
    actual = sum(r["count"] for r in rows if r["status"] == "actual")
    rest = [status_short(r["status"]) for r in rows if r["status"] != "actual"]
    title = f"{_share(actual, total)} is told as happening"
    if rest:
        title += f"; the rest is {listed(rest, 'or')}"
    subtitle = f"{unit_words(unit).capitalize()} by how the text puts them."
    description = f"Bar chart. {title}. " + "; ".join(f"{r['name']}: {r['count']}" for r in rows)
    return _bars(rows, title, subtitle, description)


def confidence(table: pa.Table) -> Chart:
    """How sure the coder is of its events, a bar a tenth, the surest first.

    Args:
        table: the rows of :func:`whowhom.analyse.quality` with the measure ``confidence``:
            ``value`` (lower end of the tenth) and ``count``.
    """
    rows = sorted(records(table), key=lambda r: -float(r["value"]))
    for row in rows:
        low = float(row["value"])
        row["name"] = f"{low:.1f} and more" if low >= 0.9 else f"{low:.1f} to {low + 0.1:.1f}"
        row["colour"] = LIGHT.grey
    total = sum(row["count"] for row in rows) or 1
    sure = sum(r["count"] for r in rows if float(r["value"]) >= 0.8)
    doubtful = sum(r["count"] for r in rows if float(r["value"]) < 0.5)
    title = f"The coder is at least 80% sure of {_share(sure, total, low=True)} of the events"
    if doubtful:
        title += f", and less than half sure of {_share(doubtful, total, low=True)}"
    subtitle = "Events, whatever their status, by the coder's confidence (0 to 1)."
    description = f"Bar chart. {title}. " + "; ".join(f"{r['name']}: {r['count']}" for r in rows)
    return _bars(rows, title, subtitle, description)


def _bars(rows: list[dict[str, object]], title: str, subtitle: str, description: str) -> Chart:
    """Bars with their labels above them, so that a phone has room for both."""
    for place, row in enumerate(rows):
        row["row"] = place
        row["label"] = f"{row['count']:,}"
        row["tip"] = f"{row['name']}: {row['count']:,}"
    base = alt.Chart(inline(rows)).encode(
        y=alt.Y("row:O", axis=None, scale=alt.Scale(paddingInner=0.1, paddingOuter=0.1)),
    )
    widest = max((int(str(row["count"])) for row in rows), default=1)
    x = alt.X("count:Q", axis=None, scale=alt.Scale(domain=[0, widest * 1.12]))
    link = {"href": alt.Href("link:N")} if any("link" in row for row in rows) else {}
    bars = base.mark_bar(height=11, cornerRadiusEnd=2, yOffset=8).encode(
        x=x, color=alt.Color("colour:N", scale=None), tooltip=alt.Tooltip("tip:N"), **link
    )
    names = base.mark_text(align="left", baseline="bottom", dy=1).encode(
        x=alt.value(0), text="name:N", **link
    )
    counts = base.mark_text(align="left", baseline="middle", dx=5, dy=8, fontWeight=600).encode(
        x=x, text="label:N"
    )
    return finish(
        layered(bars, names, counts),
        title=title,
        subtitle=subtitle,
        description=description,
        height=max(1, len(rows)) * STEP,
    )


def _share(part: int, total: int, *, low: bool = False) -> str:
    """A share in words and figures, as an editor would put it."""
    share = part / total
    if 0.47 <= share <= 0.53:
        text = "half"
    elif 0.63 <= share <= 0.70:
        text = "two thirds"
    elif share in (0, 1):
        text = "none" if share == 0 else "all"
    else:
        text = f"{share:.0%}"
    return text if low else text[:1].upper() + text[1:]
