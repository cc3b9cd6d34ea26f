"""doc and wps (Word 97–2003) → grids, without another program: the text's pieces, and of their properties the tables'.

Row ends carry the table's definition: the cells' edges and which of them are merged. Offsets and property codes are
those of [MS-DOC]. Word's own parts that hold no words of the document are passed over.
"""

from __future__ import annotations

import io
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from kg.readers.flow import MAX_CELLS, MAX_COLUMNS, Flow
from kg.readers.grid import Cell, Grid, ReadError
from kg.readers.visible import raised, symbol

FIB_FLAGS, CCP_TEXT, BTE_CHPX, BTE_PAPX, CLX = 0x0A, 0x4C, 0xFA, 0x102, 0x1A2
IN_TABLE, ROW_END, DEPTH, INNER_CELL, INNER_ROW_END, DEFINITION, VERTICAL = (
    0x2416, 0x2417, 0x6649, 0x244B, 0x244C, 0xD608, 0xD62B,
)  # fmt: skip
ELSEWHERE = frozenset({0x6645, 0x6646})  # properties too long for a page: their place in the stream Data
DELETED, HIDDEN, SYMBOL, RAISED = 0x0800, 0x083C, 0x6A09, 0x2A48
OPERAND = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}  # bytes by the code's top three bits; 6 says its own length
SHOWN = {"\x0b": "\n", "\x1e": "-", "\x1f": "", "\xa0": " ", "\x0e": "\n"}
NEAR = 30  # twips between two edges that are meant to be one

Properties = dict[int, bytes]
Mark = tuple[str, int]
"""A character and its offset in the file, by which its properties are found."""


def read_doc(data: bytes) -> tuple[str, list[Grid]]:
    """Split a doc into (preface, grids). Raises ReadError, or fails in any way, where it is not of this format."""
    import olefile

    with olefile.OleFileIO(io.BytesIO(data)) as file:
        main = file.openstream("WordDocument").read()
        flags = _short(main, FIB_FLAGS)
        if flags & 0x0100:
            raise ReadError("有密码：请先去掉密码")
        table = file.openstream("1Table" if flags & 0x0200 else "0Table").read()
        more = file.openstream("Data").read() if file.exists("Data") else b""
    reader = _Reader(_Runs(main, table, more, BTE_PAPX, 13), _Runs(main, table, more, BTE_CHPX, 1))
    for mark in _text(main, table):
        reader.take(mark)
    return reader.finish()


def _short(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "little")


def _long(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


def _text(main: bytes, table: bytes) -> Iterator[Mark]:
    """The characters of the main text in order; its pieces are scattered over the file."""
    at = _long(main, CLX)
    end = at + _long(main, CLX + 4)
    while at < end and table[at] == 1:
        at += 3 + _short(table, at + 1)
    if at >= end or table[at] != 2:
        raise ReadError("文字索引已损坏：请用 Word 或 WPS 另存为 docx")
    count = (_long(table, at + 1) - 4) // 12
    starts = struct.unpack_from(f"<{count + 1}I", table, at + 5)
    pieces = at + 5 + 4 * (count + 1)
    left = _long(main, CCP_TEXT)
    for number in range(count):
        length = min(starts[number + 1] - starts[number], left)
        left -= max(length, 0)
        place = _long(table, pieces + 8 * number + 2)
        if place & 0x40000000:
            start = (place & 0x3FFFFFFF) // 2
            for offset, byte in enumerate(main[start : start + length], start):
                yield bytes([byte]).decode("cp1252", "replace"), offset
        else:
            text = main[place : place + 2 * length].decode("utf-16-le", "replace")
            offset = place
            for char in text:
                yield char, offset
                offset += 4 if ord(char) > 0xFFFF else 2


class _Runs:
    """Properties by offset: pages of 512 bytes, each with the offsets where runs begin and where their codes are."""

    def __init__(self, main: bytes, table: bytes, more: bytes, plc: int, width: int) -> None:
        self.main, self.more, self.width = main, more, width
        start, size = _long(main, plc), _long(main, plc + 4)
        count = max(0, (size - 4) // 8)
        self.starts = struct.unpack_from(f"<{count + 1}I", table, start) if count else (0,)
        self.pages = struct.unpack_from(f"<{count}I", table, start + 4 * (count + 1)) if count else ()
        self.known: dict[int, tuple[tuple[int, ...], list[Properties]]] = {}
        self.last: tuple[int, int, Properties] = (0, 0, {})

    def at(self, offset: int) -> Properties:
        if self.last[0] <= offset < self.last[1]:
            return self.last[2]
        number = bisect_right(self.starts, offset) - 1
        if not 0 <= number < len(self.pages):
            return {}
        starts, runs = self._page(self.pages[number] & 0x3FFFFF)
        run = bisect_right(starts, offset) - 1
        if not 0 <= run < len(runs):
            return {}
        self.last = (starts[run], starts[run + 1], runs[run])
        return runs[run]

    def _page(self, number: int) -> tuple[tuple[int, ...], list[Properties]]:
        if number not in self.known:
            page = self.main[512 * number : 512 * number + 512]
            count = page[511]
            starts = struct.unpack_from(f"<{count + 1}I", page, 0)
            places = [page[4 * (count + 1) + self.width * run] * 2 for run in range(count)]
            self.known[number] = starts, [self._codes(page, place) for place in places]
        return self.known[number]

    def _codes(self, page: bytes, place: int) -> Properties:
        if not place:
            return {}
        if self.width == 1:
            return _properties(page[place + 1 : place + 1 + page[place]])
        size = 2 * page[place] - 1
        if size < 0:
            place += 1
            size = 2 * page[place]
        found = _properties(page[place + 3 : place + 1 + size])  # behind the style's number
        for code in ELSEWHERE & found.keys():
            place = _long(found[code], 0)
            found |= _properties(self.more[place + 2 : place + 2 + _short(self.more, place)])
        return found


def _properties(codes: bytes) -> Properties:
    out: Properties = {}
    at = 0
    while at + 2 < len(codes):
        code = _short(codes, at)
        at += 2
        if code == DEFINITION:
            size, at = _short(codes, at) - 1, at + 2
        elif code >> 13 == 6:
            size, at = codes[at], at + 1
        else:
            size = OPERAND[code >> 13]
        value = codes[at : at + size]
        out[code] = out.get(code, b"") + value[:2] if code == VERTICAL else value
        at += size
    return out


@dataclass(slots=True)
class _Level:
    """An open table: finished rows, and the texts of the open row's cells."""

    rows: list[tuple[list[str], Properties]] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


class _Reader:
    def __init__(self, paragraphs: _Runs, characters: _Runs) -> None:
        self.paragraphs, self.characters = paragraphs, characters
        self.flow = Flow()
        self.levels: list[_Level] = []
        self.inner: list[list[list[Cell]]] = []  # tables inside the open one
        self.text: list[str] = []
        self.field: list[bool] = []  # open fields: whether the code (not shown) or the result is being read
        self.count = 0

    def take(self, mark: Mark) -> None:
        char, offset = mark
        if char in "\r\x07\x0c":
            self._paragraph(char, self.paragraphs.at(offset))
        elif char == "\x13":
            self.field.append(True)
        elif char == "\x14":
            self.field[-1:] = [False] * bool(self.field)
        elif char == "\x15":
            self.field[-1:] = []
        elif not any(self.field):
            self._character(char, self.characters.at(offset))

    def _character(self, char: str, look: Properties) -> None:
        if look.get(DELETED, b"")[:1] == b"\1" or look.get(HIDDEN, b"")[:1] == b"\1":
            return
        if SYMBOL in look and char == "(":
            char = symbol(_short(look[SYMBOL], 2) & 0xFF)
        if look.get(RAISED, b"")[:1] == b"\1":
            char = raised(char)
        self.text.append(SHOWN.get(char, char if char >= " " or char == "\t" else ""))

    def _paragraph(self, char: str, look: Properties) -> None:
        text = "".join(self.text)
        self.text, self.field = [], []
        depth = 0
        if look.get(IN_TABLE, b"\0") != b"\0" or DEPTH in look:
            depth = int.from_bytes(look[DEPTH][:4], "little") if DEPTH in look else 1
        if depth > 20:
            raise ReadError("表格嵌套过深：请用 Word 或 WPS 另存为 docx")
        self._open(depth)
        if not depth:
            self.flow.say(text)
            return
        level = self.levels[-1]
        first = depth == 1
        if look.get(ROW_END if first else INNER_ROW_END, b"\0")[:1] == b"\1":
            level.rows.append((level.cells, look))
            level.cells, level.lines = [], []
            return
        level.lines.append(text)
        if (first and char == "\x07") or (not first and look.get(INNER_CELL, b"\0")[:1] == b"\1"):
            self.count += 1
            if self.count > MAX_CELLS or len(level.cells) >= MAX_COLUMNS:
                raise ReadError(f"有一个表超过 {MAX_COLUMNS} 列或 {MAX_CELLS} 个单元格：请先拆分")
            level.cells.append("\n".join(level.lines).strip())
            level.lines = []

    def _open(self, depth: int) -> None:
        """Close the tables deeper than ``depth``, open those that are missing."""
        while len(self.levels) > depth:
            rows = _placed(self.levels.pop().rows)
            if self.levels:
                self.inner.append(rows)
                continue
            self.flow.table(rows)
            for inner in self.inner:
                self.flow.table(inner, own=True)
            self.inner = []
        while len(self.levels) < depth:
            self.levels.append(_Level())

    def finish(self) -> tuple[str, list[Grid]]:
        self._open(0)
        return self.flow.finish()


def _placed(rows: list[tuple[list[str], Properties]]) -> list[list[Cell]]:
    """Columns are numbered by the edges of all rows; merged cells are put together."""
    shapes = [_shape(len(texts), look) for texts, look in rows]
    ticks: list[int] = []
    for edge in sorted({edge for edges, _ in shapes for edge in edges}):
        if not ticks or edge - ticks[-1] > NEAR:
            ticks.append(edge)
    out: list[list[Cell]] = []
    going: dict[int, tuple[int, int]] = {}  # column → place in ``out`` of the cell that a merge may continue
    for number, ((texts, _), (edges, merges)) in enumerate(zip(rows, shapes, strict=True), 1):
        row: list[Cell] = []
        now: dict[int, tuple[int, int]] = {}
        for at, text in enumerate(texts[: len(edges) - 1]):
            column = bisect_right(ticks, edges[at])
            width = max(1, bisect_right(ticks, edges[at + 1]) - column)
            flags = merges[at] if at < len(merges) else 0
            if flags & 2 and row:
                row[-1] = replace(row[-1], colspan=row[-1].colspan + width)
            elif flags & 0x20 and not flags & 0x40 and column in going:
                r, c = now[column] = going[column]
                out[r][c] = replace(out[r][c], rowspan=number - r)
            else:
                if flags & 0x20:
                    now[column] = (number - 1, len(row))
                row.append(Cell(text, number, column, colspan=width))
        out.append(row)
        going = now
    return out


def _shape(count: int, look: Properties) -> tuple[list[int], list[int]]:
    """The edges of a row's cells, left to right, and their merge flags."""
    code: Any = look.get(DEFINITION, b"")
    cells = code[0] if code else 0
    if cells < count or len(code) < 1 + 2 * (cells + 1):
        return [1000 * at for at in range(count + 1)], []
    edges = list(struct.unpack_from(f"<{cells + 1}h", code, 1))
    start = 1 + 2 * (cells + 1)
    merges = [_short(code, start + 20 * at) for at in range(cells)]
    vertical = look.get(VERTICAL, b"")
    for at, flags in zip(vertical[::2], vertical[1::2], strict=False):
        if at < cells:
            merges[at] |= (flags & 1) << 5 | (flags >> 1 & 1) << 6
    return edges, merges
