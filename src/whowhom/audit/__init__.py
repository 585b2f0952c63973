"""Auditing a store: a random sample of its events, marked by people, and what the marks say.

:func:`draw` makes the sample, :meth:`Store.mark <whowhom.store.Store.mark>` keeps what somebody
says of an event, and :func:`report` estimates from both how many of the events are right.
"""

from whowhom.audit.figures import Agreement, Figure, Report, agreements, report, wilson
from whowhom.audit.mend import mended
from whowhom.audit.sample import (
    DIMENSIONS,
    UNITS,
    Sample,
    Stratum,
    draw,
    fetch,
    latest,
    left,
    write_sample,
)

__all__ = [
    "DIMENSIONS",
    "UNITS",
    "Agreement",
    "Figure",
    "Report",
    "Sample",
    "Stratum",
    "agreements",
    "draw",
    "fetch",
    "latest",
    "left",
    "mended",
    "report",
    "wilson",
    "write_sample",
]
