"""What should be changed in an event that was read wrongly, checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from whowhom.errors import UsageError
from whowhom.model import STATUSES


def mended(fields: Mapping[str, str], types: Collection[str]) -> dict[str, Any]:
    """What somebody asks to be changed, as a mark keeps it; what is left empty does not appear.

    Args:
        fields: ``event_type`` (a type, or ``none`` for no event), ``status``, ``actors`` and
            ``recipients`` (keys such as ``KEN REB`` with commas between, ``-`` for nobody),
            ``swap`` (anything: the sides are the wrong way round).
        types: the event types that there are.

    Raises:
        UsageError: one of them is none of those.
    """
    from whowhom.analyse.filters import party

    mend: dict[str, Any] = {}
    kind, status = fields.get("event_type", "").strip(), fields.get("status", "").strip()
    if kind:
        known = {name.casefold(): name for name in (*types, "none")}
        if kind.casefold() not in known:
            raise UsageError(f"{kind[:40]!r} is no event type", do=f"Types: {', '.join(types)}.")
        found = known[kind.casefold()]
        mend["event_type"] = None if found == "none" else found
    if status:
        if status.casefold() not in STATUSES:
            raise UsageError(f"{status[:40]!r} is no status", do=f"One of {', '.join(STATUSES)}.")
        mend["status"] = status.casefold()
    for side in ("actors", "recipients"):
        text = fields.get(side, "").strip()
        if text:
            keys = [part.strip() for part in text.split(",") if part.strip()]
            mend[side] = [] if text == "-" else [party(key, field=side) for key in keys]
    if fields.get("swap"):
        mend["swap"] = True
    return mend
