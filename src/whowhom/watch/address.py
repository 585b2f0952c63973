"""Which addresses may be fetched: schemes, spellings, ports, and where a name leads.

The rules are those of the threat model (server-side request forgery): a feed or a page is
written by a stranger, and must not make this machine ask its own services, its neighbours or
a cloud's metadata. A name is resolved once, every address is checked, and the connection goes
to an address that was checked, so that a second, different answer of the name server is worth
nothing.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from whowhom.errors import InputError
from whowhom.settings import DEFAULT, WATCH, Settings, WatchSettings

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Sequence[str]]
"""From a host and a port to the addresses of the host, as text; raises ``OSError``."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\\<>\"^`{|}\u2028\u2029]")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)

# Python 3.11 to 3.13 disagree on some of these, so they are named here. Of IPv6 only 2000::/3 is
# given out for hosts; that leaves out mapped and compatible IPv4 (::ffff:0:0/96, ::/96), NAT64
# (64:ff9b::/96, 64:ff9b:1::/48), private, link-local and site-local addresses and multicast.
_UNICAST6 = ipaddress.IPv6Network("2000::/3")
_NEVER = tuple(
    ipaddress.ip_network(net)
    for net in (
        "100.64.0.0/10",  # behind a provider's NAT
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # 6to4 relays
        "2001::/23",  # protocol assignments, Teredo among them: it holds an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: holds an IPv4 address
        "3fff::/20",  # documentation
    )
)


class NotFetched(InputError):  # noqa: N818 - it reads as what became of a page
    """Something could not be had.

    ``again``: the failure can pass. ``wait``: seconds that the server asks to wait.
    ``host``: the host is at fault, not the page; nothing else of it should be asked for now.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        reason: str,
        again: bool = False,
        wait: float | None = None,
        host: bool = False,
    ) -> None:
        super().__init__(what, where=where, reason=reason)
        self.again, self.wait, self.host = again, wait, host


@dataclass(frozen=True, slots=True)
class Address:
    """A checked web address. ``target`` is what the server is asked for: path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        plain = self.port == _DEFAULT_PORTS[self.scheme]
        return f"{self.scheme}://{name}" + ("" if plain else f":{self.port}")

    @property
    def url(self) -> str:
        return self.origin + self.target

    @property
    def shown(self) -> str:
        """For a log: queries can hold secrets."""
        return self.origin + self.target.partition("?")[0]


def shown(url: str) -> str:
    """Any text that should be an address, for a log: no user, no password, no query."""
    bare = re.split(r"[?#]", url, maxsplit=1)[0]
    return re.sub(r"^([a-zA-Z][\w+.-]*:)?//[^/]*@", lambda m: (m[1] or "") + "//", bare)[:200]


def is_public(address: IP) -> bool:
    """True for an address of a host in the public internet."""
    if isinstance(address, ipaddress.IPv6Address) and (
        address not in _UNICAST6 or address.scope_id
    ):
        return False
    return (
        address.is_global
        and not address.is_multicast
        and not any(address in net for net in _NEVER if net.version == address.version)
    )


@dataclass(frozen=True, slots=True)
class Gate:
    """What may be fetched.

    ``hosts``: names or addresses of one's own, as they stand in URLs, whose addresses are not
    checked. ``ports``: beside those of the settings. ``resolve``: stands in for the name server.
    ``unpacking``: has the ratio of unpacked to packed bytes.
    """

    hosts: frozenset[str] = frozenset()
    ports: frozenset[int] = frozenset()
    settings: WatchSettings = WATCH
    resolve: Resolver | None = None
    unpacking: Settings = DEFAULT

    @classmethod
    def of(
        cls,
        hosts: Iterable[str] = (),
        ports: Iterable[int] = (),
        settings: WatchSettings = WATCH,
        resolve: Resolver | None = None,
    ) -> Gate:
        names = frozenset(host.strip("[]").rstrip(".").lower() for host in hosts)
        return cls(names, frozenset(ports), settings, resolve)

    def own(self, host: str) -> bool:
        """Whether ``--allow-host`` names it."""
        return host.rstrip(".") in self.hosts

    def address(self, url: str) -> Address:
        """The address, if it may be asked for as it is written.

        Raises:
            NotFetched: ``bad_address`` or ``refused_address``.
        """
        if len(url) > self.settings.max_address_characters:
            raise _bad(url, "it is too long")
        if _FORBIDDEN.search(url):
            raise _bad(url, "it holds characters that no address has")
        scheme, colon, rest = url.partition(":")
        if scheme.lower() not in _DEFAULT_PORTS or not colon:
            raise _refused(url, "only http: and https: are fetched")
        if not rest.startswith("//"):
            raise _bad(url, "no host is named")
        if "@" in re.split(r"[/?#]", rest[2:], maxsplit=1)[0]:
            raise _refused(url, "it holds a user name or a password")
        try:
            parsed = parse_url(url)
        except LocationParseError:
            raise _bad(url, "it cannot be read") from None
        host = (parsed.host or "").strip("[]")
        if not host or parsed.scheme not in _DEFAULT_PORTS or parsed.auth is not None:
            raise _bad(url, "no host is named")
        if "%" in host:
            raise _refused(url, "the host is written in an unusual way")
        _check_spelling(url, host)
        port = parsed.port or _DEFAULT_PORTS[parsed.scheme]
        if port not in self.settings.ports and port not in self.ports:
            raise _refused(url, f"port {port} is not allowed (--allow-port {port} would)")
        target = (parsed.path or "/") + (f"?{parsed.query}" if parsed.query is not None else "")
        return Address(parsed.scheme, host, port, target)

    def redirect(self, before: Address, location: str) -> Address:
        """Where a redirect leads, checked like any address.

        Raises:
            NotFetched: it may not be followed.
        """
        try:
            joined = urljoin(before.url, location.strip())
        except ValueError:
            raise _bad(location, "a redirect cannot be read") from None
        address = self.address(joined.partition("#")[0])
        if before.scheme == "https" and address.scheme == "http":
            raise NotFetched(
                "a redirect leads from https to http",
                where=shown(location),
                reason="refused_redirect",
            )
        return address

    def reach(self, address: Address, seconds: float) -> list[str]:
        """The IP addresses of a host that may be connected to; its name is resolved once.

        Raises:
            NotFetched: ``refused_address``, or ``unreachable`` where there is none.
        """
        host = address.host
        literal = _literal(host)
        found = [host] if literal else list(self._resolved(address, seconds))
        if self.own(host):
            return found
        public = [ip for ip in found if (parsed := _literal(ip)) is not None and is_public(parsed)]
        if not public:
            where = f" (it leads to {found[0]})" if not literal and found else ""
            raise _refused(
                address.url,
                f"it is not in the public internet{where}; --allow-host {host} would allow it",
            )
        return public

    def _resolved(self, address: Address, seconds: float) -> Sequence[str]:
        resolve = self.resolve or _name_server
        answer: list[Sequence[str] | BaseException] = []

        def ask() -> None:
            try:
                answer.append(resolve(address.host, address.port))
            except (OSError, UnicodeError) as error:
                answer.append(error)

        # the system's resolver knows no time limit; a thread that it holds up ends with it
        thread = threading.Thread(target=ask, daemon=True, name="whowhom resolver")
        thread.start()
        thread.join(max(0.1, seconds))
        if not answer:
            raise unreachable(address, "the name server does not answer")
        found = answer[0]
        if isinstance(found, BaseException):
            raise unreachable(address, "there is no such host")
        return found


def unreachable(address: Address, why: str) -> NotFetched:
    return NotFetched(why, where=address.shown, reason="unreachable", again=True, host=True)


def _name_server(host: str, port: int) -> Sequence[str]:
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in rows))


def _literal(text: str) -> IP | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _check_spelling(url: str, host: str) -> None:
    """Refuse what some programs take for a number of an address and others for a name: 127.1,
    0x7f.1, 2130706433, 0177.0.0.1 (the URL standard's rule: the last part is a number)."""
    if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]) and (
        _literal(host) is None or host != str(_literal(host))
    ):
        raise _refused(url, "the host is a number written in an unusual way")


def _bad(url: str, why: str) -> NotFetched:
    return NotFetched(f"this is no web address: {why}", where=shown(url), reason="bad_address")


def _refused(url: str, why: str) -> NotFetched:
    return NotFetched(f"it is not fetched: {why}", where=shown(url), reason="refused_address")
