"""robots.txt, pauses, and doing as a busy server asks."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.watch.sites import Page, Site, serving
from whowhom.settings import WATCH
from whowhom.watch import Clock, Gate, StateFiles, Web
from whowhom.watch.address import NotFetched

SETTINGS = dataclasses.replace(WATCH, fetch_seconds=5.0, jitter=0.5)


@dataclasses.dataclass
class Time:
    """A clock that only sleeping moves."""

    at: float = 1_400_000_000.0
    slept: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.at += seconds
        self.slept += seconds

    def clock(self) -> Clock:
        return Clock(lambda: self.at, self.sleep)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving({"/a": (200, {}, b"a"), "/b": (200, {}, b"b")}) as site:
        yield site


@pytest.fixture
def time() -> Time:
    return Time()


def web(site: Site, time: Time, folder: Path) -> Web:
    """A guest of the site, whose host is one's own."""
    gate = Gate.of([site.host], [site.port], SETTINGS)
    return Web(gate, StateFiles(folder, SETTINGS), "whowhom/1.0 (test)", time.clock())


def get(web: Web, site: Site, path: str) -> str:
    """What came of asking: the body, or the reason."""
    try:
        return web.get(site.url(path), accept="*/*").body.decode()
    except NotFetched as error:
        return error.reason


@pytest.fixture
def guest(site: Site, time: Time, tmp_path: Path) -> Web:
    folder = tmp_path / "store"
    StateFiles(folder, SETTINGS).prepare(time.at)
    return web(site, time, folder)


@pytest.mark.parametrize(
    ("robots", "given"),
    [
        ((404, {}, b""), ["a", "b"]),
        ((403, {}, b"User-agent: *\nDisallow: /"), ["a", "b"]),
        ((200, {}, b""), ["a", "b"]),
        ((200, {}, b"<html>not found</html>"), ["a", "b"]),
        ((200, {}, b"User-agent: *\nDisallow: /a"), ["robots", "b"]),
        ((200, {}, b"User-agent: *\nDisallow: /\n\nUser-agent: WhoWhom\nAllow: /b\nDisallow: /"),
         ["robots", "b"]),
        ((200, {}, b"User-agent: whowhom\nDisallow:\n\nUser-agent: *\nDisallow: /"), ["a", "b"]),
        ((200, {}, b"\xef\xbb\xbfUser-agent: *\nDisallow: /*b$"), ["a", "robots"]),
        ((302, {"Location": "/rules"}, b""), ["robots", "b"]),
        ((302, {"Location": "/robots.txt"}, b""), ["a", "b"]),
        ((302, {"Location": "http://10.0.0.1/robots.txt"}, b""), ["robots_unreachable"] * 2),
        ((500, {}, b""), ["robots_unreachable"] * 2),
        ((429, {}, b""), ["robots_unreachable", "host_waits"]),
        (lambda handler: None, ["robots_unreachable"] * 2),
    ],
)  # fmt: skip
def test_robots(site: Site, guest: Web, robots: Page, given: list[str]) -> None:
    site.pages |= {"/robots.txt": robots, "/rules": (200, {}, b"User-agent: *\nDisallow: /a")}
    assert [get(guest, site, path) for path in ("/a", "/b")] == given
    for path, word in zip(("/a", "/b"), given, strict=True):
        assert site.count(path) == (word == path[1:])


def test_robots_is_asked_once_a_day_and_by_name(site: Site, guest: Web, time: Time) -> None:
    site.pages["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /a")
    for _ in range(3):
        assert get(guest, site, "/b") == "b"
        time.sleep(3_600)
    assert site.count("/robots.txt") == 1
    again = web(site, time, guest.files.folder.parent)  # another process: cron's next run
    assert get(again, site, "/a") == "robots"
    assert site.count("/robots.txt") == 1
    time.sleep(86_400)
    assert get(again, site, "/b") == "b"
    assert site.count("/robots.txt") == 2
    assert {headers["user-agent"] for _, headers in site.asked} == {"whowhom/1.0 (test)"}


def test_robots_that_could_not_be_had_is_asked_for_later(
    site: Site, guest: Web, time: Time
) -> None:
    site.pages["/robots.txt"] = (503, {}, b"")
    assert get(guest, site, "/a") == get(guest, site, "/a") == "robots_unreachable"
    assert guest.ready(site.url("/a")) is None
    assert site.paths == ["/robots.txt"]
    del site.pages["/robots.txt"]
    time.sleep(SETTINGS.robots_retry_seconds)
    assert get(guest, site, "/a") == "a"


def test_a_redirect_obeys_the_other_hosts_rules(site: Site, guest: Web, time: Time) -> None:
    with serving(
        {"/robots.txt": (200, {}, b"User-agent: *\nDisallow: /"), "/x": (200, {}, b"x")}
    ) as b:
        own = Gate.of(["127.0.0.1"], [site.port, b.port], SETTINGS)
        site.pages["/out"] = (301, {"Location": b.url("/x")}, b"")
        guest = Web(own, guest.files, "test", time.clock())
        assert get(guest, site, "/out") == "robots"
        assert b.paths == ["/robots.txt"]


@pytest.mark.parametrize(
    ("delay", "least", "most"),
    [(b"", 2.0, 3.0), (b"Crawl-delay: 10", 10.0, 15.0), (b"Crawl-delay: 99999", 60.0, 90.0)],
)
def test_pauses(
    site: Site,
    guest: Web,
    time: Time,
    monkeypatch: pytest.MonkeyPatch,
    delay: bytes,
    least: float,
    most: float,
) -> None:
    site.pages["/robots.txt"] = (200, {}, b"User-agent: *\n" + delay)
    monkeypatch.setattr("whowhom.watch.address.is_public", lambda address: True)
    stranger = Web(Gate.of([], [site.port], SETTINGS), guest.files, "test", time.clock())
    get(stranger, site, "/a")
    before = time.slept
    assert get(stranger, site, "/b") == "b"
    assert least <= time.slept - before <= most
    time.sleep(1_000)
    before = time.slept
    get(stranger, site, "/a")  # long after: no pause
    assert time.slept == before


def test_no_pause_at_a_host_of_ones_own_unless_it_asks(site: Site, guest: Web, time: Time) -> None:
    get(guest, site, "/a")
    get(guest, site, "/b")
    assert time.slept == 0


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [(429, {"Retry-After": "120"}, 120), (503, {"Retry-After": "120"}, 120), (429, {}, 900),
     (503, {"Retry-After": "999999999"}, 86_400)],
)  # fmt: skip
def test_a_host_that_asks_to_wait_is_left_alone(
    site: Site, guest: Web, time: Time, status: int, headers: dict[str, str], seconds: float
) -> None:
    site.pages["/busy"] = (status, headers, b"")
    assert get(guest, site, "/busy") == f"http_{status}"
    assert get(guest, site, "/a") == "host_waits"
    assert guest.ready(site.url("/a")) is None
    again = web(site, time, guest.files.folder.parent)  # it is remembered between processes
    time.sleep(seconds - 1)
    assert get(again, site, "/a") == "host_waits"
    time.sleep(2)
    assert get(again, site, "/a") == "a"
    assert site.count("/a") == 1


def test_a_host_that_fails_again_and_again_rests(site: Site, guest: Web, time: Time) -> None:
    site.pages["/broken"] = lambda handler: None
    assert [get(guest, site, "/broken") for _ in range(4)] == ["bad_answer"] * 3 + ["host_waits"]
    assert site.count("/broken") == 3
    time.sleep(guest.every + 1)
    assert get(guest, site, "/a") == "a"


def test_a_torn_or_foreign_file_costs_a_request_and_no_more(
    site: Site, guest: Web, time: Time
) -> None:
    get(guest, site, "/a")
    for path in guest.files.folder.glob("host-*"):
        for content in (b"", b"{", b"[]", b'{"origin": 3}', b'{"origin": "x", "until": "y"}'):
            path.write_bytes(content)
            assert get(web(site, time, guest.files.folder.parent), site, "/b") == "b"
