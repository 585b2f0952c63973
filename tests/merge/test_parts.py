"""The parts of merging: fingerprints, candidate pairs, weights, linkage, records of incidents."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from whowhom.merge.candidates import pairs
from whowhom.merge.copies import Text, fingerprint, stories
from whowhom.merge.features import Collector, code, naming_words, stem, words_of
from whowhom.merge.grouping import linked
from whowhom.merge.incidents import incident_id
from whowhom.merge.scoring import NAMES, likelihood, reasons
from whowhom.merge.settings import settings
from whowhom.merge.union import Union

PROSE = " ".join(f"word{n} and thing{n * 7 % 91}" for n in range(120))


def alike(left: str, right: str) -> float:
    a, b = np.array(fingerprint(left)), np.array(fingerprint(right))
    return float((a == b).mean())


def test_a_fingerprint_is_the_same_for_years() -> None:
    # stored beside the documents: another hash would find no copy of what is there
    assert (
        fingerprint("The quick brown fox jumps over the lazy dog and runs away home")[:3]
        == (fingerprint("the QUICK brown fox, jumps over the lazy dog; and runs away home!")[:3])
    )
    assert len(fingerprint(PROSE)) == 64
    assert fingerprint("too short to compare") == ()
    assert fingerprint(PROSE)[:4] == FROZEN


FROZEN = (9443853, 8700134, 2662325, 4053347)


def test_a_cut_end_leaves_texts_alike_and_another_text_is_not() -> None:
    assert alike(PROSE, PROSE[: len(PROSE) * 4 // 5]) > 0.65
    other = " ".join(f"other{n} or matter{n}" for n in range(120))
    assert alike(PROSE, other) < 0.1


def test_copies_are_published_near_each_other() -> None:
    mark = fingerprint(PROSE)
    day = dt.date(2020, 1, 1)
    found = stories([
        Text("c", day + dt.timedelta(3), mark), Text("b", day, mark),
        Text("far", day + dt.timedelta(40), mark), Text("none", day, ()),
        Text("old", day, None),
    ])  # fmt: skip
    assert found == {"b": "b", "c": "b", "far": "far", "none": "none", "old": "old"}


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=30), st.randoms())
def test_unions_do_not_depend_on_the_order(joins: list[tuple[int, int]], random: Any) -> None:
    first, second = Union(20), Union(20)
    for a, b in joins:
        first.join(a, b)
    random.shuffle(joins)
    for a, b in joins:
        second.join(b, a)
    assert [first.find(n) for n in range(20)] == [second.find(n) for n in range(20)]


def test_words_are_compared_by_their_stems() -> None:
    stop = frozenset({"the", "and"})
    assert words_of("The attackers and the ATTACKED, 12 men", stop) == {"attacker", "attack", "men"}
    assert stem("bombings") == stem("bombing") == stem("bombed") == "bomb"
    assert naming_words("On Monday Grace Atieno met Kenyans", frozenset({"monday", "kenyans"})) == {
        "grace", "atieno",
    }  # fmt: skip
    assert code(None) == code("") == -1
    assert code("Lamu") == code("LAMU") >= 0


def row(identity: str, **how: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "event_id": identity, "document_id": identity, "published": dt.date(2014, 6, 16),
        "event_type": "ASSAULT", "mode": None, "status": "actual", "day": dt.date(2014, 6, 16),
        "end_day": None, "granularity": "day", "date_from": "text", "actor_countries": ["KEN"],
        "actor_sectors": ["REB"], "actor_names": [None], "recipient_countries": ["KEN"],
        "recipient_sectors": ["CVL"], "recipient_names": [None], "place": "Garissa",
        "place_country": "KEN", "lat": -0.46, "lon": 39.65, "sentence": 1,
        "text": "Rebels attacked the market of Garissa", "trigger": "attacked",
    }  # fmt: skip
    for kind in ("killed", "injured", "arrested", "crowd"):
        base[f"{kind}_low"] = base[f"{kind}_high"] = None
    return {**base, **how}


def features(*rows: dict[str, Any]) -> Any:
    collector = Collector(frozenset({"the", "of"}), frozenset({"kenya"}))
    for r in rows:
        collector.add(r, r["document_id"])
    return collector.features()


def score(**how: Any) -> float:
    f = features(row("a"), row("b", **how))
    return float(likelihood(f, np.array([0]), np.array([1]))[0])


def test_every_difference_makes_one_incident_less_likely() -> None:
    same = score()
    assert same > 0.9
    for how in (
        {"day": dt.date(2014, 6, 18)},
        {"place": "Lamu", "lat": -2.27, "lon": 40.9},
        {"place": "Aden", "place_country": "YEM", "lat": 12.8, "lon": 45.0},
        {"actor_countries": ["SOM"]},
        {"text": "Gunmen fired on buses"},
        {"event_type": "COERCE"},
    ):
        assert score(**how) < same, how


def test_some_differences_forbid_it() -> None:
    assert score(event_type="AID") == 0.0
    assert score(status="future") == 0.0
    assert score(status="negated") > 0.9


def test_a_decision_says_why() -> None:
    f = features(row("a"), row("b", place="Aden", place_country="YEM", lat=12.8, lon=45.0))
    names = dict(reasons(f, 0, 1))
    assert names["place_country_other"] < 0 < names["words"]


def test_every_feature_has_a_weight() -> None:
    assert set(settings().weights) == {"bias", *NAMES}


def meet(*rows: dict[str, Any]) -> set[tuple[int, int]]:
    f = features(*rows)
    return {
        (a, b)
        for left, right in pairs(f)
        for a, b in zip(left.tolist(), right.tolist(), strict=True)
    }


def test_blocking_brings_together_neighbours_in_time_and_space() -> None:
    assert meet(row("a"), row("b", day=dt.date(2014, 6, 17))) == {(0, 1)}
    assert meet(row("a"), row("b", day=dt.date(2014, 6, 20))) == set()
    assert meet(row("a"), row("b", day=None)) == {(0, 1)}
    # the actor left out by one, the place alone in common
    assert meet(row("a"), row("b", actor_countries=[], recipient_countries=[])) == {(0, 1)}
    far = {"actor_countries": ["YEM"], "recipient_countries": [], "place": None,
           "place_country": None}  # fmt: skip
    assert meet(row("a"), row("b", **far)) == set()
    assert meet() == set()


def test_a_block_over_the_limit_is_parted_and_not_dropped() -> None:
    rows = [row(f"e{n:04d}", place=f"Town {n % 90}", lat=None, lon=None) for n in range(450)]
    found = meet(*rows)
    assert (0, 90) in found  # the same town
    assert len(found) < 450 * 449 // 2


def test_average_linkage_breaks_a_chain() -> None:
    chain = np.array([[0, 0.9, 0.1], [0.9, 0, 0.6], [0.1, 0.6, 0]])
    assert linked(chain) == [[0, 1], [2]]
    assert linked(np.full((3, 3), 0.8)) == [[0, 1, 2]]
    assert linked(np.zeros((2, 2))) == [[0], [1]]


def test_ids_are_a_hash() -> None:
    assert incident_id("a") != incident_id("b")
    assert len(incident_id("a")) == 16
