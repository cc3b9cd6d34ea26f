"""HTML → grids: the page as a browser shows it, with rowspan and colspan, without what is hidden."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from kg.readers.flow import Box, Flow, placed
from kg.readers.grid import Cell, Grid, Notes, ReadError, Remark
from kg.readers.visible import lowered, raised, struck, unseen

if TYPE_CHECKING:
    from kg.readers.pages import Page
    from kg.readers.scans.pictures import Pictures

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
RAISED = re.compile(r"vertical-align\s*:\s*(?:super|text-top)", re.IGNORECASE)
LOWERED = re.compile(r"vertical-align\s*:\s*(?:sub|text-bottom)", re.IGNORECASE)
INLINE = re.compile(r"data:image/[\w.+-]+;base64,", re.IGNORECASE)
PIXELS = re.compile(r"^\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*$")
BIG = 300  # pixels: a narrower or lower picture on a page is an ornament, a code to scan, a face
ALONE = frozenset({"p", "figure", "center"})  # what an office's page puts a picture of a document into
TINY = re.compile(
    r"font-size\s*:\s*[01](?:\.\d+)?(?:px|pt|%)?\s*(?:;|$)|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$)", re.IGNORECASE
)
WHITE = re.compile(r"(?:^|[;\s])color\s*:\s*(?:#fff(?:fff)?|white|rgb\(255,\s*255,\s*255\))\s*(?:;|$)", re.IGNORECASE)
INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def read_html(text: str, pictures: Pictures | None = None) -> tuple[str, list[Grid], Notes]:
    """Split a page into (preface, grids, what was left out). Tables that only lay out the page are looked through.

    ``pictures`` knows the tables of pictures that the page carries in itself.
    """
    from lxml import etree, html

    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text.replace("\0", ""))
    parser = html.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(text, parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise ReadError("不是完整的网页：请重新保存") from None
    page = _Page(pictures)
    title = root.find(".//head/title")
    if title is not None and title.text:
        page.flow.say(_collapse(title.text))
    page.walk(root)
    page.end()
    page.pictured()
    return *page.flow.finish(), page.notes


class _Page:
    def __init__(self, known: Pictures | None) -> None:
        self.flow = Flow()
        self.line: list[str] = []
        self.notes: Notes = []
        self.known = known
        self.count = 0
        self.pages: list[Page] = []  # of pictures with tables, since the last words

    def end(self) -> None:
        """The paragraph that is open ends here."""
        for text in _collapse("".join(self.line)).split("\n"):
            if text:
                self.pictured()
            self.flow.say(text)
        self.line = []

    def pictured(self) -> None:
        """Put the tables of pictures where these stand: those that no words part are pages of one."""
        if self.pages:
            from kg.readers.scans.pictures import in_place

            for grid in in_place(self.pages):
                self.flow.say(grid.caption)
                self.flow.table(grid.rows)
            self.pages = []

    def picture(self, node: Any) -> None:
        """Read a table in a picture that the page carries; name any other that may hold one."""
        source = node.get("src") or ""
        inside = INLINE.match(source)
        if not (_is_big(source[inside.end() :]) if inside else _may_be_form(node)):
            return
        self.count += 1
        place = f"第 {self.count} 幅图片"
        if inside:
            from kg.readers.scans.pictures import inserted

            page = inserted(_decoded(source[inside.end() :]), place, self.count, self.known)
            if page is not None:
                self.pages.append(page)
                self._say(place, f"{place}里的表是识别出来的：请对照原图核对")
                return
            self._say(place, f"{place}里如有表格或文字，没有读")
        else:
            self._say(
                place,
                f"{place}（{source.rpartition('/')[2][:40]}）不在网页文件里，里面如有表格，没有读：请把图片另存后再读",
            )

    def _say(self, place: str, message: str) -> None:
        self.notes.append(Remark("picture-not-read", message, Cell(place, 0, 1)))

    def walk(self, node: Any) -> None:
        if not isinstance(node.tag, str) or _hidden(node):
            return
        if node.tag == "table":
            self.end()
            self.pictured()
            self.table(node)
            return
        if node.tag == "img":
            self.picture(node)
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
        for image in node.iter("img"):
            self.picture(image)
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
            elif moved := _moved(child):
                part: list[str] = []
                _text(child, part, nested, notes)
                out += map(moved, part)
            elif _faint(child):
                notes.append(unseen(_collapse(child.text_content())))
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


def _moved(node: Any) -> Callable[[str], str] | None:
    """How to write what stands above the line, or below it; None for what stands on it."""
    style = node.get("style") or ""
    if node.tag == "sup" or RAISED.search(style):
        return raised
    return lowered if node.tag == "sub" or LOWERED.search(style) else None


def _decoded(text: str) -> bytes:
    import base64
    import binascii

    try:
        return base64.b64decode(re.sub(r"\s", "", text))
    except (binascii.Error, ValueError):
        return b""


def _is_big(text: str) -> bool:
    """Whether a picture that a page carries is big enough for a table; one that cannot be opened may be."""
    from kg.readers.scans.pictures import pictures_of

    try:
        return min(pictures_of(_decoded(text))[0].size) >= BIG
    except ReadError:
        return True


def _may_be_form(node: Any) -> bool:
    """Whether a picture beside the page may be a document: alone in a paragraph, or shown big, and in no case small."""
    style = dict(re.findall(r"([\w-]+)\s*:\s*([^;]+)", node.get("style") or ""))
    sizes = [int(found[1]) for k in ("width", "height") if (found := PIXELS.match(style.get(k) or node.get(k) or ""))]
    if sizes:
        return min(sizes) >= BIG
    block = next((up for up in node.iterancestors() if up.tag in BLOCKS), None)
    return block is not None and block.tag in ALONE and not block.text_content().strip()


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


def _faint(node: Any) -> bool:
    """Whether words inside a cell cannot be seen beside its others: white with nothing behind, or of no size."""
    words, style = node.text_content().strip(), node.get("style") or ""
    if len(node) or not words:  # what is inside may have a size and a colour of its own
        return False
    if TINY.search(style):
        return True
    if not (WHITE.search(style) or (node.get("color") or "").lower() in ("#ffffff", "#fff", "white")):
        return False
    around = []
    for up in (node, *node.iterancestors()):
        around.append(up)
        if up.tag in ("td", "th"):
            break
    coloured = any("background" in (up.get("style") or "") or up.get("bgcolor") for up in around)
    return not coloured and around[-1].text_content().strip() != words


def _span(text: str | None, most: int, least: int) -> int:
    found = re.match(r"\s*(\d{1,6})", text or "")
    return max(least, min(int(found[1]), most)) if found else 1
