"""The world, and where it happened."""

from __future__ import annotations

import csv
import itertools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import altair as alt
import pyarrow as pa

from whowhom.show.charts.theme import (
    LIGHT,
    Chart,
    finish,
    haloed,
    inline,
    layered,
    listed,
    number,
    records,
)
from whowhom.show.charts.words import in_sentence, unit_words

NAMED = 6
"""Places with their names on the map; the others have theirs in the tooltip."""
MOST = 300
"""Places that are drawn."""
_AREA = 620
"""Square pixels of the pin of the busiest place."""
_MIXED = 0.5
"""A mean score nearer to zero than this is neither conflict nor cooperation."""

_OUTLINE = "outline"
_MAP = files("whowhom.data") / "map"


@lru_cache(maxsize=1)
def outline() -> Mapping[str, Any]:
    """The countries of the world as TopoJSON, 1:110 million (Natural Earth by world-atlas)."""
    data: Mapping[str, Any] = json.loads((_MAP / "countries-110m.json").read_text(encoding="utf-8"))
    return data


@lru_cache(maxsize=1)
def points() -> Mapping[str, tuple[float, float, bool]]:
    """Of every country: a point in it (latitude, longitude), and whether the outline has it."""
    text = (_MAP / "countries.csv").read_text(encoding="utf-8")
    return {
        row["country"]: (float(row["lat"]), float(row["lon"]), row["drawn"] == "yes")
        for row in csv.DictReader(text.splitlines())
    }


def world(table: pa.Table, *, unit: str = "incidents") -> Chart:
    """A pin a place, its area the number of incidents, its colour the side that prevails.

    Args:
        table: ``place`` (name, or null), ``country`` (code), ``count``, ``score`` (mean), and
            ``lat``, ``lon``; a row without these is drawn at its country's point, so that the
            smallest states are on the map too. ``link`` where a pin leads on.
    """
    rows = sorted(records(table), key=lambda r: -r["count"])
    pins: list[dict[str, Any]] = []
    nowhere = 0
    for row in rows:
        lat, lon = row.get("lat"), row.get("lon")
        if lat is None or lon is None:
            known = points().get(row.get("country") or "")
            if known is None:
                nowhere += row["count"]
                continue
            lat, lon = known[0], known[1]
        tone = _tone(row["score"])
        name = row.get("place") or _country(row.get("country"))
        pins.append(
            {
                **row,
                "lat": lat,
                "lon": lon,
                "name": name,
                "colour": _COLOURS[tone],
                "tip": (
                    f"{name}: {row['count']:,} {unit_words(unit, row['count'])}, {_TONES[tone]}"
                ),
            }
        )
    pins = pins[:MOST]
    most = max((p["count"] for p in pins), default=1)
    frame = frame_of(pins)
    title = _finding(pins)
    subtitle = (
        f"{unit_words(unit).capitalize()} by place. Orange: mostly conflict, blue: mostly "
        "cooperation, grey: both."
        + (f" {number(nowhere, 'has', 'have')} no point on the map." if nowhere else "")
    )
    description = f"World map. {title}. " + "; ".join(p["tip"] for p in pins[:12])
    land = (
        alt.Chart(
            alt.NamedData(
                name=_OUTLINE, format=alt.TopoDataFormat(feature="countries", type="topojson")
            )
        )
        .transform_filter("datum.id != '010'")  # Antarctica takes a fifth of the picture
        .mark_geoshape(fill=LIGHT.land, stroke=LIGHT.paper, strokeWidth=0.7, clip=True)
    )
    base = alt.Chart(inline(pins)).encode(longitude="lon:Q", latitude="lat:Q")
    link = {"href": alt.Href("link:N")} if any("link" in p for p in pins) else {}
    circles = base.mark_circle(opacity=0.82, stroke=LIGHT.paper, strokeWidth=0.8).encode(
        size=alt.Size(
            "count:Q",
            legend=None,
            scale=alt.Scale(type="linear", domain=[0, most], range=[14, _AREA], zero=True),
        ),
        color=alt.Color("colour:N", scale=None),
        tooltip=alt.Tooltip("tip:N"),
        **link,
    )
    layers: list[alt.Chart] = [land, circles]
    for right, some in _labels(pins, most, frame):
        layers += haloed(
            alt.Chart(inline(some)).encode(longitude="lon:Q", latitude="lat:Q"),
            align="left" if right else "right", baseline="middle", fontWeight=600,
            dx={"expr": "datum.gap"},
            text="name:N", **({"href": alt.Href("link:N")} if link else {}),
        )  # fmt: skip
    chart = layered(*layers).project(
        type="equalEarth",
        rotate=[-frame.middle, 0, 0],
        scale=alt.ExprRef(expr=f"width * {1 / frame.width:.5f}"),
        translate=alt.ExprRef(
            expr=f"[width / 2, height / 2 + width * {frame.y / frame.width:.5f}]"
        ),
    )
    made = finish(chart, title=title, subtitle=subtitle, description=description, height=None)
    # last, because Altair copies a chart's data with every call
    made.datasets = {_OUTLINE: outline()}
    return made


@dataclass(frozen=True, slots=True)
class Frame:
    """What of the world is drawn: units are those of the projection at scale 1."""

    middle: float  # longitude
    y: float  # of the middle, upwards
    width: float  # twice the height

    def at(self, lat: float, lon: float) -> tuple[float, float]:
        """Where a point falls, as shares of the width from the middle, right and up."""
        x, y = equal_earth(lat, _turned(lon - self.middle))
        return x / self.width, (y - self.y) / self.width


def equal_earth(lat: float, lon: float) -> tuple[float, float]:
    """The Equal Earth projection (Savric, Patterson and Jenny 2018) of degrees, at scale 1."""
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    theta = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(lat)))
    slope = 9 * a4 * theta**8 + 7 * a3 * theta**6 + 3 * a2 * theta**2 + a1
    x = 2 * math.sqrt(3) * math.radians(lon) * math.cos(theta) / (3 * slope)
    return x, a4 * theta**9 + a3 * theta**7 + a2 * theta**3 + a1 * theta


def frame_of(pins: Sequence[Mapping[str, Any]]) -> Frame:
    """The part of the world that holds all pins with room around them, a third of it at least."""
    world_wide, world_y = 5.42, 0.16  # Antarctica cut off below
    if not pins:
        return Frame(0, world_y, world_wide)
    lons = sorted({float(p["lon"]) for p in pins})
    # the widest gap between neighbours is what to leave out; it may lie across the date line
    gaps = [(b - a, a, b) for a, b in itertools.pairwise(lons)]
    gaps.append((lons[0] + 360 - lons[-1], lons[-1], lons[0]))
    _, west_of_gap, east_of_gap = max(gaps)
    wide = (west_of_gap - east_of_gap) % 360
    middle = _turned(east_of_gap + wide / 2)
    if wide > 200:
        return Frame(0, world_y, world_wide)
    spots = [equal_earth(float(p["lat"]), _turned(float(p["lon"]) - middle)) for p in pins]
    half = max(abs(x) for x, _ in spots) + 0.45
    low, high = min(y for _, y in spots) - 0.3, max(y for _, y in spots) + 0.3
    width = min(world_wide, max(2 * half, 2 * (high - low), world_wide / 3))
    return Frame(middle, (low + high) / 2, width)


def _turned(lon: float) -> float:
    return (lon + 180) % 360 - 180


def _labels(
    pins: list[dict[str, Any]], most: int, frame: Frame
) -> list[tuple[bool, list[dict[str, Any]]]]:
    """The names that go on the map, to the right or left of their pins: the busiest places
    whose names do not run into a name, reckoned for the width of a phone."""
    boxes: list[tuple[float, float, float, float]] = []
    placed: list[dict[str, Any]] = []
    phone = 360
    for pin in pins:
        if len(placed) == NAMED:
            break
        x, y = (value * phone for value in frame.at(pin["lat"], pin["lon"]))
        gap = 4 + math.sqrt(_AREA * pin["count"] / most / math.pi)
        length = 7.2 * len(pin["name"])
        for right in (True, False):
            near = x + gap if right else x - gap - length
            box = (near, near + length, y - 8, y + 8)
            inside = -phone / 2 <= box[0] and box[1] <= phone / 2
            if inside and not any(
                box[0] < b[1] and b[0] < box[1] and box[2] < b[3] and b[2] < box[3] for b in boxes
            ):
                boxes.append(box)
                placed.append({**pin, "right": right, "gap": gap if right else -gap})
                break
    return [
        (right, some)
        for right in (True, False)
        if (some := [p for p in placed if p["right"] is right])
    ]


_COLOURS = {-1: LIGHT.clash_deed, 0: LIGHT.grey, 1: LIGHT.coop_deed}
_TONES = {-1: "mostly conflict", 0: "both", 1: "mostly cooperation"}


def _tone(score: float | None) -> int:
    if score is None or abs(score) < _MIXED:
        return 0
    return 1 if score > 0 else -1


def _country(code: str | None) -> str:
    from whowhom.analyse.names import label

    return label(code or "")


def _finding(pins: list[dict[str, Any]]) -> str:
    if not pins:
        return "No place is known"
    total = sum(p["count"] for p in pins)
    first = pins[:3]
    part = sum(p["count"] for p in first) / total
    names = listed([in_sentence(p["name"]) for p in first])
    if len(pins) <= 3:
        return f"All of it happened in {names}"
    return f"{names} are where most happened: {part:.0%} of what can be placed"
