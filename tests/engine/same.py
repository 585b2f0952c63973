"""A corpus for the stub coder, and what a store holds, whatever coded it and in what order."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

from whowhom.model import Document, Skipped, Source
from whowhom.store import open_store

COUNT = 200


def corpus(poison: tuple[str, ...] = ()) -> Iterator[Document | Skipped]:
    """Documents of a few milliseconds; the words of ``poison`` are in some of them."""
    words = dict(zip((50, 120), poison, strict=False))
    for number in range(COUNT):
        source = Source("f.jsonl", f"line {number + 1}")
        if number % 50 == 7:
            yield Skipped(source, "bad_json", "it is no JSON")
            continue
        text = f"Kenya met Uganda. Togo shelled Benin. Number {number}, perhaps more. __sleep 4__"
        text += words.get(number, "")
        yield Document(f"d{number}", text, published=dt.date(1990, 1, 1), source=source)


def content(folder: Path) -> dict[str, list[str]]:
    """The rows that hold, sorted."""
    store = open_store(folder)
    assert store.troubles == ()
    return {
        table: sorted(json.dumps(row, sort_keys=True) for row in store.records(table))
        for table in ("events", "rejections", "documents", "ledger")
    }
