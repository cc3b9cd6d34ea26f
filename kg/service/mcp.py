"""The Model Context Protocol: few tools over the same jobs, whose answers carry their cells."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

import kg
from kg.service.formats import Wanted
from kg.service.problems import MEDIA_TYPE, Problem
from kg.service.service import Service

INSTRUCTIONS = (
    "中国财政项目支出绩效目标表的知识图谱。先用 ask 以中文提问：答案精确，并带出处单元格（文件、表、行、原文），引用时请一并给出。"
    "ask 答不了的用 schema 看本体，再用 sparql（只读）查询；找原文用 search。数据里没有的会说没有，不要自行补充。"
)


def server(service: Service) -> MCPServer:
    """The tools. Refusals come back as text that says what to do."""
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
        description="用中文问绩效目标表：项目、预算、指标值、服务对象、资金来源、跨年变化等。答案带出处单元格和 SPARQL。",
    )
    async def ask(
        question: Annotated[str, Field(max_length=4000, description="中文问题，如“哪些项目服务高校毕业生？”")],
        context: Annotated[list[str] | None, Field(description="追问时放上一个答案的 context")] = None,
    ) -> dict[str, Any]:
        found = await run("ask", question=question, context=context)
        return {k: v for k, v in found.items() if k not in ("words", "follow")}

    @tools.tool(title="检索", description="按词和意思查找项目与指标的原文，带文件、表、行。")
    async def search(
        text: Annotated[str, Field(max_length=4000)], limit: Annotated[int, Field(ge=1, le=100)] = 10
    ) -> dict[str, Any]:
        return {"hits": await run("search", text=text, limit=limit)}

    @tools.tool(
        title="SPARQL", description="运行只读 SPARQL 1.1 查询（SELECT、ASK、CONSTRUCT、DESCRIBE）；常用前缀不必声明。"
    )
    async def sparql(query: Annotated[str, Field(max_length=100_000)]) -> dict[str, Any]:
        wanted = Wanted("application/sparql-results+json", "text/turtle")
        content_type, body = await run("sparql", query=query, wanted=wanted, rows=2000, size=2 << 20)
        if "json" in content_type:
            found: dict[str, Any] = json.loads(body)
            return found
        return {"turtle": body.decode()}

    @tools.tool(title="查重", description="重复的指标：完全相同、换了说法、改了指标值，各带得分、理由和出处。")
    async def duplicates(
        across: Annotated[
            Literal["years", "projects", "departments", "all"], Field(description="跨年度、项目、部门，或全部")
        ] = "all",
        offset: Annotated[int, Field(ge=0)] = 0,
        limit: Annotated[int, Field(ge=1, le=100)] = 20,
    ) -> dict[str, Any]:
        found: dict[str, Any] = await run("duplicates", across=across, offset=offset, limit=limit)
        return found

    @tools.tool(title="本体", description="类、属性及其中文含义和数量，写 SPARQL 之前看。")
    async def schema() -> dict[str, Any]:
        found: dict[str, Any] = await run("schema")
        return found

    return tools


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
