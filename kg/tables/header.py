"""Header rows of indicator tables: which column holds what, by the words of the heading and its group cells."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise

from kg.readers import Cell
from kg.tables.compose import is_sign
from kg.tables.fundings import funding_kind
from kg.tables.lexis import MONEY, column_roles, full_key, is_whole, key, label, table_words
from kg.tables.values import parse_target, plain_form
from kg.tables.view import View

TARGETS = ("value", "midterm", "half_year", "prior", "actual", "interim")
"""Columns that hold a value of an indicator, each for another period or meaning."""
CORE = frozenset(("level1", "level2", "name", "description", "operator", *TARGETS))
DEPTH = 3  # header rows at most


@dataclass(frozen=True, slots=True)
class Span:
    """The columns of one heading, and the heading's cell; up to ``spare`` no other heading stands to its right."""

    first: int
    last: int
    cell: Cell
    group: Cell | None = None
    year: int | None = None
    spare: int = 0


@dataclass(slots=True)
class Block:
    """The columns of one list of indicators; two lists may stand side by side.

    ``period`` is one of ``[periods]``, empty where nothing says it.
    """

    columns: dict[str, Span] = field(default_factory=dict)
    parts: dict[str, dict[str, Span]] = field(default_factory=dict)  # target role → its own operator and unit
    period: str = ""
    dated: dict[str, list[Span]] = field(default_factory=dict)  # role → its columns that are headed by a year
    rivals: list[Span] = field(default_factory=list)  # other columns that could hold the value as well
    fundings: list[Span] = field(default_factory=list)  # columns of one source's money each

    def parted(self) -> list[Span]:
        """The columns below one heading of values whose own headings say nothing known: a place each, a quarter each."""
        spans = [self.columns["value"], *self.rivals] if self.rivals and "value" in self.columns else []
        group = spans[0].group if spans else None
        unknown = not any(_is_heading(s.cell) for s in spans)
        same = group is not None and all(s.group is group for s in spans)
        return sorted(spans, key=lambda s: s.first) if same and unknown else []


@dataclass(slots=True)
class Header:
    """Rows ``first`` to ``last`` of a view are a header with these blocks."""

    first: int
    last: int
    blocks: list[Block]
    heads: list[Cell]  # the cells of the last row, blank ones too
    places: list[dict[str, tuple[int, int]]] = field(init=False)

    def __post_init__(self) -> None:
        self.places = [{r: (s.first, s.last) for r, s in b.columns.items()} for b in self.blocks]

    @property
    def columns(self) -> dict[str, Span]:
        return self.blocks[0].columns

    @property
    def flat(self) -> bool:
        """Whether the projects themselves are a column."""
        return "project" in self.columns

    def continues(self, other: Header) -> bool:
        """Whether ``other`` names the same columns and no other periods: this header printed again on the next page."""
        return self.places == other.places and all(
            after.period in ("", before.period) for before, after in zip(self.blocks, other.blocks, strict=True)
        )


def find_header(view: View, row: int) -> Header | None:
    """The header that starts in ``row``, with as many rows below as carry headings only; None where there is none."""
    if not _may_begin(view.words(row)):
        return None
    best: Header | None = None
    for last in range(row, min(row + DEPTH, view.height + 1)):
        if last > row and not _continues(view, last):
            break
        blocks = _blocks(view, row, last)
        if blocks and _enough(blocks[0]) and (best is None or _count(blocks) >= _count(best.blocks)):
            best = Header(row, last, blocks, list(view.across(last)))
    if best is not None and best.last < view.height and _counts_columns(view.words(best.last + 1)):
        best.last += 1
    return best


def _counts_columns(cells: list[Cell]) -> bool:
    """Whether a row only numbers the columns: ``1 2 3 …``, ``栏次 1 2 3=1+2``."""
    numbers = [re.match(r"\d{1,2}(?=$|=)", plain_form(c.text).strip("()")) for c in cells]
    counted = [int(found[0]) for found in numbers if found]
    return (
        len(counted) >= max(3, len(cells) - 1)
        and (len(counted) == len(cells) or numbers[0] is None)
        and all(b - a == 1 for a, b in pairwise(counted))
    )


def _may_begin(cells: list[Cell]) -> bool:
    """Whether a row of cells can be a header's first: short words only, and one of them of indicators."""
    if len(cells) < 2 or any(len(key(c.text)) > 24 or len(c.text) > 80 for c in cells):
        return False
    return any(
        any(role in CORE for role, _ in column_roles(key(c.text), full_key(c.text))[0])
        or ("指标" in c.text and _period(key(c.text)))
        for c in cells
    )


def _is_heading(cell: Cell) -> bool:
    word = key(cell.text)
    return bool(column_roles(word, full_key(cell.text))[0] or _period(word) or is_whole(word))


def _continues(view: View, row: int) -> bool:
    """Whether a row goes on with the header: every cell that starts in it, with words, is a heading."""
    cells = view.words(row)
    if len(cells) == 1 and is_whole(key(cells[0].text)):
        return False  # the line of the total
    above = {id(c): view.at(row - 1, c.column) for c in cells}
    parted = _parted(cells, [above[id(c)] for c in cells])
    known = parted or [c for c in cells if _is_heading(c) or _is_source(above[id(c)], c)]
    if not known or any(len(key(c.text)) > 12 for c in cells):
        return False
    return all(c in known or _is_amount(above[id(c)], c) for c in cells) and not any(
        (over := above[id(c)]) and over.text.strip() == c.text.strip() for c in cells
    )


def _parted(cells: list[Cell], above: list[Cell | None]) -> list[Cell]:
    """The cells of a row that only parts one wider heading of values, by year, by place; none for any other row.

    An export without merges has blanks to the right of the wider heading.
    """
    over, *others = above or [None]
    if over is None or len(cells) < 2 or any(b.column - a.column != a.colspan for a, b in pairwise(cells)):
        return []
    if over.colspan == 1:
        wide = all(cell is not None and not cell.text.strip() for cell in others)
    else:
        wide = over.colspan >= len(cells) and all(cell is over for cell in others)
    values = any(role in TARGETS for role, _ in column_roles(key(over.text), full_key(over.text))[0])
    names = all(re.search(r"[^\W\d_]", c.text) and not _is_figure(c) and not is_sign(c.text) for c in cells)
    return cells if wide and values and names else []


def _is_figure(cell: Cell) -> bool:
    target = parse_target(cell.text)
    return target.number is not None or (target.kind == "date" and not re.fullmatch(r"20\d\d年?度?", key(cell.text)))


def _is_amount(above: Cell | None, cell: Cell) -> bool:
    """Whether a heading stands below a wider one of amounts, so that it is a part of them whatever it is called."""
    if above is None or above.colspan <= cell.colspan:
        return False
    return any(role in MONEY for role, _ in column_roles(key(above.text), full_key(above.text))[0])


def _is_source(above: Cell | None, cell: Cell) -> bool:
    """Whether a heading names one source's money below a wider one of funds (``资金来源`` over ``中央``, ``市级``)."""
    if above is None or above.colspan <= cell.colspan or not funding_kind(cell.text):
        return False
    return label(above.text) == "fund_source" or _is_amount(above, cell)


def _enough(block: Block) -> bool:
    roles = set(block.columns)
    core = roles & CORE
    named = "name" in roles and roles & set(TARGETS)
    return bool(named) or len(core) >= 3 or (bool(roles & {"level1", "level2"}) and len(core) >= 2 and len(roles) >= 3)


def _count(blocks: list[Block]) -> int:
    return sum(len(b.columns) + sum(map(len, b.parts.values())) for b in blocks)


def _period(word: str) -> str:
    """The period that a heading speaks of, empty where of none."""
    for period, marks in table_words()["periods"].items():
        if any(mark in word for mark in marks):
            return str(period)
    return ""


@dataclass(slots=True)
class _Heading:
    span: Span
    roles: list[tuple[str, int]]
    period: str
    grouped: bool = False  # the period is said by a group cell, not by the heading's own words
    own: bool = True  # the roles are said by the heading's own words, with its group's perhaps, not by the group alone


def _headings(view: View, first: int, last: int) -> list[_Heading]:
    if first < last and _jagged(view, first, last):
        return _by_order(view, first, last)
    out: list[_Heading] = []
    seen: list[Cell] = []
    for column in range(1, view.width + 1):
        stack: list[Cell] = []
        for row in range(first, last + 1):
            cell = view.at(row, column)
            if row < last and cell is not None and not cell.text.strip():
                cell = _group_to_the_left(view, row, column)
            if cell is not None and cell.text.strip() and cell not in stack:
                stack.append(cell)
        if not stack or any(stack[-1] is cell for cell in seen):
            continue
        leaf = stack[-1]
        seen.append(leaf)
        span = Span(leaf.column, leaf.column + leaf.colspan - 1, leaf, stack[-2] if len(stack) > 1 else None)
        out.append(_heading(stack, span))
    for here, after in zip(out, [*out[1:], None], strict=False):
        here.span = replace(here.span, spare=_spare(view, first, last, here.span, after.span if after else None))
    return out


def _spare(view: View, first: int, last: int, span: Span, after: Span | None) -> int:
    """The last column to the right of a heading that has none itself (the heading was merged over it, perhaps)."""
    edge = after.first - 1 if after else view.width
    for column in range(span.last + 1, edge + 1):
        if any((c := view.at(row, column)) is not None and c.text.strip() for row in range(first, last + 1)):
            return column - 1
    return max(edge, span.last)


def _group_to_the_left(view: View, row: int, column: int) -> Cell | None:
    """The group cell that an export without merges leaves blank above a heading."""
    under = view.at(row + 1, column)
    if under is None or not under.text.strip():
        return None
    for left in range(column - 1, 0, -1):
        cell = view.at(row, left)
        if cell is not None and cell.text.strip():
            below = view.at(row + 1, left)
            return cell if below is not None and below.text.strip() and below is not cell else None
    return None


def _jagged(view: View, first: int, last: int) -> bool:
    """Whether rows have lost their spans both ways (text exports), so that columns do not stand under their groups."""
    above, below = view.starting(first), view.starting(last)
    return len(above) < len(below) and all(c.colspan == c.rowspan == 1 for c in [*above, *below]) and bool(
        above[-1].text.strip()
    )  # fmt: skip


def _by_order(view: View, first: int, last: int) -> list[_Heading]:
    """Headings of a jagged header. A blank below stands for a heading above that reaches down; a run of words below
    for one group above, or for groups of periods that belong to its runs of equal headings in their order.
    """
    above, below = view.starting(first), view.starting(last)
    groups = len(above) - sum(not c.text.strip() for c in below)
    runs = sum(bool(c.text.strip()) and (k == 0 or not below[k - 1].text.strip()) for k, c in enumerate(below))
    out: list[_Heading] = []
    spare = iter(above)
    group: Cell | None = None
    for k, cell in enumerate(below):
        if groups < runs or (runs > 1 and groups > runs):
            stack = [cell]
        elif not cell.text.strip():
            stack = [next(spare)]
        elif runs == groups:
            group = next(spare) if k == 0 or not below[k - 1].text.strip() else group
            stack = [group, cell] if group else [cell]
        else:
            stack = [cell]
        if stack[-1].text.strip():
            out.append(_heading(stack, Span(cell.column, cell.column, stack[-1], stack[0] if len(stack) > 1 else None)))
    if groups > runs:
        _periods_in_order(out, [c for c in above if _period(key(c.text))])
    return out


def _periods_in_order(headings: list[_Heading], groups: list[Cell]) -> None:
    runs: list[list[_Heading]] = []
    for heading in headings:
        if not heading.roles or heading.roles[0][0] not in ("operator", "unit", *TARGETS):
            continue
        if not runs or any(key(h.span.cell.text) == key(heading.span.cell.text) for h in runs[-1]):
            runs.append([])
        runs[-1].append(heading)
    if len(groups) == len(runs) > 1:
        for group, run in zip(groups, runs, strict=True):
            for heading in run:
                heading.span = replace(heading.span, group=group)
                heading.period, heading.grouped = _period(key(group.text)), True


def _heading(stack: list[Cell], span: Span) -> _Heading:
    """The roles of a column from its headings, top to bottom; a leaf that says too little is read with its group."""
    *groups, leaf = [key(cell.text) for cell in stack]
    period = ""
    grouped = False
    for word in [*reversed(groups)]:
        if found := _period(word):
            period, grouped = found, True
            break
    joined = [form for group in reversed(groups) for form in (leaf + group, group + leaf)]
    above = [column_roles(group)[0] for group in reversed(groups)]
    money = next((roles for roles in above if roles and roles[0][0] in MONEY), [])
    if money and is_whole(leaf):
        return _Heading(_of_year(span, groups), money, period, grouped)
    of_value = any(role in TARGETS for roles in above for role, _ in roles)
    for word in (*joined, leaf) if of_value else (leaf, *joined):
        roles, year = column_roles(word, full_key(stack[-1].text) if word == leaf else "")
        if roles:
            span = replace(span, year=year) if year else _of_year(span, groups) if roles[0][0] in MONEY else span
            return _Heading(span, roles, period, grouped)
    for roles in above:
        if roles and not money:  # a part of an amount that has no known name is not the whole
            return _Heading(span, roles, period or _period(leaf), grouped, own=False)
    return _Heading(span, [], period, grouped)


def _of_year(span: Span, groups: list[str]) -> Span:
    found = re.search(r"20\d\d(?=年|$)", "\n".join(groups))
    return replace(span, year=int(found[0])) if found else span


def _blocks(view: View, first: int, last: int) -> list[Block]:
    """Headings → blocks. A role that comes again with the same word starts a block to the right of the first."""
    every = _headings(view, first, last)
    headings = [h for h in every if h.roles]
    names = sorted((rank, h.span.first) for h in headings for role, rank in h.roles if role == "name")
    best = names[0][0] if names else -1
    runs: list[list[tuple[str, _Heading, int]]] = [[]]
    for heading in headings:
        role, rank = _choose(heading, best)
        if not role:
            continue
        repeated = any(
            other == role and key(h.span.cell.text) == key(heading.span.cell.text) for other, h, _ in runs[-1]
        )
        if repeated and role in ("level1", "level2", "name"):
            runs.append([])
        runs[-1].append((role, heading, rank))
    if not runs[0]:
        return []
    shared: dict[str, _Heading] = {role: h for role, h, _ in runs[0] if role in ("level1", "level2", "goal")}
    blocks = [_block(run) for run in runs]
    for number, block in enumerate(blocks):
        if number and not {"level1", "level2"} & set(block.columns):
            block.columns |= {r: h.span for r, h in shared.items() if r not in block.columns}
        elif number and "level1" not in block.columns and "level1" in shared:
            block.columns["level1"] = shared["level1"].span
        block.period = _block_period(view, first, runs[number], len(blocks) > 1)
    if "project" in blocks[0].columns and MONEY & {*blocks[0].columns, *blocks[0].dated}:
        blocks[0].fundings = [h.span for h in every if not h.roles and funding_kind(h.span.cell.text)]
    if len(blocks) > 1 and not any(b.period for b in blocks):
        for block, period in zip(blocks, _side_periods(view, first, len(blocks)), strict=False):
            block.period = period
    return [b for b in blocks if "name" in b.columns or set(TARGETS) & set(b.columns)] or blocks


def _choose(heading: _Heading, best_name: int) -> tuple[str, int]:
    """The one role of a heading: a word that may be a name is one only where no surer name column stands beside it."""
    roles = dict(heading.roles)
    if "name" in roles:
        if roles["name"] == best_name:
            return "name", best_name
        del roles["name"]
    role = next(iter(roles), "")
    if role in MONEY and heading.period in ("prior", "half_year", "midterm"):
        return ("midterm_budget", 0) if role == "budget" and heading.period == "midterm" else ("", 0)
    if role in ("value", "actual") and heading.period and heading.period != "value" and heading.grouped:
        role = heading.period if role == "value" else role
    elif role == "value" and heading.period in ("half_year", "prior", "midterm"):
        role = heading.period
    return role, roles.get(role, 0)


def _block(run: list[tuple[str, _Heading, int]]) -> Block:
    block = Block()
    ranks: dict[str, int] = {}
    sure = any(role == "value" and heading.own for role, heading, _ in run)
    for role, heading, rank in run:
        if role == "value" and sure and not heading.own:
            continue  # a quarter beside the whole year
        if role in ("value", "budget") and heading.span.year:
            block.dated.setdefault(role, []).append(heading.span)
            if role == "budget":
                continue  # another year's, perhaps
        if role in ("operator", "unit") and heading.span.group is not None:
            target = next(
                (r for r, h, _ in run if r in TARGETS and h.span.group is heading.span.group and h is not heading), ""
            )
            if target:
                block.parts.setdefault(target, {}).setdefault(role, heading.span)
                continue
        if role == "value" and (before := block.columns.get(role)) and not (before.year or heading.span.year):
            block.rivals.append(before if rank < ranks[role] else heading.span)
        if role not in block.columns or rank < ranks[role]:
            block.columns[role], ranks[role] = heading.span, rank
    return block


def _block_period(view: View, first: int, run: list[tuple[str, _Heading, int]], several: bool) -> str:
    """What period a list is of: by the label at its side or right above it; lists side by side have _side_periods."""
    if several:
        return next((heading.period for _, heading, _ in run if heading.grouped), "")
    left = min(h.span.first for _, h, _ in run)
    side = view.at(first, 1)
    if side is not None and side.column < left and (found := _opens(side)):
        return found
    above = view.words(first - 1) if first > 1 else []
    return _opens(above[0]) if len(above) == 1 and len(key(above[0].text)) <= 16 else ""


def _opens(cell: Cell) -> str:
    """The period that a label of goals or indicators begins with: ``长期绩效指标`` → midterm."""
    word = key(cell.text)
    if not re.search("目标|指标", word):
        return ""
    return next((str(p) for p, marks in table_words()["periods"].items() if any(word.startswith(m) for m in marks)), "")


def _side_periods(view: View, first: int, number: int) -> list[str]:
    """The periods of lists side by side, where the head has as many goals of different periods beside each other."""
    for row in range(first - 1, 0, -1):
        found = [period for cell in view.words(row) if (period := _opens(cell))]
        if len(found) == number and len(set(found)) == number:
            return found
    return []
