"""Reading in other processes gives what reading here gives, and a file cannot stop a run."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from tests.engine.stub import StubCoder
from whowhom.engine.local import Inline
from whowhom.engine.reading import Readers
from whowhom.engine.run import Collect, run
from whowhom.model import Document, Skipped
from whowhom.read import plan, read
from whowhom.read.record import Context
from whowhom.settings import DEFAULT

Item = Document | Skipped


def apart(
    *inputs: Path | str,
    seconds: float = 300.0,
    stdin: bytes = b"",
    meanwhile: Callable[[Readers, int], None] = lambda readers, count: None,
) -> tuple[list[Item], int]:
    """What is read, and how many processes read it."""
    context = Context(settings=dataclasses.replace(DEFAULT, reading_seconds=seconds))
    items: list[Item] = []
    with Readers(plan(list(inputs)), BytesIO(stdin), context, workers=12) as readers:
        for item in readers:
            if item is None:
                time.sleep(0.01)
                continue
            items.append(item)
            meanwhile(readers, len(items))
        return items, len(readers._readers)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(70):
        text = f"The two sides met in the capital again on day {number}, officials said."
        (tmp_path / f"{number:02}.txt").write_text(text if number % 9 else "")
    (tmp_path / "20.jsonl").write_text('{"text": "One."}\n{"text": \n{"text": "Two."}\n')
    (tmp_path / "30").mkdir()
    return tmp_path


def big(path: Path) -> Path:
    with path.open("w") as file:
        for number in range(4000):
            text = f"The two sides met in town {number}. " * 10
            file.write(json.dumps({"id": f"d{number}", "text": text}) + "\n")
    return path


def test_the_same_in_the_same_order(folder: Path) -> None:
    items, processes = apart(folder)
    assert items == list(read([folder]))
    assert processes >= 1


def test_little_is_read_here(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The two sides met in the capital, officials said.")
    items, processes = apart(tmp_path)
    assert len(items) == 1
    assert processes == 0


def test_standard_input_in_its_place(folder: Path) -> None:
    items, _ = apart(folder, "-", folder / "01.txt", stdin=b"They met in secret, officials said.")
    assert [i.source.file for i in items[-2:]] == ["-", str(folder / "01.txt")]
    assert items[:-2] == list(read([folder]))


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="Windows stops no process")
@pytest.mark.parametrize(
    ("number", "why"),
    [("SIGSTOP", "nothing came of it for 1 seconds"), ("SIGKILL", "it ended the process")],
)
def test_a_file_that_hangs_or_kills_costs_that_file(tmp_path: Path, number: str, why: str) -> None:
    files = [big(tmp_path / "a.jsonl"), tmp_path / "b.txt", tmp_path / "c.txt"]
    for file in files[1:]:
        file.write_text(f"The two sides met in {file.name}, officials said.")

    def strike(readers: Readers, count: int) -> None:
        if count == 1:
            os.kill(readers._readers[0].process.pid or 0, getattr(signal, number))

    items, _ = apart(*files, seconds=1.0, meanwhile=strike)
    *documents, gone, second, third = items
    assert isinstance(gone, Skipped)
    assert gone.source.locator == f"after item {len(documents)}"
    assert gone.detail.startswith(why)
    assert [d.id for d in documents if isinstance(d, Document)] == [
        f"d{n}" for n in range(len(documents))
    ]
    assert 1 <= len(documents) < 4000
    assert [second.source.file, third.source.file] == [str(file) for file in files[1:]]


def test_a_run_goes_on_while_nothing_is_read() -> None:
    items = [None, Document("a", "Kenya met Uganda."), None, None, Document("b", "Mali met Chad.")]
    sink = Collect()
    report = run(items, Inline(StubCoder()), sink)
    assert report.read == 2
    assert [o.row.document_id for o in sink.outcomes] == ["a", "b"]
