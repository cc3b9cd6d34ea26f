"""The rows below a header → indicator rows, with the cells of every column at hand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from kg.readers import Cell
from kg.tables.align import Aligner
from kg.tables.compose import BARE, Composed, compose, is_sign
from kg.tables.header import TARGETS, Block, Header, Span, find_header
from kg.tables.levels import agree, families, is_level_label, led_by_levels, level_word
from kg.tables.lexis import (
    heading_unit,
    is_ditto,
    is_template,
    is_total,
    is_unfilled,
    key,
    label,
    level_text,
    one_line,
    pattern,
    table_words,
)
from kg.tables.values import parse_target, plain_form
from kg.tables.view import View

LONGEST_NAME = 60  # characters of a name that lacks its value; a longer text is a note
TOTAL_WITHIN = 3  # rows below the last indicator


@dataclass(slots=True)
class Row:
    """One indicator row of a view: the cells by role, and the values that its columns make together."""

    number: int
    block: Block
    cells: dict[str, Cell]
    name: str
    values: dict[str, Composed]
    level1: str | None = ""
    level2: str | None = ""
    printed: dict[str, str] = field(default_factory=dict)  # level labels printed on this row
    goal: str = ""
    opens: bool = False  # whether it is the first below a header, or one printed again on the next page

    def text(self, role: str) -> str:
        cell = self.cells.get(role)
        return cell.text.strip() if cell else ""


class Body:
    """Reads the rows of one header. ``doubtful`` collects (code, message, cell) of what is no certain row."""

    def __init__(self, view: View, header: Header) -> None:
        self.view, self.header = view, header
        self.aligner = Aligner(view, header)
        self.standing: dict[str, str] = {}  # levels printed on rows of their own, which rule the rows below
        self.level1 = ""  # the one printed last
        self.said: dict[str, str] = {}  # each level's label printed last
        self.goal = ""
        self.line = -1  # the one that was last looked at
        self.opens = True
        self.parted: list[Cell] = []  # headings of values that several columns part, of which it has been said
        self.doubtful: list[tuple[str, str, Cell]] = []

    def read(self, number: int) -> list[Row]:
        """The indicator rows that a line of the grid holds: none, one, or one a block."""
        self._stand(number)
        rows = [row for block in self.header.blocks for row in self._rows(number, block)]
        if rows:
            self.standing = {}
            self.level1 = rows[0].printed["level1"] or self.level1
        return rows

    def aligned(self, number: int) -> bool:
        """Put the cells of a row below their headings; False for a row that fits nowhere: it is flagged, not read."""
        self.opens, self.line = self.line != number - 1, number
        readable, message, cell = self.aligner.settle(number)
        if message and cell is not None:
            self.doubtful.append(("row-short", message, cell))
        late = self.view.at(number, 1) not in self.view.starting(number)  # its cells have places of their own
        return readable and (late or self._long_enough(number))

    def _long_enough(self, number: int) -> bool:
        """Shift a row that has lost the places of level cells merged above it, where its own words show by how much.

        False for a row that is too short and fits nowhere.
        """
        cells, heads = list(self.view.across(number)), self.header.heads
        short = len(heads) - len(cells)
        columns = self.header.columns
        if short <= 0 or len(cells) < 2 or self.header.flat or any(c.colspan * c.rowspan > 1 for c in [*cells, *heads]):
            return True
        levels = [(r, columns[r]) for r in ("level1", "level2") if r in columns]
        if len(self.header.blocks) > 1 or not levels or label(cells[0].text):
            return True
        leads = next((role for role, span in levels if span.first == short + 1), "")
        edge = max(span.first for _, span in levels)
        if _is_level(cells[0].text, leads) if leads else short == edge and not _is_level(cells[0].text, "level2"):
            self.view.shift(number, short)
            merged = any(c.rowspan > 1 for row in self.view.rows for c in row)  # so that merges tell what a row lacks
            if merged and leads == "level2" and level_word(cells[0].text) != "level2":
                message = f"“{one_line(cells[0].text)}”是一级还是二级指标，从版式看不出，按二级算"
                self.doubtful.append(("row-short", message, cells[0]))
            return True
        if len(cells) > 2 or any(parse_target(c.text).number is not None for c in cells):
            self.doubtful.append(("row-short", f"一行只有 {len(cells)} 格，表头有 {len(heads)} 列，对不上", cells[0]))
            return False
        return True

    def _stand(self, number: int) -> None:
        """Keep the levels and goals that stand on a row of their own: in stair-step trees, in lists that such rows part,
        and on rows of a form that nobody filled in.
        """
        if self._has_values(number):
            return
        cells = self.view.words(number)
        for cell in cells:
            level = self._level(number, cell)
            if level == "level1":
                self.standing = {}
            if level:
                self.standing[level] = level_text(cell.text)
        text = one_line(cells[0].text) if len(cells) == 1 and self._is_wide(cells[0]) else ""
        if len(text) > 4 and pattern("goal_number").match(text):
            self.goal = text

    def _has_values(self, number: int) -> bool:
        """Whether a row has a value that is not its name's own cell."""
        for block in self.header.blocks:
            name = self.cell(number, block.columns["name"]) if "name" in block.columns else None
            cells = [self.cell(number, block.columns[role]) for role in TARGETS if role in block.columns]
            if any(cell is not None and cell is not name and cell.text.strip() for cell in cells):
                return True
        return False

    def _level(self, number: int, cell: Cell) -> str:
        """The level that a cell of a row without values is the label of: by its column, else by its word."""
        word = level_word(cell.text)
        if column := self._column(cell, "level1", "level2"):
            plain = len(key(cell.text)) <= 8 and not label(cell.text) and not is_template(cell.text)
            return column if word or plain else ""
        named = self._column(cell, "name") and pattern("level_name").fullmatch(level_text(cell.text))
        if not word or not (self._is_wide(cell) or named):
            return ""
        one, two = self.header.columns.get("level1"), self.header.columns.get("level2")
        if one and two and one.first < two.first == cell.column:
            return "level2"  # merged from its own column to the edge
        if word != "either":
            return word
        parent = self.standing.get("level1", self.level1)
        if "level2" in self.header.columns or not parent or not agree(parent, level_text(cell.text)):
            return "level1"
        return "level2" if number < self.view.height and self._has_values(number + 1) else "level1"

    def _column(self, cell: Cell, *roles: str) -> str:
        """Which of some roles' columns a cell lies in; empty for none."""
        end = cell.column + cell.colspan - 1
        return next(
            (
                role
                for block in self.header.blocks
                for role in roles
                if (span := block.columns.get(role)) and span.first <= cell.column and end <= span.last
            ),
            "",
        )

    def across(self, number: int) -> Cell | None:
        """The cell of a row that lies over the projects' column and one of indicators: a title or a unit's line."""
        columns = self.header.columns
        project = columns["project"].first
        others = [s.first for r in ("level1", "level2", "name") if (s := columns.get(r)) and s.first > project]
        cells = (c for c in self.view.words(number) if c.column <= project)
        return next((c for c in cells if others and c.column + c.colspan > min(others)), None)

    def _is_wide(self, cell: Cell) -> bool:
        return cell.colspan > 2 or self.view.width <= 2

    def _rows(self, number: int, block: Block) -> list[Row]:
        """The row of a block; several, where its cells hold as many names as values, a line each, or a value a place."""
        if parts := block.parted():
            return [row for span in parts for row in self._of_part(number, block, span)]
        row = self._row(number, block)
        if row is None or "value" not in row.values:
            return [] if row is None else [row]
        names, values = _lines(row.cells["name"].text), _lines(row.text("value"))
        if len(values) < 2 or any(parse_target(v).kind == "text" for v in values):
            return [row]
        if len(names) == len(values) and row.cells["value"].row == row.cells["name"].row:
            return [
                replace(row, name=pattern("indicator_number").sub("", name), values={"value": Composed(value)})
                for name, value in zip(names, values, strict=True)
            ]
        said = "、".join(f"“{v}”" for v in values)
        message = f"“{row.name}”一格有 {len(values)} 个指标值（{said}），分不清各属哪一个"
        self.doubtful.append(("glued-value", message, row.cells["value"]))
        return []

    def _of_part(self, number: int, block: Block, span: Span) -> list[Row]:
        """The row of one of the columns that part the values (a place, a quarter): an indicator whose name says which."""
        cell = self.cell(number, span)
        row = None
        if cell is not None and cell.text.strip():
            row = self._row(number, replace(block, columns=block.columns | {"value": span}, rivals=[]))
        if row is None or span.group is None:
            return []
        if span.group not in self.parted:
            self.parted.append(span.group)
            heads = "”“".join(one_line(s.cell.text) for s in block.parted())
            message = f"“{one_line(span.group.text)}”下分成“{heads}”几列：一列的值各作一个指标，列名写在指标名称后面"
            self.doubtful.append(("two-value-columns", message, span.group))
        return [replace(row, block=block, name=f"{row.name}（{one_line(span.cell.text)}）")]

    def _row(self, number: int, block: Block) -> Row | None:
        cells = {role: cell for role, span in block.columns.items() if (cell := self.cell(number, span))}
        name, row_values = cells.get("name"), self._values(number, block, cells)
        if name is None or self._is_total(number) or not name.text.strip():
            self._lost(number, block, cells)
            return None
        if cells.get("level1") is name or cells.get("level2") is name or cells.get("value") is name:
            self._lies_over(number, block, name, cells)
            return None
        if any(cell is not None and cell.row < number for cell in (name,)) and all(
            c.row < number for role in TARGETS if (c := cells.get(role))
        ):
            return None  # the row is cut by another column only
        if name.row <= self.header.last:
            return None  # a heading that reaches down
        text = one_line(name.text)
        stripped = pattern("indicator_number").sub("", text)
        if is_template(text) or not stripped:
            self.doubtful.append(("template-text", f"“{text}”是模板文字，不是指标", name))
            return None
        described = (cell := cells.get("description")) is not None and bool(cell.text.strip())
        if is_level_label(text) and not described and any(v.text for v in row_values.values()):
            if not self._named_as_its_level(number, text, cells):
                self.doubtful.append(("row-short", f"“{text}”是级次的叫法，不是指标名称", name))
                return None
            self.doubtful.append(("name-missing", f"“{text}”与它的二级指标同名：照原样收下，请核对量的是什么", name))
        if pattern("outcome").match(text):
            self.doubtful.append(("name-missing", f"“{text}”像是指标值，不像指标名称：两格可能写反了", name))
            return None
        said = [v for v in row_values.values() if v.text]
        if not said:
            self._without_value(number, block, name)
            return None
        if is_ditto(text) or is_ditto(said[0].text):
            message = f"“{text}”的指标值是“{said[0].text}”：与上一行相同的没有替它填，请写明"
            self.doubtful.append(("template-text", message, name))
            return None
        if all(is_template(v.text) or is_unfilled(v.text) for v in said):
            self.doubtful.append(("template-text", f"“{text}”的指标值“{said[0].text}”不是填写的内容", name))
            return None
        if self._has_rival(number, block, text, cells.get("value")):
            return None
        if (goal := cells.get("goal")) and goal.text.strip():
            self.goal = goal.text.strip()
        row = Row(number, block, cells, stripped, row_values, goal=self.goal, opens=self.opens)
        for level in ("level1", "level2"):
            cell = cells.get(level)
            word = level_text(cell.text) if cell else ""
            word = self.said.get(level, "") if is_ditto(word) else word
            self.said[level] = word or self.said.get(level, "")
            row.printed[level] = word or self.standing.get(level, "")
        if "level2" not in block.columns and len(both := led_by_levels(row.printed["level1"])[0]) > 1:
            row.printed = {"level1": both[0], "level2": both[-1]}  # 产出指标-数量指标 in one cell
        words, rest = led_by_levels(stripped) if not {"level1", "level2"} & set(block.columns) else ([], "")
        if len(words) > 1 and rest.strip():
            row.printed, row.name = {"level1": words[0], "level2": words[-1]}, rest.strip()
        return row

    def _named_as_its_level(self, number: int, text: str, cells: dict[str, Cell]) -> bool:
        """Whether an indicator is the only one of its level and called what that is called, so that no cell has slipped.

        It has to say what is measured, as 服务对象满意度指标 does, or to have a value in words.
        """
        level, value = cells.get("level2"), cells.get("value")
        if level is None or level.row != number or level.rowspan > 1 or level_text(level.text) != level_text(text):
            return False
        told = families(level_text(text), "level2") == {"satisfaction"}
        return value is not None and (told or parse_target(value.text).number is None)

    def _lies_over(self, number: int, block: Block, name: Cell, cells: dict[str, Cell]) -> None:
        """Flag a cell that lies over the column of names and that of values or levels, where it holds an indicator."""
        value = cells.get("value")
        if name.row != number or len(self.view.words(number)) < 2 or label(name.text) or self._is_total(number):
            return
        if value is name and name.column >= block.columns["name"].first and re.search(r"\d", name.text):
            self.doubtful.append(("row-short", f"“{one_line(name.text)}”占了名称和指标值两列，分不开", name))
        elif value is not None and value is not name and parse_target(value.text).number is not None:
            self.doubtful.append(("row-short", f"“{one_line(name.text)}”占了级次和名称两列，分不清是哪一个", name))

    def _has_rival(self, number: int, block: Block, name: str, value: Cell | None) -> bool:
        """Flag an indicator with different words in two columns of which either could be that of the values."""
        if value is None:
            return False
        span = block.columns["value"]
        cells = [c for c in self.view.across(number, span.first, span.last) if c.text.strip()]
        parts = [c for c in cells if re.search(r"\d", c.text)] or [c for c in cells if not is_sign(c.text)]
        if len(parts) > 1:
            written = "、".join(f"“{one_line(c.text)}”" for c in parts)
            self.doubtful.append(
                ("two-value-columns", f"“{name}”在“{one_line(span.cell.text)}”下有几个值（{written}）", value)
            )
            return True
        said = [(span.cell, value)]
        said += [(span.cell, cell) for span in block.rivals if (cell := self.cell(number, span)) and cell.text.strip()]
        if len({plain_form(cell.text) for _, cell in said if cell.text.strip()}) < 2:
            return False
        columns = "、".join(f"“{one_line(head.text)}”列写“{one_line(cell.text)}”" for head, cell in said)
        self.doubtful.append(("two-value-columns", f"“{name}”：{columns}，看不出哪一个是指标值", value))
        return True

    def _without_value(self, number: int, block: Block, name: Cell) -> None:
        """Flag an indicator that has a name and no value."""
        span = block.columns["name"]
        if name.row != number or name.colspan > span.last - span.first + 1 or "value" not in block.columns:
            return
        text = one_line(name.text)
        if block.period in ("midterm", "half_year") or len(text) > LONGEST_NAME or self._level(number, name):
            return
        heads = [re.split("[:：]", c.text)[0] for c in self.view.words(number)]
        if any(label(head) or key(head) in table_words()["totals"]["footers"] for head in heads) or find_header(
            self.view, number
        ):
            return
        rivals = [(s, c) for s in block.rivals if (c := self.cell(number, s)) is not None and c.text.strip()]
        for other, cell in rivals[:1]:
            head = one_line(block.columns["value"].cell.text)
            message = f"“{text}”：“{head}”列空着，“{one_line(other.cell.text)}”列写“{one_line(cell.text)}”，看不出是不是指标值"
            self.doubtful.append(("two-value-columns", message, cell))
        if not rivals:
            self.doubtful.append(("row-short", f"“{text}”一行没有指标值", name))

    def total(self, role: str, after: int) -> Cell | None:
        """The cell of a column in the row of totals (``总分``) that ends the indicators, the last in row ``after``."""
        span = next((s for block in self.header.blocks if (s := block.columns.get(role))), None)
        for number in range(after + 1, min(after + TOTAL_WITHIN, self.view.height) + 1) if span else ():
            if any(is_total(c.text) for c in self.view.words(number)[:2]):
                cell = self.cell(number, span) if span else None
                return cell if cell is not None and not is_total(cell.text) else None
        return None

    def cell(self, number: int, span: Span) -> Cell | None:
        """The cell of a column in a row, with words if there is one."""
        found = [c for c in self.view.across(number, span.first, span.last) if c.text.strip()]
        return found[0] if found else self.view.at(number, span.first)

    def _values(self, number: int, block: Block, cells: dict[str, Cell]) -> dict[str, Composed]:
        out: dict[str, Composed] = {}
        for role in TARGETS:
            if role not in block.columns:
                continue
            operator0, value, unit0 = self._pieces(number, block.columns[role])
            own = block.parts.get(role, {})
            grouped = any(block.parts.values())
            operator = self._part(number, own.get("operator"), None if grouped else cells.get("operator"))
            unit = self._part(number, own.get("unit"), cells.get("unit"))
            if role == "actual" and not own.get("operator"):
                operator = ""  # the sign of the target's column says nothing of what was reached
            headed = (
                heading_unit(block.columns[role].cell.text) if BARE.fullmatch(plain_form(value).lstrip("≥≤<>=")) else ""
            )
            out[role] = compose(operator0 or operator, value, unit0 or unit or headed)
        return out

    def _pieces(self, number: int, span: Span) -> tuple[str, str, str]:
        """Operator, value and unit that stand in several cells under one heading; the first and last may be empty."""
        cells = [c.text.strip() for c in self.view.across(number, span.first, span.last) if c.text.strip()]
        spare = [c.text.strip() for c in self.view.across(number, span.last + 1, span.spare) if c.text.strip()]
        if spare and (not cells or is_sign(cells[-1]) or BARE.fullmatch(plain_form(cells[-1]))):
            cells += spare[: 3 - len(cells)]
        operator = cells.pop(0) if len(cells) > 1 and is_sign(cells[0]) else ""
        if len(cells) == 2 and BARE.fullmatch(plain_form(cells[0])):
            return operator, cells[0], cells[1]
        return operator, "".join(cells), ""

    def _part(self, number: int, own: Span | None, shared: Cell | None) -> str:
        cell = self.cell(number, own) if own else shared
        return cell.text if cell else ""

    def _is_total(self, number: int) -> bool:
        cells = self.view.words(number)
        return bool(cells) and (is_total(cells[0].text) or key(cells[0].text) in table_words()["totals"]["footers"])

    def _lost(self, number: int, block: Block, cells: dict[str, Cell]) -> None:
        """Flag a value without a name."""
        cell = cells.get("value")
        if cell is None or not cell.text.strip() or cell.row != number or self._is_total(number):
            return
        if any(label(c.text) for c in self.view.words(number)):
            return  # the head of the next table
        if cell.colspan > block.columns["value"].cell.colspan or len(self.view.words(number)) < 2:
            return
        if "name" in block.columns and not is_template(cell.text):
            self.doubtful.append(("name-missing", f"指标值“{one_line(cell.text)}”旁没有指标名称", cell))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _is_level(text: str, level: str) -> bool:
    """Whether a cell is a level's word, not a name that has one in it."""
    word = level_text(text)
    return bool(families(word, level)) and (word.endswith("指标") or len(word) <= 7)
