"""A mention on its way to a :class:`~whowhom.model.Party`."""

from __future__ import annotations

from dataclasses import dataclass

from .tables import Role


@dataclass(slots=True)
class Draft:
    """What is known of a mention so far; ``token`` is its head, the span excludes ``last``."""

    token: int
    first: int
    last: int
    kind: str = ""  # state, organisation, group, role, person, pronoun
    name: str | None = None
    country: str | None = None
    members: tuple[str, ...] = ()
    sector: str | None = None
    other: tuple[str, ...] = ()
    office: str | None = None
    wikidata: str | None = None
    by: str = "lexicon"
    role: Role | None = None
    gender: str | None = None
    plural: bool = False
    adjective: bool = False  # a modifier inside a larger phrase
    guessed: bool = False  # a person's country: the document's, for want of a better
    entity: int = 0  # the same number: the same person
    main: bool = True  # False for a second token of a title and name

    def take(self, other: Draft, by: str, keep_sector: bool = False) -> None:
        """Become the same party as another mention, in its own words."""
        self.name, self.country, self.members = other.name, other.country, other.members
        if not keep_sector or self.sector is None:
            self.sector, self.other = other.sector, other.other
        self.office, self.wikidata = other.office, other.wikidata
        self.gender = self.gender or other.gender
        self.entity, self.by = other.entity, by
