"""Files as they come, each kind in several formats: read right, or said with the cell; never misread without a word."""

from __future__ import annotations

import base64
import io

import forms
import offices
import printing
import pytest
from offices import C, rows

from kg.readers import ReadError, Source
from kg.readers.document import parse
from kg.readers.file_types import kind_of
from kg.readers.number_formats import shown
from kg.tables import DocumentRecord, read_document

Fact = tuple[str, str]


def form(*body: list[C], budget: str = "120.50", name: str = "口袋公园养护经费") -> list[list[C]]:
    """A form of one project with indicator rows of four cells."""
    return [
        *rows(
            [C("项目名称"), C(name, 1, 3)],
            [C("年度资金总额（万元）"), C(budget, 1, 3)],
            ["一级指标", "二级指标", "三级指标", "指标值"],
        ),
        *body,
    ]


def page(*body: list[C]) -> offices.Page:
    return [("2025年度\n项目支出绩效目标表", form(*body))]


def read(name: str, data: bytes) -> DocumentRecord:
    return read_document(parse(name, data))


def facts(document: DocumentRecord) -> list[Fact]:
    return [(i.name, i.target.text) for p in document.projects for i in p.indicators]


def codes(document: DocumentRecord) -> set[str]:
    return {flag.code for flag in document.flags}


def value_of(source: Source) -> str:
    """The last cell of the last table."""
    return source.grids[-1].rows[-1][-1].text


# ---------------------------------------------------------------- characters


@pytest.mark.parametrize("form_", ["docx", "html", "xlsx", "csv", "txt", "md"])
@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("\u200b≥36个", "≥36个"), ("≥\u200b3\u200c6个", "≥36个"), ("≥36\u200d个\ufeff", "≥36个"),
        ("\u2060≥36\u00ad个", "≥36个"), ("\u200e≥36\u202c个", "≥36个"), ("≥\u206236个\ufe0f", "≥36个"),
        ("\uf0b336个", "≥36个"), ("\uf0a336个", "≤36个"), ("\uf0b1\uf033个", "±3个"), ("≥36㎡", "≥36㎡"),
        ("≥36³个", "≥36个"), ("≥36m³", "≥36m³"), ("≥36①个", "≥36个"), ("≥36个②", "≥36个"), ("≥36[¹]个", "≥36个"),
        ("①培训；②发放", "①培训；②发放"), ("≥２５％", "≥２５％"), ("≥5×10⁴株", "≥5×10⁴株"), ("≥36km²", "≥36km²"),
        ("\u2800≥36个\ufffc", "≥36个"), ("≥36₁个", "≥36个"), ("≥36个*", "≥36个"), ("95%*", "95%"), ("36★", "36"), ("共同富裕*", "共同富裕*"), ("3*5米", "3*5米"), ("CO₂≤36吨", "CO₂≤36吨"),
    ],
)  # fmt: skip
def test_what_is_invisible_or_a_note_is_no_part_of_a_cell(form_: str, written: str, seen: str) -> None:
    writer = (offices.MERGING | offices.FLAT)[form_]
    data = writer(page([C("产出指标"), C("数量指标"), C("公园数量"), C(written)]))
    assert value_of(parse(f"a.{form_}", data)) == seen


def _run(text: str, look: str = "") -> str:
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


RAISED = '<w:vertAlign w:val="superscript"/>'


@pytest.mark.parametrize(
    ("runs", "seen", "code"),
    [
        (_run("≥36") + _run("1", RAISED) + _run("个"), "≥36个", "note-mark"),
        (_run("≥36") + _run("[2]", RAISED) + _run("个"), "≥36个", "note-mark"),
        (_run("≥36") + _run("注1", RAISED), "≥36", "note-mark"),
        (_run("≥36个") + _run("*", RAISED), "≥36个", "note-mark"),
        (_run("≥36个") + _run("注", RAISED), "≥36个", "note-mark"),
        (_run("≥36") + _run("1", '<w:position w:val="12"/>') + _run("个"), "≥36个", "note-mark"),
        (_run("≥36") + _run("1", '<w:vertAlign w:val="subscript"/>') + _run("个"), "≥36个", "note-mark"),
        (_run("≥") + _run("12", "<w:strike/>") + _run("36个"), "≥36个", "note-mark"),
        (_run("≥") + _run("12", '<w:strike w:val="0"/>') + _run("36个"), "≥1236个", ""),
        (_run("PM") + _run("2.5", '<w:vertAlign w:val="subscript"/>') + _run("≤36"), "PM₂.₅≤36", ""),
        (_run("≥36m") + _run("2", RAISED), "≥36m²", ""),
        (_run("≥36万m") + _run("3", RAISED), "≥36万m³", ""),
    ],
)
def test_a_raised_mark_is_a_note_unless_it_is_of_a_unit(runs: str, seen: str, code: str) -> None:
    table = "".join(
        f"<w:tr><w:tc><w:p>{_run(a)}</w:p></w:tc><w:tc><w:p>{b}</w:p></w:tc></w:tr>"
        for a, b in [("三级指标", _run("指标值")), ("公园数量", runs)]
    )
    source = parse("a.docx", offices.docx_of(f"<w:tbl>{table}</w:tbl>"))
    assert value_of(source) == seen
    assert {r.code for r in source.remarks} == ({code} if code else set())


def test_notes_of_web_pages_and_workbooks_are_no_figures() -> None:
    from openpyxl import Workbook
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    for mark in (
        "<sup>1</sup>",
        "<sup>注</sup>",
        '<span style="font-size:60%;vertical-align: super">1</span>',
        "<del>12</del>",
        '<b style="text-decoration: line-through">1</b>',
        "<rp>(</rp><rt>ge</rt>",
    ):
        web = offices.web(page([C("产出指标"), C("数量指标"), C("公园数量"), C("≥36@个")])).replace(b"@", mark.encode())
        assert value_of(parse("a.html", web)) == "≥36个"
    book = Workbook()
    book.active.append(["三级指标", "指标值"])
    book.active.append(["公园数量", CellRichText("≥36", TextBlock(InlineFont(vertAlign="superscript"), "1"), "个")])
    book.active.append(["面积", CellRichText("≥36m", TextBlock(InlineFont(vertAlign="superscript"), "2"))])
    out = io.BytesIO()
    book.save(out)
    assert [row[1].text for row in parse("a.xlsx", out.getvalue()).grids[0]] == ["指标值", "≥36个", "≥36m²"]


def _inline(width: int, height: int) -> str:
    from PIL import Image

    out = io.BytesIO()
    Image.new("L", (width, height), 255).save(out, "PNG")
    return f'<p>附图：<img src="data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"></p>'


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        (_inline(900, 700), 1),
        (_inline(120, 120), 0),  # a code to scan
        ('<p align=center><img src="W020250312.png"></p>', 1),
        ('<div>图<img src="a/W020250312.png" style="width: 640px"></div>', 1),
        ('<p><img src="logo.png" width="120" height="60"></p>', 0),
        ('<div><a href="/"><img src="logo.png"></a></div>', 0),
        ('<table><tr><td><img width="800" height="600" src="b.jpg"></td><td>图一</td></tr></table>', 1),
    ],
)
def test_a_picture_beside_the_tables_of_a_web_page_is_named(markup: str, said: int) -> None:
    web = offices.web(page(*rows(["产出指标", "数量指标", "公园数量", "≥36个"])))
    document = read("a.html", web.replace(b"</body>", markup.encode() + b"</body>"))
    assert facts(document) == [("公园数量", "≥36个")]
    assert [flag.code for flag in document.flags] == ["picture-not-read"] * said


def test_a_workbook_in_the_markup_of_2003_is_no_web_page() -> None:
    book = (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns:ss="urn:s"><Worksheet><Table>'
        "<Row><Cell><Data>项目名称</Data></Cell></Row></Table></Worksheet></Workbook>"
    )
    assert kind_of("导出.xls", book.encode()) == "office"


# ---------------------------------------------------------------- number formats


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (120.5, "[>=10000]0.00,;0.00", "120.50"), (120000, "[>=10000]0.00,;0.00", "120.00"),
        (120000, '[>=10000]0!.0,"万元";0.00"元"', "12.0万元"), (186000, '0!.0,"万平方米"', "18.6万平方米"),
        (186000, '0\\.0,"万平方米"', "18.6万平方米"), (1200000, '0.00E+00"株"', "1.20E+06株"),
        (999999, "0.00E+00", "1.00E+06"), (12345, "##0.0E+0", "12.3E+3"), (0.00012, "0.0E-0", "1.2E-4"),
        (36, '[<10]"少";[<50]"中";"多"', "中"), (99, '[<10]"少";[<50]"中";"多"', "多"), (36, '[=1]"是";[=0]"否";General', "36"),
        (-36, "[>100]0;[<0]-0.0;0", "-36.0"), (36, 'General"个"', "36个"), ("36", '@"个"', "36个"),
        (13800138000, "000-0000-0000", "138-0013-8000"), (1234567, '#,##0,"千"', "1,235千"), (95, '0"%"', "95%"), (95, "0!%", "95%"),
    ],
)  # fmt: skip
def test_a_number_is_shown_as_the_sheet_shows_it(value: float | str, code: str, text: str) -> None:
    assert shown(value, code) == text


# ---------------------------------------------------------------- what printers do


BODY = rows(
    [C("产出指标", 2), C("数量指标"), "养护口袋公园数量", "≥336个"],
    ["质量指标", "苗木成活率", "≥95%"],
    ["效益指标", "社会效益指标", "周边居民休闲环境", "明显改善"],
    ["满意度指标", "服务对象满意度指标", "居民满意度", "≥99%"],
)
KNOWN = [
    ("养护口袋公园数量", "≥336个"),
    ("苗木成活率", "≥95%"),
    ("周边居民休闲环境", "明显改善"),
    ("居民满意度", "≥99%"),
]
TILES = [(x, y) for x in range(20, 560, 110) for y in range(60, 820, 95)]


@pytest.mark.parametrize(
    "shadow",
    [
        (0.05, 0),
        (0.1, 0),
        (0.3, 0),
        (0.49, 0.2),
        (0.5, 0),
        (0.7, -0.7),
        (1.0, 0),
        (1.3, 0),
        (1.6, 0.4),
        (0, 0.6),
        (0, 1.5),
    ],
)
def test_two_prints_less_than_a_stroke_apart_are_one(shadow: tuple[float, float]) -> None:
    document = read("a.pdf", printing.page(form(*BODY), shadow=shadow))
    assert facts(document) == KNOWN
    assert [p.budget for p in document.projects] == [1205000]


@pytest.mark.parametrize(
    "mark",
    [
        printing.watermark("严禁外传资料", angle=45, size=68, gray=0.8, places=[(120, 300)]),
        printing.watermark("云岭市财政局", angle=30, size=18, gray=0.85, places=TILES),
        printing.watermark("内部资料", angle=-30, size=18, gray=0.0, places=TILES),
        printing.watermark("内部资料注意保密", angle=0, size=60, gray=0.8, places=[(60, 650)]),
        printing.watermark("云岭市财政局", angle=0, size=10, gray=0.8, places=TILES),
    ],
    ids=["slanted", "tiled", "tiled black", "upright", "upright tiled"],
)
def test_a_watermark_is_no_cell_text(mark: printing.Draw) -> None:
    document = read("a.pdf", printing.page(form(*BODY), over=mark))
    assert facts(document) == KNOWN
    assert document.projects[0].name == "口袋公园养护经费"


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_a_page_on_its_side_is_read_upright(turned: int) -> None:
    assert facts(read("a.pdf", printing.page(form(*BODY), turned=turned))) == KNOWN


def test_a_cell_whose_ruling_is_missing_is_parted_and_said() -> None:
    body = rows(*[[C("产出指标"), C("数量指标"), f"某项数量{n}", f"≥{n}个"] for n in (1, 2, 3)])
    document = read("a.pdf", printing.page(form(*body), open_right={(5, 3)}))
    whole = printing.page(form(*body))
    assert facts(document) == facts(read("a.pdf", whole))
    assert not codes(read("a.pdf", whole))


# ---------------------------------------------------------------- other layouts


def rows_of(document: DocumentRecord) -> list[tuple[str, str, str]]:
    return [(i.level2, i.name, i.target.text) for p in document.projects for i in p.indicators]


@pytest.mark.parametrize("kind", ["docx", "xlsx", "html"])
@pytest.mark.parametrize("layout", forms.FORMS)
def test_a_form_of_another_layout_is_read(layout: str, kind: str) -> None:
    document = read(f"2025.{kind}", offices.MERGING[kind](forms.FORMS[layout]))
    gold = forms.KNOWN.get(layout, forms.GOLD)
    assert rows_of(document) == gold
    assert [p.name for p in document.projects] == ["数据机房扩容"]
    assert ("row-short" in codes(document)) == (len(gold) < len(forms.GOLD))


def test_a_page_copied_as_text_is_read_in_its_order() -> None:
    text, gold = forms.copied()
    document = read("2025.txt", text.encode())
    assert rows_of(document) == gold
    assert [(p.name, p.department, p.budget) for p in document.projects] == [
        ("数据机房扩容", "云岭市大数据局", 3500000)
    ]


def test_a_line_that_is_missing_in_a_copied_page_spoils_one_row_and_is_said() -> None:
    text, gold = forms.copied()
    lines = text.split("\n")
    at = lines.index("≥6个")
    document = read("2025.txt", "\n".join(lines[:at] + lines[at + 1 :]).encode())
    known = set(gold)
    assert codes(document) & {"row-short", "name-missing"}
    assert {g for g in rows_of(document) if g not in known} == set()


@pytest.mark.parametrize("form_", ["docx", "html", "xlsx", "pdf", "csv"])
def test_a_value_for_each_place_is_an_indicator_for_each(form_: str) -> None:
    table = rows(
        [C("项目名称"), C("道路维修", 1, 5)],
        [C("一级指标", 2), C("二级指标", 2), C("三级指标", 2), C("指标值", 1, 3)],
        ["甲村", "乙村", "丙村"],
        ["产出指标", "数量指标", "维修里程", "≥3公里", "≥4公里", "≥5公里"],
        ["产出指标", "质量指标", "合格率", "100%", "", "100%"],
    )
    document = read(f"2025.{form_}", (offices.MERGING | offices.FLAT)[form_]([("项目支出绩效目标表", table)]))
    assert facts(document) == [
        ("维修里程（甲村）", "≥3公里"), ("维修里程（乙村）", "≥4公里"), ("维修里程（丙村）", "≥5公里"),
        ("合格率（甲村）", "100%"), ("合格率（丙村）", "100%"),
    ]  # fmt: skip
    (flag,) = document.flags
    assert flag.code == "two-value-columns"
    assert "“甲村”“乙村”“丙村”" in flag.message


@pytest.mark.parametrize(
    ("heads", "values", "read_as"),
    [
        (["2024年", "2025年"], ["≥3公里", "≥4公里"], {"value": "≥4公里", "prior": "≥3公里"}),
        (["一季度", "全年"], ["≥3公里", "≥4公里"], {"value": "≥4公里"}),
        (["上半年", "全年"], ["≥3公里", "≥4公里"], {"value": "≥4公里", "half_year": "≥3公里"}),
        (["定性", "定量"], ["", "≥4公里"], {"value": "≥4公里"}),
    ],
)
def test_what_parts_the_values_may_be_periods_or_natures(
    heads: list[str], values: list[str], read_as: dict[str, str]
) -> None:
    table = rows(
        [C("项目名称"), C("道路维修", 1, 4)],
        [C("一级指标", 2), C("二级指标", 2), C("三级指标", 2), C("指标值", 1, 2)],
        heads,
        ["产出指标", "数量指标", "维修里程", *values],
    )
    (project,) = read("2025.docx", offices.docx([("2025年项目支出绩效目标表", table)])).projects
    (indicator,) = project.indicators
    assert {"value": indicator.target.text} | {k: v.text for k, v in indicator.others.items()} == read_as
    assert indicator.name == "维修里程"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["种植数量", "", ""], "row-short"),  # a name that sounds like a level
        (["种植数量", "", "≥4个"], "two-value-columns"),
        (["环境", "改善", "提升"], "two-value-columns"),
    ],
)
def test_a_row_whose_value_is_not_where_it_should_be_is_said(row: list[str], code: str) -> None:
    table = rows(
        [C("项目名称"), C("公园", 1, 4)],
        ["一级指标", "二级指标", "三级指标", "指标值", "目标值"],
        ["产出指标", "数量指标", "公园数量", "≥36个", "≥36个"],
        ["产出指标", "数量指标", *row],
    )
    document = read("2025.docx", offices.docx([("2025年项目支出绩效目标表", table)]))
    assert facts(document) == [("公园数量", "≥36个")]
    assert codes(document) == {code}


@pytest.mark.parametrize(
    "value", ["公里", "≥   %", "个", "Err:502", "≤万元", "单击或点击此处输入文字。", "#REF!", "#N/A", "________", ""]
)
def test_what_nobody_filled_in_is_no_indicator(value: str) -> None:
    body = rows(["产出指标", "数量指标", "公园数量", "≥36个"], ["产出指标", "数量指标", "绿地面积", value])
    document = read("2025.docx", offices.docx([("项目支出绩效目标表", form(*body))]))
    assert facts(document) == [("公园数量", "≥36个")]
    assert codes(document) & {"template-text", "row-short"}
    assert any("绿地面积" in flag.message for flag in document.flags)


# ---------------------------------------------------------------- rows and headings that do not fit


def test_forms_side_by_side_are_projects_of_their_own() -> None:
    def wide(left: list[C], right: list[C]) -> list[C]:
        return [*left, C(""), *right]

    one, two, three = (
        form(*rows([*"甲乙"[:0], "产出指标", "数量指标", f"数量{n}", f"≥{n}个"]), name=f"项目{n}") for n in (1, 2, 3)
    )
    table = [wide(wide(a, b), c) for a, b, c in zip(one, two, three, strict=True)]
    document = read("2025.xlsx", offices.xlsx([("项目支出绩效目标表", table)]))
    assert [(p.name, [(i.name, i.target.text) for i in p.indicators]) for p in document.projects] == [
        (f"项目{n}", [(f"数量{n}", f"≥{n}个")]) for n in (1, 2, 3)
    ]


@pytest.mark.parametrize("short", [1, 2, 3])
def test_a_span_that_is_too_short_shifts_no_value(short: int) -> None:
    body = "".join(
        f"<tr>{f'<td rowspan={short}>产出指标</td>' if n == 1 else ''}<td>{kind}指标</td><td>某项{n}</td><td>≥{n}个</td></tr>"
        for n, kind in enumerate(("数量", "质量", "时效", "数量"), 1)
    )
    document = read("2025.html", web_form(body))
    assert rows_of(document) == [
        (f"{kind}指标", f"某项{n}", f"≥{n}个") for n, kind in enumerate(("数量", "质量", "时效", "数量"), 1)
    ]


@pytest.mark.parametrize("last", ["成本指标", "效益指标", "满意度指标"])
def test_a_span_that_is_too_long_shifts_no_value(last: str) -> None:
    two = {"成本指标": "经济成本指标", "效益指标": "社会效益指标", "满意度指标": "服务对象满意度指标"}[last]
    body = (
        "<tr><td rowspan=3>产出指标</td><td>数量指标</td><td>某项1</td><td>≥1个</td></tr>"
        "<tr><td>质量指标</td><td>某项2</td><td>≥90%</td></tr>"
        f"<tr><td>{last}</td><td>{two}</td><td>某项3</td><td>≥3个</td></tr>"
    )
    document = read("2025.html", web_form(body))
    assert [(i.level1, i.level2, i.name, i.target.text) for i in document.projects[0].indicators] == [
        ("产出指标", "数量指标", "某项1", "≥1个"), ("产出指标", "质量指标", "某项2", "≥90%"), (last, two, "某项3", "≥3个"),
    ]  # fmt: skip


def web_form(body: str) -> bytes:
    head = "<tr><td>项目名称</td><td colspan=3>口袋公园养护经费</td></tr><tr><td>年度资金总额（万元）</td><td colspan=3>120.50</td></tr>"
    return f"<html><body><p>2025年度项目支出绩效目标表</p><table>{head}<tr><td>一级指标</td><td>二级指标</td><td>三级指标</td><td>指标值</td></tr>{body}</table></body></html>".encode()


@pytest.mark.parametrize(
    ("cells", "taken"),
    [
        (("产出指标", "数量指标", "公园数量", "≥36个", "多出的"), True),
        (("公园数量", "≥36个", "数量指标", "产出指标", "多出的"), False),
        (("产出指标", "公园数量", "12", "≥36个"), False),
        (("产出指标", "数量指标", "数量指标", "≥36个"), False),
        (("满意度指标", "服务对象满意度指标", "数量指标", "≥36个"), False),
        (("效益指标", "社会效益指标", "明显改善", "居住环境"), False),
        (("产出指标", "数量指标", "质量指标", "公园数量"), False),
    ],
)
def test_a_row_that_does_not_fit_its_headings_is_said(cells: tuple[str, ...], taken: bool) -> None:
    document = read("2025.html", web_form("<tr>" + "".join(f"<td>{c}</td>" for c in cells) + "</tr>"))
    assert facts(document) == ([("公园数量", "≥36个")] if taken else [])
    assert codes(document) & {"row-short", "name-missing"}


@pytest.mark.parametrize(("level", "value"), [("服务对象满意度指标", "≥90%"), ("社会效益指标", "完成年度目标")])
def test_the_only_indicator_of_a_level_may_be_called_as_that_and_is_said(level: str, value: str) -> None:
    document = read(
        "2025.html", web_form(f"<tr><td>效益指标</td><td>{level}</td><td>{level}</td><td>{value}</td></tr>")
    )
    assert facts(document) == [(level, value)]
    assert codes(document) == {"name-missing"}


@pytest.mark.parametrize("kind", ["html", "docx", "xlsx", "pdf without lines", "pdf with lines across"])
@pytest.mark.parametrize(("gone", "column"), [(0, 0), (0, 1), (3, 1), (4, 0), (4, 1)])
def test_a_row_whose_level_cannot_be_told_is_said(kind: str, gone: int, column: int) -> None:
    """A level's word is taken out of a form, wherever it stands: no row below it goes without a word."""
    body = rows(
        [C("产出指标", 4), C("数量指标", 2), "甲", "≥1个"], ["乙", "≥2个"], [C("质量指标"), "丙", "≥3%"], [C("时效指标"), "丁", "≥4天"],
        ["满意度指标", "服务对象满意度指标", "戊", "≥5%"],
    )  # fmt: skip
    at = min(column, len(body[gone]) - 3)
    body[gone][at] = C("", body[gone][at].rowspan)
    table = form(*body)
    if kind.startswith("pdf"):
        lines = "none" if kind.endswith("without lines") else "horizontal"
        document = read("2025.pdf", printing.page(table, lines=lines))
    else:
        document = read(f"2025.{kind}", offices.MERGING[kind]([("2025年度项目支出绩效目标表", table)]))
    levels = {i.name: (i.level1, i.level2) for p in document.projects for i in p.indicators}
    unsaid = [
        name for name, known in levels.items() if not all(known)
        and not any(f.code == "level-unclear" and name in f.message for f in document.flags)
    ]  # fmt: skip
    true = dict.fromkeys("甲乙", "数量指标") | {"丙": "质量指标", "丁": "时效指标", "戊": "服务对象满意度指标"}
    assert not unsaid
    assert [name for name, (_, two) in levels.items() if two not in ("", true[name])] == []
    assert codes(document) & {"level-unclear", "row-short"}


@pytest.mark.parametrize("kind", ["docx", "csv"])
def test_money_of_the_whole_period_is_not_the_years_and_is_said(kind: str) -> None:
    table = [
        *rows(["项目名称", "跨年工程", "", ""], ["项目总投资（万元）", "1200.00", "", ""]),
        *form(*rows(["产出指标", "数量指标", "公园数量", "≥36个"]))[2:],
    ]
    document = read(f"2025.{kind}", (offices.MERGING | offices.FLAT)[kind]([("2025年度项目支出绩效目标表", table)]))
    assert [(p.budget, p.midterm_budget) for p in document.projects] == [(None, 12_000_000)]
    (flag,) = [f for f in document.flags if f.code == "midterm-only"]
    assert (flag.quote.text, "全周期" in flag.message) == ("1200.00", True)


@pytest.mark.parametrize(
    ("head", "row", "words"),
    [
        ("指标值,指标值", "≥1个,≥36个", ["第2行文字", "“公园数量”", "看不出哪一个是指标值"]),
        ("东山村,西河村", "≥1个,≥36个", ["没有“指标值”列", "东山村", "西河村"]),
        ("指标值", "≥36个,多余,又多余", ["第2行文字", "多于表头的 6 列"]),
        ("指标值", "", ["表头下面没有填写的指标", "三级指标"]),
    ],
)
def test_a_refusal_names_what_is_wrong(head: str, row: str, words: list[str]) -> None:
    filled = f"甲,1.00,产出指标,数量指标,公园数量,{row}" if row else "甲,1.00,,,,"
    text = f"项目名称,预算数（万元）,一级指标,二级指标,三级指标,{head}\n{filled}"
    with pytest.raises(ReadError) as error:
        read("2025.csv", text.encode())
    assert [word for word in words if word not in str(error.value)] == []


def test_a_refusal_names_the_row_that_is_nearest_to_a_header() -> None:
    text = "项目名称,防火经费,,\n指标类别,细类,绩效指标,考核办法\n产出指标,数量指标,巡护面积,≥3万亩"
    with pytest.raises(
        ReadError, match="“防火经费”没有认得出的指标表头，最像表头的是“指标类别、细类、绩效指标、考核办法”一行"
    ):
        read("2025.csv", text.encode())


@pytest.mark.parametrize(
    ("heading", "written", "shown"),
    [
        ("指标值（%）", "≥99", "≥99%"), ("指标值(%)", "100", "100%"), ("指标值（万元）", "≤12.5", "≤12.5万元"), ("指标值（%）", "≥5个", "≥5个"),
        ("指标值（%）", "2025年6月", "2025年6月"), ("指标值（计划）", "≥99", "≥99"), ("指标值（10分）", "≥99", "≥99"),
    ],
)  # fmt: skip
def test_a_unit_in_the_heading_is_of_the_numbers_below_that_have_none(heading: str, written: str, shown: str) -> None:
    text = f"项目名称,一级指标,二级指标,三级指标,{heading}\n甲,产出指标,质量指标,合格率,{written}"
    assert facts(read("2025.csv", text.encode())) == [("合格率", shown)]


@pytest.mark.parametrize("between", ["—", "-", "→", "/"])
def test_levels_before_a_name_are_its_levels_where_there_is_no_column_for_them(between: str) -> None:
    text = f"项目名称,绩效指标,指标值\n甲,产出指标{between}数量指标{between}巡护面积,≥3万亩\n甲,合格率,≥95%"
    (project,) = read("2025.csv", text.encode()).projects
    assert next((i.level1, i.level2, i.name) for i in project.indicators) == ("产出指标", "数量指标", "巡护面积")


@pytest.mark.parametrize("value", ["≥36个/38个", "≥36个（10分）", "≥3≤5天", "＞20±2%", "≥2O个/个个个个个个个"])
def test_a_value_that_begins_as_a_number_and_is_none_is_said(value: str) -> None:
    document = read("2025.docx", offices.docx(page([C("产出指标"), C("数量指标"), C("公园数量"), C(value)])))
    assert [i.target.number for i in document.projects[0].indicators] == [None]
    assert "glued-value" in codes(document)


@pytest.mark.parametrize(
    ("labels", "budget"),
    [
        (("申报预算（万元）", "批复预算（万元）"), 20), (("批复预算（万元）", "申报预算（万元）"), 10), (("申请金额（万元）", "核定金额（万元）"), 20),
        (("申报预算（万元）", "备注"), 10),
    ],
)  # fmt: skip
def test_what_was_approved_is_the_budget_not_what_was_asked_for(labels: tuple[str, str], budget: int) -> None:
    table = [
        *rows(["项目名称", C("甲", 1, 3)], [labels[0], "10.00", labels[1], "20.00"]),
        *form(*rows(["产出指标", "数量指标", "数量", "≥3个"]))[2:],
    ]
    document = read("2025.docx", offices.docx([("2025年度项目支出绩效目标表", table)]))
    assert [p.budget for p in document.projects] == [budget * 10_000]


def test_an_amount_in_words_with_the_figure_beside_it() -> None:
    amount = "人民币壹佰陆拾捌万伍仟元整（¥1,685,000.00）"
    table = [
        *rows(["项目名称", C("甲", 1, 3)], ["预算金额", C(amount, 1, 3)]),
        *form(*rows(["产出指标", "数量指标", "数量", "≥3个"]))[2:],
    ]
    document = read("2025.docx", offices.docx([("2025年度项目支出绩效目标表", table)]))
    assert [p.budget for p in document.projects] == [1_685_000]


def test_lines_of_a_project_with_different_budgets_give_none_and_are_said() -> None:
    lines = [f"甲,{amount},产出指标,数量指标,数量{n},≥{n}个" for n, amount in enumerate(("85", "85.00", "58"), 1)]
    document = read(
        "2025.csv", "\n".join(["项目名称,预算数（万元）,一级指标,二级指标,三级指标,指标值", *lines]).encode()
    )
    assert [p.budget for p in document.projects] == [None]
    (flag,) = [f for f in document.flags if f.code == "amount-unreadable"]
    assert (flag.quote.text, "“85”" in flag.message) == ("58", True)


def test_levels_in_a_table_of_their_own_are_said_to_be_unread() -> None:
    table = rows(
        ["项目名称", "甲"], ["一级指标", "二级指标"], ["产出指标", "数量指标"], ["三级指标", "指标值"], ["巡护面积", "≥3万亩"],
    )  # fmt: skip
    document = read("2025.docx", offices.docx([("2025年度项目支出绩效目标表", table)]))
    assert facts(document) == [("巡护面积", "≥3万亩")]
    assert "level-unclear" in codes(document)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_form_of_the_whole_period_gives_the_years_indicators_their_second_target(order: tuple[int, int]) -> None:
    whole = [
        *rows(["项目名称", C("公园", 1, 3)], ["中期资金总额（万元）", C("300.00", 1, 3)]),
        *form(*rows(["产出指标", "数量指标", "公园数量", "≥90个"]))[2:],
    ]
    forms_ = [
        ("项目中期绩效目标表\n（2025-2027年）", whole),
        ("项目年度绩效目标表\n（2025年度）", form(*rows(["产出指标", "数量指标", "公园数量", "≥36个"]), name="公园")),
    ]
    document = read("2025.docx", offices.docx([forms_[n] for n in order]))
    (project,) = document.projects
    assert (project.budget, project.midterm_budget) == (1_205_000, 3_000_000)
    assert [(i.target.text, i.others["midterm"].text) for i in project.indicators] == [("≥36个", "≥90个")]
    assert codes(document) == set()


@pytest.mark.parametrize("cell", ["产出指标-数量指标", "产出指标/数量指标", "【产出指标】【数量指标】"])
def test_both_levels_in_one_cell_are_both(cell: str) -> None:
    text = f"项目名称,指标类型,指标名称,指标值\n甲,{cell},巡护面积,≥3万亩"
    (indicator,) = read("2025.csv", text.encode()).projects[0].indicators
    assert (indicator.level1, indicator.level2) == ("产出指标", "数量指标")


@pytest.mark.parametrize(
    ("one", "two", "name"),
    [("一、", "（一）", "1."), ("1.", "(1)", "①"), ("（一）", "1、", ""), ("", "", "1."), ("", "", "")],
)
def test_an_outline_in_one_cell_has_both_levels(one: str, two: str, name: str) -> None:
    """成本指标 is a second level elsewhere; here the number before it, or the label right below, says that it is a first."""
    text = (
        f"{one}产出指标\n{two}数量指标\n{name}新建泊位：≥1560个；\n{two}质量指标：\n{name}在线率：≥97%\n"
        f"{one}成本指标\n{two}经济成本指标\n{name}单个泊位成本：≤4615元/个\n"
        f"{one}效益指标\n{two}社会效益指标\n{name}停车难问题：有所缓解\n"
        f"{one}满意度指标\n{two}服务对象满意度指标\n{name}车主满意度：≥85%"
    )
    table = rows(["项目名称", "泊位"], ["预算数", "720万元"], ["绩效指标", text])
    (project,) = read("2025.docx", offices.docx([("2025年度项目支出绩效目标表", table)])).projects
    assert [(i.level1, i.level2, i.name) for i in project.indicators] == [
        ("产出指标", "数量指标", "新建泊位"), ("产出指标", "质量指标", "在线率"), ("成本指标", "经济成本指标", "单个泊位成本"),
        ("效益指标", "社会效益指标", "停车难问题"), ("满意度指标", "服务对象满意度指标", "车主满意度"),
    ]  # fmt: skip


def test_a_level_that_was_cut_is_said_where_others_are_merged() -> None:
    """The only cell of a second level is gone; the merged first level tells that a blank is no habit here."""
    table = form(
        *rows(
            [C("产出指标", 2), "质量指标", "苗木成活率", "≥95%"],
            ["完工时间", "2025年9月底前"],
            ["效益指标", "社会效益指标", "环境", "明显改善"],
        )
    )
    document = read("2025.html", offices.web([("2025年度\n项目支出绩效目标表", table)]))
    assert codes(document) == {"row-short"}


def test_print_without_a_height_is_refused() -> None:
    from dataclasses import replace

    source = parse("a.pdf", printing.page(form(*rows(["产出指标", "数量指标", "公园数量", "≥36个"])), lines="none"))
    for grid in source.grids:
        grid.rows = [[replace(c, area=c.area and (*c.area[:3], c.area[1])) for c in row] for row in grid.rows]
    with pytest.raises(ReadError, match="没有高度"):
        read_document(source)


def test_a_fourth_level_is_the_name_where_there_is_one() -> None:
    text = "项目名称,一级指标,二级指标,三级指标,四级指标,指标值\n甲,产出指标,数量指标,巡护,巡护面积,≥3万亩"
    assert facts(read("2025.csv", text.encode())) == [("巡护面积", "≥3万亩")]


@pytest.mark.parametrize(
    "amount", ["168.5万元（其中：财政拨款150万元，自筹18.5万元）", "168.50万元，其中财政拨款150万元"]
)
def test_an_amount_with_its_parts_behind_it(amount: str) -> None:
    table = [
        *rows(["项目名称", C("甲", 1, 3)], ["预算金额", C(amount, 1, 3)]),
        *form(*rows(["产出指标", "数量指标", "数量", "≥3个"]))[2:],
    ]
    document = read("2025.docx", offices.docx([("2025年度项目支出绩效目标表", table)]))
    assert [p.budget for p in document.projects] == [1_685_000]


def test_indicators_laid_out_across_are_refused_as_what_they_are() -> None:
    text = "项目名称,预算数（万元）,数量指标,指标值,质量指标,指标值\n甲,1.00,面积,≥3万亩,合格率,≥95%"
    with pytest.raises(ReadError, match="把“数量指标”“质量指标”横着排成几列：请改成一行一个指标"):
        read("2025.csv", text.encode())


def test_grades_are_no_value_and_are_named() -> None:
    table = [
        *rows(
            [C("项目名称"), C("防火经费", 1, 6)],
            [C("一级指标", 2), C("二级指标", 2), C("三级指标", 2), C("绩效标准", 1, 4)],
            [*"优良中差"],
        ),
        *rows(["产出指标", "数量指标", "巡护面积", "≥95%", "≥85%", "≥75%", "<75%"]),
    ]
    with pytest.raises(ReadError, match="没有“指标值”列，“优”“良”“中”“差”各列"):
        read("2025.docx", offices.docx([("2025年度项目支出绩效目标表", table)]))


def test_paragraphs_with_tabs_are_rows_where_a_document_has_no_table() -> None:
    lines = ["2025年度项目支出绩效目标表", "项目名称\t防火经费", "年度资金总额（万元）\t12.50", "一级指标\t二级指标\t三级指标\t指标值",
             "产出指标\t数量指标\t巡护面积\t≥3万亩", "产出指标\t质量指标\t合格率\t≥95%"]  # fmt: skip
    body = "".join("<w:p>" + "<w:r><w:tab/></w:r>".join(map(_run, line.split("\t"))) + "</w:p>" for line in lines)
    document = read("2025.docx", offices.docx_of(body))
    assert facts(document) == [("巡护面积", "≥3万亩"), ("合格率", "≥95%")]
    assert [(p.name, p.budget) for p in document.projects] == [("防火经费", 125000)]


@pytest.mark.parametrize("end", ["", ",", ",,"])
@pytest.mark.parametrize("amount", ["1,205.00", "12,050.00", "120,500"])
def test_a_number_parted_by_its_own_comma_is_joined_and_said(amount: str, end: str) -> None:
    text = (
        f"项目名称,预算数（万元）,一级指标,二级指标,三级指标,指标值{',备注' * len(end)}\n"
        f"口袋公园,{amount},产出指标,数量指标,公园数量,≥36个{end}"
    )
    document = read("2025.csv", text.encode())
    assert facts(document) == [("公园数量", "≥36个")]
    assert [p.budget for p in document.projects] == [int(float(amount.replace(",", "")) * 10000)]
    assert "row-short" in codes(document)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [('"=""≥36个"""', "≥36个"), ("'≥36个", "≥36个"), ("'36", "36"), ("'十佳'评选", "'十佳'评选")],
)
def test_what_guards_a_text_in_a_csv_is_not_of_it(written: str, read_as: str) -> None:
    text = f"项目名称,预算数（万元）,一级指标,二级指标,三级指标,指标值\n甲,1.00,产出指标,数量指标,公园数量,{written}"
    assert value_of(parse("2025.csv", text.encode())) == read_as


@pytest.mark.parametrize("unit", ["%", "％", "百分比"])
@pytest.mark.parametrize(
    ("values", "flagged"),
    [
        (["0.95", "0.9", "0.98"], 3), (["0.95", "90", "98"], 1), (["1", "0.9", "0.85"], 3), (["0.5", "90", "98"], 0), (["95", "90", "98"], 0),
    ],
)  # fmt: skip
def test_percents_stored_as_fractions_are_known_by_unit_and_column(values: list[str], flagged: int, unit: str) -> None:
    table = [
        *rows([C("项目名称"), C("甲", 1, 5)], ["一级指标", "二级指标", "三级指标", "指标性质", "指标值", "度量单位"]),
        *rows(*[["产出指标", "质量指标", f"某某情况{n}", "≥", value, unit] for n, value in enumerate(values)]),
    ]
    document = read("2025.xlsx", offices.xlsx([("项目支出绩效目标表", table)]))
    assert sum(flag.code == "percent-as-one" for flag in document.flags) == flagged


@pytest.mark.parametrize("end", [" |", ""])
def test_rows_of_text_without_cells_for_merged_levels_are_put_in_their_columns(end: str) -> None:
    lines = [
        "2025年度项目绩效目标表", "项目名称 | 老年食堂运营补贴", "年度资金总额（万元） | 178.00", "一级指标 | 二级指标 | 三级指标 | 指标值 | 备注",
        "产出指标 | 数量指标 | 补贴食堂数量 | ≥29家 | 无", "服务老年人数 | ≥1900人次 | 无", "质量指标 | 卫生合格率 | ≥99% | 无",
    ]  # fmt: skip
    document = read("表.txt", "\n".join(line + end for line in lines).encode())
    assert facts(document) == [("补贴食堂数量", "≥29家"), ("服务老年人数", "≥1900人次"), ("卫生合格率", "≥99%")]
    assert [i.level2 for i in document.projects[0].indicators] == ["数量指标", "数量指标", "质量指标"]


@pytest.mark.parametrize(
    ("cells", "flagged"),
    [
        (["≥0.98", "≤0.02"], 2),
        (["≤0.5", "≤0.02"], 0),  # both may be meant
        (["≥98", "≤0.02"], 0),
    ],
)
def test_a_limit_of_a_few_percents_is_a_fraction_where_its_column_is_of_fractions(
    cells: list[str], flagged: int
) -> None:
    table = [
        *rows([C("项目名称"), C("甲", 1, 5)], ["一级指标", "二级指标", "三级指标", "指标性质", "指标值", "度量单位"]),
        *rows(*[["产出指标", "质量指标", f"某某情况{n}", c[0], c[1:], "%"] for n, c in enumerate(cells)]),
    ]
    document = read("2025.xlsx", offices.xlsx([("项目支出绩效目标表", table)]))
    assert sum(flag.code == "percent-as-one" for flag in document.flags) == flagged


@pytest.mark.parametrize("ditto", ["同上", "〃", "″"])
def test_a_level_as_above_is_the_one_above_and_a_value_as_above_is_said(ditto: str) -> None:
    body = rows(
        ["产出指标", "数量指标", "清淤河道长度", "≥36公里"],
        [ditto, ditto, "维修泵站座数", "12座"],
        [ditto, "质量指标", "护岸长度", ditto],
        ["效益指标", "社会效益指标", "受益人口", "≥21000人"],
    )
    document = read("a.docx", offices.docx(page(*body)))
    assert [(i.level1, i.level2, i.name) for p in document.projects for i in p.indicators] == [
        ("产出指标", "数量指标", "清淤河道长度"),
        ("产出指标", "数量指标", "维修泵站座数"),
        ("效益指标", "社会效益指标", "受益人口"),
    ]
    assert [flag.message[:20] for flag in document.flags if "护岸长度" in flag.message] == [
        f"“护岸长度”的指标值是“{ditto}”：与上一行相同"[:20]
    ]
