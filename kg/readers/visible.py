"""Characters as a reader sees them: what is invisible goes, symbols of symbol fonts get their own code, note marks go.

Done once for every cell of every format. Nothing else of a cell's text is changed: full-width figures, ㎡ and m² stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from kg.readers.grid import Cell, Remark

SYMBOLS = {
    0xB3: "≥", 0xA3: "≤", 0xB1: "±", 0xB9: "≠", 0xB4: "×", 0xB8: "÷", 0xB0: "°", 0xBB: "≈", 0xA5: "∞", 0xB7: "•",
    0xA2: "′", 0xB2: "″", 0xAE: "→", 0xBA: "≡", 0x2D: "-",
}  # fmt: skip
"""What the font Symbol shows at a place of its own (Adobe Symbol encoding)."""
PRIVATE = 0xF000  # where such fonts lie in the area for private use
BULLETS = frozenset(map(chr, (0xF06C, 0xF06E, 0xF076, 0xF0A7, 0xF0A8, 0xF0D8, 0xF0E8, 0xF0FC, 0xF09F, 0xF075)))
RADICALS = dict(
    zip(
        "⺁⺄⺈⺊⺍⺎⺒⺓⺜⺝⺟⺠⺧⺩⺬⺶⺻⻁⻄⻅⻆⻉⻋⻑⻓⻔⻗⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
        "厂乙刀卜小兀巳幺日月母民牛王示羊聿虎西见角贝车長长门雨青韦页风飞食马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
        strict=True,
    )
)
"""Radicals that are words by themselves → those words (Unicode, Equivalent_Unified_Ideograph): a pdf that was printed
from a browser has the one for the other, for they look the same."""
TWINS = {ord(char): word for char, word in RADICALS.items()} | {
    code: unicodedata.normalize("NFKC", chr(code))
    for codes in (range(0x2F00, 0x2FD6), range(0xF900, 0xFADA), range(0x2F800, 0x2FA1E))
    for code in codes
}
FILLERS = dict.fromkeys((0x115F, 0x1160, 0x3164, 0xFFA0, 0x034F, 0x2800, 0xFFFC, *range(0xFE00, 0xFE10)), "")
SHOWN = FILLERS | TWINS
LOWERED = dict(zip("0123456789", "₀₁₂₃₄₅₆₇₈₉", strict=True))
MARKS = frozenset("注註※†‡")  # of notes, where they are printed above the line
RAISED = dict(zip("0123456789+-=()*", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾⁎", strict=True))
NOTE = re.compile(
    r"[\[(（【〔]?注?(?:[⁰¹²³⁴-⁹⁎]+|(?<=[\d%％])[①-⑳]|[①-⑳](?=\s*$))[\])）】〕]?|⁽[注註※†‡]⁾|(?<![A-Za-z₀-₉.])[₀-₉]+"
    r"|(?<=[\w%％‰])[*＊★☆※†‡]{1,3}(?=\s*$)"
)
POWER = re.compile(r"(?:[A-Za-zµμ]|(?<![平立]方)米)[²³]|[×xX]\s*10[⁰¹²³⁴-⁹]+")
LONGEST = 200  # a longer text is prose: its figures are not read as values


def plain(text: str) -> str:
    """Without characters that show nothing (zero-width ones, joiners, soft hyphens, marks of direction), with symbols of
    the private area as what they show, and each character by the one code that is its own.
    """
    if text.isascii() and text.isprintable():
        return text
    out = []
    for char in text.translate(SHOWN):
        code = ord(char)
        if PRIVATE <= code <= PRIVATE + 0xFF:
            out.append(symbol(code) or char)
        elif unicodedata.category(char) != "Cf":
            out.append(char)
    return "".join(out)


def raised(text: str) -> str:
    """A text that is printed above the line, in the characters that Unicode has for this; others stay as they are."""
    if text in MARKS:
        return f"⁽{text}⁾"
    return "".join(RAISED.get(char, char) for char in text)


def lowered(text: str) -> str:
    """The same for a text that is printed below the line."""
    return "".join(LOWERED.get(char, char) for char in text)


def struck(text: str, where: str = "") -> Remark:
    """What is to be said of words that are crossed out: they are not read."""
    return Remark("note-mark", f"{where}“{text.strip()}”上有删除线：没有读", Cell(text.strip(), 0, 1))


def unseen(text: str) -> Remark:
    """What is to be said of words that nobody sees beside others: white on white, or of no size."""
    return Remark("note-mark", f"“{text.strip()}”是白色或极小的字，看不见：没有读", Cell(text.strip(), 0, 1))


def symbol(code: int) -> str:
    """The character of the font Symbol at a code, in the private area or below it; empty where it has none here."""
    code -= PRIVATE if code >= PRIVATE else 0
    return SYMBOLS.get(code, chr(code) if 0x20 < code < 0x41 else "")


def shown_text(text: str) -> str:
    """A cell's text as it is read: ``plain``, and without the marks of notes, which as figures would change a number."""
    text = plain(text)
    if len(text) > LONGEST:
        return text
    for start, end in reversed(_notes(text)):
        text = text[:start] + text[end:]
    return text.strip()


def remarks_on(cell: Cell, text: str, sheet: str) -> Iterator[Remark]:
    """What is to be said of a cell whose ``plain`` text is given: marks that were taken out, symbols nobody knows."""
    if len(text) > LONGEST:
        return
    if notes := [text[start:end] for start, end in _notes(text)]:
        message = f"“{text}”里的“{'”“'.join(notes)}”是注号：没有算进数里"
        yield Remark("note-mark", message, cell, sheet)
    strange = [char for char in text if unicodedata.category(char) == "Co" and char not in BULLETS]
    if strange and re.search(r"\d", text):
        message = f"“{text}”里有字体专用的符号（U+{ord(strange[0]):04X}），看不出是什么"
        yield Remark("glued-value", message, cell, sheet)


def _notes(text: str) -> list[tuple[int, int]]:
    """Where marks of notes stand in a text (m² and ×10⁴ are none)."""
    if (text.isascii() and not text.endswith("*")) or not re.search(r"[\d⁰¹²³⁴-⁹₀-₉①-⑳⁽⁎]", text):
        return []
    powers = [(found.start(), found.end()) for found in POWER.finditer(text)]
    return [
        (found.start(), found.end())
        for found in NOTE.finditer(text)
        if text[: found.start()].strip() and not any(a < found.start() and b == found.end() for a, b in powers)
    ]
