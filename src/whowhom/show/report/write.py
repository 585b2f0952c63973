"""A report's content as one HTML file, as Markdown, or as PDF."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tempfile
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from whowhom.errors import UsageError, WhowhomError
from whowhom.show.charts import embed
from whowhom.show.charts.theme import day_words
from whowhom.show.report.content import Content

if TYPE_CHECKING:
    import jinja2

Form = Literal["html", "md", "pdf"]
FORMATS: tuple[Form, ...] = get_args(Form)

PRINTERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)
"""Programs that print a page to PDF; the first that is installed is used."""
PRINT_SECONDS = 120
_HERE = files("whowhom.show.report")


def write(content: Content, form: Form = "html") -> bytes:
    """The report in a format, as the bytes of a file.

    Raises:
        UsageError: there is no such format, or PDF is asked for and no browser is installed.
    """
    if form == "html":
        return page(content).encode("utf-8")
    if form == "md":
        return markdown(content).encode("utf-8")
    if form == "pdf":
        return pdf(content)
    raise UsageError(f"format: {form!r} is not known", do=f"Use one of: {', '.join(FORMATS)}.")


def page(content: Content, *, opened: bool = False) -> str:
    """The report as HTML that needs nothing else: no request leaves it, and its policy forbids
    any. ``opened``: the lists of sentences stand open, a few each, as paper needs them.
    """
    script, sheet = _text("report.js"), embed.css() + _text("report.css")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {embed.script_hash()} {_hash(script)}",
            "style-src 'unsafe-inline'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    return (
        _templates()
        .get_template("report.html.j2")
        .render(
            content=content,
            charts={
                identity: embed.html(chart, identity=identity)
                for section in content.sections
                for identity, chart in section.charts
            },
            policy=policy,
            sheet=sheet,
            script=script,
            chart_script=embed.script() if any(s.charts for s in content.sections) else "",
            opened=opened,
        )
    )


def markdown(content: Content) -> str:
    """The report as Markdown: the same words, tables and sentences, without pictures."""
    return _templates().get_template("report.md.j2").render(content=content)


def pdf(content: Content) -> bytes:
    """The report as PDF, printed by an installed Chromium, Chrome or Edge without network.

    Raises:
        UsageError: none is installed.
        WhowhomError: it did not print.
    """
    found = next(filter(None, map(shutil.which, PRINTERS)), None)
    if found is None:
        raise UsageError(
            "a PDF is printed by Chromium, Chrome or Edge, and none is installed",
            do="Write HTML (-o report.html) and print it to PDF from your browser.",
        )
    with tempfile.TemporaryDirectory(prefix="whowhom-") as folder:
        source, target = Path(folder) / "report.html", Path(folder) / "report.pdf"
        source.write_text(page(content, opened=True), encoding="utf-8")
        command = [
            found,
            "--headless",
            "--no-sandbox",  # it runs in containers; the page is ours and its policy is strict
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            "--no-pdf-header-footer",
            f"--user-data-dir={folder}/profile",
            "--virtual-time-budget=20000",
            f"--print-to-pdf={target}",
            source.as_uri(),
        ]
        try:
            done = subprocess.run(  # noqa: S603 - a fixed list of arguments, no shell
                command, capture_output=True, timeout=PRINT_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise WhowhomError(
                "the browser did not print the report",
                where=found,
                do="Write HTML (-o report.html) and print it from your browser.",
            ) from error
        if not target.is_file():
            raise WhowhomError(
                f"the browser did not print the report (exit status {done.returncode})",
                where=found,
                do="Write HTML (-o report.html) and print it from your browser.",
            )
        return target.read_bytes()


# ----------------------------------------------------------------------------- helpers
@lru_cache(maxsize=1)
def _templates() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_text),
        # all but Markdown, which has an escape of its own (`md`)
        autoescape=lambda name: name is None or not name.endswith(".md.j2"),  # noqa: S701
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = day_words
    environment.filters["md"] = escaped
    return environment


def escaped(text: str) -> str:
    """Text that Markdown takes as it is: no mark-up, no HTML, no line of its own."""
    out = "".join("\\" + c if c in "\\`*_{}[]<>#|!~" else c for c in text)
    return " ".join(out.split()).replace("&", "&amp;")


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
