"""The sentences under a number: rows of ``reports``, best first, as a reader can judge them."""

# ruff: noqa: S608 - the SQL is made of fixed pieces; every value is bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from whowhom.analyse.query import fetch
from whowhom.show.charts.theme import listed
from whowhom.show.charts.words import (
    in_sentence,
    party_in_sentence,
    status_words,
    type_does,
    type_noun,
)
from whowhom.show.report.content import Sentence
from whowhom.show.safe import visible

if TYPE_CHECKING:
    from whowhom.analyse.filters import Filter
    from whowhom.analyse.query import Source

MOST = 12
NO_SENTENCE = "(imported: the data set gives no sentence)"
"""Sentences under one number: what a reader goes through; the explorer has all."""

_COLUMNS = (
    "event_id, title, outlet, url, published, event_type, quad, status, actors, actor_names, "
    "recipients, recipient_names, speakers, speaker_names, cues, text, trigger, trigger_at, "
    "confidence"
)


def sentences(
    source: Source,
    filter_: Filter,
    condition: str = "true",
    values: Sequence[Any] = (),
    *,
    most: int = MOST,
) -> tuple[tuple[Sentence, ...], int]:
    """The reports that match a filter and a condition over ``reports r``, as sentences, and how
    many more there are. Copies of a text and repeats of a sentence are left out; one of each
    outlet comes first, then the surest.
    """
    where, bound = filter_.where("r")
    # a sentence that tells two acts is shown once: its surest event speaks for it
    query = (
        f"with found as (select {_COLUMNS} from reports r where {where} and {condition} "
        "qualify row_number() over (partition by case when text = '' then event_id else text end "
        "order by copy, confidence desc, event_id) = 1), ranked as (select *, row_number() over "
        "(partition by outlet order by confidence desc, event_id) as turn, "
        "count(*) over () as total from found) "
        f"select * from ranked order by turn, confidence desc, event_id limit {int(most)}"
    )
    rows = fetch(source, query, [*bound, *values]).to_pylist()
    total = rows[0]["total"] if rows else 0
    return tuple(sentence_of(row) for row in rows), total - len(rows)


def sentence_of(row: Mapping[str, Any]) -> Sentence:
    text, at = visible(row["text"]) or NO_SENTENCE, row["trigger_at"]
    trigger = visible(row["trigger"])
    if at < 0 or text[at : at + len(trigger)] != trigger:
        at = text.find(trigger)
    if at < 0:
        at, trigger = len(text), ""
    speakers = [
        visible(name or "somebody")
        # "according to" stands before the names anyway
        + (f" ({visible(cue.lower())})" if cue and not cue.lower().endswith((" to", " by")) else "")
        for name, cue in zip(
            row["speaker_names"], [*row["cues"], *[""] * len(row["speaker_names"])], strict=False
        )
    ]
    return Sentence(
        event_id=row["event_id"],
        before=text[:at],
        trigger=trigger,
        after=text[at + len(trigger) :],
        act=act_words(row),
        quad=row["quad"],
        source=visible(row["outlet"] or "no outlet named"),
        title=visible(row["title"] or ""),
        url=web_address(row["url"]),
        published=row["published"],
        says=tuple(speakers),
        status="" if row["status"] == "actual" else status_words(row["status"]),
        confidence=row["confidence"],
    )


def act_words(row: Mapping[str, Any]) -> str:
    """``the United States accuses or criticises Cuba``."""
    actors = _side(row["actors"], row["actor_names"])
    recipients = _side(row["recipients"], row["recipient_names"])
    if not recipients and len(actors) > 1:
        actors, recipients = actors[:1], actors[1:]
    does = type_does(row["event_type"], len(actors))
    if not recipients:
        return f"{listed(actors) or 'not told who'}: {type_noun(row['event_type']).lower()}"
    return f"{listed(actors) or 'somebody'} {does} {listed(recipients)}"


def _side(keys: Sequence[str], names: Sequence[str]) -> list[str]:
    """The parties of a side, each once; one without a country by its words in the text."""
    found = [
        party_in_sentence(key) if key else in_sentence(visible(name))
        for key, name in zip(keys, names, strict=True)
    ]
    return list(dict.fromkeys(found))


def web_address(url: str | None) -> str | None:
    """The address, where it is one that a reader can safely follow (http or https)."""
    if not url:
        return None
    try:
        scheme = urlsplit(url).scheme.lower()
    except ValueError:
        return None
    return url if scheme in ("http", "https") else None
