"""A small store made by hand: two outlets, one happening told by both, and hostile words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from whowhom.engine.outcome import Outcome
from whowhom.merge import ensure
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
    Rejection,
    Trigger,
    Why,
)
from whowhom.store import Header, Store, create_store
from whowhom.store.schema import SCHEMA_VERSION
from whowhom.store.sink import StoreSink
from whowhom.web.app import create_app
from whowhom.web.security import Guard

BASE = "http://127.0.0.1:8150"
HOSTILE = "<script>window.hacked=1</script>\"'><img src=x onerror=window.hacked=1>"
HOSTILE_ID = "../evil/<b onmouseover=window.hacked=1>'\"&?#%00"
QUADS = {
    "ASSAULT": "material conflict",
    "ACCUSE": "verbal conflict",
    "CONSULT": "verbal cooperation",
    "AID": "material cooperation",
}
SCORES = {"ASSAULT": -9.0, "ACCUSE": -2.0, "CONSULT": 1.0, "AID": 7.0}


@pytest.fixture(autouse=True)
def whole_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages have time for all their pieces, however busy this machine is."""
    monkeypatch.setattr("whowhom.web.pages.BUDGET", 600.0)


def party(sentence: str, offset: int, words: str, country: str | None, sector: str) -> Party:
    start = offset + sentence.index(words)
    return Party(
        words, start, start + len(words), name=words, country=country, sector=sector
    )  # fmt: skip


def event(
    document: Document,
    number: int,
    sentence: str,
    kind: str,
    trigger: str,
    who: tuple[str, str | None],
    whom: tuple[str, str | None] | None,
    *,
    said_by: tuple[str, str] | None = None,
    status: str = "actual",
    place: tuple[str, str, float, float] | None = None,
    killed: int | None = None,
) -> Event:
    offset = document.text.index(sentence)
    at = offset + sentence.index(trigger)
    chain = []
    if said_by:
        speaker = party(sentence, offset, said_by[0], said_by[1], "GOV")
        cue = offset + sentence.index("said")
        chain = [Attribution(speaker, "said", False, cue, cue + 4)]
    where = None
    if place:
        start = offset + sentence.index(place[0])
        where = Place(
            place[0], start, start + len(place[0]), place[0], place[1], None,
            place[2], place[3], 1, "city",
        )  # fmt: skip
    return Event(
        id=f"ev-{document.id}-{number}" if document.id.isalnum() else f"ev-hostile-{number}",
        document=DocumentRef(
            document.id, document.title, document.outlet, document.url, document.published,
            document.genre,
        ),
        event_type=kind,
        mode=None,
        contexts=(),
        quad=QUADS[kind],  # type: ignore[arg-type]
        score=SCORES[kind],
        actors=(party(sentence, offset, who[0], who[1], "GOV"),),
        recipients=(party(sentence, offset, whom[0], whom[1], "GOV"),) if whom else (),
        status=status,  # type: ignore[arg-type]
        attribution=tuple(chain),
        voice="reported",
        date=document.published,
        end_date=None,
        date_text=None,
        date_granularity="day",
        date_from="published",
        place=where,
        magnitudes=Magnitudes(killed=killed),
        evidence=Evidence(
            sentence, offset, offset + len(sentence), Trigger(trigger, at, at + len(trigger)), 1
        ),
        why=Why(rule=f"{kind}.made-by-hand", confidence=0.9, runner_up=None),
        incident=None,
        coder=CoderInfo("test", "plover", None),
    )  # fmt: skip


def coded() -> list[Coded]:
    """Five documents."""
    mogadishu = ("Mogadishu", "SOM", 2.04, 45.34)
    made = []
    for name, outlet, number in (("d1", "Coast Herald", 12), ("d2", "Lake Courier", 40)):
        first = f"Kenya attacked Somalia in Mogadishu and killed {number} people."
        second = "Kenya met Uganda in Nairobi."
        text = f"{first}\n\n{second} It rained."
        document = Document(
            name, text, title=f"Attack on Mogadishu, {outlet}", outlet=outlet,
            url=f"https://{name}.example/1", published=dt.date(1998, 3, 4),
        )  # fmt: skip
        events = (
            event(document, 1, first, "ASSAULT", "attacked", ("Kenya", "KEN"),
                  ("Somalia", "SOM"), place=mogadishu, killed=number),
            event(document, 2, second, "CONSULT", "met", ("Kenya", "KEN"), ("Uganda", "UGA")),
        )  # fmt: skip
        rejected = Rejection(
            name, 3, text.index("It rained"), len(text), "rained", "no_party", "RAIN.rain"
        )
        made.append(
            Coded(document, events, (rejected,), Coverage(len(text), len(text), 3, 3, 4, 4))
        )
    says = "Kenya said that it never attacked Somalia."
    denial = Document(
        "d3", says, title="Denial", outlet="Coast Herald", published=dt.date(1998, 3, 5)
    )
    made.append(
        Coded(
            denial,
            (event(denial, 1, says, "ASSAULT", "attacked", ("Kenya", "KEN"), ("Somalia", "SOM"),
                   said_by=("Kenya", "KEN"), status="negated"),),
            (),
            Coverage(len(says), len(says), 1, 1, 2, 2),
        )
    )  # fmt: skip
    help_ = "Uganda sent food to Somalia."
    aid = Document("d4", help_, outlet="Lake Courier", published=dt.date(1998, 4, 1))
    made.append(
        Coded(
            aid,
            (event(aid, 1, help_, "AID", "sent food", ("Uganda", "UGA"), ("Somalia", "SOM")),),
            (),
            Coverage(len(help_), len(help_), 1, 1, 2, 2),
        )
    )
    nasty = f"{HOSTILE} Togo accused Benin \x1b[31m\u202e in Lome </p></body>."
    hostile = Document(
        HOSTILE_ID, nasty, title=HOSTILE, outlet=HOSTILE, url="javascript:window.hacked=1",
        published=dt.date(1998, 5, 1),
    )  # fmt: skip
    made.append(
        Coded(
            hostile,
            (event(hostile, 1, nasty, "ACCUSE", "accused", ("Togo", "TGO"), ("Benin", "BEN"),
                   place=("Lome", "TGO", 6.13, 1.22)),),
            (Rejection(HOSTILE_ID, 1, 0, 5, HOSTILE, "excluded", HOSTILE, "AID", HOSTILE),),
            Coverage(len(nasty), len(nasty), 1, 1, 2, 2),
        )
    )  # fmt: skip
    return made


def make_store(folder: Path, documents: list[Coded] | None = None) -> Store:
    store = create_store(folder, Header(SCHEMA_VERSION, "test", "test", keep_text=True))
    documents = coded() if documents is None else documents
    with store.writer() as writer:
        sink = StoreSink(writer, "test", keep_text=True, evidence_characters=300)
        sink.write(
            [
                Outcome(
                    LedgerRow(
                        c.document.id, "coded", "f", f"line {n}", None, None,
                        c.document.sha256, len(c.events), len(c.rejections),
                    ),
                    c,
                )
                for n, c in enumerate(documents)
            ]
        )  # fmt: skip
    from whowhom.store import open_store

    return ensure(open_store(folder))


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Read only: tests that mark make their own."""
    made = make_store(tmp_path_factory.mktemp("web") / "store")
    yield made
    made.close()


@pytest.fixture(scope="session")
def app(store: Store) -> Guard:
    return create_app(store, seconds=30)


@pytest.fixture
def client(app: Guard) -> TestClient:
    return TestClient(app, base_url=BASE)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[Store, TestClient]]:
    """A store of one's own, to write to."""
    made = make_store(tmp_path / "store")
    yield made, TestClient(create_app(made, seconds=30), base_url=BASE)
    made.close()


@pytest.fixture(scope="session")
def incident(store: Store) -> str:
    """The attack that two outlets tell."""
    row = store.sql(
        "select incident from reports where event_type = 'ASSAULT' and status = 'actual' limit 1"
    ).fetchone()
    assert row is not None
    return str(row[0])
