"""Text whose cells end in pipes: a row a line (``| a | b |``), or a cell a line (``a |``), rows parted by blank lines.

Where a cell stands on a line of its own, a line without a pipe belongs to the cell that the next pipe ends; where
such lines come regularly, they are the last cells of their rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.readers.flow import Flow
from kg.readers.grid import Cell, Grid

RULE = re.compile(r"\|?[\s:|+=-]*-[\s:|+=-]*\|?")  # the line under a header: |---|:--:|
PIPE = re.compile(r"(?<!\\)\|")
Lines = list[tuple[int, str]]
"""(line number, line without its blanks)."""


def is_piped(text: str) -> bool:
    """Whether most lines that hold words end in a pipe, begin with one, or are parted by several."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    piped = sum(line.endswith("|") or line.startswith(("|", "+-")) or line.count("|") > 1 for line in lines)
    return piped >= 3 and piped > len(lines) // 3


def read_pipes(text: str) -> tuple[str, list[Grid]]:
    """Split such a text into (preface, grids)."""
    flow = Flow()
    rows: list[list[Cell]] = []

    def finish() -> None:
        flow.table(rows.copy())
        rows.clear()

    def take(cells: list[tuple[int, str]]) -> None:
        number = len(rows) + 1
        rows.append([Cell(words, number, at, line) for at, (line, words) in enumerate(cells, 1)])

    for block in _blocks(text):
        if not any("|" in line for _, line in block):
            finish()
            for _, line in block:
                flow.say(line)
            continue
        while not rows and block and "|" not in block[0][1]:  # words right above a table
            flow.say(block.pop(0)[1])
        if max(len(PIPE.findall(line)) for _, line in block) > 1:
            for number, line in block:
                if "|" not in line and not line.startswith("+"):
                    finish()
                    flow.say(line)
                elif not RULE.fullmatch(line):
                    take([(number, _words(cell)) for cell in PIPE.split(line.removeprefix("|").removesuffix("|"))])
        else:
            for row in _cells(block):
                take(row)
    finish()
    return flow.finish()


def _blocks(text: str) -> Iterator[Lines]:
    block: Lines = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            block.append((number, line.strip()))
        elif block:
            yield block
            block = []
    if block:
        yield block


def _cells(block: Lines) -> list[list[tuple[int, str]]]:
    """The rows of a block that holds a cell a line: one, or several where lines without a pipe end them."""
    ends = [at for at, (_, line) in enumerate(block) if not line.endswith("|")]
    widths = {after - before for before, after in zip([-1, *ends], ends, strict=False)}
    if len(ends) > 1 and ends[-1] == len(block) - 1 and len(widths) == 1 and widths != {1}:
        (width,) = widths
        cells = [(number, _words(line.removesuffix("|"))) for number, line in block]
        return [cells[at : at + width] for at in range(0, len(cells), width)]
    row: list[tuple[int, str]] = []
    lines: list[str] = []
    for number, line in block:
        lines.append(line)
        if line.endswith("|") or number == block[-1][0]:
            row.append((number - len(lines) + 1, _words("\n".join(lines).removesuffix("|"))))
            lines = []
    return [row]


def _words(cell: str) -> str:
    return re.sub(r"<br\s*/?>", "\n", cell.replace("\\|", "|")).strip()
