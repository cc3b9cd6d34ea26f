"""SPARQL: an editor with the named queries as examples, results as table, chart or graph, and as files."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

from markupsafe import Markup
from nicegui import ui

import queries
from kg.service.formats import Wanted
from kg.service.pages import completion, components
from kg.service.pages.components import attempt, html
from kg.service.problems import Problem
from kg.service.resources import local, short
from kg.service.service import Service
from ontology import PREFIXES

SHOWN = 500
SAVED = 30  # queries that a browser keeps
LINE = re.compile(r"第 (\d+) 行第 \d+ 列")
# The editor is named when it is there.
NAMED = """const name = () => { const c = document.querySelector('.kg-editor .cm-content');
  c ? c.setAttribute('aria-label', 'SPARQL 查询') : setTimeout(name, 50) }; name()"""
RUN_KEY = """(e) => { if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) { e.preventDefault(); e.stopPropagation(); emit() } }"""
START = """SELECT ?项目 ?预算万元 WHERE {
  ?p a jx:Project ; rdfs:label ?项目 ; jx:budget ?b .
  BIND(?b / 10000 AS ?预算万元)
}
ORDER BY DESC(?预算万元)
LIMIT 20"""
FILES = {"CSV": "text/csv", "JSON": "application/sparql-results+json", "TSV": "text/tab-separated-values",
         "XML": "application/sparql-results+xml", "Turtle": "text/turtle", "JSON-LD": "application/ld+json"}  # fmt: skip
SUFFIX = {"CSV": "csv", "JSON": "json", "TSV": "tsv", "XML": "xml", "Turtle": "ttl", "JSON-LD": "jsonld"}


def pages(service: Service) -> None:
    @ui.page("/query", response_timeout=components.PATIENCE)
    async def page(query: str = "", tab: str = "table") -> None:
        with components.frame("/query", "SPARQL"):
            await QueryView(service).build(query, tab)


class QueryView:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.named = {q.name: q for q in queries.load_all()}
        self.found: dict[str, Any] = {}
        self.tab = "table"
        self.running: asyncio.Future[Any] | None = None

    async def build(self, query: str, tab: str) -> None:
        self.tab = tab
        components.on_move(self.moved)
        html(
            Markup(
                '<h1>SPARQL</h1><p class="kg-soft" style="margin:0">只读，常用前缀不必声明。程序请用 <a href="/sparql">/sparql</a> 端点；其他接口见<a href="/docs">接口说明</a>。</p>'
            )
        )
        with ui.element("section").classes("kg-card"):
            titles = {name: f"{q.title}" for name, q in self.named.items()}
            self.example = ui.select(titles, label="示例查询", on_change=self.chosen, with_input=True, clearable=True)
            self.example.props("outlined dense options-dense").style("width:100%")
            self.parameters = ui.element("div").classes("kg-row").style("margin:8px 0")
            with ui.element("div").style("width:100%") as around:
                self.editor = ui.codemirror(
                    query or START, language="SPARQL", theme="vscodeLight", line_wrapping=True
                ).classes("kg-editor")
            ui.run_javascript(NAMED)
            ui.timer(0, self.complete, once=True)
            around.on("keydown.capture", self.run, js_handler=RUN_KEY)
            with ui.element("div").classes("kg-row").style("margin-top:10px"):
                ui.button("运行", icon="play_arrow", on_click=self.run).props('unelevated title="Ctrl+Enter"')
                self.stopper = ui.button("停止", icon="stop", on_click=self.stop).props("outline color=negative")
                self.stopper.set_visibility(False)
                ui.button("保存", icon="bookmark_add", on_click=self.keep).props(
                    'flat no-caps title="存在这个浏览器里"'
                )
                ui.button("复制链接", icon="link", on_click=self.share).props("flat no-caps")
                with ui.button("前缀", icon="label").props("flat no-caps"), ui.menu().props("max-height=60vh"):
                    for prefix, iri in PREFIXES.items():
                        ui.menu_item(f"{prefix}: {iri}", auto_close=False).style("font-size:13px")
                with ui.button("下载", icon="download").props("flat no-caps"), ui.menu():
                    for name in FILES:
                        ui.menu_item(name, lambda n=name: self.save(n))
            self.saved = ui.element("div").classes("kg-chips")
        self.result = ui.element("div").props("aria-live=polite")
        ui.timer(0, self.show_saved, once=True)
        if query:
            await self.show_result()

    async def moved(self, parameters: dict[str, list[str]]) -> None:
        """The reader went back or forward: show what the address says."""
        query = parameters.get("query", [""])[0]
        self.tab = parameters.get("tab", ["table"])[0]
        self.editor.set_value(query or START)
        self.result.clear()
        if query:
            await self.show_result()

    async def complete(self) -> None:
        offered = await completion.options(self.service)
        if not self.editor.is_deleted:
            ui.run_javascript(completion.script(self.editor.id, offered))

    def stop(self) -> None:
        """End the query that runs: its process is given up."""
        if self.running:
            self.running.cancel()

    async def share(self) -> None:
        """The address of this query into the clipboard: whoever opens it gets the same."""
        self.say(new=False)
        ui.run_javascript("navigator.clipboard?.writeText(location.href)")
        ui.notify("已复制链接：打开就是这个查询和它的结果", type="positive", position="top")

    async def keep(self) -> None:
        """Save the query in this browser under a name."""
        with ui.dialog() as dialog, ui.element("div").classes("kg-dialog").style("width:min(420px,92vw)"):
            html("<h2>保存这个查询</h2>")
            name = ui.input("名称").props("outlined dense autofocus maxlength=60").style("width:100%")
            # what stands there now: the value that the server knows of may be a moment older
            name.on("keydown.enter", lambda e: dialog.submit(e.args), js_handler="(e) => emit(e.target.value)")
            with ui.element("div").classes("kg-row").style("justify-content:flex-end;margin-top:8px"):
                ui.button("取消", on_click=lambda: dialog.submit(None)).props("flat")
                ui.button("保存", on_click=lambda: dialog.submit(name.value)).props("unelevated")
        said = (await dialog or "").strip()
        dialog.delete()
        if said:
            with self.saved:
                kept = json.dumps([said, self.editor.value])
                ui.run_javascript(
                    f"const [n, q] = {kept}, k = 'kg-queries', old = JSON.parse(localStorage.getItem(k) || '[]');"
                    f"localStorage.setItem(k, JSON.stringify([[n, q], ...old.filter(o => o[0] !== n)].slice(0, {SAVED})))"
                )
                await self.show_saved()

    async def show_saved(self) -> None:
        """The queries that this browser keeps; only it does."""
        try:
            found = await ui.run_javascript("JSON.parse(localStorage.getItem('kg-queries') || '[]')", timeout=10)
        except (TimeoutError, RuntimeError):
            return  # the reader has left the page
        pairs = [each for each in found if isinstance(each, list) and len(each) == 2] if isinstance(found, list) else []
        if self.saved.is_deleted:
            return
        self.saved.clear()
        with self.saved:
            for name, query in pairs[:SAVED]:
                chip = ui.element("button").classes("kg-chip").props("type=button")
                with chip:
                    ui.label(str(name)).style("display:inline")
                chip.on("click", lambda _, query=str(query): self.put(query))

    async def put(self, query: str) -> None:
        self.editor.set_value(query)
        await self.run()

    async def chosen(self, event: Any) -> None:
        self.parameters.clear()
        named = self.named.get(event.value or "")
        if named is None:
            return
        given: dict[str, str] = {}

        def fill() -> None:
            try:
                self.editor.set_value(named.sparql({k: v for k, v in given.items() if v}).strip())
            except queries.ParameterError as error:
                ui.notify(str(error), type="negative", position="top")

        with self.parameters:
            html(Markup('<div class="kg-soft kg-small" style="width:100%">{}</div>').format(named.description))
            for p in named.parameters:

                def changed(event: Any, name: str = p.name) -> None:
                    given[name] = str(event.value or "").strip()
                    fill()

                box = ui.input(f"{p.description}", value=p.default or "", on_change=changed)
                box.props("outlined dense debounce=400").classes("kg-grow")
        fill()
        await self.run()

    async def run(self) -> None:
        self.tab = "table"
        self.say(new=True)
        await self.show_result()

    def say(self, *, new: bool) -> None:
        """Put query and tab into the address."""
        components.at("/query", {"query": self.editor.value, "tab": self.tab if self.tab != "table" else ""}, new=new)

    def turned(self, event: Any) -> None:
        self.tab = str(event.value)
        self.say(new=False)

    async def show_result(self) -> None:
        self.result.clear()
        with self.result:
            html('<div class="kg-busy">正在运行…</div>')
        self.stop()
        running = self.running = asyncio.ensure_future(
            self.service.run("sparql_view", query=self.editor.value, rows=SHOWN)
        )
        self.stopper.set_visibility(True)
        self.editor.decorations = []
        found, fault = None, ""
        try:
            found = await running
        except asyncio.CancelledError:
            if not running.cancelled():
                raise  # it is this page that ends
            fault = "已停止"
        except Problem as problem:
            fault = problem.detail
        if running is not self.running:
            return  # another query has been run meanwhile
        self.running = None
        self.stopper.set_visibility(False)
        self.result.clear()
        if found is None:
            self.show_fault(fault)
            return
        self.found = found
        with self.result, ui.element("section").classes("kg-card"):
            for term in found["unknown"]:
                near = f"；是不是 {term['near']}？" if term["near"] else ""
                html(Markup('<div class="kg-note" role="alert">本体里没有 {}{}</div>').format(term["name"], near))
            if found["kind"] == "boolean":
                html(Markup('<div class="kg-number">{}</div>').format("是" if found["value"] else "否"))
            else:
                self.show(found)

    def show_fault(self, fault: str) -> None:
        """What is wrong, and the line where it is."""
        with self.result, ui.element("section").classes("kg-card kg-none"):
            html(Markup('<div class="kg-note" role="alert">{}</div>').format(fault))
        if place := LINE.search(fault):
            line = int(place[1])
            if line <= self.editor.value.count("\n") + 1:
                self.editor.decorations = [{"kind": "line", "line": line, "class": "kg-fault"}]
                self.editor.reveal_line(line)

    def show(self, found: dict[str, Any]) -> None:
        if not found["rows"]:
            why = "没有结果。" if found["unknown"] else "没有结果：查询是对的，但没有匹配的数据。"
            html(Markup('<div class="kg-soft">{}</div>').format(why))
            return
        count = (
            f"前 {len(found['rows'])} 行（还有更多，下载得到全部）" if found["more"] else f"共 {len(found['rows'])} 行"
        )
        chart, graph = chart_options(found), graph_options(found)
        if not chart and not graph:
            html(Markup('<div class="kg-soft kg-small">{}</div>').format(count))
            html(self.table(found))
            return
        there = {"table", *(["chart"] if chart else []), *(["graph"] if graph else [])}
        first = self.tab if self.tab in there else "table"
        with ui.tabs(on_change=self.turned).props("dense no-caps align=left") as tabs:
            ui.tab("table", "表格")
            if chart:
                ui.tab("chart", "图表")
            if graph:
                ui.tab("graph", "关系图")
        with ui.tab_panels(tabs, value=first).style("width:100%"):
            with ui.tab_panel("table").style("padding:8px 0"):
                html(Markup('<div class="kg-soft kg-small">{}</div>').format(count))
                html(self.table(found))
            if chart:
                with ui.tab_panel("chart").style("padding:8px 0"):
                    ui.echart(chart).classes("kg-chart")
            if graph:
                with ui.tab_panel("graph").style("padding:8px 0"):
                    ui.echart(graph).classes("kg-chart").style("height:520px")

    def table(self, found: dict[str, Any]) -> Markup:
        numbers = [i for i, _ in enumerate(found["heads"]) if any(r[i] and r[i].get("number") for r in found["rows"])]
        return components.rows_html(
            found["heads"], ([self.term(c) for c in row] for row in found["rows"]), numbers=numbers, cards=False
        )

    def term(self, cell: dict[str, Any] | None) -> Any:
        if cell is None:
            return ""
        if cell.get("iri") and (path := local(cell["text"], self.service.base)):
            return Markup('<a href="{}">{}</a>').format(path, short(cell["text"]))
        return short(cell["text"]) if cell.get("iri") else cell["text"]

    async def save(self, name: str) -> None:
        wanted = Wanted(FILES[name], None) if name in ("CSV", "JSON", "TSV", "XML") else Wanted(None, FILES[name])
        limits = self.service.limits
        made = await attempt(
            self.service.run(
                "sparql", query=self.editor.value, wanted=wanted, rows=limits.rows, size=limits.result_bytes
            )
        )
        if made:
            components.download(made[1], f"结果.{SUFFIX[name]}", made[0])


def chart_options(found: dict[str, Any]) -> dict[str, Any] | None:
    """Bars: the first column of words against the columns of numbers."""
    if found["kind"] != "table":
        return None
    rows, heads = found["rows"][:40], found["heads"]
    numeric = [
        i
        for i in range(len(heads))
        if any(r[i] for r in rows) and all(r[i] is None or r[i].get("number") for r in rows)
    ]
    words = next((i for i in range(len(heads)) if i not in numeric and any(r[i] for r in rows)), None)
    numeric = [i for i in numeric if "年" not in heads[i] or "万元" in heads[i]] or numeric
    if words is None or not numeric or len(rows) < 2:
        return None
    names = [short(r[words]["text"]) if r[words] else "" for r in reversed(rows)]
    return {
        "grid": {"left": 10, "right": 40, "top": 40, "bottom": 20, "containLabel": True}, "tooltip": {"trigger": "axis"},
        "legend": {"top": 0}, "xAxis": {"type": "value"},
        "yAxis": {"type": "category", "data": names, "axisLabel": {"width": 150, "overflow": "truncate"}},
        "series": [
            {"type": "bar", "name": heads[i], "data": [float(r[i]["text"]) if r[i] else None for r in reversed(rows)], "barMaxWidth": 20}
            for i in numeric[:4]
        ],
    }  # fmt: skip


def graph_options(found: dict[str, Any]) -> dict[str, Any] | None:
    """Nodes and links of the triples, or of the first two columns that hold IRIs."""
    heads, rows = found["heads"], found["rows"]
    if found["kind"] == "graph":
        first, second, named = 0, 2, 1
    else:
        links = [i for i in range(len(heads)) if all(r[i] and r[i].get("iri") for r in rows)]
        if len(links) < 2:
            return None
        first, second, named = links[0], links[1], -1
    edges = [
        (r[first]["text"], r[second]["text"], short(r[named]["text"]) if named >= 0 else "")
        for r in rows
        if r[first] and r[second]
    ][:300]
    nodes = dict.fromkeys(n for s, t, _ in edges for n in (s, t))
    return {
        "tooltip": {}, "series": [{
            "type": "graph", "layout": "force", "roam": True, "draggable": True, "force": {"repulsion": 120, "edgeLength": 70, "layoutAnimation": False},
            "data": [{"id": n, "name": short(n)[-40:], "symbolSize": 14, "label": {"show": len(nodes) < 60, "position": "right", "fontSize": 11}} for n in nodes],
            "links": [{"source": s, "target": t, "value": p, "label": {"show": len(edges) < 30, "formatter": "{c}", "fontSize": 10}} for s, t, p in edges],
            "edgeSymbol": ["none", "arrow"], "edgeSymbolSize": 6, "lineStyle": {"color": "#b9c6d0"},
        }],
    }  # fmt: skip
