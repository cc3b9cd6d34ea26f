"""``/sparql`` by the SPARQL 1.1 Protocol: the cases of the W3C's protocol suite over the loaded graphs."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import signal
import time
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from service import Server

from kg.service.formats import RESULTS, negotiate

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
ASK = "ASK {}"
ALL = "SELECT ?p WHERE { ?p a jx:Project }"
DOCUMENT = "https://w3id.org/jixiao/id/document/tianjin-hrss-2025.txt"
ONTOLOGY = "https://w3id.org/jixiao/ontology"
ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def form(**fields: str) -> str:
    return "&".join(f"{k.replace('_', '-')}={quote(v, safe='')}" for k, v in fields.items())


@pytest.mark.parametrize(
    ("method", "address", "content_type", "body", "status"),
    [
        # query: bad-… and query-… of the suite
        ("GET", f"?query={quote(ASK)}", None, None, 200),
        ("POST", "", FORM, form(query=ASK), 200),
        ("POST", "", QUERY, ASK, 200),
        ("POST", "", f"{QUERY}; charset=UTF-8", ASK, 200),
        ("HEAD", f"?query={quote(ASK)}", None, None, 200),
        ("PUT", f"?query={quote(ASK)}", None, None, 405),
        ("DELETE", "", None, None, 405),
        ("GET", f"?query={quote(ASK)}&query={quote(ALL)}", None, None, 400),
        ("POST", "", FORM, form(query=ASK) + "&" + form(query=ALL), 400),
        ("POST", f"?query={quote(ASK)}", QUERY, ASK, 400),
        ("POST", "", "text/plain", ASK, 415),
        ("POST", "", None, form(query=ASK), 415),
        ("POST", "", f"{QUERY}; charset=UTF-16", ASK.encode("utf-16"), 415),
        ("POST", "", QUERY, ASK.encode("utf-16"), 400),
        ("GET", "?query=%FF%FE", None, None, 400),
        ("POST", "", FORM, "", 400),
        ("GET", f"?query={quote('ASK { s p o }')}", None, None, 400),
        ("GET", "?query=", None, None, 400),
        # update: nothing of it is served
        ("POST", "", FORM, form(update="CLEAR ALL"), 403),
        ("POST", "", UPDATE, "CLEAR ALL", 403),
        ("POST", f"?using-graph-uri={quote(DOCUMENT)}", UPDATE, "CLEAR ALL", 403),
        ("GET", f"?update={quote('CLEAR ALL')}", None, None, 405),
        ("GET", f"?query={quote('INSERT DATA { <x:a> <x:b> <x:c> }')}", None, None, 400),
        ("POST", "", QUERY, "DROP ALL", 400),
        ("POST", "", QUERY, "LOAD <http://127.0.0.1:1/>", 400),
        # calling out
        ("POST", "", QUERY, "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", 400),
        ("POST", "", QUERY, "SELECT * FROM <http://127.0.0.1:1/x> { ?s ?p ?o }", 400),
        ("POST", "", QUERY, "SELECT * FROM NAMED <http://127.0.0.1:1/x> { GRAPH ?g { ?s ?p ?o } }", 400),
        ("GET", f"?query={quote(ASK)}&default-graph-uri={quote('http://127.0.0.1:1/x')}", None, None, 400),
        ("POST", "", QUERY, f"SELECT * FROM <{DOCUMENT}> {{ ?s a jx:Project }}", 200),
        ("POST", "", QUERY, 'SELECT ("FROM <http://x/>" AS ?s) {}', 200),
    ],
)
def test_the_protocol(
    server: Server, method: str, address: str, content_type: str | None, body: str | bytes | None, status: int
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = server.client.request(method, f"/sparql{address}", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        said = answer.json()
        assert said["status"] == status
        assert any("\u4e00" <= c <= "\u9fff" for c in said["detail"])
    if status == 405:
        assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("query", "accept", "content_type"),
    [
        (ALL, "", "application/sparql-results+json"),
        (ALL, "*/*", "application/sparql-results+json"),
        (ALL, "application/json", "application/sparql-results+json"),
        (ALL, "application/sparql-results+xml", "application/sparql-results+xml"),
        (ALL, "text/xml, */*;q=0.1", "application/sparql-results+xml"),
        (ALL, "text/csv", "text/csv; charset=utf-8"),
        (ALL, "text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        (ALL, "text/*;q=0.5, application/sparql-results+json;q=0.4", "text/csv; charset=utf-8"),
        (ALL, "text/csv;q=0, */*", "application/sparql-results+json"),
        (ALL, "text/turtle, text/csv;q=0.1", "text/csv; charset=utf-8"),
        (ALL, "text/turtle", None),
        (ALL, "image/png", None),
        (ASK, "text/csv", "text/csv; charset=utf-8"),
        (ASK, "application/sparql-results+xml", "application/sparql-results+xml"),
        ("CONSTRUCT WHERE { ?s jx:budget ?o }", "", "text/turtle; charset=utf-8"),
        ("CONSTRUCT WHERE { ?s jx:budget ?o }", "application/n-triples", "application/n-triples"),
        ("CONSTRUCT WHERE { ?s jx:budget ?o }", "application/ld+json", "application/ld+json"),
        ("CONSTRUCT WHERE { ?s jx:budget ?o }", "application/rdf+xml", "application/rdf+xml"),
        ("CONSTRUCT WHERE { ?s jx:budget ?o }", "text/csv", None),
        (f"DESCRIBE <{DOCUMENT}>", "text/turtle", "text/turtle; charset=utf-8"),
    ],
)
def test_the_form_is_negotiated(server: Server, query: str, accept: str, content_type: str | None) -> None:
    answer = server.sparql(query, accept)
    assert answer.headers["content-type"] == (content_type or "application/problem+json")
    assert answer.status_code == (200 if content_type else 406)
    assert content_type is None or answer.headers["vary"] == "Accept"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/csv;q=0.5, */*;q=0.9", "application/sparql-results+json"),
        ("*/*;q=0.1, text/csv", "text/csv"),
        ("*/*, application/sparql-results+json;q=0.1", "application/sparql-results+xml"),
        ("*/*, application/*;q=0.1", "text/csv"),
        ("text/*;q=0.2, text/csv", "text/csv"),
        ("text/*, text/csv;q=0.2", "text/tab-separated-values"),
        ("application/*;q=0, */*", "text/csv"),
        ("application/sparql-results+xml;q=0.5, application/*;q=0.2, */*;q=0.4", "application/sparql-results+xml"),
        ("*/*;q=0", None),
        ("text/html", None),
    ],
)
def test_the_most_specific_range_gives_a_type_its_quality(accept: str, media_type: str | None) -> None:
    assert negotiate(accept, RESULTS) == media_type


def test_every_form_holds_the_same_rows(server: Server) -> None:
    query = "SELECT ?name ?budget WHERE { ?p jx:budget ?budget ; rdfs:label ?name } ORDER BY ?name ?budget"
    bindings = server.sparql(query).json()["results"]["bindings"]
    rows = [(b["name"]["value"], b["budget"]["value"]) for b in bindings]
    assert len(rows) == 23
    assert list(csv.reader(io.StringIO(server.sparql(query, "text/csv").text)))[1:] == [list(r) for r in rows]
    assert len(server.sparql(query, "text/tab-separated-values").text.splitlines()) == 24
    xml = ElementTree.fromstring(server.sparql(query, "application/sparql-results+xml").text)
    assert len(xml.findall(".//{http://www.w3.org/2005/sparql-results#}result")) == 23
    graph = "CONSTRUCT { ?p jx:budget ?b } WHERE { ?p jx:budget ?b }"
    kinds = {
        "text/turtle": ox.RdfFormat.TURTLE,
        "application/ld+json": ox.RdfFormat.JSON_LD,
        "application/n-triples": ox.RdfFormat.N_TRIPLES,
    }
    triples = {
        accept: set(ox.parse(server.sparql(graph, accept).content, format=kind)) for accept, kind in kinds.items()
    }
    assert len(triples["text/turtle"]) == 23
    assert len({frozenset(found) for found in triples.values()}) == 1


@pytest.mark.parametrize(
    ("dataset", "query", "found"),
    [
        ({}, "ASK { ?p a jx:Project }", True),
        ({"default_graph_uri": DOCUMENT}, "ASK { ?p a jx:Project }", True),
        ({"default_graph_uri": ONTOLOGY}, "ASK { ?p a jx:Project }", False),
        ({"default_graph_uri": ONTOLOGY}, "ASK { jx:Project a owl:Class }", True),
        ({"named_graph_uri": DOCUMENT}, "ASK { GRAPH ?g { ?p a jx:Project } }", True),
        ({"named_graph_uri": ONTOLOGY}, "ASK { GRAPH ?g { ?p a jx:Project } }", False),
        ({"named_graph_uri": DOCUMENT}, "ASK { ?p a jx:Project }", False),
        (
            {"default_graph_uri": ONTOLOGY, "named_graph_uri": DOCUMENT},
            "ASK { jx:Project a owl:Class GRAPH ?g { ?p a jx:Project } }",
            True,
        ),
        # what the protocol says goes before what the query says
        ({"default_graph_uri": ONTOLOGY}, f"ASK FROM <{DOCUMENT}> {{ ?p a jx:Project }}", False),
    ],
)
def test_the_dataset_may_be_named(server: Server, dataset: dict[str, str], query: str, found: bool) -> None:
    query = "PREFIX owl: <http://www.w3.org/2002/07/owl#> " + query
    got = server.get(f"/sparql?{form(query=query, **dataset)}").json()
    posted = server.post("/sparql", content=form(query=query, **dataset), headers={"Content-Type": FORM}).json()
    direct = server.post(f"/sparql?{form(**dataset)}", content=query, headers={"Content-Type": QUERY}).json()
    assert [got["boolean"], posted["boolean"], direct["boolean"]] == [found] * 3


def test_without_a_query_the_service_describes_itself(server: Server) -> None:
    answer = server.get("/sparql", headers={"Accept": "text/turtle"})
    store = ox.Store()
    store.load(answer.content, format=ox.RdfFormat.TURTLE)
    sd = "http://www.w3.org/ns/sparql-service-description#"
    named = {q.object.value for q in store.quads_for_pattern(None, ox.NamedNode(f"{sd}name"), None)}
    assert {DOCUMENT, ONTOLOGY} <= named
    assert bool(
        store.query(f"ASK {{ <{server.url}/sparql> a <{sd}Service> ; <{sd}supportedLanguage> <{sd}SPARQL11Query> }}")
    )


def test_an_endless_query_ends_at_its_limit_and_the_next_one_is_answered(server: Server) -> None:
    answer = server.sparql(ENDLESS)
    assert answer.status_code == 504
    assert "时限" in answer.json()["detail"]
    assert server.working() == 0  # it does not run on
    assert server.sparql(ASK).status_code == 200


@pytest.mark.parametrize(
    "query", ["SELECT * { ?a ?b ?c . ?d ?e ?f }", "CONSTRUCT { ?a ?b ?f } WHERE { ?a ?b ?c . ?d ?e ?f }"]
)
@pytest.mark.parametrize(
    "accept", ["application/sparql-results+json, text/turtle;q=0.9", "text/csv, application/n-triples;q=0.9"]
)
def test_a_result_beyond_the_bounds_is_refused_whole(server: Server, query: str, accept: str) -> None:
    answer = server.sparql(query, accept)
    assert answer.status_code == 413
    assert "LIMIT" in answer.json()["detail"]


def test_a_query_beyond_the_bounds_is_refused(server: Server) -> None:
    query = f"SELECT * {{ VALUES ?x {{ {'1 ' * 600_000} }} }}"
    assert server.post("/sparql", content=query, headers={"Content-Type": QUERY}).status_code == 413
    huge = b"x" * (8 << 20)
    assert server.post("/sparql", content=huge, headers={"Content-Type": QUERY}).status_code == 413


def test_syntax_errors_name_the_place(server: Server) -> None:
    detail = server.sparql("SELECT ?x WHERE { ?x a }").json()["detail"]
    assert "第 1 行第" in detail


def test_a_bad_query_leaves_the_worker_in_use(server: Server) -> None:
    for _ in range(10):
        assert server.sparql("SELECT").status_code == 400
    assert json.loads(server.sparql(ASK).text)["boolean"] is True


def test_workers_that_died_are_replaced(server: Server) -> None:
    """Their processes may be ended from outside, by the kernel short of memory for one."""

    def children(pid: int) -> list[int]:
        return [int(c) for t in Path(f"/proc/{pid}/task").glob("*/children") for c in t.read_text().split()]

    workers = [w for helper in children(server.process.pid) for w in children(helper)]
    assert len(workers) >= 5
    for worker in workers:
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself: workers are renewed now and then
            os.kill(worker, signal.SIGKILL)
    while set(workers) & {w for helper in children(server.process.pid) for w in children(helper)}:
        time.sleep(0.1)
    for _ in range(5):
        assert server.sparql(ASK).status_code == 200
    assert server.get("/api/search", params={"text": "档案"}).status_code == 200


def test_a_large_result_arrives_whole(server: Server) -> None:
    query = "SELECT ?a ?b ?c ?x { ?a ?b ?c . VALUES ?x { 1 2 3 4 5 6 } } LIMIT 90000"
    found = json.loads(server.sparql(query).text)["results"]["bindings"]
    assert len(found) == len({json.dumps(row) for row in found}) > 40_000
