"""Pages whose tables have no ruling lines between their columns: the words with their places, a run of words a cell.

Which runs are a column, and which lines a row, is told by what the words mean: see ``kg.tables.unruled``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kg.readers.grid import Area, Cell
from kg.readers.pages import Box, OpenPiece
from kg.readers.pdf_lines import SMALLER, lines_of
from kg.readers.pdf_print import Char

GAP = 0.33  # of a character's size: white between two runs of words; less is between letters of one
BLANKS = 1.8  # of a character's size: a run of blanks that parts words
LEAST = 3  # lines of a page whose words no ruling parts
SHARE = 3  # one of so many lines with several runs of words, at least
WIDE = 0.5  # of the page's width: a line of prose
SAME = 1.2  # points between the bases of characters in one line
THIN = 1.5  # points: the width of a rectangle that is a ruling
RAISED = 3  # characters of a note mark, at most
Run = list[Char]


def open_piece(page: Any, chars: list[Char], boxes: list[Box], *, on: bool) -> OpenPiece | None:
    """The lines of a page of pdfplumber's, and what is drawn on it; None for a page whose rulings part its columns.

    ``on``: the page before is such a page, whose table goes on here unless this page is prose.
    """
    number, height = page.page_number, float(page.height)
    lines = _lines(chars, height)
    rules = list(_rules(page.lines, page.rects))
    goes_on = on and lines and not (boxes and rules) and not _is_prose(lines, float(page.width))
    if not goes_on and not _has_columns(lines, boxes):
        return None
    rows = [[_cell(run, number, height) for run in runs] for runs in lines]
    return OpenPiece(number, rows, rules)


def _is_prose(lines: list[list[Run]], width: float) -> bool:
    """Whether most lines are of one run of words, over most of the page."""
    wide = [runs for runs in lines if len(runs) == 1 and runs[0][-1]["x1"] - runs[0][0]["x0"] > WIDE * width]
    return 2 * len(wide) > len(lines)


def _lines(chars: list[Char], height: float) -> list[list[Run]]:
    """Characters → lines from the top by their bases → runs of words from the left."""
    rows: list[list[Char]] = []
    base = 0.0
    for char in sorted(chars, key=lambda c: _base(c, height)):
        if not rows or _base(char, height) - base > SAME:
            rows.append([])
        base = _base(char, height)
        rows[-1].append(char)
    out: list[list[Run]] = []
    for row in _with_raised(rows):
        runs = _runs(sorted(row, key=lambda c: float(c["x0"])))
        if runs:
            out.append(runs)
    return out


def _base(char: Char, height: float) -> float:
    """The line that a character stands on, in points from the top."""
    return height - float(char["matrix"][5]) if char.get("matrix") else float(char["bottom"])


def _with_raised(rows: list[list[Char]]) -> list[list[Char]]:
    """Put a few small characters in the line whose last letter they stand beside, a little above its base."""
    out: list[list[Char]] = []
    waiting: list[Char] = []
    for row in rows:
        size = max(float(c["size"]) for c in row)
        near = [
            c
            for c in waiting
            if float(c["size"]) < SMALLER * size
            and any(abs(c["x0"] - other["x1"]) < GAP * size and c["bottom"] > other["top"] for other in row)
        ]
        alone = [c for c in waiting if not any(c is other for other in near)]
        if alone:
            out.append(alone)
        waiting = []
        row = row + near
        if len([c for c in row if not c["text"].isspace()]) <= RAISED:
            waiting = row
        else:
            out.append(row)
    return [*out, waiting] if waiting else out


def _runs(row: list[Char]) -> list[Run]:
    out: list[Run] = []
    blank = 0.0  # of the blanks since the last letter
    for char in row:
        if char["text"].isspace():
            blank += float(char["x1"] - char["x0"])
            if out:
                out[-1].append(char)
            continue
        before = next((c for c in reversed(out[-1]) if not c["text"].isspace()), None) if out else None
        size = float(char["size"])
        white = char["x0"] - before["x1"] if before else 0.0
        if before is None or white - blank > GAP * size or white > BLANKS * size:
            out.append([])
        out[-1].append(char)
        blank = 0.0
    return out


def _has_columns(lines: list[list[Run]], boxes: list[Box]) -> bool:
    """Whether lines enough have words apart that no ruling parts: a third of those with several runs of words."""
    apart = several = 0
    for runs in lines:
        places = [_inside(run, boxes) for run in runs]
        several += len(runs) > 1
        apart += len(runs) > len(set(places))
    return apart >= LEAST and apart * SHARE >= several


def _inside(run: Run, boxes: list[Box]) -> int:
    x = (run[0]["x0"] + run[-1]["x1"]) / 2
    y = (run[0]["top"] + run[0]["bottom"]) / 2
    return next((at for at, b in enumerate(boxes) if b.x0 <= x <= b.x1 and b.top <= y <= b.bottom), -1)


def _cell(run: Run, page: int, height: float) -> Cell:
    shown = [c for c in run if not c["text"].isspace()]
    size = max(float(c["size"]) for c in shown)
    base = max(_base(c, height) for c in shown if float(c["size"]) >= SMALLER * size)
    text = "".join(line.text for line in lines_of(run)).strip()
    return Cell(text, 0, 0, page=page, area=(float(shown[0]["x0"]), base - size, float(shown[-1]["x1"]), base))


def _rules(lines: Iterable[Char], rects: Iterable[Char]) -> Iterator[Area]:
    """The ruling lines: lines, narrow rectangles, and the sides of those that are drawn; no edges of backgrounds."""
    for line in lines:
        yield _area(line)
    for rect in rects:
        x0, top, x1, bottom = _area(rect)
        if min(x1 - x0, bottom - top) < THIN:
            yield x0, top, x1, bottom
        elif rect.get("stroke"):
            yield from ((x0, top, x1, top), (x0, bottom, x1, bottom), (x0, top, x0, bottom), (x1, top, x1, bottom))


def _area(drawn: Char) -> Area:
    return float(drawn["x0"]), float(drawn["top"]), float(drawn["x1"]), float(drawn["bottom"])
