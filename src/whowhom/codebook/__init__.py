"""The codebook: types, modes and frames as data, loaded and checked."""

from .loading import load
from .schema import Codebook, EventType, Frame, Mode, Phrase, normal, words_of

__all__ = ["Codebook", "EventType", "Frame", "Mode", "Phrase", "load", "normal", "words_of"]
