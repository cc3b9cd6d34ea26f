"""The Model Context Protocol: few tools over the same jobs, whose answers carry their cells."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.resources import TextResource
from mcp.types import ToolAnnotations
from pydantic import Field
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

import kg
from kg.service.formats import Wanted
from kg.service.problems import MEDIA_TYPE, Problem
from kg.service.service import Service
from kg.service.shapes import Dimension
from ontology import turtle_files

INSTRUCTIONS = (
    "中国财政项目支出绩效目标表的知识图谱。先用 ask 以中文提问：答案精确，并带出处单元格（文件、表、行、原文），引用时请一并给出。"
    "ask 答不了的用 schema 看本体，再用 sparql（只读）查询；找原文用 search。数据里没有的会说没有，不要自行补充。"
)


READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
CELLS = 3  # proving cells of one answer, unless more are asked for
NEEDED = (
    "question",
    "understood",
    "kind",
    "boolean",
    "sparql",
    "method",
    "confidence",
    "unmatched",
    "notes",
    "context",
)


def server(service: Service) -> MCPServer:
    """The tools, all of which only read, the ontology as a resource, and prompts.

    Refusals come back as text that says what to do. An agent's window is small: results are short unless asked for.
    """
    tools = MCPServer(
        "jixiao-kg", title="绩效目标表知识图谱", instructions=INSTRUCTIONS, version=kg.__version__, log_level="ERROR"
    )

    async def run(job: str, **arguments: Any) -> Any:
        try:
            return await service.run(job, **arguments)
        except Problem as problem:
            raise ToolError(problem.detail) from None

    @tools.tool(
        title="提问",
        annotations=READS,
        description="用中文问绩效目标表：项目、预算、指标值、服务对象、资金来源、跨年变化等。答案带出处单元格和 SPARQL。",
    )
    async def ask(
        question: Annotated[str, Field(max_length=4000, description="中文问题，如“哪些项目服务高校毕业生？”")],
        context: Annotated[list[str] | None, Field(description="追问时放上一个答案的 context")] = None,
        limit: Annotated[int, Field(ge=1, le=1000, description="最多列出几条答案；total 是一共几条")] = 20,
    ) -> dict[str, Any]:
        found = await run("ask", question=question, context=context)
        said = {key: found[key] for key in NEEDED} | {
            "total": len(found["answers"]),
            "answers": _short(found["answers"], limit),
        }
        if found["parts"]:
            said["parts"] = [
                {**part, "total": len(part["answers"]), "answers": _short(part["answers"], limit)}
                for part in found["parts"]
            ]
        if found["method"] == "none":
            said |= {"reason": found["reason"], "suggestions": found["suggestions"]}
        return said

    @tools.tool(title="检索", annotations=READS, description="按词和意思查找项目与指标的原文，带文件、表、行。")
    async def search(
        text: Annotated[str, Field(max_length=4000)], limit: Annotated[int, Field(ge=1, le=100)] = 5
    ) -> dict[str, Any]:
        return {"hits": await run("search", text=text, limit=limit)}

    @tools.tool(
        title="SPARQL",
        annotations=READS,
        description="运行只读 SPARQL 1.1 查询（SELECT、ASK、CONSTRUCT、DESCRIBE）；常用前缀不必声明。",
    )
    async def sparql(
        query: Annotated[str, Field(max_length=100_000)],
        limit: Annotated[int, Field(ge=1, le=2000, description="最多几行；cut 为 true 表示还有")] = 100,
    ) -> dict[str, Any]:
        wanted = Wanted("application/sparql-results+json", "text/turtle")
        content_type, body = await run("sparql", query=query, wanted=wanted, rows=2000, size=2 << 20)
        if "json" not in content_type:
            return {"turtle": body.decode()}
        found: dict[str, Any] = json.loads(body)
        if "results" in found:
            rows = found["results"]["bindings"]
            found["cut"] = len(rows) > limit
            found["results"]["bindings"] = rows[:limit]
        return found

    @tools.tool(
        title="汇总",
        annotations=READS,
        description="部门、年度、资金来源、服务对象、指标类型两两交叉的预算、项目数或指标数；含下级。",
    )
    async def pivot(
        rows: Dimension = "department",
        columns: Dimension = "year",
        measure: Literal["budget", "projects", "indicators"] = "budget",
        limit: Annotated[int, Field(ge=1, le=500, description="最多几行；total 总是全部的合计")] = 20,
    ) -> dict[str, Any]:
        found: dict[str, Any] = await run("pivot", rows=rows, columns=columns, measure=measure)
        return {**found, "items": found["items"][:limit], "more": found["more"] + max(0, len(found["items"]) - limit)}

    @tools.tool(
        title="查重",
        annotations=READS,
        description="重复的指标：完全相同、换了说法、改了指标值，各带得分、理由和出处。",
    )
    async def duplicates(
        across: Annotated[
            Literal["years", "projects", "departments", "all"], Field(description="跨年度、项目、部门，或全部")
        ] = "all",
        offset: Annotated[int, Field(ge=0)] = 0,
        limit: Annotated[int, Field(ge=1, le=100)] = 5,
    ) -> dict[str, Any]:
        found: dict[str, Any] = await run("duplicates", across=across, offset=offset, limit=limit)
        return found

    @tools.tool(title="本体", annotations=READS, description="类、属性及其中文含义和数量，写 SPARQL 之前看。")
    async def schema() -> dict[str, Any]:
        found: dict[str, Any] = await run("schema")
        return found

    _resources(tools)
    _prompts(tools)
    return tools


def _short(items: list[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    """The first answers, each with its first cells; ``cells`` says how many there are where that is more."""
    return [
        {
            **item,
            "evidence": item["evidence"][:CELLS],
            **({"cells": len(item["evidence"])} if len(item["evidence"]) > CELLS else {}),
        }
        for item in items[:limit]
    ]


def _resources(tools: MCPServer) -> None:
    """Each Turtle file of the ontology."""
    for file in turtle_files():
        tools.add_resource(
            TextResource(
                uri=f"jixiao://ontology/{file.name}",
                name=file.name,
                title=f"本体：{file.name}",
                mime_type="text/turtle",
                text=file.read_text("utf-8"),
            )
        )


def _prompts(tools: MCPServer) -> None:
    @tools.prompt(title="核对一个数", description="查一个数并给出它所在的单元格")
    def check_a_figure(claim: str) -> str:
        return (
            f"请核对这句话里的数：{claim}\n先用 ask 逐个问出表里的数，引用时写明文件、表、行和原文；"
            "表里没有的就说没有，不要推算。数不一致的，并列写出两个数。"
        )

    @tools.prompt(title="比较两年", description="一个部门或项目两年之间的变化")
    def compare_years(name: str, earlier: str, later: str) -> str:
        return (
            f"请比较“{name}”{earlier}年和{later}年：预算、新增和取消的项目、指标值变容易还是变难。"
            "每条都用 ask 或 sparql 查出，注明两年各自的单元格；没有对应上的单独列出，不要硬配。"
        )

    @tools.prompt(title="找重复", description="跨项目、跨部门的重复指标")
    def find_repeats(scope: str = "跨部门") -> str:
        return f"请用 duplicates 查{scope}的重复指标，按得分从高到低列出：指标、项目、年度、指标值、出处；拿不准的单独一组，请人复核。"


async def _only_post(scope: Scope, receive: Receive, send: Send) -> None:
    problem = Problem(405, "MCP 在这里只用 POST，没有会话和事件流")
    body = b"" if scope["method"] == "HEAD" else problem.body("/mcp")
    headers = {"Content-Type": MEDIA_TYPE, "Allow": "POST"}
    await Response(body, problem.status, headers)(scope, receive, send)


class Mcp:
    """The tools over streamable HTTP, without sessions: any request can be answered by itself."""

    def __init__(self, service: Service) -> None:
        # Host and Origin are the guard's business, who knows under which names the service is called.
        from mcp.server.transport_security import TransportSecuritySettings

        self.app = server(service).streamable_http_app(
            json_response=True,
            stateless_http=True,
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )

    @contextlib.asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        async with self.app.router.lifespan_context(self.app):
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Without sessions there is nothing to listen to and nothing to end: a GET would hold a stream open for ever.
        inner: ASGIApp = self.app if scope["method"] == "POST" else _only_post
        await inner(scope, receive, send)


async def stdio(service: Service) -> None:
    """Speak MCP on standard input and output until it closes."""
    await service.start()
    try:
        await server(service).run_stdio_async()
    finally:
        await service.stop()
