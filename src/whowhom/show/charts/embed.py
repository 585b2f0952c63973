"""Charts on a page that reaches for nothing: HTML pieces, the script they need, SVG and PNG.

A page needs three things: :func:`css` once, :func:`html` for every chart, :func:`script` once
at the end. All of it runs under a content security policy without ``unsafe-eval``: Vega's
expressions are interpreted, not compiled (``ast: true``), and the style sheet, not the script,
holds the colours, so that dark mode and print need no script either.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import html as escaping
import json
import os
import re
import sys
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from whowhom.show.charts.theme import (
    PALETTES,
    WIDTH,
    Chart,
    Theme,
    as_variables,
    colours_of,
    css_variables,
    recoloured,
)

_BASE = "https://vega.github.io/vega-datasets/"
_CHARTS = files("whowhom.show.charts")


# -------------------------------------------------------------------------- the script
@lru_cache(maxsize=1)
def bundle() -> str:
    """Vega, Vega-Lite and vega-embed as one script, as vl-convert brings them (about 900 KB).

    It is put together once (some seconds) and kept in the user's cache folder under its
    versions; where that folder cannot be written, it is put together anew each time.
    """
    import vl_convert

    name = f"vega-{vl_convert.get_vega_version()}-vl-convert-{version('vl-convert-python')}.js"
    place = cache_folder() / name
    with contextlib.suppress(OSError, UnicodeDecodeError):
        kept, _, mark = place.read_text(encoding="utf-8").rpartition("\n//")
        if kept and hashlib.sha256(kept.encode()).hexdigest() == mark.strip():
            return kept
    made: str = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub is wrong
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = place.with_suffix(f".{os.getpid()}")
        mark = hashlib.sha256(made.encode()).hexdigest()
        temporary.write_text(f"{made}\n//{mark}", encoding="utf-8")
        temporary.replace(place)
    return made


def cache_folder() -> Path:
    """Where this user's programs keep what can be made again."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "whowhom"


@lru_cache(maxsize=1)
def script() -> str:
    """All script that a page with charts needs: the bundle, and the few lines that start it.

    It holds no ``</script``, so it can stand in a page as it is; :func:`script_hash` allows it
    in a policy. Or serve it as a file of its own.
    """
    text = bundle() + "\n" + (_CHARTS / "start.js").read_text(encoding="utf-8")
    return re.sub(r"</(?=script)", r"<\\/", text, flags=re.IGNORECASE)


@lru_cache(maxsize=1)
def script_hash() -> str:
    """The source expression that allows :func:`script` in a policy: ``'sha256-…'``."""
    digest = hashlib.sha256(script().encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@lru_cache(maxsize=1)
def css() -> str:
    """The style sheet of charts: colours as variables for light, dark and print, and the frame."""
    return css_variables() + (_CHARTS / "charts.css").read_text(encoding="utf-8")


# -------------------------------------------------------------------------- the pieces
def html(chart: Chart, *, identity: str, heading: int = 3, fallback: bool = True) -> str:
    """A chart as a ``<figure>`` with its finding as a heading that wraps, and its data inside.

    Args:
        identity: the figure's ``id`` on the page.
        heading: the level of the heading, 2 to 6.
        fallback: add a drawn picture for readers without script (``<noscript>``).
    """
    specification = recoloured(chart.to_dict(validate=False), as_variables())
    title, subtitle = _words(specification.pop("title", None))
    description = str(specification.get("description", ""))
    # the data block is not run: it only must not end early
    data = json.dumps(specification, ensure_ascii=False, separators=(",", ":"))
    data = data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    shape = " ww-map" if specification.get("height") == "container" else ""
    parts = [
        f'<figure class="ww-chart{shape}" id="{escaping.escape(identity)}">',
        f'<figcaption><h{heading} class="ww-title">{escaping.escape(title)}</h{heading}>',
        f'<p class="ww-subtitle">{escaping.escape(subtitle)}</p>' if subtitle else "",
        "</figcaption>",
        f'<div class="ww-vega" role="img" aria-label="{escaping.escape(description)}"></div>',
        f'<script type="application/json" class="ww-data">{data}</script>',
    ]
    if fallback:
        parts.append(f"<noscript>{svg(chart, on_page=True)}</noscript>")
    parts.append("</figure>")
    return "".join(parts)


def _words(title: Any) -> tuple[str, str]:
    def joined(value: Any) -> str:
        return " ".join(value) if isinstance(value, list) else str(value or "")

    if isinstance(title, dict):
        return joined(title.get("text")), joined(title.get("subtitle"))
    return joined(title), ""


def fixed(chart: Chart, *, width: int = WIDTH, theme: Theme | None = "light") -> dict[str, Any]:
    """The specification at a width in pixels; ``theme`` None leaves the colours to the page."""
    specification: dict[str, Any] = chart.to_dict(validate=False)
    specification["width"] = width
    if specification.get("height") == "container":
        specification["height"] = width // 2
    if theme is None:
        return dict(recoloured(specification, as_variables()))
    specification = recoloured(specification, colours_of(theme))
    specification.setdefault("config", {})["background"] = PALETTES[theme].paper
    return specification


def svg(chart: Chart, *, width: int = WIDTH, theme: Theme = "light", on_page: bool = False) -> str:
    """The chart drawn as SVG. ``on_page``: without its title, in the colours of the page."""
    import vl_convert

    specification = fixed(chart, width=width, theme=None if on_page else theme)
    if on_page:
        specification.pop("title", None)
    drawn: str = vl_convert.vegalite_to_svg(json.dumps(specification))
    # vl-convert turns a link within the page into one to its own base address
    drawn = drawn.replace(f'xlink:href="{_BASE}', 'href="')
    if on_page:
        label = escaping.escape(str(specification.get("description", "")))
        drawn = drawn.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
    return drawn


def png(chart: Chart, *, width: int = WIDTH, theme: Theme = "light", scale: float = 2) -> bytes:
    """The chart drawn as PNG; ``scale`` 2 is for screens with small pixels and for print."""
    import vl_convert

    specification = json.dumps(fixed(chart, width=width, theme=theme))
    drawn: bytes = vl_convert.vegalite_to_png(specification, scale=scale)
    return drawn
