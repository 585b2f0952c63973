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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa

from whowhom.model import Coverage, Event, Genre, LedgerRow, Range, Rejection, plain

SCHEMA_VERSION = 1
"""Raised when a column changes its meaning or goes; a newer store is refused by older programs."""

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
        # a figure is a number or a range: both are kept as a range, see fit() and unfit()
        return arrow_type(Range if Range in options else options[0])
    if dataclasses.is_dataclass(hint):
        return pa.struct(_fields(hint))
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


def _fields(cls: Any) -> list[pa.Field[Any]]:
    hints = typing.get_type_hints(cls)
    return [pa.field(f.name, arrow_type(hints[f.name])) for f in dataclasses.fields(cls)]


EVENT_SCHEMA = pa.schema(_fields(Event))

_KEYS = [pa.field("sequence", pa.int64(), nullable=False)]
SCHEMAS: Mapping[Table, pa.Schema] = {
    "events": pa.schema([*_KEYS, *EVENT_SCHEMA]),
    "rejections": pa.schema([*_KEYS, *_fields(Rejection)]),
    "documents": pa.schema([*_KEYS, *_fields(StoredDocument)]),
    # the fingerprint of the coder that gave this row: what --resume goes by
    "ledger": pa.schema([*_KEYS, *_fields(LedgerRow), pa.field("fingerprint", pa.string())]),
}


def to_table(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """An Arrow table of plain rows (as ``to_dict`` gives them).

    Halves of surrogate pairs, which JSON can spell and no column can hold, become ``?``.
    """
    fitted = [{f.name: fit(row.get(f.name), f.type) for f in schema} for row in rows]
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


def event_row(event: Event, sequence: int) -> dict[str, Any]:
    return {"sequence": sequence, **event.to_dict()}


def row_of(value: object, sequence: int) -> dict[str, Any]:
    """A dataclass as a plain row of the store."""
    return {"sequence": sequence, **typing.cast("dict[str, Any]", plain(value))}


def fit(value: Any, kind: pa.DataType) -> Any:
    """A plain value as the column type wants it: ISO dates as dates, a number as a range."""
    if value is None:
        return None
    if pa.types.is_struct(kind):
        if not isinstance(value, Mapping):
            value = {"low": value, "high": value}
        return {f.name: fit(value.get(f.name), f.type) for f in kind}
    if pa.types.is_list(kind):
        return [fit(item, kind.value_type) for item in value]
    if pa.types.is_date(kind) and isinstance(value, str):
        return dt.date.fromisoformat(value)
    return value


def unfit(value: Any, kind: pa.DataType) -> Any:
    """The inverse of :func:`fit`: the record as JSON has it."""
    if value is None:
        return None
    if pa.types.is_struct(kind):
        if kind.num_fields == 2 and kind[0].name == "low" and kind[1].name == "high":
            low, high = value["low"], value["high"]
            return low if low is not None and low == high else {"low": low, "high": high}
        return {f.name: unfit(value[f.name], f.type) for f in kind}
    if pa.types.is_list(kind):
        return [unfit(item, kind.value_type) for item in value]
    if pa.types.is_date(kind):
        return value.isoformat()
    return value


def records(table: pa.Table | pa.RecordBatch, schema: pa.Schema) -> list[dict[str, Any]]:
    """The rows of an Arrow table as plain records, only the columns of ``schema``."""
    return [
        {f.name: unfit(row[f.name], f.type) for f in schema}
        for row in table.select(schema.names).to_pylist()
    ]
