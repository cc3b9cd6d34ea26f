"""Other people's clients work against the service: rdflib, SPARQLWrapper, curl, MCP, text2sparql, schemathesis."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command import SAMPLE, environment
from service import AS_WRITER, Server

COUNT = "PREFIX jx: <https://w3id.org/jixiao/ontology#> SELECT (COUNT(?p) AS ?n) WHERE { ?p a jx:Project }"


def test_rdflibs_sparql_store(server: Server) -> None:
    from rdflib import Graph, Namespace
    from rdflib.plugins.stores.sparqlstore import SPARQLStore

    jx = Namespace("https://w3id.org/jixiao/ontology#")
    graph = Graph(SPARQLStore(f"{server.url}/sparql"))
    (row,) = graph.query(COUNT)
    assert int(row[0]) == 23  # type: ignore[index]
    project = next(iter(graph.subjects(jx.table, None)), None)
    assert project is not None
    assert len(list(graph.objects(project, jx.document))) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sparqlwrapper(server: Server, method: str) -> None:
    wrapper = pytest.importorskip("SPARQLWrapper")
    client = wrapper.SPARQLWrapper(f"{server.url}/sparql")
    client.setMethod(method)
    client.setQuery(COUNT)
    for form in (wrapper.JSON, wrapper.XML, wrapper.CSV):
        client.setReturnFormat(form)
        assert "23" in str(client.query().convert() if form != wrapper.XML else client.query().convert().toxml())
    client.setQuery("CONSTRUCT WHERE { ?s <https://w3id.org/jixiao/ontology#budget> ?o }")
    client.setReturnFormat(wrapper.TURTLE)
    assert b"budget" in client.query().convert()


@pytest.mark.skipif(shutil.which("curl") is None, reason="没有 curl")
def test_curl(server: Server) -> None:
    def curl(*args: str) -> str:
        return subprocess.run(
            ["curl", "-sS", "--noproxy", "*", *args], capture_output=True, check=True, encoding="utf-8"
        ).stdout

    url = f"{server.url}/sparql"
    assert curl("--data-urlencode", f"query={COUNT}", "-H", "Accept: text/csv", url).split() == ["n", "23"]
    assert curl("-G", "--data-urlencode", f"query={COUNT}", "-H", "Accept: text/csv", url).split() == ["n", "23"]
    direct = curl("-H", "Content-Type: application/sparql-query", "--data-binary", COUNT, "-H", "Accept: text/csv", url)
    assert direct.split() == ["n", "23"]


async def use_mcp(client: Any) -> None:
    """What an agent does: lists the tools, asks, searches, queries."""
    listed = await client.list_tools()
    assert {tool.name for tool in listed.tools} == {"ask", "search", "sparql", "pivot", "schema", "duplicates"}
    assert all(tool.annotations and tool.annotations.read_only_hint for tool in listed.tools)
    ontology = await client.read_resource("jixiao://ontology/jixiao.ttl")
    assert "jx:Project" in ontology.contents[0].text
    assert {prompt.name for prompt in (await client.list_prompts()).prompts} == {
        "check_a_figure",
        "compare_years",
        "find_repeats",
    }
    prompt = await client.get_prompt("compare_years", {"name": "城管局", "earlier": "2024", "later": "2025"})
    assert "城管局" in prompt.messages[0].content.text

    async def call(name: str, **arguments: Any) -> Any:
        done = await client.call_tool(name, arguments)
        assert not done.is_error, done.content
        return json.loads(done.content[0].text)

    answer = await call("ask", question="三支一扶专项经费的预算是多少？")
    assert answer["answers"][0]["evidence"][0]["document"] == SAMPLE.name
    several = await call("ask", question="各项目的预算", limit=2)
    assert (several["total"], len(several["answers"])) == (23, 2)
    assert (await call("pivot", rows="fund"))["total"]["total"] == 70519.24
    cut = await call("sparql", query="SELECT ?p { ?p a jx:Project }", limit=3)
    assert (len(cut["results"]["bindings"]), cut["cut"]) == (3, True)
    assert (await call("search", text="档案数字化", limit=2))["hits"][0]["table"]
    found = await call("sparql", query=COUNT)
    assert found["results"]["bindings"][0]["n"]["value"] == "23"
    assert any(c["iri"].endswith("#Project") for c in (await call("schema"))["classes"])
    assert (await call("duplicates", limit=2))["total"] >= 0
    refused = await client.call_tool("sparql", {"query": "DROP ALL"})
    assert refused.is_error
    assert "只能查询" in refused.content[0].text


def test_mcp_over_http(server: Server) -> None:
    mcp = pytest.importorskip("mcp")

    async def run() -> None:
        async with mcp.Client(f"{server.url}/mcp") as client:
            await use_mcp(client)

    asyncio.run(run())


def test_mcp_over_standard_input_and_output(sample_data: Path) -> None:
    mcp = pytest.importorskip("mcp")
    command = mcp.StdioServerParameters(
        command=sys.executable, args=["-m", "kg.cli", "mcp", "--data", str(sample_data)], env=environment()
    )

    async def run() -> None:
        async with mcp.Client(mcp.stdio_client(command)) as client:
            await use_mcp(client)

    asyncio.run(run())


def test_text2sparql_client(server: Server, tmp_path: Path) -> None:
    pytest.importorskip("text2sparql_client.cli", reason="text2sparql-client 要求 numpy<2，装不进同一环境")
    questions = tmp_path / "questions.yml"
    questions.write_text(
        "dataset:\n  id: https://w3id.org/jixiao/id/\nquestions:\n  - id: 1\n    question:\n      zh: 哪些项目服务高校毕业生？\n",
        "utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-c", "from text2sparql_client.cli import cli; cli()", "ask", str(questions), f"{server.url}/api/text2sparql"],
        cwd=tmp_path, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (answered,) = json.loads(done.stdout)
    assert len(server.sparql(answered["query"]).json()["results"]["bindings"]) == 4


def test_no_input_makes_a_server_error(own_server_kept: Server) -> None:
    """schemathesis over the OpenAPI description: whatever is sent, no 500, and what is said is as described."""
    schemathesis = pytest.importorskip("schemathesis")
    from hypothesis import HealthCheck, Phase, settings
    from schemathesis.checks import not_a_server_error

    schema = schemathesis.openapi.from_url(f"{own_server_kept.url}/api/openapi.json")
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate], derandomize=True,
        )  # fmt: skip
        def attack(case: Any) -> None:
            case.call_and_validate(
                base_url=own_server_kept.url, headers=AS_WRITER, timeout=120, checks=[not_a_server_error]
            )

        schemathesis_strategy = operation.as_strategy()
        from hypothesis import given

        given(case=schemathesis_strategy)(attack)()
    assert set(own_server_kept.documents()) == {SAMPLE.name}
    assert "Traceback" not in own_server_kept.text()
