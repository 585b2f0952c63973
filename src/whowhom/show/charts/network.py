"""The signed network: parties that stand close cooperate, the colour of a line is its tone."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import pyarrow as pa

from whowhom.show.charts.theme import LIGHT, Chart, finish, haloed, inline, layered, records, signed
from whowhom.show.charts.words import party_in_sentence, party_words, two_lines, unit_words

HEIGHT = 420
MOST = 14
"""Parties that are drawn: as many names as a phone can hold."""
_MIXED = 0.5
"""A mean score nearer to zero than this is neither conflict nor cooperation."""


def network(
    nodes: pa.Table, edges: pa.Table, *, unit: str = "incidents", most: int = MOST
) -> Chart:
    """Parties as points, what passes between two of them as a line: its width is how much, its
    colour the mean tone.

    Args:
        nodes: what :func:`whowhom.analyse.network` gives first: ``key``, ``weight``;
            ``link`` where a point leads on.
        edges: what it gives second: ``a``, ``b`` (keys), ``weight`` (count) and ``score``
            (mean); ``link`` where a line leads on.
        most: parties that are drawn, those with the most to do first.
    """
    points = sorted(records(nodes), key=lambda r: (-r["weight"], r["key"]))
    points = [p for p in points if p["key"]][:most]
    keys = {p["key"] for p in points}
    lines = [r for r in records(edges) if r["a"] in keys and r["b"] in keys and r["a"] != r["b"]]
    joined = {key for row in lines for key in (row["a"], row["b"])}
    points = [p for p in points if p["key"] in joined]
    places = _places([p["key"] for p in points], lines)
    strongest = max((row["weight"] for row in lines), default=1)
    for row in lines:
        (row["x"], row["y"]), (row["x2"], row["y2"]) = places[row["a"]], places[row["b"]]
        row["tone"] = _tone(row["score"])
        row["colour"] = _COLOURS[row["tone"]]
        row["width"] = 1 + 7 * math.sqrt(row["weight"] / strongest)
        row["tip"] = (
            f"{party_words(row['a'])} and {party_words(row['b'])}: {row['weight']:,} "
            f"{unit_words(unit, row['weight'])}, {row['tone']}"
            + (f" (mean score {signed(row['score'])})" if row["score"] is not None else "")
        )
    heaviest = max((p["weight"] for p in points), default=1)
    for point in points:
        point["x"], point["y"] = places[point["key"]]
        point["name"] = party_words(point["key"])
        point["label"] = two_lines(point["name"])
        point["size"] = 60 + 420 * point["weight"] / heaviest
        point["tip"] = f"{point['name']}: {point['weight']:,} {unit_words(unit, point['weight'])}"
    title = _finding(lines)
    subtitle = (
        f"A line is what passes between two parties: the wider, the more {unit_words(unit)}. "
        "Blue: cooperation prevails, orange: conflict, grey dashes: mixed."
    )
    description = f"Network of {len(points)} parties. {title}. " + "; ".join(
        row["tip"] for row in sorted(lines, key=lambda r: -r["weight"])[:12]
    )
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-1.22, 1.22]))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-1.18, 1.1]))
    lines.sort(key=lambda r: r["weight"])
    layers: list[alt.Chart] = []
    link = {"href": alt.Href("link:N")} if any("link" in r for r in lines) else {}
    for dashed in (True, False):
        some = [row for row in lines if (row["tone"] == "mixed") is dashed]
        if some:
            layers.append(
                alt.Chart(inline(some))
                .mark_rule(opacity=0.85, strokeDash=[4, 3] if dashed else [])
                .encode(
                    x=x, y=y, x2="x2:Q", y2="y2:Q",
                    strokeWidth=alt.StrokeWidth("width:Q", scale=None),
                    color=alt.Color("colour:N", scale=None),
                    tooltip=alt.Tooltip("tip:N"),
                    **link,
                )
            )  # fmt: skip
    base = alt.Chart(inline(points)).encode(x=x, y=y)
    link = {"href": alt.Href("link:N")} if any("link" in p for p in points) else {}
    layers.append(
        base.mark_circle(color=LIGHT.ink, stroke=LIGHT.paper, strokeWidth=2, opacity=1).encode(
            size=alt.Size("size:Q", scale=None), tooltip=alt.Tooltip("tip:N"), **link
        )
    )
    _label(points)
    for below in (True, False):
        some = [point for point in points if point["below"] is below]
        if some:
            layers += haloed(
                alt.Chart(inline(some)).encode(x=x, y=y),
                baseline="top" if below else "bottom", fontWeight=600, lineBreak="\n",
                dy={"expr": "datum.gap"}, text="label:N", **link,
            )  # fmt: skip
    return finish(
        layered(*layers), title=title, subtitle=subtitle, description=description, height=HEIGHT
    )


_COLOURS = {
    "conflict": LIGHT.clash_deed,
    "mixed": LIGHT.grey,
    "cooperation": LIGHT.coop_deed,
}


def _label(points: list[dict[str, Any]]) -> None:
    """Put each name below or above its point, where it runs into fewer names and points, as
    reckoned for a phone; those with the most to do choose first."""
    wide, letter, line = 340 / 2.44, 7.0, 15
    high = HEIGHT / 2.28
    taken = [
        (p["x"] * wide - 6, p["x"] * wide + 6, -p["y"] * high - 6, -p["y"] * high + 6)
        for p in points
    ]
    for point in points:
        lines = point["label"].split("\n")
        half = max(map(len, lines)) * letter / 2
        tall = line * len(lines)
        radius = 3 + math.sqrt(point["size"] / math.pi)
        x, y = point["x"] * wide, -point["y"] * high
        options = {
            True: (x - half, x + half, y + radius, y + radius + tall),
            False: (x - half, x + half, y - radius - tall, y - radius),
        }

        def hits(box: tuple[float, float, float, float]) -> int:
            return sum(
                box[0] < t[1] and t[0] < box[1] and box[2] < t[3] and t[2] < box[3] for t in taken
            )

        below = hits(options[True]) <= hits(options[False])
        taken.append(options[below])
        point["below"] = below
        point["gap"] = radius if below else -radius - line * (len(lines) - 1)


def _tone(score: float | None) -> str:
    if score is None or abs(score) < _MIXED:
        return "mixed"
    return "cooperation" if score > 0 else "conflict"


def _places(keys: list[str], lines: list[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    """Places in a square from -1 to 1: distances as Kamada and Kawai (1989) balance them, in
    which cooperation pulls and conflict holds apart; the same network is drawn the same."""
    import networkx as nx  # type: ignore[import-untyped]

    graph = nx.Graph()
    graph.add_nodes_from(keys)
    for row in lines:
        far = {"cooperation": 0.8, "mixed": 1.0, "conflict": 1.4}[_tone(row["score"])]
        graph.add_edge(row["a"], row["b"], far=far)
    if len(keys) < 2:
        return dict.fromkeys(keys, (0.0, 0.0))
    distance = {
        one: dict.fromkeys(keys, 2.6) | dict(found)
        for one, found in nx.all_pairs_dijkstra_path_length(graph, weight="far")
    }
    found = nx.kamada_kawai_layout(graph, dist=distance, pos=nx.circular_layout(sorted(graph)))
    xs = sorted(float(p[0]) for p in found.values())
    ys = sorted(float(p[1]) for p in found.values())

    def scaled(value: float, among: list[float]) -> float:
        wide = among[-1] - among[0]
        return 0.0 if wide == 0 else 2 * (value - among[0]) / wide - 1

    return {key: (scaled(float(p[0]), xs), scaled(float(p[1]), ys)) for key, p in found.items()}


def _finding(lines: list[dict[str, Any]]) -> str:
    def most(tone: str) -> dict[str, Any] | None:
        some = [row for row in lines if row["tone"] == tone]
        return max(some, key=lambda r: r["weight"]) if some else None

    def names(row: dict[str, Any]) -> str:
        return f"{party_in_sentence(row['a'])} and {party_in_sentence(row['b'])}"

    clash, coop = most("conflict"), most("cooperation")
    if clash and coop:
        return f"Conflict prevails between {names(clash)}, cooperation between {names(coop)}"
    if clash:
        return f"Conflict prevails between {names(clash)}"
    if coop:
        return f"Cooperation prevails between {names(coop)}"
    return "No two parties have to do with each other"
