"""Conditions narrowed to the projects that are asked about; those on texts by the index to where their words may stand.

What a value comes to stays the same: every text that holds a word has its character pairs, and of those that have
them the condition is still asked. Only the texts that cannot hold it, or are of other projects, are not read, and of
indicators that are named those of other projects are not joined.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from kg.ask.logic.conditions import Is, Latest
from kg.ask.logic.exchange import below
from kg.ask.logic.patterns import INDICATOR
from kg.ask.logic.plain import About, Named, OfDepartment, OfProject, OfYear
from kg.ask.logic.sets import Set

T = TypeVar("T")
Words = tuple[tuple[str, ...], ...]
Holders = Callable[[Words], set[str] | None]
"""The IRIs of the projects and indicators of which some text may hold all words, each in one of its forms; None where
only reading them tells."""
Owners = Callable[[tuple[Any, ...]], frozenset[str]]
"""The projects, and tables of whole departments, that conditions hold for."""

FEW = (Latest, OfDepartment, OfProject, OfYear)  # conditions that leave few projects and are quickly asked
SEVERAL = 8  # things that are quickly joined as they are
MOST = 10_000  # longer lists cost more to write into a query than they spare


def narrowed(value: T, holders: Holders | None, owners: Owners) -> T:
    """The value with ``among`` set on its conditions on texts, and of many indicators those of the projects asked about."""
    if holders is None:
        return value

    def within(of: Any) -> frozenset[str] | None:
        conditions = of.where if of is not None else ()
        few = tuple(c for c in conditions if isinstance(c, FEW) and not getattr(c, "negated", False))
        return owners(few) if few else None

    def change(node: Any, only: frozenset[str] | None) -> tuple[Any, int]:
        if isinstance(node, Set):
            only = within(node if node.cls == "project" else node.of if node.cls == "indicator" else None)
        if isinstance(node, Is) and not node.negated and len(node.iris) > SEVERAL and only is not None:
            iris = tuple(i for i in node.iris if INDICATOR not in i or i.partition(INDICATOR)[0] in only)
            return (replace(node, iris=iris), 1) if len(iris) < len(node.iris) else (node, 0)
        if not isinstance(node, About | Named) or node.among is not None or (isinstance(node, Named) and node.exact):
            return below(node, lambda part: change(part, only))
        held = holders(node.words)
        if held is not None and only is not None:
            held = {iri for iri in held if iri.partition(INDICATOR)[0] in only}
        if held is None or len(held) > MOST:
            return node, 0
        return replace(node, among=tuple(sorted(held))), 1

    found: T = change(value, None)[0]
    return found
