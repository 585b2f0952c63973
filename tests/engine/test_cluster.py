"""The Ray engine gives what the local one gives, whoever dies on the way. One Ray for all tests."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.engine.same import COUNT, content, corpus
from tests.engine.stub import StubCoder
from whowhom.engine.cluster import Cluster, _Batch, warn_of_open_cluster
from whowhom.engine.keep import keep
from whowhom.engine.local import Inline, Pool
from whowhom.engine.outcome import Outcome, Packing, Report
from whowhom.engine.run import Collect, run
from whowhom.engine.worker import CoderSpec, Ready
from whowhom.errors import WhowhomError
from whowhom.model import Document
from whowhom.settings import DEFAULT
from whowhom.store import is_store, open_store

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = dataclasses.replace(DEFAULT, document_seconds=4.0, batch_documents=50)
SPEC = CoderSpec(settings=SETTINGS, factory="tests.engine.stub:StubCoder")
PACKING = Packing(False, 300)
POISON = (" __hang__", " __segv__")
JOINS = """
import whowhom.cli, whowhom.engine.cluster
# a cluster on a network is known by the address of its nodes there; this one by 127.0.0.1
whowhom.engine.cluster._stay_on_loopback()
whowhom.cli.main()
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    if find_spec("ray") is None:
        pytest.skip("the extra ray is not installed")
    with pytest.MonkeyPatch.context() as patch:
        # else Ray's workers stand behind all other tests (its niceness for them is 15)
        patch.setenv("RAY_worker_niceness", "0")
        with Cluster(SPEC, 2, packing=PACKING) as cluster:
            yield cluster


def test_with_ray_a_lost_worker_and_poison_the_same_rows(tmp_path: Path, cluster: Cluster) -> None:
    with Pool(SPEC, 1, PACKING) as pool:
        keep(corpus(POISON), pool, pool.ready, tmp_path / "local", settings=SETTINGS)
    killed: list[Any] = []

    def kill_one(report: Report) -> None:
        if not killed and sum(report.states.values()) > COUNT // 3:
            killed.append(cluster._actors[0].handle)
            cluster._ray.kill(killed[0])

    items = list(corpus(POISON))
    random.Random(7).shuffle(items)  # noqa: S311 - an order, no secret
    report = keep(
        items, cluster, cluster.ready, tmp_path / "ray", settings=SETTINGS, progress=kill_one
    )
    assert killed
    poisoned = [row for row in ledger(tmp_path / "ray") if row["status"] == "poisoned"]
    assert {row["document_id"] for row in poisoned} == {"d50", "d120"}, [
        (row["locator"], row["detail"]) for row in poisoned
    ]
    assert report.states == {"coded": COUNT - 6, "poisoned": 2, "skipped": 4}
    assert content(tmp_path / "ray") == content(tmp_path / "local")


def ledger(folder: Path) -> list[dict[str, Any]]:
    return list(open_store(folder).records("ledger"))


def test_outcomes_for_a_file_come_in_the_order_of_reading(cluster: Cluster) -> None:
    cluster._ordered = True
    try:
        sink = Collect()
        run(corpus((" __sleep 500__",)), cluster, sink, settings=SETTINGS)
    finally:
        cluster._ordered = False
    places = [int(outcome.row.locator.split()[1]) for outcome in sink.outcomes]
    assert places == list(range(1, COUNT + 1))


def test_nothing_listens_to_the_network(cluster: Cluster) -> None:
    assert cluster._ray.get_runtime_context().gcs_address.startswith("127.0.0.1:")
    assert os.environ["RAY_AUTH_MODE"] == "token"
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"


MANY = DEFAULT.batch_documents + 400  # a segment is written when there is still work


def test_a_killed_driver_is_resumed(tmp_path: Path, cluster: Cluster) -> None:
    """Other drivers join the cluster; the actors of the tests before make room for theirs."""
    for actor in cluster._actors:
        cluster._dismiss(actor)
    source, folder = tmp_path / "in.jsonl", tmp_path / "ray"
    with source.open("w") as file:
        for number in range(MANY):
            text = f"Kenya met Uganda. Number {number}. __sleep 5__"
            file.write(json.dumps({"id": f"d{number}", "text": text}) + "\n")
    address = cluster._ray.get_runtime_context().gcs_address
    command = [sys.executable, "-c", JOINS, "code", str(source), "--no-merge", "--resume"]
    environment = {
        **os.environ,
        "WHOWHOM_CODER": "tests.engine.stub:StubCoder",
        "PYTHONPATH": str(ROOT),
    }
    ray = ["--engine", "ray", "--ray-address", address, "--workers", "2", "--store", str(folder)]
    first = subprocess.Popen(
        [*command, *ray],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    patience = time.monotonic() + 120
    while not (is_store(folder) and open_store(folder).segments):
        assert first.poll() is None, "it ended before it was killed"
        assert time.monotonic() < patience, "it wrote nothing"
        time.sleep(0.05)
    first.kill()
    first.wait()
    kept = sum(1 for _ in open_store(folder).records("ledger"))
    assert 0 < kept < MANY
    for more in (ray, ["--store", str(tmp_path / "local"), "--workers", "1"]):
        done = subprocess.run(
            [*command, *more],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert content(folder) == content(tmp_path / "local")
    assert sum(1 for _ in open_store(folder).records("documents")) == MANY


# ------------------------------------------------------------- without Ray
def test_a_chunk_goes_there_and_back() -> None:
    items = [i for i in corpus(POISON[1:]) if isinstance(i, Document)][:30]
    outcomes: list[Outcome] = []
    with Pool(SPEC, 1, PACKING) as pool:
        sink = Collect()
        run(items, pool, sink, settings=SETTINGS)
        outcomes = sink.outcomes
    again = list(_Batch.of(outcomes, 1.0).unpacked())
    assert [o.row for o in again] == [o.row for o in outcomes]
    for left, right in zip(again, outcomes, strict=True):
        assert left.packed is not None
        assert right.packed is not None
        assert left.packed.coverage == right.packed.coverage
        assert all(left.packed.rows[t].equals(rows) for t, rows in right.packed.rows.items())
    plain = Collect()
    run(items, Inline(StubCoder()), plain)
    assert list(_Batch.of(plain.outcomes, 1.0).unpacked()) == plain.outcomes


def test_who_joins_an_open_cluster_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.delenv("RAY_AUTH_MODE", raising=False)
    warn_of_open_cluster(None, said.append)
    assert said == []
    warn_of_open_cluster("10.0.0.1:6379", said.append)
    assert "RAY_AUTH_MODE=token" in said[0]
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    warn_of_open_cluster("10.0.0.1:6379", said.append)
    assert len(said) == 1


class Lossy:
    """In place of Ray: every actor is lost with what it has in work."""

    def __init__(self, refuses: str = "") -> None:
        self.refuses = refuses
        self.work: list[list[str]] = []

    def wait(self, refs: list[Any], **_: Any) -> tuple[list[Any], list[Any]]:
        return refs, []

    def get(self, ref: Any) -> Any:
        if ref == "ready":
            return Ready(StubCoder().info, StubCoder().fingerprint)
        documents = ref.documents
        self.work.append([d.id for d in documents])
        if any(self.refuses in d.text for d in documents):
            raise RuntimeError("the actor died\nof something")
        sink = Collect()
        run(documents, Inline(StubCoder()), sink)
        return _Batch.of(sink.outcomes, 4.0)

    def kill(self, *_: Any, **__: Any) -> None:
        pass


class Handle:
    class ready:  # noqa: N801 - as Ray has it
        @staticmethod
        def remote() -> str:
            return "ready"

    class code:  # noqa: N801
        @staticmethod
        def remote(documents: list[Document], seconds: float) -> Any:
            return type("Ref", (), {"documents": documents})()


def lossy(refuses: str) -> tuple[Cluster, Lossy]:
    cluster, ray = Cluster(SPEC, 1), Lossy(refuses)
    cluster._ray = ray
    cluster._class = type("Class", (), {"remote": staticmethod(lambda *_: Handle)})
    cluster._actors = [cluster._hire()]
    cluster._pace = 0.5  # four documents a chunk
    return cluster, ray


def test_what_kills_actors_is_found_and_written_off() -> None:
    cluster, ray = lossy("Number 2.")
    items = [Document(f"d{n}", f"Kenya met Uganda. Number {n}.") for n in range(4)]
    sink = Collect()
    run(items, cluster, sink)
    states = {o.row.document_id: o.row.status for o in sink.outcomes}
    assert states == {"d0": "coded", "d1": "coded", "d2": "poisoned", "d3": "coded"}
    row = next(o.row for o in sink.outcomes if o.row.document_id == "d2")
    assert row.detail == "its worker was lost (the actor died of something); tried 2 times"
    whole = ["d0", "d1", "d2", "d3"]
    assert ray.work[:2] == [whole, whole]
    assert sorted(map(tuple, ray.work[2:])) == [("d0",), ("d1",), ("d2",), ("d2",), ("d3",)]


def test_a_cluster_that_loses_everything_is_given_up() -> None:
    cluster, _ = lossy("")
    cluster._again.clear()
    items = [Document(f"d{n}", f"Kenya met Uganda. Number {n}.") for n in range(100)]
    with pytest.raises(WhowhomError, match="workers in a row were lost"):
        run(items, cluster, Collect())
