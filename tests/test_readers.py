"""Every format gives the same cells, at their true places, with their spans; what each format has of its own."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import offices
import pytest
from broken import BROKEN
from command import SAMPLE, TESTS
from hypothesis import given, settings
from hypothesis import strategies as st
from offices import C, rows

from kg.readers import Grid, ReadError, Source, read
from kg.readers.document import parse
from kg.readers.number_formats import shown
from kg.tables import ProjectRecord, read_document

DECLARATION = rows(
    [C("项目名称", 1, 2), C("公益性岗位补贴", 1, 3)],
    [C("项目资金\n（万元）", 2, 2), C("年度资金总额：", 1, 2), "97.51"],
    [C("其中：财政拨款", 1, 2), ""],
    [C("绩效指标", 5), "一级指标", "二级指标", "三级指标", "指标值"],
    [C("产出指标", 3), C("数量指标", 2), "享受人员数量", "≥20人"],
    ["发放次数", "12次"],
    ["时效指标", "资金到位及时率", "≥99%"],
    ["效益指标", "社会效益指标", "提供就业机会", "不断提升"],
)
PAGE = [("2025年部门预算公开\n项目支出绩效目标表", DECLARATION)]


def cells(grid: Grid) -> list[tuple[int, int, int, int, str]]:
    return [(c.row, c.column, c.rowspan, c.colspan, c.text) for row in grid for c in row]


def expected(table: offices.Rows, down: int = 0) -> list[tuple[int, int, int, int, str]]:
    return [(r + down, c, cell.rowspan, cell.colspan, cell.text) for r, c, cell in offices.placed(table)]


def texts(source: Source) -> list[list[list[str]]]:
    return [[[c.text for c in row] for row in grid] for grid in source.grids]


@pytest.mark.parametrize("form", offices.MERGING)
def test_merged_cells_stand_once_at_their_true_place(form: str) -> None:
    source = parse(f"declaration.{form}", offices.MERGING[form](PAGE))
    (grid,) = source.grids
    title = 2 if grid.sheet else 0  # a sheet's title is a row of it
    assert [c for c in cells(grid) if c[0] > title] == expected(DECLARATION, title)
    assert "2025年部门预算公开" in (grid.caption + grid.rows[0][0].text)
    assert source.warnings == []


@st.composite
def tilings(draw: st.DrawFn) -> offices.Rows:
    """A table cut into cells of any spans; every cell has words."""
    height, width = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    free = {(r, c) for r in range(height) for c in range(width)}
    lines: list[list[C]] = [[] for _ in range(height)]
    while free:
        r, c = min(free)
        across = draw(st.integers(1, next((n for n in range(width - c) if (r, c + n) not in free), width - c)))
        down = draw(st.integers(1, height - r))
        free -= {(r + i, c + j) for i in range(down) for j in range(across)}
        lines[r].append(C(f"格{r}·{c}", down, across))
    return lines


@given(table=tilings(), form=st.sampled_from(["docx", "html", "xlsx", "xls"]))
@settings(max_examples=60)
def test_cells_of_any_spans_come_back(table: offices.Rows, form: str) -> None:
    (grid,) = parse(f"a.{form}", offices.MERGING[form]([("", table)])).grids
    assert sorted(cells(grid)) == sorted(expected(table))


def test_a_doc_is_read_without_another_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    source = parse("declaration.doc", (TESTS / "data" / "declaration.doc").read_bytes())
    assert source.preface == "2025年部门预算公开\n项目支出绩效目标表"
    assert cells(source.grids[0]) == expected(DECLARATION)


def facts(projects: list[ProjectRecord]) -> list[object]:
    return [
        (p.name, p.budget, p.fiscal_funds, p.other_funds, p.purpose, p.goals, p.department,
         [(i.row, i.level1, i.level2, i.name, i.description, i.target) for i in p.indicators])
        for p in projects
    ]  # fmt: skip


@pytest.fixture(scope="module")
def sample() -> offices.Page:
    """The sample's tables; the last cell of a row reaches to the table's right edge."""
    page = []
    for grid in read(SAMPLE).grids:
        width = max(len(row) for row in grid)
        page.append(
            (
                grid.caption,
                [[*map(C, [c.text for c in row[:-1]]), C(row[-1].text, 1, width - len(row) + 1)] for row in grid],
            )
        )
    return page


@pytest.mark.parametrize("form", offices.MERGING | offices.FLAT)
def test_the_sample_gives_the_same_records_in_every_format(form: str, sample: offices.Page) -> None:
    name = f"tianjin-hrss-2025.{form}"
    content = (offices.MERGING | offices.FLAT)[form](sample)
    record = read_document(parse(name, content))
    original = read_document(read(SAMPLE))
    assert record.year == original.year
    if form == "pdf":  # a blank where a line was wrapped is not on the page
        assert str(facts(record.projects)).replace(" ", "") == str(facts(original.projects)).replace(" ", "")
    else:
        assert facts(record.projects) == facts(original.projects)


def docx_grids(body: str) -> list[list[list[str]]]:
    return texts(parse("a.docx", offices.docx_of(body)))


def p(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def tc(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{text if text.startswith('<') else p(text)}</w:tc>"


def tr(*cells: str, properties: str = "") -> str:
    return f"<w:tr>{properties}{''.join(cells)}</w:tr>"


def tbl(*lines: str) -> str:
    return f"<w:tbl>{''.join(lines)}</w:tbl>"


@pytest.mark.parametrize(
    ("paragraph", "text"),
    [
        ("<w:p><w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t></w:r></w:p>", "甲\n乙"),
        ("<w:p><w:ins><w:r><w:t>新增</w:t></w:r></w:ins><w:del><w:r><w:delText>删去</w:delText></w:r></w:del></w:p>", "新增"),
        ("<w:p><w:moveFrom><w:r><w:t>旧处</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>新处</w:t></w:r></w:moveTo></w:p>", "新处"),
        ("<w:p><w:sdt><w:sdtPr/><w:sdtContent><w:r><w:t>控件</w:t></w:r></w:sdtContent></w:sdt></w:p>", "控件"),
        ("<w:p><w:hyperlink><w:r><w:t>链接</w:t></w:r></w:hyperlink></w:p>", "链接"),
        ('<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r><w:r><w:t>显示</w:t></w:r></w:p>', "显示"),
        ('<w:p><w:r><w:sym w:font="Symbol" w:char="F0B3"/></w:r><w:r><w:t>90%</w:t></w:r></w:p>', "≥90%"),
        ("<w:p><m:oMath><m:r><m:t>≥50</m:t></m:r></m:oMath></w:p>", "≥50"),
        ("<w:p><w:r><w:fldChar/><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>3</w:t></w:r></w:p>", "3"),
        (("<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>框</w:t></w:r></w:p></w:txbxContent></mc:Choice>"
         "<mc:Fallback><w:t>框</w:t></mc:Fallback></mc:AlternateContent></w:r></w:p>"), "框"),
        (p("一") + p("二"), "一\n二"),
    ],
    ids=["break", "tracked", "moved", "control", "link", "hidden", "symbol", "formula", "field", "text box", "paragraphs"],
)  # fmt: skip
def test_docx_words_are_those_displayed(paragraph: str, text: str) -> None:
    assert docx_grids(tbl(tr(tc(paragraph), tc("值")))) == [[[text, "值"]]]


@pytest.mark.parametrize(
    ("form", "pattern", "numbers"),
    [
        ("decimal", "%1.", ["1.", "2.", "3."]),
        ("chineseCounting", "（%1）", ["（一）", "（二）", "（三）"]),
        ("decimalEnclosedCircle", "%1", ["①", "②", "③"]),
        ("bullet", "", ["", "", ""]),
    ],
)
def test_docx_lists_are_numbered_as_they_show(form: str, pattern: str, numbers: list[str]) -> None:
    definition = (
        f'<w:abstractNum w:abstractNumId="4"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlText w:val="{pattern}"/></w:lvl></w:abstractNum><w:num w:numId="7"><w:abstractNumId w:val="4"/></w:num>'
    )
    listed = '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="7"/></w:numPr></w:pPr>'
    goals = "".join(p(word).replace("<w:p>", f"<w:p>{listed}") for word in ("甲", "乙", "", "丙"))
    (grid,) = parse("a.docx", offices.docx_of(tbl(tr(tc("绩效目标"), tc(goals))), definition)).grids
    assert [line for line in grid.rows[0][1].text.split("\n") if line] == [
        n + w for n, w in zip(numbers, "甲乙丙", strict=True)
    ]


def test_docx_rows_and_cells_inside_content_controls_and_tracked_rows() -> None:
    control = "<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>"
    gone = tr(tc("删"), tc("去"), properties="<w:trPr><w:del/></w:trPr>")
    body = tbl(tr(control.format(tc("甲")), tc("乙")), control.format(tr(tc("丙"), tc("丁"))), gone)
    assert docx_grids(body) == [[["甲", "乙"], ["丙", "丁"]]]


def test_docx_cells_that_start_late_keep_their_column() -> None:
    body = tbl(tr(tc("甲"), tc("乙")), tr(tc("丙"), properties='<w:trPr><w:gridBefore w:val="1"/></w:trPr>'))
    (grid,) = parse("a.docx", offices.docx_of(body)).grids
    assert cells(grid) == [(1, 1, 1, 1, "甲"), (1, 2, 1, 1, "乙"), (2, 2, 1, 1, "丙")]


def test_a_table_inside_a_cell_is_a_grid_of_its_own() -> None:
    inner = tbl(tr(tc("一级指标"), tc("指标值")))
    body = tbl(tr(tc("项目名称"), tc("甲")), tr(tc("指标"), tc(p("见下") + inner + p(""))))
    assert docx_grids(body) == [[["项目名称", "甲"], ["指标", "见下"]], [["一级指标", "指标值"]]]
    page = (
        "<table><tr><td>项目名称<td>甲<td>乙<tr><td>指标<td>见下<table><tr><td>一级指标<td>指标值</table><td>丙</table>"
    )
    assert texts(parse("a.html", page.encode())) == [
        [["项目名称", "甲", "乙"], ["指标", "见下", "丙"]], [["一级指标", "指标值"]]
    ]  # fmt: skip


def test_tables_with_no_words_between_are_one_and_a_repeated_header_is_dropped() -> None:
    header = tr(tc("一级指标"), tc("指标值"))
    body = tbl(header, tr(tc("甲"), tc("1"))) + p("") + tbl(header, tr(tc("乙"), tc("2"))) + p("说明") + tbl(header)
    grids = parse("a.docx", offices.docx_of(body)).grids
    assert [g.caption for g in grids] == ["", "说明"]
    assert [(c.row, c.text) for row in grids[0] for c in row] == [
        (1, "一级指标"), (1, "指标值"), (2, "甲"), (2, "1"), (3, "乙"), (3, "2")
    ]  # fmt: skip


def test_words_above_a_table_are_its_caption_and_prose_is_not() -> None:
    prose = "本部门" * 40
    body = (
        p("2025年预算公开")
        + p(prose)
        + p("目标表")
        + p("单位：万元")
        + tbl(tr(tc("甲"), tc("乙")))
        + p("2.丙")
        + tbl(tr(tc("丁"), tc("戊")))
    )
    source = parse("a.docx", offices.docx_of(body))
    assert [g.caption for g in source.grids] == ["目标表\n单位：万元", "2.丙"]
    assert source.preface.splitlines() == ["2025年预算公开", prose, "目标表", "单位：万元"]


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.95, "0%", "95%"), (0.955, "0.0%", "95.5%"), (1, "0.00%", "100.00%"), (0.125, '0.0"%"', "0.1%"),
        (3540, "General", "3540"), (3540.0, "General", "3540"), (0.1 + 0.2, "General", "0.3"), (1e-7, "General", "0.0000001"),
        (1234567.891, "#,##0.00", "1,234,567.89"), (1234567, "#,##0", "1,234,567"), (-5, "0.00_ ", "-5.00"),
        (-5, "#,##0.00_);[Red]\\(#,##0.00\\)", "(5.00)"), (0, '#,##0;-#,##0;"-"', "-"), (20, '0"人"', "20人"), (20, '"≥"0"人"', "≥20人"),
        (2.5, "0.##", "2.5"), (2, "0.##", "2"), (7, "000", "007"), (12345, '0.0,"千"', "12.3千"), (90, '0\\%', "90%"),
        (90, '"≥"General', "≥90"), (5, "@", "5"), ("≥90%", "@", "≥90%"), (True, "General", "TRUE"), (None, "General", ""),
        (5, "¥#,##0.00", "¥5.00"), (5, "[$¥-804]#,##0", "¥5"), (2.675, "0.00", "2.68"), (0.5, "0", "1"), (100, "0_ ", "100"),
        (datetime.datetime(2025, 12, 31), 'yyyy"年"m"月"d"日"', "2025年12月31日"), (datetime.datetime(2025, 2, 1), "yyyy-mm-dd", "2025-02-01"),
        (datetime.datetime(2025, 2, 1), "mm-dd-yy", "2025/2/1"), (datetime.datetime(2025, 2, 1), 'yyyy"年"m"月"', "2025年2月"),
        (datetime.datetime(2025, 2, 1, 9, 5), "yyyy/m/d h:mm", "2025/2/1 9:05"), (datetime.time(14, 30), "h:mm", "14:30"),
        (datetime.datetime(2025, 2, 1), "[$-F800]dddd, mmmm dd, yyyy", "星期六, 2月 01, 2025"), (datetime.date(2025, 2, 1), "General", "2025/2/1"),
    ],
)  # fmt: skip
def test_a_number_reads_as_its_format_shows_it(value: object, code: str, text: str) -> None:
    assert shown(value, code) == text


def sheets(write: Callable[..., None]) -> Source:
    import openpyxl

    book = openpyxl.Workbook()
    write(book, book.active)
    out = io.BytesIO()
    book.save(out)
    return parse("a.xlsx", out.getvalue())


def test_xlsx_numbers_read_as_displayed_and_cells_have_references() -> None:
    def write(book: object, sheet: object) -> None:
        sheet["B2"], sheet["C2"], sheet["B4"] = "满意度", 0.95, datetime.datetime(2025, 12, 31)
        sheet["C2"].number_format, sheet["B4"].number_format = "0%", 'yyyy"年"m"月"d"日"'

    (grid,) = sheets(write).grids
    assert [(c.ref, c.row, c.column, c.text) for row in grid for c in row if c.text] == [
        ("B2", 2, 2, "满意度"), ("C2", 2, 3, "95%"), ("B4", 4, 2, "2025年12月31日")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "text"), [(31, "2025年12月31日"), (57, "2025年12月"), (58, "12月31日"), (14, "2025/12/31"), (0, "46022")]
)
def test_formats_that_a_chinese_excel_knows_by_number(number: int, text: str) -> None:
    members: dict[str, str | bytes] = {}
    with zipfile.ZipFile(io.BytesIO(offices.xlsx(PAGE))) as file:
        members |= {name: file.read(name) for name in file.namelist()}
    styles = members["xl/styles.xml"]
    assert isinstance(styles, bytes)
    members["xl/styles.xml"] = re.sub(
        rb"<cellXfs.*?</cellXfs>", b'<cellXfs><xf numFmtId="%d"/></cellXfs>' % number, styles
    )
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{space}"><sheetData><row><c s="0"><v>46022</v></c></row></sheetData></worksheet>'
    members["xl/worksheets/sheet1.xml"] = sheet
    assert texts(parse("a.xlsx", offices.archive(members))) == [[[text]]]


def test_xls_numbers_read_as_displayed() -> None:
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for column, (value, code) in enumerate(
        [(0.95, "0%"), (3540.0, "General"), (1234.5, "#,##0.00"), (46022, "yyyy/m/d")]
    ):
        sheet.write(0, column, value, xlwt.easyxf(num_format_str=code))
    book.add_sheet("藏").write(0, 0, "x")
    book.get_sheet(1).visibility = 1
    out = io.BytesIO()
    book.save(out)
    source = parse("a.xls", out.getvalue())
    assert texts(source) == [[["95%", "3540", "1,234.50", "2025/12/31"]]]
    assert source.warnings == ["“a.xls”的工作表“藏”是隐藏的：未读"]


def test_hidden_sheets_and_formulas_without_a_value_are_told() -> None:
    def write(book: object, sheet: object) -> None:
        sheet["A1"], sheet["B1"], sheet["C1"] = "数", 1, "=B1*2"
        book.create_sheet("旧表")["A1"] = "x"
        book["旧表"].sheet_state = "hidden"

    source = sheets(write)
    assert texts(source) == [[["数", "1"]]]
    assert source.warnings[0].startswith("“a.xlsx”的工作表“Sheet”的 C1 是没有存下结果的公式")
    assert source.warnings[1] == "“a.xlsx”的工作表“旧表”是隐藏的：未读"


def test_a_formula_reads_as_the_value_that_was_stored() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"] = "数", "=1+1"
    out = io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(out) as file:
        members: dict[str, str | bytes] = {name: file.read(name) for name in file.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    assert isinstance(sheet, bytes)
    members["xl/worksheets/sheet1.xml"] = sheet.replace(b"<v />", b"<v>2</v>").replace(b"<v></v>", b"<v>2</v>")
    source = parse("a.xlsx", offices.archive(members))
    assert (texts(source), source.warnings) == ([[["数", "2"]]], [])


def test_a_pdf_table_over_pages_is_one_and_its_header_stands_once() -> None:
    source = parse(
        "a.pdf",
        offices.pdf(
            [
                (
                    "目标表",
                    rows(*[["一级指标", "指标", "指标值"], *[["产出", f"指标{n}", f"≥{n}人"] for n in range(80)]]),
                )
            ],
            repeat=1,
        ),
    )
    (grid,) = source.grids
    assert [[c.text for c in row] for row in grid] == [
        ["一级指标", "指标", "指标值"],
        *[["产出", f"指标{n}", f"≥{n}人"] for n in range(80)],
    ]
    assert [row[0].row for row in grid] == list(range(1, 82))
    assert {c.page for c in grid.rows[1]} == {1}
    assert grid.rows[-1][0].page >= 2


def test_lines_that_a_pdf_cell_wrapped_are_joined_and_others_kept() -> None:
    long = "信息化系统运行服务响应时间不超过规定的时间"
    source = parse("a.pdf", offices.pdf([("", rows([long, "1.甲\n2.乙", "≥90%"], ["a", "b", "c"]))]))
    assert texts(source) == [[[long, "1.甲\n2.乙", "≥90%"], ["a", "b", "c"]]]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ('<html><meta charset="gb2312"><table><tr><td>指标<td>值</table>', "gb18030"),
        ('<html><meta http-equiv=Content-Type content="text/html; charset=GBK"><table><tr><td>指标<td>值</table>', "gb18030"),
        ("<html><table><tr><td>指标<td>值</table>", "gb18030"),
        ("<html><table><tr><td>指标<td>值</table>", "utf-8"),
        ('<html><meta charset="gb2312"><table><tr><td>指标<td>值</table>', "utf-8"),
        ("<html><table><tr><td>指标<td>值</table>", "utf-8-sig"),
        ("<html><table><tr><td>指标<td>值</table>", "utf-16"),
        ('<html><meta charset="big5"><table><tr><td>指標<td>值</table>', "big5"),
    ],
)  # fmt: skip
def test_html_in_any_charset(content: str, encoding: str) -> None:
    assert texts(parse("a.html", content.encode(encoding))) in ([[["指标", "值"]]], [[["指標", "值"]]])


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("社会效益<br>指标", "社会效益\n指标"), ("<p>一</p><p>二</p>", "一\n二"), ("&nbsp;其他资金&nbsp;", "其他资金"), ("&ge;90%", "≥90%"),
        ("经济\n   效益", "经济效益"), ("a\n b", "a b"), ("甲<span style='display:none'>乙</span>", "甲"), ("甲<b>乙</b>丙", "甲乙丙"),
        ("甲<script>var x='<td>'</script>", "甲"), ("<input type=hidden>甲", "甲"), ("1&lt;2", "1<2"), ("甲<!-- 乙 -->", "甲"),
    ],
)  # fmt: skip
def test_html_words_are_those_displayed(cell: str, text: str) -> None:
    assert texts(parse("a.html", f"<table><tr><td>{cell}</td><td>值</td></tr></table>".encode())) == [[[text, "值"]]]


def test_tables_that_lay_out_the_page_are_looked_through() -> None:
    page = (
        "<title>公开</title><table><tr><td>首页</td></tr><tr><td><h1>目标表</h1><p>（2025年度）</p><table><tr><td rowspan=2>甲<td>乙"
        "<tr><td>丙</table></td></tr></table><script><table><tr><td>无</table></script>"
    )
    source = parse("a.html", page.encode())
    assert [cells(g) for g in source.grids] == [[(1, 1, 2, 1, "甲"), (1, 2, 1, 1, "乙"), (2, 2, 1, 1, "丙")]]
    assert source.preface == "公开\n首页\n目标表\n（2025年度）"


@pytest.mark.parametrize(
    ("span", "shape"),
    [("rowspan=0", (2, 1)), ("rowspan=99999", (2, 1)), ("colspan=0", (1, 1)), ("colspan=x", (1, 1)), ('rowspan=" 2 "', (2, 1))],
)  # fmt: skip
def test_html_spans_are_kept_within_the_table(span: str, shape: tuple[int, int]) -> None:
    (grid,) = parse("a.html", f"<table><tr><td {span}>甲<td>乙<tr><td>丙</table>".encode()).grids
    assert (grid.rows[0][0].rowspan, grid.rows[0][0].colspan) == shape


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_separated_values(delimiter: str, encoding: str) -> None:
    table = rows(["一级指标", "指标", "指标值"], ["产出,指标", "甲\n乙", '≥"1"人'], ["", "丙", "2"])
    (grid,) = parse("a.csv", offices.separated([("", table)], delimiter, encoding)).grids
    assert [[(c.line, c.text) for c in row] for row in grid] == [
        [(1, "一级指标"), (1, "指标"), (1, "指标值")], [(2, "产出,指标"), (2, "甲\n乙"), (2, '≥"1"人')], [(4, ""), (4, "丙"), (4, "2")]
    ]  # fmt: skip


def test_a_quote_that_nothing_closes_swallows_no_records() -> None:
    lines = ["级次,指标,指标值", '产出,甲,"1人', "产出,乙,2人", "产出,丙,3人", '效益,"丁', '戊",4人']
    (grid,) = parse("a.csv", "\n".join(lines).encode()).grids
    assert [[c.text for c in row][1:] for row in grid][1:] == [["甲", "1人"], ["乙", "2人"], ["丙", "3人"], ["丁\n戊", "4人"]]  # fmt: skip
    assert [row[0].line for row in grid] == [1, 2, 3, 4, 5]


TEXT_FORMS = {
    "a cell a line": "\t一级指标\n\t指标值\n\n\t产出\n续\n\t1人\n\n",
    "pipes at the ends": "一级指标 |\n指标值 |\n\n产出\n续 |\n1人 |\n\n",
    "pipes at the ends, indented": "\t一级指标 |\n\t指标值 |\n\n\t产出\n续 |\n\t1人 |\n\n",
    "no pipe at the row's end": "一级指标 |\n指标值\n产出<br>续 |\n1人\n效益 |\n2人\n三 |\n3人\n",
    "pipe rows": "| 一级指标 | 指标值 |\n| --- | :-: |\n| 产出<br>续 | 1人 |\n",
    "pipe rows with rules": "+-----+----+\n| 一级指标 | 指标值 |\n+-----+----+\n| 产出<br>续 | 1人 |\n+----+----+\n",
    "rows end in pipes": "一级指标 | 指标值 |\n产出<br>续 | 1人 |\n另 | 2人 |\n",
    "tabs": '一级指标\t指标值\n"产出\n续"\t1人\n',
}


@pytest.mark.parametrize("form", TEXT_FORMS)
def test_text_is_read_in_whatever_way_it_lays_out_cells(form: str) -> None:
    (grid,) = parse("a.txt", TEXT_FORMS[form].encode()).grids
    assert [[c.text for c in row] for row in grid][:2] == [["一级指标", "指标值"], ["产出\n续", "1人"]]
    assert grid.rows[1][0].line in (2, 3, 4)


def test_words_between_pipe_tables_part_them() -> None:
    text = "1.甲\n| a | b |\n| c | d |\n\n2.乙\n\n| e | f |\n"
    source = parse("a.txt", text.encode())
    assert [(g.caption, len(g.rows)) for g in source.grids] == [("1.甲", 2), ("2.乙", 1)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.xls", offices.web(PAGE)), ("really.xls", offices.xlsx(PAGE)), ("really.doc", offices.docx(PAGE)),
        ("tabs.xls", offices.separated(PAGE, "\t", "gb18030")),
        ("unicode.xls", offices.separated(PAGE, "\t", "utf-16")),
        ("page.doc", offices.web(PAGE)), ("wrong.docx", offices.xlsx(PAGE)), ("nothing", offices.docx(PAGE)),
    ],
)  # fmt: skip
def test_a_file_is_what_its_content_says(name: str, content: bytes) -> None:
    source = parse(name, content)
    assert [c.text for row in source.grids[0] for c in row if c.text][-1] == "不断提升"


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_is_refused_by_name_with_the_reason(name: str) -> None:
    content, words = BROKEN[name]
    with pytest.raises(ReadError) as caught:
        parse(name, content)
    message = str(caught.value)
    assert message.startswith(f"“{name}”")
    assert "\n" not in message
    assert [word for word in words if word not in message] == []


def test_office_formats_say_how_where_libreoffice_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("kg.readers.office.PLACES", ())
    with pytest.raises(ReadError, match=r"“a\.rtf”.*LibreOffice.*另存为 docx"):
        parse("a.rtf", b"{\\rtf1 x}")


def test_the_library_reads_a_path(tmp_path: Path) -> None:
    (tmp_path / "表.html").write_bytes(offices.web(PAGE))
    assert read(tmp_path / "表.html").name == "表.html"


def test_a_pdf_of_a_word_processor_is_put_together_over_its_pages() -> None:
    """``pages.pdf`` was printed from this table by LibreOffice: rows and merged cells are cut at the pages' ends."""
    source = read(TESTS / "data" / "pages-2025.pdf")
    (grid,) = source.grids
    assert [(r, c, h, w, "".join(text.split())) for r, c, h, w, text in cells(grid)] == expected(long_table())
    assert {c.page for row in grid for c in row} == set(range(1, 8))


def long_table() -> offices.Rows:
    lines: list[list[str | C]] = [["一级指标", "二级指标", "三级指标", "绩效指标描述", "指标值"]]
    for level, count in (("产出指标", 14), ("效益指标", 6)):
        for at in range(count):
            number = len(lines)
            words = "，".join(["组织开展职业技能培训并按规定发放补贴"] * (1 + number * 7 % 9))
            merged = [C(level, count)] * (at == 0) + [C(f"类别{number}", min(5, count - at))] * (at % 5 == 0)
            lines.append([*merged, f"指标{number}", f"第{number}项描述：{words}", f"≥{number}人"])
    return rows(*lines)
