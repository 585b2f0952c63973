"""The calibration curve counts what it says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = "Rebels attacked a town. Turkey condemned it."
SECOND = TEXT.index("Turkey")


@pytest.fixture(scope="module")
def confidence() -> ModuleType:
    spec = importlib.util.spec_from_file_location("confidence", ROOT / "evals" / "confidence.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def event(kind: str, word: str, sure: float) -> dict[str, Any]:
    return {
        "document": {"id": "d"},
        "event_type": kind,
        "evidence": {"trigger": {"start": TEXT.index(word)}, "part": "text"},
        "why": {"confidence": sure},
    }


GOLD = [
    {"doc": "d", "sentence": TEXT[: SECOND - 1], "start": 7, "event_type": "ASSAULT",
     "also_ok": [], "core": True},
    {"doc": "d", "sentence": TEXT[SECOND:], "start": SECOND + 7, "event_type": "REJECT",
     "also_ok": ["ACCUSE"], "core": False},
]  # fmt: skip


def test_right_is_the_same_sentence_and_a_type_that_the_gold_allows(confidence: ModuleType) -> None:
    events = [
        event("ASSAULT", "attacked", 0.9),
        event("ACCUSE", "condemned", 0.8),
        event("ASSAULT", "condemned", 0.7),  # the type stands in the other sentence
        event("ASSAULT", "attacked", 0.6),  # each mark counts once
    ]
    right = confidence.matched(events, GOLD, {"d": TEXT})
    assert 1 in right
    assert len(right & {0, 3}) == 1
    assert 2 not in right
    assert [g["event_type"] for g in confidence.matched_gold(events, GOLD, {"d": TEXT})] == [
        "ASSAULT",
        "REJECT",
    ]


def test_the_error_is_the_gap_between_confidence_and_share_right(confidence: ModuleType) -> None:
    events = [event("ASSAULT", "attacked", 0.95) for _ in range(4)]
    points = confidence.curve(events, {0, 1})
    assert points == [(pytest.approx(0.95), 4, 0.5)]
    assert confidence.error(points) == pytest.approx(0.45)
    assert confidence.error([]) == 0
