"""One fetch: a checked address in, bytes out, within a wall clock and a size.

HTTP is urllib3's, a connection at a time: it is there already (trafilatura needs it), and it
lets the address that is connected to differ from the name that is asked for, by documented
parameters: the connection is made to the checked IP address, ``server_hostname`` gives the TLS
name, and the Host header is our own. Its pools, redirects, retries, cookies and proxies stay
out. (httpx needs a network backend of one's own for that, and brings four packages.)

urllib3's timeouts hold for one read each; a server that sends a byte at a time would keep us
for ever. So the socket is wrapped: every read, of header and body alike, gets only what is left
of the whole fetch's time. Unpacking is ours, in a stream with limits.
"""

from __future__ import annotations

import functools
import http.client
import io
import os
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO, cast

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from whowhom.errors import InputError
from whowhom.read.unpack import BrotliStream, GzipStream, ZstdStream
from whowhom.settings import Settings
from whowhom.watch.address import Address, Gate, NotFetched, unreachable

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that can be another one soon."""
CHUNK = 65_536
MOST_ADDRESSES = 3
"""Addresses of one host that are tried."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; ``body`` is unpacked, and empty but for status 200 and 203."""

    address: Address  # after redirects
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes = b""
    cut: bool = False  # the body goes on; only where that was asked for

    @property
    def media(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def fetch(
    url: str,
    gate: Gate,
    *,
    headers: Mapping[str, str],
    before: Callable[[Address], None] = lambda address: None,
    limit: int | None = None,
    cut: bool = False,
) -> Answer:
    """Ask for an address with GET and follow redirects.

    Args:
        before: called with each hop's address before it is asked for; may wait, may raise.
        limit: bytes of the body; by default those of the settings.
        cut: give the first ``limit`` bytes of a longer body instead of refusing it.

    Raises:
        NotFetched: it may not be fetched, cannot be reached, or the answer is too slow, too
            large, cut off or a mess.
    """
    settings = gate.settings
    address = gate.address(url)
    left = settings.fetch_seconds
    for _ in range(settings.max_redirects + 1):
        before(address)
        started = time.monotonic()
        answer, location = _ask(
            address, gate, headers, started + left, limit or settings.max_fetch_bytes, cut
        )
        if location is None:
            return answer
        left -= time.monotonic() - started
        address = gate.redirect(address, location)
    raise NotFetched(
        f"it leads on more than {settings.max_redirects} times",
        where=address.shown,
        reason="too_many_redirects",
    )


def retry_after(answer: Answer, now: float) -> float | None:
    """Seconds that a server asks to wait, None where it does not ask."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, TypeError, OverflowError):
        return None


# ------------------------------------------------------------------------ one hop
def _ask(
    address: Address,
    gate: Gate,
    headers: Mapping[str, str],
    until: float,
    limit: int,
    cut: bool,
) -> tuple[Answer, str | None]:
    connection = _connected(address, gate, until)
    try:
        connection.request(
            "GET",
            address.target,
            headers={
                **headers,
                "Host": address.origin.partition("://")[2],
                "Accept-Encoding": "gzip",
                "Connection": "close",
            },
            preload_content=False,
            decode_content=False,
        )
        response = connection.getresponse()
        try:
            fields = {name.lower(): value for name, value in response.headers.items()}
            answer = Answer(address, response.status, fields)
            if response.status in REDIRECTS and fields.get("location"):
                return answer, fields["location"]
            if response.status not in (200, 203):
                return answer, None
            body, more = _body(response, fields, gate, limit, cut)
            return Answer(address, response.status, fields, body, more), None
        finally:
            response.close()
    except NotFetched:
        raise
    except InputError as error:  # of the unpackers
        raise NotFetched(
            f"the answer: {error.what}",
            where=address.shown,
            reason=error.reason,
            again=error.reason == "cut",
        ) from error
    except TimeoutError:
        raise NotFetched(
            f"the answer took more than {gate.settings.fetch_seconds:g} seconds",
            where=address.shown,
            reason="timeout",
            again=True,
        ) from None
    except (HTTPError, http.client.HTTPException, OSError, ValueError) as error:
        if time.monotonic() >= until or isinstance(error.__context__, TimeoutError):
            raise NotFetched(
                f"the answer took more than {gate.settings.fetch_seconds:g} seconds",
                where=address.shown,
                reason="timeout",
                again=True,
            ) from None
        raise NotFetched(
            f"the answer is cut off or no HTTP ({type(error).__name__})",
            where=address.shown,
            reason="bad_answer",
            again=True,
        ) from None
    finally:
        connection.close()


def _connected(address: Address, gate: Gate, until: float) -> HTTPConnection:
    """A connection to an address of the host that was checked.

    Raises:
        NotFetched: none may or can be reached.
    """
    settings = gate.settings
    left = min(settings.connect_seconds, until - time.monotonic())
    ips = gate.reach(address, left)
    why = ""
    for ip in ips[:MOST_ADDRESSES]:
        left = min(settings.connect_seconds, until - time.monotonic())
        if left <= 0:
            break
        connection: HTTPConnection
        if address.scheme == "https":
            connection = HTTPSConnection(
                ip,
                address.port,
                timeout=left,
                ssl_context=tls(),
                server_hostname=address.host,
            )
        else:
            connection = HTTPConnection(ip, address.port, timeout=left)
        try:
            connection.connect()
            # http.client keeps its socket here, and reads through what makefile() gives
            connection.sock = cast(socket.socket, _Timed(connection.sock, until))
            return connection
        except ssl.SSLError as error:
            connection.close()
            why = f"no safe connection ({getattr(error, 'verify_message', '') or error.reason})"
        except (HTTPError, OSError) as error:
            connection.close()
            slow = isinstance(error, TimeoutError) or "timed out" in str(error)
            why = "it does not answer" if slow else "no connection"
    raise unreachable(address, why or "it does not answer")


@functools.cache
def tls() -> ssl.SSLContext:
    """The system's certificates; certifi's where this Python knows of none."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if os.name == "posix" and paths.cafile is None and paths.capath is None:
        import certifi

        context.load_verify_locations(certifi.where())
    return context


class _Timed:
    """A connected socket whose reads and writes end when the fetch's time is up."""

    def __init__(self, inner: socket.socket, until: float) -> None:
        self._inner, self._until = inner, until

    def arm(self) -> None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._inner.settimeout(left)

    def settimeout(self, seconds: float | None) -> None:
        """What urllib3 asks for does not count."""

    def sendall(self, data: Any) -> None:
        self.arm()
        self._inner.sendall(data)

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        # the raw file keeps the socket open after close(), as http.client expects
        return io.BufferedReader(_TimedReads(self, self._inner.makefile("rb", buffering=0)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _TimedReads(io.RawIOBase):
    def __init__(self, timed: _Timed, raw: Any) -> None:
        self._timed, self._raw = timed, raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._timed.arm()
        return cast("int | None", self._raw.readinto(buffer))

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


# -------------------------------------------------------------------------- body
class _Packed(io.RawIOBase):
    """An answer's bytes as they come over the wire, no more than ``limit``."""

    def __init__(self, response: HTTPResponse, limit: int) -> None:
        self._response, self._left = response, limit

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        size = CHUNK if size < 0 else min(size, CHUNK)
        data: bytes = self._response.read(size, decode_content=False)
        self._left -= len(data)
        if self._left < 0:
            raise _too_large()
        return data


def _body(
    response: HTTPResponse, fields: Mapping[str, str], gate: Gate, limit: int, cut: bool
) -> tuple[bytes, bool]:
    length = fields.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:18]) > limit and not cut:
        raise _too_large()
    raw = _Packed(response, gate.settings.max_fetch_bytes)
    stream = _unpacker(raw, fields.get("content-encoding", ""), gate.unpacking)
    parts: list[bytes] = []
    total = 0
    while data := stream.read(CHUNK):
        parts.append(data)
        total += len(data)
        if total > limit:
            if not cut:
                raise _too_large()
            return b"".join(parts)[:limit], True
    return b"".join(parts), False


def _unpacker(raw: _Packed, coding: str, settings: Settings) -> io.RawIOBase:
    """Only gzip is asked for; Zstandard and Brotli are sent all the same now and then."""
    packed = cast(BinaryIO, raw)
    match coding.strip().lower():
        case "" | "identity":
            return raw
        case "gzip" | "x-gzip":
            return GzipStream(packed, settings)
        case "zstd":
            return ZstdStream(packed, settings)
        case "br":
            return BrotliStream(packed, settings)
        case other:
            raise NotFetched(f"it is packed in an unknown way ({other[:40]!r})", reason="packed")


def _too_large() -> NotFetched:
    return NotFetched("it is too large", reason="too_large")


__all__ = ["Answer", "fetch", "retry_after"]
