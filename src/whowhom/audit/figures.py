"""What the marks on a sample say of all events: shares that are right, with intervals.

An event is *right* where its mark says so; one that was marked wrong or mended is not. Its *type
is right* also where the mend leaves the type alone. Where markers judge an event differently, it
counts by the share of them that say right.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from whowhom.audit.sample import OTHERS, Sample, fetch
from whowhom.evaluate.agreement import kappa
from whowhom.settings import AUDIT
from whowhom.store.marks import VERDICTS, Mark

if TYPE_CHECKING:
    from whowhom.store import Store

METHOD = (
    "stratified estimate: each stratum's share right, weighted by the stratum's size; interval by "
    "combining the strata's Wilson intervals (MOVER, Zou and Donner 2008), {level:.0%}, without a "
    "correction for finite populations"
)
METHOD_GROUPS = (
    "share of judged events weighted by what each stands for; Wilson interval at Kish's effective "
    "number of events, {level:.0%}"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A share with its interval, 0 to 1, each None where nothing was judged.

    ``judged``: events that it rests on; ``events``: how many it speaks for, where that is known.
    """

    name: str
    judged: int
    share: float | None
    low: float | None
    high: float | None
    events: int | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two markers on the events of the sample that both judged. ``agreed``: share of the events
    that both call right or both do not; ``kappa``: Cohen's, None where both say but one thing."""

    markers: tuple[str, str]
    events: int
    agreed: float
    kappa: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """What an audit has found so far.

    ``covered``: share of the population in strata with at least one judged event; the overall
    figures speak for that part. ``gone``: drawn events that the store has no more. ``now``: what
    the store has now of what was drawn from.
    """

    sample: Sample
    drawn: int
    judged: int
    left: int
    gone: int
    now: int
    covered: float
    verdicts: Mapping[str, int]
    markers: Mapping[str, int]
    right: Figure
    type_right: Figure
    by: Mapping[str, tuple[Figure, ...]]
    agreement: tuple[Agreement, ...]

    def to_dict(self) -> dict[str, Any]:
        """The report as plain dicts and lists, without the ids of the sample."""
        sample = asdict(self.sample)
        sample["population"] = self.sample.population
        sample["strata"] = [
            {"name": list(s.name), "size": s.size, "drawn": len(s.events)}
            for s in self.sample.strata
        ]
        rest = {
            name: getattr(self, name)
            for name in ("drawn", "judged", "left", "gone", "now", "covered")
        }
        return {
            "sample": sample,
            **rest,
            "verdicts": dict(self.verdicts),
            "markers": dict(self.markers),
            "right": asdict(self.right),
            "type_right": asdict(self.type_right),
            "by": {name: [asdict(f) for f in figures] for name, figures in self.by.items()},
            "agreement": [asdict(a) for a in self.agreement],
            "level": AUDIT.level,
            "method": METHOD.format(level=AUDIT.level),
            "method_of_groups": METHOD_GROUPS.format(level=AUDIT.level),
        }


def wilson(right: float, judged: float, level: float = AUDIT.level) -> tuple[float, float]:
    """Wilson's score interval of a share (Wilson 1927), for counts that may be fractions.

    ``judged`` 0 gives the whole range, 0 to 1.
    """
    if judged <= 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share = right / judged
    middle = share + z * z / (2 * judged)
    half = z * math.sqrt(share * (1 - share) / judged + z * z / (4 * judged * judged))
    scale = 1 + z * z / judged
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def stratified(
    strata: Iterable[tuple[int, float, int]], level: float = AUDIT.level
) -> tuple[float, float, float] | None:
    """The share over strata, with its interval.

    Args:
        strata: of each its size, how many of the judged are right, how many are judged; those
            without judged events are left out.

    Returns:
        share, low, high; None where nothing is judged.
    """
    known = [(size, right, judged) for size, right, judged in strata if judged and size]
    whole = sum(size for size, _, _ in known)
    if not whole:
        return None
    share = below = above = 0.0
    for size, right, judged in known:
        weight, part = size / whole, right / judged
        low, high = wilson(right, judged, level)
        share += weight * part
        below += (weight * (part - low)) ** 2
        above += (weight * (high - part)) ** 2
    return share, max(0.0, share - math.sqrt(below)), min(1.0, share + math.sqrt(above))


def agreements(marks: Iterable[Mark]) -> tuple[Agreement, ...]:
    """How each two markers agree on right or not, over the events that both marked."""
    said: dict[str, dict[str, bool]] = defaultdict(dict)
    for mark in marks:
        said[mark.marker][mark.event_id] = mark.verdict == "right"
    found = []
    for a, b in itertools.combinations(sorted(said), 2):
        both = sorted(said[a].keys() & said[b].keys())
        if not both:
            continue
        agreed = sum(said[a][e] == said[b][e] for e in both) / len(both)
        found_kappa = kappa([(said[a][e], said[b][e]) for e in both])
        found.append(
            Agreement((a, b), len(both), agreed, None if math.isnan(found_kappa) else found_kappa)
        )
    return tuple(found)


def report(store: Store, sample: Sample, *, marker: str | None = None) -> Report:
    """What the marks on a sample say.

    Args:
        marker: whose marks count; None takes everybody's.
    """
    drawn = set(sample.events)
    marks = [m for m in store.marks() if m.event_id in drawn]
    counted = [m for m in marks if marker is None or m.marker == marker]
    found = fetch(store, drawn)
    by_event: dict[str, list[Mark]] = defaultdict(list)
    for mark in counted:
        if mark.event_id in found:
            by_event[mark.event_id].append(mark)
    right = {e: _mean(m.verdict == "right" for m in some) for e, some in by_event.items()}
    typed = {e: _mean(_type_right(m) for m in some) for e, some in by_event.items()}
    weights = _weights(sample, right)
    verdicts = Counter(m.verdict for some in by_event.values() for m in some)
    return Report(
        sample=sample,
        drawn=len(drawn),
        judged=len(right),
        left=len(found) - len(right),
        gone=len(drawn) - len(found),
        now=_now(store, sample),
        covered=_covered(sample, right),
        verdicts={v: verdicts[v] for v in VERDICTS},
        markers=dict(sorted(Counter(m.marker for m in counted).items())),
        right=_overall(sample, right, "right"),
        type_right=_overall(sample, typed, "type right"),
        by={
            name: _groups(sample, name, right, weights, {e: of(found[e]) for e in right})
            for name, of in _GROUPS.items()
            if name != "outlet" or "outlet" in sample.by
        },
        agreement=agreements(m for m in marks if m.event_id in found),
    )


def _band(record: Mapping[str, Any]) -> str:
    ends = [*AUDIT.bands, 1.0]
    sure = record["why"]["confidence"]
    if sure is None:  # imported: the file did not say
        return "(not known)"
    at = max(n for n, low in enumerate(AUDIT.bands) if low <= sure or n == 0)
    return f"{ends[at]:.1f} to {ends[at + 1]:.1f}"


_GROUPS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "type": lambda record: str(record["event_type"]),
    "status": lambda record: str(record["status"]),
    "outlet": lambda record: str(record["document"]["outlet"] or "(none)"),
    "confidence": _band,
}


def _type_right(mark: Mark) -> bool:
    if mark.verdict == "mend":
        return "event_type" not in (mark.mend or {})
    return mark.verdict == "right"


def _mean(values: Iterable[bool]) -> float:
    given = list(values)
    return sum(given) / len(given)


def _weights(sample: Sample, judged: Mapping[str, float]) -> dict[str, float]:
    """How many events each judged one stands for."""
    out: dict[str, float] = {}
    for stratum in sample.strata:
        some = [e for e in stratum.events if e in judged]
        out.update(dict.fromkeys(some, stratum.size / len(some) if some else 0.0))
    return out


def _covered(sample: Sample, judged: Mapping[str, float]) -> float:
    known = sum(s.size for s in sample.strata if any(e in judged for e in s.events))
    return known / sample.population if sample.population else 0.0


def _overall(sample: Sample, right: Mapping[str, float], name: str) -> Figure:
    rows = []
    for stratum in sample.strata:
        some = [right[e] for e in stratum.events if e in right]
        rows.append((stratum.size, sum(some), len(some)))
    found = stratified(rows)
    if found is None:
        return Figure(name, 0, None, None, None, sample.population)
    return Figure(name, len(right), *found, sample.population)


def _groups(
    sample: Sample,
    dimension: str,
    right: Mapping[str, float],
    weights: Mapping[str, float],
    group: Mapping[str, str],
) -> tuple[Figure, ...]:
    """The share of each group. Groups that strata are made of have their size, and appear also
    where nothing of them is judged yet; what was drawn as ``(others)`` counts there, and once more,
    without a size, under a name of its own: "(others) SUPPORT"."""
    sizes: Counter[str] = Counter()
    drawn_as: dict[str, str] = {}
    if dimension in sample.by:
        at = sample.by.index(dimension)
        for stratum in sample.strata:
            sizes[stratum.name[at]] += stratum.size
            drawn_as.update(dict.fromkeys(stratum.events, stratum.name[at]))
    members: dict[str, list[str]] = defaultdict(list)
    for event, name in group.items():
        stratum_name = drawn_as.get(event, name)
        members[stratum_name].append(event)
        if stratum_name == OTHERS:
            members[f"{OTHERS} {name}"].append(event)
    figures = []
    for name in sorted({*members, *sizes}):
        figures.append(_group(name, members[name], right, weights, sizes.get(name)))
    return tuple(figures)


def _group(
    name: str,
    events: Sequence[str],
    right: Mapping[str, float],
    weights: Mapping[str, float],
    size: int | None,
) -> Figure:
    total = sum(weights[e] for e in events)
    if not total:
        return Figure(name, 0, None, None, None, size)
    share = sum(weights[e] * right[e] for e in events) / total
    effective = total**2 / sum(weights[e] ** 2 for e in events)
    return Figure(name, len(events), share, *wilson(share * effective, effective), size)


def _now(store: Store, sample: Sample) -> int:
    query = "select count(*) from events"
    if sample.of == "incidents":
        query = "select count(distinct incident) from reports"
    row = store.sql(query).fetchone()
    return int(row[0]) if row else 0
