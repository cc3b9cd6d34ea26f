"""提问: one box, the answer with its evidence, how the question was understood, what to ask next.

The address holds the question and, as ``after``, the questions that it leans on: whoever opens it gets the same answer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query
from markupsafe import Markup
from nicegui import ui

from kg.service.pages import answers, components
from kg.service.pages.components import attempt, html, join
from kg.service.service import Service

KINDS = {
    "project": "项目", "programme": "项目", "group": "服务对象", "fund": "资金来源", "department": "部门", "type": "指标类型",
    "indicator": "指标", "quantity": "数量", "role": "问法", "word": "内容词", "light": "",
}  # fmt: skip
LOOKS = {"quantity": "amount", "role": "role", "word": "content", "light": "light"}


LONGEST = 4000  # characters of a question
CHAIN = 5000  # of what an address may name as asked before
ASKED = 12  # questions that a browser remembers
# What is in the box goes with the key or the click itself: the value that NiceGUI keeps is late by the debounce.
# The key that ends a composition (pinyin) chooses a word; it asks nothing.
ENTERED = "(e) => { if (!e.isComposing && e.keyCode !== 229) emit(e.target.value) }"
CLICKED = "() => emit(document.querySelector('.kg-ask input').value)"
INTO_LIST = (
    "(e) => { const b = document.querySelector('.kg-suggest button'); if (b) { e.preventDefault(); b.focus() } }"
)
IN_LIST = """(e) => { const to = {ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling'}[e.key];
  if (to) { e.preventDefault(); (e.target[to] || document.querySelector('.kg-ask input')).focus() } }"""
LEFT = "() => setTimeout(() => { if (!document.activeElement?.closest('.kg-ask')) emit() }, 250)"


def pages(service: Service) -> None:
    @ui.page("/", response_timeout=components.PATIENCE)
    async def page(q: str = "", after: Annotated[Sequence[str], Query()] = ()) -> None:
        with components.frame("/"):
            view = AskView(service)
            await view.build(q[:LONGEST], [a[:LONGEST] for a in after[:CHAIN]])


class AskView:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.context: list[str] = []  # what the next question leans on
        self.asked = 0
        self.question = ""
        self.after: Sequence[str] = ()  # what the question that is shown leans on
        self.code: ui.element
        self.tables: list[answers.Table] = []

    async def build(self, question: str, after: Sequence[str]) -> None:
        html(
            Markup(
                '<h1>用中文提问</h1><p class="kg-soft" style="margin:0">答案只来自已载入的表，每个答案都指得出原表的单元格。</p>'
            )
        )
        with ui.element("div").classes("kg-ask").props("role=search"):
            self.box = (
                ui.input(placeholder="例如：哪些项目服务高校毕业生？", value=question)
                .props(
                    'outlined clearable autofocus debounce=150 aria-label="问题" autocomplete=off input-class=kg-question'
                )
                .classes("w-full")
                .style("width:100%")
            )
            with self.box.add_slot("append"):
                ui.button("提问").props("unelevated color=primary").on("click", self.submit, js_handler=CLICKED)
            self.suggestions = ui.element("div").classes("kg-suggest")
            self.suggestions.set_visibility(False)
        self.leaning = ui.element("div").classes("kg-chips")
        self.box.on("keydown.enter", self.submit, js_handler=ENTERED)
        self.box.on("keydown.escape", lambda: self.suggestions.set_visibility(False))
        self.box.on("keydown.down", js_handler=INTO_LIST)
        self.box.on("blur", lambda: self.suggestions.set_visibility(False), js_handler=LEFT)
        self.box.on_value_change(self.typed)
        self.examples = ui.element("div")
        self.result = ui.element("div").props("aria-live=polite")
        components.on_move(self.moved)
        await self.show_examples()
        if question:
            await self.ask(question, after, new=False)

    async def moved(self, parameters: dict[str, list[str]]) -> None:
        """The reader went back or forward: show what the address says."""
        question = parameters.get("q", [""])[0][:LONGEST]
        with self.box:
            self.question = question
            self.box.set_value(question)
            if question:
                await self.ask(question, parameters.get("after", []), new=False)
            else:
                self.clear()

    async def show_examples(self) -> None:
        found = await attempt(self.service.kept("examples")) or []
        with self.examples:
            if found:
                html('<div class="kg-soft kg-small">可以这样问（都有答案）：</div>')
            self.chips(found)
            self.before = ui.element("div")
            await self.overview()
        ui.timer(0, self.show_asked, once=True)  # when the browser is there to say it

    async def show_asked(self) -> None:
        """What was asked from this browser before; only the browser keeps it."""
        try:
            found = await ui.run_javascript("JSON.parse(localStorage.getItem('kg-asked') || '[]')", timeout=10)
        except (TimeoutError, RuntimeError):
            return  # the reader has left the page
        asked = [q[:LONGEST] for q in found if isinstance(q, str)] if isinstance(found, list) else []
        if asked and not self.before.is_deleted:
            with self.before:
                html('<div class="kg-soft kg-small">最近问过：</div>')
                self.chips(asked[:ASKED])

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

    def chips(self, questions: Sequence[str], after: Sequence[str] = ()) -> None:
        with ui.element("div").classes("kg-chips"):
            for question in questions:
                chip = ui.element("button").classes("kg-chip").props("type=button")
                with chip:
                    ui.label(question).style("display:inline")
                chip.on("click", lambda _, q=question: self.pick(q, after))

    async def pick(self, question: str, after: Sequence[str] = ()) -> None:
        with self.box:  # the chip that was clicked goes with the answer it stood under
            self.question = question
            self.box.set_value(question)
            await self.ask(question, after)

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
                button.on("mousedown", lambda _, q=question: self.pick(q))
                button.on("keydown.enter", lambda _, q=question: self.pick(q))
                button.on("keydown", js_handler=IN_LIST)
        self.suggestions.set_visibility(bool(found))

    async def submit(self, event: Any) -> None:
        question = str(event.args or "").strip()[:LONGEST]
        await self.ask(question, self.after if question == self.question else self.context)

    async def ask(self, question: str, after: Sequence[str] = (), *, new: bool = True) -> None:
        """Ask and show. ``after``: what the question may lean on, as the answer before gave it."""
        if not question:
            return
        self.question, self.after = question, after
        self.asked += 1
        turn = self.asked
        self.suggestions.set_visibility(False)
        self.result.clear()
        with self.result:
            html(components.busy())
        if new:
            components.at("/", {"q": question, "after": list(after)})
        found = await attempt(self.service.run("ask", question=question, context=list(after), follow=True))
        if turn != self.asked:
            return
        self.result.clear()
        if found is None:
            return
        self.context = found["context"] if found["method"] != "none" else list(after)
        self.examples.set_visibility(False)
        self.show_leaning()
        with self.result:
            self.show(found, after)
        ui.run_javascript(
            f"const q = {json.dumps(question)}, k = 'kg-asked', old = JSON.parse(localStorage.getItem(k) || '[]');"
            f"localStorage.setItem(k, JSON.stringify([q, ...old.filter(o => o !== q)].slice(0, {ASKED})))"
        )

    def show_leaning(self) -> None:
        """Whether what is typed next goes on from this answer, and a way to say that it does not."""
        self.leaning.clear()
        if not self.context:
            return
        with self.leaning:
            chip = ui.element("button").classes("kg-chip kg-leaning").props('type=button aria-label="不接着上一个答案"')
            with chip:
                ui.label("接着上一个答案 ✕").style("display:inline")
            chip.on("click", self.stand_alone)

    def stand_alone(self) -> None:
        """The next question is about everything."""
        self.context, self.after = [], ()
        self.show_leaning()

    def show(self, found: dict[str, Any], after: Sequence[str]) -> None:
        looks = {"graph": "kg-answer", "search": "kg-found", "none": "kg-none"}[found["method"]]
        self.tables = []
        with ui.element("section").classes(f"kg-card {looks}").props(f"data-method={found['method']}"):
            with ui.element("div").classes("kg-row kg-asked"):
                html(Markup("<h2>{}</h2>").format(found["question"]))
                if after:
                    html('<span class="kg-tag">接着上一个答案</span>')
                    ui.button("单独问", on_click=lambda: self.pick(found["question"])).props("flat dense")
            if found["method"] == "none":
                answers.no_answer(self.service, found, self.chips)
            else:
                html(Markup('<div class="kg-soft kg-small">{}</div>').format(found["understood"]))
                if found["method"] == "search":
                    html('<div class="kg-note">图谱查询不能回答，以下是检索到的相近内容：</div>')
                answers.notes(found)
                self.tables = answers.answer(self.service, found)
            self.actions(found)
        self.explain(found)
        if found["follow"]:
            html('<div class="kg-soft kg-small">接着问：</div>')
            self.chips(found["follow"], found["context"])
        with ui.element("div"):
            ui.button("换个问题", on_click=self.again, icon="refresh").props("flat dense")

    def again(self) -> None:
        with self.box:  # the button goes with the answer
            self.box.set_value("")
            self.clear()
            components.at("/", {})

    def clear(self) -> None:
        self.asked += 1  # an answer that is still on its way comes too late
        self.question, self.after, self.context = "", (), []
        self.show_leaning()
        self.result.clear()
        self.examples.set_visibility(True)

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
        heads = ["名称", "年度", "部门", "项目", "值", "数值", "单位", "出处"]
        shown = [i for table in self.tables for i in table.shown()] if self.tables else found["answers"]
        departments = found.get("departments") or {}
        rows = [
            [i["label"], i["year"], departments.get(i["iri"] or ""), i["project"], i["value"], i["number"], i["unit"],
             "；".join(f"{e['document']} {components.where(e)}：{e['text']}" for e in i["evidence"])]
            for i in shown
        ]  # fmt: skip
        made = await attempt(self.service.run("sheet", heads=heads, rows=rows, form=form, title=found["question"]))
        if made:
            components.download(
                made[1], f"答案.{form}", components.XLSX if form == "xlsx" else "text/csv; charset=utf-8"
            )


def _word(word: dict[str, Any], unknown: set[str]) -> Markup:
    look = "unknown" if word["text"] in unknown else LOOKS.get(word["kind"], "known")
    small = word["label"] or (KINDS.get(word["kind"], "") if look in ("known", "amount") else "")
    said = Markup("<small>{}</small>").format(small) if small else ""
    return Markup('<span class="kg-word {}" title="{}">{}{}</span>').format(look, word["why"], word["text"], said)
