"""A run: what is read is decided upon, coded, committed in batches, and accounted for.

The order of the output is the order of reading, whatever codes.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Protocol

from whowhom.engine.outcome import Outcome, Packing, Report, Sink
from whowhom.errors import WhowhomError
from whowhom.model import Document, Skipped
from whowhom.settings import DEFAULT, Settings
from whowhom.store.index import WAIT, Decision, Index

Item = Document | Skipped
Progress = Callable[[Report], None]


class Engine(Protocol):
    """What codes: :class:`~whowhom.engine.local.Inline`, :class:`~whowhom.engine.local.Pool`,
    :class:`~whowhom.engine.cluster.Cluster`. ``packing``: it gives rows of a store, not events."""

    @property
    def packing(self) -> Packing | None: ...

    def results(
        self, decisions: Iterator[Decision], seconds: float
    ) -> Iterator[Outcome | Decision | None]:
        """What became of each decision, in order; None now and then, when time has passed.

        ``seconds``: the time that a document may take.
        """
        ...


class Interrupted(Exception):  # noqa: N818 - nothing is wrong
    """The run was stopped from outside; what had been coded is committed."""

    def __init__(self, report: Report) -> None:
        super().__init__("stopped")
        self.report = report


class Interrupts:
    """Ctrl-C and a polite kill become KeyboardInterrupt, but never inside a commit."""

    def __init__(self) -> None:
        self._held = False
        self._pending = False
        self._before: list[tuple[signal.Signals, object]] = []

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before.append((number, signal.signal(number, self._on_signal)))
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before:
            signal.signal(number, handler)  # type: ignore[arg-type] # what signal() gave us

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._held:
            self._pending = True
        else:
            raise KeyboardInterrupt

    def hold(self) -> None:
        self._held = True

    def release(self) -> None:
        self._held = False
        if self._pending:
            self._pending = False
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """What is done within is done whole."""
        self.hold()
        try:
            yield
        finally:
            self.release()


@dataclass(slots=True)
class _Batch:
    sink: Sink
    settings: Settings
    interrupts: Interrupts
    outcomes: list[Outcome] = field(default_factory=list)
    since: float = 0.0

    def add(self, outcome: Outcome) -> None:
        if not self.outcomes:
            self.since = time.monotonic()
        self.outcomes.append(outcome)

    def due(self) -> bool:
        return len(self.outcomes) >= self.settings.batch_documents or (
            bool(self.outcomes) and time.monotonic() - self.since >= self.settings.batch_seconds
        )

    def commit(self) -> None:
        if self.outcomes:
            self.interrupts.hold()
            try:
                self.sink.write(self.outcomes)
                self.outcomes = []
            finally:
                self.interrupts.release()


def run(
    items: Iterable[Item | None],
    engine: Engine,
    sink: Sink,
    *,
    index: Index | None = None,
    settings: Settings = DEFAULT,
    progress: Progress = lambda report: None,
) -> Report:
    """Code everything that is read and hand it to the sink; every item is accounted for.

    Args:
        items: documents, and what should have been documents; None where the next is not there
            yet.
        engine: what codes; a pool or a cluster has been entered.
        sink: gets batches of at most ``settings.batch_documents``, in the order of reading.
        index: what is already known; a new one where there is no store.
        progress: called often with the counts so far; it should be quick.

    Raises:
        Interrupted: Ctrl-C; what was coded by then is with the sink.
        WhowhomError: the sink cannot write, the coder cannot start, or the account is wrong.
    """
    known = Index() if index is None else index
    report = Report()
    started = time.monotonic()

    def decisions() -> Iterator[Decision]:
        for item in items:
            if item is None:
                yield WAIT
                continue
            report.read += 1
            yield known.decide(item)

    with Interrupts() as interrupts:
        batch = _Batch(sink, settings, interrupts)
        try:
            for result in engine.results(decisions(), settings.document_seconds):
                if isinstance(result, Outcome):
                    batch.add(result)
                    report.add(result)
                elif isinstance(result, Decision):
                    report.add_done(result.row)
                if batch.due():
                    batch.commit()
                report.seconds = time.monotonic() - started
                progress(report)
            batch.commit()
        except KeyboardInterrupt:
            _last_commit(batch)
            report.seconds = time.monotonic() - started
            raise Interrupted(report) from None
    report.seconds = time.monotonic() - started
    total = sum(report.states.values()) + report.done
    if total != report.read:
        raise WhowhomError(
            f"{report.read} documents were read, but {total} are accounted for",
            do="This is an error in whowhom; please report it. The store holds what was committed.",
        )
    return report


def _last_commit(batch: _Batch) -> None:
    try:
        batch.commit()
    except KeyboardInterrupt:  # pressed again meanwhile: the commit is finished all the same
        batch.commit()


class Collect:
    """A sink that keeps everything in memory: for short texts and for tests."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def write(self, batch: Sequence[Outcome]) -> None:
        self.outcomes += batch
