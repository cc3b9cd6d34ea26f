"""Words with their places → columns: by the headings, the words below them and the white between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from kg.readers import Cell
from kg.tables.compose import is_sign
from kg.tables.levels import level_word
from kg.tables.lexis import is_column
from kg.tables.unruled.spans import spans
from kg.tables.unruled.words import BAND, PAGE, Word

NEARER = 2.0  # times that words are nearer to one heading than to another
LONGEST_END = 4  # characters of the end of a label that is known without it
STRAY = 0.1  # of the lines whose words lie over two columns, at most
Rules = list[tuple[int, tuple[float, float, float, float]]]


@dataclass(slots=True)
class _Track:
    """A part of the page's width: the words in it, and the heading above them."""

    words: list[Word]
    leaf: Word | None = None
    x0: float = 0.0
    x1: float = 0.0

    def __post_init__(self) -> None:
        every = [*self.words, *([self.leaf] if self.leaf else [])]
        self.x0, self.x1 = min(w.x0 for w in every), max(w.x1 for w in every)


class Columns:
    """The columns of a table. ``words``: those of each, from the top; ``across``: lines that lie over several;
    ``problem``: why they are not certain, empty where they are.
    """

    def __init__(self, header: list[list[Word]], body: list[list[Word]], rules: Rules) -> None:
        self.rules = rules
        self.problem = ""
        self.groups: list[tuple[int, int, Word]] = []  # (first column, last column, heading over both)
        self.across: list[list[Word]] = []
        self.stray: list[Word] = []  # words that lie over two columns
        self.bare: list[int] = []  # columns without a heading
        self.spread: dict[int, int] = {}  # a heading's column → the first column that it stands over
        self.leaves, uppers = _leaves(header, [w for line in body for w in line])
        rest = self._own(body)
        self.tracks = self._tracks(rest)
        self.words = [sorted(t.words, key=lambda w: (w.y, w.x0)) for t in self.tracks]
        if not self.problem:
            self._group(uppers)

    # ------------------------------------------------------------ what others ask

    def heading(self) -> list[list[Cell]]:
        """The header's rows: groups above, headings below; of one row where there are no groups."""
        two = bool(self.groups)
        rows: list[list[Cell]] = [[], []] if two else [[]]
        for first, last, word in self.groups:
            rows[0].append(replace(word.cell, text=word.text, row=1, column=first + 1, colspan=last - first + 1, at=1))
        for at, track in enumerate(self.tracks):
            if track.leaf is None:
                continue
            grouped = any(first <= at <= last for first, last, _ in self.groups)
            row = 1 if two and grouped else 0
            first = self.spread.get(at, at)
            rows[row].append(
                replace(
                    track.leaf.cell, text=track.leaf.text, row=row + 1, column=first + 1, colspan=at - first + 1,
                    rowspan=2 if two and not grouped else 1, at=row + 1,
                )
            )  # fmt: skip
        return [sorted(row, key=lambda c: c.column) for row in rows]

    def of(self, word: Word) -> int:
        """The column of a word."""
        for at, track in enumerate(self.tracks):
            if track.leaf is word or any(word is w for w in track.words):
                return at
        middle = (word.x0 + word.x1) / 2
        return min(range(len(self.tracks)), key=lambda n: abs((self.tracks[n].x0 + self.tracks[n].x1) / 2 - middle))

    def labels(self, at: int) -> list[Word]:
        """The cells of a column whose cells may reach over several rows: lines that belong together as one word."""
        out: list[Word] = []
        widest = max((w.x1 - w.x0 for w in self.words[at]), default=0.0)
        for word in self.words[at]:
            before = out[-1] if out else None
            close = before is not None and word.y - before.y < BAND * word.size
            if before is not None and close and not self.ruled(at, before.y, word.y):
                whole = level_word(before.text + word.text)
                ended = level_word(before.text) and len(word.text) >= LONGEST_END
                wide = before.x1 - before.x0 > widest - 1.5 * word.size
                if (whole or wide) and not ended and not level_word(word.text):
                    out[-1] = replace(before, text=before.text + word.text, y=word.y, x1=max(before.x1, word.x1))
                    continue
            out.append(word)
        return out

    def ruled(self, at: int, above: float, below: float) -> bool:
        """Whether a line is drawn between two lines of a column."""
        middle = (self.tracks[at].x0 + self.tracks[at].x1) / 2
        return any(above - 1 < y < below and x0 <= middle <= x1 for x0, x1, y in self._drawn())

    def _drawn(self) -> Iterator[tuple[float, float, float]]:
        for page, (x0, top, x1, bottom) in self.rules:
            if bottom - top < 2 and x1 - x0 > 5:
                yield x0, x1, page * PAGE + top

    # ------------------------------------------------------------ tracks

    def _own(self, body: list[list[Word]]) -> list[list[Word]]:
        """The lines of the table's rows. A word below several headings that begins at the left and stands alone is a
        line of its own kind; any other is of none.
        """
        edge = self.leaves[1].x0 if len(self.leaves) > 1 else 0.0
        out = []
        for line in body:
            wide = [w for w in line if sum(w.over(leaf) for leaf in self.leaves) > 1]
            if wide and len(line) == 1 and line[0].x0 < edge:
                self.across.append(line)
                continue
            self.stray += wide
            out.append([w for w in line if not any(w is other for other in wide)])
        return out

    def _tracks(self, lines: list[list[Word]]) -> list[_Track]:
        words = [w for line in lines for w in line]
        while True:
            tracks = _connected(self.leaves, words)
            crowded = next((t for t in tracks if t[0] and len(t[0]) > 1), None)
            if crowded is None:
                break
            gone = self._crossing(*crowded)
            self.stray += gone
            if not gone or len(self.stray) > max(1, STRAY * len(lines)):
                self.problem = f"“{crowded[0][0].text}”与“{crowded[0][1].text}”两列的字互相重叠，分不清列"
                return [_Track(w, leaves[0] if leaves else None) for leaves, w in tracks]
            words = [w for w in words if not any(w is g for g in gone)]
        return self._settled([_Track(found, leaves[0] if leaves else None) for leaves, found in tracks])

    def _crossing(self, leaves: list[Word], words: list[Word]) -> list[Word]:
        """The fewest words that lie over a place between the first two of some headings."""
        places = [w.x0 for w in [*words, leaves[1]] if leaves[0].x0 < w.x0 <= leaves[1].x1]
        ways = [[w for w in words if w.x0 < x - 0.5 and w.x1 > x + 0.5] for x in places]
        return min(ways, key=len, default=[])

    def _settled(self, tracks: list[_Track]) -> list[_Track]:
        """Give the words that no heading stands over to the heading whose column they are in; see ``_side``."""
        out: list[_Track] = []
        if (paired := _paired(tracks)) is not None:
            tracks = paired
        for at, track in enumerate(tracks):
            if track.leaf is not None:
                out.append(track)
                continue
            left = next((t for t in reversed(out) if t.leaf), None)
            right = next((t for t in tracks[at + 1 :] if t.leaf), None)
            side = self._side(track, left, right)
            if side == "left" and left is not None:
                left.words += track.words
                left.__post_init__()
            elif side == "right" and right is not None:
                right.words += track.words
                right.__post_init__()
            elif side == "own":
                out.append(track)
            else:
                word = track.words[0]
                self.problem = f"“{word.text}”在哪个表头之下分不清"
                return out
        for at, track in enumerate(out):
            if track.leaf is None:
                after = next((n for n in range(at + 1, len(out)) if out[n].leaf), None)
                if after is not None and all(is_sign(w.text) for w in track.words):
                    self.spread[after] = min(at, self.spread.get(after, at))
                else:
                    self.bare.append(at)
        return out

    def _side(self, track: _Track, left: _Track | None, right: _Track | None) -> str:
        """Whose words are these: a heading's with words in other rows only; their own, where both have words beside."""
        beside = [s for s in (left, right) if s is not None]
        if left is None and right is not None and (right.words or any(w.y > w.first for w in track.words)):
            return "own"
        free = [s for s in beside if not any(w.beside(o) for w in track.words for o in s.words)]
        if len(free) > 1 and sum(not s.words for s in free) == 1:
            free = [s for s in free if not s.words]
        if len(free) > 1 and left is not None and right is not None:
            near, far = sorted(((track.x0 - left.x1, "left"), (right.x0 - track.x1, "right")))
            return near[1] if near[0] * NEARER < far[0] else ""
        if not free:
            return "own"
        return "left" if free[0] is left else "right"

    def _group(self, uppers: list[Word]) -> None:
        """Find the columns that headings of groups stand over: each is in the middle of its own."""
        if not uppers:
            return
        bottom = max((leaf.y for leaf in self.leaves), default=0.0)
        low = [n for n, t in enumerate(self.tracks) if t.leaf is not None and t.leaf.y > bottom - 1]
        for run in _runs(low):
            own = [u for u in uppers if self.tracks[run[0]].x0 - 5 <= (u.x0 + u.x1) / 2 <= self.tracks[run[-1]].x1 + 5]
            places = [(self.tracks[n].x0, self.tracks[n].x1) for n in run]
            width = min((b[0] - a[0] for a, b in pairwise(places)), default=0.0)
            found = spans(places, [(u.x0, u.x1) for u in own], [(0, len(run))], width * 1.2, centred=True)
            if not own or found is None:
                word = uppers[0]
                self.problem = f"“{word.text}”管哪几列分不清"
                return
            self.groups += [(run[start], run[stop - 1], own[which]) for start, stop, which in found]


def _paired(tracks: list[_Track]) -> list[_Track] | None:
    """Headings without words and words without a heading that take turns, as many of both, as the columns they are."""
    bare = [t for t in tracks if t.leaf is None]
    empty = [t for t in tracks if t.leaf is not None and not t.words]
    if not bare or len(bare) != len(empty) or len(bare) == 1:
        return None
    places = {id(t): n for n, t in enumerate(tracks)}
    turns = {places[id(b)] - places[id(e)] for b, e in zip(bare, empty, strict=True)}
    if turns not in ({1}, {-1}):
        return None
    merged = {id(e): _Track(b.words, e.leaf) for b, e in zip(bare, empty, strict=True)}
    return [merged.get(id(t), t) for t in tracks if t.leaf is not None]


def _runs(numbers: list[int]) -> list[list[int]]:
    out: list[list[int]] = []
    for number in numbers:
        if out and number == out[-1][-1] + 1:
            out[-1].append(number)
        else:
            out.append([number])
    return out


def _leaves(header: list[list[Word]], body: list[Word]) -> tuple[list[Word], list[Word]]:
    """(headings from the left, headings of groups above them). A heading in several lines is one."""
    stacks: list[list[Word]] = []
    for line in header:
        for word in line:
            under = [s for s in stacks if s[-1].over(word)]
            if len(under) == 1 and _is_one(under[0], word, header):
                under[0].append(word)
            else:
                stacks.append([word])
    whole = sorted(
        (
            replace(s[0], text="".join(w.text for w in s), x0=min(w.x0 for w in s), x1=max(w.x1 for w in s), y=s[-1].y)
            for s in stacks
        ),
        key=lambda w: w.x0,
    )
    leaves = [w for w in whole if not any(o.y > w.y + 1 and o.over(w) for o in whole)]
    for word in [w for w in leaves if not any(w.over(o) for o in body)]:  # over the white between two of its own?
        left = [o for o in leaves if o.x1 <= word.x0]
        right = [o for o in leaves if o.x0 >= word.x1]
        if left and right and left[-1].y > word.y + 1 and right[0].y > word.y + 1:
            leaves = [w for w in leaves if w is not word]
    uppers = [w for w in whole if not any(w is leaf for leaf in leaves)]
    return leaves, uppers


def _is_one(stack: list[Word], word: Word, header: list[list[Word]]) -> bool:
    """Whether a word goes on with the heading above it, by itself or with what stands below it."""
    if word.first - stack[-1].y > BAND * word.size:
        return False
    text = "".join(w.text for w in stack) + word.text
    below = [w.text for line in header for w in line if w.over(word) and w.y > word.y + 1]
    return any(is_column(text + "".join(below[:n])) for n in range(len(below) + 1))


def _connected(leaves: list[Word], words: Iterable[Word]) -> list[tuple[list[Word], list[Word]]]:
    """Headings and words whose widths lie over each other, directly or by others, from the left."""
    out: list[tuple[list[Word], list[Word]]] = []
    edge = float("-inf")
    marks = {id(w) for w in leaves}
    for word in sorted([*leaves, *words], key=lambda w: w.x0):
        if word.x0 > edge - 0.5:
            out.append(([], []))
        out[-1][0 if id(word) in marks else 1].append(word)
        edge = max(edge, word.x1)
    return out
