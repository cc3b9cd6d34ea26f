"""Runs of words with their places on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from kg.readers import Cell, Grid, ReadError
from kg.tables.levels import level_word
from kg.tables.lexis import is_column, is_whole, key, label, table_words

PAGE = 100_000.0  # points from a page's top to the next one's: no distance is measured over a page's end
BAND = 2.4  # of a character's size: between lines of one cell
OPENING, CLOSING = "（《“【〈", "）》”】〉，。；：、？！"
LEAST = 0.1  # points: no print is as low
HALF = 0.8  # of a character's size: half a line
LONGEST_PERIOD = 8  # characters of a heading of columns of one period
UPRIGHT = 3  # letters of a word that is written from top to bottom, at least
SPACED = 3  # letters of a label that is spread over its cell, at least


@dataclass(frozen=True, slots=True)
class Word:
    """A run of words: where it begins and ends, the line it stands on (``first`` the top one of several), its size.

    Lines are in points from the top of the first page, pages ``PAGE`` apart.
    """

    cell: Cell
    text: str
    x0: float
    x1: float
    first: float
    y: float
    size: float

    @property
    def page(self) -> int:
        return self.cell.page

    @property
    def where(self) -> str:
        """The page, or the line of a text."""
        return f"第 {self.page} 页" if self.page else f"第 {self.cell.line} 行"

    @property
    def middle(self) -> float:
        return (self.first + self.y) / 2

    def over(self, other: Word) -> bool:
        """Whether two words have a part of the page's width in common."""
        return self.x0 < other.x1 - 0.5 and other.x0 < self.x1 - 0.5

    def beside(self, other: Word) -> bool:
        """Whether two words stand at one height, or half a line apart as cells of one row may."""
        near = HALF * self.size
        return self.first - near < other.y and other.first - near < self.y

    def with_text(self, text: str, x1: float) -> Word:
        return replace(self, text=text, x1=x1)


def words_of(grid: Grid) -> list[list[Word]]:
    """The lines of an unruled grid; letters that are written from top to bottom are one word."""
    lines = [[_word(cell) for cell in row if cell.area] for row in grid.rows]
    return [line for line in _upright(lines) if line]


def _word(cell: Cell) -> Word:
    x0, top, x1, bottom = cell.area or (0.0, 0.0, 0.0, 0.0)
    y, size = bottom + cell.page * PAGE, bottom - top
    if size < LEAST:
        raise ReadError(f"第 {cell.page} 页有没有高度的文字（“{cell.text[:20]}”），文件已损坏：请重新导出")
    x0 += size / 2 if cell.text[:1] in OPENING else 0.0  # half of such a sign is white, and may hang over the edge
    x1 -= size / 2 if cell.text[-1:] in CLOSING else 0.0
    return Word(cell, cell.text, x0, x1, y, y, size)


def _upright(lines: list[list[Word]]) -> list[list[Word]]:
    """Put letters below each other together, on the line that is nearest to their middle."""
    singles = [w for line in lines for w in line if len(w.text) == 1 and w.text.isalpha() and not w.text.isascii()]
    stacks: list[list[Word]] = []
    for word in singles:
        stack = next((s for s in stacks if _below(s[-1], word)), None)
        if stack:
            stack.append(word)
        else:
            stacks.append([word])
    edge = min((w.x0 for line in lines for w in line), default=0.0)
    whole = [s for s in stacks if len(s) >= UPRIGHT and _regular(s) and (s[0].x0 < edge + 3 * s[0].size or _is_word(s))]
    return together(lines, whole)


def together(lines: list[list[Word]], parts: list[list[Word]]) -> list[list[Word]]:
    """Put words below each other together, on the line that is nearest to their middle."""
    gone = {id(w) for stack in parts for w in stack}
    out = [[w for w in line if id(w) not in gone] for line in lines]
    for stack in parts:
        word = replace(
            stack[0], text="".join(w.text for w in stack), y=stack[-1].y, x0=min(w.x0 for w in stack),
            x1=max(w.x1 for w in stack),
        )  # fmt: skip
        near = [n for n, line in enumerate(lines) if line and word.first - 1 < line[0].y < word.y + 1]
        full = [n for n in near if any(w.x0 > word.x1 for w in out[n])]
        at = min(full or near, key=lambda n: abs(lines[n][0].y - word.middle))
        out[at] = sorted([*out[at], word], key=lambda w: w.x0)
    return out


def _is_word(stack: list[Word]) -> bool:
    text = "".join(w.text for w in stack)
    return bool(level_word(text) or label(text) or is_heading(text))


def _below(above: Word, word: Word) -> bool:
    return abs(above.x0 - word.x0) < 1.5 and 0 < word.y - above.y < BAND * word.size


def _regular(stack: list[Word]) -> bool:
    steps = [b.y - a.y for a, b in pairwise(stack)]
    return max(steps) - min(steps) < 0.3 * stack[0].size


def unspread(line: list[Word]) -> list[Word]:
    """A label whose letters are spread over its cell as one word."""
    out: list[Word] = []
    at = 0
    while at < len(line):
        end = at
        while end < len(line) and len(line[end].text) == 1 and not line[end].text.isascii():
            end += 1
        text = "".join(w.text for w in line[at:end])
        if end - at >= SPACED and (label(text) or is_heading(text) or level_word(text)):
            out.append(line[at].with_text(text, x1=line[end - 1].x1))
            at = end
        else:
            out.append(line[at])
            at += 1
    return out


def cell_of(word: Word, row: int, column: int, rowspan: int = 1) -> Cell:
    return replace(word.cell, text=word.text, row=row, column=column, rowspan=rowspan, at=row)


def joined(words: Sequence[Word], row: int, column: int) -> Cell:
    """The lines of a cell as one: a blank stands between Latin words only."""
    text = ""
    for word in words:
        latin = text[-1:].isascii() and text[-1:].isalpha() and word.text[:1].isascii() and word.text[:1].isalpha()
        text += (" " if latin else "") + word.text
    return replace(words[0].cell, text=text, row=row, column=column, at=row)


def is_heading(text: str) -> bool:
    """Whether a text heads a column, or a group of columns of one period."""
    word = key(text)
    periods = (mark for marks in table_words()["periods"].values() for mark in marks)
    short = 0 < len(word) <= LONGEST_PERIOD and not set(text) & set("，。；、")
    period = short and any(word.startswith(mark) for mark in periods)
    return is_column(text) or is_whole(word) or period
