"""The people of a document: which mentions are one person, who that is on the day."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..model import Parsed
from .draft import Draft
from .mentions import PersonMention, RoleMention, compatible
from .scene import Scene, others
from .tables import ActorTables, Person, Role, Term, fold

OFFICIAL = frozenset(("GOV", "LEG", "JUD", "MIL", "COP", "SPY"))
"""Sectors of public office: who has left one is of the elite (PLOVER's ELI)."""


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
    guessed: bool = False  # the country is what the document is about, no more is known
    settled: bool = False


@dataclass(slots=True)
class Title:
    """What a document calls a person: the office or role before or beside the name."""

    role: Role | None = None
    former: bool = False
    elect: bool = False
    country: str | None = None
    side: str | None = None  # sector of what the title belongs to ("union president")
    honorific: str = ""


HEAD_RANK, NO_RANK = 2, 9
"""Ranks of words.toml: up to the first, whoever leads a state or its government."""
REMEMBERED_YEARS = 12
"""Years after the end of such an office in which a bare surname still means its holder."""


class PeopleScene(Scene):
    """A scene whose people are known: :attr:`entities`, and drafts of their mentions."""

    def __init__(self, tables: ActorTables, parsed: Parsed) -> None:
        super().__init__(tables, parsed)
        self.entities: list[Entity] = []
        self.entity_of: dict[int, Entity] = {}  # by id of a person mention

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

    def settle_entities(self) -> None:
        for entity in self.entities:
            self.settle(entity)

    def settle(self, entity: Entity) -> None:
        """Name, country, sector and office of a person on the day."""
        if entity.settled:
            return
        entity.settled = True  # before the rest: two people may be each other's in the text
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
            if title.country is None and found.role.sector is not None:
                title.country = self.employer_country(found, entity)
        return title

    def employer_country(self, title: RoleMention, entity: Entity) -> str | None:
        """The country of whose a title is: "Fenwick's security adviser" serves Fenwick's."""
        for child in self.view.children[title.head]:
            if self.view.dep[child] != "poss":
                continue
            for mention in self.people:
                owner = self.entity_of[id(mention)]
                if mention.first <= child < mention.last and owner is not entity:
                    self.settle(owner)
                    return owner.country
        return None

    def settle_unknown(self, entity: Entity, title: Title) -> None:
        """A person whom no table knows is what the document says of him."""
        longest = max(entity.mentions, key=lambda mention: mention.last - mention.first)
        entity.name, entity.country = self.name_text(longest), title.country
        role = title.role
        if entity.country is None and self.about is not None and self.named_in_full(entity):
            # a report names the countries of strangers, not those of its own people
            entity.country, entity.guessed = self.about, True
        if role is None:
            return
        entity.sector, entity.other = role.sector, role.other_sectors
        entity.office, entity.by = self.office_text(role), "title"
        if title.side is not None:
            entity.sector, entity.other, entity.office = title.side, (), role.role
        if title.former and role.kind == "office":
            entity.sector, entity.other = "ELI", others(role.sector, role.other_sectors)
        if title.elect:
            entity.sector = "GOV"
        local = role.kind == "office" or role.sector in ("LEG", "JUD", "COP", "PTY", "REL")
        if entity.country is None and local:
            entity.country = self.context_country(entity.mentions[0].head)
            entity.guessed = entity.country is not None

    def settle_known(self, entity: Entity, person: Person, title: Title) -> None:
        """A person of the tables: the office on the day, what the document adds to it."""
        role = title.role
        term = self.main_term(person, role.office if role is not None else None)
        over = term is not None and self.date is None and bool(term.period.end)
        if over and (role is None or title.former):
            self.once(entity, person.last_over() or person.terms[-1])
            return
        if term is not None:
            entity.country, entity.sector, entity.office = term.country, term.sector, term.office
            if title.elect and term.sector not in OFFICIAL:
                entity.sector, entity.other, entity.by = "GOV", others(term.sector, ()), "title"
            elif role is not None and role.sector == "REL" and term.sector != "REL":
                entity.sector, entity.other = "REL", others(term.sector, ())
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

    def main_term(self, person: Person, office: str | None) -> Term | None:
        """Of several offices held at once the one that the title names, else the highest."""
        if self.date is None:
            return person.at(None)
        rank = self.words.map("rank")

        def weight(term: Term) -> tuple[bool, int, str]:
            found = self.tables.office_of(term.office)
            named = office is not None and found == office
            return named, -int(rank.get(found or "", "9")), term.period.start

        held = [term for term in person.terms if term.period.holds(self.date)]
        return max(held, key=weight, default=None)

    def once(self, entity: Entity, term: Term) -> None:
        """What somebody is whose office is over: of the elite, or still of a party."""
        entity.country, entity.office = term.country, f"former {term.office}"
        if term.sector in OFFICIAL:
            entity.sector, entity.other = "ELI", others(term.sector, ())
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

    def named_in_full(self, entity: Entity) -> bool:
        """Whether a name is surely a person's: two words of it, or a title or honorific."""
        return len(entity.words) > 1 or any(
            mention.title is not None or mention.honorific for mention in entity.mentions
        )

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
        if len(current) > 1:
            current = self.foremost(current)
        if len(current) == 1 and (
            titled or (self.plausible_surname(entity) and self.expected(current[0]))
        ):
            return current[0], "surname"
        if not current:
            famous = [p for p in candidates if self.remembered(p)]
            if len(famous) == 1 and self.plausible_surname(entity):
                return famous[0], "surname"
            near = [p for p in candidates if any(t.country in self.known for t in p.terms)]
            if len(near) == 1 and self.plausible_surname(entity) and self.well_known(near[0]):
                return near[0], "surname"
        return None, "surname"

    def foremost(self, people: list[Person]) -> list[Person]:
        """Of namesakes in office those of the highest one, where it is a head's of a state."""
        ranks = [self.rank_of(term) if (term := self.term_now(p)) else NO_RANK for p in people]
        best = min(ranks)
        if best > HEAD_RANK:
            return people
        return [person for person, rank in zip(people, ranks, strict=True) if rank == best]

    def rank_of(self, term: Term) -> int:
        """How high an office is: 1 the head of a state, 2 of a government, 9 any other."""
        rank = self.words.map("rank").get(self.tables.office_of(term.office) or "")
        return int(rank) if rank and term.sector == "GOV" else NO_RANK

    def remembered(self, person: Person) -> bool:
        """Whether somebody led a state so lately that his surname alone still says who it is."""
        if self.date is None:
            return False
        return any(
            self.rank_of(term) <= HEAD_RANK
            and term.period.before(self.date)
            and int(self.date[:4]) - int(term.period.end[:4]) <= REMEMBERED_YEARS
            for term in person.terms
        )

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
                draft.entity, draft.guessed = id(entity), entity.guessed
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
