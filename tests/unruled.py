"""Forms printed without the ruling lines between their columns, as many offices do: laid out at random, with what they say."""

from __future__ import annotations

import html
import io
import unicodedata
from dataclasses import dataclass
from random import Random
from typing import Any

import offices
from offices import C, rows

LEVELS = {
    "产出指标": ["数量指标", "质量指标", "时效指标", "成本指标"],
    "效益指标": ["社会效益指标", "经济效益指标", "生态效益指标", "可持续影响指标"],
    "满意度指标": ["服务对象满意度指标"],
}
NAMES = ["培训人员数量", "养护绿地面积", "任务按期完成率", "活动场次", "农村饮水安全工程建设完成数量及配套管网长度",
         "信息系统年度平均无故障运行时间", "开展安全生产执法检查企业覆盖率（含重点行业领域）", "购置应急救援装备", "资金支付及时率"]  # fmt: skip
VALUES = ["≥{n}个", "≥{n}%", "≤{n}万元", "{n}人次", "2025年{m}月底前", "明显改善", "≥{n}.5公里", "不低于{n}%", "{n}"]
WAYS = ["none", "rows", "three", "zebra", "shaded", "frame"]
FONT = "STSong-Light"


@dataclass(slots=True)
class Form:
    rows: offices.Rows
    head: int  # rows above the header, and of it
    header: int
    name: str
    budget: int  # 元
    facts: list[tuple[str, str, str]]  # level 2, name, value


def form(rng: Random) -> Form:
    """A form with merged levels, more columns or fewer, and a head of one of three kinds."""
    two_levels = rng.random() < 0.75
    more = rng.choice([[], ["分值"], ["实际完成值", "分值", "得分"], ["指标解释"], ["signs"]])
    body: list[list[C]] = []
    facts: list[tuple[str, str, str]] = []
    for one, twos in LEVELS.items():
        chosen = [(two, rng.randint(1, 3)) for two in rng.sample(twos, rng.randint(1, len(twos)))]
        for a, (two, count) in enumerate(chosen):
            for b in range(count):
                name = rng.choice(NAMES) + "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地人"[len(facts)]
                value = rng.choice(VALUES).format(n=rng.randint(2, 99), m=rng.randint(1, 12))
                cells = [C(one, sum(n for _, n in chosen))] if a == b == 0 else []
                cells += [C(two, count)] if b == 0 and two_levels else []
                if more == ["signs"]:
                    sign, number, unit = rng.choice("≥≤="), str(rng.randint(2, 999)), rng.choice(["个", "%", "公里"])
                    value = sign + number + unit
                    cells += rows([name, sign, number, unit])[0]
                else:
                    said = rng.choice(["", "考核年度任务完成数量与计划数量之比，反映工作进度"])
                    parts = {"分值": "10", "得分": "9.5", "实际完成值": value, "指标解释": said}
                    cells += rows([name, *(parts[m] for m in more[:1] if m == "指标解释"), value,
                                   *(parts[m] for m in more if m != "指标解释")])[0]  # fmt: skip
                body.append(cells)
                facts.append((two if two_levels else "", name, value))
    levels = ["一级指标", "二级指标"][: 1 + two_levels]
    if more == ["signs"]:
        header = rows([*(C(h, 2) for h in [*levels, "三级指标"]), C("年度指标值", 1, 3)], ["符号", "数值", "单位"])
    else:
        header = rows(
            [
                *levels,
                "三级指标",
                *(m for m in more if m == "指标解释"),
                "年度指标值",
                *(m for m in more if m != "指标解释"),
            ]
        )
    width = sum(c.colspan for c in header[0])
    name, money = f"信息化运维{rng.randint(1, 99)}号", f"{rng.randint(1, 999)}.{rng.randint(0, 99):02d}"
    goal = (
        "完成全市信息系统日常运维，提升服务品质，建立长效机制，确保设施完好、运行稳定、群众满意，全年无重大故障。"
        * rng.choice([1, 2])
    )
    head = rng.choice(
        [
            rows([C("项目名称"), C(name, 1, width - 1)], [C("年度资金总额（万元）"), C(money, 1, width - 1)]),
            rows([C("项目名称"), C(name, 1, width - 1)], [C("预算金额"), C(money + "万元", 1, width - 1)], [C("年度绩效目标"), C(goal, 1, width - 1)]),
            rows([C("项目名称"), C(name, 1, width - 1)], [C("项目资金（万元）", 3), C("年度资金总额"), C(money, 1, width - 2)],
                 [C("其中：财政拨款"), C(money, 1, width - 2)], [C("其他资金"), C("0.00", 1, width - 2)], [C("年度总体目标"), C(goal, 1, width - 1)]),
        ]
    )  # fmt: skip
    return Form([*head, *header, *body], len(head), len(header), name, int(money.replace(".", "")) * 100, facts)


def pdf(form: Form, rng: Random, way: str = "") -> bytes:
    """The form on A4: ``way`` is which lines or backgrounds it has (of WAYS), the rest is chosen at random."""
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    way = way or rng.choice(WAYS)
    size = rng.choice([8, 9, 10.5])
    leading = size * rng.choice([1.2, 1.3, 1.5])
    height, width = offices.size(form.rows)
    sheet = rng.choice([A4, landscape(A4)])
    cells = list(offices.placed(form.rows))
    weights = [
        max([1, *(min(len(c.text), 10) for r, at, c in cells if r > form.head and at == column and c.colspan == 1)])
        for column in range(1, width + 1)
    ]
    widths = [max((sheet[0] - 80) * weight / sum(weights), 3 * size + 8) for weight in weights]
    aligned = [rng.choice([0, 1]) for _ in range(width)]
    aligned[-1] = rng.choice([aligned[-1], 2])
    pad, side, first = rng.choice([0, 2, 5]), rng.choice([4, 6]), form.head
    look: list[Any] = [("VALIGN", (0, 0), (-1, -1), rng.choice(["MIDDLE", "TOP"]))]
    look += [(f"{edge}PADDING", (0, 0), (-1, -1), pad) for edge in ("TOP", "BOTTOM")]
    look += [(f"{edge}PADDING", (0, 0), (-1, -1), side) for edge in ("LEFT", "RIGHT")]
    look += {
        "none": [],
        "rows": [("LINEABOVE", (0, n), (-1, n), 0.5, "black") for n in range(height)],
        "three": [("LINEABOVE", (0, first), (-1, first), 1, "black"), ("LINEBELOW", (0, -1), (-1, -1), 1, "black"),
                  ("LINEBELOW", (0, first + form.header - 1), (-1, first + form.header - 1), 0.5, "black")],
        "zebra": [("ROWBACKGROUNDS", (0, 0), (-1, -1), ["white", "#eeeeee"])],
        "shaded": [("BACKGROUND", (c, n), (c, n), "#eeeeee") for n in range(first, height, 2) for c in range(width)],
        "frame": [("BOX", (0, 0), (-1, -1), 1, "black")],
    }[way]  # fmt: skip
    grid: list[list[Any]] = [[""] * width for _ in range(height)]
    for r, c, cell in cells:
        kind = 1 if first < r <= first + form.header else aligned[c - 1]
        style = ParagraphStyle("c", fontName=FONT, fontSize=size, leading=leading, wordWrap="CJK", alignment=kind)
        grid[r - 1][c - 1] = Paragraph(html.escape(cell.text), style) if cell.text else ""
        if cell.rowspan > 1 or cell.colspan > 1:
            look.append(("SPAN", (c - 1, r - 1), (c + cell.colspan - 2, r + cell.rowspan - 2)))
    title = ParagraphStyle("t", fontName=FONT, fontSize=16, leading=28, alignment=1)
    foot = ParagraphStyle("f", fontName=FONT, fontSize=size)
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=sheet, leftMargin=40, rightMargin=40).build(
        [
            Paragraph("2025年度项目支出绩效目标表", title),
            Table(grid, widths, style=look),
            Paragraph("填表人：张三　　　　联系电话：12345678", foot),
        ]
    )
    return out.getvalue()


def text(form: Form, rng: Random) -> str:
    """The form in letters of one width, columns apart by blanks: levels on every row, on the first, or on the middle one
    of their rows.
    """
    height, width = offices.size(form.rows)
    grid = [[""] * width for _ in range(height)]
    way = rng.choice(["every", "first", "first", "middle"])
    for r, c, cell in offices.placed(form.rows):
        level = cell.rowspan > 1 and r > form.head + form.header
        rows = range(cell.rowspan) if way == "every" and level else [(cell.rowspan - 1) // 2 if way == "middle" else 0]
        for row in rows:
            grid[r - 1 + row][c - 1] = cell.text[:40]
    below = grid[form.head :]
    widths = [max(wide(row[c]) for row in below) + rng.choice([2, 3, 5]) for c in range(width)]
    lines = [" " * 18 + "项目支出绩效目标表", " " * 20 + "（2025年度）", ""]
    for row in grid:
        line = ""
        for c, words in enumerate(row):
            line += " " * max(sum(widths[:c]) - wide(line), 2 * bool(line)) + words if words else ""
        lines.append(line)
    return "\n".join(lines)


def wide(words: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in words)
