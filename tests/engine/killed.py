"""A run into a store, to be killed by the tests: ``python -m tests.engine.killed STORE WORKERS``.

Each document takes a moment, batches are small, and the last line is printed when all is done.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path

from whowhom.engine.keep import keep
from whowhom.engine.local import Interrupted, Pool
from whowhom.engine.worker import CoderSpec
from whowhom.model import Document, Skipped, Source
from whowhom.settings import DEFAULT

COUNT = 300


def items() -> Iterator[Document | Skipped]:
    for number in range(COUNT):
        source = Source("f.jsonl", f"line {number + 1}")
        if number % 50 == 7:
            yield Skipped(source, "bad_json", "it is no JSON")
            continue
        same = number % 40 == 9  # every fortieth has the text of the first such
        text = f"Kenya met Uganda. Togo shelled Benin. Number {9 if same else number}. __sleep 2__"
        yield Document(f"d{number}", text, published=dt.date(1990, 1, 1), source=source)


def main() -> None:
    folder, workers = Path(sys.argv[1]), int(sys.argv[2])
    settings = dataclasses.replace(DEFAULT, batch_documents=10)
    spec = CoderSpec(settings=settings, factory="tests.engine.stub:StubCoder")
    with Pool(spec, workers) as pool:
        sys.stdout.write("started\n")
        sys.stdout.flush()
        try:
            report = keep(items(), pool, pool.ready, folder, resume=True, settings=settings)
        except Interrupted:
            sys.exit(130)
    sys.stdout.write(f"read {report.read}\n")


if __name__ == "__main__":
    main()
