"""Is a text a report, an opinion, live coverage or something else?"""

from __future__ import annotations
from whowhom.model import Genre


def genre_of(
    fields: tuple[str, ...], url: str | None, title: str | None, text: str, default: Genre | None
) -> Genre:
    return default or "report"
