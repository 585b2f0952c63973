"""The first look at a text, before anything is parsed: two small heads on the vectors of its words.

One says how likely a word carries an event, so that stretches without any are not read by the
encoder; one marks names (persons, organisations, places, ...), as spaCy's recogniser of names
would, at a hundredth of its cost. Both were made by ``training/first.py`` from what the whole
pipeline and spaCy's recogniser say; numbers and names are in ``data/model/first.npz``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from ..parse.annotate import Stretch

Floats = npt.NDArray[np.float32]
_CARRIERS = ("VB", "NN", "JJ")  # tags of the words that may carry an event


@dataclass(frozen=True, slots=True)
class FirstLook:
    """The two heads. Vectors are rows of spaCy's tok2vec, of one stretch each."""

    act: tuple[Floats, Floats, Floats, Floats]
    name: tuple[Floats, Floats, Floats, Floats]
    limit: float
    labels: tuple[str, ...]  # "O", "B-PERSON", "I-PERSON", ...

    def passes(self, vectors: Floats, tags: Sequence[str]) -> bool:
        """Whether a stretch may hold an event."""
        rows = carriers(tags)
        return bool(rows) and bool(_head(self.act, vectors[rows]).max() >= self.limit)

    def names(self, vectors: Sequence[Floats]) -> list[list[tuple[str, str]]]:
        """For every word of every stretch ``("B" | "I" | "O", kind)``."""
        if not vectors:
            return []
        seen = np.concatenate([_window(rows) for rows in vectors])
        best = _head(self.name, seen).argmax(axis=1).tolist()
        out: list[list[tuple[str, str]]] = []
        at = 0
        for rows in vectors:
            marks: list[tuple[str, str]] = []
            before = ""
            for label in best[at : at + len(rows)]:
                mark, _, kind = self.labels[label].partition("-")
                if mark == "I" and kind != before:
                    mark = "B"
                marks.append((mark, kind))
                before = kind
            out.append(marks)
            at += len(rows)
        return out


def carriers(tags: Sequence[str]) -> list[int]:
    """Places of the words that may carry an event, by their tags."""
    return [n for n, tag in enumerate(tags) if tag[:2] in _CARRIERS]


def acting(stretch: Stretch) -> list[int]:
    """Indices in the document of a stretch's words that may carry an event."""
    return [stretch.first + n for n in carriers(stretch.tags)]


def _window(rows: Floats) -> Floats:
    """Each word beside the word before and the word after it."""
    width = rows.shape[1]
    out = np.zeros((len(rows), 3 * width), dtype=np.float32)
    out[1:, :width] = rows[:-1]
    out[:, width : 2 * width] = rows
    out[:-1, 2 * width :] = rows[1:]
    return out


def _head(layers: tuple[Floats, Floats, Floats, Floats], rows: Floats) -> Floats:
    weights, bias, out, shift = layers
    found: Floats = np.maximum(rows @ weights + bias, 0) @ out + shift
    return found


@lru_cache(maxsize=1)
def first_look() -> FirstLook:
    """The shipped heads."""
    path = Path(str(resources.files("whowhom.data").joinpath("model", "first.npz")))
    with np.load(path) as data:

        def head(name: str) -> tuple[Floats, Floats, Floats, Floats]:
            parts = ("weights", "bias", "out", "shift")
            weights, bias, out, shift = (data[f"{name}_{part}"] for part in parts)
            return weights, bias, out, shift

        return FirstLook(
            head("act"), head("name"), float(data["limit"]), tuple(map(str, data["labels"]))
        )
