"""The store: events, rejections, documents and the ledger, kept so that nothing is lost."""

from whowhom.store.events import Events
from whowhom.store.folder import (
    Header,
    Store,
    Writer,
    create_store,
    is_store,
    open_store,
    refuse_second_writer,
)

__all__ = [
    "Events",
    "Header",
    "Store",
    "Writer",
    "create_store",
    "is_store",
    "open_store",
    "refuse_second_writer",
]
