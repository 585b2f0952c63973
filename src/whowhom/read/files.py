"""Paths, folders, globs and standard input: which files are read, and by which reader.

A suffix is believed only where the first bytes do not contradict it.
"""

from __future__ import annotations

import difflib
import io
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from glob import glob, has_magic
from pathlib import Path
from typing import BinaryIO, Literal, cast
from urllib.parse import urlsplit
from urllib.request import url2pathname

from whowhom.errors import InputError
from whowhom.model import Skipped, Source
from whowhom.read.decode import decode, looks_binary, mark, one_line
from whowhom.read.feed import read_feed
from whowhom.read.html import read_html
from whowhom.read.jsonl import parse, read_json, read_jsonl
from whowhom.read.parquet import read_parquet
from whowhom.read.record import Context, Item, by_place, roles
from whowhom.read.remote import Remote, is_address, remote
from whowhom.read.table import DELIMITERS, read_table
from whowhom.read.text import read_plain
from whowhom.read.unpack import GZIP, JUNK, ZSTD, GzipStream, ZstdStream, read_up_to
from whowhom.read.warc import read_warc
from whowhom.read.words import inputs
from whowhom.settings import STORE_FILE

Kind = Literal["text", "html", "json", "jsonl", "table", "parquet", "feed", "warc"]
HEAD = 65_536
"""Bytes that are looked at to tell what a file is."""

_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)
_WARC = re.compile(rb"WARC/\d{1,2}\.\d{1,2}[ \t]*\r?\n")
_FEED = re.compile(r"\s*(?:<\?xml.{0,2000}?)?<(?:rss|feed|rdf:rdf)\b", re.I | re.S)

_STREAMS: dict[str, Callable[[BinaryIO, str, Context], Iterator[Item]]] = {
    "json": read_json,
    "jsonl": read_jsonl,
    "table": read_table,
    "parquet": read_parquet,
    "feed": read_feed,
    "warc": read_warc,
}
_SINGLE: dict[str, Callable[[BinaryIO, str, Context], Item]] = {
    "text": read_plain,
    "html": read_html,
}


# ------------------------------------------------------------- which files
def expand(given: str) -> list[Path | Remote]:
    """The file, folder or files that one argument names.

    Raises:
        InputError: there is none of that name, or nothing fits the pattern.
    """
    if "\0" in given:
        raise InputError("a path cannot hold a NUL", where=repr(given), reason="missing")
    if given.lower().startswith("file://"):
        given = url2pathname(urlsplit(given).path)
    elif is_address(given):
        return list(remote(given))
    path = Path(given)
    if os.path.lexists(path):
        return [path]
    if has_magic(given):
        found = sorted(glob(given, recursive=True))  # noqa: PTH207 (also takes absolute patterns)
        if found:
            return [Path(name) for name in found]
        raise InputError("no file fits this pattern", where=given, reason="missing")
    raise InputError(
        "there is no such file or folder", where=given, do=_nearest(path), reason="missing"
    )


def _nearest(path: Path) -> str:
    """A hint at the name that was meant, as far as the path exists."""
    parent = path.parent
    while not parent.is_dir() and parent != parent.parent:
        path, parent = parent, parent.parent
    try:
        names = [entry.name for entry in os.scandir(parent)][:5000]
    except OSError:
        return "Check the path"
    close = difflib.get_close_matches(path.name, names, n=1, cutoff=0.5)
    return f"Did you mean {parent / close[0]}" if close else "Check the path"


def named(path: Path) -> str:
    """What a ledger calls a path: bytes that are no UTF-8 are written out, so that two names stay
    two (``a\\xe8.txt``)."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def walk(folder: Path) -> Iterator[Path | Skipped]:
    """The files below a folder in the order of their names; hidden ones and stores are left out.

    A link that leads out of the folder is not followed: what somebody unpacked must not
    reach other files of this machine.
    """
    root = folder.resolve()
    open_folders = [_listed(folder)]  # not by recursion: folders may be a thousand deep
    while open_folders:
        entry = next(open_folders[-1], None)
        if entry is None:
            open_folders.pop()
        elif isinstance(entry, Skipped):
            yield entry
        elif not entry.name.startswith("."):
            try:
                link = _bad_link(entry, root)
                inside = link is None and entry.is_dir()
            except OSError as error:  # a path too long for the system, say
                yield Skipped(Source(named(entry)), "unreadable", _os_words(error))
                continue
            if link is not None:
                yield link
            elif inside:
                if not (entry / STORE_FILE).is_file():
                    open_folders.append(_listed(entry))
            else:
                yield entry


def _listed(folder: Path) -> Iterator[Path | Skipped]:
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 (names: a tenth of the memory of paths)
    except OSError as error:
        return iter([Skipped(Source(named(folder)), "unreadable", _os_words(error))])
    return (folder / name for name in names)


def _bad_link(entry: Path, root: Path) -> Skipped | None:
    """Why a link is not followed; None where it is none, or leads to a file of the folder."""
    if not entry.is_symlink():
        return None
    try:
        target = entry.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        return Skipped(Source(named(entry)), "unreadable", f"a link to nowhere ({error})")
    if root not in target.parents or target.is_dir():
        return Skipped(Source(named(entry)), "link", "a link out of the folder or to a folder")
    return None


def _os_words(error: OSError) -> str:
    return f"it cannot be read: {error.strerror or error}"


Unit = Path | Remote | Skipped | Literal["-"]
"""A file, an object, standard input, or something in a folder that is not read."""


def units(paths: Iterable[tuple[str, Path | Remote | None]]) -> Iterator[Unit]:
    """The single files of paths and folders, in order; standard input is None there."""
    for given, path in paths:
        if path is None:
            yield "-"
        elif isinstance(path, Remote) or not path.is_dir():
            yield path
        elif (path / STORE_FILE).is_file():
            yield Skipped(
                Source(given), "store", "it is a store, not documents. To copy it, export it"
            )
        else:
            empty = True
            for entry in walk(path):
                empty = False
                yield entry
            if empty:
                yield Skipped(Source(given), "empty", "the folder holds no files")


def read_unit(unit: Unit, stdin: BinaryIO | None, context: Context) -> Iterator[Item]:
    """The documents of one unit."""
    if isinstance(unit, Skipped):
        return iter([unit])
    if unit == "-":
        return guarded("-", lambda: _standard_input(stdin, context))
    if isinstance(unit, Remote):
        return _remote(unit, context)
    return read_path(unit, context)


def unit_name(unit: Unit) -> str:
    """What a ledger calls it."""
    if isinstance(unit, Skipped):
        return unit.source.file
    return named(unit) if isinstance(unit, Path) else unit if unit == "-" else unit.name


def _remote(place: Remote, context: Context) -> Iterator[Item]:
    def reader() -> Iterator[Item]:
        with place.open() as stream:
            yield from read_stream(stream, place.name, context)

    return guarded(place.name, reader)


def guarded(file: str, reader: Callable[[], Iterator[Item]]) -> Iterator[Item]:
    """What a reader gives; a file that cannot be read is a reason, and the run goes on."""
    try:
        for item in reader():
            yield _shown(item) if isinstance(item, Skipped) else item
    except InputError as error:
        yield _shown(
            Skipped(
                Source(file), error.reason, f"{error.what}. {error.do}" if error.do else error.what
            )
        )
    except OSError as error:
        yield _shown(Skipped(Source(file), "unreadable", _os_words(error)))
    except MemoryError:
        yield Skipped(Source(file), "too_large", "there is not memory enough to read it")
    except Exception as error:  # one file must never end a run of thousands
        yield _shown(
            Skipped(
                Source(file),
                "damaged",
                f"the reader failed ({type(error).__name__}: {str(error)[:120]})",
            )
        )


def _shown(skipped: Skipped) -> Skipped:
    """On one line and without controls: libraries put bytes of the input into their messages."""
    skipped = by_place(skipped)
    return replace(
        skipped,
        source=replace(skipped.source, notes=tuple(map(one_line, skipped.source.notes))),
        detail=one_line(skipped.detail),
    )


def read_path(path: Path, context: Context) -> Iterator[Item]:
    """The documents of one file."""
    return guarded(named(path), lambda: _file(path, context))


def _file(path: Path, context: Context) -> Iterator[Item]:
    # opened before it is looked at, and never waiting: a pipe put in a file's place
    # would hold the run for ever
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise InputError(
                "it is a pipe or a device, not a file",
                reason="not_a_file",
                do="Give '-' to read standard input",
            )
        yield from read_stream(stream, named(path), context)


def _standard_input(stdin: BinaryIO | None, context: Context) -> Iterator[Item]:
    return read_stream(_Rewindable(stdin or sys.stdin.buffer), "-", context)


class _Rewindable(io.RawIOBase):
    """A stream whose first bytes can be read twice; it cannot seek further back."""

    def __init__(self, stream: BinaryIO | io.RawIOBase) -> None:
        self._stream, self._head, self._at = stream, b"", 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def head(self, size: int) -> bytes:
        while len(self._head) < size and (data := self._stream.read(size - len(self._head))):
            self._head += data
        return self._head[:size]

    def read(self, size: int = -1) -> bytes:
        if self._at < len(self._head):
            end = len(self._head) if size < 0 else min(len(self._head), self._at + size)
            data, self._at = self._head[self._at : end], end
            return data
        return self._stream.read(size) or b""

    def seek(self, offset: int, whence: int = 0) -> int:
        if (offset, whence) != (0, 0) or self._at > len(self._head):
            raise io.UnsupportedOperation("seek")
        self._at = 0
        return 0


class _UpToJunk(io.RawIOBase):
    """Packed data that is whole, without the bytes behind it that are no part of it."""

    def __init__(self, stream: _Rewindable, junk: list[InputError]) -> None:
        self._stream, self._junk = stream, junk

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            return b"" if self._junk else self._stream.read(size)
        except InputError as error:
            if error.what != JUNK:
                raise
            self._junk.append(error)
            return b""


# ------------------------------------------------------------- which reader
def read_stream(stream: BinaryIO | io.RawIOBase, file: str, context: Context) -> Iterator[Item]:
    """The documents of an open file; ``file`` is its name as the user gave it."""
    name = Path(file).name.lower()
    head = _head(stream)
    if not head:
        raise InputError("the file is empty", reason="empty", where="")
    suffix = Path(name).suffix
    settings = context.settings
    if head.startswith((GZIP, ZSTD)):
        if suffix in inputs().packed:
            suffix = Path(Path(name).stem).suffix
        packed = cast(BinaryIO, stream)
        inner = _Rewindable(
            GzipStream(packed, settings) if head.startswith(GZIP) else ZstdStream(packed, settings)
        )
        inside = _peek_packed(inner)
        if inside.startswith((GZIP, ZSTD)):
            raise InputError("it is packed twice", reason="packed_twice", do="Unpack it once")
        kind = sniff(inside, suffix)
        if kind == "warc":  # the archive reader needs the members
            stream.seek(0)
            yield from read_warc(packed, file, context)
            return
        stream = inner
    elif name.endswith(".warc.gz") and not head.startswith(b"WARC/"):
        kind = "warc"  # its first bytes are damaged; the reader finds the next member
    else:
        kind = sniff(head, suffix if file != "-" else "")
    if kind == "parquet" and not stream.seekable():
        stream = io.BytesIO(read_up_to(stream, settings.max_file_bytes))
    source = cast(BinaryIO, stream)
    if kind in _SINGLE:
        junk: list[InputError] = []
        if isinstance(stream, _Rewindable):
            source = cast(BinaryIO, _UpToJunk(stream, junk))
        yield _SINGLE[kind](source, file, context)
        for error in junk:
            yield Skipped(Source(file, "after item 1"), error.reason, error.what)
    else:
        yield from _unpacking(_STREAMS[kind](source, file, context), file)


def _unpacking(items: Iterator[Item], file: str) -> Iterator[Item]:
    """Items of a stream; where the packed data ends too soon, that is said at the end."""
    number = 0
    try:
        for item in items:
            number += 1
            yield item
        if not number:  # every file that is read leaves a trace
            raise InputError("it holds no documents", reason="no_documents")
    except InputError as error:
        if not number:
            raise
        yield Skipped(
            Source(file, f"after item {number}"),
            error.reason,
            f"{error.what}; the rest was not read",
        )


def _head(stream: BinaryIO | io.RawIOBase) -> bytes:
    if isinstance(stream, _Rewindable):
        return stream.head(HEAD)
    head = stream.read(HEAD) or b""
    stream.seek(0)
    return head


def _peek_packed(inner: _Rewindable) -> bytes:
    try:
        return inner.head(HEAD)
    except InputError:  # raised again when the reader comes there
        return inner.head(0) or inner._head


def sniff(head: bytes, suffix: str) -> Kind:
    """What a file is, from its first bytes and its suffix.

    Raises:
        InputError: ``not_text`` for a file that no reader takes.
    """
    suffix = suffix.lower()
    believed = cast(Kind | None, inputs().kinds.get(suffix))
    if head.startswith(b"PAR1\x15"):  # a page's or the footer's header follows: no text does
        return "parquet"
    if _WARC.match(head):
        return "warc"
    for starts, what, word in inputs().binary:
        # "GIF89a is a format of pictures" is a text
        if head.startswith(starts) and (not word or _has_controls(head)):
            raise InputError(f"it is {what}", reason="not_text", do="Give its text")
    if believed in ("parquet", "warc"):
        return believed
    if looks_binary(head):
        raise InputError(
            "it is binary data, not text",
            reason="not_text",
            do="Give text, HTML, JSON Lines, CSV, Parquet, a feed or a WARC",
        )
    if mark(head):
        text = decode(head).text
    else:
        text = head.decode("utf-8", "replace")
    start = text[:4096].lstrip("\ufeff \t\r\n")
    if believed in ("jsonl", "json", "table") and not start.startswith(("{", "[")):
        return believed
    if believed not in ("html", "feed") and (kind := _json_kind(start, text, believed)):
        return kind
    if believed == "table":
        return believed
    if _FEED.match(text):
        return "feed"
    if believed == "feed":
        return "feed"
    if believed == "html" or _HTML.match(text):
        return "html"
    if believed in (None, "text") and _is_table(text):
        return "table"
    return "text"


def _has_controls(head: bytes) -> bool:
    return any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head[:512])


def _json_kind(start: str, text: str, believed: Kind | None) -> Kind | None:
    """JSON or JSON Lines, None for text that only begins with a bracket."""
    if start.startswith("["):
        if believed == "json":
            return "json"
        looks = re.match(r"\[\s*(?:\{\s*\"|\]\s*$)", start)
        return "json" if looks else ("jsonl" if believed == "jsonl" else None)
    if not start.startswith("{"):
        return None
    first, newline, _ = text.lstrip("\ufeff \t\r\n").partition("\n")
    try:
        whole = isinstance(parse(first), dict)
    except ValueError:
        whole = False
    if believed == "jsonl":
        pretty = (
            not whole
            and re.match(r"\{\s*\"[^\"]*\"\s*:|\{\s*$", first)
            and not first.rstrip().endswith("}")
        )
        return "json" if pretty and len(first) < 400 and newline else "jsonl"
    if whole:
        return "jsonl"
    if believed == "json" or re.match(r"\{\s*\"[^\"\n]{1,80}\"\s*:", start):
        # a first line longer than what was looked at is one long record
        return "json" if believed == "json" or newline else "jsonl"
    return None


def _is_table(text: str) -> bool:
    """True for a first line that names a text column and another column that is known."""
    first = re.split(r"[\r\n]", text.lstrip("\ufeff \r\n"), maxsplit=1)[0].strip()
    if not first or len(first) > 2000:
        return False
    for delimiter in DELIMITERS:
        names = [name.strip(" \"'\r") for name in first.split(delimiter)]
        if len(names) < 2 or any(len(name) > 40 for name in names):
            continue
        found = roles(names)
        if found["text"] and sum(bool(places) for places in found.values()) >= 2:
            return True
    return False
