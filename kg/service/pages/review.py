"""Reviewing: pairs side by side, the uncertain first, decided by mouse or by keys, taken back; decisions taken."""

from __future__ import annotations

import difflib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from nicegui import ui

from kg.captions import in_words
from kg.service.pages import components
from kg.service.pages.components import attempt, html, join, link
from kg.service.people import LONGEST, WRITER
from kg.service.service import Service

QUEUE = 12  # pairs shown at once
LIKE = 0.3  # texts less alike than this are not compared sign by sign
DECISIONS = {"accepted": "同一内容", "rejected": "不是同一内容", "noted": "批注"}


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair that is shown: its card, the box for a note, what records a decision."""

    card: ui.element
    note: ui.input | None
    decide: Callable[[str], Awaitable[None]] | None


class ReviewView:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.who = components.person() or WRITER
        self.may = components.may("review")
        self.name: ui.input | None = None  # who reviews, where the token does not say
        self.open: list[Pair] = []  # the pairs that are shown and not decided
        self.current = -1
        self.done: list[list[str]] = []  # pairs decided on this page, by the IRIs of their indicators

    async def queue(self) -> None:
        found = await attempt(self.service.run("queue", limit=QUEUE))
        if found is None:
            return
        if not found:
            html('<div class="kg-card kg-soft">没有待复核的配对：把握不大的都已判断，或没有相近的指标。</div>')
            return
        html('<p class="kg-soft" style="margin:10px 0 0">最没有把握的在前。判断立即用于分组，今后重建也保留。</p>')
        if not self.may:
            html(
                Markup('<p class="kg-note">判断需要口令。{}</p>').format(link("/login", "输入口令", next="/duplicates"))
            )
        keys = "J 下一对，K 上一对"
        keys += "，A 同一内容，R 不是同一内容，N 写说明（Esc 离开说明），U 撤销上一次判断" if self.may else ""
        html(Markup('<p class="kg-soft kg-small" style="margin:4px 0 0">按键：{}。</p>').format(keys))
        with ui.element("div").classes("kg-row"):
            self.left = html("")
            if self.may and not self.who.name:
                self.ask_name()
            if self.may:
                self.undo_button = ui.button("撤销上一次", icon="undo", on_click=self.undo).props("flat dense no-caps")
                self.undo_button.set_visibility(False)
        ui.keyboard(self.key, ignore=["input", "textarea", "select"], repeating=False)
        self.pairs = ui.element("div")
        self.draw_pairs(found)
        if len(found) == QUEUE:
            ui.button("再看一批", icon="refresh", on_click=self.next_pairs).props("flat")
        await self.say_left()

    def ask_name(self) -> None:
        """Who reviews, asked once: the browser keeps it."""
        self.name = ui.input("复核人").props(f"outlined dense maxlength={LONGEST}").style("max-width:200px")
        self.name.on_value_change(
            lambda e: ui.run_javascript(f"localStorage.setItem('kg-reviewer', {json.dumps(e.value or '')})")
        )

        async def known() -> None:
            try:
                said = await ui.run_javascript("localStorage.getItem('kg-reviewer') || ''", timeout=10)
            except (TimeoutError, RuntimeError):
                return  # the reader has left the page
            if self.name and not self.name.is_deleted and isinstance(said, str) and not self.name.value:
                self.name.set_value(said[:LONGEST])

        ui.timer(0, known, once=True)

    async def say_left(self) -> None:
        left = await attempt(self.service.run("queue_left"))
        if left is not None and not self.left.is_deleted:
            self.left.set_content(
                str(
                    Markup('<span class="kg-tag" data-left>还有 {} 对，本页已判断 {} 对</span>').format(
                        left, len(self.done)
                    )
                )
            )

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
        if not event.action.keydown or pressed.ctrl or pressed.alt or pressed.meta:
            return
        name = str(event.key).lower()
        if name == "u" and self.may:
            with self.pairs:
                await self.undo()
        elif name in ("j", "k"):
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

    async def decided(self, card: ui.element, iris: list[str]) -> None:
        """Take a pair away; the next one takes its place."""
        self.done.append(iris)
        self.undo_button.set_visibility(True)
        self.open = [pair for pair in self.open if pair.card is not card]
        card.delete()
        if self.current >= 0:
            self.go(self.current)
        await self.say_left()

    async def undo(self) -> None:
        """Take the last decision of this page back: its pair waits again."""
        if self.done and await self.keep(self.done[-1], "withdrawn", ""):
            self.done.pop()
            self.undo_button.set_visibility(bool(self.done))
            ui.notify("已撤销，这一对重新待复核", type="positive", position="top")
            at = self.current
            await self.next_pairs()
            if at >= 0:
                self.go(at)
            await self.say_left()

    async def keep(self, iris: list[str], decision: str, note: str) -> Any:
        by = (self.name.value or "").strip() if self.name else ""
        return await attempt(self.service.review(iris, decision, note, by, self.who))

    def pair(self, pair: dict[str, Any]) -> None:
        with ui.element("section").classes("kg-card").props(f"data-pair={pair['pair']}") as card:
            components.cells(self.service, _side_by_side(pair["members"]))
            html(
                Markup('<p class="kg-soft kg-small" style="margin:8px 0" title="得分 {:.2f}">{}</p>').format(
                    pair["score"], in_words(pair["why"])
                )
            )
            self.open.append(Pair(card, None, None))
            if self.may:
                with ui.element("div").classes("kg-row"):
                    note = ui.input("说明（可不填）").props("outlined dense maxlength=500").classes("kg-grow")
                    note.on("keydown.escape", js_handler="(e) => e.target.blur()")
                    iris = [m["iri"] for m in pair["members"]]

                    async def decide(decision: str) -> None:
                        text = (note.value or "").strip()
                        if decision == "noted" and not text:
                            ui.notify("批注要写说明", type="warning", position="top")
                            return
                        if await self.keep(iris, decision, text):
                            ui.notify(f"已记录：{DECISIONS[decision]}", type="positive", position="top")
                            if decision != "noted":
                                with self.pairs:
                                    await self.decided(card, iris)

                    self.open[-1] = Pair(card, note, decide)
                    ui.button("同一内容", icon="check", on_click=lambda: decide("accepted")).props(
                        "outline dense color=positive"
                    )
                    ui.button("不是同一内容", icon="close", on_click=lambda: decide("rejected")).props(
                        "outline dense color=negative"
                    )
                    ui.button("只批注", icon="edit_note", on_click=lambda: decide("noted")).props("flat dense")

    async def reviews(self) -> None:
        """Who decided what, each to be taken back."""
        place = ui.element("section").classes("kg-card")

        async def draw() -> None:
            found = await attempt(self.service.run("reviews")) or []
            place.clear()
            with place:
                if not found:
                    html('<div class="kg-soft">还没有判断。</div>')
                    return
                back = Markup('<button type="button" class="kg-cell" data-back="{}">撤销</button>')
                rows = (
                    (
                        Markup("{}<br>{}").format(*(label or "（已不在）" for label in r["labels"])),
                        DECISIONS[r["decision"]], r["note"], r["by"], components.moment(r["at"]),
                        back.format(json.dumps(r["indicators"])) if self.may else "",
                    )
                    for r in found
                )  # fmt: skip
                table = html(components.rows_html(["指标", "判断", "说明", "判断人", "时间", ""], rows))
                table.on(
                    "click", taken_back,
                    js_handler="(e) => { const b = e.target.closest('[data-back]'); if (b) emit(b.dataset.back); }",
                )  # fmt: skip

        async def taken_back(event: Any) -> None:
            if self.may and isinstance(event.args, str):
                with place:
                    if await self.keep([str(iri) for iri in json.loads(event.args)][:2], "withdrawn", ""):
                        ui.notify("已撤销", type="positive", position="top")
                        await draw()

        await draw()


def member_cell(member: dict[str, Any]) -> dict[str, Any]:
    """The cell of an indicator's value."""
    return {**member, "field": "value", "text": member["value"]}


def _side_by_side(members: list[dict[str, Any]]) -> Markup:
    one, two = members
    named = one["document"] != two["document"]
    names = _marked(one["indicator"], two["indicator"])
    values = _marked(one["value"], two["value"])
    said = [
        Markup('<div class="kg-small">{}</div>').format(m["description"]) if m["description"] else "" for m in members
    ]
    sides = join(
        Markup('<div class="kg-side"><div><b>{}</b></div>{}<div class="kg-number" style="font-size:22px">{}</div><div class="kg-soft kg-small">'
               "{}{} · {}</div><div>{}</div></div>").format(
            names[n], said[n], values[n], f"{m['year']}年 " if m["year"] else "", m["project"], m["department"] or "",
            components.cell_button(member_cell(m), named=named),
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
