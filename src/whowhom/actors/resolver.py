"""Who is who in a document: every mention of a party, resolved on the document's day."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ..model import Parsed, Parties, Party
from .coreference import resolve_pronouns
from .draft import Draft
from .mentions import (
    NameMention,
    PersonMention,
    RoleMention,
    choose,
    compatible,
    find_names,
    find_people,
    find_roles,
)
from .tables import NON_STATES, ActorTables, Person, Role, Term, Thing, fold, load_tables
from .view import View

CONTEXT_SHARE = 0.5
"""Share of a document's country mentions that one country needs to be what it is about."""
PLURALITY_SHARE, PLURALITY_LEAD = 0.4, 1.5
"""Or this share, and so many times that of the second, where many countries are named."""
PLACES = ("country", "demonym", "capital", "region")
LEAD_SENTENCES = 3
"""Sentences whose mentions weigh double: the lead says where a report plays."""
OFFICIAL = frozenset(("GOV", "LEG", "JUD", "MIL", "COP", "SPY"))
"""Sectors of public office: who has left one is of the elite (PLOVER's ELI)."""
SHARED = frozenset(("PTY", "GOV", "MIL", "COP", "LEG", "JUD", "SPY"))
"""Sectors of organisations whose names many countries share (Labour Party, Supreme Court)."""


@dataclass(slots=True)
class Entity:
    """A person of the document: all mentions that share a full name."""

    words: tuple[str, ...]
    person: Person | None = None
    mentions: list[PersonMention] = field(default_factory=list)
    name: str | None = None
    country: str | None = None
    sector: str | None = None
    other: tuple[str, ...] = ()
    office: str | None = None
    gender: str | None = None
    by: str = "name"


@dataclass(slots=True)
class Title:
    """What a document calls a person: the office or role before or beside the name."""

    role: Role | None = None
    former: bool = False
    elect: bool = False
    country: str | None = None
    side: str | None = None  # sector of what the title belongs to ("union president")
    honorific: str = ""


class ActorResolver:
    """Holds the tables; :meth:`resolve` is pure.

    ``overlay`` is a user's folder or file with rows that win over the shipped ones.

    Raises:
        CodebookError: a row of the overlay is wrong.
    """

    def __init__(self, tables: ActorTables | None = None, overlay: Path | None = None) -> None:
        self.tables = tables if tables is not None else load_tables(overlay)

    def resolve(self, parsed: Parsed) -> Parties:
        """Every mention of a party in a document, by the index of its head token."""
        if not parsed.sentences:
            return Parties()
        return _Resolution(self.tables, parsed).run()


class _Resolution:
    """One document on its way: the order of the work is :meth:`run`."""

    def __init__(self, tables: ActorTables, parsed: Parsed) -> None:
        self.tables, self.words = tables, tables.words
        self.view = View(parsed)
        published = parsed.document.published
        self.date = published.isoformat() if published else None
        self.drafts: dict[int, Draft] = {}
        self.names: list[NameMention] = []
        self.name_at: dict[int, NameMention] = {}  # every token of a name
        self.roles: list[RoleMention] = []
        self.role_at: dict[int, RoleMention] = {}  # by head token
        self.people: list[PersonMention] = []
        self.entities: list[Entity] = []
        self.entity_of: dict[int, Entity] = {}  # by id of a person mention
        self.folded = {word.folded for word in self.view.words}
        self.about: str | None = None
        self.sentence_countries: dict[int, set[str]] = {}

    def run(self) -> Parties:
        self.find()
        self.people_to_entities()
        self.weigh_countries()
        self.settle_entities()
        self.draft_names()
        self.draft_people()
        self.draft_roles()
        self.look_through()
        self.share_appositions()
        self.point_back()
        self.count_heads()
        resolve_pronouns(self.view, self.words, self.drafts)
        self.pronoun_owners()
        return Parties({token: self.party(self.drafts[token]) for token in sorted(self.drafts)})

    # --------------------------------------------------------------- finding
    def find(self) -> None:
        view, tables = self.view, self.tables
        raw = find_names(view, tables)
        known = frozenset(
            thing.country
            for _, _, name in raw
            for thing in name.things
            if isinstance(thing, Thing) and thing.country and len(name.things) == 1
        )
        self.named = {view.words[i].token for start, end, _ in raw for i in range(start, end)}
        for start, end, name in raw:
            thing = choose(name, self.date, known)
            if thing is None:
                continue
            key = " ".join(word.folded for word in view.words[start:end])
            national = thing.kind == "organisation" and thing.country not in (None, *NON_STATES)
            if national and key in tables.roles:
                continue  # "the Defense Department": whose it is, the text says
            first, last = view.words[start].token, view.words[end - 1].token + 1
            thing = self.disambiguate(key, thing, first, last)
            if thing is None:
                continue
            mention = NameMention(view.span_head(first, last), first, last, name, thing)
            self.names.append(mention)
            for token in range(first, last):
                self.name_at[token] = mention
        blocked = {token for token, m in self.name_at.items() if not self.maybe_person(m)}
        taken = {
            token
            for mention in self.names
            if mention.last - mention.first > 1 or mention.thing.kind != "region"
            for token in range(mention.first, mention.last)
        }
        self.roles = find_roles(view, tables, taken)
        self.role_at = {role.head: role for role in self.roles}
        self.people = find_people(view, tables, raw, self.roles, blocked)
        for person in self.people:
            for token in range(person.first, person.last):
                self.name_at.pop(token, None)
                if token in self.role_at and self.role_at[token] is not person.title:
                    del self.role_at[token]
        inside = {t for p in self.people for t in range(p.first, p.last)}
        self.names = [m for m in self.names if not inside & set(range(m.first, m.last))]

    def maybe_person(self, mention: NameMention) -> bool:
        """Whether a name of the tables may be part of a person's name here ("Chad Smith")."""
        view, first, last = self.view, mention.first, mention.last
        if mention.thing.kind not in ("country", "capital", "region") or last - first > 1:
            return False
        return view.ent[first] == "PERSON" and view.ent_last[first] - view.ent_first[first] > 1

    def disambiguate(self, key: str, thing: Thing, first: int, last: int) -> Thing | None:
        """The other meaning of a name that is also something else, where that is meant."""
        view = self.view
        if thing.kind not in ("country", "capital", "region"):
            return thing
        rule = self.tables.ambiguous.get(key)
        word = view.lower[first]
        follows = last < len(view.texts) and (
            view.pos[last] == "PROPN"
            and last not in self.named
            and view.sent[last] == view.sent[first]
        )
        if (
            last - first == 1
            and follows
            and fold(word) in self.tables.genders
            and self.tables.longest_role.get(view.lower[last], 0) == 0
        ):
            return None  # "Virginia" and "Chad" before a family name
        if rule is None:
            return thing
        if rule.person_name and view.ent[first] == "PERSON":
            start, end = view.ent_first[first], view.ent_last[first]
            alone = all(
                i in range(first, last) or view.pos[i] in ("PART", "PUNCT", "ADP", "DET")
                for i in range(start, end)
            )
            if not alone:
                return None
        if rule.cues & self.folded and not rule.counter & self.folded:
            if rule.country is None:
                return None
            return Thing("region", thing.name, rule.country, detail="region")
        return thing

    # ---------------------------------------------------------------- people
    def people_to_entities(self) -> None:
        """Group the mentions: a full name binds the surnames after (and before) it."""
        full = [m for m in self.people if len(m.words) > 1]
        for mention in full:
            entity = next(
                (e for e in reversed(self.entities) if _same_name(e.words, mention.words)), None
            )
            if entity is None:
                entity = Entity(mention.words)
                self.entities.append(entity)
            elif len(mention.words) > len(entity.words):
                entity.words = mention.words
            self.attach(entity, mention)
        for mention in self.people:
            if len(mention.words) > 1:
                continue
            word = mention.words[0]
            matching = [
                entity
                for entity in self.entities
                if entity.words[-1] == word
                or (entity.words[-1] in self.words["suffixes"] and entity.words[-2:-1] == (word,))
            ]
            if not matching:
                # "Suu Kyi", "Kim", "Castro" of a double name: any word of a full name but the first
                matching = [e for e in self.entities if word in e.words[1:]]
            if not matching and mention.title is None and not mention.honorific:
                matching = [e for e in self.entities if e.words[0] == word and len(e.words) > 1]
            before = [e for e in matching if any(m.first < mention.first for m in e.mentions)]
            if matching:
                entity = max(
                    before or matching,
                    key=lambda e: max(
                        (m.first for m in e.mentions if m.first < mention.first), default=-1
                    ),
                )
            else:
                entity = Entity(mention.words)
                self.entities.append(entity)
            self.attach(entity, mention)

    def attach(self, entity: Entity, mention: PersonMention) -> None:
        entity.mentions.append(mention)
        self.entity_of[id(mention)] = entity

    def weigh_countries(self) -> None:
        """What country the document is about, and those that each sentence names."""
        weights: dict[str, float] = {}
        for mention in self.names:
            code = mention.thing.country
            if code is None or mention.thing.kind == "group" or mention.thing.sector == "PTY":
                continue
            self.add_weight(weights, code, mention.head)
        for person in self.people:
            code = self.table_country(person)
            if code:
                self.add_weight(weights, code, person.head)
        total = sum(weights.values())
        if total:
            ranked = sorted(weights, key=lambda code: (-weights[code], code))
            best, second = weights[ranked[0]], weights.get(ranked[1], 0) if ranked[1:] else 0
            if best >= 2 and (
                best / total > CONTEXT_SHARE
                or (best / total > PLURALITY_SHARE and best > PLURALITY_LEAD * second)
            ):
                self.about = ranked[0]
        self.known = frozenset(
            {m.thing.country for m in self.names if m.thing.kind in PLACES and m.thing.country}
            | {code for person in self.people if (code := self.table_country(person))}
        )

    def add_weight(self, weights: dict[str, float], code: str, token: int) -> None:
        if code in ("IGO", "NGO", "IMG", "ISM", "MNC", "UNO"):
            return
        sentence = self.view.sent[token]
        self.sentence_countries.setdefault(sentence, set()).add(code)
        number = self.view.parsed.sentences[sentence].number
        weights[code] = weights.get(code, 0.0) + (
            3.0 if number == 0 else 2.0 if number <= LEAD_SENTENCES else 1.0
        )

    def table_country(self, mention: PersonMention) -> str | None:
        people = mention.people
        if len(people) != 1:
            return None
        term = people[0].at(self.date) or people[0].terms[-1]
        return term.country

    def settle_entities(self) -> None:
        for entity in self.entities:
            self.settle(entity)

    def settle(self, entity: Entity) -> None:
        """Name, country, sector and office of a person on the day."""
        title = self.title_of(entity)
        person, by = self.identify(entity, title.role, title.country)
        genders = self.words.map("gender_of")
        gender = genders.get(title.honorific)
        if gender is None and title.role is not None:
            gender = genders.get(fold(title.role.role).rsplit(" ", 1)[-1])
        if gender is None and (len(entity.words) > 1 or person is not None):
            first = person.words[0][0] if person is not None else entity.words[0]
            gender = self.tables.genders.get(first)
        entity.gender, entity.person = gender, person
        if person is None:
            self.settle_unknown(entity, title)
        else:
            entity.name, entity.by = person.name, by
            self.settle_known(entity, person, title)

    def title_of(self, entity: Entity) -> Title:
        """What the document calls a person, all mentions taken together."""
        title = Title()
        for mention in entity.mentions:
            title.honorific = title.honorific or mention.honorific
            found = mention.title or self.apposed_role(mention)
            if found is None:
                continue
            start = self.title_start(found, mention)
            lower = {self.view.lower[i].rstrip("-") for i in range(start, mention.first)}
            former = bool(lower & self.words["former"])
            elect = bool(lower & self.words["elect"])
            title.side = title.side or self.title_sector(found, start, mention)
            role = title.role
            if (
                role is None
                or (role.kind == "person" and found.role.kind == "office")
                or (role.sector in (None, "CVL") and found.role.sector not in (None, "CVL"))
            ):
                title.role, title.former, title.elect = found.role, former, elect
            elif elect:
                title.elect = True
            title.country = title.country or self.country_near(found.head, start, mention.first)
        return title

    def settle_unknown(self, entity: Entity, title: Title) -> None:
        """A person whom no table knows is what the document says of him."""
        longest = max(entity.mentions, key=lambda mention: mention.last - mention.first)
        entity.name, entity.country = self.name_text(longest), title.country
        role = title.role
        if role is None:
            return
        entity.sector, entity.other = role.sector, role.other_sectors
        entity.office, entity.by = self.office_text(role), "title"
        if title.side is not None:
            entity.sector, entity.other, entity.office = title.side, (), role.role
        if title.former and role.kind == "office":
            entity.sector, entity.other = "ELI", _others(role.sector, role.other_sectors)
        if title.elect:
            entity.sector = "GOV"
        local = role.kind == "office" or role.sector in ("LEG", "JUD", "COP", "PTY", "REL")
        if title.country is None and local:
            entity.country = self.context_country(entity.mentions[0].head)

    def settle_known(self, entity: Entity, person: Person, title: Title) -> None:
        """A person of the tables: the office on the day, what the document adds to it."""
        role, term = title.role, person.at(self.date)
        over = term is not None and self.date is None and bool(term.period.end)
        if over and (role is None or title.former):
            self.once(entity, person.last_over() or person.terms[-1])
            return
        if term is not None:
            entity.country, entity.sector, entity.office = term.country, term.sector, term.office
            if title.elect and term.sector not in OFFICIAL:
                entity.sector, entity.other, entity.by = "GOV", _others(term.sector, ()), "title"
            elif role is not None and role.sector == "REL" and term.sector != "REL":
                entity.sector, entity.other = "REL", _others(term.sector, ())
            else:
                known = self.tables.roles.get(self.tables.office_of(term.office) or "")
                if known is not None:
                    entity.other = tuple(s for s in known.other_sectors if s != term.sector)
            return
        past = person.last_before(self.date) if self.date else None
        if past is not None:
            self.once(entity, past)
        else:
            entity.country = person.terms[0].country
        if title.elect:
            entity.sector, entity.by = "GOV", "title"
        elif role is not None and not title.former and role.sector and role.kind != "group":
            # "President Carter" of today is no president; "Senator Kerry" once was secretary
            same = past is not None and role.office == self.tables.office_of(past.office)
            stale = past is not None and role.kind != "office" and past.sector in OFFICIAL
            if not same and not stale:
                entity.sector, entity.other = role.sector, role.other_sectors
                entity.office, entity.by = self.office_text(role), "title"

    def once(self, entity: Entity, term: Term) -> None:
        """What somebody is whose office is over: of the elite, or still of a party."""
        entity.country, entity.office = term.country, f"former {term.office}"
        if term.sector in OFFICIAL:
            entity.sector, entity.other = "ELI", _others(term.sector, ())
        else:
            entity.sector, entity.other = term.sector, ()

    def title_sector(self, title: RoleMention, start: int, mention: PersonMention) -> str | None:
        """The sector of what a title belongs to: "union president", "director of the bank"."""
        view = self.view
        if fold(title.role.role) in self.words["civil_or_military"]:
            owners = [
                child
                for token in {title.head, view.span_head(title.first, title.last), mention.head}
                for child in view.children[token]
                if view.dep[child] == "poss" and child not in self.name_at
            ]
            return "GOV" if owners else None
        if fold(title.role.role) not in self.words["relational"]:
            return None
        modifier_sector = self.words.map("modifier_sector")
        for token in range(title.first - 1, start - 1, -1):
            name = self.name_at.get(token)
            if name is not None and name.thing.kind in ("organisation", "group"):
                return name.thing.sector
            if token in self.role_at and self.role_at[token].role.kind != "office":
                return self.role_at[token].role.sector
            if view.lower[token] in modifier_sector:
                return modifier_sector[view.lower[token]]
        for token in view.case_objects(title.head, self.words["member_prepositions"]):
            name = self.name_at.get(token)
            if name is not None and name.thing.kind in ("organisation", "group"):
                return name.thing.sector
            if token in self.role_at:
                return self.role_at[token].role.sector
        return None

    def office_text(self, role: Role) -> str | None:
        if role.kind != "office":
            return None
        short = fold(role.role) in self.words["only_before_names"]
        return role.office if short else role.role

    def name_text(self, mention: PersonMention) -> str:
        view = self.view
        first = mention.first
        while first < mention.last - 1 and (
            view.lower[first].rstrip(".") in self.words["honorifics"] or view.texts[first] == "."
        ):
            first += 1
        return " ".join(view.text[view.idx[first] : view.ends[mention.last - 1]].split())

    def apposed_role(self, mention: PersonMention) -> RoleMention | None:
        """A role in apposition to a name, or said of it ("X was a judge")."""
        view = self.view
        for child in view.children[mention.head]:
            if view.dep[child] == "appos" and child in self.role_at:
                return self.role_at[child]
        head = view.head[mention.head]
        if view.dep[mention.head] == "appos" and head in self.role_at:
            return self.role_at[head]
        if view.dep[mention.head] == "nsubj" and view.lemma[head] == "be":
            for child in view.children[head]:
                if view.dep[child] == "attr" and child in self.role_at:
                    return self.role_at[child]
        return None

    def title_start(self, role: RoleMention, mention: PersonMention) -> int:
        if role.first >= mention.last:
            return self.view.left_edge(role.head)
        edge = min(self.view.left_edge(role.head), self.view.left_edge(mention.head), role.first)
        sentence = self.view.parsed.sentences[self.view.sent[mention.head]].first
        return max(edge, sentence, role.first - 12)

    def identify(
        self, entity: Entity, role: Role | None, country: str | None
    ) -> tuple[Person | None, str]:
        """The person of the tables that an entity is, if one stands out."""
        named = [p for m in entity.mentions for p in m.people]
        if named:
            return self.pick(list(dict.fromkeys(named)), role, country), "name"
        words = entity.words
        if len(words) > 1:
            found = []
            for length in (1, 2):
                for person in self.tables.surnames.get(" ".join(words[-length:]), ()):
                    if any(compatible(full, words, length) for full in person.words):
                        found.append(person)
            found = [p for p in dict.fromkeys(found) if country is None or _has(p, country)]
            return (self.pick(found, role, country), "name") if found else (None, "name")
        candidates = list(self.tables.surnames.get(" ".join(words), ()))
        if not candidates:
            return None, "name"
        if country is not None:
            candidates = [p for p in candidates if _has(p, country)]
        titled = role is not None or any(m.honorific for m in entity.mentions)
        current = [p for p in candidates if self.term_now(p) is not None]
        if role is not None and role.office:
            fitting = [
                p for p in candidates
                if any(self.tables.office_of(t.office) == role.office for t in p.terms)
            ]  # fmt: skip
            in_office = [p for p in fitting if p in current]
            if len(in_office) == 1:
                return in_office[0], "title"
            if len(fitting) == 1 and country is not None:
                return fitting[0], "title"
        if len(current) > 1:
            near = [p for p in current if (t := self.term_now(p)) and t.country in self.known]
            current = near or current
        if len(current) == 1 and (
            titled or (self.plausible_surname(entity) and self.expected(current[0]))
        ):
            return current[0], "surname"
        if not current:
            near = [p for p in candidates if any(t.country in self.known for t in p.terms)]
            if len(near) == 1 and self.plausible_surname(entity) and self.well_known(near[0]):
                return near[0], "surname"
        return None, "surname"

    def term_now(self, person: Person) -> Term | None:
        term = person.at(self.date)
        if self.date is None and term is not None and term.period.end:
            return None
        return term

    def expected(self, person: Person) -> bool:
        """Whether a report would name this holder of an office by surname alone.

        Presidents, prime ministers and the like anywhere; others where the document
        names their country.
        """
        term = self.term_now(person)
        if term is None:
            return False
        return term.country in self.known or self.well_known(person)

    def well_known(self, person: Person) -> bool:
        """Whether somebody held an office whose holders need no first name."""
        offices = {self.tables.office_of(term.office) for term in person.terms}
        return bool(offices & self.words["known_by_surname"])

    def plausible_surname(self, entity: Entity) -> bool:
        """Whether a bare surname stands in the text as a person's name does."""
        view = self.view
        for mention in entity.mentions:
            token = mention.head
            sentence = view.parsed.sentences[view.sent[token]]
            short = sentence.last - sentence.first <= 3  # a heading, a table's cell
            if mention.last - mention.first > 2 or not (
                view.pos[token] == "PROPN" or (short and view.pos[token] in ("NOUN", "X"))
            ):
                continue
            label = view.ent[token]
            ent_length = view.ent_last[token] - view.ent_first[token]
            if label == "PERSON" and ent_length <= 2:
                return True
            if view.dep[token] in ("compound", "amod", "nmod"):
                continue
            if any(
                view.dep[c] == "compound" and view.texts[c][:1].isupper()
                for c in view.children[token]
            ):
                continue
            if label in ("", "ORG", "GPE", "NORP", "PRODUCT") and ent_length == 1:
                return view.dep[token] in (
                    "nsubj",
                    "nsubjpass",
                    "poss",
                    "pobj",
                    "dobj",
                    "ROOT",
                    "conj",
                )
        return False

    def pick(self, people: list[Person], role: Role | None, country: str | None) -> Person | None:
        """One of several people of one name: by country, by office on the day, or none."""
        if len(people) == 1:
            return people[0]
        for fits in (
            [p for p in people if country is not None and _has(p, country)],
            [p for p in people if self.term_now(p) is not None],
            [p for p in people if any(t.country in self.known for t in p.terms)],
        ):
            if len(fits) == 1:
                return fits[0]
            people = fits or people
        return None

    # ------------------------------------------------------------- countries
    def country_near(self, head: int, first: int, last: int) -> str | None:
        """The country that a title or role names: before it, as possessor, or after "of"."""
        view = self.view
        found: str | None = None
        for token in range(min(first, head), head):
            mention = self.name_at.get(token)
            if (
                mention is not None
                and mention.thing.country not in (None, "MNC")
                and mention.last <= head + 1
            ):
                found = mention.thing.country
        if found:
            return found
        for token in view.modifiers(head):
            mention = self.name_at.get(token)
            if mention is not None and mention.thing.country not in (None, "MNC"):
                return mention.thing.country
        for token in view.case_objects(head, self.words["country_prepositions"]):
            mention = self.name_at.get(token)
            if mention is not None and mention.thing.country not in (None, "MNC"):
                return mention.thing.country
        return None

    def context_country(self, token: int) -> str | None:
        """The country that a bare local role belongs to: what the document is about."""
        if self.about is not None:
            return self.about
        near = self.sentence_countries.get(self.view.sent[token], set())
        return next(iter(near)) if len(near) == 1 else None

    # ---------------------------------------------------------------- drafts
    def draft_names(self) -> None:
        view = self.view
        for mention in self.names:
            thing, head = mention.thing, mention.head
            role = self.role_at.get(head)
            if role is not None and role.head == head:
                continue
            draft = Draft(head, mention.first, mention.last)
            draft.name = thing.name if thing.kind in ("organisation", "group") else None
            draft.country, draft.members = thing.country, thing.members
            draft.wikidata = thing.wikidata
            draft.kind = {"organisation": "organisation", "group": "group"}.get(thing.kind, "state")
            draft.by = {
                "country": "lexicon", "capital": "capital", "demonym": "demonym",
                "region": "place", "organisation": "lexicon", "group": "group",
            }[thing.kind]  # fmt: skip
            modifier = view.dep[head] in ("amod", "compound", "nmod") or (
                view.pos[head] == "ADJ"
                and view.dep[head] not in ("nsubj", "nsubjpass", "pobj", "dobj")
            )
            if thing.kind in ("country", "capital", "demonym") and modifier:
                owner = self.owner(head)
                party = owner in self.role_at or owner in self.name_at or self.is_person(owner)
                draft.sector = None if party else "GOV"
                draft.adjective = True
            elif thing.kind in ("country", "capital"):
                bare = thing.kind == "capital" and view.dep[head] == "ROOT"
                if bare or not self.is_place(head):
                    draft.sector = "GOV"
                if thing.kind == "country" or thing.country is not None:
                    draft.name = thing.name if thing.kind == "country" else None
            elif thing.kind == "demonym":
                draft.sector, draft.kind = "CVL", "group"
                draft.plural = view.texts[head].endswith("s") or view.tag[head].endswith("S")
            elif thing.kind == "region":
                draft.sector = (
                    None
                    if modifier or (self.is_place(head) and view.dep[head] != "ROOT")
                    else ("CVL" if thing.detail == "city" else "GOV")
                )
                draft.adjective = modifier
            else:
                draft.sector, draft.other = thing.sector, thing.other_sectors
                draft.adjective = modifier
                if not self.whose(draft, mention):
                    continue
                draft.plural = thing.kind == "group" or bool(thing.members)
                if thing.kind == "group" and draft.country is None and not thing.members:
                    draft.country = self.country_near(head, mention.first, mention.first)
            if not draft.adjective:
                draft.first = min(draft.first, view.left_edge(head))
            self.drafts[head] = draft

    def whose(self, draft: Draft, mention: NameMention) -> bool:
        """A party or state body of the tables that the text gives to another country.

        "The Chilean Socialist Party" is not Spain's; "the Conservatives" of a report on
        Canada that never names Britain are not Britain's. False where the name must be
        something else altogether: an abbreviation that is a party only abroad.
        """
        thing, view = mention.thing, self.view
        if thing.sector not in SHARED or thing.country in (None, *NON_STATES):
            return True
        for child in view.children[draft.token]:
            name = self.name_at.get(child)
            if (
                name is not None
                and child < draft.token
                and not draft.first <= child < draft.last
                and name.thing.kind in ("country", "demonym", "capital")
                and name.thing.country not in (None, thing.country)
            ):
                draft.country, draft.name, draft.wikidata = name.thing.country, None, None
                return True
        if (
            thing.sector == "PTY"
            and self.about is not None
            and self.about != thing.country
            and thing.country not in self.known
        ):
            if mention.name.acronym:
                return False
            draft.country, draft.name, draft.wikidata = self.about, None, None
            draft.by = "context"
        return True

    def owner(self, token: int) -> int:
        """The noun that a modifier belongs to."""
        view, steps = self.view, 0
        while view.dep[token] in ("amod", "compound", "nmod", "conj") and steps < 8:
            if view.head[token] == token:
                break
            token = view.head[token]
            steps += 1
        return token

    def is_person(self, token: int) -> bool:
        return any(mention.head == token for mention in self.people)

    def is_place(self, token: int) -> bool:
        """Whether a name of a country says only where: "in Iraq", "Basra, Iraq"."""
        view, steps = self.view, 0
        while view.dep[token] in ("conj", "appos") and steps < 12 and view.head[token] != token:
            token = view.head[token]
            steps += 1
        if view.dep[token] in ("npadvmod", "ROOT", "dep", "attr"):
            return True
        if view.dep[token] == "pobj":
            return view.lower[view.head[token]] in self.words["place_prepositions"]
        return False

    def draft_people(self) -> None:
        view = self.view
        for mention in self.people:
            entity = self.entity_of[id(mention)]
            if not self.is_party(entity, mention):
                continue
            first = mention.first
            if mention.title is not None:
                first = min(mention.title.first, self.title_start(mention.title, mention))
            else:
                first = min(first, view.left_edge(mention.head))
            heads = {mention.head, view.span_head(mention.first, mention.last)}
            if mention.title is not None:
                heads.add(mention.title.head)
                heads.add(view.span_head(mention.title.first, mention.last))
                self.role_at.pop(mention.title.head, None)
            for head in heads:
                draft = Draft(head, first, mention.last)
                draft.kind, draft.name = "person", entity.name
                draft.country, draft.sector, draft.other = (
                    entity.country, entity.sector, entity.other,
                )  # fmt: skip
                draft.office, draft.gender, draft.by = entity.office, entity.gender, entity.by
                draft.wikidata = entity.person.wikidata if entity.person else None
                draft.entity = id(entity)
                draft.main = head == mention.head
                self.drafts[head] = draft

    def is_party(self, entity: Entity, mention: PersonMention) -> bool:
        """Whether a name is a person's at all: known, titled, or marked so by the parser."""
        view = self.view
        if entity.person is not None or mention.title is not None or mention.honorific:
            return True
        for m in entity.mentions:
            if m.title is not None or m.honorific:
                return True
            if any(view.ent[i] == "PERSON" for i in range(m.first, m.last)) and (
                view.pos[m.head] == "PROPN"
            ):
                return True
        return False

    def draft_roles(self) -> None:
        """Draft every role phrase, modifiers first, then those that end in another party.

        "Police" in "police spokesman" stands before its noun and "rebels" in "spokesman of
        the rebels" after it: the first pass goes forward, the second back.
        """
        ordered = sorted(self.role_at.values(), key=lambda role: role.head)
        after: list[RoleMention] = []
        for role in ordered:
            self.put_role(role)
            if self.view.case_objects(role.head, self.words["country_prepositions"]):
                after.append(role)
        for role in reversed(after):
            self.put_role(role)

    def put_role(self, role: RoleMention) -> None:
        known = self.drafts.get(role.head)
        if known is not None and known.kind == "person":
            return
        draft = self.draft_role(role)
        if draft is not None:
            self.drafts[role.head] = draft

    def draft_role(self, mention: RoleMention) -> Draft | None:
        view, role, head = self.view, mention.role, mention.head
        dep = view.dep[head]
        if dep in ("compound", "amod", "nmod"):
            owner = self.owner(head)
            if owner in self.role_at or self.is_person(owner):
                if owner != head and role.kind in ("person", "office"):
                    return None
            elif role.kind in ("person",) and role.sector in ("CVL", "EDU", "LAB", "BUS"):
                return None
        draft = Draft(head, mention.first, mention.last)
        draft.kind = (
            "organisation"
            if role.kind == "institution"
            else ("group" if role.kind == "group" else "role")
        )
        draft.role, draft.sector, draft.other = role, role.sector, role.other_sectors
        draft.by, draft.office = "role", self.office_text(role)
        draft.plural = view.tag[head] in ("NNS", "NNPS") or (
            role.kind == "group"
            and (
                view.lower[head].endswith("s")
                or view.lower[head] in ("police", "people", "military")
            )
        )
        draft.gender = self.words.map("gender_of").get(fold(role.role).rsplit(" ", 1)[-1])
        draft.adjective = dep in ("compound", "amod", "nmod")
        first = min(mention.first, view.left_edge(head))
        draft.first = first if not draft.adjective else mention.first
        lower = [view.lower[i].rstrip("-") for i in range(draft.first, mention.last)]
        side = self.side_of(draft, mention)
        if (
            side is not None
            and fold(role.role) in self.words["civil_or_military"]
            and (side.kind == "person" or (side.kind == "role" and side.sector == "GOV"))
        ):
            draft.sector, draft.other = "GOV", ()
        if side is None and not draft.country and fold(role.role) in self.words["needs_side"]:
            return None
        if draft.by == "context" and fold(role.role) in self.words["needs_side"]:
            return None
        if (
            role.sector is None
            and role.kind == "person"
            and side is None
            and draft.first == mention.first
            and not draft.plural
            and draft.sector is None
            and draft.by in ("role", "context")
            and not view.case_objects(head, self.words["country_prepositions"])
        ):
            return None  # "head on", "in chief": the noun is no person
        if self.words["former"] & set(lower) and (
            role.kind == "office" or role.sector in ("GOV", "LEG", "MIL")
        ):
            draft.sector, draft.other = "ELI", _others(role.sector, role.other_sectors)
        elif (
            role.kind == "office"
            and role.office
            and not draft.plural
            and not draft.adjective
            and (side is None or side.kind == "state")  # not of a league, a party or a company
        ):
            self.fill_holder(draft, mention, lower)
        return draft

    def side_of(self, draft: Draft, mention: RoleMention) -> Draft | None:
        """Country and sector of a role phrase from its modifiers, possessor and complement."""
        view, role, head = self.view, mention.role, mention.head
        text = fold(role.role)
        relational = (
            text in self.words["relational"] or view.lower[head] in self.words["relational"]
        )
        transparent = view.lower[head] in self.words["transparent"]
        modifier_sector = self.words.map("modifier_sector")
        countries: list[str] = []
        side: Draft | None = None
        edge = view.left_edge(head)
        for token in view.modifiers(head):
            if token < edge:
                break
            if mention.first <= token < mention.last and view.dep[token] != "poss":
                name = self.name_at.get(token)
                if name is None:
                    continue
            name = self.name_at.get(token)
            if name is not None:
                code = name.thing.country
                if code is not None and code not in ("MNC", *countries):
                    countries.append(code)
                if name.thing.kind in ("organisation", "group") and side is None:
                    side = self.drafts.get(name.head)
                if name.thing.members and not draft.members:
                    draft.members = name.thing.members
            elif token in self.role_at and token != head:
                inner = self.drafts.get(token)
                if inner is not None:
                    if inner.country and inner.country not in countries:
                        countries.append(inner.country)
                    side = side or inner
            elif token in self.drafts and view.dep[token] == "poss":
                owner = self.drafts[token]
                if owner.country and owner.country not in countries:
                    countries.append(owner.country)
                side = side or owner
            elif (
                view.lower[token] in modifier_sector
                and role.kind != "office"
                and (relational or role.sector in (None, "CVL", "UAF") or role.sector == "MIL")
            ):
                draft.sector = modifier_sector[view.lower[token]]
        after = view.case_objects(head, self.words["country_prepositions"])
        for child in view.children[head]:
            if view.dep[child] == "acl" and child > head:  # "a woman visiting from Canada"
                after.extend(view.case_objects(child, self.words["origin_prepositions"]))
        for token in after:
            other = self.drafts.get(token) or self.possessor(token)
            name = self.name_at.get(token)
            preposition = view.lower[view.head[token]]
            if name is not None and name.thing.country == "MNC":
                side = side or self.drafts.get(name.head)
                continue  # who works for a firm of many countries has a country of his own
            if name is not None and name.thing.country and not countries:
                countries.append(name.thing.country)
            elif other is not None and other.country and not countries and preposition != "by":
                countries.append(other.country)
            if other is not None and side is None and preposition in ("of", "for", "from", "at"):
                side = other
            if (
                other is not None
                and preposition == "of"
                and (
                    draft.last <= other.last
                    and (relational or transparent or role.kind == "office")
                )
            ):
                draft.last = other.last
        if (
            side is not None
            and (relational or transparent)
            and side.sector
            and (side.kind != "state" or role.sector is None)
            and (side.kind != "person" or role.sector is None)
        ):
            draft.sector, draft.other = side.sector, side.other
            if not draft.members:
                draft.members = side.members
        if countries:
            draft.country = countries[0]
            if len(countries) > 1 and self.hyphenated(mention.head):
                draft.country = countries[-1]
            if len(countries) > 1:
                draft.members = tuple(sorted(countries))
                self.split_adjectives(mention, draft)
        elif draft.country is None and not draft.members and not self.own_name(draft, mention):
            self.local_country(draft, mention)
        return side

    def own_name(self, draft: Draft, mention: RoleMention) -> bool:
        """Whether an institution has a name of its own ("the Lantern Congress").

        Then what the document is about says nothing of whose it is.
        """
        view = self.view
        if mention.role.kind != "institution" or not view.texts[mention.head][:1].isupper():
            return False
        first = mention.first
        while first > draft.first and (
            view.texts[first - 1][:1].isupper() and view.pos[first - 1] in ("PROPN", "ADJ", "NOUN")
        ):
            first -= 1
        if first == mention.first or view.dep[first] in ("det", "poss"):
            return False
        draft.name = view.text[view.idx[first] : view.ends[mention.last - 1]]
        return True

    def possessor(self, token: int) -> Draft | None:
        """Whose a thing is: "chairman of the company's board" is the company's."""
        for child in self.view.children[token]:
            if self.view.dep[child] in ("poss", "compound") and child in self.drafts:
                return self.drafts[child]
        return None

    def hyphenated(self, head: int) -> bool:
        """Whether two nationalities are one person's ("a German-Iraqi boy")."""
        view = self.view
        return any(
            view.texts[i] == "-" and i - 1 in self.name_at and i + 1 in self.name_at
            for i in range(max(0, view.left_edge(head)), head)
        )

    def split_adjectives(self, mention: RoleMention, draft: Draft) -> None:
        """In "French and Spanish police" each adjective is a party of the role's sector."""
        for token in self.view.modifiers(mention.head):
            inner = self.drafts.get(token)
            if inner is not None and inner.adjective and inner.country != draft.country:
                inner.sector = draft.sector

    def local_country(self, draft: Draft, mention: RoleMention) -> None:
        role = mention.role
        if role.sector in ("REB", "SPY", None, "PRE") or draft.sector in ("REB", "PRE"):
            return
        if (
            fold(role.role) in self.words["no_context"]
            or self.view.lower[mention.head] in self.words["no_context"]
        ):
            return
        country = self.context_country(mention.head)
        if country is not None:
            draft.country = country
            draft.by = "context"

    def fill_holder(self, draft: Draft, mention: RoleMention, lower: list[str]) -> None:
        """Who "the president" is: the holder of the office in its country on the day."""
        determiner = self.view.determiner(mention.head)
        if determiner in self.words["indefinite"] or draft.country is None or not draft.office:
            return
        if not determiner and draft.by == "context":
            return  # "ran for president"
        office = mention.role.office
        if office is None or office in self.words["held_by_many"]:
            return
        if self.words["elect"] & set(lower):
            self.fill_elected(draft, draft.country, office)
            return
        # a king of a country without kings, a chancellor abroad: nobody is found, nothing filled
        row = self.tables.holder(draft.country, office, self.date)
        if row is None:
            return
        person, term = row
        named = any(entity.person is person for entity in self.entities)
        if draft.by == "context" and not named:
            return
        draft.name, draft.wikidata, draft.office = person.name, person.wikidata, term.office
        draft.sector = term.sector or draft.sector
        draft.by = "role"
        draft.gender = draft.gender or self.tables.genders.get(person.words[0][0])
        for entity in self.entities:
            if entity.person is person:
                draft.entity = id(entity)

    def fill_elected(self, draft: Draft, country: str, office: str) -> None:
        """ "The president-elect": who of the document takes that office next."""
        if self.date is None:
            return
        for entity in self.entities:
            if entity.person is None:
                continue
            for term in entity.person.terms:
                if (
                    term.country == country
                    and term.period.after(self.date)
                    and int(term.period.start[:4]) - int(self.date[:4]) <= 1
                    and self.tables.office_of(term.office) == office
                ):
                    entity.sector, entity.country, entity.by = "GOV", country, "title"
                    for other in self.drafts.values():
                        if other.entity == id(entity):
                            other.sector, other.country = "GOV", country
                    draft.name, draft.sector, draft.by = entity.name, "GOV", "role"
                    draft.entity, draft.wikidata = id(entity), entity.person.wikidata
                    draft.gender = entity.gender
                    return

    def look_through(self) -> None:
        """ "Dozens of protesters", "several of the unions": whoever is counted."""
        view, of = self.view, frozenset(("of",))
        for token in range(len(view.texts) - 1, -1, -1):
            if token in self.drafts or view.lower[token] not in self.words["transparent"]:
                continue
            for child in view.case_objects(token, of):
                counted = self.drafts.get(child)
                if counted is None or counted.kind in ("state", "person"):
                    continue
                draft = Draft(token, view.left_edge(token), counted.last, counted.kind)
                draft.take(counted, counted.by)
                draft.role, draft.plural = counted.role, True
                self.drafts[token] = draft

    # ---------------------------------------------------------- appositions
    def share_appositions(self) -> None:
        """A role and the name beside it are one party: both tokens say all that is known."""
        view = self.view
        for token in list(self.drafts):
            draft = self.drafts[token]
            if view.dep[token] != "appos":
                continue
            other = self.drafts.get(view.head[token])
            if other is None or other is draft:
                continue
            person, role = (draft, other) if draft.kind == "person" else (other, draft)
            if person.kind != "person" or role.kind in ("person", "state"):
                if {draft.kind, other.kind} <= {"organisation", "group"}:
                    for a, b in ((draft, other), (other, draft)):
                        if a.country is None and b.country and a.by != "lexicon":
                            a.country, a.by = b.country, "apposition"
                        if a.sector is None:
                            a.sector = b.sector
                continue
            if role.kind != "role" or role.plural:
                continue
            if person.country is None:
                person.country, person.by = role.country, "apposition"
            if person.sector is None:
                person.sector, person.other = role.sector, role.other
                person.office = person.office or role.office
            for other_draft in self.drafts.values():
                if other_draft.entity == person.entity and other_draft is not person:
                    other_draft.country = other_draft.country or person.country
                    if other_draft.sector is None:
                        other_draft.sector, other_draft.other = person.sector, person.other
            role.name, role.country, role.sector = person.name, person.country, person.sector
            role.other, role.office, role.wikidata = person.other, person.office, person.wikidata
            role.entity, role.gender, role.by = person.entity, person.gender, "apposition"
            if role.first < person.first:
                role.last = max(role.last, person.last)

    def point_back(self) -> None:
        """ "The group", "the boy", "the country": the party of that kind named before."""
        view = self.view
        for token in sorted(self.drafts):
            draft = self.drafts[token]
            if draft.role is None or draft.name is not None or draft.adjective:
                continue
            if draft.country is not None and draft.by != "context":
                continue
            if view.determiner(token) not in self.words["definite"]:
                continue
            found = self.antecedent(token, draft)
            if found is not None:
                if found.kind == "person" and found.sector is None and draft.sector != "CVL":
                    for other in self.drafts.values():  # "the defendant" says what he is
                        if other.entity == found.entity:
                            other.sector = draft.sector
                draft.take(found, "coreference", keep_sector=draft.sector not in (None, "CVL"))
                if found.kind == "state" and view.lower[token] in self.words["back_country"]:
                    draft.kind, draft.sector = "state", None if self.is_place(token) else "GOV"
        for token in range(len(view.texts)):
            if token in self.drafts or view.sent[token] < 0:
                continue
            if view.lower[token] in self.words["back_country"] and view.determiner(token) in (
                "the", "this", "that",
            ):  # fmt: skip
                previous = self.state_before(token)
                if previous is not None:
                    draft = Draft(token, min(view.left_edge(token), token), token + 1)
                    draft.kind = "state"
                    draft.take(previous, "coreference")
                    draft.sector = None if self.is_place(token) else "GOV"
                    self.drafts[token] = draft

    def antecedent(self, token: int, draft: Draft) -> Draft | None:
        view = self.view
        word = view.lower[token]
        same = self.before(
            token,
            lambda d: d.role is not None and view.lemma[d.token] == view.lemma[token]
            and d.plural == draft.plural and d.country is not None and not d.adjective,
        )  # fmt: skip
        if same is not None:
            return same
        if word in self.words["back_group"] and " " not in (draft.role.role if draft.role else ""):
            return self.before(
                token,
                lambda d: d.kind == "organisation" and d.name is not None
                and _kind_fits(word, d) and draft.sector in (None, d.sector),
            )  # fmt: skip
        if word in self.words["back_country"]:
            return self.state_before(token)
        if word in self.words["back_person"]:
            gender = self.words.map("gender_of").get(word)
            return self.before(
                token,
                lambda d: (
                    d.kind == "person"
                    and (gender is None or d.gender in (None, gender))
                    and (draft.sector in (None, "CVL") or d.sector in (None, draft.sector))
                ),
            )
        return None

    def state_before(self, token: int) -> Draft | None:
        """The state that "the country" is: what the document is about, else the nearest."""
        if self.about is not None:
            about = self.about
            found = self.before(
                token, lambda d: d.kind == "state" and d.country == about and d.by != "place"
            )
            if found is not None:
                return found
        return self.before(
            token, lambda d: d.kind == "state" and not d.adjective and d.by != "place"
        )

    def before(self, token: int, fits: Callable[[Draft], bool]) -> Draft | None:
        """The nearest draft before a token, within three sentences, that fits."""
        view = self.view
        sentence = view.sent[token]
        for position in range(token - 1, -1, -1):
            if view.sent[position] < sentence - 3 and view.sent[position] >= 0:
                return None
            draft = self.drafts.get(position)
            if draft is not None and fits(draft):
                return draft
        return None

    def pronoun_owners(self) -> None:
        """ "His administration", "their army": the country is the owner's."""
        view = self.view
        for token, draft in self.drafts.items():
            if draft.role is None or (draft.country is not None and draft.by != "context"):
                continue
            for child in view.children[token]:
                owner = self.drafts.get(child)
                if view.dep[child] == "poss" and view.pos[child] == "PRON" and owner is not None:
                    if owner.country is not None:
                        draft.country, draft.by = owner.country, "coreference"
                    if draft.sector is None:
                        draft.sector, draft.other = owner.sector, owner.other

    def pairs_back(self) -> None:
        """ "The two leaders", "both sides": the last two different parties of that kind."""
        view = self.view
        for token, word in enumerate(view.lower):
            if word not in self.words["back_plural"] or view.sent[token] < 0:
                continue
            modifiers = {view.lower[child] for child in view.children[token]}
            if not modifiers & self.words["two"]:
                continue
            draft = self.drafts.get(token)
            if draft is not None and (draft.members or draft.by not in ("role", "context")):
                continue
            kind = "person" if word in self.words["back_persons"] else "state"
            found = self.last_two(token, kind) or self.last_two(token, "")
            if found is None:
                continue
            if draft is None:
                draft = Draft(token, min(token, view.left_edge(token)), token + 1, "group")
                self.drafts[token] = draft
            draft.members = tuple(d.country for d in found if d.country)
            draft.country, draft.plural, draft.by = None, True, "coreference"
            draft.sector = found[0].sector or draft.sector

    def last_two(self, token: int, kind: str) -> tuple[Draft, Draft] | None:
        view, found = self.view, list[Draft]()
        for position in range(token - 1, -1, -1):
            if view.sent[position] < view.sent[token] - 3 and view.sent[position] >= 0:
                break
            draft = self.drafts.get(position)
            if draft is None or draft.country is None or draft.kind == "pronoun":
                continue
            if kind and draft.kind != kind:
                continue
            if all(draft.country != other.country for other in found):
                found.append(draft)
            if len(found) == 2:
                return found[1], found[0]
        return None

    def count_heads(self) -> None:
        """ "Arrested five", "killing at least 25": a bare number of people."""
        view = self.view
        self.pairs_back()
        for token in range(len(view.texts)):
            if token in self.drafts or view.sent[token] < 0:
                continue
            if view.pos[token] != "NUM" and view.lower[token] not in self.words["counts"]:
                continue
            verb = view.head[token]
            if view.dep[token] not in ("dobj", "nsubjpass", "nsubj") or (
                view.lemma[verb] not in self.words["people_verbs"]
            ):
                continue
            if token + 1 < len(view.texts) and view.texts[token + 1] in ("%", "percent"):
                continue
            draft = Draft(token, view.left_edge(token), token + 1, "group", sector="CVL")
            draft.plural, draft.by = True, "count"
            draft.country = self.context_country(token)
            self.drafts[token] = draft

    # ---------------------------------------------------------------- output
    def party(self, draft: Draft) -> Party:
        view = self.view
        first, last = draft.first, max(draft.last, draft.first + 1)
        while last > first + 1 and view.lower[last - 1] in ("'s", "’s", "'", "’", ",", "."):
            last -= 1
        while first < last - 1 and (
            view.pos[first] in ("PUNCT", "SPACE", "CCONJ", "ADP", "PART", "SCONJ")
            or (
                (view.pos[first] == "ADV" and view.dep[first] in ("advmod", "neg"))
                and view.pos[first + 1] in ("DET", "ADV", "PROPN", "PART", "NUM", "PRON")
                and view.dep[view.head[first]] != "nummod"
            )
        ):
            first += 1
        start, end = view.idx[first], view.ends[last - 1]
        return Party(
            view.text[start:end],
            start,
            end,
            draft.name,
            draft.country,
            draft.members,
            draft.sector,
            draft.other,
            draft.office,
            draft.wikidata,
            draft.by,
            view.parsed.reading.part(start),
        )


def _others(sector: str | None, more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*([sector] if sector else []), *more]))


def _has(person: Person, country: str) -> bool:
    return any(term.country == country for term in person.terms)


def _same_name(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """Whether two full names are one person's: same last word, one first name in the other."""
    if one[-1] != two[-1]:
        return False
    return (
        one[0] == two[0]
        or one[0] in two
        or two[0] in one
        or (one[0][:1] == two[0][:1] and min(len(one[0]), len(two[0])) == 1)
    )


def _kind_fits(word: str, draft: Draft) -> bool:
    """Whether an organisation can be called this: a party is a party, an army no bank."""
    sector = draft.sector
    wanted = {
        "party": ("PTY", "OPP"), "union": ("LAB", "EUR"), "army": ("MIL", "REB"),
        "court": ("JUD",), "company": ("BUS",), "firm": ("BUS",), "bank": ("BUS", "GOV"),
        "church": ("REL",), "newspaper": ("JRN",), "militia": ("PRM", "REB"),
        "cartel": ("CRM",), "gang": ("CRM",), "charity": ("SOC",), "ministry": ("GOV", "MIL"),
    }.get(word)  # fmt: skip
    return wanted is None or sector in wanted
