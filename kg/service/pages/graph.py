"""图谱: what a thing is linked to, opened and closed by clicks; targets by year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query
from markupsafe import Markup
from nicegui import run, ui

from kg.service.pages import components
from kg.service.pages.components import attempt, html, link
from kg.service.service import Service

COLOURS = {"项目": "#0b5c8a", "资金来源": "#d79b2c", "服务对象": "#4c9f70", "部门": "#8a73b8", "项目主线": "#5b8fb0",
           "指标": "#9aa8b3", "指标类型": "#c2755a", "衡量内容": "#6bb0a8"}  # fmt: skip
MOST = 250  # nodes drawn at once
OPENED = 20  # that an address may open
WIDE = 1000  # pixels of a picture
LABELLED = 40  # edges up to which each says its relation in a picture so wide
HEIGHT = 520  # pixels
MARGINS = {"left": 60, "right": 60, "top": 50, "bottom": 35}  # pixels for the legend and for names under nodes


def pages(service: Service) -> None:
    @ui.page("/graph", response_timeout=components.PATIENCE)
    async def page(
        iri: str = "",
        tab: str = "links",
        opened: Annotated[Sequence[str], Query(alias="open")] = (),
        whole: Annotated[str, Query(alias="all")] = "",
    ) -> None:
        tab = tab if tab == "series" else "links"
        with components.frame("/graph", "图谱"):
            html("<h1>图谱</h1>")
            with ui.tabs(value=tab).props(  # type: ignore[arg-type] # a tab is known by its name
                "dense align=left no-caps inline-label outside-arrows mobile-arrows"
            ) as tabs:
                ui.tab("links", "联系")
                ui.tab("series", "指标值按年")
            html(
                Markup('<p class="kg-soft kg-small" style="margin:6px 0 0">预算的分布在{}页。</p>').format(
                    link("/pivot", "汇总")
                )
            )
            with ui.tab_panels(tabs, value=tab).style("background:none;width:100%").props("keep-alive"):
                with ui.tab_panel("links").style("padding:0"):
                    await Neighbourhood(service).build([i for i in (iri, *opened) if i][:OPENED], whole)
                with ui.tab_panel("series").style("padding:0"):
                    await _series(service)


class Neighbourhood:
    """The picture: nodes by IRI and edges. A click opens a node or closes it again; the address says which are open."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.found: dict[str, dict[str, Any]] = {}  # what is open, in its order: its neighbourhood
        self.whole: set[str] = set()  # of those, the ones shown with all their neighbours
        self.nodes: dict[str, dict[str, Any]] = {}
        self.edges: dict[tuple[str, str, str], None] = {}
        self.places: dict[str, tuple[float, float]] = {}  # of nodes, in pixels of the picture
        self.centre = ""  # the node that is looked at
        self.width = WIDE

    async def build(self, opened: Sequence[str], whole: str) -> None:
        self.whole = {opened[0]} if whole and opened else set()
        with ui.element("section").classes("kg-card"):
            with ui.element("div").classes("kg-row"):
                self.find = (
                    ui.select(
                        {},
                        label="从哪里看起：项目、资金来源、服务对象或部门的名称",
                        with_input=True,
                        on_change=self.chosen,
                    )
                    .props("outlined dense use-input hide-dropdown-icon input-debounce=250 options-dense")
                    .classes("kg-grow")
                )
                self.find.on("input-value", self.typed, args=[None])
                ui.button("清空", on_click=self.clear, icon="delete_sweep").props("flat dense")
            self.chart = (
                ui.echart(self.options(), on_point_click=self.clicked).classes("kg-chart").style(f"height:{HEIGHT}px")
            )
            with ui.element("div").classes("kg-row"):
                self.about = html('<div class="kg-soft">点一个圆点，展开与它相连的内容；再点一次收起。</div>')
                self.rest = ui.button("全部画出", icon="unfold_more", on_click=self.show_whole).props(
                    "flat dense no-caps"
                )
                self.rest.set_visibility(False)
        ui.timer(0, lambda: self.start(opened), once=True)  # when the browser is there to say how big the picture is

    async def start(self, opened: Sequence[str]) -> None:
        if not opened:
            funds = (await attempt(self.service.kept("facets")) or {}).get("funds", [])
            found = (await attempt(self.service.run("projects", limit=1)) or {}).get("items", [])
            opened = [found[0]["iri"] if found else funds[0]["iri"]] if found or funds else []
        for iri in opened:
            await self.open(iri)
        if opened:
            await self.show(opened[-1])

    async def typed(self, event: Any) -> None:
        text = str(event.args or "").strip()
        if len(text) < 2:
            return
        found = await attempt(self.service.run("named", text=text[:50])) or []
        self.find.set_options({
            f["iri"]: f"{f['class']} · {f['label']}" + (f"（{f['year']}年）" if f["year"] else "") for f in found
        })  # fmt: skip

    async def chosen(self, event: Any) -> None:
        if event.value:
            self.forget()
            await self.open(event.value)
            await self.show(event.value)
            self.say()

    def clear(self) -> None:
        self.forget()
        self.gather()
        self.draw()
        self.say()

    def forget(self) -> None:
        for what in (self.found, self.whole, self.places):
            what.clear()

    def say(self) -> None:
        """Put what is open into the address."""
        first, *others = self.found or [""]
        components.at("/graph", {"iri": first, "open": others, "all": "1" if first in self.whole else ""}, new=False)

    async def clicked(self, event: Any) -> None:
        if event.data_type != "node" or not isinstance(event.data, dict):
            return
        iri = str(event.data.get("id"))
        if iri in self.found and len(self.found) > 1:
            del self.found[iri]
            self.whole.discard(iri)
            self.gather()
        elif iri not in self.found:
            await self.open(iri)
        await self.show(iri if iri in self.nodes else next(iter(self.found), ""))
        self.say()

    async def show_whole(self) -> None:
        """The thing that is looked at, with everything that it is linked to."""
        self.whole.add(self.centre)
        await self.open(self.centre)
        await self.show(self.centre)
        self.say()

    async def open(self, iri: str) -> None:
        if len(self.nodes) >= MOST:
            ui.notify("图已经很大：请先收起一些，清空，或换一个起点", type="warning", position="top")
            return
        most = {"most": MOST} if iri in self.whole else {}
        found = await attempt(self.service.run("neighbourhood", subject=iri, **most))
        if found is not None:
            self.found[iri] = found
            self.gather()

    def gather(self) -> None:
        """All nodes and edges of what is open."""
        self.nodes, self.edges = {}, {}
        for found in self.found.values():
            self.nodes |= {n["iri"]: n for n in found["nodes"]}
            self.edges |= {(e["source"], e["target"], e["relation"]): None for e in found["edges"]}
        self.places = {iri: at for iri, at in self.places.items() if iri in self.nodes}

    async def show(self, iri: str) -> None:
        """Draw what is open, ``iri`` being looked at."""
        if iri not in self.nodes:
            return
        try:  # not asked of the picture itself, which may not be there yet or be on a hidden tab
            width = await ui.run_javascript(
                "document.querySelector('.kg-main').clientWidth", timeout=components.PATIENCE
            )
        except TimeoutError:
            return  # the reader has left the page
        places = await run.io_bound(place, list(self.nodes), list(self.edges), self.places, width)
        if not places or places.keys() != self.nodes.keys():
            return  # the reader has clicked on meanwhile, and that click draws
        self.places, self.centre, self.width = places, iri, width
        self.draw(iri)
        centre, left = self.nodes[iri], self.found.get(iri, {}).get("more", 0)
        more = Markup("，另有 {} 个没有画出").format(left) if left else ""
        self.rest.set_visibility(bool(left))
        page = (
            link("/project", "打开项目页", iri=iri)
            if centre["class"] == "项目"
            else link("/resource", "全部陈述", iri=iri)
        )
        self.about.set_content(str(Markup('<div><b>{}</b> <span class="kg-tag">{}</span> {}<span class="kg-soft">{}；点圆点展开，再点收起</span></div>').format(
            centre["label"], centre["class"], page, more
        )))  # fmt: skip

    def draw(self, centre: str = "") -> None:
        self.chart.options.clear()
        self.chart.options.update(self.options(centre))
        self.chart.update()

    def options(self, centre: str = "") -> dict[str, Any]:
        classes = [c for c in COLOURS if any(n["class"] == c for n in self.nodes.values())]
        busy = len(self.nodes) > 60
        named = len(self.edges) * WIDE <= LABELLED * self.width
        return {
            "tooltip": {"formatter": "{b}", "confine": True}, "toolbox": components.SAVE,
            "legend": {"data": classes, "top": 0, "type": "scroll", "right": 40},
            "series": [{
                "type": "graph", "layout": "none", "roam": True, "draggable": True, "animation": False, **MARGINS,
                "categories": [{"name": c, "itemStyle": {"color": COLOURS[c]}} for c in classes],
                "data": [
                    {
                        "id": n["iri"], "name": n["label"] + (f"（{n['year']}）" if n["year"] else ""), "category": classes.index(n["class"]),
                        "x": self.places[n["iri"]][0], "y": self.places[n["iri"]][1],
                        "value": n["class"],  # NiceGUI passes no click on without one
                        "symbolSize": 34 if n["iri"] == centre else 26 if n["iri"] in self.found else 12 if n["class"] == "指标" else 20,
                        "label": {"show": not busy or n["class"] != "指标", "position": "bottom", "width": 110, "overflow": "truncate", "fontSize": 11},
                    }
                    for n in self.nodes.values()
                ],
                "links": [
                    {"source": s, "target": t, "value": r} for s, t, r in self.edges if s in self.nodes and t in self.nodes
                ],
                "edgeLabel": {"show": named, "silent": True, "formatter": "{c}", "fontSize": 10, "color": "#52616f"},
                "lineStyle": {"color": "#9fb0be", "opacity": 0.9}, "edgeSymbol": ["none", "arrow"], "edgeSymbolSize": 6,
                "emphasis": {"focus": "adjacency"}, **({} if named else {"labelLayout": {"hideOverlap": True}}),
            }],
        }  # fmt: skip


def place(
    nodes: list[str],
    edges: list[tuple[str, str, str]],
    before: dict[str, tuple[float, float]],
    width: float,
) -> dict[str, tuple[float, float]]:
    """Where each node is drawn, in pixels: inside a picture of a width, near where it was before.

    ForceAtlas2 (Jacomy and others, 2014); the same nodes are always placed the same way.
    """
    import networkx
    import numpy

    graph = networkx.Graph([(a, b) for a, b, _ in edges if a in nodes and b in nodes])
    graph.add_nodes_from(nodes)
    size = numpy.array([width - MARGINS["left"] - MARGINS["right"], HEIGHT - MARGINS["top"] - MARGINS["bottom"]])
    start = {n: numpy.array(at) / size for n, at in before.items()} or None
    found = networkx.forceatlas2_layout(graph, pos=start, seed=1)
    at = numpy.array([found[n] for n in nodes])
    at = (at - at.min(axis=0)) / numpy.ptp(at, axis=0).clip(1e-9) * size
    return {n: (float(x), float(y)) for n, (x, y) in zip(nodes, at, strict=True)}


async def _series(service: Service) -> None:
    found = await attempt(service.kept("measures")) or []
    with ui.element("section").classes("kg-card"):
        if not found:
            html('<p class="kg-soft" style="margin:0">要比较不同年度的指标值，请载入两年以上的表。</p>')
            return
        options = {m["iri"]: f"{m['label']}（{m['years']} 年）" for m in found}
        choice = (
            ui.select(options, value=found[0]["iri"], label="衡量内容", with_input=True)
            .props("outlined dense")
            .style("width:100%")
        )
        chart = ui.echart({}).classes("kg-chart")
        table = ui.element("div")

        async def draw() -> None:
            rows = await attempt(service.run("series", measure=choice.value)) if choice.value else None
            if rows is None:
                return
            years = sorted({r["year"] for r in rows})
            lines: dict[str, dict[int, dict[str, Any]]] = {}
            for r in rows:  # each point says its value as the table writes it, with “≥” or “≤”
                point = {"value": r["number"], "label": {"show": True, "formatter": r["value"].replace("{", "｛")}}
                lines.setdefault(f"{r['line']}（{r['unit'] or '无单位'}）", {})[r["year"]] = point
            chart.options.clear()
            chart.options.update({
                "grid": {"left": 10, "right": 20, "top": 70, "bottom": 20, "containLabel": True}, "tooltip": {"trigger": "axis", "renderMode": "richText"},
                "toolbox": components.SAVE, "legend": {"type": "scroll", "top": 0, "right": 40}, "xAxis": {"type": "category", "data": [str(y) for y in years]},
                "yAxis": {"type": "value", "scale": True},
                "series": [{"type": "line", "name": name, "data": [by.get(y) for y in years], "connectNulls": True, "symbolSize": 8}
                           for name, by in list(lines.items())[:20]],
            })  # fmt: skip
            chart.update()
            table.clear()
            with table:
                html(components.rows_html(
                    ["项目主线", "年度", "指标值"], [(link("/project", r["line"], iri=r["project"]), r["year"], r["value"]) for r in rows]
                ))  # fmt: skip

        choice.on_value_change(draw)
        await draw()
