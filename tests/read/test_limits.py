# ruff: noqa: E501 (a limit a line reads as a table)
"""Each limit of reading: one below, at it, one beyond; and what is said where it bites."""

from __future__ import annotations

import dataclasses
import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from tests.read.helpers import SECOND, SENTENCE, page, sort_out, write
from tests.read.test_table import parquet
from tests.read.test_warc import answer, record
from whowhom.settings import DEFAULT, Settings

ROOT = Path(__file__).resolve().parents[2]
NEWS = f"{SENTENCE} {SECOND}"


def rss(inside: str) -> str:
    return f"<rss version='2.0'><channel><title>P</title>{inside}</channel></rss>"


def item(text: str = NEWS) -> str:
    return f"<item><description>{text}</description></item>"


def sized(size: int) -> str:
    return (NEWS * (size // len(NEWS) + 1))[:size].replace(" ", "-", 0)


def archive(header: int) -> bytes:
    """A record whose header, with its end, has so many bytes."""
    made = record(answer(0))
    head = made.index(b"\r\n\r\n") + 4
    return made.replace(
        b"\r\nWARC-Date", b"\r\nX: " + b"x" * (header - head - 5) + b"\r\nWARC-Date"
    )


def broken_archive(places: int) -> bytes:
    return b"".join(b"garbage\r\n\r\n" + record(answer(0), number=0) for _ in range(places))


def broken_table(rows: int) -> str:
    # each opens a quotation and never closes it before the end of the file
    return "id,text\n" + "".join(f'{i},"{SENTENCE}\n' for i in range(rows)) + f"x,{SECOND}\n"


# the limit, its value in this test, the file, what makes an input of a size, and what is said beyond it:
# a reason of what is skipped, or the beginning of a note
LIMITS: list[tuple[str, int, str, Callable[[int], str | bytes], str]] = [
    ("max_file_bytes", 500, "a.txt", sized, "too_large"),
    ("max_file_bytes", 500, "a.html", lambda n: page(f"<p>{NEWS}</p>").ljust(n)[:n], "too_large"),
    ("max_file_bytes", 500, "a.xml", lambda n: rss(item()).ljust(n), "too_large"),
    ("max_file_bytes", 500, "a.jsonl", lambda n: json.dumps({"text": sized(n - 12)}), "too_large"),
    ("max_file_bytes", 500, "a.csv", lambda n: f"text,id\n{sized(n - 3)},1\n", "too_large"),
    ("max_file_bytes", 500, "a.parquet", lambda n: parquet({"text": [sized(n)]}), "too_large"),
    ("max_file_bytes", 3000, "a.warc", lambda n: record(answer(0).ljust(n)), "too_large"),
    ("max_document_characters", 500, "a.txt", sized, "text_too_long"),
    ("max_json_depth", 20, "a.jsonl",
     lambda n: f'{{"text": "{NEWS}", "x": {"[" * (n - 1)}{"]" * (n - 1)}}}', "bad_json"),
    ("max_columns", 20, "a.csv",
     lambda n: "text," + ",".join(f"c{i}" for i in range(n - 1)) + f"\n{NEWS}" + "," * (n - 1), "too_large"),
    ("max_columns", 20, "a.jsonl",
     lambda n: json.dumps({"text": NEWS} | {f"c{i}": i for i in range(n - 1)}), "too_large"),
    ("max_columns", 20, "a.parquet",
     lambda n: parquet({"text": [NEWS]} | {f"c{i}": [i] for i in range(n - 1)}), "too_large"),
    ("max_feed_depth", 10, "a.xml", lambda n: rss(item("<b>" * (n - 4) + NEWS + "</b>" * (n - 4))), "too_deep"),
    ("max_feed_marks", 60, "a.xml", lambda n: rss(item() + "<x/>" * (n - 10)), "too_large"),
    ("max_element_attributes", 120, "a.xml",
     lambda n: rss("<item " + " ".join(f"a{i}='>'" for i in range(n)) + f"><description>{NEWS}</description></item>"),
     "too_large"),
    ("max_element_attributes", 120, "a.html",
     lambda n: page("<p " + " ".join(f"a{i}" for i in range(n)) + f">{NEWS}</p>"), "page_too_complex"),
    ("max_html_attributes", 50, "a.html", lambda n: page("<p a=1>x</p>" * (n - 1) + f"<p>{NEWS}</p>"), "page_too_complex"),
    ("max_html_depth", 30, "a.html", lambda n: page("<div>" * (n - 3) + f"<p>{NEWS}</p>"), "page_too_complex"),
    ("max_html_elements", 60, "a.html", lambda n: page("<br>" * (n - 5) + f"<p>{NEWS}</p>"), "page_too_complex"),
    ("max_html_characters", 900, "a.html", lambda n: page(f"<p>{NEWS}</p>").ljust(n), "page_too_complex"),
    ("max_header_bytes", 400, "a.warc", archive, "damaged"),
    ("max_broken_rows", 5, "a.csv", broken_table, "damaged"),
    ("max_id_characters", 40, "a.jsonl", lambda n: json.dumps({"id": "i" * n, "text": NEWS}), "id_too_long"),
    ("max_title_characters", 60, "a.jsonl", lambda n: json.dumps({"title": "t" * n, "text": NEWS}), "title_too_long"),
    ("max_date_characters", 40, "a.jsonl",
     lambda n: json.dumps({"date": "22 October 2015".rjust(n, "x"), "text": NEWS}), "date_unreadable"),
]  # fmt: skip


def said(path: Path, settings: Settings) -> set[str]:
    documents, skipped = sort_out([path], settings=settings)
    assert documents or skipped
    notes = {note.split(":")[0] for d in documents for note in d.source.notes}
    return notes | {s.reason for s in skipped}


@pytest.mark.parametrize(
    ("limit", "value", "name", "make", "beyond"), LIMITS, ids=[f"{row[0]}-{row[2]}" for row in LIMITS]
)  # fmt: skip
def test_one_below_at_and_one_beyond(
    tmp_path: Path, limit: str, value: int, name: str, make: Callable[[int], str | bytes], beyond: str
) -> None:  # fmt: skip
    settings = dataclasses.replace(DEFAULT, **{limit: value})
    for size in (value - 1, value):
        assert beyond not in said(write(tmp_path, name, make(size)), settings), size
    assert beyond in said(write(tmp_path, name, make(value + 1)), settings)


def test_ratio_counts_from_the_free_bytes_on(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt.gz", gzip.compress(NEWS.encode() * 200))
    size, packed = len(NEWS) * 200, path.stat().st_size
    free = Settings(max_ratio_free_bytes=size - 2 * packed, max_unpacked_ratio=2)
    assert "too_large" not in said(path, free)
    less = dataclasses.replace(free, max_ratio_free_bytes=size // 3)
    assert "too_large" in said(path, less)


def test_archive_damages(tmp_path: Path) -> None:
    settings = Settings(max_archive_damages=3)
    for places, told in [(2, False), (3, False), (4, True)]:
        path = write(tmp_path, "a.warc", record(answer(0)) + broken_archive(places))
        skipped = sort_out([path], settings=settings)[1]
        assert any("the rest was not read" in s.detail for s in skipped) is told


def test_column_chunks(tmp_path: Path) -> None:
    path = write(
        tmp_path, "a.parquet", parquet({"text": pa.array([NEWS * 50])}, use_dictionary=False)
    )
    import pyarrow.parquet as pq

    size = pq.ParquetFile(path).metadata.row_group(0).column(0).total_uncompressed_size
    for limit, told in [(size + 1, False), (size, False), (size - 1, True)]:
        settings = Settings(max_column_chunk_bytes=limit)
        assert ("too_large" in said(path, settings)) is told


def test_linked_data(tmp_path: Path) -> None:
    linked = json.dumps({"datePublished": "2015-10-22", "x": "y" * 50})
    head = f"<script type='application/ld+json'>{linked}</script>"
    path = write(tmp_path, "a.html", page(f"<p>{NEWS}</p>", head))
    for limit, read in [(len(linked) + 1, True), (len(linked), True), (len(linked) - 1, False)]:
        document = sort_out([path], settings=Settings(max_linked_data_characters=limit))[0][0]
        assert (document.published is not None) is read
        assert (document.source.notes == ()) is read


def test_the_table_in_the_documentation_is_that_of_the_settings() -> None:
    text = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    section = text.partition("\n## Limits\n")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\d,.]+) \|", section, re.MULTILINE))
    told = {name: float(value.replace(",", "")) for name, value in rows.items()}
    limits = {
        field.name: float(getattr(DEFAULT, field.name))
        for field in dataclasses.fields(Settings)
        if field.name.startswith(("max_", "language_", "document_", "reading_"))
    }
    assert told == limits
