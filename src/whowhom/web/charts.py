"""Pictures for the pages: drawn here, by vl-convert, as SVG with real links, no script needed.

Vega is told absolute links under a name that cannot be (:data:`_BASE`); what it draws is then
taken apart and only known elements, attributes and links of ours are put back. So a picture
needs nothing of the page's policy, every mark is reached by the keyboard, and nothing that a
text says can become markup.
"""

# ruff: noqa: S608 - SQL is put together from fixed pieces; every value is bound
from __future__ import annotations

import datetime as dt
import html
import itertools
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from whowhom import analyse
from whowhom.analyse import Filter
from whowhom.errors import UsageError
from whowhom.web import reading
from whowhom.web.ask import Ask, actor_url, incident_url, pair_url

if TYPE_CHECKING:
    import pyarrow as pa
    from lxml import etree

    from whowhom.web.shelf import Shelf

WIDTHS = (360, 520, 680, 1040)
"""Pixels of the widths that are drawn; a page takes the one that fits."""
_BASE = "http://whowhom.invalid"

_drawing = threading.Lock()  # one at a time: a picture takes a core as it is


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn chart: its finding, more words, a description, and SVG; no SVG where it is empty."""

    title: str
    subtitle: str
    svg: str


def picture(shelf: Shelf, name: str, ask: Ask, width: int) -> Picture:
    """The picture of a name, at one of :data:`WIDTHS`; remembered.

    Raises:
        UsageError: there is no such picture, or it needs a pair or an incident.
    """
    if name not in CHARTS:
        raise UsageError(f"{name!r} is no picture", do=f"Use one of: {', '.join(CHARTS)}.")
    if width not in WIDTHS:
        raise UsageError(f"width: {width} is not drawn", do=f"Use one of: {WIDTHS}.")
    query = tuple(ask.replace(page=1, sort="newest").to_query())

    def draw() -> Picture:
        chart = shelf.remember(("chart", name, query), lambda: CHARTS[name](shelf, ask))
        return Picture("", "", "") if chart is None else drawn(chart, width)

    return shelf.remember(("picture", name, query, width), draw)


def drawn(chart: Any, width: int) -> Picture:
    """A chart as a picture."""
    import vl_convert

    from whowhom.show.charts.embed import fixed

    specification = fixed(chart, width=width, theme=None)
    _describe(specification)
    title, subtitle = _words(specification.pop("title", None))
    description = str(specification.get("description", ""))
    with _drawing:
        svg = vl_convert.vegalite_to_svg(json.dumps(specification))
    return Picture(title, subtitle, clean(svg, description))


def _describe(value: Any) -> None:
    """Marks that lead on say in words what a tooltip would: drawn pictures have no tooltips."""
    if isinstance(value, list):
        for item in value:
            _describe(item)
    elif isinstance(value, dict):
        encoding = value.get("encoding")
        if isinstance(encoding, dict) and "href" in encoding:
            tip = encoding.get("tooltip")
            tip = tip[0] if isinstance(tip, list) and tip else tip
            if isinstance(tip, dict) and "field" in tip:
                encoding["description"] = {"field": tip["field"], "type": "nominal"}
        for key, item in value.items():
            if key not in ("data", "datasets"):
                _describe(item)


def _words(title: Any) -> tuple[str, str]:
    def joined(value: Any) -> str:
        return " ".join(value) if isinstance(value, list) else str(value or "")

    if isinstance(title, dict):
        return joined(title.get("text")), joined(title.get("subtitle"))
    return joined(title), ""


# --------------------------------------------------------------------- what is let through
_ELEMENTS = frozenset(
    [
        "svg",
        "g",
        "path",
        "rect",
        "line",
        "circle",
        "text",
        "tspan",
        "a",
        "title",
        "defs",
        "clipPath",
        "linearGradient",
        "stop",
    ]
)
_ATTRIBUTES = frozenset(
    [
        "d",
        "x",
        "y",
        "x1",
        "y1",
        "x2",
        "y2",
        "cx",
        "cy",
        "r",
        "rx",
        "ry",
        "dx",
        "dy",
        "width",
        "height",
        "viewBox",
        "transform",
        "fill",
        "stroke",
        "opacity",
        "fill-opacity",
        "stroke-opacity",
        "stroke-width",
        "stroke-dasharray",
        "stroke-dashoffset",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-miterlimit",
        "text-anchor",
        "font-size",
        "font-weight",
        "font-style",
        "clip-path",
        "clip-rule",
        "fill-rule",
        "id",
        "offset",
        "stop-color",
        "role",
        "aria-hidden",
        "aria-label",
        "aria-roledescription",
        "pointer-events",
        "display",
        "class",
        "gradientUnits",
    ]
)
_PLAIN_VALUE = re.compile(r"[\w\s.,#%()+\-:;/'\"]*", re.ASCII)
_CLIP = re.compile(r"url\(#[\w-]+\)")
_XLINK = "{http://www.w3.org/1999/xlink}href"


def clean(svg: str, description: str) -> str:
    """SVG with only what is known to be harmless; marks with a link become links of ours."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    root = etree.fromstring(svg.encode(), parser)
    number = next(_numbers)
    out: list[str] = []
    _write(root, out, f"c{number}-", None)
    body = "".join(out)
    box = html.escape(root.get("viewBox", "0 0 100 100"))
    return (
        f'<svg class="drawn" viewBox="{box}" role="group" '
        f'aria-label="{html.escape(description)}">{body}</svg>'
    )


def _write(element: etree._Element, out: list[str], prefix: str, label: str | None) -> None:
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name = child.tag.rpartition("}")[2]
        if name not in _ELEMENTS:
            continue
        attributes = []
        for key, value in child.attrib.items():
            if key == _XLINK or key == "href":
                continue
            if key not in _ATTRIBUTES:
                continue
            if key == "aria-label":
                pass
            elif value.startswith("url("):
                if not _CLIP.fullmatch(value):
                    continue
                value = f"url(#{prefix}{value[5:-1]})"
            elif "url(" in value or not _PLAIN_VALUE.fullmatch(value):
                continue
            if key == "id":
                value = prefix + value
            if key == "role" and name != "a":
                # inside a link the mark's own role would hide that it is one
                continue
            if key in ("aria-roledescription", "class"):
                continue
            attributes.append(f' {key}="{html.escape(value)}"')
        if name == "a":
            target = child.get(_XLINK) or child.get("href") or ""
            words = _label(child, target)
            if target.startswith(_BASE + "/"):
                link = html.escape(target[len(_BASE) :])
                out.append(f'<a href="{link}" aria-label="{html.escape(words)}">')
                if words:
                    out.append(f"<title>{html.escape(words)}</title>")
                _write(child, out, prefix, words)
                out.append("</a>")
            else:
                _write(child, out, prefix, label)
            continue
        if label is not None:
            attributes = [a for a in attributes if not a.startswith(" aria-label")]
        out.append(f"<{name}{''.join(attributes)}>")
        if child.text:
            out.append(html.escape(child.text))
        _write(child, out, prefix, label)
        out.append(f"</{name}>")
        if child.tail and child.tail.strip():
            out.append(html.escape(child.tail))


def _label(element: Any, target: str) -> str:
    """What a mark says of itself: its description, else its words, else where it leads."""
    for inner in element.iter():
        if isinstance(inner.tag, str) and inner.get("aria-label"):
            return str(inner.get("aria-label"))
    words = " ".join("".join(element.itertext()).split())
    if words:
        return words
    parts = urlsplit(target)
    asked = [f"{name} {value}" for name, value in parse_qsl(parts.query)]
    return ", ".join(asked) or unquote(parts.path.strip("/")).replace("/", " ")


_numbers = itertools.count(1)


# ----------------------------------------------------------------------------- the charts
def _linked(table: pa.Table, link: Callable[[Mapping[str, Any]], str]) -> pa.Table:
    """A table with a column ``link``."""
    import pyarrow as pa

    links = [_BASE + link(row) for row in table.to_pylist()]
    return table.append_column("link", pa.array(links, pa.string()))


def _also(table: pa.Table, name: str, other: str) -> pa.Table:
    """A table in which a column goes by two names."""
    if other in table.column_names or name not in table.column_names:
        return table
    return table.append_column(other, table[name])


def _course(shelf: Shelf, ask: Ask) -> Any:
    from whowhom.show.charts import timeline

    ask, note = reading.core(shelf, ask)
    total = reading.totals(shelf, ask)
    by = reading.period_for(total["first"], total["last"])
    table = reading.series(shelf, ask, by)
    if not table.num_rows:
        return None
    return timeline(
        _linked(table, lambda r: ask.replace(since=r["period"], until=r["end"]).url()),
        by=by,
        unit=ask.unit,
        note=note,
    )


def _pair(shelf: Shelf, ask: Ask) -> Any:
    from whowhom.show.charts import timeline
    from whowhom.show.charts.words import party_in_sentence

    if ask.between is None:
        raise UsageError("this picture is of a pair", do="Add between=USA~CUB.")
    a, b = ask.between
    total = reading.totals(shelf, ask)
    by = reading.period_for(total["first"], total["last"])
    plain = ask.filter
    table = shelf.table(analyse.series, a, b, plain, by=by, unit=ask.unit)
    if not table.num_rows:
        return None
    turns = shelf.table(analyse.changes, a, b, by, plain, of="score", unit=ask.unit)
    return timeline(
        _linked(table, lambda r: ask.replace(since=r["period"], until=r["end"]).url()),
        turns,
        between=f"{party_in_sentence(a)} and {party_in_sentence(b)}",
        by=by,
        unit=ask.unit,
    )


def _map(shelf: Shelf, ask: Ask) -> Any:
    from whowhom.show.charts import world

    table = reading.places(shelf, ask)
    if not table.num_rows:
        return None

    def link(row: Mapping[str, Any]) -> str:
        if row["place"]:
            return ask.replace(at=row["place"]).url()
        return ask.replace(places=(row["country"],)).url()

    return world(_linked(table, link), unit=ask.unit)


def _network(shelf: Shelf, ask: Ask) -> Any:
    from whowhom.show.charts import network

    nodes, edges = shelf.table(analyse.network, ask.filter, unit=ask.unit, most=60)
    if not edges.num_rows:
        return None
    base = Ask(ask.filter, unit=ask.unit)
    return network(
        _linked(nodes, lambda r: actor_url(r["key"], base)),
        _linked(edges, lambda r: base.replace(between=(r["a"], r["b"])).url()),
        unit=ask.unit,
    )


def _matrix(shelf: Shelf, ask: Ask) -> Any:
    from whowhom.show.charts import matrix

    table = shelf.table(analyse.matrix, ask.filter, unit=ask.unit, top=10)
    if not table.num_rows:
        return None
    return matrix(
        _linked(
            table,
            lambda r: ask.replace(actors=(r["actor"],), recipients=(r["recipient"],)).url(),
        ),
        unit=ask.unit,
    )


def _types(shelf: Shelf, ask: Ask) -> Any:
    from whowhom.show.charts import types

    table = _counts(shelf, ask, ("type", "quad"))
    if not table.num_rows:
        return None
    table = _also(table, "type", "event_type")
    return types(
        _linked(table, lambda r: ask.replace(types=(r["event_type"],)).url()), unit=ask.unit
    )


def _statuses(shelf: Shelf, ask: Ask) -> Any:
    from whowhom.show.charts import statuses

    every = ask.replace(statuses=("all",))
    table = _counts(shelf, every, ("status",))
    if not table.num_rows:
        return None
    return statuses(
        _linked(table, lambda r: ask.replace(statuses=(r["status"],)).url()), unit=ask.unit
    )


def _claims(shelf: Shelf, ask: Ask) -> Any:
    from whowhom.show.charts import claims

    filter_ = ask.filter
    if filter_.statuses == ("actual",):
        filter_ = filter_.replace(statuses=("all",))
    table = shelf.table(analyse.claims, filter_, unit=ask.unit, limit=300)
    if not table.num_rows:
        return None
    base = Ask(filter_, unit=ask.unit)
    return claims(
        _linked(
            _also(table, "event_type", "type"),
            lambda r: base.replace(
                speakers=(r["speaker"],), actors=(r["target"],), types=(r["event_type"],)
            ).url(),
        )
    )


def _figures(shelf: Shelf, ask: Ask) -> Any:
    from whowhom.show.charts import figures

    table = shelf.table(analyse.figures, ask.filter, disputed=not ask.incident, limit=8)
    if ask.incident:
        import pyarrow.compute as pc

        table = analyse_incident(shelf, ask.incident)
        table = table.filter(pc.equal(table["incident"], ask.incident))
    if not table.num_rows:
        return None
    table = _also(table, "day", "shown")
    return figures(_linked(table, lambda r: incident_url(r["incident"])))


def analyse_incident(shelf: Shelf, incident: str) -> Any:
    """The figures of one incident, with claimants, whatever the status of its reports."""
    rows = shelf.ask("select shown from incidents where incident = ?", [incident])
    day = rows[0]["shown"] if rows else None
    # the incident's reports lie around its day: a narrow filter spares the search through all
    near = (
        Filter(statuses=("all",))
        if day is None
        else Filter(
            since=day - dt.timedelta(days=60),
            until=day + dt.timedelta(days=60),
            statuses=("all",),
        )
    )
    return shelf.table(analyse.figures, near, disputed=False)


def _counts(shelf: Shelf, ask: Ask, of: tuple[str, ...]) -> Any:
    """Counts with what only pages can ask for."""
    from whowhom.analyse.query import chosen, fetch

    names = {"type": "event_type", "quad": "quad", "status": "status", "outlet": "outlet"}
    base, values = chosen(
        ask.filter,
        ask.unit,  # type: ignore[arg-type]
        [f"{names[o]} as {o}" for o in of],
        also=ask.also(),
    )
    with shelf.cursor() as cursor:
        return fetch(
            cursor,
            f"select {', '.join(of)}, count(*) as count from ({base}) "
            f"group by all order by count desc, {', '.join(of)} limit 200",
            values,
        )


CHARTS: Mapping[str, Callable[[Shelf, Ask], Any]] = {
    "course": _course,
    "pair": _pair,
    "map": _map,
    "network": _network,
    "matrix": _matrix,
    "types": _types,
    "statuses": _statuses,
    "claims": _claims,
    "figures": _figures,
}
"""Pictures by name: ``/chart/NAME?FILTER``."""

__all__ = ["CHARTS", "WIDTHS", "Picture", "clean", "pair_url", "picture"]
