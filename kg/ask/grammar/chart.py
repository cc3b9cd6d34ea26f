"""A chart parser over a lattice of lexical edges, with skipping at a cost; ranked derivations.

After the semantic grammars of SippyCup and SEMPRE (Liang & Potts 2015, Berant et al. 2013): a rule combines two
neighbouring spans into one and makes its meaning of theirs; what no rule uses may be skipped at a cost that depends
on what it says. Meanings are compared by value, so that two ways to the same meaning are one.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from kg.ask.grammar.bounds import ROUNDED, Coarse, Skips, outside
from kg.ask.link.edges import Edge, Skip

BEAM = 6  # meanings kept for one category of one span
MOST = 75_000  # combinations tried for one question: a longer one is given up


@dataclass(frozen=True, slots=True)
class Derivation:
    """A meaning of the whole, what it costs, how it was derived, and which spans were left out."""

    meaning: Any
    cost: float
    trace: tuple[Any, ...]

    def used(self) -> list[tuple[int, int, str]]:
        """(start, end, category) of the edges that it is made of."""
        return list(_words(self.trace))

    def skipped(self) -> list[tuple[int, int]]:
        return sorted(_skips(self.trace))


def _skips(trace: tuple[Any, ...]) -> Iterable[tuple[int, int]]:
    if trace[0] == "skip":
        yield trace[1], trace[2]
    for part in trace[1:]:
        if isinstance(part, tuple):
            yield from _skips(part)


def _words(trace: tuple[Any, ...]) -> Iterable[tuple[int, int, str]]:
    if trace[0] == "word":
        yield trace[1], trace[2], trace[3]
        return
    for part in trace[1:]:
        if isinstance(part, tuple):
            yield from _words(part)


Make = Callable[[Any, Any], Any]


class Grammar:
    """Rules by the categories that they combine. Only the words on the left of a rule may cost less by it."""

    def __init__(self) -> None:
        self.binary: dict[str, dict[str, list[tuple[str, float, Make, str]]]] = defaultdict(dict)
        self.unary: dict[str, list[tuple[str, float, Callable[[Any], Any], str]]] = defaultdict(list)
        self.coarse = Coarse()

    def rule(self, left: str, right: str, result: str, make: Make, cost: float = 0.0) -> None:
        self.binary[left].setdefault(right, []).append((result, cost, make, f"{result} ← {left} {right}"))
        self.coarse.rule(left, right, result, cost)

    def lift(self, of: str, result: str, make: Callable[[Any], Any], cost: float = 0.0) -> None:
        self.unary[of].append((result, cost, make, f"{result} ← {of}"))
        self.coarse.lift(of, result, cost)


def parse(
    grammar: Grammar, edges: Iterable[Edge], skips: Iterable[Skip], end: int, goal: str, dearest: float
) -> list[Derivation]:
    """The derivations of ``goal`` over the text up to ``end`` that cost at most ``dearest``, cheapest first."""
    edges, skips = list(edges), list(skips)
    places = sorted(
        {0, end, *(p for e in edges for p in (e.start, e.end)), *(p for s in skips for p in (s.start, s.end))}
    )
    number = {p: n for n, p in enumerate(places)}
    size = len(places)
    cells: list[list[dict[str, dict[Any, tuple[float, tuple[Any, ...]]]]]] = [
        [{} for _ in range(size)] for _ in range(size)
    ]
    left: list[list[tuple[int, float]]] = [[] for _ in range(size)]  # skips that end here: (start, cost)
    right: list[list[tuple[int, float]]] = [[] for _ in range(size)]  # skips that start here: (end, cost)
    for skip in skips:
        a, b = number[skip.start], number[skip.end]
        left[b].append((a, skip.cost))
        right[a].append((b, skip.cost))

    # what may be left out before anything is said: the cheapest way from the start to each place
    lead: list[tuple[float, tuple[Any, ...]] | None] = [None] * size
    lead[0] = (0.0, ())
    for i in range(size):
        if (led := lead[i]) is not None:
            for b, cost in right[i]:
                old = lead[b]
                if old is None or led[0] + cost < old[0]:
                    lead[b] = (led[0] + cost, (*led[1], ("skip", places[i], places[b])))

    starting: dict[tuple[int, int], list[Edge]] = defaultdict(list)
    for edge in edges:
        starting[number[edge.start], number[edge.end]].append(edge)
    bounds = outside(
        grammar.coarse,
        [(number[e.start], number[e.end], e.category, e.cost) for e in edges],
        Skips(left, right, [None if led is None else led[0] for led in lead]),
        goal,
        dearest,
    )

    # What the dearest meaning of a category costs that has as many as are kept, over the span looked at: what is as dear
    # need not be made at all, for it would not be kept, nor be cheaper than the same there.
    full: dict[str, float] = {}

    def put(i: int, j: int, category: str, meaning: Any, cost: float, trace: tuple[Any, ...]) -> bool:
        if meaning is None or cost > dearest or cost > most.get(category, -1.0) or cost >= full.get(category, math.inf):
            return False
        cell = cells[i][j].setdefault(category, {})
        old = cell.get(meaning)
        if old is not None and old[0] <= cost + 1e-9:
            return False
        if old is None and len(cell) >= BEAM:
            del cell[max(cell, key=lambda m: cell[m][0])]
        cell[meaning] = (cost, trace)
        if len(cell) >= BEAM:
            full[category] = max(cost for cost, _ in cell.values())
        return True

    def close(i: int, j: int) -> None:
        for _ in range(3):
            changed = False
            for category in list(cells[i][j]):
                live = [rule for rule in grammar.unary.get(category, ()) if rule[0] in most]
                if not live:
                    continue
                for meaning, (cost, trace) in list(cells[i][j][category].items()):
                    for result, more, make, name in live:
                        if cost + more <= most[result] and cost + more < full.get(result, math.inf):
                            changed |= put(i, j, result, make(meaning), cost + more, (name, trace))
            if not changed:
                break

    tried = 0
    for width in range(1, size):
        for i in range(size - width):
            j = i + width
            if tried > MOST:
                return []
            most = {category: dearest - rest + ROUNDED for category, rest in bounds[i][j].items()}
            if not most:
                continue  # nothing that spans just this is part of a whole
            full.clear()
            for edge in starting.get((i, j), ()):
                put(
                    i,
                    j,
                    edge.category,
                    edge.meaning,
                    edge.cost,
                    ("word", edge.start, edge.end, edge.category, edge.said),
                )
            here = cells[i][j]
            for m in range(i + 1, j):
                before, after = cells[i][m], cells[m][j]
                if before and after:
                    for one, firsts in before.items():
                        partners = grammar.binary.get(one)
                        if not partners:
                            continue
                        for other, seconds in after.items():
                            live = [rule for rule in partners.get(other, ()) if rule[0] in most]
                            if not live:
                                continue
                            for first, (c1, t1) in firsts.items():
                                for second, (c2, t2) in seconds.items():
                                    if c1 + c2 > dearest:
                                        continue
                                    for result, more, make, name in live:
                                        if c1 + c2 + more <= most[result]:
                                            tried += 1
                                            if c1 + c2 + more < full.get(result, math.inf):
                                                made = make(first, second)
                                                put(i, j, result, made, c1 + c2 + more, (name, t1, t2))
            for m, cost in left[j]:
                if m > i:
                    _extend(put, cells[i][m], i, j, cost, ("skip", places[m], places[j]), False)
            for m in range(1, j) if i == 0 else ():  # elsewhere what is left out goes with what stands before it
                if (led := lead[m]) is not None and led[0] <= dearest:
                    _extend(put, cells[m][j], i, j, led[0], ("·", *led[1]), True)
            if here:
                close(i, j)
    found = cells[0][size - 1].get(goal, {}) if size > 1 else {}
    return sorted((Derivation(m, c, t) for m, (c, t) in found.items()), key=lambda d: d.cost)


def _extend(
    put: Callable[..., bool],
    cell: dict[str, dict[Any, tuple[float, tuple[Any, ...]]]],
    i: int,
    j: int,
    cost: float,
    skip: tuple[Any, ...],
    first: bool,
) -> None:
    for category, meanings in cell.items():
        for meaning, (base, trace) in list(meanings.items()):
            put(i, j, category, meaning, base + cost, ("·", skip, trace) if first else ("·", trace, skip))


def described(derivation: Derivation) -> list[str]:
    """The derivation as lines: each rule, indented below the one that used it."""
    lines: list[str] = []

    def down(trace: tuple[Any, ...], depth: int) -> None:
        pad = "  " * depth
        if trace[0] == "word":
            lines.append(f"{pad}{trace[3]}  “{trace[4]}” [{trace[1]}:{trace[2]}]")
        elif trace[0] == "skip":
            lines.append(f"{pad}（略过 [{trace[1]}:{trace[2]}]）")
        else:
            inner = depth
            if trace[0] != "·":
                lines.append(f"{pad}{trace[0]}")
                inner += 1
            for part in trace[1:]:
                down(part, inner)

    down(derivation.trace, 0)
    return lines
