"""The tables that merging writes: what analysis, charts, report and explorer read.

``reports`` has one row an event, flat, so that a query over a million of them takes a moment;
``incidents`` one row a real-world incident; ``stories`` one row a document. The dataclasses
are the documentation of the columns; the Arrow schemas follow from them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from whowhom.model import Quad, Status, Voice
from whowhom.store.schema import fields_of

Unit = Literal["reports", "independent", "incidents"]
"""What is counted: events as reported, one a syndicated text, or one a real-world incident."""

FigureKind = Literal["killed", "injured", "arrested", "crowd"]
FIGURES: tuple[FigureKind, ...] = ("killed", "injured", "arrested", "crowd")


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum of money, as in the record."""

    amount: float
    currency: str | None
    per: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """One event, flat. Lists of a side run parallel: its first key is of its first name."""

    event_id: str
    sequence: int  # of the document's ledger row: finds the whole record
    incident: str
    story: str  # the same for all copies of one text: the id of the first of them
    copy: bool  # the document is a copy of one that came before
    document_id: str
    title: str | None
    outlet: str | None
    url: str | None
    genre: str
    published: dt.date | None
    day: dt.date | None  # when it happened; null where nothing tells
    end_day: dt.date | None
    date_from: str | None
    shown: dt.date | None  # day, else published: where a series puts it
    event_type: str
    mode: str | None
    quad: Quad
    score: float | None
    contexts: tuple[str, ...]
    status: Status
    voice: Voice
    actors: tuple[str, ...]  # keys: "USA", "KEN REB"; a party without a country: ""
    actor_countries: tuple[str, ...]  # "USA"; "" where not known
    actor_names: tuple[str, ...]  # canonical name, else the words of the text
    recipients: tuple[str, ...]
    recipient_countries: tuple[str, ...]
    recipient_names: tuple[str, ...]
    speakers: tuple[str, ...]  # keys, outermost first; empty: the document's own voice
    speaker_names: tuple[str, ...]
    cues: tuple[str, ...]  # "said", "denied", ...
    quoted: bool
    place: str | None
    place_country: str | None
    lat: float | None
    lon: float | None
    killed_low: int | None
    killed_high: int | None
    injured_low: int | None
    injured_high: int | None
    arrested_low: int | None
    arrested_high: int | None
    crowd_low: int | None
    crowd_high: int | None
    money: tuple[Sum, ...]
    sentence: int  # its number in the document; 0 is the headline
    text: str  # the evidence sentence
    trigger: str
    trigger_at: int  # offset of the trigger in ``text``; -1 where the text was cut before it
    confidence: float | None  # null where the event was imported
    rule: str | None
    model: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How one outlet has an incident."""

    outlet: str
    status: Status
    reports: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure of an incident, with who claims it."""

    kind: FigureKind
    low: int | None
    high: int | None
    claimant: str  # the innermost speaker, else the outlet
    claimant_key: str  # the speaker's key; "" for an outlet
    outlet: str
    event_id: str
    published: dt.date | None


@dataclass(frozen=True, slots=True)
class Incident:
    """Reports of one real-world incident, taken together. Figures span all claims."""

    incident: str
    event_type: str  # of most independent reports
    mode: str | None
    quad: Quad
    score: float | None
    status: Status  # of most independent reports
    day: dt.date | None
    end_day: dt.date | None
    shown: dt.date | None
    first_published: dt.date | None
    last_published: dt.date | None
    actors: tuple[str, ...]
    actor_countries: tuple[str, ...]
    actor_names: tuple[str, ...]
    recipients: tuple[str, ...]
    recipient_countries: tuple[str, ...]
    recipient_names: tuple[str, ...]
    place: str | None
    place_country: str | None
    lat: float | None
    lon: float | None
    reports: int
    independent: int  # stories: copies of one text count once
    outlets: tuple[str, ...]
    standings: tuple[Standing, ...]
    figures: tuple[Claim, ...]
    killed_low: int | None
    killed_high: int | None
    injured_low: int | None
    injured_high: int | None
    arrested_low: int | None
    arrested_high: int | None
    crowd_low: int | None
    crowd_high: int | None
    disputed: bool  # two claims of one figure that cannot both be right
    denied: bool  # somebody says that it did not happen, others that it did
    lead: str  # event id of the report that tells it best
    text: str  # its evidence sentence


@dataclass(frozen=True, slots=True)
class Story:
    """A document, and the text that it is a copy of (itself where it is none)."""

    document_id: str
    story: str
    title: str | None
    outlet: str | None
    published: dt.date | None
    copy: bool


REPORTS = pa.schema(fields_of(Report))
INCIDENTS = pa.schema(fields_of(Incident))
STORIES = pa.schema(fields_of(Story))
MERGED: Mapping[str, pa.Schema] = {"reports": REPORTS, "incidents": INCIDENTS, "stories": STORIES}
