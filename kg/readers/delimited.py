"""Comma, tab, semicolon and pipe separated text → one grid."""

from __future__ import annotations

import csv
import io
import re
from _csv import Reader
from collections import Counter
from collections.abc import Iterator

from kg.readers.grid import Cell, Grid

DELIMITERS = ",\t;|"
GUARD = re.compile(r'="((?:[^"]|"")*)"|\'((?=[-+=@\d≥≤<>＞＜]).*)', re.DOTALL)
SAMPLE = 200  # records that the delimiter is chosen by


def read_delimited(text: str) -> tuple[str, list[Grid]]:
    """One grid; rows count the records, lines the physical lines; blank records are left out."""
    rows: list[list[Cell]] = []
    for number, (line, record) in enumerate(_closed(text, _delimiter(text)), 1):
        cells = [Cell(_unguarded(value.strip()), number, at, line) for at, value in enumerate(record, 1)]
        if any(cell.text for cell in cells):
            rows.append(cells)
    return "", [Grid(rows=rows)] if any(len(row) > 1 for row in rows) else []


def _closed(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The records and the line that each begins on; a quote that nothing closes is a character of its field.

    It would swallow the records below: nothing closes it where the lines inside the field have as many fields each as
    records above, more than two.
    """
    lines = list(io.StringIO(text, newline=""))
    widths: Counter[int] = Counter()
    first = 0
    while first < len(lines):
        reader = csv.reader((lines[at] for at in range(first, len(lines))), delimiter=delimiter)
        start = first
        for record in reader:
            opened = _opened(record, widths, delimiter) if start + reader.line_num - first > 2 else None
            at = next((i for i in range(first, start + reader.line_num) if opened and opened in lines[i]), None)
            if opened and at is not None:
                lines[at] = lines[at].replace(opened, opened[1:], 1)
                break
            yield first + 1, record
            widths[len(record)] += len(record) > 1
            first = start + reader.line_num
        else:
            return


def _opened(record: list[str], widths: Counter[int], delimiter: str) -> str | None:
    """The beginning, with its quote, of a field that has swallowed records."""
    for value in record:
        head, *inside = value.splitlines() or [""]
        # the last line is cut by the next quote
        fields = [len(next(csv.reader([row], delimiter=delimiter), [])) for row in inside]
        whole = [count for count in fields if count > 2 and count in widths]
        if whole and 2 * len(whole) >= len(inside):
            return f'"{head}'
    return None


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
