"""The bytes of one document → its Source, whatever its format."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import partial

from kg.characters import clean, escaped
from kg.readers.file_types import PICTURE, RECOGNISED, kind_of
from kg.readers.flow import MAX_CELLS, MAX_COLUMNS
from kg.readers.grid import Grid, Notes, ReadError, Remark, Source
from kg.readers.plain import is_tabbed, read_plain
from kg.readers.scans.pictures import Pictures
from kg.readers.visible import plain, remarks_on, shown_text

NESTED = 3  # documents inside documents, at most


def parse(name: str, data: bytes, pictures: Pictures | None = None) -> Source:
    """Read one document; ``pictures`` (None: they are not read) knows the pages in it that are pictures.

    Raises ReadError that names it where it is empty, cannot be read, or holds no table.
    """
    name = clean(name)
    try:
        preface, grids, notes = _parse(name, data, pictures)
        if not grids and is_tabbed(preface):
            preface, grids = read_plain(preface)
        _check(grids)
    except ReadError as error:
        reason = "；".join([str(error), *(pictures.warnings if pictures else ())])
        raise ReadError(reason if reason.startswith(f"“{name}”") else f"“{name}”{reason}") from None
    except (MemoryError, RecursionError):
        raise ReadError(f"“{name}”的内容过大或嵌套过深：请拆分或重新导出") from None
    except Exception as error:  # noqa: BLE001 - libraries fail in any way on damaged files
        raise ReadError(f"“{name}”已损坏或不合规范（{type(error).__name__}）：请重新导出") from None
    grids, stray, remarks = _cleaned(grids)
    remarks = [*(note for note in notes if isinstance(note, Remark)), *remarks]
    warnings = [
        f"“{name}”的{note}"
        for note in [*notes, *stray, *(pictures.warnings if pictures else ())]
        if isinstance(note, str)
    ]
    if not grids:
        unread = [remark.message for remark in remarks]
        raise ReadError("；".join([f"“{name}”里没有表格", *warnings, *unread]) + _remedy(name))
    return Source(name, hashlib.sha256(data).hexdigest(), plain(clean(preface)), grids, warnings, remarks)


def embedded(name: str, data: bytes, depth: int) -> tuple[str, list[Grid], Notes]:
    """A document inside another, ``depth`` documents deep. Raises ReadError where it cannot be read."""
    if kind_of(name, data) == "docx":
        from kg.readers.word import read_docx

        return read_docx(data, partial(embedded, depth=depth + 1) if depth < NESTED else None)
    if kind_of(name, data) not in ("xlsx", "xls", "html", "text"):
        raise ReadError("的格式不能就地读取：请另存为单独的文件")
    return _parse(name, data, None)


def _check(grids: list[Grid]) -> None:
    """Refuse what is no table for its size: what comes after takes its time for every cell."""
    if (
        any(len(row) > MAX_COLUMNS for grid in grids for row in grid)
        or sum(len(row) for grid in grids for row in grid) > MAX_CELLS
    ):
        raise ReadError(f"有一个表超过 {MAX_COLUMNS} 列或 {MAX_CELLS} 个单元格：请先拆分")


def _cleaned(grids: list[Grid]) -> tuple[list[Grid], list[str], list[Remark]]:
    """The grids as a reader of the page sees them; a warning of characters that break what is written later, and
    what is to be said of single cells. A cell whose text is changed keeps its own, stray characters escaped, in ``raw``.
    """
    count, first = 0, ""
    remarks: list[Remark] = []
    for number, grid in enumerate(grids, 1):
        grid.caption, grid.sheet = plain(clean(grid.caption)), plain(clean(grid.sheet))
        for row in grid.rows:
            for place, cell in enumerate(row):
                text = clean(cell.text)
                if text != cell.text:
                    count += 1
                    first = first or f"第 {number} 个表第 {cell.row} 行第 {cell.column} 列"
                if (shown := shown_text(text)) != cell.text:
                    row[place] = replace(cell, text=shown, raw=escaped(cell.text))
                remarks += remarks_on(row[place], plain(text), grid.sheet)
    stray = [f"{count} 个单元格含有控制字符（先见于{first}）：已去掉，原文保留在出处里"] if count else []
    return grids, stray, remarks


def _remedy(name: str) -> str:
    if name.lower().endswith((".txt", ".text")):
        return "：需要用制表符、竖线或空格把各列分开，或每行一个单元格（以制表符缩进）的文本"
    return "：内容不是用表格排的，请把它放进 Word 或 Excel 的表格再读"


def _parse(name: str, data: bytes, pictures: Pictures | None) -> tuple[str, list[Grid], Notes]:
    if not data.strip():
        raise ReadError("是空文件：请确认导出是否完整")
    match kind_of(name, data):
        case "docx":
            from kg.readers.word import read_docx

            return read_docx(data, partial(embedded, depth=1), pictures)
        case "xlsx":
            from kg.readers.sheets import read_xlsx

            return "", *read_xlsx(data, pictures)
        case "xls":
            from kg.readers.sheets import read_xls

            return "", *read_xls(data)
        case "pdf":
            from kg.readers.pdf import read_pdf

            return read_pdf(data, pictures)
        case "picture":
            from kg.readers.pages import in_flow
            from kg.readers.scans.pictures import read_pictures

            if pictures is None:
                raise ReadError(PICTURE)
            notes: Notes = []
            preface, grids = in_flow(read_pictures(data, pictures), notes)
            if not grids:
                raise ReadError(RECOGNISED)
            return preface, grids, notes
        case "doc":
            return _doc(name, data, pictures)
        case "html":
            from kg.readers.encoding import decode
            from kg.readers.web import read_html

            return read_html(decode(name, data, declared=True), pictures)
        case "delimited":
            from kg.readers.delimited import read_delimited
            from kg.readers.encoding import decode

            return *read_delimited(decode(name, data)), []
        case "text":
            from kg.readers.encoding import decode

            return *read_plain(decode(name, data)), []
        case _:
            from kg.readers.office import convert

            return _parse("converted", convert(name, data), pictures)


def _doc(name: str, data: bytes, pictures: Pictures | None) -> tuple[str, list[Grid], Notes]:
    """Read a doc; one that is not as the format says may still be opened by LibreOffice."""
    from kg.readers.word97 import read_doc

    try:
        preface, grids = read_doc(data)
    except (MemoryError, ReadError):
        raise
    except Exception:  # noqa: BLE001 - offsets of a damaged file lead anywhere
        grids = []
    if grids:
        return preface, grids, []
    from kg.readers.office import convert

    return _parse("converted", convert(name, data), pictures)
