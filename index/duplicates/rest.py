"""What the words of two years' tables leave over: rows matched by where they stand and by how few others would fit.

A row that was given quite other words keeps its place between its neighbours, its amount is near the old one,
and no other row is nearer in meaning. Each of these says little alone, so such a match scores less than one by
words, whatever else speaks for it (``most`` in ``model.toml``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from index.duplicates.found import Found
from index.duplicates.pairs import FEATURES, GUARDS, Item, likeness
from index.duplicates.years import Table

MEANING, DESCRIPTION, CHOICE = (FEATURES.index(name) for name in ("meaning", "description", "choice"))
WORDS_ONLY = (0, GUARDS.index("object"))  # strange words are weighed here; every other guard vetoes here too
OTHER_FORM = 0.1  # taken from the nearness of two amounts for another unit, and for another operator
COMMON = 3.0  # times its share of the type's rows that a target tells less
Pair = tuple[int, int]


def leftovers(
    found: Found, tables: tuple[Table, Table], block: Sequence[int], links: Sequence[Pair]
) -> Iterator[tuple[Pair, list[float]]]:
    """Pairs of rows of one type with their features in the order of REST_FEATURES.

    ``block`` are numbers of the compared pairs whose rows nothing took, ``links`` the settled rows of both tables.
    """
    items = found.items
    left: dict[Pair, int] = {}
    for n in block:
        a, b = found.years.ends[n].tolist()
        alike = (items[a].type, items[a].level2) == (items[b].type, items[b].level2)
        if alike and found.years.vetoes[n] in WORDS_ONLY:
            left[a, b] = n
    scarce = _Scarce(found, *tables)
    margin = _Margin({pair: float(found.years.features[n, MEANING]) for pair, n in left.items()})
    for (a, b), n in left.items():
        features = found.years.features[n]
        above = [(items[c].position < items[a].position, items[d].position < items[b].position) for c, d in links]
        yield (
            (a, b),
            [
                1.0 if not found.years.vetoes[n] else float(features[DESCRIPTION]),
                float(features[CHOICE]),
                margin(a, b),
                near(items[a], items[b]),
                scarce(a, b),
                1 / (1 + sum(one != two for one, two in above)),
            ],
        )


def near(a: Item, b: Item) -> float:
    """How near two amounts are, 0…1: by ratio, or by days. Two targets in words say much the same of anything."""
    if a.kind != b.kind or a.dimension != b.dimension:
        return 0.0
    if a.kind == "text" or a.number is None or b.number is None:
        return 0.6 + 0.4 * likeness(a.target, b.target)
    if a.kind == "date":
        return max(0.0, 1 - abs(a.number - b.number) / 372)
    low, high = sorted((abs(a.number), abs(b.number)))
    other = ((a.unit, a.per) != (b.unit, b.per)) + (a.operator != b.operator)
    return max(0.0, (low / high if high else 1.0) - OTHER_FORM * other)


class _Margin:
    """By how much a pair is nearer in meaning than any other left of its two rows: 0.5 is as near, 1 alone."""

    def __init__(self, meaning: Mapping[Pair, float]) -> None:
        self._meaning = meaning
        self._greatest: dict[tuple[int, int], list[float]] = defaultdict(list)
        for pair, value in sorted(meaning.items(), key=lambda known: -known[1]):
            for side in (0, 1):
                if len(self._greatest[side, pair[side]]) < 2:
                    self._greatest[side, pair[side]].append(value)

    def __call__(self, a: int, b: int) -> float:
        here = self._meaning[a, b]
        others = []
        for first, *second in (self._greatest[0, a], self._greatest[1, b]):
            others += second if here == first else [first]
        return min(1.0, max(0.0, 0.5 + 2.5 * (here - max(others)))) if others else 1.0


class _Scarce:
    """The share of the other rows of both tables whose amounts are less near: 47 schools tell, ``100%`` does not.

    A target that many rows of its type write anywhere tells less, and nothing where a third of them do.
    """

    def __init__(self, found: Found, before: Table, after: Table) -> None:
        self._items, self._before, self._after = found.items, before, after
        self._targets, self._rows = found.written
        self._known: dict[tuple[int, bool], list[float]] = {}

    def __call__(self, a: int, b: int) -> float:
        if not (here := near(self._items[a], self._items[b])):
            return 0.0
        less = 1 - (self._share(a, self._after, here) + self._share(b, self._before, here)) / 2
        return less * max(0.0, 1 - COMMON * self._elsewhere(self._items[a], self._items[b]))

    def _elsewhere(self, a: Item, b: Item) -> float:
        """The share of all other rows of the type that write the number which both write."""
        if a.kind != "number" or a.target != b.target:
            return 0.0
        return (self._targets[a.level2, a.target] - 2) / max(1, self._rows[a.level2] - 2)

    def _share(self, n: int, others: Table, here: float) -> float:
        key = (n, others is self._after)
        if key not in self._known:
            self._known[key] = [near(self._items[n], self._items[m]) for m in others]
        return (sum(value >= here for value in self._known[key]) - 1) / max(1, len(others) - 1)


def in_order(items: Sequence[Item], scores: Mapping[Pair, float], least: float) -> list[Pair]:
    """The pairs of the greatest sum above ``least`` that keep, within each type, the order of both tables."""
    typed = sorted(scores, key=lambda pair: (items[pair[0]].type, items[pair[0]].level2))
    found: list[Pair] = []
    for _, several in groupby(typed, key=lambda pair: (items[pair[0]].type, items[pair[0]].level2)):
        gains = {pair: scores[pair] - least for pair in several}
        rows, columns = (sorted({p[side] for p in gains}, key=lambda n: items[n].position) for side in (0, 1))
        best: dict[Pair, float] = defaultdict(float)
        for i, a in enumerate(rows):
            for j, b in enumerate(columns):
                both = best[i - 1, j - 1] + max(0.0, gains.get((a, b), 0.0))
                best[i, j] = max(best[i - 1, j], best[i, j - 1], both)
        i, j = len(rows) - 1, len(columns) - 1
        while i >= 0 and j >= 0:
            if best[i, j] == best[i - 1, j]:
                i -= 1
            elif best[i, j] == best[i, j - 1]:
                j -= 1
            else:
                found.append((rows[i], columns[j]))
                i, j = i - 1, j - 1
    return found
