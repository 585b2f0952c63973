"""How every chart looks: two sets of colours with the same meaning, type, and the finish.

Cooperation is blue and conflict is orange; words are light and deeds are dark. Colour never
stands alone: a label, a side of the axis or a shape says the same.
"""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias, cast

import altair as alt
import pyarrow as pa

Theme = Literal["light", "dark"]
Chart: TypeAlias = alt.Chart | alt.LayerChart
Rows: TypeAlias = list[dict[str, Any]]

FONT = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Liberation Sans', Arial, "
    "sans-serif"
)
WIDTH = 680
"""Pixels of a chart's width where nothing around it sets one (PNG, SVG)."""
SIZE = 12
"""Pixels of the letters in a chart."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by their role. Those of marks have a contrast of 3:1 or more against ``paper``,
    those of words 4.5:1 (WCAG 2.2, 1.4.3 and 1.4.11); a test holds them to it.

    Blue and orange are told apart in every common form of colour blindness (Okabe & Ito 2008).
    """

    paper: str
    ink: str  # words
    quiet: str  # words of less weight
    line: str  # grids and rules
    land: str  # the world, and other grounds
    grey: str  # marks that have no side
    coop_deed: str
    coop_word: str
    clash_deed: str
    clash_word: str
    coop_tint: str  # grounds of a cell, under ink
    coop_pale: str
    clash_tint: str
    clash_pale: str
    even: str


LIGHT = Palette(
    paper="#ffffff",
    ink="#1b1e22",
    quiet="#5a6168",
    line="#dadde1",
    land="#e9ebee",
    grey="#7c838a",
    coop_deed="#0b5a94",
    coop_word="#3e95cd",
    clash_deed="#b44600",
    clash_word="#d17c0c",
    coop_tint="#94c4e6",
    coop_pale="#d3e7f5",
    clash_tint="#f3b473",
    clash_pale="#fbe3c8",
    even="#eff0f2",
)
DARK = Palette(
    paper="#15181c",
    ink="#eceef0",
    quiet="#a7afb8",
    line="#363c43",
    land="#2a2f35",
    grey="#8a929b",
    coop_deed="#3a8fd6",
    coop_word="#9fd0f3",
    clash_deed="#dd6a1f",
    clash_word="#fbbf72",
    coop_tint="#1f5f92",
    coop_pale="#1b3d59",
    clash_tint="#964609",
    clash_pale="#593112",
    even="#23272c",
)
PALETTES: Mapping[Theme, Palette] = {"light": LIGHT, "dark": DARK}

QUADS: tuple[str, ...] = (
    "material conflict",
    "verbal conflict",
    "verbal cooperation",
    "material cooperation",
)
QUAD_COLOURS: Mapping[str, str] = {
    "material conflict": LIGHT.clash_deed,
    "verbal conflict": LIGHT.clash_word,
    "verbal cooperation": LIGHT.coop_word,
    "material cooperation": LIGHT.coop_deed,
}


# ------------------------------------------------------------------------- the finish
def layered(*layers: alt.Chart) -> alt.LayerChart:
    """Layers as one chart, the first at the bottom."""
    return alt.LayerChart(layer=list(layers))


def finish(
    chart: Chart,
    *,
    title: str,
    subtitle: str,
    description: str,
    height: int | None,
) -> Chart:
    """A chart with its words and its clothes: as wide as what holds it, on no ground of its own.

    ``description`` is what a screen reader says in place of the picture. Without a ``height``
    the page gives it one: half its width (class ``ww-map``).
    """
    description = description.replace(title, capital(title), 1)
    title = capital(title)
    chart = chart.properties(
        width="container",
        title=alt.TitleParams(
            text=textwrap.wrap(title, 84) or [""],
            subtitle=textwrap.wrap(subtitle, 110) or [""],
        ),
        description=description,
        height="container" if height is None else height,
        autosize=alt.AutoSizeParams(type="fit" if height is None else "fit-x", contains="padding"),
    )
    config: dict[str, Any] = {
        # the figure has one description; a label on every mark would be noise
        "aria": False,
        "background": "transparent",
        "padding": 2,
        "font": FONT,
        "title": {
            "anchor": "start",
            "frame": "group",
            "fontSize": 16,
            "fontWeight": 600,
            "color": LIGHT.ink,
            "subtitleFontSize": SIZE + 1,
            "subtitleColor": LIGHT.quiet,
            "subtitlePadding": 5,
            "offset": 12,
        },
        "view": {"stroke": None},
        "text": {"color": LIGHT.ink, "fontSize": SIZE, "font": FONT},
        "axis": {
            "labelColor": LIGHT.quiet,
            "labelFontSize": SIZE,
            "labelFont": FONT,
            "titleColor": LIGHT.quiet,
            "titleFontSize": SIZE,
            "titleFontWeight": "normal",
            "titleFont": FONT,
            "gridColor": LIGHT.line,
            "domain": False,
            "ticks": False,
            "labelPadding": 6,
        },
    }
    made: Chart = chart.configure(**config)
    return made


def recoloured(value: Any, colours: Mapping[str, str]) -> Any:
    """A specification with the colours of the light theme replaced, wherever they stand."""
    if isinstance(value, str):
        return colours.get(value, value)
    if isinstance(value, Mapping):
        return {key: recoloured(item, colours) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [recoloured(item, colours) for item in value]
    return value


def colours_of(theme: Theme) -> dict[str, str]:
    """From each colour of the light theme to its like in another."""
    return dict(zip(asdict(LIGHT).values(), asdict(PALETTES[theme]).values(), strict=True))


def themed(chart: Chart, theme: Theme) -> Chart:
    """The same chart in another theme, on its ground: for a notebook with a dark page."""
    specification = recoloured(chart.to_dict(validate=False), colours_of(theme))
    specification.setdefault("config", {})["background"] = PALETTES[theme].paper
    made: Any = type(chart).from_dict(specification)
    return cast("Chart", made)


def variable(role: str) -> str:
    """The name of a colour in a style sheet: ``--ww-coop-deed``."""
    return "--ww-" + role.replace("_", "-")


def as_variables() -> dict[str, str]:
    """From each colour of the light theme to the variable that holds it on a page."""
    return {colour: f"var({variable(role)})" for role, colour in asdict(LIGHT).items()}


def css_variables() -> str:
    """The colours as a style sheet: light, dark where the reader's system is, light in print."""
    light, dark = (
        "".join(f"{variable(role)}:{colour};" for role, colour in asdict(palette).items())
        for palette in (LIGHT, DARK)
    )
    return (
        f":root{{color-scheme:light dark;{light}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"
    )


# ---------------------------------------------------------------------------- helpers
def records(table: pa.Table | None) -> Rows:
    """The rows of a table; days become ISO strings, as JSON has them."""
    if table is None:
        return []
    return [
        {k: v.isoformat() if isinstance(v, dt.date) else v for k, v in row.items()}
        for row in table.to_pylist()
    ]


def inline(rows: Iterable[Mapping[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=[dict(row) for row in rows])


def haloed(base: alt.Chart, **encoding: Any) -> list[alt.Chart]:
    """Two layers of text that can be read on any ground: first the halo, then the words."""
    mark = {k: encoding.pop(k) for k in list(encoding) if k in _TEXT}
    return [
        base.mark_text(**mark, stroke=LIGHT.paper, strokeWidth=3, strokeJoin="round").encode(
            **{k: v for k, v in encoding.items() if k not in ("color", "href", "tooltip")}
        ),
        base.mark_text(**mark).encode(**encoding),
    ]


_TEXT = frozenset(
    {
        "align",
        "baseline",
        "dx",
        "dy",
        "fontSize",
        "fontWeight",
        "limit",
        "lineHeight",
        "angle",
        "lineBreak",
    }
)


def number(count: int, noun: str, nouns: str | None = None) -> str:
    """``1 incident``, ``1,200 incidents``."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + f" {last} " + words[-1]


def capital(text: str) -> str:
    """A text with its first letter as a capital, the others as they are."""
    return text[:1].upper() + text[1:]


def signed(value: float) -> str:
    """``+1.5``, ``−0.7``: with a minus that is as wide as the plus."""
    return f"{value:+.1f}".replace("-", "\N{MINUS SIGN}")


def rate(value: float) -> str:
    """A mean a period: ``3``, ``0.2``, ``under 0.1``."""
    if 0 < value < 0.095:
        return "under 0.1"
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}".removesuffix(".0")


def day_words(day: dt.date | str | None) -> str:
    """``22 October 1962``; a day that is not known is said so."""
    if day is None:
        return "day not known"
    if isinstance(day, str):
        day = dt.date.fromisoformat(day[:10])
    return f"{day.day} {day:%B} {day.year}"


def span_words(first: dt.date | str, last: dt.date | str) -> str:
    """``22 October 1962``, ``16 to 31 October 1962``, ``30 May to 2 June 1999``."""
    one, two = (dt.date.fromisoformat(d[:10]) if isinstance(d, str) else d for d in (first, last))
    if one == two:
        return day_words(one)
    if (one.year, one.month) == (two.year, two.month):
        return f"{one.day} to {day_words(two)}"
    if one.year == two.year:
        return f"{one.day} {one:%B} to {day_words(two)}"
    return f"{day_words(one)} to {day_words(two)}"


def short(text: str, most: int) -> str:
    """A text cut at a word, with an ellipsis where it was cut."""
    return text if len(text) <= most else textwrap.shorten(text, most, placeholder=" …")
