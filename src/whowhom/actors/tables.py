"""The actor tables: who and what there is, read from CSV and TOML, looked up by folded words.

A user's overlay (a folder, or one file, with the same columns) is laid over the shipped
tables: where both name the same thing, the overlay's rows win.
"""

from __future__ import annotations

import csv
import difflib
import gc
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Literal

from ..errors import CodebookError, DataError
from ..model import SECTORS

NON_STATES = frozenset(("UNO", "EUR", "IGO", "NGO", "ISM", "IMG", "MNC"))
"""Codes that stand in the place of a country (PLOVER manual 2.0, chapter 4)."""
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "countries": (
        "country", "name", "aliases", "demonyms", "capital", "capital_aliases", "start", "end",
    ),
    "people": (
        "name", "aliases", "surname", "country", "sector", "office", "start", "end", "wikidata",
        "source",
    ),
    "organisations": (
        "name", "aliases", "country", "sector", "other_sectors", "members", "kind", "start",
        "end", "wikidata", "source",
    ),
    "roles": ("role", "sector", "other_sectors", "kind", "office"),
    "population": ("name", "aliases", "country", "sector", "other_sectors", "members"),
    "regions": ("name", "aliases", "country", "kind"),
    "first_names": ("name", "gender"),
}  # fmt: skip
KINDS: Mapping[str, frozenset[str]] = {
    "roles": frozenset({"office", "group", "person", "institution"}),
    "regions": frozenset({"region", "city"}),
}
DATE = re.compile(r"-?\d{4}(-\d{2}(-\d{2})?)?$")
WORD = re.compile(r"[^\W_]+")
NameKind = Literal["country", "demonym", "capital", "region", "organisation", "person", "group"]
RoleKind = Literal["office", "group", "person", "institution"]


def fold(text: str) -> str:
    """Text without accents and case."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in decomposed if not unicodedata.combining(c))
    return text.casefold()


def key_of(text: str) -> str:
    """The folded words of a name, joined by one blank: what it is looked up by."""
    return " ".join(WORD.findall(fold(text)))


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time, bounds as ISO prefixes (``2015``, ``2015-10``); empty is open."""

    start: str = ""
    end: str = ""

    def holds(self, date: str) -> bool:
        """Whether it covers a day; a bound known by year covers the whole year."""
        return not self.before(date) and not self.after(date)

    def after(self, date: str) -> bool:
        """Whether it begins after a day."""
        return date < self.start  # a bound known by year is a prefix: it sorts before the day

    def before(self, date: str) -> bool:
        """Whether it is over on a day."""
        return bool(self.end) and date > self.end + "~"


@dataclass(frozen=True, slots=True)
class Role:
    """A role noun: what sector whoever bears it belongs to."""

    role: str
    sector: str | None
    other_sectors: tuple[str, ...]
    kind: RoleKind
    office: str | None


@dataclass(frozen=True, slots=True)
class Thing:
    """What a name in a table stands for, in one period."""

    kind: NameKind
    name: str
    country: str | None
    sector: str | None = None
    other_sectors: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    wikidata: str | None = None
    period: Period = Period()
    detail: str = ""  # an organisation's kind, a region's kind


@dataclass(frozen=True, slots=True)
class Term:
    """An office that a person held."""

    country: str | None
    sector: str | None
    office: str
    period: Period


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the tables with every term of office, oldest first."""

    name: str
    surname: str
    aliases: tuple[str, ...]
    wikidata: str | None
    terms: tuple[Term, ...]
    words: tuple[tuple[str, ...], ...]  # folded words of the name and of each alias

    def at(self, date: str | None) -> Term | None:
        """The term on a day (the latest begun); without a day the latest of all."""
        if date is None:
            return self.terms[-1]
        held = [term for term in self.terms if term.period.holds(date)]
        return held[-1] if held else None

    def last_before(self, date: str) -> Term | None:
        """The latest term that was over on a day; a state's office before others."""
        return _latest(term for term in self.terms if term.period.before(date))

    def last_over(self) -> Term | None:
        """The latest term of those that are over at all."""
        return _latest(term for term in self.terms if term.period.end)


def _latest(terms: Iterable[Term]) -> Term | None:
    return max(
        terms,
        key=lambda term: (
            term.sector not in ("PTY", "OPP", None),
            term.country not in NON_STATES,
            term.period.end,
        ),
        default=None,
    )


@dataclass(frozen=True, slots=True)
class Name:
    """One way to write a thing, and what it may stand for."""

    surface: str
    things: tuple[Thing | Person, ...]

    @property
    def acronym(self) -> bool:
        """Whether it is written in capitals, so that case tells it from a word."""
        letters = self.surface.replace(".", "").replace("-", "")
        return letters.isupper() and len(letters) <= 8 and " " not in letters


@dataclass(frozen=True, slots=True)
class Words:
    """Closed lists of words.toml: what each is for is said there."""

    lists: Mapping[str, frozenset[str]]
    maps: Mapping[str, Mapping[str, str]]

    def __getitem__(self, name: str) -> frozenset[str]:
        return self.lists[name]

    def map(self, name: str) -> Mapping[str, str]:
        return self.maps[name]


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A name that is also something else, and what decides."""

    key: str
    person_name: bool  # also a given or family name
    cues: frozenset[str]  # folded words near it, or in the document, that mean the other thing
    counter: frozenset[str]  # folded words in the document that mean the first thing after all
    country: str | None  # the country of the other thing, None where it is no party


@dataclass(frozen=True)
class ActorTables:
    """Everything that the stage looks up. Built by :func:`load_tables`."""

    names: Mapping[str, Name]
    longest_name: Mapping[str, int]  # by first folded word: most words of a name
    surnames: Mapping[str, tuple[Person, ...]]
    people: tuple[Person, ...]
    roles: Mapping[str, Role]
    longest_role: Mapping[str, int]
    genders: Mapping[str, str]  # folded first name to "m" or "f"
    words: Words
    ambiguous: Mapping[str, Ambiguous]
    country_names: Mapping[str, str] = field(default_factory=dict)  # code to name

    @cached_property
    def holders(self) -> Mapping[tuple[str, str], tuple[tuple[Person, Term], ...]]:
        """Everybody who held an office of a country, by (country, office)."""
        found: dict[tuple[str, str], list[tuple[Person, Term]]] = {}
        for person in self.people:
            for term in person.terms:
                office = self.office_of(term.office)
                if term.country and office:
                    found.setdefault((term.country, office), []).append((person, term))
        return {key: tuple(value) for key, value in found.items()}

    def office_of(self, text: str) -> str | None:
        """The canonical office that a text such as "President of France" begins with."""
        words = WORD.findall(fold(text))
        for length in range(min(6, len(words)), 0, -1):
            role = self.roles.get(" ".join(words[:length]))
            if role is not None and role.office:
                return role.office
        for start in range(len(words)):
            role = self.roles.get(" ".join(words[start:]))
            if role is not None and role.office:
                return role.office
        return None

    def holder(self, country: str, office: str, date: str | None) -> tuple[Person, Term] | None:
        """Who held an office of a country on a day, where exactly one person did."""
        rows = self.holders.get((country, office), ())
        if date is None:
            open_rows = [row for row in rows if not row[1].period.end] or list(rows)
            return max(open_rows, key=lambda row: row[1].period.start, default=None)
        held = [row for row in rows if row[1].period.holds(date)]
        if len({row[0].name for row in held}) > 1:
            # a change of office known by month or year only: the later holder
            latest = max(row[1].period.start for row in held)
            held = [row for row in held if row[1].period.start == latest]
        return held[0] if len({row[0].name for row in held}) == 1 else None


# ------------------------------------------------------------------- reading
@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table with the place that it came from."""

    table: str
    file: str
    number: int  # line, the header being 1
    cells: Sequence[str]
    columns: Mapping[str, int]  # shared by all rows of a file: which cell a column is
    overlay: bool

    def many(self, column: str) -> tuple[str, ...]:
        cell = self.one(column)
        if not cell:
            return ()
        if "|" not in cell:
            return (cell,)
        return tuple(part for part in (p.strip() for p in cell.split("|")) if part)

    def one(self, column: str) -> str:
        position = self.columns.get(column)
        return "" if position is None else self.cells[position]

    def wrong(self, column: str, what: str, right: Iterable[str] = ()) -> CodebookError:
        value = self.one(column)
        # letters in the wrong order are the commonest slip in a code of three
        near = [choice for choice in sorted(right) if sorted(choice) == sorted(value.upper())]
        near = near or difflib.get_close_matches(value, sorted(right), 1, 0.3)
        do = f'Did you mean "{near[0]}"?' if near else ""
        return CodebookError(
            f'{what}: "{value}"', where=f"{self.file}, row {self.number}, column {column}", do=do
        )


def _rows(table: str, file: str, text: str, overlay: bool) -> list[Row]:
    """The rows of one CSV text.

    Raises:
        CodebookError: a column is missing or not known, or a row has too many cells.
    """
    reader = csv.reader(text.splitlines())
    header = next(reader, [])
    header = [h.strip().lstrip("\ufeff") for h in header]
    columns = COLUMNS[table]
    for column in header:
        if column not in columns:
            near = difflib.get_close_matches(column, columns, 1, 0.3)
            raise CodebookError(
                f'no such column: "{column}"',
                where=f"{file}, row 1",
                do=f'Did you mean "{near[0]}"?' if near else f"Columns: {', '.join(columns)}",
            )
    if columns[0] not in header:
        raise CodebookError(
            f'the column "{columns[0]}" is missing', where=f"{file}, row 1",
            do=f"Columns: {', '.join(columns)}",
        )  # fmt: skip
    places = {column: position for position, column in enumerate(header)}
    rows: list[Row] = []
    for cells in reader:
        if not any(cells):
            continue
        if len(cells) > len(header):
            raise CodebookError(
                f"{len(cells)} cells under {len(header)} columns",
                where=f"{file}, row {reader.line_num}",
                do="Put a cell that holds a comma in double quotation marks.",
            )
        if len(cells) < len(header):
            cells += [""] * (len(header) - len(cells))
        cells = [cell.strip() for cell in cells]
        rows.append(Row(table, file, reader.line_num, cells, places, overlay))
    return rows


def _shipped() -> dict[str, list[Row]]:
    folder = resources.files("whowhom.data").joinpath("actors")
    found: dict[str, list[Row]] = {}
    for table in COLUMNS:
        file = folder.joinpath(f"{table}.csv")
        if file.is_file():
            found[table] = _rows(table, f"{table}.csv", file.read_text(encoding="utf-8"), False)
        else:
            found[table] = []
    return found


def _overlay(path: Path) -> dict[str, list[Row]]:
    """The rows of a user's folder (``people.csv``, ...) or of one file of any table.

    Raises:
        CodebookError: a file is no table, or a row of it is wrong.
    """
    if path.is_dir():
        files = sorted(path.glob("*.csv"))
        if not files:
            raise CodebookError(
                "no table there", where=str(path),
                do=f"Expected one of {', '.join(f'{t}.csv' for t in COLUMNS)}.",
            )  # fmt: skip
    elif path.is_file():
        files = [path]
    else:
        raise CodebookError("no such file or folder", where=str(path))
    found: dict[str, list[Row]] = {}
    for file in files:
        try:
            text = file.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise CodebookError("not UTF-8", where=str(file), do="Save it as UTF-8.") from error
        table = file.stem if file.stem in COLUMNS else _table_of(file, text)
        found.setdefault(table, []).extend(_rows(table, str(file), text, True))
    return found


def _table_of(file: Path, text: str) -> str:
    header = {h.strip() for h in next(csv.reader(text.splitlines()), [])}
    # the table whose columns the header shares most; between equals the one with fewest others
    table = max(COLUMNS, key=lambda t: (len(header & set(COLUMNS[t])), -len(COLUMNS[t])))
    if len(header & set(COLUMNS[table])) < 2:
        raise CodebookError(
            "its columns are those of no table", where=str(file),
            do=f"Name the file after its table: {', '.join(f'{t}.csv' for t in COLUMNS)}.",
        )  # fmt: skip
    return table


def check_rows(rows: Iterable[Row], codes: frozenset[str]) -> None:
    """Check every cell that has a closed set of values.

    Raises:
        CodebookError: naming file, row, column and the nearest right value.
    """
    for row in rows:
        first = COLUMNS[row.table][0]
        if not row.one(first):
            raise row.wrong(first, "empty")
        if row.table not in ("countries", "roles", "first_names") and row.one("country"):
            for code in row.many("country"):
                if code not in codes:
                    raise row.wrong("country", "no such country code", codes)
        for code in row.many("members"):
            if code not in codes:
                raise row.wrong("members", f'no such country code as "{code}" in', codes)
        if row.one("sector") and row.one("sector") not in SECTORS:
            raise row.wrong("sector", "no such sector", SECTORS)
        for sector in row.many("other_sectors"):
            if sector not in SECTORS:
                raise row.wrong("other_sectors", f'no such sector as "{sector}" in', SECTORS)
        for column in ("start", "end"):
            if row.one(column) and not DATE.match(row.one(column)):
                raise row.wrong(column, "no date (YYYY, YYYY-MM or YYYY-MM-DD)")
        if row.table in KINDS and row.one("kind") not in KINDS[row.table]:
            raise row.wrong("kind", "no such kind", KINDS[row.table])
        if row.table == "first_names" and row.one("gender") not in ("m", "f"):
            raise row.wrong("gender", "no such gender", ("m", "f"))
        if row.table == "countries" and not re.fullmatch(r"[A-Z]{3}", row.one("country")):
            raise row.wrong("country", "no ISO 3166 alpha-3 code")


def check_tables() -> int:
    """Check every row of the shipped tables; the number of rows.

    Raises:
        CodebookError: the first row that is wrong.
    """
    tables = _shipped()
    codes = _codes(tables["countries"])
    for rows in tables.values():
        check_rows(rows, codes)
    return sum(len(rows) for rows in tables.values())


def _codes(countries: Iterable[Row]) -> frozenset[str]:
    return frozenset(row.one("country") for row in countries) | NON_STATES | {"KOS"}


@lru_cache(maxsize=4)
def load_tables(overlay: Path | None = None, language: Path | None = None) -> ActorTables:
    """The shipped tables, with a user's own laid over them.

    Where a folder of another language's tables is given, those stand before the English ones; its
    roles stand instead of them, offices apart.

    Raises:
        CodebookError: a row of the overlay is wrong (file, row, column, nearest value).
        DataError: a shipped table is missing.
    """
    # tens of thousands of small objects that all live on: collecting between them is waste
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _load(overlay, language)
    finally:
        if collecting:
            gc.enable()


def _load(overlay: Path | None, language: Path | None) -> ActorTables:
    tables = _shipped()
    for file in sorted(language.glob("*.csv")) if language is not None else ():
        spoken = _rows(file.stem, str(file), file.read_text(encoding="utf-8"), False)
        check_rows(spoken, _codes(tables["countries"]))
        english = tables[file.stem]
        if file.stem == "roles":  # only the offices, under whose English names the people stand
            taken = _closed_class(file.parent.parent / "words.csv")
            english = [
                row
                for row in english
                if row.one("kind") == "office" and row.one("role") not in taken
            ]
        tables[file.stem] = [*spoken, *english]
    if not tables["roles"]:
        raise DataError("a table is missing", where="data/actors/roles.csv", do="Reinstall.")
    if overlay is not None:
        over = _overlay(overlay)
        codes = _codes([*tables["countries"], *over.get("countries", ())])
        for table, rows in over.items():
            check_rows(rows, codes)
            tables[table] = [*rows, *tables[table]]
    folder = resources.files("whowhom.data").joinpath("actors")
    words = tomllib.loads(folder.joinpath("words.toml").read_text(encoding="utf-8"))
    ambiguous = tomllib.loads(folder.joinpath("ambiguous.toml").read_text(encoding="utf-8"))
    return build_tables(tables, words, ambiguous)


def _closed_class(file: Path) -> frozenset[str]:
    """The words of a language that its ``words.csv`` explains: "mayor" is no mayor in Spanish."""
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return frozenset(word for row in rows for word in row["words"].split("|"))


# ------------------------------------------------------------------ building
def build_tables(
    tables: Mapping[str, Sequence[Row]],
    words: Mapping[str, object],
    ambiguous: Mapping[str, object],
) -> ActorTables:
    """Tables from rows; rows of an overlay come first and win."""
    names: dict[str, tuple[str, bool, list[Thing | Person]]] = {}
    longest: dict[str, int] = {}

    def add(surface: str, thing: Thing | Person, overlay: bool, words: Sequence[str] = ()) -> None:
        if surface.startswith(("the ", "The ")):
            surface = surface[4:]
        parts = words or WORD.findall(fold(surface))
        if not parts:
            return
        key = " ".join(parts)
        known = names.get(key)
        if known is None:
            names[key] = (surface, overlay, [thing])
            if len(parts) > longest.get(parts[0], 0):
                longest[parts[0]] = len(parts)
        elif overlay or not known[1]:
            known[2].append(thing)

    country_names: dict[str, str] = {}
    for row in tables.get("countries", ()):
        country_names.setdefault(row.one("country"), row.one("name"))
    for row in tables.get("countries", ()):
        code, name = row.one("country"), row.one("name")
        period = Period(row.one("start"), row.one("end"))
        thing = Thing("country", name, code, "GOV", period=period)
        add(name, thing, row.overlay)
        for alias in row.many("aliases"):
            add(alias, thing, row.overlay)
        people = Thing("demonym", name, code, "CVL", period=period)
        for demonym in row.many("demonyms"):
            add(demonym, people, row.overlay)
            plural = _plural(demonym)
            if plural != demonym:
                add(plural, people, row.overlay)
        seat = Thing("capital", name, code, "GOV", period=period)
        for capital in (*row.many("capital"), *row.many("capital_aliases")):
            add(capital, seat, row.overlay)
    for row in tables.get("regions", ()):
        thing = Thing("region", row.one("name"), row.one("country") or None, detail=row.one("kind"))
        for surface in (row.one("name"), *row.many("aliases")):
            add(surface, thing, row.overlay)
    for table, kind in (("organisations", "organisation"), ("population", "group")):
        for row in tables.get(table, ()):
            thing = Thing(
                "organisation" if kind == "organisation" else "group",
                row.one("name"),
                row.one("country") or None,
                # an organisation of states has no sector but may have a field (a court: JUD)
                row.one("sector") or next(iter(row.many("other_sectors")), None),
                row.many("other_sectors"),
                row.many("members"),
                row.one("wikidata") or None,
                Period(row.one("start"), row.one("end")),
                row.one("kind"),
            )
            for surface in (row.one("name"), *row.many("aliases")):
                add(surface, thing, row.overlay)
    people_found = _people(tables.get("people", ()))
    surnames: dict[str, list[Person]] = {}
    for person, from_overlay in people_found:
        surfaces = dict.fromkeys((person.name, *person.aliases))
        for surface, parts in zip(surfaces, person.words, strict=True):
            if len(parts) > 1:
                add(surface, person, from_overlay, parts)
        for surname in _surname_keys(person):
            surnames.setdefault(surname, []).append(person)
    roles, longest_role = _roles(tables.get("roles", ()))
    genders = {fold(row.one("name")): row.one("gender") for row in tables.get("first_names", ())}
    return ActorTables(
        {key: Name(surface, tuple(things)) for key, (surface, _, things) in names.items()},
        longest,
        {key: tuple(value) for key, value in surnames.items()},
        tuple(person for person, _ in people_found),
        roles,
        longest_role,
        genders,
        _words(words),
        _ambiguous(ambiguous),
        country_names,
    )


def _surname_keys(person: Person) -> set[str]:
    keys = {key_of(person.surname)} if person.surname else set()
    # one-word names ("Lula", "Suu Kyi" in one piece) stand alone like surnames
    keys |= {" ".join(words) for words in person.words if len(words) == 1}
    return keys - {""}


_TERM = ("country", "sector", "office", "start", "end")


def _people(rows: Iterable[Row]) -> list[tuple[Person, bool]]:
    """Rows as people: one identifier or, without any, one name and country is one person.

    A post without a country of its own (an envoy of the UN) goes to whoever of that name
    there is.
    """
    grouped: dict[str, list[Row]] = {}
    overlaid: set[str] = set()
    identity_of: dict[tuple[str, str], str] = {}
    waiting: list[tuple[Row, str, str, str]] = []
    for row in rows:
        name = row.one("name")
        if row.overlay:
            overlaid.add(name)
            grouped.setdefault(f"overlay {name}", []).append(row)
        elif name not in overlaid:
            country, wikidata = row.one("country"), row.one("wikidata")
            waiting.append((row, name, country, wikidata))
            if wikidata:
                identity_of.setdefault((name, country), wikidata)
                identity_of.setdefault((name, ""), wikidata)
    stateless: list[Row] = []
    for row, name, country, wikidata in waiting:
        if not wikidata and (not country or country in NON_STATES):
            stateless.append(row)
            continue
        identity = wikidata or identity_of.get((name, country)) or f"{name}|{country}"
        identity_of.setdefault((name, ""), identity)
        grouped.setdefault(identity, []).append(row)
    for row in stateless:
        grouped.setdefault(identity_of.get((row.one("name"), ""), row.one("name")), []).append(row)
    found: list[tuple[Person, bool]] = []
    for group in grouped.values():
        terms = [_term(row) for row in group]
        if len(terms) > 1:
            terms.sort(key=lambda term: (term.period.start, term.period.end or "9"))
        first = group[0]
        aliases = tuple(dict.fromkeys(a for row in group for a in row.many("aliases")))
        surfaces = (
            tuple(dict.fromkeys((first.one("name"), *aliases))) if aliases else (first.one("name"),)
        )
        person = Person(
            first.one("name"),
            first.one("surname"),
            aliases,
            first.one("wikidata") or None,
            tuple(terms),
            tuple(tuple(WORD.findall(fold(surface))) for surface in surfaces),
        )
        found.append((person, first.overlay))
    return found


def _term(row: Row) -> Term:
    country, sector, office, start, end = map(row.one, _TERM)
    return Term(country or None, sector or None, office, Period(start, end))


def _plural(word: str) -> str:
    """The plural of a noun's last word by the regular rules of English spelling."""
    if word.endswith("man"):
        return word[:-3] + "men"
    if word.endswith(("ese", "ish", "ss")) or (word.endswith("s") and len(word) < 5):
        return word
    if word.endswith(("s", "x", "ch", "sh")):
        return word if word.endswith(("ch", "sh")) and word[:1].isupper() else word + "es"
    if word.endswith("child"):
        return word + "ren"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


def _roles(rows: Iterable[Row]) -> tuple[dict[str, Role], dict[str, int]]:
    roles: dict[str, Role] = {}
    longest: dict[str, int] = {}
    plurals: dict[str, Role] = {}
    for row in rows:
        text = row.one("role")
        key = key_of(text)
        kind = row.one("kind")
        if key in roles or kind not in ("office", "group", "person", "institution"):
            continue
        role = Role(
            text,
            row.one("sector") or None,
            row.many("other_sectors"),
            "office" if kind == "office" else "group" if kind == "group"
            else "person" if kind == "person" else "institution",
            row.one("office") or None,
        )  # fmt: skip
        roles[key] = role
        words = key.split()
        if len(words) > 2 and words[1] in ("of", "for", "in", "to"):
            plurals[" ".join([_plural(words[0]), *words[1:]])] = role
        plurals[_plural(key)] = role
    for key, role in plurals.items():
        roles.setdefault(key, role)
    for key in roles:
        first, count = key.split(" ", 1)[0], key.count(" ") + 1
        if count > longest.get(first, 0):
            longest[first] = count
    return roles, longest


def _words(data: Mapping[str, object]) -> Words:
    lists: dict[str, frozenset[str]] = {}
    maps: dict[str, Mapping[str, str]] = {}
    for name, value in data.items():
        if isinstance(value, list):
            lists[name] = frozenset(str(item) for item in value)
        elif isinstance(value, dict):
            maps[name] = {str(k): str(v) for k, v in value.items()}
    return Words(lists, maps)


def _ambiguous(data: Mapping[str, object]) -> dict[str, Ambiguous]:
    found: dict[str, Ambiguous] = {}
    for name, value in data.items():
        if not isinstance(value, dict):
            continue
        found[key_of(name)] = Ambiguous(
            key_of(name),
            bool(value.get("person_name", False)),
            frozenset(fold(str(cue)) for cue in value.get("cues", ())),
            frozenset(fold(str(cue)) for cue in value.get("counter", ())),
            str(value["country"]) if "country" in value else None,
        )
    return found


def country_words() -> frozenset[str]:
    """The words of the countries' names, aliases, peoples and capitals, in small letters: those
    that a text has for whole states, and that single out no incident."""
    text = resources.files("whowhom.data").joinpath("actors", "countries.csv")
    rows = csv.DictReader(text.read_text(encoding="utf-8").splitlines())
    fields = ("name", "aliases", "demonyms", "capital", "capital_aliases")
    return frozenset(
        word.casefold()
        for row in rows
        for field in fields
        for phrase in (row[field] or "").split("|")
        for word in [*phrase.split(), *(f"{part}s" for part in phrase.split())]
        if len(word) > 2
    )
