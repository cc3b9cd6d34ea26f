"""Plain text → grids, in whichever of the ways a table is written: known by the text itself, not by the file's name."""

from __future__ import annotations

from collections import Counter

from kg.readers.delimited import read_delimited
from kg.readers.grid import Grid
from kg.readers.pipes import is_piped, read_pipes
from kg.readers.text import read_text

SEPARATORS = ",;"


def read_plain(text: str) -> tuple[str, list[Grid]]:
    """Split a text into (preface, grids): cells in pipes, separated values, or a cell a line."""
    if is_piped(text):
        return read_pipes(text)
    lines = [line for line in text.splitlines() if line.strip()]
    alone = sum(line.startswith("\t") and "\t" not in line.strip() for line in lines)
    parted = sum("\t" in line.strip() for line in lines)
    if parted > alone or (not alone and _separated(lines)):
        return read_delimited(text)
    return read_text(text)


def _separated(lines: list[str]) -> bool:
    """Whether most lines have the same number of separators, and more than one: prose has not."""
    for separator in SEPARATORS:
        counts = Counter(line.count(separator) for line in lines)
        most, times = max(counts.items(), key=lambda item: item[1], default=(0, 0))
        if most > 1 and times > max(2, len(lines) // 2):
            return True
    return False
