"""From a merged store to the content of a report: numbers, sentences, charts."""

# ruff: noqa: S608 - the SQL is made of fixed pieces; every value is bound

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from whowhom import analyse
from whowhom.analyse.counts import between
from whowhom.analyse.filters import Filter
from whowhom.analyse.names import ERA
from whowhom.analyse.query import fetch
from whowhom.show import charts
from whowhom.show.charts.theme import (
    capital,
    day_words,
    listed,
    number,
    rate,
    short,
    span_words,
)
from whowhom.show.charts.words import (
    figure_words,
    in_sentence,
    ledger_words,
    party_in_sentence,
    party_words,
    rejection_words,
    tenths_words,
    type_many,
    type_noun,
    unit_words,
)
from whowhom.show.report.content import Content, Grid, Item, Section
from whowhom.show.report.evidence import act_words, sentences
from whowhom.show.safe import visible

if TYPE_CHECKING:
    from whowhom.analyse.query import Source
    from whowhom.merge.schema import Unit
    from whowhom.show.charts.theme import Chart

PAIRS, COURSES, TOLD, PLACES, DISPUTES, CLAIMS, DENIALS, OUTLETS = 10, 3, 14, 10, 8, 10, 8, 12
MAPPED = 300  # pins
HEAD = 150  # characters of a sentence as a heading
"""How many of each a report shows: what a reader takes in. The explorer has the rest."""


_BRIEF = ("parties", "course", "figures", "denials", "claims", "told")
"""Order of the summary: what matters most to somebody who reads nothing else."""


def gather(
    source: Source,
    filter_: Filter | None = None,
    *,
    unit: Unit = "incidents",
    title: str | None = None,
    today: dt.date | None = None,
) -> Content:
    """All that a report of a merged store says.

    Args:
        source: a merged store, or a DuckDB connection with its views.
        filter_: which reports count; None is everything that happened.
        unit: what numbers count.
        title: the heading; None is made from parties and days.
        today: the day on the cover; None is the present one.

    Raises:
        StoreError: the store has not been merged.
    """
    return _Gathering(source, filter_ or Filter(), unit).content(title, today)


class _Gathering:
    def __init__(self, source: Source, filter_: Filter, unit: Unit) -> None:
        self.source, self.filter, self.unit = source, filter_, unit
        self.brief: list[tuple[str, str]] = []

    def content(self, title: str | None, today: dt.date | None) -> Content:
        corpus = self._one(
            "select count(*) as documents, count(distinct outlet) as outlets, "
            "min(published) as first, max(published) as last from documents"
        )
        ERA.set(corpus["last"])  # states are called what they were called then
        where, values = self.filter.where("r")
        found = self._one(
            "select count(*) as reports, count(distinct incident) as incidents, "
            f"min(shown) as first, max(shown) as last from reports r where {where}",
            values,
        )
        self.found = found
        self.nodes, self.edges = analyse.network(self.source, self.filter, unit=self.unit)
        self.pairs = self._pairs()
        sections = [
            self._told(corpus, found),
            self._parties(),
            self._course(),
            self._places(),
            self._disputes(),
            self._claims(),
            self._denials(),
            self._trust(),
        ]
        first, last = self.filter.since or corpus["first"], self.filter.until or corpus["last"]
        span = span_words(first, last) if first and last and first <= last else ""
        leading = [party_words(p["a"]) for p in self.pairs[:1]] + [
            party_words(p["b"]) for p in self.pairs[:1]
        ]
        heading = title or (
            listed([in_sentence(name) for name in leading]) if leading else "Report"
        )
        standfirst = (
            f"What {number(corpus['documents'], 'article')} "
            + (f"of {number(corpus['outlets'], 'outlet')} " if corpus["outlets"] else "")
            + "tell: who did what to whom, when, where, and according to whom. Every number opens "
            "the sentences under it."
        )
        facts = (
            (f"{corpus['documents']:,}", "article" if corpus["documents"] == 1 else "articles"),
            (f"{corpus['outlets']:,}", "outlet" if corpus["outlets"] == 1 else "outlets"),
            (f"{found['reports']:,}", "reports of events"),
            (f"{found['incidents']:,}", "incidents, merged from them"),
        )
        return Content(
            title=visible(capital(heading)),
            when=span,
            standfirst=standfirst,
            made=(today or dt.datetime.now(dt.UTC).date()).isoformat(),
            facts=facts,
            brief=tuple(sorted(self.brief, key=lambda line: _BRIEF.index(line[1]))),
            sections=tuple(section for section in sections if section is not None),
            asked=self._asked(),
            version=_version(),
            sources=self._versions(),
        )

    # ------------------------------------------------------------------ what is told
    def _told(self, corpus: Mapping[str, Any], found: Mapping[str, Any]) -> Section:
        kinds = self._counts("type", "quad")
        every = self.filter.replace(statuses=("all",))
        stands = self._counts("status", filter_=every)
        rows = kinds.to_pylist()
        total = sum(row["count"] for row in rows)
        clash = sum(r["count"] for r in rows if r["quad"].endswith("conflict"))
        if total:
            top = [type_many(r["event_type"]) for r in rows[:3]]
            self.brief.append(
                (
                    f"Of {number(total, *self._nouns)}, {clash / total:.0%} are conflict. "
                    f"The most frequent kinds are {listed(top)}.",
                    "told",
                )
            )
        outlets = [
            row
            for row in analyse.coverage(self.source).to_pylist()
            if not row["whole"] and row["documents"]
        ]
        copies = self._one("select count(*) filter (copy) as copies from stories")["copies"] or 0
        text = [
            f"{number(corpus['documents'], 'article')} were read"
            + (
                f", published {span_words(corpus['first'], corpus['last'])}"
                if corpus["first"]
                else ""
            )
            + f". They hold {number(found['reports'], 'report')} of events that count here, which "
            f"were merged into {number(found['incidents'], 'incident')}: reports of one happening, "
            "told by several outlets, count once."
            + (f" {number(copies, 'article')} copied the text of another." if copies else "")
        ]
        return Section(
            "told",
            "What is told",
            tuple(text),
            charts=(
                ("chart-types", charts.types(kinds, unit=self.unit)),
                ("chart-statuses", charts.statuses(stands, unit=self.unit)),
            ),
            grids=(
                Grid(
                    ("Outlet", "Articles", "Events", "From", "To"),
                    tuple(
                        (
                            visible(row["outlet"] or "no outlet named"),
                            f"{row['documents']:,}",
                            f"{row['events']:,}",
                            str(row["first"] or ""),
                            str(row["last"] or ""),
                        )
                        for row in outlets[:OUTLETS]
                    ),
                    "Who publishes",
                ),
            ),
        )

    # -------------------------------------------------------------------- the parties
    def _parties(self) -> Section:
        items = []
        for pair in self.pairs[:PAIRS]:
            a, b = pair["a"], pair["b"]
            shown, more = sentences(self.source, self.filter, *between(a, b))
            items.append(
                Item(
                    self._anchor(pair),
                    f"{party_words(a)} and {party_words(b)}",
                    number(pair["weight"], *self._nouns),
                    _sides(pair),
                    shown,
                    more,
                )
            )
        if self.pairs:
            top = self.pairs[0]
            self.brief.append(
                (
                    f"Most passes between {party_in_sentence(top['a'])} and "
                    f"{party_in_sentence(top['b'])}: {number(top['weight'], *self._nouns)}, "
                    f"{_sides(top)}.",
                    "parties",
                )
            )
        links = {self._anchor(pair): pair for pair in self.pairs[:PAIRS]}
        ends = self.edges.select(["a", "b"]).to_pylist()
        edges = _with(self.edges, "link", [self._link(row["a"], row["b"], links) for row in ends])
        table = analyse.matrix(self.source, self.filter, unit=self.unit, top=charts.MATRIX_MOST)
        table = _with(
            table,
            "link",
            [
                self._link(row["actor"], row["recipient"], links)
                for row in table.select(["actor", "recipient"]).to_pylist()
            ],
        )
        drawn = []
        if self.pairs:
            drawn = [
                ("chart-network", charts.network(self.nodes, edges, unit=self.unit)),
                ("chart-matrix", charts.matrix(table, unit=self.unit)),
            ]
        return Section(
            "parties",
            "Who deals with whom",
            (
                "A state stands for its government, its army and its courts; rebels, parties, "
                "civilians and others of a country are parties of their own.",
            )
            if self.pairs
            else ("No act between two named parties was found.",),
            charts=tuple(drawn),
            items=tuple(items),
            items_head="The main pairs, and the sentences",
        )

    # --------------------------------------------------------------------- the course
    def _course(self) -> Section | None:
        found = self.found
        if not self.pairs:
            return None
        by, (since, until) = self._period(), self._core()
        framed = self.filter.replace(since=since, until=until)
        drawn: list[tuple[str, Chart]] = []
        items = []
        for place, pair in enumerate(self.pairs[:COURSES]):
            a, b = pair["a"], pair["b"]
            series = analyse.series(self.source, a, b, framed, by=by, unit=self.unit)
            breaks = analyse.changes(self.source, a, b, by, framed, unit=self.unit)
            chart = charts.timeline(
                series,
                breaks,
                between=f"{party_in_sentence(a)} and {party_in_sentence(b)}",
                by=by,
                unit=self.unit,
            )
            drawn.append((f"chart-course-{place + 1}", chart))
            for row in breaks.to_pylist()[:1]:
                much = "more" if row["after"] > row["before"] else "less"
                self.brief.append(
                    (
                        f"From {day_words(row['period'])} {much} passes between "
                        f"{party_in_sentence(a)} and {party_in_sentence(b)}: "
                        f"{rate(row['after'])} {unit_words(self.unit)} a {by}, "
                        f"{rate(row['before'])} before.",
                        "course",
                    )
                )
        told = self._most_told()
        for at, row in enumerate(told):
            shown, more = sentences(self.source, self.filter, "r.incident = ?", [row["incident"]])
            items.append(
                Item(
                    f"incident-{at + 1}",
                    short(visible(row["text"]), HEAD) or capital(act_words(row)),
                    day_words(row["shown"]),
                    f"{capital(act_words(row))}. {number(row['matching'], 'report')} of "
                    f"{listed([visible(name) for name in row['outlets']]) or 'no outlet named'}.",
                    shown,
                    more,
                )
            )
        if told and told[0]["matching"] > 1:
            row = max(told, key=lambda r: (r["texts"], r["matching"]))
            self.brief.append(
                (
                    f"Most told is this, of {day_words(row['shown'])}, in "
                    f"{number(row['matching'], 'report')} of "
                    f"{number(len(row['outlets']), 'outlet')}: “{visible(row['text'])}”",
                    "course",
                )
            )
        days = self._fullest()
        if days:
            listing = listed([day_words(day) for day, _ in sorted(days)])
            self.brief.append(
                (
                    f"The fullest {'day was' if len(days) == 1 else 'days were'} {listing}, with "
                    f"{listed([f'{n:,}' for _, n in sorted(days)])} incidents.",
                    "course",
                )
            )
        return Section(
            "course",
            "The course over time",
            (
                "Bars show the day of the event; where the text gives none, the day of "
                "publication stands for it."
                + (
                    f" Shown is {span_words(since, until)}, which holds nearly all."
                    if since and until and (since, until) != (found["first"], found["last"])
                    else ""
                ),
            ),
            charts=tuple(drawn),
            items=tuple(items),
            items_head="What most texts tell, day by day",
        )

    def _most_told(self) -> list[dict[str, Any]]:
        """The incidents that most independent texts tell, in the order of their days."""
        where, values = self.filter.where("r")
        rows = fetch(
            self.source,
            "with told as (select r.incident, count(*) as matching, "
            "count(distinct r.story) as texts, "
            "coalesce(list_sort(list(distinct r.outlet) filter (where r.outlet is not null)), []) "
            "as outlets, "
            "max_by(r.event_id, (r.event_id = i.lead, not r.copy, r.confidence)) as best "
            "from reports r join incidents i on i.incident = r.incident "
            f"where {where} and r.shown is not null group by r.incident) "
            "select told.*, r.shown, r.text, r.event_type, r.actors, r.actor_names, r.recipients, "
            "r.recipient_names from told join reports r on r.event_id = told.best "
            "order by told.texts desc, told.matching desc, r.shown, r.incident limit ?",
            [*values, TOLD],
        ).to_pylist()
        return sorted(rows, key=lambda row: (row["shown"], row["incident"]))

    def _fullest(self) -> list[tuple[dt.date, int]]:
        """The three days with the most incidents, where days stand out."""
        where, values = self.filter.where("r")
        rows = fetch(
            self.source,
            "select shown, count(distinct incident) as incidents from reports r "
            f"where {where} and shown is not null group by all "
            "order by incidents desc, shown limit 3",
            values,
        ).to_pylist()
        return [(row["shown"], row["incidents"]) for row in rows if row["incidents"] > 1]

    # --------------------------------------------------------------------- the places
    def _places(self) -> Section | None:
        table = analyse.places(self.source, self.filter, unit=self.unit).slice(0, MAPPED)
        rows = table.to_pylist()
        if not rows:
            return None
        items: list[Item] = []
        links: list[str | None] = []
        for at, row in enumerate(rows):
            if at >= PLACES:
                links.append(None)
                continue
            shown, more = sentences(
                self.source,
                self.filter,
                "r.place is not distinct from ? and r.place_country is not distinct from ? "
                "and r.lat is not distinct from ? and r.lon is not distinct from ?",
                [row["place"], row["country"], row["lat"], row["lon"]],
            )
            country = party_words(row["country"]) if row["country"] else ""
            name = visible(row["place"] or country)
            items.append(
                Item(
                    f"place-{at + 1}",
                    name if not country or country == name else f"{name}, {country}",
                    number(row["count"], *self._nouns),
                    _sides(row),
                    shown,
                    more,
                )
            )
            links.append(f"#place-{at + 1}")
        where, values = self.filter.where("r")
        placed = self._one(
            "select count(distinct incident) as n from reports r "
            f"where {where} and place is not null",
            values,
        )["n"]
        return Section(
            "places",
            "Where it happened",
            (
                f"For {number(placed, 'incident')} of {self.found['incidents']:,} the text tells "
                "a place. The others are not on the map.",
            ),
            charts=(("chart-world", charts.world(_with(table, "link", links))),),
            items=tuple(items),
            items_head="The places, and the sentences",
        )

    # ------------------------------------------------------------------- the disputes
    def _disputes(self) -> Section:
        table = analyse.figures(self.source, self.filter)
        rows = table.to_pylist()
        order: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            order[row["incident"], row["kind"]].append(row)
        items, anchors = [], {}
        for at, ((incident, kind), claims) in enumerate(order.items()):
            if at >= DISPUTES:
                break
            anchor = f"figure-{at + 1}"
            anchors[incident, kind] = f"#{anchor}"
            first = claims[0]
            shown, more = sentences(
                self.source,
                self.filter.replace(statuses=("all",)),
                f"r.incident = ? and (r.{kind}_low is not null or r.{kind}_high is not null)",
                [incident],
            )
            low = [c["low"] for c in claims if c["low"] is not None]
            high = [c["high"] for c in claims if c["high"] is not None]
            span = f"{min(low):,}" if low else "?"
            span += f" to {max(high):,}" if high else " or more"
            place = visible(first["place"] or "place not told")
            items.append(
                Item(
                    anchor,
                    f"{figure_words(kind)}: {place}, {day_words(first['day'])}",
                    span,
                    number(len({c["claimant"] for c in claims}), "claimant"),
                    shown,
                    more,
                )
            )
        if items:
            title = charts.figures(table).to_dict(validate=False)["title"]["text"]
            self.brief.append((" ".join(title).rstrip(".") + ".", "figures"))
        links = [anchors.get((row["incident"], row["kind"])) for row in rows]
        return Section(
            "figures",
            "Figures in dispute",
            (
                "Where outlets or speakers put the figure of one incident differently, each claim "
                "stands here beside its claimant. The report does not decide between them.",
            )
            if items
            else ("No figure was given in two ways that cannot both be right.",),
            charts=(("chart-figures", charts.figures(_with(table, "link", links))),)
            if items
            else (),
            items=tuple(items),
            items_head="The figures, and the sentences",
        )

    # --------------------------------------------------------------------- the claims
    def _claims(self) -> Section:
        table = analyse.claims(self.source, self.filter, unit=self.unit)
        rows = table.to_pylist()
        totals: Counter[tuple[str, str]] = Counter()
        for row in rows:
            if row["speaker"] and row["target"] and row["speaker"] != row["target"]:
                totals[row["speaker"], row["target"]] += row["count"]
        items, anchors = [], {}
        ranked = sorted(totals.items(), key=lambda pair: (-pair[1], pair[0]))
        for at, ((speaker, target), count) in enumerate(ranked[:CLAIMS]):
            anchor = f"claim-{at + 1}"
            anchors[speaker, target] = f"#{anchor}"
            kinds: Counter[str] = Counter()
            for row in rows:
                if (row["speaker"], row["target"]) == (speaker, target):
                    kinds[row["event_type"]] += row["count"]
            shown, more = sentences(
                self.source,
                self.filter,
                "list_contains(r.speakers, ?) and "
                "(list_contains(r.actors, ?) or list_contains(r.recipients, ?))",
                [speaker, target, target],
            )
            items.append(
                Item(
                    anchor,
                    f"{party_words(speaker)} about {party_in_sentence(target)}",
                    number(count, "statement"),
                    ("mostly " if len(kinds) > 2 else "")
                    + listed([type_many(kind) for kind, _ in kinds.most_common(2)]),
                    shown,
                    more,
                )
            )
        own = sum(r["count"] for r in rows if r["speaker"] and r["speaker"] == r["target"])
        said = self._said()
        if items:
            chart = charts.claims(table)
            title = chart.to_dict(validate=False)["title"]["text"]
            self.brief.append((" ".join(title).rstrip(".") + ".", "claims"))
        links = [anchors.get((row["speaker"], row["target"])) for row in rows]
        return Section(
            "claims",
            "Who says what of whom",
            (
                f"{said:.0%} of the reports stand on somebody's word; the others are told in the "
                "outlet's own voice. A statement is what a speaker tells, not what is so."
                + (
                    f" {number(own, 'statement')} of speakers about their own side "
                    f"{'is' if own == 1 else 'are'} not drawn."
                    if own
                    else ""
                ),
            ),
            charts=(("chart-claims", charts.claims(_with(table, "link", links))),) if items else (),
            items=tuple(items),
            items_head="The statements, and the sentences",
        )

    def _said(self) -> float:
        where, values = self.filter.where("r")
        row = self._one(
            "select coalesce(avg(case when len(cues) > 0 then 1.0 else 0.0 end), 0) as share "
            f"from reports r where {where}",
            values,
        )
        return float(row["share"])

    # -------------------------------------------------------------------- the denials
    def _denials(self) -> Section:
        rows = analyse.denials(self.source, self.filter, limit=DENIALS).to_pylist()
        items = []
        for at, row in enumerate(rows):
            events = [*row["denied"], *row["claimed"]]
            shown, more = sentences(
                self.source,
                self.filter.replace(statuses=("all",)),
                f"r.event_id in ({', '.join('?' * len(events))})",
                events,
            )
            act = type_noun(row["event_type"]).lower()
            target = row["target"]
            by = f" by {party_in_sentence(target)}" if target else ""
            claimant = row["claimant_name"]
            items.append(
                Item(
                    f"denial-{at + 1}",
                    capital(shown[0].act if shown else f"{act}{by}"),
                    number(row["incidents"], "incident"),
                    f"denied by {in_sentence(visible(row['denier_name']))}; "
                    + (
                        f"told by {in_sentence(visible(claimant))}"
                        if claimant
                        else "nobody in the store says that it happened"
                    ),
                    shown,
                    more,
                )
            )
        contested = [row for row in rows if row["claimant_name"]]
        if contested:
            row = contested[0]
            self.brief.append(
                (
                    f"{capital(type_noun(row['event_type']).lower())}"
                    + (f" by {party_in_sentence(row['target'])}" if row["target"] else "")
                    + f": told by {in_sentence(visible(row['claimant_name']))}, denied by "
                    f"{in_sentence(visible(row['denier_name']))}.",
                    "denials",
                )
            )
        return Section(
            "denials",
            "What was denied",
            ("Said by somebody not to have happened. Such reports are in no other number here.",)
            if items
            else ("Nobody is quoted as saying that something did not happen.",),
            items=tuple(items),
            items_head="Denials, and the sentences" if items else "",
        )

    # ---------------------------------------------------------------------- the trust
    def _trust(self) -> Section:
        table = analyse.quality(self.source)
        measures: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in table.to_pylist():
            measures[row["measure"]].append(row)
        known = self._one(
            "select avg(confidence) as mean, count(*) - count(confidence) as imported from reports"
        )
        sure, imported = known["mean"], known["imported"]
        paragraphs = []
        if imported:
            paragraphs.append(
                f"{imported:,} of the events here were imported from other data sets. whowhom did "
                "not code them: they are as good as their source, they have no confidence and "
                "mostly no sentence, and none was merged with another."
            )
        if sure is not None:
            paragraphs.append(
                "A machine coded this; no person has checked each sentence. The coder gives every "
                "event a confidence, calibrated on texts that it had not seen. Its mean here is "
                f"{sure:.2f}: by its own measure about {tenths_words(sure)} events in ten are "
                "right. That is enough to see a course and to find what to read; it is not enough "
                "to rest a decision on one number. Open the sentences."
            )
        late = next((r["share"] for r in measures["date_from"] if r["value"] == "published"), None)
        if late is not None and late > 0.5:
            paragraphs.append(
                f"The text gives no day to {late:.0%} of the events; they stand on the day of "
                "publication, so a bar may be a day late."
            )
        shares = [
            (words, row)
            for measure, words in (
                ("text_read", "Text that was read (characters)"),
                ("parties_resolved", "Parties resolved to a country or body"),
                ("events_dated", "Events whose day the text gives"),
                ("events_placed", "Events whose place the text gives"),
                ("attributed", "Events on somebody's word"),
            )
            for row in measures[measure]
            if row["total"]
        ]
        grids = [
            Grid(
                ("What could be made out", "Share", "Count"),
                tuple(
                    (words, f"{row['share']:.0%}", f"{row['count']:,} of {row['total']:,}")
                    for words, row in shares
                ),
                "Coverage",
            ),
            Grid(
                ("What became of the articles", "Count"),
                tuple(
                    (capital(ledger_words(row["value"])), f"{row['count']:,}")
                    for row in measures["documents"]
                ),
                "Articles",
            ),
        ]
        rejected = measures["rejections"]
        if rejected:
            total = sum(row["count"] for row in rejected)
            grids.append(
                Grid(
                    ("Why a candidate was not coded", "Count"),
                    tuple(
                        (capital(rejection_words(row["value"])), f"{row['count']:,}")
                        for row in rejected
                    ),
                    f"{number(total, 'candidate')} looked at and not coded",
                )
            )
        marks = self._marks()
        if marks:
            grids.append(marks)
        drawn = []
        if measures["confidence"]:
            drawn.append(
                (
                    "chart-confidence",
                    charts.confidence(pa.Table.from_pylist(measures["confidence"])),
                )
            )
        return Section(
            "trust",
            "How far to trust it",
            tuple(paragraphs),
            charts=tuple(drawn),
            grids=tuple(grids),
        )

    def _marks(self) -> Grid | None:
        rows = fetch(
            self.source, "select verdict, count(*) as n from marks group by all order by verdict"
        ).to_pylist()
        if not rows:
            return None
        return Grid(
            ("Verdict of a reader", "Events"),
            tuple((row["verdict"], f"{row['n']:,}") for row in rows),
            "Events that people have checked",
        )

    # ----------------------------------------------------------------------- helpers
    def _one(self, query: str, values: Sequence[Any] = ()) -> dict[str, Any]:
        row: dict[str, Any] = fetch(self.source, query, values).to_pylist()[0]
        return row

    @property
    def _nouns(self) -> tuple[str, str]:
        return unit_words(self.unit, 1), unit_words(self.unit, 2)

    def _counts(self, *of: str, filter_: Filter | None = None) -> pa.Table:
        return analyse.counts(self.source, filter_ or self.filter, unit=self.unit, by=None, of=of)

    def _pairs(self) -> list[dict[str, Any]]:
        """Pairs in no direction, the busiest first: ``a``, ``b``, ``weight``, ``score``."""
        rows = self.edges.to_pylist()
        return sorted(rows, key=lambda p: (-p["weight"], p["a"], p["b"]))

    @staticmethod
    def _anchor(pair: Mapping[str, Any]) -> str:
        return f"pair-{pair['a']}-{pair['b']}".replace(" ", "_")

    def _link(self, a: str, b: str, known: Mapping[str, Any]) -> str | None:
        anchor = self._anchor({"a": min(a, b), "b": max(a, b)})
        return f"#{anchor}" if anchor in known else None

    def _core(self) -> tuple[dt.date | None, dt.date | None]:
        """The days that hold nearly all of it (1 % is left off at each end): one event of long
        ago that somebody mentions must not press a crisis into a corner of its picture."""
        where, values = self.filter.where("r")
        row = self._one(
            "select quantile_disc(shown, 0.01) as first, quantile_disc(shown, 0.99) as last "
            f"from reports r where {where} and shown is not null",
            values,
        )
        return row["first"], row["last"]

    def _period(self) -> str:
        """Days for two months, weeks for two years, months for twenty, else years."""
        first, last = self._core()
        days = (last - first).days if first and last else 0
        for by, limit in (("day", 62), ("week", 730), ("month", 7300)):
            if days <= limit:
                return by
        return "year"

    def _asked(self) -> tuple[str, ...]:
        asked = [f"{name}: {value}" for name, value in self.filter.to_query()]
        if self.filter.statuses == ("actual",):
            asked.append(
                "only what is told as happening; what is past, planned, possible or denied is "
                "left out where it is not named"
            )
        return tuple(visible(text) for text in asked)

    def _versions(self) -> tuple[tuple[str, str], ...]:
        rows = {
            row["key"]: row["value"]
            for row in fetch(self.source, "select key, value from manifest").to_pylist()
        }
        names = (
            ("coder.version", "whowhom"),
            ("coder.codebook", "Codebook"),
            ("coder.model", "Learned model"),
            ("ended", "Coded"),
        )
        return tuple((name, visible(rows[key])) for key, name in names if rows.get(key))


def _with(table: pa.Table, name: str, values: Sequence[str | None]) -> pa.Table:
    if not any(values):
        return table
    return table.append_column(name, pa.array(values, pa.string()))


def _sides(row: Mapping[str, Any]) -> str:
    """``19 of conflict, 11 of cooperation``; what there is more of comes first."""
    parts = sorted(
        ((row["conflict"], "conflict"), (row["cooperation"], "cooperation")),
        key=lambda part: -part[0],
    )
    words = [f"{count:,} of {name}" for count, name in parts if count]
    if len(words) == 1:
        return "all of it conflict" if row["conflict"] else "all of it cooperation"
    return ", ".join(words)


def _version() -> str:
    from importlib.metadata import version

    return version("whowhom")
