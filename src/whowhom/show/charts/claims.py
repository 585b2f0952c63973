"""Who says what of whom: speakers and targets, and what is said."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import altair as alt
import pyarrow as pa

from whowhom.show.charts.theme import (
    LIGHT,
    QUAD_COLOURS,
    QUADS,
    Chart,
    finish,
    inline,
    layered,
    number,
    records,
)
from whowhom.show.charts.words import (
    party_in_sentence,
    party_words,
    type_many,
    type_noun,
)

STEP = 40
MOST = 12
"""Pairs of speaker and target that are drawn; the table beneath has more."""


def claims(table: pa.Table, *, most: int = MOST) -> Chart:
    """What speakers tell of others, not of themselves: a bar a speaker and target, by kind.

    Args:
        table: what :func:`whowhom.analyse.claims` gives: ``speaker`` and ``target`` (keys),
            ``event_type``, ``quad``, ``count``; ``link`` where a bar leads on.
        most: pairs that are drawn, the most frequent first.
    """
    grouped: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in records(table):
        if row["speaker"] and row["target"] and row["speaker"] != row["target"]:
            grouped[row["speaker"], row["target"]].append(row)
    pairs = sorted(grouped.items(), key=lambda item: (-sum(r["count"] for r in item[1]), item[0]))[
        :most
    ]
    bars, heads = [], []
    for place, ((speaker, target), rows) in enumerate(pairs):
        by_quad = {quad: sum(r["count"] for r in rows if r["quad"] == quad) for quad in QUADS}
        total, at = sum(by_quad.values()), 0
        link = next((r["link"] for r in rows if r.get("link")), None)
        more = {"link": link} if link else {}
        of = party_words(target)
        for quad in QUADS:
            if by_quad[quad]:
                kinds = [
                    f"{type_noun(r['event_type']).lower()} {r['count']}"
                    for r in sorted(rows, key=lambda r: -r["count"])
                    if r["quad"] == quad
                ]
                bars.append(
                    {
                        "row": place,
                        "start": at,
                        "end": at + by_quad[quad],
                        "colour": QUAD_COLOURS[quad],
                        "tip": f"{party_words(speaker)} of {of}: {', '.join(kinds)}",
                        **more,
                    }
                )
                at += by_quad[quad]
        main = max(rows, key=lambda r: r["count"])
        mostly = "" if main["count"] == total else "mostly "
        heads.append(
            {
                "row": place,
                "who": f"{party_words(speaker)} → {of}",
                "total": total,
                "label": f"{total:,}, {mostly}{type_many(main['event_type'])}",
                **more,
            }
        )
    title = _finding(pairs)
    subtitle = (
        "Speaker → whom the statement is about; statements by what they tell. "
        "Blue: cooperation, orange: conflict. Light: words, dark: deeds."
    )
    description = f"Bar chart. {title}. " + "; ".join(f"{h['who']}: {h['label']}" for h in heads)
    widest = max((h["total"] for h in heads), default=1)
    x = alt.Scale(domain=[0, widest * 1.9])
    y = alt.Y("row:O", axis=None, scale=alt.Scale(paddingInner=0.1, paddingOuter=0.1))
    links = {"href": alt.Href("link:N")} if any("link" in h for h in heads) else {}
    drawn = (
        alt.Chart(inline(bars))
        .mark_bar(height=12, yOffset=8, stroke=LIGHT.paper, strokeWidth=0.5)
        .encode(
            x=alt.X("start:Q", axis=None, scale=x),
            x2="end:Q",
            y=y,
            color=alt.Color("colour:N", scale=None),
            tooltip=alt.Tooltip("tip:N"),
            **links,
        )
    )
    base = alt.Chart(inline(heads)).encode(y=y)
    names = base.mark_text(align="left", baseline="bottom", dy=1, fontWeight=600).encode(
        x=alt.value(0), text="who:N", **links
    )
    totals = base.mark_text(align="left", baseline="middle", dx=6, dy=8).encode(
        x=alt.X("total:Q", axis=None, scale=x), text="label:N", color=alt.value(LIGHT.quiet)
    )
    return finish(
        layered(drawn, names, totals),
        title=title,
        subtitle=subtitle,
        description=description,
        height=max(1, len(heads)) * STEP,
    )


def _finding(pairs: list[tuple[tuple[str, str], list[dict[str, Any]]]]) -> str:
    if not pairs:
        return "No statement about another party was found"
    (speaker, target), rows = pairs[0]
    total = sum(r["count"] for r in rows)
    clash = sum(r["count"] for r in rows if r["quad"].endswith("conflict"))
    tone = (
        ", nearly all of it conflict" if clash >= 0.85 * total
        else ", mostly conflict" if clash > 0.6 * total
        else ", mostly cooperation" if clash < 0.4 * total
        else ""
    )  # fmt: skip
    return (
        f"Most is said by {party_in_sentence(speaker)} about {party_in_sentence(target)}: "
        f"{number(total, 'statement')}{tone}"
    )
