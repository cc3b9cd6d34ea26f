"""The JSON API: a thin door on the jobs, with OpenAPI at /api/openapi.json."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, File, Form, Query, Request, UploadFile
from fastapi import Path as InPath
from fastapi.routing import APIRoute
from starlette.responses import Response

from kg.characters import clean, escaped
from kg.readers import READABLE
from kg.service import models, shapes
from kg.service.parameters import only_known, refuse
from kg.service.people import WRITER, Person
from kg.service.problems import Problem
from kg.service.service import Service

CHECK_SECONDS = 300.0
ACCEPTED = tuple(sorted(READABLE | {".zip"}))
router = APIRouter(prefix="/api", responses=models.PROBLEMS, dependencies=[Depends(only_known)])
WRITES: dict[str, Any] = {"security": [{"token": []}, {"session": []}]}  # in the description: what a reader may not do


def _service(request: Request) -> Service:
    found: Service = request.app.state.service
    return found


def _person(request: Request) -> Person:
    """Who writes; the guard has let nobody through whom it does not know."""
    return request.scope["kg_person"] or WRITER


Served = Annotated[Service, Depends(_service)]
Who = Annotated[Person, Depends(_person)]
Offset = Annotated[int, Query(ge=0, le=10_000_000, description="从第几条起")]
Limit = Annotated[int, Query(ge=1, le=1000, description="最多几条")]
Name = Annotated[str | None, Query(max_length=500)]
Year = Annotated[int | None, Query(ge=1900, le=2200, description="年度", examples=[2025])]
Filter = Annotated[str | None, Query(max_length=500, description="名称或 IRI，含下级")]


@router.get("/ask", summary="提问", response_model=models.Answer)
async def ask_get(
    service: Served, question: Annotated[str, Query(max_length=4000, examples=["哪些项目服务高校毕业生？"])]
) -> Any:
    return await service.run("ask", question=question)


@router.post("/ask", summary="提问，可带上一个答案的 context 追问", response_model=models.Answer)
async def ask(service: Served, asked: models.Question) -> Any:
    return await service.run("ask", question=asked.question, context=asked.context)


@router.get("/search", summary="混合检索", response_model=list[models.Hit])
async def search(
    service: Served,
    text: Annotated[str, Query(min_length=1, max_length=4000, examples=["档案数字化"])],
    limit: Annotated[int, Query(ge=1, le=1000)] = 10,
) -> Any:
    return await service.run("search", text=text, limit=limit)


@router.get("/projects", summary="项目列表", response_model=shapes.Projects)
async def projects(
    service: Served,
    year: Year = None,
    department: Filter = None,
    fund: Filter = None,
    group: Filter = None,
    type: Filter = None,  # noqa: A002 - the parameter's name
    q: Name = None,
    document: Name = None,
    offset: Offset = 0,
    limit: Limit = 50,
) -> Any:
    return await service.run(
        "projects", year=year, department=department, fund=fund, group=group, type=type, q=q, document=document,
        offset=offset, limit=limit,
    )  # fmt: skip


@router.get(
    "/project", summary="一个项目：金额、目标、联系及其依据、历年、所在的表", response_model=shapes.ProjectRecord
)
async def project(service: Served, iri: Annotated[str, Query(max_length=2000, description="项目的 IRI")]) -> Any:
    return await service.run("project", subject=iri)


@router.get("/facets", summary="可以按什么筛选，各有多少项目（指标类型为指标数）", response_model=shapes.Facets)
async def facets(service: Served) -> Any:
    return await service.kept("facets")


@router.get("/pivot", summary="汇总：部门、年度、资金来源、服务对象、指标类型两两交叉", response_model=shapes.Pivot)
async def pivot(
    service: Served,
    rows: Annotated[shapes.Dimension, Query(description="行")] = "department",
    columns: Annotated[shapes.Dimension, Query(description="列")] = "year",
    measure: Annotated[
        Literal["budget", "projects", "indicators"], Query(description="预算（万元）、项目数、指标数")
    ] = "budget",
    year: Year = None,
    department: Filter = None,
    fund: Filter = None,
    group: Filter = None,
    type: Filter = None,  # noqa: A002 - the parameter's name
    document: Name = None,
) -> Any:
    return await service.run(
        "pivot", rows=rows, columns=columns, measure=measure, year=year, department=department, fund=fund, group=group,
        type=type, document=document,
    )  # fmt: skip


@router.get("/indicators", summary="指标列表", response_model=shapes.Indicators)
async def indicators(
    service: Served,
    year: Year = None,
    department: Filter = None,
    fund: Filter = None,
    group: Filter = None,
    type: Filter = None,  # noqa: A002 - the parameter's name
    project: Filter = None,
    q: Name = None,
    document: Name = None,
    offset: Offset = 0,
    limit: Limit = 50,
) -> Any:
    return await service.run(
        "indicators", year=year, department=department, fund=fund, group=group, type=type, project=project, q=q,
        document=document, offset=offset, limit=limit,
    )  # fmt: skip


@router.get("/duplicates", summary="重复的指标", response_model=models.Clusters)
async def duplicates(
    service: Served,
    across: Annotated[
        Literal["years", "projects", "departments", "all"], Query(description="跨年度、项目、部门，或全部")
    ] = "all",
    similar: Annotated[bool, Query(description="也要相近但不是同一内容的")] = False,
    kind: Annotated[Literal["exact", "reworded", "retargeted", "similar"] | None, Query()] = None,
    offset: Offset = 0,
    limit: Limit = 50,
) -> Any:
    return await service.run("duplicates", across=across, similar=similar, kind=kind, offset=offset, limit=limit)


@router.get("/duplicates/queue", summary="待复核的配对，最没有把握的在前", response_model=list[models.Pair])
async def queue(service: Served, limit: Annotated[int, Query(ge=1, le=500)] = 20) -> Any:
    return await service.run("queue", limit=limit)


@router.get("/duplicates/changes", summary="指标的年度变化", response_model=models.Changes)
async def changes(
    service: Served,
    change: Annotated[Literal["same", "renamed", "moved", "new", "dropped"] | None, Query()] = None,
    target: Annotated[Literal["easier", "harder", "changed"] | None, Query()] = None,
    offset: Offset = 0,
    limit: Limit = 50,
) -> Any:
    return await service.run("changes", change=change, target=target, offset=offset, limit=limit)


@router.get("/duplicates/reviews", summary="已有的判断", response_model=list[models.Review])
async def reviews(service: Served) -> Any:
    return await service.run("reviews")


@router.post(
    "/duplicates/reviews",
    summary="判断一对指标：accepted 同一、rejected 不同、noted 只批注、withdrawn 撤销先前的判断",
    response_model=models.Review,
    openapi_extra=WRITES,
)
async def review(service: Served, who: Who, decision: models.Decision) -> Any:
    return await service.review(**decision.model_dump(), who=who)


@router.get("/trend", summary="一个项目或指标历年的指标值")
async def trend(service: Served, name: Annotated[str, Query(min_length=1, max_length=2000)]) -> dict[str, Any]:
    found: dict[str, Any] = await service.run("trend", name=name)
    return found


@router.get("/check", summary="数据质量问题", response_model=models.Findings)
async def check(
    service: Served,
    code: Name = None,
    severity: Annotated[Literal["error", "warning", "info"] | None, Query()] = None,
    document: Name = None,
    offset: Offset = 0,
    limit: Limit = 50,
) -> Any:
    found = [
        f
        for f in await service.kept("check", seconds=CHECK_SECONDS)
        if (not code or f["code"] == code)
        and (not severity or f["severity"] == severity)
        and (not document or f["document"] == document)
    ]
    return {"total": len(found), "offset": offset, "limit": limit, "items": found[offset : offset + limit]}


@router.get("/scans", summary="扫描识别的没有把握的单元格", response_model=models.ScannedCells)
async def scans(service: Served, document: Name = None, offset: Offset = 0, limit: Limit = 50) -> Any:
    return await service.run("scans", document=document, offset=offset, limit=limit)


@router.get(
    "/scans/{cell}/picture",
    summary="单元格在原图上的样子",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}},
)
async def scan_picture(service: Served, cell: Annotated[str, InPath(max_length=100)]) -> Response:
    return Response(await service.run("scan_picture", cell=cell), media_type="image/png")


@router.post("/scans", summary="核对单元格：照识别的文字，或改正", response_model=shapes.Outcome, openapi_extra=WRITES)
async def confirm(service: Served, who: Who, decided: models.Confirmations) -> Any:
    cells = [(c.id, c.text) for c in decided.cells]
    return _outcome(await service.confirm(cells, decided.by or "网页", who), None)


@router.get("/text2sparql", summary="TEXT2SPARQL 挑战赛的形式", response_model=models.Query)
async def text2sparql(
    service: Served,
    question: Annotated[str, Query(max_length=4000, examples=["哪些项目服务高校毕业生？"])],
    dataset: Annotated[str, Query(max_length=2000, examples=["https://w3id.org/jixiao/id/"])] = "",
) -> Any:
    return await service.run("text2sparql", question=question, dataset=dataset)


@router.get("/documents", summary="已载入的文档", response_model=shapes.Documents)
async def documents(service: Served) -> Any:
    return await service.run("documents")


@router.post("/documents", summary="上传文档：加入，或替换同名的", response_model=shapes.Outcome, openapi_extra=WRITES)
async def upload(
    request: Request,
    service: Served,
    who: Who,
    files: Annotated[list[UploadFile], File(description=f"可读格式：{'、'.join(ACCEPTED)}")],
    year: Annotated[int | None, Form(ge=1900, le=2200, description="文件没有写明年度时指定")] = None,
) -> Any:
    refuse((await request.form()).keys(), ("files", "year"))
    limits = service.limits
    if len(files) > limits.upload_files:
        raise Problem(413, f"一次最多上传 {limits.upload_files} 个文件")
    with service.writer.incoming() as folder:
        paths, size = [], 0
        for file in files:
            path = folder / checked_name(file.filename or "")
            if path.exists():
                raise Problem(422, f"“{path.name}”给了两次")
            with path.open("wb") as out:
                while chunk := await file.read(1 << 20):
                    size += len(chunk)
                    if size > limits.upload_bytes:
                        raise Problem(413, f"上传超过 {limits.upload_bytes >> 20} MB")
                    out.write(chunk)
            paths.append(path)
        return _outcome(await service.add(paths, year, who=who), folder)


@router.get(
    "/documents/{name}/original",
    summary="文档的原件",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
async def original(service: Served, name: Annotated[str, InPath(max_length=300, description="文件名")]) -> Response:
    if name not in {d["name"] for d in (await service.run("documents"))["documents"]}:
        raise Problem(404, f"没有载入过文档“{name}”")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(
        await service.run("original", document=name), media_type="application/octet-stream", headers=headers
    )


@router.get(
    "/documents/{name}/tables/{number}", summary="原表：自己的表头、行号和合并格", response_model=list[shapes.TablePart]
)
async def grid(
    service: Served, name: Annotated[str, InPath(max_length=300)], number: Annotated[int, InPath(ge=1, le=1_000_000)]
) -> Any:
    if name not in {d["name"] for d in (await service.run("documents"))["documents"]}:
        raise Problem(404, f"没有载入过文档“{name}”")
    return await service.run("grid", document=name, number=number)


@router.delete("/documents/{name}", summary="去掉一份文档", response_model=shapes.Outcome, openapi_extra=WRITES)
async def remove(service: Served, who: Who, name: Annotated[str, InPath(max_length=300, description="文件名")]) -> Any:
    if name not in {d["name"] for d in (await service.run("documents"))["documents"]}:
        raise Problem(404, f"没有载入过文档“{name}”")
    return _outcome(await service.remove([name], who=who), None)


@router.get(
    "/audit",
    summary="谁在什么时候上传、移除、复核、核对、登录：最近的在前（要有上传的权限）",
    response_model=list[shapes.Deed],
    openapi_extra=WRITES,
)
async def audit(
    service: Served,
    request: Request,
    did: Annotated[Literal["upload", "remove", "review", "confirm", "login", "refused"] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Any:
    person = request.scope["kg_person"]
    if not person:
        raise Problem(401, "需要口令：请在请求头 Authorization: Bearer 中给出", {"WWW-Authenticate": "Bearer"})
    if not person.may("write"):
        raise Problem(403, "记录只给有上传权限的人看")
    return service.audit.last(limit, did or "")


@router.get(
    "/export",
    summary="导出图谱（turtle、nquads）、指标明细表（csv）或工作簿（xlsx）；csv 和 xlsx 可只要几个年度、部门",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
async def export(
    service: Served,
    form: Annotated[str, Query(alias="format", pattern="^(turtle|nquads|csv|xlsx)$")] = "csv",
    year: Annotated[list[int] | None, Query(max_length=50, description="只要这些年度")] = None,
    department: Annotated[list[str] | None, Query(max_length=50, description="只要这些部门：名称或其一部分")] = None,
) -> Response:
    chosen = {"years": tuple(year or ()), "departments": tuple(department or ())}
    _, body = await service.run("export", form=form, **chosen, seconds=service.limits.query_seconds * 6)
    types = {"turtle": ("text/turtle; charset=utf-8", "ttl"), "nquads": ("application/n-quads", "nq"), "csv": ("text/csv; charset=utf-8", "csv"),
             "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")}  # fmt: skip
    media_type, suffix = types[form]
    headers = {"Content-Type": media_type, "Content-Disposition": f'attachment; filename="indicators.{suffix}"'}
    return Response(body, headers=headers)


@router.api_route("/{rest:path}", methods=["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"], include_in_schema=False)
async def nothing(request: Request, rest: str) -> None:
    """No route took the request: 405 where one has the path (RFC 9110, 15.5.6), else 404."""
    routes = [r for r in router.routes if isinstance(r, APIRoute) and r.endpoint is not nothing]
    allowed = {m for r in routes if r.path_regex.match(request.url.path) for m in r.methods or ()}
    if allowed:
        raise Problem(405, f"/api/{rest[:80]} 不接受这个方法", {"Allow": ", ".join(sorted(with_head(allowed)))})
    raise Problem(404, f"没有接口 /api/{rest[:80]}：见 /api/openapi.json")


def with_head(methods: Iterable[str]) -> set[str]:
    return {*methods, "HEAD"} if "GET" in methods else set(methods)


def checked_name(given: str) -> str:
    """The base name of an uploaded file. Raises Problem for one that is no file name or of an unknown format."""
    name = re.split(r"[/\\]", given)[-1].strip()
    stray = clean(name) != name or re.search(r"[\t\n\r]", name)
    if not name or name.startswith(".") or stray or len(name.encode()) > 200:
        raise Problem(422, f"文件名“{escaped(name)[:60]}”不合格")
    if Path(name).suffix.lower() not in ACCEPTED:
        raise Problem(415, f"“{name}”的格式不能读：可读格式 {'、'.join(ACCEPTED)}")
    return name


def _outcome(outcome: dict[str, Any], folder: Path | None) -> dict[str, Any]:
    """Without the server's own paths in the messages."""
    for kind in ("failures", "warnings"):
        outcome[kind] = [m.replace(f"{folder}/", "") if folder else m for m in outcome[kind]]
    return outcome
