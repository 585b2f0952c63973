"""Coding on a Ray cluster, or with Ray on this machine. Needs the extra ``ray``.

Each actor holds a :class:`~whowhom.engine.local.Pool` of one worker process. So a document that
hangs, crashes or eats memory ends that process and not the actor, by the same rules as on one
machine; the driver deals with what is left: actors and nodes that are lost. Actors return rows and
write nothing: the driver commits, and what it has committed is safe however the rest ends.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import secrets
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from whowhom.engine.local import Pool
from whowhom.engine.machine import auto_workers
from whowhom.engine.outcome import Outcome, Packing
from whowhom.engine.slots import Slot, recorded
from whowhom.engine.worker import (
    PATIENCE,
    CoderSpec,
    Failed,
    Ready,
    Trouble,
    allowed,
    describe,
)
from whowhom.errors import WhowhomError
from whowhom.model import Coverage, Document
from whowhom.store.index import Decision, of_the_rest
from whowhom.store.pack import Packed, join, split

OLDEST = (2, 52)
"""The first Ray whose clusters can ask for a token."""
IN_FLIGHT = 2
"""Chunks that an actor has at a time: one in work, one that waits there."""
CHUNK_SECONDS = 2.0
"""Work in a chunk: long against the milliseconds that a task costs, short enough to do again."""
CHUNK = 100
"""Documents in a chunk at most."""
LOOK = 0.05
"""Seconds between two looks at what the actors have done, while there is something to read."""
TICK = 0.5
"""The longest wait for the actors, seconds."""
START_SECONDS = 300.0
"""Time in which one actor must have come up, seconds: a cluster may first have to start a node."""
SLACK = 120.0
"""Seconds beyond what its documents may take, after which an actor that says nothing is given up:
its worker process may have to be started again."""
LOSSES = 10
"""Actors, and three for each worker, that may be lost while not one chunk comes back; then the
cluster is ill."""
STORE_BYTES = 256 * 1024 * 1024
"""Ray's object store on this machine: some hundred chunks of rows."""


# ------------------------------------------------------------------------ in the actor
@dataclass(frozen=True, slots=True)
class _Batch:
    """What came of a chunk: its outcomes, with the rows of all documents in one piece."""

    outcomes: list[Outcome]
    coverages: list[Coverage | None]  # of each outcome whose rows are in ``joined``
    joined: Packed | None
    seconds: float

    @classmethod
    def of(cls, outcomes: Sequence[Outcome], seconds: float) -> _Batch:
        packed = [o.packed for o in outcomes if o.packed is not None]
        return cls(
            [dataclasses.replace(o, packed=None) for o in outcomes],
            [None if o.packed is None else o.packed.coverage for o in outcomes],
            join(packed) if packed else None,
            seconds,
        )

    def unpacked(self) -> Iterator[Outcome]:
        if self.joined is None:
            yield from self.outcomes
            return
        pairs = list(zip(self.outcomes, self.coverages, strict=True))
        sizes = [(o.row.events, o.row.rejections) for o, coverage in pairs if coverage is not None]
        parts = iter(split(self.joined, sizes, [c for _, c in pairs if c is not None]))
        for outcome, coverage in pairs:
            yield outcome if coverage is None else dataclasses.replace(outcome, packed=next(parts))


class _Coding:
    """The actor."""

    def __init__(self, spec: CoderSpec, packing: Packing | None) -> None:
        # else a worker process would begin by importing Ray's own main module, and Ray with it
        vars(sys.modules["__main__"]).pop("__file__", None)
        self._pool = Pool(spec, 1, packing)

    def ready(self) -> Ready | Failed:
        try:
            self._pool.__enter__()
        except WhowhomError as error:
            return Failed(error)
        return self._pool.ready

    def code(self, documents: list[Document], seconds: float) -> _Batch:
        begun = time.monotonic()
        decisions = (Decision("code", document=document) for document in documents)
        outcomes = [o for o in self._pool.results(decisions, seconds) if isinstance(o, Outcome)]
        return _Batch.of(outcomes, time.monotonic() - begun)


# ------------------------------------------------------------------------ in the driver
@dataclass(slots=True, eq=False)
class _Chunk:
    slots: list[Slot]
    losses: int = 0
    answer: Any = None
    deadline: float = 0.0

    @property
    def alone(self) -> bool:
        return self.losses > 0


@dataclass(slots=True, eq=False)
class _Actor:
    handle: Any
    answer: Any  # of ready(), until it is
    ready: bool = False
    chunks: deque[_Chunk] = field(default_factory=deque)  # the first is in work


class Cluster:
    """Actors on a Ray cluster; a context manager that waits for the first of them.

    Args:
        workers: actors, each with one core; None takes all cores of the cluster.
        address: of a running cluster ("host:port", "auto"); None starts Ray on this machine, on
            its loopback interface, without a dashboard, behind a token that only this run knows.
        ordered: give outcomes in the order of reading; else in the order in which they come,
            so that nothing waits for a slow document.
        packing: outcomes hold rows for the store instead of events.

    Raises:
        WhowhomError: on entering, where Ray or the coder cannot be started.
    """

    def __init__(
        self,
        spec: CoderSpec,
        workers: int | None,
        *,
        address: str | None = None,
        packing: Packing | None = None,
        ordered: bool = False,
    ) -> None:
        self.packing = packing
        self._spec = spec
        self._size = workers
        self._address = address
        self._ordered = ordered
        self._actors: list[_Actor] = []
        self._again: deque[_Chunk] = deque()
        self._pace: float | None = None  # seconds a document
        self._lost = 0  # actors in a row
        self._ours = False
        self._ray: Any = None
        self._class: Any = None
        self.ready: Ready

    # -------------------------------------------------------------- coming and going
    def __enter__(self) -> Cluster:
        try:
            self._ray = _import_ray(local=self._address is None)
            if not self._ray.is_initialized():
                self._ours = True
                self._start_ray()
            if self._size is None:
                self._size = max(1, int(self._ray.cluster_resources().get("CPU", 1)))
            self._class = self._ray.remote(
                num_cpus=1, max_restarts=0, max_task_retries=0, max_concurrency=1
            )(_Coding)
            self._actors = [self._hire() for _ in range(self._size)]
            self._await_first()
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
        if self._ray is None:
            return
        for actor in self._actors:
            self._dismiss(actor)
        self._actors = []
        if self._ours:
            self._ray.shutdown()

    def _start_ray(self) -> None:
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
        try:
            if self._address is not None:
                self._ray.init(address=self._address, **quiet)
                return
            if self._size is None:
                self._size = auto_workers()
            self._ray.init(
                address="local",  # never a cluster that RAY_ADDRESS names
                num_cpus=self._size,
                include_dashboard=False,
                object_store_memory=STORE_BYTES,
                **quiet,
            )
        except Exception as error:
            where = self._address or "this machine"
            raise WhowhomError(
                f"Ray does not start: {describe(error)}",
                where=where,
                do="Check the address with: ray status --address ADDRESS"
                if self._address
                else "Use --engine local on one machine.",
            ) from error

    def _hire(self) -> _Actor:
        handle = self._class.remote(self._spec, self.packing)
        return _Actor(handle, handle.ready.remote())

    def _dismiss(self, actor: _Actor) -> None:
        with contextlib.suppress(Exception):
            self._ray.kill(actor.handle, no_restart=True)

    def _await_first(self) -> None:
        patience = time.monotonic() + START_SECONDS
        while not any(actor.ready for actor in self._actors):
            self._listen(0.0, TICK)
            if time.monotonic() > patience:
                raise WhowhomError(
                    f"no worker came up on the cluster in {START_SECONDS:g} seconds",
                    where=self._address or "this machine",
                    do="Has it free CPUs, and whowhom installed on its nodes? See: ray status",
                )

    # -------------------------------------------------------------- coding
    def results(
        self, decisions: Iterator[Decision], seconds: float
    ) -> Iterator[Outcome | Decision | None]:
        """What became of each decision; None now and then, when time has passed.

        ``seconds``: the time that a document may take; then its worker process is killed.
        """
        waiting: deque[Slot] = deque()  # in the order of reading
        todo: deque[Slot] = deque()
        rests: list[Outcome] = []  # newer than all other rows of their files
        out = 0  # with actors, or to go to one
        looked = 0.0
        exhausted = False
        while not exhausted or waiting or out:
            while waiting and (outcome := waiting[0].outcome) is not None:
                waiting.popleft()
                yield outcome
            size, actors = self._chunk_size(), len(self._actors)
            reads = (
                not exhausted
                and len(todo) < 2 * size
                and max(out, len(waiting)) < actors * (IN_FLIGHT + 1) * size
            )
            pause = 0.0 if reads else TICK
            if reads:
                decision = next(decisions, None)
                if decision is None:
                    exhausted = True
                elif decision.action == "wait":
                    pause = LOOK
                elif decision.action == "done":
                    yield decision
                else:
                    slot = Slot(decision)
                    if decision.action == "record":
                        slot.outcome = recorded(decision)
                    else:
                        todo.append(slot)
                        out += 1
                    if self._ordered:
                        waiting.append(slot)
                    elif slot.outcome is not None:
                        if of_the_rest(slot.outcome.row.locator):
                            rests.append(slot.outcome)
                        else:
                            yield slot.outcome
                if not pause and len(todo) < size and time.monotonic() < looked + LOOK:
                    continue
            looks = pause > 0 or time.monotonic() >= looked + LOOK
            self._dispatch(todo, size, seconds, hungry=looks)
            if not looks:
                continue
            done, back = self._listen(seconds, pause)
            looked = time.monotonic()
            todo.extendleft(reversed(back))
            out -= len(done)
            if not self._ordered:
                for slot in done:
                    yield slot.outcome
            yield None
        yield from rests

    def _chunk_size(self) -> int:
        if self._pace is None:
            return 1
        return max(1, min(CHUNK, int(CHUNK_SECONDS / max(self._pace, 1e-6))))

    def _dispatch(self, todo: deque[Slot], size: int, seconds: float, *, hungry: bool) -> None:
        """Give the actors work: a whole chunk, or what there is to those that have nothing."""
        for actor in sorted(self._actors, key=lambda a: len(a.chunks)):
            if not actor.ready or (actor.chunks and actor.chunks[0].alone):
                continue
            if self._again and not actor.chunks:
                self._send(actor, self._again.popleft(), seconds)
            elif len(actor.chunks) < IN_FLIGHT and (
                len(todo) >= size or (todo and hungry and not actor.chunks)
            ):
                slots = [todo.popleft() for _ in range(min(size, len(todo)))]
                self._send(actor, _Chunk(slots), seconds)
            elif not todo and not self._again:
                return

    def _send(self, actor: _Actor, chunk: _Chunk, seconds: float) -> None:
        documents = [slot.document for slot in chunk.slots]
        # a lost actor refuses here or when it is listened to; there it is dealt with
        chunk.answer = actor.handle.code.remote(documents, seconds)
        if not actor.chunks:
            chunk.deadline = _deadline(chunk, seconds)
        actor.chunks.append(chunk)

    def _listen(self, seconds: float, patience: float) -> tuple[list[Slot], list[Slot]]:
        """Take answers; returns the documents that are done, and those to be given out again."""
        done: list[Slot] = []
        back: list[Slot] = []
        expected = {}
        for actor in self._actors:
            if not actor.ready:
                expected[actor.answer] = actor
            elif actor.chunks:
                expected[actor.chunks[0].answer] = actor
        found: list[Any] = []
        if expected:
            found, _ = self._ray.wait(
                list(expected), num_returns=1, timeout=patience, fetch_local=True
            )
            if found and len(expected) > 1:
                found, _ = self._ray.wait(
                    list(expected), num_returns=len(expected), timeout=0, fetch_local=True
                )
        else:
            time.sleep(min(patience, LOOK))
        for answer in found:
            self._heard(expected[answer], answer, seconds, done, back)
        now = time.monotonic()
        for actor in list(self._actors):
            if actor.chunks and now > actor.chunks[0].deadline:
                self._gone(actor, "it said nothing for too long", done, back)
        return done, back

    def _heard(
        self, actor: _Actor, ref: Any, seconds: float, done: list[Slot], back: list[Slot]
    ) -> None:
        try:
            answer = self._ray.get(ref)
        except Exception as error:  # an actor, its node or its answer was lost, each in its class
            self._gone(actor, _first_line(error), done, back)
            return
        if isinstance(answer, Failed):
            raise answer.error
        if isinstance(answer, Ready):
            first = getattr(self, "ready", answer)
            if answer.fingerprint != first.fingerprint:
                raise WhowhomError(
                    f"a node has another coder (whowhom {answer.info.version}, codebook "
                    f"{answer.info.codebook}, model {answer.info.model})",
                    do="Install the same version, codebook and actor tables on every node.",
                )
            actor.ready, self.ready = True, first
            return
        self._lost = 0
        chunk = actor.chunks.popleft()
        for slot, outcome in zip(chunk.slots, answer.unpacked(), strict=True):
            slot.outcome = outcome
        done += chunk.slots
        pace = answer.seconds / len(chunk.slots)
        self._pace = pace if self._pace is None else 0.9 * self._pace + 0.1 * pace
        if actor.chunks:
            actor.chunks[0].deadline = _deadline(actor.chunks[0], seconds)

    def _gone(self, actor: _Actor, why: str, done: list[Slot], back: list[Slot]) -> None:
        """Replace a lost actor. What it had in work is tried once more as it was, then document by
        document, each twice; what waited there goes back."""
        self._dismiss(actor)
        self._lost += 1
        if self._lost > LOSSES + 3 * len(self._actors):
            raise WhowhomError(
                f"{self._lost} workers in a row were lost ({why})",
                where=self._address or "this machine",
                do="Look at the cluster's logs. What was committed is safe; go on with --resume.",
            )
        self._actors[self._actors.index(actor)] = self._hire()
        if not actor.chunks:
            return
        chunk = actor.chunks.popleft()
        for waited in actor.chunks:
            if waited.alone:
                self._again.append(waited)
            else:
                back += waited.slots
        chunk.losses += 1
        if len(chunk.slots) == 1:
            slot = chunk.slots[0]
            slot.take(Trouble(f"its worker was lost ({why})"))
            if slot.outcome is None:
                self._again.append(chunk)
            else:
                done.append(slot)
        elif chunk.losses == 1:
            self._again.append(chunk)
        else:
            self._again.extend(_Chunk([slot], losses=1) for slot in chunk.slots)


def _deadline(chunk: _Chunk, seconds: float) -> float:
    # each document may be tried twice, and take its whole time both times; its worker process may
    # wait for a processor, but where all documents did so nothing would be coded at all
    each = [allowed(seconds, slot.document) for slot in chunk.slots]
    return time.monotonic() + 2 * (sum(each) + PATIENCE * max(each)) + SLACK


def _first_line(error: Exception) -> str:
    return " ".join((str(error).strip() or type(error).__name__).split())[:200]


def _import_ray(*, local: bool) -> Any:
    """Ray, told before it is imported what it only reads then."""
    # it would send statistics of its use to its makers; nothing here speaks to the network unasked
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # where a program has imported Ray before, Ray has already looked, and makes its own token
    if local and "RAY_AUTH_MODE" not in os.environ and "ray" not in sys.modules:
        os.environ["RAY_AUTH_MODE"] = "token"
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    try:
        import ray
    except ImportError as error:
        raise WhowhomError(
            "the Ray engine needs ray", do="Install it: pip install 'whowhom[ray]'"
        ) from error
    version = tuple(int(part) for part in ray.__version__.split(".")[:2])
    if version < OLDEST:
        raise WhowhomError(
            f"Ray {ray.__version__} is too old: its clusters cannot ask for a token",
            do="Update it: pip install --upgrade 'whowhom[ray]'",
        )
    if local:
        _stay_on_loopback()
    return ray


def _stay_on_loopback() -> None:
    """Let the cluster that Ray starts here listen on 127.0.0.1 only.

    Ray does so on macOS and Windows; on Linux there is no public switch. Where this one is gone,
    the token still keeps others out.
    """
    with contextlib.suppress(ImportError):
        from ray._private import ray_constants

        if hasattr(ray_constants, "ENABLE_RAY_CLUSTER"):
            ray_constants.ENABLE_RAY_CLUSTER = False


def warn_of_open_cluster(address: str | None, say: Callable[[str], None]) -> None:
    """Say so where a cluster that is joined does not seem to ask for a token."""
    if address is not None and os.environ.get("RAY_AUTH_MODE", "").lower() != "token":
        say(
            "whowhom: RAY_AUTH_MODE is not token: whoever reaches the ports of this Ray cluster "
            "can run programs on it. Set RAY_AUTH_MODE=token on all its nodes and here."
        )
