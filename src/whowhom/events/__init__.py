"""Events: the frames of the codebook over the dependency tree, weighed by a learned model."""

from .matching import EventFinder
from .weighing import decision, fits

__all__ = ["EventFinder", "decision", "fits"]
