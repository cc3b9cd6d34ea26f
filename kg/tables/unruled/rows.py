"""The lines of a table without rulings → its rows: what stands at one height, by the middle or by the top of the cells.

A name may have several lines and its value one; each line of a cell but the last is full, for it went on for want of
room. Of the ways to part the lines those are taken that leave no name without a value; what they differ in is said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from kg.readers import Cell
from kg.readers.pages import UNBROKEN
from kg.tables.compose import BARE, is_sign
from kg.tables.unruled.columns import Columns
from kg.tables.unruled.words import BAND, PAGE, Word
from kg.tables.values import plain_form

Doubts = list[tuple[str, str, Cell]]
LEVEL = 0.3  # of a character's size: what stands at one height
APART = 1.25  # times the least distance of two lines in a column: rows further apart are parted by white
CLOSE_BY = 1.15  # times the least distance of two lines in a column: lines of one cell
FAR = 1.5  # of a character's size: white inside a cell that is no blank
CLOSE = 2.0, 3.2  # of a character's size: lines of one cell, at least and at most
SLACK = 0.4  # of a character's size: how far from its column's edge a line may end that is full
ROOM = 2.5  # of a character's size: to the next column, which shows that a line was not full
WIDE, LOOSE = 0.6, 1.6  # of the widest line; times the least distance: a line that may go on, seen generously
RULED = 0.6  # of the rows, at least, have a line below them where lines part rows
SINGLE = 1.6  # of a character's size: between the lines of a cell that is printed without more space
LONGEST_UNIT = 4  # characters
LINES = 8  # of a cell
KEPT = 24  # readings of a part
NO_VALUE, NO_NAME = 1.0, 3.0
Taken = tuple[tuple[int, int], ...]
"""The lines of a row in each column: the first, and the one after the last."""


@dataclass(slots=True)
class RowWords:
    """A row: the lines that its first and last words stand on, and the words by column; ``certain`` if it can be read."""

    first: float
    last: float
    words: dict[int, list[Word]] = field(default_factory=dict)
    certain: bool = True


class Rows:
    """The rows of a table; ``keys`` are the columns of names and values, ``tall`` those whose cells span rows.

    ``problem``: why no row is certain, empty where some are; ``pitch``: the least distance between two rows.
    """

    def __init__(self, columns: Columns, keys: tuple[int, int], tall: list[int]) -> None:
        self.columns = columns
        self.doubts: Doubts = []
        self.problem = ""
        self.rows: list[RowWords] = []
        self.halves: list[RowWords] = []  # rows that may go on in the next
        self.centred: bool | None = None  # whether cells stand by their middles, or by their tops, where that shows
        self.at = [n for n in range(len(columns.words)) if n not in tall and n not in columns.bare]
        self.keys = tuple(self.at.index(k) for k in keys)
        self.lines = [_in_lines(columns.words[n]) for n in self.at]
        self.widest = [max((b[-1].x1 - b[0].x0 for b in lines), default=0.0) for lines in self.lines]
        self.edges = [self._edge(n) for n in self.at]
        size = max((w.size for words in columns.words for w in words), default=10.0)
        self.least = min((b[0].y - a[0].y for lines in self.lines for a, b in pairwise(lines)), default=2 * size)
        self.close = min(max(CLOSE[0] * size, CLOSE_BY * self.least), CLOSE[1] * size)
        self._read()
        steps = [b.first - a.last for a, b in pairwise(self.rows)]
        self.pitch = max(min((s for s in steps if s > 0), default=2 * size), size)
        self._say_bare()

    # ------------------------------------------------------------ reading

    def _read(self) -> None:
        sides = {}
        for centred in (True, False):
            parts = [_Part(self, start, stop, centred) for start, stop in self._parts()]
            sides[centred] = parts
        if not sides[True]:
            self.problem = "没有看出哪几行是一行"
            return
        if not self._take_ruled(sum(max((len(way) for way in p.ways), default=0) for p in sides[True])):
            self._choose(sides)
        self._leave_out()
        self._leave_out_halves()
        for word in self.columns.stray:
            self._doubt(word, "横跨两列，分不开，没有用上")
            for row in self.rows:
                if row.certain and row.first - self.close < word.y < row.last + self.close:
                    self._leave(row)

    def _choose(self, sides: dict[bool, list[_Part]]) -> None:
        """Take the rows by middles or by tops, whichever leaves less over; what both come to, where they do not differ."""
        cost = {side: sum(p.cost for p in parts) for side, parts in sides.items()}
        self.centred = cost[True] < cost[False] if abs(cost[True] - cost[False]) > 0.5 else None
        chosen = [side for side in (True, False) if cost[side] < min(cost.values()) + 0.05]
        for number in range(len(sides[True])):
            ways = {way for side in chosen for way in sides[side][number].ways}
            self._take(ways)

    def _take_ruled(self, count: int) -> bool:
        """Where lines are drawn between most of ``count`` rows, what stands between two of them is one."""
        bands = self._parts(by_white=False)
        if len(bands) < RULED * count or len(bands) < 2:
            return False
        for start, stop in bands:
            taken = tuple(zip(start, stop, strict=True))
            row = self._row(taken)
            self.rows.append(row)
            ends = [k for k in self.keys for n in range(start[k], stop[k] - 1) if not self.joins(k, n)]
            several = all(stop[k] - start[k] > 1 for k in self.keys)
            if self._is_parted(taken) or (several and ends):
                self._leave(row)
        return True

    def _leave_out(self) -> None:
        """Say which words are in no row; a row with a name or value that they may be a part of is left out, too."""
        placed = {w.cell for row in self.rows for words in row.words.values() for w in words}
        for k, lines in enumerate(self.lines):
            for n, line in enumerate(lines):
                if line[0].cell in placed:
                    continue
                self._doubt(line[0], "与哪一行是一格分不清，没有用上")
                near = [o[0].cell for o in lines[max(n - 1, 0) : n + 2] if abs(o[0].y - line[0].y) < self.close]
                for row in [r for r in self.rows if any(w.cell in near for w in r.words.get(self.at[k], ()))]:
                    if k in self.keys:
                        self._leave(row)

    def _leave_out_halves(self) -> None:
        """Leave out rows that may be halves of one: where one lacks its name or value, it and those that it may be of."""
        name, value = (self.at[k] for k in self.keys)
        lacking = [n for n, row in enumerate(self.rows) if name not in row.words or value not in row.words]
        gone: set[int] = set()
        for n in lacking:
            before, after = (self.rows[m] if 0 <= m < len(self.rows) else None for m in (n - 1, n + 1))
            halves = {
                m
                for m, a, b in ((n - 1, before, self.rows[n]), (n + 1, self.rows[n], after))
                if a and b and any(self._may_go_on(a, b, k) for k in self.keys)
            }
            gone |= {n, *halves} if halves else set()
        gone |= {m for n, row in enumerate(self.rows) if row in self.halves for m in (n, n + 1) if m < len(self.rows)}
        for n, (row, after) in enumerate(pairwise(self.rows)):
            if _page(row) != _page(after) and self._may_be_cut(row, after):
                gone |= {n, n + 1}
        for n in sorted(gone):
            self._leave(self.rows[n])

    def _may_be_cut(self, row: RowWords, after: RowWords) -> bool:
        """Whether a page's end may have cut a row: all its cells may go on, or the name, and the rest is not certain."""
        goes_on = [self._may_go_on(row, after, k) for k in self.keys]
        name = after.words.get(self.at[self.keys[0]], [])
        return all(goes_on) or (goes_on[0] and (not after.certain or len(name) > 1))

    def _leave(self, row: RowWords) -> None:
        """Leave out a row, and say it by its name."""
        row.certain = False
        self._say(row, "没有框线，分不清几行是一个指标，没有读")

    def _say(self, row: RowWords, said: str) -> None:
        """Say something of a row, by its name."""
        words = row.words.get(self.at[self.keys[0]]) or next(iter(row.words.values()))
        self._doubt(words[0].with_text("".join(w.text for w in words), words[0].x1), said)

    def _may_go_on(self, row: RowWords, after: RowWords, key: int) -> bool:
        """Whether a cell of a row may go on in the next, by how wide its last line is and how near the next one."""
        a, b = row.words.get(self.at[key]), after.words.get(self.at[key])
        if not a or not b or a[-1].x1 - a[-1].x0 < WIDE * self.widest[key]:
            return False
        return a[-1].page != b[0].page or b[0].first - a[-1].y < LOOSE * self.least

    def _edge(self, at: int) -> float | None:
        """Where the next column begins, whose words stand at its left edge; None where they do not."""
        words = self.columns.words[at + 1] if at + 1 < len(self.columns.words) else []
        edge = min((w.x0 for w in words), default=0.0)
        various = len({round((w.x1 - w.x0) / w.size) for w in words}) > 1
        return edge if various and sum(w.x0 < edge + 1.5 for w in words) * 5 > 3 * len(words) else None

    def _parts(self, *, by_white: bool = True) -> list[tuple[list[int], list[int]]]:
        """The table cut where white or a drawn line goes through the columns: (first line, end) of every column."""
        every = sorted((line[0].first, line[0].y, line[0].size) for lines in self.lines for line in lines)
        cuts: list[float] = []
        bottom = every[0][0] if every else 0.0
        for first, y, size in every:
            apart = first - size > bottom - 0.5 * size
            white = by_white and first - bottom > max(CLOSE[0] * size, APART * self.least)
            if apart and (white or self._ruled(bottom, first)):
                cuts.append((bottom + first) / 2)
            bottom = max(bottom, y)
        edges = [float("-inf"), *cuts, float("inf")]
        out = []
        for low, high in pairwise(edges):
            start = [sum(line[0].y <= low for line in lines) for lines in self.lines]
            stop = [sum(line[0].y <= high for line in lines) for lines in self.lines]
            if start != stop:
                out.append((start, stop))
        return out

    def _ruled(self, above: float, below: float) -> bool:
        return all(self.columns.ruled(self.at[k], above, below) for k in self.keys)

    def joins(self, column: int, a: int) -> bool:
        """Whether line ``a`` of a column may go on in the next."""
        line, after = self.lines[column][a], self.lines[column][a + 1]
        size = line[0].size
        if after[0].first - line[0].y > self.close or self.columns.ruled(self.at[column], line[0].y, after[0].y):
            return False
        token = UNBROKEN.match(after[0].text)
        need = sum(size * (0.5 if c.isascii() else 1) for c in token[0]) if token else size
        if line[-1].x1 - line[0].x0 + need <= self.widest[column] - SLACK * size:
            return False
        edge = self.edges[column]
        return edge is None or line[-1].x1 + need + ROOM * size > edge

    # ------------------------------------------------------------ what is taken

    def _take(self, ways: set[tuple[Taken, ...]]) -> None:
        """Put down the rows that every reading of a part has; say what they differ in."""
        if not ways:
            return
        common = set.intersection(*(set(way) for way in ways))
        for taken in sorted(common, key=lambda t: t[self.keys[0]]):
            row = self._row(taken)
            self.rows.append(row)
            if self._is_split(taken):
                self.halves.append(row)
            if self._is_unlikely(taken):
                self._leave(row)
            elif self._is_doubtful(taken) or self._is_parted(taken):
                self._say(row, "没有框线，按上下对齐接成或分成一行，请核对")
        named = self.keys[0]
        for way in ways:
            for taken in sorted(set(way) - common):
                start, stop = taken[named]
                for line in self.lines[named][start:stop]:
                    self._doubt(line[0], "没有框线，分不清几行是一个指标，没有读")

    def _row(self, taken: Taken) -> RowWords:
        words = {
            self.at[k]: [w for line in self.lines[k][a:b] for w in _one(line)]
            for k, (a, b) in enumerate(taken)
            if b > a
        }
        ys = [w.y for found in words.values() for w in found]
        return RowWords(min(w.first for found in words.values() for w in found), max(ys), words)

    def _is_parted(self, taken: Taken) -> bool:
        """Whether the name or the value of a row is made of words that stand far apart."""
        lines = [line for k in self.keys for line in self.lines[k][taken[k][0] : taken[k][1]]]
        return any(b.x0 - a.x1 > FAR * a.size for line in lines for a, b in pairwise(line))

    def _is_doubtful(self, taken: Taken) -> bool:
        """Whether lines were put together that stand hardly nearer to each other than to those of other rows."""
        (a, b), (c, d) = (taken[k] for k in self.keys)
        if b - a < 2 and d - c < 2:
            return False
        lines = self.lines[self.keys[0]]
        inner = max((y.first - x.y for x, y in self._steps(taken)), default=self.least)
        around = [lines[n + 1][0].first - lines[n][0].y for n in (a - 1, b - 1) if 0 <= n < len(lines) - 1]
        around = [step for step in around if step < PAGE / 2]
        return min(around) < 1.25 * inner if around else inner > SINGLE * lines[a][0].size

    def _is_unlikely(self, taken: Taken) -> bool:
        """Whether the lines put together stand further apart than those of one cell do, and the rest need not be of it."""
        far = any(y.first - x.y > BAND * x.size for x, y in self._steps(taken))
        name, value = (self.lines[k][taken[k][0] : taken[k][1]] for k in self.keys)
        return far and bool(value) and abs(name[0][0].first - value[0][0].first) < LEVEL * name[0][0].size

    def _steps(self, taken: Taken) -> list[tuple[Word, Word]]:
        """The lines of a row's name and value with those below them."""
        parts = (self.lines[k][taken[k][0] : taken[k][1]] for k in self.keys)
        return [(x[0], y[0]) for part in parts for x, y in pairwise(part)]

    def _is_split(self, taken: Taken) -> bool:
        """Whether name and value may both go on in the next row, which stands no further off than lines of one cell."""
        (a, b), (c, d) = (taken[k] for k in self.keys)
        name, value = (self.lines[k] for k in self.keys)
        if b - a != 1 or d - c != 1 or b >= len(name) or d >= len(value):
            return False
        others = [k for k, (x, y) in enumerate(taken) if k not in self.keys and y > x]
        near = name[b][0].first - name[a][0].y < 1.25 * self.least
        various = len({round(after[0].y - line[0].y) for line, after in pairwise(name)}) > 1
        return not others and near and various and all(self.joins(k, n) for k, n in zip(self.keys, (a, c), strict=True))

    def _doubt(self, word: Word, said: str) -> None:
        if not any(cell is word.cell for _, _, cell in self.doubts):
            self.doubts.append(("glued-value", f"{word.where}“{word.text}”{said}", word.cell))

    def _say_bare(self) -> None:
        """Words below no heading: a unit goes with the number to its left; of others it is said once a column that they
        are not used, and a label beside the whole table says nothing.
        """
        for at in self.columns.bare:
            words = self.columns.words[at]
            if not at or not words:
                continue
            if any(len(w.text) > LONGEST_UNIT for w in words):
                self._doubt(words[0], "上面没有表头，没有用上")
                continue
            for row in list(self.rows):
                own = [w for w in words if row.first - w.size / 2 < w.middle < row.last + w.size / 2]
                left = "".join(w.text for w in row.words.get(at - 1, ()))
                if own and (BARE.fullmatch(plain_form(left)) or is_sign(left)):
                    row.words[at] = own
                elif own:
                    self._doubt(own[0], "上面没有表头，分不清是不是左边一格的：这一行没有读")
                    row.certain = False


class _Part:
    """A part of the table by itself: the ways to part its lines into rows that cost least, and what they cost."""

    def __init__(self, rows: Rows, start: list[int], stop: list[int], centred: bool) -> None:
        self.rows, self.stop, self.centred = rows, tuple(stop), centred
        self.known: dict[tuple[tuple[int, ...], float], list[tuple[float, tuple[Taken, ...]]]] = {}
        found = self._best(tuple(start), float("-inf"))
        self.cost = found[0][0] if found else 0.0
        most = max((len(way) for cost, way in found if cost <= self.cost + 0.01), default=0)
        self.ways = {way for cost, way in found if cost <= self.cost + 0.01 and len(way) == most}

    def _best(self, at: tuple[int, ...], above: float) -> list[tuple[float, tuple[Taken, ...]]]:
        if (at, above) in self.known:
            return self.known[at, above]
        name = self.rows.keys[0]
        out: list[tuple[float, tuple[Taken, ...]]] = []
        if at[name] >= self.stop[name]:
            left = sum(stop - a for a, stop in zip(at, self.stop, strict=True))
            out = [(NO_NAME * left, ())]
        else:
            end = at[name] + 1
            while True:
                for cost, taken, after, bottom in self._row(at, end, above):
                    out += [(cost + more, (taken, *rest)) for more, rest in self._best(after, bottom)]
                lines = end - at[name]
                if end >= self.stop[name] or lines >= LINES or not self.rows.joins(name, end - 1):
                    break
                end += 1
        out.sort(key=lambda way: (way[0], -len(way[1])))
        out = [way for way in out if way[0] <= out[0][0] + 0.01][:KEPT]
        if not out:
            out = [(NO_NAME * sum(stop - a for a, stop in zip(at, self.stop, strict=True)), ())]
        self.known[at, above] = out
        return out

    def _row(self, at: tuple[int, ...], end: int, above: float) -> list[tuple[float, Taken, tuple[int, ...], float]]:
        """The row whose name has lines up to ``end``: what it costs, takes, where its columns go on, its last line."""
        rows, name = self.rows, self.rows.keys[0]
        own = rows.lines[name][at[name] : end]
        place, size = self._place(own), own[0][0].size
        below = rows.lines[name][end][0].first - LEVEL * size if end < self.stop[name] else float("inf")
        top = own[0][0].first
        cost = 0.0
        taken: list[tuple[int, int]] = []
        ys = [top, own[-1][0].y]
        for k, lines in enumerate(rows.lines):
            if k == name:
                taken.append((at[k], end))
                continue
            start = at[k]
            found = self._match(k, start, place, size, below)
            while found is None and start < self.stop[k] and lines[start][0].y < top - LEVEL * size:
                start += 1
                cost += NO_NAME
                found = self._match(k, start, place, size, below)
            if found is None:
                taken.append((start, start))
                cost += NO_VALUE if k == rows.keys[1] else 0.0
            else:
                taken.append((start, found))
                ys += [lines[start][0].first, lines[found - 1][0].y]
        if min(ys) < above + 0.5 * size:
            return []
        return [(cost, tuple(taken), tuple(b for _, b in taken), max(ys))]

    def _match(self, column: int, start: int, place: float, size: float, below: float) -> int | None:
        """The end of the lines from ``start`` on that stand at a height, None where none do; they end above ``below``."""
        lines = self.rows.lines[column]
        if start < self.stop[column] and not self.centred and abs(lines[start][0].first - place) >= LEVEL * size:
            return None
        for end in range(start + 1, min(start + LINES, self.stop[column]) + 1):
            last = end == self.stop[column] or not self.rows.joins(column, end - 1)
            if self.centred and abs(self._place(lines[start:end]) - place) < LEVEL * size:
                return end
            if not self.centred and (last or lines[end][0].first > below):
                return end
            if last:
                break
        return None

    def _place(self, lines: list[list[Word]]) -> float:
        return (lines[0][0].first + lines[-1][0].y) / 2 if self.centred else lines[0][0].first


def _in_lines(words: list[Word]) -> list[list[Word]]:
    """The words of a column, those on one line together."""
    out: list[list[Word]] = []
    for word in words:
        if out and abs(word.y - out[-1][0].y) < 1.5:
            out[-1].append(word)
        else:
            out.append([word])
    return [sorted(line, key=lambda w: w.x0) for line in out]


def _page(row: RowWords) -> int:
    return next(iter(row.words.values()))[0].page


def _one(line: list[Word]) -> list[Word]:
    """The words on a line of one column as one, a blank between."""
    return [line[0].with_text(" ".join(w.text for w in line), line[-1].x1)] if len(line) > 1 else line
