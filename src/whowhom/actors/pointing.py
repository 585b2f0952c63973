"""Phrases that point: appositions, "the group", "both sides", "his government"."""

from __future__ import annotations

from collections.abc import Callable

from .draft import Draft
from .phrases import PhraseScene


class PointingScene(PhraseScene):
    """A scene whose definite phrases stand for what they point back to."""

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
            if role.kind not in ("role", "group") or role.plural or role.role is None:
                continue
            if person.guessed and role.country and role.by != "context":
                for mention in self.drafts.values():
                    if mention.entity == person.entity:
                        mention.country, mention.guessed = role.country, False
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
        called = self.words.map("called").get(word, "").split()
        if word in self.words["back_group"] and " " not in (draft.role.role if draft.role else ""):
            return self.before(
                token,
                lambda d: d.kind == "organisation" and d.name is not None
                and (not called or d.sector in called) and draft.sector in (None, d.sector),
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
            two = word in self.words["twosome"] and "the" in modifiers and "of" not in modifiers
            if not (two or modifiers & self.words["two"]):
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
