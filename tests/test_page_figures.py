"""Figures on the page: the pivot and what stands behind its figures, answers as bars, the years of a project, the graph."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import SAMPLE, run_kg
from service import Server

pytest.importorskip("playwright.sync_api", reason="playwright 没有安装")
from browsing import NEEDS_CHROMIUM, Visit
from hands import task
from playwright.sync_api import Browser, expect

pytestmark = NEEDS_CHROMIUM
SIZES = [(1280, 900), (768, 1024), (390, 844)]
OFFICE, OTHER = "353101天津市人力资源和社会保障局财务处", "353102天津市就业服务中心"


@pytest.fixture(scope="module")
def years(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One table of the sample in two years, the earlier one a second time under another office."""
    folder = tmp_path_factory.mktemp("years")
    shutil.copytree(sample_data / "cache", folder / "data" / "cache")
    found = re.search(
        r"^\[bookmark[^\n]*\D18\..*?(?=^\[bookmark[^\n]*\D19\.)", SAMPLE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert found
    before = found[0].replace("≥200人", "≥180人", 1)
    for name, year, text in (
        ("now", 2025, found[0]),
        ("before", 2024, before),
        ("again", 2024, before.replace(OFFICE, OTHER)),
    ):
        (folder / f"{name}-{year}.txt").write_text(f"{year}年项目支出绩效目标表\n{text}", "utf-8")
    done = run_kg("build", *folder.glob("*.txt"), "--data", folder / "data")
    assert done.returncode == 0, done.stderr
    with Server(folder / "data", log=folder / "log") as running:
        yield running


@pytest.fixture
def desk(browser: Browser, server: Server) -> Iterator[Visit]:
    visit = Visit(browser, server, SIZES[0])
    yield visit
    visit.close()


def fits(visit: Visit) -> None:
    """At no width, light or dark, does anything stick out."""
    for scheme in ("light", "dark"):
        visit.page.emulate_media(color_scheme=scheme)
        for width, height in SIZES:
            visit.page.set_viewport_size({"width": width, "height": height})
            visit.width = width
            visit.end()
    visit.page.emulate_media(color_scheme="light")
    visit.page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})


def test_a_figure_of_the_pivot_opens_the_rows_it_is_made_of(desk: Visit) -> None:
    page = desk.go("pivot?rows=fund&columns=year&measure=projects")
    table = page.locator("table.kg")
    expect(table.locator("tfoot")).to_contain_text("23")
    expect(page.locator(".nicegui-echart canvas")).to_be_visible()
    fits(desk)
    row = table.locator("tbody tr", has_text="中央直达资金")
    expect(row.locator("td").nth(1)).to_have_text("5")
    row.locator("a").first.click()
    expect(page.get_by_text("共 5 个项目")).to_be_visible()
    page.go_back()
    page.get_by_label("数", exact=True).click()
    page.get_by_role("option", name="预算（万元）").click()
    expect(table.locator("tfoot")).to_contain_text("70,519.24")
    page.wait_for_url("**measure=budget*")
    page.reload()
    expect(table.locator("tfoot")).to_contain_text("70,519.24")
    expect(page.locator(".kg-main")).to_contain_text("不能相加")


def test_bars_begin_at_zero_and_say_their_values(desk: Visit) -> None:
    chart = "getElement(document.querySelector('.nicegui-echart').id.slice(1)).chart"
    for path in ("pivot?rows=fund", "?q=各资金来源的预算"):
        page = desk.go(path)
        expect(page.locator(".nicegui-echart canvas")).to_be_visible()
        page.wait_for_function(f"() => {chart}?.getOption()?.series?.length")
        start = page.evaluate(f"() => {chart}.getModel().getComponent('xAxis', 0).axis.scale.getExtent()[0]")
        shown = page.evaluate(
            f"() => [{chart}.getOption().series[0].label.show, !!{chart}.getOption().toolbox[0].feature.saveAsImage]"
        )
        assert (start, shown) == (0, [True, True]), path
    fits(desk)


def test_the_years_of_a_project_stand_side_by_side(browser: Browser, years: Server) -> None:
    visit = Visit(browser, years, SIZES[0])
    page = visit.go("")
    matrix = page.locator("[data-matrix]")
    with task(page, "比较一个项目两年的指标") as hands:
        hands.click(page.get_by_role("navigation").get_by_role("link", name="项目"))
        hands.click(page.locator("table.kg tbody tr", has_text="2025").get_by_role("link").first)
        expect(matrix).to_be_visible()
    row = matrix.locator("tbody tr", has_text="新招募岗位数").first
    expect(row.locator("td").nth(1)).to_contain_text("≥180人")
    expect(row.locator("td").nth(2)).to_contain_text("≥200人")
    expect(row.locator("td").nth(2)).to_contain_text("变难")
    row.locator("td").nth(1).locator(".kg-cell").first.click()
    expect(page.locator(".kg-dialog td.hit")).to_contain_text("≥180人")
    page.get_by_label("关闭").click()
    expect(page.locator(".kg-dialog")).to_have_count(0)
    fits(visit)
    twins = visit.go("data").locator("[data-twins]")
    expect(twins).to_contain_text("1 组")
    expect(twins.locator("tbody tr")).to_have_count(2)
    expect(page.locator("table.kg").first).to_contain_text("KB")
    fits(visit)
    visit.close()


def test_the_graph_opens_and_closes_and_its_address_says_what_is_open(desk: Visit) -> None:
    fund = "https://w3id.org/jixiao/fund/central-direct"
    page = desk.go(f"graph?iri={fund}")
    chart = "getElement(document.querySelector('.nicegui-echart').id.slice(1)).chart"
    count = f"() => {chart}.getOption().series[0].data.length"
    page.wait_for_function(f"{count.replace('() => ', '() => 1 < ')}")
    few = page.evaluate(count)
    # as many projects as the list has
    classes = page.evaluate(f"() => {chart}.getOption().series[0].data.map(n => n.value)")
    assert classes.count("项目") == 5
    assert page.evaluate(f"() => {chart}.getOption().series[0].edgeLabel.show")

    def click(iri: str) -> None:
        at = page.evaluate(
            f"""() => {{ const e = document.querySelector('.nicegui-echart'), chart = {chart};
              const node = chart.getModel().getSeriesByIndex(0).getGraph().nodes.find(n => n.id === {iri!r});
              const [x, y] = node.getGraphicEl().transformCoordToGlobal(0, 0), box = e.getBoundingClientRect();
              return [box.x + x, box.y + y]; }}"""
        )
        page.mouse.click(*at)

    project = page.evaluate(f"() => {chart}.getOption().series[0].data.find(n => n.value === '项目').id")
    click(project)
    page.wait_for_function(f"() => {chart}.getOption().series[0].data.length > {few}")
    page.wait_for_url("**open=*")
    more = page.evaluate(count)
    page.reload()
    page.wait_for_function(f"() => {chart}?.getOption()?.series?.[0]?.data.length === {more}")
    click(project)
    page.wait_for_function(f"() => {chart}.getOption().series[0].data.length === {few}")
    fits(desk)


def test_what_is_not_there_is_said_in_chinese_on_a_page(desk: Visit) -> None:
    for path in ("nothing", "jixiao/id/project/none", "project?iri=nothing"):
        page = desk.go(path)
        expect(page.locator("body")).to_contain_text(re.compile("没有|打不开"))
        assert page.locator("a[href='/']").count()
        desk.faults = [
            fault for fault in desk.faults if "404" not in fault
        ]  # which the console says of the page itself
    fits(desk)
