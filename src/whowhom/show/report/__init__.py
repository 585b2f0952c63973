"""The report: one file that shows what a store holds, and the sentences under every number."""

from whowhom.show.report.content import Content, Item, Section, Sentence
from whowhom.show.report.gather import gather
from whowhom.show.report.write import FORMATS, write

__all__ = ["FORMATS", "Content", "Item", "Section", "Sentence", "gather", "write"]
