"""One incident from its reports: what most say, who says what, and where they contradict."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from whowhom.merge.schema import FIGURES, Claim, Incident, Standing
from whowhom.model import STATUSES

_HAPPENED = ("actual", "historical")
_FAR = "9999"


def incident_id(first_event: str) -> str:
    """The id of an incident: a hash of the id of its first report."""
    return "i" + hashlib.sha256(f"incident\x00{first_event}".encode()).hexdigest()[:15]


def first_of(reports: Iterable[Mapping[str, Any]]) -> str:
    """The event id of the first report: by day of publication, then by id. Later reports do not
    change it."""
    return min((str(r["published"] or _FAR), str(r["event_id"])) for r in reports)[1]


def incident(reports: Sequence[Mapping[str, Any]], identity: str) -> dict[str, Any]:
    """The row of an incident. ``reports``: rows of ``reports``, at least one, in any order."""
    rows = sorted(reports, key=lambda r: (str(r["published"] or _FAR), r["event_id"]))
    # one voice a story: copies of one text do not outvote others; a headline is no second report
    voices: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        voices.setdefault(row["story"], row)
    heard = list(voices.values())
    event_type = _most(r["event_type"] for r in heard)
    alike = [r for r in heard if r["event_type"] == event_type]
    mode = _most(r["mode"] for r in alike if r["mode"] is not None)
    told = [r for r in alike if r["mode"] == mode] or alike
    days = [r for r in rows if r["day"] is not None and r["date_from"] == "text"] or [
        r for r in rows if r["day"] is not None
    ]
    day = _most(r["day"] for r in days)
    end = _most(r["end_day"] for r in days if r["day"] == day and r["end_day"] is not None)
    published = [r["published"] for r in rows if r["published"] is not None]
    actors = _sides(rows, "actor")
    recipients = _sides(rows, "recipient")
    named = [r for r in rows if r["place"] is not None]
    place = _most(r["place"] for r in named)
    pin = next((r for r in named if r["place"] == place and r["lat"] is not None), None)
    pin = pin or next((r for r in named if r["place"] == place), None)
    claims = _claims(rows)
    statuses = Counter(r["status"] for r in heard)
    lead = max(rows, key=lambda r: _weight(r, event_type))
    spans = {kind: _span(claims, kind) for kind in FIGURES}
    values: dict[str, Any] = {
        "incident": identity,
        "event_type": event_type,
        "mode": mode,
        "quad": told[0]["quad"],
        "score": told[0]["score"],
        "status": _most_status(statuses),
        "day": day,
        "end_day": end,
        "shown": day or (min(published) if published else None),
        "first_published": min(published, default=None),
        "last_published": max(published, default=None),
        "actors": actors[0],
        "actor_countries": actors[1],
        "actor_names": actors[2],
        "recipients": recipients[0],
        "recipient_countries": recipients[1],
        "recipient_names": recipients[2],
        "place": place,
        "place_country": pin["place_country"] if pin else None,
        "lat": pin["lat"] if pin else None,
        "lon": pin["lon"] if pin else None,
        "reports": len(rows),
        "independent": len(voices),
        "outlets": sorted({r["outlet"] for r in rows if r["outlet"]}),
        "standings": _standings(rows),
        "figures": claims,
        "disputed": any(_disputed(claims, kind) for kind in FIGURES),
        "denied": "negated" in {r["status"] for r in rows}
        and any(r["status"] in _HAPPENED for r in rows),
        "lead": lead["event_id"],
        "text": lead["text"],
    }
    for kind, (low, high) in spans.items():
        values[f"{kind}_low"], values[f"{kind}_high"] = low, high
    return {name: values[name] for name in Incident.__dataclass_fields__}


def _most(values: Iterable[Any]) -> Any:
    """The most frequent; of equals the first. None of nothing."""
    counts = Counter(values)
    return counts.most_common(1)[0][0] if counts else None


def _most_status(statuses: Counter[str]) -> str:
    """What most have. A denial does not undo what as many report: it is told by ``denied``."""
    best = max(statuses.values())
    for status in STATUSES:
        if statuses[status] == best:
            return status
    return next(iter(statuses))


def _sides(rows: Sequence[Mapping[str, Any]], side: str) -> tuple[list[str], list[str], list[str]]:
    """Keys, countries and names of a side: those that at least a third of the reports that name
    one have, the most frequent first."""
    counts: Counter[tuple[str, str]] = Counter()
    names: dict[tuple[str, str], Counter[str]] = {}
    naming = 0
    for row in rows:
        keys, countries = row[f"{side}s"], row[f"{side}_countries"]
        naming += bool(keys)
        for party in dict.fromkeys(zip(keys, countries, row[f"{side}_names"], strict=True)):
            key, country, name = party
            identity = (key, country) if key else ("", name)
            names.setdefault(identity, Counter())[name] += 1
        for identity in {
            (k, c) if k else ("", n)
            for k, c, n in zip(keys, countries, row[f"{side}_names"], strict=True)
        }:
            counts[identity] += 1
    known = {identity for identity in counts if identity[0]}
    kept = [
        identity
        for identity, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        if 3 * n >= naming and (identity in known or not known)
    ]
    return (
        [identity[0] for identity in kept],
        [identity[1] if identity[0] else "" for identity in kept],
        [min(names[i].items(), key=lambda item: (-item[1], item[0]))[0] for i in kept],
    )


def _standings(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    counts = Counter((r["outlet"] or "", r["status"]) for r in rows)
    return [
        dict(zip(Standing.__dataclass_fields__, (o, s, n), strict=True))
        for (o, s), n in sorted(counts.items())
    ]


def _claims(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Every figure once a claimant and outlet: a headline that repeats it is no second claim."""
    out: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        outlet = row["outlet"] or ""
        names, keys = row["speaker_names"], row["speakers"]
        claimant = names[-1] if names else (outlet or "the text")
        for kind in FIGURES:
            low, high = row[f"{kind}_low"], row[f"{kind}_high"]
            if low is None and high is None:
                continue
            values = (
                kind, low, high, claimant, keys[-1] if keys else "", outlet, row["event_id"],
                row["published"],
            )  # fmt: skip
            claim = dict(zip(Claim.__dataclass_fields__, values, strict=True))
            out.setdefault((kind, low, high, claimant, outlet), claim)
    return list(out.values())


def _span(claims: Sequence[Mapping[str, Any]], kind: str) -> tuple[int | None, int | None]:
    """From the least to the most that anybody claims."""
    mine = [c for c in claims if c["kind"] == kind]
    lows = [c["low"] if c["low"] is not None else c["high"] for c in mine]
    highs = [c["high"] if c["high"] is not None else c["low"] for c in mine]
    return min(lows, default=None), max(highs, default=None)


def _disputed(claims: Sequence[Mapping[str, Any]], kind: str) -> bool:
    """Whether two claims of a figure leave no number that fits both: "at least 9" and 12 agree."""
    ranges = [
        (c["low"] if c["low"] is not None else 0, c["high"] if c["high"] is not None else None)
        for c in claims
        if c["kind"] == kind
    ]
    highest_low = max((low for low, _ in ranges), default=0)
    highs = [high for _, high in ranges if high is not None]
    return bool(highs) and min(highs) < highest_low


def _weight(row: Mapping[str, Any], event_type: str) -> tuple[Any, ...]:
    """How well a report tells the incident; of equals the one with the smallest id."""
    return (
        row["event_type"] == event_type,
        row["status"] in _HAPPENED,
        bool(row["actors"]) + bool(row["recipients"]),
        row["sentence"] != 0,  # a headline is short of words
        round(row["confidence"] or 0.0, 2),  # imported events have none
        [-ord(character) for character in row["event_id"]],
    )
