"""The dataset of a query: which graphs it may name."""

from __future__ import annotations

import re
from weakref import WeakKeyDictionary

from kg.errors import KgError
from kg.knowledge import KnowledgeGraph
from ontology import PREFIXES

_KNOWN: WeakKeyDictionary[KnowledgeGraph, frozenset[str]] = WeakKeyDictionary()


def known_graphs(graph: KnowledgeGraph) -> frozenset[str]:
    """The named graphs: one a document, the ontology's, and those of measures and reviews."""
    if graph not in _KNOWN:
        _KNOWN[graph] = frozenset(str(name.value) for name in graph.store.inner.named_graphs())
    return _KNOWN[graph]


def graphs_named(query: str) -> tuple[str, ...]:
    """The IRIs of FROM and FROM NAMED, from the query's algebra. Queries without the word are not parsed."""
    if not re.search(r"\bfrom\b", query, re.IGNORECASE):
        return ()
    from pyparsing import ParseBaseException
    from rdflib.plugins.sparql.algebra import translateQuery
    from rdflib.plugins.sparql.parser import parseQuery

    try:
        algebra = translateQuery(parseQuery(query), initNs=PREFIXES).algebra
    except (ParseBaseException, RecursionError):
        return ()  # Oxigraph will say what is wrong, and fetches nothing whatever it names
    except Exception as error:  # noqa: BLE001 - rdflib raises whatever it likes
        raise KgError(f"查询的 FROM 读不懂：{error}") from None
    return tuple(str(clause.default or clause.named) for clause in algebra.datasetClause or ())
