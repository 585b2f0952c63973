"""The store as the explorer reads it: one snapshot, a time limit a query, and what is remembered.

Of what depends on nothing but the store and the address (counts, charts, the overview) the
results are kept in memory for as long as the process runs, at most :data:`KEPT` of them; marks
are read anew, for they change. A store that grows while it is shown is seen after a restart.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from whowhom.store.marks import Mark, read_marks

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from whowhom.store import Store

KEPT = 400
"""Results that are remembered; a drawn chart, the largest kind, is about 200 KB."""
SECONDS = 2.0
"""What one query may take before it is interrupted."""

USER = "user"
"""In whose name the explorer marks, unless it is told."""

T = TypeVar("T")


class TooSlow(Exception):  # noqa: N818 - reads as a state
    """A query ran over the time limit and was interrupted."""


class Busy(Exception):  # noqa: N818 - reads as a state
    """Another request computes the same and has not finished in time."""


class Shelf:
    """What the pages read. Safe for threads: each query has a cursor of its own."""

    def __init__(self, store: Store, *, seconds: float = SECONDS, marker: str = USER) -> None:
        """``marker``: in whose name marks are kept."""
        self.store, self.seconds, self.marker = store, seconds, marker
        self._connection = store.connect()
        self._kept: OrderedDict[Any, Any] = OrderedDict()
        self._lock = threading.Lock()
        self._patience = threading.local()
        self._working: dict[Any, threading.Lock] = {}
        self._marks: tuple[int, list[Mark], dict[str, Mark]] = (-1, [], {})

    def close(self) -> None:
        self._connection.close()
        self.store.close()

    # ------------------------------------------------------------------ queries
    @contextlib.contextmanager
    def cursor(self, seconds: float | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor whose queries are interrupted when their time is up.

        Raises:
            TooSlow: they were.
        """
        import duckdb

        cursor = self._connection.cursor()
        late = threading.Event()

        def stop() -> None:
            late.set()
            cursor.interrupt()

        patience = getattr(self._patience, "seconds", None)
        timer = threading.Timer(seconds or patience or self.seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            yield cursor
        except duckdb.InterruptException as error:
            if late.is_set():
                raise TooSlow from error
            raise
        finally:
            timer.cancel()
            cursor.close()

    @contextlib.contextmanager
    def patience(self, seconds: float) -> Iterator[None]:
        """Let this thread's queries take longer."""
        self._patience.seconds = seconds
        try:
            yield
        finally:
            del self._patience.seconds

    def ask(self, query: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The rows of a query, each as a dict."""
        with self.cursor() as cursor:
            table: pa.Table = cursor.execute(query, list(values)).to_arrow_table()
        rows: list[dict[str, Any]] = table.to_pylist()
        return rows

    def table(self, function: Callable[..., T], *arguments: Any, **options: Any) -> T:
        """What an analysis function gives, remembered; its arguments must be hashable."""
        key = (
            function.__module__,
            function.__qualname__,
            arguments,
            tuple(sorted(options.items())),
        )

        def compute() -> T:
            with self.cursor() as cursor:
                return function(cursor, *arguments, **options)

        return self.remember(key, compute)

    # ----------------------------------------------------------------- remembering
    def remember(self, key: Any, make: Callable[[], T]) -> T:
        """What ``make`` gives; made once a key, also where many ask at once."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                found: T = self._kept[key]
                return found
            turn = self._working.setdefault(key, threading.Lock())
        if not turn.acquire(timeout=4 * self.seconds):
            raise Busy
        try:
            with self._lock:
                if key in self._kept:
                    again: T = self._kept[key]
                    return again
            made = make()
            with self._lock:
                self._kept[key] = made
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            return made
        finally:
            with self._lock:
                self._working.pop(key, None)
            turn.release()

    def kept(self, key: Any) -> Any:
        """What is remembered under a key, None where nothing is."""
        with self._lock:
            return self._kept.get(key)

    def forget(self) -> None:
        """Forget what is remembered: for measuring."""
        with self._lock:
            self._kept.clear()

    # ------------------------------------------------------------------ facts
    @cached_property
    def size(self) -> int:
        """Reports in the store."""
        return int(self.ask("select count(*) as n from reports")[0]["n"])

    @cached_property
    def types(self) -> tuple[str, ...]:
        """Event types: of the shipped codebook and of what the store holds."""
        from whowhom.analyse.filters import shipped_types

        rows = self.ask("select distinct event_type from reports order by 1")
        return tuple(sorted({*shipped_types(), *(r["event_type"] for r in rows)}))

    @cached_property
    def outlets(self) -> tuple[str, ...]:
        """Outlets, those with the most reports first; at most 200."""
        rows = self.ask(
            "select outlet, count(*) as n from reports where outlet is not null "
            "group by outlet order by n desc, outlet limit 200"
        )
        return tuple(r["outlet"] for r in rows)

    @cached_property
    def all_outlets(self) -> frozenset[str]:
        rows = self.ask("select distinct outlet from reports where outlet is not null")
        return frozenset(r["outlet"] for r in rows)

    @cached_property
    def places(self) -> tuple[str, ...]:
        """Countries of places, those with the most reports first; at most 200."""
        rows = self.ask(
            "select place_country as c, count(*) as n from reports where place_country is not null "
            "group by c order by n desc, c limit 200"
        )
        return tuple(r["c"] for r in rows)

    @cached_property
    def parties(self) -> tuple[str, ...]:
        """Parties, those with the most reports first; at most 300."""
        rows = self.ask(
            "select key, count(*) as n from (select unnest(actors) as key from reports "
            "union all select unnest(recipients) from reports) "
            "where key <> '' group by key order by n desc, key limit 300"
        )
        return tuple(r["key"] for r in rows)

    # ------------------------------------------------------------------ records
    def records(self, event_ids: Sequence[str]) -> list[dict[str, Any]]:
        """Whole records, in the order asked; those that there are not are left out."""
        return self.store.fetch(list(event_ids)) if event_ids else []

    # ------------------------------------------------------------------ marks
    def marks(self) -> list[Mark]:
        """The newest mark of each event and marker, oldest first."""
        self._read_marks()
        return self._marks[1]

    def marks_of(self, event_ids: Sequence[str]) -> dict[str, Mark]:
        """The marks of the explorer's user on some events."""
        self._read_marks()
        mine = self._marks[2]
        return {event: mine[event] for event in event_ids if event in mine}

    def mark(self, event_id: str, verdict: str, note: str, mend: dict[str, Any] | None) -> None:
        """Keep a mark. Events stay as they are."""
        self.store.mark(event_id, verdict, note=note, mend=mend, marker=self.marker)
        with self._lock:
            self._marks = (-1, [], {})

    def _read_marks(self) -> None:
        folder = self.store.path / "marks"
        try:
            stamp = folder.stat().st_mtime_ns
        except OSError:
            stamp = 0
        if stamp != self._marks[0]:
            marks = list(read_marks(self.store.path))
            mine = {m.event_id: m for m in marks if m.marker == self.marker}
            self._marks = (stamp, marks, mine)


def mark_record(mark: Mark) -> dict[str, Any]:
    """A mark as JSON has it."""
    return asdict(mark)
