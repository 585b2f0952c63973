"""Watch: feeds are polled politely, and what is new is fetched, coded and kept.

::

    address   which addresses may be fetched, and where their names lead
    fetch     one fetch: a wall clock, a size, redirects, unpacking
    polite    robots.txt, pauses, Retry-After
    feeds     the list of feeds, and what a feed names
    article   from a page to a document
    state     what is remembered between polls
    run       the polls
"""

from whowhom.watch.address import Gate
from whowhom.watch.polite import Clock, Web
from whowhom.watch.run import Options, Poll, Watch
from whowhom.watch.state import StateFiles

__all__ = ["Clock", "Gate", "Options", "Poll", "StateFiles", "Watch", "Web"]
