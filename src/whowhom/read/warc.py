"""WARC archives: the pages in them, and every record that is damaged, by name.

The usual readers end in silence: on a cut file, at a length that is a lie, after a flipped
bit. So records are framed here: each one's end is checked against the next one's
beginning, and after damage reading goes on at the next record.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from whowhom.errors import InputError
from whowhom.model import Skipped, Source
from whowhom.read.decode import declared, decode
from whowhom.read.html import from_page
from whowhom.read.record import Context, Item, Record, build
from whowhom.read.unpack import (
    CHUNK,
    GZIP,
    ZSTD,
    BrotliStream,
    GzipStream,
    ZstdStream,
    read_up_to,
)
from whowhom.read.words import inputs

_START = re.compile(rb"WARC/\d\.\d+\r?\n[A-Za-z][A-Za-z-]{1,60}:")
_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_LONGEST_START = 80


@dataclass(frozen=True, slots=True)
class _Header:
    fields: Mapping[str, str]
    length: int

    @property
    def kind(self) -> str:
        return self.fields.get("warc-type", "").lower()

    @property
    def uri(self) -> str | None:
        uri = self.fields.get("warc-target-uri", "").strip("<> ")
        return uri or None


class _Window:
    """A stream that can be looked at before it is read.

    Where unpacking fails, what came before is given first; ``failed`` then says why
    there is no more.
    """

    def __init__(self, stream: BinaryIO | io.RawIOBase) -> None:
        self._stream, self._held = stream, b""
        self._offset = 0
        self._members: list[tuple[int, int]] = []  # offset of content, start of its member
        self.failed: InputError | None = None

    def peek(self, size: int) -> bytes:
        """Up to ``size`` bytes, fewer only at the end or before a failure."""
        if len(self._held) < size and self.failed is None:
            parts, have = [self._held], len(self._held)
            try:
                while have < size and (data := self._stream.read(CHUNK)):
                    self._note_member(self._offset + have)
                    parts.append(data)
                    have += len(data)
            except InputError as error:
                self.failed = error
            self._held = b"".join(parts)
        return self._held[:size]

    def _note_member(self, offset: int) -> None:
        if isinstance(self._stream, GzipStream) and (
            not self._members or self._members[-1][1] != self._stream.member_start
        ):
            self._members.append((offset, self._stream.member_start))

    @property
    def position(self) -> int:
        """The byte of the file at which the next content begins (its member, if packed)."""
        while len(self._members) > 1 and self._members[1][0] <= self._offset:
            self._members.pop(0)
        if isinstance(self._stream, GzipStream):
            if self._members and self._held:
                return self._members[0][1]
            return self._stream.member_start
        return self._offset

    def take(self, size: int) -> bytes:
        data = self.peek(size)
        self._held = self._held[len(data) :]
        self._offset += len(data)
        return data

    def push(self, data: bytes) -> None:
        self._held = data + self._held
        self._offset -= len(data)

    def resync(self) -> bool:
        """After a failure: on to the next member that begins a record; False if there is none."""
        self._offset += len(self._held)
        self._held, self.failed = b"", None
        return isinstance(self._stream, GzipStream) and self._stream.resync(b"WARC/")


def read_warc(stream: BinaryIO, file: str, context: Context) -> Iterator[Item]:
    """A document or a reason for each page of an archive, plain, gzip or Zstandard."""
    head = stream.read(4)
    stream.seek(0)
    settings = context.settings
    inner: BinaryIO | io.RawIOBase = stream
    if head.startswith(ZSTD):
        inner = ZstdStream(stream, settings)
    elif head.startswith(GZIP) or (file.endswith(".gz") and head != b"WARC"):
        inner = GzipStream(stream, settings)
    archive = _Archive(_Window(inner), file, context)
    yield from archive.items()
    if not archive.number:
        raise InputError("the archive holds no records", reason="empty")


class _UnpackError(InputError):
    """Unpacking stopped: only the next member of the packed file can help."""


class _Archive:
    """The records of one archive, in order."""

    def __init__(self, window: _Window, file: str, context: Context) -> None:
        self.window, self.file, self.context = window, file, context
        self.number = 0
        self._start = 0
        self._damages = 0

    def _where(self) -> Source:
        return Source(self.file, f"record {self.number} at byte {self._start}")

    def items(self) -> Iterator[Item]:
        """Documents and reasons; records that hold no page give nothing."""
        while True:
            self.number += 1
            try:
                if not self._find_record():
                    self.number -= 1
                    return
                if item := self._record(self._header()):
                    yield item
            except InputError as error:
                self._damages += 1
                yield Skipped(self._where(), error.reason, error.what)
                if self._damages > self.context.settings.max_archive_damages:
                    yield Skipped(
                        Source(self.file, f"after record {self.number}"),
                        "damaged",
                        "too many records are damaged; the rest was not read",
                    )
                    return
                if isinstance(error, _UnpackError) and not self.window.resync():
                    return

    def _peek(self, size: int) -> bytes:
        """As the window's; raises where there is nothing because unpacking failed."""
        data = self.window.peek(size)
        if not data and size and self.window.failed:
            failed = self.window.failed
            raise _UnpackError(failed.what, reason=failed.reason)
        return data

    def _find_record(self) -> bool:
        """Past the blank lines between records; False at the end."""
        self._start = self.window.position
        while head := self._peek(CHUNK):
            blank = len(head) - len(head.lstrip(b"\r\n"))
            if not blank:
                self._start = self.window.position
                return True
            self.window.take(blank)
            self._start = self.window.position
        return False

    def _header(self) -> _Header:
        window = self.window
        limit = self.context.settings.max_header_bytes
        head = self._peek(limit)
        end = _END_OF_HEADER.search(head)
        if not _START.match(head) or end is None:
            if len(head) < limit and b"WARC/1.0"[: len(head)] == head[:8]:
                window.take(len(head))
                self._peek(1)
                raise InputError("the record's header is cut off", reason="cut")
            window.take(1)
            skipped = 1 + self._to_next_record()
            raise InputError(
                f"{skipped} bytes are no record; reading goes on after them", reason="damaged"
            )
        window.take(end.end())
        fields: dict[str, str] = {}
        for line in head[: end.start()].split(b"\n")[1:]:
            name, colon, value = line.partition(b":")
            if colon:
                fields[name.decode("latin-1").strip().lower()] = value.decode(
                    "utf-8", "replace"
                ).strip()
        length = fields.get("content-length", "")
        if not re.fullmatch(r"\d{1,18}", length):
            self._to_next_record()
            raise InputError(f"the record's length is {length[:30]!r}, no number", reason="damaged")
        return _Header(fields, int(length))

    def _to_next_record(self) -> int:
        """Drops bytes up to the next record's beginning; how many they were."""
        window, dropped = self.window, 0
        while True:
            data = window.peek(CHUNK)
            if found := _START.search(data):
                window.take(found.start())
                return dropped + found.start()
            keep = _LONGEST_START if len(data) == CHUNK else 0
            window.take(len(data) - keep)
            dropped += len(data) - keep
            if not keep:
                return dropped

    def _record(self, header: _Header) -> Item | None:
        wanted = header.kind in ("response", "resource", "conversion")
        limit = self.context.settings.max_file_bytes
        body, whole = self._body(header, limit if wanted else 0)
        if not wanted:
            return None
        if not whole:
            if _furniture(header.fields.get("content-type", "")):
                return None
            raise InputError(
                f"the record has {header.length} bytes, the limit is {limit}", reason="too_large"
            )
        return self._document(header, body)

    def _body(self, header: _Header, keep: int) -> tuple[bytes, bool]:
        """A record's content; ("", False) where it is longer than ``keep``.

        Raises:
            InputError: its length is wrong, or the file ends before it does.
        """
        window = self.window
        length = header.length
        if length <= keep:
            body = window.peek(length)
            after = window.peek(length + 4096)[length:]
            ends = (
                not after.strip(b"\r\n")
                or after.startswith(b"\r\n\r\n")  # a whole record, whatever follows
                or bool(window.failed)
                or bool(_START.match(after.lstrip(b"\r\n")))
            )
            if len(body) == length and ends:
                window.take(length)
                return body, True
        read = 0
        tail = b""
        while read < length:
            data = self._peek(min(CHUNK, length - read))
            if not data:
                raise InputError(
                    f"the record is cut off: {read} of {length} bytes are there", reason="cut"
                )
            seen = tail + data
            if found := _START.search(seen):  # the next record begins inside this one
                window.take(len(data))
                window.push(seen[found.start() :])
                raise InputError(
                    f"the record's length is given as {length}, but the next one begins after "
                    f"{read - len(tail) + found.start()} bytes",
                    reason="damaged",
                )
            window.take(len(data))
            read += len(data)
            tail = seen[-_LONGEST_START:]
        if length <= keep:  # the length is too small: the content goes on
            dropped = self._to_next_record()
            raise InputError(
                f"the record's length is given as {length}, but {dropped} more bytes follow",
                reason="damaged",
            )
        return b"", False

    # ------------------------------------------------------------ content
    def _document(self, header: _Header, body: bytes) -> Item | None:
        source = self._where()
        media = header.fields.get("content-type", "")
        charset = None
        if media.lower().startswith("application/http"):
            answer = _answer(body, self.context.settings.max_header_bytes)
            if answer is None:
                raise InputError("the server's answer has no header", reason="damaged")
            status, fields, body = answer
            if status >= 400:
                return Skipped(source, "http_error", f"the server answered {status}", header.uri)
            if status >= 300 or status in (204, 205):
                return None  # a redirection holds no document
            media = fields.get("content-type", "text/html")
            body = _unpack(body, fields, self.context)
        if found := re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", media, re.IGNORECASE):
            charset = found[1]
        kind = media.split(";")[0].strip().lower()
        if kind not in inputs().warc["html"] and kind not in inputs().warc["text"]:
            if _furniture(kind):
                return None
            return Skipped(source, "not_html", f"its type is {kind[:60]!r}", header.uri)
        if not body.strip():
            return Skipped(source, "empty", "the record is empty", header.uri)
        notes = (
            (f"archived: {header.fields['warc-date'][:20]}",)
            if "warc-date" in header.fields
            else ()
        )
        source = Source(source.file, source.locator, source.encoding, notes)
        decoded = decode(body, charset or declared(body))
        if kind in inputs().warc["text"]:
            return build(
                Record(decoded.text, url=header.uri),
                Source(source.file, source.locator, decoded.encoding, notes + decoded.notes),
                self.context,
            )
        return from_page(decoded, source, self.context, header.uri)


def _furniture(media: str) -> bool:
    return media.lower().startswith(inputs().warc["furniture"])


def _answer(body: bytes, limit: int) -> tuple[int, dict[str, str], bytes] | None:
    """Status, header fields and content of an HTTP answer, None where it is none."""
    end = _END_OF_HEADER.search(body, 0, limit)
    first = re.match(rb"HTTP/\d(?:\.\d)? (\d{3})", body)
    if not first or not end:
        return None
    fields: dict[str, str] = {}
    for line in body[: end.start()].split(b"\n")[1:]:
        name, colon, value = line.partition(b":")
        if colon:
            fields[name.decode("latin-1").strip().lower()] = value.decode("latin-1").strip()
    return int(first[1]), fields, body[end.end() :]


def _unpack(body: bytes, fields: Mapping[str, str], context: Context) -> bytes:
    """An answer's content without transfer and content encoding.

    Archives often keep the header and store the content unpacked: content that does not
    unpack from its first byte on is taken as it is.
    """
    if "chunked" in fields.get("transfer-encoding", "").lower():
        body = _unchunk(body)
    settings = context.settings
    coding = fields.get("content-encoding", "").strip().lower()
    raw = io.BytesIO(body)
    stream: io.RawIOBase
    if coding in ("gzip", "x-gzip") or body.startswith(GZIP):
        if not body.startswith(GZIP):
            return body
        stream = GzipStream(raw, settings)
    elif body.startswith(ZSTD):
        stream = ZstdStream(raw, settings)
    elif coding == "br":
        stream = BrotliStream(raw, settings)
    elif coding == "deflate":
        return _inflate(body, settings.max_file_bytes)
    else:
        return body
    try:
        return read_up_to(stream, settings.max_file_bytes)
    except InputError as error:
        if error.reason != "too_large" and body.lstrip().startswith(b"<"):
            return body
        raise InputError(f"the page: {error.what}", reason=error.reason) from error


def _inflate(body: bytes, limit: int) -> bytes:
    for bits in (15, -15):  # with and without the zlib header: servers send both
        inflate = zlib.decompressobj(wbits=bits)
        try:
            data = inflate.decompress(body, limit + 1)
        except zlib.error:
            continue
        if len(data) > limit:
            raise InputError(f"the page unpacks to more than {limit} bytes", reason="too_large")
        return data
    return body


def _unchunk(body: bytes) -> bytes:
    """Content without HTTP's chunk sizes; as it is where it has none."""
    parts: list[bytes] = []
    at = 0
    while found := re.compile(rb"([0-9A-Fa-f]{1,8})[^\r\n]{0,200}\r?\n").match(body, at):
        size = int(found[1], 16)
        if not size:
            return b"".join(parts)
        parts.append(body[found.end() : found.end() + size])
        at = found.end() + size
        at += 2 if body[at : at + 2] == b"\r\n" else 1
    return b"".join(parts) if parts and at >= len(body) else body
