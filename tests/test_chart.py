"""The chart leaves out what cannot become part of a whole, and nothing else."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from kg.ask.grammar import bounds, chart
from kg.ask.link.edges import Edge, Skip

COSTS = st.sampled_from((0.0, 0.1, 0.25, 0.5))
NAMES = st.sampled_from("ABCV")


@st.composite
def grammars(draw: st.DrawFn) -> chart.Grammar:
    g = chart.Grammar()
    for left, right, result in draw(st.lists(st.tuples(NAMES, NAMES, NAMES), min_size=1, max_size=8, unique=True)):
        never = draw(st.booleans())  # some rules make sense of one order of their parts only

        def make(one: Any, other: Any, never: bool = never) -> Any:
            return None if never and one > other else one + other

        g.rule(left, right, result, make, draw(COSTS))
    for of, result in draw(st.lists(st.tuples(NAMES, NAMES), max_size=3, unique=True)):
        g.lift(of, result, lambda m: m, draw(COSTS))
    return g


@st.composite
def lattices(draw: st.DrawFn) -> tuple[list[Edge], list[Skip], int]:
    end = draw(st.integers(2, 5))
    spans = st.tuples(st.integers(0, end - 1), st.integers(1, 2)).map(lambda s: (s[0], min(end, s[0] + s[1])))
    words = draw(st.lists(st.tuples(spans, NAMES, st.sampled_from("xyz"), COSTS), min_size=2, max_size=7))
    left_out = draw(st.lists(st.tuples(spans, COSTS), max_size=4))
    edges = [Edge(a, b, category, meaning, cost) for (a, b), category, meaning, cost in words]
    return edges, [Skip(a, b, cost) for (a, b), cost in left_out], end


def everything(*args: Any) -> Any:
    """Bounds that leave nothing out."""
    size = len(args[2].lead)
    return [[dict.fromkeys("ABCV", 0.0) for _ in range(size)] for _ in range(size)]


@settings(max_examples=150, deadline=None)
@given(grammars(), lattices(), st.sampled_from((0.45, 0.9, 1.45)))
def test_bounds_leave_out_nothing_that_is_part_of_a_whole(
    g: chart.Grammar, lattice: tuple[list[Edge], list[Skip], int], dearest: float
) -> None:
    found = chart.parse(g, *lattice, "V", dearest)
    with patch.object(chart, "outside", everything):
        exhaustive = chart.parse(g, *lattice, "V", dearest)
    assert [(d.meaning, round(d.cost, 6)) for d in found] == [(d.meaning, round(d.cost, 6)) for d in exhaustive]


def test_what_cannot_be_part_of_a_whole_is_not_built() -> None:
    g = chart.Grammar()
    g.rule("A", "B", "V", lambda one, other: one + other)
    rest = bounds.outside(
        g.coarse,
        [(0, 1, "A", 0.1), (0, 1, "C", 0.0), (1, 2, "B", 0.2)],
        bounds.Skips([[]] * 3, [[]] * 3, [0.0, None, None]),
        "V",
        0.45,
    )
    assert rest[0][1] == {"A": 0.2}
    assert rest[1][2] == {"B": 0.1}


def test_of_many_meanings_the_cheapest_are_kept_and_the_dearer_are_not_made() -> None:
    made: list[int] = []

    def make(first: int, second: int) -> int:
        made.append(first + second)
        return first + second

    grammar = chart.Grammar()
    grammar.rule("A", "B", "V", make)
    edges = [Edge(0, 1, "A", 10 * n, 0.1 * n) for n in range(chart.BEAM)]
    edges += [Edge(1, 2, "B", n, 0.01 * n) for n in range(chart.BEAM)]
    found = chart.parse(grammar, edges, [], 2, "V", 2.0)
    assert [d.meaning for d in found] == list(range(chart.BEAM)) == made
