"""Inputs in object storage, with fsspec's storage in memory."""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from whowhom.cli import cli
from whowhom.errors import InputError, UsageError
from whowhom.model import Document, Skipped
from whowhom.read import read
from whowhom.read.remote import is_address, remote, shown

if find_spec("fsspec") is None:
    pytest.skip("the extra remote is not installed", allow_module_level=True)

LINE = b'{"id": "%b", "text": "The two sides met in the capital on Monday, officials said."}\n'


@pytest.fixture
def storage() -> Iterator[Any]:
    import fsspec

    system = fsspec.filesystem("memory")
    system.store.clear()
    yield system
    system.store.clear()


def put(system: Any, **files: bytes) -> None:
    for name, content in files.items():
        system.pipe_file("/" + name.replace("__", "/").replace("_", "."), content)


def documents(*inputs: str) -> list[Document]:
    items = list(read(inputs))
    assert not [item for item in items if isinstance(item, Skipped)]
    return [item for item in items if isinstance(item, Document)]


def test_objects_folders_and_patterns(storage: Any) -> None:
    table = io.BytesIO()
    pq.write_table(pa.table({"id": ["p"], "text": ["They met again in the capital."]}), table)
    put(
        storage,
        news__2015__a_jsonl=LINE % b"a",
        news__2015__b_jsonl_gz=gzip.compress(LINE % b"b"),
        news__2016__c_parquet=table.getvalue(),
        news___hidden_jsonl=LINE % b"h",
    )
    found = documents("memory://news")
    assert [d.id for d in found] == ["a", "b", "p"]
    assert [d.source.file for d in found] == [
        "memory://news/2015/a.jsonl",
        "memory://news/2015/b.jsonl.gz",
        "memory://news/2016/c.parquet",
    ]
    assert [d.id for d in documents("memory://news/2015/*.jsonl*")] == ["a", "b"]
    assert [d.id for d in documents("memory://news/2015/b.jsonl.gz")] == ["b"]


def test_the_limits_hold(storage: Any) -> None:
    put(storage, bomb_jsonl_gz=gzip.compress(b" " * 30_000_000), empty_txt=b"")
    found = list(read(["memory://bomb.jsonl.gz", "memory://empty.txt"]))
    assert [i.reason for i in found if isinstance(i, Skipped)] == ["too_large", "empty"]
    assert len(found) == 2


def test_an_object_that_cannot_be_opened_is_skipped(storage: Any) -> None:
    put(storage, news__a_jsonl=LINE % b"a", news__b_jsonl=LINE % b"b")
    places = read(["memory://news"])
    storage.rm("/news/a.jsonl")
    first, second = list(places)
    assert isinstance(first, Skipped)
    assert first.reason == "unreadable"
    assert isinstance(second, Document)


def test_files_by_address_are_files(tmp_path: Path) -> None:
    path = tmp_path / "a b.jsonl"
    path.write_bytes(LINE % b"a")
    (found,) = documents(path.as_uri())
    assert found.source.file == str(path)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("https://example.org/a.html?token=abc", "example.org/a.html: pages are not .*watch"),
        ("memory://nothing/here", "memory://nothing/here: there is no such object"),
        ("memory://nothing/*.txt", "there is no such object"),
        ("s4://bucket/a", "no storage is known by s4://"),
        ("zip::s3://bucket/a", "an address within an address"),
        ("dropbox://folder/a", "a package for dropbox:// is missing. .*dropboxdrivefs"),
    ],
)
def test_what_is_wrong_is_said_at_once(storage: Any, given: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        read([given])
    assert "abc" not in str(raised.value)


def test_without_fsspec_the_extra_is_named() -> None:
    with (
        mock.patch.dict(sys.modules, {"fsspec.core": None}),
        pytest.raises(InputError, match=r"pip install 'whowhom\[remote\]'"),
    ):
        remote("s3://bucket/a")


def test_storage_that_does_not_answer(storage: Any) -> None:
    with (
        mock.patch.object(type(storage), "info", side_effect=PermissionError("key=abc denied")),
        pytest.raises(InputError, match=r"it cannot be listed: PermissionError.*access"),
    ):
        read(["memory://news"])


@pytest.mark.parametrize("option", ["--store", "--output"])
def test_what_is_written_stays_on_this_machine(option: str) -> None:
    done = CliRunner().invoke(cli, ["code", "a.txt", option, "s3://bucket/store.csv?key=abc"])
    assert isinstance(done.exception, UsageError)
    assert "s3://bucket/store.csv: what is written lies on this machine's disk" in str(
        done.exception
    )
    assert "abc" not in str(done.exception)


def test_secrets_are_not_shown() -> None:
    assert shown("sftp://me:secret@host/a") == "sftp://me@host/a"
    assert shown("s3://bucket/a?key=secret") == "s3://bucket/a"
    assert shown("s3://bucket/201?.jsonl") == "s3://bucket/201?.jsonl"
    assert is_address("s3://bucket/a")
    assert not is_address("C:/news")
    assert not is_address("news/a.txt")
