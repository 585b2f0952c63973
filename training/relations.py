#!/usr/bin/env python3
"""Fit how frames and model are joined where the parties are given: ``relations.py [--write]``.

Takes the held-out marked lines that name both sides as if their parties were given (the task
``relations`` of evals/predict.py), and searches the four bonuses of the frames' choice that give
the best macro-F1 over types. ``--write`` writes ``evals/tasks/relations.toml``.
"""

from __future__ import annotations

import itertools
import re
import sys
from pathlib import Path

from build import read

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "evals"))

from tasks.relations import Choice, by_frames, by_model, joined, with_given  # noqa: E402

from whowhom.actors import ActorResolver  # noqa: E402
from whowhom.codebook import load  # noqa: E402
from whowhom.events import EventFinder  # noqa: E402
from whowhom.learned import WordReader  # noqa: E402
from whowhom.model import Document  # noqa: E402
from whowhom.parse import Parser  # noqa: E402

TARGET = ROOT / "evals" / "tasks" / "relations.toml"
HOWS = ("both", "one", "neither", "near")
Case = tuple[str, Choice, dict[str, float]]


def cases() -> list[Case]:
    """(type, what the frames choose, the model's evidence) of every line with both sides."""
    parser, resolver, codebook, reader = Parser(), ActorResolver(), load(), WordReader()
    finder = EventFinder(codebook)
    out: list[Case] = []
    for where, made in read():
        if isinstance(made, str) or made["complete"] or made["split"] != "dev":
            continue
        event = made["events"][0]
        source, target = event["actors"], event["recipients"]
        if event["type"] == "NONE" or not source or not target:
            continue
        parsed = parser.parse(Document(where, made["text"]))
        parties = with_given(parsed, resolver.resolve(parsed), [*source, *target])
        candidates, rejections = finder.find(parsed, parties)
        frames = by_frames(parsed, candidates, rejections, source, target)
        learned = by_model(parsed, parties, reader.read(parsed), codebook, source, target)
        out.append((event["type"], frames, learned))
    return out


def macro(found: list[Case], weights: dict[str, float]) -> float:
    """Macro-F1 over the types, with two types that the public set joins as one."""
    same = {"CONCEDE": "YIELD", "RETREAT": "YIELD"}
    pairs = [
        (
            same.get(kind, kind),
            (guess := joined(frames, learned, weights)) and same.get(guess, guess),
        )
        for kind, frames, learned in found
    ]
    scores = []
    for kind in {gold for gold, _ in pairs}:
        tp = sum(a == b == kind for a, b in pairs)
        told = sum(a == kind for a, _ in pairs) + sum(b == kind for _, b in pairs)
        scores.append(2 * tp / told)
    return sum(scores) / len(scores)


def main() -> None:
    found = cases()
    print(f"{len(found)} lines")
    grid = (0.0, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0)
    best = max(
        (macro(found, dict(zip(HOWS, values, strict=True))), values)
        for values in itertools.product(grid, grid, (0.0, 0.1, 0.2, 0.4), (0.0, 0.1, 0.2))
        if values[0] >= values[1] >= values[2]
    )
    for name, values in (
        ("model alone", (0.0,) * 4),
        ("frames first", (9.0,) * 4),
        ("best", best[1]),
    ):
        print(f"{name}: {macro(found, dict(zip(HOWS, values, strict=True))):.3f} {values}")
    if "--write" in sys.argv:
        text = TARGET.read_text(encoding="utf-8")
        for name, value in zip(HOWS, best[1], strict=True):
            text = re.sub(rf"(?m)^{name} = .*", f"{name} = {value}", text)
        TARGET.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
