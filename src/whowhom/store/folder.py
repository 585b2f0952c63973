"""A store: a folder of immutable segments, a header, and a file a run.

Opening reads; only :meth:`Store.writer` changes anything. DuckDB is the query engine over the
segments and holds no copy of its own.
"""

from __future__ import annotations

import bisect
import contextlib
import dataclasses
import hashlib
import json
import logging
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from whowhom.errors import StoreError
from whowhom.settings import STORE_FILE
from whowhom.store import merged
from whowhom.store.index import Index, Known
from whowhom.store.lock import Lock
from whowhom.store.marks import Mark, read_marks, write_mark
from whowhom.store.merged import Merge, made_of, newest
from whowhom.store.readers import Lease
from whowhom.store.runs import last_run, read_runs
from whowhom.store.schema import (
    EVENT_SCHEMA,
    MERGE_SCHEMA_VERSION,
    SCHEMA_VERSION,
    SCHEMAS,
    SEQUENCE_STEP,
    TABLES,
    Table,
    records,
)
from whowhom.store.segment import (
    TEMPORARY,
    Damaged,
    Rows,
    Segment,
    drop,
    newer,
    read_segment,
    row_groups,
    stale,
    sync_folder,
    write_atomically,
    write_error,
    write_segment,
)

if TYPE_CHECKING:
    import duckdb
    import networkx as nx  # type: ignore[import-untyped]
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from whowhom.analyse.filters import Filter
    from whowhom.store.events import Events

HEADER = STORE_FILE
HEADER_COPY = "header-copy.json"
READERS = "readers"
FORMAT = "whowhom store"
CHECKED_BYTES = 256_000_000
CHECKED_SEGMENTS = 500
"""Of the newest segments so many bytes, and so many segments, have their hashes checked on opening
(well under a second); of the older ones only the sizes, and each page where it is read.
``Store.verify()`` checks all."""
RESCANS = 10
"""Looks at a folder that others rewrite meanwhile; a rewriting takes a moment to take effect."""
LISTED = 1000
"""Documents of a damaged segment that are named."""

ASIDE = "set-aside"
_NAME = re.compile(r"\d{8,}-[0-9a-f]{16}")
_log = logging.getLogger("whowhom.store")

_RUN_COLUMNS = (
    "number", "status", "started", "ended", "version", "codebook", "model", "fingerprint",
    "read", "events", "rejections", "details",
)  # fmt: skip
_RUN_COUNTS = {"number", "read", "events", "rejections"}

# Which rows of the ledger hold: the newest of each document. A duplicate says nothing about
# the document that it names, except at the same place; something unreadable (it has no id)
# holds until something else is read at its place. A file that could not be read at all, or only up
# to some item, holds as that until something of it is read anew: then somebody has mended it.
_LIVE = """
    select sequence from (
        select sequence, status, document_id,
            locator = '' or starts_with(locator, 'after ') as rest,
            max(sequence) over (
                partition by file, regexp_extract(locator, '\\(reading \\d+\\)$')) as anew,
            max(sequence) over (partition by document_id, file, locator) as item,
            max(sequence) filter (where status <> 'duplicate')
                over (partition by document_id) as document,
            max(sequence) over (partition by file, locator) as place
        from {ledger})
    where case when document_id = '' then sequence = case when rest then anew else place end
               when status = 'duplicate' then sequence = item
               else sequence = item and sequence = document end
"""


@dataclass(frozen=True, slots=True)
class Header:
    """Who made the store, and with which coder; ``fingerprint`` is of coder and options."""

    schema: int
    made_by: str
    fingerprint: str
    keep_text: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """A segment that cannot be read, and was left out."""

    segment: str
    detail: str
    documents: tuple[str, ...] | None = None
    """Ids of documents that were in it, at most :data:`LISTED`; None where that cannot be told."""


def open_store(path: str | os.PathLike[str]) -> Store:
    """A store for reading.

    Raises:
        StoreError: there is none, it is no store of ours, or a newer whowhom wrote it.
    """
    folder = Path(path)
    _header(folder)
    return Store(folder.resolve())


def create_store(path: str | os.PathLike[str], header: Header) -> Store:
    """Make an empty store; an empty or missing folder becomes one.

    Raises:
        StoreError: the folder holds something else, or cannot be written.
    """
    folder = Path(path)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # a killed creation leaves these and no header
        ours = {"segments", "runs", "lock", "merges", "marks", "audits", "watch"}
        ours |= {READERS, HEADER_COPY}
        if any(p.name not in ours and not p.name.startswith(TEMPORARY) for p in folder.iterdir()):
            raise StoreError(
                "this folder is not empty and is no store",
                where=str(path),
                do="Name a new folder, or an existing store.",
            )
        folder.chmod(0o700)
        (folder / "segments").mkdir(mode=0o700, exist_ok=True)
        (folder / "runs").mkdir(mode=0o700, exist_ok=True)
        (folder / READERS).touch(mode=0o600)
    except OSError as error:
        raise write_error(error, folder) from error
    _write_header(folder, header)
    return Store(folder.resolve())


def refuse_second_writer(path: str | os.PathLike[str]) -> None:
    """Say at once that another process writes to a store, before work is begun for it.

    Raises:
        StoreLocked: another process writes to it.
        StoreError: it cannot be written to.
    """
    if is_store(path):
        with Lock(Path(path) / "lock"):
            pass


def is_store(path: str | os.PathLike[str]) -> bool:
    return (Path(path) / HEADER).is_file()


def _write_header(folder: Path, header: Header) -> None:
    data = {
        "format": FORMAT,
        "schema": header.schema,
        "made_by": header.made_by,
        "fingerprint": header.fingerprint,
        "keep_text": header.keep_text,
    }
    data["check"] = _check(data)
    raw = json.dumps(data, indent=1).encode() + b"\n"
    # twice: without it nothing else could be read. The second makes the folder a store.
    write_atomically(folder / HEADER_COPY, raw)
    write_atomically(folder / HEADER, raw)


def _check(data: Mapping[str, Any]) -> str:
    """A hash over the header's fields."""
    rest = {key: value for key, value in data.items() if key != "check"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()[:32]


def _header(folder: Path) -> Header:
    try:
        try:
            data = _header_data(folder / HEADER)
        except FileNotFoundError:
            raise
        except (OSError, ValueError, KeyError, TypeError):
            data = _header_data(folder / HEADER_COPY)  # FileNotFoundError says that there is none
            _log.warning("%s of %s is damaged; its copy is used", HEADER, folder)
        if not isinstance(data["schema"], int) or data["schema"] > SCHEMA_VERSION:
            raise newer(folder, data["schema"])
        if data["schema"] < SCHEMA_VERSION:
            raise StoreError(
                f"a development version wrote this store (schema {data['schema']})",
                where=str(folder),
                do="Code the documents again into a new store.",
            )
        return Header(data["schema"], data["made_by"], data["fingerprint"], bool(data["keep_text"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        if not (folder / HEADER).exists():
            raise StoreError(
                "there is no store here" if not folder.exists() else "this folder is no store",
                where=str(folder),
                do=f"A store has a file {HEADER}; make one with: whowhom code INPUT --store FOLDER",
            ) from None
        raise StoreError(
            f"{HEADER} cannot be read",
            where=str(folder),
            do="Is this the folder that whowhom code --store wrote?",
        ) from error


def _header_data(path: Path) -> dict[str, Any]:
    """The fields of a header.

    Raises:
        OSError, ValueError, KeyError, TypeError: it cannot be read, or is not as it was written.
    """
    data: dict[str, Any] = json.loads(path.read_bytes())
    if data["format"] != FORMAT or data.get("check", _check(data)) != _check(data):
        raise ValueError
    return data


def _damaged(path: Path) -> bool:
    try:
        _header_data(path)
    except (OSError, ValueError, KeyError, TypeError):
        return True
    return False


class Store:
    """An open store: a snapshot of the segments that were there when it was opened.

    While it is there, compacting leaves the segments of its snapshot on the disk.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder
        self.header = _header(folder)
        self._lease = Lease(folder / READERS)  # before looking: what is seen then stays
        self.segments: tuple[Segment, ...]
        self.troubles: tuple[Trouble, ...]
        self.leftover: tuple[str, ...]  # names of segments that others replace
        self.segments, self.troubles, self.leftover = self._scan()
        self.merge: Merge | None = newest(folder / "merges", MERGE_SCHEMA_VERSION)
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._incidents: pa.Table | None = None
        self._alive: Any = None  # numpy array of the sequences that hold, sorted

    def _scan(
        self, *, thorough: bool = False
    ) -> tuple[tuple[Segment, ...], tuple[Trouble, ...], tuple[str, ...]]:
        """The segments, those that are damaged, and the names of those that others replace."""
        folder = self.path / "segments"
        for _ in range(RESCANS):
            good: list[Segment] = []
            bad: list[Trouble] = []
            checked = 0
            gone = False
            for name in _names(folder):
                sure = checked < CHECKED_BYTES and len(good) < CHECKED_SEGMENTS
                try:
                    good.append(read_segment(folder / name, thorough=thorough or sure))
                    checked += good[-1].size
                except Damaged as error:
                    if not (folder / name).exists():
                        gone = True  # rewritten since the folder was listed
                        break
                    bad.append(Trouble(name, str(error)))
            if not gone:
                break
        else:
            raise StoreError(
                "it is being rewritten all the time", where=str(self.path), do="Try again."
            )
        replaced = {name for segment in good for name in segment.replaces}
        troubles = [t for t in bad if t.segment not in replaced]
        for trouble in troubles:
            _log.warning(
                "segment %s of %s is left out: %s", trouble.segment, self.path, trouble.detail
            )
        return (
            tuple(s for s in reversed(good) if s.path.name not in replaced),
            tuple(_with_documents(folder, t) for t in troubles),
            tuple(sorted(n for n in (*(s.path.name for s in good), *(t.segment for t in bad))
                         if n in replaced)),
        )  # fmt: skip

    def verify(self) -> tuple[Trouble, ...]:
        """Check the hash of every file of every segment; the damaged ones are returned."""
        return self._scan(thorough=True)[1]

    # ------------------------------------------------------------------- reading
    def connect(self, *, memory_limit: str = "2GB") -> duckdb.DuckDBPyConnection:
        """A DuckDB connection with the views ``events``, ``rejections``, ``documents``,
        ``ledger`` (each with only what holds), ``runs``, ``manifest`` (the last run), ``marks``,
        and ``reports``, ``incidents``, ``stories`` as the last merge left them (empty without
        one; :func:`whowhom.merge.ensure` makes it).

        It lives in memory and reads the segments of this store and nothing else: other files,
        the network, extensions and settings are out of its reach. Use ``.cursor()`` for threads.
        """
        connection = self._open(TABLES, memory_limit)
        self._register_merge(connection)
        for table in TABLES:
            live = f"from all_{table} semi join live using (sequence)"
            if table == "events" and self.merge is not None:
                live = (
                    "select e.* replace (r.incident as incident) from all_events e "
                    "left join (select event_id, incident from reports) r on e.id = r.event_id "
                    "where e.sequence in (select sequence from live)"
                )
            connection.execute(f"create view {table} as {live}")
        self._register_runs(connection)
        self._register_marks(connection)
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        return connection

    def _open(
        self, tables: Sequence[Table], memory_limit: str = "2GB"
    ) -> duckdb.DuckDBPyConnection:
        """A connection with the views ``all_<table>`` and the table ``live``."""
        import duckdb

        connection = duckdb.connect(
            ":memory:",
            config={
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
                "python_enable_replacements": False,
                "memory_limit": memory_limit,
            },
        )
        # it would write on the terminal; in a notebook without ipywidgets there is none, and DuckDB
        # refuses to set what is off
        (bar,) = connection.execute("select current_setting('enable_progress_bar')").fetchone() or (
            1,
        )
        if bar:
            connection.execute("set enable_progress_bar = false")
        paths = [_quote(str(s.file(t))) for s in self.segments for t in tables]
        if self.merge is not None:
            paths += [_quote(str(self.merge.file(t))) for t in merged.TABLES]
        connection.execute(f"set allowed_paths = [{', '.join(paths)}]")
        for table in tables:
            files = [_quote(str(s.file(table))) for s in self.segments if s.rows[table]]
            if files:
                source = f"read_parquet([{', '.join(files)}])"
            else:
                source = _empty(connection, table, SCHEMAS[table])
            connection.execute(f"create view all_{table} as from {source}")
        many = len(self.segments) > CHECKED_SEGMENTS
        if many:  # thousands of small files: threads take twice as long as one, and all cores
            connection.execute("set threads = 1")
        connection.execute(f"create table live as {_LIVE.format(ledger='all_ledger')}")
        if many:
            connection.execute("reset threads")
        return connection

    def sql(self, query: str, parameters: Sequence[object] = ()) -> duckdb.DuckDBPyConnection:
        """The result of a query over the views of :meth:`connect`: ``.fetchall()``, ``.df()``,
        ``.pl()``, ``.to_arrow_table()``. ``?`` in the query stands for the parameters in turn.
        """
        with self._stale():
            return self._cursor().execute(query, list(parameters))

    @contextlib.contextmanager
    def _stale(self) -> Iterator[None]:
        """A query over segments that are gone ends with an error that says so."""
        import duckdb

        try:
            yield
        except duckdb.IOException as error:
            files = [s.path for s in self.segments]
            files += [] if self.merge is None else [self.merge.path]
            if all(path.exists() for path in files):
                raise
            raise stale(self.path) from error

    def events(self) -> Events:
        """All events that hold, in the order of reading."""
        from whowhom.store.events import Events

        return Events.from_dicts(self.records("events"))

    def to_arrow(self, table: str = "events", *, flat: bool = False) -> pa.Table:
        """A table as a pyarrow Table, only the rows that hold.

        Args:
            table: ``events``, ``rejections``, ``documents``, ``ledger``; after a merge also
                ``reports``, ``incidents``, ``stories``.
            flat: events with the columns of the CSV export, each a plain value, instead of the
                fields of the record with structs and lists.

        Raises:
            UsageError: there is no such table, or it has no flat form.
            StoreError: a merged table is asked for and nothing was merged, or a segment is damaged.
        """
        import pyarrow as pa

        from whowhom.store import frames

        name = frames.known(table)
        frames.only_events(name, flat)
        if name in merged.TABLES:
            self._need_merge(name)
            found: pa.Table = self.sql(f"from {name}").to_arrow_table()
            return found
        if flat:
            return frames.flat_table(self.records("events"))
        schema = _record_schema(name)  # type: ignore[arg-type]
        parts = [b.select(schema.names).cast(schema) for b in self.batches(name)]  # type: ignore[arg-type]
        return pa.concat_tables(parts) if parts else schema.empty_table()

    def to_pandas(self, table: str = "events", *, flat: bool | None = None) -> pd.DataFrame:
        """A table as a pandas DataFrame; events flat unless ``flat=False``. Days are
        ``datetime64``, whole numbers ``Int64``, lists are lists and structs dicts.

        Raises:
            UsageError, StoreError: as :meth:`to_arrow`.
            ImportError: pandas is not installed.
        """
        from whowhom.store import frames

        chosen = table == "events" if flat is None else flat
        return frames.pandas_of(self.to_arrow(table, flat=chosen))

    def to_polars(self, table: str = "events", *, flat: bool = False) -> pl.DataFrame:
        """A table as a polars DataFrame, as :meth:`to_arrow` has it.

        Raises:
            UsageError, StoreError: as :meth:`to_arrow`.
            ImportError: polars is not installed.
        """
        from whowhom.store import frames

        return frames.polars_of(self.to_arrow(table, flat=flat))

    def to_duckdb(self, table: str = "events") -> duckdb.DuckDBPyRelation:
        """A table as a DuckDB relation over the segments: nothing is read before it is asked
        for, and ``.filter()``, ``.aggregate()``, ``.df()``, ``.pl()`` go on from there. Valid
        until :meth:`close`.

        Raises:
            UsageError, StoreError: as :meth:`to_arrow`.
        """
        from whowhom.store import frames

        name = frames.known(table)
        if name in merged.TABLES:
            self._need_merge(name)
        with self._stale():
            return self._cursor().table(name)

    def network(self, filter_: Filter | None = None, **options: Any) -> tuple[pa.Table, pa.Table]:
        """Parties and what passes between them: :func:`whowhom.analyse.network` of this store."""
        from whowhom import analyse

        return analyse.network(self, filter_, **options)

    def to_networkx(self, filter_: Filter | None = None, **options: Any) -> nx.Graph:
        """The network as a NetworkX graph: :func:`whowhom.analyse.to_networkx` of this store."""
        from whowhom import analyse

        return analyse.to_networkx(self, filter_, **options)

    def _need_merge(self, table: str) -> None:
        if self.merge is None:
            raise StoreError(
                f"there are no {table}: its reports have not been merged into incidents",
                where=str(self.path),
                do="Run: whowhom merge STORE",
            )

    def close(self) -> None:
        """Close the connection that :meth:`sql` keeps; the store can be used again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._incidents = self._alive = None

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def refresh(self) -> None:
        """Look again at what is on the disk: later segments, a later merge, later marks."""
        self.close()
        self.header = _header(self.path)
        if not self._lease.held:
            self._lease = Lease(self.path / READERS)
        self.segments, self.troubles, self.leftover = self._scan()
        self.merge = newest(self.path / "merges", MERGE_SCHEMA_VERSION)

    @property
    def merged(self) -> bool:
        """Whether the last merge covers all that is in the store."""
        return self.merge is not None and self.merge.made_of == made_of(self.segments)

    def fetch(self, event_ids: Sequence[str]) -> list[dict[str, Any]]:
        """The whole records of some events, in the order asked; those that there are not are left
        out. Only the segments that hold them are read."""
        if not event_ids:
            return []
        wanted = list(dict.fromkeys(event_ids))
        with self._stale():
            cursor = self._cursor()
            rows = cursor.execute(
                "select event_id, sequence, incident from reports where event_id in "
                "(select unnest(?::varchar[]))",
                [wanted],
            ).fetchall()
            incident = {event: group for event, _, group in rows}
            sequences = sorted({sequence for _, sequence, _ in rows})
            files = [_quote(str(s.file("events"))) for s in self._holding(sequences)]
            if not files:
                return []
            table = cursor.execute(
                f"select * from read_parquet([{', '.join(files)}]) where sequence in "  # noqa: S608
                "(select unnest(?::bigint[])) and id in (select unnest(?::varchar[]))",
                [sequences, wanted],
            ).to_arrow_table()
        found = {record["id"]: record for record in records(table, EVENT_SCHEMA)}
        for event, record in found.items():
            record["incident"] = incident[event]
        return [found[event] for event in wanted if event in found]

    def _holding(self, sequences: Sequence[int]) -> list[Segment]:
        """The segments with events of some ledger rows; ``sequences`` is sorted."""
        numbers = sorted({sequence // SEQUENCE_STEP for sequence in sequences})
        found = []
        for segment in self.segments:
            at = bisect.bisect_left(numbers, segment.first)
            if segment.rows["events"] and at < len(numbers) and numbers[at] <= segment.number:
                found.append(segment)
        return found

    def mark(
        self,
        event_id: str,
        verdict: str,
        *,
        note: str = "",
        mend: Mapping[str, Any] | None = None,
        marker: str = "user",
    ) -> Mark:
        """Keep what a user says of an event: ``right``, ``wrong``, or ``mend`` with the fields and
        their values. Events are never changed by it; no lock is needed.

        Raises:
            UsageError: the verdict is none, or a text is too long.
            StoreError: the disk cannot be written.
        """
        return write_mark(self.path, event_id, verdict, note=note, mend=mend, marker=marker)

    def marks(self) -> list[Mark]:
        """The newest mark of each event and marker, oldest first."""
        return list(read_marks(self.path))

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._connection = self.connect()
        return self._connection.cursor()

    def _register_merge(self, connection: duckdb.DuckDBPyConnection) -> None:
        from whowhom.merge.schema import MERGED

        for table in merged.TABLES:
            if self.merge is not None and self.merge.rows[table]:
                source = f"read_parquet({_quote(str(self.merge.file(table)))})"
            else:
                source = _empty(connection, table, MERGED[table])
            connection.execute(f"create view {table} as from {source}")

    def _register_marks(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(
            "create table marks (event_id varchar, verdict varchar, note varchar, mend varchar, "
            "marker varchar, marked_at varchar)"
        )
        rows = [
            [
                m.event_id,
                m.verdict,
                m.note,
                json.dumps(m.mend) if m.mend else None,
                m.marker,
                m.marked_at,
            ]
            for m in self.marks()
        ]
        if rows:
            connection.executemany("insert into marks values (?, ?, ?, ?, ?, ?)", rows)

    def _register_runs(self, connection: duckdb.DuckDBPyConnection) -> None:
        import pyarrow as pa

        runs = self.runs()
        rows = []
        for number, run in runs:
            coder, totals = run.get("coder", {}), run.get("counts", {})
            rows.append(
                {
                    "number": number,
                    **{name: _text(run.get(name)) for name in ("status", "started", "ended")},
                    **{name: _text(coder.get(name)) for name in ("version", "codebook", "model")},
                    "fingerprint": _text(run.get("fingerprint")),
                    **{n: _count(totals.get(n)) for n in ("read", "events", "rejections")},
                    "details": json.dumps(run),
                }
            )
        # all at once: a watch has thousands of runs
        kinds = [(n, pa.int64() if n in _RUN_COUNTS else pa.string()) for n in _RUN_COLUMNS]
        connection.register("some_runs", pa.Table.from_pylist(rows, schema=pa.schema(kinds)))
        connection.execute("create table runs as from some_runs")
        connection.unregister("some_runs")
        newest = _flatten(runs[-1][1]) if runs else []
        pairs = [pa.array([p[at] for p in newest], pa.string()) for at in (0, 1)]
        connection.register("newest_run", pa.table(pairs, names=["key", "value"]))
        connection.execute("create table manifest as from newest_run")
        connection.unregister("newest_run")

    def runs(self) -> list[tuple[int, dict[str, Any]]]:
        """The manifests of the runs that wrote here, oldest first."""
        return read_runs(self.path)

    def live(self) -> pa.Table:
        """The column ``sequence`` of the ledger rows that hold."""
        connection = self._open(["ledger"])
        try:
            table: pa.Table = connection.execute("select sequence from live").to_arrow_table()
            return table
        finally:
            connection.close()

    def batches(self, table: Table) -> Iterator[pa.Table]:
        """The rows of a table that hold, in the order of reading, some thousand at a time.

        Raises:
            StoreError: a segment is damaged, or gone since this was opened.
        """
        for segment in self.segments:
            for rows in row_groups(segment, table):
                rows = self.living(segment, rows)
                if not rows.num_rows:
                    continue
                if table == "events" and self.merge is not None:
                    rows = self._with_incidents(rows)
                yield rows

    def living(self, segment: Segment, rows: pa.Table) -> pa.Table:
        """Those rows of a segment that hold."""
        import pyarrow as pa
        import pyarrow.compute as pc

        alive = self.alive(segment)
        if len(alive) == segment.rows["ledger"]:
            return rows
        return rows.filter(pc.is_in(rows["sequence"], value_set=pa.array(alive, pa.int64())))

    def alive(self, segment: Segment) -> Any:
        """The sequences of a segment that hold: a sorted numpy array."""
        import numpy

        if self._alive is None:
            column = self.live()["sequence"].combine_chunks()
            self._alive = numpy.sort(column.to_numpy(zero_copy_only=False))
        low, high = segment.first * SEQUENCE_STEP, (segment.number + 1) * SEQUENCE_STEP
        first, last = self._alive.searchsorted([low, high])
        return self._alive[first:last]

    def _with_incidents(self, rows: pa.Table) -> pa.Table:
        """Events with the incidents of the last merge."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self._incidents is None:
            found = self.sql("select event_id, incident from reports").to_arrow_table()
            self._incidents = found.combine_chunks()
        known = self._incidents
        at = pc.index_in(rows["id"].combine_chunks(), value_set=known["event_id"].combine_chunks())
        column = pa.chunked_array([known["incident"].combine_chunks().take(at)])
        return rows.set_column(rows.schema.get_field_index("incident"), "incident", column)

    def records(self, table: Table) -> Iterator[dict[str, Any]]:
        """The rows that hold as plain records, as JSON has them."""
        schema = _record_schema(table)
        for batch in self.batches(table):
            for start in range(0, batch.num_rows, 1000):
                yield from records(batch.slice(start, 1000), schema)

    # ------------------------------------------------------------------- writing
    def writer(self) -> Writer:
        """The one writer; a context manager.

        Raises:
            StoreLocked: on entering, where another process writes.
        """
        return Writer(self)


class Writer:
    """Adds segments. Entering takes the lock, refreshes the store and clears up what a crash left
    behind; with ``thorough`` it checks every byte. What is damaged is set aside."""

    def __init__(self, store: Store, *, thorough: bool = False) -> None:
        self.store, self._thorough = store, thorough
        self._lock = Lock(store.path / "lock")
        self._next = 1
        self._run: Path | None = None

    def __enter__(self) -> Writer:
        self._lock.__enter__()
        try:
            # again, under the lock: another writer may have added to what was opened
            self.store.refresh()
            if self._thorough:
                self.store.segments, self.store.troubles, _ = self.store._scan(thorough=True)
            self._clean()
            numbers = [s.number for s in self.store.segments]
            aside = self.store.path / ASIDE
            names = [t.segment for t in self.store.troubles]
            names += [p.name for p in aside.iterdir()] if aside.is_dir() else []
            numbers += [int(n.partition("-")[0]) for n in names if _NAME.fullmatch(n)]
            self._next = max(numbers, default=0) + 1
        except BaseException:
            self._lock.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.__exit__(kind, error, trace)

    def _clean(self) -> None:
        folder = self.store.path
        for debris in [*folder.glob(TEMPORARY + "*"), *folder.glob("*/" + TEMPORARY + "*")]:
            with contextlib.suppress(OSError):
                shutil.rmtree(debris) if debris.is_dir() else debris.unlink()
        try:
            (folder / "segments").mkdir(mode=0o700, exist_ok=True)
            (folder / "runs").mkdir(mode=0o700, exist_ok=True)
            if not (folder / READERS).exists():
                (folder / READERS).touch(mode=0o600)
            if _damaged(folder / HEADER):
                _write_header(folder, self.store.header)
            for trouble in self.store.troubles:
                (folder / ASIDE).mkdir(mode=0o700, exist_ok=True)
                (folder / "segments" / trouble.segment).rename(folder / ASIDE / trouble.segment)
        except OSError as error:
            raise write_error(error, folder) from error
        self.drop(self.store.leftover)

    def drop(self, names: Sequence[str], *, though_read: bool = False) -> bool:
        """Take away segments that others replace; with readers at work they stay, for the next
        writer, unless ``though_read``. Gives whether they are gone.

        Raises:
            StoreError: with ``though_read``, where they cannot be taken away.
        """
        if names and not though_read and not self.store._lease.alone():
            return False
        for name in names:
            try:
                drop(self.store.path / "segments" / name)
            except FileNotFoundError:
                continue
            except OSError as error:  # Windows: somebody has it open
                if though_read:
                    raise write_error(error, self.store.path) from error
                return False
        if names:
            sync_folder(self.store.path / "segments")
        return True

    def index(self, fingerprint: str, *, resume: bool) -> Index:
        """What the store knows, for deciding what to code."""
        index = Index(fingerprint, resume)
        connection = self.store._open(["ledger"])  # the other views would cost more than the rows
        try:
            result = connection.execute(
                f"select {', '.join(Known._fields)} from all_ledger "  # noqa: S608
                "semi join live using (sequence) "
                # foreign rows have ids of their own, and may be millions
                "where fingerprint is null or not starts_with(fingerprint, 'import:') "
                "order by sequence"
            )
            while rows := result.fetchmany(10_000):
                index.load(map(Known._make, rows))
        finally:
            connection.close()
        return index

    def admit(self, header: Header, *, recode: bool) -> None:
        """Let a coder write here: the one that the store was made with, or any with ``recode``, or
        where nothing was coded yet (a store that an import made has no fingerprint).

        Raises:
            StoreError: the store was made with another codebook, model, version or options.
        """
        mine = self.store.header
        if mine.fingerprint == header.fingerprint and mine.keep_text == header.keep_text:
            return
        if self.store.segments and mine.fingerprint and not recode:
            what = (
                "another codebook, model, version or options"
                if mine.fingerprint != header.fingerprint
                else ("--keep-text" if mine.keep_text else "no --keep-text")
            )
            raise StoreError(
                f"this store was made with {what}",
                where=str(self.store.path),
                do="Add --recode to go on with the present ones, or name a new store.",
            )
        _write_header(self.store.path, header)
        self.store.header = header

    def add(self, rows: Mapping[Table, Rows]) -> Segment:
        """Add a segment; it is durable when this returns.

        Raises:
            StoreError: the disk is full or cannot be written; nothing was added.
        """
        segment = write_segment(self.store.path / "segments", self._next, rows)
        self._next += 1
        return segment

    @property
    def number(self) -> int:
        """The number of the next segment."""
        return self._next

    def note_run(self, manifest: Mapping[str, Any], number: int | None = None) -> int:
        """Write the manifest of this run, or of the run ``number`` that it goes on with; a
        second call replaces it. Gives its number."""
        folder = self.store.path / "runs"
        if self._run is None:
            if number is None:
                number = 1 + last_run(self.store.path)
            self._run = folder / f"{number:06d}.json"
        write_atomically(self._run, json.dumps(manifest, indent=1, default=str).encode() + b"\n")
        return int(self._run.stem)


def _record_schema(table: Table) -> pa.Schema:
    if table == "events":
        return EVENT_SCHEMA
    schema = SCHEMAS[table]
    for name in ("sequence", "fingerprint"):
        if name in schema.names:
            schema = schema.remove(schema.get_field_index(name))
    return schema


def _names(folder: Path) -> list[str]:
    """The segments of a folder, newest first; the debris of a crash is left out."""
    try:
        return sorted((e.name for e in os.scandir(folder) if _NAME.fullmatch(e.name)), reverse=True)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError("cannot be read", where=str(folder)) from error


def _with_documents(folder: Path, trouble: Trouble) -> Trouble:
    """A damaged segment with the documents that it held, as far as they can be read."""
    import pyarrow.parquet as pq

    tries: list[tuple[Table, str]] = [("ledger", "document_id"), ("documents", "id")]
    for table, column in tries:
        path = folder / trouble.segment / f"{table}.parquet"
        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                ids = dict.fromkeys(file.read([column]).column(column).to_pylist())
        except (OSError, ValueError, KeyError):
            continue
        named = [i for i in ids if isinstance(i, str) and i]
        return dataclasses.replace(trouble, documents=tuple(named[:LISTED]))
    return trouble


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _flatten(value: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    flat = []
    for key, item in value.items():
        if isinstance(item, Mapping):
            flat += _flatten(item, f"{prefix}{key}.")
        else:
            flat.append((f"{prefix}{key}", item if isinstance(item, str) else json.dumps(item)))
    return flat


def _empty(connection: duckdb.DuckDBPyConnection, table: str, schema: pa.Schema) -> str:
    """The name of a table without rows, for a view to stand on."""
    connection.register(f"empty_{table}", schema.empty_table())
    connection.execute(f"create table none_{table} as from empty_{table}")
    connection.unregister(f"empty_{table}")
    return f"none_{table}"


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
