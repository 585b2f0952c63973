#!/usr/bin/env python3
"""Train the test that stands before the model: ``first.py [--write]``.

A sentence whose words all speak against an event need not be read by the encoder, which costs as
much as the parse. A logistic rule over the lemmas of a sentence (bag of words) is fitted on the
marked text: passages are complete; a line with an event counts as one with, a line of NONE as one
without. The limit is that which keeps KEEP of the held-out passages' sentences with an event.
``--write`` writes ``data/model/first.toml``.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import numpy as np
from build import read
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from whowhom import learned
from whowhom.learned.words import lemmas
from whowhom.parse import load_pipeline

TARGET = Path(learned.__file__).resolve().parents[1] / "data" / "model" / "first.toml"
KEEP = 0.94  # of the sentences with an event; what is lost is still seen by the frames
LEAST = 4  # sentences that a word must stand in


def main() -> None:
    texts: dict[str, tuple[bool, bool, str]] = {}
    for _, made in read():
        if not isinstance(made, str):
            event = any(e["type"] != "NONE" for e in made["events"])
            had = texts.get(made["text"], (False, False, ""))[0]
            texts[made["text"]] = (event or had, made["complete"], made["split"])
    bags = [lemmas(doc) for doc in load_pipeline().pipe(texts, batch_size=64)]
    rows = list(texts.values())
    train = [n for n, row in enumerate(rows) if row[2] == "train"]
    counts = Counter(word for n in train for word in bags[n])
    words = sorted(word for word, n in counts.items() if n >= LEAST)
    index = {word: n for n, word in enumerate(words)}

    def matrix(which: list[int]) -> csr_matrix:
        at = [(i, index[w]) for i, n in enumerate(which) for w in bags[n] if w in index]
        ones = np.ones(len(at))
        return csr_matrix((ones, tuple(zip(*at, strict=True))), shape=(len(which), len(words)))

    # the passages have the shares of real texts: a sentence of them counts three times
    weights = np.array([3.0 if rows[n][1] else 1.0 for n in train])
    rule = LogisticRegression(C=0.3, max_iter=2000, class_weight="balanced")
    rule.fit(matrix(train), [rows[n][0] for n in train], sample_weight=weights)
    dev = [n for n, row in enumerate(rows) if row[1] and row[2] == "dev"]
    scores = rule.decision_function(matrix(dev))
    event = np.array([rows[n][0] for n in dev])
    limit = float(np.quantile(scores[event], 1 - KEEP))
    print(f"{len(words)} words; {len(dev)} held-out sentences, {event.sum()} with an event")
    for share in (0.9, 0.95, 0.98, 0.985, 0.99, 1.0):
        at = np.quantile(scores[event], 1 - share)
        print(f"  keeps {share:.3f} of them and lets {np.mean(scores[~event] < at):.3f} others go")
    if "--write" in sys.argv:
        table = {w: round(float(c), 2) for w, c in zip(words, rule.coef_[0], strict=True)}
        lines = ["# Made by training/first.py: which sentences the encoder need not read."]
        lines += [f"bias = {rule.intercept_[0]:.3f}", f"limit = {limit:.3f}", "[weights]"]
        lines += [f'"{w}" = {c}' for w, c in table.items() if abs(c) >= 0.05]
        TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
