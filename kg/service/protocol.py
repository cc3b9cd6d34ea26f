"""The SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/), queries only, as a plain ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from kg.service.formats import GRAPHS, RESULTS, Wanted, negotiate
from kg.service.problems import MEDIA_TYPE, Problem
from kg.service.service import Service

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
WATCH_SECONDS = 0.5  # from then on a query ends when its client has gone
PIECE = 64 << 10  # bytes of an answer that are sent at once
NO_UPDATE = "这里只能查询：SPARQL 更新被拒绝，数据没有变化"


class ClientGoneError(Exception):
    """Nobody waits for the answer any more."""


class SparqlEndpoint:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.held = 0  # bytes of results that clients have not taken yet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        try:
            content_type, body = await self._answer(scope, headers, receive)
            status, fields = 200, {"Content-Type": content_type, "Vary": "Accept"}
        except Problem as problem:
            status, body = problem.status, problem.body("/sparql")
            fields = {"Content-Type": MEDIA_TYPE, **problem.headers}
        except ClientGoneError:
            return
        fields["Content-Length"] = str(len(body))
        raw = [(k.lower().encode(), v.encode("latin-1")) for k, v in fields.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await self._sent(b"" if scope["method"] == "HEAD" else body, send)

    async def _sent(self, body: bytes, send: Send) -> None:
        """Send in pieces, each when the client has taken the one before: what waits to be taken is counted."""
        self.held += len(body)
        try:
            for start in range(0, len(body) or 1, PIECE):
                more = start + PIECE < len(body)
                await send({"type": "http.response.body", "body": body[start : start + PIECE], "more_body": more})
        finally:
            self.held -= len(body)

    async def _answer(self, scope: Scope, headers: Headers, receive: Receive) -> tuple[str, bytes]:
        method = scope["method"]
        if method not in ("GET", "HEAD", "POST"):
            raise Problem(405, "SPARQL 查询用 GET 或 POST", {"Allow": "GET, HEAD, POST"})
        given = _parameters(scope["query_string"])
        query = _only(given, "query")
        if method == "POST":
            query, given = await self._posted(query, given, headers, receive)
        elif "update" in given:
            raise Problem(405, NO_UPDATE, {"Allow": "GET, HEAD, POST"})
        accept = ", ".join(headers.getlist("accept"))
        if query is None:
            if method == "POST":
                raise Problem(400, "缺少参数 query")
            return await self._description(scope, headers, accept)
        wanted = Wanted.by(accept)
        if wanted.results is None and wanted.graph is None:
            raise Problem(406, f"可用的格式：{'、'.join((*RESULTS, *GRAPHS))}")
        if len(query.encode()) > self.service.limits.query_bytes:
            raise Problem(413, f"查询超过 {self.service.limits.query_bytes >> 10} KB")
        limits = self.service.limits
        if self.held > limits.held_bytes:
            raise Problem(503, "太多结果还没有被取走：请稍后再试", {"Retry-After": "5"})
        work = self.service.run(
            "sparql",
            query=query,
            wanted=wanted,
            rows=limits.rows,
            size=limits.result_bytes,
            default_graphs=tuple(given.get("default-graph-uri", ())),
            named_graphs=tuple(given.get("named-graph-uri", ())),
            base=_address(scope, headers),
        )
        content_type, body = await while_connected(work, receive)
        return content_type, body

    async def _posted(
        self, query: str | None, given: dict[str, list[str]], headers: Headers, receive: Receive
    ) -> tuple[str | None, dict[str, list[str]]]:
        media_type, _, parameters = headers.get("content-type", "").lower().partition(";")
        media_type = media_type.strip()
        if media_type == UPDATE:
            raise Problem(403, NO_UPDATE)
        if media_type not in (FORM, QUERY):
            raise Problem(415, f"POST 的内容类型应为 {FORM} 或 {QUERY}")
        if "charset" in parameters and "utf-8" not in parameters.replace("utf8", "utf-8"):
            raise Problem(415, "查询应为 UTF-8 编码")
        body = await read_body(receive, self.service.limits.query_bytes * 3)
        try:
            text = body.decode()
        except UnicodeDecodeError:
            raise Problem(400, "查询应为 UTF-8 编码") from None
        if media_type == QUERY:
            if query is not None:
                raise Problem(400, "查询给了两次：地址里和正文里")
            return text, given
        form = _parameters(body)
        if "update" in form:
            raise Problem(403, NO_UPDATE)
        for name, found in form.items():
            given.setdefault(name, []).extend(found)
        return _only(given, "query"), given

    async def _description(self, scope: Scope, headers: Headers, accept: str) -> tuple[str, bytes]:
        media_type = negotiate(accept, GRAPHS)
        if media_type is None and "text/html" in accept:
            media_type = "text/turtle"
        if media_type is None:
            raise Problem(406, f"服务描述可用的格式：{'、'.join(GRAPHS)}")
        content_type, body = await self.service.run(
            "service_description", endpoint=_address(scope, headers), media_type=media_type
        )
        return content_type, body


def _address(scope: Scope, headers: Headers) -> str:
    """The endpoint's own, under the name by which it was called; the guard has looked at that."""
    return f"{scope.get('scheme', 'http')}://{headers.get('host')}/sparql"


def _parameters(raw: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except (UnicodeDecodeError, ValueError):
        raise Problem(400, "参数编码不对：应为 UTF-8，百分号转义") from None


def _only(given: dict[str, list[str]], name: str) -> str | None:
    found = given.get(name, [])
    if len(found) > 1:
        raise Problem(400, f"参数 {name} 只能有一个")
    return found[0] if found else None


async def read_body(receive: Receive, most: int) -> bytes:
    """The body of a request. Raises Problem beyond ``most`` bytes, ClientGoneError where it breaks off."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise Problem(413, f"请求超过 {most >> 10} KB")
        if not message.get("more_body"):
            return b"".join(parts)


async def while_connected(work: Coroutine[Any, Any, tuple[str, bytes]], receive: Receive) -> tuple[str, bytes]:
    """The result of ``work``, which is given up when the client goes."""
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=WATCH_SECONDS)
        if not done:
            gone = asyncio.ensure_future(_gone(receive))
            try:
                await asyncio.wait([task, gone], return_when=asyncio.FIRST_COMPLETED)
            finally:
                gone.cancel()
            if not task.done():
                raise ClientGoneError
        return task.result()
    finally:
        task.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
