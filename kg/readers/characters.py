"""Characters as a reader sees them: what is invisible goes, symbols of symbol fonts get their own code, note marks go.

Done once for every cell of every format. Nothing else of a cell's text is changed: full-width figures, ㎡ and m² stay.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from kg.readers.grid import Cell, Grid, Remark

SYMBOLS = {
    0xB3: "≥", 0xA3: "≤", 0xB1: "±", 0xB9: "≠", 0xB4: "×", 0xB8: "÷", 0xB0: "°", 0xBB: "≈", 0xA5: "∞", 0xB7: "•",
    0xA2: "′", 0xB2: "″", 0xAE: "→", 0xBA: "≡", 0x2D: "-",
}  # fmt: skip
"""What the font Symbol shows at a place of its own (Adobe Symbol encoding)."""
PRIVATE = 0xF000  # where such fonts lie in the area for private use
BULLETS = frozenset(map(chr, (0xF06C, 0xF06E, 0xF076, 0xF0A7, 0xF0A8, 0xF0D8, 0xF0E8, 0xF0FC, 0xF09F, 0xF075)))
BREAKS = dict.fromkeys((0x0B, 0x0C, 0x85, 0x2028, 0x2029), "\n")
FILLERS = dict.fromkeys((0x115F, 0x1160, 0x3164, 0xFFA0, 0x034F, *range(0xFE00, 0xFE10)), "")
RAISED = dict(zip("0123456789+-=()*", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾⁎", strict=True))
NOTE = re.compile(r"[\[(（【〔]?注?(?:[⁰¹²³⁴-⁹⁎]+|(?<=[\d%％])[①-⑳]|[①-⑳](?=\s*$))[\])）】〕]?")
POWER = re.compile(r"(?:[A-Za-zµμ]|(?<![平立]方)米)[²³]|[×xX]\s*10[⁰¹²³⁴-⁹]+")
LONGEST = 200  # a longer text is prose: its figures are not read as values


def visible(text: str) -> str:
    """Without characters that show nothing: zero-width ones, joiners, soft hyphens, marks of direction and order."""
    if text.isascii() and text.isprintable():
        return text
    text = text.translate(BREAKS).translate(FILLERS)
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cf", "Cc", "Cs"))


def raised(text: str) -> str:
    """A text that is printed above the line, in the characters that Unicode has for this; others stay as they are."""
    return "".join(RAISED.get(char, char) for char in text)


def symbol(code: int) -> str:
    """The character of the font Symbol at a code, in the private area or below it; empty where it has none here."""
    code -= PRIVATE if code >= PRIVATE else 0
    return SYMBOLS.get(code, chr(code) if 0x20 < code < 0x41 else "")


def cleaned(grid: Grid) -> list[Remark]:
    """Make the cells of a grid what a reader of the page sees; returns what is to be said of them."""
    remarks: list[Remark] = []
    grid.caption, grid.sheet = plain(grid.caption), visible(grid.sheet)
    for row in grid.rows:
        for at, cell in enumerate(row):
            text = plain(cell.text)
            if text and len(text) <= LONGEST:
                text = _without_notes(cell, text, grid.sheet, remarks)
            if text != cell.text:
                row[at] = replace(cell, text=text.strip())
    return remarks


def plain(text: str) -> str:
    """``visible``, with symbols of the private area as what they show."""
    text = visible(text)
    if text.isascii():
        return text
    return "".join((symbol(ord(char)) or char) if PRIVATE <= ord(char) <= PRIVATE + 0xFF else char for char in text)


def _without_notes(cell: Cell, text: str, sheet: str, remarks: list[Remark]) -> str:
    """Take out the marks of notes: read as figures they would change a number (m² and ×10⁴ are none)."""
    strange = [char for char in text if unicodedata.category(char) == "Co" and char not in BULLETS]
    if strange and re.search(r"\d", text):
        message = f"“{cell.text}”里有字体专用的符号（U+{ord(strange[0]):04X}），看不出是什么"
        remarks.append(Remark("glued-value", message, cell, sheet))
    found: list[str] = []

    def without(match: re.Match[str]) -> str:
        power = any(p.start() < match.start() and p.end() == match.end() for p in POWER.finditer(text))
        if power or not text[: match.start()].strip():
            return match[0]
        found.append(match[0])
        return ""

    shown = NOTE.sub(without, text)
    if found:
        message = f"“{text}”里的“{'”“'.join(found)}”是注号：没有算进数里"
        remarks.append(Remark("note-mark", message, cell, sheet))
    return shown
