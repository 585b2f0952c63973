#!/usr/bin/env python3
"""Fit what joins frames and model: ``calibrate.py [--write]``.

Codes the held-out passages (split dev) with every candidate let through, matches the candidates
with the marked events (same sentence, same type, nearest trigger first) and fits the two logistic
rules of ``whowhom.events.weighing``. Prints the calibration and what thresholds would give;
``--write`` writes ``data/model/decision.toml``.
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
SIGNS = {"type": 1, "none": -1, "frame": 1, "actor": 1, "recipient": 1}
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


Row = tuple[str, dict[str, float], bool]  # kind of candidate, features, right


def collect() -> tuple[list[Row], list[Row], int, list[Any]]:
    """Every candidate of the held-out passages, those on the marked words of held-out lines, the
    passages' marks in all, and their matched pairs."""
    seen: dict[tuple[str, int, str], dict[str, float]] = {}
    plain = weighing.Weigher.features

    def noted(self: weighing.Weigher, candidate: Any) -> dict[str, float]:
        found = plain(self, candidate)
        start, _ = self.parsed.reading.to_source(candidate.trigger.start, candidate.trigger.end)
        seen[self.parsed.document.id, start, candidate.event_type] = found
        return found

    rows: list[Row] = []
    single: list[Row] = []
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
        for document, gold in held_out_lines():
            for event in coder.code(document).events:
                trigger = event.evidence.trigger
                key = (document.id, trigger.start, event.event_type)
                on = [
                    m
                    for m in gold
                    if trigger.start < m["trigger"][1] and m["trigger"][0] < trigger.end
                ]
                if on and key in seen:
                    kind = "frame" if event.why.rule else "model"
                    single.append((kind, seen[key], any(m["type"] == event.event_type for m in on)))
    return rows, single, marks, matched


def held_out_lines() -> list[tuple[Document, list[dict[str, Any]]]]:
    return [
        (Document(f"line-{n}", made["text"]), made["events"])
        for n, (_, made) in enumerate(read())
        if not isinstance(made, str) and not made["complete"] and made["split"] == "dev"
    ]


def fit(rows: list[Row], single: list[Row], names: tuple[str, ...]) -> dict[str, float]:
    """Weights of a logistic rule: slopes from passages and lines, where a sign that makes no sense
    is chance and is set to 0; the bias from the passages alone, since lines hold other shares."""
    used = list(names)
    while True:
        every = rows + single
        x = np.array([[f[n] for n in used] for _, f, _ in every])
        y = np.array([right for _, _, right in every])
        slopes = LogisticRegression(C=0.5, max_iter=1000).fit(x, y).coef_[0]
        wrong = [n for n, w in zip(used, slopes, strict=True) if w * SIGNS.get(n, w) < 0]
        if not wrong:
            break
        used = [n for n in used if n not in wrong]
    weights = dict(zip(used, map(float, slopes), strict=True))
    z = np.array([sum(weights[n] * f[n] for n in used) for _, f, _ in rows])
    share = np.mean([right for _, _, right in rows])
    low, high = -20.0, 20.0
    for _ in range(60):
        bias = (low + high) / 2
        low, high = (bias, high) if np.mean(1 / (1 + np.exp(-z - bias))) < share else (low, bias)
    return {"bias": bias, **weights}


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

    lines = held_out_lines()
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


# The F1 of calibrated chances is best where candidates stand from half of that F1 on (Lipton,
# Elkan, Naryanaswamy 2014): a little above that, since an event that is not there costs trust.
MODEL_FROM = 0.45
# A frame is a witness of its own, with roles and conditions: the model overrules it only where it
# is all but certain (on 28 articles that the project annotated, F1 is the same from 0 to 0.4).
FRAME_FROM = 0.1
# A stretch in which no word has this chance of an act is not parsed: on the project's 28 articles
# and the 16 open ones F1 falls by less than 0.01 from reading all (docs/performance.md).
PARSE_FROM = 0.03
STATUS_FROM = 0.7  # of the limits that are as good on held-out text, the careful one


def tell_status(judged: list[Judged]) -> None:
    """How often the status is right by rules, model and both (``pipeline.as_learned``)."""
    for name, low, high in (("rules", 2.0, 2.0), ("model", 0.0, 0.0), ("both", STATUS_FROM, 2.0)):
        for lines in (True, False):
            right: dict[bool, list[bool]] = {True: [], False: []}
            for rule, chances, gold, kind in judged:
                if kind != lines:
                    continue
                if not chances:  # a word that the model was not asked about
                    continue
                best = max(sorted(chances), key=lambda name: chances[name])
                limit = low if rule == "actual" else high
                status = best if chances[best] >= limit else rule
                right[gold == "actual"].append(status == gold)
            did, did_not = (sum(right[k]) / max(1, len(right[k])) for k in (True, False))
            print(f"status, {name}, {'lines' if lines else 'passages'}: ", end="")
            print(f"actual {did:.3f}, not actual {did_not:.3f} of {len(right[False])}")


def main() -> None:
    tell_status(statuses())
    rows, single, marks, matched = collect()
    status = sum(e.status == g["status"] for e, g in matched)
    other = [(e, g) for e, g in matched if g["status"] != "actual"]
    print(f"{marks} marked events, {len(rows)} candidates, {len(matched)} matched")
    told = sum(e.status == g["status"] for e, g in other) / max(1, len(other))
    print(f"status {status / len(matched):.3f}, where not actual {told:.3f} of {len(other)}")
    lines = ["# Fitted by training/calibrate.py on the project's held-out passages."]
    rules: list[str] = []
    for kind, names in FEATURES.items():
        mine = [(f, y) for k, f, y in rows if k == kind]
        weights = fit([r for r in rows if r[0] == kind], [r for r in single if r[0] == kind], names)
        y = np.array([y for _, y in mine])
        chance = np.array([weighing.confidence(weights, f) for f, _ in mine])
        rules += ["", f"[{kind}]", *(f"{n} = {w:.3f}" for n, w in weights.items())]
        print(f"{kind}: {len(mine)} candidates, {y.sum()} right")
        for low in np.arange(0, 1, 0.1):
            part = (chance >= low) & (chance < low + 0.1)
            if part.sum():
                print(f"  {low:.1f}: {part.sum():4d} candidates, right {y[part].mean():.2f}")
        rows = [r for r in rows if r[0] != kind] + [
            (kind, {**f, "chance": c}, bool(r)) for (f, r), c in zip(mine, chance, strict=True)
        ]
    for limit in (0.3, 0.4, 0.5, 0.6, 0.7):
        kept = [r for r in rows if r[1]["chance"] >= limit]
        right = sum(r[2] for r in kept)
        p, recall = right / max(1, len(kept)), right / marks
        print(f"from {limit}: P {p:.3f} R {recall:.3f} F1 {2 * p * recall / (p + recall):.3f}")
    frames = [r for r in rows if r[0] == "frame"]
    right = sum(r[2] for r in frames)
    print(f"frames alone: P {right / len(frames):.3f} R {right / marks:.3f}")
    lines += ["[from]", f"frame = {FRAME_FROM}", f"model = {MODEL_FROM}"]
    lines += [f"parse = {PARSE_FROM}", f"status = {STATUS_FROM}", *rules]
    if "--write" in sys.argv:
        TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
