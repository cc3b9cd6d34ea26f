"""Frozen dataclasses whose hash is computed once: a chart compares the same meanings over and over."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Any, ClassVar, TypeVar, dataclass_transform

T = TypeVar("T", bound=type)


class Node:
    """Base of the nodes of the algebra; holds the hash.

    ``SAID_OF``: the class of things that a condition is said of (empty: not one class alone).
    """

    __slots__ = ("_hash",)
    SAID_OF: ClassVar[str] = ""


@dataclass_transform(frozen_default=True)
def node(cls: T) -> T:
    """A frozen dataclass with slots and a cached hash. The class derives from Node."""
    made: Any = dataclass(frozen=True, slots=True)(cls)
    names = tuple(made.__dataclass_fields__)
    fields = attrgetter(*names) if names else lambda _: ()
    seed = hash(made.__name__)

    def __hash__(self: Any) -> int:  # noqa: N807
        try:
            found: int = self._hash
        except AttributeError:
            found = hash((seed, fields(self)))
            object.__setattr__(self, "_hash", found)
        return found

    made.__hash__ = __hash__
    return made  # type: ignore[no-any-return]
