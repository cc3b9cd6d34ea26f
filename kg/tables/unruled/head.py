"""The head of a form without ruling lines → rows of cells: labels with their values, amounts below their headings."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from kg.readers import Cell
from kg.tables.facts import COLUMNS_OF_MONEY, GOALS
from kg.tables.lexis import MONEY, inline, label
from kg.tables.unruled.columns import Columns, Rules
from kg.tables.unruled.rows import Doubts
from kg.tables.unruled.spans import Height, spans
from kg.tables.unruled.words import BAND, Word, cell_of, joined, together

BRACKETED = re.compile(r"[（(][^（()）]{1,10}[)）]")
AMOUNT = re.compile(r"-?\d[\d,]*\.\d+")
LONG = GOALS | {"purpose"}  # fields whose lines end where their writer has ended them
LONGEST_LABEL = 12  # characters of one that stands in several lines


class Head:
    """Puts the lines of a head below ``rows``, and what is not certain of them into ``doubts``."""

    def __init__(self, rows: list[list[Cell]], doubts: Doubts, rules: Rules) -> None:
        self.rows, self.doubts, self.rules = rows, doubts, rules

    def put(self, lines: list[list[Word]]) -> None:
        """The lines above a table: labels with their values; amounts below headings have the columns of these."""
        lines = [[part for w in line for part in _apart(w)] for line in lines if line]
        lines = [line for line in _whole_labels(lines) if line]
        top = len(self.rows)
        heights: list[tuple[Height, Height]] = []  # of each row, and of the label it begins with
        at = 0
        while at < len(lines):
            if _heads_amounts(lines[at]):
                end = at + 1
                while end < len(lines) and _is_amounts(lines[end]):
                    end += 1
                columns = Columns([lines[at]], lines[at + 1 : end], self.rules)
                if columns.problem:
                    word = lines[at][0]
                    message = f"“{word.text}”一行以下的金额没有框线，分不清列：没有读"
                    self.doubts.append(("amount-unreadable", message, word.cell))
                else:
                    for line in lines[at:end]:
                        row = len(self.rows) + 1
                        self.rows.append([cell_of(w, row, columns.of(w) + 1) for w in line])
                        heights.append(((line[0].y, line[0].y), (line[0].first, line[0].y)))
                at = end
                continue
            end = next((n for n in range(at, len(lines)) if _heads_amounts(lines[n])), len(lines))
            for cells in _labelled(lines[at:end]):
                row = len(self.rows) + 1
                self.rows.append([joined(words, row, n) for n, words in enumerate(cells, 1)])
                last = cells[-1]
                heights.append(((last[0].y, last[-1].y), (cells[0][0].first, cells[0][-1].y)))
            at = end
        self._groups(top, heights)

    def _groups(self, top: int, heights: list[tuple[Height, Height]]) -> None:
        """Let a label at the left of rows that begin further right reach over these: it stands at their middle."""
        rows = self.rows[top:]
        first = min((row for row in rows if row and row[0].area), key=_left, default=[])
        edge = first[0].area[2] if first and first[0].area else 0.0
        kinds = [_kind(row, edge) for row in rows]
        out: list[list[Cell]] = []
        at = 0
        while at < len(rows):
            stop = at
            while stop < len(rows) and kinds[stop]:
                stop += 1
            block = range(at, stop)
            own = [n for n in block if kinds[n] != "alone"]
            if any(kinds[n] == "inner" for n in block) and len(own) < stop - at + sum(
                kinds[n] == "leads" for n in block
            ):
                out += self._group([rows[n] for n in block], [heights[n] for n in block], kinds[at:stop])
            else:
                out += rows[at : max(stop, at + 1)]
            at = max(stop, at + 1)
        self.rows[top:] = [
            [replace(c, row=n, at=n) for c in row] for n, row in enumerate(out, top + 1)
        ]  # fmt: skip

    def _group(
        self, rows: list[list[Cell]], heights: list[tuple[Height, Height]], kinds: list[str]
    ) -> list[list[Cell]]:
        own = [n for n, kind in enumerate(kinds) if kind != "alone"]
        carriers = [n for n, kind in enumerate(kinds) if kind != "inner"]
        lines, labels = [heights[n][0] for n in own], [heights[n][1] for n in carriers]
        steps = [b[0] - a[1] for a, b in pairwise(lines)]
        least = min(steps, default=0.0)
        ways = [spans(lines, labels, [(0, len(own))], least, centred=c) for c in (True, False)]
        placed = next((way for way in ways if way is not None), None)
        if placed is None or any(way not in (None, placed) for way in ways):
            return rows
        out = [[replace(c, column=k) for k, c in enumerate(rows[n][kinds[n] == "leads" :], 2)] for n in own]
        for start, stop, which in placed:
            out[start].insert(0, replace(rows[carriers[which]][0], column=1, rowspan=stop - start))
        return out


def _kind(row: list[Cell], edge: float) -> str:
    """What a row of a head is beside others: ``inner`` begins with a label right of ``edge``, ``leads`` has one there
    beside its own, ``alone`` is a label only; empty for any other.
    """
    if not row or not label(row[0].text):
        return ""
    if _left(row) > edge:
        return "inner"
    if len(row) > 2 and label(row[1].text):
        return "leads"
    return "alone" if len(row) == 1 else ""


def _left(row: list[Cell]) -> float:
    return row[0].area[0] if row and row[0].area else 0.0


def _labelled(lines: list[list[Word]]) -> list[list[list[Word]]]:
    """Lines → rows of cells: each line with a label, and the lines above and below it that go on with its values."""
    out: list[list[list[Word]]] = []
    main: list[list[Word]] | None = None  # the row that was opened last
    above = 0  # the lines that it has above its label
    run: list[list[Word]] = []  # lines without a label since
    for line in [*lines, []]:
        if line and not any(label(w.text) or inline(w.text) for w in line):
            run.append(line)
            continue
        row = [[w] for w in line]
        kept = _shared(main, above, run, row)
        for other in run[:kept]:
            _attach(main or [], other)
        alone = [] if line and all(_attach(row, other) for other in run[kept:]) else run[kept:]
        out += [[[w] for w in other] for other in alone]
        if line:
            out.append(row)
            main, above, run = row, len(run) - kept - len(alone), []
    return [[sorted(cell, key=lambda w: w.y) for cell in row] for row in out]


def _shared(main: list[list[Word]] | None, above: int, run: list[list[Word]], row: list[list[Word]]) -> int:
    """How many of the lines between two labelled ones go on with the upper: down to the widest white between them."""
    if main is None or not run:
        return 0
    fits = [_fits(main, line) for line in run]
    most = next((n for n, fit in enumerate(fits) if not fit), len(run))
    least = next((len(run) - n for n, line in enumerate(reversed(run)) if not row or not _fits(row, line)), 0)
    if least >= most or not row:
        return most
    ys = [
        max(w.y for cell in main for w in cell),
        *(line[0].y for line in run),
        min(w.first for cell in row for w in cell),
    ]
    size = run[0][0].size
    gaps = [b - a for a, b in pairwise(ys)]
    wide = [n for n, gap in enumerate(gaps) if gap > max(gaps) - 0.15 * size and least <= n <= most]
    if len(wide) == 1:
        return wide[0]
    if above:
        return min(above, most)
    value = main[-1][-1]
    full = run[0][0].x1 <= value.x1 + size or (len(main) > 1 and label(main[-2][0].text) in LONG)
    return most if full else least


def _fits(row: list[list[Word]], line: list[Word]) -> bool:
    return all(_slot(row, word) is not None for word in line)


def _slot(row: list[list[Word]], word: Word) -> tuple[int, bool] | None:
    """The cell of a row that a word is of, by its place: (its number, whether it is there); None for no cell."""
    for n, cell in enumerate(row):
        if not label(cell[0].text) and any(w.over(word) for w in cell):
            return n, True
    before = [n for n, cell in enumerate(row) if cell[0].x1 <= word.x0 + 1]
    if not before or not label(row[before[-1]][0].text):
        return None
    after = row[before[-1] + 1 :]
    return None if after and after[0][0].x0 < word.x1 else (before[-1] + 1, False)


def _attach(row: list[list[Word]], line: list[Word]) -> bool:
    """Put the words of a line into the cells of a row; False, and nothing is done, where they fit none."""
    if not _fits(row, line):
        return False
    for word in line:
        if (slot := _slot(row, word)) is not None:
            row[slot[0] : slot[0] + slot[1]] = [[*row[slot[0]], word]] if slot[1] else [[word]]
    return True


def _apart(word: Word) -> list[Word]:
    """A label and the amount or label that stands right beside it, where no white parts the two."""
    text = word.text
    if label(text) or len(text) > 2 * LONGEST_LABEL:
        return [word]
    cuts = [
        at for at in range(3, len(text))
        if label(text[:at]) and (label(text[at:]) in MONEY or (label(text[:at]) in MONEY and AMOUNT.fullmatch(text[at:])))
    ]  # fmt: skip
    if not cuts or text[cuts[-1]] in ")）:：":
        return [word]
    at = cuts[-1] if AMOUNT.fullmatch(text[cuts[-1] :]) and cuts[-1] == cuts[0] else cuts[0]
    wide = [sum(0.5 if c.isascii() else 1.0 for c in part) for part in (text[:at], text[at:])]
    middle = word.x0 + (word.x1 - word.x0) * wide[0] / sum(wide)
    return [word.with_text(text[:at], middle), replace(word, text=text[at:], x0=middle)]


def _is_rest(word: Word, below: Word) -> bool:
    """Whether the line below a label is the rest of what it has in brackets."""
    opened = max(word.text.rfind("（"), word.text.rfind("("))
    rest = BRACKETED.fullmatch((word.text[opened:] if opened >= 0 else "") + below.text)
    return rest is not None and below.y - word.y < BAND * word.size


def _is_longer(word: Word, below: Word) -> bool:
    """Whether a label and the one below it, which has no value of its own, are one."""
    return below.y - word.y < BAND * word.size and bool(label(below.text)) and label(word.text + below.text) in MONEY


def _whole_labels(lines: list[list[Word]]) -> list[list[Word]]:
    """Labels that stand in several lines as one word, on the line of their middle."""
    parts: list[list[Word]] = []
    for number, line in enumerate(lines):
        for word in line:
            if any(word is w for part in parts for w in part):
                continue
            if label(word.text):
                under = next(((w, o) for o in lines[number + 1 : number + 4] for w in o if w.over(word)), None)
                if under and (_is_rest(word, under[0]) or (len(under[1]) == 1 and _is_longer(word, under[0]))):
                    parts.append([word, under[0]])
                continue
            stack, text = [word], word.text
            for other in lines[number + 1 : number + 6]:
                below = next((w for w in other if w.over(word) and w.y - stack[-1].y < BAND * w.size), None)
                if below is None or len(text) > LONGEST_LABEL or (label(below.text) and not label(text + below.text)):
                    continue
                stack.append(below)
                text += below.text
                if label(text):
                    parts.append(stack)
                    break
    return together(lines, parts)


def _heads_amounts(line: list[Word]) -> bool:
    heads = [w for w in line if label(w.text) in COLUMNS_OF_MONEY]
    return len(heads) > 1 and not any(re.search(r"\d{3}|\d\.\d", w.text) for w in line)


def _is_amounts(line: list[Word]) -> bool:
    return sum(bool(re.fullmatch(r"[-—\d,.%％\s]+", w.text)) for w in line) >= 1 and len(line) > 1
