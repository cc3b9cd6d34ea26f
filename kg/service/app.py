"""The application: the three doors put together, behind one guard."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable
from html import escape
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import kg
from kg.service import manual, models, resources
from kg.service.access import COOKIE, SESSION_SECONDS, Access
from kg.service.api import router
from kg.service.faults import problem_response, say_faults
from kg.service.formats import GRAPHS, negotiate
from kg.service.observe import Metrics, Observed
from kg.service.problems import Problem
from kg.service.protocol import SparqlEndpoint
from kg.service.resources import Resources
from kg.service.security import Guard
from kg.service.service import Service
from kg.service.settings import Settings


def create(settings: Settings, *, pages: bool = True) -> ASGIApp:
    """The whole service as an ASGI application; its workers start with its lifespan."""
    service = Service(settings)
    metrics = Metrics(service)
    access = Access(settings.token, settings.people)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await service.start()
        try:
            async with contextlib.AsyncExitStack() as stack:
                if mcp is not None:
                    await stack.enter_async_context(mcp.lifespan())
                yield
        finally:
            await service.stop()

    app = FastAPI(
        title="绩效目标表知识图谱", version=kg.__version__, lifespan=lifespan, docs_url=None, redoc_url=None,
        openapi_url="/api/openapi.json", description="项目支出绩效目标表的提问、检索与数据接口。错误为 application/problem+json。",
    )  # fmt: skip
    app.state.service = service
    say_faults(app)
    app.include_router(router)
    _with_problems(app)
    _plain_routes(app, service, metrics, access)
    _docs(app, service)
    from kg.service.mcp import Mcp

    mcp = Mcp(service)
    if pages:
        from kg.service.pages import install

        install(app, service)
    dispatch = Dispatch(app, {"/sparql": SparqlEndpoint(service), "/mcp": mcp}, Resources(service))
    kinds = frozenset(str(getattr(r, "path", "")).split("/")[2] for r in router.routes) - {"{rest:path}"}
    return Observed(Guard(dispatch, settings, access), metrics, kinds)


class Dispatch:
    """The endpoints that need no framework, then the IRIs of the data, then everything else."""

    def __init__(self, app: FastAPI, endpoints: dict[str, ASGIApp], resources_: Resources) -> None:
        self.app, self.endpoints, self.resources = app, endpoints, resources_

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if scope["path"] in (f"{path}/" for path in self.endpoints):
                await _moved(scope)(scope, receive, send)
                return
            if scope["method"] == "HEAD" and scope["path"] not in self.endpoints:
                scope, send = {**scope, "method": "GET"}, _without_body(send)
            if endpoint := self.endpoints.get(scope["path"]):
                await endpoint(scope, receive, send)
                return
            query = scope["query_string"].decode("latin-1")
            iris = resources.subject(scope["path"], query, self.resources.service.base or "-")
            if iris and scope["method"] in ("GET", "HEAD") and not self._routed(scope["path"]):
                response = await _answered(self.resources.answer(Request(scope, receive), iris), Request(scope))
                await response(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _routed(self, path: str) -> bool:
        """Whether a path is one of the service's own, should the base of the IRIs be the root of this host."""
        return path == "/" or path.startswith(("/api/", "/_nicegui", "/.well-known/")) or path in self._own

    @property
    def _own(self) -> set[str]:
        return {str(getattr(route, "path", "")) for route in self.app.routes} | {
            "/project", "/projects", "/indicators", "/pivot", "/graph", "/duplicates", "/query", "/data", "/login",
        }  # fmt: skip


def _moved(scope: Scope) -> Response:
    """To the address without the slash at its end; method and body stay."""
    query = scope["query_string"].decode("latin-1")
    return Response(None, 308, {"Location": scope["path"].rstrip("/") + (f"?{query}" if query else "")})


def _without_body(send: Send) -> Send:
    """HEAD is GET without the body (RFC 9110, 9.3.2)."""

    async def heads(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return heads


async def _answered(work: Awaitable[Response], request: Request) -> Response:
    try:
        return await work
    except Problem as problem:
        return problem_response(problem, request.url.path, request.headers.get("accept", ""))


SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "口令：写入都要；服务不只监听本机时读取也要"},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "网页输入口令以后的会话"},
}


def _with_problems(app: FastAPI) -> None:
    """Put the schema of problems, which all routes refer to, among the others."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        found = plain()
        found["components"]["schemas"]["Problem"] = models.Problem.model_json_schema()
        found["components"]["securitySchemes"] = SECURITY
        found["security"] = [{}, {"token": []}, {"session": []}]  # reading needs none on the loopback
        return found

    app.openapi = openapi  # type: ignore[method-assign]


def _plain_routes(app: FastAPI, service: Service, metrics: Metrics, access: Access) -> None:
    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> Response:
        return PlainTextResponse("ok\n")

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        if not service.ready:
            raise Problem(503, "正在启动或停止")
        return JSONResponse({"generation": service.generation})

    @app.get("/metrics", include_in_schema=False)
    async def metrics_text() -> Response:
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/.well-known/void", include_in_schema=False)
    async def void(request: Request) -> Response:
        media_type = negotiate(request.headers.get("accept", "*/*"), GRAPHS)
        if media_type is None:
            if "text/html" not in request.headers.get("accept", ""):
                raise Problem(406, f"可用的格式：{'、'.join(GRAPHS)}")
            media_type = "text/turtle"
        content_type, body = await service.kept("void", root=str(request.base_url), media_type=media_type)
        return Response(body, headers={"Content-Type": content_type, "Vary": "Accept"})

    @app.get("/resource", include_in_schema=False)
    async def resource(iri: str) -> Response:
        return resources.redirect(iri, service.base)

    @app.get("/login", include_in_schema=False)
    async def login_form(request: Request) -> Response:
        return _login_page(request.query_params.get("next", "/"), "")

    @app.post("/login", include_in_schema=False)
    async def login(request: Request) -> Response:
        form = await request.form()
        given, then = str(form.get("token", "")), str(form.get("next", "/"))
        try:
            person = access.knows(given.strip().encode(), request.client.host if request.client else "")
        except Problem as problem:
            return _login_page(then, problem.detail, problem.status, problem.headers)
        service.audit.add(person, "login" if person else "refused", None)
        if not person:
            return _login_page(then, "口令不对")
        safe = then if then.startswith("/") and not then.startswith(("//", "/\\")) else "/"
        response = RedirectResponse(safe, status_code=303)
        secure = request.url.scheme == "https"
        response.set_cookie(
            COOKIE,
            access.enter(person),
            int(SESSION_SECONDS),
            httponly=True,
            samesite="strict",
            path="/",
            secure=secure,
        )
        return response

    @app.post("/logout", include_in_schema=False)
    async def logout(request: Request) -> Response:
        access.leave(request.scope["kg_session"])
        response = RedirectResponse("/", status_code=303)
        response.delete_cookie(COOKIE, path="/")
        return response


def _docs(app: FastAPI, service: Service) -> None:
    @app.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> Response:
        first = (await service.kept("projects", limit=1))["items"]
        names = [d["name"] for d in (await service.kept("documents"))["documents"]]
        known = {"/api/project iri": first[0]["iri"], "/api/trend name": first[0]["label"]} if first else {}
        for path in (
            "/api/documents/{name}",
            "/api/documents/{name}/original",
            "/api/documents/{name}/tables/{number}",
        ):
            known |= {f"{path} name": names[0], f"{path} number": 1} if names else {}
        pair = [i["iri"] for i in (await service.kept("indicators", limit=2))["items"]]
        known["/api/duplicates/reviews body"] = {"indicators": pair, "decision": "noted", "note": "说明"}
        return HTMLResponse(manual.page(app.openapi(), str(request.base_url), known))


def _login_page(then: str, fault: str, status: int = 403, headers: dict[str, str] | None = None) -> Response:
    said = f'<p role="alert" style="color:#a32020">{escape(fault)}</p>' if fault else ""
    return HTMLResponse(
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>口令</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{resources.STYLE}{resources.DARK}'
        "input,button{font:inherit;padding:.5rem .8rem;border:1px solid #9fb0be;border-radius:6px}button{background:#0b5c8a;color:#fff}"
        f'</style></head><body><main><h1>请输入口令</h1>{said}<form method="post" action="/login">'
        f'<input type="hidden" name="next" value="{escape(then, quote=True)}">'
        '<label>口令 <input name="token" type="password" autofocus autocomplete="current-password"></label> <button>进入</button></form>'
        "<p>口令在启动 kg serve 时设定或显示。</p></main></body></html>",
        status_code=status if fault else 200,
        headers=headers,
    )
