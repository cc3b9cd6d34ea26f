"""No query calls out, however it is written and through whatever door: what is listening hears nothing."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from command import Run, one_error
from hypothesis import given
from hypothesis import strategies as st
from service import Server

import queries
from kg.graph.guard import QueryError, check_query, graphs_named
from kg.knowledge import KnowledgeGraph

RESULT = '{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"literal","value":"read back"}}]}}'  # what an attacker sends


class Ear:
    """An address of this machine that counts who calls, and answers like a SPARQL endpoint."""

    def __init__(self) -> None:
        self.calls = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self.socket.accept()
            except OSError:
                return
            self.calls += 1
            with line:
                line.recv(65536)
                line.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\nConnection: close\r\n"
                    b"Content-Length: %d\r\n\r\n%s" % (len(RESULT), RESULT.encode())
                )


@pytest.fixture
def ear() -> Iterator[Ear]:
    found = Ear()
    yield found
    found.socket.close()


CALLS = [
    # a comparison whose “<” a reader of tokens might take for the beginning of an IRI
    "SELECT ?s { BIND((1<2)AS?a)SERVICE#>\n<URL> { ?s ?p ?o } }",
    "ASK { FILTER(1<2)SERVICE#>\n<URL> {} }",
    "ASK { FILTER(?a<?b)SERVICE#>\n<URL> {} }",
    "ASK { FILTER(1<=2)SERVICE#>\n<URL> {} }",
    "ASK { BIND(IF(1<2,1,2)AS?a)SERVICE#>\n<URL>{}}",
    "ASK { { SELECT (MAX(1<2)AS?a) {} }SERVICE#>\n<URL>{}}",
    "ASK { VALUES ?u { <URL> } FILTER(1<2&&'>'!='')SERVICE#>\n?u{}}",
    "ASK { VALUES ?a {1}FILTER(?a<2)optional{SERVICE#>\n<URL>{}}}",
    # a relative or empty IRI before quotation marks that open nothing
    'ASK { ?s ?p <#>""""""@en. SERVICE <URL> {} }',
    'BASE <x:> ASK { FILTER(""""<#>"""!="")SERVICE<URL>{}FILTER("""#"""!="") }',
    "BASE <x:> ASK { ?s <a'''b> ?o SERVICE<URL>{} #'''\n}",
    'BASE <x:> ASK { ?s <> """\\"""" SERVICE<URL>{} # """\n}',
    "ASK { ?s ?p '\\\\'SERVICE<URL>{} # '\n}",
    "ASK { ?s ?p \"\\\\\"SERVICE<URL>{} #\"\n}",
    # escapes in names, quotation marks and number signs in them
    "PREFIX x: <x:> ASK { x:a\\# ?p ?o. SERVICE <URL> {} }",
    "PREFIX x: <x:> ASK { x:a\\~\\' ?p ?o.SERVICE<URL>{} #'\n}",
    "PREFIX x: <x:#> ASK { x:%23 ?p 1.SERVICE<URL>{}}",
    # line ends that end a comment, or do not
    "ASK { #\r SERVICE <URL> {} }",
    "ASK { # \r\n\tSERVICE\t<URL>\t{}\n}",
    "ASK{#'\rSERVICE#'\r<URL>{}}",
    # glued to what stands before, behind a name that is declared in another case
    "PREFIX : <URL> PREFIX service: <x:> ASK { Service:x{} }",
    "PREFIX : <URL> PREFIX SERVICE: <x:> ASK { ?s ?p falseservice:{} }",
    "PREFIX : <URL> ASK { ?s ?p 1.5e3SERVICE:{} }",
    "PREFIX : <URL> ASK { ?s ?p 'a'@enSERVICE: . SERVICE:{} }",
    "PREFIX : <URL> ASK { ?SERVICE ?p ?o . SERVICE:{} }",
    "ASK { VALUES ?service { <URL> } SERVICE?service{} }",
    "ASK { VALUES ?s { <URL> } sErViCe SiLeNt?s{} }",
    # where it stands
    "ASK { ?s ?p ?o MINUS { SERVICE <URL> {} } }",
    "ASK { GRAPH ?g { SERVICE <URL> {} } }",
    "ASK { FILTER(EXISTS { SERVICE <URL> {} } || 1=1) }",
    "ASK { BIND(EXISTS { SERVICE SILENT <URL> { } } AS ?x) }",
    "SELECT (EXISTS { SERVICE <URL> {} } AS ?x) {}",
    "SELECT * {} ORDER BY (EXISTS { SERVICE <URL> {} })",
    "SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING(EXISTS { SERVICE <URL> {} })",
    "DESCRIBE ?s { SERVICE <URL> { ?s ?p ?o } }",
    "CONSTRUCT { ?s <x:p> 1 } WHERE { SERVICE <URL> { ?s ?p ?o } }",
    "ASK { FILTER NOT EXISTS { { } UNION { SERVICE <URL> {} } } }",
    "BASE <URL> ASK { SERVICE <> {} }",
    "BASE <URL> PREFIX p: <p> ASK { SERVICE p:q {} }",
    "ASK { VALUES (?u ?x) { (<URL> 1) } { SERVICE ?u { SERVICE ?u {} } } }",
    # code point escapes, of the word and of what stands around it
    "ASK { \\u0053ERVICE <URL> {} }",
    "ASK { S\\U00000065r\\u0056ice <URL> {} }",
    "ASK \\u007B SERVICE \\u003CURL\\u003E {} }",
    "ASK { ?s ?p 'a\\u0027 SERVICE <URL> {} }",
    "ASK { ?s ?p \\u0027\\u005C\\u005C' SERVICE<URL>{} #'\n}",
    "PREFIX s\\u003A <URL> ASK { SERVICE s: {} }",
    # below sub-selects and graphs, beside lists, paths, triple terms, lateral joins
    "ASK { { SELECT * { { SELECT * { SERVICE <URL> { SELECT * { ?s ?p ?o } } } } } } }",
    "ASK { GRAPH ?g { { SELECT ?s { SERVICE SILENT <URL> { ?s ?p ?o } } } } SERVICE SILENT <URL> {} }",
    "SELECT * { LATERAL { SERVICE <URL> {} } }",
    "SELECT * { VALUES ?s { <URL> } LATERAL { SERVICE ?s {} } }",
    "ASK{SERVICE<URL>{}[]<x:p>[]}",
    "ASK{SERVICE SILENT<URL>{}(1 2)<x:p>()}",
    "ASK { SERVICE <URL> {} ?s (<x:a>|!<x:b>)* ?o }",
    "SELECT * { SERVICE <URL> {} <<?s ?p ?o>> ?q ?r }",
    "ASK { SERVICE <URL> {} ?s <x:p> ?o ; <x:q> -1 , .5 , 1e5 , true }",
    # names that are spelled like the word
    "PREFIX SERVICE: <URL> ASK { SERVICE SERVICE: {} }",
    "BASE <URL> PREFIX SERVICE: <a> ASK { SERVICE SERVICE:SERVICE {} }",
    "PREFIX SILENT: <URL> ASK { SERVICE SILENT SILENT: {} }",
    "PREFIX SERVICE: <x:> ASK { SERVICE <URL> {} SERVICE:SERVICE SERVICE:SERVICE _:SERVICE }",
]  # fmt: skip


@pytest.mark.parametrize("query", CALLS)
def test_a_call_is_refused(sample: KnowledgeGraph, ear: Ear, query: str) -> None:
    with pytest.raises(QueryError):
        list(sample.store.query(query.replace("URL", ear.url)))  # type: ignore[arg-type]
    assert ear.calls == 0


def test_every_call_that_the_engine_would_make_is_refused_as_one(ear: Ear) -> None:
    """The list above is of queries that call, not of bad syntax."""
    made = []
    for query in (q.replace("URL", ear.url) for q in CALLS):
        before = ear.calls
        try:
            found = ox.Store().query(query, prefixes={})
            list(found) if not isinstance(found, ox.QueryBoolean) else None  # type: ignore[call-overload]
        except (SyntaxError, RuntimeError, OSError, ValueError):
            pass
        if ear.calls > before:
            made.append(query)
            with pytest.raises(QueryError, match="SERVICE 会访问外部网络"):
                check_query(query)
    assert len(made) >= 38


FORMS = ("SERVICE <{}> {{}}", "service silent <{}>{{?s ?p ?o}}", "SERVICE#\n<{}>{{}}", "SERVICE?u{{}}", "SERVICE:{{}}")
BITS = (
    "FILTER(1<2)", "BIND(1<2 AS ?a{})", "?s ?p ?o .", "?s ?p '>' .", '?s ?p """<""" .', "#>\n", "#'\n", "# \"\"\"\r", "<x:#> ?p 1 .", "{}",
    "?s <x:y'z> '\\'' .", "OPTIONAL { ?s ?p 2 }", "VALUES ?v { 1 }", "?SERVICE ?p ?o .", "?s ?p 'SERVICE' .", "<x:SERVICE> ?p ?o .",
)  # fmt: skip


@given(st.lists(st.sampled_from(BITS), max_size=6), st.sampled_from(FORMS), st.lists(st.sampled_from(BITS), max_size=6))
def test_whatever_stands_around_it(before: list[str], call: str, after: list[str]) -> None:
    inner = "".join(b.replace("{}", str(i)) if "BIND" in b else b for i, b in enumerate((*before, "%", *after)))
    query = "PREFIX : <x:> ASK { VALUES ?u { <x:u> } " + inner.replace("%", call.format("http://127.0.0.1:9/")) + " }"
    with pytest.raises(QueryError, match="SERVICE 会访问外部网络"):
        check_query(query)
    check_query("ASK { VALUES ?u { <x:u> } " + inner.replace("%", "") + " }")


@given(st.text(alphabet="SERVICEservice<>#'\"\\ \n\r{}?:@.()ab1", max_size=40))
def test_text_without_sense_never_breaks_the_check(text: str) -> None:
    try:
        check_query(text)
        graphs_named(text)
    except QueryError:
        pass


def test_half_a_character_is_no_query(sample: KnowledgeGraph) -> None:
    for query in ("ASK { ?s ?p '\ud800' }", "\udfff", "ASK { FILTER(1<2)SERVICE#>\n<x:\ud800> {} }"):
        with pytest.raises(QueryError, match="代理字符"):
            sample.store.query(query)


@pytest.mark.parametrize(
    ("query", "graphs"),
    [
        ("SELECT * FROM <x:a> FROM NAMED <x:b> {}", (("x:a",), ("x:b",))),
        ("PREFIX p: <x:> SELECT*FROM p:a {}", (("x:a",), ())),
        ("BASE <http://x/> ASK from # FROM <x:no>\n <a> {}", (("http://x/a",), ())),
        ("ASK { ?s prov:wasQuotedFrom ?from . FILTER(?from != 'FROM <x:a>') }", None),
        ("PREFIX from: <x:> ASK { from:from from:FROM 1 }", None),
        ("# FROM <x:a>\nASK {}", None),
    ],
)
def test_the_graphs_of_a_query_are_known(query: str, graphs: object) -> None:
    assert graphs_named(query) == graphs


@pytest.mark.parametrize(
    "clause", ["FROM <URL>", "FROM NAMED <URL>", "from<URL>", "FROM#>\n<URL>", "FROM NAMED#\n\t<URL>"]
)
def test_a_graph_elsewhere_is_not_fetched_and_said_to_be_missing(sample: KnowledgeGraph, ear: Ear, clause: str) -> None:
    with pytest.raises(QueryError, match="没有载入图"):
        sample.store.query(f"SELECT * {clause.replace('URL', ear.url)} {{ ?s ?p ?o }}")
    assert ear.calls == 0


@pytest.mark.parametrize(
    "update",
    ["LOAD <URL>", "LOAD SILENT<URL>", "load#>\n<URL>", "INSERT {} WHERE { SERVICE <URL> {} }", "BASE <URL> LOAD <>"],
)
def test_an_update_that_would_load_is_refused(sample: KnowledgeGraph, ear: Ear, update: str) -> None:
    with pytest.raises(QueryError, match="只能查询"):
        sample.store.query(update.replace("URL", ear.url))
    assert ear.calls == 0


@pytest.mark.parametrize("iri", ["<//HOST/>", "<//HOST>", "</sparql>", "<>", "<sparql?query=ASK%7B%7D>", "<../sparql>"])
def test_a_relative_address_is_one_too(sample: KnowledgeGraph, server: Server, ear: Ear, iri: str) -> None:
    iri = iri.replace("HOST", ear.url.split("/")[2])
    for call in (f"SERVICE {iri} {{}}", f"FILTER(1<2)SERVICE#>\n{iri}{{}}"):
        with pytest.raises(QueryError, match="SERVICE 会访问外部网络"):
            sample.store.query(f"ASK {{ {call} }}", base="http://127.0.0.1:8000/sparql")
        assert server.sparql(f"ASK {{ {call} }}").status_code == 400
    assert ear.calls == 0


THROUGH = CALLS[:2] + CALLS[8:10] + CALLS[20:22] + CALLS[37:39]


@pytest.mark.parametrize("query", THROUGH)
def test_a_call_through_the_endpoint_and_mcp_and_the_page_of_another_site(server: Server, ear: Ear, query: str) -> None:
    query = query.replace("URL", ear.url)
    assert server.sparql(query).status_code == 400
    assert server.post("/sparql", data={"query": query}).status_code == 400
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "sparql", "arguments": {"query": query}},
    }
    asked = server.post("/mcp", json=call, headers={"Accept": "application/json, text/event-stream"})
    assert "read back" not in asked.text
    assert json.loads(asked.text)["result"]["isError"]
    image = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    assert server.get("/sparql", params={"query": query}, headers=image).status_code == 403
    assert ear.calls == 0


INJECTED = [
    '" } SERVICE <URL> { ?s ?p ?o } VALUES ?x { "',
    '\\" } SERVICE <URL> {} #',
    "1 } SERVICE <URL> {} VALUES ?x { 1",
    "\n} SERVICE <URL> {} {",
    "\\u0022 } SERVICE <URL> {} VALUES ?x { \\u0022",
    '"@zh } SERVICE <URL> {} #',
    "<URL>",
    "#params SERVICE <URL> {}",
    "2025 #",
]


@pytest.mark.parametrize("value", INJECTED, ids=range(len(INJECTED)))
def test_a_parameter_of_a_named_query_stays_a_value(sample: KnowledgeGraph, ear: Ear, value: str) -> None:
    value = value.replace("URL", ear.url)
    tried = [(named, p.name) for named in queries.load_all() for p in named.parameters]
    assert len({type_ for named, _ in tried for type_ in (p.type for p in named.parameters)}) > 1
    for named, parameter in tried:
        try:
            text = named.sparql({parameter: value})
        except queries.ParameterError:
            continue
        assert list(sample.store.query(text)) == []  # type: ignore[arg-type]
    assert ear.calls == 0


def test_a_call_through_the_command(kg_run: Run, sample_data: object, ear: Ear) -> None:
    for query in THROUGH[::3]:
        done = kg_run("sparql", query.replace("URL", ear.url), "--data", sample_data)  # type: ignore[arg-type]
        one_error(done, "SERVICE 会访问外部网络")
    asked = THROUGH[0].replace("URL", ear.url)
    for arguments in ((), ("-f", "/dev/stdin")):
        done = kg_run("sparql", *arguments, "--data", sample_data, stdin=asked)  # type: ignore[arg-type]
        one_error(done, "SERVICE 会访问外部网络")
    assert ear.calls == 0


CONFINED = """
import socket, subprocess, sys
import pyoxigraph as ox
from kg.offline import go_offline

how = go_offline(local=sys.argv[2] == "local")
port = int(sys.argv[1])
url = f"http://127.0.0.1:{port}/"
tries = {
    "query": lambda: list(ox.Store().query(f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}")),
    "silent": lambda: list(ox.Store().query(f"SELECT * {{ SERVICE SILENT <{url}> {{ ?s ?p ?o }} }}")),
    "update": lambda: ox.Store().update(f"LOAD <{url}>"),
    "tcp": lambda: socket.create_connection(("127.0.0.1", port)),
    "udp": lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port)),
    "ipv6": lambda: socket.socket(socket.AF_INET6).connect(("::1", port)),
    "raw": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
    "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "name": lambda: socket.getaddrinfo("localhost", port),
    "child": lambda: subprocess.run([sys.executable, "-c", f"import socket; socket.create_connection(('127.0.0.1', {port}))"],
                                    check=True, capture_output=True),
}
for name, work in tries.items():
    try:
        work()
        print(name, "worked")
    except Exception:
        print(name, "failed")
ours, theirs = socket.socketpair()
print("pair", ours.send(b"x") and "worked")
print(how)
"""


@pytest.mark.parametrize("local", ["", "local"])
def test_a_process_that_is_offline_reaches_nothing(ear: Ear, local: str) -> None:
    """Native code too, past every check of the query."""
    port = ear.url.rpartition(":")[2].rstrip("/")
    done = subprocess.run(
        [sys.executable, "-c", CONFINED, port, local], capture_output=True, text=True, timeout=60, check=True
    )
    *tries, how = done.stdout.splitlines()
    assert how in (("seccomp", "namespace") if sys.platform == "linux" else ("hook",))
    assert {t for t in tries if t.endswith("worked")} <= {"silent worked", "pair worked"}
    assert "pair worked" in tries
    assert ear.calls == 0


def test_the_workers_of_the_service_are_offline(server: Server) -> None:
    """As the kernel sees them."""
    if sys.platform != "linux":
        pytest.skip("seccomp is Linux's")
    workers = [w for helper in _children(server.process.pid) for w in _children(helper)]
    assert len(workers) >= 5
    modes = {re.search(r"Seccomp:\s*(\d)", _status(w))[1] for w in workers}  # type: ignore[index]
    assert modes == {"2"}


def _status(pid: int) -> str:
    return Path(f"/proc/{pid}/status").read_text()


def _children(pid: int) -> list[int]:
    return [int(c) for t in Path(f"/proc/{pid}/task").glob("*/children") for c in t.read_text().split()]
