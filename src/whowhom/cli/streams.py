"""Standard input, output and error: always there, and a failure to write says what failed."""

from __future__ import annotations

import contextlib
import io
import os
import select
import sys
from typing import IO, Any, TextIO, cast

from whowhom.errors import WhowhomError


def prepare() -> None:
    """Make the three streams usable, whatever the caller made of them.

    A closed one (``>&-``) becomes the null device; else the next file that is opened would get
    its number, and what is meant for the stream would be written into that file. A failure to
    write to standard output is a :class:`~whowhom.errors.WhowhomError` from then on; one to write
    to standard error is nothing, as there is no place to say it, and the work is worth more.
    """
    for number, mode in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
        _open_closed(number, mode)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115
    sys.stdout = _guarded(sys.stdout, sys.__stdout__, _Output, 1)
    sys.stderr = _guarded(sys.stderr, sys.__stderr__, _Errors, 2)


class _Patient(io.FileIO):
    """A stream that writes all that it is given. Python's own gives up where another program made
    the pipe or terminal that it shares with us one that does not wait, and loses the rest where it
    has no buffer (``-u``). Nothing is written of no bytes: click tries so what a stream takes, and
    swallows the error of a full one."""

    def write(self, data: Any, /) -> Any:
        left = memoryview(data).cast("B")
        while left.nbytes:
            written = super().write(left)
            if written is None:
                select.select((), (self,), ())
            else:
                left = left[written:]
        return memoryview(data).nbytes


class _Output(_Patient):
    """Standard output. The first failure sends the rest of it to the null device: Python would
    try again, and fail again, when it ends."""

    def write(self, data: Any, /) -> Any:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            let_go(self)
            why = (error.strerror or str(error)).lower()
            raise WhowhomError(
                f"cannot write: {why}",
                where="standard output",
                do="What was written to it is not whole: make room or send it elsewhere, then "
                "run again.",
            ) from error


class _Errors(_Patient):
    """Standard error, which never stops the work."""

    def write(self, data: Any, /) -> Any:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def _open_closed(number: int, mode: int) -> None:
    try:
        os.fstat(number)
    except OSError:
        made = os.open(os.devnull, mode)
        if made != number:
            os.dup2(made, number)
            os.close(made)
        os.set_inheritable(number, True)  # worker processes have streams, too


def let_go(stream: IO[Any]) -> None:
    """Lead a stream to the null device, so that Python does not fail on it when it ends."""
    with contextlib.suppress(OSError):
        number = stream.fileno()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, number)
        os.close(null)


def _guarded(
    stream: TextIO | None, original: IO[str] | None, kind: type[io.FileIO], number: int
) -> TextIO:
    """The stream with errors as above; one that somebody put in its place only gets to write a
    code for a character that it cannot hold."""
    if stream is None:  # Python found it closed
        made = _stream(kind, number, "utf-8", line_buffering=number == 2)
        return cast("TextIO", made)
    if stream is not original or not isinstance(stream, io.TextIOWrapper):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            with contextlib.suppress(OSError, ValueError):
                reconfigure(errors="backslashreplace")
        return stream
    raw = getattr(stream.buffer, "raw", stream.buffer)
    if type(raw) is not io.FileIO:  # a console of Windows
        stream.reconfigure(errors="backslashreplace")
        return cast("TextIO", stream)
    with contextlib.suppress(OSError):
        stream.flush()
    return cast(
        "TextIO",
        _stream(
            kind,
            number,
            stream.encoding,
            line_buffering=stream.line_buffering,
            write_through=stream.write_through,
        ),
    )


def _stream(
    kind: type[io.FileIO],
    number: int,
    encoding: str,
    *,
    line_buffering: bool = False,
    write_through: bool = False,
) -> io.TextIOWrapper:
    raw = kind(number, "wb", closefd=False)
    # with -u Python has no buffer below its text
    buffer = raw if write_through else io.BufferedWriter(raw)
    return io.TextIOWrapper(
        cast("io.BufferedWriter", buffer),
        encoding,
        "backslashreplace",
        newline=None if os.name == "nt" else "\n",
        line_buffering=line_buffering,
        write_through=write_through,
    )
