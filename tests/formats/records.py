"""Records to be written in other formats: what these can hold, and what they cannot."""

from __future__ import annotations

from typing import Any

from whowhom.codebook.loading import load
from whowhom.formats import imported


def party(
    text: str, country: str | None = None, sector: str | None = None, **more: Any
) -> dict[str, Any]:
    return imported.party(text, source="test", country=country, sector=sector, **more)


def record(
    event_type: str = "ASSAULT",
    mode: str | None = None,
    *,
    actors: list[dict[str, Any]] | None = None,
    recipients: list[dict[str, Any]] | None = None,
    key: str = "1",
    status: str = "actual",
    **more: Any,
) -> dict[str, Any]:
    """A coded record: its document, evidence and reasons are those of a text."""
    made = imported.record(
        source="test",
        key=key,
        event_type=event_type,
        mode=mode,
        actors=[party("Kenyan troops", "KEN", "MIL")] if actors is None else actors,
        recipients=[party("the militants", "SOM", "REB")] if recipients is None else recipients,
        date=more.pop("date", "2020-03-05"),
        published=more.pop("published", "2020-03-06"),
        outlet=more.pop("outlet", "The Lantern"),
        url=more.pop("url", "https://lantern.example/1"),
        **more,
    )
    made["status"] = status
    made["evidence"]["sentence"] = 2
    made["evidence"]["sentence_text"] = "Kenyan troops shelled the militants."
    return made


def every_pair() -> list[tuple[str, str | None]]:
    """All types of PLOVER, bare and with each of their modes."""
    return [
        (name, mode) for name, kind in load().types.items() for mode in (None, *sorted(kind.modes))
    ]
