"""Files that are whole or not there."""

from __future__ import annotations

import errno
import io
import os
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
    may_write,
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


def test_a_link_is_written_through(tmp_path: Path) -> None:
    target, link = tmp_path / "kept" / "events.csv", tmp_path / "events.csv"
    target.parent.mkdir()
    target.write_text("old")
    link.symlink_to("kept/events.csv")
    with pytest.raises(UsageError, match="the file exists"), whole_file(link):
        pass
    with whole_file(link, force=True) as file:
        file.write(b"new")
        assert target.read_text() == "old"  # whole or not at all there, too
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert list(target.parent.iterdir()) == [target]


def test_a_link_to_nothing_is_not_written_over(tmp_path: Path) -> None:
    link = tmp_path / "events.csv"
    link.symlink_to("nowhere.csv")
    with pytest.raises(UsageError, match=r"it is a link to .*nowhere\.csv"), whole_file(link):
        pass
    with whole_file(link, force=True) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert (tmp_path / "nowhere.csv").read_text() == "new"
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    with pytest.raises(UsageError, match="in a circle"), whole_file(circle, force=True):
        pass


@pytest.mark.parametrize("force", [False, True])
def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path, force: bool) -> None:
    pipe = tmp_path / "events.csv"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with whole_file(pipe, force=force) as file:
            file.write(b"whole")
        assert os.read(reader, 100) == b"whole"
    finally:
        os.close(reader)
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


def test_a_device_is_written_to_and_stays_one(tmp_path: Path) -> None:
    link = tmp_path / "zero"
    link.symlink_to("/dev/zero")  # takes everything, as /dev/null does
    for path in (Path("/dev/zero"), link):
        with whole_file(path) as file:
            file.write(b"gone")
    assert Path("/dev/zero").is_char_device()
    with (
        pytest.raises(StoreError, match="no space left on device"),
        whole_file(Path("/dev/full")) as file,
    ):
        file.write(b"x")


def test_a_stream_of_this_process_goes_on_where_it_is(tmp_path: Path) -> None:
    place = tmp_path / "all"
    with place.open("wb") as opened:
        opened.write(b"before ")
        opened.flush()
        with whole_file(Path(f"/dev/fd/{opened.fileno()}")) as file:
            file.write(b"ours ")
        opened.write(b"after")
    assert place.read_bytes() == b"before ours after"
    with pytest.raises(StoreError, match="bad file descriptor"), whole_file(Path("/dev/fd/987")):
        pass


def test_what_is_in_the_way_is_said_before_the_work(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    may_write(path, force=False)
    path.touch()
    with pytest.raises(UsageError, match="the file exists"):
        may_write(path, force=False)
    may_write(path, force=True)
    may_write(Path("-"), force=False)
    with pytest.raises(UsageError, match="this is a folder"):
        may_write(tmp_path, force=True)
    with pytest.raises(StoreError, match="name too long"):
        may_write(tmp_path / ("x" * 300), force=True)


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
