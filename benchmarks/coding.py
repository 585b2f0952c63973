#!/usr/bin/env python3
"""What the stages cost, side by side in one run: ``coding.py [INPUT] [--documents N]``.

Codes the same documents three times over: parsed only, with the frames alone, and with frames and
learned model; prints CPU seconds, documents a second of one process, and ratios to the parse. The
order of the three is turned round in every round, so that a busy machine troubles all alike. INPUT
is anything that ``whowhom code`` takes; without it the example corpus is used.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import time
from collections.abc import Callable

from whowhom import Coder, Document
from whowhom.cli.demo import example_corpus
from whowhom.read import read
from whowhom.settings import DEFAULT

ROUNDS = 3


def seconds(work: Callable[[Document], object], documents: list[Document]) -> float:
    """CPU seconds of this process for all documents."""
    begun = time.process_time()
    for document in documents:
        work(document)
    return time.process_time() - begun


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("input", nargs="?", default=str(example_corpus()))
    options.add_argument("--documents", type=int, default=60)
    o = options.parse_args()
    documents = [d for d in read([o.input]) if isinstance(d, Document)][: o.documents]
    words = sum(len(d.text.split()) for d in documents)
    coder = Coder()
    frames = Coder(settings=dataclasses.replace(DEFAULT, learned_model=False))
    ways: list[tuple[str, Callable[[Document], object]]] = [
        ("parse", coder.parser.parse),
        ("frames", frames.code),
        ("frames and model", coder.code),
    ]
    for _, work in ways:
        work(documents[0])
    taken: dict[str, list[float]] = {name: [] for name, _ in ways}
    for turn in range(ROUNDS):
        for name, work in ways[turn:] + ways[:turn]:
            taken[name].append(seconds(work, documents))
    base = statistics.median(taken["parse"])
    print(f"{len(documents)} documents of {words / len(documents):.0f} words, {ROUNDS} rounds")
    for name, times in taken.items():
        middle = statistics.median(times)
        print(
            f"{name:18} {middle:7.2f} CPU s  {len(documents) / middle:6.2f} documents/s  "
            f"{middle / base:5.2f} of the parse"
        )


if __name__ == "__main__":
    main()
