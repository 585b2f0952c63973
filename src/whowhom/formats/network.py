"""The network of parties: GraphML for Gephi, Cytoscape, igraph and NetworkX, and an edge list.

A node is a party: a country, a country with a sector, or a name where no country is known. Words
without either ("workers", "her") are no node: they are others in every text. Between
two nodes there is an edge for each type of event, from actor to recipient, with the number of
events as its weight, the mean of their PLOVER scores, and the sign of the type's quad: 1 for
cooperation, -1 for conflict. Where all sides of an act stand among the actors (a meeting), each two
of them are joined in both directions, as in :func:`whowhom.analyse.pairs`, and ``mutual`` says of
how many events of an edge that is so: such an event is in two edges.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations, product
from typing import IO, Any

from whowhom.analyse.names import label
from whowhom.errors import UsageError
from whowhom.formats.base import Format, Record
from whowhom.formats.losses import Losses, unhappened
from whowhom.merge.settings import settings
from whowhom.show.safe import visible
from whowhom.store.flat import safe_cell

COLUMNS = (
    "source", "target", "source_label", "target_label", "event_type", "quad", "sign", "weight",
    "mutual", "score", "first", "last",
)  # fmt: skip
LOST = (
    "mode", "contexts", "place", "killed, injured, arrested, crowd", "money", "who says so",
    "voice", "evidence sentence", "confidence and runner-up", "incident", "url",
)  # fmt: skip
_CANNOT = (
    "single events: they are counted by pair and type",
    "parties with neither a country nor a name",
    *LOST,
)
ONE_SIDE = "only one side is known"
NAMELESS = "a side has neither a country nor a name, only words of the text"
LOOP = "both sides are one node of the network (a state and its army, or a party with itself)"


@dataclass(slots=True)
class Edge:
    """What passed from one party to another in events of one type."""

    quad: str
    weight: int = 0
    mutual: int = 0  # of these, acts that all sides do together
    score: float = 0.0  # sum
    scored: int = 0
    first: str | None = None
    last: str | None = None

    @property
    def sign(self) -> int:
        return 1 if self.quad.endswith("cooperation") else -1

    @property
    def mean(self) -> float | None:
        return round(self.score / self.scored, 4) if self.scored else None

    def add(self, record: Record) -> None:
        self.weight += 1
        self.mutual += not record["recipients"]
        if record["score"] is not None:
            self.score += record["score"]
            self.scored += 1
        day = record["date"] or record["document"]["published"]
        if day is not None:
            self.first = min(self.first or day, day)
            self.last = max(self.last or day, day)


def node(party: Mapping[str, Any]) -> tuple[str, str]:
    """The key and the label of a party.

    >>> node({"country": "KEN", "sector": "REB", "name": None, "text": "rebels"})
    ('KEN REB', 'Kenya, rebels')
    """
    if party["country"]:
        sector = party["sector"]
        bare = sector is None or sector in settings().state_sectors
        key = party["country"] if bare else f"{party['country']} {sector}"
        return key, label(key)
    name = visible(" ".join((party["name"] or party["text"]).split()))
    return name, name


class _Network:
    """Takes events and counts them by pair and type; memory grows with the pairs."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._losses = Losses(LOST)
        self._labels: dict[str, str] = {}
        self._edges: dict[tuple[str, str, str], Edge] = {}

    @property
    def losses(self) -> Mapping[str, int]:
        return self._losses.counts

    @property
    def left_out(self) -> Mapping[str, int]:
        """Events that join nobody, by the reason."""
        return self._losses.left_out

    def write(self, records: Iterable[Record]) -> None:
        for record in records:
            pairs = list(_pairs(record))
            reason = unhappened(record) or ("" if pairs else _alone(record))
            if reason:
                self._losses.left_out[reason] += 1
                continue
            self._losses.count(record)
            if not all(map(_known, (*record["actors"], *record["recipients"]))):
                self._losses.counts[NAMELESS] += 1
            for (a, a_label), (b, b_label) in pairs:
                self._labels[a], self._labels[b] = a_label, b_label
                key = (a, b, record["event_type"])
                self._edges.setdefault(key, Edge(record["quad"])).add(record)

    def edges(self) -> Iterator[tuple[str, str, str, Edge]]:
        """The edges: from, to, type; in alphabetical order."""
        for a, b, kind in sorted(self._edges):
            yield a, b, kind, self._edges[a, b, kind]


def _alone(record: Record) -> str:
    """Why an event joins nobody."""
    actors, recipients = record["actors"], record["recipients"]
    if not actors or (not recipients and len(actors) < 2):
        return ONE_SIDE
    known = [len(_nodes(side)) for side in (actors, recipients)]
    both = known[0] and (known[1] if recipients else sum(map(_known, actors)) > 1)
    return LOOP if both else NAMELESS


def _known(party: Mapping[str, Any]) -> bool:
    return bool(party["country"] or party["name"])


def _nodes(side: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return list(dict.fromkeys(node(party) for party in side if _known(party)))


def _pairs(record: Record) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    actors, recipients = _nodes(record["actors"]), _nodes(record["recipients"])
    mutual = not record["recipients"]
    for one, other in permutations(actors, 2) if mutual else product(actors, recipients):
        if one[0] != other[0]:
            yield one, other


class GraphML(_Network):
    """One GraphML document, written at the end.

    Raises:
        UsageError: networkx is not installed.
    """

    def __init__(self, file: IO[bytes]) -> None:
        try:
            import networkx  # type: ignore[import-untyped] # noqa: F401
        except ImportError as error:
            raise UsageError(
                "GraphML needs networkx",
                do="Install it: pip install 'whowhom[report]', or write the format edges.",
            ) from error
        super().__init__(file)

    def finish(self) -> None:
        import networkx as nx

        graph = nx.MultiDiGraph()
        strength: Counter[str] = Counter()
        for a, b, _, edge in self.edges():
            strength[a] += edge.weight
            strength[b] += edge.weight - edge.mutual  # these count for it in the way back
        for key in sorted(strength):
            graph.add_node(key, label=self._labels[key], weight=strength[key])
        for a, b, kind, edge in self.edges():
            known = {"score": edge.mean, "first": edge.first, "last": edge.last}
            graph.add_edge(
                a, b, key=kind, event_type=kind, quad=edge.quad, sign=edge.sign,
                weight=edge.weight, mutual=edge.mutual,
                **{k: v for k, v in known.items() if v is not None},
            )  # fmt: skip
        nx.write_graphml(graph, self._file, encoding="utf-8", prettyprint=True)


class Edges(_Network):
    """An edge list as CSV, written at the end."""

    def finish(self) -> None:
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(COLUMNS)
        for a, b, kind, edge in self.edges():
            cells = (
                a, b, self._labels[a], self._labels[b], kind, edge.quad, edge.sign, edge.weight,
                edge.mutual, edge.mean, edge.first, edge.last,
            )  # fmt: skip
            writer.writerow([safe_cell(cell) for cell in cells])
        self._file.write(buffer.getvalue().encode("utf-8", "replace"))


GRAPHML = Format(
    "graphml", "network of parties, GraphML", GraphML, cannot_hold=_CANNOT,
    suffixes=(".graphml",), header=False,
)  # fmt: skip
EDGES = Format(
    "edges", "network of parties, an edge list as CSV", Edges, columns=COLUMNS, cannot_hold=_CANNOT
)
