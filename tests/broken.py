"""Files that cannot be read, as they come, and words of the line that says why."""

from __future__ import annotations

import io

import offices
from offices import C, rows
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

PAGE = [("目标表", rows([C("项目名称", 1, 2), "甲"], ["一级指标", "三级指标", "指标值"]))]


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("L", (20, 20), 200).save(out, "PNG")
    return out.getvalue()


def scan() -> bytes:
    """A pdf whose only page is a picture."""
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawImage(ImageReader(io.BytesIO(picture())), 0, 0, 595, 842)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def wide() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    for column in range(1, 10_001):
        book.active.cell(1, column, "一")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
BROKEN: dict[str, tuple[bytes, list[str]]] = {
    "scan.png": (picture(), ["图片或扫描件", "请提供"]),
    "scan.jpg": (b"\xff\xd8\xff\xe0" + bytes(50), ["图片或扫描件"]),
    "scan.tif": (b"II*\0" + bytes(50), ["图片或扫描件"]),
    "scan.pdf": (scan(), ["第 1 页", "图片或扫描件"]),
    "locked.xlsx": (OLE + "EncryptedPackage".encode("utf-16-le"), ["密码"]),
    "cut.docx": (offices.docx(PAGE)[:900], ["已损坏"]),
    "cut.pdf": (offices.pdf(PAGE)[:700], []),
    "cut.doc": (OLE + "WordDocument".encode("utf-16-le"), []),
    "ofd.ofd": (offices.archive({"OFD.xml": "<ofd/>"}), ["OFD", "另存为"]),
    "old.rar": (b"Rar!\x1a\x07", ["rar", "zip"]),
    "bomb.docx": (offices.archive({"[Content_Types].xml": "", "word/document.xml": bytes(60 << 20)}), ["压缩炸弹"]),
    "entities.docx": (
        offices.archive({"[Content_Types].xml": "", "word/document.xml": '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}),
        ["DTD"],
    ),
    "wide.html": (f"<table><tr>{'<td>一' * 2000}</table>".encode(), ["列", "拆分"]),
    "none.html": (b"<html><body>nothing</body></html>", ["没有表格"]),
    "none.docx": (offices.docx_of("<w:p/>"), ["没有表格"]),
    "empty.xlsx": (b"", ["空文件"]),
    "wide.xlsx": (wide(), ["10000 列", "拆分"]),
    "cut.xls": (offices.xls(PAGE)[:3000], []),
    "noise.xlsx": (bytes(range(256)) * 9, []),
    "mail.mht": (b"From: a\r\nMIME-Version: 1.0\r\n", ["mht"]),
}
