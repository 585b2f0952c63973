"""When, where and how many: dates, places and figures of a document and of its events."""

from .dates import find_dates, written
from .gazetteer import Gazetteer
from .magnitudes import MONEY, magnitudes
from .places import PlaceFinder
from .situate import at_home, elsewhere, when, where

__all__ = [
    "MONEY",
    "Gazetteer",
    "PlaceFinder",
    "at_home",
    "elsewhere",
    "find_dates",
    "magnitudes",
    "when",
    "where",
    "written",
]
