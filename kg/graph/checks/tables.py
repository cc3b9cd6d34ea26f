"""A document's tables as the checks of words need them, read from its graph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kg.graph.store import Store
from ontology import GRAPH

_CELLS = """SELECT ?subject ?field ?table ?row ?text FROM <%s> WHERE {
  ?subject a ?class ; prov:wasQuotedFrom ?cell .
  FILTER(?class IN (jx:Project, jx:Indicator))
  ?cell jx:field ?field ; jx:table ?table ; jx:cellText ?text .
  OPTIONAL { ?cell jx:row ?row }
} ORDER BY ?table ?row ?field"""
_INDICATORS = f"""SELECT ?iri ?name ?measured ?description ?text ?type ?unit ?kind FROM <%s> FROM <{GRAPH}> WHERE {{
  ?iri a jx:Indicator ; rdfs:label ?name ; jx:target ?target .
  ?target jx:text ?text ; jx:valueType ?type .
  OPTIONAL {{ ?iri jx:measures/rdfs:label ?measured }}
  OPTIONAL {{ ?iri jx:description ?description }}
  OPTIONAL {{ ?target jx:writtenUnit ?unit }}
  OPTIONAL {{ ?target qudt:hasUnit/qudt:hasQuantityKind ?kind }}
}}"""


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
    """One document: its indicators, and the cells of every project and indicator by field."""

    iri: str
    name: str
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
    """Every document of the store, each from its own graph, in order of name."""
    found = store.select(
        "SELECT ?iri (MIN(?label) AS ?name) WHERE { ?iri a jx:BudgetDocument ; rdfs:label ?label } GROUP BY ?iri ORDER BY ?name"
    )
    for row in found:
        tables = Tables(row["iri"], row["name"])
        for cell in store.select(_CELLS % tables.iri):
            place = Place(cell["table"], cell["row"], cell["text"])
            tables.cells.setdefault(cell["subject"], {}).setdefault(cell["field"], place)
        for i in store.select(_INDICATORS % tables.iri):
            name = i["name"]
            kind = (i["kind"] or "").rpartition("/")[2]
            said = (i["measured"] or name, i["description"] or "", i["text"], i["type"], i["unit"] or "", kind)
            tables.indicators.append(Indicator(i["iri"], name, *said))
        yield tables
