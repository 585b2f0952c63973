"""The facts of a store that a methods section needs: from ledger, manifests, merge and audit."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from whowhom import audit
from whowhom.settings import DEFAULT, RUN_ONLY
from whowhom.store.merged import made_of

if TYPE_CHECKING:
    from whowhom.store import Store


@dataclass(frozen=True, slots=True)
class CoderFacts:
    """A coder that made part of the store. ``settings``: those that are not the shipped ones;
    None where no manifest tells, as in an imported file."""

    documents: int
    version: str | None
    codebook: str | None
    model: str | None
    settings: Mapping[str, Any] | None

    @property
    def imported(self) -> str | None:
        """The format that the events came in, None where whowhom coded them from text."""
        before, found, name = (self.codebook or "").partition("imported from ")
        return name if found and not before else None


@dataclass(frozen=True, slots=True)
class MergeFacts:
    reports: int
    incidents: int
    documents: int
    copies: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What a store holds. Counts are of what holds, not of what was replaced; shares are 0 to 1,
    None of nothing. ``content``: a hash of the store's segments."""

    name: str
    content: str
    made: dt.date | None
    coders: tuple[CoderFacts, ...]
    states: Mapping[str, int]
    skip_reasons: Mapping[str, int]
    documents: int
    outlets: tuple[tuple[str, int], ...]  # with documents, the most first
    without_outlet: int
    first: dt.date | None
    last: dt.date | None
    undated: int
    events: int
    types: tuple[tuple[str, int], ...]
    statuses: tuple[tuple[str, int], ...]
    read: float | None
    parties: float | None
    dated: float | None
    placed: float | None
    merge: MergeFacts | None
    audit: audit.Report | None
    damaged: int

    @property
    def shipped(self) -> bool:
        """Whether the figures of the package speak for this store: the shipped codebook, the
        learned model, no threshold of confidence."""
        changed = {"learned_model", "min_confidence", "read_all"}
        return bool(self.coders) and all(
            c.model is not None
            and " + " not in c.model  # an adjudicator had a say
            and (c.codebook or "").startswith("plover ")
            and c.settings is not None
            and not changed & c.settings.keys()
            for c in self.coders
        )


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, Any]:
    """The bibliographic data, figures and limits that the package states (``data/cite.toml``)."""
    file = resources.files("whowhom.data").joinpath("cite.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def gather(store: Store) -> Facts:
    """The facts of a store.

    Raises:
        StoreError: it cannot be read.
    """
    states, reasons = _ledger(store)
    first, last, undated, count = _row(
        store,
        "select min(published), max(published), count(*) filter (where published is null), "
        "count(*) from documents",
    )
    outlets = store.sql(
        "select outlet, count(*) from documents group by outlet order by 2 desc, 1"
    ).fetchall()
    read = _row(
        store,
        "select sum(c.characters_read), sum(c.characters), sum(c.parties_resolved), "
        "sum(c.parties), sum(c.events_dated), sum(c.events_placed), sum(c.events) "
        "from (select coverage as c from documents)",
    )
    types = _counts(store, "event_type")
    sample = audit.latest(store.path)
    found = audit.report(store, sample) if sample is not None else None
    runs = [run for _, run in store.runs()]
    ended = [text for run in runs if (text := run.get("ended") or run.get("started"))]
    return Facts(
        name=store.path.name,
        content=made_of(store.segments)[:16],
        made=dt.date.fromisoformat(max(ended)[:10]) if ended else None,
        coders=_coders(store, runs),
        states=states,
        skip_reasons=reasons,
        documents=count,
        outlets=tuple((name, n) for name, n in outlets if name is not None),
        without_outlet=sum(n for name, n in outlets if name is None),
        first=first,
        last=last,
        undated=undated,
        events=sum(n for _, n in types),
        types=types,
        statuses=_counts(store, "status"),
        read=_share(read[0], read[1]),
        parties=_share(read[2], read[3]),
        dated=_share(read[4], read[6]),
        placed=_share(read[5], read[6]),
        merge=_merge(store),
        audit=found if found is not None and found.judged else None,
        damaged=len(store.troubles),
    )


def _row(store: Store, query: str) -> tuple[Any, ...]:
    found = store.sql(query).fetchone()
    return tuple(found) if found is not None else ()


def _counts(store: Store, column: str) -> tuple[tuple[str, int], ...]:
    rows = store.sql(
        f"select {column}, count(*) from events group by 1 order by 2 desc, 1"  # noqa: S608
    ).fetchall()
    return tuple((str(name), int(n)) for name, n in rows)


def _ledger(store: Store) -> tuple[dict[str, int], dict[str, int]]:
    states: dict[str, int] = {}
    reasons: dict[str, int] = {}
    query = "select status, reason, count(*) from ledger group by all order by 3 desc, 1, 2"
    for status, reason, n in store.sql(query).fetchall():
        states[status] = states.get(status, 0) + n
        if status in ("skipped", "poisoned"):
            reasons[reason or status] = reasons.get(reason or status, 0) + n
    return states, reasons


def _coders(store: Store, runs: list[dict[str, Any]]) -> tuple[CoderFacts, ...]:
    """Who coded what holds, the most documents first."""
    by_print = {run.get("fingerprint"): run for run in runs}
    shipped_settings = dataclasses.asdict(DEFAULT)
    made = []
    rows = store.sql(
        "select fingerprint, count(*) from ledger where status in ('coded', 'no_events') "
        "group by 1 order by 2 desc, 1"
    ).fetchall()
    for fingerprint, n in rows:
        run = by_print.get(fingerprint)
        coder = (run or {}).get("coder", {})
        if run is None and str(fingerprint).startswith("import:"):  # several formats in one run
            coder = {"codebook": f"imported from {fingerprint.split(':')[1]}"}
        settings = (run or {}).get("settings")
        changed = None
        if isinstance(settings, Mapping):
            changed = {
                name: value
                for name, value in settings.items()
                if name not in RUN_ONLY
                and name in shipped_settings
                and shipped_settings[name] != value
            }
        made.append(
            CoderFacts(n, coder.get("version"), coder.get("codebook"), coder.get("model"), changed)
        )
    return tuple(made)


def _merge(store: Store) -> MergeFacts | None:
    if not store.merged:
        return None
    reports, incidents, documents, copies = _row(
        store,
        "select (select count(*) from reports), (select count(*) from incidents), "
        "(select count(*) from stories), (select count(*) from stories where copy)",
    )
    return MergeFacts(reports, incidents, documents, copies)


def _share(part: int | None, whole: int | None) -> float | None:
    return (part or 0) / whole if whole else None
