"""The graph out again: RDF, or the flat indicator table."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any

import pyoxigraph as ox

from kg.characters import csv_table
from kg.errors import KgError
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

# One triple pattern per OPTIONAL: Oxigraph looks each up by its subject. An indicator is read from the graph of the
# document that states it, each once, with the cell of its own table where other forms of the file quote it too; what
# was reached may stand in another.
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
    OPTIONAL { ?i prov:wasQuotedFrom ?cell . ?cell jx:field "value" ; jx:table ?table ; jx:place ?place }
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


@dataclass(frozen=True, slots=True)
class Choice:
    """What is exported: projects of these years and of these departments; empty collections stand for all."""

    years: frozenset[int] = frozenset()
    departments: frozenset[str] = frozenset()

    def __contains__(self, found: dict[str, Any]) -> bool:
        """Whether a row with ``year`` and ``department`` is chosen."""
        return (not self.years or found["year"] in self.years) and (
            not self.departments or found["department"] in self.departments
        )

    def __bool__(self) -> bool:
        return bool(self.years or self.departments)


ALL = Choice()


def choice(store: Store, years: Collection[int] = (), departments: Collection[str] = ()) -> Choice:
    """The choice of years and of departments, by their names or parts of them. Raises KgError for what is not loaded."""
    if not years and not departments:
        return ALL
    there = list(projects(store).values())
    known_years = sorted({p["fiscalYear"] for p in there if "fiscalYear" in p})
    known = sorted({p["department"] for p in there if p["department"]})
    if missing := [str(year) for year in years if year not in known_years]:
        raise KgError(f"没有{'、'.join(missing)}年的表：现有{'、'.join(map(str, known_years)) or '的表都没有写明年度'}")
    chosen: set[str] = set()
    for words in departments:
        found = [name for name in known if words == name] or [name for name in known if words.strip() and words in name]
        if not found:
            raise KgError(f"没有部门“{words}”：现有{'、'.join(known[:20]) or '的表都没有写明部门'}")
        chosen.update(found)
    return Choice(frozenset(years), frozenset(chosen))


def projects(store: Store) -> dict[str, dict[str, Any]]:
    """What each project and each department's overall table says, by its IRI; amounts in 元."""
    labels = {row["thing"]: row["label"] for row in store.select(LABELS)}
    found: dict[str, dict[str, Any]] = {}
    for row in store.select(PROJECTS):
        said = found.setdefault(row["p"], {})
        kind = row["k"].rpartition("#")[2]
        if kind == "form":
            said["forms"] = "、".join(filter(None, (said.get("forms"), labels.get(row["v"]))))
        else:
            said.setdefault(kind, row["v"])
    for said in found.values():
        said["department"] = labels.get(said.get("department", ""))
        said["implementer"] = labels.get(said.get("implementingUnit", ""))
    return found


def facts(store: Store, chosen: Choice = ALL) -> Iterator[dict[str, Any]]:
    """The indicator rows with values as they are in the graph: the keys COLUMNS and ``p``, the project's IRI."""
    stated = projects(store)
    for found in store.select(INDICATORS):
        project = stated.get(found["p"], {})
        found |= {
            column: amount / 10_000 for column, name in MONEY.items() if (amount := project.get(name)) is not None
        }
        found["year"], found["project"] = project.get("fiscalYear"), project.get("label")
        found["department"], found["implementer"] = project.get("department"), project.get("implementer")
        found["execution_rate"], found["total_score"] = project.get("executionRate"), project.get("totalScore")
        found["forms"] = project.get("forms")
        if found in chosen:
            yield found


def rows(store: Store, chosen: Choice = ALL) -> Iterator[dict[str, Any]]:
    """The indicator table, one dictionary with the keys COLUMNS an indicator; empty cells are ''."""
    for found in facts(store, chosen):
        yield {
            column: plain_decimal(v) if isinstance(v := found.get(column), Decimal) else "" if v is None else v
            for column in COLUMNS
        }


def render(store: Store, form: str, chosen: Choice = ALL) -> bytes:
    """The graph as turtle or nquads, or the indicator table as csv. Raises KgError where a part of the graph is asked for."""
    if form == "csv":
        return _csv(store, chosen)
    if chosen:
        raise KgError("turtle 和 nquads 总是整个图谱：按年度、部门导出请用 --format csv 或 xlsx")
    return _rdf(store, ox.RdfFormat.TURTLE if form == "turtle" else ox.RdfFormat.N_QUADS)


def _csv(store: Store, chosen: Choice) -> bytes:
    table = ([row[column] for column in COLUMNS] for row in rows(store, chosen))
    return csv_table(chain([COLUMNS], table), end="\n").encode()


def _rdf(store: Store, form: ox.RdfFormat) -> bytes:
    """N-Quads of all graphs by their names, the ontology's too, so that another engine can be loaded with them; or
    Turtle of the union of the documents' graphs.

    Sorted, and blank nodes (of the ontology's shapes) named by what they say, so that equal graphs are equal files.
    """
    ontology = ox.NamedNode(GRAPH)
    quads, vocabulary = [], ox.Dataset()
    for quad in store.named_quads():
        if quad.graph_name == ontology:
            vocabulary.add(quad)
        else:
            quads.append(quad)
    out = io.BytesIO()
    if form == ox.RdfFormat.N_QUADS:
        vocabulary.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        ox.serialize(sorted([*quads, *vocabulary], key=str), out, format=form)
    else:
        triples = {ox.Triple(q.subject, q.predicate, q.object) for q in quads}
        ox.serialize(sorted(triples, key=str), out, format=form, prefixes=PREFIXES)
    return out.getvalue()
