"""Files as they come, each kind in several formats: read right, or said with the cell; never misread without a word."""

from __future__ import annotations

import io

import offices
import printing
import pytest
from offices import C, rows

from kg.readers import Source
from kg.readers.document import parse
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

    web = offices.web(page([C("产出指标"), C("数量指标"), C("公园数量"), C("≥36@个")])).replace(b"@", b"<sup>1</sup>")
    assert value_of(parse("a.html", web)) == "≥36个"
    book = Workbook()
    book.active.append(["三级指标", "指标值"])
    book.active.append(["公园数量", CellRichText("≥36", TextBlock(InlineFont(vertAlign="superscript"), "1"), "个")])
    book.active.append(["面积", CellRichText("≥36m", TextBlock(InlineFont(vertAlign="superscript"), "2"))])
    out = io.BytesIO()
    book.save(out)
    assert [row[1].text for row in parse("a.xlsx", out.getvalue()).grids[0]] == ["指标值", "≥36个", "≥36m²"]


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
