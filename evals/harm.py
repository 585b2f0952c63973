"""Harm a store in every way but a kill (that is kill.py), and see what it does.

    python evals/harm.py --torn 2000 --full 100 --writers 20

--torn N     a file of the store (newest or older segment, header, merge, run, mark, lock) is cut at
             some length, or one of its bits is flipped, N times. The store opens with what it had,
             or leaves out the damaged segment, names it and its documents, and --resume codes them
             again; or, where nothing can be done, says which file it is.
--full N     the disk is full: a limit on the size of files, and a small tmpfs where one can be
             mounted (as root). The error names the place, nothing that was there is lost, nothing
             half-written is left, and after making room it goes on.
--writers N  a second process that writes is turned away with status 75 and the holder's number.

The coder is the tests' stub. Exit status 1 where something did not hold.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import datetime as dt
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]
TABLES = ("events", "rejections", "documents", "ledger")
COUNT, BATCH = 12, 4
Content = dict[str, dict[str, list[str]]]  # table -> document -> rows


def items(count: int = COUNT) -> Iterator[Any]:
    from whowhom.model import Document, Source

    for number in range(count):
        text = f"Kenya met Uganda. Togo shelled Benin. Number {number}, perhaps more."
        source = Source("f.jsonl", f"line {number}")
        yield Document(f"d{number}", text, published=dt.date(1990, 1, 1), source=source)


def code(folder: Path, count: int = COUNT) -> None:
    from tests.engine.stub import StubCoder

    from whowhom.engine.keep import keep
    from whowhom.engine.local import Inline
    from whowhom.engine.worker import Ready
    from whowhom.settings import DEFAULT

    coder = StubCoder()
    small = dataclasses.replace(DEFAULT, batch_documents=BATCH)
    ready = Ready(coder.info, coder.fingerprint)
    keep(items(count), Inline(coder), ready, folder, resume=True, settings=small)


def make(folder: Path) -> None:
    """A store of three segments with a merge and a mark."""
    from whowhom.merge import merge
    from whowhom.store import open_store

    code(folder)
    store = open_store(folder)
    merge(store)
    store.mark(next(store.records("events"))["id"], "right")


def content(store: Any) -> Content:
    """The rows that hold, by document; without incidents, which a damaged merge takes along."""
    found: Content = {table: {} for table in TABLES}
    for table in TABLES:
        for row in store.records(table):
            if table == "events":
                document, row["incident"] = row["document"]["id"], None
            else:
                document = row["id" if table == "documents" else "document_id"]
            found[table].setdefault(document, []).append(json.dumps(row, sort_keys=True))
    return found


def without(whole: Content, documents: set[str]) -> Content:
    return {t: {d: r for d, r in rows.items() if d not in documents} for t, rows in whole.items()}


def expect(held: bool, what: str) -> None:
    if not held:
        raise AssertionError(what)


# ---------------------------------------------------------------------------- torn
def torn(rounds: int, chance: random.Random, folder: Path) -> Counter[str]:
    """Cut files and flip bits; gives how often it came to what."""
    from whowhom.errors import StoreError
    from whowhom.store import open_store

    store = folder / "store"
    make(store)
    opened = open_store(store)
    whole = content(opened)
    held = {
        s.path.name: {json.loads(r)["id"] for r in _rows(s.path / "documents.parquet")}
        for s in opened.segments
    }
    del opened
    files = sorted(p for p in store.rglob("*") if p.is_file() and p.stat().st_size)
    outcomes: Counter[str] = Counter()
    for number in range(rounds):
        path = chance.choice(files)
        raw = path.read_bytes()
        if chance.random() < 0.5:
            harm, broken = "cut", raw[: chance.randrange(len(raw))]
        else:
            changed = bytearray(raw)
            changed[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
            harm, broken = "flipped", bytes(changed)
        path.write_bytes(broken)
        what = f"{path.relative_to(store)} {harm}"
        try:
            outcome = _torn(store, path, whole, held, what)
            if number % 10 == 0:
                _mended(store, folder / "copy", whole, what)
        except StoreError as error:
            raise AssertionError(f"{what}: {error}") from error
        outcomes[outcome] += 1
        path.write_bytes(raw)
    expect(content(open_store(store)) == whole, "the test itself changed the store")
    return outcomes


def _rows(path: Path) -> list[str]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        return [json.dumps({"id": i}) for i in file.read(["id"])["id"].to_pylist()]


def _torn(store: Path, path: Path, whole: Content, held: dict[str, set[str]], what: str) -> str:
    from whowhom.store import open_store

    opened = open_store(store)
    segment = path.parent.name if path.parent.parent.name == "segments" else None
    if segment is None:
        expect(not opened.troubles, f"{what}: a segment is named")
        expect(content(opened) == whole, f"{what}: the content changed")
        if path.parent.parent.name == "merges":
            expect(opened.merge is None, f"{what}: a damaged merge is used")
            return "merge is made again"
        return "nothing is lost"
    expect([t.segment for t in opened.troubles] == [segment], f"{what}: {opened.troubles}")
    named = opened.troubles[0].documents
    expect(named is None or set(named) == held[segment], f"{what}: it names {named}")
    expect(content(opened) == without(whole, held[segment]), f"{what}: more is lost")
    return "a segment is left out, " + ("unnamed" if named is None else "its documents named")


def _mended(store: Path, copy: Path, whole: Content, what: str) -> None:
    """Going on codes again what was lost."""
    from whowhom.store import open_store

    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(store, copy)
    code(copy)
    expect(content(open_store(copy)) == whole, f"{what}: going on does not mend it")
    expect(not open_store(copy).troubles, f"{what}: the damage is still there")


# ---------------------------------------------------------------------------- full
def commands(store: Path, out: Path) -> dict[str, Callable[[], object]]:
    """What writes, by name."""
    from whowhom.cli.app import cli
    from whowhom.merge import merge
    from whowhom.store import open_store
    from whowhom.store.compact import compact
    from whowhom.store.forget import ById, forget

    def export() -> object:
        arguments = ["export", str(store), "-o", str(out), "--force", "-q"]
        return cli.main(arguments, standalone_mode=False)

    return {
        "code": lambda: code(store, COUNT * 2),
        "merge": lambda: merge(open_store(store), again=True),
        "compact": lambda: compact(open_store(store), target_bytes=10**6),
        "forget": lambda: forget(open_store(store), ById(frozenset({"d3"}))),
        "export": export,
    }


def full(rounds: int, chance: random.Random, folder: Path) -> Counter[str]:
    """A limit on the size of files, at some size between nothing and the largest one."""
    template, store, out = folder / "template", folder / "store", folder / "out.csv"
    make(template)
    outcomes: Counter[str] = Counter()
    for _ in range(rounds):
        shutil.rmtree(store, ignore_errors=True)
        shutil.copytree(template, store)
        out.unlink(missing_ok=True)
        name = chance.choice(list(commands(store, out)))
        limit = chance.choice([chance.randrange(500), chance.randrange(60_000)])
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        with _limit(limit, before):
            refused = _refused(commands(store, out)[name], store.parent)
        outcomes[f"{name}: {'refused' if refused else 'done'}"] += 1
        _whole_after(name, refused, template, store, out)
        commands(store, out)[name]()
        _whole_after(name, False, template, store, out)
    return outcomes


@contextlib.contextmanager
def _limit(size: int, before: tuple[int, int]) -> Iterator[None]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _refused(run: Callable[[], object], place: Path) -> bool:
    from whowhom.errors import StoreError

    try:
        run()
    except StoreError as error:
        expect("cannot write" in str(error) and str(place) in str(error), f"unclear: {error}")
        return True
    return False


def _whole_after(name: str, refused: bool, template: Path, store: Path, out: Path) -> None:
    from whowhom.store import open_store

    opened = open_store(store)
    expect(not opened.troubles, f"{name}: {opened.troubles}")
    found, whole = content(opened), content(open_store(template))
    gone = {"d3"} if name == "forget" else set()
    kept = without(whole, gone)
    for table in TABLES:
        for document, rows in kept[table].items():
            expect(found[table].get(document) == rows, f"{name}: {table} of {document} changed")
    if name == "forget" and not refused:
        expect("d3" not in found["ledger"], "forget: it is still there")
    if name == "code" and not refused:
        expect(len(found["ledger"]) == COUNT * 2, "code: not all is there")
    if refused:
        left = [str(p) for p in store.parent.rglob(".tmp-*")]
        expect(not left, f"{name}: half-written things are left: {left}")
        expect(name != "export" or not out.exists(), "export: a part of the file is there")


def small_disk(chance: random.Random) -> Counter[str] | str:
    """A tmpfs on which there is not room enough; a string says why it was not tried."""
    with tempfile.TemporaryDirectory(prefix="whowhom-full-") as name:
        folder = Path(name)
        mounted = subprocess.run(  # noqa: S603 - fixed words
            ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", name],  # noqa: S607
            capture_output=True,
            check=False,
        )
        if mounted.returncode:
            return f"no tmpfs: {mounted.stderr.decode().strip()}"
        outcomes: Counter[str] = Counter()
        try:
            with tempfile.TemporaryDirectory() as elsewhere:
                template = Path(elsewhere) / "template"
                make(template)
                store, out = folder / "store", folder / "out.csv"
                for command in commands(store, out):
                    shutil.rmtree(store, ignore_errors=True)
                    out.unlink(missing_ok=True)
                    shutil.copytree(template, store)
                    ballast = folder / "ballast"
                    status = os.statvfs(folder)
                    free = status.f_bavail * status.f_frsize
                    ballast.write_bytes(b"x" * max(0, free - chance.randrange(1, 8) * 4096))
                    refused = _refused(commands(store, out)[command], folder)
                    outcomes[f"{command}: {'refused' if refused else 'done'}"] += 1
                    _whole_after(command, refused, template, store, out)
                    ballast.unlink()
                    commands(store, out)[command]()
                    _whole_after(command, False, template, store, out)
        finally:
            subprocess.run(["umount", name], check=True)  # noqa: S603, S607
        return outcomes


# ------------------------------------------------------------------------- writers
def writers(rounds: int, folder: Path) -> list[float]:
    """Seconds until a second writer was turned away."""
    from whowhom.store import open_store

    store = folder / "store"
    make(store)
    text = folder / "a.txt"
    text.write_text("Kenya met Uganda.")
    before = content(open_store(store))
    environment = {
        **os.environ,
        "WHOWHOM_CODER": "tests.engine.stub:StubCoder",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),
    }
    took = []
    with open_store(store).writer():
        for number in range(rounds):
            command = ["merge", "--again"] if number % 2 else ["compact"]
            began = time.monotonic()
            second = subprocess.run(  # noqa: S603 - our own command
                [sys.executable, "-m", "whowhom", *command, str(store)],
                env=environment, capture_output=True, text=True, check=False, cwd=ROOT,
            )  # fmt: skip
            took.append(time.monotonic() - began)
            expect(second.returncode == 75, f"status {second.returncode}: {second.stderr}")
            expect(f"process {os.getpid()} on" in second.stderr, f"no holder: {second.stderr}")
    expect(content(open_store(store)) == before, "the store changed")
    return took


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--torn", type=int, default=200)
    parser.add_argument("--full", type=int, default=20)
    parser.add_argument("--writers", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    import logging

    logging.getLogger("whowhom.store").setLevel(logging.ERROR)  # it warns of every damage
    broken = 0

    def tried(name: str, run: Callable[[Path], object]) -> None:
        nonlocal broken
        with tempfile.TemporaryDirectory(prefix="whowhom-harm-") as folder:
            try:
                outcome = run(Path(folder))
            except AssertionError as error:
                broken += 1
                outcome = f"BROKEN: {error}"
        if isinstance(outcome, Counter):
            print(f"{name}: {sum(outcome.values())} times")
            for what, number in sorted(outcome.items()):
                print(f"  {number:5} {what}")
        else:
            print(f"{name}: {outcome}")

    chance = random.Random(options.seed)  # noqa: S311 - where to harm, no secret
    if options.torn:
        tried("torn files", lambda folder: torn(options.torn, chance, folder))
    if options.full:
        tried("full disk, by limit", lambda folder: full(options.full, chance, folder))
        tried("full disk, a tmpfs", lambda folder: small_disk(chance))
    if options.writers:
        tried("second writers", lambda folder: _told(writers(options.writers, folder)))
    return 1 if broken else 0


def _told(took: list[float]) -> str:
    return f"{len(took)} of {len(took)} turned away, the slowest after {max(took):.1f} s"


if __name__ == "__main__":
    sys.exit(main())
