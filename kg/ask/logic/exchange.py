"""A tree with a part of it exchanged for another of its kind: another year, department, group, fund or type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kg.ask.logic.attributes import Attribute
from kg.ask.logic.plain import OfConcept, OfDepartment, OfType, OfYear

EXCHANGED = (OfYear, OfDepartment, OfConcept, OfType)


def _same_kind(one: Any, other: Any) -> bool:
    return type(one) is type(other) and getattr(one, "relation", "") == getattr(other, "relation", "")


def swap(node: Any, condition: Any) -> tuple[Any, int]:
    """The tree with every condition of the kind of ``condition`` exchanged for it, and how many there were."""
    if isinstance(node, EXCHANGED):
        return (condition, 1) if _same_kind(node, condition) else (node, 0)
    return below(node, lambda n: swap(n, condition))


def below(node: Any, change: Callable[[Any], tuple[Any, int]]) -> tuple[Any, int]:
    """The tree with ``change`` made to each part below the node, and how many changes that were."""
    if isinstance(node, tuple):
        parts = [change(p) if isinstance(p, tuple) or hasattr(p, "__dataclass_fields__") else (p, 0) for p in node]
        return tuple(p for p, _ in parts), sum(n for _, n in parts)
    if isinstance(node, Attribute) or not hasattr(node, "__dataclass_fields__"):
        return node, 0
    changes, total = {}, 0
    for name in node.__dataclass_fields__:
        value = getattr(node, name)
        if isinstance(value, tuple) or hasattr(value, "__dataclass_fields__"):
            new, count = change(value)
            if count:
                changes[name], total = new, total + count
    return (replace(node, **changes) if changes else node), total
