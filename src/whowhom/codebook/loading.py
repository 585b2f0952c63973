"""Load a codebook: the folder of TOML files, checked and indexed."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import os
import re
import stat
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import tomli as tomllib  # compiled: a quarter of the time

from ..errors import CodebookError
from . import lines
from .languages import frames_of_its_own, spoken_in, with_english_paths
from .schema import (
    HEADER_FIELDS,
    Codebook,
    EventType,
    FileChecker,
    Frame,
    Phrase,
    check_fields,
    nearest,
    normal,
)

SHIPPED = "plover"
_DEEP_KEY = re.compile(
    r"""^[ \t\[]*(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
    r"""(?:[ \t]*\.[ \t]*(?:[\w-]+|"[^"\n]*"|'[^'\n]*')){20}""",
    re.MULTILINE,
)
_MAX_BYTES = 5_000_000  # a codebook file is written by hand: this is a thousand pages


def shipped_folder() -> Path:
    """The folder of the PLOVER codebook in the package."""
    return Path(str(resources.files("whowhom.data").joinpath("codebooks", SHIPPED)))


def load(folder: str | Path | None = None) -> Codebook:
    """The codebook in a folder; None is the PLOVER codebook that comes with the package.

    A folder whose ``codebook.toml`` says ``extends = "plover"`` is laid over the
    shipped one: a type file of the same type adds its frames and modes to it, and what
    that file does not say of the type stays. Where a frame of the folder and one of the shipped
    codebook hold on the same word, the folder's wins. ``without`` names frames of the shipped
    codebook to leave out.

    Raises:
        CodebookError: a file is missing or wrong; the message names file, field and
            the nearest right name.
    """
    return _load_cached(str(folder) if folder is not None else None, _stamp(folder))


def _stamp(folder: str | Path | None) -> tuple[tuple[str, int, int], ...]:
    """What changes when a file of a folder does: who edits a codebook in a notebook wants to see
    it. The shipped one does not change."""
    if folder is None or not Path(folder).is_dir():
        return ()
    stats = [(path.name, path.stat()) for path in sorted(Path(folder).glob("*.toml"))]
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


@functools.lru_cache(maxsize=4)
def _load_cached(folder: str | None, stamp: tuple[tuple[str, int, int], ...]) -> Codebook:
    path = Path(folder) if folder is not None else shipped_folder()
    if not path.is_dir():
        raise CodebookError("no such folder", where=str(path), do="Give the folder of a codebook.")
    header = _read(path / "codebook.toml") if (path / "codebook.toml").exists() else {}
    folders = [path]
    extends = header.get("extends")
    if extends is not None:
        if extends != SHIPPED:
            raise CodebookError(
                f'cannot extend "{extends}"',
                where=str(path / "codebook.toml"),
                do='Write "plover".',
            )
        folders.insert(0, shipped_folder())
    return _assemble(folders, header, path)


def _assemble(folders: list[Path], header: dict[str, Any], path: Path) -> Codebook:
    digest = hashlib.sha256()
    classes: dict[str, list[str]] = {}
    planned: dict[str, str] = {}
    refused: dict[str, str] = {}
    places: list[str] = []
    contexts: frozenset[str] = frozenset()
    cues: dict[str, list[str]] = {}
    files: list[tuple[Path, dict[str, Any]]] = []
    without: list[str] = []
    spoken = spoken_in(header, path)
    for folder in folders:
        if spoken is not None and folder == path:
            cues.clear()  # those of the shipped codebook are English words
        for file in sorted(folder.glob("*.toml")):
            data = _read(file)
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
            if file.name == "classes.toml":
                classes.update({name: _words(data[name], f"{file}: {name}") for name in data})
            elif file.name == "contexts.toml":
                cues.update(data)
            elif file.name == "codebook.toml":
                check_fields(functools.partial(_key, file), data, HEADER_FIELDS)
                contexts = frozenset(
                    _words(data.get("contexts", sorted(contexts)), f"{file}: contexts")
                )
                for name, table in (("planned", planned), ("refused", refused)):
                    pairs = _table(data, name, file)
                    _words(list(pairs.values()), f"{file}: {name}")
                    table.update(pairs)
                places = _words(
                    _table(data, "recipients", file).get("places", places),
                    f"{file}: recipients.places",
                )
                without += _words(data.get("without", []), f"{file}: without")
                header = {**header, **data}
            else:
                files.append((file, data))
    if not files:
        raise CodebookError("no type files (*.toml) here", where=str(path))
    types: dict[str, EventType] = {}
    order = 0
    for file, data in files:
        base = types.get(data["type"]) if isinstance(data.get("type"), str) else None
        layer = folders.index(file.parent)
        if spoken is not None and file.parent == path:
            data = with_english_paths(data, spoken)
        english = spoken is None or file.parent != path
        checker = FileChecker(
            str(file), data, classes, contexts, order, base, layer, english=english
        )
        found = checker.event_type()
        order = checker.order
        types[found.name] = _join(base, found) if base is not None else found
    if spoken is not None:
        types = {name: frames_of_its_own(kind) for name, kind in types.items()}
    _leave_out(types, without, path)
    _types_exist(types, header, path)
    for name, target in [*planned.items(), *refused.items()]:
        if name in types and target not in types:
            raise CodebookError(
                f'"{target}" is no type',
                where=f"{path / 'codebook.toml'}: {name}",
                do=nearest(target, types),
            )
    return _indexed(
        Codebook(
            name=str(header.get("name", path.name)),
            version=str(header.get("version", "0")),
            sha256=digest.hexdigest(),
            types=types,
            support_verbs=frozenset(classes.get("support", ())),
            planned=planned,
            refused=refused,
            place_recipients=frozenset(places),
            context_cues=_cues(cues, contexts, path),
            actors=path / "actors" if (path / "actors").is_dir() else None,
            language=spoken.code if spoken is not None else "en",
        )
    )


def _key(file: Path, key: str) -> str:
    """The place of a field of ``codebook.toml``."""
    return lines.at(str(file), "", 1, key) if key else str(file)


def _types_exist(types: Mapping[str, EventType], header: Mapping[str, Any], path: Path) -> None:
    """Check that the types that a codebook's own header speaks of are there."""
    file = str(path / "codebook.toml")
    for table, names in (
        ("recipients", header.get("recipients", {}).get("places", ())),
        ("planned", header.get("planned", {})),
        ("refused", header.get("refused", {})),
    ):
        for name in names:
            if name not in types:
                key = "places" if table == "recipients" else name
                raise CodebookError(
                    f'"{name}" is no type of this codebook',
                    where=f"{lines.at(file, table, 1, key)}: {table}.{key}",
                    do=nearest(name, types),
                )


def _cues(
    cues: dict[str, list[str]], contexts: frozenset[str], path: Path
) -> dict[str, frozenset[str]]:
    """The cue words of every context, in the order of the names."""
    for name, words in cues.items():
        where = f"{path / 'contexts.toml'}: {name}"
        if contexts and name not in contexts:
            raise CodebookError("no such context", where=where, do="See codebook.toml.")
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise CodebookError("expected a list of words", where=where)
    return {name: frozenset(map(normal, cues[name])) for name in sorted(cues)}


def _join(base: EventType, over: EventType) -> EventType:
    """A type with an overlay's frames added; a frame of the same id is replaced."""
    replaced = {frame.id for frame in over.frames}
    frames = (*(f for f in base.frames if f.id not in replaced), *over.frames)
    return dataclasses.replace(over, notes=(*base.notes, *over.notes), frames=frames)


def _leave_out(types: dict[str, EventType], ids: list[str], path: Path) -> None:
    """Take the frames of these ids out of their types."""
    known = {frame.id for kind in types.values() for frame in kind.frames}
    for name in ids:
        if name not in known:
            raise CodebookError(
                f'there is no frame "{name}"',
                where=f"{path / 'codebook.toml'}: without",
                do=nearest(name, known),
            )
    for name, kind in types.items():
        frames = tuple(frame for frame in kind.frames if frame.id not in ids)
        if len(frames) != len(kind.frames):
            types[name] = dataclasses.replace(kind, frames=frames)


def own_frames(codebook: Codebook) -> tuple[Frame, ...]:
    """The frames that the shipped codebook does not have, or has otherwise."""
    shipped = load()
    if codebook.sha256 == shipped.sha256:
        return ()
    known = {frame.id: _content(frame) for frame in shipped.frames}
    return tuple(f for f in codebook.frames if known.get(f.id) != _content(f))


def _content(frame: Frame) -> Frame:
    """A frame without the place where it stands."""
    return dataclasses.replace(frame, file="", order=0, layer=0)


def without_frames(codebook: Codebook, ids: Iterable[str]) -> Codebook:
    """A codebook as it would be if it did not have these frames. One that stands in the place of
    a frame of the shipped codebook gives the place back."""
    gone = frozenset(ids)
    first = {frame.id: frame for frame in load().frames} if _lies_over(codebook) else {}
    types = {}
    for name, kind in codebook.types.items():
        kept = [first.get(f.id) if f.id in gone else f for f in kind.frames]
        types[name] = dataclasses.replace(kind, frames=tuple(f for f in kept if f is not None))
    digest = hashlib.sha256("\0".join([codebook.sha256, *sorted(gone)]).encode()).hexdigest()
    return _indexed(dataclasses.replace(codebook, types=types, sha256=digest))


def _lies_over(codebook: Codebook) -> bool:
    """Whether a codebook takes frames from the files of the shipped one."""
    return any(frame.layer for frame in codebook.frames)


def _indexed(codebook: Codebook) -> Codebook:
    """The codebook with the index from words to the frames that it has."""
    frames = codebook.frames
    return dataclasses.replace(
        codebook,
        by_verb=_index((p, f) for f in frames for p in f.verbs),
        by_noun=_index((p, f) for f in frames for p in f.nouns),
        by_adjective=_index((p, f) for f in frames for p in f.adjectives),
    )


def _index(pairs: Iterable[tuple[Phrase, Frame]]) -> dict[str, tuple[tuple[Phrase, Frame], ...]]:
    index: dict[str, list[tuple[Phrase, Frame]]] = {}
    for phrase, frame in pairs:
        index.setdefault(phrase.head, []).append((phrase, frame))
    return {head: tuple(entries) for head, entries in index.items()}


def _read(file: Path) -> dict[str, Any]:
    try:
        text = _bytes(file).decode("utf-8")
        if _DEEP_KEY.search(text):  # tomllib takes time with the square of a dotted key
            raise CodebookError("a key has more than 20 parts", where=str(file))
        return tomllib.loads(text)
    except RecursionError:
        raise CodebookError("its lists or tables are nested too deeply", where=str(file)) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CodebookError(f"not readable as TOML: {error}", where=str(file)) from error


def _bytes(file: Path) -> bytes:
    # never waiting: a pipe or a device in a codebook's place would hold the program for ever
    handle = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise CodebookError("it is no file", where=str(file), do="Give a TOML file.")
        raw = stream.read(_MAX_BYTES + 1)
    if len(raw) > _MAX_BYTES:
        raise CodebookError(
            f"it has more than {_MAX_BYTES} bytes, too much for a codebook file", where=str(file)
        )
    return raw


def _table(data: dict[str, Any], key: str, file: Path) -> dict[str, Any]:
    """A table of strings (or lists of them) in a codebook file; empty where it is absent."""
    value = data.get(key, {})
    if not isinstance(value, dict):
        raise CodebookError("expected a table", where=f"{file}: {key}")
    return value


def _words(value: object, where: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise CodebookError("expected a list of words", where=where)
    return value
