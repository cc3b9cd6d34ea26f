"""How cheap what a span takes part in can be at best: what the rest of the text costs at least, by span and category.

The chart leaves out what cannot become part of a whole that is cheap enough. The bounds are those of the grammar
without its meanings, in which every combination of categories is taken to make sense: the outside costs of a coarse
grammar, with which A* parsing is exact (Klein & Manning, NAACL 2003).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

Costs = dict[str, float]  # by category
Step = tuple[int, float]  # from or to a place, at a cost
Made = list[tuple[int, str, str, str, float]]  # parted where, the categories there, what they became, at which cost
ROUNDED = 1e-6  # of sums of costs


@dataclass(slots=True)
class Coarse:
    """The cheapest rule for each combination of categories. ``rebates``: of a category, what rules take off its cost."""

    binary: dict[str, dict[str, Costs]] = field(default_factory=dict)  # left, right, result
    up: dict[str, Costs] = field(default_factory=dict)  # of, result
    down: dict[str, Costs] = field(default_factory=dict)  # result, of
    rebates: Costs = field(default_factory=dict)

    def rule(self, left: str, right: str, result: str, cost: float) -> None:
        _lower(self.binary.setdefault(left, {}).setdefault(right, {}), result, cost)
        if cost < 0:
            _lower(self.rebates, left, cost)

    def lift(self, of: str, result: str, cost: float) -> None:
        _lower(self.up.setdefault(of, {}), result, cost)
        _lower(self.down.setdefault(result, {}), of, cost)


@dataclass(slots=True)
class Skips:
    """What may be left out between places: what ends at each, what starts there; ``lead``: what it costs at least to
    leave out all that stands before it, None where it may not be."""

    ending: Sequence[Sequence[Step]]
    starting: Sequence[Sequence[Step]]
    lead: Sequence[float | None]

    def within(self, start: int, end: int) -> Iterator[tuple[int, int, float]]:
        """(start, end, cost): what a span may be taken for, the rest of it left out."""
        for middle, cost in self.ending[end]:
            if middle > start:
                yield start, middle, cost
        if start == 0:
            for middle in range(1, end):
                if (led := self.lead[middle]) is not None:
                    yield middle, end, led


def outside(
    coarse: Coarse, edges: Iterable[tuple[int, int, str, float]], skips: Skips, goal: str, dearest: float
) -> list[list[Costs]]:
    """[start][end] → category → what the rest costs at least where it is part of a ``goal`` over all that costs at most
    ``dearest``. Categories that can be no such part are not there."""
    size, most = len(skips.lead), dearest + ROUNDED
    inside, made = _inside(coarse, list(edges), skips, most)
    found: list[list[Costs]] = [[{} for _ in range(size)] for _ in range(size)]
    if size > 1 and goal in inside[0][-1]:
        found[0][-1][goal] = 0.0
    for width in range(size - 1, 0, -1):
        for i in range(size - width):
            j = i + width
            here = found[i][j]
            if not here:
                continue
            _close(here, coarse.down, inside[i][j], most)
            for m, one, other, result, more in made[i][j]:
                if (rest := here.get(result)) is not None:
                    first, second = inside[i][m][one], inside[m][j][other]
                    rest += more
                    if rest + first + second <= most:
                        _lower(found[i][m], one, rest + second)
                        _lower(found[m][j], other, rest + first)
            for start, end, cost in skips.within(i, j):
                under, cell = inside[start][end], found[start][end]
                for category in here.keys() & under.keys():
                    if here[category] + cost + under[category] <= most:
                        _lower(cell, category, here[category] + cost)
    return found


def _inside(
    coarse: Coarse, edges: Sequence[tuple[int, int, str, float]], skips: Skips, most: float
) -> tuple[list[list[Costs]], list[list[Made]]]:
    """What each category costs at least over each span, and how it was made."""
    size = len(skips.lead)
    inside: list[list[Costs]] = [[{} for _ in range(size)] for _ in range(size)]
    made: list[list[Made]] = [[[] for _ in range(size)] for _ in range(size)]
    before, after = _beside(coarse, edges, skips)
    for i, j, category, cost in edges:
        if cost + before[i] + after[j] <= most:
            _lower(inside[i][j], category, cost)
    for width in range(1, size):
        for i in range(size - width):
            j = i + width
            room = most - before[i] - after[j]
            if room < 0:
                inside[i][j] = {}
                continue
            here, how = inside[i][j], made[i][j]
            for m in range(i + 1, j):
                firsts, seconds = inside[i][m], inside[m][j]
                if not firsts or not seconds:
                    continue
                for one, first in firsts.items():
                    partners = coarse.binary.get(one)
                    if not partners:
                        continue
                    for other in partners.keys() & seconds.keys():
                        both = first + seconds[other]
                        for result, more in partners[other].items():
                            if both + more <= room:
                                how.append((m, one, other, result, more))
                                _lower(here, result, both + more)
            for start, end, cost in skips.within(i, j):
                for category, under in inside[start][end].items():
                    if under + cost <= room:
                        _lower(here, category, under + cost)
            if here:
                _close(here, coarse.up, None, room)
    return inside, made


def _beside(
    coarse: Coarse, edges: Sequence[tuple[int, int, str, float]], skips: Skips
) -> tuple[list[float], list[float]]:
    """What the text before each place costs at least, and the text after it, whatever it is taken for."""
    size = len(skips.lead)
    steps: list[list[Step]] = [list(starting) for starting in skips.starting]
    for i, j, category, cost in edges:
        steps[i].append((j, cost + coarse.rebates.get(category, 0.0)))
    before, after = [0.0] + [math.inf] * (size - 1), [math.inf] * (size - 1) + [0.0]
    for i in range(size):
        for j, cost in steps[i]:
            before[j] = min(before[j], before[i] + cost)
    for i in range(size - 1, -1, -1):
        for j, cost in steps[i]:
            after[i] = min(after[i], after[j] + cost)
    return before, after


def _close(here: Costs, rules: dict[str, Costs], within: Costs | None, most: float) -> None:
    """Add what rules of one category make of what is there; ``within``: what that costs besides."""
    waiting = list(here)
    while waiting:
        category = waiting.pop()
        for other, more in rules.get(category, {}).items():
            if within is not None and other not in within:
                continue
            cost = here[category] + more
            besides = within[other] if within is not None else 0.0
            if cost + besides <= most and cost < here.get(other, math.inf):
                here[other] = cost
                waiting.append(other)


def _lower(costs: Costs, category: str, cost: float) -> None:
    if cost < costs.get(category, math.inf):
        costs[category] = cost
