#!/usr/bin/env python3
"""Fit what joins frames and model: ``calibrate.py [--write]``.

Codes the held-out passages (split dev) with every candidate let through, matches the candidates
with the marked events (same sentence, same type, nearest trigger first) and fits the two logistic
rules of ``whowhom.events.weighing`` and their thresholds (best F1). Prints the calibration and
what the thresholds give; ``--write`` writes ``data/model/decision.toml``.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from build import read
from sklearn.linear_model import LogisticRegression

from whowhom import Coder, Document, pipeline
from whowhom.events import weighing

TARGET = Path(weighing.__file__).resolve().parents[1] / "data" / "model" / "decision.toml"
FEATURES = {
    "frame": ("type", "none", "frame", "actor", "recipient", "noun"),
    "model": ("type", "none", "actor", "recipient", "noun"),
}


def passages(split: str) -> Iterator[tuple[Document, list[dict[str, Any]]]]:
    """Every passage of a split as a document, with its events placed in its text."""
    texts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    current, last = "", (None, None)
    for where, made in read():
        if isinstance(made, str) or not made["complete"] or made["split"] != split:
            continue
        file = where.split(":")[0]
        # a title, or another date, opens the next text
        if made["title"] or (file, made["date"]) != last:
            current = where
        last = (file, made["date"])
        texts[current].append(made)
    for name, sentences in texts.items():
        title = sentences[0]["text"] if sentences[0]["title"] else None
        body, events, at = [], [], 0
        for n, made in enumerate(sentences):
            part = "title" if made["title"] else "text"
            begin = 0 if part == "title" else at
            for event in made["events"]:
                events.append(
                    {**event, "part": part, "sentence": n, "low": begin,
                     "high": begin + len(made["text"]), "at": begin + event["trigger"][0]}
                )  # fmt: skip
            if part == "text":
                body.append(made["text"])
                at += len(made["text"]) + 1
        date = dt.date.fromisoformat(sentences[0]["date"])
        yield Document(name, "\n".join(body), title=title, published=date), events


def pairs(events: list[Any], gold: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Coded events paired one to one with marked ones: same type and sentence, nearest first."""
    near = []
    for i, event in enumerate(events):
        start = event.evidence.trigger.start
        for j, mark in enumerate(gold):
            inside = mark["low"] <= start < mark["high"] and mark["part"] == event.evidence.part
            if inside and mark["type"] == event.event_type:
                near.append((abs(start - mark["at"]), i, j))
    out: list[tuple[int, int]] = []
    for _, i, j in sorted(near):
        if i not in {a for a, _ in out} and j not in {b for _, b in out}:
            out.append((i, j))
    return out


def collect() -> tuple[list[tuple[str, dict[str, float], bool]], int, list[Any]]:
    """(kind of candidate, features, right) of every candidate, marks in all, and matched pairs."""
    seen: dict[tuple[str, int, str], dict[str, float]] = {}
    plain = weighing.Weigher.features

    def noted(self: weighing.Weigher, candidate: Any) -> dict[str, float]:
        found = plain(self, candidate)
        start, _ = self.parsed.reading.to_source(candidate.trigger.start, candidate.trigger.end)
        seen[self.parsed.document.id, start, candidate.event_type] = found
        return found

    rows: list[tuple[str, dict[str, float], bool]] = []
    marks, matched = 0, []
    with (
        mock.patch.object(weighing.Weigher, "features", noted),
        mock.patch.object(weighing.Weigher, "stands", return_value=True),
    ):
        coder = Coder()
        for document, gold in passages("dev"):
            coded = coder.code(document)
            found = pairs(list(coded.events), gold)
            matched.extend((coded.events[i], gold[j]) for i, j in found)
            right = {i for i, _ in found}
            marks += len(gold)
            for i, event in enumerate(coded.events):
                key = (document.id, event.evidence.trigger.start, event.event_type)
                if key in seen:  # an act that became another type afterwards is left out
                    rows.append(("frame" if event.why.rule else "model", seen[key], i in right))
    return rows, marks, matched


Judged = tuple[str, dict[str, float], str, bool]  # rules' status, the model's chances, gold, line


def statuses() -> list[Judged]:
    """What rules and model say of the status of every marked act of the held-out text that was
    coded with its type."""
    noted: dict[tuple[str, int], tuple[str, dict[str, float]]] = {}

    def note(judgement: Any, chances: Any) -> Any:
        noted["last", 0] = (judgement.status, dict(chances or {}))
        return judgement

    out: list[Judged] = []
    made = Coder._event

    def event_of(self: Coder, parsed: Any, candidate: Any, judgement: Any, *rest: Any) -> Any:
        event = made(self, parsed, candidate, judgement, *rest)
        noted[event.id, 1] = noted["last", 0]
        return event

    lines = [
        (Document(f"line-{n}", r["text"]), r["events"])
        for n, (_, r) in enumerate(read())
        if not isinstance(r, str) and not r["complete"] and r["split"] == "dev"
    ]
    with (
        mock.patch.object(pipeline, "as_learned", note),
        mock.patch.object(Coder, "_event", event_of),
        mock.patch.object(weighing.Weigher, "stands", return_value=True),
    ):
        coder = Coder()
        for document, gold in lines:
            for event in coder.code(document).events:
                for mark in gold:
                    trigger = event.evidence.trigger
                    low, high = mark["trigger"]
                    if (
                        mark["type"] == event.event_type
                        and trigger.start < high
                        and low < trigger.end
                    ):
                        rule, chances = noted[event.id, 1]
                        out.append((rule, chances, mark["status"], True))
        for document, gold in passages("dev"):
            coded = coder.code(document)
            for i, j in pairs(list(coded.events), gold):
                rule, chances = noted[coded.events[i].id, 1]
                out.append((rule, chances, gold[j]["status"], False))
    return out


def status_limits(judged: list[Judged]) -> tuple[float, float]:
    """The two limits of ``pipeline.as_learned`` that are right most often, acts that did not
    happen counting as much in all as those that did."""

    def figures(a: float, b: float, part: list[Judged]) -> tuple[float, float]:
        right: dict[bool, list[bool]] = {True: [], False: []}
        for rule, chances, gold, _ in part:
            best = max(sorted(chances), key=lambda name: chances[name])
            limit = a if rule == "actual" else b
            status = best if chances[best] >= limit else rule
            right[gold == "actual"].append(status == gold)
        return tuple(sum(r) / max(1, len(r)) for r in (right[True], right[False]))  # type: ignore

    best = (0.0, 1.01, 1.01)
    for a in (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 1.01):
        for b in (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 1.01):
            best = max(best, (sum(figures(a, b, judged)), a, b))
    for name, a, b in (("rules", 1.01, 1.01), ("model", 0.0, 0.0), ("both", *best[1:])):
        for kind in (True, False):
            part = [j for j in judged if j[3] == kind]
            did, did_not = figures(a, b, part)
            print(f"status, {name}, {'lines' if kind else 'passages'} ({len(part)}): ", end="")
            print(f"actual {did:.3f}, not actual {did_not:.3f}")
    return best[1], best[2]


def main() -> None:
    limits = status_limits(statuses())
    rows, marks, matched = collect()
    status = sum(e.status == g["status"] for e, g in matched)
    other = [(e, g) for e, g in matched if g["status"] != "actual"]
    print(f"{marks} marked events, {len(rows)} candidates, {len(matched)} matched")
    told = sum(e.status == g["status"] for e, g in other) / max(1, len(other))
    print(f"status {status / len(matched):.3f}, where not actual {told:.3f} of {len(other)}")
    lines = ["# Fitted by training/calibrate.py on the project's held-out passages."]
    froms: dict[str, float] = {}
    rules: list[str] = []
    for kind, names in FEATURES.items():
        mine = [(f, y) for k, f, y in rows if k == kind]
        x = np.array([[f[n] for n in names] for f, _ in mine])
        y = np.array([y for _, y in mine])
        fitted = LogisticRegression(C=1.0, max_iter=1000).fit(x, y)
        chance = fitted.predict_proba(x)[:, 1]
        rules += ["", f"[{kind}]", f"bias = {fitted.intercept_[0]:.3f}"]
        rules += [f"{n} = {w:.3f}" for n, w in zip(names, fitted.coef_[0], strict=True)]
        froms[kind] = 0.0
        print(f"{kind}: {len(mine)} candidates, {y.sum()} right")
        for low in np.arange(0, 1, 0.1):
            part = (chance >= low) & (chance < low + 0.1)
            if part.sum():
                print(f"  {low:.1f}: {part.sum():4d} candidates, right {y[part].mean():.2f}")
        rows = [r for r in rows if r[0] != kind] + [
            (kind, {**f, "chance": c}, bool(r)) for (f, r), c in zip(mine, chance, strict=True)
        ]
    best = (0.0, 0.0, 0.0, 0.0, 0.0)
    for a in np.arange(0.1, 0.75, 0.05):
        for b in np.arange(0.2, 0.8, 0.05):
            kept = [r for r in rows if r[1]["chance"] >= (a if r[0] == "frame" else b)]
            right = sum(r[2] for r in kept)
            p, r = right / max(1, len(kept)), right / marks
            best = max(best, (2 * p * r / max(1e-9, p + r), p, r, a, b))
    print(
        f"best: F1 {best[0]:.3f} P {best[1]:.3f} R {best[2]:.3f} from {best[3]:.2f}, {best[4]:.2f}"
    )
    frames = [r for r in rows if r[0] == "frame"]
    right = sum(r[2] for r in frames)
    print(f"frames alone: P {right / len(frames):.3f} R {right / marks:.3f}")
    lines += ["[from]", f"frame = {best[3]:.2f}", f"model = {best[4]:.2f}"]
    lines += [f"status_actual = {limits[0]}", f"status_other = {limits[1]}", *rules]
    if "--write" in sys.argv:
        TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
