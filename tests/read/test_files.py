# ruff: noqa: E501 (a case a line reads as a table)
from __future__ import annotations

import gzip
import io
import json
import os
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.read.helpers import SECOND, SENTENCE, page, sort_out, write
from whowhom.errors import InputError
from whowhom.model import Document, Skipped
from whowhom.read import Defaults, read
from whowhom.read.files import guarded, read_stream, sniff
from whowhom.read.record import Context
from whowhom.read.unpack import GzipStream, ZstdStream, read_up_to
from whowhom.settings import Settings

LINES = "\n".join(json.dumps({"text": text}) for text in (SENTENCE, SECOND)) + "\n"


def test_text_stays_whole(tmp_path: Path) -> None:
    text = f"Quotas anger fishermen\r\n\r\n{SENTENCE}\r\n\r\n  {SECOND}\r\n"
    document = sort_out(write(tmp_path, "a.txt", text))[0][0]
    assert document.text == text.replace("\r\n", "\n")
    assert document.title is None
    assert document.published is None
    assert document.source.file == str(tmp_path / "a.txt")


def test_defaults_fill_what_is_missing(tmp_path: Path) -> None:
    import datetime as dt

    path = write(tmp_path, "a.jsonl", json.dumps({"text": SENTENCE, "date": "1990-01-01", "genre": "report"})
                 + "\n" + json.dumps({"text": SECOND}))  # fmt: skip
    given_, empty = sort_out([path], Defaults(dt.date(2000, 1, 1), "Wire", "opinion"))[0]
    assert (given_.published, given_.outlet, given_.genre) == (
        dt.date(1990, 1, 1),
        "Wire",
        "report",
    )
    assert (empty.published, empty.outlet, empty.genre) == (dt.date(2000, 1, 1), "Wire", "opinion")


def test_a_folder_in_order_with_its_broken_files(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".hidden").mkdir()
    write(tmp_path / ".hidden", "x.txt", SENTENCE)
    write(tmp_path, ".x.txt", SENTENCE)
    write(tmp_path, "b.txt", SECOND)
    write(tmp_path, "a.txt", SENTENCE)
    write(tmp_path, "c.pdf", b"%PDF-1.4 x")
    write(tmp_path / "sub", "d.jsonl", LINES)
    documents, skipped = sort_out(tmp_path)
    assert [Path(d.source.file).name for d in documents] == ["a.txt", "b.txt", "d.jsonl", "d.jsonl"]
    assert [(Path(s.source.file).name, s.reason) for s in skipped] == [("c.pdf", "not_text")]
    assert "PDF" in skipped[0].detail


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    assert [s.reason for s in sort_out(tmp_path)[1]] == ["empty"]


def test_a_store_in_the_folder_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", SENTENCE)
    (tmp_path / "s" / "merges").mkdir(parents=True)
    write(tmp_path / "s", "whowhom.json", "{}")
    write(tmp_path / "s" / "merges", "b.txt", SECOND)
    documents, skipped = sort_out([tmp_path])
    assert [d.text for d in documents] == [SENTENCE]
    assert skipped == []
    documents, skipped = sort_out([tmp_path / "s"])
    assert documents == []
    assert [s.reason for s in skipped] == ["store"]


def test_names_that_are_no_utf8_stay_apart(tmp_path: Path) -> None:
    names = [b"a\xe8.txt", b"a\xe9.txt", b"a?.txt"]
    for name in names:
        (tmp_path / os.fsdecode(name)).write_bytes(b"")
    skipped = sort_out([tmp_path])[1]
    found = [s.source.file.removeprefix(f"{tmp_path}/") for s in skipped]
    assert sorted(found) == sorted(["a\\xe8.txt", "a\\xe9.txt", "a?.txt"])
    for name in found:
        name.encode()


@pytest.mark.parametrize("name", ["a.txt.gz", "a.html.gz"])
def test_bytes_behind_a_packed_text_cost_nothing_but_themselves(tmp_path: Path, name: str) -> None:
    text = page(SENTENCE) if "html" in name else SENTENCE
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) + b"junk")
    documents, skipped = sort_out([path])
    assert [d.text.strip() for d in documents] == [
        sort_out([write(tmp_path, name[:-3], text)])[0][0].text.strip()
    ]
    assert [(s.source.locator, s.reason) for s in skipped] == [("after item 1", "damaged")]
    path.write_bytes(gzip.compress(text.encode())[:-12])
    documents, skipped = sort_out([path])
    assert (documents, [s.reason for s in skipped]) == ([], ["cut"])


def test_links_out_of_a_folder_are_not_followed(tmp_path: Path) -> None:
    secret = write(tmp_path, "secret.txt", SENTENCE)
    inside = tmp_path / "inside"
    inside.mkdir()
    real = write(inside, "real.txt", SECOND)
    (inside / "out.txt").symlink_to(secret)
    (inside / "loop").symlink_to(inside)
    (inside / "nowhere.txt").symlink_to(tmp_path / "gone")
    (inside / "same.txt").symlink_to(real)
    documents, skipped = sort_out(inside)
    assert {d.text for d in documents} == {SECOND}
    assert sorted(s.reason for s in skipped) == ["link", "link", "unreadable"]


def test_patterns(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", SENTENCE)
    write(tmp_path, "b.txt", SECOND)
    write(tmp_path, "c[1].txt", "Talks began in Suva.")
    assert len(sort_out([str(tmp_path / "?.txt")])[0]) == 2
    assert sort_out([str(tmp_path / "c[1].txt")])[0][0].text == "Talks began in Suva."
    with pytest.raises(InputError, match="no file fits"):
        read([str(tmp_path / "*.html")])


def test_a_missing_path_is_an_error_before_anything_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "events.jsonl", LINES)
    with pytest.raises(InputError, match=r"no such file.*Did you mean .*events\.jsonl"):
        read([path, tmp_path / "event.jsonl"])
    with pytest.raises(InputError, match="Check the path"):
        read([tmp_path / "no" / "such" / "thing.txt"])
    with pytest.raises(InputError):
        read(["a\0b"])


def test_pipes_and_devices_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    documents, skipped = sort_out(["/dev/zero", tmp_path / "pipe.txt"])
    assert not documents
    assert [s.reason for s in skipped] == ["not_a_file", "not_a_file"]


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "a.txt", SENTENCE)

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("whowhom.read.files.os.open", refuse)
    assert [(s.reason, s.detail) for s in sort_out(path)[1]] == [
        ("unreadable", "it cannot be read: Permission denied")
    ]


def test_a_file_too_large(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", "word " * 100)
    assert [s.reason for s in sort_out([path], settings=Settings(max_file_bytes=499))[1]] == [
        "too_large"
    ]
    assert len(sort_out([path], settings=Settings(max_file_bytes=500))[0]) == 1


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.gz", "a.jsonl"])
def test_gzip(tmp_path: Path, name: str) -> None:
    data = gzip.compress(LINES[:90].encode()) + gzip.compress(LINES[90:].encode())
    documents, skipped = sort_out(write(tmp_path, name, data))
    assert ([d.text for d in documents], skipped) == ([SENTENCE, SECOND], [])


def test_zstd(tmp_path: Path) -> None:
    data = pa.compress(LINES.encode(), codec="zstd", asbytes=True)
    assert len(sort_out(write(tmp_path, "a.jsonl.zst", data))[0]) == 2
    half = sort_out(write(tmp_path, "b.jsonl.zst", data[: len(data) // 2]))
    assert [s.reason for s in half[1]] == ["cut"]


def test_packed_parquet_and_text(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(pa.table({"text": [SENTENCE]}), buffer)
    assert (
        sort_out(write(tmp_path, "a.parquet.gz", gzip.compress(buffer.getvalue())))[0][0].text
        == SENTENCE
    )
    assert (
        sort_out(write(tmp_path, "a.txt.gz", gzip.compress(SENTENCE.encode())))[0][0].text
        == SENTENCE
    )


def test_a_cut_or_damaged_packed_file_gives_what_came_before(tmp_path: Path) -> None:
    many = "".join(
        json.dumps({"text": f"{SENTENCE} {os.urandom(40).hex()}"}) + "\n" for _ in range(3000)
    )
    data = gzip.compress(many.encode())
    documents, skipped = sort_out(write(tmp_path, "a.jsonl.gz", data[: len(data) // 2]))
    assert 1000 < len(documents) < 2000
    assert [s.reason for s in skipped] == ["cut"]
    torn = bytearray(data)
    torn[-6] ^= 0xFF
    documents, skipped = sort_out(write(tmp_path, "b.jsonl.gz", bytes(torn)))
    assert [s.reason for s in skipped] == ["damaged"]
    assert len(documents) > 2900


def test_bombs_and_double_packing(tmp_path: Path) -> None:
    bomb = gzip.compress(b"a" * 40_000_000)
    for name in ("a.txt.gz", "a.jsonl.gz", "a.csv.gz", "a.html.gz", "a.gz"):
        documents, skipped = sort_out(write(tmp_path, name, bomb))
        assert not documents
        assert skipped[0].reason in ("too_large", "no_text_column")
    assert [s.reason for s in sort_out(write(tmp_path, "b.gz", gzip.compress(bomb)))[1]] == [
        "packed_twice"
    ]


@pytest.mark.parametrize(
    ("head", "suffix", "kind"),
    [
        (b"PAR1\x15xxx", ".txt", "parquet"),
        (b"WARC/1.0\r\n", ".txt", "warc"),
        (b"PAR1 is how Parquet begins.", ".txt", "text"),
        (b"WARC/1.0 is a format of archives.", ".txt", "text"),
        (b"GIF89a is a format of pictures.", ".txt", "text"),
        (b"id,date,text\r1,2015-10-22,a\r", "", "table"),
        (b"<!DOCTYPE html><html>", ".txt", "html"),
        (b"<?xml version='1.0'?>\n<!-- x --><html lang=en>", "", "html"),
        (b"<?xml version='1.0'?><rss version='2.0'>", ".txt", "feed"),
        (b"<feed xmlns='x'>", "", "feed"),
        (b"<html>", ".xml", "feed"),
        (b'{"a": 1}\n', "", "jsonl"),
        (b'{\n "a": 1}', ".txt", "json"),
        (b'[{"a": 1}]', "", "json"),
        (b"[Reuters] Talks began", ".txt", "text"),
        (b"{sic} Talks began", ".txt", "text"),
        (b"id,date,text\n1,2,3", "", "table"),
        (b"id,date,text\n1,2,3", ".txt", "table"),
        (b"Time, space and text, in short", ".txt", "text"),
        (b"Talks began", ".log", "text"),
        (b"Talks began", "", "text"),
        (b'[{"a":', ".csv", "json"),
        (b"\xff\xfe{\0\"\0a\0\"\0:\x001\0}\0", "", "jsonl"),
        (b'{"text": "a long line that is not at its end', "", "jsonl"),
    ],
)  # fmt: skip
def test_sniffing(head: bytes, suffix: str, kind: str) -> None:
    assert sniff(head, suffix) == kind


@pytest.mark.parametrize(
    "head", [b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"\x7fELF", b"BZh9", b"\0\1\2\3" * 99]
)
def test_what_no_reader_takes(tmp_path: Path, head: bytes) -> None:
    assert [s.reason for s in sort_out(write(tmp_path, "a.txt", head + b"x" * 20))[1]] == [
        "not_text"
    ]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (SENTENCE.encode(), 1),
        (LINES.encode(), 2),
        (gzip.compress(LINES.encode()), 2),
        (json.dumps([{"text": SENTENCE}]).encode(), 1),
        (f"id,text\n1,{SENTENCE}".encode(), 1),
        (page(f"<p>{SENTENCE}</p>").encode(), 1),
        (b"", 0),
    ],
)
def test_standard_input(data: bytes, expected: int) -> None:
    items = list(read(["-"], stdin=io.BytesIO(data)))
    documents = [item for item in items if isinstance(item, Document)]
    assert len(documents) == expected
    assert all(d.source.file == "-" for d in documents)
    if not expected:
        assert [i.reason for i in items if isinstance(i, Skipped)] == ["empty"]


def test_a_reader_that_fails_is_a_reason() -> None:
    def failing(error: Exception):
        yield from ()
        raise error

    for error, reason in (
        (MemoryError(), "too_large"),
        (KeyError("x"), "damaged"),
        (OSError(5, "I/O"), "unreadable"),
    ):
        items = list(guarded("f", lambda error=error: failing(error)))
        assert [i.reason for i in items if isinstance(i, Skipped)] == [reason]


def test_unpacking_streams() -> None:
    data = gzip.compress(b"abc")
    buffered = io.BufferedReader(GzipStream(io.BytesIO(data), Settings()))
    assert buffered.read() == b"abc"
    packed = pa.compress(b"abc" * 9, codec="zstd", asbytes=True)
    assert io.BufferedReader(ZstdStream(io.BytesIO(packed), Settings())).read() == b"abc" * 9
    huge = pa.compress(b"a" * 30_000_000, codec="zstd", asbytes=True)
    with pytest.raises(InputError) as caught:
        read_up_to(ZstdStream(io.BytesIO(huge), Settings()), 10**9)
    assert caught.value.reason == "too_large"
    with pytest.raises(InputError):
        read_up_to(ZstdStream(io.BytesIO(b"\x28\xb5\x2f\xfd" + b"\xff" * 50), Settings()), 10**9)
    stream = GzipStream(io.BytesIO(data[:-3]), Settings())
    with pytest.raises(InputError):
        read_up_to(stream, 100)
    with pytest.raises(InputError):  # and again, not silence
        stream.read(1)
    assert not stream.resync(b"WARC/")


NAMES = [
    "a",
    "a.txt",
    "a.html",
    "a.json",
    "a.jsonl",
    "a.csv",
    "a.tsv",
    "a.parquet",
    "a.xml",
    "a.warc",
    "a.warc.gz",
    "a.gz",
]
STARTS = [b"", b"{", b"[", b"<html>", b"<rss><channel>", b"WARC/1.0\r\n", b"PAR1", b"id,text\n", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd",
          b"\xff\xfe", b'{"text": "', b"<?xml version='1.0'?><feed>", b"HTTP/1.1 200 OK\r\n"]  # fmt: skip
PIECES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([b"\n", b"\r\n\r\n", b'"', b",", b"}", b"]", b"<p>", b"</", b"<!--", b"\0", b"WARC/1.0\r\nContent-Length: 5\r\n\r\n", b"<item>"]),
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(NAMES), st.sampled_from(STARTS), st.lists(PIECES, max_size=12))
def test_no_bytes_make_a_reader_fail(name: str, start: bytes, pieces: list[bytes]) -> None:
    data = start + b"".join(pieces)
    items = list(guarded(name, lambda: read_stream(io.BytesIO(data), name, Context())))
    for item in items:
        if isinstance(item, Skipped):
            assert "the reader failed" not in item.detail, item
            assert item.reason
            assert item.detail
        else:
            item.text.encode("utf-8")
            assert "\0" not in item.text
            assert item.text.strip()
    assert items  # every file leaves a trace
