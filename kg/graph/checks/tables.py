"""A document's tables as the checks of words need them, read from its graph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from kg.graph.places import SPOT, STANDS, Spot, spot
from kg.graph.store import Row, Store
from kg.graph.vocabulary import quantity_kinds

_DOCUMENTS = """SELECT ?iri (MIN(?label) AS ?name) WHERE { ?iri a jx:BudgetDocument ; rdfs:label ?label }
GROUP BY ?iri ORDER BY ?name"""
_CELLS = f"""SELECT ?subject ?field ?table ?row ?text {SPOT} WHERE {{
  ?subject a ?class ; prov:wasQuotedFrom ?cell .
  FILTER(?class IN (jx:Project, jx:Indicator))
  ?cell jx:field ?field ; jx:table ?table ; jx:cellText ?text .
  OPTIONAL {{ ?cell jx:row ?row }} {STANDS}
}} ORDER BY ?table ?row ?field"""
_INDICATORS = """SELECT ?iri ?name ?measured ?description ?text ?type ?unit ?base WHERE {
  ?iri a jx:Indicator ; rdfs:label ?name ; jx:measureName ?measured ; jx:target ?target .
  ?target jx:text ?text ; jx:valueType ?type .
  OPTIONAL { ?iri jx:description ?description }
  OPTIONAL { ?target jx:writtenUnit ?unit }
  OPTIONAL { ?target qudt:hasUnit ?base }
}"""


@dataclass(frozen=True, slots=True)
class Place:
    """A cell: its table, its row (None in the table's head), what it says, where it stands in the file."""

    table: int
    row: int | None
    text: str
    field: str
    spot: Spot


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


@dataclass
class Tables:
    """One document alone: its indicators, and the cells of every project and indicator by field, each read when they
    are looked at."""

    store: Store
    iri: str
    name: str
    kinds: dict[str, str] = field(repr=False)  # of units, see quantity_kinds

    @cached_property
    def indicators(self) -> list[Indicator]:
        found = []
        for i in self.select(_INDICATORS):
            said = (i["measured"], i["description"] or "", i["text"], i["type"], i["unit"] or "")
            found.append(Indicator(i["iri"], i["name"], *said, self.kinds.get(i["base"], "")))
        return found

    @cached_property
    def cells(self) -> dict[str, dict[str, Place]]:
        found: dict[str, dict[str, Place]] = {}
        for cell in self.select(_CELLS):
            place = Place(cell["table"], cell["row"], cell["text"], cell["field"], spot(cell))
            found.setdefault(cell["subject"], {}).setdefault(cell["field"], place)
        return found

    def select(self, query: str) -> list[Row]:
        """Rows of a SELECT on this document's graph: what several documents say of one project is not added up."""
        return self.store.select(query, self.iri)

    def place(self, subject: str, wanted: str) -> Place:
        """The cell of ``wanted``, else one that names the row or the project, so that a finding has its place."""
        cells = self.cells[subject]
        for name in (wanted, "name", "project"):
            if name in cells:
                return cells[name]
        return next(iter(cells.values()))


def documents(store: Store) -> Iterator[Tables]:
    """Every document of the store, in order of name."""
    kinds = quantity_kinds(store)
    return (Tables(store, row["iri"], row["name"], kinds) for row in store.select(_DOCUMENTS))
