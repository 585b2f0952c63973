"""Draw events over their sentences: who, what, whom, and why."""

from __future__ import annotations

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..model import Coded, Event, Party, Rejection
from .safe import masked, visible

_STYLES = {
    "actor": "bold cyan",
    "trigger": "bold yellow",
    "recipient": "bold magenta",
    "cue": "green",
}
_LABELS = {"actor": "who", "trigger": "did", "recipient": "whom", "cue": "says"}


def draw(coded: Coded, console: Console, *, rejections: bool = True) -> None:
    """Print every event over its sentence, rule by rule, then what was looked at and not coded."""
    sentences: dict[tuple[str, int], list[Event]] = {}
    for event in coded.events:
        sentences.setdefault((event.evidence.part, event.evidence.start), []).append(event)
    for events in sentences.values():
        for event in events:
            console.print(Group(over_sentence(event, console.width), fields(event)))
            console.print()
    if not coded.events:
        console.print("No event was coded.")
    if rejections and coded.rejections:
        console.print(Text("Looked at and not coded", style="bold"))
        console.print(rejected(coded.rejections))


def over_sentence(event: Event, width: int = 80) -> Group:
    """The sentence of an event, its parts underlined with their roles below."""
    text, shift = event.evidence.sentence_text, event.evidence.start
    spans = [("trigger", event.evidence.trigger.start, event.evidence.trigger.end)]
    spans += [("actor", p.start, p.end) for p in event.actors]
    spans += [("recipient", p.start, p.end) for p in event.recipients]
    spans += [("cue", a.start, a.end) for a in event.attribution]
    placed: list[tuple[str, int, int]] = []
    for role, start, end in spans:
        # offsets are the source's; blanks may be folded in the sentence: find the words nearby
        found = _locate(text, start - shift, end - start, _words(event, start, end))
        if found is not None:
            placed.append((role, *found))
    lines: list[Text | Padding] = []
    for low, high in _rows(text, max(20, width - 4)):
        line = Text(masked(text[low:high]))
        marks = [" "] * (high - low)
        labels = [" "] * (high - low + 6)
        for role, start, end in sorted(placed, key=lambda s: s[1]):
            a, b = max(start, low) - low, min(end, high) - low
            if a >= b:
                continue
            line.stylize(_STYLES[role], a, b)
            marks[a:b] = "─" * (b - a)
            label = _LABELS[role]
            if start >= low and all(c == " " for c in labels[a : a + len(label)]):
                labels[a : a + len(label)] = label
        lines.append(Padding(line, (0, 0, 0, 2)))
        if any(c != " " for c in marks):
            lines.append(Padding(Text("".join(marks), style="dim"), (0, 0, 0, 2)))
            lines.append(Padding(Text("".join(labels).rstrip(), style="dim italic"), (0, 0, 0, 2)))
    return Group(*lines)


def fields(event: Event, *, why: bool = True) -> Table:
    """The fields of an event, a line each, with what decided them unless ``why`` is false."""
    table = Table(show_header=False, box=None, padding=(0, 1), pad_edge=False)
    table.add_column(style="dim", justify="right", min_width=12)
    table.add_column(overflow="fold")
    kind = event.event_type + (f" · {event.mode}" if event.mode else "")
    score = f", score {event.score:+g}" if event.score is not None else ""
    table.add_row("event", Text(kind, style="bold") + Text(f"  {event.quad}{score}", style="dim"))
    for party in event.actors:
        table.add_row("actor", _party(party))
    for party in event.recipients:
        table.add_row("recipient", _party(party))
    table.add_row("status", f"{event.status}, {event.voice}")
    for link in event.attribution:
        who = link.speaker.text if link.speaker is not None else "somebody"
        quoted = ", in quotes" if link.quoted else ""
        table.add_row("according to", visible(f"{who} ({link.cue}{quoted})"))
    if event.date is not None:
        until = f" to {event.end_date}" if event.end_date and event.end_date != event.date else ""
        said = f' "{visible(event.date_text)}"' if event.date_text else ""
        source = f" (from {event.date_from})" if event.date_from else ""
        table.add_row("when", f"{event.date}{until}{said}{source}")
    if event.place is not None:
        where = ", ".join(filter(None, (event.place.name or event.place.text, event.place.country)))
        table.add_row("where", visible(where))
    for name in ("killed", "injured", "arrested", "crowd"):
        value = getattr(event.magnitudes, name)
        if value is not None:
            low, high = (value, value) if isinstance(value, int) else (value.low, value.high)
            shown = (
                f"{low:,}"
                if low == high and low is not None
                else f"{low if low is not None else '…'} to {high if high is not None else '…'}"
            )
            table.add_row(name, shown)
    for money in event.magnitudes.money:
        per = f" a {money.per}" if money.per else ""
        table.add_row("money", f"{money.amount:,.0f} {money.currency or ''}{per}")
    if why:
        by = event.why.rule or event.why.model or "?"
        other = f"; next: {event.why.runner_up}" if event.why.runner_up else ""
        sure = event.why.confidence  # None where the event was imported
        how = event.coder.version if sure is None else f"confidence {sure:.2f}"
        table.add_row("why", f"{by}, {how}{other}")
    return table


def rejected(rejections: tuple[Rejection, ...]) -> Table:
    """What was looked at and not coded: words, reason, rule."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    for column in ("words", "reason", "rule", "detail"):
        table.add_column(column, overflow="fold")
    for r in rejections:
        table.add_row(
            Text(visible(r.text)),
            r.reason.replace("_", " "),
            r.rule or "",
            Text(visible(r.detail), style="dim"),
        )
    return table


def _party(party: Party) -> Text:
    codes = " ".join(filter(None, (party.country, party.sector))) or "unresolved"
    text = Text(visible(party.text)) + Text(f"  {visible(codes)}", style="bold")
    name = party.name if party.name and party.name != party.text else None
    more = ", ".join(filter(None, (name, party.office, ", ".join(party.members))))
    more = visible(more)
    return text + Text(f"  {more + ' ' if more else ''}({party.resolved_by})", style="dim")


def _words(event: Event, start: int, end: int) -> str:
    trigger = event.evidence.trigger
    if (trigger.start, trigger.end) == (start, end):
        return trigger.text
    for party in (*event.actors, *event.recipients):
        if (party.start, party.end) == (start, end):
            return party.text
    for link in event.attribution:
        if (link.start, link.end) == (start, end):
            return link.cue
    return ""


def _locate(text: str, start: int, length: int, words: str) -> tuple[int, int] | None:
    if words and text[max(0, start) : max(0, start) + len(words)] == words:
        return start, start + len(words)
    nearest = min(
        (i for i in range(len(text)) if words and text.startswith(words, i)),
        key=lambda i: abs(i - start),
        default=None,
    )
    if nearest is not None:
        return nearest, nearest + len(words)
    return (start, start + length) if 0 <= start < len(text) else None


def _rows(text: str, width: int) -> list[tuple[int, int]]:
    """Spans of the lines that a text takes at a width, broken at blanks."""
    rows, low = [], 0
    while low < len(text):
        high = min(low + width, len(text))
        if high < len(text):
            blank = text.rfind(" ", low, high)
            high = blank + 1 if blank > low else high
        rows.append((low, high))
        low = high
    return rows
