"""The first look at a text, before anything is parsed: two small heads on the vectors of its words.

One says how likely a word carries an event, so that stretches without any are not read by the
encoder; one marks names (persons, organisations, places, ...), as spaCy's recogniser of names
would, at a hundredth of its cost. Both were made by ``training/first.py`` from what the whole
pipeline and spaCy's recogniser say; numbers and names are in ``data/model/first.npz``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..errors import DataError

if TYPE_CHECKING:
    from ..parse.annotate import Stretch

Floats = npt.NDArray[np.float32]
_NUMBERS = ("DATE", "TIME", "MONEY", "PERCENT", "CARDINAL", "ORDINAL", "QUANTITY")
REACH = 2  # words to either side that a name is told by
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

    def names(self, stretches: Sequence[Stretch]) -> list[list[tuple[str, str]]]:
        """For every word of every stretch ``("B" | "I" | "O", kind)``."""
        if not stretches:
            return []
        logits = _head(self.name, np.concatenate([window(s.vectors) for s in stretches]))
        tags = [tag for s in stretches for tag in s.tags]
        words = [word.lower() for s in stretches for word in s.words]
        numbers, calendar = self._numbers(), name_words()["calendar"]
        # a proper noun is no date and no number, unless the calendar has it
        proper = [
            n
            for n, (tag, word) in enumerate(zip(tags, words, strict=True))
            if tag in ("NNP", "NNPS") and word.rstrip(".") not in calendar
        ]
        logits[np.ix_(proper, numbers)] = -np.inf
        located = [
            n
            for n in proper
            if n
            and words[n - 1] in name_words()["before_places"]
            and tags[n - 1] == "IN"
            and not (n + 1 < len(tags) and tags[n + 1] in ("NNP", "NNPS"))
        ]
        logits[np.ix_(located, self._of_kind("PERSON"))] = -np.inf
        logits -= np.log(np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1))[
            :, None
        ] + logits.max(axis=1, keepdims=True)
        out: list[list[tuple[str, str]]] = []
        at = 0
        for stretch in stretches:
            out.append(self._spans(logits[at : at + len(stretch.words)], stretch.tags))
            at += len(stretch.words)
        return out

    def _spans(self, chances: Floats, tags: Sequence[str]) -> list[tuple[str, str]]:
        """Marks of the words of a stretch: proper nouns that follow each other inside a name have
        one kind, the one that is likeliest for all of them."""
        best = chances.argmax(axis=1).tolist()
        marks: list[tuple[str, str]] = []
        for n, label in enumerate(best):
            mark, _, kind = self.labels[label].partition("-")
            if mark == "I" and (not marks or marks[-1][1] != kind):
                before = marks[-1][1] if marks else ""
                joined = before and all(t in ("NNP", "NNPS") for t in tags[n - 1 : n + 1])
                start = n
                if joined:
                    start = next(k for k in range(n - 1, -1, -1) if marks[k][0] == "B")
                if joined:
                    whole = [
                        (float(chances[start : n + 1, self._of_kind(k)].max(axis=1).sum()), k)
                        for k in sorted({before, kind})
                    ]
                    kind = max(whole)[1]
                    for k in range(start, n):
                        marks[k] = (marks[k][0], kind)
                    marks.append(("I", kind))
                    continue
                mark = "B"
            marks.append((mark, kind))
        return marks

    def _of_kind(self, kind: str) -> list[int]:
        return [n for n, label in enumerate(self.labels) if label[2:] == kind]

    def _numbers(self) -> list[int]:
        return [n for n, label in enumerate(self.labels) if label[2:] in _NUMBERS]


@lru_cache(maxsize=1)
def name_words() -> dict[str, frozenset[str]]:
    """Words that bear on names (``data/language/names.toml``)."""
    file = resources.files("whowhom.data").joinpath("language", "names.toml")
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    return {name: frozenset(words) for name, words in data.items()}


def carriers(tags: Sequence[str]) -> list[int]:
    """Places of the words that may carry an event, by their tags."""
    return [n for n, tag in enumerate(tags) if tag[:2] in _CARRIERS]


def acting(stretch: Stretch) -> list[int]:
    """Indices in the document of a stretch's words that may carry an event."""
    return [stretch.first + n for n in carriers(stretch.tags)]


def window(rows: Floats) -> Floats:
    """Each word beside the words before and after it."""
    width = rows.shape[1]
    out = np.zeros((len(rows), (2 * REACH + 1) * width), dtype=np.float32)
    for n, step in enumerate(range(-REACH, REACH + 1)):
        part = out[:, n * width : (n + 1) * width]
        if step < 0:
            part[-step:] = rows[:step]
        elif step > 0:
            part[:-step] = rows[step:]
        else:
            part[:] = rows
    return out


def _head(layers: tuple[Floats, Floats, Floats, Floats], rows: Floats) -> Floats:
    weights, bias, out, shift = layers
    found: Floats = np.maximum(rows @ weights + bias, 0) @ out + shift
    return found


@lru_cache(maxsize=1)
def first_look() -> FirstLook:
    """The shipped heads.

    Raises:
        DataError: the file is missing.
    """
    path = Path(str(resources.files("whowhom.data").joinpath("model", "first.npz")))
    if not path.exists():
        raise DataError("the first look is missing", where=str(path), do="Install whowhom again.")
    with np.load(path) as data:

        def head(name: str) -> tuple[Floats, Floats, Floats, Floats]:
            parts = ("weights", "bias", "out", "shift")
            weights, bias, out, shift = (data[f"{name}_{part}"] for part in parts)
            return weights, bias, out, shift

        return FirstLook(
            head("act"), head("name"), float(data["limit"]), tuple(map(str, data["labels"]))
        )
