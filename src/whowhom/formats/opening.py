"""A file of rows as UTF-8, unpacked: gzip, Zstandard and zip, one line at a time in memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO, cast

from whowhom.errors import InputError
from whowhom.formats.rows import MOST_BYTES
from whowhom.read.lines import lines
from whowhom.read.unpack import GZIP, ZSTD, GzipStream, ZstdStream
from whowhom.settings import DEFAULT

ZIP = b"PK\x03\x04"
PARQUET = b"PAR1"
BLOCK = 65_536


@dataclass(slots=True)
class Opened:
    """An open file of rows. ``name`` is the file as the user gave it, ``inside`` the member of an
    archive, "" without one."""

    name: str
    inside: str
    raw: BinaryIO
    """The bytes as they are in the file or the member; can seek where nothing was unpacked."""
    size: int
    """Bytes of the file on the disk, 0 where that is not known."""
    packed: BinaryIO
    """The file on the disk: how far it is read."""
    head: bytes = b""
    text: Utf8 | None = field(default=None)

    def as_text(self) -> IO[bytes]:
        """The rows as UTF-8."""
        self.text = Utf8(self.raw)
        return cast(IO[bytes], io.BufferedReader(self.text, BLOCK))

    @property
    def share(self) -> float | None:
        """How much of the file has been read, 0 to 1."""
        if not self.size:
            return None
        try:
            return min(1.0, self.packed.tell() / self.size)
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
        yield _unpacked(Opened(name, "", cast(BinaryIO, io.BufferedReader(stdin)), 0, stdin))
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
        yield _unpacked(Opened(name, "", file, size, file))
        return
    try:
        archive = stack.enter_context(zipfile.ZipFile(file))
        members = [m for m in archive.infolist() if not m.is_dir() and m.file_size]
        for member in members:
            with archive.open(member) as inner:
                # a zip says how large a member is, and the library gives no more than that
                yield _unpacked(Opened(name, member.filename, cast(BinaryIO, inner), size, file))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError) as error:
        raise InputError(
            f"the archive cannot be read: {error}", where=name, reason="damaged"
        ) from error
    if not members:
        raise InputError("the archive holds no files", where=name, reason="empty")


def _unpacked(file: Opened) -> Opened:
    buffered = cast(BinaryIO, io.BufferedReader(file.raw, BLOCK))
    head = buffered.peek(8)[:8]  # type: ignore[attr-defined]
    file.head, file.raw = head, buffered
    if head.startswith(GZIP):
        stream: io.RawIOBase = GzipStream(buffered, DEFAULT)
    elif head.startswith(ZSTD):
        stream = ZstdStream(buffered, DEFAULT)
    else:
        return file
    file.raw = cast(BinaryIO, stream)
    file.head = b""
    return file
