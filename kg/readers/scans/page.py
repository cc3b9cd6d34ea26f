"""What was read from the picture of one page: ruled tables of cells, lines outside them. Kept as JSON by its picture."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from kg.readers.grid import Rectangle


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line of text on the upright page, in pixels; ``other`` is a second reading that differs, else empty."""

    text: str
    x0: float
    x1: float
    top: float
    size: float
    other: str = ""


@dataclass(frozen=True, slots=True)
class ReadCell:
    """A ruled cell on the upright page, where it lies on the page as it came, its lines, and what is not sure of it."""

    box: Rectangle
    place: Rectangle
    lines: tuple[ReadLine, ...] = ()
    other: str = ""  # the second reading of the whole cell where it differs
    sure: bool = True


@dataclass(slots=True)
class ReadPage:
    """A page, ``width`` by ``height`` pixels when upright."""

    width: int
    height: int
    tables: list[list[ReadCell]] = field(default_factory=list)
    lines: list[ReadLine] = field(default_factory=list)

    def json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, found: dict[str, Any]) -> ReadPage:
        def line(x: dict[str, Any]) -> ReadLine:
            return ReadLine(**x)

        def cell(x: dict[str, Any]) -> ReadCell:
            box, place = tuple(x["box"]), tuple(x["place"])
            return ReadCell(box, place, tuple(map(line, x["lines"])), x["other"], x["sure"])

        tables = [[cell(x) for x in table] for table in found["tables"]]
        return cls(found["width"], found["height"], tables, [line(x) for x in found["lines"]])
