"""Coding on one machine: worker processes that can be killed.

The order of the output is the order of reading, whatever the number of workers.
"""

from __future__ import annotations

import pickle
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import TracebackType

from whowhom.engine.machine import resident_megabytes, waited_seconds
from whowhom.engine.outcome import CoderLike, Outcome, Packing
from whowhom.engine.run import Collect, Interrupted, Item, Progress, run
from whowhom.engine.slots import Slot, recorded
from whowhom.engine.worker import (
    PATIENCE,
    CoderSpec,
    Failed,
    Launched,
    Ready,
    Trouble,
    allowed,
    attempt,
    launch,
    too_large,
)
from whowhom.errors import WhowhomError
from whowhom.store.index import Decision

__all__ = ["Collect", "Inline", "Interrupted", "Item", "Pool", "Progress", "run"]

START_TRIES = 3
"""Workers in a row that may die before they are ready; then the machine, not a document, is ill."""
WINDOW = 32
"""Documents a worker that may wait for an earlier one to finish, so that memory stays bounded."""
TICK = 0.2
"""Seconds between looks at the clock, and at the workers' memory, while they are busy."""
LOOK = 0.01
"""Seconds of reading after which the workers are looked at again."""
AHEAD_SECONDS = 0.5
"""Work that a worker is given beforehand, so that it goes on while this process commits or reads;
more would wait behind a slow document while other workers have nothing to do."""
AHEAD = 16
"""Documents that a worker is given beforehand at most."""
AHEAD_BYTES = 65_536 if sys.platform == "linux" else 0
"""... and their bytes: no more than a pipe holds, or this process would wait for a worker that may
hang. Elsewhere a pipe can hold less than one article."""
MANY = 4
"""Documents waiting for a worker from which another worker is worth the seconds that it loads."""
WAITED = 1.0
"""... or so many seconds that one has waited."""


class Inline:
    """Codes in this process: no start-up, but nothing stops a document that takes for ever."""

    packing: Packing | None = None

    def __init__(self, coder: CoderLike) -> None:
        self._coder = coder

    def results(
        self, decisions: Iterator[Decision], seconds: float
    ) -> Iterator[Outcome | Decision | None]:
        for decision in decisions:
            if decision.action == "wait":
                time.sleep(LOOK)
                yield None
                continue
            if decision.action != "code":
                yield decision if decision.action == "done" else recorded(decision)
                continue
            slot = Slot(decision)
            while slot.outcome is None:
                slot.take(attempt(self._coder, slot.document))
            yield slot.outcome


@dataclass(slots=True, eq=False)
class _Worker:
    process: BaseProcess
    connection: Connection
    ready: bool = False
    queue: deque[Slot] = field(default_factory=deque)  # the first is in work
    began: float = 0.0  # when it came to be coded
    allowed: float = 0.0  # seconds for it
    waited: float = 0.0  # seconds without a processor before that, or that were allowed for
    deadline: float = 0.0
    last: float = 0.0  # beyond which no deadline is put off
    resting: int | None = None  # megabytes that the loaded coder takes
    given: int = 0  # documents
    leaving: bool = False  # gets no more, and is replaced when it has done what it has

    def takes(self, slot: Slot, depth: int) -> bool:
        """Whether it may be given another document."""
        if not self.ready or self.leaving:
            return False
        if not self.queue:
            return True
        ahead = sum(len(other.parcel) for other in self.queue) + len(slot.parcel)
        return len(self.queue) < depth and not self.queue[0].tries and ahead <= AHEAD_BYTES

    def begin(self, seconds: float) -> None:
        """The first document of the queue is in work from now on."""
        self.began = time.monotonic()
        if self.queue:
            self.allowed = allowed(seconds, self.queue[0].document)
        self.deadline = self.began + self.allowed
        self.last = self.began + PATIENCE * self.allowed
        self.waited = waited_seconds(self.process.pid or 0)

    def late(self, now: float) -> bool:
        """Whether its document has had its time. What the process waited for a processor is not of
        that time: on a machine that has too much to do, documents are slow and not ill."""
        if now < self.deadline:
            return False
        waited = waited_seconds(self.process.pid or 0)
        self.deadline = min(self.deadline + waited - self.waited, self.last)
        self.waited = waited
        return now >= self.deadline

    def kill(self) -> None:
        self.process.kill()
        self.process.join(5)
        self.connection.close()


class Pool:
    """Worker processes, each with a coder; a context manager that waits for the first.

    ``packing``: outcomes hold rows for the store instead of events. ``first``: a worker that was
    launched with the same ``spec`` and ``packing`` before anything else was imported.

    Raises:
        WhowhomError: on entering, where the coder cannot be made.
    """

    def __init__(
        self,
        spec: CoderSpec,
        workers: int,
        packing: Packing | None = None,
        first: Launched | None = None,
    ) -> None:
        self.packing = packing
        self._first = first
        self._spec = spec
        self._size = max(1, workers)
        self._workers: list[_Worker] = []
        self._again: deque[Slot] = deque()  # to be tried once more, alone
        self._deaths = 0
        self._pace: float | None = None  # seconds a document, of the latest
        self._weighed = 0.0
        self.ready: Ready

    def __enter__(self) -> Pool:
        try:
            # one is enough to say what the coder is; the others start when there is work
            self._workers = [self._start()]
            while not self._workers[0].ready:
                self._listen(0.0, TICK)
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

    def pids(self) -> list[int]:
        """The worker processes."""
        return [w.process.pid for w in self._workers if w.process.pid is not None]

    def _start(self) -> _Worker:
        launched, self._first = self._first or launch(self._spec, self.packing), None
        return _Worker(launched.process, launched.connection)

    def _replace(self, worker: _Worker) -> None:
        worker.kill()
        self._workers[self._workers.index(worker)] = self._start()

    def results(
        self, decisions: Iterator[Decision], seconds: float
    ) -> Iterator[Outcome | Decision | None]:
        """What became of each decision, in order; None now and then, when time has passed.

        ``seconds``: the time that a document may take; then its worker is killed.
        """
        waiting: deque[Slot] = deque()  # in the order of reading
        todo: deque[Slot] = deque()  # not yet with a worker
        exhausted, looked, hungry = False, 0.0, 0.0
        self._again.clear()
        while True:
            while waiting and (outcome := waiting[0].outcome) is not None:
                waiting.popleft()
                yield outcome
            if exhausted and not waiting:
                return
            reads = (
                not exhausted
                and len(todo) < max(MANY, self._depth()) * self._size
                and len(waiting) < WINDOW * self._size
            )
            pause = 0.0 if reads else TICK
            if reads:
                decision = next(decisions, None)
                if decision is None:
                    exhausted = True
                elif decision.action == "wait":
                    pause = LOOK
                elif decision.action == "code":
                    slot = Slot(decision)
                    slot.parcel = pickle.dumps(slot.document, pickle.HIGHEST_PROTOCOL)
                    waiting.append(slot)
                    todo.append(slot)
                elif decision.action == "record":
                    waiting.append(Slot(decision, recorded(decision)))
                else:
                    yield decision
            self._dispatch(todo, seconds)
            now = time.monotonic()
            if not todo:
                hungry = now
            elif len(todo) >= MANY or now - hungry > WAITED:
                self._grow()
            if pause or now > looked + LOOK:
                todo.extendleft(reversed(self._listen(seconds, pause)))
                looked = time.monotonic()
                yield None

    def _grow(self) -> None:
        """Another worker, where all that there are have come up and are not enough."""
        if len(self._workers) < self._size:
            self._workers.append(self._start())

    def _depth(self) -> int:
        """Documents that a worker may have at a time."""
        if self._pace is None:
            return 1
        return 1 + min(AHEAD, int(AHEAD_SECONDS / max(self._pace, 1e-6)))

    def _dispatch(self, todo: deque[Slot], seconds: float) -> None:
        depth = self._depth()
        apart: _Worker | None = None  # is being emptied for what is to be tried alone
        ready = [w for w in self._workers if w.ready and not w.leaving]
        while self._again and ready:
            apart = min(ready, key=lambda w: len(w.queue))
            if apart.queue:
                break
            if self._send(apart, self._again[0], seconds):
                self._again.popleft()
            ready.remove(apart)
            apart = None
        while todo:
            free = [w for w in self._workers if w is not apart and w.takes(todo[0], depth)]
            if not free:
                return
            if self._send(min(free, key=lambda w: len(w.queue)), todo[0], seconds):
                todo.popleft()

    def _send(self, worker: _Worker, slot: Slot, seconds: float) -> bool:
        try:
            worker.connection.send_bytes(slot.parcel)
        except (BrokenPipeError, ConnectionError):
            # it has died: of the document in work, if any, not of this one; listening to it shows
            worker.leaving = True
            return False
        worker.queue.append(slot)
        if len(worker.queue) == 1:
            worker.begin(seconds)
        worker.given += 1
        if worker.given >= self._spec.settings.worker_documents:
            worker.leaving = True
        return True

    def _listen(self, seconds: float, pause: float) -> list[Slot]:
        """Take the workers' answers; returns what was waiting behind a document that went wrong."""
        back: list[Slot] = []
        now = time.monotonic()
        deadlines = [w.deadline - now for w in self._workers if w.queue]
        patience = max(0.0, min([pause, *deadlines]))
        readable = set(wait([w.connection for w in self._workers], timeout=patience))
        now = time.monotonic()
        weigh = now >= self._weighed + TICK
        if weigh:
            self._weighed = now
        for worker in list(self._workers):
            if worker.connection in readable:
                back += self._receive(worker, seconds)
            elif worker.queue and worker.late(now):
                back += self._failed(worker, Trouble(f"took more than {worker.allowed:g} seconds"))
            elif worker.queue and weigh and self._grown(worker) > self._document_megabytes:
                back += self._failed(worker, too_large(self._document_megabytes))
        return back

    @property
    def _document_megabytes(self) -> int:
        return self._spec.settings.document_megabytes

    def _receive(self, worker: _Worker, seconds: float) -> list[Slot]:
        while True:
            try:
                answer = worker.connection.recv()
            except (EOFError, OSError):
                return self._died(worker)
            if isinstance(answer, Failed):
                raise answer.error
            if isinstance(answer, Ready):
                worker.ready, self._deaths = True, 0
                worker.resting = resident_megabytes(worker.process.pid or 0)
                self.ready = answer
            elif worker.queue:
                self._answered(worker, answer, seconds)
            if worker.leaving and not worker.queue:
                self._replace(worker)
                return []
            if not worker.connection.poll():
                return []

    def _answered(self, worker: _Worker, answer: object, seconds: float) -> None:
        slot = worker.queue.popleft()
        slot.take(answer)
        if slot.outcome is None:
            self._again.append(slot)
        taken = time.monotonic() - worker.began
        self._pace = taken if self._pace is None else 0.9 * self._pace + 0.1 * taken
        worker.begin(seconds)
        if self._grown(worker) > self._spec.settings.worker_megabytes:
            worker.leaving = True

    def _grown(self, worker: _Worker) -> int:
        """Megabytes that a worker holds beyond the loaded coder; 0 where it cannot be known."""
        holds = resident_megabytes(worker.process.pid or 0)
        return 0 if holds is None or worker.resting is None else holds - worker.resting

    def _died(self, worker: _Worker) -> list[Slot]:
        worker.process.join(5)
        code = worker.process.exitcode
        if not worker.ready:
            self._deaths += 1
            if self._deaths >= START_TRIES:
                raise WhowhomError(
                    f"worker processes end before they are ready ({_exit(code)})",
                    do="whowhom doctor says what is wrong with this installation.",
                )
        return self._failed(worker, Trouble(f"its worker process ended ({_exit(code)})"))

    def _failed(self, worker: _Worker, trouble: Trouble) -> list[Slot]:
        """End a worker for what its document did; returns what was waiting behind that."""
        self._replace(worker)
        if not worker.queue:
            return []
        slot = worker.queue.popleft()
        slot.take(trouble)
        if slot.outcome is None:
            self._again.append(slot)
        return list(worker.queue)


def _exit(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return f"killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"killed by signal {-code}"
    return f"exit status {code}"
