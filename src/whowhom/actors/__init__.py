"""Actors: names, titles, demonyms, pronouns and role phrases become parties on the day."""

from .resolver import ActorResolver
from .tables import ActorTables, check_tables, country_words, load_tables

__all__ = ["ActorResolver", "ActorTables", "check_tables", "country_words", "load_tables"]
