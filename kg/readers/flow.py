"""Words and tables in reading order → preface and grids with captions; tables that belong together are joined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kg.readers.grid import Area, Cell, Grid, ReadError

CAPTION_LINES = 6  # the paragraphs right above a table, at most
PROSE = 80  # a longer paragraph is prose, not a caption
NUMBERED = re.compile(r"\s*(?:\d{1,3}\s*[.．、]|[一二三四五六七八九十]{1,4}、|[（(][一二三四五六七八九十\d]{1,4}[)）])")
MAX_COLUMNS = 1000
MAX_CELLS = 2_000_000


@dataclass(frozen=True, slots=True)
class Box:
    """A cell before it has its place: text and spans; ``rowspan`` 0 reaches down to the table's end."""

    text: str
    rowspan: int = 1
    colspan: int = 1


def placed(rows: Iterable[Sequence[Box]]) -> list[list[Cell]]:
    """Give boxes their true coordinates the way HTML does: each takes the first free columns of its row."""
    out: list[list[Cell]] = []
    taken: dict[int, int] = {}  # column → last row that a cell from above covers
    total = 0
    for number, boxes in enumerate(rows, 1):
        column = 1
        row: list[Cell] = []
        for box in boxes:
            while taken.get(column, 0) >= number:
                column += 1
            width = max(1, min(box.colspan, MAX_COLUMNS))
            last = number + box.rowspan - 1 if box.rowspan else 1 << 30
            for at in range(column, column + width):
                if last > number:
                    taken[at] = max(last, taken.get(at, 0))
            row.append(Cell(box.text, number, column, rowspan=last - number + 1, colspan=width))
            column += width
            total += 1
            if column > MAX_COLUMNS + 1 or total > MAX_CELLS:
                raise ReadError(f"有一个表超过 {MAX_COLUMNS} 列或 {MAX_CELLS} 个单元格：请先拆分")
        out.append(row)
    height = len(out)
    return [[replace(c, rowspan=min(c.rowspan, height - c.row + 1)) for c in row] for row in out]


class Flow:
    """Takes words and tables as they stand on the page.

    Tables that no words part are one grid, as in the text export: a table's head and its indicator rows are often
    two tables for the word processor, and a long table is cut at the page's end. A header that is repeated where
    a table goes on is dropped.
    """

    def __init__(self) -> None:
        self.preface: list[str] = []
        self.grids: list[Grid] = []
        self.words: list[str] = []  # since the last table
        self.tables = 0

    def say(self, text: str) -> None:
        """Words outside tables: a paragraph."""
        if text := text.strip():
            self.words.append(text)

    def table(self, rows: list[list[Cell]], *, own: bool = False) -> None:
        """A table's cells, row by row; ``own`` keeps it apart from the one above whatever stands between."""
        self.tables += 1
        if not any(cell.text for row in rows for cell in row):
            return
        rows = [[c if c.at else replace(c, table=self.tables, at=c.row) for c in row] for row in rows]
        if self.grids and not self.words and not own and self.grids[-1].rules is None:
            _join(self.grids[-1], rows)
            return
        if not self.grids:
            self.preface = [line for line in self.words if not NUMBERED.match(line) or len(line) > PROSE]
        self.grids.append(Grid(caption=_caption(self.words), rows=rows))
        self.words = []

    def unruled(self, rows: list[list[Cell]], rules: list[tuple[int, Area]]) -> None:
        """Lines of words whose columns no rulings part, a run of words a cell, and what is drawn (page, line)."""
        placed = [[replace(c, row=r, column=k) for k, c in enumerate(row, 1)] for r, row in enumerate(rows, 1)]
        before = len(self.grids)
        self.table(placed, own=True)
        if len(self.grids) > before:
            self.grids[-1].rules = rules

    def finish(self) -> tuple[str, list[Grid]]:
        return "\n".join(self.preface or (self.words if not self.grids else ())), self.grids


def _caption(words: list[str]) -> str:
    lines: list[str] = []
    for line in reversed(words[-CAPTION_LINES:]):
        if len(line) > PROSE:
            break
        lines.insert(0, line)
    return "\n".join(lines)


def _join(grid: Grid, rows: list[list[Cell]]) -> None:
    """Add ``rows`` below; those at the top that repeat a header row of ``grid`` go."""
    kept = without_header(grid.rows, rows)
    height = max((cell.row + cell.rowspan - 1 for row in grid.rows for cell in row), default=0)
    shift = height - (min((c.row for row in kept for c in row), default=1) - 1)
    grid.rows += [[replace(cell, row=cell.row + shift) for cell in row] for row in kept]


def without_header(above: list[list[Cell]], rows: list[list[Cell]]) -> list[list[Cell]]:
    """``rows`` without those at the top that are a row of ``above`` printed again."""
    known = {_words(row) for row in above}
    start = 0
    while start < len(rows) - 1 and _repeats(rows[start]) and _words(rows[start]) in known:
        start += 1
    return rows[start:]


def _words(row: list[Cell]) -> tuple[str, ...]:
    return tuple("".join(cell.text.split()) for cell in row)


def _repeats(row: list[Cell]) -> bool:
    """Only a row of several different words can be a header that is printed again."""
    return len({text for text in _words(row) if text}) >= 2
