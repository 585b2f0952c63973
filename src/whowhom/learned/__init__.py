"""The small learned model beside the frames: what the words of a sentence carry."""

from .first import acting
from .reader import Scores, WordReader, weights_hash

__all__ = ["Scores", "WordReader", "acting", "weights_hash"]
