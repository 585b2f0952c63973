"""Label Studio's JSON: tasks with regions, values of regions, and relations.

https://labelstud.io/guide/task_format and /guide/export. Regions of a text are counted in
characters by Label Studio 1.5 and later, in UTF-16 units before; each region has its words, by
which the count is known.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from whowhom.codebook.schema import Codebook
from whowhom.errors import InputError
from whowhom.evaluate.exchange.page import (
    LINKS,
    PARTY,
    PARTY_VALUES,
    PLACE,
    Link,
    Mark,
    Page,
    Read,
    checked,
    from_page,
    from_utf16,
    json_rows,
    shaped,
    to_page,
)
from whowhom.evaluate.gold import AnnotatedDocument
from whowhom.evaluate.words import colours
from whowhom.model import SECTORS, STATUSES

CHOICES = ("status", "voice", "core", "sector")
"""Values that the tool offers to choose; the others are typed. Modes are chosen by type."""


def write(documents: Sequence[AnnotatedDocument]) -> bytes:
    """Tasks with the events as predictions, which annotators correct."""
    tasks = []
    for document in documents:
        page = to_page(document)
        result: list[dict[str, Any]] = []
        for mark in page.marks:
            place = {"start": mark.start, "end": mark.end, "text": page.text[mark.start : mark.end]}
            base = {"id": mark.id, "to_name": "text"}
            value = place | {"labels": [mark.label]}
            result.append(base | {"from_name": "label", "type": "labels", "value": value})
            for name, word in mark.values.items():
                one: dict[str, Any] = {"from_name": name}
                if name == "mode":
                    one["from_name"] = f"mode-{mark.label}"
                if name in (*CHOICES, "mode"):
                    one |= {"type": "choices", "value": place | {"choices": [word]}}
                else:
                    one |= {"type": "textarea", "value": place | {"text": [word]}}
                result.append(base | one)
        for link in page.links:
            result.append(
                {
                    "type": "relation",
                    "from_id": link.source,
                    "to_id": link.target,
                    "direction": "right",
                    "labels": [link.label],
                }
            )
        prediction = {"model_version": document.coder or "whowhom", "result": result}
        data = {"text": page.text, "id": document.id, "whowhom": page.rest}
        tasks.append({"data": data, "predictions": [prediction]})
    return json.dumps(tasks, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n"


def read(path: Path, rests: Mapping[str, Any]) -> Read:
    """The last annotation of each task; where it has none, its prediction. ``rests``: what pages
    had beside their text, by id, for tasks that have lost it.

    Raises:
        InputError: it is no export of tasks.
    """
    found = Read([])
    for place, task in json_rows(_bytes(path), str(path)):
        data = task.get("data") if isinstance(task, dict) else None
        if not isinstance(data, dict) or not isinstance(data.get("text"), str):
            raise InputError(
                "no task with data.text",
                where=f"{path}, {place}",
                do="Export as JSON (not JSON-MIN); the text must be under the name text.",
            )
        with shaped(f"{path}, {place}", "Label Studio"):
            _read_task(task, data, place, found, rests)
    return found


def _read_task(
    task: Mapping[str, Any],
    data: Mapping[str, Any],
    place: str,
    found: Read,
    rests: Mapping[str, Any],
) -> None:
    id_ = str(data.get("id") or task.get("id") or place)
    done = [a for a in task.get("annotations") or () if not a.get("was_cancelled")]
    if len(done) > 1:
        found.lost.append(f"{id_}: {len(done)} annotations; the last is taken")
    chosen = done or list(task.get("predictions") or ())
    result = chosen[-1].get("result") or [] if chosen else []
    page = _page(data, result, found.lost.append, id_, rests)
    found.documents.append(checked(from_page(page, found.lost.append, id_=id_)))


def _page(
    data: Mapping[str, Any],
    result: Sequence[Any],
    lost: Callable[[str], None],
    id_: str,
    rests: Mapping[str, Any],
) -> Page:
    text: str = data["text"]
    places: dict[str, tuple[int, int]] = {}
    labels: dict[str, list[str]] = {}
    values: dict[str, dict[str, str]] = {}
    links: list[Link] = []
    for item in result:
        kind = item.get("type")
        if kind == "relation":
            labels_ = item.get("labels") or ["(no label)"]
            ends = (str(item.get("from_id")), str(item.get("to_id")))
            if item.get("direction") == "left":
                ends = ends[::-1]
            links += [Link(*ends, label) for label in labels_]
            continue
        value, mark = item.get("value") or {}, str(item.get("id"))
        name = str(item.get("from_name", ""))
        if kind == "labels":
            at = _place(text, value)
            if at is None:
                lost(f"{id_}: a region {value.get('text')!r} lies outside the text")
                continue
            places[mark] = at
            labels.setdefault(mark, []).extend(value.get("labels") or [])
        elif kind in ("choices", "textarea"):
            words = value.get("choices") or value.get("text") or []
            words = [words] if isinstance(words, str) else words
            key = "mode" if name.startswith("mode-") else name
            values.setdefault(mark, {})[key] = " ".join(str(w) for w in words)
        else:
            lost(f"{id_}: a result of type {kind!r} says nothing to gold")
    marks = []
    for mark, at in places.items():
        for n, label in enumerate(labels[mark] or ["(no label)"]):
            marks.append(Mark(mark if n == 0 else f"{mark}-{n}", *at, label, values.get(mark, {})))
    rest = data.get("whowhom")
    return Page(text, marks, links, rest if isinstance(rest, dict) else rests.get(id_, {}))


def _place(text: str, value: Mapping[str, Any]) -> tuple[int, int] | None:
    start, end, words = value.get("start"), value.get("end"), value.get("text")
    if not isinstance(start, int) or not isinstance(end, int):
        return None
    other = from_utf16(text, start), from_utf16(text, end)
    if isinstance(words, str) and text[start:end] != words and text[slice(*other)] == words:
        return other
    return (start, end) if 0 <= start < end <= len(text) else None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"it cannot be read ({error.strerror})", where=str(path)) from error


def setup(book: Codebook) -> str:
    """The labelling interface (XML) that the tasks of :func:`write` are made for."""

    def choices(name: str, options: Sequence[str], when: Sequence[str]) -> list[str]:
        label = f"whenTagName='label' whenLabelValue={quoteattr(','.join(when))}"
        return [
            f"    <View visibleWhen='region-selected' {label}>",
            f"      <Header value={quoteattr(name.split('-')[0])} size='5'/>",
            f"      <Choices name={quoteattr(name)} toName='text' perRegion='true' {label} "
            "choice='single-radio' showInline='true'>",
            *(f"        <Choice value={quoteattr(option)}/>" for option in options),
            "      </Choices>",
            "    </View>",
        ]

    def words(name: str, when: Sequence[str]) -> str:
        return (
            f"    <TextArea name={quoteattr(name)} toName='text' perRegion='true' "
            f"whenTagName='label' whenLabelValue={quoteattr(','.join(when))} rows='1' "
            f"maxSubmissions='1' editable='true' placeholder={quoteattr(name)}/>"
        )

    types = list(book.types)
    lines = ["<View>", "  <Relations>"]
    lines += [f"    <Relation value={quoteattr(name)}/>" for name in LINKS]
    lines += ["  </Relations>", "  <Labels name='label' toName='text' showInline='true'>"]
    for name, kind in book.types.items():
        colour = quoteattr(colours()[kind.quad])
        lines.append(f"    <Label value={quoteattr(name)} background={colour}/>")
    grey = quoteattr(colours()["other"])
    lines += [f"    <Label value='{name}' background={grey}/>" for name in (PARTY, PLACE)]
    lines += ["  </Labels>", "  <Text name='text' value='$text' granularity='word'/>", "  <View>"]
    for name, kind in book.types.items():
        if kind.modes:
            lines += choices(f"mode-{name}", list(kind.modes), [name])
    lines += choices("status", STATUSES, types)
    lines += choices("voice", ("reported", "opinion", "advocacy"), types)
    lines += choices("core", ("true", "false"), types)
    lines += [words(name, types) for name in ("date", "also_ok", "note")]
    lines += choices("sector", sorted(SECTORS), [PARTY])
    lines += [words(name, [PARTY, PLACE]) for name in PARTY_VALUES if name not in CHOICES]
    return "\n".join([*lines, "  </View>", "</View>", ""])
