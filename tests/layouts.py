"""Tables as different offices lay them out, made from rows whose meaning is known.

A layout is a function from ``Case``s to a ``Source``; rows are written as in HTML: a cell is its text, or
(text, colspan) or (text, colspan, rowspan), and what a span covers is left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from command import TESTS

from kg.readers import Cell, Grid, Source
from kg.tables.values import parse_target

Box = str | tuple[str, int] | tuple[str, int, int]
OFFICE = "天津市人力资源和社会保障局"


@dataclass(frozen=True, slots=True)
class Item:
    """One indicator as it is known to be."""

    level1: str
    level2: str
    name: str
    description: str
    value: str

    @property
    def parts(self) -> tuple[str, str, str]:
        """Operator, number and unit in columns of their own; words are 定性."""
        target = parse_target(self.value)
        if target.number is None:
            return "定性", self.value, ""
        number = format(target.number, "f")
        return target.operator, number, target.unit


@dataclass(slots=True)
class Case:
    """One project."""

    name: str
    budget: float
    goals: list[str]
    items: list[Item] = field(default_factory=list)


def cases(*numbers: int) -> list[Case]:
    """Projects of the sample by table number."""
    out = []
    for number in numbers:
        rows = [r for r in _sample() if r["no"] == number]
        items = [
            Item(*(" ".join(r[k].split()) for k in ("level1", "level2", "name", "description", "value"))) for r in rows
        ]
        out.append(
            Case(rows[0]["project"], _budget(rows[0]["project"]), ["开展相关工作。", "提高资金使用效益。"], items)
        )
    return out


def _sample() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (TESTS / "data" / "tianjin-hrss-2025-indicators.jsonl").open(encoding="utf-8")]


def _budget(project: str) -> float:
    gold = (json.loads(line) for line in (TESTS / "data" / "tianjin-hrss-2025-gold.jsonl").open(encoding="utf-8"))
    return float(next(g["budget_wan"] for g in gold if g["project"] == project))


def grid(rows: Iterable[Iterable[Box]], caption: str = "", *, first: int = 1) -> Grid:
    """Rows of boxes at their true places, as the readers of docx, html and xlsx give them."""
    taken: set[tuple[int, int]] = set()
    out: list[list[Cell]] = []
    for r, row in enumerate(rows, 1):
        cells, c = [], first
        for box in row:
            text, colspan, rowspan = (box, 1, 1) if isinstance(box, str) else (*box, 1, 1)[:3]
            while (r, c) in taken:
                c += 1
            cells.append(Cell(text, r, c, 0, rowspan, colspan))
            taken |= {(r + i, c + j) for i in range(rowspan) for j in range(colspan)}
            c += colspan
        out.append(cells)
    return Grid(caption, "", out)


def source(grids: Iterable[Grid], preface: str = "2025年部门预算", name: str = "绩效目标表.docx") -> Source:
    return Source(name, "0" * 64, preface, list(grids))


def spans(items: list[Item]) -> list[list[Box]]:
    """Level cells merged over their rows, then the rest of the row open: one list a row."""
    rows: list[list[Box]] = []
    for one, group in groupby(items, key=lambda i: i.level1):
        inner = list(group)
        for number, (two, part) in enumerate(groupby(inner, key=lambda i: i.level2)):
            members = list(part)
            for k in range(len(members)):
                row: list[Box] = []
                if number == 0 and k == 0:
                    row.append((one, 1, len(inner)))
                if k == 0:
                    row.append((two, 1, len(members)))
                rows.append(row)
    return rows


def money(wan: float, *, yuan: bool = False) -> str:
    return f"{wan * 10_000:,.2f}" if yuan else f"{wan:.2f}"


def centred(labels: list[str]) -> list[str]:
    """Every run of one label printed on its middle row only."""
    out: list[str] = []
    for label, run in groupby(labels):
        size = len(list(run))
        out += [label if k == (size - 1) // 2 else "" for k in range(size)]
    return out


# ---------------------------------------------------------------- layouts, by who uses them


def ministry(found: list[Case]) -> Source:
    """中央部门：中期与年度并列，项目资金两栏，主管部门及代码。"""
    grids = []
    for case in found:
        n = len(case.items)
        head: list[list[Box]] = [
            [("项目名称", 2), (case.name, 6)],
            [("主管部门及代码", 2), (f"[353]{OFFICE}", 3), "实施单位", ("机关服务中心", 2)],
            [("项目属性", 2), ("新增项目", 3), "项目期", ("3年", 2)],
            [
                ("项目资金\n（万元）", 2, 3),
                "中期资金总额：",
                (money(case.budget * 3), 2),
                "年度资金总额：",
                (money(case.budget), 2),
            ],
            ["其中：财政拨款", (money(case.budget * 3), 2), "其中：财政拨款", (money(case.budget), 2)],
            ["其他资金", ("", 2), "其他资金", ("", 2)],
            [("总体目标", 1, 2), ("中期目标（2025年—2027年）", 4), ("年度目标", 3)],
            [("三年内全面完成。", 4), ("1.开展相关工作。\n2.提高资金使用效益。", 3)],
            [
                ("绩\n效\n指\n标", 1, n + 1),
                "一级指标",
                "二级指标",
                "三级指标",
                "指标值",
                "二级指标",
                "三级指标",
                "指标值",
            ],
        ]
        body = []
        for row, item in zip(spans(case.items), case.items, strict=True):
            two = [c for c in row if isinstance(c, tuple) and c[0] == item.level2]
            body.append(
                [
                    *row,
                    item.name,
                    f"{item.value}（三年）" if parse_target(item.value).number is None else item.value,
                    *two,
                    item.name,
                    item.value,
                ]
            )
        grids.append(grid([*head, *body], "项目支出绩效目标表\n（2025年度）"))
    return source(grids)


def self_evaluation(found: list[Case]) -> Source:
    """自评表：年初、全年预算与执行，实际完成值、分值、得分、偏差原因。"""
    grids = []
    for case in found:
        rows: list[list[Box]] = [
            [("项目名称", 2), (case.name, 7)],
            [("主管部门", 2), (OFFICE, 3), "实施单位", (OFFICE, 3)],
            [
                ("项目资金\n（万元）", 2, 4),
                "",
                "年初预算数",
                "全年预算数",
                "全年执行数",
                "分值",
                ("执行率", 1),
                ("得分", 2),
            ],
            ["年度资金总额", money(case.budget), money(case.budget), money(case.budget * 0.9), "10", "90%", ("9", 2)],
            ["其中：当年财政拨款", money(case.budget), money(case.budget), money(case.budget * 0.9), "—", "", ("—", 2)],
            ["上年结转资金", "0.00", "0.00", "0.00", "—", "", ("—", 2)],
            [("年度总体目标", 1, 2), ("预期目标", 4), ("实际完成情况", 4)],
            [("1.开展相关工作。2.提高资金使用效益。", 4), ("已全部完成。", 4)],
            [
                ("绩效指标", 1, len(case.items) + 1),
                "一级指标",
                "二级指标",
                "三级指标",
                "年度\n指标值",
                "实际\n完成值",
                "分值",
                "得分",
                "偏差原因分析及改进措施",
            ],
        ]
        for row, item in zip(spans(case.items), case.items, strict=True):
            rows.append([*row, item.name, item.value, "已完成", "5", "4.5", ""])
        rows.append([("总分", 6), "100", "95", ""])
        grids.append(grid(rows, "项目支出绩效自评表\n（2025年度）"))
    return source(grids, "2026年部门决算公开")


def scored_levels(found: list[Case]) -> Source:
    """带分值的级次名，成本指标为一级，标签加空格、折行。"""
    grids = []
    for case in found:
        rows: list[list[Box]] = [
            ["项 目 名 称", (case.name, 4)],
            ["预算单位", (f"353101-{OFFICE}", 2), "项目预算（元）", money(case.budget, yuan=True)],
            ["绩 效 目 标", ("1.开展相关工作。\n2.提高资金使用效益。", 4)],
            ["一级\n指标", "二级指标", "指 标 名 称", "指标解释", "年度(/项目)指标值"],
        ]
        for row, item in zip(spans(case.items), case.items, strict=True):
            boxes = [(f"{t[:2]}\n{t[2:]}（20分）", *rest) for t, *rest in row]  # type: ignore[misc]
            rows.append([*boxes, item.name, item.description, item.value])  # type: ignore[list-item]
        grids.append(grid(rows, f"{case.name}绩效目标表"))
    return source(grids, "2025年度部门预算\n项目支出绩效目标表")


def flat_sheet(found: list[Case]) -> Source:
    """省级平铺表：单位、项目合并或只写首行，汇总行、合计行，符号、值、单位分列，元。"""
    rows: list[list[Box]] = [
        [("部门预算项目支出绩效目标表（2025年度）", 12)],
        [("金额单位：元", 12)],
        [
            "单位名称",
            "项目名称",
            "预算数",
            "年度目标",
            "一级指标",
            "二级指标",
            "三级指标",
            "指标性质",
            "指标值",
            "度量单位",
            "权重",
            "指标方向性",
        ],
        ["合计", "", money(sum(c.budget for c in found), yuan=True), *[""] * 9],
        [f"353-{OFFICE}", "", money(sum(c.budget for c in found), yuan=True), *[""] * 9],
    ]
    for number, case in enumerate(found):
        for k, item in enumerate(case.items):
            lead = [
                "353101-机关本级" if number == 0 else "",
                f"51000021R00000001{number:04d}-{case.name}",
                money(case.budget, yuan=True),
                "1.开展相关工作。",
            ]
            rows.append(
                [*(lead if k == 0 else [""] * 4), item.level1, item.level2, item.name, *item.parts, "10", "正向指标"]
            )
    return source([grid(rows)], "", "表6.xlsx")


def flat_merged(found: list[Case]) -> Source:
    """平铺表，项目单元格合并，每个项目前有小计行。"""
    rows: list[list[Box]] = [
        [("2025年市级部门项目绩效目标汇总表", 9)],
        [("单位：万元", 9)],
        ["序号", "单位", "项目编码", "支出项目", "预算安排", "绩效目标", "二级指标", "指标内容", "指标值及单位"],
    ]
    for number, case in enumerate(found, 1):
        n = len(case.items)
        rows.append(["", (OFFICE), "", ("小计", 1), money(case.budget), "", "", "", ""])
        for k, item in enumerate(case.items):
            lead: list[Box] = [
                (str(number), 1, n),
                (OFFICE, 1, n),
                (f"3500{number}", 1, n),
                (case.name, 1, n),
                (money(case.budget), 1, n),
                ("1.开展相关工作。", 1, n),
            ]
            rows.append([*(lead if k == 0 else []), item.level2, item.name, item.value])
    return source([grid(rows)], "", "汇总.xlsx")


def text_centred(found: list[Case]) -> Source:
    """没有合并信息的导出：一级指标写在组的中间一行。"""
    grids = []
    for case in found:
        ones = centred([i.level1 for i in case.items])
        rows: list[list[Box]] = [
            ["项目名称", f"[610001]{case.name}"],
            ["主管部门", OFFICE, "预算金额（万元）", money(case.budget)],
            ["年度绩效目标", "1.开展相关工作。\n2.提高资金使用效益。"],
            ["一级指标", "二级指标", "三级指标", "目标值"],
            *[[one, i.level2, i.name, i.value] for one, i in zip(ones, case.items, strict=True)],
        ]
        grids.append(grid(rows, f"{case.name}绩效目标表"))
    return source(grids, "2025年项目支出绩效目标表", "目标.txt")


def grouped_header(found: list[Case]) -> Source:
    """两行表头：绩效指标统领各级，指标值下分符号、数值、单位；上半年与全年两列。"""
    grids = []
    for case in found:
        rows: list[list[Box]] = [
            [("项目名称", 2), (case.name, 3), ("项目类别", 2), ("其他运转类", 3)],
            [("部门名称", 2), (OFFICE, 3), ("资金总额\n（万元）", 2), (money(case.budget), 3)],
            [("年度目标", 2), ("1.开展相关工作。\n2.提高资金使用效益。", 8)],
            [("绩效指标", 4), ("上半年指标值", 3), ("全年指标值", 3)],
            ["一级指标", "二级指标", ("三级指标", 2), "符号", "数值", "单位", "符号", "数值", "单位"],
        ]
        for row, item in zip(spans(case.items), case.items, strict=True):
            rows.append([*row, (item.name, 2), "≥", "1", "项", *item.parts])
        grids.append(grid(rows, "江苏省省级预算项目绩效目标表\n（2025年度）"))
    return source(grids, "")


def wide_value(found: list[Case]) -> Source:
    """指标值一个表头跨三列，下面分开填写。"""
    grids = []
    for case in found:
        rows: list[list[Box]] = [
            ["项目名称", (case.name, 5)],
            ["业务主管部门", (OFFICE, 2), "项目总额（万元）", (money(case.budget * 2), 2)],
            ["资金总额", (f"{money(case.budget)}万元", 2), "其中：财政资金", (f"{money(case.budget, yuan=True)}元", 2)],
            ["项目概况", ("开展相关工作", 5)],
            ["总体目标", ("1.开展相关工作。\n2.提高资金使用效益。", 5)],
            ["一级指标", "二级指标", "三级指标", ("指标值", 3)],
        ]
        for row, item in zip(spans(case.items), case.items, strict=True):
            op, number, unit = item.parts
            rows.append([*row, item.name, "" if op == "定性" else op, number, unit])
        grids.append(grid(rows, "项目绩效目标申报表\n（2025年度）"))
    return source(grids, "")


def prior_year(found: list[Case]) -> Source:
    """上海：上年实际值、当年预期实现值并列，备注列。"""
    grids = []
    for case in found:
        rows: list[list[Box]] = [
            ["项目名称：", (case.name, 3), "项目类别：", "经常性专项业务费"],
            ["计划开始日期：", ("2025-01-01", 3), "计划完成日期：", "2025-12-31"],
            [
                "项目总预算（元）：",
                (money(case.budget, yuan=True), 3),
                "项目当年预算（元）：",
                money(case.budget, yuan=True),
            ],
            ["项目概况：", ("开展相关工作", 5)],
            ["项目总目标：", ("三年内全面完成。", 5)],
            ["年度绩效目标：", ("1.开展相关工作。\n2.提高资金使用效益。", 5)],
            ["一级指标", "二级指标", "三级指标", "2024年实际完成值", "预期2025年实现值", "备注"],
        ]
        for row, item in zip(spans(case.items), case.items, strict=True):
            rows.append([*row, item.name, "100%", item.value, ""])
        grids.append(grid(rows, "财政项目支出绩效目标申报表"))
    return source(grids, "")


def stacked_terms(found: list[Case]) -> Source:
    """湖南：长期绩效指标与年度绩效指标上下两段，各有表头。"""
    grids = []
    for case in found:
        n = len(case.items)
        rows: list[list[Box]] = [
            [("项目名称", 2), (case.name, 4)],
            [("主管部门", 2), OFFICE, "主管部门编码", ("353", 2)],
            [
                ("年度资金总额及构成", 2),
                (f"资金总额：{money(case.budget)}万元\n财政拨款：{money(case.budget)}万元；其他：0万元", 4),
            ],
            [("项目绩效目标", 1, 2), "长期目标", ("三年内全面完成。", 4)],
            ["年度目标", ("1.开展相关工作。\n2.提高资金使用效益。", 4)],
        ]
        for label in ("长期绩效指标", "年度绩效指标"):
            rows.append([(label, 1, n + 1), "一级指标", "二级指标", "指标内容", "指标值", "备注"])
            for row, item in zip(spans(case.items), case.items, strict=True):
                rows.append([*row, item.name, item.value, ""])
        rows.append([("其他说明的问题", 2), ("", 4)])
        grids.append(grid(rows, "项目绩效目标表\n（2025年度）"))
    return source(grids, "")


def regional(found: list[Case]) -> Source:
    """转移支付区域绩效目标表：指标N：前缀，分区段的一级指标。"""
    grids = []
    for case in found:
        rows: list[list[Box]] = [
            [("专项名称", 2), (case.name, 3)],
            [("中央主管部门", 2), "人力资源社会保障部", "省级主管部门", OFFICE],
            [("资金情况\n（万元）", 2, 3), "年度金额：", (money(case.budget), 2)],
            ["其中：中央补助", (money(case.budget), 2)],
            ["地方资金", ("", 2)],
            [("年度目标", 2), ("目标1：开展相关工作。\n目标2：提高资金使用效益。", 3)],
            ["绩效指标", "一级指标", "二级指标", "三级指标", "指标值"],
        ]
        for k, (row, item) in enumerate(zip(spans(case.items), case.items, strict=True), 1):
            lead: list[Box] = [("", 1, len(case.items))] if k == 1 else []
            rows.append([*lead, *row, f"指标{k}：{item.name}", item.value])
        grids.append(grid(rows, "中央对地方转移支付区域绩效目标表\n（2025年度）"))
    return source(grids, "")


def unmerged_dump(found: list[Case]) -> Source:
    """表单另存为 csv：合并单元格只留第一格，其余空着。"""
    rows: list[list[str]] = []
    for case in found:
        rows += [
            ["项目支出绩效目标表", "", "", "", "", ""],
            ["（2025年度）", "", "", "", "", ""],
            ["项目名称", "", case.name, "", "", ""],
            ["主管部门", "", OFFICE, "", "实施单位", "机关服务中心"],
            ["项目资金（万元）", "", "年度资金总额：", "", money(case.budget), ""],
            ["", "", "其中：财政拨款", "", money(case.budget), ""],
            ["", "", "其他资金", "", "", ""],
            ["总体目标", "年度目标", "", "", "", ""],
            ["", "1.开展相关工作。\n2.提高资金使用效益。", "", "", "", ""],
            ["绩效指标", "一级指标", "二级指标", "三级指标", "", "指标值"],
        ]
        one = two = ""
        for item in case.items:
            rows.append(
                [
                    "",
                    item.level1 if item.level1 != one else "",
                    item.level2 if (item.level1, item.level2) != (one, two) else "",
                    item.name,
                    "",
                    item.value,
                ]
            )
            one, two = item.level1, item.level2
        rows.append(["", "", "", "", "", ""])
    return source([grid(rows)], "", "导出.csv")


def split_pages(found: list[Case]) -> Source:
    """表跨页：表头重复，第二页的级次格空着。"""
    grids = []
    for case in found:
        header = ["一级指标", "二级指标", "三级指标", "绩效指标描述", "指标值"]
        rows: list[list[Box]] = [
            ["项目名称", (case.name, 4)],
            ["预算规模及资金用途", "预算数", money(case.budget), "其中：财政资金", money(case.budget)],
            ["绩效目标", ("1.开展相关工作。\n2.提高资金使用效益。", 4)],
            list(header),
        ]
        grids.append(grid([[("单位：万元", 5)], *rows], f"{case.name}绩效目标表"))
        half = len(case.items) // 2
        one = two = ""
        for number, part in enumerate((case.items[:half], case.items[half:])):
            page: list[list[Box]] = [list(header)] if number else []
            for item in part:
                page.append(
                    [
                        item.level1 if item.level1 != one else "",
                        item.level2 if item.level2 != two else "",
                        item.name,
                        item.description,
                        item.value,
                    ]
                )
                one, two = item.level1, item.level2
            if number:
                grids.append(grid(page))
            else:
                grids[-1] = grid([[("单位：万元", 5)], *rows, *page], f"{case.name}绩效目标表")
    return source(grids, "2025年部门预算")


def head_apart(found: list[Case]) -> Source:
    """基本信息表与指标表分成两张表。"""
    grids = []
    for case in found:
        head: list[list[Box]] = [
            ["项目名称", case.name, "项目代码", "12000023P00001"],
            ["预算部门", OFFICE, "预算单位", "机关服务中心"],
            ["年初预算数（元）", money(case.budget, yuan=True), "项目负责人", "张三"],
            ["年度绩效目标", ("1.开展相关工作。\n2.提高资金使用效益。", 3)],
        ]
        grids.append(grid(head, f"{case.name}项目绩效目标表（2025年度）"))
        rows: list[list[Box]] = [
            ["一级指标", "二级指标", "绩效指标", "指标性质", "绩效指标值", "绩效度量单位", "指标权重"]
        ]
        rows += [[*row, i.name, *i.parts, "10"] for row, i in zip(spans(case.items), case.items, strict=True)]
        grids.append(grid(rows))
    return source(grids, "")


def sections(found: list[Case]) -> Source:
    """一级指标独占一行。"""
    grids = []
    for case in found:
        rows: list[list[Box]] = [
            [(f"项目名称：{case.name}", 3)],
            [(f"主管部门：{OFFICE}        预算金额：{money(case.budget)}万元", 3)],
            ["二级指标", "指标", "指标值"],
        ]
        for one, group in groupby(case.items, key=lambda i: i.level1):
            rows.append([(one, 3)])
            rows += [[i.level2, i.name, i.value] for i in group]
        grids.append(grid(rows, "2025年度项目绩效目标表"))
    return source(grids, "")


def columned_amounts(found: list[Case]) -> Source:
    """金额作列名、值在下一行；多个项目清单在前。"""
    listing = grid(
        [
            ["序号", "项目名称", "预算数", "主管部门"],
            *[[str(k), c.name, money(c.budget), OFFICE] for k, c in enumerate(found, 1)],
        ],
        "2025年项目清单\n单位：万元",
    )
    grids = [listing]
    for case in found:
        rows: list[list[Box]] = [
            ["项目名称", (case.name, 5)],
            [("资金（万元）", 1, 2), "资金总额", "财政拨款", "上年结转", "其他资金", ""],
            [money(case.budget), money(case.budget), "", "", ""],
            ["年度绩效目标", ("1.开展相关工作。\n2.提高资金使用效益。", 5)],
            ["序号", "一级指标", "二级指标", "三级指标", "指标值", "评分标准"],
        ]
        for k, (row, item) in enumerate(zip(spans(case.items), case.items, strict=True), 1):
            rows.append([str(k), *row, item.name, item.value, "按比例得分"])
        grids.append(grid(rows, f"{case.name}绩效目标表"))
    return source(grids, "2025年部门预算公开")


def goal_column(found: list[Case]) -> Source:
    """指标挂在多个目标之下。"""
    grids = []
    for case in found:
        half = len(case.items) // 2
        rows: list[list[Box]] = [
            ["项目名称", (case.name, 4)],
            ["年度预算总额", (f"{money(case.budget)}万元", 4)],
            ["绩效目标", "一级指标", "二级指标", "三级指标", "指标值"],
        ]
        for part, goal in ((case.items[:half], "开展相关工作。"), (case.items[half:], "提高资金使用效益。")):
            for k, (row, item) in enumerate(zip(spans(part), part, strict=True)):
                lead: list[Box] = [(goal, 1, len(part))] if k == 0 else []
                rows.append([*lead, *row, item.name, item.value])
        grids.append(grid(rows, "项目支出绩效目标表（2025年度）"))
    return source(grids, "")


def side_by_side(found: list[Case]) -> Source:
    """左右两栏各列一半指标。"""
    grids = []
    for case in found:
        half = (len(case.items) + 1) // 2
        rows: list[list[Box]] = [
            ["项目名称", (case.name, 3), "预算数（万元）", (money(case.budget), 3)],
            ["一级指标", "二级指标", "三级指标", "指标值", "一级指标", "二级指标", "三级指标", "指标值"],
        ]
        left, right = case.items[:half], case.items[half:]
        for k in range(half):
            cells = [
                [i.level1, i.level2, i.name, i.value] if i else [""] * 4
                for i in (left[k], right[k] if k < len(right) else None)
            ]
            rows.append([*cells[0], *cells[1]])
        grids.append(grid(rows, "项目支出绩效目标表（2025年度）"))
    return source(grids, "")


def hubei(found: list[Case]) -> Source:
    """湖北：长期与年度两段，指标值下分前年、上年、预计当年实现。"""
    grids = []
    for case in found:
        n = len(case.items)
        rows: list[list[Box]] = [
            [("项目绩效目标表", 8)],
            [("单位：万元", 8)],
            [("项目名称", 2), (case.name, 3), "项目编码", ("42000024T00001", 2)],
            [("项目主管部门", 2), (OFFICE, 3), "项目执行单位", ("机关服务中心", 2)],
            [("项目总预算", 2), (money(case.budget * 3), 3), "项目当年预算", (money(case.budget), 2)],
            [("项目绩效总目标", 8)],
            [("长期绩效目标", 8)],
            ["目标名称", "一级指标", "二级指标", ("指标名称", 2), ("指标值", 2), "绩效标准（指标值确定依据）"],
        ]
        for k, (row, item) in enumerate(zip(spans(case.items), case.items, strict=True)):
            lead: list[Box] = [("长期目标1", 1, n)] if k == 0 else []
            rows.append([*lead, *row, (item.name, 2), ("≥1项", 2), "计划标准"])
        rows += [
            [("年度绩效目标", 8)],
            [
                ("目标名称", 1, 2),
                ("一级指标", 1, 2),
                ("二级指标", 1, 2),
                ("指标名称", 1, 2),
                ("指标值", 3),
                ("绩效标准", 1, 2),
            ],
            ["前年", "上年", "预计当年实现"],
        ]
        for k, (row, item) in enumerate(zip(spans(case.items), case.items, strict=True)):
            lead = [("年度目标1", 1, n)] if k == 0 else []
            rows.append([*lead, *row, item.name, "≥3项", "≥2项", item.value, "计划标准"])
        grids.append(grid(rows, f"{case.name}"))
    return source(grids, "2025年部门预算公开")


def yearly_rows(found: list[Case]) -> Source:
    """系统导出明细：年度、部门、项目每行都写。"""
    rows: list[list[Box]] = [
        [
            "预算年度",
            "单位编码",
            "单位名称",
            "项目代码",
            "项目名称",
            "项目金额（元）",
            "指标级次",
            "一级指标",
            "二级指标",
            "三级指标",
            "指标性质",
            "指标值",
            "计量单位",
            "指标权重",
        ]
    ]
    for case in found:
        rows += [
            [
                "2025",
                "353101",
                OFFICE,
                "P1",
                case.name,
                money(case.budget, yuan=True),
                "3",
                i.level1,
                i.level2,
                i.name,
                *i.parts,
                "10",
            ]
            for i in case.items
        ]
    return source([grid(rows)], "", "export.csv")


def roll_ups(found: list[Case]) -> Source:
    """单位（项目）名称同列：部门、单位、项目逐级缩进。"""
    total = money(sum(c.budget for c in found))
    rows: list[list[Box]] = [
        ["表6", *[""] * 7],
        [("部门预算项目绩效目标表（2025年度）", 8)],
        ["", "", "", "", "", "", "", "金额单位：万元"],
        [
            "单位（项目）名称",
            "预算金额",
            "年度目标",
            "一级指标",
            "二级指标",
            "三级指标",
            "指标值（包含数字及文字描述）",
            "备注",
        ],
        [f"  353-{OFFICE}部门", total, *[""] * 6],
        [f"    353101-{OFFICE}（本级）", total, *[""] * 6],
    ]
    for case in found:
        rows.append([f"      {case.name}", money(case.budget), "1.开展相关工作。", *[""] * 5])
        rows += [["", "", "", i.level1, i.level2, i.name, i.value, ""] for i in case.items]
    return source([grid(rows)], "", "表6.xls")


def paragraphs_above(found: list[Case]) -> Source:
    """基本信息写成段落，表里只有指标；整表向右空一列。"""
    grids = []
    for case in found:
        caption = f"项目支出绩效目标表\n（2025年度）\n项目名称：{case.name}\n主管部门：{OFFICE}\n年度资金总额：{money(case.budget)}万元\n年度目标：开展相关工作。"
        rows: list[list[Box]] = [["序号", "一级指标", "二级指标", "绩效指标", "目标值", "权重(%)"]]
        rows += [
            [str(k), *row, i.name, i.value, "10"]
            for k, (row, i) in enumerate(zip(spans(case.items), case.items, strict=True), 1)
        ]
        grids.append(grid(rows, caption, first=2))
    return source(grids, "")


def one_sheet(found: list[Case]) -> Source:
    """一张工作表里上下排着多张表，表间空行，末尾有填表人。"""
    rows: list[list[Box]] = []
    for case in found:
        rows += [
            [("2025年度项目支出绩效目标申报表", 6)],
            ["填报单位：", (OFFICE, 3), "金额单位：", "元"],
            ["项目名称", (case.name, 3), "项目类型", "一次性"],
            ["项目资金", "资金总额", (money(case.budget, yuan=True), 2), "财政拨款", money(case.budget, yuan=True)],
            ["绩效目标", ("1.开展相关工作。\n2.提高资金使用效益。", 5)],
            ["绩效\n指标", "一级指标", "二级指标", "指标名称", "指标值", "指标解释"],
        ]
        for row, item in zip(spans(case.items), case.items, strict=True):
            rows.append(["", *row, item.name, item.value, item.description])
        rows += [["填表人：张三", "", "", "联系电话：12345678", "", ""], [("", 6)], [("", 6)]]
    return source([grid(rows)], "", "申报表.xlsx")


def monitoring(found: list[Case]) -> Source:
    """运行监控表：年度指标值旁有 1-7 月执行情况与全年预计。"""
    grids = []
    for case in found:
        rows: list[list[Box]] = [
            ["项目名称", (case.name, 7)],
            ["主管部门", (OFFICE, 3), "实施单位", (OFFICE, 3)],
            [("项目资金（万元）", 1, 2), "", "年初预算数", ("1-7月执行数", 2), "1-7月执行率", ("全年预计执行数", 2)],
            ["年度资金总额", money(case.budget), (money(case.budget / 2), 2), "50%", (money(case.budget), 2)],
            ["年度总体目标", ("1.开展相关工作。\n2.提高资金使用效益。", 7)],
            [
                ("绩效指标", 1, 2),
                ("一级指标", 1, 2),
                ("二级指标", 1, 2),
                ("三级指标", 1, 2),
                ("年度指标值", 1, 2),
                ("1-7月执行情况", 1, 2),
                ("全年预计完成情况", 1, 2),
                ("偏差原因分析", 1, 2),
            ],
            [],
        ]
        rows += [
            ["", *row, i.name, i.value, "推进中", "可完成", ""]
            for row, i in zip(spans(case.items), case.items, strict=True)
        ]
        grids.append(grid(rows, "项目支出绩效运行监控表\n（2025年度）"))
    return source(grids, "")


LAYOUTS: list[Callable[[list[Case]], Source]] = [
    ministry, self_evaluation, scored_levels, flat_sheet, flat_merged, text_centred, grouped_header, wide_value,
    prior_year, stacked_terms, regional, unmerged_dump, split_pages, head_apart, sections, columned_amounts,
    goal_column, side_by_side, hubei, yearly_rows, roll_ups, paragraphs_above, one_sheet, monitoring,
]  # fmt: skip


# ---------------------------------------------------------------- what other formats leave of a layout


def without_merges(found: Source) -> Source:
    """As a csv export has it: the first place of a merged cell has its words, the others are blank."""
    grids = []
    for table in found.grids:
        width = max(c.column + c.colspan - 1 for row in table.rows for c in row)
        rows = []
        for number, row in enumerate(table.rows, 1):
            at = {c.column: c.text for c in row}
            rows.append([Cell(at.get(column, ""), number, column) for column in range(1, width + 1)])
        grids.append(Grid(table.caption, table.sheet, rows))
    return Source(found.name, found.sha256, found.preface, grids)


def as_text(found: Source) -> Source:
    """As a word processor's text export has it: cells merged across once, cells merged downwards blank below."""
    grids = []
    for table in found.grids:
        open_: dict[tuple[int, int], Cell] = {}
        for row in table.rows:
            for c in row:
                open_ |= {(r, c.column): c for r in range(c.row, c.row + c.rowspan)}
        rows = []
        for number in range(1, len(table.rows) + 1):
            cells = [c for (r, _), c in sorted(open_.items(), key=lambda p: p[0]) if r == number]
            rows.append([Cell(c.text if c.row == number else "", number, k) for k, c in enumerate(cells, 1)])
        grids.append(Grid(table.caption, table.sheet, rows))
    return Source(found.name, found.sha256, found.preface, grids)
