"""Actors: names, titles, demonyms, pronouns and role phrases become parties on the day."""

from .resolver import ActorResolver
from .tables import ActorTables, check_tables, load_tables

__all__ = ["ActorResolver", "ActorTables", "check_tables", "load_tables"]
