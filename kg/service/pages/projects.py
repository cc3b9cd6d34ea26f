"""项目: the list with its filters, and a project's page: its table, links, findings and history."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from nicegui import ui

from kg.captions import TARGETS
from kg.service.pages import components
from kg.service.pages.components import attempt, html, join, link, money
from kg.service.problems import Problem
from kg.service.service import Service

FILTERS = (("year", "years", "年度"), ("department", "departments", "部门"), ("fund", "funds", "资金来源"),
           ("group", "groups", "服务对象"), ("type", "types", "指标类型"))  # fmt: skip

EXPORTED = 20_000  # rows of a list in one workbook
EXPORTS = {
    "projects": {"label": "项目", "year": "年度", "department": "部门", "budget_wan": "预算（万元）", "fiscal_wan": "财政资金（万元）",
                 "other_wan": "其他资金（万元）", "funds": "资金来源", "groups": "服务对象", "indicators": "指标数", "document": "文件", "table": "表"},
    "indicators": {"label": "指标", "description": "描述", "value": "指标值", "level1": "一级指标", "level2": "二级指标", "project": "项目",
                   "year": "年度", "document": "文件", "table": "表", "row": "行"},
}  # fmt: skip


def pages(service: Service) -> None:
    @ui.page("/projects", response_timeout=components.PATIENCE)
    async def listed(
        year: str = "",
        department: str = "",
        fund: str = "",
        group: str = "",
        type: str = "",  # noqa: A002 - the parameter's name
        q: str = "",
        document: str = "",
    ) -> None:
        with components.frame("/projects", "项目"):
            given = {
                "year": year,
                "department": department,
                "fund": fund,
                "group": group,
                "type": type,
                "q": q,
                "document": document,
            }
            await FilteredList(service, "projects", "/projects", "项目", _rows, given).build()

    @ui.page("/project", response_timeout=components.PATIENCE)
    async def one(iri: str = "") -> None:
        with components.frame("/projects", "项目"):
            try:
                found = await service.run("project", subject=iri)
            except Problem as problem:
                html(components.empty("打不开这个项目", problem.detail))
                return
            await show_project(service, found)


class FilteredList:
    """A list of projects or indicators under filters that are part of its address."""

    def __init__(self, service: Service, job: str, path: str, name: str, draw: Any, given: dict[str, str]) -> None:
        self.service, self.job, self.path, self.name, self.draw = service, job, path, name, draw
        self.given = {k: v for k, v in given.items() if v}
        self.offset = 0

    async def build(self) -> None:
        facets = await attempt(self.service.kept("facets")) or {}
        html(Markup("<h1>{}</h1>").format(self.name))
        with ui.element("div").classes("kg-row").style("margin:12px 0"):
            ui.input("名称包含", value=self.given.get("q", "")).props("outlined dense clearable debounce=350").classes(
                "kg-grow"
            ).on_value_change(lambda e: self.set("q", e.value))
            for key, facet, label in FILTERS:
                options = {str(f["iri"]): f"{f['label']}（{f['count']}）" for f in facets.get(facet, ())}
                if not options:
                    continue
                value = self.given.get(key) if self.given.get(key) in options else None
                select = ui.select(options, label=label, value=value, clearable=True, with_input=len(options) > 12)
                select.props("outlined dense options-dense").style("flex:1 1 150px;min-width:140px")
                select.on_value_change(lambda e, k=key: self.set(k, e.value))
        self.results = ui.element("div")
        await self.reload()

    async def set(self, key: str, value: Any) -> None:
        if value:
            self.given[key] = str(value)
        else:
            self.given.pop(key, None)
        self.offset = 0
        ui.navigate.history.replace(f"{self.path}?{urlencode(self.given)}" if self.given else self.path)
        await self.reload()

    async def move(self, offset: int) -> None:
        self.offset = offset
        await self.reload()

    async def found(self, offset: int, limit: int) -> Any:
        filters: dict[str, Any] = dict(self.given)
        filters["year"] = int(filters["year"]) if filters.get("year", "").isdigit() else None
        return await attempt(self.service.run(self.job, offset=offset, limit=limit, **filters))

    async def export(self) -> None:
        """All that the filters let through, not only this page."""
        found = await self.found(0, EXPORTED)
        if not found:
            return
        if found["total"] > EXPORTED:
            ui.notify(f"只导出前 {EXPORTED} 条：请先筛选，或在“数据”页导出全部", type="warning", position="top")
        columns = EXPORTS[self.job]
        rows = [["、".join(v) if isinstance(v := item[key], list) else v for key in columns] for item in found["items"]]
        made = await attempt(
            self.service.run("sheet", heads=list(columns.values()), rows=rows, form="xlsx", title=self.name)
        )
        if made:
            components.download(made[1], f"{self.name}.xlsx", components.XLSX)

    async def reload(self) -> None:
        found = await self.found(self.offset, components.PAGE)
        self.results.clear()
        if found is None:
            return
        with self.results:
            if not found["total"]:
                html(components.empty(f"没有符合条件的{self.name}", "请放宽筛选条件。"))
                return
            shown = (
                f"第 {self.offset + 1}–{self.offset + len(found['items'])} 条，"
                if found["total"] > components.PAGE
                else ""
            )
            with ui.element("div").classes("kg-row"):
                html(Markup('<div class="kg-soft">{}共 {} 个{}</div>').format(shown, found["total"], self.name))
                ui.button("导出 Excel", icon="download", on_click=self.export).props("flat dense no-caps")
            with ui.element("div").classes("kg-card"):
                components.cells(self.service, self.draw(found["items"]))
            components.pager(found["total"], self.offset, self.move)


def _rows(items: list[dict[str, Any]]) -> Markup:
    return components.rows_html(
        ["项目", "年度", "部门", "预算（万元）", "资金来源", "服务对象", "指标数"],
        (
            (
                link("/project", p["label"], iri=p["iri"]), p["year"], p["department"], money(p["budget_wan"]),
                components.tags(p["funds"]), components.tags(p["groups"]), p["indicators"],
            )
            for p in items
        ),
        numbers=(1, 3, 6),
    )  # fmt: skip


async def show_project(service: Service, found: dict[str, Any]) -> None:
    ui.page_title(f"{found['label']} · 项目")
    html(Markup("<h1>{}</h1>").format(found["label"]))
    html(Markup('<p class="kg-soft" style="margin:0">{} · {} · {} 表{}</p>').format(
        f"{found['year']}年" if found["year"] else "年度未知", found["department"] or "部门未写明", found["document"], found["table"]
    ))  # fmt: skip
    with ui.element("section").classes("kg-card"):
        figures = [("预算（万元）", money(found["budget_wan"])), ("财政资金（万元）", money(found["fiscal_wan"])),
                   ("其他资金（万元）", money(found["other_wan"])), ("执行数（万元）", money(found["executed_wan"])), ("执行率（%）", plain(found["execution_rate"])),
                   ("自评总分", plain(found["total_score"])), ("指标", found["indicators"])]  # fmt: skip
        html(Markup('<div class="kg-figures">{}</div>').format(join(
            Markup('<div class="kg-figure"><b>{}</b><span>{}</span></div>').format(value, name) for name, value in figures if value != ""
        )))  # fmt: skip
        goals = join(Markup("<div>{}</div>").format(g) for g in found["goals"])
        html(
            Markup('<div style="margin-top:14px">{}</div>').format(
                components.pairs([("资金用途", found["purpose"]), ("绩效目标", goals)])
            )
        )
        html(Markup('<p style="margin:12px 0 0">{} · {}</p>').format(
            link("/graph", "在图谱里看它的联系", iri=found["iri"]), link("/indicators", "它的指标列表", project=found["iri"])
        ))  # fmt: skip
    _outcomes(service, found["outcomes"])
    await _links(service, found)
    _history(found)
    await _matrix(service, found)
    places = {(place["document"], place["table"]) for place in found["tables"]}
    components.findings_card(
        service, lambda every: [f for f in every if (f["document"], f["table"]) in places], components.findings_html
    )
    for place in found["tables"]:
        parts = await attempt(service.run("grid", document=place["document"], number=place["table"]))
        if parts:
            with ui.element("section").classes("kg-card"):
                html(
                    Markup("<h2>原表：{} 表{}</h2><p>{}</p>").format(
                        place["document"], place["table"], components.original_link(place["document"])
                    )
                )
                pages = sorted({page for part in parts for page in part["pages"]})
                _beside(service, place["document"], place["table"], pages, components.grid_html(parts))


def _beside(service: Service, document: str, number: int, pages: list[int], table: Markup) -> None:
    """A table as it was read, and beside it, when asked for, its pages as they are printed, its cells marked."""
    drawn: dict[str, bool] = {}

    async def show() -> None:
        if drawn.setdefault("asked", False):
            return
        drawn["asked"] = True
        for page in pages:
            picture = await attempt(service.run("page_picture", document=document, page=page, number=number))
            if picture:
                with pictures:
                    html(page_html(page, picture))

    if pages:
        ui.button(f"对照原件第{'、'.join(map(str, pages))}页", on_click=show).props("flat dense no-caps")
    with ui.element("div").classes("kg-beside"):
        html(table)
        pictures = ui.element("div")


def page_html(page: int, picture: bytes) -> Markup:
    return Markup(
        '<figure style="margin:0"><img style="width:100%" alt="原件第{}页" src="data:image/png;base64,{}"></figure>'
    ).format(page, b64encode(picture).decode())


def plain(number: Any) -> str:
    """A number without needless zeros; empty where there is none."""
    return "" if number is None else f"{float(number):g}"


def _outcomes(service: Service, found: list[dict[str, Any]]) -> None:
    if not found:
        return
    with ui.element("section").classes("kg-card"):
        html("<h2>完成情况</h2>")
        components.cells(service, outcomes_html(found))


def outcomes_html(found: list[dict[str, Any]]) -> Markup:
    """What was reached beside what was aimed at; columns that no row has are left out."""
    heads = {
        "label": "指标", "value": "指标值", "actual": "实际完成值", "outcome": "完成结果", "difference": "相差",
        "completion_rate": "完成率（%）", "weight": "分值", "score": "得分", "deviation": "偏差原因",
    }  # fmt: skip
    numbers = ("completion_rate", "weight", "score")
    shown = [key for key in heads if any(row[key] is not None for row in found)]
    rows = (
        (
            *(plain(row[key]) if key in numbers else row[key] or "" for key in shown),
            components.cell_button({**row, "text": row["actual"] or ""}),
        )
        for row in found
    )
    places = tuple(n for n, key in enumerate(shown) if key in numbers)
    return components.rows_html([*(heads[key] for key in shown), "依据"], rows, numbers=places)


async def _links(service: Service, found: dict[str, Any]) -> None:
    if not found["links"]:
        return
    names = {"fundSource": "资金来源", "beneficiary": "服务对象"}
    with ui.element("section").classes("kg-card"):
        html("<h2>联系及其依据</h2>")
        rows = [
            (
                names.get(x["relation"], x["relation"]),
                link("/graph", x["label"], iri=x["iri"]),
                f"“{x['quote']}”",
                components.cell_button(x),
            )
            for x in found["links"]
        ]
        components.cells(service, components.rows_html(["关系", "对象", "原文", "依据"], rows))


def _history(found: dict[str, Any]) -> None:
    with ui.element("section").classes("kg-card"):
        html("<h2>历年</h2>")
        history = found["history"]
        if len(history) < 2:
            html('<p class="kg-soft" style="margin:0">只载入了这一年的表。</p>')
            return
        by_year: dict[int, list[dict[str, Any]]] = {}
        for h in history:
            if h["year"]:
                by_year.setdefault(h["year"], []).append(h)
        totals = {year: _sum(several) for year, several in sorted(by_year.items())}
        if len(totals) > 1:
            ui.echart({
                "grid": {"left": 60, "right": 20, "top": 30, "bottom": 30}, "tooltip": {"trigger": "axis"},
                "xAxis": {"type": "category", "data": [str(year) for year in totals]},
                "yAxis": {"type": "value", "name": "万元", "min": 0},
                "series": [{"type": "bar", "name": "预算（万元）", "label": {"show": True, "position": "top"}, "data": list(totals.values()),
                            "barMaxWidth": 48, "itemStyle": {"color": "#3d8fbf"}}],
            }).classes("kg-chart low")  # fmt: skip
        rows: list[tuple[Any, ...]] = [
            ("", link("/project", h["label"], iri=h["iri"]), money(h["budget_wan"]), "", h["indicators"])
            for h in history
            if not h["year"]
        ]
        for year, several in sorted(by_year.items()):
            now, before = totals[year], totals.get(year - 1)
            change = "" if now is None or before is None else f"{now - before:+,.2f}"
            alone = len(several) == 1
            rows += [
                (
                    year,
                    link("/project", h["label"], iri=h["iri"]),
                    money(h["budget_wan"]),
                    change if alone else "",
                    h["indicators"],
                )
                for h in several
            ]
            if not alone:  # what the years before are compared with is all of a year
                rows.append((year, "合计", money(now), change, sum(h["indicators"] for h in several)))
        html(components.rows_html(["年度", "项目", "预算（万元）", "比上一年", "指标数"], rows, numbers=(2, 3, 4)))


def _sum(projects: list[dict[str, Any]]) -> float | None:
    """The budgets together in 万元; None where one is not known."""
    amounts = [p["budget_wan"] for p in projects]
    return None if None in amounts else round(sum(amounts), 6)


async def _matrix(service: Service, found: dict[str, Any]) -> None:
    """The indicators of the project's line, a row each, by year."""
    if len({h["year"] for h in found["history"]}) < 2 or not found["programme"]:
        return
    told = await attempt(service.run("trend", name=found["programme"]))
    if not told:
        return
    years = sorted({m["year"] for way in told["indicators"] for m in way["years"] if m["year"]})
    turned = {(c["after"]["iri"]): c["target"] for c in told["changes"] if c["after"] and c["target"]}
    with ui.element("section").classes("kg-card").props("data-matrix"):
        html("<h2>各项指标历年的指标值</h2>")

        def cell(way: dict[str, Any], year: int) -> Markup:
            parts = []
            for m in (m for m in way["years"] if m["year"] == year):
                named = m["indicator"] != way["indicator"]
                said = Markup('<div class="kg-soft kg-small">{}</div>').format(m["indicator"]) if named else ""
                look = {"easier": "error", "harder": "good"}.get(turned.get(m["iri"], ""), "warning")
                tag = (
                    Markup('<span class="kg-tag {}">{}</span>').format(look, TARGETS[turned[m["iri"]]])
                    if m["iri"] in turned
                    else ""
                )
                button = components.cell_button({**m, "field": "value", "text": m["value"]}, m["value"])
                parts.append(Markup("<div>{}{}{}</div>").format(button, tag, said))
            return join(parts) or Markup('<span class="kg-soft" title="这一年没有">—</span>')

        rows = [(way["indicator"], *(cell(way, year) for year in years)) for way in told["indicators"]]
        components.cells(service, components.rows_html(["指标", *map(str, years)], rows))
