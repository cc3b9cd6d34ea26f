"""Pages of lines and tables → grids in reading order; what a page's end has cut is put together again."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from kg.readers.flow import MAX_CELLS, Flow, without_header
from kg.readers.grid import Area, Cell, Grid, Notes, ReadError, Remark, Scan

NEAR = 3.0  # points between two rulings, or two lines' bases, that are meant to be one
LARGER = 1.15  # times the size of a table's words: a title
MARGIN = 0.1  # of the page's height: where running heads and page numbers stand
PAGE_NUMBER = re.compile(r"[\s\d/—–\-·.第页共,，]*|page\s*\d+.*", re.IGNORECASE)
UNBROKEN = re.compile(r"[（(【《〈“‘]*(?:[!-~]+|.)[，。、；：？！）)】》〉”’％%…,.;:]*")  # no line ends inside
LISTED = re.compile(r"^[（(]?(\d{1,2})[.．、)）](?!\d)", re.MULTILINE)


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
    open_above: bool = False  # no ruling closes it there: it goes on over the page's end
    open_below: bool = False

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
class OpenPiece:
    """What a page holds of tables whose columns no rulings part: its lines, a run of words a cell, and what is drawn."""

    page: int
    rows: list[list[Cell]]
    rules: list[Area]


@dataclass(slots=True)
class Page:
    number: int
    height: float
    blocks: list[Line | Piece | OpenPiece] = field(default_factory=list)
    notes: Notes = field(default_factory=list)


def in_flow(pages: list[Page], notes: Notes | None = None) -> tuple[str, list[Grid]]:
    """(preface, grids) of pages: their lines and tables in order, what goes on over a page's end as one.

    ``notes`` takes what is to be said of rows that were put together.
    """
    notes = [] if notes is None else notes
    running = _running(pages)
    flow = Flow()
    table: list[Piece] = []
    unruled: list[OpenPiece] = []

    def finish() -> None:
        if table:
            flow.table(_rows(table, notes))
            table.clear()
        if unruled:
            flow.unruled([r for piece in unruled for r in piece.rows], [(p.page, r) for p in unruled for r in p.rules])
            unruled.clear()

    for page in pages:
        number = 0
        for block in page.blocks:
            if isinstance(block, Piece):
                block.number = number = number + 1
                if unruled or (table and not block.follows(table[-1])):
                    finish()
                table.append(block)
            elif isinstance(block, OpenPiece):
                words, rest = _headed(block, page, running)
                if words and not (unruled and unruled[-1].page == page.number - 1 and _of_one_size(words, rest)):
                    finish()
                    for row in words:
                        flow.say(row[0].text)
                    words = []
                unruled.append(replace(block, rows=words + rest))
            elif not _is_running(block, page, running):
                finish()
                flow.say(block.text)
    finish()
    return flow.finish()


def _headed(piece: OpenPiece, page: Page, running: set[str]) -> tuple[list[list[Cell]], list[list[Cell]]]:
    """The lines above the first that has columns, and the others; without the running heads and feet."""
    rows = [row for row in piece.rows if len(row) > 1 or not _is_running(_line(row[0]), page, running)]
    first = next((at for at, row in enumerate(rows) if len(row) > 1), len(rows))
    return rows[:first], rows[first:]


def _of_one_size(words: list[list[Cell]], rest: list[list[Cell]]) -> bool:
    """Whether lines are printed no larger than what follows: they go on with the page before, and are no title."""
    sizes = [_line(cell).size for row in rest for cell in row]
    return not sizes or max(_line(row[0]).size for row in words) < LARGER * sorted(sizes)[len(sizes) // 2]


def _line(cell: Cell) -> Line:
    x0, top, x1, bottom = cell.area or (0.0, 0.0, 0.0, 0.0)
    return Line(cell.text, x0, x1, top, bottom - top)


def _running(pages: list[Page]) -> set[str]:
    """Heads and feet: the same line in the margin of several pages."""
    counts = Counter(text for page in pages for text in {b.text for b in _single(page) if _in_margin(b, page)})
    return {text for text, times in counts.items() if times > 1}


def _single(page: Page) -> Iterator[Line]:
    for block in page.blocks:
        if isinstance(block, Line):
            yield block
        elif isinstance(block, OpenPiece):
            yield from (_line(row[0]) for row in block.rows if len(row) == 1)


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
                    table=piece.number, at=row + 1, area=_area(box),
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


def _area(box: Box) -> Area | None:
    """Where a cell lies on its page; None in a picture, whose places are kept by themselves."""
    return None if box.scans else (round(box.x0, 1), round(box.top, 1), round(box.x1, 1), round(box.bottom, 1))


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
    open_ = {
        cell.column: above
        for cell in part[0]
        if (above := last.get(cell.column)) is not None
        and above.colspan == cell.colspan
        and places[0, cell.column - 1].open_above
        and (box := boxes.get((above.row, above.column))) is not None
        and box.open_below
    }
    broken = len(open_) == len(part[0]) or _is_broken(last, boxes, part[0], places)
    if not broken and (doubtful := _is_half(last, boxes, part[0], places)) is not None:
        broken = True
        message = f"第 {doubtful.page} 页开头的“{doubtful.text}”按上一页末行的下半截接上了"
        notes.append(Remark("glued-value", message, doubtful))
    shift = height - gone - (1 if broken else 0)
    parted: list[Cell] = []  # whose halves do not run on, so that they may be two
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
                if seam == "\n" and not _counts_on(above.text, cell.text):
                    parted.append(cell)
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
            elif (
                same
                and above is not None
                and (
                    (not cell.text and above.text and max(above.rowspan, cell.rowspan) > 1)
                    or (cell.column in open_ and not (above.text and cell.text))
                )
            ):
                _put(rows, above, replace(above, text=above.text + cell.text, rowspan=above.rowspan + cell.rowspan))
            else:
                boxes[cell.row, cell.column] = places[place]
                out.append(cell)
        if len(parted) > 1 and number == 0:
            words = "”“".join(cell.text for cell in parted)
            message = f"第 {parted[0].page} 页开头的“{words}”接在上一页末行的格里：是接着写的还是另一条，请对照原件"
            notes.append(Remark("glued-value", message, parted[0]))
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


def _seam(before: str, after: str) -> str:
    """Between two lines of one sentence: a blank between Latin words, nothing in Chinese."""
    return (
        " " if before[-1:].isascii() and before[-1:].isalpha() and after[:1].isascii() and after[:1].isalpha() else ""
    )


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
