"""Is a text a report, an opinion, live coverage or something else?

The document's own field is believed first, then its address, its title and, with care, its
words: judgement, necessity and calls to act outside quotation marks, less the
language of reporting. The cues are data, in ``data/language/genre.toml``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from whowhom.model import Genre
from whowhom.read.words import load

_GENRES: tuple[Genre, ...] = ("report", "opinion", "live", "other")
_QUOTED = re.compile(
    r"“[^”\n]{25,1500}(?:”|$)|\"[^\"\n]{25,1500}(?:\"|$)|(?<!\w)‘[^’\n]{25,600}’(?!\w)"
    r"|^[A-Z][A-Z.' ]{1,40}:.*$",
    re.MULTILINE,
)
"""Quotations (to the paragraph's end where the next one goes on) and the turns of a
transcript; not the one or two words that an author holds at arm's length."""
_WORD = re.compile(r"\w+")
_PARTS = re.compile(r"[/;,>|:]|\s-\s")


@dataclass(frozen=True, slots=True)
class Cue:
    """One kind of sign: hits per 1,000 words, cut at ``cap``, times ``weight``."""

    name: str
    weight: float
    cap: float
    pattern: re.Pattern[str]

    def score(self, text: str, words: int) -> float:
        hits = sum(1 for _ in self.pattern.finditer(text))
        return self.weight * min(self.cap, 1000 * hits / words)


@dataclass(frozen=True, slots=True)
class Cues:
    """``data/language/genre.toml``, typed."""

    field: Mapping[str, Genre]  # a field's value -> genre
    path: Mapping[str, Genre]  # a part of an address's path -> genre
    title: tuple[tuple[re.Pattern[str], Genre], ...]
    opinion: tuple[Cue, ...]
    report: tuple[Cue, ...]
    min_words: int
    full_words: int
    min_part: float
    max_characters: int
    threshold: float
    min_kinds: int


@functools.cache
def cues() -> Cues:
    """The cues of genre, loaded once."""
    data = load("language/genre.toml")
    text = data["text"]

    def by_word(table: str) -> dict[str, Genre]:
        return {word: genre for genre in _GENRES for word in data[table].get(genre, ())}

    def kinds(name: str) -> tuple[Cue, ...]:
        return tuple(
            Cue(
                row["name"],
                row["weight"],
                row["cap"],
                # on text in lower case: three times faster than matching without regard to case
                re.compile("|".join(f"(?:{p})" for p in row["patterns"])),
            )
            for row in text[name]
        )

    return Cues(
        field=by_word("field"),
        path=by_word("path"),
        title=tuple(
            (re.compile(pattern, re.IGNORECASE), genre)
            for genre in _GENRES
            for pattern in data["title"].get(genre, ())
        ),
        opinion=kinds("cue"),
        report=kinds("report"),
        min_words=text["min_words"],
        full_words=text["full_words"],
        min_part=text["min_part"],
        max_characters=text["max_characters"],
        threshold=text["threshold"],
        min_kinds=text["min_kinds"],
    )


def genre_of(
    fields: tuple[str, ...],
    url: str | None,
    title: str | None,
    text: str,
    default: Genre | None,
) -> Genre:
    """The genre: the field's, else ``default``, else what address, title and words show."""
    return (
        _from_fields(fields)
        or default
        or _from_url(url)
        or _from_title(title)
        or ("opinion" if is_opinion(text) else "report")
    )


def _from_fields(fields: tuple[str, ...]) -> Genre | None:
    known = cues().field
    for value in fields:
        whole = value.strip().casefold()
        for part in (whole, *(p.strip() for p in _PARTS.split(whole))):
            if part in known:
                return known[part]
    return None


def _from_url(url: str | None) -> Genre | None:
    if not url:
        return None
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    known = cues().path
    for part in path.lower().split("/")[1:-1]:  # the last part is the article's own name
        if part in known:
            return known[part]
    return None


def _from_title(title: str | None) -> Genre | None:
    if not title:
        return None
    return next((genre for pattern, genre in cues().title if pattern.search(title)), None)


def scores(text: str) -> tuple[float, dict[str, float]]:
    """The score of a text's words for opinion, and its parts by kind of cue."""
    table = cues()
    own = _QUOTED.sub(" ", text[: table.max_characters]).lower()
    words = sum(1 for _ in _WORD.finditer(own))
    if words < table.min_words:
        return 0.0, {}
    words = max(words, table.full_words)
    parts = {cue.name: cue.score(own, words) for cue in table.opinion}
    parts |= {cue.name: -cue.score(own, words) for cue in table.report}
    return sum(parts.values()), parts


def is_opinion(text: str) -> bool:
    """True where a text's own words judge, argue and call to act more than they report."""
    score, parts = scores(text)
    speaking = sum(1 for part in parts.values() if part >= cues().min_part)
    return score >= cues().threshold and speaking >= cues().min_kinds
