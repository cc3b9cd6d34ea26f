"""Pages that a browser has printed: radicals for words, notes hardly smaller than the line, cells open at a page's end."""

from __future__ import annotations

import io
from itertools import pairwise

import offices
import printing
import pytest
from offices import C, rows

from kg.readers.document import parse
from kg.readers.pdf_rulings import cut_ends
from kg.readers.visible import plain
from kg.tables import read_document

XS = [40.0, 130.0, 230.0, 400.0, 550.0]  # the rulings between columns
HEAD = [["项目名称", "老年食堂运营补贴"], ["年度资金总额（万元）", "178.00"]]
HEADER = ["一级指标", "二级指标", "三级指标", "指标值"]


@pytest.mark.parametrize(
    ("printed", "meant"),
    [("⼀级指标", "一级指标"), ("家⻓满意度", "家长满意度"), ("居⺠⼈数", "居民人数"), ("⻝品⻔类⻬全", "食品门类齐全"), ("⽼年⻋辆", "老年车辆"), ("更新設備", "更新設備")],
)  # fmt: skip
def test_a_radical_that_looks_like_a_word_is_that_word(printed: str, meant: str) -> None:
    assert plain(printed) == meant


def test_words_keep_their_radicals_in_what_is_quoted() -> None:
    form = rows(
        *[[C(a), C(b, 1, 3)] for a, b in HEAD], HEADER, ["满意度指标", "服务对象满意度指标", "家⻓满意度", "≥92%"]
    )
    source = parse("表.html", offices.web([("2025年度项目支出绩效目标表", form)]))
    (cell,) = (cell for row in source.grids[0].rows for cell in row if cell.text == "家长满意度")
    assert cell.raw == "家⻓满意度"


class Sheet:
    """A pdf drawn line by line; places in points from the top."""

    def __init__(self) -> None:
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.pdfgen.canvas import Canvas

        pdfmetrics.registerFont(UnicodeCIDFont(printing.FONT))
        self.out = io.BytesIO()
        self.canvas = Canvas(self.out, pagesize=(595, 842))

    def text(self, x: float, y: float, text: str, size: float = 9) -> None:
        self.canvas.setFont(printing.FONT, size)
        self.canvas.drawString(x + 4, 842 - y, text)

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.canvas.line(x0, 842 - y0, x1, 842 - y1)

    def row(self, y: float, height: float, cells: list[str], xs: list[float], top: int = 0, bottom: int = 0) -> None:
        """Cells with their rulings; the first ``top`` of them have none above, the first ``bottom`` none below."""
        for at, ((x0, x1), text) in enumerate(zip(pairwise(xs), cells, strict=True)):
            self.text(x0, y + height / 2 + 3, text)
            self.line(x0, y, x0, y + height)
            self.line(x1, y, x1, y + height)
            if at >= top:
                self.line(x0, y, x1, y)
            if at >= bottom:
                self.line(x0, y + height, x1, y + height)

    def page(self) -> None:
        self.canvas.showPage()

    def pdf(self) -> bytes:
        self.canvas.showPage()
        self.canvas.save()
        return self.out.getvalue()


def begun(sheet: Sheet, y: float) -> float:
    """The head of a form and its header; where the rows begin."""
    sheet.text(180, y - 20, "2025年度项目支出绩效目标表", 12)
    for label, value in HEAD:
        sheet.row(y, 26, [label, value], [XS[0], XS[1], XS[-1]])
        y += 26
    sheet.row(y, 26, HEADER, XS)
    return y + 26


def test_levels_that_go_on_over_the_pages_end_without_rulings_are_one() -> None:
    sheet = Sheet()
    y = begun(sheet, 640)
    sheet.row(y, 26, ["", "", "补贴食堂数量", "≥29家"], XS, bottom=2)
    sheet.row(y + 26, 26, ["", "", "服务老年人数", "≥1900人次"], XS, top=2, bottom=2)
    sheet.page()
    sheet.row(40, 26, ["产出指标", "数量指标", "开放天数", "≥300天"], XS, top=4, bottom=1)
    sheet.row(66, 26, ["", "质量指标", "卫生合格率", "≥99%"], XS, top=1)
    sheet.row(92, 26, ["满意度指标", "服务对象满意度指标", "就餐老人满意度", "≥91%"], XS)
    document = read_document(parse("表.pdf", sheet.pdf()))
    (project,) = document.projects
    assert [(i.level1, i.level2, i.name, i.target.text) for i in project.indicators] == [
        ("产出指标", "数量指标", "补贴食堂数量", "≥29家"),
        ("产出指标", "数量指标", "服务老年人数", "≥1900人次"),
        ("产出指标", "数量指标", "开放天数", "≥300天"),
        ("产出指标", "质量指标", "卫生合格率", "≥99%"),
        ("满意度指标", "服务对象满意度指标", "就餐老人满意度", "≥91%"),
    ]


@pytest.mark.parametrize("ratio", [0.6, 0.75, 0.83])
def test_a_note_is_no_figure_however_small_it_is_printed(ratio: float) -> None:
    sheet = Sheet()
    y = begun(sheet, 100)
    sheet.row(y, 26, ["产出指标", "数量指标", "养护里程", ""], XS)
    sheet.text(XS[3], y + 16, "≥1733")
    sheet.text(XS[3] + 9 + 4 * 4.5, y + 12.5, "3", 9 * ratio)
    sheet.text(XS[3] + 9 + 4 * 4.5 + 5 * ratio, y + 16, "公里")
    document = read_document(parse("表.pdf", sheet.pdf()))
    ((indicator,),) = (p.indicators for p in document.projects)
    assert indicator.target.text == "≥1733公里"
    assert [f.code for f in document.flags] == ["note-mark"]


def test_rulings_are_added_only_where_cells_are_open() -> None:
    closed = [edge(0, 0, 90, 0), edge(0, 50, 90, 50), *(edge(x, 0, x, 50) for x in (0, 40, 90))]
    assert cut_ends(closed) == []
    open_left = [edge(40, 0, 90, 0), edge(0, 50, 90, 50), *(edge(x, 0, x, 50) for x in (0, 40, 90))]
    assert [(e["x0"], e["x1"], e["top"]) for e in cut_ends(open_left)] == [(0, 40, 0)]


def edge(x0: float, top: float, x1: float, bottom: float) -> dict[str, object]:
    return {"x0": x0, "top": top, "x1": x1, "bottom": bottom, "orientation": "h" if top == bottom else "v"}
