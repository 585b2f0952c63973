"""The vectors of words as spaCy's tok2vec gives them, with less work.

A word's embedding depends on the word alone, so it is made once; what looks at the neighbours (four
residual layers of windows of three words, maxout, layer norm) is a few matrix products over all
stretches of a document. The same numbers but for the order of sums (``tests/parse`` compares).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from spacy.tokens import Doc as SpacyDoc

Floats = npt.NDArray[np.float32]
_MOST = 120_000  # words whose embedding is kept: 46 MB
_COLUMNS: list[int | str] = ["NORM", "PREFIX", "SUFFIX", "SHAPE", "SPACY", "IS_SPACE"]


@dataclass(frozen=True, slots=True)
class _Layer:
    """A window layer: weights (window * width, pieces * width), and of its norm."""

    weights: Floats
    bias: Floats
    scale: Floats
    shift: Floats


class Vectors:
    """A tok2vec component, taken apart."""

    def __init__(self, embed: Any, layers: Sequence[_Layer], width: int) -> None:
        self._embed = embed
        self._layers = tuple(layers)
        self._width = width
        self._pad = len(layers)
        self._places: dict[tuple[int, ...], int] = {}
        self._table = np.zeros((4096, width), dtype=np.float32)

    @classmethod
    def of(cls, component: Any) -> Vectors | None:
        """None where the component is built in another way: it then runs as it is."""
        try:
            model = component.model
            embed, encode = model.get_ref("embed"), model.get_ref("encode")
            if embed.layers[0].attrs["columns"] != _COLUMNS:
                return None
            blocks = encode.layers[0].layers
            layers = []
            for block in blocks:
                nodes = {node.name: node for node in block.layers[0].walk()}
                if nodes["expand_window"].attrs["window_size"] != 1:
                    return None
                weights = nodes["maxout"].get_param("W")  # width, pieces, window * width
                width, pieces, seen = weights.shape
                if seen != 3 * width:
                    return None
                flat = weights.transpose(1, 0, 2).reshape(pieces * width, seen)
                bias = nodes["maxout"].get_param("b").T.reshape(-1)
                norm = nodes["layernorm"]
                layers.append(
                    _Layer(
                        np.ascontiguousarray(flat.T),
                        np.ascontiguousarray(bias),
                        norm.get_param("G"),
                        norm.get_param("b"),
                    )
                )
            if encode.attrs["pad"] != len(layers) or not layers:
                return None
            return cls(embed, layers, width)
        except (AttributeError, KeyError, ValueError, IndexError):
            return None

    def set(self, docs: Sequence[SpacyDoc]) -> None:
        """Give every document its ``tensor``, a vector of a row a word."""
        pad, width = self._pad, self._width
        arrays = [doc.to_array(_COLUMNS) for doc in docs]
        words = self._embedded(np.concatenate(arrays))
        states: Floats = np.zeros((len(words) + pad * (len(docs) + 1), width), dtype=np.float32)
        places, at, begin = [], pad, 0
        for array in arrays:
            places.append(at)
            states[at : at + len(array)] = words[begin : begin + len(array)]
            at, begin = at + len(array) + pad, begin + len(array)
        size = len(states)
        seen: Floats = np.zeros((size, 3 * width), dtype=np.float32)
        for layer in self._layers:
            seen[1:, :width] = states[:-1]
            seen[:, width : 2 * width] = states
            seen[:-1, 2 * width :] = states[1:]
            out: Floats = seen @ layer.weights
            out += layer.bias
            best: Floats = out[:, :width]
            for begin in range(width, out.shape[1], width):
                best = np.maximum(best, out[:, begin : begin + width])
            best -= best.mean(axis=1, keepdims=True)
            spread = np.einsum("ij,ij->i", best, best) / np.float32(width) + np.float32(1e-8)
            best *= (1.0 / np.sqrt(spread))[:, None]
            best *= layer.scale
            best += layer.shift
            states += best
        for doc, array, begin in zip(docs, arrays, places, strict=True):
            tensor: Any = states[begin : begin + len(array)]
            doc.tensor = tensor

    def _embedded(self, array: npt.NDArray[np.uint64]) -> Floats:
        """The embedding of each word (a row of its features), before it has seen its neighbours."""
        keys = list(map(tuple, array.tolist()))
        places = self._places
        missing = {key: n for n, key in enumerate(keys) if key not in places}
        if missing:
            if len(places) + len(missing) > _MOST:
                places.clear()
                missing = {key: n for n, key in enumerate(keys)}
            made: Any = [array[list(missing.values())]]
            for layer in self._embed.layers[1:]:
                made = layer.predict(made)
            first = len(places)
            while len(self._table) < first + len(missing):
                self._table = np.concatenate([self._table, np.zeros_like(self._table)])
            self._table[first : first + len(missing)] = made[0]
            places.update((key, first + n) for n, key in enumerate(missing))
        found: Floats = self._table[[places[key] for key in keys]]
        return found
