"""A workbook that an auditor can send on: clusters, year-on-year changes, and the cells that prove them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from kg.captions import CHANGES, KINDS, TARGETS, reasons
from kg.characters import cell_safe
from kg.repeats.rows import Repeats

SHEETS: dict[str, Sequence[str]] = {
    "重复指标": ("组号", "类别", "得分", "衡量内容", "年度", "部门", "项目", "三级指标", "指标值", "理由"),
    "年度变化": ("年度", "部门", "项目", "变化", "上年指标", "上年指标值", "本年指标", "本年指标值", "难易", "上年项目", "得分"),
    "出处": ("组号", "三级指标", "指标值", "年度", "项目", "文件", "表", "行", "指标 IRI"),
}  # fmt: skip


def workbook(repeats: Repeats, rows: Iterable[dict[str, Any]]) -> bytes:
    """The clusters of ``rows``, all changes between years, and the evidence of both."""
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    sheets = {name: book.create_sheet(name) for name in SHEETS}
    for name, heads in SHEETS.items():
        sheets[name].append(heads)
    evidence: list[list[Any]] = []
    for number, row in enumerate(rows, 1):
        for m in row["members"]:
            line = [number, KINDS[row["kind"]], row["score"], row["label"], m["year"], m["department"], m["project"],
                    m["indicator"], m["value"], reasons(row["why"])]  # fmt: skip
            sheets["重复指标"].append([cell_safe(value) for value in line])
            evidence.append(_cell(number, m))
    for change in repeats.moves():
        before, after = change["before"] or {}, change["after"] or {}
        line = [change["year"], change["department"], change["project"], CHANGES[change["change"]], before.get("indicator"),
                before.get("value"), after.get("indicator"), after.get("value"), TARGETS[change["target"]],
                before.get("project"), change["score"]]  # fmt: skip
        sheets["年度变化"].append([cell_safe(value) for value in line])
        evidence += [_cell("年度变化", m) for m in (before, after) if m]
    for line in evidence:
        sheets["出处"].append([cell_safe(value) for value in line])
    for sheet in sheets.values():
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = f"A1:{get_column_letter(sheet.max_column)}{sheet.max_row}"
        for cells in sheet.iter_rows(min_row=2):
            for cell in cells:
                if cell.data_type == "f":  # a cell's own words are never a formula
                    cell.data_type = "s"
        for column in range(1, sheet.max_column + 1):
            widest = max(
                len(str(c.value or "")) for (c,) in sheet.iter_rows(max_row=50, min_col=column, max_col=column)
            )
            sheet.column_dimensions[get_column_letter(column)].width = min(50, 2 * widest + 2)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(number: int | str, m: dict[str, Any]) -> list[Any]:
    return [number, m["indicator"], m["value"], m["year"], m["project"], m["document"], m["table"], m["row"], m["iri"]]
