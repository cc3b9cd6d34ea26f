"""The page for everyone: axe-core finds nothing on any tab, light or dark; on paper only what is to be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from service import Server

pytest.importorskip("playwright.sync_api", reason="playwright 没有安装")
pytest.importorskip("axe_playwright_python", reason="axe-playwright-python 没有安装")
from axe_playwright_python.sync_playwright import Axe
from browsing import NEEDS_CHROMIUM, Visit, sticking
from playwright.sync_api import Browser, expect

pytestmark = NEEDS_CHROMIUM
PAGES = ["", "?q=各项目的预算", "?q=2018年的人才专项经费预算是多少", "projects", "indicators?q=满意度", "pivot?rows=fund",
         "graph", "docs", "login", "nothing", "duplicates", "duplicates?tab=clusters", "query?query=SELECT * { ?p a jx:Project } LIMIT 3", "data"]  # fmt: skip


@pytest.fixture
def themed(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Visit]:
    visit = Visit(browser, server, (1280, 900))
    visit.page.emulate_media(color_scheme=request.param)
    yield visit
    visit.close()


@pytest.mark.parametrize("themed", ["light", "dark"], indirect=True)
def test_no_page_has_what_axe_core_finds(themed: Visit) -> None:
    found: dict[str, Any] = {}
    for path in PAGES:
        page = themed.go(path)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(500)  # what fades in is there, and has its colour
        wrong = Axe().run(page).response["violations"]
        found |= {f"{path} {v['id']}": [n["html"][:120] for n in v["nodes"]] for v in wrong}
        if path == "nothing":  # which is not there, as the console says too
            themed.faults.clear()
        for width in (768, 390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert sticking(page) <= 0, (path, width)
        themed.end(f"{path[:9]}-{page.evaluate('document.body.className.includes(`dark`)')}".replace("?", "_"))
    assert found == {}


@pytest.mark.parametrize("themed", ["light", "dark"], indirect=True)
def test_the_theme_is_the_systems(themed: Visit) -> None:
    page = themed.go("?q=各项目的预算")
    card = page.locator("section[data-method=graph]")
    expect(card).to_be_visible()
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert card.evaluate("e => getComputedStyle(e).backgroundColor") == (
        "rgb(27, 36, 45)" if dark else "rgb(255, 255, 255)"
    )


@pytest.mark.parametrize("themed", ["light", "dark"], indirect=True)
def test_paper_shows_the_answer_and_no_controls(themed: Visit) -> None:
    page = themed.go("?q=各项目的预算")
    rows = page.locator("section[data-method=graph] tbody tr")
    expect(rows).to_have_count(23)
    page.emulate_media(media="print")
    for gone in ("nav", ".kg-ask", ".kg-chip", ".kg-main .q-btn"):
        assert page.locator(gone).count() and not page.locator(gone).first.is_visible()
    for there in (".kg-asked h2", "section[data-method=graph] tfoot", ".kg-cell"):
        expect(page.locator(there).first).to_be_visible()
    assert (
        page.locator("section[data-method=graph]").evaluate("e => getComputedStyle(e).backgroundColor")
        == "rgb(255, 255, 255)"
    )


@pytest.mark.parametrize("themed", ["light"], indirect=True)
def test_suggestions_are_walked_with_arrow_keys_and_answers_announced(themed: Visit) -> None:
    page = themed.go("")
    box = page.get_by_label("问题")
    box.press_sequentially("服务高校毕", delay=30)
    suggestions = page.locator(".kg-suggest button")
    expect(suggestions.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(suggestions.first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(box).to_be_focused()
    page.keyboard.press("ArrowDown")
    asked = suggestions.first.inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("[aria-live=polite] .kg-asked h2")).to_have_text(asked)
    expect(box).to_have_value(asked)
    themed.end()


@pytest.mark.parametrize("themed", ["light"], indirect=True)
def test_the_first_load_is_less_than_a_megabyte_and_pages_are_not_compressed(themed: Visit) -> None:
    client = themed.context.new_cdp_session(themed.page)
    client.send("Network.enable")
    sizes: list[float] = []
    client.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    themed.go("pivot").wait_for_load_state("networkidle")  # which draws a chart, too
    assert 0 < sum(sizes) < 1_000_000
    page = themed.server.get("/", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in page.headers
    themed.end()
