"""Asking on the page: what is in the box is asked, the address is the state, answers can be sorted."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from service import Server

pytest.importorskip("playwright.sync_api", reason="playwright 没有安装")
from browsing import NEEDS_CHROMIUM, WIDTHS, Visit
from playwright.sync_api import Browser, Page, expect

from kg.service.pages.answers import total

FIRST, NEXT, OTHER = "哪些项目服务高校毕业生？", "那其中预算最高的呢？", "中央直达资金项目预算合计？"
BUDGET, SUM = "5747.2", "6795.4"  # the answers to NEXT and OTHER


def at_once(page: Page) -> None:
    """The text and the key in one moment."""
    page.get_by_label("问题").evaluate(
        """(box, text) => {
             Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(box, text);
             box.dispatchEvent(new InputEvent('input', {bubbles: true}));
             box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true})); }""",
        OTHER,
    )


def by_button(page: Page) -> None:
    page.get_by_label("问题").fill(OTHER)
    page.get_by_role("button", name="提问", exact=True).click()


def pasted(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", OTHER)
    page.get_by_label("问题").select_text()
    page.keyboard.press("Control+V")
    page.keyboard.press("Enter")


def composed(page: Page) -> None:
    """Pinyin: the key that chooses the word asks nothing."""
    page.get_by_label("问题").fill("")
    before = page.url
    method = page.context.new_cdp_session(page)
    method.send("Input.imeSetComposition", {"text": "zhongyang", "selectionStart": 9, "selectionEnd": 9})
    page.get_by_label("问题").dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    page.get_by_label("问题").dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
    page.wait_for_timeout(600)
    assert page.url == before
    expect(page.locator(".kg-asked h2")).to_have_text(FIRST)
    method.send("Input.insertText", {"text": OTHER})
    page.keyboard.press("Enter")


@pytest.mark.parametrize("visit", WIDTHS[:1], indirect=True)
@pytest.mark.parametrize("way", [at_once, by_button, pasted, composed])
@NEEDS_CHROMIUM
def test_the_text_in_the_box_is_what_is_asked(visit: Visit, way: Any) -> None:
    page = visit.go(f"?q={FIRST}")
    expect(page.locator(".kg-asked h2")).to_have_text(FIRST)
    page.get_by_label("不接着上一个答案").click()
    expect(page.get_by_label("不接着上一个答案")).to_have_count(0)
    way(page)
    expect(page.locator(".kg-asked h2")).to_have_text(OTHER)
    expect(page.locator(".kg-number")).to_contain_text(SUM)
    becomes(page, q=[OTHER])
    expect(page.get_by_label("问题")).to_have_value(OTHER)
    visit.end()


def address(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def becomes(page: Page, **wanted: list[str]) -> None:
    """The address holds just these, as soon as the browser has taken in what the server told it."""
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query) == wanted)


@pytest.mark.parametrize("size", WIDTHS)
@NEEDS_CHROMIUM
def test_the_address_is_the_state(browser: Browser, server: Server, size: tuple[int, int]) -> None:
    visit = Visit(browser, server, size)
    page = visit.go(f"?q={FIRST}")
    answer = page.locator("section[data-method=graph]")
    expect(answer).to_contain_text("共 4 条")
    page.get_by_label("问题").fill(NEXT)
    page.keyboard.press("Enter")  # typed, not chosen: it leans all the same
    expect(answer).to_contain_text(BUDGET)
    expect(answer).to_contain_text("接着上一个答案")
    assert address(page)["q"] == [NEXT]
    visit.end("follow-typed")

    told = answer.locator("table, .kg-number").first.inner_text()
    page.reload()
    expect(answer).to_contain_text(BUDGET)
    assert answer.locator("table, .kg-number").first.inner_text() == told
    other = Visit(browser, server, size)
    other.page.goto(page.url)  # as it would be sent to someone else
    expect(other.page.locator("section[data-method=graph]")).to_contain_text(BUDGET)
    assert other.page.locator("section[data-method=graph]").locator("table, .kg-number").first.inner_text() == told
    other.end()
    other.close()

    page.get_by_label("问题").fill(OTHER)
    page.get_by_label("不接着上一个答案").click()
    expect(page.get_by_label("不接着上一个答案")).to_have_count(0)
    page.get_by_label("问题").press("Enter")
    expect(answer).to_contain_text(SUM)
    becomes(page, q=[OTHER])
    page.go_back()
    expect(answer).to_contain_text(BUDGET)
    expect(page.get_by_label("问题")).to_have_value(NEXT)
    page.go_forward()
    expect(answer).to_contain_text(SUM)
    page.get_by_role("button", name="换个问题").click()
    expect(answer).to_have_count(0)
    becomes(page)
    page.reload()
    expect(page.locator(".kg-chip", has_text=OTHER).first).to_be_visible()  # asked before
    visit.end("asked-before")
    visit.close()


@pytest.mark.parametrize("visit", WIDTHS, indirect=True)
@NEEDS_CHROMIUM
def test_a_table_is_sorted_and_exported_as_it_is_shown(visit: Visit) -> None:
    page = visit.go(f"?q={FIRST}")
    first = page.locator("section[data-method=graph] table.kg tbody tr td:first-child")
    expect(first).to_have_count(4)
    names = first.all_inner_texts()
    if visit.width > 640:
        heading = page.get_by_role("button", name="名称", exact=True)
        heading.click()
        expect(page.locator("th[aria-sort=ascending]")).to_contain_text("名称")
        assert first.all_inner_texts() == sorted(names)
        heading.click()
        expect(page.locator("th[aria-sort=descending]")).to_contain_text("名称")
        names = sorted(names, reverse=True)
        assert first.all_inner_texts() == names
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 CSV").click()
    rows = Path(download.value.path()).read_text("utf-8-sig").splitlines()[1:]
    assert [row.partition(",")[0] for row in rows] == names
    cells = page.locator("section[data-method=graph] .kg-cell").all_inner_texts()
    assert all("行" in cell for cell in cells)  # where a reader of the file looks
    visit.end("sorted")


@pytest.mark.parametrize("visit", WIDTHS, indirect=True)
@NEEDS_CHROMIUM
def test_numbers_of_many_are_filtered_and_totalled(visit: Visit) -> None:
    page = visit.go("?q=各项目的预算")
    answer = page.locator("section[data-method=graph]")
    rows = answer.locator("tbody tr")
    expect(rows).to_have_count(23)
    expect(answer.locator("tfoot")).to_contain_text("70519.24")
    if visit.width > 640:
        page.get_by_role("button", name="数值（万元）").click()
        expect(rows.first).to_contain_text("28691")  # a number's greatest comes first
    page.get_by_label("筛选答案").fill("专项")
    expect(answer.get_by_role("status")).to_contain_text("共 23 条")
    expect(answer.locator("tbody tr", has_not_text="专项")).to_have_count(0)
    shown = [float(n) for n in answer.locator("tbody td[data-label='数值（万元）']").all_inner_texts() if n]
    assert 1 < len(shown) < 23
    assert float(answer.locator("tfoot td.num").last.inner_text()) == pytest.approx(sum(shown))
    visit.end("many")


@pytest.mark.parametrize("visit", WIDTHS, indirect=True)
@NEEDS_CHROMIUM
def test_two_things_asked_are_two_parts(visit: Visit) -> None:
    page = visit.go(f"?q={OTHER.removesuffix('？')}是多少？求职创业补贴的预算是多少？")
    parts = page.locator("[data-part]")
    expect(parts).to_have_count(2)
    expect(parts.nth(0).locator(".kg-number")).to_contain_text(SUM)
    expect(parts.nth(1).locator(".kg-number")).to_contain_text(BUDGET)
    expect(parts.nth(0).locator("h2")).to_contain_text("中央直达资金")
    parts.nth(1).locator(".kg-cell").first.click()
    expect(page.locator(".kg-dialog td.hit")).to_contain_text("5747.20")
    visit.end("parts")


@pytest.mark.parametrize("visit", WIDTHS, indirect=True)
@NEEDS_CHROMIUM
def test_no_answer_says_why_and_what_helps(visit: Visit) -> None:
    page = visit.go("?q=2018年的人才专项经费预算是多少")
    none = page.locator("section[data-method=none]")
    expect(none).to_contain_text("表里没有")
    expect(none).to_contain_text("未能对应：2018年")
    expect(none.locator(".kg-nearest .kg-cell").first).to_be_visible()
    visit.end("no-answer")
    offered = none.locator(".kg-chip", has_text="人才专项经费的预算是多少")
    asked = offered.inner_text()
    offered.click()
    expect(page.locator("section[data-method=graph] .kg-asked h2")).to_have_text(asked)
    page.go_back()
    expect(none).to_be_visible()
    visit.end()


P, D = "https://example.org/project/", "https://example.org/department/"


def item(iri: str | None, number: float | None, unit: str | None = "万元", year: int | None = None) -> dict[str, Any]:
    return {"iri": iri, "number": number, "unit": unit, "year": year}


@pytest.mark.parametrize(
    ("items", "sparql", "expected"),
    [
        ([item(P + "a", 0.1), item(P + "b", 0.2)], "SELECT", "0.3"),
        ([item(D + "a", 5747.2), item(D + "b", 1048.2)], "SELECT (SUM(?amount) AS ?number)", "6795.4"),
        ([item(None, 1, "个", 2024), item(None, 2, "个", 2025)], "SELECT (COUNT(?v) AS ?n)", "3"),
        ([item(D + "a", 2), item(D + "b", 4)], "SELECT (AVG(?amount) AS ?number)", ""),
        ([item(P + "a", 2), item(P + "b", 4, "元")], "SELECT", ""),
        ([item(P + "a", 90, "%"), item(P + "b", 95, "%")], "SELECT", ""),
        ([item("https://example.org/fund/a", 2), item("https://example.org/fund/b", 4)], "SELECT", ""),  # may overlap
        ([item(P + "a", 2), item(P + "a", 4)], "SELECT", ""),
        ([item(P + "a", 2), item(P + "b", None, None)], "SELECT", ""),
        ([item(P + "a", 2)], "SELECT", ""),
    ],
)
def test_only_what_can_be_added_up_is(items: list[dict[str, Any]], sparql: str, expected: str) -> None:
    assert total(items, sparql) == expected
