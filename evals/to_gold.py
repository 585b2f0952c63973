#!/usr/bin/env python3
"""The end-to-end gold of ``../shared/data/events`` as gold that ``whowhom evaluate`` reads.

    python evals/to_gold.py DOCUMENTS.jsonl GOLD.jsonl OUT.jsonl

There a record is an event of its own, with the sentence as words and ``start`` -1 in a headline;
here a document holds its events, with offsets. Parties, speakers and places get no offsets: the
records have none.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any


def rows(path: str) -> list[dict[str, Any]]:
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def span(words: str, part: str, holder: str, start: int) -> dict[str, Any]:
    if start < 0 or holder[start : start + len(words)] != words:
        raise SystemExit(f"{words!r} does not stand at {start} of the {part}")
    found = {"text": words, "start": start, "end": start + len(words)}
    return found if part == "text" else {**found, "part": part}


def party(given: dict[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    words = given.get("text") or given.get("name")
    kept = {name: given.get(name) for name in ("country", "sector", "name")}
    return {"text": words} | {name: value for name, value in kept.items() if value}


def event(record: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    part = "text" if record["start"] >= 0 else "title"
    holder: str = document[part] or ""
    start = record["start"] if part == "text" else holder.find(record["trigger"])
    sentence = holder.find(record["sentence"])
    if not sentence <= start < sentence + len(record["sentence"]):
        sentence = holder.rfind(record["sentence"], 0, start + 1)
    made = {
        "id": str(record["n"]),
        "event_type": record["event_type"],
        "also_ok": record["also_ok"],
        "trigger": span(record["trigger"], part, holder, start),
        "mode": record["mode"],
        "status": record["status"],
        "voice": record["voice"],
        "actors": [party(p) for p in record["actors"]],
        "recipients": [party(p) for p in record["recipients"]],
        "speaker": {"text": record["attributed_to"]} if record["attributed_to"] else None,
        "date": record["date"],
        "place": party(record["place"]),
        "core": record["core"],
    }
    if sentence >= 0:
        made["sentence"] = span(record["sentence"], part, holder, sentence)
    return made


def main(documents: str, gold: str, out: str) -> None:
    events: dict[str, list[dict[str, Any]]] = defaultdict(list)
    held = {document["id"]: document for document in rows(documents)}
    for record in rows(gold):
        events[record["doc"]].append(event(record, held[record["doc"]]))
    with Path(out).open("w", encoding="utf-8") as file:
        for id_, document in held.items():
            kept = {n: document.get(n) for n in ("id", "title", "text", "outlet", "published")}
            file.write(json.dumps(kept | {"events": events[id_]}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:4])
