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
from .first import first_look
from .words import distance, may_carry, way

if TYPE_CHECKING:
    from ..parse.tokens import Token

Floats = npt.NDArray[np.float32]
_MOST = 200_000  # words whose pieces are remembered
BATCH = 12  # sentences a pass; 8 to 16 were fastest on one core
FILES = ("encoder.onnx", "heads.npz", "tokenizer.json")
RULES = ("decision.toml", "first.npz")  # fitted beside them: part of the hash


@dataclass(frozen=True, slots=True)
class Labels:
    """The names behind the numbers of each head (``data/model/model.toml``)."""

    types: tuple[str, ...]
    statuses: tuple[str, ...]
    voices: tuple[str, ...]
    modes: tuple[str, ...]
    ways: Mapping[str, int]
    max_pieces: int
    modes_of: Mapping[str, Sequence[int]]  # places in ``modes`` of each type's, by name


def folder() -> Path:
    """Where the shipped model lies."""
    return Path(str(resources.files("whowhom.data").joinpath("model")))


def _by_type(modes: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for name, n in sorted((name, n) for n, name in enumerate(modes)):
        found.setdefault(name.partition("/")[0], []).append(n)
    return found


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
            _by_type(manifest["modes"]),
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
        opening, closing = self.tokenizer.encode("").ids
        self._ends: tuple[int, int] = (opening, closing)
        self._pieces: dict[str, list[int]] = {}  # of every word that was met
        self.first = first_look()

    def read(self, parsed: Parsed, sentences: Iterable[int] | None = None) -> Scores:
        """What the model says of a document's words.

        ``sentences`` are positions in ``parsed.sentences`` to read, None is all. A document is
        always read in the same batches, so that its figures do not depend on its neighbours.
        """
        wanted = range(len(parsed.sentences)) if sentences is None else sorted(sentences)
        chosen = (parsed.sentences[position] for position in wanted)
        texts = parsed.doc.tokens
        return self.states(
            (s.first, [t.text for t in texts[s.first : s.last]]) for s in chosen
        ).scores(parsed)

    def states(self, pieces_of_text: Iterable[tuple[int, Sequence[str]]]) -> States:
        """The states of words: for each piece of text the index of its first word and its words."""
        limit = self.labels.max_pieces
        pieces = list(pieces_of_text)
        rows: list[tuple[list[int], list[int], list[int]]] = []
        self._learn({word for _, texts in pieces for word in texts})
        known, (opening, closing) = self._pieces, self._ends
        for first, texts in pieces:
            sentence, words, places = [opening], [], []
            for n, text in enumerate(texts):
                of_word = known[text]
                if of_word and len(sentence) < limit:
                    words.append(first + n)
                    places.append(len(sentence))
                    sentence += of_word
            if words:
                rows.append(([*sentence, closing][:limit], words, places))
        rows.sort(key=lambda row: len(row[0]))
        index: dict[int, int] = {}
        parts: list[Floats] = []
        for begin in range(0, len(rows), BATCH):
            batch = rows[begin : begin + BATCH]
            width = max(len(ids) for ids, _, _ in batch)
            ids = np.zeros((len(batch), width), dtype=np.int64)
            mask = np.zeros((len(batch), width), dtype=np.int64)
            for n, (row, _, _) in enumerate(batch):
                ids[n, : len(row)] = row
                mask[n, : len(row)] = 1
            (out,) = self.session.run(None, {"pieces": ids, "mask": mask})
            for n, (_, words, places) in enumerate(batch):
                at = len(index)
                index.update((word, at + k) for k, word in enumerate(words))
                parts.append(out[n, places])
        size = self.heads["kind_weight"].shape[1]
        table = np.concatenate(parts) if parts else np.zeros((0, size), dtype=np.float32)
        return States(self.labels, self.heads, index, table)

    def _learn(self, words: set[str]) -> None:
        """Have the pieces of these words: a word's pieces depend on the word alone."""
        new = [word for word in words if word not in self._pieces]
        if len(self._pieces) + len(new) > _MOST:
            self._pieces.clear()
            new = list(words)
        found = self.tokenizer.encode_batch([[word] for word in new], is_pretokenized=True)
        self._pieces.update((w, f.ids[1:-1]) for w, f in zip(new, found, strict=True))


class States:
    """The states of the words of one document that were read, and what they carry."""

    def __init__(
        self, labels: Labels, heads: Mapping[str, Floats], index: dict[int, int], table: Floats
    ) -> None:
        self.labels, self.heads, self.index, self.table = labels, heads, index, table
        logits = linear(heads, "kind", table)
        self.chances: Floats = _softmax(logits) if len(table) else logits
        none = labels.types.index("NONE")
        self.acts: Floats = 1 - self.chances[:, none]

    def act(self, words: Iterable[int]) -> float:
        """The greatest chance of one of these words that it carries an event; 0 where none was
        read."""
        rows = [self.index[word] for word in words if word in self.index]
        return float(self.acts[rows].max()) if rows else 0.0

    def scores(self, parsed: Parsed) -> Scores:
        return Scores(self, parsed)


class Scores:
    """What the model says of the words of one document: probabilities, 0 to 1."""

    def __init__(self, states: States, parsed: Parsed) -> None:
        self.labels, self.heads, self.parsed = states.labels, states.heads, parsed
        self._states = states
        self._index = states.index
        self._sides: dict[str, Floats] = {}

    def _linear(self, name: str, rows: Floats) -> Floats:
        return linear(self.heads, name, rows)

    @property
    def types(self) -> tuple[str, ...]:
        return self.labels.types

    def carriers(self) -> list[int]:
        """Indices of the words that were read and may carry an event."""
        return [i for i in sorted(self._index) if may_carry(self.parsed.doc[i])]

    def likely(self, first: int, last: int, chance: float) -> list[int]:
        """Indices, from ``first`` up to ``last`` (exclusive), of the words that were read and
        carry an event with this chance or a greater one."""
        index, acts = self._index, self._states.acts
        return [i for i in range(first, last) if i in index and acts[index[i]] >= chance]

    def kinds(self, token: int) -> dict[str, float] | None:
        """Probability of each type, and of NONE, on a word; None where it was not read."""
        row = self._index.get(token)
        if row is None:
            return None
        chances: list[float] = self._states.chances[row].tolist()
        return dict(zip(self.labels.types, chances, strict=True))

    def statuses(self, token: int) -> dict[str, float] | None:
        """Probability of each status of the act that a word carries."""
        return self._named("status", token, self.labels.statuses)

    def voices(self, token: int) -> dict[str, float] | None:
        return self._named("voice", token, self.labels.voices)

    def mode(self, token: int, event_type: str) -> tuple[str | None, float] | None:
        """The likeliest mode of an act of a type, None where it has none, and its share."""
        row = self._index.get(token)
        mine = self.labels.modes_of.get(event_type)
        if row is None or not mine:
            return None
        logits = (
            self.heads["mode_weight"][mine] @ self._states.table[row]
            + self.heads["mode_bias"][mine]
        )
        shares: list[float] = _softmax(logits[None])[0].tolist()
        n = max(range(len(mine)), key=lambda n: (shares[n], -n))
        _, _, best = self.labels.modes[mine[n]].partition("/")
        return best or None, shares[n]

    def _named(self, head: str, token: int, names: Sequence[str]) -> dict[str, float] | None:
        row = self._index.get(token)
        if row is None:
            return None
        chances: list[float] = _softmax(self._linear(head, self._states.table[row][None]))[
            0
        ].tolist()
        return dict(zip(names, chances, strict=True))

    def _side(self, name: str) -> Floats:
        """Every word that was read, as one side of a pair of act and mention."""
        found = self._sides.get(name)
        if found is None:
            found = self._sides[name] = self._linear(name, self._states.table)
        return found

    def roles(self, trigger: Token, mentions: Sequence[Token]) -> list[tuple[float, ...]]:
        """For each mention: probability of no part, actor, recipient, speaker."""
        row = self._index.get(trigger.i)
        known = [m for m in mentions if m.i in self._index]
        found: dict[int, tuple[float, ...]] = {}
        if row is not None and known:
            left = self._side("left")[row]
            right = self._side("right")[[self._index[m.i] for m in known]]
            ways = [self.labels.ways.get(way(trigger, m), 0) for m in known]
            far = [distance(trigger, m) + 4 for m in known]
            joined = np.concatenate(
                [
                    np.broadcast_to(left, right.shape),
                    right,
                    left * right,
                    self.heads["way_weight"][ways],
                    self.heads["dist_weight"][far],
                ],
                axis=1,
            )
            hidden = np.maximum(self._linear("role1", joined), 0)
            rows = _softmax(self._linear("role2", hidden)).tolist()
            found = {m.i: tuple(row) for m, row in zip(known, rows, strict=True)}
        return [found.get(m.i, (1.0, 0.0, 0.0, 0.0)) for m in mentions]


def linear(heads: Mapping[str, Floats], name: str, rows: Floats) -> Floats:
    """A head over rows of states."""
    out: Floats = rows @ heads[f"{name}_weight"].T + heads[f"{name}_bias"]
    return out


def _softmax(logits: Floats) -> Floats:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    out: Floats = shifted / shifted.sum(axis=-1, keepdims=True)
    return out
