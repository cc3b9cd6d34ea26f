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
    body: list[list[Box]] = [
        ["", *[""] * 0][:0] + [""] * at + words + [""] * (width - at - len(words)) for at, words in rows
    ]
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
