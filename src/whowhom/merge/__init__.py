"""merge: reports of one real-world incident become one incident, with its reports kept.

:func:`merge` writes three tables into the store (:mod:`whowhom.merge.schema` has their columns);
the result depends on what the store holds and on nothing else, not on the order of reading.
"""

from __future__ import annotations

import functools
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whowhom.errors import StoreError, StoreLocked

if TYPE_CHECKING:
    import pyarrow as pa

    from whowhom.store import Store

__all__ = ["Merged", "ensure", "merge"]

ROWS = 20_000
"""Events that are held as Python values at once."""
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Merged:
    """What merging made of a store."""

    reports: int
    independent: int  # reports that are no copy of one before
    incidents: int
    stories: int
    documents: int
    compared: int  # pairs of reports
    fresh: bool  # False: the last merge was up to date, and stands


def merge(store: Store, *, again: bool = False, tell: Tell = lambda line: None) -> Merged:
    """Merge what a store holds into incidents, and keep the outcome in it.

    Args:
        again: also where the last merge is up to date.
        tell: takes a line on how far it is.

    Raises:
        StoreLocked: another process writes to the store.
        StoreError: the disk is full or cannot be written; the merge before stands.
    """
    from whowhom.store import open_store
    from whowhom.store.lock import Lock

    with Lock(store.path / "lock"):
        now = open_store(store.path)
        if now.merged and _current(now) and not again:
            store.refresh()
            return _summary(now, fresh=False)
        _write(now, now.path / "merges", tell)
    store.refresh()
    return _summary(store, fresh=True)


def ensure(store: Store, *, tell: Tell = lambda line: None, read_only: bool = False) -> Store:
    """The store with a merge that covers all of it; it is made where it is missing or old.

    Where the store cannot be written (another process writes, it is read-only) or with
    ``read_only`` must not be, the merge is made in a temporary folder for as long as this process
    lives.
    """
    if store.merged and _current(store):
        return store
    if read_only:
        tell("merging what the store holds now, aside")
    else:
        try:
            merge(store, tell=tell)
            return store
        except StoreLocked:
            tell("the store is being written: merging what it holds now, aside")
        except StoreError as error:
            tell(f"{error}: merging aside")
    store.refresh()
    store.merge = _write(store, _aside(), tell)
    return store


@functools.cache
def _aside() -> Path:
    import atexit

    folder = Path(tempfile.mkdtemp(prefix="whowhom-merge-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _made_with() -> str:
    from whowhom.merge.settings import settings
    from whowhom.pipeline import package_version

    return f"{package_version()} {settings().digest[:16]}"


def _current(store: Store) -> bool:
    return store.merge is not None and store.merge.made_with == _made_with()


def _summary(store: Store, *, fresh: bool) -> Merged:
    if store.merge is None:  # pragma: no cover - it was just written
        raise StoreError("the merge is gone", where=str(store.path), do="Run whowhom merge again.")
    rows, counts = store.merge.rows, store.merge.counts
    return Merged(
        reports=rows["reports"], independent=counts["independent"], incidents=rows["incidents"],
        stories=counts["stories"], documents=rows["stories"], compared=counts["compared"],
        fresh=fresh,
    )  # fmt: skip


def _write(store: Store, folder: Path, tell: Tell) -> Any:
    from whowhom.store.merged import made_of, write_merge
    from whowhom.store.schema import MERGE_SCHEMA_VERSION

    counts: dict[str, int] = {}
    return write_merge(
        folder,
        lambda into: _fill(store, into, counts, tell),
        version=MERGE_SCHEMA_VERSION,
        made_of=made_of(store.segments),
        made_with=_made_with(),
        counts=lambda: counts,
    )


def _fill(store: Store, into: Path, counts: dict[str, int], tell: Tell) -> Mapping[str, int]:
    """Write the three tables into a folder; gives their rows."""
    from whowhom.merge.features import Collector
    from whowhom.merge.flat import FEATURES
    from whowhom.merge.grouping import group

    story = _stories(store, into)
    counts["stories"] = len(set(story.values()))
    collector = Collector(_stop_words(), _common_names())
    for table in _flattened(store, FEATURES):
        for row in table.to_pylist():
            collector.add(row, story.get(row["document_id"], row["document_id"]))
        tell(f"{len(collector):,} reports read")
    features = collector.features()
    groups, compared = group(features, lambda n: tell(f"{n:,} pairs compared"))
    counts["compared"] = compared
    incident = _named(features.ids, features.published, groups)
    del features, collector, groups  # some hundred megabytes of a large store
    counts["independent"] = 0
    written = _write_reports(store, into, story, incident, counts, tell)
    incidents = _write_incidents(into, tell)
    return {"reports": written, "incidents": incidents, "stories": len(story)}


def _stop_words() -> frozenset[str]:
    from whowhom.parse.lean import stop_words

    return stop_words()


def _common_names() -> frozenset[str]:
    """Words with a capital that many incidents share: countries, their people, days, months."""
    import calendar

    from whowhom.actors import country_words

    days = [*calendar.day_name, *calendar.month_name, *calendar.day_abbr, *calendar.month_abbr]
    return frozenset(word.casefold() for word in [*days, *country_words()] if word)


def _stories(store: Store, into: Path) -> dict[str, str]:
    """Which document is a copy of which; writes ``stories.parquet``."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from whowhom.merge.copies import Text, stories
    from whowhom.merge.schema import STORIES

    texts, rows = [], []
    for batch in store.batches("documents"):
        prints = [
            scalar.values.to_numpy() if scalar.is_valid else None
            for scalar in batch["shingles"].cast(pa.list_(pa.int32()))
        ]
        chosen = batch.select(["id", "title", "outlet", "published"]).to_pylist()
        for row, print_ in zip(chosen, prints, strict=True):
            texts.append(Text(row["id"], row["published"], print_))
            rows.append((row["id"], row["title"], row["outlet"], row["published"]))
    story = stories(texts)
    table = pa.Table.from_pylist(
        [
            {
                "document_id": identity, "story": story[identity], "title": title,
                "outlet": outlet, "published": published, "copy": story[identity] != identity,
            }
            for identity, title, outlet, published in rows
        ],
        schema=STORIES,
    )  # fmt: skip
    pq.write_table(table, into / "stories.parquet", compression="zstd")
    return story


def _flattened(store: Store, query: str) -> Iterator[pa.Table]:
    """The rows of a query over the events that hold, some thousand at a time, in one order."""
    import duckdb
    import pyarrow as pa

    connection = duckdb.connect(":memory:", config={"memory_limit": "400MB"})
    connection.execute("set enable_progress_bar = false")
    try:
        waiting: list[pa.Table] = []
        size = 0

        def flush() -> pa.Table:
            connection.register("events", pa.concat_tables(waiting))
            table = connection.execute(query).to_arrow_table()
            connection.unregister("events")
            return table

        for batch in store.batches("events"):
            for start in range(0, batch.num_rows, ROWS):
                piece = batch.slice(start, ROWS)
                waiting.append(piece)
                size += piece.num_rows
                if size >= ROWS:
                    yield flush()
                    waiting, size = [], 0
        if waiting:
            yield flush()
    finally:
        connection.close()


def _named(ids: Sequence[str], published: Any, groups: Sequence[int]) -> list[str]:
    """The incident's id of each event: of the group's first report by day, then by id."""
    from whowhom.merge.features import NO_DAY
    from whowhom.merge.incidents import incident_id

    days = published.tolist()
    first: dict[int, tuple[int, str]] = {}
    for event, root in enumerate(groups):
        day = days[event] if days[event] != NO_DAY else 2**31
        mine = (day, ids[event])
        if root not in first or mine < first[root]:
            first[root] = mine
    names = {root: incident_id(identity) for root, (_, identity) in first.items()}
    return [names[root] for root in groups]


def _write_reports(
    store: Store,
    into: Path,
    story: Mapping[str, str],
    incident: Sequence[str],
    counts: dict[str, int],
    tell: Tell,
) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from whowhom.merge.flat import REPORTS as QUERY
    from whowhom.merge.schema import REPORTS

    written = 0
    with pq.ParquetWriter(into / "reports.parquet", REPORTS, compression="zstd") as writer:
        for table in _flattened(store, QUERY):
            documents = table["document_id"].to_pylist()
            stories = [story.get(document, document) for document in documents]
            copies = [a != b for a, b in zip(documents, stories, strict=True)]
            counts["independent"] += len(copies) - sum(copies)
            at = [
                _trigger_at(text, trigger, first, expected)
                for text, trigger, first, expected in zip(
                    table["text"].to_pylist(), table["trigger"].to_pylist(),
                    table["first_at"].to_pylist(), table["trigger_at"].to_pylist(), strict=True,
                )
            ]  # fmt: skip
            extra = {
                "incident": pa.array(incident[written : written + table.num_rows], pa.string()),
                "story": pa.array(stories, pa.string()),
                "copy": pa.array(copies, pa.bool_()),
                "trigger_at": pa.array(at, pa.int64()),
            }
            columns = [
                extra[field.name] if field.name in extra else table[field.name].cast(field.type)
                for field in REPORTS
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=REPORTS))
            written += table.num_rows
            tell(f"{written:,} reports written")
    return written


def _trigger_at(text: str, trigger: str, first: int, expected: int) -> int:
    """Where the trigger stands in the sentence; it may have moved a little, or been cut off."""
    if text.startswith(trigger, expected):
        return expected
    if first < 0 or text.count(trigger) < 2:
        return first
    places = [i for i in range(len(text)) if text.startswith(trigger, i)]
    return min(places, key=lambda i: abs(i - expected))


def _write_incidents(into: Path, tell: Tell) -> int:
    import duckdb
    import pyarrow as pa
    import pyarrow.parquet as pq

    from whowhom.merge.incidents import incident
    from whowhom.merge.schema import INCIDENTS

    (into / "sort").mkdir()
    connection = duckdb.connect(
        ":memory:",
        config={"memory_limit": "400MB", "temp_directory": str(into / "sort"), "threads": 2},
    )
    connection.execute("set enable_progress_bar = false")
    written = 0
    try:
        reader = connection.execute(
            "select * exclude (title, url, contexts, money, rule, model) from read_parquet(?) "
            "order by incident, event_id",
            [str(into / "reports.parquet")],
        ).to_arrow_reader(ROWS)
        with pq.ParquetWriter(into / "incidents.parquet", INCIDENTS, compression="zstd") as writer:
            waiting: list[dict[str, Any]] = []
            rows: list[dict[str, Any]] = []

            def close() -> None:
                if rows:
                    waiting.append(incident(rows, rows[0]["incident"]))

            def flush() -> None:
                writer.write_table(pa.Table.from_pylist(waiting, schema=INCIDENTS))
                waiting.clear()

            for batch in reader:
                for row in batch.to_pylist():
                    if rows and row["incident"] != rows[0]["incident"]:
                        close()
                        written += 1
                        rows = []
                        if len(waiting) >= ROWS:
                            flush()
                            tell(f"{written:,} incidents written")
                    rows.append(row)
            close()
            written += bool(rows)
            flush()
    finally:
        connection.close()
        shutil.rmtree(into / "sort", ignore_errors=True)
    return written
