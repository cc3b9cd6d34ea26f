"""What every reader yields: grids of cells, each cell with its place in the source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kg.errors import KgError


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as displayed. ``row`` and ``column`` count from 1; ``line`` is the line in a text file, else 0."""

    text: str
    row: int
    column: int
    line: int = 0
    rowspan: int = 1
    colspan: int = 1


@dataclass(slots=True)
class Grid:
    """A table: its cells row by row, and the paragraph printed right above it (``caption``)."""

    caption: str = ""
    rows: list[list[Cell]] = field(default_factory=list)

    def __iter__(self) -> Iterator[list[Cell]]:
        return iter(self.rows)


@dataclass(slots=True)
class Source:
    """A file that was read: base name, SHA-256 of its bytes, the words before the first table, its grids."""

    name: str
    sha256: str
    preface: str
    grids: list[Grid]


class ReadError(KgError):
    """A file that cannot be read: one line in Chinese that names the file, the place and the remedy."""
