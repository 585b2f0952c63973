from __future__ import annotations

import gzip
import io
import random
import zlib
from pathlib import Path

import pyarrow as pa
import pytest

from tests.read.helpers import SECOND, SENTENCE, page, sort_out, write
from whowhom.settings import Settings

HTML = "Content-Type: text/html; charset=utf-8\r\n"


def record(
    body: bytes, kind: str = "response", number: int = 0, length: int | str | None = None,
    media: str = "application/http; msgtype=response",
) -> bytes:  # fmt: skip
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://paper.example/{number}\r\n"
        f"WARC-Date: 2009-01-0{number + 1}T00:00:00Z\r\nContent-Type: {media}\r\n"
        f"Content-Length: {len(body) if length is None else length}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def answer(
    number: int, fields: str = HTML, status: str = "200 OK", body: bytes | None = None
) -> bytes:
    content = page(f"<article><p>{SENTENCE} Report {number}.</p><p>{SECOND}</p></article>").encode()
    return f"HTTP/1.1 {status}\r\n{fields}\r\n".encode() + (content if body is None else body)


def records(count: int = 5) -> list[bytes]:
    return [record(answer(i), number=i) for i in range(count)]


def packed(parts: list[bytes]) -> list[bytes]:
    return [gzip.compress(part) for part in parts]


@pytest.mark.parametrize("form", ["plain", "members", "one member", "zstd"])
def test_pages(tmp_path: Path, form: str) -> None:
    parts = [record(b"software: x\r\n", "warcinfo", media="application/warc-fields"), *records(3),
             record(b"GET / HTTP/1.1\r\n\r\n", "request")]  # fmt: skip
    data = {
        "plain": b"".join(parts),
        "members": b"".join(packed(parts)),
        "one member": gzip.compress(b"".join(parts)),
        "zstd": pa.compress(b"".join(parts), codec="zstd", asbytes=True),
    }[form]
    documents, skipped = sort_out(
        write(tmp_path, "a.warc.gz" if form != "plain" else "a.warc", data)
    )
    assert not skipped
    assert [d.url for d in documents] == [f"https://paper.example/{i}" for i in range(3)]
    assert all(f"Report {i}" in d.text for i, d in enumerate(documents))
    assert documents[0].published is None  # the day of the crawl is not the day of the article
    assert documents[0].source.notes == ("archived: 2009-01-01T00:00:00Z",)
    assert documents[0].source.locator.startswith("record 2 at byte ")
    if form == "members":
        assert documents[0].source.locator == f"record 2 at byte {len(gzip.compress(parts[0]))}"


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("keep", [0.3, 0.5, 0.75, 0.9, 0.99])
def test_a_cut_is_reported_and_all_before_it_is_read(
    tmp_path: Path, zipped: bool, keep: float
) -> None:
    parts = packed(records()) if zipped else records()
    data = b"".join(parts)
    end = int(len(data) * keep)
    whole, total = 0, 0
    for part in parts:
        total += len(part)
        # what is left off may be only the blank lines that follow a record
        whole += total - (0 if zipped else 4) <= end
    documents, skipped = sort_out(write(tmp_path, "a.warc.gz" if zipped else "a.warc", data[:end]))
    assert len(documents) == whole
    assert [s.reason for s in skipped] == ["cut"]


def test_cut_in_the_header(tmp_path: Path) -> None:
    documents, skipped = sort_out(write(tmp_path, "a.warc", records(1)[0] + records(2)[1][:40]))
    assert len(documents) == 1
    assert [s.reason for s in skipped] == ["cut"]


@pytest.mark.parametrize("length", [10**14, 100_000, 10, 0, "-5", "many", ""])
def test_a_wrong_length_costs_one_record(tmp_path: Path, length: int | str) -> None:
    parts = records()
    parts[2] = record(answer(2), number=2, length=length)
    documents, skipped = sort_out(write(tmp_path, "a.warc", b"".join(parts)))
    assert [d.url[-1] for d in documents if d.url] == ["0", "1", "3", "4"]
    assert [s.reason for s in skipped] == ["damaged"]
    assert skipped[0].source.locator.startswith("record 3 at byte")


def test_garbage_between_records(tmp_path: Path) -> None:
    parts = records()
    data = parts[0] + b"\x00\xffgarbage" * 20_000 + b"".join(parts[1:])
    documents, skipped = sort_out(write(tmp_path, "a.warc", data))
    assert len(documents) == 5
    assert [s.reason for s in skipped] == ["damaged"]


def test_a_flipped_bit_costs_one_member(tmp_path: Path) -> None:
    parts = packed(records())
    torn = bytearray(parts[2])
    torn[len(torn) // 2] ^= 0xFF
    parts[2] = bytes(torn)
    documents, skipped = sort_out(write(tmp_path, "a.warc.gz", b"".join(parts)))
    assert {"0", "1", "3", "4"} <= {d.url[-1] for d in documents if d.url}
    assert [s.reason for s in skipped] == ["damaged"]


def test_garbage_after_members(tmp_path: Path) -> None:
    data = b"".join(packed(records(2))) + b"junk" * 10 + b"".join(packed(records(3)[2:]))
    documents, skipped = sort_out(write(tmp_path, "a.warc.gz", data))
    assert len(documents) == 3
    assert [s.reason for s in skipped] == ["damaged"]
    padded = b"".join(packed(records(2))) + b"\0" * 200_000
    assert sort_out(write(tmp_path, "b.warc.gz", padded))[1] == []


def test_a_bomb_costs_one_member(tmp_path: Path) -> None:
    parts = packed(records(3))
    parts[1] = gzip.compress(record(answer(1, body=b" " * 30_000_000), number=1))
    documents, skipped = sort_out(write(tmp_path, "a.warc.gz", b"".join(parts)))
    assert [d.url[-1] for d in documents if d.url] == ["0", "2"]
    assert [s.reason for s in skipped] == ["too_large"]


def test_too_large_a_page_and_too_large_a_picture(tmp_path: Path) -> None:
    small = Settings(max_file_bytes=3000)
    parts = records(4)
    parts[1] = record(answer(1, body=b"<p>word " * 1000), number=1)
    parts[2] = record(b"\xff\xd8" * 5000, "resource", 2, media="image/jpeg")
    documents, skipped = sort_out([write(tmp_path, "a.warc", b"".join(parts))], settings=small)
    assert [d.url[-1] for d in documents if d.url] == ["0", "3"]
    assert [s.reason for s in skipped] == ["too_large"]


def brotli(data: bytes) -> bytes:
    return bytes(pa.compress(data, codec="brotli", asbytes=True))


def chunked(data: bytes) -> bytes:
    parts = [data[i : i + 100] for i in range(0, len(data), 100)]
    return b"".join(b"%x;x=y\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


RAW = zlib.compressobj(wbits=-15)
CODINGS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli,
    "zstd": lambda data: bytes(pa.compress(data, codec="zstd", asbytes=True)),
    "": bytes,
}


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("transfer", [False, True])
def test_codings(tmp_path: Path, coding: str, transfer: bool) -> None:
    content = CODINGS[coding](page(f"<p>{SENTENCE}</p><p>{SECOND}</p>").encode())
    fields = HTML + (f"Content-Encoding: {coding}\r\n" if coding else "")
    if transfer:
        content, fields = chunked(content), fields + "Transfer-Encoding: chunked\r\n"
    documents, skipped = sort_out(
        write(tmp_path, "a.warc", record(answer(0, fields, body=content)))
    )
    assert not skipped
    assert SENTENCE in documents[0].text


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("transfer", ["", "Transfer-Encoding: chunked\r\n"])
def test_content_that_is_not_coded_as_it_says(tmp_path: Path, coding: str, transfer: str) -> None:
    fields = f"{HTML}Content-Encoding: {coding}\r\n{transfer}"
    documents, _ = sort_out(write(tmp_path, "a.warc", record(answer(0, fields))))
    assert SENTENCE in documents[0].text


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_a_bomb_in_an_answer(tmp_path: Path, coding: str) -> None:
    body = CODINGS[coding](b"<p>x</p>" * 5_000_000)
    data = record(answer(0, f"{HTML}Content-Encoding: {coding}\r\n", body=body)) + records(2)[1]
    documents, skipped = sort_out(write(tmp_path, "a.warc", data))
    assert len(documents) == 1
    assert [s.reason for s in skipped] == ["too_large"]


def test_raw_deflate(tmp_path: Path) -> None:
    body = RAW.compress(page(f"<p>{SENTENCE}</p>").encode()) + RAW.flush()
    data = record(answer(0, f"{HTML}Content-Encoding: deflate\r\n", body=body))
    assert SENTENCE in sort_out(write(tmp_path, "a.warc", data))[0][0].text


@pytest.mark.parametrize(
    ("content", "kind", "media", "expected"),
    [
        (answer(0, status="404 Not Found"), "response", "application/http", "http_error"),
        (answer(0, status="301 Moved"), "response", "application/http", None),
        (answer(0, "Content-Type: image/png\r\n"), "response", "application/http", None),
        (
            answer(0, "Content-Type: application/pdf\r\n"),
            "response",
            "application/http",
            "not_html",
        ),
        (answer(0, body=b""), "response", "application/http", "empty"),
        (b"no header at all", "response", "application/http", "damaged"),
        (SENTENCE.encode(), "conversion", "text/plain", "document"),
        (page(f"<p>{SENTENCE}").encode(), "resource", "text/html", "document"),
        (b"x", "revisit", "application/http", None),
        (bytes(range(256)) * 9, "resource", "text/html", "not_text"),
    ],
)
def test_kinds_of_records(
    tmp_path: Path, content: bytes, kind: str, media: str, expected: str | None
) -> None:
    data = record(content, kind, media=media) + records(2)[1]
    documents, skipped = sort_out(write(tmp_path, "a.warc", data))
    assert len(documents) == 1 + (expected == "document")
    assert [s.reason for s in skipped] == ([expected] if expected not in (None, "document") else [])


def test_charset_of_the_answer(tmp_path: Path) -> None:
    body = "<html><body><p>Министр прибыл в Минск.</p></body></html>".encode("cp1251")
    data = record(answer(0, "Content-Type: text/html; charset=windows-1251\r\n", body=body))
    document = sort_out(write(tmp_path, "a.warc", data))[0][0]
    assert document.text == "Министр прибыл в Минск."
    assert document.source.encoding == "cp1251"


def test_an_archive_of_nothing(tmp_path: Path) -> None:
    assert [s.reason for s in sort_out(write(tmp_path, "a.warc", b"\r\n" * 9))[1]] == ["empty"]
    assert sort_out(write(tmp_path, "b.warc", b"hello"))[1]


@pytest.mark.parametrize("zipped", [False, True])
def test_any_damage_leaves_a_trace(tmp_path: Path, zipped: bool) -> None:
    chance = random.Random(7)  # noqa: S311
    data = b"".join(packed(records(4)) if zipped else records(4))
    for _ in range(40):
        torn = bytearray(data)
        for _ in range(chance.randint(1, 3)):
            torn[chance.randrange(len(torn))] ^= 1 << chance.randrange(8)
        documents, skipped = sort_out(write(tmp_path, "a.warc.gz", bytes(torn)))
        assert documents
        if len(documents) < 4 and zipped:  # unpacked text can change without a trace
            assert skipped


def test_standard_input_cannot_be_searched_but_is_read(tmp_path: Path) -> None:
    from whowhom.read import read

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    items = list(read(["-"], stdin=Pipe(b"".join(records(2)))))
    assert len(items) == 2
    items = list(read(["-"], stdin=Pipe(b"".join(packed(records(2))))))
    assert len(items) == 2
