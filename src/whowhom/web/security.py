"""Who may ask, and what every answer says: host list, no cross-site writes, strict policy.

Written against a web page that is open in the same browser and means ill: it can send requests
to the loopback address (with forms, or by making its own name point there), but it cannot set
``Host``, ``Origin`` or ``Sec-Fetch-Site``, and cannot read the token that is in our forms.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from whowhom.errors import UsageError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from whowhom.web.shelf import Shelf

LOOPBACK = ("localhost", "127.0.0.1", "::1")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE = "whowhom-token"
MOST_BODY = 64_000
"""Bytes of a request's body: a mark is at most 2,000 characters a field."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS: tuple[tuple[str, str], ...] = (
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
)


@dataclass(frozen=True, slots=True)
class Access:
    """Who is let in.

    ``hosts``: names that ``Host`` may have, lower case, without port. ``token``: needed to read
    at all, None on loopback. ``form_token``: needed to write, made anew at every start.
    """

    hosts: frozenset[str] = frozenset(LOOPBACK)
    token: str | None = None
    form_token: str = field(default_factory=lambda: secrets.token_urlsafe(24))


def access(host: str, token: str | None = None, more_hosts: Iterable[str] = ()) -> Access:
    """What to let in for an address to listen on.

    Raises:
        UsageError: the address is not loopback and no token is given, or it is too short.
    """
    inside = is_loopback(host)
    if not inside and not token:
        raise UsageError(
            f"{host} can be reached by others",
            where="--host",
            do="Give --token SECRET, which readers then need; or leave --host out.",
        )
    if token is not None and len(token) < 12:
        raise UsageError(
            f"a token of {len(token)} characters can be guessed",
            where="--token",
            do="Give at least 12 characters.",
        )
    names = {name.lower() for name in more_hosts}
    if inside:
        names |= {*LOOPBACK, host.lower()}
    elif host not in ("0.0.0.0", "::"):  # noqa: S104 - they are no names to be called by
        names.add(host.lower())
    if not names:
        raise UsageError(
            f"{host} is no name that a browser calls",
            where="--host",
            do="Say under which name it will be called: --allow-host NAME.",
        )
    return Access(frozenset(names), token)


def is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def host_name(header: str) -> str | None:
    """The name in a ``Host`` header, lower case; None where it is none."""
    if not header or any(c in header for c in "/@\\ ,?#"):
        return None
    try:
        parts = urlsplit(f"//{header}")
        _ = parts.port  # a bad port raises
        return parts.hostname
    except ValueError:
        return None


class Guard:
    """The outermost layer: refuses what must not come in, puts the headers on what goes out."""

    def __init__(self, app: ASGIApp, access: Access, shelf: Shelf) -> None:
        self.app, self.access, self.shelf = app, access, shelf

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # we speak no websockets
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((n.encode(), v.encode()) for n, v in HEADERS if n.encode() not in given),
                ]
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            status, text, extra = refusal
            await _answer(with_headers, scope["method"], status, text, extra)
            return
        await self.app(scope, receive, with_headers)

    def _refusal(self, scope: Scope) -> tuple[int, str, list[tuple[bytes, bytes]]] | None:
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        given = headers.get("host", [])
        name = host_name(given[0]) if len(given) == 1 else None
        if name is None or name not in self.access.hosts:
            return 421, "This explorer does not answer to that host name.", []
        host = given[0]
        if scope["method"] not in SAFE_METHODS:
            if not same_site(headers, host):
                return 403, "This request did not come from a page of this explorer.", []
            length = (headers.get("content-length") or ["0"])[0]
            if not length.isdigit() or int(length) > MOST_BODY or "transfer-encoding" in headers:
                return 413, "This is more than a mark can hold.", []
        if self.access.token is None:
            return None
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        if (offered := query.get("token")) is not None and scope["method"] in SAFE_METHODS:
            if not hmac.compare_digest(offered.encode(), self.access.token.encode()):
                return 401, "That is not the token of this explorer.", []
            # into a cookie and out of the address, so that it is in no history and no link
            cookie = f"{COOKIE}={_proof(self.access.token)}; HttpOnly; SameSite=Strict; Path=/"
            return (
                303,
                "Let in.",
                [(b"location", b"/"), (b"set-cookie", cookie.encode())],
            )
        bearer = (headers.get("authorization") or [""])[0].removeprefix("Bearer ")
        if hmac.compare_digest(bearer.encode(), self.access.token.encode()):
            return None
        cookies: SimpleCookie = SimpleCookie()
        with contextlib.suppress(CookieError):
            cookies.load("; ".join(headers.get("cookie", [])))
        kept = cookies[COOKIE].value if COOKIE in cookies else ""
        if hmac.compare_digest(kept.encode(), _proof(self.access.token).encode()):
            return None
        return 401, "This explorer needs its token: open the address that serve printed.", []


def _proof(token: str) -> str:
    """What the cookie holds: letters that a cookie may have, and not the secret itself."""
    return hashlib.sha256(b"whowhom explorer\0" + token.encode()).hexdigest()


def same_site(headers: dict[str, list[str]], host: str) -> bool:
    """Whether a browser says that a request comes from a page of ours (or from no page).

    Both headers must agree where both are there; one must be there. Under our own policy of
    no referrers a browser sends ``Origin: null`` with our own forms: it says nothing, and
    ``Sec-Fetch-Site: same-origin`` must say it.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is None and origin is None:
        return False
    if site is not None and (len(site) != 1 or site[0] not in ("same-origin", "none")):
        return False
    if origin == ["null"]:
        return site == ["same-origin"]
    if origin is not None:
        return len(origin) == 1 and origin[0].lower() in (
            f"http://{host.lower()}",
            f"https://{host.lower()}",
        )
    return True


async def _answer(
    send: Send, method: str, status: int, text: str, extra: list[tuple[bytes, bytes]]
) -> None:
    body = text.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *extra,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})
