"""The pieces that pages are put together from: in the page where they are quick, else fetched.

A page must be there in a moment, also over a million events. Each piece with queries of its
own is made in place as long as the page's time (:data:`BUDGET`) lasts, or where it is
remembered; the others leave a link that the script replaces by ``/part/NAME?...``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from whowhom import analyse
from whowhom.analyse import Filter
from whowhom.web import reading
from whowhom.web.ask import Ask
from whowhom.web.problems import Problem
from whowhom.web.shelf import Busy, TooSlow

if TYPE_CHECKING:
    import jinja2
    from markupsafe import Markup

    from whowhom.web.shelf import Shelf

BUDGET = 0.3
"""Seconds after which a page makes no further piece in place."""
AT_ONCE = 300_000
"""Reports of a store up to which pages make pieces in place at all: beyond, one piece can take
longer than the whole page may."""
PATIENCE = 6.0
"""Seconds that a query of a piece may take: it keeps no page waiting."""
OWN = ("key", "a", "b")
"""Names in a piece's address that are no filter: a party; two parties or outlets."""

Values = dict[str, Any]


def disputed(shelf: Shelf, filter_: Filter, limit: int) -> list[dict[str, Any]]:
    """Disputed figures, one an incident and kind, with its claims."""
    rows = shelf.table(analyse.figures, filter_, limit=limit).to_pylist()
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        group = groups.setdefault((row["incident"], row["kind"]), {**row, "claims": []})
        group["claims"].append(row)
    return [g for g in groups.values() if g["disputed"]]


def _mine(ask: Ask, own: Mapping[str, str]) -> Ask:
    """What a page asks for, with the party or pair that it is of."""
    if "key" in own:
        return ask.replace(parties=(own["key"],))
    if "a" in own:
        return ask.replace(between=(own["a"], own["b"]))
    return ask


def _course(shelf: Shelf, ask: Ask, own: Mapping[str, str]) -> Values:
    mine = _mine(ask, own)
    total = reading.totals(shelf, mine)
    by = reading.period_for(total["first"], total["last"])
    each = 4 if own else 3
    return {"ask": mine, "by": by, "course": reading.course(shelf, mine, by, each)}


def _pairs(shelf: Shelf, ask: Ask, _: Mapping[str, str]) -> Values:
    table = shelf.table(analyse.pairs, ask.filter, unit=ask.unit, limit=12)
    return {"pairs": table.to_pylist()}


def _newest(shelf: Shelf, ask: Ask, own: Mapping[str, str]) -> Values:
    mine = _mine(ask, own)
    return {"mine": mine, "newest": reading.newest(shelf, mine, 12 if own else 9)}


def _disputed(shelf: Shelf, ask: Ask, _: Mapping[str, str]) -> Values:
    return {"disputed": disputed(shelf, ask.filter, 6)}


def _denials(shelf: Shelf, ask: Ask, _: Mapping[str, str]) -> Values:
    return {"denials": shelf.table(analyse.denials, ask.filter, limit=6).to_pylist()}


def _money(shelf: Shelf, ask: Ask, _: Mapping[str, str]) -> Values:
    table = shelf.table(analyse.money, ask.filter, unit=ask.unit, limit=6)
    return {"sums": table.to_pylist()}


def _does(shelf: Shelf, ask: Ask, own: Mapping[str, str]) -> Values:
    key = own["key"]
    f = ask.filter.replace(actors=(key,))
    rows = shelf.table(analyse.pairs, f, unit=ask.unit, limit=100).to_pylist()
    return {"rows": [r for r in rows if r["actor"] == key][:12]}


def _gets(shelf: Shelf, ask: Ask, own: Mapping[str, str]) -> Values:
    key = own["key"]
    f = ask.filter.replace(recipients=(key,))
    rows = shelf.table(analyse.pairs, f, unit=ask.unit, limit=100).to_pylist()
    return {"rows": [r for r in rows if r["recipient"] == key][:12]}


def _says(shelf: Shelf, ask: Ask, own: Mapping[str, str]) -> Values:
    f = ask.filter.replace(speakers=(own["key"],), statuses=("all",))
    rows = shelf.table(analyse.claims, f, unit=ask.unit, limit=100).to_pylist()
    return {"says": [r for r in rows if r["speaker"] == own["key"]]}


def _denied(shelf: Shelf, ask: Ask, own: Mapping[str, str]) -> Values:
    key = own["key"]
    f = ask.filter.replace(statuses=("all",), parties=(key,))
    rows = shelf.table(analyse.denials, f, limit=60).to_pylist()
    mine = [r for r in rows if key in (r["denier"], r["claimant"], r["target"])]
    return {"denied": mine[:10]}


def _changes(shelf: Shelf, ask: Ask, own: Mapping[str, str]) -> Values:
    mine = _mine(ask, own)
    total = reading.totals(shelf, mine)
    by = reading.period_for(total["first"], total["last"])
    table = shelf.table(
        analyse.changes, own["a"], own["b"], by, ask.filter, of="score", unit=ask.unit
    )
    return {"mine": mine, "by": by, "changes": table.to_pylist()}


def _sides(shelf: Shelf, ask: Ask, own: Mapping[str, str]) -> Values:
    sides = []
    for one, other in ((own["a"], own["b"]), (own["b"], own["a"])):
        f = ask.filter.replace(actors=(one,), recipients=(other,))
        kinds = shelf.table(analyse.counts, f, unit=ask.unit, of=("type", "quad")).to_pylist()
        sides.append((one, other, Ask(f, unit=ask.unit), kinds))
    return {"sides": sides}


def _compared(ask: Ask) -> Filter:
    """A denial can stand against a claim: both are compared, unless statuses are named."""
    f = ask.filter
    return f.replace(statuses=("actual", "negated")) if f.statuses == ("actual",) else f


def _told(shelf: Shelf, ask: Ask, own: Mapping[str, str]) -> Values:
    a, b = own["a"], own["b"]
    rows = shelf.table(analyse.outlets, a, b, _compared(ask), limit=40).to_pylist()
    return {"both": list(zip(rows[::2], rows[1::2], strict=True)), "summary": _summary(rows, a, b)}


def _apart(shelf: Shelf, ask: Ask, own: Mapping[str, str]) -> Values:
    a, b = own["a"], own["b"]
    only: dict[str, list[Any]] = {}
    words: dict[str, list[Any]] = {}
    for row in shelf.table(analyse.only, a, b, _compared(ask), limit=12).to_pylist():
        only.setdefault(row["outlet"], []).append(row)
    for row in shelf.table(analyse.words, a, b, _compared(ask), limit=14).to_pylist():
        words.setdefault(row["outlet"], []).append(row)
    return {"only": only, "words": words}


def _summary(rows: list[dict[str, Any]], a: str, b: str) -> list[tuple[str, int, int]]:
    """Over the incidents that both tell: in how many each outlet does what."""

    def count(outlet: str, test: Callable[[dict[str, Any]], bool]) -> int:
        return sum(1 for row in rows if row["outlet"] == outlet and test(row))

    tests: list[tuple[str, Callable[[dict[str, Any]], bool]]] = [
        ("names no actor where the other does", lambda r: bool(r["actor_left_out"])),
        (
            "names nobody it is done to where the other does",
            lambda r: bool(r["recipient_left_out"]),
        ),
        ("tells it in the passive", lambda r: "passive" in (r["forms"] or ())),
        ("quotes somebody for it", lambda r: bool(r["speakers"])),
        ("gives a figure", lambda r: bool(r["figures"])),
        ("says that it did not happen", lambda r: "negated" in (r["statuses"] or ())),
    ]
    return [(words, count(a, test), count(b, test)) for words, test in tests]


PARTS: Mapping[str, tuple[Callable[[Shelf, Ask, Mapping[str, str]], Values], tuple[str, ...]]] = {
    "course": (_course, ()),
    "pairs": (_pairs, ()),
    "newest": (_newest, ()),
    "disputed": (_disputed, ()),
    "denials": (_denials, ()),
    "money": (_money, ()),
    "does": (_does, ("key",)),
    "gets": (_gets, ("key",)),
    "says": (_says, ("key",)),
    "denied": (_denied, ("key",)),
    "changes": (_changes, ("a", "b")),
    "sides": (_sides, ("a", "b")),
    "told": (_told, ("a", "b")),
    "apart": (_apart, ("a", "b")),
}
"""Pieces by name: what makes one, and which of :data:`OWN` it needs."""


@dataclass(slots=True)
class Parts:
    """The pieces of one page, made while its time lasts."""

    shelf: Shelf
    environment: jinja2.Environment
    ask: Ask
    own: Mapping[str, str] = field(default_factory=dict)
    budget: float = BUDGET
    started: float = field(default_factory=time.monotonic)

    def __call__(self, name: str, words: str) -> Markup:
        """A piece, or the link to it."""
        from markupsafe import Markup

        kept = self.shelf.kept(self._key(name))
        if kept is not None:
            return Markup(kept)  # noqa: S704 - made by a template that escapes
        if time.monotonic() - self.started < self.budget:
            try:
                return Markup(self.make(name))  # noqa: S704
            except (TooSlow, Busy):
                pass  # it is asked for again on its own, with more patience
        link = self.environment.get_template("later.html")
        return Markup(link.render(address=self.address(name), words=words))  # noqa: S704

    def address(self, name: str) -> str:
        query = [*self.ask.to_query(), *self.own.items()]
        return f"/part/{name}?{urlencode(query)}" if query else f"/part/{name}"

    def _key(self, name: str) -> tuple[Any, ...]:
        return ("part", self.address(name))

    def make(self, name: str) -> str:
        """A piece as HTML; remembered.

        Raises:
            Problem: there is no such piece, or it needs what was not given.
        """
        if name not in PARTS:
            raise Problem(404, "There is no such piece")
        function, needs = PARTS[name]
        if any(n not in self.own for n in needs) or ("a" in self.own) != ("b" in self.own):
            raise Problem(400, f"This piece needs {' and '.join(needs) or 'both parties'}")

        def render() -> str:
            values: Values = {"ask": self.ask, **self.own}
            values |= function(self.shelf, self.ask, self.own)
            return self.environment.get_template(f"parts/{name}.html").render(values)

        return self.shelf.remember(self._key(name), render)
