"""HTML → grids: the page as a browser shows it, with rowspan and colspan, without what is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kg.readers.flow import Box, Flow, placed
from kg.readers.grid import Grid, Notes, ReadError
from kg.readers.visible import lowered, raised, struck

HIDDEN = frozenset(
    {"script", "style", "head", "template", "noscript", "svg", "object", "iframe", "title", "datalist", "rt", "rp"}
)
STRUCK = frozenset({"del", "s", "strike"})
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "ul",
        "table",
        "caption",
        "tr",
        "td",
        "th",
    ]
)
FIELDS = frozenset({"input", "select"})
TYPED = frozenset({"text", "number", "date", "search", "tel", "url", "email", "month", "week", "time"})
WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f"
CROSSED = re.compile(r"text-decoration[^;]*line-through", re.IGNORECASE)
INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def read_html(text: str) -> tuple[str, list[Grid], Notes]:
    """Split a page into (preface, grids, what was left out). Tables that only lay out the page are looked through."""
    from lxml import etree, html

    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text.replace("\0", ""))
    parser = html.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(text, parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise ReadError("不是完整的网页：请重新保存") from None
    page = _Page()
    title = root.find(".//head/title")
    if title is not None and title.text:
        page.flow.say(_collapse(title.text))
    page.walk(root)
    page.end()
    return *page.flow.finish(), page.notes


class _Page:
    def __init__(self) -> None:
        self.flow = Flow()
        self.line: list[str] = []
        self.notes: Notes = []

    def end(self) -> None:
        """The paragraph that is open ends here."""
        for text in _collapse("".join(self.line)).split("\n"):
            self.flow.say(text)
        self.line = []

    def walk(self, node: Any) -> None:
        if not isinstance(node.tag, str) or _hidden(node):
            return
        if node.tag == "table":
            self.end()
            self.table(node)
            return
        block = node.tag in BLOCKS
        if block:
            self.end()
        elif node.tag == "br":
            self.line.append("\v")
        self.line.append(_filled_in(node))
        if node.tag not in FIELDS:
            self.line.append(node.text or "")
        for child in node if node.tag != "select" else ():
            self.walk(child)
            self.line.append(child.tail or "")
        if block:
            self.end()

    def table(self, node: Any, *, own: bool = False) -> None:
        nested: list[Any] = []
        rows = [[self._box(cell, nested) for cell in _cells(row)] for row in _rows(node)]
        filled = sum(bool(box.text) for row in rows for box in row)
        if nested and not (len(rows) > 1 and filled > 2 * len(rows)):
            for row in _rows(node):
                for cell in row:
                    self.walk(cell)
                self.end()
            return
        caption = node.find("caption")
        if caption is not None:
            self.walk(caption)
        self.flow.table(placed(rows), own=own)
        for inner in nested:
            self.table(inner, own=True)

    def _box(self, cell: Any, nested: list[Any]) -> Box:
        out: list[str] = []
        _text(cell, out, nested, self.notes)
        return Box(_collapse("".join(out)), _span(cell.get("rowspan"), 65534, 0), _span(cell.get("colspan"), 1000, 1))


def _rows(table: Any) -> Iterator[Any]:
    for node in table:
        if not isinstance(node.tag, str) or _hidden(node):
            continue
        if node.tag == "tr":
            yield node
        elif node.tag in ("thead", "tbody", "tfoot"):
            yield from (row for row in node if row.tag == "tr" and not _hidden(row))


def _cells(row: Any) -> Iterator[Any]:
    return (cell for cell in row if cell.tag in ("td", "th") and not _hidden(cell))


def _text(node: Any, out: list[str], nested: list[Any], notes: Notes) -> None:
    """The words below ``node``, without what is crossed out, which goes to ``notes``; ``\\v`` is a line break that shows, other white space collapses."""
    out.append(node.text or "")
    for child in node:
        if isinstance(child.tag, str) and not _hidden(child):
            if child.tag == "table":
                nested.append(child)
            elif child.tag == "br":
                out.append("\v")
            elif child.tag in ("sup", "sub"):
                part: list[str] = []
                _text(child, part, nested, notes)
                out += map(raised if child.tag == "sup" else lowered, part)
            elif child.tag in STRUCK or CROSSED.search(child.get("style") or ""):
                if child.text_content().strip():
                    notes.append(struck(_collapse(child.text_content())))
            elif child.tag in FIELDS:
                out.append(_filled_in(child))
            else:
                block = child.tag in BLOCKS
                out.append("\f" if block else "")
                _text(child, out, nested, notes)
                out.append("\f" if block else "")
        out.append(child.tail or "")


def _filled_in(node: Any) -> str:
    """What a field of a form shows: the text that is typed in, the option that is chosen."""
    if node.tag == "input" and (node.get("type") or "text").lower() in TYPED:
        return str(node.get("value") or "")
    if node.tag == "select":
        options = [option for option in node.iter("option") if not _hidden(option)]
        chosen = [option for option in options if option.get("selected") is not None] or options[:1]
        return "、".join(_collapse(option.text_content()) for option in chosen)
    return ""


def _collapse(text: str) -> str:
    """White space as a browser shows it; a source line break between Chinese characters shows as nothing."""
    text = re.sub(rf"(?<=[{WIDE}])[ \t\r]*\n[ \t\r\n]*(?=[{WIDE}])", "", text)
    text = re.sub(r"[ \t\r\n]+", " ", text).replace("\xa0", " ")
    lines = [line.strip(" ") for line in re.sub(r" *\f[\f ]*", "\n", text).replace("\v", "\n").split("\n")]
    return "\n".join(lines).strip()


def _hidden(node: Any) -> bool:
    return node.tag in HIDDEN or node.get("hidden") is not None or INVISIBLE.search(node.get("style") or "") is not None


def _span(text: str | None, most: int, least: int) -> int:
    found = re.match(r"\s*(\d{1,6})", text or "")
    return max(least, min(int(found[1]), most)) if found else 1
