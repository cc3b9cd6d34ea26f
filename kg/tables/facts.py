"""The head of a table: label cells and the values to the right of them or below.

Every amount carries the unit that rules it: its own, its label's, its column's, or that of the group cell beside it;
the table's ``单位：万元`` comes last (see ``Fact.unit``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from kg.readers import Cell
from kg.tables.fundings import funding_kind
from kg.tables.lexis import (
    MONEY,
    column_roles,
    declared_unit,
    full_key,
    inline,
    is_total,
    key,
    label,
    money,
    pattern,
    speaks_of_money,
    table_words,
)
from kg.tables.values import plain_form
from kg.tables.view import View

COLUMNS_OF_MONEY = {"initial_budget", "adjusted_budget", "executed", "interim_executed", "midterm_budget", "budget"}
"""Labels that may head a column of amounts, whose row labels say of what: 年初预算数, 全年预算数, 全年执行数."""

GOALS = {"goal", "overall_goal", "midterm_goal", "actual_goal"}


@dataclass(frozen=True, slots=True)
class Fact:
    """``field`` has the words ``text`` of ``cell``; ``unit`` is the money unit said nearest to it, or empty.

    ``year`` is the one that heads the amount's column, ``label`` the label of an amount.
    """

    field: str
    text: str
    cell: Cell
    unit: str = ""
    year: int | None = None
    label: str = ""


def read_head(view: View, first: int, last: int) -> list[Fact]:
    """The facts of rows ``first`` to ``last``, in reading order; a field may come more than once."""
    return list(_Head(view, first, last).facts())


def line_facts(text: str) -> Iterator[Fact]:
    """The facts of paragraphs above a table: lines of ``label：value``, a declared unit, a department by itself."""
    for number, line in enumerate(text.splitlines(), 1):
        yield from _plain(Cell(line.strip(), 0, number))


def heading_name(lines: list[str]) -> Fact | None:
    """The project that the heading above a table names: ``某某项目绩效目标表（2025年度）``, ``三、某某项目``."""
    for number, line in reversed(list(enumerate(lines, 1))):
        for form in ("heading_title", "heading_number"):
            found = pattern(form).match(line.strip())
            if found and not pattern("heading_general").search(found["name"]):
                return Fact("project", found["name"].strip(), Cell(line.strip(), 0, number))
    return None


def _plain(cell: Cell) -> Iterator[Fact]:
    """What a cell says without a label cell beside it."""
    text = plain_form(cell.text)
    if found := pattern("money_unit").search(text):
        yield Fact("money_unit", found["unit"], cell)
    elif len(text) < 60 and pattern("department").fullmatch(text) and not label(cell.text):
        yield Fact("department", cell.text, cell)
    if ":" in text and len(text) < 400:
        for field, value, head in inline(cell.text):
            if field != "money_unit":
                yield Fact(field, value, cell, declared_unit(head))


def under(value: Cell, *labels: Cell | None) -> Cell:
    """A value's cell, as doubtful as the labels that may say its unit, where these were recognised in pictures."""
    doubts = tuple(scan for label in labels if label is not None for scan in label.scans if scan.doubtful)
    return replace(value, scans=value.scans + doubts) if doubts else value


def _fact(field: str, value: Cell, unit: str) -> Fact | None:
    """What a label and its value say; None for what is not stored. ``单位`` may be of money or a body's name."""
    text = value.text.strip()
    if field in ("other", "not_amount"):
        return None
    if field == "money_unit":
        if found := re.fullmatch(r"(?:人民币)?(亿元|百万元|万元|千元|元)", plain_form(text)):
            return Fact(field, found[1], value)
        return Fact("implementer", text, value) if pattern("department").fullmatch(plain_form(text)) else None
    return Fact(field, text, value, unit)


class _Head:
    def __init__(self, view: View, first: int, last: int) -> None:
        self.view, self.first, self.last = view, first, last
        self.taken: set[Cell] = set()
        heads = {label(c.text) for row in range(first, last + 1) for c in view.words(row)}
        self.initial = bool(heads & {"initial_budget"})  # else 全年预算数 is the budget, not what became of it
        self.yearly = bool(heads & {"budget", "initial_budget"})  # else the project's whole money is the year's

    def facts(self) -> Iterator[Fact]:
        for row in range(self.first, self.last + 1):
            for cell in self.view.words(row):
                field = "list_total" if self._totals_funds(cell) else label(cell.text)
                if not field:
                    if cell not in self.taken:
                        yield from self._amounts("funding", cell) if self._is_funding(cell) else self._unlabelled(cell)
                        yield from self._unknown(cell)
                elif field in MONEY:
                    yield from self._amounts(field, cell)
                elif value := self._value(cell):
                    self.taken.add(value)
                    if fact := _fact(field, value, declared_unit(cell.text)):
                        yield fact

    def _unlabelled(self, cell: Cell) -> Iterator[Fact]:
        found = list(_plain(cell))
        left = self.view.at(cell.row, cell.column - 1)
        if left is not None and label(left.text):  # the value of a label that is not stored
            found = [f for f in found if f.field == "money_unit"]
        yield from found

    def _unknown(self, cell: Cell) -> Iterator[Fact]:
        """An amount beside words that speak of money and are no label that is known."""
        right, _ = self._right(cell, cell.row)
        if right is not None and speaks_of_money(cell.text) and money(right.text, "元") and not money(cell.text, "元"):
            yield Fact("unknown_amount", right.text.strip(), right, declared_unit(cell.text), label=cell.text)

    def _right(self, cell: Cell, row: int) -> tuple[Cell | None, bool]:
        """(the next cell with words to the right in a row, whether blank cells stand before it or to the edge)."""
        blank = False
        for found in self.view.across(row, cell.column + cell.colspan):
            if found.text.strip():
                return found, blank
            blank = True
        return None, blank

    def _value(self, cell: Cell) -> Cell | None:
        """The value cell of a label: to the right in any row that the label rules, else right below it."""
        blank = False
        for row in range(cell.row, min(self.view.bottom(cell), self.last) + 1):
            found, gap = self._right(cell, row)
            if found is not None and not label(found.text) and heads_columns(self.view, row):
                break
            blank = blank or (gap and (found is None or bool(label(found.text))))
            if found is not None and not label(found.text) and found not in self.taken:
                return found
            group = found is not None and label(cell.text) in ("other", "fund_source")
            if found is not None and group and (label(found.text) in MONEY or self._is_funding(found)):
                return None  # a group cell (资金情况) beside the labels of its amounts
            if found is not None and label(found.text) in GOALS and label(cell.text) in GOALS and row == cell.row:
                if self.view.bottom(cell) > row:
                    return None  # a group cell beside the labels of its goals
                break
        if blank and label(cell.text) not in GOALS | {"purpose"}:
            return None
        return self._below(cell)

    def _below(self, cell: Cell) -> Cell | None:
        row = cell.row + cell.rowspan
        found = self.view.at(row, cell.column) if row <= self.last else None
        if found is None or found.column != cell.column or not found.text.strip() or label(found.text):
            return None
        if label(cell.text) == "project" and not self._one_row(cell, row):
            return None
        return found if found not in self.taken else None

    def _one_row(self, cell: Cell, row: int) -> bool:
        """Whether exactly one row of values stands below a row of labels: a list of projects has more."""
        under = self.view.at(row + 1, cell.column) if row < self.last else None
        return under is None or not under.text.strip() or bool(label(under.text)) or under.column != cell.column

    def _amounts(self, field: str, cell: Cell) -> Iterator[Fact]:
        """The amounts in a label's row, each for the column it stands in (年初预算数, 全年执行数 …)."""
        found = False
        for value in self.view.across(cell.row, cell.column + cell.colspan):
            if label(value.text) or funding_kind(value.text):
                break
            if not re.search(r"\d", value.text):
                continue  # a blank, a dash, or the heading of a group's part (收入)
            head = self._column_label(value)
            if head is not None and (year := pattern("amount_year").fullmatch(key(head.text))):
                found = True
                yield self._amount(field, value, cell, head, int(year["year"]))
                continue
            if head is None and (found or field == "list_total"):
                continue
            found = True
            self.taken.add(value)
            meant = self._meant(field, cell, head)
            if meant:
                yield self._amount(meant, value, cell, head)
        if not found and (value_below := self._below_label(cell)):
            self.taken.add(value_below)
            meant = self._meant(field, cell, None)
            if meant:
                yield self._amount(meant, value_below, cell, None)

    def _below_label(self, cell: Cell) -> Cell | None:
        """The amount below a label that heads a column: only where labels stand beside it and none to its left."""
        right = self.view.at(cell.row, cell.column + cell.colspan)
        if right is not None and not label(right.text):
            return None
        below = self._below(cell)
        if below is None or money(below.text, "元") is None:
            return None
        under = self.view.at(below.row + 1, below.column) if below.row < self.last else None
        if under is not None and under.text.strip() and money(under.text, "元") is not None:
            return None  # a list
        beside = self.view.across(below.row, 1, below.column - 1)
        return None if any(label(c.text) in MONEY and c.row == below.row for c in beside) else below

    def _totals_funds(self, cell: Cell) -> bool:
        """Whether a cell is the 合计 of a table of funds that a group cell (项目资金) rules."""
        if not is_total(cell.text):
            return False
        return any("资金" in key(c.text) and c.rowspan > 1 for c in self.view.across(cell.row, 1, cell.column - 1))

    def _column_label(self, value: Cell) -> Cell | None:
        for row in range(value.row - 1, self.first - 1, -1):
            above = self.view.at(row, value.column)
            if above is not None and "." not in above.text and pattern("amount_year").fullmatch(key(above.text)):
                return above
            if above is not None and (found := label(above.text)):
                return above if found in COLUMNS_OF_MONEY or found == "not_amount" else None
            if above is not None and above.text.strip() and money(above.text, "元") is None:
                return None
        return None

    def _meant(self, field: str, cell: Cell, head: Cell | None) -> str:
        """What an amount is: its row's label within its column's; empty for what is not stored."""
        column = label(head.text) if head else ""
        whole = field in ("budget", "total_budget")
        if head is not None and column == "not_amount":
            kinds = table_words()["execution"].items()
            return next((k for k, said in kinds if key(head.text) in said), "") if whole else ""
        if whole and column in COLUMNS_OF_MONEY:
            return column
        if column in ("", "budget", "initial_budget") or (column == "adjusted_budget" and not self.initial):
            longer = ("midterm_budget", "total_budget") if self.yearly else ("midterm_budget",)
            if field in ("fiscal_funds", "other_funds", "carried_over", "funding") and self._group(cell) in longer:
                return ""
            return field
        return ""

    def _is_funding(self, cell: Cell) -> bool:
        """Whether a cell is the label of one source's money (``中央补助``, ``市级``), among other labels of money."""
        if not funding_kind(cell.text):
            return False
        right = self.view.at(cell.row, cell.column + cell.colspan)
        if right is None or money(right.text, "元") is None:
            return False
        near = (self.view.at(row, cell.column) for row in (cell.row - 1, cell.row + cell.rowspan))
        groups = self.view.across(cell.row, 1, cell.column - 1)
        return any(c is not None and (label(c.text) in MONEY or funding_kind(c.text)) for c in near) or any(
            label(c.text) == "fund_source" or re.search("资金|投资|预算", key(c.text)) for c in groups
        )

    def _group(self, cell: Cell) -> str:
        """The total that a part of the funds belongs to: the nearest one above in the label's own column."""
        for row in range(cell.row - 1, self.first - 1, -1):
            above = self.view.at(row, cell.column)
            if above is not None and (found := label(above.text)) in (
                "midterm_budget",
                "total_budget",
                "budget",
                "initial_budget",
            ):
                return found
        return ""

    def _amount(self, field: str, value: Cell, cell: Cell, head: Cell | None, year: int | None = None) -> Fact:
        """The fact of an amount labelled by ``cell`` and ``head``, as doubtful as these and what says its unit."""
        unit, said = self._unit(cell, head)
        if year is None and (found := pattern("labelled_year").match(plain_form(cell.text))):
            year = int(found["year"])
        return Fact(field, value.text.strip(), under(value, cell, head, said), unit, year, cell.text)

    def _unit(self, cell: Cell, head: Cell | None) -> tuple[str, Cell | None]:
        """The unit of an amount, and the cell that says it."""
        over = self.view.at(head.row - 1, head.column) if head is not None and head.row > self.first else None
        for said in (cell, head, over):
            if said is not None and (unit := declared_unit(said.text)):
                return unit, said
        for left in reversed(list(self.view.across(cell.row, 1, cell.column - 1))):
            group: Cell | None = left
            while group is not None and not group.text.strip() and group.row > self.first:
                group = self.view.at(group.row - 1, group.column)
            if group is not None and len(group.text) < 40 and (unit := declared_unit(group.text)):
                return unit, group
        return "", None


def heads_columns(view: View, row: int) -> bool:
    """Whether a row is the header of a list (``项目名称 | 金额 | 备注``): what stands beside a label is no value."""
    cells = view.words(row)
    known = sum(bool(label(c.text) or column_roles(key(c.text), full_key(c.text))[0]) for c in cells)
    if len(cells) < 3 or known < len(cells) - (len(cells) > 3):
        return False
    last = cells[-1].column
    return known == len(cells) or all(c.text.strip() for c in view.across(row, cells[0].column, last))


def starts_project(view: View, row: int) -> bool:
    """Whether a row opens the head of a project: ``项目名称`` with the name at its side, or both in one cell."""
    if heads_columns(view, row):
        return False
    for cell in view.words(row):
        if label(cell.text) == "project":
            right = [c for c in view.across(row, cell.column + cell.colspan) if c.text.strip()]
            if right and not label(right[0].text):
                return True
        elif len(cell.text) < 200 and any(field == "project" for field, _, _ in inline(cell.text)):
            return True
    return False


def first_of(facts: Iterable[Fact], *fields: str) -> Fact | None:
    """The first fact of the first field that has one."""
    facts = list(facts)
    return next((f for field in fields for f in facts if f.field == field), None)
