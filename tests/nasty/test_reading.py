# ruff: noqa: E501 (a family a line reads as a table)
"""Families of hostile and broken input, through the reader alone: documents and reasons
add up, within seconds, in bounded memory, without a connection.

The reader's own tests hold the single cases; here each family is made larger, deeper or
later in the file, and one folder holds them all.
"""

from __future__ import annotations

import gzip
import json
import socket
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from whowhom.model import Document
from whowhom.read import read

NEWS = "Coast guards from Ghana boarded a trawler off Takoradi on Friday and detained its crew."
MORE = "Bolivia's foreign minister thanked Paraguay for sending doctors after the floods."


def lines(*texts: object) -> bytes:
    return "\n".join(t if isinstance(t, str) else json.dumps(t) for t in texts).encode()


def good(number: int) -> dict[str, str]:
    return {"id": f"n{number}", "text": f"{NEWS} {number}"}


def page(body: str) -> bytes:
    return (
        f"<!doctype html><html><head><title>News</title></head><body>{body}</body></html>".encode()
    )


def feed(items: str, head: str = "") -> bytes:
    return f"<?xml version='1.0'?>{head}<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()


def entities() -> bytes:
    steps = "".join(f"<!ENTITY e{i} '{f'&e{i - 1};' * 12}'>" for i in range(1, 12))
    return feed("<item><title>&e11;</title></item>", f"<!DOCTYPE rss [<!ENTITY e0 'no'>{steps}]>")


def archive(count: int) -> bytes:
    parts = []
    for i in range(count):
        body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page(
            f"<p>{NEWS} {i}</p><p>{MORE}</p>"
        )
        head = f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/{i}\r\nContent-Type: application/http\r\n"
        parts.append(
            gzip.compress(
                f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body + b"\r\n\r\n"
            )
        )
    return b"".join(parts)


# name, bytes, documents, reasons
FAMILIES: list[tuple[str, Callable[[], bytes], int, int]] = [
    ("nothing.txt", lambda: b"", 0, 1),
    ("blank.md", lambda: b" \n\t\r\n", 0, 1),
    ("mark.txt", lambda: b"\xef\xbb\xbf" + NEWS.encode(), 1, 0),
    ("wide.txt", lambda: NEWS.encode("utf-16"), 1, 0),
    ("western.txt", lambda: f"José Peña: {NEWS}".encode("cp1252"), 1, 0),
    ("torn.txt", lambda: "Čapek ".encode() + b"\xff\xfe\xc3 " + NEWS.encode(), 1, 0),
    ("noise.txt", lambda: bytes(range(256)) * 400, 0, 1),
    ("one-word.txt", lambda: b"a" * 2_000_000 + b"\n\n" + NEWS.encode(), 1, 0),
    ("marks.txt", lambda: b"{[(" * 300_000 + b"\n\n" + NEWS.encode(), 1, 0),
    ("huge.txt", lambda: b"word " * 5_000_000, 0, 1),
    ("unclosed.html", lambda: page("<div><p>" * 3000 + f"<b>{NEWS}<i>{MORE}"), 1, 0),
    ("deep.html", lambda: page("<div>" * 50_000 + f"<p>{NEWS}</p>"), 1, 0),
    ("wide.html", lambda: page("<p>x</p>" * 200_000 + f"<p>{NEWS}</p>"), 1, 0),
    ("attributes.html", lambda: page("<p " + " ".join(f"a{i}" for i in range(100_000)) + f">{NEWS}</p>"), 1, 0),
    ("comments.html", lambda: b"<!-- " * 200_000, 0, 1),
    ("bad-lines.jsonl", lambda: lines(good(0), "{", good(1), [], "NaN", good(2), {"text": 1}), 3, 4),
    ("deep.jsonl", lambda: lines(good(0), "[" * 200_000, '{"a":' * 200_000, good(1)), 2, 2),
    ("cut.json", lambda: json.dumps([good(0), good(1), good(2)]).encode()[:-30], 2, 1),
    ("rows.csv", lambda: f'id,text\n1,"{NEWS}"\n2\n3,"{MORE}\n4,{NEWS}\n5,"{MORE}",,\n'.encode(), 3, 2),
    ("no-header.csv", lambda: f"{NEWS}\n{MORE}\n".encode(), 0, 1),
    ("entities.xml", entities, 0, 1),
    ("page.rss", lambda: page("<h1>502 Bad Gateway</h1>"), 0, 1),
    ("deep.atom", lambda: b"<feed>" + b"<a>" * 100_000, 0, 1),
    ("cut.parquet", lambda: b"PAR1" + b"\x15\x04" * 300, 0, 1),
    ("cut.warc.gz", lambda: archive(6)[:-40], 5, 1),
    ("bomb.jsonl.gz", lambda: gzip.compress(lines(good(0)) + b"\n" + b" " * 60_000_000), 1, 1),
    ("bomb.html.gz", lambda: gzip.compress(b"<p>" * 20_000_000), 0, 1),
    ("cut.jsonl.gz", lambda: gzip.compress(lines(good(0), good(1)))[:-4], 1, 1),
    ("picture.jsonl", lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 500, 0, 1),
]  # fmt: skip


def count(path: Path) -> tuple[int, int]:
    found = Counter(isinstance(item, Document) for item in read([path]))
    return found[True], found[False]


@pytest.mark.parametrize(
    ("name", "make", "documents", "reasons"), FAMILIES, ids=[f[0] for f in FAMILIES]
)
def test_family(
    tmp_path: Path, name: str, make: Callable[[], bytes], documents: int, reasons: int
) -> None:
    path = tmp_path / name
    path.write_bytes(make())
    start = time.monotonic()
    assert count(path) == (documents, reasons)
    assert time.monotonic() - start < 30  # a hang, not a speed: each takes under a second


def test_one_folder_of_all_without_a_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was tried")

    for name, make, _, _ in FAMILIES:
        (tmp_path / name).write_bytes(make())
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert count(tmp_path) == (sum(f[2] for f in FAMILIES), sum(f[3] for f in FAMILIES))


def test_a_long_stream_of_lines_is_never_held(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    with gzip.open(path, "wt", compresslevel=1) as stream:
        for number in range(3000):
            stream.write(json.dumps({"id": number, "text": f"{NEWS} {number}\n" * 50}) + "\n")
    tracemalloc.start()
    assert sum(1 for _ in read([path])) == 3000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000  # the file unpacks to 15 MB
