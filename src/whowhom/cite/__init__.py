"""How to say in a publication what a store holds and how it was made."""

from whowhom.cite.facts import Facts, gather
from whowhom.cite.write import FORMATS, write

__all__ = ["FORMATS", "Facts", "gather", "write"]
