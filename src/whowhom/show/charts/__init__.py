"""Charts: from a table to a picture that says its finding, in notebook, report and web page.

Each function takes Arrow tables, as :mod:`whowhom.analyse` gives them, and returns an Altair
chart with a title that is computed from the data and a description for screen readers. A
column ``link`` in a table makes its marks lead on. :func:`themed` gives the dark form;
:mod:`whowhom.show.charts.embed` puts charts on a page that needs no network.
"""

from whowhom.show.charts.bars import confidence, statuses, types
from whowhom.show.charts.claims import claims
from whowhom.show.charts.figures import figures
from whowhom.show.charts.matrix import MOST as MATRIX_MOST
from whowhom.show.charts.matrix import matrix
from whowhom.show.charts.network import network
from whowhom.show.charts.theme import themed
from whowhom.show.charts.timeline import timeline
from whowhom.show.charts.world import world

__all__ = [
    "MATRIX_MOST",
    "claims",
    "confidence",
    "figures",
    "matrix",
    "network",
    "statuses",
    "themed",
    "timeline",
    "types",
    "world",
]
