"""Headings that do not make a header of indicators: what is to be said of them."""

from __future__ import annotations

from collections.abc import Iterator

from kg.readers import Cell
from kg.tables.header import Header
from kg.tables.levels import is_level_label
from kg.tables.lexis import column_roles, full_key, is_column, key, one_line
from kg.tables.values import parse_target
from kg.tables.view import View


def levels_apart(view: View, first: int, end: int) -> Iterator[tuple[str, str, Cell]]:
    """Headings of levels in a row of their own above a header that has none: of columns that were cut off, as on a page
    too narrow for them.
    """
    for row in range(first, end):
        cells = view.words(row)
        if len(cells) > 1 and all(_heads_level(c) for c in cells):
            said = "”“".join(one_line(c.text) for c in cells)
            yield "level-unclear", f"“{said}”两列与指标名称、指标值不在一个表里：各行的级次没有读", cells[0]


def _heads_level(cell: Cell) -> bool:
    roles = column_roles(key(cell.text), full_key(cell.text))[0]
    return any(role in ("level1", "level2") for role, _ in roles)


def matrix(view: View, header: Header) -> list[str]:
    """The headings that say nothing known of two columns or more that hold figures: a column a place, a grade, as a rule."""
    roles = ((role, span) for block in header.blocks for role, span in block.columns.items())
    known = [(s.first, s.last) for role, s in roles if role != "ignored"]
    for row in range(header.last + 1, min(header.last + 3, view.height) + 1):
        figures = [c for c in view.words(row) if parse_target(c.text).number is not None]
        free = [c for c in figures if not any(a <= c.column <= b for a, b in known)]
        above = [view.at(row - 1, c.column) for c in free]
        heads = [one_line(c.text) for c in above if c is not None and parse_target(c.text).number is None]
        if len(heads) > 1:
            return heads
    return []


def laid_across(cells: list[Cell]) -> str:
    """What is to be said of a row of headings that has a column for each kind of indicator; empty for any other."""
    kinds = [one_line(c.text) for c in cells if is_level_label(c.text)]
    if len(kinds) < 2 or sum(is_column(c.text) for c in cells) < 2:
        return ""
    return f"把“{'”“'.join(kinds)}”横着排成几列：请改成一行一个指标"
