"""Languages beside English: what each is made of, which are installed, which a text is in.

A language is a folder of data, ``data/CODE``: ``language.toml`` (its pipeline with the hashes of
its files, how its labels are called in the English trees that the stages walk, its function words),
``words.csv`` (its closed classes and the English words whose lists they share), ``time.toml`` (its
dates), ``actors/`` (names), ``places.csv`` (places that English calls otherwise) and ``codebook/``
(frames). ``docs/languages.md`` says how one is added.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from .errors import DataError, UsageError

DATA = Path(__file__).resolve().parent / "data"
ENGLISH = "en"
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Gloss:
    """The English word whose lists a word shares, with the tag and relation that it then has."""

    english: str
    tag: str = ""
    dep: str = ""


class Mended(Protocol):
    """What an ending changes: the lemma and the features of a word."""

    own_lemma: str
    morph: dict[str, str]


@dataclass(frozen=True, slots=True)
class Ending:
    """What the ending of a form or of a lemma tells where the pipeline is wrong."""

    pattern: re.Pattern[str]
    lemma: str  # template of the lemma
    features: Mapping[str, str]

    def apply(self, word: str, node: Mended) -> bool:
        """Give a word the lemma and features that its ending tells; whether it has the ending."""
        found = self.pattern.fullmatch(word)
        if found is None:
            return False
        node.own_lemma = found.expand(self.lemma)
        node.morph.update(self.features)
        return True


@dataclass(frozen=True, slots=True)
class Language:
    """The data of one language."""

    code: str
    name: str
    folder: Path
    package: str  # module of its pipeline
    install: str  # what installs it
    sha256: Mapping[str, str]
    relations: Mapping[str, str]  # of the pipeline -> of the English one
    entities: Mapping[str, str]
    function_words: frozenset[str]
    abbreviations: frozenset[str]  # after which a full stop ends no sentence for certain
    infinitives: tuple[str, ...]  # endings of verbs' lemmas
    verb_forms: Mapping[str, tuple[Ending, ...]]  # endings by what they mend
    lists: Mapping[str, frozenset[str]]  # small lists of lemmas that the relabelling asks for
    words: Mapping[tuple[str, str], Gloss]  # (lemma or form, part of speech or "") -> gloss

    def gloss(self, pos: str, *forms: str) -> Gloss | None:
        """The gloss of the first of these forms that has one for this part of speech or for any."""
        for form in forms:
            found = self.words.get((form, pos)) or self.words.get((form, ""))
            if found is not None:
                return found
        return None


def known() -> tuple[str, ...]:
    """Codes of all languages that there are data for, English first."""
    return (ENGLISH, *sorted(f.parent.name for f in DATA.glob("*/language.toml")))


@lru_cache(maxsize=8)
def language(code: str) -> Language:
    """The data of a language.

    Raises:
        UsageError: there are none for this code.
        DataError: a file of it is missing or wrong.
    """
    if code not in known() or code == ENGLISH:
        raise UsageError(
            f'no data for the language "{code}"',
            where="--language",
            do=f"Known: {', '.join(known())}. docs/languages.md says how one is added.",
        )
    folder = DATA / code
    try:
        data: dict[str, Any] = tomllib.loads((folder / "language.toml").read_text("utf-8"))
        with (folder / "words.csv").open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
        words = {
            (word, row["pos"]): Gloss(row["english"], row["tag"] or "", row["dep"] or "")
            for row in rows
            for word in row["words"].split("|")
        }
        return Language(
            code=code,
            name=data["name"],
            folder=folder,
            package=data["pipeline"]["package"],
            install=data["pipeline"]["install"],
            sha256=data["sha256"],
            relations=data["relations"],
            entities=data["entities"],
            function_words=frozenset(data["function_words"]),
            abbreviations=frozenset(data["abbreviations"]),
            infinitives=tuple(data["infinitives"]),
            verb_forms={
                name: tuple(
                    Ending(re.compile(e["pattern"]), e["lemma"], e.get("features", {}))
                    for e in entries
                )
                for name, entries in data["verb_forms"].items()
            },
            lists={name: frozenset(value) for name, value in data["lists"].items()},
            words=words,
        )
    except (OSError, KeyError, AttributeError, tomllib.TOMLDecodeError, re.error) as error:
        raise DataError(
            f"the data cannot be read ({error!r})",
            where=f"whowhom/data/{code}",
            do="Install whowhom again.",
        ) from error


def pipeline_folder(spoken: Language) -> Path | None:
    """Where the language's pipeline is installed; None where it is not."""
    spec = importlib.util.find_spec(spoken.package)
    if spec is None or not spec.submodule_search_locations:
        return None
    package = Path(next(iter(spec.submodule_search_locations)))
    return next((p.parent for p in sorted(package.glob("*/config.cfg"))), None)


@lru_cache(maxsize=8)
def is_installed(code: str) -> bool:
    """Whether documents in a language can be coded here."""
    return code == ENGLISH or (code in known() and pipeline_folder(language(code)) is not None)


def checked_folder(spoken: Language) -> Path:
    """The folder of the language's pipeline, every file of it as it was when it was checked.

    Raises:
        DataError: it is not installed, or a file differs.
    """
    folder = pipeline_folder(spoken)
    if folder is None:
        raise DataError(
            f"no {spoken.name} pipeline is installed",
            where=spoken.package,
            do=f"Install it with: {spoken.install}",
        )
    wrong = sorted(
        name
        for name, expected in spoken.sha256.items()
        if not (folder / name).is_file()
        or hashlib.sha256((folder / name).read_bytes()).hexdigest() != expected
    )
    if wrong:
        raise DataError(
            f"{len(wrong)} files of the {spoken.name} pipeline are not those that were checked "
            f"({wrong[0]} first)",
            where=str(folder),
            do=f"Install it again: {spoken.install} --force-reinstall",
        )
    return folder


def chosen(languages: Iterable[str]) -> tuple[str, ...]:
    """The languages of a setting that can be coded here: of those that are not installed, none.

    Raises:
        UsageError: one of them is not known at all.
    """
    for code in languages:
        if code != ENGLISH:
            language(code)
    return tuple(code for code in languages if is_installed(code))


@lru_cache(maxsize=8)
def vocabulary(code: str) -> frozenset[str]:
    """Words by which a text is known to be in a language: its function words, and those of its
    names for countries, peoples and offices that the English tables do not have. A headline has
    few of the first and many of the others."""
    spoken = language(code)

    def words(folder: Path, *columns: str) -> set[str]:
        found: set[str] = set()
        for table in ("countries.csv", "organisations.csv", "roles.csv"):
            with (folder / table).open(encoding="utf-8", newline="") as stream:
                for row in csv.DictReader(stream):
                    cells = (row.get(column) or "" for column in columns)
                    found.update(w for cell in cells for w in _WORD.findall(cell.lower()))
        return found

    # canonical names are English; with an accent even an alias of the English tables is not
    own = words(spoken.folder / "actors", "aliases", "demonyms", "role")
    english = words(DATA / "actors", "name", "aliases", "demonyms", "role")
    own -= {word for word in english if word.isascii()}
    return spoken.function_words | {word for word in own if len(word) > 2}


def share(text: str, code: str) -> float:
    """Share, 0 to 1, of a language's own words (:func:`vocabulary`) among the words of a text."""
    words = _WORD.findall(text)
    if not words:
        return 0.0
    listed = vocabulary(code)
    return sum(word.lower() in listed for word in words) / len(words)


def data_hash(code: str) -> str:
    """SHA-256 of everything in a language's folder, hexadecimal."""
    digest = hashlib.sha256()
    for path in sorted(language(code).folder.rglob("*")):
        if path.is_file() and path.suffix in (".toml", ".csv"):
            digest.update(path.relative_to(DATA).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
