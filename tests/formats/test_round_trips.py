"""What is written in a format is read back, as far as the format holds it."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.stub import StubCoder
from tests.formats.records import every_pair, party, record
from tests.store.test_properties import events
from whowhom.errors import InputError
from whowhom.formats import acled, network, own
from whowhom.formats.base import BadRow, Format, Origin, Record, Row
from whowhom.formats.imported import place
from whowhom.formats.registry import every, get, guess
from whowhom.model import Document, Event
from whowhom.store.flat import flat

CODED = [
    event.to_dict()
    for event in StubCoder()
    .code(Document("d", "Kenya met Uganda. Togo shelled Benin. Benin sued Togo.", title="One"))
    .events
]
NOWHERE = {"text": "", "start": 0, "end": 0}
few = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def written(form: Format, records: list[Record]) -> tuple[bytes, Any]:
    file = io.BytesIO()
    writer = form.writer(file)
    writer.write(records)
    writer.finish()
    return file.getvalue(), writer


def read(form: Format, content: bytes) -> list[Row | BadRow]:
    assert form.reader is not None
    return list(form.reader(io.BytesIO(content), Origin("f", form.name)))


def rows(form: Format, content: bytes) -> list[Record]:
    found = read(form, content)
    assert not [row for row in found if isinstance(row, BadRow)]
    return [row.record for row in found if isinstance(row, Row)]


def full() -> Record:
    """A record with most of what the foreign formats have a place for."""
    made = record(
        "ASSAULT",
        "heavy-weapons",
        actors=[
            party("the army", "KEN", "MIL", name="Kenyan Army", wikidata="Q1", office="general"),
            party("police", "KEN", "COP"),
        ],
        recipients=[party("rebels", "SOM", "REB"), party("Acme Ltd")],
        contexts=["military", "pro_democracy"],
        place=place(
            "Lira", name="Lira", country="UGA", admin1="Northern", lat=2.25, lon=32.9,
            geonameid=229362, resolution="city",
        ),
        killed=4,
        injured={"low": 2, "high": None},
    )  # fmt: skip
    made["evidence"]["trigger"]["text"] = "shelled"
    return made


def sides(made: Record, *fields: str) -> list[Any]:
    return [
        [tuple(one[field] for field in fields) for one in made[side]]
        for side in ("actors", "recipients")
    ]


# ------------------------------------------------------------------ whowhom's own forms
@pytest.mark.parametrize("name", ["jsonl", "parquet"])
@settings(few, max_examples=12)
@given(st.lists(events(), max_size=4))
def test_nothing_is_lost(name: str, made: list[Event]) -> None:
    form = get(name)
    kept = [e for e in made if e.id and e.document.id]  # a record has an id
    content, writer = written(form, [e.to_dict() for e in kept])
    back, _ = written(form, rows(form, content))
    assert back == content
    assert not writer.losses


@pytest.mark.parametrize("name", ["csv", "tsv"])
def test_cells_come_back(name: str) -> None:
    form = get(name)
    odd = [full(), {**CODED[0], "id": "=1+1"}, {**CODED[1], "actors": [], "place": None}]
    odd[1]["magnitudes"] = {
        **odd[1]["magnitudes"],
        "money": [{"amount": 2.5e9, "currency": "USD", "per": "year", **NOWHERE}],
    }
    given = [*CODED, *odd]
    content, _ = written(form, given)
    back = rows(form, content)
    assert [flat(one) for one in back] == [flat(one) for one in given]
    assert back[len(CODED) + 1]["id"] == "=1+1"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"date": "2020-13-01"}, "date: '2020-13-01' is no day (2015-10-23)"),
        ({"extra": 1}, "extra: there is no such field"),
        ({"score": float("nan")}, "score: nan is no number"),
        ({"actors": "KEN"}, "actors: 'KEN' is no list"),
        ({"id": ""}, "id: '' is no text"),
        ({"status": None}, "status: it must not be null"),
        ({"place": {"text": "x"}}, "place.start: the field is missing"),
    ],
)
def test_a_record_that_is_none_is_named(change: dict[str, Any], said: str) -> None:
    content = json.dumps({**CODED[0], **change}).encode()
    (bad,) = read(own.JSONL, content)
    assert isinstance(bad, BadRow)
    assert (bad.line, bad.detail) == (1, said)


def test_a_missing_field_is_named() -> None:
    without = {k: v for k, v in CODED[0].items() if k != "voice"}
    (bad,) = read(own.JSONL, json.dumps(without).encode())
    assert isinstance(bad, BadRow)
    assert "voice: the field is missing" in bad.detail


def test_parquet_of_something_else() -> None:
    with pytest.raises(InputError, match="no whole Parquet file"):
        read(own.PARQUET, b"PAR1 and no more")


# ------------------------------------------------------------------ other data sets
@pytest.mark.parametrize("name", ["plover", "polecat", "ngec"])
def test_every_type_and_mode_comes_back(name: str) -> None:
    form = get(name)
    given = [record(kind, mode, key=f"{kind} {mode}") for kind, mode in every_pair()]
    back = rows(form, written(form, given)[0])
    assert [(r["event_type"], r["mode"]) for r in back] == every_pair()


def test_plover() -> None:
    form = get("plover")
    (back,) = rows(form, written(form, [full()])[0])
    fields = ("text", "name", "country", "sector", "office", "wikidata")
    assert sides(back, *fields) == sides(full(), *fields)
    for name in ("contexts", "date", "score", "quad", "place", "status"):
        assert back[name] == full()[name], name
    assert back["magnitudes"]["injured"] == 2  # the open end is lost, and counted
    assert back["evidence"]["trigger"]["text"] == "shelled"
    for status in ("actual", "historical", "future", "hypothetical", "negated"):
        (back,) = rows(form, written(form, [record(status=status)])[0])
        assert back["status"] == status


def test_polecat() -> None:
    form = get("polecat")
    content, writer = written(form, [full()])
    assert content.decode().splitlines()[0].split("\t") == list(form.columns)
    (back,) = rows(form, content)
    fields = ("text", "country", "sector", "office", "wikidata")
    assert sides(back, *fields) == sides(full(), *fields)
    for name in ("contexts", "date", "score"):
        assert back[name] == full()[name], name
    assert {k: v for k, v in back["place"].items() if k not in ("start", "end")} == {
        k: v for k, v in full()["place"].items() if k not in ("start", "end")
    }
    assert back["document"]["outlet"] == "The Lantern"
    assert writer.losses["killed, injured, arrested, crowd"] == 1


def test_ngec() -> None:
    form = get("ngec")
    (back,) = rows(form, written(form, [full()])[0])
    assert sides(back, "text", "country", "sector") == sides(full(), "text", "country", "sector")
    assert back["magnitudes"] == full()["magnitudes"]
    assert back["evidence"]["sentence_text"] == "Kenyan troops shelled the militants."
    assert (back["date"], back["place"]["lat"]) == ("2020-03-05", 2.25)


def test_acled_both_ways() -> None:
    form = get("acled")
    read_as = {(one["event"], sub): one for one in acled.mapping()["read"] for sub in one["sub"]}
    for one in acled.mapping()["write"]:
        back = read_as[one["event"], one["sub"]]
        # ACLED's agreements are ceasefires among others, and AGREE is all that they have in common
        expected = "AGREE" if one["modes"] == ["ceasefire"] else one["type"]
        assert back["type"] == expected, one
    (back,) = rows(form, written(form, [full()])[0])
    assert (back["event_type"], back["mode"]) == ("ASSAULT", "heavy-weapons")
    assert sides(back, "country", "sector")[0] == [("KEN", "MIL"), ("KEN", "COP")]
    assert (back["magnitudes"]["killed"], back["place"]["country"]) == (4, "UGA")
    left = [record("CONSULT", "visit"), record("ASSAULT", date=None), record(status="negated")]
    content, writer = written(form, left)
    assert rows(form, content) == []
    assert sorted(writer.left_out) == [
        "CONSULT visit has no ACLED type",
        "it has no date, which ACLED must have",
        "status negated: the format lists what happened",
    ]


@pytest.mark.parametrize(
    ("sector", "event"), [("REB", "Battles"), ("CVL", "Violence against civilians")]
)
def test_acled_asks_who_was_hit(sector: str, event: str) -> None:
    made = record("ASSAULT", "firearms", recipients=[party("people", "SOM", sector)])
    content, _ = written(get("acled"), [made])
    (row,) = csv.DictReader(io.StringIO(content.decode()))
    assert row["event_type"] == event


ACLED_ROW = {
    "event_id_cnty": "KEN9", "event_date": "16 February 2023", "year": "2023",
    "time_precision": "2",
    "disorder_type": "Political violence", "event_type": "Battles", "sub_event_type": "Armed clash",
    "actor1": "Military Forces of Kenya (2022-)", "assoc_actor_1": "Civilians (Somalia); Acme",
    "inter1": "1", "actor2": "Harvest Front", "inter2": "Rebel group", "country": "Ivory Coast",
    "location": "Lira", "latitude": "2.2", "longitude": "32.9", "geo_precision": "2",
    "source": "Daily; Weekly", "notes": "Men, \"armed\",\nclashed.", "fatalities": "3",
    "tags": "crowd size=about 1,200",
}  # fmt: skip


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_acled_as_it_comes(delimiter: str) -> None:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, acled.COLUMNS, delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerow(ACLED_ROW)
    writer.writerow(
        {**ACLED_ROW, "sub_event_type": "Other", "event_type": "Strategic developments"}
    )
    writer.writerow({**ACLED_ROW, "sub_event_type": "Dance"})
    one, other, unknown = read(get("acled"), buffer.getvalue().encode())
    assert isinstance(one, Row)
    assert isinstance(other, BadRow)
    assert isinstance(unknown, BadRow)
    assert (other.line, other.reason) == (4, "no_type")
    assert (unknown.line, unknown.reason) == (6, "unknown_type")
    made = one.record
    assert (made["date"], made["date_granularity"]) == ("2023-02-16", "week")
    assert [(p["country"], p["sector"]) for p in made["actors"]] == [
        ("KEN", "MIL"), ("SOM", None), (None, None)
    ]  # fmt: skip
    assert made["recipients"][0]["sector"] == "REB"
    assert (made["place"]["country"], made["place"]["resolution"]) == ("CIV", "province")
    assert (made["magnitudes"]["killed"], made["magnitudes"]["crowd"]) == (3, 1200)
    assert made["evidence"]["sentence_text"] == 'Men, "armed",\nclashed.'
    assert made["why"]["confidence"] is None


def test_plover_of_other_days() -> None:
    """The names of the older gold standard and of the manual's fourth chapter, in a JSON array."""
    older = {
        "id": "g1", "date": "2000-01-01", "source": [{"actorText": "Ruritania", "code": "KENGOV"}],
        "target": [{"actorText": "rebels", "code": "---", "sector": "REB"}], "event": "FIGHT",
        "eventText": "fought", "mode": "", "context": "military, legal", "text": "They fought.",
        "size": None, "dead": 3, "coder": "x",
    }  # fmt: skip
    manual = {
        "id": "m1", "date": "", "event": ["DEMAND", "PROTEST"], "mode": ["demo", "future"],
        "actor": [{"raw_text": "crowd", "entity_name": "A B", "wikidata_id": "Q7",
                   "country_name": "Kenya", "sector_code": "CVL"}],
    }  # fmt: skip
    content = json.dumps([older, manual], indent=1).encode()
    one, two, three = rows(get("plover"), content)
    assert (one["event_type"], one["date"], one["magnitudes"]["killed"]) == (
        "ASSAULT", "2000-01-01", 3,
    )  # fmt: skip
    assert sides(one, "text", "country", "sector") == [
        [("Ruritania", "KEN", "GOV")],
        [("rebels", None, "REB")],
    ]
    assert one["contexts"] == ["military", "legal"]
    assert (two["event_type"], three["event_type"], two["status"]) == (
        "REQUEST", "PROTEST", "future",
    )  # fmt: skip
    assert two["document"]["id"] != three["document"]["id"]
    assert sides(two, "name", "country", "wikidata")[0] == [("A B", "KEN", "Q7")]


def test_polecat_as_it_comes() -> None:
    """Another name of a column, one more column, ``None``, and a count that does not fit."""
    columns = [c.replace("Intensity", "Event Intensity") for c in get("polecat").columns]
    cells = dict.fromkeys(columns, "None") | {
        "Event ID": "P1", "Event Date": "2023-05-06", "Event Type": "COERCE", "Event Mode": "ban",
        "Event Intensity": "-7.0", "Quad Code": "MATERIAL CONFLICT",
        "Contexts": "pro-democracy; natural_resources", "Actor Name": "Kenya; Uganda",
        "Actor Country": "KEN; UGA", "Primary Actor Sector": "GOV", "Recipient Name": "Acme",
        "Recipient Country": "Somalia", "Recipient Sectors": "BUS; LAB", "Headline": "Ban",
    }  # fmt: skip
    columns.append("Headline")
    content = "\n".join("\t".join(row) for row in (columns, [cells[c] for c in columns])) + "\n"
    (row,) = read(get("polecat"), content.encode())
    assert isinstance(row, Row)
    made = row.record
    assert (made["event_type"], made["mode"], made["score"]) == ("COERCE", "restrict", -7.0)
    assert made["contexts"] == ["pro_democracy", "natural_resource"]
    assert sides(made, "name", "country", "sector") == [
        [("Kenya", "KEN", None), ("Uganda", "UGA", None)],
        [("Acme", "SOM", None)],
    ]
    assert made["recipients"][0]["other_sectors"] == ["BUS", "LAB"]
    assert made["document"]["title"] == "Ban"
    assert any("has 1 values for 2 parties" in note for note in row.notes)


# ------------------------------------------------------------------ the network
def test_the_network() -> None:
    meeting = record("CONSULT", actors=[party("a", "KEN"), party("b", "UGA")], recipients=[])
    alone = record("PROTEST", recipients=[])
    fold = record("COERCE", "arrest", recipients=[party("judges", "KEN", "GOV")])
    words = record("AID", recipients=[party("her")])
    given = [full(), full(), meeting, alone, fold, words, record(status="future")]
    for made in given[:2]:
        made["recipients"][1]["name"] = "Acme Ltd"
        made["actors"] = [*made["actors"], party("workers")]
    content, writer = written(network.EDGES, given)
    edges = list(csv.DictReader(io.StringIO(content.decode())))
    shown = {(e["source"], e["target"], e["event_type"], e["sign"]): e["weight"] for e in edges}
    assert shown == {
        ("KEN", "SOM REB", "ASSAULT", "-1"): "2",
        ("KEN", "Acme Ltd", "ASSAULT", "-1"): "2",
        ("KEN", "UGA", "CONSULT", "1"): "1",
        ("UGA", "KEN", "CONSULT", "1"): "1",
    }
    assert writer.left_out == {
        network.ONE_SIDE: 1,
        network.LOOP: 1,
        network.NAMELESS: 1,
        "status future: the format lists what happened": 1,
    }
    assert writer.losses[network.NAMELESS] == 2
    nx = pytest.importorskip("networkx")
    graph = nx.parse_graphml(written(network.GRAPHML, given)[0].decode())
    assert set(graph.nodes) == {"KEN", "SOM REB", "Acme Ltd", "UGA"}
    assert graph.nodes["SOM REB"]["label"] == "Somalia, rebels"
    assert [graph.nodes[key]["weight"] for key in ("KEN", "UGA")] == [5, 1]
    assert {(a, b): d["mutual"] for a, b, d in graph.edges(data=True) if d["mutual"]} == {
        ("KEN", "UGA"): 1, ("UGA", "KEN"): 1,
    }  # fmt: skip
    assert {(a, b, d["weight"]) for a, b, d in graph.edges(data=True)} == {
        ("KEN", "SOM REB", 2), ("KEN", "Acme Ltd", 2), ("KEN", "UGA", 1), ("UGA", "KEN", 1),
    }  # fmt: skip


# ------------------------------------------------------------------ all of them
READ = [form.name for form in every() if form.reader]


@pytest.mark.parametrize("name", READ)
def test_a_file_is_known_by_its_first_line(name: str) -> None:
    content, _ = written(get(name), [full()])
    first = content.split(b"\n")[0].decode("utf-8", "replace")
    found = guess(first, parquet=content.startswith(b"PAR1"))
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("name", READ)
@few
@given(st.binary(max_size=200) | st.text(alphabet='{}[]",\t\n;01aé', max_size=80).map(str.encode))
def test_junk_is_never_more_than_a_bad_row(name: str, junk: bytes) -> None:
    form = get(name)
    content, _ = written(form, [record()])
    head = content.split(b"\n")[0] + b"\n" if form.header else b""
    for file in (junk, head + junk):
        try:
            for row in read(form, file.decode("utf-8", "replace").encode()):
                if isinstance(row, Row):
                    Event.from_dict(row.record)
        except InputError:
            pass


@pytest.mark.parametrize("name", READ)
def test_read_records_fit_the_store(name: str) -> None:
    form = get(name)
    back = rows(form, written(form, [full()])[0])
    assert back
    for made in back:
        assert Event.from_dict(made).to_dict() == made
