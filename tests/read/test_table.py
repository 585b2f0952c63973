from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.read.helpers import SECOND, SENTENCE, sort_out, write
from whowhom.settings import Settings


@pytest.mark.parametrize(
    ("name", "mark"), [("a.csv", ","), ("a.tsv", "\t"), ("a.csv", ";"), ("a.csv", "|"), ("a", ",")]
)
def test_delimiters(tmp_path: Path, name: str, mark: str) -> None:
    header = mark.join(["id", "date", "headline", "text", "source"])
    row = mark.join(["7", "1999-12-31", '"Quo""tas"', f'"{SENTENCE}\n\n{SECOND}"', "Paper"])
    documents, skipped = sort_out(write(tmp_path, name, f"{header}\r\n{row}\r\n\r\n"))
    assert not skipped
    document = documents[0]
    assert (document.id, document.title, document.outlet) == ("7", 'Quo"tas', "Paper")
    assert document.text == f"{SENTENCE}\n\n{SECOND}"
    assert document.published == dt.date(1999, 12, 31)
    assert document.source.locator == "row 2"


def test_rows_that_do_not_fit_are_named(tmp_path: Path) -> None:
    text = (
        f'id,title,text\n1,a,"{SENTENCE}"\n2,b\n3,c,"{SECOND}",,\n4,d,Police, left,the town\n'
        f"5,e,\n6,f,{SECOND}"
    )
    documents, skipped = sort_out(write(tmp_path, "a.csv", text))
    assert [d.id for d in documents] == ["1", "3", "6"]
    assert [(s.source.locator, s.reason) for s in skipped] == [
        ("row 3", "bad_record"),
        ("row 5", "bad_record"),
        ("row 6", "bad_record"),
    ]
    assert "2 cells" in skipped[0].detail


def test_a_quotation_that_never_ends_costs_one_row(tmp_path: Path) -> None:
    text = f'id,text\n1,{SENTENCE}\n2,"{SECOND}\n3,{SENTENCE}\n4,{SECOND}\n'
    documents, skipped = sort_out(write(tmp_path, "a.csv", text))
    assert [d.id for d in documents] == ["1", "3", "4"]
    assert len(skipped) == 1
    assert "never closed" in skipped[0].detail


def test_a_quotation_that_ends_in_another_row_costs_one_row(tmp_path: Path) -> None:
    text = f'id,date,text\n1,,"{SENTENCE}\n2,,"{SECOND}"\n3,,"{SENTENCE}"\n'
    documents, skipped = sort_out(write(tmp_path, "a.csv", text))
    assert [d.id for d in documents][-1] == "3"
    assert skipped


def test_a_last_row_without_a_line_end_is_whole(tmp_path: Path) -> None:
    documents, skipped = sort_out(write(tmp_path, "a.csv", f'id,text\n1,"{SENTENCE}"'))
    assert (len(documents), len(skipped)) == (1, 0)


def test_thousands_of_broken_rows_stop_the_reading(tmp_path: Path) -> None:
    text = "id,date,text\n" + '1,"x\n' * 4001
    documents, skipped = sort_out(write(tmp_path, "a.csv", text))
    assert not documents
    assert skipped[-1].reason == "damaged"
    assert len(skipped) < 100


def test_limits(tmp_path: Path) -> None:
    small = Settings(max_file_bytes=300)
    text = (
        f'id,text\n1,{"x" * 5000}\n2,{SENTENCE}\n3,"' + ("y" * 99 + "\n") * 5 + f'"\n4,{SENTENCE}\n'
    )
    documents, skipped = sort_out([write(tmp_path, "a.csv", text)], settings=small)
    assert [d.id for d in documents] == ["2", "4"]
    assert skipped[0].reason == "too_large"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("id,text\n", "no_documents"),
        ("a,b,c\n1,2,3\n", "no_text_column"),
        ("x" * 200, "no_text_column"),
    ],
)
def test_tables_that_are_none(tmp_path: Path, text: str, reason: str) -> None:
    documents, skipped = sort_out(write(tmp_path, "a.csv", text))
    assert not documents
    assert [s.reason for s in skipped] == [reason]


def test_charsets_and_binary_rows(tmp_path: Path) -> None:
    data = (
        "id,text\n1,Peña met dockers.\n".encode("cp1252")
        + b"2,\x01\x02\x03\x04\x05\n3,Talks began.\n"
    )
    documents, skipped = sort_out(write(tmp_path, "a.csv", data + b" " * 500))
    assert [d.text for d in documents] == ["Peña met dockers.", "Talks began."]
    assert documents[0].source.encoding == "cp1252"
    assert len(skipped) == 1
    documents, _ = sort_out(
        write(tmp_path, "b.csv", "id,text\n1,Peña met dockers.\n".encode("utf-16"))
    )
    assert documents[0].text == "Peña met dockers."


def parquet(columns: dict[str, list[object]], **options: object) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, **options)
    return buffer.getvalue()


def test_parquet(tmp_path: Path) -> None:
    data = parquet(
        {
            "id": [1, 2, 3],
            "text": [SENTENCE, None, SECOND],
            "date": [dt.date(2001, 1, 1), None, dt.date(2002, 2, 2)],
            "junk": [[1], [2], [3]],
        }
    )
    documents, skipped = sort_out(write(tmp_path, "a.parquet", data))
    assert [(d.id, d.published) for d in documents] == [
        ("1", dt.date(2001, 1, 1)),
        ("3", dt.date(2002, 2, 2)),
    ]
    assert [(s.source.locator, s.reason) for s in skipped] == [("row 2", "bad_record")]
    assert sort_out(write(tmp_path, "named.txt", data))[0] != []


@pytest.mark.parametrize("where", [4, 40, 100, 200, -8])
def test_parquet_damaged(tmp_path: Path, where: int) -> None:
    data = parquet({"id": ["a", "b"], "text": [SENTENCE, SECOND]})
    assert [s.reason for s in sort_out(write(tmp_path, "cut.parquet", data[:where]))[1]] == [
        "damaged"
    ]
    torn = bytearray(data)
    torn[where : where + 12] = b"\xff" * 12
    documents, skipped = sort_out(write(tmp_path, "torn.parquet", bytes(torn)))
    assert documents or skipped


def test_parquet_without_text_or_rows(tmp_path: Path) -> None:
    skipped = sort_out(write(tmp_path, "a.parquet", parquet({"x": [1]})))[1]
    assert [s.reason for s in skipped] == ["no_text_column"]
    empty = parquet({"text": pa.array([], pa.string())})
    assert [s.reason for s in sort_out(write(tmp_path, "b.parquet", empty))[1]] == ["empty"]


def test_parquet_bomb_stops_at_the_budget(tmp_path: Path) -> None:
    data = parquet({"text": ["x" * 500_000] * 400}, use_dictionary=True, compression="zstd")
    assert len(data) < 50_000
    documents, skipped = sort_out(write(tmp_path, "a.parquet", data))
    assert len(documents) < 20
    assert [s.reason for s in skipped] == ["too_large"]


def test_parquet_row_too_large(tmp_path: Path) -> None:
    data = parquet({"text": ["x" * 5000, SENTENCE], "title": pa.array([b"A", b"B"])})
    documents, skipped = sort_out(
        [write(tmp_path, "a.parquet", data)], settings=Settings(max_file_bytes=1000)
    )
    assert [d.title for d in documents] == ["B"]
    assert [s.reason for s in skipped] == ["too_large"]


def test_carriage_returns_alone_end_lines_too(tmp_path: Path) -> None:
    rows = ["id,text", f'1,"{SENTENCE}"', f'2,"{SECOND}"', ""]
    documents, skipped = sort_out(write(tmp_path, "a.csv", "\r".join(rows)))
    assert [d.id for d in documents] == ["1", "2"]
    assert not skipped


def test_a_first_line_for_spreadsheets(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", f'sep=;\nid;text\n1;"{SENTENCE}"\n')
    assert [d.id for d in sort_out(path)[0]] == ["1"]


def test_a_nested_text_column_is_named_row_by_row(tmp_path: Path) -> None:
    data = parquet({"text": [[SENTENCE], [SECOND]]})
    assert [s.reason for s in sort_out(write(tmp_path, "a.parquet", data))[1]] == ["bad_record"] * 2
