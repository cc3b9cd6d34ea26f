"""Things by their IRI, and the data set about itself: VoID and the SPARQL service description."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox

from kg.knowledge import KnowledgeGraph
from kg.service.formats import charset, serialise
from kg.service.registry import NotFoundError, job
from kg.service.views import iri
from ontology import DCTERMS, GRAPH, JX, PREFIXES, RDF, SKOS, XSD, Namespace

VOID = Namespace("http://rdfs.org/ns/void#")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
FORMATS = Namespace("http://www.w3.org/ns/formats/")
FOAF = Namespace("http://xmlns.com/foaf/0.1/")
MOST = 500  # statements shown of one thing in either direction


@job
def resource(graph: KnowledgeGraph, subject: str, media_type: str) -> tuple[str, bytes]:
    """The statements about a thing, in an RDF format. Raises NotFoundError where there are none."""
    node = iri(subject)
    found = _triples(graph, f"CONSTRUCT {{ {node} ?p ?o }} WHERE {{ {node} ?p ?o }} LIMIT {MOST}")
    found += _triples(graph, f"CONSTRUCT {{ ?s ?p {node} }} WHERE {{ ?s ?p {node} }} LIMIT {MOST}")
    if subject == GRAPH:
        found += _triples(graph, f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {node} {{ ?s ?p ?o }} }}")
    if not found:
        raise NotFoundError(f"图谱里没有 <{subject}>")
    return charset(media_type), serialise(dict.fromkeys(found), media_type)


def _triples(graph: KnowledgeGraph, sparql: str) -> list[ox.Triple]:
    found = graph.store.query(sparql)
    return list(found) if isinstance(found, ox.QueryTriples) else []


@job
def properties(graph: KnowledgeGraph, subject: str) -> dict[str, Any]:
    """The statements about a thing with labels, for reading. Raises NotFoundError where there are none."""
    node = iri(subject)
    label = """OPTIONAL { ?p rdfs:label ?pName FILTER(LANG(?pName) != "en") }
               OPTIONAL { ?x rdfs:label ?plain FILTER(LANG(?plain) != "en") }
               OPTIONAL { ?x skos:prefLabel ?pref FILTER(LANG(?pref) != "en") } OPTIONAL { ?x jx:cellText ?words }"""
    shown = "?p ?x (SAMPLE(?pName) AS ?name) (SAMPLE(COALESCE(?pref, ?plain, ?words)) AS ?label) (isIRI(?x) AS ?link)"
    outgoing = graph.store.select(
        f"SELECT {shown} WHERE {{ {{ SELECT ?p ?x WHERE {{ {node} ?p ?x }} ORDER BY ?p ?x LIMIT {MOST} }} {label} }} GROUP BY ?p ?x ORDER BY ?p ?x"
    )
    incoming = graph.store.select(
        f"SELECT {shown} WHERE {{ {{ SELECT ?p ?x WHERE {{ ?x ?p {node} }} LIMIT {MOST} }} {label} }} GROUP BY ?p ?x ORDER BY ?p ?x"
    )
    if not outgoing and not incoming:
        raise NotFoundError(f"图谱里没有 <{subject}>")
    own = {r["p"]: r["x"] for r in outgoing}
    title = next((r["x"] for r in outgoing if r["p"] == SKOS.prefLabel), None) or own.get(PREFIXES["rdfs"] + "label")
    return {
        "iri": subject,
        "title": title or own.get(JX.cellText) or subject,
        "project": any(r["p"] == RDF.type and r["x"] == JX.Project for r in outgoing),
        "outgoing": outgoing,
        "incoming": incoming,
    }


@job
def void(graph: KnowledgeGraph, root: str, media_type: str) -> tuple[str, bytes]:
    """VoID of the data set; ``root`` is the address of the service with its final slash."""
    return charset(media_type), serialise(_void(graph, root), media_type)


@job
def service_description(graph: KnowledgeGraph, endpoint: str, media_type: str) -> tuple[str, bytes]:
    """The service description of the SPARQL endpoint."""
    return charset(media_type), serialise(_service(graph, endpoint), media_type)


def _triple(subject: Any, predicate: str, value: Any) -> ox.Triple:
    if isinstance(value, str):
        value = ox.NamedNode(value)
    elif isinstance(value, int):
        value = ox.Literal(str(value), datatype=ox.NamedNode(XSD.integer))
    return ox.Triple(subject, ox.NamedNode(predicate), value)


def _zh(text: str) -> ox.Literal:
    return ox.Literal(text, language="zh")


def _void(graph: KnowledgeGraph, root: str) -> Iterator[ox.Triple]:
    def count(what: str) -> int:
        return int(graph.store.select(f"SELECT (COUNT(*) AS ?n) WHERE {{ {what} }}")[0]["n"])

    dataset = ox.NamedNode(f"{root}.well-known/void#dataset")
    base = graph.manifest.base
    yield _triple(dataset, RDF.type, VOID.Dataset)
    yield _triple(dataset, DCTERMS["title"], _zh("项目支出绩效目标表知识图谱"))
    yield _triple(dataset, VOID.sparqlEndpoint, f"{root}sparql")
    yield _triple(dataset, FOAF.homepage, root)
    yield _triple(dataset, VOID.uriSpace, ox.Literal(base))
    yield _triple(dataset, VOID.triples, count("?s ?p ?o"))
    for vocabulary in (
        JX,
        SKOS,
        PREFIXES["prov"],
        PREFIXES["org"],
        PREFIXES["dcterms"],
        PREFIXES["qudt"],
        PREFIXES["schema"],
    ):
        yield _triple(dataset, VOID.vocabulary, str(vocabulary))
    for name in ("turtle", "n-triples", "ld+json"):
        yield _triple(
            dataset, VOID.feature, FORMATS[{"turtle": "Turtle", "n-triples": "N-Triples", "ld+json": "JSON-LD"}[name]]
        )
    for number, row in enumerate(
        graph.store.select(
            f"SELECT ?c (COUNT(*) AS ?n) WHERE {{ ?s a ?c FILTER(STRSTARTS(STR(?c), '{JX}')) }} GROUP BY ?c ORDER BY DESC(?n)"
        )
    ):
        part = ox.BlankNode(f"class{number}")
        yield _triple(dataset, VOID.classPartition, part)
        yield _triple(part, VOID["class"], row["c"])
        yield _triple(part, VOID.entities, row["n"])
    for entry in graph.manifest.documents:
        node = ox.NamedNode(entry.iri)
        yield _triple(dataset, VOID.subset, node)
        yield _triple(node, RDF.type, VOID.Dataset)
        yield _triple(node, DCTERMS["title"], ox.Literal(entry.name))


def _service(graph: KnowledgeGraph, endpoint: str) -> Iterator[ox.Triple]:
    service, dataset, default = ox.NamedNode(endpoint), ox.BlankNode("dataset"), ox.BlankNode("default")
    yield _triple(service, RDF.type, SD.Service)
    yield _triple(service, SD.endpoint, endpoint)
    yield _triple(service, SD.supportedLanguage, SD.SPARQL11Query)
    for form in ("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV", "Turtle", "N-Triples",
                 "JSON-LD", "RDF_XML"):  # fmt: skip
        yield _triple(service, SD.resultFormat, FORMATS[form])
    yield _triple(service, SD.defaultDataset, dataset)
    yield _triple(dataset, RDF.type, SD.Dataset)
    yield _triple(dataset, SD.defaultGraph, default)
    yield _triple(default, RDF.type, SD.Graph)
    yield _triple(default, DCTERMS.description, _zh("全部命名图的并集，每条陈述一次"))
    for number, name in enumerate(sorted(name.value for name in graph.store.graphs())):
        named = ox.BlankNode(f"graph{number}")
        yield _triple(dataset, SD.namedGraph, named)
        yield _triple(named, RDF.type, SD.NamedGraph)
        yield _triple(named, SD.name, name)


@job
def schema(graph: KnowledgeGraph) -> dict[str, Any]:
    """Classes and properties with their words and counts: what a program must know to write SPARQL."""
    classes = graph.store.select(
        """SELECT ?iri (SAMPLE(?zh) AS ?label) (SAMPLE(?said) AS ?comment) (COUNT(DISTINCT ?s) AS ?count) WHERE {
             ?s a ?iri . ?iri rdfs:isDefinedBy <https://w3id.org/jixiao/ontology> ; rdfs:label ?zh FILTER(LANG(?zh) = "zh")
             OPTIONAL { ?iri rdfs:comment ?said FILTER(LANG(?said) = "zh") } } GROUP BY ?iri ORDER BY DESC(?count)"""
    )
    used = graph.store.select(
        """SELECT ?iri (SAMPLE(?zh) AS ?label) (SAMPLE(?said) AS ?comment) (GROUP_CONCAT(DISTINCT ?c; separator=" ") AS ?on)
           WHERE { ?iri a ?kind ; rdfs:isDefinedBy <https://w3id.org/jixiao/ontology> ; rdfs:label ?zh FILTER(LANG(?zh) = "zh")
             FILTER(STRENDS(STR(?kind), "Property"))
             OPTIONAL { ?iri rdfs:comment ?said FILTER(LANG(?said) = "zh") }
             OPTIONAL { ?iri schema:domainIncludes|rdfs:domain ?domain BIND(STRAFTER(STR(?domain), "#") AS ?c) } }
           GROUP BY ?iri ORDER BY ?iri"""
    )
    return {"prefixes": PREFIXES, "classes": classes, "properties": used}
