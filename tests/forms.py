"""Forms of real governments rebuilt from descriptions: what each says, and how it lays it out."""

from __future__ import annotations

import offices
from offices import C, rows

HEAD = [[C("项目名称"), C("数据机房扩容", 1, 3)], [C("年度资金总额（万元）"), C("350.00", 1, 3)]]


def head(width: int = 3) -> list[list[C]]:
    return [[C("项目名称"), C("数据机房扩容", 1, width)], [C("年度资金总额（万元）"), C("350.00", 1, width)]]


# (level2, name, value)
GOLD = [
    ("数量指标", "机柜数量", "≥77台"),
    ("数量指标", "敷设光缆长度", "≥12公里"),
    ("质量指标", "验收合格率", "≥98%"),
    ("时效指标", "完成时间", "2025年11月底前"),
    ("社会效益指标", "政务系统故障次数", "≤2次"),
    ("服务对象满意度指标", "使用单位满意度", "≥90%"),
]
ONES = ["产出指标", "产出指标", "产出指标", "产出指标", "效益指标", "满意度指标"]


def one_cell(pattern: str, join: str = "\n") -> list[list[C]]:
    lines = [
        pattern.format(one=one, two=two, n=n, name=name, value=value)
        for n, (one, (two, name, value)) in enumerate(zip(ONES, GOLD, strict=True), 1)
    ]
    return [*head(), *rows([C("绩效指标"), C(join.join(lines), 1, 3)])]


def tall(*heading: str, levels: list[tuple[str, str]] | None = None) -> list[list[C]]:
    """Four columns under any headings."""
    body = []
    for at, (one, (two, name, value)) in enumerate(zip(ONES, GOLD, strict=True)):
        if levels:
            one, two = levels[at]
        body.append([one, two, name, value])
    return [*head(), *rows(list(heading)), *rows(*body)]


def without_levels() -> list[list[C]]:
    from kg.tables.values import parse_target

    body = []
    for _, name, value in GOLD:
        t = parse_target(value)
        body.append(
            [
                name,
                t.unit or "/",
                "定性" if t.number is None else t.operator,
                value if t.number is None else str(t.number),
            ]
        )
    return [*head(), *rows(["指标名称", "计量单位", "指标性质", "指标值"]), *rows(*body)]


FORMS: dict[str, offices.Page] = {
    "one cell, brackets": [("2025年度项目支出绩效目标表", one_cell("【{one}-{two}】指标{n}：{name}（{value}）"))],
    "one cell, two brackets": [("2025年度项目支出绩效目标表", one_cell("（{n}）【{one}】【{two}】{name}（{value}）"))],
    "one cell, dashes": [("2025年度项目支出绩效目标表", one_cell("{one}-{two}-{name}：{value}"))],
    "one cell, colons": [("2025年度项目支出绩效目标表", one_cell("{one}-{two}：{name}{value}；"))],
    "年度数值": [("2025年度项目支出绩效目标表", tall("一级指标", "二级指标", "三级指标", "年度数值"))],
    "目标数": [("2025年度项目支出绩效目标表", tall("一级指标", "二级指标", "指标名称", "目标数"))],
    "年度绩效值": [("2025年度项目支出绩效目标表", tall("一级指标", "二级指标", "绩效指标名称", "年度绩效值"))],
    "产出值": [
        (
            "2025年度项目支出绩效目标表",
            tall(
                "一级指标", "二级指标", "三级指标", "指标值",
                levels=[("产出值", "数量值"), ("产出值", "数量值"), ("产出值", "质量值"), ("产出值", "时效值"),
                        ("效益值", "社会效益值"), ("满意度值", "服务对象满意度值")],
            ),
        )
    ],
    "no levels": [("2025年度项目支出绩效目标表", without_levels())],
    "heading above": [
        ("2025年度项目支出绩效目标表\n一、数据机房扩容", rows(["一级指标", "二级指标", "三级指标", "指标值"]) + tall("a", "b", "c", "d")[3:])
    ],
    "heading above, dated": [
        ("一、数据机房扩容\n2025年度绩效目标", rows(["一级指标", "二级指标", "三级指标", "指标值"]) + tall("a", "b", "c", "d")[3:])
    ],
    "heading above, year first": [
        ("2025年数据机房扩容项目支出绩效目标表", rows(["一级指标", "二级指标", "三级指标", "指标值"]) + tall("a", "b", "c", "d")[3:])
    ],
    "heading above, numbered": [
        ("（一）数据机房扩容绩效目标表", rows(["一级指标", "二级指标", "三级指标", "指标值"]) + tall("a", "b", "c", "d")[3:])
    ],
    "heading above, named": [
        ("数据机房扩容项目绩效目标表（2025年度）", rows(["一级指标", "二级指标", "三级指标", "指标值"]) + tall("a", "b", "c", "d")[3:])
    ],
}  # fmt: skip


KNOWN = {
    "one cell, colons": [g for g in GOLD if g[1] != "完成时间"],  # 完成时间2025年…: where the name ends is not certain
    "no levels": [("", name, value) for _, name, value in GOLD],
    "产出值": [(two.replace("指标", "值"), name, value) for two, name, value in GOLD],
}


def copied(items: int = 20) -> tuple[str, list[tuple[str, str, str]]]:
    """A web page copied as text: every label and value on a line of its own, merged labels once."""
    lines = ["2025年度项目支出绩效目标表", "项目名称", "数据机房扩容", "主管部门", "云岭市大数据局", "年度资金总额（万元）", "350.00",
             "一级指标", "二级指标", "三级指标", "指标值"]  # fmt: skip
    kinds = [
        ("产出指标", "数量指标"),
        ("产出指标", "质量指标"),
        ("产出指标", "时效指标"),
        ("效益指标", "社会效益指标"),
        ("满意度指标", "服务对象满意度指标"),
    ]
    units = ["个", "%", "天", "次", "%"]
    gold: list[tuple[str, str, str]] = []
    one = two = ""
    for n in range(items):
        kind = n * len(kinds) // items
        if kinds[kind][0] != one:
            lines.append(kinds[kind][0])
        if kinds[kind][1] != two:
            lines.append(kinds[kind][1])
        one, two = kinds[kind]
        name, value = f"第{n + 1}项任务情况", f"≥{n + 3}{units[kind]}"
        lines += [name, value]
        gold.append((two, name, value))
    return "\n".join([*lines, "填表人：张三", "联系电话：12345678"]), gold
