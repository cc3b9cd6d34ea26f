"""Conditions on texts narrowed by the index to where their words may stand.

What a value comes to stays the same: every text that holds a word has its character pairs, and of those that have
them the condition is still asked. Only the texts that cannot hold it are not read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from kg.ask.logic.exchange import below
from kg.ask.logic.plain import About, Named

T = TypeVar("T")
Words = tuple[tuple[str, ...], ...]
Holders = Callable[[Words], set[str] | None]
"""The IRIs of the projects and indicators of which some text may hold all words, each in one of its forms; None where
only reading them tells."""

MOST = 10_000  # longer lists cost more to write into a query than they spare


def narrowed(value: T, holders: Holders | None) -> T:
    """The value (or typed query) with ``among`` set on its conditions on texts."""
    if holders is None:
        return value

    def change(node: Any) -> tuple[Any, int]:
        if not isinstance(node, About | Named) or node.among is not None or (isinstance(node, Named) and node.exact):
            return below(node, change)
        held = holders(node.words)
        if held is None or len(held) > MOST:
            return node, 0
        return replace(node, among=tuple(sorted(held))), 1

    found: T = change(value)[0]
    return found
