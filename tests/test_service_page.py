"""The page in a real Chromium at the widths of a desk and of a telephone: every tab is walked."""

from __future__ import annotations

import re
from pathlib import Path

import offices
import pytest
from command import SAMPLE, SECOND, TESTS
from offices import C
from service import Server

from kg.readers import read

pytest.importorskip("playwright.sync_api", reason="playwright 没有安装")
from browsing import NEEDS_CHROMIUM, WIDTHS, Visit
from playwright.sync_api import Browser, expect

pytestmark = NEEDS_CHROMIUM
PRINTED = TESTS / "data" / "offices" / "first" / "2025年项目绩效目标.pdf"
MARKED = """async e => { await e.decode(); const c = document.createElement('canvas');
  c.width = e.naturalWidth; c.height = e.naturalHeight; const d = c.getContext('2d'); d.drawImage(e, 0, 0);
  const p = d.getImageData(0, 0, c.width, c.height).data; let n = 0;
  for (let i = 0; i < p.length; i += 4) if (p[i] > p[i + 2] + 20) n++;
  return n }"""
TABS = ["提问", "项目", "指标", "汇总", "图谱", "查重", "SPARQL", "数据"]


@pytest.mark.parametrize("visit", WIDTHS, indirect=True)
def test_every_tab_is_reached_from_every_other(visit: Visit) -> None:
    page = visit.go("")
    for name in TABS:
        page.get_by_role("navigation").get_by_role("link", name=name).click()
        expect(page.locator("nav a[aria-current]")).to_have_text(name)
        expect(page.locator("h1")).to_be_visible()
        page.wait_for_load_state("networkidle")
        visit.end(f"tab-{name}")


@pytest.mark.parametrize("visit", WIDTHS, indirect=True)
def test_asking_shows_answer_evidence_sparql_and_what_to_ask_next(visit: Visit, tmp_path: Path) -> None:
    page = visit.go("")
    expect(page.locator(".kg-chip").first).to_be_visible()
    box = page.get_by_label("问题")
    box.press_sequentially("服务高校毕", delay=30)
    suggestion = page.locator(".kg-suggest button", has_text="哪些项目服务高校毕业生？")
    expect(suggestion).to_be_visible()
    visit.end("suggest")
    suggestion.dispatch_event("mousedown")
    answer = page.locator("section[data-method=graph]")
    expect(answer).to_contain_text("共 4 条")
    expect(page.locator(".kg-word.known")).to_contain_text("高校毕业生")
    visit.end("answer")

    answer.locator(".kg-cell").first.click()
    hit = page.locator(".kg-dialog td.hit")
    expect(hit).to_be_in_viewport()
    expect(hit).to_contain_text("高校毕业生")
    visit.end("evidence")
    page.get_by_label("关闭").click()
    expect(page.locator(".kg-dialog")).to_have_count(0)

    page.get_by_role("button", name="查看 SPARQL").click()
    expect(page.locator(".kg-code")).to_contain_text("SELECT")
    for button, start in (("导出 Excel", b"PK"), ("导出 CSV", "\ufeff名称".encode())):
        with page.expect_download() as download:
            page.get_by_role("button", name=button).click()
        assert Path(download.value.path()).read_bytes().startswith(start)

    page.locator(".kg-chip", has_text="那其中预算最高的呢？").click()
    expect(page.locator("section[data-method=graph]")).to_contain_text("5747.2")
    visit.end("follow")


@pytest.mark.parametrize("visit", WIDTHS, indirect=True)
def test_no_answer_looks_unlike_an_answer(visit: Visit) -> None:
    page = visit.go("?q=2018年的人才专项经费预算是多少")
    none = page.locator("section[data-method=none]")
    expect(none).to_contain_text("没有答案")
    expect(none.locator("table, .kg-number")).to_have_count(0)
    looks = none.evaluate("e => getComputedStyle(e).backgroundColor")
    visit.end("none")
    visit.go("?q=中央直达资金项目预算合计？")
    answer = page.locator("section[data-method=graph]")
    expect(answer.locator(".kg-number")).to_contain_text("6795.4")
    assert answer.evaluate("e => getComputedStyle(e).backgroundColor") != looks
    visit.end("number")


@pytest.mark.parametrize("visit", WIDTHS, indirect=True)
def test_data_is_shown_as_text_never_as_html(visit: Visit) -> None:
    visit.go("?q=<img src=x onerror=alert(1)>预算<script>alert(2)</script>")
    expect(visit.page.locator("section[data-method]")).to_be_visible()
    assert visit.page.locator(".kg-main img, .kg-main script").count() == 0
    visit.end()


@pytest.mark.parametrize("visit", WIDTHS, indirect=True)
def test_projects_are_filtered_and_open_as_their_table(visit: Visit) -> None:
    page = visit.go("projects?fund=https://w3id.org/jixiao/fund/central-direct")
    expect(page.get_by_text("共 5 个项目")).to_be_visible()
    visit.end("projects")
    page.get_by_label("名称包含").fill("求职创业")
    expect(page.get_by_text("共 1 个项目")).to_be_visible()
    page.get_by_role("link", name=re.compile("求职创业补贴")).click()
    expect(page.locator("h1")).to_contain_text("求职创业补贴")
    expect(page.locator("table.source").first).to_contain_text("5747.20")
    expect(page.get_by_text(re.compile("数据质量："))).to_be_visible()
    for heading in ("联系及其依据", "历年", "原表"):
        expect(page.locator("h2", has_text=heading)).to_be_visible()
    proofs = page.locator(".kg-card", has_text="联系及其依据").locator(".kg-cell")
    for n in range(proofs.count()):
        proofs.nth(n).click()
        expect(page.locator(".kg-dialog td.hit")).to_have_count(1)
        page.get_by_label("关闭").click()
        expect(page.locator(".kg-dialog")).to_have_count(0)
    visit.end("project")
    visit.go("indicators?q=满意度")
    expect(page.locator("table.kg tbody tr").first).to_contain_text("满意度")
    page.locator(".kg-cell").first.click()
    expect(page.locator(".kg-dialog td.hit")).to_be_in_viewport()
    visit.end("indicators")


@pytest.mark.parametrize("visit", WIDTHS, indirect=True)
def test_the_graph_grows_on_click(visit: Visit) -> None:
    page = visit.go("graph")
    expect(page.locator(".nicegui-echart canvas").first).to_be_visible()
    count = (
        "(getElement(document.querySelector('.nicegui-echart').id.slice(1)).chart.getOption().series[0].data.length)"
    )
    page.wait_for_function(f"() => {count} > 3")
    before = page.evaluate(f"() => {count}")
    find = page.get_by_label(re.compile("从哪里看起"))
    find.click()
    find.press_sequentially("就业补助", delay=40)
    page.get_by_role("option", name=re.compile("资金来源 · 就业补助资金")).click()
    expect(page.get_by_role("listbox")).to_have_count(0)  # it lies over the picture until it has faded
    expect(page.locator(".kg-main")).to_contain_text("全部陈述")
    page.wait_for_function(f"() => {count} != {before}")
    visit.end("graph")
    first = page.evaluate(f"() => {count}")
    nodes = page.wait_for_function(  # when each has moved to its place
        """() => { const e = document.querySelector('.nicegui-echart'), chart = getElement(e.id.slice(1)).chart;
             const box = e.getBoundingClientRect();
             const nodes = chart.getModel().getSeriesByIndex(0).getGraph().nodes.map(n => {
               const [x, y] = n.getGraphicEl().transformCoordToGlobal(0, 0);
               const [toX, toY] = chart.convertToPixel({seriesIndex: 0}, n.getLayout());
               return {id: n.id, x: box.x + x, y: box.y + y, there: Math.hypot(x - toX, y - toY) < 1,
                       inside: x > 0 && y > 0 && x < box.width && y < box.height}; });
             return nodes.every(n => n.there) && nodes; }"""
    ).json_value()
    assert [n["id"] for n in nodes if not n["inside"]] == []
    project = next(n for n in nodes if "/project/" in n["id"])
    page.mouse.click(project["x"], project["y"])
    page.wait_for_function(f"() => {count} > {first}")


@pytest.mark.parametrize("visit", WIDTHS, indirect=True)
def test_sparql_runs_named_queries_and_downloads(visit: Visit) -> None:
    page = visit.go("query")
    expect(page.locator(".cm-content")).to_contain_text("SELECT")
    assert page.locator(".cm-content span").count() > 5  # words are coloured
    page.get_by_label("示例查询").click()
    page.get_by_role("option", name="按资金来源与年度汇总预算").click()
    expect(page.locator("table.kg")).to_contain_text("中央直达资金")
    page.get_by_role("tab", name="图表").click()
    expect(page.locator(".nicegui-echart canvas")).to_be_visible()
    visit.end("sparql")
    page.get_by_role("button", name="下载").click()
    with page.expect_download() as download:
        page.locator(".q-menu .q-item", has_text="CSV").click()
    assert "中央直达资金" in Path(download.value.path()).read_text("utf-8")
    visit.go("query?query=CONSTRUCT WHERE { ?s jx:department ?o }")
    page.get_by_role("tab", name="关系图").click()
    expect(page.locator(".nicegui-echart canvas")).to_be_visible()
    visit.go("query?query=DROP ALL")
    expect(page.get_by_text(re.compile("只能查询"))).to_be_visible()
    visit.end()


def test_upload_review_and_remove(browser: Browser, own_server: Server, tmp_path: Path) -> None:
    visit = Both(browser, own_server, (1280, 900), writer=True)
    page = visit.go("data")
    page.locator("input[type=file]").set_input_files(as_docx(SECOND, tmp_path))
    outcome = page.locator("[data-outcome]")
    expect(outcome).to_contain_text("已读入", timeout=90_000)
    expect(page.get_by_text(re.compile("已载入 2 份文档"))).to_be_visible()
    visit.end("uploaded")
    added = next(name for name in own_server.documents() if name != SAMPLE.name)
    page.reload()  # the outcome is there for whoever comes next
    expect(page.locator("[data-deeds]")).to_contain_text(re.compile(f"上传.*{added}.*写入", re.DOTALL))
    expect(page.locator("tr", has_text=added).first).to_contain_text("网页或接口")

    bad = tmp_path / "坏.docx"
    bad.write_text("no document", "utf-8")
    page.locator("input[type=file]").set_input_files(bad)
    expect(outcome).to_contain_text("未读入", timeout=60_000)
    visit.end("refused")

    page.locator("input[type=file]").set_input_files(PRINTED)
    expect(page.get_by_text(re.compile("已载入 3 份文档"))).to_be_visible(timeout=90_000)
    (one, *_) = own_server.get("/api/projects", params={"document": PRINTED.name}).json()["items"]
    visit.go(f"project?iri={one['iri']}")
    page.get_by_role("button", name=re.compile("对照原件第")).click()
    picture = page.get_by_alt_text(re.compile("原件第")).first  # a project may go over a page end
    expect(picture).to_be_visible()
    assert picture.evaluate(MARKED) > 1000, "cells are marked on the page as it is printed"
    visit.end("beside")

    project = own_server.get("/api/projects", params={"document": added}).json()["items"][0]["label"]
    visit.go(f"?q={project}的预算是多少？")
    answer = page.locator("section[data-method=graph]")
    answer.locator(".kg-cell").first.click()
    expect(page.locator(".kg-dialog")).to_contain_text(added)
    visit.end()

    visit.go("duplicates")
    pair = page.locator("[data-pair]").first
    name = pair.get_attribute("data-pair")
    pair.get_by_label("说明").fill("不是一回事")
    visit.end("duplicates")
    pair.get_by_role("button", name="不是同一内容").click()
    expect(page.locator(f"[data-pair='{name}']")).to_have_count(0)
    assert [r["decision"] for r in own_server.get("/api/duplicates/reviews").json()] == ["rejected"]
    page.get_by_role("tab", name="已有判断").click()
    expect(page.locator("table.kg")).to_contain_text("不是一回事")
    visit.end()

    visit.go("data")
    expect(page.locator(".kg-main")).to_contain_text("已登录：共用口令")
    page.locator(f"[data-remove='{added}']").click()
    visit.end("remove")
    page.locator(".q-dialog button", has_text="移除").click()
    expect(page.get_by_text(re.compile("已载入 2 份文档"))).to_be_visible(timeout=60_000)
    visit.end()
    page.get_by_role("button", name="退出").click()
    visit.go("data")
    expect(page.get_by_role("link", name="输入口令")).to_be_visible()
    visit.close()


class Both(Visit):
    """A visit that is looked at in the width of a desk and in that of a telephone."""

    def end(self, name: str = "") -> None:
        for width, height in ((390, 844), (1280, 900)):
            self.page.set_viewport_size({"width": width, "height": height})
            self.width = width
            super().end(name)


def as_docx(path: Path, folder: Path) -> Path:
    """The tables of a file as a Word document: what an office would upload."""
    source = read(path)
    page = [
        (
            f"{source.preface}\n{grid.caption}" if not number else grid.caption,
            [[C(c.text) for c in row] for row in grid],
        )
        for number, grid in enumerate(source.grids)
    ]
    target = folder / f"{path.stem}.docx"
    target.write_bytes(offices.docx(page))
    return target


@pytest.mark.parametrize("size", WIDTHS)
def test_without_the_token_nothing_can_be_changed(browser: Browser, server: Server, size: tuple[int, int]) -> None:
    visit = Visit(browser, server, size)
    page = visit.go("data")
    expect(page.get_by_role("link", name="输入口令")).to_be_visible()
    assert page.locator("input[type=file], [data-remove]").count() == 0
    visit.go("duplicates")
    assert page.get_by_role("button", name="同一内容").count() == 0
    visit.end()
    visit.close()
