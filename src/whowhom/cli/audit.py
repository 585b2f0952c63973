"""``whowhom audit``: a random sample of a store's events, judged by people."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from whowhom.cli import options
from whowhom.cli.terminal import console, plural, say
from whowhom.errors import UsageError
from whowhom.settings import AUDIT
from whowhom.show.safe import visible

if TYPE_CHECKING:
    from rich.console import Console

    from whowhom.audit import Sample
    from whowhom.store import Store

KEYS = {
    "r": "right",
    "w": "wrong",
    "m": "mend",
    "s": "skip",
    "b": "back",
    "q": "quit",
}
_PROMPT = "[r]ight  [w]rong  [m]end  [s]kip  [b]ack  [q]uit"
_MEND = (
    ("event_type", "type, or none"),
    ("status", "status"),
    ("actors", "who: keys such as USA, KEN REB; - for nobody"),
    ("recipients", "whom"),
    ("swap", "are the sides the wrong way round? y"),
    ("note", "note"),
)


@click.command()
@click.argument("store", type=options.FilePath(path_type=Path), metavar="STORE")
@click.option(
    "--size",
    type=click.IntRange(1, 100_000),
    metavar="N",
    help=f"Events to draw. Default: {AUDIT.size}. More than were drawn: the sample grows.",
)
@click.option(
    "--by",
    type=click.Choice(["type", "status", "outlet", "nothing"]),
    multiple=True,
    help="What the strata are made of; repeatable. Default: type.",
)
@click.option(
    "--of",
    type=click.Choice(["reports", "incidents"]),
    help="What is drawn: events as reported (default), or incidents, a report of each.",
)
@click.option("--seed", type=int, metavar="K", help="Another number draws another sample.")
@click.option("--new", is_flag=True, help="Draw anew from the store as it is now.")
@click.option(
    "--marker",
    metavar="NAME",
    help="Who judges, or with --report whose marks count. Default: user; with --report all.",
)
@click.option("--report", "reporting", is_flag=True, help="Show what the marks say; ask nothing.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON, on standard output.")
@click.option(
    "--show-confidence",
    is_flag=True,
    help="Show what decided, and the confidence, before you judge. It sways judgement.",
)
def audit(
    store: Path,
    size: int | None,
    by: tuple[str, ...],
    of: str | None,
    seed: int | None,
    new: bool,
    marker: str | None,
    reporting: bool,
    as_json: bool,
    show_confidence: bool,
) -> int:
    """Draw a random sample of the events of STORE, judge it, and see what share is right.

    Each event is shown over its sentence; a key says right, wrong, or how to mend it. Stop with
    q: the same command goes on where you stopped. Answers can also come from a pipe, one a line.
    """
    from whowhom.audit import report
    from whowhom.show.audit import draw as draw_report
    from whowhom.store import open_store

    with open_store(store) as opened:
        sample = _sample(opened, size, by, of, seed, new=new, drawing=not (reporting or as_json))
        if not (reporting or as_json):
            _judge(opened, sample, marker or "user", show_confidence)
        found = report(opened, sample, marker=marker if reporting or as_json else None)
    if as_json:
        click.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=1))
    else:
        draw_report(found, console())
    return 0


def _sample(
    store: Store,
    size: int | None,
    by: tuple[str, ...],
    of: str | None,
    seed: int | None,
    *,
    new: bool,
    drawing: bool,
) -> Sample:
    """The sample that the store has, or the one that is drawn now."""
    from whowhom.audit import draw, latest, write_sample

    kept = latest(store.path)
    wanted = None if not by else [d for d in by if d != "nothing"]
    if not drawing:
        if kept is None:
            raise UsageError(
                "no sample was drawn yet",
                where=str(store.path),
                do=f"Draw and judge one: whowhom audit {store.path}",
            )
        return kept
    if kept is not None and not new:
        other = (
            (wanted is not None and set(wanted) != set(kept.by))
            or (of is not None and of != kept.of)
            or (seed is not None and seed != kept.seed)
            or (size is not None and size < kept.size)
        )
        if other:
            raise UsageError(
                f"the store has a sample of {kept.size} {kept.of} by "
                f"{', '.join(kept.by) or 'nothing'} with seed {kept.seed}",
                where=str(store.path),
                do="Leave the options out to go on with it; --new draws another, and marks stay.",
            )
        if size is None or size == kept.size:
            return kept
    unit = of or (kept.of if kept and not new else "reports")
    if unit == "incidents":
        from whowhom.merge import ensure

        store = ensure(store, tell=say)
    strata = wanted if wanted is not None else list(kept.by) if kept and not new else ["type"]
    start = seed if seed is not None else kept.seed if kept else 0
    sample = draw(store, size=size or AUDIT.size, by=strata, of=unit, seed=start)
    write_sample(store.path, sample)
    say(
        f"Drew {len(sample.events):,} of {sample.population:,} {unit}, "
        f"from {plural(len(sample.strata), 'stratum').replace('stratums', 'strata')}."
    )
    return sample


# ------------------------------------------------------------------------ judging
def _judge(store: Store, sample: Sample, marker: str, confidence: bool) -> None:
    """Ask about each event that the marker has not judged, until there is none, or enough."""
    from whowhom.audit import fetch, left

    marked = {m.event_id: m.verdict for m in store.marks() if m.marker == marker}
    queue = left(sample, marked)
    records = fetch(store, queue)
    queue = [event for event in queue if event in records]
    total = len(sample.events)
    if not queue:
        say(f"{marker} has judged all that there is of this sample.")
        return
    screen, answers = console(), Answers()
    at = 0
    shown = -1
    while 0 <= at < len(queue):
        event = queue[at]
        if at != shown:
            _show(records[event], screen, total - len(queue) + at + 1, total, confidence)
            shown = at
        key = answers.key(_PROMPT)
        if key == "q":
            break
        if key == "b":
            if at == 0:
                say("This is the first one.")
            else:
                at -= 1
            continue
        if key == "m":
            _mend(store, event, marker, answers)
        elif key in ("r", "w"):
            store.mark(event, KEYS[key], marker=marker)
        at += 1
    screen.print()


def _show(
    record: Mapping[str, Any], screen: Console, number: int, total: int, confidence: bool
) -> None:
    from whowhom.show.audit import question

    screen.print()
    screen.rule(f"{number} of {total}", align="left", style="dim")
    screen.print(question(record, screen.width, confidence=confidence))


def _mend(store: Store, event: str, marker: str, answers: Answers) -> None:
    """Ask what should be changed, field by field, and keep it."""
    from whowhom.analyse.filters import shipped_types
    from whowhom.audit import mended

    rows = store.sql("select distinct event_type from events").fetchall()
    types = sorted({*shipped_types(), *(str(row[0]) for row in rows)})
    while True:
        given = {name: answers.line(words) for name, words in _MEND}
        given["swap"] = "yes" if given["swap"].strip().casefold() in ("y", "yes") else ""
        note = given.pop("note").strip()
        try:
            mend = mended(given, types)
            if not mend and not note:
                raise UsageError("nothing was mended", do="Say what it should be, or write a note.")
        except UsageError as error:
            answers.refuse(error)
            continue
        store.mark(event, "mend", note=note, mend=mend or None, marker=marker)
        return


class Answers:
    """Keys from a terminal, or lines from a pipe."""

    def __init__(self) -> None:
        self._live = sys.stdin.isatty()
        self._number = 0

    def key(self, prompt: str) -> str:
        """One of :data:`KEYS`; q where there are no more lines.

        Raises:
            UsageError: a line of a pipe is none of them.
        """
        while True:
            if self._live:
                click.echo(f"{prompt}  ", nl=False)
                try:
                    pressed = click.getchar()
                except EOFError:
                    pressed = "q"
                key = pressed[:1].casefold()
                click.echo(KEYS.get(key, ""))
                if key in KEYS:
                    return key
                continue
            text = self._read()
            if text is None:
                return "q"
            word = text.strip().casefold()
            if word in KEYS:
                return word
            if word in KEYS.values():
                return word[0]
            if word:
                raise UsageError(
                    f"{visible(word[:40])!r} is no answer",
                    where=f"standard input, line {self._number}",
                    do=f"Answer {', '.join(KEYS.values())}, or their first letters.",
                )

    def line(self, prompt: str) -> str:
        """A line of text; empty leaves things as they are."""
        if self._live:
            return str(click.prompt(f"  {prompt}", default="", show_default=False))
        return self._read() or ""

    def refuse(self, error: UsageError) -> None:
        """Say on a terminal what is wrong, so that it can be asked again.

        Raises:
            UsageError: the answers come from a pipe, which cannot be asked again.
        """
        if not self._live:
            raise UsageError(
                error.what, where=f"standard input, line {self._number}", do=error.do
            ) from error
        say(str(error))

    def _read(self) -> str | None:
        text = sys.stdin.readline()
        self._number += 1
        return text.rstrip("\r\n") if text else None
