"""Where a cell stands, in the words of the reader who opens that file, and as fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kg.graph.store import Row, Store

if TYPE_CHECKING:
    from kg.tables import Quote  # all that reads tables: not needed to answer questions

STANDS = (
    "OPTIONAL { ?cell jx:place ?place } OPTIONAL { ?cell jx:sheet ?sheet } OPTIONAL { ?cell jx:cell ?ref } "
    "OPTIONAL { ?cell jx:page ?page } OPTIONAL { ?cell jx:line ?line }"
)
"""What the graph says of where ``?cell`` stands."""
SPOT = "?place ?sheet ?ref ?page ?line"
"""The variables of STANDS."""
Spot = dict[str, Any]
"""``place`` in words; ``sheet``, ``cell``, ``page``, ``line`` as the format has them, else None."""


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


def spot(row: Row) -> Spot:
    """Where a cell stands, of a solution with the variables of SPOT."""
    return {
        "place": row["place"],
        "sheet": row["sheet"],
        "cell": row["ref"],
        "page": row["page"],
        "line": row["line"],
    }


def spots(store: Store, kind: str, fields: Sequence[str]) -> dict[tuple[str, str], Spot]:
    """Of each thing of class ``kind`` in each document, by (document's name, IRI), its cell of the first of ``fields``."""
    found: dict[tuple[str, str], Spot] = {}
    for field in fields:
        for row in store.select(
            f"""SELECT ?document ?thing {SPOT} WHERE {{ GRAPH ?d {{
              ?d rdfs:label ?document . ?thing a {kind} ; prov:wasQuotedFrom ?cell . ?cell jx:field "{field}" . {STANDS}
            }} }} ORDER BY ?cell"""
        ):
            found.setdefault((row["document"], row["thing"]), spot(row))
    return found


def _on_page(quote: Quote) -> str:
    page = f"第{quote.page}页" if quote.page else ""
    table = f"第{quote.source_table}个表 第{quote.source_row}行" if quote.source_table and quote.source_row else ""
    return " ".join(filter(None, (page, table)))
