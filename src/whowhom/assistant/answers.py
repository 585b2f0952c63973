"""What an assistant is told of a store. Every answer is a plain dict, bounded in size.

Words of articles stand under ``from_article`` (:mod:`whowhom.assistant.quoting`); codes, days,
counts and ids stand beside it. Every event carries its sentence, its status and who says so.
"""

# ruff: noqa: S608 - SQL is put together from fixed pieces; every value is bound
from __future__ import annotations

import datetime as dt
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from whowhom import analyse
from whowhom.analyse import Filter, label
from whowhom.analyse.counts import between
from whowhom.analyse.filters import nearest, party
from whowhom.assistant.quoting import FROM_ARTICLE, cleaned, names
from whowhom.codebook import Codebook
from whowhom.errors import UsageError
from whowhom.settings import ASSISTANT, AssistantSettings
from whowhom.web.shelf import Shelf

if TYPE_CHECKING:
    from whowhom.store import Store

Answer = dict[str, Any]
SORTS: Mapping[str, str] = {
    "newest": "shown desc nulls last, event_id",
    "oldest": "shown nulls last, event_id",
    "surest": "confidence desc, event_id",
    "doubtful": "confidence, event_id",
}
INCIDENT_SORTS: Mapping[str, str] = {
    "newest": "i.shown desc nulls last, i.reports desc, i.incident",
    "oldest": "i.shown nulls last, i.reports desc, i.incident",
    "most_told": "i.independent desc, i.reports desc, i.incident",
}
_FIGURES = ("killed", "injured", "arrested", "crowd")


class Desk:
    """A store and a codebook that are asked. Safe for threads; reads and never writes."""

    def __init__(
        self, store: Store, codebook: Codebook, settings: AssistantSettings = ASSISTANT
    ) -> None:
        """``store`` must be merged: :func:`whowhom.merge.ensure`."""
        self.store, self.codebook, self.settings = store, codebook, settings
        self.shelf = Shelf(store, seconds=settings.query_seconds)

    def close(self) -> None:
        self.shelf.close()

    # ------------------------------------------------------------------ asking
    def filter(self, asked: Mapping[str, Any]) -> Filter:
        """The filter of the names that :class:`Filter` has in a URL; None and empty are open.

        Raises:
            UsageError: a value that cannot be right; the error names the nearest right one.
        """
        pairs: list[tuple[str, str]] = []
        for name, value in asked.items():
            if value is None:
                continue
            values = value if isinstance(value, list | tuple) else [value]
            pairs += [(name, str(item)) for item in values]
        return Filter.from_query(pairs, types=(*self.shelf.types, *self.codebook.types))

    def page(self, limit: int | None, offset: int) -> tuple[int, int]:
        """How many rows, from which on.

        Raises:
            UsageError: less than one, or beyond what can be leafed through.
        """
        most = self.settings.most_rows
        chosen = self.settings.default_rows if limit is None else limit
        if not 1 <= chosen <= most:
            raise UsageError(f"limit: {chosen} rows", do=f"Ask for 1 to {most}.")
        if not 0 <= offset <= self.settings.most_offset:
            raise UsageError(
                f"offset: {offset}",
                do=f"Ask for 0 to {self.settings.most_offset}; filter to see what lies beyond.",
            )
        return chosen, offset

    # ------------------------------------------------------------------ events
    def search_events(
        self,
        asked: Mapping[str, Any],
        *,
        between_parties: Sequence[str] | None = None,
        incident: str | None = None,
        sort: str = "newest",
        limit: int | None = None,
        offset: int = 0,
    ) -> Answer:
        """Events as reported, each with its sentence.

        Raises:
            UsageError: a wrong value.
            TooSlow: it takes too long.
        """
        if sort not in SORTS:
            raise nearest("sort", sort, SORTS)
        rows, first = self.page(limit, offset)
        filter_ = self.filter(asked)
        where, values = filter_.where()
        if between_parties is not None:
            if len(between_parties) != 2:
                raise UsageError("between: it takes two parties", do='Write ["USA", "RUS"].')
            condition, more = between(*between_parties)
            where, values = f"{where} and {condition}", [*values, *more]
        if incident:
            where, values = f"{where} and r.incident = ?", [*values, incident]
        total = self.shelf.ask(f"select count(*) as n from reports r where {where}", values)[0]["n"]
        found = self.shelf.ask(
            f"select * from reports r where {where} order by {SORTS[sort]} limit ? offset ?",
            [*values, rows, first],
        )
        head = {"total": total, "counted": counted(filter_), "offset": first}
        return self.paged(head, "events", [self.event(row) for row in found], total)

    def event(self, row: Mapping[str, Any]) -> Answer:
        """A row of ``reports`` as an assistant reads it."""
        most = self.settings.most_names
        told: Answer = {
            "event_id": row["event_id"],
            "incident_id": row["incident"],
            "type": row["event_type"],
            "mode": row["mode"],
            "quad": row["quad"],
            "score": row["score"],
            "status": row["status"],
            "voice": row["voice"],
            "day": _day(row["day"]),
            "day_from": row["date_from"],
            "actors": _keys(row["actors"], most),
            "recipients": _keys(row["recipients"], most),
            "confidence": _two(row["confidence"]),
            "decided_by": row["rule"] or row["model"],
            "copy_of_another_text": row["copy"],
        }
        figures = _figures(row)
        if figures:
            told["figures"] = figures
        told[FROM_ARTICLE] = {
            "sentence": row["text"],
            "act": row["trigger"],
            "actors": names(row["actor_names"], most),
            "recipients": names(row["recipient_names"], most),
            # outermost first; empty: the document says it in its own voice
            "according_to": names(row["speaker_names"], most),
            "said_how": names(row["cues"], most),
            "place": ", ".join(filter(None, (row["place"], row["place_country"]))) or None,
            "outlet": row["outlet"],
            "published": _day(row["published"]),
            "title": row["title"],
            "url": row["url"],
            "document_id": row["document_id"],
        }
        return told

    def explain_event(self, event_id: str) -> Answer:
        """One event whole: sentence, offsets, the chain of who says so, rule and codebook.

        Raises:
            UsageError: there is no such event.
        """
        found = self.shelf.records([event_id])
        if not found:
            raise UsageError(
                f"event_id: there is no event {event_id[:80]!r}",
                do="Take an event_id from search_events.",
            )
        record = found[0]
        evidence, why, document = record["evidence"], record["why"], record["document"]
        answer: Answer = {
            "event_id": record["id"],
            "type": record["event_type"],
            "mode": record["mode"],
            "quad": record["quad"],
            "score": record["score"],
            "contexts": record["contexts"],
            "status": record["status"],
            "status_means": words()["status"].get(record["status"]),
            "voice": record["voice"],
            "voice_means": words()["voice"].get(record["voice"]),
            "day": record["date"],
            "end_day": record["end_date"],
            "day_from": record["date_from"],
            "figures": {k: v for k, v in record["magnitudes"].items() if k in _FIGURES and v},
            "money": [
                {
                    **{name: money[name] for name in ("amount", "currency", "per")},
                    FROM_ARTICLE: {"words": money["text"]},
                }
                for money in record["magnitudes"]["money"][: self.settings.most_names]
            ],
            "place": _place(record["place"]),
            "offsets": {
                "counted_in": f"characters of the article's {evidence['part']}, before cleaning",
                "sentence": [evidence["start"], evidence["end"]],
                "act": [evidence["trigger"]["start"], evidence["trigger"]["end"]],
                "sentence_number": evidence["sentence"],
            },
            "decided_by": {
                "frame": why["rule"],
                "model": why["model"],
                "confidence": _two(why["confidence"]),
                "runner_up": why["runner_up"],
                "coder": record["coder"],
            },
            "codebook": self._ruling(record["event_type"], record["mode"], why["rule"]),
            FROM_ARTICLE: {
                "sentence": evidence["sentence_text"],
                "act": evidence["trigger"]["text"],
                "actors": self._parties(record["actors"]),
                "recipients": self._parties(record["recipients"]),
                "according_to": [
                    {
                        "speaker": _party(link["speaker"]) if link["speaker"] else None,
                        "said_how": link["cue"],
                        "in_quotation_marks": link["quoted"],
                        "offsets": [link["start"], link["end"]],
                    }
                    for link in record["attribution"][: self.settings.most_names]
                ],
                "day_in_words": record["date_text"],
                "document": {
                    name: document[name] for name in ("id", "title", "outlet", "url", "published")
                },
            },
        }
        answer["same_incident"] = self._others(record["incident"], record["id"])
        marks = [m for m in self.shelf.marks() if m.event_id == record["id"]]
        if marks:
            answer["marked_by_users"] = [
                {"verdict": m.verdict, "by": m.marker, "note": m.note} for m in marks
            ][: self.settings.examples]
        return self.bounded(answer)

    def _ruling(self, kind: str, mode: str | None, rule: str | None) -> Answer:
        """What the codebook says of an event's type, mode and frame."""
        known = self.codebook.types.get(kind)
        if known is None:
            return {"type": f"{kind} is not in the codebook {self.codebook.label}"}
        told: Answer = {"codebook": self.codebook.label, "type": known.definition.strip()}
        if mode is not None and mode in known.modes:
            told["mode"] = known.modes[mode].definition.strip()
        for frame in known.frames:
            if frame.id == rule:
                told["frame_matches_like"] = list(frame.match[:2])
                told["frame_does_not_match"] = list(frame.reject[:2])
        return told

    def _others(self, incident: str | None, event_id: str) -> Answer | None:
        """Other reports of an incident: how many, and the sentences of some."""
        if incident is None:
            return None
        rows = self.shelf.ask(
            "select *, count(*) over () as all_of_them from reports where incident = ? and "
            "event_id <> ? order by copy, confidence desc, event_id limit ?",
            [incident, event_id, self.settings.examples],
        )
        return {
            "incident_id": incident,
            "other_reports": rows[0]["all_of_them"] if rows else 0,
            "some_of_them": [
                {
                    "event_id": row["event_id"],
                    "status": row["status"],
                    FROM_ARTICLE: {
                        "sentence": row["text"],
                        "outlet": row["outlet"],
                        "according_to": names(row["speaker_names"], self.settings.most_names),
                    },
                }
                for row in rows
            ],
        }

    def _parties(self, parties: Sequence[Mapping[str, Any]]) -> list[Answer]:
        return [_party(p) for p in parties[: self.settings.most_names]]

    # ------------------------------------------------------------------ series
    def series_of_pair(
        self,
        a: str,
        b: str,
        asked: Mapping[str, Any],
        *,
        by: str = "week",
        unit: str = "incidents",
        directed: bool = False,
    ) -> Answer:
        """The course of what passes between two parties, and sentences of its busiest period.

        Raises:
            UsageError: a wrong value, or more periods than an answer holds.
            TooSlow: it takes too long.
        """
        filter_, a, b = self.filter(asked), party(a, field="a"), party(b, field="b")
        table = self.shelf.table(analyse.series, a, b, filter_, by=by, unit=unit, directed=directed)
        if table.num_rows > self.settings.most_periods:
            raise UsageError(
                f"{table.num_rows} periods of a {by}",
                do=f"An answer holds {self.settings.most_periods}: ask by a longer period, "
                "or set since and until.",
            )
        rows = [
            {
                "from": _day(row["period"]),
                "to": _day(row["end"]),
                "count": row["count"],
                "mean_score": _two(row["score"]),
                **{
                    quad: row[quad]
                    for quad in (
                        "verbal_cooperation",
                        "material_cooperation",
                        "verbal_conflict",
                        "material_conflict",
                    )
                    if row[quad]
                },
            }
            for row in table.to_pylist()
        ]
        answer: Answer = {
            "a": {"key": a, "label": label(a)},
            "b": {"key": b, "label": label(b)},
            "by": by,
            "unit": unit,
            "directed": directed,
            "counted": counted(filter_),
            "score": "PLOVER's conflict-cooperation score, -10 (war) to +10; the mean of a period",
            "total": sum(row["count"] for row in rows),
        }
        # quiet periods are told by number, not one by one
        answer["periods_without_any"] = sum(1 for row in rows if not row["count"])
        answer["periods"] = [row for row in rows if row["count"]]
        if answer["periods"]:
            busiest = max(answer["periods"], key=lambda row: (row["count"], row["from"]))
            answer["evidence"] = {
                "of_the_busiest_period": busiest["from"],
                "events": self._between(a, b, filter_, busiest, directed=directed),
            }
        return self.bounded(answer)

    def _between(
        self, a: str, b: str, filter_: Filter, row: Mapping[str, Any], *, directed: bool
    ) -> list[Answer]:
        where, values = filter_.replace(since=row["from"], until=row["to"]).where()
        condition, more = between(a, b, directed=directed)
        found = self.shelf.ask(
            f"select * from reports r where {where} and {condition} "
            "qualify row_number() over (partition by incident order by copy, confidence desc, "
            "event_id) = 1 order by confidence desc, event_id limit ?",
            [*values, *more, self.settings.examples],
        )
        return [self.event(row) for row in found]

    # --------------------------------------------------------------- incidents
    def incidents(
        self,
        asked: Mapping[str, Any],
        *,
        disputed_only: bool = False,
        sort: str = "newest",
        limit: int | None = None,
        offset: int = 0,
    ) -> Answer:
        """Incidents that have a matching report, each with the sentence that tells it best.

        Raises:
            UsageError: a wrong value.
            TooSlow: it takes too long.
        """
        if sort not in INCIDENT_SORTS:
            raise nearest("sort", sort, INCIDENT_SORTS)
        rows, first = self.page(limit, offset)
        filter_ = self.filter(asked)
        where, values = filter_.where()
        condition = f"i.incident in (select incident from reports r where {where})"
        if disputed_only:
            condition += " and (i.disputed or i.denied)"
        total = self.shelf.ask(f"select count(*) as n from incidents i where {condition}", values)[
            0
        ]["n"]
        found = self.shelf.ask(
            f"select * from incidents i where {condition} order by {INCIDENT_SORTS[sort]} "
            "limit ? offset ?",
            [*values, rows, first],
        )
        head = {"total": total, "counted": counted(filter_), "offset": first}
        return self.paged(head, "incidents", [self._incident(row) for row in found], total)

    def _incident(self, row: Mapping[str, Any]) -> Answer:
        most = self.settings.most_names
        return {
            "incident_id": row["incident"],
            "lead_event_id": row["lead"],
            "type": row["event_type"],
            "mode": row["mode"],
            "quad": row["quad"],
            "score": row["score"],
            "status": row["status"],
            "day": _day(row["day"]),
            "actors": _keys(row["actors"], most),
            "recipients": _keys(row["recipients"], most),
            "reports": row["reports"],
            "independent_reports": row["independent"],
            "figures": _figures(row),
            "figures_disputed": row["disputed"],
            "denied_by_somebody": row["denied"],
            FROM_ARTICLE: {
                "sentence": row["text"],
                "actors": names(row["actor_names"], most),
                "recipients": names(row["recipient_names"], most),
                "place": ", ".join(filter(None, (row["place"], row["place_country"]))) or None,
                "outlets": row["outlets"][:most],
                "number_of_outlets": len(row["outlets"]),
                "how_outlets_have_it": [
                    {"outlet": s["outlet"], "status": s["status"], "reports": s["reports"]}
                    for s in row["standings"][:most]
                ],
                "figures_and_who_claims_them": [
                    {
                        "what": c["kind"],
                        "low": c["low"],
                        "high": c["high"],
                        "claimed_by": c["claimant"],
                        "in": c["outlet"],
                    }
                    for c in row["figures"][:most]
                ],
            },
        }

    # ------------------------------------------------------------------ overview
    def ledger_summary(self) -> Answer:
        """What was read, what became of it, and how far to trust it."""
        measures: dict[str, list[Answer]] = {}
        for row in self.shelf.table(analyse.quality).to_pylist():
            told = {"count": row["count"], "of": row["total"], "share": _two(row["share"])}
            if row["value"]:
                told = {"value": row["value"], **told}
            measures.setdefault(row["measure"], []).append(told)
        outlets = self.shelf.table(analyse.coverage).to_pylist()
        whole = next((row for row in outlets if row["whole"]), None)
        named = [row for row in outlets if not row["whole"]]
        return self.bounded(
            {
                "documents": whole["documents"] if whole else 0,
                "events": self.shelf.size,
                "first_published": _day(whole["first"]) if whole else None,
                "last_published": _day(whole["last"]) if whole else None,
                "damaged_segments_left_out": len(self.store.troubles),
                "measures": measures,
                "number_of_outlets": len(named),
                FROM_ARTICLE: {
                    "outlets": [
                        {
                            "outlet": row["outlet"],
                            "documents": row["documents"],
                            "events": row["events"],
                            "first": _day(row["first"]),
                            "last": _day(row["last"]),
                        }
                        for row in named[: self.settings.most_rows]
                    ]
                },
                "codebook_of_the_tools": self.codebook.label,
            }
        )

    def parties(self, name: str | None = None, *, limit: int | None = None) -> Answer:
        """The keys of parties, and how often each appears; ``name`` narrows them.

        Raises:
            UsageError: a wrong value.
            TooSlow: it takes too long.
        """
        from whowhom.analyse.names import code_of

        rows, _ = self.page(limit, 0)
        table = self.shelf.table(analyse.actors, Filter(statuses=("all",)), unit="incidents")
        found = table.to_pylist()
        if name is not None and name.strip():
            asked = name.strip().casefold()
            code = code_of(name) or name.strip().upper()
            found = [
                row
                for row in found
                if row["actor"].split(" ")[0] == code.split(" ")[0]
                or asked in label(row["actor"]).casefold()
                or asked in (row["name"] or "").casefold()
            ]
        return self.bounded(
            {
                "total": len(found),
                "parties": [
                    {
                        "key": row["actor"],
                        "label": label(row["actor"]),
                        "incidents": row["count"],
                        "acts": row["acts"],
                        "is_acted_upon": row["receives"],
                        "first": _day(row["first"]),
                        "last": _day(row["last"]),
                        FROM_ARTICLE: {"often_called": row["name"]},
                    }
                    for row in found[:rows]
                ],
                "note": "KEN is the state, KEN REB its rebels, KEN * every party of the country. "
                "Parties without a country have no key and are not listed.",
            }
        )

    # ------------------------------------------------------------------ codebook
    def codebook_lookup(self, kind: str | None = None, mode: str | None = None) -> Answer:
        """The types of the codebook; or one, with its modes and examples.

        The examples are the codebook's own; no article wrote them.

        Raises:
            UsageError: there is no such type or mode.
        """
        book = self.codebook
        if kind is None:
            return self.bounded(
                {
                    "codebook": book.label,
                    "types": [
                        {
                            "type": t.name,
                            "quad": t.quad,
                            "score": t.score,
                            "modes": list(t.modes),
                            "definition": t.definition.strip(),
                        }
                        for t in book.types.values()
                    ],
                    "statuses": dict(words()["status"]),
                    "voices": dict(words()["voice"]),
                }
            )
        found = book.types.get(kind.strip().upper())
        if found is None:
            raise nearest("type", kind, book.types)
        if mode is not None and mode not in found.modes:
            raise nearest("mode", mode, found.modes)
        frames = [f for f in found.frames if mode is None or f.mode == mode]
        return self.bounded(
            {
                "codebook": book.label,
                "type": found.name,
                "quad": found.quad,
                "score": found.score,
                "definition": found.definition.strip(),
                "notes": list(found.notes),
                "modes": [
                    {"mode": m.name, "score": m.score, "definition": m.definition.strip()}
                    for m in found.modes.values()
                    if mode is None or m.name == mode
                ],
                "frames": len(frames),
                "examples": [f.match[0] for f in frames if f.match][: self.settings.default_rows],
                "counter_examples": [f.reject[0] for f in frames if f.reject][
                    : self.settings.default_rows
                ],
            }
        )

    # ------------------------------------------------------------------ bounds
    def paged(self, head: Answer, name: str, rows: Sequence[Answer], total: int) -> Answer:
        """Rows with what is needed to ask for the next; those that do not fit are left for it."""
        kept = [self._clean(row) for row in rows]
        head = {**head, "parties": _legend(kept)}
        room = self.settings.answer_characters - _size(head) - 200
        sizes = [_size(row) + 2 for row in kept]
        while len(kept) > 1 and sum(sizes[: len(kept)]) > room:
            kept.pop()
        head["parties"] = _legend(kept)
        following = head["offset"] + len(kept)
        more = following if kept and following < total else None
        return {**self._clean(head), name: kept, "next_offset": more}

    def bounded(self, answer: Answer) -> Answer:
        """An answer that fits: its longest list is halved until it does, and that is said."""
        made: Answer = self._clean(answer)
        cut: dict[str, int] = {}
        while _size(made) > self.settings.answer_characters:
            lists = [(_size(v), k) for k, v in made.items() if isinstance(v, list) and len(v) > 1]
            if not lists:
                break
            name = max(lists)[1]
            cut.setdefault(name, len(made[name]))
            made[name] = made[name][: len(made[name]) // 2]
        if cut:
            made["left_out_for_length"] = {name: was - len(made[name]) for name, was in cut.items()}
        return made

    def _clean(self, answer: Answer) -> Answer:
        return _shortened(cleaned(answer, self.settings.sentence_characters), self.settings)


@lru_cache(maxsize=1)
def words() -> Mapping[str, Any]:
    """What an assistant is told in general (``instructions``), and what the values of ``status``
    and ``voice`` mean."""
    text = files("whowhom.data").joinpath("assistant.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def counted(filter_: Filter) -> Answer:
    """What an answer counts: the filter as a URL has it, and the statuses in any case."""
    told: Answer = {}
    for name, value in filter_.to_query():
        told.setdefault(name, []).append(value)
    told["status"] = list(filter_.statuses)
    return told


def _legend(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The keys of rows, and what they are called."""
    keys = {key for row in rows for side in ("actors", "recipients") for key in row[side] if key}
    return {key: label(key) for key in sorted(keys)}


def _shortened(answer: Answer, settings: AssistantSettings) -> Answer:
    """Words of articles cut to what a name may have; sentences keep theirs."""

    def cut(value: Any, name: str) -> Any:
        if isinstance(value, dict):
            return {key: cut(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [cut(item, name) for item in value]
        if isinstance(value, str) and name != "sentence" and len(value) > settings.name_characters:
            return value[: settings.name_characters - 1].rstrip() + "…"
        return value

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: cut(item, key) if key == FROM_ARTICLE else walk(item)
                for key, item in value.items()
            }
        return [walk(item) for item in value] if isinstance(value, list) else value

    made: Answer = walk(answer)
    return made


def _party(party: Mapping[str, Any]) -> Answer:
    return {
        "words": party["text"],
        "name": party["name"],
        "country": party["country"],
        "sector": party["sector"],
        "office": party["office"],
        "known_by": party["resolved_by"],
        "offsets": [party["start"], party["end"]],
    }


def _place(place: Mapping[str, Any] | None) -> Answer | None:
    if place is None:
        return None
    return {
        **{name: place[name] for name in ("country", "lat", "lon", "geonameid", "resolution")},
        FROM_ARTICLE: {"words": place["text"], "name": place["name"], "admin1": place["admin1"]},
    }


def _figures(row: Mapping[str, Any]) -> Answer:
    found = {}
    for kind in _FIGURES:
        low, high = row[f"{kind}_low"], row[f"{kind}_high"]
        if low is not None or high is not None:
            found[kind] = low if low == high else [low, high]
    return found


def _keys(keys: Sequence[str], most: int) -> list[str]:
    return names(keys, most)


def _day(value: dt.date | None) -> str | None:
    return None if value is None else value.isoformat()


def _two(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
