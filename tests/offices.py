"""Writers of real files in the formats that offices publish, from the same tables, for the tests of the readers."""

from __future__ import annotations

import csv
import html
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class C:
    """A cell with its spans."""

    text: str
    rowspan: int = 1
    colspan: int = 1


Rows = Sequence[Sequence[C]]
Page = Sequence["tuple[str, Rows]"]
"""Tables with the words above each."""


def placed(rows: Rows) -> list[tuple[int, int, C]]:
    """Each cell's (row, column), from 1."""
    taken: set[tuple[int, int]] = set()
    out = []
    for r, row in enumerate(rows, 1):
        c = 1
        for cell in row:
            while (r, c) in taken:
                c += 1
            taken |= {(r + i, c + j) for i in range(cell.rowspan) for j in range(cell.colspan)}
            out.append((r, c, cell))
    return out


def size(rows: Rows) -> tuple[int, int]:
    cells = placed(rows)
    return max(r + c.rowspan for r, _, c in cells) - 1, max(at + c.colspan for _, at, c in cells) - 1


def docx(page: Page) -> bytes:
    body = []
    for words, rows in page:
        body += [_paragraph(line) for line in filter(None, words.split("\n"))]
        at = {(r, c): cell for r, c, cell in placed(rows)}
        below = {(r + i, c): cell for (r, c), cell in at.items() for i in range(1, cell.rowspan)}
        height, _ = size(rows)
        body.append("<w:tbl>")
        for r in range(1, height + 1):
            body.append("<w:tr>")
            for _, c in sorted(place for place in (*at, *below) if place[0] == r):
                cell = at.get((r, c)) or C("", colspan=below[r, c].colspan)
                merge = '<w:vMerge w:val="restart"/>' if cell.rowspan > 1 else "" if (r, c) in at else "<w:vMerge/>"
                words = "".join(map(_paragraph, cell.text.split("\n")))
                body.append(f'<w:tc><w:tcPr><w:gridSpan w:val="{cell.colspan}"/>{merge}</w:tcPr>{words}</w:tc>')
            body.append("</w:tr>")
        body.append("</w:tbl><w:p/>")
    return docx_of("".join(body))


def _paragraph(text: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{html.escape(text)}</w:t></w:r></w:p>'


def docx_of(body: str) -> bytes:
    """A docx whose body is ``body``, as XML with the prefix ``w``."""
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="word/document.xml"/></Relationships>'
    )
    main = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        f'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><w:body>{body}</w:body></w:document>'
    )
    return archive({"[Content_Types].xml": types, "_rels/.rels": relations, "word/document.xml": main})


def archive(members: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return out.getvalue()


def web(page: Page) -> bytes:
    out = ['<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>']
    for words, rows in page:
        out += [f"<p>{html.escape(line)}</p>" for line in filter(None, words.split("\n"))]
        out.append("<table border=1>")
        for row in rows:
            cells = (
                f"<td rowspan={c.rowspan} colspan={c.colspan}>{html.escape(c.text).replace(chr(10), '<br>')}</td>"
                for c in row
            )
            out.append(f"<tr>{''.join(cells)}</tr>")
        out.append("</table>")
    return "".join([*out, "</body></html>"]).encode()


def xlsx(page: Page) -> bytes:
    """A sheet a table; the words above it are its first rows."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, (words, rows) in enumerate(page, 1):
        sheet = book.create_sheet(f"表{number}")
        lines = [line for line in words.split("\n") if line]
        for at, line in enumerate(lines, 1):
            sheet.cell(at, 1, line)
        for r, c, cell in placed(rows):
            r += len(lines)
            written = sheet.cell(r, c, cell.text)
            written.data_type = "s"
            if cell.rowspan > 1 or cell.colspan > 1:
                sheet.merge_cells(None, r, c, r + cell.rowspan - 1, c + cell.colspan - 1)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls(page: Page) -> bytes:
    import xlwt

    book = xlwt.Workbook()
    for number, (words, rows) in enumerate(page, 1):
        sheet = book.add_sheet(f"表{number}")
        lines = [line for line in words.split("\n") if line]
        for at, line in enumerate(lines):
            sheet.write(at, 0, line)
        for r, c, cell in placed(rows):
            r += len(lines)
            sheet.write_merge(r - 1, r + cell.rowspan - 2, c - 1, c + cell.colspan - 2, cell.text)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def pdf(page: Page, *, width: float = 90, break_pages: bool = False, repeat: int = 0) -> bytes:
    """Ruled tables in a Chinese font that every reader knows without embedding it."""
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    style = ParagraphStyle("cell", fontName="STSong-Light", fontSize=9, leading=11, wordWrap="CJK")
    story: list[Any] = []
    for words, rows in page:
        story += [Paragraph(html.escape(line), style) for line in filter(None, words.split("\n"))]
        height, columns = size(rows)
        grid: list[list[Any]] = [[""] * columns for _ in range(height)]
        look: list[Any] = [("GRID", (0, 0), (-1, -1), 0.5, "black"), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
        for r, c, cell in placed(rows):
            text = html.escape(cell.text).replace("\n", "<br/>")
            grid[r - 1][c - 1] = Paragraph(text, style) if text else ""
            if cell.rowspan > 1 or cell.colspan > 1:
                look.append(("SPAN", (c - 1, r - 1), (c + cell.colspan - 2, r + cell.rowspan - 2)))
        story += [Table(grid, [width] * columns, style=look, repeatRows=repeat), Spacer(1, 12)]
        if break_pages:
            story.append(PageBreak())

    def foot(canvas: Any, document: Any) -> None:
        canvas.setFont("STSong-Light", 9)
        canvas.drawString(300, 20, f"— {document.page} —")
        canvas.drawString(60, 570, "预算公开")

    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=landscape(A4)).build(story, foot, foot)
    return out.getvalue()


def separated(page: Page, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Spans are lost: a cell stands in its first place, the places that it covers are empty."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    for words, rows in page:
        writer.writerows([line] for line in filter(None, words.split("\n")))
        height, width = size(rows)
        grid = [[""] * width for _ in range(height)]
        for r, c, cell in placed(rows):
            grid[r - 1][c - 1] = cell.text
        writer.writerows(grid)
    return out.getvalue().encode(encoding)


def cell_a_line(page: Page, indent: str = "\t", end: str = "") -> bytes:
    out = []
    for words, rows in page:
        out.append(f"\n\n{words}\n" if words else "")
        out += ["".join(f"{indent}{c.text}{end}\n" for c in row) + "\n" for row in rows]
    return "".join(out).encode()


def pipe_rows(page: Page) -> bytes:
    out = []
    for words, rows in page:
        out.append(f"{words}\n\n")
        for at, row in enumerate(rows):
            out.append("| " + " | ".join(c.text.replace("\n", "<br>") for c in row) + " |\n")
            if not at:
                out.append("|" + " --- |" * len(row) + "\n")
        out.append("\n")
    return "".join(out).encode()


Writer = Callable[[Page], bytes]
MERGING: dict[str, Writer] = {"docx": docx, "html": web, "xlsx": xlsx, "xls": xls, "pdf": pdf}
"""The formats that keep merged cells."""
FLAT: dict[str, Writer] = {"csv": separated, "txt": cell_a_line, "md": pipe_rows}


def rows(*lines: Iterable[str | C]) -> list[list[C]]:
    return [[C(cell) if isinstance(cell, str) else cell for cell in line] for line in lines]
