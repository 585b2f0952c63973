"""Whether an event lies far back: by its date, its clause, or the sentence before."""

from __future__ import annotations

import datetime as dt
import re

from whowhom.attribution.language import modality
from whowhom.attribution.tree import Tree
from whowhom.model import Parsed, When

_VERBAL = ("VERB", "AUX")
_GOES_ON = frozenset({"ROOT", "conj", "advcl"})
_SHARES = frozenset({"conj", "advcl", "acl", "xcomp", "ccomp"})
_PAST_TAGS = frozenset({"VBD", "VBN", "VBG"})
# Sentences that a date far back reaches forward to.
_SENTENCES_BACK = 2
_YEAR = re.compile(r"(1[5-9]\d\d|20\d\d)\Z")
_DECADE = re.compile(r"(1[5-9]|20)\d0s\Z")
_CLAUSES = frozenset({"ccomp", "xcomp", "advcl", "acl", "relcl", "pcomp", "conj", "parataxis",
                      "csubj", "csubjpass", "ROOT", "dep"})  # fmt: skip


def long_past(
    tree: Tree, parsed: Parsed, token: int, when: When | None, days: int, *, reported: bool
) -> str | None:
    """The words or the date by which an event lies further back than the limit."""
    published = parsed.document.published
    if when is not None and published is not None and when.date_from == "text":
        latest = when.end_date or when.date
        if latest is not None:
            return f"date:{latest}" if (published - latest).days > days else None
    words = modality()
    for c in tree.kids(token, "amod"):
        if tree.lower[c] in words.words("adjectives", "historical"):
            return f"adjective:{tree.lower[c]}"
    top = token
    for ancestor in (token, *tree.ancestors(token)):
        top = ancestor
        if tree.pos[ancestor] in _VERBAL and tree.dep[ancestor] in _CLAUSES:
            break
    dated, found = _dates(tree, published, days, top)
    if found is not None or dated:
        return found
    # a clause in the past without a date of its own shares that of its neighbours
    near = [c for c in tree.kids(top, "conj") if tree.tag[c] in _PAST_TAGS]
    if tree.tag[top] in _PAST_TAGS and tree.dep[top] in _SHARES:
        near.append(tree.head[top])
    for other in near:
        _, found = _dates(tree, published, days, other)
        if found is not None:
            return found
    return _told_before(tree, published, days, token, top) if not reported else None


def _told_before(
    tree: Tree, published: dt.date | None, days: int, token: int, top: int
) -> str | None:
    """A plain past tense that goes on from a sentence about the distant past.

    "In 1961 they cut ties. The embassy closed.": one of the last sentences must carry
    the date in its main clause, and none since may speak of another time.
    """
    if tree.tag[top] not in ("VBD", "VBN") or tree.dep[top] not in _GOES_ON:
        return None
    recent = modality().words("past", "recent")
    number = tree.sentence[token]
    for back in range(number, max(-1, number - 1 - _SENTENCES_BACK), -1):
        low, high = tree.bounds[back]
        main = next((i for i in range(low, high) if tree.dep[i] == "ROOT"), low)
        if back < number:
            # "had left in 1961" looks back for once; the story then goes on at its own time
            had = any(tree.lower[a] == "had" for a in tree.kids(main, "aux"))
            if had or tree.tag[main] not in ("VBD", "VBN", "VBZ"):
                return None
            _, found = _dates(tree, published, days, main)
            if found is not None:
                return f"context:{found}"
        if any(
            tree.lower[i] in recent or tree.lemma[i] in ("say", "tell") for i in range(low, high)
        ):
            return None
    return None


def _dates(tree: Tree, published: dt.date | None, days: int, top: int) -> tuple[bool, str | None]:
    """Whether the clause of a verb has a date, and the word by which it is long past."""
    words = modality()
    past = words.tables["past"]
    dated = False
    for i in range(tree.left[top], tree.right[top] + 1):
        lower = tree.lower[i]
        month = words.months.get(lower.rstrip("."))
        if _YEAR.match(lower):
            if not _dates_clause(tree, i, top):
                continue
            dated = True
            if published is None or (published - _month_end(tree, i, int(lower))).days > days:
                return True, f"date:{lower}"
        elif _DECADE.match(lower):
            if _dates_clause(tree, i, top):
                dated = True
                if published is None or int(lower[:4]) + 9 < published.year:
                    return True, f"date:{lower}"
        elif lower == "ago":
            if _long(tree, i) and _dates_clause(tree, i, top):
                return True, "date:ago"
        elif lower in past["adverbs"]:
            if (
                tree.dep[i] == "advmod"
                and tree.head[i] == top
                and tree.tag[top] in ("VBD", "VBN", "VBG")
            ):
                return True, f"past:{lower}"
        elif lower in past["durations"]:
            if tree.tag[top] == "VBD" and tree.lower[tree.head[i]] in past["spans"]:
                return True, f"past:{lower}"
        elif (
            lower in past["units"]
            and i > 1
            and (tree.lower[i - 1] == "last" and tree.lower[i - 2] != "the")
        ):
            dated = True
            if published is not None and published.timetuple().tm_yday > days:
                return True, f"date:last {lower}"
        elif (
            month is not None
            and published is not None
            and tree.pos[i] == "PROPN"
            and _dates_clause(tree, i, top)
        ):
            dated = True
            if _named_month(tree, i, published, days):
                return True, f"date:{lower}"
    return dated, None


def _dates_clause(tree: Tree, i: int, top: int) -> bool:
    """Whether a date stands with the event, not with another clause below it."""
    lasting = modality().words("past", "lasting")
    for ancestor in tree.ancestors(i):
        if ancestor == top:
            return True
        if tree.lower[ancestor] in lasting:
            return False  # "since May": it goes on
        if tree.pos[ancestor] in _VERBAL and tree.dep[ancestor] in ("relcl", "acl", "advcl",
                                                                    "ccomp", "conj"):  # fmt: skip
            return False
    return False


def _month_end(tree: Tree, year: int, value: int) -> dt.date:
    """Last day of the month that stands before a year, or of the year."""
    order = modality().months
    for i in range(max(0, year - 3), year):
        month = order.get(tree.lower[i].rstrip("."))
        if month is not None:
            following = dt.date(value + month // 12, month % 12 + 1, 1)
            return following - dt.timedelta(days=1)
    return dt.date(value, 12, 31)


def _named_month(tree: Tree, i: int, published: dt.date, days: int) -> bool:
    """ "In March": whether the last one before publication is further back than the limit."""
    month = modality().months[tree.lower[i].rstrip(".")]
    if any(_YEAR.match(tree.lower[k]) for k in range(i + 1, min(i + 4, len(tree)))):
        return False  # the year decides
    year = published.year if month <= published.month else published.year - 1
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return (published - following).days >= days


def _long(tree: Tree, ago: int) -> bool:
    """Whether "... ago" is more than a season: years, or four and more months."""
    words = modality()
    low = max(0, ago - 4)
    for i in range(low, ago):
        if tree.lemma[i] in words.words("past", "units"):
            return True
        if tree.lemma[i] == "month":
            return any(tree.lower[k] in words.words("past", "many") for k in range(low, i))
    return False
