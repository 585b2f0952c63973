"""How well an example codebook codes sentences that were written after its frames.

    python examples/codebooks/heldout/score.py cyber
    python examples/codebooks/heldout/score.py land

A sentence counts as right where the codebook's own types come out as marked: the type, and none
where none is marked. A side counts where it is marked: its country, or for land its words.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import whowhom
from whowhom.codebook import load, own_frames

HERE = Path(__file__).resolve().parent


def score(name: str) -> dict[str, float]:
    """Counts for one codebook; what is not right is printed."""
    folder = HERE.parent / name
    own = {frame.event_type for frame in own_frames(load(folder))}
    coder = whowhom.Coder(codebook=folder)
    counts = dict.fromkeys(("wanted", "found", "right", "sides", "sides right"), 0)
    with (HERE / f"{name}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        events = [
            e
            for e in whowhom.code(row["text"], date=row["date"], coder=coder)
            if e.event_type in own
        ]
        counts["wanted"] += bool(row["type"])
        counts["found"] += len(events)
        hit = next((e for e in events if e.event_type == row["type"]), None)
        counts["right"] += hit is not None
        said = [f"{e.event_type} {e.mode or ''} ({e.why.rule})" for e in events]
        if (hit is None) != (not row["type"]) or len(events) > bool(row["type"]):
            print(
                f"{row['id']}: {row['text']}\n     marked {row['type'] or 'nothing'}, coded {said}"
            )
        if hit is None:
            continue
        for side in ("actor", "recipient"):
            if not row[side]:
                continue
            counts["sides"] += 1
            parties = hit.actors if side == "actor" else hit.recipients
            named = any(
                row[side] == p.country or row[side].lower() in p.text.lower() for p in parties
            )
            counts["sides right"] += named
            if not named:
                print(f"{row['id']}: {side} {[p.text for p in parties]}, marked {row[side]}")
    wanted, found, right = counts["wanted"], counts["found"], counts["right"]
    print(
        f"{name}: {len(rows)} sentences, {wanted} with an event; {found} coded, {right} right: "
        f"precision {right / found:.2f}, recall {right / wanted:.2f}; "
        f"sides {counts['sides right']} of {counts['sides']}"
    )
    return counts


if __name__ == "__main__":
    for chosen in sys.argv[1:] or ("cyber", "land"):
        score(chosen)
