"""Sheets of many projects: a project's cells are printed once and rule the lines below, as do those of its unit."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from kg.readers import Cell
from kg.tables.facts import Fact, first_of, under
from kg.tables.lexis import (
    declared_unit,
    is_total,
    key,
    money,
    one_line,
    pattern,
    speaks_of_money,
    split_department,
)
from kg.tables.projects import Form, Section
from kg.tables.rows import Body, Row
from kg.tables.values import plain_form

FACTS = ("department", "implementer", "code", "budget", "fiscal_funds", "other_funds", "carried_over",
         "midterm_budget", "total_budget", "midterm_goal", "year")  # fmt: skip
RULING = ("department", "implementer", "year")
SHARED = ("money_unit", "department", "implementer", "year")


@dataclass(slots=True)
class Flat:
    """What the lines of a sheet have said so far. ``facts`` and ``title`` stand above its header."""

    facts: list[Fact]
    title: str
    forms: dict[tuple[str, str, str], Form] = field(default_factory=dict)
    standing: dict[str, Cell] = field(default_factory=dict)  # cells that rule the lines below, by role
    form: Form | None = None

    def line(self, body: Body, row: int, rows: list[Row]) -> Form | None:
        """Take in one line with its indicator ``rows``; returns a project that is new, if one begins."""
        columns = body.header.columns
        if (over := body.across(row)) is not None:
            self._unit(over, mixed=False)
            return None
        cells = {
            r: c for r in (*FACTS, "project", "goal") if r in columns and (c := body.cell(row, columns[r])) is not None
        }
        printed = {r: c for r, c in cells.items() if c.text.strip() and not is_total(c.text)}
        whole = body.view.words(row)
        if whole and is_total(whole[0].text):
            self.standing, self.form = {}, None
            return None
        if "implementer" not in columns and "主管" not in key(
            columns["department"].cell.text if "department" in columns else ""
        ):
            printed = {("implementer" if r == "department" else r): c for r, c in printed.items()}
        named = printed.get("project")
        if named is None and not rows and set(printed) & {"department", "implementer", "budget"}:
            self.form = None  # the sum of a department or unit
            if "implementer" in columns and "department" in columns:
                self.standing = {r: c for r, c in printed.items() if r in ("department", "implementer")}
            elif "implementer" in printed:
                self._unit(printed["implementer"], mixed=True)
            return None
        if named is not None and not rows and (named.row < row or self._groups(body, row)):
            if named.row == row and not set(printed) & {"implementer", "code", "goal"}:
                self._unit(named, mixed=bool(re.search("单位|部门|处室", columns["project"].cell.text)))
            return None
        self.standing |= {r: c for r, c in printed.items() if r in RULING}
        new = None
        if named is not None:
            before = len(self.forms)
            self.form = self._named(body, named, printed)
            new = self.form if len(self.forms) > before else None
        if rows and self.form is not None:
            if "goal" in printed:
                self.form.goal = printed["goal"].text.strip()
            for item in rows:
                item.goal = self.form.goal
            self.form.sections[0].rows += rows
        return new

    def beside(self, other: Flat) -> Flat:
        """``other``, a list further down the same sheet, with what was said above the first and not again."""
        said = {f.field for f in other.facts}
        kept = [f for f in self.facts if f.field in ("money_unit", "year") and f.field not in said]
        return replace(other, facts=[*other.facts, *kept], title=other.title or self.title)

    def goes_on(self, facts: list[Fact]) -> bool:
        """Whether what stands above a repeated header says nothing else than what stood above the first."""
        known = {(f.field, one_line(f.text)) for f in self.facts}
        return all((f.field, one_line(f.text)) in known for f in facts if f.field in SHARED)

    def _groups(self, body: Body, row: int) -> bool:
        """Whether the name on a line is of a unit or group: the next name comes before any indicator."""
        columns = body.header.columns
        for below in range(row + 1, body.view.height + 1):
            name = body.cell(below, columns["project"])
            if name is not None and name.row == below and name.text.strip():
                return True
            value = body.cell(below, columns.get("value") or columns["name"])
            if value is not None and value.text.strip():
                return False
        return True

    def _unit(self, named: Cell, *, mixed: bool) -> None:
        """A line of a unit, in a column for units and projects or across the sheet; of two on top the first is the
        department's. Other lines of groups say nothing of units.
        """
        known = pattern("department").fullmatch(plain_form(split_department(named.text)[1]))
        if not known and not (mixed and re.fullmatch(r"[^。；：:;]{2,40}", named.text.strip())):
            return
        self.form = None
        above = self.standing.get("implementer")
        if above is not None and not self.forms and "department" not in self.standing:
            self.standing["department"] = above
        self.standing["implementer"] = named

    def _named(self, body: Body, named: Cell, printed: dict[str, Cell]) -> Form:
        unit = self.standing.get("implementer") or self.standing.get("department")
        code = printed["code"].text.strip() if "code" in printed else ""
        year = self.standing["year"].text.strip() if "year" in self.standing else ""
        identity = (one_line(named.text), code or (one_line(unit.text) if unit else ""), year)
        form = self.forms.get(identity)
        if form is None:
            form = Form([Fact("project", named.text.strip(), named)], self.title, "project", body.view.grid.sheet)
            form.sections.append(Section(body.view, body))
            form.facts += self.facts + self._publisher(unit)
            self.forms[identity] = form
        form.facts += self._shares(body, named, form)
        form.facts += _unknown(body, named.row)
        said = {f.field for f in form.facts if f not in self.facts}
        if (amount := printed.get("budget")) is not None and "budget" in said:
            form.facts += self._another(form, amount)
        for role in (*FACTS, "goal"):
            cell = printed.get(role) or self.standing.get(role)
            if cell is not None and (role not in said or role == "goal"):
                heading = body.header.columns.get(role)
                fact = Fact(
                    role,
                    cell.text.strip(),
                    under(cell, heading.cell if heading else None),
                    _unit_of(heading.cell, heading.group) if heading else "",
                )
                if fact not in form.facts:
                    form.facts.insert(1, fact)
        return form

    def _another(self, form: Form, cell: Cell) -> list[Fact]:
        """A budget that differs from the one that a line before has for the project, in the same column."""
        before = first_of(form.facts, "budget")
        if before is None or before.cell.column != cell.column:
            return []
        amounts = money(before.text, "元"), money(cell.text, "元")
        return (
            [replace(before, text=cell.text.strip(), cell=cell)]
            if None not in amounts and amounts[0] != amounts[1]
            else []
        )

    def _shares(self, body: Body, named: Cell, form: Form) -> list[Fact]:
        """The amounts in columns of one source's money each, where no line of the project has said them before."""
        found = []
        for heading in body.header.blocks[0].fundings:
            cell = body.cell(named.row, heading)
            name = heading.cell.text.strip()
            if cell is not None and cell.text.strip() and all(f.label != name for f in form.facts):
                unit = _unit_of(heading.cell, heading.group)
                found.append(Fact("funding", cell.text.strip(), under(cell, heading.cell), unit, label=name))
        return found

    def _publisher(self, unit: Cell | None) -> list[Fact]:
        """The body above the whole sheet is the department of the units that the lines name."""
        said = first_of(self.facts, "implementer")
        if said is None or unit is None or one_line(unit.text) == one_line(said.text):
            return []
        return [replace(said, field="department")]


def _unknown(body: Body, row: int) -> list[Fact]:
    """The amounts of a line in columns whose heading speaks of money and is not known."""
    known = [(s.first, s.last) for b in body.header.blocks for s in (*b.columns.values(), *b.fundings)]
    found = []
    for head in body.header.heads:
        if not speaks_of_money(head.text) or any(first <= head.column <= last for first, last in known):
            continue
        cell = body.view.at(row, head.column)
        if cell is not None and money(cell.text, "元"):
            found.append(Fact("unknown_amount", cell.text.strip(), cell, declared_unit(head.text), label=head.text))
    return found


def _unit_of(heading: Cell, group: Cell | None) -> str:
    return declared_unit(heading.text) or (declared_unit(group.text) if group else "")
