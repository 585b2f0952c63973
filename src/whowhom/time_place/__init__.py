"""When, where and how many: dates, places and figures of a document and of its events."""

from .dates import find_dates
from .gazetteer import Gazetteer
from .magnitudes import MONEY, magnitudes
from .places import PlaceFinder
from .situate import when, where

__all__ = ["MONEY", "Gazetteer", "PlaceFinder", "find_dates", "magnitudes", "when", "where"]
