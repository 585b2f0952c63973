#!/usr/bin/env python3
"""Check the training text and turn it into one JSON Lines file.

``build.py [OUT]`` reads ``sentences/*.txt`` and ``passages/*.txt`` (the form: README.md), names
every wrong line with file and number, and writes one record a sentence: ``{"id", "text", "split",
"source", "complete", "date", "genre", "title", "events": [{"type", "mode", "status", "voice",
"trigger", "actors", "recipients", "speaker"}]}`` with character spans. ``complete`` says that
every event of the sentence is marked; a type NONE marks a word that carries no event. The split
(train, dev) is by a hash of the first marked mention, or of the passage, so that groups of
sentences about the same parties stay on one side. Exit status 1 where a line is wrong.
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
KIND = re.compile(
    r"(?P<type>[A-Z]+)(?:/(?P<mode>[a-z-]+))?\s+(?P<status>[a-z-]+)"
    r"(?:\s+(?P<voice>reported|opinion|advocacy))?"
)
HEADER = re.compile(r"= (?P<date>\d{4}-\d\d-\d\d) (?P<genre>report|opinion|statement|live)")
STATUSES = {"actual", "historical", "future", "hypothetical", "negated"}
MARKS = {"[": "actors", "{": "recipients", "<": "speaker"}
CLOSES = {"]": "[", "}": "{", ">": "<"}
DEV_SHARE = 10  # one group in so many is kept out of training
Span = tuple[int, int]
Modes = dict[str, set[str]]


def unmark(marked: str) -> tuple[str, dict[str, list[Span]]]:
    """The sentence without its marks, and the spans that were marked.

    Raises:
        ValueError: a mark does not close.
    """
    spans: dict[str, list[Span]] = {"actors": [], "recipients": [], "speaker": [], "trigger": []}
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


def checked(found: re.Match[str], modes: Modes) -> dict[str, Any]:
    """Type, mode, status and voice of a line.

    Raises:
        ValueError: one of them does not exist.
    """
    kind, mode, status = found["type"], found["mode"], found["status"]
    if kind != "NONE" and kind not in modes:
        raise ValueError(f"no type {kind}")
    if mode and mode not in modes.get(kind, set()):
        raise ValueError(f"{kind} has no mode {mode}")
    if (status == "-") != (kind == "NONE") or (kind != "NONE" and status not in STATUSES):
        raise ValueError(f"status {status}")
    return {
        "type": kind,
        "mode": mode,
        "status": None if status == "-" else status,
        "voice": found["voice"] or "reported",
    }


def sentence(line: str, modes: Modes) -> dict[str, Any]:
    """One line of ``sentences/`` as a record.

    Raises:
        ValueError: the line is not of the form that README.md describes.
    """
    found = LINE.fullmatch(line)
    if found is None:
        raise ValueError('expected "TYPE[/mode] status | sentence"')
    event = checked(found, modes)
    text, spans = unmark(found["text"].strip())
    if len(spans["trigger"]) != 1:
        raise ValueError(f"{len(spans['trigger'])} triggers; mark one")
    if not spans["actors"] and not spans["recipients"]:
        raise ValueError("neither actor nor recipient is marked")
    trigger = spans.pop("trigger")[0]
    first = min(spans["actors"] + spans["recipients"])
    return {
        "id": f"{_digest(text)[:12]}-{event['type']}-{trigger[0]}",
        "text": text,
        "split": _split(text[slice(*first)].lower()),
        "complete": False,
        "date": None,
        "genre": "report",
        "title": False,
        "events": [{**event, "trigger": trigger, **spans}],
    }


def find(text: str, words: str) -> Span:
    """Where words stand in a sentence; ``words#2`` is their second place.

    Raises:
        ValueError: they do not.
    """
    numbered = re.fullmatch(r"(.+)#(\d)", words)
    plain, number = (numbered[1], int(numbered[2])) if numbered else (words, 1)
    places = [m.span() for m in re.finditer(rf"(?<!\w){re.escape(plain)}(?!\w)", text)]
    if len(places) < number:
        places = [m.span() for m in re.finditer(re.escape(plain), text)]
    if len(places) < number:
        raise ValueError(f'"{words}" does not stand in the sentence')
    return places[number - 1]


def marked_event(line: str, text: str, modes: Modes) -> dict[str, Any]:
    """One ``E`` line of a passage as an event of its sentence.

    Raises:
        ValueError: the line is not of the form that README.md describes.
    """
    parts = [part.strip() for part in line.split("|")]
    if not 3 <= len(parts) <= 4:
        raise ValueError('expected "trigger | TYPE status | actors > recipients [| speaker]"')
    found = KIND.fullmatch(parts[1])
    if found is None or parts[2].count(">") != 1:
        raise ValueError(f'type "{parts[1]}" or parties "{parts[2]}"')

    def spans(side: str) -> list[Span]:
        return [find(text, words.strip()) for words in side.split(";") if words.strip()]

    actors, recipients = parts[2].split(">")
    return {
        **checked(found, modes),
        "trigger": find(text, parts[0]),
        "actors": spans(actors),
        "recipients": spans(recipients),
        "speaker": spans(parts[3]) if len(parts) > 3 else [],
    }


def passages(file: Path, modes: Modes) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """Every sentence of a file of passages, complete with its events."""
    header: re.Match[str] | None = None
    record: dict[str, Any] | None = None
    made: list[tuple[str, dict[str, Any]]] = []
    number_of_text, split = 0, "train"
    for number, raw in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.strip()
        where = f"{file.name}: line {number}"
        if not line or line.startswith("#"):
            continue
        kind, rest = line[0], line[2:].strip()
        if kind == "=":
            header, record = HEADER.fullmatch(line), None
            number_of_text += 1
            split = _split(f"{file.name}/{number_of_text}")
            if header is None:
                yield where, 'expected "= YYYY-MM-DD genre"'
        elif kind in "TS" and header is not None:
            record = {
                "id": f"{_digest(rest)[:12]}-{file.stem}-{number}",
                "text": rest,
                "split": split,
                "complete": True,
                "date": header["date"],
                "genre": header["genre"],
                "title": kind == "T",
                "events": [],
            }
            made.append((where, record))
        elif kind == "E" and record is not None:
            try:
                record["events"].append(marked_event(rest, record["text"], modes))
            except ValueError as error:
                yield where, str(error)
                # a sentence with an event that can't be read is not complete
                record["complete"] = False
        else:
            yield where, "a line of no kind, or without its text"
    yield from made


def read(folder: Path = HERE) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """Every sentence: where it stands, and its record or what is wrong with it."""
    modes = {name: set(kind.modes) for name, kind in load().types.items()}
    seen: dict[str, str] = {}
    for file in sorted((folder / "sentences").glob("*.txt")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            where = f"{file.name}: line {number}"
            try:
                made = sentence(line.strip(), modes)
            except ValueError as error:
                yield where, str(error)
                continue
            if made["id"] in seen:
                yield where, f"the same as {seen[made['id']]}"
                continue
            seen[made["id"]] = where
            yield where, {**made, "source": where}
    for file in sorted((folder / "passages").glob("*.txt")):
        for where, found in passages(file, modes):
            yield where, found if isinstance(found, str) else {**found, "source": where}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _split(key: str) -> str:
    return "dev" if int(_digest(key)[:6], 16) % DEV_SHARE == 0 else "train"


def main() -> int:
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "sentences.jsonl"
    records: list[dict[str, Any]] = []
    wrong = 0
    for where, made in read():
        if isinstance(made, str):
            wrong += 1
            print(f"{where}: {made}")
        else:
            records.append(made)
    lines = (json.dumps(made, ensure_ascii=False) + "\n" for made in records)
    out.write_text("".join(lines), encoding="utf-8")
    events = [event for made in records for event in made["events"]]
    print(f"{len(records)} sentences, {len(events)} marked words, {wrong} wrong lines")
    for field in ("type", "status", "voice"):
        print(f"  {field}: {dict(sorted(Counter(str(e[field]) for e in events).items()))}")
    print(f"  split: {dict(Counter(made['split'] for made in records))}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
