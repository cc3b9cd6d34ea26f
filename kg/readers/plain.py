"""Plain text → grids, in whichever of the ways a table is written: known by the text itself, not by the file's name."""

from __future__ import annotations

from collections import Counter

from kg.readers.aligned import LEAST, is_aligned, read_aligned
from kg.readers.delimited import read_delimited
from kg.readers.grid import Cell, Grid
from kg.readers.pipes import is_piped, read_pipes
from kg.readers.text import read_text

FEWEST, SHORT = 8, 16  # lines of a copied page, and characters of most of them
SEPARATORS = ",;"


def read_plain(text: str) -> tuple[str, list[Grid]]:
    """Split a text into (preface, grids): cells in pipes, separated values, a cell a line, or columns kept by blanks."""
    if is_piped(text):
        return read_pipes(text)
    lines = [line for line in text.splitlines() if line.strip()]
    alone = sum(line.startswith("\t") and "\t" not in line.strip() for line in lines)
    parted = sum("\t" in line.strip() for line in lines)
    if parted > alone or (not alone and _separated(lines)):
        return read_delimited(text)
    preface, grids = read_text(text)
    if grids:
        return preface, grids
    return read_aligned(text) if is_aligned(text) else ("", _a_cell_a_line(text))


def is_tabbed(text: str) -> bool:
    """Whether the paragraphs of a document without tables are rows, their cells apart by tabs."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    parted = sum("\t" in line for line in lines)
    return parted >= LEAST and 2 * parted > len(lines)


def _a_cell_a_line(text: str) -> list[Grid]:
    """A page that was copied as text: short lines, each what was a cell. Nothing where the lines are prose."""
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    lengths = sorted(len(line) for _, line in lines)
    if len(lines) < FEWEST or lengths[len(lengths) // 2] > SHORT:
        return []
    return [Grid(rows=[[Cell(line, at, 1, number)] for at, (number, line) in enumerate(lines, 1)])]


def _separated(lines: list[str]) -> bool:
    """Whether most lines have the same number of separators, and more than one: prose has not."""
    for separator in SEPARATORS:
        counts = Counter(line.count(separator) for line in lines)
        most, times = max(counts.items(), key=lambda item: item[1], default=(0, 0))
        if most > 1 and times > max(2, len(lines) // 2):
            return True
    return False
