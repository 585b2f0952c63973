"""The network as a NetworkX graph, for all that NetworkX can do with one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from whowhom.analyse.counts import pairs
from whowhom.analyse.filters import Filter
from whowhom.analyse.names import label
from whowhom.analyse.network import network
from whowhom.errors import DataError, UsageError
from whowhom.merge.schema import Unit

if TYPE_CHECKING:
    import networkx as nx  # type: ignore[import-untyped]

    from whowhom.analyse.query import Source


def to_networkx(
    source: Source,
    filter_: Filter | None = None,
    *,
    unit: Unit = "incidents",
    least: int = 1,
    most: int | None = 150,
    directed: bool = False,
) -> nx.Graph:
    """The parties and what passes between them as a graph.

    Args:
        source: a merged store, or a connection with its views.
        filter_: what counts; None is what happened.
        unit: as in :func:`~whowhom.analyse.counts`.
        least: an edge needs at least so many units.
        most: the parties with the most edges' weight that are kept; None keeps all. A directed
            graph keeps all.
        directed: who does something to whom, as in :func:`~whowhom.analyse.pairs`, instead of
            one edge with a sign, as in :func:`~whowhom.analyse.network`.

    Returns:
        Undirected: a ``networkx.Graph`` whose nodes have ``label``, ``weight``, ``degree``,
        ``community``, ``triads``, ``balanced``, ``balance`` and whose edges have ``weight``,
        ``score``, ``sign``, ``cooperation``, ``conflict``; the graph itself has ``triads``,
        ``balanced``, ``balance`` as text. Directed: a ``networkx.DiGraph`` whose nodes have
        ``label`` and whose edges have ``weight``, ``mutual``, ``score``, ``cooperation``,
        ``conflict``, ``first``, ``last``. What is not known is left out, not None, so that
        GraphML and GEXF can be written of it; days are text, as these have no days.

    Raises:
        UsageError: ``least`` or ``most`` is less than one.
        DataError: networkx is not installed.
        StoreError: the store has not been merged.
    """
    try:
        import networkx as nx
    except ImportError as error:
        raise DataError(
            "a graph needs networkx", do="Install it: pip install 'whowhom[report]'"
        ) from error
    if directed:
        if least < 1:
            raise UsageError(f"least: {least} leaves nothing", do="Ask for at least one.")
        graph = nx.DiGraph()
        for row in pairs(source, filter_, unit=unit).to_pylist():
            if row["count"] < least:
                continue
            ends = row.pop("actor"), row.pop("recipient")
            for end in ends:
                graph.add_node(end, label=label(end))
            graph.add_edge(*ends, weight=row.pop("count"), **_known(row))
        return graph
    nodes, edges = network(source, filter_, unit=unit, least=least, most=most)
    metadata = edges.schema.metadata or {}
    graph = nx.Graph(**{key.decode(): value.decode() for key, value in metadata.items()})
    for row in nodes.to_pylist():
        graph.add_node(row.pop("key"), **_known(row))
    for row in edges.to_pylist():
        graph.add_edge(row.pop("a"), row.pop("b"), **_known(row))
    return graph


def _known(row: dict[str, Any]) -> dict[str, Any]:
    days = {key: str(value) if hasattr(value, "isoformat") else value for key, value in row.items()}
    return {key: value for key, value in days.items() if value is not None}
