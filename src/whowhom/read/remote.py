"""Inputs in object storage: ``s3://bucket/2015/*.jsonl.gz`` and what else fsspec knows.

Only what the user named is listed and streamed; nothing that stands in a document is. Needs the
extra ``remote``, and for most kinds of storage one more package, which the error names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from glob import has_magic
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

from whowhom.errors import InputError

_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+(?:::[^/]*)?)://")


@dataclass(frozen=True, slots=True)
class Remote:
    """An object. ``name`` is its address, without passwords and keys."""

    name: str
    path: str
    system: Any

    def open(self) -> BinaryIO:
        """Its bytes, as a stream that can seek.

        Raises:
            InputError: ``unreadable``.
        """
        try:
            return cast(BinaryIO, self.system.open(self.path, "rb"))
        except Exception as error:  # each storage has its own classes
            raise InputError(
                f"it cannot be read: {_words(error)}", reason="unreadable", where=self.name
            ) from error


def is_address(given: str) -> bool:
    """Whether an argument is an address and not a path."""
    return _ADDRESS.match(given) is not None


def shown(given: str) -> str:
    """An address as it may be shown and kept: no password, no query (keys are passed in it; a
    question mark alone stands for a letter of a pattern)."""
    address = re.sub(r"\?[^/?=]*=.*", "", given)
    return re.sub(r"(://[^/@:]*):[^/@]*@", r"\1@", address)


def remote(given: str) -> list[Remote]:
    """The objects that an address names: one, those of a pattern, or all below a folder.

    Raises:
        InputError: there is none, a package is missing, or the storage does not answer.
    """
    match = _ADDRESS.match(given)
    scheme = match["scheme"].lower() if match else ""
    name = shown(given)
    if scheme in ("http", "https"):
        raise InputError(
            "pages are not read from the web by this command",
            where=name,
            do="Save the page and give its file, or follow a feed with: whowhom watch",
            reason="missing",
        )
    if "::" in scheme:
        raise InputError(
            "an address within an address is not read", where=name, do="Give one", reason="missing"
        )
    try:
        from fsspec.core import url_to_fs
        from fsspec.registry import known_implementations
    except ImportError as error:
        raise InputError(
            "object storage needs fsspec",
            where=name,
            do="Install it: pip install 'whowhom[remote]'",
            reason="missing",
        ) from error
    try:
        system, path = url_to_fs(given)
    except ImportError as error:
        hint = known_implementations.get(scheme, {}).get("err", str(error))
        raise InputError(
            f"a package for {scheme}:// is missing", where=name, do=f"{hint}.", reason="missing"
        ) from error
    except ValueError as error:
        raise InputError(
            f"no storage is known by {scheme}://",
            where=name,
            do="Give a path, or an address like s3://bucket/folder",
            reason="missing",
        ) from error
    try:
        paths = list(_listed(system, path))
    except FileNotFoundError:
        paths = []
    except Exception as error:  # each storage has its own classes
        raise InputError(
            f"it cannot be listed: {_words(error)}",
            where=name,
            do="Are the address and your access to it right?",
            reason="unreadable",
        ) from error
    if not paths:
        raise InputError("there is no such object or folder", where=name, reason="missing")
    host = urlsplit(name).netloc
    return [Remote(_name(scheme, host, each), each, system) for each in paths]


def _listed(system: Any, path: str) -> Iterator[str]:
    """Files in the order of their names; hidden ones in a folder are left out, as on a disk."""
    if has_magic(path):
        found = system.glob(path, detail=True)
        yield from sorted(name for name, info in found.items() if info["type"] == "file")
        return
    if system.info(path)["type"] == "file":
        yield path
        return
    root = path.rstrip("/")
    for name in sorted(system.find(path)):
        inner = name[len(root) :] if name.startswith(root) else name
        if "/." not in f"/{inner.lstrip('/')}":
            yield name


def _name(scheme: str, host: str, path: str) -> str:
    """The address of an object: some systems leave the host in its path, some take it out."""
    bare = path.lstrip("/")
    if host and bare != host and not bare.startswith(f"{host}/"):
        return f"{scheme}://{host}/{bare}"
    return f"{scheme}://{bare}"


def _words(error: Exception) -> str:
    said = shown(" ".join(str(error).split()))[:200]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
