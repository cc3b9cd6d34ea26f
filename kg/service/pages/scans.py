"""Cells recognised in scans that wait to be confirmed: the cut-out of the page beside what was read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from markupsafe import Markup
from nicegui import ui

from kg.service.pages.components import attempt, html
from kg.service.people import Person
from kg.service.service import Service

SHOWN = 20


async def card(service: Service, reviewer: Person | None, *, done: Callable[[], Awaitable[None]]) -> None:
    """A list of what waits, nothing where nothing does; ``done`` is called when somebody has decided on a cell.

    ``reviewer``: who decides, None for a reader.
    """
    found = await attempt(service.run("scans", limit=SHOWN))
    if not found or not found["total"]:
        return
    with ui.element("section").classes("kg-card").props("data-scans"):
        html(Markup('<h2>待核对的扫描单元格 {} 个</h2><p class="kg-soft kg-small">扫描识别、没有把握的数，核对以前不计入合计。</p>').format(
            found["total"]
        ))  # fmt: skip
        for one in found["items"]:
            _row(service, one, reviewer, done)


def _row(service: Service, one: dict[str, Any], reviewer: Person | None, done: Callable[[], Awaitable[None]]) -> None:
    place = f"{one['document']} 表{one['table']}" + (f" 第{one['row']}行" if one["row"] else "")
    with ui.element("div").classes("kg-row").style("align-items:center;margin:8px 0;gap:12px"):
        html(Markup('<img src="/api/scans/{}/picture" alt="{}" loading="lazy" style="max-width:320px;max-height:120px">').format(
            one["id"], f"原图上的“{one['text']}”"
        ))  # fmt: skip
        html(Markup('<div class="kg-small" style="max-width:380px"><div>{}</div><div class="kg-soft">{}</div></div>').format(
            one["message"], place
        ))  # fmt: skip
        if not reviewer:
            return
        text = ui.input("原图上的文字", value=one["text"]).props("outlined dense")

        async def decide() -> None:
            said = (text.value or "").strip()
            if said and await attempt(
                service.confirm([(one["id"], "" if said == one["text"] else said)], "网页", reviewer)
            ):
                await done()

        ui.button("确认", on_click=decide).props("unelevated dense")
