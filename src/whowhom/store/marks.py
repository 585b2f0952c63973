"""A user's marks on events: right, wrong, or how to mend it.

Each mark is a small file of its own in the folder ``marks`` of the store, written under a
temporary name and renamed: marking needs no lock, disturbs no run, and loses nothing.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from whowhom.errors import UsageError
from whowhom.store.segment import write_atomically, write_error

Verdict = Literal["right", "wrong", "mend"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
MARKS = "marks"
MOST_CHARACTERS = 2000
"""Characters of a note or of what to mend: a remark, not a document."""
_NAME = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}\.json")
_EVENT = re.compile(r"[0-9A-Za-z_.:-]{1,80}")


@dataclass(frozen=True, slots=True)
class Mark:
    """What somebody said of an event. ``mend``: fields and the values that they should have."""

    event_id: str
    verdict: Verdict
    note: str = ""
    mend: Mapping[str, Any] | None = None
    marker: str = "user"
    marked_at: str = ""


def write_mark(
    store: Path,
    event_id: str,
    verdict: str,
    *,
    note: str = "",
    mend: Mapping[str, Any] | None = None,
    marker: str = "user",
) -> Mark:
    """Keep a mark; it is durable when this returns. A later one of the same marker replaces it.

    Raises:
        UsageError: the verdict is none of right, wrong, mend; or a text is too long.
        StoreError: the disk cannot be written.
    """
    if verdict not in VERDICTS:
        raise UsageError(
            f"{verdict!r} is no verdict", do=f"Say one of these: {', '.join(VERDICTS)}."
        )
    if not _EVENT.fullmatch(event_id):
        raise UsageError(f"{event_id!r} is no event id")
    if max(len(note), len(json.dumps(mend or {})), len(marker)) > MOST_CHARACTERS:
        raise UsageError(f"a mark holds at most {MOST_CHARACTERS:,} characters")
    now = dt.datetime.now(dt.UTC)
    mark = Mark(event_id, verdict, note, mend, marker, now.isoformat(timespec="microseconds"))
    folder = store / MARKS
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise write_error(error, folder, do="Make room, then mark again.") from error
    name = f"{_stamp(folder, now):%Y%m%dT%H%M%S%f}-{os.urandom(4).hex()}.json"
    write_atomically(folder / name, json.dumps(asdict(mark), ensure_ascii=False).encode() + b"\n")
    return mark


def _stamp(folder: Path, now: dt.datetime) -> dt.datetime:
    """The time for the name of the next mark: the order of names is that of marking, also where
    the clock was set back since the one before."""
    last = max((p.name for p in folder.glob("*.json") if _NAME.fullmatch(p.name)), default=None)
    if last is None:
        return now
    before = dt.datetime.strptime(last[:21], "%Y%m%dT%H%M%S%f").replace(tzinfo=dt.UTC)
    return max(now, before + dt.timedelta(microseconds=1))


def read_marks(store: Path) -> Iterator[Mark]:
    """The marks that hold: the newest of each event and marker, oldest first."""
    newest: dict[tuple[str, str], Mark] = {}
    for path in sorted((store / MARKS).glob("*.json")):
        try:
            data = json.loads(path.read_bytes())
            mark = Mark(**data)
        except (OSError, ValueError, TypeError):
            continue  # a torn file is no mark; writing is atomic, so this was not ours
        if mark.verdict not in VERDICTS:
            continue
        key = (mark.event_id, mark.marker)
        newest.pop(key, None)
        newest[key] = mark
    yield from newest.values()
