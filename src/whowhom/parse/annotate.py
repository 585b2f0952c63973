"""spaCy's components over stretches of text, in two steps, and their results as plain objects.

The components are spaCy's own and are asked for the same answers as by ``nlp(text)``; what differs
is that they see all stretches of a document at once, that the costly ones see only those that are
worth it, and that what depends on a word and its tag alone (part of speech, lemma) is remembered.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from spacy.attrs import (  # type: ignore[import-not-found,unused-ignore]
    DEP,
    ENT_IOB,
    ENT_TYPE,
    HEAD,
    IDX,
    LEMMA,
    LOWER,
    ORTH,
    POS,
    SENT_START,
    TAG,
)

from .tokens import Doc, Token
from .vectors import Floats, Vectors

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc as SpacyDoc

READING = ("tok2vec", "transformer", "tagger", "morphologizer")
"""Components of the first step: words become vectors and tags."""
_IOB = ("", "I", "O", "B")
_APART = "\N{WHITE SQUARE}"
_MOST = 200_000  # words whose lemma is remembered: some tens of megabytes


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a reading: where it starts, the index of its first word in the document, its
    words, their tags, and spaCy's document of them, whose ``tensor`` has a vector for each."""

    start: int
    end: int
    first: int
    words: list[str]
    tags: list[str]
    doc: SpacyDoc

    @property
    def vectors(self) -> Floats:
        found: Any = self.doc.tensor
        return cast(Floats, found)


class Annotator:
    """The components of a loaded pipeline, applied in two steps."""

    def __init__(self, nlp: Language) -> None:
        self.nlp = nlp
        names = [name for name, _ in nlp.pipeline]
        split = max((names.index(name) + 1 for name in READING if name in names), default=0)
        self._vectors = Vectors.of(dict(nlp.pipeline).get("tok2vec"))
        done = ("tok2vec",) if self._vectors is not None else ()
        self._reading = [pipe for name, pipe in nlp.pipeline[:split] if name not in done]
        later = nlp.pipeline[split:]
        self._words = _Words.of(nlp)
        remembered = ("attribute_ruler", "lemmatizer") if self._words is not None else ()
        self._later = [(name, pipe) for name, pipe in later if name not in remembered]
        # what an unparsed stretch still gets: no trees, no names
        self._light = [pipe for name, pipe in later if name in ("attribute_ruler", "lemmatizer")]
        _use_blas(pipe for _, pipe in nlp.pipeline)

    def skim(self, text: str, spans: Sequence[tuple[int, int]]) -> tuple[Stretch, ...]:
        """Words, tags and vectors of the stretches of a text."""
        docs = [self.nlp.make_doc(text[start : self._end(text, end)]) for start, end in spans]
        if self._vectors is not None and docs:
            self._vectors.set(docs)
        for pipe in self._reading:
            _apply(pipe, docs)
        found, first = [], 0
        for (start, end), doc in zip(spans, docs, strict=True):
            strings = _Strings.of(doc)
            words, tags = doc.to_array([ORTH, TAG]).T.tolist() if len(doc) else ([], [])
            found.append(Stretch(start, end, first, strings.all(words), strings.all(tags), doc))
            first += len(doc)
        return tuple(found)

    @staticmethod
    def _end(text: str, end: int) -> int:
        """A single blank belongs to the word before it: the models look at it."""
        return end + 1 if text[end : end + 1] == " " else end

    def finish(
        self,
        text: str,
        stretches: Sequence[Stretch],
        kept: Collection[int] | None,
        names: Sequence[Sequence[tuple[str, str]]] | None,
    ) -> Doc:
        """Trees (and names, unless they are given) for the stretches at these positions (None is
        all), and every word of the text as a plain token."""
        chosen = range(len(stretches)) if kept is None else sorted(kept)
        docs = [stretches[n].doc for n in chosen]
        for name, pipe in self._later:
            if names is None or name != "ner":
                _apply(pipe, docs)
        if self._words is None and kept is not None:
            others = [s.doc for n, s in enumerate(stretches) if n not in set(chosen)]
            for pipe in self._light:
                _apply(pipe, others)
        parsed = frozenset(chosen)
        tokens: list[Token] = []
        for n, stretch in enumerate(stretches):
            made = self._made(stretch, parsed=n in parsed, first=len(tokens))
            if names is not None:
                for token, (mark, kind) in zip(made, names[n], strict=True):
                    token.ent_iob_, token.ent_type_ = mark, kind
            tokens.extend(made)
        return Doc(text, tokens)

    def _made(self, stretch: Stretch, *, parsed: bool, first: int) -> list[Token]:
        """The words of a stretch as tokens, the first of which has this index."""
        doc = stretch.doc
        table = doc.to_array(
            [ORTH, LOWER, TAG, DEP, IDX, ENT_TYPE, ENT_IOB, SENT_START, POS, LEMMA, HEAD]
        )
        columns = table.T.tolist()
        strings = _Strings.of(doc)
        texts, lower, tag, dep = (strings.all(column) for column in columns[:4])
        if self._words is None:
            pos, lemma = strings.all(columns[8]), strings.all(columns[9])
        else:
            pos, lemma, tag, dep = self._words.read(doc, texts, lower, tag, dep)
        start = stretch.start
        offsets = table[:, 10].astype("int64").tolist()  # stored unsigned, and mostly negative
        made = [Token() for _ in texts]
        for i, token in enumerate(made):
            token.i = first + i
            token.idx = start + columns[4][i]
            token.text, token.lower_, token.tag_ = texts[i], lower[i], tag[i]
            token.pos_, token.lemma_, token.dep_ = pos[i], lemma[i], dep[i]
            token.children = []
            token.parsed = parsed
            token._edges = token.forms = None
            if parsed:
                token.head = made[i + offsets[i]]
                token.is_sent_start = columns[7][i] == 1 or i == 0
                token.ent_type_ = strings.one(columns[5][i])
                token.ent_iob_ = _IOB[columns[6][i]]
            else:
                token.head = token
                token.is_sent_start = i == 0
                token.ent_type_ = token.ent_iob_ = ""
        if parsed:
            for token in made:
                if token.head is not token:
                    token.head.children.append(token)
        return made


def _apply(pipe: Any, docs: Sequence[SpacyDoc]) -> None:
    """A component over documents, all at once where it can."""
    full = [doc for doc in docs if len(doc)]
    if not full:
        return
    if hasattr(pipe, "predict") and hasattr(pipe, "set_annotations"):
        pipe.set_annotations(full, pipe.predict(full))
    else:
        for doc in full:
            pipe(doc)


def _use_blas(pipes: Iterable[Any]) -> None:
    """numpy's matrix product instead of the one that spaCy brings: half the time of a layer."""
    from thinc.api import NumpyOps

    plain = NumpyOps(use_blis=False)
    for pipe in pipes:
        walk = getattr(getattr(pipe, "model", None), "walk", None)
        if walk is not None:
            for node in walk():
                if type(node.ops) is NumpyOps:
                    node.ops = plain


class _Strings:
    """Strings by their spaCy key, remembered while a store of strings lives."""

    __slots__ = ("known", "store")
    _last: _Strings | None = None

    def __init__(self, store: Any) -> None:
        self.store = store
        self.known: dict[int, str] = {0: ""}

    @classmethod
    def of(cls, doc: SpacyDoc) -> _Strings:
        store = doc.vocab.strings
        if cls._last is None or cls._last.store is not store or len(cls._last.known) > _MOST:
            cls._last = cls(store)
        return cls._last

    def one(self, key: int) -> str:
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = self.store[key]
        return found

    def all(self, keys: Iterable[int]) -> list[str]:
        known = self.known
        try:
            return [known[key] for key in keys]
        except KeyError:
            return [self.one(key) for key in keys]


Key = tuple[Any, ...]


class _Morph:
    """Features of a word's form, as the lemmatizer asks for them."""

    def __init__(self, features: str) -> None:
        self.key = features
        self._features = dict(part.split("=", 1) for part in features.split("|") if "=" in part)

    def to_dict(self) -> dict[str, str]:
        return self._features


@dataclass(frozen=True, slots=True)
class _Form:
    """A word as the lemmatizer looks at it."""

    text: str
    pos_: str
    morph: _Morph

    @property
    def orth(self) -> str:
        return self.text

    @property
    def pos(self) -> str:
        return self.pos_


class _Words:
    """Parts of speech and lemmas as the attribute ruler and the rule lemmatizer give them,
    remembered by what these look at: the word, its tag, its relation, and beside the few words of
    the ruler's longer patterns the neighbours."""

    def __init__(self, ruler: Any, lemmatizer: Any) -> None:
        self.ruler, self.lemmatizer = ruler, lemmatizer
        self.literal: set[str] = set()
        self.patterns: list[re.Pattern[str]] = []
        self.special: set[str] = set()  # words of patterns that look at several tokens
        self.special_patterns: list[re.Pattern[str]] = []
        self.special_deps: set[str] = set()
        for entry in ruler.patterns:
            for pattern in entry["patterns"]:
                for token in pattern:
                    self._learn(token, several=len(pattern) > 1)
        self.classes: dict[str, tuple[str, bool]] = {}
        self.rules: dict[Key, tuple[str, str, str, str, str]] = {}
        self.lemmas: dict[tuple[str, str, str], str] = {}
        tables = lemmatizer.lookups
        if tables.has_table("lemma_index"):  # lists, in which every word would be looked for
            index = tables.get_table("lemma_index")
            for kind in list(index):
                if isinstance(index[kind], list):
                    index[kind] = frozenset(index[kind])

    @classmethod
    def of(cls, nlp: Language) -> _Words | None:
        """None where the pipeline does it in another way: then its components run as they are."""
        pipes: dict[str, Any] = dict(nlp.pipeline)
        ruler, lemmatizer = pipes.get("attribute_ruler"), pipes.get("lemmatizer")
        if ruler is None or getattr(lemmatizer, "mode", None) != "rule":
            return None
        known = {"TAG", "LOWER", "DEP", "IS_SPACE"}
        for entry in ruler.patterns:
            if any(set(token) - known for p in entry["patterns"] for token in p):
                return None
        return cls(ruler, lemmatizer)

    def _learn(self, token: Any, *, several: bool) -> None:
        for name in ("LOWER", "DEP"):
            condition = token.get(name)
            if condition is None:
                continue
            if isinstance(condition, str):
                words = [condition]
            else:
                words = list(condition.get("IN", ()))
                if "REGEX" in condition:
                    made = re.compile(condition["REGEX"])
                    self.patterns.append(made)
                    if several:
                        self.special_patterns.append(made)
            if name == "LOWER":
                self.literal.update(words)
                if several:
                    self.special.update(words)
            elif several:
                self.special_deps.update(words)

    def _class(self, lower: str) -> tuple[str, bool]:
        """The word where the ruler knows it, else what is the same for all others; and whether
        its neighbours count."""
        found = self.classes.get(lower)
        if found is None:
            named = lower in self.literal or any(p.search(lower) for p in self.patterns)
            name = lower if named else " " if lower.isspace() else "*"
            special = lower in self.special or any(p.search(lower) for p in self.special_patterns)
            if len(self.classes) >= _MOST:
                self.classes.clear()
            found = self.classes[lower] = (name, special)
        return found

    def read(
        self, doc: SpacyDoc, texts: list[str], lower: list[str], tag: list[str], dep: list[str]
    ) -> tuple[list[str], list[str], list[str], list[str]]:
        """Part of speech, lemma, tag and relation of every word."""
        classes = [self._class(word) for word in lower]
        last, deps = len(texts) - 1, self.special_deps

        def beside(i: int) -> tuple[str, str]:
            if not 0 <= i <= last:
                return "", ""
            return classes[i][0] if classes[i][1] else "", dep[i] if dep[i] in deps else ""

        keys: list[Key] = []
        for i, (name, special) in enumerate(classes):
            key: Key = (name, tag[i], dep[i])
            keys.append((*key, beside(i - 1), beside(i + 1)) if special else key)
        rules = self.rules
        new = [i for i, key in enumerate(keys) if key not in rules]
        if any(classes[i][1] for i in new):
            self._ask(doc, list(enumerate(keys)))
        elif new:
            self._ask(
                self._apart(doc, new, texts, tag, dep),
                [(2 * n, keys[i]) for n, i in enumerate(new)],
            )
        found = [rules[key] for key in keys]
        pos = [entry[0] for entry in found]
        lemmas = [
            entry[2] or self._lemma(text, entry[0], entry[1])
            for text, entry in zip(texts, found, strict=True)
        ]
        return pos, lemmas, [entry[3] for entry in found], [entry[4] for entry in found]

    def _ask(self, doc: SpacyDoc, places: Sequence[tuple[int, Key]]) -> None:
        """Run the ruler and remember what it says of the words at these places."""
        self.ruler(doc)
        for place, key in places:
            token = doc[place]
            self.rules[key] = (
                token.pos_, str(token.morph), token.lemma_, token.tag_, token.dep_
            )  # fmt: skip

    @staticmethod
    def _apart(
        doc: SpacyDoc, places: Sequence[int], texts: list[str], tag: list[str], dep: list[str]
    ) -> SpacyDoc:
        """A document of these words alone, each apart from the next: no pattern joins them."""
        words, tags, deps = [], [], []
        for i in places:
            words += [texts[i], _APART]
            tags += [tag[i], ""]
            deps += [dep[i], ""]
        kind = type(doc)
        return kind(doc.vocab, words=words, tags=tags, deps=deps, heads=list(range(len(words))))

    def _lemma(self, text: str, pos: str, features: str) -> str:
        key = (text, pos, features)
        found = self.lemmas.get(key)
        if found is None:
            if len(self.lemmas) >= _MOST:
                self.lemmas.clear()
                self.lemmatizer.cache = {}
            form = _Form(text, pos, _Morph(features))
            found = self.lemmas[key] = str(self.lemmatizer.lemmatize(form)[0])
        return found
