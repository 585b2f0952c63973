"""Reading in processes of its own: it does not hold up those that code and commit, and a file
that hangs or takes all memory costs that file.

The order of the documents is that of the files, however many processes read.
"""

from __future__ import annotations

import contextlib
import signal
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import BinaryIO

from whowhom.engine.local import START_TRIES
from whowhom.engine.machine import limit_memory, usable_cores
from whowhom.engine.worker import ONE_THREAD, blocked_interrupts, environment
from whowhom.errors import WhowhomError
from whowhom.model import Document, Skipped, Source
from whowhom.read.files import Unit, read_unit, unit_name
from whowhom.read.record import Context
from whowhom.read.remote import Remote

SMALL_FILES = 50
SMALL_BYTES = 1_000_000
"""Inputs of fewer files and bytes are read in this process: that takes less than starting one."""
WORKERS_PER_READER = 6
"""Reading a page of HTML takes a seventh of what coding it does; other forms take less."""
GROUP_FILES = 32
GROUP_BYTES = 4_000_000
"""Files, and their bytes, that a reader is given at a time."""
SEND_ITEMS = 50
SEND_SECONDS = 0.5
"""Items that a reader sends together, and the longest that it keeps one."""
BUFFER = 400
"""Items of a reader that may wait here for the readers before it."""


@dataclass(slots=True, eq=False)
class _Group:
    """Files that one reader reads, and what came of them."""

    units: list[Unit]
    here: bool = False  # to be read in this process
    items: deque[Document | Skipped] = field(default_factory=deque)
    at: int = 0  # which of the files it reads
    given: int = 0  # items of that file that came
    finished: bool = False


@dataclass(slots=True, eq=False)
class _Reader:
    process: BaseProcess
    connection: Connection
    group: _Group | None = None
    heard: float | None = None  # when; None until it has come up


class Readers:
    """The documents of some files, in order; None where the next one is not there yet. A context
    manager that ends its processes."""

    def __init__(
        self,
        units: Iterator[Unit],
        stdin: BinaryIO | None,
        context: Context,
        workers: int,
    ) -> None:
        self._units = units
        self._stdin = stdin
        self._context = context
        self._most = max(1, min(usable_cores(), 1 + workers // WORKERS_PER_READER))
        self._readers: list[_Reader] = []
        self._groups: deque[_Group] = deque()  # in order
        self._spawn = get_context("spawn")
        self._deaths = 0  # before they had come up

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, *_: object) -> None:
        for reader in self._readers:
            _end(reader)
        self._readers = []

    def __iter__(self) -> Iterator[Document | Skipped | None]:
        first = list(islice(self._units, SMALL_FILES))
        if len(first) < SMALL_FILES and sum(map(_size, first)) < SMALL_BYTES:
            for unit in first:
                yield from read_unit(unit, self._stdin, self._context)
            return
        coming = _grouped(chain(first, self._units))
        more = True
        while more or self._groups:
            more = more and self._assign(coming)
            if not self._groups:
                continue
            front = self._groups[0]
            if front.here:
                self._groups.popleft()
                yield from read_unit(front.units[0], self._stdin, self._context)
                continue
            self._listen()
            if not front.items and not front.finished:
                self._watch(front)
                yield None
            while front.items:
                yield front.items.popleft()
            if front.finished and not front.items:
                self._groups.popleft()

    def _assign(self, coming: Iterator[_Group]) -> bool:
        """Give files to the readers that have none; False when there are no more."""
        while len(self._groups) < 2 * self._most:
            idle = next((r for r in self._readers if r.group is None), None)
            if idle is None and len(self._readers) == self._most:
                return True
            group = next(coming, None)
            if group is None:
                return False
            self._groups.append(group)
            if group.here:
                continue
            if idle is None:
                idle = self._start()
                self._readers.append(idle)
            self._give(idle, group)
        return True

    def _start(self) -> _Reader:
        ours, theirs = self._spawn.Pipe()
        process = self._spawn.Process(
            target=serve, args=(theirs, self._context), daemon=True, name="whowhom reader"
        )
        with blocked_interrupts(), environment(ONE_THREAD):
            process.start()
        theirs.close()
        return _Reader(process, ours)

    def _give(self, reader: _Reader, group: _Group) -> None:
        reader.group = group
        if reader.heard is not None:
            reader.heard = time.monotonic()
        with contextlib.suppress(BrokenPipeError, ConnectionError):
            reader.connection.send(group.units[group.at :])

    def _listen(self) -> None:
        """Take in what the readers have sent, but no more than may wait here."""
        front = self._groups[0]
        listened = [
            r
            for r in self._readers
            if r.group is not None and (r.group is front or len(r.group.items) < BUFFER)
        ]
        readable = set(wait([r.connection for r in listened], timeout=0))
        for reader in listened:
            if reader.connection in readable:
                self._receive(reader)

    def _receive(self, reader: _Reader) -> None:
        group = reader.group
        assert group is not None  # noqa: S101 - only those with a group are listened to
        try:
            items, done = reader.connection.recv()
        except (EOFError, OSError):
            reader.process.join(5)
            if reader.heard is not None:
                self._give_up(reader, "it ended the process that read it")
                return
            self._deaths += 1
            if self._deaths >= START_TRIES:
                raise WhowhomError(
                    "processes that read end before they have begun",
                    do="whowhom doctor says what is wrong with this installation.",
                ) from None
            self._give(self._replace(reader), group)
            return
        reader.heard = time.monotonic()
        group.items.extend(items)
        group.given += len(items)
        if done:
            group.at, group.given = group.at + 1, 0
            if group.at == len(group.units):
                group.finished = True
                reader.group = None

    def _watch(self, front: _Group) -> None:
        """Give up a file that says nothing for too long."""
        seconds = self._context.settings.reading_seconds
        for reader in self._readers:
            silent = reader.heard is not None and time.monotonic() > reader.heard + seconds
            if reader.group is front and silent:
                self._give_up(reader, f"nothing came of it for {seconds:g} seconds")

    def _replace(self, reader: _Reader) -> _Reader:
        _end(reader)
        fresh = self._start()
        self._readers[self._readers.index(reader)] = fresh
        return fresh

    def _give_up(self, reader: _Reader, why: str) -> None:
        """End a reader for what its file did, and let another read the files behind it."""
        group = reader.group
        assert group is not None  # noqa: S101 - see _receive
        fresh = self._replace(reader)
        place = f"after item {group.given}" if group.given else ""
        file = unit_name(group.units[group.at])
        group.items.append(Skipped(Source(file, place), "unreadable", f"{why}; it was left"))
        group.at, group.given = group.at + 1, 0
        if group.at == len(group.units):
            group.finished = True
        else:
            self._give(fresh, group)


def serve(connection: Connection, context: Context) -> None:
    """Read the files that come, until the other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_memory(context.settings.reading_megabytes)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionError):
        connection.send(([], False))
        while True:
            units: list[Unit] = connection.recv()
            for unit in units:
                items: list[Document | Skipped] = []
                sent = time.monotonic()
                for item in read_unit(unit, None, context):
                    items.append(item)
                    if len(items) >= SEND_ITEMS or time.monotonic() - sent > SEND_SECONDS:
                        connection.send((items, False))
                        items, sent = [], time.monotonic()
                connection.send((items, True))


def _end(reader: _Reader) -> None:
    reader.process.kill()
    reader.process.join(5)
    reader.connection.close()


def _grouped(units: Iterator[Unit]) -> Iterator[_Group]:
    group, size = _Group([]), 0
    for unit in units:
        if _only_here(unit):
            if group.units:
                yield group
            yield _Group([unit], here=True)
            group, size = _Group([]), 0
            continue
        group.units.append(unit)
        size += _size(unit)
        if len(group.units) >= GROUP_FILES or size >= GROUP_BYTES:
            yield group
            group, size = _Group([]), 0
    if group.units:
        yield group


def _only_here(unit: Unit) -> bool:
    """Standard input, what is no file, and storage in this process's memory."""
    if isinstance(unit, Remote):
        return "memory" in unit.system.protocol
    return not isinstance(unit, Path)


def _size(unit: Unit) -> int:
    if isinstance(unit, Remote):
        return SMALL_BYTES  # whatever it has: waiting for a network is better done elsewhere
    if not isinstance(unit, Path):
        return 0
    try:
        return unit.stat().st_size
    except OSError:
        return 0
