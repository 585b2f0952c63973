"""Courtesy: an honest name, robots.txt (RFC 9309), pauses, and doing as a busy server asks."""

from __future__ import annotations

import random
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from protego import Protego

from whowhom.watch.address import Address, Gate, NotFetched
from whowhom.watch.fetch import PASSING, Answer, fetch, retry_after
from whowhom.watch.state import HostState, StateFiles

ROBOT = "whowhom"
"""The name that robots.txt knows us by."""
MOST_HOSTS = 100
"""Hosts that are held in memory; the files have the others."""


@dataclass(slots=True)
class Clock:
    """The time, so that tests need not wait. ``now``: seconds since 1970."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class _Host:
    state: HostState
    rules: Protego | None = None
    last: float = 0.0  # when it was last asked for something
    failures: int = 0  # in a row
    rest: float = 0.0  # left alone until then, after failures


@dataclass(slots=True)
class Web:
    """Asks for pages as a polite guest. One request at a time."""

    gate: Gate
    files: StateFiles
    agent: str
    clock: Clock = field(default_factory=Clock)
    every: float = 900.0
    """Seconds that a host is left alone for after failures in a row."""
    tell: Callable[[str], None] = lambda line: None
    requests: int = 0
    _hosts: OrderedDict[str, _Host] = field(default_factory=OrderedDict)

    def get(self, url: str, *, accept: str, conditional: Mapping[str, str] = {}) -> Answer:
        """The answer of status 200, 203 or 304.

        Raises:
            NotFetched: with the reason ``robots``, ``robots_unreachable``, ``host_waits``,
                ``http_<status>``, or what :func:`fetch` raises.
        """
        headers = {"User-Agent": self.agent, "Accept": accept, **conditional}
        try:
            answer = fetch(url, self.gate, headers=headers, before=self._before)
        except NotFetched as error:
            self._failed(url, error)
            raise
        host = self._host(answer.address)
        host.failures = 0
        if answer.status in (200, 203, 304):
            return answer
        wait = self._asked(answer)
        raise NotFetched(
            _status(answer.status),
            where=answer.address.shown,
            reason=f"http_{answer.status}",
            again=answer.status in PASSING or answer.status >= 500,
            wait=wait,
        )

    def ready(self, url: str) -> float | None:
        """When the host of an address may be asked again (seconds since 1970); None where it
        is to be left alone for longer than a pause."""
        try:
            host = self._host(self.gate.address(url))
        except NotFetched:
            return 0.0  # asking for it gives the reason, and costs nothing
        now = self.clock.now()
        if max(host.rest, host.state.not_before) > now:
            return None
        if host.state.robots == "closed" and host.state.until > now:
            return None
        return host.last + self._pause(host) if host.last else 0.0

    # ----------------------------------------------------------------------- hosts
    def _host(self, address: Address) -> _Host:
        host = self._hosts.pop(address.origin, None)
        if host is None:
            host = _Host(self.files.host(address.origin))
            # a clock that was wrong must not silence a host
            latest = self.clock.now() + self.gate.settings.max_wait_seconds
            host.state.not_before = min(host.state.not_before, latest)
            host.state.until = min(host.state.until, latest)
        self._hosts[address.origin] = host
        while len(self._hosts) > MOST_HOSTS:
            self._hosts.popitem(last=False)
        return host

    def _before(self, address: Address) -> None:
        host = self._host(address)
        now = self.clock.now()
        if max(host.rest, host.state.not_before) > now:
            raise NotFetched(
                "the host asks to wait",
                where=address.shown,
                reason="host_waits",
                again=True,
                host=True,
            )
        self._robots(host, address)
        self._wait(host, address)

    def _wait(self, host: _Host, address: Address) -> None:
        if host.last:
            pause = self._pause(host)
            pause += pause * self.gate.settings.jitter * random.random()  # noqa: S311 - no secret
            pause -= self.clock.now() - host.last
            if pause > 0:
                self.clock.sleep(pause)
        self.tell(address.shown)
        self.requests += 1
        host.last = self.clock.now()

    def _pause(self, host: _Host) -> float:
        address = self.gate.address(host.state.origin + "/")
        own = 0.0 if self.gate.own(address.host) else self.gate.settings.host_seconds
        asked = host.rules.crawl_delay(ROBOT) if host.rules is not None else None
        return max(own, min(asked or 0.0, self.gate.settings.max_crawl_delay))

    def _asked(self, answer: Answer) -> float | None:
        """Note a Retry-After of a busy server; the seconds."""
        if answer.status not in (429, 503):
            return None
        wait = retry_after(answer, self.clock.now())
        if wait is None and answer.status == 429:
            wait = self.every
        if wait is not None:
            wait = min(wait, self.gate.settings.max_wait_seconds)
            host = self._host(answer.address)
            host.state.not_before = self.clock.now() + wait
            self.files.save_host(host.state)
        return wait

    def _failed(self, url: str, error: NotFetched) -> None:
        if error.reason not in ("unreachable", "timeout", "bad_answer"):
            return
        host = self._host(self.gate.address(url))
        host.failures += 1
        if host.failures >= self.gate.settings.host_failures:
            host.failures = 0
            host.rest = self.clock.now() + self.every

    # ---------------------------------------------------------------------- robots
    def _robots(self, host: _Host, address: Address) -> None:
        now = self.clock.now()
        if not host.state.robots or host.state.until <= now:
            self._ask_robots(host, address)
        if host.state.robots == "closed":
            raise NotFetched(
                "its robots.txt cannot be had, so nothing is fetched for now",
                where=address.shown,
                reason="robots_unreachable",
                again=True,
                host=True,
            )
        if host.state.robots == "rules":
            if host.rules is None:
                host.rules = Protego.parse(host.state.text)
            if not host.rules.can_fetch(address.url, ROBOT):
                raise NotFetched(
                    "robots.txt asks robots to leave it alone", where=address.shown, reason="robots"
                )

    def _ask_robots(self, host: _Host, address: Address) -> None:
        settings, state = self.gate.settings, host.state
        host.rules, state.text = None, ""

        def before(hop: Address) -> None:  # other hosts on the way are not asked for their rules
            self._wait(self._host(hop), hop)

        try:
            answer = fetch(
                address.origin + "/robots.txt",
                self.gate,
                headers={"User-Agent": self.agent, "Accept": "text/plain, */*;q=0.1"},
                before=before,
                limit=settings.robots_bytes,
                cut=True,
            )
        except NotFetched as error:
            if error.reason == "refused_address" and error.where.startswith(address.origin):
                raise  # the host itself may not be asked: that is the reason to tell
            # that it leads nowhere is its being unavailable (RFC 9309, 2.3.1.2)
            state.robots = "open" if error.reason == "too_many_redirects" else "closed"
        else:
            self._asked(answer)
            if answer.status in (200, 203):
                state.robots, state.text = "rules", answer.body.decode("utf-8-sig", "replace")
            elif 400 <= answer.status < 500 and answer.status != 429:
                state.robots = "open"
            else:
                state.robots = "closed"
        good = state.robots != "closed"
        keep = settings.robots_seconds if good else settings.robots_retry_seconds
        state.until = self.clock.now() + keep
        self.files.save_host(state)


def _status(status: int) -> str:
    words = {
        401: "a log-in is asked for",
        402: "payment is asked for",
        403: "it is forbidden",
        404: "there is no such page",
        410: "it is gone",
        429: "too many requests",
        451: "it may not be shown for legal reasons",
    }
    said = words.get(status, "the server has an error" if status >= 500 else "an odd answer")
    return f"{said} (HTTP {status})"
