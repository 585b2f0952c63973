"""What a run makes of the things that it reads, and what it says at the end."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from whowhom.model import Coded, CoderInfo, Coverage, Document, LedgerRow, LedgerStatus

if TYPE_CHECKING:
    from whowhom.store.pack import Packed


class CoderLike(Protocol):
    """What the engine needs of a coder: :class:`whowhom.pipeline.Coder` has it."""

    def code(self, document: Document) -> Coded: ...
    @property
    def info(self) -> CoderInfo: ...
    @property
    def fingerprint(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Packing:
    """What a store keeps of a document.

    ``evidence_characters``: of a sentence; whole sentences, and the documents' text, with
    ``keep_text``.
    """

    keep_text: bool
    evidence_characters: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """One item that was read, with its ledger row. Where it was coded, either ``coded`` or, from
    engines that were asked for it, ``packed``: the rows of the store."""

    row: LedgerRow
    coded: Coded | None = None
    packed: Packed | None = None


class Sink(Protocol):
    """Where outcomes go, a batch at a time and in the order of reading."""

    def write(self, batch: Sequence[Outcome]) -> None: ...


STATES: tuple[LedgerStatus, ...] = ("coded", "no_events", "duplicate", "skipped", "poisoned")


@dataclass(slots=True)
class Report:
    """The counts of a run. ``read`` is the sum of ``states`` and ``done``."""

    read: int = 0
    done: int = 0  # by a run before this one, which this one resumes
    states: Counter[LedgerStatus] = field(default_factory=Counter)
    events: int = 0
    rejections: int = 0
    coverage: Coverage = field(default_factory=Coverage)
    reasons: Counter[str] = field(default_factory=Counter)  # of what was skipped or poisoned
    troubles: list[LedgerRow] = field(default_factory=list)  # the first skipped and poisoned
    seconds: float = 0.0

    MOST_TROUBLES = 200

    def add(self, outcome: Outcome) -> None:
        row = outcome.row
        self.states[row.status] += 1
        self.events += row.events
        self.rejections += row.rejections
        if row.status in ("skipped", "poisoned"):
            self._trouble(row)
        made = outcome.coded or outcome.packed
        if made is not None:
            self.coverage = add_coverage(self.coverage, made.coverage)

    def add_done(self, row: LedgerRow | None) -> None:
        """Count an item that a run before did; ``row`` is given where it was not coded."""
        self.done += 1
        if row is not None:
            self._trouble(row)

    def _trouble(self, row: LedgerRow) -> None:
        self.reasons[row.reason or row.status] += 1
        if len(self.troubles) < self.MOST_TROUBLES:
            self.troubles.append(row)

    def plus(self, other: Report) -> Report:
        """Both accounts as one."""
        return Report(
            read=self.read + other.read,
            done=self.done + other.done,
            states=self.states + other.states,
            events=self.events + other.events,
            rejections=self.rejections + other.rejections,
            coverage=add_coverage(self.coverage, other.coverage),
            reasons=self.reasons + other.reasons,
            troubles=[*self.troubles, *other.troubles][: self.MOST_TROUBLES],
            seconds=self.seconds + other.seconds,
        )

    @property
    def unread(self) -> int:
        """How many were skipped or poisoned, in this run or the one that it resumes."""
        return sum(self.reasons.values())

    def counts(self) -> dict[str, int]:
        """The counts by name, for the manifest."""
        return {
            "read": self.read,
            "done_before": self.done,
            **{state: self.states[state] for state in STATES},
            "events": self.events,
            "rejections": self.rejections,
        }


def add_coverage(left: Coverage, right: Coverage) -> Coverage:
    return Coverage(
        *(getattr(left, f.name) + getattr(right, f.name) for f in dataclasses.fields(Coverage))
    )


def shares(coverage: Coverage) -> dict[str, float | None]:
    """Shares, 0 to 1, of text read and of parties, dates and places resolved; None of nothing."""

    def share(part: int, whole: int) -> float | None:
        return round(part / whole, 4) if whole else None

    return {
        "text_read": share(coverage.characters_read, coverage.characters),
        "sentences_read": share(coverage.sentences_read, coverage.sentences),
        "parties_resolved": share(coverage.parties_resolved, coverage.parties),
        "events_dated": share(coverage.events_dated, coverage.events),
        "events_placed": share(coverage.events_placed, coverage.events),
    }
