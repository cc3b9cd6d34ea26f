"""Grids → records: columns and labels known by meaning, amounts, goals, years, inferred units."""

from __future__ import annotations

from decimal import Decimal

import pytest
from command import SAMPLE
from layout import HEADER, ROWS, graph_of, record, table, value_row

from kg.graph import measures
from kg.knowledge import KnowledgeGraph
from kg.readers import ReadError, read
from kg.tables import ProjectRecord, read_document
from kg.tables.recognise import money, split_goals


def project(text: str) -> ProjectRecord:
    (only,) = record(text).projects
    return only


@pytest.mark.parametrize(
    ("text", "unit", "yuan"),
    [
        ("3540.00", "万元", "35400000"),
        ("0.12", "万元", "1200"),
        ("97.51", "万元", "975100"),
        ("3,540.00", "万元", "35400000"),
        ("100", "元", "100"),
        ("100", "", "100"),
        ("100万元", "元", "1000000"),
        ("1.5亿元", "万元", "150000000"),
        ("１２．５", "万元", "125000"),
        ("-3.5", "万元", "-35000"),
        ("", "万元", None),
        ("另行核定", "万元", None),
        ("1.2.3", "万元", None),
    ],
)
def test_amounts_are_exact_yuan(text: str, unit: str, yuan: str | None) -> None:
    assert money(text, unit) == (None if yuan is None else Decimal(yuan))


@pytest.mark.parametrize(
    ("text", "goals"),
    [
        ("1.开展培训。\n2.发放补贴。", ["开展培训。", "发放补贴。"]),
        ("1、开展培训\n续行\n2、发放补贴", ["开展培训续行", "发放补贴"]),
        ("一、开展培训\n二、发放补贴", ["开展培训", "发放补贴"]),
        ("目标1：开展培训\n目标2：发放补贴", ["开展培训", "发放补贴"]),
        ("开展培训，发放补贴。", ["开展培训，发放补贴。"]),
        ("3.5万人次受益", ["3.5万人次受益"]),
        ("", []),
    ],
)
def test_goals_are_split_by_their_numbers(text: str, goals: list[str]) -> None:
    assert split_goals(text) == goals


def test_columns_are_known_by_meaning_not_by_position() -> None:
    header = ("目标值", "指标解释", "指标名称", "二级指标", "一级 指标")
    rows = [tuple(reversed(row)) for row in ROWS]
    assert [
        (i.level1, i.level2, i.name, i.description, i.target.text)
        for i in project(table(rows=rows, header=header)).indicators  # type: ignore[arg-type]
    ] == [
        ("产出指标", "数量指标", "培训人数", "参加培训的人数", "≥200人"),
        ("产出指标", "时效指标", "培训完成时间", "培训完成时间", "年底前完成"),
        ("产出指标", "成本指标", "培训经费", "培训经费", "≤100万元"),
        ("效益指标", "社会效益指标", "就业能力", "就业能力", "不断提升"),
        ("满意度指标", "服务对象满意度指标", "参训人员满意度", "参训人员满意度", "≥90%"),
    ]


@pytest.mark.parametrize("heading", ["指标值", "指标值（单位：万元）", "年度指标值", "目标值", "指 标 值"])
def test_headings_differ_in_wording_blanks_and_brackets(heading: str) -> None:
    assert len(project(table(header=[*HEADER[:4], heading])).indicators) == len(ROWS)


@pytest.mark.parametrize(
    ("cell", "name", "code"),
    [
        ("353101天津市人力资源和社会保障局财务处", "天津市人力资源和社会保障局财务处", "353101"),
        ("天津市教育委员会", "天津市教育委员会", ""),
        ("２０１天津大学", "天津大学", "201"),
    ],
)
def test_the_department_and_its_code(cell: str, name: str, code: str) -> None:
    found = project(table(department=cell))
    assert (found.department, found.department_code) == (name, code)


def test_amounts_of_the_head_follow_the_declared_unit() -> None:
    found = project(table(budget="120.5", fiscal="100", other="20.5"))
    assert (found.budget, found.fiscal_funds, found.other_funds) == (1205000, 1000000, 205000)
    found = project(table(budget="120.5", fiscal="", unit="单位：元"))
    assert (found.budget, found.fiscal_funds, found.other_funds) == (Decimal("120.5"), None, None)


@pytest.mark.parametrize(
    ("preface", "name", "rows", "year"),
    [
        ("2024年部门预算", "绩效.txt", ROWS, 2024),
        ("", "绩效-2023.txt", ROWS, 2023),
        ("2024年部门预算", "绩效-2023.txt", ROWS, 2024),
        ("2023年决算与2024年预算", "绩效-2022.txt", ROWS, 2022),
        ("", "绩效.txt", [value_row("2024年6月底前"), value_row("2024年12月")], 2024),
        ("", "绩效.txt", [value_row("2024年6月底前"), value_row("2025年12月")], None),
        ("", "绩效-120250.txt", ROWS, None),
    ],
)  # fmt: skip
def test_the_fiscal_year_is_read_or_left_open(
    preface: str, name: str, rows: list[tuple[str, str, str, str, str]], year: int | None
) -> None:
    document = record((f"{preface}\n\n\n" if preface else "") + table(rows=rows), name)
    assert document.year == year
    assert any("没有写明年度" in w for w in document.warnings) == (year is None)


def test_a_given_year_overrides_what_the_file_says() -> None:
    document = record(table(), "绩效-2023.txt", year=2021)
    assert document.year == 2021
    (deadline,) = (i.target.deadline for i in document.projects[0].indicators if i.target.deadline)
    assert deadline.year == 2021


def test_a_table_with_two_projects_is_two_projects() -> None:
    first, second = table("甲"), table("乙", caption="")
    document = record(first.rstrip("\n") + "\n\n" + second.lstrip("\n"))
    assert [(p.table, p.name, len(p.indicators)) for p in document.projects] == [(1, "甲", 5), (2, "乙", 5)]


@pytest.mark.parametrize(
    ("header", "missing"), [(HEADER[:4], "指标值"), ((*HEADER[:2], "说明", *HEADER[3:]), "三级指标")]
)
def test_a_missing_column_is_named_with_its_table(header: tuple[str, ...], missing: str) -> None:
    rows = [row[: len(header)] for row in ROWS]
    text = table("甲") + table("乙项目", rows=rows, header=header, number=2)  # type: ignore[arg-type]
    with pytest.raises(ReadError) as caught:
        record(text, "某文件.txt")
    for words in ("某文件.txt", "2.乙项目绩效目标表", "乙项目", missing):
        assert words in str(caught.value)


def cost(*values: str) -> list[tuple[str, str, str, str, str]]:
    return [("产出指标", "成本指标", f"成本{n}", f"成本{n}", value) for n, value in enumerate(values)]


@pytest.mark.parametrize(
    ("rows", "budget", "unit", "inferred"),
    [
        (cost("≤60", "≤40"), "100.00", "单位：万元", ["万元", "万元"]),
        (cost("≤60", "≤40万元"), "100.00", "单位：万元", ["万元", ""]),
        (cost("≤60", "≤40万"), "100.00", "单位：万元", ["万元", ""]),
        (cost("≤60", "≤30"), "100.00", "单位：万元", ["", ""]),
        (cost("≤60", "≤40"), "100.00", "单位：元", ["", ""]),
        (cost("≤60", "≤40"), "", "单位：万元", ["", ""]),
        ([*cost("≤60"), value_row("≤40")], "100.00", "单位：万元", ["", ""]),
    ],
    ids=[
        "all bare",
        "beside 万元",
        "beside 万",
        "not the budget",
        "not in 万元",
        "no budget",
        "not all cost",
    ],
)
def test_万元_is_inferred_only_where_the_costs_are_the_budget(
    rows: list[tuple[str, str, str, str, str]], budget: str, unit: str, inferred: list[str]
) -> None:
    found = project(table(rows=rows, budget=budget, unit=unit))
    assert [i.unit_inferred for i in found.indicators] == inferred
    assert all(i.target.unit in ("", "万", "万元") for i in found.indicators)  # what is written stays


def test_the_sample_has_one_inferred_pair(sample: KnowledgeGraph) -> None:
    marked = {
        (p.table, i.target.text, i.unit_inferred)
        for p in read_document(read(SAMPLE)).projects
        for i in p.indicators
        if i.unit_inferred
    }
    assert marked == {(6, "≤2900", "万元"), (6, "≤350", "万元")}
    rows = sample.store.select(
        """SELECT ?text ?value ?unit ?inferred ?written WHERE { ?t jx:text ?text ; qudt:value ?value
             FILTER(?text IN ("≤2900", "≥3016"))
             OPTIONAL { ?t qudt:hasUnit ?unit } OPTIONAL { ?t jx:unitInferred ?inferred }
             OPTIONAL { ?t jx:writtenUnit ?written } } ORDER BY ?text"""
    )
    assert [(r["text"], r["value"], r["inferred"], r["written"]) for r in rows] == [
        ("≤2900", 29000000, True, None),
        ("≥3016", 3016, None, None),
    ]
    assert rows[0]["unit"].endswith("/yuan")
    assert rows[1]["unit"] is None


def test_a_table_without_indicator_rows_is_warned_of() -> None:
    document = record(table(rows=[]) + table("乙", number=2))
    assert any("第 1 个表" in w and "没有指标行" in w for w in document.warnings)
    assert not any("第 2 个表" in w for w in document.warnings)


def test_an_indicator_without_a_value_is_no_row() -> None:
    rows = [*ROWS[:2], ("", "数量指标", "未定", "未定", ""), *ROWS[2:]]
    found = project(table(rows=rows))
    assert [i.row for i in found.indicators] == [1, 2, 3, 4, 5]
    assert "未定" not in [i.name for i in found.indicators]


def test_the_measure_of_a_generic_name_is_its_description() -> None:
    rows = [("产出指标", "成本指标", "其他", "设备购置成本", "≤1万元"), value_row("1个")]
    found = measures.items(graph_of(table(rows=rows)))
    assert [(i.name, i.measured) for i in found] == [("其他", "设备购置成本"), ("某项指标", "某项指标")]
