"""Kill whowhom while it starts, codes, merges, compacts, exports and forgets; then count.

    python evals/kill.py --kills 1000 --phases start,code,merge,compact,export,forget

After every kill: the store opens, no segment of it is damaged, every document that had been
acknowledged is there, no event is there twice, and none that an undisturbed run does not have.
After every round the command runs to its end, and the store is what it is without any kill. An
exported file is whole, or the old one, or not there. Exit status 1 where one of these failed.

Kills are SIGKILL. Half are timed from outside, at any moment. The others are the process's own,
before or after one of its calls that open, sync, rename or remove something on the disk, each as
likely as the other. In the phase code some only hit a worker process.

The coder is the tests' stub: what is killed here is everything but the language.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PHASES = ("start", "code", "merge", "compact", "export", "forget")
DOCUMENTS = 40
BATCH = 5  # documents a segment
ROUND = 8  # kills before a command may run to its end
PERSON = "Amina Sesay"
TABLES = ("events", "rejections", "documents", "ledger")
QUICK = ("events", "ledger")
IMPORTED = (
    *(f"whowhom.cli.{n}" for n in ("app", "code", "compact", "export", "forget", "merge")),
    *(f"whowhom.merge.{n}" for n in ("candidates", "flat", "grouping", "incidents", "schema")),
    *(f"whowhom.store.{n}" for n in ("compact", "export", "forget", "folder", "sink")),
    "whowhom.engine.keep", "whowhom.engine.local", "whowhom.read", "duckdb", "pyarrow.parquet",
    "pyarrow.compute", "tests.engine.stub",
)  # fmt: skip
FORMATS = {"jsonl": "jsonl", "csv": "csv", "tsv": "tsv", "parquet": "parquet", "plover": "json"}


# ------------------------------------------------------------------------- victims
def zygote() -> None:
    """Import everything once, then fork a victim for each line of standard input: a start that
    costs milliseconds. No thread is ever started here."""
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    for module in IMPORTED:
        importlib.import_module(module)
    warm = False
    for line in sys.stdin:
        order = json.loads(line)
        if order["arguments"][0] == "merge" and not warm:
            merge = importlib.import_module("whowhom.merge")
            merge._stop_words(), merge._common_names(), merge._made_with()
            warm = True
        child = os.fork()
        if child == 0:
            _victim(order)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _victim(order: dict[str, Any]) -> None:
    """Run one command in this process, and end it."""
    import traceback

    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    calls = _hook(order["kill_at"], order["folder"])
    try:
        status = _run(order)
    except BaseException:
        traceback.print_exc()
        status = 70
    with open(order["log"] + ".calls", "w") as file:  # noqa: PTH123 - not to be counted
        file.write(str(calls[0]))
    os._exit(status)


_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CALLS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}


def _hook(kill_at: int | None, folder: str) -> list[int]:
    """Count the calls that change the disk, and die at the one that is wanted."""
    calls = [0]

    def count() -> None:
        calls[0] += 1
        if calls[0] == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _CALLS or (
            event == "open"
            and (arguments[2] or 0) & _WRITING
            and str(arguments[0]).startswith(folder)
        ):
            count()

    sync = os.fsync

    def fsync(handle: int) -> None:
        count()
        sync(handle)
        count()

    os.fsync = fsync
    sys.addaudithook(audit)
    return calls


def _run(order: dict[str, Any]) -> int:
    import dataclasses

    import whowhom.cli.code as cli_code
    from whowhom.cli.app import cli
    from whowhom.store.sink import StoreSink

    make = cli_code.coder_spec

    def spec(*arguments: Any, **options: Any) -> Any:
        made = make(*arguments, **options)
        few = dataclasses.replace(made.settings, batch_documents=BATCH, batch_seconds=60.0)
        return dataclasses.replace(made, settings=few)

    cli_code.coder_spec = spec
    acknowledged = os.open(order["acks"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    write = StoreSink.write

    def acknowledge(self: Any, batch: Any) -> None:
        write(self, batch)
        ids = [outcome.row.document_id for outcome in batch]
        os.write(acknowledged, json.dumps(ids).encode() + b"\n")

    StoreSink.write = acknowledge  # type: ignore[method-assign]
    if order["call"] == "compact":  # the command's least target is larger than these stores
        from whowhom.store import open_store
        from whowhom.store.compact import compact

        compact(open_store(order["arguments"][0]), target_bytes=int(order["arguments"][1]))
        return 0
    status = cli.main(order["arguments"], standalone_mode=False)
    return status if isinstance(status, int) else 0


@dataclass(slots=True)
class Ended:
    status: int  # negative: the signal
    seconds: float
    calls: int  # that changed the disk; 0 where it was killed
    log: str
    worker_hit: bool = False


class Victims:
    """Starts commands, and kills them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        environment = {
            **os.environ,
            "WHOWHOM_CODER": "tests.engine.stub:StubCoder",
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": os.pathsep.join(
                [str(ROOT), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
            ),
        }
        self.environment = environment
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, __file__, "--zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=ROOT,
        )
        self.acks = folder / "acks"

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process.wait()

    def run(
        self,
        *arguments: str | Path,
        call: str = "command",
        kill_at: int | None = None,
        kill_after: float | None = None,
        worker_after: float | None = None,
    ) -> Ended:
        """Run a command; it kills itself at a call, or is killed after some seconds, or one of its
        workers is."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        log = self._folder / "log"
        order = {
            "call": call,
            "arguments": [str(a) for a in arguments],
            "kill_at": kill_at,
            "folder": str(self._folder),
            "log": str(log),
            "acks": str(self.acks),
        }
        (self._folder / "log.calls").unlink(missing_ok=True)
        started = time.monotonic()
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        hit = False
        if kill_after is not None:
            time.sleep(kill_after)
            # it cannot be another's: the zygote has not waited for it, or tells so below
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        elif worker_after is not None:
            time.sleep(worker_after)
            hit = self._hit_worker(pid)
        status = int(self._process.stdout.readline())
        calls = self._folder / "log.calls"
        return Ended(
            status,
            time.monotonic() - started,
            int(calls.read_text()) if calls.exists() else 0,
            log.read_text(errors="replace") if log.exists() else "",
            hit,
        )

    @staticmethod
    def _hit_worker(pid: int) -> bool:
        for _ in range(400):  # until one has been started
            with contextlib.suppress(OSError):
                for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
                    if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                        os.kill(int(child), signal.SIGKILL)
                        return True
            time.sleep(0.005)
        return False


# -------------------------------------------------------------------------- checks
class Lost(AssertionError):  # noqa: N818 - reads as what has happened
    """A promise that was not kept."""


def expect(kept: bool, what: str) -> None:
    if not kept:
        raise Lost(what)


Content = dict[str, list[str]]


def content(folder: Path, tables: Sequence[str] = TABLES) -> Content:
    """The rows that hold, in their order. After each kill two tables are read, after each round
    all four."""
    from whowhom.store import open_store

    store = open_store(folder)
    expect(not store.troubles, f"damaged segments: {store.troubles}")
    return {
        table: [json.dumps(row, sort_keys=True) for row in store.records(table)]  # type: ignore[arg-type]
        for table in tables
    }


def merged(folder: Path) -> Content | None:
    """The rows of the merge; None where there is none that is up to date."""
    from whowhom.store import merged as tables
    from whowhom.store import open_store

    with open_store(folder) as store:
        if not store.merged:
            return None
        return {
            table: sorted(map(str, store.sql(f"from {table}").fetchall()))
            for table in tables.TABLES
        }


def debris(folder: Path) -> bool:
    """Whether a kill has left something half-written."""
    return any(folder.glob(".tmp-*")) or any(folder.glob("*/.tmp-*"))


# -------------------------------------------------------------------------- the test
@dataclass(slots=True)
class Tally:
    kills: Counter[str] = field(default_factory=Counter)
    at_call: Counter[str] = field(default_factory=Counter)  # right at a call on the disk
    left: Counter[str] = field(default_factory=Counter)  # half-written things were left
    workers: int = 0  # kills that only hit a worker
    rounds: Counter[str] = field(default_factory=Counter)
    late: int = 0  # it had ended before: no kill
    failures: list[str] = field(default_factory=list)


class Test:
    """One phase after the other, on stores in a temporary folder."""

    def __init__(self, folder: Path, seed: int, phases: Sequence[str] = PHASES) -> None:
        self.folder, self.phases = folder, phases
        self.chance = random.Random(seed)  # noqa: S311 - moments to kill at, no secrets
        self.tally = Tally()
        self.store = folder / "store"
        self.corpus = folder / "corpus.jsonl"
        self.corpus.write_text("".join(_corpus(old=False)))
        self.victims = Victims(folder)
        self._prepare()

    # ------------------------------------------------------------ what is undisturbed
    def _prepare(self) -> None:
        """The stores that nothing has killed, and what each command takes: seconds and calls."""
        self.cost: dict[str, Ended] = {}
        self.cost["code"] = self._whole("code", *self._code(self.store, 1))
        self.coded = content(self.store)
        expect(len(self.coded["ledger"]) == DOCUMENTS, "the corpus is not coded whole")
        # a store with a history: half of it was coded before, and differently
        self.template = self.folder / "template"
        self.corpus.write_text("".join(_corpus(old=True)))
        self._whole("code", *self._code(self.template, 1))
        self.corpus.write_text("".join(_corpus(old=False)))
        self._whole("code", *self._code(self.template, 1))
        if "merge" in self.phases:  # without that phase the others go without a merge
            self.cost["merge"] = self._whole("merge", "merge", self.template, "-q")
            expect(merged(self.template) is not None, "the store is not merged")
        self.history = content(self.template)
        expect(len(self.history["ledger"]) == DOCUMENTS, "documents are not replaced")
        self.history_merged = merged(self.template)
        self.exports: dict[str, bytes] = {}
        self._fresh(self.template)
        self.cost["compact"] = self._whole("compact", self.store, "20000", call="compact")
        expect(content(self.store) == self.history, "compacting changes the store")
        self._fresh(self.template)
        self.cost["forget"] = self._whole(
            "forget", "forget", self.store, "--person", PERSON, "--no-merge", "-q"
        )
        self.without = content(self.store)
        self.must_stay = [e for e in self.history["events"] if PERSON not in e]
        stay = [_without_incident(event) for event in self.must_stay]  # the merge goes, too
        expect(self.without["events"] == stay, "forgetting takes the wrong events")
        expect(len(self.must_stay) < len(self.history["events"]), "there is nothing to forget")

    def _export(self, form: str) -> list[str | Path]:
        """The command for a format; what it gives, and costs, is found out at its first use."""
        command: list[str | Path] = ["export", self.store, "--format", form, "--force", "-q", "-o"]
        if form not in self.exports:
            out = self.folder / f"whole.{FORMATS[form]}"
            self.cost["export " + form] = self._whole("export", *command, out)
            self.exports[form] = out.read_bytes()
        return command

    def _whole(self, name: str, *arguments: str | Path, call: str = "command") -> Ended:
        ended = self.victims.run(*arguments, call=call)
        expect(ended.status == 0, f"{name} ends with {ended.status}: {ended.log[-2000:]}")
        return ended

    def _code(self, store: Path, workers: int) -> list[str | Path]:
        return [
            "code", self.corpus, "--store", store, "--workers", str(workers), "--resume",
            "--no-merge", "-q",
        ]  # fmt: skip

    def _fresh(self, template: Path | None) -> None:
        shutil.rmtree(self.store, ignore_errors=True)
        self.victims.acks.unlink(missing_ok=True)
        if template is not None:
            shutil.copytree(template, self.store)

    # ------------------------------------------------------------------------- kills
    def _kill(self, phase: str, cost: Ended, *arguments: str | Path, call: str = "command") -> bool:
        """One kill; False where the command had ended before."""
        at = after = None
        if self.chance.random() < 0.5:
            at = self.chance.randint(1, max(1, cost.calls))
        else:
            after = self.chance.uniform(0, cost.seconds)
        ended = self.victims.run(*arguments, call=call, kill_at=at, kill_after=after)
        if ended.status != -signal.SIGKILL:
            expect(ended.status == 0, f"{phase} ends with {ended.status}: {ended.log[-2000:]}")
            self.tally.late += 1
            return False
        self.tally.kills[phase] += 1
        self.tally.at_call[phase] += at is not None
        self.tally.left[phase] += debris(self.store) or debris(self.folder)
        return True

    def _committed(self) -> None:
        """After a kill in coding: what was acknowledged is there once, and nothing else is."""
        acknowledged: set[str] = set()
        if self.victims.acks.exists():
            for line in self.victims.acks.read_text().splitlines():
                acknowledged.update(json.loads(line))
        if not (self.store / "whowhom.json").exists():
            expect(not acknowledged, "the store has no header and had acknowledged documents")
            return
        found = content(self.store, QUICK)
        ids = [json.loads(row)["document_id"] for row in found["ledger"]]
        expect(len(set(ids)) == len(ids), "documents are doubled")
        expect(acknowledged <= set(ids), f"lost: {sorted(acknowledged - set(ids))}")
        for table in QUICK:
            expect(len(set(found[table])) == len(found[table]), f"{table} are doubled")
            made_up = set(found[table]) - set(self.coded[table])
            expect(not made_up, f"{table} are invented: {sorted(made_up)[:2]}")
        whole = [e for e in self.coded["events"] if json.loads(e)["document"]["id"] in set(ids)]
        expect(found["events"] == whole, "events of documents in the ledger are missing")

    def phase_start(self, kills: int) -> None:
        """A new process, killed from its first moment on; some time after that it commits."""
        command = [sys.executable, "-m", "whowhom", *map(str, self._code(self.store, 1))]

        def start() -> subprocess.Popen[bytes]:
            return subprocess.Popen(  # noqa: S603 - our own command
                command, env=self.victims.environment, cwd=ROOT, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip

        self._fresh(None)
        began = time.monotonic()
        start().wait()
        usual = time.monotonic() - began
        done = 0
        while done < kills:
            self._fresh(None)
            for _ in range(min(ROUND, kills - done)):
                process = start()
                time.sleep(self.chance.uniform(0, usual))
                process.kill()
                if process.wait() == -signal.SIGKILL:
                    done += 1
                    self.tally.kills["start"] += 1
                    self.tally.left["start"] += debris(self.store)
                else:
                    self.tally.late += 1
                self._committed()
            self._whole("code", *self._code(self.store, 1))
            expect(content(self.store) == self.coded, "not what an undisturbed run gives")
            self.tally.rounds["start"] += 1

    def phase_code(self, kills: int) -> None:
        while self.tally.kills["code"] < kills:
            self._fresh(None)
            for _ in range(ROUND):
                if self.tally.kills["code"] >= kills:
                    break
                workers = self.chance.choice([1, 2])
                arguments = self._code(self.store, workers)
                if self.chance.random() < 0.1:
                    ended = self.victims.run(
                        *arguments,
                        worker_after=self.chance.uniform(0, 1.5 * self.cost["code"].seconds),
                    )
                    expect(ended.status == 0, f"a killed worker ends it: {ended.log[-2000:]}")
                    self.tally.kills["code"] += ended.worker_hit
                    self.tally.workers += ended.worker_hit
                    break
                over = not self._kill("code", self.cost["code"], *arguments)
                self._committed()
                if over:
                    break
            self._whole("code", *self._code(self.store, self.chance.choice([1, 2])))
            expect(content(self.store) == self.coded, "not what an undisturbed run gives")
            self.tally.rounds["code"] += 1

    def phase_merge(self, kills: int) -> None:
        while self.tally.kills["merge"] < kills:
            self._fresh(self.template)
            if self.chance.random() < 0.5:
                shutil.rmtree(self.store / "merges")
            for _ in range(ROUND):
                if self.tally.kills["merge"] >= kills:
                    break
                before = merged(self.store)
                self._kill("merge", self.cost["merge"], "merge", self.store, "--again", "-q")
                after = merged(self.store)
                expect(before is None or after is not None, "a merge that was there is lost")
                expect(after in (None, self.history_merged), "a merge is half there")
                found = content(self.store, ["ledger"])
                expect(found["ledger"] == self.history["ledger"], "the store changed")
            self._whole("merge", "merge", self.store, "--again", "-q")
            expect(merged(self.store) == self.history_merged, "not what an undisturbed run gives")
            expect(content(self.store) == self.history, "the store changed")
            expect(not debris(self.store), "something half-written is left")
            self.tally.rounds["merge"] += 1

    def phase_compact(self, kills: int) -> None:
        from whowhom.store import open_store

        while self.tally.kills["compact"] < kills:
            self._fresh(self.template)
            reader = open_store(self.store) if self.chance.random() < 0.3 else None
            target = self.chance.choice(["20000", "60000", "1000000000"])
            for _ in range(ROUND):
                if self.tally.kills["compact"] >= kills:
                    break
                over = not self._kill(
                    "compact", self.cost["compact"], self.store, target, call="compact"
                )
                found = content(self.store, QUICK)
                expect(found == {t: self.history[t] for t in QUICK}, "the store changed")
                expect(merged(self.store) == self.history_merged, "the merge no longer holds")
                if reader is not None:
                    rows = [json.dumps(row, sort_keys=True) for row in reader.records("events")]
                    expect(rows == self.history["events"], "an open reader lost something")
                if over:
                    break
            reader = None
            self._whole("compact", self.store, target, call="compact")
            self._whole("compact", self.store, target, call="compact")
            expect(content(self.store) == self.history, "the store changed")
            expect(merged(self.store) == self.history_merged, "the merge no longer holds")
            expect(not debris(self.store), "something half-written is left")
            names = [p.name for p in (self.store / "segments").iterdir()]
            current = [s.path.name for s in open_store(self.store).segments]
            expect(sorted(names) == sorted(current), "segments that were replaced are left")
            self.tally.rounds["compact"] += 1

    def phase_export(self, kills: int) -> None:
        self._fresh(self.template)
        while self.tally.kills["export"] < kills:
            form = self.chance.choice(list(FORMATS))
            out = self.folder / f"out.{FORMATS[form]}"
            out.unlink(missing_ok=True)
            before: bytes | None = None
            if self.chance.random() < 0.5:
                before = b"an older file\n"
                out.write_bytes(before)
            arguments = [*self._export(form), out]
            for _ in range(ROUND):
                if self.tally.kills["export"] >= kills:
                    break
                self._kill("export", self.cost["export " + form], *arguments)
                now = out.read_bytes() if out.exists() else None
                expect(now in (before, self.exports[form]), f"half of a {form} file is there")
                before = now
            self._whole("export", *arguments)
            expect(out.read_bytes() == self.exports[form], f"another {form} file")
            left = [p.name for p in self.folder.glob(".tmp-*")]
            expect(not left, f"half-written files are left: {left}")
            self.tally.rounds["export"] += 1
        expect(content(self.store) == self.history, "the store changed")

    def phase_forget(self, kills: int) -> None:
        arguments = ["forget", self.store, "--person", PERSON, "--no-merge", "-q"]
        while self.tally.kills["forget"] < kills:
            self._fresh(self.template)
            for _ in range(ROUND):
                if self.tally.kills["forget"] >= kills:
                    break
                over = not self._kill("forget", self.cost["forget"], *arguments)
                found = content(self.store, QUICK)
                expect(
                    [e for e in found["events"] if PERSON not in e]
                    == [self._unmerged(e, found) for e in self.must_stay],
                    "events that do not name the person changed",
                )
                known = set(map(_without_incident, self.history["events"]))
                made_up = [e for e in found["events"] if _without_incident(e) not in known]
                expect(not made_up, f"events are invented: {made_up[:2]}")
                expect(len(found["ledger"]) == DOCUMENTS, "the account does not add up")
                if over:
                    break
            self._whole("forget", *arguments)
            expect(content(self.store) == self.without, "not what an undisturbed run gives")
            expect(not debris(self.store), "something half-written is left")
            self._searched()
            self.tally.rounds["forget"] += 1

    @staticmethod
    def _unmerged(event: str, found: Content) -> str:
        """An event as it is where the merge is gone already."""
        rows = map(json.loads, found["events"])
        return event if any(r["incident"] for r in rows) else _without_incident(event)

    def _searched(self) -> None:
        import pyarrow.parquet as pq

        for path in self.store.rglob("*"):
            if path.is_file():
                expect(PERSON.encode() not in path.read_bytes(), f"{path} names the person")
            if path.suffix == ".parquet":
                expect(PERSON not in str(pq.ParquetFile(path).read().to_pylist()), f"{path} does")


def _without_incident(event: str) -> str:
    return json.dumps({**json.loads(event), "incident": None}, sort_keys=True)


def _corpus(*, old: bool) -> Iterator[str]:
    for number in range(0, DOCUMENTS, 2 if old else 1):
        who = PERSON if number % 7 == 3 else "Kenya"
        text = f"{who} met Uganda. Togo shelled Benin. Number {number}, perhaps more. __sleep 1__"
        if old:
            text = f"Chad sued {who}. An older text, number {number}."
        row = {"id": f"d{number}", "text": text, "date": "1990-01-01", "outlet": f"o{number % 5}"}
        yield json.dumps(row) + "\n"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=60, help="in all phases together")
    parser.add_argument("--phases", default=",".join(PHASES))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--zygote", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.zygote:
        zygote()
        return 0
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    phases = options.phases.split(",")
    unknown = set(phases) - set(PHASES)
    if unknown:
        parser.error(f"no such phase: {', '.join(sorted(unknown))}; there are {', '.join(PHASES)}")
    began = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - began:7.0f} s  {line}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="whowhom-kill-") as folder:
        test = Test(Path(folder), options.seed, phases)
        # a new process costs seconds where the others cost tenths: a tenth of the kills is its
        shares = {phase: 0.5 if phase == "start" else 1.0 for phase in phases}
        try:
            for phase in phases:
                kills = max(1, round(options.kills * shares[phase] / sum(shares.values())))
                try:
                    getattr(test, f"phase_{phase}")(kills)
                except Lost as error:
                    test.tally.failures.append(f"{phase}: {error}")
                say(
                    f"{phase}: {test.tally.kills[phase]} kills in {test.tally.rounds[phase]} rounds"
                )
        finally:
            test.victims.close()
    tally = test.tally
    total, at_call = sum(tally.kills.values()), sum(tally.at_call.values())
    for phase in phases:
        print(
            f"{phase:8} {tally.kills[phase]:5} kills, {tally.at_call[phase]:4} right at a call on "
            f"the disk, {tally.left[phase]:4} left something half-written; "
            f"{tally.rounds[phase]:4} rounds"
        )
    print(
        f"{total} kills ({tally.workers} only of a worker), {at_call / max(1, total):.0%} right at "
        f"a call on the disk; {len(tally.failures)} promises broken"
    )
    for failure in tally.failures:
        print(failure)
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main())
