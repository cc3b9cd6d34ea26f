"""Tables as a workbook that people open: heads frozen, filters, widths, number formats; text is never a formula."""

from __future__ import annotations

import datetime
import io
import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import count
from typing import Any

from kg.characters import cell_safe, clean

FORMATS = {
    "money": "#,##0.00##",
    "number": "General",
    "percent": "0.00",
    "whole": "0",
    "year": "0",
    "date": "yyyy-mm-dd",
}
WIDEST = 48  # characters of a column; a Chinese one takes two
LOOKED_AT = 200  # rows by which a column's width is found


@dataclass(frozen=True, slots=True)
class Column:
    """``kind``: text, or a key of FORMATS. A value that is not of its kind is written as the text it is."""

    head: str
    kind: str = "text"


@dataclass(slots=True)
class Sheet:
    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]


def save(sheets: Iterable[Sheet]) -> bytes:
    """An xlsx workbook. A sheet with rows is a named table, so that a pivot table can be made of it by its name."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    titles: set[str] = set()
    for sheet in sheets:
        _write(book, sheet, _title(sheet.title, titles))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _title(wanted: str, taken: set[str]) -> str:
    """A name that Excel takes: 31 characters, none of ``[]:*?/\\``, no quotes at the ends, each once."""
    plain = re.sub(r"[\[\]:*?/\\\n\r\t]", "", clean(wanted)).strip("' ")[:28] or "结果"
    title = next(t for n in count(1) if (t := plain if n == 1 else f"{plain}{n}").casefold() not in taken)
    taken.add(title.casefold())
    return title


def _write(book: Any, sheet: Sheet, title: str) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.filters import AutoFilter
    from openpyxl.worksheet.properties import PageSetupProperties
    from openpyxl.worksheet.table import Table, TableColumn, TableStyleInfo

    page = book.create_sheet(title)
    rows = [[_value(value, c.kind) for value, c in zip(row, sheet.columns, strict=True)] for row in sheet.rows]
    heads = _distinct([str(cell_safe(c.head)) for c in sheet.columns])
    for place, head in enumerate(heads):
        widest = max([_width(head) + 4, *(_width(row[place]) + 2 for row in rows[:LOOKED_AT])])
        page.column_dimensions[get_column_letter(place + 1)].width = min(WIDEST, widest)
    page.freeze_panes = "A2"
    page.print_title_rows = "1:1"
    page.page_setup.orientation, page.page_setup.fitToHeight = "landscape", 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)

    def cell(value: Any, form: str | None) -> Any:
        made = WriteOnlyCell(page, value)
        if isinstance(value, str):
            made.data_type = "s"
        elif form:
            made.number_format = form
        return made

    first = []
    for head in heads:
        made = cell(head, None)
        made.font, made.fill = Font(bold=True), PatternFill("solid", fgColor="DCE6F1")
        made.alignment = Alignment(vertical="center")
        first.append(made)
    page.append(first)
    forms = [FORMATS.get(c.kind) for c in sheet.columns]
    for row in rows:
        page.append([cell(value, form) for value, form in zip(row, forms, strict=True)])
    if rows and heads:
        number = len(book.worksheets)
        extent = f"A1:{get_column_letter(len(heads))}{len(rows) + 1}"
        plain = re.sub(r"[^0-9A-Za-z_\u4e00-\u9fff]", "", title)
        table = Table(id=number, displayName=f"表_{plain}{'' if plain == title else number}", ref=extent)
        table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
        table.autoFilter = AutoFilter(ref=extent)
        table.tableColumns = [TableColumn(id=n, name=head) for n, head in enumerate(heads, 1)]
        with warnings.catch_warnings():  # that its columns have to be named here: they are
            warnings.simplefilter("ignore", UserWarning)
            page.add_table(table)


def _distinct(heads: Sequence[str]) -> list[str]:
    """Heads that a table takes: no line breaks, none empty, each once whatever its case."""
    taken: set[str] = set()
    found = []
    for n, head in enumerate(heads, 1):
        plain = re.sub(r"\s+", " ", head).strip() or f"列{n}"
        name = next(t for k in count(1) if (t := plain if k == 1 else f"{plain} {k}").casefold() not in taken)
        taken.add(name.casefold())
        found.append(name)
    return found


def _value(value: Any, kind: str) -> Any:
    if value is None or value == "":
        return None
    if kind == "date":
        try:
            return datetime.date.fromisoformat(str(value))
        except ValueError:
            return cell_safe(str(value))
    if kind != "text" and not isinstance(value, bool):
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            return cell_safe(str(value))
        if number == number.to_integral_value() and abs(number) < 10**15:
            return int(number)
        return float(number) if number.is_finite() and Decimal(repr(float(number))) == number else cell_safe(str(value))
    return cell_safe(value) if isinstance(value, (str, int, float)) else cell_safe(str(value))


def _width(value: Any) -> int:
    if value is None:
        return 0
    if not isinstance(value, str):
        return max(len(str(value)) + 4, 10)
    return sum(2 if ord(c) > 0x2E7F else 1 for c in value[:WIDEST])
