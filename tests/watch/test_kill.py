"""A watch that is killed in the middle of a poll, and the command as cron calls it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.cli.test_commands import ENVIRONMENT, ROOT, whowhom
from tests.watch.sites import Answer, Site, html, item, rss, serving
from whowhom.store import is_store, open_store

COUNT = 40


class Press:
    """A site that calls for a kill when a page is asked for, and holds that page back."""

    def __init__(self) -> None:
        self.kill_at = -1
        self.due = threading.Event()
        self.over = threading.Event()
        self.feed = rss("".join(item(f"/{n}") for n in range(COUNT)))

    def page(self, handler: BaseHTTPRequestHandler) -> Answer:
        number = int(handler.path.strip("/"))
        if number == self.kill_at:
            self.due.set()
            self.over.wait(10)
        return html(f"Story {number}", f"Kenya met Uganda. This is story {number}. __sleep 3__")

    def paper(self, handler: BaseHTTPRequestHandler) -> Answer:
        same = handler.headers.get("If-None-Match") == '"1"'
        return (304, {}, b"") if same else (200, {"ETag": '"1"'}, self.feed)


@pytest.fixture
def press() -> Press:
    return Press()


@pytest.fixture
def site(press: Press) -> Iterator[Site]:
    pages = {f"/{n}": press.page for n in range(COUNT)}
    with serving({**pages, "/feed": press.paper}) as site:
        yield site


def start(store: Path, site: Site) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.watch.killed", str(store), str(site.port)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_killed_in_the_middle_nothing_is_lost_or_doubled(
    tmp_path: Path, press: Press, site: Site
) -> None:
    store = tmp_path / "store"
    for moment in (3, 20, 39):  # before anything is coded, between rounds, at the end
        press.kill_at = moment
        press.due.clear()
        press.over.clear()
        process = start(store, site)
        while not press.due.wait(0.02) and process.poll() is None:
            pass
        process.kill()
        process.communicate()
        press.over.set()
        if is_store(store):  # a crashed store can be read at once
            rows = [row["document_id"] for row in open_store(store).records("ledger")]
            assert len(rows) == len(set(rows))
    # and in the middle of committing, wherever that is
    press.kill_at = -1
    process = start(store, site)
    time.sleep(1.0)
    process.kill()
    process.communicate()
    done = start(store, site)
    _, err = done.communicate(timeout=60)
    assert done.returncode == 0, err
    with open_store(store) as opened:
        ledger = Counter(row["locator"] for row in opened.records("ledger"))
        states = Counter(row["status"] for row in opened.records("ledger"))
        events = [event["id"] for event in opened.records("events")]
    assert ledger == Counter({site.url(f"/{n}"): 1 for n in range(COUNT)})
    assert states == Counter(coded=COUNT)
    assert len(events) == len(set(events)) == COUNT
    # what was committed was not asked for again: at most a round is lost with each kill
    assert sum(site.count(f"/{n}") for n in range(COUNT)) <= COUNT + 4 * 8


def command(site: Site, store: Path, *more: str) -> list[str]:
    return [
        "watch", site.url("/feed"), "--store", str(store), "--allow-host", "127.0.0.1",
        "--allow-port", str(site.port), *more,
    ]  # fmt: skip


def test_once_for_cron(tmp_path: Path, press: Press, site: Site) -> None:
    press.feed = rss(item("/1") + item("/gone?secret=x") + item("/2"))
    store = tmp_path / "store"
    first = whowhom(*command(site, store, "--once", "--contact", "desk@paper.example"))
    assert first.returncode == 1, first.stderr
    assert first.stdout == ""
    line, merged, skipped, kept = first.stderr.splitlines()
    assert line[5:] == "  1 feed asked; 3 new articles: 2 coded with 2 events, 1 skipped"
    assert "2 reports" in merged
    assert skipped.startswith(f"  {site.url('/gone')}: http_404: ")
    assert "whowhom report" in kept
    assert "secret" not in first.stderr
    agent = site.asked[0][1]["user-agent"]
    assert agent.startswith("whowhom/")
    assert "desk@paper.example" in agent
    second = whowhom(*command(site, store, "--once"))
    assert (second.returncode, second.stderr[5:]) == (
        0,
        "  1 feed asked, 1 unchanged; nothing new\n",
    )
    quiet = whowhom(*command(site, store, "--once", "--quiet"))
    assert (quiet.returncode, quiet.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["http://127.0.0.1/feed"], "--allow-host"),
        (["file:///etc/passwd"], "only http"),
        (["http://127.1/feed"], "unusual"),
        (["http://u:p@paper.example/"], "password"),
        (["nothing.txt"], "nothing.txt"),
        (["http://paper.example/", "--contact", "a\nb"], "--contact"),
        (["http://paper.example/", "--every", "0"], "--every"),
    ],
)
def test_wrong_use(tmp_path: Path, arguments: list[str], word: str) -> None:
    done = whowhom("watch", *arguments, "--store", tmp_path / "store", "--once")
    assert word in done.stderr
    assert done.returncode == (1 if word == "--allow-host" else 2)
    assert "u:p" not in done.stderr


def test_stopped_politely(tmp_path: Path, press: Press, site: Site) -> None:
    press.feed = rss("".join(item(f"/{n}") for n in range(3)))
    store = tmp_path / "store"
    process = subprocess.Popen(
        [sys.executable, "-m", "whowhom", *command(site, store, "--no-merge")],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = [process.stderr.readline(), process.stderr.readline()]
    os.kill(process.pid, signal.SIGTERM)
    _, rest = process.communicate(timeout=30)
    assert process.returncode == 0
    assert said[0] == f"1 feed, every 15 minutes, into {store}. Ctrl-C ends it.\n"
    assert "3 coded with 3 events; next " in said[1]
    assert rest == f"Ended; 3 articles of this run are in {store}.\n"
    assert open_store(store).runs()[-1][1]["status"] == "done"
