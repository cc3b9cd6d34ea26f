"""A source table as it stands in its file: its own headings, row numbers and merged cells, and the file itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kg.graph.terms import literal
from kg.knowledge import KnowledgeGraph
from kg.readers import Cell, Grid
from kg.readers.grid import ReadError
from kg.readers.pdf_picture import draw
from kg.readers.sandbox import Sandbox
from kg.service.registry import NotFoundError, job

Json = dict[str, Any]
MOST_ROWS = 400  # of a table that are shown: those of the project, and the headings
AROUND = 6  # rows above the first cell of a project that are shown, too
DRAWN_WITHIN = 15.0  # seconds for the picture of a page
GAP = 20  # blank rows in a sheet that are shown as such

_CELLS = """SELECT ?row ?field ?sheet ?ref ?line ?page ?table ?at ?column WHERE {{
  ?cell a jx:Cell ; jx:document ?d ; jx:table {number} ; jx:field ?field ; jx:column ?column . ?d rdfs:label {document} .
  OPTIONAL {{ ?cell jx:row ?row }} OPTIONAL {{ ?cell jx:sheet ?sheet }} OPTIONAL {{ ?cell jx:cell ?ref }}
  OPTIONAL {{ ?cell jx:line ?line }} OPTIONAL {{ ?cell jx:page ?page }} OPTIONAL {{ ?cell jx:gridTable ?table }}
  OPTIONAL {{ ?cell jx:gridRow ?at }} }} ORDER BY ?row ?field"""


@job
def grid(graph: KnowledgeGraph, document: str, number: int) -> list[Json]:
    """The parts of a document in which a table stands, as printed, each cell with the row and field it was read as."""
    known = _known(graph, document, number)
    return [part for each in graph.grids(document) if (part := _part(each, known))]


@job
def original(graph: KnowledgeGraph, document: str) -> bytes:
    """The file that a document was read from."""
    return graph.original(document).read_bytes()


@job
def page_picture(graph: KnowledgeGraph, document: str, page: int, number: int = 0) -> bytes:
    """A page of a pdf as PNG, drawn where files are read, with the cells marked that table ``number`` was read from.

    Raises NotFoundError for what has no such page.
    """
    file = graph.original(document)
    known = _known(graph, document, number) if number else {}
    marks = tuple(
        cell.area
        for each in (graph.grids(document) if known else ())
        for row in each
        for cell in row
        if cell.area and cell.page == page and _place(each, cell) in known
    )
    sandbox = Sandbox()
    try:
        drawn: bytes = sandbox.call(file, (draw, file, page, marks), DRAWN_WITHIN)
    except ReadError as error:
        raise NotFoundError(f"“{document}”第{page}页没有图片：{error}") from None
    finally:
        sandbox.close()
    return drawn


def _known(graph: KnowledgeGraph, document: str, number: int) -> dict[tuple[Any, ...], Json]:
    """The cells that a table's facts were read from: place → row and field."""
    known: dict[tuple[Any, ...], Json] = {}
    for r in graph.store.select(_CELLS.format(number=int(number), document=literal(document))):
        place = _key(r["sheet"] or "", r["ref"], r["line"], r["page"], r["table"], r["at"], r["column"])
        known.setdefault(place, {"row": r["row"], "field": r["field"]})
    return known


def _place(each: Grid, cell: Cell) -> tuple[Any, ...]:
    return _key(each.sheet, cell.ref, cell.line, cell.page, cell.table, cell.at, cell.column)


def _key(sheet: str, ref: Any, line: Any, page: Any, table: Any, at: Any, column: int) -> tuple[Any, ...]:
    if ref:
        return "ref", sheet, ref
    return ("line", line, column) if line else ("at", page or 0, table or 0, at or 0, column)


def _part(each: Grid, known: dict[tuple[Any, ...], Json]) -> Json | None:
    at = {id(c): _place(each, c) for row in each for c in row}
    hits = [n for n, row in enumerate(each.rows) if any(at[id(c)] in known for c in row)]
    if not hits:
        return None
    first = 0 if hits[0] <= AROUND or len(each.rows) <= MOST_ROWS else hits[0] - AROUND
    rows = each.rows[first : min(max(hits[-1] + 2, first + 1), first + MOST_ROWS)]
    width = max((c.column + c.colspan - 1 for row in rows for c in row if c.text.strip()), default=1)
    lettered = any(c.ref for row in rows for c in row)
    return {
        "caption": each.caption,
        "sheet": each.sheet,
        "pages": sorted({c.page for row in rows for c in row if c.page}),
        "columns": [_letters(n) for n in range(1, width + 1)] if lettered else [],
        "rows": [_row(number, row, width, covered, known, at) for number, row, covered in _numbered(rows)],
    }


def _numbered(rows: list[list[Cell]]) -> Iterator[tuple[int, list[Cell], set[int]]]:
    """(number, cells, columns covered by merged cells from above) of each row, blank ones between them, too."""
    until: dict[int, int] = {}  # column → the last row that a cell from above covers
    before = 0
    for place, row in enumerate(rows, 1):
        number = row[0].row if row and row[0].row else place
        blanks = range(before + 1, number) if before and number - before <= GAP else ()
        for blank in blanks:
            yield blank, [], {c for c, last in until.items() if last >= blank}
        yield number, row, {c for c, last in until.items() if last >= number}
        for cell in row:
            for column in range(cell.column, cell.column + cell.colspan):
                until[column] = max(until.get(column, 0), number + cell.rowspan - 1)
        before = number


def _row(
    number: int, row: list[Cell], width: int, covered: set[int], known: dict[tuple[Any, ...], Json], at: dict[int, Any]
) -> Json:
    starts = {c.column: c for c in row}
    cells: list[Json] = []
    column = 1
    while column <= width:
        cell = starts.get(column)
        if cell is None:
            if column not in covered:
                cells.append({"text": "", "colspan": 1, "rowspan": 1, "row": None, "field": None})
            column += 1
            continue
        said = known.get(at[id(cell)], {"row": None, "field": None})
        cells.append({"text": cell.text, "colspan": cell.colspan, "rowspan": cell.rowspan, **said})
        column += cell.colspan
    return {"number": _shown(number, row), "cells": cells}


def _shown(number: int, row: list[Cell]) -> str:
    """The number a reader of the file sees: the sheet's row, the line of a text, the row of the page's table."""
    first = row[0] if row else None
    if first and first.ref:
        return re.sub(r"\D", "", first.ref)
    return str((first.line or first.at or number) if first else number)


def _letters(number: int) -> str:
    """A column as a sheet names it: 28 → AB."""
    out = ""
    while number:
        number, rest = divmod(number - 1, 26)
        out = chr(65 + rest) + out
    return out
