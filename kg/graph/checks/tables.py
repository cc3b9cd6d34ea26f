"""A document's tables as the checks of words need them, read from its graph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg.graph.store import Store
from ontology import GRAPH, JX, QUDT, SKOS

_CELLS = """SELECT ?subject ?field ?table ?row ?text WHERE {
  ?subject a ?class ; prov:wasQuotedFrom ?cell .
  FILTER(?class IN (jx:Project, jx:Indicator))
  ?cell jx:field ?field ; jx:table ?table ; jx:cellText ?text .
  OPTIONAL { ?cell jx:row ?row }
} ORDER BY ?table ?row ?field"""
_INDICATORS = """SELECT ?iri ?name ?measured ?description ?text ?type ?unit ?kind WHERE {
  ?iri a jx:Indicator ; rdfs:label ?name ; jx:target ?target .
  ?target jx:text ?text ; jx:valueType ?type .
  OPTIONAL { ?iri jx:measures/rdfs:label ?measured }
  OPTIONAL { ?iri jx:description ?description }
  OPTIONAL { ?target jx:writtenUnit ?unit }
  OPTIONAL { ?target qudt:hasUnit/qudt:hasQuantityKind ?kind }
}"""


@dataclass(frozen=True, slots=True)
class Place:
    """A cell: its table, its row (None in the table's head), what it says."""

    table: int
    row: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """What the checks of words look at in a row; ``kind`` is the local name of its unit's quantity kind."""

    iri: str
    name: str
    measured: str
    description: str
    text: str
    type: str
    unit: str
    kind: str


@dataclass(slots=True)
class Tables:
    """One document alone: its graph, its indicators, and the cells of every project and indicator by field."""

    iri: str
    name: str
    store: Store
    indicators: list[Indicator] = field(default_factory=list)
    cells: dict[str, dict[str, Place]] = field(default_factory=dict)

    def place(self, subject: str, wanted: str) -> Place:
        """The cell of ``wanted``, else one that names the row or the project, so that a finding has its place."""
        cells = self.cells[subject]
        for name in (wanted, "name", "project"):
            if name in cells:
                return cells[name]
        return next(iter(cells.values()))


def documents(store: Store) -> Iterator[Tables]:
    """Every document of the store, in order of name.

    Each is read into a store of its own: what several documents say of one project must not be added up.
    """
    found = store.select(
        "SELECT ?iri (MIN(?label) AS ?name) WHERE { ?iri a jx:BudgetDocument ; rdfs:label ?label } GROUP BY ?iri ORDER BY ?name"
    )
    scheme = [
        ox.Quad(q.subject, q.predicate, q.object)
        for predicate in (SKOS.broader, QUDT.hasQuantityKind)
        for q in store.inner.quads_for_pattern(None, ox.NamedNode(predicate), None, ox.NamedNode(GRAPH))
    ]
    for row in found:
        tables = Tables(row["iri"], row["name"], _alone(store, row["iri"], scheme))
        for cell in tables.store.select(_CELLS):
            place = Place(cell["table"], cell["row"], cell["text"])
            tables.cells.setdefault(cell["subject"], {}).setdefault(cell["field"], place)
        for i in tables.store.select(_INDICATORS):
            kind = (i["kind"] or "").rpartition("/")[2]
            said = (i["measured"] or i["name"], i["description"] or "", i["text"], i["type"], i["unit"] or "", kind)
            tables.indicators.append(Indicator(i["iri"], i["name"], *said))
        yield tables


def _alone(store: Store, graph: str, scheme: list[ox.Quad]) -> Store:
    """The document's triples (without its links, which no check reads) and ``scheme``, in memory."""
    link = ox.NamedNode(JX.Link)
    name = ox.NamedNode(graph)
    quads = list(store.inner.quads_for_pattern(None, None, None, name))
    links = {q.subject for q in quads if q.object == link}
    inner = ox.Store()
    inner.bulk_extend(scheme)
    inner.bulk_extend(ox.Quad(q.subject, q.predicate, q.object) for q in quads if q.subject not in links)
    return Store(inner)
