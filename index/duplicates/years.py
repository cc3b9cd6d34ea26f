"""Two years of one project: which tables belong together, and the scored candidates for the same indicator."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index.duplicates.names import read_name
from index.duplicates.pairs import Floats, Item, Rarity, Scorer, contrasts, guard, likeness

SAME_PROJECT = 0.5  # a project under another name: least likeness of names and indicators together
Table = list[int]
"""Numbers of the items of one project table, in order of position."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Items ``a`` (earlier) and ``b`` by number, features in the order of FEATURES, the guard that vetoes."""

    a: int
    b: int
    features: list[float]
    veto: int
    words: str


def tables(items: Sequence[Item]) -> dict[str, Table]:
    """The rows of each project, in order."""
    found: dict[str, Table] = defaultdict(list)
    for number, item in enumerate(items):
        found[item.project].append(number)
    for rows in found.values():
        rows.sort(key=lambda n: items[n].position)
    return found


def consecutive(items: Sequence[Item]) -> Iterator[tuple[list[Table], list[Table]]]:
    """For each owner, the tables of each year it has beside those of the next one it has."""
    owned: dict[str, dict[int, list[Table]]] = defaultdict(lambda: defaultdict(list))
    for rows in tables(items).values():
        first = items[rows[0]]
        if first.year is not None:
            owned[first.owner][first.year].append(rows)
    for owner in sorted(owned):
        years = sorted(owned[owner])
        for before, after in itertools.pairwise(years):
            yield owned[owner][before], owned[owner][after]


def same_projects(items: Sequence[Item], before: list[Table], after: list[Table]) -> list[tuple[Table, Table]]:
    """The tables of two years that are one project: by name without years, then by name and indicators.

    Funds of one programme stay apart where both years have them.
    """
    pairs: list[tuple[Table, Table]] = []
    left: dict[str, list[Table]] = defaultdict(list)
    for rows in after:
        left[read_name(items[rows[0]].label).plain].append(rows)
    rest: list[Table] = []
    for rows in before:
        same = left[read_name(items[rows[0]].label).plain]
        if same:
            pairs.append((rows, same.pop(0)))
        else:
            rest.append(rows)
    others = [rows for same in left.values() for rows in same]
    if not rest or not others:
        return pairs
    scores = [[_one_project(items, a, b) for b in others] for a in rest]
    return pairs + [(rest[i], others[j]) for i, j in assign(scores, SAME_PROJECT)]


def _one_project(items: Sequence[Item], a: Table, b: Table) -> float:
    one, two = items[a[0]], items[b[0]]
    mine = {read_name(items[n].measured).canonical for n in a}
    theirs = {read_name(items[n].measured).canonical for n in b}
    shared = len(mine & theirs) / max(1, min(len(mine), len(theirs)))
    named = likeness(read_name(one.label).canonical, read_name(two.label).canonical)
    return max(named, 0.5 * named + 0.5 * shared) + (0.2 if one.line == two.line else 0.0)


def assign(scores: Sequence[Sequence[float]], least: float) -> list[tuple[int, int]]:
    """The one-to-one matching of rows to columns of the greatest sum; pairs below ``least`` don't count."""
    values = np.asarray(scores, dtype=float).reshape(len(scores), -1)
    fits = values >= least
    if (fits.sum(axis=0) <= 1).all() and (fits.sum(axis=1) <= 1).all():  # nothing to choose
        return [(int(i), int(j)) for i, j in zip(*fits.nonzero(), strict=True)]
    from scipy.optimize import linear_sum_assignment  # slow to import

    gain = np.maximum(values - least, 0)
    rows, columns = linear_sum_assignment(gain, maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if scores[i][j] >= least]


def candidates(scorer: Scorer, before: Table, after: Table) -> Iterator[Candidate]:
    """Every pair of the two tables that may be one indicator: same type, or same level 1 and like words.

    A name that stands once on both sides is settled by it; all others are compared with all others left.
    """
    items = scorer.items
    anchors = _anchors(items, before, after)
    rarity = Rarity([items[n].measured for n in (*before, *after)])
    place = _Places(before, after, anchors)
    for a, b in anchors:
        veto, said = guard(items[a], items[b], set())
        yield Candidate(a, b, scorer.features(items[a], items[b], rarity, 1.0, 1.0), veto, said)
    settled = {n for pair in anchors for n in pair}
    left = [n for n in before if n not in settled]
    right = [n for n in after if n not in settled]
    if not left or not right:
        return
    row, column = ({n: i for i, n in enumerate(rows)} for rows in (before, after))
    one_side, other_side = (scorer.vectors[[scorer.at[items[n].measured] for n in rows]] for rows in (before, after))
    cosines = np.einsum("ad,bd->ab", one_side, other_side)  # too little for threads: they would only wait
    choices = standing(cosines).tolist()
    apart = contrasts(items[n] for n in before) | contrasts(items[n] for n in after)
    for a in left:
        for b in right:
            one, two = items[a], items[b]
            if one.type != two.type and one.level1 != two.level1:
                continue
            veto, said = guard(one, two, apart)
            features = scorer.features(one, two, rarity, place(a, b), choices[row[a]][column[b]])
            yield Candidate(a, b, features, veto, said)


def standing(values: Floats) -> Floats:
    """For each cell the share of the other cells of its row, and of its column, that are less: 1 where all are."""
    across, down = _as_great(values), _as_great(values.T).T
    rows, columns = values.shape
    found: Floats = (1 - (across / max(1, columns - 1) + down / max(1, rows - 1)) / 2).astype(np.float32)
    return found


def _as_great(values: Floats) -> Floats:
    """For each cell how many others of its row are at least as great."""
    return np.array([len(row) - 1 - np.searchsorted(np.sort(row), row) for row in values], np.float32)


def _anchors(items: Sequence[Item], before: Table, after: Table) -> list[tuple[int, int]]:
    """Rows whose type and name stand exactly once in both tables."""

    def once(rows: Table) -> dict[tuple[str, str, str], int]:
        seen: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for n in rows:
            seen[
                items[n].type or items[n].level1, read_name(items[n].name).plain, read_name(items[n].measured).plain
            ].append(n)
        return {key: numbers[0] for key, numbers in seen.items() if len(numbers) == 1}

    left, right = once(before), once(after)
    return [(n, right[key]) for key, n in left.items() if key in right]


class _Places:
    """How well two rows stand in the same place: between the same settled rows 1, else by their rank."""

    def __init__(self, before: Table, after: Table, anchors: list[tuple[int, int]]) -> None:
        to = dict(anchors)
        back = {b: a for a, b in anchors}
        self._left = _around(before, to)
        self._right = _around(after, back)
        self._to = to
        self._rank = {n: i / max(1, len(rows) - 1) for rows in (before, after) for i, n in enumerate(rows)}

    def __call__(self, a: int, b: int) -> float:
        (up, down), (above, below) = self._left[a], self._right[b]
        same = (self._to.get(up, -1) == above) + (self._to.get(down, -1) == below)
        return 0.4 * same + 0.2 * (1 - abs(self._rank[a] - self._rank[b]))


def _around(rows: Table, settled: dict[int, int]) -> dict[int, tuple[int, int]]:
    """For each row the nearest settled rows above and below, -1 at the ends."""
    above: list[int] = []
    last = -1
    for n in rows:
        above.append(last)
        last = n if n in settled else last
    below: list[int] = []
    last = -1
    for n in reversed(rows):
        below.append(last)
        last = n if n in settled else last
    return {n: (up, down) for n, up, down in zip(rows, above, reversed(below), strict=True)}
