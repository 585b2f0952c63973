"""Agreement: published examples, the definition, and what must hold of any measure."""

from __future__ import annotations

import dataclasses
import math
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.evaluate.examples import ANNA, BEN, documents
from whowhom.errors import InputError, UsageError
from whowhom.evaluate.agreement import agree, agree_labels, alpha, kappa, read_labels
from whowhom.evaluate.codings import Coding, read_coding
from whowhom.evaluate.gold import AnnotatedDocument
from whowhom.settings import EVALUATION

FAST = dataclasses.replace(EVALUATION, resamples=50)
NONE = dataclasses.replace(EVALUATION, resamples=0)
N = None
# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), C: four observers, twelve
# units, missing values; nominal alpha 0.743
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
    [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
]


def test_alpha_of_the_published_examples() -> None:
    assert alpha(list(zip(*OBSERVERS, strict=True))) == pytest.approx(0.743, abs=0.0005)
    # the same paper, B: two observers, twelve units, five values, none missing
    ben, gerry = "aabbdcccedda", "babbbccceddd"
    assert alpha(list(zip(ben, gerry, strict=True))) == pytest.approx(0.692, abs=0.0005)


def test_kappa_of_a_published_example() -> None:
    # Cohen's table as in the textbooks: 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: 0.40
    units = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert kappa(units) == pytest.approx(0.4)


values = st.lists(
    st.lists(st.sampled_from([None, 0, 1, 2]), min_size=3, max_size=3), min_size=1, max_size=30
)


def by_definition(units: list[list[int | None]]) -> float:
    """1 - observed / expected disagreement, by looking at every pair of values."""
    known = [[v for v in u if v is not None] for u in units]
    known = [u for u in known if len(u) > 1]
    every = [v for u in known for v in u]
    n = len(every)
    observed = sum(
        sum(a != b for a in u for b in u) / (len(u) - 1) for u in known
    ) / n  # fmt: skip
    expected = sum(a != b for a in every for b in every) / (n * (n - 1))
    return 1 - observed / expected


@given(values)
@settings(max_examples=40, deadline=None)
def test_alpha_is_what_its_definition_says(units: list[list[int | None]]) -> None:
    known = [u for u in units if sum(v is not None for v in u) > 1]
    if len({v for u in known for v in u if v is not None}) < 2:
        assert math.isnan(alpha(units))
    else:
        assert alpha(units) == pytest.approx(by_definition(units))


@given(values, st.permutations([0, 1, 2]))
@settings(max_examples=40, deadline=None)
def test_alpha_knows_no_order_of_coders_and_no_names_of_values(
    units: list[list[int | None]], order: list[int]
) -> None:
    turned = [[u[i] for i in order] for u in units]
    renamed = [[None if v is None else f"v{order[v]}" for v in u] for u in turned]
    assert alpha(units) == pytest.approx(alpha(renamed), nan_ok=True)


def test_full_agreement_and_chance() -> None:
    dice = random.Random(3)  # noqa: S311 - no secret
    same = [(v, v, v) for v in (dice.randrange(4) for _ in range(500))]
    assert alpha(same) == kappa(same) == 1
    chance = [tuple(dice.randrange(4) for _ in range(3)) for _ in range(2000)]
    assert abs(alpha(chance)) < 0.05
    assert abs(kappa(chance)) < 0.05


@given(documents())
@settings(max_examples=10, deadline=None)
def test_a_coder_agrees_with_himself(found: list[AnnotatedDocument]) -> None:
    one = Coding("x", {d.id: d for d in found})
    result = agree([one, one, one], settings=NONE)
    assert result.coders == ("x (1)", "x (2)", "x (3)")
    for row in (*result.fields, *result.types):
        for figure in (row.alpha, *(p.kappa for p in row.pairs), *(p.same for p in row.pairs)):
            assert math.isnan(figure.value) or figure.value == pytest.approx(1)
    assert all(f.events[0] == f.both for f in result.found)


def test_two_people_and_a_third() -> None:
    anna, ben = read_coding(ANNA), read_coding(BEN)
    result = agree([anna, ben], settings=FAST)
    (found,) = result.found
    assert (found.events, found.both) == ((16, 13), 13)
    assert found.f1.value == pytest.approx(2 * 13 / (16 + 13))
    assert found.typed_f1.value == pytest.approx(2 * 10 / (16 + 13))
    rows = {row.name: row for row in result.fields}
    assert rows["type"].units == 13
    assert rows["type"].pairs[0].same.value == pytest.approx(10 / 13)
    assert rows["type, or no event"].units == 16
    assert rows["type, or no event"].alpha.value < rows["type"].alpha.value
    assert rows["actor countries"].alpha.value == 1
    interval = rows["type"].alpha
    assert interval.low < interval.value < interval.high
    third = Coding(
        "none", {i: dataclasses.replace(d, events=()) for i, d in anna.documents.items()}
    )
    three = agree([anna, ben, third], settings=FAST)
    assert len(three.found) == 3
    assert {row.name: row.units for row in three.fields}["type, or no event"] == 16
    # documents of one coder alone are named, not counted
    part = Coding("part", dict(list(anna.documents.items())[:2]))
    assert agree([anna, part], settings=FAST).left_out == {"anna.jsonl": 4}


def test_what_cannot_be_compared() -> None:
    anna = read_coding(ANNA)
    with pytest.raises(UsageError, match="two codings"):
        agree([anna])
    with pytest.raises(UsageError, match="no document"):
        agree([anna, Coding("x", {"z": AnnotatedDocument("z", "")})])


def test_tables_of_labels(tmp_path: Path) -> None:
    a, b = tmp_path / "a.csv", tmp_path / "b.csv"
    a.write_text("id,label\n1,y\n2,y\n3,n\n4,\n5,n\n")
    b.write_text("id,label\n1,y\n2,n\n3,n\n4,n\n6,n\n")
    result = agree_labels([read_labels(a), read_labels(b)], FAST)
    (row,) = result.fields
    assert (row.name, row.units) == ("label", 3)
    assert row.pairs[0].same.value == pytest.approx(2 / 3)
    assert row.alpha.value == alpha([("y", "y"), ("y", "n"), ("n", "n")])
    assert result.left_out == {"a.csv": 1, "b.csv": 1}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("label\ny\n", "the header"),
        ("id,label\n1,y\n1,n\n", "stands in line 2 already"),
        ("id,label\n,y\n", "the id is empty"),
        ("id,label\n1,y,z\n", "3 cells under 2 columns"),
        ("id,label\n", "no rows"),
        ('id,label\n1,"y\n', "no CSV"),
    ],
)
def test_tables_that_are_wrong(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text(text)
    with pytest.raises(InputError, match=words):
        read_labels(file)
