"""A grid looked up by place: which cell covers row r, column c, whatever is merged."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace

from kg.readers import Cell, Grid

WIDEST = 2048  # columns; what lies beyond is no performance table


class View:
    """The cells of a grid by (row, column), both from 1; merged cells are found at every place they cover."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.height = len(grid.rows)
        self.rows = [[c for c in row if c.column <= WIDEST] for row in _dense(grid.rows)]
        self._cover: dict[tuple[int, int], Cell] = {}
        for number, row in enumerate(self.rows, 1):
            for cell in row:
                for r in range(number, min(number + cell.rowspan, self.height + 1)):
                    for c in range(cell.column, min(cell.column + cell.colspan, WIDEST + 1)):
                        self._cover.setdefault((r, c), cell)
        self.width = max((c for (_, c), cell in self._cover.items() if cell.text.strip()), default=0)

    def at(self, row: int, column: int) -> Cell | None:
        """The cell that covers a place, None where there is none."""
        return self._cover.get((row, column))

    def starting(self, row: int) -> list[Cell]:
        """The cells whose top left corner lies in a row."""
        return self.rows[row - 1]

    def across(self, row: int, first: int = 1, last: int | None = None) -> Iterator[Cell]:
        """The cells that cover a row from column ``first`` to ``last``, each once, from left to right."""
        previous = None
        for column in range(first, (self.width if last is None else last) + 1):
            cell = self.at(row, column)
            if cell is not None and cell is not previous:
                previous = cell
                yield cell

    def words(self, row: int) -> list[Cell]:
        """The cells with words that start in a row."""
        return [cell for cell in self.starting(row) if cell.text.strip()]

    def shift(self, row: int, by: int) -> None:
        """Move the cells of a row to the right: they are found ``by`` columns further on, their places unchanged."""
        moved = {(row, c + by): cell for c in range(1, self.width + 1) if (cell := self._cover.pop((row, c), None))}
        self._cover |= moved

    def move(self, row: int, by: int) -> None:
        """Move the cells that start in a row, and what they cover below it, over what covers the row from above."""
        own = self.starting(row)
        for cell in own:
            for place in self._places(row, cell, 0):
                if self._cover.get(place) is cell:
                    del self._cover[place]
        for cell in sorted(own, key=lambda c: bool(c.text.strip())):
            for place in self._places(row, cell, by):
                if place[0] > row and (there := self._cover.get(place)) and there in self.starting(place[0]):
                    continue  # a cell of that row's own
                if cell.text.strip():
                    self._cover[place] = cell
                else:
                    self._cover.setdefault(place, cell)

    def place(self, row: int, cell: Cell, column: int) -> None:
        """Let one cell stand in another column, in its own row and those it covers."""
        for r, c in list(self._places(row, cell, 0)):
            if self._cover.get((r, c)) is cell:
                del self._cover[r, c]
        for r, c in self._places(row, cell, column - cell.column):
            self._cover.setdefault((r, c), cell)

    def _places(self, row: int, cell: Cell, by: int) -> Iterator[tuple[int, int]]:
        for r in range(row, min(row + cell.rowspan, self.height + 1)):
            for c in range(max(cell.column + by, 1), min(cell.column + by + cell.colspan, WIDEST + 1)):
                yield r, c

    def put(self, row: int, cells: list[Cell]) -> None:
        """Other cells in place of those that start in a row."""
        self.move(row, WIDEST)
        self.rows[row - 1] = cells
        for cell in cells:
            for place in self._places(row, cell, 0):
                self._cover[place] = cell

    def bottom(self, cell: Cell) -> int:
        """The last row that a label rules: its own, and those where its column is blank below it."""
        row = min(cell.row + cell.rowspan - 1, self.height)
        while row < self.height:
            below = self.at(row + 1, cell.column)
            if (
                below is None
                or below.text.strip()
                or below.column != cell.column
                or len(list(self.across(row + 1))) < 2
            ):
                break
            row += 1
        return row


def _dense(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Rows numbered from 1 without gaps: readers leave blank rows out, and their cells keep the rows of the file."""
    kept = sorted({row[0].row for row in rows if row})
    if len(kept) < len(rows) or all(row == at for at, row in enumerate(kept, 1)):
        return rows  # an empty row says nothing of where it stood
    return [
        [
            replace(cell, row=at, rowspan=bisect_left(kept, cell.row + cell.rowspan) - bisect_left(kept, cell.row))
            for cell in row
        ]
        for at, row in enumerate(rows, 1)
    ]
