#!/usr/bin/env python3
"""What coding costs and where: ``coding.py [INPUT] [--documents N]``.

Three tables, in CPU seconds of one process and one thread: documents a second with the shortcuts,
without them (``read_all``) and with the frames alone; where the time of a document goes, stage by
stage; and what the shortcuts set aside and what that costs in events. The order of the ways is
turned in every round, so that a busy machine troubles all alike. INPUT is anything that ``whowhom
code`` takes; without it the example corpus is used.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import statistics
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from whowhom import Coder, Document, attribution, parse, pipeline, time_place  # noqa: E402
from whowhom.cli.demo import example_corpus  # noqa: E402
from whowhom.events.weighing import Weigher  # noqa: E402
from whowhom.learned.first import FirstLook  # noqa: E402
from whowhom.parse import annotate  # noqa: E402
from whowhom.parse.vectors import Vectors  # noqa: E402
from whowhom.read import read  # noqa: E402
from whowhom.settings import DEFAULT  # noqa: E402

ROUNDS = 3


def seconds(work: Callable[[Document], object], documents: list[Document]) -> float:
    """CPU seconds of this process for all documents."""
    begun = time.process_time()
    for document in documents:
        work(document)
    return time.process_time() - begun


class Stages:
    """CPU seconds by stage: functions are wrapped; time inside an inner one is the inner one's."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self._inner: list[float] = []

    def wrap(self, owner: Any, name: str, stage: str) -> None:
        plain = getattr(owner, name)

        def timed(*args: Any, **options: Any) -> Any:
            begun = time.process_time()
            self._inner.append(0.0)
            try:
                return plain(*args, **options)
            finally:
                whole = time.process_time() - begun
                self.taken[stage] += whole - self._inner.pop()
                if self._inner:
                    self._inner[-1] += whole

        setattr(owner, name, timed)


def staged(coder: Coder, documents: list[Document]) -> Counter[str]:
    """Where the time of the documents goes. The coder is not to be used for timing afterwards."""
    stages = Stages()
    assert coder.reader is not None
    for owner, name, stage in (
        (parse, "make_reading", "text cleaned, split into stretches"),
        (parse, "stretches", "text cleaned, split into stretches"),
        (annotate.Annotator, "skim", "words"),
        (Vectors, "set", "vectors (tok2vec)"),
        (FirstLook, "passes", "first look"),
        (FirstLook, "names", "names, from the vectors"),
        (coder.reader, "states", "encoder: pieces and heads"),
        (coder.reader.session, "run", "encoder: the forward pass"),
        (annotate, "_apply", "tags and trees (spaCy)"),
        (annotate.Annotator, "finish", "parts of speech, lemmas, plain tokens"),
        (coder.parser, "finish", "parts of speech, lemmas, plain tokens"),
        (coder.resolver, "resolve", "actors"),
        (attribution, "find_statements", "attribution and status"),
        (attribution, "judge", "attribution and status"),
        (coder.finder, "find", "frames"),
        (Weigher, "proposals", "weighing, roles by the model"),
        (Weigher, "weighed", "weighing, roles by the model"),
        (time_place, "find_dates", "when, where, how many"),
        (coder.places, "find", "when, where, how many"),
        (time_place, "when", "when, where, how many"),
        (time_place, "where", "when, where, how many"),
        (time_place, "magnitudes", "when, where, how many"),
        (coder, "code", "records and the rest"),
    ):
        stages.wrap(owner, name, stage)
    for document in documents:
        coder.code(document)
    return stages.taken


def shortcuts(coder: Coder, whole: Coder, documents: list[Document]) -> None:
    """What is set aside, and what becomes of the events."""
    look = coder.reader.first if coder.reader else None
    assert look is not None
    counts: Counter[str] = Counter()
    for document in documents:
        skim = coder.parser.skim(document)
        counts["stretches"] += len(skim.stretches)
        counts["past the first look"] += sum(
            skim.is_title(n) or look.passes(s.vectors, s.tags) for n, s in enumerate(skim.stretches)
        )
        short, full = coder.code(document), whole.code(document)
        counts["parsed"] += short.coverage.sentences - short.coverage.sentences_aside
        counts["sentences"] += short.coverage.sentences

        def places(coded: pipeline.Coded) -> set[tuple[str, int, str]]:
            return {(e.evidence.part, e.evidence.trigger.start, e.event_type) for e in coded.events}

        one, two = places(short), places(full)
        counts["events of all sentences"] += len(two)
        counts["found with the shortcuts"] += len(one & two)
        counts["found only with the shortcuts"] += len(one - two)
    passed = counts["past the first look"] / counts["stretches"]
    print(f"past the first look: {passed:.1%} of {counts['stretches']} stretches")
    parsed = counts["parsed"] / counts["sentences"]
    print(f"parsed, for the encoder saw an act: {parsed:.1%} of the sentences")
    kept = counts["found with the shortcuts"] / max(1, counts["events of all sentences"])
    print(
        f"of {counts['events of all sentences']} events that reading all gives {kept:.1%} are "
        f"found; {counts['found only with the shortcuts']} others"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("input", nargs="?", default=str(example_corpus()))
    options.add_argument("--documents", type=int, default=60)
    o = options.parse_args()
    documents = [d for d in read([o.input]) if isinstance(d, Document)][: o.documents]
    words = sum(len(d.text.split()) for d in documents)
    coder = Coder()
    whole = Coder(settings=dataclasses.replace(DEFAULT, read_all=True))
    ways: list[tuple[str, Callable[[Document], object]]] = [
        ("as it ships", coder.code),
        ("every sentence", whole.code),
        ("frames alone", Coder(settings=dataclasses.replace(DEFAULT, learned_model=False)).code),
    ]
    for _, work in ways:  # words that are met for the first time cost more
        seconds(work, documents[:10])
    taken: dict[str, list[float]] = {name: [] for name, _ in ways}
    for turn in range(ROUNDS):
        for name, work in ways[turn:] + ways[:turn]:
            taken[name].append(seconds(work, documents))
    base = statistics.median(taken["as it ships"])
    print(f"{len(documents)} documents of {words / len(documents):.0f} words, {ROUNDS} rounds")
    for name, times in taken.items():
        middle = statistics.median(times)
        print(
            f"{name:16} {1000 * middle / len(documents):7.0f} ms a document "
            f"{len(documents) / middle:6.2f} documents/s  {middle / base:5.2f}"
        )
    print()
    shortcuts(coder, whole, documents)
    print()
    stages = staged(coder, documents)
    total = sum(stages.values())
    for stage, value in stages.most_common():
        print(f"{stage:40} {1000 * value / len(documents):7.1f} ms {value / total:6.1%}")


if __name__ == "__main__":
    main()
