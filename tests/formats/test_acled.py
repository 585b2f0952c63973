"""ACLED's own types, actors and countries: what is read, and that it comes back."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from tests.formats.records import party, record
from tests.formats.test_round_trips import ACLED_ROW, read, rows, written
from whowhom.formats import acled
from whowhom.formats.base import Row
from whowhom.formats.registry import get
from whowhom.formats.rows import Cells

FORM = get("acled")


def table(*cells: dict[str, str]) -> bytes:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, acled.COLUMNS, restval="")
    writer.writeheader()
    writer.writerows({**ACLED_ROW, "latitude": "", "longitude": "", **row} for row in cells)
    return buffer.getvalue().encode()


def again(content: bytes) -> list[dict[str, str]]:
    """The rows that are written of what was read."""
    out, _ = written(FORM, rows(FORM, content))
    return list(csv.DictReader(io.StringIO(out.decode())))


SUB_TYPES = [
    (one["event"], sub) for one in acled.mapping()["read"] if "type" in one for sub in one["sub"]
]


def test_every_sub_event_type_comes_back() -> None:
    content = table(
        *({"event_type": e, "sub_event_type": s, "event_id_cnty": s} for e, s in SUB_TYPES)
    )
    back = again(content)
    assert [(row["event_type"], row["sub_event_type"]) for row in back] == SUB_TYPES
    assert [row["event_id_cnty"] for row in back] == [sub for _, sub in SUB_TYPES]
    assert len(SUB_TYPES) == 23


@pytest.mark.parametrize(
    ("name", "country", "sector"),
    [
        ("Military Forces of the United States (2021-2025)", "USA", "MIL"),
        ("Police Forces of the United Kingdom (2019-)", "GBR", "COP"),
        ("Government of the Netherlands (2010-)", "NLD", "GOV"),
        ("Military Forces of Democratic Republic of Congo (2019-)", "COD", "MIL"),
        ("Military Forces of Republic of Congo (1997-)", "COG", "MIL"),
        ("Police Forces of Kenya (2022-) General Service Unit", "KEN", "COP"),
        ("Unidentified Military Forces", None, "MIL"),
        ("Police", None, "COP"),
        ("Prison Guards (Burma/Myanmar)", "MMR", None),
        ("Kenya", "KEN", None),
    ],
)
def test_state_forces(name: str, country: str | None, sector: str | None) -> None:
    content = table({"actor1": name, "inter1": "1"})
    (found,) = read(FORM, content)
    assert isinstance(found, Row)
    actor = found.record["actors"][0]
    assert (actor["country"], actor["sector"]) == (country, sector)
    assert found.notes == ()
    (back,) = again(content)
    assert (back["actor1"], back["inter1"]) == (name, "State forces")


def test_what_is_not_known_of_an_actor_is_said() -> None:
    content = table(
        {"actor1": "Military Forces of Ruritania (2020-)", "inter1": "12"},
        {"actor1": "Guards", "inter1": "1", "actor2": "Civilians (Ruritania)", "inter2": "7"},
    )
    one, two = read(FORM, content)
    assert isinstance(one, Row)
    assert isinstance(two, Row)
    assert one.record["actors"][0]["country"] is None
    assert [note.split(" is ")[0] for note in one.notes] == [
        "inter1 '12'",
        "the country of 'Military Forces of Ruritania (2020-)'",
    ]
    assert "which ones is not known" in two.notes[0]
    assert "'Civilians (Ruritania)'" in two.notes[1]


@pytest.mark.parametrize("inter", [one["name"] for one in acled.mapping()["inter"]])
def test_types_of_actors_come_back(inter: str) -> None:
    (back,) = again(
        table({"actor1": "Private Security Forces (Somalia)", "inter1": inter, "inter2": inter})
    )
    assert (back["actor1"], back["inter1"]) == ("Private Security Forces (Somalia)", inter)
    assert back["inter2"] == inter


def test_an_export_is_read_as_the_same_types() -> None:
    made = [
        record("ASSAULT", "firearms", recipients=[party("men", "SOM", sector)], key=str(n))
        for n, sector in enumerate(("REB", "CVL", "CRM", "PTY", "MIL", None))
    ]
    content, writer = written(FORM, made)
    one = [(row["sub_event_type"], row["inter2"]) for row in csv.DictReader(_lines(content))]
    assert [(row["sub_event_type"], row["inter2"]) for row in again(content)] == one
    assert writer.losses["sectors of parties (read back as others)"] == 3
    # CRM, PTY, and the state as such, which is the government then
    assert writer.losses["mode"] == 6


def _lines(content: bytes) -> io.StringIO:
    return io.StringIO(content.decode())


def test_what_was_read_loses_neither_type_nor_sector() -> None:
    content = table({"inter1": "8", "assoc_actor_1": ""}, {"sub_event_type": "Armed clash"})
    _, writer = written(FORM, rows(FORM, content))
    lost = {
        name for name in writer.losses if "parties" in name or name in ("mode", "rule or model")
    }
    assert not lost
    elsewhere, other = written(get("polecat"), rows(FORM, content))
    assert other.losses["rule or model"] == 2  # POLECAT has no place for ACLED's type
    assert b"acled " not in elsewhere


def test_a_record_that_was_changed_gets_the_type_of_what_it_says() -> None:
    (made,) = rows(FORM, table({"event_type": "Riots", "sub_event_type": "Mob violence"}))
    changed: dict[str, Any] = {**made, "event_type": "PROTEST", "mode": "demo"}
    assert acled.original(made) == ["Riots", "Mob violence", "State forces", "Rebel group"]
    assert acled.original(changed) is None
    cells = acled.row(changed)
    assert not isinstance(cells, str)
    assert cells["sub_event_type"] == "Peaceful protest"
    assert Cells(1, {}, b"")["inter1"] == ""
