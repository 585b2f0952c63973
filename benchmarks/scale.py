#!/usr/bin/env python3
"""How far one driver carries: ``scale.py --rate D [--price P]``. The figures of docs/scale.md.

Measures in this run, on this machine, what the one process that decides and commits does for a
document: receive, decide, hand over, take back, write. Then simulates 64 and 1,000 workers with
these times, latencies like Ray's, and failures: workers that die, documents that hang. D is how
many documents a core codes in a second (benchmarks/coding.py measures it); P is the price of a
core-hour.
"""

from __future__ import annotations

import argparse
import dataclasses
import heapq
import json
import math
import os
import pickle
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from whowhom import Coder, Document
from whowhom.cli.demo import example_corpus
from whowhom.engine.cluster import CHUNK, CHUNK_SECONDS, IN_FLIGHT, _Batch
from whowhom.engine.local import Inline, Pool
from whowhom.engine.machine import resident_megabytes
from whowhom.engine.outcome import Outcome, Packing
from whowhom.engine.reading import SEND_ITEMS
from whowhom.engine.run import Collect, run
from whowhom.engine.worker import CoderSpec
from whowhom.merge.settings import settings as merge_settings  # noqa: F401 - loaded before timing
from whowhom.read import read
from whowhom.settings import DEFAULT
from whowhom.store import create_store
from whowhom.store.folder import Header
from whowhom.store.index import Decision, Index, Known
from whowhom.store.schema import SCHEMA_VERSION
from whowhom.store.sink import StoreSink

# workers import this file as benchmarks.scale, from wherever it was started
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

PACKING = Packing(keep_text=False, evidence_characters=DEFAULT.evidence_characters)
WORDS_JOINED = 8
"""Texts of the example corpus, of 54 words each, that make one article of a news site's length."""
ROUNDS = 5
MERGE_SECONDS = 771.0
"""CPU seconds of merging a million events (docs/merging.md)."""
SYNC_SECONDS = 0.02
"""Making a segment durable on a local disk: five files and two folders. What this machine takes is
printed beside it; while it does other work, that says little."""

# what Ray adds: measured with 2 actors on one machine (1.3 ms there and back); a network adds more
LATENCY = 0.005
TASK_SECONDS = 0.0005


@dataclasses.dataclass(slots=True)
class Costs:
    """Seconds of the driver's CPU for one document, and for one segment."""

    read: float = 0.0  # in the processes that read
    read_html: float = 0.0
    receive: float = 0.0
    decide: float = 0.0
    send: float = 0.0
    take: float = 0.0
    write: float = 0.0
    segment: float = 0.0  # fixed part
    clock: float = 0.0  # of writing a segment of one document, by the clock
    packing: float = 0.0  # the worker's
    bytes: float = 0.0  # in the store, a document
    events: float = 0.0
    index_bytes: float = 0.0

    @property
    def inward(self) -> float:
        return self.receive + self.decide + self.send

    def document(self) -> float:
        """Of the driver, all told, with full segments."""
        return (
            self.inward
            + self.take
            + self.write
            + (self.segment + SYNC_SECONDS) / DEFAULT.batch_documents
        )


def per(work: Callable[[], object], count: int) -> float:
    """The least CPU seconds of a few rounds, by ``count``: a busy machine only adds."""
    times = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times) / count


# ------------------------------------------------------------------------ measuring
def measure(articles: list[str], outcomes: list[Outcome], known: int) -> Costs:
    costs = Costs()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        path = folder / "in.jsonl"
        with path.open("w") as file:
            for number in range(300):
                text = articles[number % len(articles)]
                file.write(json.dumps({"id": f"d{number}", "text": text, "date": "2015-01-02"}))
                file.write("\n")
        documents = [d for d in read([str(path)]) if isinstance(d, Document)]
        costs.read = per(lambda: list(read([str(path)])), len(documents))
        (folder / "html").mkdir()
        for number, text in enumerate(articles[:8]):
            (folder / "html" / f"{number}.html").write_text(page(text))
        list(read([str(folder / "html")]))
        costs.read_html = per(lambda: list(read([str(folder / "html")])), 8)

        sheaf = pickle.dumps((documents[:SEND_ITEMS], False))
        costs.receive = per(lambda: pickle.loads(sheaf), SEND_ITEMS)  # noqa: S301 - our own

        def decide() -> list[Decision]:
            index = Index()
            return [index.decide(document) for document in documents]

        costs.decide = per(decide, len(documents))
        costs.send = per(lambda: [pickle.dumps(d, 5) for d in documents], len(documents))
        chunk = [outcomes[n % len(outcomes)] for n in range(20)]
        sent = pickle.dumps(_Batch.of(chunk, 1.0), 5)
        costs.take = per(lambda: list(pickle.loads(sent).unpacked()), 20)  # noqa: S301 - our own
        costs.write, costs.segment, costs.clock, costs.bytes = writing(folder, outcomes)
    costs.events = sum(o.row.events for o in outcomes) / len(outcomes)
    costs.index_bytes = index_memory(known)
    return costs


class Written(NamedTuple):
    document: float  # CPU seconds
    segment: float  # CPU seconds beside its documents
    clock: float  # seconds by the clock of a segment of one document
    bytes: float  # a document


def writing(folder: Path, outcomes: list[Outcome]) -> Written:
    header = Header(SCHEMA_VERSION, "benchmark", "benchmark")
    store = create_store(folder / "store", header)
    full = [outcomes[n % len(outcomes)] for n in range(DEFAULT.batch_documents)]
    with store.writer() as writer:
        sink = StoreSink(
            writer,
            "benchmark",
            keep_text=False,
            evidence_characters=PACKING.evidence_characters,
        )
        sink.write(full)
        one = per(lambda: sink.write(full[:1]), 1)
        many = per(lambda: sink.write(full), 1)
        waits = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            sink.write(full[:1])
            waits.append(time.perf_counter() - begun)
        sink.write(outcomes)
    segments = sorted((folder / "store" / "segments").iterdir())
    # each document once, for what repeats is packed away; less what a segment of one takes
    size = _bytes(segments[-1]) - _bytes(segments[1])  # the second has one document
    return Written((many - one) / (len(full) - 1), one, min(waits), size / (len(outcomes) - 1))


def _bytes(segment: Path) -> int:
    return sum(file.stat().st_size for file in segment.iterdir())


def index_memory(known: int) -> float:
    """Bytes that the index takes for a document of the store, in a process of its own."""
    before = _resident()
    index = Index("f", resume=True)
    index.load(
        Known(
            f"https://outlet-{n % 40}.example/2015/01/02/article-{n}",
            "coded",
            f"archive/2015/{n // 20_000:06}.jsonl.gz",
            f"line {n}",
            None,
            None,
            f"{n:064x}",
            "f",
        )
        for n in range(known)
    )
    after = _resident()
    assert index is not None
    return (after - before) / known


def _resident() -> int:
    return (resident_megabytes(os.getpid()) or 0) * 1024 * 1024


def page(text: str) -> str:
    """An article in a page with what pages have round it: some 400 elements."""
    menu = "".join(
        f'<li class="nav-item"><a href="/s/{n}">Section {n}</a></li>' for n in range(120)
    )
    body = "".join(f"<p>{part}</p>" for part in text.split("\n\n"))
    return (
        f"<!doctype html><html><head><title>A page</title></head><body><nav><ul>{menu}</ul></nav>"
        f"<article><h1>A headline of the day</h1>{body}</article><footer><ul>{menu}</ul></footer>"
        "</body></html>"
    )


def example() -> tuple[list[str], list[Outcome], float]:
    """Articles, coded documents with their rows, and the worker's seconds of making rows."""
    documents = [d for d in read([str(example_corpus())]) if isinstance(d, Document)]
    texts = [d.text for d in documents]
    articles = [
        "\n\n".join(texts[(start + n) % len(texts)] for n in range(WORDS_JOINED))
        for start in range(0, len(texts), WORDS_JOINED)
    ]
    sink = Collect()
    run(documents, Inline(Coder()), sink)
    from whowhom.store.pack import pack

    coded = [o.coded for o in sink.outcomes if o.coded is not None]
    seconds = per(lambda: [pack(c, PACKING) for c in coded], len(coded))
    packed = [
        dataclasses.replace(o, coded=None, packed=pack(o.coded, PACKING))
        for o in sink.outcomes
        if o.coded is not None
    ]
    return articles, packed, seconds


def hand_over(documents: int = 2_000) -> float:
    """Wall seconds a document outside coding, one worker that has nothing to do but answer."""
    items = [Document(f"d{n}", "Nothing happened here today. " * 70) for n in range(documents)]
    with Pool(CoderSpec(factory="benchmarks.scale:Nothing"), 1, PACKING) as pool:
        run(items[:100], pool, Collect())
        begun = time.perf_counter()
        run(items, pool, Collect())
        return (time.perf_counter() - begun) / documents


# ------------------------------------------------------------------------ simulating
@dataclasses.dataclass(frozen=True, slots=True)
class Failures:
    deaths: float = 0.05  # a worker and hour: spot machines that are taken away
    restart: float = 30.0  # seconds until another is there
    poison: float = 1e-5  # documents that hang
    hang: float = 2 * DEFAULT.document_seconds + 4.0


@dataclasses.dataclass(slots=True)
class Simulated:
    workers: int
    rate: float  # documents a second
    useful: float  # share of the workers' time that is coding
    driver: float  # share of the driver's time that it works
    segments: float  # a second
    lost: int


def simulate(
    workers: int, pace: float, costs: Costs, failures: Failures, seconds: float
) -> Simulated:
    """A closed network: every worker has two chunks; the driver serves one thing at a time.

    ``pace``: documents a core and second; documents differ (log-normal, sigma 1).
    """
    chance = random.Random(workers)  # noqa: S311 - no secret
    size = max(1, min(CHUNK, int(CHUNK_SECONDS * pace)))
    mu = math.log(1 / pace) - 0.5
    events: list[tuple[float, int, float]] = []  # when a chunk is done, whose, its useful seconds
    busy = [0.0] * workers
    driver = working = useful = 0.0
    waiting_rows, last_commit, segments, done, lost = 0, 0.0, 0, 0, 0

    def give(worker: int, now: float) -> None:
        nonlocal lost
        work = sum(chance.lognormvariate(mu, 1.0) for _ in range(size))
        taken = work
        for _ in range(size):
            if chance.random() < failures.poison:
                taken += failures.hang
        start = max(now + LATENCY, busy[worker])
        while chance.random() < 1 - math.exp(-failures.deaths * taken / 3600):
            lost += 1
            start += chance.random() * taken + failures.restart
        busy[worker] = start + taken
        heapq.heappush(events, (busy[worker], worker, work))

    for _ in range(IN_FLIGHT):
        for worker in range(workers):
            cost = size * costs.inward + TASK_SECONDS
            driver, working = driver + cost, working + cost
            give(worker, driver)
    while events and events[0][0] < seconds:
        finished, worker, work = heapq.heappop(events)
        now = max(driver, finished + LATENCY)
        cost = size * costs.take + TASK_SECONDS
        waiting_rows += size
        if waiting_rows >= DEFAULT.batch_documents or now - last_commit > DEFAULT.batch_seconds:
            cost += costs.segment + SYNC_SECONDS + waiting_rows * costs.write
            waiting_rows, last_commit, segments = 0, now, segments + 1
        cost += size * costs.inward
        driver, working = now + cost, working + cost
        done, useful = done + size, useful + work
        give(worker, driver)
    span = max(seconds, driver)
    return Simulated(
        workers,
        done / span,
        useful / (workers * span),
        min(1.0, working / span),
        segments / span,
        lost,
    )


# ------------------------------------------------------------------------ telling
def tell(costs: Costs, pace: float, price: float, runs: Sequence[Simulated], idle: float) -> None:
    thousandth = 1e3
    print("The driver, CPU milliseconds a document (an article of 430 words):")
    for name in ("receive", "decide", "send", "take", "write"):
        print(f"  {name:8} {getattr(costs, name) * thousandth:8.3f}")
    print(
        f"  a segment {costs.segment * thousandth:7.1f}, syncing counted as "
        f"{SYNC_SECONDS * thousandth:g} (by the clock, in all, {costs.clock * thousandth:.0f})"
    )
    print(
        f"A process that reads takes {costs.read * thousandth:.2f} ms for an article in JSON "
        f"Lines, {costs.read_html * thousandth:.1f} in HTML."
    )
    print(f"A worker makes the rows of a document in {costs.packing * thousandth:.2f} ms.")
    print(f"The local pool: {idle * thousandth:.2f} ms of wall clock a document outside coding.")
    print(f"A document has {costs.events:.1f} events and takes {costs.bytes:,.0f} bytes of store.")
    print(f"The index takes {costs.index_bytes:,.0f} bytes for each document that is known.")
    ceiling = 1 / costs.document()
    print(
        f"Ceiling of one driver: {ceiling:,.0f} documents/s; at D = {pace:g}, "
        f"{ceiling / pace:,.0f} cores."
    )
    print(
        f"Processes that read, for 64 cores: {64 * pace * costs.read:.1f} for JSON Lines, "
        f"{64 * pace * costs.read_html:.1f} for HTML."
    )
    print()
    print(f"Simulated, D = {pace:g} documents a core and second, with failures:")
    print("  cores  documents/s  coding  driver busy  segments/s  chunks done again")
    for run_ in runs:
        print(
            f"  {run_.workers:5,}  {run_.rate:11,.0f}  {run_.useful:6.0%}  {run_.driver:11.0%}  "
            f"{run_.segments:10.2f}  {run_.lost:17,}"
        )
    print()
    good = max((r.useful for r in runs if r.workers <= 64), default=1.0)
    for count in (1_000_000, 1_000_000_000):
        hours = count / pace / 3600 / good
        events = count * costs.events
        print(
            f"{count:,} articles: {hours:,.0f} core-hours, {hours * price:,.0f} at {price:g} a "
            f"core-hour; {count * costs.bytes / 1e9:,.1f} GB of store, "
            f"{count / DEFAULT.batch_documents:,.0f} full segments or more; the index of all "
            f"{count * costs.index_bytes / 1e9:,.1f} GB; merging "
            f"{events / 1e6 * MERGE_SECONDS / 3600:,.1f} core-hours in one process"
        )


class Nothing:
    """A coder that finds nothing, at once."""

    def __init__(self, **_: object) -> None:
        from whowhom.model import CoderInfo

        self.info = CoderInfo("0", "none", None)
        self.fingerprint = "nothing"

    def code(self, document: Document) -> object:
        from whowhom.model import Coded, Coverage

        return Coded(document, (), (), Coverage(len(document.text), 0, 0, 0))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rate", type=float, default=8.0, help="D, documents a core and second")
    options.add_argument("--price", type=float, default=0.04, help="of a core-hour")
    options.add_argument("--known", type=int, default=1_000_000, help="documents in the index")
    options.add_argument("--seconds", type=float, default=600.0, help="of simulated time")
    options.add_argument("--workers", type=int, nargs="*", default=[1, 8, 64, 256, 1000])
    o = options.parse_args()
    articles, outcomes, packing = example()
    costs = measure(articles, outcomes, o.known)
    costs.packing = packing
    idle = hand_over()
    runs = [simulate(w, o.rate, costs, Failures(), o.seconds) for w in o.workers]
    tell(costs, o.rate, o.price, runs, idle)


if __name__ == "__main__":
    main()
