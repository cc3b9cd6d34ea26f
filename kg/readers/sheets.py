"""xlsx and xls → a grid a sheet: what each cell shows, its merges, its reference; hidden sheets are not read."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from kg.readers.archive import Package
from kg.readers.attached import pictures, unread
from kg.readers.flow import MAX_CELLS, MAX_COLUMNS
from kg.readers.grid import Cell, Grid, Notes, ReadError, Remark
from kg.readers.number_formats import RESERVED, shown
from kg.readers.visible import raised

if TYPE_CHECKING:
    from kg.readers.scans.pictures import Pictures

MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})[\"']")
STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
PICTURE_CELL = re.compile(r"=(?:_xlfn\.)?DISPIMG\(")  # a picture as WPS keeps it in a cell
Spans = dict[tuple[int, int], tuple[int, int]]
"""(row, column) of a merge's top left cell → (rows, columns)."""


def read_xlsx(data: bytes, known: Pictures | None = None) -> tuple[list[Grid], Notes]:
    """The visible sheets as grids, and what was left unread; ``known`` knows the pictures that hold tables.

    Raises ReadError where the file is damaged.
    """
    import openpyxl

    package = Package(data)
    _check(package)
    if "xl/workbook.xml" in package and STRICT.search(package.read("xl/workbook.xml")[:2000]):
        data = _transitional(package)
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=False, keep_links=False, rich_text=True)
    formulas = any(cell.data_type == "f" for sheet in book.worksheets for cell in _stored(sheet))
    values = (
        openpyxl.load_workbook(io.BytesIO(data), data_only=True, keep_links=False, rich_text=True) if formulas else book
    )
    grids: list[Grid] = []
    attached = list(pictures(package, known))
    warnings: Notes = [one for one in attached if isinstance(one, Remark)]
    for sheet, computed in zip(book.worksheets, values.worksheets, strict=True):
        if sheet.sheet_state != "visible":
            warnings.append(f"工作表“{sheet.title}”是隐藏的：未读")
            continue
        texts = {(cell.row, cell.column): _xlsx_text(cell, book.epoch) for cell in _stored(computed)}
        for cell in _stored(sheet):
            if PICTURE_CELL.match(str(cell.value)):
                texts[cell.row, cell.column] = ""
                place = Cell("图片", cell.row, cell.column, ref=cell.coordinate)
                warnings.append(unread(place, sheet.title, f"{cell.coordinate} 里的图片"))
        uncached = [c.coordinate for c in _stored(sheet) if c.data_type == "f" and (c.row, c.column) not in texts]
        if uncached:
            places = "、".join(uncached[:5]) + ("…" if len(uncached) > 5 else "")
            warnings.append(f"工作表“{sheet.title}”的 {places} 是没有存下结果的公式：请用 Excel 打开并保存后再读")
        spans = {
            (r.min_row, r.min_col): (r.max_row - r.min_row + 1, r.max_col - r.min_col + 1)
            for r in sheet.merged_cells.ranges
        }
        hidden = _hidden_rows(sheet), _hidden_columns(sheet)
        warnings += _hide(sheet.title, texts, spans, *hidden)
        grids.append(_grid(sheet.title, texts, spans, hidden[1]))
    grids += [one for one in attached if isinstance(one, Grid)]
    return [grid for grid in grids if grid.rows], warnings


def _hidden_rows(sheet: Any) -> set[int]:
    return {row for row, look in sheet.row_dimensions.items() if look.hidden or look.height == 0}


def _hidden_columns(sheet: Any) -> set[int]:
    return {
        column
        for look in sheet.column_dimensions.values()
        if (look.hidden or look.width == 0) and look.min
        for column in range(look.min, min(look.max or look.min, MAX_COLUMNS) + 1)
    }


def _hide(
    name: str, texts: dict[tuple[int, int], str], spans: Spans, rows: set[int], columns: set[int]
) -> Iterator[Remark]:
    """Take out what hidden rows and columns hold, and say so; a merge that is seen keeps its words."""
    from openpyxl.utils import get_column_letter

    if not rows and not columns:
        return
    for (top, left), (height, width) in list(spans.items()):
        down = [row for row in range(top, top + height) if row not in rows]
        across = [column for column in range(left, left + width) if column not in columns]
        if down and across and (top in rows or left in columns):
            texts[down[0], across[0]] = texts.pop((top, left), "")
            del spans[top, left]
            spans[down[0], across[0]] = top + height - down[0], left + width - across[0]
    lost: dict[str, tuple[int, int]] = {}
    for row, column in sorted(texts):
        if (row in rows or column in columns) and texts[row, column].strip():
            lost.setdefault(f"第 {row} 行" if row in rows else f"{get_column_letter(column)} 列", (row, column))
    for line, (row, column) in lost.items():
        text, ref = texts[row, column].strip(), f"{get_column_letter(column)}{row}"
        message = f"工作表“{name}”的{line}是隐藏的，没有读：{ref}“{text[:40]}”等"
        yield Remark("hidden-cells", message, Cell(text, row, column, ref=ref), name)
    for row, column in list(texts):
        if row in rows or column in columns:
            del texts[row, column]


def _transitional(package: Package) -> bytes:
    """A workbook of the standard's strict form in the form that the library reads: only the namespaces differ."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in package.members:
            content = package.read(name)
            if name.endswith((".xml", ".rels")):
                content = STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/\2", content)
            file.writestr(name, content)
    return out.getvalue()


def _rich(value: Any) -> Any:
    """Rich text as words; what is printed above the line in the characters that Unicode has for this."""
    if isinstance(value, str) and type(value) is str:
        return ESCAPED.sub(lambda found: chr(int(found[1], 16)), value) if "_x" in value else value
    if not isinstance(value, list):
        return value
    return "".join(
        part
        if isinstance(part, str)
        else raised(part.text)
        if part.font is not None and part.font.vertAlign == "superscript"
        else part.text
        for part in value
    )


def _xlsx_text(cell: Any, epoch: Any) -> str:
    code = RESERVED.get(cell._style.numFmtId)
    if code is None or cell.number_format != "General" or not isinstance(cell.value, int | float):
        return shown(_rich(cell.value), cell.number_format)
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


def read_xls(data: bytes) -> tuple[list[Grid], Notes]:
    """The same for xls (BIFF)."""
    import xlrd

    try:
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, ragged_rows=True, logfile=io.StringIO())
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise ReadError("有密码：请先去掉密码") from None
        raise ReadError("已损坏或不是 Excel 文件：请重新导出") from None
    grids: list[Grid] = []
    warnings: Notes = []
    for sheet in book.sheets():
        if sheet.visibility:
            warnings.append(f"工作表“{sheet.name}”是隐藏的：未读")
            continue
        texts = {}
        for r in range(sheet.nrows):
            for c in range(sheet.row_len(r)):
                texts[r + 1, c + 1] = _xls_text(book, sheet, r, c)
        spans = {(r + 1, c + 1): (r2 - r, c2 - c) for r, r2, c, c2 in sheet.merged_cells}
        hidden = (
            {r + 1 for r, look in sheet.rowinfo_map.items() if look.hidden or look.height == 0},
            {c + 1 for c, look in sheet.colinfo_map.items() if look.hidden or look.width == 0},
        )
        warnings += _hide(sheet.name, texts, spans, *hidden)
        grids.append(_grid(sheet.name, texts, spans, hidden[1]))
    return [grid for grid in grids if grid.rows], warnings


def _xls_text(book: Any, sheet: Any, row: int, column: int) -> str:
    import xlrd

    cell = sheet.cell(row, column)
    if cell.ctype == xlrd.XL_CELL_TEXT and (runs := sheet.rich_text_runlist_map.get((row, column))):
        return _raised_runs(book, cell.value, runs)
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


def _raised_runs(book: Any, text: str, runs: list[tuple[int, int]]) -> str:
    ends = [*(start for start, _ in runs[1:]), len(text)]
    out = text[: runs[0][0]]
    for (start, font), end in zip(runs, ends, strict=True):
        part = text[start:end]
        out += raised(part) if font < len(book.font_list) and book.font_list[font].escapement == 1 else part
    return out


def _grid(
    name: str,
    texts: dict[tuple[int, int], str],
    spans: Spans,
    hidden_columns: Collection[int] = (),
) -> Grid:
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
            if (row, column) in covered or column in hidden_columns:
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
