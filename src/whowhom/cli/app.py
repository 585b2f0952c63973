"""The group of commands, and what happens to an error: one line, and an exit status."""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Iterator, MutableMapping, Sequence
from typing import cast

import click
from click.shell_completion import CompletionItem

from whowhom.cli import streams
from whowhom.cli.completion import guided
from whowhom.cli.terminal import INTERRUPTED
from whowhom.errors import StoreLocked, UsageError, WhowhomError
from whowhom.show.safe import visible

DONE, SKIPPED, WRONG_USE, LOCKED = 0, 1, 2, 75
"""Exit statuses. 75 is EX_TEMPFAIL of sysexits.h: try again later."""

_REFUSED = {
    getattr(errno, name)
    for name in ("ENAMETOOLONG", "ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EACCES", "EPERM", "EIO")
    if hasattr(errno, name)
} | {errno.EMFILE, errno.ENFILE}

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo:demo", "Code the example corpus, merge it, show it: the quick start."),
    "code": ("code:code", "Code documents: a table, a file, or a store."),
    "explain": ("explain:explain", "Draw the events of a sentence, rule by rule."),
    "watch": ("watch:watch", "Poll feeds politely, code what is new."),
    "merge": ("merge:merge", "Merge reports of one incident; copies count once."),
    "report": ("report:report", "Pictures, numbers and sentences in one file."),
    "serve": ("serve:serve", "Look at a store in the browser."),
    "audit": ("audit:audit", "Judge a random sample of events: what share is right."),
    "mcp": ("mcp:mcp", "Let an assistant ask a store, read-only (MCP)."),
    "cite": ("cite:cite", "A methods paragraph and a citation for a store."),
    "compare": ("compare:compare", "How two outlets tell an incident; where two stores agree."),
    "evaluate": ("evaluate:evaluate", "Precision, recall and F1 against gold, with intervals."),
    "agree": ("agree:agree", "How well two or more coders agree."),
    "gold": ("gold:gold", "Check gold, take it to annotation tools and back, draw tasks."),
    "export": ("export:export", "Write a store's events to a file."),
    "import": ("imports:import_", "Take events of other formats into a store."),
    "formats": ("imports:formats", "List the formats; what each cannot hold."),
    "ledger": ("export:ledger", "What became of every document, as JSON Lines."),
    "compact": ("compact:compact", "Many small segments into few."),
    "forget": ("forget:forget", "Take a document, a source or a person out of a store."),
    "codebook": ("codebook:codebook", "Show a codebook; start, check, try and compare your own."),
    "completion": ("completion:completion", "The Tab key in bash, zsh and fish."),
    "doctor": ("doctor:doctor", "Check this installation: versions, data, one golden article."),
}
"""Every command in the order of a first day's work: where it is in ``whowhom.cli``, and its line
in the list of commands."""


class _Loaded(MutableMapping[str, click.Command]):
    """The commands by name; a command's module is imported when the command is asked for."""

    def __init__(self) -> None:
        self._names: dict[str, str | click.Command] = {
            n: place for n, (place, _) in COMMANDS.items()
        }

    def __getitem__(self, name: str) -> click.Command:
        found = self._names[name]
        if isinstance(found, str):
            module, _, attribute = found.partition(":")
            found = cast(
                click.Command, getattr(importlib.import_module(f"whowhom.cli.{module}"), attribute)
            )
            self._names[name] = found
        return guided(found)

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._names[name] = command

    def __delitem__(self, name: str) -> None:
        del self._names[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class _Commands(click.Group):
    """A group that lists its commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.commands])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        found = [
            CompletionItem(name, help=line)
            for name, (_, line) in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]


@click.group(
    cls=_Commands,
    commands=_Loaded(),
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    streams.prepare()
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
        streams.let_go(sys.stdout)
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
            _of_the_machine(error)
            or f"an error in whowhom: {type(error).__name__}: {error}. "
            "Set WHOWHOM_DEBUG=1 to see where, and please report it."
        )
        sys.exit(SKIPPED)


def complain(message: str) -> None:
    """One line on standard error, safe for a terminal."""
    click.echo(f"whowhom: {visible(message)}", err=True)


def _of_the_machine(error: Exception) -> str | None:
    """What is wrong with a file, where it is the machine that refuses it; None for other errors,
    which are ours."""
    if not isinstance(error, OSError) or error.errno not in _REFUSED:
        return None
    why = (error.strerror or str(error)).lower()
    return f"{error.filename or 'a file'}: {why}. Set WHOWHOM_DEBUG=1 to see where."


def _status(error: WhowhomError) -> int:
    if isinstance(error, StoreLocked):
        return LOCKED
    return WRONG_USE if isinstance(error, UsageError) else SKIPPED
