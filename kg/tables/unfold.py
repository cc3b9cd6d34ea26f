"""Tables that lost their cells, laid out again: indicators written into one cell, pages copied as text line by line."""

from __future__ import annotations

import re
from dataclasses import replace

from kg.readers import Cell, Grid
from kg.tables.header import TARGETS
from kg.tables.levels import agree, families, led_by_levels, level_word
from kg.tables.lexis import column_roles, full_key, inline, is_total, key, label, level_text, pattern, table_words
from kg.tables.values import parse_target
from kg.tables.view import View

HEADS = ("level1", "level2", "name", "value")
LEAST = 2  # indicators of one cell, or headings of one list


def unfolded(grid: Grid) -> Grid | None:
    """The indicators that are written into one cell of a form, a row each below a header; None where there are none.

    Lines that are no indicator stand as names without a value.
    """
    view = View(grid)
    for row in range(1, view.height + 1):
        for cell in view.words(row):
            lines = [line.strip() for line in re.split(r"[\n；;]", cell.text) if line.strip()]
            if len(lines) >= LEAST and label(cell.text) == "":
                rows = _written(cell, lines)
                if sum(bool(r[3].text) for r in rows) >= LEAST and any(r[0].text or r[1].text for r in rows):
                    return Grid(sheet=grid.sheet, rows=[_heads(cell), *rows])
    return None


def _heads(cell: Cell) -> list[Cell]:
    known = table_words()["columns"]
    return [
        replace(cell, text=known[role][0], row=1, column=at, rowspan=1, colspan=1, raw="")
        for at, role in enumerate(HEADS, 1)
    ]


def _written(cell: Cell, lines: list[str]) -> list[list[Cell]]:
    """(level 1, level 2, name, value) of each line; a line that is a level's word alone rules those below."""
    out: list[list[Cell]] = []
    level1 = level2 = ""
    marks: set[str] = set()  # how the lines of first levels are numbered
    bare = False  # whether nothing stands below the label of the second level yet
    for line in lines:
        said, rest = led_by_levels(line)
        if len(said) > 1:
            level1, level2 = said[0], said[-1]
        elif said and _is_second(said[0], level1) and not (level_word(said[0]) != "level2" and _mark(line) in marks):
            if bare and level_word(level2) == "either":
                level1 = level2  # 成本指标 right above 经济成本指标
            level2 = said[0]
        elif said:
            level1, level2 = said[0], ""
            marks |= {_mark(line)} - {""}
        bare = not rest.strip()
        if bare:
            continue
        name, value = _named(rest)
        texts = (level1, level2, name, value)
        row = len(out) + 2
        out.append(
            [replace(cell, text=t, row=row, column=at, rowspan=1, colspan=1, raw="") for at, t in enumerate(texts, 1)]
        )
    return out


def _is_second(word: str, level1: str) -> bool:
    """Whether a level's word alone is a second level below ``level1``; 效益指标 below 产出指标 is a first one."""
    if not families(word, "level2"):
        return False
    return level_word(word) == "level2" or (agree(level1, word) if level1 else level_word(word) != "level1")


def _mark(line: str) -> str:
    """How a line is numbered: alike for ``一、`` and ``二、``, not for ``（一）`` and ``1.``; empty where it is not."""
    found = pattern("written_mark").match(line)
    return f"{bool(found['open'])}{bool(found['word'])}" if found else ""


def _named(text: str) -> tuple[str, str]:
    """``指标1：机柜数量（≥77台）`` → (机柜数量, ≥77台); the value is empty where none is found."""
    text = pattern("written_number").sub("", text.strip()).strip("；;。 ")
    for form in ("written_bracket", "written_colon", "written_sign"):
        found = pattern(form).fullmatch(text)
        if found and (form != "written_sign" or parse_target(found["value"]).number is not None):
            return found["name"].strip(" =＝"), found["value"].strip()
    return text, ""


def listed(grid: Grid) -> Grid | None:
    """A page copied as text, a cell a line, as a table again; None where its lines are not of one.

    Labels of the head stand with the line below; below the headings a row begins with the labels of its levels, where
    these change, and has a line for each other heading. What fits no row stands as a row that is too short.
    """
    lines = [row[0] for row in grid.rows if len(row) == 1 and row[0].text.strip()]
    if len(lines) != len(grid.rows):
        return None
    start, roles = _heading_lines(lines)
    if not roles:
        return None
    rows = _head_rows(lines[:start])
    rows.append(lines[start : start + len(roles)])
    rows += _body_rows(lines[start + len(roles) :], roles)
    placed = [[replace(c, row=r, column=at) for at, c in enumerate(cells, 1)] for r, cells in enumerate(rows, 1)]
    return replace(grid, rows=placed)


def _heading_lines(lines: list[Cell]) -> tuple[int, list[str]]:
    """Where the headings of the list begin, and the role of each; no roles where there are none."""
    for start, cell in enumerate(lines):
        roles: list[str] = []
        for other in lines[start:]:
            found = [role for role, _ in column_roles(key(other.text), full_key(other.text))[0]]
            fresh = [role for role in found if role not in roles]
            if not fresh or len(other.text) > 20:
                break
            roles.append(fresh[0])
        if len(roles) > LEAST and "name" in roles and set(roles) & set(TARGETS) and column_roles(key(cell.text))[0]:
            return start, roles
    return 0, []


def _head_rows(lines: list[Cell]) -> list[list[Cell]]:
    out: list[list[Cell]] = []
    at = 0
    while at < len(lines):
        cell = lines[at]
        below = lines[at + 1] if at + 1 < len(lines) else None
        if label(cell.text) and below is not None and not label(below.text) and not inline(below.text):
            out.append([cell, below])
            at += 2
        else:
            out.append([cell])
            at += 1
    return out


def _body_rows(lines: list[Cell], roles: list[str]) -> list[list[Cell]]:
    levels = [role for role in roles if role in ("level1", "level2")]
    width = len(roles) - len(levels)
    leading = roles[: len(levels)] == levels
    out: list[list[Cell]] = []
    at = 0
    while at < len(lines):
        if is_total(lines[at].text) or key(re.split("[:：]", lines[at].text)[0]) in table_words()["totals"]["footers"]:
            out += [[cell] for cell in lines[at:]]
            break
        own, at = _levels(lines, at, levels) if leading else ({}, at)
        taken: list[Cell] = []
        while at < len(lines) and len(taken) < width and not (taken and _is_label(lines[at].text)):
            taken.append(lines[at])
            at += 1
        blank = replace((taken or lines)[0], text="")
        cells = [own.get(role, blank) for role in levels] + taken
        out.append(cells + [blank] * (len(roles) - len(cells)))
    return out


def _levels(lines: list[Cell], at: int, levels: list[str]) -> tuple[dict[str, Cell], int]:
    """The labels of levels that a row begins with, and where the rest of it begins."""
    here, after = (lines[i] if i < len(lines) else None for i in (at, at + 1))
    if here is None or not _is_label(here.text):
        return {}, at
    if levels == ["level1", "level2"] and after is not None and _is_label(after.text):
        return {"level1": here, "level2": after}, at + 2
    level = (
        "level2" if "level2" in levels and families(level_text(here.text), "level2") else levels[0] if levels else ""
    )
    return ({level: here}, at + 1) if level else ({}, at)


def _is_label(text: str) -> bool:
    word = level_text(text)
    return bool(level_word(text)) and word.endswith(("指标", "值")) and len(word) <= 12
