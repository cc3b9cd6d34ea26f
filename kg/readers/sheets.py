"""xlsx and xls → a grid a sheet: what each cell shows, its merges, its reference; hidden sheets are not read."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from kg.readers.archive import Package
from kg.readers.flow import MAX_CELLS, MAX_COLUMNS
from kg.readers.formats import shown
from kg.readers.grid import Cell, Grid, ReadError

Spans = dict[tuple[int, int], tuple[int, int]]
"""(row, column) of a merge's top left cell → (rows, columns)."""


def read_xlsx(data: bytes) -> tuple[list[Grid], list[str]]:
    """The visible sheets as grids, and what was left unread. Raises ReadError where the file is damaged."""
    import openpyxl

    Package(data).check()
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=False, keep_links=False)
    formulas = any(cell.data_type == "f" for sheet in book.worksheets for cell in _stored(sheet))
    values = openpyxl.load_workbook(io.BytesIO(data), data_only=True, keep_links=False) if formulas else book
    grids, warnings = [], []
    for sheet, computed in zip(book.worksheets, values.worksheets, strict=True):
        if sheet.sheet_state != "visible":
            warnings.append(f"工作表“{sheet.title}”是隐藏的：未读")
            continue
        texts = {(cell.row, cell.column): shown(cell.value, cell.number_format) for cell in _stored(computed)}
        uncached = [c.coordinate for c in _stored(sheet) if c.data_type == "f" and (c.row, c.column) not in texts]
        if uncached:
            places = "、".join(uncached[:5]) + ("…" if len(uncached) > 5 else "")
            warnings.append(f"工作表“{sheet.title}”的 {places} 是没有存下结果的公式：请用 Excel 打开并保存后再读")
        spans = {
            (r.min_row, r.min_col): (r.max_row - r.min_row + 1, r.max_col - r.min_col + 1)
            for r in sheet.merged_cells.ranges
        }
        grids.append(_grid(sheet.title, texts, spans))
    return [grid for grid in grids if grid.rows], warnings


def _stored(sheet: Any) -> Iterable[Any]:
    """The cells that the file holds: walking the sheet's whole area would make up millions more."""
    return [cell for _, cell in sorted(sheet._cells.items()) if cell.value is not None]


def read_xls(data: bytes) -> tuple[list[Grid], list[str]]:
    """The same for xls (BIFF)."""
    import xlrd

    try:
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise ReadError("有密码：请先去掉密码") from None
        raise ReadError("已损坏或不是 Excel 文件：请重新导出") from None
    grids, warnings = [], []
    for sheet in book.sheets():
        if sheet.visibility:
            warnings.append(f"工作表“{sheet.name}”是隐藏的：未读")
            continue
        texts = {}
        for r in range(sheet.nrows):
            for c in range(sheet.row_len(r)):
                texts[r + 1, c + 1] = _xls_text(book, sheet.cell(r, c))
        spans = {(r + 1, c + 1): (r2 - r, c2 - c) for r, r2, c, c2 in sheet.merged_cells}
        grids.append(_grid(sheet.name, texts, spans))
    return [grid for grid in grids if grid.rows], warnings


def _xls_text(book: Any, cell: Any) -> str:
    import xlrd

    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return ""
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#错误"))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return shown(bool(cell.value), "General")
    code = "General"
    if cell.xf_index is not None:
        found = book.format_map.get(book.xf_list[cell.xf_index].format_key)
        code = found.format_str if found else code
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return shown(xlrd.xldate_as_datetime(cell.value, book.datemode), code)
        except (ValueError, OverflowError):
            return shown(cell.value, "General")
    return shown(cell.value, code)


def _grid(name: str, texts: dict[tuple[int, int], str], spans: Spans) -> Grid:
    """The used area: cells with their spans; covered places hold no cell, rows without a word are left out."""
    from openpyxl.utils import get_column_letter

    used = {place: text.strip() for place, text in texts.items() if text.strip()}
    if not used:
        return Grid(sheet=name)
    width = max(column for _, column in used)
    rows = sorted({row for row, _ in used})
    if width > MAX_COLUMNS:
        raise ReadError(f"工作表“{name}”用到第 {width} 列，超过 {MAX_COLUMNS} 列：请先拆分")
    if width * len(rows) > MAX_CELLS:
        raise ReadError(f"工作表“{name}”超过 {MAX_CELLS} 个单元格：请先拆分")
    covered = _covered(spans, rows, width)
    grid = Grid(sheet=name)
    for row in rows:
        out = []
        for column in range(1, width + 1):
            if (row, column) in covered:
                continue
            height, across = spans.get((row, column), (1, 1))
            ref = f"{get_column_letter(column)}{row}"
            out.append(Cell(used.get((row, column), ""), row, column, rowspan=height, colspan=across, ref=ref))
        grid.rows.append(out)
    return grid


def _covered(spans: Spans, rows: list[int], width: int) -> set[tuple[int, int]]:
    """Places that a merge covers, within the used area."""
    covered: set[tuple[int, int]] = set()
    for (top, left), (height, across) in spans.items():
        inside = [row for row in rows if top <= row < top + height]
        columns = range(left, min(left + across, width + 1))
        covered |= {(row, column) for row in inside for column in columns} - {(top, left)}
    return covered
