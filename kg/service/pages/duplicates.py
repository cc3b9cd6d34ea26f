"""查重: pairs to be reviewed side by side, the uncertain first; clusters; changes between years; decisions taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from markupsafe import Markup
from nicegui import ui

from kg.captions import CHANGES, KINDS, TARGETS
from kg.service.pages import components
from kg.service.pages.components import attempt, html, join
from kg.service.pages.review import ReviewView, member_cell
from kg.service.service import Service

ACROSS = {"all": "全部", "years": "跨年度", "projects": "跨项目", "departments": "跨部门"}
LOOKS = {"exact": "good", "reworded": "warning", "retargeted": "error", "similar": ""}


def pages(service: Service) -> None:
    @ui.page("/duplicates", response_timeout=components.PATIENCE)
    async def page(tab: str = "queue") -> None:
        with components.frame("/duplicates", "查重"):
            html("<h1>查重</h1>")
            view, review = DuplicatesView(service), ReviewView(service)
            panels: dict[str, tuple[str, Callable[[], Awaitable[None]]]] = {
                "queue": ("待复核", review.queue), "clusters": ("重复的指标", view.clusters),
                "changes": ("年度变化", view.changes), "reviews": ("已有判断", review.reviews),
            }  # fmt: skip
            tab = tab if tab in panels else "queue"
            with ui.tabs(value=tab).props(  # type: ignore[arg-type] # a tab is known by its name
                "dense align=left no-caps outside-arrows mobile-arrows"
            ) as tabs:
                for name, (label, _) in panels.items():
                    ui.tab(name, label)
            place = ui.element("div")

            async def show() -> None:
                place.clear()
                ui.navigate.history.replace(f"/duplicates?tab={tabs.value}")
                with place:
                    await panels[str(tabs.value)][1]()

            tabs.on_value_change(show)
            with place:
                await panels[tab][1]()


class DuplicatesView:
    def __init__(self, service: Service) -> None:
        self.service = service

    async def clusters(self) -> None:
        state: dict[str, Any] = {"across": "all", "kind": None, "offset": 0}
        with ui.element("div").classes("kg-row").style("margin:12px 0"):
            across = ui.toggle(ACROSS, value="all").props("no-caps unelevated dense padding='4px 12px'")
            kind = ui.select({**KINDS}, label="类别", clearable=True).props("outlined dense").style("min-width:150px")
            ui.button("导出工作簿", icon="download", on_click=lambda: self.workbook(state["across"])).props(
                "flat dense no-caps"
            )
        place = ui.element("div")

        async def draw() -> None:
            found = await attempt(self.service.run("duplicates", **state, limit=components.PAGE))
            place.clear()
            if found is None:
                return
            with place:
                if not found["total"]:
                    html('<div class="kg-card kg-soft">没有这样的重复指标。</div>')
                    return
                html(Markup('<div class="kg-soft">共 {} 组</div>').format(found["total"]))
                with ui.element("section").classes("kg-card"):
                    components.cells(self.service, join(_cluster(row) for row in found["items"]))
                components.pager(found["total"], state["offset"], move)

        async def move(offset: int) -> None:
            state["offset"] = offset
            await draw()

        async def chosen() -> None:
            state.update(across=across.value, kind=kind.value, offset=0)
            await draw()

        across.on_value_change(chosen)
        kind.on_value_change(chosen)
        await draw()

    async def workbook(self, across: str) -> None:
        made = await attempt(self.service.run("duplicates_workbook", across=across, seconds=60))
        if made:
            components.download(made[1], "重复指标.xlsx", components.XLSX)

    async def changes(self) -> None:
        state: dict[str, Any] = {"change": None, "target": None, "offset": 0}
        with ui.element("div").classes("kg-row").style("margin:12px 0"):
            change = ui.select(CHANGES, label="变化", clearable=True).props("outlined dense").style("min-width:140px")
            easier = {k: v for k, v in TARGETS.items() if v}
            target = ui.select(easier, label="指标值", clearable=True).props("outlined dense").style("min-width:140px")
        place = ui.element("div")

        async def draw() -> None:
            found = await attempt(self.service.run("changes", **state, limit=components.PAGE))
            place.clear()
            if found is None:
                return
            with place:
                if not found["total"]:
                    html('<div class="kg-card kg-soft">没有这样的变化：要比较年度，请载入同一部门两年以上的表。</div>')
                    return
                html(Markup('<div class="kg-soft">共 {} 处变化</div>').format(found["total"]))
                with ui.element("section").classes("kg-card"):
                    components.cells(self.service, components.rows_html(
                        ["指标", "年度", "变化", "上年", "本年", "部门"], (_change(m) for m in found["items"]), numbers=(1,)
                    ))  # fmt: skip
                components.pager(found["total"], state["offset"], move)

        async def move(offset: int) -> None:
            state["offset"] = offset
            await draw()

        async def chosen() -> None:
            state.update(change=change.value, target=target.value, offset=0)
            await draw()

        change.on_value_change(chosen)
        target.on_value_change(chosen)
        await draw()


def _cluster(row: dict[str, Any]) -> Markup:
    shown = row["members"][:20]
    more = (
        Markup('<div class="kg-soft kg-small">另有 {} 个</div>').format(len(row["members"]) - 20)
        if len(row["members"]) > 20
        else ""
    )
    named = len({m["document"] for m in shown}) > 1
    table = components.rows_html(
        ["指标", "指标值", "年度", "项目", "部门", "依据"],
        (
            (
                m["indicator"],
                m["value"],
                m["year"],
                m["project"],
                m["department"],
                components.cell_button(member_cell(m), named=named),
            )
            for m in shown
        ),
    )
    return Markup(
        '<details class="kg-cluster"><summary><span class="kg-tag {}">{}</span><b>{}</b> <span class="kg-soft kg-small">{} 处 · 得分 {:.2f}{}</span>'
        "</summary>{}{}</details>"
    ).format(
        LOOKS[row["kind"]],
        KINDS[row["kind"]],
        row["label"],
        len(row["members"]),
        row["score"],
        _targets(row),
        table,
        more,
    )


def _targets(row: dict[str, Any]) -> str:
    found = list(dict.fromkeys(m["value"] for m in row["members"]))
    return f" · {'、'.join(found[:4])}{'…' if len(found) > 4 else ''}"


def _change(move: dict[str, Any]) -> tuple[Any, ...]:
    before, after = move["before"], move["after"]
    shown = after or before
    said = Markup('<span class="kg-tag">{}</span>').format(CHANGES[move["change"]])
    if move["target"]:
        look = "error" if move["target"] == "easier" else "warning"
        said += Markup('<span class="kg-tag {}">{}</span>').format(look, TARGETS[move["target"]])
    name = Markup('{}<div class="kg-soft kg-small" style="font-weight:400">{}</div>').format(
        shown["indicator"], move["project"]
    )

    def side(member: dict[str, Any] | None) -> Markup:
        if member is None:
            return Markup("—")
        other = (
            Markup("<div class='kg-small'>{}</div>").format(member["indicator"])
            if member["indicator"] != shown["indicator"]
            else ""
        )
        return Markup("{} {}{}").format(member["value"], components.cell_button(member_cell(member)), other)

    return name, move["year"], said, side(before), side(after), move["department"]
