"""The filter: what it lets through, and the way to a URL and back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analyse.conftest import REPORTS_BY_HAND, connect, day, report
from whowhom.analyse import Filter
from whowhom.errors import UsageError


def ids(connection: duckdb.DuckDBPyConnection, **fields: Any) -> str:
    where, values = Filter(**fields).where("x")
    rows = connection.execute(
        f"select event_id from reports x where {where} order by event_id",
        values,
    )
    return " ".join(row[0] for row in rows.fetchall())


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "e1 e2 e3 e4 e5 e6 e7 e8"),
        ({"statuses": ("all",)}, "e1 e2 e3 e4 e5 e6 e7 e8 f1 f2"),
        ({"statuses": ("future", "negated")}, "f1 f2"),
        ({"since": day(2), "until": day(9)}, "e3 e4 e5 e6"),
        ({"types": "consult"}, "e4"),
        ({"quads": ("material cooperation", "verbal cooperation")}, "e4 e5"),
        ({"outlets": ("Courier",)}, "e2 e3"),
        ({"copies": False}, "e1 e3 e4 e5 e6 e7 e8"),
        ({"min_confidence": 0.9}, "e1 e2 e4 e5 e6 e7 e8"),
        ({"actors": ("CUB",)}, ""),
        ({"recipients": ("CUB",)}, "e1 e2 e3 e5"),
        ({"recipients": ("CUB CVL",)}, "e5 e6"),
        ({"recipients": ("CUB *",)}, "e1 e2 e3 e5 e6"),
        ({"parties": ("RUS",)}, "e1 e2 e3 e4 e7 e8"),
        ({"actors": ("USA", "GBR"), "recipients": ("CUB",)}, "e5"),
        ({"actors": ("GBR", "RUS *")}, "e1 e2 e3 e4 e5 e8"),
    ],
)
def test_what_it_lets_through(
    small: duckdb.DuckDBPyConnection, fields: dict[str, Any], expected: str
) -> None:
    assert ids(small, **fields) == expected


def test_words_are_all_in_the_sentence() -> None:
    texts = {
        "a": "Ships of the Navy stopped a tanker.",
        "b": "The navy stopped. A tanker left.",
        "c": "100% of the_navy",
    }
    rows = [report(name, name, "ASSAULT", 1, text=text) for name, text in texts.items()]
    with connect(rows) as c:
        assert ids(c, words="tanker NAVY") == "a b"
        assert ids(c, words='"navy stopped a"') == "a"
        # no wildcard of SQL is one here
        assert ids(c, words="0%") == "c"
        assert ids(c, words="e_n") == "c"
        assert ids(c, words="' or 1=1") == ""


def test_speakers_anywhere_in_the_chain() -> None:
    rows = [
        report("a", "a", "ASSAULT", 1, speakers=["USA", "CUB"]),
        report("b", "b", "ASSAULT", 1, speakers=["CUB REB"]),
    ]
    with connect(rows) as c:
        assert ids(c, speakers="CUB") == "a"
        assert ids(c, speakers="CUB *") == "a b"
        assert ids(c, speakers="USA") == "a"


def test_every_value_is_bound() -> None:
    where, values = Filter(outlets=("O'Neill's",), words="it's", actors=("USA",)).where()
    assert "O'Neill" not in where
    assert where.count("?") == len(values)


names = st.text(min_size=1, max_size=30).filter(lambda s: s.strip() != "")
filters = st.builds(
    Filter,
    since=st.none() | st.dates(max_value=dt.date(1980, 1, 1)),
    until=st.none() | st.dates(min_value=dt.date(1980, 1, 1)),
    types=st.lists(st.sampled_from(["ASSAULT", "AID", "CONSULT"]), max_size=3),
    quads=st.lists(st.sampled_from(["verbal conflict", "material cooperation"]), max_size=2),
    statuses=st.lists(st.sampled_from(["actual", "negated", "future", "all"]), max_size=4),
    voices=st.lists(st.sampled_from(["opinion", "reported"]), max_size=2),
    outlets=st.lists(names, max_size=3),
    places=st.lists(st.sampled_from(["KEN", "USA"]), max_size=2),
    actors=st.lists(st.sampled_from(["KEN", "KEN REB", "KEN *"]), max_size=2),
    parties=st.lists(st.sampled_from(["IGO", "USA MIL"]), max_size=2),
    min_confidence=st.floats(0, 1),
    words=st.text(max_size=30),
    copies=st.booleans(),
)


@settings(deadline=None)  # the first call loads the codebook
@given(filters)
def test_to_a_url_and_back(filter_: Filter) -> None:
    assert Filter.from_query(filter_.to_query()) == filter_


def test_what_is_open_is_not_in_the_url() -> None:
    assert Filter().to_query() == []
    assert Filter(statuses=()).to_query() == [("status", "all")]
    assert Filter.from_query([("type", ""), ("page", "2")], others=("page",)) == Filter()
    assert Filter(types=("B", "A")) == Filter(types=("A", "B", "A"))


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([("tipe", "ASSAULT")], 'Did you mean "type"?'),
        ([("type", "ASSUALT")], "type: 'ASSUALT' is not known. Did you mean \"ASSAULT\"?"),
        ([("status", "planed")], "status: 'planed' is not known. Use one of: actual, all"),
        ([("status", "negatd")], 'Did you mean "negated"?'),
        ([("actor", "Kenya")], "actor: 'Kenya' is a name, not a code. Write \"KEN\"."),
        ([("actor", "KEN_REB")], 'Write a code such as "KEN", "KEN REB" or "KEN *".'),
        ([("place", "KEN REB")], "place: 'KEN REB' is no code"),
        ([("since", "22/10/1962")], "since: '22/10/1962' is no day. Write it as year-month-day"),
        ([("since", "1962-10-22"), ("until", "1962-10-01")], "Swap the two days."),
        ([("since", "1962-10-22"), ("since", "1962-10-23")], "since is given 2 times"),
        ([("confidence", "80")], "confidence: '80' is no share"),
        ([("confidence", "nan")], "no share"),
        ([("copies", "maybe")], "copies: 'maybe' is not known"),
        ([("outlet", "x" * 201)], "outlet: a value of 201 characters"),
        ([("words", "x" * 201)], "words has 201 characters"),
        ([("outlet", str(n)) for n in range(101)], "outlet has 101 values"),
    ],
)
def test_a_wrong_value_is_named(pairs: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(UsageError) as error:
        Filter.from_query(pairs)
    assert message in str(error.value)


def test_types_of_another_codebook() -> None:
    assert Filter.from_query([("type", "strike")], types=["STRIKE"]).types == ("STRIKE",)
    with pytest.raises(UsageError):
        Filter.from_query([("type", "ASSAULT")], types=["STRIKE"])


def test_an_alias_that_is_no_name() -> None:
    with pytest.raises(UsageError):
        Filter().where("r; drop table reports")


def test_the_fixture_is_what_its_comment_says() -> None:
    happened = [row for row in REPORTS_BY_HAND if row["status"] == "actual"]
    assert (len(happened), len({row["incident"] for row in happened})) == (8, 6)
