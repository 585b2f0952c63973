"""What a codebook is made of, and the check that its files are right.

The file format is described in ``docs/codebook-format.md``. Errors name the
file, the field and the nearest right name.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import CodebookError
from ..model import QUADS, SECTORS, STATUSES, Quad

NEEDS = ("either", "actor", "recipient", "both", "none")
CLAUSES = ("infinitive", "that", "gerund", "any")
ROLES = ("subject", "object", "indirect", "clause", "clause.subject", "clause.object", "speaker")
PREPOSITION = "^[a-z]+( [a-z]+)?$"
"""A role path that is none of :data:`ROLES` is a preposition, of one word or two."""

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
    ) -> None:
        """``base`` is the type that the file is laid over: what the file leaves out, it keeps."""
        self.layer = layer
        self.file, self.data, self.contexts, self.base = file, data, contexts, base
        self.order = first_order
        self._fields(data, TYPE_FIELDS, "")
        local = data.get("classes", {})
        for name, members in local.items():
            self._strings(members, f"classes.{name}")
        self.classes = {**shared, **local}

    def fail(self, what: str, field_name: str, do: str = "") -> CodebookError:
        return CodebookError(
            what, where=f"{self.file}: {field_name}" if field_name else self.file, do=do
        )

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
        if data["quad"] not in QUADS:
            raise self.fail(f'"{data["quad"]}" is no quad', "quad", nearest(data["quad"], QUADS))
        if data.get("recipient", "optional") not in ("optional", "required"):
            raise self.fail(
                f'"{data["recipient"]}"', "recipient", 'Write "optional" or "required".'
            )
        name = data["type"]
        modes = dict(base.modes) if base is not None else {}
        for number, entry in enumerate(data.get("mode", []), 1):
            where = f"mode {number}"
            self._fields(entry, MODE_FIELDS, where)
            if "name" not in entry:
                raise self.fail('the field "name" is missing', where)
            modes[entry["name"]] = Mode(
                entry["name"],
                entry.get("score"),
                entry.get("definition", ""),
                self._words(entry.get("cues", []), where),
            )
        frames: list[Frame] = []
        ids: set[str] = set()
        for entry in data.get("frame", []):
            frame = self._frame(name, entry, modes)
            if frame.id in ids:
                raise self.fail("two frames have this id", frame.id, "Give one of them another.")
            ids.add(frame.id)
            frames.append(frame)
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
        where = f"frame {entry.get('id', self.order)}"
        self._fields(entry, FRAME_FIELDS, where)
        if "id" not in entry:
            raise self.fail('the field "id" is missing', where)
        for one_of, known in (("needs", NEEDS), ("clause", CLAUSES), ("status", STATUSES)):
            if one_of in entry and entry[one_of] not in known:
                raise self.fail(
                    f'{one_of} = "{entry[one_of]}"', where, nearest(entry[one_of], known)
                )
        for mode in [
            entry.get("mode"),
            *entry.get("mode_by_clause", {}).values(),
            *entry.get("mode_by_object", {}),
        ]:
            if mode is not None and mode not in modes:
                raise self.fail(f'{kind} has no mode "{mode}"', where, nearest(mode, modes))
        for context in entry.get("contexts", []):
            if self.contexts and context not in self.contexts:
                raise self.fail(f'no context "{context}"', where, nearest(context, self.contexts))
        if not any(entry.get(trigger) for trigger in ("verb", "noun", "adjective")):
            raise self.fail("no trigger", where, 'Give "verb", "noun" or "adjective".')
        for examples in ("match", "reject"):
            if not entry.get(examples):
                raise self.fail(
                    f'no "{examples}" sentence', where, "Every frame is tested by both."
                )
        for path in [*entry.get("actor", []), *entry.get("recipient", [])]:
            if not (path in ROLES or re.fullmatch(PREPOSITION, path)):
                raise self.fail(f'"{path}" is no role path', where, nearest(path, ROLES))
        self.order += 1
        verbs = tuple(
            Phrase(w[0], tuple(w[1:]))
            for w in map(words_of, self._expand(entry.get("verb", []), where))
        )
        return Frame(
            id=f"{kind}.{entry['id']}",
            event_type=kind,
            file=self.file,
            order=self.order,
            layer=self.layer,
            verbs=verbs,
            nouns=self._ending(entry.get("noun", []), where),
            adjectives=self._ending(entry.get("adjective", []), where),
            actor=tuple(entry.get("actor", ["subject"])),
            recipient=tuple(entry.get("recipient", ["object"])),
            mode=entry.get("mode"),
            needs=entry.get("needs", "either"),
            object=self._words(entry.get("object", []), where),
            not_object=self._words(entry.get("not_object", []), where),
            subject=self._words(entry.get("subject", []), where),
            not_subject=self._words(entry.get("not_subject", []), where),
            prep={k: self._words(v, where) for k, v in entry.get("prep", {}).items()},
            not_prep={k: self._words(v, where) for k, v in entry.get("not_prep", {}).items()},
            clause=entry.get("clause"),
            clause_verb=self._words(entry.get("clause_verb", []), where),
            not_clause_verb=self._words(entry.get("not_clause_verb", []), where),
            clause_type=frozenset(entry.get("clause_type", [])),
            near=self._words(entry.get("near", []), where),
            not_near=self._words(entry.get("not_near", []), where),
            actor_sector=self._sectors(entry, "actor_sector", where),
            not_actor_sector=self._sectors(entry, "not_actor_sector", where),
            recipient_sector=self._sectors(entry, "recipient_sector", where),
            not_recipient_sector=self._sectors(entry, "not_recipient_sector", where),
            mode_by_clause=dict(entry.get("mode_by_clause", {})),
            mode_by_object={
                k: self._words(v, where) for k, v in entry.get("mode_by_object", {}).items()
            },
            contexts=tuple(entry.get("contexts", ())),
            reciprocal=entry.get("reciprocal", False),
            status=entry.get("status"),
            confidence=float(entry.get("confidence", 0.8)),
            match=tuple(entry["match"]),
            reject=tuple(entry["reject"]),
        )

    def _ending(self, phrases: Any, where: str) -> tuple[Phrase, ...]:
        """Phrases whose last word is the head."""
        expanded = map(words_of, self._expand(phrases, where))
        return tuple(Phrase(words[-1], tuple(words[:-1])) for words in expanded)

    def _words(self, phrases: Any, where: str) -> Words:
        return frozenset(normal(p) if p != "*" else "*" for p in self._expand(phrases, where))

    def _sectors(self, entry: Mapping[str, Any], name: str, where: str) -> Words:
        found = frozenset(entry.get(name, ()))
        for sector in found - SECTORS:
            raise self.fail(f'{name}: no sector "{sector}"', where, nearest(str(sector), SECTORS))
        return found

    def _expand(self, phrases: Any, where: str) -> list[str]:
        out: list[str] = []
        for phrase in self._strings(phrases, where):
            if not phrase.startswith("@"):
                out.append(phrase)
                continue
            if phrase[1:] not in self.classes:
                raise self.fail(
                    f'no word class "{phrase}"', where, nearest(phrase[1:], self.classes)
                )
            out.extend(self._expand(self.classes[phrase[1:]], where))
        return out

    def _strings(self, value: Any, where: str) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            raise self.fail("expected a list of words", where, 'For example ["attack", "raid"].')
        return value

    def _fields(self, entry: Any, known: Mapping[str, Kinds], where: str) -> None:
        check_fields(f"{self.file}: {where}" if where else self.file, entry, known)


def check_fields(where: str, entry: Any, known: Mapping[str, Kinds]) -> None:
    """Check that a table has no fields but these, each of the right kind.

    Raises:
        CodebookError: it has; the message names the nearest right name.
    """
    if not isinstance(entry, Mapping):
        raise CodebookError("expected a table", where=where)
    for key, value in entry.items():
        if key not in known:
            raise CodebookError(f'unknown field "{key}"', where=where, do=nearest(key, known))
        if not isinstance(value, known[key]) or (
            isinstance(value, bool) and known[key] is not bool
        ):
            raise CodebookError(f'"{key}" has a value of the wrong kind', where=where)
