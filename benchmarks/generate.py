"""Make a store of many events by chance, always the same for the same seed: what the analyses,
the explorer and the report are measured on.

    python benchmarks/generate.py FOLDER --events 1000000

Nothing is coded: the records are made. What matters is shaped like news: a few countries, pairs
and outlets have most of it; a few incidents are told by many outlets and most by one; a third of
the documents copy an agency's text; reports of one incident differ in words, day, figures and in
who says so; some deny it.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import hashlib
import random
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from whowhom.codebook.loading import load
from whowhom.store import Header, create_store
from whowhom.store.schema import SCHEMA_VERSION, SEQUENCE_STEP, Table

START = dt.date(2000, 1, 1)
EVENTS_A_DAY = 280
BATCH = 10_000  # documents a segment: some hundred megabytes in memory while it is written
CODER = {"version": "0.0", "codebook": "plover 2.0", "model": None}

# relative frequencies, roughly those of public event data
TYPES = {
    "CONSULT": 22,
    "ASSAULT": 16,
    "COERCE": 12,
    "ACCUSE": 10,
    "SUPPORT": 7,
    "AGREE": 6,
    "REQUEST": 5,
    "AID": 4,
    "COOPERATE": 4,
    "REJECT": 4,
    "THREATEN": 3,
    "PROTEST": 3,
    "SANCTION": 2,
    "MOBILIZE": 2,
    "RETREAT": 1,
    "CONCEDE": 1,
}
WORDS = {
    "CONSULT": ("met", "held talks with", "received", "conferred with"),
    "ASSAULT": ("shelled", "attacked", "bombed", "fired on", "raided"),
    "COERCE": ("arrested", "detained", "expelled", "seized"),
    "ACCUSE": ("accused", "blamed", "denounced", "condemned"),
    "SUPPORT": ("praised", "backed", "endorsed"),
    "AGREE": ("promised", "pledged to help", "signed a pact with"),
    "REQUEST": ("asked", "urged", "called on"),
    "AID": ("sent food to", "gave money to", "delivered medicine to"),
    "COOPERATE": ("traded with", "shared data with"),
    "REJECT": ("rebuffed", "rejected a plan of", "turned down"),
    "THREATEN": ("threatened", "warned"),
    "PROTEST": ("marched against", "protested against"),
    "SANCTION": ("imposed an embargo on", "fined"),
    "MOBILIZE": ("massed troops against", "sent warships towards"),
    "RETREAT": ("withdrew from", "released prisoners of"),
    "CONCEDE": ("gave in to", "eased curbs on"),
}
FILL = (
    "on the border", "near the old port", "after weeks of tension", "at dawn", "in a surprise move",
    "despite appeals", "for the second time", "in the capital", "late in the evening", "again",
    "before the vote", "as the season began", "in front of cameras", "without warning",
)  # fmt: skip
SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in ("a", "e", "i", "o", "u", "an", "er", "il")]
SECTORS = {None: 55, "GOV": 12, "MIL": 12, "REB": 8, "CVL": 8, "COP": 5, "PTY": 4, "OPP": 3}
CUES = ("said", "according to", "told reporters", "claimed", "announced")
STATUSES = {"actual": 78, "future": 8, "hypothetical": 6, "historical": 4, "negated": 4}


class World:
    """Countries, outlets and the incidents of the last days."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - nothing here is secret
        text = files("whowhom.data").joinpath("actors", "countries.csv").read_text("utf-8")
        found = {}
        for row in csv.DictReader(text.splitlines()):
            if row["capital"] and row["country"] not in found:
                found[row["country"]] = (row["name"], row["capital"])
        self.countries = sorted(found)
        self.random.shuffle(self.countries)
        self.names = found
        self.country_weights = [1 / (rank + 2) for rank in range(len(self.countries))]
        self.spots = {
            code: (self.random.uniform(-50, 65), self.random.uniform(-170, 175))
            for code in self.countries
        }
        self.numbers = np.random.default_rng(seed)
        # each country has a few it is mostly in the news with
        self.partners = {
            code: self.random.choices(self.countries, self.country_weights, k=6)
            for code in self.countries
        }
        self.outlets = [f"Outlet {number:02}" for number in range(1, 61)]
        self.outlet_weights = [1 / (rank + 1) for rank in range(60)]
        book = load()
        self.types = list(TYPES)
        self.type_weights = list(TYPES.values())
        self.quad = {name: book.types[name].quad for name in self.types}
        self.score = {name: book.types[name].score for name in self.types}
        self.incidents: list[dict[str, Any]] = []
        self.number = 0

    def incident(self, day: dt.date) -> dict[str, Any]:
        """A new incident of a day."""
        r = self.random
        kind = r.choices(self.types, self.type_weights)[0]
        a = r.choices(self.countries, self.country_weights)[0]
        b = r.choice(self.partners[a]) if r.random() < 0.75 else a
        sides = [self.party(a), self.party(b)]
        if a == b and sides[0]["sector"] == sides[1]["sector"]:
            sides[1] = self.party(b, "CVL" if sides[0]["sector"] != "CVL" else "MIL")
        self.number += 1
        return {
            "type": kind,
            "day": day,
            "sides": sides,
            "place": r.choice((a, b)),
            "fill": r.sample(FILL, 4),
            # what makes an incident itself in a text: names of streets, ships, people
            "names": [self.name() for _ in range(4)],
            "figure": 1 + int(r.lognormvariate(1.2, 1.1)),
            "sum": round(r.lognormvariate(2.5, 1.5)) * 1_000_000.0,
            "fame": r.paretovariate(1.1),
        }

    def name(self) -> str:
        """A word that nothing else is called."""
        return "".join(self.random.choices(SYLLABLES, k=3)).capitalize()

    def party(self, country: str, sector: str | None = "?") -> dict[str, Any]:
        if sector == "?":
            sector = self.random.choices(list(SECTORS), list(SECTORS.values()))[0]
        name = self.names[country][0]
        return {
            "text": name if sector is None else f"{name} {sector.lower()}",
            "start": 0,
            "end": 10,
            "name": name if sector is None else None,
            "country": country if self.random.random() < 0.93 else None,
            "members": [],
            "sector": sector,
            "other_sectors": [],
            "office": None,
            "wikidata": None,
            "resolved_by": "lexicon",
            "part": "text",
        }

    def event(self, incident: dict[str, Any], sentence: int) -> dict[str, Any]:
        """The incident as one text has it; what is of the document is filled in later."""
        r = self.random
        kind, sides = incident["type"], incident["sides"]
        phrase = r.choice(WORDS[kind])
        place = self.names[incident["place"]][1]
        a, b = sides[0]["text"], sides[1]["text"]
        fill, (one, two) = r.choice(incident["fill"]), r.sample(incident["names"], 2)
        status = r.choices(list(STATUSES), list(STATUSES.values()))[0]
        attribution = []
        if r.random() < 0.4:
            attribution.append(
                {
                    "speaker": r.choice(sides),
                    "cue": "denied" if status == "negated" else r.choice(CUES),
                    "quoted": r.random() < 0.2,
                    "start": 0,
                    "end": 4,
                }
            )
        figures: dict[str, Any] = {
            "killed": None, "injured": None, "arrested": None, "crowd": None, "money": []
        }  # fmt: skip
        if kind == "ASSAULT" and r.random() < 0.5:
            figures["killed"] = max(1, round(incident["figure"] * r.choice((1, 1, 1, 0.7, 1.6))))
            if r.random() < 0.2:
                figures["killed"] = {"low": figures["killed"], "high": None}
        elif kind == "COERCE" and r.random() < 0.4:
            figures["arrested"] = incident["figure"]
        elif kind == "PROTEST" and r.random() < 0.5:
            figures["crowd"] = incident["figure"] * 1000
        elif kind in ("AID", "AGREE") and r.random() < 0.3:
            figures["money"] = [
                {"amount": incident["sum"] * r.choice((1, 1, 1.2)), "currency": "USD"}
                | {"per": None, "text": "", "start": 0, "end": 0}
            ]
        dated = r.random()
        day = incident["day"] if dated < 0.85 else None
        lat, lon = self.spots[incident["place"]]
        text = f"{a} {phrase} {b} {fill} at {one} {two} in {place}."
        at = len(a) + 1
        recipients = [] if kind == "CONSULT" and r.random() < 0.7 else [sides[1]]
        return {
            "event_type": kind,
            "mode": None,
            "contexts": [],
            "quad": self.quad[kind],
            "score": self.score[kind],
            "actors": [sides[0]] if recipients else list(sides),
            "recipients": recipients,
            "status": status,
            "attribution": attribution,
            "voice": "reported" if r.random() < 0.95 else "opinion",
            "date": day,
            "end_date": None,
            "date_text": None,
            "date_granularity": "day" if day else None,
            "date_from": ("text" if dated < 0.6 else "published") if day else None,
            "place": {
                "text": place, "start": 0, "end": 1, "name": place, "country": incident["place"],
                "admin1": None, "lat": lat, "lon": lon, "geonameid": None, "resolution": "city",
                "part": "text",
            }
            if r.random() < 0.7
            else None,
            "magnitudes": figures,
            "evidence": {
                "sentence_text": text,
                "start": sentence * 200,
                "end": sentence * 200 + len(text),
                "trigger": {
                    "text": phrase,
                    "start": sentence * 200 + at,
                    "end": sentence * 200 + at + len(phrase),
                },
                "sentence": sentence,
                "part": "text",
            },
            "why": {
                "rule": f"{kind}/made",
                "model": None,
                "confidence": round(r.betavariate(8, 2), 3),
                "runner_up": None,
            },
            "incident": None,
            "coder": CODER,
        }  # fmt: skip

    def days(self, events: int) -> Iterator[tuple[dt.date, list[dict[str, Any]]]]:
        """Days and the texts of each; a text is a list of events."""
        made, day = 0, START
        while made < events:
            # about half as many incidents as reports; yesterday's are still told
            fresh = [self.incident(day) for _ in range(int(EVENTS_A_DAY * 0.45))]
            recent = [i for i in self.incidents if (day - i["day"]).days <= 2]
            self.incidents = recent + fresh
            weights = [i["fame"] / (1 + (day - i["day"]).days) for i in self.incidents]
            texts: list[dict[str, Any]] = []
            left = EVENTS_A_DAY
            untold = list(fresh)
            while left > 0 and made < events:
                count = min(self.random.choice((1, 2, 3, 4, 5, 6)), left, events - made)
                if texts and self.random.random() < 0.3:
                    original = self.random.choice(texts)
                    count = len(original["events"])
                    texts.append({**original, "copy": True})
                else:
                    told = self.random.choices(self.incidents, weights, k=count)
                    told = [
                        untold.pop() if untold and self.random.random() < 0.6 else i for i in told
                    ]
                    made_up = [self.event(i, n + 1) for n, i in enumerate(told)]
                    # what copies are known by: the same 64 numbers for the same text
                    shingles = self.numbers.integers(0, 2**31 - 1, 64).tolist()
                    texts.append({"events": made_up, "shingles": shingles, "copy": False})
                left -= count
                made += count
            yield day, texts
            day += dt.timedelta(1)


def generate(folder: Path, events: int, seed: int) -> dict[str, int]:
    """Write a store of about ``events`` events; a folder that is there is an error.

    Returns the numbers of documents and events.
    """
    world = World(seed)
    store = create_store(folder, Header(SCHEMA_VERSION, "generate.py", f"seed {seed}"))
    documents = total = 0
    rows: dict[Table, list[dict[str, Any]]] = _empty()
    with store.writer() as writer:
        for day, texts in world.days(events):
            for text in texts:
                documents += 1
                sequence = writer.number * SEQUENCE_STEP + len(rows["ledger"])
                total += _document(world, rows, day, text, documents, sequence)
                if len(rows["ledger"]) >= BATCH:
                    writer.add(rows)
                    rows = _empty()
        if rows["ledger"]:
            writer.add(rows)
        counts = {"read": documents, "events": total, "rejections": documents // 2}
        writer.note_run({"status": "done", "coder": CODER, "counts": counts})
    return {"documents": documents, "events": total}


def _empty() -> dict[Table, list[dict[str, Any]]]:
    return {"events": [], "rejections": [], "documents": [], "ledger": []}


def _document(
    world: World,
    rows: dict[Table, list[dict[str, Any]]],
    day: dt.date,
    text: dict[str, Any],
    number: int,
    sequence: int,
) -> int:
    r = world.random
    name, events = f"doc{number:08}", text["events"]
    published = day + dt.timedelta(int(text["copy"] and r.random() < 0.2))
    outlet = r.choices(world.outlets, world.outlet_weights)[0]
    digest = hashlib.sha256(name.encode()).hexdigest()
    about = {
        "id": name,
        "title": f"Report {number}" if not text["copy"] else None,
        "outlet": outlet,
        "url": None,
        "published": published,
        "genre": "report" if r.random() < 0.93 else "opinion",
    }
    parties = [party for event in events for party in (*event["actors"], *event["recipients"])]
    coverage = {
        "characters": 200 * len(events) + 400,
        "characters_read": 200 * len(events) + 380,
        "sentences": len(events) + 5,
        "sentences_read": len(events) + 5,
        "parties": len(parties),
        "parties_resolved": sum(party["country"] is not None for party in parties),
        "events": len(events),
        "events_dated": sum(event["date_from"] == "text" for event in events),
        "events_placed": sum(event["place"] is not None for event in events),
    }
    rows["documents"].append(
        {"sequence": sequence, **about, "sha256": digest, "text": None}
        | {"shingles": text["shingles"], "coverage": coverage}
    )
    rows["ledger"].append(
        {
            "sequence": sequence,
            "document_id": name,
            "status": "coded",
            "file": "made",
            "locator": f"line {number}",
            "reason": None,
            "detail": None,
            "sha256": digest,
            "events": len(events),
            "rejections": number % 2,
            "notes": [],
            "fingerprint": "made",
        }
    )
    if number % 2:
        rows["rejections"].append(
            {
                "sequence": sequence,
                "document_id": name,
                "sentence": 1,
                "start": 0,
                "end": 5,
                "text": "made",
                "reason": r.choice(("no_party", "low_confidence", "covered")),
                "rule": None,
                "event_type": "ASSAULT",
                "detail": "",
                "part": "text",
            }
        )
    for position, event in enumerate(events):
        key = hashlib.sha256(f"{name} {position}".encode()).hexdigest()[:20]
        rows["events"].append({"sequence": sequence, **event, "id": key, "document": about})
    return len(events)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("folder", type=Path)
    options.add_argument("--events", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=1)
    o = options.parse_args()
    begun = time.monotonic()
    made = generate(o.folder, o.events, o.seed)
    print(f"{made['events']:,} events in {made['documents']:,} documents, "
          f"{time.monotonic() - begun:.0f} s")  # fmt: skip


if __name__ == "__main__":
    main()
