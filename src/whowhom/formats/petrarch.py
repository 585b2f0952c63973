"""PETRARCH2's output: tabs, no header, and a URL column that is there only where there is a URL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from whowhom.formats import cameo, imported
from whowhom.formats.base import BadRow, Format, Origin, Row
from whowhom.formats.dyads import (
    ALWAYS_LOST,
    Dyad,
    DyadWriter,
    RowProblem,
    bare,
    cell,
    coded,
    compact,
    day,
    hashed,
    marked,
    party,
    sentence_of,
    story_of,
)
from whowhom.formats.rows import content, lines, shown

COLUMNS = (
    "date", "source", "target", "code", "issues", "ids", "url", "StorySource",
    "source actor text", "target actor text", "event text",
)  # fmt: skip
"""In order. ``url`` and its tab are left out where there is none: columns after it move up."""
NOBODY = "---"
NO_SOURCE = "NULL"
FEWEST = 7
"""Columns of a row without a URL and without the texts."""


class Writer(DyadWriter):
    needs_codes = True
    names = "text"
    holds = frozenset(("trigger", "outlet", "url"))

    def cells(self, dyad: Dyad) -> Sequence[str]:
        record = dyad.record
        document, trigger = record["document"], record["evidence"]["trigger"]["text"]
        return (
            compact(dyad.day),
            _code(dyad.source),
            _code(dyad.target),
            dyad.code.code,
            "",
            cell(story_of(record)),
            *((cell(document["url"]),) if document["url"] else ()),
            cell(document["outlet"]) or NO_SOURCE,
            _text(dyad.source),
            _text(dyad.target),
            cell(trigger) or NOBODY,
        )


def _code(found: Mapping[str, Any] | None) -> str:
    return (cell(cameo.write_actor(found)) if found else "") or NOBODY


def _text(found: Mapping[str, Any] | None) -> str:
    return (cell(found["text"] or found["name"]) if found else "") or NOBODY


def read(file: IO[bytes], origin: Origin) -> Iterator[Row | BadRow]:
    """Events of a PETRARCH2 file, with and without URLs, with and without the texts.

    A row has no id: it is known by its content. Statements (01) and appeals (02) are bad rows with
    the reason ``statement``.
    """
    for found in lines(file):
        if isinstance(found, BadRow):
            yield found
            continue
        line, text = found
        cells = [value.strip() for value in text.split("\t")]
        if len(cells) < FEWEST:
            yield BadRow(
                line, "bad_row", f"{len(cells)} cells, PETRARCH2 writes {FEWEST}: {shown(text)}"
            )
            continue
        try:
            notes: list[str] = []
            yield Row(line, _record(cells, origin, notes), content(cells), tuple(notes))
        except RowProblem as problem:
            yield BadRow(line, problem.reason, problem.detail)
        except ValueError as error:
            yield BadRow(line, "bad_value", str(error))


def known_by(first: str) -> bool:
    """Whether a file with this first line is PETRARCH2's."""
    cells = first.split("\t")
    return (
        FEWEST <= len(cells) <= 13
        and len(cells[0]) == 8
        and cells[0].isdigit()
        and cells[3].isdigit()
    )


def _record(cells: Sequence[str], origin: Origin, notes: list[str]) -> dict[str, Any]:
    code = coded(cells[3], notes)
    source, target = (_known(value) for value in cells[1:3])
    if not source and not target:
        raise RowProblem("no_actor", "source and target are both ---")
    url = bare(cells[6]) if "://" in cells[6] else ""
    rest = [bare(value) for value in cells[7 if url else 6 :]]
    outlet, *texts = rest or [""]
    words = [_known(value) for value in (*texts, "", "", "")]
    return marked(
        imported.record(
            source=origin.source,
            key=hashed(content(cells)),
            event_type=code.event_type or "",
            mode=code.mode,
            contexts=code.contexts,
            actors=[party(source, origin, words[0])] if source else [],
            recipients=[party(target, origin, words[1])] if target else [],
            date=day(cells[0], "date"),
            outlet="" if outlet == NO_SOURCE else outlet,
            url=url,
            trigger=words[2],
            sentence_number=sentence_of(cells[5]),
            codebook="CAMEO",
        ),
        code,
    )


def _known(text: str) -> str:
    return "" if text == NOBODY else text


FORMAT = Format(
    name="petrarch",
    title="PETRARCH2",
    writer=Writer,
    reader=read,
    columns=COLUMNS,
    cannot_hold=(
        *ALWAYS_LOST,
        "parties without a country and a sector",
        "the place, the figures and the sentence",
        "modes that CAMEO has no code for, and most contexts",
        "title and publication date",
    ),
    not_read=("issues", "sentences after the first (ids)", "source root, target root"),
    header=False,
    known_by=known_by,
)
