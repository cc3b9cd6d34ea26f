"""What a file is: by its first bytes, and by its name only where the bytes leave it open."""

from __future__ import annotations

from kg.readers.grid import ReadError

TEXT = frozenset({".txt", ".text"})
DELIMITED = frozenset({".csv", ".tsv"})
PAGES = frozenset({".html", ".htm"})
OFFICE = frozenset({".docx", ".docm", ".doc", ".wps", ".xlsx", ".xlsm", ".xls", ".et", ".pdf", ".zip"})
CONVERTED = frozenset({".dps", ".rtf", ".odt", ".ods", ".ppt", ".pptx"})  # by LibreOffice
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif", ".webp"})  # with the extra ocr
READABLE = TEXT | DELIMITED | PAGES | OFFICE | CONVERTED | PICTURES
EXPORTED = frozenset({".xls", ".et"})
REFUSED = frozenset({".ofd", ".mht", ".mhtml", ".rar", ".7z", ".gz"})

PICTURE = "是图片或扫描件，没有文字：请提供原来的 Word、Excel 或带文字层的 PDF，或安装扫描识别组件（pip install 'jixiao-kg[ocr]'）"
RECOGNISED = "是图片或扫描件，没有识别出带框线的表格：请提供原来的 Word、Excel，或更清楚的扫描件"
PICTURED = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM", b"RIFF")
CONTENTS: tuple[tuple[bytes, str], ...] = (
    (b"Rar!", "是 rar 压缩包：请解压或改用 zip"),
    (b"7z\xbc\xaf", "是 7z 压缩包：请解压或改用 zip"),
    (b"\x1f\x8b", "是 gz 压缩包：请解压或改用 zip"),
    (b"MZ", "是程序，不是表格文件：未读"),
    (b"\x7fELF", "是程序，不是表格文件：未读"),
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def kind_of(name: str, data: bytes) -> str:
    """``docx doc xlsx xls pdf picture html delimited text zip`` or ``office`` (through LibreOffice).

    Raises ReadError for what is known to hold no table that can be read.
    """
    suffix = suffix_of(name)
    head = data[:1024]
    if head.startswith(b"PK"):
        return _package(suffix, data)
    if head.startswith(OLE):
        return _compound(suffix, data)
    if b"%PDF-" in head:
        return "pdf"
    if head.lstrip().startswith(b"{\\rtf"):
        return "office"
    if any(head.startswith(mark) and (len(mark) > 2 or b"\0" in head) for mark in PICTURED):
        return "picture"
    for mark, reason in CONTENTS:
        if head.startswith(mark) and (len(mark) > 2 or b"\0" in head):
            raise ReadError(reason)
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")) and head.count(0) < len(head) // 4:
        raise ReadError("内容不是它的后缀所说的格式，或已损坏：请重新导出")
    if b'progid="Excel.Sheet"' in head or b'progid="Word.Document"' in head:  # Office 2003's XML
        return "office"
    if suffix in PAGES or _is_html(data):
        return "html"
    if suffix in (".mht", ".mhtml") or b"\nMIME-Version:" in b"\n" + head:
        raise ReadError("是 mht 网页归档：请另存为 html 或 docx")
    if suffix in EXPORTED and (b"\0" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff"))):
        return "delimited"  # business systems call any table xls
    if suffix in OFFICE | CONVERTED | PICTURES:
        raise ReadError("内容不是它的后缀所说的格式，或已损坏：请重新导出")
    return "delimited" if suffix in DELIMITED else "text"


def suffix_of(name: str) -> str:
    dot = name.rfind(".")
    return name[dot:].lower() if dot > 0 else ""


def _is_html(data: bytes) -> bool:
    head = data[:4096].replace(b"\0", b"").lower()
    head = head.lstrip(b"\xef\xbb\xbf\xff\xfe\r\n\t ")
    return head.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta", b"<body", b"<div")) or (
        head.startswith((b"<?xml", b"<!--")) and (b"<html" in head or b"<table" in head)
    )


def _package(suffix: str, data: bytes) -> str:
    from kg.readers.archive import Package

    members = Package(data).members
    if "[Content_Types].xml" in members:
        for folder, kind in (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "office")):
            if any(name.startswith(folder) for name in members):
                return kind
    if "mimetype" in members and "content.xml" in members:
        return "office"
    if "OFD.xml" in members:
        raise ReadError("是 OFD 版式文件：请另存为 docx 或带文字层的 PDF")
    if suffix in (".docx", ".xlsx", ".docm", ".xlsm", ".pptx"):
        raise ReadError("缺少必要的部件，文件已损坏：请重新导出")
    return "zip"


def _compound(suffix: str, data: bytes) -> str:
    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if holds("EncryptedPackage") or holds("EncryptionInfo"):
        raise ReadError("有密码：请先去掉密码")
    if holds("WordDocument"):
        return "doc"
    if holds("Workbook") or (holds("Book") and suffix in (".xls", ".et")):
        return "xls"
    if holds("PowerPoint Document") or suffix in CONVERTED | {".doc", ".wps"}:
        return "office"
    raise ReadError("内容不是它的后缀所说的格式，或已损坏：请重新导出")
