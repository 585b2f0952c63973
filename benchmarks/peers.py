#!/usr/bin/env python3
"""What coding costs, beside what a user would pick instead: ``peers.py [INPUT] [--documents N]``.

In one run, on one thread, over the same documents, in CPU seconds:

* whowhom, whole (merging off), and its floor: the text split into words once and one pass of the
  shipped encoder over every sentence;
* spaCy's English pipeline alone, and textacy's subject-verb-object triples on top of it;
* what the model passes of two coders cost, with random weights of the same architecture (the time
  of a pass depends on its shape, not on its weights): NGEC's question answering (4 to 13 questions
  an event, median 10, on 384 pieces; DistilBERT-size, its default) and ZSP's entailment
  (RoBERTa-large; 76 hypotheses and one more for each sentence and pair, 50 pieces, batches of 8).
  They are counted for the events that whowhom found, a pair each: a lower bound, since both ask
  about pairs that come to nothing as well.

The order of the contestants is turned in every round. Needs ``pip install -r
benchmarks/requirements.txt`` beside whowhom. INPUT is anything that ``whowhom code`` takes; without
it the example corpus is used.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import torch  # noqa: E402
from transformers import (  # noqa: E402
    DistilBertConfig,
    DistilBertForQuestionAnswering,
    RobertaConfig,
    RobertaForSequenceClassification,
)

from whowhom import Coder, Document  # noqa: E402
from whowhom.cli.demo import example_corpus  # noqa: E402
from whowhom.parse import find_model  # noqa: E402
from whowhom.read import read  # noqa: E402

QUESTIONS, QUESTION_PIECES = 10, 384  # an event, NGEC
HYPOTHESES, PAIR_PIECES = 77, 50  # a sentence and pair, ZSP
PASSES = 3  # model passes that are timed a round

DOES = {
    "spaCy alone": "words, tags, trees, names; no events",
    "textacy triples": "who-verb-whom as words: no types, codes, dates, status or sources",
    "whowhom": "events with type, actors, date, place, status, sources, offsets, reasons",
    "its floor": "words split once, one encoder pass over every sentence: nothing is coded",
    "NGEC, question passes": "roles of events whose types are already known; geocoding and "
    "Wikipedia look-ups come on top",
    "ZSP, entailment passes": "the type between two parties that are given; no roles, no dates",
}


def contestants(documents: list[Document]) -> tuple[dict[str, Callable[[], float]], int]:
    """What is timed: each gives CPU seconds for all documents; and the events in them."""
    import spacy
    from textacy.extract import subject_verb_object_triples

    coder = Coder()
    nlp = spacy.load(find_model()[1])  # as it comes: whowhom changes its own
    reader = coder.reader
    assert reader is not None
    events = sum(len(coder.code(document).events) for document in documents)
    torch.set_num_threads(1)
    answering = DistilBertForQuestionAnswering(DistilBertConfig()).eval()
    entailing = RobertaForSequenceClassification(
        RobertaConfig(
            hidden_size=1024,
            num_hidden_layers=24,
            num_attention_heads=16,
            intermediate_size=4096,
            num_labels=3,
        )
    ).eval()

    def timed(work: Callable[[], object]) -> float:
        begun = time.process_time()
        work()
        return time.process_time() - begun

    def floor() -> None:
        for document in documents:
            skim = coder.parser.skim(document)
            reader.states((s.first, s.words) for s in skim.stretches)

    def passes(model: torch.nn.Module, pieces: int, batch: int) -> float:
        """CPU seconds of one item of a batch."""
        ids = torch.randint(1000, 20_000, (batch, pieces))

        @torch.no_grad()
        def work() -> None:
            for _ in range(PASSES):
                model(input_ids=ids, attention_mask=torch.ones_like(ids))

        return timed(work) / PASSES / batch

    def triples() -> None:
        for doc in nlp.pipe((d.text for d in documents), batch_size=16):
            list(subject_verb_object_triples(doc))

    def spacy_alone() -> None:
        for _ in nlp.pipe((d.text for d in documents), batch_size=16):
            pass

    return {
        "whowhom": lambda: timed(lambda: [coder.code(d) for d in documents]),
        "its floor": lambda: timed(floor),
        "spaCy alone": lambda: timed(spacy_alone),
        "textacy triples": lambda: timed(triples),
        "NGEC, question passes": lambda: passes(answering, QUESTION_PIECES, 2) * QUESTIONS * events,
        "ZSP, entailment passes": lambda: passes(entailing, PAIR_PIECES, 8) * HYPOTHESES * events,
    }, events


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("input", nargs="?", default=str(example_corpus()))
    options.add_argument("--documents", type=int, default=40)
    options.add_argument("--rounds", type=int, default=3)
    o = options.parse_args()
    documents = [d for d in read([o.input]) if isinstance(d, Document)][: o.documents]
    words = sum(len(d.text.split()) for d in documents)
    runs, events = contestants(documents)
    names = list(runs)
    taken: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(o.rounds):
        at = turn % len(names)
        for name in names[at:] + names[:at]:
            taken[name].append(runs[name]())
    base = statistics.median(taken["whowhom"])
    print(
        f"{len(documents)} documents of {words / len(documents):.0f} words, {events} events, "
        f"one thread, median of {o.rounds} rounds"
    )
    for name in sorted(names, key=lambda n: statistics.median(taken[n])):
        middle = statistics.median(taken[name])
        print(
            f"{name:24} {1000 * middle / len(documents):9.0f} ms a document "
            f"{len(documents) / middle:9.3f} documents/s {middle / base:8.2f} of whowhom   "
            f"{DOES[name]}"
        )


if __name__ == "__main__":
    main()
