"""Place names in a text, and which place each of them is.

Names come from the parser's entities and from the gazetteer; each is then resolved among the
gazetteer's places of that name by what the text says beside it ("Paris, Texas"), the countries
and divisions that the document names, the outlet, nearness to its other places, and population.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from ..model import Document, Parsed, Resolution, Toponym
from .gazetteer import Entry, Gazetteer, fold

if TYPE_CHECKING:
    from ..parse.tokens import Doc, Token

__all__ = ["Entry", "Gazetteer", "PlaceFinder", "fold"]

LONGEST = 6  # tokens of the longest name tried: "Federal Republic of ..." and the like
PLACE_LABELS = {"GPE", "LOC", "FAC"}
OTHER_LABELS = {"PERSON", "ORG", "NORP", "EVENT", "WORK_OF_ART", "PRODUCT", "LAW", "LANGUAGE"}
AREAS = {
    "country",
    "admin1",
    "county",
    "region",
    "continent",
    "water",
    "river",
    "island",
    "mountain",
}
MANY_PEOPLE = 100_000  # a town of this size is taken without the parser's word for it
NO_SEAT = 1  # "population" of a county that the table centres on its state for want of better
HUGE = 5_000_000  # a city of this size is meant rather than the division of its name
ACRONYM = 6  # letters of the longest name that is taken for an acronym
NEAR_KM = 250.0  # the distance over which one resolved place speaks for another


@dataclass(frozen=True, slots=True)
class Words:
    """The word lists of ``data/language/places.toml``."""

    locative: frozenset[str]
    generic: dict[str, str]  # "province" -> "admin1"
    doubtful: frozenset[str]
    never: frozenset[str]
    institutional: frozenset[str]
    titles: frozenset[str]
    streets: frozenset[str]
    saints: frozenset[str]
    directions: frozenset[str]
    motion: frozenset[str]
    endings: dict[str, str]
    outlet: tuple[str, ...]
    canada: dict[str, str]
    seats: dict[str, tuple[str, str]]  # "kremlin" -> ("Moscow", "RU")


@lru_cache(maxsize=1)
def words() -> Words:
    raw = resources.files("whowhom.data").joinpath("language", "places.toml")
    data: dict[str, Any] = tomllib.loads(raw.read_text(encoding="utf-8"))
    return Words(
        locative=frozenset(data["locative"]),
        generic={word: kind for kind, listed in data["generic"].items() for word in listed},
        doubtful=frozenset(data["doubtful"]["names"]),
        never=frozenset(data["doubtful"]["never"]),
        institutional=frozenset(data["institutional"]["after"]),
        titles=frozenset(data["before"]["titles"]),
        streets=frozenset(data["before"]["streets"]),
        saints=frozenset(data["before"]["saints"]),
        directions=frozenset(data["before"]["directions"]),
        motion=frozenset(data["motion"]["verbs"]),
        endings=dict(data["host"]["endings"]),
        outlet=tuple(sorted(set(data["host"]["words"]), key=len, reverse=True)),
        canada=dict(data["postal"]["CA"]),
        seats={
            name: (town, code)
            for key, names in data["seats"].items()
            for town, _, code in [key.partition("|")]
            for name in names
        },
    )


@dataclass(slots=True)
class _Mention:
    """A name that is taken for a place, and the places that it may be."""

    first: int  # tokens
    last: int
    key: str
    entries: tuple[Entry, ...]
    demonym: bool = False
    embedded: bool = False  # inside the name of an organisation
    within: Entry | None = None  # the country or division that stands after the comma
    wanted: str | None = None  # kind that a generic word asks for
    seat: Entry | None = None  # the town of the building, square or quarter that is named
    chosen: Entry | None = None


@dataclass(frozen=True, slots=True)
class _Votes:
    """How much speaks for each division, and what each name gave to that."""

    total: dict[str, float]
    own: dict[str, dict[str, float]]
    most: float

    def share(self, code: str, key: str) -> float:
        """The share, 0 to 1, that the rest of the document gives to a division."""
        if self.most <= 0:
            return 0.0
        mine = self.own.get(key, {}).get(code, 0.0)
        return max(0.0, self.total.get(code, 0.0) - mine) / max(self.most, 1.5)


_Use = Literal["place", "inside"] | None


@dataclass(frozen=True, slots=True)
class _Context:
    """What the parser says of the names of the whole document."""

    label: list[str]  # entity label of each token
    known: frozenset[str]  # folded names that it calls places somewhere
    surnames: frozenset[str]  # last words of the people's names


def _context(doc: Doc) -> _Context:
    known, surnames = set(), set()
    for entity in doc.ents:
        if entity.label_ == "GPE":
            known.add(fold(entity.text.removeprefix("the ").removesuffix("'s").removesuffix("’s")))
        elif entity.label_ == "PERSON" and len(entity) > 1:
            tail = entity[-1] if entity[-1].text not in {"'s", "’s"} else entity[-2]
            surnames.add(fold(tail.text))
    return _Context([t.ent_type_ for t in doc], frozenset(known), frozenset(surnames))


def _is_street(doc: Doc, first: int, last: int) -> bool:
    """ "Pine Needle Drive": capitalised words that end in a word for a street."""
    if last - first < 2 or last - first > 4:
        return False
    if words().generic.get(fold(doc[last - 1].text)) != "street":
        return False
    return all(t.text[:1].isupper() and t.pos_ == "PROPN" for t in doc[first:last]) and (
        first == 0 or doc[first - 1].pos_ != "PROPN" or bool(doc[first].is_sent_start)
    )


def _names_a_church(doc: Doc, last: int) -> bool:
    """Whether a saint's name goes on to that of a church, a school or a hospital.

    "the Saint Peter and Saint Paul Coptic Orthodox Church": capitalised words, and "and".
    """
    for token in doc[last : last + 7]:
        if fold(token.text) in words().institutional and token.text[:1].isupper():
            return True
        if not token.text[:1].isupper() and token.lower_ not in {"and", "'s", "’s"}:
            return False
    return False


class PlaceFinder:
    """Finds and resolves the places of a document. Holds the gazetteer, changes nothing."""

    def __init__(self, gazetteer: Gazetteer | None = None) -> None:
        self.gazetteer = gazetteer if gazetteer is not None else Gazetteer.load()

    def find(self, parsed: Parsed) -> tuple[Toponym, ...]:
        """The places of a document in the order of the text; spans do not overlap."""
        doc, text = parsed.doc, parsed.reading.text
        mentions = self._mentions(doc, text)
        self._containment(doc, mentions)
        self._resolve(mentions, parsed.document)
        return tuple(self._toponym(doc, text, m) for m in mentions)

    # ------------------------------------------------------------ recognition
    def _mentions(self, doc: Doc, source: str) -> list[_Mention]:
        context = _context(doc)
        mentions: list[_Mention] = []
        covered = -1
        spans = {e.start: e for e in doc.ents if e.label_ in PLACE_LABELS}
        i = 0
        while i < len(doc):
            token = doc[i]
            if i <= covered or (not token.text[:1].isupper() and not _the_name(token)):
                i += 1
                continue
            mention = self._match(doc, source, i, context)
            if mention is None and i in spans:
                mention = self._entity(doc, spans[i].start, spans[i].end)
            if mention is not None:
                mentions.append(mention)
                covered = mention.last - 1
                i = mention.last
            else:
                i += 1
        return mentions

    def _match(self, doc: Doc, source: str, first: int, context: _Context) -> _Mention | None:
        """The longest name of the gazetteer that starts at a token and is used as a place."""
        longest = first
        for last in range(first, min(first + LONGEST, len(doc))):
            if doc[last].is_space or (doc[last].is_punct and doc[last].text not in {"-", "–", "'"}):
                break
            longest = last
        for last in range(longest, first - 1, -1):
            end = doc[last]
            if last > first and not (end.text[:1].isupper() or end.text[:1].isdigit()):
                continue
            text = source[doc[first].idx : end.idx + len(end)]
            stripped = text[4:] if text[:4].lower() == "the " else text
            if len(text) > 60 or not stripped:
                continue
            entries = self.gazetteer.lookup(text)
            seat = self._seat(text)
            if seat is not None and seat not in entries:
                entries = (seat, *entries)
            if not entries and stripped != text:
                continue
            wanted = None
            if not entries and last > first:
                kind = words().generic.get(fold(end.text))
                if kind in {"admin1", "county", "city"} and end.text[0].isupper():
                    bare = source[doc[first].idx : doc[last - 1].idx + len(doc[last - 1])]
                    entries = tuple(e for e in self.gazetteer.lookup(bare) if _is_kind(e, kind))
                    wanted = kind
            use = self._use(doc, first, last + 1, entries, context, text) if entries else None
            if use is not None:
                key = fold(text)
                inside = use == "inside"
                return _Mention(first, last + 1, key, entries, False, inside, None, wanted, seat)
            if _is_street(doc, first, last + 1):
                return _Mention(first, last + 1, fold(text), ())
        if context.label[first] != "PERSON":
            return self._demonym(doc, source, first)
        return None

    def _seat(self, name: str) -> Entry | None:
        """The town of a building, a square or a quarter that stands for itself in the news."""
        town, code = words().seats.get(fold(name), ("", ""))
        if not town:
            return None
        found = [
            e for e in self.gazetteer.lookup(town) if e.kind == "city" and code in (e.code, e.iso2)
        ]
        return max(found, key=lambda e: (e.population, -e.row), default=None)

    def _demonym(self, doc: Doc, source: str, first: int) -> _Mention | None:
        for length in (2, 1):
            last = first + length
            if last > len(doc):
                continue
            text = source[doc[first].idx : doc[last - 1].idx + len(doc[last - 1])]
            home = self.gazetteer.home_of(text)
            if home is not None and all(t.text[:1].isupper() for t in doc[first:last]):
                return _Mention(first, last, fold(text), (home,), demonym=True)
        return None

    def _entity(self, doc: Doc, first: int, last: int) -> _Mention | None:
        """A place of the parser that the gazetteer does not know as it stands."""
        while first < last and (doc[first].is_space or doc[first].lower_ in {"the", "a", "an"}):
            first += 1
        while last > first and (doc[last - 1].text in {"'s", "’s", ","} or doc[last - 1].is_space):
            last -= 1
        if first >= last or not any(t.text[:1].isupper() for t in doc[first:last]):
            return None
        text = doc[first:last].text
        if len(text) < 3 or len(text) > 60 or any(c.isdigit() for c in text):
            return None
        if fold(doc[first].text) in words().titles:
            return None
        direction, _, bare = text.partition(" ")
        if direction.lower() in words().directions and bare:
            entries = self.gazetteer.lookup(bare)
            if entries:
                return _Mention(first, last, fold(text), entries)
        if fold(doc[last - 1].text) in words().institutional and doc[first].ent_type_ != "FAC":
            return None
        if fold(text) in words().never:
            return None
        return _Mention(first, last, fold(text), ())

    def _use(
        self,
        doc: Doc,
        first: int,
        last: int,
        entries: tuple[Entry, ...],
        context: _Context,
        text: str,
    ) -> _Use:
        """How a name of the gazetteer is used here: as a place, inside another name, or not."""
        lists, label, key = words(), context.label, fold(text)
        if key in lists.never:
            return None
        strong = any(e.kind in AREAS and not e.weak for e in entries)
        if len(text) <= 3 and not strong:
            return None
        if len(text) <= 3 and not (text.isupper() or text.endswith(".")):
            return None
        labels = {label[i] for i in range(first, last)}
        following = doc[last] if last < len(doc) else None
        before = doc[first - 1] if first else None
        entity_first, entity_last = _entity_span(doc, first)
        whole = entity_first >= first and entity_last <= last
        locative = before is not None and before.lower_ in lists.locative
        if before is not None and before.lower_ == "the" and first > 1:
            locative = doc[first - 2].lower_ in lists.locative and strong
        capital = before is not None and before.text[:1].isupper() and not strong
        if before is not None and capital and fold(before.text) in lists.titles | lists.streets:
            return None
        if fold(doc[first].text) in lists.saints and _names_a_church(doc, last):
            return None
        known = key in context.known
        large = max(e.population for e in entries) >= MANY_PEOPLE
        doubtful = key in lists.doubtful
        if last - first == 1 and key in context.surnames and not strong and not locative:
            return None
        # a longer proper name goes on: "Paris Hilton", "Chicago Tribune", "Oxford Street"
        goes_on = (
            following is not None
            and following.text[:1].isupper()
            and following.pos_ == "PROPN"
            and not _starts_sentence(following)
        )
        follows_person = (
            before is not None
            and before.text[:1].isupper()
            and before.ent_type_ == "PERSON"
            and not _starts_sentence(doc[first])
        )
        if goes_on and following is not None and fold(following.text) in lists.institutional:
            inside = strong or known or large or bool(labels & PLACE_LABELS)
            return "inside" if inside and not follows_person and "PERSON" not in labels else None
        if "PERSON" in labels or follows_person:
            if follows_person or not whole or goes_on or doubtful:
                return None
            head = doc[last - 1]
            placed = head.dep_ == "pobj" or (
                head.dep_ == "dobj" and head.head.lemma_ in lists.motion
            )
            sizeable = large and placed and not all(e.weak for e in entries)
            return "place" if locative or strong or known or sizeable else None
        if labels & {"ORG", "WORK_OF_ART", "LAW", "PRODUCT", "EVENT"}:
            if not whole:
                # "the Illinois Department of Transportation": the name says where it belongs
                inside = (strong or known or large) and not doubtful
                return "inside" if inside and "ORG" in labels else None
            # "to NATO", "in ISIS": a short name all in capitals is the organisation that it seems
            capitals = text.isupper() and len(text) <= ACRONYM
            if doubtful or capitals:
                return "place" if (locative and not capitals) or strong else None
            return "place" if strong or locative or known or large else None
        if labels & {"NORP", "LANGUAGE"}:
            return "place" if strong or (whole and locative) else None
        if labels & PLACE_LABELS:
            return "place"
        if labels & {"DATE", "TIME", "MONEY", "PERCENT", "QUANTITY", "CARDINAL", "ORDINAL"}:
            return "place" if strong and not doubtful and not labels & {"DATE", "TIME"} else None
        if known and not goes_on:
            return "place"
        if doubtful:
            return "place" if locative and doc[first].pos_ == "PROPN" and not goes_on else None
        if doc[first].pos_ != "PROPN" and last - first == 1 and not text.isupper():
            return None
        if strong:
            return "place"
        if last - first >= 2:
            return "place" if not goes_on or locative else None
        if goes_on:
            return None
        if locative or (following is not None and following.text == ","):
            return "place"
        return "place" if large and not any(e.weak for e in entries) else None

    # ------------------------------------------------------------ containment
    def _containment(self, doc: Doc, mentions: list[_Mention]) -> None:
        """Marks what stands after the comma: "Karak, Jordan", "Dayton, OH"."""
        by_first = {m.first: m for m in mentions}
        states = self.gazetteer.state_rows
        extra: list[_Mention] = []
        for m in mentions:
            if m.last + 1 >= len(doc):
                continue
            comma, after = doc[m.last], doc[m.last + 1]
            if comma.text not in {",", "("}:
                continue
            nearby = by_first.get(m.last + 1)
            if nearby is not None and not nearby.demonym:
                outer = _containers(nearby.entries)
                best = _inside(m.entries, outer)
                if best is not None:
                    m.within = best
                    nearby.chosen = nearby.chosen or best
                continue
            if nearby is None and len(after.text) == 2 and after.text.isupper():
                row = states.get(f"US.{after.text}")
                if row is None and after.text in words().canada:
                    found = self.gazetteer.lookup(words().canada[after.text])
                    row = next((e.row for e in found if e.kind == "admin1"), None)
                if row is not None:
                    entry = self.gazetteer.entry(row)
                    m.within = entry
                    extra.append(
                        _Mention(m.last + 1, m.last + 2, after.text, (entry,), chosen=entry)
                    )
        if extra:
            taken = set(by_first)
            mentions.extend(e for e in extra if e.first not in taken)
            mentions.sort(key=lambda m: m.first)

    # -------------------------------------------------------------- resolution
    def _resolve(self, mentions: list[_Mention], document: Document) -> None:
        by_key: dict[str, list[_Mention]] = defaultdict(list)
        for m in mentions:
            by_key[m.key].append(m)
        # what one mention says of its whereabouts holds for the name in the whole document
        for same in by_key.values():
            stated = next((m.within for m in same if m.within is not None), None)
            for m in same:
                m.within = m.within or stated
                if m.seat is not None and (m.within is None or _holds(m.within, m.seat)):
                    m.entries = (m.seat,)
                m.entries = _narrow(m.entries, m.within, m.wanted)

        home_country, home = self._outlet(document)
        countries: Counter[str] = Counter()
        divisions: Counter[str] = Counter()
        if home_country:
            countries[home_country] += 2
        for town in home:
            divisions[town.code] += 1
        for m in mentions:
            sure = m.chosen or _sure(m.entries)
            if sure is not None:
                if sure.iso2:
                    countries[sure.iso2] += 1
                if sure.kind == "admin1" and sure.code:
                    divisions[sure.code] += 1
            if m.within is not None and m.within.code:
                divisions[m.within.code] += 1
        votes = _votes(by_key, divisions)

        anchors = list(home)
        settled: dict[str, Entry] = {}
        for key, same in by_key.items():
            entry = next((m.chosen for m in same if m.chosen), None) or _sure(same[0].entries)
            if entry is not None:
                settled[key] = entry
                if entry.kind not in {"country", "continent"}:
                    anchors.append(entry)
        for key, same in by_key.items():
            entries = same[0].entries
            if key in settled or not entries:
                continue
            best = max(
                entries,
                key=lambda e: (self._score(e, same[0], countries, votes, anchors), -e.row),
            )
            settled[key] = best
        towns = [e for e in settled.values() if e.kind == "city"]
        for key, same in by_key.items():
            entry = settled.get(key)
            if entry is not None and entry.kind == "county" and entry.population == NO_SEAT:
                settled[key] = _centred(entry, towns)
            for m in same:
                m.chosen = m.chosen or settled.get(key)

    def _score(
        self,
        entry: Entry,
        mention: _Mention,
        countries: Counter[str],
        votes: _Votes,
        anchors: list[Entry],
    ) -> float:
        """How likely an entry is meant; 1.0 is worth a factor of ten in population."""
        score = math.log10(entry.population + 100)
        if entry.kind == "country":
            score = 9.5
        elif entry.kind == "admin1":
            score = max(score, 5.0) + 0.5
        elif entry.capital:
            score = max(score, 5.0) + 2.5
        elif entry.population >= HUGE:
            score += 1.0
        elif entry.kind == "county":
            score = 4.5
        elif entry.kind != "city":
            score = 6.5
        if entry.weak:
            score -= 1.2
        total = sum(countries.values())
        if entry.iso2 and total:
            score += 2.5 * min(1.0, countries[entry.iso2] / total * 1.5)
        if entry.code:
            score += 2.5 * votes.share(entry.code, mention.key)
        near = 0.0
        for other in anchors[:40]:
            if other.row == entry.row:
                near += 1.0
                continue
            d = distance(entry.lat, entry.lon, other.lat, other.lon)
            if d < 4 * NEAR_KM:
                near += math.exp(-d / NEAR_KM)
        return score + min(2.5, 1.2 * near)

    def _outlet(self, document: Document) -> tuple[str | None, list[Entry]]:
        """The country that the outlet's host ends in, and the towns that its name may hold."""
        lists = words()
        host = document.outlet or ""
        if document.url and not ("." in host and " " not in host):
            try:
                host = urlsplit(document.url).hostname or host
            except ValueError:  # "http://[": not an address
                return None, []
        parts = host.lower().split(".")
        if len(parts) < 2 or " " in host:
            return None, []
        country = lists.endings.get(parts[-1])
        name = next((p for p in parts if p not in {"www", "news"}), "").replace("-", "")
        name = name.removeprefix("the").removeprefix("www")
        stems = {name}
        for _ in range(3):
            for stem in list(stems):
                for word in lists.outlet:
                    if stem.endswith(word) and len(stem) - len(word) >= 4:
                        stems.add(stem[: -len(word)])
                    if stem.startswith(word) and len(stem) - len(word) >= 4:
                        stems.add(stem[len(word) :])
        for stem in sorted(stems, key=lambda s: (len(s), s)):
            if len(stem) < 5:
                continue
            found = self.gazetteer.lookup(stem)
            if found:
                towns = [e for e in found if not e.weak and (not country or e.iso2 == country)]
                best = max(towns, key=lambda e: e.population, default=None)
                if best is not None:
                    return country or best.iso2, [best] if best.kind == "city" else []
        return country, []

    # ------------------------------------------------------------------ result
    def _toponym(self, doc: Doc, source: str, m: _Mention) -> Toponym:
        start, end = doc[m.first].idx, doc[m.last - 1].idx + len(doc[m.last - 1])
        text = source[start:end]
        literal = not (m.demonym or m.embedded) and _literal(doc, m)
        e = m.chosen
        if e is None:
            return Toponym(start, end, text, literal=literal)
        return Toponym(
            start,
            end,
            text,
            name=e.name,
            country=e.country,
            admin1=e.admin1 if e.kind != "country" else None,
            lat=e.lat,
            lon=e.lon,
            geonameid=e.geonameid,
            resolution=_resolution(e),
            literal=literal,
        )


def _centred(county: Entry, towns: list[Entry]) -> Entry:
    """A county whose own centre the table lacks, put amid the document's towns of its state."""
    inside = [t for t in towns if t.code == county.code]
    if not inside:
        return county
    lat, lon = (fmean(getattr(t, side) for t in inside) for side in ("lat", "lon"))
    return replace(county, lat=round(lat, 2), lon=round(lon, 2))


def distance(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Kilometres between two points of the globe (haversine)."""
    a, b, c, d = map(math.radians, (lat1, lon1, lat2, lon2))
    h = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 12742.0 * math.asin(min(1.0, math.sqrt(h)))


def _resolution(e: Entry) -> Resolution | None:
    if e.kind == "country":
        return "country"
    if e.kind == "city":
        return "city"
    return "province" if e.country else None


def _is_kind(e: Entry, kind: str) -> bool:
    return e.kind == kind or (kind == "county" and e.kind == "admin1")


def _the_name(token: Token) -> bool:
    """Names written with a small first letter: "sub-Saharan Africa"."""
    return token.lower_ == "sub"


def _starts_sentence(token: Token) -> bool:
    return bool(token.is_sent_start)


def _entity_span(doc: Doc, index: int) -> tuple[int, int]:
    """Tokens of the entity around a token; an empty span where there is none."""
    if not doc[index].ent_type_:
        return index, index
    first = index
    while first > 0 and doc[first].ent_iob_ == "I":
        first -= 1
    last = index + 1
    while last < len(doc) and doc[last].ent_iob_ == "I":
        last += 1
    while first < index and doc[first].lower_ in {"the", "a", "an"}:
        first += 1
    while last > index + 1 and doc[last - 1].text in {"'s", "’s"}:
        last -= 1
    return first, last


def _containers(entries: Iterable[Entry]) -> list[Entry]:
    return [e for e in entries if e.kind in {"country", "admin1", "county"}]


def _inside(inner: tuple[Entry, ...], outer: list[Entry]) -> Entry | None:
    """The country or division of ``outer`` that holds one of ``inner``."""
    for o in sorted(outer, key=lambda e: (e.kind != "admin1", e.row)):
        for e in inner:
            if e.row != o.row and _holds(o, e):
                return o
    if not inner and outer:
        return outer[0]
    return None


def _holds(outer: Entry, inner: Entry) -> bool:
    if outer.kind == "country":
        return inner.iso2 == outer.iso2 and inner.kind != "country"
    return bool(outer.code) and inner.code == outer.code and inner.kind != "admin1"


def _narrow(
    entries: tuple[Entry, ...], within: Entry | None, wanted: str | None
) -> tuple[Entry, ...]:
    if within is not None:
        entries = tuple(e for e in entries if _holds(within, e)) or entries
    if wanted is not None:
        entries = tuple(e for e in entries if e.kind == wanted) or entries
    return entries


def _sure(entries: tuple[Entry, ...]) -> Entry | None:
    """The entry where there is only one, or where one dwarfs the others."""
    if not entries:
        return None
    if len(entries) == 1:
        return entries[0]
    nations = [e for e in entries if e.kind == "country"]
    if len(nations) == 1 and not any(e.kind == "admin1" and e.iso2 == "US" for e in entries):
        return nations[0]
    # "Gaza" the strip and "Gaza" the town in it: the larger of two that share a division
    first = entries[0]
    if all(e.code == first.code and e.code for e in entries):
        areas = [e for e in entries if e.kind == "admin1"]
        return areas[0] if areas else max(entries, key=lambda e: (e.population, -e.row))
    return None


def _votes(by_key: dict[str, list[_Mention]], stated: Counter[str]) -> _Votes:
    """What the names of a document together say about the divisions it is about."""
    own: dict[str, dict[str, float]] = {}
    total: dict[str, float] = defaultdict(float)
    for key, same in by_key.items():
        codes = {e.code for e in same[0].entries if e.code and not e.weak}
        # a name that is everywhere says nothing
        if 0 < len(codes) <= 12:
            own[key] = dict.fromkeys(codes, 1 / len(codes) ** 0.5)
            for code in codes:
                total[code] += own[key][code]
    for code, n in stated.items():
        if code:
            total[code] += 1.5 * min(n, 3)
    return _Votes(dict(total), own, max(total.values(), default=0.0))


def _literal(doc: Doc, m: _Mention) -> bool:
    """False where a name stands for a government or a people: it acts, owns, or modifies."""
    head = doc[m.first : m.last].root
    kinds = {e.kind for e in m.entries} if m.chosen is None else {m.chosen.kind}
    if not kinds & {"country", "admin1", "city"}:
        return True
    dep = head.dep_
    if dep in {"nsubj", "agent"} and head.head.pos_ == "VERB":
        return False
    if dep == "pobj" and head.head.dep_ == "agent":
        return False
    if dep in {"poss", "compound", "nmod", "amod"}:
        return dep == "compound" and "city" in kinds and m.seat is None
    if dep in {"dobj", "dative", "nsubjpass"}:
        return head.head.lemma_ in words().motion
    if dep == "conj" and head.head.i != head.i:
        top = head.head
        return not (top.dep_ in {"nsubj", "agent"} and top.head.pos_ == "VERB")
    return True
