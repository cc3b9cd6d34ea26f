"""The graph out again: RDF, or the flat indicator table."""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain
from typing import Any

import pyoxigraph as ox

from kg.characters import cell_safe, csv_table
from kg.graph.store import Store
from kg.graph.terms import plain_decimal
from ontology import GRAPH, PREFIXES

COLUMNS = (
    "document", "table", "row", "year", "department", "project", "budget_wan", "level1", "level2",
    "indicator", "description", "value", "operator", "number", "unit", "per", "deadline",
)  # fmt: skip

# One triple pattern per OPTIONAL: Oxigraph looks each up by its subject. One graph a document: where two
# files hold the same table, each shows its own cells.
INDICATORS = """
SELECT ?document ?table ?row ?year ?dep ?project ?budget ?level1 ?level2 ?indicator ?description
       ?value ?operator ?number ?unit ?per ?deadline WHERE { GRAPH ?d {
  ?d rdfs:label ?document .
  VALUES ?kind { jx:Project jx:DepartmentPerformance }
  ?p a ?kind ; rdfs:label ?project ; jx:table ?table ; jx:indicator ?i .
  ?i rdfs:label ?indicator ; jx:row ?row ; jx:target ?t .
  ?t jx:text ?value .
  OPTIONAL { ?p jx:fiscalYear ?year }
  OPTIONAL { ?p jx:department ?dep }
  OPTIONAL { ?p jx:budget ?budget }
  OPTIONAL { ?i jx:level1 ?level1 }
  OPTIONAL { ?i jx:level2 ?level2 }
  OPTIONAL { ?i jx:description ?description }
  OPTIONAL { ?t jx:operator ?operator }
  OPTIONAL { ?t jx:writtenNumber ?number }
  OPTIONAL { ?t jx:writtenUnit ?unit }
  OPTIONAL { ?t jx:per ?per }
  OPTIONAL { ?t jx:deadline ?deadline }
} } ORDER BY ?document ?table ?row"""

DEPARTMENTS = "SELECT ?dep ?label WHERE { ?dep a jx:Department ; rdfs:label ?label } ORDER BY ?label"


def rows(store: Store) -> Iterator[dict[str, Any]]:
    """The indicator table, one dictionary with the keys COLUMNS a row; empty cells are ''."""
    departments = {row["dep"]: row["label"] for row in store.select(DEPARTMENTS)}
    for found in store.select(INDICATORS):
        found["department"] = departments.get(found.pop("dep"))
        budget = found.pop("budget")
        found["budget_wan"] = budget / Decimal(10_000) if budget is not None else None
        yield {
            column: plain_decimal(v) if isinstance(v := found[column], Decimal) else "" if v is None else v
            for column in COLUMNS
        }


def render(store: Store, form: str) -> bytes:
    """The graph as turtle or nquads, or the indicator table as csv or xlsx."""
    if form == "csv":
        return _csv(store)
    if form == "xlsx":
        return _xlsx(store)
    return _rdf(store, ox.RdfFormat.TURTLE if form == "turtle" else ox.RdfFormat.N_QUADS)


def _csv(store: Store) -> bytes:
    table = ([row[column] for column in COLUMNS] for row in rows(store))
    return csv_table(chain([COLUMNS], table), end="\n").encode()


def _rdf(store: Store, form: ox.RdfFormat) -> bytes:
    """The documents' graphs (without the ontology's): N-Quads with graph names, or Turtle of their union.

    Sorted, so that equal graphs are equal files.
    """
    quads = [q for q in store.named_quads() if q.graph_name != ox.NamedNode(GRAPH)]
    out = io.BytesIO()
    if form == ox.RdfFormat.N_QUADS:
        ox.serialize(sorted(quads, key=str), out, format=form)
    else:
        triples = {ox.Triple(q.subject, q.predicate, q.object) for q in quads}
        ox.serialize(sorted(triples, key=str), out, format=form, prefixes=PREFIXES)
    return out.getvalue()


def _xlsx(store: Store) -> bytes:
    """The indicator table as a workbook: header frozen and filterable, numbers as numbers, text never a formula."""
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "指标"
    sheet.append(COLUMNS)
    for row in rows(store):
        sheet.append(
            [float(v) if c in ("budget_wan", "number") and (v := row[c]) != "" else cell_safe(row[c]) for c in COLUMNS]
        )
        for cell in sheet[sheet.max_row]:
            if cell.data_type == "f":
                cell.data_type = "s"
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{sheet.max_row}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
