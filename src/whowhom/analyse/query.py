"""How an analysis asks a store: one query, every value bound, an Arrow table back."""

# ruff: noqa: S608 - the SQL is made of fixed pieces; every value is bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from whowhom.errors import StoreError, UsageError
from whowhom.merge.schema import Unit

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from whowhom.analyse.filters import Filter
    from whowhom.store import Store

    Source: TypeAlias = Store | duckdb.DuckDBPyConnection
    """A merged store, or a DuckDB connection or cursor that has its views."""

Period = Literal["day", "week", "month", "year"]

# What makes two rows the same thing, by what is counted.
_SAME: Mapping[str, tuple[str, ...]] = {
    "reports": (),
    "independent": ("incident", "story"),
    "incidents": ("incident",),
}


def fetch(source: Source, query: str, values: Sequence[Any] = ()) -> pa.Table:
    """The result of a query as an Arrow table.

    Raises:
        StoreError: the store has not been merged.
    """
    import duckdb

    try:
        if isinstance(source, duckdb.DuckDBPyConnection):
            result = source.execute(query, list(values))
        else:
            result = source.sql(query, values)
        table: pa.Table = result.to_arrow_table()
        return table
    except duckdb.CatalogException as error:
        if any(f"Table with name {name} " in str(error) for name in ("reports", "incidents")):
            raise StoreError(
                "the reports of this store have not been merged into incidents",
                where=str(getattr(source, "path", "")),
                do="Run: whowhom merge STORE",
            ) from None
        raise


def chosen(
    filter_: Filter,
    unit: Unit,
    columns: Sequence[str],
    *,
    also: tuple[str, Sequence[Any]] = ("true", ()),
) -> tuple[str, list[Any]]:
    """SQL of what is counted: one row a unit, with some columns of ``reports``.

    Where several reports that match are one unit (an incident; an incident as one text has
    it), the row is of the one that tells it best: an original before a copy, then by
    confidence. So a unit has one type, one day and one pair of sides, sums over them add up,
    and every unit is one that the filter lets through. ``also`` is one more condition over
    ``reports`` as ``r``, with its values.

    Raises:
        UsageError: there is no such unit.
    """
    if unit not in get_args(Unit):
        raise UsageError(f"unit: {unit!r} is not known", do=f"Use {either(get_args(Unit))}.")
    where, values = filter_.where()
    where, values = f"{where} and {also[0]}", [*values, *also[1]]
    same = _SAME[unit]
    if not same:
        return f"select {', '.join(columns)} from reports r where {where}", values
    # The best first. One number sorts in half the time of three columns: copies last, then less
    # confidence, then a hash of the id, which decides between equals.
    rank = (
        "(r.copy::ubigint << 62) | (((1 - coalesce(r.confidence, 0)) * 1048576)::ubigint << 41) "
        "| (hash(r.event_id) >> 23)"
    )
    return (
        f"select {', '.join(columns)} from reports r where {where} "
        f"qualify row_number() over (partition by {', '.join(same)} order by {rank}) = 1",
        values,
    )


def period(by: str, column: str = "shown") -> str:
    """SQL for the first day of the period that a day lies in; weeks start on Mondays.

    Raises:
        UsageError: there is no such period.
    """
    if by not in get_args(Period):
        raise UsageError(f"by: {by!r} is no period", do=f"Use {either(get_args(Period))}.")
    return f"date_trunc('{by}', {column})::date"


def once(column: str) -> str:
    """SQL for the keys of a side, each once. Most sides have one, and need no work."""
    return f"case when len({column}) < 2 then {column} else list_distinct({column}) end"


def limited(limit: int | None) -> str:
    """SQL for at most so many rows; None is all of them.

    Raises:
        UsageError: it is less than none.
    """
    if limit is None:
        return ""
    if limit < 0:
        raise UsageError(f"limit: {limit} rows", do="Ask for none or more.")
    return f" limit {int(limit)}"


def either(options: Sequence[str]) -> str:
    """Options as words: ``a, b or c``."""
    return ", ".join(options[:-1]) + f" or {options[-1]}"
