"""What a report says, before it is HTML, Markdown or PDF."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from whowhom.show.charts.theme import Chart


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a text as evidence: the words before, of and after the trigger."""

    event_id: str
    before: str
    trigger: str
    after: str
    act: str  # "the United States accuses or criticises Cuba"
    quad: str
    source: str  # outlet, else "no outlet named"
    title: str
    url: str | None  # only http and https
    published: dt.date | None
    says: tuple[str, ...]  # who says so, outermost first: "Gromyko (said)"
    status: str  # "" where it is told as happening
    confidence: float | None  # None where the event was imported

    @property
    def text(self) -> str:
        return self.before + self.trigger + self.after


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list that opens onto its sentences."""

    identity: str  # its anchor
    head: str
    figure: str = ""  # the number, with its unit
    note: str = ""
    sentences: tuple[Sentence, ...] = ()
    more: int = 0  # sentences that are not shown


@dataclass(frozen=True, slots=True)
class Grid:
    """A small table: text to the left, numbers to the right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    identity: str
    heading: str
    text: tuple[str, ...] = ()  # paragraphs
    charts: tuple[tuple[str, Chart], ...] = ()  # each with the id that it has on the page
    grids: tuple[Grid, ...] = ()
    items: tuple[Item, ...] = ()
    items_head: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """A whole report."""

    title: str
    when: str  # the days that it covers; "" where none is known
    standfirst: str
    made: str  # ISO day
    facts: tuple[tuple[str, str], ...]  # number, what it counts
    brief: tuple[tuple[str, str], ...]  # a sentence, and the section that it leads to
    sections: tuple[Section, ...]
    asked: tuple[str, ...] = ()  # what the filter leaves in, in words
    version: str = ""
    sources: tuple[tuple[str, str], ...] = field(default=())
