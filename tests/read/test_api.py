# ruff: noqa: E501 (a case a line reads as a table)
from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from tests.read.helpers import SECOND, SENTENCE
from whowhom.errors import DataError, UsageError
from whowhom.model import Document, Skipped
from whowhom.read import Defaults, documents_from, read_text
from whowhom.read.words import load


def test_read_text() -> None:
    document = read_text(
        SENTENCE + "\r\n\x00", title="Quotas\n anger", published="6 July 2010", outlet="Wire"
    )
    assert document.text == SENTENCE + "\n "
    assert document.title == "Quotas anger"
    assert document.published == dt.date(2010, 7, 6)
    assert document.genre == "report"
    assert document.id.startswith("sha256:")
    assert read_text(SENTENCE, id="mine", genre="live").id == "mine"
    assert read_text(SENTENCE, published=dt.date(2010, 7, 6)).id == read_text(SENTENCE).id


def test_read_text_refuses_a_date_that_it_cannot_read() -> None:
    with pytest.raises(UsageError, match="YYYY-MM-DD"):
        read_text(SENTENCE, published="soon")


def test_a_future_date_is_noted() -> None:
    assert read_text(SENTENCE, published="2190-01-01").source.notes[0].startswith("date_in_future")


ROWS = [
    {"text": SENTENCE, "date": dt.date(2001, 1, 1), "id": 1},
    {"text": SECOND, "date": None, "id": 2},
]


@pytest.mark.parametrize(
    "rows", [ROWS, tuple(ROWS), iter(ROWS), pd.DataFrame(ROWS), pl.DataFrame(ROWS), pa.Table.from_pylist(ROWS)],
    ids=["list", "tuple", "iterator", "pandas", "polars", "arrow"],
)  # fmt: skip
def test_rows_of_all_kinds(rows: object) -> None:
    documents = list(documents_from(rows))
    assert all(isinstance(d, Document) for d in documents)
    assert [d.text for d in documents if isinstance(d, Document)] == [SENTENCE, SECOND]
    assert [d.published for d in documents if isinstance(d, Document)] == [
        dt.date(2001, 1, 1),
        None,
    ]
    assert [d.id for d in documents if isinstance(d, Document)] == ["1", "2"]


def test_pandas_missing_values() -> None:
    frame = pd.DataFrame({"text": [SENTENCE, None], "date": [pd.NaT, pd.Timestamp("2001-01-01")]})
    first, second = documents_from(frame)
    assert isinstance(first, Document)
    assert first.published is None
    assert isinstance(second, Skipped)


def test_a_mixed_list(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(SECOND)
    ready = read_text(SENTENCE)
    items = list(
        documents_from([SENTENCE, {"body": SECOND}, ready, path, 5, ""], Defaults(outlet="Wire"))
    )
    assert [type(i) for i in items] == [Document, Document, Document, Document, Skipped, Skipped]
    assert items[2] is ready
    assert isinstance(items[0], Document)
    assert items[0].outlet == "Wire"


def test_one_thing() -> None:
    assert next(documents_from(SENTENCE)).source.locator == ""
    assert isinstance(next(documents_from({"text": SENTENCE})), Document)
    assert isinstance(next(documents_from(pd.Series([SENTENCE]))), Document)


def test_a_path(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(SENTENCE)
    assert isinstance(next(documents_from(tmp_path)), Document)


@pytest.mark.parametrize("wrong", [5, None, b"bytes", pd.DataFrame({"x": [1]})])
def test_what_is_no_text(wrong: object) -> None:
    with pytest.raises(UsageError):
        documents_from(wrong)


def test_missing_data_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(DataError, match="Install whowhom again"):
        load("no-such.toml")
