"""Grids → records. Columns and labels are known by the meaning of their words (``words.toml``)."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from typing import Any

from kg.readers import Cell, Grid, ReadError, Source
from kg.tables.records import DocumentRecord, IndicatorRecord, ProjectRecord, Quote
from kg.tables.values import parse_target, plain_form

REQUIRED = {"name": "三级指标（或指标名称）", "value": "指标值"}
HEADER_CELLS = 3  # a row with this many known column names is the header of an indicator table


def read_document(source: Source, year: int | None = None) -> DocumentRecord:
    """Read every project table of a file; ``year`` overrides what the file says.

    Raises ReadError naming the table where an indicator table lacks a column, or where there is none.
    """
    projects = [project for grid in source.grids for project in _Table(source.name, grid).read()]
    if not projects:
        raise ReadError(f"“{source.name}”里没有绩效目标表：没有找到“项目名称”和指标表头（一级指标…指标值）")
    for number, project in enumerate(projects, 1):
        _renumber(project, number)
    title = next((line for line in source.preface.splitlines() if line), source.name.rpartition(".")[0])
    found = year or fiscal_year(source, projects)
    document = DocumentRecord(source.name, source.sha256, title, found, projects)
    if found is None:
        document.warnings.append(f"“{source.name}”没有写明年度：年度留空，可用 --year 指定")
    for project in projects:
        for indicator in project.indicators:
            indicator.target = parse_target(indicator.target.text, found)
        infer_units(project)
        if not project.indicators:
            document.warnings.append(f"“{source.name}”第 {project.table} 个表“{project.name}”没有指标行")
    return document


def fiscal_year(source: Source, projects: list[ProjectRecord]) -> int | None:
    """The year of title or preface, else of the file name, else that all dates in the values agree on."""
    for text in (source.preface, source.name):
        years = set(re.findall(r"(?<!\d)(20\d\d)(?!\d)", text))
        if len(years) == 1:
            return int(years.pop())
    dates = Counter(
        year
        for project in projects
        for indicator in project.indicators
        for year in re.findall(r"(?<!\d)(20\d\d)\s*年", indicator.target.text)
    )
    return int(next(iter(dates))) if len(dates) == 1 else None


def infer_units(project: ProjectRecord) -> None:
    """Mark 万元 as inferred for unit-less money targets, where table and budget make it certain.

    Certain means: the table declares 单位：万元, and the project's money targets written in 万元, together with
    the unit-less cost targets, add up to exactly its budget.
    """
    if project.money_unit != "万元" or not project.budget:
        return
    costs = [i for i in project.indicators if "成本" in i.level1 + i.level2 and i.target.number is not None]
    bare = [i for i in costs if not i.target.unit]
    written = [i for i in costs if i.target.unit in ("万", "万元")]
    total = sum((i.target.number or Decimal(0) for i in bare + written), Decimal(0))
    if bare and total * 10000 == project.budget:
        for indicator in bare:
            indicator.unit_inferred = project.money_unit


@cache
def words() -> dict[str, Any]:
    """The tables of ``words.toml``."""
    return tomllib.loads(resources.files("kg.tables").joinpath("words.toml").read_text("utf-8"))


def key(text: str) -> str:
    """What two header words are compared by: half-width, no blanks, no punctuation, no unit in brackets."""
    text = re.sub(r"[(（][^()（）]*[)）]", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"[^\w]", "", text)


@cache
def _roles(table: str) -> dict[str, list[str]]:
    roles: dict[str, list[str]] = {}
    for role, names in words()[table].items():
        for name in names:
            roles.setdefault(key(name), []).append(role)
    return roles


def money(text: str, unit: str) -> Decimal | None:
    """An amount cell in 元: ``3540.00`` with unit 万元 → 35400000; None for an empty or unreadable cell."""
    found = re.fullmatch(r"(-?[\d,]*\.?\d+)(亿元|百万元|万元|千元|元|万|亿)?", plain_form(text))
    if not found:
        return None
    try:
        number = Decimal(found[1].replace(",", ""))
    except InvalidOperation:
        return None
    return number * Decimal(words()["money"][found[2] or unit or "元"])


def split_goals(text: str) -> list[str]:
    """The goals of a cell: one for each numbered line, unnumbered lines belong to the goal above."""
    goals: list[str] = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        numbered = re.match(r"(?:目标)?(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s*[.．、:：)）]\s*(?=\D)", line)
        if numbered or not goals:
            goals.append(line[numbered.end() :] if numbered else line)
        else:
            goals[-1] += line
    return goals


class _Table:
    """Reads one grid: label cells of the head, then the indicator rows; a new 项目名称 starts a new project."""

    def __init__(self, document: str, grid: Grid) -> None:
        self.document = document
        self.grid = grid
        self.project: ProjectRecord | None = None
        self.pending: dict[str, Quote] = {}  # head cells above the project's name
        self.columns: dict[str, int] = {}
        self.levels = {"level1": "", "level2": ""}
        self.label = ""  # the label that an empty first cell continues

    def read(self) -> Iterable[ProjectRecord]:
        out: list[ProjectRecord] = []
        for cells in self.grid:
            started = self._head_of_project(cells)
            if started:
                out.append(started)
            elif columns := _columns(cells):
                self._open_columns(columns)
            elif self.columns:
                self._indicator(cells)
            else:
                self._labels(cells)
        return [self._finish(project) for project in out]

    def _where(self) -> str:
        name = f"（{self.project.name}）" if self.project else ""
        return f"“{self.document}”的表“{self.grid.caption or '无标题'}”{name}"

    def _head_of_project(self, cells: list[Cell]) -> ProjectRecord | None:
        for at, cell in enumerate(cells[:-1]):
            if "project" in _roles("labels").get(key(cell.text), ()) and cells[at + 1].text.strip():
                value = cells[at + 1]
                self.project = ProjectRecord(0, _one_line(value.text), title=self.grid.caption)
                self.project.quotes = dict(self.pending, project=_quote("project", value))
                self.columns, self.label = {}, ""
                self._labels(cells[at + 2 :])
                return self.project
        return None

    def _labels(self, cells: list[Cell]) -> None:
        """Read ``label | value | label | value …``; an empty first cell continues the row's label above."""
        field = ""
        for at, cell in enumerate(cells):
            roles = _roles("labels").get(key(cell.text), ())
            if roles:
                field = roles[0]
                self.label = field if at == 0 else self.label
            elif at == 0 and not cell.text.strip() and self.label:
                field = self.label
            elif cell.text.strip():
                self._take(field, cell)
                field = "" if field != "goal" else field
            else:
                field = ""

    def _take(self, field: str, cell: Cell) -> None:
        quotes = self.project.quotes if self.project else self.pending
        if field:
            quotes.setdefault(field, _quote(field, cell))
            return
        text = plain_form(cell.text)
        if found := re.search(words()["patterns"]["money_unit"], text):
            quotes.setdefault("money_unit", replace(_quote("money_unit", cell), text=found["unit"]))
        elif re.fullmatch(words()["patterns"]["department"], text):
            quotes.setdefault("department", _quote("department", cell))

    def _open_columns(self, columns: dict[str, int]) -> None:
        missing = [shown for role, shown in REQUIRED.items() if role not in columns]
        if missing:
            raise ReadError(f"{self._where()}缺少“{'”“'.join(missing)}”列：请补上这一列的表头")
        if self.project is None:
            raise ReadError(f"{self._where()}没有“项目名称”：请补上项目名称一行")
        self.columns = columns
        self.levels = {"level1": "", "level2": ""}

    def _indicator(self, cells: list[Cell]) -> None:
        assert self.project is not None
        found = {role: cells[at] for role, at in self.columns.items() if at < len(cells)}
        for level in self.levels:
            if level in found and (text := _one_line(found[level].text)):
                if level == "level1" and text != self.levels["level1"]:
                    self.levels["level2"] = ""
                self.levels[level] = text
        name, value = found.get("name"), found.get("value")
        if name is None or value is None or not name.text.strip() or not value.text.strip():
            return
        description = found.get("description")
        row = len(self.project.indicators) + 1
        self.project.indicators.append(
            IndicatorRecord(
                row,
                self.levels["level1"],
                self.levels["level2"],
                _one_line(name.text),
                _one_line(description.text) if description else "",
                parse_target(value.text),
                quotes={role: _quote(role, cell, row) for role, cell in found.items() if cell.text.strip()},
            )
        )

    def _finish(self, project: ProjectRecord) -> ProjectRecord:
        quotes = project.quotes
        unit = quotes["money_unit"].text if "money_unit" in quotes else ""
        project.money_unit = unit
        for field in ("budget", "fiscal_funds", "other_funds"):
            if field in quotes:
                setattr(project, field, money(quotes[field].text, unit))
        project.purpose = _one_line(quotes["purpose"].text) if "purpose" in quotes else ""
        project.goals = split_goals(quotes["goal"].text) if "goal" in quotes else []
        if "department" in quotes:
            found = re.fullmatch(words()["patterns"]["department"], plain_form(quotes["department"].text))
            project.department = found["name"] if found else _one_line(quotes["department"].text)
            project.department_code = (found["code"] or "") if found else ""
        return project


def _columns(cells: list[Cell]) -> dict[str, int]:
    """Column roles of a header row → index; empty when the row is none."""
    columns: dict[str, int] = {}
    for at, cell in enumerate(cells):
        for role in _roles("columns").get(key(cell.text), ()):
            if role not in columns:
                columns[role] = at
                break
    return columns if len(columns) >= HEADER_CELLS else {}


def _one_line(text: str) -> str:
    """A cell's words as one line: line breaks go (Chinese needs no blank there), edges are trimmed."""
    return re.sub(r"\s*\n\s*", "", text.strip())


def _quote(field: str, cell: Cell, row: int = 0) -> Quote:
    return Quote(field, cell.text, 0, row, cell.column, cell.line)


def _renumber(project: ProjectRecord, table: int) -> None:
    project.table = table
    project.quotes = {f: replace(q, table=table) for f, q in project.quotes.items()}
    for indicator in project.indicators:
        indicator.quotes = {f: replace(q, table=table) for f, q in indicator.quotes.items()}
