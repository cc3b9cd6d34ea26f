"""Characters of a pdf's page → lines of text."""

from __future__ import annotations

from kg.readers.pages import NEAR, Line
from kg.readers.pdf_print import Char
from kg.readers.visible import raised

SMALLER = 0.9  # times the size of the line: browsers print notes at .83


def rows_of(chars: list[Char]) -> list[list[Char]]:
    """Characters → those of each line, from the top, each from the left."""
    rows: list[list[Char]] = []
    middle = 0.0
    for char in sorted(chars, key=lambda c: (c["top"] + c["bottom"]) / 2):
        y = (char["top"] + char["bottom"]) / 2
        if rows and y - middle < max(NEAR, 0.4 * float(char["size"])):
            rows[-1].append(char)
        else:
            rows.append([char])
            middle = y
    for row in rows:
        row.sort(key=lambda c: float(c["x0"]))
    return rows


def lines_of(chars: list[Char]) -> list[Line]:
    """Characters → lines from the top, each from the left; a gap of half a character is a blank."""
    lines = []
    for row in rows_of(chars):
        text, end = "", row[0]["x0"]
        main = max(row, key=lambda c: float(c["size"]))
        for char in row:
            if char["x0"] - end > 0.5 * float(char["size"]) and text and not text.endswith(" "):
                text += " "
            text += raised(char["text"]) if _is_raised(char, main) else char["text"]
            end = char["x1"]
        shown = [c for c in row if not c["text"].isspace()]
        if shown:
            x0, x1 = float(shown[0]["x0"]), float(shown[-1]["x1"])
            lines.append(Line(text.lstrip(), x0, x1, float(row[0]["top"]), float(shown[0]["size"])))
    return lines


def _is_raised(char: Char, main: Char) -> bool:
    """Whether a character is printed small and above the line."""
    size = float(main["size"])
    return float(char["size"]) < SMALLER * size and char["bottom"] < main["bottom"] - 0.2 * size
