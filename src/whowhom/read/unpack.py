"""Packed bytes as a stream that stops: at a size, at a ratio, at damage, and says which."""

from __future__ import annotations

import io
import zlib
from typing import BinaryIO, Literal

import pyarrow as pa

from whowhom.errors import InputError
from whowhom.settings import Settings

GZIP = b"\x1f\x8b\x08"
ZSTD = b"\x28\xb5\x2f\xfd"
JUNK = "bytes after the packed data are no part of it"
CHUNK = 65_536
STEP = 8192
"""Bytes unpacked at a time: what one step gives is lost where it ends in an error."""


class TooLargeError(InputError):
    """More bytes came out than may; reason ``too_large``."""

    def __init__(self, what: str) -> None:
        super().__init__(what, reason="too_large", do="Unpack it by hand if you trust it")


def _most(settings: Settings, packed: int) -> int:
    """Bytes that so many packed ones may give."""
    return settings.max_ratio_free_bytes + settings.max_unpacked_ratio * packed


def _bomb(settings: Settings) -> TooLargeError:
    return TooLargeError(f"it unpacks to over {settings.max_unpacked_ratio} times its size")


class GzipStream(io.RawIOBase):
    """What a gzip file of one or more members unpacks to, read member by member.

    ``read`` raises :class:`InputError` with the reason ``cut`` where the file ends
    inside a member, ``damaged`` where a member is wrong, ``too_large`` where one grows
    beyond the ratio of ``settings``. After that, :meth:`resync` goes on at
    the next member.
    """

    def __init__(self, packed: BinaryIO, settings: Settings) -> None:
        self._packed, self._settings = packed, settings
        self._inflate: zlib._Decompress | None = None
        self._raw = b""  # packed bytes read and not yet used
        self._read_to = packed.tell() if packed.seekable() else 0
        self.member_start = self._read_to
        self._out = 0  # bytes that this member gave
        self._in = 0  # bytes that this member took
        self._failed: InputError | None = None
        self.trailing = 0  # bytes after the last member that are no member

    def readable(self) -> bool:
        return True

    def _fill(self) -> bool:
        if not self._raw:
            self._raw = self._packed.read(CHUNK)
            self._read_to += len(self._raw)
        return bool(self._raw)

    def _fail(self, error: InputError) -> InputError:
        self._failed = error
        return error

    def readinto(self, buffer: object) -> int:  # what io.BufferedReader calls
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes (65,536 if negative), empty at the end."""
        if self._failed:
            raise self._failed
        size = CHUNK if size < 0 else size
        while size:
            if self._inflate is None and not self._begin():
                return b""
            if not self._fill():
                raise self._fail(InputError("the packed file is cut off", reason="cut"))
            assert self._inflate is not None  # noqa: S101 (set by _begin)
            given = len(self._raw)
            try:
                data = self._inflate.decompress(self._raw, min(size, STEP))
            except zlib.error as error:
                raise self._fail(
                    InputError(f"the packed data is damaged ({error})", reason="damaged")
                ) from error
            done = self._inflate.eof
            self._raw = self._inflate.unused_data if done else self._inflate.unconsumed_tail
            self._in += given - len(self._raw)
            self._out += len(data)
            if self._out > _most(self._settings, self._in):
                raise self._fail(_bomb(self._settings))
            if done:
                self._inflate = None
            if data:
                return data
        return b""

    def _begin(self) -> bool:
        """At a member's start; False at the end of the file."""
        while len(self._raw) < 3:
            more = self._packed.read(CHUNK)
            self._read_to += len(more)
            self._raw += more
            if not more:
                break
        rest = self._raw.lstrip(b"\0")  # tape padding
        if not self._raw.startswith(GZIP):
            if not rest:
                while self._raw and not self._raw.strip(b"\0"):
                    self._raw = b""
                    self._fill()
                if not self._raw:
                    return False
            self.member_start = self._read_to - len(self._raw)
            cut = GZIP.startswith(self._raw[:3])
            what = "the packed file is cut off" if cut else JUNK
            raise self._fail(InputError(what, reason="cut" if cut else "damaged"))
        self.member_start = self._read_to - len(self._raw)
        self._inflate = zlib.decompressobj(wbits=31)
        self._in = self._out = 0
        return True

    def resync(self, starts: bytes) -> bool:
        """Goes on at the next member whose content begins with ``starts``; False if none.

        A seekable file is searched from the failed member on: damage can make the
        unpacker run past the members that follow.
        """
        self._failed, self._inflate = None, None
        if self._packed.seekable():
            self._packed.seek(self.member_start + 1)
            self._read_to = self.member_start + 1
            self._raw = b""
        while True:
            place = self._raw.find(GZIP)
            if place >= 0:
                while len(self._raw) < place + 4096 and (more := self._packed.read(CHUNK)):
                    self._read_to += len(more)
                    self._raw += more
                try:
                    head = zlib.decompressobj(wbits=31).decompress(
                        self._raw[place : place + 4096], len(starts)
                    )
                except zlib.error:
                    head = b""
                if head == starts:
                    self._raw = self._raw[place:]
                    self.member_start = self._read_to - len(self._raw)
                    return True
                self._raw = self._raw[place + 1 :]
                continue
            keep = self._raw[-2:]
            more = self._packed.read(CHUNK)
            self._read_to += len(more)
            if not more:
                self._raw = b""
                return False
            self._raw = keep + more


class ZstdStream(io.RawIOBase):
    """What a Zstandard file unpacks to, with the same errors as :class:`GzipStream`."""

    codec: Literal["zstd", "brotli"] = "zstd"

    def __init__(self, packed: BinaryIO, settings: Settings) -> None:
        self._counted = _Counted(packed)
        self._stream = pa.CompressedInputStream(pa.PythonFile(self._counted, "r"), self.codec)
        self._settings, self._out = settings, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes (65,536 if negative), empty at the end."""
        try:
            data: bytes = self._stream.read(CHUNK if size < 0 else size)
        except (OSError, ValueError, pa.ArrowException) as error:
            cut = "truncated" in str(error).lower()
            what = "the packed file is cut off" if cut else f"the packed data is damaged ({error})"
            raise InputError(what, reason="cut" if cut else "damaged") from error
        self._out += len(data)
        if self._out > _most(self._settings, self._counted.count):
            raise _bomb(self._settings)
        return data


class BrotliStream(ZstdStream):
    """The same for Brotli, which only web servers' answers use."""

    codec = "brotli"


class _Counted(io.RawIOBase):
    """A stream that counts what was read from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self.count = stream, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.count += len(data)
        return data


def read_up_to(stream: BinaryIO | io.RawIOBase, limit: int) -> bytes:
    """All bytes of a stream.

    Raises:
        InputError: ``too_large``, where it holds more than ``limit`` bytes.
    """
    parts: list[bytes] = []
    total = 0
    while data := stream.read(CHUNK):
        parts.append(data)
        total += len(data)
        if total > limit:
            raise InputError(
                f"it has more than {limit} bytes", reason="too_large", do="Split it into documents"
            )
    return b"".join(parts)
