"""A store of events made by hand: one event a line, so that a test reads like a newspaper."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from whowhom.engine.outcome import Outcome
from whowhom.model import (
    Attribution,
    Coded,
    CoderInfo,
    Coverage,
    Document,
    DocumentRef,
    Event,
    Evidence,
    LedgerRow,
    Magnitudes,
    Party,
    Place,
    Range,
    Trigger,
    Why,
)
from whowhom.store import Header, Store, create_store, open_store
from whowhom.store.schema import SCHEMA_VERSION
from whowhom.store.sink import StoreSink

SCORES = {"ASSAULT": -9.0, "PROTEST": -6.5, "CONSULT": 1.0, "ACCUSE": -2.0, "COERCE": -7.0}
PLACES = {
    "Garissa": (-0.46, 39.65, "KEN"),
    "Lamu": (-2.27, 40.9, "KEN"),
    "Aden": (12.8, 45.0, "YEM"),
}


def party(text: str) -> Party:
    """ "KEN REB rebels" is a party with country, sector and words; "- - men" has neither."""
    country, sector, words = text.split(" ", 2)
    return Party(
        words, 0, len(words),
        name=words if words[0].isupper() else None,
        country=None if country == "-" else country,
        sector=None if sector == "-" else sector,
    )  # fmt: skip


def event(document: Document, number: int, sentence: str, trigger: str, **how: Any) -> Event:
    kind = how.get("kind", "ASSAULT")
    at = sentence.index(trigger)
    carried = Trigger(trigger, at, at + len(trigger))
    place = how.get("place")
    speaker = how.get("speaker")
    day = how.get("day")
    figures = {key: how[key] for key in ("killed", "injured", "arrested", "crowd") if key in how}
    figures = {k: Range(*v) if isinstance(v, tuple) else v for k, v in figures.items()}
    return Event(
        id=f"{document.id}-{number}",
        document=DocumentRef(
            document.id, document.title, document.outlet, document.url, document.published,
            document.genre,
        ),
        event_type=kind,
        mode=how.get("mode"),
        contexts=(),
        quad=how.get("quad", "material conflict"),
        score=SCORES.get(kind),
        actors=tuple(party(p) for p in how.get("actors", ())),
        recipients=tuple(party(p) for p in how.get("recipients", ())),
        status=how.get("status", "actual"),
        attribution=(Attribution(party(speaker), "said", False, 0, 4),) if speaker else (),
        voice="reported",
        date=dt.date.fromisoformat(day) if day else None,
        end_date=None,
        date_text=None,
        date_granularity="day" if day else None,
        date_from="text" if day else None,
        place=Place(place, 0, 1, place, PLACES[place][2], None, *PLACES[place][:2], 1, "city")
        if place
        else None,
        magnitudes=Magnitudes(**figures),
        evidence=Evidence(sentence, 0, len(sentence), carried, number + 1),
        why=Why("TEST.frame", None, how.get("confidence", 0.9), None),
        incident=None,
        coder=CoderInfo("0", "test", None),
    )  # fmt: skip


def told(
    identity: str,
    outlet: str,
    published: str,
    *events: tuple[str, str, dict[str, Any]],
    text: str = "",
) -> Coded:
    """A document and its events: (sentence, trigger, what it says)."""
    body = text or " ".join(sentence for sentence, _, _ in events)
    document = Document(
        identity, body, title=f"Title of {identity}", outlet=outlet,
        url=f"https://{identity}.example/", published=dt.date.fromisoformat(published),
    )  # fmt: skip
    made = tuple(event(document, n, s, t, **how) for n, (s, t, how) in enumerate(events))
    return Coded(document, made, (), Coverage(len(body), len(body), 1, 1, 2, 2, len(made), 1, 1))


@pytest.fixture
def shelve(tmp_path: Path) -> Callable[..., Store]:
    """Puts documents into a store, a segment for each list of them."""

    def put(*segments: Sequence[Coded], name: str = "store") -> Store:
        folder = tmp_path / name
        if not (folder / "whowhom.json").exists():
            create_store(folder, Header(SCHEMA_VERSION, "test", "f"))
        with open_store(folder).writer() as writer:
            for batch in segments:
                sink = StoreSink(writer, "f", keep_text=False, evidence_characters=300)
                sink.write([Outcome(_row(coded), coded) for coded in batch])
        return open_store(folder)

    return put


def _row(coded: Coded) -> LedgerRow:
    return LedgerRow(
        coded.document.id, "coded", f"{coded.document.id}.txt", "", None, None,
        coded.document.sha256, len(coded.events), 0,
    )  # fmt: skip


def again(coded: Coded, **changes: Any) -> Coded:
    """The same with another id, outlet or day: a copy."""
    document = dataclasses.replace(coded.document, **changes)
    ref = DocumentRef(
        document.id, document.title, document.outlet, document.url, document.published, "report"
    )
    events = tuple(
        dataclasses.replace(e, id=f"{document.id}-{n}", document=ref)
        for n, e in enumerate(coded.events)
    )
    return dataclasses.replace(coded, document=document, events=events)
