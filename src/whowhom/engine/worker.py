"""A worker process: holds one coder, codes one document at a time, and can be killed."""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

from whowhom.engine.outcome import CoderLike
from whowhom.errors import InputError, WhowhomError
from whowhom.model import Coded, CoderInfo, Document
from whowhom.settings import DEFAULT, Settings

_COST_OF_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


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

    def make(self) -> CoderLike:
        module, _, name = self.factory.partition(":")
        return cast(
            CoderLike,
            getattr(importlib.import_module(module), name)(
                codebook=self.codebook,
                actors=self.actors,
                min_confidence=self.min_confidence,
                settings=self.settings,
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


Answer = Ready | Failed | Trouble | Coded


def serve(connection: Connection, spec: CoderSpec) -> None:
    """Answer documents with what coding them gave, until the other end closes."""
    # Ctrl-C goes to the whole group; the parent decides what happens
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in _COST_OF_THREADS:  # workers are the parallelism; threads below them only wait
        os.environ.setdefault(name, "1")
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionError):
        try:
            coder = spec.make()
            connection.send(Ready(coder.info, coder.fingerprint))
        except WhowhomError as error:
            connection.send(Failed(error))
            return
        except Exception as error:
            connection.send(Failed(WhowhomError(f"the coder cannot start: {describe(error)}")))
            return
        while True:
            document: Document = connection.recv()
            connection.send(attempt(coder, document))


def attempt(coder: CoderLike, document: Document) -> Coded | Trouble:
    """Code a document; whatever goes wrong is an answer, not an exception."""
    try:
        return coder.code(document)
    except InputError as error:
        return Trouble(str(error), error.reason)
    except WhowhomError as error:
        return Trouble(str(error))
    except Exception as error:
        return Trouble(describe(error))


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
