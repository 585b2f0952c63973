"""The sample: at random within strata, the same everywhere, kept, and what grows with it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.cli.test_commands import line, whowhom
from whowhom.audit import draw, fetch, latest, left, write_sample
from whowhom.audit.sample import allocate
from whowhom.errors import StoreError, UsageError
from whowhom.settings import AUDIT
from whowhom.store import Header, Store, create_store, open_store
from whowhom.store.schema import SCHEMA_VERSION

TEXT = "Kenya met Uganda. Togo shelled Benin. Chad sued Niger. "


def news(path: Path, documents: int, outlets: int = 3) -> Path:
    lines = [
        line(n, text=TEXT * (1 + n % 2), source=f"Outlet {n % outlets}") for n in range(documents)
    ]
    path.write_text("".join(lines))
    return path


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("audit")
    done = whowhom("code", news(folder / "n.jsonl", 30), "--store", folder / "s", "--workers", 1)
    assert done.returncode == 0, done.stderr
    return open_store(folder / "s")


def test_a_sample_is_the_same_again_and_a_larger_one_takes_it_in(store: Store) -> None:
    small, again, large = draw(store, size=20), draw(store, size=20), draw(store, size=40)
    assert small.events == again.events
    assert set(small.events) < set(large.events)
    assert set(draw(store, size=20, seed=7).events) != set(small.events)
    assert small.population == 135 == sum(s.size for s in large.strata)


def test_the_strata_are_what_is_asked_for(store: Store) -> None:
    sample = draw(store, size=40, by=("type", "outlet"))
    assert sample.by == ("type", "outlet")
    records = fetch(store, sample.events)
    for stratum in sample.strata:
        kinds = {(records[e]["event_type"], records[e]["document"]["outlet"])
                 for e in stratum.events}  # fmt: skip
        assert kinds == {stratum.name} or stratum.name == ("(others)", "(others)")
    one = draw(store, size=10, by=())
    assert [(s.name, s.size, len(s.events)) for s in one.strata] == [((), 135, 10)]


def test_each_event_is_as_likely_as_another(store: Store) -> None:
    """Over many seeds each event of a stratum is drawn about as often."""
    ids = [str(row[0]) for row in store.sql("select id from events").fetchall()]
    drawn = Counter(e for seed in range(60) for e in draw(store, size=45, seed=seed).events)
    assert set(drawn) == set(ids)
    # 60 draws of a third: 20 on average, standard deviation 3.7
    assert all(4 <= drawn[e] <= 40 for e in ids)


def test_the_order_of_judging_mixes_the_strata(store: Store) -> None:
    sample = draw(store, size=60)
    records = fetch(store, sample.events)
    assert {records[e]["event_type"] for e in sample.events[:20]} == {
        "CONSULT", "ASSAULT", "ACCUSE",
    }  # fmt: skip


@pytest.mark.parametrize("size", [1, 7, 30, 500])
def test_small_strata_get_the_least_and_none_more_than_it_has(size: int) -> None:
    sizes = {("a",): 1000, ("b",): 100, ("c",): 3}
    quota = allocate(sizes, size)
    assert sum(quota.values()) == min(size, 1103)
    assert all(quota[name] <= sizes[name] for name in sizes)
    if size >= 30:
        assert quota[("c",)] == 3
        assert quota[("b",)] >= AUDIT.least
        assert quota[("a",)] > quota[("b",)]
    more = allocate(sizes, size + 1)
    assert all(more[name] >= quota[name] for name in sizes)


def test_too_many_strata_are_drawn_from_as_one(tmp_path: Path) -> None:
    path = news(tmp_path / "n.jsonl", 30, outlets=15)
    whowhom("code", path, "--store", tmp_path / "s", "--workers", 1)
    sample = draw(open_store(tmp_path / "s"), size=25, by=("outlet",))
    assert len(sample.strata) == 5
    pool = next(s for s in sample.strata if s.name == ("(others)",))
    assert pool.size > max(s.size for s in sample.strata if s is not pool)
    assert sum(len(s.events) for s in sample.strata) == 25


def test_incidents_are_drawn_with_a_report_each(store: Store) -> None:
    sample = draw(store, size=20, of="incidents")
    rows = dict(store.sql("select event_id, incident from reports").fetchall())
    assert len({rows[e] for e in sample.events}) == len(sample.events)
    assert sample.population == len(set(rows.values()))


def test_a_sample_is_kept_and_the_newest_holds(store: Store, tmp_path: Path) -> None:
    assert latest(tmp_path) is None
    first, second = draw(store, size=10), draw(store, size=20, seed=3)
    write_sample(tmp_path, first)
    assert latest(tmp_path) == first
    path = write_sample(tmp_path, second)
    assert latest(tmp_path) == second
    assert left(second, second.events[:18]) == list(second.events[18:])
    path.write_text(json.dumps({"format": "another"}))
    with pytest.raises(StoreError, match="--new"):
        latest(tmp_path)


@pytest.mark.parametrize("wrong", [{"by": ("colour",)}, {"of": "clouds"}, {"size": 0}])
def test_what_cannot_be_drawn_is_refused(store: Store, wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        draw(store, **wrong)  # type: ignore[arg-type]


def test_an_empty_store_has_nothing_to_audit(tmp_path: Path) -> None:
    empty = create_store(tmp_path / "s", Header(SCHEMA_VERSION, "test", "f"))
    with pytest.raises(UsageError, match="no events"):
        draw(empty)
