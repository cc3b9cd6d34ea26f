"""Comma, tab, semicolon and pipe separated text → one grid."""

from __future__ import annotations

import csv
import io
import re
from _csv import Reader
from collections import Counter

from kg.readers.grid import Cell, Grid

DELIMITERS = ",\t;|"
GUARD = re.compile(r'="((?:[^"]|"")*)"|\'((?=[-+=@\d≥≤<>＞＜]).*)', re.DOTALL)
SAMPLE = 200  # records that the delimiter is chosen by


def read_delimited(text: str) -> tuple[str, list[Grid]]:
    """One grid; rows count the records, lines the physical lines; blank records are left out."""
    rows: list[list[Cell]] = []
    line = 1
    reader = _records(text, _delimiter(text))
    for number, record in enumerate(reader, 1):
        cells = [Cell(_unguarded(value.strip()), number, at, line) for at, value in enumerate(record, 1)]
        line = reader.line_num + 1
        if any(cell.text for cell in cells):
            rows.append(cells)
    return "", [Grid(rows=rows)] if any(len(row) > 1 for row in rows) else []


def _unguarded(value: str) -> str:
    """Without what makes a spreadsheet take a value for text: ``="≥36个"``, an apostrophe before it."""
    found = GUARD.fullmatch(value)
    return (found[1].replace('""', '"') if found[1] is not None else found[2]) if found else value


def _records(text: str, delimiter: str) -> Reader:
    csv.field_size_limit(1 << 28)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _delimiter(text: str) -> str:
    """The one that cuts most records into the same number of fields, and into the most fields."""
    best, score = ",", 0
    for delimiter in DELIMITERS:
        widths: Counter[int] = Counter()
        for record, _ in zip(_records(text[: 1 << 20], delimiter), range(SAMPLE), strict=False):
            widths[len(record)] += len(record) > 1
        if widths and (most := max(n * w for w, n in widths.items())) > score:
            best, score = delimiter, most
    return best
