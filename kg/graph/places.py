"""Where a cell stands, in the words of the reader who opens that file."""

from __future__ import annotations

from kg.tables import Quote


def place(quote: Quote) -> str:
    """``工作表“第2页” H7``, ``第3页 第1个表 第5行``, ``第2个表 第5行`` or ``第12行文字``; empty where nothing says it."""
    if quote.ref:
        return f"工作表“{quote.sheet}” {quote.ref}" if quote.sheet else quote.ref
    if quote.line:
        return f"第{quote.line}行文字"
    page = f"第{quote.page}页" if quote.page else ""
    table = f"第{quote.source_table}个表 第{quote.source_row}行" if quote.source_table and quote.source_row else ""
    return " ".join(filter(None, (page, table)))
