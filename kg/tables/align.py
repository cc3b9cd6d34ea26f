"""Where a row's cells belong, by what they are, when their places do not suit the header.

Exports lose merged cells, pages give merges a row too few or too many: the row is shifted, and a score would be read as
a target. A shift is made only where the row fits its headings there and nowhere else.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from kg.readers import Cell
from kg.tables.compose import BARE, is_sign
from kg.tables.header import TARGETS, Block, Header
from kg.tables.levels import families, is_level_label
from kg.tables.lexis import is_template, is_total, label, level_text, one_line, pattern
from kg.tables.values import parse_target, plain_form
from kg.tables.view import View

FURTHEST = 3  # columns that a row may have been shifted by
HUNDREDS = re.compile(r"[^\d,.]{0,4}\d{1,3}")
REST = re.compile(r"\d{3}(?:\.\d+)?[^\d,.]{0,8}")
POINTS = re.compile(r"-?\d+(?:\.\d+)?[分%]?")
LEVELS = ("level1", "level2")


class Aligner:
    """Judges the rows of one header. Lists side by side and sheets of many projects are left as they stand."""

    def __init__(self, view: View, header: Header) -> None:
        self.view, self.header = view, header
        self.block: Block = header.blocks[0]
        self.edge = max((c.column + c.colspan - 1 for c in header.heads), default=0)
        self.able = len(header.blocks) == 1 and not header.flat and "name" in self.block.columns

    def settle(self, number: int) -> tuple[bool, str, Cell | None]:
        """Put the cells of a row where they belong: (whether it can be read, what is to be said, of which cell)."""
        own = self.view.words(number)
        if len(own) < 2 or label(own[0].text) or any(is_total(c.text) for c in own[:2]):
            return True, "", None
        outside = self._outside(own)
        longer = bool(outside) or self._is_longer(number, own)
        if longer and (joined := self._thousands(number)):
            return True, f"“{joined.text}”原来被逗号分在两格里，已按千分位合起来", joined
        if self.able and self._is_misplaced(own):
            fits = [by for by in range(-FURTHEST, FURTHEST + 1) if by and self._fits(own, by)]
            if len(fits) == 1:
                self.view.move(number, fits[0])
                return True, *self._inherits(number)
            if not outside or not self._fits([c for c in own if c not in outside], 0):
                said = "、".join(f"“{_short(c)}”" for c in own[:6])
                return False, f"一行的各格（{said}）与表头对不上", own[0]
        if self.able and (level := self._is_second_in_first(own, number)) is not None:
            self.view.place(number, level, self.block.columns["level2"].first)
            return True, f"“{_short(level)}”写在一级指标的位置，按二级指标算", level
        if longer and self.header.flat:
            count = len(self.view.starting(number))
            beyond = f"“{_short(outside[0])}”在表头之外" if outside else "各格与表头对不上"
            return False, f"一行有 {count} 格，多于表头的 {self.edge} 列，{beyond}", own[0]
        if outside:
            return True, f"“{_short(outside[0])}”在表头各列之外，没有用上", outside[0]
        return True, "", None

    def _inherits(self, number: int) -> tuple[str, Cell | None]:
        """What is to be said of a row that was moved and has lost its level, where merged cells tell it for others."""
        span, name = self.block.columns.get("level2"), self.block.columns["name"]
        columns = [self.block.columns[role].first for role in LEVELS if role in self.block.columns]
        if span is None or all(c.rowspan == 1 for row in self.view.rows for c in row if c.column in columns):
            return "", None
        level, cell = self.view.at(number, span.first), self.view.at(number, name.first)
        if cell is None:
            return "", None
        if level is not None and level.text.strip():
            first = self.block.columns.get("level1")
            above = self.view.at(number, first.first) if first else None
            if first and (above is None or not above.text.strip()) and _is_level(level, "level1"):
                return f"“{_short(level)}”是一级还是二级指标，从版式看不出，按二级算", level
            return "", None
        return f"“{_short(cell)}”前面缺二级指标的格子，按上一行的算", cell

    def _is_second_in_first(self, own: list[Cell], number: int) -> Cell | None:
        """The label of a second level in the column of the first, where rows above have both in their own."""
        first, second = (self.block.columns.get(role) for role in LEVELS)
        cell = self._by_role(own, 0).get("level1")
        if cell is None or first is None or second is None or not _is_second(cell) or not _is_level(cell, "level2"):
            return None
        beside = self.view.at(number, second.first)
        if beside is not None and beside.text.strip():
            return None
        above = (self.view.at(row, first.first) for row in range(self.header.last + 1, number))
        return cell if any(c is not None and c.text.strip() and not _is_second(c) for c in above) else None

    def _outside(self, own: list[Cell]) -> list[Cell]:
        """The cells of a row that no heading stands over, and that do not go on with the value before them."""
        found = [c for c in own if c.column > self.edge] if self.edge else []
        for role in TARGETS if found else ():
            if (span := self.block.columns.get(role)) is not None:
                pieces = [c.text for c in own if span.first <= c.column <= span.last]
                if not pieces or is_sign(pieces[-1]) or BARE.fullmatch(plain_form(pieces[-1])):
                    found = [c for c in found if c.column > span.spare]
        return found

    def _is_longer(self, number: int, own: list[Cell]) -> bool:
        """Whether a row has more cells than its header, the last of them blank, and does not fit below it."""
        return bool(self.edge) and len(self.view.starting(number)) > self.edge and not self._fits(own, 0)

    def _thousands(self, number: int) -> Cell | None:
        """Join the parts of a number that an unquoted comma has put into two cells of a text without merges."""
        cells = self.view.starting(number)
        if any(c.colspan * c.rowspan > 1 for c in cells) or [c.column for c in cells] != list(range(1, len(cells) + 1)):
            return None
        parts = pairwise(cells)
        pairs = [at for at, (a, b) in enumerate(parts) if HUNDREDS.fullmatch(a.text) and REST.fullmatch(b.text)]
        if len(cells) - self.edge != 1 or len(pairs) != 1:
            return None
        at = pairs[0]
        joined = replace(cells[at], text=f"{cells[at].text},{cells[at + 1].text}")
        after = [replace(c, column=c.column - 1) for c in cells[at + 2 :]]
        self.view.put(number, [*cells[:at], joined, *after])
        return joined

    def _role(self, column: int) -> str:
        return next((role for role, span in self.block.columns.items() if span.first <= column <= span.last), "")

    def _by_role(self, own: list[Cell], by: int) -> dict[str, Cell]:
        out: dict[str, Cell] = {}
        for cell in own:
            out.setdefault(self._role(cell.column + by), cell)
        return out

    def _is_misplaced(self, own: list[Cell]) -> bool:
        if self._outside(own):
            return True
        cells = self._by_role(own, 0)
        one, two, name = cells.get("level1"), cells.get("level2"), cells.get("name")
        value = next((c for role in TARGETS if (c := cells.get(role))), None)
        if any(c is not None and _is_value(c) for c in (one, two, name)) or (value and _is_heading(value)):
            return True
        if one and two and not _is_level(one, "level1") and _is_level(one, "level2") and not _is_level(two, "level2"):
            return True
        if one and two and _is_level(two, "level1") and _is_second(one) and not _is_second(two):
            return True
        if (
            name
            and _is_heading(name)
            and any(c and not _is_level(c, role) for c, role in ((one, "level1"), (two, "level2")))
        ):
            return True
        if name and BARE.fullmatch(plain_form(name.text).rstrip("%")):
            return True
        if name and _is_heading(name) and (two is None or level_text(two.text) != level_text(name.text)):
            return value is not None and not _is_value(value)
        return False

    def _fits(self, own: list[Cell], by: int) -> bool:
        """Whether a row has a name and a value at that place, words of levels under levels, figures under scores."""
        if any(not 1 <= c.column + by <= self.edge for c in own):
            return False
        cells = self._by_role(own, by)
        name, value = cells.get("name"), next((c for role in TARGETS if (c := cells.get(role))), None)
        if name is None or value is None or _is_value(name) or _is_heading(name) or _is_heading(value):
            return False
        if any(not _is_level(c, role) for role in LEVELS if (c := cells.get(role))):
            return False
        return all(
            POINTS.fullmatch(plain_form(c.text)) for role in ("weight", "score") if (c := cells.get(role)) is not None
        )


def _short(cell: Cell) -> str:
    return one_line(cell.text)[:30]


def _is_level(cell: Cell, level: str) -> bool:
    word = level_text(cell.text)
    return bool(families(word, level)) and bool(pattern("level_name").fullmatch(word))


def _is_second(cell: Cell) -> bool:
    return bool(pattern("second_level").search(level_text(cell.text)))


def _is_heading(cell: Cell) -> bool:
    return is_level_label(cell.text)


def _is_value(cell: Cell) -> bool:
    """Whether a cell is a figure or a date, which no name is."""
    if is_template(cell.text) or not re.search(r"\d", cell.text):
        return False
    target = parse_target(cell.text)
    return target.number is not None or (target.kind == "date" and bool(re.search(r"\d\s*[年月./-]", cell.text)))
