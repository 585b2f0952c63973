"""How well two or more coders agree: Krippendorff's alpha, Cohen's kappa, F1.

A unit is one thing that coders give a value: an event that they found, a type in a sentence, a
row of a table. Alpha (nominal) is over all units that at least two coders gave a value; kappa and
the shares are of pairs of coders. Units of one document stand or fall together in the bootstrap.

Krippendorff, Content Analysis, 2004, chapter 11: alpha by coincidences. Cohen 1960: kappa.
"""

from __future__ import annotations

import csv
import dataclasses
import itertools
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from whowhom.errors import InputError, UsageError
from whowhom.evaluate.bootstrap import (
    Array,
    Figure,
    Sums,
    Tally,
    divided,
    f1,
    figures,
    mean_of_known,
    ratio,
)
from whowhom.evaluate.codings import Coding
from whowhom.evaluate.gold import AnnotatedEvent, Span
from whowhom.evaluate.matching import Rule, pair, sentence_of, sentences
from whowhom.settings import EVALUATION, EvaluationSettings

NONE = "(none)"
"""The value of a coder who has no event where another has one, or no value in a field."""

Values = Sequence[Hashable | None]
"""What each coder gave a unit, in the order of the coders; None: it did not look at the unit."""

Units = Counter[tuple[int, tuple[Hashable | None, ...]]]
"""Units that are alike, counted: the number of their document, and the coders' values."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two coders' agreement in a field."""

    first: str
    second: str
    units: int
    same: Figure
    kappa: Figure


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """Agreement in a field: alpha over all coders, and each pair."""

    name: str
    units: int
    values: int  # how many different ones were given
    alpha: Figure
    pairs: tuple[Pair, ...]

    @property
    def same(self) -> float:
        """The mean over pairs of the share of units with the same value."""
        return float(mean_of_known([p.same.value for p in self.pairs]))

    @property
    def kappa(self) -> float:
        """The mean over pairs of Cohen's kappa."""
        return float(mean_of_known([p.kappa.value for p in self.pairs]))


@dataclass(frozen=True, slots=True)
class Found:
    """How many events of each of two coders the other has."""

    first: str
    second: str
    events: tuple[int, int]
    both: int
    first_in_second: Figure
    second_in_first: Figure
    f1: Figure
    typed_f1: Figure


@dataclass(frozen=True, slots=True)
class Agreement:
    """Everything that two or more codings agree in, or do not."""

    coders: tuple[str, ...]
    documents: int
    left_out: Mapping[str, int]  # documents that a coder has and no other: not compared
    found: tuple[Found, ...]
    fields: tuple[FieldAgreement, ...]
    types: tuple[FieldAgreement, ...]
    notes: tuple[str, ...] = ()
    settings: EvaluationSettings = field(default=EVALUATION)

    def to_dict(self) -> dict[str, Any]:
        """All figures as plain JSON values; null where a figure is not defined."""
        return {
            "coders": list(self.coders),
            "documents": self.documents,
            "left_out": dict(self.left_out),
            "bootstrap": {
                "resamples": self.settings.resamples,
                "seed": self.settings.seed,
                "level": self.settings.level,
                "interval": "percentile",
            },
            "events": [plain_figures(f) for f in self.found],
            "fields": [plain_figures(f) for f in self.fields],
            "types": [plain_figures(f) for f in self.types],
            "notes": list(self.notes),
        }


def plain_figures(value: Any) -> Any:
    """Figures, and what holds them, as JSON values; null where a figure is not defined."""
    if isinstance(value, Figure):
        return value.to_dict()
    if isinstance(value, tuple):
        return [plain_figures(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain_figures(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


# ------------------------------------------------------------------ the measures
def alpha(units: Sequence[Values]) -> float:
    """Krippendorff's alpha for nominal values: 1 is full agreement, 0 is chance.

    nan where fewer than two units have two values, or where only one value was ever given.
    """
    return field_agreement("", [(0, unit) for unit in units], 1, ()).alpha.value


def kappa(units: Sequence[Values]) -> float:
    """Cohen's kappa of the first two coders; nan where it is not defined."""
    pairs = field_agreement("", [(0, unit) for unit in units], 1, ("a", "b")).pairs
    return pairs[0].kappa.value


def field_agreement(
    name: str,
    units: Iterable[tuple[int, Values]],
    documents: int,
    coders: Sequence[str],
    settings: EvaluationSettings = EVALUATION,
) -> FieldAgreement:
    """Agreement over units.

    Args:
        name: of the field.
        units: each with the number of its document (0 on) and the coders' values; a Counter of
            them is as good.
        documents: how many there are.
        coders: their names, in the order of the values.
        settings: draws, seed and level of the bootstrap over documents.
    """
    # the same values in the same document have the same weight: counted, then added once
    counted: Units = (
        units if isinstance(units, Counter) else Counter((d, tuple(values)) for d, values in units)
    )
    given = sorted({v for _, values in counted for v in values if v is not None}, key=str)
    number = {value: n for n, value in enumerate(given)}
    tally, count = Tally(documents), len(given)
    tally.add("values", 0, np.zeros(count))
    pairable = 0
    both: Counter[tuple[int, int]] = Counter()
    for (document, values), times in counted.items():
        known = Counter(number[v] for v in values if v is not None)
        total = sum(known.values())
        if total < 2:
            continue
        pairable += times
        # a unit's coincidences: each ordered pair of its values, weighed by 1 / (values - 1)
        alike = sum(n * (n - 1) for n in known.values()) / (total - 1)
        tally.add("same", document, times * alike)
        held = np.zeros(count)
        for place, n in known.items():
            held[place] = times * n
        tally.add("values", document, held)
        for i, j in itertools.combinations(range(len(coders)), 2):
            a, b = values[i], values[j]
            if a is None or b is None:
                continue
            both[i, j] += times
            tally.add(f"units {i} {j}", document, times)
            tally.add(f"same {i} {j}", document, times * (a == b))
            for side, given_by in (("left", a), ("right", b)):
                one = np.zeros(count)
                one[number[given_by]] = times
                tally.add(f"{side} {i} {j}", document, one)
    formulas: dict[str, Callable[[Sums], Any]] = {"alpha": _alpha}
    for i, j in itertools.combinations(range(len(coders)), 2):
        formulas[f"same {i} {j}"] = ratio(f"same {i} {j}", f"units {i} {j}")
        formulas[f"kappa {i} {j}"] = _kappa(i, j)
    made = figures(tally, documents, formulas, settings)
    pairs = tuple(
        Pair(coders[i], coders[j], both[i, j], made[f"same {i} {j}"], made[f"kappa {i} {j}"])
        for i, j in itertools.combinations(range(len(coders)), 2)
    )
    return FieldAgreement(name, pairable, count, made["alpha"], pairs)


def _alpha(sums: Sums) -> Any:
    held: Array = sums["values"]
    total = held.sum(axis=-1)
    by_chance = total**2 - (held**2).sum(axis=-1)
    differ = total - np.asarray(sums.get("same", 0.0))
    return 1 - (total - 1) * divided(differ, by_chance)


def _kappa(i: int, j: int) -> Callable[[Sums], Any]:
    def formula(sums: Sums) -> Any:
        if f"units {i} {j}" not in sums:
            return np.nan
        units = sums[f"units {i} {j}"]
        observed = divided(sums[f"same {i} {j}"], units)
        chance = divided((sums[f"left {i} {j}"] * sums[f"right {i} {j}"]).sum(axis=-1), units**2)
        return divided(observed - chance, 1 - chance)

    return formula


# ------------------------------------------------------------------ codings of events
def agree(
    codings: Sequence[Coding],
    *,
    rule: Rule = "trigger",
    settings: EvaluationSettings = EVALUATION,
) -> Agreement:
    """Agreement of codings of events, over the documents that at least two of them have.

    Events of two codings are the same, whatever their types, if
    :func:`~whowhom.evaluate.matching.pair` pairs them. Three units are used:

    - an event that at least two coders found: its fields;
    - an event that any coder found, with the value ``(none)`` for those who looked and did not:
      ``type, or no event``;
    - a sentence, or a document, and a type: is the type in it or not.

    Raises:
        UsageError: fewer than two codings, or no document that two of them have.
    """
    if len(codings) < 2:
        raise UsageError("agreement needs two codings or more")
    names = _names(codings)
    known = {id_ for coding in codings for id_ in coding.documents}
    shared = sorted(i for i in known if sum(c.of(i) is not None for c in codings) > 1)
    if not shared:
        raise UsageError(
            "no document is in two of them",
            do="Documents are known by their ids: give both coders the same.",
        )
    left_out = {
        name: sum(i not in set(shared) for i in coding.documents)
        for name, coding in zip(names, codings, strict=True)
    }
    tally = Tally(len(shared))
    units: dict[str, list[tuple[int, Values]]] = {name: [] for name in _EVENT_FIELDS}
    every: list[tuple[int, Values]] = []
    in_sentence: Units = Counter()
    in_document: Units = Counter()
    by_type: dict[str, Units] = {}
    without_text = 0
    types = sorted({e.event_type for c in codings for d in c.documents.values() for e in d.events})
    for at, id_ in enumerate(shared):
        holders = [coding.of(id_) for coding in codings]
        events = [None if holder is None else list(holder.events) for holder in holders]
        texts = [holder for holder in holders if holder is not None and holder.text]
        splits = sentences(texts[0]) if texts else []
        without_text += not splits
        _count_found(tally, at, events, splits, rule)
        for cluster in _clusters(events, splits, rule):
            present = [e for e in cluster if e is not None]
            looked = zip(cluster, events, strict=True)
            every.append((at, [_or_none(e, its) for e, its in looked]))
            if len(present) > 1:
                for name, value in _EVENT_FIELDS.items():
                    units[name].append((at, [None if e is None else value(e) for e in cluster]))
        held = [None if e is None else {x.event_type for x in e} for e in events]
        for type_ in types:
            in_document[at, tuple(None if h is None else type_ in h for h in held)] += 1
        inside = [None if e is None else _by_sentence(e, splits) for e in events]
        for n in range(len(splits)):
            for type_ in types:
                values = tuple(None if h is None else (n, type_) in h for h in inside)
                in_sentence[at, values] += 1
                by_type.setdefault(type_, Counter())[at, values] += 1
    count = len(shared)
    rows = [field_agreement("type, or no event", every, count, names, settings)]
    if in_sentence:
        rows.append(field_agreement("type in sentence", in_sentence, count, names, settings))
    rows.append(field_agreement("type in document", in_document, count, names, settings))
    rows += [
        field_agreement(name, found, count, names, settings)
        for name, found in units.items()
        if any(sum(v is not None for v in values) > 1 for _, values in found)
    ]
    notes = []
    if without_text:
        notes.append(
            f"{without_text:,} of {count:,} documents have no text in any coding: their sentences "
            "are not known, and they are left out of what is counted by sentence"
        )
    return Agreement(
        names,
        count,
        {name: n for name, n in left_out.items() if n},
        _found(tally, count, names, settings),
        tuple(rows),
        tuple(
            field_agreement(type_, found, count, names, _for_few(found, settings))
            for type_, found in sorted(by_type.items())
        ),
        tuple(notes),
        settings,
    )


def _for_few(units: Units, settings: EvaluationSettings) -> EvaluationSettings:
    """The settings; without intervals where few documents have what is counted at all."""
    held = {document for document, values in units if any(values)}
    if len(held) < settings.fewest_documents:
        return dataclasses.replace(settings, resamples=0)
    return settings


def _by_sentence(events: Sequence[AnnotatedEvent], known: Sequence[Span]) -> set[tuple[int, str]]:
    """The numbers of sentences, each with a type that is in it."""
    number = {id(sentence): n for n, sentence in enumerate(known)}
    found = set()
    for event in events:
        at = number.get(id(sentence_of(event, known)))
        if at is not None:
            found.add((at, event.event_type))
    return found


def _names(codings: Sequence[Coding]) -> tuple[str, ...]:
    """Names of the coders, made different where files have the same name."""
    count = Counter(coding.name for coding in codings)
    seen: Counter[str] = Counter()
    names = []
    for coding in codings:
        seen[coding.name] += 1
        again = count[coding.name] > 1
        names.append(f"{coding.name} ({seen[coding.name]})" if again else coding.name)
    return tuple(names)


def _codes(codes: frozenset[str]) -> str:
    return "+".join(sorted(codes)) or NONE


def _said(event: AnnotatedEvent, name: str) -> Any:
    """A field's value: None where the coder was not asked for it."""
    return getattr(event, name) or NONE if name in event.said else None


_EVENT_FIELDS: Mapping[str, Callable[[AnnotatedEvent], Hashable | None]] = {
    "type": lambda e: e.event_type,
    "mode": lambda e: _said(e, "mode"),
    "status": lambda e: _said(e, "status"),
    "voice": lambda e: _said(e, "voice"),
    "actor countries": lambda e: _codes(e.countries("actors")) if "actors" in e.said else None,
    "recipient countries": lambda e: (
        _codes(e.countries("recipients")) if "recipients" in e.said else None
    ),
    "actor sectors": lambda e: _codes(e.sectors("actors")) if "actors" in e.said else None,
    "recipient sectors": lambda e: (
        _codes(e.sectors("recipients")) if "recipients" in e.said else None
    ),
    "attributed or not": lambda e: ("yes" if e.speaker else "no") if "speaker" in e.said else None,
    "date": lambda e: _said(e, "date"),
    "place country": lambda e: (
        ((e.place.country if e.place else None) or NONE) if "place" in e.said else None
    ),
}


def _or_none(event: AnnotatedEvent | None, looked: object) -> Hashable | None:
    if event is not None:
        return event.event_type
    return None if looked is None else NONE


def _clusters(
    events: Sequence[list[AnnotatedEvent] | None], known: Sequence[Span], rule: Rule
) -> list[list[AnnotatedEvent | None]]:
    """Events of all coders that are one: each coder's are paired in turn with those before."""
    clusters: list[list[AnnotatedEvent | None]] = []
    for at, mine in enumerate(events):
        mine = mine or []
        heads = [next(e for e in cluster if e is not None) for cluster in clusters]
        pairs = pair(heads, mine, known, rule=rule, typed=False)
        for i, j in pairs:
            clusters[i].append(mine[j])
        taken = {j for _, j in pairs}
        clusters += [[None] * at + [e] for j, e in enumerate(mine) if j not in taken]
        for cluster in clusters:
            if len(cluster) <= at:
                cluster.append(None)
    return clusters


def _count_found(
    tally: Tally,
    at: int,
    events: Sequence[list[AnnotatedEvent] | None],
    known: Sequence[Span],
    rule: Rule,
) -> None:
    for i, j in itertools.combinations(range(len(events)), 2):
        a, b = events[i], events[j]
        if a is None or b is None:
            continue
        tally.add(f"first {i} {j}", at, len(a))
        tally.add(f"second {i} {j}", at, len(b))
        both = pair(a, b, known, rule=rule, typed=False)
        tally.add(f"both {i} {j}", at, len(both))
        typed = sum(a[m].event_type == b[n].event_type for m, n in both)
        tally.add(f"typed {i} {j}", at, typed)


def _found(
    tally: Tally, count: int, names: Sequence[str], settings: EvaluationSettings
) -> tuple[Found, ...]:
    rows = []
    for i, j in itertools.combinations(range(len(names)), 2):
        made = figures(
            tally,
            count,
            {
                "first": ratio(f"both {i} {j}", f"first {i} {j}"),
                "second": ratio(f"both {i} {j}", f"second {i} {j}"),
                "f1": f1(f"both {i} {j}", f"first {i} {j}", f"second {i} {j}"),
                "typed": f1(f"typed {i} {j}", f"first {i} {j}", f"second {i} {j}"),
            },
            settings,
        )
        rows.append(
            Found(
                names[i],
                names[j],
                (int(tally.total(f"first {i} {j}")), int(tally.total(f"second {i} {j}"))),
                int(tally.total(f"both {i} {j}")),
                made["first"],
                made["second"],
                made["f1"],
                made["typed"],
            )
        )
    return tuple(rows)


# ------------------------------------------------------------------ tables of labels
@dataclass(frozen=True, slots=True)
class Labels:
    """A table of labels: for each id, a value in each column; empty cells are None."""

    name: str
    columns: tuple[str, ...]
    rows: Mapping[str, Mapping[str, str | None]]
    group: Mapping[str, str]  # id -> document, where a column says so


def read_labels(path: Path) -> Labels:
    """A CSV file with a header: ``id``, then a column a field (``label``, or any names).

    A column ``document`` says which units belong together. Empty cells were not judged.

    Raises:
        InputError: there is no such header, an id is empty or stands twice, a row is too long.
    """
    rows: dict[str, dict[str, str | None]] = {}
    group: dict[str, str] = {}
    lines: dict[str, int] = {}
    for line, cells, header in _csv(path):
        if len(cells) > len(header):
            raise InputError(
                f"{len(cells)} cells under {len(header)} columns",
                where=f"{path}, line {line}",
                do="Put values with commas between double quotation marks.",
            )
        row = dict(itertools.zip_longest(header, cells, fillvalue=""))
        id_ = row.pop("id").strip()
        if not id_ or id_ in rows:
            raise InputError(
                "the id is empty" if not id_ else f"{id_!r} stands in line {lines[id_]} already",
                where=f"{path}, line {line}",
                do="Give each row an id of its own.",
            )
        lines[id_] = line
        if "document" in row:
            group[id_] = row.pop("document").strip() or id_
        rows[id_] = {name: cell.strip() or None for name, cell in row.items()}
    if not rows:
        raise InputError("it has no rows", where=str(path), do="Give a header and a row a unit.")
    columns = tuple(next(iter(rows.values())))
    return Labels(path.name, columns, rows, group)


def _csv(path: Path) -> Iterator[tuple[int, list[str], list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip() for name in next(reader, [])]
            if "id" not in header or len(header) < 2 or len(set(header)) < len(header):
                raise InputError(
                    f"the header is {','.join(header)[:80]!r}",
                    where=f"{path}, line 1",
                    do="Write id,label, or id and a column of its own name for each field.",
                )
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield reader.line_num, cells, header
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(
            f"no CSV in UTF-8 ({error})", where=str(path), do="Save it as CSV, UTF-8."
        ) from error
    except OSError as error:
        raise InputError(
            f"it cannot be read ({error.strerror})", where=str(path), do="Name a CSV file."
        ) from error


def agree_labels(tables: Sequence[Labels], settings: EvaluationSettings = EVALUATION) -> Agreement:
    """Agreement of tables of labels, over the ids that at least two of them have.

    Raises:
        UsageError: fewer than two tables, no shared id, or no shared column.
    """
    if len(tables) < 2:
        raise UsageError("agreement needs two tables or more")
    names = _names([Coding(t.name, {}) for t in tables])
    columns = [c for c in tables[0].columns if all(c in t.columns for t in tables)]
    if not columns:
        raise UsageError("the tables have no column in common beside id")
    known = {id_ for table in tables for id_ in table.rows}
    shared = sorted(i for i in known if sum(i in t.rows for t in tables) > 1)
    if not shared:
        raise UsageError("no id is in two of the tables")
    of = {i: next((t.group[i] for t in tables if i in t.group), i) for i in shared}
    number = {name: n for n, name in enumerate(sorted(set(of.values())))}
    rows = []
    for column in columns:
        units: list[tuple[int, Values]] = [
            (number[of[i]], [t.rows.get(i, {}).get(column) for t in tables]) for i in shared
        ]
        rows.append(field_agreement(column, units, len(number), names, settings))
    left_out = {
        name: sum(i not in of for i in table.rows)
        for name, table in zip(names, tables, strict=True)
    }
    return Agreement(
        names,
        len(number),
        {name: n for name, n in left_out.items() if n},
        (),
        tuple(rows),
        (),
        settings=settings,
    )
