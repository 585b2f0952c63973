"""A document laid out: the names in it, what each stands for, what country it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..model import Parsed
from .draft import Draft
from .mentions import (
    NameMention,
    PersonMention,
    RoleMention,
    choose,
    find_names,
    find_people,
    find_roles,
)
from .tables import NON_STATES, ActorTables, Thing, fold
from .view import View

CONTEXT_SHARE = 0.5
"""Share of a document's country mentions that one country needs to be what it is about."""
PLURALITY_SHARE, PLURALITY_LEAD = 0.4, 1.5
"""Or this share, and so many times that of the second, where many countries are named."""
SPORT_SENTENCE, SPORT_DOCUMENT = 2, 4
"""Words of sport in a sentence, or one there and so many in the document, that make it sport."""
LEAD_SENTENCES = 3
"""Sentences whose mentions weigh double: the lead says where a report plays."""
PLACES = ("country", "demonym", "capital", "region")
ARMED = frozenset(("REB", "UAF", "PRM"))
"""Sectors of whoever fights a state: that a sentence names the state makes them no part of it."""
DATELINE = re.compile(r"[^\n.]{0,40}?\s?(?:--|[–—]|\s-)\s")
"""What follows the place at the head of a report: "OTTAWA (Wire) – "."""
DATELINE_LINES = 4
"""Sentences at the head of a document in which a dateline is sought."""


class Scene:
    """What was found in one document; the later steps add drafts of parties to it."""

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
        self.folded = {word.folded for word in self.view.words}
        self.about: str | None = None
        self.sport: dict[int, int] | None = None  # words of sport by sentence, once counted
        self.known: frozenset[str] = frozenset()  # countries that it names
        self.named: set[int] = set()  # tokens of every name
        self.sentence_countries: dict[int, set[str]] = {}
        self.sites: dict[int, list[tuple[int, str]]] | None = None  # by sentence, once sought

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
            before = view.words[start - 1].folded if start else ""
            if before in self.words["named_things"] and view.joined(start - 1, end):
                continue  # a storm, a ship or an operation of that name
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
            if thing.kind == "organisation" and end - start > 1:
                self.nested_names(start, end, mention.head)
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

    def nested_names(self, start: int, end: int, head: int) -> None:
        """ "Israeli" in "the Israeli military": a country inside an organisation's name."""
        view = self.view
        for first in range(start, end):
            for last in (first + 2, first + 1):
                if last > end or last - first == end - start:
                    continue
                key = " ".join(word.folded for word in view.words[first:last])
                name = self.tables.names.get(key)
                thing = choose(name, self.date, frozenset()) if name is not None else None
                if name is None or thing is None or thing.kind not in ("country", "demonym"):
                    continue
                tokens = view.words[first].token, view.words[last - 1].token + 1
                if view.texts[tokens[0]][:1].isupper() and not tokens[0] <= head < tokens[1]:
                    token = view.span_head(*tokens)
                    self.names.append(NameMention(token, *tokens, name, thing))
                    break

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

    def plays(self, token: int) -> bool:
        """Whether a sentence is about sport, where a nation is a team."""
        if self.sport is None:
            sport = self.words["sport_context"]
            by_sentence: dict[int, int] = {}
            for word in self.view.words:
                if word.folded in sport:
                    number = self.view.sent[word.token]
                    by_sentence[number] = by_sentence.get(number, 0) + 1
            self.sport = by_sentence
        here = self.sport.get(self.view.sent[token], 0)
        return here >= SPORT_SENTENCE or (here > 0 and sum(self.sport.values()) >= SPORT_DOCUMENT)

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
        if self.about is None:
            self.about = self.dateline_country()
        self.known = frozenset(
            {m.thing.country for m in self.names if m.thing.kind in PLACES and m.thing.country}
            | {code for person in self.people if (code := self.table_country(person))}
        )

    def dateline_country(self) -> str | None:
        """Where a report was written, as its dateline says: what it is about if nothing else."""
        view = self.view
        for mention in self.names:
            first, last = mention.first, mention.last
            if view.sent[first] > DATELINE_LINES:
                return None
            start, end = view.idx[first], view.ends[last - 1]
            if mention.thing.kind not in ("capital", "region") or (
                start and "\n" not in view.text[max(0, start - 2) : start]
            ):
                continue
            if DATELINE.match(view.text, end):
                return mention.thing.country
        return None

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

    def context_country(self, token: int, sector: str | None = None) -> str | None:
        """The country that a bare local role belongs to.

        Where the sentence says that its deed was done, else what the document is about. Who
        governs may meet and speak abroad, so for them the place comes second.
        """
        place = None if sector == "JRN" else self.place_country(token)
        abroad = sector in (None, "GOV")
        found = (self.about or place) if abroad else (place or self.about)
        if found is not None or sector in ARMED:
            return found  # nor are militants of a state because their sentence names it
        sentence = self.view.sent[token]
        near = {code for _, code in (self.sites or {}).get(sentence, ())}
        if len(near) != 1:
            near = self.sentence_countries.get(sentence, set())
        return next(iter(near)) if len(near) == 1 else None

    def place_country(self, token: int) -> str | None:
        """The country of the place where the verb that governs a noun happens ("in Basra")."""
        view = self.view
        if self.sites is None:
            self.sites = {}
            for mention in self.names:
                country = mention.thing.country
                verb = self.site_verb(mention) if country else None
                if verb is not None and country:
                    self.sites.setdefault(view.sent[verb], []).append((verb, country))
        here = self.sites.get(view.sent[token])
        if not here:
            return None
        verbs: set[int] = set()
        current, steps = token, 0
        while steps < 10 and view.head[current] != current:
            current = view.head[current]
            steps += 1
            if view.pos[current] in ("VERB", "AUX"):
                verbs.add(current)
                if view.dep[current] not in ("xcomp", "conj", "advcl", "acl"):
                    break
        found = {code for verb, code in here if verb in verbs}
        return found.pop() if len(found) == 1 else None

    def site_verb(self, mention: NameMention) -> int | None:
        """The verb that a name of a place says the place of, directly or of its object."""
        view, token, steps = self.view, mention.head, 0
        if mention.thing.kind not in ("country", "capital", "region"):
            return None
        while view.dep[token] in ("conj", "appos") and steps < 8 and view.head[token] != token:
            token = view.head[token]
            steps += 1
        within = self.words["site_prepositions"]
        if view.dep[token] != "pobj":
            return None
        inside = view.lower[view.head[token]] in within
        if not inside and view.lower[view.head[token]] != "of":
            return None
        token = view.head[view.head[token]]
        while steps < 12 and view.pos[token] in ("NOUN", "PROPN", "NUM"):
            steps += 1
            dep, head = view.dep[token], view.head[token]
            if dep == "pobj" and view.lower[head] in within:
                token, inside = view.head[head], True  # "in the streets of Basra"
            elif dep == "pobj" and view.lower[head] in self.words["site_links"] and inside:
                token = view.head[head]
            elif not inside:
                return None
            elif dep in ("conj", "appos") or (
                dep in ("dobj", "nsubjpass", "nsubj")
                and (token in self.role_at or token in self.name_at)
            ):
                token = head
            else:
                return None
        return token if view.pos[token] in ("VERB", "AUX") else None

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


def others(sector: str | None, more: Iterable[str]) -> tuple[str, ...]:
    """A sector and more of them, each once."""
    return tuple(dict.fromkeys([*([sector] if sector else []), *more]))
