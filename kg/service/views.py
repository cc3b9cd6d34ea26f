"""Lists and records as programs and the page read them: projects, indicators, tables, choices for filters."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pyoxigraph as ox

from kg.graph import terms
from kg.graph.places import SPOT, STANDS, spot
from kg.graph.terms import literal, values
from kg.knowledge import KnowledgeGraph
from kg.service.registry import NotFoundError, job

WAN = 10_000
Json = dict[str, Any]


def iri(value: str) -> str:
    """``<…>`` for SPARQL. Raises NotFoundError for what is no IRI."""
    try:
        return terms.iri(value)
    except terms.IriError as error:
        raise NotFoundError(str(error)) from None


def _concept(graph: KnowledgeGraph, subject: str, predicate: str, wanted: str) -> str:
    """The condition that a link leads to a concept or one below it, named by IRI or label."""
    if "://" in wanted:
        above = iri(wanted)
    else:
        said = f"{literal(wanted)} {ox.Literal(wanted, language='zh')}"
        rows = graph.store.select(
            f"SELECT DISTINCT ?c WHERE {{ VALUES ?said {{ {said} }} {{ ?c skos:prefLabel ?said }} UNION {{ ?c skos:altLabel ?said }} }}"
        )
        above = " ".join(iri(row["c"]) for row in rows)
    name = predicate[3:]
    return f"VALUES ?{name}Above {{ {above} }} ?{name} skos:broader* ?{name}Above . {subject} {predicate} ?{name} ."


def type_condition(graph: KnowledgeGraph, wanted: str) -> str:
    """The condition on ?i."""
    return _concept(graph, "?i", "jx:type", wanted)


def project_conditions(graph: KnowledgeGraph, filters: Json) -> str:
    """The conditions of the filters on ?p."""
    parts = []
    if filters.get("year"):
        parts.append(f"?p jx:fiscalYear {int(filters['year'])} .")
    if department := filters.get("department"):
        named = iri(department) if "://" in department else "?d"
        parts.append(f"?p jx:department {named} .")
        if named == "?d":
            parts.append(f"?d rdfs:label {literal(department)} .")
    if filters.get("fund"):
        parts.append(_concept(graph, "?p", "jx:fundSource", filters["fund"]))
    if filters.get("group"):
        parts.append(_concept(graph, "?p", "jx:beneficiary", filters["group"]))
    if filters.get("document"):
        parts.append(f"?p jx:document ?document . ?document rdfs:label {literal(filters['document'])} .")
    return " ".join(parts)


def wan(amount: Decimal | None) -> float | None:
    """元 in 万元."""
    return None if amount is None else float(amount / WAN)


def _page(
    graph: KnowledgeGraph, subject: str, where: str, order: str, offset: int, limit: int
) -> tuple[int, list[str]]:
    """How many subjects meet the conditions, and those of one page."""
    total = graph.store.select(f"SELECT (COUNT(DISTINCT ?{subject}) AS ?n) WHERE {{ {where} }}")[0]["n"]
    rows = graph.store.select(
        f"SELECT DISTINCT ?{subject} {order.replace('DESC(', '').replace(')', '')} WHERE {{ {where} }} ORDER BY {order} ?{subject} LIMIT {limit} OFFSET {offset}"
    )
    return total, [row[subject] for row in rows]


@job
def projects(graph: KnowledgeGraph, offset: int = 0, limit: int = 50, **filters: Any) -> Json:
    """One page of the projects that meet the filters: newest first, then by budget."""
    where = f"?p a jx:Project ; rdfs:label ?label . {project_conditions(graph, filters)} "
    if filters.get("type"):
        where += f"?p jx:indicator ?i . {type_condition(graph, filters['type'])} "
    where += "OPTIONAL { ?p jx:fiscalYear ?year } OPTIONAL { ?p jx:budget ?budget } "
    if filters.get("q"):
        where += f"FILTER(CONTAINS(?label, {literal(filters['q'])}))"
    total, found = _page(graph, "p", where, "DESC(?year) DESC(?budget) ?label", offset, limit)
    return {"total": total, "offset": offset, "limit": limit, "items": project_rows(graph, found)}


def project_rows(graph: KnowledgeGraph, found: list[str]) -> list[Json]:
    if not found:
        return []
    rows = {
        r["p"]: r
        for r in graph.store.select(
            f"""SELECT ?p ?label ?year ?department ?budget ?fiscal ?other ?programme (COUNT(DISTINCT ?i) AS ?indicators)
                  (SAMPLE(?name) AS ?document) (MIN(?t) AS ?table) WHERE {{
              {values("p", found)} ?p rdfs:label ?label . GRAPH ?doc {{ ?p a jx:Project ; jx:table ?t . ?doc rdfs:label ?name }}
              OPTIONAL {{ ?p jx:fiscalYear ?year }} OPTIONAL {{ ?p jx:department ?d }} OPTIONAL {{ ?d rdfs:label ?department }}
              OPTIONAL {{ ?p jx:budget ?budget }} OPTIONAL {{ ?p jx:fiscalFunds ?fiscal }} OPTIONAL {{ ?p jx:otherFunds ?other }}
              OPTIONAL {{ ?p jx:programme ?programme }} OPTIONAL {{ ?p jx:indicator ?i }}
            }} GROUP BY ?p ?label ?year ?department ?budget ?fiscal ?other ?programme"""
        )
    }
    linked: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for r in graph.store.select(
        f"""SELECT DISTINCT ?p ?kind ?name WHERE {{ {values("p", found)} VALUES ?kind {{ jx:fundSource jx:beneficiary }}
              ?p ?kind ?c . ?c skos:prefLabel ?name . FILTER(LANG(?name) = "zh") }} ORDER BY ?name"""
    ):
        linked[r["p"]][r["kind"].rpartition("#")[2]].append(r["name"])
    return [
        {
            "iri": p,
            "label": r["label"],
            "year": r["year"],
            "department": r["department"],
            "budget_wan": wan(r["budget"]),
            "fiscal_wan": wan(r["fiscal"]),
            "other_wan": wan(r["other"]),
            "funds": linked[p]["fundSource"],
            "groups": linked[p]["beneficiary"],
            "indicators": r["indicators"],
            "document": r["document"],
            "table": r["table"],
            "programme": r["programme"],
        }
        for p in found
        if p in rows
        for r in [rows[p]]
    ]


@job
def indicators(graph: KnowledgeGraph, offset: int = 0, limit: int = 50, **filters: Any) -> Json:
    """One page of the indicators that meet the filters, in the order of the tables."""
    where = f"?i a jx:Indicator ; rdfs:label ?label ; jx:project ?p ; jx:table ?table ; jx:row ?row . {project_conditions(graph, filters)} "
    if filters.get("project"):
        where += (
            f"FILTER(?p = {iri(filters['project'])}) "
            if "://" in filters["project"]
            else f"?p rdfs:label {literal(filters['project'])} . "
        )
    if filters.get("type"):
        where += type_condition(graph, filters["type"]) + " "
    if filters.get("q"):
        text = literal(filters["q"])
        where += f"OPTIONAL {{ ?i jx:description ?about }} FILTER(CONTAINS(?label, {text}) || CONTAINS(COALESCE(?about, ''), {text})) "
    where += "OPTIONAL { ?p jx:fiscalYear ?year }"
    total, found = _page(graph, "i", where, "DESC(?year) ?table ?row", offset, limit)
    return {"total": total, "offset": offset, "limit": limit, "items": indicator_rows(graph, found)}


def indicator_rows(graph: KnowledgeGraph, found: list[str]) -> list[Json]:
    if not found:
        return []
    rows = {
        r["i"]: r
        for r in graph.store.select(
            f"""SELECT ?i ?label ?p ?project ?year ?level1 ?level2 ?description ?value ?operator ?number ?unit ?row
                  (MIN(?t) AS ?table) (SAMPLE(?name) AS ?document) WHERE {{
              {values("i", found)} ?i rdfs:label ?label ; jx:project ?p ; jx:row ?row ; jx:target ?target .
              ?p rdfs:label ?project . ?i jx:document ?doc ; jx:table ?t . ?doc rdfs:label ?name . ?target jx:text ?value .
              OPTIONAL {{ ?p jx:fiscalYear ?year }} OPTIONAL {{ ?i jx:level1 ?level1 }} OPTIONAL {{ ?i jx:level2 ?level2 }}
              OPTIONAL {{ ?i jx:description ?description }} OPTIONAL {{ ?target jx:operator ?operator }}
              OPTIONAL {{ ?target jx:writtenNumber ?number }} OPTIONAL {{ ?target jx:writtenUnit ?unit }}
            }} GROUP BY ?i ?label ?p ?project ?year ?level1 ?level2 ?description ?value ?operator ?number ?unit ?row"""
        )
    }
    return [
        {
            "iri": i,
            "label": r["label"],
            "project": r["project"],
            "project_iri": r["p"],
            "year": r["year"],
            "level1": r["level1"],
            "level2": r["level2"],
            "description": r["description"],
            "value": r["value"],
            "operator": r["operator"],
            "number": None if r["number"] is None else float(r["number"]),
            "unit": r["unit"],
            "document": r["document"],
            "table": r["table"],
            "row": r["row"],
        }
        for i in found
        if i in rows
        for r in [rows[i]]
    ]


_FACETS = {
    "years": "?p a jx:Project ; jx:fiscalYear ?iri . BIND(STR(?iri) AS ?label)",
    "departments": "?p a jx:Project ; jx:department ?iri . ?iri rdfs:label ?label .",
    "funds": '?p a jx:Project ; jx:fundSource ?c . ?c skos:broader* ?iri . ?iri skos:prefLabel ?label . FILTER(LANG(?label) = "zh")',
    "groups": '?p a jx:Project ; jx:beneficiary ?c . ?c skos:broader* ?iri . ?iri skos:prefLabel ?label . FILTER(LANG(?label) = "zh")',
    "types": '?p a jx:Indicator ; jx:type ?c . ?c skos:broader* ?iri . ?iri skos:prefLabel ?label . FILTER(LANG(?label) = "zh")',
}


@job
def facets(graph: KnowledgeGraph) -> dict[str, list[Json]]:
    """What there is to filter by, each with the number of projects (indicators for types), most first."""
    found = {
        name: graph.store.select(
            f"SELECT ?iri ?label (COUNT(DISTINCT ?p) AS ?count) WHERE {{ {where} }} GROUP BY ?iri ?label ORDER BY DESC(?count) ?label"
        )
        for name, where in _FACETS.items()
    }
    found["years"].sort(key=lambda row: -int(row["iri"]))
    return found


@job
def project(graph: KnowledgeGraph, subject: str) -> Json:
    """Everything about one project. Raises NotFoundError where it is no project of the graph."""
    found = project_rows(graph, [subject])
    if not found:
        raise NotFoundError("图谱里没有这个项目：它可能已随文档移除")
    record = found[0]
    texts = graph.store.select(
        f"SELECT DISTINCT ?kind ?text WHERE {{ VALUES ?kind {{ jx:purpose jx:goal }} {iri(subject)} ?kind ?text }} ORDER BY ?text"
    )
    record["purpose"] = next((r["text"] for r in texts if r["kind"].endswith("purpose")), None)
    record["goals"] = [r["text"] for r in texts if r["kind"].endswith("goal")]
    proofs = graph.store.select(
        f"""SELECT DISTINCT ?relation ?iri ?label ?quote ?table ?row ?field ?document {SPOT} WHERE {{
          ?link rdf:subject {iri(subject)} ; rdf:predicate ?predicate ; rdf:object ?iri ; jx:quote ?quote ; prov:wasQuotedFrom ?cell .
          ?iri skos:prefLabel ?label . FILTER(LANG(?label) = "zh") ?cell jx:table ?table ; jx:field ?field ; jx:document ?doc .
          ?doc rdfs:label ?document . OPTIONAL {{ ?cell jx:row ?row }} {STANDS} BIND(STRAFTER(STR(?predicate), "#") AS ?relation)
        }} ORDER BY DESC(?relation) ?label ?document ?table ?row ?field"""
    )
    first: dict[tuple[str, str], Json] = {}  # one proving cell a link: its parts belong together
    for proof in proofs:
        said = {k: proof[k] for k in ("relation", "iri", "label", "quote", "document", "table", "row", "field")}
        first.setdefault((proof["relation"], proof["iri"]), said | spot(proof))
    record["links"] = list(first.values())
    lines = graph.store.select(
        f"SELECT DISTINCT ?p WHERE {{ {iri(subject)} jx:programme ?line . ?p jx:programme ?line }}"
    )
    record["history"] = sorted(project_rows(graph, [r["p"] for r in lines]), key=lambda r: (r["year"] or 0, r["label"]))
    record["tables"] = graph.store.select(
        f"""SELECT DISTINCT ?document ?table WHERE {{
              {iri(subject)} prov:wasQuotedFrom ?cell . ?cell jx:document ?doc ; jx:table ?table . ?doc rdfs:label ?document }}
            ORDER BY ?document ?table"""
    )
    record["outcomes"] = outcomes(graph, subject)
    said = {
        r["k"].rpartition("#")[2]: r["v"]
        for r in graph.store.select(
            f"SELECT ?k ?v WHERE {{ VALUES ?k {{ jx:executedFunds jx:executionRate jx:totalScore }} {iri(subject)} ?k ?v }}"
        )
    }
    record["executed_wan"] = wan(said.get("executedFunds"))
    record["execution_rate"], record["total_score"] = said.get("executionRate"), said.get("totalScore")
    return record


def outcomes(graph: KnowledgeGraph, subject: str) -> list[Json]:
    """What was reached of a project's indicators, beside their targets, with the cell that says it."""
    rows = graph.store.select(
        f"""SELECT ?iri ?label ?value ?actual ?outcome ?difference ?completion_rate ?weight ?score ?deviation
                   ?document ?table ?row ?field {SPOT} WHERE {{
          {iri(subject)} jx:indicator ?iri . ?iri rdfs:label ?label ; jx:target/jx:text ?value ; prov:wasQuotedFrom ?cell .
          ?cell jx:field ?field ; jx:document/rdfs:label ?document ; jx:table ?table ; jx:row ?row .
          VALUES ?field {{ "actual" "score" "deviation" }} {STANDS}
          OPTIONAL {{ ?iri jx:actual/jx:text ?actual }} OPTIONAL {{ ?iri jx:difference/jx:text ?difference }}
          OPTIONAL {{ ?iri jx:outcome/skos:prefLabel ?outcome FILTER(LANG(?outcome) = "zh") }}
          OPTIONAL {{ ?iri jx:completionRate ?completion_rate }} OPTIONAL {{ ?iri jx:weight ?weight }}
          OPTIONAL {{ ?iri jx:score ?score }} OPTIONAL {{ ?iri jx:deviation ?deviation }}
        }} ORDER BY ?document ?table ?row ?field"""
    )
    first: dict[str, Json] = {}
    for row in rows:
        first.setdefault(row["iri"], {k: v for k, v in row.items() if k != "ref"} | spot(row))
    return list(first.values())
