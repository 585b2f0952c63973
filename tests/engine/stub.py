"""A coder without a model, for tests of the store and the engine.

Each sentence "A verb B." gives an event; words between double underscores misbehave.
"""

from __future__ import annotations

import hashlib
import os
import re
import signal
import time
from pathlib import Path
from typing import Any

from whowhom.errors import InputError
from whowhom.model import (
    Attribution,
    Coded,
    CoderInfo,
    Coverage,
    Document,
    DocumentRef,
    Event,
    Evidence,
    Magnitudes,
    Party,
    Place,
    Range,
    Rejection,
    Trigger,
    Why,
)

_SENTENCE = re.compile(r"(?P<a>[^.]+?) (?P<verb>met|shelled|sued) (?P<b>[^.]+)\.")
_TYPES = {
    "met": ("CONSULT", "visit", "verbal cooperation", 4.0),
    "shelled": ("ASSAULT", "heavy-weapons", "material conflict", -9.5),
    "sued": ("ACCUSE", None, "verbal conflict", -2.0),
}
_hoard: list[bytes] = []


class StubCoder:
    def __init__(self, min_confidence: float | None = None, **_: Any) -> None:
        self._min = min_confidence
        self._seen: dict[str, int] = {}

    @property
    def info(self) -> CoderInfo:
        return CoderInfo("0.0-stub", "stub 1", None)

    @property
    def fingerprint(self) -> str:
        return f"stub-{self._min}"

    def code(self, document: Document) -> Coded:
        if "__hang__" in document.text:
            time.sleep(60)
        if "__segv__" in document.text:
            os.kill(os.getpid(), signal.SIGSEGV)
        if "__hoard__" in document.text:
            _hoard.append(b"x" * 60_000_000)
        if "__bomb__" in document.text:
            bomb = []
            while True:
                bomb.append(bytearray(b"x") * 20_000_000)
        if "__raise__" in document.text:
            raise ValueError("the stub was told to")
        if "__once__" in document.text:
            flag = Path(document.url or "")
            if not flag.exists():
                flag.touch()
                raise RuntimeError("only the first time")
        if "__refuse__" in document.text:
            raise InputError("not a language that it reads", reason="language")
        pause = re.search(r"__sleep (\d+)__", document.text)
        if pause:
            time.sleep(int(pause[1]) / 1000)
        events = tuple(
            self._event(document, n, m) for n, m in enumerate(_SENTENCE.finditer(document.text))
        )
        rejections = tuple(
            Rejection(document.id, 1, m.start(), m.end(), m[0], "no_party", "STUB.perhaps")
            for m in re.finditer(r"perhaps [^.]+", document.text)
        )
        coverage = Coverage(len(document.text), len(document.text), 2, 1, 2 * len(events), 1)
        return Coded(document, events, rejections, coverage)

    def _event(self, document: Document, number: int, match: re.Match[str]) -> Event:
        kind, mode, quad, score = _TYPES[match["verb"]]
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        digest = hashlib.sha256(f"{document.id} {start} {kind}".encode()).hexdigest()[:24]

        def party(group: str) -> Party:
            text = match[group].strip()
            left = match.start(group) + len(match[group]) - len(match[group].lstrip())
            return Party(text, left, left + len(text), name=text, country=text[:3].upper())

        speaker = Attribution(party("a"), "said", False, 0, 4) if number % 2 else None
        return Event(
            id=digest,
            document=DocumentRef(
                document.id,
                document.title,
                document.outlet,
                document.url,
                document.published,
                document.genre,
            ),
            event_type=kind,
            mode=mode,
            contexts=("military",),
            quad=quad,  # type: ignore[arg-type]
            score=score,
            actors=(party("a"),),
            recipients=(party("b"),),
            status="actual",
            attribution=(speaker,) if speaker else (),
            voice="reported",
            date=document.published,
            end_date=None,
            date_text=None,
            date_granularity="day" if document.published else None,
            date_from="published" if document.published else None,
            place=Place("Lira", 0, 4, "Lira", "UGA", "Lira", 2.2, 32.9, 229362, "city"),
            magnitudes=Magnitudes(killed=number, injured=Range(2, None)),
            evidence=Evidence(
                match[0].strip(),
                start,
                match.end(),
                Trigger(match["verb"], match.start("verb"), match.end("verb")),
                number + 1,
            ),
            why=Why("STUB." + match["verb"], None, 0.9, None),
            incident=None,
            coder=self.info,
        )
