"""The group of commands, and what happens to an error: one line, and an exit status."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import IO

import click

from whowhom.cli.code import INTERRUPTED, code
from whowhom.cli.codebook import codebook
from whowhom.cli.compare import compare
from whowhom.cli.demo import demo
from whowhom.cli.doctor import doctor
from whowhom.cli.explain import explain
from whowhom.cli.export import export, ledger
from whowhom.cli.merge import merge
from whowhom.cli.report import report
from whowhom.cli.serve import serve
from whowhom.errors import StoreLocked, UsageError, WhowhomError
from whowhom.show.safe import visible

DONE, SKIPPED, WRONG_USE, LOCKED = 0, 1, 2, 75
"""Exit statuses. 75 is EX_TEMPFAIL of sysexits.h: try again later."""


class _Ordered(click.Group):
    """Commands in the order of a first day's work, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=_Ordered,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with: whowhom demo",
)
@click.version_option(
    None, "-V", "--version", package_name="whowhom", message="%(prog)s %(version)s"
)
def cli() -> None:
    """Political event data from news text: who did what to whom, when, where, according to whom.

    Exit status: 0 done; 1 something was skipped, and is listed; 2 wrong use; 75 the store is
    being written by another process; 130 interrupted.
    """


for command in (
    demo, code, explain, merge, report, serve, compare, export, ledger, codebook, doctor
):  # fmt: skip
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    _encode(sys.stdout)
    _encode(sys.stderr)
    debug = bool(os.environ.get("WHOWHOM_DEBUG"))
    try:
        status = cli.main(arguments, prog_name="whowhom", standalone_mode=False)
        sys.stdout.flush()
        sys.exit(status if isinstance(status, int) else DONE)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(WRONG_USE)
    except BrokenPipeError:
        # whoever read our output has had enough (`| head`); Python must not complain at exit
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DONE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(INTERRUPTED)
    except WhowhomError as error:
        if debug:
            raise
        complain(str(error))
        sys.exit(_status(error))
    except MemoryError:
        complain("memory is full. Try fewer --workers, or smaller inputs.")
        sys.exit(SKIPPED)
    except Exception as error:
        if debug:
            raise
        complain(
            f"an error in whowhom: {type(error).__name__}: {error}. "
            "Set WHOWHOM_DEBUG=1 to see where, and please report it."
        )
        sys.exit(SKIPPED)


def complain(message: str) -> None:
    """One line on standard error, safe for a terminal."""
    click.echo(f"whowhom: {visible(message)}", err=True)


def _status(error: WhowhomError) -> int:
    if isinstance(error, StoreLocked):
        return LOCKED
    return WRONG_USE if isinstance(error, UsageError) else SKIPPED


def _encode(stream: IO[str]) -> None:
    """A terminal or pipe that cannot hold a character gets its code instead of a crash."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        with contextlib.suppress(OSError, ValueError):
            reconfigure(errors="backslashreplace")
