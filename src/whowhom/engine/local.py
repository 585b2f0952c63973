"""Running on one machine: worker processes, batches, and an account of every document.

The order of the output is the order of reading, whatever the number of workers.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import FrameType, TracebackType

from whowhom.engine.outcome import CoderLike, Outcome, Report, Sink
from whowhom.engine.worker import (
    CoderSpec,
    Failed,
    Ready,
    Trouble,
    attempt,
    serve,
)
from whowhom.errors import WhowhomError
from whowhom.model import Coded, Document, LedgerRow, Skipped
from whowhom.settings import DEFAULT, Settings
from whowhom.store.index import Decision, Index

Item = Document | Skipped

TRIES = 2
"""Times that a document is tried: once in its turn, once more in a fresh worker."""
START_TRIES = 3
"""Workers in a row that may die before they are ready; then the machine, not a document, is ill."""
WINDOW = 32
"""Documents a worker that may wait for an earlier one to finish, so that memory stays bounded."""
TICK = 0.5
"""Seconds between looks at the clock while workers are busy."""


class Interrupted(Exception):  # noqa: N818 - nothing is wrong
    """The run was stopped from outside; what had been coded is committed."""

    def __init__(self, report: Report) -> None:
        super().__init__("stopped")
        self.report = report


Progress = Callable[[Report], None]


@dataclass(slots=True)
class _Slot:
    """An item on its way, in the order of reading."""

    decision: Decision
    outcome: Outcome | None = None
    tries: int = 0
    last: str = ""  # what went wrong the last time


# ------------------------------------------------------------------------ coders
class Inline:
    """Codes in this process: no start-up, but nothing stops a document that takes for ever."""

    def __init__(self, coder: CoderLike) -> None:
        self._coder = coder

    def results(
        self, decisions: Iterator[Decision], seconds: float
    ) -> Iterator[Outcome | Decision | None]:
        for decision in decisions:
            if decision.action != "code":
                yield decision if decision.action == "done" else _recorded(decision)
                continue
            slot = _Slot(decision)
            while slot.outcome is None:
                _take(slot, attempt(self._coder, _document(slot)))
            yield slot.outcome


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    connection: Connection
    ready: bool = False
    slot: _Slot | None = None
    deadline: float = 0.0

    def kill(self) -> None:
        self.process.kill()
        self.process.join(5)
        self.connection.close()


class Pool:
    """Worker processes, each with a coder; a context manager that waits for the first.

    Raises:
        WhowhomError: on entering, where the coder cannot be made.
    """

    def __init__(self, spec: CoderSpec, workers: int) -> None:
        self._spec = spec
        self._size = max(1, workers)
        self._context = get_context("spawn")
        self._workers: list[_Worker] = []
        self._deaths = 0
        self.ready: Ready

    def __enter__(self) -> Pool:
        try:
            # one is enough to say what the coder is; the others start when there is work
            self._workers = [self._start()]
            while not self._workers[0].ready:
                self._listen(None)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        for worker in self._workers:
            worker.kill()
        self._workers = []

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=serve, args=(theirs, self._spec), daemon=True, name="whowhom worker"
        )
        with _blocked_interrupts():
            process.start()
        theirs.close()
        return _Worker(process, ours)

    def _replace(self, worker: _Worker) -> None:
        worker.kill()
        self._workers[self._workers.index(worker)] = self._start()

    def results(
        self, decisions: Iterator[Decision], seconds: float
    ) -> Iterator[Outcome | Decision | None]:
        """What became of each decision, in order; None now and then, when time has passed.

        ``seconds``: the time that a document may take; then its worker is killed.
        """
        waiting: deque[_Slot] = deque()  # in the order of reading
        todo: deque[_Slot] = deque()  # not yet with a worker
        exhausted = False
        while True:
            while waiting and waiting[0].outcome is not None:
                yield waiting.popleft().outcome
            while not exhausted and len(todo) < self._size and len(waiting) < WINDOW * self._size:
                decision = next(decisions, None)
                if decision is None:
                    exhausted = True
                elif decision.action == "code":
                    slot = _Slot(decision)
                    waiting.append(slot)
                    todo.append(slot)
                elif decision.action == "record":
                    waiting.append(_Slot(decision, _recorded(decision)))
                else:
                    yield decision
                if waiting and waiting[0].outcome is not None:
                    break
            if waiting and waiting[0].outcome is not None:
                continue
            if exhausted and not waiting:
                return
            self._dispatch(todo, seconds)
            for slot in self._listen(seconds):
                todo.appendleft(slot)
            yield None

    def _dispatch(self, todo: deque[_Slot], seconds: float) -> None:
        while len(self._workers) < self._size and len(todo) > sum(
            worker.slot is None for worker in self._workers
        ):
            self._workers.append(self._start())
        for worker in self._workers:
            if todo and worker.ready and worker.slot is None:
                worker.slot = todo.popleft()
                worker.deadline = time.monotonic() + seconds
                try:
                    worker.connection.send(_document(worker.slot))
                except (BrokenPipeError, ConnectionError):
                    # died while it had nothing to do: no document is to blame
                    todo.appendleft(worker.slot)
                    worker.slot = None
                    self._replace(worker)

    def _listen(self, seconds: float | None) -> list[_Slot]:
        """Take the workers' answers; returns what is to be tried again."""
        again: list[_Slot] = []
        now = time.monotonic()
        deadlines = [w.deadline for w in self._workers if w.slot is not None]
        patience = max(0.0, min([TICK, *(d - now for d in deadlines)]))
        readable = wait([w.connection for w in self._workers], timeout=patience)
        for worker in list(self._workers):
            if worker.connection in readable:
                try:
                    answer = worker.connection.recv()
                except (EOFError, OSError):
                    again += self._died(worker)
                    continue
                if isinstance(answer, Failed):
                    raise answer.error
                if isinstance(answer, Ready):
                    worker.ready, self._deaths = True, 0
                    self.ready = answer
                elif worker.slot is not None:
                    slot, worker.slot = worker.slot, None
                    _take(slot, answer)
                    if slot.outcome is None:
                        again.append(slot)
            elif worker.slot is not None and time.monotonic() >= worker.deadline:
                slot = worker.slot
                _take(slot, Trouble(f"took more than {seconds:g} seconds"))
                self._replace(worker)
                if slot.outcome is None:
                    again.append(slot)
        return again

    def _died(self, worker: _Worker) -> list[_Slot]:
        worker.process.join(5)
        code = worker.process.exitcode
        slot, was_ready = worker.slot, worker.ready
        if not was_ready:
            self._deaths += 1
            if self._deaths >= START_TRIES:
                raise WhowhomError(
                    f"worker processes end before they are ready ({_exit(code)})",
                    do="whowhom doctor says what is wrong with this installation.",
                )
        self._replace(worker)
        if slot is None:
            return []
        _take(slot, Trouble(f"its worker process ended ({_exit(code)})"))
        return [slot] if slot.outcome is None else []


@contextlib.contextmanager
def _blocked_interrupts() -> Iterator[None]:
    """Ctrl-C waits, and what is started meanwhile never sees it: a worker that is interrupted
    while it loads would print a traceback. Windows has no such mask."""
    if not hasattr(signal, "pthread_sigmask"):  # pragma: no cover
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _exit(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return f"killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"killed by signal {-code}"
    return f"exit status {code}"


def _document(slot: _Slot) -> Document:
    document = slot.decision.document
    assert document is not None  # noqa: S101 - a decision to code has one
    return document


def _recorded(decision: Decision) -> Outcome:
    assert decision.row is not None  # noqa: S101 - a decision to record has one
    return Outcome(decision.row)


def _take(slot: _Slot, answer: object) -> None:
    """Put an answer into the slot, unless the document is to be tried again."""
    slot.tries += 1
    document = _document(slot)
    if isinstance(answer, Coded):
        row = _row(document, "coded" if answer.events else "no_events", None, None, answer)
        slot.outcome = Outcome(row, answer)
    elif isinstance(answer, Trouble) and answer.reason is not None:
        slot.outcome = Outcome(_row(document, "skipped", answer.reason, answer.detail))
    else:
        detail = answer.detail if isinstance(answer, Trouble) else f"gave {type(answer).__name__}"
        slot.last = detail
        if slot.tries >= TRIES:
            slot.outcome = Outcome(
                _row(document, "poisoned", "coding_failed", f"{detail}; tried {slot.tries} times")
            )


def _row(
    document: Document,
    status: str,
    reason: str | None,
    detail: str | None,
    coded: Coded | None = None,
) -> LedgerRow:
    return LedgerRow(
        document_id=document.id,
        status=status,  # type: ignore[arg-type] # only literals are passed
        file=document.source.file,
        locator=document.source.locator,
        reason=reason,
        detail=detail,
        sha256=document.sha256,
        events=len(coded.events) if coded else 0,
        rejections=len(coded.rejections) if coded else 0,
        notes=document.source.notes,
    )


# --------------------------------------------------------------------------- run
class _Interrupts:
    """Ctrl-C and a polite kill become KeyboardInterrupt, but never inside a commit."""

    def __init__(self) -> None:
        self._held = False
        self._pending = False
        self._before: list[tuple[signal.Signals, object]] = []

    def __enter__(self) -> _Interrupts:
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


@dataclass(slots=True)
class _Batch:
    sink: Sink
    settings: Settings
    interrupts: _Interrupts
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
    items: Iterable[Item],
    coder: Pool | Inline,
    sink: Sink,
    *,
    index: Index | None = None,
    settings: Settings = DEFAULT,
    progress: Progress = lambda report: None,
) -> Report:
    """Code everything that is read and hand it to the sink; every item is accounted for.

    Args:
        items: documents, and what should have been documents.
        coder: an entered :class:`Pool`, or :class:`Inline`.
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
            report.read += 1
            yield known.decide(item)

    with _Interrupts() as interrupts:
        batch = _Batch(sink, settings, interrupts)
        try:
            for result in coder.results(decisions(), settings.document_seconds):
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
