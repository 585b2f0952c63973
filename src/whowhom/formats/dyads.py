"""What the formats of CAMEO share: one row a pair of parties, and no row for what did not happen.

A record of ours with two actors and three recipients is six rows, as ICEWS, GDELT and Phoenix
write it. Reading them gives six events: nothing in these formats says that they are one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, Literal

from whowhom.formats import cameo, imported
from whowhom.formats.base import Origin, Record
from whowhom.formats.losses import CHECKS
from whowhom.store.flat import safe_cell


@dataclass(frozen=True, slots=True)
class Dyad:
    """One row to be written. ``day`` is the event's, or its report's where it has none."""

    record: Record
    code: cameo.Code
    source: Mapping[str, Any] | None
    target: Mapping[str, Any] | None
    day: dt.date
    number: str
    """The row's id: the same on every machine, 1 to 2**63 - 1; or that which it was read with."""


DATED = r":\d{4}-\d\d-\d\d"
"""The day in the key of a row whose id is not unique without it."""


def number_of(record: str, source: int | None, target: int | None) -> int:
    """A positive number of 63 bits for one pair of a record's parties.

    It is the start of a SHA-256 hash: of a million rows, two get one number with a chance of 1 in
    18 million (n**2 / 2**64).
    """
    made = hashlib.sha256(f"{record}\0{source}\0{target}".encode("utf-8", "replace")).digest()
    return (int.from_bytes(made[:8], "big") >> 1) or 1


class DyadWriter(ABC):
    """Writes records as rows of tab-separated cells.

    ``losses`` counts records whose field the format has no place for, ``left_out`` records that
    are not written at all, with the reason; ``rows`` the rows.
    """

    columns: Sequence[str] = ()
    """The header; none where the format has none."""
    family = ""
    """The data set: what its codes stand under in ``crosswalk.toml``, and its rows are read as."""
    ids: re.Pattern[str] | None = None
    """How the key of a row that was read has the row's id in it, as the group 1."""
    names: Literal["name", "text"] | None = None
    """What is written of the names of a party: the canonical one, or the words of the text."""
    needs_codes = False
    """Parties are codes of country and role: one without either has no place."""
    holds: frozenset[str] = frozenset()
    """What the format has a place for, of the things that :meth:`lost` names."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.losses: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.rows = 0
        if self.columns:
            self._line(self.columns)

    def write(self, records: Iterable[Record]) -> None:
        for record in records:
            code, reason = cameo.choose(record)
            day = day_of(record)
            code = self._had(code)
            if code is None:
                self.left_out[reason] += 1
                continue
            if day is None:
                self.left_out["neither the event nor its report has a date"] += 1
                continue
            pairs = [pair for pair in pairs_of(record) if self._fits(pair)]
            if not pairs:
                self.left_out[
                    "no party with a country or a sector" if self.needs_codes else "no party"
                ] += 1
                continue
            self.losses.update(self.lost(record, code, pairs))
            kept = self._kept(record) if len(pairs) == 1 else None
            for i, source, j, target in pairs:
                number = kept or str(number_of(record["id"], i, j))
                self._line(self.cells(Dyad(record, code, source, target, day, number)))
                self.rows += 1

    def finish(self) -> None:  # noqa: B027 - rows are written as they come
        pass

    @abstractmethod
    def cells(self, dyad: Dyad) -> Sequence[str]:
        """The cells of a row; text from outside has gone through :func:`cell`."""

    def _fits(self, pair: Pair) -> bool:
        sides = [side for side in (pair[1], pair[3]) if side is not None]
        return any(not self.needs_codes or cameo.write_actor(side) for side in sides)

    def _had(self, code: cameo.Code | None) -> cameo.Code | None:
        """The code that the data set has for it: not every one has all of CAMEO's."""
        absent = cameo.tables()["absent"].get(self.family, {})
        return cameo.codes()[absent[code.code]] if code and code.code in absent else code

    def _kept(self, record: Record) -> str | None:
        """The id that the row had where it was read, so that it can be joined with its file."""
        version = f"{record['coder']['version']} "
        if self.ids is None or not version.startswith(f"{imported.IMPORTED}{self.family} "):
            return None
        found = self.ids.fullmatch(record["document"]["id"].removeprefix(f"{self.family}:"))
        return None if found is None else found[1]

    def _line(self, cells: Sequence[str]) -> None:
        self._file.write(("\t".join(cells) + "\n").encode("utf-8", "replace"))

    def lost(self, record: Record, code: cameo.Code, pairs: Sequence[Pair]) -> Iterator[str]:
        """What of a record the rows do not say, in words."""
        parties = [*record["actors"], *record["recipients"]]
        back = (code.event_type, code.mode)
        lost = {
            f"status {record['status']}": record["status"] != "actual",
            "event type (its CAMEO code is read back as another)": back[0] != record["event_type"],
            "mode": record["mode"] is not None and back != (record["event_type"], record["mode"]),
            "contexts": not set(code.contexts).issuperset(record["contexts"]),
            "score (the format has Goldstein's)": record["score"] is not None,
            "date (there is none; the day of the report stands there)": record["date"] is None,
            "end date": record["end_date"] not in (None, record["date"]),
            "that the pairs of parties are one event": len(pairs) > 1,
            "parties without a country or a sector": self.needs_codes
            and any(not cameo.write_actor(party) for party in parties),
            **self.lost_names(parties),
            "sectors that CAMEO lacks": any(self._sector_lost(party) for party in parties),
            "rule or model": CHECKS["rule or model"](record) and cameo.original(record) is None,
            **{name: CHECKS[name](record) for name in _ALIKE},
        }
        for name, is_lost in lost.items():
            if is_lost and name not in self.holds:
                yield name

    def _sector_lost(self, party: Mapping[str, Any]) -> bool:
        known = (party["sector"], *party["other_sectors"])
        return any(sector and self.sector_back(sector) != sector for sector in known)

    def lost_names(self, parties: Sequence[Mapping[str, Any]]) -> Mapping[str, bool]:
        """What is lost of the names; ``names`` says what is written."""
        if self.names is None:
            return {"names of parties": any(party["name"] or party["text"] for party in parties)}
        two = any(party["name"] not in (None, party["text"]) for party in parties)
        words = "names as the text has them" if self.names == "name" else "canonical names"
        return {words: two}

    def sector_back(self, sector: str) -> str | None:
        """The sector that is read back where this one is written."""
        return cameo.sector_of(cameo.role_of(sector))


_ALIKE = (
    "words of the date", "granularity of the date", "who says so", "voice", "members of blocs",
    "offices", "Wikidata ids", "killed, injured, arrested, crowd", "money", "place", "GeoNames id",
    "evidence sentence", "trigger", "confidence and runner-up", "incident", "title", "outlet",
    "url", "genre",
)  # fmt: skip
"""Counted here as in every format."""

ALWAYS_LOST = (
    "status: what is planned is written only as an intent (CAMEO 03), what is hypothetical or "
    "negated not at all",
    "who says so, and in what voice",
    "several parties as one event: each pair is a row",
)
"""What no format of CAMEO codes between pairs can hold, in words."""

Pair = tuple[int | None, Mapping[str, Any] | None, int | None, Mapping[str, Any] | None]
"""A pair of parties, each with its place in its list; None where the side is not named."""


def pairs_of(record: Record) -> list[Pair]:
    """Who stands to whom in the rows: every actor to every recipient.

    Where all sides stand among the actors (they met, they agreed), each to each other, both ways.
    """
    actors, recipients = list(enumerate(record["actors"])), list(enumerate(record["recipients"]))
    if actors and recipients:
        return [(i, actor, j, recipient) for i, actor in actors for j, recipient in recipients]
    mutual = record["event_type"] in cameo.tables()["dyads"]["reciprocal"]
    if mutual and len(actors) > 1:
        return [(i, a, j, b) for i, a in actors for j, b in actors if i != j]
    return [(i, a, None, None) for i, a in actors] + [(None, None, j, r) for j, r in recipients]


def day_of(record: Record) -> dt.date | None:
    """The day that a row gets: the event's, else that of the report."""
    found = record["date"] or record["document"]["published"]
    if found is None or isinstance(found, dt.date):
        return found
    return dt.date.fromisoformat(found)


def compact(day: dt.date) -> str:
    """``20170131``. Not by ``strftime``, whose year has no zeros before the year 1000."""
    return day.isoformat().replace("-", "")


def cell(value: object) -> str:
    """Text from outside as a cell: one line without tabs, and nothing that a spreadsheet runs."""
    return safe_cell(None if value is None else str(value))


_ESCAPED = re.compile(r"'\s*[=+\-@|%＝＋－＠]")


def bare(text: str) -> str:
    """A cell that :func:`cell` wrote, without the mark that keeps spreadsheets from running it."""
    return text[1:] if _ESCAPED.match(text) else text


def decimal(value: float | None) -> str:
    """A number as these files have it: ``-10``, ``3.4``; "" for none."""
    return "" if value is None else repr(value).removesuffix(".0")


class RowProblem(ValueError):  # noqa: N818 - a signal inside a reader, never seen outside
    """A row cannot be read: the reason, and what is wrong in words."""

    def __init__(self, reason: cameo.Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


def coded(text: str, notes: list[str], *, title: str = "", root: str = "") -> cameo.Code:
    """The code of a row; ``notes`` gets a line where it had lost its zero.

    Raises:
        RowProblem: it is none, or one of a statement or an appeal.
    """
    code = cameo.find(text, title=title, root=root)
    if code is None:
        raise RowProblem("unknown_code", f"the event code {text!r} is none of CAMEO's")
    if code.code != text:
        notes.append(f"event code {text!r} is read as {code.code}")
    if code.event_type is None:
        kind = cameo.tables()["statements"][code.root]
        raise RowProblem(
            "statement", f"CAMEO {code.code} ({code.title}) is {kind}: PLOVER has no type for it"
        )
    return code


def country(text: str, notes: list[str], field: str) -> str | None:
    """ISO 3166 alpha-3 of a country's name or code; ``notes`` gets a line where it is unknown."""
    if not text:
        return None
    found = cameo.of_country_name(text) or cameo.of_country(text)
    if found is None:
        notes.append(f"{field} {text!r} is no country that the tables know; left empty")
    return found


def party(code: str, origin: Origin, text: str = "") -> dict[str, Any]:
    """A party of a CAMEO actor code; its words where the row has them, else the code."""
    says = cameo.read_actor(code)
    return imported.party(
        text or code,
        source=origin.source,
        country=says.country,
        sector=says.sectors[0] if says.sectors else None,
        other_sectors=says.sectors[1:],
    )


_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def known(text: str) -> str:
    """A cell; "" where it says that nothing is known ("NULL", "---")."""
    return "" if text in cameo.tables()["icews"]["empty"] else text


def day(text: str, field: str) -> dt.date:
    """A day as these files spell it: ``20170131``, ``2017-01-31``, ``1/31/2017`` (month first).

    Raises:
        RowProblem: it is none.
    """
    slashed = _SLASHED.fullmatch(text)
    try:
        if slashed:
            month, day_, year = (int(part) for part in slashed.groups())
            return dt.date(year, month, day_)
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        raise RowProblem("bad_value", f"{field} {text!r} is no day") from None


def hashed(content: bytes) -> str:
    """What a row is known by where the format has no ids."""
    return hashlib.sha256(content).hexdigest()[:20]


def marked(record: dict[str, Any], code: cameo.Code) -> dict[str, Any]:
    """The record with its CAMEO code as the rule that decided it: so nothing of it is lost."""
    record["why"]["rule"] = cameo.MARK + code.code
    return record


def story_of(record: Record) -> str:
    """What Phoenix and PETRARCH call the id of a sentence: the story's, and the number in it."""
    return f"{record['document']['id']}_{record['evidence']['sentence']}"


def sentence_of(ids: str) -> int:
    """The number of the first sentence in a list of such ids; 0 where it has none."""
    number = ids.split(";")[0].rpartition("_")[2]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 0
