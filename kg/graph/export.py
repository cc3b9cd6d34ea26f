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
    "actual", "weight", "score", "deviation", "outcome", "difference", "completion_rate",
    "fiscal_wan", "other_wan", "adjusted_wan", "executed_wan", "execution_rate", "whole_period_wan", "total_score",
    "implementer", "forms", "place",
)  # fmt: skip
"""What came later stands at the end: the first seventeen never change."""

MONEY = {
    "budget_wan": "budget",
    "fiscal_wan": "fiscalFunds",
    "other_wan": "otherFunds",
    "adjusted_wan": "adjustedBudget",
    "executed_wan": "executedFunds",
    "whole_period_wan": "midtermBudget",
}
NUMBERS = {*MONEY, "number", "weight", "score", "completion_rate", "execution_rate", "total_score"}

# One triple pattern per OPTIONAL: Oxigraph looks each up by its subject. An indicator is read from the graph of the
# document that states it, each once; what was reached may stand in another.
INDICATORS = """
SELECT ?document ?table ?row ?p ?level1 ?level2 ?indicator ?description
       ?value ?operator ?number ?unit ?per ?deadline ?actual ?weight ?score ?deviation ?outcome ?difference
       ?completion_rate ?place WHERE {
  GRAPH ?d {
    ?d rdfs:label ?document .
    ?i a jx:Indicator ; rdfs:label ?indicator ; jx:project ?p ; jx:table ?table ; jx:row ?row ; jx:target ?t .
    ?t jx:text ?value .
    OPTIONAL { ?i jx:level1 ?level1 }
    OPTIONAL { ?i jx:level2 ?level2 }
    OPTIONAL { ?i jx:description ?description }
    OPTIONAL { ?t jx:operator ?operator }
    OPTIONAL { ?t jx:writtenNumber ?number }
    OPTIONAL { ?t jx:writtenUnit ?unit }
    OPTIONAL { ?t jx:per ?per }
    OPTIONAL { ?t jx:deadline ?deadline }
    OPTIONAL { ?i prov:wasQuotedFrom ?cell . ?cell jx:field "value" ; jx:place ?place }
  }
  OPTIONAL { ?i jx:actual/jx:text ?actual }
  OPTIONAL { ?i jx:weight ?weight }
  OPTIONAL { ?i jx:score ?score }
  OPTIONAL { ?i jx:deviation ?deviation }
  OPTIONAL { ?i jx:outcome ?o . ?o skos:prefLabel ?outcome . FILTER(LANG(?outcome) = "zh") }
  OPTIONAL { ?i jx:difference/jx:text ?difference }
  OPTIONAL { ?i jx:completionRate ?completion_rate }
} ORDER BY ?document ?table ?row"""

PROJECTS = """
SELECT ?p ?k ?v WHERE {
  VALUES ?kind { jx:Project jx:DepartmentPerformance }
  VALUES ?k { rdfs:label jx:fiscalYear jx:department jx:implementingUnit jx:budget jx:fiscalFunds jx:otherFunds
              jx:adjustedBudget jx:executedFunds jx:midtermBudget jx:executionRate jx:totalScore jx:form }
  ?p a ?kind ; ?k ?v .
} ORDER BY ?p ?k ?v"""

LABELS = """
SELECT ?thing ?label WHERE {
  { ?thing a jx:Department ; rdfs:label ?label } UNION
  { ?thing a jx:Form ; skos:prefLabel ?label . FILTER(LANG(?label) = "zh") }
} ORDER BY ?label"""


def rows(store: Store) -> Iterator[dict[str, Any]]:
    """The indicator table, one dictionary with the keys COLUMNS an indicator; empty cells are ''."""
    labels = {row["thing"]: row["label"] for row in store.select(LABELS)}
    projects: dict[str, dict[str, Any]] = {}
    for row in store.select(PROJECTS):
        said = projects.setdefault(row["p"], {})
        kind = row["k"].rpartition("#")[2]
        if kind == "form":
            said["forms"] = "、".join(filter(None, (said.get("forms"), labels.get(row["v"]))))
        else:
            said.setdefault(kind, row["v"])
    for found in store.select(INDICATORS):
        project = projects.get(found.pop("p"), {})
        found |= {
            column: amount / 10_000 for column, name in MONEY.items() if (amount := project.get(name)) is not None
        }
        found["year"], found["project"] = project.get("fiscalYear"), project.get("label")
        found["department"] = labels.get(project.get("department", ""))
        found["implementer"] = labels.get(project.get("implementingUnit", ""))
        found["execution_rate"], found["total_score"] = project.get("executionRate"), project.get("totalScore")
        found["forms"] = project.get("forms")
        yield {
            column: plain_decimal(v) if isinstance(v := found.get(column), Decimal) else "" if v is None else v
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
        sheet.append([float(v) if c in NUMBERS and (v := row[c]) != "" else cell_safe(row[c]) for c in COLUMNS])
        for cell in sheet[sheet.max_row]:
            if cell.data_type == "f":
                cell.data_type = "s"
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{sheet.max_row}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
