"""The columns of the store, derived from the domain types, and the way there and back.

A store has four tables. ``events``, ``rejections`` and ``ledger`` have the fields of
:class:`~whowhom.model.Event`, :class:`~whowhom.model.Rejection` and
:class:`~whowhom.model.LedgerRow`; ``documents`` has the fields of :class:`StoredDocument`.
Each row also carries ``sequence``, the number of its document's row in the ledger: that is
how the newest coding of a document replaces the older ones.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import pyarrow as pa

from whowhom.model import Coverage, Event, Genre, LedgerRow, Range, Rejection, plain

SCHEMA_VERSION = 2
"""Raised when a column changes its meaning or goes; a newer store is refused by older programs."""

MERGE_SCHEMA_VERSION = 1
"""Raised when a column of the merged tables changes; a merge of another version is made anew."""

SEQUENCE_STEP = 1_000_000
"""Ledger rows that a segment may hold: ``sequence`` is segment number times this, plus the row."""

Table = Literal["events", "rejections", "documents", "ledger"]
TABLES: tuple[Table, ...] = ("events", "rejections", "documents", "ledger")


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """What the store keeps of a document. ``text`` is null unless it was asked for."""

    id: str
    title: str | None
    outlet: str | None
    url: str | None
    published: dt.date | None
    genre: Genre
    sha256: str
    text: str | None
    shingles: tuple[int, ...]  # MinHash of the text: what copies are known by
    coverage: Coverage


def arrow_type(hint: Any) -> pa.DataType:
    """The Arrow type of a field's type hint.

    Raises:
        TypeError: the hint is none that a record may have.
    """
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return pa.string()
    if origin is tuple:
        return pa.list_(arrow_type(arguments[0]))
    if origin in (typing.Union, types.UnionType):
        options = [option for option in arguments if option is not type(None)]
        # a figure is a number or a range: both are kept as a range
        return arrow_type(Range if Range in options else options[0])
    if dataclasses.is_dataclass(hint):
        return pa.struct(fields_of(hint))
    simple: dict[Any, pa.DataType] = {
        str: pa.string(),
        int: pa.int64(),
        float: pa.float64(),
        bool: pa.bool_(),
        dt.date: pa.date32(),
    }
    if hint not in simple:
        raise TypeError(f"no column type for {hint!r}")
    return simple[hint]


def fields_of(cls: Any) -> list[pa.Field[Any]]:
    """The columns of a dataclass."""
    hints = typing.get_type_hints(cls)
    return [pa.field(f.name, arrow_type(hints[f.name])) for f in dataclasses.fields(cls)]


EVENT_SCHEMA = pa.schema(fields_of(Event))

_KEYS = [pa.field("sequence", pa.int64(), nullable=False)]
SCHEMAS: Mapping[Table, pa.Schema] = {
    "events": pa.schema([*_KEYS, *EVENT_SCHEMA]),
    "rejections": pa.schema([*_KEYS, *fields_of(Rejection)]),
    "documents": pa.schema([*_KEYS, *fields_of(StoredDocument)]),
    # the fingerprint of the coder that gave this row: what --resume goes by
    "ledger": pa.schema([*_KEYS, *fields_of(LedgerRow), pa.field("fingerprint", pa.string())]),
}


def to_table(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """An Arrow table of plain rows (as ``to_dict`` gives them).

    Halves of surrogate pairs, which JSON can spell and no column can hold, become ``?``.
    """
    convert = fitting(pa.struct(list(schema)))
    fitted = [convert(row) for row in rows]
    try:
        return pa.Table.from_pylist(fitted, schema=schema)
    except UnicodeEncodeError:
        return pa.Table.from_pylist([_encodable(row) for row in fitted], schema=schema)


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {key: _encodable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    return value


def row_of(value: object, sequence: int) -> dict[str, Any]:
    """A dataclass as a plain row of the store."""
    return {"sequence": sequence, **typing.cast("dict[str, Any]", plain(value))}


Convert = Callable[[Any], Any]


@lru_cache(maxsize=256)
def fitting(kind: pa.DataType) -> Convert:
    """A function from a plain value to what the column type wants: ISO dates become dates, a
    number becomes a range. Made once a type, for it runs for every value that is stored."""
    if pa.types.is_struct(kind):
        fields = [(f.name, fitting(f.type)) for f in kind]

        def struct(value: Any) -> Any:
            if value is None:
                return None
            if not isinstance(value, Mapping):
                value = {"low": value, "high": value}
            return {name: convert(value.get(name)) for name, convert in fields}

        return struct
    if pa.types.is_list(kind):
        inner = fitting(kind.value_type)
        return lambda value: None if value is None else [inner(item) for item in value]
    if pa.types.is_date(kind):
        return lambda value: dt.date.fromisoformat(value) if isinstance(value, str) else value
    return _same


@lru_cache(maxsize=256)
def unfitting(kind: pa.DataType) -> Convert:
    """The inverse of :func:`fitting`: from a column's value to what JSON has."""
    if pa.types.is_struct(kind):
        if [f.name for f in kind] == ["low", "high"]:
            return _figure
        fields = [(f.name, unfitting(f.type)) for f in kind]
        odd = [(name, convert) for name, convert in fields if convert is not _same]

        def struct(value: Any) -> Any:
            if value is not None:
                for name, convert in odd:
                    value[name] = convert(value[name])
            return value

        return struct
    if pa.types.is_list(kind):
        inner = unfitting(kind.value_type)
        if inner is _same:
            return _same
        return lambda value: None if value is None else [inner(item) for item in value]
    if pa.types.is_date(kind):
        return lambda value: None if value is None else value.isoformat()
    return _same


def _same(value: Any) -> Any:
    return value


def _figure(value: Any) -> Any:
    if value is None:
        return None
    low, high = value["low"], value["high"]
    return low if low is not None and low == high else value


def records(table: pa.Table | pa.RecordBatch, schema: pa.Schema) -> list[dict[str, Any]]:
    """The rows of an Arrow table as plain records, only the columns of ``schema``."""
    convert = unfitting(pa.struct(list(schema)))
    return [convert(row) for row in table.select(schema.names).to_pylist()]
