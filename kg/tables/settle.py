"""Headings that leave open what their column holds: it is settled by the fiscal year, or by the cells below."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from kg.tables.compose import operator_of
from kg.tables.header import Block, Header
from kg.tables.levels import level_word
from kg.tables.lexis import key, label, pattern, split_department
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
