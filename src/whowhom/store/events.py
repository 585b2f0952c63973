"""A sequence of events, with the ways out: pandas, polars, Arrow, DuckDB, NetworkX, JSON Lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from whowhom.model import Event, Quad, Status

if TYPE_CHECKING:
    import duckdb
    import networkx as nx  # type: ignore[import-untyped]
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from whowhom.model import Rejection, Skipped


class Events(Sequence[Event]):
    """Coded events, in the order of the text.

    ``rejections`` holds the candidates that were not coded, ``skipped`` what was no document.
    """

    def __init__(
        self,
        events: Iterable[Event] = (),
        rejections: Iterable[Rejection] = (),
        skipped: Iterable[Skipped] = (),
    ) -> None:
        self._events = tuple(events)
        self.rejections = tuple(rejections)
        self.skipped = tuple(skipped)

    @classmethod
    def from_dicts(cls, records: Iterable[Mapping[str, Any]]) -> Events:
        """The inverse of ``[event.to_dict() for event in events]``.

        Raises:
            KeyError: a field is missing.
        """
        return cls(Event.from_dict(record) for record in records)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> Events: ...
    def __getitem__(self, index: int | slice) -> Event | Events:
        if isinstance(index, slice):
            return Events(self._events[index])
        return self._events[index]

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self._events)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Events) and self._events == other._events

    def __hash__(self) -> int:
        return hash(self._events)

    def __repr__(self) -> str:
        types = Counter(event.event_type for event in self._events).most_common(3)
        shown = ", ".join(f"{count} {name}" for name, count in types)
        return f"<Events: {len(self)}{' (' + shown + ', ...)' if shown else ''}>"

    def to_dicts(self) -> list[dict[str, Any]]:
        return [event.to_dict() for event in self._events]

    def to_json_lines(self) -> str:
        """One JSON record a line, each line ended; the same events give the same text."""
        return "".join(event.to_json() + "\n" for event in self._events)

    def to_arrow(self, *, flat: bool = False) -> pa.Table:
        """A pyarrow Table, one row an event: the fields of the record, nested ones as structs and
        lists; with ``flat`` the columns of the CSV export, each a plain value."""
        from whowhom.store.frames import flat_table
        from whowhom.store.schema import EVENT_SCHEMA, to_table

        records = self.to_dicts()
        return flat_table(records) if flat else to_table(records, EVENT_SCHEMA)

    def to_pandas(self, *, flat: bool = True) -> pd.DataFrame:
        """A pandas DataFrame, one row an event: the columns of the CSV export, or with
        ``flat=False`` the fields of the record, nested ones as dicts and lists. Days are
        ``datetime64``, whole numbers ``Int64``.

        Raises:
            ImportError: pandas is not installed.
        """
        from whowhom.store.frames import pandas_of

        return pandas_of(self.to_arrow(flat=flat))

    def to_polars(self, *, flat: bool = False) -> pl.DataFrame:
        """A polars DataFrame, one row an event, as :meth:`to_arrow` has it.

        Raises:
            ImportError: polars is not installed.
        """
        from whowhom.store.frames import polars_of

        return polars_of(self.to_arrow(flat=flat))

    def to_duckdb(self, *, flat: bool = False) -> duckdb.DuckDBPyRelation:
        """A DuckDB relation, one row an event, as :meth:`to_arrow` has it; it lives in memory."""
        from whowhom.store.frames import duckdb_of

        return duckdb_of(self.to_arrow(flat=flat))

    def to_networkx(self) -> nx.MultiDiGraph:
        """A directed graph: parties, and an edge for every actor and recipient of every event
        (:func:`whowhom.store.frames.graph_of` says what they carry).

        Raises:
            ImportError: networkx is not installed.
        """
        from whowhom.store.frames import graph_of

        return graph_of(self)

    def summary(self) -> Summary:
        """Counts: by type, by status, by quad class, and of the most frequent pairs."""
        return Summary(self._events)


class Summary:
    """Counts over events; ``str()`` is a few lines for people."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = len(events)
        self.documents = len({event.document.id for event in events})
        self.types: Counter[str] = Counter(event.event_type for event in events)
        self.statuses: Counter[Status] = Counter(event.status for event in events)
        self.quads: Counter[Quad] = Counter(event.quad for event in events)
        self.attributed = sum(1 for event in events if event.attribution)
        self.pairs: Counter[tuple[str, str]] = Counter(
            pair for event in events for pair in _pairs(event)
        )

    def __str__(self) -> str:
        def listed(counts: Counter[Any], most: int) -> str:
            return ", ".join(f"{name} {count}" for name, count in counts.most_common(most)) or "-"

        pairs = ", ".join(f"{a} → {b} {n}" for (a, b), n in self.pairs.most_common(5)) or "-"
        return (
            f"{self.events} events in {self.documents} documents, "
            f"{self.attributed} of them on somebody's word\n"
            f"types:  {listed(self.types, 16)}\n"
            f"status: {listed(self.statuses, 5)}\n"
            f"pairs:  {pairs}"
        )

    __repr__ = __str__


def _pairs(event: Event) -> Iterator[tuple[str, str]]:
    for actor in event.actors:
        for recipient in event.recipients:
            left, right = actor.country or actor.text, recipient.country or recipient.text
            if left != right:
                yield left, right
