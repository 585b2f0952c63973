"""What a codebook is made of, and the check that its files are right.

The file format is described in ``docs/codebook-format.md``. Errors name the
file, the field and the nearest right name.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from ..errors import CodebookError
from ..model import QUADS, SECTORS, STATUSES, Quad
from .lines import at

NEEDS = ("either", "actor", "recipient", "both", "none")
CLAUSES = ("infinitive", "that", "gerund", "any")
ROLES = ("subject", "object", "indirect", "clause", "clause.subject", "clause.object", "speaker")
PREPOSITION = "^[a-z]+( [a-z]+)?$"
"""A role path that is none of :data:`ROLES` is a preposition, of one word or two."""
TYPE_NAME = "^[A-Z][A-Z0-9_-]{0,39}$"
"""What the name of a type looks like, in a codebook and in gold."""
RANGES: Mapping[str, tuple[float, float]] = {"score": (-10, 10), "confidence": (0, 1)}
"""The least and the most that a number may be: PLOVER's scale, and a probability."""

Words = frozenset[str]


@dataclass(frozen=True, slots=True)
class Mode:
    """A PLOVER mode of one type. Key by the pair: names recur across types."""

    name: str
    score: float | None
    definition: str
    cues: Words


@dataclass(frozen=True, slots=True)
class Phrase:
    """A trigger of one or more words: its head and the words that must go with it."""

    head: str
    rest: tuple[str, ...]  # particles after a verb; words before a noun, nearest last


@dataclass(frozen=True, slots=True)
class Frame:
    """One way in which text expresses an event: triggers, roles, conditions, examples."""

    id: str  # "ASSAULT.bomb"
    event_type: str
    file: str
    order: int  # place in the codebook
    layer: int  # 1 where it is laid over the shipped codebook, else 0
    verbs: tuple[Phrase, ...]
    nouns: tuple[Phrase, ...]
    adjectives: tuple[Phrase, ...]
    actor: tuple[str, ...]
    recipient: tuple[str, ...]
    mode: str | None
    needs: str
    object: Words
    not_object: Words
    subject: Words
    not_subject: Words
    prep: Mapping[str, Words]
    not_prep: Mapping[str, Words]
    clause: str | None
    clause_verb: Words
    not_clause_verb: Words
    clause_type: Words
    near: Words
    not_near: Words
    actor_sector: Words
    not_actor_sector: Words
    recipient_sector: Words
    not_recipient_sector: Words
    mode_by_clause: Mapping[str, str]
    mode_by_object: Mapping[str, Words]
    contexts: tuple[str, ...]
    reciprocal: bool
    status: str | None
    confidence: float
    match: tuple[str, ...]
    reject: tuple[str, ...]

    @property
    def specificity(self) -> int:
        """Number of conditions: among frames on one word the more specific wins."""
        conditions = (
            self.object,
            self.subject,
            self.prep,
            self.clause,
            self.clause_verb,
            self.clause_type,
            self.near,
            self.actor_sector,
            self.recipient_sector,
        )
        return sum(bool(condition) for condition in conditions)


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of event with its modes and frames."""

    name: str
    quad: Quad
    score: float | None
    recipient_required: bool
    definition: str
    notes: tuple[str, ...]
    modes: Mapping[str, Mode]
    frames: tuple[Frame, ...]
    file: str

    def score_of(self, mode: str | None) -> float | None:
        """Conflict-cooperation score of the type with a mode, or of the bare type."""
        if mode is not None and mode in self.modes and self.modes[mode].score is not None:
            return self.modes[mode].score
        return self.score


@dataclass(frozen=True, slots=True)
class Codebook:
    """All types, and the index from trigger words to frames."""

    name: str
    version: str
    sha256: str
    types: Mapping[str, EventType]
    support_verbs: Words
    planned: Mapping[str, str]  # type -> type that it is when it is only planned
    refused: Mapping[str, str]  # type -> type that it is when somebody will not do it
    place_recipients: Words  # types in which a mere place can be the recipient
    context_cues: Mapping[str, Words]  # context -> words of a sentence that put it there
    actors: Path | None = None  # folder of actor tables that the codebook brings along
    language: str = "en"  # code of the language that its frames are written in
    by_verb: Mapping[str, tuple[tuple[Phrase, Frame], ...]] = field(default_factory=dict)
    by_noun: Mapping[str, tuple[tuple[Phrase, Frame], ...]] = field(default_factory=dict)
    by_adjective: Mapping[str, tuple[tuple[Phrase, Frame], ...]] = field(default_factory=dict)

    @property
    def frames(self) -> tuple[Frame, ...]:
        return tuple(frame for kind in self.types.values() for frame in kind.frames)

    @property
    def label(self) -> str:
        """Name, version and hash, as it stands in every event's ``coder.codebook``."""
        return f"{self.name} {self.version} sha256:{self.sha256[:12]}"


# ------------------------------------------------------------------ checking
Kinds = type | tuple[type, ...]
"""What a field's value must be."""
FRAME_FIELDS: Mapping[str, Kinds] = {
    "id": str,
    "verb": list,
    "noun": list,
    "adjective": list,
    "actor": list,
    "recipient": list,
    "mode": str,
    "needs": str,
    "object": list,
    "not_object": list,
    "subject": list,
    "not_subject": list,
    "prep": dict,
    "not_prep": dict,
    "clause": str,
    "clause_verb": list,
    "not_clause_verb": list,
    "clause_type": list,
    "near": list,
    "not_near": list,
    "actor_sector": list,
    "not_actor_sector": list,
    "recipient_sector": list,
    "not_recipient_sector": list,
    "mode_by_clause": dict,
    "mode_by_object": dict,
    "contexts": list,
    "reciprocal": bool,
    "status": str,
    "confidence": (int, float),
    "match": list,
    "reject": list,
}
TYPE_FIELDS: Mapping[str, Kinds] = {
    "type": str,
    "quad": str,
    "score": (int, float),
    "recipient": str,
    "definition": str,
    "notes": list,
    "classes": dict,
    "mode": list,
    "frame": list,
}
MODE_FIELDS: Mapping[str, Kinds] = {
    "name": str,
    "score": (int, float),
    "definition": str,
    "cues": list,
}
HEADER_FIELDS: Mapping[str, Kinds] = {
    "name": str,
    "version": str,
    "extends": str,
    "without": list,
    "language": str,
    "contexts": list,
    "planned": dict,
    "refused": dict,
    "recipients": dict,
}
"""The fields of ``codebook.toml``."""
_WORD = re.compile(r"\w+|[^\w\s]")


def words_of(phrase: str) -> list[str]:
    """The tokens of a phrase as the tokeniser gives them ("cease-fire" is three)."""
    return _WORD.findall(phrase.lower())


def normal(phrase: str) -> str:
    """A phrase as it is compared: its tokens, lower case, joined by single blanks."""
    return " ".join(words_of(phrase))


_NAMED = 100  # names that a message lists; the longest list of fields, contexts or sectors has 37


def nearest(name: str, known: Iterable[str]) -> str:
    """What to do about a name that is not known: the one that was meant, or what there is."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    if close:
        return f'Did you mean "{close[0]}"?'
    names = sorted(known)
    if len(names) > _NAMED:  # ids of frames: a thousand help nobody
        return f"There are {len(names):,}: whowhom codebook show TYPE lists them."
    return "Known: " + ", ".join(names)


class FileChecker:
    """Turns one parsed TOML file into an :class:`EventType`, or says what is wrong."""

    def __init__(
        self,
        file: str,
        data: Mapping[str, Any],
        shared: Mapping[str, list[str]],
        contexts: Words,
        first_order: int,
        base: EventType | None = None,
        layer: int = 0,
        *,
        english: bool = True,
    ) -> None:
        """``base`` is the type that the file is laid over: what the file leaves out, it keeps.
        ``english``: its prepositions are, and are known."""
        self.english = english
        self.table: tuple[str, int] = ("", 1)  # that is being read: its name, and which of them
        self.layer = layer
        self.file, self.data, self.contexts, self.base = file, data, contexts, base
        self.order = first_order
        self._fields(data, TYPE_FIELDS, "")
        local = data.get("classes", {})
        self.table = ("classes", 1)
        for name, members in local.items():
            self._strings(members, "classes", name)
        self.table = ("", 1)
        self.classes = {**shared, **local}

    def fail(self, what: str, where: str, do: str = "", key: str = "") -> CodebookError:
        """``key``: the field in question, whose line is named."""
        return CodebookError(what, where=self._where(where, key), do=do)

    def _where(self, where: str, key: str = "") -> str:
        file = at(self.file, *self.table, key)
        return f"{file}: {where}" if where else file

    def event_type(self) -> EventType:
        data, base = self.data, self.base
        if base is not None:
            data = {
                "quad": base.quad,
                "score": base.score,
                "definition": base.definition,
                "recipient": "required" if base.recipient_required else "optional",
                **data,
            }
        for required in ("type", "quad", "definition"):
            if required not in data:
                raise self.fail(f'the field "{required}" is missing', "")
        name = data["type"]
        if not re.fullmatch(TYPE_NAME, name):
            meant = re.sub(r"[^A-Z0-9_-]+", "_", name.upper()).strip("_-")
            do = f'Did you mean "{meant}"?' if re.fullmatch(TYPE_NAME, meant) else ""
            raise self.fail(
                f'"{name}" is no name of a type: capitals, digits, - and _, a letter first',
                "type",
                do,
                "type",
            )
        if data["quad"] not in QUADS:
            raise self.fail(
                f'"{data["quad"]}" is no quad', "quad", nearest(data["quad"], QUADS), "quad"
            )
        if data.get("recipient", "optional") not in ("optional", "required"):
            raise self.fail(
                f'"{data["recipient"]}"',
                "recipient",
                'Write "optional" or "required".',
                "recipient",
            )
        modes = dict(base.modes) if base is not None else {}
        for number, entry in enumerate(data.get("mode", []), 1):
            self.table = ("mode", number)
            where = f"mode {number}"
            if isinstance(entry, Mapping) and isinstance(entry.get("name"), str):
                where = f"mode {entry['name']}"
            self._fields(entry, MODE_FIELDS, where)
            if "name" not in entry:
                raise self.fail('the field "name" is missing', where)
            modes[entry["name"]] = Mode(
                entry["name"],
                entry.get("score"),
                entry.get("definition", ""),
                self._words(entry, "cues", where),
            )
        frames: list[Frame] = []
        ids: set[str] = set()
        for number, entry in enumerate(data.get("frame", []), 1):
            self.table = ("frame", number)
            frame = self._frame(name, entry, modes)
            if frame.id in ids:
                raise self.fail(
                    "two frames have this id", frame.id, "Give one of them another.", "id"
                )
            ids.add(frame.id)
            frames.append(frame)
        self.table = ("", 1)
        return EventType(
            name,
            data["quad"],
            data.get("score"),
            data.get("recipient") == "required",
            " ".join(data["definition"].split()),
            tuple(data.get("notes", ())),
            modes,
            tuple(frames),
            self.file,
        )

    def _frame(self, kind: str, entry: Mapping[str, Any], modes: Mapping[str, Mode]) -> Frame:
        named = entry.get("id") if isinstance(entry, Mapping) else None
        where = f"frame {self.table[1] if named is None else named}"
        self._fields(entry, FRAME_FIELDS, where)
        for key in _LISTS & entry.keys():
            self._strings(entry[key], where, key)
        if "id" not in entry:
            raise self.fail('the field "id" is missing', where)
        for one_of, known in (("needs", NEEDS), ("clause", CLAUSES), ("status", STATUSES)):
            if one_of in entry and entry[one_of] not in known:
                raise self.fail(
                    f'{one_of} = "{entry[one_of]}"', where, nearest(entry[one_of], known), one_of
                )
        for key, named_modes in (
            ("mode", [entry["mode"]] if "mode" in entry else []),
            ("mode_by_clause", entry.get("mode_by_clause", {}).values()),
            ("mode_by_object", entry.get("mode_by_object", {})),
        ):
            for mode in named_modes:
                if not isinstance(mode, str):
                    raise self.fail(
                        f'"{key}" has {_said(mode)} where the name of a mode is wanted',
                        where,
                        f"For example {_EXAMPLES[key]}.",
                        key,
                    )
                if mode not in modes:
                    raise self.fail(
                        f'{kind} has no mode "{mode}"', where, nearest(mode, modes), key
                    )
        for context in entry.get("contexts", []):
            if self.contexts and context not in self.contexts:
                raise self.fail(
                    f'no context "{context}"', where, nearest(context, self.contexts), "contexts"
                )
        if not any(entry.get(trigger) for trigger in ("verb", "noun", "adjective")):
            raise self.fail("no trigger", where, 'Give "verb", "noun" or "adjective".')
        for examples in ("match", "reject"):
            if not entry.get(examples):
                raise self.fail(
                    f'no "{examples}" sentence', where, "Every frame is tested by both.", examples
                )
        for key in ("actor", "recipient", "prep", "not_prep"):
            for path in entry.get(key, ()):
                self._path(path, key, where)
        self.order += 1
        verbs = tuple(
            Phrase(w[0], tuple(w[1:]))
            for w in map(words_of, self._expand(entry.get("verb", []), where, "verb"))
        )
        return Frame(
            id=f"{kind}.{entry['id']}",
            event_type=kind,
            file=self.file,
            order=self.order,
            layer=self.layer,
            verbs=verbs,
            nouns=self._ending(entry, "noun", where),
            adjectives=self._ending(entry, "adjective", where),
            actor=tuple(entry.get("actor", ["subject"])),
            recipient=tuple(entry.get("recipient", ["object"])),
            mode=entry.get("mode"),
            needs=entry.get("needs", "either"),
            object=self._words(entry, "object", where),
            not_object=self._words(entry, "not_object", where),
            subject=self._words(entry, "subject", where),
            not_subject=self._words(entry, "not_subject", where),
            prep=self._words_by_name(entry, "prep", where),
            not_prep=self._words_by_name(entry, "not_prep", where),
            clause=entry.get("clause"),
            clause_verb=self._words(entry, "clause_verb", where),
            not_clause_verb=self._words(entry, "not_clause_verb", where),
            clause_type=frozenset(entry.get("clause_type", [])),
            near=self._words(entry, "near", where),
            not_near=self._words(entry, "not_near", where),
            actor_sector=self._sectors(entry, "actor_sector", where),
            not_actor_sector=self._sectors(entry, "not_actor_sector", where),
            recipient_sector=self._sectors(entry, "recipient_sector", where),
            not_recipient_sector=self._sectors(entry, "not_recipient_sector", where),
            mode_by_clause=dict(entry.get("mode_by_clause", {})),
            mode_by_object=self._words_by_name(entry, "mode_by_object", where),
            contexts=tuple(entry.get("contexts", ())),
            reciprocal=entry.get("reciprocal", False),
            status=entry.get("status"),
            confidence=float(entry.get("confidence", 0.8)),
            match=tuple(entry["match"]),
            reject=tuple(entry["reject"]),
        )

    def _path(self, path: str, key: str, where: str) -> None:
        """Check a role path, or a preposition in a table."""
        known = _prepositions() | (_particles() if key.endswith("prep") else frozenset(ROLES))
        if not self.english:  # another language's prepositions may be any word but a slip of a role
            slip = difflib.get_close_matches(path, ROLES, n=1, cutoff=0.8)
            if path in ROLES or (re.fullmatch(PREPOSITION, path) and not slip):
                return
        elif path in known or (
            re.fullmatch(PREPOSITION, path) and " " in path and set(path.split()) & known
        ):
            return
        what = "role path" if key in ("actor", "recipient") else "preposition"
        close = difflib.get_close_matches(path, sorted(known), n=2, cutoff=0.7)
        meant = " or ".join(f'"{name}"' for name in close)
        do = f"Did you mean {meant}?" if close else "docs/codebook-format.md lists them."
        raise self.fail(f'{key}: "{path}" is no {what}', where, do, key)

    def _ending(self, entry: Mapping[str, Any], key: str, where: str) -> tuple[Phrase, ...]:
        """Phrases whose last word is the head."""
        expanded = map(words_of, self._expand(entry.get(key, []), where, key))
        return tuple(Phrase(words[-1], tuple(words[:-1])) for words in expanded)

    def _words(self, entry: Mapping[str, Any], key: str, where: str) -> Words:
        return self._lemmas(entry.get(key, []), where, key)

    def _words_by_name(self, entry: Mapping[str, Any], key: str, where: str) -> Mapping[str, Words]:
        return {name: self._lemmas(v, where, key, name) for name, v in entry.get(key, {}).items()}

    def _lemmas(self, phrases: Any, where: str, key: str, name: str = "") -> Words:
        expanded = self._expand(phrases, where, key, name)
        return frozenset(normal(p) if p != "*" else "*" for p in expanded)

    def _sectors(self, entry: Mapping[str, Any], name: str, where: str) -> Words:
        found = frozenset(entry.get(name, ()))
        for sector in sorted(found - SECTORS):
            raise self.fail(f'{name}: no sector "{sector}"', where, nearest(sector, SECTORS), name)
        return found

    def _expand(self, phrases: Any, where: str, key: str, name: str = "") -> list[str]:
        out: list[str] = []
        for phrase in self._strings(phrases, where, key, name):
            if not phrase.startswith("@"):
                out.append(phrase)
                continue
            if phrase[1:] not in self.classes:
                raise self.fail(
                    f'no word class "{phrase}"', where, nearest(phrase[1:], self.classes), key
                )
            out.extend(self._expand(self.classes[phrase[1:]], where, key, name))
        return out

    def _strings(self, value: Any, where: str, key: str, name: str = "") -> list[str]:
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            field_name = f"{key}.{name}" if name else key
            raise self.fail(
                f'"{field_name}" is {_said(value)}: expected a list of words',
                where,
                'For example ["attack", "raid"].',
                name if self.table[0] == key else key,
            )
        return value

    def _fields(self, entry: Any, known: Mapping[str, Kinds], where: str) -> None:
        check_fields(lambda key: self._where(where, key), entry, known)


def check_fields(where: Callable[[str], str], entry: Any, known: Mapping[str, Kinds]) -> None:
    """Check that a table has no fields but these, each of the right kind, and numbers in range.

    Args:
        where: gives the place of a field by its name, and of the table by "".
        entry: the table.
        known: the fields that it may have.

    Raises:
        CodebookError: it has; the message names the nearest right name, or what is wanted.
    """
    if not isinstance(entry, Mapping):
        raise CodebookError("expected a table", where=where(""))
    for key, value in entry.items():
        if key not in known:
            raise CodebookError(f'unknown field "{key}"', where=where(key), do=nearest(key, known))
        kinds = known[key]
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            wanted = _WANTED[kinds if isinstance(kinds, type) else float]
            example = f", such as {_EXAMPLES[key]}" if key in _EXAMPLES else ""
            raise CodebookError(
                f'"{key}" has a value of the wrong kind: it is {_said(value)}',
                where=where(key),
                do=f"Write {wanted}{example}.",
            )
        if key in RANGES and isinstance(value, int | float):
            low, high = RANGES[key]
            if not low <= value <= high:  # not a number (nan) is in no range
                do = f"Write a number from {low:g} to {high:g}."
                raise CodebookError(f'"{key}" is {value:g}', where=where(key), do=do)


_LISTS = frozenset(name for name, kinds in FRAME_FIELDS.items() if kinds is list)
_WANTED: Mapping[type, str] = {
    str: "text in quotation marks",
    list: "a list in square brackets",
    dict: "a table",
    bool: "true or false, without quotation marks",
    float: "a number, without quotation marks",
}
_EXAMPLES: Mapping[str, str] = {
    "prep": '{ for = ["talk"] }',
    "not_prep": '{ for = ["talk"] }',
    "mode_by_clause": '{ ASSAULT = "violence" }',
    "mode_by_object": '{ troops = ["@troops"] }',
    "mode": '"aerial"',
    "classes": '[classes] with weapon = ["rocket", "shell"]',
    "score": "-7.5",
    "confidence": "0.8",
}


def _said(value: Any) -> str:
    """What a value is, in words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        odd = next((v for v in value if not (isinstance(v, str) and v.strip())), None)
        if not value or odd is None:
            return "a list"
        return f"a list with {_said(odd)} in it" if odd != "" else "a list with empty text in it"
    if isinstance(value, str):
        return f'the text "{value}"' if len(value) <= 40 else "text"
    return f"the value {value}"


@lru_cache(maxsize=1)
def _paths() -> Mapping[str, list[str]]:
    file = resources.files("whowhom.data").joinpath("codebooks", "prepositions.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _prepositions() -> Words:
    return frozenset(_paths()["prepositions"])


def _particles() -> Words:
    return frozenset(_paths()["particles"])
