"""xlsx and xls → a grid a sheet: what each cell shows, its merges, its reference; hidden sheets are not read."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Any

from kg.readers.archive import Package
from kg.readers.flow import MAX_CELLS, MAX_COLUMNS
from kg.readers.grid import Cell, Grid, ReadError
from kg.readers.number_formats import RESERVED, shown

MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})[\"']")
Spans = dict[tuple[int, int], tuple[int, int]]
"""(row, column) of a merge's top left cell → (rows, columns)."""


def read_xlsx(data: bytes) -> tuple[list[Grid], list[str]]:
    """The visible sheets as grids, and what was left unread. Raises ReadError where the file is damaged."""
    import openpyxl

    _check(Package(data))
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=False, keep_links=False)
    formulas = any(cell.data_type == "f" for sheet in book.worksheets for cell in _stored(sheet))
    values = openpyxl.load_workbook(io.BytesIO(data), data_only=True, keep_links=False) if formulas else book
    grids, warnings = [], []
    for sheet, computed in zip(book.worksheets, values.worksheets, strict=True):
        if sheet.sheet_state != "visible":
            warnings.append(f"工作表“{sheet.title}”是隐藏的：未读")
            continue
        texts = {(cell.row, cell.column): _xlsx_text(cell, book.epoch) for cell in _stored(computed)}
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


def _xlsx_text(cell: Any, epoch: Any) -> str:
    code = RESERVED.get(cell._style.numFmtId)
    if code is None or cell.number_format != "General" or not isinstance(cell.value, int | float):
        return shown(cell.value, cell.number_format)
    from openpyxl.utils.datetime import from_excel

    try:
        return shown(from_excel(cell.value, epoch), code)
    except (ValueError, OverflowError):
        return shown(cell.value, "General")


def _check(package: Package) -> None:
    """Refuse what the library would take all memory for: big parts, and merges, whose every place becomes a cell."""
    from openpyxl.worksheet.cell_range import CellRange

    package.check()
    for name in package.members:
        if not name.startswith("xl/worksheets/"):
            continue
        area = 0
        for ref in MERGE.findall(package.read(name)):
            size = CellRange(ref.decode("ascii")).size
            area += size["rows"] * size["columns"]
        if area > MAX_CELLS:
            raise ReadError(f"合并的单元格超过 {MAX_CELLS} 个：请取消整行整列的合并")


def _stored(sheet: Any) -> Iterable[Any]:
    """The cells that the file holds: walking the sheet's whole area would make up millions more."""
    return [cell for _, cell in sorted(sheet._cells.items()) if cell.value is not None]


def read_xls(data: bytes) -> tuple[list[Grid], list[str]]:
    """The same for xls (BIFF)."""
    import xlrd

    try:
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, ragged_rows=True, logfile=io.StringIO())
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
        number = book.xf_list[cell.xf_index].format_key
        found = book.format_map.get(number)
        code = found.format_str if found else RESERVED.get(number, code)
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
