#!/usr/bin/env python3
"""Turn a checkpoint of train.py into what ships: ``export.py CHECKPOINT [FOLDER]``.

Writes into the package's ``data/model``: ``encoder.onnx`` (8-bit weights, dynamic), ``heads.npz``
(the small heads, 32-bit), ``tokenizer.json`` and ``model.toml`` (labels, hashes, how it was made).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn
from train import BASE, MAX_PIECES, STATUSES, TYPES, VOICES, Model, shape

TARGET = Path(__file__).resolve().parents[1] / "src" / "whowhom" / "data" / "model"


class States(nn.Module):
    """The encoder alone: pieces and mask in, states out."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def forward(self, pieces: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.model.states(pieces, mask)


def export_encoder(model: Model, target: Path) -> None:
    """The encoder as ONNX with 8-bit weights of seven bits' range: processors without VNNI add
    pairs of products in 16 bits, which eight bits could overflow, so that machines would differ."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        example = torch.ones(2, 12, dtype=torch.long)
        torch.onnx.export(
            States(model).eval(),
            (example, example),
            str(plain),
            input_names=["pieces", "mask"],
            output_names=["states"],
            dynamic_axes={n: {0: "batch", 1: "width"} for n in ("pieces", "mask", "states")},
            opset_version=17,
            dynamo=False,
        )
        onnx.checker.check_model(str(plain))
        quantize_dynamic(
            plain,
            target,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
        )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("checkpoint", type=Path)
    options.add_argument("folder", type=Path, nargs="?", default=TARGET)
    options.add_argument(
        "--layers", type=int, help="fewer layers; distil.py teaches the last but one"
    )
    o = options.parse_args()
    saved, target = torch.load(o.checkpoint, weights_only=False), o.folder
    target.mkdir(parents=True, exist_ok=True)
    model = Model(len(saved["modes"]), saved["ways"])
    if "layers" in saved:  # made by distil.py
        shape(model, saved["layers"], saved["inner"])
    model.load_state_dict(saved["model"])
    if o.layers:
        model.encoder.encoder.layer = model.encoder.encoder.layer[: o.layers]
    model.eval()
    export_encoder(model, target / "encoder.onnx")
    heads = {
        name.replace(".", "_"): value.numpy().astype(np.float32)
        for name, value in model.state_dict().items()
        if not name.startswith("encoder")
    }
    np.savez(target / "heads.npz", **heads)
    shutil.copyfile(BASE / "tokenizer.json", target / "tokenizer.json")
    lists = {
        "types": TYPES,
        "statuses": STATUSES,
        "voices": VOICES,
        "modes": saved["modes"],
        "ways": saved["ways"],
    }
    lines = [
        "# Made by training/export.py; what it is and how it was trained: training/MODEL_CARD.md",
        f"max_pieces = {MAX_PIECES}",
        f"sentences = {saved['n']}",
        *(f"{name} = {json.dumps(values)}" for name, values in lists.items()),
        "[sha256]",
    ]
    for name in ("encoder.onnx", "heads.npz", "tokenizer.json"):
        digest = hashlib.sha256((target / name).read_bytes()).hexdigest()
        lines.append(f'"{name}" = "{digest}"')
    (target / "model.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for file in sorted(target.iterdir()):
        print(f"{file.name}: {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
