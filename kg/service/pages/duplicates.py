"""查重: pairs to be reviewed side by side, the uncertain first; clusters; changes between years; decisions taken."""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from nicegui import ui

from kg.captions import CHANGES, KINDS, TARGETS, reasons
from kg.service.pages import components
from kg.service.pages.components import attempt, html, join, link
from kg.service.service import Service

QUEUE = 12  # pairs shown at once
LIKE = 0.3  # texts less alike than this are not compared sign by sign
DECISIONS = {"accepted": "同一内容", "rejected": "不是同一内容", "noted": "批注"}
ACROSS = {"all": "全部", "years": "跨年度", "projects": "跨项目", "departments": "跨部门"}
LOOKS = {"exact": "good", "reworded": "warning", "retargeted": "error", "similar": ""}


def pages(service: Service) -> None:
    @ui.page("/duplicates", response_timeout=components.PATIENCE)
    async def page(tab: str = "queue") -> None:
        with components.frame("/duplicates", "查重"):
            html("<h1>查重</h1>")
            view = DuplicatesView(service)
            panels: dict[str, tuple[str, Callable[[], Awaitable[None]]]] = {
                "queue": ("待复核", view.queue), "clusters": ("重复的指标", view.clusters),
                "changes": ("年度变化", view.changes), "reviews": ("已有判断", view.reviews),
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


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair that is shown: its card, the box for a note, what records a decision."""

    card: ui.element
    note: ui.input | None
    decide: Callable[[str], Awaitable[None]] | None


class DuplicatesView:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.writer = components.is_writer()
        self.open: list[Pair] = []  # the pairs that are shown and not decided
        self.current = -1

    async def queue(self) -> None:
        found = await attempt(self.service.run("queue", limit=QUEUE))
        if found is None:
            return
        if not found:
            html('<div class="kg-card kg-soft">没有待复核的配对：把握不大的都已判断，或没有相近的指标。</div>')
            return
        html('<p class="kg-soft" style="margin:10px 0 0">最没有把握的在前。判断立即用于分组，今后重建也保留。</p>')
        if not self.writer:
            html(
                Markup('<p class="kg-note">判断需要口令。{}</p>').format(link("/login", "输入口令", next="/duplicates"))
            )
        keys = "J 下一对，K 上一对"
        keys += "，A 同一内容，R 不是同一内容，N 写说明（Esc 离开说明）" if self.writer else ""
        html(Markup('<p class="kg-soft kg-small" style="margin:4px 0 0">按键：{}。</p>').format(keys))
        ui.keyboard(self.key, ignore=["input", "textarea", "select"], repeating=False)
        self.pairs = ui.element("div")
        self.draw_pairs(found)
        if len(found) == QUEUE:
            ui.button("再看一批", icon="refresh", on_click=self.next_pairs).props("flat")

    async def next_pairs(self) -> None:
        """The pairs that are left now; those passed over come again."""
        found = await attempt(self.service.run("queue", limit=QUEUE)) or []
        self.draw_pairs(found)

    def draw_pairs(self, found: list[dict[str, Any]]) -> None:
        self.pairs.clear()
        self.open, self.current = [], -1
        with self.pairs:
            for pair in found:
                self.pair(pair)

    async def key(self, event: Any) -> None:
        """Walk through the pairs and decide on them without the mouse."""
        pressed = event.modifiers
        if not event.action.keydown or pressed.ctrl or pressed.alt or pressed.meta or not self.open:
            return
        name = str(event.key).lower()
        if name in ("j", "k"):
            self.go(self.current + (1 if name == "j" else -1))
        elif 0 <= self.current < len(self.open):
            pair = self.open[self.current]
            if name == "n" and pair.note:
                pair.note.run_method("focus")
            elif name in ("a", "r") and pair.decide:
                with self.pairs:
                    await pair.decide("accepted" if name == "a" else "rejected")

    def go(self, to: int) -> None:
        """Make a pair the one that keys are about, in view."""
        self.current = max(0, min(to, len(self.open) - 1))
        for n, pair in enumerate(self.open):
            pair.card.classes(add="kg-current") if n == self.current else pair.card.classes(remove="kg-current")
        if self.open:
            ui.run_javascript("document.querySelector('.kg-current')?.scrollIntoView({block: 'center'})")

    def decided(self, card: ui.element) -> None:
        """Take a pair away; the next one takes its place."""
        self.open = [pair for pair in self.open if pair.card is not card]
        card.delete()
        if self.current >= 0:
            self.go(self.current)

    def pair(self, pair: dict[str, Any]) -> None:
        with ui.element("section").classes("kg-card").props(f"data-pair={pair['pair']}") as card:
            components.cells(self.service, _side_by_side(pair["members"]))
            html(
                Markup('<p class="kg-soft kg-small" style="margin:8px 0">得分 {:.2f}：{}</p>').format(
                    pair["score"], reasons(pair["why"])
                )
            )
            self.open.append(Pair(card, None, None))
            if self.writer:
                with ui.element("div").classes("kg-row"):
                    note = ui.input("说明（可不填）").props("outlined dense maxlength=500").classes("kg-grow")
                    note.on("keydown.escape", js_handler="(e) => e.target.blur()")
                    iris = [m["iri"] for m in pair["members"]]

                    async def decide(decision: str) -> None:
                        text = (note.value or "").strip()
                        if decision == "noted" and not text:
                            ui.notify("批注要写说明", type="warning", position="top")
                            return
                        kept = await attempt(self.service.run("review", indicators=iris, decision=decision, note=text))
                        if kept:
                            ui.notify(f"已记录：{DECISIONS[decision]}", type="positive", position="top")
                            if decision != "noted":
                                with self.pairs:
                                    self.decided(card)

                    self.open[-1] = Pair(card, note, decide)
                    ui.button("同一内容", icon="check", on_click=lambda: decide("accepted")).props(
                        "outline dense color=positive"
                    )
                    ui.button("不是同一内容", icon="close", on_click=lambda: decide("rejected")).props(
                        "outline dense color=negative"
                    )
                    ui.button("只批注", icon="edit_note", on_click=lambda: decide("noted")).props("flat dense")

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
            components.download(
                made[1], "重复指标.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            )

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

    async def reviews(self) -> None:
        found = await attempt(self.service.run("reviews")) or []
        with ui.element("section").classes("kg-card"):
            if not found:
                html('<div class="kg-soft">还没有判断。</div>')
                return
            rows = (
                (
                    Markup("{}<br>{}").format(*(label or "（已不在）" for label in r["labels"])),
                    DECISIONS[r["decision"]],
                    r["note"],
                    r["by"],
                    r["at"][:10],
                )
                for r in found
            )
            html(components.rows_html(["指标", "判断", "说明", "判断人", "日期"], rows))


def _cell(member: dict[str, Any]) -> dict[str, Any]:
    return {**member, "field": "value", "text": member["value"]}


def _side_by_side(members: list[dict[str, Any]]) -> Markup:
    one, two = members
    names = _marked(one["indicator"], two["indicator"])
    values = _marked(one["value"], two["value"])
    sides = join(
        Markup('<div class="kg-side"><div><b>{}</b></div><div class="kg-number" style="font-size:22px">{}</div><div class="kg-soft kg-small">'
               "{}{} · {}</div><div>{}</div></div>").format(
            names[n], values[n], f"{m['year']}年 " if m["year"] else "", m["project"], m["department"] or "", components.cell_button(_cell(m))
        )
        for n, m in enumerate(members)
    )  # fmt: skip
    return Markup('<div class="kg-pair">{}</div>').format(sides)


def _marked(one: str, two: str) -> tuple[Markup, Markup]:
    """Two texts with what only one of them has marked."""
    left, right = Markup(""), Markup("")
    compared = difflib.SequenceMatcher(None, one, two, autojunk=False)
    if compared.ratio() < LIKE:
        return Markup("{}").format(one), Markup("{}").format(two)
    for kind, a, b, c, d in compared.get_opcodes():
        if kind == "equal":
            left += one[a:b]
            right += two[c:d]
        else:
            left += Markup("<del>{}</del>").format(one[a:b]) if b > a else ""
            right += Markup("<ins>{}</ins>").format(two[c:d]) if d > c else ""
    return left, right


def _cluster(row: dict[str, Any]) -> Markup:
    shown = row["members"][:20]
    more = (
        Markup('<div class="kg-soft kg-small">另有 {} 个</div>').format(len(row["members"]) - 20)
        if len(row["members"]) > 20
        else ""
    )
    table = components.rows_html(
        ["指标", "指标值", "年度", "项目", "部门", "依据"],
        (
            (m["indicator"], m["value"], m["year"], m["project"], m["department"], components.cell_button(_cell(m)))
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
        return Markup("{} {}{}").format(member["value"], components.cell_button(_cell(member)), other)

    return name, move["year"], said, side(before), side(after), move["department"]
