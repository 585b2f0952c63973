"""One question to an OpenAI-compatible endpoint: a POST, an answer within a time and a size.

HTTP is urllib3's, which is there already; its pools, redirects, retries, cookies and proxies stay
out. Its timeouts hold for one read each, so a timer ends the connection when the whole time is up.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from whowhom.errors import UsageError

PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""Answers that can be another one soon."""
_HOST = re.compile(r"[0-9A-Za-z._:-]{1,255}")


class NoAnswer(Exception):  # noqa: N818 - reads as a state
    """A question was not answered in a way that counts. ``reason``: a short code; ``again``:
    whether asking again may help."""

    def __init__(self, reason: str, *, again: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.again = reason, again


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where questions go, checked: ``path`` is that of the chat completions."""

    secure: bool
    host: str
    port: int
    path: str


def endpoint(url: str) -> Endpoint:
    """The endpoint of a base address such as ``http://127.0.0.1:8080/v1``.

    Raises:
        UsageError: it is neither HTTPS nor on this machine, or holds a name, a password, a query.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    secure = parts.scheme == "https"
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        raise UsageError(
            f"{url[:200]!r} is no address of an endpoint",
            where="adjudicator",
            do="Give the base address, such as http://127.0.0.1:8080/v1",
        )
    if parts.username is not None or parts.query or parts.fragment:
        raise UsageError(
            "the address of an endpoint holds a name, a password or a query",
            where="adjudicator",
            do="Give the key by the environment variable, and the plain address.",
        )
    if not secure and not _loopback(host):
        raise UsageError(
            f"{host} would get sentences and key in clear text",
            where="adjudicator",
            do="Use https, or an endpoint on this machine.",
        )
    path = parts.path.rstrip("/")
    if not re.fullmatch(r"[\x21-\x7e]*", path):
        raise UsageError("the address of an endpoint has odd characters", where="adjudicator")
    return Endpoint(secure, host, port or (443 if secure else 80), f"{path}/chat/completions")


def _loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


def ask(
    place: Endpoint, body: Mapping[str, Any], key: str | None, *, seconds: float, most_bytes: int
) -> str:
    """The text of the model's answer.

    Args:
        seconds: wall clock from connecting to the last byte.
        most_bytes: of the answer.

    Raises:
        NoAnswer: there was none, in time, or it was no answer of such an endpoint.
    """
    until = time.monotonic() + seconds
    connection = _connection(place, seconds)
    late = threading.Event()

    def stop() -> None:
        late.set()
        with contextlib.suppress(OSError):
            if connection.sock is not None:
                connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        status, raw = _exchange(connection, place.path, body, key, until, most_bytes)
    except NoAnswer as error:
        raise NoAnswer("timeout") if late.is_set() else error from None
    except TimeoutError:
        raise NoAnswer("timeout") from None
    except (HTTPError, OSError, ValueError) as error:
        if late.is_set() or "timed out" in str(error):
            raise NoAnswer("timeout") from None
        raise NoAnswer("unreachable", again=True) from None
    finally:
        timer.cancel()
        connection.close()
    if late.is_set():
        raise NoAnswer("timeout")
    if 300 <= status < 400:
        raise NoAnswer("redirect")
    if status != 200:
        raise NoAnswer(f"status_{status}", again=status in PASSING)
    return _content(raw)


def _connection(place: Endpoint, seconds: float) -> HTTPConnection:
    if not place.secure:
        return HTTPConnection(place.host, place.port, timeout=seconds)
    import certifi

    return HTTPSConnection(
        place.host,
        place.port,
        timeout=seconds,
        cert_reqs="CERT_REQUIRED",
        ca_certs=certifi.where(),
        ssl_minimum_version=ssl.TLSVersion.TLSv1_2,
    )


def _exchange(
    connection: HTTPConnection,
    path: str,
    body: Mapping[str, Any],
    key: str | None,
    until: float,
    most: int,
) -> tuple[int, bytes]:
    headers = {"Content-Type": "application/json", "Accept": "application/json",
               "Accept-Encoding": "identity", "Connection": "close"}  # fmt: skip
    if key:
        headers["Authorization"] = f"Bearer {key}"
    data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    connection.request("POST", path, data, headers, preload_content=False, decode_content=False)
    response = connection.getresponse()
    if response.status != 200:
        return response.status, b""
    parts, size = [], 0
    while chunk := response.read1(65_536):
        size += len(chunk)
        if size > most:
            raise NoAnswer("too_large")
        if time.monotonic() > until:
            raise NoAnswer("timeout")
        parts.append(chunk)
    return 200, b"".join(parts)


def _content(raw: bytes) -> str:
    """The words of the first choice of a chat completion."""
    try:
        content = json.loads(raw)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        raise NoAnswer("no_completion") from None
    if not isinstance(content, str):
        raise NoAnswer("no_completion")
    return content
