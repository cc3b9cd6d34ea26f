"""Headings that leave open what their column holds: it is settled by the fiscal year, or by the cells below."""

from __future__ import annotations

from collections import Counter

from kg.tables.compose import operator_of
from kg.tables.header import Block, Header
from kg.tables.lexis import key, pattern, split_department
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
    """A column headed 单位 holds units of measure or names of bodies, one headed 方向 operators or words."""
    for block in header.blocks:
        unit = block.columns.get("unit")
        if unit is not None and key(unit.cell.text) == "单位" and "implementer" not in block.columns:
            kinds = Counter(_is_body(text) for text in _texts(view, header, block, "unit"))
            if kinds[True] > kinds[False]:
                block.columns["implementer"] = block.columns.pop("unit")
        if "direction" in block.columns and "operator" not in block.columns:
            signs = Counter(bool(operator_of(text)) for text in _texts(view, header, block, "direction"))
            if signs[True] > signs[False]:
                block.columns["operator"] = block.columns["direction"]


def _texts(view: View, header: Header, block: Block, role: str) -> list[str]:
    """The first cells below a heading, without those that lie over other columns too."""
    column = block.columns[role].first
    rows = range(header.last + 1, min(header.last + LOOKED_AT, view.height) + 1)
    return [cell.text for row in rows if (cell := view.at(row, column)) and cell.column == column and cell.text.strip()]


def _is_body(text: str) -> bool:
    return bool(pattern("department").fullmatch(plain_form(split_department(text)[1])))
