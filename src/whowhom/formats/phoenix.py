"""Phoenix: 26 columns of the daily files, and, to be read, the pipeline's own and Cline Phoenix."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from whowhom.formats import cameo, imported
from whowhom.formats.base import BadRow, Format, Origin, Row
from whowhom.formats.dyads import (
    ALWAYS_LOST,
    DATED,
    Dyad,
    DyadWriter,
    RowProblem,
    bare,
    cell,
    coded,
    compact,
    country,
    day,
    decimal,
    hashed,
    known,
    marked,
    party,
    sentence_of,
    story_of,
)
from whowhom.formats.rows import content, lines, shown

COLUMNS = (
    "EventID", "Date", "Year", "Month", "Day",
    "SourceActorFull", "SourceActorEntity", "SourceActorRole", "SourceActorAttribute",
    "TargetActorFull", "TargetActorEntity", "TargetActorRole", "TargetActorAttribute",
    "EventCode", "EventRootCode", "PentaClass", "GoldsteinScore", "Issues", "Lat", "Lon",
    "LocationName", "StateName", "CountryCode", "SentenceID", "URLs", "NewsSources",
)  # fmt: skip
_PIPELINE = (
    "id", "date", "year", "month", "day",
    "source", "source_root", "source_agent", "source_others",
    "target", "target_root", "target_agent", "target_others",
    "code", "root_code", "quad_class", "goldstein", "issues", "lat", "lon",
    "placename", "statename", "countryname", "ids", "urls", "sources",
)  # fmt: skip
NAMES: Mapping[str, str] = {
    **{name.lower(): name for name in COLUMNS},
    **dict(zip(_PIPELINE, COLUMNS, strict=True)),
    "eid": "EventID",
    "story_date": "Date",
    "joined_issues": "Issues",
    "aid": "SentenceID",
    "process": "process",
    "long": "Lon",
    "quadclass": "PentaClass",
}
"""Names of columns, of the daily files, the pipeline and Cline Phoenix -> ours."""
_NEEDED = ("Date", "SourceActorFull", "TargetActorFull", "EventCode")


class Writer(DyadWriter):
    family = "phoenix"
    ids = re.compile(rf"([^\s:~]+){DATED}", re.ASCII)
    needs_codes = True
    holds = frozenset(("place", "outlet", "url"))

    def cells(self, dyad: Dyad) -> Sequence[str]:
        record, place = dyad.record, dyad.record["place"]
        where = [""] * 5
        if place is not None:
            where = [
                decimal(place["lat"]),
                decimal(place["lon"]),
                cell(place["name"] or place["text"]),
                cell(place["admin1"]),
                cell(place["country"]),
            ]
        return (
            dyad.number,
            compact(dyad.day),
            *dyad.day.isoformat().split("-"),
            *_side(dyad.source),
            *_side(dyad.target),
            dyad.code.code,
            dyad.code.root,
            str(dyad.code.penta),
            decimal(dyad.code.score),
            "",
            *where,
            cell(story_of(record)),
            cell(record["document"]["url"]),
            cell(record["document"]["outlet"]),
        )


def _side(found: Mapping[str, Any] | None) -> tuple[str, str, str, str]:
    """The code of a party; in it the country or body, the role, and what is left."""
    if found is None:
        return "", "", "", ""
    place, _, roles = cameo.actor_parts(found)
    parts = cameo.chunks(roles)
    entity = place[:3]
    rest = [*cameo.chunks(place[3:]), *parts[1:]]
    return cell(place + roles), cell(entity), "".join(parts[:1]), cell(";".join(rest))


def read(file: IO[bytes], origin: Origin) -> Iterator[Row | BadRow]:
    """Events of a Phoenix file, with a header or (as the daily files are) without.

    Separated by tabs, or by commas as Cline Phoenix is. An event is known by its id and date.
    Statements (01) and appeals (02) are bad rows with the reason ``statement``.
    """
    columns: Sequence[str] | None = None
    delimiter = "\t"
    for found in lines(file):
        if isinstance(found, BadRow):
            yield found
            continue
        line, text = found
        if columns is None:
            delimiter = "\t" if "\t" in text else ","
        cells = _cells(text, delimiter)
        if columns is None:
            columns = _header(cells)
            if columns is not None:
                continue
            columns = COLUMNS
        if len(cells) != len(columns):
            yield BadRow(
                line, "bad_row", f"{len(cells)} cells, the file has {len(columns)}: {shown(text)}"
            )
            continue
        row = dict(zip(columns, (value.strip() for value in cells), strict=True))
        try:
            notes: list[str] = []
            record = _record(row, origin, notes, content(cells))
            yield Row(line, record, content(cells), tuple(notes))
        except RowProblem as problem:
            yield BadRow(line, problem.reason, problem.detail)
        except ValueError as error:
            yield BadRow(line, "bad_value", str(error))


def _cells(text: str, delimiter: str) -> list[str]:
    if delimiter == "\t":
        return text.split("\t")
    return next(csv.reader([text]), [])


def _header(cells: Sequence[str]) -> list[str] | None:
    """The columns by our names, where the first row has names."""
    names = [NAMES.get(name.strip().strip('"').lower(), name) for name in cells]
    return names if all(name in names for name in _NEEDED) else None


def known_by(first: str) -> bool:
    """Whether a file with this first line is Phoenix."""
    cells = _cells(first, "\t" if "\t" in first else ",")
    if _header(cells) is not None:
        return True
    return len(cells) == len(COLUMNS) and cells[1].replace("-", "").isdigit() and (
        cells[13].isdigit()
    )  # fmt: skip


def _record(row: Mapping[str, str], origin: Origin, notes: list[str], raw: bytes) -> dict[str, Any]:
    code = coded(row["EventCode"], notes, root=row.get("EventRootCode", ""))
    when = day(row["Date"], "Date")
    source, target = known(row["SourceActorFull"]), known(row["TargetActorFull"])
    if not source and not target:
        raise RowProblem("no_actor", "neither source nor target is given")
    name, state = bare(known(row.get("LocationName", ""))), bare(known(row.get("StateName", "")))
    nation = known(row.get("CountryCode", ""))
    urls, outlets = known(row.get("URLs", "")), bare(known(row.get("NewsSources", "")))
    if ";" in urls:
        notes.append(f"of several reports the first is kept: {urls}")
    number = row.get("EventID", "")
    return marked(
        imported.record(
            source=origin.source,
            key=f"{number}:{when.isoformat()}" if number else hashed(raw),
            event_type=code.event_type or "",
            mode=code.mode,
            contexts=code.contexts,
            actors=[party(source, origin)] if source else [],
            recipients=[party(target, origin)] if target else [],
            date=when,
            place=imported.place(
                name or state or nation,
                name=name or state or None,
                country=country(nation, notes, "CountryCode"),
                admin1=state,
                lat=known(row.get("Lat", "")),
                lon=known(row.get("Lon", "")),
            ),
            outlet=outlets.split(";")[0],
            url=bare(urls.split(";")[0]),
            sentence_number=sentence_of(row.get("SentenceID", "")),
            codebook="CAMEO",
            version=row.get("process", ""),
        ),
        code,
    )


FORMAT = Format(
    name="phoenix",
    title="Phoenix, 26 columns",
    writer=Writer,
    reader=read,
    columns=COLUMNS,
    cannot_hold=(
        *ALWAYS_LOST,
        "names: parties are codes, and one without a country and a sector is not written",
        "the figures, the sentence and the trigger",
        "modes that CAMEO has no code for, and most contexts",
        "title and publication date",
    ),
    not_read=(
        "Issues",
        "PentaClass, GoldsteinScore (the record has PLOVER's)",
        "reports after the first (URLs, NewsSources)",
        "attributes that are no role: named groups, religions, ethnic groups",
    ),
    header=False,
    known_by=known_by,
)
