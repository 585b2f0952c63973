#!/usr/bin/env python3
"""The second reading: ``agreement.py sample FOLDER`` and ``agreement.py``.

``sample`` draws a tenth of the marked words (by a hash of sentence and place) and writes them
without their labels, the trigger between asterisks, for somebody else to label. Without arguments
the labels of the second reader (``review/*.tsv``: id, type, status) are compared with the first:
share agreed and Cohen's kappa, and the pairs that differ most.
"""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from build import read

REVIEW = Path(__file__).resolve().parent / "review"
SHARE = 10


def marked() -> Iterator[tuple[str, str, str, str, str]]:
    """(id, sentence with its trigger marked, type, status, where) of every marked word."""
    for where, made in read():
        if isinstance(made, str):
            continue
        text = made["text"]
        for event in made["events"]:
            low, high = event["trigger"]
            shown = f"{text[:low]}*{text[low:high]}*{text[high:]}"
            key = hashlib.sha256(f"{shown}|{event['type'] == 'NONE'}".encode()).hexdigest()
            yield key[:10], shown, event["type"], event["status"] or "-", where


def sampled() -> dict[str, tuple[str, str, str, str]]:
    return {
        key: (shown, kind, status, where)
        for key, shown, kind, status, where in marked()
        if int(key[:6], 16) % SHARE == 3
    }


def kappa(pairs: list[tuple[str, str]]) -> float:
    """Cohen's kappa of two readers."""
    total = len(pairs)
    agreed = sum(a == b for a, b in pairs) / total
    left, right = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(left[k] * right[k] for k in left) / total**2
    return (agreed - chance) / (1 - chance)


def main() -> None:
    drawn = sampled()
    if sys.argv[1:2] == ["sample"]:
        rows = [f"{key}\t{shown}" for key, (shown, *_) in sorted(drawn.items())]
        Path(sys.argv[2]).write_text("\n".join(rows) + "\n", encoding="utf-8")
        print(f"{len(rows)} marked words")
        return
    second = {}
    for file in sorted(REVIEW.glob("*.tsv")):
        for line in file.read_text(encoding="utf-8").splitlines():
            key, kind, status = line.split("\t")[:3]
            second[key] = (kind, status)
    known = [key for key in second if key in drawn]
    kinds = [(drawn[k][1], second[k][0]) for k in known]
    agreed = [k for k in known if drawn[k][1] == second[k][0] != "NONE"]
    statuses = [(drawn[k][2], second[k][1]) for k in agreed]
    print(f"{len(known)} marked words read twice, of {sum(1 for _ in marked())}")
    for name, pairs in (("type", kinds), ("status, where the type agrees", statuses)):
        share = sum(a == b for a, b in pairs) / len(pairs)
        print(f"  {name}: {share:.3f} agreed, kappa {kappa(pairs):.3f}")
        for (a, b), n in Counter(p for p in pairs if p[0] != p[1]).most_common(12):
            print(f"    {a} read as {b}: {n}")
    if sys.argv[1:2] == ["differing"]:
        for k in known:
            shown, kind, status, where = drawn[k]
            if second[k] != (kind, status):
                print(f"{where}\t{kind} {status}\t{' '.join(second[k])}\t{shown}")


if __name__ == "__main__":
    main()
