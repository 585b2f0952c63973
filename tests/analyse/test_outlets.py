"""How two outlets tell the same: who is named, active or passive, which words."""

from __future__ import annotations

import math
from typing import Any

import duckdb
import pytest

from tests.analyse.conftest import connect, incident, report
from tests.analyse.test_counts import rows
from whowhom.analyse import Filter, only, outlets, words
from whowhom.analyse.outlets import PRIOR
from whowhom.errors import UsageError

Row = dict[str, Any]


def told(name: str, of: str, outlet: str, text: str, **fields: Any) -> Row:
    """A report whose trigger stands between asterisks: ``They were *killed* there.``"""
    before, trigger, after = text.split("*")
    fields = {"trigger": trigger, "trigger_at": len(before)} | fields
    kind = fields.pop("kind", "ASSAULT")
    return report(name, of, kind, 1, outlet=outlet, text=before + trigger + after, **fields)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Troops *shelled* the port.", "active"),
        ("The port was *shelled*.", "passive"),
        ("The port wasn't *shelled* at all.", "passive"),
        ("Two men were reportedly not immediately *released*.", "passive"),
        ("Nine people have been *shot*.", "passive"),
        ("Men *arrested* by the police went home.", "passive"),
        ("The port *was shelled* at dawn.", "passive"),
        ("The *attack* on the port went on.", "noun"),
        ("Havana's new *attack* failed.", "noun"),
        ("Villagers spoke of *talks* with rebels.", "noun"),
        ("He was a soldier who *shelled* the port.", "active"),
        ("The army *took* the town.", "active"),
        ("This is an island; ships *blockaded* it.", "active"),
        ("Washington *was meeting* Moscow.", "active"),
        ("*Strikes* hit the town.", "active"),
    ],
)
def test_the_form_of_a_trigger(text: str, form: str) -> None:
    data = [told("a", "i", "Wire", text), told("b", "i", "Post", "They *met*.", trigger_at=-1)]
    with connect(data) as c:
        table = outlets(c, "Wire", "Post")
    assert rows(table, "forms") == [[form], ["unknown"]]


@pytest.fixture
def two() -> duckdb.DuckDBPyConnection:
    data = [
        told("a", "i1", "Wire", "Soviet guns *shelled* Havana.", actors=["RUS"], recipients=["CUB"])
        | {"killed_low": 12, "killed_high": 12, "speakers": ["CUB"], "speaker_names": ["Castro"]},
        told("b", "i1", "Wire", "RUS *fired*.", actors=["RUS REB"], recipients=["CUB"])
        | {"killed_low": 40, "killed_high": None, "confidence": 0.1},
        told("c", "i1", "Post", "Havana was *Shelled*.", actors=[""], recipients=["CUB"]),
        told("d", "i2", "Wire", "Nobody *shelled* it.", status="negated"),
        told("e", "i2", "Post", "Guns *shelled* it.", recipients=["CUB"]),
        told("f", "i3", "Wire", "They *met*.", kind="CONSULT", actors=["USA", "RUS"]),
        told("g", "i4", "Post", "Mexico *sent* food.", kind="AID", actors=["MEX"]),
        told("h", "i4", "Third", "Mexico *sent* food.", kind="AID", actors=["MEX"]),
        told("i", "i5", "Third", "Somebody *spoke*.", kind="CONSULT"),
        told("j", "i6", "Wire", "They will *meet*.", kind="CONSULT", status="future"),
    ]
    return connect(data, [incident("i4", outlets=["Post", "Third"])])


def test_what_both_tell(two: duckdb.DuckDBPyConnection) -> None:
    first, second, third, fourth = outlets(two, "Wire", "Post").to_pylist()
    assert (first["incident"], first["outlet"], first["reports"]) == ("i1", "Wire", 2)
    assert (first["actors"], second["actors"]) == (["RUS", "RUS REB"], [])
    assert (first["actor_left_out"], second["actor_left_out"]) == (False, True)
    assert (first["triggers"], second["triggers"]) == (["fired", "shelled"], ["shelled"])
    assert (first["forms"], second["forms"]) == (["active"], ["passive"])
    assert (first["speakers"], second["speakers"]) == (["Castro"], [])
    assert (first["figures"], second["figures"]) == (["killed 12-40"], [])
    assert (first["event"], first["text"]) == ("a", "Soviet guns shelled Havana.")
    assert (third["statuses"], fourth["statuses"]) == (["negated"], ["actual"])
    assert (third["recipient_left_out"], fourth["recipient_left_out"]) == (True, False)
    assert outlets(two, "Wire", "Post", limit=1).num_rows == 2
    assert outlets(two, "Wire", "Post", Filter()).num_rows == 2  # a denial is no telling then


def test_what_one_tells(two: duckdb.DuckDBPyConnection) -> None:
    table = only(two, "Post", "Wire")
    assert rows(table, "outlet", "incident", "event", "told") == [
        ("Post", "i4", "g", 2),
        ("Wire", "i3", "f", 1),
    ]
    assert rows(only(two, "Wire", "Third", limit=1), "outlet") == ["Wire", "Third"]


def test_words_that_set_them_apart() -> None:
    data = [told(f"a{n}", f"a{n}", "Wire", "The rebels *attacked*.") for n in range(6)]
    data += [told(f"b{n}", f"b{n}", "Post", "The bandits *attacked*.") for n in range(6)]
    data += [told("twice", "b0", "Post", "The bandits *attacked*.", document_id="doc-b0")]
    data += [told("copied", "b1", "Post", "The bandits *attacked*.", copy=True)]
    with connect(data) as c:
        table = words(c, "Wire", "Post")
        assert words(c, "Wire", "Post", least=7)["word"].to_pylist() == []
    assert rows(table, "word", "outlet", "count", "other") == [
        ("rebels", "Wire", 6, 0),
        ("bandits", "Post", 6, 0),
    ]
    # 18 words a side; the prior's share of "rebels" is 6 in 36
    prior = PRIOR * 6 / 36
    odds = math.log((6 + prior) / (18 + PRIOR - 6 - prior)) - math.log(prior / (18 + PRIOR - prior))
    assert rows(table, "z")[0] == pytest.approx(odds / math.sqrt(1 / (6 + prior) + 1 / prior))


def test_an_outlet_that_is_not_there(two: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(UsageError, match='Did you mean "Wire"'):
        outlets(two, "Wyre", "Post")
    with pytest.raises(UsageError, match="twice"):
        only(two, "Wire", "Wire")
