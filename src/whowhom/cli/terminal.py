"""What the commands share of the terminal: consoles, progress, the list of what was skipped."""

from __future__ import annotations

import shlex
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

import click

from whowhom.show.safe import visible

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console
    from rich.status import Status

    from whowhom.engine.outcome import Report

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""
SHOW_AFTER = 1.0
"""Seconds of work before progress is shown at all."""
LINE_EVERY = 10.0
"""Seconds between lines of progress where standard error is no terminal."""
LISTED = 20
"""Skipped documents that are listed; the ledger has all."""


def console(*, err: bool = False) -> Console:
    """A console that takes text as it is: no markup, no emoji codes, no guessing of colours."""
    from rich.console import Console

    return Console(stderr=err, markup=False, emoji=False, highlight=False, soft_wrap=False)


def need(extra: str, what: str, *modules: str) -> None:
    """Make sure that an extra is installed.

    Raises:
        UsageError: it is not; the error says how to install it.
    """
    from whowhom.errors import UsageError

    absent = missing(*modules)
    if absent:
        raise UsageError(
            f"{what} needs {', '.join(absent)}", do=f"Install it: pip install 'whowhom[{extra}]'"
        )


def missing(*modules: str) -> list[str]:
    """Those of some modules that are not installed; none is loaded by asking."""
    from importlib.util import find_spec

    return [module for module in modules if find_spec(module) is None]


REPORT = ("altair", "vl_convert", "jinja2", "networkx", "ruptures")
"""What a report needs: the extra ``report``."""
WEB = (*REPORT, "starlette", "uvicorn")
"""What the explorer needs: the extra ``web``."""


def say(message: str) -> None:
    """A line on standard error."""
    click.echo(visible(message), err=True)


class ProgressLine:
    """Documents, events and speed on standard error: a moving line on a terminal, a line now
    and then elsewhere, nothing in the first second or with ``quiet``."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._live = sys.stderr.isatty()
        self._started = time.monotonic()
        self._next = self._started + (SHOW_AFTER if self._live else LINE_EVERY)
        self._status: Status | None = None

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def note(self, message: str) -> None:
        """Show what is going on before the first document."""
        if self._live and not self._quiet:
            self._show(message)

    def __call__(self, report: Report) -> None:
        self.step(progress_line(report))

    def step(self, line: str) -> None:
        """Say how far it is: on a terminal at most ten times a second, elsewhere now and then."""
        now = time.monotonic()
        if self._quiet or now < self._next:
            return
        self._next = now + (0.1 if self._live else LINE_EVERY)
        if self._live:
            self._show(line)
        else:
            say(line)

    def clear(self) -> None:
        """Take the moving line away, so that lines can be written; the next note brings it back."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def _show(self, message: str) -> None:
        if self._status is None:
            self._status = console(err=True).status(message, spinner="dots")
            self._status.start()
        else:
            self._status.update(message)


def progress_line(report: Report) -> str:
    finished = sum(report.states.values())
    speed = finished / report.seconds if report.seconds > 0 else 0.0
    parts = [plural(finished, "document"), plural(report.events, "event")]
    parts.append(f"{speed:,.1f} documents/s")
    if report.done:
        parts.insert(0, f"{report.done:,} done before")
    if report.unread:
        parts.append(f"{report.unread:,} skipped")
    return ", ".join(parts)


def plural(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"


def report_lines(report: Report) -> list[str]:
    """The account of a run in a few lines."""
    states = report.states
    parts = [f"{plural(states['coded'], 'document')} with {plural(report.events, 'event')}"]
    if states["no_events"]:
        parts.append(f"{states['no_events']:,} without")
    if states["duplicate"]:
        parts.append(plural(states["duplicate"], "duplicate"))
    if states["skipped"]:
        parts.append(f"{states['skipped']:,} skipped")
    if states["poisoned"]:
        parts.append(f"{states['poisoned']:,} that could not be coded")
    if report.done:
        parts.append(f"{report.done:,} done before")
    return [f"{plural(report.read, 'document')} read: " + ", ".join(parts) + "."]


def in_shell(path: Path) -> str:
    """A path as part of a command that can be copied."""
    return shlex.quote(str(path))


def list_troubles(report: Report, store: Path | None) -> None:
    """Every document that was skipped, on standard error: where, why, what to do."""
    if not report.unread:
        return
    say(f"{report.unread:,} of {plural(report.read, 'document')} could not be read or coded:")
    for row in report.troubles[:LISTED]:
        where = ", ".join(part for part in (row.file, row.locator) if part) or row.document_id
        say(f"  {where}: {row.reason}: {row.detail}")
    more = report.unread - min(len(report.troubles), LISTED)
    if more > 0:
        do = "code into a --store, and whowhom ledger lists all of them"
        if store is not None:
            do = f"whowhom ledger {in_shell(store)} lists all of them"
        say(f"  and {more:,} more; {do}.")
