"""doccano's JSONL: entities and relations (a project of sequence labelling with relations).

doccano has no values of spans: modes, status, codes and names travel in the field ``whowhom``,
which doccano keeps as metadata and exports again, and are put back where span and label are
unchanged. Offsets are characters.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from whowhom.codebook.schema import Codebook
from whowhom.errors import InputError
from whowhom.evaluate.exchange.page import (
    LINKS,
    PARTY,
    PLACE,
    Link,
    Mark,
    Page,
    Read,
    checked,
    from_page,
    json_rows,
    shaped,
    to_page,
)
from whowhom.evaluate.gold import AnnotatedDocument


def write(documents: Sequence[AnnotatedDocument]) -> bytes:
    """A line a document."""
    lines = []
    relation = entity = 0
    for document in documents:
        page = to_page(document)
        number: dict[str, int] = {}
        entities, kept = [], []
        for mark in page.marks:
            entity += 1
            number[mark.id] = entity
            place = {"start_offset": mark.start, "end_offset": mark.end, "label": mark.label}
            entities.append({"id": entity} | place)
            if mark.values:
                kept.append(place | {"values": dict(mark.values)})
        relations = []
        for link in page.links:
            relation += 1
            ends = {"from_id": number[link.source], "to_id": number[link.target]}
            relations.append({"id": relation} | ends | {"type": link.label})
        row = {
            "text": page.text,
            "entities": entities,
            "relations": relations,
            "whowhom": {**page.rest, "values": kept},
        }
        lines.append(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    return b"".join(lines)


def read(path: Path, rests: Mapping[str, Any]) -> Read:
    """The documents of an export. ``rests``: what pages had beside their text, by id, for rows
    that have lost it.

    Raises:
        InputError: it is no export with entities.
    """
    found = Read([])
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"it cannot be read ({error.strerror})", where=str(path)) from error
    for place, row in json_rows(data, str(path)):
        if (
            not isinstance(row, dict)
            or not isinstance(row.get("text"), str)
            or not isinstance(row.get("entities"), list)
        ):
            raise InputError(
                "no text with entities",
                where=f"{path}, {place}",
                do="Make the project with relations, and export it as JSONL(relation).",
            )
        with shaped(f"{path}, {place}", "doccano"):
            _read_row(row, place, found, rests)
    return found


def _read_row(row: Mapping[str, Any], place: str, found: Read, rests: Mapping[str, Any]) -> None:
    rest = row.get("whowhom")
    id_ = str((rest or {}).get("id") or row.get("id") or place)
    rest = rest if isinstance(rest, dict) else rests.get(id_, {})
    kept = [dict(k) for k in rest.get("values", [])]
    marks = []
    for item in row["entities"]:
        start, end = item.get("start_offset"), item.get("end_offset")
        if not (
            isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(row["text"])
        ):
            found.lost.append(f"{id_}: an entity {item.get('label')!r} lies outside the text")
            continue
        label = str(item.get("label"))
        values = _take(kept, start, end, label)
        marks.append(Mark(str(item.get("id")), start, end, label, values))
    for left in kept:
        words = row["text"][left["start_offset"] : left["end_offset"]]
        said = ", ".join(f"{k} {v}" for k, v in left["values"].items())
        found.lost.append(f"{id_}: {words!r} ({left['label']}) was changed or is gone: {said}")
    links = [
        Link(str(r.get("from_id")), str(r.get("to_id")), str(r.get("type")))
        for r in row.get("relations") or ()
    ]
    page = Page(row["text"], marks, links, rest)
    found.documents.append(checked(from_page(page, found.lost.append, id_=id_)))


def _take(kept: list[dict[str, Any]], start: int, end: int, label: str) -> dict[str, str]:
    for item in kept:
        if (item["start_offset"], item["end_offset"], item["label"]) == (start, end, label):
            kept.remove(item)
            return dict(item["values"])
    return {}


def setup(book: Codebook) -> str:
    """Labels of spans, then of relations, as JSON lists that doccano imports."""
    spans = [{"text": name} for name in (*book.types, PARTY, PLACE)]
    return json.dumps({"span_labels": spans, "relation_labels": [{"text": n} for n in LINKS]},
                      indent=1) + "\n"  # fmt: skip
