"""Print that is not to be read, or that lies on other print: painted over, white, crossed out; taken out and said."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import offices
import printing
import pytest
from offices import C, rows

from kg.readers.document import parse
from kg.tables import DocumentRecord, read_document
from kg.tables.lexis import money

BODY = [
    [C("项目名称"), C("泵站维修经费", 1, 3)],
    [C("年度资金总额（万元）"), C("40", 1, 3)],
    *rows(["一级指标", "二级指标", "三级指标", "指标值"], ["产出指标", "数量指标", "维修泵站座数", "12座"]),
    *rows(["产出指标", "数量指标", "清淤河道长度", "≥36公里"]),
]
X, Y = printing.LEFT + 3 * printing.WIDTH, printing.TOP - 4 * printing.HEIGHT  # the cell with 12座, its lower left
KEPT = ("清淤河道长度", "≥36公里")


def read(name: str, data: bytes) -> tuple[list[tuple[str, str]], DocumentRecord]:
    document = read_document(parse(name, data))
    return [(i.name, i.target.text) for p in document.projects for i in p.indicators], document


def said(document: DocumentRecord) -> str:
    return " ".join(f"{flag.code} {flag.message}" for flag in document.flags)


def box(canvas: Any, alpha: float, words: str = "", gray: float = 1.0) -> None:
    canvas.setFillColorRGB(gray, gray, gray, alpha=alpha)
    canvas.rect(X + 1, Y + 1, printing.WIDTH - 2, printing.HEIGHT - 2, stroke=0, fill=1)
    canvas.setFillColorRGB(0, 0, 0, alpha=1)
    canvas.drawString(X + 4, Y + 9, words)


def crossed(canvas: Any, words: str) -> None:
    canvas.line(X + 3, Y + 12, X + 24, Y + 12)
    canvas.drawString(X + 40, Y + 9, words)


def white(canvas: Any) -> None:
    canvas.setFillGray(1)
    canvas.drawString(X + 24, Y + 9, "00")


@pytest.mark.parametrize(
    ("draw", "value", "told"),
    [
        (lambda c: box(c, 1, "18座"), "18座", "note-mark 第 1 页“12座”被白色盖住，上面印着“18座”"),
        (lambda c: box(c, 0), "12座", ""),  # a transparent filling hides nothing
        (lambda c: crossed(c, "15座"), "15座", "note-mark 第 1 页“12座”上有删除线"),
        (lambda c: crossed(c, ""), None, "note-mark 第 1 页“12座”上有删除线"),
        (white, "12座", "note-mark “00”是白色或极小的字"),
        (lambda c: c.drawString(X + 4, Y + 9, "18座"), None, "glued-value 第 1 页一格里的字叠印在一起"),
        (lambda c: c.drawString(X + 40, Y + 9, "15座"), "12座 15座", "glued-value 指标值“12座 15座”疑似"),
    ],
    ids=["painted over", "transparent", "corrected", "crossed out", "white", "overprinted", "beside"],
)
def test_what_is_seen_of_a_cell_is_read(draw: Callable[[Any], None], value: str | None, told: str) -> None:
    found, document = read("a.pdf", printing.page(BODY, over=draw))
    assert found == [("维修泵站座数", value), KEPT] if value else found == [KEPT]
    assert told in said(document) if told else not document.flags


def test_a_row_painted_over_is_no_row() -> None:
    def draw(canvas: Any) -> None:
        canvas.setFillGray(1)
        canvas.rect(printing.LEFT + 1, Y + 1, 4 * printing.WIDTH - 2, printing.HEIGHT - 2, stroke=0, fill=1)

    found, document = read("a.pdf", printing.page(BODY, over=draw))
    assert found == [KEPT]
    assert "维修泵站座数" in said(document)


def test_a_heading_in_white_on_a_dark_ground_is_read() -> None:
    def draw(canvas: Any) -> None:
        canvas.setFillGray(0.2)
        canvas.rect(printing.LEFT, Y + printing.HEIGHT, 4 * printing.WIDTH, printing.HEIGHT, stroke=0, fill=1)
        canvas.setFillGray(1)
        for at, word in enumerate(["一级指标", "二级指标", "三级指标", "指标值"]):
            canvas.drawString(printing.LEFT + at * printing.WIDTH + 4, Y + printing.HEIGHT + 9, word)

    blank = [[C("" if r == 2 else c.text, c.rowspan, c.colspan) for c in row] for r, row in enumerate(BODY)]
    assert read("a.pdf", printing.page(blank, over=draw))[0] == [("维修泵站座数", "12座"), KEPT]


def docx(run: str) -> bytes:
    """The form, with ``run`` amid ``12座``."""
    members = zipfile.ZipFile(BytesIO(offices.docx([("2025年项目支出绩效目标表", BODY)])))
    parts = {name: members.read(name).decode() for name in members.namelist()}
    at = '<w:r><w:t xml:space="preserve">12座</w:t></w:r>'
    assert at in parts["word/document.xml"]
    parts["word/document.xml"] = parts["word/document.xml"].replace(
        at, f"<w:r><w:t>12</w:t></w:r>{run}<w:r><w:t>座</w:t></w:r>"
    )
    return offices.archive(parts)


@pytest.mark.parametrize(
    ("look", "value"),
    [
        ('<w:color w:val="FFFFFF"/>', "12座"),
        ('<w:sz w:val="2"/>', "12座"),
        ('<w:color w:val="FFFFFF"/><w:shd w:fill="1F3864"/>', "1200座"),
        ('<w:color w:val="FF0000"/>', "1200座"),
    ],
)
def test_a_run_that_nobody_sees_is_no_part_of_a_number(look: str, value: str) -> None:
    found, document = read("2025.docx", docx(f"<w:r><w:rPr>{look}</w:rPr><w:t>00</w:t></w:r>"))
    assert found == [("维修泵站座数", value), KEPT]
    assert ("“00”是白色或极小的字" in said(document)) == (value == "12座")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('12<span style="font-size:0">00</span>座', "12座"),
        ('12<font color="#FFFFFF">00</font>座', "12座"),
        ('12<span style="color: white;">00</span>座', "12座"),
        ('12<span style="background-color:red">00</span>座', "1200座"),
        ('<span style="color:white">12座</span>', "12座"),  # all of it: the sheet of styles gives the ground
        ('<div style="font-size:0"><span style="font-size:14px">12座</span></div>', "12座"),
    ],
)
def test_words_of_a_page_that_nobody_sees_are_no_part_of_a_number(cell: str, value: str) -> None:
    page = offices.web([("2025年项目支出绩效目标表", BODY)]).decode().replace("12座", cell)
    found, document = read("a.html", page.encode())
    assert found == [("维修泵站座数", value), KEPT]
    assert ("“00”是白色或极小的字" in said(document)) == (">00<" in cell and value == "12座")


@pytest.mark.parametrize(
    ("text", "yuan"), [("1,685.5", 16855000), ("168,5", None), ("1,68", None), ("12345,678", 123456780000)]
)
def test_commas_of_an_amount_part_thousands_or_it_is_none(text: str, yuan: int | None) -> None:
    assert money(text, "万元") == yuan
