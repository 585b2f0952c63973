"""Polls from end to end: what a feed names ends in one place of the ledger, whatever happens."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import itertools
import json
import os
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.stub import StubCoder
from tests.watch.killed import Here
from tests.watch.sites import Answer, Site, html, item, moved, rss, serving
from tests.watch.test_feeds import LONG
from tests.watch.test_polite import Time
from whowhom.engine.worker import CoderSpec
from whowhom.errors import StoreError, StoreLocked
from whowhom.settings import WATCH
from whowhom.store import open_store
from whowhom.store.lock import Lock
from whowhom.store.schema import SCHEMAS
from whowhom.store.segment import _TableFile
from whowhom.watch import Gate, Options, Poll, StateFiles, Watch, Web
from whowhom.watch import run as module

SETTINGS = dataclasses.replace(WATCH, fetch_seconds=5.0, round_articles=10)
SPEC = CoderSpec(factory="tests.engine.stub:StubCoder")
MINUTE = 60.0


@pytest.fixture(autouse=True)
def loads(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Coding happens in this process; a coder that is loaded is noted."""
    loaded: list[object] = []

    def load(*options: object) -> Here:
        loaded.append(options)
        return Here()

    monkeypatch.setattr(module, "Pool", load)
    return loaded


def story(number: object) -> Answer:
    return html(f"Story {number}", f"Kenya met Uganda. Togo shelled Benin. This is story {number}.")


@pytest.fixture
def site() -> Iterator[Site]:
    with serving({f"/{n}": story(n) for n in range(30)}) as site:
        feed(site, *(item(f"/{n}") for n in range(3)))
        yield site


def feed(site: Site, *items: str, path: str = "/feed", head: str = "", tag: str = "") -> None:
    """A feed that says when it is unchanged."""
    body = rss("".join(items), head=head)
    etag = tag or f'"{hash(body)}"'

    def page(handler: Any) -> Answer:
        same = handler.headers.get("If-None-Match") == etag
        return (304, {}, b"") if same else (200, {"ETag": etag}, body)

    site.pages[path] = page


class Desk:
    """A watch of some feeds of a site, poll by poll, with a clock of its own."""

    def __init__(self, site: Site, folder: Path, *feeds: str, **options: Any) -> None:
        self.site, self.store, self.time = site, folder / "store", Time()
        self.feeds = [site.url(path) for path in feeds or ("/feed",)]
        self.options = Options(self.store, **{"once": True, "merge": False, **options})
        self.settings = SETTINGS
        self.said: list[str] = []

    def watch(self) -> Watch:
        gate = Gate.of(["127.0.0.1"], [self.site.port], self.settings)
        files = StateFiles(self.store, self.settings)
        web = Web(gate, files, "whowhom/1.0 (test)", self.time.clock())
        return Watch(self.feeds, SPEC, self.options, web, said=self.said.append)

    def poll(self, *, later: float = 0.0) -> Poll:
        """One poll of a process of its own, some minutes after the one before."""
        self.time.at += later * MINUTE
        with self.watch() as watch:
            poll = watch.run(lambda poll: None)
        assert poll is not None
        return poll

    def ledger(self) -> dict[str, str]:
        """Path of each article -> status and reason. No article is there twice."""
        found: dict[str, str] = {}
        with open_store(self.store) as store:
            for row in store.records("ledger"):
                path = row["locator"].removeprefix(self.site.url("")) or row["locator"]
                assert path not in found
                found[path] = row["status"] + (f" {row['reason']}" if row["reason"] else "")
        return found

    def documents(self) -> list[dict[str, Any]]:
        with open_store(self.store) as store:
            return list(store.records("documents"))


@pytest.fixture
def desk(site: Site, tmp_path: Path) -> Desk:
    return Desk(site, tmp_path)


# ------------------------------------------------------------------------ the usual
def test_a_poll_codes_what_a_feed_names(desk: Desk) -> None:
    day = "Tue, 10 Jun 2014 12:00:00 GMT"
    desk.site.pages["/2"] = html(
        "Page", "Kenya met Uganda.",
        "<meta property='article:published_time' content='2014-06-09'>"
        "<meta property='og:site_name' content='The Daily'>",
    )  # fmt: skip
    feed(desk.site, item("/1?utm_source=rss", "Feed's", day=day), item("/2", "Feed's", day=day))
    poll = desk.poll()
    assert (poll.feeds, poll.new, poll.pages, poll.trouble) == (1, 2, 2, False)
    assert (poll.report.states, poll.report.events) == (Counter(coded=2), 3)
    one, two = desk.documents()
    assert (one["id"], one["url"]) == (desk.site.url("/1"), desk.site.url("/1?utm_source=rss"))
    assert (one["published"], one["outlet"], one["title"]) == (
        "2014-06-10", "The Paper", "Story 1",
    )  # fmt: skip
    assert (two["published"], two["outlet"], two["title"]) == (
        "2014-06-09", "The Daily", "Page",
    )  # fmt: skip
    assert [row["file"] for row in open_store(desk.store).records("ledger")] == desk.feeds * 2


def test_an_unchanged_feed_costs_one_request(desk: Desk, loads: list[object]) -> None:
    desk.poll()
    desk.site.asked.clear()
    poll = desk.poll(later=15)
    assert (poll.unchanged, poll.new, poll.pages) == (1, 0, 0)
    assert desk.site.paths == ["/feed"]
    assert len(loads) == 1  # the second process had nothing to code


def test_only_what_is_new_is_asked_for(desk: Desk) -> None:
    desk.poll()
    desk.site.asked.clear()
    feed(desk.site, *(item(f"/{n}") for n in (3, 2, 1)))
    assert desk.poll(later=15).report.read == 1
    assert desk.site.paths == ["/feed", "/3"]
    assert set(desk.ledger()) == {"/0", "/1", "/2", "/3"}


def test_an_article_of_two_feeds_is_one_document(desk: Desk) -> None:
    site = desk.site
    site.pages["/go?to=2"] = moved("/2")
    feed(site, item("/1?utm_source=b"), item("/go?to=2"), item("/3"), path="/other")
    desk.feeds.append(site.url("/other"))
    poll = desk.poll()
    assert [site.count(f"/{n}") for n in (0, 1, 3)] == [1, 1, 1]
    assert len(desk.documents()) == 4
    found = desk.ledger()
    assert {found.pop("/2"), found.pop("/go?to=2")} == {"coded", "duplicate same_article"}
    assert found == dict.fromkeys(("/0", "/1", "/3"), "coded")
    assert not poll.trouble
    desk.site.asked.clear()
    desk.poll(later=15)
    assert site.paths == ["/feed", "/other"]


# ---------------------------------------------------------------- pages that are none
WALL = html("T", "Kenya met Uganda. Subscribe to continue reading.")
FREE = '<script type="application/ld+json">{"headline": "T", "isAccessibleForFree": false}</script>'


PAGES: list[tuple[Answer, str]] = [
    ((404, {}, b""), "http_404"),
    ((410, {}, b""), "http_410"),
    ((403, {}, b""), "http_403"),
    ((200, {"Content-Type": "application/pdf"}, b"%PDF"), "not_html"),
    ((200, {"Content-Type": "text/html"}, b" "), "empty"),
    ((200, {"Content-Type": "text/html"}, b"<html><body></body></html>"), "no_text"),
    ((200, {"Content-Type": "text/html"}, b"\0\1\2\3\4\5" * 20), "not_text"),
    (WALL, "paywall"),
    (html("T", "Kenya met Uganda.", FREE), "paywall"),
    (moved("/"), "front_page"),
    (moved("http://10.0.0.1/"), "refused_address"),
    (moved("file:///etc/passwd"), "refused_address"),
]


def test_pages_that_cannot_be_had(desk: Desk) -> None:
    desk.site.pages["/"] = story("front")
    items, wanted = [], {}
    for number, (page, reason) in enumerate(PAGES):
        for path, text in ((f"/short{number}", ""), (f"/long{number}", f"{LONG} {number}")):
            desk.site.pages[path] = page
            items.append(item(path, content=text))
            wanted[path] = "coded" if text else f"skipped {reason}"
    feed(desk.site, *items)
    poll = desk.poll()
    assert [why for _, why, _ in poll.skipped] == [reason for _, reason in PAGES]
    assert poll.trouble
    assert desk.ledger() == wanted
    for row in open_store(desk.store).records("ledger"):
        if row["status"] == "coded":
            why = wanted[row["locator"].partition("/long")[2].join(["/short", ""])].split()[1]
            assert f"text_of_feed: {why}" in row["notes"]
    assert desk.poll(later=15).skipped == []


def test_robots_keep_out_of_articles(desk: Desk) -> None:
    desk.site.pages["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /1")
    feed(desk.site, item("/1"), item("/2"), item("/12", content=LONG))
    desk.poll()
    assert desk.ledger() == {"/1": "skipped robots", "/2": "coded", "/12": "coded"}
    assert desk.site.count("/1") == desk.site.count("/12") == 0


def test_robots_keep_out_of_feeds(desk: Desk) -> None:
    desk.site.pages["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /feed")
    assert [why.partition(":")[0] for _, why in desk.poll().failed] == ["robots"]
    assert desk.site.count("/feed") == 0


def test_an_item_without_a_link(desk: Desk) -> None:
    content = f"<content:encoded>{LONG}</content:encoded>"
    feed(
        desk.site,
        "<item><guid isPermaLink='false'>g-1</guid><description>Short.</description></item>",
        f"<item><guid isPermaLink='false'>g-2</guid><title>T</title>{content}</item>",
    )
    desk.poll()
    assert desk.ledger() == {"item g-1": "skipped no_link", "item g-2": "coded"}


# ------------------------------------------------------------------- what can pass
def test_what_can_pass_is_tried_again_and_has_one_place(desk: Desk) -> None:
    desk.site.pages["/1"] = (502, {}, b"")
    poll = desk.poll()
    assert [why for _, why, _ in poll.skipped] == ["http_502"]
    assert desk.ledger()["/1"] == "skipped http_502"
    desk.site.pages["/1"] = story(1)
    assert desk.poll(later=15).report.states == Counter(coded=1)
    assert desk.ledger() == dict.fromkeys(("/0", "/1", "/2"), "coded")


def test_after_some_tries_it_is_given_up(desk: Desk) -> None:
    desk.site.pages["/1"] = (502, {}, b"")
    for _ in range(6):
        desk.poll(later=120)
    assert desk.site.count("/1") == SETTINGS.tries
    assert desk.ledger()["/1"] == "skipped http_502"
    assert desk.poll(later=60).waiting == 0


def test_a_busy_host_is_left_alone_and_nothing_is_lost(desk: Desk) -> None:
    desk.site.pages["/0"] = (429, {"Retry-After": "1800"}, b"")
    first = desk.poll()
    assert (first.pages, first.waiting, first.trouble) == (1, 3, False)
    assert set(desk.ledger().values()) == {"skipped waiting"}
    desk.site.asked.clear()
    second = desk.poll(later=15)
    assert (second.resting, second.waiting, desk.site.asked) == (1, 3, [])
    desk.site.pages["/0"] = story(0)
    desk.poll(later=16)
    assert desk.ledger() == dict.fromkeys(("/0", "/1", "/2"), "coded")


def test_what_waits_too_long_is_skipped_by_name(desk: Desk) -> None:
    desk.site.pages["/0"] = (429, {"Retry-After": "999999"}, b"")
    desk.poll()
    desk.poll(later=23 * 60)
    for _ in range(4):
        desk.poll(later=2 * 24 * 60)
    assert set(desk.ledger()) == {"/0", "/1", "/2"}
    assert desk.ledger()["/0"] == "skipped http_429"
    assert desk.poll(later=24 * 60).waiting == 0


def test_a_bound_of_articles_a_poll(desk: Desk) -> None:
    desk.options = dataclasses.replace(desk.options, max_articles=2)
    feed(desk.site, *(item(f"/{n}") for n in range(5)))
    poll = desk.poll()
    assert (poll.pages, poll.waiting, poll.report.read) == (2, 3, 2)
    assert Counter(desk.ledger().values()) == Counter({"coded": 2, "skipped waiting": 3})
    feed(desk.site, item("/9"))  # the feed no longer names what waits, and the newest comes first
    assert desk.poll(later=15).pages == 2
    assert desk.ledger()["/9"] == "coded"
    desk.poll(later=15)
    assert desk.ledger() == dict.fromkeys(("/0", "/1", "/2", "/3", "/4", "/9"), "coded")


def test_a_poll_ends_before_the_next_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whowhom.watch.address.is_public", lambda address: True)
    monkeypatch.setattr(Gate, "own", lambda self, host: False)
    desk.site.pages["/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 50")
    desk.options = dataclasses.replace(desk.options, every=200.0)
    feed(desk.site, *(item(f"/{n}") for n in range(9)))
    poll = desk.poll()
    assert 0 < poll.pages < 5
    assert poll.waiting == 9 - poll.pages


# ---------------------------------------------------------------------------- feeds
def test_a_failing_feed_is_asked_less_and_less(desk: Desk) -> None:
    desk.site.pages["/feed"] = (500, {}, b"")
    asked = []
    for _ in range(40):
        asked.append(desk.poll(later=15).feeds)
    assert asked == [1, 1, 0, 1, 0, 0, 0, 1, *[0] * 7, 1, *[0] * 15, 1, *[0] * 8]
    feed(desk.site, item("/1"))
    assert desk.poll(later=24 * 60).report.read == 1
    assert desk.poll(later=15).unchanged == 1


def test_one_bad_feed_does_not_harm_the_others(desk: Desk) -> None:
    bad = {
        "/entities": b"<!DOCTYPE rss [<!ENTITY a 'x'>]>" + rss(item("/1")),
        "/page": b"<html></html>",
        "/empty": b"",
        "/broken": rss(item("/1"))[:-20],
    }
    for path, body in bad.items():
        desk.site.pages[path] = (200, {}, body)
        desk.feeds.insert(0, desk.site.url(path))
    poll = desk.poll()
    assert [why.partition(":")[0] for _, why in poll.failed] == ["empty", "not_a_feed", "entities"]
    assert desk.ledger() == dict.fromkeys(("/0", "/1", "/2"), "coded")


def test_a_feed_that_asks_to_be_left_alone_is(desk: Desk) -> None:
    feed(desk.site, item("/1"), head="<ttl>60</ttl>")
    assert [desk.poll(later=15).feeds for _ in range(9)] == [1, 0, 0, 0, 1, 0, 0, 0, 1]


def test_a_feed_of_ten_thousand_items(desk: Desk) -> None:
    desk.options = dataclasses.replace(desk.options, max_articles=1)
    desk.settings = dataclasses.replace(SETTINGS, max_waiting=9_000)
    feed(desk.site, *(f"<item><link>/{n}</link></item>" for n in range(10_000)))
    poll = desk.poll()
    assert (poll.new, poll.pages, poll.waiting) == (10_000, 1, 8_999)
    assert Counter(desk.ledger().values()) == Counter(
        {"coded": 1, "skipped waiting": 8_999, "skipped backlog": 1_000}
    )


def test_seen_ids_are_forgotten_and_the_store_remembers(desk: Desk) -> None:
    desk.poll()
    for later in (1, 40):
        feed(desk.site, item("/9"), tag=f'"{later}"')
        desk.poll(later=later * 24 * 60)
    (path,) = (desk.store / "watch").glob("feed-*")
    assert len(json.loads(path.read_bytes())["seen"]) == 1
    desk.site.asked.clear()
    feed(desk.site, *(item(f"/{n}") for n in range(4)))
    poll = desk.poll(later=15)
    assert (poll.new, poll.known) == (4, 3)
    assert desk.site.paths.count("/3") == len(desk.site.paths) - 1 - desk.site.count("/robots.txt")


# ------------------------------------------------------------------- what goes wrong
def test_state_that_is_lost_doubles_nothing(desk: Desk) -> None:
    desk.site.pages["/1"] = (404, {}, b"")
    desk.poll()
    before = desk.ledger()
    for content in (None, b"{", b'{"url": 1, "seen": 2}'):
        for path in (desk.store / "watch").glob("feed-*"):
            path.unlink() if content is None else path.write_bytes(content)
        desk.site.asked.clear()
        assert desk.poll(later=15).known == 3
        assert set(desk.site.paths) <= {"/feed", "/robots.txt"}
        assert desk.ledger() == before


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_that_dies_loses_and_doubles_nothing(
    desk: Desk, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed(desk.site, *(item(f"/{n}") for n in range(25)))
    real, calls = module.keep, []

    def dies(items: Any, *rest: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:  # the second round
            if moment == "after":
                real(items, *rest, **options)
            raise RuntimeError("killed")
        return real(items, *rest, **options)

    with monkeypatch.context() as patch:
        patch.setattr(module, "keep", dies)
        with pytest.raises(RuntimeError):
            desk.poll()
    assert 0 < len(desk.ledger()) < 25
    asked = Counter(desk.site.paths)
    desk.poll(later=15)  # the feed is unchanged by now
    assert desk.ledger() == dict.fromkeys((f"/{n}" for n in range(25)), "coded")
    assert len(desk.documents()) == 25
    twice = [p for p, n in Counter(desk.site.paths).items() if n > 1 and p.strip("/").isdigit()]
    assert len(twice) == (10 if moment == "before" else 0)
    assert asked["/feed"] == 1


def test_a_store_that_is_busy_is_waited_for(desk: Desk) -> None:
    desk.poll()
    feed(desk.site, item("/9"))
    lock = contextlib.ExitStack()
    lock.enter_context(Lock(desk.store / "lock"))
    sleep = desk.time.sleep

    def release(seconds: float) -> None:
        sleep(seconds)
        lock.close()

    watch = desk.watch()
    watch.web.clock.sleep = release
    with watch as entered, pytest.raises(StoreLocked):
        entered._ready()  # at the start it is told at once: status 75
    lock.close()
    with watch as entered:
        lock.enter_context(Lock(desk.store / "lock"))
        poll = entered.run(lambda poll: None)
    assert poll is not None
    assert poll.report.states["coded"] == 1
    assert "waiting for it" in desk.said[0]


def test_two_watches_of_one_store(desk: Desk) -> None:
    desk.poll()
    with desk.watch(), pytest.raises(StoreLocked, match="another watch"), desk.watch():
        pass


def test_a_folder_that_is_no_store_is_left_as_it_is(desk: Desk) -> None:
    desk.store.mkdir()
    (desk.store / "thesis.doc").write_text("x")
    with pytest.raises(StoreError, match="not empty"):
        desk.poll()
    assert [path.name for path in desk.store.iterdir()] == ["thesis.doc"]
    assert desk.site.asked == []


def test_another_coders_store_is_refused_before_anything_is_asked_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.poll()
    desk.site.asked.clear()
    monkeypatch.setattr(StubCoder, "fingerprint", "another")
    desk.options = dataclasses.replace(desk.options, once=False)
    with pytest.raises(StoreError, match="--recode"), desk.watch():
        pass
    assert desk.site.asked == []


# ------------------------------------------------------------------------- for weeks
def long_run(desk: Desk, polls: int, each: Callable[[int], None]) -> list[Poll]:
    """A watch that goes on for some polls; ``each`` is called after each."""
    seen: list[Poll] = []

    class Enough(Exception):  # noqa: N818 - it ends the test's loop
        pass

    def after(poll: Poll) -> None:
        seen.append(poll)
        each(len(seen))
        if len(seen) == polls:
            raise Enough

    desk.options = dataclasses.replace(desk.options, once=False)
    desk.settings = dataclasses.replace(desk.settings, compact_segments=3)
    with desk.watch() as watch, contextlib.suppress(Enough):
        watch.run(after)
    return seen


def test_weeks_leave_neither_files_nor_threads_nor_runs_behind(
    desk: Desk, loads: list[object]
) -> None:
    marks: list[tuple[int, int]] = []

    def each(number: int) -> None:
        feed(desk.site, item(f"/{number % 30}"), item("/none"))
        if number in (2, 6):
            gc.collect()
            marks.append((len(os.listdir("/proc/self/fd")), threading.active_count()))  # noqa: PTH208

    polls = long_run(desk, 6, each)
    assert len(loads) == 1
    assert [p.next - p.started for p in polls if p.next] == [900.0] * 6
    (fds, threads), (later_fds, later_threads) = marks
    assert later_threads <= threads
    assert later_fds <= fds + 2  # the server's own ends of what was just closed
    runs = open_store(desk.store).runs()
    assert len(runs) <= 2  # one a day
    with open_store(desk.store) as store:
        assert len(store.segments) <= 3
    assert sum(run["counts"]["read"] for _, run in runs) == len(desk.ledger())


def test_weeks_of_segments_leave_no_memory_behind(tmp_path: Path) -> None:
    file = _TableFile(tmp_path / "ledger.parquet", SCHEMAS["ledger"])
    file.add(SCHEMAS["ledger"].empty_table())
    file.finish()
    gone = weakref.ref(file)
    del file
    gc.collect()
    assert gone() is None  # a ring through C++ would never be collected: 250 KB a segment


def test_readers_read_while_a_watch_runs(desk: Desk) -> None:
    counts: list[int] = []

    def each(number: int) -> None:
        with open_store(desk.store) as store:
            counts.append(store.sql("select count(*) from events").fetchall()[0][0])
        with Lock(desk.store / "lock"):  # between polls others may write
            feed(desk.site, item(f"/{10 + number}"))

    long_run(desk, 3, each)
    assert counts == [6, 8, 10]


def test_a_full_disk_is_told_and_the_next_poll_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = module.keep, []

    def full(items: Any, *rest: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise StoreError("cannot write: no space left on device", where="store")
        return real(items, *rest, **options)

    monkeypatch.setattr(module, "keep", full)
    polls = long_run(desk, 2, lambda number: None)
    assert "no space left" in desk.said[0]
    assert [poll.report.read for poll in polls] == [0, 3]
    assert desk.ledger() == dict.fromkeys(("/0", "/1", "/2"), "coded")


def test_merging_takes_its_share_of_the_time(desk: Desk) -> None:
    merged: list[float] = []

    def merge(store: Path) -> str:
        merged.append(desk.time.at)
        desk.time.at += 300  # a large store
        return "merged"

    desk.options = dataclasses.replace(desk.options, once=False, merge=True)
    watch = desk.watch()
    watch.merge = merge
    polls: list[Poll] = []

    def after(poll: Poll) -> None:
        polls.append(poll)
        feed(desk.site, item(f"/{len(polls)}"))
        if len(polls) == 6:
            raise KeyboardInterrupt

    from whowhom.engine.local import Interrupted

    with watch, pytest.raises(Interrupted):
        watch.run(after)
    assert len(merged) == 2
    assert min(b - a for a, b in itertools.pairwise(merged)) >= 3_000
