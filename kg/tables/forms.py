"""Reads the grids of a file one after another into projects: where a form begins and ends, and whose rows are whose."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from kg.readers import Cell, Grid, ReadError, Source
from kg.tables.facts import Fact, first_of, heading_name, line_facts, read_head, starts_project
from kg.tables.flat import SHARED, Flat
from kg.tables.header import TARGETS, Header, find_header
from kg.tables.levels import level_word
from kg.tables.lexis import declared_unit, key, label, one_line, pattern
from kg.tables.misfits import laid_across, levels_apart, matrix
from kg.tables.projects import Form, Section, build_all
from kg.tables.records import Flag, ProjectRecord, Quote
from kg.tables.rows import Body, Row
from kg.tables.settle import settle_columns, settle_years
from kg.tables.values import plain_form
from kg.tables.view import View
from kg.tables.years import LONGEST_TITLE, name_year, title_year

LONGEST_HEAD = 500  # rows of a head without a header below it; a longer list of cells is none
PAGE_HEAD = 4  # rows above a header that a page repeats with it, at most
REQUIRED = {"name": "三级指标（或指标名称）", "value": "指标值"}


@dataclass(slots=True)
class _Open:
    """The indicator table that is being read: its header, its rows so far, and the form they belong to."""

    view: View
    header: Header
    body: Body
    last: int  # the last row that held an indicator
    section: Section | None = None
    own: Form | None = None  # the form of all rows; in a sheet of many projects each line has its own
    flat: Flat | None = None
    shared: list[Fact] = field(default_factory=list)  # what holds for every project below the header
    title: str = ""

    @property
    def form(self) -> Form | None:
        return self.flat.form if self.flat else self.own


class Reader:
    """Feed it grids with ``read``; ``finish`` returns the projects, numbered. ``flags`` and ``years`` fill meanwhile.

    ``problems`` are lines on tables that could not be read at all; ``headed`` are the words of the last header of
    indicators that was found.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.forms: list[Form] = []
        self.flags: list[Flag] = []
        self.problems: list[str] = []
        self.headed = ""
        self.years: set[int] = set()
        self.open: _Open | None = None
        self.waiting: tuple[list[Fact], str] | None = None  # a head whose indicators stand in the next grid

    def read(self, grid: Grid, *, first: bool) -> None:
        """Read one grid; the ``first`` of a file has the preface above it."""
        view = View(grid)
        above = grid.caption or (self.source.preface if first else "")
        previous, self.open = self.open, None
        rest = 1  # the first row that no table has taken
        row = 1
        while row <= view.height:
            header = find_header(view, row)
            if header and (repeated := self._repeated(header, view)):
                repeated.last = header.last
                row = header.last + 1
                continue
            if header:
                rest = self.open.last + 1 if self.open else rest
                facts = read_head(view, rest, row - 1) if row > rest else []
                if rest == 1:
                    facts += line_facts(above)
                self._begin(view, header, facts, above if rest == 1 else "", rest, row, previous if rest == 1 else None)
                row = rest = header.last + 1
                continue
            if self.open and self._heads_page(view, row):
                row += 1
                continue
            if self.open and starts_project(view, row):
                if first := self._rows_follow(self.open, row):
                    self._another(self.open, row, first)
                    row = first
                    continue
                rest, self.open = self.open.last + 1, None
            elif self.open:
                self._line(row)
            row += 1
        if self.open is None:
            self._without_header(view, rest, above, previous)

    def finish(self) -> list[ProjectRecord]:
        """The projects of the file, in order, with their tables numbered from 1."""
        projects: list[ProjectRecord] = []
        for project, flags in build_all(_joined(self.forms)):
            table = len(projects) + 1
            project.quotes = {f: replace(q, table=table) for f, q in project.quotes.items()}
            project.fundings = [replace(f, quote=replace(f.quote, table=table)) for f in project.fundings]
            for indicator in project.indicators:
                indicator.quotes = {f: replace(q, table=table) for f, q in indicator.quotes.items()}
            self.flags += [Flag(f.code, f.message, replace(f.quote, table=table)) for f in flags]
            project.table = table
            projects.append(project)
        return projects

    # ------------------------------------------------------------ forms

    def _repeated(self, header: Header, view: View) -> _Open | None:
        """The open table whose header this is again, as on top of a new page."""
        now = self.open
        if now is None or not now.header.continues(header) or now.view is not view:
            return None
        if now.flat is not None:
            facts = read_head(view, now.last + 1, header.first - 1)
            return now if now.flat.goes_on(facts) and not any(f.field == "project" for f in facts) else None
        side = view.at(header.first, 1)
        before = view.at(now.header.first, 1)
        other = side is not None and before is not None and side.text.strip() and side.text != before.text
        heads = any(label(c.text) for r in range(now.last + 1, header.first) for c in view.words(r))
        return None if other or heads else now

    def _rows_follow(self, now: _Open, row: int) -> int:
        """The first row below the head of a project that the open header reads; 0 where it has its own header."""
        body = Body(now.view, now.header)
        first = 0
        for below in range(row + 1, now.view.height + 1):
            if find_header(now.view, below):
                return 0
            if starts_project(now.view, below):
                break
            if not first and not any(label(c.text) for c in now.view.words(below)) and body.read(below):
                first = below
        return first

    def _another(self, now: _Open, row: int, first: int) -> None:
        """Begin another project below the same header: its head, from ``row`` on, parts the rows."""
        facts = [*read_head(now.view, row, first - 1), *now.shared]
        form = Form(facts, now.title, "project", now.view.grid.sheet)
        self.forms.append(form)
        section = Section(now.view, Body(now.view, now.header))
        form.sections.append(section)
        self.open = _Open(now.view, now.header, section.body, row, section, form, shared=now.shared, title=now.title)

    def _heads_page(self, view: View, row: int) -> bool:
        """Whether a row is of the title, department and unit that stand above the header on every page of a sheet."""
        cells = view.words(row)
        if self.open is None or self.open.flat is None or not all(map(_is_page_head, cells)):
            return False
        for below in range(row + 1, min(row + PAGE_HEAD, view.height) + 1):
            if (header := find_header(view, below)) and self._repeated(header, view):
                return True
            if not all(map(_is_page_head, view.words(below))):
                return False
        return False

    def _begin(
        self, view: View, header: Header, facts: list[Fact], above: str, rest: int, row: int, previous: _Open | None
    ) -> None:
        titles = [c.text for r in range(rest, row) if len(cells := view.words(r)) == 1 for c in cells if _is_title(c)]
        title = "\n".join(filter(None, [above, *titles]))
        said = title_year(title) or title_year(self.source.preface) or name_year(self.source.name)
        if (year := settle_years(header, said)) is not None:
            self.years.add(year)
        settle_columns(view, header)
        if any(pattern("whole_period").match(plain_form(line)) for line in title.splitlines()):
            for block in header.blocks:
                block.period = block.period or "midterm"
        self.headed = "、".join(one_line(c.text) for c in header.heads if c.text.strip())[:80]
        named = [f for f in facts if f.field == "project"]
        if self.waiting and not named and not header.flat:
            facts, title = [*self.waiting[0], *facts], "\n".join(filter(None, [self.waiting[1], title]))
            named = [f for f in facts if f.field == "project"]
        self.waiting = None
        facts = [f for f in facts if f.year in (None, said)]
        targets = set(header.columns) & set(TARGETS)
        missing = [
            shown for role, shown in REQUIRED.items() if role not in header.columns and (role != "value" or not targets)
        ]
        if missing:
            where = self._where(view, title, named[0].text if named else "")
            problem = f"{where}缺少“{'”“'.join(missing)}”列：请补上这一列的表头"
            if (figures := matrix(view, header)) and "name" in header.columns:
                shown = "”“".join(figures[:4])
                problem = (
                    f"{where}没有“指标值”列，“{shown}”各列都像是值，分不清各是什么的：请改成一行一个值，列名写“指标值”"
                )
            if named and not any(cell.scans for cell in view.starting(row)):
                raise ReadError(problem)
            self._unread("missing-column", problem, view, row)
            return
        lines = [line for line in (view.grid.caption if rest == 1 else "").splitlines() if line.strip()]
        lines += [cell.text for r in range(rest, row) for cell in view.words(r)]
        if header.flat:
            flat = Flat([f for f in facts if f.field in SHARED], title)
            if self.open and self.open.flat:  # a list of another unit further down the sheet
                flat = self.open.flat.beside(flat)
            if previous and previous.flat and previous.header.continues(header) and previous.flat.goes_on(facts):
                begins_blank = self._begins_blank(view, header)
                if _is_continued(lines) or (begins_blank and (not lines or title == previous.flat.title)):
                    flat, header.blocks = previous.flat, previous.header.blocks
            self.open = _Open(view, header, Body(view, header), row, flat=flat)
            return
        shared = [f for f in facts if f.field in ("money_unit", "department", "year")]
        form = self._form(view, facts, title, named, lines, previous)
        if form is None and header.last < view.height and starts_project(view, header.last + 1):
            self.open = _Open(view, header, Body(view, header), header.last, shared=shared, title=title)
            return
        known = all(
            any(map(label, (c.text for c in cells))) for r in range(rest, row) if len(cells := view.words(r)) > 1
        )
        if form is None and known and (heading := heading_name(lines or above.splitlines())) is not None:
            form = Form([*facts, heading], title, "project", view.grid.sheet)
            self.forms.append(form)
        if form is None:
            problem = f"{self._where(view, title, '')}没有“项目名称”：请补上项目名称一行"
            self._unread("no-project", problem, view, row)
            return
        before = None
        if previous and previous.own is form and previous.header.continues(header):
            before, header.blocks = previous.section, previous.header.blocks
        section = Section(view, Body(view, header), before)
        form.sections.append(section)
        self.open = _Open(view, header, section.body, header.last, section, form, shared=shared, title=title)
        if not {"level1", "level2"} & set(header.columns):
            form.doubts += levels_apart(view, rest, row)

    def _form(
        self, view: View, facts: list[Fact], title: str, named: list[Fact], lines: list[str], previous: _Open | None
    ) -> Form | None:
        """The form that a header's rows belong to: a new one, or the one before, which goes on.

        ``lines`` are the words between the two tables.
        """
        before = previous.own if previous else None
        wide = _department_wide(title, facts)
        if before is not None and _is_continued(lines):
            same = before.kind == "department" if wide else all(_name(f) == _name(*before.facts) for f in named)
            if same:
                return before
        if named or wide:
            form = Form(facts, title, "project" if named else "department", view.grid.sheet)
            self.forms.append(form)
            return form
        if self.forms and self.open is not None and self.open.own:  # a second list of the same form
            form = self.open.own
        elif before is not None and not lines:
            form = before
        else:
            return None
        form.facts += facts
        return form

    def _begins_blank(self, view: View, header: Header) -> bool:
        """Whether the first indicator below a header of many projects stands beside no project."""
        body = Body(view, header)
        for row in range(header.last + 1, view.height + 1):
            project = body.cell(row, header.columns["project"])
            if project is not None and project.text.strip():
                return False
            if body.read(row):
                return True
        return False

    def _without_header(self, view: View, rest: int, above: str, previous: _Open | None) -> None:
        """A grid that ends without an open table: a head by itself, the rest of the table before, or nothing."""
        if rest > 1:
            return
        facts = read_head(view, 1, min(view.height, LONGEST_HEAD))
        if any(f.field == "project" for f in facts):
            self.waiting = ([*facts, *line_facts(above)], above)
            return
        lines = view.grid.caption.splitlines()
        on = not any(line.strip() for line in lines) or _is_continued(lines)
        if previous is not None and on and previous.view.width == view.width and _fits(view, previous.header):
            body = Body(view, previous.header)
            self.open = _Open(view, previous.header, body, 0, own=previous.own, flat=previous.flat)
            if previous.own:
                self.open.section = Section(view, body, previous.section)
                previous.own.sections.append(self.open.section)
            for row in range(1, view.height + 1):
                self._line(row)
            return
        for row in range(1, min(view.height, 4) + 1):
            cells = view.words(row)
            level = [
                c
                for c in cells
                if len(c.text) < 20 and re.fullmatch(r".*(?:数量|质量|时效|成本|效益|满意度)(?:指标)?", key(c.text))
            ]
            if said := laid_across(cells):
                self._unread("missing-column", f"{self._where(view, above, '')}{said}", view, row)
                return
            if level and len(cells) >= 3:
                self._unread(
                    "starts-in-middle",
                    f"{self._where(view, above, '')}从中间开始，没有表头：请与前一页的表接上",
                    view,
                    row,
                )
                return

    # ------------------------------------------------------------ rows

    def _line(self, row: int) -> None:
        now = self.open
        assert now is not None
        before = len(now.body.doubtful)
        rows = now.body.read(row) if now.body.aligned(row) else []
        if now.flat is not None:
            self._flat_line(now, now.flat, row, rows)
        elif now.section is not None:
            now.section.rows += rows
        for code, message, cell in now.body.doubtful[before:]:
            if now.form:
                now.form.doubts.append((code, message, cell))
            else:
                self.flags.append(Flag(code, message, self._quote(cell, now.view)))
        if rows:
            now.last = row

    def _flat_line(self, now: _Open, flat: Flat, row: int, rows: list[Row]) -> None:
        if (form := flat.line(now.body, row, rows)) is not None:
            self.forms.append(form)
        if rows and flat.form is None:
            name = rows[0].cells["name"]
            problem = f"“{rows[0].name}”一行看不出属于哪个项目"
            self.flags.append(Flag("project-missing", problem, self._quote(name, now.view)))

    # ------------------------------------------------------------ places

    def _where(self, view: View, title: str, name: str) -> str:
        lines = [line.strip() for line in title.splitlines() if re.search(r"[^\d\W年度]", line)]
        caption = (lines or [""])[-1] or view.grid.sheet or "无标题"
        return f"“{self.source.name}”的表“{caption}”" + (f"（{one_line(name)}）" if name else "")

    def _unread(self, code: str, problem: str, view: View, row: int) -> None:
        self.problems.append(problem)
        self.open = None
        cell = next(iter(view.words(row)), Cell("", row, 1))
        self.flags.append(Flag(code, problem, self._quote(cell, view)))

    def _quote(self, cell: Cell, view: View) -> Quote:
        place = (cell.column, cell.line, cell.page, view.grid.sheet, cell.ref, cell.scans, cell.table, cell.at)
        return Quote("title", cell.raw or cell.text, 0, 0, *place)


def _joined(forms: list[Form]) -> list[Form]:
    """The forms; one that is of a project's whole period only goes with that project's own of the year."""
    out = list(forms)
    for form in forms:
        blocks = [block for section in form.sections for block in section.body.header.blocks]
        year = next((f for f in out if f is not form and _name(*f.facts) == _name(*form.facts) != ""), None)
        if year is not None and blocks and all(block.period == "midterm" for block in blocks):
            out.remove(form)
            said = {fact.field for fact in year.facts}
            year.facts += [fact for fact in form.facts if fact.field not in said]
            year.sections += form.sections
            year.doubts += form.doubts
    return out


def _is_title(cell: Cell) -> bool:
    plain = plain_form(cell.text)
    return cell.column == 1 and len(plain) <= LONGEST_TITLE and bool(pattern("title").search(plain))


def _is_page_head(cell: Cell) -> bool:
    plain = plain_form(cell.text)
    says = ":" in plain or declared_unit(f"单位:{plain}") or label(cell.text) or _is_title(cell)
    return len(plain) <= LONGEST_TITLE and (bool(says) or _is_continued([cell.text]))


def _is_continued(lines: list[str]) -> bool:
    """Whether the words above a table say that it goes on: ``续表``, ``…目标表（续）``."""
    return any(pattern("continued").search(plain_form(line)) for line in lines)


def _name(*facts: Fact) -> str:
    named = first_of(facts, "project")
    return key(named.text) if named else ""


def _fits(view: View, header: Header) -> bool:
    """Whether a grid without a header begins with rows that a header's columns suit."""
    for row in range(1, min(view.height, 3) + 1):
        cells = {role: view.at(row, span.first) for role, span in header.columns.items()}
        words = {role: cell.text.strip() for role, cell in cells.items() if cell is not None}
        levels = [words[role] for role in ("level1", "level2") if words.get(role)]
        if words.get("name") and any(words.get(r) for r in TARGETS) and all(map(level_word, levels)):
            return True
    return False


def _department_wide(title: str, facts: list[Fact]) -> bool:
    lines = [plain_form(line) for line in title.splitlines()]
    titles = [line for line in lines if len(line) <= 40 and re.search(r"绩效|整体", line)]
    return bool(titles and pattern("department_wide").search(titles[-1])) or any(
        f.field == "department_budget" for f in facts
    )
