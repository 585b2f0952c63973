"""Events as a table on a terminal: who did what to whom, when, where, according to whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from whowhom.model import Event, Magnitudes, Party, Range
from whowhom.show.safe import visible

WIDE = 110
"""Columns of a terminal from which every field has a column of its own."""

NOTHING = Text("–", style="dim")
_STYLE = {
    "verbal cooperation": "green",
    "material cooperation": "bold green",
    "verbal conflict": "yellow",
    "material conflict": "bold red",
}


def draw(events: Sequence[Event], console: Console, *, title: str | None = None) -> None:
    """Print the events, two lines a row on a narrow terminal."""
    wide = console.width >= WIDE
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        header_style="dim",
        padding=(0, 2, 0, 0) if wide else (0, 2, 1, 0),
    )
    if wide:
        _columns(table, when=10, what=22, actor=0, recipient=0, status=0, says=0, where=0)
        for event in events:
            table.add_row(
                _when(event),
                _what(event),
                _side(event.actors),
                _side(event.recipients),
                _status(event),
                _says(event),
                _where(event),
            )
    else:
        _columns(table, when_where=12, what=14, whom=0, status_says=0)
        for event in events:
            place = _where(event)
            table.add_row(
                _lines(_when(event), None if place is NOTHING else place),
                _lines(*_what(event).split("·", include_separator=False)),
                _lines(_side(event.actors), Text("→ ") + _side(event.recipients)),
                _lines(_status(event), _says(event)),
            )
    console.print(table)


_HEADINGS = {
    "when_where": "when, where",
    "whom": "who → whom",
    "says": "who says so",
    "status_says": "status, who says so",
}


def _columns(table: Table, **widths: int) -> None:
    """Columns of fixed widths, which hold the longest date, type and mode; 0 takes its share of
    what is left. (Least widths would not do: rich shrinks the widest first, and then crops.)"""
    for name, width in widths.items():
        table.add_column(_HEADINGS.get(name, name), width=width or None, overflow="fold")


def _lines(*parts: Text | None) -> Text:
    return Text("\n").join(part for part in parts if part is not None and part.plain)


def _when(event: Event) -> Text:
    if event.date is None:
        return NOTHING
    text = event.date.isoformat()
    if event.date_granularity == "year":
        text = text[:4]
    elif event.date_granularity == "month":
        text = text[:7]
    elif event.date_granularity == "week":
        text = f"week of {text}"
    # a date that the text does not give is taken from the day of publication: shown as less sure
    return Text(text, style="dim" if event.date_from == "published" else "")


def _what(event: Event) -> Text:
    text = Text(event.event_type, style=_STYLE.get(event.quad, ""))
    if event.mode:
        text.append("·" + event.mode, style="not bold")
    return text


def _side(parties: Iterable[Party]) -> Text:
    shown = [party_text(party) for party in parties]
    return Text(", ").join(shown) if shown else NOTHING


def party_text(party: Party) -> Text:
    """A party as its name or words, with its codes dimmed: ``the army (SDN·MIL)``."""
    text = Text(visible(party.name or party.text))
    # one word, so that no line breaks within it
    codes = "·".join(code for code in (party.country, party.sector) if code)
    if codes:
        text.append(f" ({visible(codes)})", style="dim")
    return text


def _status(event: Event) -> Text:
    text = Text(event.status, style="" if event.status == "actual" else "magenta")
    if event.voice != "reported":
        text.append(f", {event.voice}", style="magenta")
    return text


def _says(event: Event) -> Text:
    if not event.attribution:
        # the document's own voice
        return Text(visible(event.document.outlet or "the text"), style="dim")
    speakers = []
    for link in event.attribution:
        name = link.speaker.name or link.speaker.text if link.speaker else "somebody"
        speakers.append(_said(visible(name), visible(link.cue).lower()))
    return Text(": ".join(speakers), style="cyan")


def _said(name: str, cue: str) -> str:
    """``Kenya said``; but ``according to Kenya``: what ends with "to" or "by" goes before."""
    return f"{cue} {name}" if cue.endswith((" to", " by")) else f"{name} {cue}".strip()


def _where(event: Event) -> Text:
    if event.place is None:
        return NOTHING
    text = Text(visible(event.place.name or event.place.text))
    if event.place.country and event.place.resolution != "country":
        text.append(f" {event.place.country}", style="dim")
    return text


def figures(magnitudes: Magnitudes) -> str:
    """The figures in words: ``12 killed, at least 30 injured``; empty where there are none."""
    shown = []
    for name in ("killed", "injured", "arrested", "crowd"):
        value: int | Range | None = getattr(magnitudes, name)
        if value is not None:
            number = figure(value)
            shown.append(f"a crowd of {number}" if name == "crowd" else f"{number} {name}")
    return ", ".join(shown)


def figure(value: int | Range) -> str:
    """A number or a range in words."""
    if isinstance(value, int):
        return f"{value:,}"
    if value.low is None:
        return "an unknown number" if value.high is None else f"at most {value.high:,}"
    return f"at least {value.low:,}" if value.high is None else f"{value.low:,} to {value.high:,}"
