"""What is attached to the sheets of a workbook, and is no cell of them: pictures, embedded files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kg.readers.archive import Package, parse_xml, relations
from kg.readers.flow import MAX_COLUMNS
from kg.readers.grid import Cell, Grid, Remark

if TYPE_CHECKING:
    from kg.readers.scans.pictures import Pictures


def pictures(package: Package, known: Pictures | None = None) -> Iterator[Remark | Grid]:
    """Pictures and embedded files of the sheets, with the place of their upper left corner; of the pictures that
    ``known`` finds a table in, the table.
    """
    names = {relation: part for _, part, relation in relations(package, "xl/workbook.xml")}
    titles: dict[str, str] = {}
    book = parse_xml(package.read("xl/workbook.xml")) if "xl/workbook.xml" in package else ()
    for node in (sheet for group in book for sheet in group if group.tag.endswith("}sheets")):
        relation = next((str(v) for k, v in node.attrib.items() if k.endswith("}id")), "")
        titles[names.get(relation, "")] = node.get("name", "")
    for sheet, title in titles.items():
        for kind, part, _ in relations(package, sheet):
            if kind.endswith("/drawing") and part in package:
                targets = {name: target for _, target, name in relations(package, part)}
                for anchor in parse_xml(package.read(part)):
                    if blips := [node for node in anchor.iter() if str(node.tag).endswith("}blip")]:
                        place = _anchored(anchor)
                        embedded = next((str(v) for k, v in blips[0].attrib.items() if k.endswith("}embed")), "")
                        found = _tables(
                            package, targets.get(embedded, ""), f"工作表“{title}”{place.ref} 处的图片", known
                        )
                        for grid in found:
                            grid.sheet = title
                            yield grid
                        if not found:
                            yield unread(place, title, "")
            elif kind.endswith(("/package", "/oleObject")):
                yield unread(Cell(part.rpartition("/")[2], 0, 1), title, f"嵌入的文件“{part.rpartition('/')[2]}”")


def _tables(package: Package, part: str, place: str, known: Pictures | None) -> list[Grid]:
    if known is None or part not in package:
        return []
    from kg.readers.scans.pictures import in_place, inserted

    page = inserted(package.read(part), place, 1, known)
    return in_place([page]) if page is not None else []


def _anchored(anchor: Any) -> Cell:
    from openpyxl.utils import get_column_letter

    start = next((node for node in anchor if str(node.tag).endswith("}from")), ())
    at = {str(node.tag).rpartition("}")[2]: node.text or "" for node in start}
    row, column = (int(at[key]) + 1 if at.get(key, "").isdecimal() else 1 for key in ("row", "col"))
    return Cell("图片", row, column, ref=f"{get_column_letter(min(column, MAX_COLUMNS))}{row}")


def unread(cell: Cell, sheet: str, what: str) -> Remark:
    what = what or f"{cell.ref} 处的图片"
    return Remark("picture-not-read", f"工作表“{sheet}”的{what}里如有表格或文字，没有读", cell, sheet)
