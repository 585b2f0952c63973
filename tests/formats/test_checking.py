"""Codes, scores and days of other data sets: what cannot be right is not taken for a code."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.formats.records import party, record
from tests.formats.test_importing import HEAD, line
from tests.formats.test_round_trips import read, rows, written
from whowhom.formats import checking, icews, imported
from whowhom.formats.base import BadRow, Record, Row
from whowhom.formats.imported import place
from whowhom.formats.registry import get
from whowhom.model import SECTORS


def polecat(**cells: str) -> Row:
    (row,) = read(get("polecat"), (HEAD + line("P1", **cells)).encode())
    assert isinstance(row, Row)
    return row


def plover(**fields: Any) -> Row:
    value = {"id": "1", "date": "2020-01-02", "event": ["AID"], **fields}
    (row,) = read(get("plover"), json.dumps(value).encode())
    assert isinstance(row, Row)
    return row


def ngec(**cells: str) -> Row:
    form = get("ngec")
    given = {"id": "n", "event_type": "AID", "date": "2020-01-02", "actor_text": "x", **cells}
    text = ",".join(form.columns) + "\n" + ",".join(given.get(c, "") for c in form.columns) + "\n"
    (row,) = read(form, text.encode())
    assert isinstance(row, Row)
    return row


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"Primary Actor Sector": "FOO"}, "the sector 'FOO' is none of PLOVER's"),
        ({"Actor Sectors": "GOV, FOO"}, "the sector 'FOO' is none of PLOVER's"),
        ({"Actor Country": "XXQ"}, "the country 'XXQ' is not known"),
        ({"Country": "QQQ"}, "the country of the place 'QQQ' is not known"),
        ({"Contexts": "foo; cyber"}, "none of PLOVER's were left out: foo"),
        ({"Intensity": "55"}, "Intensity 55 is outside of PLOVER's scale"),
        ({"Intensity": "7.0"}, "Intensity 7 has another sign than ASSAULT has"),
        ({"Event Mode": "banana"}, "mode 'banana' is none of PLOVER's for ASSAULT"),
        ({"Event Date": "2031-01-01", "Publication Date": "2023-01-12"}, "later than its publ"),
        ({"Event Date": "9031-01-01"}, "later than today"),
    ],
)
def test_polecat_says_what_is_odd(cells: dict[str, str], said: str) -> None:
    row = polecat(**cells)
    assert [note for note in row.notes if said in note], row.notes
    made = row.record
    held = json.dumps([made["actors"], made["contexts"], made["place"]])
    for wrong in ('"FOO"', '"XXQ"', '"foo"'):
        assert wrong not in held
    assert (made["place"] or {}).get("country") is None
    assert abs(made["score"]) <= 10


def test_what_is_right_gets_no_note() -> None:
    row = polecat(**{"Primary Actor Sector": "GOV", "Contexts": "cyber", "Country": "KEN"})
    assert row.notes == ()
    assert polecat(**{"Actor Country": "Kenya"}).record["actors"][0]["country"] == "KEN"


@pytest.mark.parametrize(
    ("text", "code"),
    [("PRI", "PRI"), ("Puerto Rico", "USA"), ("kenya", "KEN"), ("ken", "KEN"), ("UNO", "UNO")],
)
def test_countries_and_areas_are_known(text: str, code: str) -> None:
    notes: list[str] = []
    assert (checking.country(text, notes), notes) == (code, [])


def test_ngec_has_sectors_without_a_country() -> None:
    assert not SECTORS & checking.codes()
    given = record(actors=[party("officials", None, "GOV"), party("Kenya", "KEN")])
    (back,) = rows(get("ngec"), written(get("ngec"), [given])[0])
    assert [(p["country"], p["sector"]) for p in back["actors"]] == [(None, "GOV"), ("KEN", None)]


def test_plover_and_ngec_are_checked_alike() -> None:
    actor = {"code": "XXQ", "sector": "FOO", "entity_text": "x"}
    row = plover(actor=[actor], context=["foo"], event_scale=55, event_loc={"country_code": "QQQ"})
    assert len(row.notes) == 5
    assert (row.record["actors"][0]["country"], row.record["actors"][0]["sector"]) == (None, None)
    assert (row.record["score"], row.record["contexts"]) == (10, [])
    row = ngec(actor_code="XXQ FOO", location_country="QQQ", event_mode="banana")
    assert len(row.notes) == 4
    assert (row.record["actors"][0]["country"], row.record["actors"][0]["sector"]) == (None, None)


# ------------------------------------------------------------------ ids, languages, types
@pytest.mark.parametrize(("name", "key"), [("polecat", "P1"), ("ngec", "n"), ("plover", "1")])
def test_a_row_keeps_its_id_in_its_own_format(name: str, key: str) -> None:
    made = {"polecat": polecat(), "ngec": ngec(), "plover": plover()}[name].record
    (back,) = rows(get(name), written(get(name), [made])[0])
    assert back["document"]["id"] == f"{name}:{key}"
    other = "ngec" if name == "polecat" else "polecat"
    (back,) = rows(get(other), written(get(other), [made])[0])
    assert back["document"]["id"] == f"{other}:{made['id']}"
    assert imported.first_key({**made, "document": {"id": f"{name}:{key}~ab"}}, name) is None


@pytest.mark.parametrize(
    ("codebook", "code", "word"),
    [
        ("plover 2.0 sha256:0", "en", "English"),
        ("plover-es 0.1 sha256:0", "es", "Spanish; Castilian"),
        ("PLOVER", None, "None"),
        ("fish 0.1 sha256:0", None, "None"),
    ],
)
def test_the_language_is_that_of_the_coder_or_none(
    codebook: str, code: str | None, word: str
) -> None:
    made = record()
    made["coder"]["codebook"] = codebook
    content, writer = written(get("polecat"), [made])
    head, cells = (row.split("\t") for row in content.decode().splitlines())
    assert cells[head.index("Language")] == word
    assert bool([name for name in writer.losses if name.startswith("language")]) == (code is None)
    content, _ = written(get("plover"), [made])
    assert json.loads(content)["cite_info"].get("language") == code


def test_plover_has_its_required_lists() -> None:
    given = [
        record("AID", actors=[], recipients=[]),
        record("PROTEST", actors=[]),
        record("CONSULT", recipients=[]),
    ]
    content, writer = written(get("plover"), given)
    aid, protest, consult = (json.loads(row) for row in content.splitlines())
    assert (aid["actor"], aid["recipient"], protest["actor"]) == ([], [], [])
    assert "recipient" not in consult
    assert writer.losses["actor (PLOVER requires one; an empty list)"] == 2
    assert writer.losses["recipient (PLOVER requires one of AID; an empty list)"] == 1


def own_type() -> Record:
    return {**record("COERCE"), "event_type": "FISHROW"}


@pytest.mark.parametrize("name", ["polecat", "ngec", "plover"])
def test_types_of_ones_own_are_counted_and_read_where_the_store_has_them(name: str) -> None:
    form = get(name)
    content, writer = written(form, [own_type(), record()])
    assert [n for words, n in writer.losses.items() if "FISHROW is a type of your" in words] == [1]
    bad, _ = read(form, content)
    assert isinstance(bad, BadRow)
    assert "FISHROW" in bad.detail
    token = imported.OWN_TYPES.set({"FISHROW": "material conflict"})
    try:
        good, plain = read(form, content)
    finally:
        imported.OWN_TYPES.reset(token)
    assert isinstance(good, Row)
    assert isinstance(plain, Row)
    assert (good.record["event_type"], good.record["quad"]) == ("FISHROW", "material conflict")
    assert any("the store has it" in note for note in good.notes)
    assert not plain.notes


@pytest.mark.parametrize(
    ("fields", "word", "back"),
    [
        ({"date_from": "text"}, "exact", "text"),
        ({"date_from": "published"}, "unresolved", "published"),
        ({"date_from": "text", "date_granularity": "month"}, "approximate", "text"),
        ({"date_from": "tense"}, "unresolved", "published"),
        ({"date_from": "tense", "date_text": "Monday"}, "approximate", None),
        ({"date_from": "text", "end_date": "2020-03-09"}, "range", "text"),
        ({"date": None, "date_granularity": None}, "unresolved", None),
        ({}, "", None),
    ],
)
def test_ngec_says_how_sure_a_date_is(fields: dict[str, Any], word: str, back: str | None) -> None:
    form = get("ngec")
    content, _ = written(form, [{**record(), **fields}])
    cells = content.decode().splitlines()[1].split(",")
    assert cells[form.columns.index("date_type")] == word
    (row,) = read(form, content)
    assert isinstance(row, Row)
    assert row.record["date_from"] == back
    assert bool(row.notes) == (word == "range" or "date_text" in fields)


def test_a_date_type_that_is_none_is_said() -> None:
    row = ngec(date_type="perhaps")
    assert row.record["date_from"] is None
    assert "date_type 'perhaps'" in row.notes[0]


# ------------------------------------------------------------------ CAMEO's formats
def test_icews_counts_the_people_of_a_body() -> None:
    people = record("CONSULT", actors=[party("envoy", "UNO", name="Ana Example")])
    itself = record("CONSULT", actors=[party("UN", "UNO", name="United Nations")])
    words = "the organisation of a party (its people are read back as those of any)"
    for made, lost in ((people, 1), (itself, 0)):
        content, writer = written(icews.FORMAT, [made])
        assert writer.losses[words] == lost
        (back,) = rows(icews.FORMAT, content)
        assert back["actors"][0]["country"] == ("IGO" if lost else "UNO")


def test_gdelt_has_no_place_without_a_type() -> None:
    def geo(**fields: Any) -> tuple[list[str], Any]:
        content, writer = written(
            get("gdelt"), [record(place=place("Lira", name="Lira", **fields))]
        )
        return content.decode().rstrip("\n").split("\t")[51:59], writer.losses

    cells, losses = geo()
    assert cells == ["0", "", "", "", "", "", "", ""]
    assert losses["place that was not found on the map (GDELT has no type for it)"] == 1
    cells, losses = geo(lat=2.25, lon=32.9)
    assert (cells[0], cells[1], cells[5:7]) == ("4", "Lira", ["2.25", "32.9"])
    assert not [name for name in losses if name.startswith("place that")]
