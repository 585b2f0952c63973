"""A worker process: holds one coder, codes one document at a time, and can be killed."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, cast

from whowhom.engine.machine import limit_memory, loading
from whowhom.engine.outcome import CoderLike, Packing
from whowhom.errors import InputError, WhowhomError
from whowhom.model import Coded, CoderInfo, Document
from whowhom.settings import DEFAULT, Settings

if TYPE_CHECKING:
    from whowhom.adjudicate import Spec
    from whowhom.store.pack import Packed

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
"""Environment of a worker: workers are the parallelism; threads below them only wait."""
LONG = 50_000
"""Characters from which a document may take longer, in proportion."""
PATIENCE = 10
"""Times a document's limit that it may take at most, with all the waiting for a processor."""
ORPHAN_SECONDS = 60.0
"""Time after that at which a worker ends itself: its parent, which should have ended it, is
gone."""


@dataclass(frozen=True, slots=True)
class CoderSpec:
    """How to make a coder, in a form that another process can be sent.

    ``factory`` is ``module:callable``; it takes the other fields as keywords.
    """

    codebook: Path | None = None
    actors: Path | None = None
    min_confidence: float | None = None
    settings: Settings = DEFAULT
    factory: str = "whowhom.pipeline:Coder"
    adjudicator: Spec | None = None

    def make(self) -> CoderLike:
        more: dict[str, object] = {}
        if self.adjudicator is not None:
            from whowhom.adjudicate import Adjudicator

            more["adjudicator"] = Adjudicator(self.adjudicator)
        module, _, name = self.factory.partition(":")
        return cast(
            CoderLike,
            getattr(importlib.import_module(module), name)(
                codebook=self.codebook,
                actors=self.actors,
                min_confidence=self.min_confidence,
                settings=self.settings,
                **more,
            ),
        )


@dataclass(frozen=True, slots=True)
class Ready:
    info: CoderInfo
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The coder could not be made."""

    error: WhowhomError


@dataclass(frozen=True, slots=True)
class Trouble:
    """A document could not be coded. ``reason`` is set where the document is at fault."""

    detail: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Launched:
    """A worker process on its way up, and our end of the line to it."""

    process: BaseProcess
    connection: Connection

    def end(self) -> None:
        """Kill it; nothing happens where it has ended."""
        self.process.kill()
        self.process.join(5)
        self.connection.close()


def launch(spec: CoderSpec, packing: Packing | None = None) -> Launched:
    """Start a worker process; it says Ready or Failed when it has come up, in seconds."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(
        target=serve, args=(theirs, spec, packing), daemon=True, name="whowhom worker"
    )
    with blocked_interrupts(), environment(ONE_THREAD):
        process.start()
    theirs.close()
    return Launched(process, ours)


def serve(connection: Connection, spec: CoderSpec, packing: Packing | None = None) -> None:
    """Answer documents with what coding them gave, until the other end closes.

    ``packing``: answer with rows of the store instead of events.
    """
    # Ctrl-C goes to the whole group; the parent decides what happens
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionError):
        try:
            with loading(for_good=True):
                coder = spec.make()
            if packing is not None:  # before the clock of a first document runs
                importlib.import_module("whowhom.store.pack").prepare()
            connection.send(Ready(coder.info, coder.fingerprint))
        except WhowhomError as error:
            connection.send(Failed(error))
            return
        except Exception as error:
            connection.send(Failed(WhowhomError(f"the coder cannot start: {describe(error)}")))
            return
        megabytes = spec.settings.document_megabytes
        # the parent watches what is held and says so; this stops what is too fast for it
        limit_memory(megabytes * 3 // 2)
        while True:
            document: Document = connection.recv()
            most = PATIENCE * allowed(spec.settings.document_seconds, document)
            _end_after(most + ORPHAN_SECONDS)
            answer = attempt(coder, document, packing, megabytes)
            _end_after(0)
            connection.send(answer)


def allowed(seconds: float, document: Document) -> float:
    """The time that a document may take: ``seconds``, and more for a long one."""
    return seconds * max(1.0, len(document.text) / LONG)


def _end_after(seconds: float) -> None:
    """Let the system end this process in so many seconds, whatever it does; 0 for never."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def attempt(
    coder: CoderLike,
    document: Document,
    packing: Packing | None = None,
    megabytes: int | None = None,
) -> Coded | Packed | Trouble:
    """Code a document; whatever goes wrong is an answer, not an exception."""
    try:
        coded = coder.code(document)
        if packing is None or not isinstance(coded, Coded):
            return coded
        from whowhom.store.pack import pack

        return pack(coded, packing)
    except MemoryError:
        return too_large(megabytes)
    except InputError as error:
        return Trouble(str(error), error.reason)
    except WhowhomError as error:
        return Trouble(str(error))
    except Exception as error:
        return Trouble(describe(error))


def too_large(megabytes: int | None) -> Trouble:
    """A document took too much memory."""
    what = "the memory that there is" if megabytes is None else f"{megabytes:,} MB of memory"
    return Trouble(f"took more than {what}")


def describe(error: BaseException) -> str:
    """An error of another program's making in one line: class, message, place in the code."""
    trace = error.__traceback__
    place = ""
    while trace is not None:
        code = trace.tb_frame.f_code
        place = f" ({Path(code.co_filename).name} line {trace.tb_lineno})"
        trace = trace.tb_next
    message = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}{': ' + message if message else ''}{place}"


@contextlib.contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Variables for what is started meanwhile; what the user has set stays."""
    added = {name: value for name, value in values.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


@contextlib.contextmanager
def blocked_interrupts() -> Iterator[None]:
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
