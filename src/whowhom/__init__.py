"""Political event data from news text: who did what to whom, when, where, according to whom.

>>> import whowhom
>>> events = whowhom.code(
...     "Kenya accused Somalia on Monday of shelling a border post.", date="1998-03-04"
... )
>>> [(event.event_type, event.status, str(event.date)) for event in events]
[('ACCUSE', 'actual', '1998-03-02'), ('ASSAULT', 'actual', 'None')]
>>> events[0].actors[0].country, events[0].recipients[0].country
('KEN', 'SOM')
"""

from __future__ import annotations

import datetime as dt
import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import (
    CodebookError,
    DataError,
    InputError,
    StoreError,
    StoreLocked,
    UsageError,
    WhowhomError,
)

if TYPE_CHECKING:
    from .model import Coded, Document, Event, Party, Rejection
    from .pipeline import Coder
    from .store import Store
    from .store.events import Events

__all__ = [
    "CodebookError",
    "Coded",
    "Coder",
    "DataError",
    "Document",
    "Event",
    "Events",
    "InputError",
    "Party",
    "Rejection",
    "Store",
    "StoreError",
    "StoreLocked",
    "UsageError",
    "WhowhomError",
    "__version__",
    "analyse",
    "code",
    "open",
]

# loaded when first asked for: the parser takes a second, and `whowhom --help` needs none of it
_LAZY = {
    **dict.fromkeys(("Coded", "Document", "Event", "Party", "Rejection"), "model"),
    "Coder": "pipeline",
    "Events": "store.events",
    "Store": "store",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(f".{_LAZY[name]}", __name__), name)
    if name == "analyse":  # a module of functions, as large as a library of its own
        return importlib.import_module(".analyse", __name__)
    if name == "__version__":
        from .pipeline import package_version

        return package_version()
    raise AttributeError(f"module 'whowhom' has no attribute {name!r}")


def code(
    source: object,
    *,
    date: dt.date | str | None = None,
    outlet: str | None = None,
    coder: Coder | None = None,
) -> Events:
    """The events of a text, a document, or an iterable or table of documents.

    Args:
        source: a string (one document), a :class:`Document`, a mapping with at least
            ``text``, an iterable of these, or a data frame with a column ``text``.
        date: day of publication where the document has none; relative dates need it.
        outlet: who published it, where the document does not say.
        coder: a loaded :class:`Coder` to use; None uses one that is kept in memory.

    Returns:
        The events in text order, with ``.rejections`` and ``.skipped`` beside them.

    Raises:
        InputError: ``source`` is nothing that can be coded, or the date is not readable.
    """
    from .api import code_all

    return code_all(source, date=date, outlet=outlet, coder=coder)


def open(store: str | Path) -> Store:
    """A store for reading: ``open(folder).sql("SELECT ...")``, ``.events()``.

    Raises:
        StoreError: the folder is no store, or was written by a newer version.
    """
    from .store import open_store

    return open_store(store)
