"""pdf with a text layer → pages of lines and tables: tables are known by their ruling lines.

Where these part no columns, a page's words are kept with their places (see ``pdf_open``). Pages that are pictures are
named, not read.
"""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from kg.readers.file_types import PICTURE, RECOGNISED
from kg.readers.grid import Cell, Grid, Notes, ReadError, Remark
from kg.readers.pages import NEAR, Box, Line, OpenPiece, Page, Piece, in_flow
from kg.readers.pdf_lines import lines_of
from kg.readers.pdf_open import open_piece
from kg.readers.pdf_over import layers, seen
from kg.readers.pdf_print import printed, turned, upright
from kg.readers.pdf_rulings import cut_ends, is_open

if TYPE_CHECKING:
    from kg.readers.scans.pictures import Pictures

PICTURED = 0.3  # of the page's area
INVISIBLE = 3  # the mode of showing text that shows none (ISO 32000-1, table 106)
OUTLINES = 50  # curves of a page without characters: letters turned into drawings
DPI = 200  # of a page's picture
PIXELS = (1754, 3508)  # of its longer side, at least and at most: A4 at 150 and 300 dpi
UNSEEN = "第 {} 页看见的是图片，读的是图片下面看不见的文字：可能有识别错的字，请对照原图核对"
RULINGS = {"snap_tolerance": NEAR, "join_tolerance": NEAR, "intersection_tolerance": NEAR, "edge_min_length": 5}


def read_pdf(data: bytes, scans: Pictures | None = None, *, turn: bool = True) -> tuple[str, list[Grid], Notes]:
    """Split a pdf into (preface, grids, pages that were left unread); ``scans`` knows its pages without a text layer.

    Pages whose text runs up or down are turned first, unless ``turn`` is False. Raises ReadError where it has no
    text layer and ``scans`` is None.
    """
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfplumber.utils.exceptions import PdfminerException

    pages: list[Page] = []
    pictures: list[int] = []
    garbled: list[int] = []
    recognised: list[int] = []
    turns: dict[int, int] = {}
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            for source in pdf.pages:
                chars, number = source.chars, source.page_number
                if turn and len(chars) > 4 and (degrees := turned(chars)):
                    turns[number - 1] = degrees
                coded = sum(c["text"].startswith("(cid:") for c in chars) <= len(chars) // 10
                on = bool(pages) and pages[-1].number == number - 1 and _is_open(pages[-1])
                hides: Notes = []
                chars = seen(source, chars, partial(_rendered, data, number - 1), hides) if coded else chars
                page = _page(source, chars, on) if coded else None
                if page is not None:
                    page.notes += hides
                tables = page is not None and any(not isinstance(block, Line) for block in page.blocks)
                hidden = len(chars) > 4 and _pictured(source) and _is_unseen(data, number - 1)
                picture = (not tables or hidden) and (
                    _pictured(source) or (len(chars) < 5 and len(source.curves) > OUTLINES)
                )
                if scans is not None and (picture or not coded):
                    recognised.append(number)
                    render = partial(_rendered, data, number - 1)
                    scanned = scans.page(f"第 {number} 页", number, render)
                    # words beside a picture that holds no table are better taken as they are
                    if scanned and (len(chars) < 5 or any(isinstance(block, Piece) for block in scanned.blocks)):
                        page, hidden = scanned, False
                elif not coded:
                    garbled.append(number)
                elif picture and len(chars) < 5:
                    pictures.append(number)
                if page is not None:
                    if hidden:
                        page.notes.append(
                            Remark("picture-not-read", UNSEEN.format(number), Cell(f"第{number}页", 0, 1, page=number))
                        )
                    pages.append(page)
                source.close()
    except PdfminerException as error:
        if error.args and isinstance(error.args[0], PDFPasswordIncorrect):
            raise ReadError("有密码：请先去掉密码") from None
        raise ReadError("已损坏或不是 PDF：请重新导出") from None
    if turns:
        preface, grids, notes = read_pdf(upright(data, turns), scans, turn=False)
        for grid in grids:
            if grid.rules is None:  # places on the pages as turned, which are not those that are shown
                grid.rows = [[replace(cell, area=None) for cell in row] for row in grid.rows]
        return preface, grids, notes
    remarks: Notes = [note for page in pages for note in page.notes]
    preface, grids = in_flow(pages, remarks)
    warnings: Notes = [*remarks, *([f"{_pages(pictures)}{PICTURE}"] if pictures else [])]
    warnings += [f"{_pages(garbled)}的文字没有编码，取出来是乱码：请提供原来的 Word 或 Excel"] if garbled else []
    if not grids and recognised:
        raise ReadError(f"{_pages(recognised)}{RECOGNISED}")
    if not grids and warnings:
        raise ReadError("；".join(w.message if isinstance(w, Remark) else w for w in warnings))
    if not grids:
        raise ReadError("里没有表格：请提供原来的 Word 或 Excel")
    return preface, grids, warnings


def _pages(numbers: list[int]) -> str:
    return f"第 {'、'.join(map(str, numbers[:10]))}{'…' if len(numbers) > 10 else ''} 页"


def _pictured(page: Any) -> bool:
    area = sum(max(0, i["x1"] - i["x0"]) * max(0, i["bottom"] - i["top"]) for i in page.images)
    return bool(area > PICTURED * page.width * page.height)


def _is_unseen(data: bytes, index: int) -> bool:
    """Whether most words of a page are printed without ink: what a scanner's program has recognised of its picture."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        words = list(document[index].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT]))
        unseen = [pypdfium2.raw.FPDFTextObj_GetTextRenderMode(word.raw) == INVISIBLE for word in words]
        return bool(2 * sum(unseen) > len(unseen))
    finally:
        document.close()


def _rendered(data: bytes, index: int) -> Any:
    """The picture of a page."""
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        page = document[index]
        least, most = (pixels / max(page.get_size()) for pixels in PIXELS)
        return page.render(scale=min(max(DPI / 72, least), most)).to_pil()
    finally:
        document.close()


def _is_open(page: Page) -> bool:
    return any(isinstance(block, OpenPiece) for block in page.blocks)


def _page(source: Any, chars: list[dict[str, Any]], on: bool) -> Page:
    """A page's lines and tables; ``on``: the page before has a table whose columns no rulings part."""
    page = Page(source.page_number, float(source.height))
    chars, watermark = printed(chars, source.edges)
    if watermark:
        page.notes.append(f"第 {page.number} 页的“{watermark}”像是水印：未读")
    pieces = []
    ends = cut_ends(source.edges)
    for table in source.find_tables(RULINGS | {"explicit_horizontal_lines": ends}) if source.edges else ():
        cells = sorted(set(table.cells), key=lambda b: (b[1], b[0]))
        boxes = [Box(x0, y0, x1, y1, []) for x0, y0, x1, y1 in cells if x1 - x0 > NEAR and y1 - y0 > NEAR]
        for box in boxes:
            box.open_above, box.open_below = (is_open(ends, box.x0, box.x1, y) for y in (box.top, box.bottom))
        if len(boxes) > 1:
            pieces.append(Piece(page.number, boxes))
    inside: dict[int, list[dict[str, Any]]] = {}
    outside: list[dict[str, Any]] = []
    boxes = [box for piece in pieces for box in piece.boxes]
    if (whole := open_piece(source, chars, boxes, on=on)) is not None:
        page.blocks = [whole]
        return page
    for char in chars:
        x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
        at = next((i for i, b in enumerate(boxes) if b.x0 <= x <= b.x1 and b.top <= y <= b.bottom), None)
        (outside if at is None else inside.setdefault(at, [])).append(char)
    for at, found in inside.items():
        prints = layers(found)
        boxes[at].lines = [line for layer in prints for line in lines_of(layer)]
        if len(prints) > 1:
            message = f"第 {page.number} 页一格里的字叠印在一起：“{'”与“'.join(_words(layer) for layer in prints)}”"
            page.notes.append(Remark("glued-value", message, Cell(boxes[at].text(), 0, 1, page=page.number)))
    for piece in pieces:
        _part_boxes(piece, {id(boxes[at]): found for at, found in inside.items()}, page.notes)
    blocks: list[tuple[float, Line | Piece]] = [(line.top, line) for line in lines_of(outside)]
    blocks += [(min(b.top for b in piece.boxes), piece) for piece in pieces]
    page.blocks = [block for _, block in sorted(blocks, key=lambda b: b[0])]
    return page


def _words(chars: list[dict[str, Any]]) -> str:
    return "".join(line.text for line in lines_of(chars)).strip()


def _part_boxes(piece: Piece, inside: dict[int, list[dict[str, Any]]], notes: Notes) -> None:
    """Part a cell at a vertical ruling that is missing in its row alone: the rows above and below have it, and the
    words stand apart on either side of it.
    """
    out: list[Box] = []
    for box in piece.boxes:
        found = [char for char in inside.get(id(box), ()) if not char["text"].isspace()]
        at = next((x for x in _rulings_near(piece, box) if _stand_apart(found, x)), None)
        if at is None:
            out.append(box)
            continue
        left, right = (
            Box(x0, box.top, x1, box.bottom, lines_of([c for c in found if (c["x0"] < at) == first]))
            for x0, x1, first in ((box.x0, at, True), (at, box.x1, False))
        )
        out += [left, right]
        message = f"第 {piece.page} 页“{left.text()}”与“{right.text()}”之间没有竖线，按上下各行的竖线分成了两格"
        notes.append(Remark("glued-value", message, Cell(right.text(), 0, 1, page=piece.page)))
    piece.boxes = out


def _rulings_near(piece: Piece, box: Box) -> list[float]:
    """The vertical rulings that end at a cell from above and from below, within its width."""
    ends: list[set[int]] = [set(), set()]
    places: dict[int, float] = {}
    for other in piece.boxes:
        for x in (other.x0, other.x1):
            if box.x0 + NEAR < x < box.x1 - NEAR:
                places[round(x)] = x
                if abs(other.bottom - box.top) < NEAR:
                    ends[0].add(round(x))
                if abs(other.top - box.bottom) < NEAR:
                    ends[1].add(round(x))
    return [places[x] for x in sorted(ends[0] & ends[1])]


def _stand_apart(chars: list[dict[str, Any]], x: float) -> bool:
    """Whether every line has a gap of a character at a place, and words stand on both sides of it."""
    left = [char for char in chars if char["x1"] <= x + 1]
    right = [char for char in chars if char["x0"] >= x - 1]
    if not left or not right or len(left) + len(right) != len(chars):
        return False
    return bool(min(c["x0"] for c in right) - max(c["x1"] for c in left) > 0.9 * float(chars[0]["size"]))
