"""What is answered where something goes wrong: problem details in Chinese, for a browser a page."""

from __future__ import annotations

from html import escape

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from kg.service.problems import MEDIA_TYPE, TITLES, Problem, of_os_error
from kg.service.resources import DARK, STYLE
from kg.service.security import PROGRAMS

WAYS = (("/", "提问"), ("/projects", "项目"), ("/pivot", "汇总"), ("/data", "数据"), ("/docs", "接口说明"))
MISSING = "没有这个地址：可能写错了，或内容已随文档移除"


def problem_response(problem: Problem, path: str, accept: str = "") -> Response:
    """A refusal: problem details for programs, a page for a browser that asks for one."""
    if "text/html" in accept and not f"{path}/".startswith(PROGRAMS):
        return HTMLResponse(page(problem), problem.status, problem.headers)
    return Response(problem.body(path), problem.status, {"Content-Type": MEDIA_TYPE, **problem.headers})


def page(problem: Problem) -> str:
    """What went wrong, and the ways on."""
    title = escape(TITLES.get(problem.status, "出错"))
    links = " · ".join(f'<a href="{path}">{name}</a>' for path, name in WAYS)
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}{DARK}</style></head><body><main>'
        f"<h1>{problem.status} {title}</h1><p>{escape(problem.detail)}</p><p>{links}</p></main></body></html>"
    )


_FAULTS = {
    "missing": "缺少", "int_parsing": "应为整数", "bool_parsing": "应为 true 或 false", "string_type": "应为文字",
    "greater_than_equal": "太小", "less_than_equal": "太大", "string_too_long": "太长", "string_too_short": "太短",
    "json_invalid": "不是合格的 JSON", "list_type": "应为列表", "enum": "不在可选值内", "literal_error": "不在可选值内",
    "too_long": "太多",
}  # fmt: skip


def say_faults(app: FastAPI) -> None:
    """Have an application answer whatever goes wrong in Chinese."""

    def answer(request: Request, problem: Problem) -> Response:
        return problem_response(problem, request.url.path, request.headers.get("accept", ""))

    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> Response:
        return answer(request, error)

    @app.exception_handler(OSError)
    async def disk(request: Request, error: OSError) -> Response:
        return answer(request, of_os_error(error))

    @app.exception_handler(UnicodeError)
    async def no_text(request: Request, _: UnicodeError) -> Response:
        return answer(request, Problem(400, "请求里有不成对的代理字符，不是合格的文字"))

    @app.exception_handler(Exception)
    async def other(request: Request, _: Exception) -> Response:  # which is logged
        return answer(request, Problem(500, "服务内部出错，已记入日志"))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        faults = (
            e["msg"]
            if e["type"] == "unknown_keys"
            else f"{'.'.join(str(p)[:40] for p in e['loc'][1:]) or '正文'}{_FAULTS.get(e['type'], '不合格')}"
            for e in error.errors()[:5]
        )
        return answer(request, Problem(422, "；".join(faults)))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        detail = MISSING if error.status_code == 404 else TITLES.get(error.status_code, "出错")
        return answer(request, Problem(error.status_code, detail, dict(error.headers or {})))

    @app.exception_handler(404)
    async def missing(request: Request, _: Exception) -> Response:
        return answer(request, Problem(404, MISSING))
