"""Polling: feeds are asked, what is new is fetched in rounds, each round is coded and committed.

The store's lock is held while a round is coded and committed, not while the network is waited
for: between rounds others may merge, compact or code into the same store, and who only reads it
(export, report, serve) needs no lock at all. A lock of its own in the folder ``watch`` keeps a
second watch away.

Order is what makes a kill harmless. A feed's answer is kept (its ETag *with* the articles that
it names, in one file) before any article is asked for; an article leaves that list only after
its round was committed; and what the ledger already has is neither fetched nor coded again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from whowhom.engine.keep import RunLog, keep
from whowhom.engine.local import Interrupted, Item, Pool, Progress
from whowhom.engine.outcome import Packing, Report
from whowhom.engine.worker import CoderSpec
from whowhom.errors import InputError, StoreError, StoreLocked
from whowhom.model import Coverage, Document, Skipped, Source
from whowhom.read.record import Context
from whowhom.store.compact import compact
from whowhom.store.folder import is_store, open_store
from whowhom.store.index import tombstone
from whowhom.store.lock import Lock
from whowhom.watch.address import NotFetched, shown
from whowhom.watch.article import ACCEPT, from_answer, from_feed
from whowhom.watch.feeds import Entry, article_id, read_feed_bytes
from whowhom.watch.fetch import PASSING
from whowhom.watch.polite import Web
from whowhom.watch.state import DAY, FeedState, StateFiles, Waiting, digest, waiting_of

FEED_TYPES = (
    "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"
)
WAITING = "waiting"
"""Reason in the ledger of an article whose turn has not come."""
_PASSING = {"unreachable", "timeout", "bad_answer", "cut", "robots_unreachable", "host_waits"}
_PASSING |= {WAITING, *(f"http_{status}" for status in PASSING)}
_SLACK = 0.1
"""Share of the interval by which a feed may be asked early: clocks and cron are not exact."""
_SHORTEST = 60.0
"""Seconds between two polls at least."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a watch is asked to do. ``every``: seconds between polls."""

    store: Path
    every: float = 900.0
    once: bool = False
    max_articles: int = 200
    workers: int = 1
    outlet: str | None = None
    recode: bool = False
    keep_text: bool = False
    merge: bool = True


@dataclass(slots=True)
class Poll:
    """The account of one poll. ``report`` counts the articles that were looked at; those whose
    turn has not come are in the ledger too, and here only in ``waiting``."""

    started: float
    feeds: int = 0  # asked
    unchanged: int = 0
    resting: int = 0  # not asked: they want it so, or failed too often
    failed: list[tuple[str, str]] = field(default_factory=list)  # feed, why
    new: int = 0  # articles that no poll before this one had seen
    known: int = 0  # ... of them already in the store
    pages: int = 0  # pages that were asked for
    report: Report = field(default_factory=Report)
    skipped: list[tuple[str, str, str]] = field(default_factory=list)  # link, reason, detail
    waiting: int = 0  # at the end
    merged: str = ""
    next: float | None = None

    @property
    def trouble(self) -> bool:
        return bool(self.failed or self.skipped or self.report.states["poisoned"])


@dataclass(slots=True)
class Watch:
    """Feeds, polled into a store; a context manager that holds the coder and the lock.

    Args:
        tell: takes what is going on, often.
        said: takes what a person should read (that the store is busy, say).
        coding: progress of the coder.
        merge: merges the store; gives a line.
    """

    feeds: Sequence[str]
    spec: CoderSpec
    options: Options
    web: Web
    tell: Callable[[str], None] = lambda line: None
    said: Callable[[str], None] = lambda line: None
    coding: Progress = lambda report: None
    merge: Callable[[Path], str] | None = None

    _files: StateFiles = field(init=False)
    _states: list[FeedState] = field(default_factory=list, init=False)
    _pool: Pool | None = field(default=None, init=False)
    _log: RunLog = field(default_factory=RunLog, init=False)
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack, init=False)
    _unsure: bool = field(default=True, init=False)  # what waits may be in the store already
    _merge_again: float = field(default=0.0, init=False)
    _unmerged: bool = field(default=False, init=False)

    def __enter__(self) -> Watch:
        self._files = self.web.files
        try:
            # once, with nothing new, the coder need not be loaded; but where there is no store
            # yet, the folder must be fit to become one before anything is written to it
            if not self.options.once or not is_store(self.options.store):
                self._ready()
            self._files.prepare(self._now())
            self._take_lock()
            self._states = [self._files.feed(url) for url in self.feeds]
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _take_lock(self) -> None:
        try:
            self._stack.enter_context(Lock(self._files.folder / "lock"))
        except StoreLocked as error:
            raise StoreLocked(
                error.what.replace("another process is writing to", "another watch polls into"),
                where=str(self.options.store),
                do="Give its feeds to that watch, or name another store.",
            ) from None

    # ------------------------------------------------------------------------- polls
    def run(self, after: Callable[[Poll], None]) -> Poll | None:
        """Poll until stopped, or once; ``after`` is given the account of each poll.

        Raises:
            Interrupted: Ctrl-C or SIGTERM; what was committed is in the store.
            StoreError: with ``once``, or where the store cannot be written from the start.
        """
        total = Report()
        with _stoppable():
            try:
                while True:
                    poll = Poll(self._now())
                    try:
                        self._poll(poll)
                    except StoreError as error:
                        if self.options.once:
                            raise
                        self._unsure = True
                        self.said(f"{error} The next poll tries again.")
                    total = total.plus(poll.report)
                    if self.options.once:
                        after(poll)
                        return poll
                    soon = self._now() + min(_SHORTEST, self.options.every)
                    poll.next = max(poll.started + self.options.every, soon)
                    after(poll)
                    while (left := poll.next - self._now()) > 0:
                        self.web.clock.sleep(left)
            except Interrupted as stop:
                raise Interrupted(total.plus(stop.report)) from None
            except KeyboardInterrupt:
                raise Interrupted(total) from None

    def _poll(self, poll: Poll) -> None:
        entries: dict[str, Entry] = {}
        for state in self._states:
            wait = state.next_poll - poll.started
            # a time too far ahead was set by a clock that was wrong
            if self.options.every * _SLACK < wait <= self.web.gate.settings.max_wait_seconds:
                poll.resting += 1
                continue
            named = self._ask(state, poll)
            entries.update((entry.id, entry) for entry in named)
            self._settle_new(state, [e for e in named if not self._seen(e.id)], poll)
            self._files.save_feed(state)
        if self._unsure:
            self._settle_waiting(poll)
            self._unsure = False
        self._articles(poll, entries)
        self._expire(poll)
        self._note_waiting()
        poll.waiting = sum(len(state.waiting) for state in self._states)
        self._merge(poll)
        self._compact()

    def _ask(self, state: FeedState, poll: Poll) -> Sequence[Entry]:
        """Ask a feed; its articles, none where it is unchanged or cannot be had."""
        options, limits = self.options, self.web.gate.settings
        conditional = {}
        # an article that waits may need the feed's text: then the feed is wanted whole
        if not any(row.full for row in state.waiting.values()):
            if state.etag:
                conditional["If-None-Match"] = state.etag
            if state.modified:
                conditional["If-Modified-Since"] = state.modified
        poll.feeds += 1
        now = self._now()
        try:
            answer = self.web.get(state.url, accept=FEED_TYPES, conditional=conditional)
            if answer.status == 304:
                poll.unchanged += 1
                state.failures = 0
                self._schedule(state, now)
                return ()
            feed = read_feed_bytes(
                answer.body,
                shown(state.url),
                answer.address.url,
                Context(settings=self.spec.settings),
                limits,
            )
        except InputError as error:
            if error.reason == "host_waits":
                poll.resting += 1
                poll.feeds -= 1
                return ()
            state.failures += 1
            wait = options.every * 2 ** min(state.failures - 1, 20)
            asked = error.wait if isinstance(error, NotFetched) and error.wait else 0.0
            state.next_poll = now + min(max(wait, asked), limits.max_wait_seconds)
            poll.failed.append((shown(state.url), f"{error.reason}: {error.what}"))
            return ()
        state.failures = 0
        state.etag = _header(answer.headers.get("etag", ""))
        state.modified = _header(answer.headers.get("last-modified", ""))
        state.title, state.every = feed.title, feed.every
        self._schedule(state, now)
        for entry in feed.entries:
            key = digest(entry.id)
            if key in state.seen or self._seen(entry.id):
                state.seen[key] = now
        state.forget(now, limits)
        return feed.entries

    def _schedule(self, state: FeedState, now: float) -> None:
        wish = min(state.every, self.web.gate.settings.max_wait_seconds)
        state.next_poll = now + wish if wish > self.options.every else 0.0

    # ---------------------------------------------------------------- what is new
    def _seen(self, article: str) -> bool:
        key = digest(article)
        return any(key in state.seen for state in self._states)

    def _settle_new(self, state: FeedState, entries: Sequence[Entry], poll: Poll) -> None:
        """Put a feed's new articles into its queue, but those that the store has."""
        now, limits = self._now(), self.web.gate.settings
        new = [
            (order, entry)
            for order, entry in enumerate(entries)
            if not any(entry.id in other.waiting for other in self._states)
        ]
        held = self._ledger([entry.id for _, entry in new])
        for order, entry in new:
            poll.new += 1
            if entry.id in held:
                poll.known += 1
                state.seen[digest(entry.id)] = now
                continue
            state.waiting[entry.id] = Waiting(
                entry.link, poll.started, order, entry.title, entry.published, entry.full
            )
        over = len(state.waiting) - limits.max_waiting
        if over > 0:
            why = f"over {limits.max_waiting:,} articles of this feed were waiting"
            self._give_up(list(waiting_of([state]))[-over:], why, poll)

    def _give_up(
        self, rows: Sequence[tuple[FeedState, str, Waiting]], detail: str, poll: Poll
    ) -> None:
        """Skip articles that were waiting, for good."""
        items = [
            Skipped(
                _source(state, row, article), row.why or "backlog", row.detail or detail, article
            )
            for state, article, row in rows
        ]
        self._commit(items, poll)
        poll.skipped += [(item.source.locator, item.reason, item.detail) for item in items]
        for state, article, _ in rows:
            state.done(article, self._now())

    def _expire(self, poll: Poll) -> None:
        """Skip what has waited for too long: its host asks to wait, or others came first."""
        days = self.web.gate.settings.waiting_days
        old = [row for row in waiting_of(self._states) if row[2].since < poll.started - days * DAY]
        if old:
            self._give_up(old, f"its turn has not come in {days:g} days", poll)
            for state in {state.url: state for state, _, _ in old}.values():
                self._files.save_feed(state)

    def _settle_waiting(self, poll: Poll) -> None:
        """After a start or a failed commit: what waits may have been committed."""
        held = self._ledger([a for state in self._states for a in state.waiting])
        for state in self._states:
            found = [article for article in state.waiting if article in held]
            for article in found:
                state.done(article, self._now())
            if found:
                self._files.save_feed(state)

    def _ledger(self, articles: Sequence[str]) -> set[str]:
        """Those articles that have their final place in the store's ledger."""
        if not articles or not is_store(self.options.store):
            return set()
        forgotten = {tombstone(article): article for article in articles}
        with open_store(self.options.store) as store:
            rows = store.sql(
                "select document_id, status, reason from ledger "
                "where document_id in (select unnest(?::varchar[]))",
                [[*articles, *forgotten]],
            ).fetchall()
        return {
            forgotten.get(row, row)
            for row, status, why in rows
            if status != "skipped" or why not in _PASSING
        }

    # ------------------------------------------------------------------- articles
    def _articles(self, poll: Poll, entries: dict[str, Entry]) -> None:
        limits = self.web.gate.settings
        until = poll.started + self.options.every
        todo = [row for row in waiting_of(self._states) if row[2].not_before <= poll.started]
        while todo:
            items: list[Item] = []
            fates: list[_Fate] = []
            taken: set[str] = set()
            round_end = self._now() + limits.round_seconds
            while todo and len(items) < limits.round_articles and self._now() < round_end:
                place = self._next(todo, poll, entries, until)
                if place is None:
                    todo = []
                    break
                self._ready()  # a coder that cannot start must not cost a server anything
                state, article, row = todo.pop(place)
                made = self._one(state, article, row, entries.get(article), taken, poll)
                if made is not None:
                    items.append(made[0])
                    fates.append(made[1])
            if items:
                self._commit(items, poll)
                self._settle(fates)

    def _next(
        self,
        todo: Sequence[tuple[FeedState, str, Waiting]],
        poll: Poll,
        entries: dict[str, Entry],
        until: float,
    ) -> int | None:
        """The article whose host can be asked first; None where all must wait for another poll."""
        now = self._now()
        if now >= until:
            return None
        enough = poll.pages >= self.options.max_articles
        best, soonest = None, until
        hosts: dict[str, float | None] = {}
        for place, (_, article, row) in enumerate(todo):
            if not row.link:
                return place  # nothing is asked for
            if enough:
                continue
            host = row.link.partition("://")[2].partition("/")[0]
            if host not in hosts:
                hosts[host] = self.web.ready(row.link)
            at = hosts[host]
            if at is None:
                if article in entries and entries[article].full:
                    return place  # its page cannot be had now, and is not needed
                continue
            if at <= now:
                return place
            if at < soonest:
                best, soonest = place, at
        return best

    def _one(
        self,
        state: FeedState,
        article: str,
        row: Waiting,
        entry: Entry | None,
        taken: set[str],
        poll: Poll,
    ) -> tuple[Item, _Fate] | None:
        """What becomes of an article; None where it goes on waiting without a word."""
        source = _source(state, row, article)
        outlet = self.options.outlet or state.title or None
        done = _Fate(state, article)
        if article in taken or self._seen(article):
            return _same(source, article), done
        taken.add(article)
        final = article
        why, detail, passing, wait = "no_link", "the item has no link", False, None
        if row.link:
            before = self.web.requests
            try:
                answer = self.web.get(row.link, accept=ACCEPT)
            except NotFetched as error:
                poll.pages += self.web.requests > before
                why, detail, passing, wait = error.reason, error.what, error.again, error.wait
                if error.host and error.reason in ("robots_unreachable", "host_waits"):
                    wait = 0.0
            else:
                poll.pages += 1
                final = article_id(answer.address.url)
                if final != article and not _front(final):
                    if final in taken or self._seen(final):
                        return _same(source, article, final), done
                    taken.add(final)
                if _front(final) and not _front(article):
                    why, detail = "front_page", "it leads to the site's front page"
                else:
                    item = from_answer(
                        answer, article, row, source, outlet,
                        self.spec.settings, self.web.gate.settings, entry,
                    )  # fmt: skip
                    if isinstance(item, Document):
                        return item, _Fate(state, article, final)
                    why, detail = item.reason, item.detail
        if entry is not None:
            document = from_feed(entry, article, row, source, outlet, why)
            if document is not None:
                return document, _Fate(state, article, final)
        return self._failed(state, article, row, source, (why, detail, passing, wait), poll)

    def _failed(
        self,
        state: FeedState,
        article: str,
        row: Waiting,
        source: Source,
        what: tuple[str, str, bool, float | None],
        poll: Poll,
    ) -> tuple[Item, _Fate] | None:
        why, detail, passing, wait = what
        limits, now = self.web.gate.settings, self._now()
        # a host that asks to wait, or whose robots.txt is ill, says nothing of the article
        tries = row.tries + (wait is None)
        again = passing and tries < limits.tries
        if not passing:
            detail = f"{detail}; the feed has no whole text" if row.link else detail
        elif not again:
            detail = f"{detail}; given up after {tries} tries"
        if again and wait is not None:
            row.why, row.detail = why, detail
            return None
        if not (again and row.noted == why):  # what is tried again is told once
            poll.skipped.append((source.locator, why, detail + ("; later again" if again else "")))
        item = Skipped(source, why, detail, article)
        pause = self.options.every * 2 ** (tries - 1) * (1 - _SLACK)
        return item, _Fate(
            state, article, again=again, tries=tries, not_before=now + pause, why=why, detail=detail
        )

    def _settle(self, fates: Iterable[_Fate]) -> None:
        """After a commit: what is done leaves the queues."""
        now = self._now()
        changed = {}
        for fate in fates:
            changed[fate.state.url] = fate.state
            if not fate.again:
                fate.state.done(fate.article, now)
                if fate.final:
                    fate.state.seen[digest(fate.final)] = now
                continue
            row = fate.state.waiting[fate.article]
            row.tries, row.not_before = fate.tries, fate.not_before
            row.why = row.noted = fate.why
            row.detail = fate.detail
        for state in changed.values():
            self._files.save_feed(state)

    def _note_waiting(self) -> None:
        """Everything that a feed named is in the ledger, what waits as well."""
        items: list[Item] = []
        rows: list[tuple[FeedState, Waiting]] = []
        for state, article, row in waiting_of(self._states):
            if not row.noted:
                why = row.detail or "its turn has not come"
                items.append(
                    Skipped(_source(state, row, article), WAITING, f"{why}; later again", article)
                )
                rows.append((state, row))
        if not items:
            return
        self._keep(items, self._ready())
        for _, row in rows:
            row.noted = WAITING
        for state in {state.url: state for state, _ in rows}.values():
            self._files.save_feed(state)

    # ---------------------------------------------------------------------- coding
    def _ready(self) -> Pool:
        """The coder, loaded once; the store is checked, and made where there is none."""
        if self._pool is None:
            self.tell("loading the coder")
            packing = Packing(self.options.keep_text, self.spec.settings.evidence_characters)
            pool = self._stack.enter_context(Pool(self.spec, self.options.workers, packing))
            self._pool = pool
            self._log = self._log_of_today(pool.ready.fingerprint)
            self._keep([], pool)
        return self._pool

    def _commit(self, items: Sequence[Item], poll: Poll) -> None:
        report = self._keep(items, self._ready())
        poll.report = poll.report.plus(report)
        self._unmerged |= report.states["coded"] > 0

    def _keep(self, items: Sequence[Item], pool: Pool) -> Report:
        limits = self.web.gate.settings
        if self._log.started[:10] != _time(self._now())[:10]:
            self._log = RunLog(_time(self._now()))
        tries = 0
        while True:
            try:
                return keep(
                    items,
                    pool,
                    pool.ready,
                    self.options.store,
                    resume=True,
                    recode=self.options.recode,
                    keep_text=self.options.keep_text,
                    settings=dataclasses.replace(
                        self.spec.settings, batch_seconds=limits.commit_seconds
                    ),
                    inputs=("watch", *map(shown, self.feeds)),
                    progress=self.coding if _any_text(items) else lambda report: None,
                    log=self._log,
                )
            except StoreLocked as error:
                tries += 1
                if not items or (self.options.once and tries >= limits.lock_tries):
                    raise
                if tries == 1:
                    self.said(f"{error.what}; waiting for it")
                self.web.clock.sleep(limits.lock_seconds)

    def _log_of_today(self, fingerprint: str) -> RunLog:
        """The manifest of today's watch, to go on with: cron must not leave one a quarter of an
        hour."""
        if not is_store(self.options.store):
            return RunLog()
        with open_store(self.options.store) as store:
            runs = store.runs()
        if not runs:
            return RunLog()
        number, data = runs[-1]
        if (
            list(data.get("inputs") or [])[:1] != ["watch"]
            or data.get("fingerprint") != fingerprint
            or str(data.get("started"))[:10] != _time(self._now())[:10]
        ):
            return RunLog()
        counts, report = dict(data.get("counts") or {}), Report()
        with contextlib.suppress(TypeError, ValueError):
            report.coverage = Coverage(**(data.get("coverage") or {}))
        report.read, report.done = counts.pop("read", 0), counts.pop("done_before", 0)
        report.events = counts.pop("events", 0)
        report.rejections = counts.pop("rejections", 0)
        report.states.update(counts)
        report.reasons.update(data.get("skip_reasons") or {})
        return RunLog(str(data["started"]), number, report)

    def _merge(self, poll: Poll) -> None:
        now = self._now()
        if self.merge is None or not self.options.merge or not self._unmerged:
            return
        if now < self._merge_again and not self.options.once:
            return
        self.tell("merging reports into incidents")
        try:
            poll.merged = self.merge(self.options.store)
        except StoreLocked:
            return  # who holds it may be merging; readers merge aside
        self._unmerged = False
        took = self._now() - now
        self._merge_again = self._now() + took / self.web.gate.settings.merge_share

    def _compact(self) -> None:
        """Many small segments into few, now and then: a round makes one, and readers open all."""
        store, most = self.options.store, self.web.gate.settings.compact_segments
        if not is_store(store) or sum(1 for _ in (store / "segments").iterdir()) <= most:
            return
        self.tell("compacting the store")
        with contextlib.suppress(StoreLocked), open_store(store) as opened:
            for trouble in compact(opened).troubles:
                self.said(f"{store}, segment {trouble.segment}: {trouble.detail}; set aside")

    def _now(self) -> float:
        return self.web.clock.now()


@dataclass(frozen=True, slots=True)
class _Fate:
    """What is noted of an article after its round was committed."""

    state: FeedState
    article: str
    final: str = ""  # its address after redirects, as an id
    again: bool = False
    tries: int = 0
    not_before: float = 0.0
    why: str = ""
    detail: str = ""


def _source(state: FeedState, row: Waiting, article: str) -> Source:
    return Source(shown(state.url), row.link or f"item {article}")


def _same(source: Source, article: str, final: str = "") -> Skipped:
    return Skipped(
        source,
        "same_article",
        f"it is the article {final or article}, which a feed named before",
        article,
        status="duplicate",
    )


def _any_text(items: Iterable[Item]) -> bool:
    return any(isinstance(item, Document) for item in items)


def _front(article: str) -> bool:
    """Whether an address is the front page of a site."""
    return not article.partition("://")[2].partition("/")[2]


def _header(value: str) -> str:
    """A value to send back: on one line, plain, and short."""
    return value if len(value) <= 500 and value.isascii() and value.isprintable() else ""


def _time(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="seconds")


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """SIGTERM ends a watch as Ctrl-C does."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not the main thread: nobody sends it signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
