"""Where a cell stands, in the words of the reader who opens that file."""

from __future__ import annotations

from kg.tables import Quote


def place(quote: Quote) -> str:
    """``工作表“第2页” H7``, ``第3页 第1个表 第5行``, ``第2个表 第5行`` or ``第12行文字``; empty where nothing says it.

    Of a cell that was recognised in a picture it says so.
    """
    if quote.scans:
        sheet = f"工作表“{quote.sheet}”的图片" if quote.sheet else ""
        checked = "，已核对" if all(scan.confirmed for scan in quote.scans) else ""
        return " ".join(filter(None, (sheet, _on_page(quote), f"扫描识别{checked}")))
    if quote.ref:
        return f"工作表“{quote.sheet}” {quote.ref}" if quote.sheet else quote.ref
    if quote.line:
        return f"第{quote.line}行文字"
    return _on_page(quote)


def _on_page(quote: Quote) -> str:
    page = f"第{quote.page}页" if quote.page else ""
    table = f"第{quote.source_table}个表 第{quote.source_row}行" if quote.source_table and quote.source_row else ""
    return " ".join(filter(None, (page, table)))
