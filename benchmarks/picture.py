"""From a store of N events to the picture: time and memory of merging and of every analysis.

    python benchmarks/picture.py [FOLDER] [--events 1000000] [--seed 1]

Makes the store by chance (benchmarks/generate.py) unless FOLDER is one, merges it, and asks every
question three times; the first time includes opening the store's files. Each stage runs in a
process of its own, so that its peak of memory is its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TURNS = 3
HERE = Path(__file__).resolve().parent


def stage(*arguments: str) -> tuple[float, float, str]:
    """Run this file (or another) for one stage: seconds, peak megabytes, what it printed."""
    begun = time.monotonic()
    process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed")
    return time.monotonic() - begun, usage.ru_maxrss / 1024, printed


def questions(store: Any) -> dict[str, Callable[[], Any]]:
    """Every analysis, as an analyst would ask it."""
    from whowhom import analyse
    from whowhom.analyse import Filter

    first, second = store.sql(
        "select outlet from reports group by outlet order by count(*) desc limit 2"
    ).fetchall()
    busiest = analyse.pairs(store, limit=1).to_pylist()[0]
    a, b = busiest["actor"], busiest["recipient"]
    last = store.sql("select max(shown) from reports").fetchone()[0]
    month = Filter(since=last.replace(day=1))
    names = (first[0], second[0])
    return {
        "counts by type": lambda: analyse.counts(store),
        "counts by type, reports": lambda: analyse.counts(store, unit="reports"),
        "counts by type, independent": lambda: analyse.counts(store, unit="independent"),
        "counts by type and month": lambda: analyse.counts(store, by="month"),
        "counts by outlet, reports": lambda: analyse.counts(store, unit="reports", of=("outlet",)),
        "counts by type, one month": lambda: analyse.counts(store, month),
        "counts of a word": lambda: analyse.counts(store, Filter(words="embargo")),
        "counts of a country": lambda: analyse.counts(store, Filter(parties=(f"{a[:3]} *",))),
        "pairs": lambda: analyse.pairs(store, limit=50),
        "pairs, one month": lambda: analyse.pairs(store, month, limit=50),
        "actors": lambda: analyse.actors(store, limit=50),
        "matrix": lambda: analyse.matrix(store),
        "places": lambda: analyse.places(store),
        "series by day": lambda: analyse.series(store, a, b, by="day"),
        "changes by week": lambda: analyse.changes(store, a, b, "week"),
        "network": lambda: analyse.network(store),
        "network of all parties": lambda: analyse.network(store, most=None),
        "claims": lambda: analyse.claims(store, limit=100),
        "denials": lambda: analyse.denials(store, limit=100),
        "figures": lambda: analyse.figures(store, limit=100),
        "money": lambda: analyse.money(store),
        "coverage": lambda: analyse.coverage(store),
        "quality": lambda: analyse.quality(store),
        "outlets": lambda: analyse.outlets(store, *names, limit=100),
        "outlets, only one": lambda: analyse.only(store, *names, limit=100),
        "outlets, words": lambda: analyse.words(store, *names),
    }


def ask(folder: Path) -> None:
    """Ask each question; prints a line of JSON for each."""
    import whowhom

    begun = time.perf_counter()
    with whowhom.open(folder) as store:
        asked = questions(store)
        print(json.dumps(["open", time.perf_counter() - begun, 0.0, 0]))
        for name, question in asked.items():
            times = []
            for _ in range(TURNS):
                begun = time.perf_counter()
                answer = question()
                times.append(time.perf_counter() - begun)
            rows = (answer[1] if isinstance(answer, tuple) else answer).num_rows
            print(json.dumps([name, times[0], sorted(times)[TURNS // 2], rows]))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("folder", nargs="?", type=Path)
    options.add_argument("--events", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--ask", action="store_true", help=argparse.SUPPRESS)
    o = options.parse_args()
    if o.ask:
        ask(o.folder)
        return
    with tempfile.TemporaryDirectory(prefix="whowhom-picture-") as temporary:
        folder = o.folder or Path(temporary) / "store"
        print(f"{'':32} {'seconds':>8} {'MB peak':>8}")
        if not (folder / "whowhom.json").exists():
            size = ["--events", str(o.events), "--seed", str(o.seed)]
            seconds, memory, told = stage(str(HERE / "generate.py"), str(folder), *size)
            print(f"{'generate':32} {seconds:8.1f} {memory:8.0f}  {told.strip()}")
        seconds, memory, _ = stage("-m", "whowhom.cli", "merge", "--again", str(folder))
        print(f"{'merge':32} {seconds:8.1f} {memory:8.0f}")
        seconds, memory, told = stage(__file__, str(folder), "--ask")
        print(f"{'all questions, three times':32} {seconds:8.1f} {memory:8.0f}\n")
        print(f"{'question':32} {'first':>8} {'median':>8} {'rows':>8}")
        for line in told.splitlines():
            name, first, median, rows = json.loads(line)
            print(f"{name:32} {first:8.3f} {median:8.3f} {rows:8,}")


if __name__ == "__main__":
    main()
