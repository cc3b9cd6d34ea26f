"""The workbooks that people open: headings in Chinese, every amount once, tables by name, text that stays text."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from command import Run, one_error
from conftest import FakeEncoder
from layout import table, value_row
from openpyxl import Workbook, load_workbook
from test_forms import FILES

import kg
from kg.graph import export
from kg.service import jobs
from kg.spreadsheet import Column, Sheet, save
from kg.workbook import workbook

SHEETS = ["项目", "指标", "资金", "完成情况", "问题", "重复", "说明"]


def lines(book: Workbook, title: str) -> list[dict[str, Any]]:
    head, *body = book[title].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in body]


def opened(data: bytes) -> Workbook:
    return load_workbook(io.BytesIO(data))


@pytest.fixture(scope="module")
def book(kg_run: Run, sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    """The sample as ``kg export --format xlsx`` writes it."""
    file = tmp_path_factory.mktemp("book") / "out.xlsx"
    done = kg_run("export", "--format", "xlsx", "-o", file, "--data", sample_data)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"已写入 {file}\n")
    return load_workbook(file)


def test_sheets_are_frozen_tables_with_names_and_widths(book: Workbook) -> None:
    assert book.sheetnames == SHEETS
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        heads = [cell.value for cell in sheet[1]]
        assert not any(str(head).isascii() for head in heads)
        if sheet.max_row > 1:
            (made,) = sheet.tables.values()
            assert (made.displayName, made.ref, made.autoFilter.ref) == (
                f"表_{sheet.title}",
                sheet.dimensions,
                made.ref,
            )
            assert [column.name for column in made.tableColumns] == heads
        assert all(
            10 <= sheet.column_dimensions[cell.column_letter].width <= 48
            for cell in sheet[1]
            if len(str(cell.value)) > 2
        )
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_the_sum_of_the_budget_column_is_what_ask_says(book: Workbook, kg_run: Run, sample_data: Path) -> None:
    projects = lines(book, "项目")
    total = sum(Decimal(str(p["预算（万元）"])) for p in projects)
    questions = "23个项目的预算总额是多少万元\n人才专项经费的预算是多少\n一共有多少个指标"
    said = [
        json.loads(line) for line in kg_run("ask", "--json", "--data", sample_data, stdin=questions).stdout.splitlines()
    ]
    budget, one, count = (Decimal(str(answer["answers"][0]["number"])) for answer in said)
    assert (len(projects), total) == (23, budget)
    assert [p["预算（万元）"] for p in projects if p["项目"] == "人才专项经费"] == [one]
    assert len(lines(book, "指标")) == sum(p["指标数"] for p in projects) == count == 368
    assert not any("预算" in head or "资金（" in head for head in lines(book, "指标")[0])
    assert sum(Decimal(str(f["金额（万元）"])) for f in lines(book, "资金")) == total
    notes = {line["事项"]: line["内容"] for line in lines(book, "说明")}
    assert Decimal(notes["2025年预算合计（万元）"]) == total
    assert (notes["年度"], notes["部门"]) == ("全部", "全部")
    assert "611ad3423c5f" in notes["文件：tianjin-hrss-2025.txt"]


def test_a_row_of_the_sample(book: Workbook) -> None:
    first, project = lines(book, "指标")[0], lines(book, "项目")[0]
    shown = ("项目序号", "年度", "项目", "三级指标", "指标值", "符号", "数值", "单位", "表", "行", "出处")
    assert [first[head] for head in shown] == [
        1, 2025, "局机关信息系统运维费", "运维信息化系统数量", "≥10套", "≥", 10, "套", 1, 1, "第34行文字",
    ]  # fmt: skip
    assert [project[head] for head in ("序号", "项目", "资金来源", "文件")] == [
        1, "局机关信息系统运维费", "财政资金", "tianjin-hrss-2025.txt",
    ]  # fmt: skip
    cells = dict(zip((c.value for c in book["项目"][1]), book["项目"][2], strict=True))
    assert cells["预算（万元）"].number_format == "#,##0.00##"
    deadline = next(c for (c,) in book["指标"].iter_rows(min_row=2, min_col=14, max_col=14) if c.value)
    assert (deadline.is_date, deadline.number_format) == (True, "yyyy-mm-dd")


def built(tmp_path: Path, files: dict[str, bytes]) -> kg.KnowledgeGraph:
    (tmp_path / "in").mkdir()
    for name, data in files.items():
        (tmp_path / "in" / name).write_bytes(data)
    assert kg.build(tmp_path / "data", [tmp_path / "in"]).failures == []
    return kg.open(tmp_path / "data")


@pytest.fixture
def forms(tmp_path: Path, fake_encoder: FakeEncoder) -> Iterator[kg.KnowledgeGraph]:
    with built(tmp_path, FILES) as graph:
        yield graph


def test_a_project_of_two_forms_stands_once_with_what_was_reached(forms: kg.KnowledgeGraph) -> None:
    made = opened(workbook(forms))
    (project,) = lines(made, "项目")
    assert [project[h] for h in ("预算（万元）", "执行数（万元）", "执行率（%）", "指标数", "表的种类")] == [
        180, 171, 95, 2, "绩效目标表、自评表",
    ]  # fmt: skip
    reached = {r["三级指标"]: r for r in lines(made, "完成情况")}
    heads = ("项目序号", "指标值", "实际完成值", "完成结果", "分值", "得分", "偏差原因")
    assert [reached["增雨作业次数"][h] for h in heads] == [1, "≥24次", "19次", "未完成目标", 50, 40, "天气不利"]
    assert sum(f["金额（万元）"] or 0 for f in lines(made, "资金")) == 180


def test_a_year_and_a_department_alone(tmp_path: Path, fake_encoder: FakeEncoder) -> None:
    documents = {
        f"{name}-{year}.txt": table(department=f"甲市{name}局", budget=budget, rows=[value_row("合理")]).encode()
        for name, year, budget in (("教育", 2024, "10.5"), ("教育", 2025, "20.25"), ("农业", 2025, "40.125"))
    }
    with built(tmp_path, documents) as graph:
        for chosen, budgets in (
            ({}, [40.125, 10.5, 20.25]),
            ({"years": [2025]}, [40.125, 20.25]),
            ({"departments": ["教育局"]}, [10.5, 20.25]),
            ({"years": [2025], "departments": ["农业局"]}, [40.125]),
        ):
            made = opened(workbook(graph, export.choice(graph.store, **chosen)))
            assert [p["预算（万元）"] for p in lines(made, "项目")] == budgets, chosen
            assert len(lines(made, "指标")) == len(budgets)
            assert {f["文件"] for f in lines(made, "问题")} <= {p["文件"] for p in lines(made, "项目")}
        notes = {line["事项"]: line["内容"] for line in lines(made, "说明")}
        assert (notes["年度"], notes["部门"], notes["2025年预算合计（万元）"]) == ("2025", "甲市农业局", "40.125")


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path, fake_encoder: FakeEncoder) -> None:
    with built(tmp_path, {"a-2025.txt": table("=1+1", rows=[value_row("=SUM(A1)")]).encode()}) as graph:
        made = opened(workbook(graph))
    for sheet, head in (("项目", "项目"), ("指标", "指标值")):
        place = [cell.value for cell in made[sheet][1]].index(head)
        cell = made[sheet][2][place]
        assert (cell.value[0], cell.data_type) == ("=", "s")


def test_numbers_that_a_spreadsheet_would_round_stay_as_written() -> None:
    rows = [[Decimal("0.1")], [Decimal("123456789012345678.25")], [Decimal("1e15")], ["约三成"], [None], [10**14]]
    sheet = opened(save([Sheet("数", [Column("数值", "number")], rows)]))["数"]
    assert [c.value for (c,) in sheet.iter_rows(min_row=2)] == [
        0.1, "123456789012345678.25", 10**15, "约三成", None, 10**14,
    ]  # fmt: skip


@pytest.mark.parametrize("title", ["预算[合计]*?/", "'", "", "很长的问题" * 20, "历史记录"])
def test_any_heads_and_title_make_a_table_that_opens(title: str) -> None:
    heads = ["名称", "名称", "", "a\nb", "A B", "=1"]
    _, data = jobs.sheet(None, heads, [["甲", "=乙", 1, 2.5, None, "\x01"]], "xlsx", title)  # type: ignore[arg-type]
    (sheet,) = opened(data).worksheets
    shown = [cell.value for cell in sheet[1]]
    (made,) = sheet.tables.values()
    assert shown == [column.name for column in made.tableColumns] == ["名称", "名称 2", "列3", "a b", "A B 2", "=1"]
    assert [(c.value, c.data_type) for c in sheet[2]][:3] == [("甲", "s"), ("=乙", "s"), (1, "n")]


def test_what_is_not_loaded_is_said_and_nothing_is_written(kg_run: Run, sample_data: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.xlsx"
    to = ("-o", file, "--data", sample_data)
    one_error(kg_run("export", "--format", "xlsx", "--year", "2019", *to), "没有2019年的表", "2025")
    one_error(kg_run("export", "--format", "nquads", "--year", "2025", *to), "csv 或 xlsx")
    assert not file.exists()
