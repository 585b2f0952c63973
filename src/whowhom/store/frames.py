"""Tables as the libraries have them: pandas, polars, DuckDB; and events as a NetworkX graph.

Everything starts from an Arrow table. Days become days, whole numbers stay whole where some are
missing, lists stay lists.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, get_args

from whowhom.errors import UsageError

if TYPE_CHECKING:
    import duckdb
    import networkx as nx  # type: ignore[import-untyped]
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from whowhom.model import Event, Party

Name = Literal["events", "rejections", "documents", "ledger", "reports", "incidents", "stories"]
NAMES: tuple[Name, ...] = get_args(Name)
"""The tables of a store that can be asked for: what it keeps, and what merging made of it."""

AT_ONCE = 1000
"""Records that are made flat at a time: a record is some 10 KB as Python objects."""


def need(module: str, method: str, extra: str) -> ModuleType:
    """A library that an extra brings.

    Raises:
        ImportError: it is not installed; the message says how to install it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"{method}() needs {module}; install it with: pip install 'whowhom[{extra}]'"
        ) from error


def known(table: str) -> Name:
    """The name of a table.

    Raises:
        UsageError: there is no such table.
    """
    for name in NAMES:
        if name == table:
            return name
    from whowhom.analyse.filters import nearest

    raise nearest("table", table, NAMES)


def only_events(table: str, flat: bool | None) -> None:
    """Raise UsageError where another table than events is asked for in flat form."""
    if flat and table != "events":
        raise UsageError(
            f"flat: {table} has no flat form", do="Leave flat out; only events have one."
        )


def flat_table(records: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Records of events as one row of plain cells each: the columns of the CSV export, typed."""
    import pyarrow as pa

    from whowhom.store.flat import flat, flat_schema
    from whowhom.store.schema import to_table

    schema = flat_schema()
    rows = iter(records)
    parts = []
    while some := [flat(record) for record in islice(rows, AT_ONCE)]:
        parts.append(to_table(some, schema))
    return pa.concat_tables(parts) if parts else schema.empty_table()


def pandas_of(table: pa.Table) -> pd.DataFrame:
    """The rows as a pandas frame: days as ``datetime64``, whole numbers as ``Int64`` and truth as
    ``boolean`` (both hold missing values), lists as lists, structs as dicts.

    Raises:
        ImportError: pandas is not installed.
    """
    library: Any = need("pandas", "to_pandas", "pandas")
    import pyarrow as pa

    mapped = {pa.int64(): library.Int64Dtype(), pa.bool_(): library.BooleanDtype()}
    plain = [field.name for field in table.schema if not pa.types.is_nested(field.type)]
    frame = table.select(plain).to_pandas(types_mapper=mapped.get, date_as_object=False)
    for place, field in enumerate(table.schema):
        if pa.types.is_nested(field.type):
            column = library.Series(table[field.name].to_pylist(), dtype=object, index=frame.index)
            frame.insert(place, field.name, column)
    found: pd.DataFrame = frame
    return found


def polars_of(table: pa.Table) -> pl.DataFrame:
    """The rows as a polars frame; lists and structs stay what they are.

    Raises:
        ImportError: polars is not installed.
    """
    found: pl.DataFrame = need("polars", "to_polars", "polars").from_arrow(table)
    return found


def duckdb_of(table: pa.Table) -> duckdb.DuckDBPyRelation:
    """The rows as a DuckDB relation, in a connection of its own that lives in memory."""
    import duckdb

    return duckdb.connect(":memory:").from_arrow(table)


def graph_of(events: Sequence[Event]) -> nx.MultiDiGraph:
    """Events as a directed graph: an edge for every actor and recipient of every event.

    Nodes are parties: by country and sector where they are known, else by the words of the text;
    each with ``label``, ``country`` and ``sector``. The key of an edge is the event's id; it
    has ``event_type``, ``mode``, ``quad``, ``score``, ``status``, ``date`` (a day or None),
    ``sentence`` and ``document``. Events without a recipient have no edge; talks, whose sides
    are all actors, have one in each direction.

    Raises:
        ImportError: networkx is not installed.
    """
    graph = need("networkx", "to_networkx", "report").MultiDiGraph()
    for event in events:
        pairs = [(a, r) for a in event.actors for r in event.recipients]
        if not event.recipients:
            pairs = [(a, b) for a in event.actors for b in event.actors if a is not b]
        for actor, recipient in pairs:
            ends = []
            for party in (actor, recipient):
                ends.append(key_of(party))
                if ends[-1] not in graph:
                    graph.add_node(
                        ends[-1],
                        label=party.name or party.text,
                        country=party.country,
                        sector=party.sector,
                    )
            graph.add_edge(
                *ends,
                key=event.id,
                event_type=event.event_type,
                mode=event.mode,
                quad=event.quad,
                score=event.score,
                status=event.status,
                date=event.date,
                sentence=event.evidence.sentence_text,
                document=event.document.id,
            )
    return graph


def key_of(party: Party) -> str:
    """The key of a party, as the merged tables have it (``USA``, ``KEN REB``); where it has no
    country, its words."""
    from whowhom.merge.settings import settings

    if party.country is None:
        return party.name or party.text
    if party.sector is None or party.sector in settings().state_sectors:
        return party.country
    return f"{party.country} {party.sector}"
