"""Ten things that an analyst does all day, in as many clicks and keys as docs/tasks.md says.

The years of a project are compared in ``test_page_figures``, where there are two.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from service import AS_WRITER, Server

pytest.importorskip("playwright.sync_api", reason="playwright 没有安装")
from browsing import NEEDS_CHROMIUM, Visit
from hands import PROMISED, task
from playwright.sync_api import Browser, expect

pytestmark = NEEDS_CHROMIUM


def rows_of(path: Path) -> list[tuple[Any, ...]]:
    """The first sheet of a workbook that was downloaded, under whatever name."""
    sheet = openpyxl.load_workbook(io.BytesIO(path.read_bytes())).worksheets[0]
    return list(sheet.iter_rows(values_only=True))


def test_ten_tasks_are_written_down() -> None:
    assert len(PROMISED) == 10


def test_tasks_of_reading(browser: Browser, server: Server) -> None:
    visit = Visit(browser, server, (1280, 900))
    page = visit.go("")
    expect(page.locator(".kg-chip").first).to_be_visible()
    page.get_by_label("问题").focus()  # as the page does for whoever opens it
    with task(page, "找到一个数所在的单元格") as hands:
        hands.type("三支一扶专项经费的预算")
        hands.press("Enter")
        hands.click(page.locator("section[data-method=graph] .kg-cell").first)
        expect(page.locator(".kg-dialog td.hit")).to_have_text("130.00")
    expect(page.locator(".kg-dialog a[download]")).to_be_visible()

    visit.go("?q=哪些项目服务高校毕业生？")
    with task(page, "把追问的答案发给别人") as hands:
        hands.click(page.locator(".kg-chip", has_text="那其中预算最高的呢？"))
        expect(page.locator("section[data-method=graph]")).to_contain_text("5747.2")
    address = page.url
    other = Visit(browser, server, (1280, 900))
    other.page.goto(address)
    expect(other.page.locator("section[data-method=graph]")).to_contain_text("5747.2")
    other.close()

    visit.go("?q=各项目的预算")
    with task(page, "把答案按金额从大到小排好导出") as hands:
        hands.click(page.locator("[data-sort]", has_text="数值"))
        expect(page.locator("section[data-method=graph] tbody tr").first).to_contain_text("28691")
        with page.expect_download() as download:
            hands.click(page.get_by_role("button", name="导出 Excel"))
    rows = rows_of(download.value.path())
    heads = next(n for n, row in enumerate(rows) if "数值" in row)
    numbers = [row[rows[heads].index("数值")] for row in rows[heads + 1 :]]
    assert numbers == sorted(numbers, reverse=True)

    visit.go("")
    with task(page, "各资金来源的预算，再看其中一笔是哪些项目") as hands:
        hands.click(page.get_by_role("navigation").get_by_role("link", name="汇总"))
        hands.click(page.get_by_label("行", exact=True))
        hands.click(page.get_by_role("option", name="资金来源"))
        hands.click(page.locator("table.kg tbody tr", has_text="中央直达资金").locator("a").first)
        expect(page.get_by_text("共 5 个项目")).to_be_visible()

    visit.go("")
    with task(page, "导出一种资金的项目") as hands:
        hands.click(page.get_by_role("navigation").get_by_role("link", name="项目"))
        hands.click(page.get_by_label("资金来源"))
        hands.click(page.get_by_role("option", name=re.compile("中央直达资金")))
        expect(page.get_by_text("共 5 个项目")).to_be_visible()
        with page.expect_download() as download:
            hands.click(page.get_by_role("button", name="导出 Excel"))
    assert sum(any(row) for row in rows_of(download.value.path())) >= 6

    visit.go("query")
    expect(page.locator(".kg-editor[data-completes]")).to_be_visible()
    page.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("ASK { ?p jx:fundSource ")
    with task(page, "在 SPARQL 里写一种资金") as hands:
        hands.type("中央直达")
        expect(page.locator(".cm-tooltip-autocomplete li[aria-selected]")).to_contain_text("中央直达资金")
        page.wait_for_timeout(150)  # what the editor waits before it takes the key for a choice
        hands.press("Enter")
        expect(page.locator(".cm-content")).to_contain_text("<https://w3id.org/jixiao/fund/central-direct>")
    visit.end()
    visit.close()


def test_tasks_of_reviewing(browser: Browser, own_server: Server) -> None:
    refused = own_server.post("/api/documents", files={"files": ("空.txt", b"")}, headers=AS_WRITER)
    assert refused.status_code == 422
    visit = Visit(browser, own_server, (1280, 900), writer=True)
    page = visit.go("duplicates")
    expect(page.locator("[data-pair]").nth(9)).to_be_attached()
    with task(page, "复核十对指标") as hands:
        hands.press("j")
        for n in range(10):
            hands.press("r" if n % 2 else "a")
            expect(page.locator("[data-left]")).to_contain_text(f"本页已判断 {n + 1} 对")
    assert len(own_server.get("/api/duplicates/reviews").json()) == 10
    with task(page, "收回一个判错的复核") as hands:
        hands.press("u")
        expect(page.locator("[data-left]")).to_contain_text("本页已判断 9 对")
    with task(page, "看谁在什么时候上传了哪份文件") as hands:
        hands.click(page.get_by_role("navigation").get_by_role("link", name="数据"))
        expect(page.locator("[data-deeds]")).to_contain_text(re.compile(r"上传\s*空\.txt\s*没有写入"))
    visit.end()
    visit.close()
