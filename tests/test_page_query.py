"""The SPARQL page: its key, its address, and terms that the ontology does not have."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from kg.knowledge import KnowledgeGraph
from kg.service.jobs import sparql_view

pytest.importorskip("playwright.sync_api", reason="playwright 没有安装")
from browsing import NEEDS_CHROMIUM, WIDTHS, Visit
from playwright.sync_api import expect

BUDGETS = "SELECT ?p ?b WHERE { ?p a jx:Project ; jx:budget ?b } ORDER BY ?b LIMIT 7"


@pytest.mark.parametrize("visit", WIDTHS, indirect=True)
@NEEDS_CHROMIUM
def test_a_query_runs_by_key_and_stands_in_the_address(visit: Visit) -> None:
    page = visit.go("query")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(BUDGETS)
    page.keyboard.press("Control+Enter")
    expect(page.locator("table.kg tbody tr")).to_have_count(7)
    assert parse_qs(urlsplit(page.url).query) == {"query": [BUDGETS]}  # the key adds no line
    page.get_by_role("tab", name="图表").click()
    expect(page.locator(".nicegui-echart canvas")).to_be_visible()
    page.wait_for_url("**tab=chart")
    page.reload()
    expect(page.locator(".nicegui-echart canvas")).to_be_visible()
    visit.end("query-shared")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(BUDGETS.replace("7", "3"))
    page.keyboard.press("Control+Enter")
    expect(page.locator("table.kg tbody tr")).to_have_count(3)
    page.go_back()
    expect(page.locator(".nicegui-echart canvas")).to_be_visible()
    expect(page.locator(".cm-content")).to_contain_text("LIMIT 7")
    visit.end()


@pytest.mark.parametrize("visit", WIDTHS[:1], indirect=True)
@NEEDS_CHROMIUM
def test_words_are_completed_errors_stand_at_their_line_and_a_query_can_be_stopped_and_kept(visit: Visit) -> None:
    page = visit.go("query")
    expect(page.locator(".kg-editor[data-completes]")).to_be_visible()
    editor = page.locator(".cm-content")

    def write(text: str) -> None:
        editor.click()
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(text)

    for typed, choice, put in (("jx:Proj", "jx:Project", "jx:Project"), ("预算", "预算数", "jx:budget"),
                               ("中央直达", "中央直达资金", "<https://w3id.org/jixiao/fund/central-direct>")):  # fmt: skip
        write("ASK { ?x ?y ")
        page.keyboard.type(typed)
        label = page.locator(".cm-completionLabel", has_text=re.compile(f"^{choice}$"))
        offered = page.locator(".cm-tooltip-autocomplete li", has=label).first
        expect(offered).to_be_visible()
        offered.click()
        expect(editor).to_contain_text(put)

    write("SELECT ?p WHERE {\n  ?p a jx:Project ;\n  ?x }")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("第 3 行")
    expect(page.locator(".cm-line.kg-fault")).to_contain_text("?x }")
    write("SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="停止").click()
    expect(page.get_by_role("alert")).to_contain_text("已停止")
    expect(page.locator(".cm-line.kg-fault")).to_have_count(0)

    write(BUDGETS)
    page.get_by_role("button", name="保存").click()
    page.get_by_label("名称").fill("七笔预算")
    page.keyboard.press("Enter")
    kept = page.locator(".kg-chip", has_text="七笔预算")
    page.wait_for_function("() => (localStorage.getItem('kg-queries') || '').includes('七笔预算')")  # before it is left
    page.goto(f"{visit.server.url}/query")
    kept.click()
    expect(page.locator("table.kg tbody tr")).to_have_count(7)
    visit.end()


@pytest.mark.parametrize("visit", WIDTHS[:1], indirect=True)
@NEEDS_CHROMIUM
def test_a_term_the_ontology_lacks_is_warned_of(visit: Visit) -> None:
    page = visit.go("query?query=SELECT * WHERE { ?p a jx:Projekt }")
    expect(page.get_by_role("alert")).to_contain_text("本体里没有 jx:Projekt；是不是 jx:Project？")
    expect(page.locator(".kg-main")).not_to_contain_text("查询是对的")
    visit.end("unknown-term")


@pytest.mark.parametrize(
    ("query", "unknown"),
    [
        ("ASK { ?p a jx:Project ; jx:budget ?b }", []),
        ("ASK { ?p a jx:Projekt ; jx:budgett ?b ; jx:budget ?c }", ["jx:Projekt", "jx:budgett"]),
        ("ASK { ?p a <https://w3id.org/jixiao/ontology#Projekt> }", ["jx:Projekt"]),
        ('ASK { ?p rdfs:label "jx:Projekt" } # jx:Nothing', []),
        ("PREFIX jx: <https://example.org/> ASK { ?p a jx:Projekt }", []),
    ],
)
def test_terms_the_ontology_lacks(sample: KnowledgeGraph, query: str, unknown: list[str]) -> None:
    assert [term["name"] for term in sparql_view(sample, query, 1)["unknown"]] == unknown
