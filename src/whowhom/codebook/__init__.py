"""The codebook: types, modes and frames as data, loaded and checked."""

from .loading import load, own_frames
from .schema import Codebook, EventType, Frame, Mode, Phrase, normal, words_of

__all__ = [
    "Codebook",
    "EventType",
    "Frame",
    "Mode",
    "Phrase",
    "load",
    "normal",
    "own_frames",
    "words_of",
]
