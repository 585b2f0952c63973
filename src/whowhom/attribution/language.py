"""The word lists of this stage, read from ``data/language`` and checked on loading."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from whowhom.errors import DataError

COMPLEMENTS = frozenset(
    {"clause", "quote", "infinitive", "object", "oblique", "gerund", "about", "as"}
)
_WHERE = "whowhom/data/language"


@dataclass(frozen=True, slots=True)
class Reporter:
    """A verb or noun that introduces content: its class and where the content stands."""

    kind: str
    attributes: bool
    complements: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    prepositions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reporting:
    """``reporting.toml``: who-says-so cues."""

    verbs: Mapping[str, Reporter]
    nouns: Mapping[str, Reporter]
    aliases: Mapping[str, str]
    noun_prepositions: frozenset[str]
    source_prepositions: frozenset[str]
    object_prepositions: frozenset[str]
    adverbs: frozenset[str]
    hearsay_adjectives: frozenset[str]
    attitude_adjectives: frozenset[str]
    attitude_prepositions: frozenset[str]
    according: frozenset[str]
    in_noun: frozenset[str]
    as_saying: frozenset[str]
    object_control: frozenset[str]
    going_on: frozenset[str]
    reasons: frozenset[str]
    raised: frozenset[str]
    hearsay_passive: frozenset[str]
    hearsay_objects: frozenset[str]
    factive: frozenset[str]
    impersonal: frozenset[str]
    empty_subjects: frozenset[str]
    own_voice: frozenset[str]
    colon_nouns: frozenset[str]
    not_speakers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Modality:
    """``modality.toml``: sets of lemmas by table and key."""

    tables: Mapping[str, Mapping[str, frozenset[str]]]
    # lemma -> class, for words that an act can be embedded under
    verbs: Mapping[str, str] = field(default_factory=dict)
    nouns: Mapping[str, str] = field(default_factory=dict)
    adjectives: Mapping[str, str] = field(default_factory=dict)
    months: Mapping[str, int] = field(default_factory=dict)  # name or abbreviation -> 1 to 12

    def words(self, table: str, key: str) -> frozenset[str]:
        return self.tables[table][key]


@dataclass(frozen=True, slots=True)
class VoiceWords:
    """``voice.toml``: how an author judges or calls to act."""

    duty_modals: frozenset[str]
    duty_verbs: frozenset[str]
    advocacy_phrases: tuple[str, ...]
    opinion_phrases: tuple[str, ...]
    opinion_words: frozenset[str]
    first_person: frozenset[str]
    superlative_tags: frozenset[str]
    dates: frozenset[str]


_MODALITY_TABLES: Mapping[str, tuple[str, ...]] = {
    "negation": ("words", "determiners", "pronouns", "cancelled_by", "open_determiners"),
    "modals": ("future", "hypothetical", "open_when_negated", "future_in_past", "actual_in_past"),
    "conditionals": ("marks", "inverted"),
    "verbs": ("actual", "negated", "negated_infinitive", "future", "hypothetical", "factive",
              "light", "wishes", "doubts", "raising", "wished_objects", "for_fact", "be_to_idioms",
              "future_progressive"),
    "nouns": ("negated", "future", "hypothetical", "of_noun", "for_fact", "high_time", "purpose",
              "compound_hypothetical"),
    "adjectives": ("future", "hypothetical", "negated", "historical", "infinitive_future",
                   "infinitive_hypothetical", "infinitive_negated", "infinitive_actual",
                   "verdict_true", "verdict_false", "foremost"),
    "adverbs": ("hypothetical", "negated", "almost"),
    "prepositions": ("negated", "negated_of"),
    "past": ("adverbs", "units", "many", "months", "month_abbreviations", "durations", "spans",
             "lasting", "recent"),
    "questions": ("presupposing",),
}  # fmt: skip


def load_table(name: str) -> dict[str, Any]:
    """One TOML file of the package.

    Raises:
        DataError: the file is missing or is not TOML.
    """
    where = f"{_WHERE}/{name}"
    try:
        text = (resources.files("whowhom") / "data" / "language" / name).read_text("utf-8")
    except OSError as error:
        raise DataError(
            "a word list is missing", where=where, do="Install the package again."
        ) from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"not TOML: {error}", where=where, do="Correct the file.") from error


def words_of(data: Mapping[str, Any], name: str, table: str, key: str) -> list[str]:
    """The list of words under ``[table] key``.

    Raises:
        DataError: it is missing or is no list of strings.
    """
    value = data.get(table, {}).get(key)
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise DataError(
            f"[{table}] {key} must be a list of words",
            where=f"{_WHERE}/{name}",
            do="Add it, or correct its name.",
        )
    return value


def read_reporters(data: Mapping[str, Any], table: str) -> dict[str, Reporter]:
    """Verbs or nouns by lemma; groups that share a lemma are joined.

    Raises:
        DataError: a group lacks a field or names an unknown complement.
    """
    found: dict[str, Reporter] = {}
    for number, group in enumerate(data.get(table, ()), start=1):
        where = f"{_WHERE}/reporting.toml, {table} group {number}"
        try:
            kind, attributes = str(group["class"]), bool(group["attributes"])
            lemmas = list(group["lemmas"])
        except KeyError as error:
            raise DataError(f"no field {error}", where=where, do="Add the field.") from error
        complements = frozenset(group.get("complements", ()))
        if unknown := complements - COMPLEMENTS:
            raise DataError(
                f"unknown complement {sorted(unknown)[0]!r}",
                where=where,
                do=f"Use one of {', '.join(sorted(COMPLEMENTS))}.",
            )
        prepositions = frozenset(group.get("prepositions", ()))
        for lemma in lemmas:
            old = found.get(lemma)
            if old is None:
                found[lemma] = Reporter(
                    kind, attributes, complements, frozenset({kind}), prepositions
                )
            else:
                found[lemma] = Reporter(
                    old.kind,
                    old.attributes,
                    old.complements | complements,
                    old.kinds | {kind},
                    old.prepositions | prepositions,
                )
    return found


@functools.lru_cache(maxsize=1)
def reporting() -> Reporting:
    """The cues of attribution."""
    name = "reporting.toml"
    data = load_table(name)

    def words(table: str, key: str) -> frozenset[str]:
        return frozenset(words_of(data, name, table, key))

    return Reporting(
        verbs=read_reporters(data, "verbs"),
        nouns=read_reporters(data, "nouns"),
        aliases=dict(data.get("aliases", {})),
        noun_prepositions=words("noun_prepositions", "words"),
        source_prepositions=words("source_prepositions", "words"),
        object_prepositions=words("object_prepositions", "words"),
        adverbs=words("adverbs", "hearsay"),
        hearsay_adjectives=words("adjectives", "hearsay"),
        attitude_adjectives=words("adjectives", "attitude"),
        attitude_prepositions=words("adjectives", "attitude_prepositions"),
        according=words("phrases", "according"),
        in_noun=words("phrases", "in_noun"),
        as_saying=words("phrases", "as_saying"),
        object_control=words("phrases", "object_control"),
        going_on=words("phrases", "going_on"),
        reasons=words("phrases", "reasons"),
        raised=words("phrases", "raised"),
        hearsay_passive=words("phrases", "hearsay_passive"),
        hearsay_objects=words("phrases", "hearsay_objects"),
        factive=words("phrases", "factive"),
        impersonal=words("phrases", "impersonal"),
        empty_subjects=words("phrases", "empty_subjects"),
        colon_nouns=words("phrases", "colon_nouns"),
        own_voice=words("phrases", "own_voice"),
        not_speakers=words("phrases", "not_speakers"),
    )


@functools.lru_cache(maxsize=1)
def modality() -> Modality:
    """The words that decide whether an event happened."""
    name = "modality.toml"
    data = load_table(name)
    tables = {
        table: {key: frozenset(words_of(data, name, table, key)) for key in keys}
        for table, keys in _MODALITY_TABLES.items()
    }

    def by_word(table: str, keys: tuple[str, ...]) -> dict[str, str]:
        found: dict[str, str] = {}
        for key in keys:
            for word in data[table][key]:
                found.setdefault(word, key.removeprefix("infinitive_"))
        return found

    months = {
        word: number
        for key in ("months", "month_abbreviations")
        for number, word in enumerate(words_of(data, name, "past", key), start=1)
    }
    return Modality(
        tables=tables,
        months=months,
        verbs=by_word("verbs", ("negated", "future", "actual", "hypothetical")),
        nouns=by_word("nouns", ("negated", "future", "hypothetical")),
        adjectives=by_word(
            "adjectives",
            (
                "infinitive_future",
                "infinitive_negated",
                "infinitive_actual",
                "infinitive_hypothetical",
            ),
        ),
    )


@functools.lru_cache(maxsize=1)
def voice_words() -> VoiceWords:
    """The words of judgement and of calls to act."""
    name = "voice.toml"
    data = load_table(name)

    def words(table: str, key: str) -> list[str]:
        return words_of(data, name, table, key)

    return VoiceWords(
        duty_modals=frozenset(words("advocacy", "modals")),
        duty_verbs=frozenset(words("advocacy", "duty_verbs")),
        advocacy_phrases=tuple(words("advocacy", "phrases")),
        opinion_phrases=tuple(words("opinion", "phrases")),
        opinion_words=frozenset(words("opinion", "words")),
        first_person=frozenset(words("opinion", "first_person")),
        superlative_tags=frozenset(words("opinion", "superlative_tags")),
        dates=frozenset(words("report", "dates")),
    )
