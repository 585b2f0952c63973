"""What ``whowhom.code`` does: documents in, events out, a coder kept in memory."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from .engine.machine import loading
from .errors import InputError
from .model import Document, Event, Rejection, Skipped
from .pipeline import Coder
from .read import documents_from, read_text
from .store.events import Events


@lru_cache(maxsize=1)
def default_coder() -> Coder:
    """The coder with the shipped codebook and tables, loaded at the first call."""
    with loading():
        return Coder()


def code_all(
    source: object, *, date: dt.date | str | None, outlet: str | None, coder: Coder | None
) -> Events:
    """See :func:`whowhom.code`."""
    chosen = coder if coder is not None else default_coder()
    events: list[Event] = []
    rejections: list[Rejection] = []
    skipped: list[Skipped] = []
    published = _day(date)
    for item in documents_from(source):
        if isinstance(item, Skipped):
            skipped.append(item)
            continue
        try:
            coded = chosen.code(_with_defaults(item, published, outlet))
        except InputError as error:
            if error.reason != "other_language":
                raise
            skipped.append(Skipped(item.source, error.reason, str(error), item.id))
            continue
        events.extend(coded.events)
        rejections.extend(coded.rejections)
    return Events(events, rejections, skipped)


def _day(date: dt.date | str | None) -> dt.date | None:
    if date is None or isinstance(date, dt.date):
        return date
    try:
        return dt.date.fromisoformat(date)
    except ValueError as error:
        raise InputError(
            f'"{date}" is no date', where="date", do="Write it as 2015-10-23.", reason="bad_date"
        ) from error


def _with_defaults(document: Document, published: dt.date | None, outlet: str | None) -> Document:
    if (document.published or not published) and (document.outlet or not outlet):
        return document
    return read_text(
        document.text,
        title=document.title,
        published=document.published or published,
        outlet=document.outlet or outlet,
        id=document.id,
        genre=document.genre,
    )
