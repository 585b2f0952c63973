"""Files that are whole or not there."""

from __future__ import annotations

import errno
import io
import resource
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.engine.stub import StubCoder
from whowhom.errors import StoreError, UsageError
from whowhom.model import Document
from whowhom.store.export import (
    SUFFIXES,
    Parquet,
    format_of,
    record_writer,
    whole_file,
)

RECORDS = [e.to_dict() for e in StubCoder().code(Document("d", "Kenya met Uganda.")).events]


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    with whole_file(path) as file:
        file.write(b"half")
        assert not path.exists()
    assert path.read_bytes() == b"half"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_fails_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("old")

    def fails() -> None:
        with whole_file(path, force=True) as file:
            file.write(b"half")
            raise ValueError("on the way")

    with pytest.raises(ValueError, match="on the way"):
        fails()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        with (
            pytest.raises(StoreError, match="no part of the file was left"),
            whole_file(tmp_path / "events.csv") as file,
        ):
            file.write(b"x" * 5_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []


def test_other_errors_pass(tmp_path: Path) -> None:
    with pytest.raises(BrokenPipeError), whole_file(tmp_path / "events.csv"):
        raise BrokenPipeError(errno.EPIPE, "the reader left")


def test_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("mine")
    link = tmp_path / "events.csv"
    link.symlink_to(target)
    with whole_file(link, force=True) as file:
        file.write(b"new")
    assert target.read_text() == "mine"
    assert link.read_text() == "new"


def test_every_format_writes_and_every_ending_is_known() -> None:
    for form in sorted(set(SUFFIXES.values())):
        file = io.BytesIO()
        writer = record_writer(file, form)
        writer.write(RECORDS)
        writer.finish()
        if form == "parquet":
            file.seek(0)
            assert pq.read_table(file).num_rows == 1
        else:
            assert b"Kenya" in file.getvalue()
    assert {format_of(Path("x" + suffix.upper())) for suffix in SUFFIXES} == set(SUFFIXES.values())
    with pytest.raises(UsageError, match="stands for no format"):
        format_of(Path("events"))


def test_parquet_is_written_in_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Parquet, "GROUP", 4)
    file = io.BytesIO()
    writer = record_writer(file, "parquet")
    writer.write(RECORDS * 10)
    writer.finish()
    file.seek(0)
    assert pq.ParquetFile(file).num_row_groups == 3
