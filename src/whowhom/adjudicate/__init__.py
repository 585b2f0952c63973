"""The adjudicator: a language model that is asked where the coder is in doubt. Off by default.

It sees one sentence and a closed list, and can choose from the list or say that there is nothing.
It never adds words, parties or kinds of act; an answer that is not on the list is no answer, and
then the coder's own decision stands. docs/adjudicator.md says what is sent where.
"""

from whowhom.adjudicate.adjudicator import Adjudicator, Spec, Tally
from whowhom.adjudicate.client import Endpoint, NoAnswer, endpoint

__all__ = ["Adjudicator", "Endpoint", "NoAnswer", "Spec", "Tally", "endpoint"]
