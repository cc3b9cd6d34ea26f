"""The head of a form without ruling lines → rows of cells: labels with their values, amounts below their headings."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from kg.readers import Cell
from kg.tables.facts import COLUMNS_OF_MONEY
from kg.tables.lexis import MONEY, inline, label
from kg.tables.unruled.columns import Columns, Rules
from kg.tables.unruled.rows import Doubts
from kg.tables.unruled.spans import spans
from kg.tables.unruled.words import BAND, PAGE, Word, cell_of, joined, together

BRACKETED = re.compile(r"[（(][^（()）]{1,10}[)）]")
AMOUNT = re.compile(r"-?\d[\d,]*\.\d+")
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
        heights: list[tuple[float, float]] = []
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
                        heights.append((line[0].y, line[0].y))
                at = end
                continue
            words, end = _labelled(lines, at)
            row = len(self.rows) + 1
            cells = [cell_of(w, row, n) for n, w in enumerate(words[0][:-1], 1)]
            last = sorted([words[0][-1], *words[1]], key=lambda w: w.y)
            self.rows.append([*cells, joined(last, row, len(cells) + 1)])
            heights.append((last[0].y, last[-1].y))
            at = end
        self._groups(top, heights)

    def _groups(self, top: int, heights: list[tuple[float, float]]) -> None:
        """Let a label at the left of rows that begin further right reach over these: it stands at their middle."""
        rows = self.rows[top:]
        edge = min((_left(row) for row in rows), default=0.0)
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

    def _group(self, rows: list[list[Cell]], heights: list[tuple[float, float]], kinds: list[str]) -> list[list[Cell]]:
        own = [n for n, kind in enumerate(kinds) if kind != "alone"]
        carriers = [n for n, kind in enumerate(kinds) if kind != "inner"]
        steps = [heights[b][0] - heights[a][1] for a, b in pairwise(own)]
        labels = [_height(rows[n][0]) for n in carriers]
        least = min(steps, default=0.0)
        ways = [spans([heights[n] for n in own], labels, [(0, len(own))], least, centred=c) for c in (True, False)]
        placed = next((way for way in ways if way is not None), None)
        if placed is None or any(way not in (None, placed) for way in ways):
            return rows
        out = [[replace(c, column=k) for k, c in enumerate(rows[n][kinds[n] == "leads" :], 2)] for n in own]
        for start, stop, which in placed:
            out[start].insert(0, replace(rows[carriers[which]][0], column=1, rowspan=stop - start))
        return out


def _kind(row: list[Cell], edge: float) -> str:
    """What a row of a head is beside others: ``inner`` begins with a label further right, ``leads`` has one there
    beside its own, ``alone`` is a label only; empty for any other.
    """
    if not row or not label(row[0].text):
        return ""
    if _left(row) > edge + 2 * _size(row[0]):
        return "inner"
    if len(row) > 2 and label(row[1].text):
        return "leads"
    return "alone" if len(row) == 1 else ""


def _left(row: list[Cell]) -> float:
    return row[0].area[0] if row and row[0].area else 0.0


def _height(cell: Cell) -> tuple[float, float]:
    y = (cell.area[3] if cell.area else 0.0) + cell.page * PAGE
    return y, y


def _labelled(lines: list[list[Word]], at: int) -> tuple[tuple[list[Word], list[Word]], int]:
    """One line of a head, with the lines of its last value above and below it; and the first line after them."""
    line, others, end = lines[at], list[Word](), at + 1
    if (between := _between(lines, at)) > 0:
        words = [lines[n][0] for n in range(at, at + 2 * between + 1) if n != at + between]
        return ([lines[at + between][0], words[0]], words[1:]), at + 2 * between + 1
    if len(line) == 1 and not label(line[0].text) and not inline(line[0].text):
        ahead = next((n for n in range(at, min(at + 8, len(lines))) if len(lines[n]) > 1), None)
        if ahead is not None and _wraps([lines[n][0] for n in range(at, ahead)], lines[ahead]):
            line, others, end = lines[ahead], [lines[n][0] for n in range(at, ahead)], ahead + 1
    last = line[-1]
    while len(line) > 1 and not label(line[-1].text) and end < len(lines) and len(lines[end]) == 1:
        if not _goes_on(last, lines[end][0]):
            break
        following = lines[end:]
        upto = next((n for n, other in enumerate(following) if len(other) > 1), len(following))
        if upto < len(following) and _nearer(following[:upto], last, following[upto]):
            break
        last = lines[end][0]
        others.append(last)
        end += 1
    return (line, others), end


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


def _between(lines: list[list[Word]], at: int) -> int:
    """How many lines stand above a label by itself, in the middle of which it is, and as many below it; 0 for none."""
    for count in range(1, 8):
        part = lines[at : at + 2 * count + 1]
        if len(part) < 2 * count + 1 or any(len(line) > 1 for line in part):
            return 0
        head = part[count][0]
        values = [line[0] for n, line in enumerate(part) if n != count]
        if not label(head.text):
            continue
        close = all(b.y - a.y < BAND * a.size and abs(b.x0 - a.x0) < 2.5 * a.size for a, b in pairwise(values))
        middle = (values[0].y + values[-1].y) / 2
        if close and values[0].x0 > head.x1 and abs(middle - head.middle) < head.size / 2:
            return count
    return 0


def _whole_labels(lines: list[list[Word]]) -> list[list[Word]]:
    """Labels that stand in several lines as one word, on the line of their middle."""
    parts: list[list[Word]] = []
    for number, line in enumerate(lines):
        for word in line:
            if any(word is w for part in parts for w in part):
                continue
            if label(word.text):
                below = next((w for o in lines[number + 1 : number + 4] for w in o if w.over(word)), None)
                if below is not None and _is_rest(word, below):
                    parts.append([word, below])
                continue
            stack, text = [word], word.text
            for other in lines[number + 1 : number + 6]:
                below = next((w for w in other if w.over(word) and w.y - stack[-1].y < BAND * w.size), None)
                if below is None or label(below.text) or len(text) > LONGEST_LABEL:
                    continue
                stack.append(below)
                text += below.text
                if label(text):
                    parts.append(stack)
                    break
    return together(lines, parts)


def _size(cell: Cell) -> float:
    return cell.area[3] - cell.area[1] if cell.area else 0.0


def _wraps(above: list[Word], line: list[Word]) -> bool:
    """Whether lines stand above the one that has their label, as the middle of a cell has it."""
    return len(line) > 1 and bool(label(line[0].text)) and all(
        abs(w.x0 - line[-1].x0) < w.size / 2 for w in above
    ) and line[-1].y - above[-1].y < BAND * line[-1].size  # fmt: skip


def _goes_on(word: Word, after: Word) -> bool:
    close = word.page != after.page or after.y - word.y < BAND * word.size
    return close and abs(word.x0 - after.x0) < 2.5 * word.size and not label(after.text) and not inline(after.text)


def _nearer(between: list[list[Word]], above: Word, below: list[Word]) -> bool:
    """Whether a line between two labelled ones is nearer to that below, at the same left edge."""
    if not between or not below or not _wraps([line[0] for line in between], below):
        return False
    return below[-1].y - between[-1][0].y < between[0][0].y - above.y


def _heads_amounts(line: list[Word]) -> bool:
    heads = [w for w in line if label(w.text) in COLUMNS_OF_MONEY]
    return len(heads) > 1 and not any(re.search(r"\d{3}|\d\.\d", w.text) for w in line)


def _is_amounts(line: list[Word]) -> bool:
    return sum(bool(re.fullmatch(r"[-—\d,.%％\s]+", w.text)) for w in line) >= 1 and len(line) > 1
