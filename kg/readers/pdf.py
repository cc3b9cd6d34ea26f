"""pdf with a text layer → grids: tables are known by their ruling lines, and joined over pages.

What a word processor broke for want of room is put together again: lines inside a cell, rows and merged cells
at the foot of a page. Pages that are pictures are named, not read.
"""

from __future__ import annotations

import io
import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from kg.readers.file_types import PICTURE, RECOGNISED
from kg.readers.flow import MAX_CELLS, Flow, without_header
from kg.readers.grid import Cell, Grid, Notes, ReadError, Remark, Scan
from kg.readers.pdf_print import printed, turned, upright
from kg.readers.visible import raised

if TYPE_CHECKING:
    from kg.readers.scans.pictures import Pictures

NEAR = 3.0  # points between two rulings, or two lines' bases, that are meant to be one
MARGIN = 0.1  # of the page's height: where running heads and page numbers stand
PAGE_NUMBER = re.compile(r"[\s\d/—–\-·.第页共,，]*|page\s*\d+.*", re.IGNORECASE)
UNBROKEN = re.compile(r"[（(【《〈“‘]*(?:[!-~]+|.)[，。、；：？！）)】》〉”’％%…,.;:]*")  # no line ends inside
LISTED = re.compile(r"^[（(]?(\d{1,2})[.．、)）](?!\d)", re.MULTILINE)
PICTURED = 0.3  # of the page's area
OUTLINES = 50  # curves of a page without characters: letters turned into drawings
DPI = 200  # of a page's picture
PIXELS = (1754, 3508)  # of its longer side, at least and at most: A4 at 150 and 300 dpi
RULINGS = {"snap_tolerance": NEAR, "join_tolerance": NEAR, "intersection_tolerance": NEAR, "edge_min_length": 5}


@dataclass(slots=True)
class Line:
    """A line of characters; a blank at its end is kept, for it may go on in the next line."""

    text: str
    x0: float
    x1: float
    top: float
    size: float


@dataclass(slots=True)
class Box:
    """A cell's rectangle on the page and the lines in it."""

    x0: float
    top: float
    x1: float
    bottom: float
    lines: list[Line]
    scans: tuple[Scan, ...] = ()  # where the words were recognised in a picture

    def text(self) -> str:
        out = ""
        for at, line in enumerate(self.lines):
            if at:
                out = out + _seam(out, line.text) if self._full(at - 1, line) else out.rstrip() + "\n"
            out += line.text
        return out.strip()

    def full(self, line: Line) -> bool:
        """Whether ``line``, which stands on the next page, may go on from the last line here."""
        return bool(self.lines) and self._full(len(self.lines) - 1, line)

    def _full(self, at: int, after: Line) -> bool:
        """The line was broken for want of room: what comes first in the next one would not have fitted."""
        pad = min([line.x0 - self.x0 for line in self.lines] + [6.0])
        first = UNBROKEN.match(after.text)
        width = sum(after.size * (0.5 if char.isascii() else 1) for char in first[0]) if first else 0
        return self.lines[at].x1 - self.lines[at].x0 + width > self.x1 - self.x0 - 2 * pad - 0.6 * after.size


@dataclass(slots=True)
class Piece:
    """A table's part on one page."""

    page: int
    boxes: list[Box]
    number: int = 1  # of the tables on its page

    def edges(self) -> list[float]:
        return [x for box in self.boxes for x in (box.x0, box.x1)]

    def follows(self, other: Piece) -> bool:
        """The same table as ``other``, which ends the page before: as wide, at the same place."""
        a, b = self.edges(), other.edges()
        return self.page == other.page + 1 and abs(min(a) - min(b)) < 2 * NEAR and abs(max(a) - max(b)) < 2 * NEAR


@dataclass(slots=True)
class Page:
    number: int
    height: float
    blocks: list[Line | Piece] = field(default_factory=list)
    notes: Notes = field(default_factory=list)


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
                page = _page(source, chars) if coded else None
                tables = page is not None and any(isinstance(block, Piece) for block in page.blocks)
                picture = not tables and (_pictured(source) or (len(chars) < 5 and len(source.curves) > OUTLINES))
                if scans is not None and (picture or not coded):
                    recognised.append(number)
                    render = partial(_rendered, data, number - 1)
                    scanned = scans.page(f"第 {number} 页", number, render)
                    # words beside a picture that holds no table are better taken as they are
                    if scanned and (len(chars) < 5 or any(isinstance(block, Piece) for block in scanned.blocks)):
                        page = scanned
                elif not coded:
                    garbled.append(number)
                elif picture and len(chars) < 5:
                    pictures.append(number)
                if page is not None:
                    pages.append(page)
                source.close()
    except PdfminerException as error:
        if error.args and isinstance(error.args[0], PDFPasswordIncorrect):
            raise ReadError("有密码：请先去掉密码") from None
        raise ReadError("已损坏或不是 PDF：请重新导出") from None
    if turns:
        return read_pdf(upright(data, turns), scans, turn=False)
    remarks: Notes = [note for page in pages for note in page.notes]
    preface, grids = in_flow(pages, remarks)
    warnings: Notes = [*remarks, *([f"{_pages(pictures)}{PICTURE}"] if pictures else [])]
    warnings += [f"{_pages(garbled)}的文字没有编码，取出来是乱码：请提供原来的 Word 或 Excel"] if garbled else []
    if not grids and recognised:
        raise ReadError(f"{_pages(recognised)}{RECOGNISED}")
    if not grids and warnings:
        raise ReadError("；".join(w.message if isinstance(w, Remark) else w for w in warnings))
    if not grids:
        raise ReadError("里没有带框线的表格：请提供原来的 Word 或 Excel")
    return preface, grids, warnings


def _pages(numbers: list[int]) -> str:
    return f"第 {'、'.join(map(str, numbers[:10]))}{'…' if len(numbers) > 10 else ''} 页"


def _pictured(page: Any) -> bool:
    area = sum(max(0, i["x1"] - i["x0"]) * max(0, i["bottom"] - i["top"]) for i in page.images)
    return bool(area > PICTURED * page.width * page.height)


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


def _page(source: Any, chars: list[dict[str, Any]]) -> Page:
    page = Page(source.page_number, float(source.height))
    chars, watermark = printed(chars, source.edges)
    if watermark:
        page.notes.append(f"第 {page.number} 页的“{watermark}”像是水印：未读")
    pieces = []
    for table in source.find_tables(RULINGS) if source.edges else ():
        cells = sorted(set(table.cells), key=lambda b: (b[1], b[0]))
        boxes = [Box(x0, y0, x1, y1, []) for x0, y0, x1, y1 in cells if x1 - x0 > NEAR and y1 - y0 > NEAR]
        if len(boxes) > 1:
            pieces.append(Piece(page.number, boxes))
    inside: dict[int, list[dict[str, Any]]] = {}
    outside: list[dict[str, Any]] = []
    boxes = [box for piece in pieces for box in piece.boxes]
    for char in chars:
        x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
        at = next((i for i, b in enumerate(boxes) if b.x0 <= x <= b.x1 and b.top <= y <= b.bottom), None)
        (outside if at is None else inside.setdefault(at, [])).append(char)
    for at, found in inside.items():
        boxes[at].lines = _lines(found)
    for piece in pieces:
        _part_boxes(piece, {id(boxes[at]): found for at, found in inside.items()}, page.notes)
    blocks: list[tuple[float, Line | Piece]] = [(line.top, line) for line in _lines(outside)]
    blocks += [(min(b.top for b in piece.boxes), piece) for piece in pieces]
    page.blocks = [block for _, block in sorted(blocks, key=lambda b: b[0])]
    return page


def _lines(chars: list[dict[str, Any]]) -> list[Line]:
    """Characters → lines from the top, each from the left; a gap of half a character is a blank."""
    rows: list[list[dict[str, Any]]] = []
    middle = 0.0
    for char in sorted(chars, key=lambda c: (c["top"] + c["bottom"]) / 2):
        y = (char["top"] + char["bottom"]) / 2
        if rows and y - middle < max(NEAR, 0.4 * float(char["size"])):
            rows[-1].append(char)
        else:
            rows.append([char])
            middle = y
    lines = []
    for row in rows:
        row.sort(key=lambda c: c["x0"])
        text, end = "", row[0]["x0"]
        main = max(row, key=lambda c: float(c["size"]))
        for char in row:
            if char["x0"] - end > 0.5 * float(char["size"]) and text and not text.endswith(" "):
                text += " "
            text += raised(char["text"]) if _is_raised(char, main) else char["text"]
            end = char["x1"]
        shown = [c for c in row if not c["text"].isspace()]
        if shown:
            x0, x1 = float(shown[0]["x0"]), float(shown[-1]["x1"])
            lines.append(Line(text.lstrip(), x0, x1, float(row[0]["top"]), float(shown[0]["size"])))
    return lines


def _is_raised(char: dict[str, Any], main: dict[str, Any]) -> bool:
    """Whether a character is printed small and above the line."""
    size = float(main["size"])
    return float(char["size"]) < 0.8 * size and char["bottom"] < main["bottom"] - 0.2 * size


def _seam(before: str, after: str) -> str:
    """Between two lines of one sentence: a blank between Latin words, nothing in Chinese."""
    return (
        " " if before[-1:].isascii() and before[-1:].isalpha() and after[:1].isascii() and after[:1].isalpha() else ""
    )


def in_flow(pages: list[Page], notes: Notes | None = None) -> tuple[str, list[Grid]]:
    """(preface, grids) of pages: their lines and tables in order, what goes on over a page's end as one.

    ``notes`` takes what is to be said of rows that were put together.
    """
    notes = [] if notes is None else notes
    running = _running(pages)
    flow = Flow()
    table: list[Piece] = []

    def finish() -> None:
        if table:
            flow.table(_rows(table, notes))
            table.clear()

    for page in pages:
        number = 0
        for block in page.blocks:
            if isinstance(block, Piece):
                block.number = number = number + 1
                if table and not block.follows(table[-1]):
                    finish()
                table.append(block)
            elif not _is_running(block, page, running):
                finish()
                flow.say(block.text)
    finish()
    return flow.finish()


def _running(pages: list[Page]) -> set[str]:
    """Heads and feet: the same line in the margin of several pages."""
    counts = Counter(
        text for page in pages for text in {b.text for b in page.blocks if isinstance(b, Line) and _in_margin(b, page)}
    )
    return {text for text, times in counts.items() if times > 1}


def _in_margin(line: Line, page: Page) -> bool:
    return not MARGIN * page.height < line.top < (1 - MARGIN) * page.height


def _is_running(line: Line, page: Page, running: set[str]) -> bool:
    return _in_margin(line, page) and (line.text in running or PAGE_NUMBER.fullmatch(line.text) is not None)


def _rows(pieces: list[Piece], notes: Notes) -> list[list[Cell]]:
    """The pieces of one table as rows, their columns numbered over all pieces."""
    edges = _ticks([x for piece in pieces for x in piece.edges()])
    rows: list[list[Cell]] = []
    boxes: dict[tuple[int, int], Box] = {}  # (row, column) of a cell → its rectangle
    for piece in pieces:
        ys = _ticks([y for box in piece.boxes for y in (box.top, box.bottom)])
        part: list[list[Cell]] = [[] for _ in ys[1:]]
        places: dict[tuple[int, int], Box] = {}
        for box in piece.boxes:
            row, column = _tick(ys, box.top), _tick(edges, box.x0)
            height, width = _tick(ys, box.bottom) - row, _tick(edges, box.x1) - column
            if height < 1 or width < 1 or (row, column) in places:
                continue
            places[row, column] = box
            part[row].append(
                Cell(
                    box.text(), row + 1, column + 1, rowspan=height, colspan=width, page=piece.page, scans=box.scans,
                    table=piece.number, at=row + 1,
                )
            )  # fmt: skip
        for cells in part:
            cells.sort(key=lambda cell: cell.column)
        if rows:
            kept = without_header(rows, part)
            gone = len(part) - len(kept)
            _continue(rows, boxes, kept, {(r - gone, c): b for (r, c), b in places.items() if r >= gone}, gone, notes)
        else:
            rows = part
            boxes = {(r + 1, c + 1): b for (r, c), b in places.items()}
        if sum(map(len, rows)) > MAX_CELLS:
            raise ReadError(f"有一个表超过 {MAX_CELLS} 个单元格：请先拆分")
    return [row for row in rows if row]


def _continue(
    rows: list[list[Cell]],
    boxes: dict[tuple[int, int], Box],
    part: list[list[Cell]],
    places: dict[tuple[int, int], Box],
    gone: int,
    notes: Notes,
) -> None:
    """Put the next page's rows below ``rows``; what the page's end has cut goes together again."""
    height = len(rows)
    last = {cell.column: cell for row in rows for cell in row if cell.row + cell.rowspan - 1 == height}
    broken = _is_broken(last, boxes, part[0], places)
    if not broken and (doubtful := _is_half(last, boxes, part[0], places)) is not None:
        broken = True
        message = f"第 {doubtful.page} 页开头的“{doubtful.text}”按上一页末行的下半截接上了"
        notes.append(Remark("glued-value", message, doubtful))
    shift = height - gone - (1 if broken else 0)
    for number, row in enumerate(part):
        out: list[Cell] = []
        for cell in row:
            above = last.get(cell.column)
            place = (number, cell.column - 1)
            cell = replace(cell, row=cell.row + shift)
            same = above is not None and above.colspan == cell.colspan and number == 0
            if same and above is not None and broken:
                before = boxes.get((above.row, above.column))
                ends = bool(cell.text) and not (before and before.full(places[place].lines[0]))
                ends = ends or _counts_on(above.text, cell.text)
                seam = "\n" if ends and above.text else _seam(above.text, cell.text)
                _put(
                    rows,
                    above,
                    replace(
                        above,
                        text=above.text + seam + cell.text,
                        rowspan=above.rowspan + cell.rowspan - 1,
                        scans=above.scans + cell.scans,
                    ),
                )
            elif same and above is not None and not cell.text and above.text and max(above.rowspan, cell.rowspan) > 1:
                _put(rows, above, replace(above, rowspan=above.rowspan + cell.rowspan))
            else:
                boxes[cell.row, cell.column] = places[place]
                out.append(cell)
        if number == 0 and broken:
            rows[-1] = sorted(rows[-1] + out, key=lambda cell: cell.column)
        else:
            rows.append(out)


def _put(rows: list[list[Cell]], old: Cell, new: Cell) -> None:
    row = rows[old.row - 1]
    row[row.index(old)] = new


def _is_broken(
    last: dict[int, Cell], boxes: dict[tuple[int, int], Box], row: list[Cell], places: dict[tuple[int, int], Box]
) -> bool:
    """Whether the page's first row is the rest of the row above.

    It is where each of its cells with words goes on from a full line above, or counts on from a list above, and a
    cell that has words above has none here.
    """
    pairs = [(last.get(cell.column), cell) for cell in row]
    filled = [(above, cell) for above, cell in pairs if cell.text]
    if not filled or any(above is None or above.colspan != cell.colspan for above, cell in pairs):
        return False
    ended = [above for above, cell in pairs if above and above.text and above.rowspan == 1 and not cell.text]
    return bool(ended) and all(
        above is not None
        and (box := boxes.get((above.row, above.column))) is not None
        and (box.full(places[0, cell.column - 1].lines[0]) or _counts_on(above.text, cell.text))
        for above, cell in filled
    )


def _is_half(
    last: dict[int, Cell], boxes: dict[tuple[int, int], Box], row: list[Cell], places: dict[tuple[int, int], Box]
) -> Cell | None:
    """The first cell with words of a page's first row, where that row can be no row of its own.

    Its one cell with words stands beside blank ones that have words above (a name without its value, or the reverse);
    or several all go on from full lines, below rows that are not merged.
    """
    pairs = [(last.get(cell.column), cell) for cell in row]
    if any(above is None or above.colspan != cell.colspan for above, cell in pairs):
        return None
    filled = [at for at, (above, cell) in enumerate(pairs) if cell.text and above and above.text]
    if len(filled) != sum(bool(cell.text) for _, cell in pairs) or not filled or filled[0] == 0:
        return None
    if any((above := pairs[at][0]) is None or above.rowspan > 1 for at in filled):
        return None
    at = filled[0]
    beside = pairs[at + 1] if at + 1 < len(pairs) else pairs[at - 1]
    if len(filled) == 1:
        said = beside[0] is not None and beside[0].text and beside[0].rowspan == 1 and not beside[1].text
        return pairs[at][1] if said else None
    for number in filled:
        above, cell = pairs[number]
        box = boxes.get((above.row, above.column)) if above else None
        if box is None or not box.full(places[0, cell.column - 1].lines[0]):
            return None
    return pairs[at][1]


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
            Box(x0, box.top, x1, box.bottom, _lines([c for c in found if (c["x0"] < at) == first]))
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


def _counts_on(above: str, below: str) -> bool:
    """Whether ``below`` begins with the number after the last one in ``above``: 1.… 2.…"""
    numbers = LISTED.findall(above)
    first = LISTED.match(below)
    return bool(numbers and first and int(first[1]) == int(numbers[-1]) + 1)


def _ticks(values: list[float]) -> list[float]:
    """Sorted, with those that are near each other as one."""
    out: list[float] = []
    for value in sorted(values):
        if not out or value - out[-1] > NEAR:
            out.append(value)
    return out


def _tick(ticks: list[float], value: float) -> int:
    at = bisect_left(ticks, value)
    if at == len(ticks) or (at and value - ticks[at - 1] <= ticks[at] - value):
        return at - 1
    return at
