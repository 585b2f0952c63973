"""Names and role phrases as parties: whose they are, what side they are on."""

from __future__ import annotations

from .draft import Draft
from .mentions import NameMention, RoleMention
from .people import PeopleScene
from .scene import others
from .tables import NON_STATES, Thing, fold, key_of

SHARED = frozenset(("PTY", "GOV", "MIL", "COP", "LEG", "JUD", "SPY"))
"""Sectors of organisations whose names many countries share (Labour Party, Supreme Court)."""


BRANCHES = frozenset(("LEG", "JUD", "COP", "MIL", "OPP", "PTY", "LAB", "REL"))
"""Sectors inside a country: their leaders and members are of the country that a text is about."""


class PhraseScene(PeopleScene):
    """A scene with a draft for every name and every role phrase."""

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
                if bare or not (self.is_place(head) or self.plays(head)):
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
            and (view.lower[head].endswith("s") or view.lower[head] in self.words["plural_nouns"])
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
        if view.postposed:  # "el ministro de Defensa israelí": adjectives stand at the end
            while draft.last < len(view.pos) and (
                view.dep[draft.last] == "amod" and draft.first <= view.head[draft.last] < draft.last
            ):
                draft.last += 1
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
            draft.sector, draft.other = "ELI", others(role.sector, role.other_sectors)
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
                draft.country = countries[-1]  # one person of two nations
            elif len(countries) > 1:
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
        if draft.sector in ("SPY", "PRE"):
            return
        if draft.sector is None and role.kind != "person":
            return
        general = {fold(role.role), self.view.lower[mention.head]} & self.words["no_context"]
        if general and not (role.sector != draft.sector in BRANCHES):
            return  # but "congressional leaders" are of a country
        near = {self.view.lower[i] for i in range(draft.first, mention.last)}
        if near & self.words["foreign"]:
            return
        home = self.words.map("home_of_role").get(fold(role.role))
        home = home or self.only_home(mention)
        country = home or self.context_country(mention.head, draft.sector or role.sector)
        if country is not None:
            draft.country = country
            draft.by = "context"

    def only_home(self, mention: RoleMention) -> str | None:
        """The one country of the document that has an institution of this name."""
        if mention.role.kind != "institution" or self.about is not None:
            return None
        name = self.tables.names.get(key_of(mention.role.role))
        things = name.things if name is not None else ()
        homes = {t.country for t in things if isinstance(t, Thing) and t.country in self.known}
        return homes.pop() if len(homes) == 1 else None

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
