"""汇总: budgets, projects or indicators two ways at once, as a table whose figures open the rows behind them, and as bars."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from nicegui import ui

from kg.service.pages import components
from kg.service.pages.components import attempt, html
from kg.service.pages.projects import FILTERS
from kg.service.pivots import DIMENSIONS, MEASURES
from kg.service.service import Service

TITLES = {name: dimension.title for name, dimension in DIMENSIONS.items()}
WORDS = {name: f"{title}（{unit}）" for name, (title, unit) in MEASURES.items()}
ROWS, COLUMNS = 40, 12  # shown of each; the totals are of all
BARS = 15
GROUPED = 6  # columns that are drawn as bars beside one another, where they do not overlap
COLOURS = ["#3d8fbf", "#d79b2c", "#4c9f70", "#8a73b8", "#c2755a", "#6bb0a8"]


def pages(service: Service) -> None:
    @ui.page("/pivot", response_timeout=components.PATIENCE)
    async def page(
        rows: str = "department",
        columns: str = "year",
        measure: str = "budget",
        year: str = "",
        department: str = "",
        fund: str = "",
        group: str = "",
        type: str = "",  # noqa: A002 - the parameter's name
    ) -> None:
        with components.frame("/pivot", "汇总"):
            given = {"year": year, "department": department, "fund": fund, "group": group, "type": type}
            shape = {"rows": rows, "columns": columns, "measure": measure}
            await PivotView(service, shape, given).build()


class PivotView:
    def __init__(self, service: Service, shape: dict[str, str], filters: dict[str, str]) -> None:
        self.service = service
        self.shape: dict[str, str] = {}
        self.filters: dict[str, str] = {}
        self.take(shape, filters)

    def take(self, shape: dict[str, str], filters: dict[str, str]) -> None:
        """What the address says; what it says wrongly is as if it said nothing."""
        self.shape = {
            "rows": shape.get("rows", "") if shape.get("rows") in DIMENSIONS else "department",
            "columns": shape.get("columns", "") if shape.get("columns") in DIMENSIONS else "year",
            "measure": shape.get("measure", "") if shape.get("measure") in MEASURES else "budget",
        }
        self.filters = {name: value for name, value in filters.items() if value}

    async def build(self) -> None:
        facets = await attempt(self.service.kept("facets")) or {}
        html('<h1>汇总</h1><p class="kg-soft" style="margin:0">点任何一个数，看它背后的项目或指标。</p>')
        with ui.element("div").classes("kg-row").style("margin:12px 0"):
            for name, label, options in (("rows", "行", TITLES), ("columns", "列", TITLES), ("measure", "数", WORDS)):
                select = ui.select(options, label=label, value=self.shape[name])
                select.props("outlined dense options-dense").style("flex:1 1 130px;min-width:120px")
                select.on_value_change(lambda e, name=name: self.turn(name, e.value))
        with ui.element("div").classes("kg-row"):
            for name, facet, label in FILTERS:
                options = {str(f["iri"]): f"{f['label']}（{f['count']}）" for f in facets.get(facet, ())}
                if not options:
                    continue
                value = self.filters.get(name) if self.filters.get(name) in options else None
                select = ui.select(
                    options, label=f"只要：{label}", value=value, clearable=True, with_input=len(options) > 12
                )
                select.props("outlined dense options-dense").style("flex:1 1 150px;min-width:140px")
                select.on_value_change(lambda e, name=name: self.choose(name, e.value))
        self.result = ui.element("div").props("aria-live=polite")
        components.on_move(self.moved)
        await self.draw()

    async def moved(self, _: dict[str, list[str]]) -> None:
        """The reader went back or forward: the boxes have to say it too."""
        ui.navigate.reload()

    async def turn(self, name: str, value: str) -> None:
        self.shape[name] = value
        await self.say()

    async def choose(self, name: str, value: Any) -> None:
        self.filters = (
            {**self.filters, name: str(value)} if value else {k: v for k, v in self.filters.items() if k != name}
        )
        await self.say()

    async def say(self) -> None:
        components.at("/pivot", {**self.shape, **self.filters})
        await self.draw()

    async def draw(self) -> None:
        wanted: dict[str, Any] = {**self.shape, **self.filters}
        wanted["year"] = int(wanted["year"]) if wanted.get("year", "").isdigit() else None
        found = await attempt(self.service.run("pivot", **wanted))
        self.result.clear()
        if found is None:
            return
        with self.result:
            if not found["items"]:
                html(components.empty("没有符合条件的数据", "请放宽筛选条件。"))
                return
            with ui.element("section").classes("kg-card"):
                html(self.notes(found))
                drawn = bars(found)
                high = 90 + sum(24 * len(line["data"]) for line in drawn["series"]) + 10 * len(drawn["yAxis"]["data"])
                ui.echart(drawn).classes("kg-chart").style(f"height:{high}px")
            with ui.element("section").classes("kg-card"):
                html(self.table(found))

    def notes(self, found: dict[str, Any]) -> Markup:
        said = []
        if found["overlaps"]:
            names = "、".join(TITLES[name] for name in found["overlaps"])
            said.append(
                f"一个项目可以属于几个{names}，上级也包括下级，所以各行（列）会重复计，不能相加；“合计”只算一次。"
            )
        if found["measure"] == "budget" and "fund" in found["overlaps"]:
            said.append(
                "资金来源一栏：表里分别写明金额的只计该来源的金额，没有分别写明的计项目的财政资金、其他资金或预算。"
            )
        if found["measure"] == "budget" and "type" in found["overlaps"]:
            said.append("指标类型一栏是有这类指标的项目的全部预算。")
        cut = len(found["items"]) - ROWS
        if cut > 0 or len(found["heads"]) > COLUMNS:
            said.append(
                f"列出前 {min(ROWS, len(found['items']))} 行、前 {min(COLUMNS, len(found['heads']))} 列，全部见接口 /api/pivot。"
            )
        return components.join(
            Markup('<p class="kg-soft kg-small" style="margin:0 0 6px">{}</p>').format(s) for s in said
        )

    def table(self, found: dict[str, Any]) -> Markup:
        heads = found["heads"][:COLUMNS]
        budget = found["measure"] == "budget"

        def shown(number: float | None) -> str:
            return "" if number is None else components.money(number) if budget else f"{number:.0f}"

        def figure(number: float | None, *places: tuple[str, str | None]) -> Any:
            """A figure that opens the rows it is made of, where they can be asked for by filters."""
            if number is None or any(iri is None for _, iri in places):
                return shown(number)
            if any(self.filters.get(name) not in (None, iri) for name, iri in places):
                return shown(number)  # two conditions of one kind, which the list cannot have
            path = "/indicators" if found["measure"] == "indicators" else "/projects"
            return Markup('<a href="{}?{}">{}</a>').format(
                path, urlencode({**self.filters, **dict(places)}), shown(number)
            )

        rows_by, columns_by = found["rows"], found["columns"]
        rows = [
            (
                item["label"],
                *(figure(cell, (rows_by, item["iri"]), (columns_by, head["iri"])) if rows_by != columns_by or item["iri"] == head["iri"]
                  else shown(cell) for head, cell in zip(heads, item["cells"], strict=False)),
                figure(item["total"], (rows_by, item["iri"])),
            )
            for item in found["items"][:ROWS]
        ]  # fmt: skip
        total = (
            "合计",
            *(
                figure(cell, (columns_by, head["iri"]))
                for head, cell in zip(heads, found["total"]["cells"], strict=False)
            ),
            figure(found["total"]["total"]),
        )
        labels = [
            f"{TITLES[rows_by]}＼{TITLES[columns_by]}",
            *(head["label"] for head in heads),
            f"合计（{found['unit']}）",
        ]
        return components.rows_html(labels, rows, numbers=range(1, len(labels)), total=total)


def bars(found: dict[str, Any]) -> dict[str, Any]:
    """The greatest rows as bars from zero, with their values; by column where those are few and do not overlap."""
    items = list(reversed(sorted((i for i in found["items"] if i["iri"]), key=lambda i: -i["total"])[:BARS]))
    few = (
        1 < len(found["heads"]) <= GROUPED
        and found["columns"] not in found["overlaps"]
        and found["columns"] != found["rows"]
    )
    lines = (
        [(head["label"], [item["cells"][n] for item in items]) for n, head in enumerate(found["heads"])]
        if few
        else [(f"合计（{found['unit']}）", [item["total"] for item in items])]
    )
    width = max(1, len(lines))
    return {
        "aria": {"enabled": True}, "toolbox": components.SAVE, "color": COLOURS, "legend": {"top": 0, "left": 0, "type": "scroll", "right": 60},
        "grid": {"left": 10, "right": 80, "top": 36, "bottom": 30, "containLabel": True}, "tooltip": {"trigger": "axis", "renderMode": "richText"},
        "xAxis": {"type": "value", "min": 0, "name": found["unit"], "nameLocation": "end", "axisLabel": {"hideOverlap": True}},
        "yAxis": {"type": "category", "data": [item["label"] for item in items], "axisLabel": {"width": 150, "overflow": "truncate"}},
        "series": [
            {"type": "bar", "name": name, "data": data, "barMaxWidth": 22, "label": {"show": len(items) * width <= 45, "position": "right", "fontSize": 11}}
            for name, data in lines
        ],
    }  # fmt: skip
