"""Tables without ruling lines, laid out again: which words are a column is told by the headings, the words below them
and the white between; which lines are a row, by what stands at one height. What is not certain is said, not guessed.

The rows of such a grid are the lines of a page, a run of words a cell (``Cell.area``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from kg.readers import Cell, Grid
from kg.tables.header import TARGETS, Header, find_header
from kg.tables.levels import level_word, one_reading
from kg.tables.lexis import inline, is_column, key, label, table_words
from kg.tables.unruled.columns import Columns
from kg.tables.unruled.head import BRACKETED, Head
from kg.tables.unruled.rows import Doubts, Rows
from kg.tables.unruled.spans import Height, spans
from kg.tables.unruled.words import BAND, Word, cell_of, is_heading, joined, unspread, words_of
from kg.tables.view import View

ROWED = frozenset(("name", "description", "operator", "unit", "weight", "score", "deviation", "ignored", *TARGETS))
"""Columns that have a cell in every row; the cells of others may reach over several."""
DEEPEST = 3.5  # of a character's size: between two rows of a header
DEEP = 2  # lines of a header above and below the one that is known, at most
LONGEST_HEADING = 24  # characters of one that stands in several lines


def laid_out(grid: Grid) -> tuple[list[Grid], Doubts]:
    """The tables of a grid, each with its head; their cells have rows and columns. And (code, message, cell) of what is
    not certain of them. A grid with rulings is returned as it is.
    """
    if grid.rules is None:
        return [grid], []
    layout = _Layout(grid)
    layout.run()
    starts = [*layout.starts, len(layout.rows)]
    parts = [[sorted(row, key=lambda c: c.column) for row in layout.rows[a:b] if row] for a, b in pairwise(starts)]
    grids = [Grid("" if n else grid.caption, grid.sheet, rows) for n, rows in enumerate(parts) if rows]
    return grids, layout.doubts


class _Layout:
    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.lines = [unspread(line) for line in words_of(grid)]
        self.rows: list[list[Cell]] = []
        self.doubts: Doubts = []
        self.starts = [0]  # the first row of each table with its head

    def run(self) -> None:
        head = Head(self.rows, self.doubts, self.grid.rules or [])
        at = 0
        while at < len(self.lines):
            band = next((b for start in range(at, len(self.lines)) if (b := self._band(start)) is not None), None)
            if band is None:
                break
            head.put(self.lines[at : band[0]])
            at = self._table(*band)
            self.starts.append(len(self.rows))
        head.put(self.lines[at:])

    # ------------------------------------------------------------ headers

    def _band(self, at: int) -> tuple[int, int] | None:
        """The first and last line of a header whose plainest line is ``at``, or that begins there in several lines."""
        first = last = at
        if not _heads(self.lines[at]):
            if len(self.lines[at]) == 1 and self._ends_label(at):
                return None
            while last < at + DEEP and last + 1 < len(self.lines) and self._belongs(last + 1, at, last):
                last += 1
            words = [w for line in self.lines[at : last + 1] for w in line]
            if (
                last == at
                or not all(is_heading(w.text) for w in words)
                or not _heads(sorted(words, key=lambda w: w.x0))
            ):
                return None
        while first > at - DEEP and first and self._belongs(first - 1, first, last):
            first -= 1
        while last < at + DEEP and last + 1 < len(self.lines) and self._belongs(last + 1, first, last):
            last += 1
        return first, last

    def _belongs(self, at: int, first: int, last: int) -> bool:
        """Whether a line is of a header: its words are headings, or parts of one that stands in several lines."""
        near = self.lines[first if at < first else last]
        line = self.lines[at]
        if not line or not near or line[0].page != near[0].page:
            return False
        plain = at > last and len(line) > 1 and all(is_heading(w.text) for w in line)
        if abs(line[0].y - near[0].y) > (DEEPEST if plain else BAND) * near[0].size:
            return False
        if at < first and any(label(w.text) and (len(line) == 1 or not is_heading(w.text)) for w in line):
            return False
        if at < first and len(line) == 1 and self._ends_label(at):
            return False
        around = [w for other in self.lines[max(at - DEEP - 1, 0) : at + DEEP + 2] for w in other]
        alone = (
            at > last and len(line) == 1
        )  # below a header a word by itself is one of a row, unless it ends a heading
        return all((is_heading(w.text) and not alone) or _is_part(w, around, near[0]) for w in line)

    def _ends_label(self, at: int) -> bool:
        """Whether the one word of a line is the rest of a label that begins on a line above."""
        word = self.lines[at][0]
        above = [w for line in self.lines[max(at - 2, 0) : at] for w in line if w.over(word)]
        return any(label(w.text + word.text) and word.y - w.y < BAND * w.size for w in above)

    def _table(self, first: int, last: int) -> int:
        """Lay out the table of a header; returns the first line below it."""
        header = self.lines[first : last + 1]
        body, end = self._below(header, last + 1)
        columns = Columns(header, body, self.grid.rules or [])
        if columns.problem:
            return self._refuse(header, columns.problem, end)
        top = len(self.rows)
        heading = [[replace(c, row=c.row + top) for c in row] for row in columns.heading()]
        known = find_header(View(Grid(rows=columns.heading())), 1)
        named = known and next((known.columns[r] for r in ("name", "description") if r in known.columns), None)
        valued = known and next((known.columns[r] for r in TARGETS if r in known.columns), None)
        if known is None or named is None or valued is None:
            if known is not None and named is None and valued is None:
                self.rows += heading  # of something else
                return end
            return self._refuse(header, "表头认不全", end)
        keys = (named.first - 1, valued.first - 1)
        tall = _tall(known, len(columns.words))
        found = Rows(columns, keys, tall)
        if found.problem:
            return self._refuse(header, found.problem, end)
        self.rows += heading
        self.doubts += found.doubts
        if not self._body(columns, found, known, tall, keys[0]):
            del self.rows[top + len(heading) :]
        return end

    def _refuse(self, header: list[list[Word]], problem: str, end: int) -> int:
        word = header[0][0]
        self.doubts.append(("row-short", f"{word.where}的表没有框线，{problem}：这个表没有读", word.cell))
        return end

    def _below(self, header: list[list[Word]], start: int) -> tuple[list[list[Word]], int]:
        """The lines of the table below a header, without that header printed again; and the line that ends it."""
        again = [[w.text for w in line] for line in header]
        left = min((w.x0 for line in header for w in line if is_heading(w.text)), default=0.0)
        out: list[list[Word]] = []
        at = start
        while at < len(self.lines):
            line = self.lines[at]
            if [[w.text for w in other] for other in self.lines[at : at + len(again)]] == again:
                at += len(again)
                continue
            if _ends(line, left) or self._band(at) is not None:
                break
            out.append(line)
            at += 1
        while out and at < len(self.lines) and self._band(at) is not None and _is_prose(out[-1]):
            out.pop()  # the title of the next table
            at -= 1
        return out, at

    # ------------------------------------------------------------ rows

    def _body(self, columns: Columns, found: Rows, header: Header, tall: Sequence[int], name: int) -> bool:
        """Put the rows of a table below its header; False where it is not certain whose the cells are."""
        top = len(self.rows)
        cells: list[list[Cell]] = [[] for _ in found.rows]
        for number, row in enumerate(found.rows):
            if not row.certain:
                continue
            for column, words in row.words.items():
                cells[number].append(joined(words, top + number + 1, column + 1))
        labels = {at: columns.labels(at) for at in tall}
        levels = {s.first - 1 for r in ("level1", "level2") if (s := header.columns.get(r))}
        heights = [(row.first, row.last) for row in found.rows]
        places = {at: [(w.first, w.y) for w in words] for at, words in labels.items()}
        typed = not any(word.page for words in labels.values() for word in words)
        ways = _typed(heights, places, labels, levels) if typed else {}
        rest = {at: lines for at, lines in places.items() if at not in levels or not typed}
        reach = ways | (_ruled(columns, heights, rest) or _reach(heights, rest, found.pitch, found.centred))
        unclear = [at for at in tall if at not in reach]
        if lost := next((labels[at][0] for at in unclear if at not in levels and labels[at]), None):
            message = f"“{lost.text}”等各占哪几行，没有框线分不清：这个表没有读"
            self.doubts.append(("row-short", message, lost.cell))
            return False
        for row in (row for row in found.rows if unclear and row.certain):
            word = row.words.get(name, next(iter(row.words.values())))[0]
            message = f"“{word.text}”的级次没有框线，分不清属于哪一个：级次留空"
            self.doubts.append(("level-unclear", message, word.cell))
        for at in tall:
            for start, stop, which in reach.get(at, ()):
                cells[start].append(cell_of(labels[at][which], top + start + 1, at + 1, rowspan=stop - start))
        self._fill(cells, top, len(columns.tracks))
        self.rows += cells
        for line in columns.across:
            self.rows.append([cell_of(w, len(self.rows) + 1, n) for n, w in enumerate(line, 1)])
        return True

    def _fill(self, rows: list[list[Cell]], top: int, width: int) -> None:
        """Give every place of a table that no cell covers a blank one: rows are as long as their header."""
        covered = {(r, c.column) for row in rows for c in row for r in range(c.row, c.row + c.rowspan)}
        for number, row in enumerate(rows, top + 1):
            page = row[0].page if row else 0
            blank = [at for at in range(1, width + 1) if (number, at) not in covered]
            row += [Cell("", number, at, page=page, at=number) for at in blank]


def _typed(
    heights: list[Height], places: dict[int, list[Height]], labels: dict[int, list[Word]], levels: set[int]
) -> dict[int, list[tuple[int, int, int]]]:
    """The rows of the labels of levels in a text, whose lines say nothing of middles: those of the only reading."""
    found = sorted(levels & set(places))
    rows = {
        at: [next((n for n, (a, b) in enumerate(heights) if a - 1 < y < b + 1), -1) for y, _ in places[at]]
        for at in found
    }
    if not found or any(-1 in on or len(set(on)) < len(on) for on in rows.values()):
        return {}
    printed = {at: [""] * len(heights) for at in found}
    for at in found:
        for which, row in enumerate(rows[at]):
            printed[at][row] = labels[at][which].text
    read = one_reading(printed[found[0]], printed[found[-1]] if len(found) > 1 else [""] * len(heights))
    if read is None:
        return {}
    out: dict[int, list[tuple[int, int, int]]] = {}
    for at, column in zip(found, read, strict=False):
        own = [(row, which, printed[at][row]) for which, row in enumerate(rows[at])]
        for n, text in enumerate(column):
            near = [(abs(row - n), which) for row, which, word in own if word == text]
            out.setdefault(at, []).extend([(n, n + 1, min(near)[1])] if near else [])
    return out


def _ruled(
    columns: Columns, heights: list[Height], labels: dict[int, list[Height]]
) -> dict[int, list[tuple[int, int, int]]]:
    """The rows that labels reach over where lines are drawn between those of each; nothing where they are not."""
    out: dict[int, list[tuple[int, int, int]]] = {}
    for at, places in labels.items():
        inner = [n for n in range(1, len(heights)) if columns.ruled(at, heights[n - 1][1], heights[n][0])]
        groups = list(pairwise([0, *inner, len(heights)]))
        if not heights or len(groups) != len(places):
            return {}
        for which, ((start, stop), (first, last)) in enumerate(zip(groups, places, strict=True)):
            if not heights[start][0] - 1 <= (first + last) / 2 <= heights[stop - 1][1] + 1:
                return {}
            out.setdefault(at, []).append((start, stop, which))
    return out


def _reach(
    heights: list[Height], labels: dict[int, list[Height]], pitch: float, centre: bool | None
) -> dict[int, list[tuple[int, int, int]]]:
    """The rows that the labels of columns reach over, from the left; a column for which that is not certain is missing.

    All stand in the middle of their rows, or all on the first: where both ways fit and the other cells do not tell
    which (``centre``), they must come to the same.
    """
    ways = []
    for centred in (True, False):
        groups = [(0, len(heights))]
        out: dict[int, list[tuple[int, int, int]]] = {}
        for at in sorted(labels):
            placed = spans(heights, labels[at], groups, pitch, centred=centred)
            if placed is not None:
                out[at] = placed
                groups = [(start, stop) for start, stop, _ in placed] or groups
        ways.append(out)
    most = max(map(len, ways))
    best = [way for way in ways if len(way) == most]
    if len(best) > 1 and centre is not None:
        best = [ways[0] if centre else ways[1]]
    return {at: placed for at, placed in best[0].items() if all(way.get(at) == placed for way in best)}


def _tall(header: Header, width: int) -> list[int]:
    """The columns whose cells may reach over several rows, from the left: levels, and projects in lists of these."""
    rowed = {n for role, s in header.columns.items() if role in ROWED for n in range(s.first - 1, s.last)}
    rowed |= {n for parts in header.blocks[0].parts.values() for s in parts.values()
              for n in range(s.first - 1, s.last)}  # fmt: skip
    tall = {s.first - 1 for role, s in header.columns.items() if role not in ROWED}
    return sorted(n for n in tall - rowed if n < width)


def _heads(line: list[Word]) -> bool:
    """Whether a line by itself is the header of indicators, or the best part of one."""
    if len(line) < 2:
        return False
    cells = [replace(w.cell, row=1, column=n) for n, w in enumerate(line, 1)]
    header = find_header(View(Grid(rows=[cells])), 1)
    return header is not None and sum(is_heading(w.text) for w in line) * 3 >= len(line) * 2


def _is_part(word: Word, around: list[Word], known: Word) -> bool:
    """Whether a word is a part of a heading in several lines that reaches to the line of a ``known`` one, or over it."""
    stack = sorted((w for w in around if w is word or w.over(word)), key=lambda w: w.y)
    at = next(n for n, w in enumerate(stack) if w is word)
    for first in range(at + 1):
        for last in range(max(at, first + 1), len(stack)):
            part = stack[first : last + 1]
            text = "".join(w.text for w in part)
            close = all(b.y - a.y < BAND * a.size for a, b in pairwise(part))
            reaches = part[0].y < known.y + 1 and part[-1].y > known.y - 1
            if close and reaches and len(text) <= LONGEST_HEADING and not BRACKETED.match(text) and is_column(text):
                return True
    return False


def _ends(line: list[Word], left: float) -> bool:
    """Whether a line stands below a table: a label of the head, or what closes a form."""
    line = [w for w in line if w.first == w.y]  # a word that is written from top to bottom stands beside several lines
    if not line:
        return False
    first = line[0]
    if key(re.split("[:：]", first.text)[0]) in table_words()["totals"]["footers"]:
        return True
    if first.x0 > left + 2 * first.size and len(line) > 1:
        return False
    return bool((label(first.text) and len(line) > 1 and not level_word(first.text)) or inline(first.text))


def _is_prose(line: list[Word]) -> bool:
    return len(line) == 1 and not level_word(line[0].text)
