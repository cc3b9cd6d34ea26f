"""What the charts show: the neighbourhood of a thing, targets by year."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from kg.graph.terms import literal, values
from kg.knowledge import KnowledgeGraph
from kg.service.registry import NotFoundError, job
from kg.service.views import iri
from ontology import JX, RDF

NEIGHBOURS = 12  # shown of one relation unless more are asked for; the rest is counted
RELATIONS = {  # relation → what it leads to; from there back to projects
    "department": "部门", "fundSource": "资金来源", "beneficiary": "服务对象", "programme": "项目主线",
    "indicator": "指标", "type": "指标类型", "measures": "衡量内容", "broader": "上位概念",
}  # fmt: skip
CLASSES = {
    "Project": "项目", "Indicator": "指标", "FundSource": "资金来源", "BeneficiaryGroup": "服务对象", "Department": "部门",
    "Programme": "项目主线", "IndicatorType": "指标类型", "Measure": "衡量内容",
}  # fmt: skip


@job
def neighbourhood(graph: KnowledgeGraph, subject: str, most: int = NEIGHBOURS) -> dict[str, Any]:
    """A thing, what it is linked to and what links to it: nodes with their class, edges with their relation.

    Raises NotFoundError for a thing that is not in the graph.
    """
    node = iri(subject)
    relations = " ".join("skos:broader" if r == "broader" else f"jx:{r}" for r in RELATIONS)
    rows = graph.store.select(
        f"""SELECT DISTINCT ?relation ?x ?way WHERE {{ VALUES ?relation {{ {relations} }}
              {{ {node} ?relation ?x BIND(1 AS ?way) }} UNION {{ ?x ?relation {node} BIND(0 AS ?way) }} }} ORDER BY ?relation ?way ?x"""
    )
    by: dict[tuple[str, int], list[str]] = defaultdict(list)
    for r in rows:
        by[r["relation"].rpartition("#")[2], r["way"]].append(r["x"])
    shown = {x for found in by.values() for x in found[:most]}
    nodes = _nodes(graph, [subject, *sorted(shown)])
    if subject not in nodes:
        raise NotFoundError(f"图谱里没有 <{subject}>")
    edges = [
        {"source": subject if way else x, "target": x if way else subject, "relation": RELATIONS[relation]}
        for (relation, way), found in by.items()
        for x in found[:most]
        if x in nodes
    ]
    more = sum(max(0, len(found) - most) for found in by.values())
    return {"centre": subject, "nodes": list(nodes.values()), "edges": edges, "more": more}


def _nodes(graph: KnowledgeGraph, found: list[str]) -> dict[str, dict[str, Any]]:
    rows = graph.store.select(
        f"""SELECT ?x ?class (SAMPLE(COALESCE(?pref, ?plain)) AS ?label) (SAMPLE(?y) AS ?year) WHERE {{
              {values("x", found)} ?x a ?class FILTER(STRSTARTS(STR(?class), {literal(JX)}))
              OPTIONAL {{ ?x rdfs:label ?plain }} OPTIONAL {{ ?x skos:prefLabel ?pref FILTER(LANG(?pref) = "zh") }}
              OPTIONAL {{ ?x jx:fiscalYear ?y }} }} GROUP BY ?x ?class"""
    )
    return {
        r["x"]: {"iri": r["x"], "label": r["label"], "class": CLASSES[name], "year": r["year"]}
        for r in rows
        if r["label"] and (name := r["class"].rpartition("#")[2]) in CLASSES
    }


@job
def named(graph: KnowledgeGraph, text: str, limit: int = 20) -> list[dict[str, Any]]:
    """Projects, funds, groups and departments whose name holds a text, those most linked to first."""
    return [
        {"iri": r["x"], "label": r["label"], "class": CLASSES[r["class"].rpartition("#")[2]], "year": r["year"]}
        for r in graph.store.select(
            f"""SELECT ?x ?class ?label (SAMPLE(?y) AS ?year) (COUNT(?p) AS ?n) WHERE {{
                  VALUES ?class {{ jx:Project jx:FundSource jx:BeneficiaryGroup jx:Department }} ?x a ?class .
                  {{ ?x rdfs:label ?label }} UNION {{ ?x skos:prefLabel ?label FILTER(LANG(?label) = "zh") }}
                  FILTER(CONTAINS(?label, {literal(text)}))
                  OPTIONAL {{ ?x jx:fiscalYear ?y }} OPTIONAL {{ ?p jx:beneficiary|jx:fundSource|jx:department ?x }}
                  FILTER(?class = jx:Project || BOUND(?p)) }}
                GROUP BY ?x ?class ?label ORDER BY DESC(?n) DESC(?year) ?label LIMIT {int(limit)}"""
        )
    ]


@job
def measures(graph: KnowledgeGraph) -> list[dict[str, Any]]:
    """Measures with numeric targets in more than one year: those whose target changed first."""
    return graph.store.select(
        """SELECT ?iri ?label (COUNT(DISTINCT ?year) AS ?years) WHERE {
             ?i jx:measures ?iri ; jx:target ?t ; jx:project ?p . ?t jx:writtenNumber ?n . ?p jx:fiscalYear ?year . ?iri rdfs:label ?label
           } GROUP BY ?iri ?label HAVING(COUNT(DISTINCT ?year) > 1) ORDER BY DESC(COUNT(DISTINCT ?n) > 1) DESC(?years) ?label LIMIT 300"""
    )


@job
def series(graph: KnowledgeGraph, measure: str) -> list[dict[str, Any]]:
    """The targets of one measure by year and line of projects, as the tables write them."""
    return [
        {
            "line": r["line"],
            "project": r["p"],
            "year": r["year"],
            "number": float(r["n"]),
            "unit": r["unit"],
            "value": r["text"],
        }
        for r in graph.store.select(
            f"""SELECT DISTINCT ?line ?p ?year ?n ?unit ?text WHERE {{ ?i jx:measures {iri(measure)} ; jx:target ?t ; jx:project ?p .
                  ?t jx:writtenNumber ?n ; jx:text ?text . ?p jx:fiscalYear ?year ; jx:programme ?programme . ?programme rdfs:label ?line .
                  OPTIONAL {{ ?t jx:writtenUnit ?unit }} }} ORDER BY ?line ?year LIMIT 500"""
        )
    ]


__all__ = ["CLASSES", "RDF", "RELATIONS"]
