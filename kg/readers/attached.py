"""What is attached to the sheets of a workbook, and is no cell of them: pictures, embedded files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kg.readers.archive import Package, parse_xml, relations
from kg.readers.flow import MAX_COLUMNS
from kg.readers.grid import Cell, Remark


def pictures(package: Package) -> Iterator[Remark]:
    """Pictures and embedded files of the sheets, with the place of their upper left corner."""
    names = {relation: part for _, part, relation in relations(package, "xl/workbook.xml")}
    titles: dict[str, str] = {}
    book = parse_xml(package.read("xl/workbook.xml")) if "xl/workbook.xml" in package else ()
    for node in (sheet for group in book for sheet in group if group.tag.endswith("}sheets")):
        relation = next((str(v) for k, v in node.attrib.items() if k.endswith("}id")), "")
        titles[names.get(relation, "")] = node.get("name", "")
    for sheet, title in titles.items():
        for kind, part, _ in relations(package, sheet):
            if kind.endswith("/drawing") and part in package:
                for anchor in parse_xml(package.read(part)):
                    if any(str(node.tag).endswith("}blip") for node in anchor.iter()):
                        yield unread(_anchored(anchor), title, "")
            elif kind.endswith(("/package", "/oleObject")):
                yield unread(Cell(part.rpartition("/")[2], 0, 1), title, f"嵌入的文件“{part.rpartition('/')[2]}”")


def _anchored(anchor: Any) -> Cell:
    from openpyxl.utils import get_column_letter

    start = next((node for node in anchor if str(node.tag).endswith("}from")), ())
    at = {str(node.tag).rpartition("}")[2]: node.text or "" for node in start}
    row, column = (int(at[key]) + 1 if at.get(key, "").isdecimal() else 1 for key in ("row", "col"))
    return Cell("图片", row, column, ref=f"{get_column_letter(min(column, MAX_COLUMNS))}{row}")


def unread(cell: Cell, sheet: str, what: str) -> Remark:
    what = what or f"{cell.ref} 处的图片"
    return Remark("picture-not-read", f"工作表“{sheet}”的{what}里如有表格或文字，没有读", cell, sheet)
