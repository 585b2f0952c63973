"""The learned model at run time: an 8-bit encoder in onnxruntime, and small heads in numpy.

One pass a sentence gives a state for every word; the heads read from a word's state which of the
16 types it carries, or none, and how the act stands; and from a word's and a mention's states
whether the mention acts, is acted on, or speaks. How it was trained: ``training/MODEL_CARD.md``.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from ..model import Parsed
from .words import distance, lemmas, may_carry, way

if TYPE_CHECKING:
    from spacy.tokens import Token

Floats = npt.NDArray[np.float32]
BATCH = 12  # sentences a pass; 8 to 16 were fastest on one core
FILES = ("encoder.onnx", "heads.npz", "tokenizer.json")
RULES = ("decision.toml", "first.toml")  # fitted beside them: part of the hash


@dataclass(frozen=True, slots=True)
class Labels:
    """The names behind the numbers of each head (``data/model/model.toml``)."""

    types: tuple[str, ...]
    statuses: tuple[str, ...]
    voices: tuple[str, ...]
    modes: tuple[str, ...]
    ways: Mapping[str, int]
    max_pieces: int


def folder() -> Path:
    """Where the shipped model lies."""
    return Path(str(resources.files("whowhom.data").joinpath("model")))


@lru_cache(maxsize=1)
def weights_hash() -> str:
    """Hash over the hashes of the model's files, checked: part of a run's fingerprint.

    Raises:
        DataError: a file is missing or not the one that was trained.
    """
    root = folder()
    expected = dict(_manifest()["sha256"])
    digest = hashlib.sha256()
    for name in FILES:
        path = root / name
        found = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "missing"
        if found != expected.get(name):
            raise DataError(
                f"the learned model's {name} is not the one that was trained ({found[:12]})",
                where=str(path),
                do="Install whowhom again.",
            )
        digest.update(found.encode())
    for name in RULES:
        digest.update((root / name).read_bytes())
    return f"minilm sha256:{digest.hexdigest()[:12]}"


def _manifest() -> dict[str, Any]:
    path = folder() / "model.toml"
    if not path.exists():
        raise DataError(
            "the learned model is missing", where=str(path), do="Install whowhom again."
        )
    return tomllib.loads(path.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class FirstTest:
    """A cheap test of a sentence's words (``data/model/first.toml``, ``training/first.py``): what
    it lets go is not read by the encoder, which costs as much as the parse."""

    bias: float
    limit: float
    weights: Mapping[str, float]

    def passes(self, tokens: Iterable[Token]) -> bool:
        """Whether a sentence may hold an event, as far as its words tell."""
        return (
            self.bias + sum(self.weights.get(w, 0.0) for w in sorted(lemmas(tokens))) >= self.limit
        )


@lru_cache(maxsize=1)
def first_test() -> FirstTest:
    path = folder() / "first.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return FirstTest(data["bias"], data["limit"], data["weights"])


class WordReader:
    """The model, loaded once."""

    def __init__(self) -> None:
        """Load encoder, heads and tokenizer.

        Raises:
            DataError: a file is missing or not the one that was trained.
        """
        import onnxruntime  # half a second: only where something is coded
        from tokenizers import Tokenizer

        self.label = weights_hash()
        manifest = _manifest()
        self.labels = Labels(
            tuple(manifest["types"]),
            tuple(manifest["statuses"]),
            tuple(manifest["voices"]),
            tuple(manifest["modes"]),
            {name: n + 1 for n, name in enumerate(manifest["ways"])},
            int(manifest["max_pieces"]),
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # workers are processes; and one order of sums
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        root = folder()
        self.session = onnxruntime.InferenceSession(
            str(root / "encoder.onnx"), options, providers=["CPUExecutionProvider"]
        )
        with np.load(root / "heads.npz") as heads:
            self.heads: dict[str, Floats] = {name: heads[name] for name in heads.files}
        self.tokenizer = Tokenizer.from_file(str(root / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self.first = first_test()

    def worth_reading(self, parsed: Parsed, sentences: Iterable[int]) -> list[int]:
        """Those of the sentences, by position, that pass the first test; headlines always do."""
        chosen = []
        for position in sentences:
            sentence = parsed.sentences[position]
            tokens = (parsed.doc[i] for i in range(sentence.first, sentence.last))
            if sentence.number == 0 or self.first.passes(tokens):
                chosen.append(position)
        return chosen

    def read(self, parsed: Parsed, sentences: Iterable[int] | None = None) -> Scores:
        """What the model says of a document's words.

        ``sentences`` are positions in ``parsed.sentences`` to read, None is all. A document is
        always read in the same batches, so that its figures do not depend on its neighbours.
        """
        limit = self.labels.max_pieces
        wanted = range(len(parsed.sentences)) if sentences is None else sorted(sentences)
        rows: list[tuple[list[int], list[tuple[int, int]]]] = []
        for position in wanted:
            sentence = parsed.sentences[position]
            tokens = [parsed.doc[i] for i in range(sentence.first, sentence.last)]
            encoded = self.tokenizer.encode([t.text for t in tokens], is_pretokenized=True)
            words: list[tuple[int, int]] = []
            last = -1
            for n, word in enumerate(encoded.word_ids[:limit]):
                if word is not None and word != last:
                    words.append((tokens[word].i, n))
                    last = word
            if words:
                rows.append((encoded.ids[:limit], words))
        rows.sort(key=lambda row: len(row[0]))
        states: dict[int, Floats] = {}
        for begin in range(0, len(rows), BATCH):
            batch = rows[begin : begin + BATCH]
            width = max(len(pieces) for pieces, _ in batch)
            ids = np.zeros((len(batch), width), dtype=np.int64)
            mask = np.zeros((len(batch), width), dtype=np.int64)
            for n, (pieces, _) in enumerate(batch):
                ids[n, : len(pieces)] = pieces
                mask[n, : len(pieces)] = 1
            (out,) = self.session.run(None, {"pieces": ids, "mask": mask})
            for n, (_, words) in enumerate(batch):
                for token, piece in words:
                    states[token] = out[n, piece]
        return Scores(self.labels, self.heads, states, parsed)


class Scores:
    """What the model says of the words of one document: probabilities, 0 to 1."""

    def __init__(
        self,
        labels: Labels,
        heads: Mapping[str, Floats],
        states: Mapping[int, Floats],
        parsed: Parsed,
    ) -> None:
        self.labels, self.heads, self.states, self.parsed = labels, heads, states, parsed
        carriers = [i for i in sorted(states) if may_carry(parsed.doc[i])]
        self._kinds: dict[int, Floats] = {}
        if carriers:
            logits = self._linear("kind", np.stack([states[i] for i in carriers]))
            self._kinds = dict(zip(carriers, _softmax(logits), strict=True))

    def _linear(self, name: str, rows: Floats) -> Floats:
        out: Floats = rows @ self.heads[f"{name}_weight"].T + self.heads[f"{name}_bias"]
        return out

    def carriers(self) -> list[int]:
        """Indices of the words that were read and may carry an event."""
        return list(self._kinds)

    def kinds(self, token: int) -> dict[str, float] | None:
        """Probability of each type, and of NONE, on a word; None where it was not read."""
        row = self._kinds.get(token)
        if row is None:
            state = self.states.get(token)
            if state is None:
                return None
            row = _softmax(self._linear("kind", state[None]))[0]
        return dict(zip(self.labels.types, map(float, row), strict=True))

    def statuses(self, token: int) -> dict[str, float] | None:
        """Probability of each status of the act that a word carries."""
        return self._named("status", token, self.labels.statuses)

    def voices(self, token: int) -> dict[str, float] | None:
        return self._named("voice", token, self.labels.voices)

    def mode(self, token: int, event_type: str) -> tuple[str | None, float] | None:
        """The likeliest mode of an act of a type, None where it has none, and its share."""
        found = self._named("mode", token, self.labels.modes)
        if found is None:
            return None
        mine = {n: p for n, p in found.items() if n.split("/")[0] == event_type}
        total = sum(mine.values())
        if not mine or total <= 0:
            return None
        best = max(sorted(mine), key=mine.__getitem__)
        return (best.split("/")[1] if "/" in best else None), mine[best] / total

    def _named(self, head: str, token: int, names: Sequence[str]) -> dict[str, float] | None:
        state = self.states.get(token)
        if state is None:
            return None
        row = _softmax(self._linear(head, state[None]))[0]
        return dict(zip(names, map(float, row), strict=True))

    def roles(self, trigger: Token, mentions: Sequence[Token]) -> list[tuple[float, ...]]:
        """For each mention: probability of no part, actor, recipient, speaker."""
        state = self.states.get(trigger.i)
        known = [m for m in mentions if m.i in self.states]
        found: dict[int, tuple[float, ...]] = {}
        if state is not None and known:
            left = self._linear("left", state[None])
            right = self._linear("right", np.stack([self.states[m.i] for m in known]))
            left = np.repeat(left, len(known), axis=0)
            ways = [self.labels.ways.get(way(trigger, m), 0) for m in known]
            far = [distance(trigger, m) + 4 for m in known]
            joined = np.concatenate(
                [
                    left,
                    right,
                    left * right,
                    self.heads["way_weight"][ways],
                    self.heads["dist_weight"][far],
                ],
                axis=1,
            )
            hidden = np.maximum(self._linear("role1", joined), 0)
            rows = _softmax(self._linear("role2", hidden))
            found = {m.i: tuple(map(float, row)) for m, row in zip(known, rows, strict=True)}
        return [found.get(m.i, (1.0, 0.0, 0.0, 0.0)) for m in mentions]


def _softmax(logits: Floats) -> Floats:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    out: Floats = shifted / shifted.sum(axis=-1, keepdims=True)
    return out
