"""What headings leave open: which year a column is of, what it holds, whose rows a level's label rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from kg.readers import Cell
from kg.tables.compose import operator_of
from kg.tables.header import Block, Header
from kg.tables.levels import MIDDLES, level_word, middles, spread
from kg.tables.lexis import key, label, pattern, split_department
from kg.tables.rows import Row
from kg.tables.values import plain_form
from kg.tables.view import View

LOOKED_AT = 40  # rows


def settle_years(header: Header, year: int | None) -> int | None:
    """Of columns headed by years, the one of the fiscal year (else the latest) is the target, the one before prior."""
    said = None
    for block in header.blocks:
        for role, spans in block.dated.items():
            dated = {span.year: span for span in spans if span.year}
            chosen = year if year in dated else max(dated)
            if role == "budget":
                if year in (None, chosen):
                    said = said or chosen
                    block.columns[role] = dated[chosen]
                continue
            said = chosen
            block.columns[role] = dated[chosen]
            earlier = [y for y in dated if y < chosen]
            if earlier:
                block.columns.setdefault("prior", dated[max(earlier)])
            actual = block.columns.get("actual")
            if actual and actual.year and actual.year < chosen:
                block.columns.setdefault("prior", block.columns.pop("actual"))
    return said


def settle_columns(view: View, header: Header) -> None:
    """A column headed 单位 holds units of measure or names of bodies, one headed 方向 operators or words, and one
    headed 绩效指标 the levels beside the name.
    """
    for block in header.blocks:
        _settle_levels(view, header, block)
        unit = block.columns.get("unit")
        if unit is not None and key(unit.cell.text) == "单位" and "implementer" not in block.columns:
            kinds = Counter(_is_body(text) for text in _texts(view, header, block, "unit"))
            if kinds[True] > kinds[False]:
                block.columns["implementer"] = block.columns.pop("unit")
        if "direction" in block.columns and "operator" not in block.columns:
            signs = Counter(bool(operator_of(text)) for text in _texts(view, header, block, "direction"))
            if signs[True] > signs[False]:
                block.columns["operator"] = block.columns["direction"]


def _settle_levels(view: View, header: Header, block: Block) -> None:
    """Part a heading of names that is merged over the columns of the levels, too."""
    span = block.columns.get("name")
    if span is None or not 1 <= span.last - span.first <= 2 or {"level1", "level2"} & set(block.columns):
        return
    columns = range(span.first, span.last)
    words = [Counter(map(level_word, _below(view, header, column))) for column in columns]
    if not all(found and not found[""] for found in words) or not _below(view, header, span.last):
        return
    roles = ["level1", "level2"] if len(columns) == 2 else ["level2" if words[0]["level2"] else "level1"]
    for role, column in zip(roles, columns, strict=True):
        block.columns[role] = replace(span, first=column, last=column, spare=column)
    block.columns["name"] = replace(span, first=span.last)


def _texts(view: View, header: Header, block: Block, role: str) -> list[str]:
    return _below(view, header, block.columns[role].first)


def _below(view: View, header: Header, column: int) -> list[str]:
    """The first words in a column below a header, without those that lie over the column to the left, too."""
    found = []
    for row in range(header.last + 1, min(header.last + LOOKED_AT, view.height) + 1):
        if any(label(c.text) for c in view.words(row)[:1]):
            break  # the head of the next table
        cell = view.at(row, column)
        if cell is not None and cell.column == column and cell.text.strip():
            found.append(cell.text)
    return found


def _is_body(text: str) -> bool:
    return bool(pattern("department").fullmatch(plain_form(split_department(text)[1])))


def is_merged(rows: list[Row]) -> bool:
    """Whether merged cells say which rows a level's label rules."""
    return any(
        (cell := row.cells.get(level)) is not None
        and cell.text.strip()
        and (cell.rowspan > 1 or cell.row != row.number)
        for row in rows
        for level in ("level1", "level2")
    )


def middles_of(rows: list[Row]) -> frozenset[int]:
    """See levels.middles, for the rows of one table."""
    return (
        MIDDLES
        if is_merged(rows)
        else middles([r.printed["level1"] for r in rows], [r.printed["level2"] for r in rows])
    )


def settle_levels(rows: list[Row], conventions: frozenset[int]) -> list[tuple[str, str, Cell]]:
    """Give the rows of one table their levels; returns doubts about rows whose group is not certain."""
    first = [row.printed["level1"] for row in rows]
    second = [row.printed["level2"] for row in rows]
    texts = [f"{row.name} {row.values['value'].text if 'value' in row.values else ''}" for row in rows]
    level1, level2 = _merged(rows) if is_merged(rows) else spread(first, second, conventions, texts)
    named = any(level1), any(level2)  # where other rows have a level, a row without one has lost its word
    doubts = []
    for row, one, two in zip(rows, level1, level2, strict=True):
        row.level1, row.level2 = one, two
        lacking = [
            which for which, level, has in zip(("一级", "二级"), (one, two), named, strict=True) if has and not level
        ]
        if lacking:
            doubts.append(("level-unclear", f"“{row.name}”属于哪个{lacking[0]}指标，从版式看不出", row.cells["name"]))
    return doubts


def _merged(rows: list[Row]) -> tuple[list[str | None], list[str | None]]:
    """Levels where merged cells say whose they are. A blank on top of a page goes on with the label above; any other has
    lost its word, and says nothing (None).
    """
    out1: list[str | None] = []
    out2: list[str | None] = []
    level1 = level2 = ""
    on: list[Cell] = []  # blank cells that go on
    habits = [level for level in ("level1", "level2") if _blank_repeats(rows, level)]
    for row in rows:
        blank = {
            level: cell
            for level in ("level1", "level2")
            if not row.printed[level] and (cell := row.cells.get(level)) is not None and level not in habits
        }
        on += blank.values() if row.opens else ()
        lost = {level for level, cell in blank.items() if not any(cell is other for other in on)}
        one, two = row.printed["level1"], row.printed["level2"]
        if one and one != level1:
            level1, level2 = one, ""
        level2 = two or level2
        out1.append(None if "level1" in lost else level1)
        out2.append(None if "level2" in lost else level2)
    return out1, out2


def _blank_repeats(rows: list[Row], level: str) -> bool:
    """Whether blanks stand for the label above as a habit: in a column without merges, on several rows."""
    cells = [(row, cell) for row in rows if (cell := row.cells.get(level)) is not None]
    if any(cell.rowspan > 1 or cell.row != row.number for row, cell in cells):
        return False
    return sum(not row.printed[level] for row, _ in cells) > 1
