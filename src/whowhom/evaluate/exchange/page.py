"""What annotation tools have in common: one text, spans with a label and values, and links.

Title and text become one text, for tools show one; the way back is kept. A trigger is a span with
its event type as label; parties, speakers and places are spans of their own, linked to it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from whowhom.errors import InputError
from whowhom.evaluate.gold import (
    FIELDS,
    AnnotatedDocument,
    AnnotatedEvent,
    Span,
    event_dict,
    from_dict,
    to_dict,
)
from whowhom.model import Genre, Part

BETWEEN = "\n\n"
"""Between title and text."""
PARTY, PLACE = "PARTY", "PLACE"
"""Labels of spans that are no triggers."""
LINKS = {"actor": "actors", "recipient": "recipients", "speaker": "speaker", "place": "place"}
"""Links from a trigger, and the field that they fill."""
EVENT_VALUES = ("mode", "status", "voice", "date", "core", "also_ok", "note")
PARTY_VALUES = ("country", "sector", "name")


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of the page's text with a label; ``values`` are words."""

    id: str
    start: int
    end: int
    label: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """From a trigger to a party or a place: actor, recipient, speaker or place."""

    source: str
    target: str
    label: str


@dataclass(frozen=True, slots=True)
class Page:
    """A document as annotation tools have it. ``rest`` is what they have no place for."""

    text: str
    marks: Sequence[Mark]
    links: Sequence[Link]
    rest: Mapping[str, Any]


@dataclass(slots=True)
class Read:
    """Documents from a tool, and what could not be read or put back, in words."""

    documents: list[AnnotatedDocument]
    lost: list[str] = field(default_factory=list)


def to_page(document: AnnotatedDocument) -> Page:
    """The page of a document."""
    shift = len(document.title) + len(BETWEEN) if document.title else 0
    title = document.title or ""
    text = (title + BETWEEN if title else "") + (document.text or "")
    marks: list[Mark] = []
    links: list[Link] = []
    seen: dict[tuple[Any, ...], str] = {}
    kept: list[dict[str, Any]] = []

    def place(span: Span) -> tuple[int, int] | None:
        if span.start is None or span.end is None:
            return None
        by = shift if span.part == "text" else 0
        return span.start + by, span.end + by

    def party(span: Span, label: str) -> str | None:
        """The id of the mark of a span; one mark for all events that mean the same by it."""
        at = place(span)
        if at is None:
            return None
        values = {k: v for k in PARTY_VALUES if (v := getattr(span, k)) is not None}
        key = (*at, label, *sorted(values.items()))
        if key not in seen:
            seen[key] = f"p{len(seen) + 1}"
            marks.append(Mark(seen[key], *at, label, values))
        return seen[key]

    for number, event in enumerate(document.events):
        at = place(event.trigger)
        plain = event_dict(event)
        if at is None:
            continue  # nothing to show; imported events have no words
        mark = f"e{number + 1}"
        values = {k: _word(plain[k]) for k in EVENT_VALUES if plain.get(k) is not None}
        marks.append(Mark(mark, *at, event.event_type, values))
        unplaced: dict[str, Any] = {}
        for label, name in LINKS.items():
            value = getattr(event, name)
            spans = value if isinstance(value, tuple) else (value,) if value else ()
            for order, span in enumerate(spans):
                target = party(span, PLACE if label == "place" else PARTY)
                if target is None:
                    one = plain[name][order] if isinstance(value, tuple) else plain[name]
                    unplaced.setdefault(label, []).append([order, one])
                else:
                    links.append(Link(mark, target, label))
        left: dict[str, Any] = {k: plain[k] for k in ("id", "sentence", "meta") if k in plain}
        kept.append(
            {
                "start": at[0],
                "end": at[1],
                "event_type": event.event_type,
                "said": sorted(event.said),
                **left,
                **({"unplaced": unplaced} if unplaced else {}),
            }
        )
    rest = {
        "id": document.id,
        "title_characters": len(title),
        "outlet": document.outlet,
        "url": document.url,
        "published": document.published.isoformat() if document.published else None,
        "genre": document.genre,
        "coder": document.coder,
        "meta": dict(document.meta),
        "events": kept,
    }
    return Page(text, marks, links, {k: v for k, v in rest.items() if v not in (None, {}, [])})


def from_page(page: Page, lost: Callable[[str], None], *, id_: str) -> AnnotatedDocument:
    """The document of a page.

    Args:
        page: as a tool gives it back.
        lost: called with a sentence for everything that cannot be a part of gold.
        id_: its id where the page has none of ours.
    """
    rest = page.rest
    id_ = str(rest.get("id") or id_)
    length = rest.get("title_characters") or 0
    titled = isinstance(length, int) and 0 < length <= len(page.text)
    title = page.text[:length] if titled else None
    shift = length + len(BETWEEN) if titled else 0
    if titled and page.text[length:shift] != BETWEEN:
        lost(f"{id_}: its text was changed in the tool: the title is taken for a part of it")
        title, shift = None, 0
    by_id = {mark.id: mark for mark in page.marks}
    targets: dict[str, list[Link]] = {}
    for link in page.links:
        if link.source not in by_id or link.target not in by_id:
            lost(f"{id_}: a link {link.label!r} has no span at one end")
            continue
        # drawn the wrong way round: from the party to the trigger
        if _is_event(by_id[link.target]) and not _is_event(by_id[link.source]):
            link = Link(link.target, link.source, link.label)
        targets.setdefault(link.source, []).append(link)

    def span(mark: Mark) -> dict[str, Any] | None:
        part: Part = "text" if mark.start >= shift else "title"
        start, end = (mark.start - shift, mark.end - shift) if part == "text" else (
            mark.start, mark.end
        )  # fmt: skip
        holder = page.text[shift:] if part == "text" else title or ""
        if not 0 <= start < end <= len(holder):
            lost(f"{id_}: a span at {mark.start} crosses from the title into the text")
            return None
        found: dict[str, Any] = {"text": holder[start:end], "start": start, "end": end}
        if part == "title":
            found["part"] = part
        return found

    waiting = [dict(item) for item in rest.get("events", []) if isinstance(item, Mapping)]
    order_of = {id(item): n for n, item in enumerate(waiting)}
    events: list[dict[str, Any]] = []
    orders: list[int] = []
    linked: set[str] = set()
    for mark in sorted(page.marks, key=lambda m: (m.start, m.end)):
        if not _is_event(mark):
            continue
        trigger = span(mark)
        if trigger is None:
            continue
        event: dict[str, Any] = {"event_type": mark.label, "trigger": trigger}
        before = _take(waiting, mark)
        said = set(before.get("said", FIELDS)) if before else set(FIELDS)
        sides: dict[str, list[Any]] = {name: [] for name in LINKS.values()}
        for link in targets.get(mark.id, ()):
            name = LINKS.get(link.label)
            target = by_id[link.target]
            if name is None or _is_event(target):
                lost(f"{id_}: a link {link.label!r} from {trigger['text']!r} says nothing to gold")
                continue
            linked.add(target.id)
            words = span(target)
            if words is not None:
                sides[name].append(words | {k: target.values[k] for k in PARTY_VALUES
                                            if target.values.get(k)})  # fmt: skip
        for label, items in (before or {}).get("unplaced", {}).items():
            for order, item in sorted(items, key=lambda pair: pair[0]):
                sides[LINKS[label]].insert(order, item)
        for name in ("actors", "recipients"):
            if sides[name] or name in said:
                event[name] = sides[name]
        for name in ("speaker", "place"):
            if len(sides[name]) > 1:
                lost(f"{id_}: {trigger['text']!r} has more than one {name}; the first is kept")
            if sides[name] or name in said:
                event[name] = sides[name][0] if sides[name] else None
        for name in EVENT_VALUES:
            value = mark.values.get(name)
            if name == "core":
                event[name] = value != "false"
            elif name == "also_ok":
                event[name] = value.replace(",", " ").split() if value else []
            elif value or name in said:
                event[name] = value or None
        for name in ("id", "sentence", "meta"):
            if before and name in before:
                event[name] = before[name]
        events.append(event)
        orders.append(len(order_of) if before is None else order_of[id(before)])
    # those that the tool was given in their order, then those that people added
    events = [event for _, event in sorted(zip(orders, events, strict=True), key=lambda p: p[0])]
    for mark in page.marks:
        if not _is_event(mark) and mark.id not in linked:
            lost(
                f"{id_}: {page.text[mark.start : mark.end]!r} ({mark.label}) is linked to no event"
            )
    for item in waiting:
        if item.get("unplaced"):
            lost(
                f"{id_}: the event {item.get('event_type')} at {item.get('start')} is gone, and "
                "with it parties that stand nowhere in the text"
            )
    return _document(page, id_, title, shift, events, lost)


def _document(
    page: Page,
    id_: str,
    title: str | None,
    shift: int,
    events: list[dict[str, Any]],
    lost: Callable[[str], None],
) -> AnnotatedDocument:
    rest = page.rest
    bare = AnnotatedDocument(
        id_,
        page.text[shift:],
        title,
        rest.get("outlet"),
        rest.get("url"),
        dt.date.fromisoformat(rest["published"]) if rest.get("published") else None,
        rest["genre"] if rest.get("genre") in get_args(Genre) else "report",
        coder=rest.get("coder"),
        meta=rest.get("meta", {}),
    )
    good: list[AnnotatedEvent] = []
    taken = {str(e["id"]) for e in events if "id" in e}
    numbers = (str(n) for n in range(1, 1_000_000) if str(n) not in taken)
    for event in events:
        event.setdefault("id", next(numbers))
        while True:  # a value that gold does not allow goes, and is named; the event stays
            try:
                holder = {"id": id_, "text": bare.text, "title": title, "events": [event]}
                good += from_dict(holder).events
                break
            except InputError as error:
                path, _, what = error.what.removeprefix("events[0].").partition(": ")
                words = event["trigger"]["text"]
                if not _drop(event, path):
                    lost(f"{id_}: {words!r} is no event: {path}: {what}")
                    break
                lost(f"{id_}: {words!r}: {path}: {what}")
    return dataclasses.replace(bare, events=tuple(good))


def _drop(event: dict[str, Any], path: str) -> bool:
    """Take a value that is wrong out of an event; False where it cannot do without."""
    top, *inner = re.split(r"[.\[\]]+", path)
    if top in ("event_type", "trigger") or top not in event:
        return False
    holder: Any = event
    name: Any = top
    for step in (int(i) if i.isdigit() else i for i in inner if i):
        deeper = holder[name]
        if isinstance(deeper, list) or step in ("country", "sector", "name"):
            holder, name = deeper, step
    del holder[name]
    return True


def _take(waiting: list[dict[str, Any]], mark: Mark) -> dict[str, Any] | None:
    """What was kept of the event whose trigger this was: same place and type, else same place."""
    here = [i for i in waiting if i.get("start") == mark.start and i.get("end") == mark.end]
    same = [i for i in here if i.get("event_type") == mark.label] or here
    if not same:
        return None
    waiting.remove(same[0])
    return same[0]


def _is_event(mark: Mark) -> bool:
    return mark.label not in (PARTY, PLACE)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(value)
    return str(value)


# ------------------------------------------------------------------ files
@contextlib.contextmanager
def shaped(where: str, tool: str) -> Iterator[None]:
    """What is not shaped as a tool writes it ends in an error that says where."""
    try:
        yield
    except InputError as error:
        if error.where:
            raise
        raise InputError(error.what, where=where, do=error.do or "Export it again.") from error
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"not as {tool} writes it ({type(error).__name__}: {error})",
            where=where,
            do="Export it again, and do not edit the field whowhom.",
        ) from error


def checked(document: AnnotatedDocument) -> AnnotatedDocument:
    """The same document, if it is gold in every field.

    Raises:
        InputError: it is not.
    """
    return from_dict(to_dict(document))


def from_utf16(text: str, offset: int) -> int:
    """Characters for an offset in UTF-16 units, as JavaScript and Java count."""
    units = text.encode("utf-16-le", "surrogatepass")[: 2 * offset]
    return len(units.decode("utf-16-le", "ignore"))


def json_rows(data: bytes, where: str) -> Iterable[tuple[str, Any]]:
    """The objects of a JSON list, or of JSON Lines, each with its place.

    Raises:
        InputError: it is neither.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("it is not UTF-8", where=where, do="Export it again.") from error
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        rows = []
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                try:
                    rows.append((f"line {number}", json.loads(line)))
                except (ValueError, RecursionError):
                    raise InputError(
                        f"no JSON ({error})", where=f"{where}, line {number}", do="Export it again."
                    ) from None
        return rows
    items = found if isinstance(found, list) else [found]
    return [(f"item {n}", item) for n, item in enumerate(items, 1)]
