"""The kind of value that a word of asking expects."""

from __future__ import annotations

from kg.ask.logic.node import Node, node

COUNTED = "counted"  # a kind that no value is of: beside “count”, a number of things and no other number


@node
class Wanted(Node):
    """What a word of asking expects. ``kinds``: money, count, percent, date, frequency, time, per; ``unit``: the
    counted word; ``each``: per what; ``shown``: the unit of money asked for."""

    kinds: tuple[str, ...] = ()
    unit: str = ""
    each: str = ""
    shown: str = ""
    bound: str = ""

    def with_(self, other: Wanted) -> Wanted:
        kinds = self.kinds or other.kinds
        if "per" in other.kinds or "per" in self.kinds:
            kinds = tuple(dict.fromkeys((*self.kinds, *other.kinds)))
        return Wanted(
            kinds,
            self.unit or other.unit,
            self.each or other.each,
            self.shown or other.shown,
            self.bound or other.bound,
        )
