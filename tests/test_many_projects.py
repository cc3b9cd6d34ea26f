"""Sheets of many projects: stair-step trees, headers of two rows, headers printed again, sheets that go on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from layouts import Box, grid, source

from kg.readers import Grid
from kg.tables import DocumentRecord, read_document

TITLE = "2025年项目支出绩效目标表"
LEVELS = ["一级指标", "二级指标", "三级指标"]
VALUES = ["指标性质", "指标值", "度量单位"]
KNOWN = [
    ("甲培训项目", "10.00", "数量指标", "培训人数", "≥300人"),
    ("甲培训项目", "10.00", "数量指标", "培训班次", "≥5期"),
    ("甲培训项目", "10.00", "满意度指标", "学员满意度", "≥95%"),
    ("乙修缮项目", "20.00", "质量指标", "验收合格率", "=100%"),
    ("乙修缮项目", "20.00", "社会效益指标", "办公条件", "明显改善"),
]


def said(document: DocumentRecord) -> list[tuple[Any, ...]]:
    return [
        (p.name, str((p.budget or 0) / 10_000), i.level2, i.name, i.target.text)
        for p in document.projects
        for i in p.indicators
    ]


def read(rows: list[list[Box]], *more: list[list[Box]]) -> DocumentRecord:
    return read_document(source([grid(rows), *(grid(m) for m in more)], preface="", name="附件.xlsx"))


def stairs(header: list[str], rows: list[tuple[int, list[str]]], above: list[list[Box]] | None = None) -> Grid:
    """A sheet whose rows begin in some column each: (column, words)."""
    width = len(header)
    body = [[""] * at + words + [""] * (width - at - len(words)) for at, words in rows]
    return grid([*(above or [[(TITLE, width)], [("部门：某某厅", width - 1), "单位：万元"]]), list(header), *body])


UNIT_AND_PROJECT = (
    ["单位名称、项目名称", "年度绩效目标", "2025年预算安排", *LEVELS, *VALUES],
    [
        (0, [str(n) for n in range(1, 10)]),
        (0, ["某某厅", "", "30.00"]),
        (0, ["某某厅机关", "", "30.00"]),
        (0, ["甲培训项目", "培训", "10.00"]),
        (3, ["产出指标"]),
        (4, ["数量指标"]),
        (5, ["培训人数", "≥", "300", "人"]),
        (5, ["培训班次", "≥", "5", "期"]),
        (3, ["满意度指标"]),
        (4, ["满意度指标"]),
        (5, ["学员满意度", "≥", "95", "%"]),
        (0, ["乙修缮项目", "修缮", "20.00"]),
        (3, ["产出指标"]),
        (4, ["质量指标"]),
        (5, ["验收合格率", "=", "100", "%"]),
        (3, ["效益指标"]),
        (4, ["社会效益指标"]),
        (5, ["办公条件", "定性", "明显改善"]),
    ],
)
LEVEL1_APART = (  # level 2 stands beside the indicator; code and project in one cell
    ["项目编码及名称", "资金总额", *LEVELS, "指标值"],
    [
        (0, ["530000210000000012345-甲培训项目", "10.00"]),
        (2, ["产出指标"]),
        (3, ["数量指标", "培训人数", "≥300人"]),
        (4, ["培训班次", "≥5期"]),
        (2, ["满意度指标"]),
        (3, ["满意度指标", "学员满意度", "≥95%"]),
        (0, ["530000210000000012346-乙修缮项目", "20.00"]),
        (2, ["产出指标"]),
        (3, ["质量指标", "验收合格率", "=100%"]),
        (2, ["效益指标"]),
        (3, ["社会效益指标", "办公条件", "明显改善"]),
    ],
)
ONE_COLUMN = (  # all levels in the column of the names
    ["预算单位", "项目名称", "预算金额", "绩效指标", "指标值"],
    [
        (0, ["某某厅机关", "", "30.00"]),
        (1, ["甲培训项目", "10.00"]),
        (3, ["产出指标"]),
        (3, ["数量指标"]),
        (3, ["培训人数", "≥300人"]),
        (3, ["培训班次", "≥5期"]),
        (3, ["满意度指标"]),
        (3, ["满意度指标"]),
        (3, ["学员满意度", "≥95%"]),
        (1, ["乙修缮项目", "20.00"]),
        (3, ["产出指标"]),
        (3, ["质量指标"]),
        (3, ["验收合格率", "=100%"]),
        (3, ["效益指标"]),
        (3, ["社会效益指标"]),
        (3, ["办公条件", "明显改善"]),
    ],
)
ON_THE_PROJECTS_ROW = (  # the first level and the first indicator stand on the project's row
    ["单位/项目名称", "本年度预算金额", *LEVELS, *VALUES],
    [
        (0, ["001 某某厅", "30.00"]),
        (0, ["001001 某某厅机关", "30.00"]),
        (0, ["甲培训项目", "10.00", "产出指标", "数量指标", "培训人数", "≥", "300", "人"]),
        (4, ["培训班次", "≥", "5", "期"]),
        (2, ["满意度指标", "满意度指标", "学员满意度", "≥", "95", "%"]),
        (0, ["乙修缮项目", "20.00", "产出指标", "质量指标", "验收合格率", "=", "100", "%"]),
        (2, ["效益指标", "社会效益指标", "办公条件", "定性", "明显改善"]),
    ],
)


@pytest.mark.parametrize("layout", [UNIT_AND_PROJECT, LEVEL1_APART, ONE_COLUMN, ON_THE_PROJECTS_ROW])
def test_stairs_of_units_projects_and_levels(layout: tuple[list[str], list[tuple[int, list[str]]]]) -> None:
    document = read_document(source([stairs(*layout)], preface="", name="附件.xlsx"))
    assert said(document) == KNOWN
    assert not document.flags
    assert {p.department for p in document.projects} == {"某某厅"}
    if "单位" in layout[0][0]:
        assert {p.implementer for p in document.projects} == {"某某厅机关"}


PLAIN: list[list[Box]] = [
    ["甲培训项目", "10.00", "产出指标", "数量指标", "培训人数", "≥300人"],
    ["", "", "", "", "培训班次", "≥5期"],
    ["", "", "满意度指标", "满意度指标", "学员满意度", "≥95%"],
    ["乙修缮项目", "20.00", "产出指标", "质量指标", "验收合格率", "=100%"],
    ["", "", "效益指标", "社会效益指标", "办公条件", "明显改善"],
]
COLUMNS: list[Box] = ["项目名称", "预算数（万元）", *LEVELS, "指标值"]
HEAD: list[list[Box]] = [[(TITLE, 6)], [("部门：某某厅", 4), "单位：", "万元"], COLUMNS]


@pytest.mark.parametrize("cut", [1, 2, 3, 4])
@pytest.mark.parametrize(
    "again",
    [
        pytest.param([COLUMNS], id="header"),
        pytest.param(HEAD, id="title, unit and header"),
        pytest.param([[(f"{TITLE}（续）", 6)], *HEAD[1:]], id="continued"),
        pytest.param([[*COLUMNS], ["1", "2", "3", "4", "5", "6"]], id="header and numbers"),
    ],
)
def test_a_header_printed_again_changes_nothing(cut: int, again: list[list[Box]]) -> None:
    one_sheet = read([*HEAD, *PLAIN[:cut], *again, *PLAIN[cut:]])
    assert said(one_sheet) == KNOWN
    assert not one_sheet.flags
    two_sheets = read([*HEAD, *PLAIN[:cut]], [*again, *PLAIN[cut:]])
    assert said(two_sheets) == KNOWN
    assert not two_sheets.flags


def test_a_sheet_that_says_another_department_does_not_go_on() -> None:
    other: list[list[Box]] = [[(TITLE, 6)], [("部门：另一局", 4), "单位：", "万元"], COLUMNS]
    document = read([*HEAD, *PLAIN[:3]], [*other, ["", "", "产出指标", "数量指标", "检查次数", "≥5次"]])
    assert said(document) == KNOWN[:3]
    assert [f.code for f in document.flags] == ["project-missing"]


TWO_ROWS: dict[str, tuple[list[list[Box]], Any]] = {
    "amounts under one parent": (
        [
            [("单位名称", 1, 2), ("项目名称", 1, 2), ("资金总额（万元）", 3), ("绩效指标", 4)],
            ["合计", "其中：财政拨款", "其他资金", *LEVELS, "指标值"],
        ],
        lambda amount: [amount, "8.00", "2.00"],
    ),
    "金额 under 预算": (
        [
            [("单位名称", 1, 2), ("项目名称", 1, 2), ("2025年预算（万元）", 2), ("绩效指标", 4)],
            ["金额", "其中：一般公共预算", *LEVELS, "指标值"],
        ],
        lambda amount: [amount, "8.00"],
    ),
    "two years": (
        [
            [("单位名称", 1, 2), ("项目名称", 1, 2), ("2024年", 1), ("2025年", 1), ("绩效指标", 4)],
            ["预算数（万元）", "预算数（万元）", *LEVELS, "指标值"],
        ],
        lambda amount: ["7.00", amount],
    ),
    "parts first": (
        [
            [("单位名称", 1, 2), ("项目名称", 1, 2), ("本年度预算安排（万元）", 3), ("绩效指标", 4)],
            ["省级资金", "市县资金", "小计", *LEVELS, "指标值"],
        ],
        lambda amount: ["3.00", f"{float(amount or 3) - 3:.2f}", amount],
    ),
}


@pytest.mark.parametrize("name", TWO_ROWS)
def test_amounts_below_a_merged_heading(name: str) -> None:
    header, amounts = TWO_ROWS[name]
    width = len(amounts("")) + 6
    blank = [""] * len(amounts(""))
    body: list[list[Box]] = [
        ["某某厅", row[0], *amounts(str(row[1])), *row[2:]] if row[0] else ["", "", *blank, *row[2:]] for row in PLAIN
    ]
    rows = [[(TITLE, width)], *header, *body]
    document = read(rows)
    assert said(document) == KNOWN
    if name == "parts first":  # each is a source's money, and together they are the whole
        assert [p.fiscal_funds for p in document.projects] == [p.budget for p in document.projects]
    else:
        assert {p.fiscal_funds for p in document.projects} <= {None, Decimal(80_000)}
    assert document.year == 2025


def test_a_heading_over_levels_and_names_is_parted() -> None:
    document = read(
        [
            [(TITLE, 6)],
            ["项目名称", "预算数（万元）", ("绩效指标", 3), "指标值"],
            *PLAIN,
        ]
    )
    assert said(document) == KNOWN


def test_several_projects_stand_below_one_header() -> None:
    rows = [["产出指标", "数量指标", "人数", "≥5人"], ["", "质量指标", "合格率", "≥90%"]]
    first, second = (["项目名称：甲", "", "", ""], ["年度资金总额：10", "", "", ""]), (["项目名称：乙", "", "", ""],)
    document = read([[(TITLE, 4)], ["单位：万元", "", "", ""], [*LEVELS, "指标值"], *first, *rows, *second, *rows])
    assert [(p.name, p.budget, [i.level2 for i in p.indicators]) for p in document.projects] == [
        ("甲", Decimal(100_000), ["数量指标", "质量指标"]),
        ("乙", None, ["数量指标", "质量指标"]),
    ]


def test_lists_of_units_down_one_sheet_share_the_money_unit() -> None:
    lists = [[[(unit, 6)], COLUMNS, *rows] for unit, rows in (("某某厅机关", PLAIN[:3]), ("某某厅中心", PLAIN[3:]))]
    document = read([[(TITLE, 6)], [("单位：万元", 6)], *(row for part in lists for row in part)])
    assert said(document) == KNOWN
    assert [p.department for p in document.projects] == ["某某厅机关", "某某厅中心"]


@pytest.mark.parametrize("year", ["2025", ""])
def test_of_amounts_under_years_the_fiscal_years_counts(year: str) -> None:
    rows: list[list[Box]] = [
        ["项目名称及编码", ("甲项目（450100250001）", 3)],
        [("资金情况（万元）", 1, 2), "", "2024年", "2025年"],
        ["资金总额", "7", "10"],
        [*LEVELS, "指标值"],
        ["产出指标", "数量指标", "人数", "≥5人"],
    ]
    document = read_document(source([grid(rows)], preface="", name=f"{year}绩效目标表.xlsx"))
    (project,) = document.projects
    assert (project.name, project.code) == ("甲项目", "450100250001")
    assert project.budget == (Decimal(100_000) if year else None)


SOURCES = ["中央补助", "市级", "县区配套", "自筹"]
SHARES = ["10.00", "6.00", "", "4.00"]


@pytest.mark.parametrize("group", ["资金来源（万元）", "2025年预算（万元）"])
@pytest.mark.parametrize("repeated", [False, True])
def test_a_column_for_each_source_is_a_funding_with_its_cell(group: str, *, repeated: bool) -> None:
    first: list[Box] = [("项目名称", 1, 2), (group, 5), *((h, 1, 2) for h in [*LEVELS[1:], "指标值"])]
    rows = [
        ["甲培训项目", "20.00", *SHARES, "数量指标", "培训人数", "≥300人"],
        [*(["甲培训项目", "20.00", *SHARES] if repeated else [""] * 6), "质量指标", "培训合格率", "≥95%"],
        ["乙修缮项目", "30.00", "30.00", "", "", "", "质量指标", "验收合格率", "=100%"],
    ]
    document = read([[(TITLE, 9)], first, ["合计", *SOURCES], *rows])
    assert [p.name for p in document.projects] == ["甲培训项目", "乙修缮项目"]
    found = [[(f.source, f.amount, f.kind, f.quote.text) for f in p.fundings] for p in document.projects]
    assert found == [
        [
            ("中央补助", Decimal(100_000), "fiscal_funds", "10.00"),
            ("市级", Decimal(60_000), "fiscal_funds", "6.00"),
            ("自筹", Decimal(40_000), "other_funds", "4.00"),
        ],
        [("中央补助", Decimal(300_000), "fiscal_funds", "30.00")],
    ]
    assert [p.budget for p in document.projects] == [Decimal(200_000), Decimal(300_000)]
    assert [p.fiscal_funds for p in document.projects] == [Decimal(160_000), Decimal(300_000)]


def test_columns_of_sources_beside_the_budget_are_fundings_without_a_group_above() -> None:
    head = ["项目名称", "预算数（万元）", "其中：省级补助（万元）", "市级资金（万元）", *LEVELS[1:], "指标值"]
    document = read([head, ["甲培训项目", "20.00", "12.00", "8.00", "数量指标", "培训人数", "≥300人"]])
    (project,) = document.projects
    assert [(f.source, f.amount) for f in project.fundings] == [("省级补助", 120_000), ("市级资金", 80_000)]


def test_a_column_of_a_level_that_is_no_money_is_no_funding() -> None:
    head = ["项目名称", *LEVELS[1:], "指标值", "市级"]
    document = read([head, ["甲培训项目", "数量指标", "培训人数", "≥300人", "12"]])
    assert document.projects[0].fundings == []
