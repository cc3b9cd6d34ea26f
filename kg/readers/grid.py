"""What every reader yields: grids of cells, each cell with its place in the source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from kg.errors import KgError

Rectangle = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels."""
Area = tuple[float, float, float, float]
"""x0, top, x1, bottom in points on a page, from its top left."""


@dataclass(frozen=True, slots=True)
class Scan:
    """Where a cell was recognised: the picture of its page (its hash) and the rectangle on it.

    ``other`` is the second reading where the two differ; ``sure`` is False where its sides are not certain.
    ``confirmed``: a person has looked at the cell.
    """

    picture: str
    box: Rectangle
    other: str = ""
    sure: bool = True
    confirmed: bool = False

    @property
    def doubtful(self) -> bool:
        """Whether its text is not certain, and nobody has looked at it."""
        return not self.confirmed and (bool(self.other) or not self.sure)

    @property
    def key(self) -> str:
        """What a person's decision on the cell is kept by: the same for the same picture, always."""
        return f"{self.picture[:16]}-{'-'.join(map(str, self.box))}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as displayed, at its true place in the table: ``row`` and ``column`` count from 1.

    A merged cell stands once, at its top left corner, with its spans; the places it covers hold no cell.
    ``line`` is the line in a text file, ``page`` the page of a paged one, else 0; ``ref`` a sheet's ``B7``.
    ``table`` and ``at`` are the table and the row of it as one counts in the file: of all its tables, of those of a
    page where it has pages; what is joined here is counted apart. ``raw`` is what the file holds, where that has characters that no text carries: they stand escaped in it.
    """

    text: str
    row: int
    column: int
    line: int = 0
    rowspan: int = 1
    colspan: int = 1
    page: int = 0
    ref: str = ""
    scans: tuple[Scan, ...] = ()  # of a cell that was recognised in pictures: one, or one a page that it reaches over
    raw: str = ""
    table: int = 0
    at: int = 0
    area: Area | None = None  # on a pdf's page; of words that no rulings part, its bottom is the line they stand on


@dataclass(frozen=True, slots=True)
class Remark:
    """What a reader has to say of a cell, or of what stands in its place: a check's ``code``, a line in Chinese."""

    code: str
    message: str
    cell: Cell
    sheet: str = ""


Notes = list[str | Remark]
"""What was left unread, or read with doubt: lines for the one who reads the file in, and remarks that are kept."""


@dataclass(slots=True)
class Grid:
    """A table: its cells row by row, the paragraphs printed right above it (``caption``), its sheet's name.

    Tables that no words part are one grid; a sheet is one, too. Rows without a word are left out: the cells say
    which row they stand in.
    """

    caption: str = ""
    sheet: str = ""
    rows: list[list[Cell]] = field(default_factory=list)
    rules: list[tuple[int, Area]] | None = None  # of an unruled table, a line of words a row: (page, line drawn there)

    def __iter__(self) -> Iterator[list[Cell]]:
        return iter(self.rows)


@dataclass(slots=True)
class Source:
    """A file that was read: base name, SHA-256 of its bytes, the words before the first table, its grids."""

    name: str
    sha256: str
    preface: str
    grids: list[Grid]
    warnings: list[str] = field(default_factory=list)  # parts of the file that were left unread
    remarks: list[Remark] = field(default_factory=list)  # on cells that were read, or left out, with doubt

    def json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, found: dict[str, Any]) -> Source:
        """From what ``json`` gave. Raises KeyError or TypeError for anything else."""

        def cell(x: dict[str, Any]) -> Cell:
            scans = tuple(Scan(**scan | {"box": tuple(scan["box"])}) for scan in x["scans"])
            return Cell(**x | {"scans": scans, "area": tuple(x["area"]) if x.get("area") else None})

        remarks = [Remark(**x | {"cell": cell(x["cell"])}) for x in found["remarks"]]
        grids = [Grid(**grid | {"rows": [[cell(x) for x in row] for row in grid["rows"]]}) for grid in found["grids"]]
        return cls(**found | {"grids": grids, "remarks": remarks})


class ReadError(KgError):
    """A file that cannot be read: one line in Chinese that names the file, the place and the remedy."""
