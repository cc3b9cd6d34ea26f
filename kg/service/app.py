"""The application: the three doors put together, behind one guard."""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import AsyncIterator, Awaitable
from html import escape

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

import kg
from kg.service import resources
from kg.service.api import router
from kg.service.formats import GRAPHS, negotiate
from kg.service.observe import Metrics, Observed
from kg.service.problems import MEDIA_TYPE, TITLES, Problem
from kg.service.protocol import SparqlEndpoint
from kg.service.resources import Resources
from kg.service.security import COOKIE, Guard
from kg.service.service import Service
from kg.service.settings import Settings


def create(settings: Settings, *, pages: bool = True) -> ASGIApp:
    """The whole service as an ASGI application; its workers start with its lifespan."""
    service = Service(settings)
    metrics = Metrics(service)

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
    _errors(app)
    app.include_router(router)
    _plain_routes(app, service, metrics)
    from kg.service.mcp import Mcp

    mcp = Mcp(service)
    if pages:
        from kg.service.pages import install

        install(app, service)
    dispatch = Dispatch(app, {"/sparql": SparqlEndpoint(service), "/mcp": mcp}, Resources(service))
    return Guard(Observed(dispatch, metrics), settings)


class Dispatch:
    """The endpoints that need no framework, then the IRIs of the data, then everything else."""

    def __init__(self, app: FastAPI, endpoints: dict[str, ASGIApp], resources_: Resources) -> None:
        self.app, self.endpoints, self.resources = app, endpoints, resources_

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if endpoint := self.endpoints.get(scope["path"]):
                await endpoint(scope, receive, send)
                return
            query = scope["query_string"].decode("latin-1")
            iris = resources.subject(scope["path"], query, self.resources.service.base or "-")
            if iris and scope["method"] in ("GET", "HEAD") and not self._routed(scope["path"]):
                response = await _answered(self.resources.answer(Request(scope, receive), iris), scope["path"])
                await response(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _routed(self, path: str) -> bool:
        """Whether a path is one of the service's own, should the base of the IRIs be the root of this host."""
        return path == "/" or path.startswith(("/api/", "/_nicegui", "/.well-known/")) or path in self._own

    @property
    def _own(self) -> set[str]:
        return {str(getattr(route, "path", "")) for route in self.app.routes} | {
            "/project", "/projects", "/indicators", "/graph", "/duplicates", "/query", "/data", "/login",
        }  # fmt: skip


async def _answered(work: Awaitable[Response], path: str) -> Response:
    try:
        return await work
    except Problem as problem:
        return problem_response(problem, path)


def problem_response(problem: Problem, path: str) -> Response:
    return Response(problem.body(path), problem.status, {"Content-Type": MEDIA_TYPE, **problem.headers})


_FAULTS = {
    "missing": "缺少", "int_parsing": "应为整数", "bool_parsing": "应为 true 或 false", "string_type": "应为文字",
    "greater_than_equal": "太小", "less_than_equal": "太大", "string_too_long": "太长", "string_too_short": "太短",
    "json_invalid": "不是合格的 JSON", "list_type": "应为列表", "enum": "不在可选值内", "literal_error": "不在可选值内",
    "extra_forbidden": "没有这个参数", "too_long": "太多",
}  # fmt: skip


def _errors(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> Response:
        return problem_response(error, request.url.path)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        faults = (
            f"{'.'.join(str(p) for p in e['loc'][1:]) or '正文'}{_FAULTS.get(e['type'], '不合格')}"
            for e in error.errors()[:5]
        )
        return problem_response(Problem(422, "；".join(faults)), request.url.path)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        detail = TITLES.get(error.status_code, "出错")
        return problem_response(Problem(error.status_code, detail, dict(error.headers or {})), request.url.path)


def _plain_routes(app: FastAPI, service: Service, metrics: Metrics) -> None:
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
        if int(request.headers.get("content-length") or 0) > 10_000:
            raise Problem(413, "请求太大")
        form = await request.form()
        given, then = str(form.get("token", "")), str(form.get("next", "/"))
        if not hmac.compare_digest(given.strip().encode(), service.settings.token.encode()):
            return _login_page(then, "口令不对")
        safe = then if then.startswith("/") and not then.startswith(("//", "/\\")) else "/"
        response = RedirectResponse(safe, status_code=303)
        response.set_cookie(COOKIE, service.settings.token, httponly=True, samesite="strict", path="/")
        return response


def _login_page(then: str, fault: str) -> Response:
    said = f'<p role="alert" style="color:#a32020">{escape(fault)}</p>' if fault else ""
    return HTMLResponse(
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>口令</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{resources.STYLE}'
        "input,button{font:inherit;padding:.5rem .8rem;border:1px solid #9fb0be;border-radius:6px}button{background:#0b5c8a;color:#fff}"
        f'</style></head><body><h1>请输入口令</h1>{said}<form method="post" action="/login">'
        f'<input type="hidden" name="next" value="{escape(then, quote=True)}">'
        '<label>口令 <input name="token" type="password" autofocus autocomplete="current-password"></label> <button>进入</button></form>'
        "<p>口令在启动 kg serve 时设定或显示。</p></body></html>",
        status_code=403 if fault else 200,
    )
