#!/usr/bin/env python3
"""How well reports are merged into incidents.

    merge.py                    both sets; exits with 1 where a figure falls under its floor
    merge.py --misses 20        what was joined and should not be, and the reverse
    merge.py --fit              fit the weights on the half that is not measured, and print them

Two sets. ``evals/merging``: texts with the incident that each listed report is of; the reports of
every second group of thirty texts are for fitting (a group shares its actors), the others for
measuring. The example corpus: texts with the incidents that each tells; two texts are a pair
where they tell one incident.

Figures: pairwise precision, recall and F1 (a pair of reports in one incident), and B-cubed
(Bagga & Baldwin 1998). A report that was not coded at all cannot be merged: ``all`` counts it as
an incident of its own, ``coded`` leaves it out, which measures merging alone.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import tempfile
import tomllib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "src"))

from whowhom.merge import merge  # noqa: E402
from whowhom.store import Store, open_store  # noqa: E402

SET = HERE / "merging"
EXAMPLES = HERE.parent / "src" / "whowhom" / "data" / "examples"
BLOCK = 30
PULL = 3.0
"""How strongly the fit is drawn to the weights that stand (a normal prior's precision): some
hundred pairs, chosen to be hard, say little of what is rare among them."""


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def coded(documents: Path, folder: Path) -> Store:
    """A store with the documents, coded."""
    import subprocess

    if not (folder / "whowhom.json").exists():
        subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "whowhom", "code", str(documents), "--store", str(folder), "-q",
             "--no-merge"],
            check=True,
        )  # fmt: skip
    return open_store(folder)


def halves(documents: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """``fit`` or ``measure`` for each document."""
    return {d["id"]: "fit" if (n // BLOCK) % 2 else "measure" for n, d in enumerate(documents)}


def reports_of(store: Store, truth: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For each listed report its event: the one whose trigger holds the word, or whose word it
    holds, of several the surest; else one of the same sentence that is no listed report itself.
    ``event`` is None where there is none."""
    events: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in store.records("events"):
        events[record["document"]["id"]].append(record)
    listed = {(row["document"], row["trigger"].casefold()) for row in truth}
    out = []
    for row in truth:
        word = row["trigger"].casefold()
        mine = events[row["document"]]
        best = max(
            (e for e in mine if _meet(word, _trigger(e))),
            key=lambda e: e["why"]["confidence"],
            default=None,
        )
        if best is None:  # the act is coded by another word of the same sentence
            near = [
                (abs(e["evidence"]["sentence_text"].casefold().find(word)), e["id"], e)
                for e in mine
                if word in e["evidence"]["sentence_text"].casefold()
                and not any(d == row["document"] and _meet(w, _trigger(e)) for d, w in listed)
            ]
            best = min(near, default=(0, "", None))[2]
        out.append(
            {
                **row,
                "event": best and best["id"],
                "got": best and best["incident"],
                "type": best and best["event_type"],
                "text": best["evidence"]["sentence_text"] if best else "",
            }
        )
    return out


def _trigger(event: Mapping[str, Any]) -> str:
    text: str = event["evidence"]["trigger"]["text"]
    return text.casefold()


def _meet(word: str, trigger: str) -> bool:
    return word in trigger.split() or trigger in word.split()


def pairwise(gold: Sequence[str], found: Sequence[str]) -> tuple[float, float, float]:
    """Precision, recall, F1 over pairs that stand together."""
    both = sum(n * (n - 1) // 2 for n in Counter(zip(gold, found, strict=True)).values())
    ours = sum(n * (n - 1) // 2 for n in Counter(found).values())
    true = sum(n * (n - 1) // 2 for n in Counter(gold).values())
    p, r = both / ours if ours else 1.0, both / true if true else 1.0
    return p, r, 2 * p * r / (p + r) if p + r else 0.0


def bcubed(gold: Sequence[str], found: Sequence[str]) -> tuple[float, float, float]:
    """B-cubed precision, recall, F1."""
    joint = Counter(zip(gold, found, strict=True))
    golds, founds = Counter(gold), Counter(found)
    pairs = list(zip(gold, found, strict=True))
    p = sum(joint[g, f] / founds[f] for g, f in pairs) / len(pairs)
    r = sum(joint[g, f] / golds[g] for g, f in pairs) / len(pairs)
    return p, r, 2 * p * r / (p + r)


def figures(reports: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    out = {"coded_share": sum(1 for r in reports if r["event"]) / len(reports)}
    known = [r for r in reports if r["event"]]
    for name, rows in (("coded", known), ("all", reports)):
        gold = [r["incident"] for r in rows]
        found = [r["got"] or f"none {n}" for n, r in enumerate(rows)]
        for measure, values in (("pair", pairwise(gold, found)), ("bcubed", bcubed(gold, found))):
            for part, value in zip(("p", "r", "f1"), values, strict=True):
                out[f"{name}_{measure}_{part}"] = value
    return out


def examples(store: Store, truth: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Pairs of texts of the example corpus that tell one incident."""
    told = {row["document"]: set(row["incidents"]) for row in truth}
    groups: dict[str, set[str]] = defaultdict(set)
    for record in store.records("events"):
        if record["status"] in ("future", "hypothetical"):
            continue  # the truth lists what took place
        groups[record["incident"]].add(record["document"]["id"])
    ours = {pair for group in groups.values() for pair in itertools.combinations(sorted(group), 2)}
    true = {(a, b) for a, b in itertools.combinations(sorted(told), 2) if told[a] & told[b]}
    p, r = len(ours & true) / len(ours), len(ours & true) / len(true)
    return {"examples_pair_p": p, "examples_pair_r": r, "examples_pair_f1": 2 * p * r / (p + r)}


def fit(store: Store, reports: Sequence[Mapping[str, Any]]) -> None:
    """Logistic regression, drawn to the present weights, over the pairs that blocking gives, of
    the half for fitting."""
    import numpy as np
    from scipy.optimize import minimize

    from whowhom.merge import _common_names, _flattened, _stop_words, _stories
    from whowhom.merge.candidates import pairs
    from whowhom.merge.features import Collector
    from whowhom.merge.flat import FEATURES
    from whowhom.merge.scoring import NAMES, allowed, compare
    from whowhom.merge.settings import settings

    with tempfile.TemporaryDirectory() as folder:
        story = _stories(store, Path(folder))
    collector = Collector(_stop_words(), _common_names())
    for table in _flattened(store, FEATURES):
        for row in table.to_pylist():
            collector.add(row, story[row["document_id"]])
    features = collector.features()
    place = {identity: n for n, identity in enumerate(features.ids)}
    incident = {place[r["event"]]: r["incident"] for r in reports if r["event"]}
    rows, labels = [], []
    seen: set[tuple[int, int]] = set()
    for left, right in pairs(features):
        use = [
            n
            for n, (a, b) in enumerate(zip(left.tolist(), right.tolist(), strict=True))
            if a in incident and b in incident and (a, b) not in seen
        ]
        left, right = left[use], right[use]
        seen |= set(zip(left.tolist(), right.tolist(), strict=True))
        good = allowed(features, left, right)
        left, right = left[good], right[good]
        if len(left):
            rows.append(compare(features, left, right))
            labels += [
                incident[a] == incident[b]
                for a, b in zip(left.tolist(), right.tolist(), strict=True)
            ]
    x, y = np.concatenate(rows), np.array(labels)
    prior = np.array([settings().weights[name] for name in ("bias", *NAMES)])
    x = np.column_stack([np.ones(len(x)), x]).astype(float)

    def fitted(rows: Any, labels: Any, pull: float) -> Any:
        def cost(w: Any) -> Any:
            z = rows @ w
            loss = (
                np.logaddexp(0, np.where(labels, -z, z)).sum() + pull / 2 * ((w - prior) ** 2).sum()
            )
            grade = rows.T @ (1 / (1 + np.exp(-z)) - labels) + pull * (w - prior)
            return loss, grade

        return minimize(cost, prior, jac=True, method="L-BFGS-B").x

    fold = np.arange(len(y)) % 5
    np.random.default_rng(0).shuffle(fold)
    for pull in (1e6, 10.0, 3.0, 1.0, 0.3):
        z = np.zeros(len(y))
        for k in range(5):
            z[fold == k] = x[fold == k] @ fitted(x[fold != k], y[fold != k], pull)
        loss = np.logaddexp(0, np.where(y, -z, z)).mean()
        tp = int(((z > 0) & y).sum())
        print(f"# pull {pull}: loss {loss:.3f} P {tp / (z > 0).sum():.3f} R {tp / y.sum():.3f}")
    w = fitted(x, y, PULL)
    for name, weight, share in zip(("bias", *NAMES), w, (x != 0).mean(0), strict=True):
        print(f"{name} = {weight:.2f}   # {share:.2f} of {len(y)} pairs, {y.sum()} of one incident")


def misses(reports: Sequence[Mapping[str, Any]], most: int) -> None:
    wrong, apart = [], []
    known = [r for r in reports if r["event"]]
    for a, b in itertools.combinations(known, 2):
        if a["got"] == b["got"] and a["incident"] != b["incident"]:
            wrong.append((a, b))
        if a["got"] != b["got"] and a["incident"] == b["incident"]:
            apart.append((a, b))
    for title, found in (("joined, are two", wrong), ("apart, are one", apart)):
        print(f"\n{title}: {len(found)}")
        for a, b in found[:most]:
            for r in (a, b):
                print(
                    f"  {r['document']} {r['incident']} {r['type']} *{r['trigger']}*",
                    r["text"][:170],
                )
            print()
    lost = [r for r in reports if not r["event"]]
    print(f"not coded: {len(lost)}")
    for r in lost[:most]:
        print(f"  {r['document']} *{r['trigger']}*")


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    options.add_argument("--misses", type=int, default=0)
    options.add_argument("--fit", action="store_true")
    options.add_argument("--half", choices=["fit", "measure"], default="measure")
    options.add_argument("--store", type=Path, help="folder that keeps the coded sets for a rerun")
    o = options.parse_args()
    documents = lines(SET / "documents.jsonl")
    half = halves(documents)
    floors = tomllib.loads((SET / "floors.toml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as temporary:
        folder = o.store or Path(temporary)
        store = coded(SET / "documents.jsonl", folder / "set")
        merge(store, again=True)
        reports = reports_of(store, lines(SET / "truth.jsonl"))
        if o.fit:
            fit(store, [r for r in reports if half[r["document"]] == "fit"])
            return 0
        chosen = [r for r in reports if half[r["document"]] == o.half]
        values = {"reports": float(len(chosen)), **figures(chosen)}
        corpus = coded(EXAMPLES / "documents.jsonl", folder / "examples")
        merge(corpus, again=True)
        values |= examples(corpus, lines(EXAMPLES / "truth.jsonl"))
        if o.misses:
            misses(chosen, o.misses)
    low = 0
    for name, value in values.items():
        floor = floors.get(name)
        fallen = floor is not None and value < floor
        low += fallen
        shown = f"{value:.0f}" if name == "reports" else f"{value:.3f}"
        print(f"{name:<22} {shown:>6}" + (f"  floor {floor:.3f}" if floor is not None else "")
              + ("  FALLEN" if fallen else ""))  # fmt: skip
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
