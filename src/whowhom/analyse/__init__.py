"""Analysis: from a merged store to tables, each a DuckDB query or a few lines on a library.

Every function takes a store (:func:`whowhom.open`; merged) or a DuckDB connection with its
views, and a :class:`Filter`, and gives a ``pyarrow.Table``: ``.to_pandas()``,
``polars.from_arrow(...)`` and ``.to_pylist()`` go on from there.
"""

from whowhom.analyse.changes import changes
from whowhom.analyse.claims import claims, denials, figures, money
from whowhom.analyse.counts import DIMENSIONS, actors, counts, matrix, pairs, places, series
from whowhom.analyse.filters import QUERY_NAMES, Filter
from whowhom.analyse.graph import to_networkx
from whowhom.analyse.names import label
from whowhom.analyse.network import network
from whowhom.analyse.outlets import only, outlets, words
from whowhom.analyse.quality import coverage, quality

__all__ = [
    "DIMENSIONS",
    "QUERY_NAMES",
    "Filter",
    "actors",
    "changes",
    "claims",
    "counts",
    "coverage",
    "denials",
    "figures",
    "label",
    "matrix",
    "money",
    "network",
    "only",
    "outlets",
    "pairs",
    "places",
    "quality",
    "series",
    "to_networkx",
    "words",
]
