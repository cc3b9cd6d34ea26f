"""docx → grids. The tables' own XML is walked: merges are ``vMerge`` and ``gridSpan``, nothing is repeated or shifted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from kg.readers.archive import Package, parse_xml, relations
from kg.readers.flow import MAX_CELLS, MAX_COLUMNS, Flow
from kg.readers.grid import Cell, Grid, Notes, ReadError, Remark
from kg.readers.numbering import Numbering
from kg.readers.visible import lowered, raised, struck, symbol, unseen

if TYPE_CHECKING:
    from kg.readers.pages import Page
    from kg.readers.scans.pictures import Pictures

MAIN = "/officeDocument"  # how the relationship to the document's main part ends, in either namespace of the standard
TINY = 4  # half points: a run of this size is not seen
RISE = 4  # half points: a run that is set higher stands above the line
SKIPPED = frozenset({"del", "moveFrom", "instrText", "delText", "Fallback", "rt", "pPr", "rPr", "sectPr", "tblPr"})
Embedded = Callable[[str, bytes], tuple[str, list[Grid], Notes]]


def read_docx(
    data: bytes, embedded: Embedded | None = None, pictures: Pictures | None = None
) -> tuple[str, list[Grid], Notes]:
    """Split a docx into (preface, grids, what was left unread). Raises ReadError where it is damaged.

    ``embedded`` reads a document inside it, by name and bytes; without it they are left unread. ``pictures`` knows
    those in it that hold tables.
    """
    package = Package(data)
    part = next((t for kind, t, _ in relations(package, "") if kind.endswith(MAIN)), "word/document.xml")
    root = parse_xml(package.read(part))
    body = next((node for node in root if _tag(node) == "body"), None)
    if body is None:
        raise ReadError("没有正文")
    related = list(relations(package, part))
    lists = next((t for kind, t, _ in related if kind.endswith("/numbering") and t in package), "")
    parts = {name: target for _, target, name in related}
    reader = _Reader(Numbering.of(parse_xml(package.read(lists))) if lists else Numbering(), package, parts, embedded)
    reader.known = pictures
    reader.blocks(body)
    reader.pictured()
    return *reader.flow.finish(), reader.notes


def _tag(node: Any) -> str:
    """The local name; comments and processing instructions have none."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _child(node: Any, *path: str) -> Any:
    for name in path:
        node = next((child for child in node if _tag(child) == name), None)
        if node is None:
            return None
    return node


def _value(node: Any, default: str = "") -> str:
    """The attribute ``w:val``, whatever its namespace."""
    if node is None:
        return default
    return next((str(v) for k, v in node.attrib.items() if k.rpartition("}")[2] == "val"), default)


def _number(node: Any, default: int) -> int:
    text = _value(node)
    return int(text) if re.fullmatch(r"\d{1,6}", text) else default


def _on(node: Any) -> bool:
    """A switch such as ``w:vanish``: there, and not set to false."""
    return node is not None and _value(node, "1") not in ("0", "false", "off")


class _Reader:
    def __init__(
        self, numbering: Numbering, package: Package, parts: dict[str, str], embedded: Embedded | None
    ) -> None:
        self.flow = Flow()
        self.numbering = numbering
        self.package, self.parts, self.embedded = package, parts, embedded
        self.notes: Notes = []
        self.pictures = 0
        self.known: Pictures | None = None
        self.pages: list[Page] = []  # of pictures with tables, since the last words
        self.cells = 0
        self.faint: frozenset[Any] = frozenset()  # runs of the paragraph at hand that are not seen beside its others

    def blocks(self, parent: Any) -> None:
        """Paragraphs and tables of a body, in order; content controls and insertions are looked through."""
        for node in parent:
            match _tag(node):
                case "p":
                    boxes: list[Any] = []
                    pages, self.pages = self.pages, []
                    words = self.paragraph(node, boxes)
                    new, self.pages = self.pages, pages
                    if words.strip():
                        self.pictured()
                    self.flow.say(words)
                    self.pages += new
                    for box in boxes:
                        self.blocks(box)
                case "tbl":
                    self.pictured()
                    self.table(node)
                case "altChunk":
                    self.other(_attribute(node, "id"))
                case "sdt" if _is_prompt(node):
                    continue
                case name if name and name not in SKIPPED:
                    self.blocks(node)

    def paragraph(self, node: Any, boxes: list[Any]) -> str:
        """A paragraph's words as displayed; the text boxes anchored in it are put into ``boxes``."""
        out: list[str] = []
        self.faint = _faint(node)
        self._inline(node, out, boxes)
        text = "".join(out)
        listed = _child(node, "pPr", "numPr")
        if listed is None or not text.strip():
            return text
        return self.numbering.next(_value(_child(listed, "numId")), _number(_child(listed, "ilvl"), 0)) + text

    def _inline(self, parent: Any, out: list[str], boxes: list[Any]) -> None:
        for node in parent:
            name = _tag(node)
            if name == "t":
                out.append(node.text or "")
            elif name == "txbxContent":
                boxes.append(node)
            elif name in ("br", "cr"):
                out.append("\n")
            elif name in ("tab", "ptab"):
                out.append("\t")
            elif name == "noBreakHyphen":
                out.append("-")
            elif name == "sym":
                out.append(_symbol(node))
            elif name == "r" and _on(_child(node, "rPr", "vanish")):
                continue
            elif name == "r" and node in self.faint:
                self.notes.append(unseen("".join(node.itertext())))
            elif name == "r" and (_on(_child(node, "rPr", "strike")) or _on(_child(node, "rPr", "dstrike"))):
                gone: list[str] = []
                self._inline(node, gone, boxes)
                if "".join(gone).strip():
                    self.notes.append(struck("".join(gone)))
            elif name == "r" and (moved := _moved(node)):
                part: list[str] = []
                self._inline(node, part, boxes)
                out += map(raised if moved > 0 else lowered, part)
            elif (name == "sdt" and _is_prompt(node)) or _value(_child(node, "rPr", "rStyle")) == "PlaceholderText":
                continue
            elif name in ("blip", "imagedata"):
                self.picture(_attribute(node, "embed") or _attribute(node, "id"))
            elif name == "OLEObject":
                self.other(_attribute(node, "id"))
            elif name and name not in SKIPPED:
                self._inline(node, out, boxes)

    def pictured(self) -> None:
        """Put the tables of pictures where these stand: those that no words part are pages of one."""
        if self.pages:
            from kg.readers.scans.pictures import in_place

            for grid in in_place(self.pages):
                self.flow.say(grid.caption)
                self.flow.table(grid.rows)
            self.pages = []

    def picture(self, relation: str) -> None:
        """Read a picture of a table; name any other, for it may be one."""
        self.pictures += 1
        part = self.parts.get(relation, "")
        if self.known is not None and part in self.package:
            from kg.readers.scans.pictures import inserted

            page = inserted(self.package.read(part), f"第 {self.pictures} 幅图片", self.pictures, self.known)
            if page is not None:
                self.pages.append(page)
                message = f"第 {self.pictures} 幅图片里的表是识别出来的：请对照原图核对"
                self.notes.append(Remark("picture-not-read", message, Cell(f"图片{self.pictures}", 0, 1)))
                return
        after = next((line for line in reversed(self.flow.words) if line.strip()), "")
        place = f"（“{after[:30]}”之后）" if after else ""
        message = f"第 {self.pictures} 幅图片{place}里如有表格或文字，没有读"
        self.notes.append(Remark("picture-not-read", message, Cell(f"图片{self.pictures}", 0, 1)))

    def other(self, relation: str) -> None:
        """Read a document that is embedded in this one, as if it stood here; name what cannot be read."""
        name = self.parts.get(relation, "")
        try:
            if self.embedded is None or name not in self.package:
                raise ReadError("没有读")
            _, grids, notes = self.embedded(name, self.package.read(name))
        except ReadError as error:
            message = f"嵌入的文件“{name.rpartition('/')[2] or relation}”{error}"
            self.notes.append(Remark("picture-not-read", message, Cell(name, 0, 1)))
            return
        self.notes += notes
        for grid in grids:
            self.flow.say(grid.caption)
            self.flow.table(grid.rows, own=True)

    def table(self, node: Any, *, own: bool = False) -> None:
        rows: list[list[Cell]] = []
        nested: list[Any] = []
        above: dict[int, tuple[int, int]] = {}  # column → the (row, cell) whose vertical merge may go on
        for row in _rows(node):
            self._row(row, rows, above, nested)
        filled = sum(bool(cell.text) for row in rows for cell in row)
        if not nested or (len(rows) > 1 and filled > len(rows)):
            self.flow.table(rows, own=own)
        else:  # a frame around other tables: its words are the words above them
            for row in rows:
                for cell in row:
                    self.flow.say(cell.text)
        for inner in nested:
            self.table(inner, own=True)

    def _row(self, row: Any, rows: list[list[Cell]], above: dict[int, tuple[int, int]], nested: list[Any]) -> None:
        number = len(rows) + 1
        column = 1 + _number(_child(row, "trPr", "gridBefore"), 0)
        out: list[Cell] = []
        rows.append(out)
        going: dict[int, tuple[int, int]] = {}
        for node in _cells(row):
            width = max(1, _number(_child(node, "tcPr", "gridSpan"), 1))
            merge, across = _child(node, "tcPr", "vMerge"), _child(node, "tcPr", "hMerge")
            self.cells += 1
            if column + width - 1 > MAX_COLUMNS or self.cells > MAX_CELLS:
                raise ReadError(f"有一个表超过 {MAX_COLUMNS} 列或 {MAX_CELLS} 个单元格：请先拆分")
            if across is not None and _value(across) != "restart" and out:
                out[-1] = _grown(out[-1], columns=width)
            elif merge is not None and _value(merge) != "restart" and column in above:
                at = going[column] = above[column]
                rows[at[0]][at[1]] = _grown(rows[at[0]][at[1]], rows=1)
            else:
                if merge is not None:
                    going[column] = (number - 1, len(out))
                out.append(Cell(self._words(node, nested), number, column, colspan=width))
            column += width
        above.clear()
        above.update(going)

    def _words(self, cell: Any, nested: list[Any]) -> str:
        """The cell's paragraphs, one a line; tables inside it are put into ``nested``."""
        lines: list[str] = []

        def walk(parent: Any) -> None:
            for node in parent:
                name = _tag(node)
                if name == "p":
                    boxes: list[Any] = []
                    lines.append(self.paragraph(node, boxes))
                    for box in boxes:
                        walk(box)
                elif name == "tbl":
                    nested.append(node)
                elif name == "sdt" and _is_prompt(node):
                    continue
                elif name and name not in SKIPPED and name != "tcPr":
                    walk(node)

        walk(cell)
        return "\n".join(lines).strip()


def _faint(paragraph: Any) -> frozenset[Any]:
    """The runs of a paragraph that nobody sees beside its others: white without a shade behind, or of a point's size.

    Where all of them are so, something dark lies behind: a heading, white on blue.
    """
    runs = [node for node in paragraph.iter() if _tag(node) == "r" and any(map(str.strip, node.itertext()))]
    faint = frozenset(run for run in runs if _is_faint(run))
    return faint if len(faint) < len(runs) else frozenset()


def _is_faint(run: Any) -> bool:
    look = _child(run, "rPr")
    if look is None:
        return False
    shaded = _child(look, "shd") is not None or _child(look, "highlight") is not None
    white = _value(_child(look, "color")).upper() == "FFFFFF" and not shaded
    return white or _number(_child(look, "sz"), TINY + 1) <= TINY


def _moved(run: Any) -> int:
    """Whether a run is printed above the line (1), below it (-1) or on it (0)."""
    align = _value(_child(run, "rPr", "vertAlign"))
    place = _value(_child(run, "rPr", "position"))
    if align in ("superscript", "subscript"):
        return 1 if align == "superscript" else -1
    return 1 if re.fullmatch(r"\d{1,3}", place) and int(place) >= RISE else 0


def _is_prompt(node: Any) -> bool:
    """Whether a content control shows the prompt that asks for its text: nobody has filled it in."""
    return _on(_child(node, "sdtPr", "showingPlcHdr"))


def _attribute(node: Any, name: str) -> str:
    return next((str(v) for k, v in node.attrib.items() if k.rpartition("}")[2] == name and k != name), "") or str(
        node.get(name, "")
    )


def _rows(table: Any) -> Iterator[Any]:
    for node in table:
        name = _tag(node)
        if name == "tr":
            if _child(node, "trPr", "del") is None:
                yield node
        elif name in ("sdt", "sdtContent", "customXml", "ins", "moveTo"):
            yield from _rows(node)


def _cells(row: Any) -> Iterator[Any]:
    for node in row:
        name = _tag(node)
        if name == "tc":
            yield node
        elif name in ("sdt", "sdtContent", "customXml"):
            yield from _cells(node)


def _grown(cell: Cell, rows: int = 0, columns: int = 0) -> Cell:
    from dataclasses import replace

    return replace(cell, rowspan=cell.rowspan + rows, colspan=cell.colspan + columns)


def _symbol(node: Any) -> str:
    """A character of a symbol font; its code lies in the private area, at the font's own place."""
    values = {k.rpartition("}")[2]: str(v) for k, v in node.attrib.items()}
    try:
        code = int(values.get("char", ""), 16)
    except ValueError:
        return ""
    if code >= 0xF000:
        return symbol(code)
    return chr(code) if 0x20 <= code < 0xD800 else ""
