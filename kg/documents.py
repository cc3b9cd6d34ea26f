"""From a document's cells to its record: what the reading process does with each file. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kg.errors import KgError
from kg.readers import Cell, Source
from kg.tables import DocumentRecord, read_document


def read_record(source: Source, year: int | None, confirmed: Mapping[str, str] | None = None) -> DocumentRecord:
    """A document's record, with what its reader left unread.

    ``confirmed`` holds what people said of cells recognised in pictures, by the key of their scan: their text, empty where
    they were read rightly. Raises KgError, one line, where it holds no table of targets.
    """
    scanned = any(cell.scans for grid in source.grids for row in grid for cell in row)
    try:
        record = read_document(_confirmed(source, confirmed or {}) if scanned else source, year)
    except KgError as error:
        raise KgError("；".join(["".join(str(error).split("\n")), *source.warnings])) from None
    record.warnings = [*dict.fromkeys([*source.warnings, *record.warnings])]
    record.source = source if scanned else None
    record.grids = source.grids
    return record


def _confirmed(source: Source, decisions: Mapping[str, str]) -> Source:
    def cell(one: Cell) -> Cell:
        decided = [scan.key for scan in one.scans if scan.key in decisions]
        if not decided:
            return one
        scans = tuple(replace(scan, confirmed=scan.confirmed or scan.key in decisions) for scan in one.scans)
        return replace(one, text=decisions[decided[0]] or one.text, scans=scans)

    grids = [replace(grid, rows=[[cell(one) for one in row] for row in grid]) for grid in source.grids]
    return replace(source, grids=grids)
