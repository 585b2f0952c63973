"""Asking: the question as JSON, the answer checked against its list, every failure counted."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import secrets
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from whowhom.adjudicate.client import Endpoint, NoAnswer, ask, endpoint
from whowhom.adjudicate.votes import FOLDER, Votes
from whowhom.errors import UsageError
from whowhom.model import Question, Vote
from whowhom.settings import ADJUDICATOR, DEFAULT, AdjudicatorSettings

NONE = "none"
_MODEL = re.compile(r"[0-9A-Za-z][0-9A-Za-z._:/@+-]{0,99}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
KEY = "WHOWHOM_LLM_KEY"
"""Environment variable that holds the key, unless the settings name another."""


@dataclass(frozen=True, slots=True)
class Spec:
    """An adjudicator in a form that worker processes can be sent. The key is not in it: each
    reads it from its environment. ``run``: names the run, whose budget all workers share."""

    url: str
    model: str
    store: Path
    settings: AdjudicatorSettings = ADJUDICATOR
    key_variable: str = KEY
    run: str = field(default_factory=lambda: secrets.token_hex(8))

    def __post_init__(self) -> None:
        """
        Raises:
            UsageError: the address may not be asked, or a name or number is none.
        """
        endpoint(self.url)
        if not _MODEL.fullmatch(self.model):
            raise UsageError(f"{self.model[:100]!r} is no name of a model", where="adjudicator")
        if not _VARIABLE.fullmatch(self.key_variable):
            raise UsageError(
                f"{self.key_variable[:100]!r} is no environment variable", where="adjudicator"
            )
        s = self.settings
        if not (0 < s.seconds <= s.document_seconds < DEFAULT.document_seconds):
            raise UsageError(
                f"a call of {s.seconds:g} s in a document of {s.document_seconds:g} s",
                where="adjudicator",
                do=f"seconds is at most document_seconds, and that below "
                f"{DEFAULT.document_seconds:g}, after which a document is given up.",
            )
        if not (0 <= s.ask_from <= 1) or s.types < 1 or s.calls < 0 or s.retries < 0:
            raise UsageError("a number is out of its range", where="adjudicator")

    @property
    def label(self) -> str:
        """As it stands in ``coder.model`` of every event of the run."""
        return f"llm {self.model}"

    @property
    def fingerprint(self) -> str:
        """Hash of what decides which questions are asked, of whom, and how."""
        s = self.settings
        parts = (self.model, _instruction(), s.ask_from, s.types, s.answer_tokens)
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def tally(self) -> Tally:
        """What became of the questions of the run so far."""
        return Tally(self.model, dict(sorted(self.votes().tally().items())))

    def votes(self) -> Votes:
        return Votes(self.store / FOLDER, self.run)


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of a run's questions. ``counts``: ``chosen`` and ``vetoed``; of these ``kept``
    were answered from the store without a call; and ``failed:REASON``, after which the coder's
    own decision stood."""

    model: str
    counts: Mapping[str, int]

    @property
    def failed(self) -> int:
        return sum(n for name, n in self.counts.items() if name.startswith("failed:"))

    def words(self) -> str:
        """One line for people."""
        get = self.counts.get
        line = (
            f"Adjudicator {self.model}: {get('chosen', 0):,} chosen, {get('vetoed', 0):,} vetoed "
            f"({get('kept', 0):,} of these from votes in the store), {self.failed:,} without a "
            "vote that counts"
        )
        why = [
            f"{name.removeprefix('failed:')} {n:,}"
            for name, n in self.counts.items()
            if name.startswith("failed:")
        ]
        return line + (f" ({', '.join(why)})." if why else ".")


def read_spec(path: Path, store: Path) -> Spec:
    """An adjudicator from a settings file: TOML with ``url``, ``model``, and any field of
    :class:`~whowhom.settings.AdjudicatorSettings`; ``key_variable`` names another variable.

    Raises:
        UsageError: the file cannot be read, or a field is unknown or wrong.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"this is no settings file of an adjudicator ({error})", where=str(path)
        ) from error
    known = {f.name: f.type for f in dataclasses.fields(AdjudicatorSettings)}
    texts = {"url", "model", "key_variable"}
    for name, value in data.items():
        if name in ("key", "api_key"):
            raise UsageError(
                f"{name}: a key does not belong into a file",
                where=str(path),
                do=f"Set the environment variable {KEY}, or the one that key_variable names.",
            )
        if name not in texts | known.keys():
            raise UsageError(
                f"{name[:50]!r} is no setting of an adjudicator",
                where=str(path),
                do=f"Settings: {', '.join(sorted(texts | known.keys()))}.",
            )
        good: type | tuple[type, ...] = (int, float) if known.get(name) == "float" else int
        if known.get(name) == "bool":
            good = bool
        right = isinstance(value, str if name in texts else good)
        if not right or (isinstance(value, bool) and good is not bool):
            raise UsageError(f"{name}: {value!r} is of the wrong kind", where=str(path))
    missing = {"url", "model"} - data.keys()
    if missing:
        raise UsageError(f"{', '.join(sorted(missing))}: missing", where=str(path))
    given = {name: data.pop(name) for name in list(data) if name in texts}
    return Spec(store=store, settings=dataclasses.replace(ADJUDICATOR, **data), **given)


class Adjudicator:
    """Asks within a time a document and a budget a run; keeps and counts every vote."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.ask_from = spec.settings.ask_from
        self.types = spec.settings.types
        self._place: Endpoint = endpoint(spec.url)
        self._votes = spec.votes()
        self._key = os.environ.get(spec.key_variable) or None
        self._until = 0.0
        self._misses = 0  # calls in a row that came to nothing: then the endpoint is left alone

    @property
    def label(self) -> str:
        """As it stands in ``coder.model`` of every event of the run."""
        return self.spec.label

    @property
    def fingerprint(self) -> str:
        """Hash of what decides which questions are asked, of whom, and how."""
        return self.spec.fingerprint

    def begin(self) -> None:
        """A document begins: its time runs from here."""
        self._until = time.monotonic() + self.spec.settings.document_seconds

    def decide(self, question: Question) -> Vote:
        """The vote on a question; where there is none that counts, ``failure`` says why.

        Raises:
            StoreError: a vote cannot be kept.
        """
        body = self._body(question)
        key = hashlib.sha256(
            json.dumps(body, sort_keys=True, ensure_ascii=False).encode("utf-8", "replace")
        ).hexdigest()
        by = f"llm:{self.spec.model}#{key[:12]}"
        choice = self._votes.find(key)
        kept = choice is not None
        try:
            if choice is None:
                choice = self._call(body, question)
            option = self._option(choice, question)
        except NoAnswer as error:
            self._votes.note(f"failed:{error.reason}")
            return Vote(by, None, error.reason)
        if kept:
            self._votes.note("kept")
        else:
            self._votes.keep(key, self.spec.model, choice)
        self._votes.note("vetoed" if option is None else "chosen")
        return Vote(by, option, None)

    def _call(self, body: Mapping[str, Any], question: Question) -> str:
        """A choice that is on the list.

        Raises:
            NoAnswer: none was to be had.
        """
        s = self.spec.settings
        if self._misses >= s.give_up_after:
            raise NoAnswer("given_up")
        for attempt in range(s.retries + 1):
            left = self._until - time.monotonic()
            if left <= 0:
                raise NoAnswer("no_time")
            if not self._votes.claim(s.calls):
                raise NoAnswer("budget")
            try:
                words = ask(self._place, body, self._key, seconds=min(s.seconds, left),
                            most_bytes=s.answer_bytes)  # fmt: skip
                choice = parsed(words)
                self._option(choice, question)
            except NoAnswer as error:
                self._misses += 1
                if not error.again or attempt == s.retries:
                    raise
                time.sleep(max(0.0, min(s.pause_seconds, self._until - time.monotonic())))
                continue
            self._misses = 0
            return choice
        raise NoAnswer("no_time")  # pragma: no cover - the last attempt returns or raises

    def _option(self, choice: str, question: Question) -> int | None:
        """The place in the list of a choice, None for none of them."""
        if choice == NONE:
            return None
        if not re.fullmatch(r"[1-9]\d{0,3}", choice) or int(choice) > len(question.options):
            raise NoAnswer("not_on_the_list")
        return int(choice) - 1

    def _body(self, question: Question) -> dict[str, Any]:
        """What is sent. The sentence is a value of a JSON object in a message of its own."""
        options = [
            {"id": str(n), "type": o.event_type, "mode": o.mode, "meaning": o.meaning}
            for n, o in enumerate(question.options, 1)
        ]
        text = question.sentence[: self.spec.settings.sentence_characters]
        asked = {
            "sentence": text,
            "words": question.words,
            "actors": list(question.actors),
            "recipients": list(question.recipients),
            "options": [*options, {"id": NONE, "meaning": _told()["none"]}],
        }
        body: dict[str, Any] = {
            "model": self.spec.model,
            "temperature": 0,
            "seed": 0,
            "max_tokens": self.spec.settings.answer_tokens,
            "stream": False,
            "messages": [
                {"role": "system", "content": _instruction()},
                {"role": "user", "content": json.dumps(asked, ensure_ascii=False)},
            ],
        }
        if self.spec.settings.schema:
            ids = [*(str(n) for n in range(1, len(options) + 1)), NONE]
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "choice", "strict": True, "schema": _schema(ids)},
            }
        return body


def parsed(words: str) -> str:
    """The choice in an answer, which is a JSON object with this one field and no other.

    Raises:
        NoAnswer: it is anything else.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) < len(pairs):
            raise ValueError("a field twice")
        return dict(pairs)

    try:
        data = json.loads(words, object_pairs_hook=once)
    except (ValueError, RecursionError):
        raise NoAnswer("no_json") from None
    choice = data.get("choice") if isinstance(data, dict) and len(data) == 1 else None
    if not isinstance(choice, str):
        raise NoAnswer("wrong_shape")
    return choice


def _schema(ids: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"choice": {"type": "string", "enum": ids}},
        "required": ["choice"],
        "additionalProperties": False,
    }


@lru_cache(maxsize=1)
def _told() -> Mapping[str, str]:
    file = resources.files("whowhom.data").joinpath("adjudicator.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _instruction() -> str:
    return _told()["system"]
