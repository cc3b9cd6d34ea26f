"""Text whose columns are kept apart by blanks, as it stands on a page of letters of one width: what pdf converters and
old programs write.

A Chinese character is as wide as two letters. Which words are a column is told as on a page without ruling lines: a
line of text is a line of the page there (see ``kg.tables.unruled``).
"""

from __future__ import annotations

import re
import unicodedata

from kg.readers.flow import Flow
from kg.readers.grid import Cell, Grid

RUN = re.compile(r"\S+(?:[ \u00a0]\S+)*")  # one blank is inside of a cell
SIZE = 10.0  # points: a character's height, and a Chinese one's width
PITCH = 13.0  # points between two lines
LEAST = 4  # lines of several runs, at least


def is_aligned(text: str) -> bool:
    """Whether most lines with words are several runs of them, blanks between."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    several = sum(len(RUN.findall(line.replace("\u3000", "  "))) > 1 for line in lines)
    return several >= LEAST and 2 * several >= len(lines)


def read_aligned(text: str) -> tuple[str, list[Grid]]:
    """Unruled grids: a line a row, a run of words a cell with its place. A line by itself below a blank one, and those
    before the first columns, are words above a table.
    """
    flow = Flow()
    rows: list[list[Cell]] = []
    blank = True
    for number, line in enumerate(text.split("\n"), 1):
        cells = _cells(line, number)
        if len(cells) == 1 and (blank or not rows):
            flow.unruled(rows, [])
            flow.say(cells[0].text)
            rows = []
        elif cells:
            rows.append(cells)
        blank = not cells or not rows
    flow.unruled(rows, [])
    return flow.finish()


def _cells(line: str, number: int) -> list[Cell]:
    shown = line.expandtabs().replace("\u3000", "  ").replace("\f", "")
    edges = [0.0]
    for char in shown:
        edges.append(edges[-1] + (SIZE if unicodedata.east_asian_width(char) in "WFA" else SIZE / 2))
    base = number * PITCH
    return [
        Cell(run[0], 0, 0, number, area=(edges[run.start()], base - SIZE, edges[run.end()], base))
        for run in RUN.finditer(shown)
    ]
