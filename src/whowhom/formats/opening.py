"""A file of rows as UTF-8, unpacked: gzip, Zstandard and zip, one line at a time in memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO, Protocol, cast

from whowhom.errors import InputError
from whowhom.formats.rows import MOST_BYTES
from whowhom.read.decode import mark
from whowhom.read.lines import lines
from whowhom.read.unpack import GZIP, ZSTD, GzipStream, ZstdStream
from whowhom.settings import DEFAULT

ZIP = b"PK\x03\x04"
PARQUET = b"PAR1"
BLOCK = 65_536
HEAD = 65_536
"""Bytes of a first line by which a format is known; headers have some hundred."""


class Peeked:
    """A stream whose first bytes can be looked at before it is read.

    It reads no further than asked: what a damaged file gives before the damage is not lost, as
    it is with :class:`io.BufferedReader`.
    """

    def __init__(self, stream: Readable) -> None:
        self._stream, self._head = stream, b""

    def seekable(self) -> bool:
        return False

    def head(self, size: int) -> bytes:
        """The first bytes, at most ``size``; fewer where the file ends or is damaged."""
        with suppress(InputError, OSError, EOFError, zipfile.BadZipFile):
            while len(self._head) < size and (more := self._stream.read(size - len(self._head))):
                self._head += more
        return self._head[:size]

    def read(self, size: int = -1) -> bytes:
        if self._head:
            given = self._head if size < 0 else self._head[:size]
            self._head = self._head[len(given) :]
            return given
        return self._stream.read(size) or b""


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes | None: ...


@dataclass(slots=True)
class Opened:
    """An open file of rows. ``name`` is the file as the user gave it, ``inside`` the member of an
    archive, "" without one; ``size`` is in bytes on the disk, 0 where that is not known."""

    name: str
    inside: str
    size: int
    disk: BinaryIO
    """What is read in the end: its place says how far."""
    file: BinaryIO
    """The bytes of the file or the member."""
    content: Peeked
    """The same, unpacked."""
    packed: bool
    text: Utf8 | None = field(default=None)

    def as_text(self) -> IO[bytes]:
        """The rows as UTF-8."""
        self.text = Utf8(cast(BinaryIO, self.content))
        return cast(IO[bytes], io.BufferedReader(self.text, BLOCK))

    def as_binary(self) -> IO[bytes]:
        """The bytes as they are, from the first on, with seeking.

        Raises:
            InputError: the file is packed or a stream.
        """
        if self.packed or not self.file.seekable():
            raise InputError(
                "a file of this format is read from its end",
                where=self.name,
                do="Unpack it first." if self.packed else "Name a file instead of -.",
                reason="not_a_file",
            )
        self.file.seek(0)
        return self.file

    @property
    def first_line(self) -> str:
        """The first line that is not blank, at most :data:`HEAD` bytes of it."""
        head = self.content.head(HEAD)
        marked = mark(head)
        name, length = marked or ("utf-8", 0)
        text = head[length:].decode(name, "replace").lstrip("\ufeff\r\n")
        return next((line for line in text.splitlines() if line.strip()), "")

    @property
    def is_parquet(self) -> bool:
        return self.content.head(4) == PARQUET

    @property
    def share(self) -> float | None:
        """How much of the file has been read, 0 to 1."""
        if not self.size:
            return None
        try:
            return min(1.0, self.disk.tell() / self.size)
        except (OSError, ValueError):
            return None


class Utf8(io.RawIOBase):
    """Lines of a stream as UTF-8. A line that is none is read as ISO-8859-1, and counted.

    Where the packed data ends too soon or is damaged, the lines before it are given and then the
    end; ``failed`` says what was wrong.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._lines = lines(stream, MOST_BYTES)
        self._pending = b""
        self.latin = 0
        """Lines that were no UTF-8."""
        self.first_latin: int | None = None
        self.number = 0
        """Lines given."""
        self.failed: InputError | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        if not self._pending:
            self._pending = self._more(len(view))
        given = self._pending[: len(view)]
        view[: len(given)] = given
        self._pending = self._pending[len(given) :]
        return len(given)

    def _more(self, wanted: int) -> bytes:
        parts: list[bytes] = []
        size = 0
        while size < wanted and self.failed is None:
            try:
                line = next(self._lines, b"")
            except InputError as error:
                self.failed = error
                break
            except (OSError, EOFError, zipfile.BadZipFile) as error:
                self.failed = InputError(f"it cannot be read: {error}", reason="damaged")
                break
            if line == b"":
                break
            self.number += 1
            if line is None:  # a row that no reader takes, so that it is named and counted
                line = f"(a line of more than {MOST_BYTES:,} bytes)\n".encode()
            elif not line.isascii():
                line = self._recoded(line)
            parts.append(line)
            size += len(line)
        return b"".join(parts)

    def _recoded(self, line: bytes) -> bytes:
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            self.latin += 1
            self.first_latin = self.first_latin or self.number
            return line.decode("iso-8859-1").encode("utf-8")
        return line


@contextmanager
def opened(path: Path, stdin: BinaryIO | None = None) -> Iterator[Iterator[Opened]]:
    """The files of rows in a path: itself, or the members of a zip archive.

    Raises:
        InputError: it cannot be opened, is empty, or is a damaged archive.
    """
    with ExitStack() as stack:
        yield _files(path, stack, stdin)


def _files(path: Path, stack: ExitStack, stdin: BinaryIO | None) -> Iterator[Opened]:
    name = str(path)
    if name == "-" and stdin is not None:
        yield _unpacked(name, "", 0, stdin, stdin)
        return
    if not path.is_file():
        raise InputError(
            "there is no such file" if not path.exists() else "this is no file",
            where=name,
            do="Name a file.",
            reason="unreadable",
        )
    try:
        file = stack.enter_context(path.open("rb"))
        head, size = file.read(4), path.stat().st_size
        file.seek(0)
    except OSError as error:
        raise InputError(
            f"it cannot be read: {error.strerror or error}", where=name, reason="unreadable"
        ) from error
    if not head:
        raise InputError("the file is empty", where=name, reason="empty")
    if head != ZIP:
        yield _unpacked(name, "", size, file, file)
        return
    try:
        archive = stack.enter_context(zipfile.ZipFile(file))
        members = [m for m in archive.infolist() if not m.is_dir() and m.file_size]
        for member in members:
            # a zip says how large a member is, and the library gives no more than that
            with archive.open(member) as inner:
                yield _unpacked(name, member.filename, size, file, cast(BinaryIO, inner))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError) as error:
        raise InputError(
            f"the archive cannot be read: {error}", where=name, reason="damaged"
        ) from error
    if not members:
        raise InputError("the archive holds no files", where=name, reason="empty")


def _unpacked(name: str, inside: str, size: int, disk: BinaryIO, file: BinaryIO) -> Opened:
    content = Peeked(file)
    head = content.head(4)
    packed = head.startswith((GZIP, ZSTD))
    if head.startswith(GZIP):
        content = Peeked(GzipStream(cast(BinaryIO, content), DEFAULT))
    elif packed:
        content = Peeked(ZstdStream(cast(BinaryIO, content), DEFAULT))
    return Opened(name, inside, size, disk, file, content, packed)
