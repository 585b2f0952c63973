"""Parquet: a document a row, in small batches, within a budget of bytes.

A dictionary page can make three kilobytes into four gigabytes, so the text columns are read
as dictionaries and the bytes that come out are counted against the file's size.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from whowhom.errors import InputError
from whowhom.model import Skipped, Source
from whowhom.read.record import Context, Item, build, from_mapping, roles
from whowhom.read.table import check_columns

BATCH_ROWS = 64


def read_parquet(stream: BinaryIO, file: str, context: Context) -> Iterator[Item]:
    """A document or a reason for each row.

    Raises:
        InputError: ``damaged``, ``no_text_column``, ``too_large`` or ``empty``.
    """
    size = stream.seek(0, 2)
    stream.seek(0)
    try:
        schema = pq.read_schema(stream)
        names = list(schema.names)
        check_columns(len(names), file, context)
        columns = roles(names)
        wanted = sorted({i for places in columns.values() for i in places})
        if not columns["text"]:
            raise InputError(
                f"no column is known to hold the text (there are {', '.join(names[:20])})",
                where=file,
                reason="no_text_column",
                do="Name a column 'text'",
            )
        stream.seek(0)
        table = pq.ParquetFile(
            stream,
            read_dictionary=[names[i] for i in wanted if _textual(schema.field(i).type)],
            pre_buffer=False,
            buffer_size=1 << 20,
            thrift_string_size_limit=64_000_000,
            thrift_container_size_limit=10_000_000,
        )
        _check_budget(table, {names[i] for i in wanted}, file, context)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(
            f"the Parquet file is damaged or cut off ({_short(error)})",
            where=file,
            reason="damaged",
        ) from error
    if not table.metadata.num_rows:
        raise InputError("the table has no rows", where=file, reason="empty")
    yield from _rows(table, [names[i] for i in wanted], size, file, context)


def _short(error: BaseException) -> str:
    return " ".join(str(error).split())[:160]


def _check_budget(table: Any, wanted: set[str], file: str, context: Context) -> None:
    limit = context.settings.max_column_chunk_bytes
    metadata = table.metadata
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        for index in range(row_group.num_columns):
            column = row_group.column(index)
            top = column.path_in_schema.split(".")[0]
            if top in wanted and column.total_uncompressed_size > limit:
                raise InputError(
                    f"row group {group + 1} unpacks to {column.total_uncompressed_size} bytes, "
                    f"the limit is {limit}",
                    where=file,
                    reason="too_large",
                    do="Write it again with smaller row groups",
                )


def _rows(table: Any, columns: list[str], size: int, file: str, context: Context) -> Iterator[Item]:
    settings = context.settings
    budget = settings.max_ratio_free_bytes + settings.max_unpacked_ratio * size
    number = 0
    try:
        for batch in table.iter_batches(batch_size=BATCH_ROWS, columns=columns, use_threads=False):
            lengths = _lengths(batch)
            for index in range(batch.num_rows):
                number += 1
                source = Source(file, f"row {number}")
                budget -= lengths[index]
                if budget < 0:
                    yield Skipped(
                        source,
                        "too_large",
                        f"the file unpacks to over {settings.max_unpacked_ratio} times its size; "
                        "the rest was not read",
                    )
                    return
                if lengths[index] > settings.max_file_bytes:
                    yield Skipped(source, "too_large", f"the row has {lengths[index]} bytes")
                    continue
                yield _row(batch, index, source, context)
    except (pa.ArrowException, OSError, ValueError) as error:
        yield Skipped(
            Source(file, f"after row {number}"),
            "damaged",
            f"the Parquet file is damaged ({_short(error)}); the rest was not read",
        )


def _row(batch: Any, index: int, source: Source, context: Context) -> Item:
    values: dict[str, Any] = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            value = column[index].as_py()
        except UnicodeDecodeError:
            return Skipped(source, "bad_record", f"the column {name!r} is not UTF-8")
        values[name] = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return build(from_mapping(values), source, context)


def _lengths(batch: Any) -> list[int]:
    """Bytes of strings in each row, without making the strings."""
    total = [0] * batch.num_rows
    for column in batch.columns:
        if pa.types.is_dictionary(column.type):
            if not _textual(column.type.value_type):
                continue
            sizes = pc.binary_length(column.dictionary).take(column.indices).to_pylist()
        elif _textual(column.type):
            sizes = pc.binary_length(column).to_pylist()
        else:
            continue
        total = [sum_ + (length or 0) for sum_, length in zip(total, sizes, strict=True)]
    return total


def _textual(kind: Any) -> bool:
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
    )
