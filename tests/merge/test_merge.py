"""Reports become incidents."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

from tests.merge.conftest import again, told
from whowhom.errors import StoreError
from whowhom.merge import ensure, merge
from whowhom.model import Coded
from whowhom.store import Store, open_store

Shelve = Callable[..., Store]

ATTACK: dict[str, Any] = {
    "actors": ["KEN REB rebels"], "recipients": ["KEN CVL Garissa"], "place": "Garissa",
    "day": "2014-06-16",
}  # fmt: skip
FIRST = told(
    "a1", "Wire", "2014-06-16",
    ("Rebels attacked the market of Garissa on Monday, killing 12 people, the ministry said.",
     "attacked", {**ATTACK, "killed": 12, "speaker": "KEN GOV Ministry"}),
)  # fmt: skip
SECOND = told(
    "b1", "Post", "2014-06-17",
    ("At least 40 people died when rebels stormed the Garissa market on Monday, residents said.",
     "stormed", {**ATTACK, "killed": (40, None), "speaker": "KEN CVL residents"}),
)  # fmt: skip
OTHER = told(
    "c1", "Post", "2014-06-19",
    ("Rebels attacked a bus near Lamu on Wednesday.", "attacked",
     {**ATTACK, "place": "Lamu", "day": "2014-06-18"}),
)  # fmt: skip
DENIAL = told(
    "d1", "Gazette", "2014-06-17",
    ("The rebels had not attacked the market of Garissa on Monday, their spokesman said.",
     "attacked", {**ATTACK, "status": "negated", "speaker": "KEN REB spokesman"}),
)  # fmt: skip
PLAN = told(
    "e1", "Gazette", "2014-06-16",
    ("Rebels will attack the market of Garissa, a minister said.", "attack",
     {**ATTACK, "status": "future"}),
)  # fmt: skip


def groups(store: Store) -> set[frozenset[str]]:
    rows = store.sql("select list(event_id) from reports group by incident").fetchall()
    return {frozenset(row[0]) for row in rows}


def of(store: Store, event: str) -> dict[str, Any]:
    table = store.sql(
        "select * from incidents where incident = "
        "(select incident from reports where event_id = ?)", [event],
    ).to_arrow_table()  # fmt: skip
    return table.to_pylist()[0]


def test_two_reports_of_one_attack_are_one_incident(shelve: Shelve) -> None:
    store = shelve([FIRST, SECOND, OTHER])
    result = merge(store)
    assert groups(store) == {frozenset({"a1-0", "b1-0"}), frozenset({"c1-0"})}
    assert (result.reports, result.independent, result.incidents) == (3, 3, 2)
    incident = of(store, "a1-0")
    assert incident["outlets"] == ["Post", "Wire"]
    assert (incident["reports"], incident["independent"]) == (2, 2)
    assert (incident["actors"], incident["place"]) == (["KEN REB"], "Garissa")
    assert incident["day"] == dt.date(2014, 6, 16)


def test_figures_stand_with_who_claims_them(shelve: Shelve) -> None:
    store = shelve([FIRST, SECOND])
    merge(store)
    incident = of(store, "a1-0")
    claims = {(c["claimant"], c["low"], c["high"], c["outlet"]) for c in incident["figures"]}
    assert claims == {("Ministry", 12, 12, "Wire"), ("residents", 40, None, "Post")}
    assert (incident["killed_low"], incident["killed_high"]) == (12, 40)
    assert incident["disputed"]


def test_at_least_nine_and_twelve_do_not_contradict(shelve: Shelve) -> None:
    sentence = "Rebels stormed the market of Garissa on Monday, killing at least 9 people."
    mild = told("b1", "Post", "2014-06-17", (sentence, "stormed", {**ATTACK, "killed": (9, None)}))
    store = shelve([FIRST, mild])
    merge(store)
    assert not of(store, "a1-0")["disputed"]


def test_a_denial_belongs_to_what_it_denies(shelve: Shelve) -> None:
    store = shelve([FIRST, SECOND, DENIAL])
    merge(store)
    incident = of(store, "d1-0")
    assert incident["reports"] == 3
    assert incident["denied"]
    assert incident["status"] == "actual"
    assert {(s["outlet"], s["status"]) for s in incident["standings"]} == {
        ("Wire", "actual"), ("Post", "actual"), ("Gazette", "negated"),
    }  # fmt: skip


def test_what_is_planned_and_what_happened_are_two(shelve: Shelve) -> None:
    store = shelve([FIRST, PLAN])
    merge(store)
    assert groups(store) == {frozenset({"a1-0"}), frozenset({"e1-0"})}


def test_who_did_it_to_whom_keeps_reprisals_apart(shelve: Shelve) -> None:
    strike = told("a", "Wire", "2014-06-16", (
        "Kenyan soldiers shelled the camp of the rebels on Monday.", "shelled",
        {"actors": ["KEN MIL soldiers"], "recipients": ["SOM REB rebels"], "day": "2014-06-16"},
    ))  # fmt: skip
    back = told("b", "Post", "2014-06-16", (
        "Rebels shelled the camp of Kenyan soldiers on Monday.", "shelled",
        {"actors": ["SOM REB rebels"], "recipients": ["KEN MIL soldiers"], "day": "2014-06-16"},
    ))  # fmt: skip
    store = shelve([strike, back])
    merge(store)
    assert len(groups(store)) == 2


LONG = (
    "Rebels attacked the market of Garissa on Monday, killing 12 people, the ministry said. "
    "The town of 160,000 lies near the border with Somalia, and its market draws traders from "
    "three countries. The county commissioner appealed for blood and for generators, since the "
    "hospital had been without current since the morning. Traders said that the men had come in "
    "two lorries from the north and left within half an hour."
)


def test_copies_are_kept_and_count_once(shelve: Shelve) -> None:
    act = (FIRST.events[0].evidence.sentence_text, "attacked", {**ATTACK, "killed": 12})
    original = told("a1", "Wire", "2014-06-16", act, text=LONG)
    cut = LONG.rsplit(". ", 1)[0] + "."
    copy = again(original, id="z9", outlet="Herald", text=cut, published=dt.date(2014, 6, 17))
    store = shelve([copy, original, SECOND])
    result = merge(store)
    assert (result.documents, result.stories) == (3, 2)
    assert (result.reports, result.independent) == (3, 2)
    incident = of(store, "z9-0")
    assert (incident["reports"], incident["independent"]) == (3, 2)
    told_by = store.sql("select document_id, story, copy from stories order by 1").fetchall()
    assert told_by == [("a1", "a1", False), ("b1", "b1", False), ("z9", "a1", True)]


ALL = [FIRST, SECOND, OTHER, DENIAL, PLAN]


@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::17])
def test_the_order_of_documents_does_not_matter(shelve: Shelve, order: tuple[int, ...]) -> None:
    store = shelve([ALL[order[0]], ALL[order[1]]], [ALL[n] for n in order[2:]])
    merge(store)
    reference = shelve(ALL, name="reference")
    merge(reference)
    query = "select * from incidents order by incident"
    assert (
        store.sql(query).to_arrow_table().to_pylist()
        == reference.sql(query).to_arrow_table().to_pylist()
    )


def test_a_further_document_changes_only_what_it_touches(shelve: Shelve) -> None:
    store = shelve([FIRST, OTHER, PLAN])
    merge(store)
    query = "select * from incidents order by incident"
    before = {r["incident"]: r for r in store.sql(query).to_arrow_table().to_pylist()}
    store = shelve([SECOND])
    merge(store)
    after = {r["incident"]: r for r in store.sql(query).to_arrow_table().to_pylist()}
    assert set(before) == set(after)  # a later report takes the id that stands
    touched = of(store, "b1-0")["incident"]
    assert {i for i in after if after[i] != before[i]} == {touched}


def test_a_merge_that_is_up_to_date_stands(shelve: Shelve) -> None:
    store = shelve([FIRST, SECOND])
    assert not store.merged
    assert merge(store).fresh
    assert store.merged
    assert not merge(store).fresh
    assert merge(store, again=True).fresh
    later = shelve([OTHER])
    assert not later.merged
    assert ensure(later).merged
    assert len(list((later.path / "merges").iterdir())) == 2


def test_events_carry_their_incident(shelve: Shelve) -> None:
    store = shelve([FIRST, SECOND])
    assert {e.incident for e in store.events()} == {None}
    merge(store)
    found = {e.incident for e in store.events()}
    assert found == {of(store, "a1-0")["incident"]}
    assert store.sql("select distinct incident from events").fetchall() == [(found.pop(),)]


def test_fetch_gives_whole_records_in_the_order_asked(shelve: Shelve) -> None:
    store = shelve([FIRST, OTHER], [SECOND])
    merge(store)
    records = store.fetch(["b1-0", "missing", "a1-0"])
    assert [record["id"] for record in records] == ["b1-0", "a1-0"]
    assert records[0]["incident"] == of(store, "a1-0")["incident"]
    assert records[0]["date"] == "2014-06-16"
    assert store.fetch([]) == []


@pytest.mark.parametrize("file", ["merge.json", "reports.parquet"])
def test_a_torn_merge_is_made_again(shelve: Shelve, file: str) -> None:
    store = shelve([FIRST, SECOND])
    merge(store)
    assert store.merge is not None
    path = store.merge.path / file
    path.write_bytes(path.read_bytes()[:-5])
    opened = open_store(store.path)
    assert opened.merge is None
    assert ensure(opened).merged
    assert len(groups(opened)) == 1


def test_a_store_that_cannot_be_written_is_merged_aside(shelve: Shelve) -> None:
    store = shelve([FIRST, SECOND])
    full = StoreError("cannot write: read-only file system", where=str(store.path))
    with mock.patch("whowhom.merge.merge", side_effect=full):
        assert len(groups(ensure(store))) == 1
    assert open_store(store.path).merge is None


def test_a_store_that_is_being_written_is_merged_aside(shelve: Shelve) -> None:
    store = shelve([FIRST, SECOND])
    with open_store(store.path).writer():
        lines: list[str] = []
        assert len(groups(ensure(store, tell=lines.append))) == 1
        assert any("aside" in line for line in lines)
    assert open_store(store.path).merge is None


def test_an_empty_store_merges(shelve: Shelve) -> None:
    store = shelve()
    assert merge(store).incidents == 0
    assert store.sql("select count(*) from incidents").fetchone() == (0,)


def test_a_party_without_a_country_has_no_key(shelve: Shelve) -> None:
    coded: Coded = told("a", "Wire", "2014-06-16", (
        "Men attacked Kenyan soldiers.", "attacked",
        {"actors": ["- - men"], "recipients": ["KEN MIL soldiers", "KEN REB rebels"]},
    ))  # fmt: skip
    store = shelve([coded])
    merge(store)
    row = store.sql("select actors, recipients, actor_names, trigger_at from reports").fetchone()
    assert row == ([""], ["KEN", "KEN REB"], ["men"], 4)
