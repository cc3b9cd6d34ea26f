"""A form that was read → the record of its project: amounts, goals, names and codes, indicators with their cells."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation

from kg.readers import Cell
from kg.tables.facts import Fact, first_of
from kg.tables.fundings import KINDS as FUNDING_KINDS
from kg.tables.fundings import funding_kind, said_kind, said_sources, source_name
from kg.tables.levels import MIDDLES
from kg.tables.lexis import (
    is_template,
    key,
    money,
    one_line,
    pattern,
    split_code,
    split_department,
    split_goals,
    table_words,
)
from kg.tables.records import Flag, Funding, IndicatorRecord, ProjectRecord, Quote
from kg.tables.rows import Body, Row
from kg.tables.settle import middles_of, settle_levels
from kg.tables.values import Target, plain_form
from kg.tables.view import View

AMOUNTS = (
    ("budget", ("budget", "initial_budget", "department_budget", "adjusted_budget", "total_budget", "list_total")),
    ("fiscal_funds", ("fiscal_funds",)),
    ("other_funds", ("other_funds",)),
    ("carried_over", ("carried_over",)),
    ("adjusted_budget", ("adjusted_budget",)),
    ("executed", ("executed",)),
    ("interim_executed", ("interim_executed",)),
    ("midterm_budget", ("midterm_budget", "total_budget")),
)


@dataclass(slots=True)
class Section:
    """The rows below one header; ``before`` is the section on the page before, whose levels go on."""

    view: View
    body: Body
    before: Section | None = None
    rows: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Form:
    """One project as the file lays it out."""

    facts: list[Fact]
    title: str
    kind: str
    sheet: str
    sections: list[Section] = field(default_factory=list)
    doubts: list[tuple[str, str, Cell]] = field(default_factory=list)
    goal: str = ""

    def chains(self) -> list[list[Row]]:
        """The rows whose levels are settled together: of one list each; lists that a page parts are one."""
        chains: dict[tuple[int, int], list[Row]] = {}  # of a section and block; that of the page before goes on
        for section in self.sections:
            for row in section.rows:
                block = section.body.header.blocks.index(row.block)
                before = chains.get((id(section.before), block))
                chains.setdefault((id(section), block), [] if before is None else before).append(row)
        return list({id(rows): rows for rows in chains.values()}.values())


def build_all(forms: list[Form]) -> list[tuple[ProjectRecord, list[Flag]]]:
    """The records of a file's forms, each with its flags; what a flat sheet has without indicators is no project."""
    common = MIDDLES
    for rows in (rows for form in forms for rows in form.chains()):
        common &= middles_of(rows)
    made = [(_Maker(form, common or MIDDLES)) for form in forms]
    return [(record, maker.flags) for maker in made if (record := maker.project()) is not None]


class _Maker:
    def __init__(self, form: Form, middles: frozenset[int]) -> None:
        self.form, self.middles = form, middles
        self.flags: list[Flag] = []
        self.record = ProjectRecord(0, "", form.kind, title=form.title)

    def project(self) -> ProjectRecord | None:
        record, form = self.record, self.form
        rows = self._settled()
        flat = bool(form.sections) and form.sections[0].body.header.flat
        if flat and not rows:
            return None
        self._name()
        self._bodies()
        self._amounts()
        self._fundings()
        self._execution()
        self._texts()
        self._year()
        self._indicators(rows)
        for code, message, cell in form.doubts:
            self._flag(code, message, self._quote("title", cell))
        return record

    # ------------------------------------------------------------ head

    def _take(self, *fields: str) -> Fact | None:
        fact = first_of(self.form.facts, *fields)
        if fact is not None:
            self.record.quotes.setdefault(fields[0], self._quote(fields[0], fact.cell, fact.text))
        return fact

    def _name(self) -> None:
        if fact := self._take("project"):
            self.record.code, self.record.name = split_code(fact.text)
            if is_template(fact.text):
                self._flag("template-text", f"项目名称“{fact.text}”是模板文字", self.record.quotes["project"])
        if fact := self._take("code"):
            self.record.code = one_line(fact.text)

    def _bodies(self) -> None:
        record = self.record
        if department := self._take("department", "central_department"):
            record.department_code, record.department = split_department(department.text)
        if unit := first_of(self.form.facts, "implementer"):
            code, name = split_department(unit.text)
            if not record.department:
                record.department_code, record.department = code, name
                record.quotes["department"] = self._quote("department", unit.cell, unit.text)
            else:
                record.implementer_code, record.implementer = code, name
                record.quotes["implementer"] = self._quote("implementer", unit.cell, unit.text)
        if record.kind == "department":
            record.name = (
                f"{record.department}部门整体支出"
                if record.department
                else one_line(([*record.title.splitlines()] or ["部门整体支出"])[-1])
            )

    def _amounts(self) -> None:
        record = self.record
        declared = self._take("money_unit")
        record.money_unit = declared.text if declared else ""
        term = first_of(self.form.facts, "term")
        yearly = term is not None and bool(pattern("one_year").search(plain_form(term.text)))
        for name, fields in AMOUNTS:
            fact = first_of(self.form.facts, *fields, *(("midterm_budget",) if name == "budget" and yearly else ()))
            if fact is None or (name != "budget" and self.form.kind == "department"):
                continue
            if name == "budget":
                fact = self._approved(fact, fields)
                if (several := self._several(fact)) is not None:
                    self._flag("amount-unreadable", *several)
                    continue
            if (
                name == "midterm_budget"
                and "budget" in record.quotes
                and record.quotes["budget"] == self._quote("budget", fact.cell, fact.text)
            ):
                continue  # the whole project's money is the year's, where nothing else is
            quote = self._quote(name, fact.cell, fact.text)
            amount = money(fact.text, fact.unit or record.money_unit or "元")
            if amount is None:
                if re.search(r"\d", fact.text):
                    self._flag("amount-unreadable", f"金额“{one_line(fact.text)}”读不成数", quote)
            elif amount and not self._written(fact):
                self._flag("money-unit-missing", f"金额“{fact.text}”没有写明是元还是万元", quote)
                continue
            record.quotes[name] = quote
            setattr(record, name, amount)
        if self.form.kind == "project" and record.midterm_budget and "budget" not in record.quotes:
            longer = record.quotes["midterm_budget"]
            message = f"没有写当年的预算数：“{one_line(longer.text)}”是项目全周期的总额，没有算作当年预算"
            self._flag("midterm-only", message, longer)

        unknown = first_of(self.form.facts, "unknown_amount")
        if unknown is not None and "budget" not in record.quotes and self.form.kind == "project":
            message = f"没有认出预算数：“{one_line(unknown.label)}”是什么金额，看不出来"
            self._flag("amount-unreadable", message, self._quote("budget", unknown.cell, unknown.text))

    def _approved(self, fact: Fact, fields: tuple[str, ...]) -> Fact:
        """The amount that was approved, where one that was only asked for stands before it."""
        if not pattern("asked").search(fact.label):
            return fact
        others = (f for f in self.form.facts if f.field in fields and pattern("approved").search(f.label))
        return next((f for f in others if money(f.text, "元") is not None), fact)

    def _several(self, fact: Fact) -> tuple[str, Quote] | None:
        """What is to be said where the lines of a project in a sheet of many have different amounts in one column."""
        if not (self.form.sections and self.form.sections[0].body.header.flat):
            return None
        same = [f for f in self.form.facts if f.field == fact.field and f.cell.column == fact.cell.column]
        if len({money(f.text, "元") for f in same}) < 2:
            return None
        said = "、".join(dict.fromkeys(f"“{one_line(f.text)}”" for f in same))
        return f"同一项目各行的预算数不一样（{said}），看不出是哪一个，没有取", self._quote("budget", same[-1].cell)

    def _fundings(self) -> None:
        """Each source's share: the rows of one source, else the totals of a kind; fiscal funds are their sum."""
        record = self.record
        parts: list[Funding] = []
        for fact in self.form.facts:
            if fact.field == "funding":
                amount = money(fact.text, fact.unit or record.money_unit or "元")
                if amount and not self._written(fact):
                    self._flag(
                        "money-unit-missing",
                        f"金额“{fact.text}”没有写明是元还是万元",
                        self._quote("funding", fact.cell),
                    )
                    continue
                if amount:
                    quote = self._quote("funding", fact.cell, fact.text)
                    parts.append(Funding(source_name(fact.label), amount, funding_kind(fact.label), quote))
            elif fact.field == "fund_source":
                quote = self._quote("funding", fact.cell, fact.text)
                parts += [
                    Funding(source, amount, said_kind(source), quote)
                    for source, amount in said_sources(fact.text, fact.unit or record.money_unit)
                ]
        if parts and record.fiscal_funds is None:
            shares = [p.amount for p in parts if p.kind == "fiscal_funds" and p.amount is not None]
            record.fiscal_funds = sum(shares, Decimal(0)) if shares else None
        amounts: dict[str, Decimal | None] = {kind: getattr(record, kind) for kind in FUNDING_KINDS}
        for kind, amount in amounts.items():
            said = first_of(self.form.facts, kind)
            if amount and said is not None and kind in record.quotes and all(p.kind != kind for p in parts):
                parts.append(Funding(source_name(said.label) or kind, amount, kind, record.quotes[kind]))
        record.fundings = parts

    def _written(self, fact: Fact) -> bool:
        """Whether an amount says whether it is in 元 or 万元, by itself or by what rules it."""
        unit = re.search(r"(?:亿元|百万元|万元|千元|元|万|亿)\)?$|[¥￥]", plain_form(fact.text))
        return bool(unit or fact.unit or self.record.money_unit)

    def _execution(self) -> None:
        """Rate and score of execution, and the total of a self-evaluation."""
        for name in ("execution_rate", "execution_score"):
            if (fact := first_of(self.form.facts, name)) and (number := _points(fact.text)) is not None:
                setattr(self.record, name, number)
                self.record.quotes[name] = self._quote(name, fact.cell, fact.text)
        for section in self.form.sections:
            last = max((row.number for row in section.rows), default=section.body.header.last)
            if (cell := section.body.total("score", last)) and (number := _points(cell.text)) is not None:
                self.record.total_score = number
                self.record.quotes["total_score"] = self._quote("total_score", cell)

    def _texts(self) -> None:
        record = self.record
        if fact := self._take("purpose"):
            record.purpose = one_line(fact.text)
        goals = [f for f in self.form.facts if f.field == "goal"] or [
            f for f in self.form.facts if f.field == "overall_goal"
        ]
        seen: dict[str, Fact] = {}
        flat = bool(self.form.sections) and self.form.sections[0].body.header.flat
        for fact in goals if flat else goals[:1]:
            seen.setdefault(fact.text, fact)
        for number, fact in enumerate(seen.values()):
            record.goals += self._filled(split_goals(fact.text), fact.cell)
            field_name = "goal" if number == 0 else f"goal_{number + 1}"
            if record.goals:
                record.quotes.setdefault(field_name.partition("_")[0], self._quote("goal", fact.cell, fact.text))
        if fact := self._take("midterm_goal"):
            record.midterm_goals = self._filled(split_goals(fact.text), fact.cell)

    def _filled(self, goals: list[str], cell: Cell) -> list[str]:
        """The goals without what the form prints for the writer to replace."""
        out = []
        for goal in goals:
            if is_template(goal) or (re.search(table_words()["template"]["inside"], goal) and len(goal) < 30):
                self._flag("template-text", f"绩效目标“{goal}”是模板文字", self._quote("goal", cell))
            elif goal.strip():
                out.append(goal)
        return out

    def _year(self) -> None:
        fact = first_of(self.form.facts, "year")
        if fact and (found := re.fullmatch(r"(20\d\d)(?:年度?)?", plain_form(fact.text))):
            self.record.year = int(found[1])

    # ------------------------------------------------------------ indicators

    def _settled(self) -> list[Row]:
        """The rows of all sections, with their levels."""
        chains = self.form.chains()
        for rows in chains:
            self.form.doubts += settle_levels(rows, self.middles)
        return [row for rows in chains for row in rows]

    def _indicators(self, rows: list[Row]) -> None:
        main = [r for r in rows if _main(r)]
        longer = [r for r in rows if not _main(r)]
        goals = list(dict.fromkeys(r.goal for r in main if r.goal))
        for row in main:
            indicator = self._indicator(row)
            if len(goals) > 1:
                indicator.goal = row.goal
        if len(goals) > 1:
            self._several_goals(goals)
        for row in longer:
            self._midterm(row)

    def _several_goals(self, goals: list[str]) -> None:
        """Indicators under several goals: each points to its own, which are the project's goals too."""
        split = {goal: split_goals(goal) for goal in goals}
        known = {key(g): g for g in self.record.goals}
        for parts in split.values():
            for part in parts:
                if key(part) not in known:
                    self.record.goals.append(part)
        for indicator in self.record.indicators:
            if indicator.goal:
                indicator.goal = (split[indicator.goal] or [indicator.goal])[0]

    def _indicator(self, row: Row) -> IndicatorRecord:
        number = len(self.record.indicators) + 1
        value = row.values["value"]
        indicator = IndicatorRecord(
            number, row.level1 or "", row.level2 or "", row.name, one_line(row.text("description")), Target(value.text)
        )
        for role in ("midterm", "half_year", "prior", "actual", "interim"):
            if role in row.values and plain_form(row.values[role].text) not in (
                "",
                *table_words()["operators"]["empty"],
            ):
                indicator.others[role] = Target(row.values[role].text)
        indicator.weight, indicator.score = _points(row.text("weight")), _points(row.text("score"))
        indicator.deviation = one_line(row.text("deviation"))
        for role, cell in row.cells.items():
            own = cell.row == row.number or role not in ("level1", "level2")
            if cell.text.strip() and own and role in QUOTED:
                text = row.values[role].text if role in row.values else cell.text
                indicator.quotes[role] = self._quote(role, cell, text, number)
        if "value" not in indicator.quotes:
            indicator.quotes["value"] = self._quote(
                "value", row.cells.get("value") or row.cells["name"], value.text, number
            )
        for part in ("operator", "unit"):  # columns that the values are put together from
            if (piece := row.cells.get(part)) and piece.scans:
                for role in ("value", *indicator.others):
                    if (quote := indicator.quotes.get(role)) and piece.scans[0] not in quote.scans:
                        indicator.quotes[role] = replace(quote, scans=quote.scans + piece.scans)
        self.record.indicators.append(indicator)
        if value.code:
            self._flag(value.code, value.message, indicator.quotes["value"])
        return indicator

    def _midterm(self, row: Row) -> None:
        """A row of the mid-term list: the second target of the indicator of that name, else flagged."""
        value = row.values.get("midterm") or row.values.get("value")
        same = [i for i in self.record.indicators if key(i.name) == key(row.name) and "midterm" not in i.others]
        close = [i for i in same if key(i.level2) == key(row.level2 or "")] or same
        cell = row.cells.get("midterm") or row.cells.get("value") or row.cells["name"]
        if value is None or not value.text:
            return
        if not close:
            self._flag(
                "midterm-only",
                f"“{row.name}”只有中期指标值“{value.text}”，没有年度指标值",
                self._quote("midterm", cell),
            )
            return
        close[0].others["midterm"] = Target(value.text)
        close[0].quotes["midterm"] = self._quote("midterm", cell, value.text, close[0].row)

    # ------------------------------------------------------------ places

    def _quote(self, name: str, cell: Cell, text: str | None = None, row: int = 0) -> Quote:
        return Quote(
            name,
            cell.raw or (cell.text if text is None else text),
            0,
            row,
            cell.column,
            cell.line,
            cell.page,
            self.form.sheet,
            cell.ref,
            cell.scans,
            cell.table,
            cell.at,
        )

    def _flag(self, code: str, message: str, quote: Quote) -> None:
        self.flags.append(Flag(code, message, quote))


QUOTED = frozenset(
    ("level1", "level2", "name", "description", "value", "midterm", "half_year", "prior", "actual", "interim",
     "weight", "score", "deviation")
)  # fmt: skip


def _main(row: Row) -> bool:
    """Whether a row holds the year's own target (not only one of a longer period)."""
    if row.block.period == "midterm" and not ("value" in row.values and "midterm" in row.values):
        return False
    return bool(row.values.get("value") and row.values["value"].text)


def _points(text: str) -> Decimal | None:
    found = re.fullmatch(r"(-?\d+(?:\.\d+)?)(?:分|%)?", plain_form(text))
    try:
        return Decimal(found[1]) if found else None
    except InvalidOperation:
        return None
