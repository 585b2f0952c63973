"""What marks say of all events: against figures worked out by hand, and by repetition."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.audit.test_sample import news
from tests.cli.test_commands import whowhom
from whowhom.audit import Sample, Stratum, agreements, draw, mended, report, wilson
from whowhom.audit.figures import stratified
from whowhom.audit.sample import OTHERS
from whowhom.errors import UsageError
from whowhom.store import Store, open_store
from whowhom.store.marks import Mark


@pytest.fixture
def store(tmp_path: Path) -> Store:
    done = whowhom("code", news(tmp_path / "n.jsonl", 12), "--store", tmp_path / "s",
                   "--workers", 1, "--no-merge")  # fmt: skip
    assert done.returncode == 0, done.stderr
    return open_store(tmp_path / "s")


# Wilson's interval as published: Newcombe 1998, table I (81/263, 15/148, 0/20, 1/29), to 4 places
@pytest.mark.parametrize(
    ("right", "judged", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
     (1, 29, 0.0061, 0.1718)],
)  # fmt: skip
def test_wilsons_interval(right: int, judged: int, low: float, high: float) -> None:
    assert wilson(right, judged) == pytest.approx((low, high), abs=5e-5)


def test_nothing_judged_says_nothing() -> None:
    assert wilson(0, 0) == (0, 1)
    assert stratified([(10, 0, 0)]) is None


def test_strata_count_by_their_size() -> None:
    found = stratified([(900, 9, 10), (100, 0, 10), (50, 0, 0)])
    assert found is not None
    assert found[0] == pytest.approx(0.81)
    assert found[1] < 0.81 < found[2]
    # one stratum: Wilson's own
    one = stratified([(70, 15, 148)])
    assert one is not None
    assert one[1:] == pytest.approx(wilson(15, 148))


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """2,000 audits of a made-up population whose share right is known."""
    dice = random.Random(4)  # noqa: S311 - no secret
    strata = [(4000, 0.9, 40), (1500, 0.7, 25), (400, 0.5, 15), (60, 0.95, 8)]
    truth = sum(n * p for n, p, _ in strata) / sum(n for n, _, _ in strata)
    held = 0
    for _ in range(2000):
        found = stratified([(n, sum(dice.random() < p for _ in range(k)), k) for n, p, k in strata])
        assert found is not None
        held += found[1] <= truth <= found[2]
    assert 0.935 <= held / 2000 <= 0.975


def marks(marker: str, verdicts: str) -> list[Mark]:
    names = {"r": "right", "w": "wrong", "m": "mend"}
    return [Mark(f"e{n}", names[v], marker=marker)  # type: ignore[arg-type]
            for n, v in enumerate(verdicts) if v != "-"]  # fmt: skip


def test_agreement_of_two_markers() -> None:
    # 20 both right, 5 and 10 apart, 15 both not: kappa 0.4 (the example of Wikipedia's article)
    a = "r" * 20 + "r" * 5 + "w" * 10 + "w" * 15
    b = "r" * 20 + "w" * 5 + "r" * 10 + "m" * 15
    (found,) = agreements([*marks("ann", a), *marks("bob", b), *marks("eve", "-" * 50 + "r")])
    assert (found.markers, found.events, found.agreed) == (("ann", "bob"), 50, 0.7)
    assert found.kappa == pytest.approx(0.4)
    (same,) = agreements([*marks("ann", "rr"), *marks("bob", "rr")])
    assert (same.agreed, same.kappa) == (1.0, None)


def test_a_report_of_what_was_marked(store: Store) -> None:
    sample = draw(store, size=30)
    by_type = {s.name[0]: s for s in sample.strata}
    assert {name: s.size for name, s in by_type.items()} == {
        "ACCUSE": 18, "ASSAULT": 18, "CONSULT": 18,
    }  # fmt: skip
    for event in by_type["ACCUSE"].events[:4]:
        store.mark(event, "right")
    store.mark(by_type["ASSAULT"].events[0], "wrong")
    store.mark(by_type["ASSAULT"].events[1], "mend", mend={"status": "future"})
    store.mark(by_type["ASSAULT"].events[2], "mend", mend={"event_type": "AID"})
    store.mark(by_type["ASSAULT"].events[3], "right")
    store.mark("an-event-of-elsewhere", "wrong")
    found = report(store, sample)
    assert (found.drawn, found.judged, found.left, found.gone) == (30, 8, 22, 0)
    assert found.verdicts == {"right": 5, "wrong": 1, "mend": 2}
    assert found.right.share == pytest.approx((1.0 + 0.25) / 2)
    assert found.type_right.share == pytest.approx((1.0 + 0.5) / 2)
    assert found.covered == pytest.approx(2 / 3)
    types = {f.name: f for f in found.by["type"]}
    assert (types["ACCUSE"].low, types["ACCUSE"].high) == pytest.approx(wilson(4, 4))
    assert types["CONSULT"].share is None
    assert types["CONSULT"].events == 18
    assert [f.name for f in found.by["confidence"]] == ["0.9 to 1.0"]
    # the wrong and the mended stand for the other stratum's size, not for their own number
    assert found.by["status"][0].share == pytest.approx(0.625)


def test_what_was_drawn_as_others_counts_there(store: Store) -> None:
    """Types too many for strata of their own: their row has the size and the judged of them all,
    and the rows of the types under it claim no size."""
    whole = draw(store, size=30)
    accuse, assault, consult = whole.strata
    pooled = Stratum(
        (OTHERS,), assault.size + consult.size, (*assault.events[:3], *consult.events[:3])
    )
    sample = Sample(whole.made, whole.version, whole.of, ("type",), 0, 30, (accuse, pooled))
    store.mark(assault.events[0], "right")
    store.mark(assault.events[1], "wrong")
    store.mark(consult.events[0], "right")
    store.mark(accuse.events[0], "right")
    rows = [(f.name, f.events, f.judged) for f in report(store, sample).by["type"]]
    assert rows == [
        ("(others)", 36, 3),
        ("(others) ASSAULT", None, 2),
        ("(others) CONSULT", None, 1),
        ("ACCUSE", 18, 1),
    ]


def test_markers_who_differ_count_by_halves(store: Store) -> None:
    sample = draw(store, size=30)
    first, second = sample.events[:2]
    store.mark(first, "right", marker="ann")
    store.mark(first, "wrong", marker="bob")
    store.mark(second, "right", marker="ann")
    both, ann = report(store, sample), report(store, sample, marker="ann")
    assert both.judged == ann.judged == 2
    assert both.right.share is not None
    assert both.right.share < 1
    assert ann.right.share == 1
    assert [a.markers for a in ann.agreement] == [("ann", "bob")]


def test_events_that_are_gone_are_said(store: Store) -> None:
    sample = draw(store, size=30)
    other = Sample(sample.made, sample.version, sample.of, sample.by, 0, 31,
                   (*sample.strata, Stratum(("AID",), 1, ("ev-gone",))))  # fmt: skip
    found = report(store, other)
    assert (found.gone, found.left, found.now) == (1, 30, 54)
    assert found.right.share is None


def test_a_mend_is_checked() -> None:
    types = ("AID", "COERCE")
    fields = {"event_type": "coerce", "status": "", "actors": "usa, ken reb", "recipients": "-",
              "swap": "yes"}  # fmt: skip
    assert mended(fields, types) == {
        "event_type": "COERCE", "actors": ["USA", "KEN REB"], "recipients": [], "swap": True,
    }  # fmt: skip
    assert mended({"event_type": "none"}, types) == {"event_type": None}
    for wrong in ({"event_type": "HELP"}, {"status": "soon"}, {"actors": "Kenya"}):
        with pytest.raises(UsageError):
            mended(wrong, types)
