"""The local engine: every item ends in one state, and a document cannot stop a run."""

from __future__ import annotations

import dataclasses
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import Pipe
from pathlib import Path
from unittest import mock

import pytest

from tests.engine.same import content, corpus
from tests.engine.stub import StubCoder
from whowhom.engine.keep import keep
from whowhom.engine.local import Inline, Pool
from whowhom.engine.machine import auto_workers, waited_seconds
from whowhom.engine.outcome import Outcome, Packing, Report, add_coverage, shares
from whowhom.engine.run import Collect, Interrupted, run
from whowhom.engine.worker import CoderSpec, Failed, Ready, Trouble, serve
from whowhom.errors import DataError, WhowhomError
from whowhom.model import Coded, Coverage, Document, Skipped, Source
from whowhom.settings import DEFAULT

SPEC = CoderSpec(factory="tests.engine.stub:StubCoder")
QUICK = dataclasses.replace(DEFAULT, document_seconds=1.0)


def document(number: int, text: str = "", url: str | None = None) -> Document:
    text = f"Kenya met Uganda. Number {number}. {text}"
    return Document(f"d{number}", text, url=url, source=Source("f", f"line {number}"))


class BrokenCoder(StubCoder):
    def __init__(self, **_: object) -> None:
        raise ValueError("no such model")


class MissingData(StubCoder):
    def __init__(self, **_: object) -> None:
        raise DataError("the parser is missing", do="pip install it")


class DeadCoder(StubCoder):
    def __init__(self, **_: object) -> None:
        os._exit(3)


class Nonsense(StubCoder):
    def code(self, document: Document) -> object:  # type: ignore[override]
        return None


def test_every_state(tmp_path: Path) -> None:
    texts = ["", "__raise__", "__segv__", "__hang__", "__refuse__", "__once__", ""]
    items: list[Document | Skipped] = [
        document(n, text, url=str(tmp_path / "flag")) for n, text in enumerate(texts)
    ]
    items.insert(3, Skipped(Source("f", "line 99"), "empty", "there is no text"))
    items.append(dataclasses.replace(document(0), id="again"))
    items.append(Document("quiet", "Nothing happened."))
    sink = Collect()
    with Pool(SPEC, 2) as pool:
        report = run(items, pool, sink, settings=QUICK)
    rows = {outcome.row.document_id: outcome.row for outcome in sink.outcomes}
    assert [outcome.row.document_id for outcome in sink.outcomes] == [
        "d0", "d1", "d2", "", "d3", "d4", "d5", "d6", "again", "quiet"
    ]  # fmt: skip
    assert {name: row.status for name, row in rows.items()} == {
        "d0": "coded",
        "d1": "poisoned",
        "d2": "poisoned",
        "": "skipped",
        "d3": "poisoned",
        "d4": "skipped",
        "d5": "coded",
        "d6": "coded",
        "again": "coded",
        "quiet": "no_events",
    }
    assert "ValueError: the stub was told to (stub.py line" in (rows["d1"].detail or "")
    assert "killed by SIGSEGV" in (rows["d2"].detail or "")
    assert "took more than 1 seconds; tried 2 times" in (rows["d3"].detail or "")
    assert rows["d4"].reason == "language"
    assert report.read == 10
    assert report.unread == 5
    assert dict(report.reasons) == {"coding_failed": 3, "empty": 1, "language": 1}
    assert report.events == 4


def test_inline_gives_the_same_as_processes() -> None:
    items = [document(n, "__raise__" if n == 3 else "") for n in range(12)]
    one, two, three = Collect(), Collect(), Collect()
    run(items, Inline(StubCoder()), one)
    for workers, sink in ((1, two), (3, three)):
        with Pool(SPEC, workers) as pool:
            run(items, pool, sink)
    assert one.outcomes == two.outcomes == three.outcomes


def test_order_is_that_of_reading_though_the_first_is_slow() -> None:
    items = [document(n, "__sleep 300__" if n == 0 else "") for n in range(150)]
    sink = Collect()
    with Pool(SPEC, 2) as pool:
        run(items, pool, sink)
    assert [o.row.document_id for o in sink.outcomes] == [f"d{n}" for n in range(150)]


def test_reading_stays_close_to_coding() -> None:
    read = 0

    def endless() -> Iterator[Document]:
        nonlocal read
        for number in range(500):
            read += 1
            yield document(number, "__sleep 400__" if number == 0 else "")

    most = 0

    class Watch(Collect):
        def write(self, batch: Sequence[Outcome]) -> None:
            nonlocal most
            super().write(batch)
            most = max(most, read - len(self.outcomes))

    with Pool(SPEC, 2) as pool:
        run(endless(), pool, Watch(), settings=dataclasses.replace(DEFAULT, batch_documents=1))
    assert read == 500
    assert most < 80


def test_batches_by_number_and_by_time() -> None:
    sizes: list[int] = []

    class Sizes:
        def write(self, batch: Sequence[Outcome]) -> None:
            sizes.append(len(batch))

    few = dataclasses.replace(DEFAULT, batch_documents=4)
    run([document(n) for n in range(10)], Inline(StubCoder()), Sizes(), settings=few)
    assert sizes == [4, 4, 2]
    sizes.clear()
    soon = dataclasses.replace(DEFAULT, batch_seconds=0.2)
    slow = [document(n, "__sleep 150__") for n in range(6)]
    with Pool(SPEC, 1) as pool:
        run(slow, pool, Sizes(), settings=soon)
    assert sum(sizes) == 6
    assert len(sizes) > 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("BrokenCoder", "cannot start: ValueError: no such model"),
        ("MissingData", "the parser is missing. pip install it"),
        ("DeadCoder", "end before they are ready .exit status 3"),
    ],
)
def test_a_coder_that_cannot_start(name: str, message: str) -> None:
    spec = CoderSpec(factory=f"tests.engine.test_local:{name}")
    with pytest.raises(WhowhomError, match=message), Pool(spec, 1):
        pass  # pragma: no cover


def test_a_coder_that_gives_nonsense() -> None:
    sink = Collect()
    run([document(1)], Inline(Nonsense()), sink)  # type: ignore[arg-type]
    assert sink.outcomes[0].row.detail == "gave NoneType; tried 2 times"


def test_an_interrupt_while_reading_keeps_what_is_there() -> None:
    def stops() -> Iterator[Document]:
        yield document(1)
        yield document(2)
        raise KeyboardInterrupt

    sink = Collect()
    with pytest.raises(Interrupted) as stopped:
        run(stops(), Inline(StubCoder()), sink)
    assert [o.row.document_id for o in sink.outcomes] == ["d1", "d2"]
    assert stopped.value.report.states["coded"] == 2


def test_an_interrupt_while_committing_waits_for_it() -> None:
    written: list[Outcome] = []

    class Slow:
        def write(self, batch: Sequence[Outcome]) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)
            written.extend(batch)

    few = dataclasses.replace(DEFAULT, batch_documents=2)
    with pytest.raises(Interrupted):
        run([document(n) for n in range(9)], Inline(StubCoder()), Slow(), settings=few)
    ids = [o.row.document_id for o in written]
    assert ids == sorted(set(ids))
    assert len(ids) >= 2


def test_an_account_that_does_not_add_up_is_an_error() -> None:
    class Forgets(Inline):
        def results(self, decisions, seconds):  # type: ignore[no-untyped-def]
            yield from list(super().results(decisions, seconds))[1:]

    with pytest.raises(WhowhomError, match="3 documents were read, but 2 are accounted for"):
        run([document(n) for n in range(3)], Forgets(StubCoder()), Collect())


def test_progress_is_told() -> None:
    seen: list[int] = []
    run(
        [document(n) for n in range(3)],
        Inline(StubCoder()),
        Collect(),
        progress=lambda report: seen.append(sum(report.states.values())),
    )
    assert seen[-1] == 3


def test_a_worker_that_dies_idle_is_replaced() -> None:
    def items(pool: Pool) -> Iterator[Document]:
        for number in range(4):
            if number == 2:
                pool._workers[0].process.kill()
                pool._workers[0].process.join()
            yield document(number)

    sink = Collect()
    with Pool(SPEC, 1) as pool:
        run(items(pool), pool, sink)
    assert [o.row.status for o in sink.outcomes] == ["coded"] * 4


def test_coverage_adds_and_divides() -> None:
    total = add_coverage(Coverage(10, 5, 2, 1, 4, 3), Coverage(10, 10, 2, 2))
    assert total == Coverage(20, 15, 4, 3, 4, 3)
    assert shares(total) == {
        "text_read": 0.75,
        "sentences_read": 0.75,
        "parties_resolved": 0.75,
        "events_dated": None,
        "events_placed": None,
    }
    report = Report()
    for _ in range(Report.MOST_TROUBLES + 5):
        sink = Collect()
        run([Skipped(Source("f"), "empty", "nothing")], Inline(StubCoder()), sink)
        report.add(sink.outcomes[0])
    assert len(report.troubles) == Report.MOST_TROUBLES
    assert report.unread == Report.MOST_TROUBLES + 5


def test_a_worker_answers_until_the_other_end_closes() -> None:
    before = signal.getsignal(signal.SIGINT)
    # in this process: the limit of memory would hold for all tests that follow
    unlimited = mock.patch("whowhom.engine.worker.limit_memory")
    unlimited.start()
    try:
        (requests, ask), (answers, answer) = Pipe(duplex=False), Pipe(duplex=False)
        for sent in (document(1), document(2, "__raise__")):
            ask.send(sent)
        ask.close()
        both = mock.Mock(recv=requests.recv, send=answer.send)
        serve(both, SPEC)
        assert isinstance(answers.recv(), Ready)
        assert isinstance(answers.recv(), Coded)
        assert isinstance(answers.recv(), Trouble)
        for end in (requests, answers, answer):
            end.close()
        for name in ("BrokenCoder", "MissingData"):
            ours, theirs = Pipe()
            serve(theirs, CoderSpec(factory=f"tests.engine.test_local:{name}"))
            assert isinstance(ours.recv(), Failed)
            ours.close()
            theirs.close()
    finally:
        unlimited.stop()
        signal.signal(signal.SIGINT, before)


# ------------------------------------------------------------------------ memory
def pid(outcome: Outcome) -> int:
    """Of the worker that coded it; see Tells."""
    assert outcome.coded is not None
    return outcome.coded.coverage.characters


class Tells(StubCoder):
    """Says which process coded, in place of the characters."""

    def code(self, document: Document) -> Coded:
        coded = super().code(document)
        return dataclasses.replace(coded, coverage=Coverage(os.getpid(), 0, 0, 0))


def coded_with(items: Sequence[Document], workers: int = 1, **limits: float) -> list[Outcome]:
    settings = dataclasses.replace(DEFAULT, **limits)  # type: ignore[arg-type]
    spec = CoderSpec(settings=settings, factory="tests.engine.test_local:Tells")
    sink = Collect()
    with Pool(spec, workers) as pool:
        run(items, pool, sink, settings=settings)
    return sink.outcomes


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process holds")
def test_a_document_that_eats_memory_is_poisoned_and_nothing_else() -> None:
    items = [document(n, "__bomb__" if n == 1 else "") for n in range(4)]
    outcomes = coded_with(items, document_megabytes=200)
    assert [o.row.status for o in outcomes] == ["coded", "poisoned", "coded", "coded"]
    assert outcomes[1].row.detail == "took more than 200 MB of memory; tried 2 times"


def test_a_worker_is_replaced_after_so_many_documents() -> None:
    outcomes = coded_with([document(n) for n in range(7)], worker_documents=3)
    workers = [pid(outcome) for outcome in outcomes]
    assert [workers.count(worker) for worker in dict.fromkeys(workers)] == [3, 3, 1]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process holds")
def test_a_worker_that_keeps_memory_is_replaced() -> None:
    items = [document(n, "__hoard__" if n in (1, 2) else "") for n in range(40)]
    workers = [pid(outcome) for outcome in coded_with(items, worker_megabytes=100)]
    assert len(set(workers[:3])) == 1
    assert workers[-1] != workers[0]  # some had been given to the first beforehand
    assert len(set(workers)) == 2


def test_documents_behind_one_that_fails_are_not_blamed() -> None:
    """Work is given ahead: what waits in a worker that dies is coded by another, tried once."""
    items = [document(n, "__segv__" if n % 20 == 15 else "") for n in range(60)]
    outcomes = coded_with(items, workers=2)
    assert [o.row.document_id for o in outcomes] == [f"d{n}" for n in range(60)]
    bad = [o.row.document_id for o in outcomes if o.row.status != "coded"]
    assert bad == ["d15", "d35", "d55"]


def test_waiting_for_a_processor_is_not_of_a_documents_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A worker that says that it waited gets that time, but not for ever."""
    settings = dataclasses.replace(DEFAULT, document_seconds=0.2)
    spec = dataclasses.replace(SPEC, settings=settings)

    def outcomes(waited: Callable[[int], float], pause: int) -> list[Outcome]:
        monkeypatch.setattr("whowhom.engine.local.waited_seconds", waited)
        sink = Collect()
        with Pool(spec, 1) as pool:
            run([document(1, f"__sleep {pause}__")], pool, sink, settings=settings)
        return sink.outcomes

    clock = time.monotonic
    assert outcomes(lambda _: 0.0, 1_000)[0].row.status == "poisoned"
    assert outcomes(lambda _: clock(), 1_000)[0].row.status == "coded"
    begun = clock()
    assert outcomes(lambda _: clock(), 59_000)[0].row.status == "poisoned"
    assert clock() - begun < 55


def test_a_long_document_may_take_longer() -> None:
    settings = dataclasses.replace(DEFAULT, document_seconds=0.5)
    spec = dataclasses.replace(SPEC, settings=settings)
    long = "x. " * 100_000
    items = [document(1, "__sleep 1000__"), document(2, f"__sleep 1000__ {long}")]
    sink = Collect()
    with Pool(spec, 1) as pool:
        run(items, pool, sink, settings=settings)
    assert [o.row.status for o in sink.outcomes] == ["poisoned", "coded"]
    assert "took more than 0.5 seconds" in (sink.outcomes[0].row.detail or "")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says it")
def test_how_long_a_process_waited_for_a_processor() -> None:
    spin = [sys.executable, "-c", "while True: pass"]
    core = {min(os.sched_getaffinity(0))}
    both = [
        subprocess.Popen(spin, preexec_fn=lambda: os.sched_setaffinity(0, core)) for _ in range(2)
    ]
    try:
        patience = time.monotonic() + 60
        while not all(waited_seconds(process.pid) > 0.2 for process in both):
            assert time.monotonic() < patience
            time.sleep(0.05)
    finally:
        for process in both:
            process.kill()
            process.wait()
    assert waited_seconds(both[0].pid) == 0.0


def test_no_worker_loads_pandas() -> None:
    """pyarrow would, at the first rows, in the time of the first document."""
    code = (
        "import sys\n"
        "from whowhom.store.pack import prepare\n"
        "prepare()\n"
        "import pyarrow as pa\n"
        "pa.RecordBatch.from_pylist([{'a': 1, 'b': ['x']}])\n"
        "assert 'pandas' not in sys.modules\n"
        "import pandas\n"
        "assert list(pa.table({'a': [1]}).to_pandas()['a']) == [1]\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_rows_made_by_workers_are_those_made_here(tmp_path: Path) -> None:
    """A store has the same bytes whether workers send events or rows."""
    items = [document(n, "perhaps so." if n % 3 else "") for n in range(20)]
    items += [Document("odd \ud800", "Kenya met \ud83d. Mali sued Chad.")]
    folders = []
    for packing in (None, Packing(False, 300)):
        folders.append(tmp_path / str(packing is None))
        with Pool(SPEC, 2, packing) as pool:
            keep(items, pool, pool.ready, folders[-1])
    contents = [
        [(f.name, f.read_bytes()) for f in sorted(folder.glob("segments/*/*.parquet"))]
        for folder in folders
    ]
    assert len(contents[0]) == 4
    assert contents[0] == contents[1]


def test_any_number_of_workers_and_any_order_give_the_same_rows(tmp_path: Path) -> None:
    """Sorted, for a store keeps the order of reading; test_cluster.py has the same with Ray."""
    items = list(corpus())
    found = []
    for workers in (1, 2, 8):
        folder = tmp_path / str(workers)
        with Pool(SPEC, workers, Packing(False, 300)) as pool:
            keep(items, pool, pool.ready, folder)
        found.append(content(folder))
        random.Random(workers).shuffle(items)  # noqa: S311 - an order, no secret
    assert found[0] == found[1] == found[2]


def test_a_pool_that_packs_otherwise_than_the_store_is_refused(tmp_path: Path) -> None:
    with (
        Pool(SPEC, 1, Packing(True, 300)) as pool,
        pytest.raises(ValueError, match="packs"),
    ):
        keep([document(1)], pool, pool.ready, tmp_path / "store")


def test_workers_for_this_machine() -> None:
    assert 1 <= auto_workers() <= (os.cpu_count() or 1)
    with (
        mock.patch("whowhom.engine.machine.usable_cores", return_value=64),
        mock.patch("whowhom.engine.machine.free_megabytes", return_value=8_000),
    ):
        assert auto_workers() == 5
    with (
        mock.patch("whowhom.engine.machine.usable_cores", return_value=64),
        mock.patch("whowhom.engine.machine.free_megabytes", return_value=100),
    ):
        assert auto_workers() == 1
