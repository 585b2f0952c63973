"""Lines of a stream with a limit on each: memory stays bounded whatever the file."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from whowhom.read.decode import mark

HEAD = 4096


class _Recoded:
    """A stream in UTF-16 or UTF-32 as one in UTF-8."""

    def __init__(self, stream: BinaryIO, name: str, head: bytes) -> None:
        self._stream, self._pending = stream, head
        self._decoder = codecs.getincrementaldecoder(name)("replace")
        self._ended = False

    def read(self, size: int) -> bytes:
        while not self._ended:
            data = self._pending or self._stream.read(size)
            self._pending = b""
            self._ended = not data
            if text := self._decoder.decode(data, final=self._ended):
                return text.encode("utf-8", "replace")
        return b""


def lines(stream: BinaryIO, limit: int) -> Iterator[bytes | None]:
    """Lines with their ends, None in the place of a line of more than ``limit`` bytes.

    A byte-order mark is taken off; UTF-16 and UTF-32 come out as UTF-8. A file whose beginning
    has carriage returns and no newline (old Macs wrote them) is split at these.
    """
    head = stream.read(HEAD)
    source: BinaryIO | _Recoded = stream
    pending = head
    if marked := mark(head):
        name, length = marked
        pending = head[length:]
        if name != "utf-8":
            source, pending = _Recoded(stream, name, pending), b""
    end = b"\r" if b"\r" in head[:-1] and b"\n" not in head else b"\n"
    if source is not stream:
        end = b"\n"
    parts: list[bytes] = []
    held, dropped, first = 0, False, True
    while data := (pending if first and pending else source.read(65_536)):
        first = False
        *whole, rest = data.split(end)
        for piece in whole:
            if dropped or held + len(piece) + 1 > limit:
                yield None
            else:
                yield b"".join(parts) + piece + b"\n"
            parts, held, dropped = [], 0, False
        if rest and not dropped:
            parts.append(rest)
            held += len(rest)
            if held > limit:
                parts, held, dropped = [], 0, True
    if dropped:
        yield None
    elif held:
        yield b"".join(parts)
