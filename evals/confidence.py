#!/usr/bin/env python3
"""Does confidence mean something: ``confidence.py DOCUMENTS GOLD EVENTS``.

DOCUMENTS and GOLD are of the form of ../shared/data/events, EVENTS is what ``whowhom code`` made of
DOCUMENTS. Prints the calibration curve (of the events at a confidence, the share that stands in
the gold) with its expected calibration error, and precision, recall and F1 for every
``--min-confidence``. A coded event stands in the gold if it lies in the gold's sentence and has its
type or another that the gold allows; pairs are taken nearest trigger first, each event once.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]


def rows(path: str) -> list[dict[str, Any]]:
    text = Path(path).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def span(gold: Row, documents: Mapping[str, str]) -> tuple[int, int] | None:
    """Where the sentence of a gold record stands in its text; None where it is the title."""
    if gold["start"] < 0:
        return None
    text, sentence = documents[gold["doc"]], gold["sentence"]
    at = text.rfind(sentence, 0, gold["start"] + len(sentence))
    return (at, at + len(sentence)) if at >= 0 else None


def matched(events: list[Row], gold: list[Row], documents: Mapping[str, str]) -> set[int]:
    """Indices of the coded events that stand in the gold."""
    near: list[tuple[int, bool, int, int]] = []
    for j, mark in enumerate(gold):
        place = span(mark, documents)
        for i, event in enumerate(events):
            trigger = event["evidence"]["trigger"]["start"]
            same = event["event_type"] == mark["event_type"]
            if event["document"]["id"] != mark["doc"]:
                continue
            if not same and event["event_type"] not in mark["also_ok"]:
                continue
            if place is None:
                inside = event["evidence"]["part"] == "title"
                gap = 0
            else:
                inside = event["evidence"]["part"] == "text" and place[0] <= trigger < place[1]
                gap = abs(trigger - mark["start"])
            if inside:
                near.append((gap, not same, i, j))
    taken: set[int] = set()
    used: set[int] = set()
    for _, _, i, j in sorted(near):
        if i not in taken and j not in used:
            taken.add(i)
            used.add(j)
    return taken


def curve(events: list[Row], right: set[int], tenths: int = 10) -> list[tuple[float, int, float]]:
    """(mean confidence, events, share right) of every tenth of the scale that holds events."""
    out = []
    for n in range(tenths):
        part = [
            i
            for i, e in enumerate(events)
            if min(int(e["why"]["confidence"] * tenths), tenths - 1) == n
        ]
        if part:
            mean = sum(events[i]["why"]["confidence"] for i in part) / len(part)
            out.append((mean, len(part), sum(i in right for i in part) / len(part)))
    return out


def error(points: Iterable[tuple[float, int, float]]) -> float:
    """Expected calibration error: mean gap between confidence and share right, by events."""
    listed = list(points)
    total = sum(n for _, n, _ in listed)
    return sum(n * abs(mean - share) for mean, n, share in listed) / max(1, total)


def main() -> None:
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    documents = {row["id"]: row["text"] for row in rows(sys.argv[1])}
    gold = [row for row in rows(sys.argv[2]) if not row.get("none")]
    events: list[Row] = [e for e in rows(sys.argv[3]) if e["document"]["id"] in documents]
    points = curve(events, matched(events, gold, documents))
    print("confidence  events  right")
    for mean, n, share in points:
        print(f"{mean:10.2f}  {n:6d}  {share:5.2f}")
    print(f"expected calibration error {error(points):.3f}")
    print("--min-confidence  events  precision  recall of core  F1")
    core = [row for row in gold if row["core"]]
    for limit in (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        kept = [e for e in events if e["why"]["confidence"] >= limit]
        precision = len(matched(kept, gold, documents)) / max(1, len(kept))
        found = matched_gold(kept, gold, documents)
        recall = sum(row["core"] for row in found) / max(1, len(core))
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        print(f"{limit:16.1f}  {len(kept):6d}  {precision:9.3f}  {recall:14.3f}  {f1:.3f}")


def matched_gold(events: list[Row], gold: list[Row], documents: Mapping[str, str]) -> list[Row]:
    """The gold records that some coded event matches: :func:`matched`, seen from the other side."""
    found: list[Row] = []
    left = list(range(len(events)))
    for mark in sorted(gold, key=lambda row: (row["doc"], row["start"])):
        hit = next((i for i in left if matched([events[i]], [mark], documents)), None)
        if hit is not None:
            left.remove(hit)
            found.append(mark)
    return found


if __name__ == "__main__":
    main()
