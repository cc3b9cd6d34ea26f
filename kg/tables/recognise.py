"""Grids → records: heads, headers and rows of a file put together. What the words mean is in ``words.toml``."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from kg.readers import ReadError, Remark, Source
from kg.tables import scanned
from kg.tables.beside import side_by_side
from kg.tables.doubts import value_doubts
from kg.tables.facts import first_of
from kg.tables.forms import Reader
from kg.tables.lexis import is_column, one_line
from kg.tables.misfits import laid_across
from kg.tables.records import DocumentRecord, Flag, ProjectRecord, Quote
from kg.tables.unfold import listed, unfolded
from kg.tables.unruled import laid_out
from kg.tables.values import Target, parse_target
from kg.tables.years import fiscal_year, title_year


def read_document(source: Source, year: int | None = None) -> DocumentRecord:
    """Read every project table of a file; ``year`` overrides what the file says.

    Raises ReadError naming the table where an indicator table lacks a column, or where there is none.
    """
    reader = Reader(source)
    for number, grid in enumerate(source.grids):
        tables, doubts = laid_out(grid)
        reader.flags += [_remarked(Remark(*doubt)) for doubt in doubts]
        for part in (part for table in tables for part in side_by_side(listed(table) or table)):
            reader.read(part, first=number == 0)
            if reader.waiting and (rest := unfolded(part)) is not None:
                reader.read(rest, first=False)
    projects = reader.finish()
    if not projects:
        raise ReadError(_why_nothing(source, reader))
    title = next((line for line in source.preface.splitlines() if line), source.name.rpartition(".")[0])
    found = year or fiscal_year(source, projects, reader.years | {p.year for p in projects if p.year})
    document = DocumentRecord(source.name, source.sha256, title, found, projects, flags=reader.flags)
    document.flags += [_remarked(remark) for remark in source.remarks]
    if found is None:
        document.warnings.append(f"“{source.name}”没有写明年度：年度留空，可用 --year 指定")
    names = [p.name for p in projects]
    titled = {title: title_year(title, names) for title in {p.title for p in projects}}
    for project in projects:
        own = None if year else project.year or titled[project.title]
        project.year = own if own != found else None
        unsure = {f.quote.row for f in reader.flags if f.quote.table == project.table and f.quote.field == "value"}
        _parse(project, project.year or found, unsure)
        document.flags += _doubt(project, unsure)
        infer_units(project)
        document.flags += scanned.hold(project)
        if not project.indicators:
            document.warnings.append(f"“{source.name}”第 {project.table} 个表“{project.name}”没有指标行")
    document.flags += scanned.not_read(document.flags)
    document.flags.sort(key=lambda f: (f.quote.table, f.quote.row))
    return document


def _why_nothing(source: Source, reader: Reader) -> str:
    """What keeps a file from being read: the table that lacks something, else the first cell that does not fit, else
    what was left unread beside the tables.
    """
    if reader.problems:
        return reader.problems[0]
    if reader.flags:
        first, more = reader.flags[0], len(reader.flags) - 1
        where = f"{first.quote.place}：" if first.quote.place else ""
        rest = f"（另有 {more} 处）" if more else ""
        return f"“{source.name}”里没有一个项目读得成：{where}{first.message}{rest}"
    if reader.headed:
        return f"“{source.name}”有指标表头（{reader.headed}），表头下面没有填写的指标：请确认是不是空表，或内容没有导出"
    if reader.waiting and (named := first_of(reader.waiting[0], "project")):
        rows = [[c for c in row if c.text.strip()] for grid in source.grids for row in grid]
        nearest = max(rows, key=lambda row: (sum(is_column(c.text) for c in row), -len(row)))
        if across := laid_across(nearest):
            return f"“{source.name}”{across}"
        words = "、".join(one_line(c.text) for c in nearest)[:80]
        said = f"，最像表头的是“{words}”一行" if any(is_column(c.text) for c in nearest) else ""
        remedy = "请把列名改成“三级指标”“指标值”这样的写法"
        return f"“{source.name}”的项目“{one_line(named.text)}”没有认得出的指标表头{said}：{remedy}"
    unread = "".join(f"；{remark.message}" for remark in source.remarks)
    return f"“{source.name}”里没有绩效目标表：没有找到“项目名称”和指标表头（一级指标…指标值）{unread}"


def _remarked(remark: Remark) -> Flag:
    cell = remark.cell
    place = (cell.column, cell.line, cell.page, remark.sheet, cell.ref, cell.scans, cell.table, cell.at)
    quote = Quote("title", cell.text, 0, 0, *place)
    return Flag(remark.code, remark.message, quote)


def _parse(project: ProjectRecord, year: int | None, unsure: set[int]) -> None:
    """Read the words of the values (``year`` dates deadlines that name none); those of ``unsure`` rows stay words."""
    for indicator in project.indicators:
        if indicator.row not in unsure:
            indicator.target = parse_target(indicator.target.text, year)
        indicator.others = {role: parse_target(t.text, year) for role, t in indicator.others.items()}


def _doubt(project: ProjectRecord, unsure: set[int]) -> Iterable[Flag]:
    """Flags of a project's values, but those of ``unsure`` rows, of which it is said; a doubtful value keeps its words."""
    for code, message, indicator in [doubt for doubt in value_doubts(project) if doubt[2].row not in unsure]:
        indicator.target = Target(indicator.target.text)
        yield Flag(code, message, indicator.quotes["value"])


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
