"""Who is who in a document: every mention of a party, resolved on the document's day."""

from __future__ import annotations

from pathlib import Path

from ..model import Parsed, Parties, Party
from .coreference import resolve_pronouns
from .draft import Draft
from .pointing import PointingScene
from .tables import ActorTables, load_tables


class ActorResolver:
    """Holds the tables; :meth:`resolve` is pure.

    ``overlay`` is a user's folder or file with rows that win over the shipped ones; ``language``
    the folder with the tables of another language.

    Raises:
        CodebookError: a row of the overlay is wrong.
    """

    def __init__(
        self,
        tables: ActorTables | None = None,
        overlay: Path | None = None,
        language: Path | None = None,
    ) -> None:
        self.tables = tables if tables is not None else load_tables(overlay, language)

    def resolve(self, parsed: Parsed) -> Parties:
        """Every mention of a party in a document, by the index of its head token."""
        if not parsed.sentences:
            return Parties()
        return _Resolution(self.tables, parsed).run()


class _Resolution(PointingScene):
    """One document on its way: the order of the work is :meth:`run`."""

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
