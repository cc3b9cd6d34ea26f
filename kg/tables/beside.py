"""Forms side by side on one sheet → a grid each."""

from __future__ import annotations

from dataclasses import replace

from kg.readers import Cell, Grid
from kg.tables.facts import heads_columns
from kg.tables.lexis import label
from kg.tables.view import View


def side_by_side(grid: Grid) -> list[Grid]:
    """The forms of a grid, from the left: each begins where a row names a project once more, and nothing below lies
    over the line between the two. What lies over it above (a title, a unit) belongs to all.
    """
    if all(sum(label(c.text) == "project" for c in row) < 2 for row in grid.rows):
        return [grid]
    view = View(grid)
    for row in range(1, view.height + 1):
        labels = [c for c in view.words(row) if label(c.text) == "project" and _is_named(view, row, c)]
        if len(labels) < 2 or heads_columns(view, row):
            continue
        at = labels[1].column
        below = [c for r in range(row, view.height + 1) for c in view.words(r)]
        if any(c.column < at < c.column + c.colspan for c in below) or not _headed(view, row, at):
            return [grid]
        return [_part(grid, row, 1, at), *side_by_side(_part(grid, row, at, view.width + 1))]
    return [grid]


def _is_named(view: View, row: int, cell: Cell) -> bool:
    right = next((c for c in view.across(row, cell.column + cell.colspan) if c.text.strip()), None)
    return right is not None and not label(right.text)


def _headed(view: View, row: int, at: int) -> bool:
    """Whether both sides have as many words below, label for label, in one row at least (their headers)."""
    for below in range(row + 1, view.height + 1):
        left = ["".join(c.text.split()) for c in view.words(below) if c.column < at]
        right = ["".join(c.text.split()) for c in view.words(below) if c.column >= at]
        if len(left) >= 2 and left == right[: len(left)]:
            return True
    return False


def _part(grid: Grid, row: int, first: int, end: int) -> Grid:
    """The columns from ``first`` to before ``end``; above the forms also what begins further left and reaches here."""
    rows = []
    for number, cells in enumerate(View(grid).rows, 1):
        kept = [c for c in cells if first <= c.column < end]
        if number < row:
            shared = [c for c in cells if c.column < first < c.column + c.colspan]
            kept = [*(replace(c, column=first) for c in shared), *kept]
        rows.append(kept)
    return replace(grid, rows=[cells for cells in rows if cells])
