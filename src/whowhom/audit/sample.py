"""The sample: which events are to be judged, drawn at random within strata.

An event's place in the draw is a hash of seed and id (bottom-k sampling with permanent random
numbers, Ohlsson 1995): the same store, seed and size give the same sample on every machine, a
larger size takes in the smaller sample, and drawing anew after the store has grown keeps most of
what was judged. The sample lies in the folder ``audits`` of the store, a small file each.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import heapq
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from whowhom.errors import StoreError, UsageError
from whowhom.settings import AUDIT
from whowhom.store.audits import AUDITS, audit_files
from whowhom.store.schema import EVENT_SCHEMA, records
from whowhom.store.segment import write_atomically, write_error

if TYPE_CHECKING:
    from whowhom.store import Store

Dimension = Literal["type", "status", "outlet"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
Unit = Literal["reports", "incidents"]
UNITS: tuple[Unit, ...] = get_args(Unit)
FORMAT = "whowhom audit 1"
OTHERS = "(others)"
NONE = "(none)"

_COLUMNS: Mapping[Dimension, tuple[str, str]] = {
    # of the view events, of the view reports
    "type": ("event_type", "event_type"),
    "status": ("status", "status"),
    "outlet": ("document.outlet", "outlet"),
}


@dataclass(frozen=True, slots=True)
class Stratum:
    """Events alike in what the sample was drawn by. ``size``: how many the store had;
    ``events``: ids of those drawn, in the order of the draw."""

    name: tuple[str, ...]
    size: int
    events: tuple[str, ...]

    @property
    def words(self) -> str:
        return " / ".join(self.name) or "all"


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample and what it was drawn from. ``by``: what the strata are made of, none for one
    stratum; ``version``: of the whowhom that drew it."""

    made: str
    version: str
    of: Unit
    by: tuple[Dimension, ...]
    seed: int
    size: int
    strata: tuple[Stratum, ...]

    @property
    def population(self) -> int:
        """Events, or incidents, that it was drawn from."""
        return sum(stratum.size for stratum in self.strata)

    @property
    def events(self) -> tuple[str, ...]:
        """The ids in the order in which they are to be judged: at random over all strata, so that
        an audit that stops half-way has judged a random sample too."""
        ids = (event for stratum in self.strata for event in stratum.events)
        return tuple(sorted(ids, key=lambda event: _place(self.seed, f"order {event}")))


def draw(
    store: Store,
    *,
    size: int = AUDIT.size,
    by: Sequence[str] = ("type",),
    of: str = "reports",
    seed: int = 0,
) -> Sample:
    """A stratified random sample of a store's events; nothing is written.

    Args:
        size: how many to draw; at most as many as there are.
        by: what the strata are made of: type, status, outlet, or nothing.
        of: ``reports`` (each event) or ``incidents`` (of each incident one of its reports that
            is no copy, drawn at random); incidents need a merged store.
        seed: another number gives another sample.

    Raises:
        UsageError: an argument is none of these, or the store has no events.
    """
    from whowhom.pipeline import package_version

    chosen = [d for d in DIMENSIONS if d in by]
    unknown = [d for d in by if d not in DIMENSIONS]
    if unknown or of not in UNITS or size < 1:
        raise UsageError(
            f"cannot draw {size} {of} by {', '.join(by)}",
            do=f"by: {', '.join(DIMENSIONS)}; of: {', '.join(UNITS)}; size: 1 or more.",
        )
    source = _source(chosen, of)
    rows = store.sql(f"select s, count(*) from ({source}) group by s order by s").fetchall()  # noqa: S608
    if not rows:
        raise UsageError(
            "there is nothing to audit: the store has no events", where=str(store.path)
        )
    sizes = {tuple(name): int(count) for name, count in rows}
    pool = _small(sizes, size)
    pooled: dict[tuple[str, ...], int] = {}
    for name, count in sizes.items():
        key = tuple(OTHERS for _ in name) if name in pool else name
        pooled[key] = pooled.get(key, 0) + count
    quota = allocate(pooled, size)
    most = max(quota.values())
    first = store.sql(
        # the hash is the place in the draw; the id breaks no ties that will ever be
        "select s, event, h from (select *, row_number() over (partition by s order by h, event) "  # noqa: S608
        f"as place from (select *, sha256(? || event) as h from ({source}))) where place <= ?",
        [f"{seed} ", most],
    ).fetchall()
    heaps: dict[tuple[str, ...], list[tuple[str, str]]] = {name: [] for name in pooled}
    for name, event, place in first:
        key = tuple(name)
        heaps[tuple(OTHERS for _ in key) if key in pool else key].append((place, event))
    strata = tuple(
        Stratum(name, pooled[name], tuple(e for _, e in heapq.nsmallest(quota[name], heaps[name])))
        for name in sorted(pooled)
    )
    made = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    unit: Unit = "incidents" if of == "incidents" else "reports"
    return Sample(made, package_version(), unit, tuple(chosen), seed, size, strata)


def _source(by: Sequence[Dimension], of: str) -> str:
    """A query for the events that may be drawn: ``event`` and ``s``, its stratum's name."""
    at = 1 if of == "incidents" else 0
    names = ", ".join(f"coalesce({_COLUMNS[d][at]}, '{NONE}')" for d in by)
    stratum = f"[{names}]::varchar[] as s"
    if of == "reports":
        return f"select id as event, {stratum} from events"  # noqa: S608
    return (
        f"select event_id as event, {stratum} from reports "  # noqa: S608
        "qualify row_number() over (partition by incident order by copy, sha256(event_id)) = 1"
    )


def _small(sizes: Mapping[tuple[str, ...], int], size: int) -> set[tuple[str, ...]]:
    """The strata that are too many to get the least each: they are drawn from as one."""
    room = max(1, size // AUDIT.least)
    if len(sizes) <= room:
        return set()
    ranked = sorted(sizes, key=lambda name: (-sizes[name], name))
    return set(ranked[room - 1 :])


def allocate(sizes: Mapping[tuple[str, ...], int], size: int) -> dict[tuple[str, ...], int]:
    """How many of each stratum to draw: first :attr:`AuditSettings.least` of each, the rest by a
    power of the sizes (highest averages, so that a larger sample takes from no stratum less)."""
    quota = dict.fromkeys(sizes, 0)
    weight = {name: count**AUDIT.power for name, count in sizes.items()}

    def turn(name: tuple[str, ...]) -> tuple[bool, float, tuple[str, ...]]:
        got = quota[name]
        return got >= AUDIT.least, -weight[name] / (got + 0.5), name

    queue = [turn(name) for name in sizes]
    heapq.heapify(queue)
    for _ in range(min(size, sum(sizes.values()))):
        name = heapq.heappop(queue)[2]
        quota[name] += 1
        if quota[name] < sizes[name]:
            heapq.heappush(queue, turn(name))
    return quota


def _place(seed: int, text: str) -> str:
    return hashlib.sha256(f"{seed} {text}".encode()).hexdigest()


# -------------------------------------------------------------------- on the disk
def write_sample(store: Path, sample: Sample) -> Path:
    """Keep a sample; it is durable when this returns, and the newest is the one that holds.

    Raises:
        StoreError: the disk cannot be written.
    """
    folder = store / AUDITS
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise write_error(error, folder, do="Make room, then draw again.") from error
    number = max((int(path.stem) for path in audit_files(store)), default=0) + 1
    path = folder / f"{number:06d}.json"
    data = {"format": FORMAT, **asdict(sample)}
    write_atomically(path, json.dumps(data, ensure_ascii=False, indent=1).encode() + b"\n")
    return path


def latest(store: Path) -> Sample | None:
    """The newest sample of a store, None where none was drawn.

    Raises:
        StoreError: it cannot be read.
    """
    files = audit_files(store)
    if not files:
        return None
    try:
        data = json.loads(files[-1].read_bytes())
        if data.pop("format") != FORMAT:
            raise ValueError("another format")
        strata = tuple(
            Stratum(tuple(s["name"]), int(s["size"]), tuple(s["events"]))
            for s in data.pop("strata")
        )
        return Sample(**{**data, "by": tuple(data["by"])}, strata=strata)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(
            "this sample cannot be read",
            where=str(files[-1]),
            do="Draw another with: whowhom audit STORE --new. The marks are not lost.",
        ) from error


def fetch(store: Store, event_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """The whole records of some events by their ids, merged or not; those that the store has no
    more are left out."""
    if not event_ids:
        return {}
    table = store.sql(
        "select * from events where id in (select unnest(?::varchar[]))", [list(event_ids)]
    ).to_arrow_table()
    return {record["id"]: record for record in records(table, EVENT_SCHEMA)}


def left(sample: Sample, judged: Iterable[str]) -> list[str]:
    """The events that are not judged yet, in the order in which they are to be."""
    done = set(judged)
    return [event for event in sample.events if event not in done]
