"""提问: one box, the answer with its evidence, how the question was understood, what to ask next."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from markupsafe import Markup
from nicegui import ui

from kg.service.pages import components
from kg.service.pages.components import attempt, html, join
from kg.service.service import Service

KINDS = {
    "project": "项目", "programme": "项目", "group": "服务对象", "fund": "资金来源", "department": "部门", "type": "指标类型",
    "indicator": "指标", "quantity": "数量", "role": "问法", "word": "内容词", "light": "",
}  # fmt: skip
LOOKS = {"quantity": "amount", "role": "role", "word": "content", "light": "light"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def pages(service: Service) -> None:
    @ui.page("/", response_timeout=components.PATIENCE)
    async def page(q: str = "") -> None:
        with components.frame("/"):
            view = AskView(service)
            await view.build(q[:4000])


class AskView:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.context: list[str] = []
        self.asked = 0
        self.question = ""
        self.code: ui.element

    async def build(self, question: str) -> None:
        html(
            Markup(
                '<h1>用中文提问</h1><p class="kg-soft" style="margin:0">答案只来自已载入的表，每个答案都指得出原表的单元格。</p>'
            )
        )
        with ui.element("div").classes("kg-ask"):
            self.box = (
                ui.input(placeholder="例如：哪些项目服务高校毕业生？", value=question)
                .props(
                    'outlined clearable autofocus debounce=150 aria-label="问题" autocomplete=off input-class=kg-question'
                )
                .classes("w-full")
                .style("width:100%")
            )
            with self.box.add_slot("append"):
                ui.button("提问", on_click=self.submit).props("unelevated color=primary")
            self.suggestions = ui.element("div").classes("kg-suggest")
            self.suggestions.set_visibility(False)
        self.box.on("keydown.enter", self.submit)
        self.box.on("keydown.escape", lambda: self.suggestions.set_visibility(False))
        self.box.on("blur", lambda: ui.timer(0.25, lambda: self.suggestions.set_visibility(False), once=True))
        self.box.on_value_change(self.typed)
        self.examples = ui.element("div")
        self.result = ui.element("div")
        await self.show_examples()
        if question:
            await self.ask(question, keep=False)

    async def show_examples(self) -> None:
        found = await attempt(self.service.kept("examples")) or []
        with self.examples:
            if found:
                html('<div class="kg-soft kg-small">可以这样问（都有答案）：</div>')
            self.chips(found, keep=False)
            await self.overview()

    async def overview(self) -> None:
        """What there is to ask about."""
        loaded = await attempt(self.service.run("documents"))
        if not loaded:
            return
        documents = loaded["documents"]
        years = sorted({d["year"] for d in documents if d["year"]})
        spread = "" if not years else f"{years[0]}" if len(years) == 1 else f"{years[0]}–{years[-1]}"
        figures = [(len(documents), "份文档"), (sum(d["projects"] for d in documents), "个项目"),
                   (sum(d["indicators"] for d in documents), "个指标"), (spread, "年度")]  # fmt: skip
        with ui.element("section").classes("kg-card"):
            html("<h2>已载入的数据</h2>")
            html(Markup('<div class="kg-figures">{}</div><p style="margin:12px 0 0">{}</p>').format(
                join(Markup('<div class="kg-figure"><b>{}</b><span>{}</span></div>').format(v, n) for v, n in figures if v),
                Markup(" · ").join((components.link("/projects", "看全部项目"), components.link("/indicators", "看全部指标"), components.link("/data", "上传文件"))),
            ))  # fmt: skip

    def chips(self, questions: list[str], *, keep: bool) -> None:
        with ui.element("div").classes("kg-chips"):
            for question in questions:
                chip = ui.element("button").classes("kg-chip").props("type=button")
                with chip:
                    ui.label(question).style("display:inline")
                chip.on("click", lambda _, q=question: self.pick(q, keep=keep))

    async def pick(self, question: str, *, keep: bool) -> None:
        with self.box:  # the chip that was clicked goes with the answer it stood under
            self.box.set_value(question)
            await self.ask(question, keep=keep)

    async def typed(self, event: Any) -> None:
        text = (event.value or "").strip()
        if len(text) < 2 or text == self.question:
            self.suggestions.set_visibility(False)
            return
        found = await attempt(self.service.run("suggest", text=text[:100])) or []
        if (self.box.value or "").strip() != text or text == self.question:
            return
        self.suggestions.clear()
        with self.suggestions:
            for question in found:
                button = ui.element("button").props("type=button")
                with button:
                    ui.label(question)
                button.on("mousedown", lambda _, q=question: self.pick(q, keep=False))
        self.suggestions.set_visibility(bool(found))

    async def submit(self) -> None:
        await self.ask((self.box.value or "").strip(), keep=False)

    async def ask(self, question: str, *, keep: bool) -> None:
        """Ask and show. ``keep``: the question leans on the answer that is shown."""
        if not question:
            return
        self.question = question
        self.asked += 1
        turn = self.asked
        self.suggestions.set_visibility(False)
        self.result.clear()
        with self.result:
            html(components.busy())
        ui.navigate.history.replace(f"/?q={quote(question)}")
        found = await attempt(
            self.service.run("ask", question=question[:4000], context=self.context if keep else [], follow=True)
        )
        if turn != self.asked:
            return
        self.result.clear()
        if found is None:
            return
        self.context = found["context"] or (self.context if keep else [])
        self.examples.set_visibility(False)
        with self.result:
            self.show(found)

    def show(self, found: dict[str, Any]) -> None:
        looks = {"graph": "kg-answer", "search": "kg-found", "none": "kg-none"}[found["method"]]
        with ui.element("section").classes(f"kg-card {looks}").props(f"data-method={found['method']}"):
            if found["method"] == "none":
                html(
                    Markup('<div class="kg-verdict">没有答案</div><p style="margin:4px 0">{}</p>').format(
                        found["understood"]
                    )
                )
            else:
                html(Markup('<div class="kg-soft kg-small">{}</div>').format(found["understood"]))
            if found["method"] == "search":
                html('<div class="kg-note">图谱查询不能回答，以下是检索到的相近内容：</div>')
            html(join(Markup('<div class="kg-note mild">说明：{}</div>').format(n) for n in found["notes"]))
            if found["unmatched"]:
                html(Markup('<div class="kg-note">未能对应：{}</div>').format("、".join(found["unmatched"])))
            if found["method"] != "none":
                components.cells(self.service, answers_html(found))
            self.actions(found)
        self.explain(found)
        if found["follow"]:
            html('<div class="kg-soft kg-small">接着问：</div>')
            self.chips(found["follow"], keep=True)
        with ui.element("div"):
            ui.button("换个问题", on_click=self.again, icon="refresh").props("flat dense")

    def again(self) -> None:
        self.result.clear()
        self.examples.set_visibility(True)
        self.box.set_value("")

    def actions(self, found: dict[str, Any]) -> None:
        with ui.element("div").classes("kg-row").style("margin-top:12px"):
            if found["answers"]:
                ui.button("导出 Excel", icon="download", on_click=lambda: self.export(found, "xlsx")).props(
                    "outline dense no-caps"
                )
                ui.button("导出 CSV", icon="download", on_click=lambda: self.export(found, "csv")).props(
                    "outline dense no-caps"
                )
            if found["sparql"]:
                ui.button(
                    "查看 SPARQL", icon="code", on_click=lambda: self.code.set_visibility(not self.code.visible)
                ).props("flat dense no-caps")
        with ui.element("div").style("margin-top:10px;width:100%") as self.code:
            if found["sparql"]:
                html(Markup('<pre class="kg-code">{}</pre>').format(found["sparql"]))
                html(components.link("/query", "在 SPARQL 页打开并运行", query=found["sparql"]))
        self.code.set_visibility(False)

    def explain(self, found: dict[str, Any]) -> None:
        if not found["words"]:
            return
        unknown = set(found["unmatched"])
        with ui.element("section").classes("kg-card"):
            html("<h2>怎样理解这个问题</h2>")
            html(Markup('<div class="kg-words">{}</div>').format(join(_word(w, unknown) for w in found["words"])))
            if found["confidence"]:
                html(Markup('<div class="kg-soft kg-small">把握：{}%。绿色是图谱里的名称，蓝色是数量和日期，紫色是问法，黄色按内容查找。</div>').format(
                    round(found["confidence"] * 100)
                ))  # fmt: skip

    async def export(self, found: dict[str, Any], form: str) -> None:
        heads = ["名称", "年度", "项目", "值", "数值", "单位", "出处"]
        rows = [
            [i["label"], i["year"], i["project"], i["value"], i["number"], i["unit"],
             "；".join(f"{e['document']} 表{e['table']}" + (f" 第{e['row']}行" if e["row"] else "") + f"：{e['text']}" for e in i["evidence"])]
            for i in found["answers"]
        ]  # fmt: skip
        made = await attempt(self.service.run("sheet", heads=heads, rows=rows, form=form, title=found["question"]))
        if made:
            components.download(made[1], f"答案.{form}", XLSX if form == "xlsx" else "text/csv; charset=utf-8")


def _word(word: dict[str, Any], unknown: set[str]) -> Markup:
    look = "unknown" if word["text"] in unknown else LOOKS.get(word["kind"], "known")
    small = word["label"] or (KINDS.get(word["kind"], "") if look in ("known", "amount") else "")
    said = Markup("<small>{}</small>").format(small) if small else ""
    return Markup('<span class="kg-word {}" title="{}">{}{}</span>').format(look, word["why"], word["text"], said)


def answers_html(found: dict[str, Any]) -> Markup:
    """A number or a yes/no stands large, several answers stand in a table; each with its cells."""
    items = found["answers"]
    if found["boolean"] is not None:
        big = Markup('<div class="kg-number">{}</div>').format("是" if found["boolean"] else "否")
        return big + _listed(items)
    if len(items) == 1 and (items[0]["iri"] is None or found["kind"] in ("number", "value")):
        item = items[0]
        number = item["value"] if item["value"] is not None else item["number"]
        if number is not None and len(str(number)) <= 24:
            unit = item["unit"] if item["unit"] and str(item["unit"]) not in str(number) else ""
            named = (
                Markup("<div>{}</div>").format(item["label"])
                if item["label"] not in (item["value"], found["understood"])
                else ""
            )
            where = join(components.cell_button(e) for e in item["evidence"])
            big = Markup('<div class="kg-number">{}<small>{}</small></div>{}').format(number, unit, named)
            return big + Markup(
                '<div style="margin-top:8px"><span class="kg-soft kg-small">依据：</span>{}</div>'
            ).format(where)
    return _listed(items)


def _listed(items: list[dict[str, Any]]) -> Markup:
    if not items:
        return Markup("")
    years = len({i["year"] for i in items if i["year"]}) > 1 or any(i["year"] for i in items)
    inside = any(i["project"] and i["project"] != i["label"] for i in items)
    value = any(i["value"] not in (None, i["label"]) for i in items)
    heads = ["名称", *(["年度"] if years else []), *(["项目"] if inside else []), *(["值"] if value else []), "依据"]
    rows = []
    for item in items:
        is_project = item["iri"] and "/project/" in item["iri"] and "/indicator/" not in item["iri"]
        name = components.link("/project", item["label"], iri=item["iri"]) if is_project else item["label"]
        row: list[Any] = [name]
        row += [item["year"]] if years else []
        row += [item["project"] if item["project"] != item["label"] else ""] if inside else []
        row += [item["value"]] if value else []
        rows.append([*row, join(components.cell_button(e) for e in item["evidence"])])
    count = (
        Markup('<div class="kg-soft kg-small" style="margin:6px 0">共 {} 条</div>').format(len(items))
        if len(items) > 1
        else ""
    )
    return count + components.rows_html(heads, rows)
