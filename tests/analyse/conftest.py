"""A store small enough to count by hand, as the tables that merging writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from whowhom.merge.schema import INCIDENTS, REPORTS, STORIES
from whowhom.store.schema import SCHEMAS

QUADS = {
    "CONSULT": ("verbal cooperation", 1.0),
    "AID": ("material cooperation", 7.0),
    "AGREE": ("verbal cooperation", 3.0),
    "REQUEST": ("verbal cooperation", -1.0),
    "ACCUSE": ("verbal conflict", -2.0),
    "ASSAULT": ("material conflict", -10.0),
    "MOBILIZE": ("material conflict", -7.0),
}
SIDES = ("actors", "recipients", "speakers")


def day(number: int) -> dt.date:
    """A day of October 1962, which began on a Monday."""
    return dt.date(1962, 10, number)


def report(
    event_id: str, incident: str, event_type: str, number: int, **fields: Any
) -> dict[str, Any]:
    """A row of ``reports``; what is not given is empty, or follows from the rest."""
    quad, score = QUADS[event_type]
    row: dict[str, Any] = dict.fromkeys(REPORTS.names)
    row |= {
        "event_id": event_id,
        "sequence": 1_000_000,
        "incident": incident,
        "story": f"doc-{event_id}",
        "copy": False,
        "document_id": f"doc-{event_id}",
        "outlet": "Wire",
        "genre": "report",
        "published": day(number),
        "day": day(number),
        "date_from": "text",
        "shown": day(number),
        "event_type": event_type,
        "quad": quad,
        "score": score,
        "contexts": [],
        "status": "actual",
        "voice": "reported",
        "cues": [],
        "quoted": False,
        "money": [],
        "sentence": 1,
        "text": "",
        "trigger": "",
        "trigger_at": 0,
        "confidence": 0.9,
    }
    row |= fields
    for side in SIDES:
        row[side] = list(row[side] or ())
        names = f"{side.removesuffix('s')}_names"
        row[names] = list(fields.get(names, [key or "somebody" for key in row[side]]))
        countries = f"{side.removesuffix('s')}_countries"
        if countries in REPORTS.names:
            row[countries] = [key.split(" ")[0] for key in row[side]]
    return row


def incident(name: str, **fields: Any) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(INCIDENTS.names)
    row |= {
        "incident": name,
        "quad": "material conflict",
        "event_type": "ASSAULT",
        "status": "actual",
        "outlets": ["Wire"],
        "standings": [],
        "figures": [],
        "disputed": False,
        "denied": False,
        "text": "",
        "actors": [],
        "recipients": [],
    }
    return row | fields


def connect(
    reports: Sequence[dict[str, Any]],
    incidents: Sequence[dict[str, Any]] = (),
    stories: Sequence[dict[str, Any]] = (),
    **others: Sequence[dict[str, Any]],
) -> duckdb.DuckDBPyConnection:
    """A connection with the tables; every incident that a report names is there."""
    given = {row["incident"] for row in incidents}
    named = sorted({row["incident"] for row in reports} - given)
    rows = {
        "reports": (reports, REPORTS),
        "incidents": ([*incidents, *map(incident, named)], INCIDENTS),
        "stories": (stories, STORIES),
        "documents": (others.get("documents", ()), SCHEMAS["documents"]),
        "ledger": (others.get("ledger", ()), SCHEMAS["ledger"]),
        "rejections": (others.get("rejections", ()), SCHEMAS["rejections"]),
    }
    connection = duckdb.connect()
    for name, (data, schema) in rows.items():
        connection.register("given", pa.Table.from_pylist(list(data), schema=schema))
        connection.execute(f"create table {name} as from given")
        connection.unregister("given")
    connection.execute("create table runs (version varchar, codebook varchar, model varchar)")
    for run in others.get("runs", ()):
        connection.execute(
            "insert into runs values (?, ?, ?)", [run["version"], run["codebook"], run["model"]]
        )
    return connection


# Eight reports of six incidents that happened, and what did not happen or has not yet.
#   i1  on the 1st:  RUS shells CUB; three reports, one of them a copy of another, one as ACCUSE
#   i2  on the 2nd:  talks of USA and RUS: both are actors, nobody a recipient
#   i3  on the 9th:  USA and GBR send aid to CUB and CUB CVL
#   i4  on the 9th:  somebody (no country) assaults CUB CVL
#   i5  no day:      USA accuses RUS; the same party twice on one side
#   i6  on the 17th: RUS acts on itself
REPORTS_BY_HAND = (
    report("e1", "i1", "ASSAULT", 1, actors=["RUS"], recipients=["CUB"], story="s1"),
    report(
        "e2",
        "i1",
        "ASSAULT",
        1,
        actors=["RUS"],
        recipients=["CUB"],
        story="s1",
        copy=True,
        outlet="Courier",
        confidence=0.95,
    ),
    report(
        "e3",
        "i1",
        "ACCUSE",
        3,
        actors=["RUS"],
        recipients=["CUB"],
        outlet="Courier",
        confidence=0.5,
    ),
    report("e4", "i2", "CONSULT", 2, actors=["USA", "RUS"]),
    report("e5", "i3", "AID", 9, actors=["USA", "GBR"], recipients=["CUB", "CUB CVL"]),
    report("e6", "i4", "ASSAULT", 9, actors=[""], recipients=["CUB CVL"]),
    report("e7", "i5", "ACCUSE", 1, actors=["USA", "USA"], recipients=["RUS"], shown=None),
    report("e8", "i6", "MOBILIZE", 17, actors=["RUS"], recipients=["RUS"]),
    report("f1", "i7", "ASSAULT", 9, actors=["USA"], recipients=["CUB"], status="future"),
    report("f2", "i7", "ASSAULT", 9, actors=["USA"], recipients=["CUB"], status="negated"),
)


@pytest.fixture
def small() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = connect(REPORTS_BY_HAND)
    yield connection
    connection.close()
