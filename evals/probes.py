#!/usr/bin/env python3
"""Behavioural probes: one thing in a sentence is changed, and the record must change exactly so.

The parties are swapped, the sentence is negated, put into the passive, moved to the future, made
conditional or historical, denied by somebody, attributed to somebody, its countries are renamed;
and the frames of the codebook are put in another order, which must change nothing. The sentences
and what is right for them are in ``evals/probes/bases.toml``.

``probes.py`` prints the share passed by kind of probe, with its floor in ``evals/floors.toml``
(section ``[probes]``), and exits with 1 where one has fallen. ``--failures`` shows what failed
and what came out, ``--kind NAME`` runs one kind only (the bases always run with it), and
``--raise`` writes what was reached, less 0.01, as the new floors, never lower ones.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import re
import shutil
import sys
import tempfile
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whowhom import Coder, Document, Event
from whowhom.codebook.loading import shipped_folder
from whowhom.model import Party

HERE = Path(__file__).resolve().parent
BASES, FLOORS = HERE / "probes" / "bases.toml", HERE / "floors.toml"
WRITTEN = (
    *("swapped", "passive", "negated", "future", "hypothetical", "historical"),
    *("denied", "attributed"),
)
"""The kinds whose texts are written out."""
KINDS = ("base", *WRITTEN, "renamed", "reordered")
SLACK = 0.01  # how far below what is reached a new floor is


@dataclass(frozen=True, slots=True)
class Probe:
    """A text and all that is right for it."""

    id: str  # of the base, with the kind and a number where there are several
    kind: str
    base: str
    type: str  # of the base
    text: str
    date: dt.date
    expect: tuple[tuple[str, str], ...]  # type and status, any of them
    actors: frozenset[str]
    recipients: frozenset[str]
    speaker: str | None = None
    also: frozenset[str] = frozenset()  # types that may stand beside it
    beside: frozenset[str] = frozenset()  # types that must stand beside it

    @property
    def symmetric(self) -> bool:
        """Whether both sides are actors, as in a meeting."""
        return len(self.actors) > 1 and not self.recipients


@dataclass(frozen=True, slots=True)
class Result:
    """A probe with what came out; it passed where nothing is wrong."""

    probe: Probe
    wrong: tuple[str, ...]
    events: tuple[Event, ...]


# ----------------------------------------------------------------------------------- the probes
def read(file: Path = BASES) -> dict[str, Any]:
    """The file of bases as it is written."""
    return tomllib.loads(file.read_text(encoding="utf-8"))


def probes(data: dict[str, Any]) -> list[Probe]:
    """All probes on the text, each base first; without those of the codebook's order."""
    found: list[Probe] = []
    for base in data["base"]:
        found.append(written(data, base, "base", base["text"]))
        found.extend(written(data, base, kind, base[kind]) for kind in WRITTEN if kind in base)
        for number, pair in enumerate(base.get("renamed", ()), 1):
            found.append(renamed(data, base, number, pair))
    return found


def written(data: dict[str, Any], base: dict[str, Any], kind: str, variant: Any) -> Probe:
    """The probe of a text that is written out: a string, or a table with what is particular."""
    extra = variant if isinstance(variant, dict) else {"text": variant}
    if "expect" in extra:
        expect = [tuple(pair.split()) for pair in extra["expect"]]
    else:
        planned = data["planned"].get(base["type"], base["type"])
        name = planned if kind == "future" else base["type"]
        expect = [(name, status) for status in data["status"][kind]]
    sides = [frozenset(base["actors"]), frozenset(base["recipients"])]
    if kind == "swapped" and sides[1]:
        sides.reverse()
    return Probe(
        id=f"{base['id']} {kind}",
        kind=kind,
        base=base["id"],
        type=base["type"],
        text=extra["text"],
        date=base["date"],
        expect=tuple((name, status) for name, status in expect),
        actors=sides[0],
        recipients=sides[1],
        speaker=extra.get("speaker"),
        also=frozenset((*base.get("also", ()), *extra.get("also", ()))),
        beside=frozenset(data.get("beside", {}).get(kind, ())),
    )


def renamed(data: dict[str, Any], base: dict[str, Any], number: int, pair: Sequence[str]) -> Probe:
    """The probe of a base with two other countries in the places of its own."""
    codes = [*base["actors"], *base["recipients"]]
    other = dict(zip(codes, pair, strict=True))
    return dataclasses.replace(
        written(data, base, "renamed", filled(data, base, pair)),
        id=f"{base['id']} renamed {number}",
        actors=frozenset(other[code] for code in base["actors"]),
        recipients=frozenset(other[code] for code in base["recipients"]),
    )


def filled(data: dict[str, Any], base: dict[str, Any], pair: Sequence[str]) -> str:
    """A base's template with the names of two countries."""
    first, second = (data["names"][code] for code in pair)
    return str(base["template"]).format(A=first, B=second)


# ---------------------------------------------------------------------------------- the checker
def check(
    probe: Probe, events: Sequence[Event], base: Event | None = None
) -> tuple[tuple[str, ...], Event | None]:
    """What is wrong, nothing where the probe has passed, and the event that was held against it.

    ``base`` is the base's own event where the base came out right: mode and sectors, on which a
    probe says nothing, must be as they are there.
    """
    tried = [(wrong_in(probe, event, base), event) for event in events]
    if not tried:
        return ("no event",), None
    wrong, event = min(tried, key=lambda pair: len(pair[0]))
    if any(w.startswith("type ") for w in wrong):
        return (f"no {probe.expect[0][0]}, only {names(events)}",), None
    rest = Counter(e.event_type for e in events) - Counter((event.event_type,))
    missing = [f"no {name} beside it" for name in sorted(probe.beside - set(rest))]
    extra = sorted(set(rest) - probe.also - probe.beside)
    return (*wrong, *missing, *(f"extra {name}" for name in extra)), event


def wrong_in(probe: Probe, event: Event, base: Event | None) -> tuple[str, ...]:
    """What is wrong in an event that is held against a probe; a wrong type outweighs all else."""
    status = [status for name, status in probe.expect if name == event.event_type]
    if not status:
        return (f"type {event.event_type}",) * 9
    wrong = []
    if event.status not in status:
        wrong.append(f"status {event.status}, not {' or '.join(status)}")
    wrong += wrong_parties(probe, event)
    spoken = speaker(event)
    if probe.speaker is None and event.attribution:
        wrong.append(f"speaker {spoken or '-'} where there is none")
    elif probe.speaker is not None and not same_words(spoken, probe.speaker):
        wrong.append(f"speaker {spoken or '-'}, not {probe.speaker}")
    if base is not None and base.event_type == event.event_type:
        if event.mode != base.mode:
            wrong.append(f"mode {event.mode}, not {base.mode}")
        if probe.kind != "swapped" and sectors(event) != sectors(base):
            wrong.append(f"sectors {shown(sectors(event))}, not {shown(sectors(base))}")
    return tuple(wrong)


def wrong_parties(probe: Probe, event: Event) -> list[str]:
    """The sides of an event whose countries are wrong."""
    actors, recipients = countries(event.actors), countries(event.recipients)
    if probe.symmetric and event.event_type != probe.type:
        actors, recipients = actors | recipients, set()
    sides = (
        ("actors", actors, probe.actors),
        ("recipients", recipients, probe.recipients),
    )
    return [
        f"{side} {' '.join(sorted(got)) or '-'}, not {' '.join(sorted(want)) or '-'}"
        for side, got, want in sides
        if got != want
    ]


def countries(parties: Iterable[Party]) -> set[str]:
    return {p.country for p in parties if p.country is not None}


def sectors(event: Event) -> tuple[tuple[str, ...], ...]:
    """Sectors of actors and of recipients, each side sorted."""
    return tuple(
        tuple(sorted(p.sector or "-" for p in side)) for side in (event.actors, event.recipients)
    )


def shown(sides: tuple[tuple[str, ...], ...]) -> str:
    return " > ".join(" ".join(side) or "-" for side in sides)


def names(events: Iterable[Event]) -> str:
    return " ".join(sorted({e.event_type for e in events}))


def speaker(event: Event) -> str:
    """The words of the innermost speaker, empty where there is none."""
    link = event.attribution[-1] if event.attribution else None
    return link.speaker.text if link is not None and link.speaker is not None else ""


def same_words(got: str, want: str) -> bool:
    """Whether two names of a speaker are one, as the gate has it."""
    one, other = got.lower(), want.lower()
    return bool(one) and (one in other or other in one)


# ------------------------------------------------------------------------------- the other order
def reversed_frames(text: str) -> str:
    """A codebook file with its frames in reversed order, all else as it was."""
    head, *frames = re.split(r"(?m)^(?=\[\[frame\]\])", text)
    return head + "".join(f"{frame.rstrip()}\n\n" for frame in reversed(frames))


def reversed_codebook(target: Path) -> None:
    """Write a copy of the shipped codebook whose files have their frames in reversed order.

    Raises:
        ValueError: a file cannot be turned round by its lines.
    """
    shutil.copytree(shipped_folder(), target)
    for file in sorted(target.glob("*.toml")):
        text = file.read_text(encoding="utf-8")
        turned = reversed_frames(text)
        before, after = tomllib.loads(text), tomllib.loads(turned)
        if before | {"frame": before.get("frame", [])[::-1]} != {"frame": []} | after:
            raise ValueError(f"{file.name}: the frames are not the file's last tables")
        file.write_text(turned, encoding="utf-8")


def essence(event: Event) -> tuple[Any, ...]:
    """What must not depend on the order of the frames."""
    sides = (event.actors, event.recipients)
    return (event.event_type, *(tuple((p.text, p.country, p.sector) for p in s) for s in sides))


def compare_order(before: Sequence[Event], after: Sequence[Event]) -> tuple[str, ...]:
    """What another order of the frames has changed."""
    one, other = Counter(map(essence, before)), Counter(map(essence, after))
    gone = [f"gone {e[0]}" for e in (one - other).elements()]
    return (*gone, *(f"new {e[0]}" for e in (other - one).elements()))


# ------------------------------------------------------------------------------------ the runs
def coded(coder: Coder, probe: Probe) -> tuple[Event, ...]:
    return coder.code(Document(probe.id, probe.text, published=probe.date)).events


def run(asked: Sequence[Probe], kinds: Iterable[str] = KINDS) -> list[Result]:
    """The results of all probes of these kinds, in order; a base comes before its variants."""
    wanted = {*kinds, "base"}
    coder = Coder()
    right: dict[str, Event | None] = {}
    results: list[Result] = []
    for probe in asked:
        if probe.kind not in wanted:
            continue
        events = coded(coder, probe)
        wrong, event = check(probe, events, right.get(probe.base))
        if probe.kind == "base":
            right[probe.base] = None if wrong else event
        results.append(Result(probe, wrong, events))
    if "reordered" in wanted:
        results.extend(reordered([r for r in results if r.probe.kind == "base"]))
    return results


def reordered(bases: Sequence[Result]) -> list[Result]:
    """The results of the bases under the codebook in another order."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "plover"
        reversed_codebook(target)
        coder = Coder(codebook=target)
        results = []
        for base in bases:
            probe = dataclasses.replace(
                base.probe, id=f"{base.probe.base} reordered", kind="reordered"
            )
            events = coded(coder, probe)
            results.append(Result(probe, compare_order(base.events, events), events))
    return results


def shares(results: Sequence[Result]) -> dict[str, tuple[int, int]]:
    """Passed and asked by kind, and in all; the bases are no probes and count in no total."""
    table: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for result in results:
        for name in (result.probe.kind, "all") if result.probe.kind != "base" else ("base",):
            table[name][0] += not result.wrong
            table[name][1] += 1
    return {name: (table[name][0], table[name][1]) for name in (*KINDS, "all") if name in table}


# ----------------------------------------------------------------------------------- the floors
def with_floors(text: str, floors: dict[str, float]) -> str:
    """The text of floors.toml with the section ``[probes]`` set, the other sections untouched."""
    kept = re.sub(r"(?ms)^\[probes\]\n.*?(?=^\[|\Z)", "", text).rstrip()
    lines = "".join(f'"{name}" = {value:.3f}\n' for name, value in floors.items())
    return f"{kept}\n\n[probes]\n{lines}"


def raised(reached: dict[str, tuple[int, int]], old: dict[str, float]) -> dict[str, float]:
    """The new floors: what was reached less the slack, never below the old ones."""
    new = {
        name: max(old.get(name, 0.0), int((right / asked - SLACK) * 1000) / 1000, 0.0)
        for name, (right, asked) in reached.items()
    }
    return old | new


def describe(result: Result) -> str:
    """A failure in lines: the probe, its text, what is wrong, what came out."""
    lines = [
        f"FAIL {result.probe.id}: {'; '.join(result.wrong)}",
        f"     {result.probe.text}",
    ]
    for e in result.events:
        sides = (
            " + ".join(f"{p.text} {p.country or '-'}/{p.sector or '-'}" for p in side) or "-"
            for side in (e.actors, e.recipients)
        )
        kind = f"{e.event_type}/{e.mode}" if e.mode else e.event_type
        said = f" | {speaker(e) or '-'}" if e.attribution else ""
        by = f" ({e.why.rule or e.why.model}, {e.evidence.trigger.text!r})"
        lines.append(f"     -> {kind} {e.status} | {' > '.join(sides)}{said}{by}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--failures", action="store_true", help="list what failed")
    parser.add_argument("--kind", choices=KINDS, help="run one kind only")
    parser.add_argument("--raise", dest="raise_", action="store_true", help="write new floors")
    options = parser.parse_args()
    results = run(probes(read()), (options.kind,) if options.kind else KINDS)
    text = FLOORS.read_text(encoding="utf-8") if FLOORS.exists() else ""
    floors: dict[str, float] = tomllib.loads(text).get("probes", {})
    if options.failures:
        for result in results:
            if result.wrong:
                print(describe(result))
    reached = shares(results)
    if options.kind:
        reached.pop("all", None)
    fallen = False
    for name, (right, asked) in reached.items():
        floor = floors.get(name, 0.0)
        low = right / asked < floor
        fallen |= low
        share = f"{right:4} of {asked:4}  {right / asked:.3f}  floor {floor:.3f}"
        print(f"{name:14} {share}{'  FALLEN' if low else ''}")
    print("FAIL" if fallen else "PASS")
    if options.raise_:
        FLOORS.write_text(with_floors(text, raised(reached, floors)), encoding="utf-8")
        return 0
    return 1 if fallen else 0


if __name__ == "__main__":
    sys.exit(main())
