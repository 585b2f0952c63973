"""``whowhom code``: documents in, events out."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from whowhom.cli import options
from whowhom.cli.terminal import (
    INTERRUPTED,
    ProgressLine,
    console,
    in_shell,
    list_troubles,
    need,
    plural,
    report_lines,
    say,
)
from whowhom.errors import InputError, UsageError

if TYPE_CHECKING:
    from whowhom.engine.cluster import Cluster
    from whowhom.engine.local import Pool
    from whowhom.engine.outcome import Outcome, Packing, Report
    from whowhom.engine.run import Item
    from whowhom.engine.worker import CoderSpec, Launched
    from whowhom.formats.base import RecordWriter
    from whowhom.model import Event

TABLE_ROWS = 200
"""Events that a table on a terminal shows; who wants more wants a file."""
FACTORY = "WHOWHOM_CODER"
"""Environment variable for the tests: ``module:callable`` that makes another coder."""


class Day(click.ParamType[dt.date]):
    """A day, written 2015-10-23."""

    name = "date"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.date:
        if isinstance(value, dt.date):
            return value
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day; write it as 2015-10-23", param, ctx)


class Languages(click.ParamType[tuple[str, ...]]):
    """Codes of languages that can be coded here, written en,es."""

    name = "languages"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        from whowhom.languages import known

        codes = tuple(dict.fromkeys(code.strip().lower() for code in str(value).split(",")))
        for code in codes:
            if code not in known():
                self.fail(
                    f"no data for the language {code!r}; known: {', '.join(known())}", param, ctx
                )
        return codes


class LocalPath(options.FilePath):
    """A path to write to, on this machine."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if "://" in str(value):
            raise UsageError(
                "what is written lies on this machine's disk",
                where=str(value).partition("?")[0],
                do="Write into a folder and copy it: segments never change, so copying again "
                "(aws s3 sync FOLDER s3://...) takes only what is new. docs/scale.md says how.",
            )
        return super().convert(value, param, ctx)


def coder_spec(
    codebook: Path | None = None,
    actors: Path | None = None,
    min_confidence: float | None = None,
    languages: tuple[str, ...] | None = None,
) -> CoderSpec:
    from whowhom.engine.worker import CoderSpec
    from whowhom.settings import DEFAULT

    settings = DEFAULT
    if min_confidence is not None:  # the manifest of the run says it too
        settings = dataclasses.replace(settings, min_confidence=min_confidence)
    if languages is not None:
        from whowhom.languages import ENGLISH, checked_folder, language

        for code in languages:
            if code != ENGLISH:
                checked_folder(language(code))  # asked for by name: say now what is missing
        settings = dataclasses.replace(settings, languages=languages)
    spec = CoderSpec(codebook, actors, min_confidence, settings)
    factory = os.environ.get(FACTORY)
    return spec if factory is None else dataclasses.replace(spec, factory=factory)


@click.command()
@click.argument("inputs", type=options.InputName(), metavar="INPUT...", nargs=-1)
@click.option(
    "--store",
    type=LocalPath(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Keep events, rejections and the account of every document in this folder. "
    "What it holds of the same documents is replaced.",
)
@click.option(
    "-o",
    "--output",
    type=LocalPath(path_type=Path),
    metavar="FILE",
    help="Write the events to a file; its ending says how: .jsonl, .csv, .tsv, .parquet. "
    "- is standard output.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "jsonl", "csv", "tsv"]),
    help="Form of the events on standard output. Default: a table on a terminal, JSON Lines "
    "into a pipe.",
)
@click.option(
    "--date",
    type=Day(),
    metavar="YYYY-MM-DD",
    help="Day of publication of documents that do not say; 'yesterday' needs it.",
)
@options.outlet_of_documents
@options.own_codebook
@options.own_actors
@options.min_confidence
@click.option(
    "--language",
    "languages",
    type=Languages(),
    metavar="CODES",
    help="Languages to code, as en,es; documents in others are skipped. Default: English, and "
    "Spanish where its pipeline is installed.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 10_000),
    metavar="N",
    help="Processes that code; the result is the same for any number. Default: one a core, as far "
    "as memory allows.",
)
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="Where the coding runs: in processes of this machine, or on a Ray cluster.",
)
@click.option(
    "--ray-address",
    metavar="ADDRESS",
    help="With --engine ray: a running cluster, HOST:PORT or auto. Default: Ray is started here.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="With --store: leave out documents that it already has, coded by the same coder.",
)
@click.option(
    "--recode",
    is_flag=True,
    help="With --store: go on although another codebook, version or option made the store.",
)
@click.option(
    "--keep-text",
    is_flag=True,
    help="With --store: keep the documents' text. Default: only the evidence sentences.",
)
@click.option(
    "--rejections",
    type=options.FilePath(path_type=Path),
    metavar="FILE",
    help="Write what was looked at and not coded, with the reasons, to a file (JSON Lines).",
)
@click.option(
    "--no-merge",
    is_flag=True,
    help="With --store: do not merge reports into incidents at the end.",
)
@click.option(
    "--adjudicator",
    metavar="FILE|URL",
    help="With --store: ask a language model where the coder is in doubt. Sentences are sent to "
    "it: see docs/adjudicator.md.",
)
@click.option("--adjudicator-model", metavar="NAME", help="The model's name at that address.")
@options.force_all
@options.raw_cells
@options.quiet
def code(
    inputs: tuple[str, ...],
    store: Path | None,
    output: Path | None,
    form: str | None,
    date: dt.date | None,
    outlet: str | None,
    codebook: Path | None,
    actors: Path | None,
    min_confidence: float | None,
    languages: tuple[str, ...] | None,
    workers: int | None,
    engine: str,
    ray_address: str | None,
    resume: bool,
    recode: bool,
    keep_text: bool,
    rejections: Path | None,
    no_merge: bool,
    adjudicator: str | None,
    adjudicator_model: str | None,
    force: bool,
    raw_cells: bool,
    quiet: bool,
) -> int:
    """Code documents into events.

    INPUT is a file, a folder or a pattern of them: text, HTML, JSON Lines, CSV, Parquet, RSS
    or Atom, WARC, plain or gzipped. With - or without INPUT, standard input is read.
    """
    if store is None and (resume or recode or keep_text or no_merge):
        raise UsageError("--resume, --recode, --keep-text and --no-merge need a --store")
    if ray_address is not None and engine != "ray":
        raise UsageError("--ray-address needs --engine ray")
    if engine == "ray":
        need("ray", "--engine ray", "ray")
    if not inputs:
        if sys.stdin.isatty():
            raise click.UsageError("name an INPUT, or pipe text in. Try: whowhom demo")
        inputs = ("-",)

    spec = coder_spec(codebook, actors, min_confidence, languages)
    spec = _adjudicated(spec, adjudicator, adjudicator_model, store, engine)
    packing = None
    if store is not None and output is None and form is None and rejections is None:
        from whowhom.engine.outcome import Packing

        # what only goes into a store can come as rows for it
        packing = Packing(keep_text, spec.settings.evidence_characters)
    with contextlib.ExitStack() as stack:
        if spec.adjudicator is not None:
            stack.callback(spec.adjudicator.votes().close)
        first = None
        if engine == "local":
            from whowhom.engine.worker import launch

            first = launch(spec, packing)  # comes up, which takes seconds, while we import the rest
            stack.callback(first.end)
        if store is not None:
            from whowhom.store import refuse_second_writer

            refuse_second_writer(store)  # not after the seconds that the coder takes to load
        from whowhom.engine.machine import auto_workers
        from whowhom.engine.reading import Readers
        from whowhom.read import Defaults, plan
        from whowhom.read.record import Context

        try:
            files = plan(inputs)
        except InputError as error:  # a path that does not exist: nothing has been read yet
            raise UsageError(error.what, where=error.where, do=error.do) from error
        outputs = Outputs()
        if output is not None and str(output) != "-":
            outputs.writer = _file_writer(stack, output, form, force=force, raw_cells=raw_cells)
        elif output is not None or store is None or form is not None:
            _standard_output(outputs, form, raw_cells=raw_cells)
        if rejections is not None:
            from whowhom.store.export import whole_file

            outputs.rejections = stack.enter_context(whole_file(rejections, force=force))
        context = Context(Defaults(published=date, outlet=outlet), spec.settings)
        readers = Readers(files, sys.stdin.buffer, context, workers or auto_workers())
        report = run_coder(
            stack.enter_context(readers),
            spec,
            packing=packing,
            first=first,
            workers=workers,
            engine=engine,
            ray_address=ray_address,
            store=store,
            outputs=outputs,
            resume=resume,
            recode=recode,
            keep_text=keep_text,
            inputs=inputs,
            quiet=quiet,
        )
        outputs.finish()
        votes = None if spec.adjudicator is None else spec.adjudicator.tally().words()
    incidents = None
    if store is not None and not no_merge:
        from whowhom.cli.merge import merge_store

        incidents = merge_store(store, quiet=quiet)
    if outputs.table is not None:
        _show_table(outputs.table, report)
    if not quiet:
        for line in report_lines(report):
            say(line)
        if votes is not None:
            say(votes)
        if incidents is not None:
            say(incidents)
        if store is not None:
            next_ = f"whowhom export {in_shell(store)} --format csv -o events.csv"
            say(f"Kept in {store}. Next: {next_}")
        elif output is not None and str(output) != "-":
            say(f"Written to {output}.")
    list_troubles(report, store)
    return 1 if report.unread else 0


@dataclass(slots=True)
class Outputs:
    """A sink for everything that is not a store: a file, standard output, a table."""

    writer: RecordWriter | None = None
    stream: IO[bytes] | None = None  # to be flushed after each batch
    table: list[Event] | None = None
    rejections: IO[bytes] | None = None
    events: list[Event] = field(default_factory=list)
    keep_events: bool = False

    def write(self, batch: Sequence[Outcome]) -> None:
        from whowhom.store.export import json_line

        for outcome in batch:
            if outcome.coded is None:
                continue
            if self.writer is not None:
                self.writer.write(event.to_dict() for event in outcome.coded.events)
            if self.table is not None:
                self.table += outcome.coded.events[: TABLE_ROWS - len(self.table)]
            if self.keep_events:
                self.events += outcome.coded.events
            if self.rejections is not None:
                for rejection in outcome.coded.rejections:
                    self.rejections.write(json_line(rejection.to_dict()))
        if self.stream is not None:
            self.stream.flush()

    def finish(self) -> None:
        if self.writer is not None:
            self.writer.finish()
        if self.stream is not None:
            self.stream.flush()


def run_coder(
    items: Iterable[Item | None],
    spec: CoderSpec,
    *,
    workers: int | None,
    store: Path | None,
    outputs: Outputs,
    packing: Packing | None = None,
    first: Launched | None = None,
    engine: str = "local",
    ray_address: str | None = None,
    resume: bool = False,
    recode: bool = False,
    keep_text: bool = False,
    inputs: Sequence[str] = (),
    quiet: bool = False,
) -> Report:
    """Code with worker processes into a store, the outputs, or both.

    ``workers``: None takes what the machine or the cluster has. ``packing``: set where only a store
    wants the events. ``first``: see :class:`~whowhom.engine.local.Pool`.
    """
    from whowhom.engine.keep import keep
    from whowhom.engine.run import Interrupted, run

    try:
        with ProgressLine(quiet=quiet) as progress:
            progress.note("loading the coder" if engine == "local" else "waiting for Ray")
            with _engine(engine, spec, workers, ray_address, packing, first) as coding:
                if store is None:
                    return run(items, coding, outputs, settings=spec.settings, progress=progress)
                return keep(
                    items,
                    coding,
                    coding.ready,
                    store,
                    resume=resume,
                    recode=recode,
                    keep_text=keep_text,
                    settings=spec.settings,
                    inputs=inputs,
                    also=outputs,
                    progress=progress,
                    more=lambda: _votes(spec),
                )
    except Interrupted as stop:
        done = sum(stop.report.states.values())
        if store is None:
            say(
                f"Interrupted after {plural(done, 'document')}; no file was left. "
                "A run with --store can be resumed."
            )
        else:
            say(
                f"Interrupted; {plural(done, 'document')} of this run are safe in {store}. "
                "Go on with the same command and --resume."
            )
        raise click.exceptions.Exit(INTERRUPTED) from None


def _votes(spec: CoderSpec) -> dict[str, Any]:
    """What the manifest says of an adjudicator."""
    if spec.adjudicator is None:
        return {}
    return {
        "adjudicator": {
            "model": spec.adjudicator.model,
            "settings": dataclasses.asdict(spec.adjudicator.settings),
            "votes": dict(spec.adjudicator.tally().counts),
        }
    }


def _adjudicated(
    spec: CoderSpec, place: str | None, model: str | None, store: Path | None, engine: str
) -> CoderSpec:
    """A coder that asks an adjudicator where it is in doubt, if one is named.

    Raises:
        UsageError: there is no store for the votes, or the adjudicator cannot be had so.
    """
    if place is None:
        if model is not None:
            raise UsageError("--adjudicator-model needs --adjudicator")
        return spec
    from whowhom.adjudicate.adjudicator import Spec, read_spec

    if store is None or engine != "local":
        raise UsageError(
            "--adjudicator needs a --store on this machine",
            do="Votes are kept there, so that none is asked for twice; leave out --engine ray.",
        )
    if "://" not in place:
        made = read_spec(Path(place), store)
        made = dataclasses.replace(made, model=model) if model else made
    elif model is None:
        raise UsageError("--adjudicator needs --adjudicator-model, or a settings file")
    else:
        made = Spec(place, model, store)
    return dataclasses.replace(spec, adjudicator=made)


def _engine(
    name: str,
    spec: CoderSpec,
    workers: int | None,
    ray_address: str | None,
    packing: Packing | None,
    first: Launched | None,
) -> Pool | Cluster:
    if name == "ray":
        from whowhom.engine.cluster import Cluster, warn_of_open_cluster

        warn_of_open_cluster(ray_address, say)
        return Cluster(spec, workers, address=ray_address, packing=packing, ordered=packing is None)
    from whowhom.engine.local import Pool
    from whowhom.engine.machine import auto_workers

    return Pool(spec, auto_workers() if workers is None else workers, packing, first)


def _file_writer(
    stack: contextlib.ExitStack,
    output: Path,
    form: str | None,
    *,
    force: bool,
    raw_cells: bool,
) -> RecordWriter:
    from whowhom.store.export import format_of, is_stream, record_writer, whole_file

    if form == "table":
        raise UsageError("a table goes to the terminal, not to a file", do="Leave out -o.")
    if form is None:
        form = "jsonl" if not output.suffix and is_stream(output) else format_of(output)
    file = stack.enter_context(whole_file(output, force=force))
    return record_writer(file, form, raw_cells=raw_cells)  # type: ignore[arg-type] # checked


def _standard_output(outputs: Outputs, form: str | None, *, raw_cells: bool) -> None:
    if form is None:
        form = "table" if sys.stdout.isatty() else "jsonl"
    if form == "table":
        outputs.table = []
        return
    from whowhom.store.export import record_writer

    outputs.stream = sys.stdout.buffer
    outputs.writer = record_writer(sys.stdout.buffer, form, raw_cells=raw_cells)  # type: ignore[arg-type]


def _show_table(events: list[Event], report: Report) -> None:
    from whowhom.show.table import draw

    screen = console()
    if events:
        draw(events, screen)
        screen.print()
    more = report.events - len(events)
    if more > 0:
        say(f"... and {plural(more, 'event')} more; write them to a file with -o events.csv")
