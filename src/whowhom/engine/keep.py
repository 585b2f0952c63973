"""A run into a store: who may write, what is already there, and the manifest."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from whowhom.engine.outcome import Outcome, Packing, Report, Sink, shares
from whowhom.engine.run import Engine, Interrupted, Item, Progress, run
from whowhom.engine.worker import Ready
from whowhom.errors import StoreError
from whowhom.settings import DEFAULT, Settings
from whowhom.store.folder import Header, create_store, is_store, open_store
from whowhom.store.schema import SCHEMA_VERSION
from whowhom.store.sink import StoreSink


class Both:
    """Two sinks as one; the first commits first."""

    def __init__(self, *sinks: Sink) -> None:
        self._sinks = sinks

    def write(self, batch: Sequence[Outcome]) -> None:
        for sink in self._sinks:
            sink.write(batch)


@dataclass(slots=True)
class RunLog:
    """One run made of many calls of :func:`keep`: one manifest for all of them.

    ``number``: of the manifest in the store; None before the first call.
    """

    started: str = ""
    number: int | None = None
    report: Report = field(default_factory=Report)


def keep(
    items: Iterable[Item | None],
    engine: Engine,
    ready: Ready,
    folder: Path,
    *,
    resume: bool = False,
    recode: bool = False,
    keep_text: bool = False,
    settings: Settings = DEFAULT,
    inputs: Sequence[str] = (),
    also: Sink | None = None,
    progress: Progress = lambda report: None,
    log: RunLog | None = None,
    more: Callable[[], Mapping[str, Any]] = dict,
) -> Report:
    """Code what is read into the store in ``folder``, which is made where there is none.

    A document that the store holds under the same id is coded again and replaced; with
    ``resume`` it is left as it is if the same coder coded the same text.

    Args:
        recode: go on although the store was made with another coder or other options.
        also: a second sink, after the store.
        log: the run that this call goes on with; the report is of this call alone.
        more: gives what the manifest is to hold besides.

    Raises:
        StoreLocked: another process writes to the store.
        StoreError: it is no store, was made by another coder, or the disk is full.
        Interrupted: Ctrl-C; what was coded is in the store.
        ValueError: the engine packs rows of another kind.
    """
    if engine.packing not in (None, Packing(keep_text, settings.evidence_characters)):
        raise ValueError(f"the engine packs with {engine.packing}, which is not what is kept")
    header = Header(SCHEMA_VERSION, f"whowhom {ready.info.version}", ready.fingerprint, keep_text)
    store = open_store(folder) if is_store(folder) else create_store(folder, header)
    with store.writer() as writer:
        writer.admit(header, recode=recode)
        index = writer.index(ready.fingerprint, resume=resume)
        log = RunLog() if log is None else log
        log.started = log.started or _now()
        before = log.report

        def note(status: str, report: Report | None) -> None:
            if report is not None:
                log.report = before.plus(report)
            made = manifest(
                ready,
                settings,
                status,
                log.report if log.report.read or report else None,
                started=log.started,
                inputs=inputs,
            )
            log.number = writer.note_run({**made, **more()}, log.number)

        note("running", None)
        sink: Sink = StoreSink(
            writer,
            ready.fingerprint,
            keep_text=keep_text,
            evidence_characters=settings.evidence_characters,
        )
        if also is not None:
            sink = Both(sink, also)
        try:
            report = run(items, engine, sink, index=index, settings=settings, progress=progress)
        except Interrupted as stop:
            note("interrupted", stop.report)
            raise
        except BaseException:
            # on a full disk this cannot be written either; the first error is the one to tell
            with contextlib.suppress(StoreError):
                note("failed", None)
            raise
        note("done", report)
    return report


def manifest(
    ready: Ready,
    settings: Settings,
    status: str,
    report: Report | None,
    *,
    started: str,
    inputs: Sequence[str] = (),
) -> Mapping[str, Any]:
    """What ran, over what, and what came of it, for ``runs/`` and the view ``manifest``."""
    return {
        "status": status,
        "started": started,
        "ended": None if status == "running" else _now(),
        "coder": {
            "version": ready.info.version,
            "codebook": ready.info.codebook,
            "model": ready.info.model,
        },
        "fingerprint": ready.fingerprint,
        "python": platform.python_version(),
        "inputs": list(inputs),
        "settings": dataclasses.asdict(settings),
        "counts": report.counts() if report else {},
        "skip_reasons": dict(report.reasons) if report else {},
        "coverage": dataclasses.asdict(report.coverage) if report else {},
        "shares": shares(report.coverage) if report else {},
    }


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
