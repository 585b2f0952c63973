#!/usr/bin/env python3
"""The accuracy gate: the tool on sentences that the project wrote, against floors that only rise.

``gate.py`` prints every figure with its floor and exits with 1 where one has fallen.
``gate.py --language es`` does it with Spanish (``gold_es/``, ``floors_es.toml``), each file of the
gold by itself: ``dev.jsonl`` was looked at while the frames were mended, ``held.jsonl`` was written
before and not. ``--part dev`` runs one of them, ``--types`` prints F1 by type.
``gate.py --raise`` writes what was reached (less a hair for rounding) as the new floors, never
lower ones. ``gate.py --misses 20`` shows what is wrong.

The gold is ``evals/gold/*.jsonl``, one sentence or short text a line::

    {"id": "...", "text": "...", "date": "2014-03-02", "title": null,
     "events": [{"type": "ASSAULT", "mode": "aerial", "actors": ["SYR/MIL"],
                 "recipients": ["SYR/REB"], "status": "actual", "speaker": "the opposition",
                 "date": "2014-03-01", "place": "SYR"}]}

Actors and recipients are COUNTRY/SECTOR, either half empty where there is none; ``speaker`` is the
innermost source as the text has it, null for the text's own voice; ``mode``, ``date`` and ``place``
are checked where the gold has the field at all. An empty ``events`` is a hard negative.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from whowhom import Coder, Document, Event
from whowhom.model import Party

HERE = Path(__file__).resolve().parent
GOLD, FLOORS = HERE / "gold", HERE / "floors.toml"


def load(folder: Path = GOLD, part: str = "*") -> list[dict[str, Any]]:
    """All gold records, in the order of the files, or those of one file."""
    records = []
    for file in sorted(folder.glob(f"{part}.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.strip():
                records.append(json.loads(line))
    return records


def fingerprint(records: list[dict[str, Any]]) -> str:
    """Hash of the gold: floors hold for one gold only."""
    text = "\n".join(json.dumps(r, sort_keys=True, ensure_ascii=False) for r in records)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def codes(parties: Iterable[Party]) -> set[str]:
    return {f"{p.country or ''}/{p.sector or ''}" for p in parties}


class Tally:
    """Right and asked, by figure."""

    def __init__(self) -> None:
        self.right: dict[str, int] = defaultdict(int)
        self.asked: dict[str, int] = defaultdict(int)

    def add(self, name: str, right: bool) -> None:
        self.asked[name] += 1
        self.right[name] += right

    def share(self, name: str) -> float:
        return self.right[name] / self.asked[name] if self.asked[name] else 1.0


def pair(gold: list[dict[str, Any]], events: list[Event]) -> list[tuple[dict[str, Any], Event]]:
    """Gold and coded events of one type, paired by how much of their parties agrees."""
    scored = sorted(
        (
            (
                -len(codes(e.actors) & set(g["actors"]))
                - len(codes(e.recipients) & set(g["recipients"]))
                - (e.status == g["status"]),
                i,
                j,
            )
            for i, g in enumerate(gold)
            for j, e in enumerate(events)
            if g["type"] == e.event_type
        ),
    )
    used_gold: set[int] = set()
    used: set[int] = set()
    pairs = []
    for _, i, j in scored:
        if i not in used_gold and j not in used:
            used_gold.add(i)
            used.add(j)
            pairs.append((gold[i], events[j]))
    return pairs


def countries(parties: Iterable[str]) -> set[str]:
    return {p.split("/")[0] for p in parties} - {""}


def measure(
    records: list[dict[str, Any]],
    misses: int = 0,
    coder: Coder | None = None,
    types: dict[str, list[int]] | None = None,
) -> dict[str, float]:
    """Every figure of the gate, 0 to 1; ``types`` takes found, predicted and wanted by type."""
    coder, tally = coder or Coder(), Tally()
    found = predicted = wanted = 0
    for record in records:
        date = record.get("date")
        coded = coder.code(
            Document(
                record["id"],
                record["text"],
                title=record.get("title"),
                published=dt.date.fromisoformat(date) if date else None,
            )
        )
        gold, events = record["events"], list(coded.events)
        pairs = pair(gold, events)
        found, predicted, wanted = found + len(pairs), predicted + len(events), wanted + len(gold)
        if types is not None:
            named = ([g["type"] for g, _ in pairs], [e.event_type for e in events],
                     [g["type"] for g in gold])  # fmt: skip
            for place, names in enumerate(named):
                for name in names:
                    types.setdefault(name, [0, 0, 0])[place] += 1
        if not gold:
            tally.add("hard negatives left uncoded", not events)
        if misses and (len(pairs) < len(gold) or len(pairs) < len(events)):
            misses -= 1
            got = [(e.event_type, e.evidence.trigger.text, e.why.rule) for e in events]
            print(
                f"{record['id']}: {record['text']}\n   want {[g['type'] for g in gold]} got {got}"
            )
        paired = {id(g): e for g, e in pairs}
        for g in gold:
            compare(tally, g, paired.get(id(g)))
    precision = found / predicted if predicted else 1.0
    recall = found / wanted if wanted else 1.0
    figures = {
        "event type precision": precision,
        "event type recall": recall,
        "event type F1": 2 * precision * recall / (precision + recall) if found else 0.0,
    }
    return figures | {name: tally.share(name) for name in sorted(tally.asked)}


def compare(tally: Tally, gold: dict[str, Any], event: Event | None) -> None:
    """The fields of a gold event, against the event that it was paired with; what was not found
    has no field right, so that finding more can never lower a figure."""

    def add(name: str, right: bool) -> None:
        tally.add(name, event is not None and right)

    for side in ("actor", "recipient"):
        parties = getattr(event, side + "s") if event is not None else ()
        want = gold[side + "s"]
        if want:
            add(f"{side} country", {p.country for p in parties} - {None} == countries(want))
            add(f"{side} country and sector", codes(parties) == set(want))
        else:
            add(f"{side} left empty", not parties)
    status = event.status if event is not None else None
    add("status", status == gold["status"])
    if gold["status"] != "actual":
        add("status where not actual", status == gold["status"])
    link = event.attribution[-1] if event is not None and event.attribution else None
    speaker = link.speaker.text.lower() if link is not None and link.speaker else ""
    if gold.get("speaker"):
        want_speaker = gold["speaker"].lower()
        add("speaker", bool(speaker) and (speaker in want_speaker or want_speaker in speaker))
    elif "speaker" in gold:
        add("no speaker where there is none", link is None)
    if event is None:
        mode = date = place = None
    else:
        mode, date = event.mode, str(event.date) if event.date else None
        place = event.place.country if event.place else None
    for name, value in (("mode", mode), ("date", date), ("place", place)):
        if name in gold:
            add(name if name != "place" else "place country", value == gold[name])


def measure_parts(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """The figures of each file of a folder by itself, under its name."""
    coder, figures = Coder(), {}
    for file in sorted(folder.glob(f"{options.part}.jsonl")):
        types: dict[str, list[int]] = {}
        found = measure(load(folder, file.stem), options.misses, coder, types)
        figures |= {f"{file.stem}: {name}": value for name, value in found.items()}
        for name, (right, got, asked) in sorted(types.items() if options.types else ()):
            print(f"{file.stem}: {name:10} F1 {2 * right / (got + asked):.2f}  "
                  f"found {right} of {asked}, coded {got}")  # fmt: skip
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--raise", dest="raise_", action="store_true", help="write new floors")
    parser.add_argument("--misses", type=int, default=0)
    parser.add_argument("--language", default="en")
    parser.add_argument("--part", default="*", help="one file of the gold, without its ending")
    parser.add_argument("--types", action="store_true", help="print F1 by type")
    options = parser.parse_args()
    if options.language == "en":
        gold, floors_file = GOLD, FLOORS
        records = load(gold, options.part)
        figures = measure(records, options.misses)
    else:
        gold = HERE / f"gold_{options.language}"
        floors_file = HERE / f"floors_{options.language}.toml"
        records = load(gold, options.part)
        figures = measure_parts(gold, options)
    floors = tomllib.loads(floors_file.read_text(encoding="utf-8")) if floors_file.exists() else {}
    whole = options.part == "*"
    same = whole and floors.get("gold") == fingerprint(records)
    if floors and whole and not same and not options.raise_:
        print("The gold has changed: run gate.py --raise and commit the floors with it.")
        return 1
    fallen = False
    for name, value in figures.items():
        floor = floors.get("floors", {}).get(name, 0.0) if same else 0.0
        low = value < floor
        fallen |= low
        print(f"{name:40} {value:.3f}  floor {floor:.3f}{'  FALLEN' if low else ''}")
    print(f"{len(records)} texts, {sum(len(r['events']) for r in records)} events")
    if options.raise_:
        old = floors.get("floors", {}) if same else {}
        lines = [f'gold = "{fingerprint(records)}"', "", "[floors]"]
        for name, value in figures.items():
            lines.append(f'"{name}" = {max(old.get(name, 0.0), int(value * 1000 - 1) / 1000):.3f}')
        for section in sorted(set(floors) - {"gold", "floors"}):  # those of the probes stay
            lines += ["", f"[{section}]", *(f'"{n}" = {v:.3f}' for n, v in floors[section].items())]
        floors_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return 0
    return 1 if fallen else 0


if __name__ == "__main__":
    sys.exit(main())
