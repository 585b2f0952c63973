"""Very much, very long, very many, and what never ends: small versions of each."""

from __future__ import annotations

import io
import json
import os
import subprocess
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.read.helpers import SECOND, SENTENCE, sort_out, write
from whowhom.model import Document, Skipped
from whowhom.read import read
from whowhom.read.files import walk
from whowhom.settings import Settings

TEXT = f"{SENTENCE} {SECOND} "


def peak(work: Callable[[], int]) -> tuple[int, int]:
    tracemalloc.start()
    count = work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return count, most


class Endless(io.RawIOBase):
    """JSON Lines for ever."""

    def __init__(self, lines: int) -> None:
        self.left, self.number = lines, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self.number >= self.left:
            return b""
        self.number += 1
        return json.dumps({"id": self.number, "text": TEXT * 30}).encode() + b"\n"


def test_a_stream_is_read_no_further_than_needed() -> None:
    stream = Endless(10**9)
    items = read(["-"], stdin=stream)  # type: ignore[arg-type]
    ahead = []
    for number in range(1, 301):
        assert isinstance(next(items), Document)
        ahead.append(stream.number - number)
    # some lines to tell what it is; later, one piece
    assert max(ahead[50:]) <= 2


@pytest.mark.parametrize("size", [10_000_000, 25_000_000])
def test_one_line_of_megabytes(tmp_path: Path, size: int) -> None:
    big = json.dumps({"id": "big", "text": (TEXT * (size // len(TEXT)))})
    good = json.dumps({"id": "good", "text": TEXT})
    documents, skipped = sort_out(write(tmp_path, "a.jsonl", f'{good}\n{big}\n{good[:-2]} x"}}\n'))
    if size < Settings().max_file_bytes:
        assert [len(d.text) > 9_000_000 for d in documents] == [False, True, False]
        assert documents[1].source.notes[0].startswith("text_too_long: 9")
    else:
        assert len(documents) == 2
        assert [(s.reason, s.source.locator) for s in skipped] == [("too_large", "line 2")]


def test_a_document_of_a_hundred_thousand_words(tmp_path: Path) -> None:
    text = TEXT * (100_000 // len(TEXT.split()))
    (document,), skipped = sort_out(write(tmp_path, "a.txt", text))
    assert not skipped
    assert document.text == text  # all of it is there; what is coded of it is said
    assert document.source.notes == (
        f"text_too_long: {len(text)} characters, the first 200000 are coded",
    )


def test_a_folder_of_many_files_is_listed_as_it_is_read(tmp_path: Path) -> None:
    for number in range(1000):
        (tmp_path / f"{number:05d}.txt").write_text(TEXT if number % 100 == 0 else "")

    def first() -> int:
        return sum(1 for _, item in zip(range(3), read([tmp_path]), strict=False) if item)

    count, most = peak(first)
    assert count == 3
    assert most < 1_500_000
    items = list(read([tmp_path]))
    assert [Path(item.source.file).stem for item in items] == [f"{n:05d}" for n in range(1000)]
    assert sum(isinstance(item, Document) for item in items) == 10


def test_folders_a_thousand_deep(tmp_path: Path) -> None:
    # by steps: one call cannot name so long a path
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1050):
        os.mkdir("d", dir_fd=here)
        deeper = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    handle = os.open("a.txt", os.O_WRONLY | os.O_CREAT, dir_fd=here)
    os.write(handle, TEXT.encode())
    os.close(handle)
    os.close(here)
    (tmp_path / "link").symlink_to(tmp_path / "d")
    items = list(read([tmp_path]))
    found = list(walk(tmp_path))
    # pytest would remove them by recursion
    subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)
    assert [isinstance(item, Document) for item in items] == [True, False]
    assert [getattr(entry, "reason", "file") for entry in found] == ["file", "link"]


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    devices = ["/dev/zero", "/dev/tty", "/dev/urandom"]
    items = list(read([tmp_path, *(d for d in devices if Path(d).exists())]))
    assert all(isinstance(item, Skipped) for item in items)
    # /dev/tty cannot be opened without a terminal
    assert {item.reason for item in items if isinstance(item, Skipped)} <= {
        "not_a_file",
        "unreadable",
    }


def test_a_pipe_is_read_where_standard_input_is_named(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)

    def fill() -> None:
        with path.open("w") as out:
            out.writelines(json.dumps({"text": f"{TEXT}{i}"}) + "\n" for i in range(50))

    writer = threading.Thread(target=fill)
    writer.start()
    with path.open("rb") as stdin:
        assert sum(isinstance(item, Document) for item in read(["-"], stdin=stdin)) == 50
    writer.join()


def test_a_file_that_grows_is_read_to_an_end(tmp_path: Path) -> None:
    """What is added while it is read may be read or not; a line that is not whole is named."""
    path = write(tmp_path, "a.jsonl", json.dumps({"id": 0, "text": TEXT}) + "\n")

    def added() -> Iterator[Document | Skipped]:
        for number, item in enumerate(read([path]), 1):
            if number <= 5:
                with path.open("a") as out:
                    out.write(json.dumps({"id": number, "text": f"{TEXT}{number}"}) + "\n")
            yield item

    items = list(added())
    assert 1 <= len(items) <= 6
    with path.open("a") as out:
        out.write('{"id": "half", "te')
    assert [i.reason for i in read([path]) if isinstance(i, Skipped)] == ["bad_json"]


def test_a_file_that_is_cut_while_it_is_read(tmp_path: Path) -> None:
    rows = "".join(json.dumps({"id": i, "text": f"{TEXT}{i}"}) + "\n" for i in range(5000))
    path = write(tmp_path, "a.jsonl", rows)
    items = read([path])
    next(items)
    path.write_text("")
    rest = list(items)
    assert len(rest) < 4999
    assert all(isinstance(i, Document) or i.reason == "bad_json" for i in rest)
