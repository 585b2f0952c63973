"""``whowhom watch``: feeds in, events out, for weeks."""

from __future__ import annotations

import datetime as dt
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from whowhom.cli import options
from whowhom.cli.code import coder_spec
from whowhom.cli.terminal import INTERRUPTED, LISTED, ProgressLine, plural, progress_line, say
from whowhom.errors import UsageError

if TYPE_CHECKING:
    from whowhom.watch import Poll


@click.command(short_help="Poll feeds politely, code what is new.")
@click.argument("feeds", metavar="FEED...", nargs=-1, required=True)
@click.option(
    "--store",
    type=options.FilePath(path_type=Path, file_okay=False),
    metavar="FOLDER",
    required=True,
    help="Where events, rejections, the account of every article and the feeds' state are kept.",
)
@click.option(
    "--every",
    type=click.IntRange(1, 10_080),
    default=15,
    show_default=True,
    metavar="MINUTES",
    help="Time between polls. A feed that asks to be left alone for longer is.",
)
@click.option("--once", is_flag=True, help="Poll once and end: for cron.")
@click.option(
    "--max-articles",
    type=click.IntRange(1, 100_000),
    default=200,
    show_default=True,
    metavar="N",
    help="Pages that are asked for in one poll; the others wait for the next.",
)
@click.option("--outlet", metavar="NAME", help="Who published articles that do not say.")
@click.option(
    "--allow-host",
    multiple=True,
    metavar="NAME",
    help="A host of your own whose address is private: 127.0.0.1, news.intranet. Repeatable.",
)
@click.option(
    "--allow-port",
    multiple=True,
    type=click.IntRange(1, 65535),
    metavar="N",
    help="A port beside 80 and 443. Repeatable.",
)
@click.option(
    "--contact",
    metavar="TEXT",
    help="An e-mail or web address that servers are told, so that they can reach you.",
)
@options.own_codebook
@options.own_actors
@options.min_confidence
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    metavar="N",
    help="Processes that code; pages are asked for one at a time.",
)
@click.option(
    "--recode",
    is_flag=True,
    help="Go on although another codebook, version or option made the store.",
)
@click.option(
    "--keep-text",
    is_flag=True,
    help="Keep the articles' text. Default: only the evidence sentences.",
)
@click.option("--no-merge", is_flag=True, help="Do not merge reports into incidents after polls.")
@click.option("-q", "--quiet", is_flag=True, help="Only what was skipped or failed.")
def watch(
    feeds: tuple[str, ...],
    store: Path,
    every: int,
    once: bool,
    max_articles: int,
    outlet: str | None,
    allow_host: tuple[str, ...],
    allow_port: tuple[int, ...],
    contact: str | None,
    codebook: Path | None,
    actors: Path | None,
    min_confidence: float | None,
    workers: int,
    recode: bool,
    keep_text: bool,
    no_merge: bool,
    quiet: bool,
) -> int:
    """Poll feeds, fetch what they name, code it into a store.

    FEED is the address of an RSS or Atom feed, or a file with addresses, one a line, or OPML.
    Runs until Ctrl-C; with --once it polls once. robots.txt is obeyed; nothing but public
    addresses is asked for, unless --allow-host names it.
    """
    from whowhom.cli.merge import merge_store
    from whowhom.engine.local import Interrupted
    from whowhom.watch import Gate, Options, StateFiles, Watch, Web
    from whowhom.watch.feeds import feed_list

    gate = Gate.of(allow_host, allow_port)
    addresses = feed_list(feeds, gate)
    with ProgressLine(quiet=quiet) as progress:

        def said(line: str) -> None:
            progress.clear()
            say(line)

        watching = Watch(
            addresses,
            coder_spec(codebook, actors, min_confidence),
            Options(
                store,
                every=every * 60.0,
                once=once,
                max_articles=max_articles,
                workers=workers,
                outlet=outlet,
                recode=recode,
                keep_text=keep_text,
                merge=not no_merge,
            ),
            Web(
                gate,
                StateFiles(store, gate.settings),
                agent(contact),
                every=every * 60.0,
                tell=lambda place: progress.note(f"asking {place}"),
            ),
            tell=progress.note,
            said=said,
            coding=lambda report: progress.note("coding: " + progress_line(report)),
            merge=lambda path: merge_store(path, quiet=True),
        )
        try:
            with watching:
                if not quiet and not once:
                    said(
                        f"{plural(len(addresses), 'feed')}, every {plural(every, 'minute')}, "
                        f"into {store}. Ctrl-C ends it."
                    )
                poll = watching.run(lambda poll: _account(poll, progress, quiet=quiet, once=once))
        except Interrupted as stop:
            coded = sum(stop.report.states.values())
            say(f"Ended; {plural(coded, 'article')} of this run are in {store}.")
            if once:
                raise click.exceptions.Exit(INTERRUPTED) from None
            return 0
    if poll is None:  # pragma: no cover - only a run without --once has no poll to give
        return 0
    if not quiet and poll.report.read:
        say(f"Kept in {store}. Next: whowhom report {store} -o report.html")
    return 1 if poll.trouble else 0


def agent(contact: str | None) -> str:
    """What servers are told: who we are, which version, and whom to write to.

    Raises:
        UsageError: the contact holds characters that no header has.
    """
    from whowhom.watch.polite import ROBOT

    try:
        name = f"{ROBOT}/{version('whowhom')}"
    except PackageNotFoundError:  # run from a checkout that was never installed
        name = f"{ROBOT}/0.0.0"
    if contact is None:
        return f"{name} (codes news into event data; robots.txt: {ROBOT})"
    if not contact.isascii() or not contact.isprintable() or len(contact) > 200 or "(" in contact:
        raise UsageError(
            "a contact is an e-mail or web address in plain letters", where="--contact"
        )
    return f"{name} ({contact}; codes news into event data; robots.txt: {ROBOT})"


def _account(poll: Poll, progress: ProgressLine, *, quiet: bool, once: bool) -> None:
    """The line of a poll, and below it what failed or was skipped."""
    from whowhom.watch.address import shown

    progress.clear()
    stamp = dt.datetime.fromtimestamp(poll.started).strftime("%H:%M")  # noqa: DTZ006 - for people
    if not quiet:
        line = f"{stamp}  {_feeds(poll)}; {_articles(poll)}"
        if poll.next is not None:
            next_ = dt.datetime.fromtimestamp(poll.next)  # noqa: DTZ006 - for people
            line += f"; next {next_:%H:%M}"
        say(line)
        if once and poll.merged:
            say(poll.merged)
    for place, why in poll.failed[:LISTED]:
        say(f"  feed {place}: {why}")
    for place, reason, detail in poll.skipped[:LISTED]:
        say(f"  {shown(place)}: {reason}: {detail}")
    for row in poll.report.troubles[:LISTED]:
        if row.status == "poisoned":
            say(f"  {shown(row.locator)}: {row.reason}: {row.detail}")
    more = max(0, len(poll.failed) - LISTED) + max(0, len(poll.skipped) - LISTED)
    if more:
        say(f"  and {more:,} more; whowhom ledger lists all articles.")


def _feeds(poll: Poll) -> str:
    parts = [(plural(poll.feeds, "feed") if poll.feeds else "no feed") + " asked"]
    if poll.unchanged:
        parts.append(f"{poll.unchanged:,} unchanged")
    if poll.failed:
        parts.append(f"{len(poll.failed):,} failed")
    if poll.resting:
        parts.append(f"{poll.resting:,} resting")
    return ", ".join(parts)


def _articles(poll: Poll) -> str:
    states = poll.report.states
    parts = []
    if states["coded"]:
        parts.append(f"{states['coded']:,} coded with {plural(poll.report.events, 'event')}")
    if states["no_events"]:
        parts.append(f"{states['no_events']:,} without events")
    if states["duplicate"]:
        parts.append(plural(states["duplicate"], "duplicate"))
    if poll.skipped:
        parts.append(f"{len(poll.skipped):,} skipped")
    if states["poisoned"]:
        parts.append(f"{states['poisoned']:,} could not be coded")
    if poll.known:
        parts.append(f"{poll.known:,} in the store already")
    line = plural(poll.new, "new article") if poll.new else "nothing new"
    if parts:
        line += ": " + ", ".join(parts)
    if poll.waiting:
        line += f"; {poll.waiting:,} waiting"
    return line
