#!/usr/bin/env python3
"""A smaller encoder that says what the large one says: ``distil.py TEACHER OUT [--read F.jsonl]``.

Every second of the teacher's six layers is kept, in each the INNER units of the feed-forward part
that say most, and the three are trained until the states that they give the words of a sentence
are the teacher's (mean squared error, and the divergence of the
types, the statuses and the roles' projections that its heads read from them). The heads stay as
they are. The text is the project's own and, where ``--read`` is given, further articles (a JSON
object with ``title`` and ``text`` a line): only as words to read, no label comes from there.
The second layer is taught as well, so that ``export.py --layers 2`` gives a still smaller model.
Checkpoints after every epoch (``OUT/last.pt``); started again it goes on from there.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import time
from pathlib import Path

import numpy as np
import torch
from build import read
from tokenizers import Tokenizer
from torch import nn
from train import BASE, Model, shape

from whowhom.parse import load_pipeline

LAYERS = (1, 3, 5)  # of the teacher, counted from 0
INNER = 512  # units of a feed-forward part, of 1,536
MOST_PIECES = 96
_END = re.compile(r"(?<=[.!?])[\"”’']?\s+(?=[\"“‘A-Z])|\n+")


def sentences(further: Path | None, most: int) -> list[str]:
    """The project's sentences and a sample of the further ones, each once."""
    own = {made["text"]: None for _, made in read() if not isinstance(made, str)}
    if further is None:
        return list(own)
    found: dict[str, None] = {}
    for line in further.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        for part in (record.get("title") or "", *_END.split(record["text"])):
            words = part.split()
            if 5 <= len(words) <= 60:
                found[" ".join(words)] = None
    rng = random.Random(0)
    return [*own, *rng.sample(list(found), min(most, len(found)))]


def encoded(texts: list[str], tokenizer: Tokenizer) -> list[tuple[list[int], list[int]]]:
    """Pieces of each sentence, and the first piece of each of its words, shortest first."""
    nlp = load_pipeline()
    rows = []
    for text in texts:
        words = [t.text for t in nlp.make_doc(text)]
        found = tokenizer.encode(words, is_pretokenized=True)
        first, last = [], None
        for n, word in enumerate(found.word_ids):
            if word is not None and word != last and words[word][0].isalpha():
                first.append(n)
                last = word
        if first and len(found.ids) <= MOST_PIECES:
            rows.append((found.ids, first))
    return sorted(rows, key=lambda row: (len(row[0]), row[0]))


def padded(rows: list[tuple[list[int], list[int]]]) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(len(pieces) for pieces, _ in rows)
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    for n, (pieces, _) in enumerate(rows):
        ids[n, : len(pieces)] = torch.tensor(pieces)
    return ids, (ids > 0).long()


def divergence(model: Model, ours: torch.Tensor, theirs: torch.Tensor) -> torch.Tensor:
    """How far what the heads read from the two differs, over words: types over all, status and
    mode over those that may carry an act, in the measure that they do."""
    kinds = model.kind(theirs).log_softmax(-1)
    weight = 1 - kinds[:, 0].exp()
    weight = weight / weight.mean().clamp(min=1e-3)
    total = torch.zeros(())
    for head, share in ((model.kind, 1.0), (model.status, 0.4), (model.mode, 0.2)):
        aim = head(theirs).log_softmax(-1)
        apart = nn.functional.kl_div(
            head(ours).log_softmax(-1), aim, reduction="none", log_target=True
        ).sum(-1)
        every = 1.0 if head is model.kind else 0.0
        total = total + share * (apart * (every + weight)).mean()
    for head in (model.left, model.right):
        total = total + 0.2 * nn.functional.mse_loss(head(ours), head(theirs))
    return total


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("teacher", type=Path)
    options.add_argument("out", type=Path)
    options.add_argument("--read", type=Path)
    options.add_argument("--start", type=Path, help="a checkpoint of this program to go on from")
    options.add_argument("--most", type=int, default=20_000, help="further sentences")
    options.add_argument("--epochs", type=int, default=3)
    options.add_argument("--rate", type=float, default=4e-4)
    options.add_argument("--batch", type=int, default=24)
    options.add_argument("--threads", type=int, default=1)
    o = options.parse_args()
    torch.set_num_threads(o.threads)
    torch.manual_seed(0)
    o.out.mkdir(parents=True, exist_ok=True)
    saved = torch.load(o.teacher, weights_only=False)
    model = Model(len(saved["modes"]), saved["ways"])
    model.load_state_dict(saved["model"])
    model.eval()
    tokenizer = Tokenizer.from_file(str(BASE / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    rows = encoded(sentences(o.read, o.most), tokenizer)
    groups = [rows[n : n + o.batch] for n in range(0, len(rows), o.batch)]
    sizes = [len(g) * max(len(p) for p, _ in g) for g in groups]
    print(len(rows), "sentences", sum(len(p) for p, _ in rows), "pieces", flush=True)

    # what the teacher says, once
    starts = [sum(sizes[:n]) for n in range(len(sizes))]
    known = o.out / "aims.npy"
    aims = np.load(known, mmap_mode="r") if known.exists() else None
    begun = time.time()
    if aims is None or len(aims) != sum(sizes):
        made = np.lib.format.open_memmap(
            o.out / "aims.new", mode="w+", dtype=np.float16, shape=(sum(sizes), 384)
        )
        with torch.no_grad():
            for n, group in enumerate(groups):
                ids, mask = padded(group)
                states = model.states(ids, mask).reshape(-1, 384)
                made[starts[n] : starts[n] + sizes[n]] = states.numpy()
                if n % 200 == 0:
                    print("teacher", n, len(groups), f"{time.time() - begun:.0f} s", flush=True)
        made.flush()
        (o.out / "aims.new").rename(known)
        aims = np.load(known, mmap_mode="r")

    if o.start is None:
        narrow(model, [groups[n] for n in range(0, len(groups), max(1, len(groups) // 40))])
        layers = [model.encoder.encoder.layer[n] for n in LAYERS]
        model.encoder.encoder.layer = nn.ModuleList(layers)
        model.encoder.config.num_hidden_layers = len(layers)
    else:
        shape(model, len(LAYERS), INNER)
        model.load_state_dict(torch.load(o.start, weights_only=False)["model"])
    for part in model.parameters():
        part.requires_grad_(False)
    for part in model.encoder.encoder.parameters():
        part.requires_grad_(True)
    trained = [p for p in model.parameters() if p.requires_grad]
    best = torch.optim.AdamW(trained, lr=o.rate, weight_decay=0.01)
    steps = o.epochs * len(groups)
    plan = torch.optim.lr_scheduler.LambdaLR(
        best,
        lambda s: min(1.0, (s + 1) / 150) * (0.02 + 0.49 * (1 + math.cos(math.pi * s / steps))),
    )
    first = 0
    if (o.out / "last.pt").exists():
        before = torch.load(o.out / "last.pt", weights_only=False)
        model.load_state_dict(before["model"])
        best.load_state_dict(before["best"])
        plan.load_state_dict(before["plan"])
        first = before["epoch"]
    held = set(random.Random(1).sample(range(len(groups)), max(1, len(groups) // 50)))
    for epoch in range(first, o.epochs):
        order = [n for n in range(len(groups)) if n not in held]
        random.Random(epoch).shuffle(order)
        mean, begun = 0.0, time.time()
        for step, n in enumerate(order):
            loss = lossed(model, groups[n], aims[starts[n] : starts[n] + sizes[n]])
            best.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(trained, 1.0)
            best.step()
            plan.step()
            mean += 0.02 * (float(loss) - mean) if step else float(loss)
            if step % 100 == 0:
                print(
                    epoch, step, len(order), f"{mean:.4f} {time.time() - begun:.0f} s", flush=True
                )
        with torch.no_grad():
            apart = [
                float(lossed(model, groups[n], aims[starts[n] : starts[n] + sizes[n]]))
                for n in sorted(held)
            ]
        print("epoch", epoch, "held-out", sum(apart) / len(apart), flush=True)
        torch.save(
            {
                **{k: saved[k] for k in ("modes", "ways", "n")},
                "model": model.state_dict(),
                "layers": len(LAYERS),
                "inner": INNER,
                "best": best.state_dict(),
                "plan": plan.state_dict(),
                "epoch": epoch + 1,
            },
            o.out / "last.pt",
        )


@torch.no_grad()
def narrow(model: Model, groups: list[list[tuple[list[int], list[int]]]]) -> None:
    """Leave of each feed-forward part the units that weigh most: how large a unit is over some
    text, times how far it reaches into the states."""
    for n in LAYERS:
        layer = model.encoder.encoder.layer[n]
        inner, outer = layer.intermediate.dense, layer.output.dense
        size = torch.zeros(inner.out_features)

        def note(_: nn.Module, __: object, out: torch.Tensor, size: torch.Tensor = size) -> None:
            size += out.abs().mean((0, 1))

        hook = layer.intermediate.register_forward_hook(note)
        for group in groups:
            model.states(*padded(group))
        hook.remove()
        best = (size * outer.weight.norm(dim=0)).topk(INNER).indices.sort().values
        layer.intermediate.dense = nn.Linear(inner.in_features, INNER)
        layer.output.dense = nn.Linear(INNER, outer.out_features)
        layer.intermediate.dense.weight.copy_(inner.weight[best])
        layer.intermediate.dense.bias.copy_(inner.bias[best])
        layer.output.dense.weight.copy_(outer.weight[:, best])
        layer.output.dense.bias.copy_(outer.bias)


def lossed(model: Model, group: list[tuple[list[int], list[int]]], aim: np.ndarray) -> torch.Tensor:
    ids, mask = padded(group)
    aims = torch.from_numpy(np.asarray(aim, dtype=np.float32)).reshape(*ids.shape, 384)
    hidden = model.encoder(input_ids=ids, attention_mask=mask, output_hidden_states=True)
    at = torch.tensor([(n, f) for n, (_, firsts) in enumerate(group) for f in firsts])
    theirs = aims[at[:, 0], at[:, 1]]
    total = torch.zeros(())
    for weight, states in ((1.0, hidden.hidden_states[-1]), (0.3, hidden.hidden_states[-2])):
        ours = states[at[:, 0], at[:, 1]]
        apart = nn.functional.mse_loss(ours, theirs) * 10
        total = total + weight * (apart + divergence(model, ours, theirs))
    return total


if __name__ == "__main__":
    main()
