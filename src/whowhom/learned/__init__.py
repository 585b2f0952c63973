"""The small learned model beside the frames: what the words of a sentence carry."""

from .reader import Scores, WordReader, weights_hash

__all__ = ["Scores", "WordReader", "weights_hash"]
