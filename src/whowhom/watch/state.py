"""What a watch remembers between polls: a small file a feed and a file a host, in the folder
``watch`` of the store, each written under a temporary name and renamed.

A file that is missing, torn or by hand is no loss: the store's ledger says which articles are
done, and ids keep the rest from doubling. It costs a feed or a page that is fetched again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from whowhom.errors import StoreError
from whowhom.settings import WatchSettings
from whowhom.store.segment import write_atomically, write_error

DAY = 86_400.0


@dataclass(slots=True)
class Waiting:
    """An article that a feed named and that is not done. Times are seconds since 1970."""

    link: str  # as the feed has it, resolved; "" where the item has none
    since: float  # the poll that found it
    order: int  # in the feed, from the top
    title: str | None = None
    published: str | None = None  # ISO day
    full: bool = False  # the feed carries its text
    tries: int = 0
    not_before: float = 0.0
    why: str = ""  # reason of the last failure
    detail: str = ""
    noted: str = ""  # reason under which the ledger has it


@dataclass(slots=True)
class FeedState:
    """A feed: what it answered last, when it is next asked, what it has named.

    ``seen``: hash of an article's id -> when the feed last named it.
    """

    url: str
    etag: str = ""
    modified: str = ""
    title: str = ""
    next_poll: float = 0.0
    failures: int = 0
    every: float = 0.0  # seconds that the feed asks to be left alone for
    seen: dict[str, float] = field(default_factory=dict)
    waiting: dict[str, Waiting] = field(default_factory=dict)  # by article id, newest first

    def done(self, article: str, now: float) -> None:
        """The article has its place in the ledger."""
        self.waiting.pop(article, None)
        self.seen[digest(article)] = now

    def forget(self, now: float, settings: WatchSettings) -> None:
        """Drop ids that the feed has not named for long, and those over the bound. Called after
        the feed was read whole: an unchanged feed still names what it named."""
        oldest = now - settings.seen_days * DAY
        kept = sorted(
            ((k, t) for k, t in self.seen.items() if t >= oldest),
            key=lambda item: item[1],
            reverse=True,
        )
        self.seen = dict(kept[: settings.max_seen])


@dataclass(slots=True)
class HostState:
    """A host's robots.txt and its wish to be left alone.

    ``robots``: ``rules`` (in ``text``), ``open`` (there is none), ``closed`` (it cannot be had),
    or "" where it was not asked for.
    """

    origin: str
    robots: str = ""
    text: str = ""
    until: float = 0.0  # when robots.txt is asked for again
    not_before: float = 0.0


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]


class StateFiles:
    """The files below ``<store>/watch``.

    Raises:
        StoreError: on writing, where the disk is full or cannot be written.
    """

    def __init__(self, store: Path, settings: WatchSettings) -> None:
        self.folder = store / "watch"
        self._settings = settings

    def prepare(self, now: float) -> None:
        """Make the folder, and clear away what a crash left and hosts that are long unused."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path in self.folder.iterdir():
                old = path.stat().st_mtime < now - self._settings.seen_days * DAY
                if path.name.startswith(".tmp-") or (path.name.startswith("host-") and old):
                    path.unlink(missing_ok=True)
        except OSError as error:
            raise write_error(error, self.folder) from error

    def feed(self, url: str) -> FeedState:
        data = self._read("feed", url)
        with contextlib.suppress(TypeError, ValueError, KeyError, AttributeError):
            waiting = {k: Waiting(**row) for k, row in data.pop("waiting").items()}
            seen = {str(k): float(t) for k, t in data.pop("seen").items()}
            return _checked(FeedState(**data, seen=seen, waiting=waiting), url)
        return FeedState(url)

    def host(self, origin: str) -> HostState:
        data = self._read("host", origin)
        with contextlib.suppress(TypeError, ValueError, AttributeError):
            state = HostState(**data)
            if state.origin == origin and isinstance(state.text, str):
                state.until, state.not_before = float(state.until), float(state.not_before)
                return state
        return HostState(origin)

    def save_feed(self, state: FeedState) -> None:
        data = _fields(state)  # not asdict(), which copies every value: thousands may wait
        data["waiting"] = {article: _fields(row) for article, row in state.waiting.items()}
        self._write("feed", state.url, data)

    def save_host(self, state: HostState) -> None:
        # a host's file only saves requests: a full disk is told where it matters
        with contextlib.suppress(StoreError):
            self._write("host", state.origin, _fields(state))

    def _path(self, kind: str, name: str) -> Path:
        return self.folder / f"{kind}-{digest(name)}.json"

    def _read(self, kind: str, name: str) -> dict[str, Any]:
        try:
            data = json.loads(self._path(kind, name).read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        return data if isinstance(data, dict) else {}

    def _write(self, kind: str, name: str, data: dict[str, Any]) -> None:
        content = json.dumps(data, ensure_ascii=True, separators=(",", ":")).encode()
        write_atomically(self._path(kind, name), content + b"\n")


def _fields(state: FeedState | HostState | Waiting) -> dict[str, Any]:
    return {field.name: getattr(state, field.name) for field in dataclasses.fields(state)}


def _checked(state: FeedState, url: str) -> FeedState:
    """A state whose fields are what they should be; raises ``ValueError`` where they are not."""
    if state.url != url:
        raise ValueError
    for name in ("etag", "modified", "title"):
        if not isinstance(getattr(state, name), str):
            raise ValueError
    state.next_poll, state.every = float(state.next_poll), float(state.every)
    state.failures = int(state.failures)
    for row in state.waiting.values():
        row.since, row.not_before, row.tries = (
            float(row.since),
            float(row.not_before),
            int(row.tries),
        )
        if not isinstance(row.link, str):
            raise ValueError
        if row.published is not None:
            dt.date.fromisoformat(row.published)
    return state


def waiting_of(feeds: list[FeedState]) -> Iterator[tuple[FeedState, str, Waiting]]:
    """Everything that waits, the newest polls first, each in the feed's order."""
    rows = [(feed, article, row) for feed in feeds for article, row in feed.waiting.items()]
    yield from sorted(rows, key=lambda item: (-item[2].since, item[2].order))
