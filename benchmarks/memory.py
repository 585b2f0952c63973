#!/usr/bin/env python3
"""What a long run holds in memory: `whowhom code` over many short documents, watched.

    python benchmarks/memory.py ARTICLES.jsonl [--documents 100000] [--words 60] [--workers 2]

Cuts the articles into sentences, draws runs of them from random places until a document has its
words, and numbers it, so that no two are alike; codes them into a store without merging; and
prints, for each tenth of the run, the largest memory of the process that commits and of a worker
(resident megabytes, Linux only), and how many workers there have been. At the end the ledger must
have each document once.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from whowhom.engine.machine import resident_megabytes
from whowhom.store import is_store, open_store

TENTHS = 10
LOOK = 0.5  # seconds between two looks at the processes
COUNT = 5.0  # ... and at the store


def documents(articles: Path, number: int, words: int, seed: int) -> Iterator[dict[str, str]]:
    """Short documents of whole sentences, in the order of an article from some sentence on."""
    rows = [json.loads(line) for line in articles.open(encoding="utf-8") if line.strip()]
    cut = [(r, re.split(r"(?<=[.!?])\s+", r["text"])) for r in rows]
    draw = random.Random(seed)  # noqa: S311 - a sample, no secret
    for count in range(number):
        row, sentences = draw.choice(cut)
        at, text = draw.randrange(len(sentences)), f"This is number {count}."
        while at < len(sentences) and len(text.split()) < words:
            text, at = f"{text} {sentences[at]}", at + 1
        day = str(row.get("date") or row.get("published") or "2000-01-01")
        yield {"id": f"d{count}", "text": text, "published": day[:10]}


def children(pid: int) -> dict[int, str]:
    """Processes below one, with their command lines."""
    found: dict[int, str] = {}
    try:
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return found
    for child in map(int, below):
        try:
            found[child] = Path(f"/proc/{child}/cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        found |= children(child)
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("articles", type=Path)
    options.add_argument("--documents", type=int, default=100_000)
    options.add_argument("--words", type=int, default=60)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source, store = Path(folder, "in.jsonl"), Path(folder, "store")
        with source.open("w", encoding="utf-8") as file:
            for row in documents(given.articles, given.documents, given.words, given.seed):
                file.write(json.dumps(row) + "\n")
        command = [sys.executable, "-m", "whowhom", "code", str(source), "--store", str(store)]
        command += ["--no-merge", "--quiet", "--workers", str(given.workers)]
        begun = time.monotonic()
        watch(subprocess.Popen(command), store, given.documents)
        seconds = time.monotonic() - begun
        rows = Counter(row["document_id"] for row in open_store(store).records("ledger"))
        states = Counter(row["status"] for row in open_store(store).records("ledger"))
        print(f"{given.documents:,} documents in {seconds:,.0f} s; ledger: {dict(states)}")
        if len(rows) != given.documents or set(rows.values()) != {1}:
            sys.exit("the ledger has not each document once")


def watch(process: subprocess.Popen[bytes], store: Path, total: int) -> None:
    print("| documents | commits | each worker, most | workers so far | seconds |")
    print("|---|---|---|---|---|", flush=True)
    begun, tenth, parent, worker = time.monotonic(), 1, 0, 0
    workers: set[int] = set()
    done, looked = 0, 0.0
    while process.poll() is None:
        time.sleep(LOOK)
        parent = max(parent, resident_megabytes(process.pid) or 0)
        for pid, line in children(process.pid).items():
            held = resident_megabytes(pid) or 0
            if "spawn_main" in line and held > 200:  # a loaded coder; readers hold less
                workers.add(pid)
                worker = max(worker, held)
        if time.monotonic() > looked + COUNT and is_store(store):
            done = sum(segment.rows["ledger"] for segment in open_store(store).segments)
            looked = time.monotonic()
        if done >= total * tenth // TENTHS:
            seconds = time.monotonic() - begun
            print(f"| {done:,} | {parent} MB | {worker} MB | {len(workers)} | {seconds:,.0f} |")
            sys.stdout.flush()
            tenth, parent, worker = tenth + 1, 0, 0
    if process.wait():
        sys.exit(f"the run ended with {process.returncode}")


if __name__ == "__main__":
    main()
