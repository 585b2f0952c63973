"""Events: the frames of the codebook over the dependency tree."""

from .matching import EventFinder

__all__ = ["EventFinder"]
