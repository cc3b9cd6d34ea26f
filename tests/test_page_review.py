"""Pairs are reviewed by keys alone."""

from __future__ import annotations

import pytest
from service import Server

pytest.importorskip("playwright.sync_api", reason="playwright 没有安装")
from browsing import NEEDS_CHROMIUM, Visit
from playwright.sync_api import Browser, expect


@NEEDS_CHROMIUM
def test_pairs_are_walked_and_decided_by_keys(browser: Browser, own_server: Server) -> None:
    visit = Visit(browser, own_server, (1280, 900), writer=True)
    page = visit.go("duplicates")
    pairs, current = page.locator("[data-pair]"), page.locator(".kg-current")
    expect(pairs.nth(2)).to_be_attached()
    names = [pairs.nth(n).get_attribute("data-pair") for n in range(3)]
    page.get_by_label("复核人").fill("钱审")
    page.get_by_label("复核人").blur()
    expect(pairs.first).not_to_contain_text("0.")  # reasons are words

    def at(name: str | None) -> None:
        expect(current).to_have_attribute("data-pair", str(name))
        expect(current).to_be_in_viewport()

    for key, name in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        at(names[name])
    page.keyboard.press("n")
    expect(current.get_by_label("说明")).to_be_focused()
    page.keyboard.type("aj")  # in the box letters are letters
    page.keyboard.press("Escape")
    expect(current.get_by_label("说明")).not_to_be_focused()
    page.wait_for_timeout(300)
    page.keyboard.press("r")
    at(names[2])  # the next takes its place
    expect(page.locator(f"[data-pair='{names[1]}']")).to_have_count(0)
    page.keyboard.press("a")
    expect(page.locator(f"[data-pair='{names[2]}']")).to_have_count(0)
    reviews = own_server.get("/api/duplicates/reviews").json()
    assert {(r["decision"], r["note"], r["by"]) for r in reviews} == {
        ("rejected", "aj", "钱审"),
        ("accepted", "", "钱审"),
    }
    expect(page.locator("[data-left]")).to_contain_text("本页已判断 2 对")
    page.keyboard.press("u")  # the last decision is taken back, and its pair waits again
    expect(page.locator(f"[data-pair='{names[2]}']")).to_have_count(1)
    expect(page.locator("[data-left]")).to_contain_text("本页已判断 1 对")
    assert [r["decision"] for r in own_server.get("/api/duplicates/reviews").json()] == ["rejected"]
    page.reload()  # who reviews is asked once
    expect(page.get_by_label("复核人")).to_have_value("钱审")
    page.get_by_role("tab", name="已有判断").click()
    expect(page.locator("table.kg tbody tr")).to_contain_text("钱审")
    page.get_by_role("button", name="撤销").click()
    expect(page.locator(".kg-main")).to_contain_text("还没有判断")
    assert own_server.get("/api/duplicates/reviews").json() == []
    visit.end("review-keys")
    visit.close()
