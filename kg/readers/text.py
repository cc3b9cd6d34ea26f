"""The text export of a word processor: one cell a line, indented by a tab; rows parted by blank lines.

Cells may hold line breaks (a line that is not indented continues the cell above it) and blank lines
(a cell that ends in one seems to end its row too early: see ``_rejoin``). A paragraph that carries a
bookmark, or that follows two or more blank lines, stands above a new table.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from kg.readers.grid import Cell, Grid

BOOKMARK = re.compile(r"\[bookmark:[^\]]*\]\s*")


def read_text(text: str) -> tuple[str, list[Grid]]:
    """Split a text export into (preface, grids); grids are empty when nothing is laid out as cells."""
    builder = _Builder()
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip("\r")
        if BOOKMARK.search(line):
            builder.heading(BOOKMARK.sub("", line).strip())
        elif line.startswith("\t"):
            builder.cell(line[1:], number)
        elif line.strip():
            builder.paragraph(line)
        else:
            builder.blanks += 1
    return builder.finish()


class _Builder:
    def __init__(self) -> None:
        self.preface: list[str] = []
        self.grids: list[Grid] = []
        self.grid: Grid | None = None
        self.row: list[tuple[int, list[str]]] = []  # the open row: (line, the cell's lines)
        self.blanks = 0  # blank lines since the last line with words

    def heading(self, text: str) -> None:
        self._close_grid()
        self.grid = Grid(caption=text)
        self.blanks = 0

    def paragraph(self, line: str) -> None:
        if self.row and self.blanks < 2:
            self.row[-1][1].extend([""] * self.blanks + [line])
            self.blanks = 0
            return
        if not self.grids and (self.grid is None or not self.row):
            self.preface.append(line.strip())
        self.heading(line.strip())

    def cell(self, text: str, line: int) -> None:
        if self.grid is None:
            self.grid = Grid()
        if self.blanks:
            self._close_row()
        self.blanks = 0
        self.row.append((line, [text]))

    def finish(self) -> tuple[str, list[Grid]]:
        self._close_grid()
        return "\n".join(self.preface), self.grids

    def _close_row(self) -> None:
        if self.row and self.grid is not None:
            cells = enumerate(self.row, 1)
            self.grid.rows.append([Cell("\n".join(lines).strip(), 0, at, line) for at, (line, lines) in cells])
        self.row = []

    def _close_grid(self) -> None:
        self._close_row()
        if self.grid is not None and self.grid.rows:
            self.grid.rows = _numbered(_rejoin(self.grid.rows))
            self.grids.append(self.grid)
        self.grid = None
        self.blanks = 0


def _rejoin(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Put together rows that a blank line inside a cell has broken.

    Below the first row of the table's usual width, short rows in succession whose cells together make
    just that width are one row.
    """
    widths = Counter(len(row) for row in rows)
    width = max(widths, key=lambda w: widths[w] * w)  # by cells, so that a short table has its body's width
    start = next(i for i, row in enumerate(rows) if len(row) == width)
    out = rows[:start]
    at = start
    while at < len(rows):
        end, total = at, 0
        while end < len(rows) and total < width:
            total += len(rows[end])
            end += 1
        if total != width:
            end = at + 1
        out.append([cell for row in rows[at:end] for cell in row])
        at = end
    return out


def _numbered(rows: list[list[Cell]]) -> list[list[Cell]]:
    return [[replace(cell, row=r, column=c) for c, cell in enumerate(row, 1)] for r, row in enumerate(rows, 1)]
