#!/usr/bin/env python3
"""Check the training sentences and turn them into one JSON Lines file.

``build.py [OUT]`` reads ``sentences/*.txt`` (the form: README.md), names every wrong line with file
and number, and writes one record a line: ``{"id", "text", "type", "mode", "status", "voice",
"actors", "recipients", "trigger", "speaker", "split"}`` with character spans. The split (train,
dev) is by a hash of the text, so it never changes. Exit status 1 where a line is wrong.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from whowhom.codebook import load

HERE = Path(__file__).resolve().parent
LINE = re.compile(
    r"(?P<type>[A-Z]+)(?:/(?P<mode>[a-z-]+))?\s+(?P<status>[a-z-]+)"
    r"(?:\s+(?P<voice>reported|opinion|advocacy))?\s*\|\s*(?P<text>.+)"
)
STATUSES = {"actual", "historical", "future", "hypothetical", "negated"}
MARKS = {"[": "actors", "{": "recipients", "<": "speaker"}
CLOSES = {"]": "[", "}": "{", ">": "<"}


def unmark(marked: str) -> tuple[str, dict[str, list[tuple[int, int]]]]:
    """The sentence without its marks, and the spans that were marked.

    Raises:
        ValueError: a mark does not close.
    """
    spans: dict[str, list[tuple[int, int]]] = {
        "actors": [], "recipients": [], "speaker": [], "trigger": [],
    }  # fmt: skip
    out: list[str] = []
    opened: list[tuple[str, int]] = []
    for char in marked:
        if char == "*":
            if opened and opened[-1][0] == "*":
                spans["trigger"].append((opened.pop()[1], len(out)))
            else:
                opened.append(("*", len(out)))
        elif char in MARKS:
            opened.append((char, len(out)))
        elif char in CLOSES:
            if not opened or opened[-1][0] != CLOSES[char]:
                raise ValueError(f'"{char}" closes nothing')
            kind, start = opened.pop()
            spans[MARKS[kind]].append((start, len(out)))
        else:
            out.append(char)
    if opened:
        raise ValueError(f'"{opened[-1][0]}" is not closed')
    return "".join(out), spans


def record(line: str, modes: dict[str, set[str]]) -> dict[str, Any]:
    """One line as a record.

    Raises:
        ValueError: the line is not of the form that README.md describes.
    """
    found = LINE.fullmatch(line)
    if found is None:
        raise ValueError('expected "TYPE[/mode] status | sentence"')
    kind, mode, status = found["type"], found["mode"], found["status"]
    if kind != "NONE" and kind not in modes:
        raise ValueError(f"no type {kind}")
    if mode and mode not in modes.get(kind, set()):
        raise ValueError(f"{kind} has no mode {mode}")
    if (status == "-") != (kind == "NONE") or (kind != "NONE" and status not in STATUSES):
        raise ValueError(f"status {status}")
    text, spans = unmark(found["text"].strip())
    if len(spans["trigger"]) != 1:
        raise ValueError(f"{len(spans['trigger'])} triggers; mark one")
    if not spans["actors"] and not spans["recipients"]:
        raise ValueError("neither actor nor recipient is marked")
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {
        "id": f"{digest[:12]}-{kind}-{spans['trigger'][0][0]}", "text": text, "type": kind,
        "mode": mode, "status": None if status == "-" else status,
        "voice": found["voice"] or "reported", **spans, "trigger": spans["trigger"][0],
        "split": "dev" if int(digest[:4], 16) % 10 == 0 else "train",
    }  # fmt: skip


def read(folder: Path) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """Every line of every file: where it stands, and its record or what is wrong with it."""
    modes = {name: set(kind.modes) for name, kind in load().types.items()}
    seen: dict[str, str] = {}
    for file in sorted(folder.glob("*.txt")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            where = f"{file.name}: line {number}"
            try:
                made = record(line.strip(), modes)
            except ValueError as error:
                yield where, str(error)
                continue
            if made["id"] in seen:
                yield where, f"the same as {seen[made['id']]}"
                continue
            seen[made["id"]] = where
            yield where, made


def main() -> int:
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "sentences.jsonl"
    records: list[dict[str, Any]] = []
    wrong = 0
    for where, made in read(HERE / "sentences"):
        if isinstance(made, str):
            wrong += 1
            print(f"{where}: {made}")
        else:
            records.append(made)
    lines = (json.dumps(made, ensure_ascii=False) + "\n" for made in records)
    out.write_text("".join(lines), encoding="utf-8")
    kinds = Counter(made["type"] for made in records)
    print(f"{len(records)} sentences, {wrong} wrong lines: {dict(sorted(kinds.items()))}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
