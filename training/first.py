#!/usr/bin/env python3
"""Train the first look (``whowhom.learned.first``): ``first.py --read F.jsonl [--write]``.

Two small heads on the vectors that spaCy's tok2vec gives words. One says whether a word carries an
event: it is taught by the marks of the project's passages and by what the whole pipeline codes in
further articles (JSON Lines with ``title`` and ``text``). The other marks names, taught by what
spaCy's own recogniser says of the same articles. No label of anybody else is used, and no text is
kept: what comes out is 150 kB of weights. Its limit is the one that keeps KEEP of the events of
held-out articles. ``--write`` writes ``data/model/first.npz``. Needs training/requirements.txt.
"""

from __future__ import annotations

import argparse
import json
import pickle
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from build import read
from torch import nn

from whowhom import Coder, Document, learned
from whowhom.learned.first import carriers, window
from whowhom.settings import DEFAULT

TARGET = Path(learned.__file__).resolve().parents[1] / "data" / "model" / "first.npz"
KEEP = 0.985  # of the events of held-out articles
EVERY = 3  # one article of so many is read: more did not help
HIDDEN = {"act": 48, "name": 160}
EPOCHS = {"act": 14, "name": 9}


@dataclass
class Row:
    """A stretch of text: vectors of its words, and what is known of them."""

    source: str
    vectors: np.ndarray
    tags: list[str]
    acts: np.ndarray  # 1.0 on a word that carries an event
    names: list[str] | None  # "O", "B-PERSON", ...


def articles(path: Path) -> list[Document]:
    out = []
    for n, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        if n % EVERY == 1:
            made = json.loads(line)
            out.append(Document(f"a{n}", made["text"], title=made.get("title") or None))
    return out


def rows_of_articles(documents: list[Document]) -> list[Row]:
    """What the whole pipeline and spaCy's recogniser say of articles."""
    coder = Coder(settings=replace(DEFAULT, read_all=True))
    recogniser = coder.parser.nlp.get_pipe("ner")
    out = []
    for count, document in enumerate(documents):
        skim = coder.parser.skim(document)
        reading = skim.reading
        where = {(reading.part(i), o): i for i, o in enumerate(reading.offsets[:-1])}
        marks = set()
        for event in coder.code(document).events:
            trigger = event.evidence.trigger
            begin = where.get((event.evidence.part, trigger.start))
            if begin is not None:
                marks.update(range(begin, begin + trigger.end - trigger.start))
        docs = [s.doc for s in skim.stretches]
        recogniser.set_annotations(docs, recogniser.predict(docs))
        for stretch in skim.stretches:
            starts = [stretch.start + t.idx for t in stretch.doc]
            names = [f"{t.ent_iob_}-{t.ent_type_}" if t.ent_type_ else "O" for t in stretch.doc]
            acts = np.array([float(s in marks) for s in starts], dtype=np.float32)
            out.append(Row(document.id, stretch.vectors.copy(), stretch.tags, acts, names))
        if count % 50 == 0:
            print(f"{count} of {len(documents)} articles", flush=True)
    return out


def rows_of_passages() -> list[Row]:
    """The marks of the project's own passages, every one of which is complete."""
    texts: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for _, made in read():
        if not isinstance(made, str) and made["complete"]:
            texts[made["text"], made["split"]].extend(made["events"])
    parser = Coder(settings=replace(DEFAULT, learned_model=False)).parser
    out = []
    for n, ((text, split), events) in enumerate(texts.items()):
        skim = parser.skim(Document("p", text))
        for stretch in skim.stretches:
            acts = np.array(
                [
                    float(
                        any(
                            e["trigger"][0] <= stretch.start + t.idx < e["trigger"][1]
                            for e in events
                            if e["type"] != "NONE"
                        )
                    )
                    for t in stretch.doc
                ],
                dtype=np.float32,
            )
            source = f"{split}-p{n}"
            out.append(Row(source, stretch.vectors.copy(), stretch.tags, acts, None))
    return out


class Head(nn.Module):
    """One hidden layer over vectors that are brought to one scale."""

    def __init__(self, x: torch.Tensor, hidden: int, out: int) -> None:
        super().__init__()
        self.mean, self.spread = x.mean(0), x.std(0) + 1e-6
        self.inner, self.drop = nn.Linear(x.shape[1], hidden), nn.Dropout(0.1)
        self.outer = nn.Linear(hidden, out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.outer(self.drop(torch.relu(self.inner((x - self.mean) / self.spread))))

    def arrays(self, name: str) -> dict[str, np.ndarray]:
        """The weights, with the scale folded in."""
        inner = self.inner.weight.detach() / self.spread
        bias = self.inner.bias.detach() - inner @ self.mean
        out, shift = self.outer.weight.detach().T, self.outer.bias.detach()
        parts = {"weights": inner.T, "bias": bias, "out": out, "shift": shift}
        return {f"{name}_{k}": v.numpy().astype(np.float32) for k, v in parts.items()}


def train_names(train: list[Row], held: list[Row]) -> tuple[Head, list[str]]:
    kinds = sorted({n for r in train for n in r.names or () if n != "O"})
    labels = ["O", *kinds]
    number = {label: n for n, label in enumerate(labels)}

    def of(rows: list[Row]) -> tuple[torch.Tensor, torch.Tensor]:
        named = [r for r in rows if r.names and len(r.tags)]
        x = np.concatenate([window(r.vectors) for r in named])
        y = [number.get(name, 0) for r in named for name in r.names or ()]
        return torch.tensor(x), torch.tensor(y)

    x, y = of(train)
    head = Head(x, HIDDEN["name"], len(labels))
    fit(
        head,
        EPOCHS["name"],
        len(x),
        256,
        lambda at: nn.functional.cross_entropy(head(x[at]), y[at]),
    )
    with torch.no_grad():
        x, y = of(held)
        print(f"names: {float((head(x).argmax(1) == y).float().mean()):.3f} of held-out words")
    return head, labels


def train_acts(train: list[Row], held: list[Row]) -> tuple[Head, float]:
    rows = [r for r in train if len(r.tags)]
    head = Head(torch.tensor(np.concatenate([r.vectors for r in rows])), HIDDEN["act"], 1)

    def loss(at: torch.Tensor) -> torch.Tensor:
        total = torch.zeros(())
        chosen = [(rows[n], carriers(rows[n].tags)) for n in at.tolist()]
        chosen = [(r, c) for r, c in chosen if c]
        if not chosen:
            return total
        x = torch.tensor(np.concatenate([r.vectors[c] for r, c in chosen]))
        y = torch.tensor(np.concatenate([r.acts[c] for r, c in chosen]))
        logits = head(x).squeeze(1)
        words = nn.functional.binary_cross_entropy_with_logits(
            logits, y, pos_weight=torch.tensor(3.0)
        )
        sizes = [len(c) for _, c in chosen]
        best = torch.stack([part.max() for part in logits.split(sizes)])
        any_act = torch.tensor([float(r.acts[c].any()) for r, c in chosen])
        return words + nn.functional.binary_cross_entropy_with_logits(best, any_act)

    fit(head, EPOCHS["act"], len(rows), 64, loss)
    scores, events = [], []
    with torch.no_grad():
        for row in held:
            places = carriers(row.tags)
            if places:
                scores.append(float(head(torch.tensor(row.vectors[places])).max()))
                events.append(float(row.acts.sum()))
    order = np.argsort(-np.array(scores))
    share = np.cumsum(np.array(events)[order]) / sum(events)
    for keep in (0.95, 0.97, 0.98, KEEP, 0.99):
        limit = scores[order[int(np.searchsorted(share, keep))]]
        passed = float(np.mean(np.array(scores) >= limit))
        print(
            f"acts: to keep {keep} of the events {passed:.3f} of the stretches pass ({limit:.2f})"
        )
    return head, scores[order[int(np.searchsorted(share, KEEP))]]


def fit(head: Head, epochs: int, count: int, batch: int, loss: Any) -> None:
    best = torch.optim.AdamW(head.parameters(), lr=2e-3, weight_decay=1e-3)
    for epoch in range(epochs):
        for group in best.param_groups:
            group["lr"] = 2e-3 * (1 - epoch / epochs) + 5e-5
        head.train()
        for at in torch.randperm(count).split(batch):
            value = loss(at)
            if value.requires_grad:
                best.zero_grad()
                value.backward()
                best.step()
    head.eval()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--read", type=Path, required=True)
    options.add_argument("--cache", type=Path, help="keep what the teachers said")
    options.add_argument("--write", action="store_true")
    o = options.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    if o.cache and o.cache.exists():
        told = pickle.loads(o.cache.read_bytes())  # noqa: S301 - our own file
    else:
        told = rows_of_articles(articles(o.read))
        if o.cache:
            o.cache.write_bytes(pickle.dumps(told))
    own = rows_of_passages()
    names = sorted({r.source for r in told})
    apart = set(names[::6])
    held = [r for r in told if r.source in apart]
    train = [r for r in told if r.source not in apart]
    print(f"{len(train)} stretches of articles, {len(own)} of passages, {len(held)} held out")
    name_head, labels = train_names(train, held)
    act_head, limit = train_acts([*train, *(r for r in own if r.source.startswith("train"))], held)
    if o.write:
        np.savez(
            TARGET,
            **name_head.arrays("name"),
            **{k: v[:, 0] if k == "act_out" else v for k, v in act_head.arrays("act").items()},
            limit=np.float32(limit),
            labels=np.array(labels),
        )


if __name__ == "__main__":
    main()
