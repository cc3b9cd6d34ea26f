"""Where a cell stands, as one finds it when the file is opened: sheet and cell, page, table and row, line."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import offices
import openpyxl
import pytest
from command import ROOT
from offices import C
from test_bureaus import store_of

import kg
from kg.graph.store import Store
from kg.service.sheets import grid, original

HEAD = [
    [C("项目名称"), C("人工影响天气", colspan=3)],
    [C("主管部门"), C("临川市气象局"), C("实施单位"), C("临川市气象局")],
    [C("年度资金总额（万元）"), C("180.00", colspan=3)],
]
LIST = [
    [C("一级指标"), C("二级指标"), C("三级指标"), C("指标值")],
    [C("产出指标", rowspan=2), C("数量指标"), C("增雨作业次数"), C("≥24次")],
    [C("质量指标"), C("作业有效率"), C("≥90%")],
]
PAGE = [("2024年度项目支出绩效目标表", [*HEAD, *LIST])]


def sheet() -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "第2页"
    page.append(["2024年度项目支出绩效目标表"])
    page.append([])
    page.append(["项目名称", "人工影响天气"])
    page.append(["主管部门", "临川市气象局"])
    page.append(["年度资金总额（万元）", 180])
    page.append(["一级指标", "二级指标", "三级指标", "指标值"])
    page.append(["产出指标", "数量指标", "增雨作业次数", "≥24次"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


LINES = "项目名称\t人工影响天气\n主管部门\t临川市气象局\n年度资金总额（万元）\t180.00\n一级指标\t二级指标\t三级指标\t指标值\n产出指标\t数量指标\t增雨作业次数\t≥24次\n"
ROWS = "年度,部门,项目名称,预算数(万元),一级指标,二级指标,三级指标,指标值\n2024,临川市气象局,人工影响天气,180.00,产出指标,数量指标,增雨作业次数,≥24次\n"
FILES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "docx": ("表.docx", lambda: offices.docx(PAGE), "第1个表 第5行"),
    "html": ("表.html", lambda: offices.web(PAGE), "第1个表 第5行"),
    "xlsx": ("表.xlsx", sheet, "工作表“第2页” D7"),
    "txt": ("表.txt", LINES.encode, "第5行文字"),
    "csv": ("表.csv", ROWS.encode, "第2行文字"),
}


def place_of(store: Store, text: str) -> str:
    (row,) = store.select(f'SELECT DISTINCT ?place {{ ?c jx:cellText "{text}" ; jx:place ?place }}')
    return str(row["place"])


@pytest.mark.parametrize("kind", FILES)
def test_the_place_of_a_value(kind: str) -> None:
    name, made, place = FILES[kind]
    assert place_of(store_of((name, made())), "≥24次") == place


def test_the_place_in_a_sheet_holds_the_value_when_the_file_is_opened() -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheet()))
    _, name, _, cell = (
        place_of(store_of(("表.xlsx", sheet())), "≥24次")
        .replace("“", "|")
        .replace("”", "|")
        .replace(" ", "|")
        .split("|")
    )
    assert book[name][cell].value == "≥24次"


def test_the_line_holds_the_value_when_the_file_is_opened() -> None:
    path = ROOT / "tests" / "data" / "bureaus" / "林业局2024年绩效目标.txt"
    store = store_of((path.name, path.read_bytes()))
    lines = path.read_text("utf-8").splitlines()
    rows = store.select("SELECT ?text ?line { ?c jx:field 'value' ; jx:cellText ?text ; jx:line ?line }")
    assert len(rows) == 12
    assert all(row["text"] in lines[row["line"] - 1] for row in rows)


def test_a_page_of_a_pdf_with_its_table_and_row() -> None:
    store = store_of(("表.pdf", offices.pdf([*PAGE, ("", [[C("别的")], [C("表")]])])))
    assert place_of(store, "≥24次") == "第1页 第1个表 第5行"


def test_the_source_table_has_its_own_headings_and_numbers_and_the_file_is_the_original(tmp_path: Path) -> None:
    data = sheet()
    (tmp_path / "表.xlsx").write_bytes(data)
    kg.build(tmp_path / "data", [tmp_path / "表.xlsx"])
    with kg.open(tmp_path / "data") as graph:
        (part,) = grid(graph, "表.xlsx", 1)
        assert original(graph, "表.xlsx") == data
    assert part["sheet"] == "第2页"
    assert part["columns"] == ["A", "B", "C", "D"]
    assert [row["number"] for row in part["rows"]] == ["1", "2", "3", "4", "5", "6", "7"]
    assert [cell["text"] for cell in part["rows"][5]["cells"]] == ["一级指标", "二级指标", "三级指标", "指标值"]
    assert part["rows"][6]["cells"][3] == {"text": "≥24次", "colspan": 1, "rowspan": 1, "row": 1, "field": "value"}


def test_the_source_table_is_drawn_as_it_stands_and_the_cited_cell_is_marked() -> None:
    from kg.service.pages.components import grid_html

    cell = {"text": "≥24次", "colspan": 1, "rowspan": 2, "row": 1, "field": "value"}
    part = {"caption": "", "sheet": "第2页", "columns": ["A"], "rows": [{"number": "7", "cells": [cell]}]}
    drawn = str(grid_html([part], {"row": 1, "field": "value"}))
    assert "<th>A</th>" in drawn
    assert '<th>7</th><td rowspan="2" class="hit">≥24次</td>' in drawn
    assert 'class="hit"' not in str(grid_html([part], {"row": 1, "field": "name"}))
